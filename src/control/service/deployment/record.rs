//! What a deployment was, for the result.

use crate::units::SimTime;

/// How a deployment ended, in the words of Amazon ECS (ServiceDeployment: status).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The new revision has not yet taken over.
    InProgress,
    /// It has.
    Successful,
    /// The next deployment came first.
    Stopped,
    /// It failed and stays where it is.
    Failed,
    /// It failed, and the last completed revision has not yet taken over again.
    RollbackInProgress,
    /// It failed, and the last completed revision has taken over again.
    RollbackSuccessful,
}

impl Status {
    /// Its name in a result.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Successful => "SUCCESSFUL",
            Self::Stopped => "STOPPED",
            Self::Failed => "FAILED",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::RollbackSuccessful => "ROLLBACK_SUCCESSFUL",
        }
    }
}

/// One deployment. Sums of task-seconds run from its start, or that of the window, to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// How traffic moves, in the words of a scenario.
    pub strategy: &'static str,
    /// When it began.
    pub started: SimTime,
    /// When it ended; none while it has not.
    pub finished: Option<SimTime>,
    /// How it ended.
    pub status: Status,
    /// Why it failed.
    pub reason: Option<String>,
    /// Tasks of the new revision that it launched.
    pub launched: u64,
    /// Tasks of these that stopped before they ran, or failed their health checks.
    pub failed: u64,
    /// Billed task-seconds by provider.
    pub billed_seconds: Vec<f64>,
    /// Billed task-seconds beyond those of the desired count.
    pub extra_seconds: f64,
    /// What was consumed before it.
    before: (Vec<f64>, f64),
}

impl Record {
    pub(super) fn begin(now: SimTime, strategy: &'static str, consumed: (Vec<f64>, f64)) -> Self {
        Self {
            strategy,
            started: now,
            finished: None,
            status: Status::InProgress,
            reason: None,
            launched: 0,
            failed: 0,
            billed_seconds: vec![0.0; consumed.0.len()],
            extra_seconds: 0.0,
            before: consumed,
        }
    }

    pub(super) fn restart(&mut self, consumed: &(Vec<f64>, f64)) {
        self.before = consumed.clone();
    }

    pub(super) fn roll_back(&mut self, reason: String) {
        self.status = Status::RollbackInProgress;
        self.reason = Some(reason);
    }

    pub(super) fn end(&mut self, now: SimTime, status: Status, reason: Option<String>, consumed: &(Vec<f64>, f64)) {
        self.finished = Some(now);
        self.status = status;
        self.reason = self.reason.take().or(reason);
        self.measure(consumed);
    }

    pub(super) fn measure(&mut self, (billed, desired): &(Vec<f64>, f64)) {
        self.billed_seconds = billed.iter().zip(&self.before.0).map(|(billed, before)| billed - before).collect();
        self.extra_seconds = self.billed_seconds.iter().sum::<f64>() - (desired - self.before.1);
    }
}
