//! The document of `ecsim calendar`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Figure, InputFile};

/// What the coming months cost, each by itself.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CalendarResult {
    /// The version of ecsim.
    pub ecsim_version: String,
    /// The scenario's name.
    pub scenario: String,
    /// The variant; null for the scenario itself.
    pub variant: Option<String>,
    /// The files that were read, in the order of reading.
    pub inputs: Vec<InputFile>,
    /// The region whose prices apply.
    pub region: String,
    /// The start of the simulation, from which growth counts; RFC 3339.
    pub start: String,
    /// `fluid` or `request`.
    pub fidelity: String,
    /// The seed of the first replication.
    pub seed: u64,
    /// How many replications there are, with the seeds from `seed` on.
    pub replications: u32,
    /// The months in their order.
    pub months: Vec<CalendarMonth>,
    /// All months together: its quantiles are those of the sums, not sums of quantiles.
    pub total: CalendarFigures,
    /// What a reader of the figures must know.
    pub warnings: Vec<String>,
}

/// One whole month of the calendar in UTC.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CalendarMonth {
    /// The month, as `2026-02`.
    pub month: String,
    /// Its figures.
    #[serde(flatten)]
    pub figures: CalendarFigures,
}

/// The figures of one month or of all.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CalendarFigures {
    /// Hours of the calendar, 672 to 744 in a month.
    pub hours: u32,
    /// Requests that arrived at all services, attempts that clients make again and calls between services included; the mean.
    pub requests: Figure,
    /// The cost in US dollars.
    pub cost: CalendarCost,
    /// The mean cost by what is paid for, those that cost anything in any month.
    pub groups: Vec<CalendarGroup>,
}

/// A cost over replications, in US dollars.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CalendarCost {
    /// The mean.
    pub mean: String,
    /// One of ten replications costs less; null for one replication.
    pub p10: Option<String>,
    /// One of two replications costs less; null for one replication.
    pub p50: Option<String>,
    /// Nine of ten replications cost less; null for one replication.
    pub p90: Option<String>,
}

/// What is paid for, and its mean cost.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CalendarGroup {
    /// `Fargate`, `Load balancing` ...
    pub group: String,
    /// US dollars.
    pub mean: String,
}
