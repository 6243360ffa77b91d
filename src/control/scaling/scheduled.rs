//! Scheduled actions: changes of the bounds by the clock.
//!
//! An action sets the smallest or the largest capacity or both, and nothing restores them at its end. What is
//! in force when a run starts is what the last actions before it have set, each bound by itself. Suspended
//! actions are lost, not made up for (AWS, suspend and resume scaling). AWS fires an action within the
//! minute that it names, usually some seconds late; here it fires on time.

use jiff::{SignedDuration, Timestamp};

use crate::calendar::{Bounds, Timetable};
use crate::scenario::model::{Moment, ScheduledAction};
use crate::units::{SimDuration, SimTime};

/// The scheduled actions of a service.
#[derive(Clone, Debug)]
pub struct ScheduledActions {
    start: Timestamp,
    actions: Vec<Action>,
}

/// One action and what it sets.
#[derive(Clone, Debug)]
pub struct Action {
    /// Its name.
    pub name: String,
    /// The smallest capacity that it sets.
    pub min_capacity: Option<u32>,
    /// The largest capacity that it sets.
    pub max_capacity: Option<u32>,
    timetable: Timetable,
}

impl ScheduledActions {
    /// The actions of a run whose time 0 is `start`; a rate without a start is counted from there.
    #[must_use]
    pub fn new(actions: &[ScheduledAction], start: Timestamp) -> Self {
        let instant = |moment: Option<Moment>| {
            moment.map(|moment| match moment {
                Moment::Absolute(instant) => instant,
                Moment::Offset(offset) => after(start, offset),
            })
        };
        let action = |action: &ScheduledAction| {
            let bounds = Bounds { start: instant(action.start_time), end: instant(action.end_time) };
            Action {
                name: action.name.clone(),
                min_capacity: action.min_capacity,
                max_capacity: action.max_capacity,
                timetable: Timetable::new(action.schedule.clone(), action.time_zone.clone(), bounds, start),
            }
        };
        Self { start, actions: actions.iter().map(action).collect() }
    }

    /// The bounds in force at a time: those of the last actions up to it, and else these.
    #[must_use]
    pub fn bounds_at(&self, time: SimTime, (min_capacity, max_capacity): (u32, u32)) -> (u32, u32) {
        let time = self.instant(time);
        let last = |sets: fn(&Action) -> Option<u32>| {
            let set = self.actions.iter().filter_map(|action| Some((action.timetable.last_at_or_before(time)?, sets(action)?)));
            // Of several at one instant, the later in the list has the last word.
            set.max_by_key(|(when, _)| *when).map(|(_, capacity)| capacity)
        };
        (last(|action| action.min_capacity).unwrap_or(min_capacity), last(|action| action.max_capacity).unwrap_or(max_capacity))
    }

    /// When an action comes next.
    #[must_use]
    pub fn next_after(&self, time: SimTime) -> Option<SimTime> {
        let time = self.instant(time);
        let next = self.actions.iter().filter_map(|action| action.timetable.next_after(time)).min()?;
        let nanos = next.duration_since(self.start).as_nanos();
        i64::try_from(nanos).ok().map(SimTime::from_nanos)
    }

    /// The actions that come at this very time, in the order of the list.
    pub fn due(&self, time: SimTime) -> impl Iterator<Item = &Action> {
        let time = self.instant(time);
        self.actions.iter().filter(move |action| action.timetable.last_at_or_before(time) == Some(time))
    }

    fn instant(&self, time: SimTime) -> Timestamp {
        after(self.start, time - SimTime::START)
    }
}

fn after(start: Timestamp, offset: SimDuration) -> Timestamp {
    start.saturating_add(SignedDuration::from_nanos(offset.as_nanos())).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Schedule;
    use jiff::tz::TimeZone;

    fn action(name: &str, schedule: &str, min_capacity: Option<u32>, max_capacity: Option<u32>) -> ScheduledAction {
        ScheduledAction {
            name: name.into(),
            schedule: Schedule::parse(schedule).expect("a schedule"),
            time_zone: TimeZone::get("Europe/Berlin").expect("a zone"),
            start_time: None,
            end_time: None,
            min_capacity,
            max_capacity,
        }
    }

    fn hours(hours: i64) -> SimTime {
        SimTime::START + SimDuration::from_hours(hours)
    }

    /// Wednesday 2026-03-04, midnight UTC: one o'clock in Berlin.
    fn office_hours() -> ScheduledActions {
        let actions =
            [action("open", "cron(0 8 ? * MON-FRI *)", Some(6), None), action("closed", "cron(0 20 ? * MON-FRI *)", Some(2), Some(10))];
        ScheduledActions::new(&actions, "2026-03-04T00:00:00Z".parse().expect("a time"))
    }

    #[test]
    fn actions_come_by_the_clock_of_their_zone() {
        let actions = office_hours();
        assert_eq!(actions.next_after(SimTime::START), Some(hours(7)));
        assert_eq!(actions.next_after(hours(7)), Some(hours(19)));
        let names = |time| actions.due(time).map(|action| action.name.as_str()).collect::<Vec<_>>();
        assert_eq!((names(hours(7)), names(hours(8))), (vec!["open"], vec![]));
    }

    /// A service starts with the bounds of the last actions before it, each by itself.
    #[test]
    fn a_run_starts_with_what_the_last_actions_have_set() {
        let actions = office_hours();
        assert_eq!(actions.bounds_at(SimTime::START, (1, 40)), (2, 10), "closed since yesterday evening");
        assert_eq!(actions.bounds_at(hours(8), (1, 40)), (6, 10), "opening leaves the maximum alone");
        assert_eq!(ScheduledActions::new(&[], actions.start).bounds_at(hours(8), (1, 40)), (1, 40));
    }
}
