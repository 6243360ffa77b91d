//! What the simulator asks of a data plane, whichever way messages or requests reach the tasks.

use super::fluid::FluidPlane;
use super::gauges::{RowFigures, Sample};
use super::tally::Window;
use super::task_model::TaskModel;
use crate::fleet::{FleetChange, TaskId};
use crate::metrics::Histogram;
use crate::outcome::{QueueOutcome, RequestCounts};
use crate::units::{SimDuration, SimTime};

/// One service's traffic and the tasks that serve it, between two changes of the fleet.
pub trait DataPlane {
    /// The model of one task.
    fn task(&self) -> &TaskModel;

    /// Serves the traffic up to `until` and returns what arrived.
    fn advance(&mut self, until: SimTime) -> f64;

    /// Takes note of a change of the fleet at the present instant.
    fn apply(&mut self, change: FleetChange);

    /// How long a draining task needs until the last that it has is done.
    fn time_to_drain(&self, task: TaskId) -> SimDuration;

    /// Ends a minute and returns what it measured. `minute_number` counts minutes from the Unix epoch.
    fn close_minute(&mut self, minute_number: u64) -> Sample;

    /// Ends a sample of 20 seconds and returns what it measured: the first (0), second or third one of its
    /// minute.
    fn close_sample(&mut self, minute_number: u64, sample_of_minute: u32) -> Sample;

    /// The figures of the oldest row that ended by this time and was not yet returned.
    fn finished_row(&mut self, by: SimTime) -> Option<RowFigures>;

    /// The current window of the service level.
    fn objective_window(&mut self) -> &mut Window;

    /// Forgets what was counted so far; the state of the tasks stays.
    fn reset_statistics(&mut self);

    /// Ends the run: what is still under way is in flight.
    fn finish(&mut self);

    /// What was counted since the last reset.
    fn figures(&self) -> PlaneFigures;
}

/// What a plane counted.
#[derive(Clone, Debug, Default)]
pub struct PlaneFigures {
    /// Where requests ended.
    pub requests: RequestCounts,
    /// Response times in seconds.
    pub latency: Histogram,
    /// Waits for a slot in seconds.
    pub queue: Histogram,
    /// Seconds in which arrivals exceeded what the healthy tasks complete.
    pub seconds_saturated: f64,
    /// The message queue; none for requests.
    pub message_queue: Option<QueueOutcome>,
}

impl DataPlane for FluidPlane {
    fn task(&self) -> &TaskModel {
        Self::task(self)
    }

    fn advance(&mut self, until: SimTime) -> f64 {
        Self::advance(self, until)
    }

    fn apply(&mut self, change: FleetChange) {
        Self::apply(self, change);
    }

    fn time_to_drain(&self, task: TaskId) -> SimDuration {
        Self::time_to_drain(self, task)
    }

    fn close_minute(&mut self, minute_number: u64) -> Sample {
        Self::close_minute(self, minute_number)
    }

    fn close_sample(&mut self, minute_number: u64, sample_of_minute: u32) -> Sample {
        Self::close_sample(self, minute_number, sample_of_minute)
    }

    fn finished_row(&mut self, by: SimTime) -> Option<RowFigures> {
        Self::finished_row(self, by)
    }

    fn objective_window(&mut self) -> &mut Window {
        &mut self.objective_window
    }

    fn reset_statistics(&mut self) {
        Self::reset_statistics(self);
    }

    fn finish(&mut self) {
        Self::finish(self);
    }

    fn figures(&self) -> PlaneFigures {
        let (latency, queue) = self.tally.histograms(self.table());
        let (requests, seconds_saturated) = (self.tally.counts, self.tally.seconds_saturated);
        PlaneFigures { requests, latency, queue, seconds_saturated, message_queue: None }
    }
}
