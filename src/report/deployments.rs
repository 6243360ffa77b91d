//! What a summary says of deployments: a sentence for each of the first ones, and a count of the others.

use std::collections::BTreeMap;

use super::summary::{Body, Line, Section, Tone};
use super::text;
use crate::result::{Deployment, Figure, RunResult, ServiceResult};

/// So many of a service are told one by one: a schedule may bring hundreds.
const TOLD_ONE_BY_ONE: usize = 5;

/// The section on deployments; none where there were none.
pub(super) fn section(result: &RunResult) -> Option<Section> {
    let lines: Vec<Line> = result.services.0.iter().flat_map(|(name, service)| lines(name, service)).collect();
    (!lines.is_empty()).then(|| Section { title: Some("Deployments".into()), body: Body::Lines(lines) })
}

fn lines(name: &str, service: &ServiceResult) -> Vec<Line> {
    let (told, others) = service.deployments.split_at(service.deployments.len().min(TOLD_ONE_BY_ONE));
    let mut lines: Vec<Line> = told.iter().map(|deployment| Line { text: sentence(name, deployment), tone: tone(deployment) }).collect();
    if !others.is_empty() {
        let mut by_status: BTreeMap<&str, u32> = BTreeMap::new();
        others.iter().for_each(|deployment| *by_status.entry(&deployment.status).or_default() += 1);
        let counts: Vec<String> = by_status.iter().map(|(status, count)| format!("{count} {status}")).collect();
        lines.push(Line { text: format!("{name}: and {} more: {}", others.len(), counts.join(", ")), tone: Tone::Plain });
    }
    lines
}

fn tone(deployment: &Deployment) -> Tone {
    if deployment.status == "SUCCESSFUL" { Tone::Plain } else { Tone::Warning }
}

fn sentence(name: &str, deployment: &Deployment) -> String {
    let until = deployment.finished_at.as_deref().map_or_else(|| "the end of the window".to_owned(), to_the_second);
    let mut text = format!(
        "{name}: {} {} from {} to {until}: {} tasks launched, {} failed; {} requests failed meanwhile; {} task-hours beyond the desired count",
        deployment.strategy,
        deployment.status,
        to_the_second(&deployment.started_at),
        deployment.tasks_launched,
        deployment.failed_tasks,
        text::count(deployment.requests_failed),
        text::two_places(Figure::rounded(deployment.extra_task_hours.0)),
    );
    if let Some(cost) = &deployment.extra_cost {
        text += &format!(" ({})", text::dollars(cost));
    }
    if let Some(reason) = &deployment.reason {
        text += &format!("; {reason}");
    }
    text
}

/// A point in time without the fraction of its second.
fn to_the_second(time: &str) -> String {
    match time.split_once('.') {
        Some((whole, _)) => format!("{whole}Z"),
        None => time.to_owned(),
    }
}
