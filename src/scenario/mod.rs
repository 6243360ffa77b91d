//! Scenarios.
pub mod model;
