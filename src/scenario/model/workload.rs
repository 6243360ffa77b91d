//! What a request asks of a task, how a task starts, and what is promised of both.

use super::Distribution;
use crate::units::SimDuration;

/// What a request costs a task, and what a task can do.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// CPU time of one request in seconds on one whole vCPU, in one burst.
    pub cpu_time: Distribution,
    /// Time in seconds that the slot is held after the burst without CPU.
    pub wait_time: Distribution,
    /// Requests that one task works on at once, at least 1.
    pub concurrency: u32,
    /// Requests that wait at one task; none: no limit.
    pub backlog: Option<u32>,
    /// Seconds from arrival after which a request fails with 504; none: no limit.
    pub timeout: Option<Distribution>,
    /// Whether a task goes on with a request whose client gave up.
    pub finishes_late_requests: bool,
    /// Fraction of requests that the application answers with 5xx.
    pub error_rate: f64,
    /// What clients do after a failure.
    pub retries: Retries,
    /// Memory of an idle task in bytes.
    pub memory_base_bytes: f64,
    /// Memory of each request in progress in bytes.
    pub memory_per_request_bytes: f64,
    /// Fraction of the task's CPU used whatever the traffic.
    pub idle_cpu: f64,
    /// From launch to ready.
    pub start_up: StartUp,
    /// Bytes of a request.
    pub request_size_bytes: f64,
    /// Bytes of a response.
    pub response_size_bytes: f64,
    /// Bytes that a request sends to the internet.
    pub outbound_per_request_bytes: f64,
    /// Bytes of logs that a request writes.
    pub logs_per_request_bytes: f64,
    /// Days for which its logs are kept; none: they never expire.
    pub logs_retention_days: Option<u32>,
    /// Custom metrics that the service publishes while a task of it runs.
    pub custom_metrics: u32,
    /// The shared queue that messages wait in; none: requests go to a task.
    pub queue: Option<MessageQueue>,
}

/// What clients do after a failure.
#[derive(Clone, Debug, PartialEq)]
pub struct Retries {
    /// Attempts after the first.
    pub max: u32,
    /// The pause in seconds before the first retry; it doubles with each further one.
    pub backoff: Distribution,
}

/// A queue of messages. The service's `backlog` and `timeout` are none: messages wait in the queue, for as
/// long as it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageQueue {
    /// How long a received message is hidden from other tasks.
    pub visibility_timeout: SimDuration,
    /// How long a message is kept.
    pub message_retention_period: SimDuration,
    /// Receives after which a message that is not done goes to the dead-letter queue; none: never.
    pub max_receive_count: Option<u32>,
    /// Messages that one call receives at most, 1 to 10; a worker does them one after the other.
    pub receive_batch_size: u32,
    /// How long a call waits for a message before it comes back empty.
    pub receive_wait_time: SimDuration,
}

/// From launch to ready.
#[derive(Clone, Debug, PartialEq)]
pub struct StartUp {
    /// Network and placement, not billed.
    pub provisioning: Distribution,
    /// Compressed size of the image in bytes.
    pub image_size_bytes: f64,
    /// Bytes per second of the pull, which is billed.
    pub pull_rate_bytes_per_second: f64,
    /// Fraction of the image that is pulled before the container starts: 1, or less with lazy loading (SOCI).
    pub pulled_share: f64,
    /// From container start to ready, in seconds.
    pub time: Distribution,
    /// Fraction of the task's CPU used while starting.
    pub cpu: f64,
}

/// The service level that a window is judged by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slo {
    /// A window is over when its p99 exceeds this many seconds.
    pub latency_seconds: Option<f64>,
    /// A window is over when a smaller fraction of its requests is served.
    pub availability: Option<f64>,
    /// The length of a window.
    pub window: SimDuration,
}
