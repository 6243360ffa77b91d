//! One service at request fidelity: its tasks, its targets and its figures.
//!
//! What happens between requests and tasks is left to the engines; a lane keeps who is there, cuts time into
//! the samples that ECS takes every 20 seconds, and turns what was counted into metrics.

use jiff::Timestamp;

use super::demands::Demands;
use super::machine::{Machine, Model, Request};
use super::recorder::{Counts, Recorder, Row, Spent, is_probe, probe_tag};
use super::revisions::Revisions;
use super::router::Router;
use crate::fleet::{FleetChange, TaskId};
use crate::metrics::StatisticSet;
use crate::outcome::RequestCounts;
use crate::scenario::model::{RoutingAlgorithm, Service};
use crate::traffic::arrivals::points::ArrivalTimes;
use crate::traffic::gauges::{Gauges, RowFigures, Sample};
use crate::traffic::plane::{ObjectiveWindow, PlaneFigures};
use crate::traffic::task_model::TaskModel;
use crate::traffic::utilization::Utilization;
use crate::units::{NANOS_PER_SECOND, SimDuration, SimTime};

/// ECS samples a task so often.
const SAMPLE: SimDuration = SimDuration::from_seconds(20);
/// CPU units of a vCPU.
const UNITS_PER_VCPU: f64 = 1024.0;
/// CPU units times nanoseconds in a vCPU-second.
const UNIT_NANOS: f64 = UNITS_PER_VCPU * NANOS_PER_SECOND as f64;

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Home {
    Absent,
    Starting,
    Ready,
    Healthy,
    Unhealthy,
    Draining,
}

/// What a lane is made of.
#[derive(Debug)]
pub struct LaneSetting<'a> {
    /// The service.
    pub service: &'a Service,
    /// Its arrivals from outside.
    pub arrivals: ArrivalTimes,
    /// The seed of the run.
    pub seed: u64,
    /// What keys its draws.
    pub service_key: u64,
    /// The wall-clock time of the start.
    pub start: Timestamp,
    /// When the run begins.
    pub from: SimTime,
    /// Whether tasks hang or their dependencies become slow: then they are followed event by event.
    pub is_interrupted: bool,
    /// The length of a row of the timeline, if there is one.
    pub row: Option<SimDuration>,
}

/// One service.
#[derive(Clone, Debug)]
pub struct Lane<M> {
    /// What its tasks can do.
    pub model: Model,
    /// The same for those who compare loads.
    pub task: TaskModel,
    /// Its arrivals from outside.
    pub arrivals: ArrivalTimes,
    /// What they demand.
    pub demands: Demands,
    /// What they demand of tasks that a deployment launched.
    pub revisions: Revisions,
    /// Its tasks by number; those that are gone are empty.
    pub machines: Vec<M>,
    /// Tasks that may have requests, by number.
    pub present: Vec<u32>,
    /// Its targets.
    pub router: Router,
    /// Its figures.
    pub recorder: Recorder,
    /// The present instant.
    pub now: i64,
    homes: Vec<Home>,
    starting: u32,
    ready: u32,
    healthy: u32,
    unhealthy: u32,
    utilization: Utilization,
    task_units: f64,
    start_up_cpu: f64,
    sample_offset: i64,
    sample: Spent,
    /// The part of the sample in which saturation is judged: none from before the window beside one within.
    judged: Spent,
    /// The samples of the present minute, in percent of the CPU, and the minute.
    samples: Vec<f64>,
    span: Spent,
    /// What was spent since somebody asked how long workers waited.
    since_polled: Spent,
    seconds_saturated: f64,
    arrived_before_sample: u64,
    probe_timeout: SimDuration,
    is_over: bool,
}

impl<M: Machine> Lane<M> {
    /// A service without tasks, whose requests make calls or not.
    #[must_use]
    pub fn new(setting: LaneSetting, makes_calls: bool) -> Self {
        let LaneSetting { service, arrivals, seed, service_key, start, from, row, .. } = setting;
        let group = service.target_group.as_ref();
        let algorithm = group.map_or(RoutingAlgorithm::RoundRobin, |group| group.algorithm);
        let slow_start = group.map_or(SimDuration::ZERO, |group| group.slow_start);
        let objective_seconds = service.slo.and_then(|slo| slo.latency_seconds);
        let sample_offset = start.as_nanosecond().rem_euclid(i128::from(SAMPLE.as_nanos())) as i64;
        Self {
            model: Model::new(service, makes_calls),
            task: TaskModel::new(service),
            arrivals,
            demands: Demands::new(&service.workload, seed, service_key),
            revisions: Revisions::new(service, seed, service_key),
            machines: Vec::new(),
            present: Vec::new(),
            router: Router::new(algorithm, slow_start, seed, service_key),
            recorder: Recorder::new(row, service.slo.map(|slo| slo.window), objective_seconds, service.workload.queue.is_some()),
            now: from.as_nanos(),
            homes: Vec::new(),
            starting: 0,
            ready: 0,
            healthy: 0,
            unhealthy: 0,
            utilization: Utilization::of(service),
            task_units: f64::from(service.task.cpu.0),
            start_up_cpu: service.workload.start_up.cpu,
            sample_offset,
            sample: Spent::default(),
            judged: Spent::default(),
            samples: Vec::new(),
            span: Spent::default(),
            since_polled: Spent::default(),
            seconds_saturated: 0.0,
            arrived_before_sample: 0,
            probe_timeout: group.map_or(SimDuration::ZERO, |group| group.health_check.timeout),
            is_over: false,
        }
    }

    /// When the present piece of time ends, at the latest: with its sample, or its row.
    #[must_use]
    pub fn next_cut(&self) -> i64 {
        let sample = SAMPLE.as_nanos();
        let sample_end = ((self.now + self.sample_offset).div_euclid(sample) + 1) * sample - self.sample_offset;
        sample_end.min(self.recorder.row_end(self.now))
    }

    /// Ends a piece of time at `until`, which all tasks have reached; `queued` are the messages that waited in it, times
    /// nanoseconds.
    pub fn cut(&mut self, until: i64, queued: i128) {
        let nanos = until - self.now;
        if nanos <= 0 {
            return;
        }
        let mut spent = Spent { nanos: i128::from(nanos), queued, ..Spent::default() };
        for &task in &self.present {
            let of_task = self.machines[task as usize].take_areas(until, &self.model);
            // A task that was told to stop is in no metric.
            if self.homes[task as usize] != Home::Draining {
                spent.units += i128::from(of_task.units);
                spent.in_progress += i128::from(of_task.in_progress);
                spent.waiting += i128::from(of_task.waiting);
            }
        }
        spent.starting = i128::from(nanos) * i128::from(self.starting);
        spent.running = i128::from(nanos) * i128::from(self.starting + self.ready + self.healthy + self.unhealthy);
        spent.healthy = i128::from(nanos) * i128::from(self.healthy);
        self.sample += spent;
        self.judged += spent;
        self.since_polled += spent;
        self.recorder.tasks_did(SimTime::from_nanos(self.now), |row: &mut Row| row.spent += spent);
        self.now = until;
        if (until + self.sample_offset).rem_euclid(SAMPLE.as_nanos()) == 0 {
            self.end_sample();
        }
    }

    fn end_sample(&mut self) {
        let sample = std::mem::take(&mut self.sample);
        self.note_saturation();
        if let Some(percent) = self.cpu_percent(&sample) {
            self.samples.push(percent);
        }
        self.span += sample;
    }

    /// Whether more arrived in a sample than its healthy tasks complete.
    fn note_saturation(&mut self) {
        let sample = std::mem::take(&mut self.judged);
        let arrived = self.recorder.arrived() - self.arrived_before_sample;
        self.arrived_before_sample += arrived;
        let seconds = |nanos: i128| nanos as f64 / NANOS_PER_SECOND as f64;
        if sample.healthy > 0 && arrived as f64 > seconds(sample.healthy) * self.task.saturated_rate {
            self.seconds_saturated += seconds(sample.nanos);
        }
    }

    /// Seconds for which workers waited for messages since this was last asked, added up over all of them.
    pub fn take_idle_worker_seconds(&mut self, workers: usize) -> f64 {
        let spent = std::mem::take(&mut self.since_polled);
        (spent.healthy * workers as i128 - spent.in_progress).max(0) as f64 / NANOS_PER_SECOND as f64
    }

    fn gauges(&self, spent: &Spent) -> Gauges {
        let seconds = |nanos: i128| nanos as f64 / NANOS_PER_SECOND as f64;
        let idle_seconds = seconds(spent.running - spent.starting) * self.task.idle_cpu;
        let starting_seconds = seconds(spent.starting) * self.start_up_cpu;
        Gauges {
            seconds: seconds(spent.nanos),
            request_vcpu_seconds: spent.units as f64 / UNIT_NANOS,
            other_vcpu_seconds: (idle_seconds + starting_seconds) * self.task_units / UNITS_PER_VCPU,
            running_task_seconds: seconds(spent.running),
            healthy_task_seconds: seconds(spent.healthy),
            request_seconds: seconds(spent.in_progress + spent.waiting),
            waiting_seconds: seconds(spent.waiting),
            ..Gauges::default()
        }
    }

    fn cpu_percent(&self, spent: &Spent) -> Option<f64> {
        let gauges = self.gauges(spent);
        self.utilization.cpu_percent(&gauges, gauges.request_vcpu_seconds)
    }

    /// Ends a span of measurement now and returns what was measured.
    pub fn close(&mut self) -> Sample {
        self.end_sample_if_open();
        let (span, samples) = (std::mem::take(&mut self.span), std::mem::take(&mut self.samples));
        let answers = self.recorder.take_answers();
        let gauges = self.gauges(&span);
        let cpu_percent = self.utilization.cpu_percent(&gauges, gauges.request_vcpu_seconds);
        let memory_percent = self.utilization.memory_percent(&gauges);
        let sample_count = samples.len().max(1) as f64;
        let (least, most) = samples.iter().fold((f64::INFINITY, 0.0_f64), |(least, most), &one| (least.min(one), most.max(one)));
        let mean_of = |task_seconds: f64| if gauges.seconds > 0.0 { task_seconds / gauges.seconds } else { 0.0 };
        let healthy_tasks = mean_of(gauges.healthy_task_seconds);
        let (response_sum, least_response, most_response) = answers.response_nanos;
        let (served, errors) = (answers.counts.served as f64, answers.counts.errors as f64);
        let nano = 1.0 / NANOS_PER_SECOND as f64;
        Sample {
            cpu_percent,
            expected_cpu_percent: cpu_percent,
            memory_percent,
            requests_per_target: (healthy_tasks > 0.0).then(|| answers.arrived as f64 / healthy_tasks),
            offered: answers.arrived as f64,
            healthy_tasks,
            seconds: gauges.seconds,
            running_tasks: mean_of(gauges.running_task_seconds),
            cpu: cpu_percent.map(|average| StatisticSet {
                sample_count,
                sum: average * sample_count,
                minimum: least.min(average),
                maximum: most.max(average),
            }),
            memory: memory_percent.map(|memory| StatisticSet::of_mean(memory, sample_count)),
            response_time_seconds: (served + errors > 0.0).then_some(StatisticSet {
                sample_count: served + errors,
                sum: response_sum as f64 * nano,
                minimum: least_response as f64 * nano,
                maximum: most_response as f64 * nano,
            }),
            served,
            target_5xx: errors,
            elb_5xx: (answers.counts.rejected + answers.counts.timed_out + answers.counts.lost) as f64,
            ..Sample::default()
        }
    }

    fn end_sample_if_open(&mut self) {
        if self.sample.nanos > 0 {
            self.end_sample();
        }
    }

    /// The figures of the oldest row that ended by this time and whose requests ended too.
    pub fn finished_row(&mut self, by: SimTime) -> Option<RowFigures> {
        let row = self.recorder.take_row(by.as_nanos(), self.is_over)?;
        let gauges = self.gauges(&row.spent);
        let seconds = gauges.seconds.max(f64::MIN_POSITIVE);
        let latency = row.latency.histogram();
        Some(RowFigures {
            offered_rps: row.counts.offered as f64 / seconds,
            served_rps: row.counts.served as f64 / seconds,
            failed_rps: row.counts.failed() as f64 / seconds,
            cpu_percent: self.utilization.cpu_percent(&gauges, gauges.request_vcpu_seconds),
            memory_percent: self.utilization.memory_percent(&gauges),
            mean_seconds: latency.mean(),
            percentiles_seconds: [0.5, 0.95, 0.99].map(|quantile| latency.quantile(quantile)),
            waiting: (gauges.waiting_seconds + row.spent.queued as f64 / NANOS_PER_SECOND as f64) / seconds,
        })
    }

    /// The oldest window of the service level that ended by this time and whose requests ended too.
    pub fn finished_window(&mut self, by: SimTime) -> Option<ObjectiveWindow> {
        let (counts, slow) = self.recorder.take_window(by.as_nanos(), self.is_over)?;
        Some(ObjectiveWindow {
            accepted: (counts.served + counts.errors) as f64,
            over_objective: slow as f64,
            served: counts.served as f64,
            failed: counts.failed() as f64,
        })
    }

    /// The run is over: what is still under way is in flight.
    pub fn finish(&mut self) {
        self.is_over = true;
    }

    /// Requests of the window that are in tasks and that somebody waits for, of those that count.
    #[must_use]
    pub fn in_flight(&self, counts: impl Fn(&Request) -> bool) -> usize {
        let is_counted = |request: &Request| request.arrival >= 0 && !is_probe(request.tag) && counts(request);
        self.present.iter().map(|&task| self.machines[task as usize].in_flight(is_counted)).sum()
    }

    /// All figures; so many requests are still on their way.
    #[must_use]
    pub fn figures(&self, in_flight: usize) -> PlaneFigures {
        let (latency, queue) = self.recorder.histograms();
        let Counts { offered, attempts, served, rejected, timed_out, errors, lost } = self.recorder.totals();
        let requests = RequestCounts {
            offered: offered as f64,
            served: served as f64,
            rejected: rejected as f64,
            timed_out: timed_out as f64,
            failed: (errors + lost) as f64,
            in_flight_at_end: in_flight as f64,
            attempts: attempts as f64,
        };
        let attempts_caused = self.recorder.attempts_caused() as f64;
        PlaneFigures { requests, attempts_caused, latency, queue, seconds_saturated: self.seconds_saturated, message_queue: None }
    }

    /// Forgets what was counted before the window.
    pub fn restart(&mut self) {
        self.recorder.restart();
        self.seconds_saturated = 0.0;
        self.judged = Spent::default();
        self.arrived_before_sample = self.recorder.arrived();
    }

    /// Takes note of a change of the fleet now.
    pub fn apply(&mut self, change: FleetChange) {
        match change {
            FleetChange::MadeOf(task, content) => self.revisions.made_of(task, content),
            FleetChange::InSecondGroup(task) => self.router.put_into_second(task.0),
            FleetChange::SecondGroupShare(share) => self.router.set_share_of_second(share),
            FleetChange::Started(task) => self.move_to(task, Home::Starting),
            FleetChange::Ready(task) => self.move_to(task, Home::Ready),
            FleetChange::Healthy(task) | FleetChange::Recovered(task) => self.move_to(task, Home::Healthy),
            FleetChange::Unhealthy(task) => self.move_to(task, Home::Unhealthy),
            FleetChange::Draining(task) => self.move_to(task, Home::Draining),
            FleetChange::Stopped(task) => self.move_to(task, Home::Absent),
            FleetChange::Hung(task) => self.hang(task),
            FleetChange::Probed(task) => self.probe(task),
        }
    }

    fn move_to(&mut self, task: TaskId, home: Home) {
        let index = task.0 as usize;
        if index >= self.homes.len() {
            self.homes.resize(index + 1, Home::Absent);
            self.machines.resize_with(index + 1, M::default);
        }
        let before = std::mem::replace(&mut self.homes[index], home);
        match before {
            Home::Starting => self.starting -= 1,
            Home::Ready => self.ready -= 1,
            Home::Healthy => self.healthy -= 1,
            Home::Unhealthy => self.unhealthy -= 1,
            Home::Absent | Home::Draining => {}
        }
        match home {
            Home::Starting => self.starting += 1,
            Home::Ready => self.ready += 1,
            Home::Healthy => {
                self.healthy += 1;
                self.router.remove(task.0);
                self.router.add(task.0, SimTime::from_nanos(self.now));
                self.become_present(task.0);
            }
            Home::Unhealthy => {
                self.unhealthy += 1;
                self.router.fail(task.0);
            }
            Home::Draining => self.router.remove(task.0),
            Home::Absent => self.remove(task.0),
        }
    }

    fn become_present(&mut self, task: u32) {
        if let Err(place) = self.present.binary_search(&task) {
            self.present.insert(place, task);
            // It has nothing yet, so nothing is summed up before now.
            self.machines[task as usize] = M::beginning(self.now);
        }
    }

    fn remove(&mut self, task: u32) {
        self.router.forget(task);
        if let Ok(place) = self.present.binary_search(&task) {
            self.present.remove(place);
            let mut machine = std::mem::take(&mut self.machines[task as usize]);
            machine.kill(self.now, &mut self.recorder);
        }
    }

    /// A task answers nothing any more.
    fn hang(&mut self, task: TaskId) {
        if self.present.binary_search(&task.0).is_ok() {
            self.machines[task.0 as usize].hang(self.now, &self.model);
        }
    }

    /// A health check comes to a task. It waits for a slot as a request does and uses no CPU worth counting.
    fn probe(&mut self, task: TaskId) {
        if self.present.binary_search(&task.0).is_err() {
            return;
        }
        let (now, deadline) = (self.now, self.now + self.probe_timeout.as_nanos());
        self.recorder.probe_sent(task.0);
        let request = Request { arrival: now, deadline, cpu: 0.0, wait: 0, fails: false, tag: probe_tag(task.0) };
        self.machines[task.0 as usize].serve(now, request, &self.model, now, &mut self.recorder);
    }

    /// Whether a task answered its last health check in time.
    #[must_use]
    pub fn probe_answered(&mut self, task: TaskId) -> bool {
        self.recorder.probe_answered(task.0)
    }

    /// How long a draining task needs for the last request that it has.
    #[must_use]
    pub fn time_to_drain(&self, task: TaskId) -> SimDuration {
        self.machines.get(task.0 as usize).map_or(SimDuration::ZERO, |machine| machine.time_to_drain(self.now, &self.model))
    }
}
