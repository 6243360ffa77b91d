//! Deployments, by the rules of CreateService and CodeDeploy that concern more than one key.
//!
//! Traffic moves where a balancer moves it. The rules are those of the API reference of Amazon ECS (DeploymentConfiguration), of its
//! developer guide (deployment-type-bluegreen, service-auto-scaling) and of CodeDeploy (predefined deployment configurations).

use super::metrics::metrics_of;
use crate::error::Place;
use crate::scenario::document;
use crate::scenario::metric_source::Metric;
use crate::scenario::shape::{Decode, Reading};
use crate::scenario::written::balancer::BalancerType;
use crate::scenario::written::deployment::{CanaryConfiguration, CircuitBreaker, DeploymentConfiguration, LinearConfiguration, Strategy};
use crate::scenario::written::root::Scenario;
use crate::scenario::written::scaling::{Policy, PolicyType};
use crate::scenario::written::service::Service;

/// The smallest canary in percent (API reference of Amazon ECS, CanaryConfiguration).
const SMALLEST_CANARY_PERCENT: f64 = 0.1;

/// The deployments of a service.
pub fn check(service: &Service, reading: &mut Reading) {
    let deployment = &service.deployment_configuration;
    let alarms = &deployment.alarms;
    if alarms.enable.0 && alarms.alarm_names.is_empty() {
        reading.fault_with_remedy(&alarms.places.of("alarm_names"), "alarms are enabled and none is named", "name at least one");
    }
    let canary = &deployment.canary_configuration;
    if canary.canary_percent.0 < SMALLEST_CANARY_PERCENT {
        let message = format!("found {}, allowed are {SMALLEST_CANARY_PERCENT} to 100", canary.canary_percent.0);
        reading.fault(&canary.places.of("canary_percent"), message);
    }
    unused_keys(deployment, reading);
    if deployment.strategy != Strategy::Rolling {
        moves_traffic(service, deployment, reading);
    }
}

fn moves_traffic(service: &Service, deployment: &DeploymentConfiguration, reading: &mut Reading) {
    let (word, place) = (deployment.strategy.word(), deployment.places.of("strategy"));
    let is_code_deploy = !matches!(deployment.strategy, Strategy::BlueGreen | Strategy::Linear | Strategy::Canary);
    match service.load_balancer.as_ref().map_or(BalancerType::None, |balancer| balancer.load_balancer_type) {
        BalancerType::None => {
            let message = format!("{word} moves traffic between two target groups, and this service has no load_balancer");
            reading.fault_with_remedy(&place, message, "give the service a load_balancer, or use strategy: ROLLING");
        }
        BalancerType::Network if is_code_deploy && deployment.strategy != Strategy::CodeDeployAllAtOnce => {
            let message =
                format!("{word} needs an Application Load Balancer; with a Network Load Balancer CodeDeploy moves traffic all at once");
            reading.fault_with_remedy(&place, message, "use CodeDeployDefault.ECSAllAtOnce");
        }
        BalancerType::Network | BalancerType::Application => {}
    }
    let breaker = &deployment.deployment_circuit_breaker;
    if breaker.enable.0 {
        let message = format!("the deployment circuit breaker works with strategy ROLLING only; found {word}");
        reading.fault_with_remedy(&breaker.places.of("enable"), message, "take it away, and roll back by `alarms`");
    }
    if is_code_deploy && service.monitoring.resolution_seconds.get() == 20 {
        let message = format!("metrics of 20 seconds do not go with CodeDeploy; found {word}");
        reading.fault_with_remedy(&service.monitoring.places.of("resolution_seconds"), message, "use 60, or a strategy of Amazon ECS");
    }
    for policy in service.scaling.iter().flat_map(|scaling| &scaling.policies) {
        let (key, metrics) = metrics_of(policy);
        if let Some(name) = count_of_one_target_group(policy, &metrics) {
            let message = format!("{name} is not supported with deployments that move traffic; found {word}");
            reading.fault_with_remedy(&policy.places.of(key), message, "follow CPU or memory, or use strategy: ROLLING");
        }
    }
}

/// The metric of a policy that counts the requests of one target group, however the policy names it: while traffic moves to another group
/// it says little about the service. A forecast counts them to know the load.
fn count_of_one_target_group(policy: &Policy, metrics: &[Metric]) -> Option<&'static str> {
    if metrics.contains(&Metric::RequestCountPerTarget) {
        let is_predefined = policy.predefined_metric_type.is_some();
        return Some(if is_predefined { "ALBRequestCountPerTarget" } else { Metric::RequestCountPerTarget.aws_name() });
    }
    let forecasts = policy.policy_type == PolicyType::Predictive && metrics.contains(&Metric::RequestCount);
    forecasts.then_some("ALBRequestCount")
}

/// The object as it is when nothing of it is written.
fn defaults<T: Decode>() -> Option<T> {
    T::decode(&document::parse_value("{}", &Place::default()).ok()?, &mut Reading::default())
}

/// Tells of keys that this way of deploying does not look at. Values that are the defaults say nothing and stay quiet.
fn unused_keys(deployment: &DeploymentConfiguration, reading: &mut Reading) {
    let mut unused = |differs: bool, place: &dyn Fn() -> Place, why: &str| {
        if differs {
            reading.warnings.push(format!("{}: {why}, so it changes nothing", place()));
        }
    };
    let word = deployment.strategy.word();
    if deployment.strategy == Strategy::Rolling && !deployment.alarms.enable.0 {
        let why = "with strategy ROLLING a deployment bakes only where alarms are enabled";
        unused(deployment.bake_time_in_minutes.get() != 0, &|| deployment.places.of("bake_time_in_minutes"), why);
    }
    let canary = &deployment.canary_configuration;
    if let Some(known) = defaults::<CanaryConfiguration>().filter(|_| deployment.strategy != Strategy::Canary) {
        let why = format!("it belongs to strategy CANARY; found {word}");
        unused(canary.canary_percent != known.canary_percent, &|| canary.places.of("canary_percent"), &why);
        let minutes = (canary.canary_bake_time_in_minutes, known.canary_bake_time_in_minutes);
        unused(minutes.0 != minutes.1, &|| canary.places.of("canary_bake_time_in_minutes"), &why);
    }
    let linear = &deployment.linear_configuration;
    if let Some(known) = defaults::<LinearConfiguration>().filter(|_| deployment.strategy != Strategy::Linear) {
        let why = format!("it belongs to strategy LINEAR; found {word}");
        unused(linear.step_percent != known.step_percent, &|| linear.places.of("step_percent"), &why);
        let minutes = (linear.step_bake_time_in_minutes, known.step_bake_time_in_minutes);
        unused(minutes.0 != minutes.1, &|| linear.places.of("step_bake_time_in_minutes"), &why);
    }
    let breaker = &deployment.deployment_circuit_breaker;
    if let Some(known) = defaults::<CircuitBreaker>().filter(|_| !breaker.enable.0) {
        let why = "the deployment circuit breaker is not enabled";
        unused(breaker.rollback != known.rollback, &|| breaker.places.of("rollback"), why);
        unused(breaker.reset_on_healthy_task != known.reset_on_healthy_task, &|| breaker.places.of("reset_on_healthy_task"), why);
        let (threshold, known) = (&breaker.threshold_configuration, known.threshold_configuration);
        unused(threshold.r#type != known.r#type, &|| threshold.places.of("type"), why);
        unused(threshold.value != known.value, &|| threshold.places.of("value"), why);
    }
}

/// Tells of alarms that no deployment looks at: they change nothing.
pub fn unused_alarms(scenario: &Scenario, reading: &mut Reading) {
    let looks_at = |service: &Service, name: &str| {
        let alarms = &service.deployment_configuration.alarms;
        alarms.enable.0 && alarms.alarm_names.iter().any(|known| known.0 == name)
    };
    for (name, alarm) in &scenario.alarms.0 {
        if !scenario.services.0.iter().any(|(_, service)| looks_at(service, name)) {
            reading.warnings.push(format!("{}: no deployment looks at this alarm, so it changes nothing", alarm.places.own()));
        }
    }
}
