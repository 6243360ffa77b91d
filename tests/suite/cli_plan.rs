//! `ecsim plan` as a user meets it.

use serde_json::Value;

use crate::command_line::Folder;

/// A service whose day is simulated in an instant.
const DAY: &str = "\
version: 1
name: day
region: us-east-1
simulation: {duration: 6h}
services:
  web app:
    task_definition: {cpu: 512, memory: 1024}
    desired_count: 3
    capacity_provider_strategy: [{capacity_provider: FARGATE, base: 1, weight: 1}, {capacity_provider: FARGATE_SPOT, weight: 1}]
    traffic: {pattern: {base: 10, peak: 40, period: 6h, peak_at: \"03:00\"}}
    workload: {cpu_time: {distribution: exponential, mean: 20ms}}
    scaling:
      min_capacity: 3
      max_capacity: 10
      policies:
        - {name: cpu, policy_type: TargetTrackingScaling, predefined_metric_type: ECSServiceAverageCPUUtilization, target_value: 40}
        - {name: requests, policy_type: TargetTrackingScaling, predefined_metric_type: ALBRequestCountPerTarget, target_value: 600}
    load_balancer: {load_balancer_type: application}
thresholds: ['services.web app.latency_seconds.p99 < 500ms', 'services.web app.requests.availability >= 99.9%', monthly_cost < 200]
";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.put("day.yaml", &DAY.replace("web app", "web"));
    folder
}

const QUICK: [&str; 4] = ["--max-runs", "300", "--replications", "3"];

fn plan(folder: &Folder, more: &[&str]) -> crate::command_line::Ended {
    folder.ecsim(&[&["plan", "day.yaml"], &QUICK[..], more].concat())
}

#[test]
fn the_answer_is_cheaper_and_meets_the_thresholds() {
    let folder = folder();
    let result = plan(&folder, &["--format", "json"]).code(0).json();
    let amount = |side: &str| result[side]["monthly_cost"].as_str().unwrap().parse::<f64>().unwrap();
    assert!(amount("chosen") < amount("current"), "{} and {}", amount("chosen"), amount("current"));
    assert_eq!((&result["meets"], &result["chosen"]["risk"]["failed"]), (&Value::Bool(true), &Value::from(0)));
    let runner_up = &result["runner_up"];
    assert!(amount("runner_up") >= amount("chosen"), "{runner_up}");
    for threshold in result["chosen"]["thresholds"].as_array().unwrap() {
        assert_eq!(threshold["ok"], Value::Bool(true), "{threshold}");
    }
    let words: Vec<&str> = result["space"].as_array().unwrap().iter().map(|axis| axis["word"].as_str().unwrap()).collect();
    for word in ["size", "min-capacity", "max-capacity", "target", "cooldowns", "policies", "base", "spot"] {
        assert!(words.contains(&word), "{word} in {words:?}");
    }
}

/// Which policies act is no value at a path, so they are held.
#[test]
fn what_the_answer_sets_gives_the_cost_that_it_states() {
    let folder = folder();
    let result = plan(&folder, &["--format", "json", "--hold", "policies"]).code(0).json();
    assert_eq!(result["services"][0]["removed_policies"], serde_json::json!([]));
    let changes = result["chosen"]["changes"].as_array().unwrap();
    let settings = changes.iter().flat_map(|change| change["settings"].as_array().unwrap());
    let sets: Vec<&str> = settings.flat_map(|set| ["--set", set.as_str().unwrap()]).collect();
    assert!(!sets.is_empty(), "{result}");
    let run = folder.ecsim(&[&["run", "day.yaml", "--format", "json"], &sets[..]].concat()).code(0).json();
    assert_eq!(run["cost"]["monthly"]["mean"], result["chosen"]["monthly_cost"]);
}

/// Six hours are searched and confirmed whole, request by request: nothing is said of a busiest day.
#[test]
fn a_short_window_is_told_as_what_it_is() {
    let folder = folder();
    let ended = plan(&folder, &["-o", "plan.json"]).code(0);
    let words = ended.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("Each replication is the whole window request by request."), "{words}");
    assert!(words.contains(" runs of the whole window, "), "{words}");
    assert!(!words.contains("busiest") && !words.contains("Busiest"), "{words}");
    let result: Value = serde_json::from_slice(&folder.bytes("plan.json")).unwrap();
    assert_eq!(result["confirmed_by"], serde_json::json!([{"part": "window", "hours": 6, "fidelity": "request"}]));
    assert_eq!(result["stretch"], Value::Null);
}

/// The same file that `sweep` cannot read: it says nothing about the configurations.
#[test]
fn a_file_that_cannot_be_read_is_an_error_and_no_impossible_configuration() {
    let folder = folder();
    folder.put("td.json", r#"{"cpu": "512", "memory": "1024"}"#);
    let vary = ["--vary", "services.web.task_definition.file=td.json,missing.json"];
    folder.ecsim(&[&["plan", "day.yaml"], &QUICK[..], &vary].concat()).code(1).says(&["missing.json"]);
    folder.ecsim(&[&["sweep", "day.yaml"], &vary[..]].concat()).code(1).says(&["missing.json"]);
}

#[test]
fn warnings_stand_in_the_document_and_ignored_keys_are_told_on_request() {
    let folder = Folder::new();
    folder.put("day.yaml", &DAY.replace("web app", "web").replace("{cpu: 512,", "{family: day, cpu: 512,"));
    let ended = plan(&folder, &["--confidence", "55%", "--format", "json"]);
    let told = "3 replications cannot show a confidence of 55 %: that takes 6 without a failure";
    assert!(ended.json()["warnings"].to_string().contains(told), "{}", ended.out);
    assert_eq!(ended.err.matches(told).count(), 1, "{}", ended.err);
    let note = "read, and of no effect on capacity or cost";
    assert!(!ended.err.contains(note), "{}", ended.err);
    plan(&folder, &["-v"]).code(0).says(&["services.web.task_definition.family", note]);
    let vary = ["--vary", "services.web.desired_count=3,4"];
    folder.ecsim(&[&["sweep", "day.yaml", "-v"], &vary[..]].concat()).says(&["services.web.task_definition.family", note]);
}

#[test]
fn threads_change_no_byte() {
    let folder = folder();
    let on = |threads: &str| plan(&folder, &["--format", "json", "--threads", threads]).code(0).out;
    assert_eq!(on("1"), on("3"));
}

#[test]
fn out_of_reach_is_exit_code_3_and_says_by_how_much() {
    let folder = folder();
    let ended = plan(&folder, &["--threshold", "monthly_cost < $1", "-o", "plan.tf"]).code(3);
    assert!(ended.out.contains("No configuration that was tried meets the thresholds"), "{}", ended.out);
    assert!(ended.out.contains("The best found misses monthly_cost < $1: $"), "{}", ended.out);
    assert!(ended.out.contains("beyond the bound by"), "{}", ended.out);
    let file = String::from_utf8(folder.bytes("plan.tf")).unwrap();
    assert!(file.contains("It does NOT meet its thresholds"), "{file}");
}

#[test]
fn without_thresholds_there_is_a_remedy() {
    let folder = Folder::with_small();
    folder.ecsim(&["plan", "small.yaml"]).code(1).says(&["has no threshold", "--threshold 'services.app.latency_p99 < 300ms'"]);
    let quick = ["plan", "small.yaml", "--threshold", "services.app.latency_p99 < 300ms", "--replications", "2", "--max-runs", "60"];
    let ended = folder.ecsim(&quick).code(0);
    assert!(ended.out.contains("app has no scaling, so only its desired count is varied"), "{}", ended.out);
}

#[test]
fn what_is_held_stays_and_what_is_varied_is_named() {
    let folder = folder();
    let target = "services.web.scaling.policies.cpu.target_value";
    let result = plan(&folder, &["--format", "json", "--hold", "size,spot,base", "--vary", &format!("{target}=40,45")]).code(0).json();
    let space = result["space"].as_array().unwrap();
    let axis = space.iter().find(|axis| axis["paths"][0] == target).unwrap();
    assert_eq!((&axis["values"], &axis["current"]), (&serde_json::json!(["40", "45"]), &Value::from("40")));
    assert!(space.iter().all(|axis| axis["word"] != "size" && axis["word"] != "spot"), "{space:?}");
    assert!(result["held"].to_string().contains("size is held by --hold"), "{}", result["held"]);
    assert_eq!(result["services"][0]["cpu"], 512);
}

#[test]
fn wrong_wishes_are_refused_by_name() {
    let folder = folder();
    plan(&folder, &["--hold", "colour"]).code(1).says(&["--hold colour", "dimensions are size, architecture"]);
    plan(&folder, &["--vary", "variant=a,b"]).code(1).says(&["--vary variant=a,b", "--variant"]);
    plan(&folder, &["--threshold", "nonsense"]).code(1).says(&["--threshold", "nonsense"]);
    plan(&folder, &["--threshold", "monthly_cost.p90 < 9"]).code(1).says(&["quantile over replications", "--confidence"]);
    plan(&folder, &["--confidence", "100%"]).code(2).says(&["--confidence"]);
    plan(&folder, &["--arm", "0"]).code(1).says(&["--arm"]);
    plan(&folder, &["-o", "plan.png"]).code(2).says(&[".tf (Terraform)"]);
    plan(&folder, &["-o", "day.yaml"]).code(1).says(&["day.yaml: is an input of this run"]);
    assert_eq!(folder.names(), ["day.yaml"], "nothing was written");
}

#[test]
fn arm_competes_where_it_is_allowed_and_the_assumption_is_stated() {
    let folder = folder();
    let result = plan(&folder, &["--arm", "0.8", "--format", "json"]).code(0).json();
    assert_eq!(result["services"][0]["cpu_architecture"], "ARM64", "a fifth cheaper by the hour (AWS Fargate pricing) and faster");
    assert!(result["warnings"].to_string().contains("0.8 times the CPU time"), "{}", result["warnings"]);
    let without = plan(&folder, &["--format", "json"]).code(0).json();
    assert_eq!(without["services"][0]["cpu_architecture"], "X86_64");
}
