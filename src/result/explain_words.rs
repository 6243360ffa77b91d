//! Decisions in sentences: the answer to "why did it not scale?" that is read first.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::explain::{
    CooldownState, ExplainResult, ExplainedAlarm, ExplainedDecision, ExplainedPolicy, OutcomeKind, ScaleOut, TriggerKind,
};
use super::figure::Figure;
use crate::units::SimDuration;

/// A time with its date.
#[must_use]
pub fn date_and_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The time of a datapoint or a cooldown, on the day of the decision.
#[must_use]
pub fn clock(time: Timestamp) -> String {
    time.strftime("%H:%M:%S").to_string()
}

/// At most two decimal places.
#[must_use]
pub fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What came of a decision and why, without its subject: `did not scale: no policy asked for a change`.
pub(super) fn sentence(decision: &ExplainedDecision) -> String {
    let (before, after) = (decision.desired_before, decision.desired_after);
    let body = match (decision.outcome, decision.trigger) {
        (OutcomeKind::BoundsSet, _) => {
            format!(
                "kept its desired count of {after}: {} set the bounds to {} and {}",
                by(decision),
                decision.min_capacity,
                decision.max_capacity
            )
        }
        (OutcomeKind::ScaledOut | OutcomeKind::ScaledIn, TriggerKind::Datapoint) => {
            let direction = if after > before { "out" } else { "in" };
            format!("scaled {direction} from {before} to {after} tasks: {}", acted(decision))
        }
        (OutcomeKind::ScaledOut | OutcomeKind::ScaledIn, _) => {
            let direction = if after > before { "out" } else { "in" };
            format!("scaled {direction} from {before} to {after} tasks: {} asked for it", by(decision))
        }
        (OutcomeKind::NotScaled, _) => format!("did not scale: {}", not_scaled(decision)),
        (OutcomeKind::HeldBack, _) => format!("did not scale: {}", held_back(decision)),
        (OutcomeKind::Nothing, _) => format!("did not scale: {}", nothing(decision)),
    };
    body + &still_starting(decision)
}

fn by(decision: &ExplainedDecision) -> String {
    let name = decision.trigger_name.as_deref().unwrap_or_default();
    match decision.trigger {
        TriggerKind::ScheduledAction => format!("scheduled action {name}"),
        TriggerKind::Forecast => format!("the forecast of policy {name}"),
        TriggerKind::Datapoint => format!("policy {}", decision.winner.as_deref().unwrap_or_default()),
    }
}

fn still_starting(decision: &ExplainedDecision) -> String {
    let missing = decision.desired_before.saturating_sub(decision.running);
    match missing {
        0 => String::new(),
        _ => format!("; {missing} of its {} tasks {} not running yet", decision.desired_before, if missing == 1 { "was" } else { "were" }),
    }
}

/// The policy that changed the desired count, and the metric that made it.
fn acted(decision: &ExplainedDecision) -> String {
    let Some(policy) = decision.winning_policy() else { return "a policy asked for it".to_owned() };
    let mut text = wanted(policy, decision);
    if let Some(alarm) = policy.alarms.iter().find(|alarm| alarm.state == "ALARM") {
        text += &format!(", because {}", in_alarm(alarm));
    } else {
        text += &format!(" ({})", policy.reason);
    }
    text
}

/// `policy cpu wanted 6`, and the bound that limited it.
fn wanted(policy: &ExplainedPolicy, decision: &ExplainedDecision) -> String {
    let wants = policy.wants.unwrap_or(decision.desired_after);
    let limit = if wants > decision.max_capacity {
        format!(" (max_capacity is {})", decision.max_capacity)
    } else if wants < decision.min_capacity {
        format!(" (min_capacity is {})", decision.min_capacity)
    } else {
        String::new()
    };
    format!("policy {} wanted {wants}{limit}", policy.name)
}

/// `CPUUtilization Average was > 60 in 3 of the last 3 datapoints (the latest is 72.3, of 14:01:00, published 14:04:00)`.
fn in_alarm(alarm: &ExplainedAlarm) -> String {
    let (needed, all) = (alarm.breaching(), alarm.evaluation_periods);
    let threshold = number(alarm.threshold.0);
    format!("{} was {} {threshold} in {needed} of the last {all} datapoints{}", alarm.metric, alarm.comparison, latest(alarm))
}

fn latest(alarm: &ExplainedAlarm) -> String {
    alarm.latest().map_or_else(String::new, |(datapoint, value)| {
        format!(" (the latest is {}, of {}, published {})", number(value), clock(datapoint.start), clock(datapoint.published))
    })
}

fn not_scaled(decision: &ExplainedDecision) -> String {
    let code = decision.not_scaled_reasons.first().map_or("", |reason| reason.code.as_str());
    let Some(policy) = decision.winning_policy() else { return format!("AWS's reason is {code}") };
    let wants = policy.wants.unwrap_or(decision.desired_before);
    let why = match code {
        "AlreadyAtMaxCapacity" => format!("policy {} wanted {wants}, and max_capacity is {}", policy.name, decision.max_capacity),
        "AlreadyAtMinCapacity" => format!("policy {} wanted {wants}, and min_capacity is {}", policy.name, decision.min_capacity),
        "AutoScalingAnticipatedFlapping" => format!(
            "policy {} wanted to scale in, but needs {wants} tasks for its target: one task fewer would lift the metric above it",
            policy.name
        ),
        _ => format!("policy {} wanted {wants}, and the desired count is {} already", policy.name, decision.desired_before),
    };
    format!("{why} ({code})")
}

fn held_back(decision: &ExplainedDecision) -> String {
    let asking = decision.winning_policy().or_else(|| decision.policies.iter().find(|policy| policy.wants.is_some()));
    let wish = asking.map_or_else(
        || "a policy wanted a change".to_owned(),
        |policy| format!("{} instead of {}", wanted(policy, decision), decision.desired_before),
    );
    let reason = decision.held_back_by.as_deref().unwrap_or_default();
    format!("{wish}, held back: {reason}{}", cooldown_end(decision, reason))
}

/// When the cooldown that a reason names ends.
fn cooldown_end(decision: &ExplainedDecision, reason: &str) -> String {
    let cooldown = if reason.contains("scale-in cooldown") {
        decision.scale_in_cooldown
    } else if reason.contains("scale-out cooldown") {
        decision.scale_out_cooldown
    } else {
        return String::new();
    };
    match (cooldown.state, cooldown.until) {
        (CooldownState::Running, Some(until)) => format!(", until {}", clock(until)),
        (CooldownState::NotBegun, _) => ", which begins when as many tasks run as are desired".to_owned(),
        _ => String::new(),
    }
}

/// How far each alarm was from acting.
fn nothing(decision: &ExplainedDecision) -> String {
    if let Some(policy) = decision
        .policies
        .iter()
        .find(|policy| !policy.alarms.is_empty() && policy.wants.is_some_and(|wants| wants != decision.desired_before))
    {
        let wants = policy.wants.unwrap_or(decision.desired_before);
        return format!("policy {} wants {wants}, but its alarm acts once a minute and not at this datapoint", policy.name);
    }
    let policies: Vec<String> = decision.policies.iter().map(at_rest).collect();
    if policies.is_empty() {
        "it has no policy that could ask".to_owned()
    } else {
        format!("no policy asked for a change. {}", policies.join(". "))
    }
}

/// `Policy cpu: AlarmHigh is OK (1 of the 3 datapoints > 60 that it needs), AlarmLow ...; the latest is 57.3`.
fn at_rest(policy: &ExplainedPolicy) -> String {
    let Some(first) = policy.alarms.first() else { return format!("Policy {}: {}", policy.name, policy.reason) };
    let state = |alarm: &ExplainedAlarm| {
        let rule = format!("{} {}", alarm.comparison, number(alarm.threshold.0));
        format!(
            "{} is {} ({} of the {} datapoints {rule} that it needs)",
            alarm.short_name(),
            alarm.state,
            alarm.breaching(),
            alarm.datapoints_to_alarm
        )
    };
    let alarms: Vec<String> = policy.alarms.iter().map(state).collect();
    let value = match first.latest() {
        Some((datapoint, value)) => {
            let (start, published) = (clock(datapoint.start), clock(datapoint.published));
            format!("{} was {} at {start}, published {published}", first.metric, number(value))
        }
        None => format!("{} has no datapoint", first.metric),
    };
    format!("Policy {}: {value}; {}", policy.name, alarms.join(", "))
}

/// The answer about one time.
pub(super) fn answer_at(result: &ExplainResult, at: Timestamp) -> String {
    let service = &result.service;
    match result.asked() {
        Some(decision) if decision.time == at => format!("At {} UTC {service} {}.", date_and_time(at), decision.sentence),
        Some(decision) => {
            let (asked, taken) = (date_and_time(at), date_and_time(decision.time));
            format!("At {taken} UTC, the last decision up to {asked}, {service} {}.", decision.sentence)
        }
        None => format!("At {} UTC {service} had not scaled: no datapoint of its metrics had been published yet.", date_and_time(at)),
    }
}

/// The answer about a whole run.
pub(super) fn answer(result: &ExplainResult) -> String {
    let count = |kind: OutcomeKind| result.decisions.iter().filter(|decision| decision.outcome == kind).count();
    let service = &result.service;
    if result.decisions.is_empty() {
        return format!("{service} never scaled: no policy asked for a change.");
    }
    let mut parts =
        vec![format!("{service} scaled out {} and in {}", times(count(OutcomeKind::ScaledOut)), times(count(OutcomeKind::ScaledIn)))];
    for (kind, nouns, words) in [
        (OutcomeKind::NotScaled, ["attempt to scale", "attempts to scale"], "changed nothing"),
        (OutcomeKind::HeldBack, ["wish was", "wishes were"], "held back"),
        (OutcomeKind::BoundsSet, ["time", "times"], "only the bounds were set"),
    ] {
        if count(kind) > 0 {
            let codes = if kind == OutcomeKind::NotScaled { codes(result) } else { String::new() };
            let noun = nouns[usize::from(count(kind) > 1)];
            parts.push(format!("{} {noun} {words}{codes}", count(kind)));
        }
    }
    let mut text = parts.join("; ") + ".";
    if let (Some(median), Some(slowest)) = (result.median_scale_out(), result.slowest_scale_out()) {
        text += &format!(
            " From the first step below to the first request of a new task a scale-out took {} in the median, {} at the slowest.",
            span(median),
            span(slowest)
        );
    }
    text
}

/// How often each of AWS's reasons stood in the way: ` (AlreadyAtMinCapacity 85, ...)`.
fn codes(result: &ExplainResult) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in result.decisions.iter().flat_map(|decision| &decision.not_scaled_reasons) {
        *counts.entry(&reason.code).or_default() += 1;
    }
    let counts: Vec<String> = counts.iter().map(|(code, count)| format!("{code} {count}")).collect();
    format!(" ({})", counts.join(", "))
}

fn span(scale_out: &ScaleOut) -> String {
    let Figure(seconds) = scale_out.seconds;
    SimDuration::from_seconds_f64(seconds.round()).to_string()
}

fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        _ => format!("{count} times"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::NotScaledReason;
    use super::super::explain::{ExplainedCooldown, ExplainedDatapoint};
    use super::*;

    fn time(clock: &str) -> Timestamp {
        format!("2026-03-02T{clock}Z").parse().unwrap()
    }

    /// An alarm above 60 or below 54 with these datapoints of one minute, the last of which is published at 14:05.
    fn alarm(high: bool, state: &str, values: &[f64]) -> ExplainedAlarm {
        let breaches = |value: f64| if high { value > 60.0 } else { value < 54.0 };
        let minutes = |index: usize| jiff::SignedDuration::from_mins((values.len() - 1 - index) as i64);
        let datapoint = |(index, value): (usize, &f64)| ExplainedDatapoint {
            start: time("14:02:00") - minutes(index),
            published: time("14:05:00") - minutes(index),
            value: Some(Figure(*value)),
            breaches: breaches(*value),
        };
        ExplainedAlarm {
            name: format!("TargetTracking-service/default/web-Alarm{}-1", if high { "High" } else { "Low" }),
            metric: "CPUUtilization Average".into(),
            comparison: if high { ">" } else { "<" }.into(),
            threshold: Figure(if high { 60.0 } else { 54.0 }),
            period_seconds: 60,
            evaluation_periods: 3,
            datapoints_to_alarm: 3,
            state: state.into(),
            datapoints: values.iter().enumerate().map(datapoint).collect(),
        }
    }

    fn decision(outcome: OutcomeKind, wants: Option<u32>, alarms: Vec<ExplainedAlarm>) -> ExplainedDecision {
        let over = ExplainedCooldown { state: CooldownState::Over, until: None };
        let policy = ExplainedPolicy {
            name: "cpu".into(),
            policy_type: "TargetTrackingScaling".into(),
            alarms,
            wants,
            reason: "a datapoint of 5.00 with no task: one task".into(),
        };
        ExplainedDecision {
            time: time("14:05:00"),
            trigger: TriggerKind::Datapoint,
            trigger_name: None,
            running: 4,
            desired_before: 4,
            desired_after: 4,
            min_capacity: 2,
            max_capacity: 10,
            policies: vec![policy],
            winner: Some("cpu".into()),
            scale_out_cooldown: over,
            scale_in_cooldown: over,
            outcome,
            not_scaled_reasons: Vec::new(),
            held_back_by: None,
            sentence: String::new(),
        }
    }

    #[test]
    fn a_scale_out_names_policy_metric_and_datapoints() {
        let high = alarm(true, "ALARM", &[70.0, 71.0, 72.5]);
        let mut decision = decision(OutcomeKind::ScaledOut, Some(12), vec![high]);
        decision.desired_after = 10;
        assert_eq!(
            sentence(&decision),
            "scaled out from 4 to 10 tasks: policy cpu wanted 12 (max_capacity is 10), because CPUUtilization Average was > 60 in 3 of the \
             last 3 datapoints (the latest is 72.5, of 14:02:00, published 14:05:00)"
        );
    }

    #[test]
    fn a_service_that_wakes_from_no_task_has_no_alarm_to_name() {
        let mut decision = decision(OutcomeKind::ScaledOut, Some(1), vec![alarm(true, "INSUFFICIENT_DATA", &[])]);
        (decision.running, decision.desired_before, decision.desired_after, decision.min_capacity) = (0, 0, 1, 0);
        assert_eq!(sentence(&decision), "scaled out from 0 to 1 tasks: policy cpu wanted 1 (a datapoint of 5.00 with no task: one task)");
    }

    #[test]
    fn a_quiet_forecast_tells_what_it_asks_for() {
        let mut decision = decision(OutcomeKind::Nothing, None, Vec::new());
        decision.policies[0].reason = "it forecasts only".into();
        assert_eq!(sentence(&decision), "did not scale: no policy asked for a change. Policy cpu: it forecasts only");
    }

    #[test]
    fn a_quiet_policy_tells_how_far_each_alarm_was_from_acting() {
        let alarms = vec![alarm(true, "OK", &[50.0, 61.0, 62.0]), alarm(false, "OK", &[50.0, 61.0, 62.0])];
        let decision = decision(OutcomeKind::Nothing, None, alarms);
        assert_eq!(
            sentence(&decision),
            "did not scale: no policy asked for a change. Policy cpu: CPUUtilization Average was 62 at 14:02:00, published 14:05:00; AlarmHigh \
             is OK (2 of the 3 datapoints > 60 that it needs), AlarmLow is OK (1 of the 3 datapoints < 54 that it needs)"
        );
    }

    #[test]
    fn an_attempt_that_came_to_nothing_carries_the_code_of_aws() {
        for (code, wants, words) in [
            ("AlreadyAtMaxCapacity", 12, "policy cpu wanted 12, and max_capacity is 10"),
            ("AlreadyAtMinCapacity", 1, "policy cpu wanted 1, and min_capacity is 2"),
            ("AlreadyAtDesiredCapacity", 4, "policy cpu wanted 4, and the desired count is 4 already"),
            ("AutoScalingAnticipatedFlapping", 4, "needs 4 tasks for its target: one task fewer would lift the metric above it"),
        ] {
            let mut decision = decision(OutcomeKind::NotScaled, Some(wants), Vec::new());
            decision.not_scaled_reasons =
                vec![NotScaledReason { code: code.into(), max_capacity: None, min_capacity: None, current_capacity: None }];
            let sentence = sentence(&decision);
            assert!(
                sentence.starts_with("did not scale: ") && sentence.contains(words) && sentence.ends_with(&format!("({code})")),
                "{sentence}"
            );
        }
    }

    #[test]
    fn a_wish_that_is_held_back_tells_until_when() {
        let mut decision = decision(OutcomeKind::HeldBack, Some(3), Vec::new());
        decision.held_back_by = Some("the scale-in cooldown".into());
        decision.scale_in_cooldown = ExplainedCooldown { state: CooldownState::Running, until: Some(time("14:07:30")) };
        assert_eq!(
            sentence(&decision),
            "did not scale: policy cpu wanted 3 instead of 4, held back: the scale-in cooldown, until 14:07:30"
        );
        decision.scale_in_cooldown = ExplainedCooldown { state: CooldownState::NotBegun, until: None };
        assert!(sentence(&decision).ends_with("the scale-in cooldown, which begins when as many tasks run as are desired"));
    }

    #[test]
    fn tasks_that_are_still_starting_are_told() {
        let mut decision = decision(OutcomeKind::Nothing, None, Vec::new());
        (decision.running, decision.desired_before) = (3, 5);
        assert!(sentence(&decision).ends_with("; 2 of its 5 tasks were not running yet"));
    }

    #[test]
    fn triggers_by_the_clock_are_named() {
        let mut decision = decision(OutcomeKind::BoundsSet, None, Vec::new());
        (decision.trigger, decision.trigger_name) = (TriggerKind::ScheduledAction, Some("office".into()));
        assert_eq!(sentence(&decision), "kept its desired count of 4: scheduled action office set the bounds to 2 and 10");
        decision.outcome = OutcomeKind::ScaledOut;
        decision.desired_after = 6;
        assert_eq!(sentence(&decision), "scaled out from 4 to 6 tasks: scheduled action office asked for it");
    }
}
