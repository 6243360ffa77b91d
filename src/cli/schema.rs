//! `ecsim schema`.

use clap::ValueEnum;
use ecsim::error::Error;
use ecsim::plan::EstimateResult;
use ecsim::result::calendar::CalendarResult;
use ecsim::result::comparison::ComparisonResult;
use ecsim::result::diff::DiffResult;
use ecsim::result::plan::PlanResult;
use ecsim::result::savings::SavingsResult;
use ecsim::result::sweep::SweepResult;

use super::Done;
use super::check::CheckResult;
use super::console::Console;
use super::document::json;

/// A document that has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Document {
    /// The scenario file
    Scenario,
    /// The result of `ecsim run --format json`
    Result,
    /// The output of `ecsim estimate --format json`
    Estimate,
    /// The output of `ecsim calendar --format json`
    Calendar,
    /// The output of `ecsim explain --format json`
    Explain,
    /// The output of `ecsim check --format json`
    Check,
    /// The output of `ecsim diff --format json`
    Diff,
    /// The output of `ecsim compare --format json`
    Compare,
    /// The output of `ecsim savings --format json`
    Savings,
    /// The output of `ecsim sweep --format json`
    Sweep,
    /// The output of `ecsim plan --format json`
    Plan,
}

/// Runs the command.
pub fn run(document: Document, console: &Console) -> Result<Done, Error> {
    let schema = match document {
        Document::Scenario => ecsim::scenario::schema::scenario_schema(),
        Document::Result => ecsim::result::schema(),
        Document::Estimate => schemars::schema_for!(EstimateResult).into(),
        Document::Calendar => schemars::schema_for!(CalendarResult).into(),
        Document::Explain => ecsim::result::explain::schema(),
        Document::Check => schemars::schema_for!(CheckResult).into(),
        Document::Diff => schemars::schema_for!(DiffResult).into(),
        Document::Compare => schemars::schema_for!(ComparisonResult).into(),
        Document::Savings => schemars::schema_for!(SavingsResult).into(),
        Document::Sweep => schemars::schema_for!(SweepResult).into(),
        Document::Plan => schemars::schema_for!(PlanResult).into(),
    };
    console.result(&json(&schema)?)?;
    Ok(Done::Well)
}
