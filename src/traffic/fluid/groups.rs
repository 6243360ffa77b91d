//! Two target groups: while a deployment moves traffic, each gets its share of the flow.
//!
//! A group's share is spread over its own targets alone; without a target it is lost. A group without a share goes on with what it
//! has. Left out: that a balancer draws the group of each request, so the flow into a small group is a little burstier than its
//! share of evenly spaced arrivals.

use super::FluidPlane;
use crate::fleet::{TaskId, WHOLE_TRAFFIC};
use crate::traffic::gauges::Gauges;

/// The second target group; all other tasks are in the first.
#[derive(Clone, Debug, Default)]
pub(super) struct SecondGroup {
    tasks: Vec<TaskId>,
    share: f64,
}

impl SecondGroup {
    /// Whether it has any task or gets any request.
    pub(super) const fn is_used(&self) -> bool {
        !self.tasks.is_empty() || self.share > 0.0
    }

    /// Whether a task is in it.
    pub(super) fn holds(&self, task: TaskId) -> bool {
        self.tasks.contains(&task)
    }

    /// A task is in it.
    pub(super) fn add(&mut self, task: TaskId) {
        self.tasks.push(task);
    }

    /// A task is gone.
    pub(super) fn forget(&mut self, task: TaskId) {
        self.tasks.retain(|&known| known != task);
    }

    /// It gets so many of [`WHOLE_TRAFFIC`] parts.
    pub(super) fn set_share(&mut self, share: u32) {
        self.share = f64::from(share) / f64::from(WHOLE_TRAFFIC);
    }
}

impl FluidPlane {
    /// Serves a step whose requests are split between two groups.
    pub(super) fn serve_groups(&mut self, offered: f64, seconds: f64, gauges: &mut Gauges) {
        let mut highest_load = 0.0_f64;
        for (is_second, share) in [(false, 1.0 - self.second.share), (true, self.second.share)] {
            let offered = offered * share;
            let healthy = self.healthy_of(is_second);
            let targets = if healthy > 0 { healthy } else { self.unhealthy_of(is_second) };
            if targets > 0 {
                self.peers = healthy;
                let per_task = offered / f64::from(targets);
                highest_load = highest_load.max(self.serve_targets(Some(is_second), per_task, seconds, gauges));
            } else if offered > 0.0 {
                self.lose(offered, false);
            }
        }
        self.note_load(highest_load, seconds, gauges);
        self.merge_steady_cohorts();
    }

    fn healthy_of(&self, is_second: bool) -> u32 {
        let cohorts = self.cohorts.iter().filter(|cohort| cohort.is_second == is_second);
        cohorts.map(|cohort| cohort.tasks).sum::<u32>() + self.hung_of(is_second, true)
    }

    fn unhealthy_of(&self, is_second: bool) -> u32 {
        self.hung_of(is_second, false)
    }
}
