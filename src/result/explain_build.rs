//! From recorded decisions to the document of `ecsim explain`.

use jiff::Timestamp;

use super::SCHEMA_VERSION;
use super::document::{InputFile, NotScaledReason, Window};
use super::explain::{
    CooldownState, ExplainResult, ExplainedAlarm, ExplainedCooldown, ExplainedDatapoint, ExplainedDecision, ExplainedPolicy, OutcomeKind,
    ScaleOut, ScaleOutStep, TriggerKind,
};
use super::explain_words::{answer, answer_at, sentence};
use super::figure::Figure;
use crate::outcome::{
    AlarmView, CooldownView, DatapointView, Decision, Explanation, PolicyView, Trigger, Verdict, Waterfall, WaterfallStep,
};

/// What the document says besides the decisions.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainMeta {
    /// The version of ecsim.
    pub ecsim_version: String,
    /// The scenario's name.
    pub scenario: String,
    /// The variant that was run.
    pub variant: Option<String>,
    /// The files that the run read.
    pub inputs: Vec<InputFile>,
    /// The first instant and the end of the window.
    pub window: (Timestamp, Timestamp),
    /// The seed.
    pub seed: u64,
    /// The service that is explained.
    pub service: String,
    /// The time that is asked about.
    pub at: Option<Timestamp>,
    /// What a reader must know.
    pub warnings: Vec<String>,
}

/// The document. `changes`: every decision that changed something or tried to; `asked`: the last decision up to the time
/// that is asked about.
#[must_use]
pub fn explain(meta: ExplainMeta, changes: &Explanation, asked: Option<&Decision>) -> ExplainResult {
    let (start, end) = meta.window;
    // What happened while the simulation warmed up is in no statistic.
    let in_window = |decision: &&Decision| decision.time >= start;
    let scaled_out = changes.decisions.iter().filter(|decision| decision.verdict == Verdict::ScaledOut);
    let scale_outs = scaled_out.zip(&changes.waterfalls).filter(|(decision, _)| in_window(decision));
    let mut scale_outs: Vec<(&Decision, &Waterfall)> = scale_outs.collect();
    let mut decisions: Vec<&Decision> = match meta.at {
        None => changes.decisions.iter().filter(in_window).collect(),
        Some(at) => {
            // The decision that is asked about is itself the scale-out that is shown, if it was one.
            let chosen = nearest(&scale_outs, asked.map_or(at, |asked| asked.time));
            scale_outs.retain(|(decision, _)| Some(decision.time) == chosen);
            let scaled_out =
                scale_outs.iter().map(|(decision, _)| *decision).filter(|decision| asked.is_none_or(|asked| asked != *decision));
            // Of decisions at the same instant the one that is asked about is the last.
            scaled_out.chain(asked).collect()
        }
    };
    decisions.sort_by_key(|decision| decision.time);
    let mut result = ExplainResult {
        schema_version: SCHEMA_VERSION,
        ecsim_version: meta.ecsim_version,
        scenario: meta.scenario,
        variant: meta.variant,
        inputs: meta.inputs,
        window: Window { start: start.to_string(), end: end.to_string(), seconds: Figure(end.duration_since(start).as_secs_f64()) },
        seed: meta.seed,
        service: meta.service,
        at: meta.at,
        answer: String::new(),
        decisions: decisions.into_iter().map(explained).collect(),
        scale_outs: scale_outs.into_iter().map(|(decision, waterfall)| scale_out(decision, waterfall)).collect(),
        warnings: meta.warnings,
    };
    result.answer = match meta.at {
        Some(at) => answer_at(&result, at),
        None => answer(&result),
    };
    result
}

/// The time of the first scale-out that was decided at or after a time, else of the last one before it.
fn nearest(scale_outs: &[(&Decision, &Waterfall)], at: Timestamp) -> Option<Timestamp> {
    let times = || scale_outs.iter().map(|(decision, _)| decision.time);
    times().find(|time| *time >= at).or_else(|| times().next_back())
}

fn explained(of: &Decision) -> ExplainedDecision {
    let (trigger, trigger_name) = match &of.trigger {
        Trigger::Datapoint => (TriggerKind::Datapoint, None),
        Trigger::ScheduledAction(name) => (TriggerKind::ScheduledAction, Some(name.clone())),
        Trigger::Forecast(name) => (TriggerKind::Forecast, Some(name.clone())),
    };
    let (outcome, held_back_by) = match &of.verdict {
        Verdict::ScaledOut => (OutcomeKind::ScaledOut, None),
        Verdict::ScaledIn => (OutcomeKind::ScaledIn, None),
        Verdict::BoundsSet => (OutcomeKind::BoundsSet, None),
        Verdict::NotScaled(_) => (OutcomeKind::NotScaled, None),
        Verdict::HeldBack(reason) => (OutcomeKind::HeldBack, Some(reason.clone())),
        Verdict::Nothing => (OutcomeKind::Nothing, None),
    };
    let mut decision = ExplainedDecision {
        time: of.time,
        trigger,
        trigger_name,
        running: of.running,
        desired_before: of.desired_before,
        desired_after: of.desired_after,
        min_capacity: of.min_capacity,
        max_capacity: of.max_capacity,
        policies: of.policies.iter().map(policy).collect(),
        winner: of.winner.clone(),
        scale_out_cooldown: cooldown(of.scale_out_cooldown),
        scale_in_cooldown: cooldown(of.scale_in_cooldown),
        outcome,
        not_scaled_reasons: not_scaled_reasons(of),
        held_back_by,
        sentence: String::new(),
    };
    decision.sentence = sentence(&decision);
    decision
}

/// AWS's code with the capacity that AWS tells beside it.
fn not_scaled_reasons(of: &Decision) -> Vec<NotScaledReason> {
    let Verdict::NotScaled(code) = of.verdict else { return Vec::new() };
    let mut reason = NotScaledReason { code: code.to_owned(), max_capacity: None, min_capacity: None, current_capacity: None };
    match code {
        "AlreadyAtMaxCapacity" => reason.max_capacity = Some(of.max_capacity),
        "AlreadyAtMinCapacity" => reason.min_capacity = Some(of.min_capacity),
        _ => reason.current_capacity = Some(of.desired_before),
    }
    vec![reason]
}

const fn cooldown(of: CooldownView) -> ExplainedCooldown {
    match of {
        CooldownView::Over => ExplainedCooldown { state: CooldownState::Over, until: None },
        CooldownView::NotBegun => ExplainedCooldown { state: CooldownState::NotBegun, until: None },
        CooldownView::Until(end) => ExplainedCooldown { state: CooldownState::Running, until: Some(end) },
    }
}

fn policy(of: &PolicyView) -> ExplainedPolicy {
    ExplainedPolicy {
        name: of.name.clone(),
        policy_type: of.policy_type.to_owned(),
        alarms: of.alarms.iter().map(alarm).collect(),
        wants: of.wants,
        reason: of.reason.clone(),
    }
}

fn alarm(of: &AlarmView) -> ExplainedAlarm {
    ExplainedAlarm {
        name: of.name.clone(),
        metric: of.metric.clone(),
        comparison: of.comparison.to_owned(),
        threshold: Figure::rounded(of.threshold),
        period_seconds: of.period_seconds,
        evaluation_periods: of.evaluation_periods,
        datapoints_to_alarm: of.datapoints_to_alarm,
        state: of.state.to_owned(),
        datapoints: of.datapoints.iter().map(datapoint).collect(),
    }
}

fn datapoint(of: &DatapointView) -> ExplainedDatapoint {
    ExplainedDatapoint { start: of.start, published: of.published, value: of.value.map(Figure::rounded), breaches: of.breaches }
}

fn scale_out(decision: &Decision, of: &Waterfall) -> ScaleOut {
    let mut before = 0.0;
    let steps: Vec<ScaleOutStep> = of
        .steps
        .iter()
        .map(|step| {
            let step_seconds = step.seconds - before;
            before = step.seconds;
            ScaleOutStep {
                name: step.name.to_owned(),
                time: step.time,
                seconds: Figure::rounded(step.seconds),
                step_seconds: Figure::rounded(step_seconds),
            }
        })
        .collect();
    ScaleOut {
        policy: of.policy.clone(),
        decided: decision.time,
        desired_before: of.desired.0,
        desired_after: of.desired.1,
        complete: steps.last().is_some_and(|step| step.name == WaterfallStep::LAST),
        seconds: steps.last().map_or(Figure(0.0), |step| step.seconds),
        steps,
    }
}
