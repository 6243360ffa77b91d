//! Thresholds: `services.web.latency_p99 < 300ms`.

use serde_json::json;

use super::threshold_bound::{Bound, Refused, bound};
use crate::error::{Fault, Place};
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

/// Reads a threshold that was written at this place.
///
/// # Errors
/// A text of another form.
pub fn parse_threshold(text: &str, place: &Place) -> crate::error::Result<Threshold> {
    let (path, comparison, Bound { value: bound, of_baseline }) = split(text).map_err(|Refused { why, remedy }| match remedy {
        Some(remedy) => Fault::input(place.clone(), format!("found `{text}`: {why}")).remedy(remedy),
        None => Fault::input(place.clone(), format!("found `{text}`, expected {EXPECTED}: {why}")),
    })?;
    Ok(Threshold { expression: text.trim().to_owned(), path, comparison, bound, of_baseline, place: place.clone() })
}

impl Decode for ThresholdText {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        let Value::String(text) = &node.value else {
            reading.wrong(node, EXPECTED);
            return None;
        };
        match parse_threshold(text, &node.place) {
            Ok(threshold) => Some(Self(threshold)),
            Err(error) => {
                for fault in error.faults() {
                    match &fault.remedy {
                        Some(remedy) => reading.fault_with_remedy(&fault.place, fault.message.clone(), remedy.clone()),
                        None => reading.fault(&fault.place, fault.message.clone()),
                    }
                }
                None
            }
        }
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"type": "string", "pattern": "^[^<>=!]+(<=|>=|==|!=|<|>)[^<>=!]+$"}))
    }
}

/// A threshold without its place: the path of the figure, the comparison, the bound.
fn split(text: &str) -> Result<(String, Comparison, Bound), Refused> {
    let index = text.find(['<', '>', '=', '!']).ok_or_else(|| Refused::new("it has no comparison (<, <=, >, >=, ==, !=)"))?;
    let (path, rest) = text.split_at(index);
    let (sign, comparison) = SIGNS
        .iter()
        .find(|(sign, _)| rest.starts_with(sign))
        .ok_or_else(|| Refused::new("its comparison is none of <, <=, >, >=, ==, !="))?;
    let path = path.trim();
    let is_path = !path.is_empty() && path.split('.').all(|part| !part.is_empty() && !part.contains(char::is_whitespace));
    if !is_path {
        return Err(Refused::new(format!("`{path}` is no path of a figure")));
    }
    let bound = bound(path, rest[sign.len()..].trim())?;
    Ok((path.to_owned(), *comparison, bound))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_a_path_a_comparison_and_a_bound() {
        let cases = [
            ("monthly_cost < 900", "monthly_cost", Comparison::Less),
            ("services.web.latency_p99 <= 300ms", "services.web.latency_p99", Comparison::LessOrEqual),
            ("services.web.availability>=99.9%", "services.web.availability", Comparison::GreaterOrEqual),
            ("monthly_cost != $1.5", "monthly_cost", Comparison::NotEqual),
            ("monthly_cost <= baseline + 10%", "monthly_cost", Comparison::LessOrEqual),
        ];
        for (text, path, comparison) in cases {
            let (found_path, found_comparison, _) = split(text).unwrap();
            assert_eq!((found_path.as_str(), found_comparison), (path, comparison), "{text}");
        }
    }

    #[test]
    fn what_is_no_threshold_is_refused() {
        for text in ["monthly_cost", "< 900", "a b < 1", "a < ", "a =< 1", "a < x", "a < 1 < 2", "a < nan"] {
            assert!(split(text).is_err(), "{text}");
        }
    }
}
