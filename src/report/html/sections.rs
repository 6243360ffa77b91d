//! The parts of the page below the headline: tables whose words are those of the summary, and where the figures come from.

use maud::{Markup, html};

use super::super::summary::{self, Body, Section, Table, Tone};
use super::super::{deployments, text};
use super::evidence;
use super::tables::{list, table};
use crate::result::{LineItem, RunResult};

/// What a reader must know.
pub(super) fn warnings(result: &RunResult) -> Markup {
    html! {
        @if !result.warnings.is_empty() {
            section.warnings aria-labelledby="warnings-title" {
                h2 #warnings-title { "Warnings" }
                ul { @for warning in &result.warnings { li { (warning) } } }
            }
        }
    }
}

/// The verdicts.
pub(super) fn thresholds(result: &RunResult) -> Markup {
    html! {
        @if !result.thresholds.is_empty() {
            (titled("Thresholds", "What was asked for and what came out", &summary::thresholds(&result.thresholds)))
        }
    }
}

/// What each service did.
pub(super) fn services(result: &RunResult) -> Markup {
    titled("Services", "What each service did; p50, p95 and p99 are response times", &summary::services(result))
}

/// The EC2 instances of each capacity provider, where there are any.
pub(super) fn instances(result: &RunResult) -> Markup {
    html! {
        @if let Some(Section { body: Body::Table(rows), .. }) = summary::instances_section(result) {
            (titled("EC2 instances", "The instances of each capacity provider, and what tasks reserve of them", &rows))
        }
    }
}

/// Deployments, where there were any.
pub(super) fn deployments(result: &RunResult) -> Markup {
    html! {
        @if let Some(Section { body: Body::Lines(lines), .. }) = deployments::section(result) {
            section aria-labelledby="deployments-title" {
                h2 #deployments-title { "Deployments" }
                (list(&lines))
            }
        }
    }
}

/// The bill.
pub(super) fn bill(result: &RunResult) -> Markup {
    html! {
        section aria-labelledby="bill-title" {
            h2 #bill-title { "Bill" }
            (table("The bill of the window and of a month, in US dollars", &summary::bill(result)))
            @if let Some(notes) = summary::notes_on_prices(result) { p.note { (notes.text) } }
        }
    }
}

/// A section of one table under its own name.
fn titled(name: &'static str, caption: &'static str, content: &Table) -> Markup {
    let id = format!("{}-title", name.to_lowercase());
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (name) }
            (table(caption, content))
        }
    }
}

/// Every price that the bill used, once, with its source and date.
pub(super) fn prices(result: &RunResult) -> Markup {
    let mut lines: Vec<&LineItem> = Vec::new();
    for line in &result.cost.line_items {
        let is_same = |known: &&LineItem| key(known) == key(line);
        if !lines.iter().any(is_same) {
            lines.push(line);
        }
    }
    let row = |line: &&LineItem| {
        let price = format!("${}", line.unit_price);
        vec![line.usage_type.clone(), price, line.unit.clone(), line.price_date.clone(), line.price_source.clone()]
    };
    let titles = [("Usage type", false), ("Price", true), ("Unit", false), ("Date", false), ("Source", false)];
    let content = plain(&titles, lines.iter().map(row).collect());
    html! {
        section aria-labelledby="prices-title" {
            h2 #prices-title { "Prices" }
            @if lines.is_empty() { p { "The bill has no lines." } } @else {
                (table("Every price that the bill used, where it was published and when", &content))
            }
            @if result.cost.discount.parse::<f64>().is_ok_and(|discount| discount > 0.0) {
                p.note { "All prices carry a private discount of " (text::percent_of_fraction(result.cost.discount.parse().ok().map(crate::result::Figure))) "." }
            }
        }
    }
}

/// What makes two prices the same.
fn key(line: &LineItem) -> [&str; 5] {
    [&line.usage_type, &line.unit_price, &line.unit, &line.price_source, &line.price_date]
}

/// What is assumed, and why.
pub(super) fn assumptions(result: &RunResult) -> Markup {
    let row = |(name, value): (&String, &serde_json::Value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        let (source, confidence) = evidence::of(name).map_or_else(
            || ("this version of ecsim does not know it".to_owned(), text::NO_DATA.to_owned()),
            |evidence| (evidence.source, evidence.confidence),
        );
        vec![name.clone(), value, confidence, source]
    };
    let titles = [("Assumption", false), ("Value", false), ("Confidence", false), ("Where its default comes from", false)];
    html! {
        section aria-labelledby="assumptions-title" {
            h2 #assumptions-title { "Assumptions" }
            p { "What AWS does not document is a parameter of the scenario. This run assumed:" }
            (table("Assumptions in force and the evidence for their defaults", &plain(&titles, result.assumptions.iter().map(row).collect())))
        }
    }
}

/// A table of plain rows.
fn plain(titles: &[(&'static str, bool)], rows: Vec<Vec<String>>) -> Table {
    let row = |cells| summary::Row { branches: Vec::new(), cells, tone: Tone::Plain };
    Table { columns: summary::columns(titles), rows: rows.into_iter().map(row).collect() }
}

/// What it takes to make the same again.
pub(super) fn origin(result: &RunResult, command: &str) -> Markup {
    let replications = match result.replications {
        0 | 1 => "1".to_owned(),
        count => format!("{count}, with the seeds {} to {}", result.seed, result.seed + u64::from(count) - 1),
    };
    let files = result.inputs.iter().map(|input| vec![input.path.clone(), input.sha256.clone()]).collect();
    html! {
        section aria-labelledby="origin-title" {
            h2 #origin-title { "How this was made" }
            @if !command.is_empty() { pre tabindex="0" { code { (command) } } }
            dl.origin {
                dt { "ecsim" } dd { (result.ecsim_version) }
                dt { "Seed" } dd { (result.seed) }
                dt { "Replications" } dd { (replications) }
                dt { "Fidelity" } dd { (result.fidelity) }
                @if let Some(variant) = &result.variant { dt { "Variant" } dd { (variant) } }
            }
            @if !result.inputs.is_empty() {
                (table("The files that the run read", &plain(&[("File", false), ("SHA-256", false)], files)))
            }
            p.note { "The same files, version and seed give the same figures on every machine." }
        }
    }
}
