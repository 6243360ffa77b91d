//! `ecsim run`.

use clap::Args;
use ecsim::error::{Error, ErrorKind, Fault, Place};
use ecsim::plan::{RunOptions, diff, run_against};
use ecsim::scenario::Loaded;
use ecsim::scenario::model::TrafficKind;

use super::console::Console;
use super::disk::Disk;
use super::fail_on::FailOn;
use super::outputs::{self, Kind, Output};
use super::render::{FORMS, Rendered};
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
    /// Write a file; the ending says what: .json (result), .csv (timeline), .focus.csv (the bill as FOCUS 1.2), .svg and .png (charts), .html (a page with all of it), .md, .junit.xml (verdicts); may be repeated
    #[arg(short, long = "output", value_name = "FILE", value_parser = outputs::output_name)]
    outputs: Vec<String>,
    /// What standard output shows
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// A saved result: the table tells what changed against it, and thresholds may compare with it
    #[arg(long, value_name = "RESULT.json")]
    baseline: Option<String>,
    /// Which failed thresholds give exit code 3
    #[arg(long, value_name = "WHICH", value_enum, default_value_t)]
    fail_on: FailOn,
    /// How many threads work at most; the results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

/// Runs the command.
pub fn run(args: &RunArgs, console: &Console) -> Result<Done, Error> {
    let outputs = outputs::check(&args.outputs, "run", &FORMS)?;
    let named = std::iter::once(args.scenario.scenario.as_str()).chain(args.baseline.as_deref());
    outputs::refuse_inputs(&outputs, named)?;
    let loaded = args.scenario.load(console)?;
    outputs::refuse_inputs(&outputs, files_of(&loaded))?;
    let baseline = args.baseline.as_deref().map(read_result).transpose()?;
    let needs_timeline = |output: &Output| !matches!(output.kind, Kind::Markdown | Kind::Focus | Kind::Junit);
    let timeline = args.format == Format::Json || outputs.iter().any(needs_timeline);
    let options = RunOptions { variant: args.scenario.variant.clone(), timeline };
    let (run, change, contents) = in_pool(args.threads, || {
        let run = run_against(&loaded, &Disk, &options, baseline.as_ref())?;
        let change = baseline.as_ref().map(|baseline| diff(baseline, &run.result));
        let contents = Rendered { result: &run.result, change: change.as_ref() }.outputs(&outputs)?;
        Ok::<_, Error>((run, change, contents))
    })??;
    let written = outputs::write(outputs, &contents)?;
    Rendered { result: &run.result, change: change.as_ref() }.print(args.format, console)?;
    for note in &run.notes {
        console.note(note);
    }
    for name in written {
        console.note(&format!("wrote {name}"));
    }
    Ok(args.fail_on.verdict(&loaded.scenario.thresholds, &run.result.thresholds))
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

/// Runs a piece of work on so many threads; on all cores when none is said.
pub(super) fn in_pool<T: Send>(threads: Option<u16>, work: impl FnOnce() -> T + Send) -> Result<T, Error> {
    Ok(pool(threads)?.install(work))
}

/// So many threads; one for each core when none is said.
pub(super) fn pool(threads: Option<u16>) -> Result<rayon::ThreadPool, Error> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.map_or(0, usize::from)).build();
    let failed = |reason: rayon::ThreadPoolBuildError| {
        Error::from(Fault::new(ErrorKind::File, Place::default(), format!("cannot start threads: {reason}")).remedy("lower --threads"))
    };
    pool.map_err(failed)
}
