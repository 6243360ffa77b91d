//! Each finding at its cause, and silence beside it.

use super::*;
use crate::files::Files;
use crate::scenario::{Request, load};

struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _name: &str) -> std::io::Result<Vec<u8>> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

/// A service that nothing is to be said about.
const SOUND: &str = "
version: 1
network: {placement: private, nat_gateways: 2}
services:
  web:
    task_definition: {cpu: 1024, memory: 2048, container_definitions: [{name: app, stop_timeout: 120}]}
    capacity_provider_strategy: [{capacity_provider: FARGATE, base: 2, weight: 1}, {capacity_provider: FARGATE_SPOT, weight: 1}]
    load_balancer: {deregistration_delay: 60}
    traffic: {constant: 100}
    workload: {cpu_time: 20ms, response_size: 20kB}
    scaling:
      min_capacity: 10
      max_capacity: 20
      policies: [{name: cpu, policy_type: TargetTrackingScaling, predefined_metric_type: ECSServiceAverageCPUUtilization, target_value: 60}]
";

const NONE: &[&str] = &[];

fn findings(sets: &[&str]) -> Vec<Finding> {
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    let request = Request { name: "a.yaml", text: SOUND.as_bytes(), sets: &sets, variant: None };
    let loaded = load(&request, &NoFiles).unwrap_or_else(|error| panic!("{error}"));
    advise(&loaded.scenario)
}

fn ids(sets: &[&str]) -> Vec<&'static str> {
    findings(sets).iter().map(|finding| finding.id).collect()
}

/// The findings with other policies, written without their surrounding braces, and further changes.
fn with_policies(policies: &[&str], sets: &[&str]) -> Vec<Finding> {
    let policies: Vec<String> = policies.iter().map(|policy| format!("{{{policy}}}")).collect();
    let set = format!("services.web.scaling.policies=[{}]", policies.join(", "));
    findings(&[&[set.as_str()], sets].concat())
}

fn ids_with(policies: &[&str], sets: &[&str]) -> Vec<&'static str> {
    with_policies(policies, sets).iter().map(|finding| finding.id).collect()
}

/// A target tracking policy on a predefined metric.
fn tracking(metric: &str, target: f64) -> String {
    format!("name: {metric}, policy_type: TargetTrackingScaling, predefined_metric_type: {metric}, target_value: {target}")
}

/// A target tracking policy on a metric of one's own.
fn customized(specification: &str) -> String {
    format!("name: own, policy_type: TargetTrackingScaling, target_value: 60, customized_metric_specification: {{{specification}}}")
}

/// A policy of step scaling on CPU.
fn step(name: &str, comparison: &str, threshold: f64, kind: &str, steps: &str) -> String {
    format!(
        "name: {name}, policy_type: StepScaling, metric_name: CPUUtilization, adjustment_type: {kind}, \
         alarm: {{comparison_operator: {comparison}, threshold: {threshold}}}, step_adjustments: [{steps}]"
    )
}

const BEYOND: &str = "metric_interval_lower_bound: 0";
const BELOW: &str = "metric_interval_upper_bound: 0";

fn scale_out(threshold: f64, kind: &str, adjustment: i64) -> String {
    step("out", "GreaterThanThreshold", threshold, kind, &format!("{{{BEYOND}, scaling_adjustment: {adjustment}}}"))
}

fn scale_in(threshold: f64, kind: &str, adjustment: i64) -> String {
    step("in", "LessThanThreshold", threshold, kind, &format!("{{{BELOW}, scaling_adjustment: {adjustment}}}"))
}

#[test]
fn a_sound_scenario_needs_no_advice() {
    assert_eq!(ids(&[]), NONE);
}

#[test]
fn each_finding_has_its_cause() {
    let cases: [(&[&str], &str); 17] = [
        (&["network="], "no-network"),
        (&["network={vpc_endpoints: [s3]}"], "private-subnet-without-nat"),
        (&["services.web.capacity_provider_strategy=[{capacity_provider: FARGATE_SPOT, weight: 1}]"], "spot-only"),
        (&["services.web.capacity_provider_strategy.FARGATE.weight=0"], "weight-0-with-base"),
        (&["services.web.capacity_provider_strategy.FARGATE.base=0"], "spot-without-base"),
        (&["services.web.capacity_provider_strategy.FARGATE.base=11"], "base-above-minimum"),
        (&["services.web.capacity_provider_strategy.FARGATE.base=20"], "base-above-maximum"),
        (&["services.web.task_definition.container_definitions.app.stop_timeout=30"], "stop-timeout-below-spot-warning"),
        (&["services.web.load_balancer.deregistration_delay=120"], "deregistration-delay-outlasts-spot-warning"),
        (&["services.web.scaling.min_capacity=2"], "few-tasks-scale-in-late"),
        (&["services.web.scaling.max_capacity=10"], "nothing-to-scale"),
        (&["services.web.scaling.policies.cpu.target_value=80"], "target-leaves-no-room"),
        (&["services.web.scaling.policies.cpu.target_value=101"], "target-above-100"),
        (&["services.web.workload.response_size=0"], "response-size-not-given"),
        (&["services.web.traffic.constant=1001"], "max-capacity-too-small"),
        (&["services.web.traffic.spikes=[{at: 1h, factor: 11}]"], "max-capacity-too-small"),
        (
            &[
                "services.web.capacity_provider_strategy=",
                "services.web.task_definition.runtime_platform.operating_system_family=WINDOWS_SERVER_2022_CORE",
            ],
            "windows",
        ),
    ];
    for (sets, id) in cases {
        assert_eq!(ids(sets), [id], "{sets:?}");
    }
}

#[test]
fn some_causes_have_several_findings() {
    assert_eq!(ids(&["services.web.scaling.min_capacity=1"]), ["base-above-minimum", "min-capacity-one", "few-tasks-scale-in-late"]);
    let delay = ["services.web.load_balancer.deregistration_delay=300"];
    assert_eq!(ids(&delay), ["deregistration-delay-outlasts-spot-warning", "deregistration-delay-cost"]);
}

#[test]
fn a_base_at_the_minimum_and_a_base_without_weights_are_well() {
    assert_eq!(ids(&["services.web.capacity_provider_strategy.FARGATE.base=10"]), NONE);
    assert_eq!(ids(&["services.web.capacity_provider_strategy=[{capacity_provider: FARGATE, base: 11, weight: 1}]"]), NONE);
}

/// A task of one vCPU carries 3,000 requests of 20 ms a minute, 50 a second.
#[test]
fn requests_per_target_are_by_the_minute() {
    let target = |target: f64| ids_with(&[&tracking("ALBRequestCountPerTarget", target)], &[]);
    assert_eq!(target(50.0), ["target-per-minute"]);
    let per_second = with_policies(&[&tracking("ALBRequestCountPerTarget", 50.0)], &[]);
    assert_eq!(per_second[0].severity, Severity::Warning);
    assert_eq!(target(1_500.0), NONE);
    assert_eq!(target(3_000.0), NONE);
    assert_eq!(target(3_001.0), ["target-beyond-task"]);
    // A request of two seconds of CPU: a task carries 30 a minute, and a target of 20 is a sound one.
    let slow = ["services.web.workload.cpu_time=2s", "services.web.traffic.constant=5"];
    assert_eq!(ids_with(&[&tracking("ALBRequestCountPerTarget", 20.0)], &slow), NONE);
    // Two slots that are held for half a second each carry 240 a minute, whatever the CPU.
    let few_slots = [
        "services.web.workload.concurrency=2",
        "services.web.workload.wait_time=480ms",
        "services.web.traffic.constant=50",
        "simulation.fidelity=request",
    ];
    assert_eq!(ids_with(&[&tracking("ALBRequestCountPerTarget", 300.0)], &few_slots), ["target-beyond-task"]);
    assert_eq!(ids_with(&[&tracking("ALBRequestCountPerTarget", 200.0)], &few_slots), NONE);
}

#[test]
fn what_flows_do_not_show_is_told_where_flows_run() {
    let set = |rest: &str| format!("services.web.{rest}");
    for (sets, path) in [
        // Slots for 1,000 requests of 10 MiB in 2 GiB.
        (vec![set("workload.concurrency=1000"), set("workload.memory.per_request=10MiB")], "workload.memory.per_request"),
        (vec![set("traffic.dispersion=4")], "traffic"),
        (vec![set("workload.backlog=15")], "workload.backlog"),
        (vec![set("workload.concurrency=7"), set("traffic.constant=10")], "workload.concurrency"),
        // 20 ms of CPU and 80 ms of wait.
        (vec![set("workload.wait_time=80ms"), set("workload.timeout=499ms")], "workload.timeout"),
    ] {
        let sets: Vec<&str> = sets.iter().map(String::as_str).collect();
        let paths: Vec<String> =
            findings(&sets).into_iter().filter(|found| found.id == "flows-do-not-show").map(|found| found.path).collect();
        assert_eq!(paths, [format!("services.web.{path}")]);
        assert!(!ids(&[&sets[..], &["simulation.fidelity=request"]].concat()).contains(&"flows-do-not-show"));
    }
    assert_eq!(ids(&["services.web.workload.backlog=16", "services.web.workload.concurrency=8"]), NONE);
}

#[test]
fn a_target_that_an_idle_task_exceeds() {
    let memory = |base: &str, target: f64| {
        let base = format!("services.web.workload.memory.base={base}");
        ids_with(&[&tracking("ECSServiceAverageMemoryUtilization", target)], &[&base])
    };
    // 1 GiB of 2 is 50 %: below 0.9 x 56, not below 0.9 x 55.
    assert_eq!(memory("1024MiB", 49.0), ["idle-above-target"]);
    assert_eq!(memory("1024MiB", 55.0), ["idle-holds-scale-in"]);
    assert_eq!(memory("1024MiB", 56.0), NONE);
    let without_scale_in = format!("{}, disable_scale_in: true", tracking("ECSServiceAverageMemoryUtilization", 55.0));
    assert_eq!(ids_with(&[&without_scale_in], &["services.web.workload.memory.base=1024MiB"]), NONE);
    let idle_cpu = |share: &str| ids(&[&format!("services.web.workload.idle_cpu={share}")]);
    assert_eq!(idle_cpu("55%"), ["idle-holds-scale-in"]);
    assert_eq!(idle_cpu("61%"), ["idle-above-target"]);
    let own = customized("metric_name: MemoryUtilization, namespace: AWS/ECS, statistic: Average");
    assert_eq!(ids_with(&[&own], &["services.web.workload.memory.base=1200MiB"]), ["idle-holds-scale-in"]);
}

/// 700 requests of 20 ms are 14 vCPU, at 60 % of a vCPU 24 tasks; 590 want 20.
#[test]
fn a_maximum_that_ends_a_policy_short_of_its_target() {
    assert_eq!(ids(&["services.web.traffic.constant=700"]), ["max-capacity-clips-policy"]);
    assert_eq!(ids(&["services.web.traffic.constant=590"]), NONE);
    // 100 requests a second are 6,000 a minute: 30 tasks of 200, 15 of 400.
    let requests = |target: f64| ids_with(&[&tracking("ALBRequestCountPerTarget", target)], &[]);
    assert_eq!(requests(200.0), ["max-capacity-clips-policy"]);
    assert_eq!(requests(400.0), NONE);
}

#[test]
fn datapoints_that_are_never_published() {
    let high = tracking("ECSServiceAverageCPUUtilizationHighResolution", 60.0);
    let found = with_policies(&[&high, &tracking("ECSServiceAverageMemoryUtilization", 60.0)], &[]);
    assert_eq!(found.iter().map(|finding| finding.id).collect::<Vec<_>>(), ["policy-without-datapoints"]);
    assert!(found[0].message.contains("no other target tracking policy scales in"), "{}", found[0].message);
    assert_eq!(found[0].path, "services.web.scaling.policies.ECSServiceAverageCPUUtilizationHighResolution.predefined_metric_type");
    assert_eq!(ids_with(&[&high], &["services.web.monitoring.resolution_seconds=20"]), NONE);
}

#[test]
fn datapoints_of_twenty_seconds_where_they_are_read() {
    let short = scale_out(70.0, "ChangeInCapacity", 1).replace("threshold: 70", "threshold: 70, period: 20");
    let published = ["services.web.monitoring.resolution_seconds=20"];
    assert_eq!(ids_with(&[&short], &[]), ["alarm-period-below-datapoints"]);
    assert_eq!(ids_with(&[&short], &published), NONE);
    let answers = short.replace("CPUUtilization", "TargetResponseTime");
    assert_eq!(ids_with(&[&answers], &published), ["alarm-period-below-datapoints", "high-resolution-not-read"]);
    assert_eq!(ids(&published), ["high-resolution-not-read"]);
}

/// AWS, target tracking overview: the metric must fall in proportion when capacity is added.
#[test]
fn metrics_that_do_not_follow_tasks() {
    let one = |name: &str, namespace: &str, statistic: &str| {
        ids_with(&[&customized(&format!("metric_name: {name}, namespace: {namespace}, statistic: {statistic}"))], &[])
    };
    let counts = one("RunningTaskCount", "ECS/ContainerInsights", "Average");
    assert_eq!(counts, ["metric-does-not-follow-tasks", "metric-needs-container-insights"]);
    for (name, namespace, statistic) in [
        ("RequestCount", "AWS/ApplicationELB", "Sum"),
        ("TargetResponseTime", "AWS/ApplicationELB", "Average"),
        ("HTTPCode_Target_5XX_Count", "AWS/ApplicationELB", "Sum"),
        ("HealthyHostCount", "AWS/ApplicationELB", "Average"),
        ("CPUUtilization", "AWS/ECS", "Sum"),
    ] {
        assert_eq!(one(name, namespace, statistic), ["metric-does-not-follow-tasks"], "{name} {statistic}");
    }
    assert_eq!(one("CPUUtilization", "AWS/ECS", "Maximum"), NONE);
    assert_eq!(one("RequestCountPerTarget", "AWS/ApplicationELB", "Sum"), NONE);
}

#[test]
fn metric_math_follows_tasks_when_it_divides_by_them() {
    let math = |expression: &str| {
        let stat = |id: &str, namespace: &str, name: &str, stat: &str| {
            format!(
                "{{id: {id}, return_data: false, metric_stat: {{metric: {{namespace: {namespace}, metric_name: {name}}}, stat: {stat}}}}}"
            )
        };
        let metrics = format!(
            "metrics: [{}, {}, {{id: e1, expression: \"{expression}\"}}]",
            stat("m1", "AWS/ApplicationELB", "RequestCount", "Sum"),
            stat("m2", "ECS/ContainerInsights", "RunningTaskCount", "Average")
        );
        ids_with(&[&customized(&metrics)], &[])
    };
    let container_insights = "metric-needs-container-insights";
    assert_eq!(math("m1 / m2"), [container_insights]);
    assert_eq!(math("m1 / IF(m2 > 0, m2, 1)"), [container_insights]);
    assert_eq!(math("m1 + m2"), ["metric-does-not-follow-tasks", container_insights]);
    assert_eq!(math("m2 / m1"), ["metric-does-not-follow-tasks", container_insights]);
}

/// The neutral band of AWS's own example of step scaling; and a first step that begins beyond the threshold.
#[test]
fn breaches_that_change_nothing() {
    let steps = |steps: &str| with_policies(&[&step("out", "GreaterThanThreshold", 50.0, "PercentChangeInCapacity", steps)], &[]);
    let band = steps(
        "{metric_interval_lower_bound: 0, metric_interval_upper_bound: 10, scaling_adjustment: 0}, \
         {metric_interval_lower_bound: 10, scaling_adjustment: 10}",
    );
    assert_eq!(band.len(), 1);
    assert_eq!(band[0].id, "step-without-change");
    assert!(band[0].message.starts_with("values from 50 to 60 "), "{}", band[0].message);
    let late = steps("{metric_interval_lower_bound: 5, scaling_adjustment: 10}");
    assert!(late[0].id == "step-without-change" && late[0].message.starts_with("values from 50 to 55 "), "{late:?}");
    assert_eq!(steps("{metric_interval_lower_bound: 0, scaling_adjustment: 10}"), []);
    let below = step("in", "LessThanThreshold", 40.0, "ChangeInCapacity", "{metric_interval_upper_bound: -10, scaling_adjustment: -1}");
    let found = with_policies(&[&below], &[]);
    assert!(found[0].id == "step-without-change" && found[0].message.starts_with("values from 30 to 40 "), "{found:?}");
    assert_eq!(ids_with(&[&scale_in(40.0, "ChangeInCapacity", -1)], &[]), NONE);
}

/// From ten tasks at 70 %, one more leaves 63.6 %: scale-in below 64 % undoes it, below 63 % it does not. Of
/// eleven tasks at 63 %, one less leaves 69.3 %.
#[test]
fn thresholds_that_undo_each_other() {
    let pair = |high: f64, low: f64, kind: &str, more: i64, fewer: i64| {
        with_policies(&[&scale_out(high, kind, more), &scale_in(low, kind, fewer)], &[])
    };
    let found = pair(70.0, 64.0, "ChangeInCapacity", 1, -1);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].id, "step-thresholds-flap");
    assert!(found[0].message.contains("takes 10 tasks at 70 to 11, which the same load puts at 63.6"), "{}", found[0].message);
    assert_eq!(pair(70.0, 63.0, "ChangeInCapacity", 1, -1), []);
    assert_eq!(pair(70.0, 75.0, "ChangeInCapacity", 1, -1)[0].id, "step-thresholds-flap", "thresholds that overlap");
    // Half of the tasks fewer doubles the metric: 36 % becomes 72 %.
    let found = pair(70.0, 36.0, "PercentChangeInCapacity", 10, -50);
    assert!(found[0].message.starts_with("policy in takes 20 tasks at 36 to 10"), "{found:?}");
    assert_eq!(pair(70.0, 34.0, "PercentChangeInCapacity", 10, -50), []);
    // Requests of the whole service do not fall when tasks are added.
    let of_service = [scale_out(70.0, "ChangeInCapacity", 1), scale_in(69.0, "ChangeInCapacity", -1)]
        .map(|policy| policy.replace("CPUUtilization", "TargetResponseTime"));
    assert_eq!(ids_with(&[&of_service[0], &of_service[1]], &[]), NONE);
}

/// A task is registered two ticks of 9.5 s after its container started, at the next tick, and healthy 1.8 s
/// later: 25.6 s on average.
#[test]
fn cooldowns_that_end_before_new_tasks_serve() {
    let out = |seconds: u32| ids(&[&format!("services.web.scaling.policies.cpu.scale_out_cooldown={seconds}")]);
    assert_eq!(out(25), ["cooldown-shorter-than-start-up"]);
    assert_eq!(out(26), NONE);
    let slow = "services.web.workload.start_up.time=75s";
    let found = findings(&[slow, "services.web.scaling.policies.cpu.scale_out_cooldown=60"]);
    assert_eq!(found.len(), 1);
    assert!(found[0].message.contains("they serve after 82 s"), "{}", found[0].message);
    let step = |cooldown: u32| format!("{}, cooldown: {cooldown}", scale_out(70.0, "ChangeInCapacity", 1));
    assert_eq!(ids_with(&[&step(60)], &[slow]), ["cooldown-shorter-than-start-up"]);
    assert_eq!(ids_with(&[&step(110)], &[slow]), NONE);
    assert_eq!(ids_with(&[&format!("{}, cooldown: 0", scale_in(30.0, "ChangeInCapacity", -1))], &[slow]), NONE);
}

#[test]
fn scale_in_cooldowns_below_a_minute_pace_nothing() {
    let cooldown = |seconds: u32| format!("services.web.scaling.policies.cpu.scale_in_cooldown={seconds}");
    assert_eq!(ids(&[&cooldown(0)]), ["scale-in-cooldown-below-a-minute"]);
    assert_eq!(ids(&[&cooldown(59)]), ["scale-in-cooldown-below-a-minute"]);
    assert_eq!(ids(&[&cooldown(60)]), NONE);
    assert_eq!(ids(&[&cooldown(0), "services.web.scaling.policies.cpu.disable_scale_in=true"]), NONE);
}

#[test]
fn counts_of_tasks_need_container_insights() {
    let step = |metric: &str| with_policies(&[&scale_out(70.0, "ChangeInCapacity", 1).replace("CPUUtilization", metric)], &[]);
    for metric in ["RunningTaskCount", "DesiredTaskCount", "PendingTaskCount"] {
        let found = step(metric);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].id, found[0].severity), ("metric-needs-container-insights", Severity::Warning));
        assert_eq!(found[0].path, "services.web.scaling.policies.out.metric_name");
    }
    assert_eq!(step("HealthyHostCount"), []);
    let count = scale_out(70.0, "ChangeInCapacity", 1).replace("CPUUtilization", "RunningTaskCount");
    assert_eq!(with_policies(&[&count], &["cluster.container_insights=enabled"]), []);
}

/// What has datapoints at zero: a backlog, errors that the balancer answers itself; not CPU, not requests per target,
/// and not AWS's example of a backlog that is divided by the running tasks.
#[test]
fn something_must_wake_a_service_of_no_task() {
    const ID: &str = "nothing-wakes-from-zero";
    let zero = "services.web.scaling.min_capacity=0";
    let fires = |findings: Vec<Finding>| findings.iter().any(|finding| finding.id == ID && finding.severity == Severity::Warning);
    let with = |policy: &str, sets: &[&str]| fires(with_policies(&[policy], &[&[zero], sets].concat()));
    assert!(fires(findings(&[zero])), "CPU has no datapoint");
    assert!(!fires(findings(&["services.web.scaling.min_capacity=1"])));
    assert!(with(&tracking("ALBRequestCountPerTarget", 1_000.0), &[]));

    let errors = scale_out(70.0, "ChangeInCapacity", 1).replace("CPUUtilization", "HTTPCode_ELB_5XX_Count");
    assert!(!with(&errors, &[]));
    assert!(with(&errors, &["services.web.scaling.suspended_state.dynamic_scaling_out_suspended=true"]));
    let percent = errors.replace("ChangeInCapacity", "PercentChangeInCapacity");
    assert!(with(&percent, &[]), "a percentage of no task");
    assert!(!with(&format!("{percent}, min_adjustment_magnitude: 1"), &[]));
    assert!(with(&errors.replace("scaling_adjustment: 1", "scaling_adjustment: -1"), &[]));

    let math = |expression: &str| {
        let part = |id: &str, name: &str, stat: &str| {
            format!("{{id: {id}, return_data: false, metric_stat: {{metric: {{metric_name: {name}}}, stat: {stat}}}}}")
        };
        let parts = [part("m1", "HTTPCode_ELB_5XX_Count", "Sum"), part("m2", "RunningTaskCount", "Average")].join(", ");
        with(&customized(&format!("metrics: [{parts}, {{id: e1, expression: \"{expression}\"}}]")), &[])
    };
    assert!(math("m1 / m2"));
    assert!(!math("m1 / IF(m2 > 0, m2, 1)"));

    let forecast = "name: f, policy_type: PredictiveScaling, target_value: 60, \
                    predefined_metric_pair_specification: {predefined_metric_type: ECSServiceCPUUtilization}";
    assert!(with(forecast, &[]), "it only forecasts");
    assert!(!with(&format!("{forecast}, mode: ForecastAndScale"), &[]));

    let actions = |actions: &str| format!("services.web.scaling.scheduled_actions=[{actions}]");
    let night = "{name: night, schedule: cron(0 20 ? * MON-FRI *), min_capacity: 0}";
    let by_night = findings(&[&actions(night)]);
    let found = by_night.iter().find(|finding| finding.id == ID).expect("the night may end without a task");
    assert_eq!(found.path, "services.web.scaling.scheduled_actions.night.min_capacity");
    let morning = actions(&format!("{night}, {{name: morning, schedule: cron(0 8 ? * MON-FRI *), min_capacity: 2}}"));
    assert!(!fires(findings(&[&morning])));
    assert!(fires(findings(&[&morning, "services.web.scaling.suspended_state.scheduled_scaling_suspended=true"])));
}

/// Scripts look for a finding by its id, and people by its place.
#[test]
fn every_finding_names_a_place_and_a_remedy() {
    let all = [
        findings(&["services.web.scaling.min_capacity=1", "services.web.scaling.policies.cpu.scale_in_cooldown=1", "network="]),
        with_policies(&[&scale_out(70.0, "ChangeInCapacity", 1), &scale_in(69.0, "ChangeInCapacity", -1)], &[]),
    ];
    for finding in all.iter().flatten() {
        assert!(!finding.remedy.is_empty() && !finding.message.is_empty());
        assert!(finding.path == "network" || finding.path.starts_with("services.web."), "{}", finding.path);
    }
}

/// Two checks 30 s apart after two ticks of 9.5 s: 79 s. A container's own: three of 5 s and 2 s after 20 s, 41 s.
#[test]
fn starts_that_outlast_their_health_checks() {
    let time = |seconds: u32| format!("services.web.workload.start_up.time={seconds}s");
    let quiet = "services.web.scaling.policies.cpu.scale_out_cooldown=300";
    assert_eq!(ids(&[&time(79), quiet]), NONE);
    assert_eq!(ids(&[&time(80), quiet]), ["start-up-outlasts-health-checks"]);
    assert_eq!(ids(&[&time(80), quiet, "services.web.health_check_grace_period_seconds=90"]), NONE);
    let own = "services.web.task_definition.container_definitions=[{name: app, stop_timeout: 120, health_check: {interval: 5, timeout: 2, retries: 3, start_period: 20}}]";
    assert_eq!(ids(&[&time(41), quiet, own]), NONE);
    let found = findings(&[&time(42), quiet, own]);
    assert_eq!(found.len(), 1);
    assert!(found[0].message.contains("ready 42 s after") && found[0].message.contains("after about 41 s"), "{}", found[0].message);
    // A second container is given up after 60 s and one check of 15 s: its start period says nothing about the first.
    let two = own.replace("]", ", {name: proxy, health_check: {interval: 10, timeout: 5, retries: 1, start_period: 60}}]");
    let found = findings(&[&time(42), quiet, &two]);
    assert!(found.len() == 1 && found[0].message.contains("after about 41 s"), "{found:?}");
}

/// AWS, fargate-tasks-services: lazy loading is for images above 250 MiB, which are 262.1 MB.
#[test]
fn lazy_loading_of_a_small_image() {
    let soci =
        |size: &str| ids(&["services.web.workload.start_up.soci=true", &format!("services.web.workload.start_up.image_size={size}")]);
    assert_eq!(soci("250MiB"), ["soci-on-a-small-image"]);
    assert_eq!(soci("263MB"), NONE);
    assert_eq!(ids(&["services.web.workload.start_up.image_size=10MB"]), NONE);
}

/// Two datapoints of a minute, the first of them that in which traffic moves, and 170 s until they are published: 230 s.
#[test]
fn an_alarm_needs_time_to_stop_a_deployment() {
    let alarms = "alarms={errors: {service: web, metric_name: HTTPCode_Target_5XX_Count, threshold: 10, evaluation_periods: 2}}";
    let guarded = "services.web.deployment_configuration.alarms={enable: true, rollback: true, alarm_names: [errors]}";
    let with = |strategy: &str, minutes: u32| {
        let strategy = format!("services.web.deployment_configuration.strategy={strategy}");
        let bake = format!("services.web.deployment_configuration.bake_time_in_minutes={minutes}");
        ids(&[alarms, guarded, strategy.as_str(), bake.as_str()])
    };
    assert_eq!(with("BLUE_GREEN", 3), ["alarm-after-bake-time"]);
    assert_eq!(with("BLUE_GREEN", 4), NONE);
    assert_eq!(with("CANARY", 0), NONE, "ten minutes of canary");
    assert_eq!(with("ROLLING", 0), NONE);
}

/// What is kept for ever or polled at once costs more than it need.
#[test]
fn charges_without_end_are_noted() {
    assert_eq!(ids(&["services.web.workload.logs_per_request=1kB"]), ["logs-never-expire"]);
    assert_eq!(ids(&["services.web.workload.logs_per_request=1kB", "services.web.workload.logs_retention_in_days=30"]), NONE);
    let short =
        findings(&["services.web.workload.kind=queue", "services.web.load_balancer=null", "services.web.workload.receive.wait_time=0s"]);
    let note = short.iter().find(|finding| finding.id == "short-polling").expect("noted");
    assert_eq!((note.path.as_str(), note.severity), ("services.web.workload.receive.wait_time", Severity::Note));
}
