//! Flows against single requests: how far the two fidelities are apart, on every shipped scenario and where they
//! differ most.
//!
//! The tables of `docs/ACCURACY.md` are what these tests measured, to the last digit; runs are deterministic.
//! `UPDATE_ACCURACY=1 cargo test accuracy` rewrites them.

#[path = "../../examples/response_table/measure.rs"]
mod measure;

use std::fmt::Write;
use std::fs;

use ecsim::metrics::Histogram;
use ecsim::plan::{RunOptions, run};
use ecsim::scenario::{Request, load};
use ecsim::traffic::response::measured::PROBABILITIES;
use rayon::prelude::*;

use super::command_line::{root, shipped_scenarios};
use measure::{Cell, measure};

use crate::support::Project;

/// Figures of one run: cost, utilisation, mean latency and three percentiles.
type Figures = [f64; 6];

const NAMES: [&str; 6] = ["monthly cost", "CPU utilisation", "mean latency", "p50", "p95", "p99"];
/// What the fidelities are held to, as fractions: while the utilisation is below 85 %, the latencies too.
const BOUNDS: Figures = [0.01, 0.02, 0.10, 0.15, 0.15, 0.15];
/// The scenario whose policy swings between two and twenty tasks for as long as messages come. When a task more or less
/// is decided on depends on chance, which flows have not, so its swings differ in length: measured, and held here.
const SWINGING: (&str, Figures) = ("worker", [0.06, 0.08, 0.10, 0.10, 0.10, 0.10]);

/// Scenarios that chance moves, so that means over eight seeds are compared: cost comes in whole instances, and which of them a scale-in can
/// take is chance; when a swing begins is chance.
const BY_CHANCE: ([&str; 2], u32) = (["ec2", "worker"], 8);

/// The figures of the first service of a scenario at one fidelity.
fn figures(name: &str, text: &str, duration: &str, fidelity: &str, seed: u32) -> Figures {
    let sets = [
        format!("simulation.duration={duration}"),
        format!("simulation.fidelity={fidelity}"),
        format!("simulation.seed={seed}"),
        "thresholds=[]".to_owned(),
    ];
    let loaded = load(&Request { name, text: text.as_bytes(), sets: &sets, variant: None }, &Project).expect("a valid scenario");
    let run = run(&loaded, &Project, &RunOptions::default()).expect("it can be run");
    let service = &run.outcome.services[0];
    let percentile = |quantile: f64| service.latency.quantile(quantile).expect("requests were served");
    let cost = run.bill.monthly.to_string().parse().expect("an amount");
    let cpu = service.cpu_utilization.mean.expect("tasks ran");
    [cost, cpu, service.latency.mean().expect("requests were served"), percentile(0.5), percentile(0.95), percentile(0.99)]
}

/// The means over the seeds from 1 on at both fidelities: request first, then fluid.
fn both(name: &str, text: &str, duration: &str, seeds: u32) -> [Figures; 2] {
    ["request", "fluid"].map(|fidelity| {
        let of_seeds: Vec<Figures> = (1..=seeds).into_par_iter().map(|seed| figures(name, text, duration, fidelity, seed)).collect();
        std::array::from_fn(|index| of_seeds.iter().map(|figures| figures[index]).sum::<f64>() / f64::from(seeds))
    })
}

fn difference(request: f64, fluid: f64) -> f64 {
    fluid / request - 1.0
}

/// One line of a table: the figures of single requests, and by how much those of flows differ.
fn line(title: &str, [request, fluid]: &[Figures; 2]) -> String {
    let mut line = format!("| {title} |");
    for (index, (&request, &fluid)) in request.iter().zip(fluid).enumerate() {
        let value = match index {
            0 => format!("${request:.2}"),
            1 => format!("{request:.1} %"),
            _ if request >= 10.0 => format!("{request:.1} s"),
            _ if request >= 1.0 => format!("{request:.2} s"),
            _ => format!("{:.0} ms", request * 1e3),
        };
        write!(line, " {value} ({:+.1} %) |", difference(request, fluid) * 100.0 + 0.0).expect("a string takes all");
    }
    line + "\n"
}

/// Holds a table of the document, between two marks, against what was measured, or rewrites it.
fn assert_documented(mark: &str, lines: &str) {
    let path = root().join("docs/ACCURACY.md");
    let text = fs::read_to_string(&path).expect("the document");
    let (begin, end) = (format!("<!-- {mark}: measured -->\n"), format!("<!-- {mark}: end -->"));
    let (before, rest) = text.split_once(&begin).expect("the table begins");
    let (documented, after) = rest.split_once(&end).expect("the table ends");
    let head = format!("| | {} |\n|{}\n", NAMES.join(" | "), " --- |".repeat(NAMES.len() + 1));
    let measured = format!("\n{head}{lines}\n");
    if std::env::var_os("UPDATE_ACCURACY").is_some() {
        fs::write(&path, format!("{before}{begin}{measured}{end}{after}")).expect("the document can be written");
    } else {
        assert_eq!(documented, measured, "UPDATE_ACCURACY=1 cargo test accuracy rewrites the table");
    }
}

/// Both tables are in one file, so one test measures both.
#[test]
fn flows_are_as_far_from_requests_as_the_document_says() {
    let text_of = |path: &String| fs::read_to_string(root().join(path)).expect("a scenario");
    // A scenario that asks for single requests cannot be shown by flows.
    let scenarios: Vec<_> = shipped_scenarios().into_iter().filter(|path| !text_of(path).contains("fidelity: request")).collect();
    let mut faults = Vec::new();
    let mut lines = String::new();
    let seeds = |path: &str| if BY_CHANCE.0.iter().any(|name| path.contains(name)) { BY_CHANCE.1 } else { 1 };
    let measured: Vec<_> = scenarios.par_iter().map(|path| (path, both(path, &text_of(path), "7d", seeds(path)))).collect();
    for (path, measured) in measured {
        let name = path.trim_start_matches("scenarios/").trim_end_matches(".yaml");
        lines += &line(name, &measured);
        let bounds = if name == SWINGING.0 { SWINGING.1 } else { BOUNDS };
        let [request, fluid] = measured;
        let compared = if request[1] < 85.0 { 6 } else { 2 };
        for index in 0..compared {
            let difference = difference(request[index], fluid[index]);
            if difference.abs() > bounds[index] {
                faults.push(format!("{name}: {} differs by {:+.1} %", NAMES[index], difference * 100.0));
            }
        }
    }
    assert_documented("scenarios", &lines);
    let edges: Vec<_> = EDGES.par_iter().map(|edge| (edge, both("edge.yaml", &edge.scenario(), "2h", 16))).collect();
    assert_documented("edges", &edges.iter().map(|(edge, measured)| line(edge.title, measured)).collect::<String>());
    for (edge, [request, fluid]) in edges {
        for index in 0..6 {
            let difference = difference(request[index], fluid[index]);
            if difference.abs() > edge.bounds[index] {
                faults.push(format!("{}: {} differs by {:+.1} %", edge.title, NAMES[index], difference * 100.0));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A fleet that does not change, where chance or the shape of the CPU time matters.
struct Edge {
    title: &'static str,
    tasks: u32,
    /// Requests per second; a task completes ten.
    rate: f64,
    cpu_time: &'static str,
    bounds: Figures,
}

impl Edge {
    fn scenario(&self) -> String {
        let Self { tasks, rate, cpu_time, .. } = self;
        let slots = if self.title.ends_with("64 slots") { 64 } else { 1000 };
        format!(
            "version: 1
services:
  web:
    task_definition: {{cpu: 1024, memory: 2048}}
    desired_count: {tasks}
    load_balancer: {{load_balancer_type: application}}
    traffic: {{constant: {rate}}}
    workload: {{cpu_time: {{{cpu_time}}}, concurrency: {slots}, backlog: {slots}, memory: {{per_request: 0MiB}}}}
"
        )
    }
}

/// Looser than [`BOUNDS`] where the document says why.
const EDGES: [Edge; 10] = [
    edge("one task, 50 % load", 1, 5.0, LOGNORMAL, BOUNDS),
    edge("one task, 80 % load", 1, 8.0, LOGNORMAL, BOUNDS),
    edge("one task, 92 % load", 1, 9.2, LOGNORMAL, [0.01, 0.02, 0.15, 0.15, 0.15, 0.25]),
    edge("16 tasks, 92 % load", 16, 147.2, LOGNORMAL, BOUNDS),
    edge("4 tasks, 110 % load", 4, 44.0, LOGNORMAL, BOUNDS),
    edge("4 tasks, 110 % load, 64 slots", 4, 44.0, LOGNORMAL, [0.01, 0.02, 0.5, 0.5, 0.5, 0.5]),
    edge("4 tasks, 70 % load, cv 3", 4, 28.0, "distribution: lognormal, mean: 100ms, cv: 3", BOUNDS),
    edge("4 tasks, 70 % load, exponential", 4, 28.0, "distribution: exponential, mean: 100ms", BOUNDS),
    edge("4 tasks, 70 % load, two kinds, cv 2", 4, 28.0, "distribution: hyperexponential, mean: 100ms, cv: 2", BOUNDS),
    edge(
        "4 tasks, 70 % load, Pareto, infinite cv",
        4,
        28.0,
        "distribution: pareto, mean: 100ms, shape: 1.8",
        [0.01, 0.1, 0.5, 0.5, 0.5, 0.5],
    ),
];

const LOGNORMAL: &str = "distribution: lognormal, mean: 100ms, cv: 1.5";

const fn edge(title: &'static str, tasks: u32, rate: f64, cpu_time: &'static str, bounds: Figures) -> Edge {
    Edge { title, tasks, rate, cpu_time, bounds }
}

/// The table of response times is what its command measures: one cell, measured again.
///
/// A million requests at half load: the standard error is some 0.5 % up to the 95th percentile, 2 % beyond it.
#[test]
fn a_cell_of_the_table_is_measured_again() {
    let table = include_str!("../../src/traffic/response/table.csv");
    let line = table.lines().find(|line| line.starts_with("1,1.5,4,0.5,")).expect("the cell");
    let documented: Vec<f64> = line.split(',').skip(4).map(|number| number.parse().expect("a number")).collect();
    let cell = Cell { tasks: 4, load: 0.5, cv: 1.5, cores: 1 };
    let measured = measure(&cell, measure::requests_of(cell.load)).expect("it can be measured");
    for ((probability, documented), measured) in PROBABILITIES.iter().zip(documented).zip(measured) {
        let tolerance = if *probability > 0.95 { 0.06 } else { 0.02 };
        assert!((measured / documented - 1.0).abs() < tolerance, "{probability}: {measured} is not {documented}");
    }
}

/// One task with Poisson arrivals is M/G/1: processor sharing has the mean S/(1 - load), whatever the CPU times.
#[test]
fn the_command_measures_what_theory_knows() {
    let responses: Histogram = measure::responses(&Cell { tasks: 1, load: 0.5, cv: 1.0, cores: 1 }, 4e5).expect("it can be measured");
    let mean = responses.mean().expect("requests were served");
    assert!((mean / 0.02 - 1.0).abs() < 0.02, "{mean} is not 20 ms");
}
