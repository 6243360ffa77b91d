//! The rows of a timeline, filled without touching what they show.
//!
//! A plane steps from one of its own instants to the next, and rows end in between. A step that was made
//! for a row would change the last bits of every figure, so a row takes its share of whole steps instead:
//! of requests by what arrived in the row, of everything else by time. Rows that are shorter than the steps
//! therefore follow the arrivals closely and show queues as means over a step.

use std::collections::VecDeque;

use super::arrivals::Arrivals;
use super::gauges::Gauges;
use super::response::ResponseTable;
use super::tally::Window;
use crate::units::{SimDuration, SimTime};

/// What the tasks did in one step of the timeline.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its first instant.
    pub start: SimTime,
    /// The instant after it.
    pub end: SimTime,
    /// Sums over time.
    pub gauges: Gauges,
    /// Requests and response times.
    pub window: Window,
}

/// Rows that are still being filled, on a grid through the start of the run.
#[derive(Clone, Debug)]
pub struct RowLedger {
    resolution: SimDuration,
    end: SimTime,
    open: VecDeque<Row>,
    spare: Vec<Window>,
}

impl RowLedger {
    /// Rows of this length from the start to `end`, where the last one may be cut short.
    #[must_use]
    pub const fn new(resolution: SimDuration, end: SimTime) -> Self {
        Self { resolution, end, open: VecDeque::new(), spare: Vec::new() }
    }

    /// Shares a step out to the rows that it touches. Steps follow one another without a gap; what lies
    /// before the start belongs to no row.
    pub fn share(&mut self, from: SimTime, until: SimTime, arrivals: &Arrivals, gauges: &Gauges, window: &Window) {
        let mut at = from.max(SimTime::START);
        let (mut of_requests_left, span) = (1.0, (until - from).as_seconds_f64());
        while at < until {
            let row_end = self.row_at(at).end;
            let part_end = row_end.min(until);
            let of_time = (part_end - at).as_seconds_f64() / span;
            let of_requests = if part_end == until {
                of_requests_left
            } else if window.offered > 0.0 {
                (arrivals.between(at, part_end) / window.offered).min(of_requests_left)
            } else {
                of_time
            };
            of_requests_left -= of_requests;
            let row = self.row_at(at);
            row.gauges.add(gauges, of_time);
            row.window.add(window, of_requests);
            at = part_end;
        }
    }

    /// The row that holds an instant: the newest, or the one after it.
    fn row_at(&mut self, at: SimTime) -> &mut Row {
        if self.open.back().is_none_or(|row| row.end <= at) {
            let end = (at + SimDuration::from_nanos(1)).round_up(self.resolution).min(self.end);
            let window = self.spare.pop().unwrap_or_default();
            self.open.push_back(Row { start: at, end, gauges: Gauges::default(), window });
        }
        self.open.back_mut().expect("a row was just made sure of")
    }

    /// Adds CPU time that a measurement of [from, until) shows beyond its expectation, evenly over time.
    pub fn add_request_vcpu_seconds(&mut self, from: SimTime, until: SimTime, vcpu_seconds: f64) {
        let span = (until - from).as_seconds_f64();
        for row in &mut self.open {
            let inside = row.end.min(until) - row.start.max(from);
            if !inside.is_zero_or_less() {
                row.gauges.request_vcpu_seconds += vcpu_seconds * inside.as_seconds_f64() / span;
            }
        }
    }

    /// Unfolds what the rows hold by places in a table that is used no longer.
    pub fn unfold(&mut self, table: &ResponseTable) {
        self.open.iter_mut().for_each(|row| row.window.unfold(table));
    }

    /// The oldest row, if it ended by this time.
    pub fn finished(&mut self, by: SimTime) -> Option<Row> {
        if self.open.front().is_some_and(|row| row.end <= by) { self.open.pop_front() } else { None }
    }

    /// Takes back the memory of a row that was read.
    pub fn reuse(&mut self, mut row: Row) {
        row.window.clear();
        self.spare.push(row.window);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::{TrafficKind, TrafficSource};

    fn at(seconds: i64) -> SimTime {
        SimTime::from_seconds(seconds)
    }

    fn steady_arrivals() -> Arrivals {
        let kind = TrafficKind::Constant(2.0);
        let source = TrafficSource {
            kind,
            growth: 0.0,
            grown_before: SimDuration::ZERO,
            spikes: Vec::new(),
            deterministic_arrivals: true,
            dispersion: 0.0,
        };
        let start = "2026-01-05T00:00:00Z".parse().expect("a time");
        Arrivals::build(&[(&source, None)], start, at(0), at(600), 1, 1).expect("valid")
    }

    #[test]
    fn a_step_is_shared_out_to_the_rows_that_it_touches() {
        let mut ledger = RowLedger::new(SimDuration::from_seconds(25), at(70));
        let gauges = Gauges { seconds: 70.0, request_seconds: 700.0, ..Gauges::default() };
        let mut window = Window::default();
        (window.offered, window.served) = (140.0, 70.0);
        ledger.share(at(0), at(70), &steady_arrivals(), &gauges, &window);
        ledger.add_request_vcpu_seconds(at(0), at(50), 5.0);
        assert!(ledger.finished(at(24)).is_none());
        for (end, seconds, work) in [(25, 25.0, 2.5), (50, 25.0, 2.5), (70, 20.0, 0.0)] {
            let row = ledger.finished(at(70)).expect("a row");
            assert_eq!(row.end, at(end));
            let close = |got: f64, expected: f64| assert!((got - expected).abs() < 1e-9, "{got} is not {expected}");
            close(row.gauges.seconds, seconds);
            close(row.gauges.request_seconds, 10.0 * seconds);
            close(row.gauges.request_vcpu_seconds, work);
            close(row.window.offered, 2.0 * seconds);
            close(row.window.served, seconds);
            ledger.reuse(row);
        }
        assert!(ledger.finished(at(70)).is_none());
    }
}
