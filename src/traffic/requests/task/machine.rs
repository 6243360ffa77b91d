//! A task as a machine that runs ahead of the others.

use super::super::machine::{Areas, Machine, Model, NEVER, Request};
use super::super::recorder::Recorder;
use super::{Flight, LONGEST_DRAIN, Stage, Step, Task};
use crate::units::SimDuration;

impl Task {
    /// Ends the first wait of a task that nobody looks into.
    #[inline]
    fn end_wait_alone(&mut self, model: &Model, recorder: &mut Recorder) {
        if let Step::Ended(ended) = self.end_wait(self.wait_end, model) {
            recorder.ended(&ended);
        }
    }

    /// Lets everything happen before `until` but those ends of waits that change nothing: as long as nobody waits for a
    /// slot, they may be told of later.
    #[inline]
    fn run_ahead(&mut self, until: i64, model: &Model, recorder: &mut Recorder) {
        loop {
            let awaited = if self.waiting > 0 { self.wait_end } else { NEVER };
            let now = self.burst_end.min(self.first_deadline).min(awaited);
            if now >= until {
                return;
            }
            if now < self.burst_end && self.wait_end <= now {
                self.end_wait_alone(model, recorder);
            } else if let Step::Ended(ended) = self.step(now, model) {
                recorder.ended(&ended);
            }
        }
    }
}

impl Machine for Task {
    fn beginning(now: i64) -> Self {
        Self { taken: now, updated: now, ..Self::default() }
    }

    #[inline]
    fn serve(&mut self, now: i64, request: Request, model: &Model, _until: i64, recorder: &mut Recorder) {
        self.run_ahead(now.saturating_add(1), model, recorder);
        while self.in_progress >= model.concurrency && self.wait_end <= now {
            self.end_wait_alone(model, recorder);
        }
        if !self.arrive(now, request, model) {
            recorder.rejected(now, &request);
        }
    }

    #[inline]
    fn run(&mut self, until: i64, model: &Model, recorder: &mut Recorder) {
        self.run_ahead(until, model, recorder);
        while self.wait_end < until {
            self.end_wait_alone(model, recorder);
        }
    }

    fn take_areas(&mut self, now: i64, model: &Model) -> Areas {
        let span = now - self.taken;
        self.taken = now;
        let Areas { units, in_progress, waiting } = std::mem::take(&mut self.areas);
        Areas {
            units: units + span * model.units_used(self.bursting),
            in_progress: in_progress + span * self.in_progress as i64,
            waiting: waiting + span * self.waiting as i64,
        }
    }

    /// Every burst stops where it is and every wait goes on for ever; a client that gives up frees its slot for the next.
    fn hang(&mut self, now: i64, model: &Model) {
        self.hangs = true;
        self.set_bursting(now, 0, model);
        self.bursts.clear();
        self.waits.clear();
        (self.attained, self.first_target) = (0.0, f64::INFINITY);
        (self.burst_end, self.wait_end) = (NEVER, NEVER);
        for flight in self.flights.iter_mut().filter(|flight| flight.stage == Stage::Burst) {
            flight.stage = Stage::Wait;
        }
    }

    fn in_flight(&self, counts: impl Fn(&Request) -> bool) -> usize {
        let is_awaited = |flight: &&Flight| flight.stage != Stage::Gone && !flight.is_given_up;
        self.flights.iter().filter(is_awaited).filter(|flight| counts(&flight.request)).count()
    }

    fn kill(&mut self, _now: i64, recorder: &mut Recorder) {
        for lost in self.drain() {
            if let Step::Ended(lost) = lost {
                recorder.ended(&lost);
            }
        }
    }

    /// A request that waits for the answers to its calls takes as long as it is given: nobody knows when they come.
    fn time_to_drain(&self, now: i64, model: &Model) -> SimDuration {
        if model.makes_calls && self.flights.iter().any(|flight| flight.stage == Stage::Calls) {
            return LONGEST_DRAIN;
        }
        SimDuration::from_nanos(self.end_of_all(now, model, |_, _, _| {}) - now + 1)
    }
}
