//! Queueing theory against simulations of every request.
//!
//! Each case is a scenario that is a textbook's queue. It is played with the seeds 1 to R, and the mean over these runs of a figure that
//! every run reports must lie within four standard errors of the exact value. The standard error, from the spread of the runs, must be
//! at most half a percent of the value, so that agreement means something; the lengths of the runs were chosen for that, and for nothing
//! else. Four standard errors of 64 runs are missed by chance once in 6,000 comparisons.

mod balancing;
mod closed;
mod first_come;
mod impatience;
mod overload;
mod sharing;
mod waves;

use ecsim::metrics::Histogram;
use ecsim::outcome::{Outcome, TimelineRow};
use ecsim::scenario::model::{Distribution, Fidelity, RoutingAlgorithm, Scenario, Service};
use ecsim::units::{CpuUnits, SimDuration};
use rayon::prelude::*;

use crate::queueing_golden;
use crate::support::{constant, first, play_without_timeline, scenario, service};

/// The golden values that a simulation is held against.
pub fn simulated() -> Vec<&'static str> {
    let lists = [
        balancing::SIMULATED,
        closed::SIMULATED,
        first_come::SIMULATED,
        impatience::SIMULATED,
        overload::SIMULATED,
        sharing::SIMULATED,
        waves::SIMULATED,
    ];
    lists.concat()
}

/// Runs of a case.
const RUNS: u64 = 64;

/// The largest standard error, as a fraction of the value.
const PRECISION: f64 = 0.005;

/// A quantile inside a bucket of at most 0.4 % is interpolated as if the density were even. For an exponential
/// tail up to seven means out that is off by less than 0.004 squared / 8 x 7.
const OF_BUCKETS: f64 = 1.4e-5;

/// The mean of a figure over independent runs.
#[derive(Clone, Copy, Debug)]
struct Estimate {
    mean: f64,
    standard_error: f64,
}

/// What is to be compared with what.
struct Comparison {
    name: String,
    estimate: Estimate,
    expected: f64,
    /// The error of the figure itself, as a fraction of the value: nothing but the buckets of quantiles.
    allowed: f64,
}

impl Comparison {
    /// What is wrong with it, if anything.
    fn fault(&self) -> Option<String> {
        let Self { name, estimate: Estimate { mean, standard_error }, expected, allowed } = self;
        let off = (mean - expected).abs() - allowed * expected;
        let line = format!(
            "{name}: {mean:.6e} for {expected:.6e}, {:+.2} standard errors of {:.3} %",
            (mean - expected) / standard_error,
            100.0 * standard_error / expected
        );
        println!("{line}");
        let agrees = off <= 4.0 * standard_error;
        (!agrees || standard_error > &(PRECISION * expected)).then_some(line)
    }
}

/// A case of a family: a scenario and figures of its runs, each with the golden value or formula that it estimates.
struct Case {
    scenario: Scenario,
    figures: Vec<Figure>,
}

/// One figure of a run.
struct Figure {
    name: String,
    expected: f64,
    allowed: f64,
    read: Box<dyn Fn(&Outcome) -> f64 + Sync>,
}

impl Figure {
    /// A figure with a golden value.
    fn golden(id: &str, read: impl Fn(&Outcome) -> f64 + Sync + 'static) -> Self {
        Self::exact(id, queueing_golden::value(id), read)
    }

    /// A figure with a value that a formula gives.
    fn exact(name: &str, expected: f64, read: impl Fn(&Outcome) -> f64 + Sync + 'static) -> Self {
        Self { name: name.to_owned(), expected, allowed: 0.0, read: Box::new(read) }
    }

    /// The same figure, but a quantile.
    fn read_from_buckets(self) -> Self {
        Self { allowed: OF_BUCKETS, ..self }
    }
}

/// Plays all cases and holds them against their values.
fn hold(cases: &[Case]) {
    hold_in(cases, RUNS, play_without_timeline);
}

fn hold_in(cases: &[Case], runs: u64, play: impl Fn(&Scenario) -> Outcome + Sync) {
    let seeds: Vec<(usize, u64)> = (0..cases.len()).flat_map(|case| (1..=runs).map(move |seed| (case, seed))).collect();
    let rows: Vec<Vec<f64>> = seeds
        .par_iter()
        .map(|&(case, seed)| {
            let Case { scenario, figures } = &cases[case];
            let mut scenario = scenario.clone();
            scenario.simulation.seed = seed;
            let outcome = play(&scenario);
            figures.iter().map(|figure| (figure.read)(&outcome)).collect()
        })
        .collect();
    let mut faults = Vec::new();
    for (case, rows) in cases.iter().zip(rows.chunks(runs as usize)) {
        for (index, Figure { name, expected, allowed, .. }) in case.figures.iter().enumerate() {
            let values: Vec<f64> = rows.iter().map(|row| row[index]).collect();
            let comparison = Comparison { name: name.clone(), estimate: estimate(&values), expected: *expected, allowed: *allowed };
            faults.extend(comparison.fault());
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

fn estimate(values: &[f64]) -> Estimate {
    let runs = values.len() as f64;
    let mean = values.iter().sum::<f64>() / runs;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (runs - 1.0);
    Estimate { mean, standard_error: (variance / runs).sqrt() }
}

/// Tasks that serve first come, first served: a slot is a server, which a request holds without using CPU.
fn servers(tasks: u32, slots: u32, held: Distribution) -> Service {
    let mut web = without_limits(tasks);
    web.workload.cpu_time = Distribution::constant(0.0);
    web.workload.wait_time = held;
    web.workload.concurrency = slots;
    web
}

/// Tasks of whole vCPUs that their requests share.
fn sharing(tasks: u32, vcpus: u32, demand: Distribution) -> Service {
    let mut web = without_limits(tasks);
    web.task.cpu = CpuUnits(1024 * vcpus);
    web.workload.cpu_time = demand;
    web.workload.wait_time = Distribution::constant(0.0);
    web.workload.concurrency = 1_000_000;
    web
}

/// A service that refuses and drops nothing.
fn without_limits(tasks: u32) -> Service {
    let mut web = service("web", tasks);
    web.workload.idle_cpu = 0.0;
    (web.workload.backlog, web.workload.timeout) = (None, None);
    web.workload.memory_per_request_bytes = 0.0;
    web
}

/// Requests that would fill a task's memory.
const MEMORY_HOLDS: f64 = 1e10;

/// Lets the memory of a service tell the requests in its tasks. A backlog longer than any that comes makes sure that it never fills.
fn counted(mut web: Service) -> Service {
    web.workload.backlog = web.workload.backlog.or(Some(1_000_000_000));
    web.workload.memory_base_bytes = 0.0;
    web.workload.memory_per_request_bytes = web.task.memory.as_bytes() as f64 / MEMORY_HOLDS;
    web
}

/// How a balancer picks a task.
fn routed(mut web: Service, algorithm: RoutingAlgorithm) -> Service {
    web.target_group.as_mut().expect("a target group").algorithm = algorithm;
    web
}

/// Poisson arrivals for so many requests in each run, after a tenth as many that are not counted.
fn poisson(mut web: Service, rate_rps: f64, requests: f64) -> Scenario {
    web.traffic = vec![constant(rate_rps)];
    lasting(web, SimDuration::from_nanos((1e9 * requests / rate_rps) as i64))
}

/// So long a run, after a tenth as long that is not counted.
fn lasting(web: Service, duration: SimDuration) -> Scenario {
    let mut scenario = scenario(vec![web]);
    scenario.simulation.fidelity = Fidelity::Request;
    scenario.simulation.duration = Some(duration);
    scenario.simulation.warm_up = SimDuration::from_nanos(duration.as_nanos() / 10);
    scenario
}

fn mean_wait(outcome: &Outcome) -> f64 {
    first(outcome).queue.mean().expect("requests are served")
}

fn mean_response(outcome: &Outcome) -> f64 {
    first(outcome).latency.mean().expect("requests are served")
}

fn wait_quantile(share: f64) -> impl Fn(&Outcome) -> f64 + Sync {
    move |outcome| first(outcome).queue.quantile(share).expect("requests are served")
}

fn response_quantile(share: f64) -> impl Fn(&Outcome) -> f64 + Sync {
    move |outcome| first(outcome).latency.quantile(share).expect("requests are served")
}

/// The share of requests that waited at all.
fn waiting_share(outcome: &Outcome) -> f64 {
    1.0 - share_within(&first(outcome).queue, 0.0)
}

/// The share of the observations up to a value: the histogram's quantile function the other way round.
fn share_within(histogram: &Histogram, seconds: f64) -> f64 {
    let (mut within, mut beyond) = (0.0, 1.0);
    for _ in 0..40 {
        let middle = f64::midpoint(within, beyond);
        if histogram.quantile(middle).expect("requests are served") <= seconds {
            within = middle;
        } else {
            beyond = middle;
        }
    }
    within
}

fn rejected_share(outcome: &Outcome) -> f64 {
    first(outcome).requests.rejected / first(outcome).requests.offered
}

/// Requests in each task, waiting ones too, as the mean memory of a row shows them where they are [`counted`].
fn number(row: &TimelineRow) -> f64 {
    row.memory_utilization.expect("tasks run") / 100.0 * MEMORY_HOLDS
}

/// The mean over the rows of the timeline.
fn over_time(outcome: &Outcome, read: impl Fn(&TimelineRow) -> f64) -> f64 {
    let rows = &first(outcome).timeline;
    rows.iter().map(read).sum::<f64>() / rows.len() as f64
}
