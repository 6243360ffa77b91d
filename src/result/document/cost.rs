//! The bill in a result.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::HalfWidths;
use crate::result::Figure;

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
    /// Whether the price is an estimate rather than a published figure, or the quantity rests on what AWS does not publish.
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
