//! What the life of a single task means for its deployment: whether it starts, when it counts as healthy, that it is gone.
//!
//! A task counts towards the lower bound when it serves and, where its container has a check, that has succeeded, behind a
//! balancer too; without any check it counts 40 s after it began to run (API reference of Amazon ECS,
//! DeploymentConfiguration: minimumHealthyPercent).

use super::{ServiceControl, ServiceEvent, Stage};
use crate::control::tasks::{Task, TaskState};
use crate::control::{Event, Phase, TaskStep};
use crate::events::EventQueue;
use crate::fleet::{FleetChange, TaskId};
use crate::random::{Stream, uniform};
use crate::units::{SimDuration, SimTime};

/// Without any health check a task counts as healthy so long after it began to run.
const HEALTHY_WITHOUT_CHECK: SimDuration = SimDuration::from_seconds(40);

impl ServiceControl {
    /// Whether a task stops instead of starting.
    pub(in crate::control::service) fn fails_to_start(&self, id: TaskId) -> bool {
        let share = self.deployments.known[self.tasks.get(id).revision as usize].start_failure;
        share > 0.0 && uniform(self.settings.seed, Stream::StartFailure, self.settings.service_key, u64::from(id.0)) < share
    }

    /// A task stopped before it ran: the next ones of its revision wait, and the circuit breaker counts it.
    pub(in crate::control::service) fn start_failed(
        &mut self,
        now: SimTime,
        id: TaskId,
        queue: &mut EventQueue<ServiceEvent>,
        changes: &mut Vec<FleetChange>,
    ) {
        let (revision, launched) = (self.tasks.get(id).revision, self.tasks.get(id).launched);
        self.deactivate(now, id);
        self.stopped(now, id, queue, changes);
        if let Some(over) = self.deployments.known[revision as usize].throttle.failed(now, launched) {
            self.push(queue, over, Phase::LifeCycle, Event::LaunchPauseEnds);
        }
        // It leaves room for others.
        self.request_tick(now, queue);
        self.count_failure(now, revision, queue);
    }

    /// A container starts: the data plane learns what the task is made of.
    pub(in crate::control::service) fn tell_content(&self, id: TaskId, changes: &mut Vec<FleetChange>) {
        if let Some(content) = self.deployments.content(self.tasks.get(id)) {
            changes.push(FleetChange::MadeOf(id, content));
        }
        if self.deployments.known[self.tasks.get(id).revision as usize].is_second {
            changes.push(FleetChange::InSecondGroup(id));
        }
    }

    /// A task began to run.
    pub(in crate::control::service) fn start_succeeded(&mut self, now: SimTime, id: TaskId, queue: &mut EventQueue<ServiceEvent>) {
        let revision = self.tasks.get(id).revision;
        self.deployments.known[revision as usize].throttle.started();
        if self.deployments.is_under_way() && !self.has_health_check() {
            self.push_step(queue, now + HEALTHY_WITHOUT_CHECK, id, TaskStep::CountsAsHealthy);
        }
    }

    /// A task became healthy: failures before it may be forgotten, and an old one may go.
    pub(in crate::control::service) fn deployed_task_healthy(&mut self, now: SimTime, id: TaskId, queue: &mut EventQueue<ServiceEvent>) {
        if !self.deployments.is_under_way() {
            return;
        }
        let resets = self.settings.service.circuit_breaker.is_some_and(|breaker| breaker.reset_on_healthy_task);
        if resets && self.tasks.get(id).revision == self.deployments.primary {
            self.deployments.failures = 0;
        }
        self.await_counting(now, id, self.tasks.get(id), queue);
        self.request_tick(now, queue);
    }

    /// A task is gone.
    pub(in crate::control::service) fn deployed_task_stopped(&mut self, now: SimTime, id: TaskId, queue: &mut EventQueue<ServiceEvent>) {
        let revision = self.tasks.get(id).revision;
        let known = &mut self.deployments.known[revision as usize];
        known.tasks = known.tasks.saturating_sub(1);
        if known.tasks == 0 {
            self.deployments.alive.retain(|&other| other != revision);
            self.complete_if_done(now, queue);
        }
    }

    /// Counts a failed task of the revision that is being deployed.
    pub(in crate::control::service) fn count_failure(&mut self, now: SimTime, revision: u32, queue: &mut EventQueue<ServiceEvent>) {
        if self.deployments.stage != Stage::Rolling || revision != self.deployments.primary {
            return;
        }
        self.deployments.failures += 1;
        if let Some(record) = self.deployments.records.last_mut() {
            record.failed += 1;
        }
        let Some(breaker) = self.settings.service.circuit_breaker else { return };
        let threshold = breaker.threshold.failures(self.desired.value());
        if self.deployments.failures < threshold {
            return;
        }
        let reason = format!("circuit breaker: {} failed tasks at a threshold of {threshold}", self.deployments.failures);
        self.fail(now, reason, breaker.rollback, queue);
    }

    /// Tasks that serve may count as healthy only later.
    pub(super) fn await_uptime(&self, now: SimTime, queue: &mut EventQueue<ServiceEvent>) {
        for (id, task) in self.tasks.all_active_tasks() {
            self.await_counting(now, id, task, queue);
        }
    }

    /// A task that does not count yet does so later, without another event of its own.
    fn await_counting(&self, now: SimTime, id: TaskId, task: &Task, queue: &mut EventQueue<ServiceEvent>) {
        if let Some(counts_from) = self.counts_from(task).filter(|time| *time > now) {
            self.push_step(queue, counts_from, id, TaskStep::CountsAsHealthy);
        }
    }

    /// Whether a task counts towards the lower bound.
    pub(super) fn counts_as_healthy(&self, now: SimTime, task: &Task) -> bool {
        task.state == TaskState::Healthy && self.counts_from(task).is_none_or(|time| time <= now)
    }

    /// From when on a task that serves counts as healthy: after the first check of its container, behind a balancer too, and
    /// without any check after a while; none: from its first request.
    fn counts_from(&self, task: &Task) -> Option<SimTime> {
        let started = task.container_started?;
        if !self.has_health_check() {
            return Some(started + HEALTHY_WITHOUT_CHECK);
        }
        task.ready.map(|ready| self.container_check_after(ready, started))
    }

    /// Whether something but its age tells that a task is healthy.
    const fn has_health_check(&self) -> bool {
        self.settings.deregistration_delay.is_some() || self.settings.service.task.container_check_patience.is_some()
    }
}
