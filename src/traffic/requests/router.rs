//! Which task a request goes to.
//!
//! Targets stand in the order in which they became healthy. A balancer sends requests to the healthy ones
//! alone; when none of its registered targets is healthy it sends them to all (it "fails open"); without a
//! registered target it answers 503 itself. Without a balancer clients take turns among the healthy tasks.
//!
//! In slow start a new target's share grows linearly from nothing. It enters slow start only if a
//! healthy target was there before that is not in slow start (AWS, target group attributes). A turn that such a target
//! does not take goes to the next one.
//!
//! While a deployment moves traffic there are two target groups. Of the one that gets all of it nothing is seen here but its
//! targets. Where both get some, each request draws its group by its number first, and then takes a target of that group; a group
//! without targets hands nothing over to the other (AWS, weighted target groups).

use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::fleet::WHOLE_TRAFFIC;
use crate::random::{KeyedStream, Stream, generator};
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

/// The targets of a group.
#[derive(Clone, Debug, Default)]
struct Group {
    healthy: Vec<Target>,
    unhealthy: Vec<Target>,
    turn: usize,
}

/// The targets of a service.
#[derive(Clone, Debug)]
pub struct Router {
    algorithm: RoutingAlgorithm,
    slow_start: SimDuration,
    /// The group that gets all requests, or the first one where both get some.
    main: Group,
    /// The other one.
    other: Group,
    /// Whether the main group is the second one.
    is_main_second: bool,
    /// The other group's part of [`WHOLE_TRAFFIC`].
    share_of_other: u32,
    /// Tasks in the second group.
    second: Vec<u32>,
    generator: Xoshiro256PlusPlus,
    group_draws: KeyedStream,
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
    /// Each by itself, after its group was drawn.
    ByGroup,
}

impl Group {
    fn targets(&self) -> &[Target] {
        if self.healthy.is_empty() { &self.unhealthy } else { &self.healthy }
    }

    fn targets_mut(&mut self) -> &mut [Target] {
        if self.healthy.is_empty() { &mut self.unhealthy } else { &mut self.healthy }
    }

    fn remove(&mut self, task: u32) {
        self.unhealthy.retain(|target| target.task != task);
        if let Some(place) = self.healthy.iter().position(|target| target.task == task) {
            self.healthy.remove(place);
            if place < self.turn {
                self.turn -= 1;
            }
        }
    }

    /// The place of the next request's target in turn; there is one.
    fn next_in_turn(&mut self, now: i64, slow_start: SimDuration) -> usize {
        let targets = self.targets().len();
        loop {
            let place = self.turn % targets;
            self.turn = (place + 1) % targets;
            if takes_turn(&mut self.targets_mut()[place], now, slow_start) {
                return place;
            }
        }
    }
}

fn is_ramping(target: &Target, now: i64, slow_start: SimDuration) -> bool {
    target.ramp_start.is_some_and(|start| now - start < slow_start.as_nanos())
}

fn takes_turn(target: &mut Target, now: i64, slow_start: SimDuration) -> bool {
    let slow_start_nanos = slow_start.as_nanos();
    let Some(start) = target.ramp_start.filter(|start| now - start < slow_start_nanos) else { return true };
    // Even the first moment has some share, or a lone target would never take a turn.
    target.credit += ((now - start) as f64 / slow_start_nanos as f64).max(0.001);
    let takes = target.credit >= 1.0;
    if takes {
        target.credit -= 1.0;
    }
    takes
}

impl Router {
    /// The targets of a service, none yet.
    #[must_use]
    pub fn new(algorithm: RoutingAlgorithm, slow_start: SimDuration, seed: u64, service_key: u64) -> Self {
        Self {
            algorithm,
            slow_start,
            main: Group::default(),
            other: Group::default(),
            is_main_second: false,
            share_of_other: 0,
            second: Vec::new(),
            generator: generator(seed, Stream::Routing, service_key, 0),
            group_draws: KeyedStream::new(seed, Stream::TargetGroup, service_key),
        }
    }

    /// The algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> RoutingAlgorithm {
        self.algorithm
    }

    /// A task is in the second group.
    pub fn put_into_second(&mut self, task: u32) {
        self.second.push(task);
    }

    /// A task is gone for ever.
    pub fn forget(&mut self, task: u32) {
        self.remove(task);
        self.second.retain(|&known| known != task);
    }

    /// So many parts of [`WHOLE_TRAFFIC`] go to the second group.
    pub fn set_share_of_second(&mut self, share: u32) {
        // What gets nothing is the other group; where both get some the first one is the main one.
        let is_main_second = share >= WHOLE_TRAFFIC;
        if is_main_second != self.is_main_second {
            std::mem::swap(&mut self.main, &mut self.other);
            self.is_main_second = is_main_second;
        }
        self.share_of_other = if is_main_second { 0 } else { share };
    }

    /// Whether both groups get requests.
    #[inline]
    #[must_use]
    pub const fn is_split(&self) -> bool {
        self.share_of_other > 0
    }

    fn group_of(&mut self, task: u32) -> &mut Group {
        if self.second.contains(&task) == self.is_main_second { &mut self.main } else { &mut self.other }
    }

    /// A task becomes a healthy target.
    pub fn add(&mut self, task: u32, now: SimTime) {
        let (now, slow_start) = (now.as_nanos(), self.slow_start);
        let group = self.group_of(task);
        let others_are_up = group.healthy.iter().any(|target| target.since < now && !is_ramping(target, now, slow_start));
        let ramps = slow_start > SimDuration::ZERO && others_are_up;
        group.healthy.push(Target { task, since: now, ramp_start: ramps.then_some(now), credit: 0.0 });
    }

    /// A task fails its checks and stays registered.
    pub fn fail(&mut self, task: u32) {
        let group = self.group_of(task);
        group.remove(task);
        group.unhealthy.push(Target { task, since: i64::MAX, ramp_start: None, credit: 0.0 });
    }

    /// A task is no longer a target.
    pub fn remove(&mut self, task: u32) {
        self.main.remove(task);
        self.other.remove(task);
    }

    /// How many targets requests of the main group go to.
    #[must_use]
    pub fn len(&self) -> usize {
        self.main.targets().len()
    }

    /// The task of a target of the main group.
    #[must_use]
    pub fn task(&self, target: usize) -> u32 {
        self.main.targets()[target].task
    }

    /// The tasks that requests of the other group go to.
    pub fn others(&self) -> impl Iterator<Item = u32> {
        self.other.targets().iter().map(|target| target.task)
    }

    /// How the next requests are spread; those that go in turn have taken their turns after this.
    pub fn spread(&mut self, requests: usize, now: i64) -> Spread {
        if self.is_split() {
            return Spread::ByGroup;
        }
        let targets = self.len();
        if targets == 0 {
            return Spread::Nobody;
        }
        let is_plain = self.algorithm == RoutingAlgorithm::RoundRobin && !self.ramps(now);
        if !is_plain {
            return Spread::OneByOne;
        }
        let first = self.main.turn % targets;
        self.main.turn = (first + requests) % targets;
        Spread::InTurn(first)
    }

    /// Whether a target is in slow start.
    fn ramps(&self, now: i64) -> bool {
        self.slow_start > SimDuration::ZERO && self.main.targets().iter().any(|target| is_ramping(target, now, self.slow_start))
    }

    /// The place of the next request's target in the main group; there is one.
    pub fn next(&mut self, now: i64) -> usize {
        if self.algorithm == RoutingAlgorithm::WeightedRandom {
            let targets = self.len();
            return self.any(targets);
        }
        self.main.next_in_turn(now, self.slow_start)
    }

    /// Whether a request of this number goes to the other group, where both get some.
    #[must_use]
    pub fn goes_to_other(&self, number: u64) -> bool {
        let drawn = self.group_draws.generator(number).next_u64();
        ((u128::from(drawn) * u128::from(WHOLE_TRAFFIC)) >> 64) < u128::from(self.share_of_other)
    }

    /// The task of the next request where both groups get some; none when its group has no target.
    pub fn next_by_group(&mut self, number: u64, now: i64) -> Option<u32> {
        let is_other = self.goes_to_other(number);
        let targets = if is_other { self.other.targets().len() } else { self.len() };
        if targets == 0 {
            return None;
        }
        let drawn = if self.algorithm == RoutingAlgorithm::WeightedRandom { Some(self.any(targets)) } else { None };
        let slow_start = self.slow_start;
        let group = if is_other { &mut self.other } else { &mut self.main };
        let place = drawn.unwrap_or_else(|| group.next_in_turn(now, slow_start));
        Some(group.targets()[place].task)
    }

    /// A target at random.
    pub fn any(&mut self, targets: usize) -> usize {
        ((u128::from(self.generator.next_u64()) * targets as u128) >> 64) as usize
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

    /// A router with tasks 0 and 1 in the first group and 2 in the second.
    fn of_two_groups(algorithm: RoutingAlgorithm) -> Router {
        let mut router = router(algorithm, 0);
        router.put_into_second(2);
        (0..3).for_each(|task| router.add(task, at(0)));
        router
    }

    #[test]
    fn a_group_without_a_share_gets_nothing() {
        let mut router = of_two_groups(RoutingAlgorithm::RoundRobin);
        assert_eq!((router.len(), router.spread(3, 0)), (2, Spread::InTurn(0)));
        router.set_share_of_second(WHOLE_TRAFFIC);
        assert_eq!((router.len(), router.task(0), router.spread(3, 0)), (1, 2, Spread::InTurn(0)));
        router.set_share_of_second(0);
        assert_eq!((router.len(), router.spread(1, 0)), (2, Spread::InTurn(1)), "the turn of before");
    }

    /// 100,000 draws of 5 %: 5,000 with a standard deviation of 69; the first group's go in turn.
    #[test]
    fn requests_are_split_by_weight() {
        for algorithm in [RoutingAlgorithm::RoundRobin, RoutingAlgorithm::WeightedRandom] {
            let mut router = of_two_groups(algorithm);
            router.set_share_of_second(WHOLE_TRAFFIC / 20);
            assert_eq!(router.spread(1, 0), Spread::ByGroup);
            let mut counts = [0_i32; 3];
            (0..100_000).for_each(|number| counts[router.next_by_group(number, 0).unwrap() as usize] += 1);
            assert!((counts[2] - 5_000).abs() < 4 * 69, "{counts:?}");
            let unevenness = if algorithm == RoutingAlgorithm::RoundRobin { 1 } else { 4 * 154 };
            assert!((counts[0] - counts[1]).abs() <= unevenness, "{counts:?}");
        }
    }

    /// The same requests go to the second group whatever else happens, and more of them when its share grows.
    #[test]
    fn the_group_of_a_request_is_its_own() {
        let mut router = of_two_groups(RoutingAlgorithm::RoundRobin);
        router.set_share_of_second(100_000);
        let few: Vec<u64> = (0..1000).filter(|&number| router.goes_to_other(number)).collect();
        router.set_share_of_second(500_000);
        assert!(few.iter().all(|&number| router.goes_to_other(number)) && few.len() > 60);
    }

    /// AWS, weighted target groups: a group without targets is not stood in for.
    #[test]
    fn an_empty_group_is_not_stood_in_for() {
        let mut router = of_two_groups(RoutingAlgorithm::RoundRobin);
        router.set_share_of_second(500_000);
        router.remove(2);
        let lost = (0..1000).filter(|&number| router.next_by_group(number, 0).is_none()).count();
        assert!((lost as i32 - 500).abs() < 4 * 16, "{lost}");
    }
}
