//! Deployments that move traffic: how much of it the new revision has, and for how long.
//!
//! Shares and their order are those of Amazon ECS (API reference: LinearConfiguration, CanaryConfiguration) and of the
//! predefined configurations of CodeDeploy (CodeDeploy, "Working with deployment configurations").

use super::Series;
use super::scaling::AlarmRule;
use crate::units::SimDuration;

/// How traffic moves to a new revision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrafficShift {
    /// Its name in a scenario and in a result.
    pub name: &'static str,
    /// The shares on the way.
    pub curve: Curve,
    /// From one share to the next.
    pub step_bake: SimDuration,
    /// How long both revisions run once all traffic has moved.
    pub bake: SimDuration,
    /// How long the new revision may take until it is healthy: then the deployment has failed.
    pub stage_limit: SimDuration,
}

/// The shares of traffic, in percent, that the new revision has one after the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Curve {
    /// All of it.
    AllAtOnce,
    /// As much more at each step.
    Linear(f64),
    /// So much, then the rest.
    Canary(f64),
}

impl TrafficShift {
    /// The share of the new revision at a step (from 0), in percent; none when all traffic had moved before.
    #[must_use]
    pub fn share_percent(&self, step: u32) -> Option<f64> {
        let before = |step: u32| match self.curve {
            Curve::AllAtOnce => f64::from(step) * 100.0,
            Curve::Linear(step_percent) => f64::from(step) * step_percent,
            Curve::Canary(percent) if step == 1 => percent,
            Curve::Canary(_) => f64::from(step) * 100.0,
        };
        (before(step) < 100.0).then(|| before(step + 1).min(100.0))
    }
}

/// A CloudWatch alarm that deployments look at.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedAlarm {
    /// Its name.
    pub name: String,
    /// The service whose metric it watches, by its place in the scenario.
    pub service: usize,
    /// The metric and its statistic.
    pub series: Series,
    /// How it is evaluated.
    pub rule: AlarmRule,
}

/// The alarms that fail the deployments of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentAlarms {
    /// Whether a failed deployment is followed by the last revision that was completed.
    pub rollback: bool,
    /// The alarms by their place in the scenario, at least one.
    pub alarms: Vec<usize>,
    /// How long they are watched after a rolling deployment has replaced the last task.
    pub bake: SimDuration,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(curve: Curve) -> Vec<f64> {
        let shift = TrafficShift { name: "", curve, step_bake: SimDuration::ZERO, bake: SimDuration::ZERO, stage_limit: SimDuration::ZERO };
        (0..).map_while(|step| shift.share_percent(step)).collect()
    }

    /// AWS, deployment-type-linear and canary-deployment: the examples of these pages.
    #[test]
    fn shares_are_those_of_the_documentation() {
        assert_eq!(shares(Curve::Linear(10.0)), [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0]);
        assert_eq!(shares(Curve::Canary(10.0)), [10.0, 100.0]);
        assert_eq!(shares(Curve::AllAtOnce), [100.0]);
    }

    /// A last step is no larger than what is left.
    #[test]
    fn a_share_never_exceeds_the_whole() {
        assert_eq!(shares(Curve::Linear(40.0)), [40.0, 80.0, 100.0]);
        assert_eq!(shares(Curve::Linear(100.0)), [100.0]);
        assert_eq!(shares(Curve::Canary(100.0)), [100.0]);
    }
}
