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
use ecsim::report::sweep as words;
use ecsim::result::sweep::{SweepPicture, SweepResult};
use ecsim::scenario::Loaded;
use ecsim::simulate::load_traces;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::console::Console;
use super::disk::Disk;
use super::document::Render::{Bytes, Streamed, Text};
use super::document::{Document, Form, Table, Warnings, Words, json};
use super::journal::{Identity, Journal};
use super::output_args::{OutputArgs, ThreadArgs};
use super::outputs::{Outputs, failure};
use super::run::files_of;
use super::scenario_args::ScenarioArgs;
use super::{Done, Format};

/// The exit code of a process that Ctrl-C has ended, as shells count: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;
/// The endings of outputs that have a row for each point.
const CSV: &str = ".csv";
const JSON_LINES: &str = ".jsonl";

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
    #[command(flatten)]
    output: OutputArgs<Swept>,
    #[command(flatten)]
    threads: ThreadArgs,
}

/// Runs the command.
pub fn run(args: &SweepArgs, console: &Console) -> Result<Done, Error> {
    let outputs = args.output.check("sweep", [args.scenario.scenario.as_str()])?;
    let axes = axes(&args.vary)?;
    let points = args.scenario.points(console)?;
    let loaded = points.loaded();
    outputs.refuse_inputs(files_of(loaded))?;
    check_axes(args, &axes, &points)?;
    let design = Design::new(axes, args.sample, loaded.scenario.simulation.seed, args.shard.unwrap_or(Shard::WHOLE))?;
    let columns = Columns::new(design.axes(), services(&points, design.axes()));
    check_service(args.service.as_deref(), &columns)?;
    let identity = identity(args, &points, &design)?;
    let first = outputs.iter().next();
    let journal = first.map(|first| Journal::open(&first.target, &identity, args.restart)).transpose()?;
    let outputs = outputs.streamed_first();

    let survey = Survey::new(&design, &columns, args.service.as_deref(), !loaded.scenario.thresholds.is_empty());
    let mut teller = Teller::new(args, console, &columns, journal, &outputs, survey, &design)?;
    let pool = args.threads.pool()?;
    sweep(&points, &design, &columns, &pool, &mut teller)?;
    teller.bar.finish_and_clear();

    let (result, picture) = teller.survey.finish(&loaded.scenario);
    let swept = Swept { result, picture };
    let result = &swept.result;
    // A shard may hold none of the valid points; the whole tells whether there are any.
    if result.points.run == 0 && result.points.skipped > 0 && args.shard.is_none_or(|shard| shard == Shard::WHOLE) {
        teller.journal.map_or(Ok(()), Journal::remove)?;
        return Err(all_skipped(result));
    }
    outputs.write(&swept, &pool)?;
    if let Some(journal) = teller.journal {
        journal.remove()?;
    }
    args.output.print(&swept, console)?;
    if args.output.format == Format::Csv && result.points.skipped > 0 {
        let first = result.skipped.first().map(|skipped| format!(", the first one because {}", skipped.reason)).unwrap_or_default();
        console.warn(&format!("{} points are no valid scenario and were skipped{first}", result.points.skipped));
    }
    outputs.note(console);
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
    ending: &'static str,
}

impl RowFile {
    fn write(&mut self, text: &[u8]) -> Result<(), Error> {
        self.file.write_all(text).map_err(|error| failure(&self.name, &error, "make room; the same command goes on from there"))
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
        outputs: &Outputs<Swept>,
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
        for output in outputs.iter().filter(|output| output.is_streamed()) {
            let created = File::create(&output.target);
            let file = created.map_err(|error| failure(&output.name, &error, "choose a file in a folder that you may write to"))?;
            files.push(RowFile { file, name: output.name.clone(), ending: output.ending() });
        }
        let mut teller = Self {
            console,
            columns,
            journal,
            files,
            prints_rows: args.output.format == Format::Csv,
            survey,
            bar: progress_bar(console, design.len(), known, args.output.format == Format::Csv && std::io::stdout().is_terminal()),
            done,
        };
        // The heading of the whole stands in its first part, so that the parts follow one another.
        if design.shard().number == 1 {
            teller.tell_csv(&words::csv_heading(columns.names())?)?;
        }
        Ok(teller)
    }

    fn tell_csv(&mut self, line: &[u8]) -> Result<(), Error> {
        for file in self.files.iter_mut().filter(|file| file.ending == CSV) {
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
            if self.files.iter().any(|file| file.ending == JSON_LINES) {
                let line = words::json_line(self.columns.names(), row)?;
                self.files.iter_mut().filter(|file| file.ending == JSON_LINES).try_for_each(|file| file.write(&line))?;
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

/// What a sweep has found, and what its pictures show besides.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
struct Swept {
    result: SweepResult,
    #[serde(skip)]
    picture: SweepPicture,
}

impl Document for Swept {
    const TABLE: Table<Self> = |swept, width, colours| Ok(words::table(&swept.result, width, colours));
    const MARKDOWN: Words<Self> = |swept| Ok(words::markdown(&swept.result));
    /// Nothing: the rows are printed while the sweep goes on.
    const CSV: Words<Self> = |_| Ok(String::new());
    const WARNINGS: Warnings<Self> = |swept| &swept.result.warnings;
    const FORMAT_HELP: &'static str = "What standard output shows; csv: a row for each point";
    const FORMS: &'static [Form<Self>] = &[
        Form(CSV, "a row for each point", Streamed),
        Form(JSON_LINES, "a row for each point", Streamed),
        Form(".json", "what was found", Bytes(json)),
        Form(".svg", "pictures", Text(|swept| sweep_svg(&swept.result, &swept.picture))),
        Form(".png", "pictures", Bytes(|swept| sweep_png(&swept.result, &swept.picture))),
        Form(".md", "", Text(Self::MARKDOWN)),
    ];
}
