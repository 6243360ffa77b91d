//! One service of a run: its two planes, and the figures gathered where they meet.

mod billed;
mod deployments;
mod incidents;
mod minutes;
mod rows;

use jiff::Timestamp;

use self::deployments::FailedRequests;
use super::carried::{self, Causes};
use super::publication::Publications;
use super::queue_activity::QueueActivity;
use super::queue_meter::QueueMeter;
use super::reaction::{Reaction, Targets};
use super::shortfall::Shortfall;
use super::{Options, Window, key_of, waterfall};
use crate::control::account::Account;
use crate::control::instances::Instances;
use crate::control::scaling::activities::{ActivityLog, TargetName};
use crate::control::scaling::decisions::Recorder;
use crate::control::service::{Question, ServiceControl, ServiceEvent};
use crate::control::{Event, Phase};
use crate::events::EventQueue;
use crate::fleet::{FleetChange, TaskId};
use crate::meter::HourGrid;
use crate::metrics::PercentSummary;
use crate::outcome::{Explanation, ScalingSummary, ServiceOutcome, TimelineRow, Verdict};
use crate::scenario::model::{CapacityProvider, Event as ScenarioEvent, Scenario, Service, Slo};
use crate::traffic::plane::DataPlane;
use crate::traffic::task_model::TaskModel;
use crate::units::{SimDuration, SimTime};
use crate::usage::{CarriedBytes, FlowUsage, QueueUsage, TaskUsage, VolumeUsage};

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
    /// The launch limits of the account.
    pub account: Account,
    /// The EC2 instances of the cluster.
    pub instances: Instances,
}

/// What a service gathered over a run.
pub struct Finished {
    /// Its figures.
    pub outcome: ServiceOutcome,
    /// Its billed tasks.
    pub tasks: Vec<TaskUsage>,
    /// The volumes of its tasks.
    pub volumes: Vec<VolumeUsage>,
    /// What its requests moved.
    pub flows: FlowUsage,
    /// Bytes by the way that they took.
    pub carried: Vec<CarriedBytes>,
    /// What its queue was asked; none without one.
    pub queue: Option<QueueUsage>,
}

/// One service under way.
pub struct ServiceRun {
    service: Service,
    control: ServiceControl,
    /// Its place in its plane.
    member: usize,
    now: SimTime,
    end: SimTime,
    keeps_timeline: bool,
    resolution: SimDuration,
    publications: Publications,
    queue_activity: QueueActivity,
    queue_meter: Option<QueueMeter>,
    requests_by_hour: Vec<f64>,
    calls_by_hour: Vec<f64>,
    hour: usize,
    hour_end: SimTime,
    next_row_end: SimTime,
    next_slo_end: SimTime,
    cpu: PercentSummary,
    memory: PercentSummary,
    reaction: Reaction,
    /// What the policies ask of a minute; none without scaling.
    targets: Option<Targets>,
    seconds_at_max_capacity: f64,
    seconds_below_needed: f64,
    shortfall: Shortfall,
    slo_seconds_over: f64,
    row_start: SimTime,
    slo_start: SimTime,
    billed_before_row: [f64; 2],
    timeline: Vec<TimelineRow>,
    /// Rows whose traffic is filled in.
    filled_rows: usize,
    changes: Vec<FleetChange>,
    /// What happens during the run, to this service and to others.
    events: Vec<ScenarioEvent>,
    /// Factors of the slow dependencies of now.
    slowdowns: Vec<f64>,
    failed_requests: FailedRequests,
}

impl ServiceRun {
    /// A service about to start.
    pub fn new(setting: &Setting, (number, member): (usize, usize), task: &TaskModel, past_loads: &[Vec<f64>]) -> Self {
        let scenario = setting.scenario;
        let service = scenario.services[number].clone();
        let (seed, key) = (scenario.simulation.seed, key_of(&service.name));
        let policies = service.scaling.as_ref().map_or(&[][..], |scaling| &scaling.policies);
        let target = TargetName { cluster: &scenario.cluster.name, service: &service.name, seed, service_key: key };
        let log = ActivityLog::new(setting.window.start, target, policies);
        let first_in_window = |step: SimDuration| SimTime::START + step;
        let resolution = scenario.simulation.timeline_resolution;
        let rows = if setting.options.timeline { (setting.window.duration.as_nanos() / resolution.as_nanos()) as usize + 1 } else { 0 };
        let mut control = ServiceControl::new(scenario, number, (log, past_loads), key, setting.from, setting.grid, setting.end);
        control.join(&setting.account, &setting.instances);
        if let (Some(target), Some((_, interest))) = (&mut control.target, setting.options.explain.filter(|(asked, _)| *asked == number)) {
            target.recorder = Some(Recorder::new(setting.window.start, interest));
        }
        Self {
            control,
            targets: service.scaling.as_ref().map(|scaling| Targets::new(task, &scaling.policies)),
            member,
            now: setting.from,
            end: setting.end,
            keeps_timeline: setting.options.timeline,
            resolution,
            publications: Publications::new(service.high_resolution_metrics, &scenario.assumptions, setting.window.start, setting.from),
            queue_activity: QueueActivity::new(&scenario.assumptions, setting.from),
            queue_meter: QueueMeter::new(&service, &scenario.assumptions, setting.grid),
            requests_by_hour: vec![0.0; setting.grid.hours()],
            calls_by_hour: vec![0.0; setting.grid.hours()],
            hour: 0,
            hour_end: setting.grid.end_of_first_hour(),
            next_row_end: if setting.options.timeline { first_in_window(resolution) } else { SimTime::NEVER },
            next_slo_end: service.slo.map_or(SimTime::NEVER, |slo| first_in_window(slo.window)),
            cpu: PercentSummary::default(),
            memory: PercentSummary::default(),
            reaction: Reaction::default(),
            seconds_at_max_capacity: 0.0,
            seconds_below_needed: 0.0,
            shortfall: Shortfall::new(setting.from),
            slo_seconds_over: 0.0,
            row_start: SimTime::START,
            slo_start: SimTime::START,
            billed_before_row: [0.0; 2],
            timeline: Vec::with_capacity(rows),
            filled_rows: 0,
            changes: Vec::new(),
            events: scenario.events.clone(),
            slowdowns: Vec::new(),
            failed_requests: FailedRequests::default(),
            service,
        }
    }

    /// Starts the desired tasks and schedules the first events.
    pub fn start(&mut self, plane: &mut dyn DataPlane, queue: &mut EventQueue<ServiceEvent>) {
        let mut changes = std::mem::take(&mut self.changes);
        self.control.start(self.now, queue, &mut changes);
        self.changes = changes;
        self.apply_changes(plane, queue);
    }

    /// Handles one event of this service.
    pub fn handle(&mut self, now: SimTime, event: Event, plane: &mut dyn DataPlane, queue: &mut EventQueue<ServiceEvent>) {
        self.advance(now, plane);
        let mut changes = std::mem::take(&mut self.changes);
        match event {
            Event::WindowStart => self.begin_window(plane),
            Event::Happens { number, is_over } => self.happens(now, (number, is_over), plane, queue, &mut changes),
            event => {
                let question = self.control.handle(now, event, queue, &mut changes);
                self.answer(now, question, plane, queue, &mut changes);
            }
        }
        self.changes = changes;
        self.apply_changes(plane, queue);
    }

    /// Asks the data plane what the control plane needs to know for the step of a task.
    fn answer(
        &mut self,
        now: SimTime,
        question: Option<Question>,
        plane: &mut dyn DataPlane,
        queue: &mut EventQueue<ServiceEvent>,
        changes: &mut Vec<FleetChange>,
    ) {
        match question {
            Some(Question::TimeToDrain(task)) => {
                let needed = plane.time_to_drain(self.member, task);
                self.control.terminated(now, task, needed, queue, changes);
            }
            Some(Question::WasProbeAnswered(task)) => {
                let answered = plane.probe_answered(self.member, task);
                self.control.probe_result(now, task, answered, queue, changes);
            }
            None => {}
        }
    }

    /// A task ended by itself.
    pub fn task_killed(&mut self, at: SimTime, task: TaskId, plane: &mut dyn DataPlane, queue: &mut EventQueue<ServiceEvent>) {
        self.advance(at, plane);
        let mut changes = std::mem::take(&mut self.changes);
        self.control.task_killed(at, task, queue, &mut changes);
        self.changes = changes;
        self.apply_changes(plane, queue);
    }

    /// Takes note of what arrived until now, which the plane has reached.
    fn advance(&mut self, now: SimTime, plane: &mut dyn DataPlane) {
        if now > self.now {
            let (offered, called) = (plane.take_arrived(self.member), plane.take_called(self.member));
            if self.now >= SimTime::START {
                self.requests_by_hour[self.hour] += offered;
                self.calls_by_hour[self.hour] += called;
            }
            self.now = now;
            if now >= self.hour_end {
                self.hour = (self.hour + 1).min(self.requests_by_hour.len() - 1);
                self.hour_end = self.hour_end + SimDuration::from_hours(1);
            }
        }
    }

    fn apply_changes(&mut self, plane: &mut dyn DataPlane, queue: &mut EventQueue<ServiceEvent>) {
        for index in 0..self.changes.len() {
            let change = self.changes[index];
            plane.apply(self.member, change);
            match change {
                FleetChange::Draining(task) => {
                    let needed = plane.time_to_drain(self.member, task);
                    self.control.draining_started(self.now, task, needed, queue);
                }
                FleetChange::Healthy(_) => self.reaction.task_healthy(self.now),
                _ => {}
            }
        }
        self.changes.clear();
        self.observe_deployments(plane);
        self.shortfall.observe(self.now, self.control.healthy.value(), self.control.desired.value());
    }

    fn begin_window(&mut self, plane: &mut dyn DataPlane) {
        plane.reset_statistics(self.member);
        // What was asked of a queue before the window is not billed.
        plane.take_polling(self.member);
        self.control.restart_statistics(self.now);
        self.cpu = PercentSummary::default();
        self.memory = PercentSummary::default();
        self.reaction = Reaction::default();
        self.seconds_at_max_capacity = 0.0;
        self.seconds_below_needed = 0.0;
        self.shortfall.restart(self.now);
        self.restart_deployments();
    }

    /// What the service itself does next, with its phase: it ends a minute, a row or a window of the service
    /// level, or a datapoint becomes visible.
    pub fn next_own(&self) -> (SimTime, u8) {
        let close = self.publications.next_end().min(self.next_row_end).min(self.next_slo_end);
        let publication = self.publications.next_publication();
        if publication < close { (publication, Phase::Publication as u8) } else { (close, Phase::Close as u8) }
    }

    /// Whether a span of measurement or a window of the service level ends now, and not a row alone.
    pub fn closes_traffic(&self, now: SimTime) -> bool {
        now == self.publications.next_end() || now == self.next_slo_end
    }

    /// Ends what ends now.
    pub fn close(&mut self, now: SimTime, plane: &mut dyn DataPlane) {
        let span_ends = now == self.publications.next_end();
        if !self.closes_traffic(now) {
            // A row shows the tasks and leaves the traffic alone: no figure may depend on rows.
            self.close_row(now);
            return;
        }
        self.advance(now, plane);
        if span_ends {
            self.close_span(plane);
        }
        if now == self.next_row_end {
            self.close_row(now);
        }
        if span_ends {
            self.fill_rows(now, plane);
        }
        if let Some(slo) = self.service.slo.filter(|_| now == self.next_slo_end) {
            self.next_slo_end = now + slo.window;
            plane.close_window(self.member);
            self.judge_windows(now, slo, plane);
        }
    }

    /// Shows the oldest unpublished datapoint to Application Auto Scaling. The data plane stays where it is:
    /// a decision changes no task before the scheduler's next tick.
    pub fn publish(&mut self, now: SimTime, queue: &mut EventQueue<ServiceEvent>) {
        let Some(datapoints) = self.publications.visible() else { return };
        if self.control.publish(now, datapoints, queue) {
            self.reaction.scaled_out(now);
        }
        self.shortfall.observe(now, self.control.healthy.value(), self.control.desired.value());
        self.publications.forget_visible();
    }

    /// Judges the windows of the service level that ended and whose requests did.
    fn judge_windows(&mut self, now: SimTime, slo: Slo, plane: &mut dyn DataPlane) {
        while self.slo_start < self.end
            && let Some(window) = plane.finished_window(self.member, now)
        {
            let slow = slo.latency_seconds.is_some() && window.over_objective > 0.01 * window.accepted;
            let finished = window.served + window.failed;
            let unavailable = slo.availability.is_some_and(|least| finished > 0.0 && window.served < least * finished);
            let end = (self.slo_start + slo.window).min(self.end);
            if slow || unavailable {
                self.slo_seconds_over += (end - self.slo_start).as_seconds_f64();
            }
            self.slo_start = end;
        }
    }

    /// Ends the run and returns what it gathered.
    pub fn finish(mut self, setting: &Setting, plane: &mut dyn DataPlane) -> Finished {
        self.advance(self.end, plane);
        if self.keeps_timeline && self.row_start < self.end {
            self.close_row(self.end);
        }
        self.close_last_minute(plane);
        if self.service.slo.is_some() {
            plane.close_window(self.member);
        }
        plane.finish();
        if let Some(slo) = self.service.slo.filter(|_| self.slo_start < self.end) {
            self.judge_windows(SimTime::NEVER, slo, plane);
        }
        self.fill_rows(SimTime::NEVER, plane);
        self.control.finish();
        let flows = self.flows(setting.scenario, plane);
        let groups = &setting.scenario.cluster.instance_groups;
        let (tasks, volumes) = (self.task_usage(groups), self.volume_usage(groups));
        let pulled_bytes = self.control.pulled_bytes.clone().finish();
        let causes = Causes { requests: &self.requests_by_hour, calls: &self.calls_by_hour, pulled_bytes };
        let carried = carried::by_hour(setting.scenario, &self.service, causes);
        let queue = self.queue_meter.take().map(|meter| meter.finish(&self.requests_by_hour));
        let explanation = self.explanation(setting.window.start);
        Finished { outcome: self.into_outcome(setting, explanation, plane), tasks, volumes, flows, carried, queue }
    }

    /// The decisions that were recorded, and the scale-outs among them step by step.
    fn explanation(&mut self, start: Timestamp) -> Option<Explanation> {
        let recorder = self.control.target.as_mut()?.recorder.take()?;
        let waterfalls = recorder.decisions.iter().filter(|(_, decision)| decision.verdict == Verdict::ScaledOut);
        let waterfalls = waterfalls.map(|(time, decision)| waterfall::of(decision, *time, start, &self.reaction, &self.control)).collect();
        Some(Explanation { decisions: recorder.decisions.into_iter().map(|(_, decision)| decision).collect(), waterfalls })
    }

    fn flows(&self, scenario: &Scenario, plane: &dyn DataPlane) -> FlowUsage {
        let each = scenario.bytes_per_request(&self.service);
        let bytes = |each: f64| -> Vec<f64> { self.requests_by_hour.iter().map(|requests| requests * each).collect() };
        FlowUsage {
            service: self.service.name.clone(),
            requests: self.requests_by_hour.clone(),
            caused_requests: plane.figures(self.member).attempts_caused,
            internet_out_bytes: bytes(each.internet_out),
            log_bytes: bytes(each.logs),
        }
    }

    fn into_outcome(mut self, setting: &Setting, explanation: Option<Explanation>, plane: &dyn DataPlane) -> ServiceOutcome {
        let (window, groups) = (&setting.window, &setting.scenario.cluster.instance_groups);
        let figures = plane.figures(self.member);
        let deployments = self.deployments(window.start, &figures.requests);
        let [starting_task_hours, serving_task_hours, draining_task_hours] = self.control.task_hours_by_state();
        let named = |figure: &dyn Fn(CapacityProvider) -> f64| -> Vec<(String, f64)> {
            let used = self.service.strategy.iter().map(|item| item.capacity_provider);
            used.map(|provider| (provider.name(groups).to_owned(), figure(provider))).collect()
        };
        let task_hours = named(&|provider| self.control.meters[provider.index()].total_seconds() as f64 / 3600.0);
        let launched = named(&|provider| self.control.counts.launched[provider.index()] as f64);
        let (resource_id, scaling_activities, mut scaling) = match self.control.target {
            Some(target) => {
                let resource_id = target.log.resource_id.clone();
                let forecasts = target.forecast_accuracy();
                let (activities, summary) = target.log.finish(window.duration.as_hours_f64());
                let summary = ScalingSummary { forecasts, ..summary };
                (resource_id, activities, summary)
            }
            None => (String::new(), Vec::new(), ScalingSummary::default()),
        };
        scaling.reaction_seconds = self.reaction.finish();
        scaling.seconds_saturated = figures.seconds_saturated;
        scaling.seconds_at_max_capacity = self.seconds_at_max_capacity;
        scaling.seconds_below_needed = self.seconds_below_needed;
        ServiceOutcome {
            name: self.service.name,
            requests: figures.requests,
            latency: figures.latency,
            queue: figures.queue,
            message_queue: figures.message_queue,
            cpu_utilization: self.cpu.summary(),
            memory_utilization: self.memory.summary(),
            desired_tasks: self.control.desired.summary(self.end),
            running_tasks: self.control.running.summary(self.end),
            task_hours,
            starting_task_hours,
            serving_task_hours,
            draining_task_hours,
            tasks_launched: launched.into_iter().map(|(name, count)| (name, count as u64)).collect(),
            tasks_lost: self.control.counts.lost_by_event(),
            tasks_out_of_memory: self.control.counts.out_of_memory,
            spot_interrupted: self.control.counts.interrupted,
            spot_largest_simultaneous_loss: self.control.counts.largest_simultaneous_loss,
            seconds_below_desired: self.shortfall.until(self.end).as_seconds_f64(),
            scaling,
            resource_id,
            scaling_activities,
            deployments,
            explanation,
            slo_seconds_over: self.slo_seconds_over,
            timeline: self.timeline,
        }
    }
}
