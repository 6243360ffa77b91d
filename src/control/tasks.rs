//! The tasks of a service and the states they pass through.
//!
//! PROVISIONING (network; not billed) - PENDING (image pull; billed from here) - RUNNING (container
//! started, application starting) - ready - registered and healthy - draining - STOPPED. Tasks live in a
//! vector by number, and everything that is asked often is kept as a count.

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
    /// Its state.
    pub state: TaskState,
    /// Whether it counts towards the desired count: launched and not told to stop.
    pub active: bool,
    /// Why it drains, once it does.
    pub drain_cause: DrainCause,
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

/// All tasks of a service that ever ran, and the active ones by provider and zone.
#[derive(Clone, Debug)]
pub struct TaskTable {
    tasks: Vec<Task>,
    zones: usize,
    /// Active tasks by provider and zone, in the order of launch; entries that are no longer active are
    /// dropped when they surface.
    by_place: Vec<Vec<TaskId>>,
    active_by_place: Vec<u32>,
    active: u32,
}

impl TaskTable {
    /// No tasks, in this many zones (at least 1).
    #[must_use]
    pub fn new(zones: u32) -> Self {
        let places = CapacityProvider::ALL.len() * zones as usize;
        Self { tasks: Vec::new(), zones: zones as usize, by_place: vec![Vec::new(); places], active_by_place: vec![0; places], active: 0 }
    }

    fn place(&self, provider: CapacityProvider, zone: usize) -> usize {
        provider.index() * self.zones + zone
    }

    /// Adds an active task in the zone that has the fewest of its provider.
    pub fn launch(&mut self, now: SimTime, capacity_provider: CapacityProvider, state: TaskState) -> TaskId {
        let emptiest = (0..self.zones).min_by_key(|&zone| self.active_by_place[self.place(capacity_provider, zone)]);
        let zone = emptiest.expect("a cluster has a zone");
        let id = TaskId(self.tasks.len() as u32);
        self.tasks.push(Task {
            capacity_provider,
            zone: zone as u8,
            state,
            active: true,
            drain_cause: DrainCause::ScaleIn,
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
        let place = self.place(capacity_provider, zone);
        self.by_place[place].push(id);
        self.active_by_place[place] += 1;
        self.active += 1;
        id
    }

    /// A task.
    #[must_use]
    pub fn get(&self, id: TaskId) -> &Task {
        &self.tasks[id.0 as usize]
    }

    /// A task, to change. Whether it is active is changed by [`TaskTable::deactivate`] alone.
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

    /// The active tasks of a provider.
    #[must_use]
    pub fn active(&self, provider: CapacityProvider) -> u32 {
        (0..self.zones).map(|zone| self.active_by_place[self.place(provider, zone)]).sum()
    }

    /// The active tasks of all providers.
    #[must_use]
    pub const fn all_active(&self) -> u32 {
        self.active
    }

    /// Marks a task as told to stop.
    pub fn deactivate(&mut self, id: TaskId) {
        let task = &mut self.tasks[id.0 as usize];
        if task.active {
            task.active = false;
            task.epoch = task.epoch.wrapping_add(1);
            let place = task.capacity_provider.index() * self.zones + usize::from(task.zone);
            self.active_by_place[place] -= 1;
            self.active -= 1;
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
        let mut table = TaskTable::new(3);
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
}
