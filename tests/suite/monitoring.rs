//! Alarms, metrics and kept logs on the bill of a scenario as it is written.

use assert_cmd::Command;
use serde_json::Value;

/// One task under target tracking on its CPU, and nothing else that costs much.
const TRACKED: &str = "
version: 1
region: us-east-1
simulation: {duration: 1d}
services:
  web:
    task_definition: {cpu: 256, memory: 512}
    traffic: {constant: 1}
    workload: {cpu_time: 10ms}
    load_balancer: {internal: true}
    scaling:
      min_capacity: 1
      max_capacity: 2
      policies: [{name: cpu, policy_type: TargetTrackingScaling, predefined_metric_type: ECSServiceAverageCPUUtilization, target_value: 60}]
";

fn ecsim(command: &str, sets: &[&str], succeeds: bool) -> (Value, String) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("web.yaml"), TRACKED).expect("written");
    let mut process = Command::new(env!("CARGO_BIN_EXE_ecsim"));
    process.current_dir(folder.path()).args([command, "web.yaml", "--format", "json"]);
    sets.iter().for_each(|set| {
        process.args(["--set", set]);
    });
    let output = process.output().expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.success(), succeeds, "{errors}");
    (serde_json::from_slice(&output.stdout).unwrap_or_default(), errors)
}

/// The lines of a bill whose product is this one: description, month in dollars.
fn lines(cost: &Value, product: &str) -> Vec<(String, f64)> {
    let items = cost["line_items"].as_array().expect("lines").iter().filter(|line| line["product"] == product);
    let text = |line: &Value, key: &str| line[key].as_str().expect("text").to_owned();
    items.map(|line| (text(line, "description"), text(line, "monthly_cost").parse().expect("money"))).collect()
}

/// CloudWatch's lines of a run.
fn run(sets: &[&str]) -> Vec<(String, f64)> {
    lines(&ecsim("run", sets, true).0["cost"], "CloudWatch")
}

fn alarms(sets: &[&str]) -> Vec<(String, f64)> {
    run(sets).into_iter().filter(|(description, _)| description.contains("alarms")).collect()
}

fn standard(month: f64) -> Vec<(String, f64)> {
    vec![("alarms, by metric".to_owned(), month)]
}

fn high_resolution(month: f64) -> Vec<(String, f64)> {
    vec![("high-resolution alarms, by metric".to_owned(), month)]
}

/// 0.10 dollars a month for each metric that an alarm watches, 0.30 below a minute (aws.amazon.com/cloudwatch/pricing). Target
/// tracking has two alarms, one where it does not scale in.
#[test]
fn target_tracking_pays_for_its_alarms() {
    assert_eq!(run(&[]), standard(0.20));
    let policy = "services.web.scaling.policies.cpu";
    assert_eq!(run(&[&format!("{policy}.disable_scale_in=true")]), standard(0.10));
    let fast = format!("{policy}.predefined_metric_type=ECSServiceAverageCPUUtilizationHighResolution");
    assert_eq!(alarms(&[&fast, "services.web.monitoring.resolution_seconds=20"]), high_resolution(0.60));
    assert_eq!(run(&["services.web.scaling.policies=[]"]), []);
}

/// Metric math pays for each of its metrics: two alarms over two metrics.
#[test]
fn an_alarm_on_metric_math_pays_for_each_metric() {
    let stat = |id: &str, name: &str| {
        format!("{{id: {id}, return_data: false, metric_stat: {{stat: Average, metric: {{namespace: AWS/ECS, metric_name: {name}}}}}}}")
    };
    let metrics = [stat("m1", "CPUUtilization"), stat("m2", "MemoryUtilization")].join(", ");
    let policy = format!(
        "services.web.scaling.policies=[{{name: both, policy_type: TargetTrackingScaling, target_value: 60, \
         customized_metric_specification: {{metrics: [{metrics}, {{id: e1, expression: \"MAX([m1, m2])\"}}]}}}}]"
    );
    assert_eq!(run(&[&policy]), standard(0.40));
}

#[test]
fn alarms_of_steps_and_deployments_pay_too() {
    let steps = |period: u32| {
        format!(
            "services.web.scaling.policies=[{{name: out, policy_type: StepScaling, metric_name: CPUUtilization, \
             alarm: {{threshold: 80, period: {period}}}, adjustment_type: ChangeInCapacity, \
             step_adjustments: [{{metric_interval_lower_bound: 0, scaling_adjustment: 1}}]}}]"
        )
    };
    assert_eq!(run(&[&steps(60)]), standard(0.10));
    assert_eq!(alarms(&[&steps(20), "services.web.monitoring.resolution_seconds=20"]), high_resolution(0.30));
    let alarm = "alarms={errors: {service: web, metric_name: HTTPCode_Target_5XX_Count, statistic: Sum, threshold: 5, \
                 comparison_operator: GreaterThanThreshold, evaluation_periods: 1}}";
    assert_eq!(run(&[&steps(60), alarm]), standard(0.20));
}

/// Two metrics at the price of custom ones, an estimate; and Container Insights by its mode. One container a task.
#[test]
fn metrics_are_charged_and_marked_as_estimates() {
    let no_policies = "services.web.scaling.policies=[]";
    let (result, errors) = ecsim("run", &[no_policies, "services.web.monitoring.resolution_seconds=20"], true);
    assert_eq!(lines(&result["cost"], "CloudWatch")[0].1, 0.60);
    assert!(errors.contains("rest on estimates: CPU and memory every 20 seconds"), "{errors}");
    // Ten of the customer's own at 0.30; how many there are is said, so nothing is estimated.
    let (result, errors) = ecsim("run", &[no_policies, "services.web.workload.custom_metrics=10"], true);
    assert_eq!(lines(&result["cost"], "CloudWatch")[0].1, 3.0);
    assert!(!errors.contains("rest on estimates"), "{errors}");
    // 8 + 11 + 6 metrics at 0.30: 2.40 and 5.10.
    let months = |sets: &[&str]| run(sets).into_iter().map(|(_, month)| month).collect::<Vec<f64>>();
    assert_eq!(months(&[no_policies, "cluster.container_insights=enabled"]), [2.40, 5.10]);
    // At 0.07: 0.56, 1.19, and 23 for the one task that always runs, 1.61.
    assert_eq!(months(&[no_policies, "cluster.container_insights=enhanced"]), [0.56, 1.19, 1.61]);
    let fewer = "assumptions.container_insights_metrics={cluster: 0, task: 3, container: 2}";
    assert_eq!(months(&[no_policies, "cluster.container_insights=enhanced", fewer]), [1.19, 0.35]);
}

/// An estimate without a simulation has the same fixed lines, at each level.
#[test]
fn an_estimate_shows_the_same_lines() {
    let (estimate, _) = ecsim("estimate", &["cluster.container_insights=enhanced"], true);
    let levels = estimate["levels"].as_array().expect("levels");
    let of_level = |level: &Value| lines(&level["cost"], "CloudWatch").into_iter().map(|(_, month)| month).collect::<Vec<f64>>();
    let found: Vec<Vec<f64>> = levels.iter().map(of_level).collect();
    // 23 metrics of each task: one at the floor and at the desired count, two at the ceiling.
    assert_eq!(found, [vec![0.20, 0.56, 1.19, 1.61], vec![0.20, 0.56, 1.19, 1.61], vec![0.20, 0.56, 1.19, 3.22]]);
}

/// Prices of alarms and metrics are known of us-east-1 alone: elsewhere they are its prices, marked as estimates.
#[test]
fn every_region_has_a_bill_for_its_alarms() {
    for region in ["eu-west-1", "eu-central-1", "ap-southeast-5"] {
        let region = format!("region={region}");
        let overrides = "pricing.overrides={alb.hour: \"0.03\", alb.lcu_hour: \"0.01\", \
                         fargate.linux_x86.vcpu_hour: \"0.05\", fargate.linux_x86.gb_hour: \"0.005\"}";
        let (result, errors) = ecsim("run", &[&region, overrides], true);
        assert_eq!(lines(&result["cost"], "CloudWatch"), standard(0.20), "{region}");
        let items = result["cost"]["line_items"].as_array().expect("lines");
        let line = items.iter().find(|line| line["product"] == "CloudWatch").expect("alarms");
        assert_eq!(line["estimated"], true);
        assert!(line["price_source"].as_str().expect("a source").contains("us-east-1"), "{line}");
        assert!(errors.contains("rest on estimates") && errors.contains("alarms, by metric"), "{errors}");
    }
}

/// 1 request a second of 1 MiB are 2,628,000 / 1,024 GB a month, a fifth of it stored: 30 days of it 506.25 GB-months, half a month of
/// what never expires 256.64, at 0.03.
#[test]
fn logs_are_stored_for_their_retention() {
    let storage = |sets: &[&str]| {
        let all = [&["services.web.workload.logs_per_request=1MiB", "services.web.traffic.arrivals=deterministic"], sets].concat();
        let (result, _) = ecsim("run", &all, true);
        lines(&result["cost"], "CloudWatch Logs")
            .into_iter()
            .find(|(description, _)| description.starts_with("log storage"))
            .expect("stored")
    };
    let (_, month) = storage(&["services.web.workload.logs_retention_in_days=30"]);
    assert!((month - 506.25 * 0.03).abs() < 1e-4, "{month}");
    // Terraform's name for it.
    assert_eq!(storage(&["services.web.workload.retention_in_days=30"]).1, month);
    let (description, month) = storage(&[]);
    assert!(description.contains("never expire"), "{description}");
    assert!((month - 256.640_625 * 0.03).abs() < 1e-4, "{month}");
    let (_, month) = storage(&["services.web.workload.logs_retention_in_days=30", "assumptions.compressed_log_share=100%"]);
    assert!((month - 2_531.25 * 0.03).abs() < 1e-3, "{month}");
}

#[test]
fn a_retention_is_one_that_cloudwatch_knows() {
    let (_, errors) = ecsim("run", &["services.web.workload.logs_retention_in_days=31"], false);
    assert!(errors.contains("logs_retention_in_days") && errors.contains("write 30 or 60"), "{errors}");
}
