//! Numbers as the result document writes them.
//!
//! Quantities are floats inside, because the fluid plane counts parts of requests; in the document a whole
//! number is written without a fraction, so that a count reads as a count in every language.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Up to here every whole number is a float of its own (2^53).
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

/// The significant digits of a rounded figure: enough for a chart, short enough to read.
const SIGNIFICANT_DIGITS: i32 = 6;

/// What a share is told in: billionths.
const SHARE_UNITS: f64 = 1e9;

/// The powers of ten that a float holds exactly. A number too small or too large for them stays unrounded.
const POWERS_OF_TEN: [f64; 23] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22];

/// A number of the document: written as an integer when it is whole, as null when it is no number.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Figure(pub f64);

impl Figure {
    /// The number rounded to six significant digits, half away from zero; whole numbers stay as they are, and what is below 1e-17 is 0.
    #[must_use]
    pub fn rounded(value: f64) -> Self {
        if !value.is_finite() || is_whole(value) {
            return Self(value);
        }
        let places = SIGNIFICANT_DIGITS - 1 - magnitude_of(value);
        let Some(&power) = POWERS_OF_TEN.get(places.unsigned_abs() as usize) else {
            // So small a part of a second, a request or a task is what arithmetic left of nothing.
            return Self(if places > 0 { 0.0 } else { value });
        };
        // Dividing by a power of ten that a float holds exactly gives the float nearest to the decimal.
        Self(if places >= 0 { (value * power).round() / power } else { (value / power).round() * power })
    }

    /// A part of one cut after the ninth decimal place: 99.9999999999 % must not read as a perfect hundred, and the error of a float
    /// such as 0.9999999999999997 is none of its digits.
    #[must_use]
    pub fn share(value: f64) -> Self {
        Self((value * SHARE_UNITS + 1e-3).floor() / SHARE_UNITS)
    }
}

/// The decimal exponent of a number that is neither zero nor infinite; one that lies beyond the table of powers may be
/// clipped.
fn magnitude_of(value: f64) -> i32 {
    let mut rest = value.abs();
    let mut magnitude = 0;
    while rest < 1.0 && magnitude > -30 {
        rest *= 10.0;
        magnitude -= 1;
    }
    while rest >= 10.0 && magnitude < 30 {
        rest /= 10.0;
        magnitude += 1;
    }
    magnitude
}

fn is_whole(value: f64) -> bool {
    value.abs() < LARGEST_EXACT && value.trunc() == value
}

impl From<f64> for Figure {
    fn from(value: f64) -> Self {
        Self(value)
    }
}

impl From<u32> for Figure {
    fn from(value: u32) -> Self {
        Self(f64::from(value))
    }
}

impl From<u64> for Figure {
    fn from(value: u64) -> Self {
        Self(value as f64)
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            value if is_whole(value) && value >= 0.0 => serializer.serialize_u64(value as u64),
            value if is_whole(value) => serializer.serialize_i64(value as i64),
            value if value.is_finite() => serializer.serialize_f64(value),
            _ => serializer.serialize_none(),
        }
    }
}

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(Self)
    }
}

impl JsonSchema for Figure {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Figure".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "number" })
    }
}

/// One cell of a table of the document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Cell {
    /// A number.
    Number(Figure),
    /// A point in time or a name.
    Text(String),
    /// No data.
    Nothing(()),
}

impl Cell {
    /// A cell without data.
    pub const NOTHING: Self = Self::Nothing(());

    /// A number rounded to six significant digits.
    #[must_use]
    pub fn rounded(value: f64) -> Self {
        Self::Number(Figure::rounded(value))
    }

    /// The number; money stands there as text.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(figure) => Some(figure.0),
            Self::Text(text) => text.parse().ok(),
            Self::Nothing(()) => None,
        }
    }

    /// A number rounded to six significant digits, or no data.
    #[must_use]
    pub fn optional(value: Option<f64>) -> Self {
        value.filter(|value| value.is_finite()).map_or(Self::NOTHING, Self::rounded)
    }
}

impl From<u32> for Cell {
    fn from(value: u32) -> Self {
        Self::Number(value.into())
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: f64) -> String {
        serde_json::to_string(&Figure(value)).expect("a figure is always JSON")
    }

    #[test]
    fn a_whole_number_has_no_fraction() {
        assert_eq!(written(1_000_000.0), "1000000");
        assert_eq!(written(-3.0), "-3");
        assert_eq!(written(-0.0), "0");
        assert_eq!(written(0.25), "0.25");
        assert_eq!(written(1e300), "1e+300", "too large for an integer: the float's own form");
        assert_eq!(written(f64::NAN), "null");
    }

    #[test]
    fn rounding_keeps_six_significant_digits() {
        let cases = [
            (123.456_789, 123.457),
            (0.012_345_678_9, 0.012_345_7),
            (-0.123_456_5, -0.123_457),
            (1_234_567.8, 1_234_570.0),
            (20_160.0, 20_160.0),
            (12_345_678.0, 12_345_678.0),
            (99.999_999_9, 100.0),
            (0.0, 0.0),
        ];
        for (value, wanted) in cases {
            assert_eq!(Figure::rounded(value).0, wanted, "{value}");
        }
    }

    #[test]
    fn a_share_has_nine_places_and_is_never_rounded_up() {
        let of = |value| Figure::share(value).0;
        assert_eq!(
            (of(0.999_999_999_999_999_7), of(0.999_999_999_9), of(0.123_456_789_9), of(1.0), of(0.0)),
            (1.0, 0.999_999_999, 0.123_456_789, 1.0, 0.0)
        );
    }

    #[test]
    fn the_smallest_and_the_largest_floats_round_without_a_panic() {
        for value in [f64::MAX, f64::INFINITY, f64::NEG_INFINITY, 1.5e-17] {
            assert_eq!(Figure::rounded(value).0, value);
        }
        for value in [f64::MIN_POSITIVE, 5e-324, -3.3e-18, 5.01e-248] {
            assert_eq!(Figure::rounded(value).0, 0.0, "what arithmetic left of nothing");
        }
        assert!(Figure::rounded(f64::NAN).0.is_nan());
    }

    #[test]
    fn a_cell_without_data_is_null_and_comes_back() {
        let row = vec![Cell::from("web"), Cell::rounded(1.5), Cell::optional(None), Cell::from(3)];
        let text = serde_json::to_string(&row).expect("cells are JSON");
        assert_eq!(text, r#"["web",1.5,null,3]"#);
        assert_eq!(serde_json::from_str::<Vec<Cell>>(&text).expect("the same cells"), row);
    }
}
