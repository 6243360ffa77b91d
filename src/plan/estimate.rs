//! A month without a simulation: constant tasks at the floor, the desired count and the ceiling, under the
//! mean of the traffic.

use schemars::JsonSchema;
use serde::Serialize;

use super::price_book;
use super::run::cost;
use super::uncertainty::Draw;
use crate::control::instances::steady_sizes;
use crate::control::strategy::divide;
use crate::cost::{self, StaticBytes, StaticDeployment, StaticInstances, StaticLoadBalancer, StaticQueue, StaticService, StaticVolumes};
use crate::error::Result;
use crate::files::Files;
use crate::result::Cost;
use crate::scenario::advice::on_instances;
use crate::scenario::model::{LoadBalancer, Scenario, Service, TrafficKind};
use crate::simulate::{
    QueueRates, Traces, Window, bytes_of_requests, file_systems, image_bytes_at_start, instance_usage, kind_of, load_traces,
    mean_requests_per_second, monitoring, queue_rates,
};

/// Monthly cost by level of capacity.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct EstimateResult {
    /// The version of ecsim.
    pub ecsim_version: String,
    /// The scenario's name.
    pub scenario: String,
    /// The region whose prices apply.
    pub region: String,
    /// The floor, the desired count and the ceiling.
    pub levels: Vec<LevelCost>,
    /// What a reader of the figures must know.
    pub warnings: Vec<String>,
}

/// A month of 730 hours at one level of capacity.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LevelCost {
    /// `floor`, `desired` or `ceiling`.
    pub level: String,
    /// Tasks of all services.
    pub tasks: u32,
    /// The month's bill.
    pub cost: Cost,
}

/// Estimates the monthly cost at the smallest, desired and largest capacity of every service.
///
/// # Errors
/// When a trace cannot be read or a price is missing.
pub fn estimate(scenario: &Scenario, files: &dyn Files) -> Result<EstimateResult> {
    let book = price_book(scenario, files)?;
    let is_certain = scenario.uncertainty.is_certain();
    let mut typical = scenario.clone();
    // A single replication takes every uncertain factor at its median.
    typical.simulation.replications = 1;
    let drawn = Draw::of(&typical);
    drawn.shape(&mut typical);
    let (scenario, book) = (&typical, book.with_spot_scale(drawn.spot_price_scale)?);
    let (traces, _) = load_traces(scenario, files)?;
    let rates = mean_requests_per_second(scenario, &traces)?;
    let deployment = deployment(scenario, &rates);
    let bills = cost::estimate(&deployment, &book)?;
    let levels = [("floor", &bills.floor), ("desired", &bills.desired), ("ceiling", &bills.ceiling)];
    let tasks = |level: usize| scenario.services.iter().map(|service| tasks_at(service)[level]).sum();
    Ok(EstimateResult {
        ecsim_version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name.clone(),
        region: scenario.region.clone(),
        levels: levels
            .iter()
            .enumerate()
            .map(|(level, (name, bill))| LevelCost { level: (*name).to_owned(), tasks: tasks(level), cost: cost(bill) })
            .collect(),
        warnings: warnings(scenario, &traces, is_certain, &bills.desired.warnings),
    })
}

fn warnings(scenario: &Scenario, traces: &Traces, is_certain: bool, of_bill: &[String]) -> Vec<String> {
    let hours = Window::of(scenario, traces).duration.as_hours_f64();
    let mut warnings = vec![format!("all traffic is priced at its mean over the window of {hours:.1} hours")];
    if !is_certain {
        warnings.push("what is named as `uncertainty` is taken at its median; `ecsim run` shows the range".to_owned());
    }
    let has = |is: fn(&TrafficKind) -> bool| scenario.services.iter().flat_map(|service| &service.traffic).any(|source| is(&source.kind));
    if has(|kind| matches!(kind, TrafficKind::Users(_))) {
        warnings.push("users send as fast as they are answered, which only `ecsim run` knows: their requests are left out".to_owned());
    }
    if has(|kind| matches!(kind, TrafficKind::Calls(_))) {
        warnings.push("what calls between zones cost is left out: `ecsim run` has it".to_owned());
    }
    warnings.extend(on_instances(scenario).into_iter().map(|finding| finding.sentence()));
    warnings.extend(of_bill.iter().cloned());
    warnings
}

/// Tasks at the floor, the desired count and the ceiling.
fn tasks_at(service: &Service) -> [u32; 3] {
    match &service.scaling {
        Some(scaling) => [scaling.min_capacity, service.desired_count, scaling.max_capacity],
        None => [service.desired_count; 3],
    }
}

fn deployment(scenario: &Scenario, requests_per_second: &[f64]) -> StaticDeployment {
    StaticDeployment {
        services: scenario
            .services
            .iter()
            .zip(requests_per_second)
            .map(|(service, &rate)| static_service(scenario, service, rate))
            .collect(),
        load_balancers: (0..scenario.load_balancers.len()).map(|index| static_balancer(scenario, index, requests_per_second)).collect(),
        nat_gateways: scenario.network.as_ref().map_or(0, |network| network.nat_gateways),
        endpoint_addresses: scenario.endpoint_addresses(),
        carried: scenario
            .services
            .iter()
            .zip(requests_per_second)
            .flat_map(|(service, &rate)| static_bytes(scenario, service, rate))
            .collect(),
        images: image_bytes_at_start(scenario),
        file_systems: file_systems(scenario),
        monitoring: monitoring(scenario),
        queues: scenario
            .services
            .iter()
            .zip(requests_per_second)
            .filter_map(|(service, &rate)| static_queue(scenario, service, rate))
            .collect(),
        volumes: scenario.services.iter().filter_map(static_volumes).collect(),
        instances: static_instances(scenario),
    }
}

fn static_bytes(scenario: &Scenario, service: &Service, rate: f64) -> Vec<StaticBytes> {
    let of_rate = |(way, what, bytes)| StaticBytes { service: service.name.clone(), way, what, bytes_per_second: rate * bytes };
    bytes_of_requests(scenario, service).into_iter().map(of_rate).collect()
}

fn static_queue(scenario: &Scenario, service: &Service, rate: f64) -> Option<StaticQueue> {
    let [floor, desired, ceiling] = tasks_at(service).map(|tasks| queue_rates(service, &scenario.assumptions, rate, tasks));
    let levels = [floor?, desired?, ceiling?];
    let each = |figure: fn(&QueueRates) -> f64| [figure(&levels[0]), figure(&levels[1]), figure(&levels[2])];
    Some(StaticQueue {
        service: service.name.clone(),
        sends_per_second: levels[0].sends,
        receives_per_second: each(|rates| rates.receives),
        empty_receives_per_second: each(|rates| rates.empty_receives),
        deletes_per_second: each(|rates| rates.deletes),
    })
}

/// The instances of each group, with managed scaling those that the tasks of each level find a place on.
fn static_instances(scenario: &Scenario) -> Vec<StaticInstances> {
    let by_level = [0, 1, 2].map(|level| {
        let on_providers = |service: &Service| {
            let counts = divide(&service.strategy, tasks_at(service)[level]);
            service.strategy.iter().map(|item| item.capacity_provider).zip(counts).collect()
        };
        steady_sizes(scenario, &scenario.services.iter().map(on_providers).collect::<Vec<_>>())
    });
    let of_group = |place: usize| StaticInstances {
        kind: instance_usage(scenario, place, Vec::new()),
        count: by_level.each_ref().map(|sizes| sizes[place]),
    };
    (0..scenario.cluster.instance_groups.len()).map(of_group).collect()
}

fn static_volumes(service: &Service) -> Option<StaticVolumes> {
    let volume = service.volume?;
    Some(StaticVolumes {
        service: service.name.clone(),
        is_gp3: volume.is_gp3,
        size_gib: volume.size_gib,
        iops: volume.iops,
        throughput_mib_per_second: volume.throughput_mib_per_second,
    })
}

fn static_service(scenario: &Scenario, service: &Service, rate: f64) -> StaticService {
    let by_provider = |total: u32| {
        let counts = divide(&service.strategy, total);
        service
            .strategy
            .iter()
            .zip(counts)
            .map(|(item, count)| (item.capacity_provider.name(&scenario.cluster.instance_groups).to_owned(), count))
            .collect()
    };
    let bytes = scenario.bytes_per_request(service);
    StaticService {
        name: service.name.clone(),
        platform: service.task.platform.price_key(),
        cpu: service.task.cpu,
        memory: service.task.memory,
        ephemeral_storage_gib: service.task.ephemeral_storage_gib,
        public_ip: service.assign_public_ip,
        tasks: tasks_at(service).map(by_provider),
        requests_per_second: rate,
        internet_out_bytes_per_second: rate * bytes.internet_out,
        log_bytes_per_second: rate * bytes.logs,
    }
}

fn static_balancer(scenario: &Scenario, index: usize, requests_per_second: &[f64]) -> StaticLoadBalancer {
    let balancer: &LoadBalancer = &scenario.load_balancers[index];
    let users = scenario.users_of(index);
    let sum = |figure: &dyn Fn(&Service) -> f64| -> f64 {
        users.iter().map(|&user| requests_per_second[user] * figure(&scenario.services[user])).sum()
    };
    let connections = sum(&|_| 1.0 / balancer.requests_per_connection);
    StaticLoadBalancer {
        name: balancer.name.clone(),
        kind: kind_of(balancer),
        service: if let [user] = users[..] { Some(scenario.services[user].name.clone()) } else { None },
        public_addresses: if balancer.internal { 0 } else { scenario.cluster.availability_zones },
        new_connections_per_second: connections,
        open_connections: connections * balancer.connection_duration.as_seconds_f64(),
        processed_bytes_per_second: sum(&|service| service.workload.request_size_bytes + service.workload.response_size_bytes),
        rule_evaluations_per_second: sum(&|_| f64::from(balancer.charged_rules())),
    }
}
