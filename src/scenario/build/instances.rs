//! EC2 instances of the cluster, and how tasks are placed on them.

use crate::scenario::check::{instance_types, instances};
use crate::scenario::model::{CapacityProvider, InstanceGroup, ManagedScaling, PlacementRule};
use crate::scenario::written::root::AutoScalingGroup;
use crate::scenario::written::service::Service;
use crate::units::Mebibytes;

/// The groups, in the order of the file; `overhead` is the share of an instance's memory that tasks cannot have.
pub(super) fn groups(written: &[AutoScalingGroup], overhead: f64) -> Vec<InstanceGroup> {
    // The rules hold: every type is known.
    written.iter().filter_map(|group| self::group(group, overhead)).collect()
}

fn group(written: &AutoScalingGroup, overhead: f64) -> Option<InstanceGroup> {
    let shape = instance_types::find(&written.instance_type.0)?;
    let scaling = &written.managed_scaling;
    Some(InstanceGroup {
        name: written.name.0.clone(),
        instance_type: written.instance_type.0.clone(),
        cpu: shape.cpu,
        memory: Mebibytes((f64::from(shape.memory.0) * (1.0 - overhead)).floor() as u32),
        min_size: written.min_size.count(),
        max_size: written.max_size.count(),
        desired_capacity: written.desired_capacity.map_or(written.min_size.count(), |count| count.count()),
        managed_scaling: scaling.status.0.then(|| ManagedScaling {
            target_capacity_percent: scaling.target_capacity.0,
            minimum_scaling_step_size: scaling.minimum_scaling_step_size.count(),
            maximum_scaling_step_size: scaling.maximum_scaling_step_size.count(),
            instance_warmup_period: scaling.instance_warmup_period.0,
        }),
        managed_draining: written.managed_draining.0,
        managed_termination_protection: written.managed_termination_protection.0,
        root_volume_gib: written.root_volume_gib.count(),
    })
}

/// The provider of this name; Fargate for one that is no group of the cluster.
pub(super) fn provider(name: &str, groups: &[AutoScalingGroup]) -> CapacityProvider {
    let group = groups.iter().position(|group| group.name.0 == name).and_then(|place| u8::try_from(place).ok());
    let spot = CapacityProvider::FargateSpot;
    match group {
        Some(place) => CapacityProvider::Instances(place),
        None if name == spot.name(&[]) => spot,
        None => CapacityProvider::Fargate,
    }
}

/// The rules of placement; evenly over zones where none are written (AWS, task-placement-strategies).
pub(super) fn placement(written: &Service) -> Vec<PlacementRule> {
    match &written.ordered_placement_strategy {
        Some(rules) => rules.iter().filter_map(instances::placement_rule).collect(),
        None => vec![PlacementRule::SpreadZones],
    }
}
