//! A policy follows a metric that its service has.

use crate::error::Place;
use crate::scenario::metric_source::{Metric, MetricSource, metric_source};
use crate::scenario::shape::Reading;
use crate::scenario::written::balancer::BalancerType;
use crate::scenario::written::deployment::NamedAlarm;
use crate::scenario::written::scaling::{Policy, PolicyType, PredefinedMetric, PredefinedMetricPair};
use crate::scenario::written::service::Service;
use crate::scenario::written::workload::WorkloadKind;

/// A balancer counts requests, a queue its messages; who has neither has not their metrics.
pub fn check(service: &Service, reading: &mut Reading) {
    for policy in service.scaling.iter().flat_map(|scaling| &scaling.policies) {
        let (key, metrics) = metrics_of(policy);
        refuse_absent(&metrics, service, &policy.places.of(key), reading);
    }
}

/// An alarm watches a metric that its service has.
pub fn alarm(alarm: &NamedAlarm, service: &Service, reading: &mut Reading) {
    let metric = Metric::from_aws(None, &alarm.metric_name.0).ok();
    refuse_absent(metric.as_slice(), service, &alarm.places.of("metric_name"), reading);
}

fn refuse_absent(metrics: &[Metric], service: &Service, place: &Place, reading: &mut Reading) {
    let has_balancer = service.load_balancer.as_ref().is_some_and(|balancer| balancer.load_balancer_type == BalancerType::Application);
    let has_queue = service.workload.kind == WorkloadKind::Queue;
    if let Some(metric) = metrics.iter().find(|metric| metric.namespace() == Some("AWS/ApplicationELB") && !has_balancer) {
        let message = format!("{} needs a load_balancer of load_balancer_type application", metric.aws_name());
        reading.fault_with_remedy(place, message, "give the service a load_balancer, or follow another metric");
    }
    let of_queue = |metric: &&Metric| metric.namespace() == Some("AWS/SQS") || **metric == Metric::BacklogPerTask;
    if let Some(metric) = metrics.iter().find(|metric| of_queue(metric) && !has_queue) {
        let message = format!("{} needs a service that works on a queue", metric.aws_name());
        reading.fault_with_remedy(place, message, "give the workload kind: queue, or follow another metric");
    }
}

/// The key by which a policy names its metrics, and those that are known.
pub(super) fn metrics_of(policy: &Policy) -> (&'static str, Vec<Metric>) {
    let by_name = || policy.metric_name.as_ref().and_then(|name| Metric::from_aws(None, &name.0).ok());
    match policy.policy_type {
        PolicyType::Step => ("metric_name", by_name().into_iter().collect()),
        PolicyType::Predictive => {
            let pair = policy.predefined_metric_pair_specification.as_ref().map(|pair| pair.predefined_metric_type);
            let counts_requests = pair == Some(PredefinedMetricPair::RequestCount);
            ("predefined_metric_pair_specification", if counts_requests { vec![Metric::RequestCount] } else { Vec::new() })
        }
        PolicyType::TargetTracking => match (&policy.customized_metric_specification, policy.predefined_metric_type) {
            (Some(customized), _) => ("customized_metric_specification", metric_source(customized).map_or_else(|_| Vec::new(), of_source)),
            (None, Some(PredefinedMetric::RequestCount)) => ("predefined_metric_type", vec![Metric::RequestCountPerTarget]),
            (None, Some(_)) => ("predefined_metric_type", Vec::new()),
            (None, None) => ("metric_name", by_name().into_iter().collect()),
        },
    }
}

fn of_source(source: MetricSource) -> Vec<Metric> {
    match source {
        MetricSource::One(series) => vec![series.metric],
        MetricSource::Math { series, .. } => series.iter().map(|series| series.metric).collect(),
    }
}
