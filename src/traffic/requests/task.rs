//! One task as single requests: slots, a backlog, a shared processor, waits and timeouts.
//!
//! A request waits in the backlog for a slot, has one CPU burst, then (in services that call others) its
//! calls, then its wait, and leaves; it holds its slot throughout. Bursts share the processor equally, each
//! with at most one vCPU. Shared service is kept in virtual time: `attained` is the CPU time that a burst
//! present since the beginning would have had, so a burst ends when `attained` has grown by its demand, and
//! an arrival or departure changes one number instead of all bursts.
//!
//! Of events at one instant, bursts end first, then waits, then clients give up, then requests arrive: a
//! request that is answered at its very deadline is in time.

mod machine;

use std::collections::VecDeque;

use super::agenda::{Agenda, Visit};
use super::machine::{Areas, Ended, Fate, Model, NEVER, Request};
use crate::units::SimDuration;

/// Longer than any task is given to end what it has.
const LONGEST_DRAIN: SimDuration = SimDuration::from_hours(24 * 365);

/// Where a request stands in its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Gone,
    Backlog,
    Burst,
    Calls,
    Wait,
}

#[derive(Clone, Copy, Debug)]
struct Flight {
    request: Request,
    started: i64,
    /// Counts the requests that had this place: an entry made for an earlier one is stale.
    generation: u32,
    stage: Stage,
    /// Whether its client already has an answer, or none.
    is_given_up: bool,
}

/// What a step of a task did.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Nothing that anybody else must know.
    Inside,
    /// The request at this place ended its burst and makes its calls now.
    Calls(u32),
    /// A request ended.
    Ended(Ended),
    /// A request left whose client gave up before; its tag.
    Forgotten(u32),
}

/// One task.
#[derive(Clone, Debug)]
pub struct Task {
    flights: Vec<Flight>,
    free: Vec<u32>,
    /// Requests that hold a slot.
    in_progress: usize,
    /// Bursts that share the processor.
    bursting: usize,
    /// CPU time in nanoseconds that a burst would have had since the processor was last idle, at `updated`.
    attained: f64,
    updated: i64,
    /// Bursts by what must be attained, as the bits of a non-negative float.
    bursts: Agenda,
    /// What must be attained for the first burst to end; infinite without one.
    first_target: f64,
    burst_end: i64,
    waits: Agenda,
    wait_end: i64,
    /// Deadlines in order, if they are kept so.
    deadlines: Agenda,
    /// No deadline comes before this.
    first_deadline: i64,
    backlog: VecDeque<Visit>,
    waiting: usize,
    /// Whether it answers nothing any more: bursts and waits do not end.
    hangs: bool,
    areas: Areas,
    /// When the sums of `areas` were last taken.
    taken: i64,
}

impl Default for Task {
    fn default() -> Self {
        Self {
            flights: Vec::new(),
            free: Vec::new(),
            in_progress: 0,
            bursting: 0,
            attained: 0.0,
            updated: 0,
            bursts: Agenda::default(),
            first_target: f64::INFINITY,
            burst_end: NEVER,
            waits: Agenda::default(),
            wait_end: NEVER,
            deadlines: Agenda::default(),
            first_deadline: NEVER,
            backlog: VecDeque::new(),
            waiting: 0,
            hangs: false,
            areas: Areas::default(),
            taken: 0,
        }
    }
}

impl Task {
    /// When the next thing happens by itself.
    #[inline]
    pub fn next(&self) -> i64 {
        self.burst_end.min(self.wait_end).min(self.first_deadline)
    }

    /// Requests that the task has, waiting ones too.
    #[inline]
    pub const fn outstanding(&self) -> usize {
        self.in_progress + self.waiting
    }

    /// Takes a request in. Returns whether it did: else its slots and its backlog are full.
    #[inline(always)]
    pub fn arrive(&mut self, now: i64, request: Request, model: &Model) -> bool {
        if self.in_progress >= model.concurrency && self.waiting >= model.backlog {
            return false;
        }
        let place = self.place(Flight { request, started: now, generation: 0, stage: Stage::Backlog, is_given_up: false });
        if model.scans_deadlines {
            self.first_deadline = self.first_deadline.min(request.deadline);
        } else if model.has_timeout && request.deadline != NEVER {
            self.deadlines.push((request.deadline, self.visit(place)));
            self.first_deadline = self.first_deadline.min(request.deadline);
        }
        if self.in_progress < model.concurrency {
            self.start(now, place, model);
        } else {
            self.backlog.push_back(self.visit(place));
            self.wait_for_slot(now);
        }
        true
    }

    #[inline]
    fn visit(&self, place: u32) -> Visit {
        Visit::new(place, self.flights[place as usize].generation)
    }

    /// Whether the request of a visit is still at its place.
    #[inline]
    fn is_present(&self, visit: Visit) -> bool {
        self.flights[visit.place() as usize].generation == visit.generation()
    }

    #[inline(always)]
    fn place(&mut self, flight: Flight) -> u32 {
        if let Some(place) = self.free.pop() {
            let slot = &mut self.flights[place as usize];
            *slot = Flight { generation: slot.generation, ..flight };
            return place;
        }
        self.flights.push(flight);
        (self.flights.len() - 1) as u32
    }

    // A sum over time is that of what is there now, taken back to `taken`, less what every change added before it came.

    #[inline]
    fn wait_for_slot(&mut self, now: i64) {
        self.waiting += 1;
        self.areas.waiting -= now - self.taken;
    }

    #[inline]
    fn stop_waiting(&mut self, now: i64) {
        self.waiting -= 1;
        self.areas.waiting += now - self.taken;
    }

    #[inline]
    fn set_bursting(&mut self, now: i64, bursting: usize, model: &Model) {
        let growth = model.units_used(bursting) - model.units_used(self.bursting);
        self.areas.units -= growth * (now - self.taken);
        self.bursting = bursting;
    }

    /// Gives a request its slot.
    #[inline]
    fn start(&mut self, now: i64, place: u32, model: &Model) {
        self.in_progress += 1;
        self.areas.in_progress -= now - self.taken;
        let flight = &mut self.flights[place as usize];
        flight.started = now;
        // Even a request without CPU time passes through the processor on the way to its calls.
        if (flight.request.cpu > 0.0 || model.makes_calls) && !self.hangs {
            flight.stage = Stage::Burst;
            let (cpu, visit) = (flight.request.cpu, Visit::new(place, flight.generation));
            self.attain(now, model);
            let target = self.attained + cpu;
            self.bursts.push((target.to_bits() as i64, visit));
            self.first_target = self.first_target.min(target);
            self.set_bursting(now, self.bursting + 1, model);
            self.find_burst_end(model);
        } else {
            self.wait(now, place, model);
        }
    }

    /// Lets the bursts have what they attained until now.
    #[inline]
    fn attain(&mut self, now: i64, model: &Model) {
        if self.bursting > 0 {
            self.attained += (now - self.updated) as f64 * model.share(self.bursting).0;
        }
        self.updated = now;
    }

    /// Finds the first burst after one has left; entries of requests that left before are dropped.
    #[inline]
    fn find_first_burst(&mut self) {
        self.first_target = loop {
            let Some((target, visit)) = self.bursts.first() else { break f64::INFINITY };
            if self.is_present(visit) {
                break f64::from_bits(target as u64);
            }
            self.bursts.pop();
        };
    }

    /// The processor is shared by another number of bursts: the first one ends at another time.
    #[inline]
    fn find_burst_end(&mut self, model: &Model) {
        if self.bursting == 0 {
            self.burst_end = NEVER;
            return;
        }
        let left = (self.first_target - self.attained).max(0.0) * model.share(self.bursting).1;
        // Rounded up, so that what was asked for is attained.
        self.burst_end = self.updated.saturating_add(left as i64).saturating_add(1);
    }

    /// When the first wait ends; entries of requests that left before are dropped.
    #[inline]
    fn find_wait_end(&mut self) {
        self.wait_end = loop {
            let Some((end, visit)) = self.waits.first() else { break NEVER };
            if self.is_present(visit) {
                break end;
            }
            self.waits.pop();
        };
    }

    #[inline]
    fn find_first_deadline(&mut self) {
        self.first_deadline = loop {
            let Some((deadline, visit)) = self.deadlines.first() else { break NEVER };
            if self.is_present(visit) {
                break deadline;
            }
            self.deadlines.pop();
        };
    }

    /// Lets the next thing happen, at [`Task::next`].
    #[inline]
    pub fn step(&mut self, now: i64, model: &Model) -> Step {
        if self.burst_end == now {
            self.end_burst(now, model)
        } else if self.wait_end == now {
            self.end_wait(now, model)
        } else {
            self.give_up(now, model)
        }
    }

    #[inline]
    fn end_burst(&mut self, now: i64, model: &Model) -> Step {
        self.attain(now, model);
        let Some((_, visit)) = self.bursts.first() else { return Step::Inside };
        let place = visit.place();
        self.bursts.pop();
        self.leave_processor(now, model);
        if model.makes_calls {
            self.flights[place as usize].stage = Stage::Calls;
            return Step::Calls(place);
        }
        if self.flights[place as usize].request.wait == 0 {
            return self.leave(now, place, model);
        }
        self.wait(now, place, model);
        Step::Inside
    }

    #[inline]
    fn end_wait(&mut self, now: i64, model: &Model) -> Step {
        let Some((_, visit)) = self.waits.first() else { return Step::Inside };
        self.waits.pop();
        self.find_wait_end();
        self.leave(now, visit.place(), model)
    }

    #[inline]
    fn leave_processor(&mut self, now: i64, model: &Model) {
        self.set_bursting(now, self.bursting - 1, model);
        if self.bursting == 0 {
            self.attained = 0.0;
            self.bursts.clear();
            self.first_target = f64::INFINITY;
        } else {
            self.find_first_burst();
        }
        self.find_burst_end(model);
    }

    #[inline]
    fn wait(&mut self, now: i64, place: u32, model: &Model) {
        let flight = &mut self.flights[place as usize];
        flight.stage = Stage::Wait;
        if self.hangs {
            return;
        }
        let end = now.saturating_add(model.wait(flight.request.wait));
        self.waits.push((end, Visit::new(place, flight.generation)));
        self.wait_end = self.wait_end.min(end);
    }

    /// Takes a request out of its slot, and lets the next one in.
    #[inline]
    fn leave(&mut self, now: i64, place: u32, model: &Model) -> Step {
        let flight = self.flights[place as usize];
        let fate = if flight.request.fails { Fate::Error } else { Fate::Served };
        self.vacate(place, model);
        self.release_slot(now, model);
        if flight.is_given_up { Step::Forgotten(flight.request.tag) } else { Step::Ended(ended(&flight, now, fate)) }
    }

    #[inline]
    fn vacate(&mut self, place: u32, model: &Model) {
        let flight = &mut self.flights[place as usize];
        flight.generation = flight.generation.wrapping_add(1);
        flight.stage = Stage::Gone;
        self.free.push(place);
        if model.has_timeout && !model.scans_deadlines {
            self.find_first_deadline();
        }
    }

    #[inline]
    fn release_slot(&mut self, now: i64, model: &Model) {
        self.in_progress -= 1;
        self.areas.in_progress += now - self.taken;
        while let Some(visit) = self.backlog.pop_front() {
            if self.is_present(visit) {
                self.stop_waiting(now);
                self.start(now, visit.place(), model);
                return;
            }
        }
    }

    /// The client of the request with the first deadline gives up.
    #[inline(never)]
    fn give_up(&mut self, now: i64, model: &Model) -> Step {
        let place = if model.scans_deadlines { self.scan_deadlines(now) } else { self.deadlines.first().map(|(_, visit)| visit.place()) };
        let Some(place) = place else { return Step::Inside };
        if !model.scans_deadlines {
            self.deadlines.pop();
        }
        let flight = self.flights[place as usize];
        if model.finishes_late {
            self.flights[place as usize].is_given_up = true;
            if !model.scans_deadlines {
                self.find_first_deadline();
            }
        } else {
            self.remove(now, place, model);
        }
        Step::Ended(ended(&flight, now, Fate::TimedOut))
    }

    /// Looks through all requests for a client who gives up now, and for the first one who may do so later.
    fn scan_deadlines(&mut self, now: i64) -> Option<u32> {
        let mut found: Option<u32> = None;
        self.first_deadline = NEVER;
        for (place, flight) in self.flights.iter().enumerate() {
            if flight.stage == Stage::Gone || flight.is_given_up {
                continue;
            }
            if flight.request.deadline <= now && found.is_none_or(|known| self.arrived_before(place as u32, known)) {
                found = Some(place as u32);
            }
            self.first_deadline = self.first_deadline.min(flight.request.deadline);
        }
        // The one that was found is looked at once more, and then it is gone.
        found
    }

    fn arrived_before(&self, place: u32, other: u32) -> bool {
        let of = |place: u32| self.flights[place as usize].request.arrival;
        of(place) < of(other)
    }

    /// Takes a request away, wherever it stands.
    fn remove(&mut self, now: i64, place: u32, model: &Model) {
        let stage = self.flights[place as usize].stage;
        self.vacate(place, model);
        match stage {
            Stage::Backlog => self.stop_waiting(now),
            Stage::Burst => {
                self.attain(now, model);
                self.leave_processor(now, model);
                self.release_slot(now, model);
            }
            Stage::Wait => {
                self.find_wait_end();
                self.release_slot(now, model);
            }
            Stage::Calls => self.release_slot(now, model),
            Stage::Gone => {}
        }
    }
}

impl Task {
    /// The generation of a place, which tells whether the request there is still the same.
    pub fn generation(&self, place: u32) -> Option<u32> {
        self.flights.get(place as usize).map(|flight| flight.generation)
    }

    /// The request at a place.
    pub fn request(&self, place: u32) -> &Request {
        &self.flights[place as usize].request
    }

    /// The calls of a request were answered: its wait begins.
    pub fn calls_answered(&mut self, now: i64, place: u32, model: &Model) {
        self.wait(now, place, model);
    }

    /// A call of a request failed, and so does the request.
    pub fn call_failed(&mut self, now: i64, place: u32, model: &Model) -> Step {
        if self.hangs {
            self.flights[place as usize].stage = Stage::Wait;
            return Step::Inside;
        }
        self.flights[place as usize].request.fails = true;
        self.leave(now, place, model)
    }

    /// Takes all requests away, and tells how each left. Nothing may have happened since the sums were taken.
    pub fn drain(&mut self) -> Vec<Step> {
        let of_flight = |flight: &Flight| match flight.is_given_up {
            true => Step::Forgotten(flight.request.tag),
            false => Step::Ended(ended(flight, self.taken, Fate::Lost)),
        };
        let lost = self.flights.iter().filter(|flight| flight.stage != Stage::Gone).map(of_flight).collect();
        *self = Self { taken: self.taken, ..Self::default() };
        lost
    }

    /// When the last request would leave if nothing but `then` followed, which is told of each that ended; without a
    /// request the instant before now.
    pub fn end_of_all(&self, now: i64, model: &Model, mut then: impl FnMut(&mut Self, i64, &Ended)) -> i64 {
        // A task that is stopped at an instant does not get to what happens then.
        let (mut alone, mut last) = (self.clone(), now - 1);
        while alone.outstanding() > 0 && alone.next() != NEVER {
            last = alone.next();
            match alone.step(last, model) {
                Step::Calls(place) => alone.calls_answered(last, place, model),
                Step::Ended(ended) => then(&mut alone, last, &ended),
                Step::Inside | Step::Forgotten(_) => {}
            }
        }
        last
    }
}

fn ended(flight: &Flight, now: i64, fate: Fate) -> Ended {
    Ended { arrival: flight.request.arrival, started: flight.started, ended: now, fate, tag: flight.request.tag }
}
