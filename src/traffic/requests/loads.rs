//! Targets by how many requests they have outstanding.
//!
//! Targets stand in one list, ascending by their number of requests, with a mark where each number begins. A
//! request more or less moves a target over one mark, so every step costs the same however many targets
//! there are.

/// No place: the task is no target.
const NOWHERE: u32 = u32::MAX;

/// Outstanding requests of the targets of a service.
#[derive(Clone, Debug, Default)]
pub struct Loads {
    /// Targets, by number of requests.
    order: Vec<u32>,
    /// The place of each task in that list.
    place_of: Vec<u32>,
    /// The requests of each task.
    requests_of: Vec<u32>,
    /// Where targets with at least so many requests begin.
    begins: Vec<u32>,
}

impl Loads {
    /// Takes these targets, each with its number of requests, instead of those before.
    pub fn replace(&mut self, targets: impl Iterator<Item = (u32, usize)>) {
        let mut targets: Vec<(u32, u32)> = targets.map(|(task, requests)| (requests as u32, task)).collect();
        targets.sort_unstable();
        let most = targets.last().map_or(0, |(requests, _)| *requests);
        self.begins = (0..=most + 1).map(|least| targets.partition_point(|(requests, _)| *requests < least) as u32).collect();
        self.order = targets.iter().map(|(_, task)| *task).collect();
        let tasks = self.order.iter().max().map_or(0, |last| *last as usize + 1);
        self.place_of.clear();
        self.place_of.resize(tasks, NOWHERE);
        self.requests_of.resize(tasks, 0);
        for (place, &(requests, task)) in targets.iter().enumerate() {
            (self.place_of[task as usize], self.requests_of[task as usize]) = (place as u32, requests);
        }
    }

    /// The fewest requests that a target has; none without a target.
    #[inline]
    #[must_use]
    pub fn fewest(&self) -> Option<usize> {
        self.order.first().map(|first| self.requests_of[*first as usize] as usize)
    }

    /// The targets with the fewest requests.
    #[inline]
    #[must_use]
    pub fn emptiest(&self) -> &[u32] {
        let Some(fewest) = self.fewest() else { return &[] };
        let end = self.begins.get(fewest + 1).map_or(self.order.len(), |end| *end as usize);
        &self.order[..end]
    }

    /// A task has so many requests now.
    #[inline(always)]
    pub fn set(&mut self, task: u32, requests: usize) {
        if self.place_of.get(task as usize).is_none_or(|place| *place == NOWHERE) {
            return;
        }
        while (self.requests_of[task as usize] as usize) < requests {
            self.move_up(task);
        }
        while (self.requests_of[task as usize] as usize) > requests {
            self.move_down(task);
        }
    }

    #[inline]
    fn move_up(&mut self, task: u32) {
        let more = self.requests_of[task as usize] + 1;
        let above = more as usize;
        if above + 1 >= self.begins.len() {
            self.begins.push(self.order.len() as u32);
        }
        self.begins[above] -= 1;
        self.swap(task, self.begins[above]);
        self.requests_of[task as usize] = more;
    }

    #[inline]
    fn move_down(&mut self, task: u32) {
        let requests = self.requests_of[task as usize];
        let first = self.begins[requests as usize];
        self.swap(task, first);
        self.begins[requests as usize] = first + 1;
        self.requests_of[task as usize] = requests - 1;
    }

    /// Exchanges a task with the one at a place.
    #[inline]
    fn swap(&mut self, task: u32, place: u32) {
        let from = self.place_of[task as usize];
        let other = self.order[place as usize];
        (self.order[from as usize], self.order[place as usize]) = (other, task);
        (self.place_of[other as usize], self.place_of[task as usize]) = (from, place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_emptiest_are_those_that_a_search_finds(steps in prop::collection::vec((0_u32..7, prop::bool::ANY), 0..300)) {
            let mut loads = Loads::default();
            let mut counts = [2_usize, 0, 0, 5, 1, 0, 9];
            loads.replace((0..7).map(|task| (task, counts[task as usize])));
            for (task, is_more) in steps {
                let count = &mut counts[task as usize];
                *count = if is_more { *count + 1 } else { count.saturating_sub(1) };
                loads.set(task, *count);
                let fewest = counts.iter().copied().min();
                prop_assert_eq!(loads.fewest(), fewest);
                let mut found = loads.emptiest().to_vec();
                found.sort_unstable();
                let expected: Vec<u32> = (0..7).filter(|&task| Some(counts[task as usize]) == fewest).collect();
                prop_assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn without_targets_nobody_is_emptiest() {
        let mut loads = Loads::default();
        loads.set(3, 1);
        assert!(loads.fewest().is_none() && loads.emptiest().is_empty());
    }
}
