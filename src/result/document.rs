//! The result document, field by field.
//!
//! The names are public and stay: scripts read them. Fields are added, never renamed. Every description
//! below is also the description in the JSON Schema. Money is a decimal string, so that no reader turns
//! it into a binary float unasked; a ratio without data is null.
//!
//! With several replications a figure is the mean of the runs' figures, and the object that holds it has a field `ci95` as well
//! (see [`super::Replications`]).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::figure::{Cell, Figure};

/// What a scenario returned: behaviour, cost and the verdict on its thresholds.
///
/// With several replications every figure, counts too, is the mean of the runs' figures; `max` is the largest, `min` the
/// smallest, and a sibling object `ci95` holds the half-widths of the 95 % confidence intervals by the same names. A
/// figure without data in some runs is the mean of the others. Activities, deployments and the timeline are those of the first run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunResult {
    /// The version of this form; it grows only when a field changes its meaning.
    pub schema_version: u32,
    /// The version of ecsim that computed it.
    pub ecsim_version: String,
    /// The scenario's name.
    pub scenario: String,
    /// The variant that was run; null for the scenario itself.
    pub variant: Option<String>,
    /// The files that the run read, in the order of reading.
    pub inputs: Vec<InputFile>,
    /// The simulated window, warm-up excluded.
    pub window: Window,
    /// How traffic was simulated: `fluid` (flows and queueing formulas) or `request` (every request).
    pub fidelity: String,
    /// The seed of every random draw; replication k, counted from 0, has the seed `seed + k`.
    pub seed: u64,
    /// The number of independent runs behind the figures.
    pub replications: u32,
    /// The assumptions in force, what AWS does not document, by name.
    pub assumptions: serde_json::Map<String, serde_json::Value>,
    /// The services by name, in the scenario's order.
    #[schemars(with = "BTreeMap<String, ServiceResult>")]
    pub services: Services,
    /// The bill.
    pub cost: Cost,
    /// The verdict on each threshold, in the scenario's order.
    pub thresholds: Vec<ThresholdResult>,
    /// Billed capacity by hour (means over replications): what Savings Plans and calendars need. The hours are UTC, the first holds
    /// the start of the window.
    pub usage_hourly: HourlyUsage,
    /// The course of the run.
    pub timeline: Timeline,
    /// What a reader of the figures must know.
    pub warnings: Vec<String>,
}

/// Services by name in the order of the scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Services(pub Vec<(String, ServiceResult)>);

impl Services {
    /// The service of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&ServiceResult> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, service)| service)
    }
}

impl Serialize for Services {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, service)| (name, service)))
    }
}

impl<'de> Deserialize<'de> for Services {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ServicesVisitor)
    }
}

/// Reads a map and keeps its order.
struct ServicesVisitor;

impl<'de> serde::de::Visitor<'de> for ServicesVisitor {
    type Value = Services;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "services by name")
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Services, A::Error> {
        let mut services = Vec::new();
        while let Some(entry) = map.next_entry()? {
            services.push(entry);
        }
        Ok(Services(services))
    }
}

/// Half-widths of 95 % confidence intervals (Student's t), by the names of the figures beside them: a mean lies within
/// plus or minus so much of the true one in 19 of 20 experiments. Money is a decimal string as beside it. For a map such as
/// `task_hours` the value is an object with the map's keys. Extremes (`max`, `min`) and figures without data have none;
/// null where only one replication had data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct HalfWidths(#[schemars(with = "BTreeMap<String, HalfWidth>")] pub serde_json::Map<String, serde_json::Value>);

/// One half-width, or those of a map.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "describes a type to the schema generator; no value of it is made")]
enum HalfWidth {
    /// Of a number; null where only one replication had data.
    Number(Option<f64>),
    /// Of an amount of money.
    Decimal(String),
    /// Of each key of a map.
    Map(BTreeMap<String, Option<f64>>),
}

/// A file that the run read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InputFile {
    /// Its path as it was given; `-` for standard input.
    pub path: String,
    /// The SHA-256 of its bytes in lower-case hexadecimal.
    pub sha256: String,
}

/// The simulated window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Window {
    /// The first instant that counts, RFC 3339 in UTC.
    pub start: String,
    /// The instant after the last that counts, RFC 3339 in UTC.
    pub end: String,
    /// Its length in seconds.
    pub seconds: Figure,
}

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
    /// Tasks that events of the scenario have cost, by the kind of event; only where there are any.
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

/// The bill in US dollars.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// Always `USD`.
    pub currency: String,
    /// The region whose prices apply.
    #[serde(default)]
    pub region: String,
    /// The private discount that all prices carry, as a fraction.
    #[serde(default)]
    pub discount: String,
    /// The cost of the window: exactly the sum of the line items' `cost`.
    pub window: String,
    /// The cost of a month of 730 hours.
    pub monthly: MonthlyCost,
    /// The cost of the window for each million offered requests; null without requests.
    pub per_million_requests: Option<String>,
    /// What Spot capacity saved in the window against the same hours on demand.
    pub spot_saving: String,
    /// The Savings Plans in force; null without any.
    pub savings_plan: Option<SavingsPlanResult>,
    /// The lines of the bill.
    pub line_items: Vec<LineItem>,
    /// Half-widths of the 95 % confidence intervals of these figures; only with several replications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<HalfWidths>,
}

/// What the Savings Plans did in the window, all together, in US dollars after the discount.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SavingsPlanResult {
    /// What was committed, used or not.
    pub commitment: String,
    /// What of it usage has used up, at the plans' rates.
    pub used: String,
    /// What was paid for nothing.
    pub unused: String,
    /// What the covered usage would have cost on demand less the commitment; negative when the plans cost more than they save.
    pub saving: String,
    /// `used` over `commitment`, 0 to 1; null without a commitment.
    pub utilization: Option<Figure>,
    /// The share of the usage that plans can cover which they do cover, in prices on demand, 0 to 1; null without any.
    pub coverage: Option<Figure>,
    /// Half-widths of the 95 % confidence intervals of these figures; only with several replications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<HalfWidths>,
}

/// The cost of a month of 730 hours in US dollars.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MonthlyCost {
    /// The mean over replications.
    pub mean: String,
    /// The 10th percentile over replications, linear between neighbours; null for one.
    pub p10: Option<String>,
    /// The median over replications; null for one.
    pub p50: Option<String>,
    /// The 90th percentile over replications; null for one.
    pub p90: Option<String>,
    /// Half-widths of the 95 % confidence intervals of these figures; only with several replications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<HalfWidths>,
}

/// One line of the bill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LineItem {
    /// The service it belongs to; null for what several share.
    pub service: Option<String>,
    /// What is billed: `tasks`, a load balancer's name ...
    pub resource: String,
    /// The capacity provider of tasks; null elsewhere.
    pub capacity_provider: Option<String>,
    /// The AWS product: `Fargate` ...
    pub product: String,
    /// AWS's own usage type, as a bill prints it.
    pub usage_type: String,
    /// The line in words.
    pub description: String,
    /// `fixed` or `variable` with traffic.
    pub behaviour: String,
    /// The quantity consumed in the window, in `unit`.
    pub quantity: String,
    /// The unit of the quantity.
    pub unit: String,
    /// The price of one unit in US dollars.
    pub unit_price: String,
    /// Where the price was published.
    pub price_source: String,
    /// When the price was read, `YYYY-MM-DD`.
    pub price_date: String,
    /// Whether the price is an estimate rather than a published figure.
    pub estimated: bool,
    /// The Savings Plan whose commitment pays for it; absent when it is billed by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub savings_plan: Option<String>,
    /// What a unit costs on demand in US dollars, where a Savings Plan covers it; absent elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_demand_unit_price: Option<String>,
    /// The cost of the window in US dollars.
    pub cost: String,
    /// The cost of a month of 730 hours in US dollars.
    pub monthly_cost: String,
    /// Half-widths of the 95 % confidence intervals of these figures; only with several replications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<HalfWidths>,
}

/// The verdict on one threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ThresholdResult {
    /// The threshold as it was written.
    pub expression: String,
    /// The figure it speaks of, in the form of the document (money is a string); null without data.
    #[schemars(with = "Option<NumberOrDecimal>")]
    pub value: serde_json::Value,
    /// Whether it is met; a figure without data meets none.
    pub ok: bool,
}

/// A number, or an amount of money as a decimal string.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "describes a type to the schema generator; no value of it is made")]
enum NumberOrDecimal {
    /// A number.
    Number(f64),
    /// A decimal string.
    Decimal(String),
}

/// A table of billed capacity by hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HourlyUsage {
    /// The columns: the hour's start (RFC 3339, UTC), service, capacity provider, vCPU-hours, GB-hours of
    /// memory (a GB of 1024 MiB, as Fargate bills it).
    pub columns: Vec<String>,
    /// One row for each hour, service and capacity provider.
    pub rows: Vec<Vec<Cell>>,
    /// What the tasks of each service run on, as price keys call it: `linux_x86`, `linux_arm` or `windows_x86`.
    #[serde(default)]
    pub platforms: BTreeMap<String, String>,
}

/// A table of the course of the run. Rates, utilisations and latencies are means over the step (rates per
/// second, utilisations in percent, latencies in seconds), counts of tasks are those at its end,
/// `cost_per_hour` is the hourly cost of the tasks in US dollars. Figures have six significant digits;
/// null is no data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Timeline {
    /// The step in seconds.
    pub resolution_seconds: Figure,
    /// The columns.
    pub columns: Vec<String>,
    /// One row for each step and service; `time` is the start of the step.
    pub rows: Vec<Vec<Cell>>,
}
