//! ecsim: a cost and autoscaling simulator and planner for Amazon ECS.
pub mod distribution;
pub mod error;
pub mod math;
pub mod metrics;
pub mod money;
pub mod outcome;
pub mod random;
pub mod report;
pub mod result;
pub mod scenario;
pub mod trace;
pub mod units;
pub mod usage;
