//! What multiplies a source's rate over time: growth and spikes.
//!
//! Growth compounds from the start of the simulation, `(1 + growth)^(t / 30 d)`, and is below one in a warm-up.
//! A spike rises from 1 to its factor in a line, holds, and falls in a line. Spikes that overlap
//! multiply, so the product of a slot is a piecewise polynomial; its mean is exact.

use super::Grid;
use crate::math;
use crate::scenario::model::{Spike, TrafficSource};
use crate::units::SimDuration;

/// The span that growth speaks of.
const GROWTH_PERIOD: SimDuration = SimDuration::from_hours(30 * 24);

/// Growth and spikes of one source. Times are nanoseconds after the start.
pub(super) struct Shape {
    growth_per_nano: f64,
    grown_before_nanos: f64,
    spikes: Vec<Course>,
}

impl Shape {
    pub(super) fn new(source: &TrafficSource) -> Self {
        Self {
            growth_per_nano: math::ln_1p(source.growth) / GROWTH_PERIOD.as_nanos() as f64,
            grown_before_nanos: source.grown_before.as_nanos() as f64,
            spikes: source.spikes.iter().map(Course::new).collect(),
        }
    }

    /// The requests of each slot of the grid at these rates.
    pub(super) fn counts(&self, grid: &Grid, rates_rps: impl Iterator<Item = f64>) -> impl Iterator<Item = f64> {
        let slot_seconds = grid.slot_seconds();
        (0..grid.slots).zip(rates_rps).map(move |(slot, rate)| rate * self.factor(grid, slot) * slot_seconds)
    }

    /// The factor of a slot of the grid.
    fn factor(&self, grid: &Grid, slot: usize) -> f64 {
        if self.growth_per_nano == 0.0 && self.spikes.is_empty() {
            return 1.0;
        }
        self.growth(grid.middle(slot)) * self.spikes(grid.edge(slot), grid.edge(slot + 1))
    }

    /// The growth until a time.
    pub(super) fn growth(&self, nanos: i64) -> f64 {
        if self.growth_per_nano == 0.0 { 1.0 } else { math::exp(self.growth_per_nano * (self.grown_before_nanos + nanos as f64)) }
    }

    /// Whether any spike touches [from, to).
    pub(super) fn has_spike(&self, from: i64, to: i64) -> bool {
        self.spikes.iter().any(|spike| spike.touches(from, to))
    }

    /// The mean over [from, to) of the product of all spikes.
    pub(super) fn spikes(&self, from: i64, to: i64) -> f64 {
        if !self.has_spike(from, to) {
            return 1.0;
        }
        let mut edges = vec![from, to];
        edges.extend(self.spikes.iter().flat_map(|spike| spike.edges).filter(|&edge| from < edge && edge < to));
        edges.sort_unstable();
        edges.dedup();
        let sum: f64 = edges.windows(2).map(|piece| self.mean_of_piece(piece[0], piece[1]) * (piece[1] - piece[0]) as f64).sum();
        sum / (to - from) as f64
    }

    /// The mean over a piece in which every spike is a line: the coefficients of their product in the
    /// fraction of the piece that has passed, integrated from 0 to 1.
    fn mean_of_piece(&self, from: i64, to: i64) -> f64 {
        let mut product = vec![1.0];
        for (at_start, at_end) in self.spikes.iter().filter_map(|spike| spike.line(from, to)) {
            let mut next = vec![0.0; product.len() + 1];
            for (power, coefficient) in product.iter().enumerate() {
                next[power] += coefficient * at_start;
                next[power + 1] += coefficient * (at_end - at_start);
            }
            product = next;
        }
        (1_u32..).zip(product).map(|(divisor, coefficient)| coefficient / f64::from(divisor)).sum()
    }
}

/// A spike by the four instants at which its line bends.
struct Course {
    /// It begins, is at its top, begins to fall, ends.
    edges: [i64; 4],
    factor: f64,
}

impl Course {
    fn new(spike: &Spike) -> Self {
        let top = spike.at + spike.ramp;
        let fall = top + spike.hold;
        let end = fall + spike.decay;
        Self { edges: [spike.at, top, fall, end].map(SimDuration::as_nanos), factor: spike.factor }
    }

    fn touches(&self, from: i64, to: i64) -> bool {
        self.edges[0] < to && from < self.edges[3]
    }

    /// The factor at the ends of a piece that holds none of the edges inside; none where it is one
    /// throughout.
    fn line(&self, from: i64, to: i64) -> Option<(f64, f64)> {
        let [begin, top, fall, end] = self.edges;
        if !self.touches(from, to) {
            return None;
        }
        let rise = self.factor - 1.0;
        let between = |time: i64, low: i64, high: i64| 1.0 + rise * (time.saturating_sub(low) as f64 / high.saturating_sub(low) as f64);
        if from < top {
            Some((between(from, begin, top), between(to, begin, top)))
        } else if from < fall {
            Some((self.factor, self.factor))
        } else {
            Some((between(from, end, fall), between(to, end, fall)))
        }
    }
}
