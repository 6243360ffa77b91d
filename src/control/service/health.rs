//! Health checks that wait and work like requests, and the replacement of targets that fail them.
//!
//! A balancer checks each target once in every interval, in its own rhythm. Checks that no answer meets within
//! the timeout count as failed; after `unhealthy_threshold` of them in a row the target is unhealthy, and after
//! `healthy_threshold` successes in a row it is healthy again (AWS, target-group-health-checks). So an overloaded
//! task, whose checks stand in the same queue as its requests, is taken out of service, and the others get its
//! share.
//!
//! Amazon ECS ignores failed checks until the task's grace period is over, counted from the start of its container.
//! Then it starts a replacement, if the maximum percentage of tasks allows, and stops the unhealthy task when the
//! replacement is healthy; where no task more is allowed it stops unhealthy tasks one at a time, each before its
//! replacement starts (AWS, deployment-type-ecs and service_scheduler: maximumPercent). Which one is stopped is
//! random there, and the one that has been unhealthy for the longest time here.
//!
//! Left out: checks of draining targets, and by the several nodes of a balancer. Checks that do not share the workers, and
//! those of containers, are told in `checks`: they fail only where a task hangs.

use super::{ServiceControl, ServiceEvent};
use crate::control::TaskStep;
use crate::control::tasks::{Task, TaskState};
use crate::events::EventQueue;
use crate::fleet::{FleetChange, TaskId};
use crate::scenario::model::CapacityProvider;
use crate::units::{SimDuration, SimTime};

/// The fractional part of the golden ratio: its multiples spread over the unit interval as evenly as any do.
const GOLDEN_FRACTION: f64 = 0.618_033_988_749_894_9;

/// Tasks that are replaced by their like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    /// Of this provider.
    pub(super) provider: CapacityProvider,
    /// Of this revision; none: whatever it is.
    pub(super) revision: Option<u32>,
}

impl Group {
    /// Whether a task belongs to it.
    pub(super) fn holds(self, task: &Task) -> bool {
        task.capacity_provider == self.provider && self.revision.is_none_or(|revision| revision == task.revision)
    }
}

impl ServiceControl {
    /// Begins to check a target that has become healthy: after one interval and a part of one that depends on
    /// the task's number, so that tasks which start together are not checked together.
    pub(super) fn schedule_first_check(&self, now: SimTime, id: TaskId, queue: &mut EventQueue<ServiceEvent>) {
        let Some(check) = self.settings.health_check else { return };
        let part = (f64::from(id.0) * GOLDEN_FRACTION).fract();
        let offset = SimDuration::from_seconds_f64(check.interval.as_seconds_f64() * part);
        self.push_step(queue, now + check.interval + offset, id, TaskStep::HealthCheck);
    }

    /// Sends a check to a target, and plans the next one.
    pub(super) fn check_health(&mut self, now: SimTime, id: TaskId, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        let Some(check) = self.settings.health_check else { return };
        changes.push(FleetChange::Probed(id));
        self.push_step(queue, now + check.timeout, id, TaskStep::HealthCheckDeadline);
        self.push_step(queue, now + check.interval, id, TaskStep::HealthCheck);
    }

    /// Learns from the data plane whether a target answered its check within the timeout, which ends now.
    pub fn probe_result(
        &mut self,
        now: SimTime,
        id: TaskId,
        answered: bool,
        queue: &mut EventQueue<ServiceEvent>,
        changes: &mut Vec<FleetChange>,
    ) {
        let Some(check) = self.settings.health_check else { return };
        let task = self.tasks.get_mut(id);
        if !task.state.is_registered() {
            return;
        }
        let is_healthy = task.state == TaskState::Healthy;
        if answered == is_healthy {
            task.contrary_checks = 0;
            return;
        }
        task.contrary_checks += 1;
        let enough = if is_healthy { check.unhealthy_threshold } else { check.healthy_threshold };
        if task.contrary_checks < enough {
            return;
        }
        task.contrary_checks = 0;
        if is_healthy { self.becomes_unhealthy(now, id, queue, changes) } else { self.recovers(now, id, changes) }
    }

    pub(super) fn becomes_unhealthy(
        &mut self,
        now: SimTime,
        id: TaskId,
        queue: &mut EventQueue<ServiceEvent>,
        changes: &mut Vec<FleetChange>,
    ) {
        self.tasks.set_state(id, TaskState::Unhealthy);
        if !self.tasks.get(id).leaves {
            self.unhealthy.push(id);
        }
        self.healthy.set(now, self.healthy.value() - 1);
        changes.push(FleetChange::Unhealthy(id));
        self.push_step(queue, self.grace_period_end(id).max(now), id, TaskStep::GracePeriodEnds);
    }

    /// A target is healthy again. If its replacement is under way, there is one task too many; it goes when that
    /// one is healthy (AWS: once only healthy tasks run, tasks beyond the desired count are stopped).
    fn recovers(&mut self, now: SimTime, id: TaskId, changes: &mut Vec<FleetChange>) {
        self.tasks.set_state(id, TaskState::Healthy);
        if !self.tasks.get(id).leaves {
            self.unhealthy.retain(|&unhealthy| unhealthy != id);
        }
        self.healthy.set(now, self.healthy.value() + 1);
        changes.push(FleetChange::Recovered(id));
    }

    /// When failed checks begin to count for the scheduler.
    fn grace_period_end(&self, id: TaskId) -> SimTime {
        self.tasks.get(id).container_started.unwrap_or(SimTime::NEVER) + self.settings.service.health_check_grace_period
    }

    /// The active tasks of a group.
    fn active_in(&self, group: Group) -> u32 {
        match group.revision {
            None => self.tasks.active(group.provider),
            Some(revision) => self.tasks.active_of_revision(group.provider, revision),
        }
    }

    /// The unhealthy tasks of a group that need a replacement, and those whose instance is to end, the one to be stopped first at the front.
    fn condemned(&self, now: SimTime, group: Group) -> impl Iterator<Item = TaskId> {
        let is_condemned = move |id: &TaskId| {
            let task = self.tasks.get(*id);
            group.holds(task) && (task.leaves || self.grace_period_end(*id) <= now)
        };
        self.unhealthy.iter().copied().filter(is_condemned)
    }

    /// Tells whether a task needs a replacement because it is unhealthy or its instance is to end.
    pub(super) fn is_condemned(&self, now: SimTime) -> impl Fn(&Task) -> bool + use<> {
        let grace_period = self.settings.service.health_check_grace_period;
        move |task| {
            let counts_from = task.container_started.unwrap_or(SimTime::NEVER) + grace_period;
            task.leaves || task.state == TaskState::Unhealthy && counts_from <= now
        }
    }

    /// The active tasks of a group without those that need a replacement.
    pub(super) fn tasks_to_keep(&self, now: SimTime, group: Group) -> u32 {
        self.active_in(group) - self.condemned(now, group).count() as u32
    }

    /// How many tasks a tick launches: those that are missing, and replacements as far as the largest number of
    /// tasks allows.
    pub(super) fn tasks_to_launch(&self, now: SimTime, group: Group, wanted: u32) -> u32 {
        let missing = wanted.saturating_sub(self.active_in(group));
        let with_replacements = wanted.saturating_sub(self.tasks_to_keep(now, group));
        with_replacements.min(self.room_for(group).max(missing))
    }

    /// How many tasks may run beside the active ones.
    pub(super) fn room(&self) -> u32 {
        self.upper_bound().saturating_sub(self.tasks.all_active())
    }

    /// How many tasks may run beside the active ones for the sake of a group: each revision counts by itself while traffic moves.
    fn room_for(&self, group: Group) -> u32 {
        match group.revision {
            Some(revision) if self.moves_traffic() => {
                let of_revision = self.tasks.all_active_tasks().filter(|(_, task)| task.revision == revision).count();
                self.upper_bound().saturating_sub(of_revision as u32)
            }
            _ => self.room(),
        }
    }

    /// The most tasks that may run or be about to.
    fn upper_bound(&self) -> u32 {
        // Rounded down (AWS, maximumPercent); the product of whole percent is exact before the division.
        (f64::from(self.desired.value()) * self.settings.service.maximum_percent / 100.0).floor() as u32
    }

    /// Stops unhealthy tasks that healthy ones have taken the place of; where there is no room for a replacement,
    /// one to make room for it.
    pub(super) fn stop_replaced(
        &mut self,
        now: SimTime,
        group: Group,
        wanted: u32,
        queue: &mut EventQueue<ServiceEvent>,
        changes: &mut Vec<FleetChange>,
    ) {
        let condemned: Vec<TaskId> = self.condemned(now, group).collect();
        if condemned.is_empty() {
            return;
        }
        let of_group = || self.tasks.all_active_tasks().map(|(_, task)| task).filter(|task| group.holds(task));
        let serving = of_group().filter(|task| task.state == TaskState::Healthy && !task.leaves).count();
        let is_starting = of_group().any(|task| !task.state.is_registered());
        let replaced = condemned.len().saturating_sub((wanted as usize).saturating_sub(serving));
        let makes_room = replaced == 0 && !is_starting && self.room_for(group) == 0 && self.active_in(group) <= wanted;
        for &id in &condemned[..replaced.max(usize::from(makes_room))] {
            let task = self.tasks.get(id);
            let (revision, has_failed) = (task.revision, !task.leaves);
            self.stop(now, id, queue, changes);
            if has_failed {
                self.count_failure(now, revision, queue);
            }
        }
    }
}
