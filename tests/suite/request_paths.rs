//! Requests are served in batches by task, in one order of time, or, when they use no CPU, by a recursion over slots: on
//! the same input all ways give the same figures to the last digit. And nothing depends on how time is cut.

use ecsim::fleet::{FleetChange, TaskId, WHOLE_TRAFFIC};
use ecsim::scenario::model::{Distribution, RoutingAlgorithm, Service, Slo};
use ecsim::traffic::arrivals::points::ArrivalTimes;
use ecsim::traffic::gauges::{RowFigures, Sample};
use ecsim::traffic::plane::{DataPlane, ObjectiveWindow, PlaneFigures};
use ecsim::traffic::requests::{LaneSetting, batched_tasks, ordered, plane};
use ecsim::units::{SimDuration, SimTime};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

use crate::support::{constant, seconds, service, target_group, time};

const MINUTES: i64 = 6;

/// A change of the fleet at a second of the run.
type Change = (i64, FleetChange);

#[derive(Debug, PartialEq)]
struct Seen {
    samples: Vec<Sample>,
    rows: Vec<RowFigures>,
    windows: Vec<ObjectiveWindow>,
    drains: Vec<SimDuration>,
    figures: PlaneFigures,
}

fn setting<'a>(service: &'a Service, seed: u64) -> LaneSetting<'a> {
    let start = time("2026-01-05T00:00:00Z");
    let sources: Vec<_> = service.traffic.iter().map(|source| (source, None)).collect();
    let (from, until) = (SimTime::START, SimTime::from_seconds(60 * MINUTES));
    let arrivals = ArrivalTimes::build(&sources, start, from, until, seed, 3).expect("valid traffic");
    LaneSetting { is_interrupted: false, service, arrivals, seed, service_key: 3, start, from, row: Some(seconds(45)) }
}

const NANOS: i64 = 1_000_000_000;

/// Plays the changes and looks at everything; `cuts` are more instants at which time is stopped, in nanoseconds.
fn watch(plane: &mut dyn DataPlane, changes: &[Change], cuts: &[i64]) -> Seen {
    let mut seen =
        Seen { samples: Vec::new(), rows: Vec::new(), windows: Vec::new(), drains: Vec::new(), figures: PlaneFigures::default() };
    let minutes = (1..=MINUTES).map(|minute| 60 * minute);
    let seconds = minutes.chain(changes.iter().map(|(second, _)| *second));
    let mut instants: Vec<i64> = seconds.map(|second| second * NANOS).chain(cuts.iter().copied()).collect();
    instants.sort_unstable();
    instants.dedup();
    for nanos in instants {
        let now = SimTime::from_nanos(nanos);
        assert!(plane.advance(now).is_none(), "no task runs out of memory here");
        for (_, change) in changes.iter().filter(|(at, _)| *at * NANOS == nanos) {
            plane.apply(0, *change);
            if let FleetChange::Draining(task) = change {
                seen.drains.push(plane.time_to_drain(0, *task));
            }
        }
        if nanos > 0 && nanos % (60 * NANOS) == 0 {
            seen.samples.push(plane.close_minute(0, (nanos / (60 * NANOS)) as u64));
            seen.rows.extend(std::iter::from_fn(|| plane.finished_row(0, now)));
            seen.windows.extend(std::iter::from_fn(|| plane.finished_window(0, now)));
        }
    }
    plane.finish();
    seen.rows.extend(std::iter::from_fn(|| plane.finished_row(0, SimTime::from_seconds(60 * MINUTES))));
    seen.windows.extend(std::iter::from_fn(|| plane.finished_window(0, SimTime::from_seconds(60 * MINUTES))));
    seen.figures = plane.figures(0);
    seen
}

/// Part by part, so that a failure names the first figure that differs.
fn alike(one: &Seen, other: &Seen) -> Result<(), TestCaseError> {
    prop_assert_eq!(one.figures.requests, other.figures.requests);
    prop_assert_eq!(one.figures.seconds_saturated, other.figures.seconds_saturated);
    prop_assert!(one.figures.latency == other.figures.latency, "latencies differ");
    prop_assert!(one.figures.queue == other.figures.queue, "waits differ");
    prop_assert!(one.figures == other.figures, "the other figures differ");
    prop_assert_eq!(&one.drains, &other.drains);
    for (one, other) in one.samples.iter().zip(&other.samples) {
        prop_assert_eq!(one, other);
    }
    for (one, other) in one.rows.iter().zip(&other.rows) {
        prop_assert_eq!(one, other);
    }
    prop_assert!(one == other, "windows differ, or the number of rows");
    Ok(())
}

/// Tasks that come, drain and stop, some of them in the second target group, and shares of that group: task 0 is there throughout.
fn any_changes() -> impl Strategy<Value = Vec<Change>> {
    let task = (1_u32..6, 0_i64..300, 1_i64..200, 0_i64..60);
    let share = (0_i64..300, prop_oneof![Just(0), Just(WHOLE_TRAFFIC), 0..WHOLE_TRAFFIC]);
    (prop::collection::vec(task, 0..5), prop::collection::vec(share, 0..4)).prop_map(|(tasks, shares)| {
        let mut changes = vec![(0, FleetChange::Healthy(TaskId(0)))];
        changes.extend(shares.into_iter().map(|(at, share)| (at, FleetChange::SecondGroupShare(share))));
        for (index, (group, healthy, served, drained)) in (1_u32..).zip(tasks) {
            let task = TaskId(index);
            if group % 2 == 0 {
                changes.push((healthy, FleetChange::InSecondGroup(task)));
            }
            changes.push((healthy, FleetChange::Healthy(task)));
            changes.push((healthy + served, FleetChange::Draining(task)));
            changes.push((healthy + served + drained, FleetChange::Stopped(task)));
        }
        changes.retain(|(second, _)| *second < 60 * MINUTES);
        changes.sort_by_key(|(second, _)| *second);
        changes
    })
}

fn any_time(scale: f64) -> impl Strategy<Value = Distribution> {
    let mean = (0.05..1.0_f64).prop_map(move |mean| mean * scale);
    prop_oneof![
        mean.clone().prop_map(Distribution::constant),
        mean.clone().prop_map(|mean| Distribution::Exponential { mean }),
        (mean, 0.3..3.0).prop_map(|(mean, cv)| Distribution::Lognormal { mean, cv }),
    ]
}

fn any_service(cpu_time: BoxedStrategy<Distribution>, timeout: BoxedStrategy<Option<Distribution>>) -> impl Strategy<Value = Service> {
    let limits =
        (prop_oneof![Just(1_u32), 2_u32..8, Just(100)], prop::option::of(0_u32..20), any::<bool>(), prop_oneof![Just(0.0), 0.0..0.5]);
    let routing = (select(vec![RoutingAlgorithm::RoundRobin, RoutingAlgorithm::WeightedRandom]), select(vec![0_i64, 60]));
    let traffic = (1.0..60.0_f64, prop_oneof![Just(1.0), 0.0..5.0], any::<bool>());
    (cpu_time, any_time(0.3), timeout, limits, routing, traffic).prop_map(
        |(
            cpu_time,
            wait_time,
            timeout,
            (concurrency, backlog, finishes, error_rate),
            (algorithm, slow_start),
            (rate, dispersion, even),
        )| {
            let mut web = service("web", 1);
            let workload = &mut web.workload;
            (workload.cpu_time, workload.wait_time, workload.timeout) = (cpu_time, wait_time, timeout);
            (workload.concurrency, workload.backlog, workload.error_rate) = (concurrency, backlog, error_rate);
            workload.finishes_late_requests = finishes;
            workload.memory_per_request_bytes = 0.0;
            let mut group = target_group(algorithm, seconds(30));
            if algorithm == RoutingAlgorithm::RoundRobin {
                group.slow_start = seconds(slow_start);
            }
            web.target_group = Some(group);
            web.slo = Some(Slo { latency_seconds: Some(0.3), availability: Some(0.9), window: seconds(50) });
            let mut source = constant(rate);
            (source.dispersion, source.deterministic_arrivals) = (dispersion, even);
            web.traffic = vec![source, constant(2.0)];
            web
        },
    )
}

fn any_timeout() -> BoxedStrategy<Option<Distribution>> {
    prop::option::of(any_time(2.0)).boxed()
}

fn constant_timeout() -> BoxedStrategy<Option<Distribution>> {
    prop::option::of((0.05..2.0_f64).prop_map(Distribution::constant)).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, rng_seed: RngSeed::Fixed(20_260_302), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn batches_and_one_order_of_time_give_the_same_figures(
        web in any_service(any_time(0.2).boxed(), any_timeout()), changes in any_changes(), seed in any::<u64>(),
    ) {
        let batched = watch(plane(vec![setting(&web, seed)], &[0]).as_mut(), &changes, &[]);
        let in_order = watch(ordered(vec![setting(&web, seed)], &[0]).as_mut(), &changes, &[]);
        alike(&batched, &in_order)?;
    }

    #[test]
    fn ends_that_are_known_are_those_that_come(
        web in any_service(Just(Distribution::constant(0.0)).boxed(), constant_timeout()), changes in any_changes(), seed in any::<u64>(),
    ) {
        let known = watch(plane(vec![setting(&web, seed)], &[0]).as_mut(), &changes, &[]);
        let event_by_event = watch(batched_tasks(setting(&web, seed)).as_mut(), &changes, &[]);
        alike(&known, &event_by_event)?;
    }

    #[test]
    fn how_time_is_cut_changes_nothing(
        web in any_service(prop_oneof![Just(Distribution::constant(0.0)), any_time(0.2)].boxed(), any_timeout()),
        changes in any_changes(), seed in any::<u64>(), cuts in prop::collection::vec(1_i64..60 * MINUTES * NANOS, 0..20),
    ) {
        let whole = watch(plane(vec![setting(&web, seed)], &[0]).as_mut(), &changes, &[]);
        let cut = watch(plane(vec![setting(&web, seed)], &[0]).as_mut(), &changes, &cuts);
        alike(&whole, &cut)?;
    }
}
