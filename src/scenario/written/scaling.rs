//! Application Auto Scaling of one service: RegisterScalableTarget, PutScalingPolicy, PutScheduledAction.

use super::TaskCount;
use super::deployment::{ComparisonOperator, Statistic};
use crate::calendar::Schedule;
use crate::scenario::check;
use crate::scenario::shape::{choice, shape};
use crate::scenario::values::duration::{DAY, HOUR, SECOND, Span};
use crate::scenario::values::number::{Real, TargetValue, Whole};
use crate::scenario::values::text::{Switch, Text};
use crate::scenario::values::time::{Moment, ZoneName};

/// Keys with which Application Auto Scaling names the target, which a scenario knows by its place.
const TARGET_KEYS: &[&str] = &["arn", "policy_arn", "resource_id", "resource_label", "scalable_dimension", "service_namespace"];

shape! {
    /// Application Auto Scaling of one service.
    Scaling {
        /// The smallest desired count.
        required min_capacity: TaskCount;
        /// The largest desired count.
        required max_capacity: TaskCount;
        /// What is suspended.
        default suspended_state: SuspendedState = "{}";
        /// The policies; each follows another metric.
        default policies: Vec<Policy> = "[]", also "scaling_policies";
        /// Changes of the bounds by the clock.
        default scheduled_actions: Vec<ScheduledAction> = "[]";
    }
    ignored TARGET_KEYS;
    check check::scaling::check;
}

shape! {
    /// What is suspended.
    SuspendedState {
        /// Whether policies may not scale in.
        default dynamic_scaling_in_suspended: Switch = "false";
        /// Whether policies may not scale out.
        default dynamic_scaling_out_suspended: Switch = "false";
        /// Whether scheduled actions do not run.
        default scheduled_scaling_suspended: Switch = "false";
    }
}

choice! {
    /// The type of a policy.
    PolicyType {
        /// Keeps a metric at a value.
        TargetTracking = "TargetTrackingScaling",
        /// Steps by how far an alarm is breached.
        Step = "StepScaling",
        /// Forecasts from history.
        Predictive = "PredictiveScaling",
    }
}

choice! {
    /// A predefined metric of target tracking.
    PredefinedMetric {
        /// CPU, by the minute.
        Cpu = "ECSServiceAverageCPUUtilization",
        /// Memory, by the minute.
        Memory = "ECSServiceAverageMemoryUtilization",
        /// Requests per target and minute.
        RequestCount = "ALBRequestCountPerTarget",
        /// CPU, every 20 seconds.
        CpuHighResolution = "ECSServiceAverageCPUUtilizationHighResolution",
        /// Memory, every 20 seconds.
        MemoryHighResolution = "ECSServiceAverageMemoryUtilizationHighResolution",
    }
}

choice! {
    /// What the number of a step means.
    AdjustmentType {
        /// Tasks more or fewer.
        ChangeInCapacity = "ChangeInCapacity",
        /// Percent of the running tasks.
        PercentChangeInCapacity = "PercentChangeInCapacity",
        /// The number of tasks.
        ExactCapacity = "ExactCapacity",
    }
}

choice! {
    /// Whether a forecast acts.
    PredictiveMode {
        /// It does not.
        ForecastOnly = "ForecastOnly",
        /// It does.
        ForecastAndScale = "ForecastAndScale",
    }
}

choice! {
    /// What happens when a forecast needs more than the maximum.
    MaxCapacityBreachBehavior {
        /// The maximum holds.
        HonorMaxCapacity = "HonorMaxCapacity",
        /// The maximum is raised.
        IncreaseMaxCapacity = "IncreaseMaxCapacity",
    }
}

shape! {
    /// A scaling policy. Which keys it takes depends on policy_type.
    Policy {
        /// The policy's name, unique in the service.
        required name: Text, also "policy_name";
        /// Its type.
        required policy_type: PolicyType;
        /// Target tracking: the predefined metric.
        optional predefined_metric_type: PredefinedMetric;
        /// Target tracking: a metric of one's own, or metric math.
        optional customized_metric_specification: CustomizedMetric;
        /// Step scaling: the metric of the alarm. Target tracking: BacklogPerTask, short for visible messages / max(running tasks, 1).
        optional metric_name: Text;
        /// Target tracking and predictive: the value to keep, in percent or requests per target and minute.
        optional target_value: TargetValue;
        /// Target tracking: seconds after a scale-out.
        default scale_out_cooldown: Span<0, DAY> = "300";
        /// Target tracking: seconds after a scale-in.
        default scale_in_cooldown: Span<0, DAY> = "300";
        /// Target tracking: whether the policy never removes capacity.
        default disable_scale_in: Switch = "false";
        /// Step scaling: the alarm that invokes it.
        optional alarm: StepAlarm;
        /// Step scaling: what the number of a step means.
        optional adjustment_type: AdjustmentType;
        /// Step scaling: how datapoints become one value.
        default metric_aggregation_type: Statistic = "Average";
        /// Step scaling by percent: the least change in tasks.
        optional min_adjustment_magnitude: Whole<1, 100_000>;
        /// Step scaling: seconds after a change.
        default cooldown: Span<0, DAY> = "300";
        /// Step scaling: the steps, relative to the alarm's threshold.
        default step_adjustments: Vec<StepAdjustment> = "[]", also "step_adjustment";
        /// Predictive: whether the forecast acts.
        default mode: PredictiveMode = "ForecastOnly";
        /// Predictive: the load and the utilisation that are forecast.
        optional predefined_metric_pair_specification: MetricPair;
        /// Predictive: seconds before the hour that capacity is there.
        default scheduling_buffer_time: Span<0, { HOUR - SECOND }> = "300";
        /// Predictive: what happens when a forecast needs more than the maximum.
        default max_capacity_breach_behavior: MaxCapacityBreachBehavior = "HonorMaxCapacity";
        /// Predictive: percent of the forecast that is added when the maximum is raised.
        default max_capacity_buffer: Whole<0, 100> = "0";
    }
    wrappers &[
        "target_tracking_scaling_policy_configuration", "step_scaling_policy_configuration", "predictive_scaling_policy_configuration",
        "predefined_metric_specification", "metric_specifications", "metric_specification",
    ];
    ignored TARGET_KEYS;
    check check::scaling::policy;
}

shape! {
    /// A metric of one's own: one metric, or metric math.
    CustomizedMetric {
        /// The parts of metric math; exactly one returns data.
        default metrics: Vec<MetricQuery> = "[]";
        /// The metric's name.
        optional metric_name: Text;
        /// Its namespace.
        optional namespace: Text;
        /// Its statistic.
        optional statistic: Statistic;
        /// Its unit.
        optional unit: Text;
        /// Its dimensions.
        default dimensions: Vec<Dimension> = "[]";
    }
    check check::scaling::customized_metric;
}

shape! {
    /// A part of metric math.
    MetricQuery {
        /// Its name in expressions.
        required id: Text;
        /// A metric.
        optional metric_stat: MetricStat;
        /// An expression over other parts.
        optional expression: Text;
        /// A label.
        optional label: Text;
        /// Whether this part is the result.
        default return_data: Switch = "true";
    }
}

shape! {
    /// A metric with its statistic.
    MetricStat {
        /// The metric.
        required metric: Metric;
        /// The statistic.
        required stat: Text;
        /// The unit.
        optional unit: Text;
    }
}

shape! {
    /// A CloudWatch metric.
    Metric {
        /// Its namespace.
        optional namespace: Text;
        /// Its name.
        required metric_name: Text;
        /// Its dimensions.
        default dimensions: Vec<Dimension> = "[]";
    }
}

shape! {
    /// A dimension of a metric.
    Dimension {
        /// Its name.
        required name: Text;
        /// Its value.
        required value: Text;
    }
}

choice! {
    /// What an alarm does with missing datapoints.
    TreatMissingData {
        /// It may have insufficient data.
        Missing = "missing",
        /// It keeps its state.
        Ignore = "ignore",
        /// They breach.
        Breaching = "breaching",
        /// They do not breach.
        NotBreaching = "notBreaching",
    }
}

shape! {
    /// The alarm of a step scaling policy.
    StepAlarm {
        /// How the metric is compared; default: GreaterThanOrEqualToThreshold.
        default comparison_operator: ComparisonOperator = "GreaterThanOrEqualToThreshold";
        /// What the metric is compared with.
        required threshold: Real;
        /// Seconds of a datapoint: 10, 20, 30 or whole minutes.
        default period: Span<{ 10 * SECOND }, DAY> = "60";
        /// Datapoints that are looked at.
        default evaluation_periods: Whole<1, 1_440> = "1";
        /// Datapoints among them that must breach; default: all.
        optional datapoints_to_alarm: Whole<1, 1_440>;
        /// The statistic of a datapoint.
        default statistic: Statistic = "Average";
        /// What missing datapoints do.
        default treat_missing_data: TreatMissingData = "missing";
    }
    ignored &["alarm_name", "alarm_description", "namespace", "dimensions", "alarm_actions", "ok_actions", "insufficient_data_actions"];
    check check::scaling::step_alarm;
}

shape! {
    /// One step: between two bounds relative to the alarm's threshold.
    StepAdjustment {
        /// The lower bound; none: minus infinity.
        optional metric_interval_lower_bound: Real;
        /// The upper bound; none: infinity.
        optional metric_interval_upper_bound: Real;
        /// Tasks or percent, by adjustment_type.
        required scaling_adjustment: Whole<-100_000, 100_000>;
    }
}

choice! {
    /// A predefined pair of load and utilisation.
    PredefinedMetricPair {
        /// CPU.
        Cpu = "ECSServiceCPUUtilization",
        /// Memory.
        Memory = "ECSServiceMemoryUtilization",
        /// Requests.
        RequestCount = "ALBRequestCount",
    }
}

shape! {
    /// The load and the utilisation that are forecast.
    MetricPair {
        /// The predefined pair.
        required predefined_metric_type: PredefinedMetricPair;
    }
    ignored TARGET_KEYS;
}

shape! {
    /// A change of the bounds by the clock; nothing is restored at its end.
    ScheduledAction {
        /// Its name, unique in the service.
        required name: Text, also "scheduled_action_name";
        /// When: at(...), rate(...) or cron(...).
        required schedule: Schedule;
        /// The IANA time zone of the schedule.
        default timezone: ZoneName = "UTC";
        /// Before it, the schedule is silent.
        optional start_time: Moment;
        /// After it, the schedule is silent.
        optional end_time: Moment;
        /// The new smallest desired count; omitted: unchanged.
        optional min_capacity: TaskCount;
        /// The new largest desired count; omitted: unchanged.
        optional max_capacity: TaskCount;
    }
    wrappers &["scalable_target_action"];
    ignored TARGET_KEYS;
    check check::scaling::scheduled_action;
}
