//! Why capacity did or did not change: what Application Auto Scaling knew, wanted and did at one instant.

use jiff::Timestamp;

/// One decision about a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// When it was taken.
    pub time: Timestamp,
    /// What led to it.
    pub trigger: Trigger,
    /// Tasks that ran: the base of every computation.
    pub running: u32,
    /// The desired count before.
    pub desired_before: u32,
    /// The desired count after.
    pub desired_after: u32,
    /// The smallest capacity.
    pub min_capacity: u32,
    /// The largest capacity.
    pub max_capacity: u32,
    /// What each policy saw and wanted, in the order of the scenario.
    pub policies: Vec<PolicyView>,
    /// The policy or action whose wish counted.
    pub winner: Option<String>,
    /// The cooldown after the last scale-out.
    pub scale_out_cooldown: CooldownView,
    /// The cooldown after the last scale-in.
    pub scale_in_cooldown: CooldownView,
    /// What came of it.
    pub verdict: Verdict,
}

/// What led to a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A datapoint was published.
    Datapoint,
    /// A scheduled action ran.
    ScheduledAction(String),
    /// An hour of a forecast began.
    Forecast(String),
}

/// What came of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The desired count rose.
    ScaledOut,
    /// The desired count fell.
    ScaledIn,
    /// Only the bounds changed.
    BoundsSet,
    /// An attempt changed nothing: AWS's code.
    NotScaled(&'static str),
    /// A policy wanted a change that was held back: why.
    HeldBack(String),
    /// No policy wanted a change.
    Nothing,
}

/// One cooldown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CooldownView {
    /// None runs.
    Over,
    /// It begins when the running count meets the desired count.
    NotBegun,
    /// It ends at this time.
    Until(Timestamp),
}

/// What a policy saw and wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyView {
    /// Its name.
    pub name: String,
    /// AWS's word for its type.
    pub policy_type: &'static str,
    /// Its alarms.
    pub alarms: Vec<AlarmView>,
    /// The capacity that it wants; none: no change.
    pub wants: Option<u32>,
    /// Why, in a sentence.
    pub reason: String,
}

/// An alarm as it stood.
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmView {
    /// Its name.
    pub name: String,
    /// What it watches: `CPUUtilization Average`.
    pub metric: String,
    /// How a datapoint breaches: `>`, `>=`, `<`, `<=`.
    pub comparison: &'static str,
    /// What the metric is compared with.
    pub threshold: f64,
    /// The span of a datapoint in seconds.
    pub period_seconds: i64,
    /// Datapoints that are looked at.
    pub evaluation_periods: u32,
    /// Datapoints among them that must breach.
    pub datapoints_to_alarm: u32,
    /// AWS's word for its state.
    pub state: &'static str,
    /// The datapoints that it looked at, oldest first.
    pub datapoints: Vec<DatapointView>,
}

/// A datapoint as an alarm saw it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DatapointView {
    /// The beginning of its period.
    pub start: Timestamp,
    /// When the alarm could see it.
    pub published: Timestamp,
    /// Its value; none: it is missing.
    pub value: Option<f64>,
    /// Whether it breaches the threshold.
    pub breaches: bool,
}

/// A scale-out, step by step.
#[derive(Clone, Debug, PartialEq)]
pub struct Waterfall {
    /// The policy that scaled out.
    pub policy: String,
    /// The desired count before and after.
    pub desired: (u32, u32),
    /// What happened when, in order; a step that did not happen before the end of the window is missing.
    pub steps: Vec<WaterfallStep>,
}

/// One step of a scale-out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WaterfallStep {
    /// What happened.
    pub name: &'static str,
    /// When.
    pub time: Timestamp,
    /// Seconds since load rose.
    pub seconds: f64,
}

impl WaterfallStep {
    /// The step that ends a scale-out: a new task answers.
    pub const LAST: &'static str = "target healthy, first request";
}

/// The explanation of a service's run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explanation {
    /// The decisions that were asked for, oldest first.
    pub decisions: Vec<Decision>,
    /// The scale-outs, oldest first.
    pub waterfalls: Vec<Waterfall>,
}
