//! What comes next within a task: a few entries, soonest first.
//!
//! A task has a handful of requests in progress, and most new entries belong at or near the end (a constant
//! wait or timeout ends in the order in which it began). So entries stand sorted in a list and a new one
//! moves forward from its end; one that would have to pass too many others goes to a heap instead, which
//! bounds the cost of a crowded task.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A new entry passes at most this many others in the list.
const MOST_PASSED: usize = 48;

/// A request at its place in a task, as long as the place has the same generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Visit(u64);

impl Visit {
    /// The request at a place of this generation.
    #[inline]
    pub const fn new(place: u32, generation: u32) -> Self {
        Self((place as u64) << 32 | generation as u64)
    }

    /// Its place.
    #[inline]
    pub const fn place(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The generation that the place had.
    #[inline]
    pub const fn generation(self) -> u32 {
        self.0 as u32
    }
}

/// An entry: its key, and whose it is.
pub type Entry = (i64, Visit);

/// Entries by key; of equal keys no order is promised, but it is always the same.
#[derive(Clone, Debug, Default)]
pub struct Agenda {
    near: Vec<Entry>,
    /// The first entry of `near` that is not yet taken.
    head: usize,
    far: BinaryHeap<Reverse<Entry>>,
}

impl Agenda {
    /// The first entry.
    #[inline]
    pub fn first(&self) -> Option<Entry> {
        let near = self.near.get(self.head);
        if self.far.is_empty() {
            return near.copied();
        }
        self.first_of_both()
    }

    #[cold]
    #[inline(never)]
    fn first_of_both(&self) -> Option<Entry> {
        let (near, far) = (self.near.get(self.head), self.far.peek().map(|Reverse(far)| far));
        near.into_iter().chain(far).min().copied()
    }

    /// Adds an entry.
    #[inline(always)]
    pub fn push(&mut self, entry: Entry) {
        if self.near.last().is_none_or(|last| last.0 <= entry.0) {
            self.near.push(entry);
        } else {
            self.insert(entry);
        }
    }

    /// Adds an entry before the last one.
    #[inline(never)]
    fn insert(&mut self, entry: Entry) {
        let end = self.near.len();
        let first_allowed = self.head.max(end.saturating_sub(MOST_PASSED));
        let mut place = end - 1;
        while place > first_allowed && self.near[place - 1].0 > entry.0 {
            place -= 1;
        }
        if place == first_allowed && place > self.head && self.near[place - 1].0 > entry.0 {
            self.push_far(entry);
            return;
        }
        self.near.push(entry);
        // (A few moves by hand are faster than a call that moves memory.)
        let mut hole = end;
        while hole > place {
            self.near[hole] = self.near[hole - 1];
            hole -= 1;
        }
        self.near[place] = entry;
    }

    #[cold]
    #[inline(never)]
    fn push_far(&mut self, entry: Entry) {
        self.far.push(Reverse(entry));
    }

    /// Takes the first entry away.
    #[inline]
    pub fn pop(&mut self) {
        if !self.far.is_empty() && self.pop_far() {
            return;
        }
        self.head += 1;
        if self.head >= self.near.len() {
            self.near.clear();
            self.head = 0;
        } else if self.head >= 64 && self.head * 2 >= self.near.len() {
            self.drop_taken();
        }
    }

    /// Takes the first entry of the heap away if it is the first of all. Returns whether it was.
    #[cold]
    #[inline(never)]
    fn pop_far(&mut self) -> bool {
        let near = self.near.get(self.head);
        let is_first = near.is_none_or(|near| self.far.peek().is_some_and(|Reverse(far)| far < near));
        if is_first {
            self.far.pop();
        }
        is_first
    }

    #[cold]
    #[inline(never)]
    fn drop_taken(&mut self) {
        self.near.drain(..self.head);
        self.head = 0;
    }

    /// Takes all entries away.
    pub fn clear(&mut self) {
        self.near.clear();
        self.head = 0;
        self.far.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn entries_leave_in_the_order_of_their_keys(keys in prop::collection::vec((0_i64..1_000, prop::bool::weighted(0.4)), 0..600)) {
            let mut agenda = Agenda::default();
            let mut model = std::collections::BTreeMap::<i64, usize>::new();
            for (key, pops) in keys {
                agenda.push((key, Visit::new(0, 0)));
                *model.entry(key).or_default() += 1;
                if pops {
                    let first = agenda.first().map(|entry| entry.0);
                    prop_assert_eq!(first, model.first_key_value().map(|(key, _)| *key));
                    agenda.pop();
                    let key = first.unwrap_or_default();
                    let left = model.get_mut(&key).map_or(0, |count| { *count -= 1; *count });
                    if left == 0 { model.remove(&key); }
                }
            }
            while let Some((key, ..)) = agenda.first() {
                prop_assert_eq!(model.first_key_value().map(|(key, _)| *key), Some(key));
                agenda.pop();
                let left = model.get_mut(&key).map_or(0, |count| { *count -= 1; *count });
                if left == 0 { model.remove(&key); }
            }
            prop_assert!(model.is_empty());
        }
    }
}
