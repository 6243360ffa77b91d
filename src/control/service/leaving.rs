//! What the end of an instance means for the tasks on it.
//!
//! An instance that drains takes no more tasks. Those of it that are not yet targets stop at once; for each other one a replacement
//! is started elsewhere, as far as the maximum percentage of tasks allows, and it stops when that is healthy, as a task does that fails
//! its health checks (AWS, container-instance-draining). An instance that ends without draining takes its tasks with it.

use super::{ServiceControl, ServiceEvent};
use crate::events::EventQueue;
use crate::fleet::FleetChange;
use crate::scenario::model::CapacityProvider;
use crate::units::SimTime;

impl ServiceControl {
    /// An instance takes no more tasks: those on it are to be replaced.
    pub(super) fn instance_drains(
        &mut self,
        now: SimTime,
        (provider, instance): (CapacityProvider, u32),
        queue: &mut EventQueue<ServiceEvent>,
        changes: &mut Vec<FleetChange>,
    ) {
        for id in self.tasks.on_instance(provider, instance) {
            let task = self.tasks.get_mut(id);
            if !task.active {
                continue;
            }
            task.leaves = true;
            if !task.state.is_registered() {
                self.stop(now, id, queue, changes);
            } else if !self.unhealthy.contains(&id) {
                self.unhealthy.push(id);
            }
        }
        self.request_tick(now, queue);
    }

    /// An instance is gone, and the tasks on it with it.
    pub(super) fn instance_ends(
        &mut self,
        now: SimTime,
        (provider, instance): (CapacityProvider, u32),
        queue: &mut EventQueue<ServiceEvent>,
        changes: &mut Vec<FleetChange>,
    ) {
        for id in self.tasks.on_instance(provider, instance) {
            self.counts.lost_with_instance += 1;
            self.dies(now, id, queue, changes);
        }
    }
}
