//! Repositories, file systems and volumes, by the rules of CreateFileSystem and CreateService.

use crate::scenario::shape::Reading;
use crate::scenario::shape::nearest;
use crate::scenario::written::root::Scenario;
use crate::scenario::written::service::Service;
use crate::scenario::written::storage::{EcrRepository, EfsFileSystem, ManagedEbsVolume, ThroughputMode, VolumeType};

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

/// IOPS and throughput are apart from the size for gp3 alone, and there a volume has at most 500 IOPS for each GiB and a MiB per second for every four
/// IOPS (AWS, EBS general purpose volumes).
pub fn ebs_volume(volume: &ManagedEbsVolume, reading: &mut Reading) {
    let iops = volume.iops.map_or(3_000, |iops| iops.get());
    if volume.volume_type == VolumeType::Gp2 {
        super::refuse_foreign(&volume.places, &["iops", "throughput"], "a volume_type of gp2", reading);
    }
    if volume.volume_type != VolumeType::Gp3 {
        return;
    }
    let size = volume.size_in_gib.get();
    if volume.iops.is_some() && iops > (500 * size).max(3_000) {
        let message = format!("found {iops}, a gp3 volume of {size} GiB has {} at most", (500 * size).max(3_000));
        let remedy = "raise size_in_gib, or lower iops";
        reading.fault_with_remedy(&volume.places.of("iops"), message, remedy);
    }
    if let Some(throughput) = volume.throughput.filter(|throughput| 4 * throughput.get() > iops) {
        let message = format!("found {}, a gp3 volume of {iops} IOPS has {} MiB per second at most", throughput.get(), iops / 4);
        let remedy = format!("raise iops to {}, or lower throughput", 4 * throughput.get());
        reading.fault_with_remedy(&volume.places.of("throughput"), message, remedy);
    }
}

/// Every volume that is configured at launch is configured, and one at most (AWS, CreateService: volumeConfigurations).
pub fn configured_at_launch(service: &Service, reading: &mut Reading) {
    let configurations = &service.volume_configuration.0;
    let awaiting: Vec<_> = service.task_definition.volumes.0.iter().filter(|volume| volume.configured_at_launch.0).collect();
    if let Some(second) = configurations.get(1) {
        reading.fault(second.places.own(), "a task takes one volume of Amazon EBS");
    }
    for volume in &awaiting {
        let name = volume.name.as_ref().map_or("", |name| name.0.as_str());
        if !configurations.iter().any(|configuration| configuration.name.0 == name) {
            let message = format!("nothing tells what the volume `{name}` is");
            let remedy = format!(
                "add volume_configuration: {{name: {name}, managed_ebs_volume: {{size_in_gib: 20}}}} to the service, with your size"
            );
            reading.fault_with_remedy(&volume.places.of("configured_at_launch"), message, remedy);
        }
    }
    for configuration in configurations {
        let name = configuration.name.0.as_str();
        if !awaiting.iter().any(|volume| volume.name.as_ref().is_some_and(|known| known.0 == name)) {
            let message = format!("the task definition has no volume `{name}` with configured_at_launch");
            let remedy = format!("add volumes: [{{name: {name}, configured_at_launch: true}}] to the task definition");
            reading.fault_with_remedy(&configuration.places.of("name"), message, remedy);
        }
    }
}
