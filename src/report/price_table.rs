//! Rows of the price book.

use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use comfy_table::{CellAlignment, Table, TableStyle};
use serde::Serialize;

use super::csv;
use crate::error::Error;

/// One price, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PriceRow {
    /// Its key: `fargate.linux_x86.vcpu_hour`.
    pub key: String,
    /// US dollars for one unit.
    pub usd: String,
    /// The unit.
    pub unit: String,
    /// AWS's usage type; empty where it is not known.
    pub usage_type: String,
    /// Whether it is published, derived, estimated or an override.
    pub basis: String,
    /// Where it comes from.
    pub source: String,
    /// When it was read.
    pub date: String,
    /// What else there is to say.
    pub note: String,
}

/// The sources of all rows, each once, in the order of the rows.
fn sources(rows: &[PriceRow]) -> Vec<&str> {
    let mut sources: Vec<&str> = Vec::new();
    for row in rows {
        if !sources.contains(&row.source.as_str()) {
            sources.push(&row.source);
        }
    }
    sources
}

/// A source is a sentence that many prices share: rows name it by its number.
fn build(rows: &[PriceRow], sources: &[&str], style: TableStyle) -> Table {
    let mut table = Table::new();
    table.load_style(style);
    table.set_header(["Key", "USD", "Unit", "Date", "Basis", "Source"]);
    for row in rows {
        let number = sources.iter().position(|source| *source == row.source).map_or(0, |index| index + 1);
        table.add_row([&row.key, &row.usd, &row.unit, &row.date, &row.basis, &number.to_string()]);
    }
    for column in [1, 5] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The numbered sources, one a line.
fn notes(sources: &[&str], mark: &str) -> String {
    sources.iter().enumerate().map(|(index, source)| format!("{}{mark} {source}\n", index + 1)).collect()
}

/// Prices for a screen, and below them where they come from.
#[must_use]
pub fn table(rows: &[PriceRow]) -> String {
    let sources = sources(rows);
    format!("{}\n\nSources\n{}", build(rows, &sources, NOTHING).trim_fmt(), notes(&sources, "  "))
}

/// Prices as Markdown, and below them where they come from.
#[must_use]
pub fn markdown(rows: &[PriceRow]) -> String {
    let sources = sources(rows);
    format!("{}\n\nSources:\n\n{}", build(rows, &sources, ASCII_MARKDOWN), notes(&sources, "."))
}

/// Prices as CSV, with usage type and note.
///
/// # Errors
/// When a row cannot be written.
pub fn csv(rows: &[PriceRow]) -> Result<String, Error> {
    rows_as_csv(rows)
}

/// Rows as CSV, with the names of their fields as its columns.
///
/// # Errors
/// When a row cannot be written.
pub(super) fn rows_as_csv<T: Serialize>(rows: &[T]) -> Result<String, Error> {
    csv::text(|writer| rows.iter().try_for_each(|row| writer.serialize(row)))
}
