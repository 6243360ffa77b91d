//! What arrives at a service.

pub mod arrivals;
