//! One service of a run: its two planes, and the figures gathered where they meet.

use std::collections::VecDeque;

use super::reaction::Reaction;
use super::{Options, Window, key_of};
use crate::control::scaling::Datapoints;
use crate::control::scaling::activities::ActivityLog;
use crate::control::service::{ServiceControl, ServiceEvent};
use crate::control::{Event, Phase};
use crate::events::EventQueue;
use crate::fleet::FleetChange;
use crate::meter::HourGrid;
use crate::metrics::PercentSummary;
use crate::outcome::{ServiceOutcome, TimelineRow};
use crate::scenario::model::{CapacityProvider, Scenario, Service, Slo};
use crate::traffic::arrivals::Arrivals;
use crate::traffic::cpu_noise::CpuNoise;
use crate::traffic::fluid::FluidPlane;
use crate::traffic::gauges::MinuteSample;
use crate::traffic::rows::RowLedger;
use crate::units::{SimDuration, SimTime};
use crate::usage::{FlowUsage, TaskUsage};

const MINUTE: SimDuration = SimDuration::from_seconds(60);

/// What all services of a run share.
pub struct Setting<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its window.
    pub window: Window,
    /// The beginning of the warm-up.
    pub from: SimTime,
    /// The end of the window.
    pub end: SimTime,
    /// The hours of the window.
    pub grid: HourGrid,
    /// What is kept.
    pub options: Options,
}

/// One service under way.
pub struct ServiceRun {
    service: Service,
    number: u32,
    control: ServiceControl,
    plane: FluidPlane,
    now: SimTime,
    end: SimTime,
    keeps_timeline: bool,
    resolution: SimDuration,
    publication_delay: SimDuration,
    /// Seconds from the Unix epoch to simulated time 0.
    start_epoch_seconds: i64,
    publication_delay_is_whole_minutes: bool,
    unpublished: VecDeque<(SimTime, Datapoints)>,
    requests_by_hour: Vec<f64>,
    hour: usize,
    hour_end: SimTime,
    next_minute_end: SimTime,
    next_row_end: SimTime,
    next_slo_end: SimTime,
    cpu: PercentSummary,
    memory: PercentSummary,
    reaction: Reaction,
    seconds_at_max_capacity: f64,
    seconds_below_needed: f64,
    slo_seconds_over: f64,
    row_start: SimTime,
    slo_start: SimTime,
    billed_before_row: [f64; 2],
    timeline: Vec<TimelineRow>,
    /// Rows whose traffic is filled in.
    filled_rows: usize,
    changes: Vec<FleetChange>,
}

impl ServiceRun {
    /// A service about to start.
    pub fn new(setting: &Setting, number: usize, arrivals: Arrivals) -> Self {
        let scenario = setting.scenario;
        let service = scenario.services[number].clone();
        let (seed, key) = (scenario.simulation.seed, key_of(&service.name));
        let log = ActivityLog::new(setting.window.start, &scenario.cluster.name, &service.name, seed, key);
        let noise = CpuNoise::new(scenario.assumptions.sampling_noise, seed, key);
        let start_nanos = setting.window.start.as_nanosecond();
        let into_minute = SimDuration::from_nanos(start_nanos.rem_euclid(i128::from(MINUTE.as_nanos())) as i64);
        let after = |step: SimDuration, offset: SimDuration| (setting.from + SimDuration::from_nanos(1) + offset).round_up(step) - offset;
        let first_in_window = |step: SimDuration| SimTime::START + step;
        let resolution = scenario.simulation.timeline_resolution;
        let ledger = setting.options.timeline.then(|| RowLedger::new(resolution, setting.end));
        let rows = if setting.options.timeline { (setting.window.duration.as_nanos() / resolution.as_nanos()) as usize + 1 } else { 0 };
        Self {
            number: number as u32,
            control: ServiceControl::new(scenario, number, log, key, setting.from, setting.grid, setting.end),
            plane: FluidPlane::new(&service, arrivals, noise, setting.from, ledger),
            now: setting.from,
            end: setting.end,
            keeps_timeline: setting.options.timeline,
            resolution,
            publication_delay: scenario.assumptions.metric_publication_delay,
            publication_delay_is_whole_minutes: scenario.assumptions.metric_publication_delay.as_nanos() % MINUTE.as_nanos() == 0,
            start_epoch_seconds: setting.window.start.as_second(),
            unpublished: VecDeque::new(),
            requests_by_hour: vec![0.0; setting.grid.hours()],
            hour: 0,
            hour_end: setting.grid.end_of_first_hour(),
            next_minute_end: after(MINUTE, into_minute),
            next_row_end: if setting.options.timeline { first_in_window(resolution) } else { SimTime::NEVER },
            next_slo_end: service.slo.map_or(SimTime::NEVER, |slo| first_in_window(slo.window)),
            cpu: PercentSummary::default(),
            memory: PercentSummary::default(),
            reaction: Reaction::default(),
            seconds_at_max_capacity: 0.0,
            seconds_below_needed: 0.0,
            slo_seconds_over: 0.0,
            row_start: SimTime::START,
            slo_start: SimTime::START,
            billed_before_row: [0.0; 2],
            timeline: Vec::with_capacity(rows),
            filled_rows: 0,
            changes: Vec::new(),
            service,
        }
    }

    /// Starts the desired tasks and schedules the first events.
    pub fn start(&mut self, queue: &mut EventQueue<ServiceEvent>) {
        let mut changes = std::mem::take(&mut self.changes);
        self.control.start(self.now, queue, &mut changes);
        self.changes = changes;
        self.apply_changes(queue);
    }

    /// Handles one event of this service.
    pub fn handle(&mut self, now: SimTime, event: Event, queue: &mut EventQueue<ServiceEvent>) {
        self.advance(now);
        let mut changes = std::mem::take(&mut self.changes);
        match event {
            Event::WindowStart => self.begin_window(),
            Event::Publication => self.publish(queue),
            Event::SchedulerTick => self.control.tick(now, queue, &mut changes),
            Event::Task { task, epoch, step } => self.control.step(now, (task, epoch, step), queue, &mut changes),
        }
        self.changes = changes;
        self.apply_changes(queue);
    }

    fn advance(&mut self, now: SimTime) {
        if now > self.now {
            let offered = self.plane.advance(now);
            if self.now >= SimTime::START {
                self.requests_by_hour[self.hour] += offered;
            }
            self.now = now;
            if now >= self.hour_end {
                self.hour = (self.hour + 1).min(self.requests_by_hour.len() - 1);
                self.hour_end = self.hour_end + SimDuration::from_hours(1);
            }
        }
    }

    fn apply_changes(&mut self, queue: &mut EventQueue<ServiceEvent>) {
        for index in 0..self.changes.len() {
            let change = self.changes[index];
            self.plane.apply(change);
            match change {
                FleetChange::Draining(task) => {
                    let needed = self.plane.time_to_drain(task);
                    self.control.draining_started(self.now, task, needed, queue);
                }
                FleetChange::Healthy(_) => self.reaction.task_healthy(self.now),
                _ => {}
            }
        }
        self.changes.clear();
    }

    fn begin_window(&mut self) {
        self.plane.reset_statistics();
        self.control.restart_statistics(self.now);
        self.cpu = PercentSummary::default();
        self.memory = PercentSummary::default();
        self.reaction = Reaction::default();
        self.seconds_at_max_capacity = 0.0;
        self.seconds_below_needed = 0.0;
    }

    /// The next end of a minute, a row or a window of the service level.
    pub fn next_close(&self) -> SimTime {
        self.next_minute_end.min(self.next_row_end).min(self.next_slo_end)
    }

    /// Ends what ends now.
    pub fn close(&mut self, now: SimTime, queue: &mut EventQueue<ServiceEvent>) {
        if now != self.next_minute_end && now != self.next_slo_end {
            // A row shows the tasks and leaves the traffic alone: no figure may depend on rows.
            self.close_row(now);
            return;
        }
        self.advance(now);
        let minute_ends = now == self.next_minute_end;
        if minute_ends {
            self.next_minute_end = now + MINUTE;
            self.close_minute();
            if self.service.scaling.is_some() {
                self.schedule_publication(queue);
            }
        }
        if now == self.next_row_end {
            self.close_row(now);
        }
        if minute_ends {
            self.fill_rows(now);
        }
        if let Some(slo) = self.service.slo.filter(|_| now == self.next_slo_end) {
            self.next_slo_end = now + slo.window;
            self.close_slo_window(slo);
        }
        if self.unpublished.front().is_some_and(|(time, _)| *time == now) && self.publishes_at_close(now) {
            self.publish(queue);
        }
    }

    /// Whether a datapoint that becomes visible at `time` does so right after the close of a minute: then
    /// the close publishes it, and the queue need not.
    fn publishes_at_close(&self, time: SimTime) -> bool {
        self.publication_delay_is_whole_minutes && time != SimTime::START
    }

    fn schedule_publication(&self, queue: &mut EventQueue<ServiceEvent>) {
        let time = self.now + self.publication_delay;
        if time <= self.end && !self.publishes_at_close(time) {
            queue.push(time, Phase::Publication as u8, (self.number, Event::Publication));
        }
    }

    fn close_minute(&mut self) {
        let minute_start = self.now - MINUTE;
        let sample = self.plane.close_minute(self.minute_number(minute_start));
        if let Some(cpu) = sample.cpu_percent {
            self.cpu.record(cpu);
        }
        if let Some(memory) = sample.memory_percent {
            self.memory.record(memory);
        }
        self.observe_capacity(minute_start, &sample);
        if self.service.scaling.is_some() {
            let datapoints =
                Datapoints { cpu: sample.cpu_percent, memory: sample.memory_percent, requests_per_target: sample.requests_per_target };
            self.unpublished.push_back((self.now + self.publication_delay, datapoints));
        }
    }

    /// The number of a minute since the Unix epoch.
    fn minute_number(&self, minute_start: SimTime) -> u64 {
        let seconds_into = minute_start.as_nanos().div_euclid(crate::units::NANOS_PER_SECOND);
        (self.start_epoch_seconds + seconds_into).div_euclid(60).unsigned_abs()
    }

    /// Judges the part of a minute that the end of the window leaves; no metric is made of it.
    fn close_last_minute(&mut self) {
        let minute_start = self.next_minute_end - MINUTE;
        if minute_start < self.end {
            let sample = self.plane.close_minute(self.minute_number(minute_start));
            self.observe_capacity(minute_start, &sample);
        }
    }

    /// Compares the minute's load with the targets of the policies and with what is there.
    fn observe_capacity(&mut self, minute_start: SimTime, sample: &MinuteSample) {
        let Some(scaling) = &self.service.scaling else { return };
        self.reaction.minute(minute_start, &scaling.policies, sample);
        // A minute that began in the warm-up counts with its part in the window.
        let seconds = (self.now - minute_start.max(SimTime::START)).as_seconds_f64().max(0.0);
        if self.control.desired.value() == scaling.max_capacity {
            self.seconds_at_max_capacity += seconds;
        }
        let needed = super::reaction::needed_tasks(self.plane.task(), &scaling.policies, sample);
        if sample.healthy_tasks < needed - 1e-9 {
            self.seconds_below_needed += seconds;
        }
    }

    fn publish(&mut self, queue: &mut EventQueue<ServiceEvent>) {
        let Some((_, datapoints)) = self.unpublished.pop_front() else { return };
        if self.control.publish(self.now, &datapoints, queue) {
            self.reaction.scaled_out();
        }
    }

    /// Ends a row of the timeline: the tasks are those of now, the traffic is filled in later.
    fn close_row(&mut self, now: SimTime) {
        let seconds = (now - self.row_start).as_seconds_f64();
        let mut billed_tasks = [0.0; 2];
        for (index, billed) in self.control.billed.iter().enumerate() {
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
            ..TimelineRow::default()
        });
        self.row_start = now;
        self.next_row_end = now + self.resolution;
    }

    /// Fills in the traffic of the rows that ended by a time at which all measurements are made.
    fn fill_rows(&mut self, by: SimTime) {
        while let Some(row) = self.timeline.get_mut(self.filled_rows) {
            let Some(figures) = self.plane.finished_row(by) else { return };
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

    fn close_slo_window(&mut self, slo: Slo) {
        let window = &self.plane.objective_window;
        let slow = slo.latency_seconds.is_some() && window.over_objective > 0.01 * window.accepted;
        let finished = window.served + window.failed;
        let unavailable = slo.availability.is_some_and(|least| finished > 0.0 && window.served < least * finished);
        if slow || unavailable {
            self.slo_seconds_over += (self.now - self.slo_start).as_seconds_f64();
        }
        self.plane.objective_window.clear();
        self.slo_start = self.now;
    }

    /// Ends the run and returns what it gathered: figures, billed tasks, flows.
    pub fn finish(mut self, setting: &Setting) -> (ServiceOutcome, Vec<TaskUsage>, FlowUsage) {
        self.advance(self.end);
        if self.keeps_timeline && self.row_start < self.end {
            self.close_row(self.end);
        }
        if let Some(slo) = self.service.slo.filter(|_| self.slo_start < self.end) {
            self.close_slo_window(slo);
        }
        self.close_last_minute();
        self.fill_rows(self.end);
        self.plane.finish();
        self.control.finish();
        let flows = self.flows(setting.scenario);
        let tasks = self.task_usage();
        (self.into_outcome(setting.window.duration), tasks, flows)
    }

    fn task_usage(&self) -> Vec<TaskUsage> {
        let used = CapacityProvider::ALL.iter().filter(|provider| self.control.meters[provider.index()].total_seconds() > 0);
        used.map(|provider| TaskUsage {
            service: self.service.name.clone(),
            capacity_provider: provider.name().to_owned(),
            platform: self.service.task.platform.price_key(),
            cpu: self.service.task.cpu,
            memory: self.service.task.memory,
            ephemeral_storage_gib: self.service.task.ephemeral_storage_gib,
            public_ip: self.service.assign_public_ip,
            billed_seconds: self.control.meters[provider.index()].clone().finish(),
        })
        .collect()
    }

    fn flows(&self, scenario: &Scenario) -> FlowUsage {
        let each = scenario.bytes_per_request(&self.service);
        let bytes = |each: f64| -> Vec<f64> { self.requests_by_hour.iter().map(|requests| requests * each).collect() };
        FlowUsage {
            service: self.service.name.clone(),
            requests: self.requests_by_hour.clone(),
            internet_out_bytes: bytes(each.internet_out),
            nat_bytes: bytes(each.nat),
            log_bytes: bytes(each.logs),
        }
    }

    fn into_outcome(self, duration: SimDuration) -> ServiceOutcome {
        let (latency, queue) = self.plane.tally.histograms(self.plane.table());
        let [starting_task_hours, serving_task_hours, draining_task_hours] = self.control.task_hours_by_state();
        let named = |figure: &dyn Fn(CapacityProvider) -> f64| -> Vec<(&'static str, f64)> {
            let used = self.service.strategy.iter().map(|item| item.capacity_provider);
            used.map(|provider| (provider.name(), figure(provider))).collect()
        };
        let task_hours = named(&|provider| self.control.meters[provider.index()].total_seconds() as f64 / 3600.0);
        let launched = named(&|provider| self.control.counts.launched[provider.index()] as f64);
        let (scaling_activities, mut scaling) = match self.control.target {
            Some(target) => target.log.finish(duration.as_hours_f64()),
            None => (Vec::new(), crate::outcome::ScalingSummary::default()),
        };
        scaling.reaction_seconds = self.reaction.finish();
        scaling.seconds_saturated = self.plane.tally.seconds_saturated;
        scaling.seconds_at_max_capacity = self.seconds_at_max_capacity;
        scaling.seconds_below_needed = self.seconds_below_needed;
        ServiceOutcome {
            name: self.service.name,
            requests: self.plane.tally.counts,
            latency,
            queue,
            cpu_utilization: self.cpu.summary(),
            memory_utilization: self.memory.summary(),
            desired_tasks: self.control.desired.summary(self.end),
            running_tasks: self.control.running.summary(self.end),
            task_hours,
            starting_task_hours,
            serving_task_hours,
            draining_task_hours,
            tasks_launched: launched.into_iter().map(|(name, count)| (name, count as u64)).collect(),
            spot_interrupted: self.control.counts.interrupted,
            spot_largest_simultaneous_loss: self.control.counts.largest_simultaneous_loss,
            scaling,
            scaling_activities,
            slo_seconds_over: self.slo_seconds_over,
            timeline: self.timeline,
        }
    }
}
