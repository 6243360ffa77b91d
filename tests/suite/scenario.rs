//! A scenario is read in every spelling, its faults are all told with their places, and what is not
//! modelled is refused by name.

use std::collections::BTreeMap;
use std::io;

use ecsim::error::{Error, ErrorKind, Fault};
use ecsim::files::Files;
use ecsim::scenario::model::{
    CapacityProvider, Distribution, Platform, Policy, RoutingAlgorithm, TargetTracking, TrackedMetric, TrafficKind,
};
use ecsim::scenario::{Loaded, Request, load};
use ecsim::units::{CpuUnits, Mebibytes, SimDuration};
use serde_json::{Value, json};

const EXAMPLE: &str = include_str!("../data/contract-example.yaml");

/// Files in memory.
#[derive(Default)]
struct Memory(BTreeMap<String, Vec<u8>>);

impl Files for Memory {
    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        self.0.get(name).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

fn load_with(text: &str, sets: &[&str], variant: Option<&str>) -> Result<Loaded, Error> {
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    load(&Request { name: "a.yaml", text: text.as_bytes(), sets: &sets, variant }, &Memory::default())
}

fn load_text(text: &str) -> Result<Loaded, Error> {
    load_with(text, &[], None)
}

pub fn load_json(document: &Value) -> Result<Loaded, Error> {
    load_text(&document.to_string())
}

fn faults(text: &str) -> Vec<Fault> {
    load_text(text).map_or_else(|error| error.faults().to_vec(), |_| Vec::new())
}

pub fn path(fault: &Fault) -> &str {
    fault.place.path.as_deref().unwrap_or_default()
}

pub fn service(parts: Value) -> Value {
    let mut service = json!({
        "task_definition": {"cpu": 1024, "memory": 2048}, "desired_count": 2, "launch_type": "FARGATE",
        "traffic": {"constant": 20}, "workload": {"cpu_time": "20ms"}
    });
    for (key, value) in parts.as_object().unwrap() {
        if value.is_null() {
            service.as_object_mut().unwrap().remove(key);
        } else {
            service[key] = value.clone();
        }
    }
    service
}

pub fn scenario(service: Value) -> Value {
    json!({"version": 1, "name": "contract", "region": "us-east-1", "simulation": {"duration": "6h"}, "services": {"web": service}})
}

fn policy() -> Value {
    json!({"name": "cpu", "policy_type": "TargetTrackingScaling", "predefined_metric_type": "ECSServiceAverageCPUUtilization",
           "target_value": 60, "scale_out_cooldown": 60, "scale_in_cooldown": 300})
}

fn scaled() -> Value {
    scenario(service(json!({"scaling": {"min_capacity": 2, "max_capacity": 20, "policies": [policy()]},
                            "load_balancer": {"load_balancer_type": "application"}})))
}

fn tracking(policy: &Policy) -> &TargetTracking {
    policy.target_tracking().expect("a target tracking policy")
}

#[test]
fn the_reference_example_breaks_no_rule_and_is_modelled() {
    let faults = faults(EXAMPLE);
    let wrong: Vec<String> = faults.iter().filter(|fault| fault.kind != ErrorKind::NotModelled).map(ToString::to_string).collect();
    assert_eq!(wrong, Vec::<String>::new());
    let mut paths: Vec<&str> = faults.iter().map(path).collect();
    paths.sort_unstable();
    assert_eq!(paths, [""; 0]);
}

#[test]
fn the_rest_of_the_reference_example_becomes_a_scenario() {
    let sets = ["cluster.capacity_providers=[]", "events=[]"];
    let loaded = load_with(EXAMPLE, &sets, None).unwrap();
    let scenario = &loaded.scenario;
    assert_eq!((scenario.name.as_str(), scenario.region.as_str()), ("web-shop", "us-east-1"));
    assert_eq!(scenario.simulation.start, Some("2026-03-02T00:00:00Z".parse().unwrap()));
    assert_eq!(scenario.simulation.duration, Some(SimDuration::from_hours(168)));
    let web = &scenario.services[0];
    assert_eq!((web.task.cpu, web.task.memory, web.task.platform), (CpuUnits(512), Mebibytes(1024), Platform::LinuxX86));
    let strategy: Vec<(CapacityProvider, u32, u32)> =
        web.strategy.iter().map(|item| (item.capacity_provider, item.base, item.weight)).collect();
    assert_eq!(strategy, [(CapacityProvider::Fargate, 2, 1), (CapacityProvider::FargateSpot, 0, 3)]);
    assert_eq!(web.workload.cpu_time, Distribution::Lognormal { mean: 0.04, cv: 1.5 });
    assert_eq!(web.workload.wait_time, Distribution::Constant { value: 0.08 });
    assert_eq!(web.workload.memory_base_bytes, 300.0 * 1024.0 * 1024.0);
    assert_eq!((web.workload.idle_cpu, web.workload.start_up.cpu), (0.02, 0.8));
    assert_eq!(web.workload.start_up.pull_rate_bytes_per_second, 30e6);
    let TrafficKind::Trace(trace) = &web.traffic[0].kind else { panic!("a trace") };
    assert_eq!((trace.file.as_str(), trace.unit_is_count, trace.start_at), ("traces/checkout.csv", Some(false), None));
    assert_eq!(web.traffic[0].growth, 0.05);
    assert_eq!(web.traffic[0].spikes[0].at, SimDuration::from_hours(36));
    let slo = web.slo.unwrap();
    assert_eq!((slo.latency_seconds, slo.availability), (Some(0.3), Some(0.999)));
    let scaling = web.scaling.as_ref().unwrap();
    assert_eq!((scaling.min_capacity, scaling.max_capacity), (2, 40));
    assert_eq!(tracking(&scaling.policies[0]).metric, TrackedMetric::CPU);
    assert_eq!(tracking(&scaling.policies[0]).scale_in_cooldown, SimDuration::from_seconds(300), "AWS's default");
    let names: Vec<&str> = scaling.policies.iter().map(Policy::name).collect();
    assert_eq!(names, ["cpu", "burst", "forecast"]);
    let Policy::Step(burst) = &scaling.policies[1] else { panic!("a step policy") };
    assert_eq!((burst.alarm.evaluation_periods, burst.alarm.datapoints_to_alarm, burst.min_adjustment_magnitude), (3, 2, 2));
    let steps: Vec<_> = burst.steps.iter().map(|step| (step.lower, step.upper, step.adjustment)).collect();
    assert_eq!(steps, [(Some(0.0), Some(10.0), 20), (Some(10.0), None, 50)]);
    let Policy::Predictive(forecast) = &scaling.policies[2] else { panic!("a forecast") };
    assert_eq!((forecast.scales, forecast.scheduling_buffer, forecast.target_value), (true, SimDuration::from_seconds(300), 60.0));
    let action = &scaling.scheduled_actions[0];
    assert_eq!((action.name.as_str(), action.min_capacity, action.max_capacity), ("office-hours", Some(6), Some(40)));
    assert_eq!(scenario.load_balancers[0].name, "shared");
    assert_eq!(web.target_group.as_ref().unwrap().algorithm, RoutingAlgorithm::RoundRobin);
    assert_eq!(scenario.spot.interruption_rate, 0.1);
    assert_eq!(scenario.network.as_ref().unwrap().nat_gateways, 2);
    assert_eq!(scenario.assumptions.scheduler_tick, SimDuration::from_millis(9_500));
    assert_eq!(scenario.pricing.overrides, [("fargate.linux_x86.vcpu_hour".to_owned(), "0.035".parse().unwrap())]);
    assert_eq!(scenario.pricing.catalog.as_deref(), Some("../pricing"));
    let plan = &scenario.pricing.savings_plans[0];
    assert_eq!((plan.commitment_per_hour, plan.term, plan.payment_option), ("1.50".parse().unwrap(), "1y", "no_upfront"));
    assert_eq!(scenario.uncertainty.traffic_scale.quantile(0.5), 1.0);
    assert_eq!(scenario.thresholds.len(), 3);
    assert_eq!(scenario.thresholds[2].bound, 0.999);
    assert_eq!(loaded.variants, ["all-spot", "calm"]);
}

#[test]
fn the_least_scenario_takes_the_documented_defaults() {
    let text = "version: 1\nservices:\n  web:\n    task_definition: {cpu: 256, memory: 512}\n    traffic: {constant: 0}\n    workload: {cpu_time: 0ms}\n";
    let loaded = load_text(text).unwrap();
    let web = &loaded.scenario.services[0];
    assert_eq!((web.desired_count, web.strategy.len(), web.strategy[0].capacity_provider), (1, 1, CapacityProvider::Fargate));
    assert_eq!((web.workload.concurrency, web.workload.backlog), (64, Some(128)));
    assert_eq!(web.workload.timeout, Some(Distribution::Constant { value: 60.0 }));
    assert_eq!(web.task.stop_timeout, SimDuration::from_seconds(30));
    assert_eq!(web.task.ephemeral_storage_gib, 20);
    assert!(web.target_group.is_none() && web.scaling.is_none() && web.slo.is_none());
    assert!(loaded.scenario.network.is_none());
    assert_eq!(loaded.scenario.cluster.availability_zones, 3);
    assert_eq!(loaded.scenario.assumptions.registration_ticks, 2);
    assert_eq!(loaded.scenario.assumptions.first_health_check, SimDuration::from_millis(1_800));
}

#[test]
fn any_casing_of_a_key_means_the_same() {
    let text = scaled().to_string();
    let camel = text.replace("target_value", "TargetValue").replace("scale_out_cooldown", "scaleOutCooldown");
    let camel = camel.replace("min_capacity", "MinCapacity").replace("desired_count", "desiredCount").replace("cpu_time", "cpu-time");
    let camel = camel.replace("TargetTrackingScaling", "targetTrackingScaling");
    assert_eq!(load_text(&text).unwrap().scenario, load_text(&camel).unwrap().scenario);
}

#[test]
fn aws_nesting_of_a_policy_means_the_same() {
    let mut nested = scaled();
    nested["services"]["web"]["scaling"]["policies"] = json!([{
        "PolicyName": "cpu", "PolicyType": "TargetTrackingScaling", "ServiceNamespace": "ecs",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 60.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
            "ScaleOutCooldown": 60, "ScaleInCooldown": 300}}]);
    let nested = load_json(&nested).unwrap();
    assert_eq!(nested.scenario, load_json(&scaled()).unwrap().scenario);
    assert_eq!(nested.ignored_keys.len(), 1);
}

#[test]
fn blocks_of_terraform_and_of_the_api_are_understood() {
    let document = scenario(service(json!({
        "deployment_minimum_healthy_percent": 50, "deployment_maximum_percent": 150,
        "deployment_circuit_breaker": {"enable": true, "rollback": true},
        "monitoring": {"metricConfigurations": [{"resolutionSeconds": 60}]},
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": [], "assignPublicIp": "ENABLED"}},
        "scaling": {"min_capacity": 1, "max_capacity": 4, "scheduled_actions": [
            {"ScheduledActionName": "night", "Schedule": "rate(1 day)", "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 2}}],
            "policies": [{"name": "steps", "policy_type": "StepScaling", "metric_name": "CPUUtilization", "alarm": {"threshold": 70},
              "step_scaling_policy_configuration": [{"adjustment_type": "ChangeInCapacity", "cooldown": 60,
                "step_adjustment": [{"metric_interval_lower_bound": "0", "scaling_adjustment": 1}]}]}]}
    })));
    let loaded = load_json(&document).unwrap();
    let scaling = loaded.scenario.services[0].scaling.as_ref().unwrap();
    assert_eq!((scaling.scheduled_actions[0].name.as_str(), scaling.scheduled_actions[0].max_capacity), ("night", Some(2)));
    let Policy::Step(steps) = &scaling.policies[0] else { panic!("a step policy") };
    assert_eq!((steps.cooldown, steps.steps[0].adjustment), (SimDuration::from_seconds(60), 1));
}

#[test]
fn yaml_and_json_of_one_scenario_are_the_same_scenario() {
    let yaml = "version: 1\nname: contract\nregion: us-east-1\nsimulation: {duration: 6h}\nservices:\n  web:\n    task_definition: {cpu: 1 vCPU, memory: 2 GB}\n    desired_count: 2\n    launch_type: fargate\n    traffic:\n      - constant: 20\n    workload: {cpu_time: 20ms}\n";
    assert_eq!(load_text(yaml).unwrap().scenario, load_json(&scenario(service(json!({})))).unwrap().scenario);
}

/// Each document breaks one rule; its message must hold the word.
#[test]
fn broken_rules_are_named() {
    let steps = |steps: Value| {
        service(json!({"scaling": {"min_capacity": 1, "max_capacity": 9, "policies": [{"name": "s", "policy_type": "StepScaling",
            "metric_name": "CPUUtilization", "alarm": {"threshold": 70}, "adjustment_type": "ChangeInCapacity", "step_adjustments": steps}]}}))
    };
    let strategy = |items: Value| service(json!({"launch_type": null, "capacity_provider_strategy": items}));
    let scaling = |scaling: Value| service(json!({"scaling": scaling}));
    let deployment = |parts: Value| service(json!({"deployment_configuration": parts, "load_balancer": {}}));
    let balancer = |balancer: Value| service(json!({"load_balancer": balancer}));
    let traffic = |traffic: Value| service(json!({"traffic": traffic}));
    let workload = |workload: Value| service(json!({"workload": workload}));
    let mut other = policy();
    other["name"] = json!("other");
    let track = |name: &str, extra: Value| {
        let mut policy = json!({"name": name, "policy_type": "TargetTrackingScaling", "target_value": 60});
        policy.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        policy
    };
    let cpu = json!({"customized_metric_specification": {"namespace": "AWS/ECS", "metric_name": "CPUUtilization", "statistic": "Average"}});
    let high = json!({"predefined_metric_type": "ECSServiceAverageCPUUtilizationHighResolution"});
    let backlog = json!({"metric_name": "BacklogPerTask"});
    let action = |bounds: Value| {
        let mut action = json!({"name": "night", "schedule": "cron(0 20 * * ? *)"});
        action.as_object_mut().unwrap().extend(bounds.as_object().unwrap().clone());
        scaling(json!({"min_capacity": 2, "max_capacity": 4, "scheduled_actions": [action]}))
    };
    let mut memory = policy();
    memory["predefined_metric_type"] = json!("ECSServiceAverageMemoryUtilization");
    let cases = [
        (service(json!({"task_definition": {"cpu": 256, "memory": 8192}})), "memory"),
        (service(json!({"task_definition": {"cpu": 300, "memory": 1024}})), "32768"),
        (service(json!({"task_definition": {"memory": 1024}})), "`cpu` must be given"),
        (
            service(json!({"task_definition": {"cpu": 1024, "memory": 2048, "container_definitions": [{"stop_timeout": 121}]}})),
            "2m at most",
        ),
        (service(json!({"task_definition": {"cpu": 1024, "memory": 2048, "ephemeral_storage": {"size_in_gib": 201}}})), "20 to 200"),
        (
            service(
                json!({"task_definition": {"cpu": 8192, "memory": 16384, "runtime_platform": {"operating_system_family": "WINDOWS_SERVER_2022_CORE"}}}),
            ),
            "Windows",
        ),
        (scaling(json!({"min_capacity": 9, "max_capacity": 3})), "max"),
        (scaling(json!({"min_capacity": 1})), "`max_capacity` must be given"),
        (scaling(json!({"min_capacity": 1, "max_capacity": 3, "policies": [policy(), memory]})), "name `cpu` already"),
        (scaling(json!({"min_capacity": 1, "max_capacity": 3, "policies": [policy(), other]})), "different metrics"),
        (scaling(json!({"min_capacity": 1, "max_capacity": 3, "policies": [policy(), track("own", cpu)]})), "`cpu` follows CPUUtilization"),
        (
            scaling(json!({"min_capacity": 1, "max_capacity": 3, "policies": [policy(), track("high", high)]})),
            "`cpu` follows CPUUtilization",
        ),
        (
            service(json!({"workload": {"kind": "queue", "cpu_time": "20ms"}, "scaling": {"min_capacity": 1, "max_capacity": 3,
                "policies": [track("a", backlog.clone()), track("b", backlog)]}})),
            "`a` follows BacklogPerTask",
        ),
        (action(json!({"min_capacity": 5})), "min_capacity 5 is above the target's max_capacity 4"),
        (action(json!({"max_capacity": 1})), "max_capacity 1 is below the target's min_capacity 2"),
        (
            scaling(json!({"min_capacity": 1, "max_capacity": 3, "policies": [{"name": "a", "policy_type": "TargetTrackingScaling",
            "predefined_metric_type": "ALBRequestCountPerTarget", "target_value": 100}]})),
            "load_balancer",
        ),
        (
            scaling(json!({"min_capacity": 1, "max_capacity": 3, "policies": [{"name": "a", "policy_type": "TargetTrackingScaling",
            "predefined_metric_type": "ECSServiceAverageCPUUtilization", "target_value": 0}]})),
            "above 0",
        ),
        (
            scaling(json!({"min_capacity": 1, "max_capacity": 3, "policies": [{"name": "a", "policy_type": "TargetTrackingScaling",
            "predefined_metric_type": "ECSServiceAverageCPUUtilization", "target_value": 50, "cooldown": 60}]})),
            "no meaning",
        ),
        (
            scaling(
                json!({"min_capacity": 1, "max_capacity": 3, "scheduled_actions": [{"name": "a", "schedule": "cron(0 8 * *)", "min_capacity": 2}]}),
            ),
            "six fields",
        ),
        (
            strategy(
                json!([{"capacity_provider": "FARGATE", "base": 1, "weight": 1}, {"capacity_provider": "FARGATE_SPOT", "base": 1, "weight": 1}]),
            ),
            "base",
        ),
        (strategy(json!([{"capacity_provider": "FARGATE", "weight": 0}])), "weight"),
        (strategy(json!([])), "1 to 20"),
        (strategy(json!([{"capacity_provider": "FARGATE", "weight": 1001}, {"capacity_provider": "FARGATE_SPOT", "weight": 1}])), "1000"),
        (strategy(json!([{"capacity_provider": "FARGAT_SPOT", "weight": 1}])), "did you mean `FARGATE_SPOT`"),
        (service(json!({"capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": 1}]})), "launch_type"),
        (service(json!({"ordered_placement_strategy": [{"type": "binpack", "field": "memory"}]})), "placement"),
        (traffic(json!({"constant": -1})), "constant"),
        (traffic(json!({"constant": 1, "pattern": {"base": 1, "peak": 2}})), "constant and pattern"),
        (traffic(json!({})), "needs one of"),
        (traffic(json!({"trace": {"file": "a.csv"}, "dispersion": 2})), "no effect"),
        (traffic(json!({"pattern": {"base": 3, "peak": 2}})), "above peak"),
        (traffic(json!({"pattern": {"base": 1, "peak": 2, "timezone": "Mars/Olympus"}})), "IANA"),
        (traffic(json!({"pattern": {"base": 1, "peak": 2, "peak_at": "25:00"}})), "time of day"),
        (traffic(json!({"constant": 1, "spikes": [{"at": "2026-01-01T00:00:00Z", "factor": 2}]})), "`start`"),
        (balancer(json!({"deregistration_delay": 3601})), "1h"),
        (balancer(json!({"slow_start": 10})), "30s"),
        (balancer(json!({"health_check": {"interval": 5, "timeout": 5}})), "shorter than interval"),
        (workload(json!({"cpu_time": "20ms", "concurrency": 0})), "from 1"),
        (workload(json!({"cpu_time": "20ms", "idle_cpu": "101%"})), "0% to 100%"),
        (workload(json!({"cpu_time": "20ms", "receive": {}})), "kind http"),
        (workload(json!({"wait_time": "20ms"})), "`cpu_time` must be given"),
        (
            service(json!({"workload": {"kind": "queue", "cpu_time": "20ms"}, "load_balancer": {"load_balancer_type": "application"}})),
            "no load balancer sends it any",
        ),
        (service(json!({"slo": {}})), "latency or availability"),
        (service(json!({"monitoring": {"resolution_seconds": 30}})), "60 and 20"),
        (service(json!({"deployment_configuration": {"minimum_healthy_percent": 100, "maximum_percent": 100}})), "no room"),
        (deployment(json!({"minimum_healthy_percent": 66.7})), "expected whole percent from 0 to 100 (write 66 or 67)"),
        (deployment(json!({"maximum_percent": "133.4%"})), "expected whole percent from 100 to 200 (write 133 or 134)"),
        (deployment(json!({"deployment_circuit_breaker": {"enable": true, "threshold_configuration": {"value": 12.5}}})), "write 12 or 13"),
        (service(json!({"deployment_configuration": {"strategy": "BLUE_GREEN"}})), "has no load_balancer"),
        (service(json!({"deployment_configuration": {"strategy": "CodeDeployDefault.ECSAllAtOnce"}})), "has no load_balancer"),
        (deployment(json!({"strategy": "LINEAR", "deployment_circuit_breaker": {"enable": true}})), "ROLLING only"),
        (deployment(json!({"strategy": "CANARY", "canary_configuration": {"canary_percent": 0}})), "0.1 to 100"),
        (deployment(json!({"alarms": {"enable": true}})), "none is named"),
        (deployment(json!({"alarms": {"alarm_names": ["errors"]}})), "there is no alarm `errors`"),
        (
            service(json!({"deployment_configuration": {"strategy": "CodeDeployDefault.ECSCanary10Percent5Minutes"},
                           "load_balancer": {"load_balancer_type": "network"}})),
            "CodeDeploy moves traffic all at once",
        ),
        (
            service(json!({"deployment_configuration": {"strategy": "CodeDeployDefault.ECSAllAtOnce"}, "load_balancer": {},
                           "monitoring": {"resolution_seconds": 20}})),
            "do not go with CodeDeploy",
        ),
        (
            service(json!({"deployment_configuration": {"strategy": "BLUE_GREEN"}, "load_balancer": {}, "scaling": {"min_capacity": 1,
                           "max_capacity": 2, "policies": [{"name": "requests", "policy_type": "TargetTrackingScaling",
                           "predefined_metric_type": "ALBRequestCountPerTarget", "target_value": 60}]}})),
            "not supported with deployments that move traffic",
        ),
        (
            steps(json!([{"metric_interval_lower_bound": 0, "metric_interval_upper_bound": 20, "scaling_adjustment": 1},
                      {"metric_interval_lower_bound": 10, "scaling_adjustment": 2}])),
            "step",
        ),
    ];
    for (service, word) in cases {
        let error = load_json(&scenario(service.clone())).unwrap_err();
        let inputs: Vec<String> = error.faults().iter().filter(|fault| fault.kind == ErrorKind::Input).map(ToString::to_string).collect();
        assert!(inputs.len() == 1 && inputs[0].contains(word), "{word}: {inputs:?} {service}");
    }
}

/// What stands near a fault and is none: another statistic is another metric, and a bound that some action moves may
/// be crossed by another action.
#[test]
fn neighbours_of_broken_rules_are_read() {
    let own = json!({"name": "own", "policy_type": "TargetTrackingScaling", "target_value": 60, "customized_metric_specification":
        {"namespace": "AWS/ECS", "metric_name": "CPUUtilization", "statistic": "Maximum"}});
    let night = |bounds: [u32; 2]| {
        json!([{"name": "night", "schedule": "cron(0 20 * * ? *)", "max_capacity": bounds[0]},
               {"name": "before", "schedule": "cron(59 19 * * ? *)", "min_capacity": bounds[1]}])
    };
    for scaling in [
        json!({"min_capacity": 1, "max_capacity": 3, "policies": [policy(), own]}),
        json!({"min_capacity": 2, "max_capacity": 4, "scheduled_actions": night([1, 1])}),
        json!({"min_capacity": 2, "max_capacity": 4, "scheduled_actions": night([9, 5])}),
    ] {
        let document = scenario(service(json!({"scaling": scaling})));
        assert!(load_json(&document).is_ok(), "{:?}", load_json(&document).err());
    }
}

#[test]
fn broken_rules_of_the_top_level_are_named() {
    let with = |key: &str, value: Value| {
        let mut document = scenario(service(json!({})));
        document[key] = value;
        document
    };
    for (document, word) in [
        (with("regoin", json!("us-east-1")), "did you mean `region`"),
        (with("version", json!(2)), "from 1 to 1"),
        (with("region", json!("mars-north-1")), "mars-north-1"),
        (with("region", json!("us-west-2-lax-1")), "unknown region"),
        (with("services", json!({})), "at least one service"),
        (with("services", json!([])), "a map of names"),
        (with("thresholds", json!(["monthly_cost = 3"])), "comparison"),
        (with("simulation", json!({"duration": "0s"})), "1s"),
        (with("simulation", json!({"timeline_resolution": "7s"})), "divide an hour"),
        (with("cluster", json!({"availability_zones": 7})), "from 1 to 6"),
        (with("spot", json!({"interruption_rate": "100%"})), "0% to 99%"),
        (with("events", json!([{"at": "1h", "kind": "task_failure", "service": "wbe"}])), "no service `wbe`"),
        (with("events", json!([{"kind": "spot_shortage", "duration": "1h"}])), "either `at` or a `schedule`"),
        (with("pricing", json!({"overrides": {"a": "-1"}})), "dollars"),
        (json!([]), "a map"),
    ] {
        let message = load_json(&document).unwrap_err().to_string();
        assert!(message.contains(word), "{word}: {message}");
    }
}

#[test]
fn all_faults_are_told_at_once_with_their_lines() {
    let text = "version: 1\nregoin: us-east-1\nservices:\n  web:\n    task_definition: {cpu: 256, memory: 8192}\n    traffic: {constant: -1}\n    workload:\n      cpu_time: fast\n      concurency: 3\n    scaling:\n      min_capacity: 9\n      max_capacity: 3\n";
    let found: Vec<(Option<usize>, String)> = faults(text).iter().map(|fault| (fault.place.line, fault.message.clone())).collect();
    let lines: Vec<Option<usize>> = found.iter().map(|(line, _)| *line).collect();
    for line in [2, 6, 8, 9, 12] {
        assert!(lines.contains(&Some(line)), "line {line}: {found:?}");
    }
    let error = load_text(text).unwrap_err().to_string();
    assert!(
        error.contains("a.yaml:9:7: services.web.workload.concurency: unknown key `concurency` (did you mean `concurrency`?)"),
        "{error}"
    );
}

#[test]
fn a_setting_finds_items_by_name_and_keys_in_any_spelling() {
    let text = scaled().to_string();
    let target = |sets: &[&str]| {
        load_with(&text, sets, None).unwrap().scenario.services[0]
            .scaling
            .clone()
            .map(|scaling| tracking(&scaling.policies[0]).target_value)
            .unwrap()
    };
    assert_eq!(target(&["services.web.scaling.policies.cpu.target_value=50"]), 50.0);
    assert_eq!(target(&["services.web.scaling.policies.0.TargetValue=51"]), 51.0);
    assert_eq!(target(&["services.web.scaling.policies.cpu.target_tracking_scaling_policy_configuration.target_value=52"]), 52.0);
    let loaded = load_with(&text, &["simulation.seed=7", "spot.interruption_rate=5%", "services.web.traffic={constant: 3}"], None).unwrap();
    assert_eq!((loaded.scenario.simulation.seed, loaded.scenario.spot.interruption_rate), (7, 0.05));
    assert_eq!(loaded.scenario.services[0].traffic[0].kind, TrafficKind::Constant(3.0));
    let loaded = load_with(&text, &["pricing.overrides.fargate.linux_x86.vcpu_hour=0.035"], None).unwrap();
    assert_eq!(loaded.scenario.pricing.overrides[0].0, "fargate.linux_x86.vcpu_hour");
}

#[test]
fn a_setting_that_leads_nowhere_says_what_is_there() {
    let text = scaled().to_string();
    for (set, word) in [
        ("services.web.scaling.policies.memory.target_value=50", "items are cpu"),
        ("services.web.desired_cuont=3", "did you mean `desired_count`"),
        ("services.web.desired_count=many", "--set services.web.desired_count: services.web.desired_count: found `many`"),
        ("nonsense", "PATH=VALUE"),
        ("region.x=1", "there is no `x`"),
        ("services..web=1", "part of it is empty"),
        ("services.web.traffic={constant: [}", "--set services.web.traffic"),
    ] {
        let message = load_with(&text, &[set], None).unwrap_err().to_string();
        assert!(message.contains(word), "{set}: {message}");
    }
}

fn with_variants() -> String {
    let mut document = scaled();
    document["variants"] = json!({
        "all-spot": {"services": {"web": {"launch_type": null, "capacityProviderStrategy": [{"capacity_provider": "FARGATE_SPOT", "weight": 1}]}}},
        "calm": {"services.web.scaling.policies.cpu.target_value": 40},
        "calmer": {"services.web.scaling.policies.cpu.target_value": 30, "name": "calmer"}});
    document.to_string()
}

#[test]
fn variants_are_merged_in_order_and_settings_come_last() {
    let text = with_variants();
    let web = |variant, sets: &[&str]| load_with(&text, sets, variant).unwrap().scenario.services[0].clone();
    let target = |service: &ecsim::scenario::model::Service| tracking(&service.scaling.as_ref().unwrap().policies[0]).target_value;
    assert_eq!(web(Some("all-spot"), &[]).strategy[0].capacity_provider, CapacityProvider::FargateSpot);
    assert_eq!(target(&web(None, &[])), 60.0);
    assert_eq!(target(&web(Some("calm+calmer"), &[])), 30.0);
    assert_eq!(target(&web(Some("calmer+calm"), &[])), 40.0);
    assert_eq!(target(&web(Some("calm"), &["services.web.scaling.policies.cpu.target_value=70"])), 70.0);
    let message = load_with(&text, &[], Some("clam")).unwrap_err().to_string();
    assert!(message.contains("no variant `clam`") && message.contains("all-spot, calm, calmer"), "{message}");
}

#[test]
fn a_broken_variant_is_a_fault_of_the_scenario() {
    let text = "version: 1\nservices:\n  web:\n    task_definition: {cpu: 256, memory: 512}\n    traffic: {constant: 0}\n    workload: {cpu_time: 0ms}\nvariants:\n  big: {services: {web: {task_definition: {memory: 9000}}}}\n  burst: {services: {web: {workload: {cpu_limit: quota}}}}\n";
    let found = faults(text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].message.starts_with("variant `big`: "));
    assert_eq!((found[0].place.line, path(&found[0])), (Some(8), "services.web.task_definition.memory"));
    let loaded = load_text(&text.replace("9000", "1024")).unwrap();
    assert!(loaded.warnings.iter().any(|warning| warning.contains("variant `burst`")), "{:?}", loaded.warnings);
}

#[test]
fn a_task_definition_file_is_read_as_the_cli_describes_it() {
    let described = json!({"taskDefinition": {"family": "web", "cpu": "1024", "memory": "2048", "revision": 7, "status": "ACTIVE",
        "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "runtimePlatform": {"cpuArchitecture": "ARM64"},
        "containerDefinitions": [{"name": "app", "image": "nginx", "cpu": 0, "essential": true, "stopTimeout": 60,
            "portMappings": [], "logConfiguration": {"logDriver": "awslogs"}}]}, "tags": []});
    let files = Memory(BTreeMap::from([("scenarios/td.json".to_owned(), described.to_string().into_bytes())]));
    let load_file = |task: Value, sets: &[String]| {
        let text = scenario(service(json!({"task_definition": task}))).to_string();
        load(&Request { name: "scenarios/a.yaml", text: text.as_bytes(), sets, variant: None }, &files)
    };
    let loaded = load_file(json!({"file": "td.json"}), &[]).unwrap();
    let task = &loaded.scenario.services[0].task;
    assert_eq!((task.cpu, task.memory, task.platform), (CpuUnits(1024), Mebibytes(2048), Platform::LinuxArm));
    assert_eq!(task.stop_timeout, SimDuration::from_seconds(60));
    assert_eq!(loaded.inputs.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["scenarios/a.yaml", "scenarios/td.json"]);
    let ignored: Vec<&str> = loaded.ignored_keys.iter().filter_map(|place| place.path.as_deref()).collect();
    assert!(ignored.contains(&"services.web.task_definition.family"), "{ignored:?}");
    assert!(ignored.contains(&"services.web.task_definition.container_definitions.app.image"), "{ignored:?}");

    let beside = load_file(json!({"file": "td.json", "cpu": 512}), &["services.web.task_definition.memory=4096".to_owned()]).unwrap();
    assert_eq!(beside.scenario.services[0].task.cpu, CpuUnits(512));
    assert_eq!(beside.scenario.services[0].task.memory, Mebibytes(4096));
    let message = load_file(json!({"file": "no-such.json"}), &[]).unwrap_err().to_string();
    assert!(message.contains("scenarios/no-such.json"), "{message}");
    let message = load_file(json!({"file": "td.json", "cpu": 300}), &[]).unwrap_err().to_string();
    assert!(message.starts_with("scenarios/a.yaml:1:"), "{message}");
    let message = load_file(json!({"file": "td.json"}), &["services.web.task_definition.memory=1".to_owned()]).unwrap_err().to_string();
    assert!(message.contains("--set services.web.task_definition.memory"), "{message}");
}

#[test]
fn services_share_a_balancer_that_they_agree_on() {
    let one = |listener_rules: u32| service(json!({"load_balancer": {"name": "shared", "listener_rules": listener_rules}}));
    let both = |rules: u32| {
        let mut document = scenario(one(5));
        document["services"]["api"] = one(rules);
        load_json(&document)
    };
    let loaded = both(5).unwrap();
    assert_eq!(loaded.scenario.load_balancers.len(), 1);
    assert!(loaded.scenario.services.iter().all(|service| service.target_group.as_ref().unwrap().load_balancer == 0));
    let message = both(6).unwrap_err().to_string();
    assert!(message.contains("shared with service `web`, whose `listener_rules` differs"), "{message}");
}

#[test]
fn a_count_outside_of_the_bounds_is_moved_with_a_warning() {
    let document = scenario(service(json!({"desired_count": 9, "scaling": {"min_capacity": 1, "max_capacity": 4}})));
    let loaded = load_json(&document).unwrap();
    assert_eq!(loaded.scenario.services[0].desired_count, 4);
    assert!(loaded.warnings[0].contains("starts with 4"), "{:?}", loaded.warnings);
}

#[test]
fn limits_of_requests_have_no_effect_on_a_queue() {
    let document = scenario(service(json!({"workload": {"kind": "queue", "cpu_time": "20ms", "backlog": 5, "timeout": "3s",
        "visibility_timeout": "2m", "message_retention_period": "1d", "max_receive_count": "unlimited", "receive": {"batch_size": 1}}})));
    let loaded = load_json(&document).unwrap();
    let workload = &loaded.scenario.services[0].workload;
    assert_eq!((workload.backlog, &workload.timeout), (None, &None));
    let queue = workload.queue.unwrap();
    assert_eq!((queue.visibility_timeout.as_seconds_f64(), queue.message_retention_period.as_hours_f64()), (120.0, 24.0));
    let found = loaded.warnings.iter().filter(|warning| warning.contains("no effect on a workload of kind queue")).count();
    assert_eq!(found, 2, "{:?}", loaded.warnings);
    assert_eq!(load_json(&scenario(service(json!({})))).unwrap().scenario.services[0].workload.queue, None);
}

#[test]
fn a_value_that_equals_its_default_asks_for_nothing() {
    let document = json!({
        "version": 1, "simulation": {"fidelity": "fluid", "replications": 1}, "cluster": {"container_insights": "disabled", "capacity_providers": []},
        "services": {"web": service(json!({"availability_zone_rebalancing": "ENABLED", "deployment_configuration": {"strategy": "ROLLING"},
            "monitoring": {"resolution_seconds": 60}, "load_balancer": {"slow_start": 0, "health_check": {"shares_workers": false}},
            "workload": {"kind": "http", "cpu_time": "1ms", "on_timeout": "abandon", "cpu_limit": "smooth", "retries": {"max": 0}, "start_up": {"soci": false}},
            "scaling": {"min_capacity": 1, "max_capacity": 2, "suspended_state": {"scheduled_scaling_suspended": false}, "scheduled_actions": []}}))},
        "alarms": {}, "spot": {"correlation": 0, "shortage": {"mean_time_between": "0d"}}, "quotas": {"fargate_spot_vcpu": "unlimited"}, "events": [],
        "uncertainty": {"traffic_scale": 1, "growth": "0%"}, "pricing": {"free_tier": false, "account_usage": {"data_out_gb": 0}, "savings_plans": []}
    });
    assert!(load_json(&document).is_ok(), "{}", load_json(&document).unwrap_err());
}

/// Each wish stands alone; the scenario is right, so it is refused as not modelled, at its own path.
#[test]
fn each_wish_that_is_not_modelled_is_refused_by_name() {
    let spot = |items: Value| json!({"launch_type": null, "capacity_provider_strategy": items});
    let workload = |key: &str, value: Value| json!({"workload": {"cpu_time": "1ms", key: value}});
    let of_service = [
        (json!({"launch_type": "EC2"}), "launch_type"),
        (
            json!({"load_balancer": {"load_balancer_type": "network"}, "deployment_configuration": {"strategy": "CANARY"}}),
            "deployment_configuration.strategy",
        ),
        (workload("cpu_limit", json!("quota")), "workload.cpu_limit"),
    ];
    for (parts, key) in of_service {
        let error = load_json(&scenario(service(parts))).unwrap_err();
        let found: Vec<(ErrorKind, &str)> = error.faults().iter().map(|fault| (fault.kind, path(fault))).collect();
        assert_eq!(found, [(ErrorKind::NotModelled, format!("services.web.{key}").as_str())], "{error}");
    }
    let providers = spot(json!([{"capacity_provider": "group", "weight": 1}]));
    let mut document = scenario(service(providers));
    document["cluster"] =
        json!({"capacity_providers": [{"name": "group", "instance_type": "m7i.large", "max_size": 3, "purchase_option": "spot"}]});
    let error = load_json(&document).unwrap_err();
    let found: Vec<(ErrorKind, &str)> = error.faults().iter().map(|fault| (fault.kind, path(fault))).collect();
    assert_eq!(found, [(ErrorKind::NotModelled, "cluster.capacity_providers.group.purchase_option")], "{error}");
}

/// The table of the ECS guide; each vector names its source.
#[test]
fn fargate_sizes_follow_the_published_table() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("../data/fargate-sizes.json")).unwrap();
    let is_size = |cpu: u64, memory: u64| {
        let [cpu, memory] = [cpu, memory].map(|amount| u32::try_from(amount).unwrap());
        ecsim::scenario::check::fargate::fault_of(CpuUnits(cpu), Mebibytes(memory), false).is_none()
    };
    let mut checked = 0;
    for vector in &vectors {
        if let Some(cpu) = vector["input"]["cpu"].as_u64() {
            assert_eq!(is_size(cpu, vector["input"]["mem_mib"].as_u64().unwrap()), vector["expected"]["valid"], "{vector}");
            checked += 1;
            continue;
        }
        for (cpu, memories) in vector["expected"].as_object().unwrap() {
            let memories: Vec<u64> = memories.as_array().unwrap().iter().map(|memory| memory.as_u64().unwrap()).collect();
            for memory in (0..=262_144).step_by(512) {
                assert_eq!(is_size(cpu.parse().unwrap(), memory), memories.contains(&memory), "{cpu} {memory}");
            }
            checked += 1;
        }
    }
    assert_eq!(checked, 13, "eight CPU sizes and five single cases");
}

mod any_text {
    use super::{EXAMPLE, load_text, load_with};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn never_panics(text in "\\PC{0,200}") {
            let _ = load_text(&text);
        }

        #[test]
        fn of_yaml_signs_never_panics(text in "[-:#&*!|>'\"{}\\[\\],?a1 \\n\\t%@`~<]{0,80}") {
            let _ = load_text(&text);
            let _ = load_with(super::EXAMPLE, &[&text], None);
        }

        #[test]
        fn never_panics_as_a_changed_example(at in 0..EXAMPLE.len(), length in 0..40_usize, insert in "[-:{}\\[\\],a0-9 %\\n'\"]{0,6}") {
            let mut text = EXAMPLE.as_bytes().to_vec();
            let end = (at + length).min(text.len());
            text.splice(at..end, insert.bytes());
            let _ = load_text(&String::from_utf8_lossy(&text));
        }

        #[test]
        fn never_panics_as_a_value(value in "[-+.eE0-9a-z%{}\\[\\]: ,]{0,30}", path in prop::sample::select(vec![
            "services.web.workload.cpu_time", "services.web.workload.timeout", "services.web.task_definition.memory", "simulation.start",
            "services.web.traffic", "pricing.discount", "thresholds", "spot", "services.web.scaling.policies", "simulation.duration", "events",
        ])) {
            let _ = load_with(EXAMPLE, &[&format!("{path}={value}")], None);
        }
    }
}

#[test]
fn a_schedule_that_never_comes_is_refused() {
    let with = |schedule: &str, zone: &str| {
        load_json(&scenario(service(json!({"scaling": {"min_capacity": 1, "max_capacity": 3, "scheduled_actions": [
            {"name": "a", "schedule": schedule, "timezone": zone, "min_capacity": 2}]}}))))
        .map_or_else(|error| error.to_string(), |_| "accepted".to_owned())
    };
    assert!(with("cron(0 8 30 2 ? *)", "UTC").contains("never comes"));
    assert!(with("at(2026-03-29T02:30:00)", "Europe/Berlin").contains("Europe/Berlin has no such local time"));
    assert_eq!(with("at(2026-03-29T02:30:00)", "UTC"), "accepted");
}

/// Seekable OCI: a share of the image comes before the container starts, a third unless it is said; Fargate has it for Linux alone.
#[test]
fn lazy_image_loading_is_read() {
    let share = |start_up: Value| {
        let document = scenario(service(json!({"workload": {"cpu_time": "1ms", "start_up": start_up}})));
        load_json(&document).unwrap().scenario.services[0].workload.start_up.pulled_share
    };
    assert_eq!(share(json!({})), 1.0);
    assert_eq!(share(json!({"soci_share": "10%"})), 1.0);
    assert_eq!(share(json!({"soci": true})), 0.33);
    assert_eq!(share(json!({"soci": true, "soci_share": "10%"})), 0.1);
    let windows = json!({"cpu": 1024, "memory": 2048, "runtime_platform": {"operating_system_family": "WINDOWS_SERVER_2022_CORE"}});
    let document = scenario(service(json!({"task_definition": windows, "workload": {"cpu_time": "1ms", "start_up": {"soci": true}}})));
    let error = load_json(&document).unwrap_err();
    assert_eq!(error.faults().iter().map(path).collect::<Vec<_>>(), ["services.web.workload.start_up.soci"], "{error}");
}

/// A container's check: how often, how long each, how many failures, from when on. Of several containers the first that notices and the last
/// that is healthy count: the proxy gives up after 3 x (30 + 5) s, the app 2 x (10 + 4) s after its first minute and a half.
#[test]
fn checks_of_containers_are_read() {
    let containers = json!([
        {"name": "app", "health_check": {"command": ["CMD-SHELL", "true"], "interval": 10, "timeout": 4, "retries": 2, "start_period": 90}},
        {"name": "proxy", "health_check": {}},
        {"name": "logs"}
    ]);
    let document = scenario(service(json!({"task_definition": {"cpu": 256, "memory": 512, "container_definitions": containers}})));
    let task = load_json(&document).unwrap().scenario.services[0].task.clone();
    let patience = task.container_check_patience.unwrap();
    let given_up = [0, 13, 14, 90, 200].map(|age| patience.given_up_at(SimDuration::from_seconds(age)));
    assert_eq!(given_up, [105, 118, 118, 118, 228].map(SimDuration::from_seconds));
    assert_eq!(task.container_check_interval, SimDuration::from_seconds(30));
}
