//! Facts about scaling, alarms, steps and schedules (`tests/data/scaling-vectors.json`, each with its source), run through the library's
//! public functions or, where the fact is about a service, through a simulation.

use std::collections::BTreeSet;

use ecsim::calendar::{Bounds, Schedule, Timetable};
use ecsim::control::alarms::{Alarm, AlarmState};
use ecsim::control::datapoints::{Datapoints, Windows};
use ecsim::control::scaling::activities::{ActivityLog, TargetName};
use ecsim::control::scaling::cooldown::Cooldown;
use ecsim::control::scaling::step::{StepPolicy, adjusted};
use ecsim::control::scaling::target_tracking::{Tracker, wanted_capacity};
use ecsim::control::scaling::{AskedCapacity, ScalableTarget, TargetSetting};
use ecsim::metrics::{CountOverTime, StatisticSet};
use ecsim::scenario::model::{
    Adjustment, AlarmRule, Breach, Forecast, MaxCapacityBreach, Metric, MetricPair, MetricValue, Policy, Scaling, ScheduledAction, Series,
    Statistic, Step, StepScaling, TargetTracking, TrackedMetric, TreatMissingData,
};
use ecsim::units::{CpuUnits, Mebibytes, SimTime};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::support::{assumptions, constant, cpu_scaling, first, minutes, play_without_timeline, scenario, seconds, service, time};

fn vectors() -> Vec<Value> {
    let path = format!("{}/tests/data/scaling-vectors.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the vectors can be read");
    let file: Value = serde_json::from_str(&text).expect("valid JSON");
    file["vectors"].as_array().expect("a list").clone()
}

fn id(vector: &Value) -> &str {
    vector["id"].as_str().expect("an id")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("a number, found {value}"))
}

fn whole(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("a whole number, found {value}"))
}

fn count(value: &Value) -> u32 {
    u32::try_from(whole(value)).expect("a count")
}

/// Runs every vector of an area; each is told to `run` as its id, its input and what is expected.
fn each(area: &str, run: impl Fn(&str, &Value, &Value)) {
    let of_area: Vec<Value> = vectors().into_iter().filter(|vector| vector["area"] == area).collect();
    assert!(!of_area.is_empty(), "no vector of {area}");
    for vector in &of_area {
        run(id(vector), &vector["input"], &vector["expected"]);
    }
}

/// The areas of the tests below; a vector of another area would be run by none of them.
#[test]
fn every_vector_has_a_test_and_a_source() {
    let areas = ["target_tracking", "policy_merge", "step_scaling", "cloudwatch_alarm", "utilization", "scheduled", "predictive"];
    let mut ids = BTreeSet::new();
    for vector in vectors() {
        assert!(areas.iter().any(|area| vector["area"] == **area), "{vector}");
        assert!(vector["source"].as_str().is_some_and(|source| !source.is_empty()), "{vector}");
        assert!(ids.insert(id(&vector).to_owned()), "{vector}");
    }
}

/// A minute of a service of which only CPU is known.
pub fn cpu_minute(end: SimTime, cpu_percent: f64) -> Datapoints {
    Datapoints {
        end,
        span: minutes(1),
        cpu: Some(StatisticSet::of(cpu_percent)),
        memory: None,
        requests_per_target: None,
        request_count: 0.0,
        response_time: None,
        target_5xx: 0.0,
        balancer_5xx: 0.0,
        healthy: 1,
        running: 1,
        pending: 0,
        desired: 1,
        queue: None,
    }
}

/// A target tracking policy on CPU.
pub fn tracking(target_value: f64) -> TargetTracking {
    TargetTracking {
        name: "policy".into(),
        metric: TrackedMetric::CPU,
        target_value,
        scale_out_cooldown: seconds(300),
        scale_in_cooldown: seconds(300),
        disable_scale_in: false,
    }
}

#[test]
fn target_tracking() {
    each("target_tracking", |id, input, expected| match id {
        "tt-sqs-backlog" => {
            let desired = wanted_capacity(count(&input["current"]), number(&input["metric"]), number(&input["target"]));
            assert_eq!(desired, count(&expected["desired"]), "{id}");
            assert_eq!(desired - count(&input["current"]), count(&expected["delta"]), "{id}");
        }
        "tt-acceptable-backlog" => {
            // The target is the reader's own arithmetic; with it, ten tasks with 150 messages each become 15.
            let target = number(&input["acceptable_latency_s"]) / number(&input["seconds_per_message"]);
            assert!((target - number(&expected["target"])).abs() < 1e-9, "{id}");
            assert_eq!(wanted_capacity(10, 150.0, target), 15, "{id}");
        }
        // Ten tasks whose metric says that so many more, or fewer, would meet a target of 100.
        "tt-round-up" => {
            let metric = 10.0 * (10.0 + number(&input["raw_units_to_add"]));
            assert_eq!(wanted_capacity(10, metric, 100.0) - 10, count(&expected["units_added"]), "{id}");
        }
        "tt-round-no-scale-in" => {
            let metric = 10.0 * (10.0 - number(&input["raw_units_to_remove"]));
            assert_eq!(10 - wanted_capacity(10, metric, 100.0), count(&expected["units_removed"]), "{id}");
        }
        "tt-alarms-70" | "tt-alarms-80" | "tt-alarms-1500" => {
            let tracker = Tracker::new(tracking(number(&input["target"])), MetricValue::Latest);
            is_the_alarm(tracker.high.rule(), &expected["alarm_high"], id);
            is_the_alarm(tracker.low.rule(), &expected["alarm_low"], id);
        }
        _ => panic!("{id} is not known here"),
    });
}

/// Holds an alarm against one that Application Auto Scaling created.
pub fn is_the_alarm(rule: &AlarmRule, expected: &Value, id: &str) {
    let upward = matches!(expected["op"].as_str(), Some("GreaterThanThreshold" | ">"));
    assert_eq!(rule.breach, if upward { Breach::GreaterThanThreshold } else { Breach::LessThanThreshold }, "{id}");
    assert!((rule.threshold - number(&expected["threshold"])).abs() < 1e-9, "{id}: {}", rule.threshold);
    let period = expected.get("period_s").unwrap_or(&expected["period"]);
    assert_eq!(rule.period, seconds(whole(period)), "{id}");
    assert_eq!(rule.evaluation_periods, count(&expected["evaluation_periods"]), "{id}");
    assert_eq!(rule.datapoints_to_alarm, rule.evaluation_periods, "{id}: all of them");
    assert_eq!(rule.treat_missing_data, TreatMissingData::Missing, "{id}");
}

fn adjustment(word: &Value) -> Adjustment {
    match word.as_str() {
        Some("ChangeInCapacity") => Adjustment::ChangeInCapacity,
        Some("PercentChangeInCapacity") => Adjustment::PercentChangeInCapacity,
        Some("ExactCapacity") => Adjustment::ExactCapacity,
        _ => panic!("no adjustment type: {word}"),
    }
}

/// A step policy on CPU whose alarm looks at one minute.
pub fn step_policy(name: &str, breach: Breach, threshold: f64, adjustment: Adjustment, steps: Vec<Step>) -> StepScaling {
    StepScaling {
        name: name.into(),
        series: Series { metric: Metric::CpuUtilization, statistic: Statistic::Average },
        alarm: AlarmRule {
            breach,
            threshold,
            period: minutes(1),
            evaluation_periods: 1,
            datapoints_to_alarm: 1,
            treat_missing_data: TreatMissingData::Missing,
        },
        adjustment,
        aggregation: Statistic::Average,
        min_adjustment_magnitude: 0,
        cooldown: seconds(300),
        steps,
    }
}

/// The steps of a list of `[lower, upper, adjustment]`.
fn steps(list: &Value) -> Vec<Step> {
    let list = list.as_array().expect("a list of steps");
    list.iter().map(|step| Step { lower: step[0].as_f64(), upper: step[1].as_f64(), adjustment: whole(&step[2]) }).collect()
}

/// The capacity after a policy has seen one minute of CPU.
pub fn capacity_after(config: &StepScaling, metric: f64, current: u32) -> u32 {
    let mut policy = StepPolicy::new(config.clone(), false);
    policy.observe(SimTime::from_seconds(60), &cpu_minute(SimTime::from_seconds(60), metric));
    match policy.wish(current).map(|ask| ask.capacity) {
        Some(AskedCapacity::Step(adjustment)) => policy.capacity(current, adjustment),
        Some(AskedCapacity::Tasks(tasks)) => panic!("a step policy asks for {tasks} tasks"),
        None => current,
    }
}

/// The pair of policies of AWS's example: out above or at the threshold, in below or at it.
fn example_policies(input: &Value) -> [StepScaling; 2] {
    let percent = Adjustment::PercentChangeInCapacity;
    // AWS's example has one threshold for both.
    let threshold = input["threshold"].as_f64().unwrap_or(50.0);
    [
        step_policy("out", Breach::GreaterThanOrEqualToThreshold, threshold, percent, steps(&input["scale_out_steps"])),
        step_policy("in", Breach::LessThanOrEqualToThreshold, threshold, percent, steps(&input["scale_in_steps"])),
    ]
}

#[test]
fn step_scaling() {
    each("step_scaling", |id, input, expected| match id {
        "step-percent-walk" => {
            let [out, inward] = example_policies(input);
            let walk = input["sequence"].as_array().expect("a sequence");
            let capacities = walk.iter().map(|at| {
                let policy = if at["policy"] == "out" { &out } else { &inward };
                capacity_after(policy, number(&at["metric"]), count(&at["current"]))
            });
            let expected: Vec<u32> = expected["desired"].as_array().expect("a list").iter().map(count).collect();
            assert_eq!(capacities.collect::<Vec<u32>>(), expected, "{id}");
        }
        "step-neutral-band" => {
            assert_eq!(whole(&expected["adjustment"]), 0, "{id}");
            for metric in input["metrics"].as_array().expect("a list") {
                for policy in example_policies(input) {
                    assert_eq!(capacity_after(&policy, number(metric), 10), 10, "{id}: {metric}");
                }
            }
        }
        // One percent of a hundred times as many tasks.
        "step-round-12.7" | "step-round-0.67" | "step-round--0.58" | "step-round--6.67" => {
            let raw = number(&input["raw_percent_result"]);
            let tasks = (raw.abs() * 100.0).round() as u32;
            let percent = if raw < 0.0 { -1 } else { 1 };
            let change = i64::from(adjusted(tasks, Adjustment::PercentChangeInCapacity, percent, 0)) - i64::from(tasks);
            assert_eq!(change, whole(&expected["rounded"]), "{id}");
        }
        "step-min-magnitude" | "step-ChangeInCapacity" | "step-ExactCapacity" | "step-PercentChangeInCapacity" => {
            let least = input.get("min_adjustment_magnitude").map_or(0, count);
            let desired = adjusted(count(&input["current"]), adjustment(&input["adjustment_type"]), whole(&input["adj"]), least);
            assert_eq!(desired, count(&expected["desired"]), "{id}");
        }
        "step-cooldown-net" => {
            let (added, asked) = (count(&input["in_cooldown_added"]), whole(&input["new_adjustment"]));
            let mut cooldown = Cooldown::default();
            cooldown.await_activity(SimTime::START, seconds(300), 10);
            cooldown.begin(SimTime::from_seconds(60));
            let base = cooldown.base(SimTime::from_seconds(120), 10 + added);
            let additional = adjusted(base, Adjustment::ChangeInCapacity, asked, 0) - (10 + added);
            assert_eq!(additional, count(&expected["additional"]), "{id}");
        }
        _ => panic!("{id} is not known here"),
    });
}

/// Several policies decide together: ten tasks at 80 % CPU, all alarms at 70 %.
#[test]
fn the_largest_of_several_policies_wins() {
    each("policy_merge", |id, input, expected| {
        let policy = |(index, policy): (usize, &Value)| {
            let beyond = vec![Step { lower: Some(0.0), upper: None, adjustment: whole(&policy["adj"]) }];
            let kind = adjustment(&policy["type"]);
            Policy::Step(step_policy(&format!("policy-{index}"), Breach::GreaterThanThreshold, 70.0, kind, beyond))
        };
        let current = count(&input["current"]);
        let mut web = service("web", current);
        web.workload.idle_cpu = 0.0;
        // A task of the default scenario is half a vCPU, and a request takes 40 ms of a whole one.
        web.traffic = vec![constant(f64::from(current) * 0.8 * 0.5 / 0.04)];
        let mut scaling = cpu_scaling(1, 100, 60.0);
        scaling.policies = input["policies"].as_array().expect("policies").iter().enumerate().map(policy).collect();
        web.scaling = Some(scaling);
        let mut scenario = scenario(vec![web]);
        scenario.simulation.duration = Some(minutes(15));
        scenario.assumptions.sampling_noise = false;
        let outcome = play_without_timeline(&scenario);
        let desired = first(&outcome).scaling_activities[0].description();
        assert_eq!(desired, format!("Setting desired count to {}.", count(&expected["desired"])), "{id}");
    });
}

/// A scalable target with a forecast of so many tasks of 50 % CPU for every hour, and perhaps a target tracking policy for 50 %.
fn forecasting(tasks: u32, max_capacity: u32, max_capacity_breach: MaxCapacityBreach, tracks: bool) -> ScalableTarget {
    let forecast = Forecast {
        name: "forecast".into(),
        pair: MetricPair::Cpu,
        target_value: 50.0,
        scales: true,
        scheduling_buffer: seconds(300),
        max_capacity_breach,
    };
    let mut policies = vec![Policy::Predictive(forecast)];
    policies.extend(tracks.then(|| Policy::TargetTracking(tracking(50.0))));
    let scaling = Scaling { policies, ..cpu_scaling(1, max_capacity, 50.0) };
    let name = TargetName { cluster: "default", service: "web", seed: 1, service_key: 1 };
    let log = ActivityLog::new(time("2026-01-05T00:00:00Z"), name, &scaling.policies);
    let assumptions = assumptions();
    let setting = TargetSetting { high_resolution_metrics: false, assumptions: &assumptions, from: SimTime::START };
    ScalableTarget::new(&scaling, setting, log, &[vec![50.0 * f64::from(tasks); 24], Vec::new()])
}

#[test]
fn predictive() {
    each("predictive", |id, input, expected| match id {
        // Four tasks at a utilisation that makes target tracking ask for its number; whichever comes first, the larger counts.
        "pred-merge-max" => {
            let (tracked, forecast) = (count(&input["target_tracking_desired"]), count(&input["predictive_desired"]));
            for forecast_first in [true, false] {
                let mut target = forecasting(forecast, 100, MaxCapacityBreach::Honor, true);
                let mut desired = CountOverTime::new(SimTime::START, 4);
                let cpu = 50.0 * f64::from(tracked) / 4.0;
                if forecast_first {
                    assert!(target.follow_forecasts(SimTime::START, 4, &mut desired), "{id}");
                    assert_eq!(desired.value(), forecast, "{id}");
                }
                for minute in 1..=3 {
                    let now = SimTime::from_seconds(60 * minute);
                    target.observe(now, &cpu_minute(now, cpu), 4, &mut desired);
                }
                assert_eq!(desired.value(), count(&expected["desired"]), "{id}");
                assert!(!target.follow_forecasts(SimTime::from_seconds(240), 4, &mut desired), "{id}");
                assert_eq!(desired.value(), count(&expected["desired"]), "{id}");
            }
        }
        "pred-max-buffer" => {
            let increase = MaxCapacityBreach::IncreaseByPercent(count(&input["max_capacity_buffer_pct"]));
            let mut target = forecasting(count(&input["forecast"]), count(&input["max_capacity"]), increase, false);
            let mut desired = CountOverTime::new(SimTime::START, 4);
            assert!(target.follow_forecasts(SimTime::START, 4, &mut desired), "{id}");
            assert_eq!(target.bounds().1, count(&expected["effective_max"]), "{id}");
            assert_eq!(desired.value(), count(&input["forecast"]), "{id}");
        }
        _ => panic!("{id} is not known here"),
    });
}

fn alarm_rule(input: &Value, treat_missing_data: TreatMissingData) -> AlarmRule {
    let evaluation_periods = count(&input["evaluation_periods"]);
    AlarmRule {
        breach: Breach::GreaterThanThreshold,
        threshold: 1.0,
        period: input.get("period_s").map_or(minutes(1), |period| seconds(whole(period))),
        evaluation_periods,
        datapoints_to_alarm: input.get("datapoints_to_alarm").map_or(evaluation_periods, count),
        treat_missing_data,
    }
}

/// Shows datapoints in AWS's notation: `0` is within the threshold, `X` breaches, `-` is missing.
fn show(alarm: &mut Alarm, datapoints: &str) {
    for datapoint in datapoints.chars() {
        alarm.observe(match datapoint {
            '0' => Some(0.0),
            'X' | 'B' => Some(2.0),
            _ => None,
        });
    }
}

const TREATMENTS: [(&str, TreatMissingData); 4] = [
    ("missing", TreatMissingData::Missing),
    ("ignore", TreatMissingData::Ignore),
    ("breaching", TreatMissingData::Breaching),
    ("notBreaching", TreatMissingData::NotBreaching),
];

#[test]
fn alarms() {
    each("cloudwatch_alarm", |id, input, expected| {
        if id.starts_with("alarm-interval-") {
            return evaluation_interval(id, input, expected);
        }
        let datapoints = input["datapoints_oldest_first"].as_str().expect("datapoints");
        if id.starts_with("alarm-premature-") {
            let mut alarm = Alarm::new(alarm_rule(input, TreatMissingData::Missing), 1);
            show(&mut alarm, datapoints);
            assert_eq!(alarm.state() == AlarmState::Alarm, expected["goes_to_alarm"] == true, "{id}");
            return;
        }
        for (word, treatment) in TREATMENTS {
            // What was before is out of the range of five when the row has been shown.
            for before in ["00000", "BBBBB"] {
                let mut alarm = Alarm::new(alarm_rule(input, treatment), 1);
                show(&mut alarm, before);
                let kept = alarm.state();
                show(&mut alarm, datapoints);
                let expected = match expected[word].as_str() {
                    Some("RETAIN") => kept.name(),
                    state => state.expect("a state"),
                };
                assert_eq!(alarm.state().name(), expected, "{id}: {word}, after {before}");
            }
        }
    });
}

/// The evaluation interval is the time for which a metric must breach: minute by minute, until the alarm goes off.
fn evaluation_interval(id: &str, input: &Value, expected: &Value) {
    let rule = alarm_rule(input, TreatMissingData::Missing);
    // With the minimum, a window breaches when all of its minutes do.
    let series = Series { metric: Metric::CpuUtilization, statistic: Statistic::Minimum };
    let mut windows = Windows::new(series, rule.period, false);
    let mut alarm = Alarm::new(rule, windows.phases());
    let mut minute = 0;
    let mut show = |cpu: f64| {
        minute += 1;
        windows.push(&cpu_minute(SimTime::from_seconds(60 * minute), cpu), |value| {
            alarm.observe(value);
        });
        alarm.state()
    };
    for _ in 0..120 {
        assert_ne!(show(0.0), AlarmState::Alarm, "{id}");
    }
    let breaching = (1..).find(|_| show(2.0) == AlarmState::Alarm).expect("the alarm goes off");
    assert_eq!(60 * breaching, whole(&expected["evaluation_interval_s"]), "{id}");
}

/// The share of CPU and memory that tasks use. A use beyond what the task has, as in the vector with 2,048 of 512 units, needs an EC2
/// instance: on Fargate a task has its CPU and no more, and shows 100 %.
#[test]
fn utilization() {
    each("utilization", |id, input, expected| {
        let (cpu_units, used) = (count(&input["task_cpu_units"]), number(&input["used_cpu_units"]));
        let mut web = service("web", count(&input["tasks"]));
        web.task.cpu = CpuUnits(cpu_units);
        web.task.memory = Mebibytes(count(&input["task_mem_mib"]));
        web.workload.idle_cpu = 0.0;
        web.workload.memory_base_bytes = number(&input["used_mem_mib"]) * 1024.0 * 1024.0;
        web.workload.memory_per_request_bytes = 0.0;
        web.workload.cpu_time = ecsim::distribution::Distribution::constant(0.01);
        web.traffic = vec![constant(used / 1024.0 / 0.01)];
        let mut scenario = scenario(vec![web]);
        scenario.assumptions.sampling_noise = false;
        let outcome = play_without_timeline(&scenario);
        let [cpu, memory] =
            [&first(&outcome).cpu_utilization, &first(&outcome).memory_utilization].map(|summary| summary.mean.expect("data"));
        let possible = number(&expected["cpu_pct"]).min(100.0);
        // Arrivals are Poisson: 45,000 of them in an hour, 0.5 %.
        assert!((cpu / possible - 1.0).abs() < 0.02, "{id}: CPU {cpu}");
        assert!((memory - number(&expected["mem_pct"])).abs() < 1e-9, "{id}: memory {memory}");
    });
}

/// The times of a cron expression in a span of days from 2026-03-01 (a Sunday) on.
fn times(cron: &str, zone: &str, days: i64) -> Vec<String> {
    let schedule = Schedule::parse(&format!("cron({cron})")).expect("a schedule");
    let zone = TimeZone::get(zone).expect("a zone");
    let from: Timestamp = time("2026-03-01T00:00:00Z") - jiff::SignedDuration::from_secs(1);
    let until = from + jiff::SignedDuration::from_hours(24 * days);
    let timetable = Timetable::new(schedule, zone.clone(), Bounds::default(), from);
    let next = |time: &Timestamp| timetable.next_after(*time);
    let all = std::iter::successors(next(&from), next).take_while(|time| *time <= until);
    all.map(|time| time.to_zoned(zone.clone()).strftime("%a %d %H:%M").to_string()).collect()
}

#[test]
fn schedules() {
    each("scheduled", |id, input, expected| {
        let cron = || input["cron"].as_str().expect("an expression");
        let in_days = |days: i64| times(cron(), input["timezone"].as_str().expect("a zone"), days);
        match id {
            // Every Monday 06:30.
            "cron-1" => assert_eq!(in_days(15), ["Mon 02 06:30", "Mon 09 06:30"]),
            // 18:00 from Monday to Friday.
            "cron-2" => {
                let week = ["Mon 02 18:00", "Tue 03 18:00", "Wed 04 18:00", "Thu 05 18:00", "Fri 06 18:00", "Mon 09 18:00"];
                assert_eq!(in_days(9), week);
            }
            // 08:00 on the 1st of each month.
            "cron-3" => assert_eq!(in_days(62), ["Sun 01 08:00", "Wed 01 08:00", "Fri 01 08:00"]),
            // Every 15 minutes.
            "cron-4" => {
                let day = in_days(1);
                assert_eq!(day.len(), 96);
                assert_eq!(day[..3], ["Sun 01 00:00", "Sun 01 00:15", "Sun 01 00:30"]);
            }
            // Every 5 minutes from Monday to Friday, first 08:00, last 17:55.
            "cron-5" => {
                let monday = in_days(2);
                assert_eq!(monday.len(), 10 * 12);
                assert_eq!((monday[0].as_str(), monday[119].as_str()), ("Mon 02 08:00", "Mon 02 17:55"));
                assert_eq!(in_days(7).len(), 5 * 120);
            }
            "sched-min" | "sched-max" | "sched-inside" => new_bounds(id, input, expected),
            _ => panic!("{id} is not known here"),
        }
    });
}

/// A scheduled action sets bounds; the desired count follows when it is outside of them.
fn new_bounds(id: &str, input: &Value, expected: &Value) {
    let action = ScheduledAction {
        name: "bounds".into(),
        schedule: Schedule::parse("at(2026-01-05T00:10:00)").expect("a schedule"),
        time_zone: TimeZone::UTC,
        start_time: None,
        end_time: None,
        min_capacity: Some(count(&input["new_min"])),
        max_capacity: Some(count(&input["new_max"])),
    };
    let current = count(&input["current"]);
    let mut web = service("web", current);
    web.traffic = vec![constant(1.0)];
    let mut scaling = cpu_scaling(1, 100, 60.0);
    scaling.policies.clear();
    scaling.scheduled_actions = vec![action];
    web.scaling = Some(scaling);
    let outcome = crate::support::play(&scenario(vec![web]));
    let timeline = &first(&outcome).timeline;
    assert_eq!(timeline[8].desired, current, "{id}: before the action");
    assert_eq!(timeline[11].desired, count(&expected["desired"]), "{id}");
    let out = count(&expected["desired"]) > current;
    let scaled = &first(&outcome).scaling;
    assert_eq!((scaled.scale_out, scaled.scale_in), (u64::from(out), u64::from(count(&expected["desired"]) < current)), "{id}");
}
