//! What flows through a service between two closes: sums over time, and the figures that are made of them.

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

/// What a service measured over one minute.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MinuteSample {
    /// Average CPU utilisation in percent, as CloudWatch would show it; none without a running task.
    pub cpu_percent: Option<f64>,
    /// The same without the noise of the sample.
    pub expected_cpu_percent: Option<f64>,
    /// Average memory utilisation in percent.
    pub memory_percent: Option<f64>,
    /// Requests per healthy target; none without a healthy target.
    pub requests_per_target: Option<f64>,
    /// Requests that arrived in the minute.
    pub offered: f64,
    /// The mean number of healthy tasks.
    pub healthy_tasks: f64,
    /// The length of the minute inside the run, in seconds.
    pub seconds: f64,
}

/// What a row of the timeline shows of tasks and requests. Rates and gauges are means over the row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RowFigures {
    /// Requests that arrived, per second.
    pub offered_rps: f64,
    /// Of these, served.
    pub served_rps: f64,
    /// Of these, failed in any way.
    pub failed_rps: f64,
    /// CPU utilisation in percent; none without a running task.
    pub cpu_percent: Option<f64>,
    /// Memory utilisation in percent.
    pub memory_percent: Option<f64>,
    /// Mean response in seconds; none without a request.
    pub mean_seconds: Option<f64>,
    /// The median, the 95th and the 99th percentile of the response.
    pub percentiles_seconds: [Option<f64>; 3],
    /// Requests waiting for a slot, over all tasks.
    pub waiting: f64,
}
