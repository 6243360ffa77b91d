//! What a month consumes in which nothing changes: so many tasks of each service, under the mean of its traffic.

use jiff::Timestamp;

use crate::control::instances::steady_sizes;
use crate::control::strategy::divide;
use crate::scenario::model::{CapacityProvider, Scenario, Service};
use crate::simulate::{bytes_of_requests, file_systems, image_bytes_at_start, instance_usage, kind_of, monitoring, queue_rates};
use crate::units::HOURS_PER_MONTH;
use crate::usage::{CarriedBytes, FlowUsage, ImageUsage, InstanceUsage, LoadBalancerUsage, QueueUsage, TaskUsage, Usage, VolumeUsage};

const SECONDS_PER_HOUR: u32 = 3600;

/// The services of a scenario with their requests per second and their tasks, and what they need for a month of 730 hours.
pub(super) fn usage(scenario: &Scenario, requests_per_second: &[f64], tasks: &[u32]) -> Usage {
    let services = || scenario.services.iter().zip(requests_per_second).map(|(service, &rate)| (service, rate));
    let with_tasks = || scenario.services.iter().zip(tasks).map(|(service, &tasks)| (service, tasks));
    Usage {
        first_hour: Timestamp::UNIX_EPOCH,
        seconds_into_first_hour: 0.0,
        hours: HOURS_PER_MONTH as usize,
        window_seconds: f64::from(HOURS_PER_MONTH * SECONDS_PER_HOUR),
        tasks: with_tasks().flat_map(|(service, tasks)| tasks_of(scenario, service, tasks)).collect(),
        volumes: with_tasks().flat_map(|(service, tasks)| volumes(scenario, service, tasks)).collect(),
        instances: instances(scenario, tasks),
        flows: services().map(|(service, rate)| flow(scenario, service, rate)).collect(),
        load_balancers: (0..scenario.load_balancers.len()).map(|place| balancer(scenario, place, requests_per_second)).collect(),
        nat_gateways: scenario.network.as_ref().map_or(0, |network| network.nat_gateways),
        endpoint_addresses: scenario.endpoint_addresses(),
        carried: services().flat_map(|(service, rate)| carried(scenario, service, rate)).collect(),
        images: image_bytes_at_start(scenario).into_iter().map(|(service, bytes)| images(service, bytes)).collect(),
        file_systems: file_systems(scenario),
        monitoring: monitoring(scenario),
        queues: services().zip(tasks).filter_map(|((service, rate), &tasks)| queue(scenario, service, rate, tasks)).collect(),
    }
}

/// A rate per second as the hours of a month.
fn constant(per_second: f64) -> Vec<f64> {
    vec![per_second * f64::from(SECONDS_PER_HOUR); HOURS_PER_MONTH as usize]
}

/// So many of something all month, in seconds by hour.
fn always(count: u32) -> Vec<u64> {
    vec![u64::from(count) * u64::from(SECONDS_PER_HOUR); HOURS_PER_MONTH as usize]
}

/// How many of a service's tasks its strategy gives each of its capacity providers.
fn by_provider(service: &Service, tasks: u32) -> impl Iterator<Item = (CapacityProvider, u32)> {
    service.strategy.iter().map(|item| item.capacity_provider).zip(divide(&service.strategy, tasks))
}

fn tasks_of<'a>(scenario: &'a Scenario, service: &'a Service, tasks: u32) -> impl Iterator<Item = TaskUsage> + 'a {
    by_provider(service, tasks).map(|(provider, count)| TaskUsage {
        service: service.name.clone(),
        capacity_provider: provider.name(&scenario.cluster.instance_groups).to_owned(),
        platform: service.task.platform.price_key(),
        cpu: service.task.cpu,
        memory: service.task.memory,
        ephemeral_storage_gib: service.task.ephemeral_storage_gib,
        public_ip: service.assign_public_ip,
        billed_seconds: always(count),
    })
}

fn volumes(scenario: &Scenario, service: &Service, tasks: u32) -> Vec<VolumeUsage> {
    let Some(volume) = service.volume else { return Vec::new() };
    let usage = |(provider, count): (CapacityProvider, u32)| VolumeUsage {
        service: service.name.clone(),
        capacity_provider: provider.name(&scenario.cluster.instance_groups).to_owned(),
        is_gp3: volume.is_gp3,
        size_gib: volume.size_gib,
        iops: volume.iops,
        throughput_mib_per_second: volume.throughput_mib_per_second,
        billed_seconds: always(count),
    };
    by_provider(service, tasks).map(usage).collect()
}

/// The instances of each group, with managed scaling those that the tasks find a place on.
fn instances(scenario: &Scenario, tasks: &[u32]) -> Vec<InstanceUsage> {
    let on_providers: Vec<Vec<_>> =
        scenario.services.iter().zip(tasks).map(|(service, &tasks)| by_provider(service, tasks).collect()).collect();
    let sizes = steady_sizes(scenario, &on_providers);
    sizes.into_iter().enumerate().map(|(place, size)| instance_usage(scenario, place, always(size))).collect()
}

fn flow(scenario: &Scenario, service: &Service, rate: f64) -> FlowUsage {
    let bytes = scenario.bytes_per_request(service);
    FlowUsage {
        service: service.name.clone(),
        requests: constant(rate),
        caused_requests: 0.0,
        internet_out_bytes: constant(rate * bytes.internet_out),
        log_bytes: constant(rate * bytes.logs),
    }
}

fn carried(scenario: &Scenario, service: &Service, rate: f64) -> Vec<CarriedBytes> {
    let of_rate = |(way, what, bytes)| CarriedBytes { service: service.name.clone(), way, what, bytes: constant(rate * bytes) };
    bytes_of_requests(scenario, service).into_iter().map(of_rate).collect()
}

fn images(service: String, bytes: f64) -> ImageUsage {
    ImageUsage { service, byte_hours: vec![bytes; HOURS_PER_MONTH as usize] }
}

fn queue(scenario: &Scenario, service: &Service, rate: f64, tasks: u32) -> Option<QueueUsage> {
    let rates = queue_rates(service, &scenario.assumptions, rate, tasks)?;
    Some(QueueUsage {
        service: service.name.clone(),
        sends: constant(rates.sends),
        receives: constant(rates.receives),
        empty_receives: constant(rates.empty_receives),
        deletes: constant(rates.deletes),
    })
}

fn balancer(scenario: &Scenario, place: usize, requests_per_second: &[f64]) -> LoadBalancerUsage {
    let balancer = &scenario.load_balancers[place];
    let users = scenario.users_of(place);
    let sum = |figure: &dyn Fn(&Service) -> f64| -> f64 {
        users.iter().map(|&user| requests_per_second[user] * figure(&scenario.services[user])).sum()
    };
    let connections = sum(&|_| 1.0 / balancer.requests_per_connection);
    LoadBalancerUsage {
        name: balancer.name.clone(),
        kind: kind_of(balancer),
        service: if let [user] = users[..] { Some(scenario.services[user].name.clone()) } else { None },
        public_addresses: if balancer.internal { 0 } else { scenario.cluster.availability_zones },
        new_connections: constant(connections),
        connection_seconds: constant(connections * balancer.connection_duration.as_seconds_f64()),
        processed_bytes: constant(sum(&|service| service.workload.request_size_bytes + service.workload.response_size_bytes)),
        rule_evaluations: constant(sum(&|_| f64::from(balancer.charged_rules()))),
    }
}
