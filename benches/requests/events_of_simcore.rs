//! The queue as a component of simcore: an event for each arrival and for each end of a service.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use serde::Serialize;
use simcore::{Event, EventHandler, Simulation, SimulationContext, cast};

use crate::{Draws, SERVERS};

#[derive(Clone, Serialize)]
struct Arrival {}

#[derive(Clone, Serialize)]
struct Departure {}

/// Servers with a queue, which sends itself its customers.
struct Station {
    context: SimulationContext,
    draws: Draws,
    still_to_arrive: u64,
    busy: usize,
    arrived_at: VecDeque<f64>,
    waited: f64,
}

impl Station {
    fn expect_arrival(&mut self) {
        if self.still_to_arrive > 0 {
            self.still_to_arrive -= 1;
            let gap = self.draws.gap();
            self.context.emit_self(Arrival {}, gap);
        }
    }

    fn serve(&mut self, arrived_at: f64) {
        self.waited += self.context.time() - arrived_at;
        let service = self.draws.service();
        self.context.emit_self(Departure {}, service);
    }

    fn on_arrival(&mut self) {
        self.expect_arrival();
        if self.busy < SERVERS {
            self.busy += 1;
            self.serve(self.context.time());
        } else {
            self.arrived_at.push_back(self.context.time());
        }
    }

    fn on_departure(&mut self) {
        match self.arrived_at.pop_front() {
            Some(arrived_at) => self.serve(arrived_at),
            None => self.busy -= 1,
        }
    }
}

impl EventHandler for Station {
    fn on(&mut self, event: Event) {
        cast!(match event.data {
            Arrival {} => {
                self.on_arrival();
            }
            Departure {} => {
                self.on_departure();
            }
        });
    }
}

/// The mean wait of so many requests.
pub fn mean_wait(requests: u64, seed: u64) -> f64 {
    let mut simulation = Simulation::new(seed);
    let station = Station {
        context: simulation.create_context("station"),
        draws: Draws::new(seed),
        still_to_arrive: requests,
        busy: 0,
        arrived_at: VecDeque::new(),
        waited: 0.0,
    };
    let station = Rc::new(RefCell::new(station));
    simulation.add_handler("station", station.clone());
    station.borrow_mut().expect_arrival();
    simulation.step_until_no_events();
    let waited = station.borrow().waited;
    waited / requests as f64
}
