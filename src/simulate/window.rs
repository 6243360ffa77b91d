//! The window of a run: from the scenario, else from the first trace.

use jiff::Timestamp;

use super::Traces;
use crate::scenario::model::{Scenario, TrafficKind};
use crate::units::SimDuration;

/// 2026-01-05T00:00:00Z, a Monday: the start when nothing else gives one.
const DEFAULT_START_SECONDS: i64 = 1_767_571_200;
/// The length when nothing else gives one.
const DEFAULT_DURATION: SimDuration = SimDuration::from_hours(24);

/// The first instant that counts, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first instant.
    pub start: Timestamp,
    /// The length.
    pub duration: SimDuration,
}

impl Window {
    /// The window of a scenario with these traces.
    #[must_use]
    pub fn of(scenario: &Scenario, traces: &Traces) -> Self {
        let first = scenario.services.iter().zip(traces).flat_map(|(service, traces)| service.traffic.iter().zip(traces)).find_map(
            |(source, trace)| match (&source.kind, trace) {
                (TrafficKind::Trace(description), Some(trace)) => Some((description.start_at.unwrap_or(trace.start), trace)),
                _ => None,
            },
        );
        let default_start = first.map(|(plays_first, _)| plays_first);
        let start = scenario.simulation.start.or(default_start);
        let start = start.unwrap_or_else(|| Timestamp::from_second(DEFAULT_START_SECONDS).expect("a constant in range"));
        let rest_of_trace = first.map(|(plays_first, trace)| {
            let covers_start = trace.start <= start && start < trace.end();
            let from = if scenario.simulation.start.is_some() && covers_start { start } else { plays_first };
            SimDuration::from_nanos(i64::try_from(trace.end().duration_since(from).as_nanos()).unwrap_or(i64::MAX))
        });
        let rest_of_trace = rest_of_trace.filter(|rest| !rest.is_zero_or_less());
        Self { start, duration: scenario.simulation.duration.or(rest_of_trace).unwrap_or(DEFAULT_DURATION) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_start_is_the_monday_it_says() {
        let start = Timestamp::from_second(DEFAULT_START_SECONDS).expect("in range");
        assert_eq!(start.to_string(), "2026-01-05T00:00:00Z");
        let date = start.to_zoned(jiff::tz::TimeZone::UTC).date();
        assert_eq!(date.weekday(), jiff::civil::Weekday::Monday);
    }
}
