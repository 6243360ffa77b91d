//! What is uncertain about a month, drawn once per replication.

use assert_cmd::Command;
use serde_json::Value;

/// Two Spot tasks for a week, whatever the traffic: the bill is tasks alone.
const SPOT_ONLY: &str = "
version: 1
region: us-east-1
simulation: {duration: 7d}
spot: {interruption_rate: 0%}
services:
  web:
    task_definition: {cpu: 1024, memory: 2048}
    desired_count: 2
    capacity_provider_strategy: [{capacity_provider: FARGATE_SPOT, weight: 1}]
    traffic: {constant: 5, arrivals: deterministic}
    workload: {cpu_time: 10ms, wait_time: 10ms, logs_per_request: 0kB, response_size: 0kB}
";

fn run(sets: &[&str], replications: u32) -> (Value, String) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("spot.yaml"), SPOT_ONLY).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecsim"));
    command.current_dir(folder.path()).args(["run", "spot.yaml", "--format", "json", "--replications", &replications.to_string()]);
    sets.iter().for_each(|set| {
        command.args(["--set", set]);
    });
    let output = command.output().expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    (serde_json::from_slice(&output.stdout).expect("a result"), errors)
}

fn money(value: &Value) -> f64 {
    value.as_str().expect("money").parse().expect("money")
}

fn offered(run: &Value) -> f64 {
    run["services"]["web"]["requests"]["offered"].as_f64().expect("a figure")
}

/// A factor that is no distribution is a plain factor: twice the traffic, half the price.
#[test]
fn constant_factors_hold_in_every_replication() {
    let (plain, _) = run(&[], 1);
    assert_eq!(offered(&plain), 5.0 * 604_800.0);
    let (scaled, _) = run(&["uncertainty.traffic_scale=2", "uncertainty.spot_price_scale=0.5"], 1);
    assert_eq!(offered(&scaled), 2.0 * offered(&plain));
    let ratio = money(&scaled["cost"]["monthly"]["mean"]) / money(&plain["cost"]["monthly"]["mean"]);
    assert!((ratio - 0.5).abs() < 1e-3, "{ratio}");
    let busy = run(&["uncertainty.cpu_time_scale=3"], 1).0;
    let cpu = |run: &Value| run["services"]["web"]["cpu_utilization"]["mean"].as_f64().expect("a figure");
    // 5 requests a second of 10 ms on two vCPUs are 2.5 %.
    assert!((cpu(&plain) - 2.5).abs() < 0.01 && (cpu(&busy) - 7.5).abs() < 0.01, "{} {}", cpu(&plain), cpu(&busy));
}

/// Growth of 100 % per 30 days over a week: the mean of 2^(t / 30 d) is (2^(7/30) - 1) / (7/30 ln 2).
#[test]
fn growth_is_added_to_that_of_the_traffic() {
    let (plain, _) = run(&[], 1);
    let (grown, _) = run(&["uncertainty.growth=100%"], 1);
    let part: f64 = 7.0 / 30.0;
    let expected = (2_f64.powf(part) - 1.0) / (part * std::f64::consts::LN_2);
    assert!((offered(&grown) / offered(&plain) - expected).abs() < 1e-4);
}

/// With Spot prices between 0.8 and 1.2 times, evenly, each month is a price times the month of now. Its P10 and P90 are 0.84
/// and 1.16; quantiles of 60 draws have standard errors below 0.02.
#[test]
fn the_range_of_the_month_is_that_of_what_is_uncertain() {
    let (plain, _) = run(&[], 1);
    let base = money(&plain["cost"]["monthly"]["mean"]);
    let set = "uncertainty.spot_price_scale={distribution: uniform, low: 0.8, high: 1.2}";
    let (uncertain, _) = run(&[set], 60);
    let month = |name: &str| money(&uncertain["cost"]["monthly"][name]) / base;
    for (name, expected) in [("p10", 0.84), ("p50", 1.0), ("p90", 1.16), ("mean", 1.0)] {
        assert!((month(name) - expected).abs() < 0.08, "{name}: {}", month(name));
    }
    // One line for vCPUs and one for memory, at the mean price.
    let lines = uncertain["cost"]["line_items"].as_array().expect("lines");
    assert_eq!(lines.len(), 2, "{lines:?}");
    for line in lines {
        let product = money(&line["quantity"]) * money(&line["unit_price"]);
        assert!((product / money(&line["cost"]) - 1.0).abs() < 1e-6, "{line}");
        assert_eq!(line["estimated"], true);
    }
    assert!(!uncertain["warnings"].to_string().contains("uncertainty"), "{}", uncertain["warnings"]);
}

/// What one figure draws does not depend on the others, nor on the service.
#[test]
fn variants_meet_the_same_draws() {
    let traffic = "uncertainty.traffic_scale={distribution: lognormal, median: 1, cv: 0.15}";
    let (one, _) = run(&[traffic], 8);
    let (other, _) =
        run(&[traffic, "uncertainty.spot_price_scale={distribution: uniform, low: 0.5, high: 2}", "services.web.desired_count=5"], 8);
    assert_eq!(offered(&one), offered(&other));
    let spread = one["services"]["web"]["requests"]["ci95"]["offered"].as_f64().expect("a figure") / offered(&one);
    // Student's 2.365 x 0.15 / sqrt(8) = 0.125, within the chance of eight draws.
    assert!((0.04..0.3).contains(&spread), "{spread}");
}

#[test]
fn who_expects_a_range_is_told_what_it_takes() {
    let traffic = "uncertainty.traffic_scale={distribution: lognormal, median: 1, cv: 0.15}";
    let (alone, _) = run(&[traffic], 1);
    assert_eq!(offered(&alone), 5.0 * 604_800.0, "the median");
    assert!(alone["warnings"].to_string().contains("--replications"), "{}", alone["warnings"]);
    let (certain, _) = run(&[], 2);
    assert!(certain["warnings"].to_string().contains("name what is uncertain"), "{}", certain["warnings"]);
}

/// `estimate` prices the medians as a single run does: twice the traffic is twice the logs, and Spot at half its price is half.
#[test]
fn an_estimate_takes_the_medians() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("spot.yaml"), SPOT_ONLY).expect("written");
    let lines = |sets: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ecsim"));
        command.current_dir(folder.path()).args([
            "estimate",
            "spot.yaml",
            "--format",
            "json",
            "--set",
            "services.web.workload.logs_per_request=1kB",
        ]);
        sets.iter().for_each(|set| {
            command.args(["--set", set]);
        });
        let output = command.output().expect("it runs");
        let document: Value = serde_json::from_slice(&output.stdout).expect("an estimate");
        let cost = |product: &str| -> f64 {
            let items = document["levels"][1]["cost"]["line_items"].as_array().expect("lines").clone();
            items.iter().filter(|line| line["product"] == product).map(|line| money(&line["monthly_cost"])).sum()
        };
        (cost("Fargate"), cost("CloudWatch Logs"), document["warnings"].to_string())
    };
    let (tasks, logs, warnings) = lines(&[]);
    assert!(logs > 1.0 && !warnings.contains("uncertainty"), "{logs} {warnings}");
    let uncertain = ["uncertainty.traffic_scale={distribution: lognormal, median: 2, cv: 0.3}", "uncertainty.spot_price_scale=0.5"];
    let (half, double, warnings) = lines(&uncertain);
    assert!((half / tasks - 0.5).abs() < 1e-4 && (double / logs - 2.0).abs() < 1e-4, "{half} {tasks} {double} {logs}");
    assert!(warnings.contains("median"), "{warnings}");
}

/// `explain` tells of the traffic that a run has: eight times as much makes the service grow.
#[test]
fn an_explanation_is_that_of_the_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let scaling = "
    scaling:
      min_capacity: 2
      max_capacity: 9
      policies: [{name: cpu, policy_type: TargetTrackingScaling, predefined_metric_type: ECSServiceAverageCPUUtilization, target_value: 60}]
";
    let text = SPOT_ONLY.replace("duration: 7d", "duration: 2h").replace("constant: 5", "constant: 40").trim_end().to_owned() + scaling;
    std::fs::write(folder.path().join("grows.yaml"), text).expect("written");
    let outcomes = |set: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_ecsim"))
            .current_dir(folder.path())
            .args(["explain", "grows.yaml", "--format", "json", "--set", set])
            .output()
            .expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let document: Value = serde_json::from_slice(&output.stdout).expect("an explanation");
        document["decisions"].to_string().matches("ScaledOut").count()
    };
    assert_eq!(outcomes("uncertainty.traffic_scale=1"), 0);
    assert!(outcomes("uncertainty.traffic_scale=8") > 0);
}
