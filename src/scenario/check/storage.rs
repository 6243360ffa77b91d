//! Repositories and file systems, by the rules of CreateFileSystem.

use crate::scenario::shape::Reading;
use crate::scenario::shape::nearest;
use crate::scenario::written::root::Scenario;
use crate::scenario::written::storage::{EcrRepository, EfsFileSystem, ThroughputMode};

/// A repository holds no more images than its policy lets it keep.
pub fn repository(repository: &EcrRepository, reading: &mut Reading) {
    let (Some(count), Some(policy)) = (&repository.image_count, &repository.lifecycle_policy) else { return };
    let (count, kept) = (count.get(), policy.count_number.get());
    if count > kept {
        let message = format!("{count} images at the start, but the lifecycle policy keeps {kept}");
        reading.fault_with_remedy(&repository.places.of("image_count"), message, format!("give at most {kept}, or take it away"));
    }
}

/// Throughput is given where it is provisioned, and only there.
pub fn file_system(file_system: &EfsFileSystem, reading: &mut Reading) {
    let is_provisioned = file_system.throughput_mode == ThroughputMode::Provisioned;
    let place = file_system.places.of("provisioned_throughput_in_mibps");
    match file_system.provisioned_throughput_in_mibps {
        None if is_provisioned => {
            reading.fault(&place, "`provisioned_throughput_in_mibps` must be given for throughput_mode provisioned");
        }
        Some(_) if !is_provisioned => {
            let message = format!("it has no meaning in throughput_mode {}", file_system.throughput_mode.word());
            reading.fault_with_remedy(&place, message, "use throughput_mode: provisioned, or take it away");
        }
        _ => {}
    }
}

/// Every file system that a volume names is described: what it stores has a price.
pub fn volumes(scenario: &Scenario, reading: &mut Reading) {
    let known: Vec<&str> = scenario.efs_file_systems.1.iter().map(String::as_str).collect();
    let tasks = scenario.services.0.iter().map(|(_, service)| &service.task_definition);
    for volume in tasks.flat_map(|task| &task.volumes.0).filter_map(|volume| volume.efs_volume_configuration.as_ref()) {
        let id = volume.file_system_id.0.as_str();
        if known.contains(&id) {
            continue;
        }
        let message = format!("nothing tells how much the file system `{id}` stores");
        let remedy = match nearest(id, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("describe it at the top level: efs_file_systems: {{{id}: {{storage_size: 10GB}}}} with your size"),
        };
        reading.fault_with_remedy(&volume.places.of("file_system_id"), message, remedy);
    }
}
