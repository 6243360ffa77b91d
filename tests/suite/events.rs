//! What happens to a service besides traffic, at both fidelities: times and counts are computed by hand.
//!
//! A replacement takes 15 s of provisioning, 250 / 30 s of pull and 10 s of start-up; it is registered at the first scheduler tick
//! (9.5 s) that comes two ticks after its container started, and is healthy 1.8 s later: 49.3 s after a tick, from launch to healthy,
//! whenever the tick is, because 23.333 + 19 s are rounded up to the fifth tick.

use ecsim::control::tasks::Task;
use ecsim::outcome::{Outcome, TimelineRow};
use ecsim::scenario::model::{CapacityProvider, Distribution, Event, EventKind, Fidelity, Moment, Scenario, Service, When};
use ecsim::units::{SimDuration, SimTime};

use crate::control_run::{ControlRun, at as time_at};
use crate::support::{
    at, constant, container_check, cpu_scaling, first, message_queue, play, scenario, seconds, service, strategy, time, waiting,
};

const BOTH: [Fidelity; 2] = [Fidelity::Fluid, Fidelity::Request];

/// [`waiting`], with a check every 10 s of which three may fail.
fn checked(tasks: u32) -> Service {
    let mut web = waiting(tasks);
    let check = &mut web.target_group.as_mut().unwrap().health_check;
    (check.interval, check.unhealthy_threshold) = (seconds(10), 3);
    web
}

/// An hour of a service to which these things happen, with a timeline by the second.
fn hour_of(web: Service, events: Vec<Event>, fidelity: Fidelity) -> Scenario {
    let mut scenario = scenario(vec![web]);
    (scenario.events, scenario.simulation.fidelity) = (events, fidelity);
    scenario.simulation.timeline_resolution = seconds(1);
    scenario.assumptions.sampling_noise = false;
    scenario
}

/// A figure of the timeline, as the seconds at whose end it has changed, with its new value.
fn changes(outcome: &Outcome, figure: fn(&TimelineRow) -> u32) -> Vec<(usize, u32)> {
    let values: Vec<u32> = first(outcome).timeline.iter().map(figure).collect();
    let changed = (1..values.len()).filter(|&row| values[row] != values[row - 1]);
    changed.map(|row| (row + 1, values[row])).collect()
}

fn healthy(row: &TimelineRow) -> u32 {
    row.healthy
}

fn running(row: &TimelineRow) -> u32 {
    row.running
}

fn desired(row: &TimelineRow) -> u32 {
    row.desired
}

fn assert_near(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found}, not {expected}");
}

/// Two of four tasks crash at 100 s. They are replaced at the next tick, the eleventh: 104.5 + 49.3 = 153.8 s. Each had the ten requests of
/// the last second. They are billed until they crash, and the others from their pull, at 104.5 + 15 s, on.
#[test]
fn tasks_that_crash_lose_what_they_have_and_are_replaced() {
    for fidelity in BOTH {
        let outcome = play(&hour_of(checked(4), vec![at(100, EventKind::TaskFailure { service: 0, count: 2 })], fidelity));
        let web = first(&outcome);
        assert_eq!(changes(&outcome, healthy), [(101, 2), (154, 4)], "{fidelity:?}");
        assert_near(web.requests.failed, 20.0, 2.0, "lost");
        assert_eq!((web.requests.rejected, web.requests.timed_out), (0.0, 0.0));
        assert_eq!((web.tasks_lost.as_slice(), web.tasks_launched[0].1), (&[("task_failure", 2)][..], 2));
        let billed: u64 = outcome.usage.tasks[0].billed_seconds.iter().sum();
        assert_eq!(billed, 2 * 3600 + 2 * 100 + 2 * 3481);
    }
    let all = play(&hour_of(checked(4), vec![at(100, EventKind::TaskFailure { service: 0, count: 9 })], Fidelity::Fluid));
    assert_eq!((changes(&all, healthy), first(&all).tasks_lost[0].1), (vec![(101, 0), (154, 4)], 4));
    // 1600 requests in 40 of the 53.8 s: nobody is there.
    assert_near(first(&all).requests.rejected, 53.8 * 40.0, 1.0, "without a task");
}

/// One of four tasks hangs at 100 s. Its balancer sees three failed checks, 10 s apart: 130 s, and what happens to a task comes before the row
/// that ends then is closed. The tick is the fourteenth, 133 s; the
/// replacement is there at 182.3 s, the next tick at 190 s deregisters the task, 60 s later it gets SIGTERM and 30 s after that SIGKILL. Until
/// 130 s it gets a fourth of the requests, 10 a second, and had ten when it hung; all are given up after 5 s.
#[test]
fn a_task_that_hangs_is_found_out_and_replaced_before_it_is_stopped() {
    for fidelity in BOTH {
        let mut web = checked(4);
        web.workload.timeout = Some(Distribution::constant(5.0));
        let outcome = play(&hour_of(web, vec![at(100, EventKind::TaskHang { service: 0, count: 1 })], fidelity));
        assert_eq!(changes(&outcome, healthy), [(130, 3), (183, 4)], "{fidelity:?}");
        assert_eq!(changes(&outcome, running), [(157, 5), (191, 4)], "{fidelity:?}");
        let web = first(&outcome);
        assert_near(web.requests.timed_out, 310.0, 3.0, "given up");
        assert_eq!((web.requests.rejected, web.requests.failed, web.tasks_launched[0].1), (0.0, 0.0, 1));
        // Four all the time, and the fifth from its pull at 133 + 15 s to the end of the hung one at 280 s.
        assert_near(web.task_hours[0].1 * 3600.0, 4.0 * 3600.0 + 132.0, 1.0, "billed");
        assert_eq!(web.tasks_lost, [("task_hang", 1)]);
    }
}

/// Without a timeout it fills up: 64 slots and 128 places of the backlog. The first ten are taken when it hangs, so 182 of the 300 that come find
/// a place, 118 are turned away, and the 192 are lost when it is stopped.
#[test]
fn a_task_that_hangs_holds_requests_that_are_never_given_up() {
    for fidelity in BOTH {
        let mut web = checked(4);
        web.workload.timeout = None;
        let outcome = play(&hour_of(web, vec![at(100, EventKind::TaskHang { service: 0, count: 1 })], fidelity));
        let requests = first(&outcome).requests;
        assert_near(requests.failed, 192.0, 2.0, "lost");
        assert_near(requests.rejected, 118.0, 3.0, "turned away");
        assert_eq!(requests.timed_out, 0.0);
    }
}

/// AWS, service_scheduler on maximumPercent: without room for another task the unhealthy one goes first. With room for one of two, the
/// second waits for the first.
#[test]
fn a_task_that_hangs_is_stopped_first_where_no_more_may_run() {
    for fidelity in BOTH {
        let mut web = checked(4);
        web.maximum_percent = 100.0;
        let outcome = play(&hour_of(web, vec![at(100, EventKind::TaskHang { service: 0, count: 1 })], fidelity));
        assert_eq!(first(&outcome).running_tasks.max, 4);
        assert_eq!(changes(&outcome, running), [(134, 3), (157, 4)]);
    }
}

/// A container's own check finds it out too: three failures, 20 s apart. Without any check nobody does.
#[test]
fn only_who_is_checked_is_found_out() {
    for fidelity in BOTH {
        let mut web = checked(4);
        web.target_group = None;
        let events = vec![at(100, EventKind::TaskHang { service: 0, count: 1 })];
        let unnoticed = play(&hour_of(web.clone(), events.clone(), fidelity));
        assert_eq!((changes(&unnoticed, healthy), first(&unnoticed).tasks_launched[0].1), (vec![], 0));
        // A fourth of the last 3,500 s, and ten; those of the last minute may still be waited for.
        let requests = first(&unnoticed).requests;
        let lost = requests.timed_out + requests.rejected + requests.in_flight_at_end;
        assert_near(lost, 35_000.0, 60.0, "a fourth");
        web.task.container_check_patience = container_check(0, 60);
        let noticed = play(&hour_of(web, events, fidelity));
        // 160 s, tick 161.5 s; without a balancer a task serves as soon as it is ready, 33.333 s later.
        assert_eq!(changes(&noticed, healthy), [(160, 3), (195, 4)], "{fidelity:?}");
    }
}

/// Checks that share the workers wait behind the requests of a hung task like everything else there.
#[test]
fn checks_that_share_the_workers_fail_by_themselves() {
    let mut web = checked(2);
    web.target_group.as_mut().unwrap().health_check.shares_workers = true;
    let outcome = play(&hour_of(web, vec![at(95, EventKind::TaskHang { service: 0, count: 1 })], Fidelity::Request));
    // Task 0 is checked every 10 s from 10 s on. The checks of 100, 110 and 120 s have no answer; the last of them is over at 125 s.
    assert_eq!(changes(&outcome, healthy)[0], (125, 1));
    assert_eq!(first(&outcome).tasks_launched[0].1, 1);
}

/// A wait of 100 ms is five times as long for five minutes; two slowdowns at a time multiply.
#[test]
fn a_slow_dependency_makes_every_wait_longer() {
    for fidelity in BOTH {
        let mut web = checked(4);
        web.workload.wait_time = Distribution::constant(0.1);
        let slow = |after, factor| at(after, EventKind::DependencySlowdown { service: 0, factor, duration: seconds(300) });
        let mut scenario = hour_of(web, vec![slow(600, 5.0), slow(1800, 2.0), slow(1980, 3.0)], fidelity);
        scenario.simulation.timeline_resolution = seconds(60);
        let outcome = play(&scenario);
        for (minute, expected) in [(9, 0.1), (11, 0.5), (14, 0.5), (16, 0.1), (31, 0.2), (34, 0.6), (36, 0.3), (39, 0.1)] {
            let row = &first(&outcome).timeline[minute];
            let what = format!("{fidelity:?}, minute {minute}");
            assert_near(row.latency_mean.unwrap(), expected, 1e-6, &what);
            assert_near(row.latency_p99.unwrap(), expected, 0.01 * expected, &what);
        }
        // Five minutes of 0.5 s, three of 0.2, two of 0.6, three of 0.3 and 47 of 0.1.
        let mean = (5.0 * 0.5 + 3.0 * 0.2 + 2.0 * 0.6 + 3.0 * 0.3 + 47.0 * 0.1) / 60.0;
        assert_near(first(&outcome).latency.mean().unwrap(), mean, 1e-3, "mean");
        assert_eq!(first(&outcome).requests.served, first(&outcome).requests.offered - first(&outcome).requests.in_flight_at_end);
    }
}

/// Two slots of 0.1 s answer 20 requests a second, and 4 when they are five times as slow: of 3,000 in five minutes 1,200 are answered, 22 hold
/// places at the end of it, the others are turned away.
#[test]
fn a_slow_dependency_can_be_more_than_the_tasks_bear() {
    for fidelity in BOTH {
        let mut web = checked(1);
        (web.workload.wait_time, web.workload.concurrency, web.workload.backlog) = (Distribution::constant(0.1), 2, Some(20));
        web.workload.timeout = None;
        let slow = EventKind::DependencySlowdown { service: 0, factor: 5.0, duration: seconds(300) };
        let outcome = play(&hour_of(web, vec![at(600, slow)], fidelity));
        assert_near(first(&outcome).requests.rejected, 3000.0 - 1200.0 - 22.0, 25.0, &format!("{fidelity:?}"));
    }
}

/// A message's work is slower too, one request at a time.
#[test]
fn workers_on_a_queue_hang_and_slow_down_request_by_request() {
    let mut worker = checked(2);
    (worker.target_group, worker.workload.backlog, worker.workload.timeout) = (None, None, None);
    worker.workload.queue = Some(message_queue(seconds(30), SimDuration::from_hours(96)));
    worker.task.container_check_patience = container_check(0, 90);
    let slow = EventKind::DependencySlowdown { service: 0, factor: 3.0, duration: seconds(300) };
    let outcome = play(&hour_of(worker, vec![at(600, slow), at(1800, EventKind::TaskHang { service: 0, count: 1 })], Fidelity::Request));
    let web = first(&outcome);
    assert_near(web.timeline[700].latency_mean.unwrap(), 3.0, 1e-6, "slow");
    assert_eq!(web.tasks_launched[0].1, 1);
    // What the hung task had taken comes back after its visibility timeout and is done by others.
    let redelivered = web.message_queue.unwrap().redelivered;
    assert!(redelivered >= 10.0, "{redelivered}");
    assert_eq!(web.requests.failed, 0.0);
    assert_near(web.requests.served + web.requests.in_flight_at_end, 72_000.0, 1e-9, "nothing is lost");
}

/// Set to four at 100 s: a tick later, at 104.5 s, two tasks are launched, which serve at 153.8 s. Set to one at 1000 s: at the tick of
/// 1007 s three are deregistered.
#[test]
fn a_desired_count_set_by_hand_is_followed() {
    let set = |after, desired_count| at(after, EventKind::DesiredCount { service: 0, desired_count });
    for fidelity in BOTH {
        let outcome = play(&hour_of(checked(2), vec![set(100, 4), set(1000, 1)], fidelity));
        assert_eq!(changes(&outcome, desired), [(101, 4), (1001, 1)]);
        assert_eq!(changes(&outcome, healthy), [(154, 4), (1008, 1)]);
        assert_eq!(first(&outcome).tasks_lost, []);
    }
}

/// The bounds of scaling do not hold a hand back; the next action of a policy does. 1.2 vCPU of 20 tasks with 0.5 each are 12 %, and idle ones use
/// 2 % of theirs: ceil(20 x 14 / 60) = 5 tasks, when 15 minutes are below 54 %: the fifteenth is published 170 s after its end, at 1070 s.
#[test]
fn a_policy_takes_back_what_a_hand_has_set() {
    let mut web = service("web", 6);
    web.traffic = vec![constant(30.0)];
    web.scaling = Some(cpu_scaling(2, 6, 60.0));
    let outcome = play(&hour_of(web, vec![at(600, EventKind::DesiredCount { service: 0, desired_count: 20 })], Fidelity::Fluid));
    assert_eq!(changes(&outcome, desired)[..2], [(601, 20), (1071, 5)]);
    // Later the low alarm asks again, for at 50 % five tasks are below 54 %, but four would be at 62 %.
    let capacities: Vec<String> = first(&outcome).scaling_activities.iter().map(|activity| format!("{:?}", activity.attempt)).collect();
    assert_eq!(capacities, ["DesiredCount(5)", "Nothing(AutoScalingAnticipatedFlapping(5))"], "a hand leaves no activity");
}

/// A service whose zones come and go.
fn control_of(tasks: u32, change: impl Fn(&mut Service)) -> ControlRun {
    let mut web = checked(tasks);
    change(&mut web);
    ControlRun::with_end(&scenario(vec![web]), SimTime::from_seconds(3600))
}

fn lose(run: &mut ControlRun, at_seconds: f64, zone: u8) {
    run.play(at_seconds);
    run.act(time_at(at_seconds), |control, queue, changes| control.lose_zone(time_at(at_seconds), zone, queue, changes));
}

fn reopen(run: &mut ControlRun, at_seconds: f64, zone: u8) {
    run.play(at_seconds);
    run.act(time_at(at_seconds), |control, queue, _| control.reopen_zone(time_at(at_seconds), zone, queue));
}

/// Active tasks by zone.
fn zones(run: &ControlRun) -> [usize; 3] {
    [0, 1, 2].map(|zone| run.active(|task| task.zone == zone))
}

/// When tasks were launched after the start, and where.
fn launches(run: &ControlRun) -> Vec<(f64, u8)> {
    let late = |task: &&Task| task.launched > SimTime::START;
    run.control.tasks().iter().filter(late).map(|task| (task.launched.as_seconds_f64(), task.zone)).collect()
}

/// Two of six tasks are in zone a when it is lost at 600 s. The 64th tick, 608 s, launches two elsewhere. It is back at 1500 s; at the 158th tick,
/// 1501 s, a task starts there, is healthy at 1550.3 s, and at 1558 s one in b goes and the next starts; at 1615 s one in c goes.
#[test]
fn a_zone_that_fails_is_left_and_filled_again() {
    let mut control = control_of(6, |_| {});
    assert_eq!(zones(&control), [2, 2, 2]);
    lose(&mut control, 600.0, 0);
    assert_eq!((zones(&control), control.control.healthy.value()), ([0, 2, 2], 4));
    control.play(700.0);
    assert_eq!((zones(&control), control.control.healthy.value()), ([0, 3, 3], 6));
    reopen(&mut control, 1500.0, 0);
    control.play(1557.0);
    assert_eq!(zones(&control), [1, 3, 3]);
    control.play(1559.0);
    assert_eq!(zones(&control), [2, 2, 3]);
    control.play(3600.0);
    assert_eq!(zones(&control), [2, 2, 2]);
    assert_eq!(launches(&control), [(608.0, 1), (608.0, 2), (1501.0, 0), (1558.0, 0)]);
}

/// AWS, service-rebalancing: a service may go without it; and it needs room above the desired count.
#[test]
fn zones_stay_uneven_where_nothing_may_move() {
    let stays = |change: fn(&mut Service)| {
        let mut control = control_of(6, change);
        lose(&mut control, 600.0, 1);
        reopen(&mut control, 1500.0, 1);
        control.play(3600.0);
        assert_eq!(zones(&control), [3, 0, 3]);
    };
    stays(|web| web.availability_zone_rebalancing = false);
    stays(|web| web.maximum_percent = 100.0);
}

/// Overlapping outages of one zone end with the last of them; with no zone left nothing is launched.
#[test]
fn a_zone_is_back_when_its_last_outage_is_over() {
    let mut control = control_of(3, |_| {});
    for zone in [0, 0, 1, 2] {
        lose(&mut control, 100.0, zone);
    }
    reopen(&mut control, 200.0, 0);
    control.play(300.0);
    assert_eq!(zones(&control), [0, 0, 0]);
    reopen(&mut control, 300.0, 0);
    control.play(400.0);
    assert_eq!((zones(&control), control.control.healthy.value()), ([3, 0, 0], 3));
    assert_eq!(control.control.counts.lost_by_event(), [("zone_outage", 3)]);
}

/// Both services lose their tasks in the zone, each with the ten requests it had. When it is back at 900 s, the tick of 902.5 s starts a task
/// there, which is healthy at 951.8 s, and that of 959.5 s stops one in the zone that has two. A cluster of one zone has nothing left until it is back:
/// of 20 s at 10 a second, and 49.3 s from the tick after it, 608 + 9.5 x 2 = 627 s.
#[test]
fn an_outage_concerns_every_service() {
    for fidelity in BOTH {
        let (web, mut api) = (checked(3), checked(3));
        api.name = "api".into();
        let mut scenario = hour_of(web, vec![at(600, EventKind::ZoneOutage { zone: 2, duration: seconds(300) })], fidelity);
        scenario.services.push(api);
        let outcome = play(&scenario);
        for service in &outcome.services {
            assert_near(service.requests.failed, 10.0, 1.0, "lost");
            assert_eq!(service.tasks_lost, [("zone_outage", 1)]);
        }
        assert_eq!(changes(&outcome, healthy), [(601, 2), (658, 3), (952, 4), (960, 3)]);
        let mut alone = hour_of(checked(1), vec![at(600, EventKind::ZoneOutage { zone: 0, duration: seconds(20) })], fidelity);
        alone.cluster.availability_zones = 1;
        let outcome = play(&alone);
        assert_eq!(changes(&outcome, healthy), [(601, 0), (677, 1)]);
        assert_near(first(&outcome).requests.rejected, 763.0, 1.0, "nobody there until 676.3 s");
    }
}

/// What lies outside of the run is told of; what happens in the warm-up is in no figure.
#[test]
fn events_outside_of_the_window() {
    let crash = |when| Event { when, kind: EventKind::TaskFailure { service: 0, count: 1 } };
    let absolute = |text| When::At(Moment::Absolute(time(text)));
    let mut scenario =
        hour_of(checked(2), vec![crash(absolute("2026-01-04T23:50:00Z")), crash(absolute("2027-01-01T00:00:00Z"))], Fidelity::Fluid);
    scenario.simulation.warm_up = SimDuration::from_hours(1);
    let outcome = play(&scenario);
    let told: Vec<&String> = outcome.warnings.iter().filter(|warning| warning.contains("never happens")).collect();
    assert!(matches!(&told[..], [one] if one.contains("events.1 (task_failure)")), "{told:?}");
    assert_eq!((first(&outcome).tasks_lost.len(), first(&outcome).tasks_launched[0].1), (0, 0));
    assert_eq!(changes(&outcome, healthy), []);
}

/// Two of four Spot tasks are interrupted at 100 s and leave their target group at once; the tick of 104.5 s replaces them. In a shortage that
/// ends at 690 s the tick of 693.5 s does, and they are healthy at 742.8 s. On demand nothing happens.
#[test]
fn spot_is_interrupted_and_short_when_the_scenario_says_so() {
    let interruption = EventKind::SpotInterruption { share: 0.5, zone: None };
    let shortage = EventKind::SpotShortage { duration: seconds(600) };
    for fidelity in BOTH {
        let play = |provider: CapacityProvider, events: Vec<Event>| {
            let mut web = checked(4);
            web.strategy = vec![strategy(provider, 0, 1)];
            let mut scenario = hour_of(web, events, fidelity);
            scenario.spot.interruption_rate = 0.0;
            play(&scenario)
        };
        let replaced = play(CapacityProvider::FargateSpot, vec![at(100, interruption)]);
        assert_eq!((changes(&replaced, healthy), first(&replaced).spot_interrupted), (vec![(101, 2), (154, 4)], 2));
        let short = play(CapacityProvider::FargateSpot, vec![at(90, shortage), at(100, interruption)]);
        assert_eq!(changes(&short, healthy), [(101, 2), (743, 4)]);
        let on_demand = play(CapacityProvider::Fargate, vec![at(90, shortage), at(100, interruption)]);
        assert_eq!(changes(&on_demand, healthy), []);
    }
}

/// As a scenario writes them.
#[test]
fn events_of_spot_are_read() {
    let mut document = crate::scenario::scenario(crate::scenario::service(serde_json::json!({})));
    document["events"] = serde_json::json!([
        {"at": "1h", "kind": "spot_shortage", "duration": "45m"},
        {"at": "2h", "kind": "spot_interruption", "share": "50%", "zone": "b"},
        {"at": "3h", "kind": "spot_interruption"}
    ]);
    let events = crate::scenario::load_json(&document).unwrap_or_else(|error| panic!("{error}")).scenario.events;
    let kinds: Vec<EventKind> = events.iter().map(|event| event.kind).collect();
    let expected = [
        EventKind::SpotShortage { duration: seconds(2700) },
        EventKind::SpotInterruption { share: 0.5, zone: Some(1) },
        EventKind::SpotInterruption { share: 1.0, zone: None },
    ];
    assert_eq!(kinds, expected);
}
