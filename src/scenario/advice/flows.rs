//! What flows do not show of a service, while single requests do.
//!
//! The fluid plane serves a steady stream with means, and looks the spread of response times up in a table. Some
//! wishes of a scenario live in what single requests do to each other; docs/ACCURACY.md tells how far the two
//! are apart. The limits below are judgements: above them the difference was small where it was measured.

use super::{Finding, path, warning};
use crate::scenario::model::{EventKind, Fidelity, Scenario, Service, TrafficKind};

/// Fewer slots than this fill by chance at loads far below one.
const FEW_SLOTS: u32 = 8;
/// A shorter backlog overflows by chance at loads far below one.
const SHORT_BACKLOG: u32 = 16;
/// A timeout of fewer mean services is met by chance at loads far below one.
const SHORT_TIMEOUT_SERVICES: f64 = 5.0;

/// Tells of what flows leave out, unless each request is simulated anyway.
pub fn advise(scenario: &Scenario, number: usize, findings: &mut Vec<Finding>) {
    if scenario.simulation.fidelity != Fidelity::Request {
        findings.extend(not_shown(scenario, number));
    }
}

/// A key of the service, and what flows do not show of it.
type Rule = fn(&Service) -> Option<(&'static str, String)>;

/// What flows do not show of a service: as it is written, as deployments leave it and while what it waits for is slow.
pub fn not_shown(scenario: &Scenario, number: usize) -> Vec<Finding> {
    let service = &scenario.services[number];
    let rules: [Rule; 6] = [out_of_memory, outlasting_messages, bursts, short_backlog, few_slots, short_timeout];
    let finding = |(key, message): (&str, String)| {
        warning("flows-do-not-show", path(service, key), message, "use fidelity: request (or auto, where requests are few enough)")
    };
    let mut findings: Vec<Finding> = Vec::new();
    for changed in std::iter::once(service.clone()).chain(changed(scenario, number)) {
        for new in rules.iter().filter_map(|rule| rule(&changed)).map(finding) {
            // One finding for each key says it.
            if !findings.iter().any(|known| known.path == new.path) {
                findings.push(new);
            }
        }
    }
    findings
}

/// The service as events make it.
fn changed(scenario: &Scenario, number: usize) -> impl Iterator<Item = Service> {
    let service = &scenario.services[number];
    let revised = service.revisions.iter().map(|revision| Service { workload: revision.workload.clone(), ..service.clone() });
    let slowed = scenario.events.iter().filter_map(move |event| match event.kind {
        EventKind::DependencySlowdown { service: of, factor, .. } if of == number => {
            let mut slow = service.clone();
            slow.workload.wait_time = slow.workload.wait_time.scaled(factor);
            Some(slow)
        }
        _ => None,
    });
    revised.chain(slowed)
}

fn service_seconds(service: &Service) -> f64 {
    let workload = &service.workload;
    workload.cpu_time.mean() / service.task.cpu.as_vcpu().min(1.0) + workload.wait_time.mean()
}

fn out_of_memory(service: &Service) -> Option<(&'static str, String)> {
    let workload = &service.workload;
    let backlog = if workload.queue.is_some() { 0 } else { workload.backlog.unwrap_or(u32::MAX) };
    let most = workload.memory_base_bytes + workload.memory_per_request_bytes * f64::from(workload.concurrency.saturating_add(backlog));
    let overflows = workload.memory_per_request_bytes > 0.0 && most > service.task.memory.as_bytes() as f64;
    overflows.then(|| {
        let message = "a task has not the memory for all the requests that its slots and backlog may hold; flows kill no task for it";
        ("workload.memory.per_request", message.to_owned())
    })
}

fn outlasting_messages(service: &Service) -> Option<(&'static str, String)> {
    let queue = service.workload.queue?;
    let (alone, hidden) = (service_seconds(service), queue.visibility_timeout.as_seconds_f64());
    let workload = &service.workload;
    let shared = f64::from(workload.concurrency) * workload.cpu_time.mean() / service.task.cpu.as_vcpu() + workload.wait_time.mean();
    let message = if alone >= hidden {
        format!(
            "a message takes {alone:.0} s, no less than it is hidden for ({hidden:.0} s), so it is delivered again; flows deliver it once"
        )
    } else if shared >= hidden {
        format!(
            "with all {} slots taken a message takes {shared:.0} s, no less than it is hidden for ({hidden:.0} s): behind a backlog it is delivered again, which takes \
             ever more of the CPU; flows deliver it once. Fewer slots (workload.concurrency) or a longer timeout prevent that",
            workload.concurrency
        )
    } else {
        return None;
    };
    Some(("workload.visibility_timeout", message))
}

fn bursts(service: &Service) -> Option<(&'static str, String)> {
    let is_bursty = |kind: &TrafficKind| matches!(kind, TrafficKind::Constant(_) | TrafficKind::Pattern(_));
    let burstier = service.traffic.iter().any(|source| source.dispersion > 1.0 && is_bursty(&source.kind));
    burstier
        .then(|| ("traffic", "arrivals come in bursts (dispersion); the response times of flows are those of Poisson arrivals".to_owned()))
}

fn short_backlog(service: &Service) -> Option<(&'static str, String)> {
    let backlog = service.workload.backlog.filter(|backlog| *backlog < SHORT_BACKLOG)?;
    let message = format!("a backlog of {backlog} overflows by chance; flows turn requests away only when more come than tasks complete");
    Some(("workload.backlog", message))
}

fn few_slots(service: &Service) -> Option<(&'static str, String)> {
    let concurrency = service.workload.concurrency;
    (concurrency < FEW_SLOTS && service.workload.queue.is_none()).then(|| {
        let message = format!(
            "with {concurrency} slots requests wait for one by chance; flows know the mean of these waits only, so percentiles are rough"
        );
        ("workload.concurrency", message)
    })
}

fn short_timeout(service: &Service) -> Option<(&'static str, String)> {
    let (timeout, work) = (service.workload.timeout.as_ref()?.mean(), service_seconds(service));
    (timeout < SHORT_TIMEOUT_SERVICES * work).then(|| {
        let message = format!(
            "clients give up after {timeout:.3} s and a request takes {work:.3} s by itself; flows misjudge who gives up, and use CPU for them all the same"
        );
        ("workload.timeout", message)
    })
}
