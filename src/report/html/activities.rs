//! Scaling activities and deployments: marks on the chart where they happened, and the table of all.

use jiff::Timestamp;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::super::charts::{Recorded, RecordedService};
use super::headline::readable;
use crate::result::{Activity, Deployment, RunResult};

/// So many activities are shown at once; more are behind a heading that opens.
const SHOWN_AT_ONCE: usize = 12;

/// How AWS words an activity that changes the count of tasks.
const SETS_DESIRED_COUNT: &str = "Setting desired count to ";

/// What an activity did to the count of tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Out,
    In,
    Nothing,
    Bounds,
}

impl Direction {
    const fn name(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::In => "in",
            Self::Nothing => "nothing",
            Self::Bounds => "bounds",
        }
    }
}

/// Adds to the charts of each service its activities and deployments.
pub(super) fn add_to(figures: &mut Value, result: &RunResult, recorded: &Recorded) {
    for (index, (_, service)) in result.services.0.iter().enumerate() {
        let (Some(figure), Some(course)) = (figures["services"].get_mut(index), recorded.services.get(index)) else { continue };
        figure["activities"] = marks(&service.scaling_activities, recorded, course);
        figure["deployments"] = service.deployments.iter().map(|deployment| band(deployment, recorded, course)).collect();
    }
}

fn marks(activities: &[Activity], recorded: &Recorded, course: &RecordedService) -> Value {
    let mut before = activities.first().map_or(0, |first| desired_before(&first.start_time, recorded, course));
    let mark = |activity: &Activity| {
        let (direction, count) = match desired_count(activity) {
            _ if !activity.not_scaled_reasons.is_empty() => (Direction::Nothing, before),
            Some(count) if count > before => (Direction::Out, count),
            Some(count) => (Direction::In, count),
            None => (Direction::Bounds, before),
        };
        before = count;
        json!({ "time": activity.start_time, "tasks": count, "kind": direction.name(), "text": sentence(activity) })
    };
    activities.iter().map(mark).collect()
}

/// The count that an activity set.
fn desired_count(activity: &Activity) -> Option<u32> {
    activity.description.strip_prefix(SETS_DESIRED_COUNT)?.trim_end_matches('.').parse().ok()
}

/// The desired count at the end of the step before the one that holds a time; in the first step the tasks that run, for what has just
/// been asked for has neither started nor stopped yet.
fn desired_before(time: &str, recorded: &Recorded, course: &RecordedService) -> u32 {
    match step_of(time, recorded).checked_sub(1) {
        Some(step) => course.rows.get(step).map_or(0, |row| row.desired),
        None => course.rows.first().map_or(0, |row| row.running),
    }
}

fn step_of(time: &str, recorded: &Recorded) -> usize {
    let since_start = time.parse::<Timestamp>().map_or(0.0, |time| time.duration_since(recorded.start).as_secs_f64());
    (since_start / recorded.step_seconds).max(0.0) as usize
}

fn band(deployment: &Deployment, recorded: &Recorded, course: &RecordedService) -> Value {
    let reason = deployment.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
    let start = course.rows.get(step_of(&deployment.started_at, recorded)).map_or(0, |row| row.desired);
    json!({
        "from": deployment.started_at,
        "to": deployment.finished_at.clone().unwrap_or_else(|| recorded.end.to_string()),
        "tasks": start,
        "text": format!("{} deployment {}{reason}", deployment.strategy, deployment.status),
    })
}

/// What an activity attempted, why, and why it did not scale.
fn sentence(activity: &Activity) -> String {
    let mut text = format!("{} {}", activity.description, capitalised(&activity.cause));
    if let Some(reasons) = reasons(activity) {
        text += &format!(". Not scaled: {reasons}");
    }
    text
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

fn reasons(activity: &Activity) -> Option<String> {
    let reason = |reason: &crate::result::NotScaledReason| {
        let figures = [("max", reason.max_capacity), ("min", reason.min_capacity), ("current", reason.current_capacity)];
        let known: Vec<String> = figures.iter().filter_map(|(name, value)| value.map(|value| format!("{name} {value}"))).collect();
        if known.is_empty() { reason.code.clone() } else { format!("{} ({})", reason.code, known.join(", ")) }
    };
    let reasons: Vec<String> = activity.not_scaled_reasons.iter().map(reason).collect();
    (!reasons.is_empty()).then(|| reasons.join(", "))
}

/// What scaling did, and all activities.
pub(super) fn section(result: &RunResult) -> Markup {
    let count: usize = result.services.0.iter().map(|(_, service)| service.scaling_activities.len()).sum();
    html! {
        section aria-labelledby="scaling-title" {
            h2 #scaling-title { "Scaling" }
            (super::tables::list(&super::super::summary::scaling(result)))
            @if result.replications > 1 && count > 0 { p.note { "The activities are those of the first replication." } }
            @if count == 0 {
                p { "There was no scaling activity." }
            } @else {
                details open[count <= SHOWN_AT_ONCE] {
                    summary { "Every scaling activity with its reason (" (count) ")" }
                    (activities(result))
                }
            }
        }
    }
}

fn activities(result: &RunResult) -> Markup {
    let all = result.services.0.iter().flat_map(|(name, service)| service.scaling_activities.iter().map(move |activity| (name, activity)));
    html! {
        div.scroll.tall tabindex="0" role="region" aria-label="Scaling activities" {
            table {
                caption.unseen { "Scaling activities" }
                thead {
                    tr { th scope="col" { "Time (UTC)" } th scope="col" { "Service" } th scope="col" { "What" } th scope="col" { "Why" } th scope="col" { "How it went" } }
                }
                tbody {
                    @for (name, activity) in all {
                        tr {
                            th scope="row" { time datetime=(activity.start_time) { (readable(&activity.start_time)) } }
                            td { (name) }
                            td { (activity.description) }
                            td.words { (activity.cause) }
                            td.words { (activity.status_code) @if let Some(reasons) = reasons(activity) { ": " (reasons) } }
                        }
                    }
                }
            }
        }
    }
}
