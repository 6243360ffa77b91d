//! Managed scaling: how Amazon ECS chooses the size of an Auto Scaling group.
//!
//! Each minute Amazon ECS publishes `CapacityProviderReservation`, the instances that are needed (M) over those that there are (N) in
//! percent, and a target tracking policy steers the group to the target capacity (AWS, cluster-auto-scaling). M is the instances
//! with tasks and those that the tasks without a place need, packed as tightly as they go (AWS, managed-scaling-behavior; how
//! tasks of several sizes are packed together is not documented: the largest first).
//!
//! A scale-out launches what is missing, but no fewer than the minimum and no more than the maximum step, and two from
//! zero; the next one waits until all of these are warm. A scale-in begins when the metric has been below the target for 15 minutes, and
//! takes at least one instance and less than half of them each minute; a scale-out starts these minutes anew. Which instances go:
//! with termination protection those without tasks, else the oldest of the zone that has the most (AWS, default termination policy:
//! balanced zones first).
//!
//! The metric acts at the end of its minute: AWS states no delay.

use super::{Group, InstanceEvent, Need, State};
use crate::control::Phase;
use crate::control::service::ServiceEvent;
use crate::events::EventQueue;
use crate::scenario::model::ManagedScaling;
use crate::units::{CpuUnits, Mebibytes, SimDuration, SimTime};

/// How often the metric is published.
pub(super) const MINUTE: SimDuration = SimDuration::from_seconds(60);
/// Minutes below the target before a scale-in.
const MINUTES_BEFORE_SCALE_IN: u32 = 15;
/// What a scale-out from zero launches.
const FROM_ZERO: u32 = 2;

/// `CapacityProviderReservation` in percent: `needed` over `running` instances. It is 100 where none are needed and none run, and 200 where none run
/// and some are needed (AWS, deep dive on cluster auto scaling).
#[must_use]
pub fn reservation_percent(needed: u32, running: u32) -> f64 {
    match (needed, running) {
        (0, 0) => 100.0,
        (_, 0) => 200.0,
        _ => 100.0 * f64::from(needed) / f64::from(running),
    }
}

/// The instances at which so many needed ones are not above the target.
#[must_use]
pub fn size_for(needed: u32, target_capacity_percent: f64) -> u32 {
    (f64::from(needed) * 100.0 / target_capacity_percent).ceil() as u32
}

/// The instances that a scale-out launches when `needed` are needed and `running` there are: none where the metric is not above the target.
#[must_use]
pub fn scale_out_step(needed: u32, running: u32, scaling: &ManagedScaling) -> u32 {
    if reservation_percent(needed, running) <= scaling.target_capacity_percent || needed == 0 {
        return 0;
    }
    let missing = size_for(needed, scaling.target_capacity_percent).saturating_sub(running);
    let step = missing.max(scaling.minimum_scaling_step_size).min(scaling.maximum_scaling_step_size);
    if running == 0 { step.max(FROM_ZERO) } else { step }
}

/// The most instances that one minute of a scale-in takes: at least one, and less than half.
#[must_use]
pub fn scale_in_limit(running: u32) -> u32 {
    (running.saturating_sub(1) / 2).max(1)
}

/// Where managed scaling stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Steering {
    /// When the instances of the last scale-out are warm; none before the first.
    warm_at: Option<SimTime>,
    /// Minutes in a row below the target.
    minutes_below: u32,
}

impl Group {
    /// The run begins: instances for the target capacity are there, and the first minute begins.
    pub(super) fn settle(&mut self, from: SimTime, queue: &mut EventQueue<ServiceEvent>) {
        if let Some(scaling) = self.setting.managed_scaling {
            let goal = size_for(self.needed(), scaling.target_capacity_percent).clamp(self.setting.min_size, self.setting.max_size);
            while self.size() < goal && self.add(from, State::Registered).is_some() {}
            self.desired = self.size();
            self.push(queue, from + MINUTE, Phase::Publication, InstanceEvent::Minute);
        }
        self.is_settled = true;
        // How the group grew to its steady state is no part of the run.
        self.figures.instances.restart(from);
    }

    /// The instances that are needed: those with tasks, and those for tasks without a place.
    fn needed(&self) -> u32 {
        let is_used = |number: &u32| {
            let instance = &self.instances[*number as usize];
            instance.state != State::Draining && !instance.tasks.is_empty()
        };
        self.live.iter().filter(|number| is_used(number)).count() as u32 + self.needed_for_waiting()
    }

    fn needed_for_waiting(&self) -> u32 {
        let waiting: Vec<(Need, u32)> = self.waiting.values().copied().collect();
        packed(&waiting, (self.setting.cpu, self.setting.memory))
    }

    /// A minute of managed scaling.
    pub(super) fn steer(&mut self, now: SimTime, queue: &mut EventQueue<ServiceEvent>) {
        let Some(scaling) = self.setting.managed_scaling else { return };
        let (needed, running) = (self.needed(), self.size());
        let reservation = reservation_percent(needed, running);
        if reservation >= scaling.target_capacity_percent {
            self.steering.minutes_below = 0;
        } else {
            self.steering.minutes_below = self.steering.minutes_below.saturating_add(1);
        }
        let step = scale_out_step(needed, running, &scaling);
        if step > 0 {
            let is_warm = self.steering.warm_at.is_none_or(|warm_at| warm_at <= now);
            let room = self.setting.max_size.saturating_sub(running);
            if is_warm && room > 0 {
                self.desired = running + step.min(room);
                self.steering.warm_at = Some(now + scaling.instance_warmup_period);
                self.fill(now, queue);
            }
        } else if self.steering.minutes_below >= MINUTES_BEFORE_SCALE_IN {
            self.scale_in(now, size_for(needed, scaling.target_capacity_percent), queue);
        }
    }

    fn scale_in(&mut self, now: SimTime, goal: u32, queue: &mut EventQueue<ServiceEvent>) {
        let running = self.size();
        let surplus = running.saturating_sub(goal.max(self.setting.min_size));
        for _ in 0..surplus.min(scale_in_limit(running)) {
            let Some(number) = self.next_to_go() else { return };
            self.desired = self.size() - 1;
            self.retire(now, number, queue);
        }
    }

    /// The oldest instance of the zone that has the most, of those that may go.
    fn next_to_go(&self) -> Option<u32> {
        let is_protected = self.setting.managed_termination_protection;
        let in_zone = |zone: u8| self.alive().filter(|(_, instance)| instance.zone == zone && instance.state != State::Draining).count();
        let may_go = self.alive().filter(|(_, instance)| instance.state != State::Draining && (!is_protected || instance.tasks.is_empty()));
        // Of equals the one with the lowest number, which is the oldest.
        may_go.max_by_key(|(number, instance)| (in_zone(instance.zone), std::cmp::Reverse(*number))).map(|(number, _)| number)
    }
}

/// How many instances of this CPU and memory so many tasks of these kinds fill, the largest first. Those that fit on none need none.
#[must_use]
pub fn packed(waiting: &[(Need, u32)], (cpu, memory): (CpuUnits, Mebibytes)) -> u32 {
    let (cpu, memory) = (cpu.0, memory.0);
    let mut kinds: Vec<(u32, u32, u32)> = waiting.iter().map(|(need, count)| (need.cpu.0.max(1), need.memory.0.max(1), *count)).collect();
    kinds.sort_unstable_by(|left, right| right.cmp(left));
    let mut free: Vec<(u32, u32)> = Vec::new();
    for (need_cpu, need_memory, mut count) in kinds {
        let fitting = |cpu: u32, memory: u32| (cpu / need_cpu).min(memory / need_memory);
        for room in &mut free {
            let here = fitting(room.0, room.1).min(count);
            *room = (room.0 - here * need_cpu, room.1 - here * need_memory);
            count -= here;
        }
        let on_one = fitting(cpu, memory);
        while count > 0 && on_one > 0 {
            let here = on_one.min(count);
            free.push((cpu - here * need_cpu, memory - here * need_memory));
            count -= here;
        }
    }
    free.len() as u32
}
