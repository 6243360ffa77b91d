//! Events: each kind with what it needs.

use super::deployment;
use crate::scenario::model::{Event, EventKind, Service, When};
use crate::scenario::written::event::{Event as Written, EventKind as Kind};
use crate::scenario::written::root::Scenario;
use crate::scenario::written::workload::Workload;
use crate::units::SimDuration;

/// The events of a scenario, in its order; revisions are added to their services.
pub fn events(written: &Scenario, revisions: &[Option<Workload>], services: &mut [Service]) -> Vec<Event> {
    let event = |(event, revision): (&Written, &Option<Workload>)| {
        let kind = match event.kind {
            Kind::Deployment => deployment::event(service_of(event, written)?, revision.as_ref(), event.start_failure.0, services),
            _ => kind(event, written)?,
        };
        Some(Event { when: when(event)?, kind })
    };
    written.events.iter().zip(revisions).filter_map(event).collect()
}

/// The place of an event's service in the scenario.
fn service_of(event: &Written, scenario: &Scenario) -> Option<usize> {
    let name = &event.service.as_ref()?.0;
    scenario.services.0.iter().position(|(known, _)| known == name)
}

fn when(event: &Written) -> Option<When> {
    let scheduled = || event.schedule.clone().map(|schedule| When::Scheduled(schedule, event.timezone.zone.clone()));
    event.at.map(When::At).or_else(scheduled)
}

fn kind(event: &Written, scenario: &Scenario) -> Option<EventKind> {
    let service = service_of(event, scenario);
    let (count, duration) = (event.count.count(), event.duration.map_or(SimDuration::ZERO, |duration| duration.0));
    Some(match event.kind {
        Kind::DesiredCount => EventKind::DesiredCount { service: service?, desired_count: event.desired_count?.count() },
        Kind::TaskFailure => EventKind::TaskFailure { service: service?, count },
        Kind::TaskHang => EventKind::TaskHang { service: service?, count },
        Kind::DependencySlowdown => EventKind::DependencySlowdown { service: service?, factor: event.factor?.0, duration },
        Kind::ZoneOutage => EventKind::ZoneOutage { zone: event.zone? as u8, duration },
        Kind::SpotShortage => EventKind::SpotShortage { duration },
        Kind::SpotInterruption => EventKind::SpotInterruption { share: event.share.0, zone: event.zone.map(|zone| zone as u8) },
        Kind::Deployment => return None,
    })
}
