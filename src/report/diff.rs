//! What changed between two results, on the screen, in Markdown and as CSV.

use super::comment::{comment, marker};
use super::summary::{Line, Section, Tone};
use super::table::on_screen;
use super::text;
use crate::error::{Error, ErrorKind, Fault, Place};
use crate::result::Figure;
use crate::result::diff::{DiffResult, DiffSide, FigureDiff, LineDiff};

/// The difference as aligned text of about `width` columns, with ANSI colours when `colours` is set.
#[must_use]
pub fn table(result: &DiffResult, width: usize, colours: bool) -> String {
    on_screen(&title(result), &sections(result), width, colours)
}

/// The difference as Markdown.
#[must_use]
pub fn markdown(result: &DiffResult) -> String {
    let marker = marker("diff", &result.new.scenario, result.new.variant.as_deref());
    comment(&marker, &title(result), &sections(result), &[])
}

/// All lines of both bills as CSV.
///
/// # Errors
/// When a row cannot be written.
pub fn csv(result: &DiffResult) -> Result<String, Error> {
    let failed = |error: String| Error::from(Fault::new(ErrorKind::File, Place::default(), error));
    let mut writer = csv::Writer::from_writer(Vec::new());
    for line in &result.lines {
        writer.serialize(line).map_err(|error| failed(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}

fn title(result: &DiffResult) -> String {
    let (old, new) = (name(&result.old), name(&result.new));
    if old == new { format!("{new}: what changed") } else { format!("From {old} to {new}: what changed") }
}

fn name(side: &DiffSide) -> String {
    let variant = side.variant.as_ref().map(|variant| format!(", variant {variant}")).unwrap_or_default();
    format!("{}{variant}", side.scenario)
}

fn sections(result: &DiffResult) -> Vec<Section> {
    let changed: Vec<&LineDiff> = result.lines.iter().filter(|line| line.change != "same").collect();
    let same = result.lines.len() - changed.len();
    let mut opening = vec![Line { text: headline(result), tone: Tone::Strong }];
    if changed.is_empty() {
        opening.push(Line { text: "No line of the bill changes.".to_owned(), tone: Tone::Plain });
    }
    let mut sections = vec![Section::of_lines(None, opening)];
    if !changed.is_empty() {
        sections.push(bill(&changed));
        if same > 0 {
            let text = if same == 1 { "One line stays the same.".to_owned() } else { format!("{same} lines stay the same.") };
            sections.push(Section::of_lines(None, vec![Line { text, tone: Tone::Faint }]));
        }
    }
    sections.extend(figures(result));
    sections.extend(Section::of_warnings(&result.warnings));
    sections
}

/// What changed against a baseline, as a part of the summary of a run.
pub(super) fn against_baseline(result: &DiffResult) -> Vec<Section> {
    let name = name(&result.old);
    let mut sections = sections(result);
    // Here the opening needs a title, and is told apart from the run's own.
    sections[0].title = Some(format!("Against the baseline, {name}").into());
    for section in &mut sections {
        if section.title.as_deref() == Some("Warnings") {
            section.title = Some("The baseline is another kind of run".into());
        }
    }
    sections
}

fn headline(result: &DiffResult) -> String {
    let ratio = result.monthly_change_ratio.map(|ratio| format!(" ({:+.1} %)", ratio.0 * 100.0)).unwrap_or_default();
    format!("${} a month, was ${}: {}{ratio}", result.new.monthly, result.old.monthly, signed(&result.monthly_change))
}

/// A change with its sign before the currency.
fn signed(amount: &str) -> String {
    match amount.strip_prefix('-') {
        Some(less) => format!("-${less}"),
        None => format!("+${amount}"),
    }
}

fn bill(changed: &[&LineDiff]) -> Section {
    let titles = [("Service", false), ("Line", false), ("Before", true), ("After", true), ("Change", true), ("By", false)];
    let row = |line: &&LineDiff| {
        let amount = |month: &Option<String>| month.clone().unwrap_or_else(|| "-".to_owned());
        vec![
            line.service.clone().unwrap_or_else(|| "shared".to_owned()),
            line.description.clone(),
            amount(&line.old_monthly),
            amount(&line.new_monthly),
            signed(&line.monthly_change),
            by(line),
        ]
    };
    Section::of_rows("US dollars a month", &titles, changed.iter().map(row).collect())
}

/// What makes a line change; a new price is named.
fn by(line: &LineDiff) -> String {
    match (&line.old_unit_price, &line.new_unit_price) {
        (Some(old), Some(new)) if line.change.contains("price") => format!("{} {old} to {new}", line.change),
        _ => line.change.clone(),
    }
}

fn figures(result: &DiffResult) -> Option<Section> {
    let titles = [("Service", false), ("Figure", false), ("Before", true), ("After", true)];
    let mut rows = Vec::new();
    for service in &result.services {
        for figure in service.figures.iter().filter(|figure| figure.old != figure.new) {
            let value = |value| written(figure, value);
            rows.push(vec![service.service.clone(), figure.path.clone(), value(figure.old), value(figure.new)]);
        }
    }
    (!rows.is_empty()).then(|| Section::of_rows("Figures that changed", &titles, rows))
}

/// A figure in the unit that its path tells.
fn written(figure: &FigureDiff, value: Option<Figure>) -> String {
    match figure.path.as_str() {
        "requests.availability" => text::percent_of_fraction(value),
        path if path.starts_with("latency") => text::latency(value),
        "cpu_utilization.mean" => value.map_or_else(|| "-".to_owned(), |percent| format!("{} %", text::one_place(percent))),
        "slo.seconds_over" => value.map_or_else(|| "-".to_owned(), text::span),
        _ => value.map_or_else(|| "-".to_owned(), text::two_places),
    }
}
