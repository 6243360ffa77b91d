//! The busiest stretch of a scenario's window: where a configuration that is too small shows first.

use crate::error::Result;
use crate::scenario::model::Scenario;
use crate::simulate::{Stretch, Traces, Window, requests_by_hour, stretch_of_window};
use crate::units::SimDuration;

/// Hours of the stretch by which a search judges.
pub const DAY_HOURS: usize = 24;
/// A window that is hardly longer than the stretch is not cut.
const WORTH_CUTTING_HOURS: f64 = 30.0;
/// Simulated before a stretch, so that scaling has found its level.
const WARM_UP: SimDuration = SimDuration::from_hours(2);

/// The work that arrives in each hour of a window, and how to cut it.
#[derive(Clone, Debug)]
pub struct Course {
    /// vCPU-seconds (or requests, where none costs any) by hour.
    work: Vec<f64>,
    /// Requests by hour, of all services.
    requests: Vec<f64>,
    window: Window,
    can_cut: bool,
}

impl Course {
    /// That of a scenario.
    ///
    /// # Errors
    /// When a traffic source cannot be played.
    pub fn of(scenario: &Scenario, traces: &Traces) -> Result<Self> {
        let by_service = requests_by_hour(scenario, traces)?;
        let hours = by_service.first().map_or(0, Vec::len);
        let sum = |weight: &dyn Fn(usize) -> f64| -> Vec<f64> {
            (0..hours).map(|hour| by_service.iter().enumerate().map(|(service, requests)| weight(service) * requests[hour]).sum()).collect()
        };
        let cpu_seconds = |service: usize| scenario.services[service].workload.cpu_time.mean();
        let has_cpu = (0..scenario.services.len()).any(|service| cpu_seconds(service) > 0.0);
        let window = Window::of(scenario, traces);
        let whole = Stretch { offset: SimDuration::ZERO, duration: window.duration, warm_up: SimDuration::ZERO };
        let can_cut = stretch_of_window(scenario, traces, whole).is_some();
        Ok(Self { work: sum(&|service| if has_cpu { cpu_seconds(service) } else { 1.0 }), requests: sum(&|_| 1.0), window, can_cut })
    }

    /// The busiest stretch of so many hours, the first of several; none where that is the whole window, or it cannot be cut.
    #[must_use]
    pub fn busiest(&self, hours: usize, warm_up: SimDuration) -> Option<Stretch> {
        let is_long = self.window.duration.as_hours_f64() >= if hours == DAY_HOURS { WORTH_CUTTING_HOURS } else { hours as f64 + 1.0 };
        if !self.can_cut || !is_long {
            return None;
        }
        let first = busiest_run(&self.work, hours);
        let offset = SimDuration::from_hours(first as i64);
        let duration = SimDuration::from_hours(hours as i64).min(self.window.duration - offset);
        // Where the window's own start lies nearer, its warm-up continues that of the stretch.
        let warm_up = WARM_UP.min(offset + warm_up).max(SimDuration::ZERO);
        Some(Stretch { offset, duration, warm_up })
    }

    /// Requests expected in a stretch; none: in the window.
    #[must_use]
    pub fn requests_in(&self, stretch: Option<Stretch>) -> f64 {
        let hours = |stretch: Stretch| (stretch.offset.as_hours_f64() as usize, stretch.duration.as_hours_f64().ceil() as usize);
        let (first, hours) = stretch.map_or((0, self.requests.len()), hours);
        self.requests.iter().skip(first).take(hours).sum()
    }

    /// The window.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window
    }
}

/// Where the `hours` neighbours with the largest sum begin.
fn busiest_run(work: &[f64], hours: usize) -> usize {
    let sums = work.windows(hours.clamp(1, work.len().max(1))).map(|run| run.iter().sum::<f64>());
    let mut best = (0, f64::NEG_INFINITY);
    for (start, sum) in sums.enumerate() {
        if sum > best.1 {
            best = (start, sum);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_run_is_the_first_with_the_largest_sum() {
        assert_eq!(busiest_run(&[1.0, 5.0, 2.0, 4.0, 3.0], 2), 1);
        assert_eq!(busiest_run(&[1.0, 1.0, 1.0], 2), 0);
        assert_eq!(busiest_run(&[1.0, 2.0], 24), 0);
        assert_eq!(busiest_run(&[], 24), 0);
    }
}
