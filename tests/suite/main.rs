//! One crate for all integration tests, one file for each promise.

mod bills;
mod conservation;
mod cpu_noise;
mod determinism;
mod linear_time;
mod overload;
mod prices;
mod processor_sharing;
mod scaling_timing;
mod steady_state;
mod support;
mod traces;
