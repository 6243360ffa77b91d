//! What a sweep found: a document that is small however many points there are.
//!
//! The rows of all points are files of their own (`-o rows.csv`, `-o rows.jsonl`); this document holds what is read off
//! them: the cheapest points, the Pareto front, and how much each axis matters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::figure::{Cell, Figure};

/// What a sweep found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepResult {
    /// The version of ecsim that computed it.
    pub ecsim_version: String,
    /// The scenario's name.
    pub scenario: String,
    /// The seed of every point, and of the sample if there is one.
    pub seed: u64,
    /// What varied, in the order of the command line.
    pub axes: Vec<SweepAxis>,
    /// How many points there are.
    pub points: SweepCounts,
    /// The first points that are no valid scenario, with their reasons.
    pub skipped: Vec<SkippedPoint>,
    /// The thresholds that points are judged by.
    pub thresholds: Vec<String>,
    /// The columns that a point's latency is the largest of.
    pub latency_columns: Vec<String>,
    /// The columns that a point's availability is the smallest of.
    pub availability_columns: Vec<String>,
    /// The columns of `best` and `front`, which are those of the rows of all points.
    pub columns: Vec<String>,
    /// The cheapest points that meet every threshold, the cheapest first.
    pub best: Vec<Vec<Cell>>,
    /// The points than which none costs less without a higher latency, the cheapest first, whether they meet the thresholds or not.
    pub front: Vec<Vec<Cell>>,
    /// How much each axis matters, in the order of `axes`.
    pub sensitivity: Vec<Sensitivity>,
    /// What a reader must know.
    pub warnings: Vec<String>,
}

impl SweepResult {
    /// The cell of a column in a row of `best` or `front`.
    #[must_use]
    pub fn cell<'a>(&self, row: &'a [Cell], column: &str) -> Option<&'a Cell> {
        row.get(self.columns.iter().position(|known| known == column)?)
    }

    /// The latency of a row in seconds.
    #[must_use]
    pub fn latency(&self, row: &[Cell]) -> Option<f64> {
        self.latency_columns.iter().filter_map(|column| self.cell(row, column)?.number()).max_by(f64::total_cmp)
    }

    /// The availability of a row.
    #[must_use]
    pub fn availability(&self, row: &[Cell]) -> Option<f64> {
        self.availability_columns.iter().filter_map(|column| self.cell(row, column)?.number()).min_by(f64::total_cmp)
    }
}

/// Paths that varied together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SweepAxis {
    /// The paths, or `variant`.
    pub paths: Vec<String>,
    /// The values in order; those of several paths are joined by slashes.
    pub values: Vec<String>,
}

/// The points of a sweep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SweepCounts {
    /// Those of the full grid.
    pub grid: u64,
    /// Those of the sample, or of the grid, that this shard had to do.
    pub chosen: u64,
    /// Those that were run.
    pub run: u64,
    /// Those that are no valid scenario.
    pub skipped: u64,
    /// Those that meet every threshold; null without thresholds.
    pub meeting_thresholds: Option<u64>,
}

/// A point that was not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SkippedPoint {
    /// Its number in the grid, from 1.
    pub index: u64,
    /// Why.
    pub reason: String,
}

/// How much an axis matters: the means of the points at each of its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sensitivity {
    /// The paths of the axis.
    pub paths: Vec<String>,
    /// The largest mean cost less the smallest, in US dollars a month; null where no value has a mean.
    pub cost_effect: Option<Figure>,
    /// The same of the latency, in seconds.
    pub latency_effect: Option<Figure>,
    /// The means at each value.
    pub values: Vec<ValueMeans>,
}

/// The means of the points at one value of an axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ValueMeans {
    /// The value.
    pub value: String,
    /// The points that were run there.
    pub points: u64,
    /// Their mean cost in US dollars a month; null without points.
    pub monthly_cost: Option<Figure>,
    /// Their mean latency in seconds (99th percentile); null where none served a request.
    pub latency_seconds: Option<Figure>,
}

/// What the pictures of a sweep show besides its document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SweepPicture {
    /// Means over the first two axes, if they are short enough to be drawn.
    pub map: Option<HeatMap>,
    /// Points off the front as cost in US dollars a month, latency in seconds and whether they meet the thresholds: all of
    /// few points, evenly picked ones of many.
    pub dots: Vec<(f64, f64, bool)>,
}

/// Means over two axes, row by row: the first axis runs down.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatMap {
    /// The axis that runs down and that which runs to the right, by their places; one axis runs to the right alone.
    pub axes: (Option<usize>, usize),
    /// How many cells to the right.
    pub columns: usize,
    /// The cells.
    pub cells: Vec<MapCell>,
}

/// The means of the points of one cell; none where no point was run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MapCell {
    /// Their cost in US dollars a month.
    pub monthly_cost: Option<f64>,
    /// Their latency in seconds; none where no request was served, either.
    pub latency_seconds: Option<f64>,
}
