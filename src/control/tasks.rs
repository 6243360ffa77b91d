//! The tasks of a service and the states they pass through.
//!
//! PROVISIONING (network; not billed) - PENDING (image pull; billed from here) - RUNNING (container
//! started, application starting) - ready - registered and healthy - draining - STOPPED. Tasks live in a
//! vector by number, and everything that is asked often is kept as a count, so that a question costs the same for ten
//! tasks and for five thousand, and does not grow with those that have stopped.

use std::collections::BTreeSet;

use super::instances::Seat;
use crate::fleet::TaskId;
use crate::scenario::model::CapacityProvider;
use crate::units::SimTime;

/// The state of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// Its network is being set up.
    Provisioning,
    /// Its image is being pulled.
    Pulling,
    /// Its container runs and its application starts.
    Starting,
    /// Its application is ready and not yet a healthy target.
    Ready,
    /// It receives requests.
    Healthy,
    /// It is registered and failed its health checks.
    Unhealthy,
    /// It receives no new requests.
    Draining,
    /// It is gone.
    Stopped,
}

impl TaskState {
    /// Whether its balancer knows the task and may send it requests.
    #[must_use]
    pub const fn is_registered(self) -> bool {
        matches!(self, Self::Healthy | Self::Unhealthy)
    }
}

/// Why a task drains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrainCause {
    /// The service wants fewer tasks, or another one in its place.
    ScaleIn,
    /// Spot takes its capacity back.
    SpotInterruption,
}

/// One task.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// Where it runs.
    pub capacity_provider: CapacityProvider,
    /// Its Availability Zone, from 0.
    pub zone: u8,
    /// The instance that it runs on, by its number in the provider's group; none on Fargate.
    pub instance: Option<u32>,
    /// What it was made of: 0 at the start, then one more with each deployment.
    pub revision: u32,
    /// Its state.
    pub state: TaskState,
    /// Whether it counts towards the desired count: launched and not told to stop.
    pub active: bool,
    /// Why it drains, once it does.
    pub drain_cause: DrainCause,
    /// Whether it answers nothing any more.
    pub hangs: bool,
    /// Whether its instance is to end, so that another task takes its place.
    pub leaves: bool,
    /// Counts changes of plan: an event made before one is stale.
    pub epoch: u8,
    /// Health checks in a row that speak against its state as a target.
    pub contrary_checks: u32,
    /// When it was launched.
    pub launched: SimTime,
    /// When its image pull began.
    pub pull_started: Option<SimTime>,
    /// When its container started.
    pub container_started: Option<SimTime>,
    /// When its application was ready.
    pub ready: Option<SimTime>,
    /// When it first became healthy.
    pub healthy_since: Option<SimTime>,
    /// When it began to drain.
    pub drain_started: Option<SimTime>,
    /// When it stopped.
    pub stopped: Option<SimTime>,
}

/// So many entries of tasks that are no longer active are not worth to be looked for.
const FEW: usize = 32;

/// All tasks of a service that ever ran, and the active ones by provider and zone.
#[derive(Clone, Debug)]
pub struct TaskTable {
    tasks: Vec<Task>,
    zones: usize,
    /// Active tasks by provider and zone, in the order of launch; entries that are no longer active are
    /// dropped when they surface, or when they are more than the others.
    by_place: Vec<Vec<TaskId>>,
    active_by_place: Vec<u32>,
    /// Active tasks that are healthy, by provider.
    healthy: Vec<u32>,
    /// Active tasks by revision and provider.
    by_revision: Vec<Vec<u32>>,
    /// Outages under way, by zone.
    outages: Vec<u32>,
    active: u32,
    /// Those that have not stopped.
    not_stopped: BTreeSet<TaskId>,
}

impl TaskTable {
    /// No tasks, in this many zones (at least 1) of a cluster with so many groups of instances.
    #[must_use]
    pub fn new(zones: u32, instance_groups: usize) -> Self {
        let providers = CapacityProvider::FARGATE.len() + instance_groups;
        let places = providers * zones as usize;
        Self {
            tasks: Vec::new(),
            zones: zones as usize,
            by_place: vec![Vec::new(); places],
            active_by_place: vec![0; places],
            healthy: vec![0; providers],
            by_revision: Vec::new(),
            outages: vec![0; zones as usize],
            active: 0,
            not_stopped: BTreeSet::new(),
        }
    }

    fn open_zones(&self) -> impl Iterator<Item = usize> {
        (0..self.zones).filter(|&zone| self.outages[zone] == 0)
    }

    /// Whether tasks can be launched anywhere.
    #[must_use]
    pub fn has_open_zone(&self) -> bool {
        self.open_zones().next().is_some()
    }

    /// A zone takes no tasks until each of its outages is over.
    pub fn close_zone(&mut self, zone: u8) {
        if let Some(outages) = self.outages.get_mut(usize::from(zone)) {
            *outages += 1;
        }
    }

    /// An outage of a zone is over.
    pub fn open_zone(&mut self, zone: u8) {
        if let Some(outages) = self.outages.get_mut(usize::from(zone)) {
            *outages = outages.saturating_sub(1);
        }
    }

    /// Whether no open zone has two tasks of a provider more than another (AWS, service-rebalancing: the desired count over the
    /// zones, rounded down or up).
    #[must_use]
    pub fn is_even(&self, provider: CapacityProvider) -> bool {
        let counts = || self.open_zones().map(|zone| self.active_by_place[self.place(provider, zone)]);
        counts().max().unwrap_or(0) <= counts().min().unwrap_or(0) + 1
    }

    fn place(&self, provider: CapacityProvider, zone: usize) -> usize {
        provider.index() * self.zones + zone
    }

    /// Adds an active task of revision 0 in the zone that has the fewest of its provider, of those that are open; there is one.
    pub fn launch(&mut self, now: SimTime, capacity_provider: CapacityProvider, state: TaskState) -> TaskId {
        self.launch_revision(now, (capacity_provider, 0), state)
    }

    /// As [`TaskTable::launch`], of any revision.
    pub fn launch_revision(&mut self, now: SimTime, (capacity_provider, revision): (CapacityProvider, u32), state: TaskState) -> TaskId {
        let emptiest = self.open_zones().min_by_key(|&zone| self.active_by_place[self.place(capacity_provider, zone)]);
        let zone = emptiest.expect("some zone is open");
        self.add(now, (capacity_provider, revision), state, (zone as u8, None))
    }

    /// As [`TaskTable::launch_revision`], on an instance in a zone.
    pub fn launch_on(&mut self, now: SimTime, kind: (CapacityProvider, u32), state: TaskState, Seat { instance, zone }: Seat) -> TaskId {
        self.add(now, kind, state, (zone, Some(instance)))
    }

    fn add(
        &mut self,
        now: SimTime,
        (capacity_provider, revision): (CapacityProvider, u32),
        state: TaskState,
        (zone, instance): (u8, Option<u32>),
    ) -> TaskId {
        let id = TaskId(self.tasks.len() as u32);
        self.tasks.push(Task {
            capacity_provider,
            zone,
            instance,
            revision,
            state,
            active: true,
            drain_cause: DrainCause::ScaleIn,
            hangs: false,
            leaves: false,
            epoch: 0,
            contrary_checks: 0,
            launched: now,
            pull_started: None,
            container_started: None,
            ready: None,
            healthy_since: None,
            drain_started: None,
            stopped: None,
        });
        self.not_stopped.insert(id);
        let place = self.place(capacity_provider, usize::from(zone));
        self.by_place[place].push(id);
        self.active_by_place[place] += 1;
        self.active += 1;
        self.healthy[capacity_provider.index()] += u32::from(state == TaskState::Healthy);
        if revision as usize >= self.by_revision.len() {
            self.by_revision.resize(revision as usize + 1, vec![0; self.healthy.len()]);
        }
        self.by_revision[revision as usize][capacity_provider.index()] += 1;
        id
    }

    /// A task.
    #[must_use]
    pub fn get(&self, id: TaskId) -> &Task {
        &self.tasks[id.0 as usize]
    }

    /// A task enters a state. None comes back from [`TaskState::Stopped`].
    pub fn set_state(&mut self, id: TaskId, state: TaskState) {
        if state == TaskState::Stopped {
            self.not_stopped.remove(&id);
        }
        let task = &mut self.tasks[id.0 as usize];
        let before = std::mem::replace(&mut task.state, state);
        if task.active {
            let healthy = &mut self.healthy[task.capacity_provider.index()];
            *healthy = *healthy + u32::from(state == TaskState::Healthy) - u32::from(before == TaskState::Healthy);
        }
    }

    /// Whether every active task of a provider is healthy.
    #[must_use]
    pub fn all_healthy(&self, provider: CapacityProvider) -> bool {
        self.healthy[provider.index()] == self.active(provider)
    }

    /// A task, to change. Whether it is active is changed by [`TaskTable::deactivate`] alone, its state by
    /// [`TaskTable::set_state`], and its provider, zone and revision never.
    pub fn get_mut(&mut self, id: TaskId) -> &mut Task {
        &mut self.tasks[id.0 as usize]
    }

    /// All tasks, in the order of launch.
    #[must_use]
    pub fn all(&self) -> &[Task] {
        &self.tasks
    }

    /// All tasks, in the order of launch.
    pub fn iter(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter()
    }

    /// The tasks that have not stopped, whether they are active or not, in the order of launch.
    pub fn not_stopped(&self) -> impl Iterator<Item = (TaskId, &Task)> {
        self.not_stopped.iter().map(|&id| (id, self.get(id)))
    }

    /// The active tasks of a provider.
    #[must_use]
    pub fn active(&self, provider: CapacityProvider) -> u32 {
        (0..self.zones).map(|zone| self.active_by_place[self.place(provider, zone)]).sum()
    }

    /// The active tasks of a provider that are of a revision.
    #[must_use]
    pub fn active_of_revision(&self, provider: CapacityProvider, revision: u32) -> u32 {
        self.by_revision.get(revision as usize).map_or(0, |counts| counts[provider.index()])
    }

    /// The active tasks of all providers.
    #[must_use]
    pub const fn all_active(&self) -> u32 {
        self.active
    }

    /// The active tasks, provider by provider and zone by zone, in the order of launch.
    pub fn all_active_tasks(&self) -> impl Iterator<Item = (TaskId, &Task)> {
        let listed = self.by_place.iter().flatten().map(|&id| (id, self.get(id)));
        listed.filter(|(_, task)| task.active)
    }

    /// The active tasks of a provider, in one zone or in all, in the order of launch.
    #[must_use]
    pub fn active_tasks(&self, provider: CapacityProvider, zone: Option<u8>) -> Vec<TaskId> {
        let is_there = |task: &Task| task.capacity_provider == provider && zone.is_none_or(|zone| task.zone == zone);
        let mut there: Vec<TaskId> = self.all_active_tasks().filter(|(_, task)| is_there(task)).map(|(id, _)| id).collect();
        there.sort_unstable();
        there
    }

    /// Forgets where tasks were that are no longer active, so that the others are found sooner.
    pub fn forget_inactive(&mut self) {
        let tasks = &self.tasks;
        for place in &mut self.by_place {
            place.retain(|id| tasks[id.0 as usize].active);
        }
    }

    /// The tasks on an instance that have not stopped, in the order of launch.
    #[must_use]
    pub fn on_instance(&self, provider: CapacityProvider, instance: u32) -> Vec<TaskId> {
        let is_there = |task: &Task| task.capacity_provider == provider && task.instance == Some(instance);
        self.not_stopped().filter(|(_, task)| is_there(task)).map(|(id, _)| id).collect()
    }

    /// The active tasks of a provider in a zone.
    #[must_use]
    pub fn active_in_zone(&self, provider: CapacityProvider, zone: u8) -> u32 {
        self.active_by_place[self.place(provider, usize::from(zone))]
    }

    /// Marks a task as told to stop.
    pub fn deactivate(&mut self, id: TaskId) {
        let task = &mut self.tasks[id.0 as usize];
        if task.active {
            task.active = false;
            task.epoch = task.epoch.wrapping_add(1);
            self.healthy[task.capacity_provider.index()] -= u32::from(task.state == TaskState::Healthy);
            self.by_revision[task.revision as usize][task.capacity_provider.index()] -= 1;
            let place = task.capacity_provider.index() * self.zones + usize::from(task.zone);
            self.active_by_place[place] -= 1;
            self.active -= 1;
            if self.by_place[place].len() > 2 * self.active_by_place[place] as usize + FEW {
                let tasks = &self.tasks;
                self.by_place[place].retain(|id| tasks[id.0 as usize].active);
            }
        }
    }

    /// The task that a scale-in takes from a provider: the newest in the zone that has the most. AWS keeps
    /// zones balanced and names no criterion inside a zone.
    pub fn newest_in_fullest_zone(&mut self, provider: CapacityProvider) -> Option<TaskId> {
        let fullest = (0..self.zones).rev().max_by_key(|&zone| self.active_by_place[self.place(provider, zone)])?;
        let place = self.place(provider, fullest);
        while let Some(&id) = self.by_place[place].last() {
            if self.tasks[id.0 as usize].active {
                return Some(id);
            }
            self.by_place[place].pop();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::CapacityProvider::{Fargate, FargateSpot};

    #[test]
    fn tasks_spread_over_zones_and_leave_them_balanced() {
        let mut table = TaskTable::new(3, 0);
        let ids: Vec<TaskId> = (0..5).map(|_| table.launch(SimTime::START, Fargate, TaskState::Healthy)).collect();
        let zones: Vec<u8> = ids.iter().map(|&id| table.get(id).zone).collect();
        assert_eq!(zones, [0, 1, 2, 0, 1]);
        table.launch(SimTime::START, FargateSpot, TaskState::Healthy);
        table.deactivate(ids[4]);
        assert_eq!((table.active(Fargate), table.active(FargateSpot)), (4, 1));
        assert_eq!(table.newest_in_fullest_zone(Fargate), Some(ids[3]));
        table.deactivate(ids[3]);
        table.deactivate(ids[3]);
        assert_eq!(table.active(Fargate), 3);
        assert_eq!(table.newest_in_fullest_zone(FargateSpot), Some(TaskId(5)));
    }

    #[test]
    fn what_has_stopped_is_forgotten_and_healthy_tasks_are_counted() {
        let mut table = TaskTable::new(1, 0);
        let ids: Vec<TaskId> = (0..1000).map(|_| table.launch(SimTime::START, Fargate, TaskState::Healthy)).collect();
        let late = table.launch(SimTime::START, Fargate, TaskState::Provisioning);
        assert!(!table.all_healthy(Fargate) && table.all_healthy(FargateSpot));
        table.set_state(late, TaskState::Healthy);
        assert!(table.all_healthy(Fargate));
        ids[..999].iter().for_each(|&id| table.deactivate(id));
        assert_eq!(table.all_active_tasks().map(|(id, _)| id).collect::<Vec<_>>(), [ids[999], late]);
        assert!(table.by_place[0].len() <= 2 * 2 + FEW, "{}", table.by_place[0].len());
        table.set_state(ids[0], TaskState::Stopped);
        assert!(table.all_healthy(Fargate));
        table.set_state(late, TaskState::Unhealthy);
        assert!(!table.all_healthy(Fargate));
        let new = table.launch_revision(SimTime::START, (FargateSpot, 3), TaskState::Healthy);
        let of = |table: &TaskTable, revision| CapacityProvider::FARGATE.map(|provider| table.active_of_revision(provider, revision));
        assert_eq!((of(&table, 0), of(&table, 3), of(&table, 9)), ([2, 0], [0, 1], [0, 0]));
        table.deactivate(new);
        assert_eq!(of(&table, 3), [0, 0]);
    }

    #[test]
    fn a_task_that_drains_has_not_stopped() {
        let mut table = TaskTable::new(2, 0);
        let ids: Vec<TaskId> = (0..4).map(|_| table.launch(SimTime::START, Fargate, TaskState::Healthy)).collect();
        let not_stopped = |table: &TaskTable| table.not_stopped().map(|(id, task)| (id, task.zone)).collect::<Vec<_>>();
        for id in [ids[0], ids[2]] {
            table.deactivate(id);
            table.set_state(id, TaskState::Draining);
        }
        assert_eq!(not_stopped(&table), [(ids[0], 0), (ids[1], 1), (ids[2], 0), (ids[3], 1)]);
        table.set_state(ids[0], TaskState::Stopped);
        table.set_state(ids[0], TaskState::Stopped);
        assert_eq!(not_stopped(&table), [(ids[1], 1), (ids[2], 0), (ids[3], 1)]);
    }
}
