//! US dollars as exact decimals.
//!
//! Prices have up to ten decimal places and quantities run into the billions: binary floats would make a
//! bill whose lines do not add up. Decimals here have 28 significant digits. Nothing is rounded until a
//! figure is shown, and then half away from zero, as an invoice does.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Sub};

use rust_decimal::{Decimal, RoundingStrategy};

/// An amount of US dollars, exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Usd(pub Decimal);

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// The amount rounded to `places` decimal places, half away from zero, as text with exactly so many.
    #[must_use]
    pub fn to_places(self, places: u32) -> String {
        // The formatter of decimals cannot add places to the largest of them, so they are added here.
        let rounded = self.rounded(places).0;
        let text = if rounded.is_zero() { "0".to_owned() } else { rounded.to_string() };
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        if places == 0 { whole.to_owned() } else { format!("{whole}.{fraction:0<width$}", width = places as usize) }
    }

    /// The amount rounded to `places` decimal places, half away from zero.
    #[must_use]
    pub fn rounded(self, places: u32) -> Self {
        Self(self.0.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero))
    }
}

/// The thousands of a number separated.
#[must_use]
pub fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = digits.find('.').map_or((digits, ""), |point| digits.split_at(point));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + fraction
}

/// A decimal as the nearest float: its text has no error of its own.
#[must_use]
pub fn as_f64(amount: Decimal) -> f64 {
    amount.to_string().parse().unwrap_or_default()
}

/// A float as dollars and cents, without a sign where nothing is left.
#[must_use]
pub fn cents(amount: f64) -> String {
    let text = format!("{amount:.2}");
    if text == "-0.00" { "0.00".to_owned() } else { text }
}

/// Dollars and cents with thousands separated: `1,154.40`.
impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.to_places(2);
        f.pad(&grouped(&text))
    }
}

impl Add for Usd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Usd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Mul<Decimal> for Usd {
    type Output = Self;
    fn mul(self, factor: Decimal) -> Self {
        Self(self.0 * factor)
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_show_cents_and_thousands() {
        let usd = |text: &str| Usd(text.parse().expect("a decimal"));
        assert_eq!(usd("1154.4").to_string(), "1,154.40");
        assert_eq!(usd("-1234567.005").to_string(), "-1,234,567.01");
        assert_eq!(usd("0.005").to_string(), "0.01");
        assert_eq!(usd("999").to_string(), "999.00");
        assert_eq!(format!("{:>8}", usd("1")), "    1.00");
    }

    #[test]
    fn any_amount_has_the_places_that_are_asked_for() {
        assert_eq!(Usd(Decimal::MAX).to_places(6), "79228162514264337593543950335.000000");
        assert_eq!(Usd(Decimal::MIN).to_places(0), "-79228162514264337593543950335");
        assert_eq!(Usd(Decimal::new(-4, 3)).to_places(2), "0.00", "nothing has no sign");
        assert_eq!(Usd(Decimal::new(15, 1)).to_places(3), "1.500");
    }

    #[test]
    fn an_exact_amount_has_six_places() {
        assert_eq!(Usd("6.80064".parse().expect("a decimal")).to_places(6), "6.800640");
    }
}
