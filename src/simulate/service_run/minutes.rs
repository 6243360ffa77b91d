//! What a minute was: its datapoints, as CloudWatch will know them, and what the run itself keeps of it.

use super::ServiceRun;
use crate::control::datapoints::{Datapoints, MINUTE, QueueDatapoints, SAMPLE};
use crate::traffic::gauges::Sample;
use crate::traffic::plane::DataPlane;
use crate::units::{SimDuration, SimTime};

impl ServiceRun {
    /// Ends a minute, or a sample of 20 seconds and with every third one the minute.
    pub(super) fn close_span(&mut self, plane: &mut dyn DataPlane) {
        let sample = self.measure_span(plane);
        if !self.publications.is_high_resolution() {
            self.publications.end_minute();
            self.close_minute(&sample);
            return;
        }
        if self.control.reads_metrics() {
            self.publications.publish_later(self.now, self.datapoints(&sample, SAMPLE));
        }
        if let Some(minute) = self.publications.end_sample(sample) {
            self.close_minute(&minute);
        }
    }

    fn measure_span(&mut self, plane: &mut dyn DataPlane) -> Sample {
        if let Some(meter) = &mut self.queue_meter {
            meter.count(self.now, &plane.take_polling(self.member));
        }
        let (minute, place) = self.publications.minute_and_place();
        if self.publications.is_high_resolution() {
            plane.close_sample(self.member, minute, place)
        } else {
            plane.close_minute(self.member, minute)
        }
    }

    fn close_minute(&mut self, sample: &Sample) {
        if let Some(cpu) = sample.cpu_percent {
            self.cpu.record(cpu);
        }
        if let Some(memory) = sample.memory_percent {
            self.memory.record(memory);
        }
        self.observe_capacity(self.now - MINUTE, sample);
        if self.control.reads_metrics() {
            let mut datapoints = self.datapoints(sample, MINUTE);
            self.hide_sleeping_queue(&mut datapoints, sample);
            self.publications.publish_later(self.now, datapoints);
        }
    }

    /// Takes the metrics of a queue away for which SQS sends none.
    fn hide_sleeping_queue(&mut self, datapoints: &mut Datapoints, sample: &Sample) {
        let Some(queue) = datapoints.queue else { return };
        let is_used = queue.visible >= 1.0 || queue.in_flight >= 1.0 || sample.running_tasks > 0.0;
        if !self.queue_activity.minute(self.now, is_used) {
            datapoints.queue = None;
        }
    }

    /// What CloudWatch will publish of a span that ends now.
    fn datapoints(&self, sample: &Sample, span: SimDuration) -> Datapoints {
        Datapoints {
            end: self.now,
            span,
            cpu: sample.cpu,
            memory: sample.memory,
            requests_per_target: sample.requests_per_target,
            request_count: if sample.healthy_tasks > 0.0 { sample.offered } else { 0.0 },
            response_time: sample.response_time_seconds,
            target_5xx: sample.target_5xx,
            balancer_5xx: sample.elb_5xx,
            healthy: self.control.healthy.value(),
            running: self.control.running.value(),
            pending: self.control.pending(),
            desired: self.control.desired.value(),
            // A queue counts whole messages: the mean of a few hundredths is none at nearly every look.
            queue: sample.messages_visible.map(|visible| QueueDatapoints {
                visible: visible.round(),
                in_flight: sample.messages_in_flight.unwrap_or(0.0).round(),
                age_of_oldest_seconds: sample.age_of_oldest_seconds,
            }),
        }
    }

    /// Judges the part of a minute that the end of the window leaves; no metric is made of it.
    pub(super) fn close_last_minute(&mut self, plane: &mut dyn DataPlane) {
        let span_start = self.publications.span_start();
        if span_start < self.end {
            let sample = self.measure_span(plane);
            let minute = self.publications.unfinished_minute(sample);
            self.observe_capacity(self.end - SimDuration::from_seconds_f64(minute.seconds), &minute);
        }
    }

    /// Compares the minute's load with the targets of the policies and with what is there.
    fn observe_capacity(&mut self, minute_start: SimTime, sample: &Sample) {
        let Some(targets) = &self.targets else { return };
        self.reaction.minute(minute_start, targets.is_above(sample));
        // A minute that began in the warm-up counts with its part in the window.
        let seconds = (self.now - minute_start.max(SimTime::START)).as_seconds_f64().max(0.0);
        if self.control.desired.value() == self.control.max_capacity() {
            self.seconds_at_max_capacity += seconds;
        }
        if sample.healthy_tasks < targets.needed_tasks(sample) - 1e-9 {
            self.seconds_below_needed += seconds;
        }
    }
}
