//! From a scenario to answers: a run that is simulated, priced and judged, an estimate without a
//! simulation, and why capacity did or did not change.

mod diff;
mod estimate;
mod explain;
mod fidelity;
mod replications;
mod run;
mod savings;
mod uncertainty;

pub use diff::diff;
pub use estimate::{EstimateResult, LevelCost, estimate};
pub use explain::{ExplainOptions, explain};
pub use fidelity::REQUESTS_AT_MOST;
pub use run::{Run, RunOptions, price_book, run};
pub use savings::savings;
