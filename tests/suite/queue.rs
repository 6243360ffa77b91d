//! Messages in a shared queue: the waits of theory below saturation, growth and drain by hand beyond it, and nothing lost on the way.
//!
//! Where a test computes by hand, a task has ten slots and a message holds one for a second without CPU: ten messages a second.

use ecsim::fleet::{FleetChange, TaskId};
use ecsim::outcome::{Outcome, QueueOutcome};
use ecsim::queueing::erlang_c;
use ecsim::scenario::model::{Distribution, MessageQueue, Scenario, Service, Slo};
use ecsim::traffic::arrivals::Arrivals;
use ecsim::traffic::cpu_noise::CpuNoise;
use ecsim::traffic::plane::DataPlane;
use ecsim::traffic::queue_plane::QueuePlane;
use ecsim::units::{CpuUnits, SimDuration, SimTime};
use rand::SeedableRng;
use rand_distr::Distribution as _;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::processor_sharing::{lognormal, poisson};
use crate::support::{constant, first, message_queue, minutes, play, play_without_timeline, scenario, seconds, service, step, time};

const QUEUE: MessageQueue = message_queue(SimDuration::from_seconds(30), SimDuration::from_hours(96));

/// Tasks of some slots that hold each message for a time without CPU.
fn worker(tasks: u32, slots: u32, held: Distribution) -> Service {
    let mut worker = service("worker", tasks);
    worker.target_group = None;
    worker.workload.cpu_time = Distribution::constant(0.0);
    worker.workload.wait_time = held;
    worker.workload.concurrency = slots;
    worker.workload.idle_cpu = 0.0;
    (worker.workload.backlog, worker.workload.timeout) = (None, None);
    worker.workload.queue = Some(QUEUE);
    worker
}

/// Ten messages a second for each task.
fn ten_per_second(tasks: u32) -> Service {
    worker(tasks, 10, Distribution::constant(1.0))
}

fn lasting(mut worker: Service, rate_rps: f64, duration: SimDuration) -> Scenario {
    worker.traffic = vec![constant(rate_rps)];
    let mut scenario = scenario(vec![worker]);
    scenario.simulation.duration = Some(duration);
    scenario
}

/// A run in the steady state.
fn steady(worker: Service, rate_rps: f64) -> Outcome {
    let mut scenario = lasting(worker, rate_rps, SimDuration::from_hours(1));
    scenario.simulation.warm_up = SimDuration::from_hours(2);
    play_without_timeline(&scenario)
}

fn queue(outcome: &Outcome) -> QueueOutcome {
    first(outcome).message_queue.expect("the service works on a queue")
}

fn close(got: f64, expected: f64, relative: f64, case: &str) {
    assert!((got / expected - 1.0).abs() <= relative, "{case}: {got} is not {expected}");
}

/// M/M/c: the mean wait is C(c, a) S / (c - a), and all tasks together are the servers.
#[test]
fn slots_that_work_alone_wait_as_erlang_says() {
    for (tasks, slots, load) in [(4_u32, 1_u32, 0.5), (4, 1, 0.8), (4, 1, 0.95), (5, 8, 0.8), (5, 8, 0.95)] {
        let servers = tasks * slots;
        let offered = load * f64::from(servers);
        let outcome = steady(worker(tasks, slots, Distribution::Exponential { mean: 0.5 }), offered / 0.5);
        let case = format!("{tasks} tasks of {slots} slots at {load}");
        let waits = erlang_c(servers, offered);
        let wait = waits * 0.5 / (f64::from(servers) - offered);
        close(first(&outcome).queue.mean().expect("messages are served"), wait, 0.03, &case);
        close(first(&outcome).latency.mean().expect("messages are served"), 0.5 + wait, 0.02, &case);
        // Half of those that wait do so for longer than the median of an exponential.
        let median = 0.5 / (f64::from(servers) - offered) * std::f64::consts::LN_2;
        close(first(&outcome).queue.quantile(1.0 - waits / 2.0).expect("messages are served"), median, 0.1, &case);
    }
}

/// One task of many slots shares its CPU: M/M/1 processor sharing, S / (1 - load).
#[test]
fn a_task_of_many_slots_shares_its_cpu() {
    for load in [0.3, 0.7, 0.9] {
        let mut worker = worker(1, 2_000, Distribution::constant(0.0));
        worker.task.cpu = CpuUnits(1024);
        worker.workload.cpu_time = Distribution::Exponential { mean: 0.1 };
        let outcome = steady(worker, load * 10.0);
        close(first(&outcome).latency.mean().expect("messages are served"), 0.1 / (1.0 - load), 0.02, &format!("load {load}"));
        let cpu = first(&outcome).cpu_utilization.mean.expect("a task runs");
        assert!((cpu - 100.0 * load).abs() < 0.5, "{cpu} % at load {load}");
    }
}

/// Six workers of one slot and lognormal messages (cv 1.5), first come first served, two million messages (seed 5, fixed beforehand).
/// The formula is an approximation: within 10 %.
#[test]
fn varied_messages_wait_as_in_a_simulation_of_each() {
    for load in [0.6, 0.8, 0.9] {
        let (workers, mean) = (6_usize, 0.5);
        let rate_rps = load * workers as f64 / mean;
        let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
        let arrivals = poisson(rate_rps, (2.0e6 / rate_rps / 60.0).ceil() as usize, &mut random);
        let demand = lognormal(mean, 1.5);
        let mut free_at = vec![0.0_f64; workers];
        let mut waited = 0.0;
        for &arrived in &arrivals {
            let next = (0..workers).min_by(|&a, &b| free_at[a].total_cmp(&free_at[b])).unwrap();
            let starts = free_at[next].max(arrived);
            waited += starts - arrived;
            free_at[next] = starts + demand.sample(&mut random);
        }
        let simulated = waited / arrivals.len() as f64;
        let outcome = steady(worker(6, 1, Distribution::Lognormal { mean, cv: 1.5 }), rate_rps);
        let fluid = first(&outcome).queue.mean().expect("messages are served");
        println!("load {load}: simulated wait {simulated:.4} s, fluid {:.3} of it", fluid / simulated);
        close(fluid, simulated, 0.1, &format!("load {load}"));
    }
}

/// 30 a second for 20 a second of capacity: 10 a second stay. After 20 minutes 12,000 wait, and the next one to start arrived when
/// 24,000 had arrived, 400 s ago.
#[test]
fn an_overloaded_queue_grows_by_the_surplus() {
    let outcome = play(&lasting(ten_per_second(2), 30.0, minutes(20)));
    close(queue(&outcome).visible_max, 12_000.0, 0.01, "visible");
    close(queue(&outcome).age_of_oldest_seconds, 400.0, 0.01, "age");
    let found = first(&outcome);
    close(found.requests.in_flight_at_end, 12_020.0, 0.01, "waiting and in twenty slots");
    close(found.requests.served, 23_980.0, 0.01, "served");
    assert!(found.requests.failed + found.requests.rejected + found.requests.timed_out < 1e-9, "{:?}", found.requests);
    close(found.queue.max().expect("messages are served"), 400.0, 0.01, "the longest wait");
    // Waits rise evenly from 0 to 400 s.
    close(found.queue.quantile(0.5).expect("messages are served"), 200.0, 0.02, "the median wait");
    close(found.scaling.seconds_saturated, 1200.0, 1e-9, "saturated");
    for (minute, row) in found.timeline.iter().enumerate().skip(2) {
        close(row.queue_length, 600.0 * (minute as f64 + 0.5), 0.02, &format!("minute {minute}"));
        close(row.served_rps, 20.0, 0.01, &format!("minute {minute}"));
    }
}

/// Ten minutes of 30 a second leave 6,000; then 10 a second leave 10 a second of capacity: empty ten minutes later.
#[test]
fn a_queue_drains_at_the_surplus_of_capacity() {
    let mut scenario = lasting(ten_per_second(2), 10.0, minutes(30));
    scenario.services[0].traffic[0].spikes = vec![step(SimDuration::ZERO, 3.0, minutes(10))];
    let outcome = play(&scenario);
    let rows = &first(&outcome).timeline;
    close(rows[14].queue_length, 3_300.0, 0.03, "half-way");
    assert!(rows[19].queue_length > 150.0 && rows[21].queue_length < 20.0, "{} {}", rows[19].queue_length, rows[21].queue_length);
    close(first(&outcome).queue.max().expect("messages are served"), 300.0, 0.03, "6,000 at 20 a second");
    assert!(rows[25].latency_p99.expect("messages are served") < 3.0, "{:?}", rows[25]);
}

#[test]
fn without_a_task_everything_waits_and_nothing_fails() {
    let outcome = play(&lasting(ten_per_second(0), 2.0, minutes(60)));
    let found = first(&outcome);
    close(found.requests.in_flight_at_end, 7_200.0, 1e-9, "in flight");
    close(found.requests.in_flight_at_end, found.requests.offered, 1e-12, "in flight");
    assert!(found.requests.failed + found.requests.rejected + found.requests.served <= 0.0, "{:?}", found.requests);
    close(queue(&outcome).visible_max, 7_200.0, 1e-9, "visible");
    close(queue(&outcome).age_of_oldest_seconds, 3_600.0, 1e-9, "age");
    assert_eq!(found.cpu_utilization.mean, None);
}

/// Without a task a message fails when it has waited for its retention period: of an hour at 2 a second, the first fifty minutes.
#[test]
fn what_waits_longer_than_the_retention_period_fails() {
    let mut scenario = lasting(ten_per_second(0), 2.0, minutes(60));
    scenario.services[0].workload.queue = Some(MessageQueue { message_retention_period: minutes(10), ..QUEUE });
    let outcome = play(&scenario);
    close(first(&outcome).requests.failed, 6_000.0, 1e-6, "failed");
    close(first(&outcome).requests.in_flight_at_end, 1_200.0, 1e-6, "in flight");
    close(queue(&outcome).visible_max, 1_200.0, 0.1, "visible");
}

/// Half of the receives fail: each message is received twice on average, so as many are redelivered as are served; each redelivery
/// takes the visibility timeout, up to ten seconds more in this plane.
#[test]
fn failed_messages_are_received_again() {
    let mut worker = ten_per_second(8);
    worker.workload.error_rate = 0.5;
    let outcome = steady(worker, 20.0);
    let found = first(&outcome);
    close(queue(&outcome).redelivered, found.requests.served, 0.02, "redelivered");
    assert!(found.requests.failed <= 0.0, "{:?}", found.requests);
    let latency = found.latency.mean().expect("messages are served");
    assert!((31.0..43.0).contains(&latency), "{latency} s for 1 s of work and 30 to 40 s of hiding, once on average");
}

/// A plane that is driven by hand.
fn plane(worker: &Service, rate_rps: f64) -> QueuePlane {
    let end = SimTime::from_seconds(7_200);
    let source = constant(rate_rps);
    let arrivals = Arrivals::build(&[(&source, None)], time("2026-01-05T00:00:00Z"), SimTime::START, end, 1, 1).expect("valid traffic");
    QueuePlane::new(worker, QUEUE, arrivals, CpuNoise::new(false, 1, 1), SimTime::START, None)
}

/// Ten minutes of 4 a second meet no task. One task of ten a second then works the 2,400 off at 6 a second: 400 s. At zero tasks the
/// count of visible messages is published all the same.
#[test]
fn a_first_task_works_off_what_had_gathered() {
    let mut plane = plane(&ten_per_second(0), 4.0);
    plane.advance(SimTime::from_seconds(600));
    let sample = plane.close_minute(0, 9);
    assert_eq!((sample.messages_in_flight, sample.cpu_percent), (Some(0.0), None));
    close(sample.messages_visible.expect("a queue"), 2_400.0, 1e-9, "visible");
    close(sample.age_of_oldest_seconds.expect("a queue"), 600.0, 1e-9, "age");
    plane.apply(0, FleetChange::Started(TaskId(0)));
    plane.apply(0, FleetChange::Healthy(TaskId(0)));
    plane.advance(SimTime::from_seconds(800));
    close(plane.visible(), 1_200.0, 0.03, "half-way");
    close(plane.in_flight(), 10.0, 0.02, "slots");
    // Half of the 2,400 are gone with the arrivals of the last 200 s: the oldest arrived at (10 - 0) x 200 / 4 = 500 s.
    close(plane.age_of_oldest_seconds(), 300.0, 0.03, "age");
    plane.advance(SimTime::from_seconds(1_060));
    assert!(plane.visible() < 15.0, "{}", plane.visible());
    plane.advance(SimTime::from_seconds(1_200));
    plane.finish();
    let figures = plane.figures(0);
    close(figures.queue.max().expect("messages are served"), 600.0, 0.02, "the longest wait");
    close(figures.requests.served + figures.requests.in_flight_at_end, 4_800.0, 1e-9, "all messages");
}

/// One of two busy tasks dies with its ten messages: they are hidden for the visibility timeout, then received again.
#[test]
fn what_dies_with_its_task_becomes_visible_again() {
    let mut plane = plane(&ten_per_second(2), 25.0);
    (0..2).for_each(|task| plane.apply(0, FleetChange::Healthy(TaskId(task))));
    plane.advance(SimTime::from_seconds(300));
    close(plane.in_flight(), 20.0, 0.01, "two tasks of ten slots");
    let visible = plane.visible();
    plane.apply(0, FleetChange::Stopped(TaskId(0)));
    close(plane.in_flight(), 20.0, 0.01, "ten in a task and ten hidden");
    plane.advance(SimTime::from_seconds(320));
    close(plane.visible() - visible, 20.0 * 15.0, 0.01, "the surplus of 15 a second");
    plane.advance(SimTime::from_seconds(340));
    close(plane.in_flight(), 10.0, 0.01, "only in the task");
    close(plane.visible() - visible, 40.0 * 15.0 + 10.0, 0.01, "the surplus and the ten that came back");
    plane.finish();
    let figures = plane.figures(0);
    close(figures.message_queue.expect("a queue").redelivered, 10.0, 0.01, "redelivered");
    close(figures.requests.served + figures.requests.in_flight_at_end, 8_500.0, 1e-9, "all messages");
}

/// A task that drains finishes what it has within a few times the second that a message takes, and gives nothing back.
#[test]
fn a_draining_task_finishes_its_messages() {
    let mut plane = plane(&ten_per_second(2), 15.0);
    (0..2).for_each(|task| plane.apply(0, FleetChange::Healthy(TaskId(task))));
    plane.advance(SimTime::from_seconds(300));
    plane.apply(0, FleetChange::Draining(TaskId(0)));
    let needed = plane.time_to_drain(0, TaskId(0));
    assert!(needed > seconds(1) && needed < seconds(10), "{needed}");
    plane.advance(SimTime::from_seconds(301));
    assert_eq!(plane.time_to_drain(0, TaskId(0)), needed - seconds(1), "a second later");
    plane.advance(SimTime::from_seconds(310));
    assert_eq!(plane.time_to_drain(0, TaskId(0)), SimDuration::ZERO);
    plane.apply(0, FleetChange::Stopped(TaskId(0)));
    assert!(plane.figures(0).message_queue.expect("a queue").redelivered <= 0.0);
}

#[test]
fn a_service_level_judges_messages_by_their_whole_latency() {
    let mut scenario = lasting(ten_per_second(2), 30.0, minutes(20));
    scenario.services[0].slo = Some(Slo { latency_seconds: Some(100.0), availability: None, window: seconds(60) });
    // Latency passes 100 s when 99 s of waiting are reached: 20 a second start, so after 99 x 1.5 x 2 = 297 s.
    let over = first(&play_without_timeline(&scenario)).slo_seconds_over;
    assert!((840.0..=960.0).contains(&over), "{over} of 903 s");
}
