//! `at(...)`, `rate(...)` and `cron(...)` of Application Auto Scaling and EventBridge.
//!
//! Only the form is checked here: the number of fields, their signs and the ranges of plain numbers.

use serde_json::json;

use crate::scenario::document::Node;
use crate::scenario::shape::{Decode, Kind, Reading};

/// A schedule expression of a valid form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule(pub String);

const EXPECTED: &str = "a schedule: at(2026-03-02T08:00:00), rate(5 minutes) or cron(0 8 ? * MON-FRI *)";

impl Decode for Schedule {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        let Some(text) = node.text() else {
            reading.wrong(node, EXPECTED);
            return None;
        };
        match check(text.trim()) {
            Ok(()) => Some(Self(text.trim().to_owned())),
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

fn check(text: &str) -> Result<(), String> {
    let inner = text.strip_suffix(')').and_then(|text| text.split_once('('));
    match inner {
        Some(("at", time)) => check_at(time),
        Some(("rate", rate)) => check_rate(rate),
        Some(("cron", fields)) => check_cron(fields),
        _ => Err("it begins with none of at(, rate(, cron(".to_owned()),
    }
}

fn check_at(time: &str) -> Result<(), String> {
    let parsed: Result<jiff::civil::DateTime, _> = time.trim().parse();
    parsed.map(|_| ()).map_err(|_| format!("`{time}` is no date and time"))
}

fn check_rate(rate: &str) -> Result<(), String> {
    let parts: Vec<&str> = rate.split_whitespace().collect();
    match parts[..] {
        [number, "minute" | "minutes" | "hour" | "hours" | "day" | "days"] if number.parse::<u32>().is_ok_and(|number| number > 0) => {
            Ok(())
        }
        _ => Err("a rate is a number above 0 and minutes, hours or days".to_owned()),
    }
}

/// Minute, hour, day of month, month, day of week, year: name, lowest and highest number, names allowed.
const CRON_FIELDS: [(&str, u32, u32, &[&str]); 6] = [
    ("minute", 0, 59, &[]),
    ("hour", 0, 23, &[]),
    ("day of month", 1, 31, &[]),
    ("month", 1, 12, &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]),
    ("day of week", 1, 7, &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]),
    ("year", 1970, 2199, &[]),
];

fn check_cron(fields: &str) -> Result<(), String> {
    let fields: Vec<&str> = fields.split_whitespace().collect();
    if fields.len() != CRON_FIELDS.len() {
        return Err(format!("cron has six fields (minute hour day month weekday year), found {}", fields.len()));
    }
    for (field, (name, low, high, words)) in fields.iter().zip(CRON_FIELDS) {
        for part in field.split(',') {
            check_cron_part(part, low, high, words).map_err(|why| format!("{name} `{field}`: {why}"))?;
        }
    }
    match (fields[2], fields[4]) {
        ("?", "?") => Err("day of month and day of week are both `?`".to_owned()),
        _ => Ok(()),
    }
}

fn check_cron_part(part: &str, low: u32, high: u32, words: &[&str]) -> Result<(), String> {
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (part, None),
    };
    if step.is_some_and(|step| !step.parse::<u32>().is_ok_and(|step| step > 0)) {
        return Err("the step after `/` is no number above 0".to_owned());
    }
    if matches!(range, "*" | "?" | "L" | "LW") {
        return Ok(());
    }
    // Wildcards of single days: `15W`, `6L`, `MON#2`.
    let range = range.split('#').next().unwrap_or(range).trim_end_matches(['W', 'L']);
    for end in range.split('-') {
        let is_word = words.iter().any(|word| word.eq_ignore_ascii_case(end));
        if !is_word && !end.parse::<u32>().is_ok_and(|number| (low..=high).contains(&number)) {
            return Err(format!("`{end}` is not from {low} to {high}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    /// The accepted ones are examples of the Application Auto Scaling and EventBridge guides.
    #[test]
    fn the_form_of_a_schedule_is_checked() {
        for right in [
            "cron(0 8 ? * MON-FRI *)",
            "cron(30 6 ? * MON *)",
            "cron(0/15 8-17 ? * MON-FRI *)",
            "cron(0 18 L * ? *)",
            "rate(5 minutes)",
            "rate(1 day)",
            "at(2026-03-02T08:00:00)",
        ] {
            assert_eq!(check(right), Ok(()), "{right}");
        }
        for wrong in [
            "cron(0 8 * * MON)",
            "cron(60 8 ? * MON *)",
            "cron(0 8 ? * FOO *)",
            "cron(0 8 ? * ? *)",
            "rate(0 minutes)",
            "rate(5)",
            "at(noon)",
            "daily",
            "cron(0 8 ? * MON *",
        ] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }
}
