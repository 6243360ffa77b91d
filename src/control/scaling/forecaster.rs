//! A predictive scaling policy at work: it gathers hourly loads, forecasts, and is judged.
//!
//! The loads are what CloudWatch has published: the mean of an hour's datapoints so far, so the last minutes
//! of the hour that has just ended are not in it. Hours before the run come from the service's recorded past.

use super::predictive::{ForecastError, Hours, Predictive};
use crate::control::datapoints::Datapoints;
use crate::forecast::MOST_HOURS;
use crate::scenario::model::{Forecast, MetricPair};
use crate::units::SimTime;

/// A policy, its loads and its forecasts.
#[derive(Clone, Debug)]
pub struct Forecaster {
    /// The policy as configured.
    pub config: Forecast,
    predictive: Predictive,
    hours: Hours,
    /// Loads by the hour, oldest first; the last belongs to the hour before `current_hour`.
    loads: Vec<f64>,
    current_hour: i64,
    /// The datapoints of the present hour: their sum and number.
    current: (f64, f64),
}

impl Forecaster {
    /// A policy at `from`, with the loads of the hours before that hour.
    #[must_use]
    pub fn new(config: Forecast, hours: Hours, from: SimTime, loads: Vec<f64>) -> Self {
        let predictive = Predictive::new(config.clone(), hours);
        Self { config, predictive, hours, loads, current_hour: hours.containing(from), current: (0.0, 0.0) }
    }

    /// Adds a minute's datapoint to the load of its hour.
    // (Apart from what other policies do at each datapoint.)
    #[inline(never)]
    pub fn observe(&mut self, datapoints: &Datapoints) {
        let hour = self.hours.containing(datapoints.end - datapoints.span);
        while self.current_hour < hour {
            self.end_hour();
        }
        if let Some(load) = self.load(datapoints) {
            self.current.0 += load;
            self.current.1 += 1.0;
        }
    }

    /// The load of a minute, by the hour: percent of a task summed over tasks, or requests.
    fn load(&self, datapoints: &Datapoints) -> Option<f64> {
        let running = f64::from(datapoints.running);
        match self.config.pair {
            MetricPair::Cpu => datapoints.cpu.map(|cpu| cpu.average() * running),
            MetricPair::Memory => datapoints.memory.map(|memory| memory.average() * running),
            MetricPair::RequestCount => Some(60.0 * datapoints.request_count),
        }
    }

    fn mean_of_current(&self) -> f64 {
        if self.current.1 > 0.0 { self.current.0 / self.current.1 } else { f64::NAN }
    }

    fn end_hour(&mut self) {
        let load = self.mean_of_current();
        if self.current_hour >= 0 {
            self.predictive.judge(self.current_hour, load);
        }
        self.loads.push(load);
        if self.loads.len() > MOST_HOURS {
            self.loads.remove(0);
        }
        self.current_hour += 1;
        self.current = (0.0, 0.0);
    }

    /// Makes a forecast if one is due.
    pub fn refresh(&mut self, now: SimTime) {
        let now_hour = self.hours.containing(now);
        // The hour that ends now counts with what is published of it.
        let mut loads = self.loads.clone();
        loads.extend((self.current_hour..now_hour).map(|hour| if hour == self.current_hour { self.mean_of_current() } else { f64::NAN }));
        self.predictive.refresh(now_hour, &loads);
    }

    /// When the capacity in force changes next, or a forecast may be due.
    #[must_use]
    pub fn next_event(&self, now: SimTime) -> SimTime {
        self.predictive.next_event(now)
    }

    /// The least capacity that the forecast asks for now; none where it does not act.
    #[must_use]
    pub fn floor(&self, now: SimTime) -> Option<u32> {
        self.predictive.floor(now)
    }

    /// The maximum capacity from now on.
    #[must_use]
    pub fn effective_max(&self, now: SimTime, max_capacity: u32) -> u32 {
        self.predictive.effective_max(now, max_capacity)
    }

    /// How far the forecasts were off in the window.
    #[must_use]
    pub fn error(&self) -> Option<ForecastError> {
        self.predictive.error()
    }
}
