//! What happens during a run.

use super::TaskCount;
use crate::calendar::Schedule;
use crate::scenario::check;
use crate::scenario::shape::{Patch, choice, shape};
use crate::scenario::values::duration::{SECOND, Span, YEAR};
use crate::scenario::values::number::{Fraction, NonNegative, Whole};
use crate::scenario::values::text::Text;
use crate::scenario::values::time::{Moment, ZoneName};

choice! {
    /// What happens.
    EventKind {
        /// A new revision is deployed.
        Deployment = "deployment",
        /// A zone fails.
        ZoneOutage = "zone_outage",
        /// There is no Spot capacity.
        SpotShortage = "spot_shortage",
        /// Spot tasks are interrupted.
        SpotInterruption = "spot_interruption",
        /// Tasks stop.
        TaskFailure = "task_failure",
        /// Tasks accept requests and answer none.
        TaskHang = "task_hang",
        /// What requests wait for becomes slower.
        DependencySlowdown = "dependency_slowdown",
        /// The desired count is set, as by `aws ecs update-service`.
        DesiredCount = "desired_count",
    }
}

choice! {
    /// An Availability Zone of the cluster.
    Zone {
        /// The first.
        A = "a",
        /// The second.
        B = "b",
        /// The third.
        C = "c",
        /// The fourth.
        D = "d",
        /// The fifth.
        E = "e",
        /// The sixth.
        F = "f",
    }
}

shape! {
    /// Something that happens during a run. Which keys it takes depends on its kind.
    Event {
        /// What happens.
        required kind: EventKind;
        /// When; this or a schedule.
        optional at: Moment;
        /// When, again and again.
        optional schedule: Schedule;
        /// The IANA time zone of the schedule.
        default timezone: ZoneName = "UTC";
        /// The service that it happens to.
        optional service: Text;
        /// Deployment: a merge patch over the service.
        optional revision: Patch;
        /// Deployment: the share of new tasks that fail to start.
        default start_failure: Fraction<0, 100> = "0%";
        /// The zone; Spot interruption: omitted, all zones.
        optional zone: Zone;
        /// How long it lasts.
        optional duration: Span<SECOND, YEAR>;
        /// Spot interruption: the share of Spot tasks.
        default share: Fraction<0, 100> = "100%";
        /// Task failure and hang: how many tasks.
        default count: Whole<1, 100_000> = "1";
        /// Dependency slowdown: the factor on wait_time.
        optional factor: NonNegative;
        /// Desired count: the new one.
        optional desired_count: TaskCount;
    }
    check check::event::check;
}
