//! What Elastic Load Balancing bills for Application Load Balancers.
//!
//! A balancer is billed by the started hour, and by the capacity units that each hour uses: the largest of four
//! dimensions counts, and the others are free. Its public addresses are billed one by one. Source:
//! aws.amazon.com/elasticloadbalancing/pricing.
//!
//! The page's own example turns 300 KB a second into 1.08 GB an hour, so the dimension of processed bytes counts in
//! GB of 10^9 bytes, unlike data transfer.

use rust_decimal::Decimal;

use super::ledger::{Charge, Ledger};
use super::line::{Behaviour, Group};
use super::{keys, quantity};
use crate::error::Result;
use crate::usage::{LoadBalancerUsage, Usage};

/// New connections that one capacity unit takes in an hour: 25 a second.
const NEW_CONNECTIONS: Decimal = Decimal::from_parts(25 * 3600, 0, 0, false, 0);
/// Seconds of open connections in an hour: 3,000 at any time.
const CONNECTION_SECONDS: Decimal = Decimal::from_parts(3000 * 3600, 0, 0, false, 0);
/// Bytes in an hour: 1 GB to targets that are no Lambda functions.
const PROCESSED_BYTES: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);
/// Rule evaluations in an hour: 1,000 a second.
const RULE_EVALUATIONS: Decimal = Decimal::from_parts(1000 * 3600, 0, 0, false, 0);

/// Bills one balancer for every hour that the window touches.
pub(super) fn charge(balancer: &LoadBalancerUsage, usage: &Usage, ledger: &mut Ledger<'_>) -> Result<()> {
    let capacity_units = capacity_units(balancer, usage.hours)?;
    let total = capacity_units.iter().try_fold(Decimal::ZERO, |sum, hour| quantity::add(sum, *hour))?;
    let addresses = quantity::multiply(ledger.window_hours()?, Decimal::from(balancer.public_addresses))?;
    let base = |key: &'static str, description: &str, unit, quantity| Charge {
        service: balancer.service.as_deref(),
        resource: format!("load balancer {}", balancer.name),
        capacity_provider: None,
        product: "Elastic Load Balancing",
        description: description.to_owned(),
        behaviour: Behaviour::Fixed,
        group: Group::LoadBalancing,
        key,
        unit,
        quantity,
        hours: Vec::new(),
    };
    ledger.charge(base(keys::BALANCER_HOUR, "Application Load Balancer", "Hours", Decimal::from(usage.hours)))?;
    ledger.charge(Charge {
        behaviour: Behaviour::Variable,
        hours: capacity_units.iter().map(|hour| quantity::as_float(*hour)).collect(),
        ..base(keys::BALANCER_CAPACITY_UNIT, "load balancer capacity units", "LCU-Hours", total)
    })?;
    ledger.charge(Charge {
        product: "VPC",
        group: Group::Network,
        ..base(keys::PUBLIC_ADDRESS, "public IPv4 addresses of the load balancer", "Hours", addresses)
    })
}

/// The capacity units of each hour.
fn capacity_units(balancer: &LoadBalancerUsage, hours: usize) -> Result<Vec<Decimal>> {
    let at = |series: &[f64], hour: usize| series.get(hour).copied().unwrap_or(0.0);
    let mut units = Vec::with_capacity(hours);
    for hour in 0..hours {
        let dimensions = [
            quantity::count(at(&balancer.new_connections, hour), "new connections")? / NEW_CONNECTIONS,
            quantity::count(at(&balancer.connection_seconds, hour), "connection seconds")? / CONNECTION_SECONDS,
            quantity::bytes(at(&balancer.processed_bytes, hour), "processed bytes")? / PROCESSED_BYTES,
            quantity::count(at(&balancer.rule_evaluations, hour), "rule evaluations")? / RULE_EVALUATIONS,
        ];
        units.push(quantity::rounded(dimensions.into_iter().max().unwrap_or_default()));
    }
    Ok(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balancer() -> LoadBalancerUsage {
        LoadBalancerUsage {
            name: "shared".to_owned(),
            service: None,
            public_addresses: 0,
            new_connections: vec![25.0 * 3600.0, 0.0, 0.0, 0.0],
            connection_seconds: vec![0.0, 6000.0 * 3600.0, 0.0, 0.0],
            processed_bytes: vec![0.0, 1e9, 3e9, 0.0],
            rule_evaluations: vec![500.0 * 3600.0, 0.0, 0.0, 4000.0 * 3600.0],
        }
    }

    #[test]
    fn each_hour_counts_its_largest_dimension() {
        // Hour 0: 25 new a second is 1 and 500 evaluations a second are 0.5. Hour 1: 6,000 open are 2 and 1 GB is 1.
        // Hour 2: 3 GB are 3. Hour 3: 4,000 evaluations a second are 4. The maximum over the whole would be less.
        let units = capacity_units(&balancer(), 4).expect("in range");
        assert_eq!(units, [1, 2, 3, 4].map(Decimal::from));
    }
}
