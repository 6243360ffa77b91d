//! Tasks that hang: they take their share of the requests, and none of it comes back.
//!
//! What such a task was working on was counted as answered when it came; it is taken back. Requests that
//! it takes from then on hold their places until their clients give up: with room for K of them and a timeout of
//! T seconds it takes K / T a second at most, and turns the others away. Without a timeout it fills up, and
//! what it holds is lost with it. Left out: that a task with room for more than its first requests turns none away at first.

use super::{FluidPlane, Home};
use crate::fleet::TaskId;
use crate::traffic::gauges::Gauges;

/// A task that answers nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct HungTask {
    task: TaskId,
    /// Whether it is in the second target group.
    is_second: bool,
    /// Whether its balancer takes it for healthy.
    is_healthy: bool,
    /// Requests that hold a place for ever.
    held: f64,
    /// Of these, those that arrived since the last reset.
    counted: f64,
}

impl FluidPlane {
    /// Hung tasks that their balancer takes for healthy.
    pub(super) fn healthy_hung(&self) -> u32 {
        self.hung.iter().filter(|hung| hung.is_healthy).count() as u32
    }

    /// Hung tasks of a target group that their balancer takes for healthy, or not.
    pub(super) fn hung_of(&self, is_second: bool, is_healthy: bool) -> u32 {
        self.hung.iter().filter(|hung| hung.is_second == is_second && hung.is_healthy == is_healthy).count() as u32
    }

    /// A task hangs that had so many requests.
    pub(super) fn hang(&mut self, task: TaskId, number: f64) {
        self.healthy += 1;
        let taken = self.tally.take_back(number);
        let mut hung = HungTask { task, is_second: self.second.holds(task), is_healthy: true, held: 0.0, counted: 0.0 };
        if self.task.timeout.is_some() {
            self.tally.counts.timed_out += taken;
        } else {
            (hung.held, hung.counted) = (number, taken);
        }
        self.hung.push(hung);
    }

    /// A hung task has failed its checks.
    pub(super) fn fail_checks(&mut self, task: TaskId) {
        if let Some(hung) = self.hung.iter_mut().find(|hung| hung.task == task && hung.is_healthy) {
            hung.is_healthy = false;
            self.healthy -= 1;
            self.unhealthy += 1;
        }
    }

    /// A hung task goes; what it still holds is lost.
    pub(super) fn leave_hung(&mut self, task: TaskId) {
        let Some(place) = self.hung.iter().position(|hung| hung.task == task) else { return };
        let hung = self.hung.remove(place);
        if hung.is_healthy {
            self.healthy -= 1;
        } else {
            self.unhealthy -= 1;
        }
        self.tally.counts.failed += hung.counted;
    }

    /// Hung tasks take their share: each `per_task` requests, of all tasks or those of one group.
    pub(super) fn serve_hung(&mut self, group: Option<bool>, per_task: f64, seconds: f64, gauges: &mut Gauges) {
        let (most, concurrency) = (self.task.most_requests, f64::from(self.task.concurrency));
        let timeout_seconds = self.task.timeout.as_ref().map(crate::scenario::model::Distribution::mean);
        let only_healthy = self.peers > 0;
        for index in 0..self.hung.len() {
            let hung = self.hung[index];
            if only_healthy && !hung.is_healthy || group.is_some_and(|is_second| is_second != hung.is_second) {
                continue;
            }
            let (taken, present) = if let Some(timeout_seconds) = timeout_seconds {
                let wish = per_task / seconds * timeout_seconds;
                let share = if wish > most { most / wish } else { 1.0 };
                self.lose(per_task * share, true);
                (per_task * share, wish.min(most))
            } else {
                let taken = (most - hung.held).clamp(0.0, per_task);
                let changed = &mut self.hung[index];
                changed.held += taken;
                changed.counted += taken;
                self.answers.lost += taken;
                self.for_windows(|window| window.failed += taken);
                (taken, changed_middle(hung.held, taken))
            };
            self.lose(per_task - taken, false);
            gauges.request_seconds += present * seconds;
            gauges.waiting_seconds += (present - concurrency).max(0.0) * seconds;
        }
    }

    /// Requests that hung tasks hold and that arrived since the last reset.
    pub(super) fn held_by_hung(&self) -> f64 {
        self.hung.iter().map(|hung| hung.counted).sum()
    }

    /// What hung tasks hold belongs to the time before the window.
    pub(super) fn forget_held(&mut self) {
        self.hung.iter_mut().for_each(|hung| hung.counted = 0.0);
    }

    /// Moves a task that serves among those that hang.
    pub(super) fn becomes_hung(&mut self, task: TaskId) {
        if matches!(self.homes.get(task.0 as usize), Some(Home::Cohort(_))) {
            self.move_to(task, Home::Hung);
        }
    }
}

/// The mean of what a task holds while it takes more.
const fn changed_middle(held: f64, taken: f64) -> f64 {
    held + taken / 2.0
}
