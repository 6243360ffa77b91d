//! Every figure of a result by the paths that name it.
//!
//! A figure is a number or an amount of money of the document; its path leads to it from the document's root, with
//! the names of the fields between dots and the items of a list by their index. Short forms spare the common ones; the table is in
//! [`super::thresholds`].

use serde_json::{Map, Value, json};

use super::document::{RunResult, ServiceResult};
use crate::money::as_f64;

/// Prefixes of a service's short figures and the objects they stand for.
const PREFIXES: [(&str, &str); 4] =
    [("latency_", "latency_seconds"), ("queue_", "queue_seconds"), ("cpu_", "cpu_utilization"), ("memory_", "memory_utilization")];

/// Objects of a service whose figures may be named without them.
const TRANSPARENT: [&str; 4] = ["requests", "scaling", "slo", "spot"];

/// Near names that an error lists.
const NEAR_NAMES: usize = 4;

/// Figures by every path that names them, in the order of the document.
pub(super) struct FigurePaths(Vec<(String, Value)>);

/// Objects of a service that name only what there was any of. What they may name is 0 where they do not.
const TALLIES: [&str; 2] = ["task_hours", "tasks_launched"];

/// Fargate's capacity providers, which every cluster has.
const FARGATE: [&str; 2] = ["FARGATE", "FARGATE_SPOT"];

/// Why a policy came to nothing, by AWS's codes.
const NOT_SCALED: [&str; 4] =
    ["AlreadyAtMaxCapacity", "AlreadyAtMinCapacity", "AlreadyAtDesiredCapacity", "AutoScalingAnticipatedFlapping"];

impl FigurePaths {
    /// Those of a result.
    pub fn of(result: &RunResult) -> Self {
        let mut figures = Vec::new();
        let cost = json!(result.cost);
        if let Some(monthly) = cost.get("monthly") {
            figures.push(("monthly_cost".to_owned(), monthly.get("mean").cloned().unwrap_or_default()));
            collect("monthly_cost", monthly, &mut figures);
        }
        collect("cost", &cost, &mut figures);
        for (name, service) in &result.services.0 {
            let path = format!("services.{name}");
            let mut fields = fields_of(service, &ACTIVITIES);
            if !result.has_slo(name) {
                // Time over a service level that there is not is no data, and meets no threshold.
                fields.insert("slo".to_owned(), json!({ "seconds_over": null }));
            }
            name_what_is_zero(&mut fields, result);
            collect_short(&path, &fields, &mut figures);
            collect(&path, &Value::Object(fields), &mut figures);
        }
        for (name, provider) in &result.capacity_providers {
            collect(&format!("capacity_providers.{name}"), &json!(provider), &mut figures);
        }
        Self(figures)
    }

    /// The figure of a path; null where it has no data.
    pub fn find(&self, path: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == path).map(|(_, value)| value)
    }

    /// The names of the figures directly below a path that is no figure itself.
    pub fn members(&self, path: &str) -> Vec<&str> {
        let below = format!("{path}.");
        self.0.iter().filter_map(|(known, _)| known.strip_prefix(&below)).filter(|rest| !rest.contains('.')).collect()
    }

    /// The paths most like `path`, most alike first; equally alike ones in the document's order.
    pub fn near(&self, path: &str) -> Vec<&str> {
        // A bill's lines have figures too, but nobody means them by a misspelt name.
        let mut ranked: Vec<(usize, &str)> = self
            .0
            .iter()
            .map(|(known, _)| known.as_str())
            .filter(|known| !known.contains(".line_items."))
            .map(|known| (strsim::damerau_levenshtein(known, path), known))
            .collect();
        ranked.sort_by_key(|&(distance, _)| distance);
        ranked.into_iter().take(NEAR_NAMES).map(|(_, known)| known).collect()
    }
}

/// Thousands of activities hold texts, not figures.
const ACTIVITIES: [&str; 1] = ["scaling_activities"];

/// What of a service is a list of events.
const EVENTS: [&str; 2] = ["scaling_activities", "deployments"];

/// The figures of a service by their full paths below `services.NAME`, in the order of the document; those without data are left out,
/// and so are activities and deployments, of which two runs need not have the same.
#[must_use]
pub fn service_figures(service: &ServiceResult) -> Vec<(String, f64)> {
    let mut figures = Vec::new();
    for (key, value) in &fields_of(service, &EVENTS) {
        collect(key, value, &mut figures);
    }
    figures.into_iter().filter_map(|(path, value)| figure_of(&value).map(|number| (path, number))).collect()
}

/// The fields of a service but for some.
fn fields_of(service: &ServiceResult, without: &[&str]) -> Map<String, Value> {
    let Value::Object(mut fields) = json!(service) else { return Map::new() };
    without.iter().for_each(|&name| {
        fields.remove(name);
    });
    fields
}

/// Adds what the tallies of a service do not name because there was none of it.
fn name_what_is_zero(fields: &mut Map<String, Value>, result: &RunResult) {
    let name = |mut tally: Option<&mut Value>, names: &[&str]| {
        for &missing in names {
            if let Some(tally) = tally.as_deref_mut().and_then(Value::as_object_mut) {
                tally.entry(missing).or_insert_with(|| json!(0));
            }
        }
    };
    let groups = result.capacity_providers.keys().map(String::as_str);
    let providers: Vec<&str> = FARGATE.into_iter().chain(groups).collect();
    TALLIES.iter().for_each(|tally| name(fields.get_mut(*tally), &providers));
    name(fields.get_mut("scaling").and_then(|scaling| scaling.get_mut("not_scaled")), &NOT_SCALED);
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
    if value.is_null() || figure_of(value).is_some() {
        figures.push((path, value.clone()));
    }
}

/// A figure as a number: a number, or a decimal string.
#[must_use]
pub fn figure_of(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok().map(as_f64),
        _ => None,
    }
}
