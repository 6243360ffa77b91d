//! From a scenario to answers: a run that is simulated, priced and judged, and an estimate without a
//! simulation.

mod estimate;
mod run;

pub use estimate::{EstimateResult, LevelCost, estimate};
pub use run::{Run, RunOptions, price_book, run};
