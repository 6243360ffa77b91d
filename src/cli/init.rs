//! `ecsim init`.

use std::io;
use std::path::Path;

use clap::{Args, ValueEnum};
use ecsim::error::{Error, ErrorKind, Fault, Place};
use ecsim::files::reason;

use super::Done;
use super::console::Console;
use super::outputs::fill;

/// Arguments of `ecsim init`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:\n  ecsim init\n  ecsim init --template spot-mix -o mix.yaml")]
pub struct InitArgs {
    /// What to start from
    #[arg(long, value_enum, default_value_t)]
    template: Template,
    /// The file to write; - prints it
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
    /// A web service on EC2 instances that Amazon ECS scales
    Ec2,
}

impl Template {
    const fn text(self) -> &'static str {
        match self {
            Self::Web => include_str!("templates/web.yaml"),
            Self::SpotMix => include_str!("templates/spot-mix.yaml"),
            Self::Worker => include_str!("templates/worker.yaml"),
            Self::Ec2 => include_str!("templates/ec2.yaml"),
        }
    }
}

/// Runs the command.
pub fn run(args: &InitArgs, console: &Console) -> Result<Done, Error> {
    let text = args.template.text();
    if args.output == "-" {
        console.result(text.as_bytes())?;
        return Ok(Done::Well);
    }
    place(Path::new(&args.output), text, args.force).map_err(|error| {
        let fault = Fault::new(ErrorKind::File, Place::file(&args.output), format!("cannot be written: {}", reason(&error)));
        Error::from(fault.remedy(match error.kind() {
            io::ErrorKind::AlreadyExists => "name another file with -o, or replace it with --force",
            io::ErrorKind::IsADirectory => "name a file in it with -o",
            _ => "choose a file in a folder that you may write to",
        }))
    })?;
    console.note(&format!("wrote {}; run it with:", args.output));
    console.result(format!("ecsim run {} -o out/report.svg -o out/result.json\n", quoted(&args.output)).as_bytes())?;
    Ok(Done::Well)
}

/// Writes the whole file or none of it; one that is there is replaced only by force.
fn place(target: &Path, text: &str, force: bool) -> io::Result<()> {
    if target.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    match target.parent().map(std::fs::create_dir_all) {
        // The system says of a file in the way only that it exists.
        Some(Err(error)) if error.kind() == io::ErrorKind::AlreadyExists => return Err(io::ErrorKind::NotADirectory.into()),
        Some(made) => made?,
        None => {}
    }
    let file = fill(target, text.as_bytes())?;
    let placed = if force { file.persist(target) } else { file.persist_noclobber(target) };
    placed.map(|_| ()).map_err(|error| error.error)
}

/// A name as a shell takes it.
fn quoted(name: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "/._-+,:@%".contains(letter);
    if name.chars().all(plain) { name.to_owned() } else { format!("'{}'", name.replace('\'', r"'\''")) }
}
