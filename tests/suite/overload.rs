//! What an overloaded task does: it is busy, its queue grows by the surplus, and then requests fail the way the limits say.
//!
//! The task of these tests completes 12.5 requests a second (0.5 vCPU, 40 ms of CPU each, no waiting), so that every expectation can
//! be computed by hand.

use ecsim::fleet::{FleetChange, TaskId};
use ecsim::outcome::{Outcome, TimelineRow};
use ecsim::scenario::model::{Distribution, Fidelity, Scenario, Service};
use ecsim::traffic::arrivals::Arrivals;
use ecsim::traffic::cpu_noise::CpuNoise;
use ecsim::traffic::fluid::FluidPlane;
use ecsim::traffic::gauges::RowFigures;
use ecsim::traffic::rows::RowLedger;
use ecsim::units::SimTime;

use crate::support::{constant, first, minutes, play, scenario, seconds, service, step, time};

/// Requests per second that one task completes.
const SATURATED_RPS: f64 = 12.5;

/// One task without limits; a request takes one thousandth of its memory, so that memory counts requests.
fn one_task() -> Service {
    let mut web = service("web", 1);
    web.workload.cpu_time = Distribution::constant(0.04);
    web.workload.wait_time = Distribution::constant(0.0);
    web.workload.idle_cpu = 0.0;
    (web.workload.backlog, web.workload.timeout) = (None, None);
    web.workload.memory_base_bytes = 0.0;
    web.workload.memory_per_request_bytes = web.task.memory.as_bytes() as f64 / 1000.0;
    web
}

/// Clients who give up leave the CPU to the others, so that even beyond saturation most are served: flows against single requests, with a
/// timeout of 100 mean services. In the limit of many requests those up to the size `a` are, with load x E[min(size, a)] = 1.
#[test]
fn clients_who_give_up_leave_their_cpu_time() {
    for load in [0.95, 0.98, 1.0, 1.1, 1.2, 1.5] {
        let mut web = one_task();
        web.desired_count = 4;
        web.workload.cpu_time = Distribution::Lognormal { mean: 0.04, cv: 1.5 };
        web.workload.timeout = Some(Distribution::constant(8.0));
        let mut scenario = at_load(web, load);
        scenario.simulation.duration = Some(minutes(120));
        let served = |fidelity: Fidelity| {
            let mut scenario = scenario.clone();
            scenario.simulation.fidelity = fidelity;
            let outcome = play(&scenario);
            first(&outcome).requests.served / first(&outcome).requests.offered
        };
        let (flows, requests) = (served(Fidelity::Fluid), served(Fidelity::Request));
        assert!((flows - requests).abs() < 0.02, "load {load}: {flows} by flows, {requests} by requests");
    }
}

/// Twenty minutes at a multiple of what the tasks complete.
fn at_load(mut web: Service, load: f64) -> Scenario {
    web.traffic = vec![constant(load * SATURATED_RPS * f64::from(web.desired_count.max(1)))];
    let mut scenario = scenario(vec![web]);
    scenario.simulation.duration = Some(minutes(20));
    scenario
}

/// Mean requests in the task over a row.
fn number(row: &TimelineRow) -> f64 {
    row.memory_utilization.expect("a task runs") * 10.0
}

fn rows(outcome: &Outcome) -> &[TimelineRow] {
    &first(outcome).timeline
}

fn close(got: f64, expected: f64, relative: f64) {
    assert!((got - expected).abs() <= relative * expected.abs(), "{got} is not {expected}");
}

#[test]
fn an_overloaded_task_shows_a_cpu_of_exactly_one_hundred_percent() {
    for load in [1.2, 2.0, 10.0] {
        let mut web = one_task();
        web.workload.backlog = Some(128);
        web.workload.cpu_time = Distribution::Lognormal { mean: 0.04, cv: 1.5 };
        let outcome = play(&at_load(web, load));
        for row in &rows(&outcome)[2..] {
            assert!((row.cpu_utilization.expect("a task runs") - 100.0).abs() < 1e-9, "{load}: {row:?}");
        }
        assert!(first(&outcome).cpu_utilization.max <= Some(100.0));
    }
}

#[test]
fn without_limits_the_queue_grows_by_the_surplus_for_ever() {
    let outcome = play(&at_load(one_task(), 2.0));
    let requests = first(&outcome).requests;
    assert!(requests.rejected == 0.0 && requests.timed_out == 0.0 && requests.failed == 0.0, "{requests:?}");
    close(requests.in_flight_at_end, SATURATED_RPS * 1200.0, 0.01);
    close(requests.served, SATURATED_RPS * 1200.0, 0.01);
    // 64 requests are in slots; the mean over minute k is that of its middle.
    for (minute, row) in rows(&outcome).iter().enumerate().skip(2) {
        let expected = SATURATED_RPS * 60.0 * (minute as f64 + 0.5) - 64.0;
        close(row.queue_length, expected, 0.02);
    }
    assert!((first(&outcome).scaling.seconds_saturated - 1200.0).abs() < 1e-9);
}

#[test]
fn a_full_backlog_turns_the_surplus_away() {
    let mut web = one_task();
    web.workload.backlog = Some(128);
    let outcome = play(&at_load(web, 2.0));
    let requests = first(&outcome).requests;
    // 64 in slots and 128 behind them; the rest of the surplus gets 503.
    close(requests.in_flight_at_end, 192.0, 1e-6);
    close(requests.rejected, SATURATED_RPS * 1200.0 - 192.0, 0.002);
    assert!(requests.timed_out == 0.0, "{requests:?}");
    let last = rows(&outcome).last().expect("a row");
    close(last.failed_rps, SATURATED_RPS, 1e-3);
    close(last.queue_length, 128.0, 0.01);
    // First come, first served behind 128 others, then a burst among 64: 192 services at 80 ms.
    close(last.latency_mean.expect("requests are served"), 192.0 / SATURATED_RPS, 0.01);
}

#[test]
fn a_timeout_before_the_backlog_is_full_fails_the_surplus_as_late() {
    let mut web = one_task();
    web.workload.backlog = Some(128);
    web.workload.timeout = Some(Distribution::constant(4.0));
    let outcome = play(&at_load(web, 2.0));
    let requests = first(&outcome).requests;
    // Four seconds hold 50 requests.
    assert!(requests.rejected == 0.0, "{requests:?}");
    close(requests.timed_out, SATURATED_RPS * 1200.0 - 50.0, 0.01);
    close(requests.in_flight_at_end, 50.0, 0.02);
    assert!(first(&outcome).latency.max() <= Some(4.0 + 1e-9));
    close(rows(&outcome).last().expect("a row").cpu_utilization.expect("a task runs"), 100.0, 1e-9);
}

#[test]
fn a_random_timeout_settles_where_as_many_give_up_as_are_too_many() {
    let mut web = one_task();
    web.workload.timeout = Some(Distribution::Exponential { mean: 10.0 });
    let outcome = play(&at_load(web, 2.0));
    let last = rows(&outcome).last().expect("a row");
    close(last.failed_rps, SATURATED_RPS, 0.02);
    // exp(-r / 10) = 1/2: a response of 6.93 s.
    close(number(last), 10.0 * std::f64::consts::LN_2 * SATURATED_RPS, 0.1);
}

#[test]
fn without_a_healthy_task_every_request_is_turned_away() {
    let mut web = one_task();
    web.desired_count = 0;
    let outcome = play(&at_load(web, 2.0));
    let requests = first(&outcome).requests;
    assert!((requests.rejected - requests.offered).abs() < 1e-9 && requests.offered > 0.0, "{requests:?}");
    assert!(rows(&outcome).iter().all(|row| row.cpu_utilization.is_none() && row.latency_mean.is_none()));
}

#[test]
fn a_spike_leaves_a_queue_that_drains_at_the_surplus() {
    let mut web = one_task();
    let mut source = constant(0.8 * SATURATED_RPS);
    source.spikes = vec![step(seconds(300), 1.5, seconds(300))];
    web.traffic = vec![source];
    let mut scenario = scenario(vec![web]);
    scenario.simulation.duration = Some(minutes(30));
    let outcome = play(&scenario);
    // 0.2 x 12.5 x 300 s = 750 requests too many; they drain at 0.2 x 12.5 per second, in 300 s.
    let rows = rows(&outcome);
    close(number(&rows[9]) + 0.5 * 60.0 * 2.5, 750.0, 0.03);
    close(number(&rows[12]), 750.0 - 2.5 * 150.0, 0.06);
    assert!(number(&rows[16]) < 20.0, "{}", number(&rows[16]));
    assert!(first(&outcome).requests.in_flight_at_end < 5.0);
}

/// A plane that is driven by hand, with rows of ten seconds.
fn plane(web: &Service, span: i64) -> FluidPlane {
    let end = SimTime::from_seconds(span);
    let sources: Vec<_> = web.traffic.iter().map(|source| (source, None)).collect();
    let arrivals = Arrivals::build(&sources, time("2026-01-05T00:00:00Z"), SimTime::START, end, 1, 1).expect("valid");
    FluidPlane::new(web, arrivals, CpuNoise::new(false, 1, 1), SimTime::START, Some(RowLedger::new(seconds(10), end)))
}

fn take_rows(plane: &mut FluidPlane, by: i64) -> Vec<RowFigures> {
    std::iter::from_fn(|| plane.finished_row(SimTime::from_seconds(by))).collect()
}

/// 120 tasks at a load of 176/120 fall behind by 60 seconds of work each within 60 / (176/120 - 1) = 128.6 s. With 100 more, each gets
/// 0.8 of what it completes, and since nothing is rebalanced the old ones need 60 / 0.2 = 300 s. (A shared queue would be empty after
/// 120 x 60 / 44 = 164 s.)
#[test]
fn old_tasks_drain_at_their_own_surplus_beside_new_ones() {
    let mut web = one_task();
    web.traffic = vec![constant(176.0 * SATURATED_RPS)];
    web.workload.memory_per_request_bytes = 0.0;
    let mut plane = plane(&web, 900);
    (0..120).for_each(|task| plane.apply(FleetChange::Healthy(TaskId(task))));
    for end in (10..=120).step_by(10).chain([128]) {
        plane.advance(SimTime::from_seconds(end));
    }
    plane.advance(SimTime::from_seconds(128) + ecsim::units::SimDuration::from_millis(571));
    (120..220).for_each(|task| plane.apply(FleetChange::Healthy(TaskId(task))));
    for end in (130..=900).step_by(10) {
        plane.advance(SimTime::from_seconds(end));
    }
    let rows = take_rows(&mut plane, 900);
    assert_eq!(rows.len(), 90);
    // 120 queues of 60 s of work, of which 64 requests are in slots.
    let longest = rows.iter().map(|row| row.waiting).fold(0.0, f64::max);
    close(longest, 120.0 * (60.0 * SATURATED_RPS - 64.0), 0.05);
    // The longest response is that of a request that joined 60 s of work.
    let slowest = rows.iter().filter_map(|row| row.percentiles_seconds[2]).fold(0.0, f64::max);
    close(slowest, 60.0, 0.03);
    // Half-way, half of it is left; new tasks answer at once meanwhile, so the median of all is short.
    let half_way = &rows[27];
    close(half_way.waiting, 120.0 * (30.0 * SATURATED_RPS - 64.0), 0.1);
    // (The fluid plane divides requests by tasks: 100/220 of them see idle tasks.)
    let slow = half_way.percentiles_seconds[1].expect("requests are served");
    close(slow, 30.0, 0.1);
    // After 300 s nothing waits for a slot any more: 64 in slots are reached 64/2.5 = 26 s earlier.
    let emptied = rows.iter().skip(14).position(|row| row.waiting <= 0.0).expect("the queues drain") as f64;
    close((emptied + 14.0) * 10.0 - 128.6, 300.0 - 26.0, 0.08);
}

/// The mean number in M/M/1 at `time`, started empty: the Kolmogorov equations, by steps of a tenth of a service.
fn mean_number_of_m_m_1(load: f64, services: f64) -> f64 {
    const STATES: usize = 400;
    let (step, mut now) = (0.1, 0.0);
    let mut chance = vec![0.0; STATES];
    chance[0] = 1.0;
    while now < services {
        let before = chance.clone();
        for state in 0..STATES {
            let into_from_below = if state > 0 { load * before[state - 1] } else { 0.0 };
            let into_from_above = if state + 1 < STATES { before[state + 1] } else { 0.0 };
            let out = if state + 1 < STATES { load * before[state] } else { 0.0 } + if state > 0 { before[state] } else { 0.0 };
            chance[state] += step * (into_from_below + into_from_above - out);
        }
        now += step;
    }
    chance.iter().enumerate().map(|(state, chance)| state as f64 * chance).sum()
}

/// Relaxation is a model: it must rise, stay below the steady state and keep within 30 % of the truth.
#[test]
fn the_number_relaxes_towards_its_steady_value_like_the_exact_transient() {
    for load in [0.9, 0.95, 0.98] {
        let mut web = one_task();
        web.workload.cpu_time = Distribution::Exponential { mean: 0.4 };
        web.workload.concurrency = 5_000;
        web.traffic = vec![constant(load * 1.25)];
        let mut scenario = scenario(vec![web]);
        scenario.simulation.duration = Some(minutes(30));
        let outcome = play(&scenario);
        let mut before = 0.0;
        for (minute, row) in rows(&outcome).iter().enumerate() {
            let got = number(row);
            let exact = mean_number_of_m_m_1(load, (minute as f64 + 0.5) * 60.0 * 1.25);
            assert!(got > exact / 1.3 && got < 1.3 * exact, "{load} minute {minute}: {got} and {exact}");
            assert!(got >= before - 1e-9 && got <= load / (1.0 - load) * 1.01, "{load} minute {minute}: {got} after {before}");
            before = got;
        }
    }
}
