//! The measured shape of the responses of one kind of task, as weighted points.

use super::Point;
use super::measured::{Excess, MeasuredRow, PROBABILITIES};
use super::points::bins;
use crate::distribution::standard_normal_quantile;
use crate::traffic::task_model::TaskModel;

/// Probabilities that cut the demand into bins, as (how many, up to where): the median, the 95th and the 99th percentile
/// lie in the middle of narrow ones.
const CUTS: [(u32, f64); 9] = [(8, 0.4), (4, 0.49), (1, 0.51), (14, 0.9), (10, 0.948), (1, 0.952), (9, 0.988), (1, 0.992), (8, 1.0)];

/// A part of the demand: its relative size, its weight, and the measured percentiles around it.
#[derive(Clone, Copy, Debug)]
struct Part {
    size: f64,
    weight: f64,
    /// The measured percentile below and the weight of the one above.
    below: usize,
    of_above: f64,
}

impl Part {
    fn excess(&self, excess: &Excess) -> f64 {
        excess[self.below] * (1.0 - self.of_above) + excess[self.below + 1] * self.of_above
    }
}

/// Responses relative to the mean burst of a lone request, over (fleet, load).
#[derive(Clone, Debug)]
pub(super) struct MeasuredShape {
    parts: Vec<Part>,
    /// What the excess of each percentile adds to the mean.
    of_mean: Excess,
    rows: Vec<MeasuredRow>,
    largest_size: f64,
}

impl MeasuredShape {
    /// The shape for fleets of these sizes; none where it was not measured.
    pub fn of(task: &TaskModel, fleet_sizes: &[u32]) -> Option<Self> {
        let squared_cv = task.cpu_time.squared_cv();
        let rows = fleet_sizes.iter().map(|&tasks| MeasuredRow::of(tasks, squared_cv, task.cores_for_requests()));
        let rows = rows.collect::<Option<Vec<_>>>()?;
        let cuts = cuts();
        let mut sizes = bins(&task.cpu_time, &cuts);
        if sizes.len() == 1 {
            // All alike: yet their responses are not.
            sizes = cuts.windows(2).map(|cut| (1.0, cut[1] - cut[0])).collect();
        }
        let normals = PROBABILITIES.map(standard_normal_quantile);
        let parts: Vec<Part> =
            cuts.windows(2).zip(&sizes).map(|(cut, &(size, weight))| part(size, weight, f64::midpoint(cut[0], cut[1]), &normals)).collect();
        let mut of_mean = Excess::default();
        for part in &parts {
            of_mean[part.below] += part.weight * part.size * (1.0 - part.of_above);
            of_mean[part.below + 1] += part.weight * part.size * part.of_above;
        }
        let largest_size = parts.iter().map(|part| part.size).fold(0.0, f64::max);
        Some(Self { parts, of_mean, rows, largest_size })
    }

    /// The excesses of a fleet (by its row) at a load, scaled to this excess of the mean.
    pub fn excess(&self, row: usize, load: f64, of_all: f64) -> Excess {
        let measured = self.rows[row].at(load);
        let measured_mean: f64 = measured.iter().zip(self.of_mean).map(|(excess, weight)| excess * weight).sum();
        let scale = if measured_mean > 0.0 { of_all / measured_mean } else { 0.0 };
        measured.map(|excess| excess * scale)
    }

    /// The longest response, in bursts of a lone request.
    pub fn largest(&self, excess: &Excess) -> f64 {
        self.largest_size * (1.0 + excess.iter().copied().fold(0.0, f64::max))
    }

    /// Responses in bursts of a lone request, with their weights.
    pub fn relative_responses(&self, excess: &Excess) -> impl Iterator<Item = Point> {
        self.parts.iter().map(|part| (part.size * (1.0 + part.excess(excess)), part.weight))
    }
}

/// A part in the middle of which a fraction `probability` of the demand lies below.
fn part(size: f64, weight: f64, probability: f64, normals: &Excess) -> Part {
    let normal = standard_normal_quantile(probability);
    let below = normals.partition_point(|known| *known <= normal).clamp(1, normals.len() - 1) - 1;
    let of_above = ((normal - normals[below]) / (normals[below + 1] - normals[below])).clamp(0.0, 1.0);
    Part { size, weight, below, of_above }
}

fn cuts() -> Vec<f64> {
    let mut cuts = vec![0.0];
    let mut from = 0.0;
    for (count, to) in CUTS {
        cuts.extend((1..=count).map(|index| from + (to - from) * f64::from(index) / f64::from(count)));
        from = to;
    }
    cuts
}
