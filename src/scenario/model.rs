//! A scenario as the simulator sees it: checked, with every default filled in and every unit resolved.
//!
//! Values of these types hold no contradiction that the reader of a scenario could have found. What a
//! scenario file may say and the simulator does not model yet is refused before these are built, so
//! everything that stands here has an effect.

use jiff::Timestamp;
use rust_decimal::Decimal;

mod checks;
mod deployment;
mod event;
mod fidelity;
mod scaling;
mod shift;

pub use self::checks::{CheckPatience, ContainerCheck};
pub use self::deployment::{BreakerThreshold, CircuitBreaker, Revision};
pub use self::event::{Event, EventKind, When};
pub use self::scaling::{
    ALARM_LOW_FRACTION, Adjustment, AlarmRule, Breach, Forecast, MaxCapacityBreach, MetricPair, Policy, Scaling, ScheduledAction, Step,
    StepScaling, Suspended, TargetTracking, TrackedMetric, TreatMissingData,
};
pub use self::shift::{Curve, DeploymentAlarms, NamedAlarm, TrafficShift};
pub use super::metric_source::{Metric, MetricSource, Series, Statistic};
pub use super::values::time::Moment;
pub use crate::distribution::Distribution;
use crate::units::{CpuUnits, Mebibytes, SimDuration};

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
    /// Through NAT gateways.
    pub nat: f64,
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
        let through_nat = self.network.as_ref().is_some_and(|network| network.nat_gateways > 0 && !network.public_placement);
        BytesPerRequest {
            internet_out: response + workload.outbound_per_request_bytes,
            nat: if through_nat { workload.outbound_per_request_bytes } else { 0.0 },
            logs: workload.logs_per_request_bytes,
        }
    }

    /// The services that use a balancer, by their place in the scenario.
    #[must_use]
    pub fn users_of(&self, load_balancer: usize) -> Vec<usize> {
        let uses = |service: &Service| service.target_group.as_ref().is_some_and(|group| group.load_balancer == load_balancer);
        (0..self.services.len()).filter(|&index| uses(&self.services[index])).collect()
    }
}

impl LoadBalancer {
    /// Rules whose evaluation is charged: the first ten of each request are free (AWS, ELB pricing).
    #[must_use]
    pub const fn charged_rules(&self) -> u32 {
        self.listener_rules.saturating_sub(10)
    }
}

impl Network {
    /// Endpoints that have an address in every zone; `s3` and `dynamodb` are gateway endpoints and free.
    #[must_use]
    pub fn interface_endpoints(&self) -> u32 {
        self.vpc_endpoints.iter().filter(|name| !matches!(name.as_str(), "s3" | "dynamodb")).count() as u32
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
}

/// One ECS service.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// The service's name.
    pub name: String,
    /// What each task is.
    pub task: TaskDefinition,
    /// Tasks that run at the start, already inside the scaling bounds.
    pub desired_count: u32,
    /// Where tasks run, in the order of the strategy; a launch type is a strategy of one provider.
    pub strategy: Vec<StrategyItem>,
    /// The fewest healthy tasks that a deployment leaves, in percent of the desired count, 0 to 100.
    pub minimum_healthy_percent: f64,
    /// The most tasks that run or are about to during deployments and while unhealthy ones are replaced, in percent of
    /// the desired count, 100 to 200.
    pub maximum_percent: f64,
    /// Ends deployments that keep failing; none: they are tried for ever.
    pub circuit_breaker: Option<CircuitBreaker>,
    /// How traffic moves to a new revision; none: it follows the tasks, which are replaced a few at a time.
    pub traffic_shift: Option<TrafficShift>,
    /// The alarms that fail its deployments; none: no alarm does.
    pub deployment_alarms: Option<DeploymentAlarms>,
    /// What its deployments bring, in the order of the events. The tasks at the start are of none of these.
    pub revisions: Vec<Revision>,
    /// Whether ECS moves tasks after an outage until the zones hold equally many.
    pub availability_zone_rebalancing: bool,
    /// How long after its container started a task's failed health checks lead to nothing.
    pub health_check_grace_period: SimDuration,
    /// Whether each task has a public IPv4 address.
    pub assign_public_ip: bool,
    /// Whether CPU and memory are also published every 20 seconds.
    pub high_resolution_metrics: bool,
    /// What spreads requests over the tasks; none: the clients do, round robin.
    pub target_group: Option<TargetGroup>,
    /// What arrives; several sources add up.
    pub traffic: Vec<TrafficSource>,
    /// What a request costs a task.
    pub workload: Workload,
    /// The service level that windows are judged by.
    pub slo: Option<Slo>,
    /// Application Auto Scaling; none: the desired count stays.
    pub scaling: Option<Scaling>,
}

/// What a task is.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskDefinition {
    /// CPU of the whole task.
    pub cpu: CpuUnits,
    /// Memory of the whole task.
    pub memory: Mebibytes,
    /// The platform, which selects the price.
    pub platform: Platform,
    /// Ephemeral storage in GiB; 20 are free of charge.
    pub ephemeral_storage_gib: u32,
    /// The longest `stopTimeout` of its containers: from SIGTERM to SIGKILL.
    pub stop_timeout: SimDuration,
    /// When containers that hang are given up by their own health checks. None: no container has a check.
    pub container_check_patience: Option<CheckPatience>,
    /// From one check of a container to the next, the longest of all containers.
    pub container_check_interval: SimDuration,
}

/// Operating system and processor of a Fargate task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    /// Linux on x86.
    LinuxX86,
    /// Linux on Graviton.
    LinuxArm,
    /// Windows Server on x86.
    WindowsX86,
}

impl Platform {
    /// The middle of its price keys: `fargate.linux_x86.vcpu_hour`.
    #[must_use]
    pub const fn price_key(self) -> &'static str {
        match self {
            Self::LinuxX86 => "linux_x86",
            Self::LinuxArm => "linux_arm",
            Self::WindowsX86 => "windows_x86",
        }
    }
}

/// Where tasks can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CapacityProvider {
    /// Fargate on demand.
    Fargate,
    /// Fargate Spot.
    FargateSpot,
}

impl CapacityProvider {
    /// All of them, in the order of [`CapacityProvider::index`].
    pub const ALL: [Self; 2] = [Self::Fargate, Self::FargateSpot];

    /// Its name in AWS.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fargate => "FARGATE",
            Self::FargateSpot => "FARGATE_SPOT",
        }
    }

    /// Its place in a table of all providers.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// One item of a capacity provider strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StrategyItem {
    /// The provider.
    pub capacity_provider: CapacityProvider,
    /// Tasks it gets before weights count, 0 to 100,000; at most one item has one.
    pub base: u32,
    /// Its share of the tasks beyond the base, 0 to 1000; at least one item has more than 0.
    pub weight: u32,
}

/// An Application Load Balancer, perhaps shared by several services.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadBalancer {
    /// Its name.
    pub name: String,
    /// Whether only the VPC can reach it; else it has a public IPv4 address in every zone.
    pub internal: bool,
    /// Rules of its listeners; the first ten evaluations of a request are free.
    pub listener_rules: u32,
    /// Requests that come over one connection, at least 1.
    pub requests_per_connection: f64,
    /// How long a connection stays open.
    pub connection_duration: SimDuration,
}

/// How one service hangs on its balancer.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetGroup {
    /// The index of the balancer in [`Scenario::load_balancers`].
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

/// One source of requests.
#[derive(Clone, Debug, PartialEq)]
pub struct TrafficSource {
    /// What the rate is made of.
    pub kind: TrafficKind,
    /// Growth per 30 days as a fraction: rate x (1 + growth)^(t / 30 d), t from the start.
    pub growth: f64,
    /// Passing multiples of the rate.
    pub spikes: Vec<Spike>,
    /// Whether arrivals of a constant or pattern are evenly spaced instead of Poisson.
    pub deterministic_arrivals: bool,
    /// Variance to mean of the count per minute of a constant or pattern; 1 is Poisson.
    pub dispersion: f64,
}

/// The rate of a source.
#[derive(Clone, Debug, PartialEq)]
pub enum TrafficKind {
    /// Recorded traffic.
    Trace(TraceSource),
    /// Requests per second that never change.
    Constant(f64),
    /// A daily (or other) wave.
    Pattern(Pattern),
    /// Users who wait for an answer before they send again.
    Users(Users),
    /// Calls that another service makes.
    Calls(Calls),
}

/// A closed loop: each user sends, waits for the answer, thinks, sends again.
#[derive(Clone, Debug, PartialEq)]
pub struct Users {
    /// How many.
    pub count: u32,
    /// The pause in seconds between an answer and the next request.
    pub think_time: Distribution,
}

/// Calls of another service, made by each of its requests after their burst.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calls {
    /// The caller, by its place in the scenario.
    pub caller: usize,
    /// Calls for each request; a fraction is the probability of one more.
    pub per_request: f64,
    /// Whether the caller's slot waits for the answers.
    pub synchronous: bool,
    /// Whether several calls of one request are made at once instead of one after the other.
    pub parallel: bool,
}

/// A recorded trace and how it is played.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceSource {
    /// The file, relative to the scenario's folder already resolved.
    pub file: String,
    /// The column that holds the figure; none: the reader finds it.
    pub column: Option<String>,
    /// Whether the column is a count per slot instead of a rate per second; none: the reader decides by
    /// the column's name.
    pub unit_is_count: Option<bool>,
    /// The sample that plays at the start of the simulation; none: the sample at that very time if the
    /// trace covers it, else its first.
    pub start_at: Option<Timestamp>,
    /// Every count is multiplied by this.
    pub scale: f64,
    /// Whether the trace starts again after its end; else there is silence.
    pub repeat: bool,
}

/// A wave: base to peak and back, as a raised cosine.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// Requests per second at the trough.
    pub base_rps: f64,
    /// Requests per second at the peak.
    pub peak_rps: f64,
    /// From peak to peak.
    pub period: SimDuration,
    /// Local time of day of the peak, in seconds after midnight.
    pub peak_at_seconds: u32,
    /// The IANA time zone whose clock `peak_at_seconds` and weekends follow.
    pub timezone: String,
    /// Factor on Saturdays and Sundays.
    pub weekend_factor: f64,
}

/// A passing multiple of the rate: up in `ramp`, held, down in `decay`.
#[derive(Clone, Debug, PartialEq)]
pub struct Spike {
    /// When it begins, from the start of the simulation.
    pub at: SimDuration,
    /// The multiple at its top.
    pub factor: f64,
    /// From 1 to `factor`, linear.
    pub ramp: SimDuration,
    /// At `factor`.
    pub hold: SimDuration,
    /// From `factor` to 1, linear.
    pub decay: SimDuration,
}

/// What a request costs a task, and what a task can do.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// CPU time of one request in seconds on one whole vCPU, in one burst.
    pub cpu_time: Distribution,
    /// Time in seconds that the slot is held after the burst without CPU.
    pub wait_time: Distribution,
    /// Requests that one task works on at once, at least 1.
    pub concurrency: u32,
    /// Requests that wait at one task; none: no limit.
    pub backlog: Option<u32>,
    /// Seconds from arrival after which a request fails with 504; none: no limit.
    pub timeout: Option<Distribution>,
    /// Whether a task goes on with a request whose client gave up.
    pub finishes_late_requests: bool,
    /// Fraction of requests that the application answers with 5xx.
    pub error_rate: f64,
    /// What clients do after a failure.
    pub retries: Retries,
    /// Memory of an idle task in bytes.
    pub memory_base_bytes: f64,
    /// Memory of each request in progress in bytes.
    pub memory_per_request_bytes: f64,
    /// Fraction of the task's CPU used whatever the traffic.
    pub idle_cpu: f64,
    /// From launch to ready.
    pub start_up: StartUp,
    /// Bytes of a request.
    pub request_size_bytes: f64,
    /// Bytes of a response.
    pub response_size_bytes: f64,
    /// Bytes that a request sends to the internet.
    pub outbound_per_request_bytes: f64,
    /// Bytes of logs that a request writes.
    pub logs_per_request_bytes: f64,
    /// The shared queue that messages wait in; none: requests go to a task.
    pub queue: Option<MessageQueue>,
}

/// What clients do after a failure.
#[derive(Clone, Debug, PartialEq)]
pub struct Retries {
    /// Attempts after the first.
    pub max: u32,
    /// The pause in seconds before the first retry; it doubles with each further one.
    pub backoff: Distribution,
}

/// A queue of messages. The service's `backlog` and `timeout` are none: messages wait in the queue, for as
/// long as it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageQueue {
    /// How long a received message is hidden from other tasks.
    pub visibility_timeout: SimDuration,
    /// How long a message is kept.
    pub message_retention_period: SimDuration,
    /// Receives after which a message that is not done goes to the dead-letter queue; none: never.
    pub max_receive_count: Option<u32>,
    /// Messages that one call receives at most, 1 to 10; a worker does them one after the other.
    pub receive_batch_size: u32,
}

/// From launch to ready.
#[derive(Clone, Debug, PartialEq)]
pub struct StartUp {
    /// Network and placement, not billed.
    pub provisioning: Distribution,
    /// Compressed size of the image in bytes.
    pub image_size_bytes: f64,
    /// Bytes per second of the pull, which is billed.
    pub pull_rate_bytes_per_second: f64,
    /// Fraction of the image that is pulled before the container starts: 1, or less with lazy loading (SOCI).
    pub pulled_share: f64,
    /// From container start to ready, in seconds.
    pub time: Distribution,
    /// Fraction of the task's CPU used while starting.
    pub cpu: f64,
}

/// The service level that a window is judged by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slo {
    /// A window is over when its p99 exceeds this many seconds.
    pub latency_seconds: Option<f64>,
    /// A window is over when a smaller fraction of its requests is served.
    pub availability: Option<f64>,
    /// The length of a window.
    pub window: SimDuration,
}

/// How Spot capacity behaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// The chance that a task that runs through `interruption_period` is interrupted, 0 to below 1.
    pub interruption_rate: f64,
    /// The span that the rate speaks of.
    pub interruption_period: SimDuration,
    /// The part of the hazard that all tasks of a zone share, 0 to 1; it changes no task's own chance.
    pub correlation: f64,
    /// The Weibull shape of the other part: 1 does not depend on age, less falls with it, more grows.
    pub hazard_shape: f64,
    /// Times without capacity; none: never.
    pub shortage: Option<Shortage>,
}

/// Times without Spot capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// From the beginning of one to that of the next on average, longer than `duration`.
    pub mean_time_between: SimDuration,
    /// How long one lasts.
    pub duration: SimDuration,
}

/// What limits launches in an account.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quotas {
    /// vCPUs that run at most, by provider; none: no limit.
    pub vcpu: [Option<f64>; 2],
    /// Tasks that one service launches in a minute, above 0.
    pub launches_per_service_per_minute: f64,
    /// Tasks that the account launches at once, on each provider, at least 1.
    pub launch_burst_tasks: u32,
    /// Tasks that the account launches in a second in the long run, on each provider, above 0.
    pub launches_per_second: f64,
}

/// Routes out of the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Whether tasks live in public subnets.
    pub public_placement: bool,
    /// NAT gateways, billed by the hour.
    pub nat_gateways: u32,
    /// Interface endpoints by service name (`ecr.api`), one address a zone each; `s3` and `dynamodb` are
    /// gateway endpoints and free.
    pub vpc_endpoints: Vec<String>,
}

/// What AWS does not document: see docs/ASSUMPTIONS.md for the evidence of each default.
#[derive(Clone, Debug, PartialEq)]
pub struct Assumptions {
    /// From the end of a minute to the moment that alarms act on its datapoint.
    pub minute_publication_delay: SimDuration,
    /// The same for datapoints of 20 seconds.
    pub high_resolution_publication_delay: SimDuration,
    /// Which of the breaching datapoints enters the formula of target tracking.
    pub target_tracking_metric_value: MetricValue,
    /// Whether a CPU average carries the noise of its sample.
    pub sampling_noise: bool,
    /// How long a deregistered task is held.
    pub drain: Drain,
    /// When an interrupted Spot task leaves its target group.
    pub spot_deregistration: SpotDeregistration,
    /// The step of the ECS service scheduler.
    pub scheduler_tick: SimDuration,
    /// The largest fraction of capacity that one scale-in removes, 0 to 1.
    pub max_scale_in_fraction: f64,
    /// Scheduler ticks from container start to registration with the balancer.
    pub registration_ticks: u32,
    /// From registration to the first good health check.
    pub first_health_check: SimDuration,
    /// From a queue's last activity to the end of its metrics.
    pub queue_inactive_after: SimDuration,
    /// From the moment that an inactive queue is used again to its first metrics.
    pub queue_activation_delay: SimDuration,
}

/// Which datapoint target tracking computes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricValue {
    /// The newest.
    Latest,
    /// The mean of the alarm's datapoints.
    Mean,
    /// The largest (for scale-in, the largest too: the cautious one).
    Max,
}

/// How long a deregistered task is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drain {
    /// The whole deregistration delay.
    Full,
    /// Until its last request is answered.
    Early,
}

/// When an interrupted Spot task leaves its target group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpotDeregistration {
    /// With the warning.
    AtWarning,
    /// Only when it has stopped.
    AtStop,
}

/// Where prices come from and what changes them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pricing {
    /// A folder with a catalogue, resolved; none: the one that ships with ecsim.
    pub catalog: Option<String>,
    /// Prices that replace those of the book, by key.
    pub overrides: Vec<(String, Decimal)>,
    /// A private discount on all usage, as a fraction.
    pub discount: Decimal,
    /// What the rest of the account sends to the internet each month in GB (2^30 bytes), not below 0.
    pub account_data_out_gb: f64,
    /// Compute Savings Plans that the account holds.
    pub savings_plans: Vec<SavingsPlan>,
}

/// What is not known before the month is over; each is drawn once per replication.
#[derive(Clone, Debug, PartialEq)]
pub struct Uncertainty {
    /// Factor on all traffic, not below 0.
    pub traffic_scale: Distribution,
    /// Added to the growth of all traffic per 30 days, as a fraction.
    pub growth: Distribution,
    /// Factor on the CPU time of all requests, not below 0.
    pub cpu_time_scale: Distribution,
    /// Factor on Spot prices, not below 0.
    pub spot_price_scale: Distribution,
}

impl Uncertainty {
    /// Nothing is uncertain: all is as the scenario says.
    pub const NONE: Self = Self {
        traffic_scale: Distribution::Constant { value: 1.0 },
        growth: Distribution::Constant { value: 0.0 },
        cpu_time_scale: Distribution::Constant { value: 1.0 },
        spot_price_scale: Distribution::Constant { value: 1.0 },
    };

    /// Whether nothing differs between replications but chance.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        [&self.traffic_scale, &self.growth, &self.cpu_time_scale, &self.spot_price_scale].into_iter().all(Distribution::is_constant)
    }
}

/// A Compute Savings Plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavingsPlan {
    /// US dollars by the hour, at the plan's rates.
    pub commitment_per_hour: Decimal,
    /// `1y` or `3y`, as its prices are called.
    pub term: &'static str,
    /// `no_upfront`, `partial_upfront` or `all_upfront`.
    pub payment_option: &'static str,
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
    /// The bound, in the unit of the figure (seconds, fraction, dollars).
    pub bound: f64,
    /// Where it stands, for the message when no such figure exists.
    pub place: crate::error::Place,
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
