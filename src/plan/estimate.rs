//! A month without a simulation: constant tasks at the floor, the desired count and the ceiling, under the
//! mean of the traffic.

mod month;

use schemars::JsonSchema;
use serde::Serialize;

use super::price_book;
use super::run::cost;
use super::uncertainty::Draw;
use crate::cost::price_without_remarks;
use crate::error::Result;
use crate::files::Files;
use crate::result::Cost;
use crate::scenario::advice::on_instances;
use crate::scenario::model::{Scenario, Service, TrafficKind};
use crate::simulate::{Traces, Window, load_traces, mean_requests_per_second};

/// The levels of capacity.
const LEVELS: [&str; 3] = ["floor", "desired", "ceiling"];

/// Monthly cost by level of capacity.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct EstimateResult {
    /// The version of ecsim.
    pub ecsim_version: String,
    /// The scenario's name.
    pub scenario: String,
    /// The region whose prices apply.
    pub region: String,
    /// The floor, the desired count and the ceiling.
    pub levels: Vec<LevelCost>,
    /// What a reader of the figures must know.
    pub warnings: Vec<String>,
}

/// A month of 730 hours at one level of capacity.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LevelCost {
    /// `floor`, `desired` or `ceiling`.
    pub level: String,
    /// Tasks of all services.
    pub tasks: u32,
    /// The month's bill.
    pub cost: Cost,
}

/// Estimates the monthly cost at the smallest, desired and largest capacity of every service.
///
/// # Errors
/// When a trace cannot be read or a price is missing.
pub fn estimate(scenario: &Scenario, files: &dyn Files) -> Result<EstimateResult> {
    let book = price_book(scenario, files)?;
    let is_certain = scenario.uncertainty.is_certain();
    let mut typical = scenario.clone();
    // A single replication takes every uncertain factor at its median.
    typical.simulation.replications = 1;
    let drawn = Draw::of(&typical);
    drawn.shape(&mut typical);
    let (scenario, book) = (&typical, book.with_spot_scale(drawn.spot_price_scale)?);
    let (traces, _) = load_traces(scenario, files)?;
    let rates = mean_requests_per_second(scenario, &traces)?;
    let mut levels = Vec::with_capacity(LEVELS.len());
    let mut remarks = Vec::new();
    for (level, name) in LEVELS.into_iter().enumerate() {
        let tasks: Vec<u32> = scenario.services.iter().map(|service| tasks_at(service)[level]).collect();
        let bill = price_without_remarks(&month::usage(scenario, &rates, &tasks), &book)?;
        levels.push(LevelCost { level: name.to_owned(), tasks: tasks.iter().sum(), cost: cost(&bill) });
        if name == "desired" {
            remarks = bill.warnings;
        }
    }
    Ok(EstimateResult {
        ecsim_version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name.clone(),
        region: scenario.region.clone(),
        levels,
        warnings: warnings(scenario, &traces, is_certain, remarks),
    })
}

fn warnings(scenario: &Scenario, traces: &Traces, is_certain: bool, of_bill: Vec<String>) -> Vec<String> {
    let hours = Window::of(scenario, traces).duration.as_hours_f64();
    let mut warnings = vec![format!("all traffic is priced at its mean over the window of {hours:.1} hours")];
    if !is_certain {
        warnings.push("what is named as `uncertainty` is taken at its median; `ecsim run` shows the range".to_owned());
    }
    let has = |is: fn(&TrafficKind) -> bool| scenario.services.iter().flat_map(|service| &service.traffic).any(|source| is(&source.kind));
    if has(|kind| matches!(kind, TrafficKind::Users(_))) {
        warnings.push("users send as fast as they are answered, which only `ecsim run` knows: their requests are left out".to_owned());
    }
    if has(|kind| matches!(kind, TrafficKind::Calls(_))) {
        warnings.push("what calls between zones cost is left out: `ecsim run` has it".to_owned());
    }
    warnings.extend(on_instances(scenario).into_iter().map(|finding| finding.sentence()));
    warnings.extend(of_bill);
    warnings
}

/// Tasks at the floor, the desired count and the ceiling.
fn tasks_at(service: &Service) -> [u32; 3] {
    match &service.scaling {
        Some(scaling) => [scaling.min_capacity, service.desired_count, scaling.max_capacity],
        None => [service.desired_count; 3],
    }
}
