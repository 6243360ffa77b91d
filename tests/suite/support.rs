//! Small builders of scenarios, and ways to play them. The defaults are those of a scenario file that says nothing.

use std::sync::Arc;

use ecsim::files::Files;
use ecsim::outcome::{Outcome, ServiceOutcome};
use ecsim::scenario::model::{
    Assumptions, BalancerKind, CapacityProvider, CheckPatience, Cluster, ContainerCheck, ContainerInsights, ContainerInsightsMetrics,
    Distribution, Drain, Event, EventKind, Fidelity, HealthCheck, LoadBalancer, MessageQueue, MetricValue, Moment, Pattern, PlacementRule,
    Platform, Policy, Pricing, Quotas, Retries, RoutingAlgorithm, Scaling, Scenario, Service, Simulation, Spike, Spot, SpotDeregistration,
    StartUp, StrategyItem, Suspended, TargetGroup, TargetTracking, TaskDefinition, TraceSource, TrackedMetric, TrafficKind, TrafficSource,
    When, Workload,
};
use ecsim::simulate::{Options, simulate};
use ecsim::trace::{Quality, Trace};
use ecsim::units::{CpuUnits, Mebibytes, SimDuration};
use jiff::Timestamp;

/// The files of the project, by their paths from its root.
pub struct Project;

impl Files for Project {
    fn read(&self, name: &str) -> std::io::Result<Vec<u8>> {
        std::fs::read(crate::command_line::root().join(name))
    }
}

/// No file at all.
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _name: &str) -> std::io::Result<Vec<u8>> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

/// A span of whole seconds.
pub const fn seconds(seconds: i64) -> SimDuration {
    SimDuration::from_seconds(seconds)
}

/// A container's check that does not count in its first seconds, and gives a container that hangs up after so many more.
pub fn container_check(start_period_seconds: i64, patience_seconds: i64) -> Option<CheckPatience> {
    CheckPatience::of(vec![ContainerCheck { start_period: seconds(start_period_seconds), patience: seconds(patience_seconds) }])
}

/// A span of whole minutes.
pub const fn minutes(minutes: i64) -> SimDuration {
    SimDuration::from_seconds(60 * minutes)
}

/// A point in time.
pub fn time(text: &str) -> Timestamp {
    text.parse().expect("a time stamp")
}

/// One hour of these services behind one shared balancer, from a full hour on.
pub fn scenario(services: Vec<Service>) -> Scenario {
    Scenario {
        uncertainty: ecsim::scenario::model::Uncertainty::NONE,
        name: "test".into(),
        description: None,
        region: "us-east-1".into(),
        simulation: Simulation {
            start: Some(time("2026-01-05T00:00:00Z")),
            duration: Some(SimDuration::from_hours(1)),
            warm_up: SimDuration::ZERO,
            timeline_resolution: seconds(60),
            seed: 1,
            fidelity: Fidelity::Fluid,
            replications: 1,
        },
        cluster: Cluster {
            name: "default".into(),
            availability_zones: 3,
            container_insights: ContainerInsights::Disabled,
            instance_groups: Vec::new(),
        },
        services,
        load_balancers: vec![LoadBalancer {
            name: "web".into(),
            kind: BalancerKind::Application,
            internal: false,
            listener_rules: 0,
            requests_per_connection: 100.0,
            connection_duration: seconds(60),
        }],
        spot: Spot {
            interruption_rate: 0.1,
            interruption_period: SimDuration::from_hours(720),
            correlation: 0.0,
            hazard_shape: 1.0,
            shortage: None,
        },
        quotas: Quotas { vcpu: [None, None], launches_per_service_per_minute: 500.0, launch_burst_tasks: 100, launches_per_second: 20.0 },
        network: None,
        file_systems: Vec::new(),
        alarms: Vec::new(),
        events: Vec::new(),
        assumptions: assumptions(),
        pricing: Pricing::default(),
        thresholds: Vec::new(),
    }
}

/// What a scenario file assumes that says nothing.
pub fn assumptions() -> Assumptions {
    Assumptions {
        minute_publication_delay: seconds(170),
        high_resolution_publication_delay: seconds(24),
        target_tracking_metric_value: MetricValue::Latest,
        sampling_noise: true,
        drain: Drain::Full,
        spot_deregistration: SpotDeregistration::AtWarning,
        scheduler_tick: SimDuration::from_millis(9_500),
        max_scale_in_fraction: 1.0,
        registration_ticks: 2,
        first_health_check: SimDuration::from_millis(1_800),
        queue_inactive_after: SimDuration::from_hours(6),
        queue_activation_delay: seconds(900),
        cross_zone_share: None,
        queue_call_time: SimDuration::from_millis(20),
        compressed_log_share: 0.2,
        container_insights_metrics: ContainerInsightsMetrics { cluster: 8, service: 11, task_definition: 6, task: 13, container: 10 },
        instance_memory_overhead: 0.05,
        instance_launch_time: seconds(90),
    }
}

/// A service of half a vCPU on Fargate behind the balancer, without traffic and without scaling.
pub fn service(name: &str, desired_count: u32) -> Service {
    Service {
        name: name.into(),
        task: TaskDefinition {
            cpu: CpuUnits(512),
            memory: Mebibytes(1024),
            platform: Platform::LinuxX86,
            ephemeral_storage_gib: 20,
            stop_timeout: seconds(30),
            container_check_patience: None,
            container_check_interval: SimDuration::ZERO,
            containers: 1,
        },
        desired_count,
        strategy: vec![strategy(CapacityProvider::Fargate, 0, 1)],
        placement: vec![PlacementRule::SpreadZones],
        minimum_healthy_percent: 100.0,
        maximum_percent: 200.0,
        circuit_breaker: None,
        traffic_shift: None,
        deployment_alarms: None,
        revisions: Vec::new(),
        availability_zone_rebalancing: true,
        health_check_grace_period: SimDuration::ZERO,
        assign_public_ip: false,
        high_resolution_metrics: false,
        target_group: Some(target_group(RoutingAlgorithm::RoundRobin, seconds(300))),
        volume: None,
        repository: None,
        traffic: Vec::new(),
        workload: workload(),
        slo: None,
        scaling: None,
    }
}

/// A target group at the first balancer with the checks of a scenario file that says nothing.
pub fn target_group(algorithm: RoutingAlgorithm, deregistration_delay: SimDuration) -> TargetGroup {
    TargetGroup {
        load_balancer: 0,
        algorithm,
        deregistration_delay,
        slow_start: SimDuration::ZERO,
        health_check: HealthCheck {
            interval: seconds(30),
            timeout: seconds(5),
            healthy_threshold: 5,
            unhealthy_threshold: 2,
            shares_workers: false,
        },
    }
}

/// The workload of a scenario file that says nothing about it: 40 ms of CPU, 80 ms of waiting.
fn workload() -> Workload {
    Workload {
        cpu_time: Distribution::Lognormal { mean: 0.04, cv: 1.5 },
        wait_time: Distribution::constant(0.08),
        concurrency: 64,
        backlog: Some(128),
        timeout: Some(Distribution::constant(60.0)),
        finishes_late_requests: false,
        error_rate: 0.0,
        retries: Retries { max: 0, backoff: Distribution::constant(0.2) },
        memory_base_bytes: 300.0 * 1024.0 * 1024.0,
        memory_per_request_bytes: 2.0 * 1024.0 * 1024.0,
        idle_cpu: 0.02,
        start_up: StartUp {
            provisioning: Distribution::constant(15.0),
            image_size_bytes: 80e6,
            pull_rate_bytes_per_second: 9.6e6,
            pulled_share: 1.0,
            time: Distribution::Lognormal { mean: 10.0, cv: 0.06 },
            cpu: 0.8,
        },
        request_size_bytes: 1000.0,
        response_size_bytes: 20_000.0,
        outbound_per_request_bytes: 0.0,
        logs_per_request_bytes: 0.0,
        logs_retention_days: None,
        custom_metrics: 0,
        queue: None,
    }
}

/// A message queue that delivers messages one by one, as often as needed.
pub const fn message_queue(visibility_timeout: SimDuration, message_retention_period: SimDuration) -> MessageQueue {
    let receive_wait_time = SimDuration::from_seconds(20);
    MessageQueue { visibility_timeout, message_retention_period, max_receive_count: None, receive_batch_size: 1, receive_wait_time }
}

/// One item of a capacity provider strategy.
pub const fn strategy(capacity_provider: CapacityProvider, base: u32, weight: u32) -> StrategyItem {
    StrategyItem { capacity_provider, base, weight }
}

/// Poisson traffic of this kind, without growth and spikes.
pub fn traffic(kind: TrafficKind) -> TrafficSource {
    TrafficSource { kind, growth: 0.0, grown_before: SimDuration::ZERO, spikes: Vec::new(), deterministic_arrivals: false, dispersion: 1.0 }
}

/// Poisson traffic at a constant rate.
pub fn constant(rate_rps: f64) -> TrafficSource {
    traffic(TrafficKind::Constant(rate_rps))
}

/// A daily wave in UTC with its peak at noon.
pub fn wave(base_rps: f64, peak_rps: f64, period: SimDuration) -> TrafficSource {
    traffic(TrafficKind::Pattern(Pattern {
        base_rps,
        peak_rps,
        period,
        peak_at_seconds: 12 * 3600,
        timezone: "UTC".into(),
        weekend_factor: 0.8,
    }))
}

/// A step of the rate to a multiple, back after `hold`.
pub const fn step(at: SimDuration, factor: f64, hold: SimDuration) -> Spike {
    Spike { at, factor, ramp: SimDuration::ZERO, hold, decay: SimDuration::ZERO }
}

/// The description of a trace that is played from its first sample on, as often as needed.
pub fn played_trace() -> TrafficSource {
    traffic(TrafficKind::Trace(TraceSource {
        file: "trace.csv".into(),
        column: None,
        unit_is_count: None,
        start_at: None,
        scale: 1.0,
        repeat: true,
    }))
}

/// A trace with these counts from the start of the default scenario on.
pub fn trace(slot: SimDuration, counts: Vec<f64>) -> Trace {
    Trace { start: time("2026-01-05T00:00:00Z"), slot, counts, quality: Quality::default() }
}

/// Scaling on the CPU utilisation, with the cooldowns that AWS gives by default.
pub fn cpu_scaling(min_capacity: u32, max_capacity: u32, target_value: f64) -> Scaling {
    Scaling {
        min_capacity,
        max_capacity,
        suspended: Suspended::default(),
        scheduled_actions: Vec::new(),
        policies: vec![Policy::TargetTracking(TargetTracking {
            name: "cpu".into(),
            metric: TrackedMetric::CPU,
            target_value,
            scale_out_cooldown: seconds(300),
            scale_in_cooldown: seconds(300),
            disable_scale_in: false,
        })],
    }
}

/// Plays a scenario, and keeps the timeline.
pub fn play(scenario: &Scenario) -> Outcome {
    run(scenario, None, true)
}

/// Plays a scenario without a timeline.
pub fn play_without_timeline(scenario: &Scenario) -> Outcome {
    run(scenario, None, false)
}

/// Plays a scenario in which every trace source plays this trace.
pub fn replay(scenario: &Scenario, trace: Trace) -> Outcome {
    run(scenario, Some(Arc::new(trace)), true)
}

fn run(scenario: &Scenario, trace: Option<Arc<Trace>>, timeline: bool) -> Outcome {
    let of_source = |source: &TrafficSource| trace.clone().filter(|_| matches!(source.kind, TrafficKind::Trace(_)));
    let traces = scenario.services.iter().map(|service| service.traffic.iter().map(of_source).collect()).collect();
    simulate(scenario, &traces, Options { timeline, explain: None }).expect("the traffic can be played")
}

/// The first service of an outcome.
pub fn first(outcome: &Outcome) -> &ServiceOutcome {
    &outcome.services[0]
}

/// So many tasks that start within 10 s of their image and answer evenly spaced requests, ten a second each, after a second without CPU. A
/// task that stops is held for a minute.
pub fn waiting(tasks: u32) -> Service {
    let mut web = service("web", tasks);
    web.workload.start_up.time = Distribution::constant(10.0);
    (web.workload.cpu_time, web.workload.wait_time) = (Distribution::constant(0.0), Distribution::constant(1.0));
    let mut traffic = constant(10.0 * f64::from(tasks));
    traffic.deterministic_arrivals = true;
    web.traffic = vec![traffic];
    web.target_group.as_mut().expect("it has a balancer").deregistration_delay = seconds(60);
    web
}

/// Something that happens so many seconds after the start.
pub fn at(after_seconds: i64, kind: EventKind) -> Event {
    Event { when: When::At(Moment::Offset(seconds(after_seconds))), kind }
}
