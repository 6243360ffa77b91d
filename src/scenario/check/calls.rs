//! Calls between services: who calls whom, how, and by which way.

use crate::scenario::shape::Reading;
use crate::scenario::written::balancer::BalancerType;
use crate::scenario::written::root::Scenario;
use crate::scenario::written::service::Service;
use crate::scenario::written::traffic::{CallMode, CallOrder, CallRoute, From};
use crate::scenario::written::workload::WorkloadKind;

/// The calls of one service, which is called `name`, and its users.
pub fn check(name: &str, service: &Service, scenario: &Scenario, reading: &mut Reading) {
    let is_queue = service.workload.kind == WorkloadKind::Queue;
    for source in &service.traffic.0 {
        if is_queue && source.users.is_some() {
            let message = "users wait for an answer, and a workload of kind queue gives none";
            reading.fault_with_remedy(&source.places.of("users"), message, "use trace, constant, pattern or from");
        }
        let Some(from) = &source.from else { continue };
        super::root::known_service(&from.service.0, &from.places.of("service"), scenario, reading);
        no_cycle(name, from, scenario, reading);
        if is_queue {
            into_a_queue(from, reading);
        } else {
            route(name, service, from, reading);
        }
        without_effect(from, is_queue, reading);
    }
}

/// A cycle of calls never ends. It is told once, at the first of its services.
fn no_cycle(name: &str, from: &From, scenario: &Scenario, reading: &mut Reading) {
    let Some(callers) = chain(name, &from.service.0, scenario) else { return };
    let place_of = |wanted: &str| scenario.services.0.iter().position(|(name, _)| name == wanted);
    if callers.iter().any(|caller| place_of(caller) < place_of(name)) {
        return;
    }
    let calls: Vec<String> = callers.iter().chain([&name]).map(|service| format!("`{service}`")).collect();
    let message = format!("{}: a cycle of calls never ends", calls.join(" calls "));
    reading.fault_with_remedy(from.places.own(), message, "take one of these calls away");
}

/// The services from `first` to `last`, each calling the next one, in the shortest such chain; none when calls of
/// `first` do not lead to `last`.
fn chain<'a>(first: &str, last: &'a str, scenario: &'a Scenario) -> Option<Vec<&'a str>> {
    // Each service that was reached, and the place of the one that it calls.
    let mut reached: Vec<(&str, Option<usize>)> = vec![(last, None)];
    let mut next = 0;
    while let Some(&(service, _)) = reached.get(next) {
        if service == first {
            let callees = std::iter::successors(Some(next), |&place| reached[place].1);
            return Some(callees.map(|place| reached[place].0).collect());
        }
        let sources = scenario.services.0.iter().filter(|(name, _)| name == service).flat_map(|(_, service)| &service.traffic.0);
        for from in sources.filter_map(|source| source.from.as_ref()) {
            if reached.iter().all(|(known, _)| *known != from.service.0) {
                reached.push((from.service.0.as_str(), Some(next)));
            }
        }
        next += 1;
    }
    None
}

/// A message gets no answer, and no way leads past the queue.
fn into_a_queue(from: &From, reading: &mut Reading) {
    if from.mode == Some(CallMode::Synchronous) {
        let message = "a caller cannot wait for the answer of a workload of kind queue: it gives none";
        reading.fault_with_remedy(&from.places.of("mode"), message, "use mode: asynchronous");
    }
    if let Some(route) = from.via {
        let message = format!("via {} has no meaning: calls of a workload of kind queue are messages in its queue", route.word());
        reading.fault_with_remedy(&from.places.of("via"), message, "take it away");
    }
}

/// A call goes through a balancer only where there is one.
fn route(name: &str, service: &Service, from: &From, reading: &mut Reading) {
    let has_balancer = service.load_balancer.as_ref().is_some_and(|balancer| balancer.load_balancer_type != BalancerType::None);
    if from.via == Some(CallRoute::LoadBalancer) && !has_balancer {
        let message = format!("via load_balancer, but `{name}` has no load balancer");
        reading.fault_with_remedy(&from.places.of("via"), message, "give it a load_balancer, or use via: direct");
    }
}

/// Calls that nobody waits for are all made at once.
fn without_effect(from: &From, is_queue: bool, reading: &mut Reading) {
    let is_asynchronous = from.mode.map_or(is_queue, |mode| mode == CallMode::Asynchronous);
    if is_asynchronous && from.order == CallOrder::Parallel {
        let place = from.places.of("order");
        reading.warnings.push(format!("{place}: `order` has no effect on asynchronous calls: nobody waits between them"));
    }
}
