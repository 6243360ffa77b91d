//! `ecsim calendar`.

use clap::Args;
use ecsim::error::Error;
use ecsim::plan::{CalendarOptions, calendar};
use ecsim::report::charts::{calendar_png, calendar_svg};
use ecsim::report::{calendar as words, write_json};
use ecsim::result::calendar::CalendarResult;
use rayon::prelude::*;

use super::console::Console;
use super::disk::Disk;
use super::outputs::{self, Kind};
use super::run::{files_of, in_pool};
use super::scenario_args::ScenarioArgs;
use super::{Done, Format};

/// Arguments of `ecsim calendar`.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  ecsim calendar scenarios/finance-month.yaml --variant growing\n  ecsim calendar web.yaml --months 6 --replications 30 -o year.png\n  \
                  ecsim calendar web.yaml --set services.web.traffic.growth=5% --format csv"
)]
pub struct CalendarArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// How many months, from the first that begins at the start of the simulation or after it
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=60))]
    months: u32,
    /// Write a file; the ending says what: .json (all of it), .csv (the months), .svg and .png (chart), .md; may be repeated
    #[arg(short, long = "output", value_name = "FILE", value_parser = outputs::output_name)]
    outputs: Vec<String>,
    /// What standard output shows
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// How many threads work at most; the results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

/// Runs the command.
pub fn run(args: &CalendarArgs, console: &Console) -> Result<Done, Error> {
    let outputs = outputs::check(&args.outputs, "calendar", &[Kind::Json, Kind::Csv, Kind::Svg, Kind::Png, Kind::Markdown])?;
    outputs::refuse_inputs(&outputs, std::iter::once(args.scenario.scenario.as_str()))?;
    let loaded = args.scenario.load(console)?;
    outputs::refuse_inputs(&outputs, files_of(&loaded))?;
    let options = CalendarOptions { variant: args.scenario.variant.clone(), months: args.months };
    let kinds: Vec<Kind> = outputs.iter().map(|output| output.kind).collect();
    let (result, contents) = in_pool(args.threads, || {
        let result = calendar(&loaded, &Disk, &options)?;
        let contents = kinds.par_iter().map(|&kind| render(kind, &result)).collect::<Result<Vec<_>, Error>>()?;
        Ok::<_, Error>((result, contents))
    })??;
    let written = outputs::write(outputs, &contents)?;
    print(args.format, &result, console)?;
    for name in written {
        console.note(&format!("wrote {name}"));
    }
    Ok(Done::Well)
}

fn render(kind: Kind, result: &CalendarResult) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    match kind {
        Kind::Json => write_json(result, &mut out)?,
        Kind::Csv => out = words::csv(result)?.into_bytes(),
        Kind::Svg => out = calendar_svg(result)?.into_bytes(),
        Kind::Png => out = calendar_png(result)?,
        Kind::Markdown => out = words::markdown(result).into_bytes(),
        // What the command does not write is refused before the work.
        _ => {}
    }
    Ok(out)
}

fn print(format: Format, result: &CalendarResult, console: &Console) -> Result<(), Error> {
    let mut out = Vec::new();
    match format {
        Format::Table => out = words::table(result, console.width(), console.colours()).into_bytes(),
        Format::Json => write_json(result, &mut out)?,
        Format::Csv => out = words::csv(result)?.into_bytes(),
        Format::Markdown => out = words::markdown(result).into_bytes(),
    }
    if matches!(format, Format::Json | Format::Csv) {
        result.warnings.iter().for_each(|warning| console.warn(warning));
    }
    console.result(&out)
}
