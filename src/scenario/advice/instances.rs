//! EC2 instances: groups that are too small for their tasks, and what is not counted on them.

use super::{Finding, note, path, warning};
use crate::scenario::model::{CapacityProvider, InstanceGroup, Scenario, Service};

/// Everything about the groups of instances.
pub fn advise(scenario: &Scenario, findings: &mut Vec<Finding>) {
    for (provider, group) in scenario.instance_groups() {
        if scenario.services_on(provider).next().is_none() {
            findings.push(note(
                "instances-unused",
                path_of(group),
                format!("no service uses {}: its instances cost and do nothing", group.name),
                "name it in a capacity_provider_strategy, or take it away",
            ));
        }
    }
    findings.extend(on_figures(scenario));
    let on_instances =
        |service: &&Service| service.strategy.iter().any(|item| matches!(item.capacity_provider, CapacityProvider::Instances(_)));
    for service in scenario.services.iter().filter(on_instances) {
        findings.push(note(
            "instances-limits-not-counted",
            path(service, "capacity_provider_strategy"),
            "CPU and memory alone decide how many tasks an instance holds: network interfaces and host ports are not counted".into(),
            "with network_mode awsvpc turn ENI trunking on; use dynamic host ports with bridge",
        ));
    }
}

/// Findings without which figures mislead: groups that cannot hold their tasks, and commitments that do not reach instances.
pub(super) fn on_figures(scenario: &Scenario) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (provider, group) in scenario.instance_groups() {
        too_few(scenario, group, provider, &mut findings);
    }
    if !scenario.cluster.instance_groups.is_empty() && !scenario.pricing.savings_plans.is_empty() {
        findings.push(warning(
            "savings-plans-without-instances",
            "pricing.savings_plans".to_owned(),
            "Compute Savings Plans cover EC2 instances too, and here only tasks on Fargate: instances are billed on demand".into(),
            "price the part of the commitment that instances would use by yourself",
        ));
    }
    findings
}

/// Services that have the group for themselves: the tasks that they may want find no place.
fn too_few(scenario: &Scenario, group: &InstanceGroup, provider: CapacityProvider, findings: &mut Vec<Finding>) {
    let (instances, key) = match group.managed_scaling {
        Some(_) => (group.max_size, "max_size"),
        None => (group.desired_capacity, "desired_capacity"),
    };
    let most = |service: &Service| service.scaling.as_ref().map_or(service.desired_count, |scaling| scaling.max_capacity);
    let only_here = |service: &&Service| service.strategy.iter().all(|item| item.capacity_provider == provider);
    let (mut cpu, mut memory, mut names) = (0, 0, Vec::new());
    for service in scenario.services_on(provider).filter(only_here) {
        cpu += u64::from(service.task.cpu.0) * u64::from(most(service));
        memory += u64::from(service.task.memory.0) * u64::from(most(service));
        names.push(service.name.as_str());
    }
    let share = |need: u64, of_one: u32| need as f64 / f64::from(of_one.max(1));
    let needed = share(cpu, group.cpu.0).max(share(memory, group.memory.0)).ceil();
    if needed > f64::from(instances) {
        findings.push(warning(
            "instances-too-few",
            format!("{}.{key}", path_of(group)),
            format!(
                "the largest counts of {} need {needed} instances of {} at least, and there are {instances} at most: tasks will wait for a place",
                names.join(", "),
                group.instance_type
            ),
            "raise it, or use larger instances or fewer tasks",
        ));
    }
}

fn path_of(group: &InstanceGroup) -> String {
    format!("cluster.capacity_providers.{}", group.name)
}
