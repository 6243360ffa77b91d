//! Several replications are the runs of their seeds put together: means, Student's half-widths, quantiles.

use ecsim::plan::{REQUESTS_AT_MOST, RunOptions, run};
use ecsim::result::RunResult;
use ecsim::scenario::{Request, load};
use serde_json::Value;

use super::command_line::Folder;

use crate::support::NoFiles;

/// A fluctuating service: Spot tasks fall at random, traffic is noisy, scaling follows it.
const RESTLESS: &str = "\
version: 1
name: restless
region: us-east-1
simulation: {duration: 12h, warm_up: 10m}
spot: {interruption_rate: 60%, interruption_period: 12h}
services:
  web:
    task_definition: {cpu: 512, memory: 1024}
    capacity_provider_strategy: [{capacity_provider: FARGATE, base: 1, weight: 1}, {capacity_provider: FARGATE_SPOT, weight: 3}]
    traffic: {pattern: {base: 10, peak: 90, period: 6h}, dispersion: 4}
    workload: {cpu_time: {distribution: lognormal, mean: 40ms, cv: 1.5}, timeout: 5s, logs_per_request: 2kB}
    load_balancer: {load_balancer_type: application}
    scaling:
      min_capacity: 2
      max_capacity: 30
      policies: [{name: cpu, policy_type: TargetTrackingScaling, predefined_metric_type: ECSServiceAverageCPUUtilization, target_value: 55}]
  idle:
    task_definition: {cpu: 256, memory: 512}
    desired_count: 1
    traffic: {constant: 0}
    workload: {cpu_time: 10ms}
";

fn run_with(text: &str, sets: &[String]) -> Result<RunResult, String> {
    let loaded =
        load(&Request { name: "r.yaml", text: text.as_bytes(), sets, variant: None }, &NoFiles).map_err(|error| error.to_string())?;
    let options = RunOptions { variant: None, timeline: true };
    run(&loaded, &NoFiles, &options).map(|run| run.result).map_err(|error| error.to_string())
}

fn of(seed: u32, replications: u32) -> Value {
    let sets = [format!("simulation.seed={seed}"), format!("simulation.replications={replications}")];
    serde_json::to_value(run_with(RESTLESS, &sets).unwrap()).unwrap()
}

/// Every figure of a service and of the totals by its path, without the objects of half-widths.
fn figures(path: &str, value: &Value, out: &mut Vec<(String, f64)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(name, _)| *name != "ci95" && *name != "scaling_activities") {
                figures(&format!("{path}/{name}"), value, out);
            }
        }
        Value::Number(number) => out.push((path.to_owned(), number.as_f64().unwrap())),
        Value::String(text) => out.extend(text.parse().ok().map(|number| (path.to_owned(), number))),
        _ => {}
    }
}

fn all_figures(document: &Value) -> Vec<(String, f64)> {
    let mut out = Vec::new();
    figures("/services", &document["services"], &mut out);
    let cost = &document["cost"];
    for name in ["window", "per_million_requests", "spot_saving"] {
        figures(&format!("/cost/{name}"), &cost[name], &mut out);
    }
    figures("/cost/monthly/mean", &cost["monthly"]["mean"], &mut out);
    out
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// The half-width of a figure: beside it, and for a map beside the map.
fn half_width(document: &Value, path: &str) -> Option<f64> {
    let (object, name) = path.rsplit_once('/')?;
    let (outer, map) = object.rsplit_once('/')?;
    let beside = document.pointer(&format!("{object}/ci95/{name}"));
    beside.or_else(|| document.pointer(&format!("{outer}/ci95/{map}/{name}"))).and_then(number)
}

/// Mean and standard deviation.
fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    (mean, (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt())
}

/// The rounding of the document: cents for money, six places for the window.
fn rounding(path: &str) -> f64 {
    match path {
        "/cost/window" => 2e-5,
        path if path.starts_with("/cost") => 0.011,
        _ => 0.0,
    }
}

#[test]
fn figures_are_means_and_half_widths_those_of_student() {
    const RUNS: u32 = 32;
    let joined = of(7, RUNS);
    let alone: Vec<Value> = (0..RUNS).map(|number| of(7 + number, 1)).collect();
    let figures_alone: Vec<Vec<(String, f64)>> = alone.iter().map(all_figures).collect();
    assert_eq!((&joined["replications"], &joined["seed"]), (&Value::from(RUNS), &Value::from(7)));
    let (mut compared, mut spread) = (0, 0);
    for (path, shown) in all_figures(&joined) {
        let found = figures_alone.iter().filter_map(|run| run.iter().find(|(known, _)| *known == path).map(|(_, value)| *value));
        let mut values: Vec<f64> = found.collect();
        // A capacity provider or a reason that a run did not have.
        if ["/task_hours/", "/tasks_launched/", "/not_scaled/"].iter().any(|map| path.contains(map)) {
            values.resize(RUNS as usize, 0.0);
        }
        let (mean, deviation) = moments(&values);
        let near = |one: f64, other: f64| (one - other).abs() <= 1e-9 * other.abs() + rounding(&path);
        match path.rsplit('/').next().unwrap() {
            "max" => assert_eq!(shown, values.iter().copied().fold(f64::MIN, f64::max), "{path}"),
            "min" => assert_eq!(shown, values.iter().copied().fold(f64::MAX, f64::min), "{path}"),
            _ => {
                assert!(near(shown, mean), "{path}: {shown} and {mean}");
                if values.len() == RUNS as usize {
                    // t for 31 degrees of freedom is 2.03951 (NIST e-Handbook: 2.040).
                    let wanted = 2.039_513_446 * deviation / f64::from(RUNS).sqrt();
                    let found = half_width(&joined, &path).unwrap_or_else(|| panic!("{path} has no half-width"));
                    assert!((found - wanted).abs() <= 1e-6 * wanted + 1e-12 * mean.abs() + rounding(&path), "{path}: {found} and {wanted}");
                    spread += i32::from(wanted > 0.0);
                }
                compared += 1;
            }
        }
    }
    assert!(compared > 70 && spread > 30, "{compared} figures, {spread} of them vary");
    assert!(half_width(&joined, "/services/web/running_tasks/max").is_none(), "an extreme is no mean");
    assert_eq!(joined["services"]["idle"]["latency_seconds"]["p99"], Value::Null);
    assert_eq!(joined["services"]["web"]["scaling_activities"], alone[0]["services"]["web"]["scaling_activities"]);
    assert_eq!(joined["timeline"], alone[0]["timeline"]);
}

#[test]
fn months_have_quantiles_and_the_bill_adds_up() {
    let (joined, runs) = (of(1, 11), (1..12).map(|seed| of(seed, 1)).collect::<Vec<_>>());
    let mut months: Vec<f64> = runs.iter().map(|run| number(&run["cost"]["monthly"]["mean"]).unwrap()).collect();
    months.sort_by(f64::total_cmp);
    // Of eleven values the 10th, 50th and 90th percentile are the second, the sixth and the tenth.
    let monthly = &joined["cost"]["monthly"];
    for (name, place) in [("p10", 1), ("p50", 5), ("p90", 9)] {
        assert!((number(&monthly[name]).unwrap() - months[place]).abs() < 0.006, "{name}: {monthly} {months:?}");
    }
    let decimal = |value: &Value| value.as_str().unwrap().parse::<rust_decimal::Decimal>().unwrap();
    let lines = joined["cost"]["line_items"].as_array().unwrap();
    assert_eq!(lines.iter().map(|line| decimal(&line["cost"])).sum::<rust_decimal::Decimal>(), decimal(&joined["cost"]["window"]));
    for line in lines {
        let (cost, exact) = (number(&line["cost"]).unwrap(), number(&line["quantity"]).unwrap() * number(&line["unit_price"]).unwrap());
        assert!((cost - exact).abs() < 1e-5, "{line}");
        assert!(line["ci95"]["cost"].is_string(), "{line}");
    }
    let requests = &joined["services"]["web"]["requests"];
    let sum: f64 =
        ["served", "rejected", "timed_out", "failed", "in_flight_at_end"].iter().map(|name| requests[name].as_f64().unwrap()).sum();
    assert!((sum / requests["offered"].as_f64().unwrap() - 1.0).abs() < 1e-9, "{requests}");
    let hours = |run: &Value| -> f64 { run["usage_hourly"]["rows"].as_array().unwrap().iter().map(|row| row[3].as_f64().unwrap()).sum() };
    let mean = runs.iter().map(hours).sum::<f64>() / 11.0;
    assert!((hours(&joined) / mean - 1.0).abs() < 1e-9);
}

#[test]
fn the_interval_covers_the_mean_as_often_as_it_says() {
    // The figure of 320 runs stands for the true one. Of 40 intervals from 8 runs each, 95 % should hold it; by the binomial
    // distribution at least 33 of 40 do with probability 0.9998.
    let wide = of(1, 320);
    let cpu = |document: &Value, name: &str| document["services"]["web"]["running_tasks"]["ci95"][name].as_f64();
    let mean = |document: &Value| document["services"]["web"]["running_tasks"]["mean"].as_f64().unwrap();
    let covering = (0..40).map(|block| of(1 + 8 * block, 8)).filter(|small| {
        let half_width = cpu(small, "mean").unwrap();
        (mean(small) - mean(&wide)).abs() <= half_width
    });
    let covering = covering.count();
    assert!((33..=40).contains(&covering), "{covering} of 40");
    assert!(cpu(&wide, "mean").unwrap() < cpu(&of(1, 8), "mean").unwrap(), "more runs, narrower intervals");
}

#[test]
fn one_replication_is_the_plain_run() {
    let folder = Folder::new();
    folder.put("restless.yaml", RESTLESS);
    let plain = folder.ecsim(&["run", "restless.yaml", "--format", "json"]).code(0).out;
    assert_eq!(folder.ecsim(&["run", "restless.yaml", "--format", "json", "--replications", "1"]).code(0).out, plain);
    assert!(!plain.contains("ci95"));
}

#[test]
fn replications_have_the_same_bytes_on_any_number_of_threads() {
    let folder = Folder::new();
    folder.put("restless.yaml", RESTLESS);
    let json = |threads: &str| {
        let ended = folder.ecsim(&["run", "restless.yaml", "--replications", "13", "--format", "json", "--threads", threads]).code(0);
        ended.out
    };
    let one = json("1");
    assert!(one == json("2") && one == json("5"));
    let schema = folder.ecsim(&["schema", "result"]).code(0).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let document: Value = serde_json::from_str(&one).unwrap();
    let faults: Vec<String> = validator.iter_errors(&document).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert_eq!(faults, Vec::<String>::new());
    let again: RunResult = serde_json::from_str(&one).unwrap();
    assert_eq!(serde_json::to_value(again).unwrap(), document, "a saved result reads back as the same");
}

#[test]
fn tables_and_charts_say_how_well_a_figure_is_known() {
    let folder = Folder::new();
    folder.put("restless.yaml", RESTLESS);
    for format in ["table", "markdown"] {
        let shown = folder.ecsim(&["run", "restless.yaml", "--replications", "8", "--format", format]).code(0).out;
        for part in [" ± ", "P10", "P50", "P90", "means of 8 replications", "± 95 %", "8 replications (seeds from 1 on)"] {
            assert!(shown.contains(part), "`{part}` is not in {shown}");
        }
        assert!(format == "markdown" || shown.lines().all(|line| line.chars().count() <= 100), "{shown}");
    }
    folder.ecsim(&["run", "restless.yaml", "--replications", "3", "-o", "chart.svg", "-o", "timeline.csv"]).code(0);
    assert!(String::from_utf8(folder.bytes("chart.svg")).unwrap().contains("the first of 3 replications"));
    let bill = folder.ecsim(&["run", "restless.yaml", "--replications", "3", "--format", "csv"]).code(0).out;
    assert!(bill.lines().next().unwrap().ends_with("cost,monthly_cost,savings_plan,on_demand_unit_price"), "{bill}");
    assert!(csv::Reader::from_reader(bill.as_bytes()).records().all(|row| row.is_ok()));
}

#[test]
fn a_threshold_may_name_a_quantile_of_the_month() {
    let with = |replications: u32, threshold: &str| {
        let sets = [format!("simulation.replications={replications}"), format!("thresholds=[{threshold}]")];
        run_with(RESTLESS, &sets)
    };
    let met = |threshold: &str| with(4, threshold).unwrap().thresholds[0].ok;
    assert!(met("monthly_cost.p90 < 900") && met("cost.monthly.p10 > 1") && !met("monthly_cost.p50 < 1"));
    assert!(met("services.web.running_tasks.ci95.mean < 5"), "how well a figure is known may be asked for too");
    for quantile in ["monthly_cost.p10", "monthly_cost.p50", "cost.monthly.p90"] {
        let error = with(1, &format!("{quantile} < 900")).unwrap_err();
        assert!(error.contains("only one replication") && error.contains("--replications"), "{error}");
    }
}

#[test]
fn a_failing_scenario_fails_once() {
    let error = run_with(RESTLESS, &["simulation.replications=9".into(), "thresholds=[monthly_csot < 1]".into()]).unwrap_err();
    assert_eq!(error.matches("monthly_csot < 1").count(), 1, "{error}");
}

#[test]
fn warnings_of_replications_are_told_once() {
    let overloaded: Vec<String> =
        ["simulation.replications=6", "services.web.scaling=null", "services.web.desired_count=1"].map(String::from).into();
    let result = run_with(RESTLESS, &overloaded).unwrap();
    let mut plain: Vec<String> =
        result.warnings.iter().map(|warning| warning.chars().filter(|character| !character.is_ascii_digit()).collect()).collect();
    let all = plain.len();
    plain.sort();
    plain.dedup();
    assert_eq!(plain.len(), all, "{:?}", result.warnings);
}

#[test]
fn auto_takes_single_requests_where_they_are_few() {
    let folder = Folder::with_small();
    // 5 requests a second for 2 h are 36,000; so are twice as many in two replications.
    for (flags, expected, fidelity) in [
        (vec!["--fidelity", "auto"], "36000 requests expected, so each is simulated (request)", "request"),
        (vec!["--fidelity", "auto", "--replications", "2"], "72000 requests expected", "request"),
        (vec!["--fidelity", "auto", "--set", "simulation.warm_up=1h"], "54000 requests expected", "request"),
        // 3,000 a second are 21.6 million.
        (
            vec!["--fidelity", "auto", "--set", "services.app.traffic.constant=3000"],
            "21.6 million requests expected, more than 20.0 million requests, so they are flows (fluid)",
            "fluid",
        ),
    ] {
        let ended = folder.ecsim(&[["run", "small.yaml", "--format", "json"].as_slice(), &flags].concat()).code(0);
        assert_eq!(ended.json()["fidelity"], fidelity);
        assert!(ended.err.contains(expected), "{}", ended.err);
    }
    assert_eq!(REQUESTS_AT_MOST, 20e6);
    for fidelity in ["fluid", "request"] {
        let ended = folder.ecsim(&["run", "small.yaml", "--format", "json", "--fidelity", fidelity]).code(0);
        assert_eq!(ended.json()["fidelity"], fidelity);
        assert!(!ended.err.contains("auto"), "{}", ended.err);
    }
    let quiet = folder.ecsim(&["run", "small.yaml", "--fidelity", "auto", "-q"]).code(0);
    assert_eq!(quiet.err, "");
}

#[test]
fn percentiles_are_approximate_in_fluid_only() {
    let folder = Folder::with_small();
    let warned = |fidelity: &str| {
        let arguments = ["run", "small.yaml", "--set", "thresholds=[services.app.latency_p99 < 9s]", "--fidelity", fidelity];
        folder.ecsim(&arguments).code(0).out.contains("approximate")
    };
    assert!(warned("fluid") && !warned("request"));
}
