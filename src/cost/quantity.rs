//! From metered figures to decimals.
//!
//! Counts of seconds are integers and stay exact. Rates of traffic are floats: each hour's figure becomes a decimal
//! once, rounded to a stated number of places, before anything is added, so that hours added up one by one or
//! together give the same. No float reaches money.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::error::{Error, Fault, Place, Result};

/// Decimal places of a line's quantity and of a discounted unit price.
pub const QUANTITY_PLACES: u32 = 12;
/// Decimal places of a line's cost.
pub const MONEY_PLACES: u32 = 6;
/// Bytes in a GB of traffic, as AWS bills data transfer, NAT and logs (2^30).
pub(super) const BYTES_PER_GB: Decimal = Decimal::from_parts(1 << 30, 0, 0, false, 0);
/// Seconds in an hour.
pub(super) const SECONDS_PER_HOUR: Decimal = Decimal::from_parts(3600, 0, 0, false, 0);
/// Decimal places to which counts of requests, connections and their seconds are rounded.
const COUNT_PLACES: u32 = 6;
/// Decimal places of a window's length in seconds: nanoseconds.
const WINDOW_PLACES: u32 = 9;
/// Beyond this an hour's figure is taken for a mistake.
const LARGEST_FLOW: f64 = 1e18;

/// A number of bytes, rounded to the nearest.
pub(super) fn bytes(value: f64, what: &str) -> Result<Decimal> {
    decimal(value, 0, what)
}

/// A count, rounded to six places.
pub(super) fn count(value: f64, what: &str) -> Result<Decimal> {
    decimal(value, COUNT_PLACES, what)
}

/// A factor on prices, rounded to six places.
pub(super) fn factor(value: f64, what: &str) -> Result<Decimal> {
    decimal(value, COUNT_PLACES, what)
}

/// A number of seconds, rounded to the nanosecond.
pub(super) fn seconds(value: f64, what: &str) -> Result<Decimal> {
    decimal(value, WINDOW_PLACES, what)
}

/// The sum of an hourly series of bytes, in bytes.
pub(super) fn sum_of_bytes(series: &[f64], what: &str) -> Result<Decimal> {
    series.iter().try_fold(Decimal::ZERO, |sum, value| add(sum, bytes(*value, what)?))
}

/// The sum of an hourly series of counts.
pub(super) fn sum_of_counts(series: &[f64], what: &str) -> Result<Decimal> {
    series.iter().try_fold(Decimal::ZERO, |sum, value| add(sum, count(*value, what)?))
}

/// Task-seconds times the size of one task, over `divisor`, rounded as a quantity.
pub(super) fn task_amount(billed_seconds: &[u64], size: u32, divisor: u32) -> Result<Decimal> {
    let seconds: u128 = billed_seconds.iter().map(|seconds| u128::from(*seconds)).sum();
    let product = seconds.checked_mul(u128::from(size)).and_then(|product| i128::try_from(product).ok());
    let product = product.and_then(|product| Decimal::try_from_i128_with_scale(product, 0).ok()).ok_or_else(too_large)?;
    divide(product, Decimal::from(divisor)).map(rounded)
}

/// A quantity with its places.
pub(super) fn rounded(quantity: Decimal) -> Decimal {
    quantity.round_dp_with_strategy(QUANTITY_PLACES, RoundingStrategy::MidpointAwayFromZero)
}

/// A quantity times a unit price, rounded to a line's places half away from zero.
pub(super) fn cost(quantity: Decimal, unit_price: Decimal) -> Result<Decimal> {
    multiply(quantity, unit_price).map(rounded_money)
}

/// An amount of money with a line's places.
pub(super) fn rounded_money(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(MONEY_PLACES, RoundingStrategy::MidpointAwayFromZero)
}

pub(super) fn add(a: Decimal, b: Decimal) -> Result<Decimal> {
    a.checked_add(b).ok_or_else(too_large)
}

pub(super) fn multiply(a: Decimal, b: Decimal) -> Result<Decimal> {
    a.checked_mul(b).ok_or_else(too_large)
}

pub(super) fn divide(a: Decimal, b: Decimal) -> Result<Decimal> {
    a.checked_div(b).ok_or_else(too_large)
}

/// A decimal as a float, for charts and rates only.
pub(super) fn as_float(value: Decimal) -> f64 {
    use rust_decimal::prelude::ToPrimitive;
    value.to_f64().unwrap_or(f64::NAN)
}

fn decimal(value: f64, places: u32, what: &str) -> Result<Decimal> {
    if !(0.0..=LARGEST_FLOW).contains(&value) {
        let message = format!("{what} is {value}, allowed are 0 to {LARGEST_FLOW:e} an hour");
        return Err(Fault::input(Place::path("usage"), message).into());
    }
    let scaled = (value * 10_u64.pow(places) as f64).round() as i128;
    Decimal::try_from_i128_with_scale(scaled, places).map_err(|_| too_large())
}

fn too_large() -> Error {
    Fault::input(Place::path("usage"), "a quantity is too large to be priced").remedy("check the traffic and the prices").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    #[test]
    fn floats_round_once_to_the_stated_place() {
        assert_eq!(bytes(1.5, "bytes").expect("in range"), dec("2"));
        assert_eq!(count(0.000_000_4, "count").expect("in range"), dec("0"));
        assert_eq!(count(1.000_000_6, "count").expect("in range"), dec("1.000001"));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for value in [f64::NAN, f64::INFINITY, -1.0, 1e19] {
            assert!(bytes(value, "bytes").is_err(), "{value}");
        }
    }

    #[test]
    fn vcpu_hours_that_are_no_finite_decimal_have_twelve_places() {
        // One second of 0.25 vCPU: 256 / (1024 x 3600) = 0.0000694444...
        assert_eq!(task_amount(&[1], 256, 1024 * 3600).expect("small"), dec("0.000069444444"));
        // Ten hours of one vCPU, exactly.
        assert_eq!(task_amount(&[3600; 10], 1024, 1024 * 3600).expect("small"), dec("10"));
    }

    #[test]
    fn a_line_rounds_half_away_from_zero_at_the_sixth_place() {
        assert_eq!(cost(dec("0.5"), dec("0.000001")).expect("small"), dec("0.000001"));
        assert_eq!(cost(dec("0.4"), dec("0.000001")).expect("small"), dec("0"));
    }

    #[test]
    fn no_input_overflows() {
        assert!(task_amount(&[u64::MAX; 4], u32::MAX, 1).is_err());
        assert!(multiply(Decimal::MAX, dec("2")).is_err());
        assert!(add(Decimal::MAX, Decimal::MAX).is_err());
        assert!(divide(Decimal::ONE, Decimal::ZERO).is_err());
    }
}
