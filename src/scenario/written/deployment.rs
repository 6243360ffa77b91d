//! Deployments of a service and the alarms that guard them.

use super::scaling::TreatMissingData;
use crate::scenario::check;
use crate::scenario::shape::{choice, shape};
use crate::scenario::values::duration::{DAY, SECOND, Span};
use crate::scenario::values::number::{Percent, Real, Whole, WholePercent};
use crate::scenario::values::text::{Switch, Text};

choice! {
    /// How a new revision replaces the old one.
    Strategy {
        /// A few tasks at a time.
        Rolling = "ROLLING",
        /// All at once, both revisions running.
        BlueGreen = "BLUE_GREEN",
        /// In equal steps of traffic.
        Linear = "LINEAR",
        /// A small share of traffic first.
        Canary = "CANARY",
        /// CodeDeploy: 10 % every minute.
        CodeDeployLinear1 = "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
        /// CodeDeploy: 10 % every three minutes.
        CodeDeployLinear3 = "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
        /// CodeDeploy: 10 %, the rest after five minutes.
        CodeDeployCanary5 = "CodeDeployDefault.ECSCanary10Percent5Minutes",
        /// CodeDeploy: 10 %, the rest after fifteen minutes.
        CodeDeployCanary15 = "CodeDeployDefault.ECSCanary10Percent15Minutes",
        /// CodeDeploy: all at once.
        CodeDeployAllAtOnce = "CodeDeployDefault.ECSAllAtOnce",
    }
}

shape! {
    /// How deployments go.
    DeploymentConfiguration {
        /// How a new revision replaces the old one, also a CodeDeploy preset by its name.
        default strategy: Strategy = "ROLLING";
        /// The fewest healthy tasks, in percent of the desired count, rounded up.
        default minimum_healthy_percent: WholePercent<0, 100> = "100";
        /// The most tasks, in percent of the desired count, rounded down.
        default maximum_percent: WholePercent<100, 200> = "200";
        /// When a deployment counts as failed; ROLLING only.
        default deployment_circuit_breaker: CircuitBreaker = "{}";
        /// Minutes that both revisions run after all traffic has moved; CodeDeploy: the wait before the old tasks are terminated.
        default bake_time_in_minutes: Whole<0, 1_440> = "0";
        /// Of CANARY.
        default canary_configuration: CanaryConfiguration = "{}";
        /// Of LINEAR.
        default linear_configuration: LinearConfiguration = "{}";
        /// Alarms that fail a deployment.
        default alarms: DeploymentAlarms = "{}";
    }
    check check::service::deployment;
}

shape! {
    /// When a deployment counts as failed.
    CircuitBreaker {
        /// Whether it is used.
        default enable: Switch = "false";
        /// Whether a failure brings the old revision back.
        default rollback: Switch = "false";
        /// Whether a healthy task sets the count of failures to 0.
        default reset_on_healthy_task: Switch = "true";
        /// How many failures it takes.
        default threshold_configuration: BreakerThreshold = "{}";
    }
}

choice! {
    /// How the number of failures is computed.
    BreakerThresholdType {
        /// Percent of the desired count, at least 3 and at most 200.
        BoundedPercent = "BOUNDED_PERCENT",
        /// Percent of the desired count.
        UnboundedPercent = "UNBOUNDED_PERCENT",
        /// A number.
        Count = "COUNT",
    }
}

shape! {
    /// How many failures trip the circuit breaker.
    BreakerThreshold {
        /// How the number is computed.
        default r#type: BreakerThresholdType = "BOUNDED_PERCENT";
        /// Percent or number, a whole one.
        default value: Whole<1, 1_000_000> = "50";
    }
}

shape! {
    /// A canary deployment.
    CanaryConfiguration {
        /// Percent of traffic that moves first.
        default canary_percent: Percent<0, 100> = "5";
        /// Minutes before the rest moves.
        default canary_bake_time_in_minutes: Whole<0, 1_440> = "10";
    }
}

shape! {
    /// A linear deployment.
    LinearConfiguration {
        /// Percent of traffic that each step moves.
        default step_percent: Percent<3, 100> = "10";
        /// Minutes between steps.
        default step_bake_time_in_minutes: Whole<0, 1_440> = "6";
    }
}

shape! {
    /// Alarms that fail a deployment.
    DeploymentAlarms {
        /// Whether they are used.
        default enable: Switch = "false";
        /// Whether a failure brings the old revision back.
        default rollback: Switch = "false";
        /// The names of the alarms.
        default alarm_names: Vec<Text> = "[]";
    }
}

choice! {
    /// The statistic of a datapoint.
    Statistic {
        /// The mean.
        Average = "Average",
        /// The smallest.
        Minimum = "Minimum",
        /// The largest.
        Maximum = "Maximum",
        /// The total.
        Sum = "Sum",
        /// The number of samples.
        SampleCount = "SampleCount",
    }
}

choice! {
    /// How an alarm compares.
    ComparisonOperator {
        /// At or above.
        GreaterThanOrEqualToThreshold = "GreaterThanOrEqualToThreshold",
        /// Above.
        GreaterThanThreshold = "GreaterThanThreshold",
        /// Below.
        LessThanThreshold = "LessThanThreshold",
        /// At or below.
        LessThanOrEqualToThreshold = "LessThanOrEqualToThreshold",
    }
}

shape! {
    /// A CloudWatch alarm on a metric of a service.
    NamedAlarm {
        /// The service.
        required service: Text;
        /// The metric.
        required metric_name: Text;
        /// The statistic of a datapoint.
        default statistic: Statistic = "Average";
        /// Seconds of a datapoint.
        default period: Span<{ 10 * SECOND }, DAY> = "60";
        /// Datapoints that are looked at.
        default evaluation_periods: Whole<1, 1_440> = "1";
        /// Datapoints among them that must breach; default: all.
        optional datapoints_to_alarm: Whole<1, 1_440>;
        /// What the metric is compared with.
        required threshold: Real;
        /// How it is compared.
        default comparison_operator: ComparisonOperator = "GreaterThanThreshold";
        /// What missing datapoints do.
        default treat_missing_data: TreatMissingData = "missing";
    }
    check check::scaling::named_alarm;
}
