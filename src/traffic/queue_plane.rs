//! Messages that wait in one shared queue until a task is free, as flows.
//!
//! The queue is that of Amazon SQS as its developer guide describes it: a message that a task received is
//! invisible to the others; one whose task is gone, or whose processing failed, becomes visible again when
//! its visibility timeout ends; one that is older than the retention period is deleted, and counts as failed.
//! Without a task everything waits and nothing fails.
//!
//! Below saturation the queue is in the steady state of [`super::pool`]; near it, beyond it and after a change
//! of the fleet the number of messages follows the fluid approximation of [`super::transient`], so a queue
//! grows by the surplus of arrivals and drains at the surplus of capacity. Messages leave in the order of
//! their arrival: what they waited is the time since then, and they are counted when they are done.
//!
//! What workers ask of the queue is counted for the bill ([`super::polling`]).
//!
//! Left out: dead-letter queues, receiving in batches and the pause between two receives, messages that are
//! worked on for longer than the visibility timeout (a worker is taken to extend it), and the work that a
//! killed task had put into its messages.

mod fleet;

use super::arrivals::{Arrivals, Flow};
use super::by_task::ByTask;
use super::cpu_noise::{CpuNoise, Measured, SAMPLES_PER_MINUTE, smoothed_variance};
use super::gauges::{Gauges, RowFigures, Sample};
use super::messages::{Batch, Hidden, InTasks, Started, Wait, Waiting};
use super::plane::{DataPlane, Killed, ObjectiveWindow, PlaneFigures};
use super::polling::{Polling, billed_requests};
use super::pool::{Pool, STEADY_LOAD_LIMIT, State};
use super::queue_tally::QueueTally;
use super::response::ResponseTable;
use super::rows::RowLedger;
use super::steps::{grid_step, pieces};
use super::tally::Window;
use super::task_model::TaskModel;
use super::utilization::{Utilization, expected_vcpu_seconds};
use crate::distribution::Moments;
use crate::fleet::{FleetChange, TaskId};
use crate::scenario::model::{MessageQueue, Service};
use crate::units::{NANOS_PER_SECOND, SimDuration, SimTime};

/// Hidden messages become visible at multiples of this span, so that they do not cut time into splinters.
const VISIBLE_STEP: SimDuration = SimDuration::from_seconds(10);

/// A task that finishes what it has.
#[derive(Clone, Debug)]
struct DrainingTask {
    since: SimTime,
    at_first: f64,
    messages: InTasks,
}

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Home {
    Absent,
    Starting,
    Ready,
    Healthy,
    Draining,
}

/// The part of a step in which the state moves once.
#[derive(Clone, Copy, Debug)]
struct Piece {
    from: f64,
    until: f64,
    offered: f64,
}

/// One service's queue and the tasks that work on it.
#[derive(Clone, Debug)]
pub struct QueuePlane {
    task: TaskModel,
    settings: MessageQueue,
    demand: Moments,
    pool: Pool,
    /// Turns response times of rows into percentiles.
    table: ResponseTable,
    arrivals: Arrivals,
    utilization: Utilization,
    start_up_cpu: f64,
    now: SimTime,
    grid_step: SimDuration,
    homes: Vec<Home>,
    starting: u32,
    ready: u32,
    healthy: u32,
    waiting: Waiting,
    in_tasks: InTasks,
    draining: ByTask<DrainingTask>,
    hidden: Hidden,
    /// The mean burst of what is in tasks, in seconds.
    burst_seconds: f64,
    noise: CpuNoise,
    span: Gauges,
    span_start: SimTime,
    rows: Option<RowLedger>,
    step: Window,
    tally: QueueTally,
    objective_window: Window,
    finished_window: Option<ObjectiveWindow>,
    arrived_since: f64,
    polling: Polling,
    /// What the receipt of one message is billed as.
    requests_per_receive: f64,
}

impl QueuePlane {
    /// The queue of a service from `from` on, empty and without a task. Without `rows` nothing is gathered
    /// for a timeline.
    #[must_use]
    pub fn new(
        service: &Service,
        settings: MessageQueue,
        arrivals: Arrivals,
        noise: CpuNoise,
        from: SimTime,
        rows: Option<RowLedger>,
    ) -> Self {
        let task = TaskModel::new(service);
        let objective_seconds = service.slo.and_then(|slo| slo.latency_seconds).unwrap_or(f64::INFINITY);
        let table = ResponseTable::new(task.clone(), true, objective_seconds);
        let grid_step = grid_step(arrivals.slot());
        Self {
            settings,
            demand: task.cpu_time.moments(),
            pool: Pool::new(task.clone(), table.relative_demand().to_vec(), objective_seconds),
            table,
            // What fails within a step must not become visible before its end.
            grid_step: if task.error_rate > 0.0 { grid_step.min(VISIBLE_STEP) } else { grid_step },
            arrivals,
            utilization: Utilization::of(service),
            start_up_cpu: service.workload.start_up.cpu,
            now: from,
            homes: Vec::new(),
            starting: 0,
            ready: 0,
            healthy: 0,
            waiting: Waiting::default(),
            in_tasks: InTasks::default(),
            draining: ByTask::default(),
            hidden: Hidden::default(),
            burst_seconds: task.lone_burst_seconds,
            noise,
            span: Gauges::default(),
            span_start: from,
            rows,
            step: Window::default(),
            tally: QueueTally::new(from.as_seconds_f64()),
            objective_window: Window::default(),
            finished_window: None,
            arrived_since: 0.0,
            polling: Polling::default(),
            requests_per_receive: billed_requests(service.workload.request_size_bytes),
            task,
        }
    }

    /// Messages that wait to be received.
    #[must_use]
    pub const fn visible(&self) -> f64 {
        self.waiting.total()
    }

    /// Messages received and not deleted: in tasks, or hidden until their visibility timeout ends.
    #[must_use]
    pub fn in_flight(&self) -> f64 {
        self.in_tasks.total() + self.draining.iter().map(|draining| draining.messages.total()).sum::<f64>() + self.hidden.total()
    }

    /// Seconds since the oldest visible message arrived; 0 without one.
    #[must_use]
    pub fn age_of_oldest_seconds(&self) -> f64 {
        self.waiting.oldest().map_or(0.0, |first| (self.now.as_seconds_f64() - first).max(0.0))
    }

    fn advance_step(&mut self, until: SimTime) -> f64 {
        let (from_seconds, until_seconds) = (self.now.as_seconds_f64(), until.as_seconds_f64());
        let seconds = (until - self.now).as_seconds_f64();
        while let Some(batch) = self.hidden.take_visible(self.now) {
            self.waiting.put_back(batch);
        }
        let Flow { requests: offered, dispersion } = self.arrivals.flow(self.now, until);
        let Moments { mean: demand, variance, .. } = self.demand;
        let idle = f64::from(self.ready + self.healthy) * self.task.idle_cpu;
        let mut gauges = Gauges {
            seconds,
            offered,
            work_variance: offered * (dispersion * demand * demand + variance.min(1e12)),
            other_vcpu_seconds: (idle + f64::from(self.starting) * self.start_up_cpu) * self.task.cores * seconds,
            request_capacity_vcpu_seconds: f64::from(self.healthy) * self.task.cores_for_requests() * seconds,
            running_task_seconds: f64::from(self.starting + self.ready + self.healthy) * seconds,
            healthy_task_seconds: f64::from(self.healthy) * seconds,
            ..Gauges::default()
        };
        self.tally.counts.offered += offered;
        self.objective_window.offered += offered;
        self.step.offered += offered;
        self.work_off_draining(until);
        if self.healthy == 0 {
            self.pile_up(Piece { from: from_seconds, until: until_seconds, offered }, &mut gauges);
        } else {
            self.serve(Piece { from: from_seconds, until: until_seconds, offered }, &mut gauges);
        }
        self.delete_expired(until_seconds);
        let worker_seconds = gauges.healthy_task_seconds * f64::from(self.task.concurrency);
        self.polling.idle_worker_seconds += (worker_seconds - gauges.request_seconds).max(0.0);
        self.span.add(&gauges, 1.0);
        if let Some(rows) = &mut self.rows {
            rows.share(self.now, until, &self.arrivals, &gauges, &self.step);
        }
        self.step.clear();
        self.now = until;
        self.tally.see(self.visible(), self.age_of_oldest_seconds());
        offered
    }

    /// Without a task everything waits.
    fn pile_up(&mut self, piece: Piece, gauges: &mut Gauges) {
        if piece.offered > 0.0 {
            self.tally.seconds_saturated += gauges.seconds;
        }
        gauges.waiting_seconds += (self.waiting.total() + piece.offered / 2.0) * gauges.seconds;
        self.waiting.push(Batch { first: piece.from, last: piece.until, count: piece.offered });
    }

    fn serve(&mut self, step: Piece, gauges: &mut Gauges) {
        let (seconds, capacity) = (gauges.seconds, self.pool.capacity(self.healthy));
        if !capacity.is_finite() {
            // Messages that take no time at all leave as they come.
            let everything = self.waiting.total() + self.in_tasks.total() + step.offered;
            let state = State { number: 0.0, in_service: 0.0, ..self.pool.steady(self.healthy, 0.0) };
            self.move_messages(step, everything, everything, state);
            return;
        }
        let load = step.offered / (capacity * seconds);
        if load >= 1.0 {
            self.tally.seconds_saturated += seconds;
        }
        gauges.saturated |= load > STEADY_LOAD_LIMIT;
        let settles = self.settles(load, seconds);
        let pieces = if settles { 1.0 } else { pieces(seconds) };
        let (length, offered) = (seconds / pieces, step.offered / pieces);
        for index in 0..pieces as u32 {
            let from = step.from + length * f64::from(index);
            self.serve_piece(Piece { from, until: from + length, offered }, load, settles, gauges);
        }
    }

    /// Whether a steady state is kept, or reached early in a step.
    fn settles(&mut self, load: f64, seconds: f64) -> bool {
        if load > STEADY_LOAD_LIMIT {
            return false;
        }
        let steady = self.pool.steady(self.healthy, load).number;
        let number = self.waiting.total() + self.in_tasks.total();
        let drained_after = number / (self.pool.capacity(self.healthy) * (1.0 - load));
        let forgets = 4.0 * self.pool.relaxation_seconds(self.healthy, load) <= seconds && 4.0 * drained_after <= seconds;
        forgets || (number - steady).abs() <= 0.05 * steady
    }

    fn serve_piece(&mut self, piece: Piece, load: f64, settles: bool, gauges: &mut Gauges) {
        let seconds = piece.until - piece.from;
        let (waiting, in_tasks) = (self.waiting.total(), self.in_tasks.total());
        let number = waiting + in_tasks;
        let state =
            if settles { self.pool.steady(self.healthy, load) } else { self.pool.after(self.healthy, number, piece.offered, seconds) };
        let present = waiting + piece.offered;
        let left_waiting = (state.number - state.in_service).clamp(0.0, present);
        let completed = (number + piece.offered - state.number).max(0.0);
        // Nothing is completed that was not received, whatever the sums say.
        let started = (present - left_waiting).max(completed - in_tasks).min(present);
        let completed = completed.min(in_tasks + started);
        self.burst_seconds = self.pool.burst_seconds(self.healthy, &state);
        gauges.request_vcpu_seconds += completed * self.demand.mean;
        self.move_messages(piece, started, completed, state);
        gauges.request_seconds += f64::midpoint(in_tasks, self.in_tasks.total()) * seconds;
        gauges.waiting_seconds += f64::midpoint(waiting, self.waiting.total()) * seconds;
        gauges.saturated |= !state.steady;
        self.tally.see(self.waiting.total(), self.waiting.oldest().map_or(0.0, |first| (piece.until - first).max(0.0)));
    }

    /// Lets the arrivals of a piece join, `started` messages enter tasks and `completed` ones leave them.
    fn move_messages(&mut self, piece: Piece, started: f64, completed: f64, state: State) {
        self.waiting.push(Batch { first: piece.from, last: piece.until, count: piece.offered });
        self.polling.calls += started;
        self.polling.receives += started * self.requests_per_receive;
        let usual_wait = self.pool.wait_seconds(state.position);
        let pace = if started > 0.0 { (piece.until - piece.from) / started } else { 0.0 };
        let (in_tasks, mut before) = (&mut self.in_tasks, 0.0);
        self.waiting.take(started, |batch| {
            let received = piece.from + pace * (before + batch.count / 2.0);
            before += batch.count;
            let age = (received - batch.middle()).max(0.0);
            // What waited since before the steady state has its own age.
            let is_usual = state.steady && age <= 4.0 * usual_wait + 1.0;
            let wait = if is_usual { Wait::Steady(state.position) } else { Wait::Seconds(age) };
            in_tasks.push(Started { arrived: batch.middle(), received, wait, count: batch.count });
        });
        let mut done = Vec::new();
        self.in_tasks.take(completed, |part| done.push(part));
        for part in done {
            self.complete(part);
        }
    }

    /// Messages whose processing failed become visible again; the others are deleted.
    fn complete(&mut self, done: Started) {
        let failed = done.count * self.task.error_rate;
        if failed > 0.0 {
            self.hide(&Started { count: failed, ..done });
        }
        let row = self.rows.is_some().then_some(&mut self.step);
        let served = Started { count: done.count - failed, ..done };
        self.polling.deletes += served.count;
        self.tally.serve(&self.pool, &served, self.burst_seconds, row, &mut self.objective_window);
    }

    /// Hides messages for what is left of their visibility timeout.
    fn hide(&mut self, started: &Started) {
        // Negative before the window.
        let received = SimTime::from_nanos((started.received * NANOS_PER_SECOND as f64) as i64);
        let ends = received + self.settings.visibility_timeout;
        let visible_at = ends.max(self.now).round_up(VISIBLE_STEP);
        self.tally.redeliver(started.arrived, started.count);
        self.hidden.hide(
            visible_at,
            Batch { first: started.arrived, last: started.arrived, count: started.count },
            self.tally.count_from(),
        );
    }

    fn delete_expired(&mut self, now_seconds: f64) {
        let oldest_kept = now_seconds - self.settings.message_retention_period.as_seconds_f64();
        let (tally, step, objective) = (&mut self.tally, &mut self.step, &mut self.objective_window);
        self.waiting.take_older_than(oldest_kept, |batch| tally.expire(batch.middle(), batch.count, [&mut *step, &mut *objective]));
    }

    /// The standard deviation of the CPU time spent on messages in a span that is one of `spans` of its minute,
    /// over all tasks: they are one server.
    fn deviation_of_work(&self, span: &Gauges, spans: f64) -> f64 {
        if span.saturated {
            return 0.0;
        }
        if span.healthy_task_seconds <= 0.0 || span.seconds <= 0.0 {
            return span.work_variance.max(0.0).sqrt();
        }
        let cores = self.task.cores_for_requests() * span.healthy_task_seconds / span.seconds;
        let rate_rps = span.offered / span.seconds;
        let variance = smoothed_variance(span.work_variance * spans, span.seconds * spans, rate_rps, self.demand, cores, 1.0) / spans;
        variance.max(0.0).sqrt()
    }

    fn close(&mut self, span: &Gauges, measured: Measured, samples: u32) -> Sample {
        if let Some(rows) = &mut self.rows {
            rows.add_request_vcpu_seconds(self.span_start, self.now, measured.vcpu_seconds - span.request_vcpu_seconds);
        }
        self.span_start = self.now;
        Sample {
            messages_visible: Some(self.visible()),
            messages_in_flight: Some(self.in_flight()),
            age_of_oldest_seconds: Some(self.age_of_oldest_seconds()),
            ..self.utilization.sample(span, measured, samples)
        }
    }
}

impl DataPlane for QueuePlane {
    fn task(&self, _service: usize) -> &TaskModel {
        &self.task
    }

    fn advance(&mut self, until: SimTime) -> Option<Killed> {
        while self.now < until {
            let next = (self.now + SimDuration::from_nanos(1)).round_up(self.grid_step).min(until);
            let visible = self.hidden.next().filter(|&time| time > self.now);
            self.arrived_since += self.advance_step(visible.map_or(next, |time| time.min(next)));
        }
        None
    }

    fn apply(&mut self, _service: usize, change: FleetChange) {
        match change {
            FleetChange::Started(task) => self.move_to(task, Home::Starting),
            FleetChange::Ready(task) => self.move_to(task, Home::Ready),
            FleetChange::Healthy(task) => self.move_to(task, Home::Healthy),
            // A queue has no targets and no checks of them; tasks that hang are refused here by name.
            FleetChange::Hung(_) | FleetChange::Probed(_) | FleetChange::Unhealthy(_) | FleetChange::Recovered(_) => {}
            // Flows are served by all tasks alike: a revision that serves in another way is refused.
            FleetChange::MadeOf(..) => {}
            // Workers fetch their messages: nothing stands before them that could split these.
            FleetChange::InSecondGroup(_) | FleetChange::SecondGroupShare(_) => {}
            FleetChange::Draining(task) => self.move_to(task, Home::Draining),
            FleetChange::Stopped(task) => self.move_to(task, Home::Absent),
        }
    }

    fn set_wait_factor(&mut self, _service: usize, _factor: f64) {}

    fn time_to_drain(&self, _service: usize, task: TaskId) -> SimDuration {
        let Some(draining) = self.draining.get(task) else { return SimDuration::ZERO };
        let finished = draining.since + SimDuration::from_seconds_f64(self.task.seconds_to_finish(draining.at_first));
        (finished - self.now).max(SimDuration::ZERO)
    }

    fn close_minute(&mut self, _service: usize, minute_number: u64) -> Sample {
        let span = std::mem::take(&mut self.span);
        let deviation = self.deviation_of_work(&span, 1.0);
        let measured =
            self.noise.minute(minute_number, expected_vcpu_seconds(&span), deviation, span.request_capacity_vcpu_seconds.max(0.0));
        self.close(&span, measured, SAMPLES_PER_MINUTE)
    }

    fn close_sample(&mut self, _service: usize, minute_number: u64, sample_of_minute: u32) -> Sample {
        let span = std::mem::take(&mut self.span);
        let deviation = self.deviation_of_work(&span, f64::from(SAMPLES_PER_MINUTE));
        let capacity = span.request_capacity_vcpu_seconds.max(0.0);
        let measured = self.noise.sample((minute_number, sample_of_minute), expected_vcpu_seconds(&span), deviation, capacity);
        self.close(&span, measured, 1)
    }

    fn take_polling(&mut self, _service: usize) -> Polling {
        std::mem::take(&mut self.polling)
    }

    fn finished_row(&mut self, _service: usize, by: SimTime) -> Option<RowFigures> {
        let row = self.rows.as_mut()?.finished(by)?;
        let figures = self.utilization.row(&row, &self.table);
        if let Some(rows) = &mut self.rows {
            rows.reuse(row);
        }
        Some(figures)
    }

    fn close_window(&mut self, _service: usize) {
        self.finished_window = Some(ObjectiveWindow::take(&mut self.objective_window));
    }

    fn finished_window(&mut self, _service: usize, _by: SimTime) -> Option<ObjectiveWindow> {
        self.finished_window.take()
    }

    fn depends_on_stops(&self) -> bool {
        true
    }

    fn take_arrived(&mut self, _service: usize) -> f64 {
        std::mem::take(&mut self.arrived_since)
    }

    fn probe_answered(&mut self, _service: usize, _task: TaskId) -> bool {
        true
    }

    fn reset_statistics(&mut self, _service: usize) {
        self.tally = QueueTally::new(self.now.as_seconds_f64());
        self.tally.see(self.visible(), self.age_of_oldest_seconds());
        self.objective_window.clear();
    }

    fn finish(&mut self) {
        let counted = |arrived: f64, count: f64| if self.tally.counts_arrival(arrived) { count } else { 0.0 };
        let of_batch = |batch: &Batch| counted(batch.middle(), batch.count);
        let of_tasks = |tasks: &InTasks| tasks.iter().map(|started| counted(started.arrived, started.count)).sum::<f64>();
        let waiting = self.waiting.iter().chain(self.hidden.iter()).map(of_batch).sum::<f64>();
        let in_tasks = of_tasks(&self.in_tasks) + self.draining.iter().map(|draining| of_tasks(&draining.messages)).sum::<f64>();
        self.tally.counts.in_flight_at_end = waiting + in_tasks;
    }

    fn figures(&self, _service: usize) -> PlaneFigures {
        self.tally.figures(&self.pool)
    }
}
