//! The small types of a scenario: numbers with units, words, points in time.
//!
//! Each reads every notation that the scenario's reference allows and nothing else, keeps to a range in
//! which no later arithmetic overflows, and says in the schema what it takes.

pub mod distribution;
pub mod duration;
pub mod number;
pub mod schedule;
pub mod size;
pub mod text;
pub mod threshold;
mod threshold_bound;
pub mod time;
pub mod unit;
