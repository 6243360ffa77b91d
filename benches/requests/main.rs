//! How many requests a second a simulation of each request gets through.
//!
//! `m_m_10` is M/M/10 at 80 % load, first come first served, in five ways: `ecsim` with all its statistics; `recursion` is the bare recursion over ten sorted
//! times, the least that any simulation of this queue can do, without events, without statistics but the mean;
//! `simcore` and `nexosim` are two general frameworks for discrete events, with the model written as their
//! documentation does. All draw the same exponential numbers from the same generator.
//!
//! `requests` has each kind of work that tasks and balancers have, `day` a whole day of an autoscaled service.
//!
//! Before anything is timed, each comparator's mean wait is held against Erlang's formula.

#![allow(clippy::disallowed_methods, reason = "the comparators are simulations of their own, with the standard functions")]

mod cases;
mod events_of_nexosim;
mod events_of_simcore;
mod recursion;

use std::time::Duration;

use cases::{AUTOSCALED_DAY, CASES, Case, M_M_10};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ecsim::queueing::MultiServerQueue;
use rand::SeedableRng;
use rand_distr::{Distribution, Exp1};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Requests of one run of a comparator.
const REQUESTS: u64 = 200_000;
/// The servers.
const SERVERS: usize = 10;
/// Arrivals in one service.
const ARRIVALS_PER_SERVICE: f64 = 8.0;

/// Gaps and services, in units of the mean service.
struct Draws(Xoshiro256PlusPlus);

impl Draws {
    fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    fn gap(&mut self) -> f64 {
        self.service() / ARRIVALS_PER_SERVICE
    }

    fn service(&mut self) -> f64 {
        Exp1.sample(&mut self.0)
    }
}

/// A run of so many requests with a seed, and its mean wait.
type Run = fn(u64, u64) -> f64;

const COMPARATORS: [(&str, Run); 3] =
    [("recursion", recursion::mean_wait), ("simcore", events_of_simcore::mean_wait), ("nexosim", events_of_nexosim::mean_wait)];

/// Two million requests at this load have a mean wait with a standard error below 1 %.
fn hold_against_the_formula(name: &str, run: Run) {
    let queue = MultiServerQueue { servers: SERVERS as u32, arrival_rate_per_second: ARRIVALS_PER_SERVICE, service_seconds: 1.0 };
    let ratio = run(2_000_000, 1) / queue.mean_wait_seconds();
    assert!((ratio - 1.0).abs() < 0.04, "{name}: the mean wait is {ratio} of Erlang's");
}

fn m_m_10(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("m_m_10");
    group.sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(5));
    group.throughput(Throughput::Elements(REQUESTS));
    for (name, run) in COMPARATORS {
        hold_against_the_formula(name, run);
        group.bench_function(BenchmarkId::from_parameter(name), |bench| bench.iter(|| run(REQUESTS, 1)));
    }
    time(&mut group, &M_M_10);
    group.finish();
}

/// Times a scenario by its requests.
fn time(group: &mut BenchmarkGroup<WallTime>, case: &Case) {
    let loaded = case.load();
    group.throughput(Throughput::Elements(case.requests));
    group.bench_function(BenchmarkId::from_parameter(case.name), |bench| bench.iter(|| loaded.run()));
}

fn requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("requests");
    group.sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
    CASES.iter().for_each(|case| time(&mut group, case));
    group.finish();
}

fn day(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("day");
    group.sample_size(10).warm_up_time(Duration::from_millis(1)).measurement_time(Duration::from_secs(60));
    time(&mut group, &AUTOSCALED_DAY);
    group.finish();
}

criterion_group!(benches, m_m_10, requests, day);
criterion_main!(benches);
