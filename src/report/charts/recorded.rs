//! The course of a run as its result document keeps it, as data for charts.
//!
//! A saved result holds no outcome: only the table of its timeline. What is read here from that table is all that the charts of a
//! result can show of its course.

use jiff::Timestamp;

use crate::error::{Fault, Place, Result};
use crate::outcome::TimelineRow;
use crate::result::{RunResult, Timeline, steps};

/// The course of a run, step by step.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The start of the first step.
    pub start: Timestamp,
    /// The end of the window.
    pub end: Timestamp,
    /// The length of a step in seconds, more than 0.
    pub step_seconds: f64,
    /// The services in the order of the document.
    pub services: Vec<RecordedService>,
}

/// The course of one service.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedService {
    /// Its name.
    pub name: String,
    /// Its steps.
    pub rows: Vec<TimelineRow>,
}

impl Recorded {
    /// Reads the timeline of a result; services without rows where it has none.
    ///
    /// # Errors
    /// When the window is no span of time, a column is missing, or a row names no service of the result.
    pub fn of(result: &RunResult) -> Result<Self> {
        let timeline = &result.timeline;
        let service = |(name, _): &(String, _)| RecordedService { name: name.clone(), rows: Vec::new() };
        let mut services: Vec<RecordedService> = result.services.0.iter().map(service).collect();
        if !timeline.rows.is_empty() {
            fill(&mut services, timeline)?;
        }
        let step_seconds = timeline.resolution_seconds.0;
        if step_seconds.is_nan() || step_seconds <= 0.0 {
            return Err(unreadable(&format!("its step is {step_seconds} s, allowed is more than 0")));
        }
        let (start, end) = (instant(&result.window.start)?, instant(&result.window.end)?);
        let longest = services.iter().map(|service| service.rows.len()).max().unwrap_or(0);
        let steps = end.duration_since(start).as_secs_f64() / step_seconds;
        if steps <= 0.0 || longest > 0 && steps > longest as f64 + 1.0 {
            return Err(unreadable(&format!("its window has {steps:.0} steps of {step_seconds} s, and there are rows for {longest}")));
        }
        Ok(Self { start, end, step_seconds, services })
    }

    /// Whether no step was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.services.iter().all(|service| service.rows.is_empty())
    }

    /// The same course in at most so many steps a service, at least one: each holds the means of the rates and utilisations
    /// of those that it joins, and their highest counts of tasks and latencies, so that no peak of these is lost.
    #[must_use]
    pub fn in_steps(&self, most: usize) -> Self {
        let longest = self.services.iter().map(|service| service.rows.len()).max().unwrap_or(0);
        let joined = longest.div_ceil(most.max(1)).max(1);
        if joined == 1 {
            return self.clone();
        }
        let service = |service: &RecordedService| RecordedService {
            name: service.name.clone(),
            rows: service.rows.chunks(joined).map(join).collect(),
        };
        Self { step_seconds: self.step_seconds * joined as f64, services: self.services.iter().map(service).collect(), ..self.clone() }
    }
}

fn fill(services: &mut [RecordedService], timeline: &Timeline) -> Result<()> {
    for (name, row) in steps(timeline).map_err(|why| unreadable(&why))? {
        let service = services.iter_mut().find(|service| service.name == *name);
        let service = service.ok_or_else(|| unreadable(&format!("a row names `{name}`, which is no service of the result")))?;
        service.rows.push(row);
    }
    Ok(())
}

/// One row for several.
fn join(rows: &[TimelineRow]) -> TimelineRow {
    let mean_of = |of: fn(&TimelineRow) -> f64| mean(rows.iter().map(of));
    let mean_of_known = |of: fn(&TimelineRow) -> Option<f64>| {
        let known: Vec<f64> = rows.iter().filter_map(of).collect();
        (!known.is_empty()).then(|| mean(known.into_iter()))
    };
    let most = |of: fn(&TimelineRow) -> u32| rows.iter().map(of).max().unwrap_or(0);
    let highest = |of: fn(&TimelineRow) -> Option<f64>| rows.iter().filter_map(of).reduce(f64::max);
    TimelineRow {
        offered_rps: mean_of(|row| row.offered_rps),
        served_rps: mean_of(|row| row.served_rps),
        failed_rps: mean_of(|row| row.failed_rps),
        desired: most(|row| row.desired),
        pending: most(|row| row.pending),
        running: most(|row| row.running),
        healthy: most(|row| row.healthy),
        cpu_utilization: mean_of_known(|row| row.cpu_utilization),
        memory_utilization: mean_of_known(|row| row.memory_utilization),
        latency_mean: highest(|row| row.latency_mean),
        latency_p50: highest(|row| row.latency_p50),
        latency_p95: highest(|row| row.latency_p95),
        latency_p99: highest(|row| row.latency_p99),
        queue_length: mean_of(|row| row.queue_length),
        billed_tasks: [0.0; 2],
        instances: rows.iter().filter_map(|row| row.instances).max(),
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len().max(1);
    values.sum::<f64>() / count as f64
}

pub(super) fn instant(text: &str) -> Result<Timestamp> {
    text.parse().map_err(|_| unreadable(&format!("`{text}` is no time")))
}

fn unreadable(why: &str) -> crate::error::Error {
    let message = format!("the result cannot be drawn: {why}");
    Fault::input(Place::default(), message).remedy("use a result that `ecsim run` wrote").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(rows: Vec<TimelineRow>) -> Recorded {
        let service = RecordedService { name: "web".into(), rows };
        let time = |text: &str| text.parse().expect("a time");
        Recorded { start: time("2026-03-02T00:30:00Z"), end: time("2026-03-02T01:30:00Z"), step_seconds: 900.0, services: vec![service] }
    }

    #[test]
    fn joined_steps_keep_means_of_rates_and_peaks_of_tasks_and_latencies() {
        let row = |offered_rps, running, latency_p99, cpu_utilization| TimelineRow {
            offered_rps,
            running,
            latency_p99,
            cpu_utilization,
            ..TimelineRow::default()
        };
        let rows = vec![row(10.0, 2, Some(0.1), Some(40.0)), row(30.0, 5, Some(0.9), None), row(7.0, 1, None, None)];
        let joined = recorded(rows).in_steps(2);
        assert_eq!(joined.step_seconds, 1800.0, "two steps of 15 minutes");
        let rows = &joined.services[0].rows;
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].offered_rps, rows[0].running, rows[0].latency_p99, rows[0].cpu_utilization), (20.0, 5, Some(0.9), Some(40.0)));
        assert_eq!((rows[1].offered_rps, rows[1].running, rows[1].latency_p99), (7.0, 1, None));
    }
}
