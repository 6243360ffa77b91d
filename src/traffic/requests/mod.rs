//! Requests as events: every request arrives, is routed, waits, computes, leaves or fails.
//!
//! Round robin and random routing read nothing of the tasks, so between two changes of the fleet the arrivals
//! are dealt out and each task runs by itself, in a batch that stays in the processor's cache (`batched`).
//! Whatever connects tasks (the fewest outstanding requests, retries, users, calls, a shared queue, memory
//! that runs out) is served in one order of time (`ordered`). On the same input both give the same figures to the
//! last digit.
//!
//! No network time is added to a request. CPU time of a fractional vCPU is shared smoothly; requests of a
//! task that use no CPU are served by `workers`, faster and with the same results.

mod agenda;
mod batched;
mod demands;
mod inbox;
mod lane;
mod loads;
mod machine;
mod ordered;
mod recorder;
mod revisions;
mod router;
mod session;
mod site;
mod task;
mod tournament;
mod workers;

pub use lane::LaneSetting;

use self::batched::BatchedPlane;
use self::ordered::OrderedPlane;
use self::task::Task;
use self::workers::Workers;
use super::plane::DataPlane;
use crate::scenario::model::{RoutingAlgorithm, Service, TrafficKind, Workload};

/// The plane of services that share it, with their numbers in the scenario: the fastest that can show them.
#[must_use]
pub fn plane(settings: Vec<LaneSetting>, numbers: &[usize]) -> Box<dyn DataPlane> {
    match <[LaneSetting; 1]>::try_from(settings) {
        Ok([setting]) if !needs_order(setting.service) => batched(setting),
        Ok(alone) => ordered(alone.into(), numbers),
        Err(several) => ordered(several, numbers),
    }
}

/// A service whose tasks nothing connects.
fn batched(setting: LaneSetting) -> Box<dyn DataPlane> {
    if !setting.is_interrupted && ends_are_known(setting.service) {
        return Box::new(BatchedPlane::<Workers>::new(setting));
    }
    batched_tasks(setting)
}

/// A service whose tasks are followed event by event, each by itself.
#[must_use]
pub fn batched_tasks(setting: LaneSetting) -> Box<dyn DataPlane> {
    Box::new(BatchedPlane::<Task>::new(setting))
}

/// Services in one order of time, whatever connects their tasks.
#[must_use]
pub fn ordered(settings: Vec<LaneSetting>, numbers: &[usize]) -> Box<dyn DataPlane> {
    Box::new(OrderedPlane::new(settings, numbers))
}

/// Whether something connects the tasks of a service.
fn needs_order(service: &Service) -> bool {
    let workload = &service.workload;
    let counts_requests = service.target_group.as_ref().is_some_and(|group| group.algorithm == RoutingAlgorithm::LeastOutstandingRequests);
    let has_users = service.traffic.iter().any(|source| matches!(source.kind, TrafficKind::Users(_)));
    counts_requests || has_users || workload.queue.is_some() || workload.retries.max > 0 || can_run_out_of_memory(service)
}

/// Whether a task may have more requests than its memory holds.
fn can_run_out_of_memory(service: &Service) -> bool {
    let workload = &service.workload;
    let most_requests = workload.backlog.map_or(f64::INFINITY, |backlog| f64::from(backlog) + f64::from(workload.concurrency));
    let most_bytes = workload.memory_base_bytes + workload.memory_per_request_bytes * most_requests;
    workload.memory_per_request_bytes > 0.0 && most_bytes > service.task.memory.as_bytes() as f64
}

/// Whether requests use no CPU, free their slots when clients give up and leave the backlog in the order in which they came: then the end of each is
/// known when it arrives.
fn ends_are_known(service: &Service) -> bool {
    let workload = &service.workload;
    let shares_workers = service.target_group.as_ref().is_some_and(|group| group.health_check.shares_workers);
    let is_patience_constant = workload.timeout.as_ref().is_none_or(|timeout| timeout.is_constant());
    let uses_no_cpu = |workload: &Workload| workload.cpu_time.is_constant() && workload.cpu_time.mean() <= 0.0;
    uses_no_cpu(workload)
        && service.revisions.iter().all(|revision| uses_no_cpu(&revision.workload))
        && is_patience_constant
        && !workload.finishes_late_requests
        && !shares_workers
}
