//! Whether CloudWatch shows metrics of a queue.
//!
//! SQS sends metrics of active queues alone. A queue stays active for some six hours after it last held a
//! message or was last called, and when it is used again after that its metrics come up to a quarter of an
//! hour late (developer guide of Amazon SQS, monitoring-using-cloudwatch). So a service that sleeps at night
//! with an empty queue wakes later than its alarm alone would tell. A task that runs calls its queue all the
//! time. Sending a message is a call too: it shows as a message that the queue holds at the end of the minute.

use crate::scenario::model::Assumptions;
use crate::units::{SimDuration, SimTime};

/// The activity of one queue, minute by minute.
#[derive(Clone, Copy, Debug)]
pub struct QueueActivity {
    inactive_after: SimDuration,
    activation_delay: SimDuration,
    /// The end of the last minute in which it was used.
    last_used: SimTime,
    /// From when on there are metrics, if it is active.
    shown_from: SimTime,
}

impl QueueActivity {
    /// A queue that is in use when the run begins.
    pub const fn new(assumptions: &Assumptions, from: SimTime) -> Self {
        Self {
            inactive_after: assumptions.queue_inactive_after,
            activation_delay: assumptions.queue_activation_delay,
            last_used: from,
            shown_from: from,
        }
    }

    /// Ends a minute in which the queue was used or not. Returns whether there are metrics of it.
    pub fn minute(&mut self, now: SimTime, is_used: bool) -> bool {
        let is_asleep = now - self.last_used > self.inactive_after;
        if is_used {
            if is_asleep {
                self.shown_from = now + self.activation_delay;
            }
            self.last_used = now;
        }
        (is_used || !is_asleep) && now >= self.shown_from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The minutes of a queue, 10 minutes to fall asleep and 3 to wake up, in which it has metrics; used in these
    /// minutes, counted from 1 by their end.
    fn shown(used: &[i64], until: i64) -> Vec<i64> {
        let mut activity = QueueActivity {
            inactive_after: SimDuration::from_seconds(600),
            activation_delay: SimDuration::from_seconds(180),
            last_used: SimTime::START,
            shown_from: SimTime::START,
        };
        let minute_ends = |minute: i64| SimTime::from_seconds(60 * minute);
        (1..=until).filter(|minute| activity.minute(minute_ends(*minute), used.contains(minute))).collect()
    }

    #[test]
    fn an_unused_queue_falls_silent_and_wakes_late() {
        // Used at the start: silent from the 11th minute on. Used in the 20th: metrics from the 23rd on, three
        // minutes later, and for ten minutes after the last use.
        let expected: Vec<i64> = (1..=10).chain(23..=30).collect();
        assert_eq!(shown(&[20], 40), expected);
    }

    #[test]
    fn a_pause_that_is_short_enough_leaves_no_gap() {
        assert_eq!(shown(&[10, 20, 30], 40), (1..=40).collect::<Vec<i64>>());
        // A minute more, and the queue was asleep: 21 to 23 are missing.
        let expected: Vec<i64> = (1..=20).chain(24..=31).collect();
        assert_eq!(shown(&[10, 21], 40), expected);
    }

    #[test]
    fn a_second_use_does_not_prolong_the_awakening() {
        let expected: Vec<i64> = (1..=10).chain(23..=32).collect();
        assert_eq!(shown(&[20, 21, 22], 40), expected);
    }
}
