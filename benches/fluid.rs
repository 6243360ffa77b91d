//! How long a simulation takes inside the process.
//!
//! `fluid_month`: thirty days of one service with one policy on 60-second metrics, Fargate and Spot, without
//! a timeline. `fluid_days`: the same over more and more days, to see that time grows linearly.

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

fn scenario(days: u32) -> (Scenario, Traces) {
    let text = SCENARIO.replace("DAYS", &days.to_string());
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

criterion_group!(benches, fluid_month, fluid_days);
criterion_main!(benches);
