//! The explanation of scaling on the screen, in Markdown and as CSV.
//!
//! The answer comes first, in a sentence. About one time the decision follows in full: what each alarm saw and when,
//! what each policy wanted; about a whole run a row for each change. Then scale-outs step by step.

use jiff::Timestamp;

use super::comment::{comment, marker};
use super::csv;
use super::summary::{Body, Column, Line, Row, Section, Table, Tone, columns, name_of};
use super::table::on_screen;
use super::text;
use crate::error::Error;
use crate::result::Figure;
use crate::result::explain::{
    CooldownState, ExplainResult, ExplainedAlarm, ExplainedCooldown, ExplainedDatapoint, ExplainedDecision, ExplainedPolicy, OutcomeKind,
    ScaleOut, TriggerKind, clock, date_and_time, number,
};

/// Rows of decisions that are shown unless all are asked for.
const ROWS_SHOWN: usize = 20;
/// Names of policies and alarms are cut to so many characters in a row.
const NAME_CHARACTERS: usize = 10;

/// The explanation as aligned text of about `width` columns, with ANSI colours when `colours` is set. `all`: every
/// decision, not only the first twenty.
#[must_use]
pub fn table(result: &ExplainResult, width: usize, colours: bool, all: bool) -> String {
    on_screen(&title(result), &sections(result, all), width, colours)
}

/// The explanation as Markdown.
#[must_use]
pub fn markdown(result: &ExplainResult, all: bool) -> String {
    let scenario = format!("{} {}", result.scenario, result.service);
    comment(&marker("explain", &scenario, result.variant.as_deref()), &title(result), &sections(result, all), &[])
}

/// What is explained: the scenario, its variant, the service.
#[must_use]
pub fn title(result: &ExplainResult) -> String {
    format!("{}: scaling of {}", name_of(&result.scenario, result.variant.as_deref()), result.service)
}

fn sections(result: &ExplainResult, all: bool) -> Vec<Section> {
    let mut opening = vec![Line { text: result.answer.clone(), tone: Tone::Strong }];
    if result.at.is_none() {
        let window = format!("from {} to {}, seed {}; times are UTC", result.window.start, result.window.end, result.seed);
        opening.push(Line { text: window, tone: Tone::Faint });
    }
    let mut sections = vec![Section::of_lines(None, opening)];
    match result.at {
        Some(at) => {
            sections.extend(result.asked().map(decision_sections).unwrap_or_default());
            let asked_time = result.asked().map_or(at, |decision| decision.time);
            sections.extend(result.scale_outs.iter().map(|scale_out| waterfall(scale_out, &relation(scale_out, asked_time))));
        }
        None => {
            if !result.decisions.is_empty() {
                sections.extend(changes(result, all));
            }
            sections.extend(typical_scale_outs(result));
        }
    }
    sections.extend(Section::of_warnings(&result.warnings));
    sections
}

/// The waterfalls of the median and the slowest scale-out; one where they are the same.
fn typical_scale_outs(result: &ExplainResult) -> Vec<Section> {
    let complete = result.scale_outs.iter().filter(|scale_out| scale_out.complete).count();
    let (Some(median), Some(slowest)) = (result.median_scale_out(), result.slowest_scale_out()) else { return Vec::new() };
    if complete == 1 {
        return vec![waterfall(slowest, "the only scale-out")];
    }
    vec![
        waterfall(slowest, &format!("the slowest of {complete} scale-outs")),
        waterfall(median, &format!("the median of {complete} scale-outs")),
    ]
}

/// How a scale-out lies to the decision that is asked about.
fn relation(scale_out: &ScaleOut, at: Timestamp) -> String {
    let gap = scale_out.decided.duration_since(at).as_secs_f64();
    match gap {
        0.0 => "this scale-out".to_owned(),
        gap if gap > 0.0 => format!("the next scale-out, {} later", text::span(Figure(gap))),
        gap => format!("the last scale-out, {} before", text::span(Figure(-gap))),
    }
}

/// A row for each change.
fn changes(result: &ExplainResult, all: bool) -> Vec<Section> {
    let titles =
        [("Time", false), ("By", false), ("Alarm", false), ("Metric", true), ("Running", true), ("Desired", true), ("Outcome", false)];
    let shown = if all { result.decisions.len() } else { ROWS_SHOWN.min(result.decisions.len()) };
    let rows = result.decisions[..shown].iter().map(change_row).collect();
    let table = Table { columns: columns(&titles), rows };
    let mut sections = vec![Section { title: Some("Changes and attempts".into()), body: Body::Table(table) }];
    let left_out = result.decisions.len() - shown;
    if left_out > 0 {
        let text = format!("... and {left_out} more: --all shows them, -o FILE.csv and -o FILE.json hold them, --at TIME explains one");
        sections.push(Section::of_lines(None, vec![Line { text, tone: Tone::Plain }]));
    }
    sections
}

fn change_row(decision: &ExplainedDecision) -> Row {
    let telling = decision.telling_alarm();
    let metric = telling.and_then(|(_, alarm)| alarm.latest()).map_or_else(|| text::NO_DATA.to_owned(), |(_, value)| number(value));
    let named = |alarm: &ExplainedAlarm| format!("{} {}", cut(alarm.short_name(), NAME_CHARACTERS), short_state(alarm));
    let alarm = telling.map_or_else(|| text::NO_DATA.to_owned(), |(_, alarm)| named(alarm));
    let by = decision.winner.as_deref().or_else(|| telling.map(|(policy, _)| policy.name.as_str())).unwrap_or(text::NO_DATA);
    let cells = vec![
        date_and_time(decision.time),
        cut(by, NAME_CHARACTERS),
        alarm,
        metric,
        decision.running.to_string(),
        format!("{} -> {}", decision.desired_before, decision.desired_after),
        outcome(decision),
    ];
    let tone = match decision.outcome {
        OutcomeKind::NotScaled | OutcomeKind::HeldBack => Tone::Warning,
        _ => Tone::Plain,
    };
    Row { branches: Vec::new(), cells, tone }
}

/// The state of an alarm, where AWS's word would not fit into a row.
fn short_state(alarm: &ExplainedAlarm) -> &str {
    if alarm.state == "INSUFFICIENT_DATA" { "no data" } else { &alarm.state }
}

/// What came of a decision, in few words.
fn outcome(decision: &ExplainedDecision) -> String {
    let code = decision.not_scaled_reasons.first().map_or("", |reason| reason.code.as_str());
    let by = match decision.trigger {
        TriggerKind::Datapoint => "",
        TriggerKind::ScheduledAction => " by a scheduled action",
        TriggerKind::Forecast => " by a forecast",
    };
    match decision.outcome {
        OutcomeKind::ScaledOut => format!("scaled out{by}"),
        OutcomeKind::ScaledIn => format!("scaled in{by}"),
        OutcomeKind::BoundsSet => format!("bounds set to {} and {}", decision.min_capacity, decision.max_capacity),
        OutcomeKind::NotScaled => code.to_owned(),
        OutcomeKind::HeldBack => {
            let reason = decision.held_back_by.as_deref().unwrap_or_default();
            format!("held back: {}", reason.strip_prefix("the ").unwrap_or(reason))
        }
        OutcomeKind::Nothing => "no change wanted".to_owned(),
    }
}

/// One decision in full.
fn decision_sections(decision: &ExplainedDecision) -> Vec<Section> {
    let pair = |name: &str, value: String| Row { branches: Vec::new(), cells: vec![name.to_owned(), value], tone: Tone::Plain };
    let rows = vec![
        pair("Outcome", outcome(decision)),
        pair("Winner", decision.winner.clone().unwrap_or_else(|| "none".to_owned())),
        pair("Desired tasks", format!("{} -> {}", decision.desired_before, decision.desired_after)),
        pair("Running tasks", decision.running.to_string()),
        pair("Capacity", format!("{} to {}", decision.min_capacity, decision.max_capacity)),
        pair("Scale-out cooldown", cooldown(decision.scale_out_cooldown)),
        pair("Scale-in cooldown", cooldown(decision.scale_in_cooldown)),
    ];
    let title = format!("Decision of {} UTC", date_and_time(decision.time));
    let table = Table { columns: columns(&[("", false), ("", false)]), rows };
    let mut sections = vec![Section { title: Some(title.into()), body: Body::Table(table) }];
    sections.extend(decision.policies.iter().flat_map(policy_sections));
    sections
}

fn cooldown(cooldown: ExplainedCooldown) -> String {
    match (cooldown.state, cooldown.until) {
        (CooldownState::Running, Some(until)) => format!("until {}", date_and_time(until)),
        (CooldownState::NotBegun, _) => "begins when as many tasks run as are desired".to_owned(),
        _ => "none runs".to_owned(),
    }
}

/// What a policy wanted and why, its alarms, and the datapoints that they saw.
fn policy_sections(policy: &ExplainedPolicy) -> Vec<Section> {
    let wish = policy.wants.map_or_else(|| "wants no change".to_owned(), |tasks| format!("wants {tasks} tasks"));
    let mut about = vec![Line { text: format!("{wish}: {}", policy.reason), tone: Tone::Plain }];
    about.extend(policy.alarms.iter().map(|alarm| Line { text: alarm_line(alarm), tone: Tone::Plain }));
    let title = format!("Policy {} ({})", policy.name, policy.policy_type);
    let mut sections = vec![Section::of_lines(Some(title.into()), about)];
    sections.extend(metrics_of(policy).into_iter().map(|(metric, alarms)| datapoints(metric, &alarms)));
    sections
}

/// `AlarmHigh is OK: 1 of the newest 3 datapoints of 60 s is > 60, it takes 3`.
fn alarm_line(alarm: &ExplainedAlarm) -> String {
    format!(
        "{} is {}: {} of the newest {} datapoints of {} s {} {} {}, it takes {}",
        alarm.short_name(),
        alarm.state,
        alarm.breaching(),
        alarm.evaluation_periods,
        alarm.period_seconds,
        if alarm.breaching() == 1 { "is" } else { "are" },
        alarm.comparison,
        number(alarm.threshold.0),
        alarm.datapoints_to_alarm
    )
}

/// The alarms of a policy by what they watch: those of target tracking see the same datapoints.
fn metrics_of(policy: &ExplainedPolicy) -> Vec<(&str, Vec<&ExplainedAlarm>)> {
    let mut metrics: Vec<(&str, Vec<&ExplainedAlarm>)> = Vec::new();
    for alarm in &policy.alarms {
        match metrics.iter_mut().find(|(metric, alarms)| *metric == alarm.metric && alarms[0].period_seconds == alarm.period_seconds) {
            Some((_, alarms)) => alarms.push(alarm),
            None => metrics.push((&alarm.metric, vec![alarm])),
        }
    }
    metrics
}

/// The datapoints that several alarms saw of one metric, each once and oldest first.
#[must_use]
pub fn merged(alarms: &[&ExplainedAlarm]) -> Vec<ExplainedDatapoint> {
    let mut all: Vec<ExplainedDatapoint> = alarms.iter().flat_map(|alarm| alarm.datapoints.iter().copied()).collect();
    all.sort_by_key(|datapoint| datapoint.start);
    all.dedup_by_key(|datapoint| datapoint.start);
    all
}

fn datapoints(metric: &str, alarms: &[&ExplainedAlarm]) -> Section {
    let text = |title: String, is_number| Column { title: title.into(), is_number };
    let mut columns = vec![text(metric.to_owned(), false), text("Published".into(), false), text("Value".into(), true)];
    // Numbers stand to the right; so do these marks, under headings of their own width.
    columns.extend(
        alarms.iter().map(|alarm| text(format!("{} {} {}", alarm.short_name(), alarm.comparison, number(alarm.threshold.0)), true)),
    );
    let row = |datapoint: &ExplainedDatapoint| {
        let value = datapoint.value.map_or_else(|| "missing".to_owned(), |Figure(value)| number(value));
        let mut cells = vec![date_and_time(datapoint.start), clock(datapoint.published), value];
        cells.extend(alarms.iter().map(|alarm| {
            let seen = alarm.deciding().find(|own| own.start == datapoint.start);
            seen.map_or(String::new(), |own| if own.breaches { "breaches".to_owned() } else { "no".to_owned() })
        }));
        Row { branches: Vec::new(), cells, tone: Tone::Plain }
    };
    Section { title: None, body: Body::Table(Table { columns, rows: merged(alarms).iter().map(row).collect() }) }
}

/// A scale-out step by step.
fn waterfall(scale_out: &ScaleOut, relation: &str) -> Section {
    let unfinished = if scale_out.complete { "" } else { "; no new task was healthy before the window ended" };
    let title = format!(
        "Scale-out of {} by {}, {} -> {} tasks ({relation}{unfinished})",
        date_and_time(scale_out.decided),
        scale_out.policy,
        scale_out.desired_before,
        scale_out.desired_after
    );
    let titles = [("Step", false), ("Time", false), ("Takes", true), ("Since the first", true)];
    let row = |step: &crate::result::explain::ScaleOutStep| {
        let seconds = |Figure(seconds): Figure| format!("{seconds:.1} s");
        let cells = vec![step.name.clone(), clock(step.time), seconds(step.step_seconds), seconds(step.seconds)];
        Row { branches: Vec::new(), cells, tone: Tone::Plain }
    };
    let table = Table { columns: columns(&titles), rows: scale_out.steps.iter().map(row).collect() };
    Section { title: Some(title.into()), body: Body::Table(table) }
}

fn cut(text: &str, characters: usize) -> String {
    if text.chars().count() <= characters {
        return text.to_owned();
    }
    text.chars().take(characters - 1).chain(['…']).collect()
}

/// The columns of the decisions as CSV.
const DECISION_COLUMNS: [&str; 17] = [
    "time",
    "trigger",
    "winner",
    "alarm",
    "alarm_state",
    "metric",
    "metric_value",
    "comparison",
    "threshold",
    "wants",
    "running",
    "desired_before",
    "desired_after",
    "min_capacity",
    "max_capacity",
    "outcome",
    "reason",
];

/// The decisions as CSV, a row for each.
///
/// # Errors
/// When a row cannot be written, which memory alone can cause.
pub fn csv(result: &ExplainResult) -> Result<String, Error> {
    csv::text(|writer| {
        writer.write_record(DECISION_COLUMNS)?;
        result.decisions.iter().try_for_each(|decision| writer.write_record(csv_row(decision)))
    })
}

fn csv_row(decision: &ExplainedDecision) -> Vec<String> {
    let telling = decision.telling_alarm();
    let of = |field: fn(&ExplainedAlarm) -> String| telling.map_or_else(String::new, |(_, alarm)| field(alarm));
    let trigger = match decision.trigger {
        TriggerKind::Datapoint => "datapoint",
        TriggerKind::ScheduledAction => "scheduled_action",
        TriggerKind::Forecast => "forecast",
    };
    let code = decision.not_scaled_reasons.first().map(|reason| reason.code.clone());
    vec![
        decision.time.to_string(),
        trigger.to_owned(),
        decision.winner.clone().unwrap_or_default(),
        of(|alarm| alarm.name.clone()),
        of(|alarm| alarm.state.clone()),
        of(|alarm| alarm.metric.clone()),
        of(|alarm| alarm.latest().map_or_else(String::new, |(_, value)| value.to_string())),
        of(|alarm| alarm.comparison.clone()),
        of(|alarm| alarm.threshold.0.to_string()),
        telling.and_then(|(policy, _)| policy.wants).map_or_else(String::new, |wants| wants.to_string()),
        decision.running.to_string(),
        decision.desired_before.to_string(),
        decision.desired_after.to_string(),
        decision.min_capacity.to_string(),
        decision.max_capacity.to_string(),
        format!("{:?}", decision.outcome),
        code.or_else(|| decision.held_back_by.clone()).unwrap_or_default(),
    ]
}

#[cfg(test)]
mod tests;
