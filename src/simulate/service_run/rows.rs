//! The rows of the timeline: tasks as they are when a row ends, traffic once it is measured.

use super::ServiceRun;
use crate::outcome::TimelineRow;
use crate::scenario::model::CapacityProvider;
use crate::traffic::plane::DataPlane;
use crate::units::SimTime;

impl ServiceRun {
    /// Ends a row of the timeline: the tasks are those of now, the traffic is filled in later.
    pub(super) fn close_row(&mut self, now: SimTime) {
        let seconds = (now - self.row_start).as_seconds_f64();
        let mut billed_tasks = [0.0; 2];
        // Tasks on instances are not billed by the task.
        for (index, billed) in self.control.billed.iter().take(CapacityProvider::FARGATE.len()).enumerate() {
            let total = billed.seconds_until(now);
            billed_tasks[index] = (total - self.billed_before_row[index]) / seconds;
            self.billed_before_row[index] = total;
        }
        self.timeline.push(TimelineRow {
            desired: self.control.desired.value(),
            pending: self.control.pending(),
            running: self.control.running.value(),
            healthy: self.control.healthy.value(),
            billed_tasks,
            instances: self.control.instances(),
            ..TimelineRow::default()
        });
        self.row_start = now;
        self.next_row_end = now + self.resolution;
    }

    /// Fills in the traffic of the rows that ended by a time at which all measurements are made.
    pub(super) fn fill_rows(&mut self, by: SimTime, plane: &mut dyn DataPlane) {
        while let Some(row) = self.timeline.get_mut(self.filled_rows) {
            let Some(figures) = plane.finished_row(self.member, by) else { return };
            self.filled_rows += 1;
            *row = TimelineRow {
                offered_rps: figures.offered_rps,
                served_rps: figures.served_rps,
                failed_rps: figures.failed_rps,
                cpu_utilization: figures.cpu_percent,
                memory_utilization: figures.memory_percent,
                latency_mean: figures.mean_seconds,
                latency_p50: figures.percentiles_seconds[0],
                latency_p95: figures.percentiles_seconds[1],
                latency_p99: figures.percentiles_seconds[2],
                queue_length: figures.waiting,
                ..*row
            };
        }
    }
}
