//! Cooldowns that end before new tasks serve, or that are too short to pace anything.

use super::{Finding, note, policies, policy_path, tracking_policies};
use crate::scenario::model::{Adjustment, Assumptions, Policy, Scenario, Service};
use crate::units::SimDuration;

/// An alarm that stays in ALARM invokes its policy once a minute.
const MINUTE: SimDuration = SimDuration::from_seconds(60);

/// Everything about cooldowns.
pub fn advise(scenario: &Scenario, service: &Service, findings: &mut Vec<Finding>) {
    let serving = from_running_to_serving(&scenario.assumptions, service);
    findings.extend(policies(service).filter_map(|policy| short_scale_out(service, policy, serving)));
    for policy in tracking_policies(service).filter(|policy| !policy.disable_scale_in && policy.scale_in_cooldown < MINUTE) {
        let message = format!(
            "a scale_in_cooldown of {} paces nothing, since an alarm acts once a minute; nor does it speed up the first scale-in, which waits for 15 minutes of low metric",
            policy.scale_in_cooldown
        );
        let remedy = "60 seconds and more let the metric show one scale-in before the next; AWS's default is 300";
        findings.push(note("scale-in-cooldown-below-a-minute", policy_path(service, &policy.name, "scale_in_cooldown"), message, remedy));
    }
}

/// From a started container to a task that serves, on average: its start-up, and with a balancer the ticks of the
/// scheduler until it is registered, half a tick to the next one, and the first health check.
fn from_running_to_serving(assumptions: &Assumptions, service: &Service) -> SimDuration {
    let ready = SimDuration::from_seconds_f64(service.workload.start_up.time.mean());
    if service.target_group.is_none() {
        return ready;
    }
    let tick = assumptions.scheduler_tick;
    let registered = ready.max(tick * i64::from(assumptions.registration_ticks));
    registered + SimDuration::from_nanos(tick.as_nanos() / 2) + assumptions.first_health_check
}

/// The cooldown after a scale-out by this policy, and its key; none when the policy adds no tasks.
fn scale_out_cooldown(policy: &Policy) -> Option<(SimDuration, &'static str)> {
    match policy {
        Policy::TargetTracking(policy) => Some((policy.scale_out_cooldown, "scale_out_cooldown")),
        Policy::Step(policy) => {
            let adds = policy.adjustment != Adjustment::ExactCapacity && policy.steps.iter().any(|step| step.adjustment > 0);
            adds.then_some((policy.cooldown, "cooldown"))
        }
        Policy::Predictive(_) => None,
    }
}

/// A cooldown begins when the new tasks run; provisioning and pull lie before it.
fn short_scale_out(service: &Service, policy: &Policy, serving: SimDuration) -> Option<Finding> {
    let (cooldown, key) = scale_out_cooldown(policy).filter(|(cooldown, _)| *cooldown < serving)?;
    let message = format!(
        "the cooldown begins when new tasks run and ends after {cooldown}; they serve after {:.0} s: the policy may add more for a load that they are about to take",
        serving.as_seconds_f64()
    );
    let remedy = "make it longer than start-up and registration, better by the minutes until the metric shows the new tasks";
    Some(note("cooldown-shorter-than-start-up", policy_path(service, policy.name(), key), message, remedy))
}
