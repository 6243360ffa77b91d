//! Step policies: breaches that change nothing, and thresholds so near that each undoes the other.
//!
//! Rules of bounds after AWS's "Step scaling policies overview"; gaps between steps are refused elsewhere.

use super::{Finding, note, path, policies, policy_path, warning};
use crate::scenario::model::{Adjustment, Metric, Policy, Scaling, Service, Statistic, Step, StepScaling};

/// The largest service for which every task count is tried.
const MOST_TASKS: u32 = 1_000;

/// Everything about step policies.
pub fn advise(service: &Service, findings: &mut Vec<Finding>) {
    let steps: Vec<&StepScaling> =
        policies(service).filter_map(|policy| if let Policy::Step(step) = policy { Some(step) } else { None }).collect();
    findings.extend(steps.iter().filter_map(|policy| without_change(service, policy)));
    let Some(scaling) = &service.scaling else { return };
    for out in &steps {
        findings.extend(steps.iter().filter_map(|inward| flapping(service, scaling, out, inward)));
    }
}

/// A range of values beyond the threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Range {
    low: f64,
    high: f64,
}

/// The part of a step that lies where its alarm breaches, as values of the metric.
fn breaching_part(policy: &StepScaling, step: &Step) -> Option<Range> {
    let threshold = policy.alarm.threshold;
    let (low, high) = (step.lower.unwrap_or(f64::NEG_INFINITY), step.upper.unwrap_or(f64::INFINITY));
    let (low, high) = if policy.alarm.breach.is_upward() { (low.max(0.0), high) } else { (low, high.min(0.0)) };
    (low < high).then_some(Range { low: threshold + low, high: threshold + high })
}

/// Values that breach and change nothing: a step of adjustment 0, or no step at all next to the threshold.
fn unchanged(policy: &StepScaling) -> Option<(Range, &'static str)> {
    let threshold = policy.alarm.threshold;
    let is_idle = |step: &&Step| step.adjustment == 0 && policy.adjustment != Adjustment::ExactCapacity;
    let by_zero = policy.steps.iter().filter(is_idle).find_map(|step| breaching_part(policy, step));
    if let Some(range) = by_zero {
        return Some((range, "the adjustment of their step is 0"));
    }
    let covered = policy.steps.iter().filter_map(|step| breaching_part(policy, step));
    let none = "no step covers them";
    if policy.alarm.breach.is_upward() {
        let first = covered.map(|range| range.low).fold(f64::INFINITY, f64::min);
        (first > threshold).then_some((Range { low: threshold, high: first }, none))
    } else {
        let last = covered.map(|range| range.high).fold(f64::NEG_INFINITY, f64::max);
        (last < threshold).then_some((Range { low: last, high: threshold }, none))
    }
}

fn without_change(service: &Service, policy: &StepScaling) -> Option<Finding> {
    let (range, why) = unchanged(policy)?;
    let values = match (range.low.is_finite(), range.high.is_finite()) {
        (true, true) => format!("values from {} to {}", range.low, range.high),
        (true, false) => format!("values from {} on", range.low),
        _ => format!("values up to {}", range.high),
    };
    let message = format!("{values} raise the alarm of policy {} and change nothing: {why}", policy.name);
    let remedy = "nothing, if that band is meant; else give it a step, or move the threshold";
    Some(note("step-without-change", policy_path(service, &policy.name, "step_adjustments"), message, remedy))
}

/// Tasks that a change by number or by percent makes, both directions alike: percent are cut towards zero, to one
/// task or the least change at least.
fn change(policy: &StepScaling, adjustment: u64, tasks: u32) -> f64 {
    match policy.adjustment {
        Adjustment::PercentChangeInCapacity => {
            (f64::from(tasks) * adjustment as f64 / 100.0).floor().max(f64::from(policy.min_adjustment_magnitude.max(1)))
        }
        Adjustment::ChangeInCapacity | Adjustment::ExactCapacity => adjustment as f64,
    }
}

/// The steps that act, each with the breaching value nearest to the threshold and its size; those of the other
/// direction are left out.
fn acting(policy: &StepScaling, upward: bool) -> Vec<(f64, u64)> {
    let is_relative = policy.adjustment != Adjustment::ExactCapacity;
    let acts =
        |step: &&Step| is_relative && policy.alarm.breach.is_upward() == upward && step.adjustment != 0 && (step.adjustment > 0) == upward;
    let nearest = |step: &Step| {
        let range = breaching_part(policy, step)?;
        Some((if upward { range.low } else { range.high }, step.adjustment.unsigned_abs()))
    };
    policy.steps.iter().filter(acts).filter_map(nearest).collect()
}

/// Whether the metric falls in proportion when tasks are added.
fn is_per_task(policy: &StepScaling) -> bool {
    let is_level = matches!(policy.series.statistic, Statistic::Average | Statistic::Minimum | Statistic::Maximum);
    match policy.series.metric {
        Metric::CpuUtilization | Metric::MemoryUtilization => is_level,
        Metric::RequestCountPerTarget | Metric::BacklogPerTask => true,
        _ => false,
    }
}

/// A count of tasks at which a policy acts, the value before it and the value that the same load has after it.
struct Undone {
    from: f64,
    to: f64,
    before: f64,
    after: f64,
}

/// A scale-out after which the same load lies where the other policy scales in.
fn undone_out(scaling: &Scaling, out: &StepScaling, inward: &StepScaling) -> Option<Undone> {
    let low = acting(inward, false).into_iter().map(|(value, _)| value).reduce(f64::max)?;
    let most = scaling.max_capacity.min(scaling.min_capacity.saturating_add(MOST_TASKS));
    acting(out, true).into_iter().find_map(|(before, adjustment)| {
        (scaling.min_capacity.max(1)..most).find_map(|tasks| {
            let from = f64::from(tasks);
            let to = (from + change(out, adjustment, tasks)).min(f64::from(scaling.max_capacity));
            let after = before * from / to;
            (after <= low).then_some(Undone { from, to, before, after })
        })
    })
}

/// A scale-in after which the same load lies where the other policy scales out.
fn undone_in(scaling: &Scaling, out: &StepScaling, inward: &StepScaling) -> Option<Undone> {
    let high = acting(out, true).into_iter().map(|(value, _)| value).reduce(f64::min)?;
    let most = scaling.max_capacity.min(scaling.min_capacity.saturating_add(MOST_TASKS));
    let least = f64::from(scaling.min_capacity.max(1));
    acting(inward, false).into_iter().find_map(|(before, adjustment)| {
        (scaling.min_capacity.max(1) + 1..=most).find_map(|tasks| {
            let from = f64::from(tasks);
            let to = (from - change(inward, adjustment, tasks)).max(least);
            let after = before * from / to;
            (after >= high).then_some(Undone { from, to, before, after })
        })
    })
}

/// Two policies on one metric of which one undoes the other at an unchanged load.
fn flapping(service: &Service, scaling: &Scaling, out: &StepScaling, inward: &StepScaling) -> Option<Finding> {
    if out.series.metric != inward.series.metric || !is_per_task(out) {
        return None;
    }
    let (first, second, undone) = match undone_out(scaling, out, inward) {
        Some(undone) => (out, inward, undone),
        None => (inward, out, undone_in(scaling, out, inward)?),
    };
    let Undone { from, to, before, after } = undone;
    let message = format!(
        "policy {} takes {from} tasks at {before} to {to}, which the same load puts at {after:.1}: there policy {} takes them back",
        first.name, second.name
    );
    let remedy = "move the thresholds apart, or make the steps smaller";
    Some(warning("step-thresholds-flap", path(service, "scaling.policies"), message, remedy))
}
