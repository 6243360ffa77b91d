//! Lines of network balancers, endpoints, zones and storage against published examples, and by hand.

use ecsim::cost::{Bill, Line, PriceBook, price};
use ecsim::usage::{CarriedBytes, FileSystemUsage, ImageUsage, LoadBalancerKind, LoadBalancerUsage, Usage, Way};
use rust_decimal::Decimal;

use crate::prices::{GIB, balancer, dec, shipped, window};

const MONTH: usize = 730;

fn priced(usage: &Usage) -> Bill {
    price(usage, &shipped("us-east-1")).expect("us-east-1 is complete")
}

fn line<'a>(bill: &'a Bill, description: &str) -> &'a Line {
    let found = bill.lines.iter().find(|line| line.description == description);
    found.unwrap_or_else(|| panic!("no line {description}: {:#?}", bill.lines))
}

fn carried(way: Way, what: &'static str, bytes: Vec<f64>) -> CarriedBytes {
    CarriedBytes { service: "web".to_owned(), way, what, bytes }
}

/// Infracost's golden file of load balancers (`aws_lb.nlb1_usage`): 730 hours 16.425 and 1,000 GB a month 1,000 capacity units, 6.00.
#[test]
fn a_network_load_balancer_costs_what_infracost_says() {
    let used = LoadBalancerUsage {
        kind: LoadBalancerKind::NetworkTcp,
        public_addresses: 3,
        processed_bytes: vec![1000e9 / 730.0; MONTH],
        ..balancer(MONTH)
    };
    let bill = priced(&Usage { load_balancers: vec![used], ..window(MONTH) });
    let hours = line(&bill, "Network Load Balancer");
    assert_eq!((hours.cost, hours.behaviour.name(), hours.usage_type.as_str()), (dec("16.425"), "fixed", "LoadBalancerUsage"));
    let units = line(&bill, "network load balancer capacity units");
    assert_eq!((units.cost.round_dp(4), units.behaviour.name(), units.unit), (dec("6"), "variable", "NLCU-Hours"));
    // Three addresses at 0.005 an hour.
    assert_eq!(line(&bill, "public IPv4 addresses of the load balancer").cost, dec("10.95"));
}

/// A started hour is a whole one.
#[test]
fn a_network_load_balancer_is_billed_by_the_started_hour() {
    let used = LoadBalancerUsage { kind: LoadBalancerKind::NetworkTls, ..balancer(2) };
    let bill = priced(&Usage { load_balancers: vec![used], window_seconds: 3700.0, ..window(2) });
    assert_eq!(line(&bill, "Network Load Balancer").cost, dec("0.045"));
}

/// What exists the whole month is billed for its 730 hours, wherever the window begins and however short it is: an Application Load
/// Balancer 0.0225 x 730, a NAT gateway 0.045 x 730, an endpoint in three zones 3 x 0.01 x 730.
#[test]
fn the_month_of_what_is_billed_by_the_started_hour_has_its_own_hours() {
    for (seconds_into_first_hour, window_seconds, hours) in [(0.0, 90.0, 1), (600.0, 1800.0, 1), (1800.0, 86_400.0, 25)] {
        let of = Usage { load_balancers: vec![balancer(hours)], nat_gateways: 1, endpoint_addresses: 3, ..window(hours) };
        let bill = priced(&Usage { seconds_into_first_hour, window_seconds, ..of });
        for (description, month, price) in [
            ("Application Load Balancer", "16.425", "0.0225"),
            ("NAT gateways", "32.85", "0.045"),
            ("interface endpoints, by zone", "21.9", "0.03"),
        ] {
            let line = line(&bill, description);
            assert_eq!(
                (line.monthly_cost, line.cost),
                (dec(month), dec(price) * Decimal::from(hours)),
                "{description}, {window_seconds} s"
            );
        }
    }
}

/// A published estimate with the keys of the price list: four endpoints in two zones with 20 GB cost 58.60 a month.
#[test]
fn four_interface_endpoints_in_two_zones_cost_58_60() {
    let logs = carried(Way::InterfaceEndpoint, "logs", vec![20.0 * GIB / 730.0; MONTH]);
    let bill = priced(&Usage { endpoint_addresses: 8, carried: vec![logs], ..window(MONTH) });
    assert_eq!(bill.monthly.0.round_dp(2), dec("58.60"));
    let bytes = line(&bill, "logs through interface endpoints, first 1 PB a month");
    assert_eq!(
        (bytes.cost.round_dp(4), bytes.behaviour.name(), bytes.usage_type.as_str()),
        (dec("0.2"), "variable", "USE1-VpcEndpoint-Bytes")
    );
}

/// 6 PB in a month: 1 PB at 0.01, 4 PB at 0.006, 1 PB at 0.004; 1,048,576 x (0.01 + 0.024 + 0.004) = 39,845.888. Of a day the month is
/// 30.4167 times as much, so 6 PB / 30.4167 in a day cost a 30.4167th; two services that move 3 to 1 share each tier so.
#[test]
fn endpoint_tiers_count_the_month_and_are_shared() {
    let in_a_day = |share: f64| vec![share * 6.0 * 1_048_576.0 * GIB / 730.0; 24];
    let others = CarriedBytes { service: "api".to_owned(), ..carried(Way::InterfaceEndpoint, "logs", in_a_day(0.25)) };
    let used = vec![carried(Way::InterfaceEndpoint, "logs", in_a_day(0.75)), others];
    let bill = priced(&Usage { carried: used, ..window(24) });
    assert_eq!(bill.monthly.0.round_dp(1), dec("39845.9"));
    // 39,845.888 x 24 / 730 = 1,309.9744.
    assert_eq!(bill.window.0.round_dp(1), dec("1310.0"));
    let of = |service: &str| -> Decimal {
        bill.lines.iter().filter(|line| line.service.as_deref() == Some(service)).map(|line| line.monthly_cost).sum()
    };
    assert!((of("web") - of("api") * dec("3")).abs() < dec("0.01"), "{} {}", of("web"), of("api"));
    assert_eq!(bill.lines.len(), 6);
}

/// A GB that crosses is charged as it leaves and as it enters: 3 GB are 6 at 0.01.
#[test]
fn traffic_between_zones_is_charged_in_each_direction() {
    let calls = carried(Way::BetweenZones, "calls", vec![3.0 * GIB]);
    let bill = priced(&Usage { carried: vec![calls], ..window(1) });
    let line = line(&bill, "calls between zones, out and in");
    assert_eq!((line.quantity, line.cost), (dec("6"), dec("0.06")));
    assert_eq!((line.usage_type.as_str(), line.price_date.as_str()), ("DataTransfer-Regional-Bytes", "2026-09-16"));
}

/// The price list's 0.045 a GB: 20 GB of image pulls are 0.90 beside the gateway itself.
#[test]
fn image_pulls_through_nat_have_a_line_of_their_own() {
    let pulls = carried(Way::NatGateway, "image pulls", vec![20.0 * GIB]);
    let bill = priced(&Usage { carried: vec![pulls], nat_gateways: 1, ..window(1) });
    let line = line(&bill, "image pulls through NAT gateways");
    assert_eq!((line.cost, line.resource.as_str(), line.behaviour.name()), (dec("0.9"), "nat gateways", "variable"));
}

/// Infracost's golden file of ECR: 1 GB for a month is 0.10. Half of it for all of a week: 0.05 a month, of which the week is 168/730.
#[test]
fn images_are_billed_by_the_gb_month() {
    let images = |hours: usize, gb: f64| ImageUsage { service: "web".to_owned(), byte_hours: vec![gb * GIB; hours] };
    let bill = priced(&Usage { images: vec![images(MONTH, 1.0)], ..window(MONTH) });
    assert_eq!((bill.window.0, bill.lines[0].usage_type.as_str()), (dec("0.1"), "TimedStorage-ByteHrs"));
    let bill = priced(&Usage { images: vec![images(168, 0.5)], ..window(168) });
    assert_eq!((bill.monthly.0, bill.window.0), (dec("0.05"), dec("0.011507")));
    assert_eq!((bill.lines[0].behaviour.name(), bill.lines[0].unit), ("fixed", "GB-Mo"));
}

/// Infracost's golden file of EFS: 230 GB are 69.00 in Standard and 36.80 in One Zone; of 100 MiB/s the 11.5 that 230 GB bring
/// are free, and 88.5 cost 531.00.
#[test]
fn file_systems_cost_what_infracost_says() {
    let of = |is_one_zone, provisioned_mib_per_second| {
        let file_system =
            FileSystemUsage { name: "fs-1".to_owned(), service: None, is_one_zone, stored_bytes: 230.0 * GIB, provisioned_mib_per_second };
        priced(&Usage { file_systems: vec![file_system], ..window(MONTH) })
    };
    assert_eq!(of(false, 0.0).window.0, dec("69"));
    assert_eq!(of(true, 0.0).window.0, dec("36.8"));
    assert_eq!(of(true, 0.0).lines[0].usage_type, "USE1-TimedStorage-Z-ByteHrs");
    let provisioned = of(false, 100.0);
    assert_eq!(line(&provisioned, "EFS provisioned throughput beyond what the storage brings").cost, dec("531"));
    // 11.5 are free.
    assert_eq!(of(false, 11.5).lines.len(), 1);
}

/// A price that nobody found is told of, never zero, and only where it is needed.
#[test]
fn a_region_without_these_prices_says_so() {
    let book = PriceBook::shipped("eu-west-1").expect("shipped");
    let images = ImageUsage { service: "web".to_owned(), byte_hours: vec![GIB] };
    let error = price(&Usage { images: vec![images], ..window(1) }, &book).expect_err("no price of ECR").to_string();
    assert!(error.contains("`ecr.storage.gb_month`") && error.contains("eu-west-1") && error.contains("pricing.overrides"), "{error}");
    // Traffic between zones has a price in every region.
    for region in ecsim::regions::REGIONS {
        let key = "data_transfer.inter_az.gb_each_direction";
        assert_eq!(PriceBook::shipped(region).expect("shipped").price(key).expect(region).usd, dec("0.01"));
    }
}
