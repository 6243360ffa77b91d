//! The route of tasks to registries, logs and the internet.

use super::{Finding, warning};
use crate::scenario::model::Scenario;

/// Private tasks reach ECR, logs and the internet through NAT gateways or endpoints only.
pub fn advise(scenario: &Scenario, findings: &mut Vec<Finding>) {
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
                .filter(|name| !network.interface_endpoints.iter().chain(&network.gateway_endpoints).any(|endpoint| endpoint == name))
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
