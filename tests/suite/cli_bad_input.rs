//! What is wrong is told with its place, what is allowed and how to mend it; the exit code is 1 for bad
//! input and 2 for wrong usage.

use super::command_line::{Ended, Folder, SMALL};

fn run(scenario: &str) -> Ended {
    Folder::new().ecsim_reads(scenario, &["run", "-"]).code(1)
}

fn with(old: &str, new: &str) -> String {
    assert!(SMALL.contains(old), "{old}");
    SMALL.replace(old, new)
}

#[test]
fn a_missing_scenario_is_named_with_a_remedy() {
    for command in ["run", "estimate", "check"] {
        let ended = Folder::new().ecsim(&[command, "missing.yaml"]).code(1);
        ended.says(&["error: missing.yaml: cannot be read: there is no such file or folder", "ecsim init"]);
    }
}

#[test]
fn a_folder_is_no_scenario() {
    Folder::new().ecsim(&["run", "."]).code(1).says(&["it is a folder", "name the scenario file in it"]);
}

#[test]
fn an_empty_or_broken_document_is_placed() {
    run("").says(&["standard input", "empty"]);
    run("version: 1\nservices: [\n").says(&["standard input:3", "not valid YAML"]);
    let folder = Folder::new();
    folder.put("bad.json", "{\"version\": 1,\n \"services\": }");
    folder.ecsim(&["run", "bad.json"]).code(1).says(&["bad.json:2:14", "not valid JSON"]);
}

#[test]
fn an_unknown_key_is_named_with_line_and_the_nearest_key() {
    run(&with("desired_count: 2", "desird_count: 2")).says(&["standard input:8:5", "desird_count", "did you mean `desired_count`?"]);
}

/// AWS's documentation of Fargate: 256 CPU units go with 512, 1024 or 2048 MiB.
#[test]
fn cpu_and_memory_that_fargate_does_not_pair_are_refused() {
    run(&with("memory: 512", "memory: 4096")).says(&["services.app.task_definition.memory", "4096", "512, 1024, 2048"]);
}

#[test]
fn a_minimum_above_the_maximum_is_refused() {
    run(&with("desired_count: 2", "scaling: {min_capacity: 5, max_capacity: 2}")).says(&["max_capacity 2 is below min_capacity 5"]);
}

#[test]
fn only_one_provider_has_a_base() {
    let strategy =
        "capacity_provider_strategy: [{capacity_provider: FARGATE, base: 2}, {capacity_provider: FARGATE_SPOT, base: 1, weight: 1}]";
    run(&with("desired_count: 2", strategy)).says(&["capacity_provider_strategy.FARGATE_SPOT.base", "`FARGATE` has a base already"]);
}

#[test]
fn all_faults_are_told_at_once_from_the_top_of_the_file_to_its_end() {
    let scenario =
        with("memory: 512", "memory: 4096").replace("desired_count: 2", "desird_count: 2").replace("constant: 5", "constant: -5");
    let ended = run(&scenario);
    let lines: Vec<&str> = ended.err.lines().map(|line| line.split(':').nth(2).unwrap_or_default()).collect();
    assert_eq!(lines, ["7", "8", "9"], "{}", ended.err);
}

#[test]
fn a_missing_price_is_named_and_an_override_mends_it() {
    let scenario = with("us-east-1", "us-west-2").replace("    desired_count: 2", "    load_balancer: {load_balancer_type: application}");
    let folder = Folder::new();
    for command in ["run", "estimate", "check"] {
        let ended = folder.ecsim_reads(&scenario, &[command, "-"]).code(1);
        ended.says(&["`alb.hour`", "`alb.lcu_hour`", "region us-west-2", "pricing.overrides"]);
    }
    let overrides = ["--set", "pricing.overrides.alb.hour=0.0225", "--set", "pricing.overrides.alb.lcu_hour=0.008"];
    folder.ecsim_reads(&scenario, &[["run", "-"].as_slice(), &overrides].concat()).code(0);
    let unknown = ["run", "-", "--set", "pricing.overrides.alb.houer=1"];
    folder.ecsim_reads(&scenario, &unknown).code(1).says(&["alb.houer"]);
}

#[test]
fn an_unknown_region_names_the_nearest_or_all_known() {
    run(&with("us-east-1", "us-esat-1")).says(&["standard input:3:9: region", "`us-esat-1`", "did you mean `us-east-1`?"]);
    run(&with("us-east-1", "mars")).says(&["`mars`", "us-east-1", "eu-central-1"]);
}

#[test]
fn a_missing_trace_is_named() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("shop")).unwrap();
    folder.put("shop/s.yaml", &with("constant: 5", "trace: {file: load.csv, column: rps}"));
    for command in ["run", "estimate", "check"] {
        let ended = folder.ecsim(&[command, "shop/s.yaml"]).code(1);
        ended.says(&["shop/load.csv: the trace cannot be read: there is no such file or folder", "relative to the folder"]);
    }
}

#[test]
fn a_wrong_line_of_a_trace_is_named() {
    let folder = Folder::new();
    folder.put("s.yaml", &with("constant: 5", "trace: {file: load.csv, column: rps}"));
    folder.put("load.csv", "time,rps\n2026-01-05T00:00:00Z,5\n2026-01-05T00:01:00Z,many\n2026-01-05T00:02:00Z,6\n");
    folder.ecsim(&["run", "s.yaml"]).code(1).says(&["load.csv:3: ", "`many`"]);
    folder.put("load.csv", "time,rpm\n2026-01-05T00:00:00Z,5\n2026-01-05T00:01:00Z,6\n");
    folder.ecsim(&["run", "s.yaml"]).code(1).says(&["load.csv:1: ", "`rps`", "did you mean `rpm`?"]);
}

#[test]
fn standard_input_holds_one_document() {
    run(&with("constant: 5", "trace: {file: \"-\", column: rps}")).says(&["standard input holds the scenario alone"]);
}

#[test]
fn an_unknown_variant_lists_the_known() {
    let folder = Folder::with_small();
    folder.ecsim(&["run", "small.yaml", "--variant", "large"]).code(1).says(&[
        "no variant `large`",
        "did you mean `larger`?",
        "larger, smaller",
    ]);
}

#[test]
fn a_wrong_setting_is_named_as_it_was_typed() {
    let folder = Folder::with_small();
    let set = |text: &str| folder.ecsim(&["run", "small.yaml", "--set", text]).code(1);
    set("services.app").says(&["error: --set services.app: expected PATH=VALUE"]);
    set("services.app.desird_count=4").says(&["error: --set services.app.desird_count: unknown key", "`desired_count`"]);
    set("services.app.desired_count=many").says(&["error: --set services.app.desired_count: found `many`"]);
    set("services.web.desired_count=4").says(&["error: --set services.web.desired_count: there is no `web`", "app"]);
}

#[test]
fn a_threshold_on_no_figure_names_near_ones() {
    let ended = Folder::with_small().ecsim(&["run", "small.yaml", "--set", "thresholds=[montly_cost < 1]"]).code(1);
    ended.says(&["montly_cost", "monthly_cost"]);
}

#[test]
fn wishes_that_are_not_modelled_are_refused_by_name() {
    let folder = Folder::with_small();
    let refuse = |flags: &[&str], parts: &[&str]| {
        folder.ecsim(&[["run", "small.yaml"].as_slice(), flags].concat()).code(1).says(parts);
    };
    refuse(
        &["--set", "services.app.launch_type=EC2"],
        &["services.app.launch_type: not modelled yet: launch types other than FARGATE", "use launch_type: FARGATE"],
    );
    refuse(
        &["--set", "services.app.workload.retries.max=3"],
        &["not modelled yet: clients that retry at fidelity fluid", "fidelity: request"],
    );
}

#[test]
fn replications_are_at_least_one_and_not_without_end() {
    let folder = Folder::with_small();
    for count in ["0", "10001"] {
        folder.ecsim(&["run", "small.yaml", "--replications", count]).code(1).says(&["error: --replications: ", count]);
    }
    folder.ecsim(&["run", "small.yaml", "--fidelity", "fluid", "--replications", "1"]).code(0);
}

#[test]
fn wrong_usage_gives_exit_code_2() {
    let folder = Folder::with_small();
    for arguments in [
        vec![],
        vec!["run"],
        vec!["fly"],
        vec!["run", "small.yaml", "--no-such-flag"],
        vec!["run", "small.yaml", "--threads", "0"],
        vec!["run", "small.yaml", "--threads", "many"],
        vec!["run", "small.yaml", "--seed", "-1"],
        vec!["run", "small.yaml", "--fidelity", "exact"],
        vec!["run", "small.yaml", "--format", "xml"],
        vec!["run", "small.yaml", "--fail-on", "never"],
        vec!["check", "small.yaml", "--format", "csv"],
        vec!["schema"],
        vec!["schema", "trace"],
        vec!["pricing"],
        vec!["completions", "cmd"],
        vec!["init", "--template", "lambda"],
    ] {
        let ended = folder.ecsim(&arguments).code(2);
        assert!(ended.out.is_empty() && !ended.err.is_empty(), "{arguments:?}: {}", ended.out);
    }
    assert_eq!(folder.names(), ["small.yaml"]);
}
