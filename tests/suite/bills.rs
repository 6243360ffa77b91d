//! What must hold of any bill: it adds up, no price is missing in silence, and hours can be priced apart.

use ecsim::cost::{Basis, Bill, Group, Line, PriceBook, SavingsPlan, price};
use ecsim::usage::{
    CarriedBytes, ContainerInsightsUsage, FileSystemUsage, FlowUsage, ImageUsage, LoadBalancerKind, LoadBalancerUsage, LogStorage,
    Monitoring, QueueUsage, ServiceMonitoring, TaskUsage, Usage, Way,
};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::prices::{GIB, HEADER, NO_SOURCES, balancer, book_of, dec, flow, shipped, tasks, window};

/// A service that is watched, with metrics enough for every tier, and whose logs are kept for 30 days.
pub(crate) fn watched(high_resolution_metrics: u32) -> ServiceMonitoring {
    ServiceMonitoring {
        service: "web".to_owned(),
        standard_alarm_metrics: 2,
        high_resolution_alarm_metrics: 2,
        high_resolution_metrics,
        custom_metrics: high_resolution_metrics,
        containers: 2,
        log_storage: LogStorage { compressed_share: 0.2, stored_hours: Some(720.0) },
    }
}

/// Container Insights with the metrics that AWS names.
fn insights(is_enhanced: bool) -> Option<ContainerInsightsUsage> {
    Some(ContainerInsightsUsage { is_enhanced, cluster_metrics: 8, service_metrics: 17, task_metrics: 13, container_metrics: 10 })
}

/// Requests to a queue in each hour.
fn queue(hours: usize, requests: f64) -> QueueUsage {
    let by_hour = vec![requests; hours];
    let service = "web".to_owned();
    QueueUsage { service, sends: by_hour.clone(), receives: by_hour.clone(), empty_receives: by_hour.clone(), deletes: by_hour }
}

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
    let traffic = FlowUsage { requests: vec![1e6; 2], internet_out_bytes: vec![1000.0 * GIB; 2], log_bytes: vec![GIB; 2], ..flow(2) };
    let balanced = LoadBalancerUsage { public_addresses: 3, processed_bytes: vec![GIB; 2], ..balancer(2) };
    let of_network = LoadBalancerUsage { kind: LoadBalancerKind::NetworkTcp, ..balanced.clone() };
    Usage {
        tasks: platforms.map(used).to_vec(),
        flows: vec![traffic],
        load_balancers: vec![balanced, of_network],
        nat_gateways: 2,
        endpoint_addresses: 4,
        // A month of 8 PB, which reaches the last tier.
        carried: vec![
            carried(Way::InterfaceEndpoint, vec![GIB * 1_048_576.0 * 8.0 / 730.0; 2]),
            carried(Way::BetweenZones, vec![GIB; 2]),
            carried(Way::NatGateway, vec![GIB; 2]),
        ],
        images: vec![ImageUsage { service: "web".to_owned(), byte_hours: vec![1000.0 * GIB; 2] }],
        file_systems: vec![file_system(false), file_system(true)],
        monitoring: Monitoring { services: vec![watched(2_000_000)], container_insights: insights(true) },
        queues: vec![queue(2, 1e6)],
        ..window(2)
    }
}

fn carried(way: Way, bytes: Vec<f64>) -> CarriedBytes {
    CarriedBytes { service: "web".to_owned(), way, what: "logs", bytes }
}

/// 100 GiB, which bring 5 MiB per second, and 50 that are provisioned.
pub(crate) fn file_system(is_one_zone: bool) -> FileSystemUsage {
    FileSystemUsage { name: "fs-1".to_owned(), service: None, is_one_zone, stored_bytes: 100.0 * GIB, provisioned_mib_per_second: 50.0 }
}

/// The prices that `everything` needs.
const NEEDED: [&str; 43] = [
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
    "nlb.hour",
    "nlb.lcu_hour",
    "vpc.interface_endpoint.gb_first_1pb",
    "vpc.interface_endpoint.gb_next_4pb",
    "vpc.interface_endpoint.gb_over_5pb",
    "data_transfer.inter_az.gb_each_direction",
    "ecr.storage.gb_month",
    "efs.standard.gb_month",
    "efs.onezone.gb_month",
    "efs.provisioned_mbps_month",
    "cloudwatch.logs.storage_gb_month",
    "cloudwatch.alarm.standard_month",
    "cloudwatch.alarm.high_res_month",
    "cloudwatch.metric.custom_month_first_10k",
    "cloudwatch.metric.custom_month_10k_to_250k",
    "cloudwatch.metric.custom_month_250k_to_1m",
    "cloudwatch.metric.custom_month_over_1m",
    "cloudwatch.container_insights_enhanced_ecs.metric_month",
    "sqs.standard.request",
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
    pub(crate) fn any_usage()(hours in 1_usize..30)(
        used in prop::collection::vec(any_tasks(hours), 0..4),
        requests in prop::collection::vec(0.0..1e7, hours),
        internet in 0.0..1e13,
        logs in prop::collection::vec(0.0..1e12, hours),
        connections in prop::collection::vec(0.0..1e6, hours),
        processed in prop::collection::vec(0.0..1e12, hours),
        addresses in 0_u32..4,
        nat_gateways in 0_u32..4,
        endpoint_addresses in 0_u32..9,
        ways in prop::collection::vec((prop::sample::select(vec![Way::NatGateway, Way::BetweenZones]), prop::collection::vec(0.0..1e12, hours)), 0..3),
        // Even over the hours, as egress is.
        endpoint in 0.0..1e14,
        stored in 0.0..1e12,
        kind in prop::sample::select(vec![
            LoadBalancerKind::Application,
            LoadBalancerKind::NetworkTcp,
            LoadBalancerKind::NetworkTls,
            LoadBalancerKind::NetworkUdp,
        ]),
        (high_resolution, is_watched, requests_to_queue) in (0_u32..3, any::<bool>(), 0.0..1e7),
        hours in Just(hours),
    ) -> Usage {
        let traffic = FlowUsage {
            requests,
            internet_out_bytes: vec![internet; hours],
            log_bytes: logs,
            ..flow(hours)
        };
        let balanced = LoadBalancerUsage {
            kind,
            public_addresses: addresses,
            new_connections: connections,
            processed_bytes: processed,
            ..balancer(hours)
        };
        let container_insights = if is_watched { insights(false) } else { None };
        let endpoint = carried(Way::InterfaceEndpoint, vec![endpoint; hours]);
        Usage {
            tasks: used,
            flows: vec![traffic],
            load_balancers: vec![balanced],
            nat_gateways,
            endpoint_addresses,
            carried: ways.into_iter().map(|(way, bytes)| carried(way, bytes)).chain([endpoint]).collect(),
            images: vec![ImageUsage { service: "web".to_owned(), byte_hours: vec![stored; hours] }],
            file_systems: vec![file_system(false)],
            monitoring: Monitoring { services: vec![watched(high_resolution)], container_insights },
            queues: vec![queue(hours, requests_to_queue)],
            ..window(hours)
        }
    }
}

/// The whole as two windows that meet inside an hour, so far into it: every count of that hour is divided, seconds of tasks
/// in whole ones.
fn cut_inside_hour(usage: &Usage, cut: usize, into: f64) -> [Usage; 2] {
    let seconds = (into * 3600.0).round();
    let part = seconds / 3600.0;
    let (mut before, mut after) = (usage.part(0..cut + 1), usage.part(cut..usage.hours));
    let share = |series: &mut Vec<f64>, hour: usize, share: f64| series[hour] *= share;
    for (before, after) in before.tasks.iter_mut().zip(&mut after.tasks) {
        let all = after.billed_seconds[0];
        before.billed_seconds[cut] = (all as f64 * part) as u64;
        after.billed_seconds[0] = all - before.billed_seconds[cut];
    }
    for (usage, hour, of_hour) in [(&mut before, cut, part), (&mut after, 0, 1.0 - part)] {
        for flow in &mut usage.flows {
            for series in [&mut flow.requests, &mut flow.internet_out_bytes, &mut flow.log_bytes] {
                share(series, hour, of_hour);
            }
        }
        for balancer in &mut usage.load_balancers {
            let series = [&mut balancer.new_connections, &mut balancer.connection_seconds, &mut balancer.processed_bytes];
            series.into_iter().for_each(|series| share(series, hour, of_hour));
            share(&mut balancer.rule_evaluations, hour, of_hour);
        }
        usage.carried.iter_mut().for_each(|carried| share(&mut carried.bytes, hour, of_hour));
        usage.images.iter_mut().for_each(|images| share(&mut images.byte_hours, hour, of_hour));
        for queue in &mut usage.queues {
            let series = [&mut queue.sends, &mut queue.receives, &mut queue.empty_receives, &mut queue.deletes];
            series.into_iter().for_each(|series| share(series, hour, of_hour));
        }
    }
    before.window_seconds -= 3600.0 - seconds;
    after.window_seconds -= seconds;
    after.seconds_into_first_hour = seconds;
    [before, after]
}

/// Quantity and cost of the lines of this description.
fn total(bill: &Bill, description: &str) -> [Decimal; 2] {
    let own = bill.lines.iter().filter(|line| line.description == description);
    own.fold([Decimal::ZERO; 2], |sum, line: &Line| [sum[0] + line.quantity, sum[1] + line.cost])
}

fn descriptions(whole: &Bill, parts: &[Bill]) -> std::collections::BTreeSet<String> {
    let lines = whole.lines.iter().chain(parts.iter().flat_map(|bill| &bill.lines));
    lines.map(|line| line.description.clone()).collect()
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

    /// Two bills of two parts of a window, cut inside an hour.
    ///
    /// - What is billed by the second or by the byte at one price is additive: each line of the whole is the sum of its parts', but for
    ///   the rounding of each (half a millionth). So are addresses, which are billed for the length of the window.
    /// - Balancers, gateways and endpoints are billed by the started hour: the cut hour counts in both parts, so the parts cost
    ///   exactly one hour more.
    /// - Capacity units are the largest of four dimensions in each hour: of the cut hour both parts together have at least as many as
    ///   the whole, and neither has more.
    /// - Metrics of a service are published in the hours in which a task of it runs; a part of the cut hour may have none.
    /// - Egress is additive in GB. Its price is not: each part counts as the month that it would fill. Together they cost
    ///   between nothing and the dearest tier, as the whole does.
    #[test]
    fn parts_of_a_window_add_up_as_far_as_aws_bills_by_quantity(usage in any_usage(), at in 0.0_f64..1.0, into in 0.05_f64..0.95) {
        let cut = (usage.hours as f64 * at) as usize;
        let parts = cut_inside_hour(&usage, cut, into);
        let book = shipped("us-east-1");
        let whole = price(&usage, &book).expect("complete");
        let bills = parts.each_ref().map(|part| price(part, &book).expect("complete"));
        for description in descriptions(&whole, &bills) {
            let of_whole = total(&whole, &description);
            let of_parts = bills.iter().map(|bill| total(bill, &description)).fold([Decimal::ZERO; 2], |sum, part| [sum[0] + part[0], sum[1] + part[1]]);
            let rounding = dec("0.0000005") * Decimal::from(3 * (whole.lines.len() + bills[0].lines.len() + bills[1].lines.len()));
            let by_started_hour = match description.as_str() {
                "Application Load Balancer" => Some(("alb.hour", 1)),
                "Network Load Balancer" => Some(("nlb.hour", 1)),
                "NAT gateways" => Some(("nat.hour", usage.nat_gateways)),
                "interface endpoints, by zone" => Some(("vpc.interface_endpoint.hour", usage.endpoint_addresses)),
                _ => None,
            };
            if let Some((key, count)) = by_started_hour {
                let hour = book.price(key).expect("complete").usd * Decimal::from(count);
                prop_assert_eq!(of_parts[1] - of_whole[1], hour, "{}", description);
            } else if description.ends_with("load balancer capacity units") {
                let in_hour = price(&usage.part(cut..cut + 1), &book).expect("complete");
                let most = total(&in_hour, &description)[1];
                prop_assert!(of_parts[1] >= of_whole[1] - rounding, "{:?} {:?}", of_parts, of_whole);
                prop_assert!(of_parts[1] <= of_whole[1] + most + rounding, "{:?} {:?} {}", of_parts, of_whole, most);
            } else if description.contains("every 20 seconds") || description.contains("Container Insights of the ") {
                // Published while a task runs: a part of the cut hour in which none has a whole second has none.
                prop_assert!(of_parts[0] <= of_whole[0] + dec("0.0000001"), "{}: {:?} {:?}", description, of_parts, of_whole);
            } else if description.starts_with("internet egress") {
                continue;
            } else {
                prop_assert!((of_parts[1] - of_whole[1]).abs() <= rounding, "{}: {:?} {:?}", description, of_parts, of_whole);
                // The sum of a count is rounded to a millionth, in each part and in the whole.
                let exact = if description.starts_with("requests that ") { dec("0.0000015") } else { dec("0.0000001") };
                prop_assert!((of_parts[0] - of_whole[0]).abs() <= exact, "{}: {:?} {:?}", description, of_parts, of_whole);
            }
        }
        let egress = |bill: &Bill| {
            let lines = bill.lines.iter().filter(|line| line.description.starts_with("internet egress"));
            lines.fold([Decimal::ZERO; 2], |sum, line| [sum[0] + line.quantity, sum[1] + line.cost])
        };
        let (whole, parts) = (egress(&whole), bills.each_ref().map(egress));
        prop_assert!((whole[0] - parts[0][0] - parts[1][0]).abs() <= dec("0.0000001"));
        let dearest = whole[0] * dec("0.09") + dec("0.000005");
        prop_assert!(whole[1] <= dearest && parts[0][1] + parts[1][1] <= dearest);
    }

    /// Cut at a full hour nothing is billed twice, capacity units and Savings Plans included.
    #[test]
    fn parts_of_whole_hours_add_up_with_savings_plans_too(usage in any_usage(), at in 0.0_f64..1.0, cents in 0_i64..500) {
        prop_assume!(usage.hours > 1);
        let cut = ((usage.hours as f64 * at) as usize).clamp(1, usage.hours - 1);
        let plan = SavingsPlan { commitment_per_hour: Decimal::new(cents, 2), term: "1y", payment_option: "no_upfront" };
        let book = shipped("us-east-1").with_savings_plans(&[plan]).expect("a plan");
        let whole = price(&usage, &book).expect("complete");
        let parts = [usage.part(0..cut), usage.part(cut..usage.hours)].map(|part| price(&part, &book).expect("complete"));
        let lines = whole.lines.len() + parts[0].lines.len() + parts[1].lines.len();
        let apart = parts[0].window.0 + parts[1].window.0;
        prop_assert!((apart - whole.window.0).abs() <= dec("0.0000005") * Decimal::from(lines), "{} against {}", apart, whole.window.0);
    }

    #[test]
    fn hours_priced_apart_cost_what_they_cost_together(usage in any_usage()) {
        let book = shipped("us-east-1");
        let whole = price(&usage, &book).expect("complete");
        let mut apart = Decimal::ZERO;
        let mut lines = whole.lines.len();
        for hour in 0..usage.hours {
            let part = price(&usage.part(hour..hour + 1), &book).expect("complete");
            apart += part.window.0;
            lines += part.lines.len();
        }
        // Every line rounds by half a millionth at most.
        prop_assert!((apart - whole.window.0).abs() <= dec("0.0000005") * Decimal::from(lines), "{} against {}", apart, whole.window.0);
    }
}
