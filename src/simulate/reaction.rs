//! How soon capacity answers load, and how much load asks for.

use crate::scenario::model::{ScalingMetric, TargetTracking};
use crate::traffic::gauges::MinuteSample;
use crate::traffic::task_model::TaskModel;
use crate::units::SimTime;

/// Measures from the moment that load crosses a policy's target to the first new healthy task. The moment
/// is the start of the minute whose expected value is above the target, the noise of the sample left out.
#[derive(Clone, Debug, Default)]
pub struct Reaction {
    crossed_at: Option<SimTime>,
    answered: bool,
    seconds: Vec<f64>,
}

impl Reaction {
    /// Sees what a minute expects of each metric.
    pub fn minute(&mut self, minute_start: SimTime, policies: &[TargetTracking], sample: &MinuteSample) {
        let above = policies.iter().any(|policy| expected(policy.metric, sample).is_some_and(|value| value > policy.target_value));
        if above {
            self.crossed_at.get_or_insert(minute_start);
        } else if !self.answered {
            self.crossed_at = None;
        }
    }

    /// A policy raised the desired count.
    pub fn scaled_out(&mut self) {
        self.answered |= self.crossed_at.is_some();
    }

    /// A task became healthy.
    pub fn task_healthy(&mut self, now: SimTime) {
        if let (Some(crossed_at), true) = (self.crossed_at, self.answered) {
            self.seconds.push((now - crossed_at).as_seconds_f64());
            self.crossed_at = None;
            self.answered = false;
        }
    }

    /// The reactions in seconds, ascending.
    #[must_use]
    pub fn finish(mut self) -> Vec<f64> {
        self.seconds.sort_unstable_by(f64::total_cmp);
        self.seconds
    }
}

fn expected(metric: ScalingMetric, sample: &MinuteSample) -> Option<f64> {
    match metric {
        ScalingMetric::CpuUtilization => sample.expected_cpu_percent,
        ScalingMetric::MemoryUtilization => sample.memory_percent,
        ScalingMetric::AlbRequestCountPerTarget => sample.requests_per_target,
    }
}

/// Tasks at which a minute's load would meet the targets of all policies; without policies, the tasks
/// that can carry it at all.
#[must_use]
pub fn needed_tasks(task: &TaskModel, policies: &[TargetTracking], sample: &MinuteSample) -> f64 {
    if sample.seconds <= 0.0 {
        return 0.0;
    }
    let rate = sample.offered / sample.seconds;
    let carried = if task.saturated_rate.is_finite() { rate / task.saturated_rate } else { 0.0 };
    let of_policy = |policy: &TargetTracking| match policy.metric {
        ScalingMetric::CpuUtilization => {
            let per_task = task.cores * (policy.target_value / 100.0 - task.idle_cpu);
            if per_task > 0.0 { rate * task.cpu_time.mean() / per_task } else { 0.0 }
        }
        ScalingMetric::MemoryUtilization => sample.memory_percent.map_or(0.0, |memory| sample.healthy_tasks * memory / policy.target_value),
        ScalingMetric::AlbRequestCountPerTarget => rate * 60.0 / policy.target_value,
    };
    policies.iter().map(of_policy).fold(carried, f64::max).ceil()
}
