//! `at(...)`, `rate(...)` and `cron(...)` of Application Auto Scaling and EventBridge, as values of a scenario.

use jiff::tz::TimeZone;
use serde_json::json;

use crate::calendar::Schedule;
use crate::error::Place;
use crate::scenario::document::Node;
use crate::scenario::shape::{Decode, Kind, Reading};

const EXPECTED: &str = "a schedule: at(2026-03-02T08:00:00), rate(5 minutes) or cron(0 8 ? * MON-FRI *)";

impl Decode for Schedule {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        let Some(text) = node.text() else {
            reading.wrong(node, EXPECTED);
            return None;
        };
        match Self::parse(text) {
            Ok(schedule) => {
                advise_weekday_names(&schedule, &node.place, reading);
                Some(schedule)
            }
            Err(why) => {
                reading.fault(&node.place, format!("found `{text}`, expected {EXPECTED}: {why}"));
                None
            }
        }
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"type": "string", "pattern": r"^ *(at|rate|cron)\(.*\) *$"}))
    }
}

/// EventBridge's reference counts from Sunday; a former guide of Application Auto Scaling read 2 as Tuesday.
fn advise_weekday_names(schedule: &Schedule, place: &Place, reading: &mut Reading) {
    if schedule.has_weekday_numbers() {
        reading.warnings.push(format!(
            "{place}: `{}` gives a day of the week as a number. ecsim counts as EventBridge does (1 is Sunday, 2 is Monday); whether \
             Application Auto Scaling does is not documented. Write names like MON-FRI",
            schedule.text()
        ));
    }
}

/// A schedule that no calendar ever meets is a slip.
pub fn refuse_never(schedule: &Schedule, zone: &TimeZone, place: &Place, reading: &mut Reading) {
    if !schedule.ever_comes(zone) {
        let name = zone.iana_name().unwrap_or("its time zone");
        reading.fault_with_remedy(
            place,
            format!("`{}` never comes: {name} has no such local time", schedule.text()),
            "give a date that exists and a local time that no change of the clocks leaves out",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::document::parse_value;

    fn read(text: &str) -> (Option<Schedule>, Reading) {
        let mut reading = Reading::default();
        let node = parse_value(text, &Place::default()).unwrap();
        (Schedule::decode(&node, &mut reading), reading)
    }

    #[test]
    fn names_of_weekdays_are_advised() {
        let (schedule, reading) = read("cron(30 6 * * 2 *)");
        assert_eq!(schedule.unwrap().text(), "cron(30 6 * * 2 *)");
        assert!(reading.faults.is_empty());
        assert!(matches!(&reading.warnings[..], [warning] if warning.contains("2 is Monday")), "{:?}", reading.warnings);
        let (_, named) = read("cron(30 6 ? * TUE *)");
        assert!(named.faults.is_empty() && named.warnings.is_empty());
    }

    #[test]
    fn a_fault_says_what_is_wrong_and_what_is_allowed() {
        let (schedule, reading) = read("cron(0 25 ? * MON-FRI *)");
        assert_eq!(schedule, None);
        let fault = reading.faults[0].to_string();
        assert!(fault.contains("hour `25`: `25` is not from 0 to 23") && fault.contains("rate(5 minutes)"), "{fault}");
        assert!(read("[1, 2]").1.faults[0].to_string().contains("a schedule"));
    }
}
