//! How long a simulation takes inside the process.
//!
//! `fluid_month`: thirty days of one service with one policy on 60-second metrics, Fargate and Spot, without
//! a timeline. `fluid_days`: the same over more and more days, to see that time grows linearly. `fluid_tasks`: fourteen
//! days of thousands of tasks that grow and shrink by half every day, on Spot that falls in zones, with a zone that
//! fails once: up to 5,000 of them, to see that time does not grow faster than their number.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ecsim::files::Files;
use ecsim::scenario::model::Scenario;
use ecsim::scenario::{Request, load};
use ecsim::simulate::{Options, Traces, load_traces, simulate};

const SCENARIO: &str = r#"
version: 1
simulation: {start: 2026-03-01T00:00:00Z, duration: DAYSd}
services:
  web:
    task_definition: {cpu: 512, memory: 1024}
    capacity_provider_strategy:
      - {capacity_provider: FARGATE, base: 2, weight: 1}
      - {capacity_provider: FARGATE_SPOT, weight: 3}
    load_balancer: {load_balancer_type: application}
    traffic:
      pattern: {base: 30, peak: 250, period: 24h, peak_at: "14:00", weekend_factor: 0.6}
    workload:
      cpu_time: {distribution: lognormal, mean: 40ms, cv: 1.5}
      wait_time: 80ms
    scaling:
      min_capacity: 4
      max_capacity: 40
      policies:
        - name: cpu
          policy_type: TargetTrackingScaling
          predefined_metric_type: ECSServiceAverageCPUUtilization
          target_value: 60
          scale_out_cooldown: 60
          scale_in_cooldown: 300
"#;

/// A scenario that names no file reads none.
struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _name: &str) -> std::io::Result<Vec<u8>> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

const FLEET: &str = r#"
version: 1
simulation: {start: 2026-03-02T00:00:00Z, duration: 14d}
services:
  web:
    task_definition: {cpu: 512, memory: 1024}
    capacity_provider_strategy:
      - {capacity_provider: FARGATE, base: 2, weight: 1}
      - {capacity_provider: FARGATE_SPOT, weight: 3}
    load_balancer: {load_balancer_type: application, deregistration_delay: 120}
    traffic: {pattern: {base: BASE, peak: PEAK, period: 24h, peak_at: "14:00"}}
    workload:
      cpu_time: {distribution: lognormal, mean: 40ms, cv: 1.5}
      wait_time: 80ms
    scaling:
      min_capacity: LEAST
      max_capacity: MOST
      policies:
        - {name: cpu, policy_type: TargetTrackingScaling, predefined_metric_type: ECSServiceAverageCPUUtilization, target_value: 60, scale_out_cooldown: 60}
spot: {interruption_rate: 10%, interruption_period: 1d, correlation: 0.3}
events:
  - {at: 110h, kind: zone_outage, zone: a, duration: 1h}
"#;

/// Tasks between half of `most` and nearly `most`: each serves 7.2 requests a second at 60 % CPU.
fn fleet(most: u32) -> (Scenario, Traces) {
    let figures = [("BASE", most * 36 / 10), ("PEAK", most * 72 / 10), ("LEAST", most / 2), ("MOST", most)];
    loaded(&figures.iter().fold(FLEET.to_owned(), |text, (name, figure)| text.replace(name, &figure.to_string())))
}

fn scenario(days: u32) -> (Scenario, Traces) {
    loaded(&SCENARIO.replace("DAYS", &days.to_string()))
}

fn loaded(text: &str) -> (Scenario, Traces) {
    let request = Request { name: "bench.yaml", text: text.as_bytes(), sets: &[], variant: None };
    let scenario = load(&request, &NoFiles).expect("the scenario is valid").scenario;
    let (traces, _) = load_traces(&scenario, &NoFiles).expect("it names no trace");
    (scenario, traces)
}

fn fluid_month(criterion: &mut Criterion) {
    let (scenario, traces) = scenario(30);
    criterion.bench_function("fluid_month", |bench| {
        bench.iter(|| simulate(black_box(&scenario), &traces, Options { timeline: false, explain: None }).expect("it runs"));
    });
}

fn fluid_days(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fluid_days");
    for days in [15, 30, 60, 120] {
        let (scenario, traces) = scenario(days);
        group.throughput(Throughput::Elements(u64::from(days)));
        group.bench_with_input(BenchmarkId::from_parameter(days), &days, |bench, _| {
            bench.iter(|| simulate(black_box(&scenario), &traces, Options { timeline: false, explain: None }).expect("it runs"));
        });
    }
    group.finish();
}

fn fluid_tasks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fluid_tasks");
    for most in [1250, 2500, 5000] {
        let (scenario, traces) = fleet(most);
        group.throughput(Throughput::Elements(u64::from(most)));
        group.bench_with_input(BenchmarkId::from_parameter(most), &most, |bench, _| {
            bench.iter(|| simulate(black_box(&scenario), &traces, Options { timeline: false, explain: None }).expect("it runs"));
        });
    }
    group.finish();
}

criterion_group!(benches, fluid_month, fluid_days, fluid_tasks);
criterion_main!(benches);
