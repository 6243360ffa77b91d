//! What surrounds the services: Spot capacity, quotas, the network, and what AWS does not document.

use super::workload::MessageQueue;
use crate::units::SimDuration;

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
    /// Endpoints of services that are reached over an address in every zone, by service name (`ecr.api`).
    pub interface_endpoints: Vec<String>,
    /// Endpoints that are routes and free: `s3`, `dynamodb`.
    pub gateway_endpoints: Vec<String>,
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
    /// The share of calls between tasks that go into another zone, 0 to 1; none: (zones - 1) / zones.
    pub cross_zone_share: Option<f64>,
    /// What a call that receives messages takes beside its waiting, above zero.
    pub queue_call_time: SimDuration,
    /// The size of stored logs as a fraction of what was ingested.
    pub compressed_log_share: f64,
    /// How many metrics Container Insights publishes.
    pub container_insights_metrics: ContainerInsightsMetrics,
    /// The share of an EC2 instance's memory that tasks cannot have, 0 to 1.
    pub instance_memory_overhead: f64,
    /// From the launch of an EC2 instance to its registration with the cluster.
    pub instance_launch_time: SimDuration,
}

impl Assumptions {
    /// How long a call takes that receives no message, in seconds.
    #[must_use]
    pub fn empty_receive_seconds(&self, queue: &MessageQueue) -> f64 {
        (queue.receive_wait_time + self.queue_call_time).as_seconds_f64()
    }
}

/// How many metrics Container Insights publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContainerInsightsMetrics {
    /// Of a cluster.
    pub cluster: u32,
    /// Of a service.
    pub service: u32,
    /// Of a task definition, over all of its tasks.
    pub task_definition: u32,
    /// Of each task, where Container Insights is enhanced.
    pub task: u32,
    /// Of each container of a task, where Container Insights is enhanced.
    pub container: u32,
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
