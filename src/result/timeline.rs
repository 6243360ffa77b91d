//! The two tables of the result document: the course of the run and the billed capacity by hour.

use jiff::{SignedDuration, Timestamp};

use super::document::{HourlyUsage, Timeline};
use super::figure::{Cell, Figure};
use crate::outcome::{Outcome, ServiceOutcome, TimelineRow};
use crate::scenario::model::CapacityProvider;
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

/// US dollars for one hour of one task, by [`CapacityProvider::index`].
pub type TaskHourPrices = [f64; CapacityProvider::ALL.len()];

/// The timeline of all services, step by step.
pub(super) fn timeline(outcome: &Outcome, task_hour_prices: &[TaskHourPrices]) -> Timeline {
    let steps = outcome.services.iter().map(|service| service.timeline.len()).max().unwrap_or(0);
    let mut rows = Vec::with_capacity(steps * outcome.services.len());
    for step in 0..steps {
        let time = instant(outcome.start, outcome.timeline_resolution.as_nanos().saturating_mul(step as i64));
        for (index, service) in outcome.services.iter().enumerate() {
            if let Some(row) = service.timeline.get(step) {
                let prices = task_hour_prices.get(index).copied().unwrap_or_default();
                rows.push(cells(&time, service, row, prices));
            }
        }
    }
    Timeline {
        resolution_seconds: Figure(outcome.timeline_resolution.as_seconds_f64()),
        columns: TIMELINE_COLUMNS.map(String::from).to_vec(),
        rows,
    }
}

fn cells(time: &str, service: &ServiceOutcome, row: &TimelineRow, prices: TaskHourPrices) -> Vec<Cell> {
    let cost_per_hour = row.billed_tasks.iter().zip(prices).map(|(tasks, price)| tasks * price).sum();
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
    HourlyUsage { columns: USAGE_COLUMNS.map(String::from).to_vec(), rows }
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

/// The instant so many nanoseconds later, as RFC 3339 in UTC; the last representable one beyond the calendar.
fn instant(start: Timestamp, nanos: i64) -> String {
    start.saturating_add(SignedDuration::from_nanos(nanos)).unwrap_or(Timestamp::MAX).to_string()
}
