//! What changed between two results, on the screen, in Markdown and as CSV.

use super::comment::{comment, marker};
use super::csv;
use super::summary::{Line, Section, Tone, name_of};
use super::table::on_screen;
use super::text;
use crate::error::Error;
use crate::result::Figure;
use crate::result::diff::{DiffResult, DiffSide, LineDiff};

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
    csv::text(|writer| result.lines.iter().try_for_each(|line| writer.serialize(line)))
}

fn title(result: &DiffResult) -> String {
    let (old, new) = (name(&result.old), name(&result.new));
    if old == new { format!("{new}: what changed") } else { format!("From {old} to {new}: what changed") }
}

fn name(side: &DiffSide) -> String {
    name_of(&side.scenario, side.variant.as_deref())
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
    let (new, old, change) = (&result.new.monthly, &result.old.monthly, &result.monthly_change);
    format!("{} a month, was {}: {}{ratio}", text::dollars(new), text::dollars(old), text::signed_dollars(change))
}

fn bill(changed: &[&LineDiff]) -> Section {
    let titles = [("Service", false), ("Line", false), ("Before", true), ("After", true), ("Change", true), ("By", false)];
    let row = |line: &&LineDiff| {
        let amount = |month: &Option<String>| month.as_deref().map_or_else(|| text::NO_DATA.to_owned(), text::dollars);
        vec![
            line.service.clone().unwrap_or_else(|| "shared".to_owned()),
            line.description.clone(),
            amount(&line.old_monthly),
            amount(&line.new_monthly),
            text::signed_dollars(&line.monthly_change),
            by(line),
        ]
    };
    Section::of_rows("The bill of a month", &titles, changed.iter().map(row).collect())
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
            let value = |value: Option<Figure>| value.map_or_else(|| text::NO_DATA.to_owned(), |value| text::figure(&figure.path, value));
            rows.push(vec![service.service.clone(), figure.path.clone(), value(figure.old), value(figure.new)]);
        }
    }
    (!rows.is_empty()).then(|| Section::of_rows("Figures that changed", &titles, rows))
}
