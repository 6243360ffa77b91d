//! Starts that checks do not wait for, and lazy loading where it does not pay.

use super::{Finding, note, path, warning};
use crate::scenario::model::{Assumptions, Scenario, Service, Workload};
use crate::units::SimDuration;

/// Images larger than this gain from lazy loading, smaller ones may lose (AWS, fargate-tasks-services: SOCI).
const WORTH_LAZY_LOADING_BYTES: f64 = 250.0 * 1024.0 * 1024.0;

/// Everything about starts.
pub fn advise(scenario: &Scenario, service: &Service, findings: &mut Vec<Finding>) {
    let start_up = &service.workload.start_up;
    if start_up.pulled_share < 1.0 && start_up.image_size_bytes <= WORTH_LAZY_LOADING_BYTES {
        findings.push(note(
            "soci-on-a-small-image",
            path(service, "workload.start_up.soci"),
            format!(
                "AWS recommends SOCI for images above 250 MiB, compressed; this one has {:.0} MB and may start later with it",
                start_up.image_size_bytes / 1e6
            ),
            "use soci: false, or measure both",
        ));
    }
    findings.extend(outlasting(&scenario.assumptions, service));
}

/// Starts of the service and of its revisions that outlast their health checks.
pub fn outlasting(assumptions: &Assumptions, service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    patience(assumptions, service, (&service.workload, ""), &mut findings);
    for revision in &service.revisions {
        if revision.workload.start_up != service.workload.start_up {
            patience(assumptions, service, (&revision.workload, " of a deployed revision"), &mut findings);
        }
    }
    findings.dedup();
    findings
}

/// A task that is not ready when its checks have failed often enough is stopped before it ever serves, again and again.
fn patience(assumptions: &Assumptions, service: &Service, (workload, whose): (&Workload, &str), findings: &mut Vec<Finding>) {
    let ready = SimDuration::from_seconds_f64(workload.start_up.time.mean());
    let of_container = service
        .task
        .container_check_patience
        .as_ref()
        .map(|patience| (patience.given_up_at(SimDuration::ZERO), "task_definition.container_definitions", "a longer start_period"));
    let of_balancer = service.target_group.as_ref().map(|group| {
        let registered = assumptions.scheduler_tick * i64::from(assumptions.registration_ticks);
        let failed = registered + group.health_check.interval * i64::from(group.health_check.unhealthy_threshold);
        (
            failed.max(service.health_check_grace_period),
            "health_check_grace_period_seconds",
            "a health_check_grace_period_seconds longer than the start",
        )
    });
    for (patience, key, remedy) in of_container.into_iter().chain(of_balancer).filter(|(patience, ..)| *patience < ready) {
        findings.push(warning(
            "start-up-outlasts-health-checks",
            path(service, key),
            format!(
                "tasks{whose} are ready {:.0} s after their container started, and health checks give them up after about {:.0} s: ECS would replace them before they serve; the simulation lets them become ready",
                ready.as_seconds_f64(),
                patience.as_seconds_f64()
            ),
            &format!("give them {remedy}"),
        ));
    }
}
