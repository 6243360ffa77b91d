//! The fluid plane: requests as flows, queues as numbers that grow and drain.
//!
//! Between two changes of the fleet every healthy task receives an equal share of the arrivals. Well below
//! saturation a task is in the steady state of [`super::response`]. Near saturation the mean number of
//! requests in a task moves towards its steady value (see [`super::transient`]); beyond saturation it grows
//! by the surplus until the backlog is full (503) or requests come too late (504).
//!
//! Tasks that became healthy together form a cohort with one number of requests: round robin does not
//! rebalance, so after a scale-out the old tasks drain at their own surplus beside idle new ones. Cohorts
//! in the same steady state are one cohort again.
//!
//! Left out: the randomness of queues themselves (only the CPU metric carries sampling noise); what a
//! client saves a task by giving up half-way (a late request of a steady state has used all of its CPU).

mod close;

use super::arrivals::{Arrivals, Flow, Mark};
use super::cpu_noise::CpuNoise;
use super::gauges::{Answers, Gauges};
use super::plane::ObjectiveWindow;
use super::response::{ResponseTable, STEADY_LOAD_LIMIT, Steady};
use super::rows::RowLedger;
use super::steps::{grid_step, pieces};
use super::tally::{Burst, Tally, Window};
use super::task_model::TaskModel;
use super::transient::Transient;
use super::utilization::Utilization;
use crate::distribution::Moments;
use crate::fleet::{FleetChange, TaskId};
use crate::scenario::model::{RoutingAlgorithm, Service};
use crate::units::{SimDuration, SimTime};

/// Tasks that became healthy together.
#[derive(Clone, Debug)]
struct Cohort {
    id: u32,
    formed_at: SimTime,
    tasks: u32,
    /// Requests in each task, waiting ones included.
    number: f64,
    /// Whether `number` is that of the steady state.
    steady: bool,
}

/// A task that finishes what it has.
#[derive(Clone, Copy, Debug)]
struct DrainingTask {
    task: TaskId,
    since: SimTime,
    number: f64,
}

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Home {
    Absent,
    Starting,
    Ready,
    Cohort(u32),
    Draining,
}

/// One service's traffic and the tasks that serve it.
#[derive(Clone, Debug)]
pub struct FluidPlane {
    task: TaskModel,
    /// The moments of its CPU time.
    demand: Moments,
    table: ResponseTable,
    arrivals: Arrivals,
    /// What has arrived until now.
    arrived: Mark,
    utilization: Utilization,
    start_up_cpu: f64,
    now: SimTime,
    homes: Vec<Home>,
    cohorts: Vec<Cohort>,
    merged_into: Vec<u32>,
    draining: Vec<DrainingTask>,
    starting: u32,
    ready: u32,
    healthy: u32,
    noise: CpuNoise,
    /// What flowed, and what became of it, since the last close.
    span: Gauges,
    answers: Answers,
    span_start: SimTime,
    rows: Option<RowLedger>,
    /// Requests of the present step, for the rows.
    step: Window,
    /// Counts since the last reset.
    pub tally: Tally,
    /// The current window of the service level; it stays empty for a service without one.
    pub objective_window: Window,
    /// The window of the service level that ended last, until somebody reads it.
    pub(super) finished_window: Option<ObjectiveWindow>,
    /// Requests that arrived since somebody asked.
    pub(super) arrived_since: f64,
    has_objective: bool,
    scratch: Burst,
    /// Steps end on a grid of this length through the start.
    grid_step: SimDuration,
    /// Where on it the step of the present instant ends.
    grid_end: SimTime,
}

impl FluidPlane {
    /// The traffic of a service from `from` on, with no task yet. Without `rows` nothing is gathered for a
    /// timeline.
    #[must_use]
    pub fn new(service: &Service, arrivals: Arrivals, noise: CpuNoise, from: SimTime, rows: Option<RowLedger>) -> Self {
        let task = TaskModel::new(service);
        let random_routing = service.target_group.as_ref().is_some_and(|group| group.algorithm == RoutingAlgorithm::WeightedRandom);
        let objective_seconds = service.slo.and_then(|slo| slo.latency_seconds).unwrap_or(f64::INFINITY);
        let table = ResponseTable::new(task.clone(), random_routing, objective_seconds);
        Self {
            demand: table.demand_moments(),
            table,
            grid_step: grid_step(arrivals.slot()),
            grid_end: from.round_up(grid_step(arrivals.slot())),
            arrived: arrivals.mark(from),
            arrivals,
            utilization: Utilization::of(service),
            start_up_cpu: service.workload.start_up.cpu,
            now: from,
            homes: Vec::new(),
            cohorts: Vec::new(),
            merged_into: Vec::new(),
            draining: Vec::new(),
            starting: 0,
            ready: 0,
            healthy: 0,
            noise,
            span: Gauges::default(),
            answers: Answers::default(),
            span_start: from,
            rows,
            step: Window::default(),
            tally: Tally::default(),
            objective_window: Window::default(),
            finished_window: None,
            arrived_since: 0.0,
            has_objective: service.slo.is_some(),
            scratch: Burst::new(),
            task,
        }
    }

    /// The table of response times, for reading percentiles of windows.
    #[must_use]
    pub fn table(&self) -> &ResponseTable {
        &self.table
    }

    /// The model of one task.
    #[must_use]
    pub fn task(&self) -> &TaskModel {
        &self.task
    }

    /// Forgets what was counted so far; the state of the tasks stays.
    pub fn reset_statistics(&mut self) {
        self.tally = Tally::default();
        self.objective_window.clear();
    }

    /// Serves the traffic up to `until`, in steps that end where slots of the arrivals end. Returns the
    /// requests that arrived.
    pub fn advance(&mut self, until: SimTime) -> f64 {
        let mut offered = 0.0;
        while self.now < until {
            if self.grid_end <= self.now {
                self.grid_end = self.grid_end + self.grid_step;
            }
            offered += self.advance_step(self.grid_end.min(until));
        }
        self.arrived_since += offered;
        offered
    }

    fn advance_step(&mut self, until: SimTime) -> f64 {
        let span = until - self.now;
        let seconds = span.as_seconds_f64();
        let arrived = self.arrivals.mark_after(&self.arrived, until);
        let Flow { requests: offered, dispersion } = self.arrivals.flow_between(&self.arrived, &arrived);
        self.arrived = arrived;
        let Moments { mean: demand, variance, .. } = self.demand;
        let mut gauges = Gauges {
            seconds,
            offered,
            work_variance: offered * (dispersion * demand * demand + variance.min(1e12)),
            other_vcpu_seconds: self.other_vcpu() * seconds,
            request_capacity_vcpu_seconds: f64::from(self.healthy) * self.task.cores_for_requests() * seconds,
            running_task_seconds: f64::from(self.starting + self.ready + self.healthy) * seconds,
            healthy_task_seconds: f64::from(self.healthy) * seconds,
            ..Gauges::default()
        };
        self.for_windows(|window| window.offered += offered);
        self.tally.counts.offered += offered;
        if self.healthy == 0 {
            self.lose(offered, false);
        } else {
            self.serve(offered, seconds, &mut gauges);
        }
        self.span.add(&gauges, 1.0);
        if let Some(rows) = &mut self.rows {
            rows.share(self.now, until, &self.arrivals, &gauges, &self.step);
            self.step.clear();
        }
        self.now = until;
        offered
    }

    /// Counts in the windows that somebody reads.
    fn for_windows(&mut self, count: impl Fn(&mut Window)) {
        if self.rows.is_some() {
            count(&mut self.step);
        }
        if self.has_objective {
            count(&mut self.objective_window);
        }
    }

    /// vCPUs used by others than requests: idle tasks and starting ones.
    fn other_vcpu(&self) -> f64 {
        let idle = f64::from(self.ready + self.healthy) * self.task.idle_cpu;
        (idle + f64::from(self.starting) * self.start_up_cpu) * self.task.cores
    }

    fn serve(&mut self, offered: f64, seconds: f64, gauges: &mut Gauges) {
        let per_task = offered / f64::from(self.healthy);
        let load = per_task / seconds / self.task.saturated_rate;
        if load >= 1.0 {
            self.tally.seconds_saturated += seconds;
        }
        gauges.saturated |= load > STEADY_LOAD_LIMIT;
        let mut cohorts = std::mem::take(&mut self.cohorts);
        for cohort in &mut cohorts {
            self.serve_cohort(cohort, per_task, load, seconds, gauges);
        }
        self.cohorts = cohorts;
        self.merge_steady_cohorts();
    }

    fn serve_cohort(&mut self, cohort: &mut Cohort, per_task: f64, load: f64, seconds: f64, gauges: &mut Gauges) {
        let rate = per_task / seconds;
        let tasks = f64::from(cohort.tasks);
        if load <= STEADY_LOAD_LIMIT {
            let steady = self.table.steady_at(self.healthy, load);
            let steady_number = rate * steady.mean_seconds;
            let follows = cohort.steady && (cohort.number - steady_number).abs() <= 0.05 * steady_number;
            let settles = || 4.0 * self.relaxation_seconds(load) <= seconds && 4.0 * self.drain_seconds(cohort.number, rate) <= seconds;
            if follows || settles() {
                let work = per_task - (steady_number - cohort.number);
                cohort.number = steady_number;
                cohort.steady = true;
                gauges.request_vcpu_seconds += tasks * work.max(0.0) * self.demand.mean;
                gauges.request_seconds += tasks * steady_number * seconds;
                gauges.waiting_seconds += tasks * rate * steady.queue_seconds * seconds;
                self.accept_steady(&steady, tasks * per_task);
                return;
            }
        }
        self.serve_in_pieces(cohort, rate, load, seconds, gauges);
    }

    /// Seconds in which the mean number forgets its start.
    fn relaxation_seconds(&self, load: f64) -> f64 {
        let margin = 1.0 - load.min(STEADY_LOAD_LIMIT).sqrt();
        let service_seconds =
            if self.task.lone_burst_seconds > 0.0 { self.task.lone_burst_seconds } else { self.task.lone_response_seconds };
        service_seconds / (margin * margin)
    }

    /// Seconds in which a task works off `number` requests beside its arrivals.
    fn drain_seconds(&self, number: f64, rate: f64) -> f64 {
        let surplus = self.task.saturated_rate - rate;
        if surplus > 0.0 { number / surplus } else { f64::INFINITY }
    }

    fn accept_steady(&mut self, steady: &Steady, requests: f64) {
        let Steady { position, mean_seconds, .. } = *steady;
        let late = requests * steady.late_share.min(1.0);
        let accepted = requests - late;
        self.tally.steady(position, requests);
        if self.rows.is_some() {
            self.step.steady(position, accepted, mean_seconds);
        }
        if self.has_objective {
            self.objective_window.accepted += accepted;
            self.objective_window.over_objective += accepted * self.table.over_objective_share(position);
        }
        self.accept(accepted, accepted * mean_seconds);
        if late > 0.0 {
            self.lose(late, true);
        }
    }

    /// Counts requests that get an answer in time, and the sum of their response times in seconds.
    fn accept(&mut self, requests: f64, response_seconds: f64) {
        let errors = requests * self.task.error_rate;
        self.answers.accepted += requests;
        self.answers.errors += errors;
        self.answers.response_seconds += response_seconds;
        self.tally.accept(requests, self.task.error_rate);
        self.for_windows(|window| {
            window.served += requests - errors;
            window.failed += errors;
        });
    }

    /// Counts requests that are turned away, or that come too late.
    fn lose(&mut self, requests: f64, late: bool) {
        if late {
            self.tally.counts.timed_out += requests;
        } else {
            self.tally.counts.rejected += requests;
        }
        self.answers.lost += requests;
        self.for_windows(|window| window.failed += requests);
    }

    // Apart from the steady path: inside it, it would take the registers of the common case.
    #[inline(never)]
    fn serve_in_pieces(&mut self, cohort: &mut Cohort, rate: f64, load: f64, seconds: f64, gauges: &mut Gauges) {
        cohort.steady = false;
        let pieces = pieces(seconds);
        let piece_seconds = seconds / pieces;
        let (most, late_binds) = self.task.most_useful_requests();
        let tasks = f64::from(cohort.tasks);
        let offered = rate * piece_seconds;
        for _ in 0..pieces as u32 {
            let (grown, late) = Transient::new(&mut self.table, &self.task, self.healthy).step(cohort.number, offered, piece_seconds);
            let joined = offered - late;
            let excess = (grown - most).max(0.0).min(joined);
            let number = grown - excess;
            let middle = f64::midpoint(cohort.number, number);
            let departed = (joined - excess - (number - cohort.number)).max(0.0);
            gauges.request_vcpu_seconds += tasks * departed * self.demand.mean;
            gauges.request_seconds += tasks * middle * piece_seconds;
            gauges.waiting_seconds += tasks * (middle - f64::from(self.task.concurrency)).max(0.0) * piece_seconds;
            gauges.saturated |= middle > f64::from(self.task.concurrency);
            if late > 0.0 {
                self.lose(tasks * late, true);
            }
            if excess > 0.0 {
                self.lose(tasks * excess, late_binds);
            }
            self.accept_piece(middle, rate, load, tasks * (joined - excess), tasks * offered);
            cohort.number = number;
        }
    }

    /// Counts requests that join a task with this many others; `offered` is what they are a part of.
    fn accept_piece(&mut self, number: f64, rate: f64, load: f64, requests: f64, offered: f64) {
        if requests <= 0.0 {
            return;
        }
        let limit = load.min(STEADY_LOAD_LIMIT);
        let at_limit = self.table.steady_at(self.healthy, limit);
        let steady_number = rate.min(limit * self.task.saturated_rate) * at_limit.mean_seconds;
        if load < 1.0 && number <= 1.1 * steady_number + 1.0 {
            let near = (number - steady_number).abs() <= 0.01 * steady_number;
            let steady = if near { at_limit } else { self.steady_of_number(number, limit) };
            self.accept_steady(&steady, requests);
            return;
        }
        let mut responses = std::mem::take(&mut self.scratch);
        let in_time = self.crowded_responses(number, &mut responses);
        // Those that gave up before they joined are among the late ones of this distribution.
        let accepted = requests.min(offered * in_time.min(1.0));
        let scale = if in_time > 0.0 { accepted / in_time } else { 0.0 };
        for (_, weight) in &mut responses {
            *weight *= scale;
        }
        let queue_seconds = (number - f64::from(self.task.concurrency)).max(0.0) / self.task.saturated_rate;
        self.tally.direct(&responses, queue_seconds);
        if self.rows.is_some() {
            self.step.direct(&responses);
        }
        for &(seconds, weight) in responses.iter().filter(|_| self.has_objective) {
            self.objective_window.accepted += weight;
            if seconds > self.table.objective_seconds() {
                self.objective_window.over_objective += weight;
            }
        }
        let response_seconds = responses.iter().map(|&(seconds, weight)| seconds * weight).sum();
        self.scratch = responses;
        self.accept(accepted, response_seconds);
        self.lose(requests - accepted, true);
    }

    /// The steady state with this number of requests in a task, at a load of at most `limit`.
    fn steady_of_number(&mut self, number: f64, limit: f64) -> Steady {
        let (mut low, mut high) = (0.0, limit);
        for _ in 0..12 {
            let middle = f64::midpoint(low, high);
            if middle * self.task.saturated_rate * self.table.mean_seconds_at(self.healthy, middle) < number {
                low = middle;
            } else {
                high = middle;
            }
        }
        self.table.steady_at(self.healthy, high)
    }

    /// Responses of requests that join `number` others in a busy task: first the wait for a slot, then a
    /// burst slowed by all the requests in slots. Without those that come too late; returns the share that
    /// is left.
    fn crowded_responses(&self, number: f64, responses: &mut Burst) -> f64 {
        let task = &self.task;
        let in_slots = number.min(f64::from(task.concurrency));
        let queue_seconds = (number - in_slots) / task.saturated_rate;
        let wait_seconds = task.wait_time.mean();
        let burst_seconds = (in_slots / task.saturated_rate - wait_seconds).max(task.lone_burst_seconds);
        responses.clear();
        let mut in_time = 0.0;
        for &(size, weight) in self.table.relative_demand() {
            let seconds = queue_seconds + wait_seconds + burst_seconds * size;
            let weight = weight * (1.0 - task.late_share(seconds));
            in_time += weight;
            responses.push((seconds, weight));
        }
        in_time
    }

    fn merge_steady_cohorts(&mut self) {
        if self.cohorts.len() < 2 {
            return;
        }
        let mut kept: Option<usize> = None;
        let mut index = 0;
        while index < self.cohorts.len() {
            if !self.cohorts[index].steady {
                index += 1;
            } else if let Some(first) = kept {
                let merged = self.cohorts.remove(index);
                self.cohorts[first].tasks += merged.tasks;
                self.merged_into[merged.id as usize] = self.cohorts[first].id;
            } else {
                kept = Some(index);
                index += 1;
            }
        }
    }

    /// Takes note of a change of the fleet at the present instant.
    pub fn apply(&mut self, change: FleetChange) {
        match change {
            FleetChange::Started(task) => self.move_to(task, Home::Starting),
            FleetChange::Ready(task) => self.move_to(task, Home::Ready),
            FleetChange::Healthy(task) => {
                let cohort = self.cohort_forming_now();
                self.move_to(task, Home::Cohort(cohort));
            }
            // Flows carry no health checks, and so none that fails.
            FleetChange::Probed(_) | FleetChange::Unhealthy(_) | FleetChange::Recovered(_) => {}
            FleetChange::Draining(task) => self.move_to(task, Home::Draining),
            FleetChange::Stopped(task) => self.move_to(task, Home::Absent),
        }
    }

    fn cohort_forming_now(&mut self) -> u32 {
        if let Some(newest) = self.cohorts.last().filter(|cohort| cohort.formed_at == self.now) {
            return newest.id;
        }
        let id = self.merged_into.len() as u32;
        self.merged_into.push(id);
        self.cohorts.push(Cohort { id, formed_at: self.now, tasks: 0, number: 0.0, steady: false });
        id
    }

    /// The index of the living cohort that this one has become.
    fn living(&self, mut id: u32) -> usize {
        while self.merged_into[id as usize] != id {
            id = self.merged_into[id as usize];
        }
        self.cohorts.iter().position(|cohort| cohort.id == id).expect("a cohort with tasks is alive")
    }

    fn move_to(&mut self, task: TaskId, home: Home) {
        let index = task.0 as usize;
        if index >= self.homes.len() {
            self.homes.resize(index + 1, Home::Absent);
        }
        let before = std::mem::replace(&mut self.homes[index], home);
        let number = self.leave(task, before);
        match home {
            Home::Absent => self.tally.lose_accepted(number),
            Home::Starting => self.starting += 1,
            Home::Ready => self.ready += 1,
            Home::Cohort(id) => {
                self.healthy += 1;
                let cohort = self.living(id);
                self.cohorts[cohort].tasks += 1;
            }
            Home::Draining => self.draining.push(DrainingTask { task, since: self.now, number }),
        }
    }

    /// Takes a task out of where it stood; returns the requests that it still has.
    fn leave(&mut self, task: TaskId, home: Home) -> f64 {
        match home {
            Home::Absent => 0.0,
            Home::Starting => {
                self.starting -= 1;
                0.0
            }
            Home::Ready => {
                self.ready -= 1;
                0.0
            }
            Home::Cohort(id) => {
                self.healthy -= 1;
                let index = self.living(id);
                let cohort = &mut self.cohorts[index];
                cohort.tasks -= 1;
                let number = cohort.number;
                if cohort.tasks == 0 {
                    // Its id leads nowhere from now on, and no task asks for it.
                    self.cohorts.remove(index);
                }
                number
            }
            Home::Draining => {
                let index = self.draining.iter().position(|draining| draining.task == task).expect("a draining task is listed");
                let draining = self.draining.swap_remove(index);
                self.task.left_after(draining.number, (self.now - draining.since).as_seconds_f64())
            }
        }
    }

    /// How long a draining task still needs until its last request is answered.
    #[must_use]
    pub fn time_to_drain(&self, task: TaskId) -> SimDuration {
        let Some(draining) = self.draining.iter().find(|draining| draining.task == task) else { return SimDuration::ZERO };
        let finished = draining.since + SimDuration::from_seconds_f64(self.task.seconds_to_finish(draining.number));
        (finished - self.now).max(SimDuration::ZERO)
    }

    /// Ends the run: what is still in a task is in flight.
    pub fn finish(&mut self) {
        let mut left: f64 = self.cohorts.iter().map(|cohort| f64::from(cohort.tasks) * cohort.number).sum();
        left += self
            .draining
            .iter()
            .map(|draining| self.task.left_after(draining.number, (self.now - draining.since).as_seconds_f64()))
            .sum::<f64>();
        self.tally.counts.in_flight_at_end = self.tally.take_back(left);
    }
}
