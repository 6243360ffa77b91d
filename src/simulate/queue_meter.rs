//! Requests to the queue of one service, by hour, for the bill.
//!
//! Every message that arrives was sent by a request of its own: who sends is not known, and a producer that sends in batches
//! pays less. Workers receive in batches and delete each message when it is done.

use crate::meter::HourGrid;
use crate::scenario::model::{Assumptions, Service};
use crate::traffic::polling::{Polling, billed_requests};
use crate::units::{SimDuration, SimTime};
use crate::usage::QueueUsage;

/// What one queue was asked so far.
pub struct QueueMeter {
    grid: HourGrid,
    /// How long a call takes that comes back empty.
    call_seconds: f64,
    requests_per_send: f64,
    usage: QueueUsage,
}

impl QueueMeter {
    /// A meter at zero; none where the service works on no queue.
    pub fn new(service: &Service, assumptions: &Assumptions, grid: HourGrid) -> Option<Self> {
        let queue = service.workload.queue?;
        let none = vec![0.0; grid.hours()];
        Some(Self {
            grid,
            call_seconds: assumptions.empty_receive_seconds(&queue),
            requests_per_send: billed_requests(service.workload.request_size_bytes),
            usage: QueueUsage {
                service: service.name.clone(),
                sends: none.clone(),
                receives: none.clone(),
                empty_receives: none.clone(),
                deletes: none,
            },
        })
    }

    /// Counts what workers asked in a span that ends now, in the hour that holds its last instant.
    pub fn count(&mut self, now: SimTime, polling: &Polling) {
        if now <= SimTime::START {
            return;
        }
        let hour = self.grid.hour_of(now - SimDuration::from_nanos(1)).min(self.usage.receives.len() - 1);
        self.usage.receives[hour] += polling.receives;
        self.usage.empty_receives[hour] += polling.empty_receives(self.call_seconds);
        self.usage.deletes[hour] += polling.deletes;
    }

    /// The usage, with so many messages that arrived in each hour.
    pub fn finish(self, messages_by_hour: &[f64]) -> QueueUsage {
        QueueUsage { sends: messages_by_hour.iter().map(|messages| messages * self.requests_per_send).collect(), ..self.usage }
    }
}
