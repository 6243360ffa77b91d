//! A scenario as it is written: every key of the reference, with its type, default and meaning.
//!
//! These declarations are the only place that names keys and states defaults. Rules that need more than
//! one key of one object stand in [`crate::scenario::check`]; what is valid and not modelled yet is in
//! [`crate::scenario::unmodelled`].

pub mod balancer;
pub mod deployment;
pub mod environment;
pub mod event;
pub mod root;
pub mod scaling;
pub mod service;
pub mod storage;
pub mod task;
pub mod traffic;
pub mod workload;

/// A count of tasks; far above the 5,000 that AWS allows a service by default.
pub type TaskCount = super::values::number::Whole<0, 100_000>;
