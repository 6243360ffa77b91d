//! The record of scaling activities.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rand::Rng;

use super::Direction;
use crate::outcome::{ActivityStatus, Attempt, Cause, NotScaledReason, ScalingActivity, ScalingSummary, uuid};
use crate::random::{Stream, generator};
use crate::scenario::model::Policy;
use crate::units::SimTime;

/// What identifies the target of a log.
#[derive(Clone, Copy, Debug)]
pub struct TargetName<'a> {
    /// The cluster.
    pub cluster: &'a str,
    /// The service.
    pub service: &'a str,
    /// The seed of the run.
    pub seed: u64,
    /// Keys the random draws of this service.
    pub service_key: u64,
}

/// An activity whose target is not yet met.
#[derive(Clone, Copy, Debug)]
struct Open {
    index: usize,
    scales_out: bool,
    capacity: u32,
}

/// The causes that a policy's alarms give, put together once.
#[derive(Clone, Debug)]
struct Causes {
    out: Cause,
    inward: Cause,
}

/// Activities, oldest first, and what they add up to.
#[derive(Clone, Debug)]
pub struct ActivityLog {
    start: Timestamp,
    seed: u64,
    service_key: u64,
    /// The scalable target: `service/<cluster>/<service>`.
    pub resource_id: String,
    identifiers: u64,
    causes: Vec<Causes>,
    activities: Vec<ScalingActivity>,
    open: Vec<Open>,
    last_scaled_out: Option<bool>,
    reversals: u64,
    summary: ScalingSummary,
}

impl ActivityLog {
    /// An empty log of one service with these policies; simulated time 0 is `start`.
    #[must_use]
    pub fn new(start: Timestamp, target: TargetName, policies: &[Policy]) -> Self {
        let mut log = Self {
            start,
            seed: target.seed,
            service_key: target.service_key,
            resource_id: format!("service/{}/{}", target.cluster, target.service),
            identifiers: 0,
            causes: Vec::new(),
            activities: Vec::new(),
            open: Vec::new(),
            last_scaled_out: None,
            reversals: 0,
            summary: ScalingSummary::default(),
        };
        log.causes = (0..).zip(policies).map(|(index, policy)| log.causes_of(index, policy)).collect();
        log
    }

    /// Application Auto Scaling names the alarms that it creates for target tracking; the alarm of a step policy is the
    /// customer's, and here has the policy's name.
    fn causes_of(&self, index: u64, policy: &Policy) -> Causes {
        let cause = |alarm: &str| Cause::Alarm { alarm: Arc::from(alarm), policy: Arc::from(policy.name()) };
        // Alarm identifiers are fixed, so they are numbered from the top of the range.
        let tracking = |side: &str, low: u64| {
            let id = uuid(self.identifier(u64::MAX - 2 * index - low));
            cause(&format!("TargetTracking-{}-Alarm{side}-{id}", self.resource_id))
        };
        match policy {
            Policy::TargetTracking(_) => Causes { out: tracking("High", 0), inward: tracking("Low", 1) },
            Policy::Step(step) => Causes { out: cause(&step.name), inward: cause(&step.name) },
            Policy::Predictive(forecast) => {
                let cause = Cause::Forecast(Arc::from(forecast.name.as_str()));
                Causes { out: cause.clone(), inward: cause }
            }
        }
    }

    /// The number of activities since the last restart.
    #[must_use]
    pub fn len(&self) -> usize {
        self.activities.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.activities.is_empty()
    }

    /// The wall-clock time of simulated time 0.
    #[must_use]
    pub const fn start(&self) -> Timestamp {
        self.start
    }

    /// The name of the alarm by which a policy asks for this direction; none for a forecast.
    #[must_use]
    pub fn alarm_name(&self, policy: usize, direction: Direction) -> Option<&str> {
        match self.cause(policy, direction) {
            Cause::Alarm { alarm, .. } => Some(alarm),
            _ => None,
        }
    }

    fn cause(&self, policy: usize, direction: Direction) -> &Cause {
        match direction {
            Direction::Out => &self.causes[policy].out,
            Direction::In => &self.causes[policy].inward,
        }
    }

    /// Forgets what is recorded; activities under way are forgotten with it.
    pub fn restart(&mut self) {
        self.activities.clear();
        self.open.clear();
        self.reversals = 0;
        self.summary = ScalingSummary::default();
    }

    /// Records a change of the desired count by a policy.
    pub fn scaled(&mut self, now: SimTime, policy: usize, direction: Direction, from: u32, to: u32) {
        let cause = self.cause(policy, direction).clone();
        self.scaled_by(now, cause, from, to);
    }

    /// Records a change of the desired count for any cause.
    pub fn scaled_by(&mut self, now: SimTime, cause: Cause, from: u32, to: u32) {
        let scales_out = to > from;
        if scales_out {
            self.summary.scale_out += 1;
        } else {
            self.summary.scale_in += 1;
        }
        if self.last_scaled_out.is_some_and(|last| last != scales_out) {
            self.reversals += 1;
        }
        self.last_scaled_out = Some(scales_out);
        self.override_open(now, scales_out);
        self.open.push(Open { index: self.activities.len(), scales_out, capacity: to });
        self.record(now, cause, Attempt::DesiredCount(to), ActivityStatus::InProgress);
    }

    /// Records that a scheduled action set bounds, which is done at once, or could not set them.
    pub fn bounds_set(&mut self, now: SimTime, action: &str, min_capacity: Option<u32>, max_capacity: Option<u32>, failed: bool) {
        let attempt = Attempt::Bounds { min_capacity, max_capacity };
        let status = if failed { ActivityStatus::Failed } else { ActivityStatus::Successful };
        self.record(now, Cause::ScheduledAction(Arc::from(action)), attempt, status);
    }

    /// Records that a forecast raised the maximum.
    pub fn max_raised(&mut self, now: SimTime, policy: usize, max_capacity: u32) {
        let attempt = Attempt::Bounds { min_capacity: None, max_capacity: Some(max_capacity) };
        let cause = self.cause(policy, Direction::Out).clone();
        self.record(now, cause, attempt, ActivityStatus::Successful);
    }

    /// Records an attempt that changed nothing.
    pub fn not_scaled(&mut self, now: SimTime, policy: usize, direction: Direction, reason: NotScaledReason) {
        match self.summary.not_scaled.iter_mut().find(|(code, _)| *code == reason.code()) {
            Some((_, count)) => *count += 1,
            None => self.summary.not_scaled.push((reason.code(), 1)),
        }
        let cause = self.cause(policy, direction).clone();
        self.record(now, cause, Attempt::Nothing(reason), ActivityStatus::Failed);
    }

    fn record(&mut self, now: SimTime, cause: Cause, attempt: Attempt, status: ActivityStatus) {
        self.identifiers += 1;
        let start_time = at(self.start, now);
        let end_time = (status == ActivityStatus::Successful).then_some(start_time);
        let id = self.identifier(self.identifiers);
        self.activities.push(ScalingActivity { id, start_time, end_time, cause, attempt, status });
    }

    /// A number of 128 bits from the seed.
    fn identifier(&self, index: u64) -> u128 {
        let mut random = generator(self.seed, Stream::Identifier, self.service_key, index);
        let (high, low) = (random.next_u64(), random.next_u64());
        u128::from(high) << 64 | u128::from(low)
    }

    /// Activities in the other direction that were still under way end without having been fulfilled.
    fn override_open(&mut self, now: SimTime, scales_out: bool) {
        self.close(now, ActivityStatus::Overridden, |open| open.scales_out != scales_out);
    }

    /// Ends the activities whose capacity now runs.
    pub fn running_changed(&mut self, now: SimTime, running: u32) {
        let is_met = |open: &Open| if open.scales_out { running >= open.capacity } else { running <= open.capacity };
        self.close(now, ActivityStatus::Successful, is_met);
    }

    fn close(&mut self, now: SimTime, status: ActivityStatus, ends: impl Fn(&Open) -> bool) {
        let (start, activities) = (self.start, &mut self.activities);
        self.open.retain(|open| {
            let ends = ends(open);
            if ends {
                activities[open.index].status = status;
                activities[open.index].end_time = Some(at(start, now));
            }
            !ends
        });
    }

    /// The activities and their summary over `hours`.
    #[must_use]
    pub fn finish(self, hours: f64) -> (Vec<ScalingActivity>, ScalingSummary) {
        let mut summary = self.summary;
        summary.not_scaled.sort_unstable();
        summary.reversals_per_hour = if hours > 0.0 { self.reversals as f64 / hours } else { 0.0 };
        (self.activities, summary)
    }
}

/// The wall-clock time of a simulated instant, `start` being that of time 0.
#[must_use]
pub fn at(start: Timestamp, time: SimTime) -> Timestamp {
    let offset = SignedDuration::from_nanos((time - SimTime::START).as_nanos());
    start.saturating_add(offset).unwrap_or(Timestamp::MAX)
}
