//! Which instance a task is placed on.
//!
//! Instances without room for the task drop out; then each rule keeps the best of those that are left, in the order of the service's
//! strategy, as well as it can (AWS, task-placement-strategies). Among equals the instance that was launched first is taken:
//! AWS names no criterion.

use super::{Group, Instance, Need, Seat, State};
use crate::random::{Stream, uniform};
use crate::scenario::model::PlacementRule;
use crate::units::SimTime;

impl Group {
    /// Finds a place for a task and takes it. Before the run managed scaling adds an instance where there is none.
    pub(super) fn place(&mut self, need: &Need, rules: &[PlacementRule], now: SimTime) -> Option<Seat> {
        let found = self.best(need, rules).or_else(|| {
            let may_grow = !self.is_settled && self.setting.managed_scaling.is_some() && self.size() < self.setting.max_size;
            let fits = need.cpu <= self.setting.cpu && need.memory <= self.setting.memory;
            if may_grow && fits { self.add(now, State::Registered) } else { None }
        });
        let number = found?;
        let instance = &mut self.instances[number as usize];
        instance.free_cpu -= need.cpu.0;
        instance.free_memory -= need.memory.0;
        match instance.tasks.iter_mut().find(|(service, _)| *service == need.service) {
            Some((_, count)) => *count += 1,
            None => instance.tasks.push((need.service, 1)),
        }
        let zone = instance.zone;
        self.reserve(now, i64::from(need.cpu.0), i64::from(need.memory.0));
        Some(Seat { instance: number, zone })
    }

    fn best(&mut self, need: &Need, rules: &[PlacementRule]) -> Option<u32> {
        let mut candidates: Vec<u32> = self.alive().filter(|(_, instance)| instance.has_room(need)).map(|(number, _)| number).collect();
        for rule in rules {
            if candidates.len() < 2 {
                break;
            }
            match rule {
                PlacementRule::SpreadZones => {
                    let mut in_zone = vec![0; self.outages.len()];
                    for (_, instance) in self.alive() {
                        in_zone[usize::from(instance.zone)] += instance.tasks_of(need.service);
                    }
                    self.keep_least(&mut candidates, |instance| in_zone[usize::from(instance.zone)]);
                }
                PlacementRule::SpreadInstances => self.keep_least(&mut candidates, |instance| instance.tasks_of(need.service)),
                PlacementRule::BinpackCpu => self.keep_least(&mut candidates, |instance| instance.free_cpu),
                PlacementRule::BinpackMemory => self.keep_least(&mut candidates, |instance| instance.free_memory),
                PlacementRule::Random => {
                    let draw = uniform(self.seed, Stream::Placement, u64::from(self.number), self.draws);
                    self.draws += 1;
                    let place = ((draw * candidates.len() as f64) as usize).min(candidates.len() - 1);
                    candidates = vec![candidates[place]];
                }
            }
        }
        candidates.first().copied()
    }

    fn keep_least(&self, candidates: &mut Vec<u32>, figure: impl Fn(&Instance) -> u32) {
        let of = |number: &u32| figure(&self.instances[*number as usize]);
        let least = candidates.iter().map(of).min();
        candidates.retain(|number| Some(of(number)) == least);
    }
}
