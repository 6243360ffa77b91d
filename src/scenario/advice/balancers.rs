//! What network balancers do with connections and zones.

use super::{Finding, note, path, warning};
use crate::scenario::model::{BalancerKind, Scenario, Service};
use crate::units::SimDuration;

/// Connections that last longer than a scaling policy takes to answer leave new tasks idle: a judgement.
const LONG_CONNECTION: SimDuration = SimDuration::from_seconds(300);

/// A service behind a network balancer.
pub fn advise(scenario: &Scenario, service: &Service, findings: &mut Vec<Finding>) {
    let Some(group) = &service.target_group else { return };
    let balancer = &scenario.load_balancers[group.load_balancer];
    let BalancerKind::Network { crosses_zones, .. } = balancer.kind else { return };
    if balancer.connection_duration >= LONG_CONNECTION {
        findings.push(note(
            "long-connections",
            path(service, "load_balancer.connection_duration"),
            format!(
                "a network balancer leaves a connection of {} on its task; here each request finds a task by itself, so after a \
                 scale-out real tasks share the load later",
                balancer.connection_duration
            ),
            "use shorter connections, or load_balancer_type: application for HTTP",
        ));
    }
    let zones = scenario.cluster.availability_zones;
    let fewest = service.scaling.as_ref().map_or(service.desired_count, |scaling| scaling.min_capacity);
    if !crosses_zones && fewest < zones {
        findings.push(warning(
            "zones-without-tasks",
            path(service, "load_balancer.enable_cross_zone_load_balancing"),
            format!("{fewest} tasks leave one of {zones} zones without any, and a node of the network balancer sends to its own zone only"),
            "keep a task in each zone, or use enable_cross_zone_load_balancing: true",
        ));
    }
}
