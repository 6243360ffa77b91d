//! `ecsim compare`.

use clap::Args;
use ecsim::error::{Error, Fault, Place};
use ecsim::plan::{Alternative, CompareOptions, compare};
use ecsim::report::charts::{comparison_png, comparison_svg};
use ecsim::report::comparison::{self as words, name_of};
use ecsim::report::junit;
use ecsim::result::comparison::{ComparedRun, ComparisonResult};
use ecsim::scenario::Loaded;

use super::Done;
use super::console::Console;
use super::disk::Disk;
use super::document::Render::{Bytes, Text};
use super::document::{Document, Form, Table, Warnings, Words, json};
use super::fail_on::FailOn;
use super::output_args::{OutputArgs, ThreadArgs};
use super::run::files_of;
use super::scenario_args::{Fidelity, ScenarioArgs};

/// Arguments of `ecsim compare`.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  ecsim compare scenarios/fast-metrics.yaml --replications 16\n  ecsim compare web.yaml --variant calm,all-spot -o comparison.svg\n  \
                  ecsim compare main.yaml branch.yaml -o comment.md -o verdicts.junit.xml\n\n\
                  The scenario itself, or the first file, is the baseline. A failed threshold of any of the runs gives exit code 3."
)]
pub struct CompareArgs {
    /// One scenario, whose variants are compared with it, or several
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<String>,
    /// The variants to compare with the scenario itself, as A,B+C; may be repeated [default: all]
    #[arg(long = "variant", value_name = "A,B+C", value_delimiter = ',')]
    variants: Vec<String>,
    /// The run that the others are compared with, by its variant or file; costs are then told relative to it, else to the cheapest
    #[arg(long, value_name = "RUN")]
    baseline: Option<String>,
    /// Change one value in every run, as services.web.desired_count=4; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<String>,
    /// The seed of all random draws [default: the first scenario's]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How requests are simulated [default: each scenario's]
    #[arg(long, value_enum)]
    fidelity: Option<Fidelity>,
    /// Runs of each with the seeds N, N + 1, ...: two at least tell differences from chance [default: the first scenario's]
    #[arg(long, value_name = "N")]
    replications: Option<u32>,
    #[command(flatten)]
    output: OutputArgs<ComparisonResult>,
    /// Which failed thresholds give exit code 3
    #[arg(long, value_name = "WHICH", value_enum, default_value_t)]
    fail_on: FailOn,
    #[command(flatten)]
    threads: ThreadArgs,
}

/// Runs the command.
pub fn run(args: &CompareArgs, console: &Console) -> Result<Done, Error> {
    let outputs = args.output.check("compare", args.scenarios.iter().map(String::as_str))?;
    let alternatives = args.alternatives(console)?;
    for alternative in &alternatives {
        outputs.refuse_inputs(files_of(&alternative.loaded))?;
    }
    let options = CompareOptions { baseline: args.place_of_baseline(&alternatives)?, relative_to_baseline: args.baseline.is_some() };
    let pool = args.threads.pool()?;
    let result = pool.install(|| compare(&alternatives, &Disk, options))?;
    outputs.write(&result, &pool)?;
    args.output.print(&result, console)?;
    outputs.note(console);
    let verdict = |(alternative, run): (&Alternative, &ComparedRun)| {
        args.fail_on.verdict(&alternative.loaded.scenario.thresholds, &run.result.thresholds)
    };
    let failed = alternatives.iter().zip(&result.runs).map(verdict).any(|done| done == Done::ThresholdFailed);
    Ok(if failed { Done::ThresholdFailed } else { Done::Well })
}

impl CompareArgs {
    /// What is compared: a scenario and its variants, or several scenarios.
    fn alternatives(&self, console: &Console) -> Result<Vec<Alternative>, Error> {
        let [scenario] = self.scenarios.as_slice() else { return self.files(console) };
        if scenario == "-" {
            return Err(Fault::input(Place::file("-"), "is read once, and each variant reads the scenario").remedy("name a file").into());
        }
        let base = self.load(scenario, None, console)?;
        let names = if self.variants.is_empty() { base.variants.clone() } else { self.variants.clone() };
        let mut alternatives = vec![Alternative { name: None, variant: None, loaded: base }];
        for name in names {
            if alternatives.iter().any(|alternative| alternative.name.as_ref() == Some(&name)) {
                return Err(Fault::input(Place::file("--variant"), format!("names `{name}` twice"))
                    .remedy("name each variant once")
                    .into());
            }
            let loaded = self.load(scenario, Some(&name), console)?;
            alternatives.push(Alternative { name: Some(name.clone()), variant: Some(name), loaded });
        }
        if alternatives.len() == 1 {
            let fault = Fault::input(Place::file(scenario), "has no variants, so there is nothing to compare it with");
            return Err(fault.remedy("add some under `variants`, or name a second scenario").into());
        }
        Ok(alternatives)
    }

    fn files(&self, console: &Console) -> Result<Vec<Alternative>, Error> {
        if !self.variants.is_empty() {
            let fault = Fault::input(Place::file("--variant"), "chooses variants of one scenario, and several are named");
            return Err(fault.remedy("name one scenario, or leave it out").into());
        }
        let mut alternatives: Vec<Alternative> = Vec::new();
        for name in &self.scenarios {
            if alternatives.iter().any(|alternative| alternative.name.as_ref() == Some(name)) {
                return Err(Fault::input(Place::file(name), "is named twice").remedy("name each scenario once").into());
            }
            let loaded = self.load(name, None, console)?;
            alternatives.push(Alternative { name: Some(name.clone()), variant: None, loaded });
        }
        Ok(alternatives)
    }

    fn load(&self, scenario: &str, variant: Option<&str>, console: &Console) -> Result<Loaded, Error> {
        let args = ScenarioArgs {
            scenario: scenario.to_owned(),
            sets: self.sets.clone(),
            variant: variant.map(ToOwned::to_owned),
            seed: self.seed,
            fidelity: self.fidelity,
            replications: self.replications,
        };
        args.load(console)
    }

    /// The place of the baseline: the run of the name that is asked for, or the first.
    fn place_of_baseline(&self, alternatives: &[Alternative]) -> Result<usize, Error> {
        let Some(wanted) = &self.baseline else { return Ok(0) };
        let names = || alternatives.iter().map(|alternative| name_of(alternative.name.as_deref()));
        names().position(|name| name == wanted).ok_or_else(|| {
            let message = format!("`{wanted}` is none of the runs: {}", names().collect::<Vec<_>>().join(", "));
            let remedy = if wanted.to_lowercase().ends_with(".json") {
                "a saved result has no single replications to pair: use `ecsim run --baseline` or `ecsim diff`"
            } else {
                "name one of them"
            };
            Fault::input(Place::file("--baseline"), message).remedy(remedy).into()
        })
    }
}

impl Document for ComparisonResult {
    const TABLE: Table<Self> = |result, width, colours| Ok(words::table(result, width, colours));
    const MARKDOWN: Words<Self> = |result| Ok(words::markdown(result));
    const CSV: Words<Self> = words::csv;
    const WARNINGS: Warnings<Self> = |result| &result.warnings;
    const FORMS: &'static [Form<Self>] = &[
        Form(".json", "", Bytes(json)),
        Form(".csv", "a row for each run and service", Text(Self::CSV)),
        Form(".svg", "chart", Text(comparison_svg)),
        Form(".png", "chart", Bytes(comparison_png)),
        Form(".md", "", Text(Self::MARKDOWN)),
        Form(".junit.xml", "verdicts", Text(verdicts)),
    ];
}

fn verdicts(result: &ComparisonResult) -> Result<String, Error> {
    let suite = |run: &ComparedRun| format!("{}: {}", run.result.scenario, name_of(run.variant.as_deref()));
    junit(result.runs.iter().map(|run| (suite(run), &run.result)))
}
