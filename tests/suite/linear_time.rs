//! Twice the days take twice the time, what is returned does not grow with them, and policies cost little.

use std::time::{Duration, Instant};

use ecsim::scenario::model::{Adjustment, Breach, CapacityProvider, Policy, Scenario, Step, TargetTracking, TrackedMetric};
use ecsim::units::SimDuration;

use crate::scaling_vectors::{step_policy, tracking};
use crate::support::{cpu_scaling, first, play, play_without_timeline, scenario, service, strategy, wave};

/// A service with a daily wave that scales and runs on Spot.
fn days(days: i64) -> Scenario {
    let mut web = service("web", 4);
    web.strategy = vec![strategy(CapacityProvider::Fargate, 2, 1), strategy(CapacityProvider::FargateSpot, 0, 3)];
    web.traffic = vec![wave(30.0, 250.0, SimDuration::from_hours(24))];
    web.scaling = Some(cpu_scaling(2, 40, 60.0));
    let mut scenario = scenario(vec![web]);
    scenario.simulation.duration = Some(SimDuration::from_hours(24 * days));
    scenario
}

/// The shortest of several runs: what a busy machine adds is left out.
fn best(scenario: &Scenario) -> Duration {
    let run = |_| {
        let begin = Instant::now();
        assert!(first(&play_without_timeline(scenario)).requests.offered > 0.0);
        begin.elapsed()
    };
    (0..5).map(run).min().expect("several runs")
}

#[test]
fn twice_the_days_take_about_twice_the_time() {
    let (one_month, two_months) = (best(&days(30)), best(&days(60)));
    println!("30 days in {one_month:?}, 60 days in {two_months:?}");
    assert!(two_months < one_month.mul_f64(2.6), "30 days in {one_month:?}, 60 days in {two_months:?}");
}

/// Work grows with the days, decisions as well: the activities of 60 days are twice those of 30, within a tenth.
#[test]
fn decisions_come_at_the_same_pace_for_ever() {
    let activities = |outcome: &ecsim::outcome::Outcome| first(outcome).scaling.scale_out + first(outcome).scaling.scale_in;
    let (one, two) = (activities(&play_without_timeline(&days(30))), activities(&play_without_timeline(&days(60))));
    assert!(one > 100 && (two as f64 / one as f64 - 2.0).abs() < 0.2, "{one} and {two}");
}

#[test]
fn without_a_timeline_an_outcome_holds_hours_and_no_minutes() {
    let (one, two) = (play_without_timeline(&days(30)), play_without_timeline(&days(60)));
    let latency = |outcome: &ecsim::outcome::Outcome| format!("{:?}", first(outcome).latency).len() as f64;
    assert!(first(&two).timeline.is_empty());
    assert!((latency(&two) / latency(&one) - 1.0).abs() < 0.25, "a histogram grows with its span alone");
    assert_eq!((one.usage.hours, two.usage.hours), (720, 1440));
    assert_eq!(first(&play(&days(2))).timeline.len(), 2 * 24 * 60);
}

/// Target tracking on CPU, memory and requests, and two step policies.
fn with_five_policies(mut scenario: Scenario) -> Scenario {
    let tracked = |name: &str, metric, target_value| {
        Policy::TargetTracking(TargetTracking { name: name.into(), metric, target_value, ..tracking(60.0) })
    };
    let stepped = |name: &str, breach, threshold, (lower, upper), adjustment| {
        let step = Step { lower, upper, adjustment };
        Policy::Step(step_policy(name, breach, threshold, Adjustment::ChangeInCapacity, vec![step]))
    };
    scenario.services[0].scaling.as_mut().expect("it scales").policies.extend([
        tracked("memory", TrackedMetric::MEMORY, 70.0),
        tracked("requests", TrackedMetric::AlbRequestCountPerTarget, 900.0),
        stepped("burst", Breach::GreaterThanThreshold, 80.0, (Some(0.0), None), 2),
        stepped("calm", Breach::LessThanThreshold, 20.0, (None, Some(0.0)), -1),
    ]);
    scenario
}

/// The runs alternate, so that both meet the same machine.
#[test]
fn five_policies_cost_at_most_twice_one() {
    let (one, five) = (days(30), with_five_policies(days(30)));
    assert_eq!(five.services[0].scaling.as_ref().map(|scaling| scaling.policies.len()), Some(5));
    let runs: Vec<(Duration, Duration)> = (0..4).map(|_| (best(&one), best(&five))).collect();
    let of_one = runs.iter().map(|(one, _)| *one).min().expect("several runs");
    let of_five = runs.iter().map(|(_, five)| *five).min().expect("several runs");
    println!("30 days with one policy in {of_one:?}, with five in {of_five:?}");
    assert!(of_five <= of_one * 2, "one policy: {of_one:?}, five: {of_five:?}");
}
