//! A predictive scaling policy: capacity that is there before the load.
//!
//! Documented (Application Auto Scaling, how predictive scaling works; PredictiveScalingPolicyConfiguration;
//! Amazon ECS, predictive auto scaling): a forecast needs 24 hours of data and reads up to 14 days, covers the
//! next 48 hours by the hour, and is made again every 6 hours. In `ForecastAndScale` the capacity of an hour is
//! in force from its start, or earlier by the scheduling buffer. The policy never scales in: among all
//! policies the largest capacity wins, so a forecast is a floor under what the others ask for. The maximum
//! holds, or is raised to the forecast with a buffer and is not lowered again.
//!
//! AWS leaves open: the method of the forecast ([`crate::forecast`]), how a load becomes a capacity (here
//! `ceil(load / target)`), when within the day forecasts are made (here every six hours from the first), and
//! what "approaches the maximum" is (here: the forecast with its buffer does not fit below it).
//!
//! The policy knows the time, loads and its configuration, no alarm and no task: the scalable target asks it
//! for its floor. Custom load and capacity metrics are left out.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::forecast::forecast;
use crate::scenario::model::{Forecast, MaxCapacityBreach, MetricPair};
use crate::units::{SimDuration, SimTime};

/// The hours that one forecast covers (AWS, how predictive scaling works).
pub const HOURS_AHEAD: usize = 48;

/// The hours from one forecast to the next (AWS, how predictive scaling works).
pub const HOURS_BETWEEN_FORECASTS: i64 = 6;

const HOUR: SimDuration = SimDuration::from_hours(1);

/// A share of the load that is forgiven, so that an exact multiple of the target is not rounded up by the
/// last bit of a mean.
const FORGIVEN_SHARE: f64 = 1e-9;

/// The number that a load is divided by, beside the target, to be in the target's unit. CPU and memory: the
/// load is the utilisation summed over tasks, in percent, in the mean of the hour. Requests: the load is the
/// requests of the hour, the target is requests for each target and minute, as in `ALBRequestCountPerTarget`.
const fn loads_per_target_unit(pair: MetricPair) -> f64 {
    match pair {
        MetricPair::Cpu | MetricPair::Memory => 1.0,
        MetricPair::RequestCount => 60.0,
    }
}

/// The tasks that carry a load at the target: `ceil(load / target)`, at most `u32::MAX`; none for a load
/// that is no number.
#[must_use]
pub fn capacity_for(config: &Forecast, load: f64) -> u32 {
    let tasks = load / loads_per_target_unit(config.pair) / config.target_value;
    (tasks * (1.0 - FORGIVEN_SHARE)).ceil() as u32
}

/// UTC hours by number: hour 0 is the one in which the simulation starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    into_first_hour: SimDuration,
}

impl Hours {
    /// The hours of a simulation that starts at this time.
    #[must_use]
    pub fn of(start: Timestamp) -> Self {
        let nanos = start.as_nanosecond().rem_euclid(i128::from(HOUR.as_nanos()));
        Self { into_first_hour: SimDuration::from_nanos(i64::try_from(nanos).expect("less than an hour")) }
    }

    /// The hour in which an instant lies; below zero before the first.
    #[must_use]
    pub fn containing(self, time: SimTime) -> i64 {
        (self.into_first_hour + (time - SimTime::START)).as_nanos().div_euclid(HOUR.as_nanos())
    }

    /// The instant at which an hour begins.
    #[must_use]
    pub fn start_of(self, hour: i64) -> SimTime {
        SimTime::START - self.into_first_hour + SimDuration::from_hours(hour)
    }
}

/// How far the forecasts were off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForecastError {
    /// The sum of the errors without their signs, over the sum of the loads, in percent: the mean absolute
    /// percentage error in which an hour counts by its load.
    pub weighted_percent: f64,
    /// The hours that had a forecast and a load.
    pub hours: usize,
}

/// The policy and its forecasts.
#[derive(Clone, Debug)]
pub struct Predictive {
    configuration: Forecast,
    hours: Hours,
    /// The load that the newest forecast made no later than the hour's start gives each hour.
    load_by_hour: BTreeMap<i64, f64>,
    forecast_made_at_hour: Option<i64>,
    judged_hours: usize,
    error_sum: f64,
    load_sum: f64,
}

impl Predictive {
    /// A policy without a forecast.
    #[must_use]
    pub fn new(configuration: Forecast, hours: Hours) -> Self {
        Self {
            configuration,
            hours,
            load_by_hour: BTreeMap::new(),
            forecast_made_at_hour: None,
            judged_hours: 0,
            error_sum: 0.0,
            load_sum: 0.0,
        }
    }

    /// To be called as hour `now_hour` begins, with the loads of the hours before it, oldest first and without
    /// a gap (an hour without data is NaN): makes a forecast if one is due and there is enough data. Says
    /// whether there is a new one.
    ///
    /// The first is due as soon as the data allow it, the others every six hours.
    pub fn refresh(&mut self, now_hour: i64, history: &[f64]) -> bool {
        if self.forecast_made_at_hour.is_some_and(|made_at| now_hour < made_at + HOURS_BETWEEN_FORECASTS) {
            return false;
        }
        let Some(loads) = forecast(history, HOURS_AHEAD) else {
            return false;
        };
        self.load_by_hour.extend((now_hour..).zip(loads));
        self.forecast_made_at_hour = Some(now_hour);
        true
    }

    /// The load forecast for an hour, in the unit of the pair: for a past hour the last forecast made before it
    /// began.
    #[must_use]
    pub fn load_forecast(&self, hour: i64) -> Option<f64> {
        self.load_by_hour.get(&hour).copied()
    }

    /// The tasks that the forecast load of an hour needs.
    #[must_use]
    pub fn capacity_forecast(&self, hour: i64) -> Option<u32> {
        self.load_forecast(hour).map(|load| capacity_for(&self.configuration, load))
    }

    /// The next instant after `now` at which the floor may change or a forecast may be due: the start of an
    /// hour, or the scheduling buffer before one.
    #[must_use]
    pub fn next_event(&self, now: SimTime) -> SimTime {
        let buffer = self.buffer();
        let next_hour = self.hours.start_of(self.hours.containing(now) + 1);
        let next_early = self.hours.start_of(self.hours.containing(now + buffer) + 1) - buffer;
        next_hour.min(next_early)
    }

    /// The least capacity that the forecast asks for now, bounds not yet applied: that of this hour, or of the
    /// next where the scheduling buffer has begun and it is larger. None in `ForecastOnly` and without a
    /// forecast.
    #[must_use]
    pub fn floor(&self, now: SimTime) -> Option<u32> {
        if !self.configuration.scales {
            return None;
        }
        let in_force = self.hours.containing(now)..=self.hours.containing(now + self.buffer());
        in_force.filter_map(|hour| self.capacity_forecast(hour)).max()
    }

    /// The maximum capacity that the target has from now on, given the one it has: never less. Where the
    /// maximum may be raised, the forecast in force and its buffer fit below it, rounded up.
    ///
    /// AWS changes the target itself and does not lower the maximum again, so the caller keeps the value.
    #[must_use]
    pub fn effective_max(&self, now: SimTime, max_capacity: u32) -> u32 {
        let MaxCapacityBreach::IncreaseByPercent(buffer_percent) = self.configuration.max_capacity_breach else {
            return max_capacity;
        };
        let with_buffer = |forecast: u32| {
            // Whole numbers: 50 x 1.1 is 56 in floating point, rounded up.
            let hundredths = u64::from(forecast) * (100 + u64::from(buffer_percent));
            u32::try_from(hundredths.div_ceil(100)).unwrap_or(u32::MAX)
        };
        self.floor(now).map_or(max_capacity, |forecast| with_buffer(forecast).max(max_capacity))
    }

    /// Judges the forecast of an hour by the load that came. To be called once for each hour whose forecast
    /// counts, when it is over; an hour without a forecast or without data counts not.
    pub fn judge(&mut self, hour: i64, load: f64) {
        let Some(forecast) = self.load_forecast(hour) else { return };
        if load.is_finite() {
            self.judged_hours += 1;
            self.error_sum += (forecast - load).abs();
            self.load_sum += load;
        }
    }

    /// How far the forecasts of the judged hours were off; none when there was none, or no load at all.
    #[must_use]
    pub fn error(&self) -> Option<ForecastError> {
        (self.load_sum > 0.0).then(|| ForecastError { weighted_percent: 100.0 * self.error_sum / self.load_sum, hours: self.judged_hours })
    }

    fn buffer(&self) -> SimDuration {
        self.configuration.scheduling_buffer.max(SimDuration::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: u32 = 40;

    fn configuration() -> Forecast {
        Forecast {
            name: "forecast".into(),
            pair: MetricPair::Cpu,
            target_value: 50.0,
            scales: true,
            scheduling_buffer: SimDuration::from_seconds(300),
            max_capacity_breach: MaxCapacityBreach::Honor,
        }
    }

    /// Hours of a simulation that starts with one.
    fn hours() -> Hours {
        Hours::of("2026-01-05T00:00:00Z".parse().unwrap())
    }

    fn policy(configuration: Forecast) -> Predictive {
        Predictive::new(configuration, hours())
    }

    /// A day of 100 percent (two tasks at 50) with 500 percent (ten tasks) in the hour from 9.
    fn day_with_a_peak() -> Vec<f64> {
        (0..24).map(|hour| if hour == 9 { 500.0 } else { 100.0 }).collect()
    }

    fn clock(hour: i64, minute: i64, second: i64) -> SimTime {
        SimTime::from_seconds((hour * 60 + minute) * 60 + second)
    }

    /// A policy whose forecast for every hour is this many tasks.
    fn forecasting(tasks: f64, configuration: Forecast) -> Predictive {
        let load = tasks * configuration.target_value;
        let mut policy = policy(configuration);
        assert!(policy.refresh(0, &[load; 24]));
        policy
    }

    /// AWS, how predictive scaling works: 24 hours of data, then the next 48 hours by the hour.
    #[test]
    fn a_forecast_needs_24_hours_and_covers_48() {
        let mut policy = policy(configuration());
        assert!(!policy.refresh(0, &[100.0; 23]));
        assert_eq!((policy.floor(SimTime::START), policy.load_forecast(0)), (None, None));
        assert!(policy.refresh(1, &[100.0; 24]), "as soon as there is enough");
        assert_eq!(policy.load_forecast(0), None);
        assert!((1..=48).all(|hour| policy.capacity_forecast(hour) == Some(2)));
        assert_eq!(policy.load_forecast(49), None);
        assert_eq!(policy.floor(clock(49, 0, 0)), None);
    }

    /// AWS, how predictive scaling works: made again every 6 hours with the latest data.
    #[test]
    fn forecasts_are_made_every_six_hours() {
        let mut policy = policy(configuration());
        let history = vec![100.0; 24 + 20];
        let made: Vec<i64> = (0..20).filter(|hour| policy.refresh(*hour, &history[..24 + *hour as usize])).collect();
        assert_eq!(made, [0, 6, 12, 18]);
    }

    /// A new forecast replaces the old one from its own hour on; what was forecast for past hours stays.
    #[test]
    fn a_new_forecast_leaves_past_hours_alone() {
        let mut policy = policy(configuration());
        assert!(policy.refresh(0, &[100.0; 24]));
        assert!(policy.refresh(6, &[300.0; 30]));
        assert_eq!((policy.capacity_forecast(5), policy.capacity_forecast(6)), (Some(2), Some(6)));
        assert_eq!((policy.capacity_forecast(53), policy.capacity_forecast(54)), (Some(6), None));
    }

    /// AWS, PredictiveScalingPolicyConfiguration: the start can be advanced by the buffer, 300 s by default.
    /// By hand: ten tasks from 08:55, and until the hour ends.
    #[test]
    fn the_buffer_advances_the_start_of_an_hour_and_not_its_end() {
        let mut policy = policy(configuration());
        assert!(policy.refresh(0, &day_with_a_peak()));
        let floors = [
            (clock(8, 54, 59), 2),
            (clock(8, 55, 0), 10),
            (clock(9, 0, 0), 10),
            (clock(9, 57, 0), 10),
            (clock(9, 59, 59), 10),
            (clock(10, 0, 0), 2),
        ];
        for (time, floor) in floors {
            assert_eq!(policy.floor(time), Some(floor), "{time:?}");
        }
    }

    #[test]
    fn without_a_buffer_capacity_comes_with_the_hour() {
        let mut policy = policy(Forecast { scheduling_buffer: SimDuration::ZERO, ..configuration() });
        assert!(policy.refresh(0, &day_with_a_peak()));
        assert_eq!((policy.floor(clock(8, 59, 59)), policy.floor(clock(9, 0, 0))), (Some(2), Some(10)));
        assert_eq!(policy.next_event(clock(8, 59, 59)), clock(9, 0, 0));
        assert_eq!(policy.next_event(clock(9, 0, 0)), clock(10, 0, 0));
    }

    /// AWS's example of a policy has a buffer of 3600 s: the next hour's capacity is then always in force.
    #[test]
    fn a_buffer_of_an_hour_looks_one_hour_ahead() {
        let mut policy = policy(Forecast { scheduling_buffer: SimDuration::from_hours(1), ..configuration() });
        assert!(policy.refresh(0, &day_with_a_peak()));
        let floors: Vec<Option<u32>> = (7..11).map(|hour| policy.floor(clock(hour, 0, 0))).collect();
        assert_eq!(floors, [Some(2), Some(10), Some(10), Some(2)]);
        assert_eq!(policy.next_event(clock(7, 0, 0)), clock(8, 0, 0));
    }

    #[test]
    fn events_are_the_hours_and_the_buffers_before_them() {
        let policy = policy(configuration());
        let mut now = SimTime::START;
        let events = [clock(0, 55, 0), clock(1, 0, 0), clock(1, 55, 0), clock(2, 0, 0)];
        for event in events {
            now = policy.next_event(now);
            assert_eq!(now, event);
        }
        assert_eq!(policy.next_event(clock(-1, 55, 0)), SimTime::START);
    }

    /// AWS: ForecastOnly changes nothing; the forecast is there to be looked at.
    #[test]
    fn forecast_only_sets_no_floor_and_no_maximum() {
        let max_capacity_breach = MaxCapacityBreach::IncreaseByPercent(10);
        let policy = forecasting(50.0, Forecast { scales: false, max_capacity_breach, ..configuration() });
        assert_eq!(policy.capacity_forecast(0), Some(50));
        assert_eq!((policy.floor(SimTime::START), policy.effective_max(SimTime::START, MAX)), (None, MAX));
    }

    /// AWS, EC2 guide: ten from target tracking and eight from predictive scaling are ten. A floor does that in
    /// either order, and asks for nothing less than what runs.
    #[test]
    fn the_floor_merges_with_other_policies_by_the_larger() {
        let floor = forecasting(8.0, configuration()).floor(SimTime::START).unwrap();
        assert_eq!(floor.max(3), 8);
    }

    /// AWS, PredictiveScalingPolicyConfiguration: forecast 50, maximum 40, buffer 10 give 55; AWS, EC2 guide: a
    /// buffer of 0 lets capacity equal the forecast, not exceed it.
    #[test]
    fn the_maximum_is_honoured_or_raised_to_the_forecast_with_its_buffer() {
        let effective = |tasks: f64, max_capacity_breach: MaxCapacityBreach| {
            forecasting(tasks, Forecast { max_capacity_breach, ..configuration() }).effective_max(SimTime::START, MAX)
        };
        let increase = MaxCapacityBreach::IncreaseByPercent;
        assert_eq!(effective(50.0, MaxCapacityBreach::Honor), 40);
        assert_eq!(effective(50.0, increase(10)), 55);
        assert_eq!(effective(50.0, increase(0)), 50);
        assert_eq!(effective(40.0, increase(10)), 44, "reaches the maximum");
        assert_eq!(effective(38.0, increase(10)), 42, "close to it: 41.8 does not fit");
        assert_eq!(effective(36.0, increase(10)), 40, "39.6 fits");
        assert_eq!(effective(10.0, increase(100)), 40, "never lowered");
    }

    /// By hand. Requests: 120,000 in an hour are 2,000 a minute; at 1,000 for each target two tasks.
    #[test]
    fn a_load_becomes_tasks_in_the_unit_of_its_pair() {
        let requests = Forecast { pair: MetricPair::RequestCount, target_value: 1000.0, ..configuration() };
        assert_eq!(capacity_for(&requests, 120_000.0), 2);
        assert_eq!(capacity_for(&requests, 120_001.0), 3);
        let memory = Forecast { pair: MetricPair::Memory, target_value: 80.0, ..configuration() };
        assert_eq!(capacity_for(&memory, 160.0), 2);
        // Ten tasks at 75 % for a target of 50 % are fifteen.
        assert_eq!(capacity_for(&configuration(), 10.0 * 75.0), 15);
        assert_eq!(capacity_for(&configuration(), 0.1 + 0.2 + 149.7), 3, "the last bit is forgiven");
    }

    #[test]
    fn no_load_is_a_panic() {
        let none = Forecast { target_value: 0.0, ..configuration() };
        assert_eq!(
            (capacity_for(&configuration(), f64::NAN), capacity_for(&configuration(), -5.0), capacity_for(&configuration(), 0.0)),
            (0, 0, 0)
        );
        assert_eq!((capacity_for(&configuration(), f64::INFINITY), capacity_for(&none, 1.0)), (u32::MAX, u32::MAX));
    }

    /// By hand: forecasts of 100 against loads of 80, 100 and 220: errors 20 + 0 + 120 over 400 are 35 %.
    #[test]
    fn the_error_weighs_hours_by_their_load() {
        let mut policy = policy(configuration());
        policy.judge(0, 100.0);
        assert_eq!(policy.error(), None, "no forecast");
        assert!(policy.refresh(1, &[100.0; 24]));
        for (hour, load) in [(1, 80.0), (2, 100.0), (3, 220.0), (4, f64::NAN), (49, 100.0)] {
            policy.judge(hour, load);
        }
        assert_eq!(policy.error(), Some(ForecastError { weighted_percent: 35.0, hours: 3 }));
    }

    /// The forecast that counts for an hour is the last one made before it began.
    #[test]
    fn a_forecast_made_later_is_not_judged() {
        let mut policy = policy(configuration());
        assert!(policy.refresh(0, &[100.0; 24]));
        assert!(policy.refresh(6, &[300.0; 30]));
        policy.judge(5, 200.0);
        assert_eq!(policy.error(), Some(ForecastError { weighted_percent: 50.0, hours: 1 }));
    }

    #[test]
    fn hours_are_those_of_the_utc_clock() {
        let hours = Hours::of("2026-03-04T07:40:00Z".parse().unwrap());
        assert_eq!(hours.start_of(0), SimTime::from_seconds(-40 * 60));
        assert_eq!(hours.start_of(1), SimTime::from_seconds(20 * 60));
        assert_eq!((hours.containing(SimTime::START), hours.containing(SimTime::from_seconds(-2401))), (0, -1));
        assert_eq!(Hours::of("1969-12-28T23:30:00Z".parse().unwrap()).start_of(0), SimTime::from_seconds(-30 * 60));
    }

    /// Two weeks whose weekdays carry six tasks and whose weekends two, up to Sunday 18:00: the floor is two
    /// until midnight and six on Monday.
    #[test]
    fn weekdays_are_told_from_weekends() {
        let mut policy = policy(configuration());
        // Monday 18:00 comes first, hour 0 is two weeks later less a day: Sunday 18:00.
        let weekend = |hour: usize| (18 + hour) / 24 % 7 >= 5;
        let history: Vec<f64> = (0..13 * 24).map(|hour| if weekend(hour) { 100.0 } else { 300.0 }).collect();
        assert!(policy.refresh(0, &history));
        assert_eq!((policy.floor(clock(5, 0, 0)), policy.floor(clock(6, 0, 0))), (Some(2), Some(6)));
    }
}
