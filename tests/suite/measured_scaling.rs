//! Measurements, exported configurations and worked examples of scaling (`tests/data/scaling-measured.json`), each held to the acceptance
//! that stands beside it.

use ecsim::control::scaling::step::adjusted;
use ecsim::control::scaling::target_tracking::{Tracker, wanted_capacity};
use ecsim::distribution::Distribution;
use ecsim::outcome::ServiceOutcome;
use ecsim::scenario::model::{Adjustment, Breach, MetricValue, Policy, Scenario, ScheduledAction, Step, TargetTracking, TrackedMetric};
use ecsim::units::SimDuration;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::scaling_vectors::{capacity_after, is_the_alarm, step_policy, tracking};
use crate::support::{constant, cpu_scaling, first, minutes, play, play_without_timeline, scenario, seconds, service, step, time};

fn cases() -> Vec<Value> {
    let path = format!("{}/tests/data/scaling-measured.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the cases can be read");
    let file: Value = serde_json::from_str(&text).expect("valid JSON");
    file["cases"].as_array().expect("a list").clone()
}

fn case(id: &str) -> Value {
    cases().into_iter().find(|case| case["id"] == id).unwrap_or_else(|| panic!("no case {id}"))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("a number, found {value}"))
}

fn count(value: &Value) -> u32 {
    value.as_u64().and_then(|count| u32::try_from(count).ok()).unwrap_or_else(|| panic!("a count, found {value}"))
}

fn counts(value: &Value) -> Vec<u32> {
    value.as_array().expect("a list").iter().map(count).collect()
}

/// A case counts as tested when a test reads it by its name; that of one scaling activity of 34 s is for information only.
#[test]
fn every_measured_case_has_a_test() {
    assert_eq!(case("ACTIVITY-SCALEIN-34S")["acceptance"], "informational");
    for found in cases() {
        let id = found["id"].as_str().expect("an id");
        assert!(include_str!("measured_scaling.rs").contains(&format!("case(\"{id}\")")), "no test reads {id}");
    }
}

/// Four tasks of half a vCPU with many small requests, on a CPU target of 60 %: at 40 %, and from the tenth minute on at `percent`.
fn stepped(percent: f64, sampling_noise: bool) -> Scenario {
    let mut web = service("web", 4);
    web.workload.idle_cpu = 0.0;
    web.workload.cpu_time = Distribution::constant(0.001);
    web.workload.wait_time = Distribution::constant(0.01);
    let mut source = constant(0.4 * 4.0 * 0.5 / 0.001);
    source.spikes = vec![step(minutes(10), percent / 40.0, SimDuration::from_hours(2))];
    web.traffic = vec![source];
    web.scaling = Some(cpu_scaling(4, 40, 60.0));
    let mut scenario = scenario(vec![web]);
    scenario.simulation.duration = Some(minutes(25));
    scenario.assumptions.sampling_noise = sampling_noise;
    scenario
}

/// Seconds from the step to the first scale-out, for each second of the minute at which the step can lie. The clock is moved and not the
/// step, because traffic is spread evenly within a minute of the run, and metrics are by the minute of the clock.
fn answers_seconds(percent: f64, sampling_noise: bool, change: impl Fn(&mut Scenario)) -> Vec<f64> {
    let of_phase = |phase: i64| {
        let start = time("2026-01-05T00:00:00Z") + SignedDuration::from_secs(phase);
        let mut scenario = stepped(percent, sampling_noise);
        scenario.simulation.start = Some(start);
        change(&mut scenario);
        let outcome = play_without_timeline(&scenario);
        let activity = first(&outcome).scaling_activities.first().unwrap_or_else(|| panic!("{percent} %, {phase} s: no activity"));
        activity.start_time.duration_since(start).as_secs_f64() - 600.0
    };
    (0..60).map(of_phase).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The new CPU after each step, 120 % being more than there is, and the mean answer that the decomposition in docs/ASSUMPTIONS.md
/// gives: a minute that the step cuts at its beginning breaches when the rest of it, at the new level, lifts its mean above 60 %. From
/// 40 % to p that rest is 60 s x 20 / (p - 40). Three breaching minutes and the delay of 170 s follow the beginning of the first; on
/// average over the phases it lies 30 s after the step less the part that may be missing: (60 s - that rest).
const STEPS: [(f64, f64); 4] = [(61.0, 377.1), (75.0, 354.3), (90.0, 344.0), (120.0, 340.0)];

/// The accepted span of each single answer. A rise to just above the target is left out of it: its first minute breaches only when the step
/// cuts less than 3 s of it, so that in the worst phase it takes 170 + 180 + 57 = 407 s. The benchmark's own rise is not known; the mean
/// of that step is held to it like the others.
fn all_within(answers: &[f64], accepted: std::ops::RangeInclusive<f64>, percent: f64) {
    if percent > 70.0 {
        assert!(answers.iter().all(|answer| accepted.contains(answer)), "to {percent} %: {answers:?}, accepted {accepted:?}");
    }
}

/// TT-AWS-2026-BENCH: 363 s from the step to the trigger on metrics by the minute. Its load is not known, so every step is held to 10 %.
#[test]
fn a_step_is_answered_as_fast_as_aws_measured() {
    let measured = number(&case("TT-AWS-2026-BENCH")["observed"]["trigger_s"]["60s"]);
    for sampling_noise in [false, true] {
        for (percent, decomposed) in STEPS {
            let answers = answers_seconds(percent, sampling_noise, |_| {});
            all_within(&answers, 180.0..=400.0, percent);
            let mean = mean(&answers);
            println!("to {percent} %, noise {sampling_noise}: {mean:.1} s");
            assert!((mean / measured - 1.0).abs() <= 0.10, "to {percent} %, noise {sampling_noise}: {mean} s");
            // A minute with noise breaches a little sooner or later; just above the target it may miss by a whole minute.
            let tolerance = if sampling_noise { 6.0 } else { 1.0 };
            assert!((mean - decomposed).abs() <= tolerance, "to {percent} %, noise {sampling_noise}: {mean} s, expected {decomposed} s");
        }
    }
}

/// The same steps on datapoints of 20 seconds, whose rest is a third as long: 60 s for three of them, the delay of 24 s, and 10 s less what
/// of the first may be missing.
const SHORT_STEPS: [(f64, f64); 4] = [(61.0, 93.0), (75.0, 85.4), (90.0, 82.0), (120.0, 80.7)];

/// TT-AWS-2026-BENCH: 86 s on metrics of 20 seconds, and three to five times as fast as by the minute.
#[test]
fn a_step_is_answered_as_fast_as_aws_measured_on_metrics_of_20_seconds() {
    let measured = number(&case("TT-AWS-2026-BENCH")["observed"]["trigger_s"]["20s"]);
    for sampling_noise in [false, true] {
        for (percent, decomposed) in SHORT_STEPS {
            let answers = answers_seconds(percent, sampling_noise, by_20_seconds);
            all_within(&answers, 60.0..=110.0, percent);
            let by_minute = mean(&answers_seconds(percent, sampling_noise, |_| {}));
            let mean = mean(&answers);
            println!("to {percent} %, noise {sampling_noise}: {mean:.1} s");
            assert!((mean / measured - 1.0).abs() <= 0.10, "to {percent} %, noise {sampling_noise}: {mean} s");
            assert!((3.0..=5.0).contains(&(by_minute / mean)), "to {percent} %, noise {sampling_noise}: {mean} s");
            let tolerance = if sampling_noise { 4.0 } else { 1.0 };
            assert!((mean - decomposed).abs() <= tolerance, "to {percent} %, noise {sampling_noise}: {mean} s, expected {decomposed} s");
        }
    }
}

/// Metrics and a policy by 20 seconds.
fn by_20_seconds(scenario: &mut Scenario) {
    let web = &mut scenario.services[0];
    web.high_resolution_metrics = true;
    let policy = TargetTracking { metric: TrackedMetric::CpuUtilization { high_resolution: true }, ..tracking(60.0) };
    web.scaling.as_mut().expect("scaling").policies = vec![Policy::TargetTracking(policy)];
}

/// The same case: 23 s from the trigger to a running task, on metrics by the minute and of 20 seconds.
#[test]
fn new_tasks_run_as_soon_as_aws_measured() {
    let observed = &case("TT-AWS-2026-BENCH")["observed"];
    let measured = number(&observed["implied_provision_s"]);
    for metric in ["60s", "20s"] {
        assert!((number(&observed["total_s"][metric]) - number(&observed["trigger_s"][metric]) - measured).abs() < 1e-9, "{metric}");
        let waits = seconds_to_a_running_task(if metric == "20s" { by_20_seconds } else { |_| {} });
        assert!((mean(&waits) - measured).abs() < 7.0, "on metrics of {metric}: {} s", mean(&waits));
    }
}

/// Seconds from the scale-out to the first further task that runs, for each second of the minute.
fn seconds_to_a_running_task(change: fn(&mut Scenario)) -> Vec<f64> {
    let mut scenario = stepped(90.0, false);
    scenario.simulation.timeline_resolution = seconds(1);
    change(&mut scenario);
    (0..60)
        .map(|phase| {
            scenario.simulation.start = Some(time("2026-01-05T00:00:00Z") + SignedDuration::from_secs(phase));
            let outcome = play(&scenario);
            let at = |condition: fn(&ecsim::outcome::TimelineRow) -> bool| {
                first(&outcome).timeline.iter().position(condition).expect("it happens")
            };
            at(|row| row.running > 4) as f64 - at(|row| row.desired > 4) as f64
        })
        .collect()
}

#[test]
fn target_tracking_creates_the_alarms_that_were_exported() {
    let case = case("TT-ALARMS-ECS");
    let tracker = Tracker::new(tracking(number(&case["inputs"]["target"])), MetricValue::Latest);
    is_the_alarm(tracker.high.rule(), &case["observed"]["alarm_high"], "TT-ALARMS-ECS");
    is_the_alarm(tracker.low.rule(), &case["observed"]["alarm_low"], "TT-ALARMS-ECS");
}

#[test]
fn the_worked_step_example() {
    let case = case("STEP-ASG-WORKED");
    let percent = Adjustment::PercentChangeInCapacity;
    // The example's steps are values of the metric; bounds count from the threshold, here the step nearest to 50.
    let relative = |list: &Value, threshold: f64| -> Vec<Step> {
        let bound = |bound: &Value| bound.as_f64().map(|value| value - threshold);
        let steps = list.as_array().expect("steps").iter();
        steps.map(|step| Step { lower: bound(&step[0]), upper: bound(&step[1]), adjustment: step[2].as_i64().expect("percent") }).collect()
    };
    let out = step_policy("out", Breach::GreaterThanOrEqualToThreshold, 60.0, percent, relative(&case["inputs"]["up"], 60.0));
    let inward = step_policy("in", Breach::LessThanOrEqualToThreshold, 40.0, percent, relative(&case["inputs"]["down"], 40.0));
    let mut capacity = count(&case["inputs"]["start"]);
    let walk = case["inputs"]["metric_sequence"].as_array().expect("a sequence").iter().map(|metric| {
        let policy = if number(metric) >= 50.0 { &out } else { &inward };
        capacity = capacity_after(policy, number(metric), capacity);
        capacity
    });
    assert_eq!(walk.collect::<Vec<u32>>(), counts(&case["observed"]["desired_sequence"]));
}

#[test]
fn the_least_adjustment_by_percent() {
    let Value::Object(case) = case("STEP-MINADJ") else { panic!("a case") };
    let inputs = &case["inputs"];
    let percent = inputs["percent"].as_i64().expect("percent");
    let tasks = adjusted(count(&inputs["tasks"]), Adjustment::PercentChangeInCapacity, percent, count(&inputs["min_adjustment_magnitude"]));
    assert_eq!(tasks, count(&case["observed"]["new_tasks"]));
}

#[test]
fn the_worked_backlog_example() {
    let case = case("TT-SQS-BACKLOG");
    let (inputs, tasks) = (&case["inputs"], count(&case["inputs"]["tasks"]));
    let metric = number(&inputs["messages"]) / f64::from(tasks);
    assert!((metric - number(&case["observed"]["metric"])).abs() < 1e-9);
    let target = number(&inputs["acceptable_latency_s"]) / number(&inputs["proc_s"]);
    assert!((target - number(&inputs["target"])).abs() < 1e-9);
    assert_eq!(wanted_capacity(tasks, metric, target), count(&case["observed"]["new_tasks"]));
}

/// Ten tasks, the load three times that of the target of 50 %: CPU shows no more than 100 %, so a round doubles capacity at most.
#[test]
fn a_bounded_metric_needs_several_rounds() {
    let case = case("TT-BOUNDED-METRIC");
    let (tasks, cpu) = (count(&case["inputs"]["tasks"]), number(&case["inputs"]["cpu"]));
    let targets = case["inputs"]["target"].as_array().expect("targets").iter();
    let wanted: Vec<u32> = targets.map(|target| wanted_capacity(tasks, cpu, number(target))).collect();
    assert_eq!(wanted, counts(&case["observed"]["new_tasks"]));

    let mut web = service("web", tasks);
    web.workload.idle_cpu = 0.0;
    let mut source = constant(0.45 * 10.0 * 0.5 / 0.04);
    source.spikes = vec![step(minutes(10), 3.0 / 0.9, SimDuration::from_hours(2))];
    web.traffic = vec![source];
    web.scaling = Some(cpu_scaling(10, 100, 50.0));
    let mut scenario = scenario(vec![web]);
    scenario.assumptions.sampling_noise = false;
    let outcome = play_without_timeline(&scenario);
    let told: Vec<String> = first(&outcome).scaling_activities.iter().map(|activity| activity.description()).collect();
    assert_eq!(told[0], "Setting desired count to 20.", "{told:?}");
    assert!(told.len() >= 2 && first(&outcome).desired_tasks.max >= 30, "{told:?}");
}

/// A service at 20 % CPU, target 60, with half of its memory in use; the policy on memory has this target.
fn with_memory_target(target_value: f64) -> ServiceOutcome {
    let mut web = service("web", 3);
    web.workload.memory_base_bytes = 512.0 * 1024.0 * 1024.0;
    web.workload.memory_per_request_bytes = 0.0;
    web.traffic = vec![constant(0.18 * 3.0 * 0.5 / 0.04)];
    let mut scaling = cpu_scaling(1, 3, 60.0);
    scaling.policies.push(Policy::TargetTracking(TargetTracking {
        name: "memory".into(),
        metric: TrackedMetric::MEMORY,
        ..tracking(target_value)
    }));
    web.scaling = Some(scaling);
    let mut outcome = play_without_timeline(&scenario(vec![web]));
    outcome.services.remove(0)
}

/// Its memory at 50 % is above 0.9 x 55, so AlarmLow of memory is OK and nothing scales in; with a target of 80 it is in ALARM.
#[test]
fn every_target_tracking_policy_must_want_to_scale_in() {
    assert_eq!(case("TT-MULTI-POLICY-IN")["observed"]["scale_in"], false);
    assert_eq!(with_memory_target(55.0).scaling.scale_in, 0);
    assert!(with_memory_target(80.0).scaling.scale_in > 0);
}

/// A pool of two connections, each held for two seconds: a task serves one request a second whatever its CPU, and CPU never asks for more.
#[test]
fn a_bottleneck_beside_the_cpu_is_not_scaled_away() {
    assert_eq!(case("TT-CPU-WRONG-METRIC")["observed"]["p95_s"], 12);
    let mut web = service("web", 2);
    web.workload.wait_time = Distribution::constant(2.0);
    web.workload.concurrency = 2;
    web.traffic = vec![constant(1.8)];
    web.scaling = Some(cpu_scaling(2, 10, 60.0));
    let outcome = play_without_timeline(&scenario(vec![web]));
    let web = first(&outcome);
    assert!(web.cpu_utilization.max.expect("data") < 60.0 && web.scaling.scale_out == 0);
    let p95_seconds = web.latency.quantile(0.95).expect("data");
    assert!(p95_seconds > 4.0, "{p95_seconds} s: twice the 2.04 s that a request takes by itself");
}

/// SCHED-ACTION-DELAY: an action for 06:00:00 began 16.5 s late, and its one task ran 31 s later. Accepted: from 0 to 60 s late, here on
/// time; the activity ends when the running count is the desired one.
#[test]
fn a_scheduled_action_wakes_a_service_within_its_minute() {
    let case = case("SCHED-ACTION-DELAY");
    let action = ScheduledAction {
        name: "morning".into(),
        schedule: ecsim::calendar::Schedule::parse("at(2026-01-05T06:00:00)").expect("a schedule"),
        time_zone: TimeZone::UTC,
        start_time: None,
        end_time: None,
        min_capacity: Some(count(&case["inputs"]["to"])),
        max_capacity: None,
    };
    let mut web = service("web", count(&case["inputs"]["from_"]));
    web.traffic = vec![constant(0.0)];
    let mut scaling = cpu_scaling(0, 10, 60.0);
    scaling.policies.clear();
    scaling.scheduled_actions = vec![action];
    web.scaling = Some(scaling);
    let mut scenario = scenario(vec![web]);
    scenario.simulation.start = Some(time("2026-01-05T05:30:00Z"));
    let outcome = play_without_timeline(&scenario);
    let scaled = first(&outcome).scaling_activities.iter().find(|activity| activity.description() == "Setting desired count to 1.");
    let scaled = scaled.expect("an activity");
    let late = scaled.start_time.duration_since(time("2026-01-05T06:00:00Z")).as_secs_f64();
    assert!((0.0..=60.0).contains(&late), "{late} s");
    let fulfilled = scaled.end_time.expect("it ended").duration_since(scaled.start_time).as_secs_f64();
    let measured = number(&case["observed"]["fulfil_s"]);
    assert!((fulfilled - measured).abs() < 10.0, "{fulfilled} s, measured {measured} s");
}
