//! What deployments cost the requests of a service.
//!
//! A deployment has the requests that were rejected, timed out or failed between its start and its end, whatever the
//! reason: nothing tells those that would have failed without it. Both ends are instants at which the planes have
//! counted all that ended before.

use jiff::Timestamp;

use super::ServiceRun;
use crate::control::service::DeploymentRecord;
use crate::outcome::{Deployment, RequestCounts};
use crate::simulate::wall_clock;
use crate::traffic::plane::DataPlane;

/// Requests that failed while deployments were in progress.
#[derive(Clone, Debug, Default)]
pub(super) struct FailedRequests {
    /// By deployment, those that ended.
    of_ended: Vec<f64>,
    /// What had failed when the one in progress began.
    before: Option<f64>,
}

impl FailedRequests {
    /// Looks at the deployments so far; `failed` counts requests.
    fn observe(&mut self, records: &[DeploymentRecord], failed: impl Fn() -> f64) {
        // A deployment ends before the next begins: all but the last have ended.
        let is_in_progress = records.last().is_some_and(|last| last.finished.is_none());
        let ended = records.len() - usize::from(is_in_progress);
        if ended == self.of_ended.len() && is_in_progress == self.before.is_some() {
            return;
        }
        let now = failed();
        while self.of_ended.len() < ended {
            // One that began and ended at the same instant has none.
            self.of_ended.push(now - self.before.take().unwrap_or(now));
        }
        self.before = is_in_progress.then(|| self.before.unwrap_or(now));
    }

    /// Forgets what was before the window: nothing has failed yet.
    fn restart(&mut self) {
        self.of_ended.clear();
        self.before = self.before.map(|_| 0.0);
    }

    /// Of each deployment, `failed` in all.
    fn finish(mut self, failed: f64) -> Vec<f64> {
        self.of_ended.extend(self.before.map(|before| failed - before));
        self.of_ended
    }
}

/// Requests that did not get what they came for.
fn failed(counts: &RequestCounts) -> f64 {
    counts.rejected + counts.timed_out + counts.failed
}

impl ServiceRun {
    /// Takes note of deployments that began or ended now.
    pub(super) fn observe_deployments(&mut self, plane: &dyn DataPlane) {
        let member = self.member;
        self.failed_requests.observe(self.control.deployments(), || failed(&plane.figures(member).requests));
    }

    /// The window begins.
    pub(super) fn restart_deployments(&mut self) {
        self.failed_requests.restart();
    }

    /// The deployments of the window, when it is over.
    pub(super) fn deployments(&mut self, start: Timestamp, counts: &RequestCounts) -> Vec<Deployment> {
        let failed = std::mem::take(&mut self.failed_requests).finish(failed(counts));
        let outcome = |(record, requests_failed): (&DeploymentRecord, f64)| Deployment {
            started_at: wall_clock(start, record.started),
            finished_at: record.finished.map(|finished| wall_clock(start, finished)),
            strategy: record.strategy,
            status: record.status.name(),
            reason: record.reason.clone(),
            tasks_launched: record.launched,
            failed_tasks: record.failed,
            requests_failed: requests_failed.max(0.0),
            extra_task_hours: extra_task_hours(record),
        };
        self.control.deployments().iter().zip(failed).map(outcome).collect()
    }
}

/// Task-hours beyond those of the desired count, divided among providers as the tasks of that time were.
fn extra_task_hours(record: &DeploymentRecord) -> Vec<f64> {
    let all: f64 = record.billed_seconds.iter().sum();
    let share = |seconds: &f64| if all > 0.0 { record.extra_seconds * seconds / all / 3600.0 } else { 0.0 };
    record.billed_seconds.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_belong_to_the_deployment_in_which_they_happen() {
        let mut requests = FailedRequests::default();
        requests.observe(&[], || panic!("nobody asks"));
        assert_eq!(requests.clone().finish(7.0), [0.0; 0]);
        requests.before = Some(3.0);
        assert_eq!(requests.clone().finish(7.0), [4.0]);
        requests.restart();
        assert_eq!(requests.finish(2.0), [2.0]);
    }
}
