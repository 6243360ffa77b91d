//! Tasks that stop before they run hold further starts of their revision back.
//!
//! Amazon ECS makes the pauses longer and longer, up to 27 minutes, and never gives up; a new task definition starts
//! afresh, and tasks that stop after they ran are not held back (AWS, service-throttle-logic). How the pauses grow is
//! not documented: here they double from a minute, tasks that were launched together count once, and a task that runs
//! ends the growth.

use crate::units::{SimDuration, SimTime};

/// The first pause.
const FIRST: SimDuration = SimDuration::from_seconds(60);
/// The longest pause (AWS, service-throttle-logic; 15 minutes until 2023).
const LONGEST: SimDuration = SimDuration::from_seconds(27 * 60);

/// The pauses of one revision.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Throttle {
    /// Rounds of failures since a task ran.
    rounds: u32,
    /// When the pause ends, and when it began; none before the first failure.
    pause: Option<(SimTime, SimTime)>,
}

impl Throttle {
    /// Whether tasks may start.
    pub(super) fn is_over(&self, now: SimTime) -> bool {
        self.pause.is_none_or(|(over, _)| now >= over)
    }

    /// A task that was launched at a time stopped now before it ran. Returns when the pause ends that begins with it; none:
    /// one has begun before.
    pub(super) fn failed(&mut self, now: SimTime, launched: SimTime) -> Option<SimTime> {
        if self.pause.is_some_and(|(_, began)| launched <= began) {
            return None;
        }
        // Five doublings pass the longest pause.
        let pause = (FIRST * (1_i64 << self.rounds.min(5))).min(LONGEST);
        self.rounds += 1;
        self.pause = Some((now + pause, now));
        Some(now + pause)
    }

    /// A task runs.
    pub(super) fn started(&mut self) {
        self.rounds = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 60 s, doubled each time, at most 27 minutes.
    #[test]
    fn pauses_double_up_to_27_minutes() {
        let mut throttle = Throttle::default();
        let mut now = SimTime::from_seconds(100);
        let mut pauses = Vec::new();
        for _ in 0..7 {
            let over = throttle.failed(now, now).expect("a new pause");
            // A second task of the same launch changes nothing.
            assert_eq!(throttle.failed(now + SimDuration::from_seconds(1), now), None);
            pauses.push((over - now).as_seconds_f64() as i64);
            assert!(!throttle.is_over(over - SimDuration::from_seconds(1)) && throttle.is_over(over));
            now = over + SimDuration::from_seconds(30);
        }
        assert_eq!(pauses, [60, 120, 240, 480, 960, 1620, 1620]);
        throttle.started();
        assert_eq!(throttle.failed(now, now), Some(now + FIRST));
    }
}
