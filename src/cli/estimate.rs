//! `ecsim estimate`.

use clap::Args;
use ecsim::error::Error;
use ecsim::plan::{EstimateResult, estimate};
use ecsim::report::estimate_table::{self as words, Level};

use super::console::Console;
use super::disk::Disk;
use super::document::{Document, Table, Words, print};
use super::scenario_args::ScenarioArgs;
use super::{Done, Format};

/// Arguments of `ecsim estimate`.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  ecsim estimate scenarios/small-production.yaml\n  ecsim estimate web.yaml --set services.web.scaling.max_capacity=20 --format json"
)]
pub struct EstimateArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// What standard output shows
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command.
pub fn run(args: &EstimateArgs, console: &Console) -> Result<Done, Error> {
    let loaded = args.scenario.load(console)?;
    let result = estimate(&loaded.scenario, &Disk)?;
    loaded.warnings.iter().chain(&result.warnings).for_each(|warning| console.warn(warning));
    print(&result, args.format, console)?;
    Ok(Done::Well)
}

fn levels(result: &EstimateResult) -> Vec<Level<'_>> {
    result.levels.iter().map(|level| (level.level.as_str(), level.tasks, &level.cost)).collect()
}

/// Its warnings are told whatever the format, as no format has them in it.
impl Document for EstimateResult {
    const TABLE: Table<Self> = |result, _, _| Ok(words::table(&result.scenario, &result.region, &levels(result)));
    const MARKDOWN: Words<Self> = |result| Ok(words::markdown(&result.scenario, &result.region, &levels(result)));
    const CSV: Words<Self> = |result| words::csv(&levels(result));
}
