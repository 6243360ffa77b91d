//! A whole number that changes now and then: its least, mean and greatest value over time.

use crate::outcome::TaskCount;
use crate::units::SimTime;

/// A count over time.
#[derive(Clone, Copy, Debug)]
pub struct CountOverTime {
    value: u32,
    since: SimTime,
    from: SimTime,
    /// Sum of value times nanoseconds; i128 holds 4 billion tasks for 292 years.
    integral: i128,
    min: u32,
    max: u32,
}

impl CountOverTime {
    /// A count that has this value from `at` on.
    #[must_use]
    pub const fn new(at: SimTime, value: u32) -> Self {
        Self { value, since: at, from: at, integral: 0, min: value, max: value }
    }

    /// The present value.
    #[must_use]
    pub const fn value(&self) -> u32 {
        self.value
    }

    /// Changes the value at `at`, which is not earlier than the last change.
    pub fn set(&mut self, at: SimTime, value: u32) {
        self.settle(at);
        self.value = value;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Forgets the past: least, mean and greatest count from `at` on.
    pub fn restart(&mut self, at: SimTime) {
        *self = Self::new(at, self.value);
    }

    fn settle(&mut self, at: SimTime) {
        self.integral += i128::from(self.value) * i128::from((at - self.since).as_nanos());
        self.since = at;
    }

    /// Unit-seconds from the beginning until `at`.
    #[must_use]
    pub fn seconds_until(&self, at: SimTime) -> f64 {
        let open = i128::from(self.value) * i128::from((at - self.since).as_nanos());
        (self.integral + open) as f64 / 1e9
    }

    /// Least, mean and greatest value until `at`.
    #[must_use]
    pub fn summary(&self, at: SimTime) -> TaskCount {
        let seconds = (at - self.from).as_seconds_f64();
        let mean = if seconds > 0.0 { self.seconds_until(at) / seconds } else { f64::from(self.value) };
        TaskCount { min: self.min, mean, max: self.max }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_weighs_values_by_time() {
        let at = SimTime::from_seconds;
        let mut count = CountOverTime::new(at(0), 2);
        count.set(at(10), 5);
        count.set(at(20), 1);
        let summary = count.summary(at(40));
        assert_eq!((summary.min, summary.max), (1, 5));
        assert!((summary.mean - (20.0 + 50.0 + 20.0) / 40.0).abs() < 1e-12);
        count.restart(at(40));
        assert!((count.summary(at(50)).mean - 1.0).abs() < 1e-12);
    }
}
