//! `ecsim compare`: the same seeds for every run, differences seed by seed, and what it says where chance explains them.

use serde_json::Value;

use crate::command_line::{Folder, SMALL, at_root};

/// A small service whose figures vary with the seed, with a variant that changes nothing, one that does, and thresholds.
fn noisy() -> Folder {
    let folder = Folder::new();
    let changed = SMALL
        .replace("{constant: 5}", "{constant: 10}")
        .replace("{duration: 2h}", "{duration: 2h, fidelity: request}")
        .replace("variants:", "variants:\n  same: {name: small}");
    folder.put("noisy.yaml", &changed);
    folder
}

fn compared(folder: &Folder, more: &[&str]) -> Value {
    folder.ecsim(&[&["compare", "noisy.yaml", "--format", "json"], more].concat()).code(0).json()
}

fn difference<'a>(comparison: &'a Value, variant: &str, path: &str) -> &'a Value {
    let differences = comparison["differences"].as_array().expect("a list");
    differences.iter().find(|found| found["variant"] == variant && found["path"] == path).unwrap_or_else(|| panic!("{variant} {path}"))
}

#[test]
fn variants_that_are_alike_differ_by_exactly_zero_and_cannot_be_told_apart() {
    let comparison = compared(&noisy(), &["--replications", "4"]);
    assert_eq!((&comparison["baseline"], &comparison["runs"][0]["variant"]), (&Value::Null, &Value::Null));
    let of_same: Vec<&Value> = comparison["differences"].as_array().unwrap().iter().filter(|found| found["variant"] == "same").collect();
    assert!(of_same.len() > 30, "{}", of_same.len());
    for found in of_same {
        let is_zero = |value: &Value| value == &Value::from(0) || value == "0.00";
        assert!(is_zero(&found["mean"]) && is_zero(&found["ci95"]) && found["distinguishable"] == false, "{found}");
    }
    let latency = difference(&comparison, "larger", "services.app.latency_seconds.p99");
    assert!(latency["mean"].as_f64().unwrap() < 0.0 && latency["distinguishable"] == true, "{latency}");
}

#[test]
fn a_difference_is_the_mean_over_seeds_of_one_run_less_the_other() {
    let folder = noisy();
    let comparison = compared(&folder, &["--replications", "3", "--seed", "5"]);
    let p99 = |seed: u32, more: &[&str]| {
        let seed = seed.to_string();
        let run = folder.ecsim(&[&["run", "noisy.yaml", "--format", "json", "--seed", &seed], more].concat()).code(0).json();
        run["services"]["app"]["latency_seconds"]["p99"].as_f64().unwrap()
    };
    let differences: Vec<f64> = (5..8).map(|seed| p99(seed, &["--variant", "larger"]) - p99(seed, &[])).collect();
    let mean = differences.iter().sum::<f64>() / 3.0;
    let squares: f64 = differences.iter().map(|difference| (difference - mean).powi(2)).sum();
    // Student's 97.5 % quantile for two degrees of freedom is 4.302653; s^2 = squares / 2.
    let half_width = 4.302_653 * (squares / 2.0 / 3.0).sqrt();
    let found = difference(&comparison, "larger", "services.app.latency_seconds.p99");
    assert!((found["mean"].as_f64().unwrap() / mean - 1.0).abs() < 1e-5, "{found} and {mean}");
    assert!((found["ci95"].as_f64().unwrap() / half_width - 1.0).abs() < 1e-4, "{found} and {half_width}");
}

#[test]
fn costs_are_relative_to_the_cheapest_or_to_the_baseline_that_is_named() {
    let folder = noisy();
    let relative = |more: &[&str]| {
        let comparison = compared(&folder, more);
        let runs = comparison["runs"].as_array().unwrap().iter();
        runs.map(|run| (run["variant"].as_str().unwrap_or("(base)").to_owned(), run["relative_cost"].as_f64().unwrap())).collect::<Vec<_>>()
    };
    // Two, four and one task around the clock; traffic costs nothing here, so the bill is that of the tasks.
    let names = |found: &[(String, f64)]| found.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let all = relative(&[]);
    assert_eq!(names(&all), ["(base)", "same", "larger", "smaller"]);
    for ((_, found), wanted) in all.iter().zip([2.0, 2.0, 4.0, 1.0]) {
        assert!((found - wanted).abs() < 1e-5, "{all:?}");
    }
    let named = relative(&["--baseline", "larger", "--variant", "larger,larger+smaller"]);
    assert_eq!(names(&named), ["(base)", "larger", "larger+smaller"]);
    for ((_, found), wanted) in named.iter().zip([0.5, 1.0, 0.25]) {
        assert!((found - wanted).abs() < 1e-5, "{named:?}");
    }
}

#[test]
fn one_replication_has_no_interval_and_says_so() {
    let folder = noisy();
    let comparison = compared(&folder, &["--variant", "larger"]);
    let found = difference(&comparison, "larger", "monthly_cost");
    assert_eq!((&found["ci95"], &found["distinguishable"]), (&Value::Null, &Value::Null));
    let shown = folder.ecsim(&["compare", "noisy.yaml", "--variant", "larger"]).code(0).out;
    assert!(shown.contains("no interval") && shown.contains("--replications 16") && !shown.contains('±'), "{shown}");
}

#[test]
fn files_are_compared_with_the_first_on_its_seeds() {
    let folder = noisy();
    let other = String::from_utf8(folder.bytes("noisy.yaml")).unwrap().replace("fidelity: request}", "fidelity: request, seed: 9}");
    folder.put("other.yaml", &other);
    folder.put("busy.yaml", &other.replace("constant: 10", "constant: 15"));
    let arguments = ["compare", "noisy.yaml", "other.yaml", "busy.yaml", "--replications", "2", "--format", "json"];
    let ended = folder.ecsim(&arguments).code(0).says(&["other.yaml takes the seed 1", "busy.yaml has other traffic than the baseline"]);
    let comparison = ended.json();
    assert_eq!((&comparison["baseline"], &comparison["runs"][1]["variant"]), (&Value::from("noisy.yaml"), &Value::from("other.yaml")));
    assert_eq!(comparison["runs"][1]["result"]["seed"], 1);
    assert_eq!(difference(&comparison, "other.yaml", "services.app.latency_seconds.p99")["mean"], 0, "the same but for its seed");
}

#[test]
fn a_comparison_has_the_same_bytes_on_any_number_of_threads_and_in_every_form() {
    let folder = noisy();
    let names = |threads: &str| ["json", "csv", "md", "svg", "png", "junit.xml"].map(|ending| format!("{threads}.{ending}"));
    for threads in ["1", "3"] {
        let mut arguments = vec!["compare", "noisy.yaml", "--replications", "3", "--threads", threads];
        let names = names(threads);
        names.iter().for_each(|name| arguments.extend(["-o", name]));
        folder.ecsim(&arguments).code(0);
    }
    for (one, other) in names("1").iter().zip(names("3")) {
        assert_eq!(folder.bytes(one), folder.bytes(&other), "{one}");
    }
    let beginnings: [&[u8]; 6] =
        [b"{", b"variant,service,monthly_cost,", b"<!-- ecsim:compare:small -->\n## small", b"<svg", b"\x89PNG\r\n", b"<?xml"];
    for (name, beginning) in names("1").iter().zip(beginnings) {
        assert!(folder.bytes(name).starts_with(beginning), "{name}");
    }
    let rows = csv::Reader::from_reader(folder.bytes("1.csv").as_slice()).records().map(Result::unwrap).count();
    assert_eq!(rows, 4, "one for each run and service");
    let drawing = String::from_utf8(folder.bytes("1.svg")).unwrap();
    for words in ["Cost of a month", "Latency p99 of app", "(base)", "larger", "95 % confidence intervals"] {
        assert!(drawing.contains(words), "{words}");
    }
    folder.ecsim(&["compare", "noisy.yaml", "-o", "bill.focus.csv"]).code(1).says(&["bill.focus.csv", "writes no .focus.csv"]);
}

#[test]
fn the_json_of_a_comparison_obeys_its_schema() {
    let schema = at_root(&["schema", "compare"]).code(0).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for more in [&["--replications", "2", "--set", "thresholds=[monthly_cost < 900]"][..], &[]] {
        let found = compared(&noisy(), more);
        let faults: Vec<String> = validator.iter_errors(&found).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{faults:?}");
    }
    assert!(!validator.is_valid(&serde_json::json!({"baseline": null, "runs": [{}], "differences": [], "warnings": []})));
}

#[test]
fn a_threshold_of_any_run_decides_and_may_compare_with_the_baseline() {
    let folder = noisy();
    let ended = |threshold: &str, more: &[&str]| {
        let set = format!("thresholds=[{threshold}]");
        folder.ecsim(&[&["compare", "noisy.yaml", "--variant", "larger", "--format", "json", "--set", &set], more].concat())
    };
    // Twice the tasks cost twice as much.
    let comparison = ended("monthly_cost <= 210% of baseline", &[]).code(0).json();
    let verdict = &comparison["runs"][1]["result"]["thresholds"][0];
    let (own, of_baseline) =
        (&comparison["runs"][1]["result"]["cost"]["monthly"]["mean"], &comparison["runs"][0]["result"]["cost"]["monthly"]["mean"]);
    assert_eq!((&verdict["value"], &verdict["baseline"], &verdict["ok"]), (own, of_baseline, &Value::from(true)));
    let comparison = ended("monthly_cost <= baseline + 10%", &[]).code(3).json();
    let ok = |run: usize| comparison["runs"][run]["result"]["thresholds"][0]["ok"].clone();
    assert_eq!((ok(0), ok(1)), (true.into(), false.into()), "the baseline is as good as itself");
    ended("monthly_cost <= baseline + 10%", &["--fail-on", "slo"]).code(0);
    ended("monthly_cost <= baseline + 10%", &["--fail-on", "budget"]).code(3);
}

#[test]
fn what_cannot_be_compared_is_refused_with_a_remedy() {
    let folder = noisy();
    folder.put("alone.yaml", &SMALL[..SMALL.find("variants:").unwrap()]);
    let refused = |arguments: &[&str], parts: &[&str]| {
        folder.ecsim(&[&["compare"], arguments].concat()).code(1).says(parts);
    };
    refused(&["alone.yaml"], &["alone.yaml: has no variants", "name a second scenario"]);
    refused(&["noisy.yaml", "--variant", "larger,larger"], &["names `larger` twice"]);
    refused(&["noisy.yaml", "--variant", "lager"], &["lager", "larger"]);
    refused(&["noisy.yaml", "alone.yaml", "--variant", "larger"], &["chooses variants of one scenario"]);
    refused(&["noisy.yaml", "noisy.yaml"], &["is named twice"]);
    refused(&["noisy.yaml", "--baseline", "lager"], &["`lager` is none of the runs: (base), same, larger, smaller"]);
    refused(&["noisy.yaml", "--baseline", "old.json"], &["ecsim run --baseline"]);
    refused(&["-"], &["standard input: is read once"]);
    refused(&["noisy.yaml", "-o", "noisy.yaml.json", "-o", "./noisy.yaml.json"], &["named twice"]);
    folder.ecsim(&["compare"]).code(2);
}

#[test]
fn a_service_without_a_service_level_has_no_time_over_it() {
    let folder = Folder::with_small();
    folder.put("slo.yaml", &SMALL.replace("    desired_count: 2", "    slo: {latency: 100ms}\n    desired_count: 2"));
    for (file, has_slo) in [("small.yaml", false), ("slo.yaml", true)] {
        let on_screen = folder.ecsim(&["compare", file, "-o", "runs.csv", "-o", "runs.json"]).code(0).out;
        let row = on_screen.lines().find(|line| line.starts_with("smaller") && line.contains('%')).expect("a service level");
        assert_eq!(row.split_whitespace().any(|cell| cell == "-"), !has_slo, "{on_screen}");
        let mut reader = csv::Reader::from_path(folder.path().join("runs.csv")).expect("readable");
        let place = reader.headers().expect("a heading").iter().position(|name| name == "slo_seconds_over").expect("the column");
        for row in reader.records() {
            assert_eq!(row.expect("a row")[place].is_empty(), !has_slo, "{file}");
        }
        let comparison = String::from_utf8(folder.bytes("runs.json")).expect("text");
        assert_eq!(comparison.contains("services.app.slo.seconds_over"), has_slo, "{file}");
    }
}
