//! `ecsim explain`.

use clap::Args;
use ecsim::error::Error;
use ecsim::plan::{ExplainOptions, explain};
use ecsim::report::charts::{explanation_png, explanation_svg};
use ecsim::report::{explain as words, write_json};
use ecsim::result::explain::ExplainResult;
use ecsim::scenario::model::Moment;
use rayon::prelude::*;

use super::console::Console;
use super::disk::Disk;
use super::outputs::{self, Kind};
use super::run::{files_of, in_pool};
use super::scenario_args::ScenarioArgs;
use super::{Done, Format};

/// Arguments of `ecsim explain`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:\n  ecsim explain scenarios/web-shop.yaml\n  ecsim explain web.yaml --service web --at 36h\n  \
                  ecsim explain web.yaml --at 2026-03-02T14:05:00Z -o why.png\n  ecsim explain web.yaml --format json")]
pub struct ExplainArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// The service to explain; it may be left out when there is only one
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// Explain the decision at one time: RFC 3339, or an offset from the start as 36h [default: every change]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<Moment>,
    /// Show every change, not only the first ones
    #[arg(long, conflicts_with = "at")]
    all: bool,
    /// Write a file; the ending says what: .json (all of it), .csv (the decisions), .svg and .png (chart), .md; may be repeated
    #[arg(short, long = "output", value_name = "FILE", value_parser = outputs::output_name)]
    outputs: Vec<String>,
    /// What standard output shows
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// How many threads work at most; the results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

fn moment(text: &str) -> Result<Moment, String> {
    Moment::parse(text).ok_or_else(|| "it is a point in time like 2026-03-02T14:05:00Z, or an offset from the start like 36h".to_owned())
}

/// Runs the command.
pub fn run(args: &ExplainArgs, console: &Console) -> Result<Done, Error> {
    let outputs = outputs::check(&args.outputs, "explain", &[Kind::Json, Kind::Csv, Kind::Svg, Kind::Png, Kind::Markdown])?;
    outputs::refuse_inputs(&outputs, std::iter::once(args.scenario.scenario.as_str()))?;
    let loaded = args.scenario.load(console)?;
    outputs::refuse_inputs(&outputs, files_of(&loaded))?;
    let options = ExplainOptions { variant: args.scenario.variant.clone(), service: args.service.clone(), at: args.at };
    let result = explain(&loaded, &Disk, &options)?;
    let kinds: Vec<Kind> = outputs.iter().map(|output| output.kind).collect();
    let contents =
        in_pool(args.threads, || kinds.par_iter().map(|&kind| render(kind, &result, args.all)).collect::<Result<Vec<_>, Error>>())??;
    let written = outputs::write(outputs, &contents)?;
    print(args, &result, console)?;
    for name in written {
        console.note(&format!("wrote {name}"));
    }
    Ok(Done::Well)
}

fn render(kind: Kind, result: &ExplainResult, all: bool) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    match kind {
        Kind::Json => write_json(result, &mut out)?,
        Kind::Csv => out = words::csv(result)?.into_bytes(),
        Kind::Svg => out = explanation_svg(result)?.into_bytes(),
        Kind::Png => out = explanation_png(result)?,
        Kind::Markdown => out = words::markdown(result, all).into_bytes(),
        // What the command does not write is refused before the work.
        _ => {}
    }
    Ok(out)
}

fn print(args: &ExplainArgs, result: &ExplainResult, console: &Console) -> Result<(), Error> {
    let mut out = Vec::new();
    match args.format {
        Format::Table => out = words::table(result, console.width(), console.colours(), args.all).into_bytes(),
        Format::Json => write_json(result, &mut out)?,
        Format::Csv => out = words::csv(result)?.into_bytes(),
        Format::Markdown => out = words::markdown(result, args.all).into_bytes(),
    }
    if matches!(args.format, Format::Json | Format::Csv) {
        result.warnings.iter().for_each(|warning| console.warn(warning));
    }
    console.result(&out)
}
