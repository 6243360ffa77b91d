//! What is allowed and yet worth a second thought: the findings of `ecsim check`.
//!
//! A finding never stops a run. Each has an id that scripts may rely on, the path of what it speaks of,
//! and a remedy. The facts behind them are AWS's documentation, named at each rule; thresholds that are a
//! judgement say so.

use std::fmt;

use super::model::{CapacityProvider, Distribution, Platform, ScalingMetric, Scenario, Service, TrafficKind};
use crate::units::SimDuration;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Probably not what is wanted.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
        })
    }
}

/// One piece of advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its lasting id: `spot-only`.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// The path inside the scenario: `services.web.capacity_provider_strategy`.
    pub path: String,
    /// What was found and what follows from it.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// The warning before a Spot task is stopped: the AWS Fargate capacity provider guide.
const SPOT_WARNING: SimDuration = SimDuration::from_seconds(120);

/// Below this many tasks the rule against flapping, not the low alarm, decides on scale-in: removing one
/// of n raises the metric by n / (n - 1), which for n < 10 outweighs the alarm's tenth below the target.
const FLAPPING_TASKS: u32 = 10;

/// A CPU target above this leaves no room for the minutes until new tasks serve: a judgement.
const HIGH_TARGET_PERCENT: f64 = 75.0;

/// A deregistration delay from here on shows in the bill of a service that scales: a judgement.
const LONG_DELAY: SimDuration = SimDuration::from_seconds(300);

/// All findings, in the order of the services.
#[must_use]
pub fn advise(scenario: &Scenario) -> Vec<Finding> {
    let mut findings = Vec::new();
    network(scenario, &mut findings);
    for service in &scenario.services {
        spot(service, &mut findings);
        capacity(service, &mut findings);
        deregistration(service, &mut findings);
        targets(service, &mut findings);
        data(scenario, service, &mut findings);
        peak(service, &mut findings);
    }
    findings
}

fn warning(id: &'static str, path: String, message: String, remedy: &str) -> Finding {
    Finding { id, severity: Severity::Warning, path, message, remedy: remedy.to_owned() }
}

fn note(id: &'static str, path: String, message: String, remedy: &str) -> Finding {
    Finding { severity: Severity::Note, ..warning(id, path, message, remedy) }
}

fn path(service: &Service, rest: &str) -> String {
    format!("services.{}.{rest}", service.name)
}

/// Private tasks reach ECR, logs and the internet through NAT gateways or endpoints only.
fn network(scenario: &Scenario, findings: &mut Vec<Finding>) {
    let all_public = scenario.services.iter().all(|service| service.assign_public_ip);
    match &scenario.network {
        None if !all_public => findings.push(warning(
            "no-network",
            "network".into(),
            "no network is given: nothing is charged for the tasks' route to the image registry, to logs and to the internet".into(),
            "describe NAT gateways or endpoints under network, or set network_configuration.assign_public_ip",
        )),
        Some(network) if !network.public_placement && network.nat_gateways == 0 && !all_public => {
            let missing: Vec<&str> = ["s3", "ecr.api", "ecr.dkr"]
                .into_iter()
                .filter(|name| !network.vpc_endpoints.iter().any(|endpoint| endpoint == name))
                .collect();
            if !missing.is_empty() {
                findings.push(warning(
                    "private-subnet-without-nat",
                    "network".into(),
                    format!("private tasks without a NAT gateway and without the endpoints {} cannot pull an image", missing.join(", ")),
                    "add nat_gateways, or these vpc_endpoints",
                ));
            }
        }
        _ => {}
    }
}

fn uses_spot(service: &Service) -> bool {
    service.strategy.iter().any(|item| item.capacity_provider == CapacityProvider::FargateSpot && (item.weight > 0 || item.base > 0))
}

/// Spot: two minutes of warning, no fallback to on-demand.
fn spot(service: &Service, findings: &mut Vec<Finding>) {
    let strategy = path(service, "capacity_provider_strategy");
    if let Some(item) = service.strategy.iter().find(|item| item.weight == 0 && item.base > 0) {
        findings.push(note(
            "weight-0-with-base",
            strategy.clone(),
            format!("{} has a base and weight 0; AWS does not document whether it then places its base", item.capacity_provider.name()),
            "give it weight 1",
        ));
    }
    if !uses_spot(service) {
        return;
    }
    let on_demand =
        service.strategy.iter().any(|item| item.capacity_provider == CapacityProvider::Fargate && (item.weight > 0 || item.base > 0));
    if !on_demand {
        findings.push(warning(
            "spot-only",
            strategy,
            "every task is on Fargate Spot, which has no fallback: in a shortage the service stands still".into(),
            "add FARGATE with a base that carries the least traffic",
        ));
    }
    if service.task.stop_timeout < SPOT_WARNING {
        findings.push(note(
            "stop-timeout-below-spot-warning",
            path(service, "task_definition.container_definitions"),
            format!(
                "an interrupted task is killed after its stop_timeout of {}, though Spot gives it {SPOT_WARNING}",
                service.task.stop_timeout
            ),
            "set stop_timeout: 120 if requests can take that long",
        ));
    }
    if service.target_group.as_ref().is_some_and(|group| group.deregistration_delay >= SPOT_WARNING) {
        findings.push(warning(
            "deregistration-delay-outlasts-spot-warning",
            path(service, "load_balancer.deregistration_delay"),
            format!("a Spot task is gone {SPOT_WARNING} after its warning, before the deregistration delay ends: requests to it fail"),
            "set deregistration_delay below 120",
        ));
    }
}

/// Few tasks and Windows.
fn capacity(service: &Service, findings: &mut Vec<Finding>) {
    if service.task.platform == Platform::WindowsX86 {
        findings.push(note(
            "windows",
            path(service, "task_definition.runtime_platform"),
            "Windows tasks are charged a licence for each vCPU-hour, start in minutes and have no Spot".into(),
            "state start_up as you measure it",
        ));
    }
    let Some(scaling) = &service.scaling else { return };
    if scaling.min_capacity <= 1 {
        findings.push(warning(
            "min-capacity-one",
            path(service, "scaling.min_capacity"),
            format!("with min_capacity {} the loss of one task or zone interrupts the service", scaling.min_capacity),
            "keep 2 tasks, in different zones",
        ));
    }
    let scales_in = scaling.policies.iter().any(|policy| !policy.disable_scale_in) && !scaling.dynamic_scaling_in_suspended;
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

/// Targets that leave no room.
fn targets(service: &Service, findings: &mut Vec<Finding>) {
    for policy in service.scaling.iter().flat_map(|scaling| &scaling.policies) {
        let place = path(service, &format!("scaling.policies.{}.target_value", policy.name));
        if policy.metric == ScalingMetric::AlbRequestCountPerTarget {
            if policy.target_value < 60.0 {
                let message =
                    format!("{} requests per minute and target are less than one a second; the unit is a minute", policy.target_value);
                findings.push(note("target-per-minute", place, message, "multiply requests per second by 60"));
            }
            continue;
        }
        if policy.target_value > 100.0 {
            let message = format!("{} % can never be exceeded: a Fargate task's utilisation ends at 100 %", policy.target_value);
            findings.push(warning("target-above-100", place, message, "choose a target between 40 and 70"));
        } else if policy.metric == ScalingMetric::CpuUtilization && policy.target_value > HIGH_TARGET_PERCENT {
            let message = format!(
                "at {} % one step grows capacity by {:.0} % at most, since utilisation ends at 100 %",
                policy.target_value,
                (100.0 / policy.target_value - 1.0) * 100.0
            );
            findings.push(warning(
                "target-leaves-no-room",
                place,
                message,
                "choose a lower target, or add requests per target as a second policy",
            ));
        }
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

/// The mean of a distribution.
fn mean(distribution: &Distribution) -> f64 {
    match distribution {
        Distribution::Constant { value } => *value,
        Distribution::Exponential { mean }
        | Distribution::Lognormal { mean, .. }
        | Distribution::Gamma { mean, .. }
        | Distribution::Hyperexponential { mean, .. }
        | Distribution::Pareto { mean, .. } => *mean,
        Distribution::Uniform { low, high } => f64::midpoint(*low, *high),
        Distribution::Empirical { values } => values.iter().sum::<f64>() / values.len().max(1) as f64,
    }
}

/// The largest rate that the scenario itself states, in requests per second; none with a trace.
fn stated_peak_rps(service: &Service) -> Option<f64> {
    let mut total = 0.0;
    for source in &service.traffic {
        let base = match &source.kind {
            TrafficKind::Trace(_) => return None,
            TrafficKind::Constant(rate) => *rate,
            TrafficKind::Pattern(pattern) => pattern.peak_rps * pattern.weekend_factor.max(1.0),
        };
        total += base * source.spikes.iter().map(|spike| spike.factor).fold(1.0, f64::max);
    }
    Some(total)
}

/// Whether all tasks together can carry the stated peak.
fn peak(service: &Service, findings: &mut Vec<Finding>) {
    let Some(peak_rps) = stated_peak_rps(service) else { return };
    let cpu_seconds = mean(&service.workload.cpu_time);
    let usable_vcpu = service.task.cpu.as_vcpu() * (1.0 - service.workload.idle_cpu);
    let (most, key) = match &service.scaling {
        Some(scaling) => (scaling.max_capacity, "scaling.max_capacity"),
        None => (service.desired_count, "desired_count"),
    };
    let needed = peak_rps * cpu_seconds;
    let available = usable_vcpu * f64::from(most);
    if needed > available {
        findings.push(warning(
            "max-capacity-too-small",
            path(service, key),
            format!("{most} tasks have {available:.1} vCPU; the stated peak of {peak_rps:.0} requests a second needs {needed:.1}"),
            "raise it, or give tasks more CPU",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Files;
    use crate::scenario::{Request, load};

    struct NoFiles;

    impl Files for NoFiles {
        fn read(&self, _name: &str) -> std::io::Result<Vec<u8>> {
            Err(std::io::ErrorKind::NotFound.into())
        }
    }

    /// A service that nothing is to be said about.
    const SOUND: &str = "
version: 1
network: {placement: private, nat_gateways: 2}
services:
  web:
    task_definition: {cpu: 1024, memory: 2048, container_definitions: [{name: app, stop_timeout: 120}]}
    capacity_provider_strategy: [{capacity_provider: FARGATE, base: 2, weight: 1}, {capacity_provider: FARGATE_SPOT, weight: 1}]
    load_balancer: {deregistration_delay: 60}
    traffic: {constant: 100}
    workload: {cpu_time: 20ms, response_size: 20kB}
    scaling:
      min_capacity: 10
      max_capacity: 20
      policies: [{name: cpu, policy_type: TargetTrackingScaling, predefined_metric_type: ECSServiceAverageCPUUtilization, target_value: 60}]
";

    fn ids(sets: &[&str]) -> Vec<&'static str> {
        let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
        let request = Request { name: "a.yaml", text: SOUND.as_bytes(), sets: &sets, variant: None };
        let loaded = load(&request, &NoFiles).unwrap_or_else(|error| panic!("{error}"));
        advise(&loaded.scenario).iter().map(|finding| finding.id).collect()
    }

    #[test]
    fn a_sound_scenario_needs_no_advice() {
        assert_eq!(ids(&[]), Vec::<&str>::new());
    }

    #[test]
    fn each_finding_has_its_cause() {
        let cases: [(&[&str], &str); 15] = [
            (&["network="], "no-network"),
            (&["network={vpc_endpoints: [s3]}"], "private-subnet-without-nat"),
            (&["services.web.capacity_provider_strategy=[{capacity_provider: FARGATE_SPOT, weight: 1}]"], "spot-only"),
            (&["services.web.capacity_provider_strategy.FARGATE.weight=0"], "weight-0-with-base"),
            (&["services.web.task_definition.container_definitions.app.stop_timeout=30"], "stop-timeout-below-spot-warning"),
            (&["services.web.load_balancer.deregistration_delay=120"], "deregistration-delay-outlasts-spot-warning"),
            (&["services.web.scaling.min_capacity=2"], "few-tasks-scale-in-late"),
            (&["services.web.scaling.max_capacity=10"], "nothing-to-scale"),
            (&["services.web.scaling.policies.cpu.target_value=80"], "target-leaves-no-room"),
            (&["services.web.scaling.policies.cpu.target_value=101"], "target-above-100"),
            (
                &[
                    "services.web.scaling.policies.cpu={name: a, policy_type: TargetTrackingScaling, predefined_metric_type: ALBRequestCountPerTarget, target_value: 50}",
                ],
                "target-per-minute",
            ),
            (&["services.web.workload.response_size=0"], "response-size-not-given"),
            (&["services.web.traffic.constant=1001"], "max-capacity-too-small"),
            (&["services.web.traffic.spikes=[{at: 1h, factor: 11}]"], "max-capacity-too-small"),
            (
                &[
                    "services.web.capacity_provider_strategy=",
                    "services.web.task_definition.runtime_platform.operating_system_family=WINDOWS_SERVER_2022_CORE",
                ],
                "windows",
            ),
        ];
        for (sets, id) in cases {
            assert_eq!(ids(sets), [id], "{sets:?}");
        }
    }

    #[test]
    fn some_causes_have_two_findings() {
        assert_eq!(ids(&["services.web.scaling.min_capacity=1"]), ["min-capacity-one", "few-tasks-scale-in-late"]);
        let delay = ["services.web.load_balancer.deregistration_delay=300"];
        assert_eq!(ids(&delay), ["deregistration-delay-outlasts-spot-warning", "deregistration-delay-cost"]);
    }
}
