//! What is stored while a run lasts: images in Amazon ECR and file systems of Amazon EFS.
//!
//! A repository begins with the images that the scenario states. Each deployment of a revision pushes one, and the oldest
//! expires at once when there are more than the lifecycle policy keeps. A deployment without a revision pushes none,
//! and neither does a rollback.

use std::collections::VecDeque;

use super::events;
use super::service_run::Setting;
use crate::meter::HourMeter;
use crate::scenario::model::{EventKind, Repository, Scenario, Service};
use crate::units::SimTime;
use crate::usage::{FileSystemUsage, ImageUsage};

/// What the repositories held, by hour.
pub(super) fn images(setting: &Setting) -> Vec<ImageUsage> {
    let services = setting.scenario.services.iter().enumerate();
    services.filter_map(|(number, service)| images_of(setting, number, service, service.repository?)).collect()
}

fn images_of(setting: &Setting, number: usize, service: &Service, repository: Repository) -> Option<ImageUsage> {
    let mut sizes: VecDeque<f64> = sizes_at_start(service)?.collect();
    let mut meter = HourMeter::new(setting.grid);
    let mut since = setting.from;
    for (time, revision) in pushes(setting, number) {
        meter.add_span(since, time, repository.stored_bytes(sizes.iter().copied()));
        sizes.push_back(service.revisions.get(revision as usize)?.workload.start_up.image_size_bytes);
        if repository.kept_images.is_some_and(|kept| sizes.len() > kept as usize) {
            sizes.pop_front();
        }
        since = time;
    }
    meter.add_span(since, setting.end, repository.stored_bytes(sizes.iter().copied()));
    Some(ImageUsage { service: service.name.clone(), byte_hours: meter.finish() })
}

fn sizes_at_start(service: &Service) -> Option<impl DoubleEndedIterator<Item = f64> + use<>> {
    let size = service.workload.start_up.image_size_bytes;
    Some((0..service.repository?.image_count).map(move |_| size))
}

/// When revisions of a service are deployed, in order.
fn pushes(setting: &Setting, number: usize) -> Vec<(SimTime, u32)> {
    let mut pushes: Vec<(SimTime, u32)> = Vec::new();
    for event in &setting.scenario.events {
        if let EventKind::Deployment { service, revision } = event.kind
            && service == number
        {
            pushes.extend(events::times(event, setting.window.start, setting.from, setting.end).into_iter().map(|time| (time, revision)));
        }
    }
    pushes.sort_by_key(|(time, _)| *time);
    pushes
}

/// What the repositories hold at the start, in bytes, by service.
#[must_use]
pub fn image_bytes_at_start(scenario: &Scenario) -> Vec<(String, f64)> {
    let bytes = |service: &Service| Some(service.repository?.stored_bytes(sizes_at_start(service)?));
    scenario.services.iter().filter_map(|service| Some((service.name.clone(), bytes(service)?))).collect()
}

/// The file systems of a scenario.
#[must_use]
pub fn file_systems(scenario: &Scenario) -> Vec<FileSystemUsage> {
    let usage = |file_system: &crate::scenario::model::FileSystem| FileSystemUsage {
        name: file_system.name.clone(),
        service: if let [user] = file_system.users[..] { Some(scenario.services[user].name.clone()) } else { None },
        is_one_zone: file_system.is_one_zone,
        stored_bytes: file_system.stored_bytes,
        provisioned_mib_per_second: file_system.provisioned_mib_per_second,
    };
    scenario.file_systems.iter().map(usage).collect()
}
