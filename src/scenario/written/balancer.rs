//! The load balancer of a service and its target group.

use crate::scenario::check;
use crate::scenario::shape::{choice, shape};
use crate::scenario::values::duration::{DAY, HOUR, SECOND, Span};
use crate::scenario::values::number::{Positive, Whole};
use crate::scenario::values::text::{Switch, Text};

choice! {
    /// The kind of a balancer.
    BalancerType {
        /// An Application Load Balancer.
        Application = "application",
        /// A Network Load Balancer.
        Network = "network",
        /// None: clients spread requests round robin themselves.
        None = "none",
    }
}

choice! {
    /// How a request finds its task.
    Algorithm {
        /// In turn.
        RoundRobin = "round_robin",
        /// Where the fewest requests are in progress.
        LeastOutstandingRequests = "least_outstanding_requests",
        /// Evenly at random.
        WeightedRandom = "weighted_random",
    }
}

choice! {
    /// The protocol of a Network Load Balancer's listener.
    ListenerProtocol {
        /// TCP: the tasks end TLS themselves, if there is any.
        Tcp = "TCP",
        /// TLS, which the balancer ends.
        Tls = "TLS",
        /// UDP.
        Udp = "UDP",
    }
}

shape! {
    /// What spreads requests over tasks.
    LoadBalancer {
        /// Its name; services that name the same balancer share it. Default: the service's name.
        optional name: Text;
        /// Its kind.
        default load_balancer_type: BalancerType = "application";
        /// Whether only the VPC can reach it.
        default internal: Switch = "false";
        /// How a request finds its task; a network balancer hashes connections, which counts as evenly at random.
        default load_balancing_algorithm_type: Algorithm = "round_robin";
        /// How long a deregistered target drains.
        default deregistration_delay: Span<0, HOUR> = "300";
        /// How long a new target gets less: 0 or 30 to 900 seconds, with round_robin only.
        default slow_start: Span<0, { 900 * SECOND }> = "0";
        /// The health check of targets.
        default health_check: TargetHealthCheck = "{}";
        /// Requests that come over one connection.
        default requests_per_connection: Positive = "100";
        /// How long a connection stays open.
        default connection_duration: Span<0, DAY> = "60s";
        /// Rules of its listeners beyond the default one.
        default listener_rules: Whole<0, 10_000> = "0";
        /// The protocol of a network balancer's listener; default: TCP.
        optional listener_protocol: ListenerProtocol;
        /// Whether a node of a network balancer also sends to tasks in other zones, as aws_lb has it; default: false. An application balancer always does.
        optional enable_cross_zone_load_balancing: Switch;
    }
    check check::service::balancer;
}

shape! {
    /// The health check of targets, with the defaults of CreateTargetGroup.
    TargetHealthCheck {
        /// Seconds between checks.
        default interval: Span<{ 5 * SECOND }, { 300 * SECOND }> = "30";
        /// Seconds that an answer may take.
        default timeout: Span<{ 2 * SECOND }, { 120 * SECOND }> = "5";
        /// Successes after which an unhealthy target is healthy.
        default healthy_threshold: Whole<2, 10> = "5";
        /// Failures after which a target is unhealthy.
        default unhealthy_threshold: Whole<2, 10> = "2";
        /// Whether checks wait in the same backlog as requests.
        default shares_workers: Switch = "false";
    }
    ignored &["enabled", "matcher", "path", "port", "protocol"];
    check check::service::target_health_check;
}
