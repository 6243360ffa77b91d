//! A run is a function of the scenario, the traces and the seed, and nothing else changes a byte.

use ecsim::outcome::{Outcome, ServiceOutcome};
use ecsim::scenario::model::{CapacityProvider, Distribution, Scenario, Service, Slo};
use ecsim::units::SimDuration;
use rayon::prelude::*;

use crate::support::{constant, cpu_scaling, first, play, play_without_timeline, scenario, seconds, service, step, strategy, time, wave};

/// A service that scales, overloads in a spike, misses its service level and loses Spot tasks.
fn busy_service(name: &str) -> Service {
    let mut web = service(name, 4);
    web.strategy = vec![strategy(CapacityProvider::Fargate, 2, 1), strategy(CapacityProvider::FargateSpot, 0, 3)];
    let mut daily = wave(20.0, 120.0, SimDuration::from_hours(6));
    daily.spikes = vec![step(seconds(9_015), 6.0, seconds(700))];
    web.traffic = vec![daily, constant(3.0)];
    web.workload.timeout = Some(Distribution::Exponential { mean: 5.0 });
    web.workload.error_rate = 0.001;
    web.slo = Some(Slo { latency_seconds: Some(0.6), availability: Some(0.999), window: seconds(60) });
    web.scaling = Some(cpu_scaling(2, 40, 60.0));
    web
}

/// Eight hours of it, from a time off the minute on.
fn busy(services: Vec<Service>) -> Scenario {
    let mut scenario = scenario(services);
    scenario.simulation.start = Some(time("2026-01-05T07:12:34Z"));
    scenario.simulation.duration = Some(SimDuration::from_hours(8));
    scenario.simulation.warm_up = seconds(1_000);
    scenario.spot.interruption_rate = 0.9;
    scenario.spot.interruption_period = SimDuration::from_hours(4);
    scenario
}

fn bytes(outcome: &Outcome) -> String {
    format!("{outcome:?}")
}

/// A service's figures without those of its timeline.
fn without_timeline(outcome: &ServiceOutcome) -> String {
    format!("{:?}", ServiceOutcome { timeline: Vec::new(), ..outcome.clone() })
}

#[test]
fn the_scenario_of_these_tests_exercises_what_it_should() {
    let outcome = play(&busy(vec![busy_service("web")]));
    let web = first(&outcome);
    assert!(web.requests.timed_out > 0.0 && web.requests.failed > 0.0, "{:?}", web.requests);
    assert!(web.scaling.scale_out > 2 && web.scaling.scale_in > 0, "{:?}", web.scaling);
    assert!(web.spot_interrupted > 2 && web.slo_seconds_over > 0.0);
}

#[test]
fn the_same_scenario_gives_the_same_bytes_again() {
    let scenario = busy(vec![busy_service("web"), busy_service("api")]);
    assert_eq!(bytes(&play(&scenario)), bytes(&play(&scenario)));
}

#[test]
fn the_same_scenario_gives_the_same_bytes_on_any_number_of_threads() {
    let scenario = busy(vec![busy_service("web")]);
    let alone = bytes(&play(&scenario));
    for threads in [1, 2, 8] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let together: Vec<String> = pool.install(|| (0..8).into_par_iter().map(|_| bytes(&play(&scenario))).collect());
        assert!(together.iter().all(|one| *one == alone), "{threads} threads");
    }
}

#[test]
fn an_unrelated_service_changes_nothing_in_another() {
    let mut other = busy_service("other");
    other.target_group = None;
    let alone = play(&busy(vec![busy_service("web")]));
    let second = play(&busy(vec![busy_service("web"), other.clone()]));
    let behind = play(&busy(vec![other, busy_service("web")]));
    let figures = format!("{:?}", alone.services[0]);
    assert_eq!(figures, format!("{:?}", second.services[0]));
    assert_eq!(figures, format!("{:?}", behind.services[1]));
    assert_eq!(alone.usage.load_balancers, second.usage.load_balancers);
}

#[test]
fn keeping_a_timeline_changes_no_other_figure() {
    let mut scenario = busy(vec![busy_service("web")]);
    for resolution in [60, 7] {
        scenario.simulation.timeline_resolution = seconds(resolution);
        let (with, without) = (play(&scenario), play_without_timeline(&scenario));
        assert!(!first(&with).timeline.is_empty() && first(&without).timeline.is_empty());
        assert_eq!(without_timeline(first(&with)), without_timeline(first(&without)), "{resolution} s");
        assert_eq!(with.usage, without.usage);
    }
}

#[test]
fn the_resolution_of_the_timeline_changes_no_other_figure() {
    let mut scenario = busy(vec![busy_service("web")]);
    let reference = play(&scenario);
    for resolution in [1, 17, 300, 100_000] {
        scenario.simulation.timeline_resolution = seconds(resolution);
        let outcome = play(&scenario);
        assert_eq!(without_timeline(first(&outcome)), without_timeline(first(&reference)), "{resolution} s");
        assert_eq!(outcome.usage, reference.usage);
    }
}

#[test]
fn the_seed_changes_the_noise_and_not_the_customers() {
    let mut scenario = busy(vec![busy_service("web")]);
    let one = play(&scenario);
    scenario.simulation.seed = 2;
    let two = play(&scenario);
    assert!((first(&one).requests.offered / first(&two).requests.offered - 1.0).abs() < 1e-12);
    let cpu = |outcome: &Outcome| first(outcome).timeline.iter().map(|row| row.cpu_utilization).collect::<Vec<_>>();
    let (one_cpu, two_cpu) = (cpu(&one), cpu(&two));
    let different = one_cpu.iter().zip(&two_cpu).filter(|(one, two)| one != two).count();
    assert!(different > one_cpu.len() / 2, "{different} of {}", one_cpu.len());
    // Without noise, random starts and Spot, nothing is left to the seed but names.
    scenario.assumptions.sampling_noise = false;
    scenario.spot.interruption_rate = 0.0;
    scenario.services[0].workload.start_up.time = Distribution::constant(10.0);
    let quiet = |seed: u64| {
        let mut scenario = scenario.clone();
        scenario.simulation.seed = seed;
        let outcome = play(&scenario);
        format!("{:?} {:?} {:?}", first(&outcome).timeline, first(&outcome).scaling, outcome.usage)
    };
    assert_eq!(quiet(1), quiet(2));
}
