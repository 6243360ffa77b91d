//! `ecsim plan`: the cheapest configuration that meets a scenario's thresholds, and how sure that is.
//!
//! [`derive()`] says what may change, [`Planner`] looks for the best of it by flows (`find`), tries what it found with other seeds and
//! request by request (`confirm`), and where that fails, looks again in the replication that was too hard. The result says
//! what was found, what was held, what it rests on and how to set it.
//!
//! A configuration meets a threshold when its figure over the whole window does, and its figure over the busiest 24 hours of the
//! window too: a fortnight's mean hides a day on which a tenth of the customers was turned away. Cost is that of the whole window.
//! Left out: the minutes in which a change is rolled out, and what it costs to make it.

mod answer;
mod change;
mod confirm;
mod dimension;
mod find;
mod goal;
mod options;
mod space;
mod stretch;
mod trials;

use confirm::{Confirmation, Trust};
use goal::{Figures, Goal};
use stretch::{Course, DAY_HOURS};
use trials::{Bench, Class, Trials};

pub use dimension::{Dimension, DimensionKind, Level};
pub use options::{PlanOptions, Progress, RUNS_BY_FLOWS, RUNS_BY_REQUESTS};
pub use space::{Levels, Space, derive};

use super::points::Points;
use crate::error::{Error, ErrorKind, Fault, Place, Result};
use crate::result::plan::PlanResult;
use crate::result::refuse_without_baseline;
use crate::scenario::model::{CapacityProvider, Fidelity, Scenario};

/// Configurations whose confirmation is tried.
const ATTEMPTS: u64 = 10;
/// Configurations that are judged again in a replication that was too hard.
const LOOKED_AT_AGAIN: usize = 64;
/// Replications that the runner-up gets.
const RUNNER_UP_REPLICATIONS: u32 = 8;
/// How many are looked at for a runner-up that holds.
const RUNNERS_UP: usize = 3;

/// A search for the cheapest configuration.
pub struct Planner<'a> {
    options: &'a PlanOptions,
    trials: Trials<'a>,
    course: Course,
    trust: Trust,
    original: Goal,
    confirmations: u64,
}

/// The best configuration that was found.
struct Found {
    levels: Levels,
    confirmation: Option<Confirmation>,
    meets: bool,
}

impl<'a> Planner<'a> {
    /// Prepares a search among these configurations.
    ///
    /// # Errors
    /// A scenario without thresholds, with one that no single replication has, a share or a number out of range, a trace that cannot be read.
    pub fn new(
        points: &'a Points<'a>,
        space: &'a Space,
        options: &'a PlanOptions,
        progress: &'a (dyn Fn(Progress) + Sync),
    ) -> Result<Self> {
        let scenario = &points.loaded().scenario;
        check(scenario, options)?;
        let traces = points.traces(scenario)?;
        let course = Course::of(scenario, &traces)?;
        let wanted = options.fidelity.unwrap_or(scenario.simulation.fidelity);
        let by_requests = scenario.needs_request_fidelity() || wanted == Fidelity::Request;
        let fidelity = if by_requests { Fidelity::Request } else { Fidelity::Fluid };
        let mut bench = Bench {
            points,
            space,
            figures: Figures::of(scenario, &options.thresholds),
            traces,
            stretch: course.busiest(DAY_HOURS, scenario.simulation.warm_up),
            replication: None,
            replications: 0,
            fidelity,
            seed: scenario.simulation.seed,
            progress,
        };
        let trust = Trust::new(&bench, &course, options);
        bench.replications = trust.replications;
        let max_runs = options.max_runs.unwrap_or(if by_requests { RUNS_BY_REQUESTS } else { RUNS_BY_FLOWS });
        let original = Goal::of(&bench.figures);
        Ok(Self { options, trials: Trials::new(bench, max_runs), course, trust, original, confirmations: 0 })
    }

    /// Searches, confirms and answers. The work is spread over the threads of the current pool; the answer does not depend on them.
    ///
    /// # Errors
    /// When a run fails for another reason than that a configuration is no valid scenario.
    pub fn answer(&mut self) -> Result<PlanResult> {
        // What is wrong with the scenario as it stands, as a threshold that names no figure, is told before the search.
        let current = self.told(None)?;
        let found = self.find()?;
        let chosen = self.told(Some(&found.levels))?;
        let runner_up = if found.meets { self.runner_up(&found)? } else { None };
        let more = self.more_availability(&found, &chosen)?;
        self.document(&found, &[current, chosen], runner_up.as_ref(), more)
    }
}

/// What a search knows of single configurations, for whoever compares its answer with configurations of their own, as its tests do.
impl Planner<'_> {
    /// Whether the search has looked at a configuration.
    #[must_use]
    pub fn has_tried(&self, levels: &Levels) -> bool {
        self.trials.has_seen(&self.trials.bench.space.canonical(levels.clone()))
    }

    /// What configurations cost a month in US dollars, each if by flows it meets the thresholds; counted as runs of the search.
    ///
    /// # Errors
    /// As [`Planner::answer`].
    pub fn monthly_usd_if_met(&mut self, configurations: &[Levels]) -> Result<Vec<Option<f64>>> {
        let canonical: Vec<Levels> = configurations.iter().map(|levels| self.trials.bench.space.canonical(levels.clone())).collect();
        let screened = self.trials.screen(canonical.iter().cloned())?;
        let in_reach: Vec<Levels> =
            screened.into_iter().filter(|levels| self.trials.rank(&self.original, levels).class == Class::Promising).collect();
        self.trials.measure(&in_reach)?;
        let ranks = canonical.iter().map(|levels| self.trials.rank(&self.original, levels));
        Ok(ranks.map(|rank| (rank.class == Class::Meets).then_some(rank.value)).collect())
    }

    /// Whether a configuration holds with other seeds and request by request.
    ///
    /// # Errors
    /// As [`Planner::answer`].
    pub fn is_confirmed(&mut self, levels: &Levels) -> Result<bool> {
        let levels = self.trials.bench.space.canonical(levels.clone());
        Ok(self.confirm(&levels, u32::MAX)?.failed <= self.trust.allowed)
    }
}

impl Planner<'_> {
    fn confirm(&mut self, levels: &[usize], at_most: u32) -> Result<Confirmation> {
        self.confirmations += 1;
        self.trust.confirm(&self.trials.bench, &self.original, levels, self.confirmations, at_most)
    }

    fn find(&mut self) -> Result<Found> {
        let mut goal = self.original.clone();
        find::search(&mut self.trials, &goal)?;
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let Some(levels) = self.best(&goal)? else { break };
            if self.trials.rank(&goal, &levels).class != Class::Meets {
                break;
            }
            let confirmation = self.confirm(&levels, u32::MAX)?;
            if confirmation.failed <= self.trust.allowed {
                return Ok(Found { levels, confirmation: Some(confirmation), meets: true });
            }
            self.trials.reject(levels.clone());
            if let Some(hardest) = &confirmation.hardest {
                self.trials.look_into(hardest.replication, &goal, LOOKED_AT_AGAIN)?;
                self.trials.screen([levels.clone()])?;
                let trial = self.trials.get(&levels).cloned().unwrap_or_default();
                goal = hardest.learnt(&self.trials.bench, &self.original, &goal, [trial.stretch.as_ref(), trial.window.as_ref()]);
            }
            last = Some((levels.clone(), confirmation));
            let start = self.best(&goal)?.unwrap_or(levels);
            find::descend(&mut self.trials, &goal, start)?;
        }
        let original = self.original.clone();
        // The one that comes nearest: by flows, or of those that failed only with other seeds the last, which had the most room.
        Ok(match (last, self.best(&original)?) {
            (Some((levels, confirmation)), _) => Found { levels, confirmation: Some(confirmation), meets: false },
            (None, Some(levels)) => Found { levels, confirmation: None, meets: false },
            (None, None) => Found { levels: self.trials.bench.space.start(), confirmation: None, meets: false },
        })
    }

    /// The best that is known for a goal, its window run.
    fn best(&mut self, goal: &Goal) -> Result<Option<Levels>> {
        loop {
            let Some(best) = self.trials.best(goal) else { return Ok(None) };
            let is_measured = self.trials.get(&best).is_some_and(|trial| trial.window.is_some());
            if is_measured || self.trials.rank(goal, &best).class > Class::Promising || self.trials.is_spent() {
                return Ok(Some(best));
            }
            self.trials.measure(&[best])?;
        }
    }

    /// The cheapest of another kind that holds.
    fn runner_up(&mut self, found: &Found) -> Result<Option<(Levels, Confirmation)>> {
        let space = self.trials.bench.space;
        let chosen = space.structure(&found.levels);
        let has_kinds = !chosen.is_empty();
        let mut others: Vec<_> = self.trials.all().map(|(levels, _)| (self.trials.rank(&self.original, levels), levels.clone())).collect();
        others.retain(|(rank, levels)| {
            rank.class == Class::Meets && *levels != found.levels && (!has_kinds || space.structure(levels) != chosen)
        });
        others.sort_by(|(one, _), (other, _)| one.order(other));
        // What is cheaper than the answer has not been confirmed, or has failed.
        let answer = self.trials.rank(&self.original, &found.levels);
        others.retain(|(rank, _)| rank.order(&answer).is_gt());
        for (_, levels) in others.into_iter().take(RUNNERS_UP) {
            let confirmation = self.confirm(&levels, RUNNER_UP_REPLICATIONS)?;
            if confirmation.failed == 0 {
                return Ok(Some((levels, confirmation)));
            }
        }
        Ok(None)
    }
}

/// What a search cannot begin without.
fn check(scenario: &Scenario, options: &PlanOptions) -> Result<()> {
    let mut faults: Vec<Fault> =
        refuse_without_baseline(&options.thresholds).err().iter().flat_map(|error| error.faults().to_vec()).collect();
    for service in &scenario.services {
        if service.strategy.iter().any(|item| matches!(item.capacity_provider, CapacityProvider::Instances(_))) {
            let place = Place::path(format!("services.{}.capacity_provider_strategy", service.name));
            let fault = Fault::new(ErrorKind::NotModelled, place, "a plan for services on EC2 instances");
            faults.push(fault.remedy("compare sizes of the group with ecsim sweep, or plan the service on FARGATE"));
        }
    }
    if scenario.thresholds.is_empty() && options.thresholds.is_empty() {
        let fault =
            Fault::input(Place::path("thresholds"), "the scenario has no threshold, so the cheapest configuration would be the smallest");
        let first = scenario.services.first().map_or("web", |service| service.name.as_str());
        faults.push(fault.remedy(format!("write thresholds, or give some as --threshold 'services.{first}.latency_p99 < 300ms'")));
    }
    for threshold in scenario.thresholds.iter().chain(&options.thresholds) {
        if threshold.is_quantile_over_replications() {
            let message = format!(
                "the threshold {:?} names a quantile over replications; a plan judges each replication by itself",
                threshold.expression
            );
            faults.push(
                Fault::input(threshold.place.clone(), message)
                    .remedy("name monthly_cost: --confidence says in how many replications it must hold"),
            );
        }
    }
    if !(options.confidence > 0.0 && options.confidence < 1.0) {
        let message = format!("the confidence is {}, allowed is a share between 0 and 1", options.confidence);
        faults.push(Fault::input(Place::file("--confidence"), message).remedy("as in --confidence 95%"));
    }
    if options.arm_cpu_time.is_some_and(|factor| !(factor > 0.0 && factor.is_finite())) {
        faults
            .push(Fault::input(Place::file("--arm"), "the CPU time on ARM is a multiple above 0 of that on x86").remedy("as in --arm 0.9"));
    }
    Error::from_faults(faults)
}
