//! The document of `ecsim diff`.

use schemars::JsonSchema;
use serde::Serialize;

use super::Figure;

/// The difference between two results.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DiffResult {
    /// The result before.
    pub old: DiffSide,
    /// The result after.
    pub new: DiffSide,
    /// What the month of 730 hours costs more, in US dollars; negative when it costs less.
    pub monthly_change: String,
    /// The same as a part of the old month; null when that cost nothing.
    pub monthly_change_ratio: Option<Figure>,
    /// The lines of either bill, those that change most first.
    pub lines: Vec<LineDiff>,
    /// The services of either result.
    pub services: Vec<ServiceDiff>,
    /// Why the two may not be comparable.
    pub warnings: Vec<String>,
}

/// One of the results.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DiffSide {
    /// The scenario.
    pub scenario: String,
    /// Its variant; null for the scenario itself.
    pub variant: Option<String>,
    /// The cost of a month in US dollars.
    pub monthly: String,
}

/// A line of either bill.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LineDiff {
    /// The service; null for what several share.
    pub service: Option<String>,
    /// What is billed.
    pub resource: String,
    /// The line in words.
    pub description: String,
    /// `added`, `removed`, `quantity`, `price`, `quantity and price` or `same`.
    pub change: String,
    /// The month before in US dollars; null when it was not there.
    pub old_monthly: Option<String>,
    /// The month after; null when it is not there.
    pub new_monthly: Option<String>,
    /// What it costs more; negative when less.
    pub monthly_change: String,
    /// The price of a unit before.
    pub old_unit_price: Option<String>,
    /// The price of a unit after.
    pub new_unit_price: Option<String>,
}

/// Figures of a service, each before and after; null where a result has not got it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ServiceDiff {
    /// The service.
    pub service: String,
    /// Its figures.
    pub figures: Vec<FigureDiff>,
}

/// A figure before and after.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FigureDiff {
    /// Its path in the service's part of a result.
    pub path: String,
    /// Before.
    pub old: Option<Figure>,
    /// After.
    pub new: Option<Figure>,
}
