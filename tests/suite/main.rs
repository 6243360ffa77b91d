//! One crate for all integration tests, one file for each promise.

mod architecture;
mod bills;
mod prices;
mod scenario;
mod schema;
mod traces;
