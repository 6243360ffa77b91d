//! Numbers with units.
//!
//! Simulated time is an integer count of nanoseconds: a clock made of floats needs an epsilon, and two
//! events meant for one instant drift apart. CPU is counted in CPU units and memory in mebibytes, as
//! ECS itself counts them. A raw number elsewhere carries its unit as the last word of its name.

use std::fmt;
use std::ops::{Add, AddAssign, Mul, Sub, SubAssign};

/// Nanoseconds in one second.
pub const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// CPU units in one virtual CPU, as a task definition counts them.
pub const CPU_UNITS_PER_VCPU: u32 = 1024;

/// Hours in a month, as the AWS Pricing Calculator counts them (8,760 / 12).
pub const HOURS_PER_MONTH: u32 = 730;

/// A span of simulated time in nanoseconds; may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimDuration(i64);

impl SimDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest span that fits (292 years).
    pub const MAX: Self = Self(i64::MAX);

    /// A span of whole nanoseconds.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// A span of whole milliseconds, saturating.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// A span of whole seconds, saturating.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(NANOS_PER_SECOND))
    }

    /// A span of whole hours, saturating.
    #[must_use]
    pub const fn from_hours(hours: i64) -> Self {
        Self::from_seconds(hours.saturating_mul(3600))
    }

    /// A span of seconds, rounded to the nearest nanosecond and saturating; a value that is no number
    /// is zero.
    #[must_use]
    pub fn from_seconds_f64(seconds: f64) -> Self {
        Self((seconds * NANOS_PER_SECOND as f64).round() as i64)
    }

    /// The span in nanoseconds.
    #[must_use]
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// The span in seconds.
    #[must_use]
    pub fn as_seconds_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND as f64
    }

    /// The span in hours.
    #[must_use]
    pub fn as_hours_f64(self) -> f64 {
        self.as_seconds_f64() / 3600.0
    }

    /// Whole seconds, rounded up: how AWS meters a task.
    #[must_use]
    pub const fn as_seconds_rounded_up(self) -> i64 {
        let whole = self.0.div_euclid(NANOS_PER_SECOND);
        if self.0.rem_euclid(NANOS_PER_SECOND) == 0 { whole } else { whole + 1 }
    }

    /// Whether the span has no length or less.
    #[must_use]
    pub const fn is_zero_or_less(self) -> bool {
        self.0 <= 0
    }
}

/// Written as a scenario writes it: the largest units that fit, `1h30m`, `90s` is `1m30s`, `9.5s`.
impl fmt::Display for SimDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return write!(f, "0s");
        }
        if self.0 < 0 {
            write!(f, "-")?;
        }
        let mut rest = self.0.unsigned_abs();
        for (name, size) in [("d", 86_400_u64), ("h", 3_600), ("m", 60)] {
            let size = size * NANOS_PER_SECOND as u64;
            if rest >= size {
                write!(f, "{}{name}", rest / size)?;
                rest %= size;
            }
        }
        let second = NANOS_PER_SECOND as u64;
        match (rest / second, rest % second) {
            (0, 0) => Ok(()),
            (0, nanos) => write!(f, "{}ms", nanos as f64 / 1e6),
            (seconds, 0) => write!(f, "{seconds}s"),
            (_, _) => write!(f, "{}s", rest as f64 / second as f64),
        }
    }
}

/// An instant of simulated time: nanoseconds after the scenario's start, negative during warm-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(i64);

impl SimTime {
    /// The start of the simulated window.
    pub const START: Self = Self(0);
    /// Later than every event.
    pub const NEVER: Self = Self(i64::MAX);

    /// The instant this many nanoseconds after the start.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// The instant this many whole seconds after the start, saturating.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(NANOS_PER_SECOND))
    }

    /// Nanoseconds since the start.
    #[must_use]
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Seconds since the start.
    #[must_use]
    pub fn as_seconds_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND as f64
    }

    /// The first instant at or after this one that lies on a grid of `step` through the start.
    #[must_use]
    pub const fn round_up(self, step: SimDuration) -> Self {
        let past = self.0.rem_euclid(step.0);
        if past == 0 { self } else { Self(self.0.saturating_add(step.0 - past)) }
    }
}

impl Add<SimDuration> for SimTime {
    type Output = Self;
    fn add(self, span: SimDuration) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub<SimDuration> for SimTime {
    type Output = Self;
    fn sub(self, span: SimDuration) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Sub for SimTime {
    type Output = SimDuration;
    fn sub(self, earlier: Self) -> SimDuration {
        SimDuration(self.0.saturating_sub(earlier.0))
    }
}

impl Add for SimDuration {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for SimDuration {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for SimDuration {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl SubAssign for SimDuration {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Mul<i64> for SimDuration {
    type Output = Self;
    fn mul(self, times: i64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

/// CPU in CPU units: 1024 are one vCPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CpuUnits(pub u32);

impl CpuUnits {
    /// The same amount in vCPUs.
    #[must_use]
    pub fn as_vcpu(self) -> f64 {
        f64::from(self.0) / f64::from(CPU_UNITS_PER_VCPU)
    }
}

/// Memory in mebibytes (2^20 bytes), the unit of a task definition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mebibytes(pub u32);

impl Mebibytes {
    /// The same amount in bytes.
    #[must_use]
    pub const fn as_bytes(self) -> u64 {
        self.0 as u64 * 1024 * 1024
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_prints_as_a_scenario_writes_it() {
        let cases = [
            (SimDuration::from_seconds(0), "0s"),
            (SimDuration::from_seconds(90), "1m30s"),
            (SimDuration::from_millis(9_500), "9.5s"),
            (SimDuration::from_millis(250), "250ms"),
            (SimDuration::from_hours(36), "1d12h"),
            (SimDuration::from_seconds(-60), "-1m"),
        ];
        for (duration, text) in cases {
            assert_eq!(duration.to_string(), text);
        }
    }

    #[test]
    fn a_started_second_counts_whole() {
        assert_eq!(SimDuration::from_nanos(1).as_seconds_rounded_up(), 1);
        assert_eq!(SimDuration::from_seconds(60).as_seconds_rounded_up(), 60);
        assert_eq!(SimDuration::from_nanos(60_000_000_001).as_seconds_rounded_up(), 61);
    }

    #[test]
    fn rounding_up_keeps_what_lies_on_the_grid() {
        let minute = SimDuration::from_seconds(60);
        assert_eq!(SimTime::from_seconds(60).round_up(minute), SimTime::from_seconds(60));
        assert_eq!(SimTime::from_seconds(61).round_up(minute), SimTime::from_seconds(120));
        assert_eq!(SimTime::from_seconds(-61).round_up(minute), SimTime::from_seconds(-60));
    }
}
