//! One crate for all integration tests, one file for each promise.

mod architecture;
mod bills;
mod cli;
mod cli_bad_input;
mod cli_outputs;
mod command_line;
mod golden;
mod prices;
mod scenario;
mod schema;
mod traces;
