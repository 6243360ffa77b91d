//! The months to come: their own lengths, tiers and allowances that begin anew, growth, and replications that stay what they are.

use serde_json::Value;

use crate::command_line::{Folder, at_root};

/// Two tasks of 1 vCPU and 2 GB, 0.04937 an hour each, and one request a second that sends 1 MiB out.
const STEADY: &str = "
version: 1
name: steady
region: us-east-1
simulation: {start: 2026-01-01T00:00:00Z, duration: 1d}
services:
  web:
    task_definition: {cpu: 1024, memory: 2048}
    desired_count: 2
    traffic: {constant: 1, arrivals: deterministic}
    workload: {cpu_time: 10ms, response_size: 0kB, logs_per_request: 0kB, outbound_per_request: 1MiB}
";

fn steady(arguments: &[&str]) -> Value {
    let folder = Folder::new();
    folder.put("steady.yaml", STEADY);
    folder.ecsim(&[&["calendar", "steady.yaml", "--format", "json"], arguments].concat()).code(0).json()
}

fn usd(value: &Value) -> f64 {
    value.as_str().expect("money").parse().expect("money")
}

fn costs<'a>(calendar: &'a Value, name: &str) -> Vec<&'a str> {
    calendar["months"].as_array().expect("months").iter().map(|month| month["cost"][name].as_str().expect("money")).collect()
}

/// January has 744 hours: 2 x 0.04937 x 744 = 73.46256, and 744 x 3600 MiB = 2,615.625 GB of which 100 are free: 226.40625.
/// February: 66.35328, and 2,362.5 GB: 203.625. March is as January.
#[test]
fn each_month_has_its_own_hours_and_its_own_tiers() {
    let calendar = steady(&["--months", "3"]);
    assert_eq!(costs(&calendar, "mean"), ["299.87", "269.98", "299.87"]);
    let months: Vec<(&Value, &Value, &Value)> =
        calendar["months"].as_array().expect("months").iter().map(|month| (&month["month"], &month["hours"], &month["requests"])).collect();
    let text = |index: usize| format!("{} {} {}", months[index].0, months[index].1, months[index].2);
    assert_eq!([text(0), text(1)], ["\"2026-01\" 744 2678400", "\"2026-02\" 672 2419200"]);
    // 2 x 299.86881 + 269.97828.
    assert_eq!(calendar["total"]["cost"]["mean"], "869.72");
    assert_eq!((&calendar["total"]["hours"], &calendar["total"]["cost"]["p50"]), (&Value::from(2160), &Value::Null));
    let february: Vec<(&str, &str)> = calendar["months"][1]["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .map(|group| (group["group"].as_str().expect("words"), group["mean"].as_str().expect("money")))
        .collect();
    assert_eq!(february, [("Fargate", "66.35"), ("Data transfer", "203.63")]);
}

/// A commitment of 0.05 an hour is used up in every hour: 37.20 in January, 33.60 in February.
#[test]
fn savings_plans_are_paid_by_the_hours_of_the_month() {
    let calendar = steady(&["--months", "2", "--set", "pricing.savings_plans=[{commitment_per_hour: \"0.05\"}]"]);
    let plan = |month: usize| {
        let groups = calendar["months"][month]["groups"].as_array().expect("groups");
        groups.iter().find(|group| group["group"] == "Savings Plans").expect("a plan")["mean"].clone()
    };
    assert_eq!((plan(0), plan(1)), (Value::from("37.20"), Value::from("33.60")));
}

/// Requests of a month between a and b days after the start, growing by 10 % in 30 days: the integral of 1.1^(t / 30 d).
#[test]
fn growth_goes_on_through_the_months() {
    let calendar = steady(&["--months", "3", "--set", "services.web.traffic.growth=10%"]);
    let days = [0.0, 31.0, 59.0, 90.0];
    for (index, pair) in days.windows(2).enumerate() {
        let grown = |day: f64| 1.1_f64.powf(day / 30.0);
        let expected = (grown(pair[1]) - grown(pair[0])) / 1.1_f64.ln() * 30.0 * 86_400.0;
        let requests = calendar["months"][index]["requests"].as_f64().expect("a figure");
        assert!((requests / expected - 1.0).abs() < 1e-5, "{requests} against {expected}");
    }
}

/// One growth for all months of a replication: the replications stand in the same order in every month, so here, where the cost rises
/// with the growth alone, the quantile of the sum is the sum of the quantiles. The band widens from month to month.
#[test]
fn uncertain_growth_holds_through_all_months_of_a_replication() {
    let growth = "uncertainty.growth={distribution: uniform, low: 0%, high: 30%}";
    let calendar = steady(&["--months", "4", "--replications", "12", "--set", growth]);
    for name in ["p10", "p50", "p90"] {
        let sum: f64 = costs(&calendar, name).into_iter().map(|text| text.parse::<f64>().expect("money")).sum();
        assert!((sum - usd(&calendar["total"]["cost"][name])).abs() < 0.03, "{name}: {sum}");
    }
    let (low, high) = (costs(&calendar, "p10"), costs(&calendar, "p90"));
    let widths: Vec<f64> =
        low.iter().zip(high).map(|(low, high)| high.parse::<f64>().expect("money") / low.parse::<f64>().expect("money")).collect();
    assert!(widths.windows(2).all(|pair| pair[1] > pair[0] + 0.01), "{widths:?}");
    assert_eq!(calendar["replications"], 12);
}

#[test]
fn a_start_within_a_month_begins_with_the_next() {
    let calendar = steady(&["--months", "1", "--set", "simulation.start=2026-01-05T00:00:00Z"]);
    assert_eq!((&calendar["months"][0]["month"], &calendar["start"]), (&Value::from("2026-02"), &Value::from("2026-01-05T00:00:00Z")));
    let warnings = calendar["warnings"].to_string();
    assert!(warnings.contains("from 2026-01-05T00:00:00Z to 2026-02-01T00:00:00Z is simulated and not counted"), "{warnings}");
    // The same February as one that the simulation reaches after January.
    assert_eq!(costs(&calendar, "mean"), ["269.98"]);
    // Half an hour past the full hour, the hours of the month are the calendar's all the same.
    let shifted = steady(&["--months", "1", "--set", "simulation.start=2026-01-31T20:30:00Z"]);
    assert_eq!((&shifted["months"][0]["month"], costs(&shifted, "mean")), (&Value::from("2026-02"), vec!["269.98"]));
}

/// What cannot grow further is said: two tasks of one vCPU carry 200 requests a second of 10 ms at most.
#[test]
fn a_service_at_its_limit_is_told_of() {
    let sets = [
        "services.web.traffic.constant=150",
        "services.web.traffic.growth=50%",
        "services.web.scaling={min_capacity: 1, max_capacity: 2, policies: [{name: cpu, policy_type: TargetTrackingScaling, \
         predefined_metric_type: ECSServiceAverageCPUUtilization, target_value: 50}]}",
    ];
    let arguments: Vec<&str> = sets.iter().flat_map(|set| ["--set", set]).chain(["--months", "2"]).collect();
    let warnings = steady(&arguments)["warnings"].to_string();
    assert!(warnings.contains("web: at its max_capacity for") && warnings.contains("of its requests failed"), "{warnings}");
}

#[test]
fn the_same_bytes_come_from_any_number_of_threads_in_every_form() {
    let folder = Folder::new();
    folder.put("steady.yaml", STEADY);
    let uncertain = "uncertainty.traffic_scale={distribution: lognormal, median: 1, cv: 0.2}";
    let write = |threads: &str| {
        let names = ["json", "csv", "md", "svg", "png"].map(|ending| format!("{threads}.{ending}"));
        let outputs = names.iter().flat_map(|name| ["-o", name.as_str()]);
        let arguments = ["calendar", "steady.yaml", "--months", "2", "--replications", "6", "--set", uncertain, "--threads", threads];
        folder.ecsim(&arguments.into_iter().chain(outputs).collect::<Vec<_>>()).code(0);
        names.map(|name| folder.bytes(&name))
    };
    let (one, four) = (write("1"), write("4"));
    assert!(one == four);
    let texts: Vec<String> = one[..4].iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
    assert!(texts[1].starts_with("month,hours,requests,mean,p10,p50,p90,fargate,data_transfer\n2026-01,744,"), "{}", texts[1]);
    for words in ["## steady: 2 months in us-east-1", "| Month |", "| **Total** |", "Where the money goes"] {
        assert!(texts[2].contains(words), "{words} in {}", texts[2]);
    }
    for words in ["Cost by month", "P10 to P90", "US dollars / month", "Jan", "2026", "Data transfer", "6 replications, seeds from 1 on"] {
        assert!(texts[3].contains(words), "{words}");
    }
}

/// What ends after a year is counted on after it, and that is said.
#[test]
fn offers_that_end_within_the_months_are_told_of() {
    let sets = ["--set", "pricing.free_tier=true", "--set", "pricing.savings_plans=[{commitment_per_hour: \"0.05\"}]"];
    let warnings = |months: &str| steady(&[&sets[..], &["--months", months]].concat())["warnings"].to_string();
    assert!(!warnings("12").contains("All 12 months"));
    let told = warnings("13");
    for what in ["All 13 months are priced with a Savings Plan of one year.", "with the free tier of the first twelve months."] {
        assert!(told.contains(what), "{told}");
    }
}

#[test]
fn what_makes_no_calendar_is_refused() {
    let folder = Folder::with_small();
    for months in ["0", "61", "x"] {
        folder.ecsim(&["calendar", "small.yaml", "--months", months]).code(2).says(&["--months"]);
    }
    folder.ecsim(&["calendar", "small.yaml", "-o", "bill.focus.csv"]).code(1).says(&["`ecsim calendar` writes no .focus.csv"]);
    folder.ecsim(&["calendar", "missing.yaml"]).code(1).says(&["missing.yaml"]);
}

/// The shipped scenario of a year: its table fits a screen of 100 columns, and the year costs more than twelve first months.
#[test]
fn the_finance_scenario_shows_a_year_that_grows() {
    let arguments = ["calendar", "scenarios/finance-month.yaml", "--variant", "growing", "--replications", "4"];
    let table = at_root(&arguments).code(0).out;
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
    assert_eq!(table.lines().filter(|line| line.starts_with("2026-") || line.starts_with("2027-")).count(), 12, "{table}");
    let calendar = at_root(&[&arguments[..], &["--format", "json"]].concat()).code(0).json();
    let first = usd(&calendar["months"][0]["cost"]["mean"]);
    assert!(usd(&calendar["total"]["cost"]["mean"]) > 12.0 * first);
}
