//! A minute is three samples of twenty seconds: a service that is sampled shows what one that is closed by the minute shows.

use ecsim::fleet::{FleetChange, TaskId};
use ecsim::metrics::StatisticSet;
use ecsim::scenario::model::{Distribution, Service};
use ecsim::traffic::arrivals::Arrivals;
use ecsim::traffic::cpu_noise::CpuNoise;
use ecsim::traffic::fluid::FluidPlane;
use ecsim::traffic::gauges::Sample;
use ecsim::units::SimTime;

use crate::support::{constant, service, time};

const MINUTES: u64 = 60;
/// A minute of the Unix epoch.
const FIRST_MINUTE: u64 = 29_000_000;
const TASKS: u32 = 4;
const RATE_RPS: f64 = 28.0;

/// Four tasks of half a vCPU at 28 requests of 40 ms of CPU a second: 28 x 0.04 / (4 x 0.5) = 56 % of their CPU.
fn web() -> Service {
    let mut web = service("web", TASKS);
    web.workload.cpu_time = Distribution::Lognormal { mean: 0.04, cv: 1.5 };
    web.workload.wait_time = Distribution::constant(0.08);
    web.workload.idle_cpu = 0.0;
    web.workload.error_rate = 0.01;
    web.traffic = vec![constant(RATE_RPS)];
    web
}

fn plane(web: &Service, noisy: bool) -> FluidPlane {
    let sources: Vec<_> = web.traffic.iter().map(|source| (source, None)).collect();
    let end = SimTime::from_seconds(60 * MINUTES as i64);
    let arrivals = Arrivals::build(&sources, time("2026-01-05T00:00:00Z"), SimTime::START, end, 1, 1).expect("valid");
    let mut plane = FluidPlane::new(web, arrivals, CpuNoise::new(noisy, 1, 1), SimTime::START, None);
    (0..web.desired_count).for_each(|task| plane.apply(FleetChange::Healthy(TaskId(task))));
    plane
}

/// The minutes of a plane that is closed every minute.
fn by_the_minute(mut plane: FluidPlane) -> Vec<Sample> {
    let close = |minute: u64| {
        plane.advance(SimTime::from_seconds(60 * (minute as i64 + 1)));
        plane.close_minute(FIRST_MINUTE + minute)
    };
    (0..MINUTES).map(close).collect()
}

/// The samples, minute by minute, of a plane that is closed every 20 seconds.
fn by_the_sample(mut plane: FluidPlane) -> Vec<[Sample; 3]> {
    let mut close = |minute: u64, place: u32| {
        plane.advance(SimTime::from_seconds(60 * minute as i64 + 20 * (i64::from(place) + 1)));
        plane.close_sample(FIRST_MINUTE + minute, place)
    };
    (0..MINUTES).map(|minute| [0, 1, 2].map(|place| close(minute, place))).collect()
}

fn close(got: f64, expected: f64) {
    assert!((got - expected).abs() <= 1e-9 * expected.abs(), "{got} is not {expected}");
}

fn close_sets(got: Option<StatisticSet>, expected: Option<StatisticSet>) {
    let (got, expected) = (got.expect("a value"), expected.expect("a value"));
    close(got.sample_count, expected.sample_count);
    close(got.sum, expected.sum);
    close(got.minimum, expected.minimum);
    close(got.maximum, expected.maximum);
}

#[test]
fn three_noisy_samples_are_their_minute() {
    let web = web();
    let samples = by_the_sample(plane(&web, true));
    let minutes = by_the_minute(plane(&web, true));
    // The first minute begins with empty tasks.
    for (samples, minute) in samples.iter().zip(&minutes).skip(1) {
        let cpu = samples.map(|sample| sample.cpu_percent.expect("tasks run"));
        close(cpu.iter().sum::<f64>() / 3.0, minute.cpu_percent.expect("tasks run"));
        let set = minute.cpu.expect("tasks run");
        close(set.minimum, cpu.into_iter().fold(f64::INFINITY, f64::min));
        close(set.maximum, cpu.into_iter().fold(0.0, f64::max));
        assert!(set.minimum < set.average() && set.average() < set.maximum, "noise tells the three apart");
    }
}

#[test]
fn merged_samples_are_the_datapoint_of_the_minute() {
    let web = web();
    let samples = by_the_sample(plane(&web, true));
    let minutes = by_the_minute(plane(&web, true));
    for ([first, second, third], minute) in samples.iter().zip(&minutes).skip(1) {
        let merged = first.merge(second).merge(third);
        for (got, expected) in [
            (merged.cpu_percent, minute.cpu_percent),
            (merged.expected_cpu_percent, minute.expected_cpu_percent),
            (merged.memory_percent, minute.memory_percent),
            (merged.requests_per_target, minute.requests_per_target),
        ] {
            close(got.expect("tasks run"), expected.expect("tasks run"));
        }
        close_sets(merged.cpu, minute.cpu);
        close_sets(merged.memory, minute.memory);
        close_sets(merged.response_time_seconds, minute.response_time_seconds);
        for (got, expected) in [
            (merged.offered, minute.offered),
            (merged.served, minute.served),
            (merged.target_5xx, minute.target_5xx),
            (merged.healthy_tasks, minute.healthy_tasks),
            (merged.running_tasks, minute.running_tasks),
            (merged.seconds, minute.seconds),
        ] {
            close(got, expected);
        }
    }
}

/// By hand: 28 requests a second are 1,680 a minute and 560 in 20 seconds; one in a hundred is an error; a target has a quarter of them.
#[test]
fn a_sample_counts_its_requests() {
    let samples = by_the_sample(plane(&web(), false));
    let [_, sample, _] = samples[5];
    close(sample.offered, 560.0);
    close(sample.served, 0.99 * 560.0);
    close(sample.target_5xx, 0.01 * 560.0);
    assert!(sample.elb_5xx.abs() < 1e-12);
    close(sample.requests_per_target.expect("targets are healthy"), 140.0);
    close(sample.cpu_percent.expect("tasks run"), 56.0);
    let response = sample.response_time_seconds.expect("requests are answered");
    close(response.sample_count, 560.0);
    // Alone, a request takes 0.04 / 0.5 + 0.08 s; at 56 % of the CPU it meets others.
    assert!(response.average() > 0.16 && response.average() < 0.4, "{response:?}");
    // Without noise the three samples of a minute are alike.
    let set = by_the_minute(plane(&web(), false))[5].cpu.expect("tasks run");
    close(set.sample_count, 3.0);
    close(set.minimum, 56.0);
    close(set.maximum, 56.0);
}

/// Without a healthy target every request is answered by the balancer.
#[test]
fn without_a_target_the_balancer_answers() {
    let mut web = web();
    web.desired_count = 0;
    let minute = by_the_minute(plane(&web, true))[3];
    close(minute.elb_5xx, 1680.0);
    assert_eq!((minute.served, minute.target_5xx), (0.0, 0.0));
    assert_eq!((minute.cpu, minute.response_time_seconds, minute.requests_per_target), (None, None, None));
}
