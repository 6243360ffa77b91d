//! Where each task stands: what changes of the fleet make of the cohorts.

use super::{Cohort, DrainingTask, FluidPlane, Home};
use crate::fleet::{FleetChange, TaskId};
use crate::units::SimDuration;

impl FluidPlane {
    /// Takes note of a change of the fleet at the present instant.
    pub fn apply(&mut self, change: FleetChange) {
        match change {
            FleetChange::Started(task) => self.move_to(task, Home::Starting),
            FleetChange::Ready(task) => self.move_to(task, Home::Ready),
            FleetChange::Healthy(task) => {
                let cohort = self.cohort_forming_now(self.kinds.of_task(task), self.second.holds(task));
                self.move_to(task, Home::Cohort(cohort));
            }
            FleetChange::Hung(task) => self.becomes_hung(task),
            // Flows carry no health checks: only tasks that hang fail them.
            FleetChange::Unhealthy(task) => self.fail_checks(task),
            FleetChange::Probed(_) | FleetChange::Recovered(_) => {}
            FleetChange::MadeOf(task, content) => self.kinds.made_of(task, content),
            FleetChange::InSecondGroup(task) => self.second.add(task),
            FleetChange::SecondGroupShare(share) => self.second.set_share(share),
            FleetChange::Draining(task) => self.move_to(task, Home::Draining),
            FleetChange::Stopped(task) => {
                self.move_to(task, Home::Absent);
                self.second.forget(task);
            }
        }
    }

    fn cohort_forming_now(&mut self, kind: usize, is_second: bool) -> u32 {
        let mut newest = self.cohorts.iter().rev().take_while(|cohort| cohort.formed_at == self.now);
        if let Some(forming) = newest.find(|cohort| cohort.kind == kind && cohort.is_second == is_second) {
            return forming.id;
        }
        let id = self.merged_into.len() as u32;
        self.merged_into.push(id);
        self.cohorts.push(Cohort { id, kind, formed_at: self.now, is_second, tasks: 0, number: 0.0, steady: false });
        id
    }

    /// The index of the living cohort that this one has become.
    pub(super) fn living(&self, mut id: u32) -> usize {
        while self.merged_into[id as usize] != id {
            id = self.merged_into[id as usize];
        }
        self.cohorts.iter().position(|cohort| cohort.id == id).expect("a cohort with tasks is alive")
    }

    pub(super) fn move_to(&mut self, task: TaskId, home: Home) {
        let index = task.0 as usize;
        if index >= self.homes.len() {
            self.homes.resize(index + 1, Home::Absent);
        }
        let before = std::mem::replace(&mut self.homes[index], home);
        let number = self.leave(task, before);
        match home {
            Home::Absent => self.tally.lose_accepted(number),
            Home::Starting => self.starting += 1,
            Home::Ready => self.ready += 1,
            Home::Cohort(id) => {
                self.healthy += 1;
                let cohort = self.living(id);
                self.cohorts[cohort].tasks += 1;
            }
            Home::Draining => {
                let kind = self.kinds.of_task(task);
                self.draining.insert(task, DrainingTask { kind, since: self.now, number });
            }
            Home::Hung => self.hang(task, number),
        }
    }

    /// Takes a task out of where it stood; returns the requests that it still has.
    fn leave(&mut self, task: TaskId, home: Home) -> f64 {
        match home {
            Home::Absent => 0.0,
            Home::Starting => {
                self.starting -= 1;
                0.0
            }
            Home::Ready => {
                self.ready -= 1;
                0.0
            }
            Home::Cohort(id) => {
                self.healthy -= 1;
                let index = self.living(id);
                let cohort = &mut self.cohorts[index];
                cohort.tasks -= 1;
                let number = cohort.number;
                if cohort.tasks == 0 {
                    // Its id leads nowhere from now on, and no task asks for it.
                    self.cohorts.remove(index);
                }
                number
            }
            Home::Hung => {
                self.leave_hung(task);
                0.0
            }
            Home::Draining => {
                let draining = self.draining.remove(task).expect("a draining task is listed");
                self.left_of(&draining)
            }
        }
    }

    /// The requests that a draining task still has.
    pub(super) fn left_of(&self, draining: &DrainingTask) -> f64 {
        self.task_of(draining.kind).left_after(draining.number, (self.now - draining.since).as_seconds_f64())
    }

    /// How long a draining task still needs until its last request is answered.
    #[must_use]
    pub fn time_to_drain(&self, task: TaskId) -> SimDuration {
        let Some(draining) = self.draining.get(task) else { return SimDuration::ZERO };
        let finished = draining.since + SimDuration::from_seconds_f64(self.task_of(draining.kind).seconds_to_finish(draining.number));
        (finished - self.now).max(SimDuration::ZERO)
    }
}
