//! Deployments of a service: what a new revision changes, and when one counts as failed.

use super::Workload;

/// What a deployment brings: the tasks that are started from then on.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// What a request costs its tasks, and how they start. Only what [`Revision::changes_serving`] looks at, and the
    /// start-up but for its CPU, differs from the service's own workload.
    pub workload: Workload,
    /// The share of its tasks that stop after their image pull instead of starting, 0 to 1.
    pub start_failure: f64,
}

impl Revision {
    /// Whether its tasks serve requests in another way than those of the service's first revision.
    #[must_use]
    pub fn changes_serving(&self, first: &Workload) -> bool {
        let of = |workload: &Workload| (workload.cpu_time.clone(), workload.wait_time.clone(), workload.error_rate.to_bits());
        of(&self.workload) != of(first)
    }
}

/// Ends a deployment that keeps failing (AWS, deployment-circuit-breaker).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CircuitBreaker {
    /// Whether a failed deployment is followed by one of the last revision that was completed.
    pub rollback: bool,
    /// Whether a healthy task sets the count of failures to 0.
    pub reset_on_healthy_task: bool,
    /// How many failures it takes.
    pub threshold: BreakerThreshold,
}

/// How many failed tasks make a failed deployment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BreakerThreshold {
    /// This many percent of the desired count, rounded up, but at least 3 and at most 200.
    BoundedPercent(f64),
    /// This many percent of the desired count, rounded up.
    UnboundedPercent(f64),
    /// This many.
    Count(u32),
}

/// The fewest failures of a bounded threshold (AWS, deployment-circuit-breaker; 10 until 2023).
const LEAST_BOUNDED: u32 = 3;
/// The most failures of a bounded threshold (same page).
const MOST_BOUNDED: u32 = 200;

impl BreakerThreshold {
    /// The failures that end a deployment of a service that wants so many tasks, at least 1.
    #[must_use]
    pub fn failures(self, desired_count: u32) -> u32 {
        // The product of whole percent is exact before the division.
        let share = |percent: f64| (f64::from(desired_count) * percent / 100.0).ceil() as u32;
        match self {
            Self::BoundedPercent(percent) => share(percent).clamp(LEAST_BOUNDED, MOST_BOUNDED),
            Self::UnboundedPercent(percent) => share(percent).max(1),
            Self::Count(count) => count.max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::BreakerThreshold::{BoundedPercent, Count, UnboundedPercent};

    /// The examples of AWS, deployment-circuit-breaker.
    #[test]
    fn thresholds_are_those_of_the_documentation() {
        let documented = [
            (BoundedPercent(50.0), 1, 3),
            (BoundedPercent(50.0), 25, 13),
            (BoundedPercent(50.0), 400, 200),
            (BoundedPercent(50.0), 800, 200),
            (UnboundedPercent(50.0), 800, 400),
            (Count(5), 10, 5),
        ];
        for (threshold, desired_count, failures) in documented {
            assert_eq!(threshold.failures(desired_count), failures, "{threshold:?} of {desired_count}");
        }
    }
}
