//! The service scheduler and the life of its tasks.
//!
//! The scheduler acts in ticks: it compares the desired count, divided by the capacity provider strategy,
//! with the active tasks of each provider, and launches or stops the difference. A launched task needs its
//! network, then pulls its image, starts, becomes ready; behind a balancer it is registered at a scheduler
//! tick, a few ticks after its container started, and serves once its first health check succeeds (AWS: a
//! new target needs one success). A task that must go leaves its target group first and is held for the
//! deregistration delay; one that Spot takes back has two minutes at most, and is replaced on Spot alone.
//! How tasks end is told in `stopping`, how their balancer checks them in `health`.
//!
//! Left out: launch quotas, tasks that fail to start, deployments, zone rebalancing.

mod health;
mod stopping;

use super::datapoints::Datapoints;
use super::scaling::activities::ActivityLog;
use super::scaling::{ScalableTarget, TargetSetting};
use super::strategy::divide;
use super::tasks::{Task, TaskState, TaskTable};
use super::{Event, Phase, TaskStep};
use crate::events::EventQueue;
use crate::fleet::{FleetChange, TaskId};
use crate::math::ln;
use crate::meter::{HourGrid, TaskMeter};
use crate::metrics::CountOverTime;
use crate::random::{Stream, generator, uniform};
use crate::scenario::model::{Assumptions, CapacityProvider, HealthCheck, Scenario, Service};
use crate::units::{SimDuration, SimTime};
use crate::usage::minimum_billed_seconds;

/// An event of the simulation: the service's number and what happens to it.
pub type ServiceEvent = (u32, Event);

/// What the scheduler needs to know of its service, taken from the scenario once.
#[derive(Clone, Debug)]
struct Settings {
    service: Service,
    assumptions: Assumptions,
    /// Interruptions of one Spot task per second.
    spot_hazard_per_second: f64,
    pull: SimDuration,
    /// None: the service has no balancer.
    deregistration_delay: Option<SimDuration>,
    /// The checks that wait and work like requests; others always succeed and need no event.
    health_check: Option<HealthCheck>,
    seed: u64,
    /// Keys the random draws of this service: its name, so that other services do not matter.
    service_key: u64,
    number: u32,
    end: SimTime,
}

/// What the control plane counted in the window.
#[derive(Clone, Debug, Default)]
pub struct ControlCounts {
    /// Tasks launched by provider.
    pub launched: [u64; 2],
    /// Spot tasks interrupted.
    pub interrupted: u64,
    /// The most of them within two minutes.
    pub largest_simultaneous_loss: u64,
    /// Tasks that ran out of memory.
    pub out_of_memory: u64,
    recent_losses: Vec<SimTime>,
}

/// What the control plane must ask of the data plane before a step in the life of a task is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// How long the task still needs for what it has: the answer goes to [`ServiceControl::terminated`].
    TimeToDrain(TaskId),
    /// Whether the task answered its last health check: the answer goes to [`ServiceControl::probe_result`].
    WasProbeAnswered(TaskId),
}

/// The control plane of one service.
#[derive(Clone, Debug)]
pub struct ServiceControl {
    settings: Settings,
    tasks: TaskTable,
    /// Active tasks that are unhealthy, the one that has been so for the longest time first.
    unhealthy: Vec<TaskId>,
    /// The desired count.
    pub desired: CountOverTime,
    /// Tasks whose container runs and that are not told to stop.
    pub running: CountOverTime,
    /// Tasks that receive requests.
    pub healthy: CountOverTime,
    /// Tasks that are billed, by provider.
    pub billed: [CountOverTime; 2],
    /// Application Auto Scaling, if the service has it.
    pub target: Option<ScalableTarget>,
    /// Billed seconds by provider.
    pub meters: [TaskMeter; 2],
    /// Counts of the window.
    pub counts: ControlCounts,
    tick_scheduled: bool,
}

impl ServiceControl {
    /// A service whose desired count already runs and is healthy at `from`. Returns it with the changes
    /// that the data plane must learn of.
    #[must_use]
    pub fn new(
        scenario: &Scenario,
        number: usize,
        (log, past_loads): (ActivityLog, &[Vec<f64>]),
        service_key: u64,
        from: SimTime,
        grid: HourGrid,
        end: SimTime,
    ) -> Self {
        let service = scenario.services[number].clone();
        let start_up = &service.workload.start_up;
        let minimum = minimum_billed_seconds(service.task.platform.price_key());
        let settings = Settings {
            spot_hazard_per_second: hazard_per_second(scenario),
            pull: SimDuration::from_seconds_f64(start_up.image_size_bytes / start_up.pull_rate_bytes_per_second),
            deregistration_delay: service.target_group.as_ref().map(|group| group.deregistration_delay),
            health_check: service.target_group.as_ref().map(|group| group.health_check).filter(|check| check.shares_workers),
            assumptions: scenario.assumptions.clone(),
            seed: scenario.simulation.seed,
            service_key,
            number: number as u32,
            end,
            service,
        };
        let service = &settings.service;
        let mut target = service.scaling.as_ref().map(|scaling| {
            let high_resolution_metrics = service.high_resolution_metrics;
            let setting = TargetSetting { high_resolution_metrics, assumptions: &scenario.assumptions, from };
            ScalableTarget::new(scaling, setting, log, past_loads)
        });
        let (min, max) = target.as_ref().map_or((0, u32::MAX), ScalableTarget::bounds);
        let forecast = target.as_mut().map_or(0, |target| target.first_forecast(from));
        let desired_count = service.desired_count.max(forecast).clamp(min, max.max(min));
        Self {
            tasks: TaskTable::new(scenario.cluster.availability_zones),
            unhealthy: Vec::new(),
            desired: CountOverTime::new(from, desired_count),
            running: CountOverTime::new(from, 0),
            healthy: CountOverTime::new(from, 0),
            billed: [CountOverTime::new(from, 0); 2],
            target,
            meters: [TaskMeter::new(grid, minimum), TaskMeter::new(grid, minimum)],
            counts: ControlCounts::default(),
            tick_scheduled: false,
            settings,
        }
    }

    /// Brings the desired count of tasks into being, healthy from `from` on.
    pub fn start(&mut self, from: SimTime, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        let desired_count = self.desired.value();
        let counts = divide(&self.settings.service.strategy, desired_count);
        for (item, count) in self.settings.service.strategy.clone().iter().zip(counts) {
            for _ in 0..count {
                let id = self.tasks.launch(from, item.capacity_provider, TaskState::Healthy);
                let task = self.tasks.get_mut(id);
                task.pull_started = Some(from);
                task.container_started = Some(from);
                task.healthy_since = Some(from);
                self.change_billed(from, item.capacity_provider, 1);
                self.schedule_interruption(from, id, queue);
                self.schedule_first_check(from, id, queue);
                changes.push(FleetChange::Healthy(id));
            }
        }
        self.running = CountOverTime::new(from, desired_count);
        self.healthy = CountOverTime::new(from, desired_count);
        self.schedule_clock(from, queue);
        if self.target.as_ref().is_some_and(|target| target.next_forecast(from).is_some()) {
            self.push(queue, from, Phase::Clock, Event::Forecast);
        }
    }

    /// Forgets what was counted before the window.
    pub fn restart_statistics(&mut self, now: SimTime) {
        for count in [&mut self.desired, &mut self.running, &mut self.healthy] {
            count.restart(now);
        }
        for billed in &mut self.billed {
            billed.restart(now);
        }
        self.counts = ControlCounts::default();
        if let Some(target) = &mut self.target {
            target.log.restart();
        }
    }

    /// Tasks launched and not yet running.
    #[must_use]
    pub const fn pending(&self) -> u32 {
        self.tasks.all_active().saturating_sub(self.running.value())
    }

    /// The largest desired count as it is now; without scaling there is none.
    #[must_use]
    pub fn max_capacity(&self) -> u32 {
        self.target.as_ref().map_or(u32::MAX, |target| target.bounds().1)
    }

    /// All tasks that ever ran, in the order of launch.
    #[must_use]
    pub fn tasks(&self) -> &[Task] {
        self.tasks.all()
    }

    /// Shows the published datapoints to Application Auto Scaling. Returns whether it scaled out.
    pub fn publish(&mut self, now: SimTime, datapoints: &Datapoints, queue: &mut EventQueue<ServiceEvent>) -> bool {
        let Some(target) = &mut self.target else { return false };
        let before = self.desired.value();
        if !target.observe(now, datapoints, self.running.value(), &mut self.desired) {
            return false;
        }
        self.request_tick(now, queue);
        self.desired.value() > before
    }

    /// Runs the scheduled actions of this time. Returns whether the desired count rose.
    pub fn run_scheduled(&mut self, now: SimTime, queue: &mut EventQueue<ServiceEvent>) -> bool {
        let Some(target) = &mut self.target else { return false };
        let before = self.desired.value();
        if target.run_scheduled(now, self.running.value(), &mut self.desired) {
            self.request_tick(now, queue);
        }
        self.schedule_clock(now, queue);
        self.desired.value() > before
    }

    /// Follows the forecasts as they are now. Returns whether the desired count rose.
    pub fn follow_forecasts(&mut self, now: SimTime, queue: &mut EventQueue<ServiceEvent>) -> bool {
        let Some(target) = &mut self.target else { return false };
        let rose = target.follow_forecasts(now, self.running.value(), &mut self.desired);
        if rose {
            self.request_tick(now, queue);
        }
        self.schedule_forecast(now, queue);
        rose
    }

    fn schedule_clock(&self, now: SimTime, queue: &mut EventQueue<ServiceEvent>) {
        if let Some(next) = self.target.as_ref().and_then(|target| target.next_scheduled(now)) {
            self.push(queue, next, Phase::Clock, Event::ScheduledActions);
        }
    }

    fn schedule_forecast(&self, now: SimTime, queue: &mut EventQueue<ServiceEvent>) {
        if let Some(next) = self.target.as_ref().and_then(|target| target.next_forecast(now)) {
            self.push(queue, next, Phase::Clock, Event::Forecast);
        }
    }

    fn push(&self, queue: &mut EventQueue<ServiceEvent>, time: SimTime, phase: Phase, event: Event) {
        if time <= self.settings.end {
            queue.push(time, phase as u8, (self.settings.number, event));
        }
    }

    fn push_step(&self, queue: &mut EventQueue<ServiceEvent>, time: SimTime, task: TaskId, step: TaskStep) {
        let phase = if step == TaskStep::SpotWarning { Phase::Interruption } else { Phase::LifeCycle };
        let epoch = self.tasks.get(task).epoch;
        self.push(queue, time, phase, Event::Task { task, epoch, step });
    }

    fn request_tick(&mut self, now: SimTime, queue: &mut EventQueue<ServiceEvent>) {
        if !self.tick_scheduled {
            self.tick_scheduled = true;
            self.push(queue, now.round_up(self.settings.assumptions.scheduler_tick), Phase::Scheduling, Event::SchedulerTick);
        }
    }

    /// One tick: launches and stops what the desired count asks for.
    pub fn tick(&mut self, now: SimTime, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        self.tick_scheduled = false;
        let wanted = divide(&self.settings.service.strategy, self.desired.value());
        for (index, wanted) in wanted.into_iter().enumerate() {
            let provider = self.settings.service.strategy[index].capacity_provider;
            self.stop_replaced(now, provider, wanted, queue, changes);
            for _ in 0..self.tasks_to_launch(now, provider, wanted) {
                self.launch(now, provider, queue);
            }
            for _ in wanted..self.tasks_to_keep(now, provider) {
                if let Some(task) = self.tasks.newest_in_fullest_zone(provider) {
                    self.stop(now, task, queue, changes);
                }
            }
        }
        self.report_running(now);
    }

    fn launch(&mut self, now: SimTime, provider: CapacityProvider, queue: &mut EventQueue<ServiceEvent>) {
        let task = self.tasks.launch(now, provider, TaskState::Provisioning);
        self.counts.launched[provider.index()] += 1;
        let seconds = self.draw(Stream::Provisioning, task);
        self.push_step(queue, now + SimDuration::from_seconds_f64(seconds), task, TaskStep::PullStarts);
        self.schedule_interruption(now, task, queue);
    }

    fn draw(&self, stream: Stream, task: TaskId) -> f64 {
        let start_up = &self.settings.service.workload.start_up;
        let distribution = if stream == Stream::Provisioning { &start_up.provisioning } else { &start_up.time };
        if distribution.is_constant() {
            return distribution.mean();
        }
        distribution.sample(&mut generator(self.settings.seed, stream, self.settings.service_key, u64::from(task.0)))
    }

    /// A Spot task is interrupted after an exponential time: independent of its age and of other tasks.
    fn schedule_interruption(&self, now: SimTime, task: TaskId, queue: &mut EventQueue<ServiceEvent>) {
        if self.tasks.get(task).capacity_provider != CapacityProvider::FargateSpot || self.settings.spot_hazard_per_second <= 0.0 {
            return;
        }
        let uniform = uniform(self.settings.seed, Stream::SpotInterruption, self.settings.service_key, u64::from(task.0));
        let seconds = -ln(uniform) / self.settings.spot_hazard_per_second;
        self.push_step(queue, now + SimDuration::from_seconds_f64(seconds), task, TaskStep::SpotWarning);
    }

    /// Takes the next step in the life of a task, unless it has become stale. Returns what must be asked of the
    /// data plane before the step is done.
    pub fn step(
        &mut self,
        now: SimTime,
        (task, epoch, step): (TaskId, u8, TaskStep),
        queue: &mut EventQueue<ServiceEvent>,
        changes: &mut Vec<FleetChange>,
    ) -> Option<Question> {
        if self.tasks.get(task).epoch != epoch {
            return None;
        }
        match step {
            TaskStep::PullStarts => self.pull_starts(now, task, queue),
            TaskStep::ContainerStarts => self.container_starts(now, task, queue, changes),
            TaskStep::BecomesReady => self.becomes_ready(now, task, queue, changes),
            TaskStep::BecomesHealthy => self.becomes_healthy(now, task, queue, changes),
            TaskStep::HealthCheck => self.check_health(now, task, queue, changes),
            TaskStep::HealthCheckDeadline => return Some(Question::WasProbeAnswered(task)),
            TaskStep::GracePeriodEnds => self.request_tick(now, queue),
            TaskStep::Terminates => return Some(Question::TimeToDrain(task)),
            TaskStep::Stops => self.stopped(now, task, changes),
            TaskStep::SpotWarning => self.spot_warning(now, task, queue, changes),
        }
        None
    }

    fn pull_starts(&mut self, now: SimTime, id: TaskId, queue: &mut EventQueue<ServiceEvent>) {
        let task = self.tasks.get_mut(id);
        task.state = TaskState::Pulling;
        task.pull_started = Some(now);
        let provider = task.capacity_provider;
        self.change_billed(now, provider, 1);
        self.push_step(queue, now + self.settings.pull, id, TaskStep::ContainerStarts);
    }

    fn container_starts(&mut self, now: SimTime, id: TaskId, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        let seconds = self.draw(Stream::StartUp, id);
        let task = self.tasks.get_mut(id);
        task.state = TaskState::Starting;
        task.container_started = Some(now);
        changes.push(FleetChange::Started(id));
        self.change_running(now, 1);
        self.push_step(queue, now + SimDuration::from_seconds_f64(seconds), id, TaskStep::BecomesReady);
    }

    fn becomes_ready(&mut self, now: SimTime, id: TaskId, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        self.tasks.get_mut(id).ready = Some(now);
        if self.settings.deregistration_delay.is_none() {
            self.becomes_healthy(now, id, queue, changes);
            return;
        }
        let assumptions = &self.settings.assumptions;
        let tick = assumptions.scheduler_tick;
        let started = self.tasks.get(id).container_started.unwrap_or(now);
        let registered = now.max(started + tick * i64::from(assumptions.registration_ticks)).round_up(tick);
        let healthy = registered + assumptions.first_health_check;
        self.tasks.get_mut(id).state = TaskState::Ready;
        changes.push(FleetChange::Ready(id));
        self.push_step(queue, healthy, id, TaskStep::BecomesHealthy);
    }

    fn becomes_healthy(&mut self, now: SimTime, id: TaskId, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        let task = self.tasks.get_mut(id);
        task.state = TaskState::Healthy;
        task.healthy_since = Some(now);
        self.healthy.set(now, self.healthy.value() + 1);
        changes.push(FleetChange::Healthy(id));
        self.schedule_first_check(now, id, queue);
        if !self.unhealthy.is_empty() || self.tasks.all_active() > self.desired.value() {
            // It takes the place of an unhealthy task, or of one that has recovered.
            self.request_tick(now, queue);
        }
    }

    /// A task that ran and is told to stop no longer counts as running.
    fn leave_running(&mut self, now: SimTime, id: TaskId) {
        if self.tasks.get(id).container_started.is_some() {
            self.change_running(now, -1);
        }
    }

    fn change_running(&mut self, now: SimTime, by: i32) {
        self.running.set(now, self.running.value().saturating_add_signed(by));
        self.report_running(now);
    }

    fn report_running(&mut self, now: SimTime) {
        if let Some(target) = &mut self.target {
            target.running_changed(now, self.running.value(), self.desired.value());
        }
    }

    fn change_billed(&mut self, now: SimTime, provider: CapacityProvider, by: i32) {
        let billed = &mut self.billed[provider.index()];
        billed.set(now, billed.value().saturating_add_signed(by));
    }

    /// Bills what still runs at the end of the window.
    pub fn finish(&mut self) {
        for task in self.tasks.iter().filter(|task| task.state != TaskState::Stopped) {
            if let Some(pull_started) = task.pull_started {
                self.meters[task.capacity_provider.index()].bill(pull_started, None);
            }
        }
    }

    /// Billed task-hours inside the window before tasks were healthy, while they served, and after.
    #[must_use]
    pub fn task_hours_by_state(&self) -> [f64; 3] {
        let window = |from: SimTime, until: SimTime| {
            let span = until.min(self.settings.end) - from.max(SimTime::START);
            if span.is_zero_or_less() { 0.0 } else { span.as_hours_f64() }
        };
        let mut hours = [0.0; 3];
        for task in self.tasks.iter() {
            let Some(pull_started) = task.pull_started else { continue };
            let stopped = task.stopped.unwrap_or(SimTime::NEVER);
            let drained = task.drain_started.unwrap_or(stopped);
            let healthy = task.healthy_since.unwrap_or(drained);
            hours[0] += window(pull_started, healthy);
            hours[1] += window(healthy, drained);
            hours[2] += window(drained, stopped);
        }
        hours
    }
}

/// The rate at which a Spot task is interrupted: a chance p within a period is the hazard
/// -ln(1 - p) / period.
fn hazard_per_second(scenario: &Scenario) -> f64 {
    let spot = &scenario.spot;
    -ln(1.0 - spot.interruption_rate) / spot.interruption_period.as_seconds_f64()
}
