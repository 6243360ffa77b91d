//! How long a service has fewer healthy tasks than it should have.

use crate::units::{SimDuration, SimTime};

/// Time in which fewer tasks were healthy than the desired count. A task that starts counts as missing.
#[derive(Clone, Copy, Debug)]
pub struct Shortfall {
    since: SimTime,
    is_below: bool,
    total: SimDuration,
}

impl Shortfall {
    /// Nothing is missing at `from`.
    pub const fn new(from: SimTime) -> Self {
        Self { since: from, is_below: false, total: SimDuration::ZERO }
    }

    /// The counts are these from `now` on, which is not earlier than the last time.
    pub fn observe(&mut self, now: SimTime, healthy: u32, desired: u32) {
        self.total = self.until(now);
        self.since = now;
        self.is_below = healthy < desired;
    }

    /// Forgets the time before `now`.
    pub const fn restart(&mut self, now: SimTime) {
        self.since = now;
        self.total = SimDuration::ZERO;
    }

    /// All of it until a time.
    pub fn until(&self, now: SimTime) -> SimDuration {
        if self.is_below { self.total + (now - self.since) } else { self.total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_below_the_desired_count_adds_up() {
        let at = SimTime::from_seconds;
        let mut shortfall = Shortfall::new(at(-60));
        shortfall.observe(at(-30), 3, 4);
        shortfall.restart(at(0));
        shortfall.observe(at(10), 4, 4);
        shortfall.observe(at(50), 5, 4);
        shortfall.observe(at(70), 5, 6);
        assert_eq!(shortfall.until(at(75)), SimDuration::from_seconds(15));
    }
}
