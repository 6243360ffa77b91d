//! `ecsim explain`.

use clap::Args;
use ecsim::error::Error;
use ecsim::plan::{ExplainOptions, explain};
use ecsim::report::charts::{explanation_png, explanation_svg};
use ecsim::report::explain as words;
use ecsim::result::explain::ExplainResult;
use ecsim::scenario::model::Moment;
use serde::Serialize;

use super::Done;
use super::console::Console;
use super::disk::Disk;
use super::document::Render::{Bytes, Text};
use super::document::{Document, Form, Table, Warnings, Words, json};
use super::output_args::{OutputArgs, ThreadArgs};
use super::run::files_of;
use super::scenario_args::ScenarioArgs;

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
    #[command(flatten)]
    output: OutputArgs<Explanation>,
    #[command(flatten)]
    threads: ThreadArgs,
}

fn moment(text: &str) -> Result<Moment, String> {
    Moment::parse(text).ok_or_else(|| "it is a point in time like 2026-03-02T14:05:00Z, or an offset from the start like 36h".to_owned())
}

/// Runs the command.
pub fn run(args: &ExplainArgs, console: &Console) -> Result<Done, Error> {
    let outputs = args.output.check("explain", [args.scenario.scenario.as_str()])?;
    let loaded = args.scenario.load(console)?;
    outputs.refuse_inputs(files_of(&loaded))?;
    let options = ExplainOptions { variant: args.scenario.variant.clone(), service: args.service.clone(), at: args.at };
    let pool = args.threads.pool()?;
    let explanation = Explanation { result: pool.install(|| explain(&loaded, &Disk, &options))?, all: args.all };
    outputs.write(&explanation, &pool)?;
    args.output.print(&explanation, console)?;
    outputs.note(console);
    Ok(Done::Well)
}

/// An explanation, and whether all of its changes are told or the first ones.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
struct Explanation {
    result: ExplainResult,
    #[serde(skip)]
    all: bool,
}

impl Document for Explanation {
    const TABLE: Table<Self> = |told, width, colours| Ok(words::table(&told.result, width, colours, told.all));
    const MARKDOWN: Words<Self> = |told| Ok(words::markdown(&told.result, told.all));
    const CSV: Words<Self> = |told| words::csv(&told.result);
    const WARNINGS: Warnings<Self> = |told| &told.result.warnings;
    const FORMS: &'static [Form<Self>] = &[
        Form(".json", "all of it", Bytes(json)),
        Form(".csv", "the decisions", Text(Self::CSV)),
        Form(".svg", "chart", Text(|told| explanation_svg(&told.result))),
        Form(".png", "chart", Bytes(|told| explanation_png(&told.result))),
        Form(".md", "", Text(Self::MARKDOWN)),
    ];
}
