//! The charts of a result document, whether it has just been computed or was saved.
//!
//! Both are drawn from the document alone, so the same result gives the same picture. What a document does not hold (a timeline that was not
//! kept) cannot be drawn, and that is told.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::recorded::{Recorded, RecordedService, instant};
use super::{ChartData, CostSeries, Resource, ServiceChart, UtilizationTarget};
use crate::error::{Fault, Place, Result};
use crate::result::{Cell, Figure, Objectives, RunResult, shares_of_month};

/// The chart of a result as SVG.
///
/// # Errors
/// When the result holds no timeline, or one that cannot be read, or the drawing fails.
pub fn result_svg(result: &RunResult) -> Result<String> {
    super::svg(&whole(result, &recorded(result)?)?)
}

/// The chart of a result as PNG.
///
/// # Errors
/// As [`result_svg`], and when there are too many services for one image.
pub fn result_png(result: &RunResult) -> Result<Vec<u8>> {
    super::png(&whole(result, &recorded(result)?)?)
}

fn recorded(result: &RunResult) -> Result<Recorded> {
    let recorded = Recorded::of(result)?;
    if recorded.is_empty() {
        let fault = Fault::input(Place::default(), "the result cannot be drawn: it holds no timeline");
        return Err(fault.remedy("draw one that `ecsim run -o result.json` wrote").into());
    }
    Ok(recorded)
}

fn whole<'a>(result: &RunResult, recorded: &'a Recorded) -> Result<ChartData<'a>> {
    let variant = result.variant.as_ref().map(|variant| format!(" ({variant})")).unwrap_or_default();
    chart_data(result, recorded, format!("{}{variant}", result.scenario), subtitle(result))
}

/// What charts show of a result, in the steps of `recorded`.
///
/// # Errors
/// When a time of the result is none.
pub(in crate::report) fn chart_data<'a>(
    result: &RunResult,
    recorded: &'a Recorded,
    title: String,
    subtitle: String,
) -> Result<ChartData<'a>> {
    let first_hour = match result.cost_hourly.rows.first().and_then(|row| row.first()) {
        Some(Cell::Text(hour)) => instant(hour)?,
        _ => recorded.start,
    };
    let cost = cost_series(result, first_hour, [recorded.start, recorded.end]);
    let alone = recorded.services.len() == 1;
    let nothing = Objectives::default();
    let service = |service: &'a RecordedService| {
        let objectives = result.objectives.get(&service.name).unwrap_or(&nothing);
        ServiceChart {
            name: service.name.clone(),
            timeline: &service.rows,
            targets: targets(objectives),
            slo_latency_seconds: objectives.slo_latency_seconds.map(|seconds| seconds.0),
            cost: if alone { cost.clone() } else { Vec::new() },
        }
    };
    Ok(ChartData {
        title,
        subtitle,
        start: recorded.start,
        end: recorded.end,
        step_seconds: recorded.step_seconds,
        timezone: TimeZone::UTC,
        first_hour,
        services: recorded.services.iter().map(service).collect(),
        shared_cost: if alone { Vec::new() } else { cost },
        month: shares_of_month(&result.cost),
    })
}

/// The cost, and which run the picture shows.
fn subtitle(result: &RunResult) -> String {
    let (mean, seed) = (&result.cost.monthly.mean, result.seed);
    match result.replications {
        0 | 1 => format!("${mean} a month, seed {seed}"),
        count => {
            let of_this = &result.cost_hourly.monthly;
            format!("${of_this} a month, seed {seed}: the first of {count} replications, whose mean is ${mean} a month")
        }
    }
}

fn targets(objectives: &Objectives) -> Vec<UtilizationTarget> {
    let of = |resource, percents: &[Figure]| percents.iter().map(|percent| UtilizationTarget { resource, percent: percent.0 }).collect();
    let cpu: Vec<_> = of(Resource::Cpu, &objectives.cpu_targets_percent);
    let memory: Vec<_> = of(Resource::Memory, &objectives.memory_targets_percent);
    [cpu, memory].concat()
}

/// Cost per hour of each group of products; of an hour that the window holds in part, as that part has it.
fn cost_series(result: &RunResult, first_hour: Timestamp, [start, end]: [Timestamp; 2]) -> Vec<CostSeries> {
    let part = |hour: usize| {
        let from = first_hour.as_second().saturating_add(3600 * hour as i64) as f64;
        let seconds = (from + 3600.0).min(end.as_second() as f64) - from.max(start.as_second() as f64);
        if seconds > 0.0 { seconds / 3600.0 } else { 1.0 }
    };
    let usd = |row: &Vec<Cell>, place: usize| match row.get(place) {
        Some(Cell::Number(Figure(usd))) => *usd,
        _ => 0.0,
    };
    let hourly = &result.cost_hourly;
    let groups = hourly.columns.iter().enumerate().skip(1);
    let series = |(place, group): (usize, &String)| CostSeries {
        product: group.clone(),
        usd_per_hour: hourly.rows.iter().enumerate().map(|(hour, row)| usd(row, place) / part(hour)).collect(),
    };
    groups.map(series).collect()
}
