//! Deployments that move traffic: blue/green, linear and canary.
//!
//! The tasks of the new revision (green) come up beside those of the old one (blue) until as many are healthy as are
//! wanted; no production traffic reaches them before. Then it moves, all at once, in equal steps or a small part first, and
//! both revisions run on until the last bake time is over. After it blue drains and stops (AWS, blue-green-deployment-how-it-works,
//! deployment-type-linear, canary-deployment). So there are twice the tasks from the first launch to the last stop.
//! Each revision keeps its own count all the time: what is lost or fails its checks is replaced by its like, and a desired count
//! that changes holds for both.
//!
//! Each revision has a target group of its own, and two are enough: the next deployment uses the one that the last has left. A
//! revision that is not healthy within the limit of a stage has failed and goes; blue never lost its traffic.
//!
//! A deployment that comes while another one moves traffic takes it back to blue and begins anew; one that comes while the old
//! tasks stop takes the new ones for blue.
//!
//! Left out: test traffic, lifecycle hooks, headless services, and sticky sessions between target groups.

use super::{ServiceControl, ServiceEvent, Stage, Status};
use crate::control::service::health::Group;
use crate::control::{Event, Phase};
use crate::events::EventQueue;
use crate::fleet::{FleetChange, WHOLE_TRAFFIC};
use crate::units::SimTime;

/// Where a deployment that moves traffic stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Traffic follows the tasks.
    None,
    /// The new tasks come up.
    ScalingUp,
    /// The step that comes next; there is none when all traffic has moved.
    Before(u32),
    /// The old tasks go.
    Clearing,
    /// The new ones go: traffic is back.
    Returning,
    /// Nothing moves any more.
    Stuck,
}

impl Progress {
    /// Whether the last completed revision and the new one both run.
    const fn runs_both(self) -> bool {
        matches!(self, Self::ScalingUp | Self::Before(_) | Self::Stuck)
    }

    /// Whether alarms can still fail the deployment.
    pub(super) const fn is_watched(self) -> bool {
        matches!(self, Self::None | Self::ScalingUp | Self::Before(_))
    }
}

impl ServiceControl {
    /// Whether deployments of this service move traffic, and one of them is under way.
    pub(in crate::control::service) fn moves_traffic(&self) -> bool {
        self.deployments.progress != Progress::None
    }

    /// A deployment begins, or goes back.
    pub(super) fn begin_shift(&mut self, now: SimTime, queue: &mut EventQueue<ServiceEvent>) {
        let Some(shift) = self.settings.service.traffic_shift else { return };
        let is_new = self.deployments.stage == Stage::Rolling;
        self.deployments.progress = if is_new { Progress::ScalingUp } else { Progress::Returning };
        if is_new {
            self.set_timer(now + shift.stage_limit, queue);
        } else {
            self.deployments.timer += 1;
        }
    }

    /// Lets the deployment hear of a time, and of none that was set before.
    pub(super) fn set_timer(&mut self, time: SimTime, queue: &mut EventQueue<ServiceEvent>) {
        self.deployments.timer += 1;
        self.push(queue, time, Phase::Scheduling, Event::DeploymentTimer { number: self.deployments.timer });
    }

    /// The time of a deployment has come: the next step of its traffic, or the end of its bake time or patience.
    pub(in crate::control::service) fn deployment_timer(
        &mut self,
        now: SimTime,
        number: u32,
        queue: &mut EventQueue<ServiceEvent>,
        changes: &mut Vec<FleetChange>,
    ) {
        if number != self.deployments.timer {
            return;
        }
        match self.deployments.progress {
            Progress::None => self.complete_if_done(now, queue),
            Progress::ScalingUp => {
                let limit = self.settings.service.traffic_shift.map(|shift| shift.stage_limit).unwrap_or_default();
                self.fail(now, format!("the new revision was not healthy within {limit}"), true, queue);
                self.give_traffic_to_completed(changes);
            }
            Progress::Before(step) => self.move_traffic(now, step, queue, changes),
            Progress::Clearing | Progress::Returning | Progress::Stuck => {}
        }
    }

    /// Traffic moves by a step, and by those that follow without a bake time; after the last one the old tasks go.
    fn move_traffic(&mut self, now: SimTime, first: u32, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        let Some(shift) = self.settings.service.traffic_shift else { return };
        let mut step = first;
        while let Some(percent) = shift.share_percent(step) {
            changes.push(self.share_of(self.deployments.primary, percent));
            step += 1;
            let bake = if shift.share_percent(step).is_some() { shift.step_bake } else { shift.bake };
            self.deployments.progress = Progress::Before(step);
            if !bake.is_zero_or_less() {
                self.set_timer(now + bake, queue);
                return;
            }
        }
        self.deployments.progress = Progress::Clearing;
        self.request_tick(now, queue);
    }

    /// What gives a revision so many percent of the traffic, and the other target group the rest.
    fn share_of(&self, revision: u32, percent: f64) -> FleetChange {
        let share = (percent / 100.0 * f64::from(WHOLE_TRAFFIC)).round() as u32;
        let is_second = self.deployments.known[revision as usize].is_second;
        FleetChange::SecondGroupShare(if is_second { share } else { WHOLE_TRAFFIC - share })
    }

    /// All traffic goes to the revision that was completed last.
    pub(super) fn give_traffic_to_completed(&mut self, changes: &mut Vec<FleetChange>) {
        if self.moves_traffic() {
            changes.push(self.share_of(self.deployments.completed, 100.0));
        }
    }

    /// One tick of the scheduler while traffic moves: each revision has its tasks, or loses them.
    pub(super) fn tick_shift(&mut self, now: SimTime, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        if self.deployments.progress == Progress::ScalingUp {
            // Whatever a deployment before has moved.
            self.give_traffic_to_completed(changes);
        }
        let wanted = self.wanted_by_provider();
        for revision in self.deployments.revisions_at_work() {
            let deployments = &self.deployments;
            let is_kept = revision == deployments.primary || (deployments.progress.runs_both() && revision == deployments.completed);
            for provider in self.providers() {
                let goal = if is_kept { wanted[provider.index()] } else { 0 };
                self.keep(now, Group { provider, revision: Some(revision) }, goal, queue, changes);
            }
        }
        if self.deployments.progress == Progress::ScalingUp && self.serving(now).1 >= self.desired.value() {
            self.move_traffic(now, 0, queue, changes);
        }
        self.complete_if_done(now, queue);
    }

    /// Stops what is too much of a group, replaces what has failed its checks and launches what is missing.
    fn keep(&mut self, now: SimTime, group: Group, goal: u32, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        let wanted = self.wanted_by_provider();
        if goal == 0 {
            self.stop_some(now, (&wanted, u32::MAX), |task| group.holds(task), queue, changes);
            return;
        }
        let surplus = self.tasks_to_keep(now, group).saturating_sub(goal);
        let is_condemned = self.is_condemned(now);
        self.stop_some(now, (&wanted, surplus), |task| group.holds(task) && !is_condemned(task), queue, changes);
        self.stop_replaced(now, group, goal, queue, changes);
        let Some(revision) = group.revision.filter(|&revision| self.deployments.may_launch(revision, now)) else { return };
        let missing = self.tasks_to_launch(now, group, goal);
        self.launch_within_limits(now, (group.provider, revision), missing, queue);
    }

    /// Whether the deployment waits for something else than its tasks.
    pub(super) fn has_more_to_move(&self) -> bool {
        matches!(self.deployments.progress, Progress::ScalingUp | Progress::Before(_) | Progress::Stuck)
    }

    /// Another deployment comes: what this one has reached.
    pub(super) fn superseded(&mut self, now: SimTime) {
        if self.deployments.progress == Progress::Clearing {
            self.end_record(now, Status::Successful, None);
            self.deployments.completed = self.deployments.primary;
        } else if matches!(self.deployments.stage, Stage::Rolling | Stage::RollingBack) {
            self.end_record(now, Status::Stopped, Some("superseded by the next deployment".to_owned()));
        }
    }
}
