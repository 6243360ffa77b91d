//! What the simulator asks of a data plane, whichever way messages or requests reach the tasks.

use super::fluid::FluidPlane;
use super::gauges::{RowFigures, Sample};
use super::polling::Polling;
use super::tally::Window;
use super::task_model::TaskModel;
use crate::fleet::{FleetChange, TaskId};
use crate::metrics::Histogram;
use crate::outcome::{QueueOutcome, RequestCounts};
use crate::units::{SimDuration, SimTime};

/// The traffic of one service or of several that call each other, and the tasks that serve it, between two
/// changes of the fleet. Services are named by their place in the plane, from 0.
pub trait DataPlane {
    /// The model of one task.
    fn task(&self, service: usize) -> &TaskModel;

    /// Serves the traffic up to `until`, or until a task ends by itself.
    fn advance(&mut self, until: SimTime) -> Option<Killed>;

    /// Whether figures depend, in their last bits or more, on the instants at which the traffic is stopped: flows are
    /// then advanced only where the service itself needs it.
    fn depends_on_stops(&self) -> bool;

    /// Requests that arrived since this was last asked.
    fn take_arrived(&mut self, service: usize) -> f64;

    /// Of these, those that a task of another service made.
    fn take_called(&mut self, _service: usize) -> f64 {
        0.0
    }

    /// Takes note of a change of the fleet at the present instant.
    fn apply(&mut self, service: usize, change: FleetChange);

    /// What requests wait for takes `factor` times as long as usual from now on: waits that begin now or later at request
    /// fidelity, all requests in the fluid plane; a queue in the fluid plane knows no such thing.
    fn set_wait_factor(&mut self, service: usize, factor: f64);

    /// How long a draining task still needs until the last that it has is done.
    fn time_to_drain(&self, service: usize, task: TaskId) -> SimDuration;

    /// Whether a task answered its last health check in time.
    fn probe_answered(&mut self, service: usize, task: TaskId) -> bool;

    /// Ends a minute and returns what it measured. `minute_number` counts minutes from the Unix epoch.
    fn close_minute(&mut self, service: usize, minute_number: u64) -> Sample;

    /// Ends a sample of 20 seconds and returns what it measured: the first (0), second or third one of its
    /// minute.
    fn close_sample(&mut self, service: usize, minute_number: u64, sample_of_minute: u32) -> Sample;

    /// What workers asked of their queue since this was last asked; nothing where there is none.
    fn take_polling(&mut self, _service: usize) -> Polling {
        Polling::default()
    }

    /// The figures of the oldest row that ended by this time and was not yet returned; none while its requests
    /// are still under way.
    fn finished_row(&mut self, service: usize, by: SimTime) -> Option<RowFigures>;

    /// Ends a window of the service level now.
    fn close_window(&mut self, service: usize);

    /// The oldest window of the service level that ended by this time and was not yet returned; none while its
    /// requests are still under way.
    fn finished_window(&mut self, service: usize, by: SimTime) -> Option<ObjectiveWindow>;

    /// Forgets what was counted so far; the state of the tasks stays.
    fn reset_statistics(&mut self, service: usize);

    /// Ends the run: what is still under way is in flight.
    fn finish(&mut self);

    /// What was counted since the last reset.
    fn figures(&self, service: usize) -> PlaneFigures;
}

/// A task that ran out of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Killed {
    /// When.
    pub at: SimTime,
    /// Its service, by its place in the plane.
    pub service: usize,
    /// The task.
    pub task: TaskId,
}

/// Requests of one window of the service level.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ObjectiveWindow {
    /// Answered in time, with or without error.
    pub accepted: f64,
    /// Of these, those whose response exceeds the latency objective.
    pub over_objective: f64,
    /// Served.
    pub served: f64,
    /// Failed in any way.
    pub failed: f64,
}

impl ObjectiveWindow {
    /// What a window of flows holds; the window is cleared.
    pub(super) fn take(window: &mut Window) -> Self {
        let Window { accepted, over_objective, served, failed, .. } = *window;
        window.clear();
        Self { accepted, over_objective, served, failed }
    }
}

/// What a plane counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlaneFigures {
    /// Where requests ended.
    pub requests: RequestCounts,
    /// Attempts in the window that followed from a request: retries, and calls of other services.
    pub attempts_caused: f64,
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
    fn task(&self, _service: usize) -> &TaskModel {
        Self::task(self)
    }

    fn advance(&mut self, until: SimTime) -> Option<Killed> {
        Self::advance(self, until);
        None
    }

    fn depends_on_stops(&self) -> bool {
        true
    }

    fn take_arrived(&mut self, _service: usize) -> f64 {
        std::mem::take(&mut self.arrived_since)
    }

    fn apply(&mut self, _service: usize, change: FleetChange) {
        Self::apply(self, change);
    }

    fn set_wait_factor(&mut self, _service: usize, factor: f64) {
        Self::set_wait_factor(self, factor);
    }

    fn time_to_drain(&self, _service: usize, task: TaskId) -> SimDuration {
        Self::time_to_drain(self, task)
    }

    fn probe_answered(&mut self, _service: usize, _task: TaskId) -> bool {
        true
    }

    fn close_minute(&mut self, _service: usize, minute_number: u64) -> Sample {
        Self::close_minute(self, minute_number)
    }

    fn close_sample(&mut self, _service: usize, minute_number: u64, sample_of_minute: u32) -> Sample {
        Self::close_sample(self, minute_number, sample_of_minute)
    }

    fn finished_row(&mut self, _service: usize, by: SimTime) -> Option<RowFigures> {
        Self::finished_row(self, by)
    }

    fn close_window(&mut self, _service: usize) {
        self.finished_window = Some(ObjectiveWindow::take(&mut self.objective_window));
    }

    fn finished_window(&mut self, _service: usize, _by: SimTime) -> Option<ObjectiveWindow> {
        self.finished_window.take()
    }

    fn reset_statistics(&mut self, _service: usize) {
        Self::reset_statistics(self);
    }

    fn finish(&mut self) {
        Self::finish(self);
    }

    fn figures(&self, _service: usize) -> PlaneFigures {
        let (latency, queue) = self.tally.histograms(self.table());
        let requests = RequestCounts { attempts: self.tally.counts.offered, ..self.tally.counts };
        let seconds_saturated = self.tally.seconds_saturated;
        PlaneFigures { requests, attempts_caused: 0.0, latency, queue, seconds_saturated, message_queue: None }
    }
}
