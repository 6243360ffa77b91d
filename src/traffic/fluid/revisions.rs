//! Tasks of several revisions side by side: each cohort serves its share of the requests with its own demand.
//!
//! One kind of task is the main one. Its constants stand where the formulas look for them, and its responses are kept as
//! places in its table. A cohort of another kind has its constants put there while it is served, and its responses are
//! unfolded at once, which takes longer; so when the last task of the main kind has left, another kind becomes the main one.
//! Cohorts of several kinds are there only while a deployment is in progress.
//!
//! Left out: that two kinds have CPU samples of different noise (that of the main kind smooths all).

use std::mem::swap;

use super::FluidPlane;
use super::pace::table_of;
use crate::distribution::Moments;
use crate::fleet::TaskId;
use crate::scenario::model::Service;
use crate::traffic::response::{ResponseTable, Steady};
use crate::traffic::tally::Window;
use crate::traffic::task_model::TaskModel;

/// What tasks of one revision do with a request.
#[derive(Clone, Debug)]
struct Kind {
    usual: Service,
    task: TaskModel,
    demand: Moments,
    table: ResponseTable,
}

impl Kind {
    fn of(service: &Service) -> Self {
        let table = table_of(service);
        Self { usual: service.clone(), task: TaskModel::new(service), demand: table.demand_moments(), table }
    }
}

/// The kinds of tasks that a service has in a run.
#[derive(Clone, Debug)]
pub(super) struct Kinds {
    /// By number; the one whose place is taken by that of another has those constants.
    stored: Vec<Kind>,
    /// By revision of the service.
    of_content: Vec<usize>,
    /// By task; those that are missing are of the first kind.
    of_task: Vec<usize>,
    main: usize,
    /// The kind whose constants stand in the plane.
    present: usize,
}

impl Kinds {
    /// The first kind, number 0, is that of the tasks at the start and of revisions that serve like them.
    pub(super) fn of(service: &Service) -> Self {
        let mut kinds = Self { stored: Vec::new(), of_content: Vec::new(), of_task: Vec::new(), main: 0, present: 0 };
        if service.revisions.iter().all(|revision| !revision.changes_serving(&service.workload)) {
            return kinds;
        }
        kinds.stored.push(Kind::of(service));
        for revision in &service.revisions {
            let number = if revision.changes_serving(&service.workload) {
                kinds.stored.push(Kind::of(&Service { workload: revision.workload.clone(), ..service.clone() }));
                kinds.stored.len() - 1
            } else {
                0
            };
            kinds.of_content.push(number);
        }
        kinds
    }

    /// Takes note of what a task is made of.
    pub(super) fn made_of(&mut self, task: TaskId, content: u32) {
        let kind = self.of_content.get(content as usize).copied().unwrap_or(0);
        if kind > 0 {
            let index = task.0 as usize;
            self.of_task.resize(self.of_task.len().max(index + 1), 0);
            self.of_task[index] = kind;
        }
    }

    /// The kind of a task.
    pub(super) fn of_task(&self, task: TaskId) -> usize {
        self.of_task.get(task.0 as usize).copied().unwrap_or(0)
    }

    /// Whether the constants in the plane are those of the main kind.
    pub(super) const fn is_main(&self) -> bool {
        self.present == self.main
    }

    /// The main kind.
    pub(super) const fn main(&self) -> usize {
        self.main
    }

    /// Whether there are several.
    pub(super) const fn are_several(&self) -> bool {
        !self.stored.is_empty()
    }
}

impl FluidPlane {
    /// Puts the constants of a kind where the formulas look for them.
    pub(super) fn present(&mut self, kind: usize) {
        if self.kinds.present != kind {
            // Those that stand there go to their own place, and what lay there to that of the others.
            self.exchange(self.kinds.present);
            self.exchange(kind);
            self.kinds.present = kind;
        }
    }

    fn exchange(&mut self, kind: usize) {
        let stored = &mut self.kinds.stored[kind];
        swap(&mut self.usual, &mut stored.usual);
        swap(&mut self.task, &mut stored.task);
        swap(&mut self.demand, &mut stored.demand);
        swap(&mut self.table, &mut stored.table);
    }

    /// The model of a task of a kind.
    pub(super) fn task_of(&self, kind: usize) -> &TaskModel {
        if kind == self.kinds.present { &self.task } else { &self.kinds.stored[kind].task }
    }

    /// Makes another kind the main one when no cohort is of the old one.
    pub(super) fn choose_main_kind(&mut self) {
        let main = self.kinds.main;
        let Some(other) = self.cohorts.first().map(|cohort| cohort.kind) else { return };
        if self.cohorts.iter().any(|cohort| cohort.kind == main) {
            return;
        }
        self.unfold();
        self.present(other);
        self.kinds.main = other;
    }

    /// What was counted by places in the main table becomes response times.
    pub(super) fn unfold(&mut self) {
        self.tally.unfold(&self.table);
        if let Some(rows) = &mut self.rows {
            rows.unfold(&self.table);
        }
    }

    /// Takes other constants for all kinds, made of each kind's service.
    pub(super) fn remake(&mut self, change: impl Fn(&mut Service)) {
        let remade = |usual: &Service| {
            let mut service = usual.clone();
            change(&mut service);
            (TaskModel::new(&service), table_of(&service))
        };
        for kind in &mut self.kinds.stored {
            (kind.task, kind.table) = remade(&kind.usual);
        }
        (self.task, self.table) = remade(&self.usual);
    }

    /// The mean and the variance of a request's CPU time; of several kinds the mean is that of its squares over all tasks
    /// that share the requests, for the noise of a count of requests goes by it.
    pub(super) fn work_moments(&self) -> (f64, f64) {
        let main = self.kinds.main;
        if self.cohorts.iter().all(|cohort| cohort.kind == main) {
            return (self.demand.mean, self.demand.variance.min(1e12));
        }
        let (mut squares, mut variances, mut tasks) = (0.0, 0.0, 0.0);
        for cohort in &self.cohorts {
            let demand = if cohort.kind == self.kinds.present { &self.demand } else { &self.kinds.stored[cohort.kind].demand };
            let count = f64::from(cohort.tasks);
            squares += count * demand.mean * demand.mean;
            variances += count * demand.variance.min(1e12);
            tasks += count;
        }
        ((squares / tasks).sqrt(), variances / tasks)
    }

    /// Counts requests in a steady state of the kind that is present, `accepted` of them in time.
    pub(super) fn count_steady(&mut self, steady: &Steady, requests: f64, accepted: f64) {
        let Steady { position, mean_seconds, .. } = *steady;
        if self.kinds.is_main() {
            self.tally.steady(position, requests);
            if self.rows.is_some() {
                self.step.steady(position, accepted, mean_seconds);
            }
            return;
        }
        self.tally.steady_elsewhere(position, requests, &self.table);
        if self.rows.is_some() {
            let mut window = Window::default();
            window.steady(position, accepted, mean_seconds);
            // What it counts stays; only where the responses are kept changes.
            window.unfold(&self.table);
            self.step.add(&window, 1.0);
        }
    }
}
