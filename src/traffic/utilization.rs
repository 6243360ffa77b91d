//! From what flowed through a service in a span to what CloudWatch shows of it, for every data plane.
//!
//! ECS samples a task every 20 seconds. Metrics of one minute hold three samples in a datapoint, so their
//! average, minimum and maximum are those of the three; metrics of 20 seconds publish each alone.

use super::cpu_noise::Measured;
use super::gauges::{Gauges, RowFigures, Sample};
use super::response::ResponseTable;
use super::rows::Row;
use crate::metrics::StatisticSet;
use crate::scenario::model::Service;

/// What a task has, to which its use is compared.
#[derive(Clone, Copy, Debug)]
pub struct Utilization {
    cores: f64,
    memory_bytes: f64,
    memory_base_bytes: f64,
    memory_per_request_bytes: f64,
}

impl Utilization {
    /// The tasks of a service.
    #[must_use]
    pub fn of(service: &Service) -> Self {
        Self {
            cores: service.task.cpu.as_vcpu(),
            memory_bytes: service.task.memory.as_bytes() as f64,
            memory_base_bytes: service.workload.memory_base_bytes,
            memory_per_request_bytes: service.workload.memory_per_request_bytes,
        }
    }

    /// CPU utilisation of a span in which requests used so many vCPU-seconds, in percent; none without a
    /// running task.
    #[must_use]
    pub fn cpu_percent(&self, gauges: &Gauges, request_vcpu_seconds: f64) -> Option<f64> {
        let reserved = gauges.running_task_seconds * self.cores;
        (reserved > 0.0).then(|| percent_of(gauges.other_vcpu_seconds + request_vcpu_seconds, reserved))
    }

    /// Memory utilisation of a span in percent; none without a running task.
    #[must_use]
    pub fn memory_percent(&self, gauges: &Gauges) -> Option<f64> {
        let reserved = gauges.running_task_seconds * self.memory_bytes;
        let used = gauges.running_task_seconds * self.memory_base_bytes + gauges.request_seconds * self.memory_per_request_bytes;
        (reserved > 0.0).then(|| (100.0 * used / reserved).min(100.0))
    }

    /// The measurement of a span that holds this many samples of 20 seconds; what became of its requests, and
    /// a queue, are left to the plane.
    #[must_use]
    pub fn sample(&self, span: &Gauges, measured: Measured, samples: u32) -> Sample {
        let samples = f64::from(samples);
        let of_samples =
            |average: f64, minimum: f64, maximum: f64| StatisticSet { sample_count: samples, sum: samples * average, minimum, maximum };
        let reserved = span.running_task_seconds * self.cores;
        let percent = |vcpu_seconds: f64| percent_of(span.other_vcpu_seconds + vcpu_seconds, reserved);
        let cpu_percent = (reserved > 0.0).then(|| percent(measured.vcpu_seconds));
        let cpu = cpu_percent.map(|average| {
            if measured.least == measured.most {
                return of_samples(average, average, average);
            }
            of_samples(average, percent(samples * measured.least), percent(samples * measured.most))
        });
        let memory_percent = self.memory_percent(span);
        let mean_of = |task_seconds: f64| if span.seconds > 0.0 { task_seconds / span.seconds } else { 0.0 };
        Sample {
            cpu_percent,
            expected_cpu_percent: (reserved > 0.0).then(|| percent(expected_vcpu_seconds(span))),
            memory_percent,
            offered: span.offered,
            healthy_tasks: mean_of(span.healthy_task_seconds),
            seconds: span.seconds,
            running_tasks: mean_of(span.running_task_seconds),
            cpu,
            memory: memory_percent.map(|memory| of_samples(memory, memory, memory)),
            ..Sample::default()
        }
    }

    /// What a row of the timeline shows.
    #[must_use]
    pub fn row(&self, row: &Row, table: &ResponseTable) -> RowFigures {
        let seconds = (row.end - row.start).as_seconds_f64();
        RowFigures {
            offered_rps: row.window.offered / seconds,
            served_rps: row.window.served / seconds,
            failed_rps: row.window.failed / seconds,
            cpu_percent: self.cpu_percent(&row.gauges, row.gauges.request_vcpu_seconds),
            memory_percent: self.memory_percent(&row.gauges),
            mean_seconds: row.window.mean_seconds(),
            percentiles_seconds: row.window.percentiles(table),
            waiting: row.gauges.waiting_seconds / seconds,
        }
    }
}

fn percent_of(used: f64, reserved: f64) -> f64 {
    (100.0 * used / reserved).clamp(0.0, 100.0)
}

/// The work of a span without its noise: no more than the tasks can do.
#[must_use]
pub fn expected_vcpu_seconds(span: &Gauges) -> f64 {
    span.request_vcpu_seconds.min(span.request_capacity_vcpu_seconds.max(0.0))
}
