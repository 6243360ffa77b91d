//! Thresholds and reports against a saved result, verdicts as JUnit, and saved results rendered again.

use ecsim::result::judge;
use ecsim::scenario::model::{Comparison, Threshold};
use serde_json::Value;

use crate::command_line::{Folder, SMALL};
use crate::result::{built, judged, threshold};

/// A threshold on a part of the baseline and something more.
fn relative(path: &str, comparison: Comparison, part: f64, more: f64) -> Threshold {
    Threshold { of_baseline: Some(part), ..threshold(path, comparison, more) }
}

#[test]
fn a_bound_is_a_part_of_the_baselines_figure() {
    let mut baseline = built(&[]);
    baseline.cost.monthly.mean = "20.00".to_owned();
    let mut result = built(&[]);
    result.cost.monthly.mean = "22.00".to_owned();
    let cases = [
        // 1.1 x 20 = 22: not more than 10 % dearer.
        (relative("monthly_cost", Comparison::LessOrEqual, 1.1, 0.0), true, 22.0),
        (relative("monthly_cost", Comparison::Less, 1.05, 0.0), false, 21.0),
        (relative("monthly_cost", Comparison::LessOrEqual, 1.0, 3.0), true, 23.0),
        (relative("monthly_cost", Comparison::GreaterOrEqual, 1.0, 2.5), false, 22.5),
    ];
    for (threshold, ok, bound) in cases {
        judge(&mut result, std::slice::from_ref(&threshold), Some(&baseline)).expect("both have the figure");
        let verdict = &result.thresholds[0];
        assert_eq!((verdict.ok, verdict.baseline.as_ref()), (ok, Some(&Value::from("20.00"))), "{threshold:?}");
        assert!((verdict.bound.expect("a bound").0 - bound).abs() < 1e-9, "{verdict:?}");
    }
}

#[test]
fn without_a_baseline_or_its_figure_there_is_an_error_and_without_its_data_a_failure() {
    let asked = [relative("services.web.latency_p99", Comparison::LessOrEqual, 1.1, 0.0)];
    let error = judged(&asked, None).expect_err("no baseline").to_string();
    assert!(error.contains("none is given") && error.contains("--baseline"), "{error}");
    let mut baseline = built(&[]);
    baseline.services.0[0].1.latency_seconds.p99 = None;
    let verdict = judged(&asked, Some(&baseline)).expect("a figure without data").thresholds.remove(0);
    assert_eq!((verdict.ok, verdict.baseline, verdict.bound), (false, Some(Value::Null), None));
    baseline.services.0[0].0 = "other".to_owned();
    let error = judged(&asked, Some(&baseline)).expect_err("no such service").to_string();
    assert!(error.contains("no figure of the baseline"), "{error}");
}

/// Results of the small scenario and of its larger variant.
fn saved() -> Folder {
    let folder = Folder::with_small();
    folder.ecsim(&["run", "small.yaml", "-o", "old.json"]).code(0);
    folder.ecsim(&["run", "small.yaml", "--variant", "larger", "-o", "new.json"]).code(0);
    folder
}

#[test]
fn a_run_is_told_and_judged_against_a_saved_result() {
    let folder = saved();
    let run = |threshold: &str, more: &[&str]| {
        let set = format!("thresholds=[{threshold}]");
        folder.ecsim(&[&["run", "small.yaml", "--variant", "larger", "--baseline", "old.json", "--set", &set], more].concat())
    };
    let shown = run("monthly_cost <= baseline + 10%", &[]).code(3).out;
    // Two tasks of a quarter vCPU and half a GB became four: twice the month.
    for part in ["Against the baseline, small", "(+100.0 %)", "FAILED", "monthly_cost <= baseline + 10%", "Baseline"] {
        assert!(shown.contains(part), "`{part}` is not in {shown}");
    }
    run("monthly_cost <= 200.1% of baseline", &[]).code(0);
    run("services.app.latency_p99 <= baseline + 1ms", &[]).code(0);
    let document = run("services.app.latency_p99 <= baseline", &["--format", "json"]).code(0).json();
    let old: Value = serde_json::from_slice(&folder.bytes("old.json")).unwrap();
    assert_eq!(document["thresholds"][0]["baseline"], old["services"]["app"]["latency_seconds"]["p99"]);
    folder.ecsim(&["run", "small.yaml", "--set", "thresholds=[monthly_cost <= baseline]", "-o", "never.json"]).code(1).says(&[
        "--set thresholds",
        "compares with a baseline, and none is given",
        "--baseline RESULT.json",
    ]);
    assert!(!folder.names().contains(&"never.json".to_owned()));
    folder.ecsim(&["run", "small.yaml", "--baseline", "old.json", "-o", "old.json"]).code(1).says(&["is an input of this run"]);
    folder.ecsim(&["run", "small.yaml", "--baseline", "none.json"]).code(1).says(&["none.json: cannot be read"]);
}

#[test]
fn a_bound_in_another_unit_is_refused_with_what_to_write() {
    let folder = Folder::with_small();
    for (threshold, parts) in [
        ("services.app.latency_p99 < 300", ["`300` has no unit", "write 300ms or 300s"]),
        ("services.app.availability >= 99.9", ["a part of one", "write 99.9%"]),
        ("monthly_cost < 300ms", ["an amount of US dollars", "write it like 900 or $900"]),
        ("monthly_cost < baseline x 2", ["none of `baseline`", "`110% of baseline`"]),
    ] {
        folder.put("wrong.yaml", &format!("{SMALL}thresholds:\n  - {threshold}\n"));
        folder.ecsim(&["run", "wrong.yaml"]).code(1).says(&["wrong.yaml:15:", "thresholds.0"]).says(&parts);
    }
}

#[test]
fn junit_has_a_test_case_for_each_threshold() {
    let folder = Folder::with_small();
    let set = "thresholds=[monthly_cost < 1, services.app.availability >= 99%]";
    folder.ecsim(&["run", "small.yaml", "--set", set, "-o", "verdicts.junit.xml"]).code(3);
    let report = quick_junit::Report::deserialize_from_str(&String::from_utf8(folder.bytes("verdicts.junit.xml")).unwrap()).unwrap();
    assert_eq!((report.tests, report.failures, report.errors), (3, 1, 0));
    let suite = &report.test_suites[0];
    let names: Vec<&str> = suite.test_cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!((suite.name.as_str(), names), ("small", vec!["simulation", "monthly_cost < 1", "services.app.availability >= 99%"]));
    let quick_junit::TestCaseStatus::NonSuccess { message: Some(message), .. } = &suite.test_cases[1].status else {
        panic!("{:?}", suite.test_cases[1].status)
    };
    assert!(message.as_str().starts_with("monthly_cost < 1 is not met: the value is "), "{message:?}");
    folder.ecsim(&["compare", "small.yaml", "--set", set, "-o", "all.junit.xml"]).code(3);
    let report = quick_junit::Report::deserialize_from_str(&String::from_utf8(folder.bytes("all.junit.xml")).unwrap()).unwrap();
    let suites: Vec<&str> = report.test_suites.iter().map(|suite| suite.name.as_str()).collect();
    assert_eq!((report.tests, suites), (9, vec!["small: (base)", "small: larger", "small: smaller"]));
    folder.ecsim(&["explain", "small.yaml", "-o", "why.junit.xml"]).code(1).says(&["why.junit.xml", "writes no .junit.xml"]);
}

#[test]
fn a_saved_result_is_rendered_to_the_same_bytes() {
    let folder = Folder::new();
    // Several replications, a balancer, a service level and a target, so that every part of a chart has something to show.
    let scenario = SMALL.replace(
        "    desired_count: 2\n",
        "    load_balancer: {}\n    slo: {latency: 300ms}\n    capacity_provider_strategy: [{capacity_provider: FARGATE, weight: 1}, {capacity_provider: FARGATE_SPOT, weight: 1}]\n    scaling:\n      min_capacity: 2\n      max_capacity: 4\n      policies: [{name: cpu, policy_type: TargetTrackingScaling, predefined_metric_type: ECSServiceAverageCPUUtilization, target_value: 50}]\n",
    );
    folder.put("run.yaml", &scenario);
    for replications in ["1", "3"] {
        let names = |prefix: &str| ["json", "csv", "focus.csv", "svg", "png", "md", "junit.xml"].map(|ending| format!("{prefix}.{ending}"));
        let mut arguments = vec!["run", "run.yaml", "--replications", replications, "--set", "thresholds=[monthly_cost < 900]"];
        let of_run = names("run");
        of_run.iter().for_each(|name| arguments.extend(["-o", name]));
        let table = folder.ecsim(&arguments).code(0).out;
        let mut arguments = vec!["report", "run.json"];
        let of_report = names("report");
        of_report.iter().for_each(|name| arguments.extend(["-o", name]));
        assert_eq!(folder.ecsim(&arguments).code(0).says(&["wrote report.svg"]).out, table);
        for (one, other) in of_run.iter().zip(&of_report) {
            assert!(folder.bytes(one) == folder.bytes(other), "{one} of {replications}");
        }
    }
    let drawing = String::from_utf8(folder.bytes("report.svg")).unwrap();
    for words in ["Fargate Spot", "Load balancing", "the first of 3 replications"] {
        assert!(drawing.contains(words), "{words}");
    }
}

#[test]
fn a_report_against_a_baseline_is_that_of_the_run() {
    let folder = saved();
    folder.ecsim(&["run", "small.yaml", "--variant", "larger", "--baseline", "old.json", "-o", "run.md"]).code(0);
    folder.ecsim(&["report", "new.json", "--baseline", "old.json", "-o", "report.md"]).code(0);
    let comment = String::from_utf8(folder.bytes("report.md")).unwrap();
    assert_eq!(comment.as_bytes(), folder.bytes("run.md"));
    assert!(comment.starts_with("<!-- ecsim:run:small:larger -->\n## small, variant larger\n"), "{comment}");
    for part in ["### Against the baseline, small", "<details>\n<summary>Cost</summary>\n\n| Item |", "\n</details>\n"] {
        assert!(comment.contains(part), "`{part}` is not in {comment}");
    }
    let changed = folder.ecsim(&["diff", "old.json", "new.json", "--format", "markdown"]).code(0).out;
    assert!(changed.starts_with("<!-- ecsim:diff:small:larger -->\n## From small"), "{changed}");
}

#[test]
fn what_is_no_result_of_this_form_is_refused() {
    let folder = saved();
    let text = String::from_utf8(folder.bytes("old.json")).unwrap();
    folder.put(
        "later.json",
        &text
            .replace("\"schema_version\": 1", "\"schema_version\": 2")
            .replace("\"ecsim_version\": \"0.1.0\"", "\"ecsim_version\": \"9.0\""),
    );
    folder.put("broken.json", &text[..text.len() / 2]);
    folder.put("other.json", "{\"a\": 1}");
    folder.ecsim(&["compare", "small.yaml", "-o", "comparison.json"]).code(0);
    folder.ecsim(&["run", "small.yaml", "-o", "kept.json"]).code(0);
    let lacking = text.replace("\"resolution_seconds\"", "\"resolution\"");
    folder.put("lacking.json", &lacking);
    for (name, parts) in [
        ("later.json", ["is a result of schema version 2, written by ecsim 9.0", "render it with the ecsim that wrote it"]),
        ("broken.json", ["broken.json:", "is no result of ecsim"]),
        ("other.json", ["is no result of ecsim: missing field", "ecsim run SCENARIO -o result.json"]),
        ("comparison.json", ["is a comparison, which holds several results", "-o of `ecsim compare`"]),
        ("lacking.json", ["lacking.json:", "missing field `resolution_seconds`"]),
        ("missing.json", ["missing.json: cannot be read", "check the path"]),
    ] {
        folder.ecsim(&["report", name]).code(1).says(&parts);
        folder.ecsim(&["run", "small.yaml", "--baseline", name]).code(1).says(&parts);
    }
    let comparison: Value = serde_json::from_slice(&folder.bytes("comparison.json")).unwrap();
    folder.put("part.json", &comparison["runs"][0]["result"].to_string());
    folder.ecsim(&["report", "part.json", "-o", "part.svg"]).code(1).says(&["part.svg: the result cannot be drawn: it holds no timeline"]);
    folder.ecsim(&["report", "part.json", "-o", "part.md"]).code(0);
    folder.ecsim(&["report", "old.json", "-o", "old.json"]).code(1).says(&["is an input of this run"]);
    folder.ecsim(&["report", "old.json", "-o", "old.jsonl"]).code(1).says(&["writes no .jsonl"]);
}
