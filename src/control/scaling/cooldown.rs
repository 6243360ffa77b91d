//! The waiting times after scaling.
//!
//! A cooldown begins when its activity has succeeded, which is when the running count meets the desired
//! one. While a scale-out cooldown lasts, what its activity added counts as present: a step that asks for
//! three more after two were added adds one (AWS, step scaling overview), so the base of the computation
//! stays what it was, along a chain of activities too. An activity of a policy with a shorter cooldown does
//! not shorten one that runs. AWS leaves open whether a cooldown belongs to a policy or to the target; here it
//! belongs to the target and a direction, and its length is that of the policy that acted.

use crate::units::{SimDuration, SimTime};

/// One cooldown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cooldown {
    phase: Phase,
    /// It ends no earlier than this: the end of a cooldown that ran when the activity began.
    earliest_end: SimTime,
    base: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Phase {
    #[default]
    None,
    /// The activity is under way; the cooldown of this length follows.
    Awaits(SimDuration),
    /// Over at this time.
    Until(SimTime),
}

impl Cooldown {
    /// Whether it does not hold (any more).
    #[must_use]
    pub fn is_over(&self, now: SimTime) -> bool {
        match self.phase {
            Phase::None => true,
            Phase::Awaits(_) => false,
            Phase::Until(end) => now >= end,
        }
    }

    /// When it ends; none when none runs or its activity is still under way.
    #[must_use]
    pub const fn end(&self) -> Option<SimTime> {
        match self.phase {
            Phase::Until(end) => Some(end),
            Phase::None | Phase::Awaits(_) => None,
        }
    }

    /// The capacity that computations start from: while it lasts, that of the activity which started it.
    #[must_use]
    pub fn base(&self, now: SimTime, running: u32) -> u32 {
        if self.is_over(now) { running } else { self.base }
    }

    /// An activity that computed from `base` is under way; a cooldown of this length follows it.
    pub fn await_activity(&mut self, now: SimTime, length: SimDuration, base: u32) {
        let (length, earliest_end) = match self.phase {
            Phase::Awaits(pending) => (length.max(pending), self.earliest_end),
            Phase::Until(end) => (length, end.max(now)),
            Phase::None => (length, now),
        };
        *self = Self { phase: Phase::Awaits(length), earliest_end, base };
    }

    /// Capacity fell to this: what a computation starts from is no more than what is left.
    pub fn capacity_fell(&mut self, capacity: u32) {
        self.base = self.base.min(capacity);
    }

    /// The activity succeeded.
    pub fn begin(&mut self, now: SimTime) {
        if let Phase::Awaits(length) = self.phase {
            self.phase = Phase::Until((now + length).max(self.earliest_end));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cooldown_lasts_from_success_and_keeps_its_base() {
        let at = |seconds| SimTime::START + SimDuration::from_seconds(seconds);
        let mut cooldown = Cooldown::default();
        assert!(cooldown.is_over(at(0)));
        cooldown.await_activity(at(0), SimDuration::from_seconds(60), 10);
        assert_eq!((cooldown.is_over(at(500)), cooldown.base(at(500), 12), cooldown.end()), (false, 10, None));
        cooldown.begin(at(500));
        cooldown.begin(at(520));
        assert_eq!((cooldown.is_over(at(559)), cooldown.end()), (false, Some(at(560))));
        assert_eq!((cooldown.is_over(at(560)), cooldown.base(at(560), 12)), (true, 12));
    }

    #[test]
    fn a_base_is_no_more_than_what_is_left() {
        let mut cooldown = Cooldown::default();
        cooldown.await_activity(SimTime::START, SimDuration::from_seconds(60), 10);
        cooldown.capacity_fell(2);
        assert_eq!(cooldown.base(SimTime::START, 12), 2);
    }

    #[test]
    fn a_shorter_cooldown_does_not_shorten_one_that_runs() {
        let at = |seconds| SimTime::START + SimDuration::from_seconds(seconds);
        let mut cooldown = Cooldown::default();
        cooldown.await_activity(at(0), SimDuration::from_seconds(300), 10);
        cooldown.begin(at(30));
        cooldown.await_activity(at(100), SimDuration::ZERO, 10);
        cooldown.begin(at(130));
        assert_eq!(cooldown.end(), Some(at(330)));
        // While the first is under way, the longer of both follows.
        let mut pending = Cooldown::default();
        pending.await_activity(at(0), SimDuration::from_seconds(300), 10);
        pending.await_activity(at(20), SimDuration::from_seconds(60), 10);
        pending.begin(at(50));
        assert_eq!(pending.end(), Some(at(350)));
    }
}
