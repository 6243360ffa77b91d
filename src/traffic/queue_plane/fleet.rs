//! Where each task stands, and the messages that it takes along when it goes.

use super::{DrainingTask, Home, QueuePlane};
use crate::fleet::TaskId;
use crate::traffic::messages::InTasks;
use crate::units::SimTime;

impl QueuePlane {
    pub(super) fn work_off_draining(&mut self, until: SimTime) {
        let mut done = Vec::new();
        for draining in self.draining.iter_mut() {
            let left = self.task.left_after(draining.at_first, (until - draining.since).as_seconds_f64());
            draining.messages.take(draining.messages.total() - left, |part| done.push(part));
        }
        for part in done {
            self.complete(part);
        }
    }

    pub(super) fn move_to(&mut self, task: TaskId, home: Home) {
        let index = task.0 as usize;
        if index >= self.homes.len() {
            self.homes.resize(index + 1, Home::Absent);
        }
        let before = std::mem::replace(&mut self.homes[index], home);
        let messages = self.leave(task, before);
        match home {
            Home::Absent => messages.iter().for_each(|started| self.hide(started)),
            Home::Starting => self.starting += 1,
            Home::Ready => self.ready += 1,
            Home::Healthy => self.healthy += 1,
            Home::Draining => self.draining.insert(task, DrainingTask { since: self.now, at_first: messages.total(), messages }),
        }
    }

    /// Takes a task out of where it stood; returns the messages that it still has.
    fn leave(&mut self, task: TaskId, home: Home) -> InTasks {
        match home {
            Home::Absent => {}
            Home::Starting => self.starting -= 1,
            Home::Ready => self.ready -= 1,
            Home::Healthy => {
                let messages = self.in_tasks.split_off(1.0 / f64::from(self.healthy));
                self.healthy -= 1;
                return messages;
            }
            Home::Draining => {
                return self.draining.remove(task).expect("a draining task is listed").messages;
            }
        }
        InTasks::default()
    }
}
