//! The data plane: it serves traffic between two events of the control plane, when the fleet cannot change.
//!
//! It knows tasks and requests, and no policy: what control decides must not depend on how finely traffic
//! is modelled.

pub mod arrivals;
pub mod by_task;
pub mod cpu_noise;
pub mod fluid;
pub mod gauges;
pub mod messages;
pub mod plane;
pub mod polling;
pub mod pool;
pub mod queue_plane;
pub mod queue_tally;
pub mod requests;
pub mod response;
pub mod rows;
pub mod steps;
pub mod tally;
pub mod task_model;
pub mod transient;
pub mod utilization;
