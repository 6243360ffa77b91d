//! What several policies decide together, minute by minute.

use super::*;
use crate::scenario::model::{Drain, SpotDeregistration, TargetTracking};

fn assumptions() -> Assumptions {
    Assumptions {
        metric_publication_delay: SimDuration::from_seconds(120),
        target_tracking_metric_value: MetricValue::Latest,
        sampling_noise: false,
        drain: Drain::Full,
        spot_deregistration: SpotDeregistration::AtWarning,
        scheduler_tick: SimDuration::from_millis(9_500),
        max_scale_in_fraction: 1.0,
        registration_ticks: 2,
        first_health_check: SimDuration::from_millis(1_800),
    }
}

fn policy(name: &str, metric: ScalingMetric, target_value: f64) -> TargetTracking {
    TargetTracking {
        name: name.into(),
        metric,
        target_value,
        scale_out_cooldown: SimDuration::from_seconds(60),
        scale_in_cooldown: SimDuration::from_seconds(300),
        disable_scale_in: false,
    }
}

/// A target under a minute-by-minute script, whose tasks run as soon as they are desired.
struct Bench {
    target: ScalableTarget,
    desired: CountOverTime,
    minute: i64,
}

impl Bench {
    fn new(desired: u32, min: u32, max: u32, policies: Vec<TargetTracking>) -> Self {
        let scaling = Scaling {
            min_capacity: min,
            max_capacity: max,
            dynamic_scaling_in_suspended: false,
            dynamic_scaling_out_suspended: false,
            policies,
        };
        let log = ActivityLog::new(jiff::Timestamp::UNIX_EPOCH, "default", "web", 1, 1);
        let desired = CountOverTime::new(SimTime::START, desired);
        Self { target: ScalableTarget::new(&scaling, &assumptions(), log), desired, minute: 0 }
    }

    fn cpu_only(desired: u32, min: u32, max: u32) -> Self {
        Self::new(desired, min, max, vec![policy("cpu", ScalingMetric::CpuUtilization, 60.0)])
    }

    fn minutes(&mut self, count: usize, cpu: f64, memory: Option<f64>) -> u32 {
        for _ in 0..count {
            self.minute += 1;
            let now = SimTime::from_seconds(60 * self.minute);
            let running = self.desired.value();
            let datapoints = Datapoints { cpu: Some(cpu), memory, requests_per_target: None };
            self.target.observe(now, &datapoints, running, &mut self.desired);
            self.target.running_changed(now + SimDuration::from_seconds(30), self.desired.value(), self.desired.value());
        }
        self.desired.value()
    }

    fn finish(self) -> (Vec<crate::outcome::ScalingActivity>, crate::outcome::ScalingSummary) {
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
    let policies = || vec![policy("cpu", ScalingMetric::CpuUtilization, 60.0), policy("memory", ScalingMetric::MemoryUtilization, 60.0)];
    assert_eq!(Bench::new(3, 1, 10, policies()).minutes(20, 20.0, Some(57.0)), 3);
    assert_eq!(Bench::new(3, 1, 10, policies()).minutes(20, 20.0, None), 3, "insufficient data is not ready");
    assert_eq!(Bench::new(3, 1, 10, policies()).minutes(15, 20.0, Some(39.0)), 2);
    let mut without_scale_in = policies();
    without_scale_in[1].disable_scale_in = true;
    assert_eq!(Bench::new(3, 1, 10, without_scale_in).minutes(15, 20.0, Some(57.0)), 1);
}

#[test]
fn the_largest_capacity_wins() {
    let policies = vec![policy("cpu", ScalingMetric::CpuUtilization, 60.0), policy("memory", ScalingMetric::MemoryUtilization, 50.0)];
    let mut bench = Bench::new(10, 1, 40, policies);
    assert_eq!(bench.minutes(3, 66.0, Some(75.0)), 15);
    let (activities, _) = bench.finish();
    assert!(activities[0].cause.ends_with("in state ALARM triggered policy memory"), "{}", activities[0].cause);
}

#[test]
fn refusals_are_told_in_the_words_of_aws_and_once() {
    let mut bench = Bench::cpu_only(4, 2, 4);
    bench.minutes(10, 90.0, None);
    let (activities, summary) = bench.finish();
    assert_eq!(summary.not_scaled, [("AlreadyAtMaxCapacity", 1)]);
    let activity = &activities[0];
    assert_eq!((activity.status_code, activity.description.as_str()), ("Failed", "Attempting to scale due to alarm triggered"));
    assert_eq!(activity.not_scaled_reasons[0].max_capacity, Some(4));

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
    assert_eq!(activity.description, "Setting desired count to 6.");
    assert_eq!(activity.status_message.as_deref(), Some("Successfully set desired count to 6. Change successfully fulfilled by ecs."));
    assert!(activity.cause.starts_with("monitor alarm TargetTracking-service/default/web-AlarmHigh-"));
    assert!(activity.cause.ends_with(" in state ALARM triggered policy cpu"));
    assert_eq!(activity.resource_id, "service/default/web");
    assert_eq!(activity.activity_id.len(), 36);
    assert_eq!((summary.scale_out, summary.scale_in), (1, 0));
}

#[test]
fn a_cap_on_scale_in_limits_each_step() {
    let mut bench = Bench::cpu_only(20, 2, 40);
    bench.target.max_scale_in_fraction = 0.25;
    assert_eq!(bench.minutes(15, 6.0, None), 15);
}
