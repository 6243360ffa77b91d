//! What a queue is asked: sends, receives, receives in vain and deletes, at both fidelities.
//!
//! A worker waits for a message for 20 s, and a call takes 20 ms beside that (the defaults).

use ecsim::outcome::Outcome;
use ecsim::scenario::model::{Distribution, Fidelity, MessageQueue, Service};
use ecsim::units::SimDuration;
use ecsim::usage::QueueUsage;

use crate::support::{constant, first, message_queue, minutes, play_without_timeline, scenario, seconds, service};

const QUEUE: MessageQueue = message_queue(SimDuration::from_seconds(60), SimDuration::from_hours(96));
const FIDELITIES: [Fidelity; 2] = [Fidelity::Fluid, Fidelity::Request];

/// Tasks of some workers that hold each message for so many seconds without CPU.
fn worker(tasks: u32, workers: u32, held_seconds: f64) -> Service {
    let mut worker = service("worker", tasks);
    worker.target_group = None;
    worker.workload.cpu_time = Distribution::constant(0.0);
    worker.workload.wait_time = Distribution::constant(held_seconds);
    worker.workload.concurrency = workers;
    worker.workload.idle_cpu = 0.0;
    (worker.workload.backlog, worker.workload.timeout) = (None, None);
    worker.workload.queue = Some(QUEUE);
    worker
}

/// An hour of so many messages a second, after ten minutes that count in nothing.
fn played(mut worker: Service, rate_rps: f64, fidelity: Fidelity) -> Outcome {
    worker.traffic = vec![constant(rate_rps)];
    let mut scenario = scenario(vec![worker]);
    scenario.simulation.fidelity = fidelity;
    scenario.simulation.duration = Some(minutes(60));
    scenario.simulation.warm_up = minutes(10);
    play_without_timeline(&scenario)
}

fn queue(outcome: &Outcome) -> &QueueUsage {
    assert_eq!(outcome.usage.queues.len(), 1);
    &outcome.usage.queues[0]
}

fn sum(series: &[f64]) -> f64 {
    series.iter().sum()
}

fn close(got: f64, expected: f64, relative: f64, case: &str) {
    assert!((got - expected).abs() <= relative * expected.abs(), "{case}: {got} is not {expected}");
}

/// Two tasks of three workers poll for an hour: 6 x 3600 / 20.02 calls, and nothing is sent, received or deleted.
#[test]
fn an_idle_queue_is_polled_all_the_same() {
    for fidelity in FIDELITIES {
        let outcome = played(worker(2, 3, 1.0), 0.0, fidelity);
        close(sum(&queue(&outcome).empty_receives), 6.0 * 3600.0 / 20.02, 1e-9, "empty");
        assert_eq!([sum(&queue(&outcome).sends), sum(&queue(&outcome).receives), sum(&queue(&outcome).deletes)], [0.0; 3]);
        let mut short = worker(2, 3, 1.0);
        short.workload.queue = Some(MessageQueue { receive_wait_time: SimDuration::ZERO, ..QUEUE });
        close(sum(&queue(&played(short, 0.0, fidelity)).empty_receives), 6.0 * 3600.0 / 0.02, 1e-9, "short polling");
    }
}

/// Without a task nobody polls.
#[test]
fn no_task_asks_nothing() {
    for fidelity in FIDELITIES {
        let outcome = played(worker(0, 3, 1.0), 2.0, fidelity);
        assert_eq!([sum(&queue(&outcome).empty_receives), sum(&queue(&outcome).receives)], [0.0; 2]);
        close(sum(&queue(&outcome).sends), first(&outcome).requests.offered, 1e-9, "sends");
    }
}

/// Each message is sent, received and deleted once, and messages cut the waiting of idle workers short. Half a message a second keeps half a
/// worker of ten busy, so 9.5 wait: one of them receives after 19 s on average. exp(-20.02 / 19) of the calls come back
/// empty: 1,800 / (exp(20.02 / 19) - 1) = 962.7.
#[test]
fn messages_are_sent_received_and_deleted() {
    for fidelity in FIDELITIES {
        let outcome = played(worker(2, 5, 1.0), 0.5, fidelity);
        let (used, counts) = (queue(&outcome), first(&outcome).requests);
        close(sum(&used.sends), counts.offered, 1e-9, "sends");
        close(sum(&used.receives), counts.offered, 0.01, "receives");
        close(sum(&used.deletes), counts.served, 0.01, "deletes");
        let expected = counts.offered / ((20.02 / (9.5 * 3600.0 / counts.offered)).exp() - 1.0);
        close(sum(&used.empty_receives), expected, 0.05, "empty");
    }
}

/// Workers that are never free never wait.
#[test]
fn busy_workers_do_not_poll_in_vain() {
    for fidelity in FIDELITIES {
        let outcome = played(worker(2, 1, 1.0), 4.0, fidelity);
        let used = queue(&outcome);
        assert!(sum(&used.empty_receives) < 1.0, "{:?}", used.empty_receives);
        // Two messages a second are done.
        close(sum(&used.receives), 7200.0, 0.01, "receives");
        close(sum(&used.deletes), 7200.0, 0.01, "deletes");
    }
}

/// One call brings up to ten messages: with a backlog always ten. Each is deleted when it is done.
#[test]
fn a_batch_is_one_request() {
    let mut worker = worker(2, 1, 1.0);
    worker.workload.queue = Some(MessageQueue { receive_batch_size: 10, ..QUEUE });
    let outcome = played(worker, 20.0, Fidelity::Request);
    close(sum(&queue(&outcome).receives), 720.0, 0.02, "receives");
    close(sum(&queue(&outcome).deletes), 7200.0, 0.02, "deletes");
}

/// Each 64 KB of a payload count as a request (aws.amazon.com/sqs/pricing): 100 kB are two, to send and to receive.
#[test]
fn large_messages_are_several_requests() {
    for fidelity in FIDELITIES {
        let mut large = worker(2, 5, 1.0);
        large.workload.request_size_bytes = 100_000.0;
        let (large, small) = (played(large, 0.5, fidelity), played(worker(2, 5, 1.0), 0.5, fidelity));
        close(sum(&queue(&large).sends), 2.0 * sum(&queue(&small).sends), 1e-9, "sends");
        close(sum(&queue(&large).receives), 2.0 * sum(&queue(&small).receives), 1e-9, "receives");
        close(sum(&queue(&large).deletes), sum(&queue(&small).deletes), 1e-9, "deletes");
    }
}

/// A message that fails is received again, after its visibility timeout, until it is done: each is received 1 / (1 - 20 %) times.
#[test]
fn what_fails_is_received_again() {
    for fidelity in FIDELITIES {
        let mut failing = worker(2, 5, 1.0);
        failing.workload.error_rate = 0.2;
        let outcome = played(failing, 1.0, fidelity);
        let used = queue(&outcome);
        close(sum(&used.receives), 1.25 * first(&outcome).requests.offered, 0.05, "receives");
        close(sum(&used.deletes), first(&outcome).requests.offered, 0.05, "deletes");
    }
}

/// A window that begins within an hour has its requests in the hours in which they were made.
#[test]
fn requests_lie_in_their_hours() {
    for fidelity in FIDELITIES {
        let mut idle = worker(1, 1, 1.0);
        idle.traffic = vec![constant(0.0)];
        let mut scenario = scenario(vec![idle]);
        scenario.simulation.fidelity = fidelity;
        scenario.simulation.start = Some(crate::support::time("2026-01-05T00:40:00Z"));
        scenario.simulation.duration = Some(minutes(60));
        scenario.simulation.warm_up = seconds(600);
        let used = play_without_timeline(&scenario).usage.queues.remove(0);
        let expected = [1200.0 / 20.02, 2400.0 / 20.02];
        assert_eq!(used.empty_receives.len(), 2);
        used.empty_receives.iter().zip(expected).for_each(|(got, expected)| close(*got, expected, 1e-9, "an hour"));
    }
}
