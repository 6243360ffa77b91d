//! The bound of a threshold: its unit must be that of the figure.
//!
//! A figure's unit is known from its path. A bound with another unit (`monthly_cost < 300ms`) and one that is most likely a slip
//! (`latency_p99 < 300`, meant in milliseconds; `availability >= 99.9`, meant in percent) are refused rather than guessed at: a
//! threshold that can never fail, or never hold, is worse than an error. A name that says its unit (`latency_seconds.p99`,
//! `slo.seconds_over`) takes a plain number.
//!
//! A bound may also be a part of what a baseline has: `baseline`, `baseline + 10%`, `110% of baseline`, `baseline + 20ms`. A percentage
//! there is one of the baseline's figure.

use super::duration::parse_duration;
use super::number::hundredth;
use super::unit::Unit;
use crate::units::SimDuration;

/// A bound: a value of its own, or beside a part of the baseline's figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bound {
    /// In the unit of the figure.
    pub value: f64,
    /// The part of the baseline's figure that is added to it.
    pub of_baseline: Option<f64>,
}

/// Why a bound is refused, and what to write instead where that is known.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refused {
    pub why: String,
    pub remedy: Option<String>,
}

impl Refused {
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), remedy: None }
    }

    fn remedy(why: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { why: why.into(), remedy: Some(remedy.into()) }
    }
}

/// A number as it is written.
enum Amount<'a> {
    Plain(f64),
    Dollars(f64),
    Percent(&'a str, f64),
    Seconds(f64),
}

/// Reads a bound for the figure of this path.
pub(super) fn bound(path: &str, text: &str) -> Result<Bound, Refused> {
    let unit = Unit::of(path);
    let Some(index) = text.find(BASELINE) else {
        return Ok(Bound { value: in_unit(path, unit, text)?, of_baseline: None });
    };
    let (before, after) = (text[..index].trim(), text[index + BASELINE.len()..].trim());
    let form = || Refused::new(format!("`{text}` is none of `baseline`, `baseline + 10%`, `baseline - 20ms`, `110% of baseline`"));
    if let Some(part) = before.strip_suffix("of").filter(|_| after.is_empty()) {
        let Some(Amount::Percent(percent, _)) = amount(part.trim()) else { return Err(form()) };
        return Ok(Bound { value: 0.0, of_baseline: Some(hundredth(percent)) });
    }
    let (sign, change) = match (before, after.chars().next()) {
        ("", None) => return Ok(Bound { value: 0.0, of_baseline: Some(1.0) }),
        ("", Some('+')) => (1.0, after[1..].trim()),
        ("", Some('-')) => (-1.0, after[1..].trim()),
        _ => return Err(form()),
    };
    match amount(change) {
        Some(Amount::Percent(percent, _)) => Ok(Bound { value: 0.0, of_baseline: Some(1.0 + sign * hundredth(percent)) }),
        Some(_) => Ok(Bound { value: sign * in_unit(path, unit, change)?, of_baseline: Some(1.0) }),
        None => Err(form()),
    }
}

const BASELINE: &str = "baseline";

/// The value of a text in the unit of a figure.
fn in_unit(path: &str, unit: Unit, text: &str) -> Result<f64, Refused> {
    let amount = amount(text).ok_or_else(|| Refused::new(format!("`{text}` is no bound")))?;
    match (unit, amount) {
        (Unit::Dollars, Amount::Plain(value) | Amount::Dollars(value))
        | (Unit::Seconds { .. }, Amount::Seconds(value))
        | (Unit::Seconds { is_named: true }, Amount::Plain(value))
        | (Unit::Percent, Amount::Plain(value) | Amount::Percent(_, value))
        | (Unit::Count, Amount::Plain(value)) => Ok(value),
        (Unit::Fraction, Amount::Percent(percent, value)) if (0.0..=100.0).contains(&value) => Ok(hundredth(percent)),
        (Unit::Fraction, Amount::Percent(..)) => {
            Err(Refused::remedy(format!("`{path}` is a part of the whole, which `{text}` is not"), "write 0% to 100%".to_owned()))
        }
        // Zero is zero in every unit.
        (Unit::Seconds { .. }, Amount::Plain(0.0)) => Ok(0.0),
        (Unit::Seconds { .. }, Amount::Plain(_)) => {
            Err(Refused::remedy(format!("`{text}` has no unit, and `{path}` is a time"), format!("write {text}ms or {text}s")))
        }
        (Unit::Fraction, Amount::Plain(value)) if (0.0..=1.0).contains(&value) => Ok(value),
        (Unit::Fraction, Amount::Plain(_)) => {
            Err(Refused::remedy(format!("`{path}` is a part of one, which `{text}` is not"), format!("write {text}%")))
        }
        (unit, _) => {
            let (what, like) = match unit {
                Unit::Dollars => ("an amount of US dollars", "900 or $900"),
                Unit::Seconds { .. } => ("a time", "300ms"),
                Unit::Fraction => ("a part of one", "99.9% or 0.999"),
                Unit::Percent => ("a percentage", "80%"),
                Unit::Count => ("a plain number", "12"),
            };
            Err(Refused::remedy(format!("`{text}` has another unit than `{path}`, which is {what}"), format!("write it like {like}")))
        }
    }
}

/// A number with the unit that is written.
fn amount(text: &str) -> Option<Amount<'_>> {
    if let Some(percent) = text.strip_suffix('%') {
        return number(percent.trim()).map(|value| Amount::Percent(percent.trim(), value));
    }
    if let Some(dollars) = text.strip_prefix('$') {
        return number(dollars).map(Amount::Dollars);
    }
    let seconds = || parse_duration(text).map(SimDuration::as_seconds_f64).ok().map(Amount::Seconds);
    number(text).map(Amount::Plain).or_else(seconds)
}

fn number(text: &str) -> Option<f64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    text.parse::<f64>().ok().filter(|number| is_plain && number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(path: &str, text: &str) -> f64 {
        bound(path, text).expect("a bound").value
    }

    #[test]
    fn a_bound_is_read_in_the_unit_of_its_figure() {
        let cases = [
            ("monthly_cost", "900", 900.0),
            ("monthly_cost.p90", "$1.5", 1.5),
            ("cost.savings_plan.coverage", "80%", 0.8),
            ("services.web.latency_p99", "300ms", 0.3),
            ("services.web.latency_seconds.p99", "0.3", 0.3),
            ("services.web.slo.seconds_over", "60", 60.0),
            ("services.web.seconds_over", "1m", 60.0),
            ("services.web.latency_p99", "0", 0.0),
            ("services.web.availability", "99.9%", 0.999),
            ("services.web.requests.availability", "0.999", 0.999),
            ("services.web.cpu_utilization.mean", "80%", 80.0),
            ("services.web.cpu_max", "80%", 80.0),
            ("services.web.memory_p95", "80", 80.0),
            ("services.web.scaling.forecasts.f.weighted_error_percent", "12%", 12.0),
            ("services.web.running_tasks.max", "12", 12.0),
            // The name of a service says nothing of its figures.
            ("services.latency_seconds.running_tasks.max", "12", 12.0),
        ];
        for (path, text, wanted) in cases {
            assert!((value(path, text) - wanted).abs() < 1e-12, "{path} {text}");
        }
    }

    #[test]
    fn a_bound_in_another_unit_is_refused_with_what_to_write() {
        let cases = [
            ("services.web.latency_p99", "300", "write 300ms or 300s"),
            ("services.web.queue_p99", "$5", "write it like 300ms"),
            ("services.web.availability", "99.9", "write 99.9%"),
            ("services.web.availability", "1s", "write it like 99.9% or 0.999"),
            ("services.web.cpu_max", "80ms", "write it like 80%"),
            ("services.web.running_tasks.max", "5%", "write it like 12"),
            ("monthly_cost", "300ms", "write it like 900 or $900"),
            ("monthly_cost", "baseline + 300ms", "write it like 900 or $900"),
            ("services.web.latency_p99", "baseline + 20", "write 20ms or 20s"),
        ];
        for (path, text, remedy) in cases {
            assert_eq!(bound(path, text).expect_err(text).remedy.as_deref(), Some(remedy), "{path} {text}");
        }
    }

    #[test]
    fn a_bound_may_be_a_part_of_the_baseline() {
        let cases = [
            ("baseline", 0.0, 1.0),
            ("baseline + 10%", 0.0, 1.1),
            ("baseline+10 %", 0.0, 1.1),
            ("baseline - 5%", 0.0, 0.95),
            ("110% of baseline", 0.0, 1.1),
            ("baseline + 20ms", 0.02, 1.0),
            ("baseline - 20ms", -0.02, 1.0),
        ];
        for (text, value, part) in cases {
            let found = bound("services.web.latency_p99", text).expect(text);
            assert!((found.value - value).abs() < 1e-12 && (found.of_baseline.expect("a part") - part).abs() < 1e-12, "{text}: {found:?}");
        }
        for text in
            ["baseline x 2", "2 baseline", "of baseline", "10 of baseline", "baseline + ", "10% of baseline + 1%", "baseline + much"]
        {
            assert!(bound("monthly_cost", text).is_err(), "{text}");
        }
    }
}
