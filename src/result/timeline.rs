//! The two tables of the result document: the course of the run and the billed capacity by hour.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::document::{HourlyUsage, Timeline};
use super::figure::{Cell, Figure};
use crate::outcome::{Outcome, TimelineRow};
use crate::usage::{TaskUsage, Usage};

/// A column of a step's figures: its name, its cell, and how a step takes it back.
type StepColumn = (&'static str, fn(&TimelineRow) -> Cell, fn(&mut TimelineRow, Option<f64>));

/// The columns of a step's figures. Numbers that a row always has are 0 where a document has none.
const STEP_COLUMNS: [StepColumn; 14] = [
    ("offered_rps", |row| Cell::rounded(row.offered_rps), |row, cell| row.offered_rps = cell.unwrap_or(0.0)),
    ("served_rps", |row| Cell::rounded(row.served_rps), |row, cell| row.served_rps = cell.unwrap_or(0.0)),
    ("failed_rps", |row| Cell::rounded(row.failed_rps), |row, cell| row.failed_rps = cell.unwrap_or(0.0)),
    ("desired", |row| row.desired.into(), |row, cell| row.desired = cell.unwrap_or(0.0) as u32),
    ("pending", |row| row.pending.into(), |row, cell| row.pending = cell.unwrap_or(0.0) as u32),
    ("running", |row| row.running.into(), |row, cell| row.running = cell.unwrap_or(0.0) as u32),
    ("healthy", |row| row.healthy.into(), |row, cell| row.healthy = cell.unwrap_or(0.0) as u32),
    ("cpu_utilization", |row| Cell::optional(row.cpu_utilization), |row, cell| row.cpu_utilization = cell),
    ("memory_utilization", |row| Cell::optional(row.memory_utilization), |row, cell| row.memory_utilization = cell),
    ("latency_mean", |row| Cell::optional(row.latency_mean), |row, cell| row.latency_mean = cell),
    ("latency_p50", |row| Cell::optional(row.latency_p50), |row, cell| row.latency_p50 = cell),
    ("latency_p95", |row| Cell::optional(row.latency_p95), |row, cell| row.latency_p95 = cell),
    ("latency_p99", |row| Cell::optional(row.latency_p99), |row, cell| row.latency_p99 = cell),
    ("queue_length", |row| Cell::rounded(row.queue_length), |row, cell| row.queue_length = cell.unwrap_or(0.0)),
];

const SERVICE: &str = "service";

/// The last column, where there are EC2 instances.
const INSTANCES: &str = "instances";

/// The columns of the timeline, also of its CSV file.
fn timeline_columns(has_instances: bool) -> Vec<String> {
    let figures = STEP_COLUMNS.iter().map(|(name, ..)| *name);
    let last = has_instances.then_some(INSTANCES);
    ["time", SERVICE].into_iter().chain(figures).chain(["cost_per_hour"]).chain(last).map(String::from).collect()
}

/// The columns of the hourly usage.
const USAGE_COLUMNS: [&str; 5] = ["hour", "service", "capacity_provider", "vcpu_hours", "gb_hours"];

const SECONDS_PER_HOUR: f64 = 3600.0;
const MEBIBYTES_PER_GIGABYTE: f64 = 1024.0;

/// US dollars per hour of a service, by its place in the outcome, in this hour of the window (0 holds its
/// start), while so many of its tasks are billed on Fargate and on Fargate Spot.
pub type HourlyRate<'a> = &'a dyn Fn(usize, usize, [f64; 2]) -> f64;

/// The timeline of all services, step by step.
pub(super) fn timeline(outcome: &Outcome, hourly_rate: HourlyRate) -> Timeline {
    let steps = outcome.services.iter().map(|service| service.timeline.len()).max().unwrap_or(0);
    let mut rows = Vec::with_capacity(steps * outcome.services.len());
    for step in 0..steps {
        let time = outcome.timeline_resolution.as_nanos().saturating_mul(step as i64);
        let hour = hour_of(outcome, time);
        let time = instant(outcome.start, time);
        for (index, service) in outcome.services.iter().enumerate() {
            if let Some(row) = service.timeline.get(step) {
                let mut cells = cells(&time, &service.name, row, hourly_rate(index, hour, row.billed_tasks));
                cells.extend(has_instances(outcome).then(|| Cell::optional(row.instances.map(f64::from))));
                rows.push(cells);
            }
        }
    }
    Timeline { rows, ..no_steps(outcome) }
}

/// A timeline without rows.
pub(super) fn no_steps(outcome: &Outcome) -> Timeline {
    Timeline {
        resolution_seconds: Figure(outcome.timeline_resolution.as_seconds_f64()),
        columns: timeline_columns(has_instances(outcome)),
        rows: Vec::new(),
    }
}

fn has_instances(outcome: &Outcome) -> bool {
    !outcome.instance_groups.is_empty()
}

fn cells(time: &str, service: &str, row: &TimelineRow, cost_per_hour: f64) -> Vec<Cell> {
    let figures = STEP_COLUMNS.iter().map(|(_, cell, _)| cell(row));
    [time.into(), service.into()].into_iter().chain(figures).chain([Cell::rounded(cost_per_hour)]).collect()
}

/// The steps of a timeline with the services that they are of, without what it does not keep (billed tasks).
///
/// # Errors
/// Why it is none, as a sentence without a stop: a column is missing, or a row names no service.
pub fn steps<'a>(timeline: &'a Timeline) -> Result<Vec<(&'a str, TimelineRow)>, String> {
    let place = |name: &str| timeline.columns.iter().position(|column| column == name).ok_or_else(|| format!("it has no column `{name}`"));
    let of_service = place(SERVICE)?;
    let places = STEP_COLUMNS.iter().map(|(name, ..)| place(name)).collect::<Result<Vec<usize>, String>>()?;
    let instances = place(INSTANCES).ok();
    let step = |cells: &[Cell]| {
        let mut row = TimelineRow::default();
        for (&place, (_, _, put)) in places.iter().zip(&STEP_COLUMNS) {
            let number = match cells.get(place) {
                Some(Cell::Number(figure)) if figure.0.is_finite() => Some(figure.0),
                _ => None,
            };
            put(&mut row, number);
        }
        row.instances = match instances.and_then(|place| cells.get(place)) {
            Some(Cell::Number(figure)) => Some(figure.0 as u32),
            _ => None,
        };
        row
    };
    let named = |cells: &'a Vec<Cell>| match cells.get(of_service) {
        Some(Cell::Text(name)) => Ok((name.as_str(), step(cells))),
        _ => Err("a row names no service".to_owned()),
    };
    timeline.rows.iter().map(named).collect()
}

/// Billed capacity by hour, in the order of hours.
pub(super) fn usage_hourly(usage: &Usage) -> HourlyUsage {
    let mut rows = Vec::with_capacity(usage.hours * usage.tasks.len());
    for hour in 0..usage.hours {
        let time = instant(usage.first_hour, (hour as i64).saturating_mul(3_600_000_000_000));
        rows.extend(usage.tasks.iter().map(|tasks| usage_row(&time, tasks, hour)));
    }
    let platforms = usage.tasks.iter().map(|tasks| (tasks.service.clone(), tasks.platform.to_owned())).collect();
    HourlyUsage { rows, platforms, ..no_hours() }
}

/// A table of usage without rows.
pub(super) fn no_hours() -> HourlyUsage {
    HourlyUsage { columns: USAGE_COLUMNS.map(String::from).to_vec(), rows: Vec::new(), platforms: BTreeMap::new() }
}

fn usage_row(time: &str, tasks: &TaskUsage, hour: usize) -> Vec<Cell> {
    let task_hours = tasks.billed_seconds.get(hour).copied().unwrap_or(0) as f64 / SECONDS_PER_HOUR;
    let memory_gb = f64::from(tasks.memory.0) / MEBIBYTES_PER_GIGABYTE;
    vec![
        time.into(),
        tasks.service.as_str().into(),
        tasks.capacity_provider.as_str().into(),
        Cell::Number(Figure(task_hours * tasks.cpu.as_vcpu())),
        Cell::Number(Figure(task_hours * memory_gb)),
    ]
}

/// The hour of the window in which so many nanoseconds after its start lie.
fn hour_of(outcome: &Outcome, nanos: i64) -> usize {
    let into_first_hour = outcome.start.duration_since(outcome.usage.first_hour).as_nanos();
    usize::try_from((into_first_hour + i128::from(nanos)) / 3_600_000_000_000).unwrap_or(0)
}

/// The instant so many nanoseconds later, as RFC 3339 in UTC; the last representable one beyond the calendar.
fn instant(start: Timestamp, nanos: i64) -> String {
    start.saturating_add(SignedDuration::from_nanos(nanos)).unwrap_or(Timestamp::MAX).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_was_written_is_read_back() {
        let row = TimelineRow {
            offered_rps: 1.5,
            served_rps: 1.25,
            failed_rps: 0.25,
            desired: 5,
            pending: 1,
            running: 4,
            healthy: 3,
            cpu_utilization: Some(62.5),
            memory_utilization: None,
            latency_mean: Some(0.125),
            latency_p50: Some(0.1),
            latency_p95: Some(0.2),
            latency_p99: Some(0.3),
            queue_length: 7.0,
            billed_tasks: [0.0; 2],
            instances: Some(6),
        };
        let rows = vec![[cells("2026-03-02T00:00:00Z", "web", &row, 0.5), vec![6.into()]].concat()];
        let timeline = Timeline { resolution_seconds: Figure(60.0), columns: timeline_columns(true), rows };
        assert_eq!(timeline.columns.len(), timeline.rows[0].len());
        assert_eq!(steps(&timeline), Ok(vec![("web", row)]));
        let lacking = Timeline { columns: vec![SERVICE.to_owned()], ..timeline };
        assert_eq!(steps(&lacking), Err("it has no column `offered_rps`".to_owned()));
    }
}
