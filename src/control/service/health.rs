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
//! Left out: checks of draining targets, of containers, and by the several nodes of a balancer. Checks that do not
//! share the workers always succeed and need no event.

use super::{ServiceControl, ServiceEvent};
use crate::control::TaskStep;
use crate::control::tasks::TaskState;
use crate::events::EventQueue;
use crate::fleet::{FleetChange, TaskId};
use crate::scenario::model::CapacityProvider;
use crate::units::{SimDuration, SimTime};

/// The fractional part of the golden ratio: its multiples spread over the unit interval as evenly as any do.
const GOLDEN_FRACTION: f64 = 0.618_033_988_749_894_9;

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

    fn becomes_unhealthy(&mut self, now: SimTime, id: TaskId, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        self.tasks.get_mut(id).state = TaskState::Unhealthy;
        self.unhealthy.push(id);
        self.healthy.set(now, self.healthy.value() - 1);
        changes.push(FleetChange::Unhealthy(id));
        self.push_step(queue, self.grace_period_end(id).max(now), id, TaskStep::GracePeriodEnds);
    }

    /// A target is healthy again. If its replacement is under way, there is one task too many; it goes when that
    /// one is healthy (AWS: once only healthy tasks run, tasks beyond the desired count are stopped).
    fn recovers(&mut self, now: SimTime, id: TaskId, changes: &mut Vec<FleetChange>) {
        self.tasks.get_mut(id).state = TaskState::Healthy;
        self.unhealthy.retain(|&unhealthy| unhealthy != id);
        self.healthy.set(now, self.healthy.value() + 1);
        changes.push(FleetChange::Recovered(id));
    }

    /// When failed checks begin to count for the scheduler.
    fn grace_period_end(&self, id: TaskId) -> SimTime {
        self.tasks.get(id).container_started.unwrap_or(SimTime::NEVER) + self.settings.service.health_check_grace_period
    }

    /// The unhealthy tasks of a provider that need a replacement, the one to be stopped first at the front.
    fn condemned(&self, now: SimTime, provider: CapacityProvider) -> impl Iterator<Item = TaskId> {
        let is_condemned = move |id: &TaskId| self.tasks.get(*id).capacity_provider == provider && self.grace_period_end(*id) <= now;
        self.unhealthy.iter().copied().filter(is_condemned)
    }

    /// The active tasks of a provider without those that need a replacement.
    pub(super) fn tasks_to_keep(&self, now: SimTime, provider: CapacityProvider) -> u32 {
        self.tasks.active(provider) - self.condemned(now, provider).count() as u32
    }

    /// How many tasks a tick launches: those that are missing, and replacements as far as the largest number of
    /// tasks allows.
    pub(super) fn tasks_to_launch(&self, now: SimTime, provider: CapacityProvider, wanted: u32) -> u32 {
        let missing = wanted.saturating_sub(self.tasks.active(provider));
        let with_replacements = wanted.saturating_sub(self.tasks_to_keep(now, provider));
        with_replacements.min(self.room().max(missing))
    }

    /// How many tasks may run beside the active ones.
    fn room(&self) -> u32 {
        let most = f64::from(self.desired.value()) * self.settings.service.maximum_percent / 100.0;
        // Rounded down (AWS, maximumPercent); the product of whole percent is exact before the division.
        (most.floor() as u32).saturating_sub(self.tasks.all_active())
    }

    /// Stops unhealthy tasks that healthy ones have taken the place of; where there is no room for a replacement,
    /// one to make room for it.
    pub(super) fn stop_replaced(
        &mut self,
        now: SimTime,
        provider: CapacityProvider,
        wanted: u32,
        queue: &mut EventQueue<ServiceEvent>,
        changes: &mut Vec<FleetChange>,
    ) {
        let condemned: Vec<TaskId> = self.condemned(now, provider).collect();
        if condemned.is_empty() {
            return;
        }
        let of_provider = || self.tasks.iter().filter(|task| task.active && task.capacity_provider == provider);
        let serving = of_provider().filter(|task| task.state == TaskState::Healthy).count();
        let is_starting = of_provider().any(|task| !task.state.is_registered());
        let replaced = condemned.len().saturating_sub((wanted as usize).saturating_sub(serving));
        let makes_room = replaced == 0 && !is_starting && self.room() == 0 && self.tasks.active(provider) <= wanted;
        for &id in &condemned[..replaced.max(usize::from(makes_room))] {
            self.stop(now, id, queue, changes);
        }
    }
}
