//! From what is written to what the simulator takes: defaults that depend on other keys, and references
//! turned into indices. All rules hold by now, so nothing here fails.

mod capacity;
mod deployment;
mod events;
mod instances;
pub(super) mod scaling;
mod storage;

use super::check::endpoints;
use super::check::root::balancer_name;
use super::model::{
    Assumptions, BalancerKind, Calls, CapacityProvider, CheckPatience, Cluster, ContainerCheck, ContainerInsights,
    ContainerInsightsMetrics, Distribution, Drain, Fidelity, FreeTier, HealthCheck, ListenerProtocol, LoadBalancer, MessageQueue,
    MetricValue, Network, Pattern, Platform, Pricing, Retries, RoutingAlgorithm, Scenario, Service, Simulation, Slo, Spike,
    SpotDeregistration, StartUp, StrategyItem, TargetGroup, TaskDefinition, TraceSource, TrafficKind, TrafficSource, Users, Workload,
};
use super::shape::Reading;
use super::written::deployment::NamedAlarm;
use super::written::{self, balancer, environment, root, service, task, traffic, workload};
use crate::files::resolve;
use crate::units::SimDuration;
use jiff::Timestamp;

/// What a service needs to know of the scenario around it.
struct Surroundings<'a> {
    start: Option<Timestamp>,
    folder: &'a str,
    services: &'a [(String, service::Service)],
    alarms: &'a [(String, NamedAlarm)],
    instance_groups: &'a [root::AutoScalingGroup],
}

/// The checked scenario, with the workload of each event's revision; warnings of what was adjusted go to `reading`.
pub fn build(written: &root::Scenario, revisions: &[Option<workload::Workload>], folder: &str, reading: &mut Reading) -> Scenario {
    let surroundings = Surroundings {
        start: written.simulation.start.map(|start| start.0),
        folder,
        services: &written.services.0,
        alarms: &written.alarms.0,
        instance_groups: &written.cluster.capacity_providers,
    };
    let mut load_balancers = Vec::new();
    let build_service = |(name, service): &(String, service::Service)| {
        let target_group = service.load_balancer.as_ref().and_then(|balancer| target_group(name, balancer, &mut load_balancers));
        build_service(name, service, target_group, &surroundings, reading)
    };
    let mut services = written.services.0.iter().map(build_service).collect::<Vec<_>>();
    let events = events::events(written, revisions, &mut services);
    Scenario {
        name: written.name.0.clone(),
        description: written.description.as_ref().map(|text| text.0.clone()),
        region: written.region.0.clone(),
        simulation: simulation(&written.simulation),
        cluster: cluster(&written.cluster, &written.assumptions),
        services,
        load_balancers,
        spot: capacity::spot(&written.spot),
        quotas: capacity::quotas(&written.quotas, &written.region.0),
        network: written.network.as_ref().map(|written_network| network(written_network, &written.region.0)),
        file_systems: storage::file_systems(written),
        alarms: deployment::named_alarms(written),
        events,
        assumptions: assumptions(&written.assumptions),
        uncertainty: uncertainty(&written.uncertainty),
        pricing: pricing(&written.pricing, folder),
        thresholds: written.thresholds.iter().map(|threshold| threshold.0.clone()).collect(),
    }
}

fn simulation(simulation: &root::Simulation) -> Simulation {
    Simulation {
        start: simulation.start.map(|start| start.0),
        duration: simulation.duration.map(|duration| duration.0),
        warm_up: simulation.warm_up.0,
        timeline_resolution: simulation.timeline_resolution.0,
        seed: u64::try_from(simulation.seed.get()).unwrap_or_default(),
        fidelity: match simulation.fidelity {
            root::Fidelity::Fluid => Fidelity::Fluid,
            root::Fidelity::Request => Fidelity::Request,
            root::Fidelity::Auto => Fidelity::Auto,
        },
        replications: u32::try_from(simulation.replications.get()).unwrap_or(1),
    }
}

fn cluster(written: &root::Cluster, assumptions: &environment::Assumptions) -> Cluster {
    Cluster {
        name: written.name.0.clone(),
        availability_zones: written.availability_zones.count(),
        container_insights: match written.container_insights {
            root::ContainerInsights::Disabled => ContainerInsights::Disabled,
            root::ContainerInsights::Enabled => ContainerInsights::Enabled,
            root::ContainerInsights::Enhanced => ContainerInsights::Enhanced,
        },
        instance_groups: instances::groups(&written.capacity_providers, assumptions.instance_memory_overhead.0),
    }
}

fn network(network: &environment::Network, region: &str) -> Network {
    let names = network.vpc_endpoints.iter().map(|name| endpoints::service_name(&name.0, region).to_owned());
    let (gateway_endpoints, interface_endpoints) = names.partition(|name| endpoints::GATEWAYS.contains(&name.as_str()));
    Network {
        public_placement: network.placement == environment::Placement::Public,
        nat_gateways: network.nat_gateways.count(),
        interface_endpoints,
        gateway_endpoints,
    }
}

fn assumptions(written: &environment::Assumptions) -> Assumptions {
    Assumptions {
        minute_publication_delay: written.metric_publication_delay.resolution_60.0,
        high_resolution_publication_delay: written.metric_publication_delay.resolution_20.0,
        target_tracking_metric_value: match written.target_tracking_metric_value {
            environment::MetricValue::Latest => MetricValue::Latest,
            environment::MetricValue::Mean => MetricValue::Mean,
            environment::MetricValue::Max => MetricValue::Max,
        },
        sampling_noise: written.sampling_noise.0,
        drain: match written.drain {
            environment::Drain::Full => Drain::Full,
            environment::Drain::Early => Drain::Early,
        },
        spot_deregistration: match written.spot_deregistration {
            environment::SpotDeregistration::AtWarning => SpotDeregistration::AtWarning,
            environment::SpotDeregistration::AtStop => SpotDeregistration::AtStop,
        },
        scheduler_tick: written.scheduler_tick.0,
        max_scale_in_fraction: written.max_scale_in_fraction.0,
        registration_ticks: written.registration_ticks.count(),
        first_health_check: written.first_health_check.0,
        queue_inactive_after: written.queue_inactive_after.0,
        queue_activation_delay: written.queue_activation_delay.0,
        cross_zone_share: written.cross_zone_share.map(|share| share.0),
        queue_call_time: written.queue_call_time.0,
        compressed_log_share: written.compressed_log_share.0,
        container_insights_metrics: container_insights_metrics(&written.container_insights_metrics),
        instance_memory_overhead: written.instance_memory_overhead.0,
        instance_launch_time: written.instance_launch_time.0,
    }
}

fn container_insights_metrics(written: &environment::ContainerInsightsMetrics) -> ContainerInsightsMetrics {
    ContainerInsightsMetrics {
        cluster: written.cluster.count(),
        service: written.service.count(),
        task_definition: written.task_definition.count(),
        task: written.task.count(),
        container: written.container.count(),
    }
}

fn pricing(pricing: &environment::Pricing, folder: &str) -> Pricing {
    Pricing {
        catalog: pricing.catalog.as_ref().map(|path| resolve(folder, &path.0)),
        overrides: pricing.overrides.0.iter().map(|(key, price)| (key.clone(), price.0)).collect(),
        discount: pricing.discount.0,
        free_tier: match pricing.free_tier {
            environment::FreeTier::No => FreeTier::None,
            environment::FreeTier::AlwaysFree => FreeTier::AlwaysFree,
            environment::FreeTier::FirstTwelveMonths => FreeTier::FirstTwelveMonths,
        },
        account_data_out_gb: pricing.account_usage.data_out_gb.0,
        savings_plans: pricing.savings_plans.iter().map(savings_plan).collect(),
    }
}

fn uncertainty(written: &environment::Uncertainty) -> super::model::Uncertainty {
    super::model::Uncertainty {
        traffic_scale: written.traffic_scale.0.clone(),
        growth: written.growth.0.clone(),
        cpu_time_scale: written.cpu_time_scale.0.clone(),
        spot_price_scale: written.spot_price_scale.0.clone(),
    }
}

fn savings_plan(plan: &environment::SavingsPlan) -> super::model::SavingsPlan {
    super::model::SavingsPlan {
        commitment_per_hour: plan.commitment_per_hour.0,
        term: plan.term.word(),
        payment_option: plan.payment_option.word(),
    }
}

fn balancer_kind(written: &balancer::LoadBalancer) -> BalancerKind {
    if written.load_balancer_type != balancer::BalancerType::Network {
        return BalancerKind::Application;
    }
    let protocol = match written.listener_protocol {
        None | Some(balancer::ListenerProtocol::Tcp) => ListenerProtocol::Tcp,
        Some(balancer::ListenerProtocol::Tls) => ListenerProtocol::Tls,
        Some(balancer::ListenerProtocol::Udp) => ListenerProtocol::Udp,
    };
    BalancerKind::Network { protocol, crosses_zones: written.enable_cross_zone_load_balancing.is_some_and(|crosses| crosses.0) }
}

/// Hangs the service on its balancer, which is added when no service named it before.
fn target_group(service_name: &str, written: &balancer::LoadBalancer, balancers: &mut Vec<LoadBalancer>) -> Option<TargetGroup> {
    if written.load_balancer_type == balancer::BalancerType::None {
        return None;
    }
    let name = balancer_name(service_name, written);
    let index = balancers.iter().position(|known| known.name == name).unwrap_or_else(|| {
        balancers.push(LoadBalancer {
            name: name.to_owned(),
            kind: balancer_kind(written),
            internal: written.internal.0,
            listener_rules: written.listener_rules.count(),
            requests_per_connection: written.requests_per_connection.0,
            connection_duration: written.connection_duration.0,
        });
        balancers.len() - 1
    });
    Some(TargetGroup {
        load_balancer: index,
        algorithm: match (written.load_balancer_type, written.load_balancing_algorithm_type) {
            // The hash of a connection is as good as a draw.
            (balancer::BalancerType::Network, _) | (_, balancer::Algorithm::WeightedRandom) => RoutingAlgorithm::WeightedRandom,
            (_, balancer::Algorithm::LeastOutstandingRequests) => RoutingAlgorithm::LeastOutstandingRequests,
            (_, balancer::Algorithm::RoundRobin) => RoutingAlgorithm::RoundRobin,
        },
        deregistration_delay: written.deregistration_delay.0,
        slow_start: written.slow_start.0,
        health_check: HealthCheck {
            interval: written.health_check.interval.0,
            timeout: written.health_check.timeout.0,
            healthy_threshold: written.health_check.healthy_threshold.count(),
            unhealthy_threshold: written.health_check.unhealthy_threshold.count(),
            shares_workers: written.health_check.shares_workers.0,
        },
    })
}

fn build_service(
    name: &str,
    written: &service::Service,
    target_group: Option<TargetGroup>,
    surroundings: &Surroundings,
    reading: &mut Reading,
) -> Service {
    Service {
        name: name.to_owned(),
        task: task_definition(&written.task_definition),
        desired_count: desired_count(written, reading),
        strategy: strategy(written, surroundings.instance_groups),
        placement: instances::placement(written),
        minimum_healthy_percent: written.deployment_configuration.minimum_healthy_percent.percent(),
        maximum_percent: written.deployment_configuration.maximum_percent.percent(),
        circuit_breaker: deployment::circuit_breaker(&written.deployment_configuration),
        traffic_shift: deployment::traffic_shift(&written.deployment_configuration),
        deployment_alarms: deployment::alarms(&written.deployment_configuration, surroundings.alarms),
        revisions: Vec::new(),
        availability_zone_rebalancing: written.availability_zone_rebalancing.0,
        health_check_grace_period: written.health_check_grace_period_seconds.0,
        assign_public_ip: written.network_configuration.assign_public_ip.0,
        high_resolution_metrics: written.monitoring.resolution_seconds.get() == 20,
        target_group,
        volume: written.volume_configuration.0.first().map(|configuration| storage::volume(&configuration.managed_ebs_volume)),
        repository: written.ecr_repository.as_ref().map(storage::repository),
        traffic: written.traffic.0.iter().filter_map(|source| traffic_source(source, &written.workload, surroundings)).collect(),
        workload: workload(&written.workload),
        slo: written.slo.as_ref().map(|slo| Slo {
            latency_seconds: slo.latency.map(|latency| latency.0.as_seconds_f64()),
            availability: slo.availability.map(|availability| availability.0),
            window: slo.window.0,
        }),
        scaling: written.scaling.as_ref().map(scaling::scaling),
    }
}

/// The count at the start, moved into the bounds as RegisterScalableTarget does.
fn desired_count(written: &service::Service, reading: &mut Reading) -> u32 {
    let Some(scaling) = &written.scaling else {
        return written.desired_count.map_or(1, written::TaskCount::count);
    };
    let (min, max) = (scaling.min_capacity.count(), scaling.max_capacity.count());
    let wanted = written.desired_count.map_or(min, written::TaskCount::count);
    let desired = wanted.clamp(min, max.max(min));
    if desired != wanted {
        let place = written.places.of("desired_count");
        reading
            .warnings
            .push(format!("{place}: {wanted} is outside of the scaling bounds {min} to {max}; the service starts with {desired}"));
    }
    desired
}

fn task_definition(written: &task::TaskDefinition) -> TaskDefinition {
    let timeouts = written.container_definitions.iter().map(|container| container.stop_timeout.0);
    let checks = || written.container_definitions.iter().filter_map(|container| container.health_check.as_ref());
    let container_check = |check: &task::ContainerHealthCheck| ContainerCheck {
        start_period: check.start_period.0,
        patience: (check.interval.0 + check.timeout.0) * i64::from(check.retries.count()),
    };
    let platform = &written.runtime_platform;
    TaskDefinition {
        cpu: written.cpu.0,
        memory: written.memory.0,
        platform: match (platform.operating_system_family, platform.cpu_architecture) {
            (task::OperatingSystemFamily::Linux, task::CpuArchitecture::X86) => Platform::LinuxX86,
            (task::OperatingSystemFamily::Linux, task::CpuArchitecture::Arm) => Platform::LinuxArm,
            _ => Platform::WindowsX86,
        },
        ephemeral_storage_gib: written.ephemeral_storage.size_in_gib.count(),
        // Without containers the default of one: they all stop at the same time, so the longest counts.
        stop_timeout: timeouts.max().unwrap_or(SimDuration::from_seconds(30)),
        container_check_patience: CheckPatience::of(checks().map(container_check).collect()),
        container_check_interval: checks().map(|check| check.interval.0).max().unwrap_or(SimDuration::ZERO),
        // Without containers the default of one.
        containers: written.container_definitions.len().max(1) as u32,
    }
}

fn strategy(written: &service::Service, groups: &[root::AutoScalingGroup]) -> Vec<StrategyItem> {
    let Some(items) = &written.capacity_provider_strategy else {
        return vec![StrategyItem { capacity_provider: CapacityProvider::Fargate, base: 0, weight: 1 }];
    };
    let item = |item: &service::StrategyItem| StrategyItem {
        capacity_provider: instances::provider(&item.capacity_provider.0, groups),
        base: item.base.count(),
        weight: item.weight.count(),
    };
    items.iter().map(item).collect()
}

fn traffic_source(written: &traffic::Source, callee: &workload::Workload, surroundings: &Surroundings) -> Option<TrafficSource> {
    let kind = if let Some(trace) = &written.trace {
        TrafficKind::Trace(trace_source(trace, surroundings.folder))
    } else if let Some(rate) = written.constant {
        TrafficKind::Constant(rate.0)
    } else if let Some(users) = &written.users {
        TrafficKind::Users(Users { count: users.count.count(), think_time: users.think_time.0.clone() })
    } else if let Some(from) = &written.from {
        TrafficKind::Calls(calls(from, callee, surroundings)?)
    } else {
        TrafficKind::Pattern(pattern(written.pattern.as_ref()?))
    };
    Some(TrafficSource {
        kind,
        growth: written.growth.0,
        grown_before: SimDuration::ZERO,
        spikes: written.spikes.iter().filter_map(|spike| self::spike(spike, surroundings.start)).collect(),
        deterministic_arrivals: written.arrivals == traffic::Arrivals::Deterministic,
        dispersion: written.dispersion.0,
    })
}

/// Calls of a service that works on requests are waited for, unless the scenario says otherwise; a message is
/// left in its queue.
fn calls(from: &traffic::From, callee: &workload::Workload, surroundings: &Surroundings) -> Option<Calls> {
    let synchronous = match from.mode {
        Some(mode) => mode == traffic::CallMode::Synchronous,
        None => callee.kind == workload::WorkloadKind::Http,
    };
    Some(Calls {
        caller: surroundings.services.iter().position(|(name, _)| *name == from.service.0)?,
        per_request: from.calls_per_request.0,
        synchronous,
        parallel: from.order == traffic::CallOrder::Parallel,
    })
}

fn trace_source(trace: &traffic::Trace, folder: &str) -> TraceSource {
    TraceSource {
        file: resolve(folder, &trace.file.0),
        column: trace.column.as_ref().map(|column| column.0.clone()),
        unit_is_count: trace.unit.map(|unit| unit == traffic::TraceUnit::Count),
        start_at: trace.start_at.map(|instant| instant.0),
        scale: trace.scale.0,
        repeat: trace.repeat.0,
    }
}

fn pattern(pattern: &traffic::Pattern) -> Pattern {
    Pattern {
        base_rps: pattern.base.0,
        peak_rps: pattern.peak.0,
        period: pattern.period.0,
        peak_at_seconds: pattern.peak_at.seconds,
        timezone: pattern.timezone.name.clone(),
        weekend_factor: pattern.weekend_factor.0,
    }
}

fn spike(spike: &traffic::Spike, start: Option<Timestamp>) -> Option<Spike> {
    Some(Spike { at: spike.at.offset_from(start)?, factor: spike.factor.0, ramp: spike.ramp.0, hold: spike.hold.0, decay: spike.decay.0 })
}

fn workload(written: &workload::Workload) -> Workload {
    let is_queue = written.kind == workload::WorkloadKind::Queue;
    let timeout = written.timeout.0.as_ref().filter(|_| !is_queue);
    Workload {
        cpu_time: written.cpu_time.0.clone(),
        wait_time: written.wait_time.0.clone(),
        concurrency: written.concurrency.count(),
        backlog: written.backlog.0.filter(|_| !is_queue).map(|backlog| backlog.count()),
        timeout: timeout.map(|timeout| timeout.0.clone()),
        finishes_late_requests: written.on_timeout == workload::OnTimeout::Finish && !is_queue,
        error_rate: written.error_rate.0,
        retries: Retries { max: if is_queue { 0 } else { written.retries.max.count() }, backoff: written.retries.backoff.0.clone() },
        memory_base_bytes: written.memory.base.0,
        memory_per_request_bytes: written.memory.per_request.0,
        idle_cpu: written.idle_cpu.0,
        start_up: start_up(&written.start_up),
        request_size_bytes: written.request_size.0,
        response_size_bytes: written.response_size.0,
        outbound_per_request_bytes: written.outbound_per_request.0,
        logs_per_request_bytes: written.logs_per_request.0,
        custom_metrics: written.custom_metrics.count(),
        logs_retention_days: Some(written.logs_retention_in_days.count()).filter(|days| *days > 0),
        queue: is_queue.then_some(MessageQueue {
            visibility_timeout: written.visibility_timeout.0,
            message_retention_period: written.message_retention_period.0,
            max_receive_count: written.max_receive_count.0.map(|count| count.count()),
            receive_batch_size: written.receive.batch_size.count(),
            receive_wait_time: written.receive.wait_time.0,
        }),
    }
}

fn start_up(written: &workload::StartUp) -> StartUp {
    let copy = |distribution: &Distribution| distribution.clone();
    StartUp {
        provisioning: copy(&written.provisioning.0),
        image_size_bytes: written.image_size.0,
        pull_rate_bytes_per_second: written.pull_rate.0,
        pulled_share: if written.soci.0 { written.soci_share.0 } else { 1.0 },
        time: copy(&written.time.0),
        cpu: written.cpu.0,
    }
}
