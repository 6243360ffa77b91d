//! What data transfer to the internet costs.
//!
//! AWS charges an account by the month: 100 GB are free, the next 10 TB have one price, the next 40 TB a lower one, and
//! so on (1 TB is 1,024 GB of 2^30 bytes; aws.amazon.com/ec2/pricing/on-demand). A window therefore counts as the month that it
//! would fill, and each tier's part of that month is prorated to the window. Services share the tiers in proportion
//! to their bytes. What the rest of the account sends fills the free allowance and the first tiers before they do.

use rust_decimal::Decimal;

use super::ledger::{Charge, Ledger};
use super::line::{Behaviour, Group};
use super::tiers::{Tier, shared};
use super::{keys, quantity};
use crate::error::Result;
use crate::usage::FlowUsage;

const GB_PER_TB: u32 = 1024;

/// The tiers in the order in which a month fills them; the first is free and as wide as the book says.
fn tiers(free_gb: Decimal) -> [Tier; 5] {
    let terabytes = |count: u32| Some(Decimal::from(count * GB_PER_TB));
    [
        Tier { key: keys::INTERNET_FREE, description: "internet egress, free allowance", width: Some(free_gb) },
        Tier { key: keys::INTERNET_FIRST, description: "internet egress, first 10 TB a month", width: terabytes(10) },
        Tier { key: keys::INTERNET_SECOND, description: "internet egress, next 40 TB a month", width: terabytes(40) },
        Tier { key: keys::INTERNET_THIRD, description: "internet egress, next 100 TB a month", width: terabytes(100) },
        Tier { key: keys::INTERNET_LAST, description: "internet egress, above 150 TB a month", width: None },
    ]
}

/// Bills what the services sent to the internet.
pub(super) fn charge(flows: &[FlowUsage], ledger: &mut Ledger<'_>) -> Result<()> {
    let month_gb = |flow: &FlowUsage| {
        let sent = quantity::sum_of_bytes(&flow.internet_out_bytes, "bytes to the internet")?;
        ledger.to_month(sent / quantity::BYTES_PER_GB)
    };
    let used = flows.iter().map(month_gb).collect::<Result<Vec<_>>>()?;
    if used.iter().all(Decimal::is_zero) {
        return Ok(());
    }
    let free_gb = ledger.price(keys::INTERNET_FREE).map_or(Decimal::ZERO, |allowance| allowance.usd);
    let tiers = tiers(free_gb);
    let shared = shared(&used, ledger.book.account_data_out_gb(), &tiers)?;
    for (flow, month_gb) in flows.iter().zip(shared) {
        for (tier, month_gb) in tiers.iter().zip(month_gb) {
            let charge = charge_of(flow, tier, month_gb);
            if tier.key == keys::INTERNET_FREE { ledger.allow_month(charge)? } else { ledger.charge_month(charge)? }
        }
    }
    Ok(())
}

fn charge_of(flow: &FlowUsage, tier: &Tier, month_gb: Decimal) -> Charge {
    Charge {
        service: Some(flow.service.clone()),
        resource: "internet".to_owned(),
        capacity_provider: None,
        product: "Data Transfer",
        description: tier.description.to_owned(),
        behaviour: Behaviour::Variable,
        group: Group::DataTransfer,
        key: tier.key.into(),
        unit: "GB",
        quantity: month_gb,
        month_quantity: None,
        is_estimate: false,
        hours: flow.internet_out_bytes.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tiers::{fill, fill_above};
    use super::*;

    fn filled(month_gb: u32) -> Vec<u32> {
        use rust_decimal::prelude::ToPrimitive;
        let parts = fill(Decimal::from(month_gb), &tiers(Decimal::ONE_HUNDRED));
        parts.iter().map(|part| part.to_u32().expect("whole")).collect()
    }

    #[test]
    fn a_month_fills_the_tiers_in_turn() {
        assert_eq!(filled(40), [40, 0, 0, 0, 0]);
        assert_eq!(filled(100 + 10_240), [100, 10_240, 0, 0, 0]);
        assert_eq!(filled(100 + 10_240 + 1), [100, 10_240, 1, 0, 0]);
        assert_eq!(filled(100 + 153_600 + 7), [100, 10_240, 40_960, 102_400, 7]);
    }

    /// 60 GB of the account leave 40 free; 10,300 leave 40 of the first 10 TB.
    #[test]
    fn the_rest_of_the_account_comes_first() {
        let filled = |others: u32, gb: u32| {
            let tiers = tiers(Decimal::ONE_HUNDRED);
            fill_above(Decimal::from(others), Decimal::from(gb), &tiers).expect("small")
        };
        let parts = |gb: [u32; 5]| gb.map(Decimal::from).to_vec();
        assert_eq!(filled(60, 100), parts([40, 60, 0, 0, 0]));
        assert_eq!(filled(10_300, 100), parts([0, 40, 60, 0, 0]));
        assert_eq!(filled(200_000, 100), parts([0, 0, 0, 0, 100]));
    }
}
