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
use super::written::environment::{Pricing, Quotas, Spot, Uncertainty};
use super::written::root::{Cluster, ContainerInsights, Fidelity, Scenario};
use super::written::service::{LaunchType, Service};
use super::written::traffic::{CallRoute, Source};
use super::written::workload::{CpuLimit, OnTimeout, Workload, WorkloadKind};
use crate::scenario::model::Distribution;
use crate::units::SimDuration;

/// Refuses all that is not modelled yet.
pub fn refuse(scenario: &Scenario, reading: &mut Reading) {
    cluster(&scenario.cluster, reading);
    for (_, service) in &scenario.services.0 {
        self::service(service, reading);
        if scenario.simulation.fidelity == Fidelity::Fluid {
            needs_requests(service, reading);
        }
    }
    spot(&scenario.spot, reading);
    quotas(&scenario.quotas, reading);
    uncertainty(&scenario.uncertainty, reading);
    pricing(&scenario.pricing, reading);
    Refusal { places: &scenario.places, reading }.each(&[
        (!scenario.alarms.1.is_empty(), "alarms", "CloudWatch alarms for deployments", "take them away"),
        (!scenario.events.is_empty(), "events", "events", "take them away"),
    ]);
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
    Refusal { places: &cluster.places, reading }.each(&[
        (
            cluster.container_insights != ContainerInsights::Disabled,
            "container_insights",
            "Container Insights and its charge",
            "use container_insights: disabled",
        ),
        (
            !cluster.capacity_providers.is_empty(),
            "capacity_providers",
            "EC2 auto scaling groups as capacity providers",
            "use FARGATE and FARGATE_SPOT",
        ),
    ]);
}

fn service(service: &Service, reading: &mut Reading) {
    let is_other_launch_type = service.launch_type.is_some_and(|launch_type| launch_type != LaunchType::Fargate);
    let has_other_providers = service.capacity_provider_strategy.is_some() && !is_on_fargate(service);
    let strategy = &service.deployment_configuration;
    Refusal { places: &service.places, reading }.each(&[
        (is_other_launch_type, "launch_type", "launch types other than FARGATE", "use launch_type: FARGATE"),
        (has_other_providers, "capacity_provider_strategy", "EC2 capacity providers", "use FARGATE and FARGATE_SPOT"),
        (!service.availability_zone_rebalancing.0, "availability_zone_rebalancing", "DISABLED zone rebalancing", "use ENABLED"),
    ]);
    Refusal { places: &strategy.places, reading }.each(&[(
        strategy.strategy != Strategy::Rolling,
        "strategy",
        "deployment strategies other than ROLLING",
        "use strategy: ROLLING",
    )]);
    if let Some(balancer) = &service.load_balancer {
        self::balancer(balancer, reading);
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

fn balancer(balancer: &LoadBalancer, reading: &mut Reading) {
    Refusal { places: &balancer.places, reading }.each(&[(
        balancer.load_balancer_type == BalancerType::Network,
        "load_balancer_type",
        "Network Load Balancers",
        "use load_balancer_type: application",
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
    Refusal { places: &workload.start_up.places, reading }.each(&[(
        workload.start_up.soci.0,
        "soci",
        "lazy image loading",
        "use soci: false",
    )]);
}

fn spot(spot: &Spot, reading: &mut Reading) {
    Refusal { places: &spot.places, reading }.each(&[(
        spot.correlation.0 > 0.0,
        "correlation",
        "Spot interruptions that come together",
        "use correlation: 0",
    )]);
    Refusal { places: &spot.shortage.places, reading }.each(&[(
        spot.shortage.mean_time_between.0 > SimDuration::ZERO,
        "mean_time_between",
        "shortages of Spot capacity",
        "use mean_time_between: 0d",
    )]);
}

fn quotas(quotas: &Quotas, reading: &mut Reading) {
    Refusal { places: &quotas.places, reading }.each(&[
        (quotas.fargate_on_demand_vcpu.0.is_some(), "fargate_on_demand_vcpu", "account quotas", "use unlimited"),
        (quotas.fargate_spot_vcpu.0.is_some(), "fargate_spot_vcpu", "account quotas", "use unlimited"),
    ]);
}

fn uncertainty(uncertainty: &Uncertainty, reading: &mut Reading) {
    let differs = |distribution: &Distribution, default: f64| *distribution != Distribution::Constant { value: default };
    Refusal { places: &uncertainty.places, reading }.each(&[
        (differs(&uncertainty.traffic_scale.0, 1.0), "traffic_scale", "uncertain traffic", "use 1"),
        (differs(&uncertainty.growth.0, 0.0), "growth", "uncertain growth", "use 0%"),
        (differs(&uncertainty.cpu_time_scale.0, 1.0), "cpu_time_scale", "uncertain CPU time", "use 1"),
        (differs(&uncertainty.spot_price_scale.0, 1.0), "spot_price_scale", "uncertain Spot prices", "use 1"),
    ]);
}

fn pricing(pricing: &Pricing, reading: &mut Reading) {
    Refusal { places: &pricing.places, reading }.each(&[
        (pricing.free_tier.0, "free_tier", "the free tier", "use free_tier: false"),
        (!pricing.savings_plans.is_empty(), "savings_plans", "Savings Plans", "take them away"),
    ]);
    Refusal { places: &pricing.account_usage.places, reading }.each(&[(
        pricing.account_usage.data_out_gb.0 > 0.0,
        "data_out_gb",
        "usage of the rest of the account",
        "use data_out_gb: 0",
    )]);
}
