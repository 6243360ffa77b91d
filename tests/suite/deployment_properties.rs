//! Laws of the service scheduler under random deployments, crashes, zone outages and Spot interruptions at once: a deployment takes no
//! task away that the minimum percent promises and starts none beyond the maximum percent, no task is forgotten, and what is billed
//! is what the tasks ran.

use ecsim::control::Event;
use ecsim::control::service::DeploymentStatus;
use ecsim::control::tasks::TaskState;
use ecsim::scenario::model::{BreakerThreshold, CapacityProvider, CircuitBreaker, Revision, RoutingAlgorithm, Scenario};
use ecsim::units::{SimDuration, SimTime};
use ecsim::usage::minimum_billed_seconds;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::control_run::ControlRun;
use crate::support::{scenario, seconds, service, strategy, target_group};

/// The last thing happens within this time; then the run goes on for as long again and more.
const EVENTFUL_SECONDS: i64 = 4 * 3600;
const END_SECONDS: i64 = 12 * 3600;

/// What happens.
#[derive(Clone, Debug)]
enum Incident {
    Deploy(u32),
    Redeploy,
    Crash(u32),
    Hang(u32),
    Outage { zone: u8, seconds: i64 },
    Interrupt(f64),
    Desired(u32),
}

fn any_incident() -> impl Strategy<Value = (i64, Incident)> {
    let incident = prop_oneof![
        4 => (0_u32..3).prop_map(Incident::Deploy),
        1 => Just(Incident::Redeploy),
        2 => (1_u32..4).prop_map(Incident::Crash),
        1 => (1_u32..3).prop_map(Incident::Hang),
        1 => (0_u8..3, 60_i64..3600).prop_map(|(zone, seconds)| Incident::Outage { zone, seconds }),
        2 => (0.0..1.0).prop_map(Incident::Interrupt),
        1 => (1_u32..15).prop_map(Incident::Desired),
    ];
    (0..EVENTFUL_SECONDS, incident)
}

/// A service on both providers, with two revisions that start and one whose tasks often do not.
fn any_scenario() -> impl Strategy<Value = Scenario> {
    let percents = (prop_oneof![Just(0.0), Just(50.0), Just(75.0), Just(100.0)], prop_oneof![Just(125.0), Just(150.0), Just(200.0)]);
    let breaker = prop::option::of((any::<bool>(), any::<bool>()));
    (1_u32..12, percents, breaker, 0_u32..3, 0_u32..3, prop::option::of(0_i64..300)).prop_map(
        |(tasks, percents, breaker, base, spot, delay)| {
            let mut web = service("web", tasks);
            (web.minimum_healthy_percent, web.maximum_percent) = percents;
            web.circuit_breaker = breaker.map(|(rollback, reset_on_healthy_task)| CircuitBreaker {
                rollback,
                reset_on_healthy_task,
                threshold: BreakerThreshold::BoundedPercent(50.0),
            });
            web.strategy = vec![strategy(CapacityProvider::Fargate, base, 1), strategy(CapacityProvider::FargateSpot, 0, spot)];
            web.target_group = delay.map(|delay| target_group(RoutingAlgorithm::RoundRobin, seconds(delay)));
            web.task.container_check_patience = crate::support::container_check(0, 30);
            let revision = |start_failure| Revision { workload: web.workload.clone(), start_failure };
            web.revisions = vec![revision(0.0), revision(0.0), revision(0.4)];
            let mut scenario = scenario(vec![web]);
            (scenario.spot.interruption_rate, scenario.spot.correlation) = (0.0, 0.0);
            scenario
        },
    )
}

struct Run {
    run: ControlRun,
    bounds: (f64, f64),
    /// Tasks and healthy ones before the present event.
    before: (u32, u32),
}

impl Run {
    fn of(scenario: &Scenario) -> Self {
        let web = &scenario.services[0];
        let bounds = (web.minimum_healthy_percent, web.maximum_percent);
        let run = ControlRun::with_end(scenario, SimTime::from_seconds(END_SECONDS)).draining_for(SimDuration::from_seconds(1));
        Self { run, bounds, before: (0, 0) }
    }

    fn active(&self) -> u32 {
        self.run.active(|_| true) as u32
    }

    fn is_deploying(&self) -> bool {
        self.run.control.deployments().last().is_some_and(|record| record.finished.is_none())
    }

    /// Plays until a time; each tick of the scheduler is held to its bounds.
    fn play(&mut self, until: SimTime) -> Result<(), TestCaseError> {
        loop {
            let was_deploying = self.is_deploying();
            self.before = (self.active(), self.run.control.healthy.value());
            match self.run.next(until) {
                Some((now, Event::SchedulerTick)) => self.check_tick(now, was_deploying)?,
                Some(_) => {}
                None => return Ok(()),
            }
        }
    }

    fn check_tick(&self, now: SimTime, was_deploying: bool) -> Result<(), TestCaseError> {
        let desired = f64::from(self.run.control.desired.value());
        let least = (desired * self.bounds.0 / 100.0).ceil() as u32;
        let most = (desired * self.bounds.1 / 100.0).floor() as u32;
        let (active, healthy) = (self.active(), self.run.control.healthy.value());
        prop_assert!(active <= most.max(self.before.0), "{now:?}: {active} tasks, {most} at most");
        if was_deploying {
            prop_assert!(healthy >= least.min(self.before.1), "{now:?}: {healthy} healthy of {}, {least} at least", self.before.1);
        }
        Ok(())
    }

    fn incident(&mut self, now: SimTime, incident: &Incident) {
        self.run.act(now, |control, queue, changes| match *incident {
            Incident::Deploy(content) => control.deploy(now, content, queue),
            Incident::Redeploy => control.redeploy(now, 0.0, queue),
            Incident::Crash(count) => control.fail_tasks(now, count, queue, changes),
            Incident::Hang(count) => control.hang_tasks(now, count, queue, changes),
            Incident::Outage { zone, .. } => control.lose_zone(now, zone, queue, changes),
            Incident::Interrupt(share) => control.interrupt_spot(now, share, None, queue, changes),
            Incident::Desired(count) => control.set_desired_count(now, count, queue),
        });
    }
}

/// Incidents by time; the end of an outage is one.
fn steps(incidents: &[(i64, Incident)]) -> Vec<(i64, Option<u8>, &Incident)> {
    let mut steps = Vec::new();
    for (at, incident) in incidents {
        steps.push((*at, None, incident));
        if let Incident::Outage { zone, seconds } = incident {
            steps.push((at + seconds, Some(*zone), incident));
        }
    }
    steps.sort_by_key(|&(at, ..)| at);
    steps
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_scheduler_keeps_its_promises(scenario in any_scenario(), incidents in prop::collection::vec(any_incident(), 0..12)) {
        let mut run = Run::of(&scenario);
        for (at, reopened, incident) in steps(&incidents) {
            let now = SimTime::from_seconds(at);
            run.play(now)?;
            match reopened {
                Some(zone) => run.run.control.reopen_zone(now, zone, &mut run.run.queue),
                None => run.incident(now, incident),
            }
        }
        run.play(SimTime::from_seconds(END_SECONDS))?;
        run.run.control.finish();

        let desired = run.run.control.desired.value();
        for (number, task) in run.run.control.tasks().iter().enumerate() {
            prop_assert!(task.stopped.is_some() == (task.state == TaskState::Stopped), "task {number}: {task:?}");
            prop_assert!(task.active || task.stopped.is_some(), "task {number} neither runs nor has stopped: {task:?}");
        }
        let running = run.run.control.tasks().iter().filter(|task| task.stopped.is_none()).count() as u32;
        prop_assert_eq!(running, run.active());
        // Where it could end it has: only a deployment that starts nothing, or has failed, is left as it is.
        let last = run.run.control.deployments().last().map(|record| record.status);
        let stands_still = matches!(last, Some(DeploymentStatus::InProgress | DeploymentStatus::Failed | DeploymentStatus::RollbackInProgress));
        if !stands_still {
            prop_assert_eq!((run.active(), run.run.control.healthy.value()), (desired, desired));
        }
        let has_room = (f64::from(desired) * run.bounds.1 / 100.0).floor() as u32 > desired
            || ((f64::from(desired) * run.bounds.0 / 100.0).ceil() as u32) < desired;
        prop_assert!(!has_room || !matches!(last, Some(DeploymentStatus::InProgress | DeploymentStatus::RollbackInProgress)), "{last:?}");

        let minimum = minimum_billed_seconds("linux_x86");
        let mut billed = [0, 0];
        for task in run.run.control.tasks() {
            let Some(from) = task.pull_started else { continue };
            let until = task.stopped.unwrap_or(SimTime::from_seconds(END_SECONDS));
            let whole = (until - from).as_seconds_rounded_up() as u64;
            billed[task.capacity_provider.index()] += if task.stopped.is_some() { whole.max(minimum) } else { whole };
        }
        prop_assert_eq!([0, 1].map(|provider: usize| run.run.control.meters[provider].total_seconds()), billed);
    }
}
