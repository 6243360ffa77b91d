//! What a deployment was and did.

use jiff::Timestamp;

/// One deployment of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Deployment {
    /// When it began; before the window for one that the window found in progress.
    pub started_at: Timestamp,
    /// When it ended; none while it has not.
    pub finished_at: Option<Timestamp>,
    /// How it went about it, in the words of a scenario: `ROLLING` and its like.
    pub strategy: &'static str,
    /// How it ended, in the words of Amazon ECS: `SUCCESSFUL` and its like.
    pub status: &'static str,
    /// Why it failed.
    pub reason: Option<String>,
    /// Tasks of the new revision that it launched.
    pub tasks_launched: u64,
    /// Tasks of these that stopped before they ran, or failed their health checks.
    pub failed_tasks: u64,
    /// Requests that were rejected, timed out or failed between its start and its end, whatever the reason.
    pub requests_failed: f64,
    /// Billed task-hours between its start and its end beyond those of the desired count, by capacity provider: Fargate, Fargate
    /// Spot and the groups of instances in their order; less than none where it made do with fewer tasks.
    pub extra_task_hours: Vec<f64>,
}
