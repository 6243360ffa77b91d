//! A sweep: its rows as CSV and JSON lines, and what was found on the screen and in Markdown.

use super::comment::{comment, marker};
use super::summary::{Body, Column, Line, Row, Section, Table, Tone};
use super::table::on_screen;
use super::text;
use crate::error::{Error, ErrorKind, Fault, Place};
use crate::result::sweep::{Sensitivity, SweepAxis, SweepResult};
use crate::result::{Cell, Figure};

/// The points of the front that are told one by one; the others are in the document.
const FRONT_ROWS: usize = 20;

/// The heading of a sweep's rows as CSV, with a line break.
///
/// # Errors
/// When it cannot be written, which memory alone can cause.
pub fn csv_heading(columns: &[String]) -> Result<Vec<u8>, Error> {
    record(columns)
}

/// A row as CSV, with a line break.
///
/// # Errors
/// As [`csv_heading`].
pub fn csv_row(row: &[Cell]) -> Result<Vec<u8>, Error> {
    record(row)
}

fn record(fields: impl serde::Serialize) -> Result<Vec<u8>, Error> {
    let failed = |reason: String| Error::from(Fault::new(ErrorKind::File, Place::default(), format!("cannot write a row: {reason}")));
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    writer.serialize(fields).map_err(|reason| failed(reason.to_string()))?;
    writer.into_inner().map_err(|reason| failed(reason.to_string()))
}

/// A row as an object of JSON on one line, with a line break.
///
/// # Errors
/// As [`csv_heading`].
pub fn json_line(columns: &[String], row: &[Cell]) -> Result<Vec<u8>, Error> {
    let mut object = serde_json::Map::new();
    for (column, cell) in columns.iter().zip(row) {
        object.insert(column.clone(), serde_json::json!(cell));
    }
    let mut line = serde_json::to_vec(&object)
        .map_err(|reason| Error::from(Fault::new(ErrorKind::File, Place::default(), format!("cannot write a row: {reason}"))))?;
    line.push(b'\n');
    Ok(line)
}

/// What was found as aligned text of about `width` columns, with ANSI colours when `colours` is set.
#[must_use]
pub fn table(result: &SweepResult, width: usize, colours: bool) -> String {
    on_screen(&title(result), &sections(result), width, colours)
}

/// What was found as Markdown.
#[must_use]
pub fn markdown(result: &SweepResult) -> String {
    comment(&marker("sweep", &result.scenario, None), &title(result), &sections(result), &[])
}

/// The heading of everything that is shown of a sweep.
pub(super) fn title(result: &SweepResult) -> String {
    let axes: Vec<String> = short_names(&result.axes).into_iter().map(|names| names.join("+")).collect();
    let axes = match axes.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => axes.concat(),
    };
    format!("{}: a sweep over {axes}", result.scenario)
}

fn sections(result: &SweepResult) -> Vec<Section> {
    let mut sections = vec![Section::of_lines(None, opening(result))];
    let best = if result.thresholds.is_empty() { "Cheapest points" } else { "Cheapest points that meet the thresholds" };
    sections.extend(points(best, &result.best, result, usize::MAX));
    sections.extend(points("Pareto front: no point costs less without a higher p99", &result.front, result, FRONT_ROWS));
    sections.extend(sensitivity(result));
    if !result.skipped.is_empty() {
        let reason = |skipped: &crate::result::sweep::SkippedPoint| Line {
            text: format!("point {}: {}", skipped.index, skipped.reason),
            tone: Tone::Plain,
        };
        let title = if result.points.skipped == 1 { "Skipped: no valid scenario" } else { "Skipped: no valid scenario (each reason once)" };
        sections.push(Section::of_lines(Some(title.into()), result.skipped.iter().map(reason).collect()));
    }
    sections.extend(Section::of_warnings(&result.warnings));
    sections
}

fn opening(result: &SweepResult) -> Vec<Line> {
    let tone = match result.points.meeting_thresholds {
        None => Tone::Plain,
        Some(0) => Tone::Bad,
        Some(_) => Tone::Good,
    };
    vec![Line { text: counts(result), tone }]
}

/// How many points there are and what became of them.
pub(super) fn counts(result: &SweepResult) -> String {
    let counts = &result.points;
    let of_grid = if counts.chosen == counts.grid { String::new() } else { format!(" of a grid of {}", number(counts.grid)) };
    let skipped = if counts.skipped == 0 { String::new() } else { format!(", {} skipped", number(counts.skipped)) };
    let text = format!("{} points{of_grid}, {} run{skipped}", number(counts.chosen), number(counts.run));
    match counts.meeting_thresholds {
        None => text,
        Some(0) => format!("{text}; none meets every threshold"),
        Some(1) => format!("{text}; 1 meets every threshold"),
        Some(meeting) => format!("{text}; {} meet every threshold", number(meeting)),
    }
}

fn number(count: u64) -> String {
    text::count(Figure::from(count))
}

/// Rows of points; none without points.
fn points(title: &'static str, rows: &[Vec<Cell>], result: &SweepResult, most: usize) -> Option<Section> {
    if rows.is_empty() {
        return None;
    }
    let words = |title: String| Column { title: title.into(), is_number: false };
    let numbers = |title: &'static str| Column { title: title.into(), is_number: true };
    let mut columns = vec![numbers("Point")];
    columns.extend(short_names(&result.axes).into_iter().flatten().map(|name| Column { title: name.into(), is_number: true }));
    columns.extend([numbers("A month"), numbers("p99"), numbers("Available")]);
    if !result.thresholds.is_empty() {
        columns.push(words("Thresholds".to_owned()));
    }
    let row = |row: &Vec<Cell>| Row { branches: Vec::new(), cells: point(row, result), tone: Tone::Plain };
    let shown = rows.iter().take(most).map(row).collect();
    let title = if rows.len() > most { format!("{title} (the first {most} of {})", rows.len()).into() } else { title.into() };
    Some(Section { title: Some(title), body: Body::Table(Table { columns, rows: shown }) })
}

fn point(row: &[Cell], result: &SweepResult) -> Vec<String> {
    let varied: usize = result.axes.iter().map(|axis| axis.paths.len()).sum();
    let mut cells = vec![plain(row.first())];
    cells.extend((1..=varied).map(|place| plain(row.get(place))));
    let month = text::dollars(&plain(result.cell(row, "monthly_cost")));
    let half_width = plain(result.cell(row, "monthly_cost.ci95"));
    cells.push(if half_width.is_empty() { month } else { format!("{month} ± {}", text::dollars(&half_width)) });
    cells.push(text::latency(result.latency(row).map(Figure)));
    cells.push(text::percent_of_fraction(result.availability(row).map(Figure)));
    if !result.thresholds.is_empty() {
        cells.push(match result.cell(row, "thresholds_failed").and_then(Cell::number) {
            Some(0.0) => "met".to_owned(),
            failed => format!("{} of {} fail", failed.unwrap_or_default(), result.thresholds.len()),
        });
    }
    cells
}

/// A cell as it stands in CSV.
pub(super) fn plain(cell: Option<&Cell>) -> String {
    match cell {
        Some(Cell::Number(figure)) => figure.0.to_string(),
        Some(Cell::Text(text)) => text.clone(),
        Some(Cell::Nothing(())) | None => String::new(),
    }
}

fn sensitivity(result: &SweepResult) -> Option<Section> {
    if result.points.run == 0 {
        return None;
    }
    let titles = ["Varied", "Values", "Mean cost", "Effect on cost", "Mean p99", "Effect on p99"];
    let columns = titles.iter().enumerate().map(|(place, title)| Column { title: (*title).into(), is_number: place > 0 }).collect();
    let row = |(names, axis): (Vec<String>, &Sensitivity)| {
        let range = |figure: fn(&crate::result::sweep::ValueMeans) -> Option<Figure>, written: &dyn Fn(Figure) -> String| {
            let known = || axis.values.iter().filter_map(figure);
            match (known().min_by(|a, b| a.0.total_cmp(&b.0)), known().max_by(|a, b| a.0.total_cmp(&b.0))) {
                (Some(least), Some(most)) => format!("{} to {}", written(least), written(most)),
                _ => text::NO_DATA.to_owned(),
            }
        };
        let dollars = |figure: Figure| text::dollars(&format!("{:.2}", figure.0));
        let seconds = |figure: Figure| text::latency(Some(figure));
        let cells = vec![
            names.join(", "),
            axis.values.len().to_string(),
            range(|means| means.monthly_cost, &dollars),
            axis.cost_effect.map_or_else(|| text::NO_DATA.to_owned(), dollars),
            range(|means| means.latency_seconds, &seconds),
            text::latency(axis.latency_effect),
        ];
        Row { branches: Vec::new(), cells, tone: Tone::Plain }
    };
    let rows = short_names(&result.axes).into_iter().zip(&result.sensitivity).map(row).collect();
    Some(Section { title: Some("How much each matters (mean over all other values)".into()), body: Body::Table(Table { columns, rows }) })
}

/// The paths of each axis by as many of their last parts as tell them apart.
pub(super) fn short_names(axes: &[SweepAxis]) -> Vec<Vec<String>> {
    let all: Vec<&String> = axes.iter().flat_map(|axis| &axis.paths).collect();
    let short = |path: &String| {
        let parts: Vec<&str> = path.split('.').collect();
        let ending = |length: usize| parts[parts.len() - length..].join(".");
        let is_alone =
            |ending: &String| all.iter().filter(|other| **other == ending || other.ends_with(&format!(".{ending}"))).count() == 1;
        (1..=parts.len()).map(ending).find(is_alone).unwrap_or_else(|| path.clone())
    };
    axes.iter().map(|axis| axis.paths.iter().map(short).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shortened_to_what_tells_it_apart() {
        let axis = |paths: &[&str]| SweepAxis { paths: paths.iter().map(|&path| path.to_owned()).collect(), values: Vec::new() };
        let axes = [axis(&["services.a.cpu", "services.a.memory"]), axis(&["services.b.cpu"]), axis(&["variant"])];
        assert_eq!(short_names(&axes), [vec!["a.cpu", "memory"], vec!["b.cpu"], vec!["variant"]]);
    }

    #[test]
    fn a_row_is_a_line_of_csv_or_of_json() {
        let row = [Cell::from(1), Cell::from("a,b"), Cell::rounded(0.25), Cell::NOTHING];
        let columns = ["index", "x", "y", "z"].map(String::from);
        assert_eq!(csv_heading(&columns).unwrap(), b"index,x,y,z\n");
        assert_eq!(csv_row(&row).unwrap(), b"1,\"a,b\",0.25,\n");
        assert_eq!(json_line(&columns, &row).unwrap(), b"{\"index\":1,\"x\":\"a,b\",\"y\":0.25,\"z\":null}\n");
    }
}
