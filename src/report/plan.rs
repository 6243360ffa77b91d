//! The answer of `ecsim plan`, on the screen, in Markdown and as CSV.

use super::comment::{comment, marker};
use super::configuration::{aws_cli, cloudformation, terraform};
use super::csv;
use super::summary::{Body, Line, Section, Tone, name_of};
use super::table::on_screen;
use super::text;
use crate::error::Error;
use crate::result::Figure;
use crate::result::plan::{PlanConfiguration, PlanLeg, PlanMonths, PlanResult, PlanRisk, PlanSetting, PlanThreshold};
use crate::scenario::values::unit::Unit;

/// The answer as aligned text of about `width` columns, with ANSI colours when `colours` is set; the blocks of configuration follow.
///
/// # Errors
/// When a block cannot be rendered.
pub fn table(result: &PlanResult, width: usize, colours: bool) -> Result<String, Error> {
    Ok(on_screen(&title(result), &sections(result)?, width, colours))
}

/// The answer as Markdown.
///
/// # Errors
/// When a block cannot be rendered.
pub fn markdown(result: &PlanResult) -> Result<String, Error> {
    let marker = marker("plan", &result.scenario, result.variant.as_deref());
    Ok(comment(&marker, &title(result), &sections(result)?, &[]))
}

/// The blocks of configuration; none where no configuration meets the thresholds.
fn blocks(result: &PlanResult) -> Result<Vec<Section>, Error> {
    if !result.meets {
        return Ok(Vec::new());
    }
    let block = |title: &'static str, language, text| Section { title: Some(title.into()), body: Body::Block(language, text) };
    Ok(vec![
        block("Terraform", "hcl", terraform(result)?),
        block("CloudFormation", "yaml", cloudformation(result)?),
        block("AWS CLI", "sh", aws_cli(result)?),
    ])
}

/// What was varied as CSV: a row for each dimension.
///
/// # Errors
/// When a row cannot be written.
pub fn csv(result: &PlanResult) -> Result<String, Error> {
    csv::text(|writer| {
        writer.write_record(["dimension", "paths", "current", "chosen", "values"])?;
        result.space.iter().try_for_each(|dimension| {
            let (paths, values) = (dimension.paths.join(" "), dimension.values.join("|"));
            let current = dimension.current.as_deref().unwrap_or_default();
            writer.write_record([&dimension.title, &paths, current, &dimension.chosen, &values])
        })
    })
}

fn title(result: &PlanResult) -> String {
    let name = name_of(&result.scenario, result.variant.as_deref());
    format!("{name}: the cheapest configuration that meets its thresholds")
}

fn sections(result: &PlanResult) -> Result<Vec<Section>, Error> {
    let mut sections = vec![Section::of_lines(None, headline(result)), changes(result), configurations(result), thresholds(result)];
    let mut remarks = vec![risk(result)];
    remarks.extend(runner_up(result));
    remarks.extend(binding(result));
    remarks.extend(more_availability(result));
    sections.push(Section::of_lines(Some("How sure, and what else".into()), remarks.into_iter().map(plain).collect()));
    sections.push(space(result));
    let notes = std::iter::once(effort(result)).chain(result.held.iter().map(|sentence| format!("Held: {sentence}."))).map(plain).collect();
    sections.push(Section::of_lines(None, notes));
    if result.meets && !result.by_hand.is_empty() {
        let lines = result.by_hand.iter().cloned().map(plain).collect();
        sections.push(Section::of_lines(Some("To be set by hand: the blocks below do not hold it".into()), lines));
    }
    sections.extend(Section::of_warnings(&result.warnings));
    sections.extend(blocks(result)?);
    Ok(sections)
}

fn plain(text: String) -> Line {
    Line { text, tone: Tone::Plain }
}

fn percent(share: f64) -> String {
    format!("{} %", text::two_places(Figure(share * 100.0)).trim_end_matches('0').trim_end_matches('.'))
}

fn headline(result: &PlanResult) -> Vec<Line> {
    let (now, new) = (&result.current.monthly_cost, &result.chosen.monthly_cost);
    if !result.meets {
        let mut lines = vec![Line { text: "No configuration that was tried meets the thresholds".to_owned(), tone: Tone::Bad }];
        for threshold in result.chosen.thresholds.iter().filter(|threshold| !threshold.ok) {
            lines.push(plain(format!("The best found misses {}: {}.", threshold.expression, by_how_much(threshold))));
        }
        if let Some(risk) = &result.chosen.risk {
            lines.push(plain(format!(
                "By flows it meets them; with other seeds it fails in {} of {} replications.",
                risk.failed, risk.replications
            )));
        }
        return lines;
    }
    let change = saving(now, new).map(|change| format!(", {change}")).unwrap_or_default();
    let confidence = format!("{} %", Figure::rounded(100.0 * result.confidence.0).0);
    let at = match &result.chosen.risk {
        Some(risk) if risk.shows_confidence => format!("at a confidence of {confidence}"),
        Some(risk) => format!("which {} replications do not show at a confidence of {confidence}", risk.replications),
        None => "not confirmed".to_owned(),
    };
    let text = format!("{} a month instead of {}{change}, {at}", text::dollars(new), text::dollars(now));
    let mut lines = vec![Line { text, tone: Tone::Strong }];
    if result.current.thresholds.iter().any(|threshold| !threshold.ok) {
        lines.push(plain("The scenario as it stands does not meet its thresholds.".to_owned()));
    }
    lines
}

/// How far a failed threshold is from its bound.
fn by_how_much(threshold: &PlanThreshold) -> String {
    let value = worse_value(threshold);
    match threshold.slack {
        Some(slack) => format!("{value}, beyond the bound by {} of {}", percent(-slack.0), room_of(&threshold.path, "it")),
        None => value,
    }
}

/// What a slack is a fraction of.
fn room_of(path: &str, bound: &'static str) -> &'static str {
    if Unit::of(path) == Unit::Fraction { "the unavailability that it allows" } else { bound }
}

/// The figures that a threshold was judged by.
fn worse_value(threshold: &PlanThreshold) -> String {
    let window = value(&threshold.path, threshold.value);
    match threshold.value_when_busiest {
        Some(busiest) if threshold.value != Some(busiest) => {
            format!("{window}, {} when it is busiest", value(&threshold.path, Some(busiest)))
        }
        _ => window,
    }
}

fn value(path: &str, figure: Option<Figure>) -> String {
    figure.map_or_else(|| text::NO_DATA.to_owned(), |figure| text::figure(path, figure))
}

fn saving(old: &str, new: &str) -> Option<String> {
    let (old, new): (f64, f64) = (old.parse().ok()?, new.parse().ok()?);
    let ratio = (old > 0.0).then(|| (new - old) / old)?;
    let percent = format!("{:.1}", 100.0 * ratio.abs());
    Some(match ratio {
        _ if percent == "0.0" => "the same".to_owned(),
        ratio if ratio < 0.0 => format!("{percent} % less"),
        _ => format!("{percent} % more"),
    })
}

fn changes(result: &PlanResult) -> Section {
    let titles = [("Change", false), ("From", false), ("To", false)];
    let row = |setting: &PlanSetting| {
        vec![setting.title.clone(), setting.old.clone().unwrap_or_else(|| text::NO_DATA.to_owned()), setting.new.clone()]
    };
    if result.chosen.changes.is_empty() {
        return Section::of_lines(Some("Changes".into()), vec![plain("None: the scenario as it stands is the answer.".to_owned())]);
    }
    Section::of_rows("Changes", &titles, result.chosen.changes.iter().map(row).collect())
}

fn configurations(result: &PlanResult) -> Section {
    let titles = [("", false), ("A month", true), ("Service", false), ("Available", true), ("Latency p99", true), ("Tasks", true)];
    let all = [("as it stands", Some(&result.current)), ("new", Some(&result.chosen)), ("runner-up", result.runner_up.as_ref())];
    let mut rows = Vec::new();
    for (name, configuration) in all {
        let Some(configuration) = configuration else { continue };
        for (index, service) in configuration.services.iter().enumerate() {
            let first = index == 0;
            rows.push(vec![
                if first { name.to_owned() } else { String::new() },
                if first { text::dollars(&configuration.monthly_cost) } else { String::new() },
                service.service.clone(),
                text::percent_of_fraction(service.availability),
                text::latency(service.latency_p99_seconds),
                service.running_tasks.map_or_else(|| text::NO_DATA.to_owned(), text::one_place),
            ]);
        }
    }
    Section::of_rows("Over the whole window", &titles, rows)
}

fn thresholds(result: &PlanResult) -> Section {
    let mut titles = vec![("Threshold", false), ("As it stands", true), ("New", true), ("Busiest", true), ("Slack", true), ("", false)];
    let row = |(new, current): (&PlanThreshold, &PlanThreshold)| {
        let mut cells = vec![
            new.expression.clone(),
            value(&current.path, current.value),
            value(&new.path, new.value),
            value(&new.path, new.value_when_busiest),
            new.slack.map_or_else(|| text::NO_DATA.to_owned(), |slack| percent(slack.0)),
            if new.ok { "met".to_owned() } else { "failed".to_owned() },
        ];
        if result.stretch.is_none() {
            cells.remove(BUSIEST);
        }
        cells
    };
    let rows = result.chosen.thresholds.iter().zip(&result.current.thresholds).map(row).collect();
    if result.stretch.is_none() {
        titles.remove(BUSIEST);
    }
    Section::of_rows("Thresholds", &titles, rows)
}

/// The column of the busiest stretch, which a window that was run whole has not.
const BUSIEST: usize = 3;

fn interval(risk: &PlanRisk) -> String {
    let range = format!("95 % interval {} to {}", percent(risk.low.0), percent(risk.high.0));
    format!("{} ({range}; {} of {} replications failed)", percent(risk.probability.0), risk.failed, risk.replications)
}

fn risk(result: &PlanResult) -> String {
    let Some(risk) = &result.chosen.risk else { return "The risk is not known: no configuration was worth confirming.".to_owned() };
    let months = match &risk.monthly_cost {
        Some(PlanMonths { mean, p10: Some(low), p90: Some(high) }) if low != high => {
            format!(
                " A month costs {} on average over them, {} to {} in eight of ten.",
                text::dollars(mean),
                text::dollars(low),
                text::dollars(high)
            )
        }
        _ => String::new(),
    };
    format!("Risk that a threshold fails: {}. Each replication is {}.{months}", interval(risk), legs(result).join(" and "))
}

/// What a replication runs, in words.
fn legs(result: &PlanResult) -> Vec<String> {
    let leg = |leg: &PlanLeg| {
        let part = if leg.part == "window" {
            "the whole window".to_owned()
        } else {
            let hours = text::one_place(leg.hours);
            if leg.hours.0 == 1.0 { "its busiest hour".to_owned() } else { format!("its busiest {hours} hours") }
        };
        let how = if leg.fidelity == "request" { "request by request" } else { "by flows" };
        format!("{part} {how}")
    };
    result.confirmed_by.iter().map(leg).collect()
}

fn runner_up(result: &PlanResult) -> Option<String> {
    let runner_up = result.runner_up.as_ref()?;
    let risk = runner_up.risk.as_ref().map(|risk| format!("; its risk: {}", interval(risk))).unwrap_or_default();
    Some(format!("Runner-up: {} a month with {}{risk}.", text::dollars(&runner_up.monthly_cost), listed(runner_up)))
}

fn listed(configuration: &PlanConfiguration) -> String {
    if configuration.changes.is_empty() {
        return "the scenario as it stands".to_owned();
    }
    configuration.changes.iter().map(|setting| format!("{} {}", setting.title, setting.new)).collect::<Vec<_>>().join("; ")
}

fn binding(result: &PlanResult) -> Option<String> {
    let binding = result.binding.as_ref()?;
    let when = if binding.when_busiest { " when it is busiest" } else { "" };
    let whole = room_of(&binding.path, "the bound");
    let edge = if result.at_the_edge.is_empty() {
        String::new()
    } else {
        format!(" At the end of their range, so that a wider one (--vary) might be cheaper: {}.", result.at_the_edge.join("; "))
    };
    Some(format!("What binds: {}: {} of {whole} is left{when}.{edge}", binding.expression, percent(binding.slack.0)))
}

fn more_availability(result: &PlanResult) -> Option<String> {
    let more = result.more_availability.as_ref()?;
    let step = format!(
        "{} instead of {} for {}",
        text::percent_of_fraction(Some(more.to)),
        text::percent_of_fraction(Some(more.from)),
        more.service
    );
    Some(match (&more.monthly_cost, &more.monthly_change) {
        (Some(cost), Some(change)) => {
            format!("One step more of availability, {step}: {} a month, {} more, by flows.", text::dollars(cost), text::dollars(change))
        }
        _ => format!("One step more of availability, {step}: nothing in the search space reaches it."),
    })
}

fn space(result: &PlanResult) -> Section {
    let titles = [("Varied", false), ("Now", false), ("New", false), ("Among", false)];
    let row = |dimension: &crate::result::plan::PlanDimension| {
        let current = dimension.current.clone().unwrap_or_else(|| text::NO_DATA.to_owned());
        vec![dimension.title.clone(), current, dimension.chosen.clone(), among(&dimension.values)]
    };
    Section::of_rows("Search space", &titles, result.space.iter().map(row).collect())
}

/// The values in words: few by name, of many how many and between which.
fn among(values: &[String]) -> String {
    match values {
        [first, .., last] if values.len() > NAMED_VALUES => format!("{} from {first} to {last}", values.len()),
        _ => values.join(", "),
    }
}

/// So many values are named one by one.
const NAMED_VALUES: usize = 3;

fn effort(result: &PlanResult) -> String {
    let effort = &result.effort;
    let of = effort.of.map_or_else(|| "more than can be counted".to_owned(), |count| text::count(count.into()));
    let impossible = if effort.impossible > 0 { format!(", {} of them impossible", effort.impossible) } else { String::new() };
    let runs = match &result.stretch {
        Some(stretch) => format!(
            "{} runs of the busiest {} hours (from {}), {} of the whole window",
            effort.stretch_runs,
            text::one_place(stretch.hours),
            stretch.start,
            effort.window_runs
        ),
        None => format!("{} runs of the whole window", effort.stretch_runs + effort.window_runs),
    };
    format!(
        "Looked at {} of {of} configurations{impossible}: {runs}, {} confirmations. Seed {}, ecsim {}.",
        effort.configurations, effort.confirmations, result.seed, result.ecsim_version
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saving_that_rounds_to_nothing_has_no_sign() {
        let of = |old, new| saving(old, new).unwrap_or_default();
        assert_eq!((of("100.00", "100.00"), of("100.00", "99.99")), ("the same".into(), "the same".into()));
        assert_eq!((of("100.00", "80.00"), of("100.00", "112.50")), ("20.0 % less".into(), "12.5 % more".into()));
        assert_eq!(saving("0.00", "1.00"), None, "no part of nothing");
    }
}
