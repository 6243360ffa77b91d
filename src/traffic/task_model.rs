//! What one task can do with one kind of request: the constants that the fluid formulas need.

use crate::math::{exp, ln};
use crate::queueing::saturated_throughput_per_second;
use crate::scenario::model::{Distribution, Service};

/// Fewer requests than this are none.
const NEGLIGIBLE_REQUESTS: f64 = 0.01;

/// One task of a service, as a queue.
#[derive(Clone, Debug)]
pub struct TaskModel {
    /// vCPUs of the task.
    pub cores: f64,
    /// Fraction of the task's CPU used whatever the traffic.
    pub idle_cpu: f64,
    /// CPU time of a request in seconds on one whole vCPU.
    pub cpu_time: Distribution,
    /// Time in seconds that the slot is held without CPU.
    pub wait_time: Distribution,
    /// Mean burst in seconds of a request that is alone on the task.
    pub lone_burst_seconds: f64,
    /// Mean time in seconds that a lone request holds its slot.
    pub lone_response_seconds: f64,
    /// Requests that the task works on at once.
    pub concurrency: u32,
    /// Requests that the task holds at most, waiting ones included; infinite without a limit.
    pub most_requests: f64,
    /// Requests per second that the task completes when it is never idle.
    pub saturated_rate: f64,
    /// Seconds from arrival after which a request has failed; none: no limit.
    pub timeout: Option<Distribution>,
    /// Whether clients leave what they have not used of the CPU to the others when they give up, all after as long, and the CPU is what limits.
    pub gives_cpu_back: bool,
    /// Fraction of requests answered with an error.
    pub error_rate: f64,
}

impl TaskModel {
    /// The model of a service's tasks.
    #[must_use]
    pub fn new(service: &Service) -> Self {
        let workload = &service.workload;
        let cores = service.task.cpu.as_vcpu();
        let for_requests = cores * (1.0 - workload.idle_cpu);
        let cpu_seconds = workload.cpu_time.mean();
        let lone_burst_seconds = if cpu_seconds > 0.0 { cpu_seconds / for_requests.min(1.0) } else { 0.0 };
        let wait_seconds = workload.wait_time.mean();
        let burst_on_own_core = if for_requests < 1.0 { lone_burst_seconds } else { cpu_seconds };
        let saturated_rate = saturated_throughput_per_second(workload.concurrency, for_requests.max(1.0), burst_on_own_core, wait_seconds);
        Self {
            cores,
            idle_cpu: workload.idle_cpu,
            cpu_time: workload.cpu_time.clone(),
            wait_time: workload.wait_time.clone(),
            lone_burst_seconds,
            lone_response_seconds: lone_burst_seconds + wait_seconds,
            concurrency: workload.concurrency,
            most_requests: workload.backlog.map_or(f64::INFINITY, |backlog| f64::from(workload.concurrency) + f64::from(backlog)),
            saturated_rate,
            timeout: workload.timeout.clone(),
            gives_cpu_back: workload.timeout.as_ref().is_some_and(Distribution::is_constant)
                && !workload.finishes_late_requests
                && saturated_rate * cpu_seconds >= 0.99 * for_requests,
            error_rate: workload.error_rate,
        }
    }

    /// vCPUs that requests can use.
    #[must_use]
    pub fn cores_for_requests(&self) -> f64 {
        self.cores * (1.0 - self.idle_cpu)
    }

    /// The share of requests that a response of this many seconds is too late for.
    #[must_use]
    pub fn late_share(&self, response_seconds: f64) -> f64 {
        match &self.timeout {
            None => 0.0,
            // The last bits of a queue exactly as long as the timeout do not make it late.
            Some(Distribution::Constant { value }) => f64::from(u8::from(response_seconds > *value * (1.0 + 1e-9))),
            Some(timeout) => 1.0 - timeout.tail(response_seconds),
        }
    }

    /// Whether requests differ in how long they are waited for.
    #[must_use]
    pub fn has_random_timeout(&self) -> bool {
        self.timeout.as_ref().is_some_and(|timeout| !matches!(timeout, Distribution::Constant { .. }))
    }

    /// No response sooner than this many seconds comes too late.
    #[must_use]
    pub fn earliest_timeout_seconds(&self) -> f64 {
        match &self.timeout {
            None => f64::INFINITY,
            Some(Distribution::Constant { value }) => *value,
            Some(_) => 0.0,
        }
    }

    /// Requests that a task without arrivals still has after a while: it works at full rate until all that
    /// is left is in progress, which then ends within a mean response time or so.
    #[must_use]
    pub fn left_after(&self, number: f64, seconds: f64) -> f64 {
        let (in_progress, at_full_rate) = self.last_requests(number);
        if seconds < at_full_rate {
            return number - seconds * self.saturated_rate;
        }
        if self.lone_response_seconds <= 0.0 {
            return 0.0;
        }
        let left = in_progress * exp(-(seconds - at_full_rate) / self.lone_response_seconds);
        if left < NEGLIGIBLE_REQUESTS { 0.0 } else { left }
    }

    /// Seconds until a task without arrivals has answered the last of so many requests.
    #[must_use]
    pub fn seconds_to_finish(&self, number: f64) -> f64 {
        let (in_progress, at_full_rate) = self.last_requests(number);
        at_full_rate + self.lone_response_seconds * ln((in_progress / NEGLIGIBLE_REQUESTS).max(1.0))
    }

    /// Of so many requests, those that are in progress once no other waits, and the seconds until then.
    fn last_requests(&self, number: f64) -> (f64, f64) {
        let in_progress = number.min(self.saturated_rate * self.lone_response_seconds);
        (in_progress, (number - in_progress) / self.saturated_rate)
    }

    /// Requests in a task beyond which every further one is turned away or comes too late, and whether it
    /// is the timeout that binds.
    #[must_use]
    pub fn most_useful_requests(&self) -> (f64, bool) {
        let in_time = match &self.timeout {
            Some(Distribution::Constant { value }) => (value * self.saturated_rate).max(1.0),
            _ => f64::INFINITY,
        };
        (in_time.min(self.most_requests), in_time < self.most_requests)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Half a vCPU, requests of 40 ms CPU (cv 1.5) and 80 ms of waiting, as few tasks are told apart.
    pub(crate) fn half_vcpu() -> TaskModel {
        TaskModel {
            cores: 0.5,
            idle_cpu: 0.0,
            cpu_time: Distribution::Lognormal { mean: 0.04, cv: 1.5 },
            wait_time: Distribution::constant(0.08),
            lone_burst_seconds: 0.08,
            lone_response_seconds: 0.16,
            concurrency: 64,
            most_requests: 192.0,
            saturated_rate: saturated_throughput_per_second(64, 1.0, 0.08, 0.08),
            timeout: Some(Distribution::constant(60.0)),
            gives_cpu_back: true,
            error_rate: 0.0,
        }
    }

    #[test]
    fn the_backlog_binds_before_a_long_timeout_and_after_a_short_one() {
        let mut task = half_vcpu();
        assert_eq!(task.most_useful_requests(), (192.0, false));
        task.timeout = Some(Distribution::constant(1.0));
        let (most, late) = task.most_useful_requests();
        assert!(late && (most - 12.5).abs() < 1e-3, "{most}");
    }

    #[test]
    fn a_response_is_late_by_the_distribution_of_the_timeout() {
        let mut task = half_vcpu();
        assert!((task.late_share(59.0) - 0.0).abs() < 1e-12 && (task.late_share(61.0) - 1.0).abs() < 1e-12);
        task.timeout = Some(Distribution::Exponential { mean: 10.0 });
        assert!((task.late_share(10.0) - (1.0 - (-1.0_f64).exp())).abs() < 1e-9);
        task.timeout = None;
        assert!(task.late_share(1e9) < 1e-12);
    }
}
