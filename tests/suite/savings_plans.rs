//! Savings Plans in a bill and the commitment that costs least; expectations are computed by hand from the published rates of
//! us-east-1: on demand 0.04048 and 0.004445 US dollars for a vCPU-hour and a GB-hour on x86, 0.03238 and 0.00356 on
//! ARM; one year without upfront payment 0.032384, 0.003556, 0.0255 and 0.0028 (Price List of 2026-09).

use assert_cmd::Command;
use ecsim::cost::{Bill, PriceBook, SavingsPlan, price};
use ecsim::usage::{TaskUsage, Usage};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::prices::{dec, shipped, tasks, window};

const HOUR: u64 = 3600;

fn plan(commitment: &str) -> SavingsPlan {
    SavingsPlan { commitment_per_hour: dec(commitment), term: "1y", payment_option: "no_upfront" }
}

fn book(plans: &[SavingsPlan]) -> PriceBook {
    shipped("us-east-1").with_savings_plans(plans).expect("plans")
}

/// Tasks of 1 vCPU and 2 GB on demand, so many in each hour.
fn hours_of(platform: &'static str, tasks_by_hour: &[u64]) -> TaskUsage {
    tasks(platform, "FARGATE", 1024, 2048, tasks_by_hour.iter().map(|tasks| tasks * HOUR).collect())
}

fn used(tasks: Vec<TaskUsage>) -> Usage {
    let hours = tasks[0].billed_seconds.len();
    Usage { tasks, ..window(hours) }
}

fn line<'a>(bill: &'a Bill, description: &str) -> &'a ecsim::cost::Line {
    bill.lines.iter().find(|line| line.description == description).unwrap_or_else(|| panic!("no line {description}: {:?}", bill.lines))
}

/// Ten tasks are worth 10 x 0.032384 + 20 x 0.003556 = 0.39496 at the plan's rates. Both rates save a fifth, so the lower one
/// comes first: of 0.2 memory takes 0.07112, the other 0.12888 cover 3.979743083004 vCPU-hours. On demand stay
/// 6.020256916996 vCPU-hours: 0.243700.
#[test]
fn usage_is_covered_in_dollars_of_the_plan_and_the_rest_is_on_demand() {
    let bill = price(&used(vec![hours_of("linux_x86", &[10])]), &book(&[plan("0.2")])).expect("priced");
    assert_eq!(line(&bill, "FARGATE memory, Savings Plan 1y no upfront").cost, dec("0.07112"));
    let vcpu = line(&bill, "FARGATE vCPU, Savings Plan 1y no upfront");
    assert_eq!((vcpu.quantity, vcpu.cost), (dec("3.979743083003"), dec("0.12888")));
    let rest = line(&bill, "FARGATE vCPU");
    assert_eq!((rest.quantity, rest.cost), (dec("6.020256916997"), dec("0.2437")));
    assert_eq!(bill.window.0, dec("0.4437"));
    // A covered hour of 0.25 on demand, at 0.2.
    let plan = bill.savings_plan.expect("a plan");
    assert_eq!((plan.commitment, plan.used, plan.covered_on_demand), (dec("0.2"), dec("0.2"), dec("0.25")));
}

/// Hours stand for themselves: two tasks use 0.078992 of 0.1, none uses nothing, and what is left is lost. Twenty use all of it.
#[test]
fn what_an_hour_does_not_use_is_lost() {
    let bill = price(&used(vec![hours_of("linux_x86", &[2, 0, 20])]), &book(&[plan("0.1")])).expect("priced");
    let unused = line(&bill, "Savings Plan 1y no upfront, unused");
    assert_eq!(unused.cost, dec("0.121008"), "0.021008 of the first hour and all of the second");
    assert_eq!(unused.behaviour.name(), "fixed");
    let plan = bill.savings_plan.expect("a plan");
    assert_eq!((plan.commitment, plan.used), (dec("0.3"), dec("0.178992")));
    // On demand: 22 x (0.04048 + 2 x 0.004445) = 1.08614; covered are 0.178992 / 0.8 = 0.22374.
    assert_eq!(bill.window.0, dec("1.08614") - dec("0.22374") + dec("0.3"));
}

/// ARM saves 1 - 0.0255 / 0.03238 = 21.2 % on vCPU and 21.3 % on memory, x86 20 %: a commitment of a task's worth of ARM, 0.0255 +
/// 2 x 0.0028 = 0.0311, goes to ARM alone.
#[test]
fn the_highest_saving_comes_first() {
    let bill = price(&used(vec![hours_of("linux_x86", &[1]), hours_of("linux_arm", &[1])]), &book(&[plan("0.0311")])).expect("priced");
    assert_eq!(line(&bill, "FARGATE vCPU, Savings Plan 1y no upfront (ARM)").quantity, dec("1"));
    assert!(!bill.lines.iter().any(|line| line.description == "FARGATE vCPU, Savings Plan 1y no upfront"));
    assert_eq!(line(&bill, "FARGATE vCPU").quantity, dec("1"));
}

/// Two services with 3 and 1 tasks of which half is covered have half of each covered.
#[test]
fn services_share_a_plan_in_proportion() {
    let other = TaskUsage { service: "other".to_owned(), ..hours_of("linux_x86", &[1]) };
    // All memory, 8 x 0.003556 = 0.028448, and 2 of 4 vCPU-hours, 0.064768.
    let bill = price(&used(vec![hours_of("linux_x86", &[3]), other]), &book(&[plan("0.093216")])).expect("priced");
    let covered = |service: &str| {
        let is_meant =
            |line: &&ecsim::cost::Line| line.service.as_deref() == Some(service) && line.description.starts_with("FARGATE vCPU, S");
        bill.lines.iter().find(is_meant).expect("a line").quantity
    };
    assert_eq!((covered("web"), covered("other")), (dec("1.5"), dec("0.5")));
}

/// Spot, Windows and storage have no rates: the whole commitment is lost.
#[test]
fn spot_and_windows_are_not_covered() {
    let spot = tasks("linux_x86", "FARGATE_SPOT", 1024, 2048, vec![HOUR]);
    let windows = tasks("windows_x86", "FARGATE", 1024, 2048, vec![HOUR]);
    let bill = price(&used(vec![spot, windows]), &book(&[plan("1")])).expect("priced");
    assert_eq!(line(&bill, "Savings Plan 1y no upfront, unused").cost, dec("1"));
}

/// The book has no rate of memory for one year all upfront; nobody guesses one.
#[test]
fn a_plan_without_rates_is_an_error_that_names_them() {
    let all_upfront = SavingsPlan { payment_option: "all_upfront", ..plan("1") };
    let error = price(&used(vec![hours_of("linux_x86", &[1])]), &book(&[all_upfront])).expect_err("no rate").to_string();
    assert!(error.contains("compute_sp.1y_all_upfront.fargate.linux_x86.gb_hour"), "{error}");
}

/// A discount of 10 % is taken off the commitment and off what is on demand.
#[test]
fn a_discount_is_taken_off_plans_too() {
    let usage = used(vec![hours_of("linux_x86", &[10])]);
    let bill = price(&usage, &book(&[plan("0.2")]).with_discount(dec("0.1")).expect("a discount")).expect("priced");
    let difference: Decimal = bill.window.0 - dec("0.4437") * dec("0.9");
    assert!(difference.abs() <= dec("0.000002"), "{difference}");
    assert_eq!(bill.savings_plan.expect("a plan").commitment, dec("0.18"));
}

/// A window of 90 minutes that begins at half past: half an hour and an hour. A commitment of 0.2 counts 0.1 and 0.2; a task
/// of one vCPU and 2 GB uses 0.019748 of the first and 0.039496 of the second.
#[test]
fn of_an_hour_that_the_window_holds_in_part_the_same_part_is_committed() {
    let tasks = TaskUsage { billed_seconds: vec![HOUR / 2, HOUR], ..hours_of("linux_x86", &[1, 1]) };
    let usage = Usage { seconds_into_first_hour: 1800.0, window_seconds: 5400.0, ..used(vec![tasks]) };
    let bill = price(&usage, &book(&[plan("0.2")])).expect("priced");
    let plan = bill.savings_plan.expect("a plan");
    assert_eq!((plan.commitment, plan.used), (dec("0.3"), dec("0.059244")));
    // A month has 730 hours of 0.2.
    assert_eq!(bill.monthly.0, dec("146"));
    // What an hour costs, used or not, is what is committed in it.
    let hours: Vec<f64> = bill.hourly.iter().map(|hour| hour.by_group.iter().sum()).collect();
    assert!((hours[0] - 0.1).abs() < 1e-9 && (hours[1] - 0.2).abs() < 1e-9, "{hours:?}");
    // A commitment that is too small for the second hour alone: 0.03 covers 0.015 and 0.03.
    let less = price(&usage, &book(&[self::plan("0.03")])).expect("priced").savings_plan.expect("a plan");
    assert_eq!((less.commitment, less.used), (dec("0.045"), dec("0.045")));
}

/// Two plans alike are one with both commitments, so that no two lines of a bill mean the same.
#[test]
fn plans_alike_are_one() {
    let usage = used(vec![hours_of("linux_x86", &[10])]);
    let apart = price(&usage, &book(&[plan("0.15"), plan("0.05")])).expect("priced");
    assert_eq!(apart, price(&usage, &book(&[plan("0.2")])).expect("priced"));
}

/// Three years cover at 55 % of the price on demand and come before one year at 80 %, whatever stands first: 0.027 is the whole
/// task at three years (0.022264 + 2 x 0.00244475 = 0.0271535 is a little more), so little is left for the other plan.
#[test]
fn the_plan_that_saves_most_comes_first() {
    let long = SavingsPlan { term: "3y", ..plan("0.0271535") };
    let bill = price(&used(vec![hours_of("linux_x86", &[1])]), &book(&[plan("0.1"), long])).expect("priced");
    assert_eq!(line(&bill, "Savings Plan 1y no upfront, unused").cost, dec("0.1"));
    assert_eq!(bill.window.0, dec("0.127153") + dec("0.000001"), "each of two lines is rounded: 0.022264 + 0.00489");
}

#[test]
fn a_commitment_is_neither_negative_nor_beyond_measure() {
    let refused = |plans: &[SavingsPlan]| shipped("us-east-1").with_savings_plans(plans).expect_err("refused").to_string();
    assert!(refused(&[plan("-0.1")]).contains("the commitment is -0.1"));
    let most = SavingsPlan { commitment_per_hour: Decimal::MAX, ..plan("0") };
    refused(&[most.clone(), most.clone()]);
    assert!(price(&used(vec![hours_of("linux_x86", &[1, 1])]), &book(&[most])).is_err());
    // Zero commits nothing, and a negative zero is zero.
    let bill = price(&used(vec![hours_of("linux_x86", &[1])]), &book(&[plan("-0")])).expect("priced");
    assert_eq!(bill.savings_plan.expect("a plan").commitment, Decimal::ZERO);
}

proptest! {
    /// The hours of a chart, and the rates of a timeline at the tasks that each hour bills, add up to the bill; an hour costs what
    /// it commits and what is on demand in it.
    #[test]
    fn hours_with_plans_add_up(by_hour in prop::collection::vec((0_u64..9, 0_u64..9), 1..12), mills in 0_u32..500) {
        use rust_decimal::prelude::ToPrimitive;
        let (one, two): (Vec<u64>, Vec<u64>) = by_hour.into_iter().unzip();
        let other = TaskUsage { service: "other".to_owned(), ..hours_of("linux_arm", &two) };
        let usage = used(vec![hours_of("linux_x86", &one), other]);
        let commitment = Decimal::new(i64::from(mills), 3);
        let bill = price(&usage, &book(&[SavingsPlan { commitment_per_hour: commitment, ..plan("0") }])).expect("priced");
        for (hour, cost) in bill.hourly.iter().enumerate() {
            let cost: f64 = cost.by_group.iter().sum();
            let rated: f64 = usage.tasks.iter().map(|used| {
                bill.hourly_rate(&used.service, hour, [used.billed_seconds[hour] as f64 / 3600.0, 0.0])
            }).sum();
            prop_assert!((cost - rated).abs() < 2e-5, "{} {}", cost, rated);
            let on_demand = one[hour] as f64 * 0.049_37 + two[hour] as f64 * 0.039_5;
            let least = commitment.to_f64().expect("small").max(on_demand * 0.78);
            prop_assert!(cost > least - 2e-5, "{} {}", cost, least);
        }
        let hours: f64 = bill.hourly.iter().flat_map(|hour| hour.by_group).sum();
        prop_assert!((hours - bill.window.0.to_f64().expect("finite")).abs() < 1e-9);
    }

    /// Lines add up; a plan costs its commitment and saves what it covers; more commitment covers no less.
    #[test]
    fn bills_with_plans_add_up(by_hour in prop::collection::vec((0_u64..9, 0_u64..9), 1..12), mills in 0_u32..500) {
        let (x86, arm): (Vec<u64>, Vec<u64>) = by_hour.into_iter().unzip();
        let usage = used(vec![hours_of("linux_x86", &x86), hours_of("linux_arm", &arm)]);
        let commitment = Decimal::new(i64::from(mills), 3);
        let with = |commitment: Decimal| {
            let plan = SavingsPlan { commitment_per_hour: commitment, ..plan("0") };
            price(&usage, &book(&[plan])).expect("priced")
        };
        let (bill, on_demand) = (with(commitment), price(&usage, &book(&[])).expect("priced"));
        let plan = bill.savings_plan.expect("a plan");
        prop_assert_eq!(bill.lines.iter().map(|line| line.cost).sum::<Decimal>(), bill.window.0);
        // Each line is rounded once, at six places.
        let roundings = dec("0.00001");
        prop_assert_eq!(plan.commitment, commitment * Decimal::from(x86.len()));
        prop_assert!((bill.window.0 - (on_demand.window.0 - plan.covered_on_demand + plan.commitment)).abs() <= roundings);
        prop_assert!(plan.used <= plan.commitment && plan.covered_on_demand <= plan.eligible_on_demand + roundings);
        let more = with(commitment + dec("0.05")).savings_plan.expect("a plan");
        prop_assert!(more.covered_on_demand + roundings >= plan.covered_on_demand);
    }
}

const SCENARIO: &str = "
version: 1
region: us-east-1
simulation: {start: 2026-01-05T00:00:00Z, duration: 7d}
services:
  web:
    task_definition: {cpu: 1024, memory: 2048}
    desired_count: 4
    traffic: {constant: 1}
    workload: {cpu_time: 10ms, wait_time: 10ms}
";

fn ecsim(folder: &std::path::Path, args: &[&str]) -> (Value, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_ecsim")).current_dir(folder).args(args).output().expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {errors}");
    (serde_json::from_slice(&output.stdout).unwrap_or(Value::Null), errors)
}

/// Four tasks all week ask for 4 x (0.032384 + 2 x 0.003556) = 0.157984 an hour at 1y no upfront. The cheapest plan is
/// 3y no upfront: 4 x (0.022264 + 2 x 0.00244475) = 0.108614. A commitment has three places: 0.108 costs 730 x (0.108 + what
/// 0.000614 of the plan cost on demand, 0.000614 / 0.55 = 0.001116) = 79.65; 0.109 costs 79.57.
#[test]
fn savings_proposes_the_commitment_that_costs_least() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("web.yaml"), SCENARIO).expect("written");
    ecsim(folder.path(), &["run", "web.yaml", "-q", "-o", "result.json"]);
    let (savings, _) = ecsim(folder.path(), &["savings", "result.json", "--format", "json"]);
    let best = &savings["plans"][0];
    assert_eq!((&best["term"], &best["payment_option"]), (&Value::from("3y"), &Value::from("no_upfront")));
    assert_eq!((&best["commitment_per_hour"], &best["monthly_cost"]), (&Value::from("0.109"), &Value::from("79.57")));
    // 4 x (0.04048 + 2 x 0.004445) x 730
    assert_eq!(savings["monthly_on_demand"], "144.16");
    assert_eq!(savings["plans"].as_array().expect("plans").len(), 2, "the book has rates of no other plan for memory");
    // 0.109 is saved from 0.109 / (0.197480) = 0.551955 of the usage on.
    let break_even = savings["break_even_usage"].as_f64().expect("a part");
    assert!((break_even - 0.551_955).abs() < 1e-6, "{break_even}");
}

/// The same plan in the scenario costs what the proposal says.
#[test]
fn a_proposal_holds_in_a_run() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("web.yaml"), SCENARIO).expect("written");
    let plans = "pricing.savings_plans=[{commitment_per_hour: \"0.109\", term: 3y}]";
    let (with, _) = ecsim(folder.path(), &["run", "web.yaml", "-q", "--format", "json", "--set", plans]);
    let (without, _) = ecsim(folder.path(), &["run", "web.yaml", "-q", "--format", "json"]);
    let month = |run: &Value| -> f64 { run["cost"]["monthly"]["mean"].as_str().expect("money").parse().expect("money") };
    assert!((month(&without) - month(&with) - (144.16 - 79.57)).abs() < 0.02, "{} {}", month(&without), month(&with));
    assert_eq!(with["cost"]["savings_plan"]["coverage"], 1);
}

/// Over replications with uncertain traffic the means keep their identities: what is used and what is not are the commitment, the
/// lines of the plan add up to it, and the lines of the bill to its window. The bytes do not depend on the threads.
#[test]
fn means_over_replications_keep_their_identities() {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = format!(
        "{}    scaling: {{min_capacity: 1, max_capacity: 9, policies: [{{name: cpu, policy_type: TargetTrackingScaling, predefined_metric_type: ECSServiceAverageCPUUtilization, target_value: 50}}]}}
uncertainty: {{traffic_scale: {{distribution: lognormal, median: 100, cv: 0.4}}, spot_price_scale: 1.1}}
pricing: {{discount: 5%, savings_plans: [{{commitment_per_hour: \"0.1\"}}, {{commitment_per_hour: \"0.05\", term: 3y}}]}}
",
        SCENARIO.replace("duration: 7d", "duration: 1d")
    );
    std::fs::write(folder.path().join("web.yaml"), scenario).expect("written");
    let bytes = |threads: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ecsim"));
        let output = command
            .current_dir(folder.path())
            .args(["run", "web.yaml", "-q", "--format", "json", "--replications", "6", "--threads", threads])
            .output()
            .expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let one = bytes("1");
    assert_eq!(one, bytes("4"));
    let run: Value = serde_json::from_slice(&one).expect("a result");
    let amount = |value: &Value| dec(value.as_str().expect("money"));
    let plan = &run["cost"]["savings_plan"];
    // 24 hours of 0.15 less 5 %.
    assert_eq!(amount(&plan["commitment"]), dec("3.42"));
    assert!((amount(&plan["used"]) + amount(&plan["unused"]) - dec("3.42")).abs() <= dec("0.01"), "{plan}");
    assert!(plan["ci95"]["used"].is_string(), "traffic differs, so does what is used: {plan}");
    let lines = run["cost"]["line_items"].as_array().expect("lines");
    let of_plans: Decimal = lines.iter().filter(|line| line["savings_plan"].is_string()).map(|line| amount(&line["cost"])).sum();
    assert!((of_plans - dec("3.42")).abs() <= dec("0.0001"), "{of_plans}");
    assert_eq!(lines.iter().map(|line| amount(&line["cost"])).sum::<Decimal>(), amount(&run["cost"]["window"]));
}
