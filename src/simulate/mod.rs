//! The loop that owns the clock and lets the two planes take turns.
//!
//! A run is single-threaded and a pure function of the scenario, the traces and the seed. Services meet
//! only in the queue of events and at the launch limits of their account: each is advanced at its own events
//! alone, so another service's events change nothing in it as long as both may launch what they want.

mod balancers;
mod carried;
mod events;
mod group;
mod history;
mod instances;
mod monitoring;
mod publication;
mod queue_activity;
mod queue_meter;
mod queue_rates;
mod reaction;
mod service_run;
mod shortfall;
mod stored;
mod stretch;
mod traces;
mod waterfall;
mod window;

pub use balancers::kind_of;
pub use carried::bytes_of_requests;
pub use instances::instance_usage;
pub use monitoring::monitoring;
pub use queue_rates::{QueueRates, queue_rates};
pub use stored::{file_systems, image_bytes_at_start};
pub use stretch::{Stretch, stretch_of_window};
pub use traces::{Input, TraceShelf, load_traces};
pub use window::Window;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::control::account::Account;
use crate::control::instances::Instances;
pub use crate::control::scaling::decisions::Interest;
use crate::control::service::ServiceEvent;
use crate::control::{Event, Phase};
use crate::error::Result;
use crate::events::EventQueue;
use crate::meter::HourGrid;
use crate::outcome::{Outcome, ServiceOutcome};
use crate::scenario::advice::on_figures;
use crate::scenario::model::{Distribution, Fidelity, Scenario, Service, TrafficKind};
use crate::trace::Trace;
use crate::traffic::arrivals::Arrivals;
use crate::traffic::task_model::TaskModel;
use crate::units::{SimDuration, SimTime};
use crate::usage::Usage;
use group::Group;
use service_run::{Finished, Setting};

/// The traces of a scenario: by service and source, none for sources that have no trace.
pub type Traces = Vec<Vec<Option<Arc<Trace>>>>;

/// The share of unfinished requests from which on they are told of.
const NOTEWORTHY_UNFINISHED: f64 = 0.01;
/// The share of requests that time out from which a run says how far flows are to be trusted.
const NOTEWORTHY_TIMED_OUT: f64 = 0.01;
/// The same where clients who give up leave their CPU time to the others: up to here flows were measured to be right.
const MANY_TIMED_OUT: f64 = 0.1;

/// What a run leaves out to be faster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether the timeline is kept.
    pub timeline: bool,
    /// The service, by its place in the scenario, whose scaling is explained, and which decisions.
    pub explain: Option<(usize, Interest)>,
}

/// Plays the traffic against the services.
///
/// # Errors
/// When a traffic source cannot be played: an unknown time zone, traces whose slots do not fit together.
pub fn simulate(scenario: &Scenario, traces: &Traces, options: Options) -> Result<Outcome> {
    let window = Window::of(scenario, traces);
    let from = SimTime::START - scenario.simulation.warm_up;
    let end = SimTime::START + window.duration;
    let grid = HourGrid::new(past_the_hour(window.start), end);
    let instances = Instances::new(scenario, from, grid, end);
    let setting = Setting { scenario, window, from, end, grid, options, account: Account::new(&scenario.quotas), instances };
    let mut queue = EventQueue::default();
    let mut groups = Group::all(&setting, traces)?;
    for group in &mut groups {
        group.start(&mut queue);
        if from < SimTime::START {
            for number in group.numbers() {
                queue.push(SimTime::START, Phase::WindowStart as u8, (number as u32, Event::WindowStart));
            }
        }
    }
    setting.instances.settle(from, &mut queue);
    if from < SimTime::START {
        for number in instances::numbers(scenario) {
            queue.push(SimTime::START, Phase::WindowStart as u8, (number, Event::WindowStart));
        }
    }
    events::push_all(&setting, &mut queue);
    run_to(end, &mut groups, &setting.instances, &mut queue);
    Ok(outcome(&setting, traces, groups))
}

/// Lets time pass. The ends of minutes, rows and windows and the publication of datapoints come round so often
/// and so regularly that each service keeps the next of them itself; they take their turn by time and phase
/// as if they were queued.
fn run_to(end: SimTime, groups: &mut [Group], instances: &Instances, queue: &mut EventQueue<ServiceEvent>) {
    let group_of = group_of_services(groups);
    loop {
        let own = groups.iter().enumerate().filter_map(|(index, group)| group.next_own().map(|(time, member)| (time, index, member))).min();
        let queued = queue.first();
        let own = own.filter(|(own, ..)| queued.is_none_or(|(event, _)| *own < event));
        let (now, index) = match (own, queued) {
            (Some(((time, _), index, _)), _) => (time, index),
            (None, Some(((time, _), (number, _)))) if number as usize >= group_of.len() => {
                if time > end {
                    break;
                }
                // Instances serve nothing: no traffic has to be at this time.
                if let Some((_, (_, event))) = queue.pop() {
                    instances.handle(time, number, event, queue);
                }
                continue;
            }
            (None, Some(((time, _), (number, _)))) => (time, group_of[number as usize]),
            (None, None) => break,
        };
        if now > end {
            break;
        }
        let reached = match own {
            Some(((_, phase), _, member)) => groups[index].advance_for(member, now, phase == Phase::Publication as u8, queue),
            None => groups[index].advance(now, queue),
        };
        if !reached {
            // Something happened before: what comes next may have changed.
            continue;
        }
        if let Some(((_, phase), _, member)) = own {
            groups[index].act(now, phase == Phase::Publication as u8, member, queue);
        } else if let Some((_, (number, event))) = queue.pop() {
            groups[index].handle(now, (number as usize, event), queue);
        }
    }
    for group in groups {
        while !group.advance(end, queue) {}
    }
}

fn group_of_services(groups: &[Group]) -> Vec<usize> {
    let mut group_of = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        for number in group.numbers() {
            if number >= group_of.len() {
                group_of.resize(number + 1, 0);
            }
            group_of[number] = index;
        }
    }
    group_of
}

/// The mean rate of each service over the window, without a simulation: what comes from outside, and the calls that follow from it.
/// Users, who send as fast as they are answered, count as nothing.
///
/// # Errors
/// As [`simulate`].
pub fn mean_requests_per_second(scenario: &Scenario, traces: &Traces) -> Result<Vec<f64>> {
    let duration = Window::of(scenario, traces).duration;
    let rate = |arrivals: &Arrivals| arrivals.between(SimTime::START, SimTime::START + duration) / duration.as_seconds_f64();
    let outside: Vec<f64> = arrivals_of_window(scenario, traces)?.iter().map(rate).collect();
    let called = |rates: &[f64], service: &Service| -> f64 {
        let calls = service.traffic.iter().filter_map(|source| match &source.kind {
            TrafficKind::Calls(calls) => Some(rates[calls.caller] * calls.per_request),
            _ => None,
        });
        calls.sum()
    };
    let mut rates = outside.clone();
    // No service calls itself, so no chain of calls is longer than there are services.
    for _ in &scenario.services {
        rates = scenario.services.iter().zip(&outside).map(|(service, outside)| outside + called(&rates, service)).collect();
    }
    Ok(rates)
}

/// The requests from outside that each service expects in each hour of the window, counted from its start; the last
/// hour may be cut short.
///
/// # Errors
/// As [`simulate`].
pub fn requests_by_hour(scenario: &Scenario, traces: &Traces) -> Result<Vec<Vec<f64>>> {
    let hour = SimDuration::from_hours(1);
    let end = SimTime::START + Window::of(scenario, traces).duration;
    let edges: Vec<SimTime> =
        std::iter::successors(Some(SimTime::START), |edge| Some(*edge + hour)).take_while(|edge| *edge < end).collect();
    let by_hour = |arrivals: &Arrivals| edges.iter().map(|&edge| arrivals.between(edge, (edge + hour).min(end))).collect();
    Ok(arrivals_of_window(scenario, traces)?.iter().map(by_hour).collect())
}

/// The arrivals of each service over the window.
fn arrivals_of_window(scenario: &Scenario, traces: &Traces) -> Result<Vec<Arrivals>> {
    let window = Window::of(scenario, traces);
    let end = SimTime::START + window.duration;
    let grid = HourGrid::new(past_the_hour(window.start), end);
    let account = Account::new(&scenario.quotas);
    let options = Options { timeline: false, explain: None };
    let instances = Instances::new(scenario, SimTime::START, grid, end);
    let setting = Setting { scenario, window, from: SimTime::START, end, grid, options, account, instances };
    scenario.services.iter().zip(traces).map(|(service, traces)| arrivals_of(&setting, service, traces)).collect()
}

fn arrivals_of(setting: &Setting, service: &Service, traces: &[Option<Arc<Trace>>]) -> Result<Arrivals> {
    let sources: Vec<_> = service.traffic.iter().zip(traces.iter().map(Option::as_deref)).collect();
    let seed = setting.scenario.simulation.seed;
    Arrivals::build(&sources, setting.window.start, setting.from, setting.end, seed, key_of(&service.name))
}

/// A number for a service that depends on its name alone (FNV-1a, 64 bits): draws keyed by it do not
/// change when services are added or reordered.
fn key_of(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// How far an instant lies past the full UTC hour.
fn past_the_hour(time: Timestamp) -> SimDuration {
    let hour = i128::from(SimDuration::from_hours(1).as_nanos());
    SimDuration::from_nanos(time.as_nanosecond().rem_euclid(hour) as i64)
}

/// The wall-clock time of a simulated instant.
fn wall_clock(start: Timestamp, time: SimTime) -> Timestamp {
    let offset = SignedDuration::from_nanos((time - SimTime::START).as_nanos());
    start.saturating_add(offset).unwrap_or(Timestamp::MAX)
}

fn outcome(setting: &Setting, traces: &Traces, groups: Vec<Group>) -> Outcome {
    let scenario = setting.scenario;
    let mut usage = Usage {
        first_hour: wall_clock(setting.window.start, SimTime::START - past_the_hour(setting.window.start)),
        seconds_into_first_hour: past_the_hour(setting.window.start).as_seconds_f64(),
        hours: setting.grid.hours(),
        window_seconds: setting.window.duration.as_seconds_f64(),
        monitoring: monitoring(scenario),
        ..Usage::default()
    };
    if let Some(network) = &scenario.network {
        usage.nat_gateways = network.nat_gateways;
        usage.endpoint_addresses = scenario.endpoint_addresses();
    }
    let mut services = Vec::with_capacity(scenario.services.len());
    let mut warnings = warnings(scenario, traces);
    warnings.extend(events::that_never_happen(scenario, setting.window.start, setting.from, setting.end));
    let mut finished: Vec<_> = groups.into_iter().flat_map(|group| group.finish(setting)).collect();
    finished.sort_by_key(|(number, _)| *number);
    for (_, Finished { outcome: service, tasks, volumes, flows, carried, queue }) in finished {
        warnings.extend(unfinished(&service, scenario.simulation.fidelity));
        warnings.extend(too_hopeful(&service, scenario));
        services.push(service);
        usage.tasks.extend(tasks);
        usage.volumes.extend(volumes);
        usage.flows.push(flows);
        usage.carried.extend(carried);
        usage.queues.extend(queue);
    }
    let (instance_groups, used) = instances::finish(setting);
    usage.instances = used;
    usage.load_balancers = balancers::by_hour(scenario, &usage);
    usage.images = stored::images(setting);
    usage.file_systems = stored::file_systems(scenario);
    Outcome {
        start: setting.window.start,
        end: wall_clock(setting.window.start, setting.end),
        duration: setting.window.duration,
        timeline_resolution: scenario.simulation.timeline_resolution,
        services,
        instance_groups,
        usage,
        warnings,
    }
}

/// What was done to the traces so that they could be read, each sentence with its file.
#[must_use]
pub fn trace_remarks(scenario: &Scenario, traces: &Traces) -> Vec<String> {
    let mut remarks = Vec::new();
    for (service, traces) in scenario.services.iter().zip(traces) {
        for (source, trace) in service.traffic.iter().zip(traces) {
            if let (TrafficKind::Trace(description), Some(trace)) = (&source.kind, trace) {
                remarks.extend(trace.quality.sentences().into_iter().map(|sentence| format!("{}: {sentence}", description.file)));
            }
        }
    }
    remarks
}

/// Requests that wait when the window ends are neither served nor failed: many of them need a word.
fn unfinished(service: &ServiceOutcome, fidelity: Fidelity) -> Option<String> {
    let counts = &service.requests;
    let share = counts.in_flight_at_end / counts.offered;
    let how = if fidelity == Fidelity::Request { "" } else { ", at the waits that the queue promised them" };
    (share > NOTEWORTHY_UNFINISHED).then(|| {
        format!(
            "{}: {:.1} % of its requests had not ended when the window did; availability and latency count those that came to an end{how}",
            service.name,
            100.0 * share
        )
    })
}

/// Where many requests time out, single requests may do far worse than flows (docs/ACCURACY.md).
fn too_hopeful(outcome: &ServiceOutcome, scenario: &Scenario) -> Option<String> {
    let service = scenario.services.iter().find(|service| service.name == outcome.name)?;
    let is_constant = service.workload.timeout.as_ref().is_some_and(Distribution::is_constant);
    let share = outcome.requests.timed_out / outcome.requests.offered;
    let by_flows = scenario.simulation.fidelity != Fidelity::Request;
    // Flows know what clients leave of the CPU, but not of slots.
    let noteworthy = if TaskModel::new(service).gives_cpu_back { MANY_TIMED_OUT } else { NOTEWORTHY_TIMED_OUT };
    (by_flows && is_constant && share > noteworthy).then(|| {
        format!(
            "{}: {:.1} % of its requests timed out, of which flows know the mean course only: single requests may serve far fewer (--fidelity request)",
            service.name,
            100.0 * share
        )
    })
}

/// What a reader of the figures must know.
fn warnings(scenario: &Scenario, traces: &Traces) -> Vec<String> {
    let mut warnings = trace_remarks(scenario, traces);
    let rests_on_percentile = |path: &str| {
        let is_response_time = path.contains("latency") || path.contains("queue");
        path.contains("slo") || is_response_time && (path.contains("_p") || path.contains(".p"))
    };
    let is_approximate = scenario.simulation.fidelity != Fidelity::Request;
    let misleading = on_figures(scenario, is_approximate).into_iter();
    warnings.extend(misleading.map(|finding| finding.sentence()));
    if !is_approximate && !scenario.assumptions.sampling_noise {
        warnings.push("assumptions.sampling_noise has no effect on single requests: their CPU is what they used".to_owned());
    }
    if is_approximate && scenario.thresholds.iter().any(|threshold| rests_on_percentile(&threshold.path)) {
        warnings
            .push("a threshold rests on latency percentiles; those of the fluid plane are approximate (see docs/ACCURACY.md)".to_owned());
    }
    warnings
}
