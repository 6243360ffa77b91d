//! What a summary says, before it takes a form: sections of tables and sentences.
//!
//! The screen and Markdown show the same summary; only their marks differ. So the words are chosen here,
//! once, and the two writers in `table` know nothing of results.

use std::borrow::Cow;

use super::{deployments, diff, text};
use crate::result::diff::DiffResult;
use crate::result::{
    BillGroup, CapacityProviderResult, Figure, HalfWidths, InputFile, LineItem, MonthlyShare, RunResult, ServiceResult, ThresholdResult,
    bill_tree, figure_of, shares_of_month,
};

/// One part of a summary.
pub(super) struct Section {
    /// Its heading; none for the opening.
    pub title: Option<Cow<'static, str>>,
    /// Its content.
    pub body: Body,
}

impl Section {
    /// Sentences under a heading, or without one.
    pub fn of_lines(title: Option<Cow<'static, str>>, lines: Vec<Line>) -> Self {
        Self { title, body: Body::Lines(lines) }
    }

    /// A table of plain rows; of each column its heading and whether it holds numbers.
    pub fn of_rows(title: impl Into<Cow<'static, str>>, titles: &[(&'static str, bool)], rows: Vec<Vec<String>>) -> Self {
        let row = |cells| Row { branches: Vec::new(), cells, tone: Tone::Plain };
        let table = Table { columns: columns(titles), rows: rows.into_iter().map(row).collect() };
        Self { title: Some(title.into()), body: Body::Table(table) }
    }

    /// What a reader must know; none without a warning.
    pub fn of_warnings(warnings: &[String]) -> Option<Self> {
        let line = |warning: &String| Line { text: format!("! {warning}"), tone: Tone::Warning };
        (!warnings.is_empty()).then(|| Self::of_lines(Some("Warnings".into()), warnings.iter().map(line).collect()))
    }
}

/// What a section holds.
pub(super) enum Body {
    /// A table.
    Table(Table),
    /// Sentences, each on a line of its own, wrapped where needed.
    Lines(Vec<Line>),
    /// A text to be copied as it is, and its language.
    Block(&'static str, String),
}

/// A sentence.
pub(super) struct Line {
    /// Its text.
    pub text: String,
    /// Its meaning.
    pub tone: Tone,
}

/// What a colour would say. The words say it too.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// Nothing special.
    Plain,
    /// A heading or a sum.
    Strong,
    /// A side remark.
    Faint,
    /// A threshold that is met.
    Good,
    /// A threshold that failed.
    Bad,
    /// A warning.
    Warning,
}

/// A table. The first column may be a tree.
pub(super) struct Table {
    /// The headings.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// A column.
pub(super) struct Column {
    /// Its heading.
    pub title: Cow<'static, str>,
    /// Whether it holds numbers, which stand to the right.
    pub is_number: bool,
}

/// A row.
pub(super) struct Row {
    /// For each level of the tree above the row, whether that branch ends here; empty at the root.
    pub branches: Vec<bool>,
    /// The cells, as many as there are columns.
    pub cells: Vec<String>,
    /// Its meaning.
    pub tone: Tone,
}

/// The title of a summary.
pub(super) fn title(result: &RunResult) -> String {
    name_of(&result.scenario, result.variant.as_deref())
}

/// A scenario and its variant.
pub(super) fn name_of(scenario: &str, variant: Option<&str>) -> String {
    variant.map_or_else(|| scenario.to_owned(), |variant| format!("{scenario}, variant {variant}"))
}

/// The files that a run read, each with the beginning of its SHA-256, behind a comma.
pub(super) fn inputs(files: &[InputFile]) -> String {
    files.iter().map(|file| format!(", {} ({})", file.path, file.sha256.get(..12).unwrap_or(&file.sha256))).collect()
}

/// The title of the bill.
pub(super) const COST: &str = "Cost";

/// The sections of a summary for a screen, in order; with what changed against a baseline, if there is one.
pub(super) fn sections(result: &RunResult, change: Option<&DiffResult>) -> Vec<Section> {
    let mut sections = vec![Section::of_lines(None, headline(result)), services_section(result)];
    sections.extend(instances_section(result));
    sections.extend(cost_sections(result));
    sections.extend(thresholds_section(result));
    sections.extend(change.into_iter().flat_map(diff::against_baseline));
    sections.extend(behaviour(result));
    sections
}

/// The same in the order of a comment: the verdict first, the long bill last.
pub(super) fn comment_sections(result: &RunResult, change: Option<&DiffResult>) -> Vec<Section> {
    let mut sections = vec![Section::of_lines(None, headline(result))];
    sections.extend(thresholds_section(result));
    sections.extend(change.into_iter().flat_map(diff::against_baseline));
    sections.push(services_section(result));
    sections.extend(instances_section(result));
    sections.extend(behaviour(result));
    sections.extend(cost_sections(result));
    sections.extend(shares(result));
    sections
}

fn services_section(result: &RunResult) -> Section {
    Section { title: Some("Services".into()), body: Body::Table(services(result)) }
}

/// The EC2 instances of each capacity provider; none without any.
pub(super) fn instances_section(result: &RunResult) -> Option<Section> {
    let titles = [
        ("Provider", false),
        ("Type", false),
        ("Instances (range)", true),
        ("Hours", true),
        ("Launched", true),
        ("CPU", true),
        ("Memory", true),
    ];
    let percent = |share: Option<Figure>| share.map_or_else(|| "-".to_owned(), |share| format!("{} %", text::one_place(share)));
    let row = |(name, provider): (&String, &CapacityProviderResult)| {
        let count = &provider.instances;
        vec![
            name.clone(),
            provider.instance_type.clone(),
            format!("{} ({}-{})", text::one_place(count.mean), count.min, count.max),
            text::one_place(provider.instance_hours),
            text::times(provider.instances_launched),
            percent(provider.cpu_reservation),
            percent(provider.memory_reservation),
        ]
    };
    let rows: Vec<Vec<String>> = result.capacity_providers.iter().map(row).collect();
    (!rows.is_empty()).then(|| Section::of_rows("EC2 instances, and what tasks reserve of them", &titles, rows))
}

/// The bill, and how old its prices are.
fn cost_sections(result: &RunResult) -> Vec<Section> {
    let notes = notes_on_prices(result).map(|notes| Section::of_lines(None, vec![notes]));
    std::iter::once(Section { title: Some(COST.into()), body: Body::Table(bill(result)) }).chain(notes).collect()
}

fn thresholds_section(result: &RunResult) -> Option<Section> {
    let table = || Section { title: Some("Thresholds".into()), body: Body::Table(thresholds(&result.thresholds)) };
    (!result.thresholds.is_empty()).then(table)
}

/// What happened, what a reader must know, and where it comes from.
fn behaviour(result: &RunResult) -> Vec<Section> {
    let mut sections = vec![Section::of_lines(Some("Scaling".into()), scaling(result))];
    sections.extend(deployments::section(result));
    sections.extend(Section::of_warnings(&result.warnings));
    sections.push(Section::of_lines(None, vec![origin(result)]));
    sections
}

fn headline(result: &RunResult) -> Vec<Line> {
    let monthly = &result.cost.monthly;
    let mut cost = format!("{}{} a month", text::dollars(&monthly.mean), plus_minus_dollars(monthly.ci95.as_ref(), "mean"));
    if let (Some(p10), Some(p50), Some(p90)) = (&monthly.p10, &monthly.p50, &monthly.p90) {
        cost += &format!(" (P10 {}, P50 {}, P90 {})", text::dollars(p10), text::dollars(p50), text::dollars(p90));
    }
    let met = result.thresholds.iter().filter(|threshold| threshold.ok).count();
    let (verdict, tone) = match result.thresholds.len() {
        0 => (String::new(), Tone::Strong),
        1 if met == 1 => ("; its threshold is met".to_owned(), Tone::Good),
        all if met == all => (format!("; all {all} thresholds are met"), Tone::Good),
        all => (format!("; {} of {all} thresholds FAILED", all - met), Tone::Bad),
    };
    let of_window = result.cost.ci95.as_ref();
    let (spent, length) = (text::dollars(&result.cost.window), text::span(result.window.seconds));
    let mut window = format!("{spent}{} in the window of {length}", plus_minus_dollars(of_window, "window"));
    if let Some(per_million) = &result.cost.per_million_requests {
        let spread = plus_minus_dollars(of_window, "per_million_requests");
        window += &format!("; {}{spread} for a million requests", text::dollars(per_million));
    }
    if result.cost.spot_saving.parse::<rust_decimal::Decimal>().is_ok_and(|saving| !saving.is_zero()) {
        window += &format!("; Spot saved {}{}", text::dollars(&result.cost.spot_saving), plus_minus_dollars(of_window, "spot_saving"));
    }
    let mut lines = vec![
        Line { text: format!("{cost}{verdict}"), tone },
        Line { text: window, tone: Tone::Plain },
        Line { text: format!("from {} to {}", result.window.start, result.window.end), tone: Tone::Faint },
    ];
    if result.replications > 1 {
        let text = format!("means of {} replications; ± is half of a 95 % confidence interval", result.replications);
        lines.push(Line { text, tone: Tone::Faint });
    }
    lines
}

/// ` ± $1.20` where there are replications.
pub(super) fn plus_minus_dollars(half_widths: Option<&HalfWidths>, name: &str) -> String {
    let half_width = half_widths.and_then(|half_widths| half_widths.0.get(name)).and_then(serde_json::Value::as_str);
    half_width.map_or_else(String::new, |half_width| format!(" ± {}", text::dollars(half_width)))
}

/// The half-width of a figure.
pub(super) fn half_width(half_widths: Option<&HalfWidths>, name: &str) -> Option<Figure> {
    half_widths?.0.get(name)?.as_f64().map(Figure)
}

/// Columns of these headings; the flag tells numbers.
pub(super) fn columns(titles: &[(&'static str, bool)]) -> Vec<Column> {
    titles.iter().map(|&(title, is_number)| Column { title: title.into(), is_number }).collect()
}

/// What each service did, on a line each.
pub(super) fn services(result: &RunResult) -> Table {
    let titles = [
        ("Service", false),
        ("Requests", true),
        ("Available", true),
        ("p50", true),
        ("p95", true),
        ("p99", true),
        ("CPU (max)", true),
        ("Tasks (range)", true),
    ];
    let mut rows = Vec::with_capacity(2 * result.services.0.len());
    for (name, service) in &result.services.0 {
        rows.push(service_row(name, service));
        if result.replications > 1 {
            rows.push(half_width_row(service));
        }
    }
    Table { columns: columns(&titles), rows }
}

fn service_row(name: &str, service: &ServiceResult) -> Row {
    let tasks = &service.running_tasks;
    let cells = vec![
        name.to_owned(),
        text::count(service.requests.offered),
        text::percent_of_fraction(service.requests.availability),
        text::latency(service.latency_seconds.p50),
        text::latency(service.latency_seconds.p95),
        text::latency(service.latency_seconds.p99),
        text::percent_with_highest(service.cpu_utilization.mean, service.cpu_utilization.max),
        format!("{} ({}-{})", text::one_place(tasks.mean), tasks.min, tasks.max),
    ];
    Row { branches: Vec::new(), cells, tone: Tone::Plain }
}

/// Below the means of a service their half-widths, column by column.
fn half_width_row(service: &ServiceResult) -> Row {
    let (requests, latency) = (service.requests.ci95.as_ref(), service.latency_seconds.ci95.as_ref());
    let (cpu, tasks) = (service.cpu_utilization.ci95.as_ref(), service.running_tasks.ci95.as_ref());
    let of_latency = |name| text::plus_minus(half_width(latency, name), |seconds| text::latency(Some(seconds)));
    let cells = vec![
        "± 95 %".to_owned(),
        text::plus_minus(half_width(requests, "offered"), text::count),
        text::plus_minus(half_width(requests, "availability"), text::percent_points),
        of_latency("p50"),
        of_latency("p95"),
        of_latency("p99"),
        text::plus_minus(half_width(cpu, "mean"), |percent| format!("{} %", text::two_places(percent))),
        text::plus_minus(half_width(tasks, "mean"), text::two_places),
    ];
    Row { branches: vec![true], cells, tone: Tone::Faint }
}

/// The bill as a tree with its sums.
pub(super) fn bill(result: &RunResult) -> Table {
    let titles = [("Item", false), ("Quantity", true), ("Unit", false), ("Unit price", true), ("Window", true), ("Month", true)];
    let groups = bill_tree(&result.cost);
    let mut rows: Vec<Row> = groups.iter().flat_map(group_rows).collect();
    let total = vec!["Total".to_owned(), String::new(), String::new(), String::new()];
    let sums = [text::dollars(&result.cost.window), text::dollars(&result.cost.monthly.mean)];
    rows.push(Row { branches: Vec::new(), cells: total.into_iter().chain(sums).collect(), tone: Tone::Strong });
    Table { columns: columns(&titles), rows }
}

/// Where a month's money goes, the dearest first; none where nothing costs anything. The screen has the bill alone.
fn shares(result: &RunResult) -> Option<Section> {
    let titles = [("Line", false), ("Month", true), ("Share", true)];
    let row = |share: MonthlyShare| vec![share.description, text::usd(share.monthly_cost), format!("{:.1} %", 100.0 * share.share)];
    let rows: Vec<Vec<String>> = shares_of_month(&result.cost).into_iter().map(row).collect();
    (!rows.is_empty()).then(|| Section::of_rows("Where a month's money goes", &titles, rows))
}

fn group_rows(group: &BillGroup<'_>) -> Vec<Row> {
    let sum_row = |branches, name: &str, cost, monthly, tone| {
        let cells = vec![name.to_owned(), String::new(), String::new(), String::new(), text::usd(cost), text::usd(monthly)];
        Row { branches, cells, tone }
    };
    let mut rows = vec![sum_row(Vec::new(), group.service.unwrap_or("shared"), group.cost, group.monthly_cost, Tone::Strong)];
    for (index, product) in group.products.iter().enumerate() {
        let last_product = index + 1 == group.products.len();
        rows.push(sum_row(vec![last_product], product.product, product.cost, product.monthly_cost, Tone::Plain));
        for (index, line) in product.lines.iter().enumerate() {
            rows.push(line_row(vec![last_product, index + 1 == product.lines.len()], line));
        }
    }
    rows
}

fn line_row(branches: Vec<bool>, line: &LineItem) -> Row {
    let mark = if line.estimated { "~" } else { "" };
    let cells = vec![
        line.description.clone(),
        text::quantity(&line.quantity),
        line.unit.clone(),
        format!("{mark}${}", line.unit_price),
        text::dollars(&line.cost),
        text::dollars(&line.monthly_cost),
    ];
    Row { branches, cells, tone: Tone::Plain }
}

/// When the prices were read, and what the mark of an estimate means.
pub(super) fn notes_on_prices(result: &RunResult) -> Option<Line> {
    let lines = &result.cost.line_items;
    // A commitment or a price of the user's own has no date; what has one tells the span.
    let dates = || lines.iter().map(|line| line.price_date.as_str()).filter(|date| *date != "undated");
    let (first, last) = (dates().min().unwrap_or("no date"), dates().max().unwrap_or("no date"));
    if lines.is_empty() {
        return None;
    }
    let mut notes = if first == last { format!("Prices of {first}") } else { format!("Prices of {first} to {last}") };
    notes += "; a month is 730 hours";
    if lines.iter().any(|line| line.estimated) {
        notes += "; ~ rests on an estimate";
    }
    Some(Line { text: notes, tone: Tone::Faint })
}

/// The verdicts.
pub(super) fn thresholds(results: &[ThresholdResult]) -> Table {
    let has_baseline = results.iter().any(|threshold| threshold.baseline.is_some());
    let row = |threshold: &ThresholdResult| {
        let (verdict, tone) = if threshold.ok { ("ok", Tone::Good) } else { ("FAILED", Tone::Bad) };
        let mut cells = vec![verdict.to_owned(), threshold.expression.clone(), value(threshold, &threshold.value)];
        if has_baseline {
            cells.push(threshold.baseline.as_ref().map_or_else(String::new, |baseline| value(threshold, baseline)));
        }
        Row { branches: Vec::new(), cells, tone }
    };
    let mut titles = vec![("Verdict", false), ("Threshold", false), ("Value", true)];
    if has_baseline {
        titles.push(("Baseline", true));
    }
    Table { columns: columns(&titles), rows: results.iter().map(row).collect() }
}

/// A figure behind a verdict in its unit.
pub(super) fn value(threshold: &ThresholdResult, value: &serde_json::Value) -> String {
    figure_of(value).map_or_else(|| "no data".to_owned(), |figure| text::figure(&threshold.path, Figure(figure)))
}

/// What scaling did, a sentence for each service.
pub(super) fn scaling(result: &RunResult) -> Vec<Line> {
    let line = |(name, service): &(String, ServiceResult)| Line { text: format!("{name}: {}", scaling_of(service)), tone: Tone::Plain };
    result.services.0.iter().map(line).collect()
}

fn scaling_of(service: &ServiceResult) -> String {
    let scaling = &service.scaling;
    let reversals = text::one_place(scaling.reversals_per_hour);
    let mut parts =
        vec![format!("{} out, {} in, {reversals} reversals an hour", text::times(scaling.scale_out), text::times(scaling.scale_in))];
    if let (Some(p50), Some(p90)) = (scaling.reaction_seconds.p50, scaling.reaction_seconds.p90) {
        parts.push(format!("reaction p50 {}, p90 {}", text::span(p50), text::span(p90)));
    }
    parts.push(format!(
        "saturated {}, below need {}, at maximum {}",
        text::span(scaling.seconds_saturated),
        text::span(scaling.seconds_below_needed),
        text::span(scaling.seconds_at_max_capacity)
    ));
    if service.slo.seconds_over.0 > 0.0 {
        parts.push(format!("service level missed for {}", text::span(service.slo.seconds_over)));
    }
    if service.spot.interrupted.0 > 0.0 {
        let at_once = text::times(service.spot.largest_simultaneous_loss);
        parts.push(format!("{} Spot interruptions, at most {at_once} at once", text::times(service.spot.interrupted)));
    }
    if service.spot.seconds_below_desired.0 > 0.0 {
        parts.push(format!("below the desired count for {}", text::span(service.spot.seconds_below_desired)));
    }
    if !service.tasks_lost.is_empty() {
        let by_event: Vec<String> = service.tasks_lost.iter().map(|(event, tasks)| format!("{} by {event}", text::times(*tasks))).collect();
        parts.push(format!("tasks lost: {}", by_event.join(", ")));
    }
    if service.tasks_out_of_memory.0 > 0.0 {
        parts.push(format!("{} tasks out of memory", text::times(service.tasks_out_of_memory)));
    }
    for (code, times) in &scaling.not_scaled {
        parts.push(format!("{} times {code}", text::times(*times)));
    }
    parts.join("; ")
}

/// What it takes to run the same again.
fn origin(result: &RunResult) -> Line {
    let mut text = format!("ecsim {}, seed {}, {} fidelity", result.ecsim_version, result.seed, result.fidelity);
    if result.replications > 1 {
        text += &format!(", {} replications (seeds from {} on)", result.replications, result.seed);
    }
    text += &inputs(&result.inputs);
    Line { text, tone: Tone::Faint }
}
