//! The words that the control plane and the data plane share about tasks.
//!
//! The control plane decides which tasks exist and in which state; the data plane learns of it only
//! through a [`FleetChange`], so neither has to know the other.

/// A task's number within its service, in the order of launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub u32);

/// A change of one task that matters to the traffic it serves or the CPU it uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FleetChange {
    /// Its container started: it uses CPU and serves nothing.
    Started(TaskId),
    /// Its application is ready and waits to be registered.
    Ready(TaskId),
    /// It receives requests.
    Healthy(TaskId),
    /// It receives no new requests and finishes those it has.
    Draining(TaskId),
    /// It is sent a health check that waits and works like a request.
    Probed(TaskId),
    /// It failed its health checks: it stays registered and receives requests only if no target is healthy.
    Unhealthy(TaskId),
    /// It passed its health checks again.
    Recovered(TaskId),
    /// It is gone; requests that it still had are lost.
    Stopped(TaskId),
}
