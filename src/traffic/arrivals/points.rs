//! Single arrivals: when each request comes, one after the other.
//!
//! - A recorded slot holds a known number of requests, uniform within it: the ratios of partial sums of
//!   exponentials to their total are such uniforms in ascending order, so nothing is stored and nothing is
//!   sorted; the total is summed up first, with a copy of the generator.
//! - A constant or a pattern is a Poisson process whose rate changes from slot to slot. Burstier arrivals
//!   are one whose rate varies by itself, every second by an independent gamma factor: the count of every
//!   span of whole seconds then has the stated variance to mean. Calmer ones are a mixture: a Poisson
//!   process of the stated share beside evenly spaced requests.
//! - Evenly spaced requests come when the requests expected until then reach a half, one and a half, ...
//!
//! The draws of a slot are keyed by it and by the place of their source, so a longer warm-up or a source added
//! behind changes no arrival but those of evenly spaced requests, which are counted from the beginning.

use jiff::Timestamp;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{Arrivals, dispersion_of};
use crate::error::Result;
use crate::random::{KeyedStream, Stream};
use crate::sampler::Variates;
use crate::scenario::model::{TrafficKind, TrafficSource};
use crate::trace::Trace;
use crate::units::{NANOS_PER_SECOND, SimTime};

const NEVER: i64 = i64::MAX;

/// All arrivals of a service from outside, in the order of time.
#[derive(Clone, Debug)]
pub struct ArrivalTimes {
    processes: Vec<Process>,
}

impl ArrivalTimes {
    /// The arrivals from `from` on, of the sources that [`Arrivals::build`] describes with the same arguments.
    ///
    /// # Errors
    /// As [`Arrivals::build`].
    pub fn build(
        sources: &[(&TrafficSource, Option<&Trace>)],
        start: Timestamp,
        from: SimTime,
        until: SimTime,
        seed: u64,
        service_index: u64,
    ) -> Result<Self> {
        let mut processes = Vec::new();
        let build = |keep: &dyn Fn(usize) -> bool| Arrivals::build_part(sources, start, from, until, (seed, service_index), keep);
        let is_trace = |index: usize| matches!(sources[index].0.kind, TrafficKind::Trace(_));
        let mut add = |arrivals: Arrivals, law: Law, source_index: usize| {
            if arrivals.total() > 0.0 {
                processes.push(Process::new(arrivals, law, (seed, service_index, source_index as u64), from));
            }
        };
        // The traces together draw as the first of them: no other source has its number.
        if let Some(first) = (0..sources.len()).find(|&index| is_trace(index)) {
            add(build(&is_trace)?, Law::Replayed, first);
        }
        for (index, (source, _)) in sources.iter().enumerate().filter(|(index, _)| !is_trace(*index)) {
            let arrivals = build(&|one| one == index)?;
            let dispersion = dispersion_of(source);
            if dispersion < 1.0 {
                add(arrivals.clone(), Law::Even { share: 1.0 - dispersion }, index);
            }
            if dispersion > 0.0 {
                add(arrivals, Law::Poisson { share: dispersion.min(1.0), excess: (dispersion - 1.0).max(0.0) }, index);
            }
        }
        Ok(Self { processes })
    }

    /// The next arrival, in nanoseconds after the start; `i64::MAX` when no more come.
    #[must_use]
    pub fn next_nanos(&self) -> i64 {
        self.processes.iter().map(|process| process.next).min().unwrap_or(NEVER)
    }

    /// Appends the arrivals before a time, in nanoseconds after the start, at most so many of them.
    pub fn take_before(&mut self, until_nanos: i64, limit: usize, times: &mut Vec<i64>) {
        if let [alone] = &mut self.processes[..] {
            alone.take_before(until_nanos, limit, times);
            return;
        }
        for _ in 0..limit {
            let Some(first) = self.processes.iter_mut().min_by_key(|process| process.next) else { return };
            if first.next >= until_nanos {
                return;
            }
            times.push(first.next);
            first.next = first.following();
        }
    }
}

/// How the requests of a slot are spaced.
#[derive(Clone, Copy, Debug)]
enum Law {
    /// A known number of them, uniform.
    Replayed,
    /// At random, this share of them; `excess` is the variance to mean beyond 1.
    Poisson { share: f64, excess: f64 },
    /// Evenly, this share of them.
    Even { share: f64 },
}

#[derive(Clone, Debug)]
struct Process {
    arrivals: Arrivals,
    law: Law,
    next: i64,
    variates: Variates,
    draws: KeyedStream,
    bursts: KeyedStream,
    source_key: u64,
    generator: Xoshiro256PlusPlus,
    /// The slot after the present one.
    next_slot: usize,
    /// The present piece of time: a slot, or a second of it.
    piece_start: i64,
    piece_nanos: i64,
    slot_end: i64,
    /// Requests that a replayed slot still has.
    left: u64,
    /// The place in the piece, in the unit of exponentials, and nanoseconds to that unit.
    place: f64,
    nanos_per_unit: f64,
    /// Requests expected in the present slot.
    in_slot: f64,
    /// Requests expected before the present slot, and how many evenly spaced ones have come.
    before_slot: f64,
    spaced: f64,
}

impl Process {
    fn new(arrivals: Arrivals, law: Law, (seed, service_index, source_index): (u64, u64, u64), from: SimTime) -> Self {
        let draws = KeyedStream::new(seed, Stream::Arrivals, service_index);
        let mut process = Self {
            law,
            next: 0,
            variates: Variates::default(),
            draws,
            bursts: KeyedStream::new(seed, Stream::Burst, service_index),
            source_key: source_index << 48,
            generator: draws.generator(0),
            next_slot: 0,
            piece_start: arrivals.first_slot_start().as_nanos(),
            piece_nanos: 0,
            slot_end: arrivals.first_slot_start().as_nanos(),
            left: 0,
            place: f64::INFINITY,
            nanos_per_unit: 0.0,
            in_slot: 0.0,
            before_slot: 0.0,
            spaced: 0.0,
            arrivals,
        };
        process.next = process.following();
        while process.next < from.as_nanos() {
            process.next = process.following();
        }
        process
    }

    fn take_before(&mut self, until_nanos: i64, limit: usize, times: &mut Vec<i64>) {
        for _ in 0..limit {
            if self.next >= until_nanos {
                return;
            }
            times.push(self.next);
            self.next = self.following();
        }
    }

    #[inline]
    fn following(&mut self) -> i64 {
        match self.law {
            Law::Replayed => self.following_replayed(),
            Law::Poisson { share, excess } => self.following_poisson(share, excess),
            Law::Even { share } => self.following_even(share),
        }
    }

    #[inline]
    fn following_replayed(&mut self) -> i64 {
        while self.left == 0 {
            if !self.open_slot() {
                return NEVER;
            }
            self.left = self.in_slot.round() as u64;
            if self.left > 0 {
                self.generator = self.draws.generator(self.key_of(self.piece_start, self.piece_nanos));
                let (mut ahead, mut total) = (self.generator.clone(), 0.0);
                for _ in 0..=self.left {
                    total += self.variates.exponential(&mut ahead);
                }
                (self.place, self.nanos_per_unit) = (0.0, self.piece_nanos as f64 / total);
            }
        }
        self.left -= 1;
        self.place += self.variates.exponential(&mut self.generator);
        // The last bits of the sum must not carry a request into the next slot.
        self.piece_start + ((self.place * self.nanos_per_unit) as i64).min(self.piece_nanos - 1)
    }

    #[inline]
    fn following_poisson(&mut self, share: f64, excess: f64) -> i64 {
        loop {
            self.place += self.variates.exponential(&mut self.generator) * self.nanos_per_unit;
            if self.place < self.piece_nanos as f64 {
                return self.piece_start + self.place as i64;
            }
            if !self.open_piece(share, excess) {
                return NEVER;
            }
        }
    }

    /// Opens the next piece in which the rate does not change. Returns whether there is one.
    fn open_piece(&mut self, share: f64, excess: f64) -> bool {
        let next_start = self.piece_start + self.piece_nanos;
        if next_start >= self.slot_end {
            if !self.open_slot() {
                return false;
            }
            if excess > 0.0 {
                self.piece_nanos = self.piece_nanos.min(NANOS_PER_SECOND);
            }
        } else {
            self.piece_start = next_start;
            self.piece_nanos = self.piece_nanos.min(self.slot_end - next_start);
        }
        let slot_nanos = self.arrivals.slot().as_nanos() as f64;
        let mut rate_per_nano = share * self.in_slot / slot_nanos;
        let key = self.key_of(self.piece_start, self.piece_nanos);
        if excess > 0.0 && rate_per_nano > 0.0 {
            let shape = rate_per_nano * self.piece_nanos as f64 / excess;
            rate_per_nano *= self.variates.gamma(shape, &mut self.bursts.generator(key));
        }
        self.generator = self.draws.generator(key);
        self.place = if rate_per_nano > 0.0 { 0.0 } else { f64::INFINITY };
        self.nanos_per_unit = 1.0 / rate_per_nano.max(f64::MIN_POSITIVE);
        true
    }

    fn following_even(&mut self, share: f64) -> i64 {
        let wanted = (self.spaced + 0.5) / share;
        while self.before_slot + self.in_slot <= wanted {
            self.before_slot += self.in_slot;
            self.in_slot = 0.0;
            if !self.open_slot() {
                return NEVER;
            }
        }
        self.spaced += 1.0;
        let offset = (wanted - self.before_slot) / self.in_slot * self.piece_nanos as f64;
        self.piece_start + (offset as i64).min(self.piece_nanos - 1)
    }

    /// Opens the next slot as one piece. Returns whether there is one.
    fn open_slot(&mut self) -> bool {
        if self.next_slot >= self.arrivals.slots() {
            return false;
        }
        self.in_slot = self.arrivals.in_slot(self.next_slot);
        self.piece_start = self.slot_end;
        self.piece_nanos = self.arrivals.slot().as_nanos();
        self.slot_end = self.piece_start + self.piece_nanos;
        self.next_slot += 1;
        true
    }

    /// The key of a piece: its number from the start, which a warm-up does not change.
    fn key_of(&self, start: i64, nanos: i64) -> u64 {
        (start.div_euclid(nanos) as u64).wrapping_add(self.source_key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::arrivals::tests::{at, constant, instant, source};

    fn times(source: &TrafficSource, seed: u64, seconds: i64) -> Vec<i64> {
        let start = instant("2026-03-02T00:00:00Z");
        let mut process = ArrivalTimes::build(&[(source, None)], start, at(0), at(seconds), seed, 0).expect("valid");
        let mut times = Vec::new();
        process.take_before(seconds * NANOS_PER_SECOND, usize::MAX, &mut times);
        times
    }

    /// Variance to mean of the counts per minute.
    fn dispersion(times: &[i64], minutes: usize) -> (f64, f64) {
        let mut counts = vec![0.0_f64; minutes];
        times.iter().for_each(|time| counts[(time / (60 * NANOS_PER_SECOND)) as usize] += 1.0);
        let mean = counts.iter().sum::<f64>() / minutes as f64;
        let variance = counts.iter().map(|count| (count - mean) * (count - mean)).sum::<f64>() / (minutes as f64 - 1.0);
        (mean, variance / mean)
    }

    /// Over 4,000 minutes the index has a standard error of sqrt(2 / 4000) = 2.2 % of itself.
    #[test]
    fn counts_per_minute_have_the_stated_mean_and_dispersion() {
        for stated in [0.3, 1.0, 4.0] {
            let mut source = constant(2.0);
            source.dispersion = stated;
            let (mean, index) = dispersion(&times(&source, 1, 4_000 * 60), 4_000);
            assert!((mean / 120.0 - 1.0).abs() < 4.0 * (stated / 120.0 / 4_000.0).sqrt(), "{stated}: mean {mean}");
            assert!((index / stated - 1.0).abs() < 4.0 * 0.0224, "{stated}: {index}");
        }
    }

    #[test]
    fn evenly_spaced_requests_keep_their_distance_over_slots() {
        let mut source = constant(0.75);
        source.deterministic_arrivals = true;
        let times = times(&source, 1, 600);
        assert_eq!(times.len(), 450);
        // 0.75 a second: 1.333 s apart, the first after half of that.
        let step = NANOS_PER_SECOND as f64 / 0.75;
        assert!(times.iter().enumerate().all(|(index, &time)| (time as f64 - (index as f64 + 0.5) * step).abs() < 2.0));
    }

    #[test]
    fn times_ascend_and_do_not_depend_on_how_they_are_asked_for() {
        let source = source(constant(50.0).kind);
        let all = times(&source, 7, 300);
        assert!(all.is_sorted() && !all.is_empty());
        let mut process = ArrivalTimes::build(&[(&source, None)], instant("2026-03-02T00:00:00Z"), at(0), at(300), 7, 0).expect("valid");
        let mut pieces = Vec::new();
        for until in (1..=300).step_by(7).chain([300]) {
            while process.next_nanos() < until * NANOS_PER_SECOND {
                process.take_before(until * NANOS_PER_SECOND, 13, &mut pieces);
            }
        }
        assert_eq!(pieces, all);
    }
}
