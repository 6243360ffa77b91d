//! What a configuration has to reach, how far it is from that, and how much room it leaves.

use crate::result::{RunResult, ThresholdResult};
use crate::scenario::model::{Comparison, Scenario, Threshold};
use crate::scenario::values::unit::Unit;

/// Figures of each service that are told of every configuration, whether or not a threshold names them.
const WATCHED: [&str; 3] = ["availability", "latency_p99", "running_tasks.mean"];

/// The place of a watched figure among those of its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// Served requests over those that ended.
    Availability = 0,
    /// The 99th percentile of response times in seconds.
    LatencyP99 = 1,
    /// The mean of running tasks.
    RunningTasks = 2,
}

/// The figures that every run of a search tells: those of the thresholds, then the watched ones of each service.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The thresholds of the scenario and then one for each watched figure, that every value meets.
    pub measured: Vec<Threshold>,
    /// How many of them are the scenario's.
    pub thresholds: usize,
}

impl Figures {
    /// Those of a scenario, held to further thresholds besides its own.
    #[must_use]
    pub fn of(scenario: &Scenario, more: &[Threshold]) -> Self {
        let mut measured = [&scenario.thresholds, more].concat();
        let thresholds = measured.len();
        for service in &scenario.services {
            measured.extend(WATCHED.map(|figure| {
                let path = format!("services.{}.{figure}", service.name);
                let expression = format!("{path} >= 0");
                Threshold {
                    expression,
                    path,
                    comparison: Comparison::GreaterOrEqual,
                    bound: 0.0,
                    of_baseline: None,
                    place: crate::error::Place::default(),
                }
            }));
        }
        Self { measured, thresholds }
    }

    /// The place of a watched figure of a service.
    #[must_use]
    pub fn place(&self, service: usize, figure: Watched) -> usize {
        self.thresholds + service * WATCHED.len() + figure as usize
    }
}

/// What a run told.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// US dollars a month.
    pub monthly_usd: f64,
    /// The same to the cent.
    pub monthly: String,
    /// The measured figures, in their order; none without data.
    pub values: Vec<Option<f64>>,
}

impl Judgement {
    /// That of a run whose thresholds were the measured ones.
    #[must_use]
    pub fn of(result: &RunResult) -> Self {
        let monthly = result.cost.monthly.mean.clone();
        let values = result.thresholds.iter().map(ThresholdResult::figure).collect();
        Self { monthly_usd: monthly.parse().unwrap_or(f64::INFINITY), monthly, values }
    }
}

/// Bounds that a configuration is held to: those of the thresholds, tightened by what was learnt; none where a figure is
/// not judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// By the whole window.
    pub window: Vec<Option<f64>>,
    /// By the busiest stretch.
    pub stretch: Vec<Option<f64>>,
}

impl Goal {
    /// The thresholds as they are written.
    #[must_use]
    pub fn of(figures: &Figures) -> Self {
        let is_threshold = |place: usize| place < figures.thresholds;
        let bounds = |judged: &dyn Fn(&Threshold) -> bool| {
            let of = |(place, threshold): (usize, &Threshold)| (is_threshold(place) && judged(threshold)).then_some(threshold.bound);
            figures.measured.iter().enumerate().map(of).collect()
        };
        Self { window: bounds(&|_| true), stretch: bounds(&is_judged_by_stretch) }
    }
}

/// Whether a stretch of the window says something about a threshold. It says nothing about the bill of a month, and nothing about
/// a count that has to be large; counts that have to be small are smaller in a part, so they are judged.
fn is_judged_by_stretch(threshold: &Threshold) -> bool {
    let has_upper_bound = matches!(threshold.comparison, Comparison::Less | Comparison::LessOrEqual);
    !threshold.is_about_the_bill() && (has_upper_bound || is_share(threshold))
}

/// Whether a figure is a part of a whole, as an availability, which is judged by what is missing to 1.
fn is_share(threshold: &Threshold) -> bool {
    Unit::of(&threshold.path) == Unit::Fraction
}

/// The room between a figure and a bound, as a fraction of the bound; of an availability, as a fraction of the unavailability that
/// is allowed. Negative when the figure misses the bound; none where there is no distance: an equality, or no data.
#[must_use]
pub fn slack(threshold: &Threshold, bound: f64, value: Option<f64>) -> Option<f64> {
    let value = value?;
    let over = |room: f64, whole: f64| if whole > 0.0 { room / whole } else { room };
    match threshold.comparison {
        Comparison::Less | Comparison::LessOrEqual => Some(over(bound - value, bound.abs())),
        Comparison::Greater | Comparison::GreaterOrEqual if is_share(threshold) => Some(over(value - bound, 1.0 - bound)),
        Comparison::Greater | Comparison::GreaterOrEqual => Some(over(value - bound, bound.abs())),
        Comparison::Equal | Comparison::NotEqual => None,
    }
}

/// Whether a figure meets a bound; one without data meets none.
#[must_use]
pub fn meets(threshold: &Threshold, bound: f64, value: Option<f64>) -> bool {
    value.is_some_and(|value| threshold.comparison.holds(value, bound))
}

/// How far figures are from their bounds: 0 when all are met; each that is not adds up to 1, more the further off it is.
#[must_use]
pub fn shortfall(figures: &Figures, bounds: &[Option<f64>], judgement: &Judgement) -> f64 {
    let judged = figures.measured.iter().zip(bounds).zip(&judgement.values);
    let missed = judged.filter_map(|((threshold, bound), value)| {
        let bound = (*bound)?;
        (!meets(threshold, bound, *value)).then(|| {
            let beyond = slack(threshold, bound, *value).map_or(f64::INFINITY, |slack| -slack).max(0.0);
            // A bound that is just touched and not met is missed too.
            if beyond.is_finite() { (beyond / (1.0 + beyond)).max(1e-9) } else { 1.0 }
        })
    });
    missed.sum()
}

/// What of the unavailability that a threshold allows is left to it at least, however much it is tightened.
const LEAST_LEFT: f64 = 0.05;

/// A bound made harder by so much of the figure's unit; never beyond what a figure can reach.
#[must_use]
pub fn tightened(threshold: &Threshold, bound: f64, by: f64) -> f64 {
    match threshold.comparison {
        Comparison::Less | Comparison::LessOrEqual if bound > 0.0 => (bound - by).max(bound * LEAST_LEFT),
        Comparison::Greater | Comparison::GreaterOrEqual if is_share(threshold) => (bound + by).min(1.0 - (1.0 - bound) * LEAST_LEFT),
        Comparison::Less | Comparison::LessOrEqual => bound - by,
        Comparison::Greater | Comparison::GreaterOrEqual => bound + by,
        Comparison::Equal | Comparison::NotEqual => bound,
    }
}

/// How much worse one figure is than another, in its unit; 0 when it is not.
#[must_use]
pub fn worse_by(threshold: &Threshold, value: f64, than: f64) -> f64 {
    match threshold.comparison {
        Comparison::Less | Comparison::LessOrEqual => (value - than).max(0.0),
        Comparison::Greater | Comparison::GreaterOrEqual => (than - value).max(0.0),
        Comparison::Equal | Comparison::NotEqual => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threshold(path: &str, comparison: Comparison, bound: f64) -> Threshold {
        Threshold {
            expression: String::new(),
            path: path.to_owned(),
            comparison,
            bound,
            of_baseline: None,
            place: crate::error::Place::default(),
        }
    }

    fn near(found: Option<f64>, wanted: f64) -> bool {
        found.is_some_and(|found| (found - wanted).abs() < 1e-9)
    }

    #[test]
    fn slack_is_room_over_the_bound() {
        let cost = threshold("monthly_cost", Comparison::Less, 500.0);
        assert!(near(slack(&cost, 500.0, Some(400.0)), 0.2) && near(slack(&cost, 500.0, Some(600.0)), -0.2));
        // Of 0.1 % that may fail, 0.025 % do: three quarters of the room are left.
        let share = threshold("services.web.availability", Comparison::GreaterOrEqual, 0.999);
        assert!(near(slack(&share, 0.999, Some(0.999_75)), 0.75) && near(slack(&share, 0.999, Some(0.998)), -1.0));
        assert_eq!(slack(&share, 0.999, None), None);
    }

    #[test]
    fn the_shortfall_grows_with_the_distance_and_knows_missing_data() {
        let figures =
            Figures { measured: vec![threshold("a", Comparison::Less, 1.0), threshold("b", Comparison::Less, 1.0)], thresholds: 2 };
        let goal = Goal::of(&figures);
        let of = |values: [Option<f64>; 2]| {
            shortfall(&figures, &goal.window, &Judgement { monthly_usd: 0.0, monthly: String::new(), values: values.to_vec() })
        };
        assert_eq!(of([Some(0.5), Some(0.9)]), 0.0);
        // Twice the bound: beyond it by 1 of 1, so 1 / (1 + 1).
        assert_eq!(of([Some(2.0), Some(0.9)]), 0.5);
        assert_eq!(of([None, Some(2.0)]), 1.5);
        assert!(of([Some(1.0), Some(0.9)]) > 0.0, "touched is not below");
    }

    #[test]
    fn a_stretch_judges_services_and_no_bill() {
        let judged = |path: &str, comparison| is_judged_by_stretch(&threshold(path, comparison, 1.0));
        assert!(judged("services.web.latency_p99", Comparison::Less) && judged("services.web.availability", Comparison::GreaterOrEqual));
        assert!(!judged("monthly_cost", Comparison::Less) && !judged("services.web.requests.served", Comparison::Greater));
    }
}
