//! Recorded traffic: how many requests arrived in each slot of time.
//!
//! A trace is evidence. It knows nothing of scenarios, and its reader decides nothing silently: a file
//! that can be understood in two ways is refused with the line that is in doubt, and whatever was done to a
//! file that can be understood in one way only is kept in [`Quality`], to be shown to the user.
//!
//! Read here: comma-separated values in the many forms that tools export, plain or packed with gzip
//! ([`read_csv`]). Left out: utilisation, of which an absent sample is unknown and not zero, and logs with
//! a line for each request.

mod columns;
mod csv;
mod input;
mod numbers;
mod quality;
mod series;
mod timestamps;

use jiff::Timestamp;

pub use self::csv::{CsvOptions, read_csv};
pub use self::quality::{Quality, Repair};
use crate::units::SimDuration;

/// Requests by slot, without a gap.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// When the first slot begins.
    pub start: Timestamp,
    /// The length of each slot, above zero.
    pub slot: SimDuration,
    /// Requests in each slot, zero or more; a recorded slot in which nothing arrived holds zero.
    pub counts: Vec<f64>,
    /// What was done to the file.
    pub quality: Quality,
}

impl Trace {
    /// The instant after the last slot; the latest instant that a time stamp can hold when it lies beyond.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        let nanos = self.start.as_nanosecond().saturating_add(i128::from(self.duration().as_nanos()));
        Timestamp::from_nanosecond(nanos).unwrap_or(Timestamp::MAX)
    }

    /// From the start of the first slot to the end of the last.
    #[must_use]
    pub fn duration(&self) -> SimDuration {
        self.slot * i64::try_from(self.counts.len()).unwrap_or(i64::MAX)
    }

    /// All requests.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.counts.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_ends_after_its_last_slot() {
        let start = Timestamp::from_second(1_000).unwrap();
        let trace = Trace { start, slot: SimDuration::from_seconds(60), counts: vec![1.0, 2.0, 4.0], quality: Quality::default() };
        assert_eq!(trace.duration(), SimDuration::from_seconds(180));
        assert_eq!(trace.end(), Timestamp::from_second(1_180).unwrap());
        assert_eq!(trace.total(), 7.0);
        let endless = Trace { start: Timestamp::MAX, ..trace };
        assert_eq!(endless.end(), Timestamp::MAX);
    }
}
