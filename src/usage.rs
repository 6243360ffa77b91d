//! What was consumed, metered as AWS meters it: by UTC hour, in integers where AWS counts whole units.
//!
//! The meter knows no price. One run's usage can be priced with any book, and Savings Plans, load
//! balancer capacity units and calendars all need the hours kept apart. Hour 0 is the UTC hour that holds
//! the start of the window; every series has one entry for each hour that the window touches.

use jiff::Timestamp;

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
    /// Requests and bytes, one entry for each service.
    pub flows: Vec<FlowUsage>,
    /// Load balancers.
    pub load_balancers: Vec<LoadBalancerUsage>,
    /// NAT gateways that exist through the whole window.
    pub nat_gateways: u32,
    /// Interface endpoints times the zones that each has an address in.
    pub endpoint_addresses: u32,
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
    /// Bytes through NAT gateways.
    pub nat_bytes: Vec<f64>,
    /// Bytes of logs.
    pub log_bytes: Vec<f64>,
}

/// One Application Load Balancer, by hour.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadBalancerUsage {
    /// Its name.
    pub name: String,
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
    /// Rule evaluations beyond the ten free ones of each request.
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

    #[test]
    fn windows_has_the_longer_minimum() {
        assert_eq!(minimum_billed_seconds("linux_x86"), 60);
        assert_eq!(minimum_billed_seconds("linux_arm"), 60);
        assert_eq!(minimum_billed_seconds("windows_x86"), 300);
    }
}
