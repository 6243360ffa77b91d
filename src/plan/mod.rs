//! From a scenario to answers: a run that is simulated, priced and judged, an estimate without a
//! simulation, what each of the coming months costs, and why capacity did or did not change.

mod calendar;
mod compare;
mod diff;
mod estimate;
mod explain;
mod fidelity;
mod hypercube;
mod points;
mod replications;
mod run;
mod savings;
pub mod search;
pub mod sweep;
mod uncertainty;

pub use calendar::{CalendarOptions, calendar};
pub use compare::{Alternative, CompareOptions, compare};
pub use diff::diff;
pub use estimate::{EstimateResult, LevelCost, estimate};
pub use explain::{ExplainOptions, explain};
pub use fidelity::REQUESTS_AT_MOST;
pub use points::{Point, Points, Tried};
pub use run::{Run, RunOptions, price_book, run, run_against};
pub use savings::savings;
