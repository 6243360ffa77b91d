//! What a reader sees first: what was run, whether its thresholds are met, and the figures that decide.

use maud::{Markup, html};

use super::super::summary::{half_width, plus_minus_dollars};
use super::super::text;
use crate::result::{Figure, RunResult, ServiceResult};

/// The name of the run, its window and the verdict on its thresholds.
pub(super) fn header(result: &RunResult, title: &str) -> Markup {
    let window = &result.window;
    html! {
        header {
            p.eyebrow { "Simulation of Amazon ECS" }
            h1 { (title) }
            p.window {
                (text::span(window.seconds)) " from " time datetime=(window.start) { (readable(&window.start)) }
                " to " time datetime=(window.end) { (readable(&window.end)) } " UTC"
                @if !result.cost.region.is_empty() { ", " (result.cost.region) }
                ", " (result.fidelity) " fidelity, seed " (result.seed)
                @if result.replications > 1 { ", means of " (result.replications) " replications" }
            }
            (verdict(result))
        }
    }
}

fn verdict(result: &RunResult) -> Markup {
    let failed = result.thresholds.iter().filter(|threshold| !threshold.ok).count();
    html! {
        @match (result.thresholds.len(), failed) {
            (0, _) => p.verdict { "No thresholds were set" }
            (1, 0) => p.verdict.good { "\u{2713} The threshold is met" }
            (all, 0) => p.verdict.good { "\u{2713} All " (all) " thresholds are met" }
            (1, _) => p.verdict.bad { "\u{2717} The threshold FAILED" }
            (all, failed) => p.verdict.bad { "\u{2717} " (failed) " of " (all) " thresholds FAILED" }
        }
    }
}

/// The figures that decide, each on a card.
pub(super) fn cards(result: &RunResult) -> Markup {
    let cost = &result.cost;
    let window = format!("{} in the window of {}", text::dollars(&cost.window), text::span(result.window.seconds));
    html! {
        section aria-labelledby="headline-title" {
            h2 #headline-title.unseen { "Headline" }
            dl.cards {
                (card("Cost a month", &monthly_cost_figure(result), &[quantiles(result), Some(window)]))
                @if let Some(per_million) = &cost.per_million_requests {
                    (card("For a million requests", &text::dollars(per_million), &[saving(result)]))
                }
                (of_services(result))
            }
        }
    }
}

/// The cost of a month in a line.
pub(super) fn monthly_cost(result: &RunResult) -> String {
    format!("{} a month, seed {}", monthly_cost_figure(result), result.seed)
}

fn monthly_cost_figure(result: &RunResult) -> String {
    let monthly = &result.cost.monthly;
    format!("{}{}", text::dollars(&monthly.mean), plus_minus_dollars(monthly.ci95.as_ref(), "mean"))
}

fn quantiles(result: &RunResult) -> Option<String> {
    let monthly = &result.cost.monthly;
    let (p10, p50, p90) = (monthly.p10.as_ref()?, monthly.p50.as_ref()?, monthly.p90.as_ref()?);
    Some(format!("P10 {}, P50 {}, P90 {}; ± is half of a 95 % interval", text::dollars(p10), text::dollars(p50), text::dollars(p90)))
}

fn saving(result: &RunResult) -> Option<String> {
    let saving = &result.cost.spot_saving;
    let is_some = saving.parse::<rust_decimal::Decimal>().is_ok_and(|saving| !saving.is_zero());
    is_some.then(|| format!("Spot saved {} in the window", text::dollars(saving)))
}

/// Of several services the worst, by its name.
fn of_services(result: &RunResult) -> Markup {
    let services = &result.services.0;
    let worst = |of: fn(&ServiceResult) -> Option<Figure>, is_worse: fn(f64, f64) -> bool| {
        let known = services.iter().filter_map(|(name, service)| Some((name, service, of(service)?)));
        known.reduce(|worst, next| if is_worse(next.2.0, worst.2.0) { next } else { worst })
    };
    let of_name = |name: &str| (services.len() > 1).then(|| format!("worst of {} services: {name}", services.len()));
    let available = worst(|service| service.requests.availability, |a, b| a < b);
    let slowest = worst(|service| service.latency_seconds.p99, |a, b| a > b);
    html! {
        @if let Some((name, service, availability)) = available {
            @let spread = text::plus_minus(half_width(service.requests.ci95.as_ref(), "availability"), text::percent_points);
            (card("Availability", &spaced(text::percent_of_fraction(Some(availability)), &spread), &[of_name(name), missed(service)]))
        }
        @if let Some((name, service, p99)) = slowest {
            @let written = |seconds| text::latency(Some(seconds));
            @let spread = text::plus_minus(half_width(service.latency_seconds.ci95.as_ref(), "p99"), written);
            @let median = format!("half are answered in {}", text::latency(service.latency_seconds.p50));
            (card("Response time, p99", &spaced(written(p99), &spread), &[of_name(name), Some(median)]))
        }
        @if let [(_, service)] = services.as_slice() {
            @let tasks = &service.running_tasks;
            (card("Tasks running", &text::one_place(tasks.mean), &[Some(format!("on average; {} to {}", tasks.min, tasks.max))]))
        }
    }
}

/// For how long the service level was missed.
fn missed(service: &ServiceResult) -> Option<String> {
    (service.slo.seconds_over.0 > 0.0).then(|| format!("service level missed for {}", text::span(service.slo.seconds_over)))
}

fn spaced(figure: String, spread: &str) -> String {
    if spread.is_empty() { figure } else { format!("{figure} {spread}") }
}

fn card(name: &str, figure: &str, remarks: &[Option<String>]) -> Markup {
    html! {
        div.card {
            dt { (name) }
            dd.figure { (figure) }
            @for remark in remarks.iter().flatten() { dd.remark { (remark) } }
        }
    }
}

/// A point in time for people: `2026-03-02T00:00:00Z` as `2026-03-02 00:00`, without the seconds where they are zero.
pub(super) fn readable(time: &str) -> String {
    let text = time.trim_end_matches('Z').replacen('T', " ", 1);
    let text = text.split_once('.').map_or(text.as_str(), |(whole, _)| whole);
    text.strip_suffix(":00").unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn times_are_written_without_what_is_zero() {
        let cases = ["2026-03-02T00:00:00Z", "2026-03-02T08:06:03Z", "2026-03-02T08:06:03.25Z"].map(readable);
        assert_eq!(cases, ["2026-03-02 00:00", "2026-03-02 08:06:03", "2026-03-02 08:06:03"]);
    }
}
