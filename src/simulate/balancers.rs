//! What load balancers did, as their capacity units count it.

use crate::scenario::model::{BalancerKind, ListenerProtocol, LoadBalancer, Scenario, Service};
use crate::usage::{LoadBalancerKind, LoadBalancerUsage, Usage};

/// The kind of a balancer, by which it is billed.
#[must_use]
pub const fn kind_of(balancer: &LoadBalancer) -> LoadBalancerKind {
    match balancer.kind {
        BalancerKind::Application => LoadBalancerKind::Application,
        BalancerKind::Network { protocol: ListenerProtocol::Tcp, .. } => LoadBalancerKind::NetworkTcp,
        BalancerKind::Network { protocol: ListenerProtocol::Tls, .. } => LoadBalancerKind::NetworkTls,
        BalancerKind::Network { protocol: ListenerProtocol::Udp, .. } => LoadBalancerKind::NetworkUdp,
    }
}

/// What passed through each balancer: the flows of its services, as its capacity units count them.
pub(super) fn by_hour(scenario: &Scenario, usage: &Usage) -> Vec<LoadBalancerUsage> {
    let balancer_usage = |(index, balancer): (usize, &LoadBalancer)| {
        let users = scenario.users_of(index);
        let by_hour = |figure: &dyn Fn(&Service, f64) -> f64| -> Vec<f64> {
            let sum = |hour| users.iter().map(|&user| figure(&scenario.services[user], usage.flows[user].requests[hour])).sum();
            (0..usage.hours).map(sum).collect()
        };
        let connections = |requests: f64| requests / balancer.requests_per_connection;
        let open_seconds = balancer.connection_duration.as_seconds_f64();
        let charged_rules = f64::from(balancer.charged_rules());
        LoadBalancerUsage {
            name: balancer.name.clone(),
            kind: kind_of(balancer),
            service: if let [user] = users[..] { Some(scenario.services[user].name.clone()) } else { None },
            public_addresses: if balancer.internal { 0 } else { scenario.cluster.availability_zones },
            new_connections: by_hour(&|_, requests| connections(requests)),
            connection_seconds: by_hour(&|_, requests| connections(requests) * open_seconds),
            processed_bytes: by_hour(&|service, requests| {
                requests * (service.workload.request_size_bytes + service.workload.response_size_bytes)
            }),
            rule_evaluations: by_hour(&|_, requests| requests * charged_rules),
        }
    };
    scenario.load_balancers.iter().enumerate().map(balancer_usage).collect()
}
