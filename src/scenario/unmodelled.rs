//! What a scenario may say and the simulator does not model, yet or at the fidelity that is chosen.
//!
//! Nothing is ignored in silence: each wish is refused by name, at its place. A value that equals the
//! default asks for nothing and passes. One function for each part of the scenario, one entry for each
//! wish, so that an entry goes when its model comes. What only single requests can show is refused at
//! fidelity fluid; [`super::model::Scenario::needs_request_fidelity`] names the same wishes.

use super::check::root::is_on_fargate;
use super::shape::{Places, Reading};
use super::written::balancer::{Algorithm, BalancerType, LoadBalancer};
use super::written::deployment::Strategy;
use super::written::event::{Event, EventKind};
use super::written::root::{Cluster, Fidelity, PurchaseOption, Scenario};
use super::written::service::{LaunchType, Service};
use super::written::storage::{EfsFileSystem, ThroughputMode, VolumeType};
use super::written::task::{OperatingSystemFamily, PlacementConstraint};
use super::written::traffic::{CallRoute, Source};
use super::written::workload::{CpuLimit, OnTimeout, Workload, WorkloadKind};
use crate::units::SimDuration;

/// Refuses all that is not modelled yet.
pub fn refuse(scenario: &Scenario, revisions: &[Option<Workload>], reading: &mut Reading) {
    cluster(&scenario.cluster, reading);
    for (_, service) in &scenario.services.0 {
        self::service(service, reading);
        if scenario.simulation.fidelity == Fidelity::Fluid {
            needs_requests(service, reading);
        }
    }
    for (event, revision) in scenario.events.iter().zip(revisions) {
        self::event(event, scenario, reading);
        if let Some(revision) = revision {
            self::revision(event, revision, scenario, reading);
        }
    }
    for (_, file_system) in &scenario.efs_file_systems.0 {
        self::file_system(file_system, reading);
    }
}

/// Refuses keys of one object.
struct Refusal<'a> {
    places: &'a Places,
    reading: &'a mut Reading,
}

impl Refusal<'_> {
    /// Each entry: whether it is asked for, by which key, what it is, what to do instead.
    fn each(self, wishes: &[(bool, &str, &str, &str)]) {
        for (_, key, what, remedy) in wishes.iter().filter(|(is_wish, ..)| *is_wish) {
            self.reading.not_modelled(&self.places.of(key), *what, *remedy);
        }
    }

    /// Each entry as in [`Refusal::each`], of what only single requests can show.
    fn each_in_fluid(self, wishes: &[(bool, &str, &str)]) {
        for (_, key, what) in wishes.iter().filter(|(is_wish, ..)| *is_wish) {
            let message = format!("{what} at fidelity fluid");
            self.reading.not_modelled(&self.places.of(key), message, "use fidelity: request (or auto)");
        }
    }
}

fn cluster(cluster: &Cluster, reading: &mut Reading) {
    for group in &cluster.capacity_providers {
        Refusal { places: &group.places, reading }.each(&[(
            group.purchase_option == PurchaseOption::Spot,
            "purchase_option",
            "Spot instances of EC2",
            "use purchase_option: on_demand, or FARGATE_SPOT",
        )]);
    }
}

fn service(service: &Service, reading: &mut Reading) {
    let is_other_launch_type = service.launch_type.is_some_and(|launch_type| launch_type != LaunchType::Fargate);
    Refusal { places: &service.places, reading }.each(&[(
        is_other_launch_type,
        "launch_type",
        "launch types other than FARGATE",
        "use launch_type: FARGATE, or a capacity_provider_strategy with a provider of cluster.capacity_providers",
    )]);
    let is_windows = service.task_definition.runtime_platform.operating_system_family != OperatingSystemFamily::Linux;
    let is_on_instances = service.capacity_provider_strategy.is_some() && !is_on_fargate(service);
    let constraints =
        ("placement_constraints", "constraints on the placement of tasks", "take them away: tasks run wherever there is room");
    let constrains = |given: &[PlacementConstraint]| is_on_instances && !given.is_empty();
    Refusal { places: &service.places, reading }.each(&[
        (is_windows && is_on_instances, "capacity_provider_strategy", "Windows tasks on EC2 instances", "use FARGATE for Windows tasks"),
        (constrains(&service.placement_constraints), constraints.0, constraints.1, constraints.2),
    ]);
    let task = &service.task_definition;
    let wish = (constrains(&task.placement_constraints), constraints.0, constraints.1, constraints.2);
    Refusal { places: &task.places, reading }.each(&[wish]);
    for volume in service.volume_configuration.0.iter().map(|configuration| &configuration.managed_ebs_volume) {
        let is_general = matches!(volume.volume_type, VolumeType::Gp3 | VolumeType::Gp2);
        Refusal { places: &volume.places, reading }.each(&[(
            !is_general,
            "volume_type",
            "volumes of Amazon EBS other than gp3 and gp2",
            "use volume_type: gp3",
        )]);
    }
    if let Some(balancer) = &service.load_balancer {
        self::balancer(balancer, service, reading);
    }
    for source in &service.traffic.0 {
        self::source(source, service, reading);
    }
    workload(&service.workload, reading);
}

/// What only single requests can show, in a scenario whose fidelity is fluid.
fn needs_requests(service: &Service, reading: &mut Reading) {
    let workload = &service.workload;
    for source in &service.traffic.0 {
        Refusal { places: &source.places, reading }.each_in_fluid(&[
            (source.users.is_some(), "users", "users who wait for an answer before they send again"),
            (source.from.is_some(), "from", "calls between services"),
        ]);
    }
    if let Some(balancer) = &service.load_balancer {
        let is_least_outstanding = balancer.load_balancing_algorithm_type == Algorithm::LeastOutstandingRequests;
        Refusal { places: &balancer.places, reading }.each_in_fluid(&[
            (is_least_outstanding, "load_balancing_algorithm_type", "least_outstanding_requests"),
            (balancer.slow_start.0 > SimDuration::ZERO, "slow_start", "slow start of new targets"),
        ]);
        Refusal { places: &balancer.health_check.places, reading }.each_in_fluid(&[(
            balancer.health_check.shares_workers.0,
            "shares_workers",
            "health checks that wait behind requests",
        )]);
    }
    if workload.kind == WorkloadKind::Http {
        Refusal { places: &workload.places, reading }.each_in_fluid(&[(
            workload.on_timeout == OnTimeout::Finish,
            "on_timeout",
            "servers that finish what clients gave up",
        )]);
        Refusal { places: &workload.retries.places, reading }.each_in_fluid(&[(
            workload.retries.max.get() > 0,
            "max",
            "clients that retry",
        )]);
    }
    Refusal { places: &workload.places, reading }.each_in_fluid(&[(
        workload.max_receive_count.0.is_some(),
        "max_receive_count",
        "dead-letter queues",
    )]);
    Refusal { places: &workload.receive.places, reading }.each_in_fluid(&[(
        workload.receive.batch_size.get() > 1,
        "batch_size",
        "receiving messages in batches",
    )]);
}

fn balancer(balancer: &LoadBalancer, service: &Service, reading: &mut Reading) {
    let crosses_zones = balancer.enable_cross_zone_load_balancing.is_none_or(|crosses| crosses.0);
    Refusal { places: &balancer.places, reading }.each(&[(
        balancer.load_balancer_type == BalancerType::Application && !crosses_zones,
        "enable_cross_zone_load_balancing",
        "application balancers that stay in a zone",
        "take it away",
    )]);
    // Amazon ECS waits longer for a network balancer to learn of a shift, and does not say how long.
    let shifts_traffic = service.deployment_configuration.strategy != Strategy::Rolling;
    Refusal { places: &service.deployment_configuration.places, reading }.each(&[(
        balancer.load_balancer_type == BalancerType::Network && shifts_traffic,
        "strategy",
        "shifting traffic behind a Network Load Balancer",
        "use strategy: ROLLING, or load_balancer_type: application",
    )]);
}

fn file_system(file_system: &EfsFileSystem, reading: &mut Reading) {
    Refusal { places: &file_system.places, reading }.each(&[(
        file_system.throughput_mode == ThroughputMode::Elastic,
        "throughput_mode",
        "elastic throughput of Amazon EFS",
        "use throughput_mode: bursting, which prices the storage alone",
    )]);
}

/// A call either takes the balancer of the callee or, where there is none, goes straight to its tasks.
fn source(source: &Source, callee: &Service, reading: &mut Reading) {
    let Some(from) = &source.from else { return };
    let has_balancer = callee.load_balancer.as_ref().is_some_and(|balancer| balancer.load_balancer_type != BalancerType::None);
    let goes_past = has_balancer && matches!(from.via, Some(CallRoute::ServiceConnect | CallRoute::Direct));
    Refusal { places: &from.places, reading }.each(&[(
        goes_past,
        "via",
        "calls that go past the callee's load balancer",
        "use via: load_balancer, or take the callee's balancer away",
    )]);
}

fn workload(workload: &Workload, reading: &mut Reading) {
    Refusal { places: &workload.places, reading }.each(&[(
        workload.cpu_limit == CpuLimit::Quota,
        "cpu_limit",
        "the kernel's CPU quota",
        "use cpu_limit: smooth",
    )]);
}

fn event(event: &Event, scenario: &Scenario, reading: &mut Reading) {
    let is = |kind: EventKind| event.kind == kind;
    let named = |name: &str| scenario.services.0.iter().find(|(known, _)| known == name);
    let is_on_queue = event.service.as_ref().and_then(|name| named(&name.0)).is_some_and(|(_, service)| is_queue(service));
    if scenario.simulation.fidelity == Fidelity::Fluid && is_on_queue {
        Refusal { places: &event.places, reading }.each_in_fluid(&[
            (is(EventKind::TaskHang), "kind", "tasks that hang with messages of a queue"),
            (is(EventKind::DependencySlowdown), "kind", "slower dependencies of workers on a queue"),
        ]);
    }
}

/// A revision asks for what a service may ask for.
fn revision(event: &Event, revision: &Workload, scenario: &Scenario, reading: &mut Reading) {
    let mut own = Reading::default();
    workload(revision, &mut own);
    reading.add_new_faults(own);
    let named = |name: &str| scenario.services.0.iter().find(|(known, _)| known == name);
    let Some((_, service)) = event.service.as_ref().and_then(|name| named(&name.0)) else { return };
    let is_flow = scenario.simulation.fidelity == Fidelity::Fluid && is_queue(service);
    if is_flow && serves_otherwise(revision, &service.workload) {
        let what = "a revision whose workers need another time for a message";
        Refusal { places: &event.places, reading }.each_in_fluid(&[(true, "revision", what)]);
    }
}

fn serves_otherwise(revision: &Workload, first: &Workload) -> bool {
    let of = |workload: &Workload| (workload.cpu_time.0.clone(), workload.wait_time.0.clone(), workload.error_rate.0.to_bits());
    of(revision) != of(first)
}

fn is_queue(service: &Service) -> bool {
    service.workload.kind == WorkloadKind::Queue
}
