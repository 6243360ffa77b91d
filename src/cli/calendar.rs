//! `ecsim calendar`.

use clap::Args;
use ecsim::error::Error;
use ecsim::plan::{CalendarOptions, calendar};
use ecsim::report::calendar as words;
use ecsim::report::charts::{calendar_png, calendar_svg};
use ecsim::result::calendar::CalendarResult;

use super::Done;
use super::console::Console;
use super::disk::Disk;
use super::document::Render::{Bytes, Text};
use super::document::{Document, Form, Table, Warnings, Words, json};
use super::output_args::{OutputArgs, ThreadArgs};
use super::run::files_of;
use super::scenario_args::ScenarioArgs;

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
    #[command(flatten)]
    output: OutputArgs<CalendarResult>,
    #[command(flatten)]
    threads: ThreadArgs,
}

/// Runs the command.
pub fn run(args: &CalendarArgs, console: &Console) -> Result<Done, Error> {
    let outputs = args.output.check("calendar", [args.scenario.scenario.as_str()])?;
    let loaded = args.scenario.load(console)?;
    outputs.refuse_inputs(files_of(&loaded))?;
    let options = CalendarOptions { variant: args.scenario.variant.clone(), months: args.months };
    let pool = args.threads.pool()?;
    let result = pool.install(|| calendar(&loaded, &Disk, &options))?;
    outputs.write(&result, &pool)?;
    args.output.print(&result, console)?;
    outputs.note(console);
    Ok(Done::Well)
}

impl Document for CalendarResult {
    const TABLE: Table<Self> = |result, width, colours| Ok(words::table(result, width, colours));
    const MARKDOWN: Words<Self> = |result| Ok(words::markdown(result));
    const CSV: Words<Self> = words::csv;
    const WARNINGS: Warnings<Self> = |result| &result.warnings;
    const FORMS: &'static [Form<Self>] = &[
        Form(".json", "all of it", Bytes(json)),
        Form(".csv", "the months", Text(Self::CSV)),
        Form(".svg", "chart", Text(calendar_svg)),
        Form(".png", "chart", Bytes(calendar_png)),
        Form(".md", "", Text(Self::MARKDOWN)),
    ];
}
