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
//! without data (a latency percentile when nothing was served, time over a service level where there is none) meets no threshold: silence must not pass a test. A
//! quantile over replications, where there is only one, is no such figure but a mistake in the scenario.
//!
//! A bound may be a part of what a baseline has (`baseline + 10%`): the same figure of another result. Without a baseline such
//! a threshold is an error, not a failure.

use serde_json::Value;

use super::document::{RunResult, ThresholdResult};
use super::figure::Figure;
use super::figure_paths::{FigurePaths, figure_of};
use crate::error::{Error, Fault, Result};
use crate::scenario::model::Threshold;

/// Judges a result anew, by these thresholds and where they ask for it against a baseline.
///
/// # Errors
/// When a threshold names no figure of the result or of the baseline, or a baseline that is not given.
pub fn judge(result: &mut RunResult, thresholds: &[Threshold], baseline: Option<&RunResult>) -> Result<()> {
    result.thresholds = evaluate(thresholds, result, baseline)?;
    Ok(())
}

/// Refuses thresholds against a baseline where there is none.
///
/// # Errors
/// All such thresholds at once.
pub fn refuse_without_baseline(thresholds: &[Threshold]) -> Result<()> {
    let relative = thresholds.iter().filter(|threshold| threshold.of_baseline.is_some());
    Error::from_faults(relative.map(needs_baseline).collect())
}

impl ThresholdResult {
    /// The figure that was judged, money as a number; none without data.
    #[must_use]
    pub fn figure(&self) -> Option<f64> {
        figure_of(&self.value)
    }
}

/// The verdict on each threshold, in their order.
///
/// # Errors
/// When a path names no figure: all such faults at once.
pub(super) fn evaluate(thresholds: &[Threshold], result: &RunResult, baseline: Option<&RunResult>) -> Result<Vec<ThresholdResult>> {
    if thresholds.is_empty() {
        return Ok(Vec::new());
    }
    let figures = FigurePaths::of(result);
    let baseline = baseline.map(FigurePaths::of);
    let mut results = Vec::with_capacity(thresholds.len());
    let mut faults = Vec::new();
    for threshold in thresholds {
        match judged(threshold, &figures, baseline.as_ref()) {
            Ok(result) => results.push(result),
            Err(error) => faults.extend_from_slice(error.faults()),
        }
    }
    Error::from_faults(faults)?;
    Ok(results)
}

fn judged(threshold: &Threshold, figures: &FigurePaths, baseline: Option<&FigurePaths>) -> Result<ThresholdResult> {
    let value = figure(threshold, figures, "the result")?;
    let Some(part) = threshold.of_baseline else { return Ok(verdict(threshold, value, None, Some(threshold.bound))) };
    let baseline = figure(threshold, baseline.ok_or_else(|| needs_baseline(threshold))?, "the baseline")?;
    let bound = figure_of(baseline).map(|figure| part * figure + threshold.bound);
    Ok(verdict(threshold, value, Some(baseline), bound))
}

/// The figure that a threshold names in a result.
fn figure<'a>(threshold: &Threshold, figures: &'a FigurePaths, of: &str) -> Result<&'a Value> {
    match figures.find(&threshold.path) {
        Some(Value::Null) if threshold.is_quantile_over_replications() => Err(needs_replications(threshold, of).into()),
        Some(value) => Ok(value),
        None => Err(no_such_figure(figures, threshold, of).into()),
    }
}

fn verdict(threshold: &Threshold, value: &Value, baseline: Option<&Value>, bound: Option<f64>) -> ThresholdResult {
    let ok = figure_of(value).zip(bound).is_some_and(|(figure, bound)| threshold.comparison.holds(figure, bound));
    let (expression, path) = (threshold.expression.clone(), threshold.path.clone());
    // A bound of its own stands in the expression.
    let bound = baseline.and(bound).map(Figure::rounded);
    ThresholdResult { expression, path, value: value.clone(), baseline: baseline.cloned(), bound, ok }
}

fn needs_replications(threshold: &Threshold, of: &str) -> Fault {
    let message = format!("the threshold {:?} names a quantile over replications, and {of} has only one replication", threshold.expression);
    let remedy = "ask for several with --replications 32 or simulation.replications, or name monthly_cost, the mean";
    Fault::input(threshold.place.clone(), message).remedy(remedy)
}

fn needs_baseline(threshold: &Threshold) -> Fault {
    let message = format!("the threshold {:?} compares with a baseline, and none is given", threshold.expression);
    let remedy = "name a saved result with `ecsim run --baseline RESULT.json`, or use `ecsim compare`, where the first run is the baseline";
    Fault::input(threshold.place.clone(), message).remedy(remedy)
}

fn no_such_figure(figures: &FigurePaths, threshold: &Threshold, of: &str) -> Fault {
    let path = &threshold.path;
    let members = figures.members(path);
    let message = format!("the threshold {:?} names {path:?}, which is no figure of {of}", threshold.expression);
    let remedy = if members.is_empty() {
        format!("near names are {}", figures.near(path).join(", "))
    } else {
        format!("it holds the figures {}: name one", members.join(", "))
    };
    Fault::input(threshold.place.clone(), message).remedy(remedy)
}
