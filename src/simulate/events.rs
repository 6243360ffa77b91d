//! When the events of a scenario happen, and to which services.
//!
//! Every event is spread out over the run before it starts: each of its times is queued for each service that it
//! concerns, its end too if it lasts. Of events at one instant ends come first, then what stands first in the scenario.

use jiff::{SignedDuration, Timestamp};

use super::instances;
use super::service_run::Setting;
use crate::calendar::{Bounds, Timetable};
use crate::control::instances::InstanceEvent;
use crate::control::service::ServiceEvent;
use crate::control::{Event, Phase};
use crate::events::EventQueue;
use crate::scenario::model::{Event as ScenarioEvent, EventKind, Moment, Scenario, When};
use crate::units::{SimDuration, SimTime};

/// Queues what happens during the run.
pub fn push_all(setting: &Setting, queue: &mut EventQueue<ServiceEvent>) {
    let mut steps: Vec<(SimTime, bool, usize)> = Vec::new();
    for (number, event) in setting.scenario.events.iter().enumerate() {
        for (begin, end) in spans(event, setting.window.start, setting.from, setting.end) {
            steps.push((begin, false, number));
            steps.extend(end.filter(|end| *end < setting.end).map(|end| (end, true, number)));
        }
    }
    steps.sort_unstable_by_key(|&(time, is_over, number)| (time, !is_over, number));
    for (time, is_over, number) in steps {
        if let EventKind::ZoneOutage { zone, .. } = setting.scenario.events[number].kind {
            // Before the services, so that none of them counts on instances that are gone.
            let event = if is_over { InstanceEvent::ZoneReturns { zone } } else { InstanceEvent::ZoneFails { zone } };
            for group in instances::numbers(setting.scenario) {
                queue.push(time, Phase::Clock as u8, (group, Event::Instances(event)));
            }
        }
        for service in services_of(&setting.scenario.events[number], setting.scenario) {
            queue.push(time, Phase::Clock as u8, (service as u32, Event::Happens { number: number as u32, is_over }));
        }
    }
}

/// The services that an event concerns.
fn services_of(event: &ScenarioEvent, scenario: &Scenario) -> std::ops::Range<usize> {
    event.kind.service().map_or(0..scenario.services.len(), |service| service..service + 1)
}

/// A sentence for each event that never happens during the run.
pub fn that_never_happen(scenario: &Scenario, start: Timestamp, from: SimTime, end: SimTime) -> Vec<String> {
    let numbered = scenario.events.iter().enumerate();
    let silent = numbered.filter(|(_, event)| spans(event, start, from, end).is_empty());
    silent
        .map(|(number, event)| format!("events.{number} ({}) lies outside of the simulated time and never happens", event.kind.name()))
        .collect()
}

/// When an event begins and, if it lasts, ends. What began before the run and lasts into it is there at its start.
fn spans(event: &ScenarioEvent, start: Timestamp, from: SimTime, end: SimTime) -> Vec<(SimTime, Option<SimTime>)> {
    let duration = event.kind.duration();
    let span = |begin: SimTime| (begin.max(from), duration.map(|duration| begin + duration));
    let lasts_into = |(_, end): &(SimTime, Option<SimTime>)| end.is_none_or(|end| end > from);
    times(event, start, from - duration.unwrap_or_default(), end).into_iter().map(span).filter(lasts_into).collect()
}

/// When an event begins, between two times.
pub(super) fn times(event: &ScenarioEvent, start: Timestamp, from: SimTime, end: SimTime) -> Vec<SimTime> {
    let offset = |instant: Timestamp| {
        let nanos = i64::try_from(instant.duration_since(start).as_nanos()).ok()?;
        Some(SimTime::from_nanos(nanos)).filter(|time| (from..end).contains(time))
    };
    match &event.when {
        When::At(Moment::Absolute(instant)) => offset(*instant).into_iter().collect(),
        When::At(Moment::Offset(after)) => Some(SimTime::START + *after).filter(|time| (from..end).contains(time)).into_iter().collect(),
        When::Scheduled(schedule, zone) => {
            let timetable = Timetable::new(schedule.clone(), zone.clone(), Bounds::default(), start);
            let before = SignedDuration::from_nanos((from - SimTime::START - SimDuration::from_nanos(1)).as_nanos());
            let first = start.saturating_add(before).ok().and_then(|before| timetable.next_after(before));
            std::iter::successors(first, |last| timetable.next_after(*last)).map_while(offset).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Schedule;
    use jiff::tz::TimeZone;

    const KIND: EventKind = EventKind::TaskFailure { service: 0, count: 1 };

    /// A week from a Monday, 2026-03-23 00:00 UTC, with a warm-up of an hour.
    fn times_of(when: When) -> Vec<f64> {
        let start = "2026-03-23T00:00:00Z".parse().expect("a time");
        let times = times(&ScenarioEvent { when, kind: KIND }, start, SimTime::from_seconds(-3600), SimTime::from_seconds(7 * 86_400));
        times.into_iter().map(|time| (time - SimTime::START).as_hours_f64()).collect()
    }

    /// An outage of five hours that began half an hour before the run, and one that was over by then.
    #[test]
    fn what_lasts_into_the_run_is_there_at_its_start() {
        let start = "2026-03-23T00:00:00Z".parse().expect("a time");
        let outage = |at: &str| {
            let kind = EventKind::ZoneOutage { zone: 0, duration: SimDuration::from_hours(5) };
            let event = ScenarioEvent { when: When::At(Moment::Absolute(at.parse().expect("a time"))), kind };
            spans(&event, start, SimTime::START, SimTime::from_seconds(86_400))
        };
        assert_eq!(outage("2026-03-22T23:30:00Z"), [(SimTime::START, Some(SimTime::from_seconds(4 * 3600 + 1800)))]);
        assert_eq!(outage("2026-03-22T19:00:00Z"), []);
        assert_eq!(outage("2026-03-23T23:00:00Z").len(), 1);
    }

    #[test]
    fn a_moment_comes_once_or_not_at_all() {
        let hours = |hours| When::At(Moment::Offset(SimDuration::from_hours(hours)));
        assert_eq!(times_of(hours(30)), [30.0]);
        assert_eq!(times_of(hours(0)), [0.0]);
        assert_eq!(times_of(hours(168)), [0.0; 0], "the end is outside");
        let absolute = |text: &str| When::At(Moment::Absolute(text.parse().expect("a time")));
        assert_eq!(times_of(absolute("2026-03-24T06:00:00Z")), [30.0]);
        assert_eq!(times_of(absolute("2026-03-22T23:30:00Z")), [-0.5], "in the warm-up");
        assert_eq!(times_of(absolute("2026-03-22T22:30:00Z")), [0.0; 0]);
    }

    /// 08:00 in Berlin is 07:00 UTC until Saturday and 06:00 UTC on Sunday the 29th, the first day of summer time.
    #[test]
    fn a_schedule_follows_the_clock_of_its_zone() {
        let schedule = Schedule::parse("cron(0 8 ? * FRI-SUN *)").expect("a schedule");
        let berlin = TimeZone::get("Europe/Berlin").expect("a zone");
        assert_eq!(times_of(When::Scheduled(schedule, berlin)), [4.0 * 24.0 + 7.0, 5.0 * 24.0 + 7.0, 6.0 * 24.0 + 6.0]);
        let daily = Schedule::parse("rate(2 days)").expect("a schedule");
        assert_eq!(times_of(When::Scheduled(daily, TimeZone::UTC)), [0.0, 48.0, 96.0, 144.0]);
    }
}
