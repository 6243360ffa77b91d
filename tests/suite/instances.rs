//! EC2 instances: where tasks are placed, how many instances there are, and what they cost.
//!
//! An instance here has two vCPUs and 8 GiB, four tasks of half a vCPU; it registers 90 s after its launch. A task runs 23 1/3 s after its
//! launch: 15 s of provisioning and 250 MB at 30 MB/s. The scheduler's ticks are 9.5 s apart.

use ecsim::calendar::Schedule;
use ecsim::control::instances::scaling::{packed, reservation_percent, scale_in_limit, scale_out_step, size_for};
use ecsim::control::instances::{Instances, Need, Seat};
use ecsim::cost::price;
use ecsim::meter::HourGrid;
use ecsim::outcome::Outcome;
use ecsim::scenario::model::{
    CapacityProvider, EventKind, InstanceGroup, ManagedScaling, PlacementRule, Scenario, ScheduledAction, Service,
};
use ecsim::units::{CpuUnits, Mebibytes, SimDuration, SimTime};
use ecsim::usage::{InstanceUsage, Usage};
use jiff::tz::TimeZone;

use crate::command_line::Folder;
use crate::prices::{dec, shipped, window};
use crate::support::{at, cpu_scaling, minutes, play, scenario, seconds, service, strategy};

const NODES: CapacityProvider = CapacityProvider::Instances(0);
const MANAGED: ManagedScaling = ManagedScaling {
    target_capacity_percent: 100.0,
    minimum_scaling_step_size: 1,
    maximum_scaling_step_size: 10_000,
    instance_warmup_period: SimDuration::from_seconds(300),
};

/// A fleet that keeps its size.
fn fixed(instances: u32) -> InstanceGroup {
    InstanceGroup {
        name: "nodes".into(),
        instance_type: "m7g.large".into(),
        cpu: CpuUnits(2048),
        memory: Mebibytes(8192),
        min_size: 0,
        max_size: 20,
        desired_capacity: instances,
        managed_scaling: None,
        managed_draining: true,
        managed_termination_protection: false,
        root_volume_gib: 30,
    }
}

fn managed(instances: u32) -> InstanceGroup {
    InstanceGroup { managed_scaling: Some(MANAGED), ..fixed(instances) }
}

fn on_nodes(name: &str, desired_count: u32) -> Service {
    Service { strategy: vec![strategy(NODES, 0, 1)], ..service(name, desired_count) }
}

fn with(group: InstanceGroup, zones: u32, services: Vec<Service>) -> Scenario {
    let mut scenario = scenario(services);
    scenario.cluster.availability_zones = zones;
    scenario.cluster.instance_groups = vec![group];
    scenario
}

/// A service whose desired count changes a minute after the start. The next tick of the scheduler is at 66.5 s.
fn changing(from: u32, to: u32) -> Service {
    let mut service = on_nodes("web", from);
    let mut scaling = cpu_scaling(from.min(to), 5_000, 60.0);
    scaling.policies.clear();
    scaling.scheduled_actions = vec![ScheduledAction {
        name: "change".into(),
        schedule: Schedule::parse("at(2026-01-05T00:01:00)").expect("a schedule"),
        time_zone: TimeZone::UTC,
        start_time: None,
        end_time: None,
        min_capacity: Some(to),
        max_capacity: Some(to),
    }];
    service.scaling = Some(scaling);
    service
}

fn billed(outcome: &Outcome) -> u64 {
    outcome.usage.instances[0].billed_seconds.iter().sum()
}

/// Where so many tasks of a service go, one after the other.
fn seats(scenario: &Scenario, rules: &[PlacementRule], needs: &[Need]) -> Vec<Option<(u32, u8)>> {
    let end = SimTime::from_seconds(3600);
    let instances = Instances::new(scenario, SimTime::START, HourGrid::new(SimDuration::ZERO, end), end);
    let seat = |need: &Need| instances.place(NODES, need, rules, SimTime::START).map(|Seat { instance, zone }| (instance, zone));
    needs.iter().map(seat).collect()
}

fn need(service: u32) -> Need {
    Need { service, cpu: CpuUnits(512), memory: Mebibytes(1024) }
}

/// AWS, task-placement-strategies: spread places evenly by the value, binpack leaves the least of cpu or memory unused.
#[test]
fn tasks_are_placed_by_the_rules_of_their_service() {
    use PlacementRule::{BinpackCpu, BinpackMemory, SpreadInstances, SpreadZones};
    let numbers = |zones: u32, rules: &[PlacementRule], tasks: usize| -> Vec<u32> {
        let seats = seats(&with(fixed(3), zones, vec![on_nodes("web", 1)]), rules, &vec![need(0); tasks]);
        seats.into_iter().flatten().map(|(instance, _)| instance).collect()
    };
    assert_eq!(numbers(3, &[SpreadZones], 7), [0, 1, 2, 0, 1, 2, 0]);
    assert_eq!(numbers(1, &[SpreadInstances], 4), [0, 1, 2, 0]);
    assert_eq!(numbers(3, &[BinpackMemory], 6), [0, 0, 0, 0, 1, 1]);
    // Zones a and b have two of three instances in two zones: a holds 0 and 2.
    assert_eq!(numbers(2, &[SpreadZones, BinpackCpu], 6), [0, 1, 0, 1, 0, 1]);
    // Twelve find room, the others do not.
    assert_eq!(numbers(3, &[SpreadZones], 20).len(), 12);
}

/// Spreading looks at the tasks of the service alone, room at those of all.
#[test]
fn services_share_instances() {
    let scenario = with(fixed(2), 2, vec![on_nodes("web", 1), on_nodes("api", 1)]);
    let large = Need { service: 1, cpu: CpuUnits(1536), memory: Mebibytes(1024) };
    let needs = [need(0), need(0), need(0), large, need(1), large];
    let found = seats(&scenario, &[PlacementRule::SpreadZones], &needs);
    // web: a, b, a; the large one fits into b alone, then api's other zone is a; the second large one has no room.
    assert_eq!(found, [Some((0, 0)), Some((1, 1)), Some((0, 0)), Some((1, 1)), Some((0, 0)), None]);
}

#[test]
fn random_placement_is_drawn_by_the_seed() {
    let draw = |seed: u64| {
        let mut scenario = with(fixed(20), 3, vec![on_nodes("web", 1)]);
        scenario.simulation.seed = seed;
        seats(&scenario, &[PlacementRule::Random], &[need(0); 30])
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

/// AWS, deep dive on cluster auto scaling: 100 for nothing needed and nothing there, 200 for something needed and nothing there;
/// cluster-auto-scaling: M / N x 100.
#[test]
fn the_reservation_is_what_aws_says() {
    assert_eq!(reservation_percent(0, 0).to_bits(), 100.0_f64.to_bits());
    assert_eq!(reservation_percent(1, 0).to_bits(), 200.0_f64.to_bits());
    assert!((reservation_percent(2, 3) - 66.67).abs() < 0.005);
    assert!((reservation_percent(9, 10) - 90.0).abs() < 1e-12);
}

/// AWS, managed-scaling-behavior: from zero two instances; no fewer than the minimum and no more than the maximum step.
#[test]
fn a_scale_out_keeps_to_its_steps() {
    let step = |needed, running, scaling: ManagedScaling| scale_out_step(needed, running, &scaling);
    assert_eq!([step(1, 0, MANAGED), step(5, 0, MANAGED), step(0, 0, MANAGED)], [2, 5, 0]);
    assert_eq!([step(3, 3, MANAGED), step(2, 3, MANAGED), step(7, 3, MANAGED)], [0, 0, 4]);
    let stepped = ManagedScaling { minimum_scaling_step_size: 3, maximum_scaling_step_size: 5, ..MANAGED };
    assert_eq!([step(4, 3, stepped), step(53, 3, stepped), step(3, 3, stepped)], [3, 5, 0]);
    // A target of 90 %: nine needed instances are ten.
    let spare = ManagedScaling { target_capacity_percent: 90.0, ..MANAGED };
    assert_eq!([step(9, 9, spare), step(9, 10, spare), size_for(9, 90.0), size_for(10, 90.0), size_for(0, 90.0)], [1, 0, 10, 12, 0]);
}

/// AWS, managed-scaling-behavior: a minute takes one instance at least, and less than half of them.
#[test]
fn a_scale_in_takes_less_than_half() {
    assert_eq!([1, 2, 3, 4, 5, 10, 11].map(scale_in_limit), [1, 1, 1, 1, 2, 4, 5]);
}

#[test]
fn waiting_tasks_are_packed_tightly() {
    let of = |cpu: u32, memory: u32| Need { service: 0, cpu: CpuUnits(cpu), memory: Mebibytes(memory) };
    let one = (CpuUnits(2048), Mebibytes(8192));
    assert_eq!(packed(&[(of(512, 1024), 10)], one), 3, "four on each");
    assert_eq!(packed(&[(of(256, 4096), 5)], one), 3, "memory for two on each");
    // Two of 1.5 vCPU leave room for two of half a vCPU; two more of these fill a third instance by half.
    assert_eq!(packed(&[(of(512, 1024), 4), (of(1536, 1024), 2)], one), 3);
    assert_eq!(packed(&[(of(4096, 1024), 5), (of(512, 1024), 1)], one), 1, "what fits on none needs none");
}

/// Two instances hold eight of ten tasks, and cost two hours in one.
#[test]
fn a_fixed_fleet_holds_what_it_can() {
    let outcome = play(&with(fixed(2), 2, vec![on_nodes("web", 10)]));
    let web = &outcome.services[0];
    assert_eq!((web.running_tasks.min, web.running_tasks.max), (8, 8));
    assert_eq!(web.task_hours, [("nodes".to_owned(), 8.0)]);
    let nodes = &outcome.instance_groups[0];
    assert_eq!((billed(&outcome), nodes.instances.min, nodes.instances.max, nodes.instances_launched), (7200, 2, 2, 0));
    // 8 of 8 half vCPUs, 8 of 16 GiB.
    assert_eq!((nodes.cpu_reservation, nodes.memory_reservation), (Some(100.0), Some(50.0)));
    assert_eq!(outcome.usage.instances[0].service.as_deref(), Some("web"));
    assert!(outcome.usage.instances[0].is_fixed);
}

#[test]
fn shared_instances_belong_to_no_service() {
    let outcome = play(&with(fixed(3), 3, vec![on_nodes("web", 5), on_nodes("api", 5)]));
    assert_eq!(outcome.usage.instances[0].service, None);
    assert_eq!([0, 1].map(|number| outcome.services[number].running_tasks.max), [5, 5]);
}

/// The steady state at the start: as many instances as the tasks need, at the target capacity.
#[test]
fn managed_scaling_begins_with_what_the_tasks_need() {
    let start = |group: InstanceGroup, tasks| play(&with(group, 3, vec![on_nodes("web", tasks)])).instance_groups[0].instances;
    assert_eq!(start(managed(0), 12).max, 3);
    assert_eq!(start(managed(5), 12).max, 5);
    let spare = InstanceGroup { managed_scaling: Some(ManagedScaling { target_capacity_percent: 50.0, ..MANAGED }), ..managed(0) };
    assert_eq!((start(spare.clone(), 12).min, start(spare, 12).max), (6, 6));
    // Ten instances at most hold 40 tasks.
    let small = InstanceGroup { max_size: 10, ..managed(0) };
    assert_eq!(start(small, 50).max, 10);
}

/// From 4 tasks to 12: at the minute of 120 s one instance is full and two more are needed. They register at 210 s, the
/// next tick is at 218.5 s, and the tasks run 23.3 s later.
#[test]
fn a_scale_out_takes_a_minute_a_launch_and_a_tick() {
    let mut scenario = with(managed(1), 1, vec![changing(4, 12)]);
    scenario.simulation.duration = Some(minutes(10));
    scenario.simulation.timeline_resolution = seconds(1);
    let outcome = play(&scenario);
    let first_with = |tasks: u32| outcome.services[0].timeline.iter().position(|row| row.running >= tasks).expect("some row");
    // Row n ends at n + 1 seconds: the tasks run from 241.83 s on.
    assert_eq!(first_with(12), 241);
    assert_eq!(first_with(5), 241);
    assert_eq!(outcome.instance_groups[0].instances_launched, 2);
    assert_eq!(billed(&outcome), 600 + 2 * 480);
    let instances_after = |seconds: usize| outcome.services[0].timeline[seconds - 1].instances;
    assert_eq!([60, 119, 121, 600].map(instances_after), [Some(1), Some(1), Some(3), Some(3)], "those that start too");
}

/// Another scale-out waits until the instances of the last one are warm (AWS, managed-scaling-behavior). Steps of one: at 120 s, at 420 s.
#[test]
fn the_next_scale_out_waits_for_warm_instances() {
    let scaling = ManagedScaling { maximum_scaling_step_size: 1, ..MANAGED };
    let group = InstanceGroup { managed_scaling: Some(scaling), ..managed(1) };
    let mut scenario = with(group, 1, vec![changing(4, 12)]);
    scenario.simulation.duration = Some(minutes(10));
    assert_eq!(billed(&play(&scenario)), 600 + 480 + 180);
}

/// From 12 tasks to 4 at 66.5 s; the others stop when their deregistration delay of 300 s is over. The minutes below the target begin
/// at 420 s, the fifteenth is at 1260 s; of three instances a minute takes one. Protection keeps the one with tasks.
#[test]
fn a_scale_in_begins_after_fifteen_minutes_below_the_target() {
    let group = InstanceGroup { managed_termination_protection: true, ..managed(0) };
    let outcome = play(&with(group, 1, vec![changing(12, 4)]));
    assert_eq!(billed(&outcome), 3600 + 1260 + 1320);
    assert_eq!(outcome.services[0].tasks_lost, []);
    assert_eq!(outcome.services[0].tasks_launched, [("nodes".to_owned(), 0)]);
}

/// The oldest instance goes first, and it has the four tasks: with draining they are replaced before it ends, without it they are lost.
#[test]
fn draining_replaces_the_tasks_of_an_instance_before_it_ends() {
    let outcome = play(&with(managed(0), 1, vec![changing(12, 4)]));
    let web = &outcome.services[0];
    assert_eq!((web.running_tasks.min, web.tasks_lost.clone()), (4, Vec::new()));
    assert!(web.tasks_launched[0].1 >= 4, "{:?}", web.tasks_launched);
    let hard = InstanceGroup { managed_draining: false, ..managed(0) };
    let outcome = play(&with(hard, 1, vec![changing(12, 4)]));
    let web = &outcome.services[0];
    assert_eq!(web.running_tasks.min, 0);
    assert!(web.tasks_lost[0].0 == "instance_scale_in" && web.tasks_lost[0].1 >= 4, "{:?}", web.tasks_lost);
}

/// A zone fails at 600 s: its instance is paid until then, and another one from then on in its place.
#[test]
fn an_outage_of_a_zone_takes_its_instances() {
    let mut scenario = with(fixed(3), 3, vec![on_nodes("web", 12)]);
    scenario.events = vec![at(600, EventKind::ZoneOutage { zone: 0, duration: minutes(10) })];
    scenario.simulation.timeline_resolution = seconds(1);
    let outcome = play(&scenario);
    let web = &outcome.services[0];
    assert_eq!((web.tasks_lost.clone(), web.running_tasks.min), (vec![("zone_outage", 4)], 8));
    // It registers at 690 s; the next tick is at 693.5 s, and four tasks run 23.3 s later.
    let back = web.timeline.iter().enumerate().skip(700).find(|(_, row)| row.running == 12).expect("all run again");
    assert_eq!(back.0, 716);
    assert_eq!((billed(&outcome), outcome.instance_groups[0].instances_launched), (3 * 3600, 1));
}

/// A month of one m7g.large in us-east-1: 730 x 0.0816, 30 GB-months at 0.08 and 730 hours of an address at 0.005.
#[test]
fn an_instance_is_billed_with_its_volume_and_its_address() {
    let instances = InstanceUsage {
        capacity_provider: "nodes".into(),
        service: None,
        instance_type: "m7g.large".into(),
        root_volume_gib: 30,
        has_public_address: true,
        is_fixed: true,
        billed_seconds: vec![3600; 730],
    };
    let bill = price(&Usage { instances: vec![instances.clone()], ..window(730) }, &shipped("us-east-1")).expect("priced");
    let lines: Vec<_> = bill.lines.iter().map(|line| (line.product, line.usage_type.as_str(), line.cost, line.behaviour.name())).collect();
    let expected = [
        ("EC2", "BoxUsage:m7g.large", dec("59.568"), "fixed"),
        ("EBS", "EBS:VolumeUsage.gp3", dec("2.4"), "fixed"),
        ("VPC", "USE1-PublicIPv4:InUseAddress", dec("3.65"), "fixed"),
    ];
    assert_eq!(lines, expected);
    assert!(bill.lines.iter().all(|line| line.service.is_none() && line.resource == "instances nodes"));
    let unknown = InstanceUsage { instance_type: "m7g.16xlarge".into(), ..instances };
    let error = price(&Usage { instances: vec![unknown], ..window(1) }, &shipped("us-east-1")).expect_err("no price").to_string();
    assert!(error.contains("`ec2.on_demand.linux.m7g.16xlarge.hour`") && error.contains("pricing.overrides"), "{error}");
}

const ON_NODES: &str = "version: 1
simulation: {duration: 1h}
cluster: {capacity_providers: [{name: nodes, instance_type: m7g.large, max_size: 4, desired_capacity: 2, managed_scaling: {status: DISABLED}}]}
services:
  web:
    task_definition: {cpu: 512, memory: 1024, runtime_platform: {cpu_architecture: ARM64}}
    desired_count: 4
    capacity_provider_strategy: [{capacity_provider: nodes, weight: 1}]
    traffic: {constant: 5}
    workload: {cpu_time: 10ms}
";

#[test]
fn what_cannot_run_on_instances_is_refused() {
    let folder = Folder::new();
    folder.put("s.yaml", ON_NODES);
    let check = |set: &str| folder.ecsim(&["check", "s.yaml", "--set", set]).code(1);
    let group = "cluster.capacity_providers.nodes";
    check(&format!("{group}.purchase_option=spot")).says(&["not modelled yet: Spot instances of EC2", "on_demand"]);
    check(&format!("{group}.instance_type=m7g.lage")).says(&["unknown instance type `m7g.lage`", "did you mean `m7g.large`?"]);
    let unread = check(&format!("{group}.max_size=four"));
    assert!(!unread.err.contains("unknown capacity provider"), "one fault, one message: {}", unread.err);
    unread.says(&["found `four`, expected a whole number"]);
    check(&format!("{group}.instance_type=m7i.large")).says(&["tasks of ARM64 do not run on `nodes`: m7i.large is X86_64"]);
    check(&format!("{group}.desired_capacity=5")).says(&["found 5, allowed are min_size 0 to max_size 4"]);
    check("services.web.task_definition.cpu=4096").says(&["finds no place on `nodes`: m7g.large has 2048"]);
    // 95 % of 8192 MiB.
    check("services.web.task_definition.memory=7783").says(&["tasks have 7782 of the 8192 MiB"]);
    check("services.web.network_configuration.assign_public_ip=true").says(&["no public addresses", "network.placement: public"]);
    for cpu in [0, 127] {
        check(&format!("services.web.task_definition.cpu={cpu}"))
            .says(&["services.web.task_definition.cpu", "a task on EC2 has 128 at least"]);
    }
    check("services.web.task_definition.memory=5").says(&["found 5 MiB, a task on EC2 has 6 at least"]);
    check("services.web.task_definition.ephemeral_storage={size_in_gib: 30}").says(&["ephemeral storage is Fargate's", "root_volume_gib"]);
    check(&format!("{group}.min_size=5")).says(&["min_size 5 is above max_size 4", "raise max_size or lower min_size"]);
    check(&format!("{group}.name=my nodes")).says(&["`my nodes` is no name of a capacity provider"]);
    let rule = |rule: &str| check(&format!("services.web.ordered_placement_strategy=[{rule}]"));
    rule("{type: spread, field: \"attribute:rack\"}").says(&["not modelled yet: spreading over `attribute:rack`"]);
    rule("{type: binpack}").says(&["binpack needs a field: cpu or memory"]);
    let constraint = "placement_constraints=[{type: memberOf, expression: \"attribute:ecs.os-type == linux\"}]";
    check(&format!("services.web.{constraint}"))
        .says(&["services.web.placement_constraints: not modelled yet: constraints on the placement"]);
    check(&format!("services.web.task_definition.{constraint}"))
        .says(&["services.web.task_definition.placement_constraints: not modelled yet"]);
    let plan = ["plan", "s.yaml", "--threshold", "services.web.latency_p99 < 1s"];
    folder.ecsim(&plan).code(1).says(&["not modelled yet: a plan for services on EC2 instances", "ecsim sweep"]);
}

#[test]
fn a_fleet_that_is_too_small_is_told() {
    let folder = Folder::new();
    folder.put("s.yaml", ON_NODES);
    let ended = folder.ecsim(&["check", "s.yaml", "--set", "services.web.desired_count=9"]).code(0);
    // Nine half vCPUs are 2.25 instances.
    for part in ["instances-too-few", "cluster.capacity_providers.nodes.desired_capacity", "need 3 instances of m7g.large at least"] {
        assert!(ended.out.contains(part), "{part} is not in {}", ended.out);
    }
    let too_many = ["--set", "services.web.desired_count=9"];
    for command in ["run", "estimate"] {
        let ended = folder.ecsim(&[command, "s.yaml", "--format", "json", too_many[0], too_many[1]]).code(0);
        assert!(ended.err.contains("need 3 instances of m7g.large at least"), "{command}: {}", ended.err);
    }
}

#[test]
fn timelines_and_charts_have_the_instances() {
    let folder = Folder::new();
    folder.put("s.yaml", ON_NODES);
    let files = ["-o", "t.csv", "-o", "t.svg"];
    let with_files = |scenario: &str| folder.ecsim(&[&["run", scenario, "-q", "--fail-on", "none"], &files[..]].concat()).code(0);
    let text = |name: &str| String::from_utf8(folder.bytes(name)).expect("text");
    with_files("s.yaml");
    let table = text("t.csv");
    let mut lines = table.lines();
    assert!(lines.next().is_some_and(|columns| columns.ends_with(",cost_per_hour,instances")), "{table}");
    assert!(lines.all(|line| line.ends_with(",2")), "the two instances of the fixed fleet: {table}");
    let has_panel = || text("t.svg").lines().any(|line| line == "EC2 instances");
    assert!(has_panel());
    let fargate: Vec<&str> = ON_NODES.lines().filter(|line| !line.starts_with("cluster:") && !line.contains("strategy:")).collect();
    folder.put("fargate.yaml", &fargate.join("\n"));
    with_files("fargate.yaml");
    assert!(!has_panel());
}

/// The scale-out of `a_scale_out_takes_a_minute_a_launch_and_a_tick`: asked for at 60 s, its instances have room at the tick of 218.5 s.
#[test]
fn an_explanation_tells_the_wait_for_an_instance() {
    let folder = Folder::new();
    let scaling = "scaling: {min_capacity: 4, max_capacity: 12, scheduled_actions: [{name: change, schedule: at(2026-01-05T00:01:00), min_capacity: 12}]}";
    let managed = "max_size: 4, desired_capacity: 1, managed_scaling: {status: ENABLED, target_capacity: 100}";
    let scenario = ON_NODES.replace("max_size: 4, desired_capacity: 2, managed_scaling: {status: DISABLED}", managed);
    folder
        .put("s.yaml", &scenario.replace("desired_count: 4", scaling).replace("duration: 1h", "duration: 1h, start: 2026-01-05T00:00:00Z"));
    let ended = folder.ecsim(&["explain", "s.yaml", "--at", "1m", "--format", "json"]).code(0);
    let document: serde_json::Value = serde_json::from_str(&ended.out).expect("JSON");
    let steps = document["scale_outs"][0]["steps"].as_array().expect("steps");
    let waits = steps.iter().find(|step| step["name"] == "an instance has room, task launched");
    assert_eq!(waits.map(|step| &step["step_seconds"]), Some(&158.5.into()), "{steps:?}");
}

/// Three tasks that spread over the zones use all of two instances at the start, or three where a tenth is to be free: what a run
/// begins with is what an estimate has, 2 / 0.9 rounded up.
#[test]
fn an_estimate_places_tasks_as_a_run_does() {
    let folder = Folder::new();
    let scaled = ON_NODES.replace("desired_count: 4", "desired_count: 3").replace("desired_capacity: 2, ", "min_size: 2, ");
    folder.put("s.yaml", &scaled.replace("status: DISABLED", "target_capacity: 90"));
    let estimate = folder.ecsim(&["estimate", "s.yaml", "--format", "json"]).code(0).json();
    let run = folder.ecsim(&["run", "s.yaml", "--format", "json"]).code(0).json();
    assert_eq!(run["capacity_providers"]["nodes"]["instances"]["mean"], 3.0);
    // Three instances: 3 x (0.0816 x 730 + 30 x 0.08).
    assert_eq!(estimate["levels"][1]["cost"]["monthly"]["mean"], "185.90");
    assert_eq!(run["cost"]["monthly"]["mean"], "185.90");
}

/// Four tasks fit on one m7g.large: 59.57 a month for its hours at 0.0816 and 2.40 for its volume, and five need two.
#[test]
fn an_estimate_has_the_instances_that_the_tasks_of_each_level_need() {
    let folder = Folder::new();
    let scaled = ON_NODES.replace("desired_count: 4", "scaling: {min_capacity: 4, max_capacity: 9}").replace("DISABLED", "ENABLED");
    folder.put("s.yaml", &scaled.replace("desired_capacity: 2, ", ""));
    let document = folder.ecsim(&["estimate", "s.yaml", "--format", "json"]).code(0).json();
    let monthly: Vec<&str> =
        document["levels"].as_array().unwrap().iter().map(|level| level["cost"]["monthly"]["mean"].as_str().unwrap()).collect();
    assert_eq!(monthly, ["61.97", "61.97", "185.90"]);
}

/// AWS's names for the costs of instances, and a service that has them for itself.
#[test]
fn the_focus_export_knows_instances() {
    let folder = Folder::new();
    folder.put("s.yaml", ON_NODES);
    folder.ecsim(&["run", "s.yaml", "-q", "-o", "bill.focus.csv"]).code(0);
    let text = String::from_utf8(folder.bytes("bill.focus.csv")).unwrap();
    let compute = text.lines().find(|line| line.contains("Virtual Machines")).expect("a line of instances");
    assert!(compute.contains("Amazon Elastic Compute Cloud") && compute.contains("BoxUsage:m7g.large"), "{compute}");
    assert!(text.lines().any(|line| line.contains("Block Storage") && line.contains("EBS:VolumeUsage.gp3")), "{text}");
}

/// Replications join the figures of instances as those of services.
#[test]
fn replications_have_means_of_instances() {
    let folder = Folder::new();
    folder.put("s.yaml", ON_NODES);
    let arguments = [
        "run",
        "s.yaml",
        "-q",
        "--format",
        "json",
        "--replications",
        "3",
        "--set",
        "thresholds=[capacity_providers.nodes.instances.max <= 2]",
    ];
    let result = folder.ecsim(&arguments).code(0).json();
    let nodes = &result["capacity_providers"]["nodes"];
    assert_eq!((nodes["instance_hours"].as_f64(), nodes["ci95"]["instance_hours"].as_f64()), (Some(2.0), Some(0.0)));
    assert_eq!(result["thresholds"][0]["ok"], true);
}

/// Both fidelities see the same tasks.
#[test]
fn both_fidelities_run_on_instances() {
    let folder = Folder::new();
    folder.put("s.yaml", ON_NODES);
    for fidelity in ["fluid", "request"] {
        let set = format!("simulation.fidelity={fidelity}");
        let result = folder.ecsim(&["run", "s.yaml", "-q", "--format", "json", "--set", &set]).code(0).json();
        assert_eq!(result["services"]["web"]["task_hours"]["nodes"], 4.0);
        assert_eq!(result["capacity_providers"]["nodes"]["instance_hours"], 2.0);
        assert_eq!(result["services"]["web"]["running_tasks"]["min"], 4);
    }
}
