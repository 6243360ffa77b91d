//! The control plane: the rare events that change which tasks exist.
//!
//! It never sees traffic. It reads the datapoints that the data plane measured, when they are published,
//! as AWS does, and answers with changes of the fleet.

pub mod account;
pub mod alarms;
pub mod datapoints;
pub mod instances;
pub mod scaling;
pub mod service;
pub mod strategy;
pub mod tasks;

use crate::fleet::TaskId;
use crate::scenario::model::CapacityProvider;
use instances::InstanceEvent;
use service::SpotEvent;

/// What happens first among the events of one instant: causes before effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// A task reaches its next state.
    LifeCycle,
    /// Spot takes capacity back.
    Interruption,
    /// A minute, a row of the timeline or a window of the service level ends.
    Close,
    /// The window begins: what was counted before is forgotten.
    WindowStart,
    /// Scheduled actions run, forecasts change, and the events of the scenario happen.
    Clock,
    /// A datapoint is published: alarms are evaluated and policies act.
    Publication,
    /// The service scheduler starts and stops tasks.
    Scheduling,
}

/// An event of one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The start of the window that counts.
    WindowStart,
    /// Scheduled actions run.
    ScheduledActions,
    /// The capacity of a forecast changes, or the forecast is renewed.
    Forecast,
    /// An event of the scenario happens.
    Happens {
        /// Its place in the scenario.
        number: u32,
        /// Whether it is over.
        is_over: bool,
    },
    /// A tick of the service scheduler.
    SchedulerTick,
    /// Tasks that failed to start may be launched again.
    LaunchPauseEnds,
    /// The time of a deployment has come.
    DeploymentTimer {
        /// The number of the time: the last one that was set counts.
        number: u32,
    },
    /// An alarm that deployments of the service look at goes to ALARM, or leaves it.
    AlarmChanged {
        /// Its place in the scenario.
        alarm: u32,
        /// Whether it is in ALARM.
        is_raised: bool,
    },
    /// Spot capacity comes or goes.
    Spot(SpotEvent),
    /// Something happens to a group of instances, and to no service.
    Instances(InstanceEvent),
    /// An instance with tasks of the service takes no more of them and ends with the last one.
    InstanceDrains {
        /// Its provider.
        provider: CapacityProvider,
        /// Its number there.
        instance: u32,
    },
    /// An instance with tasks of the service is gone.
    InstanceEnds {
        /// Its provider.
        provider: CapacityProvider,
        /// Its number there.
        instance: u32,
    },
    /// A step in the life of a task; stale when the task's epoch has moved on.
    Task {
        /// The task.
        task: TaskId,
        /// Its epoch when the event was made.
        epoch: u8,
        /// What happens to it.
        step: TaskStep,
    },
}

/// A step in the life of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskStep {
    /// Its network is there: the image pull, and the bill, begin.
    PullStarts,
    /// The image is there: the container starts.
    ContainerStarts,
    /// The application is ready.
    BecomesReady,
    /// The first health check succeeds.
    BecomesHealthy,
    /// Its balancer checks it.
    HealthCheck,
    /// The time for an answer to the check is over.
    HealthCheckDeadline,
    /// It has run for long enough to count as healthy without a check.
    CountsAsHealthy,
    /// The checks of a task that hangs have failed often enough.
    FailsChecks,
    /// Failed checks begin to count.
    GracePeriodEnds,
    /// Its balancer has let go of it: it is told to end (SIGTERM) and may finish what it has.
    Terminates,
    /// It stops.
    Stops,
    /// Spot warns that it takes the capacity back.
    SpotWarning,
}
