//! Configurations that were run, each once: their busiest stretch first, the whole window only where that is worth it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::goal::{Figures, Goal, Judgement, shortfall};
use super::options::Progress;
use super::space::{Levels, Space};
use crate::error::{Fault, Place, Result};
use crate::plan::points::{Point, Points, Tried};
use crate::result::RunResult;
use crate::scenario::Loaded;
use crate::scenario::model::{Fidelity, Scenario};
use crate::scenario::overrides::Setting;
use crate::simulate::{Stretch, Traces, stretch_of_window};

/// What is needed to run any configuration.
pub struct Bench<'a> {
    /// The scenario's points.
    pub points: &'a Points<'a>,
    /// What may change.
    pub space: &'a Space,
    /// What every run tells.
    pub figures: Figures,
    /// The traces of the scenario.
    pub traces: Traces,
    /// The busiest stretch; none: the window is short.
    pub stretch: Option<Stretch>,
    /// The replication that the stretch is judged in, by its number; none: everything uncertain at its median.
    pub replication: Option<u32>,
    /// How many replications confirm a configuration.
    pub replications: u32,
    /// The fidelity of the search.
    pub fidelity: Fidelity,
    /// The seed.
    pub seed: u64,
    /// Told how far the work is.
    pub progress: &'a (dyn Fn(Progress) + Sync),
}

impl Bench<'_> {
    /// Does something with the scenario of a configuration (none: the scenario as it stands), cut to a stretch of its window.
    ///
    /// # Errors
    /// When a file cannot be read, or a value of the space breaks the syntax of a scenario.
    pub fn attempt<T>(
        &self,
        levels: Option<&[usize]>,
        stretch: Option<Stretch>,
        run: impl FnOnce(&mut Loaded) -> Result<T>,
    ) -> Result<Tried<T>> {
        let place = Place::default();
        let settings = levels.map(|levels| self.space.settings(levels)).unwrap_or_default();
        let settings: Result<Vec<Setting>> = settings.iter().map(|(path, value)| Setting::new(path, value, &place)).collect();
        let point = Point { variant: None, settings: settings? };
        self.points.attempt(&point, |mut loaded| {
            let scenario = &mut loaded.scenario;
            if let Some(levels) = levels {
                self.space.shape(levels, scenario);
            }
            scenario.thresholds.clone_from(&self.figures.measured);
            scenario.simulation.seed = self.seed;
            scenario.simulation.fidelity = self.fidelity;
            scenario.simulation.replications = 1;
            if let Some(stretch) = stretch {
                let cut = stretch_of_window(scenario, &self.traces, stretch);
                *scenario =
                    cut.ok_or_else(|| Fault::input(Place::path("events"), "the window has a past that its busiest stretch needs"))?;
            }
            run(&mut loaded)
        })
    }

    /// What a configuration does in a stretch of its window, in a replication or at the median of all.
    ///
    /// # Errors
    /// As [`Bench::attempt`].
    pub fn judge(&self, levels: Option<&[usize]>, stretch: Option<Stretch>, replication: Option<u32>) -> Result<Tried<Judgement>> {
        self.attempt(levels, stretch, |loaded| {
            let result = match replication {
                Some(number) => self.play(loaded, number),
                None => self.points.run(loaded),
            };
            Ok(Judgement::of(&result?))
        })
    }

    /// Runs a scenario in one of the replications.
    ///
    /// # Errors
    /// When the run fails.
    pub fn play(&self, loaded: &mut Loaded, replication: u32) -> Result<RunResult> {
        // A lone replication takes what is uncertain at its median; one of several draws it.
        loaded.scenario.simulation.replications = self.replications.max(2);
        self.points.replication(loaded, replication)
    }

    /// The scenario as it stands, for what is fixed in it.
    #[must_use]
    pub fn base(&self) -> &Scenario {
        &self.points.loaded().scenario
    }
}

/// What is known of a configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trial {
    /// By its busiest stretch; none: there is no such scenario.
    pub stretch: Option<Judgement>,
    /// By the whole window; none: not run.
    pub window: Option<Judgement>,
}

/// What became of a configuration, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// It meets the goal.
    Meets,
    /// Its stretch meets the goal, and the window was not run.
    Promising,
    /// It does not meet the goal.
    Misses,
    /// There is no such scenario.
    Impossible,
}

/// How good a configuration is: the smaller, the better.
#[derive(Clone, Debug, PartialEq)]
pub struct Rank {
    /// What became of it.
    pub class: Class,
    /// US dollars a month, or how far it is from the goal.
    pub value: f64,
    /// In how many dimensions it differs from the scenario, and which configuration it is: of equals the one that changes least.
    tie: (usize, Levels),
}

impl Rank {
    /// The order of ranks, the best first.
    #[must_use]
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.class.cmp(&other.class).then(self.value.total_cmp(&other.value)).then_with(|| self.tie.cmp(&other.tie))
    }
}

/// An answer that does not hold allows this part of the runs once more.
const MORE_RUNS_PART: u64 = 4;

/// Configurations that were run.
pub struct Trials<'a> {
    /// What runs them.
    pub bench: Bench<'a>,
    known: BTreeMap<Levels, Trial>,
    /// Every configuration that was looked at, in whichever replication, and whether there is such a scenario.
    seen: BTreeMap<Levels, bool>,
    /// Whole windows, which do not depend on the replication that the stretch is judged in.
    windows: BTreeMap<Levels, Judgement>,
    /// Those that were tried with other seeds and failed.
    rejected: BTreeSet<Levels>,
    /// Runs of a stretch.
    pub stretch_runs: u64,
    /// Runs of the window.
    pub window_runs: u64,
    max_runs: u64,
    first_max_runs: u64,
}

impl<'a> Trials<'a> {
    /// None so far.
    #[must_use]
    pub fn new(bench: Bench<'a>, max_runs: u64) -> Self {
        let (seen, windows) = (BTreeMap::new(), BTreeMap::new());
        Self {
            seen,
            windows,
            bench,
            known: BTreeMap::new(),
            rejected: BTreeSet::new(),
            stretch_runs: 0,
            window_runs: 0,
            max_runs,
            first_max_runs: max_runs,
        }
    }

    /// Whether no further run is allowed.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.left() == 0
    }

    /// Runs that are still allowed.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.max_runs.saturating_sub(self.stretch_runs + self.window_runs)
    }

    /// Takes a configuration for one that does not meet the goal.
    pub fn reject(&mut self, levels: Levels) {
        self.rejected.insert(levels);
    }

    /// What is known of a configuration.
    #[must_use]
    pub fn get(&self, levels: &[usize]) -> Option<&Trial> {
        self.known.get(levels)
    }

    /// Whether a configuration was looked at, in whichever replication.
    #[must_use]
    pub fn has_seen(&self, levels: &[usize]) -> bool {
        self.seen.contains_key(levels)
    }

    /// How many configurations were looked at, and how many of them are no valid scenario.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        (self.seen.len() as u64, self.seen.values().filter(|is_possible| !**is_possible).count() as u64)
    }

    /// From now on judges stretches in this replication, beginning with so many of the configurations that were best before.
    ///
    /// # Errors
    /// That of the first that fails.
    pub fn look_into(&mut self, replication: u32, goal: &Goal, count: usize) -> Result<()> {
        let mut ranks: Vec<Rank> = self.known.keys().map(|levels| self.rank(goal, levels)).collect();
        ranks.sort_by(Rank::order);
        self.bench.replication = Some(replication);
        self.known.clear();
        // A search that has spent its runs could not look for another answer.
        self.max_runs = self.max_runs.max(self.stretch_runs + self.window_runs).saturating_add(self.first_max_runs / MORE_RUNS_PART);
        let again: Vec<Levels> = ranks.into_iter().take(count).map(|rank| rank.tie.1).collect();
        self.screen(again).map(|_| ())
    }

    /// All configurations, in the order of their levels.
    pub fn all(&self) -> impl Iterator<Item = (&Levels, &Trial)> {
        self.known.iter()
    }

    /// Runs the busiest stretch of those that are new, side by side, and returns all of them in their canonical form, each once.
    ///
    /// # Errors
    /// That of the first that fails.
    pub fn screen(&mut self, candidates: impl IntoIterator<Item = Levels>) -> Result<Vec<Levels>> {
        let mut wanted: Vec<Levels> = candidates.into_iter().map(|levels| self.bench.space.canonical(levels)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let left = usize::try_from(self.left()).unwrap_or(usize::MAX);
        let new: Vec<Levels> = wanted.iter().filter(|levels| !self.known.contains_key(*levels)).take(left).cloned().collect();
        let judged = self.side_by_side(&new, self.bench.stretch, self.bench.replication)?;
        let is_window = self.bench.stretch.is_none() && self.bench.replication.is_none();
        *(if is_window { &mut self.window_runs } else { &mut self.stretch_runs }) += new.len() as u64;
        for (levels, judgement) in new.into_iter().zip(judged) {
            if let Some(window) = judgement.clone().filter(|_| is_window) {
                self.windows.insert(levels.clone(), window);
            }
            self.seen.insert(levels.clone(), judgement.is_some());
            let window = self.windows.get(&levels).cloned();
            self.known.insert(levels, Trial { stretch: judgement, window });
        }
        wanted.retain(|levels| self.known.contains_key(levels));
        Ok(wanted)
    }

    /// Runs the whole window of those whose window was not run.
    ///
    /// # Errors
    /// That of the first that fails.
    pub fn measure(&mut self, candidates: &[Levels]) -> Result<()> {
        let left = usize::try_from(self.left()).unwrap_or(usize::MAX);
        let is_open = |levels: &&Levels| self.known.get(*levels).is_some_and(|trial| trial.stretch.is_some() && trial.window.is_none());
        let open: Vec<Levels> = candidates.iter().filter(is_open).take(left).cloned().collect();
        let judged = self.side_by_side(&open, None, None)?;
        self.window_runs += open.len() as u64;
        for (levels, judgement) in open.into_iter().zip(judged) {
            if let Some(window) = &judgement {
                self.windows.insert(levels.clone(), window.clone());
            }
            if let Some(trial) = self.known.get_mut(&levels) {
                trial.window = judgement;
            }
        }
        Ok(())
    }

    fn side_by_side(&self, candidates: &[Levels], stretch: Option<Stretch>, replication: Option<u32>) -> Result<Vec<Option<Judgement>>> {
        let before = self.stretch_runs + self.window_runs;
        let done = AtomicU64::new(before);
        let judged: Vec<Result<Option<Judgement>>> = candidates
            .par_iter()
            .map(|levels| {
                let judgement = match self.bench.judge(Some(levels), stretch, replication)? {
                    Tried::Done(judgement) => Some(judgement),
                    Tried::Impossible(_) => None,
                };
                (self.bench.progress)(Progress::Searching(done.fetch_add(1, Ordering::Relaxed) + 1, self.max_runs));
                Ok(judgement)
            })
            .collect();
        judged.into_iter().collect()
    }

    /// How good a configuration is for a goal.
    #[must_use]
    pub fn rank(&self, goal: &Goal, levels: &Levels) -> Rank {
        let figures = &self.bench.figures;
        let (class, value) = match self.known.get(levels) {
            Some(Trial { stretch: Some(stretch), window }) => {
                let of_stretch = shortfall(figures, &goal.stretch, stretch);
                let of_window = window.as_ref().map(|window| shortfall(figures, &goal.window, window));
                match (of_stretch, of_window, window) {
                    (0.0, Some(0.0), _) if self.rejected.contains(levels) => (Class::Misses, 0.0),
                    (0.0, Some(0.0), Some(window)) => (Class::Meets, window.monthly_usd),
                    (0.0, None, _) => (Class::Promising, stretch.monthly_usd),
                    (missed, of_window, _) => (Class::Misses, missed.max(of_window.unwrap_or(0.0))),
                }
            }
            _ => (Class::Impossible, 0.0),
        };
        Rank { class, value, tie: (self.bench.space.changed(levels).len(), levels.clone()) }
    }

    /// The best configuration that is known; none where all are impossible.
    #[must_use]
    pub fn best(&self, goal: &Goal) -> Option<Levels> {
        let ranked = self.known.keys().map(|levels| self.rank(goal, levels)).filter(|rank| rank.class != Class::Impossible);
        ranked.min_by(Rank::order).map(|rank| rank.tie.1)
    }
}
