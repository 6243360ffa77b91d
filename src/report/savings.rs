//! The Savings Plan that costs least, on the screen, in Markdown and as CSV.

use super::comment::{comment, marker};
use super::csv;
use super::summary::{Line, Section, Tone};
use super::table::on_screen;
use super::text;
use crate::error::Error;
use crate::result::Figure;
use crate::result::savings::{CommitmentPoint, FallenUsage, PlanChoice, SavingsResult};

/// The proposal as aligned text of about `width` columns, with ANSI colours when `colours` is set.
#[must_use]
pub fn table(result: &SavingsResult, width: usize, colours: bool) -> String {
    on_screen(&title(result), &sections(result), width, colours)
}

/// The proposal as Markdown.
#[must_use]
pub fn markdown(result: &SavingsResult) -> String {
    comment(&marker("savings", &result.scenario, None), &title(result), &sections(result), &[])
}

/// The curve around the best commitment as CSV.
///
/// # Errors
/// When a row cannot be written.
pub fn csv(result: &SavingsResult) -> Result<String, Error> {
    csv::text(|writer| {
        writer.write_record(["commitment_per_hour", "monthly_cost", "monthly_saving", "utilization", "coverage"])?;
        let share = |figure: Option<Figure>| figure.map(|figure| figure.0.to_string()).unwrap_or_default();
        result.curve.iter().try_for_each(|point| {
            let (utilization, coverage) = (share(point.utilization), share(point.coverage));
            writer.write_record([&point.commitment_per_hour, &point.monthly_cost, &point.monthly_saving, &utilization, &coverage])
        })
    })
}

fn title(result: &SavingsResult) -> String {
    format!("{}: Compute Savings Plans in {}", result.scenario, result.region)
}

fn sections(result: &SavingsResult) -> Vec<Section> {
    let mut sections = vec![Section::of_lines(None, opening(result)), plans(result), curve(result), fallen(result)];
    sections.extend(Section::of_warnings(&result.warnings));
    sections
}

fn opening(result: &SavingsResult) -> Vec<Line> {
    let on_demand =
        format!("on demand: {} a month, from {} simulated hours", text::dollars(&result.monthly_on_demand), text::count(result.hours));
    let answer = match result.plans.first() {
        Some(plan) if plan.point.commitment_per_hour != "0.000" => format!(
            "Commit ${} an hour for {} ({}): {} a month, {} less than on demand",
            plan.point.commitment_per_hour,
            plan.term,
            plan.payment_option.replace('_', " "),
            text::dollars(&plan.point.monthly_cost),
            text::dollars(&plan.point.monthly_saving)
        ),
        _ => "No commitment saves anything: too few hours would use it".to_owned(),
    };
    let mut lines = vec![Line { text: answer, tone: Tone::Strong }, Line { text: on_demand, tone: Tone::Plain }];
    if let Some(part) = result.break_even_usage {
        let text = format!("The plan pays as long as usage stays above {} of what was simulated.", text::percent_of_fraction(Some(part)));
        lines.push(Line { text, tone: Tone::Plain });
    }
    lines
}

/// The cells of a commitment.
fn cells(point: &CommitmentPoint) -> Vec<String> {
    let share = |figure: Option<Figure>| text::percent_of_fraction(figure);
    vec![
        format!("${}", point.commitment_per_hour),
        text::dollars(&point.monthly_cost),
        text::dollars(&point.monthly_saving),
        share(point.utilization),
        share(point.coverage),
    ]
}

const OF_COMMITMENT: [(&str, bool); 5] = [("By the hour", true), ("Month", true), ("Saves", true), ("Used", true), ("Covers", true)];

fn plans(result: &SavingsResult) -> Section {
    let mut titles = vec![("Plan", false)];
    titles.extend(OF_COMMITMENT);
    let name = |plan: &PlanChoice| format!("{} {}", plan.term, plan.payment_option.replace('_', " "));
    let rows = result.plans.iter().map(|plan| [vec![name(plan)], cells(&plan.point)].concat()).collect();
    Section::of_rows("The best commitment of each plan", &titles, rows)
}

fn curve(result: &SavingsResult) -> Section {
    Section::of_rows("Other commitments of the cheapest plan", &OF_COMMITMENT, result.curve.iter().map(cells).collect())
}

fn fallen(result: &SavingsResult) -> Section {
    let titles = [("Usage", true), ("On demand", true), ("With the plan", true), ("Saves", true)];
    let row = |fallen: &FallenUsage| {
        vec![
            text::percent_of_fraction(Some(fallen.usage)),
            text::dollars(&fallen.monthly_on_demand),
            text::dollars(&fallen.monthly_cost),
            text::dollars(&fallen.monthly_saving),
        ]
    };
    Section::of_rows("If usage falls after it was bought", &titles, result.if_usage_falls.iter().map(row).collect())
}
