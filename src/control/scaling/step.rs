//! One step scaling policy: its alarm, and the step that the breach falls into.
//!
//! Behaviour after AWS's "Step scaling policies overview": bounds are relative to the threshold; above it
//! the lower bound belongs to a step and the upper one does not, below it the other way round. An adjustment
//! by percent is cut towards zero, but one between zero and one task counts as one; MinAdjustmentMagnitude is
//! the least change by percent, in both directions. The value that is compared is the aggregate of the
//! newest datapoints: AWS does not say of how many, here of the alarm's evaluation periods.

use super::{Ask, AskedCapacity, Direction};
use crate::control::alarms::{Alarm, AlarmState};
use crate::control::datapoints::{Datapoints, Windows};
use crate::scenario::model::{Adjustment, AlarmRule, Statistic, Step, StepScaling};
use crate::units::SimTime;

/// A policy and its alarm.
#[derive(Clone, Debug)]
pub struct StepPolicy {
    /// The policy as configured.
    pub config: StepScaling,
    /// Its alarm.
    pub alarm: Alarm,
    /// When the newest window ended and when it was read; none before the first.
    pub last_read: Option<(SimTime, SimTime)>,
    windows: Windows,
}

impl StepPolicy {
    /// A policy whose alarm has no history. `high_resolution`: the service publishes CPU and memory every 20
    /// seconds.
    #[must_use]
    pub fn new(config: StepScaling, high_resolution: bool) -> Self {
        let windows = Windows::new(config.series, config.alarm.period, high_resolution);
        Self { alarm: Alarm::new(config.alarm, windows.phases()), last_read: None, windows, config }
    }

    /// Shows the datapoints to the alarm, if it reads such.
    // (Apart from what other policies do at each datapoint.)
    #[inline(never)]
    pub fn observe(&mut self, now: SimTime, datapoints: &Datapoints) {
        if datapoints.span == self.windows.span() {
            self.last_read = Some((datapoints.end, now));
            let alarm = &mut self.alarm;
            self.windows.push(datapoints, |value| {
                alarm.observe(value);
            });
        }
    }

    /// What the policy asks for, if its alarm invokes it now.
    pub fn ask(&mut self, now: SimTime, running: u32) -> Option<Ask> {
        if self.alarm.acts(now) { self.wish(running) } else { None }
    }

    /// What the policy would ask for in the present state of its alarm.
    #[must_use]
    pub fn wish(&self, running: u32) -> Option<Ask> {
        if self.alarm.state() != AlarmState::Alarm {
            return None;
        }
        let metric_value = self.metric_value()?;
        let step = step_of(&self.config.steps, self.alarm.rule(), metric_value)?;
        let change = AskedCapacity::Step(step.adjustment);
        let capacity = self.capacity(running, step.adjustment);
        let direction = match self.config.adjustment {
            Adjustment::ExactCapacity if capacity > running => Direction::Out,
            Adjustment::ExactCapacity if capacity < running => Direction::In,
            Adjustment::ChangeInCapacity | Adjustment::PercentChangeInCapacity if step.adjustment > 0 => Direction::Out,
            Adjustment::ChangeInCapacity | Adjustment::PercentChangeInCapacity if step.adjustment < 0 => Direction::In,
            _ => return None,
        };
        Some(Ask { direction, capacity: change, metric_value })
    }

    /// The capacity that an adjustment makes of `base`.
    #[must_use]
    pub fn capacity(&self, base: u32, adjustment: i64) -> u32 {
        adjusted(base, self.config.adjustment, adjustment, self.config.min_adjustment_magnitude)
    }

    /// The newest datapoints as one value.
    #[must_use]
    pub fn metric_value(&self) -> Option<f64> {
        match self.config.aggregation {
            Statistic::Minimum => self.alarm.newest().reduce(f64::min),
            Statistic::Maximum => self.alarm.newest().reduce(f64::max),
            Statistic::Average | Statistic::Sum | Statistic::SampleCount => super::mean(self.alarm.newest()),
        }
    }
}

/// The step that a value falls into.
fn step_of<'a>(steps: &'a [Step], rule: &AlarmRule, value: f64) -> Option<&'a Step> {
    let distance = value - rule.threshold;
    steps.iter().find(|step| {
        let (lower, upper) = (step.lower.unwrap_or(f64::NEG_INFINITY), step.upper.unwrap_or(f64::INFINITY));
        if rule.breach.is_upward() { lower <= distance && distance < upper } else { lower < distance && distance <= upper }
    })
}

/// The capacity after an adjustment of `base`.
#[must_use]
pub fn adjusted(base: u32, kind: Adjustment, adjustment: i64, min_magnitude: u32) -> u32 {
    let capacity = match kind {
        Adjustment::ExactCapacity => adjustment,
        Adjustment::ChangeInCapacity => i64::from(base) + adjustment,
        Adjustment::PercentChangeInCapacity => i64::from(base) + percent_change(base, adjustment, min_magnitude),
    };
    u32::try_from(capacity.max(0)).unwrap_or(u32::MAX)
}

/// Tasks that a change by percent makes: cut towards zero, at least one task, at least the magnitude.
fn percent_change(base: u32, percent: i64, min_magnitude: u32) -> i64 {
    let hundredths = i64::from(base) * percent;
    let least = i64::from(min_magnitude.max(1));
    match hundredths {
        0 => percent.signum() * i64::from(min_magnitude),
        _ => hundredths.signum() * (hundredths.abs() / 100).max(least),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::{Breach, TreatMissingData};
    use crate::units::SimDuration;

    fn rule(breach: Breach) -> AlarmRule {
        AlarmRule {
            breach,
            threshold: 50.0,
            period: SimDuration::from_seconds(60),
            evaluation_periods: 1,
            datapoints_to_alarm: 1,
            treat_missing_data: TreatMissingData::Missing,
        }
    }

    fn steps(steps: &[(Option<f64>, Option<f64>, i64)]) -> Vec<Step> {
        steps.iter().map(|&(lower, upper, adjustment)| Step { lower, upper, adjustment }).collect()
    }

    /// The worked example of AWS's step scaling overview: threshold 50, base 10, metric 60, 70, 40, 30.
    #[test]
    fn the_documented_walk() {
        let out = steps(&[(Some(0.0), Some(10.0), 0), (Some(10.0), Some(20.0), 10), (Some(20.0), None, 30)]);
        let inward = steps(&[(Some(-10.0), Some(0.0), 0), (Some(-20.0), Some(-10.0), -10), (None, Some(-20.0), -30)]);
        let walk = [(60.0, true), (70.0, true), (40.0, false), (30.0, false)];
        let mut capacity = 10;
        let mut capacities = Vec::new();
        for (metric, is_out) in walk {
            let (rule, steps) = if is_out {
                (rule(Breach::GreaterThanOrEqualToThreshold), &out)
            } else {
                (rule(Breach::LessThanOrEqualToThreshold), &inward)
            };
            let step = step_of(steps, &rule, metric).expect("every value has a step");
            capacity = adjusted(capacity, Adjustment::PercentChangeInCapacity, step.adjustment, 0);
            capacities.push(capacity);
        }
        assert_eq!(capacities, [11, 14, 13, 10]);
        for metric in [41.0, 50.0, 59.0] {
            let (rule, steps) = if metric >= 50.0 {
                (rule(Breach::GreaterThanOrEqualToThreshold), &out)
            } else {
                (rule(Breach::LessThanOrEqualToThreshold), &inward)
            };
            assert_eq!(step_of(steps, &rule, metric).map(|step| step.adjustment), Some(0), "{metric}: the neutral band");
        }
    }

    /// The same page: above the threshold the lower bound is inclusive and the upper exclusive, below it
    /// the other way round.
    #[test]
    fn ends_of_steps() {
        let two = steps(&[(Some(0.0), Some(10.0), 1), (Some(10.0), None, 2)]);
        let upward = rule(Breach::GreaterThanThreshold);
        assert_eq!([50.0, 59.9, 60.0].map(|value| step_of(&two, &upward, value).map(|step| step.adjustment)), [Some(1), Some(1), Some(2)]);
        let two = steps(&[(Some(-10.0), Some(0.0), -1), (None, Some(-10.0), -2)]);
        let downward = rule(Breach::LessThanThreshold);
        let found = [50.0, 40.1, 40.0].map(|value| step_of(&two, &downward, value).map(|step| step.adjustment));
        assert_eq!(found, [Some(-1), Some(-1), Some(-2)]);
    }

    /// The same page on rounding: 12.7 becomes 12, 0.67 becomes 1, -0.58 becomes -1, -6.67 becomes -6.
    #[test]
    fn percentages_are_cut_towards_zero_but_to_one_task_at_least() {
        assert_eq!(percent_change(127, 10, 0), 12);
        assert_eq!(percent_change(67, 1, 0), 1);
        assert_eq!(percent_change(58, -1, 0), -1);
        assert_eq!(percent_change(667, -1, 0), -6);
        assert_eq!(percent_change(10, 0, 0), 0);
    }

    /// The same page, and PutScalingPolicy: 25 % of 4 with a least change of 2 is 6; 3 and 5 by each type.
    #[test]
    fn adjustment_types() {
        assert_eq!(adjusted(4, Adjustment::PercentChangeInCapacity, 25, 2), 6);
        assert_eq!(adjusted(4, Adjustment::PercentChangeInCapacity, -25, 2), 2);
        assert_eq!(adjusted(3, Adjustment::ChangeInCapacity, 5, 0), 8);
        assert_eq!(adjusted(3, Adjustment::ExactCapacity, 5, 0), 5);
        assert_eq!(adjusted(10, Adjustment::PercentChangeInCapacity, 10, 0), 11);
        assert_eq!(adjusted(3, Adjustment::ChangeInCapacity, -5, 0), 0);
    }
}
