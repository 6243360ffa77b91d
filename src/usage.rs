//! What was consumed, metered as AWS meters it: by UTC hour, in integers where AWS counts whole units.
//!
//! The meter knows no price. One run's usage can be priced with any book, and Savings Plans, load
//! balancer capacity units and calendars all need the hours kept apart. Hour 0 is the UTC hour that holds
//! the start of the window; every series has one entry for each hour that the window touches.

mod monitoring;
mod queue;

use std::ops::Range;

use jiff::{SignedDuration, Timestamp};

pub use self::monitoring::{ContainerInsightsUsage, LogStorage, Monitoring, ServiceMonitoring};
pub use self::queue::QueueUsage;
use crate::units::{CpuUnits, Mebibytes};

/// Everything that one run consumed inside its window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    /// The start of hour 0, on the hour in UTC.
    pub first_hour: Timestamp,
    /// How far into hour 0 the window begins, in seconds; 0 when it begins on the hour.
    pub seconds_into_first_hour: f64,
    /// The number of hours that the window touches.
    pub hours: usize,
    /// The length of the window in seconds.
    pub window_seconds: f64,
    /// Tasks, one entry for each service and capacity provider that ran any.
    pub tasks: Vec<TaskUsage>,
    /// Volumes of Amazon EBS that tasks have, one entry for each service and capacity provider whose tasks had any.
    pub volumes: Vec<VolumeUsage>,
    /// EC2 instances, one entry for each capacity provider that had any.
    pub instances: Vec<InstanceUsage>,
    /// Requests and bytes, one entry for each service.
    pub flows: Vec<FlowUsage>,
    /// Load balancers.
    pub load_balancers: Vec<LoadBalancerUsage>,
    /// NAT gateways that exist through the whole window.
    pub nat_gateways: u32,
    /// Interface endpoints times the zones that each has an address in.
    pub endpoint_addresses: u32,
    /// What went over ways that are billed by the byte, beside what [`FlowUsage`] names.
    pub carried: Vec<CarriedBytes>,
    /// Images in Amazon ECR, one entry for each repository.
    pub images: Vec<ImageUsage>,
    /// File systems of Amazon EFS that exist through the whole window.
    pub file_systems: Vec<FileSystemUsage>,
    /// What CloudWatch watches and keeps.
    pub monitoring: Monitoring,
    /// Message queues, one entry for each service that works on one.
    pub queues: Vec<QueueUsage>,
}

impl Usage {
    /// The seconds of each hour that lie inside the window.
    #[must_use]
    pub fn seconds_of_hours(&self) -> Vec<f64> {
        let (begin, end) = (self.seconds_into_first_hour, self.seconds_into_first_hour + self.window_seconds);
        let seconds = |hour: usize| {
            let start = hour as f64 * SECONDS_PER_HOUR;
            ((start + SECONDS_PER_HOUR).min(end) - start.max(begin)).max(0.0)
        };
        (0..self.hours).map(seconds).collect()
    }

    /// Whether tasks run on EC2 instances, which are billed in their place.
    #[must_use]
    pub fn is_on_instances(&self, tasks: &TaskUsage) -> bool {
        self.instances.iter().any(|instances| instances.capacity_provider == tasks.capacity_provider)
    }

    /// What was consumed in these hours alone, as a window of its own; hours beyond the last are left out.
    #[must_use]
    pub fn part(&self, hours: Range<usize>) -> Self {
        let hours = hours.start.min(self.hours)..hours.end.min(self.hours);
        let (first, last) = (hours.start as f64 * SECONDS_PER_HOUR, hours.end as f64 * SECONDS_PER_HOUR);
        let begin = first.max(self.seconds_into_first_hour);
        let end = last.min(self.seconds_into_first_hour + self.window_seconds);
        let offset = SignedDuration::from_hours(i64::try_from(hours.start).unwrap_or_default());
        Self {
            first_hour: self.first_hour.saturating_add(offset).unwrap_or(Timestamp::MAX),
            seconds_into_first_hour: begin - first,
            hours: hours.len(),
            window_seconds: (end - begin).max(0.0),
            tasks: self.tasks.iter().map(|tasks| tasks.part(&hours)).collect(),
            volumes: self
                .volumes
                .iter()
                .map(|volumes| VolumeUsage { billed_seconds: cut(&volumes.billed_seconds, &hours), ..volumes.clone() })
                .collect(),
            instances: self
                .instances
                .iter()
                .map(|instances| InstanceUsage { billed_seconds: cut(&instances.billed_seconds, &hours), ..instances.clone() })
                .collect(),
            flows: self.flows.iter().map(|flow| flow.part(&hours)).collect(),
            load_balancers: self.load_balancers.iter().map(|balancer| balancer.part(&hours)).collect(),
            nat_gateways: self.nat_gateways,
            endpoint_addresses: self.endpoint_addresses,
            carried: self.carried.iter().map(|carried| CarriedBytes { bytes: cut(&carried.bytes, &hours), ..carried.clone() }).collect(),
            images: self.images.iter().map(|images| ImageUsage { byte_hours: cut(&images.byte_hours, &hours), ..images.clone() }).collect(),
            file_systems: self.file_systems.clone(),
            monitoring: self.monitoring.clone(),
            queues: self.queues.iter().map(|queue| queue.part(&hours)).collect(),
        }
    }
}

const SECONDS_PER_HOUR: f64 = 3600.0;

/// The hours of a series; a series that ends before them has fewer.
fn cut<T: Clone>(series: &[T], hours: &Range<usize>) -> Vec<T> {
    series.get(hours.start..hours.end.min(series.len())).unwrap_or_default().to_vec()
}

impl TaskUsage {
    fn part(&self, hours: &Range<usize>) -> Self {
        Self { billed_seconds: cut(&self.billed_seconds, hours), ..self.clone() }
    }
}

impl FlowUsage {
    /// Requests that others caused are not known by the hour: the part has its share of them by requests.
    fn part(&self, hours: &Range<usize>) -> Self {
        let requests = cut(&self.requests, hours);
        let all: f64 = self.requests.iter().sum();
        let share = if all > 0.0 { requests.iter().sum::<f64>() / all } else { 0.0 };
        Self {
            service: self.service.clone(),
            requests,
            caused_requests: self.caused_requests * share,
            internet_out_bytes: cut(&self.internet_out_bytes, hours),
            log_bytes: cut(&self.log_bytes, hours),
        }
    }
}

impl QueueUsage {
    fn part(&self, hours: &Range<usize>) -> Self {
        Self {
            service: self.service.clone(),
            sends: cut(&self.sends, hours),
            receives: cut(&self.receives, hours),
            empty_receives: cut(&self.empty_receives, hours),
            deletes: cut(&self.deletes, hours),
        }
    }
}

impl LoadBalancerUsage {
    fn part(&self, hours: &Range<usize>) -> Self {
        Self {
            name: self.name.clone(),
            service: self.service.clone(),
            kind: self.kind,
            public_addresses: self.public_addresses,
            new_connections: cut(&self.new_connections, hours),
            connection_seconds: cut(&self.connection_seconds, hours),
            processed_bytes: cut(&self.processed_bytes, hours),
            rule_evaluations: cut(&self.rule_evaluations, hours),
        }
    }
}

/// Tasks of one service on one capacity provider.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskUsage {
    /// The service.
    pub service: String,
    /// The capacity provider's name in AWS.
    pub capacity_provider: String,
    /// `linux_x86`, `linux_arm` or `windows_x86`: the middle of a price key.
    pub platform: &'static str,
    /// CPU of one task.
    pub cpu: CpuUnits,
    /// Memory of one task.
    pub memory: Mebibytes,
    /// Ephemeral storage of one task in GiB, the free part included.
    pub ephemeral_storage_gib: u32,
    /// Whether each task has a public IPv4 address.
    pub public_ip: bool,
    /// Billed task-seconds by hour: each task from image pull to stop, rounded up to the second, with the
    /// platform's minimum.
    pub billed_seconds: Vec<u64>,
}

/// The volumes of Amazon EBS that the tasks of one service on one capacity provider had, one for each task.
#[derive(Clone, Debug, PartialEq)]
pub struct VolumeUsage {
    /// The service.
    pub service: String,
    /// The capacity provider's name in AWS.
    pub capacity_provider: String,
    /// Whether they are gp3, else gp2.
    pub is_gp3: bool,
    /// The size of one in GiB.
    pub size_gib: u32,
    /// IOPS of one; 3000 of gp3 are free of charge.
    pub iops: u32,
    /// MiB per second of one; 125 of gp3 are free of charge.
    pub throughput_mib_per_second: u32,
    /// Billed volume-seconds by hour: each from its task's image pull to its stop, a minute at least.
    pub billed_seconds: Vec<u64>,
}

/// The EC2 instances of one capacity provider.
#[derive(Clone, Debug, PartialEq)]
pub struct InstanceUsage {
    /// The capacity provider's name.
    pub capacity_provider: String,
    /// The only service that uses it; none when several share it.
    pub service: Option<String>,
    /// The type, as `m7g.xlarge`.
    pub instance_type: String,
    /// The root volume of one in GiB.
    pub root_volume_gib: u32,
    /// Whether each has a public IPv4 address.
    pub has_public_address: bool,
    /// Whether there are always as many, whatever runs.
    pub is_fixed: bool,
    /// Billed instance-seconds by hour: each from its launch to its end, rounded up to the second, a minute at least.
    pub billed_seconds: Vec<u64>,
}

/// What the requests of one service moved, by hour.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowUsage {
    /// The service.
    pub service: String,
    /// Attempts that arrived.
    pub requests: Vec<f64>,
    /// How many of them followed from another request, over all hours: retries, and calls of other services.
    pub caused_requests: f64,
    /// Bytes that went to the internet: responses of a public balancer and outbound calls.
    pub internet_out_bytes: Vec<f64>,
    /// Bytes of logs.
    pub log_bytes: Vec<f64>,
}

/// A way that is billed by the byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Through NAT gateways.
    NatGateway,
    /// Through interface endpoints.
    InterfaceEndpoint,
    /// From one Availability Zone into another one.
    BetweenZones,
}

/// What the tasks of one service sent or fetched over one way for one purpose, by hour.
#[derive(Clone, Debug, PartialEq)]
pub struct CarriedBytes {
    /// The service.
    pub service: String,
    /// The way.
    pub way: Way,
    /// What it was, in the plural: `logs`, `image pulls` ...
    pub what: &'static str,
    /// Bytes.
    pub bytes: Vec<f64>,
}

/// The images that one service keeps in Amazon ECR.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageUsage {
    /// The service.
    pub service: String,
    /// Bytes times the hours that they were stored, by hour.
    pub byte_hours: Vec<f64>,
}

/// One file system of Amazon EFS.
#[derive(Clone, Debug, PartialEq)]
pub struct FileSystemUsage {
    /// Its name.
    pub name: String,
    /// The only service that mounts it; none when several or none do.
    pub service: Option<String>,
    /// Whether it lies in one zone alone.
    pub is_one_zone: bool,
    /// What it stores, in bytes.
    pub stored_bytes: f64,
    /// Provisioned throughput in MiB per second; 0 in another mode.
    pub provisioned_mib_per_second: f64,
}

/// What kind of balancer it is, which decides how capacity units are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoadBalancerKind {
    /// An Application Load Balancer.
    #[default]
    Application,
    /// A Network Load Balancer with a TCP listener.
    NetworkTcp,
    /// A Network Load Balancer that ends TLS.
    NetworkTls,
    /// A Network Load Balancer with a UDP listener.
    NetworkUdp,
}

/// One load balancer, by hour.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadBalancerUsage {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: LoadBalancerKind,
    /// The only service that uses it; none when several share it.
    pub service: Option<String>,
    /// Its public IPv4 addresses, one a zone; 0 when internal.
    pub public_addresses: u32,
    /// New connections.
    pub new_connections: Vec<f64>,
    /// Seconds of open connections, added up over connections.
    pub connection_seconds: Vec<f64>,
    /// Bytes of requests and responses.
    pub processed_bytes: Vec<f64>,
    /// Rule evaluations beyond the ten free ones of each request; a network balancer has no rules.
    pub rule_evaluations: Vec<f64>,
}

/// The fewest seconds that AWS bills for one Fargate task on this platform (the middle of a price key).
///
/// One minute on Linux, five minutes on Windows, each counted from the start of the image pull; a longer task is billed
/// by the second, rounded up. Source: aws.amazon.com/fargate/pricing.
#[must_use]
pub fn minimum_billed_seconds(platform: &str) -> u64 {
    if platform.starts_with("windows") { 300 } else { 60 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 3 h from half past midnight touch 4 hours; the parts have 1.5 h each and share what a request caused by requests.
    #[test]
    fn parts_are_windows_of_their_own() {
        let flow = FlowUsage {
            service: "web".to_owned(),
            requests: vec![1.0, 2.0, 3.0, 4.0],
            caused_requests: 5.0,
            internet_out_bytes: vec![10.0, 20.0, 30.0, 40.0],
            log_bytes: vec![0.0; 4],
        };
        let whole = Usage { seconds_into_first_hour: 1800.0, hours: 4, window_seconds: 10_800.0, flows: vec![flow], ..Usage::default() };
        let (first, second) = (whole.part(0..2), whole.part(2..9));
        assert_eq!((first.hours, first.window_seconds, first.seconds_into_first_hour), (2, 5400.0, 1800.0));
        assert_eq!((second.hours, second.window_seconds, second.seconds_into_first_hour), (2, 5400.0, 0.0));
        assert_eq!(second.first_hour.duration_since(whole.first_hour), SignedDuration::from_hours(2));
        assert_eq!((&second.flows[0].internet_out_bytes, second.flows[0].caused_requests), (&vec![30.0, 40.0], 3.5));
        assert_eq!(whole.part(4..6).hours, 0);
    }

    #[test]
    fn windows_has_the_longer_minimum() {
        assert_eq!(minimum_billed_seconds("linux_x86"), 60);
        assert_eq!(minimum_billed_seconds("linux_arm"), 60);
        assert_eq!(minimum_billed_seconds("windows_x86"), 300);
    }
}
