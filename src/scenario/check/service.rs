//! A service, by the rules of CreateService, RegisterTaskDefinition and CreateTargetGroup.

use super::root::is_on_fargate;
use super::{fargate, refuse_foreign};
use crate::scenario::shape::Reading;
use crate::scenario::written::balancer::{Algorithm, BalancerType, LoadBalancer, TargetHealthCheck};
use crate::scenario::written::deployment::DeploymentConfiguration;
use crate::scenario::written::service::{Monitoring, Service, StrategyItem};
use crate::scenario::written::task::{CpuArchitecture, OperatingSystemFamily, RuntimePlatform, TaskDefinition};
use crate::scenario::written::workload::WorkloadKind;
use crate::units::SimDuration;

/// The most providers in one strategy.
const LONGEST_STRATEGY: usize = 20;

/// The longest `stopTimeout` on Fargate.
const FARGATE_STOP_TIMEOUT: SimDuration = SimDuration::from_seconds(120);

/// A whole service.
pub fn check(service: &Service, reading: &mut Reading) {
    if service.launch_type.is_some() && service.capacity_provider_strategy.is_some() {
        let message = "`launch_type` and `capacity_provider_strategy` are both given; a service has one of them";
        reading.fault_with_remedy(&service.places.of("launch_type"), message, "take one of them away");
    }
    if let Some(items) = &service.capacity_provider_strategy {
        strategy(items, service, reading);
    }
    if is_on_fargate(service) {
        on_fargate(service, reading);
    }
    super::metrics::check(service, reading);
    super::deployment::check(service, reading);
    super::storage::configured_at_launch(service, reading);
    no_balancer_before_a_queue(service, reading);
    workload_fits(service, reading);
}

/// Workers fetch their messages themselves.
fn no_balancer_before_a_queue(service: &Service, reading: &mut Reading) {
    let is_queue = service.workload.kind == WorkloadKind::Queue;
    let balancer = service.load_balancer.as_ref().filter(|balancer| balancer.load_balancer_type != BalancerType::None);
    if is_queue && balancer.is_some() {
        let message = "a workload of kind queue takes its messages from the queue; no load balancer sends it any";
        reading.fault_with_remedy(&service.places.of("load_balancer"), message, "take the load balancer away, or use kind: http");
    }
}

/// What a task needs when it is idle leaves room for requests.
fn workload_fits(service: &Service, reading: &mut Reading) {
    let workload = &service.workload;
    if workload.idle_cpu.0 >= 1.0 {
        let message = "an idle task that uses all of its CPU can serve no request";
        reading.fault_with_remedy(&workload.places.of("idle_cpu"), message, "give a share below 100%");
    }
    let memory = service.task_definition.memory.0;
    if workload.memory.base.0 > memory.as_bytes() as f64 {
        let message =
            format!("an idle task needs more memory than the {} MiB of its task definition and would be killed at once", memory.0);
        reading.fault_with_remedy(&workload.memory.places.of("base"), message, "lower `memory.base` or give the task more memory");
    }
}

fn strategy(items: &[StrategyItem], service: &Service, reading: &mut Reading) {
    let place = service.places.of("capacity_provider_strategy");
    if items.is_empty() || items.len() > LONGEST_STRATEGY {
        reading.fault(&place, format!("found {} providers, a strategy has 1 to {LONGEST_STRATEGY}", items.len()));
        return;
    }
    let mut with_base = items.iter().filter(|item| item.base.get() > 0);
    if let (Some(first), Some(second)) = (with_base.next(), with_base.next()) {
        let message = format!("`{}` has a base already; one provider only may have a base", first.capacity_provider.0);
        reading.fault(&second.places.of("base"), message);
    }
    if items.iter().all(|item| item.weight.get() == 0) {
        reading.fault_with_remedy(&place, "every weight is 0; one provider at least needs a weight above 0", "give one of them weight: 1");
    }
    for (index, item) in items.iter().enumerate() {
        if items[..index].iter().any(|other| other.capacity_provider == item.capacity_provider) {
            reading.fault(&item.places.of("capacity_provider"), format!("`{}` is in the strategy twice", item.capacity_provider.0));
        }
        if item.weight.get() == 0 && item.base.get() > 0 {
            let warning = format!(
                "{}: a base with weight 0: AWS does not document whether such a provider places its base; ecsim lets it",
                item.places.own()
            );
            reading.warnings.push(warning);
        }
    }
}

fn on_fargate(service: &Service, reading: &mut Reading) {
    let task = &service.task_definition;
    let is_windows = task.runtime_platform.operating_system_family != OperatingSystemFamily::Linux;
    if let Some((key, message)) = fargate::fault_of(task.cpu.0, task.memory.0, is_windows) {
        reading.fault(&task.places.of(key), message);
    }
    if service.ordered_placement_strategy.is_some() {
        let message = "a placement strategy is for EC2 instances; Fargate places tasks itself, evenly over zones";
        reading.fault_with_remedy(&service.places.of("ordered_placement_strategy"), message, "take it away");
    }
    let items = service.capacity_provider_strategy.as_deref().unwrap_or_default();
    if let Some(spot) = items.iter().find(|item| is_windows && item.capacity_provider.0 == "FARGATE_SPOT") {
        reading.fault(&spot.places.of("capacity_provider"), "Fargate Spot runs Linux tasks only");
    }
    let start_up = &service.workload.start_up;
    if is_windows && start_up.soci.0 {
        reading.fault_with_remedy(&start_up.places.of("soci"), "Fargate loads images lazily for Linux tasks only", "use soci: false");
    }
    for container in &task.container_definitions {
        if container.stop_timeout.0 > FARGATE_STOP_TIMEOUT {
            let message = format!("found {}, Fargate allows 2m at most", container.stop_timeout.0);
            reading.fault(&container.places.of("stop_timeout"), message);
        }
    }
}

/// A task definition without regard to where it runs.
pub fn task_definition(task: &TaskDefinition, reading: &mut Reading) {
    let containers = task.container_definitions.iter();
    let named = containers.filter_map(|container| container.name.as_ref().map(|name| (name.0.as_str(), &container.places)));
    super::refuse_repeated("container", named, reading);
}

/// Windows runs on x86.
pub fn runtime_platform(platform: &RuntimePlatform, reading: &mut Reading) {
    let is_windows = platform.operating_system_family != OperatingSystemFamily::Linux;
    if is_windows && platform.cpu_architecture == CpuArchitecture::Arm {
        reading.fault(&platform.places.of("cpu_architecture"), "Windows tasks run on X86_64 only");
    }
}

/// ECS publishes metrics every 60 or every 20 seconds.
pub fn monitoring(monitoring: &Monitoring, reading: &mut Reading) {
    let seconds = monitoring.resolution_seconds.get();
    if seconds != 20 && seconds != 60 {
        reading.fault(&monitoring.places.of("resolution_seconds"), format!("found {seconds}, allowed are 60 and 20"));
    }
}

/// A balancer's own keys agree.
pub fn balancer(balancer: &LoadBalancer, reading: &mut Reading) {
    let slow_start = balancer.slow_start.0;
    if slow_start > SimDuration::ZERO {
        if slow_start < SimDuration::from_seconds(30) {
            reading.fault(&balancer.places.of("slow_start"), format!("found {slow_start}, allowed are 0 and 30s to 15m"));
        }
        if balancer.load_balancing_algorithm_type != Algorithm::RoundRobin {
            reading.fault(&balancer.places.of("slow_start"), "slow_start works with load_balancing_algorithm_type round_robin only");
        }
    }
    if balancer.requests_per_connection.0 < 1.0 {
        reading.fault(&balancer.places.of("requests_per_connection"), "found less than 1; a connection carries one request at least");
    }
    if balancer.load_balancer_type == BalancerType::None {
        let foreign = [
            "name",
            "internal",
            "load_balancing_algorithm_type",
            "deregistration_delay",
            "slow_start",
            "health_check",
            "requests_per_connection",
            "connection_duration",
            "listener_rules",
            "listener_protocol",
            "enable_cross_zone_load_balancing",
        ];
        refuse_foreign(&balancer.places, &foreign, "a load_balancer_type of none", reading);
    }
    match balancer.load_balancer_type {
        BalancerType::Network => {
            let foreign = ["load_balancing_algorithm_type", "slow_start", "listener_rules"];
            refuse_foreign(&balancer.places, &foreign, "a load_balancer_type of network", reading);
        }
        BalancerType::Application => {
            refuse_foreign(&balancer.places, &["listener_protocol"], "a load_balancer_type of application", reading);
        }
        BalancerType::None => {}
    }
}

/// A check ends before the next begins.
pub fn target_health_check(check: &TargetHealthCheck, reading: &mut Reading) {
    if check.timeout.0 >= check.interval.0 {
        let message = format!("timeout {} must be shorter than interval {}", check.timeout.0, check.interval.0);
        reading.fault(&check.places.of("timeout"), message);
    }
}

/// Percentages leave room to replace a task.
pub fn deployment(deployment: &DeploymentConfiguration, reading: &mut Reading) {
    if deployment.minimum_healthy_percent.percent() >= deployment.maximum_percent.percent() {
        let message = "minimum_healthy_percent leaves no room below maximum_percent: no task could ever be replaced";
        reading.fault(&deployment.places.of("maximum_percent"), message);
    }
}
