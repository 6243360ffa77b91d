//! CloudWatch alarms: M of N datapoints, the four treatments of missing data, actions once a minute.
//!
//! Behaviour after AWS's pages "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing
//! data". An alarm looks at a range a little longer than its evaluation periods (two more, as in AWS's
//! example; the length is otherwise undisclosed). With enough real datapoints in it the newest N decide and
//! the treatment does not matter; with fewer, missing ones are filled in by the treatment. A period of
//! several minutes is evaluated every minute over windows that slide, so the alarm keeps one line of
//! datapoints for each phase of the period.
//!
//! An alarm that stays in ALARM invokes its scaling policy again once a minute (CloudWatch's 2023 guide;
//! the present one has dropped the rate and kept the exception for Auto Scaling).
//!
//! Left out: alarms with a period below a minute are evaluated when a datapoint becomes visible, not every
//! ten seconds in between; composite and anomaly detection alarms, which cannot scale.

use crate::scenario::model::{AlarmRule, TreatMissingData};
use crate::units::{SimDuration, SimTime};

/// Periods that an alarm looks at beyond its evaluation periods.
const FURTHER_PERIODS: usize = 2;

/// How many ranges a line grows to before it drops the older ones: so rarely that it costs nothing.
const RANGES_KEPT: usize = 4;

/// How often an alarm that stays in ALARM invokes its policy.
const ACTION_INTERVAL: SimDuration = SimDuration::from_seconds(60);

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

impl AlarmState {
    /// AWS's word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InsufficientData => "INSUFFICIENT_DATA",
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
        }
    }
}

/// One alarm.
#[derive(Clone, Debug)]
pub struct Alarm {
    rule: AlarmRule,
    evaluation_periods: usize,
    datapoints_to_alarm: usize,
    /// One for each phase of the period; datapoints go to them in turn.
    lines: Vec<Line>,
    /// The line that took the newest datapoint.
    newest: usize,
    state: AlarmState,
    last_action: Option<SimTime>,
}

/// The datapoints of one phase of the period, oldest first.
#[derive(Clone, Debug)]
struct Line {
    /// The newest of them are the alarm's range.
    datapoints: Vec<Seen>,
    /// Among the newest evaluation periods: those that breach and those that are missing.
    breaching: usize,
    missing: usize,
}

/// A datapoint in its turn.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// None: it is missing.
    value: Option<f64>,
    breaches: bool,
}

impl Alarm {
    /// An alarm without history, whose period is this many times the span between two evaluations (at
    /// least 1).
    #[must_use]
    pub fn new(rule: AlarmRule, phases: usize) -> Self {
        let evaluation_periods = rule.evaluation_periods as usize;

        Self {
            rule,
            evaluation_periods,
            datapoints_to_alarm: rule.datapoints_to_alarm as usize,
            lines: vec![Line { datapoints: Vec::new(), breaching: 0, missing: evaluation_periods }; phases.max(1)],
            newest: 0,
            state: AlarmState::InsufficientData,
            last_action: None,
        }
    }

    /// How it is evaluated.
    #[must_use]
    pub const fn rule(&self) -> &AlarmRule {
        &self.rule
    }

    /// Takes the next datapoint (none: it is missing) and returns the state that follows.
    pub fn observe(&mut self, datapoint: Option<f64>) -> AlarmState {
        self.newest = if self.newest + 1 < self.lines.len() { self.newest + 1 } else { 0 };
        let breaches = datapoint.is_some_and(|value| self.rule.breach.holds(value, self.rule.threshold));
        let line = &mut self.lines[self.newest];
        line.push(Seen { value: datapoint, breaches }, self.evaluation_periods);
        self.state = if line.missing > 0 {
            self.evaluate_with_gaps()
        } else if line.breaching >= self.datapoints_to_alarm {
            AlarmState::Alarm
        } else {
            AlarmState::Ok
        };
        self.state
    }

    /// Whether the alarm invokes its policy now: when it goes to ALARM, and every minute that it stays there.
    pub fn acts(&mut self, now: SimTime) -> bool {
        if self.state != AlarmState::Alarm {
            self.last_action = None;
            return false;
        }
        let acts = self.last_action.is_none_or(|last| now - last >= ACTION_INTERVAL);
        if acts {
            self.last_action = Some(now);
        }
        acts
    }

    /// The present state.
    #[must_use]
    pub const fn state(&self) -> AlarmState {
        self.state
    }

    /// The datapoints that the present state rests on, newest first, missing ones included.
    pub fn range(&self) -> impl Iterator<Item = Option<f64>> + '_ {
        self.decisive_range().iter().rev().map(|seen| seen.value)
    }

    fn decisive_range(&self) -> &[Seen] {
        let datapoints = &self.lines[self.newest].datapoints;
        let older = datapoints.len().saturating_sub(self.evaluation_periods + FURTHER_PERIODS);
        &datapoints[older..]
    }

    /// The real datapoints among them that decide, newest first.
    pub fn newest(&self) -> impl Iterator<Item = f64> + '_ {
        self.range().flatten().take(self.evaluation_periods)
    }

    /// Fewer real datapoints than evaluation periods, or older ones than usual.
    // (Apart from the common case, which has none missing.)
    #[inline(never)]
    fn evaluate_with_gaps(&self) -> AlarmState {
        let (mut real, mut breaching) = (0, 0);
        for value in self.newest() {
            real += 1;
            breaching += usize::from(self.rule.breach.holds(value, self.rule.threshold));
        }
        let raised = |breaching: usize| if breaching >= self.datapoints_to_alarm { AlarmState::Alarm } else { AlarmState::Ok };
        let treatment = self.rule.treat_missing_data;
        if real >= self.evaluation_periods {
            return raised(breaching);
        }
        match treatment {
            TreatMissingData::Breaching => raised(breaching + self.evaluation_periods - real),
            TreatMissingData::NotBreaching => raised(breaching),
            TreatMissingData::Missing if real == 0 => AlarmState::InsufficientData,
            TreatMissingData::Missing | TreatMissingData::Ignore => {
                if breaching >= self.datapoints_to_alarm {
                    AlarmState::Alarm
                } else if breaching < real {
                    AlarmState::Ok
                } else {
                    self.evaluate_lone_breaches()
                }
            }
        }
    }

    /// Gaps and nothing but breaches, too few of them: it is too early to tell until the oldest breach is M
    /// periods old. Then the alarm goes off, unless missing data is to be ignored.
    fn evaluate_lone_breaches(&self) -> AlarmState {
        let range = self.decisive_range();
        let oldest = range.iter().position(|seen| seen.value.is_some()).map_or(0, |index| range.len() - index);
        if self.rule.treat_missing_data == TreatMissingData::Missing && oldest >= self.datapoints_to_alarm {
            AlarmState::Alarm
        } else {
            self.state
        }
    }
}

impl Line {
    fn push(&mut self, newest: Seen, evaluation_periods: usize) {
        let leaving = self.datapoints.len().checked_sub(evaluation_periods).map(|index| self.datapoints[index]);
        match leaving {
            Some(Seen { value: Some(_), breaches }) => self.breaching -= usize::from(breaches),
            _ => self.missing -= 1,
        }
        match newest.value {
            Some(_) => self.breaching += usize::from(newest.breaches),
            None => self.missing += 1,
        }
        let range = evaluation_periods + FURTHER_PERIODS;
        if self.datapoints.len() >= RANGES_KEPT * range {
            self.forget_all_but(range);
        }
        self.datapoints.push(newest);
    }

    #[cold]
    #[inline(never)]
    fn forget_all_but(&mut self, range: usize) {
        self.datapoints.drain(..self.datapoints.len() - range);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::Breach;

    fn rule(evaluation_periods: u32, datapoints_to_alarm: u32, treat_missing_data: TreatMissingData) -> AlarmRule {
        AlarmRule {
            breach: Breach::GreaterThanThreshold,
            threshold: 1.0,
            period: SimDuration::from_seconds(60),
            evaluation_periods,
            datapoints_to_alarm,
            treat_missing_data,
        }
    }

    /// 0 is a good datapoint, B a breach, - a missing one, oldest first.
    fn show(alarm: &mut Alarm, points: &str) {
        for point in points.chars() {
            alarm.observe(match point {
                'B' => Some(2.0),
                '0' => Some(0.0),
                _ => None,
            });
        }
    }

    const TREATMENTS: [TreatMissingData; 4] =
        [TreatMissingData::Missing, TreatMissingData::Ignore, TreatMissingData::Breaching, TreatMissingData::NotBreaching];

    /// The two tables in "Configuring how CloudWatch alarms treat missing data" (AWS,
    /// alarms-and-missing-data), all forty cells: O for OK, A for ALARM, I for INSUFFICIENT_DATA, R for the
    /// state before. What a table says is of a range alone, so an alarm comes to it from each state.
    #[test]
    fn the_documented_tables_of_missing_data() {
        let rows = [
            ("0-B-B", 3, "OOOO"),
            ("0----", 3, "OOOO"),
            ("-----", 3, "IRAO"),
            ("0BB-B", 3, "AAAA"),
            ("--B--", 3, "ARAO"),
            ("0-B-B", 2, "AAAA"),
            ("00B0B", 2, "AAAA"),
            ("0-B--", 2, "OOAO"),
            ("----0", 2, "OOAO"),
            ("---B-", 2, "ARAO"),
        ];
        for (points, datapoints_to_alarm, expected) in rows {
            for (treatment, cell) in TREATMENTS.into_iter().zip(expected.chars()) {
                for before in [AlarmState::Ok, AlarmState::Alarm, AlarmState::InsufficientData] {
                    let mut alarm = Alarm::new(rule(3, datapoints_to_alarm, treatment), 1);
                    show(&mut alarm, &points[..4]);
                    alarm.state = before;
                    show(&mut alarm, &points[4..]);
                    let expected = match cell {
                        'O' => AlarmState::Ok,
                        'A' => AlarmState::Alarm,
                        'I' => AlarmState::InsufficientData,
                        _ => before,
                    };
                    assert_eq!(alarm.state(), expected, "{points}: {datapoints_to_alarm} of 3, {treatment:?}, from {before:?}");
                }
            }
        }
    }

    /// The same page: one breach at the end of a gap does not raise the alarm.
    #[test]
    fn a_lone_young_breach_is_premature() {
        for points in ["----B", "---B-"] {
            let mut alarm = Alarm::new(rule(3, 3, TreatMissingData::Missing), 1);
            show(&mut alarm, points);
            assert_ne!(alarm.state(), AlarmState::Alarm, "{points}");
        }
    }

    /// GreaterThanThreshold and its kin (CloudWatch, PutMetricAlarm), at, above and below a threshold of 1.
    #[test]
    fn comparison_operators() {
        let cases = [
            (Breach::GreaterThanThreshold, [false, false, true]),
            (Breach::GreaterThanOrEqualToThreshold, [false, true, true]),
            (Breach::LessThanThreshold, [true, false, false]),
            (Breach::LessThanOrEqualToThreshold, [true, true, false]),
        ];
        for (breach, expected) in cases {
            for (value, expected) in [0.5, 1.0, 1.5].into_iter().zip(expected) {
                let mut alarm = Alarm::new(AlarmRule { breach, ..rule(1, 1, TreatMissingData::Missing) }, 1);
                assert_eq!(alarm.observe(Some(value)) == AlarmState::Alarm, expected, "{breach:?} {value}");
            }
        }
    }

    /// M of N: two breaches among three raise the alarm whatever their order (alarm evaluation page).
    #[test]
    fn breaches_need_not_be_consecutive() {
        for (points, raised) in [("B0B", true), ("0BB", true), ("BB0", true), ("00B", false), ("B00", false)] {
            let mut alarm = Alarm::new(rule(3, 2, TreatMissingData::Missing), 1);
            show(&mut alarm, points);
            assert_eq!(alarm.state() == AlarmState::Alarm, raised, "{points}");
        }
    }

    /// With a period of three minutes evaluated every minute, each line holds every third window.
    #[test]
    fn a_long_period_slides() {
        let mut alarm = Alarm::new(rule(2, 2, TreatMissingData::Missing), 3);
        show(&mut alarm, "BBB");
        assert_eq!(alarm.state(), AlarmState::InsufficientData, "one window of each phase is too early for two");
        show(&mut alarm, "0");
        assert_eq!(alarm.state(), AlarmState::Ok, "the first phase: B, then 0");
        show(&mut alarm, "B");
        assert_eq!(alarm.state(), AlarmState::Alarm, "the second phase: B, then B");
    }

    #[test]
    fn an_alarm_acts_when_it_is_raised_and_once_a_minute_after() {
        let mut alarm = Alarm::new(rule(1, 1, TreatMissingData::Missing), 1);
        let at = |seconds| SimTime::START + SimDuration::from_seconds(seconds);
        let mut acted = Vec::new();
        for second in (0..=140).step_by(20) {
            alarm.observe(Some(2.0));
            if alarm.acts(at(second)) {
                acted.push(second);
            }
        }
        assert_eq!(acted, [0, 60, 120]);
        alarm.observe(Some(0.0));
        assert!(!alarm.acts(at(160)));
        alarm.observe(Some(2.0));
        assert!(alarm.acts(at(170)), "a new alarm does not wait for the minute of the last");
    }
}
