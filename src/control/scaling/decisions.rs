//! Decisions kept for those who ask why capacity did or did not change.
//!
//! Nothing is recorded unless it is asked for. Then it is every decision that changed something or tried to,
//! and, for a question about one time, the last decision up to it whatever came of it.

use jiff::Timestamp;

use super::activities::{ActivityLog, at};
use super::cooldown::Cooldown;
use super::forecaster::Forecaster;
use super::step::StepPolicy;
use super::target_tracking::Tracker;
use super::{Direction, Policy, ScalableTarget};
use crate::control::alarms::Alarm;
use crate::outcome::{AlarmView, CooldownView, DatapointView, Decision, PolicyView, Trigger, Verdict};
use crate::scenario::model::{MetricSource, Series};
use crate::units::{NANOS_PER_SECOND, SimTime};

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Every decision that changed something or tried to.
    Changes,
    /// The last decision up to a time.
    At(SimTime),
}

/// Keeps decisions.
#[derive(Clone, Debug)]
pub struct Recorder {
    start: Timestamp,
    interest: Interest,
    last_verdict: Option<Verdict>,
    /// What was kept, oldest first.
    pub decisions: Vec<(SimTime, Decision)>,
}

impl Recorder {
    /// A recorder without decisions; simulated time 0 is `start`.
    #[must_use]
    pub const fn new(start: Timestamp, interest: Interest) -> Self {
        Self { start, interest, last_verdict: None, decisions: Vec::new() }
    }

    /// Records a decision that a datapoint led to. `before`: running and desired tasks before it; `is_recorded`:
    /// whether it made an activity.
    pub fn datapoint(
        &mut self,
        now: SimTime,
        target: &ScalableTarget,
        before: (u32, u32),
        desired_after: u32,
        (winner, verdict, is_recorded): (Option<usize>, Verdict, bool),
    ) {
        let is_new = self.last_verdict.as_ref() != Some(&verdict);
        let is_held_back = matches!(verdict, Verdict::HeldBack(_)) && is_new;
        // Between two actions of an alarm nothing is wanted; the same attempt again is not a new one.
        if verdict != Verdict::Nothing {
            self.last_verdict = Some(verdict.clone());
        } else if !target.policies.iter().any(Policy::is_in_alarm) {
            self.last_verdict = None;
        }
        let wanted = match self.interest {
            Interest::Changes => is_recorded || is_held_back,
            Interest::At(time) => now <= time,
        };
        if wanted {
            let policies = target.policies.iter().enumerate();
            let policies = policies.map(|(index, policy)| self.policy_view(now, index, policy, target, before)).collect();
            let winner = winner.map(|index| target.policies[index].name().to_owned());
            self.keep(now, target, Trigger::Datapoint, before, desired_after, (policies, winner, verdict));
        }
    }

    /// Records a decision that the clock led to.
    pub fn clock(
        &mut self,
        now: SimTime,
        target: &ScalableTarget,
        trigger: Trigger,
        before: (u32, u32),
        desired_after: u32,
        verdict: Verdict,
    ) {
        if self.interest == Interest::Changes || matches!(self.interest, Interest::At(time) if now <= time) {
            let (Trigger::ScheduledAction(name) | Trigger::Forecast(name)) = &trigger else { return };
            let winner = Some(name.clone());
            self.keep(now, target, trigger, before, desired_after, (Vec::new(), winner, verdict));
        }
    }

    fn keep(
        &mut self,
        now: SimTime,
        target: &ScalableTarget,
        trigger: Trigger,
        (running, desired_before): (u32, u32),
        desired_after: u32,
        (policies, winner, verdict): (Vec<PolicyView>, Option<String>, Verdict),
    ) {
        if matches!(self.interest, Interest::At(_)) {
            self.decisions.clear();
        }
        let decision = Decision {
            time: at(self.start, now),
            trigger,
            running,
            desired_before,
            desired_after,
            min_capacity: target.min_capacity,
            max_capacity: target.max_capacity,
            policies,
            winner,
            scale_out_cooldown: self.cooldown_view(now, &target.out_cooldown),
            scale_in_cooldown: self.cooldown_view(now, &target.in_cooldown),
            verdict,
        };
        self.decisions.push((now, decision));
    }

    fn cooldown_view(&self, now: SimTime, cooldown: &Cooldown) -> CooldownView {
        match cooldown.end() {
            _ if cooldown.is_over(now) => CooldownView::Over,
            Some(end) => CooldownView::Until(at(self.start, end)),
            None => CooldownView::NotBegun,
        }
    }

    fn policy_view(
        &self,
        now: SimTime,
        index: usize,
        policy: &Policy,
        target: &ScalableTarget,
        (running, desired): (u32, u32),
    ) -> PolicyView {
        match policy {
            Policy::Tracking(tracker) => self.tracking_view((index, tracker), &target.log, running, desired),
            Policy::Step(step) => self.step_view((index, step), &target.log, running, target.out_cooldown.base(now, running)),
            Policy::Predictive(forecaster) => forecast_view(now, forecaster, desired),
        }
    }

    fn tracking_view(&self, (index, tracker): (usize, &Tracker), log: &ActivityLog, running: u32, desired: u32) -> PolicyView {
        let source = tracker.config.metric.source();
        let alarm = |alarm: &Alarm, direction: Direction| {
            let name = log.alarm_name(index, direction).unwrap_or_default();
            self.alarm_view(tracker.last_read, alarm, name, metric_text(&source))
        };
        let mut alarms = vec![alarm(&tracker.high, Direction::Out)];
        if !tracker.config.disable_scale_in {
            alarms.push(alarm(&tracker.low, Direction::In));
        }
        let ask = tracker.wish(running, desired);
        let wants = ask.map(|ask| Policy::Tracking(Box::new(tracker.clone())).capacity(ask, running));
        let target = tracker.config.target_value;
        let reason = match ask {
            Some(ask) if desired == 0 => format!("a datapoint of {:.2} with no task: one task", ask.metric_value),
            Some(ask) => format!("ceil({running} running x {:.2} / {target}) = {}", ask.metric_value, wants.unwrap_or(running)),
            None if tracker.config.disable_scale_in => "AlarmHigh is not in ALARM; scale-in is disabled".to_owned(),
            None => "neither AlarmHigh nor AlarmLow is in ALARM".to_owned(),
        };
        PolicyView { name: tracker.config.name.clone(), policy_type: "TargetTrackingScaling", alarms, wants, reason }
    }

    fn step_view(&self, (index, step): (usize, &StepPolicy), log: &ActivityLog, running: u32, out_base: u32) -> PolicyView {
        let name = log.alarm_name(index, Direction::Out).unwrap_or_default();
        let alarms = vec![self.alarm_view(step.last_read, &step.alarm, name, metric_text(&MetricSource::One(step.config.series)))];
        let ask = step.wish(running);
        // While a scale-out cooldown runs, what it added counts as present: the base is that before it.
        let base = if ask.is_some_and(|ask| ask.direction == Direction::Out) { out_base } else { running };
        let from = if base == running { "running tasks" } else { "tasks, the base of the running cooldown" };
        let wants = ask.map(|ask| Policy::Step(Box::new(step.clone())).capacity(ask, base));
        let reason = match (ask, step.metric_value()) {
            (Some(ask), _) => format!(
                "{:.2} is {:+.2} from the threshold: {} from {base} {from}",
                ask.metric_value,
                ask.metric_value - step.config.alarm.threshold,
                wants.unwrap_or(running)
            ),
            (None, Some(value)) if step.alarm.state().name() == "ALARM" => format!("{value:.2} falls into no step that changes capacity"),
            _ => "its alarm is not in ALARM".to_owned(),
        };
        PolicyView { name: step.config.name.clone(), policy_type: "StepScaling", alarms, wants, reason }
    }

    /// `last_read`: when the newest datapoint ended, and when the alarm read it; without one there is none.
    fn alarm_view(&self, last_read: Option<(SimTime, SimTime)>, alarm: &Alarm, name: &str, metric: String) -> AlarmView {
        let rule = alarm.rule();
        let period = rule.period;
        let seen = last_read.into_iter().flat_map(|times| alarm.range().map(move |value| (times, value)));
        let mut datapoints: Vec<DatapointView> = (0_i64..)
            .zip(seen)
            .map(|(age, ((end, read), value))| DatapointView {
                start: at(self.start, end - period * (age + 1)),
                published: at(self.start, read - period * age),
                value,
                breaches: value.is_some_and(|value| rule.breach.holds(value, rule.threshold)),
            })
            .collect();
        datapoints.reverse();
        AlarmView {
            name: name.to_owned(),
            metric,
            comparison: rule.breach.sign(),
            threshold: rule.threshold,
            period_seconds: period.as_nanos() / NANOS_PER_SECOND,
            evaluation_periods: rule.evaluation_periods,
            datapoints_to_alarm: rule.datapoints_to_alarm,
            state: alarm.state().name(),
            datapoints,
        }
    }
}

/// A forecast is a floor: it wants something only where that lies above the desired count.
fn forecast_view(now: SimTime, forecaster: &Forecaster, desired: u32) -> PolicyView {
    let floor = forecaster.floor(now);
    let reason = match floor {
        Some(floor) => format!("the forecast of this hour asks for {floor} tasks at least"),
        None if !forecaster.config.scales => "it forecasts only".to_owned(),
        None => "there is no forecast yet: it needs 24 hours of data".to_owned(),
    };
    let wants = floor.filter(|floor| *floor > desired);
    PolicyView { name: forecaster.config.name.clone(), policy_type: "PredictiveScaling", alarms: Vec::new(), wants, reason }
}

/// `CPUUtilization Average`, or the metrics that an expression takes.
fn metric_text(source: &MetricSource) -> String {
    let one = |series: &Series| format!("{} {:?}", series.metric.aws_name(), series.statistic);
    match source {
        MetricSource::One(series) => one(series),
        MetricSource::Math { series, .. } => format!("metric math of {}", series.iter().map(one).collect::<Vec<_>>().join(", ")),
    }
}
