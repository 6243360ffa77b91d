//! Task sizes worth trying: those of Fargate that hold what the workload needs.

use crate::scenario::check::fargate;
use crate::scenario::model::{Platform, Policy, Service, TrackedMetric};
use crate::units::{CpuUnits, Mebibytes};

/// A task is tried down to this part of the scenario's CPU.
const SMALLEST_PART: u32 = 4;
/// And up to this multiple of it.
const LARGEST_MULTIPLE: u32 = 8;

/// The memory that a task needs with all the requests that it may hold; without a limit of its backlog, with all that it works on.
pub(super) fn needed_bytes(service: &Service) -> f64 {
    let workload = &service.workload;
    let backlog = if workload.queue.is_some() { 0 } else { workload.backlog.unwrap_or(0) };
    workload.memory_base_bytes + workload.memory_per_request_bytes * (f64::from(workload.concurrency) + f64::from(backlog))
}

/// Pairs of CPU and memory around the scenario's own, each with the least memory that holds the need; the scenario's own too, and
/// where a policy follows the memory, the next larger memory as well.
pub(super) fn sizes(service: &Service) -> Vec<(CpuUnits, Mebibytes)> {
    let own = (service.task.cpu, service.task.memory);
    let follows_memory = service.scaling.iter().flat_map(|scaling| &scaling.policies).filter_map(Policy::target_tracking);
    let follows_memory = follows_memory.into_iter().any(|policy| matches!(policy.metric, TrackedMetric::MemoryUtilization { .. }));
    let memories = if follows_memory { 2 } else { 1 };
    let needed = needed_bytes(service);
    let range = own.0.0 / SMALLEST_PART..=own.0.0.saturating_mul(LARGEST_MULTIPLE);
    let mut sizes = vec![own];
    for (cpu, memory) in fargate::sizes(service.task.platform == Platform::WindowsX86) {
        if range.contains(&cpu.0) {
            let enough = memory.into_iter().filter(|memory| memory.as_bytes() as f64 >= needed);
            sizes.extend(enough.take(memories).map(|memory| (cpu, memory)));
        }
    }
    sizes.sort_unstable_by_key(|(cpu, memory)| (cpu.0, memory.0));
    sizes.dedup();
    sizes
}
