//! What the ways cost over which tasks fetch images, write logs and talk to other zones.
//!
//! Three ways are billed by the GB of 2^30 bytes: NAT gateways at one price; interface endpoints by the month in three
//! tiers, of which services share each in proportion to their bytes; and traffic between Availability Zones, which AWS charges in
//! each direction, so that a GB counts once as it leaves a zone and once as it enters another one. Traffic between an
//! Application Load Balancer and its targets over private addresses is free, and so are the gateway endpoints of S3 and
//! DynamoDB. Source: aws.amazon.com/vpc/pricing, aws.amazon.com/privatelink/pricing, aws.amazon.com/ec2/pricing/on-demand (data
//! transfer within a Region), aws.amazon.com/elasticloadbalancing/pricing.

use rust_decimal::Decimal;

use super::ledger::{Charge, Ledger};
use super::line::{Behaviour, Group};
use super::tiers::{Tier, shared};
use super::{keys, quantity};
use crate::error::Result;
use crate::usage::{CarriedBytes, Way};

const GB_PER_PB: u32 = 1024 * 1024;
/// A byte between zones is charged as it leaves one and as it enters the other.
const DIRECTIONS: Decimal = Decimal::TWO;

/// The tiers of interface endpoints in the order in which a month fills them.
fn endpoint_tiers() -> [Tier; 3] {
    let petabytes = |count: u32| Some(Decimal::from(count * GB_PER_PB));
    [
        Tier { key: keys::ENDPOINT_FIRST, description: "first 1 PB a month", width: petabytes(1) },
        Tier { key: keys::ENDPOINT_SECOND, description: "next 4 PB a month", width: petabytes(4) },
        Tier { key: keys::ENDPOINT_LAST, description: "above 5 PB a month", width: None },
    ]
}

/// Bills what went over every way.
pub(super) fn charge(carried: &[CarriedBytes], ledger: &mut Ledger<'_>) -> Result<()> {
    for one in carried {
        match one.way {
            Way::NatGateway => {
                let base = base(one, keys::NAT_TRAFFIC, format!("{} through NAT gateways", one.what), gb(one)?);
                ledger.charge(Charge { resource: "nat gateways".to_owned(), product: "NAT Gateway", ..base })?;
            }
            Way::BetweenZones => {
                let both = quantity::multiply(gb(one)?, DIRECTIONS)?;
                let base = base(one, keys::BETWEEN_ZONES, format!("{} between zones, out and in", one.what), both);
                ledger.charge(Charge { resource: "zones".to_owned(), product: "Data Transfer", group: Group::DataTransfer, ..base })?;
            }
            Way::InterfaceEndpoint => {}
        }
    }
    charge_endpoints(&carried.iter().filter(|one| one.way == Way::InterfaceEndpoint).collect::<Vec<_>>(), ledger)
}

fn gb(carried: &CarriedBytes) -> Result<Decimal> {
    Ok(quantity::sum_of_bytes(&carried.bytes, carried.what)? / quantity::BYTES_PER_GB)
}

fn charge_endpoints(carried: &[&CarriedBytes], ledger: &mut Ledger<'_>) -> Result<()> {
    let used = carried.iter().map(|one| ledger.to_month(gb(one)?)).collect::<Result<Vec<_>>>()?;
    let tiers = endpoint_tiers();
    for (one, month_gb) in carried.iter().zip(shared(&used, Decimal::ZERO, &tiers)?) {
        for (tier, month_gb) in tiers.iter().zip(month_gb) {
            let description = format!("{} through interface endpoints, {}", one.what, tier.description);
            let charge = base(one, tier.key, description, month_gb);
            ledger.charge_month(Charge { resource: "vpc endpoints".to_owned(), ..charge })?;
        }
    }
    Ok(())
}

fn base(carried: &CarriedBytes, key: &'static str, description: String, quantity: Decimal) -> Charge {
    Charge {
        service: Some(carried.service.clone()),
        resource: String::new(),
        capacity_provider: None,
        product: "VPC",
        description,
        behaviour: Behaviour::Variable,
        group: Group::Network,
        key: key.into(),
        unit: "GB",
        quantity: quantity::rounded(quantity),
        month_quantity: None,
        is_estimate: false,
        hours: carried.bytes.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tiers::fill;
    use super::*;

    /// Tiers begin at 0, 1,048,576 and 5,242,880 GB in AWS's price list of AmazonVPC.
    #[test]
    fn a_month_fills_the_tiers_of_endpoints_in_turn() {
        let parts = |gb: u32| fill(Decimal::from(gb), &endpoint_tiers());
        assert_eq!(parts(20), [20, 0, 0].map(Decimal::from));
        assert_eq!(parts(1_048_576 + 3), [1_048_576, 3, 0].map(Decimal::from));
        assert_eq!(parts(5_242_880 + 7), [1_048_576, 4 * 1_048_576, 7].map(Decimal::from));
    }
}
