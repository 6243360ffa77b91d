//! What a queue is asked in a second while its tasks and its messages stay the same: for an estimate without a simulation.

use crate::scenario::model::{Assumptions, Service};
use crate::traffic::polling::{Polling, billed_requests};
use crate::traffic::task_model::TaskModel;

/// Requests to a queue in a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QueueRates {
    /// That send a message.
    pub sends: f64,
    /// That receive messages.
    pub receives: f64,
    /// That wait for a message and receive none.
    pub empty_receives: f64,
    /// That delete a message.
    pub deletes: f64,
}

/// The requests to the queue of a service with so many messages a second and so many tasks; none without a queue.
///
/// Messages are received one by one and hold their worker as long as one that is alone in its task; more than the tasks
/// complete is not received.
#[must_use]
pub fn queue_rates(service: &Service, assumptions: &Assumptions, messages_per_second: f64, tasks: u32) -> Option<QueueRates> {
    let queue = service.workload.queue?;
    let task = TaskModel::new(service);
    let requests_per_message = billed_requests(service.workload.request_size_bytes);
    // A message that fails is received again.
    let attempts = if task.error_rate < 1.0 { messages_per_second / (1.0 - task.error_rate) } else { f64::INFINITY };
    let calls = attempts.min(f64::from(tasks) * task.saturated_rate);
    let calls = if calls.is_finite() { calls } else { 0.0 };
    let idle_workers = (f64::from(tasks) * f64::from(task.concurrency) - calls * task.lone_response_seconds).max(0.0);
    let polling = Polling { calls, idle_worker_seconds: idle_workers, ..Polling::default() };
    Some(QueueRates {
        sends: messages_per_second * requests_per_message,
        receives: calls * requests_per_message,
        empty_receives: polling.empty_receives(assumptions.empty_receive_seconds(&queue)),
        deletes: calls * (1.0 - task.error_rate),
    })
}
