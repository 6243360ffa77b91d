//! `ecsim diff`.

use clap::Args;
use ecsim::error::Error;
use ecsim::plan::diff;
use ecsim::report::{diff as words, write_json};

use super::console::Console;
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
    let mut out = Vec::new();
    match args.format {
        Format::Table => out = words::table(&result, console.width(), console.colours()).into_bytes(),
        Format::Markdown => out = words::markdown(&result).into_bytes(),
        Format::Csv => out = words::csv(&result)?.into_bytes(),
        Format::Json => write_json(&result, &mut out)?,
    }
    console.result(&out)?;
    Ok(Done::Well)
}
