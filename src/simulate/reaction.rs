//! How soon capacity answers load, and how much load asks for.

use crate::scenario::model::{Breach, Metric, Policy, TrackedMetric};
use crate::traffic::gauges::Sample;
use crate::traffic::task_model::TaskModel;
use crate::units::SimTime;

/// Measures from the moment that load crosses a policy's target to the first new healthy task. The moment
/// is the start of the minute whose expected value is above the target, the noise of the sample left out.
#[derive(Clone, Debug, Default)]
pub struct Reaction {
    crossed_at: Option<SimTime>,
    answered: bool,
    /// Whether the present crossing has had its new task; the next one begins when load has fallen.
    served: bool,
    seconds: Vec<f64>,
    /// Each scale-out, and when the load that it answers rose.
    scale_outs: Vec<(SimTime, SimTime)>,
}

impl Reaction {
    /// Sees whether a minute is above a policy's target.
    pub fn minute(&mut self, minute_start: SimTime, is_above: bool) {
        if is_above {
            if !self.served {
                self.crossed_at.get_or_insert(minute_start);
            }
        } else {
            self.served = false;
            if !self.answered {
                self.crossed_at = None;
            }
        }
    }

    /// A policy raised the desired count.
    pub fn scaled_out(&mut self, now: SimTime) {
        self.answered |= self.crossed_at.is_some();
        self.scale_outs.extend(self.crossed_at.map(|crossed_at| (now, crossed_at)));
    }

    /// When the load rose that a scale-out answered; none when none of the policies' metrics had crossed its
    /// target.
    #[must_use]
    pub fn load_rose_before(&self, scaled_out: SimTime) -> Option<SimTime> {
        let index = self.scale_outs.binary_search_by_key(&scaled_out, |(time, _)| *time).ok()?;
        Some(self.scale_outs[index].1)
    }

    /// A task became healthy.
    pub fn task_healthy(&mut self, now: SimTime) {
        if let (Some(crossed_at), true) = (self.crossed_at, self.answered) {
            self.seconds.push((now - crossed_at).as_seconds_f64());
            self.crossed_at = None;
            self.answered = false;
            self.served = true;
        }
    }

    /// The reactions in seconds, ascending.
    #[must_use]
    pub fn finish(mut self) -> Vec<f64> {
        self.seconds.sort_unstable_by(f64::total_cmp);
        self.seconds
    }
}

/// What the policies of a service ask of a minute, taken from them once: every minute is compared with it.
#[derive(Clone, Debug)]
pub struct Targets {
    crossings: Vec<Crossing>,
    needs: Vec<Need>,
    saturated_rate: f64,
    cpu_seconds: f64,
}

/// A value beyond which a policy asks for more tasks.
#[derive(Clone, Copy, Debug)]
struct Crossing {
    gauge: Gauge,
    breach: Breach,
    threshold: f64,
}

/// What a policy looks at of a minute.
#[derive(Clone, Copy, Debug)]
enum Gauge {
    ExpectedCpu,
    Memory,
    RequestsPerTarget,
}

/// How a target tracking policy turns load into tasks.
#[derive(Clone, Copy, Debug)]
enum Need {
    /// Each task may use so many vCPUs on requests, more than none.
    Cpu {
        vcpu_per_task: f64,
    },
    Memory {
        target_percent: f64,
    },
    Requests {
        target_per_minute: f64,
    },
}

impl Targets {
    /// Those of the policies of a service.
    #[must_use]
    pub fn new(task: &TaskModel, policies: &[Policy]) -> Self {
        Self {
            crossings: policies.iter().filter_map(crossing_of).collect(),
            needs: policies.iter().filter_map(|policy| need_of(policy, task)).collect(),
            saturated_rate: task.saturated_rate,
            cpu_seconds: task.cpu_time.mean(),
        }
    }

    /// Whether a minute's expected values ask a policy for more tasks.
    #[must_use]
    pub fn is_above(&self, sample: &Sample) -> bool {
        self.crossings.iter().any(|crossing| {
            let value = match crossing.gauge {
                Gauge::ExpectedCpu => sample.expected_cpu_percent,
                Gauge::Memory => sample.memory_percent,
                Gauge::RequestsPerTarget => sample.requests_per_target,
            };
            value.is_some_and(|value| crossing.breach.holds(value, crossing.threshold))
        })
    }

    /// Tasks at which a minute's load would meet the targets of all target tracking policies; without such,
    /// the tasks that can carry it at all.
    #[must_use]
    pub fn needed_tasks(&self, sample: &Sample) -> f64 {
        if sample.seconds <= 0.0 {
            return 0.0;
        }
        let rate = sample.offered / sample.seconds;
        let carried = if self.saturated_rate.is_finite() { rate / self.saturated_rate } else { 0.0 };
        let wanted = self.needs.iter().map(|need| match need {
            Need::Cpu { vcpu_per_task } => rate * self.cpu_seconds / vcpu_per_task,
            Need::Memory { target_percent } => sample.memory_percent.map_or(0.0, |memory| sample.healthy_tasks * memory / target_percent),
            Need::Requests { target_per_minute } => rate * 60.0 / target_per_minute,
        });
        wanted.fold(carried, f64::max).ceil()
    }
}

fn crossing_of(policy: &Policy) -> Option<Crossing> {
    match policy {
        Policy::TargetTracking(policy) => {
            let gauge = match &policy.metric {
                TrackedMetric::CpuUtilization { .. } => Gauge::ExpectedCpu,
                TrackedMetric::MemoryUtilization { .. } => Gauge::Memory,
                TrackedMetric::AlbRequestCountPerTarget => Gauge::RequestsPerTarget,
                TrackedMetric::Customized(_) => return None,
            };
            Some(Crossing { gauge, breach: Breach::GreaterThanThreshold, threshold: policy.target_value })
        }
        Policy::Step(policy) if policy.alarm.breach.is_upward() => {
            let gauge = match policy.series.metric {
                Metric::CpuUtilization => Gauge::ExpectedCpu,
                Metric::MemoryUtilization => Gauge::Memory,
                Metric::RequestCountPerTarget => Gauge::RequestsPerTarget,
                _ => return None,
            };
            Some(Crossing { gauge, breach: policy.alarm.breach, threshold: policy.alarm.threshold })
        }
        Policy::Step(_) | Policy::Predictive(_) => None,
    }
}

fn need_of(policy: &Policy, task: &TaskModel) -> Option<Need> {
    let policy = policy.target_tracking()?;
    match &policy.metric {
        TrackedMetric::CpuUtilization { .. } => {
            let vcpu_per_task = task.cores * (policy.target_value / 100.0 - task.idle_cpu);
            (vcpu_per_task > 0.0).then_some(Need::Cpu { vcpu_per_task })
        }
        TrackedMetric::MemoryUtilization { .. } => Some(Need::Memory { target_percent: policy.target_value }),
        TrackedMetric::AlbRequestCountPerTarget => Some(Need::Requests { target_per_minute: policy.target_value }),
        TrackedMetric::Customized(_) => None,
    }
}
