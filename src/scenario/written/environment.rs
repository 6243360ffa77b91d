//! What surrounds the services: Spot, network, quotas, uncertainty, assumptions, pricing.

use serde_json::json;

use crate::scenario::check;
use crate::scenario::document::Node;
use crate::scenario::shape::{Decode, Kind, Named, Reading, choice, choose, shape};
use crate::scenario::values::distribution::{ChangeDistribution, FactorDistribution};
use crate::scenario::values::duration::{DAY, HOUR, SECOND, Span, YEAR};
use crate::scenario::values::number::{Dollars, ExactFraction, Fraction, Limit, NonNegative, Positive, Whole};
use crate::scenario::values::text::{Switch, Text};

shape! {
    /// How Spot capacity behaves; it never falls back to on-demand.
    Spot {
        /// The chance that a task that runs through `interruption_period` is interrupted.
        default interruption_rate: Fraction<0, 99> = "10%";
        /// The span that the rate speaks of.
        default interruption_period: Span<{ 60 * SECOND }, YEAR> = "30d";
        /// 0: tasks fall alone; 1: a whole zone falls at once.
        default correlation: Fraction<0, 100> = "0";
        /// The Weibull shape of a task's own clock: 1 does not depend on its age, less falls with it, more grows.
        default hazard_shape: Positive = "1";
        /// Times without Spot capacity.
        default shortage: Shortage = "{}";
    }
}

shape! {
    /// Times without Spot capacity.
    Shortage {
        /// The mean time from the beginning of one to that of the next, a minute at least; 0d: never.
        default mean_time_between: Span<0, { 10 * YEAR }> = "0d";
        /// How long one lasts; more than nothing, and shorter than the time between them.
        default duration: Span<0, YEAR> = "30m";
    }
    check check::environment::shortage;
}

choice! {
    /// The subnets of tasks.
    Placement {
        /// Private: the route out is a NAT gateway or an endpoint.
        Private = "private",
        /// Public: tasks reach the internet by themselves.
        Public = "public",
    }
}

shape! {
    /// Routes out of the network.
    Network {
        /// The subnets of tasks.
        default placement: Placement = "private";
        /// NAT gateways, billed by the hour.
        default nat_gateways: Whole<0, 100> = "0";
        /// Endpoints by service name (s3, ecr.api, ecr.dkr, logs ...), also as com.amazonaws.REGION.s3; s3 and dynamodb are gateway endpoints and free.
        default vpc_endpoints: Vec<Text> = "[]";
    }
}

shape! {
    /// Account quotas that limit capacity and how fast tasks are launched.
    Quotas {
        /// vCPUs of Fargate on demand.
        default fargate_on_demand_vcpu: Limit<NonNegative> = "unlimited";
        /// vCPUs of Fargate Spot.
        default fargate_spot_vcpu: Limit<NonNegative> = "unlimited";
        /// Tasks that one service launches in a minute; default: the region's, 500 or 125.
        optional launches_per_service_per_minute: Positive;
        /// Tasks that the account launches at once, on demand and again on Spot; default: the region's, 100 or 25.
        optional launch_burst: Whole<1, 1_000_000>;
        /// Tasks that the account launches in a second in the long run, on demand and again on Spot; default: the region's, 20 or 5.
        optional launches_per_second: Positive;
    }
}

shape! {
    /// What is uncertain, drawn once per replication.
    Uncertainty {
        /// Factor on all traffic.
        default traffic_scale: FactorDistribution = "1";
        /// Added to the growth of all traffic.
        default growth: ChangeDistribution = "0%";
        /// Factor on the CPU time of all requests.
        default cpu_time_scale: FactorDistribution = "1";
        /// Factor on Spot prices.
        default spot_price_scale: FactorDistribution = "1";
    }
}

choice! {
    /// Which of the breaching datapoints enters the formula of target tracking.
    MetricValue {
        /// The newest.
        Latest = "latest",
        /// The mean of the alarm's datapoints.
        Mean = "mean",
        /// The largest.
        Max = "max",
    }
}

choice! {
    /// How long a deregistered task is held.
    Drain {
        /// The whole deregistration delay.
        Full = "full",
        /// Until its last request is answered.
        Early = "early",
    }
}

choice! {
    /// When an interrupted Spot task leaves its target group.
    SpotDeregistration {
        /// With the two-minute warning.
        AtWarning = "at_warning",
        /// Only when it has stopped.
        AtStop = "at_stop",
    }
}

shape! {
    /// What AWS does not document; every one is echoed in the result.
    Assumptions {
        /// From the end of a metric's period to the moment that alarms see its datapoint.
        default metric_publication_delay: PublicationDelay = "{}";
        /// Which of the breaching datapoints enters the formula of target tracking.
        default target_tracking_metric_value: MetricValue = "latest";
        /// Whether a CPU average carries the noise of its sample.
        default sampling_noise: Switch = "true";
        /// How long a deregistered task is held.
        default drain: Drain = "full";
        /// When an interrupted Spot task leaves its target group.
        default spot_deregistration: SpotDeregistration = "at_warning";
        /// The step of the ECS service scheduler.
        default scheduler_tick: Span<100, HOUR> = "9500ms";
        /// The largest share of capacity that one scale-in removes.
        default max_scale_in_fraction: Fraction<1, 100> = "100%";
        /// Scheduler ticks from container start to registration with the balancer.
        default registration_ticks: Whole<0, 100> = "2";
        /// From registration to the first good health check.
        default first_health_check: Span<0, HOUR> = "1800ms";
        /// From a queue's last message and last poll to the end of its metrics.
        default queue_inactive_after: Span<{ 60 * SECOND }, YEAR> = "6h";
        /// From the moment that an inactive queue is used again to its first metrics.
        default queue_activation_delay: Span<0, DAY> = "15m";
        /// The share of calls between tasks that go into another zone; default: (zones - 1) / zones.
        optional cross_zone_share: Fraction<0, 100>;
        /// What a call that receives messages takes, beside the time for which it waits for one.
        default queue_call_time: Span<1, { 60 * SECOND }> = "20ms";
        /// The size of stored logs, compressed, of what was ingested.
        default compressed_log_share: Fraction<0, 100> = "20%";
        /// How many metrics Container Insights publishes.
        default container_insights_metrics: ContainerInsightsMetrics = "{}";
        /// The share of an EC2 instance's memory that tasks cannot have.
        default instance_memory_overhead: Fraction<0, 90> = "5%";
        /// From the launch of an EC2 instance to its registration with the cluster.
        default instance_launch_time: Span<0, HOUR> = "90s";
    }
}

shape! {
    /// How many metrics Container Insights publishes.
    ContainerInsightsMetrics {
        /// Of a cluster.
        default cluster: Whole<0, 1_000> = "8";
        /// Of a service.
        default service: Whole<0, 1_000> = "11";
        /// Of a task definition, over all of its tasks; each service has one.
        default task_definition: Whole<0, 1_000> = "6";
        /// Of each task, where Container Insights is enhanced.
        default task: Whole<0, 1_000> = "13";
        /// Of each container of a task, where Container Insights is enhanced.
        default container: Whole<0, 1_000> = "10";
    }
}

shape! {
    /// From the end of a metric's period to the moment that alarms see its datapoint.
    PublicationDelay {
        /// Of metrics by the minute.
        default resolution_60: Span<0, HOUR> = "170s";
        /// Of metrics every 20 seconds.
        default resolution_20: Span<0, HOUR> = "24s";
    }
}

shape! {
    /// Where prices come from and what changes them.
    Pricing {
        /// A folder with a catalogue, relative to the scenario; default: the one that ships with ecsim.
        optional catalog: Text;
        /// Prices in dollars that replace those of the catalogue, by key.
        default overrides: Named<Dollars> = "{}";
        /// A private discount on all usage.
        default discount: ExactFraction = "0%";
        /// Which free allowances apply that AWS gives an account each month: `always_free` those that never end, `true` also those of an
        /// account's first twelve months. The services of the scenario have them to themselves.
        default free_tier: FreeTier = "false";
        /// What the rest of the account already uses of tiered prices.
        default account_usage: AccountUsage = "{}";
        /// Savings Plans that the account holds.
        default savings_plans: Vec<SavingsPlan> = "[]";
    }
}

/// Which free allowances an account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreeTier {
    /// None.
    No,
    /// Those that never end.
    AlwaysFree,
    /// Those, and the ones of the first twelve months.
    FirstTwelveMonths,
}

impl Decode for FreeTier {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        choose(&[("false", Self::No), ("true", Self::FirstTwelveMonths), ("always_free", Self::AlwaysFree)], node, reading)
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"enum": [false, true, "always_free"]}))
    }
}

shape! {
    /// What the rest of the account already uses of tiered prices.
    AccountUsage {
        /// Gigabytes (2^30 bytes) a month that leave to the internet: they fill the free allowance and the lower tiers first.
        default data_out_gb: NonNegative = "0";
    }
}

choice! {
    /// The term of a Savings Plan.
    Term {
        /// One year.
        OneYear = "1y",
        /// Three years.
        ThreeYears = "3y",
    }
}

choice! {
    /// How a Savings Plan is paid.
    PaymentOption {
        /// By the hour.
        NoUpfront = "no_upfront",
        /// Half at once.
        PartialUpfront = "partial_upfront",
        /// All at once.
        AllUpfront = "all_upfront",
    }
}

shape! {
    /// A Compute Savings Plan.
    SavingsPlan {
        /// Dollars per hour.
        required commitment_per_hour: Dollars;
        /// Its term.
        default term: Term = "1y";
        /// How it is paid.
        default payment_option: PaymentOption = "no_upfront";
    }
}
