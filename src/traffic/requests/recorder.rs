//! Counts what became of every request.
//!
//! Everything is an integer, so the order in which requests are counted changes nothing: tasks may run ahead
//! of each other. Latencies go to buckets of bounded relative width (see [`crate::metrics::Histogram`]). A
//! request belongs to the row of the timeline and to the window of the service level in which it arrived, which
//! stay open until the last of their requests has ended; a message, which may wait for hours, to those in which it
//! ended. CloudWatch counts both in the minute in which they ended. Requests from before the window are in metrics and in nothing else.

use std::collections::{BTreeMap, VecDeque};

use super::machine::{Ended, Fate, Request};
use crate::metrics::{Histogram, bucket_of_nanoseconds};
use crate::units::{SimDuration, SimTime};

const NANO: f64 = 1e-9;

/// Durations by bucket, exactly counted.
#[derive(Clone, Debug, Default)]
pub struct Durations {
    buckets: Vec<u64>,
    sum_nanos: i128,
    max_nanos: i64,
}

impl Durations {
    #[inline]
    fn add(&mut self, nanos: i64) {
        let bucket = bucket_of_nanoseconds(nanos);
        match self.buckets.get_mut(bucket) {
            Some(count) => *count += 1,
            None => self.grow(bucket),
        }
        self.sum_nanos += i128::from(nanos);
        self.max_nanos = self.max_nanos.max(nanos);
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, bucket: usize) {
        self.buckets.resize(bucket + 1, 0);
        self.buckets[bucket] += 1;
    }

    /// The histogram of these durations.
    #[must_use]
    pub fn histogram(&self) -> Histogram {
        let mut histogram = Histogram::default();
        self.add_to(&mut histogram);
        histogram
    }

    fn add_to(&self, histogram: &mut Histogram) {
        histogram.add_bucket_counts(&self.buckets, self.sum_nanos as f64 * NANO, self.max_nanos as f64 * NANO);
    }
}

/// Where requests ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// First attempts that arrived.
    pub offered: u64,
    /// All attempts.
    pub attempts: u64,
    /// Answered in time and without error.
    pub served: u64,
    /// Turned away.
    pub rejected: u64,
    /// Not answered in time.
    pub timed_out: u64,
    /// Answered with an error.
    pub errors: u64,
    /// Lost with their task.
    pub lost: u64,
}

impl Counts {
    fn end(&mut self, fate: Fate) {
        match fate {
            Fate::Served => self.served += 1,
            Fate::Error => self.errors += 1,
            Fate::TimedOut => self.timed_out += 1,
            Fate::Lost => self.lost += 1,
            Fate::Rejected => self.rejected += 1,
        }
    }

    /// Those that ended and were not served.
    #[must_use]
    pub const fn failed(&self) -> u64 {
        self.rejected + self.timed_out + self.errors + self.lost
    }
}

/// What CloudWatch sees of the requests that ended in a span.
#[derive(Clone, Copy, Debug)]
pub struct Answers {
    /// Attempts that arrived.
    pub arrived: u64,
    /// How those that ended did.
    pub counts: Counts,
    /// Response times of those that a task answered: their sum, the least and the greatest.
    pub response_nanos: (i128, i64, i64),
}

impl Default for Answers {
    fn default() -> Self {
        Self { arrived: 0, counts: Counts::default(), response_nanos: (0, i64::MAX, 0) }
    }
}

/// Requests that arrived in one row of the timeline, and what the tasks did in it.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Where its requests ended.
    pub counts: Counts,
    /// Their response times.
    pub latency: Durations,
    /// What the tasks did meanwhile.
    pub spent: Spent,
}

/// What tasks did over a span: sums over time, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// The span.
    pub nanos: i128,
    /// CPU units that requests used.
    pub units: i128,
    /// Requests that held a slot.
    pub in_progress: i128,
    /// Requests that waited for one.
    pub waiting: i128,
    /// Tasks that run and are not ready.
    pub starting: i128,
    /// Running tasks.
    pub running: i128,
    /// Healthy tasks.
    pub healthy: i128,
    /// Messages that waited in the shared queue.
    pub queued: i128,
}

impl std::ops::AddAssign for Spent {
    fn add_assign(&mut self, other: Self) {
        self.nanos += other.nanos;
        self.units += other.units;
        self.in_progress += other.in_progress;
        self.waiting += other.waiting;
        self.starting += other.starting;
        self.running += other.running;
        self.healthy += other.healthy;
        self.queued += other.queued;
    }
}

/// Tags from here on are those of health checks.
const FIRST_PROBE_TAG: u32 = 1 << 31;

/// Whether a tag is that of a health check.
#[must_use]
pub const fn is_probe(tag: u32) -> bool {
    tag >= FIRST_PROBE_TAG
}

/// The tag of a health check of a task.
#[must_use]
pub const fn probe_tag(task: u32) -> u32 {
    FIRST_PROBE_TAG + task
}

/// Requests that arrived in one window of the service level.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct ObjectiveCounts {
    /// Where its requests ended.
    counts: Counts,
    /// Answers that took longer than the objective.
    slow: u64,
}

/// Spans of equal length, of which the oldest are taken away when they are done.
#[derive(Clone, Debug)]
struct Spans<T> {
    nanos: i64,
    first: i64,
    open: VecDeque<T>,
    /// The span that was last asked for, and its place.
    hot: (i64, i64, usize),
}

impl<T: Default> Spans<T> {
    /// Spans from the start on; without a length one that holds everything.
    fn new(length: Option<SimDuration>) -> Self {
        Self { nanos: length.map_or(i64::MAX, SimDuration::as_nanos), first: 0, open: VecDeque::new(), hot: (0, 0, 0) }
    }

    #[inline]
    fn at(&mut self, time: i64) -> &mut T {
        if time < self.hot.0 || time >= self.hot.1 {
            self.find(time);
        }
        &mut self.open[self.hot.2]
    }

    /// Shares ascending times out to their spans.
    fn count(&mut self, mut times: &[i64], add: impl Fn(&mut T, u64)) {
        while let Some(&first) = times.first() {
            if first < self.hot.0 || first >= self.hot.1 {
                self.find(first);
            }
            let end = self.hot.1;
            let inside = if times.last().is_some_and(|&last| last < end) { times.len() } else { times.partition_point(|&time| time < end) };
            add(&mut self.open[self.hot.2], inside as u64);
            times = &times[inside..];
        }
    }

    #[cold]
    #[inline(never)]
    fn find(&mut self, time: i64) {
        let number = time / self.nanos;
        let place = (number - self.first).max(0) as usize;
        if place >= self.open.len() {
            self.open.resize_with(place + 1, T::default);
        }
        self.hot = (number * self.nanos, (number + 1).saturating_mul(self.nanos), place);
    }

    /// The oldest span, if it ended by this time and is done.
    fn take_done(&mut self, by: i64, is_done: impl Fn(&T) -> bool) -> Option<T> {
        let end = (self.first + 1).saturating_mul(self.nanos);
        if end > by || self.open.front().is_some_and(|oldest| !is_done(oldest)) {
            return None;
        }
        self.first += 1;
        self.hot = (0, 0, 0);
        Some(self.open.pop_front().unwrap_or_default())
    }
}

/// Counts of one service.
#[derive(Clone, Debug)]
pub struct Recorder {
    totals: Counts,
    latency: Histogram,
    queue: Durations,
    answers: Answers,
    rows: Spans<Row>,
    windows: Option<Spans<ObjectiveCounts>>,
    objective_nanos: i64,
    /// Whether requests belong to the row and window in which they ended.
    counts_at_end: bool,
    /// Health checks by task: whether the last one was answered.
    probes: BTreeMap<u32, bool>,
    arrived: u64,
    caused: u64,
}

impl Recorder {
    /// Counts for a service, with rows of a timeline and windows of a service level if they have a length, in
    /// which requests count where they arrived or where they ended.
    #[must_use]
    pub fn new(row: Option<SimDuration>, window: Option<SimDuration>, objective_seconds: Option<f64>, counts_at_end: bool) -> Self {
        Self {
            totals: Counts::default(),
            latency: Histogram::default(),
            queue: Durations::default(),
            answers: Answers::default(),
            rows: Spans::new(row),
            windows: window.map(|window| Spans::new(Some(window))),
            objective_nanos: objective_seconds.map_or(i64::MAX, |seconds| SimDuration::from_seconds_f64(seconds).as_nanos()),
            counts_at_end,
            probes: BTreeMap::new(),
            arrived: 0,
            caused: 0,
        }
    }

    /// First attempts arrived, in ascending order.
    pub fn offered(&mut self, arrivals: &[i64]) {
        self.answers.arrived += arrivals.len() as u64;
        self.arrived += arrivals.len() as u64;
        let counted = &arrivals[arrivals.partition_point(|&arrival| arrival < 0)..];
        self.totals.offered += counted.len() as u64;
        self.totals.attempts += counted.len() as u64;
        self.rows.count(counted, |row, requests| row.counts.offered += requests);
        if let Some(windows) = &mut self.windows {
            windows.count(counted, |window, requests| window.counts.offered += requests);
        }
    }

    /// A first attempt arrived.
    #[inline]
    pub fn offered_one(&mut self, arrival: i64) {
        self.answers.arrived += 1;
        self.arrived += 1;
        if arrival < 0 {
            return;
        }
        self.totals.offered += 1;
        self.totals.attempts += 1;
        self.rows.at(arrival).counts.offered += 1;
        if let Some(windows) = &mut self.windows {
            windows.at(arrival).counts.offered += 1;
        }
    }

    /// A client tried again a request of this arrival.
    pub fn retried(&mut self, now: i64, arrival: i64) {
        self.answers.arrived += 1;
        self.arrived += 1;
        if arrival >= 0 {
            self.totals.attempts += 1;
        }
        self.caused(now);
    }

    /// An attempt arrived that no client outside decided to make anew: it followed from a request.
    pub fn caused(&mut self, now: i64) {
        self.caused += u64::from(now >= 0);
    }

    /// Such attempts in the window.
    #[must_use]
    pub const fn attempts_caused(&self) -> u64 {
        self.caused
    }

    /// Attempts that ever arrived.
    #[must_use]
    pub const fn arrived(&self) -> u64 {
        self.arrived
    }

    /// A health check was sent to a task.
    pub fn probe_sent(&mut self, task: u32) {
        self.probes.insert(task, false);
    }

    /// Whether a task has answered its last health check.
    pub fn probe_answered(&mut self, task: u32) -> bool {
        self.probes.remove(&task).unwrap_or(false)
    }

    #[cold]
    fn probe_ended(&mut self, ended: &Ended) {
        if ended.fate == Fate::Served {
            self.probes.insert(ended.tag - FIRST_PROBE_TAG, true);
        }
    }

    /// No task took a request.
    #[inline]
    pub fn rejected(&mut self, now: i64, request: &Request) {
        self.ended(&Ended { arrival: request.arrival, started: now, ended: now, fate: Fate::Rejected, tag: request.tag });
    }

    /// A request ended with its only attempt.
    #[inline]
    pub fn ended(&mut self, ended: &Ended) {
        if is_probe(ended.tag) {
            self.probe_ended(ended);
            return;
        }
        self.attempt_ended(ended, ended.arrival);
        self.request_ended(ended, ended.arrival);
    }

    /// A request ended for good, after its attempts were told of; the last was sent at a time.
    #[inline]
    pub fn request_ended(&mut self, ended: &Ended, sent: i64) {
        let Ended { arrival, fate, .. } = *ended;
        if arrival < 0 {
            return;
        }
        let latency = ended.ended - arrival;
        self.totals.end(fate);
        let counted_at = if self.counts_at_end { ended.ended } else { arrival };
        let row = self.rows.at(counted_at);
        row.counts.end(fate);
        if fate == Fate::Served {
            row.latency.add(latency);
            if ended.started > sent {
                self.queue.add(ended.started - sent);
            }
        }
        if let Some(windows) = &mut self.windows {
            let window = windows.at(counted_at);
            window.counts.end(fate);
            window.slow += u64::from(latency > self.objective_nanos && matches!(fate, Fate::Served | Fate::Error));
        }
    }

    /// One attempt of a request ended, which was sent at a time; what CloudWatch sees of it.
    #[inline]
    pub fn attempt_ended(&mut self, ended: &Ended, sent: i64) {
        self.answers.counts.end(ended.fate);
        if matches!(ended.fate, Fate::Served | Fate::Error) {
            let response = ended.ended - sent;
            let (sum, least, most) = &mut self.answers.response_nanos;
            *sum += i128::from(response);
            *least = (*least).min(response);
            *most = (*most).max(response);
        }
    }

    /// What the tasks did between two times within one row.
    pub fn tasks_did(&mut self, from: SimTime, add: impl FnOnce(&mut Row)) {
        if from >= SimTime::START {
            add(self.rows.at(from.as_nanos()));
        }
    }

    /// When the row that holds a time ends.
    #[must_use]
    pub fn row_end(&self, time: i64) -> i64 {
        if time < 0 { 0 } else { (time / self.rows.nanos + 1).saturating_mul(self.rows.nanos) }
    }

    /// Takes what CloudWatch sees of the span that ends now.
    pub fn take_answers(&mut self) -> Answers {
        std::mem::take(&mut self.answers)
    }

    /// Forgets what was counted before the window; requests from then never counted.
    pub fn restart(&mut self) {
        self.totals = Counts::default();
    }

    /// The oldest row, if it ended by a time and all its requests did; at the `end` of the run, without the
    /// latter.
    pub fn take_row(&mut self, by: i64, is_end: bool) -> Option<Row> {
        let is_end = is_end || self.counts_at_end;
        let row = self.rows.take_done(by, |row| is_end || row.counts.offered == row.counts.served + row.counts.failed())?;
        row.latency.add_to(&mut self.latency);
        Some(row)
    }

    /// The oldest window of the service level, as [`Recorder::take_row`]: where its requests ended, and how many answers
    /// took longer than the objective.
    pub fn take_window(&mut self, by: i64, is_end: bool) -> Option<(Counts, u64)> {
        let is_end = is_end || self.counts_at_end;
        let is_done = |window: &ObjectiveCounts| is_end || window.counts.offered == window.counts.served + window.counts.failed();
        let window = self.windows.as_mut()?.take_done(by, is_done)?;
        Some((window.counts, window.slow))
    }

    /// Where requests ended.
    #[must_use]
    pub const fn totals(&self) -> Counts {
        self.totals
    }

    /// Response times of the requests served so far, and their waits for a slot.
    #[must_use]
    pub fn histograms(&self) -> (Histogram, Histogram) {
        let mut latency = self.latency.clone();
        self.rows.open.iter().for_each(|row| row.latency.add_to(&mut latency));
        let mut queue = Histogram::default();
        let waited: u64 = self.queue.buckets.iter().sum();
        queue.record(0.0, (self.totals.served - waited) as f64);
        self.queue.add_to(&mut queue);
        (latency, queue)
    }
}
