//! The result document has the public form and holds together.

use ecsim::error::Place;
use ecsim::outcome::Outcome;
use ecsim::result::{RunResult, bill_tree, build, judge};
use ecsim::scenario::model::{Comparison, Threshold};
use serde_json::Value;

use crate::fixture::{EVERYDAY, Wave, cost, meta, outcome, service, start, timeline};

/// FARGATE and FARGATE_SPOT: dollars for one task-hour.
const PRICES: [f64; 2] = [0.025, 0.0075];

pub fn small_outcome() -> Outcome {
    outcome(90, vec![service("web", timeline(90, EVERYDAY))])
}

pub fn built(thresholds: &[Threshold]) -> RunResult {
    judged(thresholds, None).expect("every threshold names a figure")
}

/// The small outcome by these thresholds, against a baseline.
pub fn judged(thresholds: &[Threshold], baseline: Option<&RunResult>) -> Result<RunResult, ecsim::error::Error> {
    let mut result = build(meta(), &small_outcome(), cost(), &rates(vec![PRICES]));
    judge(&mut result, thresholds, baseline)?;
    Ok(result)
}

pub fn threshold(path: &str, comparison: Comparison, bound: f64) -> Threshold {
    let sign = match comparison {
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
        Comparison::Equal => "==",
        Comparison::NotEqual => "!=",
    };
    let place = Place { line: Some(9), path: Some("thresholds.0".to_owned()), ..Place::file("a.yaml") };
    Threshold { expression: format!("{path} {sign} {bound}"), path: path.to_owned(), comparison, bound, of_baseline: None, place }
}

/// What `found` lacks of the form `wanted`: a key, or a value of another kind. Null stands for any figure;
/// maps whose keys are data are free.
fn departures(wanted: &Value, found: &Value, path: &str, out: &mut Vec<String>) {
    match (wanted, found) {
        (Value::Null, _) | (_, Value::Null) | (Value::Number(_), Value::Number(_)) | (Value::String(_), Value::String(_)) => {}
        (Value::Bool(_), Value::Bool(_)) => {}
        (Value::Object(_), Value::Object(_))
            if ["task_hours", "tasks_launched", "not_scaled", "assumptions"].iter().any(|free| path.ends_with(free)) => {}
        (Value::Object(wanted), Value::Object(found)) => {
            for (key, value) in wanted {
                match found.get(key) {
                    Some(other) => departures(value, other, &format!("{path}.{key}"), out),
                    None => out.push(format!("{path}.{key} is missing")),
                }
            }
        }
        (Value::Array(wanted), Value::Array(found)) => {
            if let (Some(one @ Value::Object(_)), Some(other)) = (wanted.first(), found.first()) {
                departures(one, other, &format!("{path}[0]"), out);
            }
        }
        _ => out.push(format!("{path} is of another kind")),
    }
}

/// Every key of an object in `found` that `wanted` lists too, in the order in which `wanted` lists them.
fn same_order(wanted: &Value, found: &Value) -> bool {
    let keys = |value: &Value| value.as_object().map(|object| object.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let known = keys(wanted);
    keys(found).into_iter().filter(|key| known.contains(key)).collect::<Vec<_>>() == known
}

/// Task-hour prices by service, as the rate that fills `cost_per_hour`.
fn rates(prices: Vec<[f64; 2]>) -> impl Fn(usize, usize, [f64; 2]) -> f64 {
    move |service, _hour, tasks| tasks[0] * prices[service][0] + tasks[1] * prices[service][1]
}

#[test]
fn the_document_has_every_key_of_the_public_form() {
    let form: Value = serde_json::from_str(include_str!("data/result_form.json")).expect("the form is JSON");
    let document = serde_json::to_value(built(&[threshold("monthly_cost", Comparison::Less, 900.0)])).expect("a result is JSON");
    let mut faults = Vec::new();
    departures(&form, &document, "result", &mut faults);
    assert_eq!(faults, Vec::<String>::new());
    assert!(same_order(&form, &document));
    assert!(same_order(&form["services"]["web"], &document["services"]["web"]));
}

#[test]
fn whole_counts_are_integers_and_missing_figures_null() {
    let mut outcome = small_outcome();
    outcome.services[0].latency = Default::default();
    outcome.services[0].requests = Default::default();
    outcome.services[0].scaling.reaction_seconds.clear();
    let result = build(meta(), &outcome, cost(), &rates(vec![PRICES]));
    let web = &serde_json::to_value(&result).expect("a result is JSON")["services"]["web"];
    assert_eq!(web["requests"]["offered"].to_string(), "0");
    for figure in [&web["requests"]["availability"], &web["latency_seconds"]["p99_9"], &web["scaling"]["reaction_seconds"]["p90"]] {
        assert_eq!(*figure, Value::Null);
    }
    let full = serde_json::to_value(built(&[])).expect("a result is JSON");
    assert_eq!(full["services"]["web"]["requests"]["offered"].to_string(), "1000000");
    assert_eq!(full["window"]["seconds"].to_string(), "5400");
}

#[test]
fn an_activity_is_spelled_as_aws_spells_it() {
    let document = serde_json::to_value(built(&[])).expect("a result is JSON");
    let activities = &document["services"]["web"]["scaling_activities"];
    assert_eq!(activities[0]["ResourceId"], "service/default/web");
    assert_eq!(
        (activities[0]["StartTime"].as_str(), activities[0]["EndTime"].as_str()),
        (Some("2026-03-02T08:06:03Z"), Some("2026-03-02T08:07:18Z"))
    );
    assert!(activities[0].get("NotScaledReasons").is_none(), "only on activities that did not scale");
    let reason = &activities[1]["NotScaledReasons"][0];
    assert_eq!(reason.to_string(), r#"{"Code":"AlreadyAtMaxCapacity","MaxCapacity":21}"#);
}

#[test]
fn the_timeline_has_a_row_for_each_step_and_service() {
    let services = vec![service("web", timeline(90, EVERYDAY)), service("checkout", timeline(90, EVERYDAY))];
    let outcome = outcome(90, services);
    let result = build(meta(), &outcome, cost(), &rates(vec![PRICES, [1.0, 0.0]]));
    assert_eq!(result.timeline.rows.len(), 180);
    let rows = serde_json::to_value(&result.timeline).expect("a table is JSON")["rows"].clone();
    assert_eq!((rows[0][0].as_str(), rows[0][1].as_str()), (Some("2026-03-02T00:00:00Z"), Some("web")));
    assert_eq!((rows[3][0].as_str(), rows[3][1].as_str()), (Some("2026-03-02T00:01:00Z"), Some("checkout")));
    // Four tasks on demand at 0.025 dollars an hour, or at one.
    assert_eq!((rows[0][16].as_f64(), rows[1][16].as_f64()), (Some(0.1), Some(4.0)));
    assert_eq!(rows[2 * 70][12], Value::Null, "no latency in the second hour");
    assert!(result.timeline.rows.iter().all(|row| row.len() == result.timeline.columns.len()));
}

#[test]
fn hourly_usage_counts_vcpu_and_gigabyte_hours() {
    let result = built(&[]);
    let rows = serde_json::to_string(&result.usage_hourly.rows).expect("rows are JSON");
    // Two task-hours an hour of half a vCPU and one GB each.
    assert_eq!(rows, r#"[["2026-03-02T00:00:00Z","web","FARGATE",1,2],["2026-03-02T01:00:00Z","web","FARGATE",1,2]]"#);
}

#[test]
fn a_saved_result_reads_back_as_the_same() {
    let result = built(&[threshold("services.web.latency_p99", Comparison::Less, 0.3)]);
    let text = serde_json::to_string(&result).expect("a result is JSON");
    assert_eq!(serde_json::from_str::<RunResult>(&text).expect("its own form"), result);
}

#[test]
fn the_bill_as_a_tree_adds_up() {
    let cost = cost();
    let tree = bill_tree(&cost);
    let names: Vec<_> =
        tree.iter().map(|group| (group.service, group.products.iter().map(|product| product.product).collect::<Vec<_>>())).collect();
    assert_eq!(names, [(Some("web"), vec!["Fargate", "CloudWatch Logs"]), (None, vec!["Elastic Load Balancing"])]);
    // 6.80064 + 0.7468 + 0.9 and 3.78 dollars, by hand.
    assert_eq!(tree.iter().map(|group| group.cost.to_places(6)).collect::<Vec<_>>(), ["8.447440", "3.780000"]);
    assert_eq!(tree[0].products[0].monthly_cost.to_places(6), "32.795424");
}

#[test]
fn thresholds_name_figures_in_full_and_in_short() {
    let cases = [
        ("monthly_cost", Comparison::Less, 900.0, true),
        ("cost.monthly.mean", Comparison::GreaterOrEqual, 53.13, true),
        ("cost.window", Comparison::Less, 12.0, false),
        ("services.web.availability", Comparison::GreaterOrEqual, 0.999, true),
        ("services.web.requests.availability", Comparison::Greater, 0.9999, false),
        ("services.web.cpu_max", Comparison::LessOrEqual, 100.0, true),
        ("services.web.running_tasks.max", Comparison::Equal, 21.0, true),
        ("services.web.seconds_over", Comparison::NotEqual, 120.0, false),
        ("services.web.task_hours.FARGATE_SPOT", Comparison::Less, 700.0, true),
        // Null for a service that answers requests: silence passes no test.
        ("services.web.queue", Comparison::Less, 900.0, false),
    ];
    let result = built(&cases.map(|(path, comparison, bound, _)| threshold(path, comparison, bound)));
    for ((path, _, _, ok), verdict) in cases.iter().zip(&result.thresholds) {
        assert_eq!(verdict.ok, *ok, "{path}: {verdict:?}");
    }
    assert_eq!(result.thresholds[0].value, Value::from("53.13"), "money stays a string");
    assert_eq!(result.thresholds[9].value, Value::Null);
}

#[test]
fn a_short_latency_is_the_same_figure_as_the_long_one() {
    let result = built(
        &["latency_p99", "latency_seconds.p99", "queue_p50", "queue_seconds.p50"]
            .map(|name| threshold(&format!("services.web.{name}"), Comparison::Less, 1.0)),
    );
    let values: Vec<_> = result.thresholds.iter().map(|threshold| threshold.value.as_f64()).collect();
    assert!(values[0].is_some() && values[0] == values[1] && values[2] == values[3], "{values:?}");
}

#[test]
fn a_threshold_on_no_figure_is_an_error_with_near_names() {
    let wrong =
        [threshold("services.web.latency_p98", Comparison::Less, 1.0), threshold("services.web.latency_seconds", Comparison::Less, 1.0)];
    let error = judged(&wrong, None).expect_err("neither is a figure");
    assert_eq!(error.faults().len(), 2, "all at once");
    let text = error.to_string();
    assert!(text.starts_with("a.yaml:9: thresholds.0: "), "{text}");
    assert!(text.contains("services.web.latency_p99"), "{text}");
    assert!(text.contains("it holds the figures mean, p50, p90"), "{text}");
}

#[test]
fn a_quantile_over_one_replication_is_an_error() {
    let wrong = [threshold("monthly_cost.p90", Comparison::Less, 900.0), threshold("cost.monthly.p10", Comparison::Less, 900.0)];
    let error = judged(&wrong, None).expect_err("there is one replication");
    assert_eq!(error.faults().len(), 2, "all at once");
    assert!(error.to_string().starts_with("a.yaml:9: thresholds.0: "), "{error}");
}

#[test]
fn a_window_without_anything_is_a_result_too() {
    let silent = Wave { rps: (0.0, 0.0), ..EVERYDAY };
    let mut empty = outcome(0, vec![service("web", timeline(0, silent))]);
    empty.end = start();
    let result = build(meta(), &empty, cost(), &rates(vec![]));
    assert!(result.timeline.rows.is_empty() && result.usage_hourly.rows.is_empty());
}
