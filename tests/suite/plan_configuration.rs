//! What `plan` prints to paste: every block is read by a parser of its language and holds what the answer says.

use ecsim::report::configuration::{aws_cli, cloudformation, terraform};
use ecsim::result::Figure;
use ecsim::result::plan::{
    PlanConfiguration, PlanEffort, PlanResult, PolicyConfiguration, ServiceConfiguration, StrategyConfiguration, TargetConfiguration,
};
use ecsim::scenario::document::{Node, parse};
use serde_json::{Value, json};

/// An answer whose names are as awkward as AWS allows, and more.
fn result() -> PlanResult {
    let configuration = |cost: &str| PlanConfiguration {
        changes: Vec::new(),
        monthly_cost: cost.to_owned(),
        services: Vec::new(),
        thresholds: Vec::new(),
        risk: None,
    };
    let policy = |name: &str, metric: &str| PolicyConfiguration {
        name: name.to_owned(),
        predefined_metric_type: metric.to_owned(),
        target_value: Figure(72.5),
        scale_out_cooldown: 60,
        scale_in_cooldown: 300,
        disable_scale_in: true,
    };
    let strategy = |provider: &str, base, weight| StrategyConfiguration { capacity_provider: provider.to_owned(), base, weight };
    let service = |name: &str, target| ServiceConfiguration {
        service: name.to_owned(),
        cpu: 512,
        memory: 1024,
        cpu_architecture: "ARM64".to_owned(),
        operating_system_family: "LINUX".to_owned(),
        desired_count: 3,
        new_task_definition: true,
        adds_spot: false,
        capacity_provider_strategy: vec![strategy("FARGATE", 2, 1), strategy("FARGATE_SPOT", 0, 3)],
        scalable_target: target,
        policies: Vec::new(),
        removed_policies: Vec::new(),
        kept_policies: vec!["burst\n!".to_owned()],
    };
    let scaled = ServiceConfiguration {
        policies: vec![policy("it's \"cpu\" ${x}", "ECSServiceAverageCPUUtilization"), policy("per-target", "ALBRequestCountPerTarget")],
        removed_policies: vec!["old 'one'".to_owned()],
        ..service("web-shop", Some(TargetConfiguration { min_capacity: 2, max_capacity: 40 }))
    };
    PlanResult {
        ecsim_version: "1".to_owned(),
        scenario: "a\nb: {".to_owned(),
        variant: None,
        region: "us-east-1".to_owned(),
        seed: 1,
        confidence: Figure(0.95),
        meets: true,
        current: configuration("200.00"),
        chosen: configuration("100.00"),
        runner_up: None,
        binding: None,
        at_the_edge: Vec::new(),
        more_availability: None,
        space: Vec::new(),
        held: Vec::new(),
        stretch: None,
        confirmed_by: Vec::new(),
        effort: PlanEffort {
            configurations: 1,
            impossible: 0,
            of: None,
            stretch_runs: 1,
            window_runs: 1,
            confirmations: 1,
            ended_early: false,
        },
        cluster: "main".to_owned(),
        services: vec![scaled, service("7 fixed", None)],
        by_hand: Vec::new(),
        warnings: Vec::new(),
    }
}

fn text(node: &Node, path: &[&str]) -> String {
    let node = path.iter().fold(node, |node, key| node.get(key).unwrap_or_else(|| panic!("{key} of {path:?}")));
    node.text().unwrap_or_else(|| panic!("{path:?} is no plain value")).to_owned()
}

#[test]
fn cloudformation_is_yaml_with_the_types_and_properties_of_aws() {
    let yaml = cloudformation(&result()).unwrap();
    let template = parse("template.yaml", yaml.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{yaml}"));
    let of = |path: &[&str]| text(&template, &[&["Resources"], path].concat());
    assert_eq!(of(&["WebShopTaskDefinition", "Type"]), "AWS::ECS::TaskDefinition");
    assert_eq!(of(&["WebShopTaskDefinition", "Properties", "Cpu"]), "512");
    assert_eq!(of(&["WebShopTaskDefinition", "Properties", "RuntimePlatform", "CpuArchitecture"]), "ARM64");
    assert_eq!(of(&["WebShopService", "Type"]), "AWS::ECS::Service");
    assert_eq!(of(&["WebShopService", "Properties", "TaskDefinition", "Ref"]), "WebShopTaskDefinition");
    assert_eq!(of(&["WebShopScalableTarget", "Type"]), "AWS::ApplicationAutoScaling::ScalableTarget");
    assert_eq!(of(&["WebShopScalableTarget", "Properties", "ResourceId"]), "service/main/web-shop");
    assert_eq!(of(&["WebShopScalableTarget", "Properties", "MaxCapacity"]), "40");
    let policy = |rest: &[&str]| of(&[&["WebShopItSCpuXPolicy", "Properties"], rest].concat());
    assert_eq!(policy(&["PolicyName"]), "it's \"cpu\" ${x}");
    let tracking = "TargetTrackingScalingPolicyConfiguration";
    assert_eq!(
        (policy(&[tracking, "TargetValue"]), policy(&[tracking, "PredefinedMetricSpecification", "PredefinedMetricType"])),
        ("72.5".into(), "ECSServiceAverageCPUUtilization".into())
    );
    assert_eq!(of(&["7FixedService", "Properties", "DesiredCount"]), "3");
    let strategy = template.get("Resources").and_then(|all| all.get("WebShopService")?.get("Properties")?.get("CapacityProviderStrategy"));
    let ecsim::scenario::document::Value::List(items) = &strategy.unwrap().value else { panic!("a list") };
    let item = |item: &Node| [text(item, &["CapacityProvider"]), text(item, &["Base"]), text(item, &["Weight"])].join(" ");
    assert_eq!(items.iter().map(item).collect::<Vec<_>>(), ["FARGATE 2 1", "FARGATE_SPOT 0 3"]);
}

/// The blocks of one type, by their second label.
fn blocks(body: &hcl::Body, kind: &str) -> Vec<(String, Value)> {
    let of_kind = body.blocks().filter(|block| block.labels().first().is_some_and(|label| label.as_str() == kind));
    of_kind.map(|block| (block.labels()[1].as_str().to_owned(), json!(hcl::to_string(block.body()).unwrap()))).collect()
}

#[test]
fn terraform_is_hcl_with_the_resources_of_the_provider() {
    let text = terraform(&result()).unwrap();
    let body: hcl::Body = hcl::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let names = |kind: &str| blocks(&body, kind).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names("aws_ecs_task_definition"), ["web-shop", "_7_fixed"]);
    assert_eq!(names("aws_ecs_service"), ["web-shop", "_7_fixed"]);
    assert_eq!(names("aws_appautoscaling_target"), ["web-shop"]);
    assert_eq!(names("aws_appautoscaling_policy"), ["web-shop_it_s__cpu____x_", "web-shop_per-target"]);
    let policy = body.blocks().find(|block| block.labels().iter().any(|label| label.as_str() == "web-shop_it_s__cpu____x_")).unwrap();
    let tracking = policy.body().blocks().find(|block| block.identifier() == "target_tracking_scaling_policy_configuration").unwrap();
    let attribute = |body: &hcl::Body, key: &str| body.attributes().find(|attribute| attribute.key() == key).unwrap().expr().clone();
    assert_eq!(attribute(tracking.body(), "target_value"), hcl::Expression::from(72.5));
    assert_eq!(attribute(tracking.body(), "disable_scale_in"), hcl::Expression::from(true));
    let service = body.blocks().find(|block| block.labels()[0].as_str() == "aws_ecs_service").unwrap();
    let strategies = service.body().blocks().filter(|block| block.identifier() == "capacity_provider_strategy");
    let weights: Vec<hcl::Expression> = strategies.map(|block| attribute(block.body(), "weight")).collect();
    assert_eq!(weights, [hcl::Expression::from(1), hcl::Expression::from(3)]);
}

/// The commands as a shell would split them.
#[test]
fn the_commands_are_a_shell_script_whose_json_parses() {
    let script = aws_cli(&result()).unwrap();
    let folder = crate::command_line::Folder::new();
    folder.put("plan.sh", &script);
    // `aws` and `jq` are stood in for: they write down the arguments that the shell gives them, one in a line.
    folder.put(
        "run.sh",
        "aws() { printf '%s\\n' \"aws\" \"$@\" >> calls; echo 'arn:task'; }\njq() { printf '%s\\n' \"$@\" > filter; }\n. ./plan.sh\n",
    );
    let ended = std::process::Command::new("sh").current_dir(folder.path()).arg("run.sh").output().unwrap();
    assert!(ended.status.success(), "{}\n{script}", String::from_utf8_lossy(&ended.stderr));
    let calls = String::from_utf8(folder.bytes("calls")).unwrap();
    let calls: Vec<Vec<&str>> = calls.split("aws\n").skip(1).map(|call| call.lines().collect()).collect();
    let of = |command: &str| calls.iter().filter(|call| call[1] == command).collect::<Vec<_>>();
    let after = |call: &[&str], flag: &str| call[call.iter().position(|word| *word == flag).unwrap() + 1].to_owned();
    let put = of("put-scaling-policy");
    assert_eq!(put.len(), 2);
    assert_eq!(after(put[0], "--policy-name"), "it's \"cpu\" ${x}");
    let configuration: Value = serde_json::from_str(&after(put[0], "--target-tracking-scaling-policy-configuration")).unwrap();
    let wanted = json!({"TargetValue": 72.5, "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
                        "ScaleOutCooldown": 60, "ScaleInCooldown": 300, "DisableScaleIn": true});
    assert_eq!(configuration, wanted);
    assert_eq!(after(of("delete-scaling-policy")[0], "--policy-name"), "old 'one'");
    let target = of("register-scalable-target");
    assert_eq!(
        (after(target[0], "--resource-id"), after(target[0], "--min-capacity"), after(target[0], "--max-capacity")),
        ("service/main/web-shop".into(), "2".into(), "40".into())
    );
    let update = of("update-service");
    assert_eq!((after(update[0], "--task-definition"), after(update[1], "--desired-count")), ("arn:task".into(), "3".into()));
    let strategy: Vec<&str> = update[0].iter().copied().filter(|word| word.starts_with("capacityProvider=")).collect();
    assert_eq!(strategy, ["capacityProvider=FARGATE,base=2,weight=1", "capacityProvider=FARGATE_SPOT,base=0,weight=3"]);
    assert!(String::from_utf8(folder.bytes("filter")).unwrap().contains(r#""cpu": "512", "memory": "1024""#));
}

/// A task that keeps its size needs no new definition; Spot is of no use to a cluster that is not associated with it.
#[test]
fn what_stays_is_not_registered_anew_and_new_spot_is_told() {
    let mut result = result();
    for service in &mut result.services {
        (service.new_task_definition, service.adds_spot) = (false, true);
    }
    let texts = [aws_cli(&result).unwrap(), cloudformation(&result).unwrap(), terraform(&result).unwrap()];
    for (text, definition) in texts.iter().zip(["register-task-definition", "AWS::ECS::TaskDefinition", "aws_ecs_task_definition"]) {
        assert!(!text.contains(definition), "{text}");
        assert_eq!(text.matches("must be associated with FARGATE_SPOT").count(), 2, "{text}");
    }
    assert!(texts[0].contains("# aws ecs put-cluster-capacity-providers --cluster 'main' --capacity-providers FARGATE FARGATE_SPOT"));
    assert!(!texts[0].contains("--task-definition"), "{}", texts[0]);
    parse("template.yaml", texts[1].as_bytes()).unwrap();
    hcl::from_str::<hcl::Body>(&texts[2]).unwrap();
    let fresh = aws_cli(&self::result()).unwrap();
    assert!(!fresh.contains("FARGATE_SPOT must") && fresh.contains("# In ResourceLabel, write the LoadBalancerFullName"), "{fresh}");
}
