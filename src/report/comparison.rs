//! Runs beside one another, on the screen, in Markdown and as CSV.

use super::comment::{comment, marker};
use super::summary::{Body, Line, Row, Section, Table, Tone, columns, half_width, value};
use super::table::on_screen;
use super::text::{self, NO_DATA};
use serde_json::Value;

use super::csv;
use crate::error::Error;
use crate::result::comparison::{ComparedRun, ComparisonResult, FigureDifference};
use crate::result::{Figure, RunResult, ServiceResult, figure_of};
use crate::scenario::values::unit::Unit;

/// The comparison as aligned text of about `width` columns, with ANSI colours when `colours` is set.
#[must_use]
pub fn table(result: &ComparisonResult, width: usize, colours: bool) -> String {
    on_screen(&title(result), &sections(result), width, colours)
}

/// The comparison as Markdown that fits a comment on a pull request.
#[must_use]
pub fn markdown(result: &ComparisonResult) -> String {
    let scenario = result.runs.first().map_or("", |run| run.result.scenario.as_str());
    comment(&marker("compare", scenario, None), &title(result), &sections(result), &[DIFFERENCES])
}

const DIFFERENCES: &str = "Differences from the baseline";

/// The columns of the CSV form: one row for each run and service.
const COMPARISON_COLUMNS: [&str; 21] = [
    "variant",
    "service",
    "monthly_cost",
    "monthly_cost_ci95",
    "relative_cost",
    "monthly_difference",
    "monthly_difference_ci95",
    "distinguishable",
    "latency_p50_seconds",
    "latency_p99_seconds",
    "availability",
    "slo_seconds_over",
    "task_hours",
    "scale_out",
    "scale_in",
    "reversals_per_hour",
    "reaction_p50_seconds",
    "reaction_p90_seconds",
    "seconds_below_needed",
    "largest_simultaneous_spot_loss",
    "thresholds_failed",
];

/// The runs as CSV with one row for each run and service; the first columns are those of the whole run.
///
/// # Errors
/// When a row cannot be written.
pub fn csv(result: &ComparisonResult) -> Result<String, Error> {
    csv::text(|writer| {
        writer.write_record(COMPARISON_COLUMNS)?;
        let rows = result.runs.iter().flat_map(|run| run.result.services.0.iter().map(move |service| (run, service)));
        rows.map(|(run, (name, service))| csv_row(result, run, name, service)).try_for_each(|row| writer.write_record(row))
    })
}

fn csv_row(result: &ComparisonResult, run: &ComparedRun, name: &str, service: &ServiceResult) -> [String; COMPARISON_COLUMNS.len()] {
    let of = |figure: Figure| serde_json::json!(figure).to_string();
    let optional = |figure: Option<Figure>| figure.map(of).unwrap_or_default();
    let plain = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let month = monthly_difference(result, run);
    let monthly = &run.result.cost.monthly;
    let month_half_width = monthly.ci95.as_ref().and_then(|ci95| ci95.0.get("mean"));
    [
        run.variant.clone().unwrap_or_default(),
        name.to_owned(),
        monthly.mean.clone(),
        month_half_width.map(plain).unwrap_or_default(),
        optional(run.relative_cost),
        month.map(|month| plain(&month.mean)).unwrap_or_default(),
        month.map(|month| plain(&month.ci95)).unwrap_or_default(),
        month.and_then(|month| month.distinguishable).map(|is| is.to_string()).unwrap_or_default(),
        optional(service.latency_seconds.p50),
        optional(service.latency_seconds.p99),
        optional(service.requests.availability.map(|share| Figure::share(share.0))),
        optional(run.result.has_slo(name).then_some(service.slo.seconds_over)),
        of(Figure::rounded(task_hours(service))),
        of(service.scaling.scale_out),
        of(service.scaling.scale_in),
        of(service.scaling.reversals_per_hour),
        optional(service.scaling.reaction_seconds.p50),
        optional(service.scaling.reaction_seconds.p90),
        of(service.scaling.seconds_below_needed),
        of(service.spot.largest_simultaneous_loss),
        run.result.thresholds.iter().filter(|threshold| !threshold.ok).count().to_string(),
    ]
}

/// What a run is called: its variant or file, and the scenario itself in brackets, which no variant is.
#[must_use]
pub fn name_of(variant: Option<&str>) -> &str {
    variant.unwrap_or("(base)")
}

fn title(result: &ComparisonResult) -> String {
    let scenario = result.runs.first().map_or("", |run| run.result.scenario.as_str());
    format!("{scenario}: {} runs compared", result.runs.len())
}

fn replications(result: &ComparisonResult) -> u32 {
    result.runs.first().map_or(1, |run| run.result.replications)
}

fn sections(result: &ComparisonResult) -> Vec<Section> {
    let mut sections = vec![Section::of_lines(None, opening(result)), cost(result)];
    sections.extend(thresholds(result));
    let names = services(result);
    for name in &names {
        sections.push(service_level(result, name));
        sections.push(scaling(result, name));
    }
    sections.push(differences(result));
    sections.extend(Section::of_warnings(&result.warnings));
    sections.push(Section::of_lines(None, vec![origin(result)]));
    sections
}

fn opening(result: &ComparisonResult) -> Vec<Line> {
    let months = |run: &&ComparedRun| run.relative_cost.map_or(f64::INFINITY, |relative| relative.0);
    let cheapest = result.runs.iter().min_by(|one, other| months(one).total_cmp(&months(other)));
    let mut lines = Vec::new();
    if let Some(run) = cheapest {
        let month = text::dollars(&run.result.cost.monthly.mean);
        lines.push(Line { text: format!("{} costs least: {month} a month", name_of(run.variant.as_deref())), tone: Tone::Strong });
    }
    let baseline = name_of(result.baseline.as_deref());
    let count = replications(result);
    let intervals = if count > 1 {
        format!(
            "means of {count} replications with the same seeds; ± is half of a 95 % confidence interval, of a difference over pairs of runs with one seed"
        )
    } else {
        "one replication, so there are no intervals".to_owned()
    };
    lines.push(Line { text: format!("the baseline is {baseline}; {intervals}"), tone: Tone::Faint });
    lines
}

/// The difference of a run's month; none for the baseline.
fn monthly_difference<'a>(result: &'a ComparisonResult, run: &ComparedRun) -> Option<&'a FigureDifference> {
    result.differences.iter().find(|difference| difference.variant == run.variant && difference.path == "monthly_cost")
}

fn cost(result: &ComparisonResult) -> Section {
    let with_intervals = replications(result) > 1;
    let mut titles =
        vec![("Run", false), ("Month", true), ("± 95 %", true), ("Relative", true), ("Difference", true), ("± 95 %", true), ("", false)];
    let row = |run: &ComparedRun| {
        let monthly = &run.result.cost.monthly;
        let half_width = monthly.ci95.as_ref().and_then(|ci95| ci95.0.get("mean")?.as_str()).map(text::dollars);
        let difference = monthly_difference(result, run);
        let mut cells = vec![
            name_of(run.variant.as_deref()).to_owned(),
            text::dollars(&monthly.mean),
            half_width.unwrap_or_default(),
            run.relative_cost.map_or_else(|| NO_DATA.to_owned(), text::two_places),
            difference.map_or_else(|| NO_DATA.to_owned(), |month| signed("monthly_cost", &month.mean)),
            difference.map(|month| unsigned("monthly_cost", &month.ci95)).unwrap_or_default(),
            difference.map_or("the baseline", verdict).to_owned(),
        ];
        if !with_intervals {
            cells.remove(5);
            cells.remove(2);
        }
        cells
    };
    let rows = result.runs.iter().map(row).collect();
    if !with_intervals {
        titles.remove(5);
        titles.remove(2);
    }
    Section::of_rows("Cost", &titles, rows)
}

/// Whether chance alone explains a difference.
fn verdict(difference: &FigureDifference) -> &'static str {
    match difference.distinguishable {
        None => "no interval",
        Some(false) => "not distinguishable",
        Some(true) if is_below_zero(&difference.mean) => "less",
        Some(true) => "more",
    }
}

fn is_below_zero(value: &Value) -> bool {
    figure_of(value).is_some_and(|value| value < 0.0)
}

fn thresholds(result: &ComparisonResult) -> Option<Section> {
    let mut rows = Vec::new();
    for run in &result.runs {
        for threshold in &run.result.thresholds {
            let (verdict, tone) = if threshold.ok { ("ok", Tone::Good) } else { ("FAILED", Tone::Bad) };
            let name = name_of(run.variant.as_deref()).to_owned();
            let cells = vec![name, verdict.to_owned(), threshold.expression.clone(), value(threshold, &threshold.value)];
            rows.push(Row { branches: Vec::new(), cells, tone });
        }
    }
    let titles = columns(&[("Run", false), ("Verdict", false), ("Threshold", false), ("Value", true)]);
    (!rows.is_empty()).then(|| Section { title: Some("Thresholds".into()), body: Body::Table(Table { columns: titles, rows }) })
}

/// The services of all runs, in the order in which they come.
fn services(result: &ComparisonResult) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (name, _) in result.runs.iter().flat_map(|run| &run.result.services.0) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// A table with a row for each run that has the service.
fn of_service(
    result: &ComparisonResult,
    name: &str,
    title: String,
    titles: &[(&'static str, bool)],
    cells: impl Fn(&RunResult, &ServiceResult) -> Vec<String>,
) -> Section {
    let row = |run: &ComparedRun| {
        let service = run.result.services.get(name)?;
        Some([vec![name_of(run.variant.as_deref()).to_owned()], cells(&run.result, service)].concat())
    };
    Section::of_rows(title, titles, result.runs.iter().filter_map(row).collect())
}

fn service_level(result: &ComparisonResult, name: &str) -> Section {
    let titles = [("Run", false), ("p50", true), ("p99", true), ("Available", true), ("Over SLO", true), ("Task-hours", true)];
    of_service(result, name, format!("{name}: service level"), &titles, |result, service| {
        let p99 = half_width(service.latency_seconds.ci95.as_ref(), "p99");
        let p99 = [text::latency(service.latency_seconds.p99), text::plus_minus(p99, |seconds| text::latency(Some(seconds)))];
        vec![
            text::latency(service.latency_seconds.p50),
            p99.join(" ").trim_end().to_owned(),
            text::percent_of_fraction(service.requests.availability),
            if result.has_slo(name) { text::span(service.slo.seconds_over) } else { NO_DATA.to_owned() },
            text::one_place(Figure(task_hours(service))),
        ]
    })
}

fn scaling(result: &ComparisonResult, name: &str) -> Section {
    let titles = [
        ("Run", false),
        ("Out", true),
        ("In", true),
        ("Reversals/h", true),
        ("Reaction p50", true),
        ("p90", true),
        ("Below need", true),
        ("Spot loss", true),
    ];
    of_service(result, name, format!("{name}: scaling"), &titles, |_, service| {
        let scaling = &service.scaling;
        let span = |seconds: Option<Figure>| seconds.map_or_else(|| NO_DATA.to_owned(), text::span);
        vec![
            text::times(scaling.scale_out),
            text::times(scaling.scale_in),
            text::two_places(scaling.reversals_per_hour),
            span(scaling.reaction_seconds.p50),
            span(scaling.reaction_seconds.p90),
            text::span(scaling.seconds_below_needed),
            text::times(service.spot.largest_simultaneous_loss),
        ]
    })
}

/// Billed task-hours over all capacity providers.
fn task_hours(service: &ServiceResult) -> f64 {
    service.task_hours.values().map(|hours| hours.0).sum()
}

/// Figures of a service whose differences are shown; the document has those of all.
const SHOWN: [&str; 9] = [
    "latency_seconds.p50",
    "latency_seconds.p99",
    "requests.availability",
    "slo.seconds_over",
    "running_tasks.mean",
    "scaling.reversals_per_hour",
    "scaling.reaction_seconds.p50",
    "scaling.seconds_below_needed",
    "spot.largest_simultaneous_loss",
];

fn differences(result: &ComparisonResult) -> Section {
    let with_intervals = replications(result) > 1;
    let mut titles = vec![("Run", false), ("Figure", false), ("Difference", true), ("± 95 %", true), ("", false)];
    let is_shown = |path: &str| {
        let figure = path.strip_prefix("services.").and_then(|rest| rest.split_once('.')).map(|(_, figure)| figure);
        path == "monthly_cost" || figure.is_some_and(|figure| SHOWN.contains(&figure))
    };
    let row = |difference: &FigureDifference| {
        let mut cells = vec![
            name_of(difference.variant.as_deref()).to_owned(),
            difference.path.clone(),
            signed(&difference.path, &difference.mean),
            unsigned(&difference.path, &difference.ci95),
            verdict(difference).to_owned(),
        ];
        if !with_intervals {
            cells.remove(3);
        }
        cells
    };
    if !with_intervals {
        titles.remove(3);
    }
    // Figures that are the same in every pair, as Spot losses without Spot, need no row; the cost has one all the same.
    let is_equal = |difference: &&FigureDifference| {
        [&difference.mean, &difference.ci95].iter().all(|value| value.is_null() || value.as_f64() == Some(0.0))
    };
    let shown = result.differences.iter().filter(|difference| is_shown(&difference.path) && !is_equal(difference));
    Section::of_rows(DIFFERENCES, &titles, shown.map(row).collect())
}

/// A difference with its sign, in the unit that its path tells.
fn signed(path: &str, value: &Value) -> String {
    if let Some(amount) = value.as_str() {
        return text::signed_dollars(amount);
    }
    let sign = match value.as_f64() {
        Some(value) if value > 0.0 => "+",
        Some(value) if value < 0.0 => "-",
        _ => "",
    };
    format!("{sign}{}", unsigned(path, value))
}

/// The size of a difference or of a half-width; nothing for null.
fn unsigned(path: &str, value: &Value) -> String {
    let Some(size) = figure_of(value).map(|value| Figure(value.abs())) else { return String::new() };
    // What is not certain must not read so: a share is rounded up.
    if Unit::of(path) == Unit::Fraction { text::percent_points(size) } else { text::figure(path, size) }
}

/// What it takes to run the same again.
fn origin(result: &ComparisonResult) -> Line {
    let text = result.runs.first().map_or_else(String::new, |run| {
        let result = &run.result;
        format!("ecsim {}, seeds from {} on, {} fidelity", result.ecsim_version, result.seed, result.fidelity)
    });
    Line { text, tone: Tone::Faint }
}
