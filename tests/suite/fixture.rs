//! Outcomes and bills made by hand, for the tests of results and reports.

use ecsim::metrics::Histogram;
use ecsim::outcome::{
    ActivityStatus, Attempt, Cause, NotScaledReason, Outcome, RequestCounts, ScalingActivity, ScalingSummary, ServiceOutcome, Summary,
    TaskCount, TimelineRow,
};
use ecsim::result::{Cost, InputFile, LineItem, Meta, MonthlyCost};
use ecsim::units::{CpuUnits, Mebibytes, SimDuration};
use ecsim::usage::{TaskUsage, Usage};
use jiff::{SignedDuration, Timestamp};

/// The start of every outcome here: a Monday.
pub fn start() -> Timestamp {
    "2026-03-02T00:00:00Z".parse().expect("a timestamp")
}

/// The shape of a synthetic day.
#[derive(Clone, Copy)]
pub struct Wave {
    /// Requests per second at the trough and the peak of a day.
    pub rps: (f64, f64),
    /// Median latency in seconds on a quiet and on the busiest minute.
    pub latency: (f64, f64),
    /// Minutes in which a spike of five times begins, for half an hour.
    pub spike_at: usize,
}

/// The everyday wave.
pub const EVERYDAY: Wave = Wave { rps: (60.0, 420.0), latency: (0.08, 0.35), spike_at: 2_160 };

/// A timeline of one-minute steps: a daily wave, a spike that saturates until capacity follows after five
/// minutes, slow scale-in, and no latency in the second hour.
pub fn timeline(minutes: usize, wave: Wave) -> Vec<TimelineRow> {
    let mut running = 4.0_f64;
    (0..minutes)
        .map(|minute| {
            let day = minute as f64 / 1_440.0;
            let level = (1.0 - (day * std::f64::consts::TAU).cos()) / 2.0;
            let noise = ((minute * 7_919) % 101) as f64 / 101.0 - 0.5;
            let since = minute as f64 - wave.spike_at as f64;
            let factor = if (0.0..30.0).contains(&since) { 5.0 } else { 1.0 };
            let offered = ((wave.rps.0 + (wave.rps.1 - wave.rps.0) * level) * factor * (1.0 + 0.12 * noise)).max(0.0);
            let needed = (offered / 30.0).ceil().max(2.0);
            let desired = if needed > running { needed } else { running - 0.02 };
            running += (desired - running) * 0.2;
            let load = (offered / (running * 50.0)).min(1.0);
            let failed = (offered - running * 55.0).max(0.0);
            let quiet = (60..120).contains(&minute) || offered == 0.0;
            let median = wave.latency.0 + (wave.latency.1 - wave.latency.0) * load * load * load * (1.0 + noise);
            let unless_quiet = |value: f64| (!quiet).then_some(value);
            TimelineRow {
                offered_rps: offered,
                served_rps: offered - failed,
                failed_rps: failed,
                desired: desired.round() as u32,
                pending: (desired.round() - running.round()).max(0.0) as u32,
                running: running.round() as u32,
                healthy: running.round() as u32,
                cpu_utilization: Some(load * 100.0 * (1.0 - 0.05 * noise.abs())),
                memory_utilization: Some(35.0 + 5.0 * level),
                latency_mean: unless_quiet(median * 1.2),
                latency_p50: unless_quiet(median),
                latency_p95: unless_quiet(median * 2.2),
                latency_p99: unless_quiet(median * (3.5 + 2.0 * load)),
                queue_length: failed,
                billed_tasks: [running.round().min(4.0), (running.round() - 4.0).max(0.0)],
                instances: None,
            }
        })
        .collect()
}

/// A service with this timeline; its other figures are those of the public description of the result.
pub fn service(name: &str, timeline: Vec<TimelineRow>) -> ServiceOutcome {
    let mut latency = Histogram::default();
    let mut queue = Histogram::default();
    for (seconds, weight) in [(0.12, 600.0), (0.3, 340.0), (0.8, 55.0), (1.2, 4.0), (2.0, 1.0)] {
        latency.record(seconds, weight);
        queue.record(seconds / 10.0, weight);
    }
    ServiceOutcome {
        name: name.to_owned(),
        requests: RequestCounts {
            offered: 1e6,
            served: 999_880.0,
            rejected: 60.0,
            timed_out: 40.0,
            failed: 10.0,
            in_flight_at_end: 10.0,
            attempts: 1e6,
        },
        latency,
        queue,
        message_queue: None,
        cpu_utilization: Summary { mean: Some(55.0), p95: Some(71.25), max: Some(100.0) },
        memory_utilization: Summary { mean: Some(40.0), p95: Some(42.0), max: Some(45.0) },
        desired_tasks: TaskCount { min: 2, mean: 7.4, max: 21 },
        running_tasks: TaskCount { min: 2, mean: 7.3, max: 21 },
        task_hours: vec![("FARGATE".to_owned(), 558.6), ("FARGATE_SPOT".to_owned(), 667.8)],
        starting_task_hours: 9.1,
        serving_task_hours: 1_190.2,
        draining_task_hours: 27.1,
        tasks_launched: vec![("FARGATE".to_owned(), 2), ("FARGATE_SPOT".to_owned(), 311)],
        tasks_lost: Vec::new(),
        tasks_out_of_memory: 0,
        spot_interrupted: 17,
        spot_largest_simultaneous_loss: 3,
        seconds_below_desired: 720.0,
        scaling: ScalingSummary {
            scale_out: 40,
            scale_in: 38,
            reversals_per_hour: 0.25,
            not_scaled: vec![("AutoScalingAnticipatedFlapping", 3)],
            reaction_seconds: vec![210.0, 250.0, 402.0],
            seconds_saturated: 60.0,
            seconds_at_max_capacity: 0.0,
            seconds_below_needed: 840.0,
            forecasts: Vec::new(),
        },
        resource_id: format!("service/default/{name}"),
        scaling_activities: vec![
            activity(name, ActivityStatus::Successful, Attempt::DesiredCount(9)),
            activity(name, ActivityStatus::Failed, Attempt::Nothing(NotScaledReason::AlreadyAtMaxCapacity(21))),
        ],
        deployments: Vec::new(),
        explanation: None,
        slo_seconds_over: 120.0,
        timeline,
    }
}

fn activity(name: &str, status: ActivityStatus, attempt: Attempt) -> ScalingActivity {
    let start_time = start() + SignedDuration::from_secs(29_163);
    ScalingActivity {
        id: 0x6a1f_2c3d_0000_4000_8000_0123_4567_89ab,
        start_time,
        end_time: (status == ActivityStatus::Successful).then(|| start_time + SignedDuration::from_secs(75)),
        cause: Cause::Alarm { alarm: format!("TargetTracking-service/default/{name}-AlarmHigh-1").into(), policy: "cpu".into() },
        attempt,
        status,
    }
}

/// An outcome of these services over `minutes`.
pub fn outcome(minutes: usize, services: Vec<ServiceOutcome>) -> Outcome {
    let duration = SimDuration::from_seconds(minutes as i64 * 60);
    let hours = minutes.div_ceil(60);
    let tasks = services
        .iter()
        .map(|service| TaskUsage {
            service: service.name.clone(),
            capacity_provider: "FARGATE".to_owned(),
            platform: "linux_x86",
            cpu: CpuUnits(512),
            memory: Mebibytes(1024),
            ephemeral_storage_gib: 20,
            public_ip: false,
            billed_seconds: vec![7_200; hours],
        })
        .collect();
    Outcome {
        start: start(),
        end: start() + SignedDuration::from_secs(minutes as i64 * 60),
        duration,
        timeline_resolution: SimDuration::from_seconds(60),
        services,
        instance_groups: Vec::new(),
        usage: Usage { first_hour: start(), hours, window_seconds: duration.as_seconds_f64(), tasks, ..Usage::default() },
        warnings: vec!["the window is not whole weeks: weekends weigh more or less than in a month".to_owned()],
    }
}

/// One line of a bill: 168 hours of a window of a week, scaled to 730 hours.
pub fn line(service: Option<&str>, product: &str, description: &str, price: [&str; 5], estimated: bool) -> LineItem {
    let [quantity, unit, unit_price, cost, monthly_cost] = price.map(str::to_owned);
    LineItem {
        service: service.map(str::to_owned),
        resource: if service.is_some() { "tasks" } else { "shared" }.to_owned(),
        capacity_provider: service.map(|_| "FARGATE".to_owned()),
        product: product.to_owned(),
        usage_type: "USE1-Fargate-vCPU-Hours:perCPU".to_owned(),
        description: description.to_owned(),
        behaviour: "variable".to_owned(),
        quantity,
        unit,
        unit_price,
        price_source: "https://aws.amazon.com/fargate/pricing/".to_owned(),
        price_date: "2026-09-29".to_owned(),
        estimated,
        savings_plan: None,
        on_demand_unit_price: None,
        cost,
        monthly_cost,
        ci95: None,
    }
}

/// A bill of four lines: 6.80064 + 0.7468 + 3.78 + 0.9 = 12.227440 for the week.
pub fn cost() -> Cost {
    let lines = vec![
        line(Some("web"), "Fargate", "FARGATE vCPU", ["168.000000", "vCPU-Hours", "0.04048", "6.800640", "29.550400"], false),
        line(Some("web"), "Fargate", "FARGATE memory", ["168.000000", "GB-Hours", "0.004445", "0.746800", "3.245024"], true),
        line(
            None,
            "Elastic Load Balancing",
            "shared: load balancer hours",
            ["168.000000", "Hrs", "0.0225", "3.780000", "16.425000"],
            false,
        ),
        line(Some("web"), "CloudWatch Logs", "ingestion", ["1.800000", "GB", "0.50", "0.900000", "3.910714"], false),
    ];
    Cost {
        currency: "USD".to_owned(),
        region: "us-east-1".to_owned(),
        discount: "0".to_owned(),
        window: "12.227440".to_owned(),
        monthly: MonthlyCost { mean: "53.13".to_owned(), p10: None, p50: None, p90: None, ci95: None },
        per_million_requests: Some("12.23".to_owned()),
        spot_saving: "51.10".to_owned(),
        savings_plan: None,
        line_items: lines,
        ci95: None,
    }
}

/// What the document says besides the figures.
pub fn meta() -> Meta {
    Meta {
        ecsim_version: "0.1.0".to_owned(),
        scenario: "web-shop".to_owned(),
        variant: None,
        inputs: vec![InputFile { path: "scenarios/web-shop.yaml".to_owned(), sha256: "ab".repeat(32) }],
        fidelity: "fluid".to_owned(),
        seed: 1,
        replications: 1,
        assumptions: vec![("scheduler_tick".to_owned(), "9.5s".to_owned())],
    }
}
