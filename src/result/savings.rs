//! The document of `ecsim savings`.

use schemars::JsonSchema;
use serde::Serialize;

use super::Figure;

/// The Savings Plan that costs least over the hours of a result.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SavingsResult {
    /// The version of ecsim.
    pub ecsim_version: String,
    /// The scenario whose result this is.
    pub scenario: String,
    /// The region whose prices apply.
    pub region: String,
    /// Hours that were looked at.
    pub hours: Figure,
    /// The cost of a month of 730 hours of what plans can cover, all on demand, in US dollars.
    pub monthly_on_demand: String,
    /// The best commitment of each plan, the cheapest first.
    pub plans: Vec<PlanChoice>,
    /// Commitments around the best one of the cheapest plan.
    pub curve: Vec<CommitmentPoint>,
    /// The cheapest plan if there is less usage than in the result.
    pub if_usage_falls: Vec<FallenUsage>,
    /// The part of the usage below which the cheapest plan costs more than it saves; null when it never does.
    pub break_even_usage: Option<Figure>,
    /// What a reader of the figures must know.
    pub warnings: Vec<String>,
}

/// The best commitment of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PlanChoice {
    /// `1y` or `3y`.
    pub term: String,
    /// `no_upfront`, `partial_upfront` or `all_upfront`.
    pub payment_option: String,
    /// What it does.
    #[serde(flatten)]
    pub point: CommitmentPoint,
}

/// What a commitment does. A month has 730 hours, money is in US dollars.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CommitmentPoint {
    /// The commitment in US dollars by the hour.
    pub commitment_per_hour: String,
    /// The month: the commitment, and on demand what it does not cover.
    pub monthly_cost: String,
    /// What it saves against on demand; negative when it costs more.
    pub monthly_saving: String,
    /// The share of the commitment that is used, 0 to 1; null without one.
    pub utilization: Option<Figure>,
    /// The share of the usage that it covers, in prices on demand, 0 to 1.
    pub coverage: Option<Figure>,
}

/// A month with less usage.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FallenUsage {
    /// The part of the usage of the result.
    pub usage: Figure,
    /// What the month costs on demand.
    pub monthly_on_demand: String,
    /// What the month costs with the commitment.
    pub monthly_cost: String,
    /// What the plan saves; negative when it costs more.
    pub monthly_saving: String,
}
