//! The document of `ecsim compare`.

use schemars::JsonSchema;
use serde::Serialize;

use super::document::{NumberOrDecimal, RunResult};
use super::figure::Figure;

/// Several runs on the same traffic and the same seeds, and how they differ from one of them.
///
/// A run is named by its variant, null for the scenario itself; where several files are compared, by its file.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ComparisonResult {
    /// The name of the run that the others are compared with; null for the scenario itself.
    pub baseline: Option<String>,
    /// The runs, in the order in which they were asked for.
    pub runs: Vec<ComparedRun>,
    /// How each run but the baseline differs from it, figure by figure: its figures less the baseline's.
    pub differences: Vec<FigureDifference>,
    /// Why the runs may not be comparable.
    pub warnings: Vec<String>,
}

/// One of the runs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ComparedRun {
    /// Its name; null for the scenario itself.
    pub variant: Option<String>,
    /// The cost of its month over that of the cheapest run, or of the baseline where one was named; null where that costs nothing.
    pub relative_cost: Option<Figure>,
    /// Its result, judged by its thresholds (those against a baseline by the baseline of the comparison), without a timeline.
    pub result: RunResult,
}

/// How much a figure of a run is above that of the baseline.
///
/// Replications with the same seed are paired and their differences averaged: what chance does to both, as the same burst of
/// traffic, cancels out. Of many figures that do not really differ one in twenty is told apart by a 95 % interval all the same.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FigureDifference {
    /// The run; null for the scenario itself.
    pub variant: Option<String>,
    /// The path of the figure, as a threshold names it.
    pub path: String,
    /// The mean difference over the seeds; of an amount of money a decimal string.
    #[schemars(with = "NumberOrDecimal")]
    pub mean: serde_json::Value,
    /// The half-width of its 95 % confidence interval (Student's t over the pairs); null with one replication.
    #[schemars(with = "Option<NumberOrDecimal>")]
    pub ci95: serde_json::Value,
    /// Whether the interval leaves zero out; null with one replication, which tells nothing of chance.
    pub distinguishable: Option<bool>,
}
