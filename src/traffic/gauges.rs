//! What flows through a service between two closes: sums over time, and the figures that are made of them.

use crate::metrics::StatisticSet;

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

/// What became of the requests since the last close. One that is accepted counts at once, by the answer
/// that it will get.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answers {
    /// Requests that get an answer in time, with or without error.
    pub accepted: f64,
    /// Of these, answered with an error.
    pub errors: f64,
    /// The sum of the response times of the accepted ones.
    pub response_seconds: f64,
    /// Requests that no task took, or that came too late.
    pub lost: f64,
}

/// What a service measured over a minute or over one of its three samples of 20 seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sample {
    /// Average CPU utilisation in percent, as CloudWatch would show it; none without a running task.
    pub cpu_percent: Option<f64>,
    /// The same without the noise of the sample.
    pub expected_cpu_percent: Option<f64>,
    /// Average memory utilisation in percent.
    pub memory_percent: Option<f64>,
    /// Requests per healthy target; none without a healthy target.
    pub requests_per_target: Option<f64>,
    /// Requests that arrived in the span.
    pub offered: f64,
    /// The mean number of healthy tasks.
    pub healthy_tasks: f64,
    /// The length of the span inside the run, in seconds.
    pub seconds: f64,
    /// Messages that wait in the queue at the end of the span; none without a queue.
    pub messages_visible: Option<f64>,
    /// Messages received and not deleted at the end of the span.
    pub messages_in_flight: Option<f64>,
    /// Age in seconds of the oldest visible message at the end of the span; 0 without one.
    pub age_of_oldest_seconds: Option<f64>,
    /// The mean number of tasks whose container runs.
    pub running_tasks: f64,
    /// CPU utilisation in percent, of each sample of 20 seconds.
    pub cpu: Option<StatisticSet>,
    /// Memory utilisation in percent, of each sample of 20 seconds; those of one minute are alike.
    pub memory: Option<StatisticSet>,
    /// Response times in seconds of the requests that were accepted in the span, of which the mean is known.
    pub response_time_seconds: Option<StatisticSet>,
    /// Requests accepted in the span that are answered without an error.
    pub served: f64,
    /// Requests accepted in the span that the application answers with a 5xx of its own (`error_rate`).
    pub target_5xx: f64,
    /// Requests that the balancer answers instead of a target: 503 without one that takes them, 504 when the
    /// answer comes too late.
    pub elb_5xx: f64,
}

impl Sample {
    /// The span that this one and the one after it make together: averages are weighted by what they are
    /// averages of, as if the span had been closed once.
    #[must_use]
    pub fn merge(&self, next: &Self) -> Self {
        let seconds = self.seconds + next.seconds;
        let by_time = |first: f64, second: f64| {
            if seconds > 0.0 { (first * self.seconds + second * next.seconds) / seconds } else { 0.0 }
        };
        let by_tasks = |first: Option<f64>, second: Option<f64>| {
            let task_seconds = [self.running_tasks * self.seconds, next.running_tasks * next.seconds];
            merged(first, second, |first, second| {
                (first * task_seconds[0] + second * task_seconds[1]) / (task_seconds[0] + task_seconds[1])
            })
        };
        let (offered, healthy_tasks) = (self.offered + next.offered, by_time(self.healthy_tasks, next.healthy_tasks));
        Self {
            cpu_percent: by_tasks(self.cpu_percent, next.cpu_percent),
            expected_cpu_percent: by_tasks(self.expected_cpu_percent, next.expected_cpu_percent),
            memory_percent: by_tasks(self.memory_percent, next.memory_percent),
            requests_per_target: (healthy_tasks > 0.0).then(|| offered / healthy_tasks),
            offered,
            healthy_tasks,
            seconds,
            running_tasks: by_time(self.running_tasks, next.running_tasks),
            cpu: merged(self.cpu, next.cpu, StatisticSet::merge),
            memory: merged(self.memory, next.memory, StatisticSet::merge),
            response_time_seconds: merged(self.response_time_seconds, next.response_time_seconds, StatisticSet::merge),
            served: self.served + next.served,
            target_5xx: self.target_5xx + next.target_5xx,
            elb_5xx: self.elb_5xx + next.elb_5xx,
            messages_visible: next.messages_visible,
            messages_in_flight: next.messages_in_flight,
            age_of_oldest_seconds: next.age_of_oldest_seconds,
        }
    }
}

/// Two values of which either may be missing.
fn merged<T>(first: Option<T>, second: Option<T>, merge: impl FnOnce(T, T) -> T) -> Option<T> {
    match (first, second) {
        (Some(first), Some(second)) => Some(merge(first, second)),
        (first, second) => first.or(second),
    }
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
