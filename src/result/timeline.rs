//! The two tables of the result document: the course of the run and the billed capacity by hour.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::document::{HourlyUsage, Timeline};
use super::figure::{Cell, Figure};
use crate::outcome::{Outcome, ServiceOutcome, TimelineRow};
use crate::usage::{TaskUsage, Usage};

/// The columns of the timeline, also of its CSV file.
pub const TIMELINE_COLUMNS: [&str; 17] = [
    "time",
    "service",
    "offered_rps",
    "served_rps",
    "failed_rps",
    "desired",
    "pending",
    "running",
    "healthy",
    "cpu_utilization",
    "memory_utilization",
    "latency_mean",
    "latency_p50",
    "latency_p95",
    "latency_p99",
    "queue_length",
    "cost_per_hour",
];

/// The columns of the hourly usage.
pub const USAGE_COLUMNS: [&str; 5] = ["hour", "service", "capacity_provider", "vcpu_hours", "gb_hours"];

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
                rows.push(cells(&time, service, row, hourly_rate(index, hour, row.billed_tasks)));
            }
        }
    }
    Timeline { rows, ..no_steps(outcome) }
}

/// A timeline without rows.
pub(super) fn no_steps(outcome: &Outcome) -> Timeline {
    Timeline {
        resolution_seconds: Figure(outcome.timeline_resolution.as_seconds_f64()),
        columns: TIMELINE_COLUMNS.map(String::from).to_vec(),
        rows: Vec::new(),
    }
}

fn cells(time: &str, service: &ServiceOutcome, row: &TimelineRow, cost_per_hour: f64) -> Vec<Cell> {
    vec![
        time.into(),
        service.name.as_str().into(),
        Cell::rounded(row.offered_rps),
        Cell::rounded(row.served_rps),
        Cell::rounded(row.failed_rps),
        row.desired.into(),
        row.pending.into(),
        row.running.into(),
        row.healthy.into(),
        Cell::optional(row.cpu_utilization),
        Cell::optional(row.memory_utilization),
        Cell::optional(row.latency_mean),
        Cell::optional(row.latency_p50),
        Cell::optional(row.latency_p95),
        Cell::optional(row.latency_p99),
        Cell::rounded(row.queue_length),
        Cell::rounded(cost_per_hour),
    ]
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
