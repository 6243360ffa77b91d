//! What an import of price files did.

use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use comfy_table::{CellAlignment, Table, TableStyle};
use serde::Serialize;

use super::price_table::rows_as_csv;
use crate::error::Error;

/// An import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PriceImport {
    /// The files that were read.
    pub files: Vec<FileRow>,
    /// The regions that they have prices of.
    pub regions: Vec<RegionImport>,
    /// The prices that were imported.
    pub prices: Vec<ImportRow>,
    /// What looked like a price of the book and was not taken.
    pub left_out: Vec<LeftOutRow>,
    /// What has no price in the book.
    pub ignored: Vec<IgnoredRow>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileRow {
    /// Its name.
    pub file: String,
    /// What it is, with AWS's code and version.
    pub source: String,
    /// The day of its publication, or `undated`.
    pub date: String,
}

/// A region's price file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegionImport {
    /// The region.
    pub region: String,
    /// What the imported prices were put into.
    pub base: String,
    /// The file that was written; none where the user named no folder.
    pub written: Option<String>,
    /// How many prices it has.
    pub prices: usize,
    /// Prices that the imported files could have had for it, and have not.
    pub absent: Vec<String>,
}

/// A price that was imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportRow {
    /// The region.
    pub region: String,
    /// The key of the price.
    pub key: String,
    /// US dollars for one unit.
    pub usd: String,
    /// The unit.
    pub unit: String,
    /// AWS's usage type.
    pub usage_type: String,
    /// The SKU.
    pub sku: String,
    /// The price that stood there before.
    pub before: Option<String>,
    /// The date of that price.
    pub before_date: Option<String>,
    /// The file that has it.
    pub file: String,
}

/// Something that was not taken although it looked like a price of the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOutRow {
    /// The file.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The region.
    pub region: String,
    /// AWS's usage type.
    pub usage_type: String,
    /// The SKU.
    pub sku: String,
    /// Why.
    pub reason: String,
}

/// What has no price in the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IgnoredRow {
    /// The file.
    pub file: String,
    /// How many.
    pub count: u64,
    /// Why.
    pub reason: String,
    /// The first few.
    pub examples: Vec<String>,
}

fn built<const N: usize>(style: TableStyle, header: [&str; N], right: &[usize], rows: impl Iterator<Item = [String; N]>) -> Table {
    let mut table = Table::new();
    table.load_style(style);
    table.set_header(header);
    rows.for_each(|row| {
        table.add_row(row);
    });
    for column in right {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn count(prices: usize) -> String {
    format!("{prices} price{}", if prices == 1 { "" } else { "s" })
}

fn parts(import: &PriceImport, style: TableStyle) -> Vec<(String, Option<Table>)> {
    let mut parts = Vec::new();
    for file in &import.files {
        let name = if file.file == "-" { "standard input" } else { &file.file };
        let date = if file.date == "undated" { file.date.clone() } else { format!("of {}", file.date) };
        parts.push((format!("{name}: {}, {date}", file.source), None));
    }
    for region in &import.regions {
        let rows: Vec<&ImportRow> = import.prices.iter().filter(|row| row.region == region.region).collect();
        let title = match &region.written {
            Some(file) => format!("{file}: {} imported into {}, {} in all", count(rows.len()), region.base, region.prices),
            None => format!("{}: {} to be put into {}, {} in all", region.region, count(rows.len()), region.base, region.prices),
        };
        let cells = rows.into_iter().map(|row| {
            let before = row.before.clone().unwrap_or_else(|| "new".to_owned());
            [row.key.clone(), row.usd.clone(), before, row.before_date.clone().unwrap_or_default(), row.usage_type.clone()]
        });
        parts.push((title, Some(built(style, ["Key", "USD", "Before", "Date before", "Usage type"], &[1, 2], cells))));
        if !region.absent.is_empty() {
            parts.push((format!("No price of {} in these files for: {}", region.region, region.absent.join(", ")), None));
        }
    }
    if !import.left_out.is_empty() {
        let cells = import.left_out.iter().map(|row| {
            [format!("{}:{}", row.file, row.line), row.region.clone(), row.usage_type.clone(), row.sku.clone(), row.reason.clone()]
        });
        let table = built(style, ["Place", "Region", "Usage type", "SKU", "Why it was not taken"], &[], cells);
        parts.push(("Not taken although it looked like a price of the book".to_owned(), Some(table)));
    }
    if !import.ignored.is_empty() {
        let cells = import.ignored.iter().map(|row| [row.count.to_string(), row.reason.clone(), row.examples.join(", ")]);
        let table = built(style, ["Count", "Why it was ignored", "For example"], &[0], cells);
        parts.push(("Ignored".to_owned(), Some(table)));
    }
    parts
}

/// An import for a screen.
#[must_use]
pub fn table(import: &PriceImport) -> String {
    let part = |(title, table): (String, Option<Table>)| match table {
        Some(table) => format!("{title}\n{}\n", table.trim_fmt()),
        None => format!("{title}\n"),
    };
    parts(import, NOTHING).into_iter().map(part).collect::<Vec<_>>().join("\n")
}

/// An import as Markdown.
#[must_use]
pub fn markdown(import: &PriceImport) -> String {
    let part = |(title, table): (String, Option<Table>)| match table {
        Some(table) => format!("{title}\n\n{table}\n"),
        None => format!("{title}\n"),
    };
    parts(import, ASCII_MARKDOWN).into_iter().map(part).collect::<Vec<_>>().join("\n")
}

/// The imported prices as CSV.
///
/// # Errors
/// When a row cannot be written.
pub fn csv(import: &PriceImport) -> Result<String, Error> {
    rows_as_csv(&import.prices)
}
