//! Which task does something next, of many.
//!
//! A knockout tree over the tasks' next times: the root is the winner, and a task whose time changed plays the few
//! matches between its leaf and the root again.

use std::hint::select_unpredictable;

use super::machine::NEVER;

/// The next times of tasks, by their seats.
#[derive(Clone, Debug, Default)]
pub struct Tournament {
    /// Node 1 is the root; the children of node n are 2n and 2n + 1; leaves are the seats. Each node holds the
    /// earliest time below it, and its seat.
    nodes: Vec<(i64, usize)>,
    leaves: usize,
}

impl Tournament {
    /// Seats tasks with these times instead of those before.
    pub fn replace(&mut self, times: impl ExactSizeIterator<Item = i64>) {
        self.leaves = times.len().next_power_of_two().max(2);
        self.nodes.clear();
        self.nodes.resize(self.leaves, (NEVER, 0));
        self.nodes.extend(times.chain(std::iter::repeat(NEVER)).take(self.leaves).enumerate().map(|(seat, time)| (time, seat)));
        for node in (1..self.leaves).rev() {
            self.nodes[node] = self.nodes[2 * node].min(self.nodes[2 * node + 1]);
        }
    }

    /// The earliest time; `NEVER` when nothing comes.
    #[inline]
    pub fn first(&self) -> i64 {
        self.nodes.get(1).map_or(NEVER, |(time, _)| *time)
    }

    /// The seat that has the earliest time, of several the first.
    #[inline]
    pub fn first_seat(&self) -> usize {
        self.nodes.get(1).map_or(0, |(_, seat)| *seat)
    }

    /// The task on a seat has another next time.
    #[inline]
    pub fn set(&mut self, seat: usize, time: i64) {
        let mut node = self.leaves + seat;
        let mut winner = (time, seat);
        self.nodes[node] = winner;
        while node > 1 {
            let sibling = self.nodes[node ^ 1];
            // Of equal times the left one wins; nodes on the right are odd.
            let sibling_wins = sibling.0 - ((node & 1) as i64) < winner.0;
            // (Which one is as good as random.)
            winner = select_unpredictable(sibling_wins, sibling, winner);
            node /= 2;
            // (Always to the root: a test whether it may stop here is right half of the time, and costs more.)
            self.nodes[node] = winner;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_the_earliest_of_all() {
        let mut tournament = Tournament::default();
        assert_eq!(tournament.first(), NEVER);
        let mut times = [50, 20, 40, 20, NEVER];
        tournament.replace(times.into_iter());
        assert_eq!((tournament.first(), tournament.first_seat()), (20, 1));
        for (seat, time) in [(1, 60), (3, 45), (4, 5), (2, 70), (4, NEVER), (0, NEVER), (3, 61)] {
            tournament.set(seat, time);
            times[seat] = time;
            let earliest = times.iter().copied().enumerate().min_by_key(|&(seat, time)| (time, seat)).expect("not empty");
            assert_eq!((tournament.first(), tournament.first_seat()), (earliest.1, earliest.0));
        }
    }
}
