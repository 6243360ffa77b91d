//! `ecsim run`.

use clap::{Args, ValueEnum};
use ecsim::cost::Group;
use ecsim::error::{Error, ErrorKind, Fault, Place};
use ecsim::plan::{Run, RunOptions, run as simulate_and_price};
use ecsim::report::charts::{ChartData, CostSeries, Resource, ServiceChart, UtilizationTarget, png, svg};
use ecsim::report::{bill_csv, markdown, table, write_focus, write_json, write_timeline};
use ecsim::scenario::Loaded;
use ecsim::scenario::model::{Policy, Scenario, Service, TrackedMetric, TrafficKind};
use jiff::tz::TimeZone;
use rayon::prelude::*;

use super::console::Console;
use super::disk::Disk;
use super::outputs::{self, Kind};
use super::scenario_args::ScenarioArgs;
use super::{Done, Format};

/// Arguments of `ecsim run`.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  ecsim run scenarios/web-shop.yaml\n  ecsim run web.yaml -o out/report.svg -o out/timeline.csv -o out/result.json\n  \
                  ecsim run web.yaml --set services.web.scaling.policies.cpu.target_value=50 --format json\n  cat web.yaml | ecsim run -"
)]
pub struct RunArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// Write a file; the ending says what: .json (result), .csv (timeline), .focus.csv (the bill as FOCUS 1.2), .svg and .png (charts), .md; may be repeated
    #[arg(short, long = "output", value_name = "FILE", value_parser = outputs::output_name)]
    outputs: Vec<String>,
    /// What standard output shows
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Which failed thresholds give exit code 3
    #[arg(long, value_name = "WHICH", value_enum, default_value_t)]
    fail_on: FailOn,
    /// How many threads work at most; the results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

/// Which thresholds decide over the exit code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Thresholds on cost
    Budget,
    /// Thresholds on anything but cost
    Slo,
    /// Every threshold
    #[default]
    Any,
    /// No threshold: exit code 0 even if some fail
    None,
}

impl FailOn {
    fn counts(self, path: &str) -> bool {
        let is_budget = path.starts_with("monthly_cost") || path.starts_with("cost");
        match self {
            Self::Budget => is_budget,
            Self::Slo => !is_budget,
            Self::Any => true,
            Self::None => false,
        }
    }
}

/// Runs the command.
pub fn run(args: &RunArgs, console: &Console) -> Result<Done, Error> {
    let outputs = outputs::check(&args.outputs)?;
    outputs::refuse_inputs(&outputs, std::iter::once(args.scenario.scenario.as_str()))?;
    let loaded = args.scenario.load(console)?;
    outputs::refuse_inputs(&outputs, files_of(&loaded))?;
    let timeline = args.format == Format::Json || outputs.iter().any(|output| !matches!(output.kind, Kind::Markdown | Kind::Focus));
    let options = RunOptions { variant: args.scenario.variant.clone(), timeline };
    let kinds: Vec<Kind> = outputs.iter().map(|output| output.kind).collect();
    let (run, contents) = in_pool(args.threads, || {
        let run = simulate_and_price(&loaded, &Disk, &options)?;
        let contents: Result<Vec<_>, Error> = kinds.par_iter().map(|&kind| render(kind, &run, &loaded.scenario)).collect();
        Ok::<_, Error>((run, contents?))
    })??;
    let written = outputs::write(outputs, &contents)?;
    print(args.format, &run, console)?;
    for note in &run.notes {
        console.note(note);
    }
    for name in written {
        console.note(&format!("wrote {name}"));
    }
    let failed = run.result.thresholds.iter().zip(&loaded.scenario.thresholds);
    let fails = failed.filter(|(verdict, threshold)| !verdict.ok && args.fail_on.counts(&threshold.path)).count();
    Ok(if fails > 0 { Done::ThresholdFailed } else { Done::Well })
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
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.map_or(0, usize::from)).build();
    let failed = |reason: rayon::ThreadPoolBuildError| {
        Error::from(Fault::new(ErrorKind::File, Place::default(), format!("cannot start threads: {reason}")).remedy("lower --threads"))
    };
    Ok(pool.map_err(failed)?.install(work))
}

fn render(kind: Kind, run: &Run, scenario: &Scenario) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    match kind {
        Kind::Json => write_json(&run.result, &mut out)?,
        Kind::Csv => write_timeline(&run.result.timeline, &mut out)?,
        Kind::Svg => out = svg(&chart_data(run, scenario))?.into_bytes(),
        Kind::Png => out = png(&chart_data(run, scenario))?,
        Kind::Markdown => out = markdown(&run.result).into_bytes(),
        Kind::Focus => write_focus(&run.result, &mut out)?,
    }
    Ok(out)
}

fn print(format: Format, run: &Run, console: &Console) -> Result<(), Error> {
    let mut out = Vec::new();
    match format {
        Format::Table => out = table(&run.result, console.width(), console.colours()).into_bytes(),
        Format::Json => write_json(&run.result, &mut out)?,
        Format::Csv => out = bill_csv(&run.result.cost)?.into_bytes(),
        Format::Markdown => out = markdown(&run.result).into_bytes(),
    }
    if matches!(format, Format::Json | Format::Csv) {
        run.result.warnings.iter().for_each(|warning| console.warn(warning));
    }
    console.result(&out)
}

/// What the charts show of a run.
fn chart_data<'a>(run: &'a Run, scenario: &Scenario) -> ChartData<'a> {
    let outcome = &run.outcome;
    let alone = scenario.services.len() == 1;
    let variant = run.result.variant.as_ref().map(|variant| format!(" ({variant})")).unwrap_or_default();
    let cost = cost_series(run);
    ChartData {
        title: format!("{}{variant}", scenario.name),
        subtitle: subtitle(run, scenario.simulation.seed),
        start: outcome.start,
        end: outcome.end,
        step_seconds: outcome.timeline_resolution.as_seconds_f64(),
        timezone: TimeZone::UTC,
        first_hour: outcome.usage.first_hour,
        services: outcome
            .services
            .iter()
            .zip(&scenario.services)
            .map(|(service, config)| ServiceChart {
                name: service.name.clone(),
                timeline: &service.timeline,
                targets: targets(config),
                slo_latency_seconds: config.slo.and_then(|slo| slo.latency_seconds),
                cost: if alone { cost.clone() } else { Vec::new() },
            })
            .collect(),
        shared_cost: if alone { Vec::new() } else { cost },
    }
}

/// The cost, and which run the picture shows.
fn subtitle(run: &Run, seed: u64) -> String {
    let of_this = format!("${} a month, seed {seed}", run.bill.monthly);
    match run.result.replications {
        0 | 1 => of_this,
        count => format!("{of_this}: the first of {count} replications, whose mean is ${} a month", run.result.cost.monthly.mean),
    }
}

fn targets(service: &Service) -> Vec<UtilizationTarget> {
    let policies = service.scaling.iter().flat_map(|scaling| &scaling.policies);
    policies
        .filter_map(Policy::target_tracking)
        .filter_map(|policy| {
            let resource = match policy.metric {
                TrackedMetric::CpuUtilization { .. } => Resource::Cpu,
                TrackedMetric::MemoryUtilization { .. } => Resource::Memory,
                TrackedMetric::AlbRequestCountPerTarget | TrackedMetric::Customized(_) => return None,
            };
            Some(UtilizationTarget { resource, percent: policy.target_value })
        })
        .collect()
}

/// Cost per hour of each group that costs anything.
fn cost_series(run: &Run) -> Vec<CostSeries> {
    let series = Group::ALL.iter().map(|group| CostSeries {
        product: group.name().to_owned(),
        usd_per_hour: run.bill.hourly.iter().map(|hour| hour.by_group[group.index()]).collect(),
    });
    series.filter(|series| series.usd_per_hour.iter().any(|&usd| usd > 0.0)).collect()
}
