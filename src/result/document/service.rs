//! The part of a result that is about one service.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::HalfWidths;
use crate::result::Figure;

/// What one service did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceResult {
    /// Where its requests ended.
    pub requests: Requests,
    /// Response times of served requests in seconds: from arrival to the last byte.
    pub latency_seconds: Latency,
    /// Waits of served requests for a slot in seconds.
    pub queue_seconds: QueueWait,
    /// CPU utilisation in percent of what the running tasks have, minute by minute.
    pub cpu_utilization: Utilization,
    /// Memory utilisation in percent of what the running tasks have, minute by minute.
    pub memory_utilization: Utilization,
    /// The desired count.
    pub desired_tasks: TaskCount,
    /// The running count.
    pub running_tasks: TaskCount,
    /// Billed task-hours by capacity provider.
    pub task_hours: BTreeMap<String, Figure>,
    /// The billed task-hours by what the task was doing.
    pub task_hours_by_state: TaskHoursByState,
    /// Tasks launched within the window by capacity provider; those that ran at its start are not counted.
    pub tasks_launched: BTreeMap<String, Figure>,
    /// Tasks that events of the scenario have cost, by the kind of event, and those lost with an instance that was scaled in (`instance_scale_in`); only where there are any.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tasks_lost: BTreeMap<String, Figure>,
    /// Tasks that were killed because their requests needed more memory than they have.
    #[serde(default)]
    pub tasks_out_of_memory: Figure,
    /// What Spot interruptions did.
    pub spot: SpotResult,
    /// The message queue; null for a service that answers http.
    pub queue: Option<QueueResult>,
    /// What scaling did.
    pub scaling: ScalingResult,
    /// Every activity of Application Auto Scaling, oldest first, in the spelling of `aws
    /// application-autoscaling describe-scaling-activities`.
    pub scaling_activities: Vec<Activity>,
    /// Deployments, oldest first.
    pub deployments: Vec<Deployment>,
    /// How the service level was met.
    pub slo: SloResult,
    /// Half-widths of the 95 % confidence intervals of `task_hours`, `tasks_launched`, `tasks_lost` and `tasks_out_of_memory`, by their names and keys; only with several replications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<HalfWidths>,
}

/// Where requests ended: `offered` is the sum of the five fields that follow it, exactly in request
/// fidelity and to rounding in fluid. A request belongs to the window in which it arrives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Requests {
    /// First attempts that arrived.
    pub offered: Figure,
    /// Answered in time and without error.
    pub served: Figure,
    /// Turned away with 503: the backlog was full, or no task was there.
    pub rejected: Figure,
    /// Not answered in time: 504.
    pub timed_out: Figure,
    /// Answered 5xx by the application, or lost with their task.
    pub failed: Figure,
    /// Neither answered nor lost when the window ended.
    pub in_flight_at_end: Figure,
    /// All attempts, retries included.
    pub attempts: Figure,
    /// Attempts that repeat a failed one.
    pub retried: Figure,
    /// Messages that were received again after their visibility timeout; only for a message queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redelivered: Option<Figure>,
    /// Messages that went to a dead-letter queue; only for a message queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_lettered: Option<Figure>,
    /// Served requests divided by those that came to an end (offered less in flight), 0 to 1; null when
    /// none did.
    pub availability: Option<Figure>,
    /// Half-widths of the 95 % confidence intervals of these figures; only with several replications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<HalfWidths>,
}

/// Response times in seconds; null where no request was served.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Latency {
    /// The mean.
    pub mean: Option<Figure>,
    /// The median.
    pub p50: Option<Figure>,
    /// The 90th percentile.
    pub p90: Option<Figure>,
    /// The 95th percentile.
    pub p95: Option<Figure>,
    /// The 99th percentile.
    pub p99: Option<Figure>,
    /// The 99.9th percentile.
    pub p99_9: Option<Figure>,
    /// The largest.
    pub max: Option<Figure>,
    /// Half-widths of the 95 % confidence intervals of these figures; only with several replications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<HalfWidths>,
}

/// Waits for a slot in seconds; null where no request was served.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QueueWait {
    /// The mean.
    pub mean: Option<Figure>,
    /// The median.
    pub p50: Option<Figure>,
    /// The 90th percentile.
    pub p90: Option<Figure>,
    /// The 95th percentile.
    pub p95: Option<Figure>,
    /// The 99th percentile.
    pub p99: Option<Figure>,
    /// The largest.
    pub max: Option<Figure>,
    /// Half-widths of the 95 % confidence intervals of these figures; only with several replications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<HalfWidths>,
}

/// A utilisation in percent over the minutes that have one; null without any.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Utilization {
    /// The mean over minutes.
    pub mean: Option<Figure>,
    /// The 95th percentile of the minutes.
    pub p95: Option<Figure>,
    /// The highest minute.
    pub max: Option<Figure>,
    /// Half-widths of the 95 % confidence intervals of these figures; only with several replications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<HalfWidths>,
}

/// A count of tasks over the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TaskCount {
    /// The fewest.
    pub min: u32,
    /// The mean over time.
    pub mean: Figure,
    /// The most.
    pub max: u32,
    /// Half-widths of the 95 % confidence intervals of these figures; only with several replications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<HalfWidths>,
}

/// Billed task-hours by what the task was doing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TaskHoursByState {
    /// Before it was a healthy target: image pull, start, registration.
    pub starting: Figure,
    /// While it was a healthy target.
    pub serving: Figure,
    /// From deregistration to its stop.
    pub draining: Figure,
    /// Half-widths of the 95 % confidence intervals of these figures; only with several replications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<HalfWidths>,
}

/// What Spot interruptions did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpotResult {
    /// Tasks interrupted.
    pub interrupted: Figure,
    /// The most tasks lost within two minutes.
    pub largest_simultaneous_loss: Figure,
    /// Seconds in which fewer tasks were healthy than the desired count, whatever the cause; a task that starts is missing.
    pub seconds_below_desired: Figure,
    /// Half-widths of the 95 % confidence intervals of these figures; only with several replications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<HalfWidths>,
}

/// A message queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QueueResult {
    /// The age of the oldest waiting message in seconds, at its highest.
    pub age_of_oldest_seconds: Figure,
    /// The most messages that were visible at once.
    pub visible_max: Figure,
    /// Half-widths of the 95 % confidence intervals of these figures; only with several replications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<HalfWidths>,
}

/// What scaling did in the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScalingResult {
    /// Activities that raised the desired count.
    pub scale_out: Figure,
    /// Activities that lowered it.
    pub scale_in: Figure,
    /// Changes of direction per hour: how restless the policies are.
    pub reversals_per_hour: Figure,
    /// Activities that changed nothing, by the code of their reason.
    pub not_scaled: BTreeMap<String, Figure>,
    /// Seconds from load crossing a policy's target to the first new healthy task.
    pub reaction_seconds: Reaction,
    /// Seconds in which more was offered than the healthy tasks can carry.
    pub seconds_saturated: Figure,
    /// Seconds in which the desired count was the maximum.
    pub seconds_at_max_capacity: Figure,
    /// Seconds in which fewer tasks were healthy than the load at the policy's target asks for.
    pub seconds_below_needed: Figure,
    /// How far the forecasts of predictive policies were off, by policy; only where there was a forecast.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub forecasts: BTreeMap<String, ForecastResult>,
    /// Half-widths of the 95 % confidence intervals of these figures; only with several replications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<HalfWidths>,
}

/// The forecasts of one predictive policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ForecastResult {
    /// How the forecast is made, in a sentence: AWS does not publish its own method.
    pub method: String,
    /// The sum of the errors of the hourly loads without their signs, over the sum of the loads, in percent.
    pub weighted_error_percent: Figure,
    /// The hours that were forecast and have passed.
    pub hours: Figure,
    /// Half-widths of the 95 % confidence intervals of these figures; only with several replications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<HalfWidths>,
}

/// Reaction times in seconds over the scale-outs that followed a rise of load; null without any.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reaction {
    /// The median.
    pub p50: Option<Figure>,
    /// The 90th percentile.
    pub p90: Option<Figure>,
    /// The slowest.
    pub max: Option<Figure>,
    /// Half-widths of the 95 % confidence intervals of these figures; only with several replications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<HalfWidths>,
}

/// An activity of Application Auto Scaling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Activity {
    /// Its identifier.
    pub activity_id: String,
    /// Always `ecs`.
    pub service_namespace: String,
    /// `service/<cluster>/<service>`.
    pub resource_id: String,
    /// Always `ecs:service:DesiredCount`.
    pub scalable_dimension: String,
    /// When it began, RFC 3339 in UTC.
    pub start_time: String,
    /// When the running count met the desired count; missing while it has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<String>,
    /// What was attempted.
    pub description: String,
    /// Why.
    pub cause: String,
    /// `Successful`, `InProgress`, `Overridden` or `Failed`.
    pub status_code: String,
    /// How it went; missing where nothing was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_message: Option<String>,
    /// Why nothing changed; only on activities that did not scale.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_scaled_reasons: Vec<NotScaledReason>,
}

/// Why an activity did not scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct NotScaledReason {
    /// AWS's code, as `AlreadyAtMaxCapacity`.
    pub code: String,
    /// The maximum capacity, where it is the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_capacity: Option<u32>,
    /// The minimum capacity, where it is the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_capacity: Option<u32>,
    /// The current capacity, where AWS tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_capacity: Option<u32>,
}

/// A deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Deployment {
    /// When it began, RFC 3339 in UTC; before the window for one that the window found in progress.
    pub started_at: String,
    /// When it ended; null while it has not.
    pub finished_at: Option<String>,
    /// `ROLLING`, `BLUE_GREEN`, `LINEAR` or `CANARY`.
    pub strategy: String,
    /// How it ended: `SUCCESSFUL`, `FAILED`, `ROLLBACK_SUCCESSFUL`, `STOPPED` (the next one came first), or `IN_PROGRESS` and
    /// `ROLLBACK_IN_PROGRESS` when it has not.
    pub status: String,
    /// Why it failed or was stopped; null when it was not.
    pub reason: Option<String>,
    /// Tasks of the new revision that it launched.
    #[serde(default)]
    pub tasks_launched: u64,
    /// Tasks of these that stopped before they ran, or failed their health checks.
    pub failed_tasks: u64,
    /// Requests that were rejected, timed out or failed between its start and its end, whatever the reason: those that would
    /// have failed without it are among them.
    pub requests_failed: Figure,
    /// Billed task-hours between its start and its end beyond those of the desired count: new tasks beside old ones, and old
    /// ones that drain. Below 0 where it made do with fewer tasks.
    pub extra_task_hours: Figure,
    /// Their cost in US dollars at what a task-hour of the service costs on average; absent where it has no price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra_cost: Option<String>,
}

/// How the service level was met.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SloResult {
    /// Seconds in windows whose p99 or availability missed the service level; 0 where none is set.
    pub seconds_over: Figure,
    /// Half-widths of the 95 % confidence intervals of these figures; only with several replications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<HalfWidths>,
}
