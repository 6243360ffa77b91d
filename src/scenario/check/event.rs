//! Events: each kind has keys of its own.

use super::{refuse_foreign, require};
use crate::scenario::shape::Reading;
use crate::scenario::values::schedule::refuse_never;
use crate::scenario::written::event::{Event, EventKind};

/// Keys that only some kinds take.
const OWN_KEYS: [&str; 9] = ["service", "revision", "start_failure", "zone", "duration", "share", "count", "factor", "desired_count"];

/// Keys that a kind needs, and those that it may have besides.
const fn keys_of(kind: EventKind) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        EventKind::Deployment => (&["service"], &["revision", "start_failure"]),
        EventKind::ZoneOutage => (&["zone", "duration"], &[]),
        EventKind::SpotShortage => (&["duration"], &[]),
        EventKind::SpotInterruption => (&[], &["share", "zone"]),
        EventKind::TaskFailure | EventKind::TaskHang => (&["service"], &["count"]),
        EventKind::DependencySlowdown => (&["service", "factor", "duration"], &[]),
        EventKind::DesiredCount => (&["service", "desired_count"], &[]),
    }
}

/// A whole event.
pub fn check(event: &Event, reading: &mut Reading) {
    let owner = format!("an event of kind {}", event.kind.word());
    let (needed, allowed) = keys_of(event.kind);
    require(&event.places, needed, &owner, reading);
    let foreign: Vec<&str> = OWN_KEYS.into_iter().filter(|key| !needed.contains(key) && !allowed.contains(key)).collect();
    refuse_foreign(&event.places, &foreign, &owner, reading);
    if event.at.is_some() == event.schedule.is_some() {
        reading.fault(event.places.own(), "an event has either `at` or a `schedule`");
    }
    match &event.schedule {
        Some(schedule) => refuse_never(schedule, &event.timezone.zone, &event.places.of("schedule"), reading),
        None => refuse_foreign(&event.places, &["timezone"], "an event without a schedule", reading),
    }
}
