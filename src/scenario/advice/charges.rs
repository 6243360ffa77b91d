//! Charges that grow without end, or for nothing.

use super::{Finding, note, path};
use crate::scenario::model::Service;
use crate::units::SimDuration;

/// Logs that are kept for ever, and receives that do not wait.
pub fn advise(service: &Service, findings: &mut Vec<Finding>) {
    let workload = &service.workload;
    if workload.logs_per_request_bytes > 0.0 && workload.logs_retention_days.is_none() {
        findings.push(note(
            "logs-never-expire",
            path(service, "workload.logs_retention_in_days"),
            "logs are kept for ever, CloudWatch's default: their storage costs more every month, and the bill shows the first one".into(),
            "set logs_retention_in_days, as aws_cloudwatch_log_group's retention_in_days",
        ));
    }
    // SQS, short and long polling: a call that waits costs no more than one that does not.
    if workload.queue.is_some_and(|queue| queue.receive_wait_time == SimDuration::ZERO) {
        findings.push(note(
            "short-polling",
            path(service, "workload.receive.wait_time"),
            "every free worker calls the queue again at once when it is empty, and each call is charged".into(),
            "use receive.wait_time: 20s",
        ));
    }
}
