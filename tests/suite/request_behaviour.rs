//! What single requests do at one service: how they come, where they go, what becomes of them, and what a shared queue does with messages.
//!
//! Unless a test says otherwise requests use no CPU and hold a slot for a time, so that every expectation can be computed by hand.

use ecsim::calendar::Schedule;
use ecsim::fleet::{FleetChange, TaskId};
use ecsim::outcome::{Outcome, RequestCounts, TimelineRow};
use ecsim::queueing::erlang_c;
use ecsim::scenario::model::{
    CapacityProvider, Distribution, Fidelity, MessageQueue, Metric, MetricSource, Policy, RoutingAlgorithm, Scaling, Scenario,
    ScheduledAction, Series, Service, Statistic, Suspended, TargetTracking, TrackedMetric, TrafficKind, TrafficSource, Users,
};
use ecsim::traffic::arrivals::points::ArrivalTimes;
use ecsim::traffic::plane::{DataPlane, PlaneFigures};
use ecsim::traffic::requests::{LaneSetting, ordered, plane};
use ecsim::units::{CpuUnits, Mebibytes, SimDuration, SimTime};
use jiff::tz::TimeZone;

use crate::support::{
    constant, cpu_scaling, first, message_queue, minutes, play, play_without_timeline, played_trace, replay, scenario, seconds, service,
    strategy, target_group, time, trace, traffic,
};

/// Tasks whose requests hold one of many slots for this time, without CPU and without limits.
pub fn holding(name: &str, tasks: u32, held: Distribution) -> Service {
    let mut web = service(name, tasks);
    web.workload.cpu_time = Distribution::constant(0.0);
    web.workload.wait_time = held;
    web.workload.idle_cpu = 0.0;
    web.workload.memory_per_request_bytes = 0.0;
    web.workload.concurrency = 1_000;
    (web.workload.backlog, web.workload.timeout) = (None, None);
    web
}

/// Requests at equal distances, the first half a distance after the start.
pub fn even(rate_rps: f64) -> TrafficSource {
    TrafficSource { deterministic_arrivals: true, ..constant(rate_rps) }
}

/// These services, request by request.
pub fn lasting(services: Vec<Service>, duration: SimDuration) -> Scenario {
    let mut scenario = scenario(services);
    scenario.simulation.duration = Some(duration);
    scenario.simulation.fidelity = Fidelity::Request;
    scenario
}

/// One service with this traffic.
fn alone(mut web: Service, traffic: TrafficSource, duration: SimDuration) -> Scenario {
    web.traffic = vec![traffic];
    lasting(vec![web], duration)
}

fn played(web: Service, traffic: TrafficSource, duration: SimDuration) -> Outcome {
    play_without_timeline(&alone(web, traffic, duration))
}

fn counts(outcome: &Outcome) -> RequestCounts {
    first(outcome).requests
}

/// Whole figures, each within its slack.
fn near(got: f64, expected: f64, slack: f64) {
    assert!((got - expected).abs() <= slack, "{got} is not {expected}");
}

/// The largest desired count from a time of the first day on.
fn at_most(tasks: u32, from: &str) -> Scaling {
    Scaling {
        min_capacity: tasks,
        max_capacity: 100,
        suspended: Suspended::default(),
        scheduled_actions: vec![ScheduledAction {
            name: "fewer".into(),
            schedule: Schedule::parse(&format!("at(2026-01-05T{from})")).expect("a schedule"),
            time_zone: TimeZone::UTC,
            start_time: None,
            end_time: None,
            min_capacity: None,
            max_capacity: Some(tasks),
        }],
        policies: Vec::new(),
    }
}

// Arrivals.

const COUNTS: [f64; 8] = [0.0, 7.0, 120.0, 33.0, 1.0, 613.0, 0.0, 59.0];

fn of_minutes(outcome: &Outcome) -> Vec<f64> {
    first(outcome).timeline.iter().map(|row| (row.offered_rps * 60.0 * 1e6).round() / 1e6).collect()
}

/// The counts of a recording are those that come: single requests or flows, whatever the tasks are.
#[test]
fn a_trace_is_replayed_to_the_request() {
    let mut web = holding("web", 3, Distribution::constant(0.2));
    let minutes_of = |web: &Service, fidelity| {
        let mut scenario = alone(web.clone(), played_trace(), minutes(8));
        scenario.simulation.fidelity = fidelity;
        let outcome = replay(&scenario, trace(minutes(1), COUNTS.to_vec()));
        let total: f64 = COUNTS.iter().sum();
        near(counts(&outcome).offered, total, 1e-9 * total);
        of_minutes(&outcome)
    };
    assert_eq!(minutes_of(&web, Fidelity::Request), COUNTS);
    assert_eq!(minutes_of(&web, Fidelity::Fluid), COUNTS);
    (web.desired_count, web.task.cpu, web.workload.concurrency, web.workload.backlog) = (1, CpuUnits(256), 1, Some(2));
    assert_eq!(minutes_of(&web, Fidelity::Request), COUNTS);
}

/// Two requests a second at 0.25 s and 0.75 s of each: none waits for a slot that is held for 499 ms. At random times many do.
#[test]
fn even_arrivals_keep_their_distance() {
    let mut web = holding("web", 1, Distribution::constant(0.499));
    web.workload.concurrency = 1;
    let mut scenario = alone(web, even(2.0), minutes(5));
    scenario.simulation.timeline_resolution = seconds(1);
    let outcome = play(&scenario);
    assert!(first(&outcome).timeline.iter().all(|row| (row.offered_rps - 2.0).abs() < 1e-12));
    assert_eq!(first(&outcome).queue.max(), Some(0.0));
    scenario.services[0].traffic = vec![constant(2.0)];
    assert!(first(&play(&scenario)).queue.max() > Some(1.0));
}

/// Where no request meets another, what a request takes is its own: other tasks, other policies, the same customers.
#[test]
fn variants_meet_the_same_customers() {
    let mut fixed = holding("web", 10, Distribution::Lognormal { mean: 0.3, cv: 2.0 });
    fixed.workload.error_rate = 0.1;
    let mut scaled = fixed.clone();
    scaled.scaling = Some(cpu_scaling(2, 10, 50.0));
    let (one, other) = (played(fixed, constant(20.0), minutes(40)), played(scaled, constant(20.0), minutes(40)));
    assert_eq!((first(&one).desired_tasks.min, first(&other).desired_tasks.min), (10, 2));
    assert_eq!(counts(&one), counts(&other));
    assert!(first(&one).latency == first(&other).latency);
}

// Routing.

#[test]
fn without_a_task_all_are_turned_away() {
    for group in [Some(target_group(RoutingAlgorithm::RoundRobin, seconds(30))), None] {
        let mut web = holding("web", 0, Distribution::constant(0.1));
        web.target_group = group;
        let requests = counts(&played(web, even(10.0), minutes(1)));
        assert_eq!(requests, RequestCounts { offered: 600.0, rejected: 600.0, attempts: 600.0, ..RequestCounts::default() });
    }
}

/// Four tasks of one slot at 80 %, exponential: whoever looks at the tasks waits less than whoever takes turns, who waits less than whoever
/// draws lots. Lots make each task M/M/1, which waits 0.8 / 0.2 services; no routing waits less than one queue for all, M/M/4.
#[test]
fn the_fewest_outstanding_requests_wait_less_than_turns_and_turns_less_than_lots() {
    let wait = |algorithm| {
        let mut web = holding("web", 4, Distribution::Exponential { mean: 0.05 });
        web.workload.concurrency = 1;
        web.target_group = Some(target_group(algorithm, seconds(30)));
        let outcome = played(web, constant(0.8 * 4.0 / 0.05), SimDuration::from_hours(2));
        first(&outcome).queue.mean().expect("requests are served") / 0.05
    };
    let emptiest = wait(RoutingAlgorithm::LeastOutstandingRequests);
    let in_turn = wait(RoutingAlgorithm::RoundRobin);
    let lots = wait(RoutingAlgorithm::WeightedRandom);
    let one_queue = erlang_c(4, 3.2) / (4.0 - 3.2);
    println!("one queue {one_queue:.3}, least outstanding {emptiest:.3}, in turn {in_turn:.3}, lots {lots:.3}");
    near(lots, 4.0, 0.2);
    assert!(one_queue < emptiest && emptiest < 0.7 * in_turn && in_turn < 0.7 * lots);
}

/// Both engines on one service, for tests that change the fleet themselves.
fn planes(web: &Service, until_seconds: i64) -> [Box<dyn DataPlane>; 2] {
    let start = time("2026-01-05T00:00:00Z");
    let sources: Vec<_> = web.traffic.iter().map(|source| (source, None)).collect();
    let until = SimTime::from_seconds(until_seconds);
    let arrivals = || ArrivalTimes::build(&sources, start, SimTime::START, until, 1, 3).expect("valid traffic");
    let setting = || LaneSetting {
        is_interrupted: false,
        service: web,
        arrivals: arrivals(),
        seed: 1,
        service_key: 3,
        start,
        from: SimTime::START,
        row: Some(seconds(60)),
    };
    [plane(vec![setting()], &[0]), ordered(vec![setting()], &[0])]
}

/// Plays changes at their seconds.
fn with_changes(plane: &mut dyn DataPlane, changes: &[(i64, FleetChange)], until_seconds: i64) -> PlaneFigures {
    for (second, change) in changes {
        assert!(plane.advance(SimTime::from_seconds(*second)).is_none());
        plane.apply(0, *change);
    }
    assert!(plane.advance(SimTime::from_seconds(until_seconds)).is_none());
    plane.finish();
    plane.figures(0)
}

const fn healthy(task: u32) -> FleetChange {
    FleetChange::Healthy(TaskId(task))
}

const fn unhealthy(task: u32) -> FleetChange {
    FleetChange::Unhealthy(TaskId(task))
}

const fn stopped(task: u32) -> FleetChange {
    FleetChange::Stopped(TaskId(task))
}

/// A new target has the share p of a turn while the old one has one, p from 0 to 1: p / (1 + p) of the requests, over the ramp
/// 1 - ln 2 of them. No request ends, so those that are lost with the new task at the end of its ramp are those that it was given.
#[test]
fn slow_start_gives_a_new_target_its_growing_share() {
    let mut web = holding("web", 1, Distribution::constant(10_000.0));
    web.workload.concurrency = 1_000_000;
    let mut group = target_group(RoutingAlgorithm::RoundRobin, seconds(30));
    group.slow_start = seconds(60);
    web.target_group = Some(group);
    web.traffic = vec![even(200.0)];
    for mut plane in planes(&web, 200) {
        let found = with_changes(plane.as_mut(), &[(0, healthy(0)), (100, healthy(1)), (160, stopped(1))], 200).requests;
        near(found.failed, 12_000.0 * (1.0 - std::f64::consts::LN_2), 40.0);
        near(found.offered, 40_000.0, 0.0);
        near(found.in_flight_at_end, found.offered - found.failed, 0.0);
    }
}

/// One unhealthy target of two gets nothing; when both are unhealthy both get requests again. 100 a second for 10 s each way.
#[test]
fn unhealthy_targets_serve_when_no_other_does() {
    let mut web = holding("web", 2, Distribution::constant(10_000.0));
    web.workload.concurrency = 1_000_000;
    web.traffic = vec![even(100.0)];
    let one_fails = [(0, unhealthy(0)), (10, stopped(0))];
    let all_fail = [(0, unhealthy(0)), (0, unhealthy(1)), (10, stopped(0))];
    for (changes, to_first) in [(&one_fails[..], 0.0), (&all_fail[..], 500.0)] {
        for mut plane in planes(&web, 20) {
            let changes: Vec<_> = [(0, healthy(0)), (0, healthy(1))].into_iter().chain(changes.iter().copied()).collect();
            let found = with_changes(plane.as_mut(), &changes, 20).requests;
            assert_eq!((found.failed, found.rejected, found.offered), (to_first, 0.0, 2_000.0));
        }
    }
}

/// A request waits at the task that it was given to, even while the other task is idle. The first task alone gets 1,000 requests of 190 ms
/// in 100 s and has done 100 / 0.19 = 526 of them when the second one comes. From then on each gets 5 requests a second: the second task's
/// 1,000 wait for nothing, all others but the very first wait. After 300 s the first task has done 300 / 0.19 = 1,578.
#[test]
fn requests_queue_at_their_task_and_not_at_the_balancer() {
    let mut web = holding("web", 1, Distribution::constant(0.19));
    web.workload.concurrency = 1;
    web.traffic = vec![even(10.0)];
    for mut plane in planes(&web, 300) {
        let found = with_changes(plane.as_mut(), &[(0, healthy(0)), (100, healthy(1))], 300);
        near(found.requests.served, 1_578.0 + 1_000.0, 2.0);
        let waitless = 1_001.0 / found.requests.served;
        assert!(found.queue.quantile(waitless - 0.002).expect("served") < 1e-6);
        // A wait begins with the tenth of a second that the second request comes too early for its slot: 90 ms.
        assert!(found.queue.quantile(waitless + 0.002).expect("served") > 0.05);
    }
}

// Service.

/// Two in slots and three behind them; five of ten get 503.
#[test]
fn a_full_backlog_answers_503() {
    let mut web = holding("web", 1, Distribution::constant(10_000.0));
    (web.workload.concurrency, web.workload.backlog) = (2, Some(3));
    let requests = counts(&played(web, even(1.0), seconds(10)));
    let expected = RequestCounts { offered: 10.0, rejected: 5.0, in_flight_at_end: 5.0, attempts: 10.0, ..RequestCounts::default() };
    assert_eq!(requests, expected);
}

/// Ten slots, a second each, exponential; 20 requests a second; clients wait two seconds. A slot that is given up is free: all slots are
/// always busy and each completes one request a second, 10 of 20. A task that finishes what nobody waits for falls behind by a second each second:
/// the request of second t waits t and is answered in time with the chance 1 - exp(-(2 - t)), so after two seconds none is, and
/// 20 (2 - (1 - exp(-2))) = 23 of 12,000 are served; chance lets it fall behind a little later.
#[test]
fn a_task_that_finishes_what_nobody_waits_for_collapses() {
    let served = |finishes| {
        let mut web = holding("web", 1, Distribution::Exponential { mean: 1.0 });
        (web.workload.concurrency, web.workload.timeout) = (10, Some(Distribution::constant(2.0)));
        web.workload.finishes_late_requests = finishes;
        let requests = counts(&played(web, even(20.0), minutes(10)));
        assert_eq!((requests.offered, requests.rejected + requests.failed), (12_000.0, 0.0));
        requests.served / requests.offered
    };
    let (abandons, finishes) = (served(false), served(true));
    println!("served of twice the capacity: {abandons:.4} when slots are given up, {finishes:.4} when they are not");
    // 6,000 completions at random have a standard deviation of 77.
    near(abandons, 0.5, 0.02);
    assert!(finishes < 0.01);
}

/// 60,000 requests: a standard deviation of sqrt(0.1 x 0.9 / 60,000) = 0.0012.
#[test]
fn the_application_fails_its_share() {
    let mut web = holding("web", 2, Distribution::constant(0.05));
    web.workload.error_rate = 0.1;
    let requests = counts(&played(web, even(100.0), minutes(10)));
    near(requests.failed / requests.offered, 0.1, 0.005);
    near(requests.attempts, requests.offered, 0.0);
}

/// At an error rate e and two retries: 1 + e + e^2 attempts, 1 - e^3 served. Pauses of 0.2 and 0.4 s and up to three times 0.1 s in the task.
#[test]
fn retries_make_attempts_and_save_requests() {
    let mut web = holding("web", 2, Distribution::constant(0.1));
    let errors = 0.3_f64;
    web.workload.error_rate = errors;
    web.workload.retries.max = 2;
    let outcome = played(web, even(100.0), minutes(10));
    let requests = counts(&outcome);
    // The standard deviations are 0.0026 of an attempt and 0.0007 of a request.
    near(requests.attempts / requests.offered, 1.0 + errors + errors * errors, 0.012);
    near(requests.served / (requests.offered - requests.in_flight_at_end), 1.0 - errors * errors * errors, 0.003);
    near(first(&outcome).latency.max().expect("requests are served"), 0.1 + 0.2 + 0.1 + 0.4 + 0.1, 1e-6);
    let mean = (0.1 + errors * 0.4 + errors * errors * 0.9) / (1.0 + errors + errors * errors);
    near(first(&outcome).latency.mean().expect("requests are served"), mean, 0.002);
}

/// One of two tasks leaves. Its balancer holds it for 20 s, then it has 30 s after SIGTERM: requests of 45 s end in time, of those of 60 s the
/// youngest do not, which came in the last 10 s before, one every two seconds.
#[test]
fn a_request_may_outlive_its_target_but_not_the_stop_timeout() {
    for (held, lost) in [(45.0, 0.0), (60.0, 5.0)] {
        let mut web = holding("web", 2, Distribution::constant(held));
        web.target_group = Some(target_group(RoutingAlgorithm::RoundRobin, seconds(20)));
        web.scaling = Some(at_most(1, "00:05:00"));
        let outcome = played(web, even(1.0), minutes(10));
        assert_eq!((first(&outcome).desired_tasks.min, first(&outcome).running_tasks.min), (1, 1));
        near(counts(&outcome).failed, lost, if lost > 0.0 { 1.0 } else { 0.0 });
        assert_eq!(counts(&outcome).rejected, 0.0);
        // Both tasks are billed until the drain ends at least: 20 s, and what the last request needs after it, at most 30 s.
        let held_seconds = first(&outcome).draining_task_hours * 3600.0;
        assert!((held.min(50.0) - 3.0..=held.min(50.0) + 1.0).contains(&held_seconds), "{held_seconds}");
    }
}

/// Spot warns two minutes ahead, which no stop timeout exceeds: requests of 100 s end, of those of 130 s the youngest 10 s are lost. Each of
/// five tasks gets one every five seconds, a task that stands in for others more.
#[test]
fn spot_waits_two_minutes_at_most() {
    for (held, stop_timeout, per_interruption) in [(100.0, 120, 0.0..=0.0), (130.0, 120, 1.8..=3.0), (100.0, 30, 13.5..=19.0)] {
        let mut web = holding("web", 5, Distribution::constant(held));
        web.strategy = vec![strategy(CapacityProvider::FargateSpot, 0, 1)];
        web.task.stop_timeout = seconds(stop_timeout);
        let mut scenario = alone(web, even(1.0), SimDuration::from_hours(4));
        scenario.spot.interruption_rate = 0.9;
        scenario.spot.interruption_period = SimDuration::from_hours(1);
        let outcome = play_without_timeline(&scenario);
        let interrupted = first(&outcome).spot_interrupted as f64;
        assert!(interrupted > 20.0, "{interrupted}");
        let lost = counts(&outcome).failed / interrupted;
        println!("{held} s with {stop_timeout} s to stop: {lost:.2} requests are lost with each of {interrupted} tasks");
        assert!(per_interruption.contains(&lost), "{lost}");
    }
}

/// 512 MiB hold a base of 100 MiB and 41 requests of 10 MiB. The 42nd kills the task before any is answered, and they all fail; a new task
/// meets the same fate.
#[test]
fn a_task_that_holds_too_many_requests_is_killed() {
    let mut web = holding("web", 1, Distribution::constant(10.0));
    web.task.memory = Mebibytes(512);
    web.workload.memory_base_bytes = Mebibytes(100).as_bytes() as f64;
    web.workload.memory_per_request_bytes = Mebibytes(10).as_bytes() as f64;
    let outcome = played(web.clone(), even(10.0), minutes(10));
    let (requests, killed) = (counts(&outcome), first(&outcome).tasks_out_of_memory);
    let launched = first(&outcome).tasks_launched[0].1;
    // Between two deaths lie a start-up, a registration and 4.2 s of traffic: 15 + 8.3 + 10 + 19 to 28.5 + 1.8 + 4.2 s, up to 9.5 s for a tick.
    assert!((8..=11).contains(&killed) && launched == killed, "{killed} killed, {launched} launched");
    assert_eq!((requests.failed, requests.served), (42.0 * killed as f64, 0.0));
    assert_eq!(requests.rejected + requests.failed + requests.in_flight_at_end, requests.offered);
    // Four a second leave 40 in the task.
    let outcome = played(web, even(4.0), minutes(10));
    assert_eq!((first(&outcome).tasks_out_of_memory, counts(&outcome).failed), (0, 0.0));
}

/// The same with messages: 50 workers have too many in progress, the task dies, and its messages are received again when their visibility
/// timeout ends.
#[test]
fn a_worker_that_holds_too_many_messages_is_killed() {
    let mut service = worker(1, 50, 10.0, MessageQueue { visibility_timeout: seconds(60), ..QUEUE });
    service.task.memory = Mebibytes(512);
    service.workload.memory_base_bytes = Mebibytes(100).as_bytes() as f64;
    service.workload.memory_per_request_bytes = Mebibytes(10).as_bytes() as f64;
    let mut slots = vec![0.0; 600];
    slots[10] = 42.0;
    let outcome = replay(&alone(service, played_trace(), minutes(10)), trace(seconds(1), slots));
    assert!(first(&outcome).tasks_out_of_memory >= 1);
    assert!(messages(&outcome).redelivered >= 42.0, "{:?}", messages(&outcome));
    near(counts(&outcome).served + counts(&outcome).in_flight_at_end, 42.0, 0.0);
}

/// Five users who think for a second and five who think for 100 seconds, all of whose requests take a second: 2.5 and 0.0495 a second.
#[test]
fn users_of_two_sources_think_as_their_own_source_says() {
    let users = |count, think_seconds| traffic(TrafficKind::Users(Users { count, think_time: Distribution::constant(think_seconds) }));
    let (quick, slow) = (users(5, 1.0), users(5, 100.0));
    for sources in [vec![quick.clone(), slow.clone()], vec![slow, quick]] {
        let mut web = holding("web", 1, Distribution::constant(1.0));
        web.traffic = sources;
        let outcome = play_without_timeline(&lasting(vec![web], minutes(60)));
        near(counts(&outcome).offered, 3600.0 * (5.0 / 2.0 + 5.0 / 101.0), 12.0);
    }
}

/// Requests come at half seconds, take half a second and fail, and at each full second comes a health check: what ends at the instant of a check
/// is tried again like anything else. The last of twenty has ended at no time before the end.
#[test]
fn a_check_at_the_instant_of_an_answer_changes_nothing() {
    let mut web = holding("web", 1, Distribution::constant(0.5));
    (web.workload.error_rate, web.workload.retries.max) = (1.0, 1);
    web.traffic = vec![even(1.0)];
    let checks = (1..20).map(|second| (second, FleetChange::Probed(TaskId(0))));
    let changes: Vec<_> = [(0, healthy(0))].into_iter().chain(checks).collect();
    for mut plane in planes(&web, 20) {
        let found = with_changes(plane.as_mut(), &changes, 20).requests;
        let expected = RequestCounts { offered: 20.0, attempts: 39.0, failed: 19.0, in_flight_at_end: 1.0, ..RequestCounts::default() };
        assert_eq!(found, expected);
        assert!(plane.probe_answered(0, TaskId(0)));
    }
}

// Messages.

const QUEUE: MessageQueue = message_queue(SimDuration::from_hours(4), SimDuration::from_hours(96));

/// Tasks with so many workers that hold each message for a time.
fn worker(tasks: u32, workers: u32, held: f64, queue: MessageQueue) -> Service {
    let mut worker = holding("worker", tasks, Distribution::constant(held));
    worker.target_group = None;
    worker.workload.concurrency = workers;
    worker.workload.queue = Some(queue);
    worker
}

/// Messages by the second.
fn by_second(worker: Service, counts: &[(usize, f64)], duration: SimDuration) -> Outcome {
    let mut slots = vec![0.0; (duration.as_seconds_f64()) as usize];
    counts.iter().for_each(|&(second, count)| slots[second] = count);
    replay(&alone(worker, played_trace(), duration), trace(seconds(1), slots))
}

fn messages(outcome: &Outcome) -> ecsim::outcome::QueueOutcome {
    first(outcome).message_queue.expect("a queue")
}

/// Two workers have a message of 100 s each when ten more come at 10 s. One by one they are done by both until 600 s. Ten at a
/// time the worker that is free first takes all of them, and the last is done after 1,100 s.
#[test]
fn a_message_waits_behind_its_batch() {
    for (batch_size, last_done) in [(1, 600.0), (10, 1_100.0)] {
        let queue = MessageQueue { receive_batch_size: batch_size, ..QUEUE };
        let outcome = by_second(worker(1, 2, 100.0, queue), &[(0, 2.0), (10, 10.0)], minutes(20));
        near(counts(&outcome).served, 12.0, 0.0);
        near(first(&outcome).latency.max().expect("served"), last_done - 10.0, 1.01);
        near(messages(&outcome).visible_max, 10.0, 0.0);
        near(messages(&outcome).redelivered, 0.0, 0.0);
    }
}

/// Two tasks with one worker each have 20 messages from 4:40 on, one each and then up to ten in a batch. At 5:00 one of them is told to stop: it
/// receives no more, and has 30 s for its batch. Messages of 4 s are all done by 5:24. Of those of 8 s, which take until 6:08 or
/// 5:52, it does only some, is killed after 30 s, and the rest is visible again when the visibility timeout ends.
#[test]
fn a_worker_that_is_told_to_stop_does_what_it_has_received() {
    let queue = MessageQueue { receive_batch_size: 10, visibility_timeout: seconds(120), ..QUEUE };
    let stopped = |held| {
        let mut service = worker(2, 1, held, queue);
        service.scaling = Some(at_most(1, "00:05:00"));
        let outcome = by_second(service, &[(280, 20.0)], minutes(10));
        near(counts(&outcome).served, 20.0, 0.0);
        (messages(&outcome).redelivered, first(&outcome).draining_task_hours * 3600.0)
    };
    assert_eq!(stopped(4.0).0, 0.0);
    let (redelivered, draining_seconds) = stopped(8.0);
    assert!((1.0..=8.0).contains(&redelivered), "{redelivered}");
    near(draining_seconds, 30.0, 1.0);
}

/// The same batch of ten with a visibility timeout of 150 s, received at 100 s: at 250 s nine are not done and visible again. The second worker,
/// free all the time, takes them. Without a second worker they come back to nobody.
#[test]
fn a_batch_that_takes_longer_than_its_visibility_timeout_is_delivered_again() {
    let queue = MessageQueue { receive_batch_size: 10, visibility_timeout: seconds(150), ..QUEUE };
    let outcome = by_second(worker(1, 2, 100.0, queue), &[(0, 2.0), (10, 10.0)], minutes(40));
    near(counts(&outcome).served, 12.0, 0.0);
    assert!(messages(&outcome).redelivered >= 9.0, "{:?}", messages(&outcome));
    let patient = MessageQueue { visibility_timeout: seconds(1_100), ..queue };
    let outcome = by_second(worker(1, 2, 100.0, patient), &[(0, 2.0), (10, 10.0)], minutes(40));
    assert_eq!((counts(&outcome).served, messages(&outcome).redelivered), (12.0, 0.0));
}

/// A message that always fails is received twice, a visibility timeout apart, and then goes to the dead-letter queue.
#[test]
fn a_message_that_fails_twice_is_dead_lettered() {
    let queue = MessageQueue { visibility_timeout: seconds(30), max_receive_count: Some(2), ..QUEUE };
    let mut failing = worker(1, 10, 1.0, queue);
    failing.workload.error_rate = 1.0;
    let outcome = by_second(failing, &[(0, 20.0), (100, 30.0)], minutes(10));
    let requests = counts(&outcome);
    assert_eq!((requests.offered, requests.served, requests.failed, requests.in_flight_at_end), (50.0, 0.0, 50.0, 0.0));
    assert_eq!((messages(&outcome).dead_lettered, messages(&outcome).redelivered), (50.0, 50.0));
}

/// Without a task nothing is received. One message a second: after ten minutes those of the last are there, the other 540 are deleted, and
/// not to a dead-letter queue.
#[test]
fn messages_are_deleted_after_their_retention() {
    let queue = MessageQueue { message_retention_period: seconds(60), max_receive_count: Some(1), ..QUEUE };
    let outcome = played(worker(0, 1, 1.0, queue), even(1.0), minutes(10));
    let requests = counts(&outcome);
    assert_eq!((requests.failed, requests.in_flight_at_end, messages(&outcome).dead_lettered), (540.0, 60.0, 0.0));
}

/// Backlog for each task, from none to five.
fn on_backlog(target_value: f64) -> Scaling {
    let source = MetricSource::One(Series { metric: Metric::BacklogPerTask, statistic: Statistic::Average });
    Scaling {
        min_capacity: 0,
        max_capacity: 5,
        suspended: Suspended::default(),
        scheduled_actions: Vec::new(),
        policies: vec![Policy::TargetTracking(TargetTracking {
            name: "backlog".into(),
            metric: TrackedMetric::Customized(source),
            target_value,
            scale_out_cooldown: seconds(60),
            scale_in_cooldown: seconds(300),
            disable_scale_in: false,
        })],
    }
}

fn rows_with_tasks(outcome: &Outcome) -> Vec<(usize, &TimelineRow)> {
    first(outcome).timeline.iter().enumerate().filter(|(_, row)| row.running > 0).collect()
}

/// Sixty messages at the start and sixty after eight hours of silence. The task goes home in between and comes back for them; a queue that nobody
/// used for six hours shows its metrics a quarter of an hour late, so it comes back that much later.
#[test]
fn a_worker_goes_home_and_is_woken_later_when_its_queue_slept() {
    let woken = |activation_delay: SimDuration| {
        let mut asleep = worker(1, 2, 1.0, QUEUE);
        asleep.scaling = Some(on_backlog(10.0));
        let mut scenario = alone(asleep, played_trace(), SimDuration::from_hours(10));
        scenario.assumptions.queue_activation_delay = activation_delay;
        let mut counts_by_minute = vec![0.0; 600];
        (counts_by_minute[0], counts_by_minute[480]) = (60.0, 60.0);
        let outcome = replay(&scenario, trace(minutes(1), counts_by_minute));
        assert_eq!((counts(&outcome).served, first(&outcome).desired_tasks.min), (120.0, 0));
        let with_tasks = rows_with_tasks(&outcome);
        assert!(with_tasks.iter().all(|(minute, _)| *minute < 120 || *minute > 480), "no task runs at night");
        (first(&outcome).latency.max().expect("served"), with_tasks.iter().find(|(minute, _)| *minute > 480).expect("woken").0)
    };
    let ((longest, minute), (longest_late, minute_late)) = (woken(SimDuration::ZERO), woken(seconds(900)));
    println!("woken in minute {minute} and {minute_late}, the longest wait {longest:.0} s and {longest_late:.0} s");
    // The minute ends at 481, its datapoint is visible 170 s later, and a task needs about a minute.
    assert!((484..=486).contains(&minute), "{minute}");
    near((minute_late - minute) as f64, 15.0, 0.0);
    near(longest_late - longest, 900.0, 10.0);
}
