//! Over which ways tasks fetch their images, write their logs and talk to each other.
//!
//! The interface endpoint of a service takes what the tasks of the VPC send to it and fetch from it: `logs` their logs, `sqs` the
//! messages of queues. The layers of an image in Amazon ECR
//! come from S3, so its gateway endpoint (`s3`) takes them, whatever else there is; the rest of a pull is too small to count. What
//! has no endpoint goes through the NAT gateways, if the tasks are private and there are any. Source: Amazon ECR User Guide, "Amazon ECR interface VPC endpoints".

use super::{BalancerKind, Scenario, Service};

/// Bytes that leave one zone for another one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BytesBetweenZones {
    /// Of each call that a task of another service makes, on its way to a task or to the balancer.
    pub per_call: f64,
    /// Of each attempt, whoever made it, on its way from a network balancer to a task.
    pub per_attempt: f64,
}

impl Scenario {
    /// Whether tasks reach an AWS service, by the name of its endpoint, through an interface endpoint.
    #[must_use]
    pub fn has_interface_endpoint(&self, endpoint: &str) -> bool {
        self.network.as_ref().is_some_and(|network| network.interface_endpoints.iter().any(|name| name == endpoint))
    }

    /// Network interfaces of interface endpoints: each endpoint has one in every zone.
    #[must_use]
    pub fn endpoint_addresses(&self) -> u32 {
        let endpoints = self.network.as_ref().map_or(0, |network| network.interface_endpoints.len());
        u32::try_from(endpoints).unwrap_or(u32::MAX).saturating_mul(self.cluster.availability_zones)
    }

    /// Whether images are pulled through NAT gateways.
    #[must_use]
    pub fn pulls_through_nat(&self) -> bool {
        let has_s3 = self.network.as_ref().is_some_and(|network| network.gateway_endpoints.iter().any(|name| name == "s3"));
        self.has_nat() && !has_s3
    }

    /// Whether tasks reach the internet through NAT gateways.
    #[must_use]
    pub fn has_nat(&self) -> bool {
        self.network.as_ref().is_some_and(|network| network.nat_gateways > 0 && !network.public_placement)
    }

    /// The share of the traffic to NAT gateways that leaves its zone: gateways stand in as many zones as there are of them, and tasks of
    /// the other zones cross over to one. Source: Amazon VPC User Guide, "Pricing for NAT gateways".
    #[must_use]
    pub fn share_to_nat_of_another_zone(&self) -> f64 {
        let zones = self.cluster.availability_zones;
        let gateways = self.network.as_ref().map_or(0, |network| network.nat_gateways);
        f64::from(zones.saturating_sub(gateways)) / f64::from(zones)
    }

    /// The share of connections that end in another zone than they began in, when both ends are spread over the zones.
    #[must_use]
    pub fn cross_zone_share(&self) -> f64 {
        let zones = f64::from(self.cluster.availability_zones);
        self.assumptions.cross_zone_share.unwrap_or((zones - 1.0) / zones)
    }

    /// What the requests of a service move between zones. A request and its response count once each.
    ///
    /// A call that goes to a task, or to a node of a network balancer, ends in another zone as chance has it. A network balancer that
    /// crosses zones sends on as chance has it. To and from an application balancer nothing is charged, nor for messages of a queue.
    #[must_use]
    pub fn bytes_between_zones(&self, service: &Service) -> BytesBetweenZones {
        let workload = &service.workload;
        if workload.queue.is_some() {
            return BytesBetweenZones::default();
        }
        let crossing = self.cross_zone_share() * (workload.request_size_bytes + workload.response_size_bytes);
        match service.target_group.as_ref().map(|group| self.load_balancers[group.load_balancer].kind) {
            None => BytesBetweenZones { per_call: crossing, per_attempt: 0.0 },
            Some(BalancerKind::Application) => BytesBetweenZones::default(),
            Some(BalancerKind::Network { crosses_zones, .. }) => {
                BytesBetweenZones { per_call: crossing, per_attempt: if crosses_zones { crossing } else { 0.0 } }
            }
        }
    }
}
