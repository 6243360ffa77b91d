//! A pattern: a raised cosine from base to peak and back, on a local clock.
//!
//! A period of 24 h follows the clock on the wall: the peak is at the same local time all year, an hour that a
//! change of the clock skips is missing from the wave, one that it repeats occurs twice. Any other period
//! is counted in elapsed time from its first peak, which is the first occurrence of the local time of the
//! peak on the day on which the simulation starts. Weekends are local Saturdays and Sundays in both.
//!
//! The value of a slot is the mean of the cosine over it; the local time, the weekday and the offset are
//! those of its middle. Zones change so rarely that their changes are looked up once for the whole run, and a
//! slot one period after another has the same cosine, unless a clock changed in between.

use std::f64::consts::{FRAC_PI_2, PI};

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::Grid;
use crate::error::{Fault, Place, Result};
use crate::math;
use crate::names::nearest;
use crate::scenario::model::Pattern;
use crate::units::{NANOS_PER_SECOND, SimDuration};

const DAY_NANOS: i64 = SimDuration::from_hours(24).as_nanos();

/// The mean rate of each slot in requests per second.
///
/// # Errors
/// When the time zone is unknown, or the run lies outside of the years 1678 to 2261.
pub(super) fn rates_rps<'a>(pattern: &'a Pattern, grid: &'a Grid, start: Timestamp) -> Result<impl Iterator<Item = f64> + use<'a>> {
    let zone = zone(&pattern.timezone)?;
    let start_nanos = start_nanos(start, grid)?;
    let peak_nanos = i64::from(pattern.peak_at_seconds) * NANOS_PER_SECOND;
    let follows_the_clock = pattern.period.as_nanos() == DAY_NANOS;
    let first_peak_nanos = if follows_the_clock { 0 } else { first_peak(&zone, start, pattern)? };
    let cycles_per_nano = 1.0 / pattern.period.as_nanos() as f64;
    // The mean of cos over a width of w is its middle value times sin(w/2)/(w/2).
    let half_width = PI * grid.slot_nanos as f64 * cycles_per_nano;
    let flattening = math::cos(half_width - FRAC_PI_2) / half_width;
    let half_swing = (pattern.peak_rps - pattern.base_rps) / 2.0;

    let mut offsets = Offsets::new(&zone, start_nanos, grid);
    let mut calendar = Calendar::default();
    let mut period = Period::new(pattern.period, grid);
    Ok((0..grid.slots).map(move |slot| {
        let middle = start_nanos + grid.middle(slot);
        let local = middle + offsets.at(middle);
        let rate = period.value(local - middle, || {
            let since_peak = if follows_the_clock { local.rem_euclid(DAY_NANOS) - peak_nanos } else { middle - first_peak_nanos };
            let cycle = since_peak.rem_euclid(pattern.period.as_nanos()) as f64 * cycles_per_nano;
            pattern.base_rps + half_swing * (1.0 + flattening * math::cos(2.0 * PI * cycle))
        });
        if calendar.is_weekend(local) { rate * pattern.weekend_factor } else { rate }
    }))
}

/// The values of the slots of one period, which those of the next repeat.
struct Period {
    /// Slots in a period; none when its end is not the end of a slot.
    slots: Option<usize>,
    values: Vec<f64>,
    next: usize,
    offset_nanos: i64,
}

impl Period {
    fn new(period: SimDuration, grid: &Grid) -> Self {
        let whole = period.as_nanos() % grid.slot_nanos == 0;
        let slots = usize::try_from(period.as_nanos() / grid.slot_nanos).ok().filter(|_| whole);
        Self { slots, values: Vec::with_capacity(slots.map_or(0, |slots| slots.min(grid.slots))), next: 0, offset_nanos: 0 }
    }

    /// The value of the next slot, at this offset from UTC.
    fn value(&mut self, offset_nanos: i64, compute: impl FnOnce() -> f64) -> f64 {
        let Some(slots) = self.slots else { return compute() };
        if offset_nanos != self.offset_nanos {
            self.values.clear();
            (self.offset_nanos, self.next) = (offset_nanos, 0);
        }
        if self.values.len() < slots {
            let value = compute();
            self.values.push(value);
            return value;
        }
        let value = self.values[self.next];
        self.next = if self.next + 1 == slots { 0 } else { self.next + 1 };
        value
    }
}

/// A zone of the IANA database by its name.
fn zone(name: &str) -> Result<TimeZone> {
    TimeZone::get(name).map_err(|_| {
        let fault = Fault::input(Place::path("traffic.pattern.timezone"), format!("there is no time zone `{name}`"));
        let known: Vec<_> = jiff::tz::db().available().collect();
        match nearest(name, known.iter().map(|known| known.as_str())) {
            Some(nearest) => fault.remedy(format!("did you mean `{nearest}`?")),
            None => fault.remedy("allowed is a name of the IANA time zone database, as Europe/Berlin"),
        }
        .into()
    })
}

/// Nanoseconds since 1970 of simulated time zero, such that the whole grid fits with a day to spare.
fn start_nanos(start: Timestamp, grid: &Grid) -> Result<i64> {
    let nanos = start.as_nanosecond();
    let first = nanos + i128::from(grid.first_nanos) - i128::from(DAY_NANOS);
    let last = nanos + i128::from(grid.edge(grid.slots)) + i128::from(DAY_NANOS);
    match i64::try_from(nanos) {
        Ok(nanos) if i64::try_from(first).is_ok() && i64::try_from(last).is_ok() => Ok(nanos),
        _ => {
            let fault = Fault::input(Place::path("simulation.start"), format!("a run from {start} on leaves the years 1678 to 2261"));
            Err(fault.remedy("choose another start").into())
        }
    }
}

/// The first occurrence of the peak's local time on the local day of the start, in nanoseconds since 1970.
fn first_peak(zone: &TimeZone, start: Timestamp, pattern: &Pattern) -> Result<i64> {
    let seconds = pattern.peak_at_seconds;
    // The check of the sources has seen that the seconds lie within a day.
    let [hour, minute, second] = [seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60].map(|part| i8::try_from(part).unwrap_or(0));
    let local = start.to_zoned(zone.clone()).date().to_datetime(Time::constant(hour, minute, second, 0));
    let instant = zone.to_timestamp(local).ok().and_then(|instant| i64::try_from(instant.as_nanosecond()).ok());
    instant.ok_or_else(|| Fault::input(Place::path("simulation.start"), format!("the day of {start} leaves the calendar")).into())
}

/// Weekends, for times of which most lie on the day of the one before.
#[derive(Default)]
struct Calendar {
    /// The local day last asked for, from its midnight on, and whether it is one of the weekend. None yet: the
    /// first of January 1970, a Thursday.
    midnight_nanos: i64,
    weekend: bool,
}

impl Calendar {
    /// Whether a local time, in nanoseconds since 1970-01-01T00:00 local, is on a Saturday or Sunday.
    fn is_weekend(&mut self, local_nanos: i64) -> bool {
        if !(0..DAY_NANOS).contains(&(local_nanos - self.midnight_nanos)) {
            let day = local_nanos.div_euclid(DAY_NANOS);
            self.midnight_nanos = day * DAY_NANOS;
            // 1970-01-01 was a Thursday, the fourth day from Monday.
            self.weekend = (day + 3).rem_euclid(7) >= 5;
        }
        self.weekend
    }
}

/// A zone's offsets from UTC over a run, for times that are asked for in ascending order.
struct Offsets {
    /// From when on (nanoseconds since 1970), and the offset in nanoseconds; newest first.
    ahead: Vec<(i64, i64)>,
    current_nanos: i64,
}

impl Offsets {
    fn new(zone: &TimeZone, start_nanos: i64, grid: &Grid) -> Self {
        let first = Timestamp::from_nanosecond(i128::from(start_nanos + grid.first_nanos)).unwrap_or(Timestamp::MIN);
        let end = start_nanos + grid.edge(grid.slots);
        let nanos = |offset: jiff::tz::Offset| i64::from(offset.seconds()) * NANOS_PER_SECOND;
        let mut ahead: Vec<(i64, i64)> = zone
            .following(first)
            .filter_map(|change| Some((i64::try_from(change.timestamp().as_nanosecond()).ok()?, nanos(change.offset()))))
            .take_while(|&(from, _)| from < end)
            .collect();
        ahead.reverse();
        Self { ahead, current_nanos: nanos(zone.to_offset(first)) }
    }

    fn at(&mut self, nanos: i64) -> i64 {
        while let Some(&(_, offset_nanos)) = self.ahead.last().filter(|(from, _)| *from <= nanos) {
            self.current_nanos = offset_nanos;
            self.ahead.pop();
        }
        self.current_nanos
    }
}
