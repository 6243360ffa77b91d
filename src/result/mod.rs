//! The result of a run: one documented value that every report renders.
//!
//! [`build`] joins what the simulator measured with what it costs and with the verdict on the thresholds.
//! Percentiles are read from the outcome's histograms; nothing is simulated or priced here.
//! [`Replications`] joins the documents of several replications into one of means with confidence intervals.

mod bill;
pub mod diff;
mod document;
pub mod explain;
mod explain_build;
mod explain_words;
mod figure;
mod replications;
pub mod savings;
mod services;
mod thresholds;
mod timeline;

pub use bill::{BillGroup, BillProduct, bill_tree};
pub use document::*;
pub use explain_build::{ExplainMeta, explain};
pub use figure::{Cell, Figure};
pub use replications::Replications;
pub use timeline::{HourlyRate, TIMELINE_COLUMNS, USAGE_COLUMNS};

use crate::error::Result;
use crate::outcome::Outcome;
use crate::scenario::model::Threshold;

/// The version of the document's form.
pub const SCHEMA_VERSION: u32 = 1;

/// What the document says of the run besides its figures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meta {
    /// The version of ecsim.
    pub ecsim_version: String,
    /// The scenario's name.
    pub scenario: String,
    /// The variant that was run.
    pub variant: Option<String>,
    /// The files that the run read.
    pub inputs: Vec<InputFile>,
    /// `fluid` or `request`.
    pub fidelity: String,
    /// The seed.
    pub seed: u64,
    /// The number of replications, 1 or more.
    pub replications: u32,
    /// The assumptions in force as name and value, in the order in which they are shown.
    pub assumptions: Vec<(String, String)>,
}

/// The result document of one run, that is of one replication.
///
/// `hourly_rate` fills the timeline's `cost_per_hour` and nothing else.
///
/// # Errors
/// When a threshold names no figure of the document; all such thresholds are told at once.
pub fn build(meta: Meta, outcome: &Outcome, cost: Cost, hourly_rate: HourlyRate, thresholds: &[Threshold]) -> Result<RunResult> {
    let services = Services(outcome.services.iter().map(|service| (service.name.clone(), services::service(service))).collect());
    let thresholds = thresholds::evaluate(thresholds, &services, &cost)?;
    Ok(RunResult {
        schema_version: SCHEMA_VERSION,
        ecsim_version: meta.ecsim_version,
        scenario: meta.scenario,
        variant: meta.variant,
        inputs: meta.inputs,
        window: Window {
            start: outcome.start.to_string(),
            end: outcome.end.to_string(),
            seconds: Figure(outcome.duration.as_seconds_f64()),
        },
        fidelity: meta.fidelity,
        seed: meta.seed,
        replications: meta.replications,
        assumptions: meta.assumptions.into_iter().map(|(name, value)| (name, value.into())).collect(),
        services,
        cost,
        thresholds,
        usage_hourly: timeline::usage_hourly(&outcome.usage),
        timeline: timeline::timeline(outcome, hourly_rate),
        warnings: outcome.warnings.clone(),
    })
}

/// The JSON Schema of the result document.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(RunResult).into()
}
