//! The calendar of months on the screen, in Markdown and as CSV.

use super::comment::{comment, marker};
use super::csv;
use super::summary::{Body, Line, Row, Section, Table, Tone, columns, inputs, name_of};
use super::table::on_screen;
use super::text;
use crate::error::Error;
use crate::result::calendar::{CalendarFigures, CalendarResult};

/// The months as aligned text of about `width` columns, with ANSI colours when `colours` is set.
#[must_use]
pub fn table(result: &CalendarResult, width: usize, colours: bool) -> String {
    on_screen(&title(result), &sections(result), width, colours)
}

/// The months as Markdown.
#[must_use]
pub fn markdown(result: &CalendarResult) -> String {
    comment(&marker("calendar", &result.scenario, result.variant.as_deref()), &title(result), &sections(result), &[])
}

/// The months as CSV, one row each; amounts are US dollars, those by what is paid for are means.
///
/// # Errors
/// When a row cannot be written.
pub fn csv(result: &CalendarResult) -> Result<String, Error> {
    csv::text(|writer| {
        let groups = result.total.groups.iter().map(|group| group.group.to_lowercase().replace(' ', "_"));
        let heading = ["month", "hours", "requests", "mean", "p10", "p50", "p90"].into_iter().map(str::to_owned);
        writer.write_record(heading.chain(groups))?;
        result.months.iter().try_for_each(|month| {
            let CalendarFigures { hours, requests, cost, groups } = &month.figures;
            let quantiles = [&cost.p10, &cost.p50, &cost.p90].map(|quantile| quantile.clone().unwrap_or_default());
            let first = [month.month.clone(), hours.to_string(), requests.0.to_string(), cost.mean.clone()];
            writer.write_record(first.into_iter().chain(quantiles).chain(groups.iter().map(|group| group.mean.clone())))
        })
    })
}

/// The scenario and its variant.
pub(super) fn title(result: &CalendarResult) -> String {
    format!("{}: {} in {}", name_of(&result.scenario, result.variant.as_deref()), number_of_months(result), result.region)
}

fn number_of_months(result: &CalendarResult) -> String {
    match result.months.len() {
        1 => "one month".to_owned(),
        count => format!("{count} months"),
    }
}

/// What all months cost, and how sure that is.
pub(super) fn answer(result: &CalendarResult) -> String {
    let cost = &result.total.cost;
    let mean = format!("{} for {}", text::dollars(&cost.mean), number_of_months(result));
    match (&cost.p10, &cost.p50, &cost.p90) {
        (Some(p10), Some(p50), Some(p90)) => {
            format!("{mean} (P10 {}, P50 {}, P90 {})", text::dollars(p10), text::dollars(p50), text::dollars(p90))
        }
        _ => mean,
    }
}

fn sections(result: &CalendarResult) -> Vec<Section> {
    let months = Section { title: Some("Months".into()), body: Body::Table(months(result)) };
    let mut sections = vec![Section::of_lines(None, opening(result)), months, groups(result)];
    sections.extend(Section::of_warnings(&result.warnings));
    sections.push(Section::of_lines(None, vec![Line { text: origin(result), tone: Tone::Faint }]));
    sections
}

fn opening(result: &CalendarResult) -> Vec<Line> {
    let mut lines = vec![Line { text: answer(result), tone: Tone::Strong }];
    if let [first, .., last] = &result.months[..] {
        let means = [first, last].map(|month| text::dollars(&month.figures.cost.mean));
        let text = format!("from {} in {} to {} in {}", means[0], first.month, means[1], last.month);
        lines.push(Line { text, tone: Tone::Plain });
    }
    lines
}

fn months(result: &CalendarResult) -> Table {
    let is_spread = result.replications > 1;
    let cost = if is_spread { "Mean" } else { "Cost" };
    let mut titles = vec![("Month", false), ("Hours", true), ("Requests", true), (cost, true)];
    if is_spread {
        titles.extend([("P10", true), ("P50", true), ("P90", true)]);
    }
    let row = |name: &str, figures: &CalendarFigures, tone| {
        let cost = &figures.cost;
        let mut cells = vec![name.to_owned(), figures.hours.to_string(), text::count(figures.requests), text::dollars(&cost.mean)];
        if is_spread {
            cells.extend([&cost.p10, &cost.p50, &cost.p90].map(|quantile| quantile.as_deref().map_or_else(String::new, text::dollars)));
        }
        Row { branches: Vec::new(), cells, tone }
    };
    let months = result.months.iter().map(|month| row(&month.month, &month.figures, Tone::Plain));
    Table { columns: columns(&titles), rows: months.chain([row("Total", &result.total, Tone::Strong)]).collect() }
}

/// The mean of each group in the first month, in the last and in all.
fn groups(result: &CalendarResult) -> Section {
    let titles = [("Group", false), ("First month", true), ("Last month", true), ("All months", true), ("Share", true)];
    let whole: f64 = result.total.cost.mean.parse().unwrap_or_default();
    let rows = result.total.groups.iter().enumerate().map(|(index, group)| {
        let of = |month: Option<&crate::result::calendar::CalendarMonth>| {
            month.and_then(|month| month.figures.groups.get(index)).map_or_else(String::new, |group| text::dollars(&group.mean))
        };
        let share = 100.0 * group.mean.parse().unwrap_or(0.0) / whole;
        let share = if whole > 0.0 { format!("{share:.1} %") } else { text::NO_DATA.to_owned() };
        vec![group.group.clone(), of(result.months.first()), of(result.months.last()), text::dollars(&group.mean), share]
    });
    let title = if result.replications > 1 { "Where the money goes (means)" } else { "Where the money goes" };
    Section::of_rows(title, &titles, rows.collect())
}

/// What it takes to get the same again.
fn origin(result: &CalendarResult) -> String {
    let mut text = format!("ecsim {}, from {}, {} fidelity, ", result.ecsim_version, result.start, result.fidelity);
    text += &match result.replications {
        1 => format!("seed {}", result.seed),
        count => format!("{count} replications (seeds from {} on)", result.seed),
    };
    text += &inputs(&result.inputs);
    text
}
