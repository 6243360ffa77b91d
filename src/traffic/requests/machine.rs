//! What every model of one task has in common.
//!
//! A task is a state machine that only its own requests drive: its state changes when one arrives, ends its
//! burst, ends its wait or comes too late, and at no other time. So splitting time changes nothing, and
//! a task may run ahead of the others as long as nothing connects them.

use super::recorder::Recorder;
use crate::scenario::model::Service;
use crate::units::SimDuration;

/// No such time.
pub const NEVER: i64 = i64::MAX;

/// CPU units of one vCPU.
const UNITS_PER_VCPU: i64 = 1024;
/// Numbers of requests for which the shares of the CPU are tabulated.
const TABULATED: usize = 1024;
/// Requests of a task whose deadlines are looked through.
const MOST_SCANNED: u64 = 512;

/// What the tasks of a service can do. Times are nanoseconds.
#[derive(Clone, Debug)]
pub struct Model {
    /// Requests that a task works on at once.
    pub concurrency: usize,
    /// Requests that wait at a task at most.
    pub backlog: usize,
    /// vCPUs that requests can use.
    pub cores: f64,
    /// The same in CPU units.
    units: i64,
    /// Whether a task goes on with requests whose client gave up.
    pub finishes_late: bool,
    /// Whether requests are waited for only so long.
    pub has_timeout: bool,
    /// Whether the deadlines of all requests of a task are few and far enough to look through them when the first
    /// may have come, instead of keeping them in order.
    pub scans_deadlines: bool,
    /// Whether requests make calls after their burst.
    pub makes_calls: bool,
    /// What waits that begin now are multiplied by.
    pub wait_factor: f64,
    /// The share of a vCPU that each of so many bursts has, and the time that a nanosecond of CPU takes then.
    shares: Vec<(f64, f64)>,
}

impl Model {
    /// The tasks of a service.
    #[must_use]
    pub fn new(service: &Service, makes_calls: bool) -> Self {
        let workload = &service.workload;
        let cores = service.task.cpu.as_vcpu() * (1.0 - workload.idle_cpu);
        let concurrency = workload.concurrency as usize;
        Self {
            concurrency,
            backlog: workload.backlog.map_or(usize::MAX, |backlog| backlog as usize),
            cores,
            units: (cores * UNITS_PER_VCPU as f64).round() as i64,
            finishes_late: workload.finishes_late_requests,
            has_timeout: workload.timeout.is_some() || shares_workers(service),
            scans_deadlines: scans_deadlines(service),
            makes_calls,
            wait_factor: 1.0,
            shares: (0..=concurrency.min(TABULATED)).map(|bursts| share(cores, bursts)).collect(),
        }
    }

    /// The share of a vCPU that each of so many bursts has, and its inverse.
    #[inline]
    pub fn share(&self, bursts: usize) -> (f64, f64) {
        self.shares.get(bursts).copied().unwrap_or_else(|| share(self.cores, bursts))
    }

    /// How long a wait takes that begins now.
    #[inline]
    pub fn wait(&self, usual: i64) -> i64 {
        if self.wait_factor == 1.0 { usual } else { (usual as f64 * self.wait_factor) as i64 }
    }

    /// CPU units that so many bursts use together.
    #[inline]
    pub fn units_used(&self, bursts: usize) -> i64 {
        (bursts as i64 * UNITS_PER_VCPU).min(self.units)
    }
}

/// Health checks that wait like requests are given up like them.
fn shares_workers(service: &Service) -> bool {
    service.target_group.as_ref().is_some_and(|group| group.health_check.shares_workers)
}

/// Deadlines all equally far away come in the order of arrival, so one look finds the next; and a look is short if a
/// task has few requests.
fn scans_deadlines(service: &Service) -> bool {
    let workload = &service.workload;
    let most_requests = u64::from(workload.concurrency) + workload.backlog.map_or(u64::MAX / 2, u64::from);
    let is_patience_constant = workload.timeout.as_ref().is_some_and(|timeout| timeout.is_constant());
    is_patience_constant && most_requests <= MOST_SCANNED && !shares_workers(service)
}

/// A request uses at most one vCPU, and all of them no more than the task has.
fn share(cores: f64, bursts: usize) -> (f64, f64) {
    let each = if bursts as f64 > cores { cores / bursts as f64 } else { 1.0 };
    (each, 1.0 / each)
}

/// A request as it comes to a task. Times are nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// When the client first sent it.
    pub arrival: i64,
    /// When the client gives up; `NEVER` when it does not.
    pub deadline: i64,
    /// CPU time on one whole vCPU.
    pub cpu: f64,
    /// The wait after the burst and the calls.
    pub wait: i64,
    /// Whether it is answered with an error.
    pub fails: bool,
    /// What whoever sent it knows it by.
    pub tag: u32,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was answered in time.
    Served,
    /// It was answered with an error.
    Error,
    /// It came too late.
    TimedOut,
    /// It was lost with its task.
    Lost,
    /// No task took it.
    Rejected,
}

/// A request that ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    /// When it arrived.
    pub arrival: i64,
    /// When it took a slot.
    pub started: i64,
    /// When it ended.
    pub ended: i64,
    /// How.
    pub fate: Fate,
    /// What its sender knows it by.
    pub tag: u32,
}

/// Sums over time since they were last taken: of CPU units, requests in progress and waiting ones, times
/// nanoseconds. They are taken every 20 seconds at least, so 64 bits hold more than any memory has requests for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    /// CPU units that requests used.
    pub units: i64,
    /// Requests that held a slot.
    pub in_progress: i64,
    /// Requests that waited for one.
    pub waiting: i64,
}

/// A task that runs by itself between two changes of the fleet.
pub trait Machine: Clone + Default {
    /// A task that begins to serve now.
    fn beginning(now: i64) -> Self;

    /// An arrival at `now`, after everything earlier; what ends before `until` may be recorded at once.
    fn serve(&mut self, now: i64, request: Request, model: &Model, until: i64, recorder: &mut Recorder);

    /// Lets everything happen that comes before `until`.
    fn run(&mut self, until: i64, model: &Model, recorder: &mut Recorder);

    /// Takes the sums until now, which nothing has passed.
    fn take_areas(&mut self, now: i64, model: &Model) -> Areas;

    /// From now on the task takes requests and answers none.
    fn hang(&mut self, now: i64, model: &Model);

    /// How many requests that count and that somebody waits for the task has.
    fn in_flight(&self, counts: impl Fn(&Request) -> bool) -> usize;

    /// Ends all that the task has: it is lost.
    fn kill(&mut self, now: i64, recorder: &mut Recorder);

    /// How long the task needs for all that it has if nothing more comes.
    fn time_to_drain(&self, now: i64, model: &Model) -> SimDuration;
}
