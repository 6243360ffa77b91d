//! Services that call each other, and health checks that wait behind the requests of their task.
//!
//! Times are constant and use no CPU, so that what a request takes is the sum of what its calls take, to the microsecond: a request that makes
//! calls passes through the processor before, which takes a nanosecond.

use ecsim::outcome::{Outcome, RequestCounts, ServiceOutcome};
use ecsim::scenario::model::{Calls, Distribution, RoutingAlgorithm, Service, TrafficKind, TrafficSource};
use ecsim::units::{Mebibytes, SimDuration};

use crate::request_behaviour::{even, holding, lasting};
use crate::support::{constant, first, message_queue, minutes, play, play_without_timeline, seconds, target_group, traffic};

/// One call for each request of the first service, which waits for the answer.
const CALL: Calls = Calls { caller: 0, per_request: 1.0, synchronous: true, parallel: false };

fn constant_time(name: &str, held_seconds: f64) -> Service {
    holding(name, 2, Distribution::constant(held_seconds))
}

fn called(mut callee: Service, calls: Calls) -> Service {
    callee.traffic.push(traffic(TrafficKind::Calls(calls)));
    callee
}

fn with(mut caller: Service, source: TrafficSource) -> Service {
    caller.traffic = vec![source];
    caller
}

fn frontend(held_seconds: f64, rate_rps: f64) -> Service {
    with(constant_time("frontend", held_seconds), even(rate_rps))
}

fn played(services: Vec<Service>) -> Outcome {
    play_without_timeline(&lasting(services, minutes(10)))
}

fn counts(outcome: &Outcome, service: usize) -> RequestCounts {
    let counts = outcome.services[service].requests;
    let ended = counts.served + counts.rejected + counts.timed_out + counts.failed;
    assert_eq!(counts.offered, ended + counts.in_flight_at_end, "{counts:?}");
    counts
}

fn near(got: f64, expected: f64, slack: f64) {
    assert!((got - expected).abs() <= slack, "{got} is not {expected}");
}

fn latency_is(service: &ServiceOutcome, expected_seconds: f64) {
    near(service.latency.max().expect("requests are served"), expected_seconds, 1e-6);
    near(service.latency.mean().expect("requests are served"), expected_seconds, 1e-6);
}

/// 10 ms of its own, and calls of 20 ms: one, two after the other, two at once, and 20 ms + 30 ms through a third service.
#[test]
fn a_caller_takes_its_own_time_and_that_of_its_calls() {
    let backend = || constant_time("backend", 0.02);
    let two = Calls { per_request: 2.0, ..CALL };
    for (calls, expected) in [(CALL, 0.03), (two, 0.05), (Calls { parallel: true, ..two }, 0.03)] {
        let outcome = played(vec![frontend(0.01, 10.0), called(backend(), calls)]);
        latency_is(&outcome.services[0], expected);
        latency_is(&outcome.services[1], 0.02);
        near(counts(&outcome, 1).offered, calls.per_request * 6_000.0, 0.0);
    }
    let third = called(constant_time("third", 0.03), Calls { caller: 1, ..CALL });
    let outcome = played(vec![frontend(0.01, 10.0), called(backend(), CALL), third]);
    latency_is(&outcome.services[0], 0.06);
    // Two services, both called: one after the other.
    let other = called(constant_time("other", 0.03), CALL);
    let outcome = played(vec![frontend(0.01, 10.0), called(backend(), CALL), other]);
    latency_is(&outcome.services[0], 0.06);
}

/// Half of the requests make a second call: a standard deviation of sqrt(60,000) / 2 = 122 calls.
#[test]
fn a_fraction_of_a_call_is_its_chance() {
    let calls = Calls { per_request: 1.5, ..CALL };
    let outcome = played(vec![frontend(0.01, 100.0), called(constant_time("backend", 0.02), calls)]);
    near(counts(&outcome, 1).offered, 90_000.0, 500.0);
    near(outcome.services[0].latency.mean().expect("served"), 0.01 + 1.5 * 0.02, 0.02 * 500.0 / 60_000.0);
    near(outcome.services[0].latency.max().expect("served"), 0.05, 1e-6);
}

/// Two calls that fail one in five: 0.8 x 0.8 of the requests are served, and the second call is made by 0.8 of them. With all calls at once
/// both are made. A call that nobody waits for fails nothing.
#[test]
fn a_failed_call_fails_its_caller() {
    let mut backend = constant_time("backend", 0.02);
    backend.workload.error_rate = 0.2;
    let two = Calls { per_request: 2.0, ..CALL };
    for (calls, served, made) in [
        (two, 0.64, 1.8),
        (Calls { parallel: true, ..two }, 0.64, 2.0),
        (Calls { synchronous: false, ..two }, 1.0, 2.0),
        (Calls { per_request: 1.0, ..CALL }, 0.8, 1.0),
    ] {
        let outcome = played(vec![frontend(0.01, 100.0), called(backend.clone(), calls)]);
        let (front, back) = (counts(&outcome, 0), counts(&outcome, 1));
        // Standard deviations are 0.002 of 60,000 requests, as much for the calls.
        near(front.served / (front.offered - front.in_flight_at_end), served, 0.008);
        near(front.failed + front.served + front.in_flight_at_end, front.offered, 0.0);
        near(back.offered / front.offered, made, 0.008);
    }
    // A second attempt meets another backend: 0.2 x 0.2 fail, and 1.2 calls are made.
    let mut stubborn = frontend(0.01, 100.0);
    stubborn.workload.retries.max = 1;
    let outcome = played(vec![stubborn, called(backend, CALL)]);
    let (front, back) = (counts(&outcome, 0), counts(&outcome, 1));
    near(front.failed / front.offered, 0.04, 0.004);
    near(back.offered / front.offered, 1.2, 0.008);
    // Without a task behind it every call gets 503, and so does the caller answer with an error.
    let mut missing = constant_time("backend", 0.02);
    missing.desired_count = 0;
    let outcome = played(vec![frontend(0.01, 100.0), called(missing, CALL)]);
    assert_eq!((counts(&outcome, 0).failed, counts(&outcome, 1).rejected), (60_000.0, 60_000.0));
}

/// The caller's only slot is held for 10 ms of its own and 990 ms of the call: a request a second, half of those that come.
#[test]
fn a_caller_holds_its_slot_while_it_waits() {
    let mut front = frontend(0.01, 2.0);
    (front.desired_count, front.workload.concurrency, front.workload.backlog) = (1, 1, Some(5));
    for (synchronous, served, rejected) in [(true, 599.0, 595.0), (false, 1_200.0, 0.0)] {
        let backend = called(constant_time("backend", 0.99), Calls { synchronous, ..CALL });
        let outcome = played(vec![front.clone(), backend]);
        near(counts(&outcome, 0).served, served, 1.0);
        near(counts(&outcome, 0).rejected, rejected, 1.0);
    }
}

/// Each request calls both backends 50 times at once; 512 MiB hold a base of 100 MiB and 41 requests of 10 MiB. The tasks of both die
/// at the same instant, as often.
#[test]
fn tasks_of_two_services_that_die_at_one_instant_are_both_replaced() {
    let backend = |name| {
        let mut backend = holding(name, 1, Distribution::constant(10.0));
        backend.task.memory = Mebibytes(512);
        backend.workload.memory_base_bytes = Mebibytes(100).as_bytes() as f64;
        backend.workload.memory_per_request_bytes = Mebibytes(10).as_bytes() as f64;
        called(backend, Calls { per_request: 50.0, synchronous: false, ..CALL })
    };
    let outcome = played(vec![frontend(0.01, 1.0), backend("one"), backend("other")]);
    let killed = [1, 2].map(|service| outcome.services[service].tasks_out_of_memory);
    assert!(killed[0] >= 5 && killed[0] == killed[1], "{killed:?}");
    for service in [1, 2] {
        assert!(counts(&outcome, service).failed >= 42.0 * killed[0] as f64);
    }
}

/// A message is sent and nobody waits for it, however long the queue is: one worker does one message in ten seconds, 60 of 6,000.
#[test]
fn a_message_adds_nothing_to_its_sender() {
    let mut worker = holding("worker", 1, Distribution::constant(10.0));
    worker.workload.concurrency = 1;
    worker.workload.queue = Some(message_queue(minutes(60), SimDuration::from_hours(96)));
    worker.target_group = None;
    let outcome = played(vec![frontend(0.01, 10.0), called(worker, Calls { synchronous: false, ..CALL })]);
    latency_is(&outcome.services[0], 0.01);
    near(counts(&outcome, 1).offered, 6_000.0, 0.0);
    near(counts(&outcome, 1).served, 59.0, 1.0);
    near(outcome.services[1].message_queue.expect("a queue").visible_max, 5_939.0, 2.0);
}

/// A third service that shares nothing but the balancer, and is even in front, leaves every digit of the others as it is.
#[test]
fn a_service_that_is_not_called_changes_nothing() {
    let varied = |name: &str, mean| {
        let mut service = constant_time(name, mean);
        service.workload.cpu_time = Distribution::Lognormal { mean, cv: 1.5 };
        service.workload.wait_time = Distribution::Exponential { mean };
        (service.workload.concurrency, service.workload.retries.max, service.workload.error_rate) = (20, 1, 0.02);
        service
    };
    let front = with(varied("frontend", 0.02), constant(20.0));
    let back = |caller| called(varied("backend", 0.01), Calls { caller, per_request: 1.5, ..CALL });
    let stranger = with(varied("stranger", 0.05), constant(30.0));
    let pair = play(&lasting(vec![front.clone(), back(0)], minutes(20)));
    let last = play(&lasting(vec![front.clone(), back(0), stranger.clone()], minutes(20)));
    let foremost = play(&lasting(vec![stranger, front, back(1)], minutes(20)));
    let told = |services: &[ServiceOutcome]| services.iter().map(|service| format!("{service:?}")).collect::<Vec<_>>();
    assert!(told(&pair.services) == told(&last.services[..2]));
    assert!(told(&pair.services) == told(&foremost.services[1..]));
    assert!(told(&last.services[2..]) == told(&foremost.services[..1]));
}

/// The client gives up after a second, in the first of two calls of two seconds. Who abandons makes no second call; who finishes makes it
/// all the same, but for requests of the last two seconds. 10 requests a second; a retry does it all again, but for the last second's.
#[test]
fn a_caller_that_finishes_what_nobody_waits_for_goes_on_calling() {
    for (finishes, retries, calls) in
        [(false, 0, 6_000.0), (true, 0, 6_000.0 + 5_980.0), (false, 1, 5_990.0 + 6_000.0), (true, 1, 23_930.0)]
    {
        let mut front = frontend(0.01, 10.0);
        front.workload.timeout = Some(Distribution::constant(1.0));
        front.workload.finishes_late_requests = finishes;
        front.workload.retries.max = retries;
        let backend = called(constant_time("backend", 2.0), Calls { per_request: 2.0, ..CALL });
        let outcome = played(vec![front, backend]);
        let (front, back) = (counts(&outcome, 0), counts(&outcome, 1));
        assert_eq!((front.served, front.failed), (0.0, 0.0));
        near(front.timed_out, 6_000.0 - 10.0 * (1.0 + 1.2 * f64::from(retries)), 2.0);
        near(back.offered, calls, 15.0);
    }
}

/// A caller without a balancer is told to stop and has 30 s to end what it has, calls too: none of 15 s is lost.
#[test]
fn a_caller_that_is_told_to_stop_waits_for_its_calls() {
    use ecsim::calendar::Schedule;
    use ecsim::scenario::model::{Scaling, ScheduledAction, Suspended};
    let mut front = frontend(0.01, 2.0);
    front.target_group = None;
    front.desired_count = 4;
    front.scaling = Some(Scaling {
        min_capacity: 1,
        max_capacity: 4,
        suspended: Suspended::default(),
        scheduled_actions: vec![ScheduledAction {
            name: "fewer".into(),
            schedule: Schedule::parse("at(2026-01-05T00:05:00)").expect("a schedule"),
            time_zone: jiff::tz::TimeZone::UTC,
            start_time: None,
            end_time: None,
            min_capacity: None,
            max_capacity: Some(1),
        }],
        policies: Vec::new(),
    });
    let outcome = played(vec![front, called(constant_time("backend", 15.0), CALL)]);
    assert_eq!(first(&outcome).running_tasks.min, 1);
    assert_eq!(counts(&outcome, 0).failed, 0.0);
    latency_is(&outcome.services[0], 15.01);
}

/// Tasks of four slots, a second each, exponential, whose checks wait behind requests.
fn checked(shares_workers: bool, load: f64) -> Service {
    let mut web = holding("web", 4, Distribution::Exponential { mean: 1.0 });
    web.workload.concurrency = 4;
    web.workload.timeout = Some(Distribution::constant(30.0));
    // A task that is replaced is stopped first, and the new one needs half a minute and more.
    web.maximum_percent = 100.0;
    let mut group = target_group(RoutingAlgorithm::RoundRobin, seconds(30));
    group.health_check.shares_workers = shares_workers;
    web.target_group = Some(group);
    with(web, constant(load * 16.0))
}

/// At half the capacity a check waits for a second at most, five are allowed.
#[test]
fn checks_that_share_the_workers_of_a_calm_service_pass() {
    let outcome = play_without_timeline(&lasting(vec![checked(true, 0.5)], SimDuration::from_hours(1)));
    let (web, requests) = (first(&outcome), counts(&outcome, 0));
    assert_eq!(web.tasks_launched[0].1, 0);
    assert_eq!((requests.rejected, requests.failed, requests.timed_out), (0.0, 0.0, 0.0));
    // Checks are no requests: 4 tasks do 8 requests a second.
    near(requests.offered / 3600.0, 8.0, 4.0 * f64::sqrt(8.0 / 3600.0));
}

/// One slot that is taken for ten minutes and no backlog: every check is turned away, and is no request.
#[test]
fn a_check_that_is_turned_away_is_no_request() {
    for concurrency in [1, 2] {
        let mut web = holding("web", 1, Distribution::constant(600.0));
        (web.workload.concurrency, web.workload.backlog, web.workload.timeout) = (concurrency, Some(0), None);
        web.workload.cpu_time = Distribution::constant(if concurrency == 1 { 0.0 } else { 0.001 });
        let mut group = target_group(RoutingAlgorithm::RoundRobin, seconds(30));
        group.health_check.shares_workers = true;
        (group.health_check.interval, group.health_check.unhealthy_threshold) = (seconds(60), 10);
        web.target_group = Some(group);
        let outcome = played(vec![with(web, even(0.01))]);
        // Six requests in ten minutes, of which the task takes as many as it has slots for.
        let expected = (6.0, 6.0 - f64::from(concurrency), f64::from(concurrency));
        let requests = counts(&outcome, 0);
        assert_eq!((requests.offered, requests.rejected, requests.in_flight_at_end + requests.failed), expected);
    }
}

/// At 150 % the backlog grows until clients give up after 30 s, so a check waits longer than its 5 s. The tasks are as busy as tasks can be and
/// still are replaced, all of them again and again; meanwhile the others get their load.
#[test]
fn checks_behind_an_overload_bring_the_service_down() {
    let play = |shares_workers| {
        let outcome = play_without_timeline(&lasting(vec![checked(shares_workers, 1.5)], SimDuration::from_hours(1)));
        (counts(&outcome, 0).served / 3600.0, first(&outcome).tasks_launched[0].1, first(&outcome).running_tasks.mean)
    };
    let ((apart, launched_apart, _), (shared, launched_shared, running)) = (play(false), play(true));
    println!("{apart:.1} a second without, {shared:.1} with checks that wait; {launched_shared} tasks replaced, {running:.2} running");
    assert_eq!(launched_apart, 0);
    assert!(launched_shared >= 4);
    assert!(shared < 0.9 * apart, "{shared} of {apart}");
}
