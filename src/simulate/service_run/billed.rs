//! What of a service is billed by the task.

use super::ServiceRun;
use crate::scenario::model::{CapacityProvider, InstanceGroup};
use crate::usage::{TaskUsage, VolumeUsage};

impl ServiceRun {
    /// The tasks that ran on each capacity provider.
    pub(super) fn task_usage(&self, groups: &[InstanceGroup]) -> Vec<TaskUsage> {
        let used = CapacityProvider::all(groups.len()).filter(|provider| self.control.meters[provider.index()].total_seconds() > 0);
        used.map(|provider| TaskUsage {
            service: self.service.name.clone(),
            capacity_provider: provider.name(groups).to_owned(),
            platform: self.service.task.platform.price_key(),
            cpu: self.service.task.cpu,
            memory: self.service.task.memory,
            ephemeral_storage_gib: self.service.task.ephemeral_storage_gib,
            public_ip: self.service.assign_public_ip,
            billed_seconds: self.control.meters[provider.index()].clone().finish(),
        })
        .collect()
    }

    /// A volume exists while its task is billed.
    pub(super) fn volume_usage(&self, groups: &[InstanceGroup]) -> Vec<VolumeUsage> {
        let Some(volume) = self.service.volume else { return Vec::new() };
        let usage = |tasks: TaskUsage| VolumeUsage {
            service: tasks.service,
            capacity_provider: tasks.capacity_provider,
            is_gp3: volume.is_gp3,
            size_gib: volume.size_gib,
            iops: volume.iops,
            throughput_mib_per_second: volume.throughput_mib_per_second,
            billed_seconds: tasks.billed_seconds,
        };
        self.task_usage(groups).into_iter().map(usage).collect()
    }
}
