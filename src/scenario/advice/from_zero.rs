//! A service that may go down to no task, and what could bring it back.
//!
//! With no task there is no CPU and no memory to measure, and a balancer without a target counts no request per
//! target. A policy wakes a service only by a metric that has datapoints then (AWS, service auto scaling, on
//! scaling from zero); a scheduled action wakes it by its minimum, a forecast by its load.

use super::{Finding, path, warning};
use crate::metric_math::Evaluator;
use crate::scenario::model::{Adjustment, Metric, MetricSource, Policy, Scaling, Service, StepScaling};
use crate::units::SimDuration;

/// What stands for demand that is there: any number above zero, large enough to survive a division.
const DEMAND: f64 = 1e6;

/// Whether a service that may have no task can come back.
pub fn advise(service: &Service, findings: &mut Vec<Finding>) {
    let Some(scaling) = &service.scaling else { return };
    let Some(key) = zero_minimum(scaling) else { return };
    let stays_as_it_is = service.desired_count > 0 && scaling.policies.is_empty() && scaling.scheduled_actions.is_empty();
    if stays_as_it_is || wakes(scaling) {
        return;
    }
    let message = "min_capacity is 0 and nothing brings the service back from no task: no policy that may scale out follows a metric with \
                   datapoints then, no scheduled action raises the minimum, no forecast scales";
    let remedy =
        "follow BacklogPerTask or another metric of demand that needs no task, raise min_capacity by a scheduled action, or keep 1 task";
    findings.push(warning("nothing-wakes-from-zero", path(service, &key), message.to_owned(), remedy));
}

/// The key that lets the service go down to no task.
fn zero_minimum(scaling: &Scaling) -> Option<String> {
    if scaling.min_capacity == 0 {
        return Some("scaling.min_capacity".to_owned());
    }
    let action = scaling.scheduled_actions.iter().find(|action| action.min_capacity == Some(0))?;
    Some(format!("scaling.scheduled_actions.{}.min_capacity", action.name))
}

fn wakes(scaling: &Scaling) -> bool {
    let by_clock = !scaling.suspended.scheduled_scaling
        && scaling.scheduled_actions.iter().any(|action| action.min_capacity.is_some_and(|minimum| minimum > 0));
    let by_policy = !scaling.suspended.dynamic_scaling_out && scaling.policies.iter().any(policy_wakes);
    by_clock || by_policy
}

fn policy_wakes(policy: &Policy) -> bool {
    match policy {
        Policy::TargetTracking(policy) => shows_demand(&policy.metric.source()),
        Policy::Step(policy) => policy.series.metric.has_data_without_tasks() && adds_to_none(policy),
        Policy::Predictive(policy) => policy.scales,
    }
}

/// Whether a step makes at least one task of none; a percentage of none is none but for its least change.
fn adds_to_none(policy: &StepScaling) -> bool {
    let counts = policy.adjustment != Adjustment::PercentChangeInCapacity || policy.min_adjustment_magnitude > 0;
    counts && policy.steps.iter().any(|step| step.adjustment > 0)
}

/// What a metric is while there is demand and no task; none: it has no datapoint.
fn value_without_tasks(metric: Metric) -> Option<f64> {
    let counts_tasks = matches!(metric, Metric::RunningTaskCount | Metric::DesiredTaskCount | Metric::PendingTaskCount);
    metric.has_data_without_tasks().then_some(if counts_tasks { 0.0 } else { DEMAND })
}

/// Whether a source has a datapoint above zero while there is demand and no task. Metric math is computed: AWS's own
/// example divides by RunningTaskCount, which gives no datapoint at zero.
fn shows_demand(source: &MetricSource) -> bool {
    let value = match source {
        MetricSource::One(series) => value_without_tasks(series.metric),
        MetricSource::Math { series, math } => {
            let values: Vec<Option<f64>> = series.iter().map(|series| value_without_tasks(series.metric)).collect();
            Evaluator::new(math, SimDuration::from_seconds(60)).next(&values)
        }
    };
    value.is_some_and(|value| value > 0.0)
}
