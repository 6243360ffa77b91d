//! When checks that do not share the workers call a task healthy, and when they find out that it hangs.
//!
//! A balancer learns of a task at a tick of the scheduler, a few ticks after its container started, and takes it for healthy
//! after one success (AWS, load-balancer-healthcheck: a new target needs one). Without a balancer clients ask the registry of the
//! service, which knows the result of the container's own check: the first one runs an interval after the container
//! started and the next ones an interval apart, so the first after the application is ready succeeds (API reference of Amazon
//! ECS, HealthCheck; the phase is Docker's). A worker on a queue asks nobody and begins when it is ready.
//!
//! A task that hangs lets every check run into its timeout. A balancer checks in a fixed rhythm: `unhealthy_threshold`
//! intervals. The container's checks come an interval after the one before has ended, so `retries` of them take
//! `retries` x (`interval` + `timeout`), and none counts before its `start_period` is over; of several containers the first that
//! is given up counts. Both are the longest that it can
//! take: the first check after the hang may come sooner.
//!
//! Left out: applications that become ready so late that their checks give them up before; `ecsim check` warns of them.

use super::ServiceControl;
use crate::fleet::TaskId;
use crate::units::SimTime;

impl ServiceControl {
    /// When a task that is ready now receives its first request.
    pub(super) fn first_success(&self, now: SimTime, id: TaskId) -> SimTime {
        let started = self.tasks.get(id).container_started.unwrap_or(now);
        if self.settings.deregistration_delay.is_none() {
            return self.first_container_check(now, started);
        }
        let assumptions = &self.settings.assumptions;
        let tick = assumptions.scheduler_tick;
        let registered = now.max(started + tick * i64::from(assumptions.registration_ticks)).round_up(tick);
        registered + assumptions.first_health_check
    }

    fn first_container_check(&self, now: SimTime, started: SimTime) -> SimTime {
        if self.settings.service.workload.queue.is_some() { now } else { self.container_check_after(now, started) }
    }

    /// The first check of its container from a time on; that time itself where the container has none.
    pub(super) fn container_check_after(&self, now: SimTime, started: SimTime) -> SimTime {
        let interval = self.settings.service.task.container_check_interval;
        if interval.is_zero_or_less() {
            return now;
        }
        let checks = (now - started).as_nanos().div_euclid(interval.as_nanos());
        let is_now = (now - started).as_nanos() == checks * interval.as_nanos();
        started + interval * (checks + i64::from(!is_now)).max(1)
    }

    /// When checks have failed often enough for a task that hangs from now on; none: never.
    pub(super) fn checks_notice(&self, now: SimTime, id: TaskId) -> Option<SimTime> {
        let service = &self.settings.service;
        let checks = service.target_group.as_ref().map(|group| group.health_check).filter(|check| !check.shares_workers);
        let of_balancer = checks.map(|check| now + check.interval * i64::from(check.unhealthy_threshold));
        let started = self.tasks.get(id).container_started.unwrap_or(now);
        let of_container = service.task.container_check_patience.as_ref().map(|patience| started + patience.given_up_at(now - started));
        of_balancer.into_iter().chain(of_container).min()
    }
}
