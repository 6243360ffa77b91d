//! How many requests arrive at a service, and when: all its traffic sources on one grid of slots.
//!
//! Both fidelities and every variant of a scenario read the same arrivals, so what a comparison shows is the
//! variant and not the luck of the day.
//!
//! - The slots are the widest that divide a minute and the slots of every trace, on a grid through the
//!   start of the simulation. Within a slot, requests are spread evenly.
//! - A recorded count holds its own chance already. It is replayed: scaled, rounded to a whole number by one
//!   keyed draw, and dealt out to the slots in whole numbers (`replay`).
//! - A constant or a pattern gives expected values; whoever draws their requests adds the noise that
//!   [`Arrivals::flow`] states.
//! - Growth is taken at the middle of a slot, spikes are averaged over it exactly (`shape`), the
//!   wave of a pattern is averaged too, with the clock and the weekday of the slot's middle (`wave`).
//!
//! Left out: bursts inside a slot of a trace. A file by minutes does not hold them.

mod check;
pub mod points;
mod replay;
mod shape;
mod wave;

use jiff::Timestamp;

use self::shape::Shape;
use crate::error::{Fault, Place, Result};
use crate::scenario::model::{TrafficKind, TrafficSource};
use crate::trace::Trace;
use crate::units::{SimDuration, SimTime};

/// The slots of traffic without a trace: one minute, the resolution of the metrics that scaling reads.
const MINUTE: SimDuration = SimDuration::from_seconds(60);

/// The most slots: a leap year of seconds, with room for its warm-up.
const MAX_SLOTS: i128 = 400 * 86_400;

/// No time of a run lies further from its start than this (73 years), so that sums of a few times fit.
const MAX_NANOS: i64 = i64::MAX / 4;

/// The arrivals of one service over a run and its warm-up.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrivals {
    grid: Grid,
    /// Requests before each edge of the grid, one more than there are slots.
    cumulative: Vec<f64>,
    dispersion: Dispersion,
}

/// The indices of dispersion of all sources.
#[derive(Clone, Debug, PartialEq)]
enum Dispersion {
    /// That of every source.
    Same(f64),
    /// They differ: as the requests before each edge, each source weighted by its index.
    Weighted(Vec<f64>),
}

impl Arrivals {
    /// The arrivals of these sources from `from` (zero, or less with a warm-up) until `until`.
    ///
    /// A source that plays a trace comes with that trace. `start` is the instant of simulated time zero;
    /// `service_index` keys the draws.
    ///
    /// # Errors
    /// When a source holds a figure that is no rate, factor or span, when a time zone is unknown, when a
    /// trace is missing or does not hold its `start_at`, or when the run has too many slots.
    pub fn build(
        sources: &[(&TrafficSource, Option<&Trace>)],
        start: Timestamp,
        from: SimTime,
        until: SimTime,
        seed: u64,
        service_index: u64,
    ) -> Result<Self> {
        Self::build_part(sources, start, from, until, (seed, service_index), &|_| true)
    }

    /// The arrivals of those sources alone whose place is kept, on the same slots.
    fn build_part(
        sources: &[(&TrafficSource, Option<&Trace>)],
        start: Timestamp,
        from: SimTime,
        until: SimTime,
        (seed, service_index): (u64, u64),
        keep: &dyn Fn(usize) -> bool,
    ) -> Result<Self> {
        check::check(sources)?;
        let grid = Grid::over(slot_of(sources), from, until)?;
        // The counts of the slots, each at the edge after it; they are summed up in place.
        let mut cumulative = vec![0.0; grid.slots + 1];
        let counts = &mut cumulative[1..];
        let mut dispersion = match sources.first().map_or(0.0, |(source, _)| dispersion_of(source)) {
            first if sources.iter().all(|(source, _)| dispersion_of(source) == first) => Dispersion::Same(first),
            _ => Dispersion::Weighted(vec![0.0; grid.slots + 1]),
        };
        for (source_index, (source, trace)) in (0_u64..).zip(sources).filter(|(index, _)| keep(*index as usize)) {
            let shape = Shape::new(source);
            match (&source.kind, trace) {
                (TrafficKind::Trace(played), trace) => {
                    let trace = trace.ok_or_else(|| Fault::input(Place::file(&played.file), "the trace was not read"))?;
                    let key = replay::Key { seed, service_index, source_index };
                    replay::add(counts, &grid, played, trace, &shape, start, key)?;
                }
                (TrafficKind::Constant(rate_rps), _) => {
                    let rates = std::iter::repeat_n(*rate_rps, grid.slots);
                    add_expected(counts, &mut dispersion, shape.counts(&grid, rates), dispersion_of(source));
                }
                (TrafficKind::Pattern(pattern), _) => {
                    let rates = wave::rates_rps(pattern, &grid, start)?;
                    add_expected(counts, &mut dispersion, shape.counts(&grid, rates), dispersion_of(source));
                }
                // What arrives of these depends on the answers.
                (TrafficKind::Users(_) | TrafficKind::Calls(_), _) => {}
            }
        }
        sum_up(&mut cumulative);
        if let Dispersion::Weighted(sums) = &mut dispersion {
            sum_up(sums);
        }
        let is_finite = |sums: &[f64]| sums.last().is_none_or(|total| total.is_finite());
        if !is_finite(&cumulative) || matches!(&dispersion, Dispersion::Weighted(sums) if !is_finite(sums)) {
            let fault = Fault::input(Place::path("traffic"), "the requests of the run are more than a number holds");
            return Err(fault.remedy("lower the rate, its growth or its spikes").into());
        }
        Ok(Self { grid, cumulative, dispersion })
    }

    /// Requests that arrive in [from, to): replayed ones, and of other sources as many as are expected.
    /// Outside of the span that was built, none arrive. Takes constant time; between edges of slots the
    /// result is exact, within a slot requests are spread evenly.
    #[must_use]
    pub fn between(&self, from: SimTime, to: SimTime) -> f64 {
        self.flow(from, to).requests
    }

    /// What arrives in [from, to), as [`Arrivals::between`], with its index of dispersion: variance to mean of
    /// the count per minute beyond that number, 0 where a trace is replayed or arrivals are deterministic, 1
    /// for Poisson; of a mixture the mean weighted by requests, which is that of a sum of independent
    /// counts. Zero when nothing arrives.
    #[must_use]
    pub fn flow(&self, from: SimTime, to: SimTime) -> Flow {
        self.flow_between(&self.mark(from), &self.mark(to))
    }

    /// What has come until a time, for those who ask for one span after the other.
    #[must_use]
    pub fn mark(&self, time: SimTime) -> Mark {
        self.mark_at(self.grid.place(time))
    }

    /// The same for a time soon after another mark, which is found without a division.
    #[must_use]
    pub fn mark_after(&self, earlier: &Mark, time: SimTime) -> Mark {
        self.mark_at(self.grid.place_near(earlier.slot, time))
    }

    fn mark_at(&self, place: GridPlace) -> Mark {
        let dispersed = match &self.dispersion {
            Dispersion::Same(_) => 0.0,
            Dispersion::Weighted(sums) => place.sum(sums),
        };
        Mark { slot: place.slot, requests: place.sum(&self.cumulative), dispersed }
    }

    /// What arrives between two marks, as [`Arrivals::flow`].
    #[must_use]
    pub fn flow_between(&self, from: &Mark, to: &Mark) -> Flow {
        let requests = (to.requests - from.requests).max(0.0);
        let dispersion = match self.dispersion {
            _ if requests <= 0.0 => 0.0,
            Dispersion::Same(index) => index,
            Dispersion::Weighted(_) => (to.dispersed - from.dispersed).max(0.0) / requests,
        };
        Flow { requests, dispersion }
    }

    /// All requests of all slots, the warm-up's and those of a last slot that outlasts the run included.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.cumulative.last().copied().unwrap_or(0.0)
    }

    /// The length of a slot, within which the rate does not change.
    #[must_use]
    pub fn slot(&self) -> SimDuration {
        SimDuration::from_nanos(self.grid.slot_nanos)
    }

    /// When the first slot begins: at the start of the span that was built or, when that lies within a
    /// slot, before it.
    #[must_use]
    pub fn first_slot_start(&self) -> SimTime {
        SimTime::from_nanos(self.grid.first_nanos)
    }

    /// Requests of a slot, by its place in the grid.
    fn in_slot(&self, slot: usize) -> f64 {
        self.cumulative[slot + 1] - self.cumulative[slot]
    }

    /// The number of slots.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.grid.slots
    }
}

/// How long before the start the traces of these sources were recorded already, the shortest of them: the
/// past that is known. Zero without a trace.
///
/// # Errors
/// When a trace does not hold its `start_at`.
pub fn recorded_before_start(sources: &[(&TrafficSource, Option<&Trace>)], start: Timestamp) -> Result<SimDuration> {
    let mut shortest: Option<i64> = None;
    for (source, trace) in sources {
        if let (TrafficKind::Trace(played), Some(trace)) = (&source.kind, trace) {
            let recorded = replay::played_before_start(played, trace, start)?;
            shortest = Some(shortest.map_or(recorded, |shortest| shortest.min(recorded)));
        }
    }
    Ok(SimDuration::from_nanos(shortest.unwrap_or(0)))
}

/// What arrives in a span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flow {
    /// Requests.
    pub requests: f64,
    /// Variance to mean of their count per minute.
    pub dispersion: f64,
}

/// A time, by what has come until then.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    slot: usize,
    /// Requests before it.
    requests: f64,
    /// The same, each source weighted by its index of dispersion; zero when all have the same.
    dispersed: f64,
}

/// Slots of equal length, with an edge at the start of the simulation. Times are nanoseconds after it.
#[derive(Clone, Debug, PartialEq)]
struct Grid {
    slot_nanos: i64,
    first_nanos: i64,
    slots: usize,
}

impl Grid {
    /// The slots of this length that cover [from, until).
    fn over(slot: SimDuration, from: SimTime, until: SimTime) -> Result<Self> {
        let slot_nanos = slot.as_nanos();
        let (from, until) = (from.as_nanos(), until.as_nanos().max(from.as_nanos()));
        let first = i128::from(from).div_euclid(i128::from(slot_nanos));
        let last = (i128::from(until) + i128::from(slot_nanos) - 1).div_euclid(i128::from(slot_nanos));
        let slots = usize::try_from(last - first).ok().filter(|_| last - first <= MAX_SLOTS);
        match slots {
            Some(slots) if from > -MAX_NANOS && until < MAX_NANOS => {
                Ok(Self { slot_nanos, first_nanos: from.div_euclid(slot_nanos) * slot_nanos, slots })
            }
            _ => {
                let message = format!("the run has {} slots of traffic of {slot} each; allowed are {MAX_SLOTS}", last - first);
                let remedy = "shorten the run, or sum the traces into slots that divide a minute or are whole minutes";
                Err(Fault::input(Place::path("traffic"), message).remedy(remedy).into())
            }
        }
    }

    fn slot_seconds(&self) -> f64 {
        SimDuration::from_nanos(self.slot_nanos).as_seconds_f64()
    }

    /// When a slot begins; the slot after the last begins where the grid ends.
    fn edge(&self, slot: usize) -> i64 {
        // At most MAX_SLOTS slots and MAX_NANOS: the product fits.
        self.first_nanos + self.slot_nanos * slot as i64
    }

    fn middle(&self, slot: usize) -> i64 {
        self.edge(slot) + self.slot_nanos / 2
    }

    /// Where a time lies.
    fn place(&self, time: SimTime) -> GridPlace {
        let slot = self.past(time) / self.slot_nanos;
        self.place_in(slot as usize, time)
    }

    /// The same for a time that is likely in this slot, at its end, or in the slot after it.
    fn place_near(&self, slot: usize, time: SimTime) -> GridPlace {
        let into_slot = self.past(time) - slot as i64 * self.slot_nanos;
        if (0..self.slot_nanos).contains(&into_slot) {
            self.place_in(slot, time)
        } else if (0..self.slot_nanos).contains(&(into_slot - self.slot_nanos)) {
            self.place_in(slot + 1, time)
        } else {
            self.place(time)
        }
    }

    /// Nanoseconds from the first edge; none before it.
    fn past(&self, time: SimTime) -> i64 {
        (time - SimTime::from_nanos(self.first_nanos)).as_nanos().max(0)
    }

    fn place_in(&self, slot: usize, time: SimTime) -> GridPlace {
        let into_slot = self.past(time) - slot as i64 * self.slot_nanos;
        GridPlace { slot, fraction: into_slot as f64 / self.slot_nanos as f64 }
    }
}

/// A slot of the grid and how much of it has passed.
#[derive(Clone, Copy, Debug)]
struct GridPlace {
    slot: usize,
    fraction: f64,
}

impl GridPlace {
    /// What has come until here, of what sums to this much before each edge.
    fn sum(self, sums: &[f64]) -> f64 {
        let (Some(before), Some(after)) = (sums.get(self.slot), sums.get(self.slot + 1)) else {
            return sums.last().copied().unwrap_or(0.0);
        };
        before + (after - before) * self.fraction
    }
}

/// The widest slot that divides a minute and the slots of all traces.
fn slot_of(sources: &[(&TrafficSource, Option<&Trace>)]) -> SimDuration {
    let played = sources.iter().filter(|(source, _)| matches!(source.kind, TrafficKind::Trace(_)));
    let traces = played.filter_map(|(_, trace)| *trace);
    SimDuration::from_nanos(traces.fold(MINUTE.as_nanos(), |slot, trace| greatest_common_divisor(slot, trace.slot.as_nanos())))
}

fn greatest_common_divisor(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The index of dispersion of what a source's expected values leave open.
fn dispersion_of(source: &TrafficSource) -> f64 {
    match source.kind {
        TrafficKind::Trace(_) | TrafficKind::Users(_) | TrafficKind::Calls(_) => 0.0,
        TrafficKind::Constant(_) | TrafficKind::Pattern(_) if source.deterministic_arrivals => 0.0,
        TrafficKind::Constant(_) | TrafficKind::Pattern(_) => source.dispersion,
    }
}

fn add_expected(counts: &mut [f64], dispersion: &mut Dispersion, expected: impl Iterator<Item = f64>, index: f64) {
    match dispersion {
        Dispersion::Same(_) => {
            for (count, expected) in counts.iter_mut().zip(expected) {
                *count += expected;
            }
        }
        Dispersion::Weighted(weighted) => {
            for ((count, weighted), expected) in counts.iter_mut().zip(&mut weighted[1..]).zip(expected) {
                *count += expected;
                *weighted += expected * index;
            }
        }
    }
}

/// Makes of values their sums from the first on.
fn sum_up(values: &mut [f64]) {
    let mut sum = 0.0;
    for value in values {
        sum += *value;
        *value = sum;
    }
}

#[cfg(test)]
mod tests;
