//! An independent simulation of tasks that share their CPU, request by request: the yardstick of the fluid formulas.
//!
//! It knows nothing of the crate. Requests are dealt out in turn; a task of `cores` gives each of its k requests in a burst
//! min(1, cores / k) of a vCPU; after its burst a request waits without CPU. There is no limit of requests in a task.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use rand::Rng;
use rand_distr::Distribution;

/// What was measured.
pub struct Measured {
    /// Response times in seconds, ascending.
    pub responses: Vec<f64>,
    /// vCPU-seconds that the tasks used in each minute, all of them together.
    pub minutes: Vec<f64>,
}

impl Measured {
    /// The mean response.
    pub fn mean(&self) -> f64 {
        self.responses.iter().sum::<f64>() / self.responses.len() as f64
    }

    /// A quantile of the response.
    pub fn quantile(&self, quantile: f64) -> f64 {
        self.responses[((self.responses.len() - 1) as f64 * quantile).round() as usize]
    }
}

/// Tasks that share their CPU.
pub struct Tasks {
    /// How many.
    pub count: usize,
    /// vCPUs of each.
    pub cores: f64,
    /// Seconds after the burst.
    pub wait_seconds: f64,
    /// Responses and minutes before this time are not measured.
    pub warm_up_minutes: usize,
}

/// A burst under way: it ends when the task has given this much CPU to each of its bursts.
struct Burst {
    ends_at: f64,
    arrived: f64,
}

impl PartialEq for Burst {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Burst {}

impl PartialOrd for Burst {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The burst that ends first is the greatest.
impl Ord for Burst {
    fn cmp(&self, other: &Self) -> Ordering {
        other.ends_at.total_cmp(&self.ends_at)
    }
}

/// One task: its bursts, and the CPU that each of them was given since the beginning.
struct Task {
    bursts: BinaryHeap<Burst>,
    given: f64,
    now: f64,
}

impl Tasks {
    /// Serves these arrivals (seconds, ascending) in turn.
    pub fn serve(&self, arrivals: &[f64], demand: &impl Distribution<f64>, random: &mut impl Rng) -> Measured {
        let minutes = arrivals.last().map_or(0, |last| (last / 60.0) as usize);
        let mut measured = Measured { responses: Vec::with_capacity(arrivals.len()), minutes: vec![0.0; minutes + 1] };
        let mut tasks: Vec<Task> = (0..self.count).map(|_| Task { bursts: BinaryHeap::new(), given: 0.0, now: 0.0 }).collect();
        for (number, &arrived) in arrivals.iter().enumerate() {
            let task = &mut tasks[number % self.count];
            self.work(task, arrived, &mut measured);
            task.bursts.push(Burst { ends_at: task.given + demand.sample(random), arrived });
        }
        measured.minutes.truncate(minutes);
        measured.minutes.drain(..self.warm_up_minutes.min(minutes));
        measured.responses.sort_unstable_by(f64::total_cmp);
        measured
    }

    fn work(&self, task: &mut Task, until: f64, measured: &mut Measured) {
        while let Some(first) = task.bursts.peek() {
            let sharing = task.bursts.len() as f64;
            let rate = (self.cores / sharing).min(1.0);
            let ends = task.now + (first.ends_at - task.given).max(0.0) / rate;
            let stop = ends.min(until);
            use_cpu(measured, task.now, stop, rate * sharing);
            task.given += rate * (stop - task.now);
            task.now = stop;
            if ends > until {
                return;
            }
            if let Some(done) = task.bursts.pop().filter(|done| done.arrived >= 60.0 * self.warm_up_minutes as f64) {
                measured.responses.push(ends - done.arrived + self.wait_seconds);
            }
        }
        task.now = until;
    }
}

/// Books CPU to the minutes in which it was used.
fn use_cpu(measured: &mut Measured, mut from: f64, until: f64, rate: f64) {
    while from < until {
        let minute = (from / 60.0) as usize;
        let end = until.min(60.0 * (minute + 1) as f64);
        if let Some(used) = measured.minutes.get_mut(minute) {
            *used += rate * (end - from);
        }
        // The last bit of a time just before a full minute must not hold the clock.
        from = if end > from { end } else { until };
    }
}

/// Poisson arrivals over some minutes.
pub fn poisson(rate_rps: f64, minutes: usize, random: &mut impl Rng) -> Vec<f64> {
    let gap = rand_distr::Exp::new(rate_rps).expect("a rate above zero");
    let end = 60.0 * minutes as f64;
    let mut arrivals = Vec::with_capacity((1.01 * rate_rps * end) as usize);
    let mut now = gap.sample(random);
    while now < end {
        arrivals.push(now);
        now += gap.sample(random);
    }
    arrivals
}

/// The same number of arrivals in every minute, uniform within it.
pub fn replayed(per_minute: usize, minutes: usize, random: &mut impl Rng) -> Vec<f64> {
    let mut arrivals = Vec::with_capacity(per_minute * minutes);
    let uniform = rand_distr::Uniform::new(0.0, 60.0).expect("a range");
    for minute in 0..minutes {
        let from = arrivals.len();
        arrivals.extend((0..per_minute).map(|_| 60.0 * minute as f64 + uniform.sample(random)));
        arrivals[from..].sort_unstable_by(f64::total_cmp);
    }
    arrivals
}

/// A lognormal of this mean and coefficient of variation.
pub fn lognormal(mean: f64, cv: f64) -> rand_distr::LogNormal<f64> {
    let variance_of_log = (1.0 + cv * cv).ln();
    rand_distr::LogNormal::new(mean.ln() - variance_of_log / 2.0, variance_of_log.sqrt()).expect("a distribution")
}
