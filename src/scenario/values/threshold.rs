//! Thresholds: `services.web.latency_p99 < 300ms`.

use serde_json::json;

use super::duration::parse_duration;
use super::number::hundredth;
use crate::scenario::document::{Node, Value};
use crate::scenario::model::{Comparison, Threshold};
use crate::scenario::shape::{Decode, Kind, Reading};

/// The signs, those of two letters first, so that `<=` is not read as `<`.
const SIGNS: [(&str, Comparison); 6] = [
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("==", Comparison::Equal),
    ("!=", Comparison::NotEqual),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
];

const EXPECTED: &str = "a threshold like `monthly_cost < 900` or `services.web.latency_p99 < 300ms`";

/// A threshold of a valid form.
#[derive(Clone, Debug, PartialEq)]
pub struct ThresholdText(pub Threshold);

impl Decode for ThresholdText {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        let Value::String(text) = &node.value else {
            reading.wrong(node, EXPECTED);
            return None;
        };
        match split(text) {
            Ok((path, comparison, bound)) => {
                Some(Self(Threshold { expression: text.trim().to_owned(), path, comparison, bound, place: node.place.clone() }))
            }
            Err(why) => {
                reading.fault(&node.place, format!("found `{text}`, expected {EXPECTED}: {why}"));
                None
            }
        }
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"type": "string", "pattern": "^[^<>=!]+(<=|>=|==|!=|<|>)[^<>=!]+$"}))
    }
}

fn split(text: &str) -> Result<(String, Comparison, f64), String> {
    let index = text.find(['<', '>', '=', '!']).ok_or("it has no comparison (<, <=, >, >=, ==, !=)")?;
    let (path, rest) = text.split_at(index);
    let (sign, comparison) =
        SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)).ok_or("its comparison is none of <, <=, >, >=, ==, !=")?;
    let path = path.trim();
    let is_path = !path.is_empty() && path.split('.').all(|part| !part.is_empty() && !part.contains(char::is_whitespace));
    if !is_path {
        return Err(format!("`{path}` is no path of a figure"));
    }
    let bound = bound(path, rest[sign.len()..].trim())?;
    Ok((path.to_owned(), *comparison, bound))
}

/// The bound in the unit of the figure: seconds, dollars, or a fraction; utilisations count percent.
fn bound(path: &str, text: &str) -> Result<f64, String> {
    let number = |text: &str| {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
        text.parse::<f64>().ok().filter(|number| is_plain && number.is_finite())
    };
    if let Some(percent) = text.strip_suffix('%') {
        let percent = percent.trim();
        let value = number(percent).ok_or_else(|| format!("`{text}` is no percentage"))?;
        return Ok(if path.contains("utilization") { value } else { hundredth(percent) });
    }
    if let Some(number) = number(text.strip_prefix('$').unwrap_or(text)) {
        return Ok(number);
    }
    parse_duration(text).map(crate::units::SimDuration::as_seconds_f64).map_err(|_| format!("`{text}` is no bound"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_has_the_unit_of_its_figure() {
        let cases = [
            ("monthly_cost < 900", "monthly_cost", Comparison::Less, 900.0),
            ("services.web.latency_p99 <= 300ms", "services.web.latency_p99", Comparison::LessOrEqual, 0.3),
            ("services.web.availability>=99.9%", "services.web.availability", Comparison::GreaterOrEqual, 0.999),
            ("services.web.cpu_utilization.mean < 80%", "services.web.cpu_utilization.mean", Comparison::Less, 80.0),
            ("monthly_cost != $1.5", "monthly_cost", Comparison::NotEqual, 1.5),
        ];
        for (text, path, comparison, bound) in cases {
            let (found_path, found_comparison, found_bound) = split(text).unwrap();
            assert_eq!((found_path.as_str(), found_comparison), (path, comparison), "{text}");
            assert!((found_bound - bound).abs() < 1e-12, "{text}");
        }
    }

    #[test]
    fn what_is_no_threshold_is_refused() {
        for text in ["monthly_cost", "< 900", "a b < 1", "a < ", "a =< 1", "a < x", "a < 1 < 2", "a < nan"] {
            assert!(split(text).is_err(), "{text}");
        }
    }
}
