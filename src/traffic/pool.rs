//! Tasks that take their messages from one shared queue, at a steady load.
//!
//! Free slots take the message that waits longest, and the tasks hold equally many: the emptiest task asks
//! most. With n tasks that hold N messages together, each completes what a task with N/n of them does, CPU
//! shared (see [`crate::queueing::saturated_throughput_per_second`]). That makes a birth-death chain: exactly
//! M/M/c where each slot works alone (one slot a task, or no CPU), exactly a shared processor for one task.
//! The wait beyond all slots is scaled by the variability of the service (Kimura's interpolation); among those
//! that wait it is exponential.
//!
//! Left out: how unevenly polling spreads messages over tasks of many slots, which slows bursts at a
//! moderate load and changes nothing of the throughput; the variety of a burst's slow-down.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::response::Point;
use super::tally::{EXPONENTIAL_POINTS, exponential_points};
use super::task_model::TaskModel;
use super::transient::{RESOLUTION, root};
use crate::metrics::Histogram;
use crate::queueing::{saturated_throughput_per_second, shared_queue, wait_of_general_service};
use crate::scenario::model::Distribution;

/// The highest load with a steady state that a real service would reach within minutes.
pub const STEADY_LOAD_LIMIT: f64 = 0.99;
/// Steps of the load axis; the last stands for [`STEADY_LOAD_LIMIT`].
const LOAD_STEPS: usize = 128;
/// Cells of one fleet size.
const ROW: usize = LOAD_STEPS + 1;
/// Numbers in a task whose rate is computed one by one; beyond, every twentieth more.
const EXACT_NUMBERS: u32 = 64;
/// Halvings of the interval of an overloaded state.
const HALVINGS: u32 = 43;
/// Values of a wait that is not constant, at equal probabilities.
const WAIT_POINTS: usize = 8;

/// A place in the table: the cell below the load and the weight of the cell above it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    cell: u32,
    upper_weight: f64,
}

/// The figures of a state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State {
    /// Messages that wait and messages in tasks.
    pub number: f64,
    /// Messages in tasks.
    pub in_service: f64,
    /// The share of the capacity that is not used.
    pub idle: f64,
    /// The steady state with this load; the highest of the table for a longer queue.
    pub position: Position,
    /// Whether it is a steady state of the table.
    pub steady: bool,
}

#[derive(Clone, Debug)]
struct Cell {
    load: f64,
    in_service: f64,
    /// Mean number that waits, times (1 - load): smooth enough to interpolate.
    scaled_waiting: f64,
    waiting_share: f64,
    /// Mean wait of those that wait, in seconds.
    wait_seconds: f64,
    /// Mean seconds of a burst, slowed by the others in its task.
    burst_seconds: f64,
    points: OnceCell<Vec<Point>>,
    over_objective: OnceCell<f64>,
}

/// Steady states over (tasks, load) of one service.
#[derive(Clone, Debug)]
pub struct Pool {
    task: TaskModel,
    /// Relative sizes of a burst with their weights.
    demand: Vec<Point>,
    /// Equally likely seconds of waiting without CPU.
    wait: Vec<f64>,
    objective_seconds: f64,
    /// Messages in a task and the rate at which it completes them, ascending from (0, 0).
    rates: Vec<(f64, f64)>,
    row_of: BTreeMap<u32, u32>,
    rows: Vec<(u32, Vec<OnceCell<Cell>>)>,
}

impl Pool {
    /// The pool of a service's tasks; `demand` holds the relative sizes of a burst, `objective_seconds` the
    /// latency objective, infinite for none.
    #[must_use]
    pub fn new(task: TaskModel, demand: Vec<Point>, objective_seconds: f64) -> Self {
        let (wait, rates) = (equal_parts(&task.wait_time), rates(&task));
        Self { task, demand, wait, objective_seconds, rates, row_of: BTreeMap::new(), rows: Vec::new() }
    }

    /// Messages per second that so many tasks complete together when they are never idle.
    #[must_use]
    pub fn capacity(&self, tasks: u32) -> f64 {
        f64::from(tasks) * self.task.saturated_rate
    }

    fn slots(&self, tasks: u32) -> u64 {
        u64::from(tasks) * u64::from(self.task.concurrency)
    }

    /// Messages per second that one task with this many in it completes.
    fn rate_of_one(&self, number: f64) -> f64 {
        let above = if number < f64::from(EXACT_NUMBERS) {
            (number as usize + 1).min(self.rates.len() - 1)
        } else {
            self.rates.partition_point(|(known, _)| *known <= number).min(self.rates.len() - 1)
        };
        let ((low, below), (high, at)) = (self.rates[above - 1], self.rates[above]);
        below + (at - below) * ((number - low) / (high - low)).clamp(0.0, 1.0)
    }

    /// Where `tasks` at `load` (of their capacity, at most [`STEADY_LOAD_LIMIT`]) stand.
    pub fn position(&mut self, tasks: u32, load: f64) -> Position {
        let next = self.rows.len() as u32;
        let row = *self.row_of.entry(tasks).or_insert(next);
        if row == next {
            self.rows.push((tasks, vec![OnceCell::new(); ROW]));
        }
        let along = (load / STEADY_LOAD_LIMIT).clamp(0.0, 1.0) * LOAD_STEPS as f64;
        let step = (along as usize).min(LOAD_STEPS - 1);
        Position { cell: row * ROW as u32 + step as u32, upper_weight: along - step as f64 }
    }

    fn cell(&self, index: u32) -> &Cell {
        let (tasks, row) = &self.rows[index as usize / ROW];
        let step = index as usize % ROW;
        row[step].get_or_init(|| self.build_cell(*tasks, STEADY_LOAD_LIMIT * step as f64 / LOAD_STEPS as f64))
    }

    /// The numbers of the two cells that a position lies between, with their weights.
    #[must_use]
    pub fn cells(position: Position) -> [(u32, f64); 2] {
        [(position.cell, 1.0 - position.upper_weight), (position.cell + 1, position.upper_weight)]
    }

    fn between(&self, position: Position, figure: impl Fn(&Cell) -> f64) -> f64 {
        Self::cells(position).iter().map(|&(cell, weight)| figure(self.cell(cell)) * weight).sum()
    }

    /// The steady state of `tasks` at a load of at most [`STEADY_LOAD_LIMIT`].
    pub fn steady(&mut self, tasks: u32, load: f64) -> State {
        let position = self.position(tasks, load);
        let load = self.between(position, |cell| cell.load);
        let in_service = self.between(position, |cell| cell.in_service);
        let waiting = self.between(position, |cell| cell.scaled_waiting) / (1.0 - load);
        State { number: in_service + waiting, in_service, idle: 1.0 - load, position, steady: true }
    }

    /// A state along one axis: up to 1 the steady states, from there to 2 ever longer queues, whose idle
    /// share falls as in M/M/1 and whose slots fill up.
    fn state_at(&mut self, tasks: u32, place: f64) -> State {
        if place <= 1.0 {
            return self.steady(tasks, STEADY_LOAD_LIMIT * place);
        }
        let limit = self.steady(tasks, STEADY_LOAD_LIMIT);
        let rest = (2.0 - place).max(1e-12);
        let slots = self.slots(tasks) as f64;
        let waiting = (limit.number - limit.in_service).max(1.0);
        let number = ((limit.number + 1.0) / rest - 1.0).min(slots + waiting / rest).max(limit.number);
        let in_service = number.min(slots + (limit.in_service - slots) * rest);
        State { number, in_service, idle: (1.0 - STEADY_LOAD_LIMIT) * rest, steady: false, ..limit }
    }

    /// The state with the load `offered` would keep up; none at a load from 1 on.
    fn steady_number(&mut self, tasks: u32, load: f64) -> f64 {
        if load >= 1.0 {
            return f64::INFINITY;
        }
        let place = if load <= STEADY_LOAD_LIMIT { load / STEADY_LOAD_LIMIT } else { 2.0 - (1.0 - load) / (1.0 - STEADY_LOAD_LIMIT) };
        self.state_at(tasks, place).number
    }

    /// The state after a step in which `offered` messages join `number` others: an implicit step of
    /// `dN/dt = arrivals - capacity x busy(N)` (see [`super::transient`]).
    pub fn after(&mut self, tasks: u32, number: f64, offered: f64, seconds: f64) -> State {
        let completed_when_busy = self.capacity(tasks) * seconds;
        let load = offered / completed_when_busy;
        let steady_number = self.steady_number(tasks, load);
        let limit = self.steady(tasks, STEADY_LOAD_LIMIT);
        let fluctuation = (1.0 - STEADY_LOAD_LIMIT) * (limit.number + 1.0);
        let mut state_at = |place: f64| {
            let mut state = self.state_at(tasks, place);
            state.idle *= busier(state.number, load, steady_number, fluctuation);
            (state, state.number + completed_when_busy * (1.0 - state.idle) - (number + offered))
        };
        let (_, at_limit) = state_at(1.0);
        let place = if at_limit >= 0.0 {
            root([0.0, 1.0], [-(number + offered), at_limit], RESOLUTION, |place| state_at(place).1)
        } else {
            // Too steep for anything but halving: the number goes to infinity.
            let (mut low, mut high) = (1.0, 2.0);
            for _ in 0..HALVINGS {
                let place = f64::midpoint(low, high);
                *(if state_at(place).1 < 0.0 { &mut low } else { &mut high }) = place;
            }
            high
        };
        let (mut state, _) = state_at(place);
        // What left is exact even where the axis is coarse.
        state.number = (number + offered - completed_when_busy * (1.0 - state.idle)).max(0.0);
        state.in_service = state.in_service.min(state.number);
        state
    }

    /// Seconds in which the mean number forgets its start.
    #[must_use]
    pub fn relaxation_seconds(&self, tasks: u32, load: f64) -> f64 {
        let margin = 1.0 - load.min(STEADY_LOAD_LIMIT).sqrt();
        self.task.lone_response_seconds + 1.0 / (self.capacity(tasks) * margin * margin)
    }

    /// The mean wait in seconds at a position.
    #[must_use]
    pub fn wait_seconds(&self, position: Position) -> f64 {
        self.between(position, |cell| cell.waiting_share * cell.wait_seconds)
    }

    /// The mean burst in seconds of messages in tasks of this state.
    #[must_use]
    pub fn burst_seconds(&self, tasks: u32, state: &State) -> f64 {
        if state.steady {
            return self.between(state.position, |cell| cell.burst_seconds);
        }
        let held = state.in_service / self.capacity(tasks);
        (held - self.task.wait_time.mean()).max(self.task.lone_burst_seconds)
    }

    /// Values and weights (together 1) of the time from start to completion, for bursts of this mean.
    pub fn held(&self, burst_seconds: f64) -> impl Iterator<Item = Point> + '_ {
        let share = 1.0 / self.wait.len() as f64;
        let of_size = move |&(size, weight): &Point| self.wait.iter().map(move |wait| (wait + burst_seconds * size, weight * share));
        self.demand.iter().flat_map(of_size)
    }

    /// Values and weights (together 1) of the time from arrival to completion in one cell, few enough to be
    /// recorded often.
    #[must_use]
    pub fn points(&self, cell: u32) -> &[Point] {
        let cell = self.cell(cell);
        cell.points.get_or_init(|| {
            let mut points = Vec::new();
            for (held, weight) in self.held(cell.burst_seconds) {
                points.push((held, weight * (1.0 - cell.waiting_share)));
                if cell.waiting_share > 1e-9 {
                    let share = weight * cell.waiting_share / EXPONENTIAL_POINTS as f64;
                    points.extend(exponential_points().map(|wait| (wait * cell.wait_seconds + held, share)));
                }
            }
            condensed(points)
        })
    }

    /// The share of messages of one cell whose latency exceeds the objective.
    #[must_use]
    pub fn over_objective_share(&self, cell: u32) -> f64 {
        let points = self.points(cell);
        *self
            .cell(cell)
            .over_objective
            .get_or_init(|| points.iter().filter(|(value, _)| *value > self.objective_seconds).map(|p| p.1).sum())
    }

    /// The latency objective in seconds, infinite for none.
    #[must_use]
    pub const fn objective_seconds(&self) -> f64 {
        self.objective_seconds
    }

    /// Records the waits of so many messages of one cell.
    pub fn record_waits(&self, cell: u32, messages: f64, histogram: &mut Histogram) {
        let cell = self.cell(cell);
        histogram.record(0.0, messages * (1.0 - cell.waiting_share));
        for point in exponential_points() {
            histogram.record(point * cell.wait_seconds, messages * cell.waiting_share / EXPONENTIAL_POINTS as f64);
        }
    }

    /// The wait over that of exponential service.
    fn variability(&self, tasks: u32, load: f64, burst_seconds: f64, held_seconds: f64) -> f64 {
        let task = &self.task;
        let variance = task.cpu_time.squared_cv().min(1e6) * burst_seconds * burst_seconds + task.wait_time.variance().min(1e12);
        wait_of_general_service(self.slots(tasks) as f64, load, variance / (held_seconds * held_seconds))
    }

    fn build_cell(&self, tasks: u32, load: f64) -> Cell {
        let capacity = self.capacity(tasks);
        let rate = load.max(1e-6) * capacity;
        let fleet = f64::from(tasks);
        let queue = shared_queue(self.slots(tasks), rate, |number| fleet * self.rate_of_one(number / fleet));
        let held = queue.mean_in_service / rate;
        let burst_seconds = (held - self.task.wait_time.mean()).max(self.task.lone_burst_seconds);
        let wait_seconds = self.variability(tasks, load.max(1e-6), burst_seconds, held) / (capacity * (1.0 - load));
        let waiting_share = queue.waiting_share;
        Cell {
            load,
            in_service: load * capacity * held,
            scaled_waiting: load * capacity * waiting_share * wait_seconds * (1.0 - load),
            waiting_share,
            wait_seconds,
            burst_seconds,
            points: OnceCell::new(),
            over_objective: OnceCell::new(),
        }
    }
}

/// The factor of the idle share of a queue that is longer than its steady value, or that grows.
fn busier(number: f64, load: f64, steady_number: f64, fluctuation: f64) -> f64 {
    use crate::math::exp;
    if load > 1.0 {
        exp(-number * (load - 1.0) / fluctuation)
    } else if number > steady_number {
        let beyond = (number - steady_number) / (steady_number + 1.0);
        exp(-beyond * beyond)
    } else {
        1.0
    }
}

/// Rates of one task by the number in it, up to its slots.
fn rates(task: &TaskModel) -> Vec<(f64, f64)> {
    let mut rates = vec![(0.0, 0.0)];
    let (mut number, mut fastest) = (1_u32, 0.0_f64);
    loop {
        let rate = if number == task.concurrency {
            task.saturated_rate
        } else {
            let cores = task.cores_for_requests().max(1.0);
            saturated_throughput_per_second(number, cores, task.lone_burst_seconds, task.wait_time.mean())
        };
        fastest = fastest.max(rate.min(task.saturated_rate));
        rates.push((f64::from(number), fastest));
        if number == task.concurrency {
            return rates;
        }
        let step = if number < EXACT_NUMBERS { 1 } else { number / 20 };
        number = number.saturating_add(step).min(task.concurrency);
    }
}

/// Equally likely values with the mean of the distribution.
fn equal_parts(distribution: &Distribution) -> Vec<f64> {
    if distribution.is_constant() {
        return vec![distribution.mean()];
    }
    let parts = (0..WAIT_POINTS).map(|part| distribution.quantile((part as f64 + 0.5) / WAIT_POINTS as f64));
    let mut parts: Vec<f64> = parts.collect();
    // What the quantiles miss lies in the tail: the largest stands for it.
    let missing = distribution.mean() * WAIT_POINTS as f64 - parts.iter().sum::<f64>();
    if let Some(largest) = parts.last_mut() {
        *largest = (*largest + missing).max(0.0);
    }
    parts
}

/// The same distribution in fewer points, finer towards the tail, each the mean of its part.
fn condensed(mut points: Vec<Point>) -> Vec<Point> {
    points.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut few = Vec::new();
    let (mut below, mut sum, mut weight) = (0.0, 0.0, 0.0);
    for (value, share) in points {
        sum += value * share;
        weight += share;
        if weight >= (0.1 * (1.0_f64 - below)).clamp(0.0005, 0.02) {
            few.push((sum / weight, weight));
            below += weight;
            (sum, weight) = (0.0, 0.0);
        }
    }
    if weight > 0.0 {
        few.push((sum / weight, weight));
    }
    few
}
