//! `ecsim sweep`: rows in the order of the grid, whatever the threads, the shards and the interruptions.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::command_line::{Folder, SMALL};

/// 6 counts of tasks by 4 sizes, of which 512/16 is no size of Fargate.
const GRID: &[&str] = &[
    "sweep",
    "small.yaml",
    "--vary",
    "services.app.desired_count=2..7",
    "--vary",
    "services.app.task_definition.cpu,services.app.task_definition.memory=256/512,512/1024,1024/2048,512/16",
];

/// Makes points that take long enough to be interrupted: 216,000 requests each, one by one.
const SLOW: &[&str] = &["--fidelity", "request", "--set", "services.app.traffic.constant=20", "--set", "simulation.duration=3h"];

fn with<'a>(arguments: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [arguments, more].concat()
}

/// The rows of a file as text, without the heading.
fn rows(folder: &Folder, name: &str) -> Vec<String> {
    String::from_utf8(folder.bytes(name)).unwrap().lines().skip(1).map(ToOwned::to_owned).collect()
}

fn column(folder: &Folder, name: &str, column: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_path(folder.path().join(name)).unwrap();
    let place = reader.headers().unwrap().iter().position(|title| title == column).unwrap_or_else(|| panic!("{column}"));
    reader.records().map(|record| record.unwrap()[place].to_owned()).collect()
}

/// By hand: task-hours are tasks times two hours, and 730 hours of 0.25 vCPU and 0.5 GB cost 730 (0.25 x 0.04048 + 0.5 x
/// 0.004445) = $9.01 for each task (the prices of us-east-1).
#[test]
fn each_point_of_the_grid_is_a_row_with_its_figures() {
    let folder = Folder::with_small();
    folder
        .ecsim(&["sweep", "small.yaml", "--vary", "services.app.desired_count=2..4", "--vary", "simulation.seed=5,6", "-o", "rows.csv"])
        .code(0);
    let of = |name: &str| column(&folder, "rows.csv", name);
    assert_eq!(of("index"), ["1", "2", "3", "4", "5", "6"]);
    assert_eq!(of("services.app.desired_count"), ["2", "2", "3", "3", "4", "4"], "the first axis is the outer loop");
    assert_eq!(of("simulation.seed"), ["5", "6", "5", "6", "5", "6"]);
    assert_eq!(of("services.app.task_hours"), ["4", "4", "6", "6", "8", "8"]);
    assert_eq!(of("monthly_cost"), ["18.02", "18.02", "27.03", "27.03", "36.04", "36.04"]);
    assert_eq!(folder.names(), ["rows.csv", "small.yaml"], "the journal goes when the sweep is done");
}

#[test]
fn a_row_has_the_figures_of_the_run_it_stands_for() {
    let folder = Folder::with_small();
    folder.ecsim(&["sweep", "small.yaml", "--vary", "variant=smaller,larger", "-o", "rows.jsonl"]).code(0);
    let text = String::from_utf8(folder.bytes("rows.jsonl")).unwrap();
    for (line, variant) in text.lines().zip(["smaller", "larger"]) {
        let row: Value = serde_json::from_str(line).unwrap();
        let run = folder.ecsim(&["run", "small.yaml", "--variant", variant, "--format", "json"]).code(0).json();
        let service = &run["services"]["app"];
        assert_eq!(row["variant"], variant);
        assert_eq!(row["monthly_cost"], run["cost"]["monthly"]["mean"]);
        assert_eq!(row["services.app.availability"], service["requests"]["availability"]);
        let (of_row, of_run) = (row["services.app.latency_p99"].as_f64().unwrap(), service["latency_seconds"]["p99"].as_f64().unwrap());
        assert!((of_row / of_run - 1.0).abs() < 1e-5, "{of_row} is {of_run} with six digits");
    }
}

#[test]
fn threads_change_no_byte() {
    let folder = Folder::with_small();
    for threads in ["1", "2"] {
        let names = ["csv", "jsonl", "json", "svg"].map(|ending| format!("{threads}.{ending}"));
        let outputs: Vec<&str> = names.iter().flat_map(|name| ["-o", name]).collect();
        folder.ecsim(&with(&with(GRID, &["--threads", threads]), &outputs)).code(0);
    }
    for ending in ["csv", "jsonl", "json", "svg"] {
        assert!(folder.bytes(&format!("1.{ending}")) == folder.bytes(&format!("2.{ending}")), "{ending}");
    }
}

#[test]
fn the_outputs_of_shards_are_joined_by_cat() {
    let folder = Folder::with_small();
    let sweep = ["sweep", "small.yaml", "--vary", "services.app.desired_count=1..7"];
    for sample in [&[][..], &["--sample", "5"]] {
        let sweep = with(&sweep, sample);
        folder.ecsim(&with(&sweep, &["-o", "whole.csv", "-o", "whole.jsonl"])).code(0);
        let (mut csv, mut jsonl) = (Vec::new(), Vec::new());
        for shard in ["1/3", "2/3", "3/3"] {
            folder.ecsim(&with(&sweep, &["--shard", shard, "-o", "part.csv", "-o", "part.jsonl"])).code(0);
            csv.extend(folder.bytes("part.csv"));
            jsonl.extend(folder.bytes("part.jsonl"));
        }
        assert!(csv == folder.bytes("whole.csv") && jsonl == folder.bytes("whole.jsonl"), "{sample:?}");
    }
}

/// The lines that the journal of `a.csv` has so far.
fn journal_lines(folder: &Folder) -> usize {
    std::fs::read(folder.path().join("a.csv.journal")).map_or(0, |bytes| bytes.iter().filter(|byte| **byte == b'\n').count())
}

/// Starts the slow sweep and sends it a signal when some of its points are done.
#[cfg(target_os = "linux")]
fn interrupted(folder: &Folder, signal: &str) -> std::process::ExitStatus {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ecsim"));
    let arguments = [GRID, SLOW, &["--threads", "2", "-o", "a.csv", "-o", "a.json"]].concat();
    let mut sweep = command.current_dir(folder.path()).args(arguments).stderr(std::process::Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    while journal_lines(folder) < 5 {
        assert!(sweep.try_wait().unwrap().is_none(), "it ended before it could be interrupted");
        assert!(began.elapsed() < Duration::from_secs(120), "no points within two minutes");
        std::thread::sleep(Duration::from_millis(2));
    }
    let killed = std::process::Command::new("kill").args([signal, &sweep.id().to_string()]).status().unwrap();
    assert!(killed.success());
    sweep.wait().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_sweep_goes_on_and_gives_the_same_bytes() {
    let folder = Folder::with_small();
    assert_eq!(interrupted(&folder, "-KILL").code(), None);
    let done = journal_lines(&folder) - 1;
    assert!((4..24).contains(&done), "{done} points");
    // A process that dies while it writes leaves half a line.
    let mut journal = folder.bytes("a.csv.journal");
    journal.extend_from_slice(b"{\"index\":23,\"row\":[23,7");
    std::fs::write(folder.path().join("a.csv.journal"), journal).unwrap();
    let resumed = folder.ecsim(&[GRID, SLOW, &["-o", "a.csv", "-o", "a.json"]].concat()).code(0);
    assert!(resumed.err.contains(&format!("goes on: {done} of 24 points are done")), "{}", resumed.err);
    folder.ecsim(&[GRID, SLOW, &["--threads", "1", "-o", "b.csv", "-o", "b.json"]].concat()).code(0);
    assert!(folder.bytes("a.csv") == folder.bytes("b.csv"), "rows");
    assert!(folder.bytes("a.json") == folder.bytes("b.json"), "what was found");
    assert_eq!(rows(&folder, "a.csv").len(), 18);
    assert!(!folder.names().contains(&"a.csv.journal".to_owned()));
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_ends_with_130_and_another_sweep_does_not_go_on_from_it() {
    let folder = Folder::with_small();
    assert_eq!(interrupted(&folder, "-INT").code(), Some(130));
    let done = journal_lines(&folder);
    let other = |more: &[&'static str], what: &str| {
        folder.ecsim(&[GRID, SLOW, more, &["-o", "a.csv"]].concat()).code(1).says(&["a.csv.journal", what, "--restart"]);
    };
    other(&["--seed", "9"], "another seed");
    other(&["--vary", "services.app.workload.cpu_time=1ms,2ms"], "other values of --vary");
    other(&["--sample", "3"], "other values of --vary, --sample or --shard");
    other(&["--set", "services.app.workload.concurrency=9"], "another scenario");
    folder.put("small.yaml", &SMALL.replace("mean: 20ms", "mean: 21ms"));
    other(&[], "another scenario, or one whose files have changed since");
    assert_eq!(journal_lines(&folder), done, "a refused sweep leaves the journal");
    folder.ecsim(&["sweep", "small.yaml", "--vary", "services.app.desired_count=1,2", "-o", "a.csv", "--restart"]).code(0);
    assert_eq!(rows(&folder, "a.csv").len(), 2);
}

/// By hand: 6 counts by 4 sizes, of which 512/16 is no size of Fargate.
#[test]
fn impossible_points_are_skipped_and_counted() {
    let folder = Folder::with_small();
    let found = folder.ecsim(&with(GRID, &["--format", "json", "-o", "rows.csv"])).code(0).json();
    assert_eq!((&found["points"]["chosen"], &found["points"]["run"], &found["points"]["skipped"]), (&24.into(), &18.into(), &6.into()));
    assert_eq!(found["skipped"][0]["index"], 4);
    assert_eq!(found["skipped"].as_array().unwrap().len(), 1, "the reason of all six is the same");
    let reason = found["skipped"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("services.app.task_definition.memory") && reason.contains("16"), "{reason}");
    let numbers = column(&folder, "rows.csv", "index");
    assert_eq!(numbers[..4], ["1", "2", "3", "5"], "rows keep the numbers of the grid");
    let none = ["sweep", "small.yaml", "--vary", "services.app.task_definition.memory=1,2", "-o", "none.csv"];
    folder.ecsim(&none).code(1).says(&["point 1:", "no point of the sweep is a valid scenario"]);
    assert!(!folder.names().contains(&"none.csv.journal".to_owned()));
    // The same points in a shard of a sweep that has others.
    let shard = ["sweep", "small.yaml", "--vary", "services.app.task_definition.memory=1,1024", "--shard", "1/2", "--format", "json"];
    let found = folder.ecsim(&shard).code(0).json();
    assert_eq!((&found["points"]["run"], &found["points"]["skipped"]), (&0.into(), &1.into()));
}

#[test]
fn what_exists_nowhere_is_an_error_that_names_the_nearest() {
    let folder = Folder::with_small();
    for (vary, says) in [
        ("services.app.desird_count=1,2", "did you mean `desired_count`?"),
        ("services.ap.desired_count=1,2", "did you mean `app`?"),
        ("variant=largr,smaller", "did you mean `larger`?"),
        ("services.app.desired_count", "expected PATH=VALUES"),
        ("services.app.desired_count=4..2", "ends before it begins"),
    ] {
        folder.ecsim(&["sweep", "small.yaml", "--vary", vary]).code(1).says(&[says]);
    }
    let twice = ["--vary", "variant=larger,smaller", "--variant", "larger"];
    folder.ecsim(&with(&["sweep", "small.yaml"], &twice)).code(1).says(&["chosen by --variant as well"]);
    folder.ecsim(&["sweep", "small.yaml"]).code(2).says(&["--vary"]);
    folder.ecsim(&["sweep", "small.yaml", "--vary", "simulation.seed=1,2", "--shard", "3/2"]).code(2).says(&["I/N"]);
    folder.ecsim(&["sweep", "small.yaml", "--vary", "simulation.seed=1,2", "-o", "a.focus.csv"]).code(1).says(&["writes no .focus.csv"]);
    folder.ecsim(&["run", "small.yaml", "-o", "a.jsonl"]).code(1).says(&["writes no .jsonl"]);
}

#[test]
fn thresholds_decide_over_the_best_points_and_the_exit_code() {
    let folder = Folder::new();
    folder.put("small.yaml", &format!("{SMALL}thresholds: [monthly_cost > 20]\n"));
    let sweep = ["sweep", "small.yaml", "--format", "json", "--vary"];
    let found = folder.ecsim(&with(&sweep, &["services.app.desired_count=2..4"])).code(0).json();
    assert_eq!(found["points"]["meeting_thresholds"], 2);
    let best: Vec<&Value> = found["best"].as_array().unwrap().iter().map(|row| &row[1]).collect();
    assert_eq!(best, [3, 4], "cheapest first; two tasks cost $18.02");
    folder.ecsim(&with(&sweep, &["services.app.desired_count=1,2"])).code(3);
}

#[test]
fn rows_go_to_standard_output_and_a_pipe_has_no_progress_bar() {
    let folder = Folder::with_small();
    let sweep = ["sweep", "small.yaml", "--vary", "services.app.desired_count=1,2", "--format", "csv", "-o", "rows.csv"];
    let ended = folder.ecsim(&sweep).code(0);
    assert_eq!(ended.out.as_bytes(), folder.bytes("rows.csv"));
    assert_eq!(ended.err, "wrote rows.csv\n");
    assert_eq!(folder.ecsim(&with(&sweep, &["-q"])).code(0).err, "");
}

#[test]
fn a_picture_shows_maps_front_and_effects() {
    let folder = Folder::with_small();
    folder.ecsim(&with(GRID, &["-o", "sweep.svg", "-o", "sweep.png"])).code(0);
    let svg = String::from_utf8(folder.bytes("sweep.svg")).unwrap();
    for text in [
        "US dollars a month",
        "p99 latency",
        "desired_count",
        "Pareto front",
        "How much each matters",
        "512/16",
        "24 points, 18 run, 6 skipped",
    ] {
        assert!(svg.contains(text), "{text}");
    }
    assert!(folder.bytes("sweep.png").starts_with(b"\x89PNG\r\n"));
    let one = ["sweep", "small.yaml", "--vary", "services.app.desired_count=1..3", "-o", "one.svg"];
    folder.ecsim(&one).code(0);
    assert!(String::from_utf8(folder.bytes("one.svg")).unwrap().contains("desired_count"));
}
