//! One target tracking policy: its two alarms and the capacity it asks for.
//!
//! Application Auto Scaling creates AlarmHigh (above the target, 3 of 3 minutes) and AlarmLow (below 0.9 x
//! target, 15 of 15), as exported alarms of real ECS services show. It publishes no formula, but its
//! examples fix one: `ceil(running x metric / target)` in both directions. The same rounding is what keeps
//! a small service from scaling in and out for ever: removing one of n tasks needs
//! `metric x n / (n - 1) <= target`.

use crate::control::alarms::{Alarm, AlarmState, Breach};
use crate::scenario::model::{MetricValue, TargetTracking};

/// AlarmLow stands at this fraction of the target.
const LOW_FRACTION: f64 = 0.9;
/// Minutes that must all breach before a scale-out.
const HIGH_PERIODS: usize = 3;
/// Minutes that must all breach before a scale-in.
const LOW_PERIODS: usize = 15;

/// What a policy asks for after a datapoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Neither alarm is in ALARM.
    Nothing,
    /// AlarmHigh is in ALARM: at least this many tasks.
    Out(u32),
    /// AlarmLow is in ALARM: this many tasks would do.
    In(u32),
}

/// A policy and its alarms.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The policy as configured.
    pub config: TargetTracking,
    high: Alarm,
    low: Alarm,
}

impl Policy {
    /// A policy whose alarms have no history.
    #[must_use]
    pub fn new(config: TargetTracking) -> Self {
        let target = config.target_value;
        Self {
            high: Alarm::new(Breach::GreaterThan, target, HIGH_PERIODS, HIGH_PERIODS),
            low: Alarm::new(Breach::LessThan, LOW_FRACTION * target, LOW_PERIODS, LOW_PERIODS),
            config,
        }
    }

    /// Takes the next datapoint and says what the policy asks for, given the running count.
    pub fn observe(&mut self, datapoint: Option<f64>, running: u32, value: MetricValue) -> Wish {
        self.high.observe(datapoint);
        self.low.observe(datapoint);
        if self.high.state() == AlarmState::Alarm {
            return metric_of(&self.high, value).map_or(Wish::Nothing, |metric| Wish::Out(self.capacity(running, metric)));
        }
        if self.low.state() == AlarmState::Alarm && !self.config.disable_scale_in {
            return metric_of(&self.low, value).map_or(Wish::Nothing, |metric| Wish::In(self.capacity(running, metric)));
        }
        Wish::Nothing
    }

    fn capacity(&self, running: u32, metric: f64) -> u32 {
        wanted_capacity(running, metric, self.config.target_value)
    }
}

/// The datapoint that the formula takes; none when the alarm has none.
fn metric_of(alarm: &Alarm, value: MetricValue) -> Option<f64> {
    let mut datapoints = alarm.newest();
    match value {
        MetricValue::Latest => datapoints.next(),
        MetricValue::Max => datapoints.reduce(f64::max),
        MetricValue::Mean => {
            let (count, sum) = datapoints.fold((0_u32, 0.0), |(count, sum), value| (count + 1, sum + value));
            (count > 0).then(|| sum / f64::from(count))
        }
    }
}

/// The capacity at which the metric would meet the target: `ceil(running x metric / target)`, a billionth
/// forgiven so that an exact multiple is not rounded up by the last bit.
#[must_use]
pub fn wanted_capacity(running: u32, metric: f64, target: f64) -> u32 {
    (f64::from(running) * metric / target - 1e-9).ceil().max(0.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::ScalingMetric;
    use crate::units::SimDuration;

    fn policy(target_value: f64) -> Policy {
        Policy::new(TargetTracking {
            name: "cpu".into(),
            metric: ScalingMetric::CpuUtilization,
            target_value,
            scale_out_cooldown: SimDuration::from_seconds(300),
            scale_in_cooldown: SimDuration::from_seconds(300),
            disable_scale_in: false,
        })
    }

    /// AWS, service-autoscaling-queue (150 per task against 100: five tasks more) and the overview of
    /// target tracking (1.5 needed: add 2; 0.5 removable: remove none); capped CPU grows by 100/target.
    #[test]
    fn documented_capacities() {
        assert_eq!(wanted_capacity(10, 150.0, 100.0), 15);
        assert_eq!(wanted_capacity(10, 115.0, 100.0), 12);
        assert_eq!(wanted_capacity(10, 95.0, 100.0), 10);
        for (target, tasks) in [(50.0, 20), (70.0, 15), (80.0, 13), (90.0, 12)] {
            assert_eq!(wanted_capacity(10, 100.0, target), tasks);
        }
        assert_eq!(wanted_capacity(10, 60.0, 60.0), 10);
    }

    #[test]
    fn three_minutes_above_the_target_ask_for_more() {
        let mut policy = policy(60.0);
        let wishes: Vec<Wish> = [90.0, 90.0, 60.0, 61.0, 61.0, 90.0].map(|cpu| policy.observe(Some(cpu), 4, MetricValue::Latest)).into();
        assert_eq!(wishes[..5], [Wish::Nothing; 5]);
        assert_eq!(wishes[5], Wish::Out(6));
    }

    #[test]
    fn fifteen_minutes_below_nine_tenths_of_the_target_ask_for_less() {
        let mut policy = policy(60.0);
        let mut wishes = (0..15).map(|_| policy.observe(Some(53.9), 20, MetricValue::Latest)).collect::<Vec<_>>();
        assert_eq!(wishes.pop(), Some(Wish::In(18)));
        assert!(wishes.iter().all(|wish| *wish == Wish::Nothing));
        assert_eq!(policy.observe(Some(54.0), 20, MetricValue::Latest), Wish::Nothing);
    }

    #[test]
    fn the_metric_value_can_be_the_latest_the_mean_or_the_largest() {
        for (value, tasks) in [(MetricValue::Latest, 7), (MetricValue::Mean, 8), (MetricValue::Max, 9)] {
            let mut policy = policy(10.0);
            policy.observe(Some(18.0), 5, value);
            policy.observe(Some(15.0), 5, value);
            assert_eq!(policy.observe(Some(14.0), 5, value), Wish::Out(tasks), "{value:?}");
        }
    }

    #[test]
    fn missing_datapoints_scale_nothing() {
        let mut policy = policy(60.0);
        assert!((0..30).all(|_| policy.observe(None, 4, MetricValue::Latest) == Wish::Nothing));
    }
}
