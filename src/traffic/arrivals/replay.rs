//! Playing a trace: which recorded slot falls on which slot of the run, and how its requests are dealt out
//! in whole numbers.
//!
//! A slot's count, scaled and shaped, is rounded up with a chance equal to its fraction and else down, so
//! that the mean is kept and `offered` is a whole number in every fidelity. The draw is keyed by the slot's
//! number from the trace's first sample on, counting on through repetitions: neither a longer warm-up nor
//! another source changes it. Where a recorded slot covers several slots of the run, or lies across their
//! edges, each gets the whole requests up to its end less those before: a share of the slot's count, even
//! or as a spike has it, plus one draw for all of them, rounded down. Together they are the slot's count.

use jiff::Timestamp;

use super::Grid;
use super::shape::Shape;
use crate::error::{Fault, Place, Result};
use crate::random::{Stream, generator, open_unit};
use crate::scenario::model::TraceSource;
use crate::trace::Trace;

/// What names the draws of one source.
#[derive(Clone, Copy)]
pub(super) struct Key {
    pub(super) seed: u64,
    pub(super) service_index: u64,
    pub(super) source_index: u64,
}

/// Adds the requests of a trace to the slots of the grid.
///
/// # Errors
/// When `start_at` is not within the trace.
pub(super) fn add(
    counts: &mut [f64],
    grid: &Grid,
    source: &TraceSource,
    trace: &Trace,
    shape: &Shape,
    start: Timestamp,
    key: Key,
) -> Result<()> {
    let played_before_start = played_before_start(source, trace, start)?;
    let slot_nanos = trace.slot.as_nanos();
    let length = trace.counts.len() as i64;
    let mut first = (grid.first_nanos + played_before_start).div_euclid(slot_nanos);
    let mut last = (grid.edge(grid.slots) - 1 + played_before_start).div_euclid(slot_nanos);
    if !source.repeat {
        (first, last) = (first.max(0), last.min(length - 1));
    }
    for played in first..=last {
        let recorded = trace.counts[played.rem_euclid(length) as usize];
        if recorded == 0.0 {
            continue;
        }
        let begin = played * slot_nanos - played_before_start;
        let end = begin + slot_nanos;
        let expected = recorded * source.scale * shape.growth(begin + slot_nanos / 2) * shape.spikes(begin, end);
        Played::round(begin, end, expected, played, grid, key).deal_out(counts, grid, shape);
    }
    Ok(())
}

/// How much of the trace, in nanoseconds, lies before what plays at the start of the simulation.
pub(super) fn played_before_start(source: &TraceSource, trace: &Trace, start: Timestamp) -> Result<i64> {
    let covers = |instant: Timestamp| trace.start <= instant && instant < trace.end();
    let at_start = match source.start_at {
        Some(start_at) if covers(start_at) => start_at,
        Some(start_at) => {
            let message = format!("start_at is {start_at}, the trace runs from {} to {}", trace.start, trace.end());
            return Err(Fault::input(Place::file(&source.file), message).remedy("choose an instant within the trace").into());
        }
        None if covers(start) => start,
        None => trace.start,
    };
    // Less than the trace's duration, which the check of the sources has bounded.
    Ok(i64::try_from(at_start.as_nanosecond() - trace.start.as_nanosecond()).unwrap_or(0))
}

/// One recorded slot on the clock of the run.
struct Played {
    begin: i64,
    end: i64,
    /// Its requests, a whole number.
    requests: f64,
    /// The draw, between 0 and 1, that decides on which side of an edge a request falls.
    side: f64,
}

impl Played {
    fn round(begin: i64, end: i64, expected: f64, played: i64, grid: &Grid, key: Key) -> Self {
        let whole = expected.floor();
        let slot_of = |time: i64| (time - grid.first_nanos).div_euclid(grid.slot_nanos);
        if whole == expected && slot_of(begin) == slot_of(end - 1) {
            return Self { begin, end, requests: whole, side: 0.0 };
        }
        let index = (played as u64).wrapping_add(key.source_index << 48);
        let mut draws = generator(key.seed, Stream::TraceRounding, key.service_index, index);
        let up = open_unit(&mut draws) < expected - whole;
        Self { begin, end, requests: if up { whole + 1.0 } else { whole }, side: open_unit(&mut draws) }
    }

    fn deal_out(&self, counts: &mut [f64], grid: &Grid, shape: &Shape) {
        let first = (self.begin - grid.first_nanos).div_euclid(grid.slot_nanos).max(0) as usize;
        let mut before = self.requests_until(grid.edge(first), shape);
        for (slot, count) in counts.iter_mut().enumerate().skip(first) {
            let until = self.requests_until(grid.edge(slot + 1), shape);
            *count += until - before;
            before = until;
            if grid.edge(slot + 1) >= self.end {
                break;
            }
        }
    }

    /// Requests of this slot before a time: a whole number that never falls.
    fn requests_until(&self, time: i64, shape: &Shape) -> f64 {
        if time <= self.begin {
            0.0
        } else if time >= self.end {
            self.requests
        } else {
            (self.requests * self.share_until(time, shape) + self.side).floor().min(self.requests)
        }
    }

    /// The share of this slot that has passed at a time within it, weighted by the spikes.
    fn share_until(&self, time: i64, shape: &Shape) -> f64 {
        let elapsed = (time - self.begin) as f64 / (self.end - self.begin) as f64;
        if !shape.has_spike(self.begin, self.end) {
            return elapsed;
        }
        let mean = shape.spikes(self.begin, self.end);
        if mean > 0.0 { (elapsed * shape.spikes(self.begin, time) / mean).min(1.0) } else { elapsed }
    }
}
