//! Capacity provider strategies: what is on Spot, and what stays on demand when there are few tasks.

use super::{Finding, note, path, warning};
use crate::scenario::model::{CapacityProvider, Scaling, Scenario, Service, StrategyItem};
use crate::units::SimDuration;

/// The warning before a Spot task is stopped: the AWS Fargate capacity provider guide.
const SPOT_WARNING: SimDuration = SimDuration::from_seconds(120);

/// Spot: two minutes of warning, no fallback to on-demand.
pub fn advise(scenario: &Scenario, service: &Service, findings: &mut Vec<Finding>) {
    let strategy = path(service, "capacity_provider_strategy");
    if let Some(scaling) = &service.scaling {
        base(scenario, service, scaling, findings);
    }
    if let Some(item) = service.strategy.iter().find(|item| item.weight == 0 && item.base > 0) {
        findings.push(note(
            "weight-0-with-base",
            strategy.clone(),
            format!(
                "{} has a base and weight 0; AWS does not document whether it then places its base",
                item.capacity_provider.name(&scenario.cluster.instance_groups)
            ),
            "give it weight 1",
        ));
    }
    if !service.uses_spot() {
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
    } else if !service.strategy.iter().any(|item| item.capacity_provider == CapacityProvider::Fargate && item.base > 0) {
        findings.push(note(
            "spot-without-base",
            strategy,
            "FARGATE has no base: by the weights alone the few tasks of a quiet hour may all be on Spot".into(),
            "give FARGATE a base that carries the least traffic",
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

/// Weights count beyond the base only: between min_capacity and the base every task is on one provider.
fn base(scenario: &Scenario, service: &Service, scaling: &Scaling, findings: &mut Vec<Finding>) {
    let has_weights_elsewhere =
        |item: &StrategyItem| service.strategy.iter().any(|other| other.capacity_provider != item.capacity_provider && other.weight > 0);
    let Some(item) = service.strategy.iter().find(|item| item.base > scaling.min_capacity && has_weights_elsewhere(item)) else { return };
    let name = item.capacity_provider.name(&scenario.cluster.instance_groups);
    let path = path(service, &format!("capacity_provider_strategy.{name}.base"));
    if item.base >= scaling.max_capacity {
        let message = format!(
            "the base of {} holds every task up to max_capacity {} on {name}: weights never count",
            item.base, scaling.max_capacity
        );
        findings.push(warning("base-above-maximum", path, message, "lower the base, or take the other provider away"));
    } else {
        let message = format!(
            "the base of {} is above min_capacity {}: up to {} tasks every task is on {name}, and weights count beyond that only",
            item.base, scaling.min_capacity, item.base
        );
        findings.push(note("base-above-minimum", path, message, "nothing, if that is meant; else a base of min_capacity at most"));
    }
}
