//! The way to the best configuration: many by their busiest stretch, the better part of them by the whole window, then
//! step by step from the best.
//!
//! The first ones are a Latin hypercube (McKay, Beckman and Conover, 1979): of each axis every level comes about equally often, so that
//! a small sample misses none. They are halved as Jamieson and Talwalkar do (2016): all of them are run for a short time, the better
//! part for longer. What a hypercube finds is near, not best: from the best of each kind every axis is tried level by level, then pairs of
//! axes together (a smaller task wants more of them), until nothing near is better. Everything is drawn from the seed and
//! taken in a fixed order, so neither threads nor time change the answer.

use rand::Rng;

use super::goal::Goal;
use super::space::{Levels, Space};
use super::trials::{Rank, Trials};
use crate::error::Result;
use crate::random::{Stream, generator};

/// Configurations of the first sample.
const SAMPLE: usize = 96;
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
    let mut first = hypercube(space, trials.bench.seed, SAMPLE.min(space.size() as usize));
    first.push(space.start());
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

/// A sample in which each level of each axis comes about equally often.
fn hypercube(space: &Space, seed: u64, count: usize) -> Vec<Levels> {
    let columns: Vec<Vec<usize>> = (0_u64..)
        .zip(&space.axes)
        .map(|(index, axis)| {
            let mut draws = generator(seed, Stream::Search, 0, index);
            let mut column: Vec<usize> = (0..count).map(|place| place * axis.levels.len() / count.max(1)).collect();
            // Fisher and Yates.
            for last in (1..column.len()).rev() {
                column.swap(last, (draws.next_u64() % (last as u64 + 1)) as usize);
            }
            column
        })
        .collect();
    (0..count).map(|row| columns.iter().map(|column| column[row]).collect()).collect()
}

/// Runs the window of the better part of candidates.
fn keep(trials: &mut Trials, goal: &Goal, candidates: Vec<Levels>) -> Result<()> {
    let count = (candidates.len() / KEPT).max(LEAST_KEPT);
    let mut ranks: Vec<(Rank, Levels)> = candidates.into_iter().map(|levels| (trials.rank(goal, &levels), levels)).collect();
    // What misses the goal by its stretch misses it altogether.
    ranks.retain(|(rank, _)| rank.class <= 1);
    ranks.sort_by(|(one, _), (other, _)| one.value.total_cmp(&other.value).then_with(|| one.order(other)));
    let kept: Vec<Levels> = ranks.into_iter().take(count).map(|(_, levels)| levels).collect();
    trials.measure(&kept)
}

/// The best of each kind, and of these the best few.
fn starts(trials: &Trials, goal: &Goal) -> Vec<Levels> {
    let space = trials.bench.space;
    let kind = |levels: &Levels| -> Levels {
        let structural = space.axes.iter().zip(levels).filter(|(axis, _)| axis.dimension == super::axis::Dimension::Size);
        structural.map(|(_, &level)| level).collect()
    };
    let mut ranks: Vec<(Rank, &Levels)> = trials.all().map(|(levels, _)| (trials.rank(goal, levels), levels)).collect();
    ranks.retain(|(rank, _)| rank.class != 3);
    ranks.sort_by(|(one, _), (other, _)| one.order(other));
    let mut starts: Vec<Levels> = Vec::new();
    for (_, levels) in ranks {
        if starts.len() < STARTS && starts.iter().all(|start| kind(start) != kind(levels)) {
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
    step.class != 1 && step.is_better_than(current) || current.class == 1 && step.class == 0
}

/// Every other level of each axis alone.
fn single_steps(space: &Space, here: &[usize]) -> Vec<Levels> {
    let mut steps = Vec::new();
    for (place, axis) in space.axes.iter().enumerate() {
        for level in (0..axis.levels.len()).filter(|&level| level != here[place]) {
            let mut step = here.to_vec();
            step[place] = level;
            steps.push(step);
        }
    }
    steps
}

/// One level up or down in two axes of one service (or of the user) at once.
fn double_steps(space: &Space, here: &[usize]) -> Vec<Levels> {
    let moved = |levels: &[usize], place: usize, up: bool| -> Option<Levels> {
        let level = if up { levels[place] + 1 } else { levels[place].checked_sub(1)? };
        let mut levels = levels.to_vec();
        levels[place] = level;
        (level < space.axes[place].levels.len()).then_some(levels)
    };
    let mut steps = Vec::new();
    for one in 0..space.axes.len() {
        for other in one + 1..space.axes.len() {
            let (first, second) = (space.axes[one].service, space.axes[other].service);
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
    use crate::plan::search::axis::{Axis, Dimension, Level};

    fn space(levels: &[usize]) -> Space {
        let axis = |&count: &usize| Axis {
            dimension: Dimension::Vary,
            service: None,
            policy: None,
            title: String::new(),
            paths: vec!["x".to_owned()],
            levels: (0..count).map(|number| Level::of(number as f64)).collect(),
            current: Some(0),
        };
        Space { axes: levels.iter().map(axis).collect(), ..Space::default() }
    }

    #[test]
    fn a_hypercube_has_every_level_about_equally_often() {
        let space = space(&[2, 3, 7]);
        let sample = hypercube(&space, 5, 42);
        for (place, axis) in space.axes.iter().enumerate() {
            for level in 0..axis.levels.len() {
                let times = sample.iter().filter(|levels| levels[place] == level).count();
                assert_eq!(times, 42 / axis.levels.len(), "axis {place}, level {level}");
            }
        }
        assert_eq!(sample, hypercube(&space, 5, 42));
        assert_ne!(sample, hypercube(&space, 6, 42));
    }

    #[test]
    fn steps_stay_within_the_levels() {
        let space = space(&[3, 2]);
        assert_eq!(single_steps(&space, &[1, 0]), [vec![0, 0], vec![2, 0], vec![1, 1]]);
        assert_eq!(double_steps(&space, &[1, 0]), [vec![0, 1], vec![2, 1]]);
    }
}
