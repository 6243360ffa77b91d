//! The queue as a model of nexosim, on one thread: it schedules each arrival and each end of a service on itself.

use std::collections::VecDeque;
use std::time::Duration;

use nexosim::model::{BuildContext, Context, Model, ProtoModel, schedulable};
use nexosim::ports::{EventSinkReader, Output, SinkState, event_slot};
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};

use crate::{Draws, SERVERS};

/// Servers with a queue, which sends itself its customers and in the end tells how long they waited.
#[derive(Serialize, Deserialize)]
struct Station {
    waited_seconds: Output<f64>,
    still_to_arrive: u64,
    busy: usize,
    arrived_at: VecDeque<MonotonicTime>,
    waited: Duration,
}

#[Model(type Env = Draws)]
impl Station {
    #[nexosim(init)]
    async fn init(&mut self, context: &Context<Self>, draws: &mut Draws) {
        self.expect_arrival(context, draws);
    }

    #[nexosim(schedulable)]
    fn arrive(&mut self, _: (), context: &Context<Self>, draws: &mut Draws) {
        self.expect_arrival(context, draws);
        if self.busy < SERVERS {
            self.busy += 1;
            self.serve(context.time(), context, draws);
        } else {
            self.arrived_at.push_back(context.time());
        }
    }

    #[nexosim(schedulable)]
    async fn depart(&mut self, _: (), context: &Context<Self>, draws: &mut Draws) {
        match self.arrived_at.pop_front() {
            Some(arrived_at) => self.serve(arrived_at, context, draws),
            None => self.busy -= 1,
        }
        if self.busy == 0 && self.still_to_arrive == 0 {
            self.waited_seconds.send(self.waited.as_secs_f64()).await;
        }
    }
}

impl Station {
    fn expect_arrival(&mut self, context: &Context<Self>, draws: &mut Draws) {
        if self.still_to_arrive > 0 {
            self.still_to_arrive -= 1;
            context.schedule_event(ahead(draws.gap()), schedulable!(Self::arrive), ()).expect("a time ahead");
        }
    }

    fn serve(&mut self, arrived_at: MonotonicTime, context: &Context<Self>, draws: &mut Draws) {
        self.waited += context.time().duration_since(arrived_at);
        context.schedule_event(ahead(draws.service()), schedulable!(Self::depart), ()).expect("a time ahead");
    }
}

/// A span of at least a nanosecond: an event cannot be scheduled for the present.
fn ahead(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds).max(Duration::from_nanos(1))
}

/// A station and its draws, which are no part of what nexosim can save.
struct ProtoStation {
    station: Station,
    draws: Draws,
}

impl ProtoModel for ProtoStation {
    type Model = Station;

    fn build(self, _: &mut BuildContext<Self>) -> (Station, Draws) {
        (self.station, self.draws)
    }
}

/// The mean wait of so many requests.
pub fn mean_wait(requests: u64, seed: u64) -> f64 {
    let mut station = Station {
        waited_seconds: Output::default(),
        still_to_arrive: requests,
        busy: 0,
        arrived_at: VecDeque::new(),
        waited: Duration::ZERO,
    };
    let (sink, mut waited) = event_slot(SinkState::Enabled);
    station.waited_seconds.connect_sink(sink);
    let proto = ProtoStation { station, draws: Draws::new(seed) };
    let bench = SimInit::with_num_threads(1).add_model(proto, Mailbox::new(), "station");
    let mut simulation = bench.init(MonotonicTime::EPOCH).expect("one model");
    simulation.run().expect("no deadlock");
    waited.try_read().expect("the last departure tells") / requests as f64
}
