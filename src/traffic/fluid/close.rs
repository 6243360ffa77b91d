//! What a plane shows at the end of a minute, of a sample of 20 seconds, or of a row of the timeline.
//!
//! ECS samples a task every 20 seconds. Metrics of one minute hold three samples in a datapoint, so their
//! average, minimum and maximum are those of the three; metrics of 20 seconds publish each alone. A service
//! is therefore closed either every minute or every 20 seconds, never both, and both ways it meets the same
//! noise: that of a sample is keyed by its minute and its place in it.

use super::FluidPlane;
use crate::metrics::StatisticSet;
use crate::traffic::cpu_noise::{Measured, SAMPLES_PER_MINUTE, smoothed_variance};
use crate::traffic::gauges::{Gauges, RowFigures, Sample};
use crate::traffic::utilization::expected_vcpu_seconds;
use crate::units::SimTime;

impl FluidPlane {
    /// Ends a minute and returns what it measured. `minute_number` counts minutes from the Unix epoch.
    pub fn close_minute(&mut self, minute_number: u64) -> Sample {
        let span = std::mem::take(&mut self.span);
        let expected = expected_vcpu_seconds(&span);
        let deviation = self.deviation_of_work(&span, 1.0);
        let measured = self.noise.minute(minute_number, expected, deviation, span.request_capacity_vcpu_seconds);
        self.close(&span, measured, SAMPLES_PER_MINUTE)
    }

    /// Ends a sample of 20 seconds and returns what it measured: the first (0), second or third one of a
    /// minute, which is counted from the Unix epoch.
    pub fn close_sample(&mut self, minute_number: u64, sample_of_minute: u32) -> Sample {
        let span = std::mem::take(&mut self.span);
        let expected = expected_vcpu_seconds(&span);
        let deviation = self.deviation_of_work(&span, f64::from(SAMPLES_PER_MINUTE));
        let capacity = span.request_capacity_vcpu_seconds;
        let measured = self.noise.sample((minute_number, sample_of_minute), expected, deviation, capacity);
        self.close(&span, measured, 1)
    }

    fn close(&mut self, span: &Gauges, measured: Measured, samples: u32) -> Sample {
        if let Some(rows) = &mut self.rows {
            rows.add_request_vcpu_seconds(self.span_start, self.now, measured.vcpu_seconds - span.request_vcpu_seconds);
        }
        self.span_start = self.now;
        let answers = std::mem::take(&mut self.answers);
        let mut sample = self.utilization.sample(span, measured, samples);
        sample.requests_per_target = (span.healthy_task_seconds > 0.0).then(|| span.offered * span.seconds / span.healthy_task_seconds);
        sample.response_time_seconds =
            (answers.accepted > 0.0).then(|| StatisticSet::of_mean(answers.response_seconds / answers.accepted, answers.accepted));
        sample.served = answers.accepted - answers.errors;
        sample.target_5xx = answers.errors;
        sample.elb_5xx = answers.lost;
        sample
    }

    /// The standard deviation of the CPU time spent on requests in a span, over all tasks. The span is one of
    /// `spans` of its minute: it has its share of the variance that a minute like it would have, so that
    /// samples which are drawn apart from one another add up to their minute.
    fn deviation_of_work(&self, span: &Gauges, spans: f64) -> f64 {
        if span.saturated {
            return 0.0;
        }
        if span.healthy_task_seconds <= 0.0 || span.seconds <= 0.0 {
            return span.work_variance.max(0.0).sqrt();
        }
        let tasks = span.healthy_task_seconds / span.seconds;
        let rate_rps = span.offered / span.healthy_task_seconds;
        let of_one = span.work_variance / tasks * spans;
        let cores = self.task.cores_for_requests();
        let variance = tasks * smoothed_variance(of_one, span.seconds * spans, rate_rps, self.demand, cores, tasks) / spans;
        variance.max(0.0).sqrt()
    }

    /// The figures of the oldest row that ended by this time and was not yet returned.
    pub fn finished_row(&mut self, by: SimTime) -> Option<RowFigures> {
        let row = self.rows.as_mut()?.finished(by)?;
        let figures = self.utilization.row(&row, &self.table);
        if let Some(rows) = &mut self.rows {
            rows.reuse(row);
        }
        Some(figures)
    }
}
