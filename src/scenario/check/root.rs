//! The top level: names and references between services, providers, alarms and events.

use crate::error::Fault;
use crate::regions::REGIONS;
use crate::scenario::shape::{Reading, nearest};
use crate::scenario::written::balancer::{BalancerType, LoadBalancer};
use crate::scenario::written::root::{Cluster, ManagedScaling, Scenario, Simulation};
use crate::scenario::written::service::{LaunchType, Service};
use crate::units::{NANOS_PER_SECOND, SimDuration};

/// Fargate's own providers, which every cluster has.
pub const FARGATE_PROVIDERS: [&str; 2] = ["FARGATE", "FARGATE_SPOT"];

/// Where other providers are declared.
const CAPACITY_PROVIDERS: &str = "cluster.capacity_providers";

/// The most capacity providers of a cluster (AWS, Amazon ECS service quotas).
const MOST_PROVIDERS: usize = 20;

/// The whole scenario.
pub fn check(scenario: &Scenario, reading: &mut Reading) {
    region(scenario, reading);
    if scenario.services.1.is_empty() {
        reading.fault(&scenario.places.of("services"), "a scenario needs at least one service");
    }
    for (name, service) in &scenario.services.0 {
        service_name(name, service, reading);
        capacity(service, &scenario.cluster, reading);
        super::instances::service(service, scenario, reading);
        super::calls::check(name, service, scenario, reading);
    }
    shared_balancers(scenario, reading);
    references(scenario, reading);
    moments(scenario, reading);
    if let Some(network) = &scenario.network {
        super::endpoints::check(network, &scenario.region.0, reading);
    }
    super::storage::volumes(scenario, reading);
}

fn region(scenario: &Scenario, reading: &mut Reading) {
    let region = scenario.region.0.as_str();
    // A catalogue of one's own may have others.
    if !REGIONS.contains(&region) && scenario.pricing.catalog.is_none() {
        let near = nearest(region, REGIONS.iter().copied())
            .map_or_else(|| format!("known are {}", REGIONS.join(", ")), |near| format!("did you mean `{near}`?"));
        reading.fault_with_remedy(&scenario.places.of("region"), format!("unknown region `{region}`"), near);
    }
}

/// A service's name is a part of paths and of ARNs: letters, digits, hyphens and underscores, up to 255.
fn service_name(name: &str, service: &Service, reading: &mut Reading) {
    let is_name = (1..=255).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !is_name {
        let message = format!("`{name}` is no name of a service: up to 255 letters, digits, hyphens and underscores");
        reading.fault(service.places.own(), message);
    }
}

/// Whether a service runs on Fargate, as far as its keys tell.
#[must_use]
pub fn is_on_fargate(service: &Service) -> bool {
    match (&service.capacity_provider_strategy, service.launch_type) {
        (Some(items), _) => items.iter().all(|item| FARGATE_PROVIDERS.contains(&item.capacity_provider.0.as_str())),
        (None, launch_type) => launch_type.is_none_or(|launch_type| launch_type == LaunchType::Fargate),
    }
}

/// Every provider of a strategy exists, and all are of one kind.
fn capacity(service: &Service, cluster: &Cluster, reading: &mut Reading) {
    let own: Vec<&str> = cluster.capacity_providers.iter().map(|group| group.name.0.as_str()).collect();
    let known: Vec<&str> = FARGATE_PROVIDERS.into_iter().chain(own).collect();
    let items = service.capacity_provider_strategy.as_deref().unwrap_or_default();
    // Where a declaration has a fault, which has been told, its name may be missing for that reason alone.
    let is_of_a_declaration = |fault: &Fault| fault.place.path.as_deref().is_some_and(|path| path.starts_with(CAPACITY_PROVIDERS));
    let are_whole = !reading.faults.iter().any(is_of_a_declaration);
    for item in items.iter().filter(|_| are_whole) {
        let name = item.capacity_provider.0.as_str();
        if !known.contains(&name) {
            let remedy = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known are {}; others are declared under cluster.capacity_providers", known.join(", ")),
            };
            reading.fault_with_remedy(&item.places.of("capacity_provider"), format!("unknown capacity provider `{name}`"), remedy);
        }
    }
    let on_fargate = items.iter().filter(|item| FARGATE_PROVIDERS.contains(&item.capacity_provider.0.as_str())).count();
    if on_fargate > 0 && on_fargate < items.len() {
        let message = "a strategy is either of Fargate's providers or of EC2 auto scaling groups, not of both";
        let remedy = "name FARGATE and FARGATE_SPOT, or providers of cluster.capacity_providers alone";
        reading.fault_with_remedy(&service.places.of("capacity_provider_strategy"), message, remedy);
    }
}

/// There is a service of this name.
pub(super) fn known_service(name: &str, place: &crate::error::Place, scenario: &Scenario, reading: &mut Reading) {
    let known: Vec<&str> = scenario.services.1.iter().map(String::as_str).collect();
    if !known.contains(&name) {
        let remedy = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("services are {}", known.join(", ")),
        };
        reading.fault_with_remedy(place, format!("there is no service `{name}`"), remedy);
    }
}

/// The name of the balancer that a service uses.
#[must_use]
pub fn balancer_name<'a>(service_name: &'a str, balancer: &'a LoadBalancer) -> &'a str {
    balancer.name.as_ref().map_or(service_name, |name| name.0.as_str())
}

/// Services that share a balancer agree on everything that belongs to the balancer.
fn shared_balancers(scenario: &Scenario, reading: &mut Reading) {
    let mut first: Vec<(&str, &str, &LoadBalancer)> = Vec::new();
    for (service_name, service) in &scenario.services.0 {
        let Some(balancer) = &service.load_balancer else { continue };
        if balancer.load_balancer_type == BalancerType::None {
            continue;
        }
        let name = balancer_name(service_name, balancer);
        let Some((_, owner, other)) = first.iter().find(|(known, _, _)| *known == name) else {
            first.push((name, service_name, balancer));
            continue;
        };
        let settings = [
            ("load_balancer_type", balancer.load_balancer_type == other.load_balancer_type),
            ("internal", balancer.internal == other.internal),
            ("requests_per_connection", balancer.requests_per_connection == other.requests_per_connection),
            ("connection_duration", balancer.connection_duration == other.connection_duration),
            ("listener_rules", balancer.listener_rules == other.listener_rules),
            ("listener_protocol", balancer.listener_protocol == other.listener_protocol),
            ("enable_cross_zone_load_balancing", balancer.enable_cross_zone_load_balancing == other.enable_cross_zone_load_balancing),
        ];
        for (key, _) in settings.iter().filter(|(_, agrees)| !agrees) {
            let message = format!("balancer `{name}` is shared with service `{owner}`, whose `{key}` differs");
            reading.fault_with_remedy(&balancer.places.of(key), message, "a balancer has one value; give it in each service");
        }
    }
}

/// Events and alarms speak of services that exist, and of zones that the cluster has.
fn references(scenario: &Scenario, reading: &mut Reading) {
    for event in &scenario.events {
        if let Some(service) = &event.service {
            known_service(&service.0, &event.places.of("service"), scenario, reading);
        }
        let zones = scenario.cluster.availability_zones.count();
        if let Some(zone) = event.zone.filter(|zone| *zone as u32 >= zones) {
            let message = format!("the cluster has {zones} availability zones, from a; found {}", zone.word());
            reading.fault(&event.places.of("zone"), message);
        }
    }
    for (_, alarm) in &scenario.alarms.0 {
        known_service(&alarm.service.0, &alarm.places.of("service"), scenario, reading);
        if let Some((_, service)) = scenario.services.0.iter().find(|(name, _)| *name == alarm.service.0) {
            super::metrics::alarm(alarm, service, reading);
        }
    }
    let alarms: Vec<&str> = scenario.alarms.1.iter().map(String::as_str).collect();
    super::deployment::unused_alarms(scenario, reading);
    for (_, service) in &scenario.services.0 {
        let used = &service.deployment_configuration.alarms;
        for name in used.alarm_names.iter().filter(|name| !alarms.contains(&name.0.as_str())) {
            reading.fault_with_remedy(&used.places.of("alarm_names"), format!("there is no alarm `{}`", name.0), "declare it under alarms");
        }
    }
}

/// What happens by the calendar needs a start to be counted from.
fn moments(scenario: &Scenario, reading: &mut Reading) {
    let start = scenario.simulation.start.map(|start| start.0);
    for (_, service) in &scenario.services.0 {
        for spike in service.traffic.0.iter().flat_map(|source| &source.spikes) {
            if spike.at.offset_from(start).is_none() {
                let remedy = "give simulation.start, or write an offset like 36h";
                reading.fault_with_remedy(&spike.places.of("at"), "a date, but the simulation has no `start` of its own", remedy);
            }
        }
    }
}

/// The timeline's steps are whole seconds and fit an hour or are made of whole hours.
pub fn simulation(simulation: &Simulation, reading: &mut Reading) {
    let step = simulation.timeline_resolution.0;
    let seconds = step.as_nanos() / NANOS_PER_SECOND;
    let is_whole = step == SimDuration::from_seconds(seconds);
    let fits = seconds > 0 && (3_600 % seconds == 0 || (seconds % 3_600 == 0 && 24 % (seconds / 3_600) == 0));
    if !is_whole || !fits {
        let message = format!("found {step}; a step is whole seconds that divide an hour, or whole hours that divide a day");
        reading.fault(&simulation.places.of("timeline_resolution"), message);
    }
    let is_given = simulation.places.gives("timeline_resolution");
    if let Some(duration) = simulation.duration.filter(|duration| is_given && step > duration.0) {
        let message = format!("found {step}, which is longer than the simulation ({})", duration.0);
        reading.fault_with_remedy(&simulation.places.of("timeline_resolution"), message, "shorten it, or take it away");
    }
}

/// Providers have names of their own.
pub fn cluster(cluster: &Cluster, reading: &mut Reading) {
    if cluster.capacity_providers.len() > MOST_PROVIDERS {
        let message = format!("found {}, a cluster has {MOST_PROVIDERS} at most", cluster.capacity_providers.len());
        reading.fault(&cluster.places.of("capacity_providers"), message);
    }
    let groups = cluster.capacity_providers.iter();
    super::refuse_repeated("capacity provider", groups.map(|group| (group.name.0.as_str(), &group.places)), reading);
    for group in &cluster.capacity_providers {
        let upper = group.name.0.to_uppercase();
        if ["AWS", "ECS", "FARGATE"].iter().any(|reserved| upper.starts_with(reserved)) {
            let message = format!("`{}` is no name of a provider: those that begin with aws, ecs or fargate belong to AWS", group.name.0);
            reading.fault(&group.places.of("name"), message);
        }
    }
}

/// Steps are in order.
pub fn managed_scaling(scaling: &ManagedScaling, reading: &mut Reading) {
    if scaling.minimum_scaling_step_size > scaling.maximum_scaling_step_size {
        let message = "minimum_scaling_step_size is above maximum_scaling_step_size";
        reading.fault_with_remedy(&scaling.places.of("maximum_scaling_step_size"), message, "raise the maximum or lower the minimum");
    }
}
