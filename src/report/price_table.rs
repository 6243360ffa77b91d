//! Rows of the price book.

use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use comfy_table::{CellAlignment, Table, TableStyle};
use serde::Serialize;

use crate::error::{Error, ErrorKind, Fault, Place};

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

fn build(rows: &[PriceRow], style: TableStyle) -> Table {
    let mut table = Table::new();
    table.load_style(style);
    table.set_header(["key", "USD", "unit", "date", "basis", "source"]);
    for row in rows {
        table.add_row([&row.key, &row.usd, &row.unit, &row.date, &row.basis, &row.source]);
    }
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// Prices for a screen.
#[must_use]
pub fn table(rows: &[PriceRow]) -> String {
    format!("{}\n", build(rows, NOTHING).trim_fmt())
}

/// Prices as Markdown.
#[must_use]
pub fn markdown(rows: &[PriceRow]) -> String {
    format!("{}\n", build(rows, ASCII_MARKDOWN))
}

/// Prices as CSV, with usage type and note.
///
/// # Errors
/// When a row cannot be written.
pub fn csv(rows: &[PriceRow]) -> Result<String, Error> {
    let failed =
        |reason: &dyn std::fmt::Display| Error::from(Fault::new(ErrorKind::File, Place::default(), format!("cannot write CSV: {reason}")));
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).map_err(|reason| failed(&reason))?;
    }
    let bytes = writer.into_inner().map_err(|reason| failed(&reason))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
