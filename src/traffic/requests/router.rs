//! Which task a request goes to.
//!
//! Targets stand in the order in which they became healthy. A balancer sends requests to the healthy ones
//! alone; when none of its registered targets is healthy it sends them to all (it "fails open"); without a
//! registered target it answers 503 itself. Without a balancer clients take turns among the healthy tasks.
//!
//! In slow start a new target's share grows linearly from nothing. It enters slow start only if a
//! healthy target was there before that is not in slow start (AWS, target group attributes). A turn that such a target
//! does not take goes to the next one.

use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::random::{Stream, generator};
use crate::scenario::model::RoutingAlgorithm;
use crate::units::{SimDuration, SimTime};

/// A target and its slow start.
#[derive(Clone, Copy, Debug)]
struct Target {
    task: u32,
    /// When it became one.
    since: i64,
    /// When its share began to grow; none: it has its whole share.
    ramp_start: Option<i64>,
    /// Turns that its share owes it.
    credit: f64,
}

/// The targets of a service.
#[derive(Clone, Debug)]
pub struct Router {
    algorithm: RoutingAlgorithm,
    slow_start: SimDuration,
    healthy: Vec<Target>,
    unhealthy: Vec<Target>,
    turn: usize,
    generator: Xoshiro256PlusPlus,
}

/// How a block of requests is spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Nobody takes them.
    Nobody,
    /// In turn over the targets, beginning with this one.
    InTurn(usize),
    /// Each by itself.
    OneByOne,
}

impl Router {
    /// The targets of a service, none yet.
    #[must_use]
    pub fn new(algorithm: RoutingAlgorithm, slow_start: SimDuration, seed: u64, service_key: u64) -> Self {
        Self {
            algorithm,
            slow_start,
            healthy: Vec::new(),
            unhealthy: Vec::new(),
            turn: 0,
            generator: generator(seed, Stream::Routing, service_key, 0),
        }
    }

    /// The algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> RoutingAlgorithm {
        self.algorithm
    }

    /// A task becomes a healthy target.
    pub fn add(&mut self, task: u32, now: SimTime) {
        let now = now.as_nanos();
        let others_are_up = self.healthy.iter().any(|target| target.since < now && !self.is_ramping(target, now));
        let ramps = self.slow_start > SimDuration::ZERO && others_are_up;
        self.healthy.push(Target { task, since: now, ramp_start: ramps.then_some(now), credit: 0.0 });
    }

    /// A task fails its checks and stays registered.
    pub fn fail(&mut self, task: u32) {
        self.remove(task);
        self.unhealthy.push(Target { task, since: i64::MAX, ramp_start: None, credit: 0.0 });
    }

    /// A task is no longer a target.
    pub fn remove(&mut self, task: u32) {
        self.unhealthy.retain(|target| target.task != task);
        if let Some(place) = self.healthy.iter().position(|target| target.task == task) {
            self.healthy.remove(place);
            if place < self.turn {
                self.turn -= 1;
            }
        }
    }

    fn targets(&self) -> &[Target] {
        if self.healthy.is_empty() { &self.unhealthy } else { &self.healthy }
    }

    /// How many targets requests go to.
    #[must_use]
    pub fn len(&self) -> usize {
        self.targets().len()
    }

    /// The task of a target.
    #[must_use]
    pub fn task(&self, target: usize) -> u32 {
        self.targets()[target].task
    }

    /// How the next requests are spread; those that go in turn have taken their turns after this.
    pub fn spread(&mut self, requests: usize, now: i64) -> Spread {
        let targets = self.len();
        if targets == 0 {
            return Spread::Nobody;
        }
        let is_plain = self.algorithm == RoutingAlgorithm::RoundRobin && !self.ramps(now);
        if !is_plain {
            return Spread::OneByOne;
        }
        let first = self.turn % targets;
        self.turn = (first + requests) % targets;
        Spread::InTurn(first)
    }

    /// Whether a target is in slow start.
    fn ramps(&self, now: i64) -> bool {
        self.slow_start > SimDuration::ZERO && self.targets().iter().any(|target| self.is_ramping(target, now))
    }

    fn is_ramping(&self, target: &Target, now: i64) -> bool {
        target.ramp_start.is_some_and(|start| now - start < self.slow_start.as_nanos())
    }

    /// The place of the next request's target; there is one.
    pub fn next(&mut self, now: i64) -> usize {
        let targets = self.len();
        if self.algorithm == RoutingAlgorithm::WeightedRandom {
            return self.any(targets);
        }
        loop {
            let place = self.turn % targets;
            self.turn = (place + 1) % targets;
            if self.takes_turn(place, now) {
                return place;
            }
        }
    }

    /// A target at random.
    pub fn any(&mut self, targets: usize) -> usize {
        ((u128::from(self.generator.next_u64()) * targets as u128) >> 64) as usize
    }

    fn takes_turn(&mut self, place: usize, now: i64) -> bool {
        let slow_start_nanos = self.slow_start.as_nanos();
        let targets = if self.healthy.is_empty() { &mut self.unhealthy } else { &mut self.healthy };
        let target = &mut targets[place];
        let Some(start) = target.ramp_start.filter(|start| now - start < slow_start_nanos) else { return true };
        // Even the first moment has some share, or a lone target would never take a turn.
        target.credit += ((now - start) as f64 / slow_start_nanos as f64).max(0.001);
        let takes = target.credit >= 1.0;
        if takes {
            target.credit -= 1.0;
        }
        takes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_that_come_together_do_not_start_slowly() {
        let mut router = router(RoutingAlgorithm::RoundRobin, 100);
        (0..3).for_each(|task| router.add(task, at(0)));
        assert_eq!(router.spread(3, 0), Spread::InTurn(0));
        router.add(3, at(10));
        assert_eq!(router.spread(3, at(10).as_nanos()), Spread::OneByOne);
    }

    fn at(seconds: i64) -> SimTime {
        SimTime::from_seconds(seconds)
    }

    fn router(algorithm: RoutingAlgorithm, slow_start_seconds: i64) -> Router {
        Router::new(algorithm, SimDuration::from_seconds(slow_start_seconds), 1, 2)
    }

    #[test]
    fn turns_go_on_where_they_were_when_a_target_leaves() {
        let mut router = router(RoutingAlgorithm::RoundRobin, 0);
        (0..4).for_each(|task| router.add(task, at(0)));
        assert_eq!(router.spread(6, 0), Spread::InTurn(0));
        // Tasks 0, 1 had two turns; 2 is next. When 1 leaves, 2 is still next.
        router.remove(1);
        assert_eq!(router.spread(3, 0), Spread::InTurn(1));
        assert_eq!(router.task(1), 2);
    }

    #[test]
    fn unhealthy_targets_serve_only_when_no_other_does() {
        let mut router = router(RoutingAlgorithm::RoundRobin, 0);
        router.add(0, at(0));
        router.add(1, at(0));
        router.fail(0);
        assert_eq!((router.len(), router.task(0)), (1, 1));
        router.fail(1);
        assert_eq!(router.len(), 2);
        router.remove(0);
        router.remove(1);
        assert_eq!(router.spread(1, 0), Spread::Nobody);
    }

    /// Over the first half of its ramp a target's share grows from 0 to a half: a quarter on average.
    #[test]
    fn a_target_in_slow_start_takes_its_growing_share() {
        let mut router = router(RoutingAlgorithm::RoundRobin, 100);
        router.add(0, at(0));
        router.add(1, at(1_000));
        let turns = 100_000;
        let nanos = at(1_000).as_nanos();
        let to_new = (0..turns).filter(|turn| router.next(nanos + turn * 500_000) == 1).count() as f64;
        // The old one takes every turn of its own: shares of 1 to a quarter.
        assert!((to_new / turns as f64 - 0.2).abs() < 0.02, "{to_new}");
    }

    #[test]
    fn the_first_targets_do_not_start_slowly() {
        let mut router = router(RoutingAlgorithm::RoundRobin, 100);
        router.add(0, at(0));
        assert_eq!(router.spread(1, 0), Spread::InTurn(0));
    }

    /// 100,000 draws over four targets: 25,000 each with a standard deviation of 137.
    #[test]
    fn weighted_random_is_even() {
        let mut router = router(RoutingAlgorithm::WeightedRandom, 0);
        (0..4).for_each(|task| router.add(task, at(0)));
        let mut counts = [0_i32; 4];
        (0..100_000).for_each(|_| counts[router.next(0)] += 1);
        assert!(counts.iter().all(|count| (count - 25_000).abs() < 4 * 137), "{counts:?}");
    }
}
