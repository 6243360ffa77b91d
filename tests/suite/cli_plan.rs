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
    // What the answer sets gives the cost that it states.
    let sets: Vec<String> = result["chosen"]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|change| change["settings"].as_array().unwrap().clone())
        .map(|set| set.as_str().unwrap().to_owned())
        .collect();
    if result["services"][0]["removed_policies"].as_array().unwrap().is_empty() {
        let sets: Vec<&str> = sets.iter().flat_map(|set| ["--set", set.as_str()]).collect();
        let run = folder.ecsim(&[&["run", "day.yaml", "--format", "json"], &sets[..]].concat()).code(0).json();
        assert_eq!(run["cost"]["monthly"]["mean"], result["chosen"]["monthly_cost"]);
    }
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
