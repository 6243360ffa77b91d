//! Why capacity did or did not change: the document of `ecsim explain`.
//!
//! The words are AWS's where AWS has them: states of alarms, types of policies, codes of NotScaledReasons.
//! Times are RFC 3339 in UTC, spans are seconds. The first field to read is `answer`.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::{InputFile, NotScaledReason, Window};
use super::figure::Figure;

pub use super::explain_words::{clock, date_and_time, number};

/// Why one service was scaled as it was, and how long its scale-outs took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainResult {
    /// The version of this form; it grows only when a field changes its meaning.
    pub schema_version: u32,
    /// The version of ecsim that computed it.
    pub ecsim_version: String,
    /// The scenario's name.
    pub scenario: String,
    /// The variant that was run; null for the scenario itself.
    pub variant: Option<String>,
    /// The files that the run read, in the order of reading.
    pub inputs: Vec<InputFile>,
    /// The simulated window, warm-up excluded.
    pub window: Window,
    /// The seed of every random draw.
    pub seed: u64,
    /// The service that is explained.
    pub service: String,
    /// The time that was asked about; null when every change was.
    #[schemars(with = "Option<String>")]
    pub at: Option<Timestamp>,
    /// The answer in a sentence or two.
    pub answer: String,
    /// Oldest first. Without `at`: every decision that changed something or tried to. With it: the last decision up to
    /// that time, whatever came of it (none when no datapoint had been published), and that of the scale-out below.
    pub decisions: Vec<ExplainedDecision>,
    /// Scale-outs step by step, oldest first. With `at`: the first one that was decided at or after that time, else the
    /// last one before it.
    pub scale_outs: Vec<ScaleOut>,
    /// What a reader must know.
    pub warnings: Vec<String>,
}

/// What Application Auto Scaling knew, wanted and did at one instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedDecision {
    /// When it was taken.
    #[schemars(with = "String")]
    pub time: Timestamp,
    /// What led to it.
    pub trigger: TriggerKind,
    /// The scheduled action or the forecasting policy that led to it; null for a datapoint.
    pub trigger_name: Option<String>,
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
    /// What each policy saw and wanted, in the order of the scenario; none for a trigger by the clock.
    pub policies: Vec<ExplainedPolicy>,
    /// The policy or action whose wish counted; null when none wanted a change, or none was let through.
    pub winner: Option<String>,
    /// The cooldown after the last scale-out.
    pub scale_out_cooldown: ExplainedCooldown,
    /// The cooldown after the last scale-in.
    pub scale_in_cooldown: ExplainedCooldown,
    /// What came of it.
    pub outcome: OutcomeKind,
    /// Why nothing changed, as AWS's scaling activities say it; empty when something did or nobody tried.
    pub not_scaled_reasons: Vec<NotScaledReason>,
    /// What held a wish back; null unless the outcome is `HeldBack`.
    pub held_back_by: Option<String>,
    /// The same in a sentence.
    pub sentence: String,
}

/// What leads to a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TriggerKind {
    /// A datapoint was published.
    Datapoint,
    /// A scheduled action ran.
    ScheduledAction,
    /// An hour of a forecast began.
    Forecast,
}

/// What came of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum OutcomeKind {
    /// The desired count rose.
    ScaledOut,
    /// The desired count fell.
    ScaledIn,
    /// Only the bounds changed.
    BoundsSet,
    /// An attempt changed nothing.
    NotScaled,
    /// A policy wanted a change that was held back.
    HeldBack,
    /// No policy wanted a change.
    Nothing,
}

/// A cooldown as a decision left it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedCooldown {
    /// How it stands.
    pub state: CooldownState,
    /// When it ends; null unless it runs.
    #[schemars(with = "Option<String>")]
    pub until: Option<Timestamp>,
}

/// How a cooldown stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CooldownState {
    /// None runs.
    Over,
    /// It begins when the running count meets the desired count.
    NotBegun,
    /// It runs.
    Running,
}

/// What a policy saw and wanted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedPolicy {
    /// Its name.
    pub name: String,
    /// `TargetTrackingScaling`, `StepScaling` or `PredictiveScaling`.
    pub policy_type: String,
    /// Its alarms.
    pub alarms: Vec<ExplainedAlarm>,
    /// The desired count that it wants; null: no change.
    pub wants: Option<u32>,
    /// Why.
    pub reason: String,
}

/// An alarm as it stood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedAlarm {
    /// Its name.
    pub name: String,
    /// What it watches, as `CPUUtilization Average`.
    pub metric: String,
    /// How a datapoint breaches: `>`, `>=`, `<` or `<=` the threshold.
    pub comparison: String,
    /// What the metric is compared with.
    pub threshold: Figure,
    /// The span of a datapoint.
    pub period_seconds: i64,
    /// Datapoints that are looked at.
    pub evaluation_periods: u32,
    /// Datapoints among them that must breach.
    pub datapoints_to_alarm: u32,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub state: String,
    /// The datapoints that it looked at, oldest first.
    pub datapoints: Vec<ExplainedDatapoint>,
}

/// A datapoint as an alarm saw it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedDatapoint {
    /// The beginning of its period.
    #[schemars(with = "String")]
    pub start: Timestamp,
    /// When the alarm could see it.
    #[schemars(with = "String")]
    pub published: Timestamp,
    /// Its value; null: it is missing.
    pub value: Option<Figure>,
    /// Whether it breaches the threshold.
    pub breaches: bool,
}

/// A scale-out, step by step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScaleOut {
    /// The policy or action that scaled out.
    pub policy: String,
    /// When the desired count was raised.
    #[schemars(with = "String")]
    pub decided: Timestamp,
    /// The desired count before.
    pub desired_before: u32,
    /// The desired count after.
    pub desired_after: u32,
    /// Whether a new task became healthy before the end of the window.
    pub complete: bool,
    /// Seconds from the first step to the last.
    pub seconds: Figure,
    /// What happened when, in order; a step that did not happen before the end of the window is missing.
    pub steps: Vec<ScaleOutStep>,
}

/// One step of a scale-out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScaleOutStep {
    /// What happened.
    pub name: String,
    /// When.
    #[schemars(with = "String")]
    pub time: Timestamp,
    /// Seconds since the first step.
    pub seconds: Figure,
    /// Seconds since the step before.
    pub step_seconds: Figure,
}

impl ExplainResult {
    /// The decision that was asked about: the last one up to `at`.
    #[must_use]
    pub fn asked(&self) -> Option<&ExplainedDecision> {
        let at = self.at?;
        self.decisions.iter().rev().find(|decision| decision.time <= at)
    }

    /// The decision of a scale-out.
    #[must_use]
    pub fn decision_of(&self, scale_out: &ScaleOut) -> Option<&ExplainedDecision> {
        self.decisions.iter().find(|decision| decision.time == scale_out.decided && decision.outcome == OutcomeKind::ScaledOut)
    }

    /// The complete scale-out that took longest; the first of equals.
    #[must_use]
    pub fn slowest_scale_out(&self) -> Option<&ScaleOut> {
        self.complete_by_seconds().pop()
    }

    /// The complete scale-out in the middle by its length, of two the faster.
    #[must_use]
    pub fn median_scale_out(&self) -> Option<&ScaleOut> {
        let complete = self.complete_by_seconds();
        complete.get(complete.len().saturating_sub(1) / 2).copied()
    }

    /// The complete scale-outs, the fastest first.
    fn complete_by_seconds(&self) -> Vec<&ScaleOut> {
        let mut complete: Vec<&ScaleOut> = self.scale_outs.iter().filter(|scale_out| scale_out.complete).collect();
        let answers_load =
            |scale_out: &&ScaleOut| self.decision_of(scale_out).is_none_or(|decision| decision.trigger == TriggerKind::Datapoint);
        // What the clock starts has no rise of load to answer: it counts only where nothing else scaled out.
        if complete.iter().any(answers_load) {
            complete.retain(answers_load);
        }
        complete.sort_by(|one, other| one.seconds.0.total_cmp(&other.seconds.0).then(other.decided.cmp(&one.decided)));
        complete
    }
}

impl ExplainedAlarm {
    /// The newest datapoint that has a value.
    #[must_use]
    pub fn latest(&self) -> Option<(&ExplainedDatapoint, f64)> {
        self.datapoints.iter().rev().find_map(|datapoint| datapoint.value.map(|Figure(value)| (datapoint, value)))
    }

    /// The datapoints that decide, newest first: of those with a value the newest, as many as there are evaluation periods.
    pub fn deciding(&self) -> impl Iterator<Item = &ExplainedDatapoint> {
        self.datapoints.iter().rev().filter(|datapoint| datapoint.value.is_some()).take(self.evaluation_periods as usize)
    }

    /// How many of the deciding datapoints breach.
    #[must_use]
    pub fn breaching(&self) -> usize {
        self.deciding().filter(|datapoint| datapoint.breaches).count()
    }

    /// `AlarmHigh` or `AlarmLow` for an alarm of target tracking, whose own name holds a long identifier; else its name.
    #[must_use]
    pub fn short_name(&self) -> &str {
        let own = self.name.starts_with("TargetTracking-");
        match (own && self.name.contains("-AlarmHigh-"), own && self.name.contains("-AlarmLow-")) {
            (true, false) => "AlarmHigh",
            (false, true) => "AlarmLow",
            _ => &self.name,
        }
    }
}

impl ExplainedDecision {
    /// The policy whose wish counted.
    #[must_use]
    pub fn winning_policy(&self) -> Option<&ExplainedPolicy> {
        self.policies.iter().find(|policy| Some(&policy.name) == self.winner.as_ref())
    }

    /// The alarm that tells most: the first one in ALARM of the policy whose wish counted, else of any policy, else the first.
    #[must_use]
    pub fn telling_alarm(&self) -> Option<(&ExplainedPolicy, &ExplainedAlarm)> {
        let of = |policy: &&'_ ExplainedPolicy| policy.alarms.iter().any(|alarm| alarm.state == "ALARM");
        let policy = self.winning_policy().or_else(|| self.policies.iter().find(of)).or_else(|| self.policies.first())?;
        let alarm = policy.alarms.iter().find(|alarm| alarm.state == "ALARM").or_else(|| policy.alarms.first())?;
        Some((policy, alarm))
    }
}

/// The JSON Schema of the document.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(ExplainResult).into()
}
