//! One task whose requests use no CPU: slots that are held for a time, first come first served.
//!
//! Nothing then slows a request down after it took its slot, so its end is known when it arrives (Kiefer and
//! Wolfowitz 1955): the earliest free slot takes it. What ends later than the present span is kept and
//! counted when its time comes, because a task may be stopped before. A client that gives up frees its slot. A [`super::task::Task`] gives the same
//! results event by event, which a test holds it to.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::machine::{Areas, Ended, Fate, Machine, Model, NEVER, Request};
use super::recorder::Recorder;
use crate::units::SimDuration;

/// Slots kept in a sorted list; more are kept in a heap.
const LISTED: usize = 64;

/// A request whose end is known.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// When it stops waiting: it takes its slot, or its client gives up.
    leaves_backlog: i64,
    /// When it frees its slot; at once if it never gets one.
    leaves_slot: i64,
    end: Ended,
}

/// One task.
#[derive(Clone, Debug, Default)]
pub struct Workers {
    /// When the slots that were ever used are free, ascending while they are few.
    free_at: Vec<i64>,
    far: BinaryHeap<Reverse<i64>>,
    /// Ends of waits of requests that did not find a free slot, ascending.
    waits: VecDeque<i64>,
    /// Requests that still wait at the end of the span, in the order in which they leave the backlog.
    backlog: VecDeque<Known>,
    /// Requests that hold a slot at the end of the span.
    in_slots: Vec<Known>,
    /// How many of both were there when the span began, at `ran_until`.
    earlier_in_backlog: usize,
    earlier_in_slots: usize,
    ran_until: i64,
    areas: Areas,
}

impl Workers {
    /// When the earliest slot is free; the past when one was never used.
    #[inline]
    fn earliest(&self, concurrency: usize) -> i64 {
        if self.free_at.len() + self.far.len() < concurrency {
            return i64::MIN;
        }
        let far = self.far.peek().map_or(NEVER, |Reverse(time)| *time);
        self.free_at.first().copied().unwrap_or(NEVER).min(far)
    }

    /// The earliest slot is free again at a later time.
    #[inline]
    fn occupy(&mut self, until: i64, concurrency: usize) {
        let is_new = self.free_at.len() + self.far.len() < concurrency;
        if concurrency > LISTED {
            if !is_new {
                self.far.pop();
            }
            self.far.push(Reverse(until));
            return;
        }
        if is_new {
            let place = self.free_at.partition_point(|time| *time <= until);
            self.free_at.insert(place, until);
            return;
        }
        let times = &mut self.free_at[..];
        let mut place = 0;
        while place + 1 < times.len() && times[place + 1] < until {
            times[place] = times[place + 1];
            place += 1;
        }
        times[place] = until;
    }

    /// Counts the part of [from, until) of a request from an earlier span. Returns whether it still holds a
    /// slot after that.
    fn pass(&mut self, known: &Known, from: i64, until: i64, recorder: &mut Recorder) -> bool {
        self.areas.waiting += (known.leaves_backlog.min(until) - from).max(0);
        self.areas.in_progress += (known.leaves_slot.min(until) - known.leaves_backlog.max(from)).max(0);
        if (from..until).contains(&known.end.ended) {
            recorder.ended(&known.end);
        }
        known.leaves_slot >= until
    }
}

impl Machine for Workers {
    fn beginning(now: i64) -> Self {
        Self { ran_until: now, ..Self::default() }
    }

    #[inline]
    fn serve(&mut self, now: i64, request: Request, model: &Model, until: i64, recorder: &mut Recorder) {
        let free = self.earliest(model.concurrency);
        let started = free.max(now);
        if started > now {
            while self.waits.front().is_some_and(|end| *end <= now) {
                self.waits.pop_front();
            }
            if self.waits.len() >= model.backlog {
                recorder.rejected(now, &request);
                return;
            }
        }
        let end_of_work = started.saturating_add(request.wait);
        let is_late = end_of_work > request.deadline;
        let fate = if is_late {
            Fate::TimedOut
        } else if request.fails {
            Fate::Error
        } else {
            Fate::Served
        };
        let gives_up_waiting = is_late && request.deadline <= started;
        let leaves_backlog = if gives_up_waiting { request.deadline } else { started };
        let leaves_slot = if is_late { request.deadline } else { end_of_work };
        if started > now {
            self.waits.push_back(leaves_backlog);
        }
        if !gives_up_waiting {
            self.occupy(leaves_slot, model.concurrency);
        }
        let ended = if is_late { request.deadline } else { end_of_work };
        let end = Ended { arrival: request.arrival, started, ended, fate, tag: request.tag };
        self.areas.waiting += leaves_backlog.min(until) - now;
        if ended < until {
            recorder.ended(&end);
        }
        if leaves_slot < until {
            self.areas.in_progress += leaves_slot - leaves_backlog;
            return;
        }
        let known = Known { leaves_backlog, leaves_slot, end };
        if leaves_backlog < until {
            self.areas.in_progress += until - leaves_backlog;
            self.in_slots.push(known);
        } else {
            self.backlog.push_back(known);
        }
    }

    fn run(&mut self, until: i64, _model: &Model, recorder: &mut Recorder) {
        let from = self.ran_until;
        let mut in_slots = std::mem::take(&mut self.in_slots);
        let newer = in_slots.split_off(self.earlier_in_slots.min(in_slots.len()));
        in_slots.retain(|known| self.pass(known, from, until, recorder));
        let mut earlier = self.earlier_in_backlog;
        while earlier > 0
            && let Some(known) = self.backlog.front().copied().filter(|known| known.leaves_backlog < until)
        {
            self.backlog.pop_front();
            earlier -= 1;
            if self.pass(&known, from, until, recorder) {
                in_slots.push(known);
            }
        }
        self.areas.waiting += (until - from) * earlier as i64;
        in_slots.extend(newer);
        self.in_slots = in_slots;
        (self.ran_until, self.earlier_in_slots, self.earlier_in_backlog) = (until, self.in_slots.len(), self.backlog.len());
    }

    fn take_areas(&mut self, _now: i64, _model: &Model) -> Areas {
        std::mem::take(&mut self.areas)
    }

    /// Services whose tasks may hang are followed event by event, by [`super::task::Task`].
    fn hang(&mut self, _now: i64, _model: &Model) {}

    fn in_flight(&self, counts: impl Fn(&Request) -> bool) -> usize {
        let known = self.in_slots.iter().chain(&self.backlog).filter(|known| known.end.ended >= self.ran_until);
        known
            .filter(|known| {
                counts(&Request { arrival: known.end.arrival, deadline: NEVER, cpu: 0.0, wait: 0, fails: false, tag: known.end.tag })
            })
            .count()
    }

    fn kill(&mut self, now: i64, recorder: &mut Recorder) {
        for known in self.in_slots.iter().chain(&self.backlog).filter(|known| known.end.ended >= now) {
            recorder.ended(&Ended { ended: now, fate: Fate::Lost, ..known.end });
        }
        *self = Self { areas: self.areas, ..Self::default() };
    }

    fn time_to_drain(&self, now: i64, _model: &Model) -> SimDuration {
        let last = self.in_slots.iter().chain(&self.backlog).map(|known| known.leaves_slot).max();
        // A task that is stopped at an instant does not get to what happens then.
        SimDuration::from_nanos(last.map_or(0, |last| (last - now + 1).max(0)))
    }
}
