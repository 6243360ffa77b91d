//! `ecsim check`.

use clap::{Args, ValueEnum};
use ecsim::error::Error;
use ecsim::plan::estimate;
use ecsim::scenario::advice::{Finding, advise};
use ecsim::simulate::{load_traces, trace_remarks};
use schemars::JsonSchema;
use serde::Serialize;

use super::Done;
use super::console::Console;
use super::disk::Disk;
use super::document::json;
use super::scenario_args::ScenarioArgs;

/// Arguments of `ecsim check`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:\n  ecsim check scenarios/web-shop.yaml\n  ecsim check web.yaml --format json")]
pub struct CheckArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// What standard output shows
    #[arg(long, value_enum, default_value_t)]
    format: CheckFormat,
}

/// The forms of a check: advice is prose, and no table of figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum CheckFormat {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
}

/// The outcome of a check.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CheckResult {
    /// Whether the scenario can be run.
    valid: bool,
    /// Why not.
    faults: Vec<CheckFault>,
    /// Advice; never a reason not to run.
    findings: Vec<CheckFinding>,
    /// What was done to the input so that it could be read.
    warnings: Vec<String>,
}

/// A reason why a scenario cannot be run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct CheckFault {
    /// The file, `-` for standard input.
    file: Option<String>,
    /// The line, from 1.
    line: Option<usize>,
    /// The column, from 1.
    column: Option<usize>,
    /// The path inside the document.
    path: Option<String>,
    /// What was found and what is allowed.
    message: String,
    /// How to mend it.
    remedy: Option<String>,
}

/// A piece of advice.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct CheckFinding {
    /// Its lasting id.
    id: String,
    /// `note` or `warning`.
    severity: String,
    /// The path inside the scenario.
    path: String,
    /// What was found and what follows from it.
    message: String,
    /// What to do about it.
    remedy: String,
}

/// Runs the command.
pub fn run(args: &CheckArgs, console: &Console) -> Result<Done, Error> {
    let checked = check(&args.scenario, console);
    if args.format == CheckFormat::Json {
        console.result(&json(&document(&checked))?)?;
        return checked.map(|_| Done::Well);
    }
    let (findings, warnings) = checked?;
    let mut text = String::new();
    for finding in &findings {
        text.push_str(&format!("{}[{}] {}\n    {}\n    {}\n", finding.severity, finding.id, finding.path, finding.message, finding.remedy));
    }
    warnings.iter().for_each(|warning| console.warn(warning));
    let plural = if findings.len() == 1 { "" } else { "s" };
    let name = if args.scenario.scenario == "-" { "standard input" } else { &args.scenario.scenario };
    text.push_str(&format!("{name} is valid, {} finding{plural}\n", findings.len()));
    console.result(text.as_bytes())?;
    Ok(Done::Well)
}

/// Everything that a run would read is read: the scenario, its traces, and the price of all that it uses.
fn check(args: &ScenarioArgs, console: &Console) -> Result<(Vec<Finding>, Vec<String>), Error> {
    let loaded = args.load(console)?;
    let (traces, _) = load_traces(&loaded.scenario, &Disk)?;
    estimate(&loaded.scenario, &Disk)?;
    let mut warnings = loaded.warnings.clone();
    warnings.extend(trace_remarks(&loaded.scenario, &traces));
    Ok((advise(&loaded.scenario), warnings))
}

fn document(checked: &Result<(Vec<Finding>, Vec<String>), Error>) -> CheckResult {
    match checked {
        Ok((findings, warnings)) => {
            CheckResult { valid: true, faults: Vec::new(), findings: findings.iter().map(finding).collect(), warnings: warnings.clone() }
        }
        Err(error) => {
            let fault = |fault: &ecsim::error::Fault| CheckFault {
                file: fault.place.file.clone(),
                line: fault.place.line,
                column: fault.place.column,
                path: fault.place.path.clone(),
                message: fault.message.clone(),
                remedy: fault.remedy.clone(),
            };
            let faults = error.faults().iter().map(fault).collect();
            CheckResult { valid: false, faults, findings: Vec::new(), warnings: Vec::new() }
        }
    }
}

fn finding(finding: &Finding) -> CheckFinding {
    CheckFinding {
        id: finding.id.to_owned(),
        severity: finding.severity.to_string(),
        path: finding.path.clone(),
        message: finding.message.clone(),
        remedy: finding.remedy.clone(),
    }
}
