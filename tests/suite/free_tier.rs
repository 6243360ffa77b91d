//! Free allowances of the month: 750 hours and 15 capacity-unit hours of balancers in an account's first twelve months, 5 GB of
//! logs for ever. Expectations are computed by hand from the prices of us-east-1: 0.0225 an hour, 0.008 an LCU-hour, 0.50 a GB.

use ecsim::cost::{Bill, FreeTier, price, price_calendar_month};
use ecsim::usage::{FileSystemUsage, FlowUsage, LoadBalancerUsage, LogStorage, Monitoring, ServiceMonitoring, Usage};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::bills::{any_usage, file_system, watched};
use crate::command_line::Folder;
use crate::prices::{GIB, balancer, dec, flow, shipped, window};

/// 2 LCUs in each hour (2 GB of 10^9 bytes) and so many GB of logs in 730 hours.
fn used(hours: usize, log_gb_a_month: f64) -> Usage {
    let logs = FlowUsage { log_bytes: vec![log_gb_a_month * GIB / 730.0; hours], ..flow(hours) };
    let carried = LoadBalancerUsage { processed_bytes: vec![2e9; hours], ..balancer(hours) };
    Usage { flows: vec![logs], load_balancers: vec![carried], ..window(hours) }
}

fn bill(usage: &Usage, free_tier: FreeTier) -> Bill {
    price(usage, &shipped("us-east-1").with_free_tier(free_tier)).expect("priced")
}

/// 730 hours are free. 1,460 LCU-hours less 15: 1,445 x 0.008 = 11.56. 20 GB of logs less 5: 15 x 0.5 = 7.50.
#[test]
fn a_month_pays_for_what_lies_above_its_allowances() {
    let month = |free_tier| bill(&used(730, 20.0), free_tier).monthly.to_places(3);
    assert_eq!(month(FreeTier::FirstTwelveMonths), "19.060");
    // Without the offers of the first year: 16.425 + 1,460 x 0.008 + 7.50.
    assert_eq!(month(FreeTier::AlwaysFree), "35.605");
    assert_eq!(month(FreeTier::None), "38.105");
}

#[test]
fn free_quantities_are_lines_at_no_price_that_name_their_source() {
    let bill = bill(&used(730, 20.0), FreeTier::FirstTwelveMonths);
    let shown: Vec<(&str, String, String)> = bill
        .lines
        .iter()
        .map(|line| (line.description.as_str(), line.quantity.round_dp(6).normalize().to_string(), line.unit_price.normalize().to_string()))
        .collect();
    let line = |description, quantity: &str, price: &str| (description, quantity.to_owned(), price.to_owned());
    assert_eq!(
        shown,
        [
            line("Application Load Balancer, free for 12 months", "730", "0"),
            line("load balancer capacity units, free for 12 months", "15", "0"),
            line("load balancer capacity units", "1445", "0.008"),
            line("log ingestion, always free", "5", "0"),
            line("log ingestion", "15", "0.5"),
        ]
    );
    assert!(bill.lines[0].price_source.contains("aws.amazon.com/elasticloadbalancing/pricing"), "{}", bill.lines[0].price_source);
    assert!(bill.lines[3].price_source.contains("aws.amazon.com/cloudwatch/pricing"), "{}", bill.lines[3].price_source);
}

/// A tenth of a month has a tenth of each allowance, so its cost is a tenth and its month the same.
#[test]
fn allowances_apply_to_the_month_and_are_prorated_to_the_window() {
    let (month, tenth) = (bill(&used(730, 20.0), FreeTier::FirstTwelveMonths), bill(&used(73, 20.0), FreeTier::FirstTwelveMonths));
    assert_eq!((tenth.window.to_places(4).as_str(), tenth.monthly.to_places(4).as_str()), ("1.9060", "19.0600"));
    assert_eq!(month.monthly, tenth.monthly);
}

/// Two balancers have 1,460 hours together: 710 x 0.0225 = 15.975. Each bears half.
#[test]
fn balancers_share_the_hours_of_the_account() {
    let second = LoadBalancerUsage { name: "second".to_owned(), ..balancer(730) };
    let usage = Usage { load_balancers: vec![balancer(730), second], ..window(730) };
    let bill = bill(&usage, FreeTier::FirstTwelveMonths);
    assert_eq!(bill.monthly.0, dec("15.975"));
    let paid: Vec<Decimal> = bill.lines.iter().filter(|line| !line.cost.is_zero()).map(|line| line.quantity.round_dp(6)).collect();
    assert_eq!(paid, [dec("355"), dec("355")]);
}

/// 15 and 5 GB of logs: of the 15 that cost, three quarters and one quarter, 5.625 and 1.875.
#[test]
fn services_share_an_allowance_by_their_quantities() {
    let logs = |service: &str, gb: f64| FlowUsage { service: service.to_owned(), log_bytes: vec![gb * GIB / 730.0; 730], ..flow(730) };
    let usage = Usage { flows: vec![logs("a", 15.0), logs("b", 5.0)], ..window(730) };
    let bill = bill(&usage, FreeTier::AlwaysFree);
    let cost = |service: &str| -> Decimal {
        bill.lines.iter().filter(|line| line.service.as_deref() == Some(service)).map(|line| line.cost.round_dp(3)).sum()
    };
    assert_eq!((cost("a"), cost("b")), (dec("5.625"), dec("1.875")));
}

/// 100 GB of logs, stored for the month at a fifth: (100 - 5) x 0.50 and (20 - 5) x 0.03. A bill of AWS has both allowances. 20 GB
/// of files less 5 in the first year: 15 x 0.30.
#[test]
fn stored_logs_and_files_have_allowances_of_their_own() {
    let log_storage = LogStorage { compressed_share: 0.2, stored_hours: Some(730.0) };
    let service = ServiceMonitoring { standard_alarm_metrics: 0, high_resolution_alarm_metrics: 0, log_storage, ..watched(0) };
    let monitoring = Monitoring { services: vec![service], container_insights: None };
    let files = FileSystemUsage { stored_bytes: 20.0 * GIB, provisioned_mib_per_second: 0.0, ..file_system(false) };
    let usage = Usage { load_balancers: Vec::new(), monitoring, file_systems: vec![files], ..used(730, 100.0) };
    let month = |free_tier| bill(&usage, free_tier).monthly.to_places(3);
    assert_eq!(month(FreeTier::FirstTwelveMonths), "52.450");
    assert_eq!(month(FreeTier::AlwaysFree), "53.950");
}

/// February and a month of 31 days have the same 5 GB, 15 LCU-hours and 100 GB of egress; 744 hours of a balancer are within 750.
/// 672 h: (1,344 - 15) x 0.008 + (18.41 - 5) x 0.5; egress of 200 GB: 100 x 0.09.
#[test]
fn a_month_of_the_calendar_has_the_whole_allowance_whatever_its_length() {
    for hours in [672, 744] {
        let month = hours as f64;
        let mut usage = used(hours, 0.0);
        usage.flows[0].log_bytes = vec![20.0 * GIB / month; hours];
        usage.flows[0].internet_out_bytes = vec![200.0 * GIB / month; hours];
        let book = shipped("us-east-1").with_free_tier(FreeTier::FirstTwelveMonths);
        let bill = price_calendar_month(&usage, &book).expect("priced");
        // 672 h: 10.632 + 7.50 + 9.00 = 27.132; 744 h: (1,488 - 15) x 0.008 = 11.784, hence 28.284.
        let expected = if hours == 672 { "27.1320" } else { "28.2840" };
        assert_eq!((bill.window.to_places(4).as_str(), bill.monthly.to_places(4).as_str()), (expected, expected));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing is lost or doubled: each price bills the same quantity in all, and the free tier saves exactly what is free.
    #[test]
    fn a_free_tier_splits_lines_and_changes_nothing_else(usage in any_usage()) {
        let (full, free) = (bill(&usage, FreeTier::None), bill(&usage, FreeTier::FirstTwelveMonths));
        let quantity = |bill: &Bill, name: &str| -> Decimal {
            bill.lines.iter().filter(|line| line.description == name).map(|line| line.quantity).sum()
        };
        let mut saved = Decimal::ZERO;
        let mut lines = full.lines.len() + free.lines.len();
        for line in &free.lines {
            let remarks = [", always free", ", free for 12 months"];
            let Some(name) = remarks.into_iter().find_map(|remark| line.description.strip_suffix(remark)) else { continue };
            let all = full.lines.iter().find(|other| other.description == name && other.service == line.service);
            saved += line.quantity * all.expect("without a free tier it is paid for").unit_price;
            let of_free = quantity(&free, name) + quantity(&free, &line.description);
            lines += 1;
            prop_assert!((quantity(&full, name) - of_free).abs() <= dec("0.000000000001") * Decimal::from(lines), "{}", name);
        }
        // Each of the lines rounds by half a millionth at most.
        let rounding = dec("0.0000005") * Decimal::from(lines);
        prop_assert!((full.window.0 - free.window.0 - saved).abs() <= rounding, "{} {} {}", full.window, free.window, saved);
        let hours: f64 = free.hourly.iter().flat_map(|hour| hour.by_group).sum();
        let window: f64 = free.window.0.to_string().parse().expect("a number");
        prop_assert!((hours - window).abs() <= 1e-9 * window.max(1.0));
    }
}

/// In a scenario: 5 requests a second with 1 kB of logs are 12.2 GB a month, 5 of them free whatever the free tier's kind, and so is
/// what is stored of them.
#[test]
fn a_scenario_names_the_free_tier_that_its_account_has() {
    let folder = Folder::with_small();
    let free_lines = |value: &str| -> Vec<String> {
        let set = format!("pricing.free_tier={value}");
        let sets = [set.as_str(), "services.app.load_balancer={}", "services.app.workload.logs_per_request=1kB"];
        let arguments = ["run", "small.yaml", "--format", "json"].into_iter().chain(sets.into_iter().flat_map(|set| ["--set", set]));
        let run = folder.ecsim(&arguments.collect::<Vec<_>>()).code(0).json();
        let lines = run["cost"]["line_items"].as_array().expect("lines").iter();
        let description = |line: &Value| line["description"].as_str().expect("words").to_owned();
        lines.filter(|line| line["unit_price"] == "0").map(description).filter(|name| !name.starts_with("internet")).collect()
    };
    assert_eq!(free_lines("false"), Vec::<String>::new());
    let of_logs = ["log ingestion, always free", "log storage, first month of logs that never expire, always free"];
    let of_balancer = ["Application Load Balancer, free for 12 months", "load balancer capacity units, free for 12 months"];
    assert_eq!(free_lines("always_free"), of_logs);
    assert_eq!(free_lines("true"), [of_balancer, of_logs].concat());
    let refused = folder.ecsim(&["check", "small.yaml", "--set", "pricing.free_tier=sometimes"]).code(1);
    refused.says(&["pricing.free_tier", "false, true, always_free"]);
}
