//! A service, as CreateService knows it, with its traffic, workload and scaling.

use super::TaskCount;
use super::balancer::LoadBalancer;
use super::deployment::DeploymentConfiguration;
use super::scaling::Scaling;
use super::storage::{EcrRepository, VolumeConfiguration};
use super::task::{PlacementConstraint, TaskDefinition};
use super::traffic::Source;
use super::workload::{Slo, Workload};
use crate::scenario::check;
use crate::scenario::shape::{OneOrMany, choice, shape};
use crate::scenario::values::duration::{SECOND, Span};
use crate::scenario::values::number::Whole;
use crate::scenario::values::text::{Switch, Text};

choice! {
    /// The launch type of a service.
    LaunchType {
        /// Fargate on demand.
        Fargate = "FARGATE",
        /// EC2 instances of the cluster.
        Ec2 = "EC2",
        /// Machines outside of AWS.
        External = "EXTERNAL",
    }
}

shape! {
    /// An ECS service.
    Service {
        /// What each task is: `{file: task-definition.json}` or the keys themselves, which win over those of the file.
        required task_definition: TaskDefinition;
        /// Tasks that run at the start; default: scaling.min_capacity, else 1. Moved into the scaling bounds.
        optional desired_count: TaskCount;
        /// The launch type; default: FARGATE, unless a capacity_provider_strategy is given. Not both.
        optional launch_type: LaunchType;
        /// Where tasks run: base first, then by weight.
        optional capacity_provider_strategy: Vec<StrategyItem>;
        /// How tasks are placed on EC2 instances; an error on Fargate.
        optional ordered_placement_strategy: Vec<PlacementStrategy>, also "placement_strategy";
        /// Which EC2 instances its tasks may run on; without effect on Fargate, and not modelled on instances.
        default placement_constraints: Vec<PlacementConstraint> = "[]";
        /// Whether ECS moves tasks to balance the zones.
        default availability_zone_rebalancing: Switch = "ENABLED";
        /// How deployments go.
        default deployment_configuration: DeploymentConfiguration = "{}";
        /// How long after its start a task's failed health checks are ignored.
        default health_check_grace_period_seconds: Span<0, { 2_147_483_647 * SECOND }> = "0";
        /// The resolution of the service's metrics.
        default monitoring: Monitoring = "{}";
        /// The network of its tasks.
        default network_configuration: NetworkConfiguration = "{}";
        /// What spreads requests over tasks; omitted: clients do, round robin.
        optional load_balancer: LoadBalancer;
        /// Its repository in Amazon ECR; omitted: nothing is charged for stored images.
        optional ecr_repository: EcrRepository;
        /// The volume of Amazon EBS that each task gets, one at most.
        default volume_configuration: OneOrMany<VolumeConfiguration> = "[]", also "volume_configurations";
        /// What arrives: one source, or a list of sources that add up.
        required traffic: OneOrMany<Source>;
        /// What a request costs a task.
        required workload: Workload;
        /// The service level that windows are judged by.
        optional slo: Slo;
        /// Application Auto Scaling; omitted: the desired count stays.
        optional scaling: Scaling;
    }
    moves &[
        ("deployment_minimum_healthy_percent", "deployment_configuration", "minimum_healthy_percent"),
        ("deployment_maximum_percent", "deployment_configuration", "maximum_percent"),
        ("deployment_circuit_breaker", "deployment_configuration", "deployment_circuit_breaker"),
    ];
    check check::service::check;
}

shape! {
    /// One capacity provider of a strategy.
    StrategyItem {
        /// FARGATE, FARGATE_SPOT or the name of a provider of the cluster.
        required capacity_provider: Text;
        /// Tasks that it gets before weights count; one item only may have one.
        default base: Whole<0, 100_000> = "0";
        /// Its share of the tasks beyond the base; one item at least has more than 0.
        default weight: Whole<0, 1_000> = "0";
    }
}

choice! {
    /// How one placement rule works.
    PlacementKind {
        /// At random.
        Random = "random",
        /// Evenly over the values of a field.
        Spread = "spread",
        /// Where the least of a field is left.
        Binpack = "binpack",
    }
}

shape! {
    /// One rule of placement on EC2 instances.
    PlacementStrategy {
        /// How it works.
        required r#type: PlacementKind;
        /// What it looks at: instanceId, an attribute, cpu or memory.
        optional field: Text;
    }
}

shape! {
    /// The resolution of the service's metrics.
    Monitoring {
        /// Seconds between datapoints of CPU and memory: 60 or 20.
        default resolution_seconds: Whole<20, 60> = "60";
    }
    wrappers &["metric_configurations"];
    check check::service::monitoring;
}

shape! {
    /// The network of a service's tasks.
    NetworkConfiguration {
        /// Whether each task has a public IPv4 address.
        default assign_public_ip: Switch = "false";
    }
    wrappers &["awsvpc_configuration"];
    ignored &["subnets", "security_groups"];
}
