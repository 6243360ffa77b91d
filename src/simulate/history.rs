//! What a service's metrics showed before the run: the past that a forecast rests on.
//!
//! The rows of a trace before the start are history. Only their requests are recorded, so their CPU load is
//! what they would have measured on tasks kept at the policy's target. Memory depends on the number of tasks
//! that ran, which nobody recorded, and has no history.

use std::sync::Arc;

use super::key_of;
use super::service_run::Setting;
use crate::error::Result;
use crate::scenario::model::{Forecast, MetricPair, Policy, Service};
use crate::trace::Trace;
use crate::traffic::arrivals::{Arrivals, recorded_before_start};
use crate::traffic::task_model::TaskModel;
use crate::units::{SimDuration, SimTime};

/// The history that a forecast reads at most.
const LONGEST: SimDuration = SimDuration::from_hours(crate::forecast::MOST_HOURS as i64);

/// For each policy of a service the hourly loads before the run, oldest first, the last of them that of the
/// hour before the one in which the run begins; empty for policies that forecast nothing.
///
/// # Errors
/// As those of the arrivals.
pub fn loads_before(setting: &Setting, service: &Service, traces: &[Option<Arc<Trace>>]) -> Result<Vec<Vec<f64>>> {
    let policies = service.scaling.as_ref().map_or(&[][..], |scaling| &scaling.policies);
    if !policies.iter().any(|policy| matches!(policy, Policy::Predictive(_))) {
        return Ok(vec![Vec::new(); policies.len()]);
    }
    let requests = requests_by_hour(setting, service, traces)?;
    let task = TaskModel::new(service);
    let loads = |policy: &Policy| match policy {
        Policy::Predictive(forecast) => requests.iter().filter_map(|requests| load(forecast, &task, *requests)).collect(),
        Policy::TargetTracking(_) | Policy::Step(_) => Vec::new(),
    };
    Ok(policies.iter().map(loads).collect())
}

fn requests_by_hour(setting: &Setting, service: &Service, traces: &[Option<Arc<Trace>>]) -> Result<Vec<f64>> {
    let sources: Vec<_> = service.traffic.iter().zip(traces.iter().map(Option::as_deref)).collect();
    let hour = SimDuration::from_hours(1);
    let first_hour_start = setting.from - super::past_the_hour(super::wall_clock(setting.window.start, setting.from));
    let recorded = recorded_before_start(&sources, setting.window.start)?;
    let available = (first_hour_start - (SimTime::START - recorded)).min(LONGEST);
    let hours = available.as_nanos() / hour.as_nanos();
    if hours <= 0 {
        return Ok(Vec::new());
    }
    let first = first_hour_start - hour * hours;
    let seed = setting.scenario.simulation.seed;
    let arrivals = Arrivals::build(&sources, setting.window.start, first, first_hour_start, seed, key_of(&service.name))?;
    Ok((0..hours).map(|index| arrivals.between(first + hour * index, first + hour * (index + 1))).collect())
}

/// The load of an hour with these requests; none where requests do not tell it.
fn load(forecast: &Forecast, task: &TaskModel, requests: f64) -> Option<f64> {
    match forecast.pair {
        MetricPair::RequestCount => Some(requests),
        MetricPair::Memory => None,
        MetricPair::Cpu => {
            let target = forecast.target_value / 100.0;
            let per_task = task.cores * (target - task.idle_cpu);
            let tasks = requests / 3600.0 * task.cpu_time.mean() / per_task;
            (per_task > 0.0).then_some(100.0 * target * tasks)
        }
    }
}
