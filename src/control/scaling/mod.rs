//! Application Auto Scaling of one service: what its policies ask for together, and what comes of it.
//!
//! Any policy may scale out, and the largest capacity wins; all policies that scale in at all must be
//! ready before anything is removed, and then too the largest wins. A scale-out cooldown lets only a
//! larger capacity through; a scale-in cooldown blocks scale-ins and a scale-out ends it. Both begin when
//! the activity has succeeded. (AWS: target tracking overview; cooldowns are kept per target and
//! direction, which AWS leaves open.) An alarm that stays in ALARM acts at every datapoint.

pub mod activities;
pub mod target_tracking;

use activities::{ActivityLog, NotScaled};
use target_tracking::{Policy, Wish};

use crate::metrics::CountOverTime;
use crate::scenario::model::{Assumptions, MetricValue, Scaling, ScalingMetric};
use crate::units::{SimDuration, SimTime};

/// The scalable target of one service.
#[derive(Clone, Debug)]
pub struct ScalableTarget {
    min_capacity: u32,
    max_capacity: u32,
    scaling_out_suspended: bool,
    scaling_in_suspended: bool,
    metric_value: MetricValue,
    max_scale_in_fraction: f64,
    policies: Vec<Policy>,
    out_cooldown: Cooldown,
    in_cooldown: Cooldown,
    last_refusal: Option<(usize, &'static str)>,
    wishes: Vec<Wish>,
    /// What has been decided.
    pub log: ActivityLog,
}

/// The waiting time after an activity.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Cooldown {
    #[default]
    None,
    /// The activity is under way; the cooldown of this length follows.
    Awaits(SimDuration),
    /// Over at this time.
    Until(SimTime),
}

impl Cooldown {
    fn is_over(self, now: SimTime) -> bool {
        match self {
            Self::None => true,
            Self::Awaits(_) => false,
            Self::Until(end) => now >= end,
        }
    }

    fn begin(&mut self, now: SimTime) {
        if let Self::Awaits(length) = *self {
            *self = Self::Until(now + length);
        }
    }
}

/// One published datapoint of each metric.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Datapoints {
    /// CPU utilisation in percent.
    pub cpu: Option<f64>,
    /// Memory utilisation in percent.
    pub memory: Option<f64>,
    /// Requests per target and minute.
    pub requests_per_target: Option<f64>,
}

impl Datapoints {
    fn of(&self, metric: ScalingMetric) -> Option<f64> {
        match metric {
            ScalingMetric::CpuUtilization => self.cpu,
            ScalingMetric::MemoryUtilization => self.memory,
            ScalingMetric::AlbRequestCountPerTarget => self.requests_per_target,
        }
    }
}

/// What the policies ask for together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proposal {
    Nothing,
    Out { policy: usize, capacity: u32 },
    In { policy: usize, capacity: u32 },
}

impl ScalableTarget {
    /// A target whose alarms have no history.
    #[must_use]
    pub fn new(scaling: &Scaling, assumptions: &Assumptions, log: ActivityLog) -> Self {
        Self {
            min_capacity: scaling.min_capacity,
            max_capacity: scaling.max_capacity,
            scaling_out_suspended: scaling.dynamic_scaling_out_suspended,
            scaling_in_suspended: scaling.dynamic_scaling_in_suspended,
            metric_value: assumptions.target_tracking_metric_value,
            max_scale_in_fraction: assumptions.max_scale_in_fraction,
            policies: scaling.policies.iter().cloned().map(Policy::new).collect(),
            out_cooldown: Cooldown::None,
            in_cooldown: Cooldown::None,
            last_refusal: None,
            wishes: Vec::new(),
            log,
        }
    }

    /// The largest desired count.
    #[must_use]
    pub const fn max_capacity(&self) -> u32 {
        self.max_capacity
    }

    /// Shows every policy its next datapoint and changes `desired` if they agree on it. The base of every
    /// computation is the running count. Returns whether `desired` changed.
    pub fn observe(&mut self, now: SimTime, datapoints: &Datapoints, running: u32, desired: &mut CountOverTime) -> bool {
        self.wishes.clear();
        for policy in &mut self.policies {
            self.wishes.push(policy.observe(datapoints.of(policy.config.metric), running, self.metric_value));
        }
        match self.proposal() {
            Proposal::Nothing => {
                self.last_refusal = None;
                false
            }
            Proposal::Out { policy, capacity } => self.scale_out(now, policy, capacity, desired),
            Proposal::In { policy, capacity } => self.scale_in(now, policy, capacity, desired),
        }
    }

    fn proposal(&self) -> Proposal {
        let mut out: Option<(usize, u32)> = None;
        let mut inward: Option<(usize, u32)> = None;
        let mut all_ready = true;
        for (index, wish) in self.wishes.iter().enumerate() {
            match *wish {
                Wish::Out(capacity) if out.is_none_or(|(_, largest)| capacity > largest) => out = Some((index, capacity)),
                Wish::In(capacity) if inward.is_none_or(|(_, largest)| capacity > largest) => inward = Some((index, capacity)),
                Wish::Nothing => all_ready &= self.policies[index].config.disable_scale_in,
                Wish::Out(_) | Wish::In(_) => {}
            }
        }
        match (out, inward) {
            (Some((policy, capacity)), _) => Proposal::Out { policy, capacity },
            (None, Some((policy, capacity))) if all_ready => Proposal::In { policy, capacity },
            _ => Proposal::Nothing,
        }
    }

    fn scale_out(&mut self, now: SimTime, policy: usize, wanted: u32, desired: &mut CountOverTime) -> bool {
        if self.scaling_out_suspended {
            return false;
        }
        let current = desired.value();
        let capacity = wanted.min(self.max_capacity);
        if capacity <= current {
            // While the cooldown runs, what it already added counts as present and nothing is attempted.
            if self.out_cooldown.is_over(now) || wanted > self.max_capacity {
                let reason = if current >= self.max_capacity { NotScaled::AtMax(self.max_capacity) } else { NotScaled::AtDesired(current) };
                self.refuse(now, policy, "High", reason);
            }
            return false;
        }
        self.in_cooldown = Cooldown::None;
        self.out_cooldown = Cooldown::Awaits(self.policies[policy].config.scale_out_cooldown);
        self.set(now, policy, "High", capacity, desired);
        true
    }

    fn scale_in(&mut self, now: SimTime, policy: usize, wanted: u32, desired: &mut CountOverTime) -> bool {
        if self.scaling_in_suspended || !self.in_cooldown.is_over(now) {
            return false;
        }
        let current = desired.value();
        let most_removed = (f64::from(current) * self.max_scale_in_fraction).floor().max(1.0) as u32;
        let capacity = wanted.max(self.min_capacity).max(current.saturating_sub(most_removed));
        if capacity >= current {
            let reason =
                if current <= self.min_capacity { NotScaled::AtMin(self.min_capacity) } else { NotScaled::AnticipatedFlapping(current) };
            self.refuse(now, policy, "Low", reason);
            return false;
        }
        self.in_cooldown = Cooldown::Awaits(self.policies[policy].config.scale_in_cooldown);
        self.set(now, policy, "Low", capacity, desired);
        true
    }

    fn set(&mut self, now: SimTime, policy: usize, alarm: &str, capacity: u32, desired: &mut CountOverTime) {
        let name = &self.policies[policy].config.name;
        self.log.scaled(now, (policy, name), alarm, desired.value(), capacity);
        self.last_refusal = None;
        desired.set(now, capacity);
    }

    /// Notes an attempt that changed nothing: once, not again at every minute for the same reason.
    fn refuse(&mut self, now: SimTime, policy: usize, alarm: &str, reason: NotScaled) {
        if self.last_refusal == Some((policy, reason.code())) {
            return;
        }
        self.last_refusal = Some((policy, reason.code()));
        let name = &self.policies[policy].config.name;
        self.log.not_scaled(now, (policy, name), alarm, reason);
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

#[cfg(test)]
mod tests;
