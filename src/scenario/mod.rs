//! Scenarios.
pub mod document;
pub mod model;
