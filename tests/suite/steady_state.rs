//! Response times in a steady state: against formulas where one is exact, and against a simulation of every request where none is.

use ecsim::metrics::Histogram;
use ecsim::queueing::{erlang_arrivals_root, erlang_c};
use ecsim::scenario::model::{Distribution, Fidelity, RoutingAlgorithm, Service};
use ecsim::units::{CpuUnits, SimDuration};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use crate::processor_sharing::{Tasks, lognormal, poisson};
use crate::support::{constant, first, play, play_without_timeline, scenario, service};

/// A service without limits, of whole vCPUs and exponential bursts of 100 ms.
fn exponential(tasks: u32, vcpus: u32) -> Service {
    let mut web = service("web", tasks);
    web.task.cpu = CpuUnits(1024 * vcpus);
    web.workload.cpu_time = Distribution::Exponential { mean: 0.1 };
    web.workload.wait_time = Distribution::constant(0.0);
    web.workload.idle_cpu = 0.0;
    web.workload.concurrency = 5_000;
    (web.workload.backlog, web.workload.timeout) = (None, None);
    web
}

/// Response times and waits for a slot of a long run at this rate, its beginning left out.
fn histograms(mut web: Service, rate_rps: f64) -> (Histogram, Histogram) {
    web.traffic = vec![constant(rate_rps)];
    let mut scenario = scenario(vec![web]);
    scenario.simulation.warm_up = SimDuration::from_hours(2);
    let outcome = play_without_timeline(&scenario);
    (first(&outcome).latency.clone(), first(&outcome).queue.clone())
}

fn mean(web: Service, rate_rps: f64) -> f64 {
    histograms(web, rate_rps).0.mean().expect("requests are served")
}

fn close(got: f64, expected: f64, relative: f64, case: &str) {
    assert!((got / expected - 1.0).abs() <= relative, "{case}: {got} is not {expected}");
}

/// M/M/1 with processor sharing: S/(1 - load); by insensitivity any burst has the same mean.
#[test]
fn random_routing_gives_every_task_the_mean_of_m_m_1() {
    for load in [0.1, 0.3, 0.6, 0.8, 0.9, 0.95] {
        let mut web = exponential(5, 1);
        web.target_group.as_mut().expect("a target group").algorithm = RoutingAlgorithm::WeightedRandom;
        close(mean(web.clone(), load * 50.0), 0.1 / (1.0 - load), 0.005, "exponential");
        web.workload.cpu_time = Distribution::Lognormal { mean: 0.1, cv: 1.5 };
        close(mean(web, load * 50.0), 0.1 / (1.0 - load), 0.02, "lognormal");
    }
}

/// Round robin over n tasks makes each an E_n/M/1 queue: S/(1 - sigma), sigma the root of its equation.
#[test]
fn round_robin_gives_every_task_the_mean_of_erlang_arrivals() {
    for tasks in [2_u32, 4, 16] {
        for load in [0.3, 0.6, 0.8, 0.9] {
            let expected = 0.1 / (1.0 - erlang_arrivals_root(tasks, load));
            close(mean(exponential(tasks, 1), load * 10.0 * f64::from(tasks)), expected, 0.01, &format!("{tasks} tasks at {load}"));
        }
    }
}

/// M/M/c with processor sharing has the mean of M/M/c: S (1 + C/(c (1 - load))).
#[test]
fn a_task_of_several_vcpus_has_the_mean_of_m_m_c() {
    for vcpus in [2_u32, 4] {
        for load in [0.3, 0.6, 0.8, 0.9] {
            let cores = f64::from(vcpus);
            let expected = 0.1 * (1.0 + erlang_c(vcpus, load * cores) / (cores * (1.0 - load)));
            close(mean(exponential(1, vcpus), load * 10.0 * cores), expected, 0.015, &format!("{vcpus} vCPUs at {load}"));
        }
    }
}

/// Without CPU a task of c slots is M/M/c: the wait for a slot is that of Erlang's C, and so is the share that waits.
#[test]
fn slots_without_cpu_wait_as_erlang_says() {
    for (slots, load) in [(8_u32, 0.7), (8, 0.9), (32, 0.8), (32, 0.95)] {
        let mut web = exponential(1, 1);
        web.workload.cpu_time = Distribution::constant(0.0);
        web.workload.wait_time = Distribution::Exponential { mean: 0.5 };
        web.workload.concurrency = slots;
        let servers = f64::from(slots);
        let (latency, queue) = histograms(web, load * servers / 0.5);
        let case = format!("{slots} slots at {load}");
        let waits = erlang_c(slots, load * servers);
        let wait = waits * 0.5 / (servers * (1.0 - load));
        close(queue.mean().expect("requests are served"), wait, 0.03, &case);
        close(latency.mean().expect("requests are served"), 0.5 + wait, 0.02, &case);
        // Among those that wait, the wait is exponential; half of them wait longer than its median.
        let median = 0.5 / (servers * (1.0 - load)) * std::f64::consts::LN_2;
        let got = queue.quantile(1.0 - waits / 2.0).expect("requests are served");
        close(got, median, 0.1, &case);
    }
}

/// Requests of each simulation.
const REQUESTS: f64 = 2.0e6;

/// Mean and percentiles of the fluid plane against those of a simulation of two million requests (seed 5, fixed beforehand).
///
/// The mean's standard error is below 1 % at all these loads.
#[test]
fn the_default_workload_responds_as_a_simulation_of_it() {
    let cases: Vec<(u32, f64)> = [4, 16].into_iter().flat_map(|tasks| [0.3, 0.6, 0.8].map(|load| (tasks, load))).collect();
    let faults: Vec<String> = cases
        .par_iter()
        .flat_map_iter(|&(tasks, load)| {
            let mut web = service("web", tasks);
            web.workload.idle_cpu = 0.0;
            let rate_rps = load * 12.5 * f64::from(tasks);
            let (fluid, _) = histograms(web, rate_rps);
            let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
            let arrivals = poisson(rate_rps, (REQUESTS / rate_rps / 60.0).ceil() as usize, &mut random);
            let simulated = Tasks { count: tasks as usize, cores: 0.5, wait_seconds: 0.08, warm_up_minutes: 5 };
            let simulated = simulated.serve(&arrivals, &lognormal(0.04, 1.5), &mut random);
            let pairs = [
                ("mean", fluid.mean(), simulated.mean(), 0.04),
                ("p50", fluid.quantile(0.5), simulated.quantile(0.5), 0.12),
                ("p95", fluid.quantile(0.95), simulated.quantile(0.95), 0.12),
                ("p99", fluid.quantile(0.99), simulated.quantile(0.99), 0.12),
            ];
            let figures = pairs.map(|(name, fluid, simulated, bound)| {
                let ratio = fluid.expect("requests are served") / simulated;
                println!("{tasks} tasks at {load}: {name} {simulated:.4} s, fluid {ratio:.3} of it");
                ((ratio - 1.0).abs() > bound).then(|| format!("{tasks} tasks at {load}: {name} is {ratio:.3} of {simulated:.4} s"))
            });
            figures.into_iter().flatten()
        })
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Flows against single requests where the wait makes the response, as the bounds of docs/ACCURACY.md ask below 85 % load: percentiles within 15 %.
/// With a timeout of a second 9,506 of 288,000 give up, computed by hand: the response is the wait and some 20 ms, and a lognormal of mean 300 ms and
/// cv 1 is above 980 ms with a probability of 3.30 % (1.838 standard deviations).
#[test]
fn waits_that_vary_have_the_percentiles_of_single_requests() {
    let outcome = |fidelity: Fidelity, timeout_seconds: f64| {
        let mut web = service("web", 6);
        web.traffic = vec![constant(40.0)];
        web.workload.cpu_time = Distribution::constant(0.02);
        web.workload.wait_time = Distribution::Lognormal { mean: 0.3, cv: 1.0 };
        web.workload.timeout = Some(Distribution::constant(timeout_seconds));
        let mut scenario = scenario(vec![web]);
        (scenario.simulation.fidelity, scenario.simulation.duration) = (fidelity, Some(SimDuration::from_hours(2)));
        play(&scenario)
    };
    let [flows, requests] = [Fidelity::Fluid, Fidelity::Request].map(|fidelity| outcome(fidelity, 60.0));
    for quantile in [0.5, 0.9, 0.95, 0.99] {
        let [of_flows, of_requests] = [&flows, &requests].map(|outcome| first(outcome).latency.quantile(quantile).expect("requests"));
        println!("{quantile}: flows {of_flows:.3} s, requests {of_requests:.3} s, {:+.1} %", 100.0 * (of_flows / of_requests - 1.0));
        assert!((of_flows / of_requests - 1.0).abs() < 0.15, "{quantile}: {of_flows} {of_requests}");
    }
    for fidelity in [Fidelity::Fluid, Fidelity::Request] {
        let timed_out = first(&outcome(fidelity, 1.0)).requests.timed_out;
        println!("{fidelity:?}: {timed_out:.0} gave up");
        assert!((timed_out / 9506.0 - 1.0).abs() < 0.15, "{fidelity:?}: {timed_out}");
    }
}
