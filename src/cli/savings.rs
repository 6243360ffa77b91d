//! `ecsim savings`.

use clap::Args;
use ecsim::cost::PriceBook;
use ecsim::error::Error;
use ecsim::plan::savings;
use ecsim::report::savings as words;
use ecsim::result::savings::SavingsResult;

use super::console::Console;
use super::disk::Disk;
use super::document::{Document, Table, Words, print};
use super::report::read_result;
use super::{Done, Format};

/// Arguments of `ecsim savings`.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  ecsim run scenario.yaml -o result.json && ecsim savings result.json\n  ecsim savings result.json --format json\n  \
                  ecsim savings result.json --catalog my-prices"
)]
pub struct SavingsArgs {
    /// A result as `ecsim run -o result.json` writes it; - reads standard input
    #[arg(value_name = "RESULT")]
    result: String,
    /// A folder with a catalogue instead of the one that ships with ecsim
    #[arg(long, value_name = "FOLDER")]
    catalog: Option<String>,
    /// What standard output shows
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command.
pub fn run(args: &SavingsArgs, console: &Console) -> Result<Done, Error> {
    let result = read_result(&args.result)?;
    let region = result.cost.region.as_str();
    let book = match &args.catalog {
        Some(folder) => PriceBook::from_folder(&Disk, folder, region)?,
        None => PriceBook::shipped(region)?,
    };
    let savings = savings(&result, &book)?;
    print(&savings, args.format, console)?;
    Ok(Done::Well)
}

impl Document for SavingsResult {
    const TABLE: Table<Self> = |result, width, colours| Ok(words::table(result, width, colours));
    const MARKDOWN: Words<Self> = |result| Ok(words::markdown(result));
    const CSV: Words<Self> = words::csv;
}
