//! What was measured of the scheduler and of starts, and AWS's own figures: each case with its stated acceptance. Five services of
//! 700 tasks are in `launch_limits`, Spot without capacity and correlated interruptions in `spot`, recovering targets in `health_checks`,
//! a started task on its way to its target group in `scaling_timing`.

use ecsim::control::account::TokenBucket;
use ecsim::control::tasks::{TaskState, TaskTable};
use ecsim::fleet::TaskId;
use ecsim::outcome::Outcome;
use ecsim::scenario::model::{
    CapacityProvider, Distribution, Event, EventKind, Fidelity, Moment, Quotas, Scenario, Service, StartUp, When,
};
use ecsim::units::{CpuUnits, SimDuration, SimTime};

use crate::support::{constant, container_check, first, minutes, play, play_without_timeline, scenario, seconds, service, strategy};

/// ecs_event_timings: series, phase, seconds.
const TIMINGS: &str = include_str!("../data/ecs-event-timings.csv");

/// Somebody asks for so many tasks of a service this long after the start.
fn asked(after: i64, service: usize, desired_count: u32) -> Event {
    Event { when: When::At(Moment::Offset(seconds(after))), kind: EventKind::DesiredCount { service, desired_count } }
}

/// A service without requests of which somebody wants so many tasks a minute after the start; its application is ready at once.
fn grown(from: u32, to: u32, change: impl Fn(&mut StartUp)) -> Scenario {
    let mut web = service("web", from);
    web.workload.idle_cpu = 0.0;
    web.workload.start_up.time = Distribution::constant(0.0);
    change(&mut web.workload.start_up);
    let mut scenario = scenario(vec![web]);
    scenario.events = vec![asked(60, 0, to)];
    scenario.simulation.timeline_resolution = SimDuration::from_millis(100);
    scenario.simulation.duration = Some(minutes(10));
    scenario.assumptions.sampling_noise = false;
    scenario
}

/// Seconds at whose end so many tasks of the first service run, are healthy.
fn seconds_until(outcome: &Outcome, count: u32) -> [f64; 2] {
    let rows = &first(outcome).timeline;
    let row_seconds = outcome.timeline_resolution.as_seconds_f64();
    let running = rows.iter().position(|row| row.running >= count).expect("so many run");
    let healthy = rows.iter().position(|row| row.healthy >= count).expect("so many are healthy");
    [running, healthy].map(|row| (row + 1) as f64 * row_seconds)
}

/// START-SOCI-413MB (elasticscale.com/blog/reduce-aws-fargate-pull-times-with-soci, April 2024): ten starts of an image of 413 MB in a
/// private subnet, createdAt to startedAt, 53 to 62 s, p50 56.0 s. Accepted: the defaults give a p50 of 50 to 65 s and a coefficient of
/// variation of at most 0.1. The tick after 60 s comes at 66.5 s.
#[test]
fn an_image_of_413_megabytes_starts_as_measured() {
    let outcome = play(&grown(1, 11, |start_up| start_up.image_size_bytes = 413e6));
    let starts: Vec<f64> = (2..=11).map(|count| seconds_until(&outcome, count)[0] - 66.5).collect();
    let mean = starts.iter().sum::<f64>() / 10.0;
    let deviation = (starts.iter().map(|start| (start - mean) * (start - mean)).sum::<f64>() / 9.0).sqrt();
    println!("413 MB: {mean:.1} s on average (measured 56.9), deviation {deviation:.1} s");
    assert!((50.0..=65.0).contains(&starts[5]), "{starts:?}");
    assert!(deviation / mean <= 0.1, "{starts:?}");
    // By hand: 15 s and 413 / 9.6.
    assert!((mean - 58.0).abs() < 0.2, "{mean}");
}

/// AWS's benchmark of 2026 implies 23 s from the decision to a running task of a small image.
#[test]
fn a_small_image_starts_as_in_the_benchmark_of_aws() {
    let outcome = play(&grown(1, 2, |_| ()));
    assert!((seconds_until(&outcome, 2)[0] - 66.5 - 23.3).abs() < 0.2);
}

/// With lazy loading a third of the image is pulled before the container starts: 15 + 413 x 0.33 / 9.6 = 29.2 s in place of 58.0 s, half of it, as
/// reports of SOCI on Fargate have it (40 % and "up to 50 %" less). The pull is billed from its beginning in both: 81.5 s into the run.
#[test]
fn a_lazily_loaded_image_starts_in_half_the_time() {
    let run = |share| play(&grown(1, 2, |start_up| (start_up.image_size_bytes, start_up.pulled_share) = (413e6, share)));
    let (whole, lazy) = (run(1.0), run(0.33));
    assert!((seconds_until(&lazy, 2)[0] - 66.5 - 29.2).abs() < 0.2);
    let [after_whole, after_lazy] = [&whole, &lazy].map(|outcome| seconds_until(outcome, 2)[0] - 66.5);
    assert!((after_lazy / after_whole - 0.5).abs() < 0.01, "{after_lazy} {after_whole}");
    for outcome in [whole, lazy] {
        let billed: u64 = outcome.usage.tasks[0].billed_seconds.iter().sum();
        // 600 s of the first task; the second from 81.5 s on, rounded up.
        assert_eq!(billed, 600 + 519);
    }
}

/// LB-HEALTH and START-REGISTER-EXPD03: a new target needs one success, so it is healthy 1.1 to 2.5 s after its registration whatever
/// its thresholds are, and registration happens in ticks of the scheduler, 9 to 10 s apart, two or three of them after the start.
#[test]
fn a_new_target_needs_one_success_and_a_tick() {
    let measured = |phase: &str| -> Vec<f64> {
        let of_phase = TIMINGS.lines().filter(|line| line.split(',').nth(1) == Some(phase));
        of_phase.map(|line| line.rsplit(',').next().unwrap().parse().unwrap()).collect()
    };
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let to_healthy = measured("registered_to_healthy");
    assert_eq!(to_healthy.len(), 4);
    let mut waits = Vec::new();
    for image_megabytes in 50..146 {
        let mut scenario = grown(1, 2, |start_up| start_up.image_size_bytes = f64::from(image_megabytes) * 1e6);
        scenario.services[0].target_group.as_mut().unwrap().health_check.healthy_threshold = 10;
        let [running, healthy] = seconds_until(&play(&scenario), 2);
        let first_check = scenario.assumptions.first_health_check.as_seconds_f64();
        assert!((1.1..=2.5).contains(&first_check) && (first_check - mean(&to_healthy)).abs() < 0.5, "{first_check}");
        let ticks = (healthy - first_check) / scenario.assumptions.scheduler_tick.as_seconds_f64();
        assert!((ticks - ticks.round()).abs() < 0.02, "registered between two ticks: {ticks}");
        waits.push(healthy - first_check - running);
    }
    // The 22 replacements of single tasks: two modes, 18.3 to 19.9 s and 27.4 to 29.4 s. A start has any place between two ticks here.
    let replacements = &measured("task_started_to_registered")[..22];
    let (low, high) = waits.iter().fold((f64::MAX, 0.0_f64), |(low, high), &wait| (low.min(wait), high.max(wait)));
    println!("started to registered: {low:.1} to {high:.1} s, {:.1} on average; measured {:.1}", mean(&waits), mean(replacements));
    assert!((low - 19.0).abs() < 0.3 && (high - 28.5).abs() < 0.3, "{low} {high}");
    assert!((mean(&waits) - mean(replacements)).abs() < 1.5, "{} {}", mean(&waits), mean(replacements));
}

/// START-MULTI-FGDEMO: three tasks that started together were registered after 25, 25 and 36 s, so a tick lay between them: 11 s then (2020),
/// not the 9.5 s of the later series. Starts scatter by 3.2 s in 57 s (START-SOCI-413MB), and three of them have a spread of 5.4 s on
/// average, so a boundary between ticks of 11 s lies among them about every second time. Accepted: the batch is spread over 11 s.
#[test]
fn a_batch_is_registered_over_more_than_one_tick() {
    let mut spreads = Vec::new();
    for seed in 1..=40 {
        let mut scenario = grown(1, 4, |start_up| {
            start_up.provisioning = Distribution::Lognormal { mean: 48.0, cv: 3.2 / 48.0 };
        });
        scenario.simulation.seed = seed;
        scenario.assumptions.scheduler_tick = seconds(11);
        let outcome = play(&scenario);
        spreads.push(seconds_until(&outcome, 4)[1] - seconds_until(&outcome, 2)[1]);
    }
    let spread = spreads.iter().filter(|spread| **spread > 10.95).count();
    assert!(spreads.iter().all(|spread| *spread < 0.05 || *spread > 10.95), "a tick or none: {spreads:?}");
    assert!((10..=30).contains(&spread), "{spread} of 40");
}

/// A starting application is busy: two tasks that use four fifths of their CPU beside two idle ones are 40 % of the service's, from container start
/// to ready. The containers start at 66.5 + 23.3 = 89.8 s and are ready 240 s later.
#[test]
fn the_cpu_metric_sees_applications_start() {
    for fidelity in [Fidelity::Fluid, Fidelity::Request] {
        let mut scenario = grown(2, 4, |start_up| start_up.time = Distribution::constant(240.0));
        scenario.simulation.fidelity = fidelity;
        scenario.simulation.timeline_resolution = minutes(1);
        scenario.services[0].workload.cpu_time = Distribution::constant(0.0);
        scenario.services[0].traffic = vec![constant(1.0)];
        let outcome = play(&scenario);
        let cpu = |minute: usize| first(&outcome).timeline[minute].cpu_utilization.expect("tasks run");
        assert!(cpu(0).abs() < 1e-9, "{fidelity:?} {}", cpu(0));
        for minute in 2..5 {
            assert!((cpu(minute) - 40.0).abs() < 1e-9, "{fidelity:?}, minute {minute}: {}", cpu(minute));
        }
        // 30.17 s of the second minute with two tasks more: 48.27 vCPU-shares of 180.33 task-seconds.
        assert!((cpu(1) - 100.0 * 30.166_667 * 1.6 / (120.0 + 2.0 * 30.166_667)).abs() < 0.01, "{fidelity:?} {}", cpu(1));
        assert!(cpu(7).abs() < 1e-9, "{fidelity:?} {}", cpu(7));
        assert!((first(&outcome).cpu_utilization.max.expect("minutes") - 40.0).abs() < 1e-9);
    }
}

/// LAUNCH-2020-FARGATE: running tasks by the minute, several services (1000 and 500 desired each) to 3,500 tasks on Spot, limits of
/// that time: a burst of 10 and one a second (github.com/Vlaaaaaaad/blog-scaling-containers-in-aws, graph-results.csv).
const RUNNING_2020: [u32; 57] = [
    1, 50, 98, 163, 213, 263, 328, 393, 449, 496, 558, 608, 660, 713, 767, 828, 897, 950, 1007, 1062, 1130, 1174, 1235, 1297, 1362, 1410,
    1464, 1522, 1574, 1632, 1691, 1748, 1813, 1866, 1913, 1971, 2023, 2076, 2134, 2186, 2231, 2296, 2343, 2397, 2446, 2498, 2557, 2616,
    2678, 2735, 2795, 2850, 2899, 2955, 3005, 3064, 3117,
];

/// Tasks a minute from 300 s to 3000 s, by least squares.
fn slope(running_by_minute: impl Fn(usize) -> f64) -> f64 {
    let minutes = 5..=50;
    let middle = 27.5;
    let moment: f64 = minutes.clone().map(|minute| (minute as f64 - middle) * running_by_minute(minute)).sum();
    moment / minutes.map(|minute| (minute as f64 - middle).powi(2)).sum::<f64>()
}

/// Accepted: the slope from 300 s to 3000 s is within 5 % of the measured 55.6 a minute, and a bucket that refills at one a second bounds it at
/// 60. Full use of the bucket gives that bound; what really came was 92.7 % of it. The same author's measurement of 2022, with other limits and
/// five services, fits 18.3 a second where the documented rate is 20: 91.5 %. With that share, taken from the later case and not from this
/// one, the slope is met. (Why a part of the tokens is not used is not known; the default leaves them all.)
#[test]
fn services_of_2020_grow_at_the_rate_of_their_account() {
    let measured = 55.6;
    let of_series = slope(|minute| f64::from(RUNNING_2020[minute]));
    assert!((of_series - measured).abs() < 0.5, "{of_series}");
    let simulated = |launches_per_second: f64| {
        let of = |name: &str| Service {
            task: ecsim::scenario::model::TaskDefinition { cpu: CpuUnits(1024), ..service(name, 0).task },
            strategy: vec![strategy(CapacityProvider::FargateSpot, 0, 1)],
            ..service(name, 0)
        };
        let mut scenario = scenario(["one", "two", "three", "four"].map(of).to_vec());
        scenario.spot.interruption_rate = 0.0;
        scenario.quotas = Quotas { launch_burst_tasks: 10, launches_per_second, ..scenario.quotas };
        scenario.events = [1000, 1000, 1000, 500].into_iter().enumerate().map(|(service, count)| asked(0, service, count)).collect();
        let outcome = play(&scenario);
        slope(|minute| outcome.services.iter().map(|service| f64::from(service.timeline[minute - 1].running)).sum())
    };
    let (bound, expected) = (simulated(1.0), simulated(18.3 / 20.0));
    println!("a minute: measured {measured:.1}, simulated {expected:.1}, with every token {bound:.1}");
    assert!((bound - 60.0).abs() < 0.1, "{bound}");
    assert!((expected / measured - 1.0).abs() <= 0.05, "{expected} {measured}");
}

/// Vector fargate-bucket (100 tokens, 20 a second): of 200 launches 100 happen at once and the last 5 s later. QUOTA-FARGATE-BUCKET: 100, 500, 3500
/// and 10,000 launches are over after 0, 20, 170 and 495 s.
#[test]
fn a_bucket_grants_what_its_quota_says() {
    let granted = |count: u32| -> Vec<f64> {
        let mut bucket = TokenBucket::new(100, 20.0);
        (0..count).map(|_| bucket.take(SimTime::START).as_seconds_f64()).collect()
    };
    let two_hundred = granted(200);
    assert_eq!((two_hundred.iter().filter(|time| **time == 0.0).count(), two_hundred[199]), (100, 5.0));
    for (count, last) in [(100, 0.0), (500, 20.0), (3500, 170.0), (10_000, 495.0)] {
        assert_eq!(granted(count).last(), Some(&last), "{count}");
    }
}

/// Vector svc-launch-cap: 1,200 tasks at 500 a minute need a third minute (us-east-1, Amazon ECS service quotas). No minute holds more than 500 and what
/// a full bucket adds, one tick's worth.
#[test]
fn twelve_hundred_tasks_of_a_service_take_into_the_third_minute() {
    let mut scenario = grown(0, 1200, |_| ());
    scenario.simulation.timeline_resolution = seconds(1);
    let rows: Vec<u32> = first(&play(&scenario)).timeline.iter().map(|row| row.running).collect();
    let first_start = rows.iter().position(|running| *running > 0).unwrap();
    let last_start = rows.iter().position(|running| *running == 1200).unwrap();
    assert!((121..=180).contains(&(last_start - first_start)), "{} s", last_start - first_start);
    assert!(rows.windows(61).all(|minute| minute[60] - minute[0] <= 500 + 80));
}

/// SPOT-ADVISOR-DIST (EC2 Spot Advisor, snapshot of 2025-06-28): the classes "<5%", "5-10%", "10-15%", "15-20%" by their middles p are hazards of
/// -ln(1 - p) / 720 h. A thousand tasks, replaced at once, see 1000 times that in 720 h; four standard deviations of a Poisson count are allowed.
#[test]
fn classes_of_the_spot_advisor_are_hazards() {
    for middle in [0.025, 0.075, 0.125, 0.175] {
        let mut web = service("web", 1000);
        web.strategy = vec![strategy(CapacityProvider::FargateSpot, 0, 1)];
        let mut scenario = scenario(vec![web]);
        scenario.simulation.duration = Some(SimDuration::from_hours(720));
        scenario.spot.interruption_rate = middle;
        let found = first(&play_without_timeline(&scenario)).spot_interrupted as f64;
        let expected = -1000.0 * f64::ln(1.0 - middle);
        assert!((found - expected).abs() <= 4.0 * expected.sqrt(), "{middle}: {found}, expected {expected:.1}");
    }
}

/// Vectors az-balance-*: 2 tasks in 2 zones, 3 in 2, 5 in 3. A balanced zone has the desired count over the zones, rounded down or up (AWS,
/// service-rebalancing), and so it stays when tasks go.
#[test]
fn zones_hold_the_floor_or_the_ceiling() {
    let counts = |table: &TaskTable, zones: u8| -> Vec<u32> {
        let mut counts: Vec<u32> = (0..zones).map(|zone| table.active_in_zone(CapacityProvider::Fargate, zone)).collect();
        counts.sort_unstable();
        counts
    };
    let launched = |tasks: u32, zones: u8| -> (TaskTable, Vec<TaskId>) {
        let mut table = TaskTable::new(u32::from(zones), 0);
        let ids = (0..tasks).map(|_| table.launch(SimTime::START, CapacityProvider::Fargate, TaskState::Healthy)).collect();
        (table, ids)
    };
    for (tasks, zones, expected) in [(2, 2, vec![1, 1]), (3, 2, vec![1, 2]), (5, 3, vec![1, 2, 2])] {
        assert_eq!(counts(&launched(tasks, zones).0, zones), expected);
        let mut table = launched(tasks + 7, zones).0;
        for _ in 0..7 {
            let id = table.newest_in_fullest_zone(CapacityProvider::Fargate).expect("a task");
            table.deactivate(id);
        }
        assert_eq!(counts(&table, zones), expected);
    }
}

/// Without a balancer the registry knows a task by its container's check: the first one comes 30 s after the container started and fails, as the
/// application needs 40 s; the one at 60 s succeeds. The container starts at 66.5 + 23.33 = 89.83 s. A worker on a queue asks nobody.
#[test]
fn a_container_check_lets_a_task_in_without_a_balancer() {
    let healthy_at = |interval, is_worker| {
        let mut scenario = grown(1, 2, |start_up| start_up.time = Distribution::constant(40.0));
        scenario.services[0].target_group = None;
        scenario.services[0].task.container_check_interval = seconds(interval);
        if is_worker {
            scenario.services[0].workload.queue = Some(crate::support::message_queue(seconds(30), SimDuration::from_hours(96)));
        }
        let [running, healthy] = seconds_until(&play(&scenario), 2);
        assert!((running - 89.9).abs() < 0.11, "{running}");
        healthy - running
    };
    for (interval, expected) in [(30, 60.0), (20, 40.0), (300, 300.0), (0, 40.0)] {
        assert!((healthy_at(interval, false) - expected).abs() < 0.11, "{interval}");
    }
    assert!((healthy_at(30, true) - 40.0).abs() < 0.11);
}

/// Three failed checks, 12 s apart, count from 100 s after the container's start on: a task that hangs at 5 s is noticed at 136 s, and one that hangs
/// at 150 s at 186 s. Without a balancer, noticed is out of service.
#[test]
fn failures_in_the_start_period_do_not_count() {
    for (hangs_at, noticed_at) in [(5, 136.0), (150, 186.0)] {
        let mut web = service("web", 2);
        web.target_group = None;
        web.task.container_check_patience = container_check(100, 36);
        let mut scenario = scenario(vec![web]);
        scenario.simulation.timeline_resolution = seconds(1);
        scenario.events =
            vec![Event { when: When::At(Moment::Offset(seconds(hangs_at))), kind: EventKind::TaskHang { service: 0, count: 1 } }];
        let outcome = play(&scenario);
        let rows = &first(&outcome).timeline;
        let noticed = rows.iter().position(|row| row.healthy < 2).expect("it is noticed") as f64;
        assert!((noticed - noticed_at).abs() <= 1.0, "{noticed}");
    }
}
