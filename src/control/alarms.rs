//! CloudWatch alarms on one metric, evaluated whenever a datapoint is published.
//!
//! An alarm looks at a range a little longer than its evaluation periods (two more, after the example in
//! AWS's documentation). With enough real datapoints the newest N decide, M of which must breach; with
//! fewer, missing ones count as neither good nor bad (`TreatMissingData: missing`, what target tracking
//! uses): a good datapoint in the range keeps the alarm OK, and one old breach among gaps is enough once
//! it is M periods old.

use std::collections::VecDeque;

/// Periods that an alarm looks at beyond its evaluation periods.
const FURTHER_PERIODS: usize = 2;

/// How a datapoint breaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breach {
    /// Above the threshold, not at it.
    GreaterThan,
    /// Below the threshold, not at it.
    LessThan,
}

/// The state of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlarmState {
    /// Too little is known.
    InsufficientData,
    /// Not enough datapoints breach.
    Ok,
    /// Enough datapoints breach.
    Alarm,
}

/// One alarm.
#[derive(Clone, Debug)]
pub struct Alarm {
    breach: Breach,
    threshold: f64,
    evaluation_periods: usize,
    datapoints_to_alarm: usize,
    range: VecDeque<Option<f64>>,
    /// Among the newest evaluation periods: those that breach and those that are missing.
    breaching: usize,
    missing: usize,
    state: AlarmState,
}

impl Alarm {
    /// An alarm without history.
    #[must_use]
    pub fn new(breach: Breach, threshold: f64, evaluation_periods: usize, datapoints_to_alarm: usize) -> Self {
        Self {
            breach,
            threshold,
            evaluation_periods,
            datapoints_to_alarm,
            range: VecDeque::with_capacity(evaluation_periods + FURTHER_PERIODS + 1),
            breaching: 0,
            missing: evaluation_periods,
            state: AlarmState::InsufficientData,
        }
    }

    /// Takes the next datapoint (none: it is missing) and returns the state that follows.
    pub fn observe(&mut self, datapoint: Option<f64>) -> AlarmState {
        let leaving = self.range.len().checked_sub(self.evaluation_periods).and_then(|index| self.range[index]);
        self.count(leaving, |count| *count -= 1);
        self.count(datapoint, |count| *count += 1);
        self.range.push_back(datapoint);
        if self.range.len() > self.evaluation_periods + FURTHER_PERIODS {
            self.range.pop_front();
        }
        self.state = if self.missing > 0 {
            self.evaluate_with_gaps()
        } else if self.breaching >= self.datapoints_to_alarm {
            AlarmState::Alarm
        } else {
            AlarmState::Ok
        };
        self.state
    }

    /// Applies a change to the counts that a datapoint belongs to.
    fn count(&mut self, datapoint: Option<f64>, change: impl Fn(&mut usize)) {
        match datapoint {
            None => change(&mut self.missing),
            Some(value) if self.breaches(value) => change(&mut self.breaching),
            Some(_) => {}
        }
    }

    /// The present state.
    #[must_use]
    pub const fn state(&self) -> AlarmState {
        self.state
    }

    /// The real datapoints of the evaluation periods, newest first.
    pub fn newest(&self) -> impl Iterator<Item = f64> + '_ {
        self.range.iter().rev().filter_map(|datapoint| *datapoint).take(self.evaluation_periods)
    }

    fn breaches(&self, value: f64) -> bool {
        match self.breach {
            Breach::GreaterThan => value > self.threshold,
            Breach::LessThan => value < self.threshold,
        }
    }

    fn evaluate_with_gaps(&self) -> AlarmState {
        let (mut real, mut breaching) = (0, 0);
        for value in self.newest() {
            real += 1;
            breaching += usize::from(self.breaches(value));
        }
        if real == 0 {
            return AlarmState::InsufficientData;
        }
        if breaching >= self.datapoints_to_alarm {
            return AlarmState::Alarm;
        }
        if real >= self.evaluation_periods || breaching < real {
            return AlarmState::Ok;
        }
        // Gaps and nothing but breaches: it is too early to tell until the oldest breach is M periods old.
        let oldest = self.range.iter().position(Option::is_some).map_or(0, |index| self.range.len() - index);
        if oldest >= self.datapoints_to_alarm { AlarmState::Alarm } else { self.state }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The column `missing` of the two tables in "Configuring how CloudWatch alarms treat missing data"
    /// (AWS, alarms-and-missing-data): 0 is a good datapoint, X a breach, - a missing one, oldest first.
    #[test]
    fn the_documented_tables_of_missing_data() {
        use AlarmState::{Alarm as InAlarm, InsufficientData, Ok};
        let rows = [
            ("0-X-X", 3, Ok),
            ("0----", 3, Ok),
            ("-----", 3, InsufficientData),
            ("0XX-X", 3, InAlarm),
            ("--X--", 3, InAlarm),
            ("0-X-X", 2, InAlarm),
            ("00X0X", 2, InAlarm),
            ("0-X--", 2, Ok),
            ("----0", 2, Ok),
            ("---X-", 2, InAlarm),
        ];
        for (points, datapoints_to_alarm, expected) in rows {
            let mut alarm = Alarm::new(Breach::GreaterThan, 1.0, 3, datapoints_to_alarm);
            for point in points.chars() {
                alarm.observe(match point {
                    'X' => Some(2.0),
                    '0' => Some(0.0),
                    _ => None,
                });
            }
            assert_eq!(alarm.state(), expected, "{points} with {datapoints_to_alarm} of 3");
        }
    }

    /// The same page: one breach at the end of a gap does not raise the alarm.
    #[test]
    fn a_lone_young_breach_is_premature() {
        for points in [[None, None, None, None, Some(2.0)], [None, None, None, Some(2.0), None]] {
            let mut alarm = Alarm::new(Breach::GreaterThan, 1.0, 3, 3);
            let last = points.into_iter().map(|point| alarm.observe(point)).last();
            assert_ne!(last, Some(AlarmState::Alarm));
        }
    }

    #[test]
    fn a_datapoint_at_the_threshold_does_not_breach() {
        for breach in [Breach::GreaterThan, Breach::LessThan] {
            let mut alarm = Alarm::new(breach, 60.0, 3, 3);
            assert_eq!((0..5).map(|_| alarm.observe(Some(60.0))).last(), Some(AlarmState::Ok));
        }
    }
}
