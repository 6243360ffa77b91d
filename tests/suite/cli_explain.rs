//! `ecsim explain`: why capacity did or did not change, from the datapoints to the first request of a new task.

use serde_json::Value;

use super::command_line::{Ended, Folder, SMALL, at_root};

/// A load that doubles on the minute. Two tasks of 0.25 vCPU serve 10 requests of 20 ms of CPU a second at 40 %, and 20 at
/// 80 %; three serve 20 at 53.3 %, which is below AlarmLow's 54.
const SURGE: &str = "\
version: 1
name: surge
region: us-east-1
simulation: {start: 2026-03-02T00:00:00Z, duration: 2h}
services:
  web:
    task_definition: {cpu: 256, memory: 512}
    desired_count: 2
    load_balancer: {load_balancer_type: application}
    traffic: {constant: 10, spikes: [{at: 30m, factor: 2, ramp: 0s, hold: 1h, decay: 0s}]}
    workload: {cpu_time: 20ms, wait_time: 0ms, idle_cpu: 0%, start_up: {provisioning: 15s, image_size: 300MB, pull_rate: 30MB, time: 10s}}
    scaling:
      min_capacity: 2
      max_capacity: 3
      policies:
        - {name: cpu, policy_type: TargetTrackingScaling, predefined_metric_type: ECSServiceAverageCPUUtilization, target_value: 60, scale_out_cooldown: 60, scale_in_cooldown: 300}
assumptions: {sampling_noise: false, metric_publication_delay: {resolution_60: 120s}}
variants:
  full: {services: {web: {scaling: {max_capacity: 2}}}}
";

/// A folder that holds [`SURGE`] as `surge.yaml`.
pub fn surge() -> Folder {
    let folder = Folder::new();
    folder.put("surge.yaml", SURGE);
    folder
}

fn explained(more: &[&str]) -> Ended {
    let mut arguments = vec!["explain", "surge.yaml"];
    arguments.extend_from_slice(more);
    surge().ecsim(&arguments)
}

fn json(more: &[&str]) -> Value {
    let mut arguments = vec!["--format", "json"];
    arguments.extend_from_slice(more);
    explained(&arguments).code(0).json()
}

/// The line that answers, which follows the title.
fn answer(ended: &Ended) -> String {
    ended.out.lines().skip(1).take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ").replace("   ", " ")
}

// The load rises at 00:30:00. AlarmHigh takes three minutes above 60, so those from 00:30, 00:31 and 00:32; a minute's
// datapoint is published two minutes after its end, so the last of them at 00:35:00.

#[test]
fn the_first_sentence_tells_why_it_did_not_scale() {
    let ended = explained(&["--at", "34m"]).code(0);
    let answer = answer(&ended);
    assert!(answer.starts_with("At 2026-03-02 00:34:00 UTC web did not scale: no policy asked for a change."), "{answer}");
    assert!(answer.contains("AlarmHigh is OK (2 of the 3 datapoints > 60 that it needs)"), "{answer}");
    assert_eq!(ended.err, "");
}

#[test]
fn the_first_sentence_tells_why_it_scaled() {
    // ceil(2 running x 80 / 60) = 3.
    let answer = answer(&explained(&["--at", "2026-03-02T00:35:00Z"]).code(0));
    assert!(answer.starts_with("At 2026-03-02 00:35:00 UTC web scaled out from 2 to 3 tasks: policy cpu wanted 3, because"), "{answer}");
    assert!(answer.contains("CPUUtilization Average was > 60 in 3 of the last 3 datapoints"), "{answer}");
    assert!(answer.contains("of 00:32:00, published 00:35:00"), "{answer}");
}

#[test]
fn a_time_between_two_datapoints_is_answered_by_the_one_before() {
    let answer = answer(&explained(&["--at", "2105s"]).code(0));
    assert!(answer.starts_with("At 2026-03-02 00:35:00 UTC, the last decision up to 2026-03-02 00:35:05, web scaled out"), "{answer}");
}

#[test]
fn a_full_service_is_told_by_the_reason_of_aws() {
    let document = json(&["--variant", "full", "--at", "35m"]);
    let decision = &document["decisions"][0];
    assert_eq!(decision["outcome"], "NotScaled");
    assert_eq!(decision["not_scaled_reasons"], serde_json::json!([{"Code": "AlreadyAtMaxCapacity", "MaxCapacity": 2}]));
    let answer = document["answer"].as_str().unwrap();
    assert!(answer.contains("did not scale: policy cpu wanted 3, and max_capacity is 2 (AlreadyAtMaxCapacity)"), "{answer}");
    assert_eq!(document["variant"], "full");
}

#[test]
fn before_the_first_datapoint_nothing_can_have_scaled() {
    let answer = answer(&explained(&["--at", "0s"]).code(0));
    assert!(answer.contains("no datapoint of its metrics had been published yet"), "{answer}");
}

#[test]
fn every_datapoint_has_the_time_at_which_it_was_published() {
    let document = json(&["--at", "35m"]);
    let alarm = &document["decisions"][0]["policies"][0]["alarms"][0];
    assert_eq!((&alarm["state"], &alarm["threshold"], &alarm["comparison"]), (&"ALARM".into(), &60.into(), &">".into()));
    let datapoints = alarm["datapoints"].as_array().unwrap();
    let seen: Vec<(&str, &str, bool)> = datapoints
        .iter()
        .map(|one| (one["start"].as_str().unwrap(), one["published"].as_str().unwrap(), one["breaches"].as_bool().unwrap()))
        .collect();
    let wanted = [
        ("2026-03-02T00:30:00Z", "2026-03-02T00:33:00Z", true),
        ("2026-03-02T00:31:00Z", "2026-03-02T00:34:00Z", true),
        ("2026-03-02T00:32:00Z", "2026-03-02T00:35:00Z", true),
    ];
    assert_eq!(seen[seen.len() - 3..], wanted);
    assert!(seen[..seen.len() - 3].iter().all(|(.., breaches)| !breaches), "{seen:?}");
}

#[test]
fn a_scale_out_is_told_step_by_step() {
    let document = json(&["--at", "35m"]);
    let scale_out = &document["scale_outs"][0];
    assert_eq!((&scale_out["decided"], &scale_out["complete"]), (&"2026-03-02T00:35:00Z".into(), &true.into()));
    let steps = scale_out["steps"].as_array().unwrap();
    let seconds = |name: &str| {
        let step = steps.iter().find(|step| step["name"].as_str().unwrap().contains(name));
        step.unwrap_or_else(|| panic!("no step {name} in {steps:?}"))["seconds"].as_f64().unwrap()
    };
    assert_eq!(seconds("load rises"), 0.0);
    assert_eq!(seconds("first datapoint that the alarm needs ends"), 60.0);
    assert_eq!(seconds("it is published"), 180.0);
    assert_eq!(seconds("last datapoint that the alarm needs"), 300.0);
    assert_eq!(seconds("desired count set"), 300.0);
    // Provisioning takes 15 s, 300 MB at 30 MB/s 10 s, the start of the application 10 s.
    let close =
        |from: &str, to: &str, wanted: f64| assert!((seconds(to) - seconds(from) - wanted).abs() < 0.01, "{from} to {to}: {steps:?}");
    close("task launched", "image pull begins", 15.0);
    close("image pull begins", "image pulled", 10.0);
    close("image pulled", "application ready", 10.0);
    assert!(seconds("first request") > seconds("application ready"));
    let sum: f64 = steps.iter().map(|step| step["step_seconds"].as_f64().unwrap()).sum();
    assert!((sum - seconds("first request")).abs() < 0.01, "the steps add up");
    assert_eq!(scale_out["seconds"].as_f64().unwrap(), seconds("first request"));
}

#[test]
fn the_scale_out_beside_a_time_is_the_next_one_and_else_the_last() {
    for at in ["10m", "110m"] {
        assert_eq!(json(&["--at", at])["scale_outs"][0]["decided"], "2026-03-02T00:35:00Z", "{at}");
    }
    assert!(explained(&["--at", "10m"]).code(0).out.contains("the next scale-out, 25m later"));
    assert!(explained(&["--at", "110m"]).code(0).out.contains("the last scale-out, 1h15m before"));
}

#[test]
fn without_a_time_every_change_and_every_vain_attempt_is_listed() {
    let document = json(&[]);
    let outcomes: Vec<&str> =
        document["decisions"].as_array().unwrap().iter().map(|decision| decision["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == "ScaledOut").count(), 1, "{outcomes:?}");
    // After the surge three tasks stand at 26.7 %: ceil(3 x 26.7 / 60) = 2.
    assert!(outcomes.contains(&"ScaledIn"), "{outcomes:?}");
    // A minute after the scale-out three tasks run, and AlarmHigh still sees the 80 % of two: ceil(3 x 80 / 60) = 4, of
    // which 3 are allowed. Then AlarmLow sees 53.3 % and wants ceil(3 x 53.3 / 60) = 3.
    for wanted in ["AlreadyAtMaxCapacity", "AutoScalingAnticipatedFlapping"] {
        let mut codes = document["decisions"].as_array().unwrap().iter().map(|decision| &decision["not_scaled_reasons"][0]["Code"]);
        assert!(codes.any(|code| code == wanted), "{wanted} in {outcomes:?}");
    }
    let table = explained(&[]).code(0).out;
    assert!(table.contains("web scaled out once and in "), "{table}");
    assert!(table.contains("2026-03-02 00:35:00  cpu") && table.contains("2 -> 3") && table.contains("the only scale-out"), "{table}");
}

#[test]
fn a_long_list_is_cut_and_tells_how_to_see_the_rest() {
    let short = at_root(&["explain", "scenarios/web-shop.yaml"]).code(0).out;
    let all = at_root(&["explain", "scenarios/web-shop.yaml", "--all"]).code(0).out;
    assert!(short.contains("more: --all shows them") && !all.contains("more: --all"), "{short}");
    let document = at_root(&["explain", "scenarios/web-shop.yaml", "--format", "json"]).code(0).json();
    let decisions = document["decisions"].as_array().unwrap().len();
    let rows = |text: &str| text.lines().filter(|line| line.contains(" -> ") && line.starts_with("1998-06-")).count();
    assert_eq!((rows(&short), rows(&all)), (20, decisions));
}

#[test]
fn a_time_outside_of_the_window_names_the_window() {
    for at in ["3h", "2026-03-03T00:00:00Z", "2026-03-01T23:59:59Z"] {
        explained(&["--at", at]).code(1).says(&["outside of the window", "2026-03-02T00:00:00Z to 2026-03-02T02:00:00Z", "(2h)"]);
    }
    explained(&["--at", "noon"]).code(2).says(&["--at", "2026-03-02T14:05:00Z", "36h"]);
}

#[test]
fn an_unknown_service_is_answered_with_the_nearest_name() {
    explained(&["--service", "wbe"]).code(1).says(&["there is no service `wbe`", "did you mean web?"]);
    explained(&["--service", "checkout"]).code(1).says(&["there is no service `checkout`", "the services are: web"]);
}

#[test]
fn one_of_several_services_must_be_named() {
    let folder = surge();
    let (before, after) = SURGE.split_once("assumptions:").unwrap();
    let second = before.split_once("  web:\n").unwrap().1.replace("name: cpu", "name: other");
    folder.put("two.yaml", &format!("{before}  api:\n{second}assumptions:{}", after.split_once("variants:").unwrap().0));
    folder.ecsim(&["explain", "two.yaml"]).code(1).says(&["several services: web, api", "--service"]);
    let document = folder.ecsim(&["explain", "two.yaml", "--service", "api", "--format", "json"]).code(0).json();
    assert_eq!((&document["service"], &document["decisions"][0]["winner"]), (&"api".into(), &"other".into()));
}

#[test]
fn a_service_without_scaling_is_told_plainly() {
    let folder = Folder::with_small();
    assert!(!SMALL.contains("scaling"));
    folder
        .ecsim(&["explain", "small.yaml"])
        .code(1)
        .says(&["app has no scaling: its desired count of 2 never changes", "services.app.scaling"]);
}

#[test]
fn files_are_written_by_their_endings() {
    let folder = surge();
    let names = ["why.json", "why.md", "why.svg", "why.png", "why.csv"];
    let mut arguments = vec!["explain", "surge.yaml", "--at", "35m", "-q"];
    arguments.extend(names.iter().flat_map(|name| ["-o", name]));
    let ended = folder.ecsim(&arguments).code(0);
    assert_eq!(ended.err, "");
    let text = |name: &str| String::from_utf8(folder.bytes(name)).unwrap();
    let document: Value = serde_json::from_str(&text("why.json")).unwrap();
    assert_eq!(document, json(&["--at", "35m"]));
    assert!(text("why.md").starts_with("<!-- ecsim:explain:surge-web -->\n## surge: scaling of web\n"));
    assert!(text("why.svg").starts_with("<svg "));
    assert!(folder.bytes("why.png").starts_with(b"\x89PNG"));
    let csv = text("why.csv");
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    let row = rows.records().next().unwrap().unwrap();
    assert_eq!((&row[0], &row[4], &row[11], &row[12], &row[15]), ("2026-03-02T00:35:00Z", "ALARM", "2", "3", "ScaledOut"));
}

#[test]
fn other_endings_are_refused_by_name() {
    let folder = surge();
    folder.ecsim(&["explain", "surge.yaml", "-o", "why.html"]).code(1).says(&[
        "why.html",
        "`ecsim explain` writes no .html",
        ".json, .csv, .svg, .png, .md",
    ]);
    folder
        .ecsim(&["explain", "surge.yaml", "-o", "why.pdf"])
        .code(2)
        .says(&["why.pdf", ".json (all of it), .csv (the decisions), .svg and .png (chart), .md"]);
    folder.ecsim(&["explain", "surge.yaml", "-o", "surge.yaml.json", "-o", "surge.yaml.json"]).code(1).says(&["named twice"]);
    assert_eq!(folder.names(), ["surge.yaml"]);
}

#[test]
fn a_chart_of_a_service_that_never_scaled_is_refused() {
    let folder = surge();
    // Two tasks at 80 % stay below a target of 90 %.
    let calm = ["explain", "surge.yaml", "--set", "services.web.scaling.policies.cpu.target_value=90", "-o", "why.svg"];
    folder.ecsim(&calm).code(1).says(&["there is nothing to draw: web never scaled out", "--at"]);
    folder.ecsim(&[&calm[..], &["--at", "0s"]].concat()).code(1).says(&["no datapoint by that time"]);
    assert_eq!(folder.names(), ["surge.yaml"]);
    folder.ecsim(&[&calm[..], &["--at", "35m"]].concat()).code(0);
    let svg = String::from_utf8(folder.bytes("why.svg")).unwrap();
    assert!(texts(&svg).contains(&"AlarmHigh &gt; 90"), "{:?}", texts(&svg));
}

/// The texts of an SVG in their order.
fn texts(svg: &str) -> Vec<&str> {
    svg.split("<text").skip(1).filter_map(|rest| rest.split_once('>')?.1.split_once("</text>").map(|(text, _)| text.trim())).collect()
}

#[test]
fn the_chart_names_every_step_with_its_seconds() {
    let folder = surge();
    folder.ecsim(&["explain", "surge.yaml", "--at", "35m", "-o", "why.svg"]).code(0);
    let svg = String::from_utf8(folder.bytes("why.svg")).unwrap();
    let texts = texts(&svg);
    let document = json(&["--at", "35m"]);
    for step in document["scale_outs"][0]["steps"].as_array().unwrap() {
        assert!(texts.contains(&step["name"].as_str().unwrap()), "{step} in {texts:?}");
    }
    for text in [
        "surge: scaling of web",
        "CPUUtilization Average",
        "AlarmHigh &gt; 60",
        "datapoint that breaches",
        "until it is published",
        "120 s  (180 s)",
        "time (UTC)",
        "decision 00:35:00",
    ] {
        assert!(texts.contains(&text), "{text} in {texts:?}");
    }
    assert!(!svg.contains("NaN"));
}

#[test]
fn the_same_question_has_the_same_answer_and_the_same_bytes() {
    let folder = surge();
    folder.ecsim(&["explain", "surge.yaml", "-o", "one.png", "-o", "one.svg", "-o", "one.json"]).code(0);
    folder.ecsim(&["explain", "surge.yaml", "-o", "two.png", "-o", "two.svg", "-o", "two.json"]).code(0);
    for ending in ["png", "svg", "json"] {
        assert!(folder.bytes(&format!("one.{ending}")) == folder.bytes(&format!("two.{ending}")), "{ending}");
    }
}

#[test]
fn the_web_shop_is_explained_as_a_table() {
    let ended = at_root(&["explain", "scenarios/web-shop.yaml"]).code(0);
    assert!(ended.out.lines().all(|line| line.chars().count() <= 100), "{}", ended.out);
    insta::assert_snapshot!("explain-web-shop", ended.out);
}

#[test]
fn one_time_of_the_web_shop_is_explained_as_a_table() {
    let ended = at_root(&["explain", "scenarios/web-shop.yaml", "--at", "1998-06-10T14:05:00Z"]).code(0);
    assert!(ended.out.lines().all(|line| line.chars().count() <= 100), "{}", ended.out);
    insta::assert_snapshot!("explain-web-shop-at", ended.out);
}

#[test]
fn the_web_shop_is_explained_as_a_chart() {
    let folder = Folder::new();
    let file = folder.path().join("why.svg");
    at_root(&["explain", "scenarios/web-shop.yaml", "-o", file.to_str().unwrap()]).code(0);
    insta::assert_snapshot!("explain-web-shop-chart", String::from_utf8(folder.bytes("why.svg")).unwrap());
}
