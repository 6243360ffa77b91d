//! Another pace: what requests wait for becomes slower, or usual again.
//!
//! Response times are kept as places in a table until somebody asks for them, and another wait is another table. So
//! what was counted until now is unfolded by the table that it was counted with, and the next step begins with
//! the new one; the tasks keep the requests that they have.

use super::FluidPlane;
use crate::scenario::model::{RoutingAlgorithm, Service};
use crate::traffic::response::ResponseTable;
use crate::traffic::task_model::TaskModel;

/// What a service's tasks do at its usual pace, or another one.
pub(super) fn table_of(service: &Service) -> ResponseTable {
    let random_routing = service.target_group.as_ref().is_some_and(|group| group.algorithm == RoutingAlgorithm::WeightedRandom);
    let objective_seconds = service.slo.and_then(|slo| slo.latency_seconds).unwrap_or(f64::INFINITY);
    ResponseTable::new(TaskModel::new(service), random_routing, objective_seconds)
}

impl FluidPlane {
    /// From now on every wait takes `factor` times as long as usual.
    pub fn set_wait_factor(&mut self, factor: f64) {
        self.unfold();
        self.remake(|service| service.workload.wait_time = service.workload.wait_time.scaled(factor));
    }
}
