//! What is wanting in the price book.

use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use comfy_table::{CellAlignment, Table, TableStyle};
use serde::Serialize;

use super::price_table::rows_as_csv;
use crate::error::Error;

/// A check of the price book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PriceCheck {
    /// The day against which ages are told.
    pub today: String,
    /// The age in days after which a price is stale.
    pub max_age_days: i64,
    /// The regions and the number of findings in each.
    pub regions: Vec<RegionRow>,
    /// All findings.
    pub findings: Vec<FindingRow>,
}

/// How many findings a region has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegionRow {
    /// The region.
    pub region: String,
    /// Prices that it has.
    pub prices: usize,
    /// Prices that a bill can ask for and that it has not.
    pub missing: usize,
    /// Prices that are too old.
    pub stale: usize,
    /// Prices of a later day than today.
    pub future: usize,
    /// Prices without a date.
    pub undated: usize,
    /// Prices that are estimates.
    pub estimate: usize,
    /// Prices that are computed from published ones.
    pub derived: usize,
}

/// A finding on one price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingRow {
    /// The region.
    pub region: String,
    /// `missing`, `stale`, `future`, `undated`, `estimate` or `derived`.
    pub finding: String,
    /// The key of the price.
    pub key: String,
    /// US dollars for one unit; none where it is missing.
    pub usd: Option<String>,
    /// For when its source states it.
    pub date: String,
    /// The days since then, where they are known.
    pub age_days: Option<i64>,
    /// Where it comes from.
    pub source: String,
    /// What else there is to say.
    pub note: String,
}

fn right(table: &mut Table, columns: impl IntoIterator<Item = usize>) {
    for column in columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

fn regions(check: &PriceCheck, style: TableStyle) -> Table {
    let mut table = Table::new();
    table.load_style(style);
    table.set_header(["Region", "Prices", "Missing", "Stale", "Future", "Undated", "Estimate", "Derived"]);
    for row in &check.regions {
        let counts = [row.prices, row.missing, row.stale, row.future, row.undated, row.estimate, row.derived];
        table.add_row(std::iter::once(row.region.clone()).chain(counts.iter().map(ToString::to_string)));
    }
    right(&mut table, 1..8);
    table
}

/// The findings; those of a check of many regions are too many to read, and stay in JSON and CSV.
fn findings(check: &PriceCheck, style: TableStyle) -> Option<Table> {
    if check.findings.is_empty() || check.regions.len() > 1 {
        return None;
    }
    let mut table = Table::new();
    table.load_style(style);
    table.set_header(["Finding", "Key", "USD", "Date", "Age (days)"]);
    for row in &check.findings {
        let age = row.age_days.map(|days| days.to_string()).unwrap_or_default();
        table.add_row([row.finding.as_str(), &row.key, row.usd.as_deref().unwrap_or_default(), &row.date, &age]);
    }
    right(&mut table, [2, 4]);
    Some(table)
}

fn head(check: &PriceCheck) -> String {
    format!("Ages on {}; a price is stale after {} days.", check.today, check.max_age_days)
}

/// A check for a screen.
#[must_use]
pub fn table(check: &PriceCheck) -> String {
    let findings = findings(check, NOTHING).map(|table| format!("\n{}\n", table.trim_fmt())).unwrap_or_default();
    format!("{}\n\n{}\n{findings}", head(check), regions(check, NOTHING).trim_fmt())
}

/// A check as Markdown.
#[must_use]
pub fn markdown(check: &PriceCheck) -> String {
    let findings = findings(check, ASCII_MARKDOWN).map(|table| format!("\n{table}\n")).unwrap_or_default();
    format!("{}\n\n{}\n{findings}", head(check), regions(check, ASCII_MARKDOWN))
}

/// The findings as CSV.
///
/// # Errors
/// When a row cannot be written.
pub fn csv(check: &PriceCheck) -> Result<String, Error> {
    rows_as_csv(&check.findings)
}
