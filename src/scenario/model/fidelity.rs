//! Which scenarios can be played request by request only.
//!
//! The formulas of the fluid planes know rates and steady states: no answer that a client waits for before
//! it goes on, no request that is sent again, no target that gets less than its share. The reader refuses
//! what is listed here in a scenario whose fidelity is fluid, key by key; the automatic choice asks here.

use super::{Event, MessageQueue, RoutingAlgorithm, Scenario, Service, TargetGroup, TrafficKind};
use crate::units::SimDuration;

impl Scenario {
    /// Whether something in the scenario is modelled at request fidelity alone: users who wait for answers,
    /// calls between services, retries, requests that are finished late, least outstanding requests, slow
    /// start, health checks that share the workers, dead-letter queues, receives in batches, and events and
    /// revisions that change what the workers of a queue do with a message.
    #[must_use]
    pub fn needs_request_fidelity(&self) -> bool {
        let reaches_into_workers = |event: &Event| {
            let service = event.kind.service().and_then(|service| self.services.get(service));
            event.kind.changes_running_tasks() && service.is_some_and(|service| service.workload.queue.is_some())
        };
        self.services.iter().any(Service::needs_request_fidelity) || self.events.iter().any(reaches_into_workers)
    }
}

impl Service {
    /// Whether something in the service is modelled at request fidelity alone.
    fn needs_request_fidelity(&self) -> bool {
        let depends_on_answers = self.traffic.iter().any(|source| matches!(source.kind, TrafficKind::Users(_) | TrafficKind::Calls(_)));
        let workload = &self.workload;
        depends_on_answers
            || workload.finishes_late_requests
            || workload.retries.max > 0
            || workload.queue.is_some_and(MessageQueue::needs_request_fidelity)
            || self.target_group.as_ref().is_some_and(TargetGroup::needs_request_fidelity)
            || workload.queue.is_some() && self.revisions.iter().any(|revision| revision.changes_serving(workload))
    }
}

impl TargetGroup {
    fn needs_request_fidelity(&self) -> bool {
        self.algorithm == RoutingAlgorithm::LeastOutstandingRequests
            || self.slow_start > SimDuration::ZERO
            || self.health_check.shares_workers
    }
}

impl MessageQueue {
    fn needs_request_fidelity(self) -> bool {
        self.max_receive_count.is_some() || self.receive_batch_size > 1
    }
}
