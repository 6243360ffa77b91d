//! Durations: seconds as AWS writes them, or `90s`, `5m`, `36h`, `30d`, `250ms`, `1h30m`.

use serde_json::json;

use crate::scenario::document::{Node, Value};
use crate::scenario::shape::{Decode, Kind, Reading};
use crate::units::{NANOS_PER_SECOND, SimDuration};

/// Milliseconds in a second, for the bounds of [`Span`].
pub const SECOND: u64 = 1_000;
/// Milliseconds in an hour.
pub const HOUR: u64 = 3_600 * SECOND;
/// Milliseconds in a day.
pub const DAY: u64 = 24 * HOUR;
/// Milliseconds in a year of 366 days: longer simulations are a slip of the unit.
pub const YEAR: u64 = 366 * DAY;

/// The longest duration that is read at all, in nanoseconds: a hundred years.
const LONGEST_NANOS: f64 = 100.0 * 366.0 * 86_400.0 * NANOS_PER_SECOND as f64;

/// What a duration may look like, for messages.
pub const EXPECTED: &str = "a duration: seconds, or text like 90s, 5m, 36h, 30d, 250ms";

/// Reads a duration; the error says why not.
///
/// # Errors
/// Text that is no duration, negative or longer than a hundred years.
pub fn parse_duration(text: &str) -> Result<SimDuration, String> {
    let text = text.trim();
    if text.starts_with('-') {
        return Err(format!("found {text}, a duration cannot be negative"));
    }
    let mut rest = text;
    let mut total_nanos = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|sign: char| !sign.is_ascii_digit() && sign != '.').unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().map_err(|_| not_a_duration(text))?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|sign: char| !sign.is_ascii_alphabetic()).unwrap_or(rest.len());
        let nanos = match &rest[..letters] {
            "" if total_nanos == 0.0 && rest.is_empty() => 1e9,
            "us" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" | "min" => 60e9,
            "h" => 3_600e9,
            "d" => 86_400e9,
            "w" => 604_800e9,
            _ => return Err(not_a_duration(text)),
        };
        total_nanos += number * nanos;
        rest = rest[letters..].trim_start();
    }
    if text.is_empty() {
        return Err(not_a_duration(text));
    }
    if total_nanos > LONGEST_NANOS {
        return Err(format!("found `{text}`, a duration may be a hundred years at most"));
    }
    Ok(SimDuration::from_nanos(total_nanos.round() as i64))
}

fn not_a_duration(text: &str) -> String {
    format!("found `{text}`, expected {EXPECTED}")
}

/// The duration that a node holds.
pub fn duration_of(node: &Node, reading: &mut Reading) -> Option<SimDuration> {
    let (Value::Number(text) | Value::String(text)) = &node.value else {
        reading.wrong(node, EXPECTED);
        return None;
    };
    match parse_duration(text) {
        Ok(duration) => Some(duration),
        Err(message) => {
            reading.fault(&node.place, message);
            None
        }
    }
}

/// The schema of a duration.
#[must_use]
pub fn schema() -> serde_json::Value {
    json!({"type": ["number", "string"], "minimum": 0, "pattern": r"^ *([0-9.]+ *(us|ms|s|m|min|h|d|w)? *)+$"})
}

/// A duration within bounds, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<const LOW: u64 = 0, const HIGH: u64 = YEAR>(pub SimDuration);

impl<const LOW: u64, const HIGH: u64> Decode for Span<LOW, HIGH> {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        let duration = duration_of(node, reading)?;
        let [low, high] = [LOW, HIGH].map(|bound| SimDuration::from_millis(i64::try_from(bound).unwrap_or(i64::MAX)));
        if duration < low || duration > high {
            let found = node.text().unwrap_or_default();
            reading.fault(&node.place, format!("found {found}, allowed are {low} to {high}"));
            return None;
        }
        Some(Self(duration))
    }

    fn kind() -> Kind {
        Kind::Scalar(schema())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notation_of_the_reference_is_read() {
        for (text, millis) in [
            ("90", 90_000),
            ("90s", 90_000),
            ("5m", 300_000),
            ("36h", 129_600_000),
            ("30d", 2_592_000_000),
            ("250ms", 250),
            ("1h30m", 5_400_000),
            ("1.5h", 5_400_000),
            ("0", 0),
            ("0.5", 500),
        ] {
            assert_eq!(parse_duration(text), Ok(SimDuration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in ["", "s", "5 x", "-1", "1h30", "1..5s", "nan", "inf", "1e3s", "200000d", "ten"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
