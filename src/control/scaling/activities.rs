//! The record of scaling activities, in AWS's own words.

use jiff::{SignedDuration, Timestamp};
use rand::Rng;

use crate::outcome::{NotScaledReason, ScalingActivity, ScalingSummary};
use crate::random::{Stream, generator};
use crate::units::{SimDuration, SimTime};

/// Why an attempt changed nothing, with the figure that AWS reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotScaled {
    /// The desired count is the maximum.
    AtMax(u32),
    /// The desired count is the minimum.
    AtMin(u32),
    /// The desired count is already what the policy asks for.
    AtDesired(u32),
    /// One task fewer would lift the metric above the target.
    AnticipatedFlapping(u32),
}

impl NotScaled {
    /// AWS's code of the reason.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AtMax(_) => "AlreadyAtMaxCapacity",
            Self::AtMin(_) => "AlreadyAtMinCapacity",
            Self::AtDesired(_) => "AlreadyAtDesiredCapacity",
            Self::AnticipatedFlapping(_) => "AutoScalingAnticipatedFlapping",
        }
    }

    const fn reason(self) -> NotScaledReason {
        let mut reason = NotScaledReason { code: self.code(), max_capacity: None, min_capacity: None, current_capacity: None };
        match self {
            Self::AtMax(capacity) => reason.max_capacity = Some(capacity),
            Self::AtMin(capacity) => reason.min_capacity = Some(capacity),
            Self::AtDesired(capacity) | Self::AnticipatedFlapping(capacity) => reason.current_capacity = Some(capacity),
        }
        reason
    }
}

/// Policies that a scalable target can have at most (AWS, quotas of Application Auto Scaling).
const MOST_POLICIES: u64 = 50;

/// An activity whose target is not yet met.
#[derive(Clone, Copy, Debug)]
struct Open {
    index: usize,
    scales_out: bool,
    capacity: u32,
}

/// Activities, oldest first, and what they add up to.
#[derive(Clone, Debug)]
pub struct ActivityLog {
    start: Timestamp,
    cluster: String,
    service: String,
    seed: u64,
    service_key: u64,
    identifiers: u64,
    /// Identifiers of the alarms by policy: High, Low.
    alarm_ids: Vec<[String; 2]>,
    activities: Vec<ScalingActivity>,
    open: Vec<Open>,
    last_scaled_out: Option<bool>,
    reversals: u64,
    summary: ScalingSummary,
}

impl ActivityLog {
    /// An empty log of one service; simulated time 0 is `start`.
    #[must_use]
    pub fn new(start: Timestamp, cluster: &str, service: &str, seed: u64, service_key: u64) -> Self {
        let mut log = Self {
            start,
            cluster: cluster.to_owned(),
            service: service.to_owned(),
            seed,
            service_key,
            identifiers: 0,
            alarm_ids: Vec::new(),
            activities: Vec::new(),
            open: Vec::new(),
            last_scaled_out: None,
            reversals: 0,
            summary: ScalingSummary::default(),
        };
        // Alarm identifiers are fixed, so they are numbered from the top of the range.
        let alarm_id = |policy: u64, low: u64| log.uuid(u64::MAX - 2 * policy - low);
        log.alarm_ids = (0..MOST_POLICIES).map(|policy| [alarm_id(policy, 0), alarm_id(policy, 1)]).collect();
        log
    }

    /// Forgets what is recorded; activities under way are forgotten with it.
    pub fn restart(&mut self) {
        self.activities.clear();
        self.open.clear();
        self.reversals = 0;
        self.summary = ScalingSummary::default();
    }

    /// Records a change of the desired count. `policy` is its number and name, `alarm` is High or Low.
    pub fn scaled(&mut self, now: SimTime, policy: (usize, &str), alarm: &str, from: u32, to: u32) {
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
        let activity = self.begin(now, policy, alarm, format!("Setting desired count to {to}."));
        self.activities.push(ScalingActivity {
            status_code: "InProgress",
            status_message: Some(format!("Successfully set desired count to {to}. Waiting for change to be fulfilled by ecs.")),
            ..activity
        });
    }

    /// Activities in the other direction that were still under way end without having been fulfilled.
    fn override_open(&mut self, now: SimTime, scales_out: bool) {
        let (start, activities) = (self.start, &mut self.activities);
        self.open.retain(|open| {
            if open.scales_out == scales_out {
                return true;
            }
            let activity = &mut activities[open.index];
            activity.status_code = "Overridden";
            activity.end_time = Some(at(start, now));
            activity.status_message = Some("A newer activity changed the desired count before this one was fulfilled.".to_owned());
            false
        });
    }

    /// Records an attempt that changed nothing.
    pub fn not_scaled(&mut self, now: SimTime, policy: (usize, &str), alarm: &str, reason: NotScaled) {
        match self.summary.not_scaled.iter_mut().find(|(code, _)| *code == reason.code()) {
            Some((_, count)) => *count += 1,
            None => self.summary.not_scaled.push((reason.code(), 1)),
        }
        let activity = self.begin(now, policy, alarm, "Attempting to scale due to alarm triggered".to_owned());
        self.activities.push(ScalingActivity { status_code: "Failed", not_scaled_reasons: vec![reason.reason()], ..activity });
    }

    fn begin(&mut self, now: SimTime, policy: (usize, &str), alarm: &str, description: String) -> ScalingActivity {
        let resource_id = format!("service/{}/{}", self.cluster, self.service);
        let alarm_id = &self.alarm_ids[policy.0][usize::from(alarm == "Low")];
        self.identifiers += 1;
        ScalingActivity {
            activity_id: self.uuid(self.identifiers),
            cause: format!(
                "monitor alarm TargetTracking-{resource_id}-Alarm{alarm}-{alarm_id} in state ALARM triggered policy {}",
                policy.1
            ),
            resource_id,
            start_time: at(self.start, now),
            end_time: None,
            description,
            status_code: "InProgress",
            status_message: None,
            not_scaled_reasons: Vec::new(),
        }
    }

    /// An identifier of the form of a random UUID (version 4), from the seed.
    fn uuid(&self, index: u64) -> String {
        let mut random = generator(self.seed, Stream::Identifier, self.service_key, index);
        let (high, low) = (random.next_u64(), random.next_u64());
        let bits = u128::from(high) << 64 | u128::from(low);
        let marked = bits & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
        let mut text = String::with_capacity(36);
        for digit in 0..32 {
            if matches!(digit, 8 | 12 | 16 | 20) {
                text.push('-');
            }
            let nibble = (marked >> (124 - 4 * digit)) as u8 & 0xf;
            text.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
        }
        text
    }

    /// Ends the activities whose capacity now runs.
    pub fn running_changed(&mut self, now: SimTime, running: u32) {
        let (start, activities) = (self.start, &mut self.activities);
        self.open.retain(|open| {
            let met = if open.scales_out { running >= open.capacity } else { running <= open.capacity };
            if met {
                let activity = &mut activities[open.index];
                activity.status_code = "Successful";
                activity.end_time = Some(at(start, now));
                activity.status_message =
                    Some(format!("Successfully set desired count to {}. Change successfully fulfilled by ecs.", open.capacity));
            }
            !met
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

/// The wall-clock time of a simulated instant.
fn at(start: Timestamp, time: SimTime) -> Timestamp {
    let offset: SimDuration = time - SimTime::START;
    start.saturating_add(SignedDuration::from_nanos(offset.as_nanos())).unwrap_or(Timestamp::MAX)
}
