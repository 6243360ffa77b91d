//! Deployments: a new revision takes the place of the old one, a few tasks at a time.
//!
//! Between two bounds the scheduler starts tasks of the new revision and stops those of the old one: at least
//! ceil(desired x minimum healthy percent) tasks are healthy, at most floor(desired x maximum percent) run or are about
//! to. In each tick it first stops as many old tasks as the lower bound allows, then starts new ones as far as the upper
//! bound does; so a minimum below 100 % makes room before anything starts. Once the new revision has as many healthy
//! tasks as are wanted, the rest of the old one goes. A task that is lost on the way is replaced by one of its own
//! revision (AWS, deployment-type-ecs and service-options). Scale-in by policies is off meanwhile (AWS,
//! service-auto-scaling).
//!
//! Tasks that stop before they run hold further starts back, longer each time (`throttle`). Where a circuit breaker is
//! enabled, these and replacements after failed health checks are counted; at its threshold the deployment has failed,
//! and is rolled back to the last completed revision or stays where it is (AWS, deployment-circuit-breaker). Alarms do the same
//! (`guard`). How traffic moves where it does not follow the tasks is told in `shift`.
//!
//! Left out: the early success of a deployment, task protection, and the rollback of a rollback.

mod candidates;
mod guard;
mod life;
mod record;
mod shift;
mod throttle;

pub use record::{Record, Status};

use self::candidates::Candidates;
use self::guard::Guard;
use self::shift::Progress;
use self::throttle::Throttle;
use super::health::Group;
use super::{ServiceControl, ServiceEvent};
use crate::control::strategy::divide;
use crate::control::tasks::Task;
use crate::events::EventQueue;
use crate::fleet::{FleetChange, TaskId};
use crate::scenario::model::{CapacityProvider, Revision, StartUp};
use crate::units::SimTime;

/// A number for each capacity provider.
type ByProvider = Vec<u32>;

/// What the scheduler is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// All tasks are of one revision.
    Steady,
    /// A new revision takes over.
    Rolling,
    /// The last completed revision takes over again.
    RollingBack,
    /// A failed deployment stays where it is until the next one: nothing new is started, and only what is too much is
    /// stopped.
    Stalled,
}

/// One revision of the service: what a deployment brought.
#[derive(Clone, Debug)]
struct Known {
    /// What its tasks are made of: none, as the scenario says; else the place among the service's revisions.
    content: Option<u32>,
    /// The share of its tasks that stop instead of starting.
    start_failure: f64,
    throttle: Throttle,
    /// Tasks that have not stopped.
    tasks: u32,
    /// Whether its tasks are in the second of the two target groups.
    is_second: bool,
}

impl Known {
    fn new(content: Option<u32>, start_failure: f64) -> Self {
        Self { content, start_failure, throttle: Throttle::default(), tasks: 0, is_second: false }
    }
}

/// A revision that is about to go.
#[derive(Clone, Debug)]
struct Old {
    revision: u32,
    /// How many of its tasks the deployment has not yet asked to stop.
    wanted: ByProvider,
}

/// The revisions of a service and the deployment in progress.
#[derive(Clone, Debug)]
pub(super) struct Deployments {
    known: Vec<Known>,
    /// The revisions of which tasks have not stopped, ascending.
    alive: Vec<u32>,
    /// The revision that new tasks are of.
    primary: u32,
    /// The last revision whose deployment was completed.
    completed: u32,
    stage: Stage,
    old: Vec<Old>,
    /// Failures that the circuit breaker has counted.
    failures: u32,
    records: Vec<Record>,
    /// How far traffic has moved.
    progress: Progress,
    /// Numbers the times that the deployment waits for: only the last counts.
    timer: u32,
    guard: Guard,
}

impl Deployments {
    /// A service in a steady state.
    pub(super) fn new() -> Self {
        Self {
            known: vec![Known::new(None, 0.0)],
            alive: Vec::new(),
            primary: 0,
            completed: 0,
            stage: Stage::Steady,
            old: Vec::new(),
            failures: 0,
            records: Vec::new(),
            progress: Progress::None,
            timer: 0,
            guard: Guard::default(),
        }
    }

    /// Whether the tasks may be of more than one revision.
    pub(super) fn is_under_way(&self) -> bool {
        self.stage != Stage::Steady
    }

    /// The revision that new tasks are of.
    pub(super) const fn primary(&self) -> u32 {
        self.primary
    }

    /// Where among the service's revisions it stands what a task is made of; none, as the scenario says.
    fn content(&self, task: &Task) -> Option<u32> {
        self.known[task.revision as usize].content
    }

    /// Whether tasks of a revision may be started now.
    pub(super) fn may_launch(&self, revision: u32, now: SimTime) -> bool {
        self.known[revision as usize].throttle.is_over(now)
    }

    /// The revisions that a tick has to look at: those with tasks, the last completed one and the new one.
    fn revisions_at_work(&self) -> Vec<u32> {
        let mut revisions = self.alive.clone();
        revisions.extend([self.completed, self.primary]);
        revisions.sort_unstable();
        revisions.dedup();
        revisions
    }

    /// Takes note of a task that is launched.
    pub(super) fn launched(&mut self, revision: u32) {
        let known = &mut self.known[revision as usize];
        known.tasks += 1;
        if known.tasks == 1 {
            let place = self.alive.partition_point(|&other| other < revision);
            self.alive.insert(place, revision);
        }
        if self.stage == Stage::Rolling
            && revision == self.primary
            && let Some(record) = self.records.last_mut()
        {
            record.launched += 1;
        }
    }
}

impl ServiceControl {
    /// Deploys what stands at this place among the service's revisions. A deployment that is still in progress is
    /// superseded.
    pub fn deploy(&mut self, now: SimTime, content: u32, queue: &mut EventQueue<ServiceEvent>) {
        let start_failure = self.settings.service.revisions.get(content as usize).map_or(0.0, |revision| revision.start_failure);
        self.begin_deployment(now, Known::new(Some(content), start_failure), queue);
    }

    /// Deploys once more what the service's newest tasks are made of, as `aws ecs update-service --force-new-deployment`; so
    /// many of the tasks that it starts stop instead.
    pub fn redeploy(&mut self, now: SimTime, start_failure: f64, queue: &mut EventQueue<ServiceEvent>) {
        let content = self.deployments.known[self.deployments.primary as usize].content;
        self.begin_deployment(now, Known::new(content, start_failure), queue);
    }

    fn begin_deployment(&mut self, now: SimTime, new: Known, queue: &mut EventQueue<ServiceEvent>) {
        self.superseded(now);
        let deployments = &mut self.deployments;
        let shift = self.settings.service.traffic_shift;
        let is_second = shift.is_some() && !deployments.known[deployments.completed as usize].is_second;
        deployments.known.push(Known { is_second, ..new });
        let number = deployments.known.len() as u32 - 1;
        deployments.guard.begin();
        let record = Record::begin(now, shift.map_or("ROLLING", |shift| shift.name), self.consumed(now));
        self.deployments.records.push(record);
        self.roll_to(now, number, Stage::Rolling, queue);
    }

    /// What a task is made of; none, as the scenario says.
    fn revision_of(&self, id: TaskId) -> Option<&Revision> {
        let content = self.deployments.content(self.tasks.get(id))?;
        self.settings.service.revisions.get(content as usize)
    }

    /// How a task starts.
    pub(super) fn start_up_of(&self, id: TaskId) -> &StartUp {
        let workload = self.revision_of(id).map_or(&self.settings.service.workload, |revision| &revision.workload);
        &workload.start_up
    }

    /// The tasks that policies compute with. A deployment runs old and new tasks side by side; both together are not what
    /// the load needs, so no more count than are desired.
    pub(super) fn running_for_scaling(&self) -> u32 {
        let running = self.running.value();
        if self.deployments.is_under_way() { running.min(self.desired.value()) } else { running }
    }

    /// The deployments that began in the window or were in progress at its start, oldest first.
    #[must_use]
    pub fn deployments(&self) -> &[Record] {
        &self.deployments.records
    }

    /// Forgets the deployments that ended before the window; one that is in progress is measured from now on.
    pub(super) fn restart_deployments(&mut self, now: SimTime) {
        let consumed = self.consumed(now);
        self.deployments.records.retain(|record| record.finished.is_none());
        self.deployments.records.iter_mut().for_each(|record| record.restart(&consumed));
    }

    /// Billed task-seconds by provider, and the seconds of desired tasks.
    fn consumed(&self, now: SimTime) -> (Vec<f64>, f64) {
        (self.billed.iter().map(|billed| billed.seconds_until(now)).collect(), self.desired.seconds_until(now))
    }

    /// Makes a revision the one that new tasks are of; all others are old.
    fn roll_to(&mut self, now: SimTime, primary: u32, stage: Stage, queue: &mut EventQueue<ServiceEvent>) {
        self.deployments.primary = primary;
        self.deployments.stage = stage;
        self.deployments.failures = 0;
        self.deployments.known[primary as usize].throttle = Throttle::default();
        let providers = self.billed.len();
        let mut old: Vec<Old> = Vec::new();
        for (_, task) in self.tasks.all_active_tasks().filter(|(_, task)| task.revision != primary) {
            let index = old.iter().position(|old| old.revision == task.revision).unwrap_or_else(|| {
                old.push(Old { revision: task.revision, wanted: vec![0; providers] });
                old.len() - 1
            });
            old[index].wanted[task.capacity_provider.index()] += 1;
        }
        old.sort_by_key(|old| old.revision);
        self.deployments.old = old;
        if let Some(target) = &mut self.target {
            target.deployment_changed(true);
        }
        self.begin_shift(now, queue);
        self.await_uptime(now, queue);
        self.request_tick(now, queue);
    }

    /// Healthy tasks of all revisions, and of the new one.
    fn serving(&self, now: SimTime) -> (u32, u32) {
        let primary = self.deployments.primary;
        let healthy = self.tasks.all_active_tasks().filter(|(_, task)| self.counts_as_healthy(now, task));
        healthy.fold((0, 0), |(all, new), (_, task)| (all + 1, new + u32::from(task.revision == primary)))
    }

    /// The fewest healthy tasks that a deployment leaves.
    fn lower_bound(&self) -> u32 {
        // Rounded up (AWS, minimumHealthyPercent); the product of whole percent is exact before the division.
        (f64::from(self.desired.value()) * self.settings.service.minimum_healthy_percent / 100.0).ceil() as u32
    }

    fn wanted_by_provider(&self) -> ByProvider {
        let strategy = &self.settings.service.strategy;
        let mut wanted = vec![0; self.billed.len()];
        for (item, count) in strategy.iter().zip(divide(strategy, self.desired.value())) {
            wanted[item.capacity_provider.index()] = count;
        }
        wanted
    }

    /// One tick of the scheduler while a deployment is under way.
    pub(super) fn tick_deployment(&mut self, now: SimTime, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        self.tasks.forget_inactive();
        if self.moves_traffic() {
            self.tick_shift(now, queue, changes);
            return;
        }
        let wanted = self.wanted_by_provider();
        self.stop_surplus(now, &wanted, queue, changes);
        self.stop_old(now, &wanted, queue, changes);
        if self.replace_unhealthy(now, &wanted, queue, changes) {
            // The deployment has failed: what comes next is another one's.
            return;
        }
        self.launch_new(now, &wanted, queue);
        self.launch_lost(now, queue);
        self.complete_if_done(now, queue);
    }

    /// Stops new tasks beyond the desired count, which has fallen; of a deployment that has failed tasks of any revision.
    fn stop_surplus(&mut self, now: SimTime, wanted: &[u32], queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        if self.deployments.stage == Stage::Stalled {
            let surplus = self.tasks.all_active().saturating_sub(self.desired.value());
            self.stop_some(now, (wanted, surplus), |_| true, queue, changes);
            return;
        }
        let primary = self.deployments.primary;
        for provider in self.providers() {
            let group = Group { provider, revision: Some(primary) };
            let surplus = self.tasks_to_keep(now, group).saturating_sub(wanted[provider.index()]);
            let is_condemned = self.is_condemned(now);
            self.stop_some(now, (wanted, surplus), |task| group.holds(task) && !is_condemned(task), queue, changes);
        }
    }

    /// Stops old tasks: those that do not serve, as many of the others as the lower bound allows, and all of them once the new
    /// ones are enough.
    fn stop_old(&mut self, now: SimTime, wanted: &[u32], queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        if self.deployments.stage == Stage::Stalled {
            return;
        }
        let primary = self.deployments.primary;
        let (healthy, new) = self.serving(now);
        let serving_spare = if new >= self.desired.value() { u32::MAX } else { healthy.saturating_sub(self.lower_bound()) };
        let idle = self.tasks.all_active_tasks().filter(|(_, task)| task.revision != primary && !self.counts_as_healthy(now, task)).count();
        // Those that do not serve go first.
        let spare = serving_spare.saturating_add(idle as u32);
        self.stop_some(now, (wanted, spare), |task| task.revision != primary, queue, changes);
    }

    /// Stops up to so many of some tasks, and does not want them back.
    fn stop_some(
        &mut self,
        now: SimTime,
        (wanted, most): (&[u32], u32),
        is_meant: impl Fn(&Task) -> bool,
        queue: &mut EventQueue<ServiceEvent>,
        changes: &mut Vec<FleetChange>,
    ) {
        if most == 0 {
            return;
        }
        let mut candidates = Candidates::default();
        for (id, task) in self.tasks.all_active_tasks().filter(|(_, task)| is_meant(task)) {
            candidates.add(id, (!self.counts_as_healthy(now, task), task.capacity_provider, task.zone));
        }
        for _ in 0..most {
            let Some(id) = candidates.take(&self.tasks, wanted) else { return };
            let (revision, provider) = (self.tasks.get(id).revision, self.tasks.get(id).capacity_provider);
            if let Some(old) = self.deployments.old.iter_mut().find(|old| old.revision == revision) {
                let wanted = &mut old.wanted[provider.index()];
                *wanted = wanted.saturating_sub(1);
            }
            self.stop(now, id, queue, changes);
        }
    }

    /// Lets go of tasks that failed their health checks, as without a deployment, each revision by itself. Returns
    /// whether the circuit breaker opened.
    fn replace_unhealthy(
        &mut self,
        now: SimTime,
        wanted: &[u32],
        queue: &mut EventQueue<ServiceEvent>,
        changes: &mut Vec<FleetChange>,
    ) -> bool {
        let stage = self.deployments.stage;
        let primary = self.deployments.primary;
        let old: Vec<Old> = self.deployments.old.clone();
        for provider in self.providers() {
            for Old { revision, wanted } in &old {
                self.stop_replaced(now, Group { provider, revision: Some(*revision) }, wanted[provider.index()], queue, changes);
            }
            self.stop_replaced(now, Group { provider, revision: Some(primary) }, wanted[provider.index()], queue, changes);
        }
        stage != self.deployments.stage
    }

    /// Starts tasks of the new revision, as many as there is room for.
    fn launch_new(&mut self, now: SimTime, wanted: &[u32], queue: &mut EventQueue<ServiceEvent>) {
        let primary = self.deployments.primary;
        if self.deployments.stage == Stage::Stalled {
            return;
        }
        let missing = self.providers().map(|provider| {
            let present = self.tasks_to_keep(now, Group { provider, revision: Some(primary) });
            wanted[provider.index()].saturating_sub(present)
        });
        let missing = missing.collect();
        self.launch_missing(now, primary, missing, queue);
    }

    /// Starts old tasks again that were lost and not asked to stop. What failed is not tried again.
    fn launch_lost(&mut self, now: SimTime, queue: &mut EventQueue<ServiceEvent>) {
        if self.deployments.stage == Stage::RollingBack {
            return;
        }
        for Old { revision, wanted } in self.deployments.old.clone() {
            let missing = self.providers().map(|provider| {
                let present = self.tasks_to_keep(now, Group { provider, revision: Some(revision) });
                wanted[provider.index()].saturating_sub(present)
            });
            let missing = missing.collect();
            self.launch_missing(now, revision, missing, queue);
        }
    }

    /// Starts tasks as far as the upper bound allows, each of the provider that misses the most.
    fn launch_missing(&mut self, now: SimTime, revision: u32, mut missing: ByProvider, queue: &mut EventQueue<ServiceEvent>) {
        if !self.deployments.may_launch(revision, now) {
            return;
        }
        if self.spot.is_short(now) {
            // The room is for those that can be launched.
            missing[CapacityProvider::FargateSpot.index()] = 0;
        }
        let mut launches: ByProvider = vec![0; missing.len()];
        for _ in 0..self.room().min(missing.iter().sum()) {
            let most = (0..missing.len()).rev().max_by_key(|&provider| missing[provider]).unwrap_or(0);
            missing[most] -= 1;
            launches[most] += 1;
        }
        for provider in self.providers() {
            self.launch_within_limits(now, (provider, revision), launches[provider.index()], queue);
        }
    }

    /// Ends the deployment when the old revisions have stopped and the new one has its healthy tasks.
    fn complete_if_done(&mut self, now: SimTime, queue: &mut EventQueue<ServiceEvent>) {
        let deployments = &self.deployments;
        let is_moving = matches!(deployments.stage, Stage::Rolling | Stage::RollingBack);
        let old_is_gone = deployments.alive.iter().all(|&revision| revision == deployments.primary);
        if !is_moving || !old_is_gone || self.has_more_to_move() || self.serving(now).1 < self.desired.value() || self.is_baking(now, queue)
        {
            return;
        }
        let deployments = &self.deployments;
        let status = if deployments.stage == Stage::Rolling { Status::Successful } else { Status::RollbackSuccessful };
        self.end_record(now, status, None);
        let deployments = &mut self.deployments;
        deployments.stage = Stage::Steady;
        deployments.progress = Progress::None;
        deployments.completed = deployments.primary;
        deployments.old.clear();
        if let Some(target) = &mut self.target {
            target.deployment_changed(false);
        }
        if self.rebalances {
            // A deployment moves no task between zones.
            self.request_tick(now, queue);
        }
    }

    fn end_record(&mut self, now: SimTime, status: Status, reason: Option<String>) {
        let consumed = self.consumed(now);
        if let Some(record) = self.deployments.records.last_mut() {
            record.end(now, status, reason, &consumed);
        }
    }

    /// Closes the books of a deployment that the end of the window finds in progress.
    pub(super) fn finish_deployments(&mut self) {
        let consumed = self.consumed(self.settings.end);
        if let Some(record) = self.deployments.records.last_mut().filter(|record| record.finished.is_none()) {
            record.measure(&consumed);
        }
    }
}
