//! The words that the control plane and the data plane share about tasks.
//!
//! The control plane decides which tasks exist and in which state; the data plane learns of it only
//! through a [`FleetChange`], so neither has to know the other.

/// A task's number within its service, in the order of launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub u32);

/// All of the traffic, in the parts of [`FleetChange::SecondGroupShare`].
pub const WHOLE_TRAFFIC: u32 = 1_000_000;

/// A change of one task, or of what they all get, that matters to the traffic it serves or the CPU it uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FleetChange {
    /// It is made of the service's revision at this place: told before anything else of a task that a deployment launched.
    MadeOf(TaskId, u32),
    /// It is in the second of two target groups: told before anything else, as what it is made of. All others are in the first.
    InSecondGroup(TaskId),
    /// So many of [`WHOLE_TRAFFIC`] parts of the requests go to the second target group, and the rest to the first. None do at the start.
    SecondGroupShare(u32),
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
    /// It accepts requests and answers none any more.
    Hung(TaskId),
    /// It is gone; requests that it still had are lost.
    Stopped(TaskId),
}
