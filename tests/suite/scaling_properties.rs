//! Laws of Application Auto Scaling under random policies and loads: the desired count stays within its bounds, also when the clock moves
//! them, a cooldown that forbids an action is kept, what is suspended or disabled does not act, and nothing scales in while a target
//! tracking policy wants more.

use std::collections::BTreeMap;

use ecsim::calendar::Schedule;
use ecsim::control::datapoints::{Datapoints, MINUTE};
use ecsim::control::scaling::activities::{ActivityLog, TargetName};
use ecsim::control::scaling::step::adjusted;
use ecsim::control::scaling::target_tracking::wanted_capacity;
use ecsim::control::scaling::{ScalableTarget, TargetSetting};
use ecsim::metrics::{CountOverTime, StatisticSet};
use ecsim::outcome::{Attempt, Cause, ScalingActivity};
use ecsim::scenario::model::{
    Adjustment, AlarmRule, Breach, Metric, Policy, Scaling, ScheduledAction, Series, Statistic, Step, StepScaling, Suspended,
    TargetTracking, TrackedMetric, TreatMissingData,
};
use ecsim::units::{SimDuration, SimTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::{assumptions, seconds};

fn any_tracking(name: &'static str, metric: TrackedMetric) -> impl Strategy<Value = Policy> {
    (10.0..90.0, 0_i64..900, 0_i64..900, any::<bool>()).prop_map(move |(target_value, out, inward, disable_scale_in)| {
        Policy::TargetTracking(TargetTracking {
            name: name.into(),
            metric: metric.clone(),
            target_value,
            scale_out_cooldown: seconds(out),
            scale_in_cooldown: seconds(inward),
            disable_scale_in,
        })
    })
}

fn any_step(name: &'static str) -> impl Strategy<Value = Policy> {
    let kinds = select(vec![Adjustment::ChangeInCapacity, Adjustment::PercentChangeInCapacity, Adjustment::ExactCapacity]);
    let treatments =
        select(vec![TreatMissingData::Missing, TreatMissingData::Ignore, TreatMissingData::Breaching, TreatMissingData::NotBreaching]);
    let breach = select(vec![
        Breach::GreaterThanThreshold,
        Breach::GreaterThanOrEqualToThreshold,
        Breach::LessThanThreshold,
        Breach::LessThanOrEqualToThreshold,
    ]);
    (breach, kinds, treatments, 5.0..95.0, 1_u32..6, 1_u32..4, 1_i64..60, 0_i64..900).prop_map(
        move |(breach, adjustment, treat_missing_data, threshold, periods, minutes, size, cooldown)| {
            let sign = if breach.is_upward() || adjustment == Adjustment::ExactCapacity { 1 } else { -1 };
            let (near, far) = if breach.is_upward() {
                ((Some(0.0), Some(10.0)), (Some(10.0), None))
            } else {
                ((Some(-10.0), Some(0.0)), (None, Some(-10.0)))
            };
            let step = |(lower, upper): (Option<f64>, Option<f64>), adjustment| Step { lower, upper, adjustment };
            Policy::Step(StepScaling {
                name: name.into(),
                series: Series { metric: Metric::CpuUtilization, statistic: Statistic::Average },
                alarm: AlarmRule {
                    breach,
                    threshold,
                    period: MINUTE * i64::from(minutes),
                    evaluation_periods: periods,
                    datapoints_to_alarm: periods.div_ceil(2),
                    treat_missing_data,
                },
                adjustment,
                aggregation: Statistic::Average,
                min_adjustment_magnitude: 0,
                cooldown: seconds(cooldown),
                steps: vec![step(near, sign * size), step(far, sign * 2 * size)],
            })
        },
    )
}

/// CPU and memory of a minute; none now and then.
fn any_load() -> impl Strategy<Value = Vec<(Option<f64>, Option<f64>)>> {
    let stretch = (1_usize..40, prop::option::weighted(0.9, 0.0..100.0), prop::option::weighted(0.9, 0.0..100.0));
    prop::collection::vec(stretch, 1..12)
        .prop_map(|stretches| stretches.into_iter().flat_map(|(minutes, cpu, memory)| vec![(cpu, memory); minutes]).collect())
}

fn datapoints(end: SimTime, running: u32, (cpu, memory): (Option<f64>, Option<f64>)) -> Datapoints {
    Datapoints {
        end,
        span: MINUTE,
        cpu: cpu.map(StatisticSet::of),
        memory: memory.map(StatisticSet::of),
        requests_per_target: None,
        request_count: 0.0,
        response_time: None,
        target_5xx: 0.0,
        balancer_5xx: 0.0,
        healthy: running,
        running,
        pending: 0,
        desired: running,
        queue: None,
    }
}

/// Whether the last three datapoints are above the target of a policy: it wants more (AlarmHigh, 3 of 3).
fn wants_more(policy: &TargetTracking, seen: &[(Option<f64>, Option<f64>)]) -> bool {
    let value = |point: &(Option<f64>, Option<f64>)| if policy.metric == TrackedMetric::CPU { point.0 } else { point.1 };
    let newest = seen.iter().rev().take(3).map(value);
    seen.len() >= 3 && newest.into_iter().all(|value| value.is_some_and(|value| value > policy.target_value))
}

/// Any mix of up to four policies.
fn any_policies() -> impl Strategy<Value = Vec<Policy>> {
    (
        prop::option::of(any_tracking("cpu", TrackedMetric::CPU)),
        prop::option::of(any_tracking("memory", TrackedMetric::MEMORY)),
        prop::option::of(any_step("first")),
        prop::option::of(any_step("second")),
    )
        .prop_map(|(cpu, memory, first, second)| [cpu, memory, first, second].into_iter().flatten().collect())
}

fn any_suspension() -> impl Strategy<Value = Suspended> {
    let rarely = || prop::bool::weighted(0.15);
    (rarely(), rarely(), rarely()).prop_map(|(dynamic_scaling_in, dynamic_scaling_out, scheduled_scaling)| Suspended {
        dynamic_scaling_in,
        dynamic_scaling_out,
        scheduled_scaling,
    })
}

/// A scalable target of these settings at the beginning of 1970.
fn target_of(scaling: &Scaling) -> ScalableTarget {
    let name = TargetName { cluster: "default", service: "web", seed: 1, service_key: 1 };
    let log = ActivityLog::new(Timestamp::UNIX_EPOCH, name, &scaling.policies);
    let assumptions = assumptions();
    let setting = TargetSetting { high_resolution_metrics: false, assumptions: &assumptions, from: SimTime::START };
    ScalableTarget::new(scaling, setting, log, &[])
}

fn minute_of(activity: &ScalingActivity) -> usize {
    usize::try_from(activity.start_time.as_second() / 60).expect("after the beginning")
}

/// The largest capacity that a policy can ask for while a cooldown runs. Target tracking: what its formula makes of the running tasks and
/// the largest of the newest datapoints (a datapoint that is missing leaves an older one to count, five at most). Step scaling: the
/// largest of its steps, from the base that the first activity had, so that what was added meanwhile is not added to again.
fn most_in_cooldown(policy: &Policy, base: u32, running: u32, seen: &[(Option<f64>, Option<f64>)]) -> u32 {
    match policy {
        Policy::TargetTracking(tracking) => {
            let value = |point: &(Option<f64>, Option<f64>)| if tracking.metric == TrackedMetric::CPU { point.0 } else { point.1 };
            let metric = seen.iter().rev().take(5).filter_map(value).fold(0.0, f64::max);
            if running == 0 { 1 } else { wanted_capacity(running, metric, tracking.target_value) }
        }
        Policy::Step(step) => {
            let capacity = |one: &Step| adjusted(base, step.adjustment, one.adjustment, step.min_adjustment_magnitude);
            step.steps.iter().map(capacity).max().unwrap_or(base)
        }
        Policy::Predictive(_) => 0,
    }
}

/// A cooldown of a scale-out (AWS, overviews of step scaling and of target tracking): another scale-out only goes beyond what it added.
struct Running {
    /// The running count from which its first activity computed.
    base: u32,
    /// None: its activity has not succeeded.
    until: Option<Timestamp>,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn random_policies_keep_the_laws(
        policies in any_policies(),
        suspended in any_suspension(),
        (min, room, start) in (0_u32..4, 0_u32..40, 0_u32..44),
        load in any_load(),
        lag in 1_usize..5,
    ) {
        let max = min + room;
        let scaling = Scaling {
            min_capacity: min,
            max_capacity: max,
            suspended,
            policies: policies.clone(),
            scheduled_actions: Vec::new(),
        };
        let mut target = target_of(&scaling);
        let mut desired = CountOverTime::new(SimTime::START, start.clamp(min, max));
        let mut history = vec![desired.value()];
        let mut ran = vec![desired.value()];
        for (minute, point) in load.iter().enumerate() {
            let now = SimTime::from_seconds(60 * (minute as i64 + 1));
            // Tasks run some minutes after they are desired.
            let running = history[history.len().saturating_sub(lag)];
            target.running_changed(now, running, desired.value());
            ran.push(running);
            let before = desired.value();
            target.observe(now, &datapoints(now, running, *point), running, &mut desired);
            let after = desired.value();
            prop_assert!((min..=max).contains(&after), "{after} is outside of {min} to {max}");
            if after < before && running > 0 {
                for policy in policies.iter().filter_map(Policy::target_tracking) {
                    prop_assert!(!wants_more(policy, &load[..=minute]), "{} wanted more than {after} at minute {minute}", policy.name);
                }
            }
            history.push(after);
        }
        let cooldown = |name: &str, scales_out: bool| {
            let policy = policies.iter().find(|policy| policy.name() == name).expect("a policy of this target");
            let span = match policy {
                Policy::TargetTracking(tracking) if scales_out => tracking.scale_out_cooldown,
                Policy::TargetTracking(tracking) => tracking.scale_in_cooldown,
                Policy::Step(step) => step.cooldown,
                Policy::Predictive(_) => SimDuration::ZERO,
            };
            (policy, SignedDuration::from_nanos(span.as_nanos()))
        };
        let (activities, _) = target.log.finish(1.0);
        // A scale-in that succeeded is followed by no other before its cooldown has passed, unless a scale-out comes between.
        let mut forbidden_until: Option<Timestamp> = None;
        let mut out: Vec<Running> = Vec::new();
        let mut count = history[0];
        for activity in &activities {
            let Attempt::DesiredCount(capacity) = activity.attempt else { continue };
            let Cause::Alarm { policy: name, .. } = &activity.cause else { panic!("only alarms act here") };
            let (policy, cooldown) = cooldown(name, capacity > count);
            // What never succeeds lasts for ever.
            let end = activity.end_time.map(|end| end + cooldown);
            if capacity < count {
                prop_assert!(!suspended.dynamic_scaling_in, "{activity:?} while suspended");
                prop_assert!(policy.target_tracking().is_none_or(|tracking| !tracking.disable_scale_in), "{activity:?} while disabled");
                prop_assert!(forbidden_until.is_none_or(|until| activity.start_time >= until), "{activity:?} before {forbidden_until:?}");
                forbidden_until = Some(end.unwrap_or(Timestamp::MAX));
            } else {
                prop_assert!(!suspended.dynamic_scaling_out, "{activity:?} while suspended");
                forbidden_until = None;
                let minute = minute_of(activity);
                let running = ran[minute];
                let cools = |cooling: &Running| cooling.until.is_none_or(|until| activity.start_time < until);
                let base = out.iter().filter(|cooling| cools(cooling)).map(|cooling| cooling.base).max();
                if out.last().is_some_and(cools) {
                    let base = base.expect("the last is one of them");
                    let most = most_in_cooldown(policy, base, running, &load[..minute]);
                    prop_assert!(capacity <= most, "{activity:?} beyond {most}, from {base} at first");
                }
                // Whether a short cooldown ends a longer one is left open: the largest base of all that may last is the weaker claim.
                out.push(Running { base: base.unwrap_or(running), until: end });
            }
            count = capacity;
        }
    }

    /// AWS, scheduled scaling: an action sets both bounds at its time, the capacity moves into them at once, and they stay in force until
    /// the next action; suspended actions are lost.
    #[test]
    fn bounds_set_by_the_clock_are_kept(
        policies in any_policies(),
        suspended in any_suspension(),
        (min, room, start) in (0_u32..10, 0_u32..20, 0_u32..40),
        actions in prop::collection::btree_map(1_usize..200, (0_u32..20, 0_u32..20), 1..8),
        load in any_load(),
        lag in 1_usize..5,
    ) {
        let actions: BTreeMap<usize, (u32, u32)> = actions.into_iter().map(|(at, (min, room))| (at, (min, min + room))).collect();
        let action = |(minute, (min_capacity, max_capacity)): (&usize, &(u32, u32))| {
            let at = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(*minute as i64);
            ScheduledAction {
                name: format!("at minute {minute}"),
                schedule: Schedule::parse(&format!("at({})", at.strftime("%Y-%m-%dT%H:%M:%S"))).expect("a schedule"),
                time_zone: TimeZone::UTC,
                start_time: None,
                end_time: None,
                min_capacity: Some(*min_capacity),
                max_capacity: Some(*max_capacity),
            }
        };
        let scheduled_actions = actions.iter().map(action).collect();
        let scaling = Scaling { min_capacity: min, max_capacity: min + room, suspended, policies, scheduled_actions };
        let mut target = target_of(&scaling);
        let mut in_force = (min, min + room);
        let mut desired = CountOverTime::new(SimTime::START, start.clamp(min, min + room));
        let mut history = vec![desired.value()];
        let mut before = SimTime::START;
        for (index, point) in load.iter().enumerate() {
            let minute = index + 1;
            let now = SimTime::from_seconds(60 * minute as i64);
            let running = history[history.len().saturating_sub(lag)];
            target.running_changed(now, running, desired.value());
            let due = actions.get(&minute).filter(|_| !suspended.scheduled_scaling);
            prop_assert_eq!(target.next_scheduled(before) == Some(now), due.is_some(), "minute {}", minute);
            if let Some(bounds) = due {
                in_force = *bounds;
                let present = desired.value();
                target.run_scheduled(now, running, &mut desired);
                prop_assert_eq!(desired.value(), present.clamp(in_force.0, in_force.1), "moved into the bounds and no further");
            }
            target.observe(now, &datapoints(now, running, *point), running, &mut desired);
            prop_assert_eq!(target.bounds(), in_force);
            prop_assert!((in_force.0..=in_force.1).contains(&desired.value()), "{} is outside of {in_force:?}", desired.value());
            history.push(desired.value());
            before = now;
        }
    }
}
