//! Messages that wait in one shared queue until a worker of a task receives them.
//!
//! Amazon SQS, as its developer guide describes it: a received message is hidden from the others for the
//! visibility timeout; if it is not deleted by then it is visible again and is received once more, also
//! while the first worker still has it. Deleted is what was done without an error. A message that was
//! received as often as allowed goes to the dead-letter queue instead of being received again; one older
//! than the retention period is deleted.
//!
//! Every slot of a task is a worker. A free worker is always asking (long polling), so a message that
//! arrives is received at once; one call receives at most a batch, which the worker does one message after
//! the other while the visibility timeout of all of them runs. Messages go to the task with the fewest in
//! progress. The oldest visible message goes first, which SQS's standard queues do at best.

use std::collections::{BTreeMap, BTreeSet};

use super::agenda::{Agenda, Visit};
use super::machine::{Ended, Fate, NEVER, Request};
use super::session::Sender;
use super::site::{LEAST_PAUSE_NANOS, Site};
use crate::fleet::TaskId;
use crate::outcome::QueueOutcome;
use crate::scenario::model::MessageQueue;
use crate::traffic::gauges::Sample;
use crate::traffic::polling::{Polling, billed_requests};
use crate::units::{NANOS_PER_SECOND, SimDuration};

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Visible,
    Hidden,
    Gone,
}

#[derive(Clone, Copy, Debug)]
struct Message {
    request: Request,
    number: u64,
    receives: u32,
    /// Counts the messages that had this place.
    generation: u32,
    /// Counts how often a message at this place was hidden.
    hidings: u32,
    standing: Standing,
}

/// A message in the hands of a worker, as it was received.
#[derive(Clone, Copy, Debug)]
struct Held {
    place: u32,
    message: Message,
}

/// The messages of one service.
#[derive(Clone, Debug)]
pub struct Inbox {
    settings: MessageQueue,
    workers: usize,
    message_bytes: f64,
    messages: Vec<Message>,
    free: Vec<u32>,
    /// Visible messages by arrival.
    visible: BTreeSet<(i64, u32)>,
    hidden: usize,
    /// Ends of visibility timeouts: the place, and how often a message was hidden there.
    timers: Agenda,
    /// What each receive still holds, the message being worked on last; by the number of the receive.
    receives: Vec<Vec<Held>>,
    free_receives: Vec<u32>,
    redelivered: u64,
    dead_lettered: u64,
    visible_max: usize,
    age_max_nanos: i64,
    /// Visible messages times nanoseconds since somebody asked, until `accounted`.
    queued: i128,
    accounted: i64,
    polling: Polling,
}

impl Inbox {
    /// An empty queue of messages of so many bytes, whose tasks have so many workers each.
    #[must_use]
    pub fn new(settings: MessageQueue, workers: usize, message_bytes: f64, now: i64) -> Self {
        Self {
            settings,
            workers,
            message_bytes,
            messages: Vec::new(),
            free: Vec::new(),
            visible: BTreeSet::new(),
            hidden: 0,
            timers: Agenda::default(),
            receives: Vec::new(),
            free_receives: Vec::new(),
            redelivered: 0,
            dead_lettered: 0,
            visible_max: 0,
            age_max_nanos: 0,
            queued: 0,
            accounted: now,
            polling: Polling::default(),
        }
    }

    /// When the next visibility timeout ends.
    #[must_use]
    pub fn next_timer(&self) -> i64 {
        self.timers.first().map_or(NEVER, |(time, ..)| time)
    }

    /// Forgets what was counted before the window.
    pub fn restart(&mut self) {
        (self.redelivered, self.dead_lettered, self.visible_max, self.age_max_nanos) = (0, 0, self.visible.len(), 0);
    }

    /// Adds what CloudWatch shows of the queue.
    pub fn measure(&self, now: i64, sample: &mut Sample) {
        sample.messages_visible = Some(self.visible.len() as f64);
        sample.messages_in_flight = Some(self.hidden as f64);
        sample.age_of_oldest_seconds = Some(self.age_of_oldest(now) as f64 / NANOS_PER_SECOND as f64);
    }

    fn age_of_oldest(&self, now: i64) -> i64 {
        self.visible.first().map_or(0, |(arrival, _)| now - arrival)
    }

    /// Messages of the window that are not deleted.
    pub fn in_flight(&self) -> usize {
        self.messages.iter().filter(|message| message.standing != Standing::Gone && message.request.arrival >= 0).count()
    }

    /// What the queue did.
    #[must_use]
    pub fn figures(&self) -> QueueOutcome {
        QueueOutcome {
            age_of_oldest_seconds: self.age_max_nanos as f64 / NANOS_PER_SECOND as f64,
            visible_max: self.visible_max as f64,
            redelivered: self.redelivered as f64,
            dead_lettered: self.dead_lettered as f64,
        }
    }

    /// Counts the messages that waited until now.
    fn account(&mut self, now: i64) {
        self.queued += i128::from(now - self.accounted) * self.visible.len() as i128;
        self.accounted = now;
    }

    fn add(&mut self, message: Message) {
        let arrival = message.request.arrival;
        let place = match self.free.pop() {
            Some(place) => {
                let Message { generation, hidings, .. } = self.messages[place as usize];
                self.messages[place as usize] = Message { generation: generation + 1, hidings, ..message };
                place
            }
            None => {
                self.messages.push(message);
                (self.messages.len() - 1) as u32
            }
        };
        self.show(place, arrival);
    }

    fn show(&mut self, place: u32, arrival: i64) {
        self.messages[place as usize].standing = Standing::Visible;
        self.visible.insert((arrival, place));
        self.visible_max = self.visible_max.max(self.visible.len());
    }

    /// A message is in the queue no more.
    fn forget(&mut self, place: u32) {
        let message = &mut self.messages[place as usize];
        match message.standing {
            Standing::Visible => {
                self.visible.remove(&(message.request.arrival, place));
            }
            Standing::Hidden => self.hidden -= 1,
            Standing::Gone => return,
        }
        message.standing = Standing::Gone;
        self.free.push(place);
    }

    /// Takes the oldest visible message that may still be received; those that may not are told to `lost`.
    fn receive(&mut self, now: i64, mut lost: impl FnMut(&Request)) -> Option<Held> {
        while let Some(&(arrival, place)) = self.visible.first() {
            let message = self.messages[place as usize];
            let is_expired = now - arrival > self.settings.message_retention_period.as_nanos();
            let is_worn_out = self.settings.max_receive_count.is_some_and(|most| message.receives >= most);
            if is_expired || is_worn_out {
                self.dead_lettered += u64::from(is_worn_out && !is_expired && arrival >= 0);
                lost(&message.request);
                self.forget(place);
                continue;
            }
            self.redelivered += u64::from(message.receives > 0 && arrival >= 0);
            self.age_max_nanos = self.age_max_nanos.max(now - arrival);
            self.visible.remove(&(arrival, place));
            self.hidden += 1;
            let message = &mut self.messages[place as usize];
            message.standing = Standing::Hidden;
            message.receives += 1;
            message.hidings = message.hidings.wrapping_add(1);
            let (hiding, held) = (Visit::new(place, message.hidings), Held { place, message: *message });
            let hidden_nanos = self.settings.visibility_timeout.as_nanos().max(LEAST_PAUSE_NANOS);
            self.timers.push((now.saturating_add(hidden_nanos), hiding));
            return Some(held);
        }
        None
    }
}

impl Site {
    /// A message comes into the queue.
    pub(super) fn message_arrives(&mut self, now: i64, request: &Request, number: u64) {
        let Some(inbox) = &mut self.inbox else { return };
        inbox.account(now);
        inbox.add(Message { request: *request, number, receives: 0, generation: 0, hidings: 0, standing: Standing::Visible });
        self.hand_out(now);
    }

    /// Free workers receive what is visible.
    pub(super) fn hand_out(&mut self, now: i64) {
        while let Some(inbox) = &mut self.inbox
            && !inbox.visible.is_empty()
            && self.loads.fewest().is_some_and(|fewest| fewest < inbox.workers)
        {
            inbox.account(now);
            let mut batch = Vec::with_capacity(inbox.settings.receive_batch_size as usize);
            for _ in 0..inbox.settings.receive_batch_size {
                let recorder = &mut self.lane.recorder;
                let lost = |request: &Request| recorder.ended(&lost_message(request, now));
                batch.extend(inbox.receive(now, lost));
            }
            if batch.is_empty() {
                return;
            }
            inbox.polling.calls += 1.0;
            inbox.polling.receives += billed_requests(batch.len() as f64 * inbox.message_bytes);
            batch.reverse();
            let receive = match inbox.free_receives.pop() {
                Some(receive) => {
                    inbox.receives[receive as usize] = batch;
                    receive
                }
                None => {
                    inbox.receives.push(batch);
                    (inbox.receives.len() - 1) as u32
                }
            };
            let Some(task) = self.route(0, now) else { return };
            self.work_on_next(task, receive, now);
        }
    }

    /// A worker begins the next message of its receive. Returns whether there is one.
    fn work_on_next(&mut self, task: u32, receive: u32, now: i64) -> bool {
        let Some(inbox) = &mut self.inbox else { return false };
        let Some(&Held { message, .. }) = inbox.receives[receive as usize].last() else {
            inbox.free_receives.push(receive);
            return false;
        };
        let Message { request, number, receives, .. } = message;
        // Each time that it is worked on, a message has its own chance of an error.
        let attempt = number.wrapping_add(u64::from(receives.saturating_sub(1)) << 40);
        let fails = self.lane.demands.fails(attempt);
        let tag = self.open_with(attempt, Request { deadline: NEVER, fails, ..request }, Sender::Receive(receive));
        let request = self.lane.revisions.at(task, self.sessions.get(tag).request, || (number, attempt));
        let taken = self.lane.machines[task as usize].arrive(now, request, &self.lane.model);
        assert!(taken, "a worker was free");
        self.note(task);
        self.weigh(task);
        true
    }

    /// A worker is done with a message, or was lost with its task.
    pub(super) fn message_ended(&mut self, task: u32, receive: u32, ended: &Ended, now: i64) {
        let Some(inbox) = &mut self.inbox else { return };
        inbox.account(now);
        if ended.fate == Fate::Lost {
            // What it held becomes visible when its visibility timeout ends.
            inbox.receives[receive as usize].clear();
            inbox.free_receives.push(receive);
            return;
        }
        if let Some(Held { place, message: received }) = inbox.receives[receive as usize].pop() {
            let message = inbox.messages[place as usize];
            let is_there = message.generation == received.generation && message.standing != Standing::Gone;
            inbox.polling.deletes += f64::from(u8::from(ended.fate == Fate::Served));
            if ended.fate == Fate::Served && is_there {
                inbox.forget(place);
                self.lane.recorder.ended(&Ended { arrival: message.request.arrival, tag: 0, ..*ended });
            }
        }
        if !self.work_on_next(task, receive, now) {
            self.hand_out(now);
        }
    }

    /// How long a draining task needs for the last request that it has, or for the last message that it received.
    pub(super) fn time_to_drain(&self, task: TaskId) -> SimDuration {
        let (Some(inbox), Some(machine)) = (&self.inbox, self.lane.machines.get(task.0 as usize)) else {
            return self.lane.time_to_drain(task);
        };
        let (now, model) = (self.lane.now, &self.lane.model);
        let mut done_of_receive = BTreeMap::<u32, usize>::new();
        let last = machine.end_of_all(now, model, |alone, at, ended| {
            if let Some(receive) = self.sessions.receive_of(ended.tag) {
                let done = done_of_receive.entry(receive).or_default();
                *done += 1;
                if let Some(held) = inbox.receives[receive as usize].iter().rev().nth(*done) {
                    let message = &held.message;
                    let request = self.lane.revisions.at(task.0, message.request, || (message.number, message.number));
                    alone.arrive(at, Request { deadline: NEVER, tag: ended.tag, ..request }, model);
                }
            }
        });
        SimDuration::from_nanos(last - now + 1)
    }

    /// What the workers asked of the queue since this was last asked.
    pub(super) fn take_polling(&mut self) -> Polling {
        let Some(inbox) = &mut self.inbox else { return Polling::default() };
        let idle_worker_seconds = self.lane.take_idle_worker_seconds(inbox.workers);
        Polling { idle_worker_seconds, ..std::mem::take(&mut inbox.polling) }
    }

    /// A visibility timeout ends: what is not deleted is visible again.
    pub(super) fn visibility_ends(&mut self, now: i64) {
        let Some(inbox) = &mut self.inbox else { return };
        inbox.account(now);
        if let Some((_, hiding)) = inbox.timers.first() {
            inbox.timers.pop();
            let message = inbox.messages[hiding.place() as usize];
            if message.standing == Standing::Hidden && message.hidings == hiding.generation() {
                inbox.hidden -= 1;
                inbox.show(hiding.place(), message.request.arrival);
            }
        }
        self.hand_out(now);
    }

    /// Looks at the age of the oldest message, and deletes those that are too old. Returns the messages that waited
    /// since the last look, times nanoseconds.
    pub(super) fn look_at_messages(&mut self, now: i64) -> i128 {
        let Some(inbox) = &mut self.inbox else { return 0 };
        inbox.account(now);
        while let Some(&(arrival, place)) = inbox.visible.first()
            && now - arrival > inbox.settings.message_retention_period.as_nanos()
        {
            let request = inbox.messages[place as usize].request;
            inbox.forget(place);
            self.lane.recorder.ended(&lost_message(&request, now));
        }
        inbox.age_max_nanos = inbox.age_max_nanos.max(inbox.age_of_oldest(now));
        std::mem::take(&mut inbox.queued)
    }
}

fn lost_message(request: &Request, now: i64) -> Ended {
    Ended { arrival: request.arrival, started: now, ended: now, fate: Fate::Lost, tag: 0 }
}
