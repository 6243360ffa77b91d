//! Cohorts near and beyond saturation: a step is cut into pieces, in which the number of requests in a task moves, and
//! the responses of those that join are counted as values instead of places in the table.

use super::{Cohort, FluidPlane};
use crate::traffic::gauges::Gauges;
use crate::traffic::response::{STEADY_LOAD_LIMIT, Steady};
use crate::traffic::steps::pieces;
use crate::traffic::tally::Burst;
use crate::traffic::transient::Transient;

/// The least part of its demand that a request has used when its client gives up.
const LEAST_USED: f64 = 0.05;

/// The mean times of a request in a busy task.
struct Crowd {
    /// For a slot.
    queue_seconds: f64,
    /// Without CPU.
    wait_seconds: f64,
    /// On the CPU, beside the others.
    burst_seconds: f64,
}

impl FluidPlane {
    // Apart from the steady path: inside it, it would take the registers of the common case.
    #[inline(never)]
    pub(super) fn serve_in_pieces(&mut self, cohort: &mut Cohort, rate: f64, load: f64, seconds: f64, gauges: &mut Gauges) {
        cohort.steady = false;
        let pieces = pieces(seconds);
        let piece_seconds = seconds / pieces;
        let (most, late_binds) = self.task.most_useful_requests();
        let tasks = f64::from(cohort.tasks);
        let offered = rate * piece_seconds;
        for _ in 0..pieces as u32 {
            let relief = self.relief(cohort.number);
            let (grown, late) =
                Transient::new(&mut self.table, &self.task, self.peers).step(cohort.number, offered, piece_seconds * relief);
            let joined = offered - late;
            let excess = (grown - most).max(0.0).min(joined);
            let number = grown - excess;
            let middle = f64::midpoint(cohort.number, number);
            let departed = (joined - excess - (number - cohort.number)).max(0.0);
            gauges.request_vcpu_seconds += tasks * departed * self.demand.mean / relief;
            gauges.request_seconds += tasks * middle * piece_seconds;
            gauges.waiting_seconds += tasks * (middle - f64::from(self.task.concurrency)).max(0.0) * piece_seconds;
            gauges.saturated |= middle > f64::from(self.task.concurrency);
            if late > 0.0 {
                self.lose(tasks * late, true);
            }
            if excess > 0.0 {
                self.lose(tasks * excess, late_binds);
            }
            self.accept_piece(middle, rate, load, tasks * (joined - excess), tasks * offered);
            cohort.number = number;
        }
    }

    /// How many times as fast a task gets through its requests when clients who give up leave the rest of their CPU time to the others: one
    /// over the part of its demand that a request has used by its timeout, among so many others who share the CPU. With this a task that is
    /// overloaded comes to rest where `load x E[min(size, a)] = 1`, and, its bursts coming before its waits, works on sizes up to `a`.
    fn relief(&self, number: f64) -> f64 {
        let timeout = if self.task.gives_cpu_back { self.task.earliest_timeout_seconds() } else { f64::INFINITY };
        let Crowd { queue_seconds, burst_seconds, .. } = self.crowd(number);
        let most_used = ((timeout - queue_seconds) / burst_seconds).max(LEAST_USED);
        let sizes = self.table.relative_demand();
        if sizes.last().is_none_or(|(largest, _)| *largest <= most_used) {
            return 1.0;
        }
        1.0 / sizes.iter().map(|&(size, weight)| weight * size.min(most_used)).sum::<f64>()
    }

    /// Counts requests that join a task with this many others; `offered` is what they are a part of.
    fn accept_piece(&mut self, number: f64, rate: f64, load: f64, requests: f64, offered: f64) {
        if requests <= 0.0 {
            return;
        }
        let limit = load.min(STEADY_LOAD_LIMIT);
        let at_limit = self.table.steady_at(self.peers, limit);
        let steady_number = rate.min(limit * self.task.saturated_rate) * at_limit.mean_seconds;
        if load < 1.0 && number <= 1.1 * steady_number + 1.0 {
            let near = (number - steady_number).abs() <= 0.01 * steady_number;
            let steady = if near { at_limit } else { self.steady_of_number(number, limit) };
            self.accept_steady(&steady, requests);
            return;
        }
        let mut responses = std::mem::take(&mut self.scratch);
        let in_time = self.crowded_responses(number, &mut responses);
        // Those that gave up before they joined are among the late ones of this distribution.
        let accepted = requests.min(offered * in_time.min(1.0));
        let scale = if in_time > 0.0 { accepted / in_time } else { 0.0 };
        for (_, weight) in &mut responses {
            *weight *= scale;
        }
        let queue_seconds = (number - f64::from(self.task.concurrency)).max(0.0) / self.task.saturated_rate;
        self.tally.direct(&responses, queue_seconds);
        if self.rows.is_some() {
            self.step.direct(&responses);
        }
        for &(seconds, weight) in responses.iter().filter(|_| self.has_objective) {
            self.objective_window.accepted += weight;
            if seconds > self.table.objective_seconds() {
                self.objective_window.over_objective += weight;
            }
        }
        let response_seconds = responses.iter().map(|&(seconds, weight)| seconds * weight).sum();
        self.scratch = responses;
        self.accept(accepted, response_seconds);
        self.lose(requests - accepted, true);
    }

    /// The steady state with this number of requests in a task, at a load of at most `limit`.
    fn steady_of_number(&mut self, number: f64, limit: f64) -> Steady {
        let load = self.table.load_at(self.peers, self.task.saturated_rate, 0.0, number).min(limit);
        self.table.steady_at(self.peers, load)
    }

    /// What a request goes through that joins `number` others in a busy task.
    fn crowd(&self, number: f64) -> Crowd {
        let task = &self.task;
        let in_slots = number.min(f64::from(task.concurrency));
        let wait_seconds = task.wait_time.mean();
        Crowd {
            queue_seconds: (number - in_slots) / task.saturated_rate,
            wait_seconds,
            burst_seconds: (in_slots / task.saturated_rate - wait_seconds).max(task.lone_burst_seconds),
        }
    }

    /// Responses of requests that join `number` others in a busy task: first the wait for a slot, then a
    /// burst slowed by all the requests in slots. Without those that come too late; returns the share that
    /// is left.
    fn crowded_responses(&self, number: f64, responses: &mut Burst) -> f64 {
        let task = &self.task;
        let Crowd { queue_seconds, wait_seconds, burst_seconds } = self.crowd(number);
        responses.clear();
        let mut in_time = 0.0;
        for &(size, weight) in self.table.relative_demand() {
            let seconds = queue_seconds + wait_seconds + burst_seconds * size;
            let weight = weight * (1.0 - task.late_share(seconds));
            in_time += weight;
            responses.push((seconds, weight));
        }
        in_time
    }
}
