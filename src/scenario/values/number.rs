//! Numbers: counts within bounds, finite reals, percentages, dollars.

use rust_decimal::Decimal;
use serde_json::json;

use crate::error::Fault;
use crate::scenario::document::{Node, Value};
use crate::scenario::shape::{Decode, Kind, Reading};

/// The largest real that is read: far above any rate or factor, far below where sums lose units.
const LARGEST: f64 = 1e12;

/// A whole number within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Whole<const LOW: i64, const HIGH: i64>(i64);

impl<const LOW: i64, const HIGH: i64> Whole<LOW, HIGH> {
    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The number as a count; a negative one is zero.
    #[must_use]
    pub fn count(self) -> u32 {
        u32::try_from(self.0.max(0)).unwrap_or(u32::MAX)
    }
}

impl<const LOW: i64, const HIGH: i64> Decode for Whole<LOW, HIGH> {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        let expected = format!("a whole number from {LOW} to {HIGH}");
        let (Value::Number(text) | Value::String(text)) = &node.value else {
            reading.wrong(node, &expected);
            return None;
        };
        whole_of(text, (LOW, HIGH)).or_else(|| refuse_decimals(node, text, &expected, (LOW, HIGH), reading)).map(Self)
    }

    fn kind() -> Kind {
        // Text is allowed since task definitions and CloudFormation write numbers so.
        Kind::Scalar(json!({"type": ["integer", "string"], "minimum": LOW, "maximum": HIGH, "pattern": "^-?[0-9]+$"}))
    }
}

/// The whole number that a text says, if it is within bounds.
fn whole_of(text: &str, (low, high): (i64, i64)) -> Option<i64> {
    let number = text.strip_suffix(".0").unwrap_or(text).parse().ok()?;
    (low..=high).contains(&number).then_some(number)
}

/// Records that a text is no whole number within bounds; where it has decimals, with its neighbours that would be.
fn refuse_decimals(node: &Node, text: &str, expected: &str, (low, high): (i64, i64), reading: &mut Reading) -> Option<i64> {
    let message = format!("found {}, expected {expected}", node.found());
    let fault = Fault::input(node.place.clone(), message);
    let decimals = text.parse::<f64>().ok().filter(|number| number.fract() != 0.0 && number.abs() < LARGEST);
    let neighbours = decimals.into_iter().flat_map(|number| [number.floor() as i64, number.ceil() as i64]);
    let allowed: Vec<String> = neighbours.filter(|number| (low..=high).contains(number)).map(|number| number.to_string()).collect();
    reading.faults.push(if allowed.is_empty() { fault } else { fault.remedy(format!("write {}", allowed.join(" or "))) });
    None
}

/// The finite real that a node holds, a percent sign taken off if one is allowed.
fn real_of(node: &Node, expected: &str, reading: &mut Reading) -> Option<f64> {
    let text = match &node.value {
        Value::Number(text) | Value::String(text) => text.trim(),
        _ => "",
    };
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    match text.parse::<f64>() {
        Ok(number) if is_plain && number.abs() <= LARGEST => Some(number),
        _ => {
            reading.wrong(node, expected);
            None
        }
    }
}

fn within(node: &Node, expected: &str, reading: &mut Reading, holds: impl Fn(f64) -> bool) -> Option<f64> {
    let number = real_of(node, expected, reading)?;
    if holds(number) {
        return Some(number);
    }
    reading.wrong(node, expected);
    None
}

/// Any finite number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Real(pub f64);

impl Decode for Real {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        real_of(node, "a number", reading).map(Self)
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"type": ["number", "string"]}))
    }
}

/// A number that is not negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NonNegative(pub f64);

impl Decode for NonNegative {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        within(node, "a number that is not negative", reading, |number| number >= 0.0).map(Self)
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"type": ["number", "string"], "minimum": 0}))
    }
}

/// A number above zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Positive(pub f64);

impl Decode for Positive {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        within(node, "a number above 0", reading, |number| number > 0.0).map(Self)
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"type": ["number", "string"], "exclusiveMinimum": 0}))
    }
}

/// A number of percent, as AWS writes one: `70`, also `70%`. The bounds are percent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percent<const LOW: i64, const HIGH: i64>(pub f64);

impl<const LOW: i64, const HIGH: i64> Decode for Percent<LOW, HIGH> {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        let expected = format!("percent from {LOW} to {HIGH}");
        within(&without_percent_sign(node).0, &expected, reading, |number| (LOW as f64..=HIGH as f64).contains(&number)).map(Self)
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"type": ["number", "string"], "minimum": LOW, "maximum": HIGH, "pattern": r"^-?[0-9.]+ *%?$"}))
    }
}

/// Whole percent, where AWS takes an integer: `70`, also `70%`. The bounds are percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WholePercent<const LOW: i64, const HIGH: i64>(i32);

impl<const LOW: i64, const HIGH: i64> WholePercent<LOW, HIGH> {
    /// The percent.
    #[must_use]
    pub fn percent(self) -> f64 {
        f64::from(self.0)
    }
}

impl<const LOW: i64, const HIGH: i64> Decode for WholePercent<LOW, HIGH> {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        let bare = without_percent_sign(node).0;
        let text = bare.text().unwrap_or_default();
        let expected = format!("whole percent from {LOW} to {HIGH}");
        let percent = whole_of(text, (LOW, HIGH)).or_else(|| refuse_decimals(node, text, &expected, (LOW, HIGH), reading));
        percent.and_then(|percent| i32::try_from(percent).ok()).map(Self)
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"type": ["integer", "string"], "minimum": LOW, "maximum": HIGH, "pattern": "^[0-9]+ *%?$"}))
    }
}

/// The value that a policy steers to: a number above 0, and where it is a utilisation also `60%`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TargetValue(pub f64);

impl Decode for TargetValue {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        within(&without_percent_sign(node).0, "a number above 0", reading, |number| number > 0.0).map(Self)
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"type": ["number", "string"], "exclusiveMinimum": 0, "pattern": r"^[0-9.]+ *%?$"}))
    }
}

/// A share: `2%`, or a plain fraction `0.02`. The bounds are percent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fraction<const LOW: i64, const HIGH: i64>(pub f64);

impl<const LOW: i64, const HIGH: i64> Decode for Fraction<LOW, HIGH> {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        let expected = format!("a percentage from {LOW}% to {HIGH}%, or the same as a fraction");
        let (bare, has_sign) = without_percent_sign(node);
        let number = real_of(&bare, &expected, reading)?;
        let fraction = if has_sign { hundredth(bare.text().unwrap_or_default()) } else { number };
        if !has_sign && number.abs() > 1.0 {
            // Without its sign 5 is either 5 % or 500 %: guessing would be off a hundredfold.
            let text = node.text().unwrap_or_default();
            reading.fault_with_remedy(&node.place, format!("found {text}, expected {expected}"), format!("write `{text}%`"));
            return None;
        }
        if fraction < LOW as f64 / 100.0 || fraction > HIGH as f64 / 100.0 {
            reading.wrong(node, &expected);
            return None;
        }
        Some(Self(fraction))
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"type": ["number", "string"], "minimum": -1, "maximum": 1, "pattern": r"^-?[0-9.]+ *%?$"}))
    }
}

/// A hundredth of a number, exactly the float that its decimal shifted by two places reads as: 99.9 / 100
/// is not 0.999 in binary. Text that is no number gives zero.
#[must_use]
pub fn hundredth(text: &str) -> f64 {
    let shifted = if text.contains(['e', 'E']) { None } else { format!("{text}e-2").parse().ok() };
    shifted.unwrap_or_else(|| text.parse::<f64>().unwrap_or(0.0) / 100.0)
}

/// The node without a percent sign, and whether there was one.
fn without_percent_sign(node: &Node) -> (Node, bool) {
    match node.text().and_then(|text| text.trim().strip_suffix('%')) {
        Some(text) => (Node { value: Value::String(text.trim().to_owned()), place: node.place.clone() }, true),
        None => (node.clone(), false),
    }
}

/// An amount of US dollars or a share of one, exact and not negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dollars(pub Decimal);

impl Decode for Dollars {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        let amount = match &node.value {
            Value::Number(text) | Value::String(text) => text.trim().parse::<Decimal>().ok(),
            _ => None,
        };
        match amount {
            Some(amount) if !amount.is_sign_negative() && amount <= Decimal::from(1_000_000_000) => Some(Self(amount)),
            _ => {
                reading.wrong(node, "dollars, as \"0.035\"");
                None
            }
        }
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"type": ["number", "string"], "minimum": 0, "pattern": "^[0-9]*\\.?[0-9]+$"}))
    }
}

/// A percentage that prices are computed with, exact: `5%` or `0.05`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExactFraction(pub Decimal);

impl Decode for ExactFraction {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        Fraction::<0, 100>::decode(node, reading)?;
        let (bare, has_sign) = without_percent_sign(node);
        let exact = bare.text().and_then(|text| text.parse::<Decimal>().ok());
        if exact.is_none() {
            reading.wrong(node, "a percentage in plain decimals");
        }
        exact.map(|number| Self(if has_sign { number / Decimal::ONE_HUNDRED } else { number }))
    }

    fn kind() -> Kind {
        Fraction::<0, 100>::kind()
    }
}

/// A figure or the word that says there is no limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit<T>(pub Option<T>);

impl<T: Decode> Decode for Limit<T> {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        match node.text().map(str::to_ascii_lowercase).as_deref() {
            Some("none" | "unlimited") => Some(Self(None)),
            _ => T::decode(node, reading).map(|value| Self(Some(value))),
        }
    }

    fn kind() -> Kind {
        let words = json!({"enum": ["none", "unlimited"]});
        match T::kind() {
            Kind::Scalar(schema) => Kind::Scalar(json!({"anyOf": [words, schema]})),
            Kind::ScalarOr(schema, object) => Kind::ScalarOr(json!({"anyOf": [words, schema]}), object),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Place;
    use crate::scenario::document::parse_value;

    fn read<T: Decode>(text: &str) -> Result<T, String> {
        let node = parse_value(text, &Place::default()).unwrap();
        let mut reading = Reading::default();
        T::decode(&node, &mut reading).ok_or_else(|| reading.faults[0].message.clone())
    }

    #[test]
    fn counts_keep_their_bounds() {
        assert_eq!(read::<Whole<0, 10>>("10").unwrap().count(), 10);
        assert_eq!(read::<Whole<0, 10>>("'7'").unwrap().count(), 7);
        for wrong in ["11", "-1", "1.5", "x", "[1]", "99999999999999999999"] {
            assert!(read::<Whole<0, 10>>(wrong).unwrap_err().contains("from 0 to 10"), "{wrong}");
        }
    }

    #[test]
    fn a_share_is_percent_with_a_sign_and_a_fraction_without() {
        assert_eq!(read::<Fraction<0, 100>>("2%").unwrap().0, 0.02);
        assert_eq!(read::<Fraction<0, 100>>("99.9%").unwrap().0, 0.999);
        assert_eq!(read::<Fraction<0, 100>>("0.02").unwrap().0, 0.02);
        assert_eq!(read::<Fraction<0, 100>>("100 %").unwrap().0, 1.0);
        assert!(read::<Fraction<0, 100>>("2").is_err());
        assert!(read::<Fraction<0, 100>>("101%").is_err());
        assert_eq!(read::<ExactFraction>("12.5%").unwrap().0, "0.125".parse::<Decimal>().unwrap());
    }

    #[test]
    fn reals_are_finite_and_bounded() {
        for wrong in [".inf", "nan", "1e13", "-1", "infinity", "''"] {
            assert!(read::<NonNegative>(wrong).is_err(), "{wrong}");
        }
        assert!(read::<Positive>("0").is_err());
        assert_eq!(read::<TargetValue>("60%").unwrap().0, 60.0);
        assert_eq!(read::<Percent<0, 200>>("150").unwrap().0, 150.0);
    }

    #[test]
    fn percent_without_decimals() {
        for (text, percent) in [("0", 0.0), ("66%", 66.0), ("'150 %'", 150.0), ("100.0", 100.0)] {
            assert_eq!(read::<WholePercent<0, 200>>(text).unwrap().percent(), percent, "{text}");
        }
        for wrong in ["66.7", "66.7%", "-1", "201", "x", "[1]", "true", "''"] {
            assert!(read::<WholePercent<0, 200>>(wrong).unwrap_err().ends_with("expected whole percent from 0 to 200"), "{wrong}");
        }
    }

    #[test]
    fn decimals_are_told_their_whole_neighbours() {
        let remedy = |text: &str| {
            let node = parse_value(text, &Place::default()).unwrap();
            let mut reading = Reading::default();
            assert_eq!(Whole::<1, 10>::decode(&node, &mut reading), None);
            reading.faults[0].remedy.clone()
        };
        let cases = [("2.5", Some("write 2 or 3")), ("0.5", Some("write 1")), ("10.1", Some("write 10")), ("99", None), ("nan", None)];
        for (text, expected) in cases {
            assert_eq!(remedy(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn no_limit_is_a_word() {
        assert_eq!(read::<Limit<Whole<0, 9>>>("none").unwrap().0, None);
        assert_eq!(read::<Limit<Whole<0, 9>>>("3").unwrap().0.unwrap().count(), 3);
    }
}
