//! What Elastic Load Balancing bills for load balancers.
//!
//! A balancer is billed by the started hour, and by the capacity units that each hour uses: the largest of its
//! dimensions counts, and the others are free. An Application Load Balancer has four (new connections, open connections,
//! bytes, rule evaluations), a Network Load Balancer the first three, whose sizes depend on the protocol of its listener. Public
//! addresses are billed one by one. Source: aws.amazon.com/elasticloadbalancing/pricing.
//!
//! The page's own example turns 300 KB a second into 1.08 GB an hour, so the dimension of processed bytes counts in
//! GB of 10^9 bytes, unlike data transfer.

use rust_decimal::Decimal;

use super::ledger::{Charge, Ledger};
use super::line::{Behaviour, Group};
use super::{keys, quantity};
use crate::error::Result;
use crate::usage::{LoadBalancerKind, LoadBalancerUsage, Usage};

/// What one capacity unit holds for an hour.
struct UnitSize {
    /// New connections or, of UDP, flows.
    new_connections: Decimal,
    /// Seconds of open connections.
    connection_seconds: Decimal,
    /// Bytes of requests and responses.
    processed_bytes: Decimal,
    /// Rule evaluations; none where a balancer has no rules.
    rule_evaluations: Option<Decimal>,
}

/// What a balancer of this kind is called and what its prices are.
struct Offer {
    name: &'static str,
    units: &'static str,
    unit: &'static str,
    hour_key: &'static str,
    unit_key: &'static str,
    unit_size: UnitSize,
}

/// 1 GB an hour, to targets that are no Lambda functions.
const PROCESSED_BYTES: u64 = 1_000_000_000;

impl UnitSize {
    /// From new connections a second, connections open at any time and, where there are rules, their evaluations a second.
    fn new(new_per_second: u64, open: u64, rule_evaluations_per_second: Option<u64>) -> Self {
        let an_hour = |per_second: u64| Decimal::from(per_second * 3600);
        Self {
            new_connections: an_hour(new_per_second),
            connection_seconds: an_hour(open),
            processed_bytes: Decimal::from(PROCESSED_BYTES),
            rule_evaluations: rule_evaluations_per_second.map(an_hour),
        }
    }
}

impl Offer {
    fn of(kind: LoadBalancerKind) -> Self {
        let network = |new_per_second, open| Self {
            name: "Network Load Balancer",
            units: "network load balancer capacity units",
            unit: "NLCU-Hours",
            hour_key: keys::NETWORK_BALANCER_HOUR,
            unit_key: keys::NETWORK_BALANCER_CAPACITY_UNIT,
            unit_size: UnitSize::new(new_per_second, open, None),
        };
        match kind {
            LoadBalancerKind::Application => Self {
                name: "Application Load Balancer",
                units: "load balancer capacity units",
                unit: "LCU-Hours",
                hour_key: keys::BALANCER_HOUR,
                unit_key: keys::BALANCER_CAPACITY_UNIT,
                unit_size: UnitSize::new(25, 3000, Some(1000)),
            },
            LoadBalancerKind::NetworkTcp => network(800, 100_000),
            LoadBalancerKind::NetworkTls => network(50, 3000),
            LoadBalancerKind::NetworkUdp => network(400, 50_000),
        }
    }
}

/// Bills one balancer for every hour that the window touches.
pub(super) fn charge(balancer: &LoadBalancerUsage, usage: &Usage, ledger: &mut Ledger<'_>) -> Result<()> {
    let offer = Offer::of(balancer.kind);
    let capacity_units = capacity_units(balancer, &offer.unit_size, usage.hours)?;
    let total = capacity_units.iter().try_fold(Decimal::ZERO, |sum, hour| quantity::add(sum, *hour))?;
    let addresses = quantity::multiply(ledger.window_hours()?, Decimal::from(balancer.public_addresses))?;
    let base = |key: &'static str, description: &str, unit, quantity| Charge {
        service: balancer.service.clone(),
        resource: format!("load balancer {}", balancer.name),
        capacity_provider: None,
        product: "Elastic Load Balancing",
        description: description.to_owned(),
        behaviour: Behaviour::Fixed,
        group: Group::LoadBalancing,
        key: key.into(),
        unit,
        quantity,
        month_quantity: None,
        is_estimate: false,
        hours: Vec::new(),
    };
    ledger.charge_started_hours(base(offer.hour_key, offer.name, "Hours", Decimal::ZERO), 1)?;
    ledger.charge(Charge {
        behaviour: Behaviour::Variable,
        hours: capacity_units.iter().map(|hour| quantity::as_float(*hour)).collect(),
        ..base(offer.unit_key, offer.units, offer.unit, total)
    })?;
    ledger.charge(Charge {
        product: "VPC",
        group: Group::Network,
        ..base(keys::PUBLIC_ADDRESS, "public IPv4 addresses of the load balancer", "Hours", addresses)
    })
}

/// The capacity units of each hour.
fn capacity_units(balancer: &LoadBalancerUsage, unit: &UnitSize, hours: usize) -> Result<Vec<Decimal>> {
    let at = |series: &[f64], hour: usize| series.get(hour).copied().unwrap_or(0.0);
    let mut units = Vec::with_capacity(hours);
    for hour in 0..hours {
        let rules = match unit.rule_evaluations {
            Some(size) => quantity::count(at(&balancer.rule_evaluations, hour), "rule evaluations")? / size,
            None => Decimal::ZERO,
        };
        let dimensions = [
            quantity::count(at(&balancer.new_connections, hour), "new connections")? / unit.new_connections,
            quantity::count(at(&balancer.connection_seconds, hour), "connection seconds")? / unit.connection_seconds,
            quantity::bytes(at(&balancer.processed_bytes, hour), "processed bytes")? / unit.processed_bytes,
            rules,
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
            kind: LoadBalancerKind::Application,
            service: None,
            public_addresses: 0,
            new_connections: vec![25.0 * 3600.0, 0.0, 0.0, 0.0],
            connection_seconds: vec![0.0, 6000.0 * 3600.0, 0.0, 0.0],
            processed_bytes: vec![0.0, 1e9, 3e9, 0.0],
            rule_evaluations: vec![500.0 * 3600.0, 0.0, 0.0, 4000.0 * 3600.0],
        }
    }

    fn units_of(kind: LoadBalancerKind, balancer: &LoadBalancerUsage) -> Vec<Decimal> {
        capacity_units(balancer, &Offer::of(kind).unit_size, 4).expect("in range")
    }

    /// The sizes of aws.amazon.com/elasticloadbalancing/pricing: of TCP 800 new connections a second, 100,000 open ones and
    /// 1 GB an hour; of TLS 50, 3,000 and 1 GB; of UDP 400, 50,000 and 1 GB. Rules do not count.
    #[test]
    fn a_network_balancer_has_three_dimensions_by_protocol() {
        let carried = LoadBalancerUsage {
            new_connections: vec![800.0 * 3600.0, 0.0, 0.0, 0.0],
            connection_seconds: vec![0.0, 300_000.0 * 3600.0, 0.0, 0.0],
            processed_bytes: vec![0.0, 0.0, 5e9, 0.0],
            rule_evaluations: vec![0.0, 0.0, 0.0, 4000.0 * 3600.0],
            ..balancer()
        };
        assert_eq!(units_of(LoadBalancerKind::NetworkTcp, &carried), [1, 3, 5, 0].map(Decimal::from));
        assert_eq!(units_of(LoadBalancerKind::NetworkTls, &carried), [16, 100, 5, 0].map(Decimal::from));
        assert_eq!(units_of(LoadBalancerKind::NetworkUdp, &carried), [2, 6, 5, 0].map(Decimal::from));
    }

    #[test]
    fn each_hour_counts_its_largest_dimension() {
        // Hour 0: 25 new a second is 1 and 500 evaluations a second are 0.5. Hour 1: 6,000 open are 2 and 1 GB is 1.
        // Hour 2: 3 GB are 3. Hour 3: 4,000 evaluations a second are 4. The maximum over the whole would be less.
        let units = units_of(LoadBalancerKind::Application, &balancer());
        assert_eq!(units, [1, 2, 3, 4].map(Decimal::from));
    }
}
