//! The loop that owns the clock and lets the two planes take turns.
//!
//! A run is single-threaded and a pure function of the scenario, the traces and the seed. Services meet
//! only in the queue of events: each is advanced at its own events alone, so another service's events
//! change nothing in it.

mod history;
mod publication;
mod reaction;
mod service_run;
mod traces;
mod waterfall;
mod window;

pub use traces::{Input, load_traces};
pub use window::Window;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

pub use crate::control::scaling::decisions::Interest;
use crate::control::service::ServiceEvent;
use crate::control::{Event, Phase};
use crate::error::Result;
use crate::events::EventQueue;
use crate::meter::HourGrid;
use crate::outcome::{Outcome, ServiceOutcome};
use crate::scenario::model::{Scenario, Service, TrafficKind};
use crate::trace::Trace;
use crate::traffic::arrivals::Arrivals;
use crate::units::{SimDuration, SimTime};
use crate::usage::{LoadBalancerUsage, Usage};
use service_run::{ServiceRun, Setting};

/// The traces of a scenario: by service and source, none for sources that have no trace.
pub type Traces = Vec<Vec<Option<Arc<Trace>>>>;

/// The share of unfinished requests from which on they are told of.
const NOTEWORTHY_UNFINISHED: f64 = 0.01;

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
    let setting = Setting { scenario, window, from, end, grid, options };
    let mut queue = EventQueue::default();
    let mut runs = Vec::with_capacity(scenario.services.len());
    for (number, service) in scenario.services.iter().enumerate() {
        let arrivals = arrivals_of(&setting, service, &traces[number])?;
        let past_loads = history::loads_before(&setting, service, &traces[number])?;
        let mut run = ServiceRun::new(&setting, number, arrivals, &past_loads);
        run.start(&mut queue);
        if from < SimTime::START {
            queue.push(SimTime::START, Phase::WindowStart as u8, (number as u32, Event::WindowStart));
        }
        runs.push(run);
    }
    run_to(end, &mut runs, &mut queue);
    Ok(outcome(&setting, traces, runs))
}

/// Lets time pass. The ends of minutes, rows and windows and the publication of datapoints come round so often
/// and so regularly that each service keeps the next of them itself; they take their turn by time and phase
/// as if they were queued.
fn run_to(end: SimTime, runs: &mut [ServiceRun], queue: &mut EventQueue<ServiceEvent>) {
    loop {
        let own = runs.iter().enumerate().map(|(number, run)| (run.next_own(), number)).min();
        let own_is_next = match (own, queue.next()) {
            (Some((own, _)), Some(event)) => own < event,
            (Some(_), None) => true,
            (None, _) => false,
        };
        match own {
            Some(((now, phase), number)) if own_is_next && now <= end => {
                if phase == Phase::Publication as u8 {
                    runs[number].publish(now, queue);
                } else {
                    runs[number].close(now);
                }
            }
            _ => match queue.pop() {
                Some((now, (number, event))) if now <= end => runs[number as usize].handle(now, event, queue),
                _ => return,
            },
        }
    }
}

/// The mean rate of each service over the window, without a simulation.
///
/// # Errors
/// As [`simulate`].
pub fn mean_requests_per_second(scenario: &Scenario, traces: &Traces) -> Result<Vec<f64>> {
    let window = Window::of(scenario, traces);
    let end = SimTime::START + window.duration;
    let grid = HourGrid::new(past_the_hour(window.start), end);
    let setting = Setting { scenario, window, from: SimTime::START, end, grid, options: Options { timeline: false, explain: None } };
    let rate = |(service, traces): (&Service, &Vec<Option<Arc<Trace>>>)| {
        let arrivals = arrivals_of(&setting, service, traces)?;
        Ok(arrivals.between(SimTime::START, end) / window.duration.as_seconds_f64())
    };
    scenario.services.iter().zip(traces).map(rate).collect()
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

fn outcome(setting: &Setting, traces: &Traces, runs: Vec<ServiceRun>) -> Outcome {
    let scenario = setting.scenario;
    let mut usage = Usage {
        first_hour: wall_clock(setting.window.start, SimTime::START - past_the_hour(setting.window.start)),
        hours: setting.grid.hours(),
        window_seconds: setting.window.duration.as_seconds_f64(),
        ..Usage::default()
    };
    if let Some(network) = &scenario.network {
        usage.nat_gateways = network.nat_gateways;
        usage.endpoint_addresses = network.interface_endpoints() * scenario.cluster.availability_zones;
    }
    let mut services = Vec::with_capacity(runs.len());
    let mut warnings = warnings(scenario, traces);
    for run in runs {
        let (service, tasks, flows) = run.finish(setting);
        warnings.extend(unfinished(&service));
        services.push(service);
        usage.tasks.extend(tasks);
        usage.flows.push(flows);
    }
    usage.load_balancers = load_balancers(scenario, &usage);
    Outcome {
        start: setting.window.start,
        end: wall_clock(setting.window.start, setting.end),
        duration: setting.window.duration,
        timeline_resolution: scenario.simulation.timeline_resolution,
        services,
        usage,
        warnings,
    }
}

/// What passed through each balancer: the flows of its services, as its capacity units count them.
fn load_balancers(scenario: &Scenario, usage: &Usage) -> Vec<LoadBalancerUsage> {
    let balancer_usage = |(index, balancer): (usize, &crate::scenario::model::LoadBalancer)| {
        let users = scenario.users_of(index);
        let by_hour = |figure: &dyn Fn(&Service, f64) -> f64| -> Vec<f64> {
            let sum = |hour| users.iter().map(|&user| figure(&scenario.services[user], usage.flows[user].requests[hour])).sum();
            (0..usage.hours).map(sum).collect()
        };
        let connections = |requests: f64| requests / balancer.requests_per_connection;
        let open_seconds = balancer.connection_duration.as_seconds_f64();
        let charged_rules = f64::from(balancer.charged_rules());
        LoadBalancerUsage {
            name: balancer.name.clone(),
            service: if let [user] = users[..] { Some(scenario.services[user].name.clone()) } else { None },
            public_addresses: if balancer.internal { 0 } else { scenario.cluster.availability_zones },
            new_connections: by_hour(&|_, requests| connections(requests)),
            connection_seconds: by_hour(&|_, requests| connections(requests) * open_seconds),
            processed_bytes: by_hour(&|service, requests| {
                requests * (service.workload.request_size_bytes + service.workload.response_size_bytes)
            }),
            rule_evaluations: by_hour(&|_, requests| requests * charged_rules),
        }
    };
    scenario.load_balancers.iter().enumerate().map(balancer_usage).collect()
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
fn unfinished(service: &ServiceOutcome) -> Option<String> {
    let counts = &service.requests;
    let share = counts.in_flight_at_end / counts.offered;
    (share > NOTEWORTHY_UNFINISHED).then(|| {
        format!(
            "{}: {:.1} % of its requests were still waiting when the window ended; availability and latency count those that came to an end, \
             at the waits that the queue promised them",
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
    if scenario.thresholds.iter().any(|threshold| rests_on_percentile(&threshold.path)) {
        warnings.push(
            "a threshold rests on latency percentiles; those of the fluid plane are approximate (see docs/ARCHITECTURE.md, \"Response times\")"
                .to_owned(),
        );
    }
    warnings
}
