//! The way to the best configuration: many by their busiest stretch, the better part of them by the whole window, then
//! step by step from the best.
//!
//! The first ones are a Latin hypercube (McKay, Beckman and Conover, 1979): of each dimension every level comes about equally often, so that
//! a small sample misses none. They are halved as Jamieson and Talwalkar do (2016): all of them are run for a short time, the better
//! part for longer. What a hypercube finds is near, not best: from the best of each kind every dimension is tried level by level, then pairs of
//! dimensions together (a smaller task wants more of them), until nothing near is better. Everything is drawn from the seed and
//! taken in a fixed order, so neither threads nor time change the answer.

use super::goal::Goal;
use super::space::{Levels, Space};
use super::trials::{Class, Rank, Trials};
use crate::error::Result;
use crate::plan::hypercube::latin_hypercube;
use crate::random::Stream;

/// Configurations of the first sample.
const SAMPLE: usize = 96;
/// The part of few runs that goes into it, so that some are left for the whole window.
const SAMPLED_OF_RUNS: (u64, u64) = (2, 3);
/// One in so many goes on to the whole window.
const KEPT: usize = 3;
/// At least so many go on.
const LEAST_KEPT: usize = 6;
/// Kinds of configuration from which the search goes on step by step.
const STARTS: usize = 3;

/// Looks for the best configuration for a goal, from the scenario itself.
///
/// # Errors
/// When a run fails for another reason than that there is no such scenario.
pub fn search(trials: &mut Trials, goal: &Goal) -> Result<()> {
    let space = trials.bench.space;
    let lengths: Vec<usize> = space.dimensions.iter().map(|dimension| dimension.levels.len()).collect();
    // What stands today is a candidate whatever the search may spend.
    let today = trials.screen([space.start()])?;
    trials.measure(&today)?;
    let affordable = (trials.left() * SAMPLED_OF_RUNS.0).div_ceil(SAMPLED_OF_RUNS.1) as usize;
    let first = latin_hypercube(&lengths, SAMPLE.min(space.size() as usize).min(affordable), trials.bench.seed, Stream::Search);
    let screened = trials.screen(first)?;
    keep(trials, goal, screened)?;
    for start in starts(trials, goal) {
        descend(trials, goal, start)?;
    }
    match trials.best(goal) {
        Some(best) => descend(trials, goal, best),
        None => Ok(()),
    }
}

/// Runs the window of the better part of candidates.
fn keep(trials: &mut Trials, goal: &Goal, candidates: Vec<Levels>) -> Result<()> {
    let count = (candidates.len() / KEPT).max(LEAST_KEPT);
    let mut ranks: Vec<(Rank, Levels)> = candidates.into_iter().map(|levels| (trials.rank(goal, &levels), levels)).collect();
    // What misses the goal by its stretch misses it altogether.
    ranks.retain(|(rank, _)| rank.class <= Class::Promising);
    ranks.sort_by(|(one, _), (other, _)| one.value.total_cmp(&other.value).then_with(|| one.order(other)));
    let kept: Vec<Levels> = ranks.into_iter().take(count).map(|(_, levels)| levels).collect();
    trials.measure(&kept)
}

/// The best of each kind, and of these the best few.
fn starts(trials: &Trials, goal: &Goal) -> Vec<Levels> {
    let space = trials.bench.space;
    let mut ranks: Vec<(Rank, &Levels)> = trials.all().map(|(levels, _)| (trials.rank(goal, levels), levels)).collect();
    ranks.retain(|(rank, _)| rank.class != Class::Impossible);
    ranks.sort_by(|(one, _), (other, _)| one.order(other));
    let mut starts: Vec<Levels> = Vec::new();
    for (_, levels) in ranks {
        if starts.len() < STARTS && starts.iter().all(|start| space.structure(start) != space.structure(levels)) {
            starts.push(levels.clone());
        }
    }
    starts
}

/// Steps from a configuration to better ones near it until there is none.
///
/// # Errors
/// As [`search`].
pub fn descend(trials: &mut Trials, goal: &Goal, start: Levels) -> Result<()> {
    let mut here = start;
    loop {
        let singles = improve(trials, goal, &here, single_steps(trials.bench.space, &here))?;
        let next = match singles {
            Some(next) => Some(next),
            None => improve(trials, goal, &here, double_steps(trials.bench.space, &here))?,
        };
        match next {
            Some(next) if !trials.is_spent() => here = next,
            _ => return Ok(()),
        }
    }
}

/// The best of some neighbours, if it is better.
fn improve(trials: &mut Trials, goal: &Goal, here: &Levels, neighbours: Vec<Levels>) -> Result<Option<Levels>> {
    let screened = trials.screen(neighbours)?;
    keep(trials, goal, screened.clone())?;
    let best = screened.into_iter().map(|levels| (trials.rank(goal, &levels), levels)).min_by(|(one, _), (other, _)| one.order(other));
    let current = trials.rank(goal, here);
    Ok(best.filter(|(rank, _)| is_progress(rank, &current)).map(|(_, levels)| levels))
}

/// Whether a step is one forward. A window that was not run counts as none, since its stretch alone says no cost.
fn is_progress(step: &Rank, current: &Rank) -> bool {
    step.class != Class::Promising && step.order(current).is_lt() || current.class == Class::Promising && step.class == Class::Meets
}

/// Every other level of each dimension alone.
fn single_steps(space: &Space, here: &[usize]) -> Vec<Levels> {
    let mut steps = Vec::new();
    for (place, dimension) in space.dimensions.iter().enumerate() {
        for level in (0..dimension.levels.len()).filter(|&level| level != here[place]) {
            let mut step = here.to_vec();
            step[place] = level;
            steps.push(step);
        }
    }
    steps
}

/// One level up or down in two dimensions of one service (or of the user) at once.
fn double_steps(space: &Space, here: &[usize]) -> Vec<Levels> {
    let moved = |levels: &[usize], place: usize, up: bool| -> Option<Levels> {
        let level = if up { levels[place] + 1 } else { levels[place].checked_sub(1)? };
        let mut levels = levels.to_vec();
        levels[place] = level;
        (level < space.dimensions[place].levels.len()).then_some(levels)
    };
    let mut steps = Vec::new();
    for one in 0..space.dimensions.len() {
        for other in one + 1..space.dimensions.len() {
            let (first, second) = (space.dimensions[one].service, space.dimensions[other].service);
            if first != second && first.is_some() && second.is_some() {
                continue;
            }
            for (up, other_up) in [(false, false), (false, true), (true, false), (true, true)] {
                steps.extend(moved(here, one, up).and_then(|levels| moved(&levels, other, other_up)));
            }
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::search::dimension::{Dimension, DimensionKind, Level};

    fn space(levels: &[usize]) -> Space {
        let dimension = |&count: &usize| Dimension {
            kind: DimensionKind::Vary,
            service: None,
            policy: None,
            title: String::new(),
            paths: vec!["x".to_owned()],
            levels: (0..count).map(|number| Level::of(number as f64)).collect(),
            current: Some(0),
        };
        Space { dimensions: levels.iter().map(dimension).collect(), ..Space::default() }
    }

    #[test]
    fn steps_stay_within_the_levels() {
        let space = space(&[3, 2]);
        assert_eq!(single_steps(&space, &[1, 0]), [vec![0, 0], vec![2, 0], vec![1, 1]]);
        assert_eq!(double_steps(&space, &[1, 0]), [vec![0, 1], vec![2, 1]]);
    }
}
