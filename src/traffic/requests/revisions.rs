//! What requests ask of tasks that a deployment launched.
//!
//! A request brings the demand that it has at the tasks of the start. A task of a later revision that serves in another
//! way gives it another one, drawn by the request's number: so it does not matter which of the others went where, and
//! the same request costs all tasks of one revision the same.

use super::demands::Demands;
use super::machine::Request;
use crate::fleet::TaskId;
use crate::scenario::model::Service;

/// The revisions of a service and which tasks are of which.
#[derive(Clone, Debug)]
pub struct Revisions {
    /// By revision; none: as at the start.
    demands: Vec<Option<Demands>>,
    /// By task; none: as at the start.
    content_of: Vec<Option<u32>>,
}

impl Revisions {
    /// All tasks are those of the start.
    #[must_use]
    pub fn new(service: &Service, seed: u64, service_key: u64) -> Self {
        let demands = service
            .revisions
            .iter()
            .map(|revision| revision.changes_serving(&service.workload).then(|| Demands::new(&revision.workload, seed, service_key)));
        Self { demands: demands.collect(), content_of: Vec::new() }
    }

    /// Takes note of what a task is made of.
    pub fn made_of(&mut self, task: TaskId, content: u32) {
        if self.demands.get(content as usize).is_some_and(Option::is_some) {
            let index = task.0 as usize;
            self.content_of.resize(self.content_of.len().max(index + 1), None);
            self.content_of[index] = Some(content);
        }
    }

    /// The demands of a task; none: as at the start.
    #[inline]
    fn of(&self, task: u32) -> Option<&Demands> {
        let content = (*self.content_of.get(task as usize)?)?;
        self.demands.get(content as usize)?.as_ref()
    }

    /// A request as it is to a task. The first number names the request, the second this attempt, whose error has its
    /// own chance.
    #[inline]
    pub fn at(&self, task: u32, request: Request, numbers: impl FnOnce() -> (u64, u64)) -> Request {
        match self.of(task) {
            None => request,
            Some(demands) => {
                let (number, attempt) = numbers();
                let Request { cpu, wait, .. } = demands.request_of_number(number, request.arrival);
                Request { cpu, wait, fails: demands.fails(attempt), ..request }
            }
        }
    }
}
