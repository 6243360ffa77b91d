//! What the ways out of a VPC and the logs cost.
//!
//! NAT gateways and interface endpoints are billed by the started hour; a gateway's public address is billed for the
//! window, and its traffic and the logs by the GB of 2^30 bytes. Source: aws.amazon.com/vpc/pricing,
//! aws.amazon.com/privatelink/pricing, aws.amazon.com/cloudwatch/pricing.

use rust_decimal::Decimal;

use super::ledger::{Charge, Ledger};
use super::line::{Behaviour, Group};
use super::{keys, quantity};
use crate::error::Result;
use crate::usage::{FlowUsage, Usage};

/// Bills the gateways and the endpoints that exist through the window.
pub(super) fn charge_routes(usage: &Usage, ledger: &mut Ledger<'_>) -> Result<()> {
    let hours_touched = |count: u32| quantity::multiply(Decimal::from(usage.hours), Decimal::from(count));
    let gateways = "nat gateways";
    ledger.charge(route(gateways, "NAT Gateway", keys::NAT_HOUR, "NAT gateways", hours_touched(usage.nat_gateways)?))?;
    let addresses = quantity::multiply(ledger.window_hours()?, Decimal::from(usage.nat_gateways))?;
    ledger.charge(route(gateways, "VPC", keys::PUBLIC_ADDRESS, "public IPv4 addresses of NAT gateways", addresses))?;
    let endpoints = hours_touched(usage.endpoint_addresses)?;
    ledger.charge(route("vpc endpoints", "VPC", keys::ENDPOINT_HOUR, "interface endpoints, by zone", endpoints))
}

/// Bills the NAT traffic and the logs of one service.
pub(super) fn charge_flow(flow: &FlowUsage, ledger: &mut Ledger<'_>) -> Result<()> {
    let nat = quantity::sum_of_bytes(&flow.nat_bytes, "bytes through NAT")?;
    ledger.charge(Charge {
        resource: "nat gateways".to_owned(),
        product: "NAT Gateway",
        group: Group::Network,
        ..traffic(flow, keys::NAT_TRAFFIC, "data through NAT gateways", nat, &flow.nat_bytes)
    })?;
    let logs = quantity::sum_of_bytes(&flow.log_bytes, "bytes of logs")?;
    ledger.charge(traffic(flow, keys::LOG_INGESTION, "log ingestion", logs, &flow.log_bytes))
}

fn route(resource: &str, product: &'static str, key: &'static str, description: &str, hours: Decimal) -> Charge<'static> {
    Charge {
        service: None,
        resource: resource.to_owned(),
        capacity_provider: None,
        product,
        description: description.to_owned(),
        behaviour: Behaviour::Fixed,
        group: Group::Network,
        key,
        unit: "Hours",
        quantity: hours,
        hours: Vec::new(),
    }
}

fn traffic<'a>(flow: &'a FlowUsage, key: &'static str, description: &str, bytes: Decimal, hours: &[f64]) -> Charge<'a> {
    Charge {
        service: Some(&flow.service),
        resource: "logs".to_owned(),
        capacity_provider: None,
        product: "CloudWatch Logs",
        description: description.to_owned(),
        behaviour: Behaviour::Variable,
        group: Group::Logs,
        key,
        unit: "GB",
        quantity: quantity::rounded(bytes / quantity::BYTES_PER_GB),
        hours: hours.to_vec(),
    }
}
