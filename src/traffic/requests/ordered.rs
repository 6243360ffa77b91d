//! Services whose requests meet: everything happens in one order of time.
//!
//! Each lane knows when its next task does something, when its next request comes from outside, and when its
//! next request comes that another one caused (a retry, a user's next, a call). The earliest of all happens next;
//! of things at one instant those inside tasks come first, then those that were caused, then those from
//! outside. What follows at the same instant (a call, its refusal, the caller's failure) is done before
//! time goes on.

use std::cmp::Reverse;
use std::collections::VecDeque;

use super::lane::LaneSetting;
use super::machine::{Ended, Fate, NEVER, Request};
use super::recorder::is_probe;
use super::session::{CallerPlace, Sender};
use super::site::{Call, Next, Site};
use super::task::Step;
use crate::fleet::{FleetChange, TaskId};
use crate::scenario::model::TrafficKind;
use crate::traffic::gauges::{RowFigures, Sample};
use crate::traffic::plane::{DataPlane, Killed, ObjectiveWindow, PlaneFigures};
use crate::traffic::polling::Polling;
use crate::traffic::task_model::TaskModel;
use crate::units::{SimDuration, SimTime};

/// What is to be done before time goes on.
#[derive(Clone, Copy, Debug)]
enum Work {
    /// A request of a session comes to its service.
    Arrive { site: usize, tag: u32 },
    /// A call was answered, well or not.
    Answer { to: CallerPlace, is_served: bool },
}

/// Services on one clock.
#[derive(Clone, Debug)]
pub struct OrderedPlane {
    sites: Vec<Site>,
    work: VecDeque<Work>,
    arrived: Vec<u64>,
    /// Tasks that ended by themselves now and of which nobody knows yet.
    killed: VecDeque<Killed>,
}

impl OrderedPlane {
    /// Services without tasks; `callers` tells for each which of them calls it how.
    #[must_use]
    pub fn new(settings: Vec<LaneSetting>, numbers: &[usize]) -> Self {
        let calls_of = |caller: usize| -> Vec<Call> {
            let mut made = Vec::new();
            for (callee, setting) in settings.iter().enumerate() {
                for source in &setting.service.traffic {
                    if let TrafficKind::Calls(calls) = source.kind
                        && numbers.get(caller) == Some(&calls.caller)
                    {
                        made.push(Call { callee, calls });
                    }
                }
            }
            made
        };
        let calls: Vec<_> = (0..settings.len()).map(calls_of).collect();
        let sites: Vec<Site> = settings.into_iter().zip(calls).map(|(setting, calls)| Site::new(setting, calls)).collect();
        Self { arrived: vec![0; sites.len()], sites, work: VecDeque::new(), killed: VecDeque::new() }
    }

    fn now(&self) -> i64 {
        self.sites[0].lane.now
    }

    /// Lets everything happen before `until`, or before a task was killed.
    fn run_until(&mut self, until: i64) {
        while self.killed.is_empty() {
            let (mut now, mut next) = self.sites[0].next();
            let mut site = 0;
            for other in 1..self.sites.len() {
                let candidate = self.sites[other].next();
                if candidate.0 < now {
                    (now, next) = candidate;
                    site = other;
                }
            }
            if now >= until {
                return;
            }
            self.happen(site, next, now);
            while let Some(work) = self.work.pop_front() {
                self.work_off(work, now);
            }
        }
    }

    #[inline]
    fn happen(&mut self, index: usize, next: Next, now: i64) {
        let site = &mut self.sites[index];
        match next {
            Next::Task => {
                let task = site.lane.present[site.tournament.first_seat()];
                let step = site.lane.machines[task as usize].step(now, &site.lane.model);
                site.note(task);
                self.after(index, task, step, now);
            }
            Next::Timer => {
                site.visibility_ends(now);
                self.tell_of_deaths(index, now);
            }
            Next::Caused => {
                if let Some(Reverse((_, _, tag))) = site.caused.pop() {
                    self.work.push_back(Work::Arrive { site: index, tag });
                }
            }
            Next::Outside => self.arrive_from_outside(index, now),
        }
    }

    /// A step of a task may have told of a request that calls or ends.
    fn after(&mut self, index: usize, task: u32, step: Step, now: i64) {
        match step {
            Step::Inside => {}
            Step::Calls(place) => self.begin_calls(index, task, place, now),
            Step::Ended(ended) => self.end(index, &ended, task, now),
            Step::Forgotten(tag) => self.sites[index].forget_visit(tag),
        }
    }

    fn arrive_from_outside(&mut self, index: usize, now: i64) {
        let site = &mut self.sites[index];
        if site.next_in_block >= site.block.len() {
            site.fill_block();
        }
        let mut request = site.lane.demands.request(site.next_in_block, now);
        site.next_in_block += 1;
        let number = site.outside_count;
        site.outside_count += 1;
        site.lane.recorder.offered_one(now);
        if site.inbox.is_some() {
            site.message_arrives(now, &request, number);
            self.tell_of_deaths(index, now);
            return;
        }
        if site.has_sessions {
            let tag = site.open_with(number, request, Sender::Outside);
            request.tag = tag;
        }
        self.give_to_task(index, request, (number, number), now);
    }

    /// A request of a session comes: for the first time, or again.
    fn arrive(&mut self, index: usize, tag: u32, now: i64) {
        let site = &mut self.sites[index];
        let session = *site.sessions.get(tag);
        let is_call = matches!(session.sender, Sender::Caller(_) | Sender::Nobody);
        site.called += u64::from(is_call);
        if session.retries == 0 {
            site.lane.recorder.offered_one(now);
            if is_call {
                site.lane.recorder.caused(now);
            }
        } else {
            site.lane.recorder.retried(now, session.request.arrival);
        }
        if site.inbox.is_some() {
            let session = site.sessions.close(tag);
            site.message_arrives(now, &session.request, session.number);
            self.tell_of_deaths(index, now);
            return;
        }
        let deadline = if session.patience == NEVER { NEVER } else { now.saturating_add(session.patience) };
        site.sessions.get(tag).sent = now;
        let numbers = (session.number, session.attempt_number());
        self.give_to_task(index, Request { deadline, ..session.request }, numbers, now);
    }

    #[inline(always)]
    fn give_to_task(&mut self, index: usize, request: Request, numbers: (u64, u64), now: i64) {
        let site = &mut self.sites[index];
        let task = site.route(numbers.1, now);
        let taken = task.is_some_and(|task| {
            let request = site.lane.revisions.at(task, request, || numbers);
            site.lane.machines[task as usize].arrive(now, request, &site.lane.model)
        });
        let Some(task) = task.filter(|_| taken) else {
            let ended = Ended { arrival: request.arrival, started: now, ended: now, fate: Fate::Rejected, tag: request.tag };
            self.end(index, &ended, 0, now);
            return;
        };
        site.note(task);
        site.weigh(task);
        self.tell_of_deaths(index, now);
    }

    /// Tasks of a service that hold more than their memory does are killed now.
    #[inline]
    fn tell_of_deaths(&mut self, index: usize, now: i64) {
        while let Some(task) = self.sites[index].overfull.pop() {
            self.killed.push_back(Killed { at: SimTime::from_nanos(now), service: index, task: TaskId(task) });
        }
    }

    /// A visit of a request to a task ended.
    fn end(&mut self, index: usize, ended: &Ended, task: u32, now: i64) {
        let site = &mut self.sites[index];
        if ended.tag == 0 || is_probe(ended.tag) {
            site.lane.recorder.ended(ended);
            return;
        }
        let session = *site.sessions.get(ended.tag);
        if let Sender::Receive(receive) = session.sender {
            site.sessions.close(ended.tag);
            site.message_ended(task, receive, ended, now);
            self.tell_of_deaths(index, now);
            return;
        }
        site.lane.recorder.attempt_ended(ended, session.sent);
        let tag = if ended.fate == Fate::TimedOut && site.goes_on_calling() { site.leave_visit(ended.tag) } else { ended.tag };
        if ended.fate != Fate::Served && session.retries < site.retries {
            self.retry(index, tag, now);
            return;
        }
        site.lane.recorder.request_ended(ended, session.sent);
        let session = site.sessions.close(tag);
        match session.sender {
            Sender::Outside | Sender::Nobody | Sender::Receive(_) => {}
            Sender::User(user) => site.user_sends_next(user, now, now > session.sent),
            Sender::Caller(to) => self.work.push_back(Work::Answer { to, is_served: ended.fate == Fate::Served }),
        }
    }

    fn retry(&mut self, index: usize, tag: u32, now: i64) {
        let site = &mut self.sites[index];
        let session = *site.sessions.get(tag);
        let pause = site.backoff_nanos(&session).max(1);
        let changed = site.sessions.get(tag);
        changed.retries += 1;
        (changed.stage, changed.to_make, changed.outstanding) = (0, 0, 0);
        // An error of the application comes and goes: the next attempt has its own chance.
        let number = changed.attempt_number();
        site.sessions.get(tag).request.fails = site.lane.demands.fails(number);
        site.cause(now.saturating_add(pause), tag);
    }

    fn work_off(&mut self, work: Work, now: i64) {
        match work {
            Work::Arrive { site, tag } => self.arrive(site, tag, now),
            Work::Answer { to, is_served } => self.answer(to, is_served, now),
        }
    }

    /// The burst of a request is over: it makes its calls.
    fn begin_calls(&mut self, index: usize, task: u32, place: u32, now: i64) {
        let site = &mut self.sites[index];
        let tag = site.lane.machines[task as usize].request(place).tag;
        if is_probe(tag) {
            site.lane.machines[task as usize].calls_answered(now, place, &site.lane.model);
            site.note(task);
            return;
        }
        let session = site.sessions.get(tag);
        let (number, attempt) = (session.number, session.attempt_number());
        (session.stage, session.to_make, session.outstanding) = (0, 0, 0);
        for stage in 0..self.sites[index].calls.len() {
            let site = &self.sites[index];
            if !site.calls[stage].calls.synchronous {
                let count = site.calls_of(number, stage);
                self.call(index, stage, count, attempt, Sender::Nobody, now);
            }
        }
        let site = &mut self.sites[index];
        let first = if site.calls[0].calls.synchronous { site.calls_of(number, 0) } else { 0 };
        site.sessions.get(tag).to_make = first;
        self.go_on_calling(index, task, place, tag, now);
    }

    /// Makes the next call of a request, or lets it go on when all are answered.
    fn go_on_calling(&mut self, index: usize, task: u32, place: u32, tag: u32, now: i64) {
        loop {
            let site = &mut self.sites[index];
            let session = *site.sessions.get(tag);
            let stage = session.stage as usize;
            if session.to_make > 0 {
                let made = if site.calls[stage].calls.parallel { session.to_make } else { 1 };
                let changed = site.sessions.get(tag);
                changed.to_make -= made;
                changed.outstanding = made;
                let generation = site.lane.machines[task as usize].generation(place).unwrap_or_default();
                let caller = CallerPlace { lane: index as u32, task, place, generation };
                let number = session.attempt_number().wrapping_add(u64::from(session.to_make) << 48);
                self.call(index, stage, made, number, Sender::Caller(caller), now);
                return;
            }
            if stage + 1 >= site.calls.len() {
                site.lane.machines[task as usize].calls_answered(now, place, &site.lane.model);
                site.note(task);
                return;
            }
            let count = if site.calls[stage + 1].calls.synchronous { site.calls_of(session.number, stage + 1) } else { 0 };
            let changed = site.sessions.get(tag);
            changed.stage += 1;
            changed.to_make = count;
        }
    }

    /// Sends so many calls of one kind.
    fn call(&mut self, index: usize, stage: usize, count: u32, number: u64, sender: Sender, now: i64) {
        let Call { callee, .. } = self.sites[index].calls[stage];
        for nth in 0..count {
            let number = self.sites[index].number_of_call(number, stage, nth);
            let tag = self.sites[callee].open(number, now, sender);
            self.work.push_back(Work::Arrive { site: callee, tag });
        }
    }

    /// A call was answered: its caller goes on, or fails with it. A caller that is gone does not hear it.
    fn answer(&mut self, to: CallerPlace, is_served: bool, now: i64) {
        let index = to.lane as usize;
        let site = &mut self.sites[index];
        let machine = &mut site.lane.machines[to.task as usize];
        if machine.generation(to.place) != Some(to.generation) {
            return;
        }
        if !is_served {
            let step = machine.call_failed(now, to.place, &site.lane.model);
            site.note(to.task);
            self.after(index, to.task, step, now);
            return;
        }
        let tag = machine.request(to.place).tag;
        let session = site.sessions.get(tag);
        session.outstanding -= 1;
        if session.outstanding == 0 {
            self.go_on_calling(index, to.task, to.place, tag, now);
        }
    }

    /// Lets happen in a task what happens now, and what follows from it: a health check comes after it.
    fn settle(&mut self, index: usize, task: u32) {
        let now = self.now();
        while self.sites[index].lane.present.binary_search(&task).is_ok() {
            let site = &mut self.sites[index];
            if site.lane.machines[task as usize].next() > now {
                return;
            }
            let step = site.lane.machines[task as usize].step(now, &site.lane.model);
            site.note(task);
            self.after(index, task, step, now);
            while let Some(work) = self.work.pop_front() {
                self.work_off(work, now);
            }
        }
    }

    /// What a task still had is lost with it.
    fn lose(&mut self, index: usize, task: TaskId) {
        let now = self.now();
        let site = &mut self.sites[index];
        if site.lane.present.binary_search(&task.0).is_err() {
            return;
        }
        let lost = site.lane.machines[task.0 as usize].drain();
        for step in lost {
            self.after(index, task.0, step, now);
        }
    }
}

impl DataPlane for OrderedPlane {
    fn task(&self, service: usize) -> &TaskModel {
        &self.sites[service].lane.task
    }

    fn advance(&mut self, until: SimTime) -> Option<Killed> {
        let until = until.as_nanos();
        while self.killed.is_empty() && self.now() < until {
            let piece_end = self.sites.iter().map(|site| site.lane.next_cut()).fold(until, i64::min);
            self.run_until(piece_end);
            let now = self.killed.front().map_or(piece_end, |killed| killed.at.as_nanos());
            for site in &mut self.sites {
                let queued = site.look_at_messages(now);
                site.lane.cut(now, queued);
            }
        }
        self.killed.pop_front()
    }

    fn depends_on_stops(&self) -> bool {
        false
    }

    fn take_called(&mut self, service: usize) -> f64 {
        std::mem::take(&mut self.sites[service].called) as f64
    }

    fn take_arrived(&mut self, service: usize) -> f64 {
        let arrived = self.sites[service].lane.recorder.arrived();
        let before = std::mem::replace(&mut self.arrived[service], arrived);
        (arrived - before) as f64
    }

    fn apply(&mut self, service: usize, change: FleetChange) {
        match change {
            FleetChange::Stopped(task) => self.lose(service, task),
            FleetChange::Probed(task) => self.settle(service, task.0),
            _ => {}
        }
        let now = self.now();
        let site = &mut self.sites[service];
        site.lane.apply(change);
        if let FleetChange::Probed(task) = change {
            site.note_probed(task.0);
        } else {
            site.reseat();
        }
        site.hand_out(now);
        self.tell_of_deaths(service, now);
        while let Some(work) = self.work.pop_front() {
            self.work_off(work, now);
        }
    }

    fn set_wait_factor(&mut self, service: usize, factor: f64) {
        self.sites[service].lane.model.wait_factor = factor;
    }

    fn time_to_drain(&self, service: usize, task: TaskId) -> SimDuration {
        self.sites[service].time_to_drain(task)
    }

    fn probe_answered(&mut self, service: usize, task: TaskId) -> bool {
        self.sites[service].lane.probe_answered(task)
    }

    fn close_minute(&mut self, service: usize, _minute_number: u64) -> Sample {
        self.close(service)
    }

    fn close_sample(&mut self, service: usize, _minute_number: u64, _sample_of_minute: u32) -> Sample {
        self.close(service)
    }

    fn take_polling(&mut self, service: usize) -> Polling {
        self.sites[service].take_polling()
    }

    fn finished_row(&mut self, service: usize, by: SimTime) -> Option<RowFigures> {
        self.sites[service].lane.finished_row(by)
    }

    fn close_window(&mut self, _service: usize) {}

    fn finished_window(&mut self, service: usize, by: SimTime) -> Option<ObjectiveWindow> {
        self.sites[service].lane.finished_window(by)
    }

    fn reset_statistics(&mut self, service: usize) {
        let site = &mut self.sites[service];
        site.lane.restart();
        if let Some(inbox) = &mut site.inbox {
            inbox.restart();
        }
    }

    fn finish(&mut self) {
        self.sites.iter_mut().for_each(|site| site.lane.finish());
    }

    fn figures(&self, service: usize) -> PlaneFigures {
        let site = &self.sites[service];
        let message_queue = site.inbox.as_ref().map(|inbox| inbox.figures());
        PlaneFigures { message_queue, ..site.lane.figures(site.in_flight()) }
    }
}

impl OrderedPlane {
    fn close(&mut self, service: usize) -> Sample {
        let site = &mut self.sites[service];
        let mut sample = site.lane.close();
        if let Some(inbox) = &site.inbox {
            inbox.measure(site.lane.now, &mut sample);
        }
        sample
    }
}
