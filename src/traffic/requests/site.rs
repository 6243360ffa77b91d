//! One service among others: its lane, and what comes to it from requests that others caused.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rand::Rng;

use super::inbox::Inbox;
use super::lane::{Lane, LaneSetting};
use super::loads::Loads;
use super::machine::{NEVER, Request};
use super::recorder::is_probe;
use super::session::{Sender, Session, Sessions};
use super::task::Task;
use super::tournament::Tournament;
use crate::math::exp;
use crate::random::{KeyedStream, Stream, open_unit};
use crate::sampler::Sampler;
use crate::scenario::model::{Calls, RoutingAlgorithm, TrafficKind};
use crate::units::NANOS_PER_SECOND;

/// Arrivals that are drawn together.
const BLOCK: usize = 1024;
/// A user whose request takes no time at all and who does not think sends again after this, and a message is hidden for
/// as long, or time would never go on.
pub(super) const LEAST_PAUSE_NANOS: i64 = NANOS_PER_SECOND / 1000;

/// A call that a service makes for each of its requests.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// The called service, by its place in the plane.
    pub callee: usize,
    /// How it is called.
    pub calls: Calls,
}

/// Users of a closed loop.
#[derive(Clone, Debug)]
pub(super) struct Crowd {
    /// How long users think, by their source.
    think_times: Vec<Sampler>,
    /// The source of each user.
    source_of: Vec<u32>,
    draws: KeyedStream,
    /// Requests that each user has sent.
    sent: Vec<u32>,
}

/// What happens next in a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Next {
    /// Something inside a task.
    Task,
    /// The visibility timeout of a message ends.
    Timer,
    /// A request comes that another one caused.
    Caused,
    /// A request comes from outside.
    Outside,
}

/// One service and what it has to do with others.
#[derive(Clone, Debug)]
pub struct Site {
    pub(super) lane: Lane<Task>,
    pub(super) tournament: Tournament,
    pub(super) seat_of: Vec<u32>,
    pub(super) loads: Loads,
    /// Those of the other target group while both get requests.
    loads_of_other: Loads,
    pub(super) counts_loads: bool,
    /// Requests from outside that come next, and the first of them.
    pub(super) block: Vec<i64>,
    pub(super) next_in_block: usize,
    /// Requests that others caused, by time and order.
    pub(super) caused: BinaryHeap<Reverse<(i64, u64, u32)>>,
    pub(super) caused_count: u64,
    /// Attempts that tasks of other services made, since they were last asked for.
    pub(super) called: u64,
    pub(super) sessions: Sessions,
    /// Whether requests from outside need a session.
    pub(super) has_sessions: bool,
    pub(super) outside_count: u64,
    pub(super) retries: u32,
    pub(super) backoff: Sampler,
    pub(super) backoff_draws: KeyedStream,
    pub(super) crowd: Option<Crowd>,
    pub(super) calls: Vec<Call>,
    pub(super) call_draws: KeyedStream,
    pub(super) inbox: Option<Inbox>,
    /// Requests that a task's memory holds.
    pub(super) most_requests: usize,
    /// Tasks that hold more, and that nobody was told of yet.
    pub(super) overfull: Vec<u32>,
}

impl Site {
    /// A service without tasks that makes these calls.
    pub fn new(setting: LaneSetting, calls: Vec<Call>) -> Self {
        let (service, seed, service_key) = (setting.service, setting.seed, setting.service_key);
        let workload = &service.workload;
        let stream = |stream| KeyedStream::new(seed, stream, service_key);
        let crowds =
            service.traffic.iter().filter_map(|source| if let TrafficKind::Users(users) = &source.kind { Some(users) } else { None });
        let crowds: Vec<_> = crowds.collect();
        let crowd = (!crowds.is_empty()).then(|| Crowd {
            think_times: crowds.iter().map(|users| Sampler::new(&users.think_time, NANOS_PER_SECOND as f64)).collect(),
            source_of: (0..).zip(&crowds).flat_map(|(source, users)| std::iter::repeat_n(source, users.count as usize)).collect(),
            draws: stream(Stream::ThinkTime),
            sent: vec![0; crowds.iter().map(|users| users.count as usize).sum()],
        });
        let free_bytes = service.task.memory.as_bytes() as f64 - workload.memory_base_bytes;
        let most_requests =
            if workload.memory_per_request_bytes > 0.0 { (free_bytes / workload.memory_per_request_bytes).max(0.0) } else { f64::INFINITY };
        let inbox = workload
            .queue
            .map(|queue| Inbox::new(queue, workload.concurrency as usize, workload.request_size_bytes, setting.from.as_nanos()));
        let mut site = Self {
            tournament: Tournament::default(),
            seat_of: Vec::new(),
            loads: Loads::default(),
            loads_of_other: Loads::default(),
            counts_loads: false,
            block: Vec::new(),
            next_in_block: 0,
            caused: BinaryHeap::new(),
            caused_count: 0,
            called: 0,
            sessions: Sessions::default(),
            has_sessions: workload.retries.max > 0 || !calls.is_empty(),
            outside_count: 0,
            retries: workload.retries.max,
            backoff: Sampler::new(&workload.retries.backoff, NANOS_PER_SECOND as f64),
            backoff_draws: stream(Stream::Backoff),
            crowd,
            call_draws: stream(Stream::Calls),
            inbox,
            most_requests: most_requests as usize,
            overfull: Vec::new(),
            lane: Lane::new(setting, !calls.is_empty()),
            calls,
        };
        site.counts_loads = site.inbox.is_some() || site.lane.router.algorithm() == RoutingAlgorithm::LeastOutstandingRequests;
        site.wake_users();
        site
    }

    /// Every user thinks before the first request.
    pub(super) fn wake_users(&mut self) {
        let users = self.crowd.as_ref().map_or(0, |crowd| crowd.sent.len() as u32);
        for user in 0..users {
            self.user_sends_next(user, self.lane.now, true);
        }
    }

    /// A user thinks, and sends the next request then.
    pub(super) fn user_sends_next(&mut self, user: u32, now: i64, took_time: bool) {
        let Some(crowd) = &mut self.crowd else { return };
        let number = (u64::from(user) << 32) | u64::from(crowd.sent[user as usize]);
        crowd.sent[user as usize] += 1;
        let pause = crowd.think_times[crowd.source_of[user as usize] as usize].draw(&mut crowd.draws.generator(number)) as i64;
        let arrival = now.saturating_add(if took_time { pause } else { pause.max(LEAST_PAUSE_NANOS) });
        // Numbers of users begin where those from outside never come.
        let tag = self.open(number | (1 << 63), arrival, Sender::User(user));
        self.cause(arrival, tag);
    }

    pub(super) fn open(&mut self, number: u64, arrival: i64, sender: Sender) -> u32 {
        let request = self.lane.demands.request_of_number(number, arrival);
        self.open_with(number, request, sender)
    }

    pub(super) fn open_with(&mut self, number: u64, request: Request, sender: Sender) -> u32 {
        let patience = if request.deadline == NEVER { NEVER } else { request.deadline - request.arrival };
        let session =
            Session { number, request, patience, sent: request.arrival, retries: 0, sender, stage: 0, to_make: 0, outstanding: 0 };
        let tag = self.sessions.open(session);
        self.sessions.get(tag).request.tag = tag;
        tag
    }

    pub(super) fn cause(&mut self, time: i64, tag: u32) {
        self.caused.push(Reverse((time, self.caused_count, tag)));
        self.caused_count += 1;
    }

    /// Whether a task makes the calls of a request that its client gave up.
    pub(super) const fn goes_on_calling(&self) -> bool {
        self.lane.model.finishes_late && self.lane.model.makes_calls
    }

    /// The client of a request gives up and the task goes on with it: the visit keeps its session, whose answer nobody waits for, and the
    /// client gets another one. Returns the tag of the latter.
    pub(super) fn leave_visit(&mut self, tag: u32) -> u32 {
        let session = *self.sessions.get(tag);
        self.sessions.get(tag).sender = Sender::Nobody;
        let of_client = self.sessions.open(session);
        self.sessions.get(of_client).request.tag = of_client;
        of_client
    }

    /// A visit ended that its client left.
    pub(super) fn forget_visit(&mut self, tag: u32) {
        if self.goes_on_calling() && !is_probe(tag) {
            self.sessions.close(tag);
        }
    }

    /// When something happens here next, and what: of things at one instant what stands first in [`Next`].
    #[inline]
    pub(super) fn next(&self) -> (i64, Next) {
        let mut next = (self.tournament.first(), Next::Task);
        let others = self.next_other();
        if others.0 < next.0 {
            next = others;
        }
        let outside = self.next_outside();
        if outside < next.0 { (outside, Next::Outside) } else { next }
    }

    /// Timers and what was caused; most services have neither.
    #[inline]
    fn next_other(&self) -> (i64, Next) {
        let timer = self.inbox.as_ref().map_or(NEVER, Inbox::next_timer);
        let caused = self.caused.peek().map_or(NEVER, |Reverse((time, ..))| *time);
        if caused < timer { (caused, Next::Caused) } else { (timer, Next::Timer) }
    }

    #[inline]
    pub(super) fn next_outside(&self) -> i64 {
        match self.block.get(self.next_in_block) {
            Some(arrival) => *arrival,
            None => self.lane.arrivals.next_nanos(),
        }
    }

    pub(super) fn fill_block(&mut self) {
        self.block.clear();
        self.next_in_block = 0;
        self.lane.arrivals.take_before(NEVER, BLOCK, &mut self.block);
        self.lane.demands.draw(self.block.len());
    }

    /// The fleet has changed: seats and loads are those of now.
    pub(super) fn reseat(&mut self) {
        let lane = &self.lane;
        self.seat_of.resize(lane.machines.len(), 0);
        for (seat, &task) in lane.present.iter().enumerate() {
            self.seat_of[task as usize] = seat as u32;
        }
        self.tournament.replace(lane.present.iter().map(|&task| lane.machines[task as usize].next()));
        if self.counts_loads {
            let targets = (0..lane.router.len()).map(|target| lane.router.task(target));
            let load = |task: u32| (task, lane.machines[task as usize].outstanding());
            self.loads.replace(targets.map(load));
            if lane.router.is_split() {
                self.loads_of_other.replace(lane.router.others().map(load));
            }
        }
    }

    /// A task changed: its next time and its load are those of now.
    #[inline(always)]
    pub(super) fn note(&mut self, task: u32) {
        let machine = &self.lane.machines[task as usize];
        self.tournament.set(self.seat_of[task as usize] as usize, machine.next());
        if self.counts_loads {
            self.loads.set(task, machine.outstanding());
            if self.lane.router.is_split() {
                self.loads_of_other.set(task, machine.outstanding());
            }
        }
    }

    /// Whether a task's memory holds what the task has.
    #[inline]
    pub(super) fn weigh(&mut self, task: u32) {
        if self.lane.machines[task as usize].outstanding() > self.most_requests && !self.overfull.contains(&task) {
            self.overfull.push(task);
        }
    }

    /// A health check came to a task, if the task is there.
    pub(super) fn note_probed(&mut self, task: u32) {
        if self.lane.present.binary_search(&task).is_ok() {
            self.note(task);
        }
    }

    /// Requests of the window that have not ended: in tasks, between two attempts, or as messages in the queue.
    pub(super) fn in_flight(&self) -> usize {
        let is_message = |request: &Request| self.sessions.receive_of(request.tag).is_some();
        let is_paused = |tag: u32| self.sessions.look(tag).is_some_and(|session| session.retries > 0 && session.request.arrival >= 0);
        let paused = self.caused.iter().filter(|Reverse((_, _, tag))| is_paused(*tag)).count();
        self.lane.in_flight(|request| !is_message(request)) + paused + self.inbox.as_ref().map_or(0, Inbox::in_flight)
    }

    /// The task that the next request goes to; its number names this attempt.
    #[inline(always)]
    pub(super) fn route(&mut self, number: u64, now: i64) -> Option<u32> {
        if self.lane.router.is_split() {
            return self.route_by_group(number, now);
        }
        if self.counts_loads {
            let emptiest = self.loads.emptiest();
            return match emptiest.len() {
                0 => None,
                1 => Some(emptiest[0]),
                several => Some(emptiest[self.lane.router.any(several)]),
            };
        }
        if self.lane.router.len() == 0 {
            return None;
        }
        let target = self.lane.router.next(now);
        Some(self.lane.router.task(target))
    }

    /// The same while both target groups get requests.
    #[cold]
    #[inline(never)]
    fn route_by_group(&mut self, number: u64, now: i64) -> Option<u32> {
        if !self.counts_loads {
            return self.lane.router.next_by_group(number, now);
        }
        let loads = if self.lane.router.goes_to_other(number) { &self.loads_of_other } else { &self.loads };
        let emptiest = loads.emptiest();
        let place = if emptiest.len() > 1 { self.lane.router.any(emptiest.len()) } else { 0 };
        emptiest.get(place).copied()
    }

    /// How many calls of one kind a request makes: a fraction is the chance of one more.
    pub(super) fn calls_of(&self, number: u64, stage: usize) -> u32 {
        let per_request = self.calls[stage].calls.per_request;
        let whole = per_request.floor();
        let fraction = per_request - whole;
        let index = number.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(stage as u64);
        let one_more = fraction > 0.0 && open_unit(&mut self.call_draws.generator(index)) < fraction;
        whole as u32 + u32::from(one_more)
    }

    /// What names the draws of a call: no other call, of this caller or another one, has the same number but by chance.
    pub(super) fn number_of_call(&self, number: u64, stage: usize, nth: u32) -> u64 {
        let index = number.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(u64::from(nth) + 1 + ((stage as u64 + 1) << 32));
        // The highest bit is that of users.
        self.call_draws.generator(index).next_u64() >> 1
    }

    /// The pause before a retry: it doubles each time.
    pub(super) fn backoff_nanos(&self, session: &Session) -> i64 {
        let index = session.number.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(u64::from(session.retries));
        let mut generator = self.backoff_draws.generator(index);
        let doublings = f64::from(session.retries.min(40));
        (self.backoff.draw(&mut generator) * exp(doublings * std::f64::consts::LN_2)).min(1e18) as i64
    }
}
