//! What the tasks of a service move over ways that are billed by the byte: logs, messages, image pulls, calls into other
//! zones.
//!
//! Every figure is a count of requests times what one of them moves, but for image pulls: on Fargate every task pulls the whole
//! image, for nothing keeps it from one task to the next.

use crate::scenario::model::{Scenario, Service};
use crate::usage::{CarriedBytes, Way};

/// What happened in each hour.
pub(super) struct Causes<'a> {
    /// Attempts that arrived.
    pub requests: &'a [f64],
    /// Of these, those that a task of another service made.
    pub calls: &'a [f64],
    /// Bytes of images that were pulled.
    pub pulled_bytes: Vec<f64>,
}

/// What a purpose moves over a way.
struct Flow {
    way: Way,
    what: &'static str,
    per_request: f64,
    /// What a call moves beside that.
    per_call: f64,
}

/// What the tasks of a service moved.
pub(super) fn by_hour(scenario: &Scenario, service: &Service, causes: Causes<'_>) -> Vec<CarriedBytes> {
    let carried = |way, what, bytes| CarriedBytes { service: service.name.clone(), way, what, bytes };
    let hour = |flow: &Flow| {
        let hours = causes.requests.iter().zip(causes.calls);
        hours.map(|(requests, calls)| requests * flow.per_request + calls * flow.per_call).collect()
    };
    let mut all: Vec<CarriedBytes> = flows(scenario, service).iter().map(|flow| carried(flow.way, flow.what, hour(flow))).collect();
    if scenario.pulls_through_nat() {
        let share = scenario.share_to_nat_of_another_zone();
        let crossing = causes.pulled_bytes.iter().map(|bytes| bytes * share).collect();
        all.push(carried(Way::NatGateway, "image pulls", causes.pulled_bytes));
        all.push(carried(Way::BetweenZones, "image pulls", crossing));
    }
    all
}

/// What each request moves, each way and purpose with its bytes. Calls are left out.
#[must_use]
pub fn bytes_of_requests(scenario: &Scenario, service: &Service) -> Vec<(Way, &'static str, f64)> {
    flows(scenario, service).into_iter().map(|flow| (flow.way, flow.what, flow.per_request)).collect()
}

fn flows(scenario: &Scenario, service: &Service) -> Vec<Flow> {
    let workload = &service.workload;
    let mut flows = Vec::new();
    if let Some(way) = way_to(scenario, "logs") {
        flows.push(Flow { way, what: "logs", per_request: workload.logs_per_request_bytes, per_call: 0.0 });
    }
    // A worker receives a message; one that a call left there was sent by a task too.
    if let Some(way) = way_to(scenario, "sqs").filter(|_| workload.queue.is_some()) {
        let bytes = workload.request_size_bytes;
        flows.push(Flow { way, what: "messages", per_request: bytes, per_call: bytes });
    }
    if scenario.has_nat() {
        flows.push(Flow { way: Way::NatGateway, what: "data", per_request: workload.outbound_per_request_bytes, per_call: 0.0 });
    }
    let share = scenario.share_to_nat_of_another_zone();
    let crossing = |figure: fn(&Flow) -> f64| -> f64 {
        let through_nat = flows.iter().filter(|flow| flow.way == Way::NatGateway);
        through_nat.map(figure).sum::<f64>() * share
    };
    let (per_request, per_call) = (crossing(|flow| flow.per_request), crossing(|flow| flow.per_call));
    flows.push(Flow { way: Way::BetweenZones, what: "traffic of NAT gateways", per_request, per_call });
    let between_zones = scenario.bytes_between_zones(service);
    let balanced = between_zones.per_attempt;
    flows.push(Flow { way: Way::BetweenZones, what: "network balancer traffic", per_request: balanced, per_call: 0.0 });
    flows.push(Flow { way: Way::BetweenZones, what: "calls", per_request: 0.0, per_call: between_zones.per_call });
    flows
}

/// The way to an AWS service, by the name of its endpoint; none: one that costs nothing, or none that is known.
fn way_to(scenario: &Scenario, endpoint: &str) -> Option<Way> {
    if scenario.has_interface_endpoint(endpoint) {
        return Some(Way::InterfaceEndpoint);
    }
    scenario.has_nat().then_some(Way::NatGateway)
}
