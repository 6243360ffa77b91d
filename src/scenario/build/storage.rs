//! Repositories, file systems and volumes.

use crate::scenario::model::{EbsVolume, FileSystem, Repository};
use crate::scenario::written::root;
use crate::scenario::written::storage::{EcrRepository, EfsFileSystem, ManagedEbsVolume, VolumeType};

pub(super) fn repository(written: &EcrRepository) -> Repository {
    let kept_images = written.lifecycle_policy.as_ref().map(|policy| policy.count_number.count());
    Repository {
        image_count: written.image_count.map_or_else(|| kept_images.unwrap_or(1), |count| count.count()),
        kept_images,
        own_layers: written.own_layers.0,
    }
}

/// IOPS and throughput of a gp3 volume that asks for none (AWS, EBS general purpose volumes).
const GP3_IOPS: u32 = 3_000;
const GP3_MIB_PER_SECOND: u32 = 125;

pub(super) fn volume(written: &ManagedEbsVolume) -> EbsVolume {
    let is_gp3 = written.volume_type == VolumeType::Gp3;
    EbsVolume {
        is_gp3,
        size_gib: written.size_in_gib.count(),
        iops: if is_gp3 { written.iops.map_or(GP3_IOPS, |iops| iops.count()) } else { 0 },
        throughput_mib_per_second: if is_gp3 { written.throughput.map_or(GP3_MIB_PER_SECOND, |throughput| throughput.count()) } else { 0 },
    }
}

/// The file systems, in the order of the file, each with the services that mount it.
pub(super) fn file_systems(scenario: &root::Scenario) -> Vec<FileSystem> {
    scenario.efs_file_systems.0.iter().map(|(name, written)| file_system(name, written, scenario)).collect()
}

fn file_system(name: &str, written: &EfsFileSystem, scenario: &root::Scenario) -> FileSystem {
    let mounts = |number: &usize| {
        let volumes = &scenario.services.0[*number].1.task_definition.volumes.0;
        volumes.iter().filter_map(|volume| volume.efs_volume_configuration.as_ref()).any(|volume| volume.file_system_id.0 == name)
    };
    FileSystem {
        name: name.to_owned(),
        users: (0..scenario.services.0.len()).filter(mounts).collect(),
        is_one_zone: written.availability_zone_name.is_some(),
        stored_bytes: written.storage_size.0,
        provisioned_mib_per_second: written.provisioned_throughput_in_mibps.as_ref().map_or(0.0, |throughput| throughput.0),
    }
}
