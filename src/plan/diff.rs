//! What changed from one result to another, line by line: for a pull request that touches a scenario.
//!
//! Lines are the same when they bill the same thing of the same service at the same capacity provider; what differs then
//! is how much is used, what a unit costs, or both. The cost of a month is compared, so that windows of different length
//! can stand side by side; what else makes two results hard to compare is said.

use rust_decimal::Decimal;

use crate::money::{Usd, as_f64};
use crate::result::diff::{DiffResult, DiffSide, FigureDiff, LineDiff, ServiceDiff};
use crate::result::{Figure, LineItem, RunResult, ServiceResult};

/// Compares two results.
#[must_use]
pub fn diff(old: &RunResult, new: &RunResult) -> DiffResult {
    let (before, after) = (money(&old.cost.monthly.mean), money(&new.cost.monthly.mean));
    let ratio = after.saturating_sub(before).checked_div(before).map(|ratio| Figure::rounded(as_f64(ratio)));
    DiffResult {
        old: side(old),
        new: side(new),
        monthly_change: Usd(after.saturating_sub(before)).to_places(2),
        monthly_change_ratio: ratio,
        lines: lines(old, new),
        services: services(old, new),
        warnings: warnings(old, new),
    }
}

fn side(result: &RunResult) -> DiffSide {
    let (scenario, variant) = (result.scenario.clone(), result.variant.clone());
    DiffSide { scenario, variant, monthly: result.cost.monthly.mean.clone() }
}

/// Whether two lines bill the same thing.
fn is_same(one: &LineItem, other: &LineItem) -> bool {
    one.service == other.service
        && one.resource == other.resource
        && one.capacity_provider == other.capacity_provider
        && one.description == other.description
}

fn lines(old: &RunResult, new: &RunResult) -> Vec<LineDiff> {
    let windows = [old, new].map(|result| result.window.seconds.0);
    let mut added: Vec<&LineItem> = new.cost.line_items.iter().collect();
    let mut lines = Vec::with_capacity(added.len());
    for line in &old.cost.line_items {
        // Each line is paired once, also where several are alike.
        let pair = added.iter().position(|other| is_same(line, other)).map(|place| added.remove(place));
        lines.push(line_diff(line, Some(line), pair, windows));
    }
    lines.extend(added.into_iter().map(|line| line_diff(line, None, Some(line), windows)));
    lines.sort_by_key(|line| std::cmp::Reverse(money(&line.monthly_change).abs()));
    lines
}

fn line_diff(name: &LineItem, old: Option<&LineItem>, new: Option<&LineItem>, windows: [f64; 2]) -> LineDiff {
    let monthly = |line: Option<&LineItem>| line.map_or(Decimal::ZERO, |line| money(&line.monthly_cost));
    let cents = |line: &LineItem| Usd(money(&line.monthly_cost)).to_places(2);
    LineDiff {
        service: name.service.clone(),
        resource: name.resource.clone(),
        description: name.description.clone(),
        change: change(old, new, windows).to_owned(),
        old_monthly: old.map(cents),
        new_monthly: new.map(cents),
        monthly_change: Usd(monthly(new).saturating_sub(monthly(old))).to_places(2),
        old_unit_price: old.map(|line| line.unit_price.clone()),
        new_unit_price: new.map(|line| line.unit_price.clone()),
    }
}

fn change(old: Option<&LineItem>, new: Option<&LineItem>, windows: [f64; 2]) -> &'static str {
    let (Some(old), Some(new)) = (old, new) else { return if old.is_none() { "added" } else { "removed" } };
    let price = money(&old.unit_price) != money(&new.unit_price);
    match (quantity_differs(old, new, windows), price) {
        (true, true) => "quantity and price",
        (true, false) => "quantity",
        (false, true) => "price",
        (false, false) => "same",
    }
}

/// Whether a second of either window uses different quantities; windows may have different lengths.
fn quantity_differs(old: &LineItem, new: &LineItem, windows: [f64; 2]) -> bool {
    let [old, new] = [as_f64(money(&old.quantity)) * windows[1], as_f64(money(&new.quantity)) * windows[0]];
    (old - new).abs() > SAME_QUANTITY * old.abs().max(new.abs())
}

/// Quantities by the second that differ by less, in parts of the larger, are the same: those of replications are rounded.
const SAME_QUANTITY: f64 = 1e-6;

fn services(old: &RunResult, new: &RunResult) -> Vec<ServiceDiff> {
    let find =
        |result: &RunResult, name: &str| result.services.0.iter().find(|(known, _)| known == name).map(|(_, service)| figures(service));
    let mut names: Vec<&String> = old.services.0.iter().map(|(name, _)| name).collect();
    names.extend(new.services.0.iter().map(|(name, _)| name).filter(|name| !old.services.0.iter().any(|(known, _)| known == *name)));
    let service = |name: &String| {
        let (before, after) = (find(old, name), find(new, name));
        let paths = before.as_ref().or(after.as_ref()).map(|figures| figures.map(|(path, _)| path)).into_iter().flatten();
        let value = |figures: Option<[(&'static str, Option<Figure>); 6]>, path: &str| {
            figures.and_then(|figures| figures.into_iter().find(|(known, _)| *known == path)).and_then(|(_, figure)| figure)
        };
        let figures = paths.map(|path| FigureDiff { path: path.to_owned(), old: value(before, path), new: value(after, path) });
        ServiceDiff { service: name.clone(), figures: figures.collect() }
    };
    names.into_iter().map(service).collect()
}

/// What a reviewer asks of a service besides its cost.
fn figures(service: &ServiceResult) -> [(&'static str, Option<Figure>); 6] {
    [
        ("requests.availability", service.requests.availability),
        ("latency_seconds.p50", service.latency_seconds.p50),
        ("latency_seconds.p99", service.latency_seconds.p99),
        ("cpu_utilization.mean", service.cpu_utilization.mean),
        ("running_tasks.mean", Some(service.running_tasks.mean)),
        ("slo.seconds_over", Some(service.slo.seconds_over)),
    ]
}

fn warnings(old: &RunResult, new: &RunResult) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut differs = |what: &str, old: &str, new: &str| {
        if old != new {
            warnings.push(format!("The results differ in {what}: {old} before, {new} after."));
        }
    };
    differs("region", &old.cost.region, &new.cost.region);
    differs("fidelity", &old.fidelity, &new.fidelity);
    differs("seed", &old.seed.to_string(), &new.seed.to_string());
    differs("replications", &old.replications.to_string(), &new.replications.to_string());
    differs("the start of the window", &old.window.start, &new.window.start);
    differs("the end of the window", &old.window.end, &new.window.end);
    differs("the version of ecsim", &old.ecsim_version, &new.ecsim_version);
    warnings
}

/// An amount of a result; one that is no decimal counts as nothing.
fn money(text: &str) -> Decimal {
    text.parse().unwrap_or_default()
}
