//! What policies cost: three simulated days of one service with one policy, with five, and with a forecast and metric math beside the
//! five. Five take no more than twice as long as one (`tests/suite/linear_time.rs`).
//!
//! `cargo bench --bench control_plane`

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use ecsim::files::Files;
use ecsim::scenario::{Loaded, Request, load};
use ecsim::simulate::{Options, load_traces, simulate};

const ONE: &str = "
        - {name: cpu, policy_type: TargetTrackingScaling, predefined_metric_type: ECSServiceAverageCPUUtilization, target_value: 60}";

const FOUR_MORE: &str = "
        - {name: memory, policy_type: TargetTrackingScaling, predefined_metric_type: ECSServiceAverageMemoryUtilization, target_value: 70}
        - {name: requests, policy_type: TargetTrackingScaling, predefined_metric_type: ALBRequestCountPerTarget, target_value: 900}
        - name: burst
          policy_type: StepScaling
          metric_name: CPUUtilization
          alarm: {threshold: 80, evaluation_periods: 3, datapoints_to_alarm: 2}
          adjustment_type: PercentChangeInCapacity
          step_adjustments: [{metric_interval_lower_bound: 0, metric_interval_upper_bound: 10, scaling_adjustment: 20}, {metric_interval_lower_bound: 10, scaling_adjustment: 50}]
        - name: calm
          policy_type: StepScaling
          metric_name: CPUUtilization
          alarm: {comparison_operator: LessThanThreshold, threshold: 20, period: 300, evaluation_periods: 3}
          adjustment_type: ChangeInCapacity
          step_adjustments: [{metric_interval_upper_bound: 0, scaling_adjustment: -1}]";

/// A forecast has the data that it needs after the first day.
const TWO_MORE: &str = "
        - name: ahead
          policy_type: PredictiveScaling
          mode: ForecastAndScale
          predefined_metric_pair_specification: {predefined_metric_type: ECSServiceCPUUtilization}
          target_value: 60
        - name: math
          policy_type: TargetTrackingScaling
          customized_metric_specification:
            metrics:
              - {id: m1, return_data: false, metric_stat: {stat: Sum, metric: {namespace: AWS/ApplicationELB, metric_name: RequestCount}}}
              - {id: m2, return_data: false, metric_stat: {stat: Average, metric: {namespace: ECS/ContainerInsights, metric_name: RunningTaskCount}}}
              - {id: e1, expression: 'm1 / FILL(m2, 1)'}
          target_value: 1200";

fn scenario(policies: &str) -> Loaded {
    let text = format!(
        "
version: 1
simulation: {{start: 2026-03-02T00:00:00Z, duration: 3d}}
services:
  web:
    task_definition: {{cpu: 512, memory: 1024}}
    load_balancer: {{load_balancer_type: application}}
    traffic: {{pattern: {{base: 30, peak: 250, period: 24h, peak_at: \"14:00\"}}}}
    workload: {{cpu_time: {{distribution: lognormal, mean: 40ms, cv: 1.5}}, wait_time: 80ms}}
    scaling:
      min_capacity: 4
      max_capacity: 40
      policies:{policies}
"
    );
    let request = Request { name: "bench.yaml", text: text.as_bytes(), sets: &[], variant: None };
    load(&request, &NoFiles).expect("the scenario is valid")
}

/// A scenario that names no file reads none.
struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _name: &str) -> std::io::Result<Vec<u8>> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

fn control_plane(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("control_plane");
    let cases = [
        ("one_policy", ONE.to_owned()),
        ("five_policies", format!("{ONE}{FOUR_MORE}")),
        ("with_forecast_and_metric_math", format!("{ONE}{FOUR_MORE}{TWO_MORE}")),
    ];
    for (name, policies) in cases {
        let scenario = scenario(&policies).scenario;
        let (traces, _) = load_traces(&scenario, &NoFiles).expect("it names no trace");
        group.bench_function(name, |bench| {
            bench.iter(|| simulate(black_box(&scenario), &traces, Options { timeline: false, explain: None }).expect("it runs"));
        });
    }
    group.finish();
}

criterion_group!(benches, control_plane);
criterion_main!(benches);
