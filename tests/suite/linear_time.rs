//! Twice the days take twice the time, what is returned does not grow with them, and policies cost little.

use std::time::{Duration, Instant};

use ecsim::calendar::Schedule;
use ecsim::control::service::DeploymentStatus;
use ecsim::scenario::model::{
    Adjustment, Breach, CapacityProvider, Event, EventKind, Moment, Policy, Quotas, Revision, Scenario, Step, TargetTracking,
    TrackedMetric, When,
};
use ecsim::units::{SimDuration, SimTime};
use jiff::tz::TimeZone;

use crate::control_run::ControlRun;
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

/// No limits on launches: more tasks would take longer to come, and what lasts longer takes longer to simulate.
fn unlimited() -> Quotas {
    Quotas { vcpu: [None, None], launches_per_service_per_minute: 1e9, launch_burst_tasks: 1_000_000, launches_per_second: 1e6 }
}

/// Two days of so many tasks that grow to twice as many and back, with Spot that falls in zones, an outage of a zone, crashes and hangs.
fn fleet(tasks: u32) -> Scenario {
    let mut web = service("web", tasks);
    web.strategy = vec![strategy(CapacityProvider::Fargate, 2, 1), strategy(CapacityProvider::FargateSpot, 0, 3)];
    let per_task = 7.2;
    web.traffic = vec![wave(per_task * f64::from(tasks), 2.0 * per_task * f64::from(tasks), SimDuration::from_hours(24))];
    web.scaling = Some(cpu_scaling(tasks, 2 * tasks, 60.0));
    let mut scenario = scenario(vec![web]);
    scenario.simulation.duration = Some(SimDuration::from_hours(48));
    scenario.quotas = unlimited();
    (scenario.spot.interruption_period, scenario.spot.correlation) = (SimDuration::from_hours(24), 0.3);
    let at = |hours, kind| Event { when: When::At(Moment::Offset(SimDuration::from_hours(hours))), kind };
    scenario.events = vec![
        at(12, EventKind::ZoneOutage { zone: 0, duration: SimDuration::from_hours(1) }),
        at(18, EventKind::TaskFailure { service: 0, count: tasks / 5 }),
        at(22, EventKind::TaskHang { service: 0, count: tasks / 25 }),
        at(36, EventKind::ZoneOutage { zone: 1, duration: SimDuration::from_hours(1) }),
    ];
    scenario
}

/// Four times the tasks take at most about four times as long: nothing is asked of all tasks for each of them.
#[test]
fn four_times_the_tasks_take_at_most_about_four_times_the_time() {
    let (small, large) = (best(&fleet(600)), best(&fleet(2400)));
    println!("600 to 1,200 tasks in {small:?}, 2,400 to 4,800 in {large:?}");
    assert!(large < small.mul_f64(6.0), "600 to 1,200 tasks in {small:?}, 2,400 to 4,800 in {large:?}");
}

/// How long the control plane needs for five rolling deployments of so many tasks, one after the other; requests drain at once.
fn rolled(tasks: u32) -> Duration {
    let mut web = service("web", tasks);
    web.strategy = vec![strategy(CapacityProvider::Fargate, 2, 1), strategy(CapacityProvider::FargateSpot, 0, 3)];
    web.revisions = (0..5).map(|_| Revision { workload: web.workload.clone(), start_failure: 0.0 }).collect();
    let scenario = Scenario { quotas: unlimited(), ..scenario(vec![web]) };
    let begin = Instant::now();
    let mut run = ControlRun::with_end(&scenario, SimTime::from_seconds(24 * 3600));
    for deployment in 0..5 {
        run.deploy(f64::from(4 * 3600 * deployment), deployment);
    }
    run.play(20.0 * 3600.0);
    let took = begin.elapsed();
    assert_eq!(run.control.deployments().iter().filter(|record| record.status == DeploymentStatus::Successful).count(), 5);
    assert!(run.control.counts.launched.iter().sum::<u64>() >= 5 * u64::from(tasks));
    took
}

/// How long the control plane needs for so many crashes of one of four tasks, a minute apart.
fn crashed(crashes: i64) -> Duration {
    let scenario = scenario(vec![service("web", 4)]);
    let begin = Instant::now();
    let mut run = ControlRun::with_end(&scenario, SimTime::from_seconds(60 * (crashes + 1)));
    for crash in 1..=crashes {
        let minute = SimTime::from_seconds(60 * crash);
        run.see(minute, |_, _| {});
        run.act(minute, |control, queue, changes| control.fail_tasks(minute, 1, queue, changes));
        run.changes.clear();
    }
    let took = begin.elapsed();
    assert_eq!(run.control.counts.lost_by_event(), [("task_failure", crashes as u64)]);
    took
}

/// A crash looks at the tasks of now, not at all that ever ran.
#[test]
fn four_times_the_crashes_take_about_four_times_as_long() {
    let runs: Vec<(Duration, Duration)> = (0..5).map(|_| (crashed(10_000), crashed(40_000))).collect();
    let few = runs.iter().map(|(few, _)| *few).min().expect("several runs");
    let many = runs.iter().map(|(_, many)| *many).min().expect("several runs");
    println!("10,000 crashes in {few:?}, 40,000 in {many:?}");
    assert!(many < few.mul_f64(10.0), "10,000 crashes in {few:?}, 40,000 in {many:?}");
}

/// Days of a single task that is deployed every five minutes.
fn deployed_for(days: i64) -> Scenario {
    let mut scenario = scenario(vec![service("web", 1)]);
    scenario.services[0].traffic = vec![crate::support::constant(1.0)];
    scenario.services[0].target_group.as_mut().expect("it has a balancer").deregistration_delay = SimDuration::ZERO;
    scenario.simulation.duration = Some(SimDuration::from_hours(24 * days));
    let schedule = Schedule::parse("rate(5 minutes)").expect("a schedule");
    scenario.events = vec![Event {
        when: When::Scheduled(schedule, jiff::tz::TimeZone::UTC),
        kind: EventKind::Redeployment { service: 0, start_failure: 0.0 },
    }];
    scenario
}

/// Nothing is asked of the deployments that are over.
#[test]
fn four_times_the_deployments_take_about_four_times_as_long() {
    let (few, many) = (best(&deployed_for(15)), best(&deployed_for(60)));
    println!("15 days of deployments in {few:?}, 60 days in {many:?}");
    assert!(many < few.mul_f64(10.0), "15 days of deployments in {few:?}, 60 days in {many:?}");
}

/// A tick of a deployment looks once at every task, and launches as many as there is room for. Five deployments of 5,000 tasks take a fraction of a
/// second.
#[test]
fn deployments_of_thousands_of_tasks_take_a_moment() {
    // The runs alternate, so that both meet the same machine.
    let runs: Vec<(Duration, Duration)> = (0..10).map(|_| (rolled(1250), rolled(5000))).collect();
    let small = runs.iter().map(|(small, _)| *small).min().expect("several runs");
    let large = runs.iter().map(|(_, large)| *large).min().expect("several runs");
    println!("five deployments of 1,250 tasks in {small:?}, of 5,000 in {large:?}");
    assert!(large < Duration::from_secs(1), "{large:?}");
    assert!(large < small.mul_f64(10.0), "five deployments of 1,250 tasks in {small:?}, of 5,000 in {large:?}");
}

/// A service that is deployed every ten minutes, for so many days.
fn deployed_again_and_again(days: i64) -> Scenario {
    let mut web = service("web", 3);
    web.traffic = vec![wave(5.0, 10.0, SimDuration::from_hours(24))];
    let kind = EventKind::Redeployment { service: 0, start_failure: 0.0 };
    let schedule = Schedule::parse("rate(10 minutes)").expect("a schedule");
    let mut scenario = scenario(vec![web]);
    scenario.simulation.duration = Some(SimDuration::from_hours(24 * days));
    scenario.events = vec![Event { when: When::Scheduled(schedule, TimeZone::UTC), kind }];
    scenario
}

/// What has been deployed before costs the next deployment nothing.
#[test]
fn four_times_the_deployments_take_about_four_times_the_time() {
    let (short, long) = (deployed_again_and_again(5), deployed_again_and_again(20));
    let runs: Vec<(Duration, Duration)> = (0..4).map(|_| (best(&short), best(&long))).collect();
    let of_short = runs.iter().map(|(short, _)| *short).min().expect("several runs");
    let of_long = runs.iter().map(|(_, long)| *long).min().expect("several runs");
    println!("720 deployments in {of_short:?}, 2,880 in {of_long:?}");
    assert!(of_long < of_short.mul_f64(6.0), "720 deployments in {of_short:?}, 2,880 in {of_long:?}");
}

/// Days of six tasks with a zone that fails for ten seconds every minute.
fn lost_zones_for(days: i64) -> Scenario {
    let mut web = service("web", 6);
    web.traffic = vec![crate::support::constant(1.0)];
    web.availability_zone_rebalancing = true;
    let schedule = Schedule::parse("rate(1 minute)").expect("a schedule");
    let mut scenario = scenario(vec![web]);
    scenario.simulation.duration = Some(SimDuration::from_hours(24 * days));
    let kind = EventKind::ZoneOutage { zone: 0, duration: SimDuration::from_seconds(10) };
    scenario.events = vec![Event { when: When::Scheduled(schedule, jiff::tz::TimeZone::UTC), kind }];
    scenario
}

/// Tasks that were started to even out zones and died are forgotten.
#[test]
fn four_times_the_outages_take_about_four_times_as_long() {
    let (few, many) = (lost_zones_for(5), lost_zones_for(20));
    let runs: Vec<(Duration, Duration)> = (0..4).map(|_| (best(&few), best(&many))).collect();
    let of_few = runs.iter().map(|(few, _)| *few).min().expect("several runs");
    let of_many = runs.iter().map(|(_, many)| *many).min().expect("several runs");
    println!("7,200 outages in {of_few:?}, 28,800 in {of_many:?}");
    assert!(of_many < of_few.mul_f64(8.0), "7,200 outages in {of_few:?}, 28,800 in {of_many:?}");
}
