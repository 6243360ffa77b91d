//! Is a configuration as good as the search took it for? Runs with other seeds say how often a threshold fails.
//!
//! Each replication has its own draws of what is uncertain, of Spot interruptions and of the noise of metrics. In each of them the
//! whole window is run as flows, which gives the bill and whatever happens on quiet days, and the busiest
//! stretch request by request, which is where queues are long and flows are least to be trusted. A replication fails when
//! either of them fails a threshold that it is judged by.
//!
//! With the confidence 95 % a configuration is taken when 95 % of the replications meet the thresholds, and that is known with 95 %
//! certainty: by the binomial distribution 59 replications without a failure show it (a tolerance limit without a
//! distribution; Wilks, 1941). One that fails too often is given up as soon as that is clear.

use rayon::prelude::*;
use rust_decimal::Decimal;

use super::goal::{Goal, Judgement, meets, shortfall, tightened, worse_by};
use super::options::{PlanOptions, Progress};
use super::stretch::{Course, DAY_HOURS};
use super::trials::Bench;
use crate::error::Result;
use crate::metrics::{highest_chance, trials_to_show};
use crate::plan::points::Tried;
use crate::result::Figure;
use crate::result::plan::PlanLeg;
use crate::scenario::model::Fidelity;
use crate::simulate::Stretch;
use crate::units::SimDuration;

/// How sure one is to be that as many replications are met as the confidence asks.
const DOUBT: f64 = 0.05;
/// Requests that one confirmation simulates at most: some ten seconds on two cores.
const REQUESTS_AT_MOST: f64 = 400e6;
/// Lengths of the busiest stretch in hours, the first that is not too long for all replications.
const HOURS: [usize; 5] = [DAY_HOURS, 12, 6, 3, 1];
/// Replications after which is looked first whether the rest are worth it; from then on whenever there are twice as many, so that threads
/// seldom wait for each other and one that fails costs no more than twice what shows it.
const FIRST: u32 = 8;

/// What a replication runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Leg {
    /// The busiest stretch; none: the window.
    stretch: Option<Stretch>,
    fidelity: Fidelity,
}

/// How configurations are confirmed.
#[derive(Clone, Debug)]
pub struct Trust {
    /// Replications of a configuration.
    pub replications: u32,
    /// The fewest that can show the confidence.
    pub needed: u32,
    /// Replications that may fail.
    pub allowed: u32,
    confidence: f64,
    legs: Vec<Leg>,
}

/// Whether it is sure that as many replications are met as this confidence asks, where so many of so many fail.
fn shows(confidence: f64, failed: u32, replications: u32) -> bool {
    highest_chance(failed, replications, DOUBT) <= 1.0 - confidence
}

impl Trust {
    /// As many replications as show the confidence, and as long a stretch as they afford.
    #[must_use]
    pub fn new(bench: &Bench, course: &Course, options: &PlanOptions) -> Self {
        let confidence = options.confidence;
        let needed = trials_to_show(1.0 - confidence, DOUBT).unwrap_or(1);
        let count = options.replications.unwrap_or(needed).max(1);
        // Too few replications cannot show the confidence; then none may fail.
        let allowed = (0..count).take_while(|failed| shows(confidence, *failed, count)).last().unwrap_or(0);
        let affordable = |stretch: Option<Stretch>| course.requests_in(stretch) * f64::from(count) <= REQUESTS_AT_MOST;
        let warm_up = bench.base().simulation.warm_up;
        let cut = HOURS.into_iter().filter_map(|hours| course.busiest(hours, warm_up)).map(Some);
        let whole = bench.stretch.is_none().then_some(None);
        let by_requests = bench.fidelity == Fidelity::Request || options.fidelity != Some(Fidelity::Fluid);
        let busiest = whole.into_iter().chain(cut).find(|stretch| by_requests && affordable(*stretch));
        let searched_by = bench.fidelity;
        let mut legs = Vec::new();
        let busiest = match busiest {
            Some(stretch) => Leg { stretch, fidelity: Fidelity::Request },
            None => Leg { stretch: bench.stretch, fidelity: searched_by },
        };
        // Single requests of a long window are too many for every replication; then its search run has to do.
        if busiest.stretch.is_some() && (searched_by == Fidelity::Fluid || affordable(None)) {
            legs.push(Leg { stretch: None, fidelity: searched_by });
        }
        legs.push(busiest);
        Self { replications: count, needed, allowed, confidence, legs }
    }

    /// Whether so many failures in so many replications show the confidence.
    #[must_use]
    pub fn shows(&self, failed: u32, replications: u32) -> bool {
        shows(self.confidence, failed, replications)
    }

    /// Whether the hours by which a configuration is confirmed at last are simulated request by request.
    #[must_use]
    pub fn is_by_requests(&self) -> bool {
        self.legs.last().is_some_and(|leg| leg.fidelity == Fidelity::Request)
    }

    /// What each replication runs, as the document tells it.
    #[must_use]
    pub fn legs(&self, window: SimDuration) -> Vec<PlanLeg> {
        let told = |leg: &Leg| PlanLeg {
            part: if leg.stretch.is_none() { "window" } else { "busiest" }.to_owned(),
            hours: Figure::rounded(leg.stretch.map_or(window, |stretch| stretch.duration).as_hours_f64()),
            fidelity: if leg.fidelity == Fidelity::Request { "request" } else { "fluid" }.to_owned(),
        };
        self.legs.iter().map(told).collect()
    }

    /// Runs a configuration with other seeds, so many times at most.
    ///
    /// # Errors
    /// When a run fails.
    pub fn confirm(&self, bench: &Bench, goal: &Goal, levels: &[usize], number: u64, at_most: u32) -> Result<Confirmation> {
        let measured = &bench.figures.measured;
        let mut found = Confirmation {
            replications: 0,
            failed: 0,
            failures: vec![0; measured.len()],
            worst: [vec![None; measured.len()], vec![None; measured.len()]],
            hardest: None,
            months: Vec::new(),
        };
        let total = self.replications.min(at_most);
        while found.replications < total && found.failed <= self.allowed {
            let from = found.replications;
            let until = total.min((2 * from).max(FIRST));
            (bench.progress)(Progress::Confirming(number, from, total));
            let runs: Vec<Result<Vec<(bool, Judgement)>>> =
                (from..until).into_par_iter().map(|number| self.replication(bench, levels, number)).collect();
            for run in runs {
                found.add(bench, goal, &run?);
            }
        }
        (bench.progress)(Progress::Confirming(number, found.replications, total));
        Ok(found)
    }

    /// One replication: of each leg whether it is the window, and what it told.
    fn replication(&self, bench: &Bench, levels: &[usize], number: u32) -> Result<Vec<(bool, Judgement)>> {
        let mut told = Vec::with_capacity(self.legs.len());
        for leg in &self.legs {
            let result = bench.attempt(Some(levels), leg.stretch, |loaded| {
                loaded.scenario.simulation.fidelity = leg.fidelity;
                bench.play(loaded, number)
            })?;
            if let Tried::Done(result) = result {
                told.push((leg.stretch.is_none(), Judgement::of(&result)));
            }
        }
        Ok(told)
    }
}

/// What confirmation found.
#[derive(Clone, Debug, PartialEq)]
pub struct Confirmation {
    /// Replications.
    pub replications: u32,
    /// Replications in which a threshold failed.
    pub failed: u32,
    /// In how many each measured figure failed.
    pub failures: Vec<u32>,
    /// The worst of each measured figure: of the stretch, and of the window.
    pub worst: [Vec<Option<f64>>; 2],
    /// The replication that misses the goal by most.
    pub hardest: Option<Hardest>,
    /// What a month costs in each replication whose whole window was run, in US dollars.
    pub months: Vec<Decimal>,
}

/// The replication that misses a goal by most.
#[derive(Clone, Debug, PartialEq)]
pub struct Hardest {
    /// Its number.
    pub replication: u32,
    missed_by: f64,
    /// What the stretch told, if it was run.
    stretch: Option<Judgement>,
    /// What the window told, if it was run.
    window: Option<Judgement>,
}

impl Confirmation {
    fn add(&mut self, bench: &Bench, goal: &Goal, legs: &[(bool, Judgement)]) {
        self.note(bench, goal, legs);
        let measured = &bench.figures.measured;
        let mut has_failed = vec![false; measured.len()];
        for (is_window, judgement) in legs {
            // A window that is no longer than a stretch is judged as a window: by everything.
            let bounds = if *is_window { &goal.window } else { &goal.stretch };
            if *is_window {
                self.months.extend(judgement.monthly.parse::<Decimal>());
            }
            for (place, (threshold, value)) in measured.iter().zip(&judgement.values).enumerate() {
                let Some(bound) = bounds[place] else { continue };
                has_failed[place] |= !meets(threshold, bound, *value);
                let worst = &mut self.worst[usize::from(*is_window)][place];
                *worst = match (*worst, *value) {
                    (Some(worst), Some(value)) if worse_by(threshold, value, worst) <= 0.0 => Some(worst),
                    (worst, value) => value.or(worst),
                };
            }
        }
        self.replications += 1;
        self.failed += u32::from(legs.is_empty() || has_failed.iter().any(|&failed| failed));
        self.failures.iter_mut().zip(has_failed).for_each(|(count, failed)| *count += u32::from(failed));
    }

    /// Remembers the hardest replication; the next one to be added has the number of those so far.
    fn note(&mut self, bench: &Bench, goal: &Goal, legs: &[(bool, Judgement)]) {
        let bounds = |is_window: bool| if is_window { &goal.window } else { &goal.stretch };
        let missed_by: f64 = legs.iter().map(|(is_window, told)| shortfall(&bench.figures, bounds(*is_window), told)).sum();
        if missed_by > self.hardest.as_ref().map_or(0.0, |hardest| hardest.missed_by) {
            let leg = |wanted: bool| legs.iter().find(|(is_window, _)| *is_window == wanted).map(|(_, told)| told.clone());
            self.hardest = Some(Hardest { replication: self.replications, missed_by, stretch: leg(false), window: leg(true) });
        }
    }
}

impl Hardest {
    /// The goal tightened by as much as this replication was worse than what the search sees of the same configuration once it looks into
    /// that replication, so that the next one leaves the room that this one lacked.
    #[must_use]
    pub fn learnt(&self, bench: &Bench, original: &Goal, goal: &Goal, seen: [Option<&Judgement>; 2]) -> Goal {
        let told = [self.stretch.as_ref().or(self.window.as_ref()), self.window.as_ref()];
        let tighten = |which: usize, original: &[Option<f64>], bounds: &[Option<f64>]| -> Vec<Option<f64>> {
            let of = |place: usize| {
                let (written, bound) = (original[place]?, bounds[place]?);
                let threshold = &bench.figures.measured[place];
                let by = told[which].and_then(|told| told.values[place]).zip(seen[which].and_then(|seen| seen.values[place]));
                let learnt = tightened(threshold, written, by.map_or(0.0, |(told, seen)| worse_by(threshold, told, seen)));
                Some(if worse_by(threshold, bound, learnt) > 0.0 { learnt } else { bound })
            };
            (0..bounds.len()).map(of).collect()
        };
        Goal { stretch: tighten(0, &original.stretch, &goal.stretch), window: tighten(1, &original.window, &goal.window) }
    }
}
