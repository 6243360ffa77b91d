//! `ecsim run`.

use clap::Args;
use ecsim::error::Error;
use ecsim::plan::{RunOptions, run_against};
use ecsim::scenario::Loaded;
use ecsim::scenario::model::TrafficKind;

use super::console::Console;
use super::disk::Disk;
use super::fail_on::FailOn;
use super::output_args::{OutputArgs, ThreadArgs};
use super::render::Rendered;
use super::report::read_result;
use super::scenario_args::ScenarioArgs;
use super::{Done, Format};

/// Arguments of `ecsim run`.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  ecsim run scenarios/web-shop.yaml\n  ecsim run web.yaml -o out/report.svg -o out/timeline.csv -o out/result.json\n  \
                  ecsim run web.yaml --set services.web.scaling.policies.cpu.target_value=50 --format json\n  \
                  ecsim run web.yaml --baseline main.json -o comment.md -o verdicts.junit.xml\n  cat web.yaml | ecsim run -"
)]
pub struct RunArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    #[command(flatten)]
    output: OutputArgs<Rendered>,
    /// A saved result: the table tells what changed against it, and thresholds may compare with it
    #[arg(long, value_name = "RESULT.json")]
    baseline: Option<String>,
    /// Which failed thresholds give exit code 3
    #[arg(long, value_name = "WHICH", value_enum, default_value_t)]
    fail_on: FailOn,
    #[command(flatten)]
    threads: ThreadArgs,
}

/// Runs the command.
pub fn run(args: &RunArgs, console: &Console) -> Result<Done, Error> {
    let named = std::iter::once(args.scenario.scenario.as_str()).chain(args.baseline.as_deref());
    let outputs = args.output.check("run", named)?;
    let loaded = args.scenario.load(console)?;
    outputs.refuse_inputs(files_of(&loaded))?;
    let baseline = args.baseline.as_deref().map(read_result).transpose()?;
    let timeline = args.output.format == Format::Json || outputs.iter().any(Rendered::shows_timeline);
    let options = RunOptions { variant: args.scenario.variant.clone(), timeline };
    let pool = args.threads.pool()?;
    let run = pool.install(|| run_against(&loaded, &Disk, &options, baseline.as_ref()))?;
    let rendered = Rendered::new(run.result, baseline.as_ref());
    outputs.write(&rendered, &pool)?;
    args.output.print(&rendered, console)?;
    run.notes.iter().for_each(|note| console.note(note));
    outputs.note(console);
    Ok(args.fail_on.verdict(&loaded.scenario.thresholds, &rendered.result.thresholds))
}

/// The files that a run of this scenario reads.
pub(super) fn files_of(loaded: &Loaded) -> impl Iterator<Item = &str> {
    let sources = loaded.scenario.services.iter().flat_map(|service| &service.traffic);
    let traces = sources.filter_map(|source| match &source.kind {
        TrafficKind::Trace(trace) => Some(trace.file.as_str()),
        TrafficKind::Constant(_) | TrafficKind::Pattern(_) | TrafficKind::Users(_) | TrafficKind::Calls(_) => None,
    });
    loaded.inputs.iter().map(|(name, _)| name.as_str()).chain(traces)
}
