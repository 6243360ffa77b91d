//! Alarms that fail a deployment.
//!
//! A deployment whose alarm goes to ALARM has failed, be it rolling or one that moves traffic, until its bake time is over; it
//! is rolled back to the last completed revision or stays where it is. When one of the alarms is in ALARM as a deployment begins,
//! none is looked at during this deployment: it may be the one that repairs what is wrong (AWS, deployment-alarm-failure). A
//! rolling deployment is watched for a while after the last old task has stopped; Amazon ECS computes from the alarms for how long
//! and does not say how.
//!
//! A rollback is not watched.

use super::{ServiceControl, ServiceEvent, Stage, Status};
use crate::control::service::deployment::shift::Progress;
use crate::events::EventQueue;
use crate::fleet::FleetChange;
use crate::units::SimTime;

/// What a service knows of the alarms of its deployments.
#[derive(Clone, Debug, Default)]
pub(super) struct Guard {
    /// Alarms that are in ALARM, by their place in the scenario.
    raised: Vec<u32>,
    /// Whether one of them was when the deployment began.
    is_blind: bool,
    /// When a rolling deployment that has replaced all tasks is no longer watched.
    watched_until: Option<SimTime>,
}

impl Guard {
    /// A deployment begins.
    pub(super) fn begin(&mut self) {
        self.is_blind = !self.raised.is_empty();
        self.watched_until = None;
    }
}

impl ServiceControl {
    /// One of the alarms of this service's deployments goes to ALARM, or leaves it.
    pub(in crate::control::service) fn alarm_changed(
        &mut self,
        now: SimTime,
        (alarm, is_raised): (u32, bool),
        queue: &mut EventQueue<ServiceEvent>,
        changes: &mut Vec<FleetChange>,
    ) {
        let guard = &mut self.deployments.guard;
        guard.raised.retain(|&raised| raised != alarm);
        if !is_raised {
            return;
        }
        guard.raised.push(alarm);
        let is_watched = self.deployments.stage == Stage::Rolling && self.deployments.progress.is_watched();
        if !is_watched || self.deployments.guard.is_blind {
            return;
        }
        let Some(alarms) = &self.settings.service.deployment_alarms else { return };
        let rollback = alarms.rollback;
        let name = self.settings.alarm_names.get(alarm as usize).map_or("", String::as_str);
        let reason = format!("alarm {name} went to ALARM");
        self.fail(now, reason, rollback, queue);
        if rollback {
            self.give_traffic_to_completed(changes);
        }
    }

    /// The deployment has failed: it is rolled back, or stays where it is.
    pub(super) fn fail(&mut self, now: SimTime, reason: String, rollback: bool, queue: &mut EventQueue<ServiceEvent>) {
        if rollback {
            if let Some(record) = self.deployments.records.last_mut() {
                record.roll_back(reason);
            }
            self.roll_to(now, self.deployments.completed, Stage::RollingBack, queue);
            return;
        }
        self.end_record(now, Status::Failed, Some(reason));
        self.deployments.stage = Stage::Stalled;
        self.deployments.timer += 1;
        if self.deployments.progress != Progress::None {
            self.deployments.progress = Progress::Stuck;
        }
        self.request_tick(now, queue);
        if let Some(target) = &mut self.target {
            target.deployment_changed(false);
        }
    }

    /// Whether a rolling deployment that has replaced all tasks is still watched.
    pub(super) fn is_baking(&mut self, now: SimTime, queue: &mut EventQueue<ServiceEvent>) -> bool {
        let is_rolling = self.deployments.stage == Stage::Rolling && self.deployments.progress == Progress::None;
        let Some(bake) = self.settings.service.deployment_alarms.as_ref().map(|alarms| alarms.bake) else { return false };
        if !is_rolling || self.deployments.guard.is_blind {
            return false;
        }
        if let Some(until) = self.deployments.guard.watched_until {
            return now < until;
        }
        self.deployments.guard.watched_until = Some(now + bake);
        self.set_timer(now + bake, queue);
        true
    }
}
