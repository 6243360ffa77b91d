//! What CloudWatch watches and keeps of a scenario: the alarms of its policies, metrics that are charged for, logs.
//!
//! Target tracking creates two alarms a policy, one where scale-in is disabled; a step policy is invoked by its own; predictive
//! scaling has none. AWS charges alarms by the metrics that they watch, so metric math counts each of its metrics. Alarms with a
//! period below a minute are those of high resolution (aws.amazon.com/cloudwatch/pricing).
//!
//! Metrics that policies follow are AWS's own and free but for Container Insights and the datapoints every 20 seconds; the scenario says how
//! many of its own the customer publishes.

use crate::control::datapoints::MINUTE;
use crate::scenario::model::{ContainerInsights, Metric, MetricSource, NamedAlarm, Policy, Scenario, Series, Service};
use crate::units::SimDuration;
use crate::usage::{ContainerInsightsUsage, LogStorage, Monitoring, ServiceMonitoring};

/// CPU and memory: what a service publishes every 20 seconds where that is asked for.
const HIGH_RESOLUTION_METRICS: u32 = 2;

/// What is watched and kept of a scenario.
#[must_use]
pub fn monitoring(scenario: &Scenario) -> Monitoring {
    let each = |(number, service): (usize, &Service)| {
        let [standard_alarm_metrics, high_resolution_alarm_metrics] = alarm_metrics(scenario, number);
        ServiceMonitoring {
            service: service.name.clone(),
            standard_alarm_metrics,
            high_resolution_alarm_metrics,
            high_resolution_metrics: if service.high_resolution_metrics { HIGH_RESOLUTION_METRICS } else { 0 },
            custom_metrics: service.workload.custom_metrics,
            containers: service.task.containers,
            log_storage: log_storage(scenario, service),
        }
    };
    let metrics = &scenario.assumptions.container_insights_metrics;
    let insights = |is_enhanced: bool| ContainerInsightsUsage {
        is_enhanced,
        cluster_metrics: metrics.cluster,
        service_metrics: metrics.service + metrics.task_definition,
        task_metrics: if is_enhanced { metrics.task } else { 0 },
        container_metrics: if is_enhanced { metrics.container } else { 0 },
    };
    Monitoring {
        services: scenario.services.iter().enumerate().map(each).collect(),
        container_insights: match scenario.cluster.container_insights {
            ContainerInsights::Disabled => None,
            ContainerInsights::Enabled => Some(insights(false)),
            ContainerInsights::Enhanced => Some(insights(true)),
        },
    }
}

/// Metrics that the alarms of a service watch: of standard and of high resolution.
fn alarm_metrics(scenario: &Scenario, number: usize) -> [u32; 2] {
    let policies = scenario.services[number].scaling.iter().flat_map(|scaling| &scaling.policies);
    let of_deployments = scenario.alarms.iter().filter(|alarm| alarm.service == number).map(of_alarm);
    let mut metrics = [0; 2];
    for (is_high_resolution, count) in policies.filter_map(of_policy).chain(of_deployments) {
        metrics[usize::from(is_high_resolution)] += count;
    }
    metrics
}

/// Whether the alarms of a policy are of high resolution, and how many metrics they watch; none without alarms.
fn of_policy(policy: &Policy) -> Option<(bool, u32)> {
    match policy {
        Policy::TargetTracking(policy) => {
            let alarms = if policy.disable_scale_in { 1 } else { 2 };
            Some((policy.metric.is_high_resolution(), alarms * of_source(&policy.metric.source())))
        }
        Policy::Step(policy) => Some((policy.alarm.period < MINUTE, of_series(policy.series))),
        Policy::Predictive(_) => None,
    }
}

fn of_alarm(alarm: &NamedAlarm) -> (bool, u32) {
    (alarm.rule.period < MINUTE, of_series(alarm.series))
}

fn of_source(source: &MetricSource) -> u32 {
    match source {
        MetricSource::One(series) => of_series(*series),
        MetricSource::Math { series, .. } => series.iter().map(|series| of_series(*series)).sum(),
    }
}

/// The backlog per task stands for metric math over visible messages and running tasks.
fn of_series(series: Series) -> u32 {
    if series.metric == Metric::BacklogPerTask { 2 } else { 1 }
}

/// Logs that expire are there for their retention: the log group is as old as that.
fn log_storage(scenario: &Scenario, service: &Service) -> LogStorage {
    let retention = service.workload.logs_retention_days.map(|days| SimDuration::from_hours(24 * i64::from(days)));
    LogStorage { compressed_share: scenario.assumptions.compressed_log_share, stored_hours: retention.map(SimDuration::as_hours_f64) }
}
