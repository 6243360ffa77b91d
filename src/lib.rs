//! ecsim: a cost and autoscaling simulator and planner for Amazon ECS.
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests hold our functions against the standard ones"))]
pub mod control;
pub mod cost;
pub mod distribution;
pub mod error;
pub mod events;
pub mod files;
pub mod fleet;
pub mod math;
pub mod meter;
pub mod metrics;
pub mod money;
pub mod outcome;
pub mod plan;
pub mod queueing;
pub mod random;
pub mod report;
pub mod result;
pub mod scenario;
pub mod simulate;
pub mod trace;
pub mod traffic;
pub mod units;
pub mod usage;
