//! What a person has to set so that a service becomes what a plan says.

use super::dimension::DimensionKind;
use super::space::Space;
use crate::result::Figure;
use crate::result::plan::{PlanSetting, PolicyConfiguration, ServiceConfiguration, StrategyConfiguration, TargetConfiguration};
use crate::scenario::model::{InstanceGroup, Platform, Policy, Scenario, Service, TargetTracking, TrackedMetric};

/// The services of a configuration; `before` is the scenario as it stands.
#[must_use]
pub fn services(before: &Scenario, after: &Scenario) -> Vec<ServiceConfiguration> {
    before
        .services
        .iter()
        .zip(&after.services)
        .map(|(before, service_after)| service(before, service_after, &after.cluster.instance_groups))
        .collect()
}

fn service(before: &Service, after: &Service, groups: &[InstanceGroup]) -> ServiceConfiguration {
    let policies_of = |service: &Service| service.scaling.as_ref().map(|scaling| scaling.policies.clone()).unwrap_or_default();
    let used = policies_of(after);
    let is_used = |policy: &Policy| used.iter().any(|other| other.name() == policy.name());
    let names = |policies: Vec<&Policy>| policies.into_iter().map(|policy| policy.name().to_owned()).collect();
    let of_task = |service: &Service| (service.task.cpu, service.task.memory, service.task.platform);
    let (os, architecture) = platform(after.task.platform);
    ServiceConfiguration {
        service: after.name.clone(),
        cpu: after.task.cpu.0,
        memory: after.task.memory.0,
        cpu_architecture: architecture.to_owned(),
        operating_system_family: os.to_owned(),
        desired_count: after.desired_count,
        new_task_definition: of_task(before) != of_task(after),
        adds_spot: after.uses_spot() && !before.uses_spot(),
        capacity_provider_strategy: after
            .strategy
            .iter()
            .map(|item| StrategyConfiguration {
                capacity_provider: item.capacity_provider.name(groups).to_owned(),
                base: item.base,
                weight: item.weight,
            })
            .collect(),
        scalable_target: after
            .scaling
            .as_ref()
            .map(|scaling| TargetConfiguration { min_capacity: scaling.min_capacity, max_capacity: scaling.max_capacity }),
        policies: used.iter().filter_map(Policy::target_tracking).filter_map(policy).collect(),
        removed_policies: names(policies_of(before).iter().filter(|policy| !is_used(policy)).collect()),
        kept_policies: names(used.iter().filter(|used| used.target_tracking().and_then(policy).is_none()).collect()),
    }
}

fn platform(platform: Platform) -> (&'static str, &'static str) {
    match platform {
        Platform::LinuxX86 => ("LINUX", "X86_64"),
        Platform::LinuxArm => ("LINUX", "ARM64"),
        // The scenario's own family is not kept by the model; Fargate's newest is as good as any to name.
        Platform::WindowsX86 => ("WINDOWS_SERVER_2022_CORE", "X86_64"),
    }
}

fn policy(policy: &TargetTracking) -> Option<PolicyConfiguration> {
    Some(PolicyConfiguration {
        name: policy.name.clone(),
        predefined_metric_type: predefined(&policy.metric)?.to_owned(),
        target_value: Figure(policy.target_value),
        scale_out_cooldown: policy.scale_out_cooldown.as_seconds_rounded_up().unsigned_abs(),
        scale_in_cooldown: policy.scale_in_cooldown.as_seconds_rounded_up().unsigned_abs(),
        disable_scale_in: policy.disable_scale_in,
    })
}

/// The name of a predefined metric; none for a customized one.
const fn predefined(metric: &TrackedMetric) -> Option<&'static str> {
    Some(match metric {
        TrackedMetric::CpuUtilization { high_resolution: false } => "ECSServiceAverageCPUUtilization",
        TrackedMetric::CpuUtilization { high_resolution: true } => "ECSServiceAverageCPUUtilizationHighResolution",
        TrackedMetric::MemoryUtilization { high_resolution: false } => "ECSServiceAverageMemoryUtilization",
        TrackedMetric::MemoryUtilization { high_resolution: true } => "ECSServiceAverageMemoryUtilizationHighResolution",
        TrackedMetric::AlbRequestCountPerTarget => "ALBRequestCountPerTarget",
        TrackedMetric::Customized(_) => return None,
    })
}

/// What a configuration changes of the scenario, in the order of the dimensions.
#[must_use]
pub fn changes(space: &Space, levels: &[usize]) -> Vec<PlanSetting> {
    let set = space.settings(levels);
    let setting = |place: usize| {
        let dimension = &space.dimensions[place];
        let settings =
            set.iter().filter(|(path, _)| dimension.paths.contains(path)).map(|(path, value)| format!("{path}={value}")).collect();
        PlanSetting {
            title: dimension.title.clone(),
            old: dimension.current.map(|level| dimension.levels[level].shown.clone()),
            new: dimension.levels[levels[place]].shown.clone(),
            settings,
        }
    };
    space.changed(levels).into_iter().map(setting).collect()
}

/// Settings of a configuration that blocks of configuration do not hold: values at paths of the user's own, and those of policies with
/// a customized metric.
#[must_use]
pub fn by_hand(space: &Space, levels: &[usize], services: &[ServiceConfiguration], scenario: &Scenario) -> Vec<String> {
    let is_written = |place: usize| {
        let dimension = &space.dimensions[place];
        let policies =
            dimension.service.and_then(|service| scenario.services.get(service)?.scaling.as_ref()).map(|scaling| &scaling.policies);
        match (dimension.kind, dimension.policy) {
            (DimensionKind::Vary, _) => false,
            (_, Some(policy)) => policies.and_then(|policies| policies.get(policy)).is_some_and(|policy| {
                let service = dimension.service.and_then(|service| services.get(service));
                service.is_some_and(|service| service.policies.iter().any(|known| known.name == policy.name()))
            }),
            _ => true,
        }
    };
    let left = space.changed(levels).into_iter().filter(|&place| !is_written(place));
    let set = space.settings(levels);
    let of_axis = |place: usize| set.iter().filter(move |(path, _)| space.dimensions[place].paths.contains(path));
    left.flat_map(of_axis).map(|(path, value)| format!("{path}={value}")).collect()
}
