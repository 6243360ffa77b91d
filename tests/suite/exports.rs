//! The bill as other tools read it: FOCUS 1.2, and what changed between two results.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::command_line::Folder;
use crate::prices::dec;

/// A week around the end of January 2026: three days in it, four in February.
const SCENARIO: &str = "
version: 1
name: shop
region: us-east-1
simulation: {start: 2026-01-29T00:00:00Z, duration: 7d}
network: {nat_gateways: 1}
spot: {interruption_rate: 0%}
services:
  web:
    task_definition: {cpu: 1024, memory: 2048}
    desired_count: 4
    capacity_provider_strategy: [{capacity_provider: FARGATE, weight: 1}, {capacity_provider: FARGATE_SPOT, weight: 1}]
    load_balancer: {}
    traffic: {constant: 5, arrivals: deterministic}
    workload: {cpu_time: 10ms, wait_time: 10ms}
pricing: {discount: 10%, savings_plans: [{commitment_per_hour: \"0.2\"}]}
";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.put("shop.yaml", SCENARIO);
    folder
}

/// What a command prints that ends well.
fn printed(folder: &Folder, args: &[&str]) -> String {
    folder.ecsim(args).code(0).out
}

fn json(folder: &Folder, args: &[&str]) -> Value {
    folder.ecsim(&[args, &["--format", "json"]].concat()).code(0).json()
}

/// A FOCUS file as rows by column.
struct Focus {
    columns: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

impl Focus {
    fn read(folder: &Folder) -> Self {
        let mut reader = csv::Reader::from_path(folder.path().join("bill.focus.csv")).expect("readable");
        let columns = reader.headers().expect("a heading").iter().map(str::to_owned).collect();
        Self { columns, rows: reader.records().collect::<Result<_, _>>().expect("rows") }
    }

    fn get<'a>(&self, row: &'a csv::StringRecord, column: &str) -> &'a str {
        let place = self.columns.iter().position(|known| known == column).unwrap_or_else(|| panic!("no column {column}"));
        &row[place]
    }

    fn sum(&self, column: &str) -> Decimal {
        self.rows.iter().map(|row| dec(self.get(row, column))).sum()
    }
}

#[test]
fn billed_and_effective_costs_add_up_to_the_window() {
    let folder = folder();
    let run = json(&folder, &["run", "shop.yaml", "-o", "bill.focus.csv"]);
    let focus = Focus::read(&folder);
    let window = dec(run["cost"]["window"].as_str().expect("money"));
    assert_eq!((focus.sum("BilledCost"), focus.sum("EffectiveCost")), (window, window));
    // 168 hours of 0.2 less 10 %.
    let purchases: Vec<_> = focus.rows.iter().filter(|row| focus.get(row, "ChargeCategory") == "Purchase").collect();
    assert_eq!(purchases.iter().map(|row| dec(focus.get(row, "BilledCost"))).sum::<Decimal>(), dec("30.24"));
    let (list, contracted) = (focus.sum("ListCost"), focus.sum("ContractedCost"));
    assert!((list * dec("0.9") - contracted).abs() < dec("0.0001"), "{list} {contracted}");
}

/// FOCUS 1.2: values that the specification allows, periods that lie in their billing period, and what must not be empty.
#[test]
fn rows_obey_the_specification() {
    let folder = folder();
    json(&folder, &["run", "shop.yaml", "-o", "bill.focus.csv"]);
    let focus = Focus::read(&folder);
    assert_eq!(focus.columns.len(), 57 + 3 + 6, "of FOCUS, of AWS, of ecsim");
    assert!(focus.columns[60..].iter().all(|column| column.starts_with("x_")));
    for row in &focus.rows {
        let get = |column: &str| focus.get(row, column);
        for column in
            ["BillingAccountId", "BillingCurrency", "ChargeCategory", "ChargeFrequency", "ProviderName", "ServiceCategory", "ServiceName"]
        {
            assert!(!get(column).is_empty(), "{column}: {row:?}");
        }
        assert!(["Usage", "Purchase"].contains(&get("ChargeCategory")));
        assert!(["Standard", "Dynamic", "Committed"].contains(&get("PricingCategory")));
        let [billing_start, start, end, billing_end] =
            ["BillingPeriodStart", "ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodEnd"].map(|column| get(column).to_owned());
        assert!(billing_start <= start && start < end && end <= billing_end, "{row:?}");
        assert_eq!(get("x_IsSimulated"), "true");
        let status = get("CommitmentDiscountStatus");
        assert!(status.is_empty() || get("CommitmentDiscountId").contains("1y no upfront"), "{row:?}");
    }
    let january: Vec<_> = focus.rows.iter().filter(|row| focus.get(row, "BillingPeriodStart") == "2026-01-01T00:00:00Z").collect();
    assert_eq!(january.len() * 2, focus.rows.len(), "each line has a row in either month");
    let vcpu = january.iter().find(|row| focus.get(row, "SkuMeter") == "USE1-SpotUsage-Fargate-vCPU-Hours:perCPU").expect("a row");
    // Two Spot tasks of one vCPU for three days.
    assert_eq!((focus.get(vcpu, "ConsumedQuantity"), focus.get(vcpu, "PricingCategory")), ("144", "Dynamic"));
}

/// FOCUS 1.2: list and contracted prices leave commitments out and come out with their quantity; what a plan covers is committed,
/// its purchase is not. The prices are those on demand in us-east-1, the discount 10 %.
#[test]
fn prices_leave_commitments_out() {
    let folder = folder();
    json(&folder, &["run", "shop.yaml", "-o", "bill.focus.csv"]);
    let focus = Focus::read(&folder);
    let mut seen = [0; 3];
    for row in &focus.rows {
        let get = |column: &str| focus.get(row, column);
        for (cost, price) in [("ListCost", "ListUnitPrice"), ("ContractedCost", "ContractedUnitPrice")] {
            if !get(price).is_empty() && get("ChargeDescription") != "internet egress, free allowance" {
                let difference = dec(get(cost)) - dec(get(price)) * dec(get("PricingQuantity"));
                assert!(difference.abs() < dec("0.00001"), "{cost}: {row:?}");
            }
        }
        match (get("ChargeCategory"), get("CommitmentDiscountStatus")) {
            ("Purchase", _) => {
                assert_eq!((get("PricingCategory"), get("ListUnitPrice"), get("ContractedUnitPrice")), ("Standard", "1", "0.9"));
                seen[0] += 1;
            }
            (_, "Used") => {
                let prices = if get("ConsumedUnit") == "GB-Hours" { ("0.004445", "0.0040005") } else { ("0.04048", "0.036432") };
                assert_eq!((get("ListUnitPrice"), get("ContractedUnitPrice"), get("PricingCategory")), (prices.0, prices.1, "Committed"));
                assert!(dec(get("EffectiveCost")) < dec(get("ContractedCost")) && dec(get("BilledCost")).is_zero(), "{row:?}");
                seen[1] += 1;
            }
            (_, "Unused") => {
                assert!(get("PricingQuantity").is_empty() && dec(get("ContractedCost")).is_zero(), "{row:?}");
                seen[2] += 1;
            }
            _ => {}
        }
    }
    assert!(seen.iter().all(|rows| *rows > 0), "{seen:?}");
}

/// Lines that a plan covers have two fields more than others; every row of the bill as CSV has all columns.
#[test]
fn a_bill_with_plans_is_written_as_csv() {
    let folder = folder();
    let text = printed(&folder, &["run", "shop.yaml", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns: Vec<String> = reader.headers().expect("a heading").iter().map(str::to_owned).collect();
    let place = |name: &str| columns.iter().position(|column| column == name).expect("a column");
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("rows of one length");
    let covered = rows.iter().find(|row| row[place("description")].starts_with("FARGATE memory, Savings Plan")).expect("a covered line");
    assert_eq!((&covered[place("savings_plan")], &covered[place("on_demand_unit_price")]), ("1y no upfront", "0.0040005"));
    let nat = rows.iter().find(|row| &row[place("description")] == "NAT gateways").expect("a line");
    assert_eq!((&nat[place("savings_plan")], &nat[place("on_demand_unit_price")]), ("", ""));
}

#[test]
fn an_explanation_has_no_focus_export() {
    let folder = folder();
    folder.ecsim(&["explain", "shop.yaml", "-o", "bill.focus.csv"]).code(1).says(&["writes no .focus.csv"]);
}

/// Six tasks instead of four are one more with either provider. On demand a task's month
/// costs 730 x (0.04048 + 2 x 0.004445), less 10 %: 32.436090.
#[test]
fn a_diff_names_what_changes() {
    let folder = folder();
    let without_plan = "pricing.savings_plans=[]";
    printed(&folder, &["run", "shop.yaml", "-q", "--set", without_plan, "-o", "old.json"]);
    printed(&folder, &["run", "shop.yaml", "-q", "--set", without_plan, "--set", "services.web.desired_count=6", "-o", "new.json"]);
    let diff = json(&folder, &["diff", "old.json", "new.json"]);
    let line = |description: &str| {
        let lines = diff["lines"].as_array().expect("lines");
        lines.iter().find(|line| line["description"] == description).unwrap_or_else(|| panic!("no {description}")).clone()
    };
    let change = |description: &str| dec(line(description)["monthly_change"].as_str().expect("money"));
    assert_eq!(line("FARGATE vCPU")["change"], "quantity");
    assert!((change("FARGATE vCPU") + change("FARGATE memory") - dec("32.44")).abs() <= dec("0.01"), "{diff}");
    assert_eq!(line("NAT gateways")["change"], "same");
    let total = dec(diff["monthly_change"].as_str().expect("money"));
    let of = |side: &str| dec(diff[side]["monthly"].as_str().expect("money"));
    assert_eq!(total, of("new") - of("old"));
    let of_lines: Decimal =
        diff["lines"].as_array().expect("lines").iter().map(|line| dec(line["monthly_change"].as_str().expect("money"))).sum();
    assert!((of_lines - total).abs() <= dec("0.05"), "{of_lines} {total}");
    let tasks = &diff["services"][0]["figures"][4];
    assert_eq!((&tasks["path"], &tasks["old"], &tasks["new"]), (&Value::from("running_tasks.mean"), &Value::from(4), &Value::from(6)));
    let text = printed(&folder, &["diff", "old.json", "new.json"]);
    assert!(text.contains("FARGATE vCPU") && !text.contains("NAT gateways") && text.contains("stay the same"), "{text}");
    assert!(printed(&folder, &["diff", "old.json", "new.json", "--format", "markdown"]).contains("| web"));
}

#[test]
fn a_diff_tells_prices_from_quantities() {
    let folder = folder();
    printed(&folder, &["run", "shop.yaml", "-q", "-o", "old.json"]);
    let price = "pricing.overrides={nat.hour: \"0.05\"}";
    printed(&folder, &["run", "shop.yaml", "-q", "--set", price, "--set", "pricing.savings_plans=[]", "-o", "new.json"]);
    let diff = json(&folder, &["diff", "old.json", "new.json"]);
    let change = |description: &str| {
        let lines = diff["lines"].as_array().expect("lines");
        lines.iter().find(|line| line["description"] == description).unwrap_or_else(|| panic!("no {description}"))["change"].clone()
    };
    assert_eq!(change("NAT gateways"), "price");
    assert_eq!(change("FARGATE memory, Savings Plan 1y no upfront"), "removed");
    let same = json(&folder, &["diff", "old.json", "old.json"]);
    assert!(same["lines"].as_array().expect("lines").iter().all(|line| line["change"] == "same"));
    assert_eq!((&same["monthly_change"], &same["warnings"]), (&Value::from("0.00"), &serde_json::json!([])));
}

#[test]
fn what_is_no_result_is_refused() {
    let folder = folder();
    folder.ecsim(&["savings", "shop.yaml"]).code(1).says(&["no result of ecsim"]);
    folder.ecsim(&["diff", "none.json", "shop.yaml"]).code(1).says(&["none.json"]);
}
