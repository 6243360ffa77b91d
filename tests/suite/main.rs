//! One crate for all integration tests, one file for each promise.

mod bills;
mod prices;
mod traces;
