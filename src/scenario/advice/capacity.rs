//! Few tasks, bounds that are too near, what draining costs, sizes that the bill lacks.

use super::{Finding, note, path, tracking_policies, warning};
use crate::scenario::model::{Platform, Scaling, Scenario, Service, TrafficKind};
use crate::units::SimDuration;

/// Below this many tasks the rule against flapping, not the low alarm, decides on scale-in: removing one
/// of n raises the metric by n / (n - 1), which for n < 10 outweighs the alarm's tenth below the target.
const FLAPPING_TASKS: u32 = 10;

/// A deregistration delay from here on shows in the bill of a service that scales: a judgement.
const LONG_DELAY: SimDuration = SimDuration::from_seconds(300);

/// Everything about the number of tasks.
pub fn advise(scenario: &Scenario, service: &Service, findings: &mut Vec<Finding>) {
    windows(service, findings);
    if let Some(scaling) = &service.scaling {
        bounds(service, scaling, findings);
    }
    deregistration(service, findings);
    data(scenario, service, findings);
    peak(service, findings);
}

fn windows(service: &Service, findings: &mut Vec<Finding>) {
    if service.task.platform == Platform::WindowsX86 {
        findings.push(note(
            "windows",
            path(service, "task_definition.runtime_platform"),
            "Windows tasks are charged a licence for each vCPU-hour, start in minutes and have no Spot".into(),
            "state start_up as you measure it",
        ));
    }
}

/// Few tasks.
fn bounds(service: &Service, scaling: &Scaling, findings: &mut Vec<Finding>) {
    // Messages wait where requests fail: a worker may scale to nothing.
    if scaling.min_capacity <= 1 && service.workload.queue.is_none() {
        findings.push(warning(
            "min-capacity-one",
            path(service, "scaling.min_capacity"),
            format!("with min_capacity {} the loss of one task or zone interrupts the service", scaling.min_capacity),
            "keep 2 tasks, in different zones",
        ));
    }
    let scales_in = tracking_policies(service).any(|policy| !policy.disable_scale_in) && !scaling.suspended.dynamic_scaling_in;
    if scales_in && scaling.min_capacity < FLAPPING_TASKS && scaling.min_capacity < scaling.max_capacity {
        findings.push(note(
            "few-tasks-scale-in-late",
            path(service, "scaling"),
            format!(
                "below {FLAPPING_TASKS} tasks the rule against flapping holds scale-in back: from 2 tasks to 1 the metric must fall to half of its target"
            ),
            "smaller tasks in larger numbers follow the load more closely",
        ));
    }
    if scaling.min_capacity == scaling.max_capacity && !scaling.policies.is_empty() {
        findings.push(note(
            "nothing-to-scale",
            path(service, "scaling"),
            format!("min_capacity and max_capacity are both {}: policies have no effect", scaling.max_capacity),
            "raise max_capacity",
        ));
    }
}

/// The default delay of 300 s is paid for by every task that leaves.
fn deregistration(service: &Service, findings: &mut Vec<Finding>) {
    let scales = service.scaling.as_ref().is_some_and(|scaling| !scaling.policies.is_empty());
    if let Some(group) = service.target_group.as_ref().filter(|group| scales && group.deregistration_delay >= LONG_DELAY) {
        findings.push(note(
            "deregistration-delay-cost",
            path(service, "load_balancer.deregistration_delay"),
            format!("every task that scales in is billed for {} more while it drains", group.deregistration_delay),
            "set it little above the longest request",
        ));
    }
}

/// Sizes that the bill depends on.
fn data(scenario: &Scenario, service: &Service, findings: &mut Vec<Finding>) {
    let Some(group) = &service.target_group else { return };
    if service.workload.response_size_bytes == 0.0 {
        let is_public = scenario.load_balancers.get(group.load_balancer).is_some_and(|balancer| !balancer.internal);
        let missing = if is_public {
            "data out to the internet and the balancer's capacity units lack"
        } else {
            "the balancer's capacity units lack"
        };
        findings.push(warning(
            "response-size-not-given",
            path(service, "workload.response_size"),
            format!("no response_size is given: {missing} the bytes of responses"),
            "give request_size and response_size",
        ));
    }
}

/// The largest rate that the scenario itself states, in requests per second; none with a trace.
pub fn stated_peak_rps(service: &Service) -> Option<f64> {
    let mut total = 0.0;
    for source in &service.traffic {
        let base = match &source.kind {
            TrafficKind::Trace(_) | TrafficKind::Users(_) | TrafficKind::Calls(_) => return None,
            TrafficKind::Constant(rate) => *rate,
            TrafficKind::Pattern(pattern) => pattern.peak_rps * pattern.weekend_factor.max(1.0),
        };
        total += base * source.spikes.iter().map(|spike| spike.factor).fold(1.0, f64::max);
    }
    Some(total)
}

/// The CPU that requests at this rate use, in vCPU.
pub fn needed_vcpu(service: &Service, rate_rps: f64) -> f64 {
    rate_rps * service.workload.cpu_time.mean()
}

/// The CPU of a task that requests can use, in vCPU.
pub fn usable_vcpu(service: &Service) -> f64 {
    service.task.cpu.as_vcpu() * (1.0 - service.workload.idle_cpu)
}

/// Whether all tasks together can carry the stated peak.
fn peak(service: &Service, findings: &mut Vec<Finding>) {
    let Some(peak_rps) = stated_peak_rps(service) else { return };
    let (most, key) = match &service.scaling {
        Some(scaling) => (scaling.max_capacity, "scaling.max_capacity"),
        None => (service.desired_count, "desired_count"),
    };
    let needed = needed_vcpu(service, peak_rps);
    let available = usable_vcpu(service) * f64::from(most);
    if needed > available {
        findings.push(warning(
            "max-capacity-too-small",
            path(service, key),
            format!("{most} tasks have {available:.1} vCPU; the stated peak of {peak_rps:.0} requests a second needs {needed:.1}"),
            "raise it, or give tasks more CPU",
        ));
    }
}
