//! A scenario as the simulator sees it: checked, with every default filled in and every unit resolved.
//!
//! Values of these types hold no contradiction that the reader of a scenario could have found. What a
//! scenario file may say and the simulator does not model yet is refused before these are built, so
//! everything that stands here has an effect.

use jiff::Timestamp;

mod balancer;
mod checks;
mod deployment;
mod environment;
mod event;
mod fidelity;
mod instances;
mod pricing;
mod scaling;
mod service;
mod shift;
mod storage;
mod traffic;
mod ways;
mod workload;

pub use self::balancer::{BalancerKind, HealthCheck, ListenerProtocol, LoadBalancer, RoutingAlgorithm, TargetGroup};
pub use self::checks::{CheckPatience, ContainerCheck};
pub use self::deployment::{BreakerThreshold, CircuitBreaker, Revision};
pub use self::environment::{
    Assumptions, ContainerInsightsMetrics, Drain, MetricValue, Network, Quotas, Shortage, Spot, SpotDeregistration,
};
pub use self::event::{Event, EventKind, When};
pub use self::instances::{InstanceGroup, ManagedScaling, PlacementRule};
pub use self::pricing::{FreeTier, Pricing, SavingsPlan, Uncertainty};
pub use self::scaling::{
    ALARM_LOW_FRACTION, Adjustment, AlarmRule, Breach, Forecast, MaxCapacityBreach, MetricPair, Policy, Scaling, ScheduledAction, Step,
    StepScaling, Suspended, TargetTracking, TrackedMetric, TreatMissingData,
};
pub use self::service::{CapacityProvider, Platform, Service, StrategyItem, TaskDefinition};
pub use self::shift::{Curve, DeploymentAlarms, NamedAlarm, TrafficShift};
pub use self::storage::{EbsVolume, FileSystem, Repository};
pub use self::traffic::{Calls, Pattern, Spike, TraceSource, TrafficKind, TrafficSource, Users};
pub use self::ways::BytesBetweenZones;
pub use self::workload::{MessageQueue, Retries, Slo, StartUp, Workload};
pub use super::metric_source::{Metric, MetricSource, Series, Statistic};
pub use super::values::time::Moment;
pub use crate::distribution::Distribution;
use crate::units::SimDuration;

/// A whole scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The scenario's name, for reports.
    pub name: String,
    /// One line about it.
    pub description: Option<String>,
    /// The AWS region whose prices and quotas apply, as `us-east-1`.
    pub region: String,
    /// When, how long, how finely.
    pub simulation: Simulation,
    /// The cluster that the services run in.
    pub cluster: Cluster,
    /// The services, in the order of the file. Names are unique.
    pub services: Vec<Service>,
    /// The balancers that the services name, each once.
    pub load_balancers: Vec<LoadBalancer>,
    /// How Spot capacity behaves.
    pub spot: Spot,
    /// What limits launches.
    pub quotas: Quotas,
    /// Routes out of the network; none when the scenario has no `network`.
    pub network: Option<Network>,
    /// File systems of Amazon EFS.
    pub file_systems: Vec<FileSystem>,
    /// CloudWatch alarms for deployments.
    pub alarms: Vec<NamedAlarm>,
    /// What happens during the run.
    pub events: Vec<Event>,
    /// What AWS does not document.
    pub assumptions: Assumptions,
    /// Where prices come from and what changes them.
    pub pricing: Pricing,
    /// What is drawn once per replication.
    pub uncertainty: Uncertainty,
    /// What a run must meet.
    pub thresholds: Vec<Threshold>,
}

/// What one request moves, in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BytesPerRequest {
    /// To the internet.
    pub internet_out: f64,
    /// Of logs.
    pub logs: f64,
}

impl Scenario {
    /// What a request to this service moves. Responses reach the internet through a public balancer;
    /// without a balancer nothing says where the clients are, and no egress is assumed.
    #[must_use]
    pub fn bytes_per_request(&self, service: &Service) -> BytesPerRequest {
        let workload = &service.workload;
        let balancer = service.target_group.as_ref().map(|group| &self.load_balancers[group.load_balancer]);
        let responses_leave = balancer.is_some_and(|balancer| !balancer.internal);
        let response = if responses_leave { workload.response_size_bytes } else { 0.0 };
        BytesPerRequest { internet_out: response + workload.outbound_per_request_bytes, logs: workload.logs_per_request_bytes }
    }

    /// The groups of EC2 instances with the capacity providers that they are.
    pub fn instance_groups(&self) -> impl Iterator<Item = (CapacityProvider, &InstanceGroup)> {
        // A cluster has twenty at most.
        (0..).map(CapacityProvider::Instances).zip(&self.cluster.instance_groups)
    }

    /// The services that run tasks on a capacity provider.
    pub fn services_on(&self, provider: CapacityProvider) -> impl Iterator<Item = &Service> {
        self.services.iter().filter(move |service| service.strategy.iter().any(|item| item.capacity_provider == provider))
    }

    /// The services that use a balancer, by their place in the scenario.
    #[must_use]
    pub fn users_of(&self, load_balancer: usize) -> Vec<usize> {
        let uses = |service: &Service| service.target_group.as_ref().is_some_and(|group| group.load_balancer == load_balancer);
        (0..self.services.len()).filter(|&index| uses(&self.services[index])).collect()
    }
}

/// The window and the resolution of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulation {
    /// The first instant that counts; none: the first sample of the first trace, else 2026-01-05T00:00:00Z.
    pub start: Option<Timestamp>,
    /// The length of the window; none: the length of the first trace from the start, else 24 h.
    pub duration: Option<SimDuration>,
    /// Simulated before the start, in no statistic and no cost.
    pub warm_up: SimDuration,
    /// The step of the timeline and the charts.
    pub timeline_resolution: SimDuration,
    /// The seed of every random draw; replication `k`, counted from 0, runs with `seed + k`.
    pub seed: u64,
    /// How finely traffic is modelled.
    pub fidelity: Fidelity,
    /// How many runs with independent seeds, at least 1.
    pub replications: u32,
}

/// How finely traffic is modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fidelity {
    /// Flows and queueing formulas.
    Fluid,
    /// Every request is an event.
    Request,
    /// Whichever of the two the expected number of requests affords.
    Auto,
}

/// The cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// Its name, a part of every resource id.
    pub name: String,
    /// The number of Availability Zones that tasks and balancers spread over, 1 to 6.
    pub availability_zones: u32,
    /// What Container Insights publishes of it.
    pub container_insights: ContainerInsights,
    /// Its EC2 instances, in the order of the file; [`CapacityProvider::Instances`] names them by their places here.
    pub instance_groups: Vec<InstanceGroup>,
}

/// CloudWatch Container Insights of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerInsights {
    /// Nothing.
    Disabled,
    /// Metrics of the cluster, its services and task definitions.
    Enabled,
    /// Those of each task and container too.
    Enhanced,
}

/// A threshold: `services.web.latency_p99 < 300ms`.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// As it was written.
    pub expression: String,
    /// The path of the figure.
    pub path: String,
    /// How the figure is compared with the bound.
    pub comparison: Comparison,
    /// The bound, in the unit of the figure (seconds, fraction, percent, dollars).
    pub bound: f64,
    /// The part of the same figure of a baseline that is added to the bound, as 1.1 in `baseline + 10%`; none without a baseline.
    pub of_baseline: Option<f64>,
    /// Where it stands, for the message when no such figure exists.
    pub place: crate::error::Place,
}

impl Threshold {
    /// Whether it speaks of the bill and not of a service.
    #[must_use]
    pub fn is_about_the_bill(&self) -> bool {
        matches!(self.path.split('.').next(), Some("monthly_cost" | "cost"))
    }

    /// Whether it names a quantile of the monthly cost over replications, which a single one does not have.
    #[must_use]
    pub fn is_quantile_over_replications(&self) -> bool {
        let quantile = self.path.strip_prefix("monthly_cost.").or_else(|| self.path.strip_prefix("cost.monthly."));
        matches!(quantile, Some("p10" | "p50" | "p90"))
    }
}

/// The comparison of a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
}

impl Comparison {
    /// Whether a figure stands to a bound as it says.
    #[must_use]
    pub fn holds(self, figure: f64, bound: f64) -> bool {
        match self {
            Self::Less => figure < bound,
            Self::LessOrEqual => figure <= bound,
            Self::Greater => figure > bound,
            Self::GreaterOrEqual => figure >= bound,
            Self::Equal => figure == bound,
            Self::NotEqual => figure != bound,
        }
    }
}
