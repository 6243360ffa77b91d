//! How Spot behaves and what limits launches, with the defaults of the region.

use crate::scenario::model::{Quotas, Shortage, Spot};
use crate::scenario::written::environment;
use crate::units::SimDuration;

/// The regions with the larger launch limits: Amazon ECS service quotas, "Tasks launched by a service on Fargate".
const LARGE_REGIONS: [&str; 16] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// Spot capacity.
pub fn spot(written: &environment::Spot) -> Spot {
    let shortage = Shortage { mean_time_between: written.shortage.mean_time_between.0, duration: written.shortage.duration.0 };
    Spot {
        interruption_rate: written.interruption_rate.0,
        interruption_period: written.interruption_period.0,
        correlation: written.correlation.0,
        hazard_shape: written.hazard_shape.0,
        shortage: Some(shortage).filter(|shortage| shortage.mean_time_between > SimDuration::ZERO),
    }
}

/// The launch limits: those that are written, else the region's.
pub fn quotas(written: &environment::Quotas, region: &str) -> Quotas {
    let is_large = LARGE_REGIONS.contains(&region);
    let (per_minute, burst, per_second) = if is_large { (500.0, 100, 20.0) } else { (125.0, 25, 5.0) };
    Quotas {
        vcpu: [&written.fargate_on_demand_vcpu, &written.fargate_spot_vcpu].map(|vcpu| vcpu.0.map(|vcpu| vcpu.0)),
        launches_per_service_per_minute: written.launches_per_service_per_minute.map_or(per_minute, |rate| rate.0),
        launch_burst_tasks: written.launch_burst.map_or(burst, |tasks| tasks.count()),
        launches_per_second: written.launches_per_second.map_or(per_second, |rate| rate.0),
    }
}
