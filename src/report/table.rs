//! The summary on the screen, the marks of Markdown, and the bill as CSV.
//!
//! The screen form is plain aligned text: it survives a pipe, a log file and a terminal without colours.
//! It fits the given width where it can; then a last column of words takes several lines, and the first
//! column gives way, for numbers cut short would be other numbers.

use std::fmt::Write as _;

use super::csv;
use super::summary::{Body, Line, Row, Section, Table, Tone, sections, title};
use crate::error::Error;
use crate::result::diff::DiffResult;
use crate::result::{Cost, LineItem, RunResult};

/// Between two columns.
const GAP: &str = "  ";
/// The first column keeps at least so many characters.
const NARROWEST_FIRST_COLUMN: usize = 16;
/// A last column of words keeps at least so many.
const NARROWEST_LAST_COLUMN: usize = 20;

/// The summary as aligned text of about `width` columns (a bill with long units may be wider), with ANSI
/// colours when `colours` is set.
#[must_use]
pub fn table(result: &RunResult, width: usize, colours: bool) -> String {
    table_against(result, None, width, colours)
}

/// The same with what changed against a baseline.
#[must_use]
pub fn table_against(result: &RunResult, change: Option<&DiffResult>, width: usize, colours: bool) -> String {
    on_screen(&title(result), &sections(result, change), width, colours)
}

/// A title and sections as aligned text.
pub(super) fn on_screen(title: &str, sections: &[Section], width: usize, colours: bool) -> String {
    let screen = Screen { width, colours };
    let mut out = screen.painted(title, Tone::Strong);
    out.push('\n');
    for section in sections {
        screen.section(section, &mut out);
    }
    out
}

/// How the screen is.
struct Screen {
    width: usize,
    colours: bool,
}

impl Screen {
    fn section(&self, section: &Section, out: &mut String) {
        match (&section.title, &section.body) {
            (Some(title), _) => {
                out.push('\n');
                out.push_str(&self.painted(title, Tone::Strong));
                out.push('\n');
            }
            (None, Body::Lines(lines)) if lines.iter().all(|line| line.tone == Tone::Faint) => out.push('\n'),
            (None, _) => {}
        }
        match &section.body {
            Body::Lines(lines) => lines.iter().for_each(|line| self.line(line, out)),
            Body::Table(table) => self.table(table, out),
            Body::Block(_, text) => {
                out.push('\n');
                out.push_str(text);
            }
        }
    }

    /// A sentence, wrapped at spaces; what follows the first line is indented.
    fn line(&self, line: &Line, out: &mut String) {
        let mut row = String::new();
        for word in line.text.split(' ') {
            if !row.trim_start().is_empty() && length(&row) + 1 + length(word) > self.width {
                out.push_str(&self.painted(&row, line.tone));
                out.push('\n');
                row = String::from("  ");
            } else if !row.is_empty() {
                row.push(' ');
            }
            row.push_str(word);
        }
        out.push_str(&self.painted(&row, line.tone));
        out.push('\n');
    }

    fn table(&self, table: &Table, out: &mut String) {
        let widths = self.widths(table);
        let heading = table.columns.iter().map(|column| column.title.to_string()).collect();
        let heading = Row { branches: Vec::new(), cells: heading, tone: Tone::Faint };
        let last = table.columns.len().saturating_sub(1);
        let heading = Some(&heading).filter(|heading| heading.cells.iter().any(|cell| !cell.is_empty()));
        for row in heading.into_iter().chain(&table.rows) {
            let mut text = String::new();
            let mut further_lines = Vec::new();
            for (index, cell) in row.cells.iter().enumerate() {
                let mut cell = if index == 0 { branch(&row.branches) + cell } else { cell.clone() };
                if index == last && ends_in_words(table) {
                    further_lines = wrapped(&cell, widths[index]);
                    cell = further_lines.remove(0);
                }
                let cell = shortened(&cell, widths[index]);
                let padding = " ".repeat(widths[index] - length(&cell));
                let gap = if index == 0 { "" } else { GAP };
                let is_number = table.columns[index].is_number;
                let _ = if is_number { write!(text, "{gap}{padding}{cell}") } else { write!(text, "{gap}{cell}{padding}") };
            }
            out.push_str(&self.painted(text.trim_end(), row.tone));
            out.push('\n');
            let indent = widths[..last].iter().sum::<usize>() + GAP.len() * last;
            for line in further_lines {
                out.push_str(&self.painted(&format!("{}{line}", " ".repeat(indent)), row.tone));
                out.push('\n');
            }
        }
    }

    /// The width of each column: that of its widest cell. When the row would not fit, a last column of words is wrapped, and
    /// then the first gives way.
    fn widths(&self, table: &Table) -> Vec<usize> {
        let mut widths: Vec<usize> = table.columns.iter().map(|column| length(&column.title)).collect();
        for row in &table.rows {
            for (index, cell) in row.cells.iter().enumerate() {
                let tree = if index == 0 { length(&branch(&row.branches)) } else { 0 };
                widths[index] = widths[index].max(tree + length(cell));
            }
        }
        let gaps = GAP.len() * widths.len().saturating_sub(1);
        let mut whole = widths.iter().sum::<usize>() + gaps;
        if let Some(last) = widths.last_mut().filter(|_| ends_in_words(table)) {
            let kept = last.saturating_sub(whole.saturating_sub(self.width)).max(NARROWEST_LAST_COLUMN.min(*last));
            whole -= *last - kept;
            *last = kept;
        }
        if let Some(first) = widths.first_mut() {
            let too_wide = whole.saturating_sub(self.width);
            *first = first.saturating_sub(too_wide).max(NARROWEST_FIRST_COLUMN.min(*first));
        }
        widths
    }

    fn painted(&self, text: &str, tone: Tone) -> String {
        let code = match tone {
            Tone::Plain => return text.to_owned(),
            Tone::Strong => "1",
            Tone::Faint => "2",
            Tone::Good => "32",
            Tone::Bad => "1;31",
            Tone::Warning => "33",
        };
        if self.colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Whether the last of several columns holds words, which may take several lines.
fn ends_in_words(table: &Table) -> bool {
    table.columns.len() > 1 && table.columns.last().is_some_and(|column| !column.is_number)
}

/// The lines of a text that is broken at spaces; at least one.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() || length(line) + 1 + length(word) <= width => {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn length(text: &str) -> usize {
    text.chars().count()
}

fn shortened(text: &str, width: usize) -> String {
    if length(text) <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// The lines of the tree before a row.
fn branch(branches: &[bool]) -> String {
    let Some((&last, above)) = branches.split_last() else { return String::new() };
    let mut text: String = above.iter().map(|&ended| if ended { "   " } else { "│  " }).collect();
    text.push_str(if last { "└─ " } else { "├─ " });
    text
}

/// The heading of a document.
pub(super) fn markdown_heading(title: &str) -> String {
    format!("## {}\n", escaped(title))
}

/// A section without its title.
pub(super) fn markdown_body(section: &Section) -> String {
    let mut out = String::new();
    match &section.body {
        Body::Lines(lines) => markdown_lines(lines, section.title.is_some(), &mut out),
        Body::Table(table) => markdown_table(table, &mut out),
        Body::Block(language, text) => out = format!("```{language}\n{text}```\n"),
    }
    out
}

fn markdown_lines(lines: &[Line], as_list: bool, out: &mut String) {
    for (index, line) in lines.iter().enumerate() {
        let text = emphasised(&escaped(&line.text), line.tone);
        // Two spaces at the end of a line break it.
        let end = if as_list || index + 1 == lines.len() { "" } else { "  " };
        let mark = if as_list { "- " } else { "" };
        let _ = writeln!(out, "{mark}{text}{end}");
    }
}

fn markdown_table(table: &Table, out: &mut String) {
    let titles: Vec<String> = table.columns.iter().map(|column| escaped(&column.title)).collect();
    let _ = writeln!(out, "| {} |", titles.join(" | "));
    let rules: Vec<&str> = table.columns.iter().map(|column| if column.is_number { "---:" } else { "---" }).collect();
    let _ = writeln!(out, "| {} |", rules.join(" | "));
    for row in &table.rows {
        let indent = "&emsp;".repeat(row.branches.len());
        let cells: Vec<String> = row.cells.iter().map(|cell| emphasised(&escaped(cell), row.tone)).collect();
        let _ = writeln!(out, "| {indent}{} |", cells.join(" | "));
    }
}

fn emphasised(text: &str, tone: Tone) -> String {
    match tone {
        Tone::Strong | Tone::Bad if !text.is_empty() => format!("**{text}**"),
        _ => text.to_owned(),
    }
}

/// Text whose characters Markdown would take for its own.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '|' | '*' | '_' | '`' | '<' | '>' | '[' | ']' | '~' | '#' | '$') {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

/// The columns of the bill as CSV: the fields of a line item, those last that not every line has.
pub const BILL_COLUMNS: [&str; 17] = [
    "service",
    "resource",
    "capacity_provider",
    "product",
    "usage_type",
    "description",
    "behaviour",
    "quantity",
    "unit",
    "unit_price",
    "price_source",
    "price_date",
    "estimated",
    "cost",
    "monthly_cost",
    "savings_plan",
    "on_demand_unit_price",
];

/// The lines of the bill as CSV with the names of the result document, an empty field where it has null. Half-widths are left
/// to the document: a table has no room for objects.
///
/// # Errors
/// When a line cannot be written, which memory alone can cause.
pub fn bill_csv(cost: &Cost) -> Result<String, Error> {
    // A bill without lines has its header all the same.
    csv::text(|writer| {
        writer.write_record(BILL_COLUMNS)?;
        cost.line_items.iter().try_for_each(|line| writer.write_record(bill_row(line)))
    })
}

/// A field that a line may lack.
fn optional(field: Option<&String>) -> &str {
    field.map_or("", String::as_str)
}

/// A line in the order of [`BILL_COLUMNS`].
fn bill_row(line: &LineItem) -> [&str; BILL_COLUMNS.len()] {
    [
        optional(line.service.as_ref()),
        &line.resource,
        optional(line.capacity_provider.as_ref()),
        &line.product,
        &line.usage_type,
        &line.description,
        &line.behaviour,
        &line.quantity,
        &line.unit,
        &line.unit_price,
        &line.price_source,
        &line.price_date,
        if line.estimated { "true" } else { "false" },
        &line.cost,
        &line.monthly_cost,
        optional(line.savings_plan.as_ref()),
        optional(line.on_demand_unit_price.as_ref()),
    ]
}
