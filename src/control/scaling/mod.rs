//! Application Auto Scaling of one service: what its policies ask for together, and what comes of it.
//!
//! Any policy may scale out, and the largest capacity wins. Target tracking policies scale in only when
//! every one that may scale in is ready; a step policy's scale-in is not held back by them; again the
//! largest capacity wins. A scale-out cooldown lets only a larger capacity through, a scale-in cooldown
//! blocks scale-ins, and a scale-out ends it. Scale-in is off while a deployment is in progress. A forecast
//! never scales in, and no policy goes below it. Scheduled actions ignore cooldowns. (AWS: overviews of
//! target tracking, step, scheduled and predictive scaling; service auto scaling.)

pub mod activities;
pub mod cooldown;
pub mod decisions;
pub mod forecaster;
pub mod policy;
pub mod predictive;
pub mod scheduled;
pub mod step;
pub mod target_tracking;

use self::activities::ActivityLog;
use self::cooldown::Cooldown;
use self::decisions::Recorder;
use self::forecaster::Forecaster;
use self::policy::Capacity;
pub use self::policy::{Ask, AskedCapacity, Direction, Policy};
use self::predictive::Hours;
use self::scheduled::ScheduledActions;
use self::step::StepPolicy;
use self::target_tracking::Tracker;
use super::datapoints::Datapoints;
use crate::metrics::CountOverTime;
use crate::outcome::{Cause, ForecastAccuracy, NotScaledReason, Trigger, Verdict};
use crate::scenario::model::{self, Assumptions, Scaling, Suspended};
use crate::units::SimTime;

/// What a scalable target needs to know of its service and the run.
#[derive(Clone, Copy, Debug)]
pub struct TargetSetting<'a> {
    /// Whether CPU and memory are published every 20 seconds too.
    pub high_resolution_metrics: bool,
    /// What AWS does not document.
    pub assumptions: &'a Assumptions,
    /// When the run begins, the warm-up included.
    pub from: SimTime,
}

/// The scalable target of one service.
#[derive(Clone, Debug)]
pub struct ScalableTarget {
    min_capacity: u32,
    max_capacity: u32,
    suspended: Suspended,
    deployment_in_progress: bool,
    max_scale_in_fraction: f64,
    policies: Vec<Policy>,
    /// The reason that each policy was last refused for, while its alarm stays in ALARM.
    refusals: Vec<Option<&'static str>>,
    out_cooldown: Cooldown,
    in_cooldown: Cooldown,
    scheduled: ScheduledActions,
    asks: Vec<(usize, Ask)>,
    /// What has been decided.
    pub log: ActivityLog,
    /// Keeps decisions for those who ask why.
    pub recorder: Option<Recorder>,
}

impl ScalableTarget {
    /// A target whose alarms have no history at `from`; its bounds are those of the last scheduled actions
    /// before. `past_loads` holds for each policy the hourly loads before the run, oldest first.
    #[must_use]
    pub fn new(scaling: &Scaling, setting: TargetSetting, log: ActivityLog, past_loads: &[Vec<f64>]) -> Self {
        let TargetSetting { high_resolution_metrics, assumptions, from } = setting;
        let scheduled = ScheduledActions::new(&scaling.scheduled_actions, log.start());
        let bounds = (scaling.min_capacity, scaling.max_capacity);
        let (min_capacity, max_capacity) = if scaling.suspended.scheduled_scaling { bounds } else { scheduled.bounds_at(from, bounds) };
        let hours = Hours::of(log.start());
        let policy = |(index, policy): (usize, &model::Policy)| match policy {
            model::Policy::TargetTracking(config) => {
                Policy::Tracking(Box::new(Tracker::new(config.clone(), assumptions.target_tracking_metric_value)))
            }
            model::Policy::Step(config) => Policy::Step(Box::new(StepPolicy::new(config.clone(), high_resolution_metrics))),
            model::Policy::Predictive(config) => {
                let loads = past_loads.get(index).cloned().unwrap_or_default();
                Policy::Predictive(Box::new(Forecaster::new(config.clone(), hours, from, loads)))
            }
        };
        Self {
            min_capacity,
            // Actions that set one bound each may have left them crossed.
            max_capacity: max_capacity.max(min_capacity),
            suspended: scaling.suspended,
            deployment_in_progress: false,
            max_scale_in_fraction: assumptions.max_scale_in_fraction,
            policies: scaling.policies.iter().enumerate().map(policy).collect(),
            refusals: vec![None; scaling.policies.len()],
            out_cooldown: Cooldown::default(),
            in_cooldown: Cooldown::default(),
            scheduled,
            asks: Vec::new(),
            log,
            recorder: None,
        }
    }

    /// The smallest and the largest desired count, as they are now.
    #[must_use]
    pub const fn bounds(&self) -> (u32, u32) {
        (self.min_capacity, self.max_capacity)
    }

    /// Tells the target that a deployment began or ended.
    pub const fn deployment_changed(&mut self, in_progress: bool) {
        self.deployment_in_progress = in_progress;
    }

    /// Shows every policy the datapoints and changes `desired` if they agree on it. The base of every
    /// computation is the running count. Returns whether `desired` changed.
    pub fn observe(&mut self, now: SimTime, datapoints: &Datapoints, running: u32, desired: &mut CountOverTime) -> bool {
        let capacity = Capacity { running, desired: desired.value() };
        self.asks.clear();
        for (index, policy) in self.policies.iter_mut().enumerate() {
            let ask = policy.observe(now, datapoints, capacity);
            self.asks.extend(ask.map(|ask| (index, ask)));
            if !policy.is_in_alarm() {
                self.refusals[index] = None;
            }
        }
        if self.asks.is_empty() && self.recorder.is_none() {
            return false;
        }
        let recorded = self.log.len();
        let (winner, verdict) = self.decide(now, running, desired);
        if let Some(mut recorder) = self.recorder.take() {
            let is_recorded = self.log.len() > recorded;
            recorder.datapoint(now, self, (capacity.running, capacity.desired), desired.value(), (winner, verdict, is_recorded));
            self.recorder = Some(recorder);
        }
        capacity.desired != desired.value()
    }

    /// Carries out what the policies ask for. Returns the policy whose wish counted, and what came of it.
    // (Apart from `observe`, which most often decides nothing.)
    #[inline(never)]
    fn decide(&mut self, now: SimTime, running: u32, desired: &mut CountOverTime) -> (Option<usize>, Verdict) {
        if let Some((policy, capacity)) = self.largest_scale_out(now, running) {
            return (Some(policy), self.scale_out(now, policy, capacity, running, desired));
        }
        if !self.asks.iter().any(|(_, ask)| ask.direction == Direction::In) {
            return (None, Verdict::Nothing);
        }
        if let Some(policy) = self.wants_more(running, desired.value()) {
            return (None, Verdict::HeldBack(format!("policy {policy} wants more tasks")));
        }
        match self.largest_scale_in(running, desired.value()) {
            Some((policy, capacity)) => (Some(policy), self.scale_in(now, policy, capacity, desired)),
            None => (None, Verdict::HeldBack(format!("not every target tracking policy is ready to scale in: {}", self.unready()))),
        }
    }

    /// The largest capacity that a policy scales out to; the first of equals.
    fn largest_scale_out(&self, now: SimTime, running: u32) -> Option<(usize, u32)> {
        let base = self.out_cooldown.base(now, running);
        let out = self.asks.iter().filter(|(_, ask)| ask.direction == Direction::Out);
        largest(out.map(|(index, ask)| (*index, self.policies[*index].capacity(*ask, base))))
    }

    /// The largest capacity that a policy scales in to: step policies that ask for it, and the target tracking
    /// policies when one asks and all of them are ready.
    fn largest_scale_in(&self, running: u32, desired: u32) -> Option<(usize, u32)> {
        let all_ready = self.policies.iter().all(Policy::lets_scale_in);
        let asking = self.asks.iter().filter(|(_, ask)| ask.direction == Direction::In);
        let tracking_asks = asking.clone().any(|(index, _)| matches!(self.policies[*index], Policy::Tracking(_)));
        let steps = asking
            .filter(|(index, _)| matches!(self.policies[*index], Policy::Step(_)))
            .map(|(index, ask)| (*index, self.policies[*index].capacity(*ask, running)));
        let tracking = self.policies.iter().enumerate().filter(|_| tracking_asks && all_ready).filter_map(|(index, policy)| match policy {
            Policy::Tracking(tracker) => tracker.wish(running, desired).map(|ask| (index, policy.capacity(ask, running))),
            Policy::Step(_) | Policy::Predictive(_) => None,
        });
        largest(steps.chain(tracking))
    }

    /// A target tracking policy that wants more tasks, whether or not its alarm acts at this instant.
    fn wants_more(&self, running: u32, desired: u32) -> Option<&str> {
        let wants = |policy: &&Policy| match policy {
            Policy::Tracking(tracker) => tracker.wish(running, desired).is_some_and(|ask| ask.direction == Direction::Out),
            Policy::Step(_) | Policy::Predictive(_) => false,
        };
        self.policies.iter().find(wants).map(Policy::name)
    }

    /// The names of the policies that keep the others from scaling in.
    fn unready(&self) -> String {
        let unready = self.policies.iter().filter(|policy| !policy.lets_scale_in());
        unready.map(Policy::name).collect::<Vec<_>>().join(", ")
    }

    fn scale_out(&mut self, now: SimTime, policy: usize, wanted: u32, running: u32, desired: &mut CountOverTime) -> Verdict {
        if self.suspended.dynamic_scaling_out {
            return Verdict::HeldBack("dynamic scaling out is suspended".to_owned());
        }
        let current = desired.value();
        let capacity = wanted.clamp(self.min_capacity, self.max_capacity.max(self.min_capacity));
        if capacity <= current {
            if current >= self.max_capacity && wanted > current {
                return self.refuse(now, policy, Direction::Out, NotScaledReason::AlreadyAtMaxCapacity(self.max_capacity));
            }
            // While the cooldown runs, what it already added counts as present and nothing is attempted.
            if !self.out_cooldown.is_over(now) {
                return Verdict::HeldBack("the scale-out cooldown counts what was added as present".to_owned());
            }
            return self.refuse(now, policy, Direction::Out, NotScaledReason::AlreadyAtDesiredCapacity(current));
        }
        self.in_cooldown = Cooldown::default();
        let base = self.out_cooldown.base(now, running);
        self.out_cooldown.await_activity(now, self.policies[policy].cooldown(Direction::Out), base);
        self.set(now, policy, Direction::Out, capacity, desired);
        Verdict::ScaledOut
    }

    fn scale_in(&mut self, now: SimTime, policy: usize, wanted: u32, desired: &mut CountOverTime) -> Verdict {
        if self.suspended.dynamic_scaling_in {
            return Verdict::HeldBack("dynamic scaling in is suspended".to_owned());
        }
        if self.deployment_in_progress {
            return Verdict::HeldBack("scale-in is off while a deployment is in progress".to_owned());
        }
        if !self.in_cooldown.is_over(now) {
            return Verdict::HeldBack("the scale-in cooldown".to_owned());
        }
        let current = desired.value();
        if current <= self.min_capacity {
            return self.refuse(now, policy, Direction::In, NotScaledReason::AlreadyAtMinCapacity(self.min_capacity));
        }
        let most_removed = (f64::from(current) * self.max_scale_in_fraction).floor().max(1.0) as u32;
        let least = self.min_capacity.max(current.saturating_sub(most_removed)).max(self.forecast_floor(now));
        let capacity = wanted.max(least).min(self.max_capacity);
        if capacity >= current {
            if wanted < current && self.forecast_floor(now) >= current {
                return Verdict::HeldBack(format!("the forecast of this hour asks for {} tasks", self.forecast_floor(now)));
            }
            return self.refuse(now, policy, Direction::In, self.policies[policy].no_scale_in(current));
        }
        self.in_cooldown.await_activity(now, self.policies[policy].cooldown(Direction::In), current);
        self.out_cooldown.capacity_fell(capacity);
        self.set(now, policy, Direction::In, capacity, desired);
        Verdict::ScaledIn
    }

    fn set(&mut self, now: SimTime, policy: usize, direction: Direction, capacity: u32, desired: &mut CountOverTime) {
        self.log.scaled(now, policy, direction, desired.value(), capacity);
        self.refusals.fill(None);
        desired.set(now, capacity);
    }

    /// Notes an attempt that changed nothing: once, not again at every minute for the same reason.
    fn refuse(&mut self, now: SimTime, policy: usize, direction: Direction, reason: NotScaledReason) -> Verdict {
        if self.refusals[policy] != Some(reason.code()) {
            self.refusals[policy] = Some(reason.code());
            self.log.not_scaled(now, policy, direction, reason);
        }
        Verdict::NotScaled(reason.code())
    }

    /// The capacity that a service starts with, beside its desired count: what the forecasts of `from` ask for.
    pub fn first_forecast(&mut self, from: SimTime) -> u32 {
        for policy in &mut self.policies {
            if let Policy::Predictive(forecaster) = policy {
                forecaster.refresh(from);
                self.max_capacity = forecaster.effective_max(from, self.max_capacity);
            }
        }
        if self.suspended.dynamic_scaling_out { 0 } else { self.forecast_floor(from) }
    }

    /// When scheduled actions run next.
    #[must_use]
    pub fn next_scheduled(&self, now: SimTime) -> Option<SimTime> {
        self.scheduled.next_after(now).filter(|_| !self.suspended.scheduled_scaling)
    }

    /// Runs the scheduled actions of this time: each sets bounds, and moves `desired` into them if it lies
    /// outside. An action whose minimum would be above the maximum fails as a whole. Returns whether `desired`
    /// changed.
    pub fn run_scheduled(&mut self, now: SimTime, running: u32, desired: &mut CountOverTime) -> bool {
        let before = desired.value();
        let due: Vec<(String, Option<u32>, Option<u32>)> =
            self.scheduled.due(now).map(|action| (action.name.clone(), action.min_capacity, action.max_capacity)).collect();
        for (name, min_capacity, max_capacity) in due {
            let present = desired.value();
            let (min, max) = (min_capacity.unwrap_or(self.min_capacity), max_capacity.unwrap_or(self.max_capacity));
            let crossing = min > max;
            self.log.bounds_set(now, &name, min_capacity, max_capacity, crossing);
            let verdict = if crossing {
                Verdict::HeldBack(format!("min capacity {min} would be above max capacity {max}"))
            } else {
                if (min, max) != (self.min_capacity, self.max_capacity) {
                    (self.min_capacity, self.max_capacity) = (min, max);
                    self.refusals.fill(None);
                }
                self.move_into_bounds(now, desired)
            };
            self.explain_clock(now, Trigger::ScheduledAction(name), (running, present), desired.value(), verdict);
        }
        before != desired.value()
    }

    /// Takes note of a desired count that somebody else has set, inside of the bounds or not. Capacity moves into them when a
    /// policy acts next (AWS, step scaling: alarms that find the capacity outside of the range).
    pub fn desired_count_was_set(&mut self, capacity: u32) {
        self.refusals.fill(None);
        self.out_cooldown.capacity_fell(capacity);
    }

    fn move_into_bounds(&mut self, now: SimTime, desired: &mut CountOverTime) -> Verdict {
        let present = desired.value();
        let (cause, verdict) = if present < self.min_capacity {
            (Cause::MinimumSet(self.min_capacity), Verdict::ScaledOut)
        } else if present > self.max_capacity {
            (Cause::MaximumSet(self.max_capacity), Verdict::ScaledIn)
        } else {
            return Verdict::BoundsSet;
        };
        let capacity = present.clamp(self.min_capacity, self.max_capacity);
        self.log.scaled_by(now, cause, present, capacity);
        self.out_cooldown.capacity_fell(capacity);
        desired.set(now, capacity);
        verdict
    }

    /// When the capacity that forecasts ask for changes next; none without a forecast.
    #[must_use]
    pub fn next_forecast(&self, now: SimTime) -> Option<SimTime> {
        self.forecasters().map(|(_, forecaster)| forecaster.next_event(now)).min()
    }

    fn forecasters(&self) -> impl Iterator<Item = (usize, &Forecaster)> {
        self.policies.iter().enumerate().filter_map(|(index, policy)| match policy {
            Policy::Predictive(forecaster) => Some((index, &**forecaster)),
            Policy::Tracking(_) | Policy::Step(_) => None,
        })
    }

    /// The least capacity that forecasts ask for now.
    fn forecast_floor(&self, now: SimTime) -> u32 {
        self.forecasters().filter_map(|(_, forecaster)| forecaster.floor(now)).max().unwrap_or(0)
    }

    /// Renews the forecasts that are due and raises `desired` to what they ask for. Returns whether it rose.
    pub fn follow_forecasts(&mut self, now: SimTime, running: u32, desired: &mut CountOverTime) -> bool {
        for index in 0..self.policies.len() {
            if let Policy::Predictive(forecaster) = &mut self.policies[index] {
                forecaster.refresh(now);
                let max_capacity = forecaster.effective_max(now, self.max_capacity);
                self.raise_max(now, index, max_capacity, (running, desired.value()));
            }
        }
        let Some((policy, floor)) = largest(self.forecasters().filter_map(|(index, forecaster)| Some((index, forecaster.floor(now)?))))
        else {
            return false;
        };
        let present = desired.value();
        let capacity = floor.min(self.max_capacity);
        if capacity <= present || self.suspended.dynamic_scaling_out {
            return false;
        }
        self.set(now, policy, Direction::Out, capacity, desired);
        let trigger = Trigger::Forecast(self.policies[policy].name().to_owned());
        self.explain_clock(now, trigger, (running, present), capacity, Verdict::ScaledOut);
        true
    }

    /// A forecast that does not fit below the maximum may raise it; it is not lowered again.
    fn raise_max(&mut self, now: SimTime, policy: usize, max_capacity: u32, (running, desired): (u32, u32)) {
        if max_capacity > self.max_capacity && !self.suspended.dynamic_scaling_out {
            self.max_capacity = max_capacity;
            self.log.max_raised(now, policy, max_capacity);
            let trigger = Trigger::Forecast(self.policies[policy].name().to_owned());
            self.explain_clock(now, trigger, (running, desired), desired, Verdict::BoundsSet);
        }
    }

    /// How far the forecasts were off.
    #[must_use]
    pub fn forecast_accuracy(&self) -> Vec<ForecastAccuracy> {
        let accuracy = |forecaster: &Forecaster| {
            let error = forecaster.error()?;
            let policy = forecaster.config.name.clone();
            Some(ForecastAccuracy { policy, weighted_error_percent: error.weighted_percent, hours: error.hours })
        };
        self.forecasters().filter_map(|(_, forecaster)| accuracy(forecaster)).collect()
    }

    fn explain_clock(&mut self, now: SimTime, trigger: Trigger, before: (u32, u32), desired_after: u32, verdict: Verdict) {
        if let Some(mut recorder) = self.recorder.take() {
            recorder.clock(now, self, trigger, before, desired_after, verdict);
            self.recorder = Some(recorder);
        }
    }

    /// Tells the target how many tasks run: activities that wait for it succeed, and cooldowns begin.
    pub fn running_changed(&mut self, now: SimTime, running: u32, desired: u32) {
        self.log.running_changed(now, running);
        if running == desired {
            self.out_cooldown.begin(now);
            self.in_cooldown.begin(now);
        }
    }
}

/// The largest capacity; of equals the first.
fn largest(asked: impl Iterator<Item = (usize, u32)>) -> Option<(usize, u32)> {
    asked.reduce(|best, next| if next.1 > best.1 { next } else { best })
}

/// The mean of some values; none without any.
fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.fold((0_u32, 0.0), |(count, sum), value| (count + 1, sum + value));
    (count > 0).then(|| sum / f64::from(count))
}

#[cfg(test)]
mod tests;
