//! `savings`, `diff` and the FOCUS export on results that somebody has changed by hand: an answer or an error that names the place, never a
//! panic.

use std::path::Path;

use assert_cmd::Command;
use ecsim::plan::diff;
use ecsim::report::write_focus;
use ecsim::result::RunResult;
use serde_json::{Value, json};

const SCENARIO: &str = "
version: 1
region: us-east-1
simulation: {start: 2026-01-05T00:30:00Z, duration: 90m}
services:
  web:
    task_definition: {cpu: 1024, memory: 2048}
    desired_count: 4
    traffic: {constant: 1}
    workload: {cpu_time: 10ms, wait_time: 10ms}
pricing: {savings_plans: [{commitment_per_hour: \"0.01\"}]}
";

fn ecsim(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_ecsim")).current_dir(folder).args(args).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().expect("a code"), text(&output.stdout), text(&output.stderr))
}

fn result(folder: &Path) -> Value {
    std::fs::write(folder.join("web.yaml"), SCENARIO).expect("written");
    let (code, _, errors) = ecsim(folder, &["run", "web.yaml", "-q", "-o", "result.json"]);
    assert_eq!(code, 0, "{errors}");
    serde_json::from_slice(&std::fs::read(folder.join("result.json")).expect("read")).expect("JSON")
}

/// Half an hour and an hour of four tasks: 730 hours of 4 x (0.04048 + 2 x 0.004445), at 3y no upfront 0.108614 an hour.
#[test]
fn hours_that_the_window_holds_in_part_count_in_part() {
    let folder = tempfile::tempdir().expect("a folder");
    result(folder.path());
    let (code, out, errors) = ecsim(folder.path(), &["savings", "result.json", "--format", "json"]);
    assert_eq!(code, 0, "{errors}");
    let savings: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((&savings["hours"], &savings["monthly_on_demand"]), (&json!(1.5), &json!("144.16")));
    assert_eq!((&savings["plans"][0]["commitment_per_hour"], &savings["plans"][0]["monthly_cost"]), (&json!("0.109"), &json!("79.57")));
}

#[test]
fn rows_that_are_no_usage_are_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = result(folder.path());
    let refused = |change: &dyn Fn(&mut Value), part: &str| {
        let mut edited = good.clone();
        change(&mut edited);
        std::fs::write(folder.path().join("edited.json"), edited.to_string()).expect("written");
        let (code, _, errors) = ecsim(folder.path(), &["savings", "edited.json"]);
        assert_eq!(code, 1, "{part}: {errors}");
        assert!(errors.contains(part) && !errors.contains("panicked"), "{part}: {errors}");
    };
    let rows = "usage_hourly";
    refused(&|result| result[rows]["rows"] = json!([]), "no hours of Linux tasks on demand");
    refused(&|result| result[rows]["rows"] = json!([[]]), "a row names no hour");
    refused(&|result| result[rows]["rows"][0][3] = json!("many"), "a row is not an hour");
    refused(&|result| result[rows]["rows"][0][3] = json!(null), "a row is not an hour");
    refused(&|result| result[rows]["rows"][0] = json!(["2026-01-05T00:00:00Z", "web"]), "a row is not an hour");
    refused(&|result| result[rows]["rows"][0][3] = json!(-1), "used -1");
    refused(&|result| result[rows]["rows"][0][4] = json!(1e300), "used 1");
    refused(&|result| result[rows]["rows"][0][0] = json!("2027-01-05T00:00:00Z"), "lies outside of the window");
    refused(&|result| result[rows]["rows"][0][0] = json!("noon"), "`noon` is no point in time");
    refused(&|result| result[rows]["rows"][1][0] = json!("2026-01-05T00:00:00.5Z"), "");
    refused(&|result| result[rows]["platforms"] = json!({}), "the platform of web is missing");
    refused(&|result| result["window"]["end"] = json!("later"), "`later` is no point in time");
    refused(&|result| result["window"]["end"] = result["window"]["start"].clone(), "lies outside of the window");
    refused(&|result| result["cost"]["discount"] = json!("-7"), "the discount is `-7`");
    refused(&|result| result["cost"]["discount"] = json!("much"), "the discount is `much`");
}

/// Amounts at the edge of what a decimal can hold.
#[test]
fn absurd_amounts_make_nothing_panic() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = result(folder.path());
    let edge = |sign: &str| format!("{sign}79228162514264337593543950335");
    let edited = |sign: &str| -> RunResult {
        let mut edited = good.clone();
        edited["cost"]["monthly"]["mean"] = json!(edge(sign));
        edited["cost"]["discount"] = json!(edge(sign));
        edited["window"]["end"] = json!("2026-03-05T00:00:00Z");
        for line in edited["cost"]["line_items"].as_array_mut().expect("lines") {
            for key in ["quantity", "unit_price", "cost", "monthly_cost", "on_demand_unit_price"] {
                line[key] = json!(edge(sign));
            }
        }
        serde_json::from_value(edited).expect("a result")
    };
    let (low, high) = (edited("-"), edited(""));
    for (old, new) in [(&low, &high), (&high, &low)] {
        let document = diff(old, new);
        assert!(!ecsim::report::diff::table(&document, 100, false).is_empty());
        write_focus(new, &mut Vec::new()).expect("written");
    }
}

/// A price alone changes between windows of different lengths.
#[test]
fn windows_of_different_lengths_are_compared_by_the_second() {
    let folder = tempfile::tempdir().expect("a folder");
    result(folder.path());
    let set = ["--set", "simulation.duration=150m", "--set", "pricing.overrides={fargate.linux_x86.gb_hour: \"0.005\"}"];
    let (code, _, errors) = ecsim(folder.path(), &[&["run", "web.yaml", "-q", "-o", "longer.json"], &set[..]].concat());
    assert_eq!(code, 0, "{errors}");
    let (_, out, _) = ecsim(folder.path(), &["diff", "result.json", "longer.json", "--format", "json"]);
    let document: Value = serde_json::from_str(&out).expect("JSON");
    let change = |description: &str| {
        let lines = document["lines"].as_array().expect("lines");
        lines.iter().find(|line| line["description"] == description).unwrap_or_else(|| panic!("no {description}: {out}"))["change"].clone()
    };
    assert_eq!(change("FARGATE vCPU"), "same");
    assert_eq!(change("FARGATE memory"), "price");
}
