//! What happens during a run besides traffic: failures, outages, and what people do by hand.

use jiff::tz::TimeZone;

use super::Moment;
use crate::calendar::Schedule;
use crate::units::SimDuration;

/// Something that happens, once or again and again.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When.
    pub when: When,
    /// What.
    pub kind: EventKind,
}

/// When something happens.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// Once.
    At(Moment),
    /// Whenever a schedule comes, by the clock of a time zone; a rate comes at the start first.
    Scheduled(Schedule, TimeZone),
}

/// What happens. A service is named by its place in the scenario.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EventKind {
    /// A revision is deployed.
    Deployment {
        /// The service.
        service: usize,
        /// Its place among the service's revisions.
        revision: u32,
    },
    /// What a service has is deployed once more, as by `aws ecs update-service --force-new-deployment`.
    Redeployment {
        /// The service.
        service: usize,
        /// The share of the new tasks that stop instead of starting, 0 to 1.
        start_failure: f64,
    },
    /// Spot launches nothing, for any service; what runs there runs on.
    SpotShortage {
        /// How long.
        duration: SimDuration,
    },
    /// Spot takes tasks of every service back.
    SpotInterruption {
        /// The share of each service's Spot tasks, 0 to 1.
        share: f64,
        /// The zone, from 0; none: all.
        zone: Option<u8>,
    },
    /// Somebody sets the desired count, as by `aws ecs update-service --desired-count`.
    DesiredCount {
        /// The service.
        service: usize,
        /// The new count.
        desired_count: u32,
    },
    /// Tasks crash.
    TaskFailure {
        /// The service.
        service: usize,
        /// How many, at least 1.
        count: u32,
    },
    /// Tasks go on to accept requests and answer none.
    TaskHang {
        /// The service.
        service: usize,
        /// How many, at least 1.
        count: u32,
    },
    /// What requests wait for becomes slower.
    DependencySlowdown {
        /// The service.
        service: usize,
        /// The factor on its `wait_time`, not below 0.
        factor: f64,
        /// How long.
        duration: SimDuration,
    },
    /// An Availability Zone fails, for all services.
    ZoneOutage {
        /// The zone, from 0.
        zone: u8,
        /// How long no task can start there.
        duration: SimDuration,
    },
}

impl EventKind {
    /// The service that it happens to, by its place in the scenario; none: all of them.
    #[must_use]
    pub const fn service(&self) -> Option<usize> {
        match self {
            Self::Deployment { service, .. }
            | Self::Redeployment { service, .. }
            | Self::DesiredCount { service, .. }
            | Self::TaskFailure { service, .. }
            | Self::TaskHang { service, .. }
            | Self::DependencySlowdown { service, .. } => Some(*service),
            Self::ZoneOutage { .. } | Self::SpotShortage { .. } | Self::SpotInterruption { .. } => None,
        }
    }

    /// How long it lasts; none when it is over at once, or ends by itself.
    #[must_use]
    pub const fn duration(&self) -> Option<SimDuration> {
        match self {
            Self::DependencySlowdown { duration, .. } | Self::ZoneOutage { duration, .. } => Some(*duration),
            Self::Deployment { .. }
            | Self::Redeployment { .. }
            | Self::SpotShortage { .. }
            | Self::SpotInterruption { .. }
            | Self::DesiredCount { .. }
            | Self::TaskFailure { .. }
            | Self::TaskHang { .. } => None,
        }
    }

    /// Its name in a scenario.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Deployment { .. } | Self::Redeployment { .. } => "deployment",
            Self::SpotShortage { .. } => "spot_shortage",
            Self::SpotInterruption { .. } => "spot_interruption",
            Self::DesiredCount { .. } => "desired_count",
            Self::TaskFailure { .. } => "task_failure",
            Self::TaskHang { .. } => "task_hang",
            Self::DependencySlowdown { .. } => "dependency_slowdown",
            Self::ZoneOutage { .. } => "zone_outage",
        }
    }

    /// Whether it reaches into tasks: it changes what becomes of requests that a task already has.
    #[must_use]
    pub const fn changes_running_tasks(&self) -> bool {
        matches!(self, Self::TaskHang { .. } | Self::DependencySlowdown { .. })
    }
}
