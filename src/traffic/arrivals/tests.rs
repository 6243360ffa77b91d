//! Expected figures are computed by hand from the rules in the module headers; each says how.

use super::*;
use crate::scenario::model::{Pattern, Spike, TraceSource};
use crate::trace::Quality;

const DAY_SECONDS: i64 = 86_400;

pub(super) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn monday() -> Timestamp {
    instant("2026-03-02T00:00:00Z")
}

pub(super) fn at(seconds: i64) -> SimTime {
    SimTime::from_seconds(seconds)
}

pub(super) fn source(kind: TrafficKind) -> TrafficSource {
    TrafficSource { kind, growth: 0.0, grown_before: SimDuration::ZERO, spikes: Vec::new(), deterministic_arrivals: false, dispersion: 1.0 }
}

pub(super) fn constant(rate_rps: f64) -> TrafficSource {
    source(TrafficKind::Constant(rate_rps))
}

fn wave(timezone: &str) -> Pattern {
    Pattern {
        base_rps: 0.0,
        peak_rps: 100.0,
        period: SimDuration::from_hours(24),
        peak_at_seconds: 14 * 3_600,
        timezone: timezone.to_owned(),
        weekend_factor: 1.0,
    }
}

fn played() -> TraceSource {
    TraceSource { file: "web.csv".to_owned(), column: None, unit_is_count: None, start_at: None, scale: 1.0, repeat: false }
}

fn trace(start: &str, slot_seconds: i64, counts: &[f64]) -> Trace {
    Trace { start: instant(start), slot: SimDuration::from_seconds(slot_seconds), counts: counts.to_vec(), quality: Quality::default() }
}

fn spike(at_seconds: i64, factor: f64, ramp: i64, hold: i64, decay: i64) -> Spike {
    let [at, ramp, hold, decay] = [at_seconds, ramp, hold, decay].map(SimDuration::from_seconds);
    Spike { at, factor, ramp, hold, decay }
}

/// One source without a trace from time zero on.
fn alone(source: &TrafficSource, start: Timestamp, seconds: i64) -> Arrivals {
    Arrivals::build(&[(source, None)], start, at(0), at(seconds), 1, 0).unwrap()
}

/// One trace, over any span.
fn replayed(source: TraceSource, trace: &Trace, start: Timestamp, from: i64, until: i64) -> Arrivals {
    Arrivals::build(&[(&super::tests::source(TrafficKind::Trace(source)), Some(trace))], start, at(from), at(until), 1, 0).unwrap()
}

/// The requests of each slot.
fn by_slot(arrivals: &Arrivals) -> Vec<f64> {
    arrivals.cumulative.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[track_caller]
fn assert_close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "found {found}, expected {expected}");
}

#[test]
fn a_constant_is_the_rate_times_the_time() {
    let arrivals = alone(&constant(2.5), monday(), 600);
    assert_eq!((arrivals.slot(), arrivals.slots(), arrivals.total()), (SimDuration::from_seconds(60), 10, 1500.0));
    assert_eq!(arrivals.between(at(90), at(150)), 150.0);
    assert_eq!(arrivals.between(SimTime::from_nanos(500_000_000), at(1)), 1.25);
    assert_eq!(arrivals.between(at(-100), at(1_000_000)), 1500.0);
    assert_eq!(arrivals.between(at(30), at(30)) + arrivals.between(at(50), at(10)), 0.0);
}

#[test]
fn no_sources_and_a_rate_of_zero_are_silence() {
    assert_eq!(Arrivals::build(&[], monday(), at(0), at(3_600), 1, 0).unwrap().total(), 0.0);
    let silence = alone(&constant(0.0), monday(), 3_600);
    assert_eq!((silence.total(), silence.flow(at(0), at(60)).dispersion), (0.0, 0.0));
    assert_eq!(alone(&constant(1.0), monday(), 0).total(), 0.0);
}

#[test]
fn a_warm_up_is_on_the_same_grid() {
    let source = constant(1.0);
    let arrivals = Arrivals::build(&[(&source, None)], monday(), at(-90), at(90), 1, 0).unwrap();
    assert_eq!((arrivals.first_slot_start(), arrivals.slots()), (at(-120), 4));
    assert_eq!(arrivals.between(at(-90), at(90)), 180.0);
}

/// 100 % in 30 days doubles the rate in 30 days: the slot whose middle is 30 s after that holds
/// 60 x 2^(1 + 30/2,592,000) = 120 x (1 + ln 2 x 30/2,592,000) = 120.00096270 requests. In the warm-up the rate
/// is lower: 60 x 2^(-1 + 30/2,592,000) thirty days before.
#[test]
fn growth_compounds_over_thirty_days() {
    let source = TrafficSource { growth: 1.0, ..constant(1.0) };
    let month = 30 * DAY_SECONDS;
    let arrivals = Arrivals::build(&[(&source, None)], monday(), at(-month), at(month + 60), 1, 0).unwrap();
    assert!((arrivals.between(at(month), at(month + 60)) - 120.000_962_70).abs() < 1e-7);
    assert!((arrivals.between(at(-month), at(-month + 60)) - 30.000_240_68).abs() < 1e-7);
    let shrinking = alone(&TrafficSource { growth: -0.5, ..constant(1.0) }, monday(), month + 60);
    assert!((shrinking.between(at(month), at(month + 60)) - 30.0 * (1.0 - 0.000_008_022_5)).abs() < 1e-7);
}

/// Up to six times in a minute: 3.5 in the mean. Held ten minutes. Down in five: 5.5, 4.5, 3.5, 2.5, 1.5. Above the
/// plain rate that is 5 x (30 + 600 + 150) s.
#[test]
fn a_spike_rises_holds_and_falls_in_lines() {
    let source = TrafficSource { spikes: vec![spike(36 * 3_600, 6.0, 60, 600, 300)], ..constant(1.0) };
    let arrivals = alone(&source, monday(), 2 * DAY_SECONDS);
    let minute = |minutes: i64| arrivals.between(at(36 * 3_600 + 60 * minutes), at(36 * 3_600 + 60 * minutes + 60));
    assert_eq!([-1, 0, 1, 10].map(minute), [60.0, 210.0, 360.0, 360.0]);
    for (minutes, factor) in (11..17).zip([5.5, 4.5, 3.5, 2.5, 1.5, 1.0]) {
        assert_close(minute(minutes), 60.0 * factor);
    }
    assert_close(arrivals.total(), (2 * DAY_SECONDS + 3_900) as f64);
}

/// A spike that begins at 30 s and rises to 6 in a minute is at 3.5 at 60 s: 30 + 30 x 2.25 requests in
/// the first minute. Two spikes that both rise from 1 to 3 multiply to (1 + 2u)^2, in the mean 1 + 2 + 4/3. A
/// spike without ramp and decay is a step.
#[test]
fn a_spike_is_averaged_exactly_and_overlapping_ones_multiply() {
    let first_minute = |spikes: Vec<Spike>| alone(&TrafficSource { spikes, ..constant(1.0) }, monday(), 120).between(at(0), at(60));
    assert_close(first_minute(vec![spike(30, 6.0, 60, 0, 0)]), 97.5);
    assert_close(first_minute(vec![spike(0, 3.0, 60, 0, 0), spike(0, 3.0, 60, 0, 0)]), 260.0);
    assert_close(first_minute(vec![spike(15, 5.0, 0, 30, 0)]), 30.0 + 150.0);
    assert_close(first_minute(vec![spike(15, 0.0, 0, 30, 0)]), 30.0);
    assert_close(first_minute(vec![spike(-60, 2.0, 0, 120, 0), spike(30, 3.0, 0, 30, 0)]), 60.0 + 180.0);
}

/// A whole period of a raised cosine is the mean of base and peak.
#[test]
fn a_day_of_a_pattern_is_the_mean_of_base_and_peak() {
    let pattern = Pattern { base_rps: 50.0, peak_rps: 400.0, ..wave("UTC") };
    let arrivals = alone(&source(TrafficKind::Pattern(pattern)), monday(), DAY_SECONDS);
    assert_close(arrivals.total(), 225.0 * DAY_SECONDS as f64);
    // At 08:00, a quarter of a period before the peak, the wave is at its mean; around it the parts above and
    // below cancel. An hour around the peak: 225 + 175 x sin(pi/24)/(pi/24) in the mean.
    assert_close(arrivals.between(at(7 * 3_600), at(9 * 3_600)), 2.0 * 3_600.0 * 225.0);
    assert!((arrivals.between(at(27 * 1_800), at(29 * 1_800)) / 3_600.0 - (225.0 + 175.0 * 0.997_146_7)).abs() < 1e-4);
}

/// The slots on both sides of the peak are equal, and none is larger.
#[track_caller]
fn assert_peak(arrivals: &Arrivals, seconds: i64) {
    let (before, after) = (arrivals.between(at(seconds - 60), at(seconds)), arrivals.between(at(seconds), at(seconds + 60)));
    assert_close(before, after);
    let largest = by_slot(arrivals).into_iter().fold(0.0, f64::max);
    assert!(before > largest * (1.0 - 1e-9), "found {before}, the largest is {largest}");
}

/// 14:00 in Berlin is 13:00 UTC in winter and 12:00 UTC in summer. On 2026-03-29 the hour from 02:00 is missing from
/// the day, on 2026-10-25 it occurs twice. That hour of the wave holds
/// 3600 x 50 x (1 + 24/(2 pi) x (sin(-11 pi/12) - sin(-pi))) = 180,000 x (1 - 3.819718634 x 0.258819045) = 2,049.13
/// requests, a day without change 86,400 x 50.
#[test]
fn the_wave_follows_the_clock_on_the_wall() {
    let pattern = source(TrafficKind::Pattern(wave("Europe/Berlin")));
    let spring = alone(&pattern, instant("2026-03-28T23:00:00Z"), 23 * 3_600);
    assert_peak(&spring, 13 * 3_600);
    assert!((spring.total() - (4_320_000.0 - 2_049.13)).abs() < 0.01, "{}", spring.total());
    let autumn = alone(&pattern, instant("2026-10-24T22:00:00Z"), 25 * 3_600);
    assert_peak(&autumn, 15 * 3_600);
    assert!((autumn.total() - (4_320_000.0 + 2_049.13)).abs() < 0.01, "{}", autumn.total());
    assert_peak(&alone(&pattern, instant("2026-03-28T00:00:00Z"), DAY_SECONDS), 13 * 3_600);
    assert_peak(&alone(&pattern, instant("2026-10-24T00:00:00Z"), DAY_SECONDS), 12 * 3_600);
    // The change lies before the run, in its warm-up, and after it.
    let warmed =
        Arrivals::build(&[(&pattern, None)], instant("2026-03-29T22:00:00Z"), at(-2 * DAY_SECONDS), at(DAY_SECONDS), 1, 0).unwrap();
    assert_close(warmed.between(at(0), at(DAY_SECONDS)), 4_320_000.0);
    assert_close(warmed.between(at(0), at(DAY_SECONDS)), alone(&pattern, instant("2026-03-29T22:00:00Z"), DAY_SECONDS).total());
}

/// From Friday 2026-03-06 on; Saturday in Tokyo begins at 15:00 UTC on Friday.
#[test]
fn weekends_are_local() {
    let pattern = Pattern { base_rps: 100.0, weekend_factor: 0.5, ..wave("Asia/Tokyo") };
    let arrivals = alone(&source(TrafficKind::Pattern(pattern)), instant("2026-03-06T00:00:00Z"), 4 * DAY_SECONDS);
    for (hour, rate) in [(14, 100.0), (15, 50.0), (15 + 47, 50.0), (15 + 48, 100.0)] {
        assert_close(arrivals.between(at(hour * 3_600), at(hour * 3_600 + 3_600)), rate * 3_600.0);
    }
}

/// Four hours from peak to peak, at 05:00, 09:00 ... of the local day of the start, and 01:00 before the first.
/// In New York (UTC-5 in winter) 05:00 is 10:00 UTC. Weeks are counted alike.
#[test]
fn another_period_counts_from_the_first_peak() {
    let pattern = Pattern { period: SimDuration::from_hours(4), peak_at_seconds: 5 * 3_600, ..wave("America/New_York") };
    let arrivals = alone(&source(TrafficKind::Pattern(pattern)), monday(), DAY_SECONDS);
    for hour in [2, 6, 10, 14] {
        assert_peak(&arrivals, hour * 3_600);
    }
    assert_close(arrivals.total(), 50.0 * DAY_SECONDS as f64);
    let weekly = Pattern { period: SimDuration::from_hours(168), ..wave("UTC") };
    let arrivals = alone(&source(TrafficKind::Pattern(weekly)), monday(), 14 * DAY_SECONDS);
    assert_peak(&arrivals, 14 * 3_600);
    assert_peak(&arrivals, 7 * DAY_SECONDS + 14 * 3_600);
    // A period of one slot is seen as its mean.
    let fast = Pattern { period: SimDuration::from_seconds(60), ..wave("UTC") };
    assert_close(alone(&source(TrafficKind::Pattern(fast)), monday(), 60).total(), 3_000.0);
}

#[test]
fn an_unknown_zone_is_named_with_the_nearest() {
    let pattern = source(TrafficKind::Pattern(wave("Europe/Berln")));
    let error = Arrivals::build(&[(&pattern, None)], monday(), at(0), at(60), 1, 0).unwrap_err().to_string();
    assert_eq!(error, "traffic.pattern.timezone: there is no time zone `Europe/Berln` (did you mean `Europe/Berlin`?)");
}

#[test]
fn a_trace_that_covers_the_start_plays_by_its_stamps() {
    let trace = trace("2026-03-01T23:58:00Z", 60, &[1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!(by_slot(&replayed(played(), &trace, monday(), 0, 240)), [3.0, 4.0, 5.0, 0.0]);
    // The warm-up plays what was recorded before the start, and nothing before that.
    assert_eq!(by_slot(&replayed(played(), &trace, monday(), -180, 60)), [0.0, 1.0, 2.0, 3.0]);
}

#[test]
fn another_trace_plays_from_its_first_sample_or_from_start_at() {
    let trace = trace("1998-06-10T00:00:00Z", 60, &[1.0, 2.0, 3.0]);
    assert_eq!(by_slot(&replayed(played(), &trace, monday(), 0, 240)), [1.0, 2.0, 3.0, 0.0]);
    let later = TraceSource { start_at: Some(instant("1998-06-10T00:01:00Z")), ..played() };
    assert_eq!(by_slot(&replayed(later, &trace, monday(), -60, 120)), [1.0, 2.0, 3.0]);
    let never = TraceSource { start_at: Some(instant("1998-06-10T00:03:00Z")), ..played() };
    let sources = [(&source(TrafficKind::Trace(never)), Some(&trace))];
    let error = Arrivals::build(&sources, monday(), at(0), at(60), 1, 0).unwrap_err().to_string();
    let expected = "web.csv: start_at is 1998-06-10T00:03:00Z, the trace runs from 1998-06-10T00:00:00Z to 1998-06-10T00:03:00Z";
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn a_repeated_trace_has_no_end_and_no_beginning() {
    let trace = trace("1998-06-10T00:00:00Z", 60, &[1.0, 2.0, 3.0]);
    let repeated = TraceSource { repeat: true, ..played() };
    assert_eq!(by_slot(&replayed(repeated, &trace, monday(), -120, 300)), [2.0, 3.0, 1.0, 2.0, 3.0, 1.0, 2.0]);
}

/// Slots that begin 53 s after the minute: 7 s of the run's first minute belong to the first of them. Every
/// slot holds a whole number, and all of them together what was recorded.
#[test]
fn slots_off_the_minute_keep_their_requests() {
    let trace = trace("2026-03-02T00:00:53Z", 60, &[600.0, 60.0, 1.0, 0.0, 600.0]);
    let start_at = TraceSource { start_at: Some(instant("2026-03-02T00:00:53Z")), ..played() };
    assert_eq!(by_slot(&replayed(start_at, &trace, monday(), 0, 300)), trace.counts);
    let long = Trace { start: instant("2026-03-01T23:59:53Z"), ..trace };
    let arrivals = replayed(played(), &long, monday(), -60, 300);
    let slots = by_slot(&arrivals);
    assert_eq!((slots.iter().sum::<f64>(), slots[0]), (1261.0, 70.0));
    assert!(slots.iter().all(|count| count.fract() == 0.0), "{slots:?}");
    // 530 of the first slot, and 7 of 60 s of the second: 7.
    assert_eq!(slots[1], 537.0);
}

/// 94 requests in five minutes are 18.8 a minute: each minute gets 18 or 19, together 94.
#[test]
fn a_long_slot_is_dealt_out_in_whole_requests() {
    let trace = trace("2026-03-02T00:00:00Z", 300, &[94.0; 200]);
    let arrivals = replayed(played(), &trace, monday(), 0, 60_000);
    assert_eq!((arrivals.slot(), arrivals.total()), (SimDuration::from_seconds(60), 18_800.0));
    for slots in by_slot(&arrivals).chunks(5) {
        assert_eq!(slots.iter().sum::<f64>(), 94.0);
        assert!(slots.iter().all(|&count| count == 18.0 || count == 19.0), "{slots:?}");
    }
    // No minute of the five is preferred: in 200 slots its mean is 18.8, with a standard error of
    // sqrt(0.8 x 0.2 / 200) = 0.028.
    for minute in 0..5 {
        let mean = by_slot(&arrivals).iter().skip(minute).step_by(5).sum::<f64>() / 200.0;
        assert!((mean - 18.8).abs() < 4.0 * 0.029, "{mean}");
    }
}

/// 3 x 0.5 is rounded to 1 or 2, in the mean of 2,000 slots 1.5 with a standard error of 0.5/sqrt(2000) = 0.0112.
#[test]
fn a_scaled_count_is_rounded_by_chance_and_stays_whole() {
    let trace = trace("2026-03-02T00:00:00Z", 60, &[3.0; 2_000]);
    let scaled = TraceSource { scale: 0.5, ..played() };
    let arrivals = replayed(scaled.clone(), &trace, monday(), 0, 120_000);
    assert!(by_slot(&arrivals).iter().all(|&count| count == 1.0 || count == 2.0));
    assert!((arrivals.total() / 2_000.0 - 1.5).abs() < 4.0 * 0.0112, "{}", arrivals.total());
    // The draws belong to the recorded slots: a warm-up, or another source, changes none of them.
    let source = source(TrafficKind::Trace(scaled));
    let sources = [(&source, Some(&trace)), (&constant(1.0), None)];
    let other = Arrivals::build(&sources, monday(), at(-600), at(120_000), 1, 0).unwrap();
    let without: Vec<f64> = by_slot(&other)[10..].iter().map(|count| count - 60.0).collect();
    assert_eq!(without, by_slot(&arrivals));
    let reseeded = Arrivals::build(&sources[..1], monday(), at(0), at(120_000), 2, 0).unwrap();
    assert_ne!(reseeded.cumulative, arrivals.cumulative);
    let doubled = replayed(TraceSource { scale: 2.0, ..played() }, &trace, monday(), 0, 120_000);
    assert_eq!(doubled.total(), 12_000.0);
}

/// A step to 3 times in the second half of a slot of 300 requests makes 600 of them, 150 before it. Growth
/// of 100 % doubles what is played after 30 days.
#[test]
fn spikes_and_growth_shape_a_trace() {
    let trace = trace("2026-03-02T00:00:00Z", 120, &[300.0]);
    let spiked = TrafficSource { spikes: vec![spike(60, 3.0, 0, 60, 0)], ..source(TrafficKind::Trace(played())) };
    let arrivals = Arrivals::build(&[(&spiked, Some(&trace))], monday(), at(0), at(120), 1, 0).unwrap();
    assert_eq!(by_slot(&arrivals), [150.0, 450.0]);
    let repeated = source(TrafficKind::Trace(TraceSource { repeat: true, ..played() }));
    let growing = TrafficSource { growth: 1.0, ..repeated };
    let month = 30 * DAY_SECONDS;
    let arrivals = Arrivals::build(&[(&growing, Some(&trace))], monday(), at(0), at(month + 120), 1, 0).unwrap();
    assert!((arrivals.between(at(month), at(month + 120)) - 600.0).abs() <= 1.0);
}

#[test]
fn sources_add_up_on_the_finest_grid() {
    let (seconds, minutes) = (trace("2026-03-02T00:00:00Z", 20, &[1.0; 9]), trace("2026-03-02T00:00:00Z", 90, &[9.0; 2]));
    let replay = source(TrafficKind::Trace(played()));
    let constant = constant(1.0);
    let sources = [(&replay, Some(&seconds)), (&replay, Some(&minutes)), (&constant, None)];
    let arrivals = Arrivals::build(&sources, monday(), at(0), at(180), 1, 0).unwrap();
    assert_eq!((arrivals.slot(), arrivals.slots()), (SimDuration::from_seconds(10), 18));
    assert_close(arrivals.total(), 9.0 + 18.0 + 180.0);
}

/// 60 Poisson requests and 60 replayed ones: half the dispersion. With 120 of dispersion 4 beside them:
/// (60 x 1 + 60 x 0 + 120 x 4) / 240.
#[test]
fn the_dispersion_of_a_mixture_is_weighted_by_requests() {
    let trace = trace("2026-03-02T00:00:00Z", 60, &[60.0]);
    let replay = source(TrafficKind::Trace(played()));
    let poisson = constant(1.0);
    let bursty = TrafficSource { dispersion: 4.0, ..constant(2.0) };
    let even = TrafficSource { deterministic_arrivals: true, ..constant(1.0) };
    let dispersion = |sources: &[(&TrafficSource, Option<&Trace>)]| {
        let arrivals = Arrivals::build(sources, monday(), at(0), at(120), 1, 0).unwrap();
        [arrivals.flow(at(0), at(60)).dispersion, arrivals.flow(at(80), at(100)).dispersion]
    };
    assert_eq!(dispersion(&[(&poisson, None)]), [1.0, 1.0]);
    assert_eq!(dispersion(&[(&even, None)]), [0.0, 0.0]);
    assert_eq!(dispersion(&[(&replay, Some(&trace))]), [0.0, 0.0]);
    assert_eq!(dispersion(&[(&poisson, None), (&replay, Some(&trace))]), [0.5, 1.0]);
    assert_eq!(dispersion(&[(&poisson, None), (&replay, Some(&trace)), (&bursty, None)]), [2.25, 3.0]);
}

#[test]
fn figures_that_are_none_are_refused_together() {
    let wrong = TrafficSource { growth: -1.0, dispersion: f64::NAN, spikes: vec![spike(0, -1.0, -60, 0, 0)], ..constant(-2.0) };
    let error = Arrivals::build(&[(&wrong, None)], monday(), at(0), at(60), 1, 0).unwrap_err();
    assert_eq!(error.faults().len(), 5, "{error}");
    let pattern = source(TrafficKind::Pattern(Pattern { period: SimDuration::ZERO, peak_at_seconds: 86_400, ..wave("UTC") }));
    assert_eq!(Arrivals::build(&[(&pattern, None)], monday(), at(0), at(60), 1, 0).unwrap_err().faults().len(), 2);
    let replay = source(TrafficKind::Trace(played()));
    let empty = trace("2026-03-02T00:00:00Z", 0, &[]);
    assert_eq!(Arrivals::build(&[(&replay, Some(&empty))], monday(), at(0), at(60), 1, 0).unwrap_err().faults().len(), 2);
    let error = Arrivals::build(&[(&replay, None)], monday(), at(0), at(60), 1, 0).unwrap_err().to_string();
    assert_eq!(error, "web.csv: the trace was not read");
}

#[test]
fn what_no_memory_holds_is_refused() {
    let source = constant(1.0);
    for (from, until) in [(at(0), SimTime::NEVER), (SimTime::from_nanos(i64::MIN), at(0)), (SimTime::from_nanos(i64::MAX), SimTime::NEVER)]
    {
        assert!(Arrivals::build(&[(&source, None)], monday(), from, until, 1, 0).is_err());
    }
    let exploding = TrafficSource { growth: 1e300, ..constant(1e300) };
    assert!(Arrivals::build(&[(&exploding, None)], monday(), at(0), at(90 * DAY_SECONDS), 1, 0).is_err());
    let pattern = self::source(TrafficKind::Pattern(wave("UTC")));
    for start in [Timestamp::MIN, Timestamp::MAX] {
        assert!(Arrivals::build(&[(&pattern, None)], start, at(0), at(60), 1, 0).is_err());
    }
    let endless = TrafficSource { spikes: vec![spike(i64::MIN, 2.0, i64::MAX, i64::MAX, i64::MAX)], ..constant(1.0) };
    assert!(Arrivals::build(&[(&endless, None)], monday(), at(0), at(60), 1, 0).unwrap().total().is_finite());
}
