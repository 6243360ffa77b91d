//! The result document, field by field.
//!
//! The names are public and stay: scripts read them. Fields are added, never renamed. Every description
//! below is also the description in the JSON Schema. Money is a decimal string, so that no reader turns
//! it into a binary float unasked; a ratio without data is null.
//!
//! With several replications a figure is the mean of the runs' figures, and the object that holds it has a field `ci95` as well
//! (see [`super::Replications`]).

mod cost;
mod instances;
mod service;

pub use self::cost::*;
pub use self::instances::*;
pub use self::service::*;

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
    /// The EC2 instances of each capacity provider by its name; absent without any.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub capacity_providers: BTreeMap<String, CapacityProviderResult>,
    /// The bill.
    pub cost: Cost,
    /// The verdict on each threshold, in the scenario's order.
    pub thresholds: Vec<ThresholdResult>,
    /// Billed capacity by hour (means over replications): what Savings Plans and calendars need. The hours are UTC, the first holds
    /// the start of the window.
    pub usage_hourly: HourlyUsage,
    /// The course of the run.
    pub timeline: Timeline,
    /// What the window cost by the hour, for the charts: of the first replication, and only where there is a timeline.
    #[serde(default)]
    pub cost_hourly: HourlyCost,
    /// What each service aims for, for the charts.
    #[serde(default)]
    pub objectives: BTreeMap<String, Objectives>,
    /// What a reader of the figures must know.
    pub warnings: Vec<String>,
}

impl RunResult {
    /// Whether a service has a service level, so that its time over it says something.
    #[must_use]
    pub fn has_slo(&self, service: &str) -> bool {
        let of = self.objectives.get(service);
        of.is_some_and(|objectives| objectives.slo_latency_seconds.is_some() || objectives.slo_availability.is_some())
    }
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

/// The verdict on one threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ThresholdResult {
    /// The threshold as it was written.
    pub expression: String,
    /// The path of the figure that it speaks of.
    #[serde(default)]
    pub path: String,
    /// The figure it speaks of, in the form of the document (money is a string); null without data.
    #[schemars(with = "Option<NumberOrDecimal>")]
    pub value: serde_json::Value,
    /// The same figure of the baseline, for a threshold against one; null where the baseline has no data.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<NumberOrDecimal>")]
    pub baseline: Option<serde_json::Value>,
    /// What the figure was compared with, for a threshold against a baseline; absent where the baseline has no data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<Figure>,
    /// Whether it is met; a figure without data meets none.
    pub ok: bool,
}

/// A field that is there, whether it is null or not.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<serde_json::Value>, D::Error> {
    serde_json::Value::deserialize(deserializer).map(Some)
}

/// A number, or an amount of money as a decimal string.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "describes a type to the schema generator; no value of it is made")]
pub(super) enum NumberOrDecimal {
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

/// A table of costs by hour.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HourlyCost {
    /// The month of 730 hours in US dollars of the replication that is shown.
    pub monthly: String,
    /// The columns: the hour's start (RFC 3339, UTC), then each group of products that cost anything.
    pub columns: Vec<String>,
    /// One row for each hour, in US dollars of that hour.
    pub rows: Vec<Vec<Cell>>,
}

/// What a service aims for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Objectives {
    /// The latency of its service level in seconds; null without one.
    pub slo_latency_seconds: Option<Figure>,
    /// The availability of its service level, 0 to 1; null without one.
    #[serde(default)]
    pub slo_availability: Option<Figure>,
    /// The CPU utilisations in percent that its target tracking policies keep to.
    pub cpu_targets_percent: Vec<Figure>,
    /// The memory utilisations in percent that its target tracking policies keep to.
    pub memory_targets_percent: Vec<Figure>,
}

/// A table of the course of the run. Rates, utilisations and latencies are means over the step (rates per
/// second, utilisations in percent, latencies in seconds), counts of tasks are those at its end,
/// `cost_per_hour` is the cost of the service by the hour in US dollars: its tasks, what is billed of it alone and its even part of what services share. Figures have six significant digits;
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
