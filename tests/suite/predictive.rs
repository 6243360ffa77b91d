//! Predictive scaling in whole runs: a trace reaches back before the start, and what it recorded there is the past that forecasts rest on.
//!
//! By hand: a day of ten requests a second, 600 a minute, and of fifty, 3,000 a minute, from nine to ten. At 310 requests a minute for
//! each task 600 need 1.94, two tasks, and 3,000 need 9.68, ten. A day that repeats itself is forecast without an error.

use ecsim::outcome::{Cause, Outcome};
use ecsim::scenario::model::{Forecast, MaxCapacityBreach, MetricPair, Policy, Scaling, Scenario};
use ecsim::trace::{Quality, Trace};
use ecsim::units::SimDuration;
use jiff::SignedDuration;
use serde_json::Value;

use crate::command_line::Folder;
use crate::scaling_vectors::tracking;
use crate::support::{cpu_scaling, first, play, played_trace, replay, scenario, seconds, service, time};

/// When the runs start.
const START: &str = "2026-01-05T00:00:00Z";

fn policy() -> Forecast {
    Forecast {
        name: "forecast".into(),
        pair: MetricPair::RequestCount,
        target_value: 310.0,
        scales: true,
        scheduling_buffer: seconds(300),
        max_capacity_breach: MaxCapacityBreach::Honor,
    }
}

fn forecast_scaling(min_capacity: u32, max_capacity: u32, forecast: Forecast) -> Scaling {
    Scaling { policies: vec![Policy::Predictive(forecast)], ..cpu_scaling(min_capacity, max_capacity, 60.0) }
}

/// A service of these tasks that plays a trace for some hours. Its balancer keeps all requests: they fit on the fewest tasks of a test.
fn run_of(hours: i64, tasks: u32, scaling: Scaling) -> Scenario {
    let mut web = service("web", tasks);
    web.traffic = vec![played_trace()];
    web.workload.idle_cpu = 0.0;
    web.scaling = Some(scaling);
    let mut scenario = scenario(vec![web]);
    scenario.simulation.duration = Some(SimDuration::from_hours(hours));
    scenario.assumptions.sampling_noise = false;
    scenario
}

/// Requests a second by the hour of the day.
fn usual_rps(hour: usize) -> f64 {
    if hour % 24 == 9 { 50.0 } else { 10.0 }
}

/// Three days by the hour that begin so many hours before the start; `rps` is told the hour, 0 being that of the start.
fn recorded(hours_before: usize, rps: impl Fn(i64) -> f64) -> Trace {
    let counts = (0..hours_before as i64 + 48).map(|slot| 3600.0 * rps(slot - hours_before as i64)).collect();
    Trace {
        start: time(START) - SignedDuration::from_hours(hours_before as i64),
        slot: SimDuration::from_hours(1),
        counts,
        quality: Quality::default(),
    }
}

fn usual(hours_before: usize) -> Trace {
    recorded(hours_before, |hour| usual_rps(hour.rem_euclid(24) as usize))
}

/// What was set, with the clock time at which it was.
fn told(outcome: &Outcome) -> Vec<(String, String)> {
    let activities = first(outcome).scaling_activities.iter();
    activities.map(|activity| (activity.start_time.strftime("%H:%M:%S").to_string(), activity.description())).collect()
}

fn set(at: &str, count: u32) -> (String, String) {
    (at.to_owned(), format!("Setting desired count to {count}."))
}

/// The tasks that are healthy at the end of a minute of the run.
fn healthy_at(outcome: &Outcome, minute: usize) -> u32 {
    first(outcome).timeline[minute - 1].healthy
}

/// AWS, PredictiveScalingPolicyConfiguration: capacity is launched ahead of its hour by the scheduling buffer, 300 s by default. AWS, how
/// predictive scaling works: it never scales in, so the ten stay after their hour.
#[test]
fn capacity_is_there_before_the_hour() {
    for hours_before in [24, 14 * 24] {
        let outcome = replay(&run_of(12, 1, forecast_scaling(1, 40, policy())), usual(hours_before));
        // The run starts with what its first hour needs: two tasks, not the one that the scenario names.
        assert_eq!(told(&outcome), [set("08:55:00", 10)], "{hours_before} hours of history");
        assert!(first(&outcome).scaling_activities.iter().all(|activity| activity.cause == Cause::Forecast("forecast".into())));
        assert_eq!((healthy_at(&outcome, 8 * 60 + 55), healthy_at(&outcome, 9 * 60)), (2, 10));
        assert!(first(&outcome).timeline[8 * 60 + 55..].iter().all(|row| row.desired == 10));
    }
}

#[test]
fn a_longer_buffer_brings_capacity_earlier() {
    for (buffer, at) in [(0, "09:00:00"), (1800, "08:30:00")] {
        let forecast = Forecast { scheduling_buffer: seconds(buffer), ..policy() };
        let outcome = replay(&run_of(10, 2, forecast_scaling(1, 40, forecast)), usual(24));
        assert_eq!(told(&outcome), [set(at, 10)]);
    }
}

/// CPU by hand: fifty requests of 40 ms a second are two vCPU, 400 percent of a task of half a vCPU, eight tasks at 50 %; ten are 80
/// percent, two tasks.
#[test]
fn the_past_of_cpu_is_that_of_the_requests() {
    let forecast = Forecast { pair: MetricPair::Cpu, target_value: 50.0, ..policy() };
    let outcome = replay(&run_of(10, 2, forecast_scaling(1, 40, forecast)), usual(24));
    assert_eq!(told(&outcome), [set("08:55:00", 8)]);
}

/// AWS, how predictive scaling works: a forecast needs 24 hours of data.
#[test]
fn without_data_nothing_happens() {
    let outcome = replay(&run_of(12, 1, forecast_scaling(1, 40, policy())), usual(0));
    assert_eq!((told(&outcome), first(&outcome).scaling.forecasts.len()), (vec![], 0));
    // With 23 hours of history the first hour of the run is the 24th.
    let outcome = replay(&run_of(3, 1, forecast_scaling(1, 40, policy())), usual(23));
    assert_eq!(told(&outcome), [set("01:00:00", 2)]);
}

/// Twelve hours; the last minutes of the last hour are published after the end, so that eleven hours are judged.
#[test]
fn forecast_only_changes_nothing_and_is_judged() {
    let forecast = Forecast { scales: false, max_capacity_breach: MaxCapacityBreach::IncreaseByPercent(10), ..policy() };
    let scenario = run_of(12, 5, forecast_scaling(1, 6, forecast));
    let outcome = replay(&scenario, usual(24));
    assert_eq!(told(&outcome), []);
    let mut without = scenario;
    without.services[0].scaling = None;
    assert_eq!(first(&outcome).timeline, first(&replay(&without, usual(24))).timeline);
    let accuracy = &first(&outcome).scaling.forecasts;
    assert_eq!(accuracy.iter().map(|accuracy| (accuracy.policy.as_str(), accuracy.hours)).collect::<Vec<_>>(), [("forecast", 11)]);
    assert!(accuracy[0].weighted_error_percent < 0.01, "{accuracy:?}");
}

/// By hand: each hour carries 12 where 10 was forecast, an error of 2 in 12. The run ends before the second forecast, which would know.
#[test]
fn the_error_is_that_of_the_hours_that_came() {
    let busier = recorded(24, |hour| if hour < 0 { 10.0 } else { 12.0 });
    let outcome = replay(&run_of(6, 2, forecast_scaling(1, 40, policy())), busier);
    let accuracy = &first(&outcome).scaling.forecasts[0];
    assert_eq!(accuracy.hours, 5);
    assert!((accuracy.weighted_error_percent - 100.0 * 2.0 / 12.0).abs() < 0.01, "{accuracy:?}");
}

/// AWS, how predictive scaling works: the larger of the two capacities counts. By hand: ten requests of 40 ms a second are 80 percent of
/// a task, and at 60 % two tasks; at 160 requests a minute for each task the forecast is 3.75, four.
#[test]
fn a_forecast_is_a_floor_under_a_scale_in() {
    let fewest = |policies: Vec<Policy>| {
        let scenario = run_of(2, 10, Scaling { policies, ..cpu_scaling(1, 40, 60.0) });
        let outcome = replay(&scenario, recorded(24, |_| 10.0));
        assert!(first(&outcome).scaling.scale_in > 0 && first(&outcome).scaling.scale_out == 0);
        first(&outcome).desired_tasks.min
    };
    let forecast = |scales| Policy::Predictive(Forecast { target_value: 160.0, scales, ..policy() });
    let cpu = || Policy::TargetTracking(tracking(60.0));
    assert_eq!(fewest(vec![cpu()]), 2);
    assert_eq!(fewest(vec![cpu(), forecast(false)]), 2);
    assert_eq!(fewest(vec![cpu(), forecast(true)]), 4);
    assert_eq!(fewest(vec![forecast(true), cpu()]), 4);
}

/// AWS, PredictiveScalingPolicyConfiguration: forecast 50, maximum 40, buffer 10 percent: 55. By hand: fifty requests a second are 3,000 a
/// minute; at 60.5 for each task 49.6, fifty tasks. A target of 2 % CPU wants two hundred tasks, and shows the maximum.
#[test]
fn the_maximum_holds_or_is_raised() {
    let most = |max_capacity_breach, greedy: bool| {
        let forecast = Policy::Predictive(Forecast { target_value: 60.5, max_capacity_breach, ..policy() });
        let mut policies = vec![forecast];
        policies.extend(greedy.then(|| Policy::TargetTracking(tracking(2.0))));
        let outcome = replay(&run_of(1, 20, Scaling { policies, ..cpu_scaling(1, 40, 60.0) }), recorded(24, |_| 50.0));
        first(&outcome).desired_tasks.max
    };
    let increase = MaxCapacityBreach::IncreaseByPercent(10);
    assert_eq!((most(MaxCapacityBreach::Honor, false), most(MaxCapacityBreach::Honor, true)), (40, 40));
    assert_eq!((most(increase, false), most(increase, true)), (50, 55));
}

/// A service without a recorded past forecasts from what it has measured itself: nothing for a day, then a forecast.
#[test]
fn a_run_of_more_than_a_day_makes_its_own_past() {
    let mut scenario = run_of(26, 1, forecast_scaling(1, 40, policy()));
    scenario.services[0].traffic = vec![crate::support::constant(10.0)];
    let outcome = play(&scenario);
    let activities = &first(&outcome).scaling_activities;
    assert_eq!(activities.iter().map(|activity| activity.start_time).collect::<Vec<_>>(), [time("2026-01-06T00:00:00Z")]);
    assert_eq!(told(&outcome), [set("00:00:00", 2)]);
}

/// From a file to the document: a day and a half by the hour, the run from the second day on.
#[test]
fn the_document_tells_the_error() {
    let folder = Folder::with_small();
    let row = |hour: i64| {
        let at = time("2026-01-04T00:00:00Z") + SignedDuration::from_hours(hour);
        format!("{},{}\n", at.strftime("%Y-%m-%dT%H:%M:%SZ"), if hour < 24 { 36_000 } else { 43_200 })
    };
    folder.put("past.csv", &format!("timestamp,requests\n{}", (0..48).map(row).collect::<String>()));
    folder.put(
        "forecast.yaml",
        "
version: 1
simulation: {start: 2026-01-05T00:00:00Z, duration: 6h}
services:
  web:
    task_definition: {cpu: 512, memory: 1024}
    desired_count: 1
    load_balancer: {load_balancer_type: application}
    traffic: {trace: {file: past.csv}}
    workload: {cpu_time: 40ms, wait_time: 80ms}
    scaling:
      min_capacity: 1
      max_capacity: 40
      policies:
        - name: ahead
          policy_type: PredictiveScaling
          mode: ForecastAndScale
          predefined_metric_pair_specification: {predefined_metric_type: ALBRequestCount}
          target_value: 310
",
    );
    let out = folder.ecsim(&["run", "forecast.yaml", "--format", "json"]).code(0).out;
    let document: Value = serde_json::from_str(&out).expect("a document");
    let web = &document["services"]["web"];
    let forecast = &web["scaling"]["forecasts"]["ahead"];
    assert_eq!(forecast["hours"], 5, "{forecast}");
    let error = forecast["weighted_error_percent"].as_f64().expect("a figure");
    assert!((error - 100.0 / 6.0).abs() < 0.01, "{error}");
    assert!(forecast["method"].as_str().is_some_and(|method| !method.is_empty()));
    assert_eq!(web["desired_tasks"]["min"], 2, "the run starts with what its first hour needs: {web}");
}
