//! How tasks end: scale-in, replacement, Spot, and death by themselves.
//!
//! A task behind a balancer leaves its target group first. Amazon ECS waits until the target is unused, which is
//! when its deregistration delay ends, and then sends SIGTERM; the application finishes what it still has, and
//! SIGKILL comes after the stop timeout at the latest (AWS: load-balancer-connection-draining, StopTask). Without a
//! balancer SIGTERM comes at once. Spot sends SIGTERM with its warning, so the two run side by side there.

use super::{ServiceControl, ServiceEvent};
use crate::control::TaskStep;
use crate::control::tasks::{DrainCause, TaskState};
use crate::events::EventQueue;
use crate::fleet::{FleetChange, TaskId};
use crate::scenario::model::{Drain, SpotDeregistration};
use crate::units::{SimDuration, SimTime};

/// The warning that Spot gives before it stops a task (AWS, fargate-capacity-providers).
const SPOT_WARNING: SimDuration = SimDuration::from_seconds(120);
/// Losses within this span count as simultaneous.
const SIMULTANEOUS: SimDuration = SimDuration::from_seconds(120);

impl ServiceControl {
    /// Tells a task to stop because the service wants fewer, or another one in its place.
    pub(super) fn stop(&mut self, now: SimTime, id: TaskId, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        self.deactivate(now, id);
        if self.tasks.get(id).state.is_registered() {
            self.drain(now, id, DrainCause::ScaleIn, changes);
        } else {
            self.push_step(queue, now, id, TaskStep::Stops);
        }
    }

    /// A task is told to stop: it counts no longer, and what was planned for it does not happen.
    pub(super) fn deactivate(&mut self, now: SimTime, id: TaskId) {
        self.tasks.deactivate(id);
        self.unhealthy.retain(|&unhealthy| unhealthy != id);
        self.leave_running(now, id);
    }

    fn drain(&mut self, now: SimTime, id: TaskId, cause: DrainCause, changes: &mut Vec<FleetChange>) {
        let was_healthy = self.tasks.get(id).state == TaskState::Healthy;
        self.tasks.set_state(id, TaskState::Draining);
        let task = self.tasks.get_mut(id);
        task.drain_cause = cause;
        task.drain_started = Some(now);
        if was_healthy {
            self.healthy.set(now, self.healthy.value() - 1);
        }
        changes.push(FleetChange::Draining(id));
    }

    /// Learns from the data plane how long a draining task needs for its last request, and schedules what ends
    /// it: a balancer holds it for the deregistration delay; without one it is told to end at once.
    pub fn draining_started(&mut self, now: SimTime, id: TaskId, needed: SimDuration, queue: &mut EventQueue<ServiceEvent>) {
        let (needed, stop_timeout) = (self.needed_by(id, needed), self.settings.service.task.stop_timeout);
        let (held, step) = match (self.tasks.get(id).drain_cause, self.settings.deregistration_delay, self.settings.assumptions.drain) {
            (DrainCause::SpotInterruption, _, _) => (needed.min(stop_timeout.min(SPOT_WARNING)), TaskStep::Stops),
            (DrainCause::ScaleIn, Some(delay), Drain::Full) => (delay, TaskStep::Terminates),
            (DrainCause::ScaleIn, Some(delay), Drain::Early) => (needed.min(delay), TaskStep::Terminates),
            (DrainCause::ScaleIn, None, _) => (needed.min(stop_timeout), TaskStep::Stops),
        };
        self.push_step(queue, now + held, id, step);
    }

    /// A task that its balancer has let go of gets SIGTERM; `needed` is how long it still needs for what it has.
    pub fn terminated(
        &mut self,
        now: SimTime,
        id: TaskId,
        needed: SimDuration,
        queue: &mut EventQueue<ServiceEvent>,
        changes: &mut Vec<FleetChange>,
    ) {
        let held = self.needed_by(id, needed).min(self.settings.service.task.stop_timeout);
        if held.is_zero_or_less() {
            self.stopped(now, id, queue, changes);
        } else {
            self.push_step(queue, now + held, id, TaskStep::Stops);
        }
    }

    pub(super) fn spot_warning(&mut self, now: SimTime, id: TaskId, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        self.count_loss(now);
        self.deactivate(now, id);
        let registered = self.tasks.get(id).state.is_registered();
        match self.settings.assumptions.spot_deregistration {
            SpotDeregistration::AtWarning if registered => self.drain(now, id, DrainCause::SpotInterruption, changes),
            SpotDeregistration::AtStop if registered => {
                let grace = self.settings.service.task.stop_timeout.min(SPOT_WARNING);
                self.push_step(queue, now + grace, id, TaskStep::Stops);
            }
            _ => self.push_step(queue, now, id, TaskStep::Stops),
        }
        self.request_tick(now, queue);
    }

    fn count_loss(&mut self, now: SimTime) {
        let counts = &mut self.counts;
        counts.interrupted += 1;
        while counts.recent_losses.front().is_some_and(|&loss| now - loss >= SIMULTANEOUS) {
            counts.recent_losses.pop_front();
        }
        counts.recent_losses.push_back(now);
        counts.largest_simultaneous_loss = counts.largest_simultaneous_loss.max(counts.recent_losses.len() as u64);
    }

    /// A task ended by itself, out of memory: it is gone at once, billed until now, and replaced at the next tick
    /// unless it was about to stop anyway.
    pub fn task_killed(&mut self, now: SimTime, id: TaskId, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        if self.tasks.get(id).state == TaskState::Stopped {
            return;
        }
        self.counts.out_of_memory += 1;
        self.dies(now, id, queue, changes);
    }

    /// A task that runs, or is about to, is gone at once.
    pub(super) fn dies(&mut self, now: SimTime, id: TaskId, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        let task = self.tasks.get_mut(id);
        if task.active {
            self.deactivate(now, id);
            self.request_tick(now, queue);
        } else {
            // The stop that was planned for it is stale.
            task.epoch = task.epoch.wrapping_add(1);
        }
        self.stopped(now, id, queue, changes);
    }

    pub(super) fn stopped(&mut self, now: SimTime, id: TaskId, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        let task = self.tasks.get_mut(id);
        let (was_healthy, provider, pull_started) = (task.state == TaskState::Healthy, task.capacity_provider, task.pull_started);
        if task.drain_started.is_none() {
            task.drain_started = Some(now);
        }
        task.stopped = Some(now);
        self.tasks.set_state(id, TaskState::Stopped);
        if was_healthy {
            self.healthy.set(now, self.healthy.value() - 1);
        }
        if let Some(pull_started) = pull_started {
            self.change_billed(now, provider, -1);
            self.meters[provider.index()].bill(pull_started, Some(now));
        }
        match self.tasks.get(id).instance {
            Some(instance) => self.instances.release(provider, instance, &self.need(), now),
            None => self.account.release(provider, self.settings.service.task.cpu),
        }
        changes.push(FleetChange::Stopped(id));
        self.deployed_task_stopped(now, id, queue);
    }
}
