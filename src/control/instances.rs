//! EC2 instances on which tasks run: Auto Scaling groups that are capacity providers of a cluster.
//!
//! A group belongs to no service: the services that use it share its instances, as they share the launch limits of their account, so
//! it lives beside them, and its events stand in the same queue under numbers of their own. An instance is paid for from its
//! launch to its end. It takes tasks once it has registered with the cluster, `assumptions.instance_launch_time` after its launch.
//!
//! An Auto Scaling group keeps as many instances as it should have, evenly over the zones that are open (AWS, Auto Scaling groups:
//! what is lost is replaced). When an instance is to end, its tasks are replaced first where managed draining is on, and lost
//! where it is off. How a place for a task is found is told in `placement`, how Amazon ECS scales a group in `scaling`.
//!
//! Left out: groups that even out their zones after an outage, groups of several instance types, and what else takes room on an
//! instance (daemon tasks, network interfaces, ports).

mod placement;
pub mod scaling;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use self::scaling::Steering;
use super::service::ServiceEvent;
use super::{Event, Phase};
use crate::events::EventQueue;
use crate::meter::{HourGrid, TaskMeter};
use crate::metrics::CountOverTime;
use crate::scenario::model::{CapacityProvider, InstanceGroup, PlacementRule, Scenario};
use crate::units::{CpuUnits, Mebibytes, SimDuration, SimTime};

/// The fewest seconds that AWS bills for an instance (aws.amazon.com/ec2/pricing/on-demand).
const MINIMUM_BILLED_SECONDS: u64 = 60;

/// Where on the instances of a provider a task runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The instance, by its number in its group.
    pub instance: u32,
    /// Its Availability Zone, from 0.
    pub zone: u8,
}

/// What a task takes of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The service, by its number in the scenario.
    pub service: u32,
    /// CPU of the task.
    pub cpu: CpuUnits,
    /// Memory of the task.
    pub memory: Mebibytes,
}

/// What happens to a group of instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceEvent {
    /// An instance has registered with the cluster; stale when it has ended.
    Registers {
        /// Its number.
        instance: u32,
    },
    /// A minute is over: managed scaling looks at the group.
    Minute,
    /// A zone fails, and all that is there is lost.
    ZoneFails {
        /// The zone, from 0.
        zone: u8,
    },
    /// An outage of a zone is over.
    ZoneReturns {
        /// The zone, from 0.
        zone: u8,
    },
}

/// The life of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It starts.
    Launching,
    /// It takes tasks.
    Registered,
    /// It takes no more tasks and ends with its last one.
    Draining,
    /// It is gone.
    Ended,
}

/// One instance.
#[derive(Clone, Debug)]
struct Instance {
    zone: u8,
    state: State,
    launched: SimTime,
    free_cpu: u32,
    free_memory: u32,
    /// Tasks by service, those that have any.
    tasks: Vec<(u32, u32)>,
}

impl Instance {
    fn has_room(&self, need: &Need) -> bool {
        self.state == State::Registered && self.free_cpu >= need.cpu.0 && self.free_memory >= need.memory.0
    }

    fn tasks_of(&self, service: u32) -> u32 {
        self.tasks.iter().find(|(known, _)| *known == service).map_or(0, |(_, count)| *count)
    }
}

/// What a group was in the window, when it is over.
#[derive(Clone, Debug)]
pub struct GroupFigures {
    /// Instances over time, those that start or drain too.
    pub instances: CountOverTime,
    /// CPU units of tasks over time.
    pub reserved_cpu: CountOverTime,
    /// MiB of tasks over time.
    pub reserved_memory: CountOverTime,
    /// Instances launched.
    pub launched: u64,
    /// Billed instance-seconds by UTC hour.
    pub meter: TaskMeter,
}

/// One Auto Scaling group.
#[derive(Clone, Debug)]
struct Group {
    setting: InstanceGroup,
    provider: CapacityProvider,
    /// Under which its events stand in the queue.
    number: u32,
    seed: u64,
    launch_time: SimDuration,
    end: SimTime,
    instances: Vec<Instance>,
    /// Those that have not ended, in the order of launch.
    live: Vec<u32>,
    /// Outages under way, by zone.
    outages: Vec<u32>,
    /// The instances that the group should have.
    desired: u32,
    /// Tasks that found no place, by service and revision.
    waiting: BTreeMap<(u32, u32), (Need, u32)>,
    /// Whether the run has begun: before, managed scaling has had all the time that it needs.
    is_settled: bool,
    steering: Steering,
    /// How often a place was drawn.
    draws: u64,
    figures: GroupFigures,
}

/// The groups of a cluster. Clones are handles on the same instances.
#[derive(Clone, Debug)]
pub struct Instances(Rc<RefCell<Vec<Group>>>);

impl Instances {
    /// The groups of a scenario, each with the instances that it has at `from` whatever runs.
    #[must_use]
    pub fn new(scenario: &Scenario, from: SimTime, grid: HourGrid, end: SimTime) -> Self {
        let groups = scenario.instance_groups().enumerate().map(|(place, (provider, setting))| {
            let mut group = Group {
                setting: setting.clone(),
                provider,
                number: (scenario.services.len() + place) as u32,
                seed: scenario.simulation.seed,
                launch_time: scenario.assumptions.instance_launch_time,
                end,
                instances: Vec::new(),
                live: Vec::new(),
                outages: vec![0; scenario.cluster.availability_zones as usize],
                desired: setting.desired_capacity,
                waiting: BTreeMap::new(),
                is_settled: false,
                steering: Steering::default(),
                draws: 0,
                figures: GroupFigures {
                    instances: CountOverTime::new(from, 0),
                    reserved_cpu: CountOverTime::new(from, 0),
                    reserved_memory: CountOverTime::new(from, 0),
                    launched: 0,
                    meter: TaskMeter::new(grid, MINIMUM_BILLED_SECONDS),
                },
            };
            for _ in 0..setting.desired_capacity {
                group.add(from, State::Registered);
            }
            group
        });
        Self(Rc::new(RefCell::new(groups.collect())))
    }

    fn with<T>(&self, provider: CapacityProvider, act: impl FnOnce(&mut Group) -> T) -> Option<T> {
        self.0.borrow_mut().iter_mut().find(|group| group.provider == provider).map(act)
    }

    /// The instances of a provider, those that start or drain too; none for Fargate.
    #[must_use]
    pub fn count(&self, provider: CapacityProvider) -> Option<u32> {
        self.with(provider, |group| group.live.len() as u32)
    }

    /// Finds a place for a task by the rules of its service, and takes it; none: it fits nowhere.
    #[must_use]
    pub fn place(&self, provider: CapacityProvider, need: &Need, rules: &[PlacementRule], now: SimTime) -> Option<Seat> {
        self.with(provider, |group| group.place(need, rules, now)).flatten()
    }

    /// A task is gone from its place.
    pub fn release(&self, provider: CapacityProvider, instance: u32, need: &Need, now: SimTime) {
        self.with(provider, |group| group.release(instance, need, now));
    }

    /// So many tasks of a revision of a service found no place.
    pub fn wait(&self, provider: CapacityProvider, need: &Need, revision: u32, tasks: u32) {
        if tasks > 0 {
            self.with(provider, |group| group.waiting.insert((need.service, revision), (*need, tasks)));
        }
    }

    /// Forgets what a service has waited for: it asks again.
    pub fn forget_waiting(&self, service: u32) {
        for group in self.0.borrow_mut().iter_mut() {
            group.waiting.retain(|(waits, _), _| *waits != service);
        }
    }

    /// The run begins with every service in its steady state: from now on instances take their time.
    pub fn settle(&self, from: SimTime, queue: &mut EventQueue<ServiceEvent>) {
        for group in self.0.borrow_mut().iter_mut() {
            group.settle(from, queue);
        }
    }

    /// Forgets what was counted before the window.
    pub fn restart_statistics(&self, now: SimTime) {
        for group in self.0.borrow_mut().iter_mut() {
            for count in [&mut group.figures.instances, &mut group.figures.reserved_cpu, &mut group.figures.reserved_memory] {
                count.restart(now);
            }
            group.figures.launched = 0;
        }
    }

    /// Something happens to the group with this number of events.
    pub fn handle(&self, now: SimTime, number: u32, event: Event, queue: &mut EventQueue<ServiceEvent>) {
        if event == Event::WindowStart {
            self.restart_statistics(now);
            return;
        }
        let Event::Instances(event) = event else { return };
        if let Some(group) = self.0.borrow_mut().iter_mut().find(|group| group.number == number) {
            group.handle(now, event, queue);
        }
    }

    /// What the groups were, in their order; what still runs is billed to the end of the window.
    #[must_use]
    pub fn finish(&self) -> Vec<GroupFigures> {
        let figures = |group: &Group| {
            let mut figures = group.figures.clone();
            for &number in &group.live {
                figures.meter.bill(group.instances[number as usize].launched, None);
            }
            figures
        };
        self.0.borrow().iter().map(figures).collect()
    }
}

/// The instances of each group while these tasks run in a steady state: for each service, so many on each of its providers.
#[must_use]
pub fn steady_sizes(scenario: &Scenario, tasks: &[Vec<(CapacityProvider, u32)>]) -> Vec<u32> {
    let start = SimTime::START;
    let instances = Instances::new(scenario, start, HourGrid::new(SimDuration::ZERO, start), start);
    for (number, (service, tasks)) in scenario.services.iter().zip(tasks).enumerate() {
        let need = Need { service: number as u32, cpu: service.task.cpu, memory: service.task.memory };
        for &(provider, count) in tasks {
            let found = (0..count).map_while(|_| instances.place(provider, &need, &service.placement, start));
            found.for_each(drop);
        }
    }
    instances.settle(start, &mut EventQueue::default());
    instances.finish().iter().map(|group| group.instances.value()).collect()
}

impl Group {
    fn alive(&self) -> impl Iterator<Item = (u32, &Instance)> {
        self.live.iter().map(|&number| (number, &self.instances[number as usize]))
    }

    /// The instances that the group counts as its own: not those that drain.
    fn size(&self) -> u32 {
        self.alive().filter(|(_, instance)| instance.state != State::Draining).count() as u32
    }

    /// Adds an instance in the open zone that has the fewest; without an open zone there is none.
    fn add(&mut self, now: SimTime, state: State) -> Option<u32> {
        let in_zone = |zone: &usize| {
            self.alive().filter(|(_, instance)| usize::from(instance.zone) == *zone && instance.state != State::Draining).count()
        };
        let zone = (0..self.outages.len()).filter(|&zone| self.outages[zone] == 0).min_by_key(in_zone)?;
        let number = self.instances.len() as u32;
        self.instances.push(Instance {
            zone: zone as u8,
            state,
            launched: now,
            free_cpu: self.setting.cpu.0,
            free_memory: self.setting.memory.0,
            tasks: Vec::new(),
        });
        self.live.push(number);
        self.figures.instances.set(now, self.live.len() as u32);
        Some(number)
    }

    fn push(&self, queue: &mut EventQueue<ServiceEvent>, time: SimTime, phase: Phase, event: InstanceEvent) {
        if time <= self.end {
            queue.push(time, phase as u8, (self.number, Event::Instances(event)));
        }
    }

    /// Launches what the group lacks.
    fn fill(&mut self, now: SimTime, queue: &mut EventQueue<ServiceEvent>) {
        while self.size() < self.desired {
            let Some(instance) = self.add(now, State::Launching) else { return };
            self.figures.launched += 1;
            self.push(queue, now + self.launch_time, Phase::LifeCycle, InstanceEvent::Registers { instance });
        }
    }

    fn handle(&mut self, now: SimTime, event: InstanceEvent, queue: &mut EventQueue<ServiceEvent>) {
        match event {
            InstanceEvent::Registers { instance } => {
                let instance = &mut self.instances[instance as usize];
                if instance.state == State::Launching {
                    instance.state = State::Registered;
                }
            }
            InstanceEvent::Minute => {
                self.steer(now, queue);
                self.push(queue, now + scaling::MINUTE, Phase::Publication, InstanceEvent::Minute);
            }
            InstanceEvent::ZoneFails { zone } => {
                if let Some(outages) = self.outages.get_mut(usize::from(zone)) {
                    *outages += 1;
                }
                let lost: Vec<u32> = self.alive().filter(|(_, instance)| instance.zone == zone).map(|(number, _)| number).collect();
                lost.into_iter().for_each(|number| self.end(now, number));
                self.fill(now, queue);
            }
            InstanceEvent::ZoneReturns { zone } => {
                if let Some(outages) = self.outages.get_mut(usize::from(zone)) {
                    *outages = outages.saturating_sub(1);
                }
                self.fill(now, queue);
            }
        }
    }

    /// An instance is to end: at once if it has no tasks, else with its last one, or taking them with it.
    fn retire(&mut self, now: SimTime, number: u32, queue: &mut EventQueue<ServiceEvent>) {
        let instance = &mut self.instances[number as usize];
        let services: Vec<u32> = instance.tasks.iter().map(|(service, _)| *service).collect();
        let provider = self.provider;
        let event = if self.setting.managed_draining {
            instance.state = State::Draining;
            Event::InstanceDrains { provider, instance: number }
        } else {
            Event::InstanceEnds { provider, instance: number }
        };
        if services.is_empty() || !self.setting.managed_draining {
            self.end(now, number);
        }
        for service in services {
            queue.push(now, Phase::Interruption as u8, (service, event));
        }
    }

    /// An instance is gone. Tasks that it had are told by others.
    fn end(&mut self, now: SimTime, number: u32) {
        let instance = &mut self.instances[number as usize];
        if instance.state == State::Ended {
            return;
        }
        instance.state = State::Ended;
        let (cpu, memory) = (self.setting.cpu.0 - instance.free_cpu, self.setting.memory.0 - instance.free_memory);
        self.figures.meter.bill(instance.launched, Some(now));
        self.live.retain(|&alive| alive != number);
        self.figures.instances.set(now, self.live.len() as u32);
        self.reserve(now, -i64::from(cpu), -i64::from(memory));
    }

    fn reserve(&mut self, now: SimTime, cpu: i64, memory: i64) {
        let changed = |count: &CountOverTime, by: i64| u32::try_from(i64::from(count.value()) + by).unwrap_or_default();
        let figures = &mut self.figures;
        let (cpu, memory) = (changed(&figures.reserved_cpu, cpu), changed(&figures.reserved_memory, memory));
        figures.reserved_cpu.set(now, cpu);
        figures.reserved_memory.set(now, memory);
    }

    fn release(&mut self, number: u32, need: &Need, now: SimTime) {
        let Some(instance) = self.instances.get_mut(number as usize).filter(|instance| instance.state != State::Ended) else { return };
        instance.free_cpu += need.cpu.0;
        instance.free_memory += need.memory.0;
        if let Some((_, count)) = instance.tasks.iter_mut().find(|(service, _)| *service == need.service) {
            *count = count.saturating_sub(1);
        }
        instance.tasks.retain(|(_, count)| *count > 0);
        let is_over = instance.state == State::Draining && instance.tasks.is_empty();
        self.reserve(now, -i64::from(need.cpu.0), -i64::from(need.memory.0));
        if is_over {
            self.end(now, number);
        }
    }
}
