//! Why capacity did or did not change: a run that keeps the decisions of one service.

use jiff::Timestamp;

use super::fidelity;
use super::run::input_file;
use super::uncertainty::Draw;
use crate::error::{Error, Fault, Place, Result};
use crate::files::Files;
use crate::names::nearest;
use crate::outcome::{Explanation, Outcome};
use crate::result::explain::ExplainResult;
use crate::result::{ExplainMeta, explain as document};
use crate::scenario::Loaded;
use crate::scenario::model::{Moment, Scenario};
use crate::simulate::{Interest, Options, Traces, Window, load_traces, simulate, trace_remarks};
use crate::units::{SimDuration, SimTime};

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct ExplainOptions {
    /// The variant that the loaded scenario is.
    pub variant: Option<String>,
    /// The service; it may be left out when there is only one.
    pub service: Option<String>,
    /// The time that is asked about; none: every change.
    pub at: Option<Moment>,
}

/// Simulates a scenario and explains the scaling of one service; of several replications in the first.
///
/// # Errors
/// When the service is unknown, unnamed among several or does not scale, the time lies outside of the window, or a trace
/// cannot be read.
pub fn explain(loaded: &Loaded, files: &dyn Files, options: &ExplainOptions) -> Result<ExplainResult> {
    let scenario = &loaded.scenario;
    let service = service_number(scenario, options.service.as_deref())?;
    refuse_unscaled(scenario, service)?;
    let (traces, trace_inputs) = load_traces(scenario, files)?;
    let window = Window::of(scenario, &traces);
    let at = options.at.map(|moment| offset_in(window, moment)).transpose()?;
    let (fidelity, _) = fidelity::resolve(scenario, &traces)?;
    let mut played = scenario.clone();
    played.simulation.fidelity = fidelity;
    // What a run of the same scenario plays, or its first replication.
    Draw::of(&played).shape(&mut played);
    let keeping = |interest: Interest| simulate(&played, &traces, Options { timeline: false, explain: Some((service, interest)) });
    // A run takes milliseconds and is the same every time; so the one decision that is asked about comes from a second run.
    let asked = at.map(|at| keeping(Interest::At(SimTime::START + at))).transpose()?;
    let mut outcome = keeping(Interest::Changes)?;
    let changes = explanation(&mut outcome, service);
    let asked =
        asked.map(|mut outcome| explanation(&mut outcome, service)).and_then(|explanation| explanation.decisions.into_iter().next_back());
    let meta = ExplainMeta {
        ecsim_version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name.clone(),
        variant: options.variant.clone(),
        inputs: loaded.inputs.iter().chain(&trace_inputs).map(input_file).collect(),
        window: (outcome.start, outcome.end),
        seed: scenario.simulation.seed,
        service: scenario.services[service].name.clone(),
        at: at.map(|offset| later(window.start, offset)),
        warnings: remarks(loaded, &traces),
    };
    Ok(document(meta, &changes, asked.as_ref()))
}

fn remarks(loaded: &Loaded, traces: &Traces) -> Vec<String> {
    loaded.warnings.iter().cloned().chain(trace_remarks(&loaded.scenario, traces)).collect()
}

fn explanation(outcome: &mut Outcome, service: usize) -> Explanation {
    outcome.services[service].explanation.take().unwrap_or_default()
}

/// The place of the service in the scenario.
fn service_number(scenario: &Scenario, name: Option<&str>) -> Result<usize> {
    let names: Vec<&str> = scenario.services.iter().map(|service| service.name.as_str()).collect();
    let all = names.join(", ");
    let Some(name) = name else {
        let several =
            || Fault::input(Place::path("services"), format!("there are several services: {all}")).remedy("name one with --service");
        return if names.len() == 1 { Ok(0) } else { Err(several().into()) };
    };
    names.iter().position(|known| *known == name).ok_or_else(|| {
        let meant = nearest(name, names.iter().copied());
        let remedy =
            meant.map_or_else(|| format!("the services are: {all}"), |meant| format!("did you mean {meant}? The services are: {all}"));
        Error::from(Fault::input(Place::path("services"), format!("there is no service `{name}`")).remedy(remedy))
    })
}

fn refuse_unscaled(scenario: &Scenario, number: usize) -> Result<()> {
    let service = &scenario.services[number];
    if service.scaling.is_some() {
        return Ok(());
    }
    let message = format!("{} has no scaling: its desired count of {} never changes", service.name, service.desired_count);
    let fault = Fault::input(Place::path(format!("services.{}", service.name)), message);
    Err(fault.remedy(format!("give it a services.{}.scaling with a policy, or explain another service", service.name)).into())
}

/// The time that is asked about, from the start of the window.
fn offset_in(window: Window, moment: Moment) -> Result<SimDuration> {
    let offset = moment.offset_from(Some(window.start));
    offset.filter(|offset| *offset >= SimDuration::ZERO && *offset <= window.duration).ok_or_else(|| {
        let end = later(window.start, window.duration);
        let asked = match moment {
            Moment::Absolute(time) => time.to_string(),
            Moment::Offset(offset) => format!("{offset} after the start"),
        };
        let message = format!("{asked} lies outside of the window, which runs from {} to {end} ({})", window.start, window.duration);
        Error::from(Fault::input(Place::default(), message).remedy("give --at a time in it, or an offset from its start like 36h"))
    })
}

/// The wall-clock time of an offset.
fn later(start: Timestamp, offset: SimDuration) -> Timestamp {
    start.saturating_add(jiff::SignedDuration::from_nanos(offset.as_nanos())).unwrap_or(Timestamp::MAX)
}
