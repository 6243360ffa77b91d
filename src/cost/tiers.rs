//! Prices that fall with the quantity of a month.
//!
//! AWS adds up what an account uses in a month and prices each part of it by the tier that it falls into. A window
//! counts as the month that it would fill: the caller scales its quantity, and prorates each tier's part.

use rust_decimal::Decimal;

use super::quantity;
use crate::error::Result;

/// A price that holds for a part of a month's quantity.
pub(super) struct Tier {
    /// The key of its price.
    pub key: &'static str,
    /// What it is called on a line.
    pub description: &'static str,
    /// How much of a month it holds for; none: all that is left.
    pub width: Option<Decimal>,
}

/// What each user has in each tier of a month, by user and tier: together they fill the tiers above what others have used, and
/// share each in proportion to what they use.
pub(super) fn shared(used: &[Decimal], others: Decimal, tiers: &[Tier]) -> Result<Vec<Vec<Decimal>>> {
    let total = used.iter().try_fold(Decimal::ZERO, |sum, quantity| quantity::add(sum, *quantity))?;
    if total.is_zero() {
        return Ok(vec![vec![Decimal::ZERO; tiers.len()]; used.len()]);
    }
    let filled = fill_above(others, total, tiers)?;
    let share = |quantity: &Decimal| {
        let share = quantity::divide(*quantity, total)?;
        filled.iter().map(|tier| quantity::multiply(*tier, share)).collect()
    };
    used.iter().map(share).collect()
}

/// How much of a quantity lies in each tier when another one has filled them before.
pub(super) fn fill_above(others: Decimal, quantity: Decimal, tiers: &[Tier]) -> Result<Vec<Decimal>> {
    let all = fill(quantity::add(others, quantity)?, tiers);
    Ok(all.into_iter().zip(fill(others, tiers)).map(|(all, others)| all - others).collect())
}

/// How much of a quantity lies in each tier.
pub(super) fn fill(quantity: Decimal, tiers: &[Tier]) -> Vec<Decimal> {
    let mut left = quantity;
    let part = |tier: &Tier| {
        let part = tier.width.map_or(left, |width| left.min(width));
        left -= part;
        part
    };
    tiers.iter().map(part).collect()
}
