//! The forecast of an hourly load from its past.
//!
//! AWS tells what predictive scaling's forecast reads and gives (at least 24 hours of data, at most the last
//! 14 days, one value for each hour) and not how it is made. This one is plain and states itself:
//!
//! 1. The **daily shape** of an hour is the mean of all values at that hour of the day, its **weekly shape**
//!    the mean of those that lie whole weeks before it: the same weekday.
//! 2. The past itself says how much the weekday matters: each value is predicted from the others by either
//!    shape, and the share of the weekly one is what fits best by least squares. Before a weekday has come
//!    twice there is nothing to learn from, and the share is zero.
//! 3. The **level**, the load of the last six hours over what the shapes expect of them, scales the
//!    forecast; what it adds or takes halves with every day ahead.
//!
//! With 24 hours of data the forecast is therefore yesterday. Holidays, trends over weeks and known events
//! are left out. How well it does on recorded traffic is measured by `tests/suite/forecast.rs` and written
//! down in docs/ASSUMPTIONS.md.

use crate::math::pow;

/// The hours of data without which there is no forecast (AWS, how predictive scaling works).
pub const FEWEST_HOURS: usize = 24;

/// The hours of data that are looked at: 14 days (AWS, how predictive scaling works).
pub const MOST_HOURS: usize = 14 * HOURS_PER_DAY;

const HOURS_PER_DAY: usize = 24;
const HOURS_PER_WEEK: usize = 7 * HOURS_PER_DAY;

/// The last hours whose load tells the level: as many as lie between two forecasts of predictive scaling.
/// (Three to twelve do about as well on recorded traffic.)
const LEVEL_HOURS: usize = 6;

/// The hours after which half of what the level changes is forgotten.
const LEVEL_HALF_LIFE_HOURS: f64 = 24.0;

/// The level lies between this and one over this: hours that are nearly empty tell little of a busy day.
const MOST_LEVEL: f64 = 4.0;

/// The loads of the next `hours` hours, none when `history` holds fewer than [`FEWEST_HOURS`] values.
///
/// `history` holds the load of each past hour, oldest first, in any unit; its last value is that of the hour
/// that has just ended. Only the last [`MOST_HOURS`] are read. A value that is not finite or is below zero is
/// an hour without data.
///
/// # Examples
/// ```
/// // A day with one busy hour comes again.
/// let mut day = vec![10.0; 24];
/// day[9] = 500.0;
/// let ahead = ecsim::forecast::forecast(&day, 48).expect("a day is enough");
/// assert_eq!((ahead[8], ahead[9], ahead[33]), (10.0, 500.0, 500.0));
/// assert_eq!(ecsim::forecast::forecast(&day[1..], 48), None);
/// ```
#[must_use]
pub fn forecast(history: &[f64], hours: usize) -> Option<Vec<f64>> {
    let past = Past::new(history);
    if past.known().count() < FEWEST_HOURS {
        return None;
    }
    let share = past.weekly_share();
    let level = past.level(share);
    let first = past.loads.len();
    let value = |ahead: usize| {
        let shape = past.shapes(first + ahead, None).map_or_else(|| past.mean(), |shapes| shapes.mixed(share));
        let kept = pow(0.5, ahead as f64 / LEVEL_HALF_LIFE_HOURS);
        shape * (1.0 + (level - 1.0) * kept)
    };
    Some((0..hours).map(value).collect())
}

/// What one hour is expected to be, by each shape.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Shapes {
    daily: f64,
    /// None when the weekday has not been seen at this hour.
    weekly: Option<f64>,
}

impl Shapes {
    fn mixed(self, weekly_share: f64) -> f64 {
        self.weekly.map_or(self.daily, |weekly| self.daily + weekly_share * (weekly - self.daily))
    }
}

/// The hours that the forecast looks at.
struct Past<'a> {
    loads: &'a [f64],
}

impl<'a> Past<'a> {
    fn new(history: &'a [f64]) -> Self {
        Self { loads: &history[history.len().saturating_sub(MOST_HOURS)..] }
    }

    /// The hours that have data, with it.
    fn known(&self) -> impl DoubleEndedIterator<Item = (usize, f64)> {
        self.loads.iter().copied().enumerate().filter(|(_, load)| load.is_finite() && *load >= 0.0)
    }

    fn mean(&self) -> f64 {
        let mut mean = Mean::default();
        self.known().for_each(|(_, load)| mean.add(load));
        mean.value().unwrap_or(0.0)
    }

    /// The shapes at an hour, past or to come, from all values but one; none when no other is known at this
    /// hour of the day.
    fn shapes(&self, hour: usize, without: Option<usize>) -> Option<Shapes> {
        let (mut daily, mut weekly) = (Mean::default(), Mean::default());
        for other in (hour % HOURS_PER_DAY..self.loads.len()).step_by(HOURS_PER_DAY) {
            let load = self.loads[other];
            if !load.is_finite() || load < 0.0 || Some(other) == without {
                continue;
            }
            daily.add(load);
            if other % HOURS_PER_WEEK == hour % HOURS_PER_WEEK {
                weekly.add(load);
            }
        }
        daily.value().map(|daily| Shapes { daily, weekly: weekly.value() })
    }

    /// How much of the weekly shape predicts the past best, between 0 and 1: the least-squares slope of
    /// (load - daily) over (weekly - daily), each value predicted from the others.
    fn weekly_share(&self) -> f64 {
        let (mut explained, mut offered) = (0.0, 0.0);
        for (hour, load) in self.known() {
            let Some(Shapes { daily, weekly: Some(weekly) }) = self.shapes(hour, Some(hour)) else { continue };
            explained += (weekly - daily) * (load - daily);
            offered += (weekly - daily) * (weekly - daily);
        }
        if offered > 0.0 { (explained / offered).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// The last hours against what the shapes expect of them; 1 when nothing is known or expected.
    fn level(&self, weekly_share: f64) -> f64 {
        let first = self.loads.len().saturating_sub(LEVEL_HOURS);
        let (mut seen, mut expected) = (0.0, 0.0);
        for (hour, load) in self.known().rev().take_while(|(hour, _)| *hour >= first) {
            if let Some(shapes) = self.shapes(hour, None) {
                seen += load;
                expected += shapes.mixed(weekly_share);
            }
        }
        if expected > 0.0 { (seen / expected).clamp(1.0 / MOST_LEVEL, MOST_LEVEL) } else { 1.0 }
    }
}

/// A running mean.
#[derive(Default)]
struct Mean {
    sum: f64,
    count: u32,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }

    fn value(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / f64::from(self.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn assert_close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{found} is not {expected}");
    }

    /// Weekdays at one load, weekends at another.
    fn office_weeks(days: usize, weekday_load: f64, weekend_load: f64) -> Vec<f64> {
        (0..days * 24).map(|hour| if hour / 24 % 7 < 5 { weekday_load } else { weekend_load }).collect()
    }

    /// AWS, how predictive scaling works: at least 24 hours of data.
    #[test]
    fn there_is_no_forecast_before_24_hours_of_data() {
        assert_eq!(forecast(&[], 48), None);
        assert_eq!(forecast(&[1.0; 23], 48), None);
        assert_eq!(forecast(&[1.0; 24], 48).map(|ahead| ahead.len()), Some(48));
        let mut gap = [1.0; 24];
        gap[3] = f64::NAN;
        assert_eq!(forecast(&gap, 48), None, "23 hours of data in 24");
    }

    #[test]
    fn one_day_is_repeated() {
        let day: Vec<f64> = (0..24).map(f64::from).collect();
        let ahead = forecast(&day, 48).unwrap();
        for (hour, load) in ahead.iter().enumerate() {
            assert_close(*load, (hour % 24) as f64);
        }
    }

    /// AWS, how predictive scaling works: up to the past 14 days.
    #[test]
    fn only_the_last_14_days_count() {
        let recent: Vec<f64> = (0..336_u32).map(|hour| f64::from(hour * 7919 % 100)).collect();
        let with_older = |older: f64| forecast(&[vec![older; 31], recent.clone()].concat(), 48);
        assert_eq!(with_older(1e6), forecast(&recent, 48));
        assert_eq!(with_older(f64::NAN), forecast(&recent, 48));
    }

    /// Two whole weeks without noise: on Monday the weekdays come back although Sunday was quiet.
    #[test]
    fn a_weekly_pattern_is_learnt_from_two_weeks() {
        let ahead = forecast(&office_weeks(14, 100.0, 40.0), 168).unwrap();
        for (hour, load) in ahead.iter().enumerate() {
            assert_close(*load, if hour / 24 < 5 { 100.0 } else { 40.0 });
        }
    }

    /// The same weeks up to a Saturday at noon: a day and a half of weekend, then Monday.
    #[test]
    fn the_weekend_ends_on_monday() {
        let weeks = office_weeks(21, 100.0, 40.0);
        let ahead = forecast(&weeks[..2 * 168 + 132], 48).unwrap();
        assert!(ahead[..36].iter().all(|load| (load - 40.0).abs() < 1e-9), "the rest of the weekend");
        assert!(ahead[36..].iter().all(|load| (load - 100.0).abs() < 1e-9), "Monday");
    }

    /// By hand: seven days at 100, then six hours at 200. Their daily shape is (7 x 100 + 200) / 8 = 112.5, so
    /// the level is 200 / 112.5 = 16/9. The next hour has the shape 100 and all of the surplus of 7/9, 18 hours on
    /// the shape is 112.5 and half^(18/24) of the surplus is left, a day on the shape is 100 and half is left.
    #[test]
    fn a_new_level_scales_the_forecast_and_fades() {
        let history = [vec![100.0; 7 * 24], vec![200.0; 6]].concat();
        let past = Past::new(&history);
        // One weekday has come twice, and the first time did not predict the second: no share.
        assert_eq!(past.weekly_share(), 0.0);
        let ahead = forecast(&history, 48).unwrap();
        assert_close(ahead[0], 100.0 * 16.0 / 9.0);
        assert_close(ahead[18], 112.5 * (1.0 + 7.0 / 9.0 * pow(0.5, 0.75)));
        assert_close(ahead[24], 100.0 * (1.0 + 7.0 / 18.0));
    }

    /// A week of nights at 0.001 and days at 100, then a night at 10: without a bound the level would be near 8.
    #[test]
    fn a_nearly_empty_night_does_not_multiply_the_day() {
        let mut history: Vec<f64> = (0..7 * 24).map(|hour| if hour % 24 < 6 { 0.001 } else { 100.0 }).collect();
        history.extend([10.0; 6]);
        let ahead = forecast(&history, 18).unwrap();
        assert!(ahead.iter().all(|load| *load <= 100.0 * MOST_LEVEL), "{ahead:?}");
    }

    #[test]
    fn hours_without_data_are_left_out_of_the_means() {
        let mut history = vec![50.0; 72];
        for hour in [3, 27, 60, 71] {
            history[hour] = f64::NAN;
        }
        history[10] = -1.0;
        let ahead = forecast(&history, 48).unwrap();
        assert!(ahead.iter().all(|load| (load - 50.0).abs() < 1e-9), "{ahead:?}");
        // An hour of the day that was never seen takes the mean of all that was.
        let never: Vec<f64> = (0..72).map(|hour| if hour % 24 == 5 { f64::NAN } else { 50.0 }).collect();
        assert_close(forecast(&never, 24).unwrap()[5], 50.0);
    }

    #[test]
    fn no_load_gives_no_load() {
        assert_eq!(forecast(&[0.0; 100], 48), Some(vec![0.0; 48]));
    }

    proptest! {
        /// Twice the load is twice the forecast, and no forecast is negative or larger than the level allows.
        #[test]
        fn the_forecast_scales_with_the_load(
            loads in prop::collection::vec(prop_oneof![9 => 0.0..1e6_f64, 1 => Just(f64::NAN)], 0..400),
        ) {
            let doubled: Vec<f64> = loads.iter().map(|load| 2.0 * load).collect();
            let (once, twice) = (forecast(&loads, 48), forecast(&doubled, 48));
            prop_assert_eq!(once.is_some(), twice.is_some());
            let largest = loads.iter().copied().filter(|load| load.is_finite()).fold(0.0, f64::max);
            for (once, twice) in once.unwrap_or_default().into_iter().zip(twice.unwrap_or_default()) {
                prop_assert_eq!(2.0 * once, twice);
                prop_assert!((0.0..=MOST_LEVEL * largest * (1.0 + 1e-12)).contains(&once));
            }
        }

        #[test]
        fn no_history_is_a_panic(loads in prop::collection::vec(any::<f64>(), 0..400), hours in 0_usize..60) {
            if let Some(ahead) = forecast(&loads, hours) {
                prop_assert_eq!(ahead.len(), hours);
            }
        }
    }
}
