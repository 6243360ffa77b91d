//! Counters and distributions that a run fills.

mod binomial;
mod count;
mod histogram;
mod percent;
mod replicated;
mod statistic_set;

pub use binomial::{highest_chance, lowest_chance, trials_to_show};
pub use count::CountOverTime;
pub use histogram::{BUCKETS_PER_OCTAVE, Histogram, bucket_of, bucket_of_nanoseconds};
pub use percent::PercentSummary;
pub use replicated::{Replicated, student_quantile};
pub use statistic_set::StatisticSet;
