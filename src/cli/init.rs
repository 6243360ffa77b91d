//! `ecsim init`.

use std::io::Write;

use clap::{Args, ValueEnum};
use ecsim::error::{Error, ErrorKind, Fault, Place};

use super::Done;
use super::console::Console;

/// Arguments of `ecsim init`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:\n  ecsim init\n  ecsim init --template spot-mix -o mix.yaml")]
pub struct InitArgs {
    /// What to start from
    #[arg(long, value_enum, default_value_t)]
    template: Template,
    /// The file to write
    #[arg(short, long, value_name = "FILE", default_value = "scenario.yaml")]
    output: String,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
}

/// A scenario to start from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Template {
    /// A web service behind a load balancer that follows its CPU
    #[default]
    Web,
    /// A worker that takes messages from a queue
    Worker,
    /// A web service on Fargate and Fargate Spot
    SpotMix,
    /// A service on EC2 instances
    Ec2,
}

impl Template {
    fn text(self) -> Result<&'static str, Fault> {
        let missing = |what: &str| {
            let fault = Fault::new(ErrorKind::NotModelled, Place::default(), format!("the template for {what}"));
            Err(fault.remedy("start from --template web or --template spot-mix"))
        };
        match self {
            Self::Web => Ok(include_str!("templates/web.yaml")),
            Self::SpotMix => Ok(include_str!("templates/spot-mix.yaml")),
            Self::Worker => missing("queue workers"),
            Self::Ec2 => missing("EC2 capacity providers"),
        }
    }
}

/// Runs the command.
pub fn run(args: &InitArgs, console: &Console) -> Result<Done, Error> {
    let text = args.template.text()?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).create_new(!args.force);
    let written = options.open(&args.output).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|reason| {
        let exists = reason.kind() == std::io::ErrorKind::AlreadyExists;
        let fault = Fault::new(ErrorKind::File, Place::file(&args.output), format!("cannot be written: {reason}"));
        let remedy = if exists { "name another file with -o, or replace it with --force" } else { "choose a folder that you may write to" };
        Error::from(fault.remedy(remedy))
    })?;
    console.note(&format!("wrote {}; run it with:", args.output));
    console.result(format!("ecsim run {} -o out/report.svg -o out/result.json\n", args.output).as_bytes())?;
    Ok(Done::Well)
}
