//! The meter: it turns spans of running tasks and flows of requests into usage by UTC hour.
//!
//! AWS bills a Fargate task from the start of its image pull to its stop, rounded up to the second, with a
//! minimum for each task. Spans are cut to the window of the run: what lies in the warm-up is not billed,
//! and what still runs is billed to the end.

use crate::units::{NANOS_PER_SECOND, SimDuration, SimTime};

/// Seconds in an hour.
const HOUR_SECONDS: i64 = 3600;

/// The hours of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourGrid {
    /// From the start of hour 0 to simulated time 0.
    into_first_hour: SimDuration,
    /// The end of the window.
    end: SimTime,
}

impl HourGrid {
    /// The hours of a window that starts `into_first_hour` after a full hour and ends at `end`.
    #[must_use]
    pub const fn new(into_first_hour: SimDuration, end: SimTime) -> Self {
        Self { into_first_hour, end }
    }

    /// The number of hours that the window touches, at least one.
    #[must_use]
    pub fn hours(&self) -> usize {
        let seconds = (self.into_first_hour + (self.end - SimTime::START)).as_seconds_rounded_up();
        (seconds.max(1) as usize).div_ceil(HOUR_SECONDS as usize)
    }

    /// The instant at which hour 0 ends.
    #[must_use]
    pub fn end_of_first_hour(&self) -> SimTime {
        SimTime::START + (SimDuration::from_seconds(HOUR_SECONDS) - self.into_first_hour)
    }

    /// The hour in which an instant lies, from 0; one before the window lies in hour 0.
    #[must_use]
    pub fn hour_of(&self, time: SimTime) -> usize {
        (self.second_of(time).max(0) / HOUR_SECONDS) as usize
    }

    /// The whole second of hour 0 in which an instant lies.
    fn second_of(&self, time: SimTime) -> i64 {
        (self.into_first_hour + (time - SimTime::START)).as_nanos().div_euclid(NANOS_PER_SECOND)
    }
}

/// Amounts by UTC hour. What lies outside of the window is left out.
#[derive(Clone, Debug)]
pub struct HourMeter {
    grid: HourGrid,
    amounts: Vec<f64>,
}

impl HourMeter {
    /// A meter at zero.
    #[must_use]
    pub fn new(grid: HourGrid) -> Self {
        Self { grid, amounts: vec![0.0; grid.hours()] }
    }

    /// Adds an amount at an instant.
    pub fn add(&mut self, at: SimTime, amount: f64) {
        if (SimTime::START..self.grid.end).contains(&at) {
            let hour = (self.grid.second_of(at) / HOUR_SECONDS) as usize;
            self.amounts[hour] += amount;
        }
    }

    /// Adds so much for each hour of a span.
    pub fn add_span(&mut self, from: SimTime, until: SimTime, per_hour: f64) {
        let until = until.min(self.grid.end);
        let mut from = from.max(SimTime::START);
        while from < until {
            let hour = self.grid.second_of(from) / HOUR_SECONDS;
            let next = (self.grid.end_of_first_hour() + SimDuration::from_hours(hour)).min(until);
            self.amounts[hour as usize] += per_hour * (next - from).as_hours_f64();
            from = next;
        }
    }

    /// The amounts.
    #[must_use]
    pub fn finish(self) -> Vec<f64> {
        self.amounts
    }
}

/// Billed task-seconds of one service on one capacity provider.
#[derive(Clone, Debug)]
pub struct TaskMeter {
    grid: HourGrid,
    minimum_seconds: u64,
    billed_seconds: Vec<u64>,
}

impl TaskMeter {
    /// A meter at zero; each stopped task is billed `minimum_seconds` at least.
    #[must_use]
    pub fn new(grid: HourGrid, minimum_seconds: u64) -> Self {
        Self { grid, minimum_seconds, billed_seconds: vec![0; grid.hours()] }
    }

    /// Bills a task from the start of its pull to its stop; none: it still runs at the end of the window.
    /// Returns the seconds billed inside the window.
    pub fn bill(&mut self, pull_started: SimTime, stopped: Option<SimTime>) -> u64 {
        let from = pull_started.max(SimTime::START);
        let until = stopped.unwrap_or(self.grid.end).min(self.grid.end);
        if until <= SimTime::START || from >= self.grid.end {
            return 0;
        }
        let mut seconds = (until - from).as_seconds_rounded_up().max(0) as u64;
        let ended_inside = stopped.is_some_and(|stopped| stopped <= self.grid.end);
        if ended_inside && pull_started >= SimTime::START {
            seconds = seconds.max(self.minimum_seconds);
        }
        self.spread(from, seconds);
        seconds
    }

    /// Adds seconds hour by hour; what a minimum adds beyond the window stays in its last hour.
    fn spread(&mut self, from: SimTime, seconds: u64) {
        let first = self.grid.second_of(from);
        let last_hour = self.billed_seconds.len() - 1;
        let (mut hour, mut rest) = ((first / HOUR_SECONDS) as usize, seconds);
        let mut room = (HOUR_SECONDS - first % HOUR_SECONDS) as u64;
        while rest > 0 {
            let here = if hour >= last_hour { rest } else { rest.min(room) };
            self.billed_seconds[hour.min(last_hour)] += here;
            rest -= here;
            hour += 1;
            room = HOUR_SECONDS as u64;
        }
    }

    /// Billed task-seconds by hour.
    #[must_use]
    pub fn finish(self) -> Vec<u64> {
        self.billed_seconds
    }

    /// Billed task-seconds of the whole window.
    #[must_use]
    pub fn total_seconds(&self) -> u64 {
        self.billed_seconds.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> SimTime {
        SimTime::from_seconds(seconds)
    }

    fn meter() -> TaskMeter {
        // A window of three hours that starts at half past.
        TaskMeter::new(HourGrid::new(SimDuration::from_seconds(1800), at(3 * 3600)), 60)
    }

    #[test]
    fn amounts_go_to_their_hours_and_the_window_bounds_them() {
        // Hour 0 holds the first half hour of the window, hour 3 the last.
        let grid = HourGrid::new(SimDuration::from_seconds(1800), at(3 * 3600));
        let mut pulls = HourMeter::new(grid);
        for (second, amount) in [(-1, 1.0), (0, 2.0), (1799, 4.0), (1800, 8.0), (10_799, 16.0), (10_800, 32.0)] {
            pulls.add(at(second), amount);
        }
        assert_eq!(pulls.finish(), [6.0, 8.0, 0.0, 16.0]);
        let mut stored = HourMeter::new(grid);
        stored.add_span(at(-500), at(3600), 10.0);
        stored.add_span(at(3600), SimTime::NEVER, 20.0);
        assert_eq!(stored.finish(), [5.0, 5.0 + 10.0, 20.0, 10.0]);
    }

    #[test]
    fn a_span_is_divided_among_utc_hours() {
        let mut meter = meter();
        assert_eq!(meter.bill(at(0), Some(at(7200))), 7200);
        assert_eq!(meter.finish(), [1800, 3600, 1800, 0]);
    }

    #[test]
    fn a_started_second_and_a_started_minute_are_billed() {
        let mut meter = meter();
        let span = SimDuration::from_millis(90_001);
        assert_eq!(meter.bill(at(10), Some(at(10) + span)), 91);
        assert_eq!(meter.bill(at(10), Some(at(15))), 60);
        assert_eq!(meter.total_seconds(), 151);
    }

    #[test]
    fn only_the_window_is_billed() {
        let mut meter = meter();
        assert_eq!(meter.bill(at(-500), Some(at(-1))), 0);
        assert_eq!(meter.bill(at(-500), Some(at(10))), 10);
        assert_eq!(meter.bill(at(3 * 3600 - 5), None), 5);
        assert_eq!(meter.bill(at(-7200), None), 3 * 3600);
    }
}
