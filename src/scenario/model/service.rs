//! A service: what its tasks are, how many run, and where.

use super::{
    CheckPatience, CircuitBreaker, DeploymentAlarms, EbsVolume, InstanceGroup, PlacementRule, Repository, Revision, Scaling, Slo,
    TargetGroup, TrafficShift, TrafficSource, Workload,
};
use crate::units::{CpuUnits, Mebibytes, SimDuration};

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
    /// How tasks are placed on instances, the first rule first; without effect on Fargate.
    pub placement: Vec<PlacementRule>,
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
    /// The volume of Amazon EBS that each task has; none: it has none.
    pub volume: Option<EbsVolume>,
    /// Its repository in Amazon ECR; none: its images are stored elsewhere.
    pub repository: Option<Repository>,
    /// What arrives; several sources add up.
    pub traffic: Vec<TrafficSource>,
    /// What a request costs a task.
    pub workload: Workload,
    /// The service level that windows are judged by.
    pub slo: Option<Slo>,
    /// Application Auto Scaling; none: the desired count stays.
    pub scaling: Option<Scaling>,
}

impl Service {
    /// Whether any of its tasks may run on Spot.
    #[must_use]
    pub fn uses_spot(&self) -> bool {
        let is_used = |item: &StrategyItem| item.capacity_provider == CapacityProvider::FargateSpot && (item.weight > 0 || item.base > 0);
        self.strategy.iter().any(is_used)
    }
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
    /// The containers of a task, at least 1.
    pub containers: u32,
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
    /// EC2 instances: the group at this place in the cluster.
    Instances(u8),
}

impl CapacityProvider {
    /// Those that every cluster has, in the order of [`CapacityProvider::index`].
    pub const FARGATE: [Self; 2] = [Self::Fargate, Self::FargateSpot];

    /// All of a cluster with so many groups of instances, in the order of [`CapacityProvider::index`].
    pub fn all(instance_groups: usize) -> impl Iterator<Item = Self> + Clone {
        let groups = u8::try_from(instance_groups).unwrap_or(u8::MAX);
        Self::FARGATE.into_iter().chain((0..groups).map(Self::Instances))
    }

    /// Its name in AWS; `groups` are those of the cluster.
    #[must_use]
    pub fn name(self, groups: &[InstanceGroup]) -> &str {
        match self {
            Self::Fargate => "FARGATE",
            Self::FargateSpot => "FARGATE_SPOT",
            Self::Instances(place) => groups.get(usize::from(place)).map_or("", |group| group.name.as_str()),
        }
    }

    /// Its place in a table of all providers of a cluster.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Fargate => 0,
            Self::FargateSpot => 1,
            Self::Instances(place) => Self::FARGATE.len() + place as usize,
        }
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
