//! Which task a deployment stops next.
//!
//! One that does not serve goes first, then one of the provider most above its share, in the zone that has the most,
//! the newest (AWS keeps zones balanced and names no criterion inside a zone). Tasks that serve alike, on one provider, in one zone,
//! differ in their age alone; so a tick sorts its tasks into such groups once, and each stop compares the groups and not
//! the tasks.

use crate::control::tasks::TaskTable;
use crate::fleet::TaskId;
use crate::scenario::model::CapacityProvider;

/// What the tasks of a group have in common: whether they do not serve, their provider, their zone.
type Kind = (bool, CapacityProvider, u8);

/// Tasks that may be stopped.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    groups: Vec<(Kind, Vec<TaskId>)>,
}

impl Candidates {
    /// Adds a task, after all older ones of its kind.
    pub(super) fn add(&mut self, id: TaskId, kind: Kind) {
        match self.groups.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, ids)) => ids.push(id),
            None => self.groups.push((kind, vec![id])),
        }
    }

    /// Takes the one that goes next, as the tasks are spread now; `wanted` are the shares of the providers.
    pub(super) fn take(&mut self, tasks: &TaskTable, wanted: &[u32]) -> Option<TaskId> {
        let rank = |(kind, ids): &(Kind, Vec<TaskId>)| {
            let (is_idle, provider, zone) = *kind;
            let above = i64::from(tasks.active(provider)) - i64::from(wanted[provider.index()]);
            ids.last().map(|newest| (is_idle, above, tasks.active_in_zone(provider, zone), *newest))
        };
        // An empty group ranks below all others.
        self.groups.iter_mut().max_by_key(|group| rank(group))?.1.pop()
    }
}
