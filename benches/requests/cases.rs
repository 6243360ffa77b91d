//! What is timed of ecsim: scenarios at request fidelity, as a file says them, with all statistics and the timeline.

use ecsim::files::Files;
use ecsim::scenario::model::Scenario;
use ecsim::scenario::{Request, load};
use ecsim::simulate::{Options, Traces, load_traces, simulate};

/// A scenario and how many requests it has.
pub struct Case {
    /// Its name.
    pub name: &'static str,
    /// The length of the window.
    duration: &'static str,
    /// Requests expected in the window.
    pub requests: u64,
    service: &'static str,
}

/// M/M/10 at 80 % load: one task with ten slots, and requests that use no CPU.
pub const M_M_10: Case = Case {
    name: "ecsim",
    duration: "60s",
    requests: 480_000,
    service: "
    task_definition: {cpu: 1024, memory: 2048}
    traffic: {constant: 8000}
    workload: {cpu_time: 0ms, wait_time: {distribution: exponential, mean: 1ms}, concurrency: 10, backlog: none, timeout: none}",
};

/// Each kind of work that tasks and balancers have.
pub const CASES: [Case; 3] = [
    Case {
        name: "processor_sharing",
        duration: "60s",
        requests: 420_000,
        service: "
    task_definition: {cpu: 1024, memory: 2048}
    desired_count: 10
    traffic: {constant: 7000}
    workload: {cpu_time: {distribution: exponential, mean: 1ms}, concurrency: 1000, backlog: none, timeout: none}",
    },
    Case {
        name: "http_workload",
        duration: "20m",
        requests: 360_000,
        service: "
    task_definition: {cpu: 512, memory: 1024}
    desired_count: 40
    load_balancer: {}
    traffic: {constant: 300}
    workload: {cpu_time: {distribution: lognormal, mean: 40ms, cv: 1.5}, wait_time: 80ms}",
    },
    Case {
        name: "least_outstanding",
        duration: "60s",
        requests: 420_000,
        service: "
    task_definition: {cpu: 1024, memory: 2048}
    desired_count: 50
    load_balancer: {load_balancing_algorithm_type: least_outstanding_requests}
    traffic: {constant: 7000}
    workload: {cpu_time: {distribution: exponential, mean: 5ms}, concurrency: 1000, backlog: none, timeout: none}",
    },
];

/// A day at a thousand requests a second, 500 by night and 1,500 by day, on tasks that come and go.
pub const AUTOSCALED_DAY: Case = Case {
    name: "autoscaled_day",
    duration: "24h",
    requests: 86_400_000,
    service: "
    task_definition: {cpu: 512, memory: 1024}
    load_balancer: {}
    traffic: {pattern: {base: 500, peak: 1500}}
    workload: {cpu_time: {distribution: lognormal, mean: 5ms, cv: 1.5}, wait_time: 80ms}
    slo: {latency: 300ms, availability: 99.9%}
    scaling:
      min_capacity: 4
      max_capacity: 60
      policies: [{name: cpu, policy_type: TargetTrackingScaling, predefined_metric_type: ECSServiceAverageCPUUtilization, target_value: 60}]",
};

/// A scenario that names no file reads none.
struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _name: &str) -> std::io::Result<Vec<u8>> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

/// A case, ready to run.
pub struct Loaded(Scenario, Traces);

impl Case {
    /// Reads the scenario.
    pub fn load(&self) -> Loaded {
        let Self { duration, service, .. } = self;
        let text = format!("version: 1\nsimulation: {{duration: {duration}, fidelity: request}}\nservices:\n  web:{service}\n");
        let request = Request { name: "bench.yaml", text: text.as_bytes(), sets: &[], variant: None };
        let scenario = load(&request, &NoFiles).expect("the scenario is valid").scenario;
        let (traces, _) = load_traces(&scenario, &NoFiles).expect("it names no trace");
        Loaded(scenario, traces)
    }
}

impl Loaded {
    /// Runs it. Returns the mean response in seconds and the number of requests.
    pub fn run(&self) -> (f64, f64) {
        let outcome = simulate(&self.0, &self.1, Options { timeline: true, explain: None }).expect("it runs");
        let web = &outcome.services[0];
        (web.latency.mean().unwrap_or_default(), web.requests.offered)
    }
}
