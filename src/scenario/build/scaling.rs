//! Scaling: policies by their type, alarms, scheduled actions.

use crate::scenario::metric_source::metric_source;
use crate::scenario::model::{
    Adjustment, AlarmRule, Breach, Forecast, MaxCapacityBreach, Metric, MetricPair, MetricSource, Policy, Scaling, ScheduledAction, Series,
    Statistic, Step, StepScaling, Suspended, TargetTracking, TrackedMetric, TreatMissingData,
};
use crate::scenario::written::{deployment, scaling};

/// The scalable target.
pub fn scaling(written: &scaling::Scaling) -> Scaling {
    let suspended = &written.suspended_state;
    Scaling {
        min_capacity: written.min_capacity.count(),
        max_capacity: written.max_capacity.count(),
        suspended: Suspended {
            dynamic_scaling_in: suspended.dynamic_scaling_in_suspended.0,
            dynamic_scaling_out: suspended.dynamic_scaling_out_suspended.0,
            scheduled_scaling: suspended.scheduled_scaling_suspended.0,
        },
        policies: written.policies.iter().filter_map(policy).collect(),
        scheduled_actions: written.scheduled_actions.iter().map(scheduled_action).collect(),
    }
}

fn policy(policy: &scaling::Policy) -> Option<Policy> {
    match policy.policy_type {
        scaling::PolicyType::TargetTracking => target_tracking(policy).map(Policy::TargetTracking),
        scaling::PolicyType::Step => step_scaling(policy).map(Policy::Step),
        scaling::PolicyType::Predictive => forecast(policy).map(Policy::Predictive),
    }
}

fn target_tracking(policy: &scaling::Policy) -> Option<TargetTracking> {
    Some(TargetTracking {
        name: policy.name.0.clone(),
        metric: tracked_metric(policy)?,
        target_value: policy.target_value?.0,
        scale_out_cooldown: policy.scale_out_cooldown.0,
        scale_in_cooldown: policy.scale_in_cooldown.0,
        disable_scale_in: policy.disable_scale_in.0,
    })
}

/// The metric that is written, in one of three ways; which of them was checked.
pub fn tracked_metric(policy: &scaling::Policy) -> Option<TrackedMetric> {
    if let Some(customized) = &policy.customized_metric_specification {
        return metric_source(customized).ok().map(TrackedMetric::Customized);
    }
    if policy.metric_name.is_some() {
        let backlog = Series { metric: Metric::BacklogPerTask, statistic: Statistic::Average };
        return Some(TrackedMetric::Customized(MetricSource::One(backlog)));
    }
    Some(match policy.predefined_metric_type? {
        scaling::PredefinedMetric::Cpu => TrackedMetric::CPU,
        scaling::PredefinedMetric::CpuHighResolution => TrackedMetric::CpuUtilization { high_resolution: true },
        scaling::PredefinedMetric::Memory => TrackedMetric::MEMORY,
        scaling::PredefinedMetric::MemoryHighResolution => TrackedMetric::MemoryUtilization { high_resolution: true },
        scaling::PredefinedMetric::RequestCount => TrackedMetric::AlbRequestCountPerTarget,
    })
}

fn step_scaling(policy: &scaling::Policy) -> Option<StepScaling> {
    let written = policy.alarm.as_ref()?;
    let metric = Metric::from_aws(None, &policy.metric_name.as_ref()?.0).ok()?;
    let mut steps: Vec<Step> = policy
        .step_adjustments
        .iter()
        .map(|step| Step {
            lower: step.metric_interval_lower_bound.map(|bound| bound.0),
            upper: step.metric_interval_upper_bound.map(|bound| bound.0),
            adjustment: step.scaling_adjustment.get(),
        })
        .collect();
    let low = |step: &Step| step.lower.unwrap_or(f64::NEG_INFINITY);
    steps.sort_by(|a, b| low(a).total_cmp(&low(b)));
    Some(StepScaling {
        name: policy.name.0.clone(),
        series: Series { metric, statistic: statistic(written.statistic) },
        alarm: alarm_rule(written),
        adjustment: match policy.adjustment_type? {
            scaling::AdjustmentType::ChangeInCapacity => Adjustment::ChangeInCapacity,
            scaling::AdjustmentType::PercentChangeInCapacity => Adjustment::PercentChangeInCapacity,
            scaling::AdjustmentType::ExactCapacity => Adjustment::ExactCapacity,
        },
        aggregation: statistic(policy.metric_aggregation_type),
        min_adjustment_magnitude: policy.min_adjustment_magnitude.map_or(0, |magnitude| magnitude.count()),
        cooldown: policy.cooldown.0,
        steps,
    })
}

fn alarm_rule(written: &scaling::StepAlarm) -> AlarmRule {
    let evaluation_periods = written.evaluation_periods.count();
    AlarmRule {
        breach: breach(written.comparison_operator),
        threshold: written.threshold.0,
        period: written.period.0,
        evaluation_periods,
        datapoints_to_alarm: written.datapoints_to_alarm.map_or(evaluation_periods, |datapoints| datapoints.count()),
        treat_missing_data: treat_missing_data(written.treat_missing_data),
    }
}

/// How an alarm compares.
pub const fn breach(written: deployment::ComparisonOperator) -> Breach {
    match written {
        deployment::ComparisonOperator::GreaterThanThreshold => Breach::GreaterThanThreshold,
        deployment::ComparisonOperator::GreaterThanOrEqualToThreshold => Breach::GreaterThanOrEqualToThreshold,
        deployment::ComparisonOperator::LessThanThreshold => Breach::LessThanThreshold,
        deployment::ComparisonOperator::LessThanOrEqualToThreshold => Breach::LessThanOrEqualToThreshold,
    }
}

/// What missing datapoints do to an alarm.
pub const fn treat_missing_data(written: scaling::TreatMissingData) -> TreatMissingData {
    match written {
        scaling::TreatMissingData::Missing => TreatMissingData::Missing,
        scaling::TreatMissingData::Ignore => TreatMissingData::Ignore,
        scaling::TreatMissingData::Breaching => TreatMissingData::Breaching,
        scaling::TreatMissingData::NotBreaching => TreatMissingData::NotBreaching,
    }
}

/// The statistic of a datapoint.
pub const fn statistic(written: deployment::Statistic) -> Statistic {
    match written {
        deployment::Statistic::Average => Statistic::Average,
        deployment::Statistic::Sum => Statistic::Sum,
        deployment::Statistic::Minimum => Statistic::Minimum,
        deployment::Statistic::Maximum => Statistic::Maximum,
        deployment::Statistic::SampleCount => Statistic::SampleCount,
    }
}

fn forecast(policy: &scaling::Policy) -> Option<Forecast> {
    let pair = policy.predefined_metric_pair_specification.as_ref()?;
    Some(Forecast {
        name: policy.name.0.clone(),
        pair: match pair.predefined_metric_type {
            scaling::PredefinedMetricPair::Cpu => MetricPair::Cpu,
            scaling::PredefinedMetricPair::Memory => MetricPair::Memory,
            scaling::PredefinedMetricPair::RequestCount => MetricPair::RequestCount,
        },
        target_value: policy.target_value?.0,
        scales: policy.mode == scaling::PredictiveMode::ForecastAndScale,
        scheduling_buffer: policy.scheduling_buffer_time.0,
        max_capacity_breach: match policy.max_capacity_breach_behavior {
            scaling::MaxCapacityBreachBehavior::HonorMaxCapacity => MaxCapacityBreach::Honor,
            scaling::MaxCapacityBreachBehavior::IncreaseMaxCapacity => {
                MaxCapacityBreach::IncreaseByPercent(policy.max_capacity_buffer.count())
            }
        },
    })
}

fn scheduled_action(action: &scaling::ScheduledAction) -> ScheduledAction {
    ScheduledAction {
        name: action.name.0.clone(),
        schedule: action.schedule.clone(),
        time_zone: action.timezone.zone.clone(),
        start_time: action.start_time,
        end_time: action.end_time,
        min_capacity: action.min_capacity.map(|capacity| capacity.count()),
        max_capacity: action.max_capacity.map(|capacity| capacity.count()),
    }
}
