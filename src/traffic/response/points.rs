//! The response times of a steady state around their mean, as weighted points.
//!
//! Demands and waits are cut into bins, each with its mean; every bin of demand is slowed as the measured shape says, or
//! by values of a gamma whose spread falls with the length of the stay.

use super::cell::{Cell, Shares, memory_of};
use super::{Point, ResponseTable};
use crate::distribution::Distribution;
use crate::math::exp_m1;

/// Probabilities that cut the demand into bins, fine where percentiles are read.
pub(super) const DEMAND_CUTS: [f64; 25] = [
    0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.994, 0.997, 0.999,
    0.9997, 1.0,
];
/// Cuts of the distribution of a wait that is not constant: a response is little more than its wait where that is long, so its
/// percentiles lie as densely as these.
pub(super) const WAIT_CUTS: [f64; 40] = [
    0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.91, 0.92, 0.93, 0.94, 0.95,
    0.955, 0.96, 0.965, 0.97, 0.975, 0.98, 0.985, 0.99, 0.9925, 0.995, 0.997, 0.998, 0.999, 0.9997, 0.9999, 1.0,
];
/// Values of the slow-down tried for each bin of demand, at equal probabilities.
pub(super) const SLOWDOWN_POINTS: usize = 8;

impl ResponseTable {
    /// The longest of the points that [`Self::build_points`] makes: a slow-down is one of
    /// [`SLOWDOWN_POINTS`] equally likely ones, so its excess is at most so many times the mean.
    pub(super) fn ceiling(&self, queue: f64, slowdown: f64) -> f64 {
        let largest = self.demand.iter().map(|&(size, _)| size).fold(0.0, f64::max);
        queue + self.task.lone_burst_seconds * largest * (1.0 + SLOWDOWN_POINTS as f64 * (slowdown - 1.0)) + self.longest_wait()
    }

    pub(super) fn longest_wait(&self) -> f64 {
        self.wait.iter().map(|(wait, _)| *wait).fold(0.0, f64::max)
    }

    /// Values and weights of the responses in one state; the weights add up to 1.
    pub(super) fn build_points(&self, cell: &Cell) -> Vec<Point> {
        let burst = self.task.lone_burst_seconds;
        let queue = cell.scaled_queue / (1.0 - cell.load);
        if let (Some(shape), Some(excess)) = (&self.measured, cell.measured.as_deref()) {
            let with_waits = |(size, weight): Point| {
                let before = queue + burst * size;
                self.wait.iter().map(move |(wait, share)| (before + wait, weight * share))
            };
            return shape.relative_responses(excess).flat_map(with_waits).collect();
        }
        let mut points = Vec::with_capacity(self.demand.len() * SLOWDOWN_POINTS * self.wait.len());
        let mut factors = [1.0; SLOWDOWN_POINTS];
        for &(size, weight) in &self.demand {
            self.slowdowns_of(cell, size, &mut factors);
            let share = weight / SLOWDOWN_POINTS as f64;
            let of = |factor: f64, (wait, part): Point| (queue + burst * size * factor + wait, share * part);
            // (The commonest wait is constant: all the points of a size at once.)
            if let [wait] = self.wait[..] {
                points.extend(factors.map(|factor| of(factor, wait)));
            } else {
                points.extend(factors.iter().flat_map(|factor| self.wait.iter().map(|wait| of(*factor, *wait))));
            }
        }
        points
    }

    pub(super) fn build_shares(&self, cell: &Cell) -> Shares {
        let points = self.points(cell);
        Shares {
            late: points.iter().map(|&(value, weight)| weight * self.task.late_share(value)).sum(),
            over_objective: points.iter().filter(|(value, _)| *value > self.objective_seconds).map(|(_, weight)| weight).sum(),
        }
    }

    pub(super) fn build_percentiles(&self, cell: &Cell) -> [f64; 3] {
        let mut points = self.points(cell).to_vec();
        points.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        [0.5, 0.95, 0.99].map(|quantile| quantile_of_points(&points, quantile))
    }

    /// Equally likely slow-downs of a burst of this relative size. An arrival under round robin finds the
    /// task emptier than it is on average; what it meets later in its stay, it meets like everybody.
    pub(super) fn slowdowns_of(&self, cell: &Cell, size: f64, factors: &mut [f64; SLOWDOWN_POINTS]) {
        if cell.slowdown - 1.0 <= 1e-9 {
            *factors = [1.0; SLOWDOWN_POINTS];
            return;
        }
        let stay = size * cell.slowdown / memory_of(cell.root);
        let (mean_of_decay, averaged) = if stay > 1e-6 {
            let decayed = exp_m1(-stay);
            (-decayed / stay, 2.0 * (stay + decayed) / (stay * stay))
        } else {
            (1.0, 1.0)
        };
        let excess = cell.long_excess - (cell.long_excess - cell.short_excess) * mean_of_decay;
        let squared_cv = averaged / cell.root.max(1e-3);
        gamma_points(squared_cv.min(4.0), &self.slowdown_normals, factors);
        for factor in factors {
            *factor = 1.0 + excess * *factor;
        }
    }
}

/// Values of a gamma of mean 1 by the cube-root approximation of Wilson and Hilferty (1931), rescaled to
/// that mean exactly.
pub(super) fn gamma_points(squared_cv: f64, normals: &[f64; SLOWDOWN_POINTS], points: &mut [f64; SLOWDOWN_POINTS]) {
    let ninth = squared_cv / 9.0;
    let spread = ninth.sqrt();
    for (point, normal) in points.iter_mut().zip(normals) {
        let root = (1.0 - ninth + normal * spread).max(0.0);
        *point = root * root * root;
    }
    let mean = points.iter().sum::<f64>() / SLOWDOWN_POINTS as f64;
    for point in points {
        *point /= mean;
    }
}

/// Relative sizes with mean 1: the mean of each bin between two cuts, by sixteen quantiles inside it.
pub(super) fn bins(distribution: &Distribution, cuts: &[f64]) -> Vec<Point> {
    const INSIDE: usize = 16;
    let mean = distribution.mean();
    if mean <= 0.0 || distribution.is_constant() {
        return vec![(1.0, 1.0)];
    }
    let mut bins: Vec<Point> = cuts
        .windows(2)
        .map(|cut| {
            let width = cut[1] - cut[0];
            let sum: f64 = (0..INSIDE).map(|index| distribution.quantile(cut[0] + width * (index as f64 + 0.5) / INSIDE as f64)).sum();
            (sum / INSIDE as f64 / mean, width)
        })
        .collect();
    // What the quantiles miss lies in the far tail: give it to the last bin.
    let covered: f64 = bins.iter().map(|(value, weight)| value * weight).sum();
    if let Some((value, weight)) = bins.last_mut() {
        *value = (*value + (1.0 - covered) / *weight).max(*value);
    }
    bins
}

/// The value below which a fraction `quantile` of the weight lies, between the middles of the two points
/// around it; points ascend and weigh 1 together.
pub(super) fn quantile_of_points(points: &[Point], quantile: f64) -> f64 {
    let mut below = 0.0;
    let mut previous: Option<Point> = None;
    for &(value, weight) in points {
        let middle = below + weight / 2.0;
        if middle >= quantile {
            return previous.map_or(value, |(earlier, at)| earlier + (value - earlier) * (quantile - at) / (middle - at));
        }
        previous = Some((value, middle));
        below += weight;
    }
    previous.map_or(0.0, |(value, _)| value)
}
