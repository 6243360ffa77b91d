//! Metrics that a policy cannot work with: not published so often, or not falling when tasks are added. One
//! that the service does not have at all is refused elsewhere.

use super::{Finding, note, path, policies, policy_path, tracking_policies, warning};
use crate::scenario::model::{
    ContainerInsights, Metric, MetricSource, Policy, Scenario, Series, Service, Statistic, StepScaling, TargetTracking, TrackedMetric,
};
use crate::units::SimDuration;

const MINUTE: SimDuration = SimDuration::from_seconds(60);

/// Everything about the metrics of policies.
pub fn advise(scenario: &Scenario, service: &Service, findings: &mut Vec<Finding>) {
    for policy in tracking_policies(service) {
        findings.extend(unpublished(service, policy).or_else(|| does_not_follow_tasks(service, policy)));
    }
    if scenario.cluster.container_insights == ContainerInsights::Disabled {
        findings.extend(policies(service).filter_map(|policy| needs_container_insights(service, policy)));
    }
    findings.extend(policies(service).filter_map(step_policy).filter_map(|policy| short_period(service, policy)));
    unread_high_resolution(service, findings);
}

const fn step_policy(policy: &Policy) -> Option<&StepScaling> {
    match policy {
        Policy::Step(step) => Some(step),
        Policy::TargetTracking(_) | Policy::Predictive(_) => None,
    }
}

/// A policy by datapoints that the service does not publish. Insufficient data is not ready to scale in, so it
/// holds all others back as well.
fn unpublished(service: &Service, policy: &TargetTracking) -> Option<Finding> {
    if service.high_resolution_metrics || !policy.metric.is_high_resolution() {
        return None;
    }
    let consequence = if policy.disable_scale_in { "" } else { ", and no other target tracking policy scales in" };
    let message =
        format!("policy {} reads datapoints of 20 seconds, which the service does not publish: it never scales{consequence}", policy.name);
    let remedy = "set monitoring.resolution_seconds to 20, or follow the metric without HighResolution";
    Some(warning("policy-without-datapoints", policy_path(service, &policy.name, "predefined_metric_type"), message, remedy))
}

/// The metrics that a policy reads, and the key that names them; none for those that AWS predefines.
fn chosen_metrics(policy: &Policy) -> Option<(Vec<Metric>, &'static str)> {
    match policy {
        Policy::TargetTracking(policy) => match &policy.metric {
            TrackedMetric::Customized(MetricSource::One(series)) => Some((vec![series.metric], "customized_metric_specification")),
            TrackedMetric::Customized(MetricSource::Math { series, .. }) => {
                Some((series.iter().map(|series| series.metric).collect(), "customized_metric_specification"))
            }
            _ => None,
        },
        Policy::Step(policy) => Some((vec![policy.series.metric], "metric_name")),
        Policy::Predictive(_) => None,
    }
}

/// Counts of tasks come from Container Insights, which a cluster has to switch on and pays for (Amazon ECS, Container
/// Insights metrics). The simulation publishes them to policies all the same.
fn needs_container_insights(service: &Service, policy: &Policy) -> Option<Finding> {
    let (metrics, key) = chosen_metrics(policy)?;
    let counts = [Metric::RunningTaskCount, Metric::DesiredTaskCount, Metric::PendingTaskCount];
    let metric = metrics.into_iter().find(|metric| counts.contains(metric))?;
    let message = format!(
        "{} exists on AWS only with Container Insights, which the cluster has switched off; the simulation publishes it all the same",
        metric.aws_name()
    );
    let remedy = "set cluster.container_insights: enabled, whose charge is then on the bill, or use a metric that needs none";
    Some(warning("metric-needs-container-insights", policy_path(service, policy.name(), key), message, remedy))
}

/// ECS publishes CPU and memory every 20 seconds where that is asked for; all else comes by the minute.
fn is_published_in_short(service: &Service, metric: Metric) -> bool {
    service.high_resolution_metrics && matches!(metric, Metric::CpuUtilization | Metric::MemoryUtilization)
}

/// An alarm whose period is shorter than the span of its datapoints finds most of them missing.
fn short_period(service: &Service, policy: &StepScaling) -> Option<Finding> {
    let metric = policy.series.metric;
    (policy.alarm.period < MINUTE && !is_published_in_short(service, metric)).then(|| {
        let message =
            format!("an alarm period of {} finds most datapoints missing: {} comes once a minute", policy.alarm.period, metric.aws_name());
        let remedy = "use period: 60; for CPU and memory monitoring.resolution_seconds: 20 is the other way";
        warning("alarm-period-below-datapoints", policy_path(service, &policy.name, "alarm.period"), message, remedy)
    })
}

/// Whether a policy or an alarm reads datapoints of 20 seconds.
fn reads_high_resolution(service: &Service, policy: &Policy) -> bool {
    match policy {
        Policy::TargetTracking(policy) => policy.metric.is_high_resolution(),
        Policy::Step(policy) => policy.alarm.period < MINUTE && is_published_in_short(service, policy.series.metric),
        Policy::Predictive(_) => false,
    }
}

/// CloudWatch charges for datapoints of 20 seconds (AWS, announcement of high-resolution ECS metrics).
fn unread_high_resolution(service: &Service, findings: &mut Vec<Finding>) {
    if service.high_resolution_metrics && !policies(service).any(|policy| reads_high_resolution(service, policy)) {
        findings.push(note(
            "high-resolution-not-read",
            path(service, "monitoring.resolution_seconds"),
            "CPU and memory are published every 20 seconds, which CloudWatch charges for, and no policy reads them".into(),
            "follow a metric whose name ends with HighResolution, or publish by the minute",
        ));
    }
}

/// How a series answers when tasks are added.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Response {
    /// It falls in proportion.
    Falls,
    /// It counts tasks.
    Grows,
    /// Neither.
    Stays,
}

fn response(series: Series) -> Response {
    let is_level = matches!(series.statistic, Statistic::Average | Statistic::Minimum | Statistic::Maximum);
    match series.metric {
        // Samples come from every task, so their sum and their number grow with the tasks.
        Metric::CpuUtilization | Metric::MemoryUtilization if is_level => Response::Falls,
        Metric::CpuUtilization | Metric::MemoryUtilization => Response::Grows,
        Metric::RequestCountPerTarget if series.statistic == Statistic::SampleCount => Response::Stays,
        Metric::RequestCountPerTarget | Metric::BacklogPerTask => Response::Falls,
        Metric::HealthyHostCount | Metric::RunningTaskCount | Metric::DesiredTaskCount | Metric::PendingTaskCount => Response::Grows,
        Metric::RequestCount
        | Metric::TargetResponseTime
        | Metric::HttpCodeTarget5xxCount
        | Metric::HttpCodeElb5xxCount
        | Metric::MessagesVisible
        | Metric::MessagesNotVisible
        | Metric::AgeOfOldestMessage => Response::Stays,
    }
}

/// Target tracking needs a metric that moves in proportion to capacity, the other way (AWS, target tracking
/// overview, on customized metrics): requests of the whole service or a latency are none.
fn does_not_follow_tasks(service: &Service, policy: &TargetTracking) -> Option<Finding> {
    let TrackedMetric::Customized(source) = &policy.metric else { return None };
    let what = match source {
        MetricSource::One(series) => match response(*series) {
            Response::Falls => return None,
            Response::Grows => format!("{} grows with the tasks", series.metric.aws_name()),
            Response::Stays => format!("{} does not fall in proportion when tasks are added", series.metric.aws_name()),
        },
        MetricSource::Math { series, math } => {
            let counts_tasks = |index: usize| series.get(index).is_some_and(|series| response(*series) == Response::Grows);
            if series.iter().any(|series| response(*series) == Response::Falls) || math.divides_by(counts_tasks) {
                return None;
            }
            "the expression holds no metric per task and divides by no count of tasks".to_owned()
        }
    };
    let message = format!("{what}: target tracking computes with proportion, and goes on to max_capacity or min_capacity");
    let remedy = "divide by the running tasks with metric math, or use a step policy";
    Some(warning("metric-does-not-follow-tasks", policy_path(service, &policy.name, "customized_metric_specification"), message, remedy))
}
