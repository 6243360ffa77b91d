//! `ecsim sweep`.

use std::fs::File;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Args;
use ecsim::error::{Error, ErrorKind, Fault, Place};
use ecsim::plan::sweep::{Axis, Columns, Design, Listener, PointOutcome, Shard, Survey, services, sweep};
use ecsim::plan::{Points, price_book};
use ecsim::report::charts::{sweep_png, sweep_svg};
use ecsim::report::{sweep as words, write_json};
use ecsim::result::sweep::{SweepPicture, SweepResult};
use ecsim::scenario::Loaded;
use ecsim::simulate::load_traces;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use sha2::{Digest, Sha256};

use super::console::Console;
use super::disk::Disk;
use super::journal::{Identity, Journal};
use super::outputs::{self, Kind, Output};
use super::run::{files_of, pool};
use super::scenario_args::ScenarioArgs;
use super::{Done, Format};

/// The exit code of a process that Ctrl-C has ended, as shells count: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

/// Arguments of `ecsim sweep`.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Values:\n  --vary PATH=2,4,8             these values\n  --vary PATH=40..80:5          40, 45, ... 80 (without a step: whole numbers)\n  \
                  --vary P.cpu,P.memory=512/1024,1024/2048   paths that change together\n  --vary variant=a,b            variants of the scenario\n\n\
                  Examples:\n  ecsim sweep web.yaml --vary services.web.scaling.policies.cpu.target_value=40..80:5 \\\n      \
                  --vary services.web.scaling.min_capacity=2,4,8 -o rows.csv -o sweep.png\n  \
                  ecsim sweep web.yaml --vary variant=arm,spot --vary services.web.desired_count=2..20 --sample 12\n  \
                  ecsim sweep web.yaml --vary services.web.desired_count=1..999 --shard 1/2 -o part1.csv\n  \
                  ecsim sweep web.yaml --vary services.web.desired_count=1..999 --shard 2/2 -o part2.csv\n  \
                  cat part1.csv part2.csv > rows.csv        # only the first part has a heading\n\n\
                  An interrupted sweep leaves NAME.journal beside its first output: the same command goes on from there.\n\
                  Exit codes: 0 done; 1 bad input or a failure; 2 wrong usage; 3 no point meets the thresholds; 130 interrupted"
)]
pub struct SweepArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// Vary a path over values; may be repeated, then all combinations are run
    #[arg(long, value_name = "PATH=VALUES", required = true)]
    vary: Vec<String>,
    /// Run a Latin hypercube of so many points instead of all
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    sample: Option<u64>,
    /// Run part I of N; the rows of all parts follow one another
    #[arg(long, value_name = "I/N", value_parser = Shard::parse)]
    shard: Option<Shard>,
    /// Forget what an interrupted sweep has done and begin anew
    #[arg(long)]
    restart: bool,
    /// The service whose p99 is the latency of a point [default: the slowest]
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// Write a file; the ending says what: .csv and .jsonl (a row for each point), .json (what was found), .svg and .png (pictures), .md; may be repeated
    #[arg(short, long = "output", value_name = "FILE", value_parser = outputs::output_name)]
    outputs: Vec<String>,
    /// What standard output shows; csv: a row for each point
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// How many threads work at most; the results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

/// Runs the command.
pub fn run(args: &SweepArgs, console: &Console) -> Result<Done, Error> {
    let outputs = outputs::check(&args.outputs, "sweep", &[Kind::Json, Kind::Jsonl, Kind::Csv, Kind::Svg, Kind::Png, Kind::Markdown])?;
    outputs::refuse_inputs(&outputs, std::iter::once(args.scenario.scenario.as_str()))?;
    let axes = axes(&args.vary)?;
    let points = args.scenario.points(console)?;
    let loaded = points.loaded();
    outputs::refuse_inputs(&outputs, files_of(loaded))?;
    check_axes(args, &axes, &points)?;
    let design = Design::new(axes, args.sample, loaded.scenario.simulation.seed, args.shard.unwrap_or(Shard::WHOLE))?;
    let columns = Columns::new(design.axes(), services(&points, design.axes()));
    check_service(args.service.as_deref(), &columns)?;
    let identity = identity(args, &points, &design)?;
    let journal = match outputs.first() {
        Some(first) => Some(Journal::open(first.target(), &identity, args.restart)?),
        None => None,
    };
    let (rows, rest): (Vec<Output>, Vec<Output>) = outputs.into_iter().partition(|output| matches!(output.kind, Kind::Csv | Kind::Jsonl));

    let survey = Survey::new(&design, &columns, args.service.as_deref(), !loaded.scenario.thresholds.is_empty());
    let mut teller = Teller::new(args, console, &columns, journal, &rows, survey, &design)?;
    sweep(&points, &design, &columns, &pool(args.threads)?, &mut teller)?;
    teller.bar.finish_and_clear();

    let (result, picture) = teller.survey.finish(&loaded.scenario);
    if result.points.run == 0 && result.points.skipped > 0 {
        teller.journal.map_or(Ok(()), Journal::remove)?;
        return Err(all_skipped(&result));
    }
    let contents: Result<Vec<_>, Error> = rest.iter().map(|output| render(output.kind, &result, &picture)).collect();
    let written = outputs::write(rest, &contents?)?;
    if let Some(journal) = teller.journal {
        journal.remove()?;
    }
    print(args.format, &result, console)?;
    for name in rows.iter().map(Output::name).chain(written.iter().map(String::as_str)) {
        console.note(&format!("wrote {name}"));
    }
    let fails = result.points.meeting_thresholds == Some(0) && result.points.run > 0;
    Ok(if fails { Done::ThresholdFailed } else { Done::Well })
}

fn axes(texts: &[String]) -> Result<Vec<Axis>, Error> {
    let mut faults = Vec::new();
    let mut axes = Vec::new();
    for text in texts {
        match Axis::parse(text) {
            Ok(axis) => axes.push(axis),
            Err(error) => faults.extend_from_slice(error.faults()),
        }
    }
    Error::from_faults(faults)?;
    Ok(axes)
}

fn check_axes(args: &SweepArgs, axes: &[Axis], points: &Points) -> Result<(), Error> {
    let mut faults = Vec::new();
    if args.scenario.variant.is_some() && axes.iter().any(Axis::chooses_variants) {
        let fault = Fault::input(Place::file("--vary variant"), "the variant is chosen by --variant as well");
        faults.push(fault.remedy("name it with the values, as --vary variant=a+b,a+c"));
    }
    for axis in axes {
        faults.extend(axis.check(points.source()).err().iter().flat_map(|error| error.faults().to_vec()));
    }
    Error::from_faults(faults)
}

fn check_service(service: Option<&str>, columns: &Columns) -> Result<(), Error> {
    let Some(name) = service.filter(|name| columns.services().iter().all(|known| known != name)) else { return Ok(()) };
    let fault = Fault::input(Place::file("--service"), format!("there is no service `{name}`"));
    Err(fault.remedy(format!("services are {}", columns.services().join(", "))).into())
}

/// Every point was impossible: the first reasons tell why.
fn all_skipped(result: &SweepResult) -> Error {
    let fault = |skipped: &ecsim::result::sweep::SkippedPoint| {
        Fault::input(Place::default(), format!("point {}: {}", skipped.index, skipped.reason))
            .remedy("no point of the sweep is a valid scenario: change the values of --vary")
    };
    let nothing = || Fault::input(Place::file("--vary"), "no point is a valid scenario").into();
    Error::from_faults(result.skipped.iter().map(fault).collect()).err().unwrap_or_else(nothing)
}

/// What makes two sweeps the same: the version, all that is read, all that is set, and what varies.
fn identity(args: &SweepArgs, points: &Points, design: &Design) -> Result<Identity, Error> {
    let loaded = points.loaded();
    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    };
    add(format!("{:?}", (&args.scenario.variant, &args.scenario.settings())).as_bytes());
    let mut add_files = |loaded: &Loaded| -> Result<(), Error> {
        let (_, traces) = load_traces(&loaded.scenario, &Disk)?;
        for (name, content) in loaded.inputs.iter().chain(&traces) {
            add(name.as_bytes());
            add(content);
        }
        if loaded.scenario.pricing.catalog.is_some() {
            add(format!("{:?}", price_book(&loaded.scenario, &Disk)?).as_bytes());
        }
        Ok(())
    };
    add_files(loaded)?;
    // Values may name files, too.
    for axis in design.axes().iter().filter(|axis| axis.names_files()) {
        for value in 0..axis.values.len() {
            if let Ok(loaded) = points.check(&axis.point(value)) {
                add_files(&loaded)?;
            }
        }
    }
    let scenario = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut varied = args.vary.clone();
    varied.extend(args.sample.map(|draws| format!("--sample {draws}")));
    varied.extend(args.shard.map(|shard| format!("--shard {}/{}", shard.number, shard.count)));
    Ok(Identity { version: env!("CARGO_PKG_VERSION").to_owned(), scenario, seed: loaded.scenario.simulation.seed, points: varied })
}

/// A file that rows are streamed into.
struct RowFile {
    file: File,
    name: String,
    kind: Kind,
}

impl RowFile {
    fn write(&mut self, text: &[u8]) -> Result<(), Error> {
        self.file.write_all(text).map_err(|error| outputs::failure(&self.name, &error, "make room; the same command goes on from there"))
    }
}

/// Tells what becomes of points: to the journal, the rows' files, standard output, the survey and the progress bar.
struct Teller<'a> {
    console: &'a Console,
    columns: &'a Columns,
    journal: Option<Journal>,
    files: Vec<RowFile>,
    prints_rows: bool,
    survey: Survey<'a>,
    bar: ProgressBar,
    done: Arc<AtomicU64>,
}

impl<'a> Teller<'a> {
    fn new(
        args: &SweepArgs,
        console: &'a Console,
        columns: &'a Columns,
        journal: Option<Journal>,
        rows: &[Output],
        survey: Survey<'a>,
        design: &Design,
    ) -> Result<Self, Error> {
        let known = journal.as_ref().map_or(0, Journal::len);
        let done = Arc::new(AtomicU64::new(known));
        heed_interrupts(*console, &done, design.len(), journal.is_some())?;
        if known > 0 {
            console.note(&format!("goes on: {known} of {} points are done (--restart begins anew)", design.len()));
        }
        let mut files = Vec::new();
        for output in rows {
            let created = File::create(output.target());
            let file =
                created.map_err(|error| outputs::failure(output.name(), &error, "choose a file in a folder that you may write to"))?;
            files.push(RowFile { file, name: output.name().to_owned(), kind: output.kind });
        }
        let mut teller = Self {
            console,
            columns,
            journal,
            files,
            prints_rows: args.format == Format::Csv,
            survey,
            bar: progress_bar(console, design.len(), known, args.format == Format::Csv && std::io::stdout().is_terminal()),
            done,
        };
        // The heading of the whole stands in its first part, so that the parts follow one another.
        if design.shard().number == 1 {
            teller.tell_csv(&words::csv_heading(columns.names())?)?;
        }
        Ok(teller)
    }

    fn tell_csv(&mut self, line: &[u8]) -> Result<(), Error> {
        for file in self.files.iter_mut().filter(|file| file.kind == Kind::Csv) {
            file.write(line)?;
        }
        if self.prints_rows { self.console.result(line) } else { Ok(()) }
    }
}

impl Listener for Teller<'_> {
    fn known(&mut self, number: u64) -> Result<Option<PointOutcome>, Error> {
        self.journal.as_mut().map_or(Ok(None), |journal| journal.outcome(number))
    }

    fn finished(&mut self, number: u64, outcome: &PointOutcome) -> Result<(), Error> {
        if let Some(journal) = &mut self.journal {
            journal.record(number, outcome)?;
        }
        self.done.fetch_add(1, Ordering::Relaxed);
        self.bar.inc(1);
        Ok(())
    }

    fn next(&mut self, number: u64, outcome: PointOutcome) -> Result<(), Error> {
        if let PointOutcome::Row(row) = &outcome {
            self.tell_csv(&words::csv_row(row)?)?;
            if self.files.iter().any(|file| file.kind == Kind::Jsonl) {
                let line = words::json_line(self.columns.names(), row)?;
                self.files.iter_mut().filter(|file| file.kind == Kind::Jsonl).try_for_each(|file| file.write(&line))?;
            }
        }
        self.survey.add(number, &outcome);
        Ok(())
    }
}

/// Ends the process on Ctrl-C: what is done stands in the journal, so nothing has to be waited for.
fn heed_interrupts(console: Console, done: &Arc<AtomicU64>, points: u64, resumable: bool) -> Result<(), Error> {
    let done = Arc::clone(done);
    let handler = move || {
        let count = done.load(Ordering::Relaxed);
        let next = if resumable { "the same command goes on from there" } else { "nothing is kept without -o" };
        console.note(&format!("\ninterrupted after {count} of {points} points: {next}"));
        std::process::exit(INTERRUPTED);
    };
    ctrlc::set_handler(handler)
        .map_err(|error| Fault::new(ErrorKind::File, Place::default(), format!("cannot listen for Ctrl-C: {error}")).into())
}

/// A bar on a terminal, nothing elsewhere; nor where it would stand between rows.
fn progress_bar(console: &Console, points: u64, known: u64, shows_rows: bool) -> ProgressBar {
    let target = if console.quiet() || shows_rows { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(points), target);
    let style = ProgressStyle::with_template("{wide_bar} {human_pos} of {human_len} points, {rate} a second, {eta} left");
    let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        // A bar that cannot be drawn is no reason to stop.
        let _ = write!(out, "{:.1}", state.per_sec());
    };
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).with_key("rate", rate));
    bar.set_position(known);
    bar.reset_eta();
    bar
}

fn render(kind: Kind, result: &SweepResult, picture: &SweepPicture) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    match kind {
        Kind::Json => write_json(result, &mut out)?,
        Kind::Svg => out = sweep_svg(result, picture)?.into_bytes(),
        Kind::Png => out = sweep_png(result, picture)?,
        Kind::Markdown => out = words::markdown(result).into_bytes(),
        // Rows were streamed; what a sweep does not write is refused before the work.
        _ => {}
    }
    Ok(out)
}

fn print(format: Format, result: &SweepResult, console: &Console) -> Result<(), Error> {
    let mut out = Vec::new();
    match format {
        Format::Table => out = words::table(result, console.width(), console.colours()).into_bytes(),
        Format::Json => write_json(result, &mut out)?,
        Format::Csv => {}
        Format::Markdown => out = words::markdown(result).into_bytes(),
    }
    if matches!(format, Format::Json | Format::Csv) {
        result.warnings.iter().for_each(|warning| console.warn(warning));
    }
    if format == Format::Csv && result.points.skipped > 0 {
        let first = result.skipped.first().map(|skipped| format!(", the first one because {}", skipped.reason)).unwrap_or_default();
        console.warn(&format!("{} points are no valid scenario and were skipped{first}", result.points.skipped));
    }
    console.result(&out)
}
