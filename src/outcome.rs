//! What a run returns: quantities, and no money.
//!
//! An outcome can be priced with any book and rendered in any form without running the simulation again.
//! Times are absolute UTC; durations and latencies are seconds; utilisations are percent.

mod activity;
mod decision;
mod deployment;

pub use activity::{ActivityStatus, Attempt, Cause, NotScaledReason, ScalingActivity, uuid};
pub use decision::{AlarmView, CooldownView, DatapointView, Decision, Explanation, PolicyView, Trigger, Verdict, Waterfall, WaterfallStep};
pub use deployment::Deployment;

use jiff::Timestamp;

use crate::metrics::Histogram;
use crate::units::SimDuration;
use crate::usage::Usage;

/// One run of one scenario with one seed.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The first instant that counts.
    pub start: Timestamp,
    /// The instant after the last that counts.
    pub end: Timestamp,
    /// The length of the window.
    pub duration: SimDuration,
    /// The step of every timeline.
    pub timeline_resolution: SimDuration,
    /// The services, in the scenario's order.
    pub services: Vec<ServiceOutcome>,
    /// The groups of EC2 instances, in the scenario's order.
    pub instance_groups: Vec<InstanceGroupOutcome>,
    /// What was consumed.
    pub usage: Usage,
    /// What a reader of the figures must know, in sentences.
    pub warnings: Vec<String>,
}

/// One group of EC2 instances.
#[derive(Clone, Debug, PartialEq)]
pub struct InstanceGroupOutcome {
    /// The capacity provider's name.
    pub name: String,
    /// The type of its instances.
    pub instance_type: String,
    /// Instances over time, those that start or drain too.
    pub instances: TaskCount,
    /// Billed instance-hours.
    pub instance_hours: f64,
    /// Instances launched in the window (those that ran at its start are not).
    pub instances_launched: u64,
    /// The share of the instances' CPU that tasks had, over the window, in percent; none without instances.
    pub cpu_reservation: Option<f64>,
    /// The same of the memory.
    pub memory_reservation: Option<f64>,
}

/// One service.
#[derive(Clone, Debug)]
pub struct ServiceOutcome {
    /// Its name.
    pub name: String,
    /// Where its requests ended.
    pub requests: RequestCounts,
    /// Response times of served requests, in seconds.
    pub latency: Histogram,
    /// Their waits for a slot, in seconds.
    pub queue: Histogram,
    /// The message queue; none for a service that answers requests.
    pub message_queue: Option<QueueOutcome>,
    /// CPU utilisation of the service by minute, in percent.
    pub cpu_utilization: Summary,
    /// Memory utilisation of the service by minute, in percent.
    pub memory_utilization: Summary,
    /// The desired count over time.
    pub desired_tasks: TaskCount,
    /// The running count over time.
    pub running_tasks: TaskCount,
    /// Billed task-hours by capacity provider, those that ran any.
    pub task_hours: Vec<(String, f64)>,
    /// Billed task-hours before a task was healthy.
    pub starting_task_hours: f64,
    /// Billed task-hours while it was a healthy target.
    pub serving_task_hours: f64,
    /// Billed task-hours from deregistration to stop.
    pub draining_task_hours: f64,
    /// Tasks launched in the window by capacity provider (those that ran at its start are not).
    pub tasks_launched: Vec<(String, u64)>,
    /// Tasks that events have cost, by the kind of event (`task_failure`, `task_hang`, `zone_outage`), and with an instance that was scaled in
    /// (`instance_scale_in`); those kinds that cost any.
    pub tasks_lost: Vec<(&'static str, u64)>,
    /// Tasks that were killed because their requests needed more memory than they have.
    pub tasks_out_of_memory: u64,
    /// Spot tasks interrupted.
    pub spot_interrupted: u64,
    /// The most Spot tasks that were lost within two minutes.
    pub spot_largest_simultaneous_loss: u64,
    /// Seconds in which fewer tasks were healthy than the desired count, tasks that start counted as missing.
    pub seconds_below_desired: f64,
    /// What scaling did.
    pub scaling: ScalingSummary,
    /// The scalable target, as AWS names it: `service/<cluster>/<service>`.
    pub resource_id: String,
    /// Every activity of Application Auto Scaling, oldest first.
    pub scaling_activities: Vec<ScalingActivity>,
    /// Deployments, oldest first.
    pub deployments: Vec<Deployment>,
    /// Why capacity did or did not change, if it was asked for.
    pub explanation: Option<Explanation>,
    /// Seconds in windows that missed the service level.
    pub slo_seconds_over: f64,
    /// One row for each step of the timeline; empty when none was asked for.
    pub timeline: Vec<TimelineRow>,
}

/// Where the requests of a service ended. `offered` is the sum of the five that follow it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RequestCounts {
    /// First attempts that arrived.
    pub offered: f64,
    /// Answered in time and without error.
    pub served: f64,
    /// Turned away: the backlog was full, or no task was there.
    pub rejected: f64,
    /// Not answered in time.
    pub timed_out: f64,
    /// Answered with an error, or lost with their task.
    pub failed: f64,
    /// Neither answered nor lost when the window ended.
    pub in_flight_at_end: f64,
    /// All attempts, those that clients made again after a failure too.
    pub attempts: f64,
}

/// What a message queue did in the window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct QueueOutcome {
    /// The age of the oldest visible message in seconds, at its highest.
    pub age_of_oldest_seconds: f64,
    /// The most messages that were visible at once.
    pub visible_max: f64,
    /// Messages that were received again after their visibility timeout, each as often as it was.
    pub redelivered: f64,
    /// Messages that went to a dead-letter queue.
    pub dead_lettered: f64,
}

/// A figure over the minutes of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Summary {
    /// The mean over minutes with a value; none without any.
    pub mean: Option<f64>,
    /// The 95th percentile.
    pub p95: Option<f64>,
    /// The largest.
    pub max: Option<f64>,
}

/// A count of tasks over time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TaskCount {
    /// The fewest.
    pub min: u32,
    /// The mean over time.
    pub mean: f64,
    /// The most.
    pub max: u32,
}

/// What scaling did in the window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScalingSummary {
    /// Activities that raised the desired count.
    pub scale_out: u64,
    /// Activities that lowered it.
    pub scale_in: u64,
    /// Changes of direction per hour.
    pub reversals_per_hour: f64,
    /// Activities that did not scale, by their reason's code.
    pub not_scaled: Vec<(&'static str, u64)>,
    /// Seconds from load crossing a policy's target to the first new healthy task, one for each such
    /// scale-out; ascending.
    pub reaction_seconds: Vec<f64>,
    /// Seconds in which the offered load exceeded what the healthy tasks can carry.
    pub seconds_saturated: f64,
    /// Seconds in which the desired count was the maximum.
    pub seconds_at_max_capacity: f64,
    /// Seconds in which fewer tasks were healthy than the load at the policy's target asks for.
    pub seconds_below_needed: f64,
    /// How far the forecasts of predictive policies were off, each policy that forecast any hour.
    pub forecasts: Vec<ForecastAccuracy>,
}

/// How far the forecasts of one policy were off.
#[derive(Clone, Debug, PartialEq)]
pub struct ForecastAccuracy {
    /// The policy's name.
    pub policy: String,
    /// The sum of the errors without their signs over the sum of the loads, in percent.
    pub weighted_error_percent: f64,
    /// The hours that were forecast and have passed.
    pub hours: usize,
}

/// One step of a service's timeline. Rates and gauges are means over the step; counts of tasks are those
/// at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TimelineRow {
    /// Requests that arrived, per second.
    pub offered_rps: f64,
    /// Requests of these that are served, per second; of a message queue those that were completed in the
    /// step.
    pub served_rps: f64,
    /// Requests of these that fail in any way, per second; of a message queue those deleted unread in it.
    pub failed_rps: f64,
    /// The desired count.
    pub desired: u32,
    /// Tasks launched and not yet running.
    pub pending: u32,
    /// Tasks running.
    pub running: u32,
    /// Tasks that are healthy targets.
    pub healthy: u32,
    /// CPU utilisation in percent; none without a running task.
    pub cpu_utilization: Option<f64>,
    /// Memory utilisation in percent.
    pub memory_utilization: Option<f64>,
    /// Mean response time in seconds; none without a request.
    pub latency_mean: Option<f64>,
    /// Median response time.
    pub latency_p50: Option<f64>,
    /// 95th percentile.
    pub latency_p95: Option<f64>,
    /// 99th percentile.
    pub latency_p99: Option<f64>,
    /// Requests waiting for a slot, over all tasks.
    pub queue_length: f64,
    /// Billed tasks on Fargate and on Fargate Spot: means over the step.
    pub billed_tasks: [f64; 2],
    /// EC2 instances of the capacity providers that the service runs on, those that start or drain too; none on Fargate.
    pub instances: Option<u32>,
}
