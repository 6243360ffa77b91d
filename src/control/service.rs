//! The service scheduler and the life of its tasks.
//!
//! The scheduler acts in ticks: it compares the desired count, divided by the capacity provider strategy,
//! with the active tasks of each provider, and launches or stops the difference. A launched task needs its
//! network, then pulls its image, starts, becomes ready; behind a balancer it is registered at a scheduler
//! tick, a few ticks after its container started, and serves once its first health check succeeds (AWS: a
//! new target needs one success). A task that must go leaves its target group first and is held for the
//! deregistration delay; one that Spot takes back has two minutes at most, and is replaced on Spot alone.
//! What a task goes through until it serves stands in `steps`, how it ends in `stopping`, which checks work like requests in `health` and which do not in `checks`, how
//! many are launched at once in `launching`, which alarms are watched in `watching`, what Spot does in `spot`, what else
//! happens to tasks from outside in `incidents`, what the end of an instance means for them in `leaving`, and how a new revision
//! takes over in `deployment`.

mod checks;
mod counts;
mod deployment;
mod health;
mod incidents;
mod launching;
mod leaving;
mod spot;
mod steps;
mod stopping;
mod watching;

pub use self::counts::ControlCounts;
pub use self::deployment::{Record as DeploymentRecord, Status as DeploymentStatus};
pub use self::spot::SpotEvent;

use self::deployment::Deployments;
use self::health::Group;
use self::launching::bucket_of_service;
use self::spot::SpotCapacity;
use self::watching::Watch;
use super::account::{Account, TokenBucket};
use super::datapoints::Datapoints;
use super::instances::Instances;
use super::scaling::activities::ActivityLog;
use super::scaling::{ScalableTarget, TargetSetting};
use super::strategy::divide;
use super::tasks::{Task, TaskState, TaskTable};
use super::{Event, Phase, TaskStep};
use crate::events::EventQueue;
use crate::fleet::{FleetChange, TaskId};
use crate::meter::{HourGrid, HourMeter, TaskMeter};
use crate::metrics::CountOverTime;
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
    /// None: the service has no balancer.
    deregistration_delay: Option<SimDuration>,
    /// The checks that wait and work like requests; others always succeed and need no event.
    health_check: Option<HealthCheck>,
    seed: u64,
    /// Keys the random draws of this service: its name, so that other services do not matter.
    service_key: u64,
    number: u32,
    end: SimTime,
    /// The alarms of the scenario.
    alarm_names: Vec<String>,
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
    /// What the service shares with the others of its account.
    account: Account,
    /// The instances that it shares with the others of its cluster.
    instances: Instances,
    /// Launches of this service.
    launches: TokenBucket,
    spot: SpotCapacity,
    /// Active tasks that are unhealthy, the one that has been so for the longest time first.
    unhealthy: Vec<TaskId>,
    deployments: Deployments,
    watches: Vec<Watch>,
    /// The desired count.
    pub desired: CountOverTime,
    /// Tasks whose container runs and that are not told to stop.
    pub running: CountOverTime,
    /// Tasks that receive requests.
    pub healthy: CountOverTime,
    /// Tasks that are billed, by provider.
    pub billed: Vec<CountOverTime>,
    /// Application Auto Scaling, if the service has it.
    pub target: Option<ScalableTarget>,
    /// Billed seconds by provider.
    pub meters: Vec<TaskMeter>,
    /// Bytes of images whose pull began; a pull goes on in the background where a container starts before it is over.
    pub pulled_bytes: HourMeter,
    /// Counts of the window.
    pub counts: ControlCounts,
    tick_scheduled: bool,
    /// Whether zones may be uneven since one of them was lost.
    rebalances: bool,
    /// Tasks launched to even them out; those that have arrived do not matter.
    moving: Vec<TaskId>,
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
        let minimum = minimum_billed_seconds(service.task.platform.price_key());
        let settings = Settings {
            deregistration_delay: service.target_group.as_ref().map(|group| group.deregistration_delay),
            health_check: service.target_group.as_ref().map(|group| group.health_check).filter(|check| check.shares_workers),
            assumptions: scenario.assumptions.clone(),
            seed: scenario.simulation.seed,
            service_key,
            number: number as u32,
            end,
            alarm_names: scenario.alarms.iter().map(|alarm| alarm.name.clone()).collect(),
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
        let providers = CapacityProvider::FARGATE.len() + scenario.cluster.instance_groups.len();
        Self {
            tasks: TaskTable::new(scenario.cluster.availability_zones, scenario.cluster.instance_groups.len()),
            account: Account::new(&scenario.quotas),
            instances: Instances::new(scenario, from, grid, end),
            launches: bucket_of_service(&scenario.quotas, scenario.assumptions.scheduler_tick),
            spot: SpotCapacity::new(scenario, service, service_key),
            unhealthy: Vec::new(),
            deployments: Deployments::new(),
            watches: Watch::all(scenario, number),
            desired: CountOverTime::new(from, desired_count),
            running: CountOverTime::new(from, 0),
            healthy: CountOverTime::new(from, 0),
            billed: vec![CountOverTime::new(from, 0); providers],
            target,
            meters: vec![TaskMeter::new(grid, minimum); providers],
            pulled_bytes: HourMeter::new(grid),
            counts: ControlCounts::of(providers),
            tick_scheduled: false,
            rebalances: false,
            moving: Vec::new(),
            settings,
        }
    }

    /// Brings the desired count of tasks into being, healthy from `from` on; on instances as many as there is room for.
    pub fn start(&mut self, from: SimTime, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        let desired_count = self.desired.value();
        let counts = divide(&self.settings.service.strategy, desired_count);
        for (item, count) in self.settings.service.strategy.clone().iter().zip(counts) {
            for _ in 0..count {
                let Some(id) = self.launch_at_start(from, item.capacity_provider) else { break };
                self.deployments.launched(0);
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
        let running = self.tasks.all_active();
        if running < desired_count {
            self.request_tick(from, queue);
        }
        self.running = CountOverTime::new(from, running);
        self.healthy = CountOverTime::new(from, running);
        self.start_spot(from, queue);
        self.schedule_clock(from, queue);
        if self.target.as_ref().is_some_and(|target| target.next_forecast(from).is_some()) {
            self.push(queue, from, Phase::Clock, Event::Forecast);
        }
    }

    /// The capacity providers of the cluster.
    fn providers(&self) -> impl Iterator<Item = CapacityProvider> + Clone + use<> {
        CapacityProvider::all(self.billed.len() - CapacityProvider::FARGATE.len())
    }

    /// Forgets what was counted before the window.
    pub fn restart_statistics(&mut self, now: SimTime) {
        for count in [&mut self.desired, &mut self.running, &mut self.healthy] {
            count.restart(now);
        }
        for billed in &mut self.billed {
            billed.restart(now);
        }
        self.counts = ControlCounts::of(self.billed.len());
        self.restart_deployments(now);
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
        self.watch(now, datapoints, queue);
        let running = self.running_for_scaling();
        let Some(target) = &mut self.target else { return false };
        let before = self.desired.value();
        if !target.observe(now, datapoints, running, &mut self.desired) {
            return false;
        }
        self.request_tick(now, queue);
        self.desired.value() > before
    }

    /// Runs the scheduled actions of this time.
    fn run_scheduled(&mut self, now: SimTime, queue: &mut EventQueue<ServiceEvent>) {
        let running = self.running_for_scaling();
        let Some(target) = &mut self.target else { return };
        if target.run_scheduled(now, running, &mut self.desired) {
            self.request_tick(now, queue);
        }
        self.schedule_clock(now, queue);
    }

    /// Follows the forecasts as they are now.
    fn follow_forecasts(&mut self, now: SimTime, queue: &mut EventQueue<ServiceEvent>) {
        let running = self.running_for_scaling();
        let Some(target) = &mut self.target else { return };
        if target.follow_forecasts(now, running, &mut self.desired) {
            self.request_tick(now, queue);
        }
        self.schedule_forecast(now, queue);
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

    /// Something happens to the service that is the control plane's alone. Returns what must be asked of the data plane before
    /// it is done.
    pub fn handle(
        &mut self,
        now: SimTime,
        event: Event,
        queue: &mut EventQueue<ServiceEvent>,
        changes: &mut Vec<FleetChange>,
    ) -> Option<Question> {
        match event {
            // Both planes have a part in these.
            Event::WindowStart | Event::Happens { .. } => {}
            // These are no events of a service.
            Event::Instances(_) => {}
            Event::InstanceDrains { provider, instance } => self.instance_drains(now, (provider, instance), queue, changes),
            Event::InstanceEnds { provider, instance } => self.instance_ends(now, (provider, instance), queue, changes),
            Event::ScheduledActions => self.run_scheduled(now, queue),
            Event::Forecast => self.follow_forecasts(now, queue),
            Event::SchedulerTick => self.tick(now, queue, changes),
            Event::LaunchPauseEnds => self.request_tick(now, queue),
            Event::DeploymentTimer { number } => self.deployment_timer(now, number, queue, changes),
            Event::AlarmChanged { alarm, is_raised } => self.alarm_changed(now, (alarm, is_raised), queue, changes),
            Event::Spot(event) => self.spot_event(now, event, queue, changes),
            Event::Task { task, epoch, step } => return self.step(now, (task, epoch, step), queue, changes),
        }
        None
    }

    /// One tick: launches and stops what the desired count asks for.
    fn tick(&mut self, now: SimTime, queue: &mut EventQueue<ServiceEvent>, changes: &mut Vec<FleetChange>) {
        self.tick_scheduled = false;
        self.instances.forget_waiting(self.settings.number);
        if self.deployments.is_under_way() {
            self.tick_deployment(now, queue, changes);
            self.report_running(now);
            return;
        }
        let revision = self.deployments.primary();
        let wanted = divide(&self.settings.service.strategy, self.desired.value());
        for (index, wanted) in wanted.into_iter().enumerate() {
            let provider = self.settings.service.strategy[index].capacity_provider;
            let group = Group { provider, revision: None };
            self.stop_replaced(now, group, wanted, queue, changes);
            let missing = if self.deployments.may_launch(revision, now) { self.tasks_to_launch(now, group, wanted) } else { 0 };
            self.launch_within_limits(now, (provider, revision), missing, queue);
            for _ in wanted + self.moving(provider)..self.tasks_to_keep(now, group) {
                if let Some(task) = self.tasks.newest_in_fullest_zone(provider) {
                    self.stop(now, task, queue, changes);
                }
            }
            self.rebalance(now, provider, wanted, queue);
        }
        self.end_rebalancing();
        self.report_running(now);
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
        let running = self.running_for_scaling();
        if let Some(target) = &mut self.target {
            target.running_changed(now, running, self.desired.value());
        }
    }

    fn change_billed(&mut self, now: SimTime, provider: CapacityProvider, by: i32) {
        let billed = &mut self.billed[provider.index()];
        billed.set(now, billed.value().saturating_add_signed(by));
    }

    /// Bills what still runs at the end of the window.
    pub fn finish(&mut self) {
        self.finish_deployments();
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
