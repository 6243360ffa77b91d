//! How many tasks a tick of the scheduler launches, and when their launches happen.
//!
//! AWS lets a service launch so many tasks a minute (Amazon ECS service quotas) and an account so many at once and a
//! second (see [`crate::control::account`]). The scheduler's share of a tick is what its rate brings in that time; the
//! account's tokens then spread these launches until the next tick. What a tick cannot launch waits for the next one,
//! and while Spot is short nothing is launched on it, nor anywhere else in its place.
//! On EC2 instances the account's limits do not hold: a task is launched where an instance has room for it, and one that
//! finds no room waits and tries again at the next tick.
//! The growing pause after tasks that never reach RUNNING is told in `deployment`.

use super::{ServiceControl, ServiceEvent};
use crate::control::TaskStep;
use crate::control::account::{Account, TokenBucket, Wish};
use crate::control::instances::{Instances, Need};
use crate::control::tasks::TaskState;
use crate::events::EventQueue;
use crate::fleet::TaskId;
use crate::random::Stream;
use crate::scenario::model::{CapacityProvider, Quotas};
use crate::units::{SimDuration, SimTime};

/// The smallest step of time.
const INSTANT: SimDuration = SimDuration::from_nanos(1);

/// The launches of one service: the bucket holds what one tick may launch.
pub(super) fn bucket_of_service(quotas: &Quotas, tick: SimDuration) -> TokenBucket {
    let launches_per_second = quotas.launches_per_service_per_minute / 60.0;
    TokenBucket::new((launches_per_second * tick.as_seconds_f64()).ceil() as u32, launches_per_second)
}

impl ServiceControl {
    /// Makes the service one of several of an account and a cluster. Before, it has both for itself.
    pub fn join(&mut self, account: &Account, instances: &Instances) {
        self.account = account.clone();
        self.instances = instances.clone();
    }

    /// What each task takes of an instance.
    pub(super) const fn need(&self) -> Need {
        let task = &self.settings.service.task;
        Need { service: self.settings.number, cpu: task.cpu, memory: task.memory }
    }

    /// The EC2 instances that its capacity providers have at present; none on Fargate alone.
    #[must_use]
    pub fn instances(&self) -> Option<u32> {
        let providers = self.settings.service.strategy.iter().map(|item| item.capacity_provider);
        providers.filter_map(|provider| self.instances.count(provider)).reduce(|sum, count| sum + count)
    }

    /// Brings a task into being that is there from the beginning; none: its instances have no room.
    pub(super) fn launch_at_start(&mut self, from: SimTime, provider: CapacityProvider) -> Option<TaskId> {
        if !matches!(provider, CapacityProvider::Instances(_)) {
            self.account.occupy(provider, self.settings.service.task.cpu);
            return Some(self.tasks.launch(from, provider, TaskState::Healthy));
        }
        let seat = self.instances.place(provider, &self.need(), &self.settings.service.placement, from)?;
        Some(self.tasks.launch_on(from, (provider, 0), TaskState::Healthy, seat))
    }

    /// Launches the tasks that are missing, as far as the limits allow now.
    pub(super) fn launch_within_limits(
        &mut self,
        now: SimTime,
        (provider, revision): (CapacityProvider, u32),
        missing: u32,
        queue: &mut EventQueue<ServiceEvent>,
    ) -> Vec<TaskId> {
        if matches!(provider, CapacityProvider::Instances(_)) {
            return self.launch_on_instances(now, (provider, revision), missing, queue);
        }
        let is_short = provider == CapacityProvider::FargateSpot && self.spot.is_short(now);
        let wanted = if is_short || !self.tasks.has_open_zone() { 0 } else { missing };
        let next_tick = (now + INSTANT).round_up(self.settings.assumptions.scheduler_tick);
        let tasks = wanted.min(self.launches.available(now, now + INSTANT));
        let wish = Wish { service: self.settings.number, provider, tasks, cpu: self.settings.service.task.cpu };
        let granted = self.account.grant(&wish, now, next_tick);
        if granted.len() < wanted as usize {
            self.request_tick(next_tick, queue);
        }
        let launch = |at| {
            self.launches.take(now);
            self.launch((now, at), provider, revision, queue)
        };
        granted.into_iter().map(launch).collect()
    }

    /// Launches the tasks that are missing, as far as instances have room for them; the others wait.
    fn launch_on_instances(
        &mut self,
        now: SimTime,
        kind: (CapacityProvider, u32),
        missing: u32,
        queue: &mut EventQueue<ServiceEvent>,
    ) -> Vec<TaskId> {
        let (provider, revision) = kind;
        let need = self.need();
        let mut launched = Vec::new();
        let mut is_full = false;
        for _ in 0..missing.min(self.launches.available(now, now + INSTANT)) {
            let Some(seat) = self.instances.place(provider, &need, &self.settings.service.placement, now) else {
                is_full = true;
                break;
            };
            self.launches.take(now);
            let task = self.tasks.launch_on(now, kind, TaskState::Provisioning, seat);
            self.provision(now, task, queue);
            launched.push(task);
        }
        let left = missing - launched.len() as u32;
        if left > 0 {
            // Those that the rate of launches holds back may find a place: they need no instance yet.
            self.instances.wait(provider, &need, revision, if is_full { left } else { 0 });
            self.request_tick((now + INSTANT).round_up(self.settings.assumptions.scheduler_tick), queue);
        }
        launched
    }

    /// Launches a task whose turn comes at `at`.
    fn launch(
        &mut self,
        (now, at): (SimTime, SimTime),
        provider: CapacityProvider,
        revision: u32,
        queue: &mut EventQueue<ServiceEvent>,
    ) -> TaskId {
        let task = self.tasks.launch_revision(now, (provider, revision), TaskState::Provisioning);
        self.provision(at, task, queue);
        task
    }

    /// The network of a task that is launched comes into being.
    fn provision(&mut self, at: SimTime, task: TaskId, queue: &mut EventQueue<ServiceEvent>) {
        let (provider, revision) = (self.tasks.get(task).capacity_provider, self.tasks.get(task).revision);
        self.deployments.launched(revision);
        self.counts.launched[provider.index()] += 1;
        let seconds = self.draw(Stream::Provisioning, task);
        self.push_step(queue, at + SimDuration::from_seconds_f64(seconds), task, TaskStep::PullStarts);
        self.schedule_interruption(at, task, queue);
    }
}
