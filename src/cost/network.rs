//! What the ways out of a VPC cost as long as they exist; what goes over them is billed by [`super::carried`].
//!
//! NAT gateways and interface endpoints are billed by the started hour; a gateway's public address is billed for the
//! window. Source: aws.amazon.com/vpc/pricing, aws.amazon.com/privatelink/pricing.

use rust_decimal::Decimal;

use super::ledger::{Charge, Ledger};
use super::line::{Behaviour, Group};
use super::{keys, quantity};
use crate::error::Result;
use crate::usage::Usage;

/// Bills the gateways and the endpoints that exist through the window.
pub(super) fn charge_routes(usage: &Usage, ledger: &mut Ledger<'_>) -> Result<()> {
    let gateways = "nat gateways";
    ledger.charge_started_hours(route(gateways, "NAT Gateway", keys::NAT_HOUR, "NAT gateways"), usage.nat_gateways)?;
    let addresses = route(gateways, "VPC", keys::PUBLIC_ADDRESS, "public IPv4 addresses of NAT gateways");
    let quantity = quantity::multiply(ledger.window_hours()?, Decimal::from(usage.nat_gateways))?;
    ledger.charge(Charge { quantity, ..addresses })?;
    let endpoints = route("vpc endpoints", "VPC", keys::ENDPOINT_HOUR, "interface endpoints, by zone");
    ledger.charge_started_hours(endpoints, usage.endpoint_addresses)
}

fn route(resource: &str, product: &'static str, key: &'static str, description: &str) -> Charge {
    Charge {
        service: None,
        resource: resource.to_owned(),
        capacity_provider: None,
        product,
        description: description.to_owned(),
        behaviour: Behaviour::Fixed,
        group: Group::Network,
        key: key.into(),
        unit: "Hours",
        quantity: Decimal::ZERO,
        month_quantity: None,
        is_estimate: false,
        hours: Vec::new(),
    }
}
