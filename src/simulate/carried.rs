//! What the tasks of a service move over ways that are billed by the byte: logs, messages, image pulls, calls into other
//! zones.
//!
//! Every figure is a count of requests times what one of them moves, but for image pulls: on Fargate every task pulls the whole
//! image, for nothing keeps it from one task to the next.

use crate::scenario::model::{Scenario, Service, WayOut};
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
        all.push(carried(Way::NatGateway, "image pulls", causes.pulled_bytes));
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
    if let Some(way) = scenario.way_to("logs") {
        flows.push(Flow { way: usage_way(way), what: "logs", per_request: workload.logs_per_request_bytes, per_call: 0.0 });
    }
    // A worker receives a message; one that a call left there was sent by a task too.
    if let Some(way) = scenario.way_to("sqs").filter(|_| workload.queue.is_some()) {
        let bytes = workload.request_size_bytes;
        flows.push(Flow { way: usage_way(way), what: "messages", per_request: bytes, per_call: bytes });
    }
    let between_zones = scenario.bytes_between_zones(service);
    let balanced = between_zones.per_attempt;
    flows.push(Flow { way: Way::BetweenZones, what: "network balancer traffic", per_request: balanced, per_call: 0.0 });
    flows.push(Flow { way: Way::BetweenZones, what: "calls", per_request: 0.0, per_call: between_zones.per_call });
    flows
}

const fn usage_way(way: WayOut) -> Way {
    match way {
        WayOut::NatGateway => Way::NatGateway,
        WayOut::InterfaceEndpoint => Way::InterfaceEndpoint,
    }
}
