//! Deployments that cannot go on, or never give up.

use super::{Finding, note, path, warning};
use crate::scenario::model::{AlarmRule, EventKind, Metric, NamedAlarm, Scenario, Service, TrafficShift};
use crate::units::SimDuration;

/// Alarms with shorter periods read metrics of 20 seconds, which are published sooner.
const MINUTE: SimDuration = SimDuration::from_seconds(60);

/// Deployments of a service among the events.
pub fn advise(scenario: &Scenario, number: usize, findings: &mut Vec<Finding>) {
    let service = &scenario.services[number];
    findings.extend(without_effect(scenario, number));
    if let Some(shift) = &service.traffic_shift {
        late_alarms(scenario, service, shift, findings);
        // The bounds and the circuit breaker are those of rolling deployments.
        return;
    }
    let start_failures = scenario.events.iter().filter_map(|event| match event.kind {
        EventKind::Deployment { service: of, revision } if of == number => {
            service.revisions.get(revision as usize).map(|revision| revision.start_failure)
        }
        EventKind::Redeployment { service: of, start_failure } if of == number => Some(start_failure),
        _ => None,
    });
    let Some(worst) = start_failures.max_by(f64::total_cmp) else { return };
    if worst > 0.0 && service.circuit_breaker.is_none() {
        findings.push(note(
            "start-failure-without-breaker",
            path(service, "deployment_configuration.deployment_circuit_breaker"),
            "without a circuit breaker starts that fail are tried for ever, and nothing scales in meanwhile".into(),
            "use deployment_circuit_breaker: {enable: true, rollback: true}",
        ));
    }
}

/// Deployments that cannot go on, and alarms that never see what they are to guard against.
pub fn without_effect(scenario: &Scenario, number: usize) -> Vec<Finding> {
    let service = &scenario.services[number];
    let mut findings = silent_alarms(scenario, service);
    let is_deployed = scenario.events.iter().any(|event| match event.kind {
        EventKind::Deployment { service: of, .. } | EventKind::Redeployment { service: of, .. } => of == number,
        _ => false,
    });
    if !is_deployed || service.traffic_shift.is_some() {
        return findings;
    }
    if let Some(tasks) = counts(service).find(|&tasks| is_stuck(service, tasks)) {
        findings.push(warning(
            "deployment-without-room",
            path(service, "deployment_configuration"),
            format!(
                "with a desired count of {tasks} no task may go (minimum_healthy_percent, rounded up) and none may come \
                 (maximum_percent, rounded down): a deployment waits until the count changes"
            ),
            "raise maximum_percent or lower minimum_healthy_percent by a whole task",
        ));
    }
    findings
}

/// Alarms on periods in which their metric has no datapoint: they lack data most of the time.
fn silent_alarms(scenario: &Scenario, service: &Service) -> Vec<Finding> {
    let watching = service.deployment_alarms.iter().flat_map(|alarms| &alarms.alarms);
    let alarms = watching.filter_map(|&alarm| scenario.alarms.get(alarm));
    let is_silent = |alarm: &&NamedAlarm| {
        let watched = scenario.services.get(alarm.service).is_some_and(|service| service.high_resolution_metrics);
        let is_fine = watched && matches!(alarm.series.metric, Metric::CpuUtilization | Metric::MemoryUtilization);
        alarm.rule.period < if is_fine { SimDuration::from_seconds(20) } else { MINUTE }
    };
    let finding = |alarm: &NamedAlarm| {
        warning(
            "alarm-without-data",
            format!("alarms.{}", alarm.name),
            format!(
                "its period of {} is shorter than the time between two datapoints of its metric, so it may never ring",
                alarm.rule.period
            ),
            "use a period of 60, or 20 with monitoring: {resolution_seconds: 20} for CPU and memory",
        )
    };
    alarms.filter(is_silent).map(finding).collect()
}

/// Alarms that cannot go to ALARM before the deployment which they guard is over.
fn late_alarms(scenario: &Scenario, service: &Service, shift: &TrafficShift, findings: &mut Vec<Finding>) {
    let steps = (0..).map_while(|step| shift.share_percent(step)).count() as i64;
    let watched = shift.step_bake * (steps - 1) + shift.bake;
    let watching = service.deployment_alarms.iter().flat_map(|alarms| &alarms.alarms);
    for alarm in watching.filter_map(|&alarm| scenario.alarms.get(alarm)) {
        // The first datapoint may be that of the period in which traffic begins to move.
        let AlarmRule { period, datapoints_to_alarm, .. } = alarm.rule;
        let earliest = period * (i64::from(datapoints_to_alarm) - 1) + scenario.assumptions.minute_publication_delay;
        if period >= MINUTE && watched < earliest {
            findings.push(warning(
                "alarm-after-bake-time",
                path(service, "deployment_configuration.alarms"),
                format!(
                    "alarm {} sees a bad revision {earliest} after traffic begins to move at the earliest, and the deployment is over \
                     {watched} after it",
                    alarm.name
                ),
                "lengthen the bake times, or shorten the alarm's evaluation",
            ));
        }
    }
}

/// The desired counts that a service may have.
fn counts(service: &Service) -> std::ops::RangeInclusive<u32> {
    let fixed = service.desired_count..=service.desired_count;
    service.scaling.as_ref().map_or(fixed, |scaling| scaling.min_capacity.max(1)..=scaling.max_capacity)
}

/// Whether the percents leave no room for a single task.
fn is_stuck(service: &Service, tasks: u32) -> bool {
    let of = |percent: f64| f64::from(tasks) * percent / 100.0;
    tasks > 0 && of(service.minimum_healthy_percent).ceil() >= f64::from(tasks) && of(service.maximum_percent).floor() <= f64::from(tasks)
}
