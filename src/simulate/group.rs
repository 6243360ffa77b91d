//! Services that share a data plane: one alone, or several that call each other.
//!
//! A group is advanced before any of its services does anything, so that a task which ends by itself on the
//! way is seen at its time and not later.

use std::sync::Arc;

use super::service_run::{Finished, ServiceRun, Setting};
use super::{arrivals_of, history, key_of};
use crate::control::Event;
use crate::control::service::ServiceEvent;
use crate::error::Result;
use crate::events::EventQueue;
use crate::scenario::model::{Fidelity, Scenario, Service, TrafficKind};
use crate::trace::Trace;
use crate::traffic::arrivals::points::ArrivalTimes;
use crate::traffic::cpu_noise::CpuNoise;
use crate::traffic::fluid::FluidPlane;
use crate::traffic::plane::DataPlane;
use crate::traffic::queue_plane::QueuePlane;
use crate::traffic::requests::{self, LaneSetting};
use crate::traffic::rows::RowLedger;
use crate::units::SimTime;

/// Services on one plane.
pub struct Group {
    plane: Box<dyn DataPlane>,
    /// Each with its number in the scenario.
    runs: Vec<(usize, ServiceRun)>,
}

impl Group {
    /// The groups of a scenario. Flows know no calls, so there every service is one.
    ///
    /// # Errors
    /// When a traffic source cannot be played.
    pub fn all(setting: &Setting, traces: &[Vec<Option<Arc<Trace>>>]) -> Result<Vec<Self>> {
        let scenario = setting.scenario;
        let is_fluid = scenario.simulation.fidelity == Fidelity::Fluid;
        let members = if is_fluid { (0..scenario.services.len()).map(|number| vec![number]).collect() } else { connected(scenario) };
        members.into_iter().map(|numbers| Self::new(setting, &numbers, traces, is_fluid)).collect()
    }

    fn new(setting: &Setting, numbers: &[usize], traces: &[Vec<Option<Arc<Trace>>>], is_fluid: bool) -> Result<Self> {
        let plane = if is_fluid {
            flows(setting, numbers[0], &traces[numbers[0]])?
        } else {
            let lanes: Result<Vec<_>> = numbers.iter().map(|&number| lane(setting, number, &traces[number])).collect();
            requests::plane(lanes?, numbers)
        };
        let mut runs = Vec::with_capacity(numbers.len());
        for (member, &number) in numbers.iter().enumerate() {
            let past_loads = history::loads_before(setting, &setting.scenario.services[number], &traces[number])?;
            runs.push((number, ServiceRun::new(setting, (number, member), plane.task(member), &past_loads)));
        }
        Ok(Self { plane, runs })
    }

    /// The services, by their numbers in the scenario.
    pub fn numbers(&self) -> impl Iterator<Item = usize> {
        self.runs.iter().map(|(number, _)| *number)
    }

    /// What the services do next by themselves, the earliest of it: when, in which phase, and which one.
    pub fn next_own(&self) -> Option<((SimTime, u8), usize)> {
        self.runs.iter().enumerate().map(|(member, (_, run))| (run.next_own(), member)).min()
    }

    /// Starts the tasks of all services.
    pub fn start(&mut self, queue: &mut EventQueue<ServiceEvent>) {
        for (_, run) in &mut self.runs {
            run.start(self.plane.as_mut(), queue);
        }
    }

    /// Serves the traffic until a time. Returns whether it got there: not when a task ended by itself before.
    pub fn advance(&mut self, until: SimTime, queue: &mut EventQueue<ServiceEvent>) -> bool {
        let Some(killed) = self.plane.advance(until) else { return true };
        self.runs[killed.service].1.task_killed(killed.at, killed.task, self.plane.as_mut(), queue);
        false
    }

    /// The same before a service does by itself what it has to do: not every one of these things needs the traffic.
    pub fn advance_for(&mut self, member: usize, now: SimTime, is_publication: bool, queue: &mut EventQueue<ServiceEvent>) -> bool {
        let is_needed = !is_publication && self.runs[member].1.closes_traffic(now);
        if !is_needed && self.plane.depends_on_stops() { true } else { self.advance(now, queue) }
    }

    /// A service does by itself what it has to do now.
    pub fn act(&mut self, now: SimTime, is_publication: bool, member: usize, queue: &mut EventQueue<ServiceEvent>) {
        let run = &mut self.runs[member].1;
        if is_publication { run.publish(now, queue) } else { run.close(now, self.plane.as_mut()) }
    }

    /// Handles an event of a service.
    pub fn handle(&mut self, now: SimTime, (number, event): (usize, Event), queue: &mut EventQueue<ServiceEvent>) {
        if let Some((_, run)) = self.runs.iter_mut().find(|(known, _)| *known == number) {
            run.handle(now, event, self.plane.as_mut(), queue);
        }
    }

    /// Ends the run and returns what each service gathered, with its number.
    pub fn finish(mut self, setting: &Setting) -> Vec<(usize, Finished)> {
        let plane = self.plane.as_mut();
        self.runs.into_iter().map(|(number, run)| (number, run.finish(setting, plane))).collect()
    }
}

fn flows(setting: &Setting, number: usize, traces: &[Option<Arc<Trace>>]) -> Result<Box<dyn DataPlane>> {
    let scenario = setting.scenario;
    let service = &scenario.services[number];
    let arrivals = arrivals_of(setting, service, traces)?;
    let noise = CpuNoise::new(scenario.assumptions.sampling_noise, scenario.simulation.seed, key_of(&service.name));
    let ledger = setting.options.timeline.then(|| RowLedger::new(scenario.simulation.timeline_resolution, setting.end));
    Ok(match service.workload.queue {
        Some(queue) => Box::new(QueuePlane::new(service, queue, arrivals, noise, setting.from, ledger)),
        None => Box::new(FluidPlane::new(service, arrivals, noise, setting.from, ledger)),
    })
}

fn lane<'a>(setting: &Setting<'a>, number: usize, traces: &[Option<Arc<Trace>>]) -> Result<LaneSetting<'a>> {
    let scenario = setting.scenario;
    let service = &scenario.services[number];
    let sources: Vec<_> = service.traffic.iter().zip(traces.iter().map(Option::as_deref)).collect();
    let (seed, service_key) = (scenario.simulation.seed, key_of(&service.name));
    let arrivals = ArrivalTimes::build(&sources, setting.window.start, setting.from, setting.end, seed, service_key)?;
    let row = setting.options.timeline.then_some(scenario.simulation.timeline_resolution);
    let is_interrupted = scenario.events.iter().any(|event| event.kind.service() == Some(number) && event.kind.changes_running_tasks());
    Ok(LaneSetting { is_interrupted, service, arrivals, seed, service_key, start: setting.window.start, from: setting.from, row })
}

/// The services that call each other, directly or through others, each group in the order of the scenario.
fn connected(scenario: &Scenario) -> Vec<Vec<usize>> {
    let mut group_of: Vec<usize> = (0..scenario.services.len()).collect();
    for (callee, service) in scenario.services.iter().enumerate() {
        for caller in callers(service) {
            let (from, to) = (group_of[callee].max(group_of[caller]), group_of[callee].min(group_of[caller]));
            group_of.iter_mut().filter(|group| **group == from).for_each(|group| *group = to);
        }
    }
    let members = |group: usize| (0..group_of.len()).filter(|&number| group_of[number] == group).collect::<Vec<_>>();
    (0..group_of.len()).map(members).filter(|members| !members.is_empty()).collect()
}

fn callers(service: &Service) -> impl Iterator<Item = usize> {
    service.traffic.iter().filter_map(|source| if let TrafficKind::Calls(calls) = &source.kind { Some(calls.caller) } else { None })
}
