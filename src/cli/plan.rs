//! `ecsim plan`.

use clap::Args;
use ecsim::error::{Error, Fault, Place};
use ecsim::plan::Points;
use ecsim::plan::search::{DimensionKind, PlanOptions, Planner, derive};
use ecsim::plan::sweep::Axis;
use ecsim::report::configuration::{aws_cli, cloudformation, terraform};
use ecsim::report::plan as words;
use ecsim::result::plan::PlanResult;
use ecsim::scenario::model::Fidelity;
use ecsim::scenario::values::threshold::parse_threshold;

use super::Done;
use super::console::Console;
use super::document::Render::{Bytes, Text};
use super::document::{Document, Form, Table, Warnings, Words, json};
use super::output_args::{OutputArgs, ThreadArgs};
use super::progress::Bar;
use super::run::files_of;
use super::scenario_args::{self, ScenarioArgs};

/// Arguments of `ecsim plan`.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  ecsim plan scenarios/web-shop.yaml\n  ecsim plan web.yaml --threshold 'services.web.latency_p99 < 300ms' -o plan.tf\n  \
                  ecsim plan web.yaml --hold spot,size --vary services.web.desired_count=2..8\n  ecsim plan web.yaml --arm 0.9 --confidence 99%\n\n\
                  --replications is how many confirm an answer [default: the fewest that can show the confidence, 59 for 95%]; --fidelity fluid confirms by flows, request searches request by request.\n\
                  Exit codes: 0 an answer that meets every threshold; 3 none was found"
)]
pub struct PlanArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// A threshold besides those of the scenario, as 'services.web.latency_p99 < 300ms'; may be repeated
    #[arg(long = "threshold", value_name = "EXPRESSION")]
    thresholds: Vec<String>,
    /// In how many replications the thresholds have to hold
    #[arg(long, value_name = "PERCENT", default_value = "95%", value_parser = share)]
    confidence: f64,
    /// Replace the values of a dimension, or add one, as `ecsim sweep` takes it; one value fixes a path; may be repeated
    #[arg(long, value_name = "PATH=VALUES")]
    vary: Vec<String>,
    /// Dimensions to leave as they are: size, architecture, desired-count, min-capacity, max-capacity, target, cooldowns, policies, base, spot
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    hold: Vec<String>,
    /// Let ARM compete: the CPU time of a request there, as a multiple of that on x86
    #[arg(long, value_name = "FACTOR")]
    arm: Option<f64>,
    /// Runs of the search at most, two for the scenario as it stands; those that confirm the answer are not counted [default: 4000, request by request 300]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..))]
    max_runs: Option<u64>,
    #[command(flatten)]
    output: OutputArgs<PlanResult>,
    #[command(flatten)]
    threads: ThreadArgs,
}

/// A share as a percentage, or as a number between 0 and 1.
fn share(text: &str) -> Result<f64, String> {
    let (number, whole) = text.strip_suffix('%').map_or((text, 1.0), |percent| (percent, 100.0));
    let share = number.trim().parse::<f64>().map(|number| number / whole);
    share.ok().filter(|share| *share > 0.0 && *share < 1.0).ok_or_else(|| "it is a percentage between 0% and 100%, as 95%".to_owned())
}

/// Runs the command.
pub fn run(args: &PlanArgs, console: &Console) -> Result<Done, Error> {
    let outputs = args.output.check("plan", [args.scenario.scenario.as_str()])?;
    let mut options = options(args)?;
    let points = args.scenario.points(console)?;
    let loaded = points.loaded();
    outputs.refuse_inputs(files_of(loaded))?;
    options.vary = vary(&args.vary, &points)?;
    let space = derive(&loaded.scenario, &options);
    let bar = Bar::new(console);
    let pool = args.threads.pool()?;
    let result = pool.install(|| Planner::new(&points, &space, &options, &|progress| bar.show(progress))?.answer())?;
    bar.finish();
    outputs.write(&result, &pool)?;
    args.output.print(&result, console)?;
    outputs.note(console);
    Ok(if result.meets { Done::Well } else { Done::ThresholdFailed })
}

/// What --vary asks for. A variant is where a search begins, not what it finds.
fn vary(texts: &[String], points: &Points) -> Result<Vec<Axis>, Error> {
    let mut varied = Vec::new();
    for text in texts {
        let axis = Axis::parse(text)?;
        if axis.chooses_variants() {
            let fault =
                Fault::input(Place::file(format!("--vary {text}")), "a plan begins with one variant and does not choose among them");
            return Err(fault.remedy("name it with --variant, or compare variants with `ecsim compare`").into());
        }
        axis.check(points.source())?;
        varied.push(axis);
    }
    Ok(varied)
}

fn options(args: &PlanArgs) -> Result<PlanOptions, Error> {
    let threshold = |text: &String| parse_threshold(text, &Place::file("--threshold"));
    let thresholds: Result<Vec<_>, Error> = args.thresholds.iter().map(threshold).collect();
    let hold: Result<Vec<DimensionKind>, Error> = args.hold.iter().map(|word| DimensionKind::of_word(word.trim())).collect();
    Ok(PlanOptions {
        variant: args.scenario.variant.clone(),
        thresholds: thresholds?,
        confidence: args.confidence,
        max_runs: args.max_runs,
        replications: args.scenario.replications,
        fidelity: args.scenario.fidelity.and_then(|fidelity| match fidelity {
            scenario_args::Fidelity::Fluid => Some(Fidelity::Fluid),
            scenario_args::Fidelity::Request => Some(Fidelity::Request),
            scenario_args::Fidelity::Auto => None,
        }),
        vary: Vec::new(),
        hold: hold?,
        arm_cpu_time: args.arm,
    })
}

impl Document for PlanResult {
    const TABLE: Table<Self> = words::table;
    const MARKDOWN: Words<Self> = words::markdown;
    const CSV: Words<Self> = words::csv;
    const WARNINGS: Warnings<Self> = |result| &result.warnings;
    const FORMS: &'static [Form<Self>] = &[
        Form(".json", "all of it", Bytes(json)),
        Form(".csv", "the search space", Text(Self::CSV)),
        Form(".md", "", Text(Self::MARKDOWN)),
        Form(".tf", "Terraform", Text(terraform)),
        Form(".yaml", "CloudFormation", Text(cloudformation)),
        Form(".sh", "AWS CLI", Text(aws_cli)),
    ];
    const REFUSED: &'static [&'static str] = &[];
}
