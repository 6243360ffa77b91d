//! What must hold of any bill: it adds up, no price is missing in silence, and hours can be priced apart.

use ecsim::cost::{Basis, Group, PriceBook, price};
use ecsim::usage::{FlowUsage, LoadBalancerUsage, TaskUsage, Usage};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::prices::{GIB, HEADER, NO_SOURCES, balancer, book_of, dec, flow, shipped, tasks, window};

/// Usage that needs every price that a bill can ask for.
fn everything() -> Usage {
    let platforms = [
        ("linux_x86", "FARGATE"),
        ("linux_x86", "FARGATE_SPOT"),
        ("linux_arm", "FARGATE"),
        ("linux_arm", "FARGATE_SPOT"),
        ("windows_x86", "FARGATE"),
    ];
    let used = |(platform, provider)| TaskUsage {
        ephemeral_storage_gib: 50,
        public_ip: true,
        ..tasks(platform, provider, 512, 1024, vec![5000, 3000])
    };
    let traffic = FlowUsage {
        requests: vec![1e6; 2],
        internet_out_bytes: vec![1000.0 * GIB; 2],
        nat_bytes: vec![GIB; 2],
        log_bytes: vec![GIB; 2],
        ..flow(2)
    };
    let carried = LoadBalancerUsage { public_addresses: 3, processed_bytes: vec![GIB; 2], ..balancer(2) };
    Usage {
        tasks: platforms.map(used).to_vec(),
        flows: vec![traffic],
        load_balancers: vec![carried],
        nat_gateways: 2,
        endpoint_addresses: 4,
        ..window(2)
    }
}

/// The prices that `everything` needs.
const NEEDED: [&str; 24] = [
    "fargate.linux_x86.vcpu_hour",
    "fargate.linux_x86.gb_hour",
    "fargate.linux_arm.vcpu_hour",
    "fargate.linux_arm.gb_hour",
    "fargate.windows_x86.vcpu_hour",
    "fargate.windows_x86.os_licence_vcpu_hour",
    "fargate.windows_x86.gb_hour",
    "fargate_spot.linux_x86.vcpu_hour",
    "fargate_spot.linux_x86.gb_hour",
    "fargate_spot.linux_arm.vcpu_hour",
    "fargate_spot.linux_arm.gb_hour",
    "fargate.ephemeral_storage.gb_hour",
    "alb.hour",
    "alb.lcu_hour",
    "vpc.public_ipv4.hour",
    "nat.hour",
    "nat.gb",
    "vpc.interface_endpoint.hour",
    "data_transfer.out_internet.free_gb_month",
    "data_transfer.out_internet.first_10tb_gb",
    "data_transfer.out_internet.next_40tb_gb",
    "data_transfer.out_internet.next_100tb_gb",
    "data_transfer.out_internet.over_150tb_gb",
    "cloudwatch.logs.ingest_gb",
];

/// us-east-1 with these prices taken out and no other derived.
fn without(missing: &str) -> PriceBook {
    let book = shipped("us-east-1");
    let kept = book.prices().filter(|price| NEEDED.contains(&price.key.as_str()) && price.key != missing);
    let prices: Vec<(&str, Decimal)> = kept.map(|price| (price.key.as_str(), price.usd)).collect();
    book_of(&prices)
}

#[test]
fn every_missing_price_is_an_error_that_names_it() {
    assert!(price(&everything(), &without("")).is_ok());
    for key in NEEDED {
        let book = without(key);
        if key.starts_with("fargate_spot.linux_arm") {
            assert_eq!(book.price(key).expect("derived").basis, Basis::Estimate);
            continue;
        }
        let error = price(&everything(), &book).expect_err(key).to_string();
        assert!(error.contains(&format!("`{key}`")) && error.contains("us-east-1"), "{error}");
    }
}

#[test]
fn all_missing_prices_are_told_at_once() {
    let book = PriceBook::from_text("us-east-1", "an empty book", HEADER, NO_SOURCES).expect("a good file");
    let error = price(&everything(), &book).expect_err("nothing has a price");
    let told = |key: &&str| error.faults().iter().filter(|fault| fault.message.contains(&format!("`{key}`"))).count();
    // Without an allowance all of the egress lies in the tiers that cost.
    assert!(NEEDED.iter().all(|key| told(key) == 1), "{error}");
}

#[test]
fn a_higher_price_never_makes_a_lower_bill() {
    let before = price(&everything(), &shipped("us-east-1")).expect("priced");
    for key in NEEDED.into_iter().filter(|key| !key.contains("free_gb")) {
        let dearer = shipped("us-east-1").price(key).expect("complete").usd * dec("1.5");
        let book = shipped("us-east-1").with_overrides(&[(key.to_owned(), dearer)]).expect("known");
        let after = price(&everything(), &book).expect("priced");
        assert!(after.window > before.window && after.monthly > before.monthly, "{key}");
    }
}

prop_compose! {
    fn any_tasks(hours: usize)(
        service in prop::sample::select(vec!["web", "api"]),
        spot in any::<bool>(),
        arm in any::<bool>(),
        (cpu, memory) in prop::sample::select(vec![(256, 512), (512, 1024), (1024, 3072), (4096, 8192)]),
        storage in 20_u32..200,
        public_ip in any::<bool>(),
        billed_seconds in prop::collection::vec(0_u64..100_000, hours),
    ) -> TaskUsage {
        let provider = if spot { "FARGATE_SPOT" } else { "FARGATE" };
        let platform = if arm { "linux_arm" } else { "linux_x86" };
        TaskUsage {
            service: service.to_owned(),
            ephemeral_storage_gib: storage,
            public_ip,
            ..tasks(platform, provider, cpu, memory, billed_seconds)
        }
    }
}

prop_compose! {
    /// Egress is even over the hours, so that every part of the window fills the same month.
    fn any_usage()(hours in 1_usize..30)(
        used in prop::collection::vec(any_tasks(hours), 0..4),
        requests in prop::collection::vec(0.0..1e7, hours),
        internet in 0.0..1e13,
        nat in prop::collection::vec(0.0..1e12, hours),
        logs in prop::collection::vec(0.0..1e12, hours),
        connections in prop::collection::vec(0.0..1e6, hours),
        processed in prop::collection::vec(0.0..1e12, hours),
        addresses in 0_u32..4,
        nat_gateways in 0_u32..4,
        endpoint_addresses in 0_u32..9,
        hours in Just(hours),
    ) -> Usage {
        let traffic = FlowUsage {
            requests,
            internet_out_bytes: vec![internet; hours],
            nat_bytes: nat,
            log_bytes: logs,
            ..flow(hours)
        };
        let carried = LoadBalancerUsage {
            public_addresses: addresses,
            new_connections: connections,
            processed_bytes: processed,
            ..balancer(hours)
        };
        Usage { tasks: used, flows: vec![traffic], load_balancers: vec![carried], nat_gateways, endpoint_addresses, ..window(hours) }
    }
}

/// One hour of usage on its own.
fn hour_of(usage: &Usage, hour: usize) -> Usage {
    let cut = |series: &Vec<f64>| vec![series[hour]];
    Usage {
        first_hour: usage.first_hour,
        tasks: usage.tasks.iter().map(|used| TaskUsage { billed_seconds: vec![used.billed_seconds[hour]], ..used.clone() }).collect(),
        flows: usage
            .flows
            .iter()
            .map(|flow| FlowUsage {
                service: flow.service.clone(),
                requests: cut(&flow.requests),
                caused_requests: flow.caused_requests,
                internet_out_bytes: cut(&flow.internet_out_bytes),
                nat_bytes: cut(&flow.nat_bytes),
                log_bytes: cut(&flow.log_bytes),
            })
            .collect(),
        load_balancers: usage
            .load_balancers
            .iter()
            .map(|balancer| LoadBalancerUsage {
                new_connections: cut(&balancer.new_connections),
                connection_seconds: cut(&balancer.connection_seconds),
                processed_bytes: cut(&balancer.processed_bytes),
                rule_evaluations: cut(&balancer.rule_evaluations),
                ..balancer.clone()
            })
            .collect(),
        nat_gateways: usage.nat_gateways,
        endpoint_addresses: usage.endpoint_addresses,
        ..window(1)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_bill_is_the_sum_of_its_lines(usage in any_usage(), discount in 0_u32..100) {
        let book = shipped("us-east-1").with_discount(Decimal::new(discount.into(), 2)).expect("a fraction");
        let bill = price(&usage, &book).expect("us-east-1 is complete");
        prop_assert_eq!(bill.window.0, bill.lines.iter().map(|line| line.cost).sum::<Decimal>());
        prop_assert_eq!(bill.monthly.0, bill.lines.iter().map(|line| line.monthly_cost).sum::<Decimal>());
        let scale = dec("730") / Decimal::from(usage.hours);
        for line in &bill.lines {
            prop_assert!(line.quantity > Decimal::ZERO, "{:?}", line);
            prop_assert!((line.quantity * line.unit_price - line.cost).abs() <= dec("0.0000005"), "{:?}", line);
            prop_assert!(line.quantity.scale() <= 12 && line.cost.scale() <= 6 && !line.usage_type.is_empty(), "{:?}", line);
            // Half a millionth of rounding, scaled to the month, and that of the month itself.
            prop_assert!((line.cost * scale - line.monthly_cost).abs() <= dec("0.000001") * (scale + Decimal::ONE), "{:?}", line);
        }
    }

    #[test]
    fn hours_of_a_chart_add_up_to_the_bill(usage in any_usage()) {
        use rust_decimal::prelude::ToPrimitive;
        let bill = price(&usage, &shipped("us-east-1")).expect("complete");
        let window = bill.window.0.to_f64().expect("finite");
        let hours: f64 = bill.hourly.iter().flat_map(|hour| hour.by_group).sum();
        prop_assert!((hours - window).abs() <= 1e-9 * window.max(1.0), "{} against {}", hours, window);
        prop_assert_eq!(bill.hourly.len(), usage.hours);
        prop_assert_eq!(bill.hourly[0].by_group.len(), Group::ALL.len());
        // The rates of the services, at the tasks that each hour bills, give the same.
        let mut rated = 0.0;
        let services: std::collections::BTreeSet<&str> =
            usage.tasks.iter().map(|used| used.service.as_str()).chain(["web"]).collect();
        let kinds: std::collections::BTreeSet<_> =
            usage.tasks.iter().map(|used| (used.service.as_str(), used.capacity_provider.as_str())).collect();
        // A service has one rate for each provider: the sum holds where no service has two kinds of task on one.
        prop_assume!(kinds.len() == usage.tasks.len());
        for service in services {
            for hour in 0..usage.hours {
                let billed = ["FARGATE", "FARGATE_SPOT"].map(|provider| {
                    let own = usage.tasks.iter().filter(|used| used.service == service && used.capacity_provider == provider);
                    own.map(|used| used.billed_seconds[hour] as f64 / 3600.0).sum()
                });
                rated += bill.hourly_rate(service, hour, billed);
            }
        }
        prop_assert!((rated - window).abs() <= 1e-6 * window.max(1.0), "{} against {}", rated, window);
    }

    #[test]
    fn hours_priced_apart_cost_what_they_cost_together(usage in any_usage()) {
        let book = shipped("us-east-1");
        let whole = price(&usage, &book).expect("complete");
        let mut apart = Decimal::ZERO;
        let mut lines = whole.lines.len();
        for hour in 0..usage.hours {
            let part = price(&hour_of(&usage, hour), &book).expect("complete");
            apart += part.window.0;
            lines += part.lines.len();
        }
        // Every line rounds by half a millionth at most.
        prop_assert!((apart - whole.window.0).abs() <= dec("0.0000005") * Decimal::from(lines), "{} against {}", apart, whole.window.0);
    }
}
