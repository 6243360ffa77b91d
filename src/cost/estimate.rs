//! What a month costs without a simulation.
//!
//! A month of 730 hours with a constant number of tasks and constant traffic is written as usage and priced as any
//! other, at the floor, the desired count and the ceiling of capacity. The caller says how the tasks of each level
//! split over capacity providers, because placement is not a matter of prices.

use jiff::Timestamp;

use super::bill::{Bill, price_without_remarks};
use super::book::PriceBook;
use crate::error::Result;
use crate::units::{CpuUnits, HOURS_PER_MONTH, Mebibytes};
use crate::usage::{
    CarriedBytes, FileSystemUsage, FlowUsage, ImageUsage, InstanceUsage, LoadBalancerKind, LoadBalancerUsage, Monitoring, QueueUsage,
    TaskUsage, Usage, VolumeUsage, Way,
};

/// Everything that stands still for a month.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StaticDeployment {
    /// The services.
    pub services: Vec<StaticService>,
    /// The load balancers.
    pub load_balancers: Vec<StaticLoadBalancer>,
    /// NAT gateways.
    pub nat_gateways: u32,
    /// Interface endpoints times the zones that each has an address in.
    pub endpoint_addresses: u32,
    /// What goes over ways that are billed by the byte.
    pub carried: Vec<StaticBytes>,
    /// Bytes of images in Amazon ECR, by service.
    pub images: Vec<(String, f64)>,
    /// File systems of Amazon EFS.
    pub file_systems: Vec<FileSystemUsage>,
    /// What CloudWatch watches and keeps.
    pub monitoring: Monitoring,
    /// Message queues.
    pub queues: Vec<StaticQueue>,
    /// Volumes of Amazon EBS that tasks have, by service.
    pub volumes: Vec<StaticVolumes>,
    /// EC2 instances, by capacity provider.
    pub instances: Vec<StaticInstances>,
}

/// EC2 instances of one capacity provider.
#[derive(Clone, Debug, PartialEq)]
pub struct StaticInstances {
    /// What they are; its seconds are not looked at.
    pub kind: InstanceUsage,
    /// How many there are at the floor, the desired count and the ceiling.
    pub count: [u32; 3],
}

/// The volume of Amazon EBS that each task of a service has.
#[derive(Clone, Debug, PartialEq)]
pub struct StaticVolumes {
    /// The service.
    pub service: String,
    /// Whether they are gp3, else gp2.
    pub is_gp3: bool,
    /// The size of one in GiB.
    pub size_gib: u32,
    /// IOPS of one; 3000 of gp3 are free of charge.
    pub iops: u32,
    /// MiB per second of one; 125 of gp3 are free of charge.
    pub throughput_mib_per_second: u32,
}

/// A constant stream of bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct StaticBytes {
    /// The service whose tasks send or fetch them.
    pub service: String,
    /// The way.
    pub way: Way,
    /// What they are, in the plural.
    pub what: &'static str,
    /// Bytes per second.
    pub bytes_per_second: f64,
}

/// One message queue with constant traffic: requests per second, as they are billed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StaticQueue {
    /// The service that works on it.
    pub service: String,
    /// That send a message.
    pub sends_per_second: f64,
    /// That receive messages, at the floor, the desired count and the ceiling.
    pub receives_per_second: [f64; 3],
    /// That receive none, at the same levels.
    pub empty_receives_per_second: [f64; 3],
    /// That delete a message, at the same levels.
    pub deletes_per_second: [f64; 3],
}

/// One service with a constant number of tasks and, where traffic is given, a constant rate of it.
#[derive(Clone, Debug, PartialEq)]
pub struct StaticService {
    /// Its name.
    pub name: String,
    /// `linux_x86`, `linux_arm` or `windows_x86`.
    pub platform: &'static str,
    /// CPU of one task.
    pub cpu: CpuUnits,
    /// Memory of one task.
    pub memory: Mebibytes,
    /// Ephemeral storage of one task in GiB, the free part included.
    pub ephemeral_storage_gib: u32,
    /// Whether each task has a public IPv4 address.
    pub public_ip: bool,
    /// Tasks by capacity provider at the floor, the desired count and the ceiling.
    pub tasks: [Vec<(String, u32)>; 3],
    /// Requests per second; 0 when no traffic is given.
    pub requests_per_second: f64,
    /// Bytes per second to the internet.
    pub internet_out_bytes_per_second: f64,
    /// Bytes per second of logs.
    pub log_bytes_per_second: f64,
}

/// One balancer with constant traffic.
#[derive(Clone, Debug, PartialEq)]
pub struct StaticLoadBalancer {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: LoadBalancerKind,
    /// The only service that uses it; none when several share it.
    pub service: Option<String>,
    /// Its public IPv4 addresses.
    pub public_addresses: u32,
    /// New connections per second.
    pub new_connections_per_second: f64,
    /// Connections open at any time.
    pub open_connections: f64,
    /// Bytes per second of requests and responses.
    pub processed_bytes_per_second: f64,
    /// Rule evaluations per second beyond the ten free ones of each request.
    pub rule_evaluations_per_second: f64,
}

/// A month's bill at three levels of capacity.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// At the smallest capacity.
    pub floor: Bill,
    /// At the desired count.
    pub desired: Bill,
    /// At the largest capacity.
    pub ceiling: Bill,
}

/// The monthly bill of a deployment at its floor, desired count and ceiling.
///
/// # Errors
/// As [`super::price`].
pub fn estimate(deployment: &StaticDeployment, book: &PriceBook) -> Result<Estimate> {
    let bill = |level: usize| price_without_remarks(&month(deployment, level), book);
    Ok(Estimate { floor: bill(0)?, desired: bill(1)?, ceiling: bill(2)? })
}

/// The usage of a month at one level of capacity.
fn month(deployment: &StaticDeployment, level: usize) -> Usage {
    let hours = HOURS_PER_MONTH as usize;
    Usage {
        first_hour: Timestamp::UNIX_EPOCH,
        seconds_into_first_hour: 0.0,
        hours,
        window_seconds: f64::from(HOURS_PER_MONTH) * 3600.0,
        tasks: deployment.services.iter().flat_map(|service| task_usage(service, level)).collect(),
        volumes: deployment.volumes.iter().flat_map(|volumes| volume_usage(volumes, deployment, level)).collect(),
        instances: deployment.instances.iter().map(|instances| instance_usage(instances, level)).collect(),
        flows: deployment.services.iter().map(flow_usage).collect(),
        load_balancers: deployment.load_balancers.iter().map(balancer_usage).collect(),
        nat_gateways: deployment.nat_gateways,
        endpoint_addresses: deployment.endpoint_addresses,
        carried: deployment.carried.iter().map(carried_bytes).collect(),
        images: deployment.images.iter().map(image_usage).collect(),
        file_systems: deployment.file_systems.clone(),
        monitoring: deployment.monitoring.clone(),
        queues: deployment.queues.iter().map(|queue| queue_usage(queue, level)).collect(),
    }
}

fn queue_usage(queue: &StaticQueue, level: usize) -> QueueUsage {
    QueueUsage {
        service: queue.service.clone(),
        sends: constant(queue.sends_per_second),
        receives: constant(queue.receives_per_second[level]),
        empty_receives: constant(queue.empty_receives_per_second[level]),
        deletes: constant(queue.deletes_per_second[level]),
    }
}

fn task_usage(service: &StaticService, level: usize) -> Vec<TaskUsage> {
    let usage = |(capacity_provider, count): &(String, u32)| TaskUsage {
        service: service.name.clone(),
        capacity_provider: capacity_provider.clone(),
        platform: service.platform,
        cpu: service.cpu,
        memory: service.memory,
        ephemeral_storage_gib: service.ephemeral_storage_gib,
        public_ip: service.public_ip,
        billed_seconds: vec![u64::from(*count) * 3600; HOURS_PER_MONTH as usize],
    };
    service.tasks[level].iter().map(usage).collect()
}

fn volume_usage(volumes: &StaticVolumes, deployment: &StaticDeployment, level: usize) -> Vec<VolumeUsage> {
    let of_service = deployment.services.iter().filter(|service| service.name == volumes.service).flat_map(|service| &service.tasks[level]);
    let usage = |(capacity_provider, count): &(String, u32)| VolumeUsage {
        service: volumes.service.clone(),
        capacity_provider: capacity_provider.clone(),
        is_gp3: volumes.is_gp3,
        size_gib: volumes.size_gib,
        iops: volumes.iops,
        throughput_mib_per_second: volumes.throughput_mib_per_second,
        billed_seconds: vec![u64::from(*count) * 3600; HOURS_PER_MONTH as usize],
    };
    of_service.map(usage).collect()
}

fn instance_usage(instances: &StaticInstances, level: usize) -> InstanceUsage {
    let billed_seconds = vec![u64::from(instances.count[level]) * 3600; HOURS_PER_MONTH as usize];
    InstanceUsage { billed_seconds, ..instances.kind.clone() }
}

fn flow_usage(service: &StaticService) -> FlowUsage {
    FlowUsage {
        service: service.name.clone(),
        requests: constant(service.requests_per_second),
        caused_requests: 0.0,
        internet_out_bytes: constant(service.internet_out_bytes_per_second),
        log_bytes: constant(service.log_bytes_per_second),
    }
}

fn balancer_usage(balancer: &StaticLoadBalancer) -> LoadBalancerUsage {
    LoadBalancerUsage {
        name: balancer.name.clone(),
        kind: balancer.kind,
        service: balancer.service.clone(),
        public_addresses: balancer.public_addresses,
        new_connections: constant(balancer.new_connections_per_second),
        connection_seconds: constant(balancer.open_connections),
        processed_bytes: constant(balancer.processed_bytes_per_second),
        rule_evaluations: constant(balancer.rule_evaluations_per_second),
    }
}

fn carried_bytes(carried: &StaticBytes) -> CarriedBytes {
    let StaticBytes { ref service, way, what, bytes_per_second } = *carried;
    CarriedBytes { service: service.clone(), way, what, bytes: constant(bytes_per_second) }
}

fn image_usage((service, bytes): &(String, f64)) -> ImageUsage {
    ImageUsage { service: service.clone(), byte_hours: vec![*bytes; HOURS_PER_MONTH as usize] }
}

/// A rate per second as the hours of a month.
fn constant(per_second: f64) -> Vec<f64> {
    vec![per_second * 3600.0; HOURS_PER_MONTH as usize]
}
