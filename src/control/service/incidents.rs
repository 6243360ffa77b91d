//! What happens to a service from outside: crashes, hangs, the loss of a zone, a desired count set by hand.
//!
//! A container that crashes ends its task at once, and so does a zone that fails; what such a task was working on is
//! lost, it leaves its target group then, and the scheduler replaces it at its next tick (a task that has reached RUNNING
//! throttles no launches; AWS, service-throttle-logic). Tasks are alike, so where only some are struck those that
//! serve come first, in the order of their launch: no draw is needed.
//!
//! A task that hangs goes on to accept requests. Health checks that share the workers fail by themselves. Those that do
//! not fail as long after the hang as the balancer or the container's own check needs, whichever is sooner (`checks`); then
//! the task is replaced as `health` says. Without either nobody ever notices. SIGTERM does not reach it: it is held as long as it may be.
//!
//! In a zone that has failed nothing is launched; the other zones take what is missing. When it is back, zone
//! rebalancing starts one task in the emptiest zone, waits until it is healthy and stops one in the fullest, until no
//! zone holds two more than another; it begins in a steady state alone and needs room above the desired count
//! (AWS, service-rebalancing). Providers are balanced each by itself.
//!
//! Left out: rebalancing of what other losses than those of a zone leave uneven, and of tasks on EC2 instances.

use super::{ServiceControl, ServiceEvent};
use crate::control::TaskStep;
use crate::control::tasks::{Task, TaskState};
use crate::events::EventQueue;
use crate::fleet::{FleetChange, TaskId};
use crate::scenario::model::CapacityProvider;
use crate::units::{SimDuration, SimTime};

/// Longer than any task is given to end what it has.
const WITHOUT_END: SimDuration = SimDuration::from_hours(24 * 365);

impl ServiceControl {
    /// Somebody sets the desired count. Bounds of scaling do not matter here: a policy moves it into them when it acts.
    pub fn set_desired_count(&mut self, now: SimTime, count: u32, queue: &mut EventQueue<ServiceEvent>) {
        self.desired.set(now, count);
        if let Some(target) = &mut self.target {
            target.desired_count_was_set(count);
        }
        self.request_tick(now, queue);
    }

    /// So many tasks crash, or as many as there are.
    pub fn fail_tasks(&mut self, now: SimTime, count: u32, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        let runs = |task: &Task| task.active && task.container_started.is_some();
        let serves = |task: &Task| task.state == TaskState::Healthy;
        let first = self.chosen(|task| runs(task) && serves(task));
        let then = self.chosen(|task| runs(task) && !serves(task));
        for id in first.into_iter().chain(then).take(count as usize) {
            self.counts.crashed += 1;
            self.dies(now, id, queue, changes);
        }
    }

    /// So many of the tasks that serve hang, or as many as there are.
    pub fn hang_tasks(&mut self, now: SimTime, count: u32, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        let serves = |task: &Task| task.active && task.state == TaskState::Healthy && !task.hangs;
        for id in self.chosen(serves).into_iter().take(count as usize) {
            self.counts.hung += 1;
            self.tasks.get_mut(id).hangs = true;
            changes.push(FleetChange::Hung(id));
            if let Some(noticed) = self.checks_notice(now, id) {
                self.push_step(queue, noticed, id, TaskStep::FailsChecks);
            }
        }
    }

    /// The checks of a task that hangs have failed often enough.
    pub(super) fn fails_checks(&mut self, now: SimTime, id: TaskId, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        if self.tasks.get(id).state == TaskState::Healthy {
            self.becomes_unhealthy(now, id, queue, changes);
        }
    }

    /// How long a task needs for what it has, when the data plane says `needed`.
    pub(super) fn needed_by(&self, id: TaskId, needed: SimDuration) -> SimDuration {
        if self.tasks.get(id).hangs { WITHOUT_END } else { needed }
    }

    /// A zone fails: all that is there is lost, and nothing is launched there until [`ServiceControl::reopen_zone`].
    pub fn lose_zone(&mut self, now: SimTime, zone: u8, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        self.tasks.close_zone(zone);
        for id in self.chosen(|task| task.zone == zone) {
            self.counts.lost_with_zone += 1;
            self.dies(now, id, queue, changes);
        }
    }

    /// A zone is back.
    pub fn reopen_zone(&mut self, now: SimTime, zone: u8, queue: &mut EventQueue<ServiceEvent>) {
        self.tasks.open_zone(zone);
        let is_on_fargate = self.settings.service.strategy.iter().all(|item| CapacityProvider::FARGATE.contains(&item.capacity_provider));
        self.rebalances = self.settings.service.availability_zone_rebalancing && is_on_fargate;
        self.request_tick(now, queue);
    }

    /// Tasks that have not stopped, in the order of their launch.
    fn chosen(&self, which: impl Fn(&Task) -> bool) -> Vec<TaskId> {
        self.tasks.not_stopped().filter(|(_, task)| which(task)).map(|(id, _)| id).collect()
    }

    /// Tasks of a provider that are to take the place of others in fuller zones, and are not healthy yet.
    pub(super) fn moving(&self, provider: CapacityProvider) -> u32 {
        let moves = |id: &&TaskId| {
            let task = self.tasks.get(**id);
            task.capacity_provider == provider && task.active && !task.state.is_registered()
        };
        self.moving.iter().filter(moves).count() as u32
    }

    /// Starts a task of a provider in its emptiest zone, if its zones are uneven and nothing else is under way.
    pub(super) fn rebalance(&mut self, now: SimTime, provider: CapacityProvider, wanted: u32, queue: &mut EventQueue<ServiceEvent>) {
        if !self.rebalances || self.moving(provider) > 0 || self.tasks.is_even(provider) {
            return;
        }
        let is_steady = self.tasks.active(provider) == wanted && self.tasks.all_healthy(provider);
        if is_steady && self.room() > 0 {
            let tasks = &self.tasks;
            self.moving.retain(|id| tasks.get(*id).active && !tasks.get(*id).state.is_registered());
            let launched = self.launch_within_limits(now, (provider, self.deployments.primary()), 1, queue);
            self.moving.extend(launched);
        }
    }

    /// Ends rebalancing when there is nothing left to do.
    pub(super) fn end_rebalancing(&mut self) {
        self.rebalances &= self.providers().any(|provider| !self.tasks.is_even(provider) || self.moving(provider) > 0);
    }
}
