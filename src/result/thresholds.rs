//! Thresholds: does the run meet what its scenario asks for?
//!
//! A threshold names a figure by its path in the result document. Short forms spare the common ones:
//!
//! | written | means |
//! | --- | --- |
//! | `monthly_cost`, `monthly_cost.p90` | `cost.monthly.mean`, `cost.monthly.p90` |
//! | `services.web.latency_p99` | `services.web.latency_seconds.p99` |
//! | `services.web.queue_p99` | `services.web.queue_seconds.p99` |
//! | `services.web.cpu_max`, `services.web.memory_max` | `services.web.cpu_utilization.max`, ... |
//! | `services.web.availability` | `services.web.requests.availability`, likewise every figure of `requests`, `scaling`, `slo` and `spot` |
//!
//! What is compared is what is shown: money after its rounding to cents, with several replications the mean. A figure
//! without data (a latency percentile when nothing was served) meets no threshold: silence must not pass a test. A
//! quantile over replications, where there is only one, is no such figure but a mistake in the scenario.

use serde_json::{Map, Value, json};

use super::document::{Cost, Services, ThresholdResult};
use crate::error::{Error, Fault, Result};
use crate::scenario::model::{Comparison, Threshold};

/// Prefixes of a service's short figures and the objects they stand for.
const PREFIXES: [(&str, &str); 4] =
    [("latency_", "latency_seconds"), ("queue_", "queue_seconds"), ("cpu_", "cpu_utilization"), ("memory_", "memory_utilization")];

/// Objects of a service whose figures may be named without them.
const TRANSPARENT: [&str; 4] = ["requests", "scaling", "slo", "spot"];

/// Near names that an error lists.
const NEAR_NAMES: usize = 4;

/// The verdict on each threshold, in their order.
///
/// # Errors
/// When a path names no figure: all such faults at once.
pub(super) fn evaluate(thresholds: &[Threshold], services: &Services, cost: &Cost) -> Result<Vec<ThresholdResult>> {
    if thresholds.is_empty() {
        return Ok(Vec::new());
    }
    let figures = figures(services, cost);
    let mut results = Vec::with_capacity(thresholds.len());
    let mut faults = Vec::new();
    for threshold in thresholds {
        match find(&figures, &threshold.path) {
            Some(Value::Null) if is_quantile_over_replications(&threshold.path) => faults.push(needs_replications(threshold)),
            Some(value) => results.push(verdict(threshold, value)),
            None => faults.push(no_such_figure(&figures, threshold)),
        }
    }
    Error::from_faults(faults)?;
    Ok(results)
}

/// Every figure by every path that names it, in the order of the document.
fn figures(services: &Services, cost: &Cost) -> Vec<(String, Value)> {
    let mut figures = Vec::new();
    let cost = json!(cost);
    if let Some(monthly) = cost.get("monthly") {
        figures.push(("monthly_cost".to_owned(), monthly.get("mean").cloned().unwrap_or_default()));
        collect("monthly_cost", monthly, &mut figures);
    }
    collect("cost", &cost, &mut figures);
    for (name, service) in &services.0 {
        let path = format!("services.{name}");
        if let Value::Object(mut fields) = json!(service) {
            // Thousands of activities hold texts, not figures.
            fields.remove("scaling_activities");
            collect_short(&path, &fields, &mut figures);
            collect(&path, &Value::Object(fields), &mut figures);
        }
    }
    figures
}

/// The short forms of a service's figures.
fn collect_short(path: &str, fields: &Map<String, Value>, figures: &mut Vec<(String, Value)>) {
    for (prefix, object) in PREFIXES {
        for (key, value) in fields.get(object).and_then(Value::as_object).into_iter().flatten() {
            push_figure(format!("{path}.{prefix}{key}"), value, figures);
        }
    }
    for object in TRANSPARENT {
        for (key, value) in fields.get(object).and_then(Value::as_object).into_iter().flatten() {
            push_figure(format!("{path}.{key}"), value, figures);
        }
    }
}

/// Every figure below `value` by its full path; items of a list by their index.
fn collect(path: &str, value: &Value, figures: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| collect(&format!("{path}.{key}"), value, figures)),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| collect(&format!("{path}.{index}"), item, figures)),
        _ => push_figure(path.to_owned(), value, figures),
    }
}

fn push_figure(path: String, value: &Value, figures: &mut Vec<(String, Value)>) {
    if value.is_null() || number(value).is_some() {
        figures.push((path, value.clone()));
    }
}

/// A figure as a number: a number, or a decimal string.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse::<rust_decimal::Decimal>().ok().and_then(|decimal| decimal.to_string().parse().ok()),
        _ => None,
    }
}

fn find<'a>(figures: &'a [(String, Value)], path: &str) -> Option<&'a Value> {
    figures.iter().find(|(known, _)| known == path).map(|(_, value)| value)
}

fn verdict(threshold: &Threshold, value: &Value) -> ThresholdResult {
    let ok = number(value).is_some_and(|figure| holds(figure, threshold.comparison, threshold.bound));
    ThresholdResult { expression: threshold.expression.clone(), value: value.clone(), ok }
}

fn holds(figure: f64, comparison: Comparison, bound: f64) -> bool {
    match comparison {
        Comparison::Less => figure < bound,
        Comparison::LessOrEqual => figure <= bound,
        Comparison::Greater => figure > bound,
        Comparison::GreaterOrEqual => figure >= bound,
        Comparison::Equal => figure == bound,
        Comparison::NotEqual => figure != bound,
    }
}

/// The quantiles of the monthly cost, which a single replication does not have.
fn is_quantile_over_replications(path: &str) -> bool {
    let quantile = path.strip_prefix("monthly_cost.").or_else(|| path.strip_prefix("cost.monthly."));
    matches!(quantile, Some("p10" | "p50" | "p90"))
}

fn needs_replications(threshold: &Threshold) -> Fault {
    let message = format!("the threshold {:?} names a quantile over replications, and there is only one replication", threshold.expression);
    let remedy = "ask for several with --replications 32 or simulation.replications, or name monthly_cost, the mean";
    Fault::input(threshold.place.clone(), message).remedy(remedy)
}

fn no_such_figure(figures: &[(String, Value)], threshold: &Threshold) -> Fault {
    let path = &threshold.path;
    let below = format!("{path}.");
    let members: Vec<&str> =
        figures.iter().filter_map(|(known, _)| known.strip_prefix(&below)).filter(|rest| !rest.contains('.')).collect();
    let message = format!("the threshold {:?} names {path:?}, which is no figure of the result", threshold.expression);
    let remedy = if members.is_empty() {
        format!("near names are {}", near(figures, path).join(", "))
    } else {
        format!("it holds the figures {}: name one", members.join(", "))
    };
    Fault::input(threshold.place.clone(), message).remedy(remedy)
}

/// The paths most like `path`, most alike first; equally alike ones in the document's order.
fn near<'a>(figures: &'a [(String, Value)], path: &str) -> Vec<&'a str> {
    // A bill's lines have figures too, but nobody means them by a misspelt name.
    let mut ranked: Vec<(usize, &str)> = figures
        .iter()
        .map(|(known, _)| known.as_str())
        .filter(|known| !known.contains(".line_items."))
        .map(|known| (strsim::damerau_levenshtein(known, path), known))
        .collect();
    ranked.sort_by_key(|&(distance, _)| distance);
    ranked.into_iter().take(NEAR_NAMES).map(|(_, known)| known).collect()
}
