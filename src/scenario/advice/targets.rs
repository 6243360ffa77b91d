//! Targets that leave no room, that an idle task exceeds, that no request count reaches, or that
//! max_capacity keeps out of reach.

use super::capacity::{needed_vcpu, stated_peak_rps, usable_vcpu};
use super::{Finding, note, policy_path, tracking_policies, warning};
use crate::scenario::model::{ALARM_LOW_FRACTION, Metric, MetricSource, Service, Statistic, TargetTracking, TrackedMetric};

/// A CPU target above this leaves no room for the minutes until new tasks serve: a judgement.
const HIGH_TARGET_PERCENT: f64 = 75.0;

/// Everything about the values of targets.
pub fn advise(service: &Service, findings: &mut Vec<Finding>) {
    for policy in tracking_policies(service) {
        let finding = match &policy.metric {
            TrackedMetric::AlbRequestCountPerTarget => requests_per_target(service, policy),
            TrackedMetric::CpuUtilization { .. } | TrackedMetric::MemoryUtilization { .. } => percent(service, policy),
            TrackedMetric::Customized(_) => None,
        };
        let finding = finding.or_else(|| idle(service, policy)).or_else(|| clipped(service, policy));
        findings.extend(finding);
    }
}

/// Requests in a minute that a task carries, by its CPU and by its slots.
fn carried_per_minute(service: &Service) -> f64 {
    let workload = &service.workload;
    let cpu_seconds = workload.cpu_time.mean();
    let by_cpu = usable_vcpu(service) / cpu_seconds;
    let by_slots = f64::from(workload.concurrency) / (cpu_seconds + workload.wait_time.mean());
    60.0 * by_cpu.min(by_slots)
}

/// ALBRequestCountPerTarget counts requests of a minute. A target that would fit a task if it counted those of
/// a second was probably meant to; one beyond what a task carries is reached when the task is saturated already.
fn requests_per_target(service: &Service, policy: &TargetTracking) -> Option<Finding> {
    let carried = carried_per_minute(service);
    let place = policy_path(service, &policy.name, "target_value");
    if !carried.is_finite() || carried <= 0.0 {
        return None;
    }
    if policy.target_value <= carried / 60.0 {
        let message = format!(
            "{} requests per minute and target are {:.1} % of the {carried:.0} that a task carries; the unit is a minute",
            policy.target_value,
            100.0 * policy.target_value / carried
        );
        return Some(warning("target-per-minute", place, message, "multiply requests per second by 60"));
    }
    (policy.target_value > carried).then(|| {
        let message =
            format!("a task is saturated at {carried:.0} requests a minute, before the target of {} is exceeded", policy.target_value);
        warning("target-beyond-task", place, message, "choose about two thirds of what a task carries")
    })
}

/// A utilisation ends at 100 %.
fn percent(service: &Service, policy: &TargetTracking) -> Option<Finding> {
    let place = policy_path(service, &policy.name, "target_value");
    if policy.target_value > 100.0 {
        let message = format!("{} % can never be exceeded: a Fargate task's utilisation ends at 100 %", policy.target_value);
        return Some(warning("target-above-100", place, message, "choose a target between 40 and 70"));
    }
    let leaves_no_room = matches!(policy.metric, TrackedMetric::CpuUtilization { .. }) && policy.target_value > HIGH_TARGET_PERCENT;
    leaves_no_room.then(|| {
        let message = format!(
            "at {} % one step grows capacity by {:.0} % at most, since utilisation ends at 100 %",
            policy.target_value,
            (100.0 / policy.target_value - 1.0) * 100.0
        );
        let remedy = "choose a lower target, or add requests per target as a second policy";
        warning("target-leaves-no-room", place, message, remedy)
    })
}

/// What a task without requests shows of a metric, in percent, and the key that makes it so.
fn idle_percent(service: &Service, metric: &TrackedMetric) -> Option<(f64, &'static str)> {
    let MetricSource::One(series) = metric.source() else { return None };
    let is_utilisation = matches!(series.statistic, Statistic::Average | Statistic::Minimum | Statistic::Maximum);
    match series.metric {
        Metric::CpuUtilization if is_utilisation => Some((100.0 * service.workload.idle_cpu, "workload.idle_cpu")),
        Metric::MemoryUtilization if is_utilisation => {
            let of_task = service.workload.memory_base_bytes / service.task.memory.as_bytes() as f64;
            Some((100.0 * of_task, "workload.memory.base"))
        }
        _ => None,
    }
}

/// More tasks do not relieve what every task uses by itself. From nine tenths of the target on AlarmLow never
/// goes off, so the policy never scales in, and target tracking scales in only when every policy is ready to
/// (AWS, target tracking overview).
fn idle(service: &Service, policy: &TargetTracking) -> Option<Finding> {
    let (idle, key) = idle_percent(service, &policy.metric)?;
    let place = policy_path(service, &policy.name, "target_value");
    let target = policy.target_value;
    let remedy = "raise the target well above what an idle task uses, or give the task more";
    if idle > target {
        let message =
            format!("an idle task is at {idle:.0} % by {key}, above the target of {target} %: capacity grows to max_capacity and stays");
        return Some(warning("idle-above-target", place, message, remedy));
    }
    (idle >= ALARM_LOW_FRACTION * target && !policy.disable_scale_in).then(|| {
        let message = format!(
            "an idle task is at {idle:.0} % by {key}, never below {ALARM_LOW_FRACTION} x {target}: the policy never scales in, and no other target tracking policy does"
        );
        warning("idle-holds-scale-in", place, message, remedy)
    })
}

/// Tasks at which the stated peak meets the target.
fn wanted_at(service: &Service, policy: &TargetTracking, peak_rps: f64) -> Option<f64> {
    let per_task = match policy.metric {
        TrackedMetric::CpuUtilization { .. } => {
            let for_requests = policy.target_value / 100.0 - service.workload.idle_cpu;
            return (for_requests > 0.0).then(|| (needed_vcpu(service, peak_rps) / (for_requests * service.task.cpu.as_vcpu())).ceil());
        }
        TrackedMetric::AlbRequestCountPerTarget => policy.target_value / 60.0,
        TrackedMetric::MemoryUtilization { .. } | TrackedMetric::Customized(_) => return None,
    };
    Some((peak_rps / per_task).ceil())
}

/// Whether max_capacity ends a scale-out before the target is met; where it cannot even carry the peak, another
/// finding says so.
fn clipped(service: &Service, policy: &TargetTracking) -> Option<Finding> {
    let most = service.scaling.as_ref()?.max_capacity;
    let peak_rps = stated_peak_rps(service)?;
    let carries_peak = needed_vcpu(service, peak_rps) <= usable_vcpu(service) * f64::from(most);
    let wanted = wanted_at(service, policy, peak_rps)?;
    (carries_peak && wanted > f64::from(most)).then(|| {
        let message = format!(
            "at the stated peak of {peak_rps:.0} requests a second the policy {} wants {wanted:.0} tasks; max_capacity ends it at {most}, above its target",
            policy.name
        );
        let path = super::path(service, "scaling.max_capacity");
        note("max-capacity-clips-policy", path, message, "raise max_capacity, or accept less room at the peak")
    })
}
