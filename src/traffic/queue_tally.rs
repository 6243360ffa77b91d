//! What the plane of a shared queue counts: messages by where they ended, at the time that they end.

use super::messages::{Started, Wait};
use super::plane::PlaneFigures;
use super::pool::Pool;
use super::tally::Window;
use crate::metrics::Histogram;
use crate::outcome::{QueueOutcome, RequestCounts};

/// Messages since the last reset. Those that arrived before it are in no count.
#[derive(Clone, Debug)]
pub struct QueueTally {
    /// Where messages ended; nothing is in flight until the end.
    pub counts: RequestCounts,
    /// Seconds in which arrivals exceeded what the healthy tasks complete.
    pub seconds_saturated: f64,
    /// Messages that became visible again, each as often as it did.
    pub redelivered: f64,
    /// The arrival, in seconds after the start, from which on messages count.
    count_from: f64,
    visible_max: f64,
    age_max_seconds: f64,
    cell_weights: Vec<f64>,
    latency: Histogram,
    queue: Histogram,
}

impl QueueTally {
    /// Counts messages that arrive from this second on.
    #[must_use]
    pub fn new(count_from: f64) -> Self {
        Self {
            counts: RequestCounts::default(),
            seconds_saturated: 0.0,
            redelivered: 0.0,
            count_from,
            visible_max: 0.0,
            age_max_seconds: 0.0,
            cell_weights: Vec::new(),
            latency: Histogram::default(),
            queue: Histogram::default(),
        }
    }

    /// The arrival, in seconds after the start, from which on messages count.
    #[must_use]
    pub const fn count_from(&self) -> f64 {
        self.count_from
    }

    /// Whether messages of this arrival count.
    #[must_use]
    pub fn counts_arrival(&self, seconds: f64) -> bool {
        seconds >= self.count_from
    }

    /// Sees how many messages are visible and how old the oldest is.
    pub fn see(&mut self, visible: f64, age_seconds: f64) {
        self.visible_max = self.visible_max.max(visible);
        self.age_max_seconds = self.age_max_seconds.max(age_seconds);
    }

    /// Counts messages as done, whose bursts had this mean, in the windows too.
    pub fn serve(&mut self, pool: &Pool, done: &Started, burst_seconds: f64, row: Option<&mut Window>, objective: &mut Window) {
        if !self.counts_arrival(done.arrived) {
            return;
        }
        self.counts.served += done.count;
        objective.served += done.count;
        objective.accepted += done.count;
        match done.wait {
            Wait::Steady(position) => {
                for (cell, weight) in Pool::cells(position) {
                    let at = cell as usize;
                    if at >= self.cell_weights.len() {
                        self.cell_weights.resize(at + 1, 0.0);
                    }
                    self.cell_weights[at] += done.count * weight;
                    if pool.objective_seconds().is_finite() {
                        objective.over_objective += done.count * weight * pool.over_objective_share(cell);
                    }
                }
            }
            Wait::Seconds(wait) => {
                self.queue.record(wait, done.count);
                for (held, weight) in pool.held(burst_seconds) {
                    self.latency.record(wait + held, done.count * weight);
                    if wait + held > pool.objective_seconds() {
                        objective.over_objective += done.count * weight;
                    }
                }
            }
        }
        if let Some(row) = row {
            row.served += done.count;
            match done.wait {
                Wait::Steady(position) => {
                    for (cell, weight) in Pool::cells(position) {
                        row.direct(&scaled(pool.points(cell).iter().copied(), 0.0, done.count * weight));
                    }
                }
                Wait::Seconds(wait) => row.direct(&scaled(pool.held(burst_seconds), wait, done.count)),
            }
        }
    }

    /// Counts messages that were deleted because they waited too long.
    pub fn expire(&mut self, arrived: f64, count: f64, windows: [&mut Window; 2]) {
        if self.counts_arrival(arrived) {
            self.counts.failed += count;
            for window in windows {
                window.failed += count;
            }
        }
    }

    /// Counts messages that will be received once more.
    pub fn redeliver(&mut self, arrived: f64, count: f64) {
        if self.counts_arrival(arrived) {
            self.redelivered += count;
        }
    }

    /// All figures.
    #[must_use]
    pub fn figures(&self, pool: &Pool) -> PlaneFigures {
        let (mut latency, mut queue) = (self.latency.clone(), self.queue.clone());
        for (cell, &messages) in self.cell_weights.iter().enumerate().filter(|(_, messages)| **messages > 0.0) {
            let cell = cell as u32;
            for &(seconds, weight) in pool.points(cell) {
                latency.record(seconds, messages * weight);
            }
            pool.record_waits(cell, messages, &mut queue);
        }
        let message_queue = QueueOutcome {
            age_of_oldest_seconds: self.age_max_seconds,
            visible_max: self.visible_max,
            redelivered: self.redelivered,
            dead_lettered: 0.0,
        };
        let requests = RequestCounts { attempts: self.counts.offered, ..self.counts };
        let seconds_saturated = self.seconds_saturated;
        PlaneFigures { requests, attempts_caused: 0.0, latency, queue, seconds_saturated, message_queue: Some(message_queue) }
    }
}

fn scaled(points: impl Iterator<Item = (f64, f64)>, later_seconds: f64, count: f64) -> Vec<(f64, f64)> {
    points.map(|(seconds, weight)| (seconds + later_seconds, weight * count)).collect()
}
