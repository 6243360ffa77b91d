//! What several policies decide together, minute by minute.

use super::activities::TargetName;
use super::*;
use crate::control::datapoints::MINUTE;
use crate::metrics::StatisticSet;
use crate::outcome::{ScalingActivity, ScalingSummary};
use crate::scenario::model::{
    Adjustment, AlarmRule, Breach, ContainerInsightsMetrics, Drain, Metric, MetricValue, Series, SpotDeregistration, Statistic, Step,
    StepScaling, TargetTracking, TrackedMetric, TreatMissingData,
};
use crate::units::SimDuration;

const CPU: TrackedMetric = TrackedMetric::CPU;
const MEMORY: TrackedMetric = TrackedMetric::MEMORY;

fn assumptions() -> Assumptions {
    Assumptions {
        minute_publication_delay: SimDuration::from_seconds(170),
        high_resolution_publication_delay: SimDuration::from_seconds(24),
        target_tracking_metric_value: MetricValue::Latest,
        sampling_noise: false,
        drain: Drain::Full,
        spot_deregistration: SpotDeregistration::AtWarning,
        scheduler_tick: SimDuration::from_millis(9_500),
        max_scale_in_fraction: 1.0,
        registration_ticks: 2,
        first_health_check: SimDuration::from_millis(1_800),
        queue_inactive_after: SimDuration::from_hours(6),
        queue_activation_delay: SimDuration::from_seconds(900),
        cross_zone_share: None,
        queue_call_time: SimDuration::from_millis(20),
        compressed_log_share: 0.2,
        container_insights_metrics: ContainerInsightsMetrics { cluster: 8, service: 11, task_definition: 6, task: 13, container: 10 },
        instance_memory_overhead: 0.05,
        instance_launch_time: SimDuration::from_seconds(90),
    }
}

fn tracking(name: &str, metric: TrackedMetric, target_value: f64) -> TargetTracking {
    TargetTracking {
        name: name.into(),
        metric,
        target_value,
        scale_out_cooldown: SimDuration::from_seconds(60),
        scale_in_cooldown: SimDuration::from_seconds(300),
        disable_scale_in: false,
    }
}

fn policy(name: &str, metric: TrackedMetric, target_value: f64) -> model::Policy {
    model::Policy::TargetTracking(tracking(name, metric, target_value))
}

/// A step policy on CPU with one step beyond its threshold.
fn step(name: &str, breach: Breach, threshold: f64, periods: u32, adjustment: Adjustment, size: i64) -> StepScaling {
    let beyond = if breach.is_upward() { (Some(0.0), None) } else { (None, Some(0.0)) };
    StepScaling {
        name: name.into(),
        series: Series { metric: Metric::CpuUtilization, statistic: Statistic::Average },
        alarm: AlarmRule {
            breach,
            threshold,
            period: MINUTE,
            evaluation_periods: periods,
            datapoints_to_alarm: periods,
            treat_missing_data: TreatMissingData::Missing,
        },
        adjustment,
        aggregation: Statistic::Average,
        min_adjustment_magnitude: 0,
        cooldown: SimDuration::from_seconds(300),
        steps: vec![Step { lower: beyond.0, upper: beyond.1, adjustment: size }],
    }
}

/// A minute of a service of which only CPU is known.
pub fn cpu_minute(end: SimTime, cpu: Option<f64>) -> Datapoints {
    Datapoints { cpu: cpu.map(StatisticSet::of), ..Datapoints::nothing(end, MINUTE) }
}

/// A target under a minute-by-minute script, whose tasks run as soon as they are desired.
struct Bench {
    target: ScalableTarget,
    desired: CountOverTime,
    minute: i64,
}

impl Bench {
    fn new(desired: u32, min: u32, max: u32, policies: Vec<model::Policy>) -> Self {
        let name = TargetName { cluster: "default", service: "web", seed: 1, service_key: 1 };
        let log = ActivityLog::new(jiff::Timestamp::UNIX_EPOCH, name, &policies);
        let suspended = Suspended::default();
        let scaling = Scaling { min_capacity: min, max_capacity: max, suspended, policies, scheduled_actions: Vec::new() };
        let desired = CountOverTime::new(SimTime::START, desired);
        let setting = TargetSetting { high_resolution_metrics: false, assumptions: &assumptions(), from: SimTime::START };
        Self { target: ScalableTarget::new(&scaling, setting, log, &[]), desired, minute: 0 }
    }

    fn cpu_only(desired: u32, min: u32, max: u32) -> Self {
        Self::new(desired, min, max, vec![policy("cpu", CPU, 60.0)])
    }

    fn minutes(&mut self, count: usize, cpu: f64, memory: Option<f64>) -> u32 {
        for _ in 0..count {
            self.minute += 1;
            let now = SimTime::from_seconds(60 * self.minute);
            let running = self.desired.value();
            let datapoints = Datapoints { memory: memory.map(StatisticSet::of), ..cpu_minute(now, Some(cpu)) };
            self.target.observe(now, &datapoints, running, &mut self.desired);
            self.target.running_changed(now + SimDuration::from_seconds(30), self.desired.value(), self.desired.value());
        }
        self.desired.value()
    }

    fn finish(self) -> (Vec<ScalingActivity>, ScalingSummary) {
        self.target.log.finish(1.0)
    }
}

#[test]
fn a_scale_out_goes_on_every_minute_beyond_its_cooldown() {
    let mut bench = Bench::cpu_only(4, 2, 40);
    assert_eq!(bench.minutes(2, 90.0, None), 4);
    assert_eq!(bench.minutes(1, 90.0, None), 6);
    // The cooldown lets a larger capacity through at once.
    assert_eq!(bench.minutes(1, 90.0, None), 9);
}

#[test]
fn a_scale_in_waits_fifteen_minutes_and_then_its_cooldown() {
    let mut bench = Bench::cpu_only(20, 2, 40);
    assert_eq!(bench.minutes(14, 30.0, None), 20);
    assert_eq!(bench.minutes(1, 30.0, None), 10);
    // 300 s from the success of the activity, half a minute after it began: five datapoints later.
    assert_eq!(bench.minutes(5, 30.0, None), 10);
    assert_eq!(bench.minutes(1, 30.0, None), 5);
}

/// Copilot users observed it, AWS documents it: every target tracking policy must be ready to scale in.
#[test]
fn one_policy_that_is_not_ready_holds_back_a_scale_in() {
    let policies = || vec![policy("cpu", CPU, 60.0), policy("memory", MEMORY, 60.0)];
    assert_eq!(Bench::new(3, 1, 10, policies()).minutes(20, 20.0, Some(57.0)), 3);
    assert_eq!(Bench::new(3, 1, 10, policies()).minutes(20, 20.0, None), 3, "insufficient data is not ready");
    assert_eq!(Bench::new(3, 1, 10, policies()).minutes(15, 20.0, Some(39.0)), 2);
    let without = TargetTracking { disable_scale_in: true, ..tracking("memory", MEMORY, 60.0) };
    let without_scale_in = vec![policy("cpu", CPU, 60.0), model::Policy::TargetTracking(without)];
    assert_eq!(Bench::new(3, 1, 10, without_scale_in).minutes(15, 20.0, Some(57.0)), 1);
}

#[test]
fn the_largest_capacity_wins() {
    let policies = vec![policy("cpu", CPU, 60.0), policy("memory", MEMORY, 50.0)];
    let mut bench = Bench::new(10, 1, 40, policies);
    assert_eq!(bench.minutes(3, 66.0, Some(75.0)), 15);
    let (activities, _) = bench.finish();
    assert!(activities[0].cause_text().ends_with("in state ALARM triggered policy memory"), "{:?}", activities[0].cause);
}

#[test]
fn refusals_are_told_in_the_words_of_aws_and_once() {
    let mut bench = Bench::cpu_only(4, 2, 4);
    bench.minutes(10, 90.0, None);
    let (activities, summary) = bench.finish();
    assert_eq!(summary.not_scaled, [("AlreadyAtMaxCapacity", 1)]);
    let activity = &activities[0];
    assert_eq!((activity.status.code(), activity.description()), ("Failed", "Attempting to scale due to alarm triggered".to_owned()));
    assert_eq!(activity.not_scaled_reason(), Some(NotScaledReason::AlreadyAtMaxCapacity(4)));

    // Two tasks at 50 of 60: one would run at 100, so removing it would bring it back.
    let mut bench = Bench::cpu_only(2, 1, 4);
    bench.minutes(20, 50.0, None);
    assert_eq!(bench.finish().1.not_scaled, [("AutoScalingAnticipatedFlapping", 1)]);

    let mut bench = Bench::cpu_only(2, 2, 4);
    bench.minutes(20, 10.0, None);
    assert_eq!(bench.finish().1.not_scaled, [("AlreadyAtMinCapacity", 1)]);
}

#[test]
fn an_activity_reads_as_describe_scaling_activities_tells_it() {
    let mut bench = Bench::cpu_only(4, 2, 40);
    bench.minutes(3, 90.0, None);
    let (activities, summary) = bench.finish();
    let activity = &activities[0];
    assert_eq!(activity.description(), "Setting desired count to 6.");
    assert_eq!(activity.status_message().as_deref(), Some("Successfully set desired count to 6. Change successfully fulfilled by ecs."));
    assert!(activity.cause_text().starts_with("monitor alarm TargetTracking-service/default/web-AlarmHigh-"));
    assert!(activity.cause_text().ends_with(" in state ALARM triggered policy cpu"));
    assert_eq!(activity.activity_id().len(), 36);
    assert_eq!((summary.scale_out, summary.scale_in), (1, 0));
}

#[test]
fn a_cap_on_scale_in_limits_each_step() {
    let mut bench = Bench::cpu_only(20, 2, 40);
    bench.target.max_scale_in_fraction = 0.25;
    assert_eq!(bench.minutes(15, 6.0, None), 15);
}

/// AWS, PutScalingPolicy: of plus three and plus 200 % on ten tasks the larger capacity wins, thirty.
#[test]
fn the_largest_of_two_step_policies_wins() {
    let above = Breach::GreaterThanOrEqualToThreshold;
    let policies = vec![
        model::Policy::Step(step("three", above, 70.0, 1, Adjustment::ChangeInCapacity, 3)),
        model::Policy::Step(step("double", above, 70.0, 1, Adjustment::PercentChangeInCapacity, 200)),
    ];
    assert_eq!(Bench::new(10, 1, 100, policies).minutes(1, 80.0, None), 30);
}

/// AWS, target tracking overview: a step policy's scale-in is not held back by target tracking.
#[test]
fn a_step_scale_in_needs_no_agreement() {
    let below = step("calm", Breach::LessThanThreshold, 30.0, 5, Adjustment::ChangeInCapacity, -2);
    let policies = vec![policy("memory", MEMORY, 60.0), model::Policy::Step(below)];
    assert_eq!(Bench::new(10, 1, 20, policies).minutes(5, 20.0, Some(70.0)), 17, "memory scales out: 12, 14, 17");
    let below = step("calm", Breach::LessThanThreshold, 30.0, 5, Adjustment::ChangeInCapacity, -2);
    let policies = vec![policy("memory", MEMORY, 60.0), model::Policy::Step(below)];
    let mut bench = Bench::new(10, 1, 20, policies);
    assert_eq!(bench.minutes(5, 20.0, Some(57.0)), 8);
    assert_eq!(bench.minutes(5, 20.0, Some(57.0)), 8, "its cooldown of 300 s, from half a minute after the activity");
    assert_eq!(bench.minutes(1, 20.0, Some(57.0)), 6);
}

/// AWS, step scaling overview: two tasks were added, then a step asks for three: one more is added.
#[test]
fn a_cooldown_adds_only_the_difference() {
    let mut policy = step("burst", Breach::GreaterThanOrEqualToThreshold, 70.0, 1, Adjustment::ChangeInCapacity, 2);
    policy.steps =
        vec![Step { lower: Some(0.0), upper: Some(10.0), adjustment: 2 }, Step { lower: Some(10.0), upper: None, adjustment: 3 }];
    let mut bench = Bench::new(10, 1, 100, vec![model::Policy::Step(policy)]);
    assert_eq!(bench.minutes(1, 75.0, None), 12);
    assert_eq!(bench.minutes(2, 75.0, None), 12, "the same step again adds nothing");
    assert_eq!(bench.minutes(1, 85.0, None), 13);
    assert_eq!(bench.minutes(5, 75.0, None), 13);
    assert_eq!(bench.minutes(1, 75.0, None), 15, "after the cooldown the running count is the base again");
}

/// AWS, service auto scaling: scale-in is off while a deployment is in progress, scale-out is not.
#[test]
fn a_deployment_stops_scale_in_alone() {
    let mut bench = Bench::cpu_only(20, 2, 40);
    bench.target.deployment_changed(true);
    assert_eq!(bench.minutes(20, 30.0, None), 20);
    bench.target.deployment_changed(false);
    assert_eq!(bench.minutes(1, 30.0, None), 10);
    bench.target.deployment_changed(true);
    assert_eq!(bench.minutes(3, 90.0, None), 15);
}

/// AWS, suspend and resume scaling: a suspended direction stands still, the other one works.
#[test]
fn suspended_directions_stand_still() {
    let mut bench = Bench::cpu_only(10, 2, 40);
    bench.target.suspended.dynamic_scaling_out = true;
    assert_eq!(bench.minutes(5, 90.0, None), 10);
    assert_eq!(bench.minutes(15, 30.0, None), 5);
    bench.target.suspended = Suspended { dynamic_scaling_in: true, ..Suspended::default() };
    assert_eq!(bench.minutes(30, 30.0, None), 5);
    assert_eq!(bench.minutes(3, 90.0, None), 8);
}

/// CPU has no datapoint without a task, so it never wakes a service (AWS, service auto scaling).
#[test]
fn missing_data_alone_scales_nothing() {
    let below = step("calm", Breach::LessThanThreshold, 30.0, 2, Adjustment::ChangeInCapacity, -1);
    let mut bench = Bench::new(3, 0, 10, vec![policy("cpu", CPU, 60.0), model::Policy::Step(below)]);
    for minute in 1..60 {
        let now = SimTime::from_seconds(60 * minute);
        assert!(!bench.target.observe(now, &cpu_minute(now, None), 3, &mut bench.desired));
    }
}
