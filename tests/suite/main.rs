//! One crate for all integration tests, one file for each promise.

mod bills;
mod conservation;
mod determinism;
mod prices;
mod support;
mod traces;
