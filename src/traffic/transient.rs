//! How the number of requests in a task moves when it is not in its steady state.
//!
//! The pointwise stationary fluid approximation (Wang, Tipper and Banerjee 1996): a task that holds as many
//! requests as it would in the steady state of load r completes r of its saturated rate,
//! `dN/dt = arrivals - saturated rate x r(N)`. It meets the steady state exactly, starts from empty with the
//! arrivals, drains a long queue at the surplus and grows by it when overloaded. Its relaxation time near
//! the steady state is S/(1 - load)^2, the mean of M/M/1's, whose slowest part, S/(1 - sqrt(load))^2, is four
//! times as long: one exponential with that one would leave the first minutes after a step almost empty.
//!
//! Two states are further from idle than any steady one with as many requests. A queue that is longer than
//! its steady value drains without idling until it comes near, and one that is overloaded by d idles no more
//! once it has grown past the scale of M/G/1's fluctuations, (1 + cs^2)/2d. Factors of the idle share that are
//! one at the steady state and at load 1 take that into account.
//!
//! Steps are implicit (backward Euler), so that none is too long.

use super::response::{ResponseTable, STEADY_LOAD_LIMIT};
use super::task_model::TaskModel;
use crate::math::exp;

/// Halvings of the interval that holds the solution.
const HALVINGS: u32 = 26;
/// The width of that interval at which the search ends, as a part of its upper end. What is left follows from what is completed, so
/// an error of the place is one of a millionth of a step's completions.
pub(super) const RESOLUTION: f64 = 1e-6;

/// A task that may be anywhere.
#[derive(Debug)]
pub struct Transient<'a> {
    table: &'a mut ResponseTable,
    task: &'a TaskModel,
    /// Healthy tasks, which share the arrivals.
    tasks: u32,
    /// The number at the highest load that the table holds.
    most_steady: f64,
}

impl<'a> Transient<'a> {
    /// One of `tasks` healthy tasks.
    pub fn new(table: &'a mut ResponseTable, task: &'a TaskModel, tasks: u32) -> Self {
        let most_steady = STEADY_LOAD_LIMIT * task.saturated_rate * table.mean_seconds_at(tasks, STEADY_LOAD_LIMIT);
        Self { table, task, tasks, most_steady }
    }

    /// The number after a step in which `offered` requests arrive, and how many of these give up because
    /// their response would come too late (which only random timeouts decide here; a constant one limits the
    /// number).
    pub fn step(&mut self, number: f64, offered: f64, seconds: f64) -> (f64, f64) {
        let completed_when_busy = self.task.saturated_rate * seconds;
        let offered_load = offered / completed_when_busy;
        let steady_number = self.steady_number(offered_load);
        let random_timeout = self.task.has_random_timeout();
        let late = |after: f64| if random_timeout { offered * self.task.late_share(after / self.task.saturated_rate) } else { 0.0 };
        let most = number + offered;
        // What is left and what is completed both increase along either axis: above zero is too far.
        let beyond = |(after, load): (f64, f64)| (after + completed_when_busy * load) - (most - late(after));
        let at_most_steady = beyond(self.crowded(self.most_steady, offered_load, steady_number));
        let (after, load) = if at_most_steady >= 0.0 {
            if !random_timeout && offered_load <= 1.0 && number <= steady_number {
                // It fills up to its steady state, and on the way idles as steady states do.
                let load = self.table.load_at(self.tasks, self.task.saturated_rate, completed_when_busy, most);
                return (most - completed_when_busy * load, 0.0);
            }
            let (span, values) = if random_timeout {
                ([0.0, 1.0], [-most, at_most_steady])
            } else {
                self.interval(number, offered_load, steady_number, at_most_steady, beyond)
            };
            let place = root(span, values, RESOLUTION, |place| beyond(self.state_at(place, offered_load, steady_number)));
            self.state_at(place, offered_load, steady_number)
        } else {
            // No more can be left than there were.
            let at_most = beyond(self.crowded(most, offered_load, steady_number));
            let span = [self.most_steady, most];
            let number =
                root(span, [at_most_steady, at_most], RESOLUTION, |number| beyond(self.crowded(number, offered_load, steady_number)));
            self.crowded(number, offered_load, steady_number)
        };
        let late = late(after).min(offered);
        ((most - late - completed_when_busy * load).max(0.0), late)
    }

    /// The places between which a step ends that starts with `number` requests, and what is too far there: with fewer arrivals than a busy
    /// task completes it drains, but not below its steady state; with more it grows.
    fn interval(
        &mut self,
        number: f64,
        offered_load: f64,
        steady_number: f64,
        at_most_steady: f64,
        beyond: impl Fn((f64, f64)) -> f64,
    ) -> ([f64; 2], [f64; 2]) {
        let now = self.table.load_at(self.tasks, self.task.saturated_rate, 0.0, number) / STEADY_LOAD_LIMIT;
        let at_now = if now < 1.0 { beyond(self.state_at(now, offered_load, steady_number)) } else { at_most_steady };
        if offered_load > 1.0 {
            ([now, 1.0], [at_now, at_most_steady])
        } else {
            ([offered_load / STEADY_LOAD_LIMIT, now], [steady_number - number, at_now])
        }
    }

    /// The number in the steady state of a load; infinite from load 1 on.
    fn steady_number(&mut self, load: f64) -> f64 {
        if load >= 1.0 {
            f64::INFINITY
        } else if load > STEADY_LOAD_LIMIT {
            self.fluctuation() / (1.0 - load) - 1.0
        } else {
            self.table_number(load)
        }
    }

    fn table_number(&mut self, load: f64) -> f64 {
        load * self.task.saturated_rate * self.table.mean_seconds_at(self.tasks, load)
    }

    /// (1 - load) x (number + 1) at the highest load of the table: 1 for M/M/1.
    fn fluctuation(&self) -> f64 {
        (1.0 - STEADY_LOAD_LIMIT) * (self.most_steady + 1.0)
    }

    /// Number and completed load along the steady states, from none at 0 to the highest of the table at 1.
    fn state_at(&mut self, place: f64, offered_load: f64, steady_number: f64) -> (f64, f64) {
        let load = STEADY_LOAD_LIMIT * place;
        let number = if place == 1.0 { self.most_steady } else { self.table_number(load) };
        (number, 1.0 - self.idle(number, 1.0 - load, offered_load, steady_number))
    }

    /// Number and completed load with more requests than in any steady state of the table: the idle share falls as in M/M/1.
    fn crowded(&self, number: f64, offered_load: f64, steady_number: f64) -> (f64, f64) {
        let idle = (1.0 - STEADY_LOAD_LIMIT) * (self.most_steady + 1.0) / (number + 1.0);
        (number, 1.0 - self.idle(number, idle, offered_load, steady_number))
    }

    /// The idle share with this number of requests, of which a steady state would have `steady`.
    fn idle(&self, number: f64, steady: f64, offered_load: f64, steady_number: f64) -> f64 {
        if offered_load > 1.0 {
            steady * exp(-number * (offered_load - 1.0) / self.fluctuation())
        } else if number > steady_number {
            let beyond = (number - steady_number) / (steady_number + 1.0);
            steady * exp(-beyond * beyond)
        } else {
            steady
        }
    }
}

/// The root in an interval of an increasing function with these values at its ends: false position, with the
/// weight of an end that stays halved (the Illinois rule), which a curve as steep as a queue near
/// saturation needs. Returns the upper end of the interval that holds it, which is narrower than `resolution` of that end.
pub(super) fn root(
    [mut low, mut high]: [f64; 2],
    [mut at_low, mut at_high]: [f64; 2],
    resolution: f64,
    mut value: impl FnMut(f64) -> f64,
) -> f64 {
    let mut kept_side = 0_i32;
    for _ in 0..HALVINGS {
        let width = resolution * high;
        if high - low <= width || at_high <= 0.0 {
            break;
        }
        let guess = (high - at_high * (high - low) / (at_high - at_low)).clamp(low + width / 4.0, high - width / 4.0);
        let at_guess = value(guess);
        if at_guess < 0.0 {
            (low, at_low) = (guess, at_guess);
            at_high = if kept_side == 1 { at_high / 2.0 } else { at_high };
            kept_side = 1;
        } else {
            (high, at_high) = (guess, at_guess);
            at_low = if kept_side == -1 { at_low / 2.0 } else { at_low };
            kept_side = -1;
        }
    }
    high
}
