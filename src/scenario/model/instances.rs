//! EC2 instances as capacity: Auto Scaling groups that are capacity providers, and how tasks are placed on them.

use crate::units::{CpuUnits, Mebibytes, SimDuration};

/// An Auto Scaling group of EC2 instances as a capacity provider.
#[derive(Clone, Debug, PartialEq)]
pub struct InstanceGroup {
    /// The capacity provider's name.
    pub name: String,
    /// The type of its instances, as `m7g.xlarge`.
    pub instance_type: String,
    /// The CPU of an instance that tasks can have.
    pub cpu: CpuUnits,
    /// The memory of an instance that tasks can have: less than it is sold with.
    pub memory: Mebibytes,
    /// The fewest instances.
    pub min_size: u32,
    /// The most instances.
    pub max_size: u32,
    /// The instances at the start, between both; managed scaling begins with more where the tasks need them.
    pub desired_capacity: u32,
    /// How Amazon ECS scales the group; none: it keeps its desired capacity.
    pub managed_scaling: Option<ManagedScaling>,
    /// Whether the tasks of an instance that is to end are replaced before it does.
    pub managed_draining: bool,
    /// Whether only instances without tasks are scaled in.
    pub managed_termination_protection: bool,
    /// The root volume of an instance in GiB; it is gp3.
    pub root_volume_gib: u32,
}

/// Managed scaling of an Auto Scaling group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ManagedScaling {
    /// The capacity provider reservation that it steers to, in percent, 1 to 100.
    pub target_capacity_percent: f64,
    /// The fewest instances that one scale-out launches, at least 1.
    pub minimum_scaling_step_size: u32,
    /// The most instances that one scale-out launches.
    pub maximum_scaling_step_size: u32,
    /// How long after a scale-out the next one waits.
    pub instance_warmup_period: SimDuration,
}

/// One rule of placement on instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlacementRule {
    /// Evenly over Availability Zones.
    SpreadZones,
    /// Evenly over instances.
    SpreadInstances,
    /// Where the least CPU is left.
    BinpackCpu,
    /// Where the least memory is left.
    BinpackMemory,
    /// Anywhere.
    Random,
}
