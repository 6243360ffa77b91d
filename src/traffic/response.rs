//! Response times of a task at a steady load, tabulated once and read at every step.
//!
//! Under round robin over n tasks a Poisson stream reaches each task with Erlang-n gaps, smoother than
//! Poisson. The mean slow-down of a burst is
//! `1 + (1/(1 - sigma) - 1) x 2 (ca2 + cs2) / ((1 + cs2)(1 + ca2))` with `ca2 = 1/n` and sigma the root of
//! E_n/M/1: exact for exponential bursts, and within 4 % at a coefficient of variation of 1.5. Several
//! cores scale the excess by the chance of finding all of them busy (Erlang C). A request that finds all
//! `concurrency` slots taken waits by the formula of Allen and Cunneen.
//!
//! The shape around the mean is a measured one wherever [`measured`] covers the case (up to four vCPUs and a cv of
//! 3), its excess over a lone request scaled to that mean. Elsewhere it is a formula: a request of size x is slowed by the average, over its
//! stay, of a process with geometric stationary values and exponential memory, so that small requests see
//! the whole variety and large ones the mean. An arrival under round robin finds its task emptier than the
//! task is on average, and a long request meets the average in the end: its excess tends to
//! load/(1 - load). Left out: heavy correlations near saturation; near it and beyond, [`super::fluid`] counts
//! requests instead.

mod cell;
pub mod measured;
mod points;
mod shape;

use std::ops::RangeInclusive;

use self::cell::{Cell, Shares, mean_and_queue_seconds};
use self::points::{DEMAND_CUTS, SLOWDOWN_POINTS, WAIT_CUTS, bins};
use self::shape::MeasuredShape;
use super::task_model::TaskModel;
use crate::distribution::{Moments, standard_normal_quantile};
use crate::metrics::Histogram;
use crate::scenario::model::Distribution;

/// Steps of the load axis; the last stands for [`STEADY_LOAD_LIMIT`].
const LOAD_STEPS: usize = 128;
/// The highest load with a steady state that a real service would reach within minutes.
pub const STEADY_LOAD_LIMIT: f64 = 0.99;
/// Fleet sizes with a row of their own; between them the nearest smaller serves (ca2 = 1/n changes little).
const FLEET_SIZES: [u32; 16] = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 32, 48, 64, 128];
/// A weighted value in seconds.
pub type Point = (f64, f64);

/// A place in the table: the cell below the load and the weight of the cell above it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    row: u16,
    step: u16,
    upper_weight: f64,
}

/// What a steady state means for those who arrive in it.
#[derive(Clone, Copy, Debug)]
pub struct Steady {
    /// Where it stands in the table.
    pub position: Position,
    /// Mean response in seconds.
    pub mean_seconds: f64,
    /// Mean wait for a slot in seconds.
    pub queue_seconds: f64,
    /// The share of requests whose response comes after their timeout.
    pub late_share: f64,
}

/// The states of one fleet size by load, those that were never asked for missing.
type Row = Box<[Option<Cell>]>;

/// Response times over (tasks, load) of one service.
#[derive(Clone, Debug)]
pub struct ResponseTable {
    task: TaskModel,
    random_routing: bool,
    objective_seconds: f64,
    /// The earliest timeout, infinite for none.
    timeout_seconds: f64,
    row_of_size: Vec<u8>,
    rows: Vec<Option<Row>>,
    /// The cell below the load that was found last.
    last_step: u16,
    demand: Vec<Point>,
    measured: Option<MeasuredShape>,
    /// Waits in seconds and their weights, one for a constant wait.
    wait: Vec<Point>,
    slowdown_normals: [f64; SLOWDOWN_POINTS],
}

impl ResponseTable {
    /// An empty table; states are made when first asked for. `random_routing` gives every task Poisson arrivals;
    /// `objective_seconds` is the latency objective, infinite for none.
    #[must_use]
    pub fn new(task: TaskModel, random_routing: bool, objective_seconds: f64) -> Self {
        let largest = FLEET_SIZES[FLEET_SIZES.len() - 1];
        let row_of_size = (0..=largest).map(|size| FLEET_SIZES.iter().rposition(|&row| row <= size.max(1)).unwrap_or(0) as u8).collect();
        let wait = match &task.wait_time {
            Distribution::Constant { value } => vec![(*value, 1.0)],
            random => bins(random, &WAIT_CUTS).into_iter().map(|(relative, weight)| (relative * random.mean(), weight)).collect(),
        };
        let mut slowdown_normals = [0.0; SLOWDOWN_POINTS];
        for (index, normal) in slowdown_normals.iter_mut().enumerate() {
            *normal = standard_normal_quantile((index as f64 + 0.5) / SLOWDOWN_POINTS as f64);
        }
        let demand = bins(&task.cpu_time, &DEMAND_CUTS);
        Self {
            timeout_seconds: task.earliest_timeout_seconds(),
            random_routing,
            objective_seconds,
            row_of_size,
            rows: vec![None; FLEET_SIZES.len()],
            last_step: 0,
            measured: MeasuredShape::of(&task, &FLEET_SIZES),
            task,
            demand,
            wait,
            slowdown_normals,
        }
    }

    /// The latency objective in seconds, infinite for none.
    #[must_use]
    pub const fn objective_seconds(&self) -> f64 {
        self.objective_seconds
    }

    /// The relative sizes of a burst (mean 1) and their weights.
    #[must_use]
    pub fn relative_demand(&self) -> &[Point] {
        &self.demand
    }

    /// The moments of the CPU time in seconds. Infinite ones are those of its bins: a span of time sees no request that
    /// is endlessly long.
    #[must_use]
    pub fn demand_moments(&self) -> Moments {
        let exact = self.task.cpu_time.moments();
        let bins = || self.demand.iter().map(|&(size, weight)| (size * exact.mean, weight));
        Moments {
            mean: exact.mean,
            variance: if exact.variance.is_finite() {
                exact.variance
            } else {
                bins().map(|(size, weight)| weight * size * size).sum::<f64>() - exact.mean * exact.mean
            },
            third: if exact.third.is_finite() { exact.third } else { bins().map(|(size, weight)| weight * size * size * size).sum() },
        }
    }

    /// Where a fleet of `tasks` at `load` (of the saturated rate, at most [`STEADY_LOAD_LIMIT`]) stands.
    pub fn position(&mut self, tasks: u32, load: f64) -> Position {
        let position = self.place(tasks, load);
        if self.made_pair(position).is_none() {
            self.make(position.row, position.step..=position.step + 1);
        }
        position
    }

    /// The steady state of a fleet at a load, as [`Self::position`] and [`Self::steady`] in one look.
    pub fn steady_at(&mut self, tasks: u32, load: f64) -> Steady {
        let position = self.place(tasks, load);
        match self.made_pair(position) {
            Some(pair) => self.steady_of(pair, position),
            None => {
                self.make(position.row, position.step..=position.step + 1);
                self.steady(position)
            }
        }
    }

    /// The mean response in seconds of a fleet at a load, found alike.
    pub fn mean_seconds_at(&mut self, tasks: u32, load: f64) -> f64 {
        let position = self.place(tasks, load);
        match self.made_pair(position) {
            Some(pair) => mean_and_queue_seconds(pair, position).0,
            None => {
                self.make(position.row, position.step..=position.step + 1);
                self.mean_seconds(position)
            }
        }
    }

    /// The load, of those in the table, at which `rate` x load x mean response + `slope` x load is `target`, in requests: that at which
    /// a task that completes `rate` requests a second when it is busy holds so many (Little's law), or holds and completes them in
    /// the time in which a busy one completes `slope`. Between two cells it is the root of a parabola.
    pub fn load_at(&mut self, tasks: u32, rate: f64, slope: f64, target: f64) -> f64 {
        let Position { row, .. } = self.place(tasks, 0.0);
        let is_reached = |table: &mut Self, step: u16| {
            let &Cell { load, scaled_mean, .. } = table.made_cell(row, step);
            load * (rate * scaled_mean / (1.0 - load) + slope) <= target
        };
        // A task is most often near where it was.
        let mut below = self.last_step;
        while below > 0 && !is_reached(self, below) {
            below -= 1;
        }
        while below + 1 < LOAD_STEPS as u16 && is_reached(self, below + 1) {
            below += 1;
        }
        self.last_step = below;
        let &Cell { load: low, scaled_mean: at_low, .. } = self.made_cell(row, below);
        let &Cell { load: high, scaled_mean: at_high, .. } = self.made_cell(row, below + 1);
        // rate x load (offset + rise x load) + slope x load (1 - load) = target (1 - load)
        let rise = (at_high - at_low) / (high - low);
        let offset = at_low - rise * low;
        let linear = rate * offset + slope + target;
        let discriminant = linear * linear + 4.0 * (rate * rise - slope) * target;
        (2.0 * target / (linear + discriminant.max(0.0).sqrt())).clamp(low, high)
    }

    fn made_cell(&mut self, row: u16, step: u16) -> &Cell {
        let is_made = self.rows[usize::from(row)].as_ref().is_some_and(|cells| cells[usize::from(step)].is_some());
        if !is_made {
            self.make(row, step..=step);
        }
        self.cell(u32::from(row) * (LOAD_STEPS as u32 + 1) + u32::from(step))
    }

    /// The place in the table, whether or not its cells are made.
    fn place(&self, tasks: u32, load: f64) -> Position {
        let row = if self.random_routing { 0 } else { self.row_of_size[(tasks as usize).min(self.row_of_size.len() - 1)] };
        let along = (load / STEADY_LOAD_LIMIT).clamp(0.0, 1.0) * LOAD_STEPS as f64;
        // (A small whole number is cheaper to convert than a `usize`.)
        let whole_steps = (along as u32).min(LOAD_STEPS as u32 - 1);
        Position { row: u16::from(row), step: whole_steps as u16, upper_weight: along - f64::from(whole_steps) }
    }

    /// Makes cells of a row, where they are missing.
    #[cold]
    #[inline(never)]
    fn make(&mut self, row: u16, steps: RangeInclusive<u16>) {
        let row = usize::from(row);
        let mut cells = self.rows[row].take().unwrap_or_else(|| vec![None; LOAD_STEPS + 1].into());
        for step in steps.map(usize::from) {
            if cells[step].is_none() {
                cells[step] = Some(self.build_cell(row, STEADY_LOAD_LIMIT * step as f64 / LOAD_STEPS as f64));
            }
        }
        self.rows[row] = Some(cells);
    }

    fn cell(&self, index: u32) -> &Cell {
        let index = index as usize;
        let row = self.rows[index / (LOAD_STEPS + 1)].as_ref().expect("a position is made after its row");
        row[index % (LOAD_STEPS + 1)].as_ref().expect("a position is made after its cells")
    }

    /// The two cells that a position lies between.
    fn pair(&self, position: Position) -> [&Cell; 2] {
        self.made_pair(position).expect("a position is made after its cells")
    }

    /// The same where both are made.
    fn made_pair(&self, position: Position) -> Option<[&Cell; 2]> {
        let (row, step) = (usize::from(position.row), usize::from(position.step));
        match self.rows[row].as_deref()?.get(step..step + 2)? {
            [Some(lower), Some(upper)] => Some([lower, upper]),
            _ => None,
        }
    }

    /// The numbers of the two cells that a position lies between, with their weights.
    #[must_use]
    pub fn cells(position: Position) -> [(u32, f64); 2] {
        let cell = u32::from(position.row) * (LOAD_STEPS as u32 + 1) + u32::from(position.step);
        [(cell, 1.0 - position.upper_weight), (cell + 1, position.upper_weight)]
    }

    /// The steady state at a position.
    #[must_use]
    pub fn steady(&self, position: Position) -> Steady {
        self.steady_of(self.pair(position), position)
    }

    fn steady_of(&self, pair: [&Cell; 2], position: Position) -> Steady {
        let (mean_seconds, queue_seconds) = mean_and_queue_seconds(pair, position);
        let late_share = self.share(pair, position, self.timeout_seconds, |shares| shares.late);
        Steady { position, mean_seconds, queue_seconds, late_share }
    }

    /// Mean response in seconds.
    #[must_use]
    pub fn mean_seconds(&self, position: Position) -> f64 {
        mean_and_queue_seconds(self.pair(position), position).0
    }

    /// The share of requests whose response exceeds the latency objective.
    #[must_use]
    pub fn over_objective_share(&self, position: Position) -> f64 {
        self.share(self.pair(position), position, self.objective_seconds, |shares| shares.over_objective)
    }

    /// A share of the responses beyond `limit`, which most states never reach.
    fn share(&self, [lower, upper]: [&Cell; 2], position: Position, limit: f64, of: impl Fn(&Shares) -> f64) -> f64 {
        if lower.ceiling <= limit && upper.ceiling <= limit {
            return 0.0;
        }
        let in_cell = |cell: &Cell| of(cell.shares.get_or_init(|| self.build_shares(cell)));
        in_cell(lower) * (1.0 - position.upper_weight) + in_cell(upper) * position.upper_weight
    }

    /// The median, the 95th and the 99th percentile of the response in seconds.
    #[must_use]
    pub fn percentiles(&self, position: Position) -> [f64; 3] {
        let of_cell = |cell: &Cell| *cell.percentiles.get_or_init(|| self.build_percentiles(cell));
        let [lower, upper] = self.pair(position).map(of_cell);
        std::array::from_fn(|index| lower[index] + (upper[index] - lower[index]) * position.upper_weight)
    }

    /// Records the responses of `requests` in one cell, without those that come too late.
    pub fn record_cell(&self, cell: u32, requests: f64, histogram: &mut Histogram) {
        let cell = self.cell(cell);
        let some_are_late = cell.ceiling > self.timeout_seconds;
        for &(value, weight) in self.points(cell) {
            let in_time = if some_are_late { 1.0 - self.task.late_share(value) } else { 1.0 };
            histogram.record(value, requests * weight * in_time);
        }
    }

    /// The responses of one cell that come in time, each with its share of the requests.
    pub fn points_in_time(&self, cell: u32) -> impl Iterator<Item = Point> {
        let points = self.points(self.cell(cell)).iter();
        points.map(|&(value, weight)| (value, weight * (1.0 - self.task.late_share(value))))
    }

    /// The share of requests of one cell that wait for a slot, and their mean wait in seconds.
    #[must_use]
    pub fn queue_of_cell(&self, cell: u32) -> (f64, f64) {
        let cell = self.cell(cell);
        let mean_seconds = cell.scaled_queue / (1.0 - cell.load);
        if cell.waiting_share > 0.0 { (cell.waiting_share, mean_seconds / cell.waiting_share) } else { (0.0, 0.0) }
    }

    fn points<'a>(&'a self, cell: &'a Cell) -> &'a [Point] {
        cell.points.get_or_init(|| self.build_points(cell))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::task_model::tests::half_vcpu;

    fn exponential_worker(cores: f64, concurrency: u32) -> TaskModel {
        let mut task = half_vcpu();
        task.cores = cores;
        task.cpu_time = Distribution::Exponential { mean: 0.1 };
        task.wait_time = Distribution::constant(0.0);
        task.lone_burst_seconds = 0.1 / cores.min(1.0);
        task.lone_response_seconds = task.lone_burst_seconds;
        task.concurrency = concurrency;
        task.saturated_rate = cores.max(1.0).min(f64::from(concurrency)) / task.lone_burst_seconds;
        task.timeout = None;
        task
    }

    fn mean(task: TaskModel, random: bool, tasks: u32, load: f64) -> f64 {
        let mut table = ResponseTable::new(task, random, f64::INFINITY);
        let position = table.position(tasks, load);
        table.mean_seconds(position)
    }

    /// M/M/1 processor sharing: S/(1 - load). Round robin over four at 90 %: 0.64 s for S = 0.1 s.
    #[test]
    fn exponential_bursts_follow_the_exact_means() {
        let task = exponential_worker(1.0, 10_000);
        assert!((mean(task.clone(), true, 9, 0.7) / (0.1 / 0.3) - 1.0).abs() < 2e-3);
        assert!((mean(task.clone(), false, 1, 0.7) / (0.1 / 0.3) - 1.0).abs() < 2e-3);
        assert!((mean(task, false, 4, 0.9) / 0.64 - 1.0).abs() < 0.02);
    }

    /// M/M/1 holds load / (1 - load) requests, so nine at 90 %; and where 10 a second are completed when busy, nine are held and as many
    /// completed in a second at 90 %. The table follows within its cells.
    #[test]
    fn a_load_is_found_by_what_it_holds() {
        let mut table = ResponseTable::new(exponential_worker(1.0, 10_000), true, f64::INFINITY);
        assert!((table.load_at(1, 10.0, 0.0, 9.0) - 0.9).abs() < 1e-4);
        assert!((table.load_at(1, 10.0, 10.0, 18.0) - 0.9).abs() < 1e-4);
        for load in [0.0, 0.003, 0.5, 0.77, 0.95, STEADY_LOAD_LIMIT] {
            for slope in [0.0, 3.0, 500.0] {
                let target = load * (10.0 * table.mean_seconds_at(1, load) + slope);
                let found = table.load_at(1, 10.0, slope, target);
                assert!((found - load).abs() < 1e-12, "{found} for {load} and {slope}");
            }
        }
        assert_eq!(table.load_at(1, 10.0, 0.0, 1e9), STEADY_LOAD_LIMIT, "more than any load of the table holds");
    }

    /// M/M/2 at 70 %: response S x (1 + C(2, 1.4) / (2 (1 - 0.7))), C(2, 1.4) = 0.5764705882.
    #[test]
    fn two_cores_share_as_m_m_2() {
        let got = mean(exponential_worker(2.0, 10_000), true, 1, 0.7);
        let exact = 0.1 * (1.0 + 0.576_470_588_2 / 0.6);
        assert!((got / exact - 1.0).abs() < 0.01, "{got} is not {exact}");
    }

    /// One slot makes the task M/M/1 first come first served, with the same mean.
    #[test]
    fn one_slot_queues_instead_of_sharing() {
        let mut table = ResponseTable::new(exponential_worker(1.0, 1), true, f64::INFINITY);
        let position = table.position(1, 0.6);
        assert!((table.mean_seconds(position) / 0.25 - 1.0).abs() < 0.01);
        assert!((table.steady(position).queue_seconds / 0.15 - 1.0).abs() < 0.02);
    }

    #[test]
    fn the_points_have_the_mean_of_the_table() {
        let mut table = ResponseTable::new(half_vcpu(), false, 0.3);
        for (tasks, load) in [(2, 0.3), (5, 0.6), (40, 0.85)] {
            let position = table.position(tasks, load);
            for (cell, _) in ResponseTable::cells(position) {
                let cell = table.cell(cell);
                let of_points: f64 = table.points(cell).iter().map(|(value, weight)| value * weight).sum();
                assert!(table.points(cell).iter().all(|(value, _)| *value <= cell.ceiling));
                let of_table = cell.scaled_mean / (1.0 - cell.load);
                assert!((of_points / of_table - 1.0).abs() < 0.01, "{tasks} {load}: {of_points} {of_table}");
            }
            let share = table.over_objective_share(position);
            assert!(share > 0.0 && share < 0.6, "{share}");
        }
    }

    #[test]
    fn a_light_load_responds_as_if_alone() {
        let mut table = ResponseTable::new(half_vcpu(), false, f64::INFINITY);
        let position = table.position(10, 0.0);
        assert!((table.mean_seconds(position) - 0.16).abs() < 1e-9);
        let [_, _, p99] = table.percentiles(position);
        let exact = 0.08 + 2.0 * Distribution::Lognormal { mean: 0.04, cv: 1.5 }.quantile(0.99);
        assert!((p99 / exact - 1.0).abs() < 0.05, "{p99} is not {exact}");
    }
}
