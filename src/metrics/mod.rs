//! Counters and distributions that a run fills.

mod histogram;

pub use histogram::Histogram;
