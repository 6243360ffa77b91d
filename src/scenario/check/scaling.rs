//! Scaling, by the rules of RegisterScalableTarget, PutScalingPolicy, PutScheduledAction and PutMetricAlarm.

use super::steps::{self, Bounds};
use super::{refuse_foreign, refuse_repeated, require};
use crate::error::Place;
use crate::scenario::build::scaling::tracked_metric;
use crate::scenario::metric_source::{Metric, MetricSource, metric_source};
use crate::scenario::shape::Reading;
use crate::scenario::values::number::Whole;
use crate::scenario::values::schedule::refuse_never;
use crate::scenario::values::time::Moment;
use crate::scenario::written::TaskCount;
use crate::scenario::written::deployment::{NamedAlarm, Statistic};
use crate::scenario::written::scaling::{AdjustmentType, CustomizedMetric, Policy, PolicyType, Scaling, ScheduledAction, StepAlarm};
use crate::units::{NANOS_PER_SECOND, SimDuration};

/// The most policies of a target.
const MOST_POLICIES: usize = 50;

/// The most scheduled actions of a target.
const MOST_SCHEDULED_ACTIONS: usize = 200;

/// The scalable target.
pub fn check(scaling: &Scaling, reading: &mut Reading) {
    bounds(Some(scaling.min_capacity), Some(scaling.max_capacity), &scaling.places.of("max_capacity"), reading);
    let counts = [
        ("policies", scaling.policies.len(), MOST_POLICIES),
        ("scheduled_actions", scaling.scheduled_actions.len(), MOST_SCHEDULED_ACTIONS),
    ];
    for (key, found, most) in counts {
        if found > most {
            reading.fault(&scaling.places.of(key), format!("found {found} {key}, a service has {most} at most"));
        }
    }
    refuse_repeated("policy", scaling.policies.iter().map(|policy| (policy.name.0.as_str(), &policy.places)), reading);
    let actions = scaling.scheduled_actions.iter();
    refuse_repeated("scheduled action", actions.map(|action| (action.name.0.as_str(), &action.places)), reading);
    actions_within_bounds(scaling, reading);
    one_policy_per_metric(&scaling.policies, reading);
    if scaling.policies.iter().filter(|policy| policy.policy_type == PolicyType::Predictive).count() > 1 {
        reading.fault(&scaling.places.of("policies"), "more than one predictive policy; a service has one");
    }
}

fn bounds(min: Option<TaskCount>, max: Option<TaskCount>, place: &Place, reading: &mut Reading) {
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        reading.fault(place, format!("max_capacity {} is below min_capacity {}", max.get(), min.get()));
    }
}

/// The bounds that an action sets while no action ever sets the other: the other is the target's own, for ever.
/// RegisterScalableTarget refuses a minimum above the maximum, so that such an action could only fail.
fn actions_within_bounds(scaling: &Scaling, reading: &mut Reading) {
    let actions = &scaling.scheduled_actions;
    let min_is_fixed = actions.iter().all(|action| action.min_capacity.is_none());
    let max_is_fixed = actions.iter().all(|action| action.max_capacity.is_none());
    for action in actions {
        if let Some(min) = action.min_capacity.filter(|min| max_is_fixed && *min > scaling.max_capacity) {
            let (min, max) = (min.get(), scaling.max_capacity.get());
            let message = format!("min_capacity {min} is above the target's max_capacity {max}, which no scheduled action changes");
            reading.fault_with_remedy(
                &action.places.of("min_capacity"),
                message,
                "give the action a max_capacity too, or raise the target's",
            );
        }
        if let Some(max) = action.max_capacity.filter(|max| min_is_fixed && *max < scaling.min_capacity) {
            let (max, min) = (max.get(), scaling.min_capacity.get());
            let message = format!("max_capacity {max} is below the target's min_capacity {min}, which no scheduled action changes");
            reading.fault_with_remedy(
                &action.places.of("max_capacity"),
                message,
                "give the action a min_capacity too, or lower the target's",
            );
        }
    }
}

/// What a policy follows, without its resolution and its spelling: a predefined metric and the same one named by
/// customized_metric_specification are one. None where the policy names no metric that there is.
fn tracked(policy: &Policy) -> Option<MetricSource> {
    tracked_metric(policy).map(|metric| metric.source())
}

/// What to call a source in a message.
fn word(source: &MetricSource) -> &'static str {
    match source {
        MetricSource::One(series) => series.metric.aws_name(),
        MetricSource::Math { .. } => "the same metric math",
    }
}

/// The key by which a policy names its metric.
fn metric_key(policy: &Policy) -> &'static str {
    let keys = ["customized_metric_specification", "metric_name"];
    keys.into_iter().find(|key| policy.places.gives(key)).unwrap_or("predefined_metric_type")
}

/// Target tracking policies of one target follow different metrics.
fn one_policy_per_metric(policies: &[Policy], reading: &mut Reading) {
    let tracking: Vec<&Policy> = policies.iter().filter(|policy| policy.policy_type == PolicyType::TargetTracking).collect();
    for (index, policy) in tracking.iter().enumerate() {
        let Some(metric) = tracked(policy) else { continue };
        if let Some(other) = tracking[..index].iter().find(|other| tracked(other).as_ref() == Some(&metric)) {
            let (name, what) = (&other.name.0, word(&metric));
            let message = format!("policy `{name}` follows {what} already; target tracking policies need different metrics");
            reading.fault(&policy.places.of(metric_key(policy)), message);
        }
    }
}

const TRACKING_KEYS: [&str; 5] =
    ["customized_metric_specification", "predefined_metric_type", "scale_out_cooldown", "scale_in_cooldown", "disable_scale_in"];
const STEP_KEYS: [&str; 6] =
    ["alarm", "adjustment_type", "metric_aggregation_type", "min_adjustment_magnitude", "cooldown", "step_adjustments"];
const PREDICTIVE_KEYS: [&str; 5] =
    ["mode", "predefined_metric_pair_specification", "scheduling_buffer_time", "max_capacity_breach_behavior", "max_capacity_buffer"];

/// One policy: its type decides which keys it takes.
pub fn policy(policy: &Policy, reading: &mut Reading) {
    let owner = format!("a policy of type {}", policy.policy_type.word());
    let foreign: Vec<&str> = match policy.policy_type {
        PolicyType::TargetTracking => [STEP_KEYS.as_slice(), &PREDICTIVE_KEYS].concat(),
        PolicyType::Step => [TRACKING_KEYS.as_slice(), &PREDICTIVE_KEYS, &["target_value"]].concat(),
        PolicyType::Predictive => [TRACKING_KEYS.as_slice(), &STEP_KEYS, &["metric_name"]].concat(),
    };
    refuse_foreign(&policy.places, &foreign, &owner, reading);
    match policy.policy_type {
        PolicyType::TargetTracking => target_tracking(policy, &owner, reading),
        PolicyType::Step => step(policy, &owner, reading),
        PolicyType::Predictive => require(&policy.places, &["target_value", "predefined_metric_pair_specification"], &owner, reading),
    }
}

fn target_tracking(policy: &Policy, owner: &str, reading: &mut Reading) {
    require(&policy.places, &["target_value"], owner, reading);
    let metrics = ["predefined_metric_type", "customized_metric_specification", "metric_name"];
    let given: Vec<&str> = metrics.into_iter().filter(|key| policy.places.gives(key)).collect();
    if given.len() != 1 {
        let found = if given.is_empty() { "none".to_owned() } else { given.join(" and ") };
        reading.fault(policy.places.own(), format!("{owner} follows one metric: one of {}; found {found}", metrics.join(", ")));
    }
    if let Some(name) = policy.metric_name.as_ref().filter(|name| name.0 != "BacklogPerTask") {
        let message = format!("found `{}`; the only short name of a metric is BacklogPerTask", name.0);
        reading.fault_with_remedy(&policy.places.of("metric_name"), message, "use predefined_metric_type");
    }
}

fn step(policy: &Policy, owner: &str, reading: &mut Reading) {
    require(&policy.places, &["metric_name", "alarm", "adjustment_type", "step_adjustments"], owner, reading);
    if let Some(name) = &policy.metric_name
        && let Err(message) = Metric::from_aws(None, &name.0)
    {
        reading.fault(&policy.places.of("metric_name"), message);
    }
    if matches!(policy.metric_aggregation_type, Statistic::Sum | Statistic::SampleCount) {
        reading.fault(&policy.places.of("metric_aggregation_type"), "allowed are Average, Minimum, Maximum");
    }
    if policy.min_adjustment_magnitude.is_some() && policy.adjustment_type != Some(AdjustmentType::PercentChangeInCapacity) {
        let message = "min_adjustment_magnitude works with adjustment_type PercentChangeInCapacity only";
        reading.fault(&policy.places.of("min_adjustment_magnitude"), message);
    }
    if policy.adjustment_type == Some(AdjustmentType::ExactCapacity) {
        for one in policy.step_adjustments.iter().filter(|one| one.scaling_adjustment.get() < 0) {
            reading.fault(&one.places.of("scaling_adjustment"), "an exact capacity cannot be negative");
        }
    }
    if !policy.places.gives("step_adjustments") {
        return;
    }
    let number = |bound: Option<crate::scenario::values::number::Real>| bound.map(|bound| bound.0);
    let bounds: Vec<Bounds> = policy
        .step_adjustments
        .iter()
        .map(|one| Bounds { lower: number(one.metric_interval_lower_bound), upper: number(one.metric_interval_upper_bound) })
        .collect();
    for (index, message) in steps::faults_of(&bounds) {
        let place = index.map_or_else(|| policy.places.of("step_adjustments"), |index| policy.step_adjustments[index].places.own().clone());
        reading.fault(&place, message);
    }
}

/// One metric, or metric math with one result.
pub fn customized_metric(metric: &CustomizedMetric, reading: &mut Reading) {
    if !metric.metrics.is_empty() {
        refuse_foreign(&metric.places, &["metric_name", "namespace", "statistic", "unit", "dimensions"], "metric math", reading);
    }
    if let Err(mut faults) = metric_source(metric) {
        reading.faults.append(&mut faults);
    }
}

fn alarm_numbers(
    places: &crate::scenario::shape::Places,
    period: SimDuration,
    evaluation_periods: Whole<1, 1_440>,
    datapoints_to_alarm: Option<Whole<1, 1_440>>,
    reading: &mut Reading,
) {
    let seconds = period.as_nanos() / NANOS_PER_SECOND;
    let is_whole = period == SimDuration::from_seconds(seconds);
    if !is_whole || !(matches!(seconds, 10 | 20 | 30) || seconds % 60 == 0) {
        reading.fault(&places.of("period"), format!("found {period}, allowed are 10, 20, 30 seconds and whole minutes"));
    }
    // PutMetricAlarm: a day in all, or a week with periods of an hour and more.
    let longest_days = if seconds >= 3_600 { 7 } else { 1 };
    if period * evaluation_periods.get() > SimDuration::from_hours(24 * longest_days) {
        reading.fault(&places.of("evaluation_periods"), format!("period times evaluation_periods is more than {longest_days} days"));
    }
    if let Some(datapoints) = datapoints_to_alarm.filter(|datapoints| *datapoints > evaluation_periods) {
        let message = format!("datapoints_to_alarm {} is above evaluation_periods {}", datapoints.get(), evaluation_periods.get());
        reading.fault(&places.of("datapoints_to_alarm"), message);
    }
}

/// The alarm of a step policy.
pub fn step_alarm(alarm: &StepAlarm, reading: &mut Reading) {
    alarm_numbers(&alarm.places, alarm.period.0, alarm.evaluation_periods, alarm.datapoints_to_alarm, reading);
}

/// An alarm for deployments.
pub fn named_alarm(alarm: &NamedAlarm, reading: &mut Reading) {
    alarm_numbers(&alarm.places, alarm.period.0, alarm.evaluation_periods, alarm.datapoints_to_alarm, reading);
    if let Err(message) = Metric::from_aws(None, &alarm.metric_name.0) {
        reading.fault(&alarm.places.of("metric_name"), message);
    }
}

/// A scheduled action changes a bound at some time.
pub fn scheduled_action(action: &ScheduledAction, reading: &mut Reading) {
    refuse_never(&action.schedule, &action.timezone.zone, &action.places.of("schedule"), reading);
    if action.min_capacity.is_none() && action.max_capacity.is_none() {
        reading.fault(action.places.own(), "a scheduled action needs min_capacity or max_capacity");
    }
    bounds(action.min_capacity, action.max_capacity, &action.places.of("max_capacity"), reading);
    let ends_too_early = match (action.start_time, action.end_time) {
        (Some(Moment::Absolute(start)), Some(Moment::Absolute(end))) => end <= start,
        (Some(Moment::Offset(start)), Some(Moment::Offset(end))) => end <= start,
        _ => false,
    };
    if ends_too_early {
        reading.fault_with_remedy(&action.places.of("end_time"), "end_time is not after start_time", "the action would never run");
    }
}
