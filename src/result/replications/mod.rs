//! Several replications of a run in one document.
//!
//! Runs are added one after the other, in the order of their seeds, and only sums are kept of them. Every figure of the
//! document becomes the mean of the runs' figures; one named `max` is the largest, one named `min` the smallest. Beside
//! the figures of an object stands `ci95`, which holds the half-widths of their 95 % confidence intervals by the same
//! names. A map whose keys are data (`task_hours` by capacity provider) keeps its keys for itself, so its
//! half-widths are in the `ci95` of the object around it, under the map's name. Extremes have no interval.
//!
//! A figure without data in some runs (a percentile when nothing was served) is the mean of the others; a key of a map and a
//! line of the bill that a run does not have counts as zero. What has no mean (activities, deployments, the
//! timeline, texts) is that of the first run.

mod bill;
mod figures;
mod hours;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use self::bill::BillMeans;
pub(crate) use self::bill::quantile_of_sorted;
use self::figures::FigureTree;
pub use self::figures::MAPS;
use self::hours::HourlyMeans;
use super::document::{RunResult, ServiceResult};
use crate::error::{Error, ErrorKind, Fault, Place, Result};

/// What of a service is a list of events and has no mean.
const EVENTS: [&str; 2] = ["scaling_activities", "deployments"];

/// Replications on their way into one document.
#[derive(Debug)]
pub struct Replications {
    /// The document of the first run, which gives what has no mean, and the warnings of all.
    document: RunResult,
    sums: Sums,
    /// The warnings so far without their digits.
    warned: BTreeSet<String>,
}

/// Figures of the runs so far.
#[derive(Debug, Default)]
struct Sums {
    runs: u32,
    services: Vec<FigureTree>,
    /// By the place of the capacity provider.
    capacity_providers: Vec<FigureTree>,
    bill: BillMeans,
    hours: HourlyMeans,
}

impl Replications {
    /// Begins with the first run.
    #[must_use]
    pub fn new(first: RunResult) -> Self {
        let mut sums = Sums {
            services: vec![FigureTree::default(); first.services.0.len()],
            capacity_providers: vec![FigureTree::default(); first.capacity_providers.len()],
            ..Sums::default()
        };
        sums.add(&first);
        let warned = first.warnings.iter().map(|warning| without_digits(warning)).collect();
        Self { document: first, sums, warned }
    }

    /// Adds the next run of the same scenario. Its timeline and its activities are not looked at.
    pub fn add(&mut self, run: &RunResult) {
        self.sums.add(run);
        // The same remark with the figures of another run says nothing new.
        let is_new = |warning: &&String| !self.warned.contains(&without_digits(warning));
        let new: Vec<String> = run.warnings.iter().filter(is_new).cloned().collect();
        self.warned.extend(new.iter().map(|warning| without_digits(warning)));
        self.document.warnings.extend(new);
    }

    /// The document of all runs; no threshold is judged yet.
    ///
    /// # Errors
    /// When the figures of a service have no mean.
    pub fn finish(self) -> Result<RunResult> {
        let Self { mut document, sums, .. } = self;
        for ((_, service), tree) in document.services.0.iter_mut().zip(sums.services) {
            join(service, &tree)?;
        }
        for (provider, tree) in document.capacity_providers.values_mut().zip(sums.capacity_providers) {
            *provider = serde_json::from_value(Value::Object(tree.document())).map_err(without_mean)?;
        }
        document.replications = sums.runs;
        sums.bill.finish(&mut document.cost);
        document.usage_hourly.rows = sums.hours.rows();
        Ok(document)
    }
}

impl Sums {
    fn add(&mut self, run: &RunResult) {
        for (tree, (_, service)) in self.services.iter_mut().zip(&run.services.0) {
            tree.add(figures_of(service), self.runs);
        }
        for (tree, provider) in self.capacity_providers.iter_mut().zip(run.capacity_providers.values()) {
            if let Value::Object(figures) = json!(provider) {
                tree.add(figures, self.runs);
            }
        }
        self.bill.add(&run.cost, self.runs);
        self.hours.add(&run.usage_hourly, self.runs);
        self.runs = self.runs.saturating_add(1);
    }
}

/// What the document says of a service, without its events.
fn figures_of(service: &ServiceResult) -> Map<String, Value> {
    let Value::Object(mut figures) = json!(service) else { return Map::new() };
    for events in EVENTS {
        figures.remove(events);
    }
    figures
}

/// Puts means and half-widths in the place of a service's figures.
fn join(service: &mut ServiceResult, tree: &FigureTree) -> Result<()> {
    let mut document = tree.document();
    for events in EVENTS {
        document.insert(events.to_owned(), json!([]));
    }
    let mut joined: ServiceResult = serde_json::from_value(Value::Object(document)).map_err(without_mean)?;
    joined.scaling_activities = std::mem::take(&mut service.scaling_activities);
    joined.deployments = std::mem::take(&mut service.deployments);
    *service = joined;
    Ok(())
}

/// A figure that no replication had and that the form demands: one that is not a number.
fn without_mean(reason: serde_json::Error) -> Error {
    Fault::new(ErrorKind::Input, Place::default(), format!("the replications have no mean: {reason}")).into()
}

fn without_digits(text: &str) -> String {
    text.chars().filter(|character| !character.is_ascii_digit()).collect()
}

/// The place of the item that `is_wanted`; a new one goes behind `previous`, the place of the one before it in the
/// same run, so that the order of all runs stays that of each.
fn find_or_insert<T>(items: &mut Vec<T>, previous: Option<usize>, is_wanted: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> usize {
    // Runs are alike, so the wanted item mostly follows the previous one.
    let next = previous.map_or(0, |previous| previous + 1);
    if items.get(next).is_some_and(&is_wanted) {
        return next;
    }
    items.iter().position(is_wanted).unwrap_or_else(|| {
        items.insert(next.min(items.len()), new());
        next.min(items.len() - 1)
    })
}
