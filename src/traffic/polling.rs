//! How often the workers of a service call their queue.
//!
//! Amazon SQS bills calls, also those that bring nothing (aws.amazon.com/sqs/pricing). Every free slot of a task is a worker
//! that waits for a message in a call (long polling); a call that has waited for `wait_time` comes back empty and the next one
//! begins. Messages go to one of the waiting workers, whichever, so each waits for a time without memory: of calls that wait
//! for w seconds while a worker receives at the rate m, exp(-m w) come back empty, which is m / (exp(m w) - 1) a second.
//!
//! Left out: calls that extend a visibility timeout, and that the last call of a task that stops is cut off.

use crate::math::exp_m1;

/// A call with more bytes than this counts once for each such part (aws.amazon.com/sqs/pricing: 64 KB, of 1,024 bytes).
const BILLED_PART_BYTES: f64 = 65_536.0;

/// How many requests a call with so many bytes is billed as, at least one.
#[must_use]
pub fn billed_requests(bytes: f64) -> f64 {
    (bytes / BILLED_PART_BYTES).ceil().max(1.0)
}

/// What workers asked of their queue over some time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Polling {
    /// Calls that brought messages.
    pub calls: f64,
    /// The requests that these are billed as.
    pub receives: f64,
    /// Requests that delete a message.
    pub deletes: f64,
    /// Time for which workers waited for a message, added up over workers, in seconds.
    pub idle_worker_seconds: f64,
}

impl Polling {
    /// Calls that came back empty, when each takes so many seconds, above zero.
    #[must_use]
    pub fn empty_receives(&self, call_seconds: f64) -> f64 {
        if self.idle_worker_seconds <= 0.0 {
            return 0.0;
        }
        if self.calls <= 0.0 {
            return self.idle_worker_seconds / call_seconds;
        }
        self.calls / exp_m1(self.calls * call_seconds / self.idle_worker_seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_without_messages_polls_once_in_each_wait() {
        // Two workers for an hour, 20 s a call: 2 x 3600 / 20 = 360.
        let polling = Polling { idle_worker_seconds: 7200.0, ..Polling::default() };
        assert!((polling.empty_receives(20.0) - 360.0).abs() < 1e-9);
    }

    #[test]
    fn messages_cut_the_waiting_short() {
        // 7200 idle seconds and 360 calls that bring a message: one message in 20 s of waiting, so exp(-1) of the calls come
        // back empty: 360 / (e - 1) = 209.51.
        let polling = Polling { calls: 360.0, idle_worker_seconds: 7200.0, ..Polling::default() };
        assert!((polling.empty_receives(20.0) - 209.511).abs() < 1e-3);
        // With many more none does, and nothing overflows.
        let busy = Polling { calls: 1e9, ..polling };
        assert!(busy.empty_receives(20.0).abs() < 1e-12);
        // Next to none leaves the number of a worker without any.
        let idle = Polling { calls: 1e-9, ..polling };
        assert!((idle.empty_receives(20.0) - 360.0).abs() < 1e-6);
    }

    #[test]
    fn who_never_waits_polls_in_vain_never() {
        assert!(Polling { calls: 10.0, ..Polling::default() }.empty_receives(20.0).abs() < f64::EPSILON);
    }

    /// aws.amazon.com/sqs/pricing: "each 64 KB chunk of a payload is billed as 1 request", 256 KB are 4.
    #[test]
    fn a_large_payload_is_several_requests() {
        let requests = [0.0, 1_000.0, 65_536.0, 65_537.0, 262_144.0].map(billed_requests);
        assert_eq!(requests.map(|requests| requests as u32), [1, 1, 1, 2, 4]);
    }
}
