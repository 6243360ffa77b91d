//! The commands do what their help says: one test for each thing that a user relies on.

use serde_json::Value;

use super::command_line::{Folder, SMALL, at_root, shipped_scenarios};

fn run_json(folder: &Folder, more: &[&str]) -> Value {
    let mut arguments = vec!["run", "small.yaml", "--format", "json"];
    arguments.extend_from_slice(more);
    folder.ecsim(&arguments).code(0).json()
}

#[test]
fn run_shows_a_table_with_the_cost_of_a_month() {
    let ended = Folder::with_small().ecsim(&["run", "small.yaml"]).code(0);
    // Two tasks of 0.25 vCPU and 0.5 GB in us-east-1, by AWS's prices of $0.04048 for a vCPU-hour and
    // $0.004445 for a GB-hour: 2 x 730 x (0.25 x 0.04048 + 0.5 x 0.004445) = 18.02 dollars.
    assert!(ended.out.contains("$18.02 a month"), "{}", ended.out);
    assert_eq!(ended.err, "");
}

#[test]
fn every_format_of_run_has_its_own_form() {
    let folder = Folder::with_small();
    let form = |format: &str| folder.ecsim(&["run", "small.yaml", "--format", format]).code(0).out;
    assert!(form("table").starts_with("small\n"));
    let json: Value = serde_json::from_str(&form("json")).unwrap();
    assert_eq!(json["scenario"], "small");
    let csv = form("csv");
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    assert!(rows.headers().unwrap().iter().any(|name| name == "monthly_cost"), "{csv}");
    assert!(rows.records().all(|row| row.is_ok()));
    assert!(form("markdown").lines().any(|line| line.starts_with('#')));
}

#[test]
fn estimate_prices_the_smallest_desired_and_largest_capacity() {
    let folder = Folder::with_small();
    let bounds = "services.app.scaling={min_capacity: 1, max_capacity: 4}";
    let ended = folder.ecsim(&["estimate", "small.yaml", "--set", bounds, "--format", "json"]).code(0);
    let json = ended.json();
    let monthly: Vec<&str> =
        json["levels"].as_array().unwrap().iter().map(|level| level["cost"]["monthly"]["mean"].as_str().unwrap()).collect();
    // 730 x (0.25 x 0.04048 + 0.5 x 0.004445) = 9.010025 dollars for each task.
    assert_eq!(monthly, ["9.01", "18.02", "36.04"]);
    // 4 x 730 x 0.25 x 0.04048 = 29.5504 dollars of them are vCPU.
    for (format, figure) in [("table", "36.04"), ("markdown", "36.04"), ("csv", "29.550400")] {
        let shown = folder.ecsim(&["estimate", "small.yaml", "--set", bounds, "--format", format]).code(0).out;
        assert!(shown.contains(figure), "{shown}");
    }
}

#[test]
fn check_says_that_a_scenario_is_valid_and_gives_advice() {
    let folder = Folder::with_small();
    let shown = folder.ecsim(&["check", "small.yaml"]).code(0).out;
    assert!(shown.contains("small.yaml is valid"), "{shown}");
    let json = folder.ecsim(&["check", "small.yaml", "--format", "json"]).code(0).json();
    assert_eq!(json["valid"], true);
}

#[test]
fn check_as_json_names_each_fault_with_its_place() {
    let folder = Folder::new();
    let json =
        folder.ecsim_reads(&SMALL.replace("desired_count: 2", "desird_count: 2"), &["check", "-", "--format", "json"]).code(1).json();
    assert_eq!(json["valid"], false);
    assert_eq!((&json["faults"][0]["file"], &json["faults"][0]["line"]), (&Value::from("-"), &Value::from(8)));
    assert_eq!(json["faults"][0]["path"], "services.app.desird_count");
}

#[test]
fn a_scenario_is_read_from_standard_input() {
    let folder = Folder::with_small();
    let from_file = folder.ecsim(&["run", "small.yaml", "--format", "csv"]).code(0);
    for command in ["run", "estimate", "check"] {
        folder.ecsim_reads(SMALL, &[command, "-"]).code(0);
    }
    assert_eq!(folder.ecsim_reads(SMALL, &["run", "-", "--format", "csv"]).code(0).out, from_file.out);
}

#[test]
fn init_prints_a_command_that_works() {
    for template in ["web", "spot-mix", "ec2"] {
        let folder = Folder::new();
        let ended = folder.ecsim(&["init", "--template", template]).code(0).says(&["wrote scenario.yaml"]);
        let words: Vec<&str> = ended.out.split_whitespace().collect();
        assert_eq!(words[0], "ecsim");
        folder.ecsim(&words[1..]).code(0);
        assert_eq!(folder.names(), ["out", "scenario.yaml"]);
    }
}

#[test]
fn init_replaces_a_file_only_by_force() {
    let folder = Folder::with_small();
    folder.ecsim(&["init", "-o", "small.yaml"]).code(1).says(&["small.yaml: cannot be written: it exists already", "--force"]);
    assert_eq!(folder.bytes("small.yaml"), SMALL.as_bytes());
    folder.ecsim(&["init", "-o", "small.yaml", "--force"]).code(0);
    assert_ne!(folder.bytes("small.yaml"), SMALL.as_bytes());
    assert_eq!(folder.names(), ["small.yaml"]);
}

#[test]
fn init_quotes_a_name_for_the_shell_and_makes_its_folder() {
    let folder = Folder::new();
    let ended = folder.ecsim(&["init", "-o", "new/my shop.yaml"]).code(0);
    assert!(ended.out.starts_with("ecsim run 'new/my shop.yaml' -o"), "{}", ended.out);
    let printed = folder.ecsim(&["init", "-o", "-"]).code(0).out;
    assert_eq!(printed.as_bytes(), folder.bytes("new/my shop.yaml"));
}

#[test]
fn the_json_of_every_command_follows_its_schema() {
    let folder = Folder::with_small();
    for (command, document) in [("run", "result"), ("estimate", "estimate"), ("check", "check")] {
        let schema = folder.ecsim(&["schema", document]).code(0).json();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let found = folder.ecsim(&[command, "small.yaml", "--format", "json"]).code(0).json();
        let faults: Vec<String> = validator.iter_errors(&found).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{command}: {faults:?}");
        assert!(!validator.is_valid(&Value::from("no document")), "{document} takes anything");
    }
}

#[test]
fn every_shipped_scenario_is_valid_follows_the_schema_and_runs() {
    let schema = at_root(&["schema", "scenario"]).code(0).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let result_schema = at_root(&["schema", "result"]).code(0).json();
    let results = jsonschema::validator_for(&result_schema).unwrap();
    assert!(validator.is_valid(&serde_json::json!({"version": 1, "services": {"app": {
        "task_definition": {"cpu": 256, "memory": 512}, "traffic": {"constant": 5}, "workload": {"cpu_time": "20ms"}}}})));
    for scenario in shipped_scenarios() {
        at_root(&["check", &scenario]).code(0);
        at_root(&["estimate", &scenario]).code(0);
        let found = at_root(&["run", &scenario, "--format", "json"]).code(0).json();
        assert!(results.is_valid(&found), "{scenario}: {:?}", results.iter_errors(&found).next());
    }
}

#[test]
fn pricing_show_names_price_unit_source_and_date() {
    let folder = Folder::new();
    let shown = folder.ecsim(&["pricing", "show", "fargate.linux_x86.vcpu_hour"]).code(0).out;
    for part in ["fargate.linux_x86.vcpu_hour", "0.04048", "vCPU-hour", "2026-", "Sources", "AWS Price List"] {
        assert!(shown.contains(part), "`{part}` is not in {shown}");
    }
    let json = folder.ecsim(&["pricing", "show", "--format", "json", "alb.hour"]).code(0).json();
    assert_eq!((&json[0]["key"], &json[0]["usd"]), (&Value::from("alb.hour"), &Value::from("0.0225")));
    assert!(folder.ecsim(&["pricing", "show", "--format", "csv", "alb"]).code(0).out.starts_with("key,usd,unit"));
    assert!(folder.ecsim(&["pricing", "show", "--format", "markdown", "alb"]).code(0).out.starts_with('|'));
    folder.ecsim(&["pricing", "show", "no-such-thing"]).code(1).says(&["no price of us-east-1 matches `no-such-thing`"]);
    folder.ecsim(&["pricing", "show", "--region", "xx-1"]).code(1).says(&["`xx-1`", "eu-central-1"]);
}

#[test]
fn completions_are_made_for_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ended = Folder::new().ecsim(&["completions", shell]).code(0);
        assert!(ended.out.contains("estimate"), "{shell}");
    }
}

#[test]
fn every_help_has_an_example() {
    for command in [
        "",
        "run",
        "estimate",
        "compare",
        "explain",
        "check",
        "report",
        "init",
        "schema",
        "pricing",
        "pricing show",
        "pricing check",
        "pricing import",
        "completions",
    ] {
        let mut words: Vec<&str> = command.split_whitespace().collect();
        words.push("--help");
        let ended = Folder::new().ecsim(&words).code(0);
        let (_, examples) = ended.out.split_once("Example").unwrap_or_else(|| panic!("ecsim {command} --help has no example"));
        let named = format!("ecsim {command}");
        assert!(examples.contains(named.trim_end()), "{examples}");
    }
}

#[test]
fn set_changes_one_value() {
    let folder = Folder::with_small();
    let json = run_json(&folder, &["--set", "services.app.desired_count=3", "--set", "name=three"]);
    assert_eq!((&json["services"]["app"]["running_tasks"]["max"], &json["scenario"]), (&Value::from(3), &Value::from("three")));
}

#[test]
fn variants_are_applied_in_their_order() {
    let folder = Folder::with_small();
    let tasks = |variant: &str| {
        let json = run_json(&folder, &["--variant", variant]);
        assert_eq!(json["variant"], variant);
        json["services"]["app"]["running_tasks"]["max"].clone()
    };
    assert_eq!(tasks("larger"), 4);
    assert_eq!(tasks("smaller"), 1);
    assert_eq!(tasks("larger+smaller"), 1);
    assert_eq!(tasks("smaller+larger"), 4);
}

#[test]
fn the_seed_changes_figures_and_the_number_of_threads_does_not() {
    let folder = Folder::with_small();
    let figures = |more: &[&str]| run_json(&folder, more)["services"]["app"]["cpu_utilization"].clone();
    let one = run_json(&folder, &["--seed", "1", "--threads", "1"]);
    assert_eq!(one, run_json(&folder, &["--seed", "1", "--threads", "8"]));
    assert_eq!(one["seed"], 1);
    assert_ne!(figures(&["--seed", "2"]), figures(&["--seed", "3"]));
}

#[test]
fn results_do_not_depend_on_the_instructions_of_the_processor() {
    let folder = Folder::with_small();
    let arguments = ["run", "small.yaml", "--set", "simulation.duration=2d", "--format", "json"];
    let plain = folder.command(&arguments).output().unwrap();
    let old = folder.command(&arguments).env("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-FMA,-AVX2").output().unwrap();
    assert!(plain.status.success() && plain.stdout == old.stdout);
}

#[test]
fn quiet_keeps_to_results_and_verbose_tells_more() {
    let folder = Folder::new();
    folder.put("small.yaml", &SMALL.replace("memory: 512}", "memory: 512, family: shop}"));
    let notes = |flags: &[&str]| {
        let mut arguments = vec!["run", "small.yaml", "-o", "out.json"];
        arguments.extend_from_slice(flags);
        folder.ecsim(&arguments).code(0)
    };
    assert_eq!(notes(&["-q"]).err, "");
    assert_eq!(notes(&[]).err, "wrote out.json\n");
    let verbose = notes(&["-v"]).says(&["small.yaml:", "services.app.task_definition.family", "wrote out.json"]);
    assert_eq!(verbose.out, notes(&["-q"]).out);
    folder.ecsim(&["run", "small.yaml", "-q", "-v"]).code(2);
}

#[test]
fn a_pipe_gets_no_colours() {
    let folder = Folder::with_small();
    for arguments in [
        vec!["run", "small.yaml"],
        vec!["run", "small.yaml", "--no-color"],
        vec!["estimate", "small.yaml"],
        vec!["check", "small.yaml"],
        vec!["--help"],
    ] {
        let plain = folder.command(&arguments).output().unwrap();
        assert!(!plain.stdout.contains(&0x1b) && !plain.stderr.contains(&0x1b), "{arguments:?}");
        let unwanted = folder.command(&arguments).env("NO_COLOR", "1").output().unwrap();
        assert_eq!(plain.stdout, unwanted.stdout);
    }
    let error = folder.ecsim(&["run", "missing.yaml"]).code(1);
    assert!(!error.err.contains('\u{1b}'));
}

#[test]
fn a_failed_threshold_gives_exit_code_3_and_all_outputs() {
    let folder = Folder::with_small();
    let cost = "thresholds=[monthly_cost < 1]";
    let slo = "thresholds=[services.app.latency_p99 < 1ms]";
    let ended = folder.ecsim(&["run", "small.yaml", "--set", cost, "-o", "out.json"]).code(3);
    assert!(ended.out.contains("FAILED"), "{}", ended.out);
    let written: Value = serde_json::from_slice(&folder.bytes("out.json")).unwrap();
    assert_eq!(written["thresholds"][0]["ok"], false);
    for (fail_on, of_cost, of_slo) in [("any", 3, 3), ("budget", 3, 0), ("slo", 0, 3), ("none", 0, 0)] {
        folder.ecsim(&["run", "small.yaml", "--set", cost, "--fail-on", fail_on]).code(of_cost);
        folder.ecsim(&["run", "small.yaml", "--set", slo, "--fail-on", fail_on]).code(of_slo);
    }
    folder.ecsim(&["run", "small.yaml", "--set", "thresholds=[monthly_cost < 100]"]).code(0);
}
