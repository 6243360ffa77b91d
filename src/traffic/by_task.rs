//! Something about some of the tasks, found by the task's number without a search.
//!
//! Thousands of tasks may drain at once after a deployment, and each of them is asked for by its number: a search through
//! all of them for each would cost the square of their number.

use crate::fleet::TaskId;

/// No place in the list.
const NOWHERE: u32 = u32::MAX;

/// Items of tasks in an order that depends on what was added and removed alone.
#[derive(Clone, Debug)]
pub struct ByTask<T> {
    items: Vec<(TaskId, T)>,
    /// Where the item of each task stands.
    places: Vec<u32>,
}

impl<T> Default for ByTask<T> {
    fn default() -> Self {
        Self { items: Vec::new(), places: Vec::new() }
    }
}

impl<T> ByTask<T> {
    /// Adds the item of a task that has none.
    pub fn insert(&mut self, task: TaskId, item: T) {
        let number = task.0 as usize;
        if number >= self.places.len() {
            self.places.resize(number + 1, NOWHERE);
        }
        self.places[number] = self.items.len() as u32;
        self.items.push((task, item));
    }

    fn place(&self, task: TaskId) -> Option<usize> {
        self.places.get(task.0 as usize).filter(|place| **place != NOWHERE).map(|place| *place as usize)
    }

    /// The item of a task.
    #[must_use]
    pub fn get(&self, task: TaskId) -> Option<&T> {
        self.place(task).map(|place| &self.items[place].1)
    }

    /// Takes the item of a task away; the last one of the list comes into its place.
    pub fn remove(&mut self, task: TaskId) -> Option<T> {
        let place = self.place(task)?;
        let (_, item) = self.items.swap_remove(place);
        self.places[task.0 as usize] = NOWHERE;
        if let Some((moved, _)) = self.items.get(place) {
            self.places[moved.0 as usize] = place as u32;
        }
        Some(item)
    }

    /// All items.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter().map(|(_, item)| item)
    }

    /// All items, to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.items.iter_mut().map(|(_, item)| item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_found_after_others_have_gone() {
        let mut items = ByTask::default();
        for number in [7, 2, 9] {
            items.insert(TaskId(number), number * 10);
        }
        assert_eq!((items.remove(TaskId(7)), items.remove(TaskId(7)), items.remove(TaskId(100))), (Some(70), None, None));
        assert_eq!((items.get(TaskId(9)), items.get(TaskId(2)), items.get(TaskId(7))), (Some(&90), Some(&20), None));
        items.insert(TaskId(7), 71);
        assert_eq!(items.iter().copied().collect::<Vec<u32>>(), [90, 20, 71]);
        assert_eq!((items.remove(TaskId(9)), items.get(TaskId(7)), items.get(TaskId(2))), (Some(90), Some(&71), Some(&20)));
    }
}
