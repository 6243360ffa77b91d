//! `ecsim diff`.

use clap::Args;
use ecsim::error::Error;
use ecsim::plan::diff;
use ecsim::report::diff as words;
use ecsim::result::diff::DiffResult;

use super::console::Console;
use super::document::{Document, Table, Words, print};
use super::report::read_result;
use super::{Done, Format};

/// Arguments of `ecsim diff`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:\n  ecsim diff main.json branch.json\n  ecsim diff main.json branch.json --format markdown > comment.md")]
pub struct DiffArgs {
    /// The result before, as `ecsim run -o result.json` writes it
    #[arg(value_name = "OLD.json")]
    old: String,
    /// The result after
    #[arg(value_name = "NEW.json")]
    new: String,
    /// What standard output shows
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command.
pub fn run(args: &DiffArgs, console: &Console) -> Result<Done, Error> {
    let result = diff(&read_result(&args.old)?, &read_result(&args.new)?);
    print(&result, args.format, console)?;
    Ok(Done::Well)
}

impl Document for DiffResult {
    const TABLE: Table<Self> = |result, width, colours| Ok(words::table(result, width, colours));
    const MARKDOWN: Words<Self> = |result| Ok(words::markdown(result));
    const CSV: Words<Self> = words::csv;
}
