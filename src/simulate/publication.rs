//! When spans of measurement end, and when CloudWatch shows what was measured in them.
//!
//! A service publishes a datapoint a minute, and with high-resolution metrics one every 20 seconds of CPU and
//! memory besides. Minutes are those of the wall clock. A datapoint becomes visible some time after its span
//! has ended; until then no alarm and no policy knows of it.

use std::collections::VecDeque;

use jiff::Timestamp;

use crate::control::datapoints::{Datapoints, MINUTE, SAMPLE};
use crate::scenario::model::Assumptions;
use crate::traffic::gauges::Sample;
use crate::units::{NANOS_PER_SECOND, SimDuration, SimTime};

/// The spans of one service and its unpublished datapoints.
pub struct Publications {
    step: SimDuration,
    minute_delay: SimDuration,
    sample_delay: SimDuration,
    next_end: SimTime,
    /// The minute of the present span since the Unix epoch, and the place of the sample in it.
    minute_number: i64,
    place: u32,
    minutes: VecDeque<(SimTime, Datapoints)>,
    samples: VecDeque<(SimTime, Datapoints)>,
    /// When the first of both becomes visible; never without one.
    next_publication: SimTime,
    /// The samples of the present minute.
    minute: Option<Sample>,
}

impl Publications {
    /// The spans from `from` on, `start` being the wall-clock time of simulated time 0.
    pub fn new(high_resolution: bool, assumptions: &Assumptions, start: Timestamp, from: SimTime) -> Self {
        let step = if high_resolution { SAMPLE } else { MINUTE };
        let offset = SimDuration::from_nanos(start.as_nanosecond().rem_euclid(i128::from(step.as_nanos())) as i64);
        let next_end = (from + SimDuration::from_nanos(1) + offset).round_up(step) - offset;
        let seconds_into = (next_end - step).as_nanos().div_euclid(NANOS_PER_SECOND);
        let epoch_seconds = start.as_second() + seconds_into;
        Self {
            step,
            minute_delay: assumptions.minute_publication_delay,
            sample_delay: assumptions.high_resolution_publication_delay,
            next_end,
            minute_number: epoch_seconds.div_euclid(60),
            place: (epoch_seconds.rem_euclid(60) * NANOS_PER_SECOND / SAMPLE.as_nanos()) as u32,
            minutes: VecDeque::new(),
            samples: VecDeque::new(),
            next_publication: SimTime::NEVER,
            minute: None,
        }
    }

    /// Whether spans are samples of 20 seconds.
    pub const fn is_high_resolution(&self) -> bool {
        !self.samples_are_minutes()
    }

    const fn samples_are_minutes(&self) -> bool {
        self.step.as_nanos() == MINUTE.as_nanos()
    }

    /// When the present span ends.
    pub const fn next_end(&self) -> SimTime {
        self.next_end
    }

    /// When the present span began.
    pub fn span_start(&self) -> SimTime {
        self.next_end - self.step
    }

    /// The minute of the present span since the Unix epoch, and the place of the sample in it.
    pub const fn minute_and_place(&self) -> (u64, u32) {
        (self.minute_number.unsigned_abs(), self.place)
    }

    /// Ends the present span, which is a whole minute.
    pub fn end_minute(&mut self) {
        self.next_end = self.next_end + self.step;
        self.minute_number += 1;
    }

    /// Ends the present span, which is a sample, with what was measured in it. Returns the measurement of the
    /// whole minute if one ends with it.
    pub fn end_sample(&mut self, sample: Sample) -> Option<Sample> {
        self.next_end = self.next_end + self.step;
        let minute = match self.minute.take() {
            Some(earlier) => earlier.merge(&sample),
            None => sample,
        };
        if self.place == 2 {
            (self.minute_number, self.place) = (self.minute_number + 1, 0);
            return Some(minute);
        }
        self.place += 1;
        self.minute = Some(minute);
        None
    }

    /// What was measured of a minute that does not come to its end, `last` being the rest of its present span.
    pub fn unfinished_minute(&mut self, last: Sample) -> Sample {
        self.minute.take().map_or(last, |earlier| earlier.merge(&last))
    }

    /// Keeps the datapoint of a span that ended at `now` until it is published.
    pub fn publish_later(&mut self, now: SimTime, datapoints: Datapoints) {
        let (queue, delay) =
            if datapoints.span == MINUTE { (&mut self.minutes, self.minute_delay) } else { (&mut self.samples, self.sample_delay) };
        queue.push_back((now + delay, datapoints));
        self.next_publication = self.next_publication.min(now + delay);
    }

    /// When the next datapoint becomes visible; never without one.
    pub const fn next_publication(&self) -> SimTime {
        self.next_publication
    }

    /// The next datapoint that becomes visible; of those of one time samples come before minutes. (It is shown
    /// where it lies: it is large, and there is one in every minute.)
    pub fn visible(&self) -> Option<&Datapoints> {
        let queue = if self.is_sample_next() { &self.samples } else { &self.minutes };
        queue.front().map(|(_, datapoints)| datapoints)
    }

    /// Drops the datapoint that has become visible.
    pub fn forget_visible(&mut self) {
        let queue = if self.is_sample_next() { &mut self.samples } else { &mut self.minutes };
        queue.pop_front();
        self.next_publication = time_of_first(&self.minutes).min(time_of_first(&self.samples));
    }

    fn is_sample_next(&self) -> bool {
        !self.samples.is_empty() && time_of_first(&self.samples) == self.next_publication
    }
}

/// When the first datapoint of a queue becomes visible; never without one.
fn time_of_first(queue: &VecDeque<(SimTime, Datapoints)>) -> SimTime {
    queue.front().map_or(SimTime::NEVER, |(time, _)| *time)
}
