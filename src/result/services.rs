//! The figures of one service, from the simulator's terms into the document's.

use std::collections::BTreeMap;

use super::document::{
    Activity, CapacityProviderResult, Deployment, ForecastResult, Latency, NotScaledReason, QueueResult, QueueWait, Reaction, Requests,
    ScalingResult, ServiceResult, SloResult, SpotResult, TaskCount, TaskHoursByState, Utilization,
};
use super::figure::Figure;
use crate::metrics::Histogram;
use crate::outcome::{
    self, ForecastAccuracy, InstanceGroupOutcome, NotScaledReason as Reason, QueueOutcome, RequestCounts, ScalingActivity, ScalingSummary,
    ServiceOutcome, Summary,
};

/// What [`crate::forecast`] does.
const FORECAST_METHOD: &str = "means by hour of the day and weekday over up to 14 days, scaled by the last six hours";

pub(super) fn service(outcome: &ServiceOutcome) -> ServiceResult {
    ServiceResult {
        requests: requests(&outcome.requests, outcome.message_queue.as_ref()),
        latency_seconds: latency(&outcome.latency),
        queue_seconds: queue_wait(&outcome.queue),
        cpu_utilization: utilization(&outcome.cpu_utilization),
        memory_utilization: utilization(&outcome.memory_utilization),
        desired_tasks: task_count(&outcome.desired_tasks),
        running_tasks: task_count(&outcome.running_tasks),
        task_hours: outcome.task_hours.iter().map(|(provider, hours)| (provider.clone(), Figure(*hours))).collect(),
        task_hours_by_state: TaskHoursByState {
            starting: Figure(outcome.starting_task_hours),
            serving: Figure(outcome.serving_task_hours),
            draining: Figure(outcome.draining_task_hours),
            ci95: None,
        },
        tasks_launched: counts(&outcome.tasks_launched),
        tasks_lost: counts(&outcome.tasks_lost),
        tasks_out_of_memory: outcome.tasks_out_of_memory.into(),
        spot: SpotResult {
            interrupted: outcome.spot_interrupted.into(),
            largest_simultaneous_loss: outcome.spot_largest_simultaneous_loss.into(),
            seconds_below_desired: Figure(outcome.seconds_below_desired),
            ci95: None,
        },
        queue: outcome.message_queue.as_ref().map(|queue| QueueResult {
            age_of_oldest_seconds: Figure(queue.age_of_oldest_seconds),
            visible_max: Figure(queue.visible_max),
            ci95: None,
        }),
        scaling: scaling(&outcome.scaling),
        scaling_activities: outcome.scaling_activities.iter().map(|one| activity(one, &outcome.resource_id)).collect(),
        deployments: outcome.deployments.iter().map(deployment).collect(),
        slo: SloResult { seconds_over: Figure(outcome.slo_seconds_over), ci95: None },
        ci95: None,
    }
}

pub(super) fn capacity_providers(groups: &[InstanceGroupOutcome]) -> BTreeMap<String, CapacityProviderResult> {
    let result = |group: &InstanceGroupOutcome| CapacityProviderResult {
        instance_type: group.instance_type.clone(),
        instances: task_count(&group.instances),
        instance_hours: Figure(group.instance_hours),
        instances_launched: group.instances_launched.into(),
        cpu_reservation: group.cpu_reservation.map(Figure),
        memory_reservation: group.memory_reservation.map(Figure),
        ci95: None,
    };
    groups.iter().map(|group| (group.name.clone(), result(group))).collect()
}

fn counts(of: &[(impl AsRef<str>, u64)]) -> BTreeMap<String, Figure> {
    of.iter().map(|(name, count)| (name.as_ref().to_owned(), (*count).into())).collect()
}

fn requests(counts: &RequestCounts, queue: Option<&QueueOutcome>) -> Requests {
    let ended = counts.offered - counts.in_flight_at_end;
    Requests {
        offered: Figure(counts.offered),
        served: Figure(counts.served),
        rejected: Figure(counts.rejected),
        timed_out: Figure(counts.timed_out),
        failed: Figure(counts.failed),
        in_flight_at_end: Figure(counts.in_flight_at_end),
        attempts: Figure(counts.attempts),
        retried: Figure(counts.attempts - counts.offered),
        redelivered: queue.map(|queue| Figure(queue.redelivered)),
        dead_lettered: queue.map(|queue| Figure(queue.dead_lettered)),
        // The fluid plane's sums meet only to rounding, so a perfect run could come out above one.
        availability: (ended > 0.0).then(|| Figure((counts.served / ended).clamp(0.0, 1.0))),
        ci95: None,
    }
}

fn latency(histogram: &Histogram) -> Latency {
    let quantile = |quantile| histogram.quantile(quantile).map(Figure);
    Latency {
        mean: histogram.mean().map(Figure),
        p50: quantile(0.5),
        p90: quantile(0.9),
        p95: quantile(0.95),
        p99: quantile(0.99),
        p99_9: quantile(0.999),
        max: histogram.max().map(Figure),
        ci95: None,
    }
}

fn queue_wait(histogram: &Histogram) -> QueueWait {
    let quantile = |quantile| histogram.quantile(quantile).map(Figure);
    QueueWait {
        mean: histogram.mean().map(Figure),
        p50: quantile(0.5),
        p90: quantile(0.9),
        p95: quantile(0.95),
        p99: quantile(0.99),
        max: histogram.max().map(Figure),
        ci95: None,
    }
}

fn utilization(summary: &Summary) -> Utilization {
    Utilization { mean: summary.mean.map(Figure), p95: summary.p95.map(Figure), max: summary.max.map(Figure), ci95: None }
}

fn task_count(count: &crate::outcome::TaskCount) -> TaskCount {
    TaskCount { min: count.min, mean: Figure(count.mean), max: count.max, ci95: None }
}

fn scaling(summary: &ScalingSummary) -> ScalingResult {
    ScalingResult {
        scale_out: summary.scale_out.into(),
        scale_in: summary.scale_in.into(),
        reversals_per_hour: Figure(summary.reversals_per_hour),
        not_scaled: counts(&summary.not_scaled),
        reaction_seconds: Reaction {
            p50: quantile_of_sorted(&summary.reaction_seconds, 0.5),
            p90: quantile_of_sorted(&summary.reaction_seconds, 0.9),
            max: summary.reaction_seconds.last().copied().map(Figure),
            ci95: None,
        },
        seconds_saturated: Figure(summary.seconds_saturated),
        seconds_at_max_capacity: Figure(summary.seconds_at_max_capacity),
        seconds_below_needed: Figure(summary.seconds_below_needed),
        forecasts: summary.forecasts.iter().map(|accuracy| (accuracy.policy.clone(), forecast(accuracy))).collect(),
        ci95: None,
    }
}

fn forecast(accuracy: &ForecastAccuracy) -> ForecastResult {
    ForecastResult {
        method: FORECAST_METHOD.to_owned(),
        weighted_error_percent: Figure(accuracy.weighted_error_percent),
        hours: Figure(accuracy.hours as f64),
        ci95: None,
    }
}

/// The quantile of ascending values, linear between neighbours (type 7 of Hyndman and Fan, the default of
/// R and NumPy); none without values.
fn quantile_of_sorted(values: &[f64], quantile: f64) -> Option<Figure> {
    let last = values.len().checked_sub(1)?;
    let place = quantile * last as f64;
    let below = values[(place.floor() as usize).min(last)];
    let above = values[(place.ceil() as usize).min(last)];
    Some(Figure(below + (above - below) * place.fract()))
}

fn deployment(of: &outcome::Deployment) -> Deployment {
    Deployment {
        started_at: of.started_at.to_string(),
        finished_at: of.finished_at.map(|time| time.to_string()),
        strategy: of.strategy.to_owned(),
        status: of.status.to_owned(),
        reason: of.reason.clone(),
        tasks_launched: of.tasks_launched,
        failed_tasks: of.failed_tasks,
        requests_failed: Figure(of.requests_failed),
        extra_task_hours: Figure(of.extra_task_hours.iter().sum()),
        extra_cost: None,
    }
}

fn activity(of: &ScalingActivity, resource_id: &str) -> Activity {
    Activity {
        activity_id: of.activity_id(),
        service_namespace: "ecs".to_owned(),
        resource_id: resource_id.to_owned(),
        scalable_dimension: "ecs:service:DesiredCount".to_owned(),
        start_time: of.start_time.to_string(),
        end_time: of.end_time.map(|time| time.to_string()),
        description: of.description(),
        cause: of.cause_text(),
        status_code: of.status.code().to_owned(),
        status_message: of.status_message(),
        not_scaled_reasons: of.not_scaled_reason().map(not_scaled_reason).into_iter().collect(),
    }
}

fn not_scaled_reason(of: Reason) -> NotScaledReason {
    let mut reason = NotScaledReason { code: of.code().to_owned(), max_capacity: None, min_capacity: None, current_capacity: None };
    match of {
        Reason::AlreadyAtMaxCapacity(capacity) => reason.max_capacity = Some(capacity),
        Reason::AlreadyAtMinCapacity(capacity) => reason.min_capacity = Some(capacity),
        Reason::AlreadyAtDesiredCapacity(capacity) | Reason::AutoScalingAnticipatedFlapping(capacity) => {
            reason.current_capacity = Some(capacity);
        }
    }
    reason
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours() {
        // NumPy: percentile([100, 200, 300, 400], [50, 90]) = 250, 370.
        let values = [100.0, 200.0, 300.0, 400.0];
        assert_eq!(quantile_of_sorted(&values, 0.5), Some(Figure(250.0)));
        assert_eq!(quantile_of_sorted(&values, 0.9), Some(Figure(370.0)));
        assert_eq!(quantile_of_sorted(&[7.0], 0.9), Some(Figure(7.0)));
        assert_eq!(quantile_of_sorted(&[], 0.5), None);
    }

    #[test]
    fn availability_counts_requests_that_came_to_an_end() {
        let counts = RequestCounts {
            offered: 1010.0,
            served: 990.0,
            rejected: 4.0,
            timed_out: 3.0,
            failed: 3.0,
            in_flight_at_end: 10.0,
            attempts: 1010.0,
        };
        assert_eq!(requests(&counts, None).availability, Some(Figure(0.99)));
        assert_eq!(requests(&RequestCounts::default(), None).availability, None);
        let none_ended = RequestCounts { offered: 5.0, in_flight_at_end: 5.0, ..RequestCounts::default() };
        assert_eq!(requests(&none_ended, None).availability, None);
    }

    #[test]
    fn a_histogram_without_requests_gives_nulls() {
        let empty = latency(&Histogram::default());
        assert_eq!((empty.mean, empty.p50, empty.p99_9, empty.max), (None, None, None, None));
    }
}
