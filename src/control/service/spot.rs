//! How Fargate Spot takes capacity back, and when it has none.
//!
//! Interruptions have two causes. A task has a clock of its own, and its zone has one for all Spot tasks in it, those
//! of other services too. `correlation` c divides the hazard h of a task between them: c h to the zone, (1 - c) h to
//! its own clock. Both are Poisson for a task that is there, so it is interrupted at the rate h whatever c is, and
//! only how many fall together depends on it. With a `hazard_shape` k other than 1 the task's own clock depends on its
//! age: its cumulative hazard at age a is (1 - c) H (a / period)^k, H being that of a whole period, so the chance
//! to be interrupted within a period stays the same (Weibull). A zone does not know how old its tasks are.
//!
//! Shortages come and go: a span with capacity, exponential, then one of `duration` without. From the beginning of one
//! to that of the next it is `mean_time_between` on average, so Spot is short for duration / mean_time_between of
//! the time in the long run. A run begins with capacity. While Spot is short it launches nothing and what runs there runs
//! on; nothing falls back to on-demand (AWS, fargate-capacity-providers).
//!
//! Zones fall and shortages come for a whole region: their draws carry no service, so every service of a run sees the
//! same.
//!
//! Left out: a bond between shortages and interruptions, and zones that are short alone.

use super::{ServiceControl, ServiceEvent};
use crate::control::{Event, Phase, TaskStep};
use crate::events::EventQueue;
use crate::fleet::{FleetChange, TaskId};
use crate::math::{ln, pow};
use crate::random::{Stream, uniform};
use crate::scenario::model::{CapacityProvider, Scenario, Service, Shortage, Spot};
use crate::units::{SimDuration, SimTime};

/// What happens to Spot capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpotEvent {
    /// A zone takes all of it back.
    ZoneFalls {
        /// The zone, from 0.
        zone: u8,
    },
    /// There is none from now on.
    ShortageBegins,
    /// There may be some again.
    ShortageEnds,
}

/// In place of a service: the draws of a region.
const REGION: u64 = 0;
/// Numbers of draws below that of a zone.
const DRAW_BITS: u32 = 48;

/// Spot capacity as one service meets it.
#[derive(Clone, Debug)]
pub(super) struct SpotCapacity {
    spot: Spot,
    seed: u64,
    service_key: u64,
    /// None: the service has no tasks on Spot.
    zones: Option<u8>,
    own_hazard_per_second: f64,
    zone_hazard_per_second: f64,
    /// How often each zone has fallen, how many shortages there were, how often some of several tasks were drawn.
    falls: Vec<u64>,
    shortages: u64,
    choices: u64,
    short_until: SimTime,
}

impl SpotCapacity {
    pub(super) fn new(scenario: &Scenario, service: &Service, service_key: u64) -> Self {
        let spot = scenario.spot;
        let hazard_per_second = hazard_per_second(&spot);
        let is_used = service.strategy.iter().any(|item| item.capacity_provider == CapacityProvider::FargateSpot);
        let zones = scenario.cluster.availability_zones;
        Self {
            spot,
            seed: scenario.simulation.seed,
            service_key,
            zones: is_used.then(|| u8::try_from(zones).unwrap_or(u8::MAX)),
            own_hazard_per_second: hazard_per_second * (1.0 - spot.correlation),
            zone_hazard_per_second: hazard_per_second * spot.correlation,
            falls: vec![0; zones as usize],
            shortages: 0,
            choices: 0,
            short_until: SimTime::from_nanos(i64::MIN),
        }
    }

    /// Whether Spot launches nothing.
    pub(super) fn is_short(&self, now: SimTime) -> bool {
        now < self.short_until
    }

    /// The age at which a task's own clock ends it; none: never.
    fn lifetime(&self, task: TaskId) -> Option<SimDuration> {
        if self.own_hazard_per_second <= 0.0 {
            return None;
        }
        let uniform = uniform(self.seed, Stream::SpotInterruption, self.service_key, u64::from(task.0));
        let seconds = -ln(uniform) / self.own_hazard_per_second;
        if self.spot.hazard_shape == 1.0 {
            return Some(SimDuration::from_seconds_f64(seconds));
        }
        let period_seconds = self.spot.interruption_period.as_seconds_f64();
        Some(SimDuration::from_seconds_f64(period_seconds * pow(seconds / period_seconds, 1.0 / self.spot.hazard_shape)))
    }

    /// From one fall of a zone to the next; none: it never falls.
    fn time_to_fall(&mut self, zone: u8) -> Option<SimDuration> {
        if self.zone_hazard_per_second <= 0.0 {
            return None;
        }
        let fall = &mut self.falls[usize::from(zone)];
        let uniform = uniform(self.seed, Stream::SpotZone, REGION, u64::from(zone) << DRAW_BITS | *fall);
        *fall += 1;
        Some(SimDuration::from_seconds_f64(-ln(uniform) / self.zone_hazard_per_second))
    }

    /// How long there is capacity until the next shortage; none: there is none.
    fn time_to_shortage(&mut self) -> Option<SimDuration> {
        let Shortage { mean_time_between, duration } = self.spot.shortage?;
        let mean_seconds = (mean_time_between - duration).as_seconds_f64();
        let uniform = uniform(self.seed, Stream::SpotShortage, REGION, self.shortages);
        self.shortages += 1;
        Some(SimDuration::from_seconds_f64(-ln(uniform) * mean_seconds))
    }

    /// So many of the tasks, any of them equally likely, in the order of their numbers.
    fn choose(&mut self, mut tasks: Vec<TaskId>, count: usize) -> Vec<TaskId> {
        if count == 0 {
            return Vec::new();
        }
        // Only a choice that is drawn uses up a number.
        if count < tasks.len() {
            let (seed, key, choice) = (self.seed, self.service_key, self.choices);
            self.choices += 1;
            let place = |task: &TaskId| uniform(seed, Stream::SpotChoice, key, choice << 32 | u64::from(task.0));
            tasks.sort_by(|left, right| place(left).total_cmp(&place(right)).then(left.cmp(right)));
            tasks.truncate(count);
            tasks.sort_unstable();
        }
        tasks
    }
}

/// The rate at which a Spot task is interrupted: a chance p within a period is the hazard
/// -ln(1 - p) / period.
fn hazard_per_second(spot: &Spot) -> f64 {
    -ln(1.0 - spot.interruption_rate) / spot.interruption_period.as_seconds_f64()
}

impl ServiceControl {
    /// Begins the processes that take Spot capacity away.
    pub(super) fn start_spot(&mut self, from: SimTime, queue: &mut EventQueue<ServiceEvent>) {
        let Some(zones) = self.spot.zones else { return };
        for zone in 0..zones {
            self.schedule_fall(from, zone, queue);
        }
        self.schedule_shortage(from, queue);
    }

    fn schedule_fall(&mut self, now: SimTime, zone: u8, queue: &mut EventQueue<ServiceEvent>) {
        if let Some(span) = self.spot.time_to_fall(zone) {
            self.push(queue, now + span, Phase::Interruption, Event::Spot(SpotEvent::ZoneFalls { zone }));
        }
    }

    fn schedule_shortage(&mut self, capacity_from: SimTime, queue: &mut EventQueue<ServiceEvent>) {
        if let Some(span) = self.spot.time_to_shortage() {
            self.push(queue, capacity_from + span, Phase::Interruption, Event::Spot(SpotEvent::ShortageBegins));
        }
    }

    /// Plans the end of a Spot task by its own clock.
    pub(super) fn schedule_interruption(&self, launched: SimTime, task: TaskId, queue: &mut EventQueue<ServiceEvent>) {
        if self.tasks.get(task).capacity_provider != CapacityProvider::FargateSpot {
            return;
        }
        if let Some(lifetime) = self.spot.lifetime(task) {
            self.push_step(queue, launched + lifetime, task, TaskStep::SpotWarning);
        }
    }

    /// Something happens to Spot capacity.
    pub(super) fn spot_event(
        &mut self,
        now: SimTime,
        event: SpotEvent,
        queue: &mut EventQueue<ServiceEvent>,
        changes: &mut Vec<FleetChange>,
    ) {
        match event {
            SpotEvent::ZoneFalls { zone } => {
                self.interrupt_spot(now, 1.0, Some(zone), queue, changes);
                self.schedule_fall(now, zone, queue);
            }
            SpotEvent::ShortageBegins => {
                let duration = self.spot.spot.shortage.map_or(SimDuration::ZERO, |shortage| shortage.duration);
                self.spot_shortage(now, now + duration, queue);
                self.schedule_shortage(now + duration, queue);
            }
            // Another shortage may have begun that lasts longer.
            SpotEvent::ShortageEnds if self.spot.is_short(now) => {}
            SpotEvent::ShortageEnds => self.request_tick(now, queue),
        }
    }

    /// Interrupts a share (0 to 1, rounded to whole tasks) of the service's Spot tasks, in one zone (from 0) or in all:
    /// each gets its two minutes of warning and is replaced on Spot.
    pub fn interrupt_spot(
        &mut self,
        now: SimTime,
        share: f64,
        zone: Option<u8>,
        queue: &mut EventQueue<ServiceEvent>,
        changes: &mut Vec<FleetChange>,
    ) {
        self.tasks.forget_inactive();
        let tasks = self.tasks.active_tasks(CapacityProvider::FargateSpot, zone);
        let count = (tasks.len() as f64 * share).round() as usize;
        for task in self.spot.choose(tasks, count) {
            self.spot_warning(now, task, queue, changes);
        }
    }

    /// Spot launches nothing until a time, at least: tasks that run there run on, and nothing falls back to on-demand.
    pub fn spot_shortage(&mut self, now: SimTime, until: SimTime, queue: &mut EventQueue<ServiceEvent>) {
        if until > now && until > self.spot.short_until {
            self.spot.short_until = until;
            self.push(queue, until, Phase::Interruption, Event::Spot(SpotEvent::ShortageEnds));
        }
    }
}
