//! Scaling activities, as `describe-scaling-activities` tells them.
//!
//! They are kept as values and put into AWS's words only when somebody reads them: a month has thousands.

use std::sync::Arc;

use jiff::Timestamp;

/// One activity.
#[derive(Clone, Debug, PartialEq)]
pub struct ScalingActivity {
    /// Its identifier, the same in every run of the same scenario and seed.
    pub id: u128,
    /// When it began.
    pub start_time: Timestamp,
    /// When the running count met the desired count; none while it has not, and for attempts that change
    /// nothing.
    pub end_time: Option<Timestamp>,
    /// Why it began.
    pub cause: Cause,
    /// What was attempted.
    pub attempt: Attempt,
    /// How it went.
    pub status: ActivityStatus,
}

/// Why an activity began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An alarm invoked a policy.
    Alarm {
        /// The alarm's name.
        alarm: Arc<str>,
        /// The policy's name.
        policy: Arc<str>,
    },
    /// A scheduled action ran.
    ScheduledAction(Arc<str>),
    /// The smallest capacity was raised above the present one.
    MinimumSet(u32),
    /// The largest capacity was lowered below the present one.
    MaximumSet(u32),
    /// A forecast asks for more.
    Forecast(Arc<str>),
}

/// What an activity attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// To set the desired count.
    DesiredCount(u32),
    /// To set the bounds, each if it is given.
    Bounds {
        /// The smallest capacity.
        min_capacity: Option<u32>,
        /// The largest capacity.
        max_capacity: Option<u32>,
    },
    /// To scale, which came to nothing.
    Nothing(NotScaledReason),
}

/// How an activity went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivityStatus {
    /// It waits for tasks to start or stop.
    InProgress,
    /// It is done.
    Successful,
    /// A newer activity in the other direction took its place.
    Overridden,
    /// It changed nothing.
    Failed,
}

/// Why an activity did not scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotScaledReason {
    /// The desired count is the maximum.
    AlreadyAtMaxCapacity(u32),
    /// The desired count is the minimum.
    AlreadyAtMinCapacity(u32),
    /// The desired count is already what the policy asks for.
    AlreadyAtDesiredCapacity(u32),
    /// One task fewer would lift the metric above the target.
    AutoScalingAnticipatedFlapping(u32),
}

impl NotScaledReason {
    /// AWS's code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AlreadyAtMaxCapacity(_) => "AlreadyAtMaxCapacity",
            Self::AlreadyAtMinCapacity(_) => "AlreadyAtMinCapacity",
            Self::AlreadyAtDesiredCapacity(_) => "AlreadyAtDesiredCapacity",
            Self::AutoScalingAnticipatedFlapping(_) => "AutoScalingAnticipatedFlapping",
        }
    }
}

impl ActivityStatus {
    /// AWS's code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Successful => "Successful",
            Self::Overridden => "Overridden",
            Self::Failed => "Failed",
        }
    }
}

impl ScalingActivity {
    /// Its identifier in the form of a UUID (version 4).
    #[must_use]
    pub fn activity_id(&self) -> String {
        uuid(self.id)
    }

    /// What was attempted, in AWS's words.
    #[must_use]
    pub fn description(&self) -> String {
        match self.attempt {
            Attempt::DesiredCount(count) => format!("Setting desired count to {count}."),
            Attempt::Bounds { min_capacity, max_capacity } => format!("Setting {}", bounds(min_capacity, max_capacity)),
            Attempt::Nothing(_) => "Attempting to scale due to alarm triggered".to_owned(),
        }
    }

    /// Why, in AWS's words.
    #[must_use]
    pub fn cause_text(&self) -> String {
        match &self.cause {
            Cause::Alarm { alarm, policy } => format!("monitor alarm {alarm} in state ALARM triggered policy {policy}"),
            Cause::ScheduledAction(name) => format!("scheduled action name {name} was triggered"),
            Cause::MinimumSet(capacity) => format!("minimum capacity was set to {capacity}"),
            Cause::MaximumSet(capacity) => format!("maximum capacity was set to {capacity}"),
            Cause::Forecast(policy) => format!("predictive scaling policy {policy} prepared the capacity of the hour"),
        }
    }

    /// How it went, in AWS's words; none for an attempt that changed nothing.
    #[must_use]
    pub fn status_message(&self) -> Option<String> {
        let text = match (self.attempt, self.status) {
            (Attempt::Nothing(_), _) => return None,
            (_, ActivityStatus::Overridden) => "A newer activity changed the desired count before this one was fulfilled.".to_owned(),
            (Attempt::Bounds { .. }, ActivityStatus::Failed) => "The minimum capacity would be above the maximum capacity.".to_owned(),
            (Attempt::Bounds { min_capacity, max_capacity }, _) => format!("Successfully set {}", bounds(min_capacity, max_capacity)),
            (Attempt::DesiredCount(count), ActivityStatus::Successful) => {
                format!("Successfully set desired count to {count}. Change successfully fulfilled by ecs.")
            }
            (Attempt::DesiredCount(count), _) => {
                format!("Successfully set desired count to {count}. Waiting for change to be fulfilled by ecs.")
            }
        };
        Some(text)
    }

    /// Why it changed nothing; none for an activity that scaled.
    #[must_use]
    pub const fn not_scaled_reason(&self) -> Option<NotScaledReason> {
        match self.attempt {
            Attempt::Nothing(reason) => Some(reason),
            Attempt::DesiredCount(_) | Attempt::Bounds { .. } => None,
        }
    }
}

fn bounds(min_capacity: Option<u32>, max_capacity: Option<u32>) -> String {
    let part = |name: &str, capacity: Option<u32>| capacity.map(|capacity| format!("{name} capacity to {capacity}"));
    [part("min", min_capacity), part("max", max_capacity)].into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

/// 128 bits as a random UUID (RFC 9562, version 4, variant 10).
#[must_use]
pub fn uuid(bits: u128) -> String {
    let marked = bits & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let digits = format!("{marked:032x}");
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}
