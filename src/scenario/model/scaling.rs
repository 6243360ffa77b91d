//! Application Auto Scaling as the simulator sees it: bounds, policies, their alarms, scheduled actions.

use jiff::tz::TimeZone;

use super::{Metric, MetricSource, Moment, Series, Statistic};
use crate::calendar::Schedule;
use crate::units::SimDuration;

/// AlarmLow of a target tracking policy stands at this fraction of its target. AWS says only that it is usually more
/// than a tenth lower; alarms exported from real ECS services have 63 for a target of 70 and 72 for 80.
pub const ALARM_LOW_FRACTION: f64 = 0.9;

/// Application Auto Scaling of one service.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    /// The smallest desired count.
    pub min_capacity: u32,
    /// The largest desired count.
    pub max_capacity: u32,
    /// What is suspended.
    pub suspended: Suspended,
    /// The policies, in the order of the file.
    pub policies: Vec<Policy>,
    /// Changes of the bounds by the clock, in the order of the file.
    pub scheduled_actions: Vec<ScheduledAction>,
}

/// Parts of scaling that do not act.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Suspended {
    /// Whether policies may not scale in.
    pub dynamic_scaling_in: bool,
    /// Whether policies may not scale out.
    pub dynamic_scaling_out: bool,
    /// Whether scheduled actions do not run.
    pub scheduled_scaling: bool,
}

/// A scaling policy.
#[derive(Clone, Debug, PartialEq)]
pub enum Policy {
    /// Keeps a metric at a value.
    TargetTracking(TargetTracking),
    /// Steps by how far an alarm is breached.
    Step(StepScaling),
    /// Forecasts from history.
    Predictive(Forecast),
}

impl Policy {
    /// The policy's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::TargetTracking(policy) => &policy.name,
            Self::Step(policy) => &policy.name,
            Self::Predictive(policy) => &policy.name,
        }
    }

    /// The policy as target tracking, if it is.
    #[must_use]
    pub const fn target_tracking(&self) -> Option<&TargetTracking> {
        match self {
            Self::TargetTracking(policy) => Some(policy),
            Self::Step(_) | Self::Predictive(_) => None,
        }
    }
}

/// A target tracking policy.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetTracking {
    /// The policy's name.
    pub name: String,
    /// What it follows.
    pub metric: TrackedMetric,
    /// The value it steers towards: percent, requests per target and minute, or the metric's own unit.
    pub target_value: f64,
    /// Cooldown after a scale-out.
    pub scale_out_cooldown: SimDuration,
    /// Cooldown after a scale-in.
    pub scale_in_cooldown: SimDuration,
    /// Whether it never removes capacity.
    pub disable_scale_in: bool,
}

/// What a target tracking policy follows.
#[derive(Clone, Debug, PartialEq)]
pub enum TrackedMetric {
    /// CPU utilisation in percent.
    CpuUtilization {
        /// Whether by datapoints of 20 seconds instead of a minute.
        high_resolution: bool,
    },
    /// Memory utilisation in percent.
    MemoryUtilization {
        /// Whether by datapoints of 20 seconds instead of a minute.
        high_resolution: bool,
    },
    /// Requests per target and minute.
    AlbRequestCountPerTarget,
    /// A metric of the customer's own choice.
    Customized(MetricSource),
}

impl TrackedMetric {
    /// CPU utilisation by the minute.
    pub const CPU: Self = Self::CpuUtilization { high_resolution: false };
    /// Memory utilisation by the minute.
    pub const MEMORY: Self = Self::MemoryUtilization { high_resolution: false };

    /// Whether it reads datapoints of 20 seconds.
    #[must_use]
    pub const fn is_high_resolution(&self) -> bool {
        matches!(self, Self::CpuUtilization { high_resolution: true } | Self::MemoryUtilization { high_resolution: true })
    }

    /// Where its datapoints come from.
    #[must_use]
    pub fn source(&self) -> MetricSource {
        let one = |metric, statistic| MetricSource::One(Series { metric, statistic });
        match self {
            Self::CpuUtilization { .. } => one(Metric::CpuUtilization, Statistic::Average),
            Self::MemoryUtilization { .. } => one(Metric::MemoryUtilization, Statistic::Average),
            Self::AlbRequestCountPerTarget => one(Metric::RequestCountPerTarget, Statistic::Sum),
            Self::Customized(source) => source.clone(),
        }
    }
}

/// A step scaling policy with the alarm that invokes it.
#[derive(Clone, Debug, PartialEq)]
pub struct StepScaling {
    /// The policy's name.
    pub name: String,
    /// The metric of its alarm.
    pub series: Series,
    /// Its alarm.
    pub alarm: AlarmRule,
    /// What the number of a step means.
    pub adjustment: Adjustment,
    /// How the newest datapoints become one value: Average, Minimum or Maximum.
    pub aggregation: Statistic,
    /// The least change in tasks of an adjustment by percent; 0: no least.
    pub min_adjustment_magnitude: u32,
    /// Cooldown after a change.
    pub cooldown: SimDuration,
    /// The steps, ascending and without gap.
    pub steps: Vec<Step>,
}

/// What the number of a step means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adjustment {
    /// Tasks more or fewer.
    ChangeInCapacity,
    /// Percent more or fewer.
    PercentChangeInCapacity,
    /// The number of tasks.
    ExactCapacity,
}

/// One step, between two bounds relative to the alarm's threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The lower bound; none: minus infinity.
    pub lower: Option<f64>,
    /// The upper bound; none: infinity.
    pub upper: Option<f64>,
    /// Tasks or percent.
    pub adjustment: i64,
}

/// How an alarm is evaluated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AlarmRule {
    /// How a datapoint breaches.
    pub breach: Breach,
    /// What the metric is compared with.
    pub threshold: f64,
    /// The span of a datapoint: 10, 20, 30 seconds or whole minutes.
    pub period: SimDuration,
    /// Datapoints that are looked at.
    pub evaluation_periods: u32,
    /// Datapoints among them that must breach.
    pub datapoints_to_alarm: u32,
    /// What missing datapoints do.
    pub treat_missing_data: TreatMissingData,
}

/// How a datapoint breaches a threshold: CloudWatch's comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breach {
    /// Above it.
    GreaterThanThreshold,
    /// Above or at it.
    GreaterThanOrEqualToThreshold,
    /// Below it.
    LessThanThreshold,
    /// Below or at it.
    LessThanOrEqualToThreshold,
}

impl Breach {
    /// Whether a value breaches.
    #[must_use]
    pub fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::GreaterThanThreshold => value > threshold,
            Self::GreaterThanOrEqualToThreshold => value >= threshold,
            Self::LessThanThreshold => value < threshold,
            Self::LessThanOrEqualToThreshold => value <= threshold,
        }
    }

    /// Whether larger values breach.
    #[must_use]
    pub const fn is_upward(self) -> bool {
        matches!(self, Self::GreaterThanThreshold | Self::GreaterThanOrEqualToThreshold)
    }

    /// The sign that people write.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::GreaterThanThreshold => ">",
            Self::GreaterThanOrEqualToThreshold => ">=",
            Self::LessThanThreshold => "<",
            Self::LessThanOrEqualToThreshold => "<=",
        }
    }
}

/// What an alarm does with missing datapoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreatMissingData {
    /// It may have insufficient data.
    Missing,
    /// It keeps its state.
    Ignore,
    /// They breach.
    Breaching,
    /// They do not breach.
    NotBreaching,
}

/// A predictive scaling policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// The policy's name.
    pub name: String,
    /// The load and the utilisation that it forecasts.
    pub pair: MetricPair,
    /// The utilisation it plans for: percent, or requests per target and minute.
    pub target_value: f64,
    /// Whether the forecast acts; else it is only made.
    pub scales: bool,
    /// How long before an hour its capacity is there.
    pub scheduling_buffer: SimDuration,
    /// What happens when a forecast needs more than the maximum.
    pub max_capacity_breach: MaxCapacityBreach,
}

/// A predefined pair of load and utilisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricPair {
    /// ECSServiceCPUUtilization.
    Cpu,
    /// ECSServiceMemoryUtilization.
    Memory,
    /// ALBRequestCount.
    RequestCount,
}

/// What happens when a forecast needs more than the maximum capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaxCapacityBreach {
    /// The maximum holds.
    Honor,
    /// The maximum is raised to the forecast and this many percent more.
    IncreaseByPercent(u32),
}

/// A change of the bounds by the clock; nothing is restored at its end.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduledAction {
    /// Its name.
    pub name: String,
    /// When it runs.
    pub schedule: Schedule,
    /// The clock that the schedule follows.
    pub time_zone: TimeZone,
    /// Before it, the schedule is silent; at it, the action runs too.
    pub start_time: Option<Moment>,
    /// After it, the schedule is silent.
    pub end_time: Option<Moment>,
    /// The new smallest desired count; none: unchanged.
    pub min_capacity: Option<u32>,
    /// The new largest desired count; none: unchanged.
    pub max_capacity: Option<u32>,
}
