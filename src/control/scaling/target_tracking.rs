//! One target tracking policy: its two alarms and the capacity it asks for.
//!
//! Application Auto Scaling creates AlarmHigh (above the target, 3 of 3 minutes) and AlarmLow (below 0.9 x
//! target, 15 of 15), as exported alarms of real ECS services show. For metrics of 20 seconds nobody has
//! published them; here they are 3 of 3 and 45 of 45 datapoints, so that AlarmLow needs the same 15 minutes.
//! AWS publishes no formula, but its examples fix one: `ceil(running x metric / target)` in both directions.
//! The same rounding is what keeps a small service from scaling in and out for ever: removing one of n
//! tasks needs `metric x n / (n - 1) <= target`.
//!
//! With no task at all, one datapoint above zero is enough and asks for the smallest capacity, one task (AWS,
//! service auto scaling). The predefined metrics have no datapoint then.

use super::{Ask, AskedCapacity, Direction};
use crate::control::alarms::{Alarm, AlarmState};
use crate::control::datapoints::{Datapoints, MINUTE, Reader, SAMPLE};
use crate::scenario::model::{ALARM_LOW_FRACTION, AlarmRule, Breach, MetricValue, TargetTracking, TreatMissingData};
use crate::units::{SimDuration, SimTime};

/// Datapoints that must all breach before a scale-out.
const HIGH_PERIODS: u32 = 3;
/// The time for which all datapoints must breach before a scale-in.
const LOW_SPAN: SimDuration = SimDuration::from_seconds(15 * 60);

/// A policy and its alarms.
#[derive(Clone, Debug)]
pub struct Tracker {
    /// The policy as configured.
    pub config: TargetTracking,
    /// The alarm above the target.
    pub high: Alarm,
    /// The alarm below it; acts only where the policy may scale in.
    pub low: Alarm,
    /// The newest datapoint.
    pub latest: Option<f64>,
    /// When the newest datapoint ended and when it was read; none before the first.
    pub last_read: Option<(SimTime, SimTime)>,
    span: SimDuration,
    reader: Reader,
    value: MetricValue,
}

impl Tracker {
    /// A policy whose alarms have no history.
    #[must_use]
    pub fn new(config: TargetTracking, value: MetricValue) -> Self {
        let span = if config.metric.is_high_resolution() { SAMPLE } else { MINUTE };
        let alarm = |breach: Breach, threshold: f64, periods: u32| {
            let rule = AlarmRule {
                breach,
                threshold,
                period: span,
                evaluation_periods: periods,
                datapoints_to_alarm: periods,
                treat_missing_data: TreatMissingData::Missing,
            };
            Alarm::new(rule, 1)
        };
        let low_periods = (LOW_SPAN.as_nanos() / span.as_nanos()) as u32;
        Self {
            high: alarm(Breach::GreaterThanThreshold, config.target_value, HIGH_PERIODS),
            low: alarm(Breach::LessThanThreshold, ALARM_LOW_FRACTION * config.target_value, low_periods),
            latest: None,
            last_read: None,
            span,
            reader: Reader::new(&config.metric.source()),
            value,
            config,
        }
    }

    /// Whether it reads these datapoints.
    #[must_use]
    pub fn reads(&self, datapoints: &Datapoints) -> bool {
        datapoints.span == self.span
    }

    /// Shows the datapoints to the alarms.
    pub fn observe(&mut self, now: SimTime, datapoints: &Datapoints) {
        self.last_read = Some((datapoints.end, now));
        self.latest = self.reader.next(datapoints);
        self.high.observe(self.latest);
        self.low.observe(self.latest);
    }

    /// What the policy asks for, if an alarm invokes it now or the newest datapoint wakes a service of no
    /// task.
    pub fn ask(&mut self, now: SimTime, running: u32, desired: u32) -> Option<Ask> {
        let acts = [&mut self.high, &mut self.low].map(|alarm| alarm.acts(now));
        if acts.contains(&true) || desired == 0 { self.wish(running, desired) } else { None }
    }

    /// What the policy would ask for in the present state of its alarms.
    #[must_use]
    pub fn wish(&self, running: u32, desired: u32) -> Option<Ask> {
        if desired == 0 {
            let metric_value = self.latest.filter(|value| *value > 0.0)?;
            return Some(Ask { direction: Direction::Out, capacity: AskedCapacity::Tasks(1), metric_value });
        }
        if running == 0 {
            return None;
        }
        let (direction, alarm) = if self.high.state() == AlarmState::Alarm {
            (Direction::Out, &self.high)
        } else if self.is_ready_to_scale_in() && !self.config.disable_scale_in {
            (Direction::In, &self.low)
        } else {
            return None;
        };
        let metric_value = metric_of(alarm, self.value)?;
        let capacity = AskedCapacity::Tasks(wanted_capacity(running, metric_value, self.config.target_value));
        Some(Ask { direction, capacity, metric_value })
    }

    /// Whether nothing speaks against a scale-in: AlarmLow is in ALARM. Insufficient data is not ready.
    #[must_use]
    pub fn is_ready_to_scale_in(&self) -> bool {
        self.low.state() == AlarmState::Alarm
    }
}

/// The datapoint that the formula takes; none when the alarm has none.
fn metric_of(alarm: &Alarm, value: MetricValue) -> Option<f64> {
    let mut datapoints = alarm.newest();
    match value {
        MetricValue::Latest => datapoints.next(),
        MetricValue::Max => datapoints.reduce(f64::max),
        MetricValue::Mean => super::mean(datapoints),
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
    use crate::scenario::model::TrackedMetric;

    fn tracker(target_value: f64, value: MetricValue) -> Tracker {
        let config = TargetTracking {
            name: "cpu".into(),
            metric: TrackedMetric::CPU,
            target_value,
            scale_out_cooldown: SimDuration::from_seconds(300),
            scale_in_cooldown: SimDuration::from_seconds(300),
            disable_scale_in: false,
        };
        Tracker::new(config, value)
    }

    /// Shows CPU datapoints minute by minute; returns what is asked for at each.
    fn show(tracker: &mut Tracker, running: u32, cpu: &[Option<f64>]) -> Vec<Option<(Direction, AskedCapacity)>> {
        let mut minute = 0;
        let mut ask = |cpu: &Option<f64>| {
            minute += 1;
            let now = SimTime::START + SimDuration::from_seconds(60 * minute);
            tracker.observe(now, &crate::control::scaling::tests::cpu_minute(now, *cpu));
            tracker.ask(now, running, running).map(|ask| (ask.direction, ask.capacity))
        };
        cpu.iter().map(&mut ask).collect()
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

    /// The exported alarms of real services: 70 and 63, 80 and 72, 1500 and 1350, 3 and 15 periods of a minute.
    #[test]
    fn alarms_as_application_auto_scaling_creates_them() {
        for (target, low) in [(70.0, 63.0), (80.0, 72.0), (1_500.0, 1_350.0), (50.0, 45.0)] {
            let tracker = tracker(target, MetricValue::Latest);
            let rules = [tracker.high.rule(), tracker.low.rule()];
            assert_eq!(rules.map(|rule| rule.breach), [Breach::GreaterThanThreshold, Breach::LessThanThreshold]);
            assert!((rules[0].threshold - target).abs() < 1e-9 && (rules[1].threshold - low).abs() < 1e-9, "{rules:?}");
            assert_eq!(rules.map(|rule| rule.evaluation_periods), [3, 15]);
            assert_eq!(rules.map(|rule| rule.datapoints_to_alarm), [3, 15]);
            assert!(rules.iter().all(|rule| rule.period == MINUTE && rule.treat_missing_data == TreatMissingData::Missing));
        }
    }

    #[test]
    fn three_minutes_above_the_target_ask_for_more() {
        let mut tracker = tracker(60.0, MetricValue::Latest);
        let asks = show(&mut tracker, 4, &[90.0, 90.0, 60.0, 61.0, 61.0, 90.0].map(Some));
        assert_eq!(asks[..5], [None; 5]);
        assert_eq!(asks[5], Some((Direction::Out, AskedCapacity::Tasks(6))));
    }

    #[test]
    fn fifteen_minutes_below_nine_tenths_of_the_target_ask_for_less() {
        let mut tracker = tracker(60.0, MetricValue::Latest);
        let mut asks = show(&mut tracker, 20, &[Some(53.9); 15]);
        assert_eq!(asks.pop(), Some(Some((Direction::In, AskedCapacity::Tasks(18)))));
        assert!(asks.iter().all(Option::is_none));
        assert_eq!(show(&mut tracker, 20, &[Some(54.0)]), [None]);
    }

    #[test]
    fn the_metric_value_can_be_the_latest_the_mean_or_the_largest() {
        for (value, tasks) in [(MetricValue::Latest, 7), (MetricValue::Mean, 8), (MetricValue::Max, 9)] {
            let mut tracker = tracker(10.0, value);
            let asks = show(&mut tracker, 5, &[18.0, 15.0, 14.0].map(Some));
            assert_eq!(asks[2], Some((Direction::Out, AskedCapacity::Tasks(tasks))), "{value:?}");
        }
    }

    #[test]
    fn missing_datapoints_scale_nothing() {
        assert!(show(&mut tracker(60.0, MetricValue::Latest), 4, &[None; 30]).iter().all(Option::is_none));
    }

    /// AWS, service auto scaling: from zero, one datapoint is enough, and asks for the smallest amount.
    #[test]
    fn one_datapoint_wakes_a_service_of_no_task() {
        let mut tracker = tracker(60.0, MetricValue::Latest);
        let asks = show(&mut tracker, 0, &[Some(0.0), Some(500.0), None]);
        assert_eq!(asks, [None, Some((Direction::Out, AskedCapacity::Tasks(1))), None]);
    }
}
