//! Points in time, times of day and time zones.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::duration::{self, parse_duration};
use crate::scenario::document::{Node, Value};
use crate::scenario::shape::{Decode, Kind, Reading};
use crate::units::SimDuration;

/// An absolute point in time, by RFC 3339, from 1970 to 2199: later or earlier ones are slips.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant(pub Timestamp);

/// The first second of the year 2200.
const LATEST_SECOND: i64 = 7_258_118_400;

fn parse_instant(text: &str) -> Option<Timestamp> {
    let instant: Timestamp = text.trim().parse().ok()?;
    (0..LATEST_SECOND).contains(&instant.as_second()).then_some(instant)
}

impl Decode for Instant {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        let instant = node.text().and_then(parse_instant);
        if instant.is_none() {
            reading.wrong(node, "a point in time like 2026-03-02T00:00:00Z, from 1970 to 2199");
        }
        instant.map(Self)
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"type": "string", "format": "date-time"}))
    }
}

/// A point in time: absolute, or counted from the start of the simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// By the calendar.
    Absolute(Timestamp),
    /// From the start.
    Offset(SimDuration),
}

impl Moment {
    /// Reads an offset from the start like `36h`, or a point in time by RFC 3339; none when the text is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let offset = parse_duration(text).ok().map(Self::Offset);
        offset.or_else(|| parse_instant(text).map(Self::Absolute))
    }

    /// The time from the start; none when only the start is missing.
    #[must_use]
    pub fn offset_from(self, start: Option<Timestamp>) -> Option<SimDuration> {
        match self {
            Self::Offset(offset) => Some(offset),
            Self::Absolute(instant) => {
                let nanos = instant.as_nanosecond() - start?.as_nanosecond();
                i64::try_from(nanos).ok().map(SimDuration::from_nanos)
            }
        }
    }
}

impl Decode for Moment {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        let moment = match &node.value {
            Value::Number(text) | Value::String(text) => Self::parse(text),
            _ => None,
        };
        if moment.is_none() {
            reading.wrong(node, "an offset from the start like 36h, or a point in time like 2026-03-02T00:00:00Z");
        }
        moment
    }

    fn kind() -> Kind {
        let mut schema = duration::schema();
        if let Some(schema) = schema.as_object_mut() {
            schema.remove("pattern");
        }
        Kind::Scalar(schema)
    }
}

/// A time of day: `14:00`, also `14:00:30`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeOfDay {
    /// Seconds after midnight.
    pub seconds: u32,
}

fn parse_time_of_day(text: &str) -> Option<u32> {
    let parts: Vec<&str> = text.trim().split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    let mut seconds = 0;
    for (index, (part, limit)) in parts.iter().zip([24, 60, 60]).enumerate() {
        let is_number = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        let number: u32 = if is_number { part.parse().ok()? } else { return None };
        if number >= limit {
            return None;
        }
        seconds += number * [3600, 60, 1][index];
    }
    Some(seconds)
}

impl Decode for TimeOfDay {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        let seconds = node.text().and_then(parse_time_of_day);
        if seconds.is_none() {
            reading.wrong(node, "a time of day like \"14:00\"");
        }
        seconds.map(|seconds| Self { seconds })
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?$"}))
    }
}

/// The name of an IANA time zone that is known, and its clocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneName {
    /// The name, as it was written.
    pub name: String,
    /// The zone of this name.
    pub zone: TimeZone,
}

impl Decode for ZoneName {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        let name = node.text().unwrap_or_default();
        match TimeZone::get(name) {
            Ok(zone) if !name.is_empty() => Some(Self { name: name.to_owned(), zone }),
            _ => {
                reading.wrong(node, "the name of an IANA time zone like Europe/Berlin");
                None
            }
        }
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"type": "string"}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_seconds_after_midnight() {
        assert_eq!(parse_time_of_day("14:00"), Some(50_400));
        assert_eq!(parse_time_of_day("0:00:30"), Some(30));
        for wrong in ["24:00", "14", "14:60", "14:00:00:00", "-1:00", "aa:bb"] {
            assert_eq!(parse_time_of_day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_moment_counts_from_the_start() {
        let start: Timestamp = "2026-03-02T00:00:00Z".parse().unwrap();
        let moment = Moment::Absolute("2026-03-02T01:00:00Z".parse().unwrap());
        assert_eq!(moment.offset_from(Some(start)), Some(SimDuration::from_hours(1)));
        assert_eq!(moment.offset_from(None), None);
        assert!(parse_instant("1969-12-31T23:59:59Z").is_none());
        assert!(parse_instant("2200-01-01T00:00:00Z").is_none());
        assert!(parse_instant("2199-12-31T23:59:59Z").is_some());
    }
}
