//! `ecsim report`, and the reading of saved results.

use clap::Args;
use ecsim::error::{Error, Fault, Place};
use ecsim::result::{RunResult, SCHEMA_VERSION};
use serde_json::Value;

use super::Done;
use super::console::Console;
use super::disk::read_input;
use super::output_args::{OutputArgs, ThreadArgs};
use super::render::Rendered;

/// Arguments of `ecsim report`.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  ecsim report result.json -o report.svg -o comment.md\n  ecsim report branch.json --baseline main.json --format markdown\n\n\
                  Nothing is simulated or judged anew: failed thresholds are shown, and the exit code is 0."
)]
#[command(mut_arg("format", |format| format.display_order(usize::from(u8::MAX))))]
pub struct ReportArgs {
    /// A result as `ecsim run -o result.json` writes it; - reads standard input
    #[arg(value_name = "RESULT.json")]
    result: String,
    #[command(flatten)]
    output: OutputArgs<Rendered>,
    /// Another saved result: the table and the Markdown tell what changed against it
    #[arg(long, value_name = "RESULT.json")]
    baseline: Option<String>,
}

/// Runs the command.
pub fn run(args: &ReportArgs, console: &Console) -> Result<Done, Error> {
    let named = std::iter::once(args.result.as_str()).chain(args.baseline.as_deref());
    let outputs = args.output.check("report", named)?;
    let result = read_result(&args.result)?;
    let baseline = args.baseline.as_deref().map(read_result).transpose()?;
    let rendered = Rendered::new(result, baseline.as_ref());
    outputs.write(&rendered, &ThreadArgs::default().pool()?)?;
    args.output.print(&rendered, console)?;
    outputs.note(console);
    Ok(Done::Well)
}

/// A saved result.
pub(super) fn read_result(name: &str) -> Result<RunResult, Error> {
    let content = read_input(name)?;
    let no_result = |error: serde_json::Error| {
        let place = Place::line(name, error.line());
        Error::from(Fault::input(place, format!("is no result of ecsim: {error}")).remedy(WRITE_ONE))
    };
    let document: Value = serde_json::from_slice(&content).map_err(no_result)?;
    if let Some(fault) = unknown_form(name, &document) {
        return Err(fault.into());
    }
    // Read from the text again, so that a fault has its line.
    serde_json::from_slice(&content).map_err(no_result)
}

const WRITE_ONE: &str = "write one with `ecsim run SCENARIO -o result.json`";

/// What tells that a document is not a result of this version's form.
fn unknown_form(name: &str, document: &Value) -> Option<Fault> {
    let place = || Place::file(name);
    if document.get("runs").is_some() && document.get("differences").is_some() {
        let message = "is a comparison, which holds several results; a single one is read here";
        return Some(Fault::input(place(), message).remedy("name the files that you want from it with -o of `ecsim compare`"));
    }
    let version = document.get("schema_version")?;
    if version.as_u64() == Some(u64::from(SCHEMA_VERSION)) {
        return None;
    }
    let writer = document.get("ecsim_version").and_then(Value::as_str).map(|by| format!(", written by ecsim {by}")).unwrap_or_default();
    let message =
        format!("is a result of schema version {version}{writer}; ecsim {} reads version {SCHEMA_VERSION}", env!("CARGO_PKG_VERSION"));
    Some(Fault::input(place(), message).remedy("render it with the ecsim that wrote it, or run its scenario again"))
}
