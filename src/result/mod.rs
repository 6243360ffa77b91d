//! The result of a run: one documented value that every report renders.
//!
//! [`build`] joins what the simulator measured with what it costs; [`judge`] adds the verdict on the thresholds.
//! Percentiles are read from the outcome's histograms; nothing is simulated or priced here.
//! [`Replications`] joins the documents of several replications into one of means with confidence intervals.

mod bill;
pub mod calendar;
pub mod comparison;
pub mod diff;
mod document;
pub mod explain;
mod explain_build;
mod explain_words;
mod figure;
mod figure_paths;
pub mod plan;
mod replications;
pub mod savings;
mod services;
pub mod sweep;
mod thresholds;
mod timeline;

pub use bill::{BillGroup, BillProduct, MonthlyShare, bill_tree, shares_of_month};
pub use document::*;
pub use explain_build::{ExplainMeta, explain};
pub use figure::{Cell, Figure};
pub use figure_paths::{figure_of, service_figures};
pub(crate) use replications::quantile_of_sorted;
pub use replications::{MAPS, Replications};
pub use thresholds::{judge, refuse_without_baseline};
pub use timeline::{HourlyRate, steps};

use crate::outcome::Outcome;

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
/// `hourly_rate` fills the timeline's `cost_per_hour` and nothing else. No threshold is judged yet: [`judge`] does.
#[must_use]
pub fn build(meta: Meta, outcome: &Outcome, cost: Cost, hourly_rate: HourlyRate) -> RunResult {
    let mut result = build_figures(meta, outcome, cost);
    result.usage_hourly = timeline::usage_hourly(&outcome.usage);
    result.timeline = timeline::timeline(outcome, hourly_rate);
    result
}

/// The document of [`build`] with its two tables, the usage by the hour and the timeline, left empty: most of the work of
/// a document, which nobody reads of one of a thousand runs.
#[must_use]
pub fn build_figures(meta: Meta, outcome: &Outcome, cost: Cost) -> RunResult {
    let services = Services(outcome.services.iter().map(|service| (service.name.clone(), services::service(service))).collect());
    RunResult {
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
        capacity_providers: services::capacity_providers(&outcome.instance_groups),
        cost,
        thresholds: Vec::new(),
        usage_hourly: timeline::no_hours(),
        timeline: timeline::no_steps(outcome),
        cost_hourly: HourlyCost::default(),
        objectives: std::collections::BTreeMap::new(),
        warnings: outcome.warnings.clone(),
    }
}

/// The JSON Schema of the result document.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(RunResult).into()
}
