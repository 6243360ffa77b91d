//! EC2 instances, by the rules of CreateCapacityProvider, CreateAutoScalingGroup and the placement of tasks.

use super::instance_types::{self, InstanceType};
use crate::scenario::model::PlacementRule;
use crate::scenario::shape::{Reading, nearest};
use crate::scenario::written::root::{AutoScalingGroup, Scenario};
use crate::scenario::written::service::{PlacementKind, PlacementStrategy, Service};
use crate::scenario::written::task::{CpuArchitecture, OperatingSystemFamily};
use crate::units::Mebibytes;

/// The least CPU units and MiB of a task on EC2 (Amazon ECS, task definition parameters: `cpu` from 128, `memory` from 6).
const LEAST_CPU_UNITS: u32 = 128;
const LEAST_MEMORY_MIB: u32 = 6;
/// GiB of ephemeral storage that say nothing.
const DEFAULT_EPHEMERAL_STORAGE_GIB: i64 = 20;
/// The most rules of a placement strategy.
const LONGEST_PLACEMENT: usize = 5;

/// The group's sizes are in order, and its type is known.
pub fn auto_scaling_group(group: &AutoScalingGroup, reading: &mut Reading) {
    let is_name =
        |name: &str| (1..=255).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !is_name(&group.name.0) {
        let message = format!("`{}` is no name of a capacity provider", group.name.0);
        reading.fault_with_remedy(&group.places.of("name"), message, "use up to 255 letters, digits, hyphens and underscores");
    }
    if group.min_size > group.max_size {
        let message = format!("min_size {} is above max_size {}", group.min_size.get(), group.max_size.get());
        reading.fault_with_remedy(&group.places.of("max_size"), message, "raise max_size or lower min_size");
    }
    let desired = group.desired_capacity.filter(|desired| *desired < group.min_size || *desired > group.max_size);
    if let Some(desired) = desired {
        let message =
            format!("found {}, allowed are min_size {} to max_size {}", desired.get(), group.min_size.get(), group.max_size.get());
        reading.fault(&group.places.of("desired_capacity"), message);
    }
    if group.managed_termination_protection.0 && !group.managed_scaling.status.0 {
        let message = "termination protection needs managed_scaling.status ENABLED";
        reading.fault_with_remedy(&group.places.of("managed_termination_protection"), message, "enable managed scaling, or take it away");
    }
    let name = group.instance_type.0.as_str();
    if instance_types::find(name).is_none() {
        let names = instance_types::names();
        let remedy = match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "known are the sizes of c5 to c7i, m5 to m7i, r5 to r7g, t3, t3a and t4g".to_owned(),
        };
        reading.fault_with_remedy(&group.places.of("instance_type"), format!("unknown instance type `{name}`"), remedy);
    }
}

/// What the tasks of a service need is there on the instances of its providers.
pub fn service(service: &Service, scenario: &Scenario, reading: &mut Reading) {
    let items = service.capacity_provider_strategy.as_deref().unwrap_or_default();
    let groups = &scenario.cluster.capacity_providers;
    let named = |name: &str| groups.iter().find(|group| group.name.0 == name);
    let used: Vec<&AutoScalingGroup> = items.iter().filter_map(|item| named(&item.capacity_provider.0)).collect();
    if used.is_empty() {
        return;
    }
    for group in used {
        if let Some(shape) = instance_types::find(&group.instance_type.0) {
            fits(service, group, shape, scenario.assumptions.instance_memory_overhead.0, reading);
        }
    }
    let task = &service.task_definition;
    if task.cpu.0.0 < LEAST_CPU_UNITS {
        let message = format!("found {} CPU units, a task on EC2 has {LEAST_CPU_UNITS} at least", task.cpu.0.0);
        reading.fault_with_remedy(&task.places.of("cpu"), message, "give the task's share of the instance, as cpu: 256");
    }
    if task.memory.0.0 < LEAST_MEMORY_MIB {
        let message = format!("found {} MiB, a task on EC2 has {LEAST_MEMORY_MIB} at least", task.memory.0.0);
        reading.fault_with_remedy(&task.places.of("memory"), message, "give what the task may use, as memory: 512");
    }
    if task.ephemeral_storage.size_in_gib.get() != DEFAULT_EPHEMERAL_STORAGE_GIB {
        let message = "ephemeral storage is Fargate's; tasks on EC2 share the root volume of their instance";
        let remedy = "set root_volume_gib of the capacity provider, or give the task a volume (volume_configuration)";
        reading.fault_with_remedy(&task.places.of("ephemeral_storage"), message, remedy);
    }
    if service.network_configuration.assign_public_ip.0 {
        let message = "tasks on EC2 instances have no public addresses of their own";
        let remedy = "take it away; network.placement: public gives each instance an address";
        reading.fault_with_remedy(&service.network_configuration.places.of("assign_public_ip"), message, remedy);
    }
    placement(service, reading);
}

fn fits(service: &Service, group: &AutoScalingGroup, shape: InstanceType, overhead: f64, reading: &mut Reading) {
    let task = &service.task_definition;
    let (name, kind) = (&group.name.0, &group.instance_type.0);
    let platform = &task.runtime_platform;
    let is_arm = platform.cpu_architecture == CpuArchitecture::Arm;
    if is_arm != shape.is_arm && platform.operating_system_family == OperatingSystemFamily::Linux {
        let (wanted, found) = if is_arm { ("ARM64", "X86_64") } else { ("X86_64", "ARM64") };
        let message = format!("tasks of {wanted} do not run on `{name}`: {kind} is {found}");
        let remedy = format!("use cpu_architecture: {found}, or another instance_type");
        reading.fault_with_remedy(&platform.places.of("cpu_architecture"), message, remedy);
    }
    if task.cpu.0 > shape.cpu {
        let message = format!("a task of {} CPU units finds no place on `{name}`: {kind} has {}", task.cpu.0.0, shape.cpu.0);
        reading.fault_with_remedy(&task.places.of("cpu"), message, "use a smaller task or a larger instance_type");
    }
    let memory = Mebibytes((f64::from(shape.memory.0) * (1.0 - overhead)).floor() as u32);
    if task.memory.0 > memory {
        let message = format!(
            "a task of {} MiB finds no place on `{name}`: tasks have {} of the {} MiB of {kind}",
            task.memory.0.0, memory.0, shape.memory.0
        );
        let remedy = "use a smaller task or a larger instance_type; assumptions.instance_memory_overhead is what tasks cannot have";
        reading.fault_with_remedy(&task.places.of("memory"), message, remedy);
    }
}

fn placement(service: &Service, reading: &mut Reading) {
    let rules = service.ordered_placement_strategy.as_deref().unwrap_or_default();
    if rules.len() > LONGEST_PLACEMENT {
        let message = format!("found {} rules, a placement strategy has {LONGEST_PLACEMENT} at most", rules.len());
        reading.fault(&service.places.of("ordered_placement_strategy"), message);
    }
    for rule in rules.iter().filter(|rule| placement_rule(rule).is_none()) {
        let field = rule.field.as_ref().map_or("", |field| field.0.as_str());
        match rule.r#type {
            PlacementKind::Spread if field.starts_with("attribute:") => {
                let remedy = "use attribute:ecs.availability-zone or instanceId";
                reading.not_modelled(&rule.places.of("field"), format!("spreading over `{field}`"), remedy);
            }
            PlacementKind::Spread => {
                reading.fault(&rule.places.of("field"), "spread needs a field: attribute:ecs.availability-zone or instanceId");
            }
            PlacementKind::Binpack => reading.fault(&rule.places.of("field"), "binpack needs a field: cpu or memory"),
            PlacementKind::Random => reading.fault(&rule.places.of("field"), "random takes no field"),
        }
    }
}

/// What a rule means; none for one that AWS does not have or ecsim does not model.
#[must_use]
pub fn placement_rule(rule: &PlacementStrategy) -> Option<PlacementRule> {
    let field = rule.field.as_ref().map(|field| field.0.to_ascii_lowercase());
    match (rule.r#type, field.as_deref()) {
        (PlacementKind::Spread, Some("attribute:ecs.availability-zone")) => Some(PlacementRule::SpreadZones),
        (PlacementKind::Spread, Some("instanceid" | "host")) => Some(PlacementRule::SpreadInstances),
        (PlacementKind::Binpack, Some("cpu")) => Some(PlacementRule::BinpackCpu),
        (PlacementKind::Binpack, Some("memory")) => Some(PlacementRule::BinpackMemory),
        (PlacementKind::Random, None) => Some(PlacementRule::Random),
        _ => None,
    }
}
