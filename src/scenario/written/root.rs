//! The top level, the simulation and the cluster.

use super::deployment::NamedAlarm;
use super::environment::{Assumptions, Network, Pricing, Quotas, Spot, Uncertainty};
use super::event::Event;
use super::service::Service;
use super::storage::EfsFileSystem;
use crate::scenario::check;
use crate::scenario::shape::{Named, Patch, choice, shape};
use crate::scenario::values::duration::{DAY, HOUR, SECOND, Span, YEAR};
use crate::scenario::values::number::{Percent, Whole};
use crate::scenario::values::text::{Switch, Text};
use crate::scenario::values::threshold::ThresholdText;
use crate::scenario::values::time::Instant;

shape! {
    /// A scenario of ecsim: what is deployed, what arrives, and what a run must meet.
    Scenario {
        /// The version of this form: 1.
        required version: Whole<1, 1>;
        /// The scenario's name, for reports.
        default name: Text = "scenario";
        /// One line for the report.
        optional description: Text;
        /// The AWS region whose prices and quotas apply.
        default region: Text = "us-east-1";
        /// When, how long and how finely a run simulates.
        default simulation: Simulation = "{}";
        /// The cluster that the services run in.
        default cluster: Cluster = "{}";
        /// The services by name.
        required services: Named<Service>;
        /// Further CloudWatch alarms by name, for deployments.
        default alarms: Named<NamedAlarm> = "{}";
        /// How Spot capacity behaves: assumptions, since AWS publishes no rate for Fargate Spot.
        default spot: Spot = "{}";
        /// Routes out of the network; omitted: tasks are private and nothing is charged for their route out.
        optional network: Network;
        /// File systems of Amazon EFS by the id that volumes name.
        default efs_file_systems: Named<EfsFileSystem> = "{}";
        /// Account quotas that limit capacity.
        default quotas: Quotas = "{}";
        /// What happens during the run.
        default events: Vec<Event> = "[]";
        /// What is uncertain, drawn once per replication.
        default uncertainty: Uncertainty = "{}";
        /// What AWS does not document.
        default assumptions: Assumptions = "{}";
        /// Where prices come from and what changes them.
        default pricing: Pricing = "{}";
        /// What a run must meet, as `monthly_cost < 900`, `services.web.latency_p99 < 300ms`, or against a saved result
        /// (`ecsim run --baseline`) `services.web.latency_p99 <= baseline + 10%`; a failed one gives exit code 3. Any figure of
        /// the result may be named; a bound has the unit of its figure.
        default thresholds: Vec<ThresholdText> = "[]";
        /// Named changes, merged over the scenario (JSON merge patch); a key that holds a dot is a path.
        default variants: Named<Patch> = "{}";
    }
    check check::root::check;
}

choice! {
    /// How requests are simulated.
    Fidelity {
        /// Flows and queueing formulas.
        Fluid = "fluid",
        /// Every request is an event.
        Request = "request",
        /// Every request is an event where at most 20 million are expected or nothing else models the scenario, else flows.
        Auto = "auto",
    }
}

shape! {
    /// When, how long and how finely a run simulates.
    Simulation {
        /// The first instant that counts; default: the first sample of the first trace, else 2026-01-05T00:00:00Z, a Monday.
        optional start: Instant;
        /// The length of the window; default: the length of the first trace, else 24h.
        optional duration: Span<SECOND, { 10 * YEAR }>;
        /// Simulated before the start, in no statistic and no cost.
        default warm_up: Span<0, { 30 * DAY }> = "0s";
        /// How requests are simulated.
        default fidelity: Fidelity = "fluid";
        /// The step of the timeline and the charts, in whole seconds.
        default timeline_resolution: Span<SECOND, { 24 * HOUR }> = "60s";
        /// The seed of every random draw.
        default seed: Whole<0, { i64::MAX }> = "1";
        /// Independent runs with seeds of their own; above 1 the result carries confidence intervals.
        default replications: Whole<1, 10_000> = "1";
    }
    check check::root::simulation;
}

choice! {
    /// CloudWatch Container Insights.
    ContainerInsights {
        /// None.
        Disabled = "disabled",
        /// Cluster and service metrics.
        Enabled = "enabled",
        /// Task and container metrics too.
        Enhanced = "enhanced",
    }
}

shape! {
    /// The cluster that the services run in.
    Cluster {
        /// Its name.
        default name: Text = "default";
        /// CloudWatch Container Insights.
        default container_insights: ContainerInsights = "disabled";
        /// Availability Zones that tasks and balancers spread over.
        default availability_zones: Whole<1, 6> = "3";
        /// EC2 Auto Scaling groups; FARGATE and FARGATE_SPOT always exist.
        default capacity_providers: Vec<AutoScalingGroup> = "[]";
    }
    check check::root::cluster;
}

choice! {
    /// How instances are bought.
    PurchaseOption {
        /// On demand.
        OnDemand = "on_demand",
        /// Spot.
        Spot = "spot",
    }
}

shape! {
    /// An EC2 auto scaling group as a capacity provider.
    AutoScalingGroup {
        /// Its name, which strategies use.
        required name: Text;
        /// The EC2 instance type.
        required instance_type: Text;
        /// How instances are bought.
        default purchase_option: PurchaseOption = "on_demand";
        /// The fewest instances.
        default min_size: Whole<0, 10_000> = "0";
        /// The most instances.
        required max_size: Whole<0, 10_000>;
        /// The instances at the start; default: min_size. Managed scaling starts with more where the tasks need them.
        optional desired_capacity: Whole<0, 10_000>;
        /// Managed scaling.
        default managed_scaling: ManagedScaling = "{}";
        /// Whether tasks are drained from an instance that ends.
        default managed_draining: Switch = "ENABLED";
        /// Whether instances with tasks are safe from scale-in.
        default managed_termination_protection: Switch = "DISABLED";
        /// The root volume of an instance in GiB.
        default root_volume_gib: Whole<1, 16_384> = "30";
    }
    check check::instances::auto_scaling_group;
}

shape! {
    /// Managed scaling of an auto scaling group, as CreateCapacityProvider takes it.
    ManagedScaling {
        /// Whether ECS scales the group.
        default status: Switch = "ENABLED";
        /// The utilisation that it steers to, in percent.
        default target_capacity: Percent<1, 100> = "100";
        /// The fewest instances that one step starts.
        default minimum_scaling_step_size: Whole<1, 10_000> = "1";
        /// The most instances that one step starts.
        default maximum_scaling_step_size: Whole<1, 10_000> = "10000";
        /// Seconds before a new instance counts.
        default instance_warmup_period: Span<0, { 10_000 * SECOND }> = "300";
    }
    check check::root::managed_scaling;
}
