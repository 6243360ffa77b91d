//! Monthly cost by level of capacity.

use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use comfy_table::{CellAlignment, Table, TableStyle};

use super::csv;
use crate::error::Error;
use crate::result::{Cost, LineItem};

/// A level: its name, its tasks, its month.
pub type Level<'a> = (&'a str, u32, &'a Cost);

/// Lines that differ between levels only by quantity.
type LineKey = (String, String, String);

fn key(line: &LineItem) -> LineKey {
    (line.service.clone().unwrap_or_else(|| "shared".to_owned()), line.resource.clone(), line.description.clone())
}

/// Every line that occurs at any level, in the order of the first bill that has it.
fn keys(levels: &[Level]) -> Vec<LineKey> {
    let mut keys: Vec<LineKey> = Vec::new();
    for line in levels.iter().flat_map(|(_, _, cost)| &cost.line_items) {
        if !keys.contains(&key(line)) {
            keys.push(key(line));
        }
    }
    keys.sort_by(|left, right| left.0.cmp(&right.0));
    keys
}

fn monthly(cost: &Cost, wanted: &LineKey) -> Option<String> {
    let line = cost.line_items.iter().find(|line| key(line) == *wanted)?;
    Some(cents(&line.monthly_cost))
}

/// A decimal string to the cent.
fn cents(amount: &str) -> String {
    amount.parse().map_or_else(|_| amount.to_owned(), |decimal| crate::money::Usd(decimal).to_string())
}

/// Characters of a line's name on a screen.
const NAME_WIDTH: usize = 46;

/// A name that fits on a screen.
fn clipped(name: String) -> String {
    if name.chars().count() <= NAME_WIDTH {
        return name;
    }
    name.chars().take(NAME_WIDTH - 1).chain(['…']).collect()
}

/// What a line is called; its resource is named only where a service has two lines of one description.
fn label(line: &LineKey, all: &[LineKey]) -> String {
    let (service, resource, description) = line;
    let alike = all.iter().filter(|other| other.0 == *service && other.2 == *description).count();
    if alike > 1 { format!("{resource}: {description}") } else { description.clone() }
}

fn build(levels: &[Level], style: TableStyle, heading_break: char, shown: fn(String) -> String) -> Table {
    let mut table = Table::new();
    table.load_style(style);
    let heading = |(name, tasks, _): &Level| format!("{name}{heading_break}({tasks} task{})", if *tasks == 1 { "" } else { "s" });
    table.set_header(["USD a month".to_owned(), String::new()].into_iter().chain(levels.iter().map(heading)));
    let keys = keys(levels);
    for wanted in &keys {
        let amounts = levels.iter().map(|(_, _, cost)| monthly(cost, wanted).unwrap_or_else(|| "-".to_owned()));
        table.add_row([wanted.0.clone(), shown(label(wanted, &keys))].into_iter().chain(amounts));
    }
    table.add_row(["total".to_owned(), String::new()].into_iter().chain(levels.iter().map(|(_, _, cost)| cents(&cost.monthly.mean))));
    for column in 2..2 + levels.len() {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The levels side by side, for a screen.
#[must_use]
pub fn table(scenario: &str, region: &str, levels: &[Level]) -> String {
    format!(
        "{scenario} in {region}: the cost of a month of 730 hours with constant tasks\n\n{}\n",
        build(levels, NOTHING, '\n', clipped).trim_fmt()
    )
}

/// The same as Markdown.
#[must_use]
pub fn markdown(scenario: &str, region: &str, levels: &[Level]) -> String {
    format!("### {scenario} in {region}: a month of 730 hours\n\n{}\n", build(levels, ASCII_MARKDOWN, ' ', |name| name))
}

/// The lines of all levels as CSV.
///
/// # Errors
/// When a row cannot be written.
pub fn csv(levels: &[Level]) -> Result<String, Error> {
    csv::text(|writer| {
        writer.write_record(["level", "tasks", "service", "resource", "description", "quantity", "unit", "unit_price", "monthly_cost"])?;
        let lines = levels.iter().flat_map(|(name, tasks, cost)| cost.line_items.iter().map(move |line| (name, tasks.to_string(), line)));
        lines.into_iter().try_for_each(|(name, tasks, line)| {
            let LineItem { resource, description, quantity, unit, unit_price, monthly_cost, .. } = line;
            let service = line.service.as_deref().unwrap_or_default();
            writer.write_record([name, tasks.as_str(), service, resource, description, quantity, unit, unit_price, monthly_cost])
        })
    })
}
