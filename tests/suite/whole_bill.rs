//! From a scenario to the lines of its bill: network balancers, zones, endpoints, image pulls, images and file systems.

use serde_json::Value;

use super::command_line::{Ended, Folder};

const GIB: f64 = 1_073_741_824.0;

/// Two hours of ten requests a second: 72,000 of 1 kB and 99 kB back, each with 1 kB of logs, from images of 1 GiB.
const WEB: &str = "version: 1
simulation: {duration: 2h}
services:
  web:
    task_definition: {cpu: 256, memory: 512}
    desired_count: 3
    traffic: {constant: 10, arrivals: deterministic}
    workload:
      cpu_time: 1ms
      request_size: 1kB
      response_size: 99kB
      logs_per_request: 1kB
      start_up: {image_size: 1GiB, pull_rate: 1GB}
";

/// An hour of five requests a second, each of which calls a backend twice: 36,000 calls of 1 kB and 49 kB back.
const CALLS: &str = "version: 1
simulation: {duration: 1h, fidelity: request}
services:
  front:
    task_definition: {cpu: 256, memory: 512}
    desired_count: 2
    traffic: {constant: 5, arrivals: deterministic}
    workload: {cpu_time: 1ms}
  back:
    task_definition: {cpu: 256, memory: 512}
    desired_count: 2
    traffic: {from: {service: front, calls_per_request: 2}}
    workload: {cpu_time: 1ms, request_size: 1kB, response_size: 49kB}
";

fn ended(text: &str, command: &str, sets: &[&str]) -> Ended {
    let folder = Folder::new();
    folder.put("s.yaml", text);
    let sets = sets.iter().flat_map(|set| ["--set", set]);
    let arguments: Vec<&str> = [command, "s.yaml", "--format", "json"].into_iter().chain(sets).collect();
    folder.ecsim(&arguments)
}

fn run(text: &str, sets: &[&str]) -> Value {
    ended(text, "run", sets).code(0).json()
}

/// The line whose description starts so, if there is one.
fn line<'a>(result: &'a Value, description: &str) -> Option<&'a Value> {
    let lines = result["cost"]["line_items"].as_array().expect("lines");
    lines.iter().find(|line| line["description"].as_str().expect("text").starts_with(description))
}

/// Its quantity; nothing without a line.
fn quantity(result: &Value, description: &str) -> f64 {
    line(result, description).map_or(0.0, |line| line["quantity"].as_str().expect("text").parse().expect("a number"))
}

fn near(got: f64, expected: f64) {
    assert!((got - expected).abs() <= 1e-3 * expected.abs(), "{got} is not {expected}");
}

const NETWORK: &str = "services.web.load_balancer={load_balancer_type: network}";

#[test]
fn a_network_balancer_has_its_lines() {
    let bill = run(WEB, &[NETWORK]);
    near(quantity(&bill, "Network Load Balancer"), 2.0);
    // 72,000 requests of 100 kB are 7.2 GB; new and open connections are far less.
    near(quantity(&bill, "network load balancer capacity units"), 7.2);
    near(quantity(&bill, "public IPv4 addresses of the load balancer"), 2.0 * 3.0);
    // By default a node stays in its zone.
    assert_eq!(line(&bill, "network balancer traffic between zones"), None);
    assert_eq!(line(&bill, "Application Load Balancer"), None);
    assert_eq!(line(&bill, "network load balancer").and_then(|line| line["usage_type"].as_str()), Some("LCUUsage"));
}

/// Sizes of aws.amazon.com/elasticloadbalancing/pricing, where every request has a connection of its own.
#[test]
fn the_protocol_of_the_listener_sizes_capacity_units() {
    let tls = [NETWORK, "services.web.load_balancer.requests_per_connection=1", "services.web.traffic.constant=400"];
    let units = |protocol: &str| {
        let protocol = format!("services.web.load_balancer.listener_protocol={protocol}");
        let sets: Vec<&str> = tls.iter().copied().chain([protocol.as_str(), "services.web.workload.response_size=0kB"]).collect();
        quantity(&run(WEB, &sets), "network load balancer capacity units")
    };
    // 400 new connections a second are 8 units of TLS, 1 of UDP and half a one of TCP. Each is open for 60 s: 24,000 at a time are
    // 8 units of TLS too. 400 requests of 1 kB a second are 1.44 GB an hour.
    near(units("TLS"), 2.0 * 8.0);
    near(units("UDP"), 2.0 * 1.44);
    near(units("tcp"), 2.0 * 1.44);
}

#[test]
fn a_network_balancer_that_crosses_zones_pays_for_two_thirds_each_way() {
    let crosses = "services.web.load_balancer.enable_cross_zone_load_balancing=true";
    // 7.2e9 bytes x 2/3 leave a zone and enter one.
    let expected = 7.2e9 * 2.0 / 3.0 * 2.0 / GIB;
    let bill = run(WEB, &[NETWORK, crosses]);
    near(quantity(&bill, "network balancer traffic between zones, out and in"), expected);
    let of_line = line(&bill, "network balancer traffic").expect("a line");
    assert_eq!((of_line["usage_type"].as_str(), of_line["behaviour"].as_str()), (Some("DataTransfer-Regional-Bytes"), Some("variable")));
    let two_zones = run(WEB, &[NETWORK, crosses, "cluster.availability_zones=2"]);
    near(quantity(&two_zones, "network balancer traffic between zones, out and in"), 7.2e9 / 2.0 * 2.0 / GIB);
    let estimated = ended(WEB, "estimate", &[NETWORK, crosses]).code(0).json();
    let desired = &estimated["levels"][1];
    // A month has 365 times two hours.
    near(quantity(desired, "network balancer traffic between zones, out and in"), 365.0 * expected);
    near(quantity(desired, "Network Load Balancer"), 730.0);
}

/// A network balancer hashes connections: requests find tasks at random, so they meet each other and wait more often than in turn.
#[test]
fn a_network_balancer_spreads_at_random() {
    let busy = ["simulation.fidelity=request", "services.web.workload.cpu_time=50ms", "services.web.traffic.constant=8"];
    let p99 = |balancer: &str| {
        let sets: Vec<&str> = busy.iter().copied().chain([balancer]).collect();
        run(WEB, &sets)["services"]["web"]["latency_seconds"]["p99"].as_f64().expect("a figure")
    };
    let (network, in_turn) = (p99(NETWORK), p99("services.web.load_balancer={}"));
    let random = p99("services.web.load_balancer={load_balancing_algorithm_type: weighted_random}");
    assert!(network > 1.2 * in_turn, "{network} {in_turn}");
    assert_eq!(network, random);
}

#[test]
fn what_a_network_balancer_has_not_is_refused() {
    let refused = |sets: &[&str], parts: &[&str]| {
        let sets: Vec<&str> = [NETWORK].into_iter().chain(sets.iter().copied()).collect();
        ended(WEB, "check", &sets).code(1).says(parts)
    };
    refused(
        &["services.web.load_balancer.load_balancing_algorithm_type=round_robin"],
        &["load_balancing_algorithm_type", "has no meaning"],
    );
    refused(&["services.web.load_balancer.slow_start=60"], &["slow_start", "has no meaning"]);
    refused(&["services.web.load_balancer.listener_rules=5"], &["listener_rules", "has no meaning"]);
    refused(&["services.web.deployment_configuration={strategy: BLUE_GREEN}"], &["strategy", "Network Load Balancer", "ROLLING"]);
    refused(&["services.web.load_balancer.listener_protocol=GENEVE"], &["listener_protocol", "TCP, TLS, UDP"]);
    let tracking = "services.web.scaling={min_capacity: 1, max_capacity: 4, policies: [{name: a, policy_type: TargetTrackingScaling, \
                    predefined_metric_type: ALBRequestCountPerTarget, target_value: 100}]}";
    refused(&[tracking], &["predefined_metric_type", "load_balancer_type application"]);
    let application = ["services.web.load_balancer={listener_protocol: TCP}"];
    ended(WEB, "check", &application).code(1).says(&["listener_protocol", "load_balancer_type of application"]);
    let stays = ["services.web.load_balancer={enable_cross_zone_load_balancing: false}"];
    ended(WEB, "check", &stays).code(1).says(&["enable_cross_zone_load_balancing", "application balancers"]);
}

#[test]
fn calls_between_tasks_cross_zones() {
    // 36,000 calls of 50 kB, of which two thirds cross, out and in.
    let expected = 36_000.0 * 50e3 * 2.0 / 3.0 * 2.0 / GIB;
    let direct = run(CALLS, &[]);
    near(quantity(&direct, "calls between zones, out and in"), expected);
    assert_eq!(line(&direct, "calls between zones").expect("a line")["service"], "back");
    near(quantity(&run(CALLS, &["services.back.traffic.from.via=service_connect"]), "calls between zones"), expected);
    assert_eq!(line(&run(CALLS, &["cluster.availability_zones=1"]), "calls between zones"), None);
    assert_eq!(line(&run(CALLS, &["assumptions.cross_zone_share=0%"]), "calls between zones"), None);
    near(quantity(&run(CALLS, &["assumptions.cross_zone_share=10%"]), "calls between zones"), expected * 0.15);
}

/// To and from an application balancer nothing is charged. A network balancer is reached in any zone, and may send on into another one.
#[test]
fn a_balancer_decides_what_calls_pay() {
    let expected = 36_000.0 * 50e3 * 2.0 / 3.0 * 2.0 / GIB;
    let behind = |balancer: &str| run(CALLS, &[&format!("services.back.load_balancer={balancer}")]);
    let application = behind("{internal: true}");
    assert_eq!(line(&application, "calls between zones"), None);
    let network = behind("{internal: true, load_balancer_type: network}");
    near(quantity(&network, "calls between zones"), expected);
    assert_eq!(line(&network, "network balancer traffic"), None);
    let crossing = behind("{internal: true, load_balancer_type: network, enable_cross_zone_load_balancing: true}");
    near(quantity(&crossing, "calls between zones"), expected);
    near(quantity(&crossing, "network balancer traffic between zones"), expected);
}

/// Clients that retry send each attempt, and calls beside traffic from outside are counted apart.
#[test]
fn only_calls_are_charged_beside_traffic_from_outside() {
    let mixed = "services.back.traffic=[{constant: 7, arrivals: deterministic}, {from: {service: front, calls_per_request: 2}}]";
    near(quantity(&run(CALLS, &[mixed]), "calls between zones"), 36_000.0 * 50e3 * 2.0 / 3.0 * 2.0 / GIB);
}

const NAT: &str = "network={nat_gateways: 1}";
/// Three tasks more after ten minutes.
const GROWS: &str = "events=[{at: 10m, kind: desired_count, service: web, desired_count: 6}]";

#[test]
fn each_launch_pulls_its_image_through_nat() {
    let bill = run(WEB, &[NAT, GROWS]);
    near(quantity(&bill, "image pulls through NAT gateways"), 3.0);
    // Half of the image before the start, and the rest in the background.
    near(quantity(&run(WEB, &[NAT, GROWS, "services.web.workload.start_up.soci=true"]), "image pulls through NAT gateways"), 3.0);
    // Nothing is launched.
    assert_eq!(line(&run(WEB, &[NAT]), "image pulls"), None);
    // A deployment replaces three tasks, by images of 2 GiB.
    let revision = "events=[{at: 10m, kind: deployment, service: web, revision: {workload: {start_up: {image_size: 2GiB}}}}]";
    near(quantity(&run(WEB, &[NAT, revision]), "image pulls through NAT gateways"), 6.0);
    // Layers come from S3.
    for network in ["network={nat_gateways: 1, vpc_endpoints: [s3]}", "network={placement: public, nat_gateways: 1}", "network={}"] {
        assert_eq!(line(&run(WEB, &[network, GROWS]), "image pulls"), None, "{network}");
    }
}

#[test]
fn logs_take_their_endpoint_or_nat() {
    // 72,000 requests of 1 kB of logs.
    let logs = 72e6 / GIB;
    near(quantity(&run(WEB, &[NAT]), "logs through NAT gateways"), logs);
    let bill = run(WEB, &["network={nat_gateways: 1, vpc_endpoints: [com.amazonaws.us-east-1.logs]}"]);
    near(quantity(&bill, "logs through interface endpoints"), logs);
    assert_eq!(line(&bill, "logs through NAT gateways"), None);
    near(quantity(&bill, "interface endpoints, by zone"), 2.0 * 3.0);
    let open = run(WEB, &["network={placement: public}"]);
    assert_eq!((line(&open, "logs through"), quantity(&open, "log ingestion") > 0.0), (None, true));
}

/// A worker fetches its messages, and a task that left them there sent them.
#[test]
fn messages_take_the_way_to_sqs() {
    let queue =
        ["services.back.workload={kind: queue, cpu_time: 1ms, request_size: 10kB}", "network={nat_gateways: 1, vpc_endpoints: [sqs]}"];
    let bill = run(CALLS, &queue);
    near(quantity(&bill, "messages through interface endpoints"), 2.0 * 36_000.0 * 10e3 / GIB);
    assert_eq!(line(&bill, "calls between zones"), None);
}

#[test]
fn an_endpoint_of_no_service_is_refused_with_the_nearest() {
    let endpoint = |name: &str| ended(WEB, "check", &[&format!("network={{nat_gateways: 1, vpc_endpoints: [{name}]}}")]);
    endpoint("ecr.apy").code(1).says(&["vpc_endpoints", "`ecr.apy`", "did you mean `ecr.api`?"]);
    endpoint("com.amazonaws.eu-west-1.logs").code(1).says(&["com.amazonaws.eu-west-1.logs"]);
    endpoint("logs, com.amazonaws.us-east-1.logs").code(1).says(&["`logs` is there twice"]);
    for name in ["ecr.dkr", "s3", "dynamodb", "com.amazonaws.vpce.us-east-1.vpce-svc-0e123abc123198abc"] {
        endpoint(name).code(0);
    }
    let gateways = run(WEB, &["network={vpc_endpoints: [s3, dynamodb]}"]);
    assert_eq!(line(&gateways, "interface endpoints"), None);
}

#[test]
fn a_repository_keeps_as_many_images_as_its_policy_says() {
    let deploys = "events=[{at: 1h, kind: deployment, service: web, revision: {workload: {start_up: {image_size: 2GiB}}}}]";
    let gb_months = |repository: &str| {
        let bill = run(WEB, &[deploys, &format!("services.web.ecr_repository={repository}")]);
        quantity(&bill, "images in ECR")
    };
    // Three of 1 GiB for an hour, then two of them and one of 2 GiB: 7 GiB-hours.
    near(gb_months("{lifecycle_policy: {count_number: 3}}"), 7.0 / 730.0);
    near(gb_months("{lifecycle_policy: {count_type: imageCountMoreThan, count_number: 3}, image_count: 1}"), (1.0 + 3.0) / 730.0);
    // Without a policy none goes.
    near(gb_months("{}"), (1.0 + 3.0) / 730.0);
    // A tenth of an older image is in no newer one: 1 + 2 x 0.1, then 2 + 2 x 0.1.
    near(gb_months("{lifecycle_policy: {count_number: 3}, own_layers: 10%}"), (1.2 + 2.2) / 730.0);
    assert_eq!(line(&run(WEB, &[]), "images in ECR"), None);
    let estimated = ended(WEB, "estimate", &["services.web.ecr_repository={lifecycle_policy: {count_number: 3}}"]).code(0).json();
    near(quantity(&estimated["levels"][0], "images in ECR"), 3.0);
    let too_many = ["services.web.ecr_repository={lifecycle_policy: {count_number: 3}, image_count: 4}"];
    ended(WEB, "check", &too_many).code(1).says(&["image_count", "keeps 3"]);
    // The same image once more is no new one.
    let again = run(WEB, &["events=[{at: 1h, kind: deployment, service: web}]", "services.web.ecr_repository={}"]);
    near(quantity(&again, "images in ECR"), 2.0 / 730.0);
}

const VOLUME: &str = "services.web.task_definition.volumes=[{name: data, efsVolumeConfiguration: {fileSystemId: fs-1, transitEncryption: \
                      ENABLED}}, {name: scratch, host: {}}]";

#[test]
fn a_mounted_file_system_is_billed_by_what_it_stores() {
    let bill = run(WEB, &[VOLUME, "efs_file_systems={fs-1: {storage_size: 73GiB}}"]);
    // 73 GB for two hours of 730.
    near(quantity(&bill, "EFS Standard storage"), 0.2);
    let of_line = line(&bill, "EFS Standard storage").expect("a line");
    assert_eq!(
        (of_line["service"].as_str(), of_line["behaviour"].as_str(), of_line["product"].as_str()),
        (Some("web"), Some("fixed"), Some("EFS"))
    );
    // 73 x 0.30.
    assert_eq!(of_line["monthly_cost"], "21.900000");
    let one_zone = "efs_file_systems={fs-1: {storage_size: 73GiB, availability_zone_name: us-east-1a}}";
    near(quantity(&run(WEB, &[VOLUME, one_zone]), "EFS One Zone storage"), 0.2);
    let provisioned = "efs_file_systems={fs-1: {storage_size: 20GiB, throughput_mode: provisioned, provisioned_throughput_in_mibps: 11}}";
    near(quantity(&run(WEB, &[VOLUME, provisioned]), "EFS provisioned throughput"), 10.0 * 2.0 / 730.0);
}

#[test]
fn a_file_system_without_a_price_is_refused() {
    let check = |sets: &[&str]| ended(WEB, "check", sets).code(1);
    check(&[VOLUME]).says(&["file_system_id", "`fs-1`", "efs_file_systems: {fs-1: {storage_size: 10GB}}"]);
    check(&[VOLUME, "efs_file_systems={fs-2: {storage_size: 1GB}}"]).says(&["did you mean `fs-2`?"]);
    check(&["efs_file_systems={fs-1: {}}"]).says(&["`storage_size` must be given"]);
    check(&["efs_file_systems={fs-1: {storage_size: 1GB, throughput_mode: elastic}}"]).says(&["throughput_mode", "elastic throughput"]);
    check(&["efs_file_systems={fs-1: {storage_size: 1GB, throughput_mode: provisioned}}"]).says(&["provisioned_throughput_in_mibps"]);
}

const LAUNCHED: &str = "services.web.task_definition.volumes=[{name: data, configuredAtLaunch: true}]";

/// One task and one gp3 volume of 73 GiB for two hours of 730, with 1000 IOPS and 125 MiB per second beyond what is free. Prices of us-east-1:
/// 0.08, 0.005 and 0.04 a month (aws.amazon.com/ebs/pricing). The month is the window's cost, rounded to six places, 365 times: 0.016, 0.013699
/// and 0.013699.
#[test]
fn a_volume_of_each_task_is_billed_while_the_task_is() {
    let volume = "services.web.volumeConfigurations=[{name: data, managedEBSVolume: {sizeInGiB: 73, volumeType: gp3, iops: 4000, \
                  throughput: 250, encrypted: true, roleArn: x}}]";
    let bill = run(WEB, &["services.web.desired_count=1", LAUNCHED, volume]);
    let lines = [
        ("gp3 volumes", 73.0, "5.840000", "EBS:VolumeUsage.gp3", "GB-Mo"),
        ("gp3 IOPS above 3000", 1000.0, "5.000135", "EBS:VolumeP-IOPS.gp3", "IOPS-Mo"),
        ("gp3 throughput above 125 MiB/s", 125.0, "5.000135", "EBS:VolumeP-Throughput.gp3", "MiBps-Mo"),
    ];
    for (description, size, monthly, usage_type, unit) in lines {
        near(quantity(&bill, description), size * 2.0 / 730.0);
        let of_line = line(&bill, description).expect("a line");
        let of = |key: &str| of_line[key].as_str().unwrap_or_default().to_owned();
        assert_eq!(of("monthly_cost"), monthly, "{description}");
        assert_eq!((of("service"), of("behaviour"), of("product")), ("web".to_owned(), "variable".to_owned(), "EBS".to_owned()));
        assert_eq!((of("usage_type"), of("unit")), (usage_type.to_owned(), unit.to_owned()));
    }
    // The spelling of Terraform, and gp2 of 30 GiB at 0.10: 0.008219 for the window.
    let terraform = "services.web.volume_configuration={name: data, managed_ebs_volume: {size_in_gb: 30, volume_type: gp2}}";
    let bill = run(WEB, &["services.web.desired_count=1", LAUNCHED, terraform]);
    assert_eq!(line(&bill, "gp2 volumes").expect("a line")["monthly_cost"], "2.999935");
    assert!(line(&bill, "gp3 IOPS above 3000").is_none());
}

#[test]
fn a_volume_that_ebs_does_not_have_is_refused() {
    let check = |sets: &[&str]| ended(WEB, "check", sets).code(1);
    let of = |keys: &str| format!("services.web.volume_configuration={{name: data, managed_ebs_volume: {{{keys}}}}}");
    check(&[LAUNCHED]).says(&["configured_at_launch", "`data`", "managed_ebs_volume: {size_in_gib: 20}"]);
    check(&[&of("size_in_gib: 20")]).says(&["no volume `data` with configured_at_launch"]);
    check(&[LAUNCHED, &of("size_in_gib: 20, volume_type: io2")]).says(&["not modelled yet", "other than gp3 and gp2", "volume_type: gp3"]);
    check(&[LAUNCHED, &of("size_in_gib: 20, volume_type: gp2, iops: 4000")]).says(&["iops", "gp2"]);
    check(&[LAUNCHED, &of("size_in_gib: 4, iops: 3001")]).says(&["a gp3 volume of 4 GiB has 3000 at most"]);
    check(&[LAUNCHED, &of("size_in_gib: 20, throughput: 751")]).says(&["750 MiB per second at most"]);
    check(&[LAUNCHED, &of("volume_type: gp3")]).says(&["`size_in_gib` must be given"]);
}

#[test]
fn what_a_network_balancer_does_otherwise_is_told() {
    let ids = |sets: &[&str]| -> Vec<String> {
        let found = ended(WEB, "check", sets).code(0).json();
        let findings = found["findings"].as_array().expect("findings").iter();
        let of_balancer = findings.filter(|finding| finding["path"].as_str().is_some_and(|path| path.contains("load_balancer.")));
        of_balancer.map(|finding| finding["id"].as_str().expect("an id").to_owned()).collect()
    };
    assert_eq!(ids(&[NETWORK]), [""; 0]);
    assert_eq!(ids(&[NETWORK, "services.web.load_balancer.connection_duration=10m"]), ["long-connections"]);
    assert_eq!(ids(&[NETWORK, "services.web.desired_count=2"]), ["zones-without-tasks"]);
    let crosses = "services.web.load_balancer.enable_cross_zone_load_balancing=true";
    assert_eq!(ids(&[NETWORK, crosses, "services.web.desired_count=2"]), [""; 0]);
}

/// Zones without a NAT gateway send their traffic to one in another zone (Amazon VPC User Guide, "Pricing for NAT gateways"): with one
/// gateway in three zones two thirds of it leave a zone and enter one.
#[test]
fn traffic_to_a_nat_gateway_of_another_zone_is_charged_in_each_direction() {
    let outbound = "services.web.workload.outbound_per_request=9kB";
    let crossing = |gateways: u32| quantity(&run(WEB, &[outbound, &format!("network.nat_gateways={gateways}")]), "traffic of NAT gateways");
    // 72,000 requests with 9 kB of calls and 1 kB of logs.
    near(crossing(1), 7.2e8 * 2.0 / 3.0 * 2.0 / GIB);
    near(crossing(2), 7.2e8 / 3.0 * 2.0 / GIB);
    near(crossing(3), 0.0);
    near(quantity(&run(WEB, &[outbound, "network.nat_gateways=1"]), "data through NAT gateways"), 6.48e8 / GIB);
}

/// A window that begins and ends inside an hour: what an hour costs belongs to the part of it that the window holds, so the timeline
/// adds up to the bill.
#[test]
fn the_cost_by_the_hour_adds_up_to_the_bill_in_parts_of_hours_too() {
    let folder = Folder::new();
    folder.put("s.yaml", &WEB.replace("{duration: 2h}", "{start: \"2026-01-05T00:30:00Z\", duration: 90m}"));
    let sets = ["--set", NETWORK, "--set", "network.nat_gateways=1"];
    let arguments: Vec<&str> = ["run", "s.yaml", "-q", "-o", "t.csv", "--format", "json"].into_iter().chain(sets).collect();
    let result = folder.ecsim(&arguments).code(0).json();
    let text = String::from_utf8(folder.bytes("t.csv")).expect("text");
    let place = text.lines().next().and_then(|head| head.split(',').position(|name| name == "cost_per_hour")).expect("the column");
    let minutes = text.lines().skip(1).map(|row| row.split(',').nth(place).and_then(|cell| cell.parse::<f64>().ok()).expect("a number"));
    near(minutes.sum::<f64>() / 60.0, result["cost"]["window"].as_str().and_then(|text| text.parse().ok()).expect("an amount"));
}
