//! Rolling deployments: the control plane alone, on the scheduler's own clock.
//!
//! Times are computed by hand. A new task takes 15 s of provisioning, 250 / 30 s of pull and 10 s of start-up; behind a balancer it is
//! registered at the first scheduler tick (9.5 s) that comes two ticks after its container started, and is healthy 1.8 s later. Launched at
//! 9.5 s its container starts at 32.833 s, two ticks on is 51.833 s, so it is registered at 57 s and healthy at 58.8 s; what follows from
//! that is done at the tick of 66.5 s.

use ecsim::control::service::DeploymentStatus;
use ecsim::scenario::model::{BreakerThreshold, CapacityProvider, CircuitBreaker, Distribution, Revision, RoutingAlgorithm, Scenario};
use ecsim::units::{SimDuration, SimTime};

use crate::control_run::{ControlRun, at};
use crate::support::{container_check, scenario, seconds, service, strategy, target_group};

/// A service of so many tasks behind a balancer that holds tasks for 30 s, with the bounds of its deployments in percent, and
/// one revision that changes nothing.
pub fn rolling(tasks: u32, minimum_healthy_percent: f64, maximum_percent: f64) -> Scenario {
    let mut web = service("web", tasks);
    web.workload.start_up.time = Distribution::constant(10.0);
    (web.minimum_healthy_percent, web.maximum_percent) = (minimum_healthy_percent, maximum_percent);
    web.target_group = Some(target_group(RoutingAlgorithm::RoundRobin, seconds(30)));
    web.revisions = vec![Revision { workload: web.workload.clone(), start_failure: 0.0 }];
    let mut scenario = scenario(vec![web]);
    scenario.simulation.duration = Some(SimDuration::from_hours(12));
    scenario.spot.interruption_rate = 0.0;
    scenario
}

/// The numbers of old and new tasks that are not told to stop, as they follow each other: stops come before launches in each
/// tick. The scheduler shows that it does the same by launching as many as the stops made room for.
fn walk(run: &ControlRun) -> Vec<[i32; 2]> {
    let mut events: Vec<(SimTime, i32, usize)> = Vec::new();
    for task in run.control.tasks() {
        let kind = usize::from(task.revision > 0);
        if task.launched > SimTime::START {
            events.push((task.launched, 1, kind));
        }
        if let Some(stopped) = task.drain_started {
            events.push((stopped, -1, kind));
        }
    }
    events.sort_unstable();
    let old = run.control.tasks().iter().filter(|task| task.launched == SimTime::START).count() as i32;
    let mut walk = vec![[old, 0]];
    for group in events.chunk_by(|one, other| (one.0, one.1, one.2) == (other.0, other.1, other.2)) {
        let mut counts = *walk.last().unwrap();
        counts[group[0].2] += group.iter().map(|event| event.1).sum::<i32>();
        walk.push(counts);
    }
    walk
}

/// Plays until a time; the healthy tasks after each event, with its time in seconds.
fn healthy_by_event(run: &mut ControlRun, end_seconds: f64) -> Vec<(f64, u32)> {
    let mut seen = Vec::new();
    while let Some((now, _)) = run.next(at(end_seconds)) {
        seen.push((now.as_seconds_f64(), run.control.healthy.value()));
    }
    seen
}

/// AWS, service-options: six tasks, and room for eight or ten. The room of a cluster is that of the upper bound here: 134 % of six are
/// 8.04, 167 % are 10.02, and 200 % would be 12, which neither cluster holds.
#[test]
fn worked_deployments_of_the_documentation() {
    let cases: [(f64, f64, &[[i32; 2]]); 3] = [
        (100.0, 134.0, &[[6, 0], [6, 2], [4, 2], [4, 4], [2, 4], [2, 6], [0, 6]]),
        (50.0, 134.0, &[[6, 0], [3, 0], [3, 5], [0, 5], [0, 6]]),
        (50.0, 167.0, &[[6, 0], [3, 0], [3, 6], [0, 6]]),
    ];
    for (minimum, maximum, expected) in cases {
        let run = ControlRun::deployed(&rolling(6, minimum, maximum)).until(3600.0);
        assert_eq!(walk(&run), expected, "{minimum} % to {maximum} %");
        assert_eq!(run.record().status, DeploymentStatus::Successful);
    }
}

/// AWS, deployment-type-ecs: four tasks at 50 % are two that run, so two can be stopped at once; of two at 75 % none (1.5 are two).
/// 200 % of four are eight, so four can be started; 125 % of three are three (3.75), so none.
#[test]
fn bounds_of_the_documentation() {
    for (desired, minimum, can_stop) in [(4, 50.0, 2), (2, 75.0, 0)] {
        let run = ControlRun::deployed(&rolling(desired, minimum, 200.0)).until(9.5);
        assert_eq!(run.split().0, desired as usize - can_stop, "{minimum} % of {desired}");
    }
    for (desired, maximum, can_start) in [(4, 200.0, 4), (3, 125.0, 0)] {
        let run = ControlRun::deployed(&rolling(desired, 100.0, maximum)).until(9.5);
        assert_eq!(run.split(), (desired as usize, can_start), "{maximum} % of {desired}");
    }
    // Without room for a single one the deployment never ends.
    let stuck = ControlRun::deployed(&rolling(3, 100.0, 125.0)).until(43_200.0);
    assert_eq!((stuck.split(), stuck.record().status, stuck.record().launched), ((3, 0), DeploymentStatus::InProgress, 0));
}

/// Old tasks are told to stop at the tick of 66.5 s, drain for 30 s, and the deployment ends with the last of them. Each of the two new
/// tasks is billed from its pull at 24.5 s on, 72 s before.
#[test]
fn a_deployment_ends_when_its_last_old_task_has_stopped() {
    let run = ControlRun::deployed(&rolling(2, 100.0, 200.0)).until(3600.0);
    assert!((run.finished() - 96.5).abs() < 1e-9, "{}", run.finished());
    let record = run.record();
    assert_eq!((record.launched, record.failed, record.status), (2, 0, DeploymentStatus::Successful));
    assert!((record.extra_seconds - 144.0).abs() < 1e-6, "{}", record.extra_seconds);
    assert_eq!(run.split(), (0, 2));
}

/// API reference of Amazon ECS, minimumHealthyPercent: without any check a task counts as healthy 40 s after it runs, at 72.833 s, so the
/// tick is that of 76 s; without a balancer tasks without requests stop at once.
#[test]
fn without_a_check_a_task_counts_as_healthy_40_seconds_after_it_runs() {
    let mut scenario = rolling(2, 100.0, 200.0);
    scenario.services[0].target_group = None;
    let run = ControlRun::of(&scenario);
    let mut run = run;
    run.deploy(1.0, 0);
    let run = run.until(3600.0);
    assert!((run.finished() - 76.0).abs() < 1e-9, "{}", run.finished());
}

/// Half of the tasks cannot start. Of the others as many serve as the bounds ask for, whatever it takes: starts are held back for 60 s,
/// and a task that runs ends the growth of the pauses.
#[test]
fn tasks_that_fail_to_start_are_tried_again() {
    let mut scenario = rolling(8, 100.0, 200.0);
    scenario.services[0].revisions[0].start_failure = 0.5;
    let mut run = ControlRun::deployed(&scenario);
    let seen = healthy_by_event(&mut run, 43_200.0);
    assert_eq!(run.record().status, DeploymentStatus::Successful);
    assert!(run.record().failed > 0);
    assert_eq!(run.record().launched, 8 + run.record().failed);
    let failed = run.control.tasks().iter().filter(|task| task.revision == 1 && task.container_started.is_none());
    // Provisioned for 15 s, billed for the pull of 250 MB at 30 MB/s, then gone.
    for task in failed {
        let (pull, stop) = (task.pull_started.unwrap(), task.stopped.unwrap());
        assert!(((pull - task.launched).as_seconds_f64() - 15.0).abs() < 1e-9);
        assert!(((stop - pull).as_seconds_f64() - 250.0 / 30.0).abs() < 1e-6);
    }
    assert!(seen.iter().all(|(_, healthy)| *healthy >= 8), "the old tasks stay until new ones serve");
}

/// AWS, service-throttle-logic: pauses grow up to 27 minutes and never end. A task launched at a tick fails 23.333 s later; the pause is
/// counted from there, and the next tick after it launches again: 9.5 -> 32.833 + 60 = 92.833 -> 95; 95 -> 118.333 + 120 = 238.333 -> 247;
/// 247 -> 270.333 + 240 = 510.333 -> 513; 513 -> 536.333 + 480 = 1016.333 -> 1016.5; 1016.5 -> 1039.833 + 960 = 1999.833 -> 2004.5;
/// 2004.5 -> 2027.333 + 1620 = 3647.333 -> 3648; 3648 -> 3671.333 + 1620 = 5291.333 -> 5291.5.
#[test]
fn starts_that_keep_failing_are_held_back_for_27_minutes_at_most() {
    let mut scenario = rolling(1, 100.0, 200.0);
    scenario.services[0].revisions[0].start_failure = 1.0;
    let again = scenario.services[0].revisions[0].clone();
    scenario.services[0].revisions.push(Revision { start_failure: 0.0, ..again });
    let mut run = ControlRun::deployed(&scenario).until(5292.0);
    let launches = |run: &ControlRun| -> Vec<f64> { run.control.tasks()[1..].iter().map(|task| task.launched.as_seconds_f64()).collect() };
    assert_eq!(launches(&run), [9.5, 95.0, 247.0, 513.0, 1016.5, 2004.5, 3648.0, 5291.5]);
    assert_eq!((run.record().status, run.split()), (DeploymentStatus::InProgress, (1, 1)));
    // A new task definition starts afresh: at the tick after 5400 s, of which there are 568.4.
    run.deploy(5400.0, 1);
    let run = run.until(7200.0);
    assert_eq!(launches(&run).last(), Some(&5405.5));
    let statuses: Vec<DeploymentStatus> = run.control.deployments().iter().map(|record| record.status).collect();
    assert_eq!(statuses, [DeploymentStatus::Stopped, DeploymentStatus::Successful]);
}

fn breaker(threshold: BreakerThreshold, rollback: bool) -> Option<CircuitBreaker> {
    Some(CircuitBreaker { rollback, reset_on_healthy_task: true, threshold })
}

/// AWS, deployment-circuit-breaker: of two tasks 50 % would be one, but three failures are the least. The first two fail together at
/// 32.833 s, the third at the second try, launched at 95 s, at 118.333 s.
#[test]
fn the_circuit_breaker_opens_at_its_threshold() {
    let mut scenario = rolling(2, 100.0, 200.0);
    scenario.services[0].revisions[0].start_failure = 1.0;
    scenario.services[0].circuit_breaker = breaker(BreakerThreshold::BoundedPercent(50.0), false);
    let run = ControlRun::deployed(&scenario).until(3600.0);
    let record = run.record();
    assert_eq!(
        (record.status, record.failed, record.launched),
        (DeploymentStatus::Failed, 3, 4),
        "the fourth fails at the same instant, too late to count"
    );
    assert!((run.finished() - 118.0 - 1.0 / 3.0).abs() < 1e-6, "{}", run.finished());
    assert_eq!(record.reason.as_deref(), Some("circuit breaker: 3 failed tasks at a threshold of 3"));
    assert_eq!(run.split(), (2, 0), "it stays where it is");
    assert_eq!(run.control.tasks().len(), 6, "nothing more is tried");
}

/// With a rollback the last completed revision is deployed again. Its tasks are all there, so the rollback ends when the last of the others is
/// gone: they fail at 118.333 s themselves. A later sound deployment begins afresh.
#[test]
fn a_failed_deployment_is_rolled_back() {
    let mut scenario = rolling(2, 100.0, 200.0);
    let sound = scenario.services[0].revisions[0].clone();
    scenario.services[0].revisions[0].start_failure = 1.0;
    scenario.services[0].revisions.push(sound);
    scenario.services[0].circuit_breaker = breaker(BreakerThreshold::Count(3), true);
    let mut run = ControlRun::deployed(&scenario).until(1000.0);
    assert_eq!((run.record().status, run.record().failed), (DeploymentStatus::RollbackSuccessful, 3));
    assert!((run.finished() - 118.0 - 1.0 / 3.0).abs() < 9.5 + 1e-6, "{}", run.finished());
    assert_eq!(run.record().reason.as_deref(), Some("circuit breaker: 3 failed tasks at a threshold of 3"));
    assert_eq!(run.split(), (2, 0));
    run.deploy(1001.0, 1);
    let run = run.until(3600.0);
    assert_eq!((run.record().status, run.split()), (DeploymentStatus::Successful, (0, 2)));
}

/// AWS, deployment-circuit-breaker, second stage: tasks that run and fail their health checks are replaced, and each replacement counts.
#[test]
fn tasks_that_fail_their_checks_open_the_circuit_breaker() {
    let mut scenario = rolling(2, 100.0, 200.0);
    let check = &mut scenario.services[0].target_group.as_mut().unwrap().health_check;
    (check.shares_workers, check.interval, check.unhealthy_threshold) = (true, SimDuration::from_seconds(10), 2);
    // Each is healthy for a moment, which would set the count back; so the old tasks have left when they turn out to be bad.
    scenario.services[0].circuit_breaker =
        Some(CircuitBreaker { rollback: true, reset_on_healthy_task: false, threshold: BreakerThreshold::Count(2) });
    // Only tasks of the start answer.
    let mut run = ControlRun::of(&scenario).answering(|control, task, _| control.tasks()[task.0 as usize].revision == 0);
    run.deploy(1.0, 0);
    let run = run.until(7200.0);
    assert_eq!(run.record().status, DeploymentStatus::RollbackSuccessful, "{:?}", run.record());
    assert_eq!(run.record().reason.as_deref(), Some("circuit breaker: 2 failed tasks at a threshold of 2"));
    assert_eq!(run.split(), (2, 0));
}

/// A revision that cannot start has ten tasks on their way when the next one comes. They do not serve, so stopping them costs nothing: they go
/// at the next tick, that of 104.5 s, and the new ones come in their place at once.
#[test]
fn old_tasks_that_do_not_serve_make_room_at_once() {
    let mut scenario = rolling(10, 100.0, 200.0);
    let sound = scenario.services[0].revisions[0].clone();
    scenario.services[0].revisions[0].start_failure = 1.0;
    scenario.services[0].revisions.push(sound);
    let mut run = ControlRun::deployed(&scenario);
    let mut seen = healthy_by_event(&mut run, 100.0);
    run.deploy(100.0, 1);
    seen.append(&mut healthy_by_event(&mut run, 3600.0));
    let launched: Vec<(u32, f64)> = run.control.tasks()[10..].iter().map(|task| (task.revision, task.launched.as_seconds_f64())).collect();
    let expected: Vec<(u32, f64)> = [(1, 9.5), (1, 95.0), (2, 104.5)].into_iter().flat_map(|launch| vec![launch; 10]).collect();
    assert_eq!(launched, expected);
    assert!(seen.iter().all(|(_, healthy)| *healthy >= 10));
    assert_eq!((run.record().status, run.split()), (DeploymentStatus::Successful, (0, 10)));
}

/// Where many tasks fail to start together the scheduler ticks once for all of them.
#[test]
fn failures_at_one_instant_make_one_tick() {
    let mut scenario = rolling(50, 100.0, 200.0);
    scenario.services[0].revisions[0].start_failure = 1.0;
    let seen = healthy_by_event(&mut ControlRun::deployed(&scenario), 3600.0);
    // Of 50 failures at 32.833 s each is seen once, then a tick at 38 s, the end of the pause and its tick.
    let events_after_failures = seen.iter().filter(|(seconds, _)| *seconds > 33.0 && *seconds < 118.0).count();
    assert!(events_after_failures < 60, "{events_after_failures}");
}

/// Semantics of the balancer's healthy targets: where the container has a check of its own, that must have succeeded too. The container starts at
/// 32.833 s and is checked 300 s later, at 332.833 s; the old tasks are told to stop at the tick of 342 s and are gone 30 s later.
#[test]
fn a_containers_check_counts_behind_a_balancer_too() {
    let mut scenario = rolling(2, 100.0, 200.0);
    let task = &mut scenario.services[0].task;
    (task.container_check_interval, task.container_check_patience) = (SimDuration::from_seconds(300), container_check(0, 915));
    let run = ControlRun::deployed(&scenario).until(3600.0);
    assert!((run.finished() - 372.0).abs() < 1e-9, "{}", run.finished());
}

/// A fifth of ten tasks is on demand, and two more may run than are desired. While Spot is short the room goes to the others.
#[test]
fn a_shortage_of_spot_does_not_hold_back_what_is_on_demand() {
    let mut scenario = rolling(10, 100.0, 120.0);
    scenario.services[0].strategy = vec![strategy(CapacityProvider::Fargate, 0, 1), strategy(CapacityProvider::FargateSpot, 0, 4)];
    let mut run = ControlRun::of(&scenario);
    run.control.spot_shortage(SimTime::START, SimTime::from_seconds(3600), &mut run.queue);
    run.deploy(1.0, 0);
    let run = run.until(1800.0);
    let new: Vec<CapacityProvider> =
        run.control.tasks().iter().filter(|task| task.active && task.revision == 1).map(|task| task.capacity_provider).collect();
    assert_eq!(new, [CapacityProvider::Fargate; 2]);
}
