//! The queue of future events: it orders time and knows no AWS.
//!
//! Events leave by (time, phase, order of insertion). The phase puts causes before effects among events
//! of one instant; the insertion number makes the order total, so a run never depends on how the heap
//! happens to be laid out. An event is a small `Copy` value; one that has become meaningless is
//! recognised by whoever handles it and dropped when it surfaces, which is cheaper than removing it.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::units::SimTime;

/// A priority queue of events. Pushing and popping cost O(log n) of the number pending.
#[derive(Clone, Debug)]
pub struct EventQueue<E> {
    heap: BinaryHeap<Entry<E>>,
    pushed: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry<E> {
    time: SimTime,
    phase_and_order: u64,
    event: E,
}

/// Bits of an entry's second key that count insertions; the phase stands above them.
const ORDER_BITS: u32 = 56;

impl<E> Entry<E> {
    fn key(&self) -> (SimTime, u64) {
        (self.time, self.phase_and_order)
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Reversed: the heap keeps the largest on top and the queue wants the earliest.
impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}

impl<E: Copy> Default for EventQueue<E> {
    fn default() -> Self {
        Self { heap: BinaryHeap::new(), pushed: 0 }
    }
}

impl<E: Copy> EventQueue<E> {
    /// Schedules an event; among events of one instant a smaller phase leaves first.
    pub fn push(&mut self, time: SimTime, phase: u8, event: E) {
        assert!(self.pushed < 1 << ORDER_BITS, "a run has fewer than 2^56 events");
        let phase_and_order = (u64::from(phase) << ORDER_BITS) | self.pushed;
        self.pushed += 1;
        self.heap.push(Entry { time, phase_and_order, event });
    }

    /// The next event, with its time and phase.
    #[must_use]
    pub fn first(&self) -> Option<((SimTime, u8), E)> {
        self.heap.peek().map(|entry| ((entry.time, (entry.phase_and_order >> ORDER_BITS) as u8), entry.event))
    }

    /// Takes the next event.
    pub fn pop(&mut self) -> Option<(SimTime, E)> {
        self.heap.pop().map(|entry| (entry.time, entry.event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_leave_by_time_then_phase_then_insertion() {
        let mut queue = EventQueue::default();
        let at = SimTime::from_seconds;
        queue.push(at(2), 0, 'e');
        queue.push(at(1), 3, 'c');
        queue.push(at(1), 3, 'd');
        queue.push(at(1), 0, 'b');
        queue.push(at(-5), 9, 'a');
        assert_eq!(queue.first(), Some(((at(-5), 9), 'a')));
        let order: String = std::iter::from_fn(|| queue.pop()).map(|(_, event)| event).collect();
        assert_eq!(order, "abcde");
    }
}
