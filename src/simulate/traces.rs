//! Reads the traces that a scenario names.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Traces;
use crate::error::{Error, ErrorKind, Fault, Place, Result};
use crate::files::{Files, reason};
use crate::scenario::model::{Scenario, TraceSource, TrafficKind};
use crate::trace::{CsvOptions, Trace, read_csv};

/// A file that was read: its name and content.
pub type Input = (String, Vec<u8>);

/// The traces of all services, and the files that they came from, each once.
///
/// # Errors
/// All faults of all files at once, each with its line.
pub fn load_traces(scenario: &Scenario, files: &dyn Files) -> Result<(Traces, Vec<Input>)> {
    let mut loader = Loader { files, contents: BTreeMap::new(), order: Vec::new(), faults: Vec::new() };
    let traces = traces_of(scenario, &mut |source| loader.trace(source));
    Error::from_faults(loader.faults)?;
    let mut contents = loader.contents;
    let inputs = loader.order.into_iter().filter_map(|name| contents.remove_entry(&name)).collect();
    Ok((traces, inputs))
}

/// Traces that were read once for many runs: the same file and column is parsed for the first run alone.
#[derive(Debug, Default)]
pub struct TraceShelf {
    traces: Mutex<BTreeMap<TraceKey, Arc<Trace>>>,
}

/// What a trace was read from: the file, the column, and whether the column counts.
type TraceKey = (String, Option<String>, Option<bool>);

impl TraceShelf {
    /// The traces of all services.
    ///
    /// # Errors
    /// All faults of all files at once, each with its line.
    pub fn load(&self, scenario: &Scenario, files: &dyn Files) -> Result<Traces> {
        let mut loader = Loader { files, contents: BTreeMap::new(), order: Vec::new(), faults: Vec::new() };
        let mut of_source = |source: &TraceSource| {
            let key = (source.file.clone(), source.column.clone(), source.unit_is_count);
            // A trace is put on the shelf whole, so a thread that panicked while it held the lock left nothing by halves.
            if let Some(known) = self.traces.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
                return Some(Arc::clone(known));
            }
            let trace = loader.trace(source)?;
            self.traces.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&trace));
            Some(trace)
        };
        let traces = traces_of(scenario, &mut of_source);
        Error::from_faults(loader.faults)?;
        Ok(traces)
    }
}

/// The traces of all services, each found by its source.
fn traces_of(scenario: &Scenario, of_source: &mut dyn FnMut(&TraceSource) -> Option<Arc<Trace>>) -> Traces {
    let mut trace = |kind: &TrafficKind| match kind {
        TrafficKind::Trace(source) => of_source(source),
        TrafficKind::Constant(_) | TrafficKind::Pattern(_) | TrafficKind::Users(_) | TrafficKind::Calls(_) => None,
    };
    scenario.services.iter().map(|service| service.traffic.iter().map(|source| trace(&source.kind)).collect()).collect()
}

struct Loader<'a> {
    files: &'a dyn Files,
    contents: BTreeMap<String, Vec<u8>>,
    order: Vec<String>,
    faults: Vec<Fault>,
}

impl Loader<'_> {
    fn trace(&mut self, source: &TraceSource) -> Option<Arc<Trace>> {
        if !self.contents.contains_key(&source.file) {
            match self.files.read(&source.file) {
                Ok(content) => {
                    self.order.push(source.file.clone());
                    self.contents.insert(source.file.clone(), content);
                }
                Err(error) => {
                    let message = format!("the trace cannot be read: {}", reason(&error));
                    let fault = Fault::new(ErrorKind::File, Place::file(&source.file), message);
                    self.faults.push(fault.remedy("a path is relative to the folder of its scenario"));
                    return None;
                }
            }
        }
        let options = CsvOptions { column: source.column.clone(), unit_is_count: source.unit_is_count };
        match read_csv(self.contents[&source.file].as_slice(), &source.file, &options) {
            Ok(trace) => Some(Arc::new(trace)),
            Err(error) => {
                self.faults.extend(error.faults().iter().cloned());
                None
            }
        }
    }
}
