//! The events of a scenario as they happen to one service: each kind calls the plane that it concerns.

use super::ServiceRun;
use crate::control::service::ServiceEvent;
use crate::events::EventQueue;
use crate::fleet::FleetChange;
use crate::scenario::model::EventKind;
use crate::traffic::plane::DataPlane;
use crate::units::SimTime;

impl ServiceRun {
    /// An event happens to this service now, or is over.
    pub(super) fn happens(
        &mut self,
        now: SimTime,
        (number, is_over): (u32, bool),
        plane: &mut dyn DataPlane,
        queue: &mut EventQueue<ServiceEvent>,
        changes: &mut Vec<FleetChange>,
    ) {
        let Some(kind) = self.events.get(number as usize).map(|event| event.kind) else { return };
        let control = &mut self.control;
        match kind {
            EventKind::Deployment { revision, .. } => control.deploy(now, revision, queue),
            EventKind::Redeployment { start_failure, .. } => control.redeploy(now, start_failure, queue),
            EventKind::SpotShortage { duration } => control.spot_shortage(now, now + duration, queue),
            EventKind::SpotInterruption { share, zone } => control.interrupt_spot(now, share, zone, queue, changes),
            EventKind::DesiredCount { desired_count, .. } => control.set_desired_count(now, desired_count, queue),
            EventKind::TaskFailure { count, .. } => control.fail_tasks(now, count, queue, changes),
            EventKind::TaskHang { count, .. } => control.hang_tasks(now, count, queue, changes),
            EventKind::DependencySlowdown { factor, .. } => self.slow_down(factor, is_over, plane),
            EventKind::ZoneOutage { zone, .. } if is_over => control.reopen_zone(now, zone, queue),
            EventKind::ZoneOutage { zone, .. } => control.lose_zone(now, zone, queue, changes),
        }
    }

    /// A dependency becomes slower by a factor, or recovers from it; the factors of several at a time multiply.
    fn slow_down(&mut self, factor: f64, is_over: bool, plane: &mut dyn DataPlane) {
        if !is_over {
            self.slowdowns.push(factor);
        } else if let Some(ended) = self.slowdowns.iter().position(|&known| known.total_cmp(&factor).is_eq()) {
            self.slowdowns.remove(ended);
        }
        plane.set_wait_factor(self.member, self.slowdowns.iter().product());
    }
}
