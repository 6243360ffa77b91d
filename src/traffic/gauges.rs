//! What flows through a service between two closes, as sums over time.

/// Sums since the last close.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gauges {
    /// The span.
    pub seconds: f64,
    /// Requests that arrived.
    pub offered: f64,
    /// Variance of the CPU time that arrived, in vCPU-seconds squared.
    pub work_variance: f64,
    /// CPU time spent on requests.
    pub request_vcpu_seconds: f64,
    /// CPU time of idle and starting tasks.
    pub other_vcpu_seconds: f64,
    /// CPU time that healthy tasks have for requests.
    pub request_capacity_vcpu_seconds: f64,
    /// Tasks whose container runs, times seconds.
    pub running_task_seconds: f64,
    /// Healthy tasks, times seconds.
    pub healthy_task_seconds: f64,
    /// Requests in tasks, times seconds.
    pub request_seconds: f64,
    /// Requests that wait for a slot, times seconds.
    pub waiting_seconds: f64,
    /// Whether tasks were at their limit at some time.
    pub saturated: bool,
}

impl Gauges {
    /// Adds a fraction of other sums.
    pub fn add(&mut self, other: &Self, fraction: f64) {
        self.seconds += other.seconds * fraction;
        self.offered += other.offered * fraction;
        self.work_variance += other.work_variance * fraction;
        self.request_vcpu_seconds += other.request_vcpu_seconds * fraction;
        self.other_vcpu_seconds += other.other_vcpu_seconds * fraction;
        self.request_capacity_vcpu_seconds += other.request_capacity_vcpu_seconds * fraction;
        self.running_task_seconds += other.running_task_seconds * fraction;
        self.healthy_task_seconds += other.healthy_task_seconds * fraction;
        self.request_seconds += other.request_seconds * fraction;
        self.waiting_seconds += other.waiting_seconds * fraction;
        self.saturated |= other.saturated;
    }
}
