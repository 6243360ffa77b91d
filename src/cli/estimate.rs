//! `ecsim estimate`.

use clap::Args;
use ecsim::error::Error;
use ecsim::plan::estimate;
use ecsim::report::{estimate_table, write_json};

use super::console::Console;
use super::disk::Disk;
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
    let levels: Vec<_> = result.levels.iter().map(|level| (level.level.as_str(), level.tasks, &level.cost)).collect();
    let mut out = Vec::new();
    match args.format {
        Format::Json => write_json(&result, &mut out)?,
        Format::Table => out = estimate_table::table(&result.scenario, &result.region, &levels).into_bytes(),
        Format::Markdown => out = estimate_table::markdown(&result.scenario, &result.region, &levels).into_bytes(),
        Format::Csv => out = estimate_table::csv(&levels)?.into_bytes(),
    }
    loaded.warnings.iter().chain(&result.warnings).for_each(|warning| console.warn(warning));
    console.result(&out)?;
    Ok(Done::Well)
}
