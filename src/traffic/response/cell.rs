//! One steady state of a task: its means, by formula.
//!
//! The formulas are those of [`super`]: how much a burst is slowed, what is left of the CPU for a long one, and how long
//! requests beyond the slots wait.

use std::cell::OnceCell;

use super::measured::Excess;
use super::{FLEET_SIZES, Point, Position, ResponseTable, STEADY_LOAD_LIMIT};
use crate::math::{exp, exp_m1, ln};
use crate::queueing::{allen_cunneen_wait_seconds, erlang_arrivals_root, erlang_c};
use crate::traffic::task_model::TaskModel;

/// A steady state.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    /// Mean response in seconds, times (1 - load): smooth enough to interpolate up to saturation.
    pub(super) scaled_mean: f64,
    /// Mean wait for a slot, scaled alike.
    pub(super) scaled_queue: f64,
    /// The share of requests that find every slot taken.
    pub(super) waiting_share: f64,
    pub(super) load: f64,
    pub(super) slowdown: f64,
    /// Excess of the slow-down of a request that is endlessly long, and of one that is endlessly short.
    pub(super) long_excess: f64,
    pub(super) short_excess: f64,
    pub(super) root: f64,
    /// By how much each percentile exceeds that of a lone request, where that was measured.
    pub(super) measured: Option<Box<Excess>>,
    /// No response of this state is longer, in seconds.
    pub(super) ceiling: f64,
    pub(super) points: OnceCell<Vec<Point>>,
    pub(super) shares: OnceCell<Shares>,
    pub(super) percentiles: OnceCell<[f64; 3]>,
}

/// Shares of the responses of one cell, in fractions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shares {
    /// Those that come too late.
    pub(super) late: f64,
    /// Those beyond the latency objective.
    pub(super) over_objective: f64,
}

impl ResponseTable {
    pub(super) fn build_cell(&self, row: usize, load: f64) -> Cell {
        let (task, tasks) = (&self.task, FLEET_SIZES[row]);
        let arrival_squared_cv = if self.random_routing { 1.0 } else { 1.0 / f64::from(tasks) };
        let arrival_rate = if task.saturated_rate.is_finite() { load * task.saturated_rate } else { 0.0 };
        let cores = task.cores_for_requests();
        let cpu_load = (arrival_rate * task.cpu_time.mean() / cores).min(STEADY_LOAD_LIMIT);
        let servers = (cores as u32).max(1);
        let root = erlang_arrivals_root(if self.random_routing { 1 } else { tasks }, cpu_load);
        let demand_squared_cv = task.cpu_time.squared_cv().min(1e6);
        let variability = 2.0 * (arrival_squared_cv + demand_squared_cv) / ((1.0 + demand_squared_cv) * (1.0 + arrival_squared_cv));
        let all_busy = if servers > 1 && cpu_load > 0.0 {
            erlang_c(servers, cpu_load * f64::from(servers)) / (f64::from(servers) * cpu_load)
        } else {
            1.0
        };
        // Requests beyond the slots do not share the CPU but wait: the geometric law is cut at the slots.
        let beyond_slots = whole_power(root, task.concurrency - 1);
        let excess = root / (1.0 - root) * variability * all_busy;
        let slowdown = 1.0 + excess * (1.0 - beyond_slots);
        // A long request sees what the others leave of the CPU, however smooth the arrivals are.
        let long_excess =
            if servers == 1 { (cpu_load / (1.0 - cpu_load) * (1.0 - beyond_slots)).max(slowdown - 1.0) } else { slowdown - 1.0 };
        let (short_excess, long_excess) = self.excess_by_length(slowdown - 1.0, long_excess, root);
        let burst = task.lone_burst_seconds * slowdown;
        let held = burst + task.wait_time.mean();
        let busy_slots = (arrival_rate * held).min(f64::from(task.concurrency) * load);
        let held_squared_cv = squared_cv_of_held(task, slowdown, held);
        let (for_slot, all_taken) = if held > 0.0 && busy_slots > 0.5 * f64::from(task.concurrency) {
            let wait = allen_cunneen_wait_seconds(task.concurrency, busy_slots, held, arrival_squared_cv, held_squared_cv);
            (wait, erlang_c(task.concurrency, busy_slots))
        } else {
            (0.0, 0.0)
        };
        let queue = for_slot.max(task.lone_burst_seconds * excess * beyond_slots);
        let waiting_share = if queue > 0.0 { all_taken.max(beyond_slots) } else { 0.0 };
        let measured = self.measured.as_ref().map(|shape| Box::new(shape.excess(row, cpu_load, slowdown - 1.0)));
        let ceiling = match (&self.measured, measured.as_deref()) {
            (Some(shape), Some(excess)) => queue + task.lone_burst_seconds * shape.largest(excess) + self.longest_wait(),
            _ => self.ceiling(queue, 1.0 + long_excess),
        };
        Cell {
            scaled_mean: (held + queue) * (1.0 - load),
            scaled_queue: queue * (1.0 - load),
            waiting_share,
            load,
            slowdown,
            long_excess,
            short_excess,
            root,
            measured,
            ceiling,
            points: OnceCell::new(),
            shares: OnceCell::new(),
            percentiles: OnceCell::new(),
        }
    }

    /// The excesses of endlessly short and long requests with which all together have the mean `excess`: the
    /// short one gives way first.
    pub(super) fn excess_by_length(&self, excess: f64, long_excess: f64, root: f64) -> (f64, f64) {
        let memory = memory_of(root);
        let decay = |&(size, weight): &Point| size * weight * mean_of_decay(size * (1.0 + excess) / memory);
        let short = self.demand.iter().map(decay).sum::<f64>();
        let short_excess = long_excess - (long_excess - excess) / short.max(1e-9);
        if short_excess >= 0.0 { (short_excess, long_excess) } else { (0.0, excess / (1.0 - short).max(1e-9)) }
    }
}

/// Mean response and mean wait for a slot in seconds, between two cells.
pub(super) fn mean_and_queue_seconds([lower, upper]: [&Cell; 2], position: Position) -> (f64, f64) {
    let between = |below: f64, above: f64| below + (above - below) * position.upper_weight;
    let free = 1.0 / (1.0 - between(lower.load, upper.load));
    (between(lower.scaled_mean, upper.scaled_mean) * free, between(lower.scaled_queue, upper.scaled_queue) * free)
}

/// The memory of the number in a task, in service times: one over (1 - sqrt(load))^2.
pub(super) fn memory_of(root: f64) -> f64 {
    let margin = 1.0 - root.sqrt();
    1.0 / (margin * margin)
}

/// The mean of exp(-t) over a stay.
pub(super) fn mean_of_decay(stay: f64) -> f64 {
    if stay > 1e-6 { -exp_m1(-stay) / stay } else { 1.0 }
}

/// The squared coefficient of variation of the time a slot is held.
pub(super) fn squared_cv_of_held(task: &TaskModel, slowdown: f64, held_seconds: f64) -> f64 {
    let burst = task.lone_burst_seconds * slowdown;
    let variance = task.cpu_time.squared_cv().min(1e6) * burst * burst + task.wait_time.variance().min(1e12);
    if held_seconds > 0.0 { variance / (held_seconds * held_seconds) } else { 0.0 }
}

pub(super) fn whole_power(base: f64, exponent: u32) -> f64 {
    if exponent == 0 {
        return 1.0;
    }
    if base <= 0.0 { 0.0 } else { exp(f64::from(exponent) * ln(base)) }
}
