//! What a run and its bill need of the EC2 instances of a cluster.

use super::service_run::Setting;
use crate::outcome::InstanceGroupOutcome;
use crate::scenario::model::{InstanceGroup, Scenario};
use crate::usage::InstanceUsage;

/// Under which the events of the groups stand in the queue, behind the services.
pub(super) fn numbers(scenario: &Scenario) -> impl Iterator<Item = u32> + use<> {
    let first = scenario.services.len();
    (first..first + scenario.cluster.instance_groups.len()).map(|number| number as u32)
}

/// What the groups were in the window, and what of them is billed.
pub(super) fn finish(setting: &Setting) -> (Vec<InstanceGroupOutcome>, Vec<InstanceUsage>) {
    let groups = &setting.scenario.cluster.instance_groups;
    let mut outcomes = Vec::with_capacity(groups.len());
    let mut usage = Vec::with_capacity(groups.len());
    for (place, (group, figures)) in groups.iter().zip(setting.instances.finish()).enumerate() {
        let instance_seconds = figures.instances.seconds_until(setting.end);
        let share =
            |reserved: f64, of_one: u32| (instance_seconds > 0.0).then(|| 100.0 * reserved / (instance_seconds * f64::from(of_one)));
        outcomes.push(InstanceGroupOutcome {
            name: group.name.clone(),
            instance_type: group.instance_type.clone(),
            instances: figures.instances.summary(setting.end),
            instance_hours: figures.meter.total_seconds() as f64 / 3600.0,
            instances_launched: figures.launched,
            cpu_reservation: share(figures.reserved_cpu.seconds_until(setting.end), group.cpu.0),
            memory_reservation: share(figures.reserved_memory.seconds_until(setting.end), group.memory.0),
        });
        usage.push(instance_usage(setting.scenario, place, figures.meter.finish()));
    }
    (outcomes, usage)
}

/// The usage of one group whose instances were billed for these seconds by hour.
#[must_use]
pub fn instance_usage(scenario: &Scenario, place: usize, billed_seconds: Vec<u64>) -> InstanceUsage {
    let group: &InstanceGroup = &scenario.cluster.instance_groups[place];
    InstanceUsage {
        capacity_provider: group.name.clone(),
        service: only_user(scenario, place),
        instance_type: group.instance_type.clone(),
        root_volume_gib: group.root_volume_gib,
        has_public_address: scenario.network.as_ref().is_some_and(|network| network.public_placement),
        is_fixed: group.managed_scaling.is_none() || group.min_size == group.max_size,
        billed_seconds,
    }
}

/// The service that has the group for itself.
fn only_user(scenario: &Scenario, place: usize) -> Option<String> {
    let (provider, _) = scenario.instance_groups().nth(place)?;
    match scenario.services_on(provider).collect::<Vec<_>>()[..] {
        [user] => Some(user.name.clone()),
        _ => None,
    }
}
