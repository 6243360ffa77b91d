//! Counters and distributions that a run fills.

mod count;
mod histogram;
mod percent;

pub use count::CountOverTime;
pub use histogram::Histogram;
pub use percent::PercentSummary;
