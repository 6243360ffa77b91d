//! Load balancers, and how a service hangs on one.

use crate::units::SimDuration;

/// The kind of a balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BalancerKind {
    /// An Application Load Balancer.
    Application,
    /// A Network Load Balancer.
    Network {
        /// The protocol of its listener.
        protocol: ListenerProtocol,
        /// Whether its nodes also send to tasks in other zones.
        crosses_zones: bool,
    },
}

/// The protocol of a Network Load Balancer's listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListenerProtocol {
    /// TCP.
    Tcp,
    /// TLS that the balancer ends.
    Tls,
    /// UDP.
    Udp,
}

/// A load balancer, perhaps shared by several services.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadBalancer {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: BalancerKind,
    /// Whether only the VPC can reach it; else it has a public IPv4 address in every zone.
    pub internal: bool,
    /// Rules of its listeners; the first ten evaluations of a request are free.
    pub listener_rules: u32,
    /// Requests that come over one connection, at least 1.
    pub requests_per_connection: f64,
    /// How long a connection stays open.
    pub connection_duration: SimDuration,
}

impl LoadBalancer {
    /// Rules whose evaluation is charged: the first ten of each request are free (AWS, ELB pricing).
    #[must_use]
    pub const fn charged_rules(&self) -> u32 {
        self.listener_rules.saturating_sub(10)
    }
}

/// How one service hangs on its balancer.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetGroup {
    /// The index of the balancer in [`super::Scenario::load_balancers`].
    pub load_balancer: usize,
    /// How a request finds its task.
    pub algorithm: RoutingAlgorithm,
    /// How long a deregistered target drains.
    pub deregistration_delay: SimDuration,
    /// How long a new target gets less than its share, which grows linearly; zero: it gets it at once.
    pub slow_start: SimDuration,
    /// The checks of its targets.
    pub health_check: HealthCheck,
}

/// How a balancer checks its targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// From one check to the next.
    pub interval: SimDuration,
    /// How long an answer may take.
    pub timeout: SimDuration,
    /// Successes in a row after which an unhealthy target is healthy.
    pub healthy_threshold: u32,
    /// Failures in a row after which a target is unhealthy.
    pub unhealthy_threshold: u32,
    /// Whether a check waits and works like a request; else it always succeeds.
    pub shares_workers: bool,
}

/// How requests are spread over tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoutingAlgorithm {
    /// In turn.
    RoundRobin,
    /// Where the fewest requests are in progress.
    LeastOutstandingRequests,
    /// Evenly at random.
    WeightedRandom,
}
