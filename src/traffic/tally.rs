//! What the fluid plane counts while it runs, and how the counts become figures.
//!
//! A step in a steady state costs one addition to a cell of the response table; the distributions behind
//! the cells are unfolded once, at the end. A step near or beyond saturation records its response times
//! directly.

use super::response::{Position, ResponseTable};
use crate::math::ln;
use crate::metrics::Histogram;
use crate::outcome::RequestCounts;

/// Values that stand for an exponential wait.
pub(super) const EXPONENTIAL_POINTS: usize = 32;

/// An exponential of mean 1 as equally likely values, each the mean of its part: n times the difference of
/// (x + 1) exp(-x) between the ends x = -ln(1 - i/n) of the part. Their mean is 1.
pub(super) fn exponential_points() -> [f64; EXPONENTIAL_POINTS] {
    let above = |index: usize| {
        let tail = (EXPONENTIAL_POINTS - index) as f64 / EXPONENTIAL_POINTS as f64;
        if tail > 0.0 { (1.0 - ln(tail)) * tail } else { 0.0 }
    };
    std::array::from_fn(|index| (above(index) - above(index + 1)) * EXPONENTIAL_POINTS as f64)
}

/// Steady states whose percentiles differ by less than this fraction count as alike in one row.
const LIKE_STATES: f64 = 0.15;

/// Response times that do not follow from a steady state: weighted values.
pub type Burst = Vec<(f64, f64)>;

/// Requests and response times since the last reset.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Where requests ended; nothing is in flight until the end.
    pub counts: RequestCounts,
    /// Seconds in which arrivals exceeded what the healthy tasks complete.
    pub seconds_saturated: f64,
    /// Of the failed, those answered with an error; the others were lost with their task.
    errors: f64,
    cell_weights: Vec<f64>,
    latency: Histogram,
    queue: Histogram,
}

impl Tally {
    /// Counts requests served in a steady state.
    pub fn steady(&mut self, position: Position, requests: f64) {
        let [(lower, lower_weight), (_, upper_weight)] = ResponseTable::cells(position);
        let lower = lower as usize;
        if lower + 1 >= self.cell_weights.len() {
            self.cell_weights.resize(lower + 2, 0.0);
        }
        self.cell_weights[lower] += requests * lower_weight;
        self.cell_weights[lower + 1] += requests * upper_weight;
    }

    /// Counts requests served in a steady state of a table that is not that of the others.
    pub fn steady_elsewhere(&mut self, position: Position, requests: f64, table: &ResponseTable) {
        let points = exponential_points();
        for (cell, weight) in ResponseTable::cells(position).into_iter().filter(|(_, weight)| *weight > 0.0) {
            record((cell, requests * weight), table, &points, (&mut self.latency, &mut self.queue));
        }
    }

    /// Counts served requests by response time and their common wait for a slot.
    pub fn direct(&mut self, responses: &[(f64, f64)], queue_seconds: f64) {
        let mut total = 0.0;
        for &(seconds, requests) in responses {
            self.latency.record(seconds, requests);
            total += requests;
        }
        self.queue.record(queue_seconds, total);
    }

    /// Counts requests that get an answer in time, a fraction of them with an error.
    pub fn accept(&mut self, requests: f64, error_rate: f64) {
        let errors = requests * error_rate;
        self.errors += errors;
        self.counts.failed += errors;
        self.counts.served += requests - errors;
    }

    /// Takes back requests that were counted as accepted and are still in flight. At most as many as were
    /// accepted; the share that would have been answered with an error goes back with them. Returns what
    /// was taken.
    pub fn take_back(&mut self, requests: f64) -> f64 {
        let accepted = self.counts.served + self.errors;
        if accepted <= 0.0 || requests <= 0.0 {
            return 0.0;
        }
        let share = (requests / accepted).min(1.0);
        let (served, errors) = (self.counts.served * share, self.errors * share);
        self.counts.served -= served;
        self.errors -= errors;
        // Never below zero by the last bit: errors are a part of the failed.
        self.counts.failed = (self.counts.failed - errors).max(0.0);
        served + errors
    }

    /// Counts requests that were accepted as lost with their task.
    pub fn lose_accepted(&mut self, requests: f64) {
        let lost = self.take_back(requests);
        self.counts.failed += lost;
    }

    /// Unfolds what was counted by places in a table that is used no longer.
    pub fn unfold(&mut self, table: &ResponseTable) {
        (self.latency, self.queue) = self.histograms(table);
        self.cell_weights.clear();
    }

    /// The response times and waits for a slot, unfolded.
    #[must_use]
    pub fn histograms(&self, table: &ResponseTable) -> (Histogram, Histogram) {
        let points = exponential_points();
        let (mut latency, mut queue) = (self.latency.clone(), self.queue.clone());
        for (cell, &requests) in self.cell_weights.iter().enumerate().filter(|(_, requests)| **requests > 0.0) {
            record((cell as u32, requests), table, &points, (&mut latency, &mut queue));
        }
        (latency, queue)
    }
}

/// Records the response times of requests in one cell of a table, and their waits for a slot, exponential ones given by `points`.
fn record(
    (cell, requests): (u32, f64),
    table: &ResponseTable,
    points: &[f64; EXPONENTIAL_POINTS],
    (latency, queue): (&mut Histogram, &mut Histogram),
) {
    table.record_cell(cell, requests, latency);
    let (share, mean_seconds) = table.queue_of_cell(cell);
    queue.record(0.0, requests * (1.0 - share));
    for point in points {
        queue.record(point * mean_seconds, requests * share / EXPONENTIAL_POINTS as f64);
    }
}

/// Requests and response times of one window (a timeline row, a window of the service level).
#[derive(Clone, Debug, Default)]
pub struct Window {
    /// Requests that arrived.
    pub offered: f64,
    /// Of these, served.
    pub served: f64,
    /// Of these, failed in any way.
    pub failed: f64,
    /// Sum of the response times of accepted requests, in seconds.
    pub latency_sum: f64,
    /// Requests accepted, with or without error.
    pub accepted: f64,
    /// Accepted requests whose response exceeds the latency objective.
    pub over_objective: f64,
    pub(super) steady: Vec<(Position, f64)>,
    pub(super) direct: Burst,
}

impl Window {
    /// Adds accepted requests in a steady state.
    pub fn steady(&mut self, position: Position, requests: f64, mean_seconds: f64) {
        self.accepted += requests;
        self.latency_sum += requests * mean_seconds;
        match self.steady.last_mut() {
            Some((last, weight)) if *last == position => *weight += requests,
            _ => self.steady.push((position, requests)),
        }
    }

    /// Adds accepted requests by response time.
    pub fn direct(&mut self, responses: &[(f64, f64)]) {
        for &(seconds, requests) in responses {
            self.accepted += requests;
            self.latency_sum += requests * seconds;
        }
        self.direct.extend_from_slice(responses);
    }

    /// Adds a fraction of another window.
    pub fn add(&mut self, other: &Self, fraction: f64) {
        self.offered += other.offered * fraction;
        self.served += other.served * fraction;
        self.failed += other.failed * fraction;
        self.latency_sum += other.latency_sum * fraction;
        self.accepted += other.accepted * fraction;
        self.over_objective += other.over_objective * fraction;
        for &(position, requests) in &other.steady {
            match self.steady.last_mut() {
                Some((last, weight)) if *last == position => *weight += requests * fraction,
                _ => self.steady.push((position, requests * fraction)),
            }
        }
        self.direct.extend(other.direct.iter().map(|&(seconds, requests)| (seconds, requests * fraction)));
    }

    /// Mean response in seconds; none without a request.
    #[must_use]
    pub fn mean_seconds(&self) -> Option<f64> {
        (self.accepted > 0.0).then(|| self.latency_sum / self.accepted)
    }

    /// The median, the 95th and the 99th percentile of the response; none without a request.
    #[must_use]
    pub fn percentiles(&self, table: &ResponseTable) -> [Option<f64>; 3] {
        if self.accepted <= 0.0 {
            return [None; 3];
        }
        if self.direct.is_empty()
            && let Some(percentiles) = self.percentiles_of_like_states(table)
        {
            return percentiles.map(Some);
        }
        let mut histogram = Histogram::default();
        for &(seconds, requests) in &self.direct {
            histogram.record(seconds, requests);
        }
        for &(position, requests) in &self.steady {
            for (cell, weight) in ResponseTable::cells(position) {
                table.record_cell(cell, requests * weight, &mut histogram);
            }
        }
        [0.5, 0.95, 0.99].map(|quantile| histogram.quantile(quantile))
    }

    /// The percentiles of steady states that hardly differ: their weighted means. A mixture whose parts have
    /// a percentile within 15 % of one another has it between them, near the mean. None when they differ more.
    fn percentiles_of_like_states(&self, table: &ResponseTable) -> Option<[f64; 3]> {
        let (first, _) = self.steady.first()?;
        let reference = table.percentiles(*first);
        let (mut sums, mut weight) = ([0.0; 3], 0.0);
        for &(position, requests) in &self.steady {
            let percentiles = table.percentiles(position);
            for index in 0..3 {
                if (percentiles[index] - reference[index]).abs() > LIKE_STATES * reference[index] {
                    return None;
                }
                sums[index] += requests * percentiles[index];
            }
            weight += requests;
        }
        (weight > 0.0).then(|| sums.map(|sum| sum / weight))
    }

    /// Unfolds what was added by places in a table that is used no longer.
    pub fn unfold(&mut self, table: &ResponseTable) {
        for (position, requests) in self.steady.drain(..) {
            for (cell, weight) in ResponseTable::cells(position).into_iter().filter(|(_, weight)| *weight > 0.0) {
                let in_time = table.points_in_time(cell);
                self.direct.extend(in_time.map(|(seconds, share)| (seconds, requests * weight * share)));
            }
        }
    }

    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        let (mut steady, mut direct) = (std::mem::take(&mut self.steady), std::mem::take(&mut self.direct));
        steady.clear();
        direct.clear();
        *self = Self { steady, direct, ..Self::default() };
    }
}
