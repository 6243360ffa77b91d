//! Queues before and beyond their steady state: started empty, and under traffic that rises and falls.
//!
//! The textbook's unit of time is ten minutes here, so that the minute of a wave's steps is short beside it. Many tasks that get requests
//! at random are as many independent queues of one run. To look at one instant, everything before it is warm-up.

use std::f64::consts::PI;

use ecsim::outcome::{Outcome, TimelineRow};
use ecsim::scenario::model::{Distribution, Pattern, RoutingAlgorithm, Scenario, Service, TrafficKind};
use ecsim::units::SimDuration;
use jiff::SignedDuration;

use super::{Case, Figure, RUNS, counted, hold, hold_in, lasting, number, over_time, routed, servers, sharing, waiting_share};
use crate::queueing_golden::entries;
use crate::support::{constant, play, seconds, time, traffic};

pub const SIMULATED: &[&str] = &[
    "mm1_transient_P0_l0.8_t5",
    "mm1_transient_EL_l0.8_t5",
    "mm1_transient_P0_l0.8_t20",
    "mm1_transient_EL_l0.8_t20",
    "mm1_transient_P0_l0.5_t2",
    "mm1_transient_EL_l0.5_t2",
    "mtms_sin_EL_t6",
    "mtms_sin_PW_t6",
    "mtms_sin_EL_t8",
    "mtms_sin_PW_t8",
    "mtms_sin_EL_t12",
    "mtms_sin_PW_t12",
    "mtms_sin_EL_t18",
    "mtms_sin_EL_t24",
    "mtinf_100_20_24_1_6",
    "mtinf_100_60_24_1_12",
    "mtinf_30_20_24_0.5_8",
    "mtinf_1000_500_1440_0.1_400",
    "psa_PW_per24.0",
];

/// Seconds of the unit of time.
const UNIT: f64 = 600.0;

/// An exponential time of this mean in units.
fn exponential_units(mean: f64) -> Distribution {
    Distribution::Exponential { mean: UNIT * mean }
}

/// Each task gets its own Poisson stream, and its memory tells how many requests it has.
fn independent(web: Service) -> Service {
    routed(counted(web), RoutingAlgorithm::WeightedRandom)
}

/// Empty tasks at midnight, and a timeline of two rows around an instant so many seconds later.
fn around(web: Service, instant: f64, row: f64) -> Scenario {
    let span = |seconds: f64| SimDuration::from_nanos((1e9 * seconds).round() as i64);
    let mut scenario = lasting(web, span(2.0 * row));
    scenario.simulation.timeline_resolution = span(row);
    scenario.simulation.warm_up = span(instant - row);
    scenario.simulation.start = Some(time("2026-01-05T00:00:00Z") + SignedDuration::from_secs_f64(instant - row));
    scenario
}

/// The mean over both rows around the instant.
fn then(read: impl Fn(&TimelineRow) -> f64 + Sync) -> impl Fn(&Outcome) -> f64 + Sync {
    move |outcome| over_time(outcome, &read)
}

/// Arrivals of mean + amplitude sin(2 pi t / period) for each unit of time, t counted from midnight. A quarter of a period later
/// is the peak.
fn sine(mean: f64, amplitude: f64, period_units: f64, unit_seconds: f64) -> TrafficKind {
    let period_seconds = (period_units * unit_seconds) as i64;
    TrafficKind::Pattern(Pattern {
        base_rps: (mean - amplitude) / unit_seconds,
        peak_rps: (mean + amplitude) / unit_seconds,
        period: seconds(period_seconds),
        peak_at_seconds: (period_seconds / 4) as u32,
        timezone: "UTC".into(),
        weekend_factor: 1.0,
    })
}

fn idle(row: &TimelineRow) -> f64 {
    1.0 - row.cpu_utilization.expect("tasks run") / 100.0
}

/// A shared vCPU with exponential demands has as many requests as M/M/1 with any discipline, and is idle without any.
#[test]
fn an_empty_queue_fills_like_the_exact_transient_of_m_m_1() {
    let tasks = 2_800;
    let cases = [("l0.8_t5", 0.8, 5.0), ("l0.8_t20", 0.8, 20.0), ("l0.5_t2", 0.5, 2.0)].map(|(id, rate, units)| {
        let mut web = independent(sharing(tasks, 1, exponential_units(1.0)));
        web.traffic = vec![constant(rate * f64::from(tasks) / UNIT)];
        let figures = vec![
            Figure::golden(&format!("mm1_transient_P0_{id}"), then(idle)),
            Figure::golden(&format!("mm1_transient_EL_{id}"), then(number)),
        ];
        Case { scenario: around(web, units * UNIT, 10.0), figures }
    });
    hold_in(&cases, RUNS, play);
}

/// The queue of 40 servers under 30 + 20 sin(2 pi t / 24).
fn forty_servers(tasks: u32) -> Service {
    let mut web = independent(servers(tasks, 40, exponential_units(1.0)));
    let each = f64::from(tasks);
    web.traffic = vec![traffic(sine(30.0 * each, 20.0 * each, 24.0, UNIT))];
    web
}

#[test]
fn a_wave_fills_forty_servers_as_the_forward_equations_say() {
    let cases = [(6.0, 60), (8.0, 60), (12.0, 70), (18.0, 150), (24.0, 60)].map(|(units, tasks)| {
        let figures = vec![Figure::golden(&format!("mtms_sin_EL_t{units}"), then(number))];
        Case { scenario: around(forty_servers(tasks), units * UNIT, 10.0), figures }
    });
    hold_in(&cases, RUNS, play);
}

/// Whether all servers are busy at an instant is one bit of a run, so there are thousands of short ones. A row of two seconds sees at
/// most one change of the number, nearly always: then the part of its mean above 39 is the part of the row with all 40 servers busy.
#[test]
fn a_wave_finds_forty_servers_busy_as_the_forward_equations_say() {
    for (units, runs) in [(6.0, 2_000), (8.0, 1_000), (12.0, 3_500)] {
        let figures = vec![Figure::golden(&format!("mtms_sin_PW_t{units}"), then(|row| (number(row) - 39.0).clamp(0.0, 1.0)))];
        hold_in(&[Case { scenario: around(forty_servers(1), units * UNIT, 2.0), figures }], runs, play);
    }
}

/// With a server for everyone the mean number is known at any time. Twenty service times are enough to forget the start.
#[test]
fn a_wave_with_a_server_for_everyone_has_the_mean_of_eick_massey_and_whitt() {
    let wave = |id: &str, tasks: u32, unit: f64, periods_before: f64| {
        let entry = &entries()[id];
        let [period, mean_service] = [entry.input("period"), 1.0 / entry.input("mu")];
        let mut web = independent(servers(tasks, 1_000_000, Distribution::Exponential { mean: unit * mean_service }));
        let each = f64::from(tasks);
        web.traffic = vec![traffic(sine(each * entry.input("lambda_bar"), each * entry.input("amplitude"), period, unit))];
        let instant = (entry.input("t") + periods_before * period) * unit;
        Case { scenario: around(web, instant, unit / 60.0), figures: vec![Figure::golden(id, then(number))] }
    };
    // A whole period later all is the same.
    let cases = ["mtinf_100_20_24_1_6", "mtinf_100_60_24_1_12", "mtinf_30_20_24_0.5_8"].map(|id| wave(id, 20, UNIT, 1.0));
    hold_in(&cases, RUNS, play);
    hold_in(&[wave("mtinf_1000_500_1440_0.1_400", 1, 60.0, 0.0)], 16, play);
}

/// Over whole periods: neither the mean rate nor the rate of the moment gives the share that waits.
#[test]
fn a_wave_makes_as_many_wait_as_the_periodic_forward_equations_say() {
    let tasks = 100;
    let mut web = independent(servers(tasks, 55, exponential_units(1.0)));
    let each = f64::from(tasks);
    web.traffic = vec![traffic(sine(30.0 * each, 20.0 * each, 24.0, UNIT))];
    let period = (24.0 * UNIT) as i64;
    let mut scenario = lasting(web, seconds(9 * period));
    scenario.simulation.warm_up = seconds(period);
    hold(&[Case { scenario, figures: vec![Figure::golden("psa_PW_per24.0", waiting_share)] }]);
}

/// The wave of these tests, by hand: its mean at the start, its peak a quarter of a period later.
#[test]
fn the_wave_of_these_tests_starts_at_its_mean_and_rises() {
    let TrafficKind::Pattern(pattern) = sine(30.0, 20.0, 24.0, UNIT) else { panic!("a pattern") };
    let rate = |seconds: f64| {
        let angle = 2.0 * PI * (seconds - f64::from(pattern.peak_at_seconds)) / pattern.period.as_seconds_f64();
        (f64::midpoint(pattern.base_rps, pattern.peak_rps) + (pattern.peak_rps - pattern.base_rps) / 2.0 * angle.cos()) * UNIT
    };
    assert!((rate(0.0) - 30.0).abs() < 1e-9 && (rate(6.0 * UNIT) - 50.0).abs() < 1e-9 && (rate(18.0 * UNIT) - 10.0).abs() < 1e-9);
}
