//! The fluid plane: requests as flows, queues as numbers that grow and drain.
//!
//! Between two changes of the fleet every healthy task receives an equal share of the arrivals. Well below
//! saturation a task is in the steady state of [`super::response`]. Near saturation the mean number of
//! requests in a task moves towards its steady value (see [`super::transient`]); beyond saturation it grows
//! by the surplus until the backlog is full (503) or requests come too late (504).
//!
//! Tasks that became healthy together form a cohort with one number of requests: round robin does not
//! rebalance, so after a scale-out the old tasks drain at their own surplus beside idle new ones. Cohorts
//! in the same steady state are one cohort again. Tasks of two revisions are never one cohort: each has what its own revision
//! asks of it (see `revisions`); what changes of the fleet make of them stands in `fleet`.
//!
//! Left out: the randomness of queues themselves (only the CPU metric carries sampling noise); what a
//! client saves a task by giving up half-way, where one request in a thousand or fewer does and in a task that drains (a late request of a steady state has used all of its CPU).

mod close;
mod fleet;
mod groups;
mod hung;
mod pace;
mod pieces;
mod revisions;

use self::groups::SecondGroup;
use self::hung::HungTask;
use self::pace::table_of;
use self::revisions::Kinds;
use super::arrivals::{Arrivals, Flow, Mark};
use super::by_task::ByTask;
use super::cpu_noise::CpuNoise;
use super::gauges::{Answers, Gauges};
use super::plane::ObjectiveWindow;
use super::response::{ResponseTable, STEADY_LOAD_LIMIT, Steady};
use super::rows::RowLedger;
use super::steps::grid_step;
use super::tally::{Burst, Tally, Window};
use super::task_model::TaskModel;
use super::utilization::Utilization;
use crate::distribution::Moments;
use crate::scenario::model::Service;
use crate::units::{SimDuration, SimTime};

/// From this share of late requests on what their clients leave of the CPU changes the state of a task.
const RELIEVED_LATE_SHARE: f64 = 1e-3;

/// Tasks that became healthy together.
#[derive(Clone, Debug)]
struct Cohort {
    id: u32,
    /// What its tasks do with a request.
    kind: usize,
    formed_at: SimTime,
    /// Whether its tasks are in the second target group.
    is_second: bool,
    tasks: u32,
    /// Requests in each task, waiting ones included.
    number: f64,
    /// Whether `number` is that of the steady state.
    steady: bool,
}

/// A task that finishes what it has.
#[derive(Clone, Copy, Debug)]
struct DrainingTask {
    kind: usize,
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
    Hung,
}

/// One service's traffic and the tasks that serve it.
#[derive(Clone, Debug)]
pub struct FluidPlane {
    kinds: Kinds,
    /// The service at its usual pace.
    usual: Service,
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
    draining: ByTask<DrainingTask>,
    hung: Vec<HungTask>,
    starting: u32,
    ready: u32,
    healthy: u32,
    unhealthy: u32,
    second: SecondGroup,
    /// The healthy tasks that share the flow which is served at present.
    peers: u32,
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
        let table = table_of(service);
        Self {
            kinds: Kinds::of(service),
            usual: service.clone(),
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
            draining: ByTask::default(),
            hung: Vec::new(),
            starting: 0,
            ready: 0,
            healthy: 0,
            unhealthy: 0,
            second: SecondGroup::default(),
            peers: 0,
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
        self.forget_held();
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
        if self.kinds.are_several() {
            self.choose_main_kind();
        }
        let (demand, variance) = self.work_moments();
        let mut gauges = Gauges {
            seconds,
            offered,
            work_variance: offered * (dispersion * demand * demand + variance),
            other_vcpu_seconds: self.other_vcpu() * seconds,
            request_capacity_vcpu_seconds: f64::from(self.healthy - self.healthy_hung()) * self.task.cores_for_requests() * seconds,
            running_task_seconds: f64::from(self.starting + self.ready + self.healthy + self.unhealthy) * seconds,
            healthy_task_seconds: f64::from(self.healthy) * seconds,
            ..Gauges::default()
        };
        self.for_windows(|window| window.offered += offered);
        self.tally.counts.offered += offered;
        // With no healthy target a balancer sends requests to the others.
        let targets = if self.healthy > 0 { self.healthy } else { self.unhealthy };
        if self.second.is_used() {
            self.serve_groups(offered, seconds, &mut gauges);
        } else if targets == 0 {
            self.lose(offered, false);
        } else {
            self.serve(targets, offered, seconds, &mut gauges);
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
        let idle = f64::from(self.ready + self.healthy + self.unhealthy) * self.task.idle_cpu;
        (idle + f64::from(self.starting) * self.start_up_cpu) * self.task.cores
    }

    fn serve(&mut self, targets: u32, offered: f64, seconds: f64, gauges: &mut Gauges) {
        self.peers = self.healthy;
        let load = self.serve_targets(None, offered / f64::from(targets), seconds, gauges);
        self.note_load(load, seconds, gauges);
        self.merge_steady_cohorts();
    }

    /// Takes note of the load of a step.
    fn note_load(&mut self, load: f64, seconds: f64, gauges: &mut Gauges) {
        if load >= 1.0 {
            self.tally.seconds_saturated += seconds;
        }
        gauges.saturated |= load > STEADY_LOAD_LIMIT;
    }

    /// Each target takes so many requests: all of them, or those of one group. Returns their load.
    #[inline]
    fn serve_targets(&mut self, group: Option<bool>, per_task: f64, seconds: f64, gauges: &mut Gauges) -> f64 {
        let mut load = per_task / seconds / self.task.saturated_rate;
        let mut highest_load = if group.is_none() { load } else { 0.0 };
        let mut cohorts = std::mem::take(&mut self.cohorts);
        for cohort in cohorts.iter_mut().filter(|cohort| group.is_none_or(|is_second| is_second == cohort.is_second)) {
            if self.kinds.are_several() {
                self.present(cohort.kind);
                load = per_task / seconds / self.task.saturated_rate;
            }
            highest_load = highest_load.max(load);
            self.serve_cohort(cohort, per_task, load, seconds, gauges);
        }
        self.cohorts = cohorts;
        self.present(self.kinds.main());
        if !self.hung.is_empty() {
            self.serve_hung(group, per_task, seconds, gauges);
        }
        highest_load
    }

    fn serve_cohort(&mut self, cohort: &mut Cohort, per_task: f64, load: f64, seconds: f64, gauges: &mut Gauges) {
        let rate = per_task / seconds;
        let tasks = f64::from(cohort.tasks);
        if load <= STEADY_LOAD_LIMIT {
            let steady = self.table.steady_at(self.peers, load);
            let steady_number = rate * steady.mean_seconds;
            let follows = cohort.steady && (cohort.number - steady_number).abs() <= 0.05 * steady_number;
            // Where many come too late, and take less of the CPU for it, it is not the steady state of all.
            let is_relieved = self.task.gives_cpu_back && steady.late_share > RELIEVED_LATE_SHARE;
            let settles = || 4.0 * self.relaxation_seconds(load) <= seconds && 4.0 * self.drain_seconds(cohort.number, rate) <= seconds;
            if !is_relieved && (follows || settles()) {
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
        self.count_steady(steady, requests, accepted);
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

    fn merge_steady_cohorts(&mut self) {
        if self.cohorts.len() < 2 {
            return;
        }
        let mut index = 0;
        while index < self.cohorts.len() {
            if !self.cohorts[index].steady {
                index += 1;
            } else if let Some(first) = self.steady_twin_before(index) {
                let merged = self.cohorts.remove(index);
                self.cohorts[first].tasks += merged.tasks;
                self.merged_into[merged.id as usize] = self.cohorts[first].id;
            } else {
                index += 1;
            }
        }
    }

    /// The first steady cohort of the same kind that stands before this one.
    fn steady_twin_before(&self, index: usize) -> Option<usize> {
        let Cohort { kind, is_second, .. } = self.cohorts[index];
        self.cohorts[..index].iter().position(|cohort| cohort.steady && cohort.kind == kind && cohort.is_second == is_second)
    }

    /// Ends the run: what is still in a task is in flight.
    pub fn finish(&mut self) {
        let mut left: f64 = self.cohorts.iter().map(|cohort| f64::from(cohort.tasks) * cohort.number).sum();
        left += self.draining.iter().map(|draining| self.left_of(draining)).sum::<f64>();
        self.tally.counts.in_flight_at_end = self.tally.take_back(left) + self.held_by_hung();
    }
}
