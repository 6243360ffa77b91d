//! The life of a task from its launch to its first request, step by step.

use super::{Question, ServiceControl, ServiceEvent};
use crate::control::TaskStep;
use crate::control::tasks::TaskState;
use crate::events::EventQueue;
use crate::fleet::{FleetChange, TaskId};
use crate::random::{Stream, generator};
use crate::units::{SimDuration, SimTime};

impl ServiceControl {
    pub(super) fn draw(&self, stream: Stream, task: TaskId) -> f64 {
        let start_up = self.start_up_of(task);
        let distribution = if stream == Stream::Provisioning { &start_up.provisioning } else { &start_up.time };
        if distribution.is_constant() {
            return distribution.mean();
        }
        distribution.sample(&mut generator(self.settings.seed, stream, self.settings.service_key, u64::from(task.0)))
    }

    /// Takes the next step in the life of a task, unless it has become stale. Returns what must be asked of the
    /// data plane before the step is done.
    pub(super) fn step(
        &mut self,
        now: SimTime,
        (task, epoch, step): (TaskId, u8, TaskStep),
        queue: &mut EventQueue<ServiceEvent>,
        changes: &mut Vec<FleetChange>,
    ) -> Option<Question> {
        if self.tasks.get(task).epoch != epoch {
            return None;
        }
        match step {
            TaskStep::PullStarts => self.pull_starts(now, task, queue),
            TaskStep::ContainerStarts => self.container_starts(now, task, queue, changes),
            TaskStep::BecomesReady => self.becomes_ready(now, task, queue, changes),
            TaskStep::BecomesHealthy => self.becomes_healthy(now, task, queue, changes),
            TaskStep::HealthCheck => self.check_health(now, task, queue, changes),
            TaskStep::HealthCheckDeadline => return Some(Question::WasProbeAnswered(task)),
            TaskStep::FailsChecks => self.fails_checks(now, task, queue, changes),
            TaskStep::CountsAsHealthy | TaskStep::GracePeriodEnds => self.request_tick(now, queue),
            TaskStep::Terminates => return Some(Question::TimeToDrain(task)),
            TaskStep::Stops => self.stopped(now, task, queue, changes),
            TaskStep::SpotWarning => self.spot_warning(now, task, queue, changes),
        }
        None
    }

    fn pull_starts(&mut self, now: SimTime, id: TaskId, queue: &mut EventQueue<ServiceEvent>) {
        self.tasks.set_state(id, TaskState::Pulling);
        let task = self.tasks.get_mut(id);
        task.pull_started = Some(now);
        let provider = task.capacity_provider;
        self.change_billed(now, provider, 1);
        let start_up = self.start_up_of(id);
        let (image_bytes, awaited_bytes) = (start_up.image_size_bytes, start_up.image_size_bytes * start_up.pulled_share);
        let pull = SimDuration::from_seconds_f64(awaited_bytes / start_up.pull_rate_bytes_per_second);
        self.pulled_bytes.add(now, image_bytes);
        self.push_step(queue, now + pull, id, TaskStep::ContainerStarts);
    }

    fn container_starts(&mut self, now: SimTime, id: TaskId, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        if self.fails_to_start(id) {
            self.start_failed(now, id, queue, changes);
            return;
        }
        let seconds = self.draw(Stream::StartUp, id);
        self.tasks.set_state(id, TaskState::Starting);
        self.tasks.get_mut(id).container_started = Some(now);
        self.tell_content(id, changes);
        changes.push(FleetChange::Started(id));
        self.change_running(now, 1);
        self.start_succeeded(now, id, queue);
        self.push_step(queue, now + SimDuration::from_seconds_f64(seconds), id, TaskStep::BecomesReady);
    }

    fn becomes_ready(&mut self, now: SimTime, id: TaskId, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        self.tasks.get_mut(id).ready = Some(now);
        let healthy = self.first_success(now, id);
        if healthy <= now && self.settings.deregistration_delay.is_none() {
            self.becomes_healthy(now, id, queue, changes);
            return;
        }
        self.tasks.set_state(id, TaskState::Ready);
        changes.push(FleetChange::Ready(id));
        self.push_step(queue, healthy, id, TaskStep::BecomesHealthy);
    }

    pub(super) fn becomes_healthy(
        &mut self,
        now: SimTime,
        id: TaskId,
        queue: &mut EventQueue<ServiceEvent>,
        changes: &mut Vec<FleetChange>,
    ) {
        self.tasks.set_state(id, TaskState::Healthy);
        self.tasks.get_mut(id).healthy_since = Some(now);
        self.healthy.set(now, self.healthy.value() + 1);
        changes.push(FleetChange::Healthy(id));
        self.schedule_first_check(now, id, queue);
        self.deployed_task_healthy(now, id, queue);
        if !self.unhealthy.is_empty() || self.tasks.all_active() > self.desired.value() || self.rebalances {
            // It takes the place of an unhealthy task, of one that has recovered, or of one in a fuller zone.
            self.request_tick(now, queue);
        }
    }
}
