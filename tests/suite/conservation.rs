//! What must hold of any run: nothing is lost and nothing appears, every figure is a number, and the counts of tasks agree.
//!
//! The scenarios are small, random and often absurd: tiny and large tasks, no limits or tight ones, windows that start off the minute.
//! A failure prints the scenario.

use ecsim::outcome::{Outcome, RequestCounts, ServiceOutcome, Summary};
use ecsim::scenario::model::{
    Calls, CapacityProvider, Distribution, Drain, Fidelity, MetricValue, Platform, Policy, RoutingAlgorithm, Scaling, Scenario, Service,
    Slo, Spot, SpotDeregistration, StrategyItem, Suspended, TargetTracking, TrackedMetric, TrafficKind, TrafficSource, Users, Workload,
};
use ecsim::units::{CpuUnits, SimDuration};
use ecsim::usage::minimum_billed_seconds;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

use crate::support::{constant, message_queue, play, scenario, seconds, service, step, strategy, target_group, time, traffic, wave};

fn any_traffic() -> impl Strategy<Value = TrafficSource> {
    let rate = prop_oneof![Just(0.0), 0.01..5.0, 5.0..400.0];
    let source = prop_oneof![
        rate.clone().prop_map(constant),
        (rate.clone(), rate, 600_i64..90_000).prop_map(|(base, peak, period)| wave(base, peak, seconds(period))),
    ];
    let spikes = prop::collection::vec((0_i64..9_000, 0.0..20.0, 1_i64..3_000), 0..3);
    (source, spikes, any::<bool>(), 0.0..4.0, -0.5..1.0).prop_map(|(mut source, spikes, even, dispersion, growth)| {
        source.spikes = spikes.into_iter().map(|(at, factor, hold)| step(seconds(at), factor, seconds(hold))).collect();
        (source.deterministic_arrivals, source.dispersion, source.growth) = (even, dispersion, growth);
        source
    })
}

fn any_seconds(scale: f64) -> impl Strategy<Value = Distribution> {
    let mean = (0.01..1.0_f64).prop_map(move |mean| mean * scale);
    prop_oneof![
        mean.clone().prop_map(Distribution::constant),
        mean.clone().prop_map(|mean| Distribution::Exponential { mean }),
        (mean.clone(), 0.1..4.0).prop_map(|(mean, cv)| Distribution::Lognormal { mean, cv }),
        (mean, 1.1..4.0).prop_map(|(mean, shape)| Distribution::Pareto { mean, shape }),
    ]
}

fn any_workload(base: Workload) -> impl Strategy<Value = Workload> {
    let times = (
        prop_oneof![4 => any_seconds(0.2), 1 => Just(Distribution::constant(0.0))],
        prop_oneof![3 => any_seconds(0.5), 2 => Just(Distribution::constant(0.0))],
    );
    let limits = (
        prop_oneof![Just(1_u32), 2_u32..200, Just(5_000)],
        prop::option::of(0_u32..300),
        prop::option::of(prop_oneof![any_seconds(2.0), any_seconds(90.0)]),
    );
    let task = (prop_oneof![Just(0.0), 0.0..1.0], 0.0..0.5, 0.0..1.0, any_seconds(60.0), any_seconds(60.0), 0.0..2e9);
    (times, limits, task).prop_map(move |((cpu_time, wait_time), (concurrency, backlog, timeout), task)| {
        let (error_rate, idle_cpu, start_cpu, provisioning, start_time, image_size_bytes) = task;
        let mut workload = Workload { cpu_time, wait_time, concurrency, backlog, timeout, error_rate, idle_cpu, ..base.clone() };
        workload.start_up.cpu = start_cpu;
        workload.start_up.provisioning = provisioning;
        workload.start_up.time = start_time;
        workload.start_up.image_size_bytes = image_size_bytes;
        workload
    })
}

fn any_strategy() -> impl Strategy<Value = Vec<StrategyItem>> {
    use CapacityProvider::{Fargate, FargateSpot};
    prop_oneof![
        Just(vec![strategy(Fargate, 0, 1)]),
        Just(vec![strategy(FargateSpot, 0, 1)]),
        (0_u32..5, 0_u32..4, 1_u32..4).prop_map(|(base, left, right)| vec![strategy(Fargate, base, left), strategy(FargateSpot, 0, right)]),
        (0_u32..5, 1_u32..4, 0_u32..4).prop_map(|(base, left, right)| vec![strategy(FargateSpot, base, left), strategy(Fargate, 0, right)]),
    ]
}

/// Scaling, with the desired count inside its bounds.
fn any_scaling() -> impl Strategy<Value = (Option<Scaling>, u32)> {
    let policy = |metric: TrackedMetric, target: std::ops::Range<f64>| {
        (target, 0_i64..900, 0_i64..900, any::<bool>()).prop_map(move |(target_value, out, inward, disable_scale_in)| {
            Policy::TargetTracking(TargetTracking {
                name: format!("{metric:?}"),
                metric: metric.clone(),
                target_value,
                scale_out_cooldown: seconds(out),
                scale_in_cooldown: seconds(inward),
                disable_scale_in,
            })
        })
    };
    let policies = (
        policy(TrackedMetric::CPU, 10.0..90.0),
        prop::option::of(policy(TrackedMetric::AlbRequestCountPerTarget, 1.0..3_000.0)),
        prop::option::of(policy(TrackedMetric::MEMORY, 20.0..95.0)),
    )
        .prop_map(|(cpu, requests, memory)| [Some(cpu), requests, memory].into_iter().flatten().collect());
    let scaling =
        (0_u32..4, 0_u32..30, policies, any::<bool>(), any::<bool>()).prop_map(|(min, room, policies, stop_in, stop_out)| Scaling {
            min_capacity: min,
            max_capacity: min + room,
            suspended: Suspended { dynamic_scaling_in: stop_in, dynamic_scaling_out: stop_out, scheduled_scaling: false },
            scheduled_actions: Vec::new(),
            policies,
        });
    (prop::option::weighted(0.8, scaling), 0_u32..12).prop_map(|(scaling, wanted)| {
        let desired = scaling.as_ref().map_or(wanted, |scaling| wanted.clamp(scaling.min_capacity, scaling.max_capacity));
        (scaling, desired)
    })
}

fn any_service(name: &'static str) -> impl Strategy<Value = Service> {
    let base = service(name, 0);
    let task = (
        select(vec![256_u32, 512, 1024, 4096, 16_384]),
        select(vec![Platform::LinuxX86, Platform::LinuxArm, Platform::WindowsX86]),
        2_i64..120,
    );
    let any_target_group =
        prop::option::weighted(0.7, (select(vec![RoutingAlgorithm::RoundRobin, RoutingAlgorithm::WeightedRandom]), 0_i64..900));
    let slo = prop::option::of((prop::option::of(0.01..2.0), prop::option::of(0.5..1.0), 1_i64..900));
    let traffic = prop::collection::vec(any_traffic(), 0..3);
    let queue = prop::option::weighted(
        0.4,
        (0_i64..300, 60_i64..9_000).prop_map(|(visibility, retention)| message_queue(seconds(visibility), seconds(retention))),
    );
    (task, any_target_group, slo, traffic, any_workload(base.workload.clone()), any_strategy(), any_scaling(), queue).prop_map(
        move |((cpu, platform, stop_timeout), group, slo, traffic, workload, strategy, (scaling, desired_count), queue)| {
            let mut service = Service { desired_count, strategy, traffic, workload, scaling, ..base.clone() };
            (service.task.cpu, service.task.platform, service.task.stop_timeout) = (CpuUnits(cpu), platform, seconds(stop_timeout));
            service.target_group = group.map(|(algorithm, delay)| target_group(algorithm, seconds(delay)));
            if let Some(queue) = queue {
                (service.workload.queue, service.workload.backlog, service.workload.timeout) = (Some(queue), None, None);
                service.target_group = None;
            }
            service.slo = slo.map(|(latency_seconds, availability, window)| Slo { latency_seconds, availability, window: seconds(window) });
            service
        },
    )
}

fn any_scenario() -> impl Strategy<Value = Scenario> {
    let services = prop_oneof![
        any_service("web").prop_map(|web| vec![web]),
        (any_service("web"), any_service("api")).prop_map(|(web, api)| vec![web, api]),
    ];
    let window = (0_i64..7_200, 1_i64..9_000, prop_oneof![Just(0_i64), 1_i64..4_000], 1_i64..700, any::<u64>());
    let assumptions = (
        select(vec![MetricValue::Latest, MetricValue::Mean, MetricValue::Max]),
        select(vec![Drain::Full, Drain::Early]),
        select(vec![SpotDeregistration::AtWarning, SpotDeregistration::AtStop]),
        (any::<bool>(), 0_i64..300, 100_i64..20_000, 0.0..1.0, 0_u32..4),
    );
    let spot = (0.0..0.99, prop_oneof![Just(720_i64 * 3600), 600_i64..20_000]);
    (services, window, assumptions, spot, 1_u32..6).prop_map(|(services, window, assumptions, (interruption_rate, period), zones)| {
        let mut scenario = scenario(services);
        let (offset, duration, warm_up, resolution, seed) = window;
        scenario.simulation.start = Some(time("2026-01-05T00:00:00Z") + jiff::SignedDuration::from_secs(offset));
        scenario.simulation.duration = Some(seconds(duration));
        scenario.simulation.warm_up = seconds(warm_up);
        scenario.simulation.timeline_resolution = seconds(resolution);
        scenario.simulation.seed = seed;
        scenario.cluster.availability_zones = zones;
        scenario.spot = Spot { interruption_rate, interruption_period: seconds(period), ..scenario.spot };
        let (metric_value, drain, deregistration, (noise, delay, tick, fraction, ticks)) = assumptions;
        let open = &mut scenario.assumptions;
        (open.target_tracking_metric_value, open.drain, open.spot_deregistration) = (metric_value, drain, deregistration);
        (open.sampling_noise, open.max_scale_in_fraction, open.registration_ticks) = (noise, fraction, ticks);
        (open.minute_publication_delay, open.scheduler_tick) = (seconds(delay), SimDuration::from_millis(tick));
        scenario
    })
}

/// What only single requests can do, as far as it fits the service.
#[derive(Clone, Debug)]
struct Wishes {
    users: Option<(u32, Distribution)>,
    retries: u32,
    finishes_late: bool,
    least_outstanding: bool,
    slow_start_seconds: i64,
    shares_workers: bool,
    max_receive_count: Option<u32>,
    receive_batch_size: u32,
    calls: Option<(f64, bool, bool)>,
    memory_per_request_bytes: f64,
}

fn any_wishes() -> impl Strategy<Value = Wishes> {
    let clients = (prop::option::weighted(0.3, (0_u32..30, any_seconds(2.0))), prop_oneof![Just(0_u32), 1_u32..4], any::<bool>());
    let balancer = (any::<bool>(), select(vec![0_i64, 60]), any::<bool>());
    let queue = (prop::option::of(1_u32..4), 1_u32..=10);
    let calls = prop::option::of((0.0..2.5_f64, any::<bool>(), any::<bool>()));
    (clients, balancer, queue, calls, prop_oneof![3 => Just(1e6), 1 => 1e6..2e8]).prop_map(
        |((users, retries, finishes_late), (least_outstanding, slow_start_seconds, shares_workers), queue, calls, memory)| Wishes {
            users,
            retries,
            finishes_late,
            least_outstanding,
            slow_start_seconds,
            shares_workers,
            max_receive_count: queue.0,
            receive_batch_size: queue.1,
            calls,
            memory_per_request_bytes: memory,
        },
    )
}

/// The scenario with single requests, few enough of them, and with the wishes that fit.
fn as_requests(mut scenario: Scenario, wishes: &Wishes) -> Scenario {
    scenario.simulation.fidelity = Fidelity::Request;
    scenario.simulation.duration = scenario.simulation.duration.map(|duration| duration.min(seconds(1_500)));
    scenario.simulation.warm_up = scenario.simulation.warm_up.min(seconds(300));
    for service in &mut scenario.services {
        for source in &mut service.traffic {
            source.spikes.iter_mut().for_each(|spike| spike.factor = spike.factor.min(3.0));
            match &mut source.kind {
                TrafficKind::Constant(rate_rps) => *rate_rps = rate_rps.min(30.0),
                TrafficKind::Pattern(pattern) => {
                    (pattern.base_rps, pattern.peak_rps) = (pattern.base_rps.min(20.0), pattern.peak_rps.min(30.0))
                }
                _ => {}
            }
        }
        service.workload.memory_per_request_bytes = wishes.memory_per_request_bytes;
        if let Some(queue) = &mut service.workload.queue {
            (queue.max_receive_count, queue.receive_batch_size) = (wishes.max_receive_count, wishes.receive_batch_size);
            continue;
        }
        service.workload.retries.max = wishes.retries;
        service.workload.finishes_late_requests = wishes.finishes_late;
        if let Some((count, think_time)) = &wishes.users {
            service.traffic.push(traffic(TrafficKind::Users(Users { count: *count, think_time: think_time.clone() })));
        }
        if let Some(group) = &mut service.target_group {
            group.health_check.shares_workers = wishes.shares_workers;
            if wishes.least_outstanding {
                group.algorithm = RoutingAlgorithm::LeastOutstandingRequests;
            } else if group.algorithm == RoutingAlgorithm::RoundRobin {
                group.slow_start = seconds(wishes.slow_start_seconds);
            }
        }
    }
    if let (Some((per_request, synchronous, parallel)), [_, callee]) = (wishes.calls, &mut scenario.services[..]) {
        let synchronous = synchronous && callee.workload.queue.is_none();
        callee.traffic.push(traffic(TrafficKind::Calls(Calls { caller: 0, per_request, synchronous, parallel })));
    }
    scenario
}

fn close(left: f64, right: f64, relative: f64) -> bool {
    (left - right).abs() <= relative * left.abs().max(right.abs()).max(1.0)
}

fn check_requests(counts: &RequestCounts) -> Result<(), TestCaseError> {
    let parts = [counts.served, counts.rejected, counts.timed_out, counts.failed, counts.in_flight_at_end];
    for part in parts.iter().chain([&counts.offered]) {
        prop_assert!(part.is_finite() && *part >= 0.0, "{counts:?}");
    }
    prop_assert!(close(parts.iter().sum(), counts.offered, 1e-9), "{counts:?}");
    Ok(())
}

fn check_percentage(summary: &Summary) -> Result<(), TestCaseError> {
    for figure in [summary.mean, summary.p95, summary.max].into_iter().flatten() {
        prop_assert!((0.0..=100.0).contains(&figure), "{summary:?}");
    }
    Ok(())
}

fn check_latency(outcome: &ServiceOutcome) -> Result<(), TestCaseError> {
    for histogram in [&outcome.latency, &outcome.queue] {
        let figures = [histogram.mean(), histogram.quantile(0.5), histogram.quantile(0.95), histogram.quantile(0.99), histogram.max()];
        for figure in figures.into_iter().flatten() {
            prop_assert!(figure.is_finite() && figure >= 0.0, "{figures:?}");
        }
        prop_assert!(figures[1] <= figures[2] && figures[2] <= figures[3] && figures[3] <= figures[4], "{figures:?}");
    }
    Ok(())
}

/// Desired within its bounds; the base before the weights; a launched task is active, or was stopped.
fn check_tasks(service: &Service, outcome: &ServiceOutcome) -> Result<(), TestCaseError> {
    let (least, most) = match &service.scaling {
        Some(scaling) => (scaling.min_capacity, scaling.max_capacity),
        None => (service.desired_count, service.desired_count),
    };
    let desired = outcome.desired_tasks;
    prop_assert!(least <= desired.min && desired.max <= most, "{desired:?} outside of {least} to {most}");
    for count in [desired, outcome.running_tasks] {
        prop_assert!(f64::from(count.min) <= count.mean + 1e-9 && count.mean <= f64::from(count.max) + 1e-9, "{count:?}");
    }
    // Tasks that stop leave the running count at once, so it exceeds the desired count by none that start late.
    prop_assert!(outcome.running_tasks.max <= most, "{:?}", outcome.running_tasks);
    for row in &outcome.timeline {
        prop_assert!(row.healthy <= row.running + u32::from(service.strategy.iter().any(is_spot)) * most, "{row:?}");
        prop_assert!(row.pending + row.running <= most, "{row:?}");
    }
    let reasons: u64 = outcome.scaling.not_scaled.iter().map(|(_, count)| count).sum();
    let refused = outcome.scaling_activities.iter().filter(|activity| activity.not_scaled_reason().is_some()).count();
    prop_assert_eq!(reasons as usize, refused);
    let scaled = (outcome.scaling.scale_in + outcome.scaling.scale_out) as usize;
    prop_assert_eq!(scaled + refused, outcome.scaling_activities.len());
    prop_assert!(outcome.spot_largest_simultaneous_loss <= outcome.spot_interrupted);
    Ok(())
}

fn is_spot(item: &StrategyItem) -> bool {
    item.capacity_provider == CapacityProvider::FargateSpot
}

/// The bill of a task is its span, rounded up to a second, or the minimum.
fn check_billing(service: &Service, outcome: &ServiceOutcome, whole: &Outcome) -> Result<(), TestCaseError> {
    let minimum = minimum_billed_seconds(service.task.platform.price_key());
    let mut hours = 0.0;
    for (provider, provider_hours) in &outcome.task_hours {
        let usage = whole.usage.tasks.iter().filter(|usage| usage.service == service.name && usage.capacity_provider == *provider);
        let by_hour: Vec<u64> = usage.flat_map(|usage| usage.billed_seconds.iter().copied()).collect();
        prop_assert!(by_hour.is_empty() || by_hour.len() == whole.usage.hours);
        prop_assert!(close(by_hour.iter().sum::<u64>() as f64, provider_hours * 3600.0, 1e-9));
        hours += provider_hours;
    }
    let launched: u64 = outcome.tasks_launched.iter().map(|(_, count)| count).sum();
    let states = [outcome.starting_task_hours, outcome.serving_task_hours, outcome.draining_task_hours];
    prop_assert!(states.iter().all(|hours| hours.is_finite() && *hours >= 0.0), "{states:?}");
    let spans = 3600.0 * states.iter().sum::<f64>();
    // Every task that was there at some time: launched in the window, or before it (in the warm-up or at its start).
    let before = f64::from(outcome.running_tasks.max.max(outcome.desired_tasks.max)) + 1.0;
    let present = launched as f64 + 4.0 * before;
    let most_added = launched as f64 * minimum as f64 + present;
    prop_assert!(3600.0 * hours >= spans - 1e-3, "{hours} h billed, {spans} s spanned");
    prop_assert!(3600.0 * hours <= spans + most_added, "{hours} h billed, {spans} s spanned, {launched} launched");
    if !outcome.timeline.is_empty() {
        let step = whole.timeline_resolution.as_seconds_f64();
        let duration = whole.duration.as_seconds_f64();
        let of_row = |(index, row): (usize, &ecsim::outcome::TimelineRow)| {
            let span = (duration - index as f64 * step).min(step);
            span * row.billed_tasks.iter().sum::<f64>()
        };
        let of_rows: f64 = outcome.timeline.iter().enumerate().map(of_row).sum();
        prop_assert!(close(of_rows, spans, 1e-6), "{of_rows} s in rows, {spans} s spanned");
    }
    Ok(())
}

fn check_timeline(service: &Service, outcome: &ServiceOutcome, whole: &Outcome) -> Result<(), TestCaseError> {
    let (step, duration) = (whole.timeline_resolution.as_seconds_f64(), whole.duration.as_seconds_f64());
    prop_assert_eq!(outcome.timeline.len(), (duration / step).ceil() as usize);
    let (mut offered, mut served, mut failed) = (0.0, 0.0, 0.0);
    for (index, row) in outcome.timeline.iter().enumerate() {
        let span = (duration - index as f64 * step).min(step);
        offered += row.offered_rps * span;
        served += row.served_rps * span;
        failed += row.failed_rps * span;
        let rates = [row.offered_rps, row.served_rps, row.failed_rps, row.queue_length];
        prop_assert!(rates.iter().all(|rate| rate.is_finite() && *rate >= 0.0), "{row:?}");
        // Requests are in the row of their arrival, messages in that of their end.
        let is_queue = service.workload.queue.is_some();
        prop_assert!(is_queue || close(row.offered_rps, row.served_rps + row.failed_rps, 1e-9), "{row:?}");
        let percentages = [row.cpu_utilization, row.memory_utilization];
        prop_assert!(percentages.into_iter().flatten().all(|percent| (0.0..=100.0).contains(&percent)), "{row:?}");
        for latency in [row.latency_mean, row.latency_p50, row.latency_p95, row.latency_p99].into_iter().flatten() {
            prop_assert!(latency.is_finite() && latency >= 0.0, "{row:?}");
        }
    }
    prop_assert!(close(offered, outcome.requests.offered, 1e-9), "{offered} in rows, {:?}", outcome.requests);
    if let Some(queue) = &outcome.message_queue {
        prop_assert!(close(served, outcome.requests.served, 1e-6), "{served} in rows, {:?}", outcome.requests);
        prop_assert!(close(failed, outcome.requests.failed, 1e-6), "{failed} in rows, {:?}", outcome.requests);
        prop_assert!(close(outcome.latency.count(), outcome.requests.served, 1e-6), "{:?}", outcome.requests);
        let figures = [queue.age_of_oldest_seconds, queue.visible_max, queue.redelivered];
        prop_assert!(figures.iter().all(|figure| figure.is_finite() && *figure >= 0.0), "{queue:?}");
    }
    Ok(())
}

fn check_spans(outcome: &ServiceOutcome, whole: &Outcome) -> Result<(), TestCaseError> {
    let duration = whole.duration.as_seconds_f64();
    let scaling = &outcome.scaling;
    // The figures of minutes count a minute that the window cuts whole or not at all.
    for span in [scaling.seconds_saturated, scaling.seconds_at_max_capacity, scaling.seconds_below_needed, outcome.slo_seconds_over] {
        prop_assert!((0.0..=duration + 1e-6).contains(&span), "{span} s of {duration}: {scaling:?}");
    }
    prop_assert!(scaling.reversals_per_hour.is_finite() && scaling.reversals_per_hour >= 0.0);
    prop_assert!(scaling.reaction_seconds.windows(2).all(|pair| pair[0] <= pair[1]));
    prop_assert!(scaling.reaction_seconds.iter().all(|reaction| *reaction > 0.0));
    Ok(())
}

fn check_flows(outcome: &ServiceOutcome, whole: &Outcome, index: usize, retries: bool) -> Result<(), TestCaseError> {
    let flows = &whole.usage.flows[index];
    prop_assert_eq!(flows.requests.len(), whole.usage.hours);
    let requests: f64 = flows.requests.iter().sum();
    // A request from before the window may be tried again in it: that attempt passes the balancer and counts nowhere else.
    prop_assert!(
        close(requests, outcome.requests.attempts, 1e-9) || retries && requests > outcome.requests.attempts,
        "{flows:?} {:?}",
        outcome.requests
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, rng_seed: RngSeed::Fixed(20_260_105), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_in_any_scenario(scenario in any_scenario()) {
        let whole = play(&scenario);
        for (index, (service, outcome)) in scenario.services.iter().zip(&whole.services).enumerate() {
            check_requests(&outcome.requests)?;
            check_percentage(&outcome.cpu_utilization)?;
            check_percentage(&outcome.memory_utilization)?;
            check_latency(outcome)?;
            check_tasks(service, outcome)?;
            check_billing(service, outcome, &whole)?;
            check_timeline(service, outcome, &whole)?;
            check_spans(outcome, &whole)?;
            check_flows(outcome, &whole, index, false)?;
        }
    }

    /// Single requests are counted in whole numbers, so what arrived is exactly what ended and what is left.
    #[test]
    fn no_single_request_is_lost(scenario in any_scenario(), wishes in any_wishes()) {
        let scenario = as_requests(scenario, &wishes);
        let whole = play(&scenario);
        for (index, (service, outcome)) in scenario.services.iter().zip(&whole.services).enumerate() {
            let counts = &outcome.requests;
            let ended = counts.served + counts.rejected + counts.timed_out + counts.failed;
            prop_assert_eq!(counts.offered, ended + counts.in_flight_at_end, "{:?}", counts);
            let all = [counts.offered, counts.served, counts.rejected, counts.timed_out, counts.failed, counts.in_flight_at_end];
            prop_assert!(all.iter().all(|count| count.fract() == 0.0 && *count >= 0.0), "{:?}", counts);
            prop_assert!(counts.attempts >= counts.offered && outcome.latency.count() == counts.served, "{:?}", counts);
            check_percentage(&outcome.cpu_utilization)?;
            check_percentage(&outcome.memory_utilization)?;
            check_latency(outcome)?;
            check_spans(outcome, &whole)?;
            check_flows(outcome, &whole, index, scenario.simulation.warm_up > SimDuration::ZERO)?;
            check_billing(service, outcome, &whole)?;
        }
        prop_assert_eq!(format!("{:?}", play(&scenario).services), format!("{:?}", whole.services), "the same once more");
    }

    /// Without interruptions and without scaling, the strategy's division holds at all times: base first, then weights.
    #[test]
    fn the_base_is_filled_before_weights_count(strategy in any_strategy(), desired_count in 0_u32..40) {
        let mut web = service("web", desired_count);
        web.strategy.clone_from(&strategy);
        let mut scenario = scenario(vec![web]);
        scenario.spot.interruption_rate = 0.0;
        let whole = play(&scenario);
        let hours = |item: &StrategyItem| {
            let of_item = whole.services[0].task_hours.iter().find(|(name, _)| *name == item.capacity_provider.name(&[]));
            of_item.map_or(0.0, |(_, hours)| *hours)
        };
        let weights: f64 = strategy.iter().map(|item| f64::from(item.weight)).sum();
        let bases: u32 = strategy.iter().map(|item| item.base).sum();
        let beyond = f64::from(desired_count.saturating_sub(bases));
        for item in &strategy {
            let base = f64::from(item.base.min(desired_count));
            let exact = base + beyond * f64::from(item.weight) / weights;
            prop_assert!((hours(item) - exact).abs() < 1.0 + 1e-9, "{item:?}: {} of {desired_count}", hours(item));
            prop_assert!(hours(item) >= base);
        }
        prop_assert!(close(strategy.iter().map(hours).sum(), f64::from(desired_count), 1e-12));
    }
}
