//! What surrounds the services: Spot, network, quotas, uncertainty, assumptions, pricing.

use crate::scenario::check;
use crate::scenario::shape::{Named, choice, shape};
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
        /// Endpoints by service name (s3, ecr.api, ecr.dkr, logs ...); s3 and dynamodb are gateway endpoints and free.
        default vpc_endpoints: Vec<Text> = "[]";
    }
    check check::environment::network;
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
        /// Whether the free tier of a new account applies.
        default free_tier: Switch = "false";
        /// What the rest of the account already uses of tiered prices.
        default account_usage: AccountUsage = "{}";
        /// Savings Plans that the account holds.
        default savings_plans: Vec<SavingsPlan> = "[]";
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
