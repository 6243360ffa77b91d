//! One policy of a target: what it has seen, and what it asks for.

use super::forecaster::Forecaster;
use super::step::StepPolicy;
use super::target_tracking::Tracker;
use crate::control::alarms::AlarmState;
use crate::control::datapoints::{Datapoints, MINUTE};
use crate::outcome::NotScaledReason;
use crate::units::{SimDuration, SimTime};

/// A change that a policy asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ask {
    /// More or fewer tasks.
    pub direction: Direction,
    /// How many.
    pub capacity: AskedCapacity,
    /// The metric's value that it rests on.
    pub metric_value: f64,
}

/// More or fewer tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More.
    Out,
    /// Fewer.
    In,
}

/// The size of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedCapacity {
    /// This many tasks in all.
    Tasks(u32),
    /// The adjustment of a step, relative to what is there.
    Step(i64),
}

/// One policy with what it has seen.
#[derive(Clone, Debug)]
pub enum Policy {
    /// Target tracking.
    Tracking(Box<Tracker>),
    /// Step scaling.
    Step(Box<StepPolicy>),
    /// Predictive scaling.
    Predictive(Box<Forecaster>),
}

/// Tasks as the decision finds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Capacity {
    pub(super) running: u32,
    pub(super) desired: u32,
}

impl Policy {
    /// The policy's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Tracking(tracker) => &tracker.config.name,
            Self::Step(step) => &step.config.name,
            Self::Predictive(forecaster) => &forecaster.config.name,
        }
    }

    pub(super) fn observe(&mut self, now: SimTime, datapoints: &Datapoints, capacity: Capacity) -> Option<Ask> {
        match self {
            Self::Tracking(tracker) => {
                if !tracker.reads(datapoints) {
                    return None;
                }
                tracker.observe(now, datapoints);
                tracker.ask(now, capacity.running, capacity.desired)
            }
            Self::Step(step) => {
                step.observe(now, datapoints);
                step.ask(now, capacity.running)
            }
            Self::Predictive(forecaster) => {
                if datapoints.span == MINUTE {
                    forecaster.observe(datapoints);
                }
                None
            }
        }
    }

    pub(super) fn is_in_alarm(&self) -> bool {
        match self {
            Self::Tracking(tracker) => tracker.high.state() == AlarmState::Alarm || tracker.low.state() == AlarmState::Alarm,
            Self::Step(step) => step.alarm.state() == AlarmState::Alarm,
            Self::Predictive(_) => false,
        }
    }

    /// Whether the policy does not keep target tracking policies from scaling in.
    pub(super) fn lets_scale_in(&self) -> bool {
        match self {
            Self::Tracking(tracker) => tracker.config.disable_scale_in || tracker.is_ready_to_scale_in(),
            Self::Step(_) | Self::Predictive(_) => true,
        }
    }

    /// The capacity that an ask comes to, from this base.
    pub(super) fn capacity(&self, ask: Ask, base: u32) -> u32 {
        match (ask.capacity, self) {
            (AskedCapacity::Tasks(tasks), _) => tasks,
            (AskedCapacity::Step(adjustment), Self::Step(step)) => step.capacity(base, adjustment),
            (AskedCapacity::Step(_), Self::Tracking(_) | Self::Predictive(_)) => base,
        }
    }

    /// The cooldown after this policy acted.
    pub(super) fn cooldown(&self, direction: Direction) -> SimDuration {
        match (self, direction) {
            (Self::Tracking(tracker), Direction::Out) => tracker.config.scale_out_cooldown,
            (Self::Tracking(tracker), Direction::In) => tracker.config.scale_in_cooldown,
            (Self::Step(step), _) => step.config.cooldown,
            (Self::Predictive(_), _) => SimDuration::ZERO,
        }
    }

    /// Why a scale-in above the minimum came to nothing: target tracking expects to have to scale out again.
    pub(super) fn no_scale_in(&self, current: u32) -> NotScaledReason {
        match self {
            Self::Tracking(_) => NotScaledReason::AutoScalingAnticipatedFlapping(current),
            Self::Step(_) | Self::Predictive(_) => NotScaledReason::AlreadyAtDesiredCapacity(current),
        }
    }
}
