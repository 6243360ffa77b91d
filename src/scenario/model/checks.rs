//! The health checks that containers have of their own.

use crate::units::SimDuration;

/// The health check of one container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContainerCheck {
    /// How long after the start of the container failures do not count.
    pub start_period: SimDuration,
    /// How long a container that hangs passes for healthy once failures count: `retries` checks, each of which waits for its timeout, an
    /// interval after the one before.
    pub patience: SimDuration,
}

/// The checks of all containers of a task that have one; the first that gives its container up ends the task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckPatience(Vec<ContainerCheck>);

impl CheckPatience {
    /// None without checks: then nobody notices.
    #[must_use]
    pub fn of(checks: Vec<ContainerCheck>) -> Option<Self> {
        (!checks.is_empty()).then_some(Self(checks))
    }

    /// The age at which containers are given up that answer nothing from an age on. Containers of a task start together.
    #[must_use]
    pub fn given_up_at(&self, age: SimDuration) -> SimDuration {
        let given_up = self.0.iter().map(|check| age.max(check.start_period) + check.patience);
        given_up.min().unwrap_or(age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One gives up after 300 s + 20 s, the other after 0 s + 90 s; a hang at 295 s is noticed at 320 s by the first and at 385 s by the other.
    #[test]
    fn each_container_has_a_start_period_of_its_own() {
        let check = |start_period, patience| ContainerCheck {
            start_period: SimDuration::from_seconds(start_period),
            patience: SimDuration::from_seconds(patience),
        };
        let patience = CheckPatience::of(vec![check(300, 20), check(0, 90)]).expect("two checks");
        for (hangs, noticed) in [(0, 90), (10, 100), (229, 319), (231, 320), (295, 320), (300, 320), (1000, 1020)] {
            assert_eq!(patience.given_up_at(SimDuration::from_seconds(hangs)), SimDuration::from_seconds(noticed), "{hangs}");
        }
        assert_eq!(CheckPatience::of(Vec::new()), None);
    }
}
