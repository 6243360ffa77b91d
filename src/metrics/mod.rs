//! Counters and distributions that a run fills.

mod count;
mod histogram;
mod percent;
mod statistic_set;

pub use count::CountOverTime;
pub use histogram::Histogram;
pub use percent::PercentSummary;
pub use statistic_set::StatisticSet;
