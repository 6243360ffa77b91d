//! One cell of the table: a steady state, simulated request by request.

use ecsim::error::Result;
use ecsim::files::Files;
use ecsim::metrics::Histogram;
use ecsim::scenario::model::Distribution;
use ecsim::scenario::{Request, load};
use ecsim::simulate::{Options, load_traces, simulate};
use ecsim::traffic::response::measured::PROBABILITIES;

/// Runs of each cell, with the seeds 1, 2 ...
const SEEDS: u64 = 2;
/// Mean CPU time of a request in seconds; only multiples of it are kept.
const MEAN_SECONDS: f64 = 0.01;

/// A steady state: round robin over `tasks` of so many vCPUs each, at a `load`, with lognormal CPU times.
pub struct Cell {
    pub tasks: u32,
    pub load: f64,
    pub cv: f64,
    pub cores: u32,
}

struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _name: &str) -> std::io::Result<Vec<u8>> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

/// Requests of a cell: queues near saturation forget slowly.
pub fn requests_of(load: f64) -> f64 {
    match load {
        load if load > 0.85 => 6e6,
        load if load > 0.55 => 2e6,
        _ => 1e6,
    }
}

/// The percentiles of the response, each as a multiple of the same percentile of the CPU time.
pub fn measure(cell: &Cell, requests: f64) -> Result<[f64; PROBABILITIES.len()]> {
    let responses = responses(cell, requests)?;
    let alone = Distribution::Lognormal { mean: MEAN_SECONDS, cv: cell.cv };
    Ok(PROBABILITIES.map(|probability| {
        let of_demand = if cell.cv > 0.0 { alone.quantile(probability) } else { MEAN_SECONDS };
        responses.quantile(probability).map_or(1.0, |seconds| (seconds / of_demand).max(1.0))
    }))
}

/// Response times of so many requests.
pub fn responses(cell: &Cell, requests: f64) -> Result<Histogram> {
    let mut responses = Histogram::default();
    for seed in 1..=SEEDS {
        let text = scenario(cell, requests / SEEDS as f64, seed);
        let loaded = load(&Request { name: "cell.yaml", text: text.as_bytes(), sets: &[], variant: None }, &NoFiles)?;
        let (traces, _) = load_traces(&loaded.scenario, &NoFiles)?;
        let outcome = simulate(&loaded.scenario, &traces, Options { timeline: false, explain: None })?;
        responses.merge(&outcome.services[0].latency);
    }
    Ok(responses)
}

fn scenario(Cell { tasks, load, cv, cores }: &Cell, requests: f64, seed: u64) -> String {
    let rate = load * f64::from(tasks * cores) / MEAN_SECONDS;
    let seconds = (requests / rate).ceil();
    let warm_up = (seconds / 5.0).ceil();
    let mean_millis = MEAN_SECONDS * 1e3;
    let cpu_time =
        if *cv > 0.0 { format!("{{distribution: lognormal, mean: {mean_millis}ms, cv: {cv}}}") } else { format!("{mean_millis}ms") };
    format!(
        "version: 1
simulation: {{duration: {seconds}s, warm_up: {warm_up}s, fidelity: request, seed: {seed}}}
services:
  web:
    task_definition: {{cpu: {}, memory: {}}}
    desired_count: {tasks}
    load_balancer: {{load_balancer_type: application}}
    traffic: {{constant: {rate}}}
    workload: {{cpu_time: {cpu_time}, concurrency: 1000000, backlog: none, timeout: none, memory: {{base: 100MiB, per_request: 0MiB}}}}
",
        1024 * cores,
        2048 * cores,
    )
}
