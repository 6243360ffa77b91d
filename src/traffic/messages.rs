//! Messages in the order of their arrival: those that wait, those in tasks, those that are hidden.
//!
//! What waits is kept as batches that arrived evenly over a span, at most a minute each once they are older
//! than the step that brought them: memory is bounded by the minutes that the oldest waits.

use std::collections::VecDeque;

use super::pool::Position;
use crate::units::SimTime;

/// Batches within one such span go together.
const BATCH_SECONDS: f64 = 60.0;
/// Times that differ by less are the same, where one piece of a step follows another.
const SAME_SECONDS: f64 = 1e-6;
/// Fewer messages than this are none to speak of.
const NEGLIGIBLE_MESSAGES: f64 = 1e-6;
/// Less than this share of a list is the last bits of its sums.
const NOTHING: f64 = 1e-12;

/// Messages that arrived evenly over a span, in seconds after the start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Batch {
    /// The arrival of the first.
    pub first: f64,
    /// The arrival of the last.
    pub last: f64,
    /// How many.
    pub count: f64,
}

impl Batch {
    /// The mean arrival.
    #[must_use]
    pub const fn middle(&self) -> f64 {
        f64::midpoint(self.first, self.last)
    }

    /// Splits off the older part of so many messages.
    fn split_off_older(&mut self, count: f64) -> Self {
        let cut = self.first + (self.last - self.first) * (count / self.count);
        let older = Self { first: self.first, last: cut, count };
        *self = Self { first: cut, last: self.last, count: self.count - count };
        older
    }
}

/// The visible messages, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    batches: VecDeque<Batch>,
    total: f64,
}

impl Waiting {
    /// How many wait.
    #[must_use]
    pub const fn total(&self) -> f64 {
        self.total
    }

    /// The batches, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Batch> {
        self.batches.iter()
    }

    /// The arrival of the oldest, in seconds after the start.
    #[must_use]
    pub fn oldest(&self) -> Option<f64> {
        self.batches.front().map(|batch| batch.first)
    }

    /// Adds messages that arrived after all others.
    pub fn push(&mut self, batch: Batch) {
        if batch.count <= 0.0 {
            return;
        }
        self.total += batch.count;
        let slot = |seconds: f64| (seconds / BATCH_SECONDS).floor();
        match self.batches.back_mut() {
            Some(newest) if (newest.last - batch.first).abs() < SAME_SECONDS && slot(newest.first) == slot(batch.first) => {
                newest.last = batch.last;
                newest.count += batch.count;
            }
            _ => self.batches.push_back(batch),
        }
    }

    /// Adds messages that were received before, where their arrival puts them.
    pub fn put_back(&mut self, batch: Batch) {
        self.total += batch.count;
        let place = self.batches.partition_point(|known| known.first <= batch.first);
        self.batches.insert(place, batch);
    }

    /// Takes the oldest messages, batch by batch.
    pub fn take(&mut self, count: f64, mut taken: impl FnMut(Batch)) {
        let mut left = count.min(self.total);
        while left > NOTHING * count {
            let Some(oldest) = self.batches.front_mut() else { break };
            let batch = if oldest.count <= left * (1.0 + NOTHING) {
                let whole = *oldest;
                self.batches.pop_front();
                whole
            } else {
                oldest.split_off_older(left)
            };
            left -= batch.count;
            self.total -= batch.count;
            taken(batch);
        }
        self.settle();
    }

    /// Takes messages that arrived before an instant.
    pub fn take_older_than(&mut self, seconds: f64, mut taken: impl FnMut(Batch)) {
        while let Some(oldest) = self.batches.front_mut().filter(|oldest| oldest.first < seconds) {
            let span = oldest.last - oldest.first;
            let batch = if oldest.last <= seconds || span <= 0.0 {
                let whole = *oldest;
                self.batches.pop_front();
                whole
            } else {
                oldest.split_off_older(oldest.count * (seconds - oldest.first) / span)
            };
            self.total -= batch.count;
            taken(batch);
        }
        self.settle();
    }

    /// An empty list holds nothing, whatever its sums say.
    fn settle(&mut self) {
        self.total = if self.batches.is_empty() { 0.0 } else { self.total.max(0.0) };
    }
}

/// How long messages waited.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wait {
    /// As the steady state says.
    Steady(Position),
    /// So many seconds.
    Seconds(f64),
}

/// Messages that a task works on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Started {
    /// Their mean arrival, in seconds after the start.
    pub arrived: f64,
    /// When a task received them.
    pub received: f64,
    /// How long they waited.
    pub wait: Wait,
    /// How many.
    pub count: f64,
}

/// The messages in tasks, in the order of their receipt.
#[derive(Clone, Debug, Default)]
pub struct InTasks {
    started: VecDeque<Started>,
    total: f64,
}

impl InTasks {
    /// How many.
    #[must_use]
    pub const fn total(&self) -> f64 {
        self.total
    }

    /// The messages, oldest receipt first.
    pub fn iter(&self) -> impl Iterator<Item = &Started> {
        self.started.iter()
    }

    /// Adds messages received after all others.
    pub fn push(&mut self, started: Started) {
        self.total += started.count;
        let slot = |seconds: f64| (seconds / BATCH_SECONDS).floor();
        match self.started.back_mut() {
            Some(newest)
                if newest.wait == started.wait
                    && newest.received.total_cmp(&started.received).is_eq()
                    && slot(newest.arrived) == slot(started.arrived) =>
            {
                newest.count += started.count;
            }
            _ => self.started.push_back(started),
        }
    }

    /// Takes the messages that were received first.
    pub fn take(&mut self, count: f64, mut taken: impl FnMut(Started)) {
        let mut left = count.min(self.total);
        while left > NOTHING * count {
            let Some(oldest) = self.started.front_mut() else { break };
            let mut part = *oldest;
            if oldest.count <= left * (1.0 + NOTHING) {
                self.started.pop_front();
            } else {
                part.count = left;
                oldest.count -= left;
            }
            left -= part.count;
            self.total -= part.count;
            taken(part);
        }
        self.total = if self.started.is_empty() { 0.0 } else { self.total.max(0.0) };
    }

    /// Splits off a share of every entry: what one of several equal tasks holds.
    #[must_use]
    pub fn split_off(&mut self, share: f64) -> Self {
        if share >= 1.0 {
            return std::mem::take(self);
        }
        let part = |started: &Started| Started { count: started.count * share, ..*started };
        let split = Self { started: self.started.iter().map(part).collect(), total: self.total * share };
        for started in &mut self.started {
            started.count *= 1.0 - share;
        }
        self.total *= 1.0 - share;
        split
    }
}

/// Messages whose task is gone and whose visibility timeout has not ended, soonest first.
#[derive(Clone, Debug, Default)]
pub struct Hidden {
    entries: VecDeque<(SimTime, Batch)>,
}

impl Hidden {
    /// How many.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.iter().map(|batch| batch.count).sum()
    }

    /// The messages.
    pub fn iter(&self) -> impl Iterator<Item = &Batch> {
        self.entries.iter().map(|(_, batch)| batch)
    }

    /// When the next of them become visible.
    #[must_use]
    pub fn next(&self) -> Option<SimTime> {
        self.entries.front().map(|(time, _)| *time)
    }

    /// Hides messages until an instant, together with those of the same minute that are hidden until then.
    ///
    /// What fails again and again becomes ever less and is never nothing: less than a millionth of a message goes with its neighbour,
    /// whatever its minute, so that a queue holds about as many batches as its messages have failed often. Those that arrived
    /// before `counted_from` seconds stay apart: they are in no count.
    pub fn hide(&mut self, until: SimTime, batch: Batch, counted_from: f64) {
        let slot = |batch: &Batch| (batch.first / BATCH_SECONDS).floor();
        let place = self.entries.partition_point(|(time, known)| (*time, slot(known)) <= (until, slot(&batch)));
        let is_negligible = |batch: &Batch| batch.count < NEGLIGIBLE_MESSAGES;
        if let Some((time, known)) = place.checked_sub(1).and_then(|before| self.entries.get_mut(before))
            && *time == until
            && (known.first >= counted_from) == (batch.first >= counted_from)
            && (slot(known) == slot(&batch) || is_negligible(&batch) || is_negligible(known))
        {
            if !is_negligible(&batch) {
                (known.first, known.last) = if is_negligible(known) {
                    (batch.first, batch.last)
                } else {
                    (known.first.min(batch.first), known.last.max(batch.last))
                };
            }
            known.count += batch.count;
            return;
        }
        self.entries.insert(place, (until, batch));
    }

    /// The next messages that are visible again by now.
    pub fn take_visible(&mut self, now: SimTime) -> Option<Batch> {
        if self.next()? <= now { self.entries.pop_front().map(|(_, batch)| batch) } else { None }
    }
}
