//! Commands, their flags and the exit codes.
//!
//! 0: done, every threshold met. 1: bad input or a failure. 2: wrong usage. 3: a threshold failed (every
//! output is written all the same).

mod calendar;
mod check;
mod compare;
mod console;
mod diff;
mod disk;
mod document;
mod estimate;
mod explain;
mod fail_on;
mod init;
mod invocation;
mod journal;
mod output_args;
mod outputs;
mod plan;
mod pricing;
mod progress;
mod render;
mod report;
mod run;
mod savings;
mod scenario_args;
mod schema;
mod sweep;

use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use ecsim::error::Error;

use console::Console;

/// Simulates an Amazon ECS service under recorded or modelled traffic and tells what it costs by the
/// month and whether it meets its latency and availability.
#[derive(Debug, Parser)]
#[command(name = "ecsim", version, propagate_version = true, subcommand_required = true, arg_required_else_help = true)]
#[command(
    after_help = "Examples:\n  ecsim init\n  ecsim run scenario.yaml -o report.svg -o result.json\n  ecsim estimate scenario.yaml\n\n\
                  Exit codes: 0 done, every threshold met; 1 bad input or a failure; 2 wrong usage; 3 a threshold failed"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

/// Flags of every command.
#[derive(Args, Clone, Debug)]
struct Global {
    /// Say nothing but results and errors
    #[arg(short, long, global = true, help_heading = "Global options")]
    quiet: bool,
    /// Say more, such as keys that were read and have no effect
    #[arg(short, long, global = true, help_heading = "Global options", conflicts_with = "quiet")]
    verbose: bool,
    /// Print without colours (also with NO_COLOR in the environment)
    #[arg(long, global = true, help_heading = "Global options")]
    no_color: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Simulate a scenario: a table on the screen, files with -o
    Run(run::RunArgs),
    /// Compare variants of a scenario, or several scenarios, on the same traffic and the same seeds
    Compare(compare::CompareArgs),
    /// Tell the monthly cost at the smallest, desired and largest capacity, without a simulation
    Estimate(estimate::EstimateArgs),
    /// Tell what each of the coming months costs, with growth and what is uncertain
    Calendar(calendar::CalendarArgs),
    /// Find the cheapest configuration that meets the thresholds, and write it as Terraform, CloudFormation and AWS CLI
    Plan(plan::PlanArgs),
    /// Tell why capacity did or did not change, and what a scale-out takes step by step
    Explain(explain::ExplainArgs),
    /// Run many configurations of a scenario: a grid of values or a sample of it
    Sweep(sweep::SweepArgs),
    /// Check a scenario and give advice
    Check(check::CheckArgs),
    /// Write a commented scenario to start from
    Init(init::InitArgs),
    /// Print a JSON Schema
    #[command(after_help = "Example:\n  ecsim schema scenario > scenario.schema.json")]
    Schema {
        /// Which document
        document: schema::Document,
    },
    /// Show and check the price book, and import price files of AWS
    #[command(
        after_help = "Examples:\n  ecsim pricing show fargate --region eu-west-1\n  ecsim pricing check\n  ecsim pricing import index.json -o prices"
    )]
    Pricing {
        #[command(subcommand)]
        command: pricing::PricingCommand,
    },
    /// Tell what changed from one result to another, line by line
    Diff(diff::DiffArgs),
    /// Render a saved result again
    Report(report::ReportArgs),
    /// Find the Savings Plan commitment that costs least over the hours of a result
    Savings(savings::SavingsArgs),
    /// Print a shell's completions
    #[command(after_help = "Example:\n  ecsim completions bash > /etc/bash_completion.d/ecsim")]
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// How results are printed on standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
    /// For pull requests and wikis
    Markdown,
}

/// How a command ended without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    /// Everything is well.
    Well,
    /// A threshold failed.
    ThresholdFailed,
}

/// Parses the command line, runs the command and returns the exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let console = Console::new(cli.global.quiet, cli.global.verbose, cli.global.no_color);
    match dispatch(cli.command, &console) {
        Ok(Done::Well) => ExitCode::SUCCESS,
        Ok(Done::ThresholdFailed) => ExitCode::from(3),
        Err(error) => {
            console.error(&error);
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command, console: &Console) -> Result<Done, Error> {
    match command {
        Command::Run(args) => run::run(&args, console),
        Command::Compare(args) => compare::run(&args, console),
        Command::Estimate(args) => estimate::run(&args, console),
        Command::Calendar(args) => calendar::run(&args, console),
        Command::Plan(args) => plan::run(&args, console),
        Command::Explain(args) => explain::run(&args, console),
        Command::Sweep(args) => sweep::run(&args, console),
        Command::Check(args) => check::run(&args, console),
        Command::Init(args) => init::run(&args, console),
        Command::Schema { document } => schema::run(document, console),
        Command::Diff(args) => diff::run(&args, console),
        Command::Report(args) => report::run(&args, console),
        Command::Savings(args) => savings::run(&args, console),
        Command::Pricing { command } => pricing::run(&command, console),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "ecsim", &mut text);
            console.result(&text)?;
            Ok(Done::Well)
        }
    }
}
