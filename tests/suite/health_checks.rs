//! Targets whose health checks wait behind requests, tasks that die by themselves, and the two signals that end a task: the control plane
//! alone, its questions to the data plane answered by hand.
//!
//! Times are computed by hand. A replacement takes 15 s of provisioning, 250 / 30 s of pull and 10 s of start-up; it is registered at the first
//! scheduler tick (9.5 s) that comes two ticks after its container started, and is healthy 1.8 s later.

use ecsim::control::service::Question;
use ecsim::control::{Event, TaskStep};
use ecsim::fleet::{FleetChange, TaskId};
use ecsim::scenario::model::{CapacityProvider, Distribution, Drain, RoutingAlgorithm, Scenario};
use ecsim::units::{SimDuration, SimTime};

use crate::control_run::ControlRun;
use crate::support::{scenario, seconds, service, target_group};

/// A service behind a balancer whose checks, every 30 s with 5 s for an answer, share the workers.
fn checked(tasks: u32) -> Scenario {
    let mut web = service("web", tasks);
    web.workload.start_up.time = Distribution::constant(10.0);
    let mut group = target_group(RoutingAlgorithm::RoundRobin, seconds(300));
    group.health_check.shares_workers = true;
    web.target_group = Some(group);
    let mut scenario = scenario(vec![web]);
    scenario.simulation.duration = Some(SimDuration::from_hours(1));
    scenario
}

/// The control plane of one service under way.
struct Run {
    run: ControlRun,
    most_active: usize,
}

impl Run {
    /// `is_alive`: whether a task meets a check at a time in seconds.
    fn of(scenario: &Scenario, is_alive: impl Fn(u32, f64) -> bool + 'static) -> Self {
        let run = ControlRun::with_end(scenario, SimTime::from_seconds(3600)).answering(move |_, task, seconds| is_alive(task.0, seconds));
        Self { most_active: run.active(|_| true), run }
    }

    fn draining_for(self, to_drain: SimDuration) -> Self {
        Self { run: self.run.draining_for(to_drain), ..self }
    }

    /// Plays on until a time.
    fn until(mut self, end_seconds: i64) -> Self {
        while self.run.next(SimTime::from_seconds(end_seconds)).is_some() {
            self.most_active = self.most_active.max(self.active());
        }
        self
    }

    fn kill(&mut self, now_seconds: i64, task: u32) {
        let now = SimTime::from_seconds(now_seconds);
        self.run.act(now, |control, queue, changes| control.task_killed(now, TaskId(task), queue, changes));
    }

    fn active(&self) -> usize {
        self.run.active(|_| true)
    }

    /// When these changes happened, rounded to thousandths.
    fn at(&self, change: FleetChange) -> Vec<f64> {
        let times = self.run.changes.iter().filter(|(_, known)| *known == change).map(|(seconds, _)| (seconds * 1000.0).round() / 1000.0);
        times.collect()
    }

    fn launched_at(&self, task: usize) -> f64 {
        (self.run.control.tasks()[task].launched - SimTime::START).as_seconds_f64()
    }
}

const fn unhealthy(task: u32) -> FleetChange {
    FleetChange::Unhealthy(TaskId(task))
}

const fn recovered(task: u32) -> FleetChange {
    FleetChange::Recovered(TaskId(task))
}

const fn healthy(task: u32) -> FleetChange {
    FleetChange::Healthy(TaskId(task))
}

const fn draining(task: u32) -> FleetChange {
    FleetChange::Draining(TaskId(task))
}

const fn stopped(task: u32) -> FleetChange {
    FleetChange::Stopped(TaskId(task))
}

const fn probed(task: u32) -> FleetChange {
    FleetChange::Probed(TaskId(task))
}

/// AWS, target-group-health-checks: two failures in a row, 30 s apart, each told 5 s after it was sent. Amazon ECS starts the replacement
/// first, since 200 % of two tasks leave room, and stops the unhealthy task when the replacement is healthy.
#[test]
fn an_unhealthy_task_is_replaced_before_it_is_stopped() {
    let run = Run::of(&checked(2), |task, _| task != 0).until(3600);
    assert_eq!(run.at(probed(0))[..2], [30.0, 60.0]);
    assert_eq!(run.at(unhealthy(0)), [65.0]);
    // The tick after 65 s is the seventh; 66.5 + 15 + 8.333 = 89.833 the container starts, two ticks on, 108.833, is before the twelfth.
    assert!((run.launched_at(2) - 66.5).abs() < 1e-9);
    assert_eq!(run.at(healthy(2)), [115.8]);
    assert_eq!(run.at(draining(0)), [123.5], "the tick after the replacement is healthy");
    assert_eq!(run.at(stopped(0)), [423.5], "after the deregistration delay");
    assert_eq!((run.most_active, run.run.control.tasks().len(), run.active()), (3, 3, 2));
    assert_eq!(run.at(unhealthy(1)), [0.0; 0]);
    // Two healthy targets but for the time from the second failure to the replacement: 50.8 s of 3,600 with one.
    let mean = run.run.control.healthy.summary(SimTime::from_seconds(3600)).mean;
    assert!((mean - (2.0 - 50.8 / 3600.0)).abs() < 1e-9, "{mean}");
}

/// AWS, CreateService: failed checks are ignored for the grace period after a task has started. It ends at 120 s; the tick is the thirteenth.
#[test]
fn a_grace_period_puts_the_replacement_off() {
    let mut scenario = checked(2);
    scenario.services[0].health_check_grace_period = seconds(120);
    let run = Run::of(&scenario, |task, _| task != 0).until(400);
    assert_eq!(run.at(unhealthy(0)), [65.0], "the balancer knows no grace");
    assert!((run.launched_at(2) - 123.5).abs() < 1e-9);
    // Who recovers in time is left alone: five answers in a row, the first at 95 s.
    let run = Run::of(&scenario, |task, seconds| task != 0 || seconds > 70.0);
    scenario.services[0].health_check_grace_period = seconds(300);
    let patient = Run::of(&scenario, |task, seconds| task != 0 || seconds > 70.0).until(3600);
    assert_eq!(patient.at(recovered(0)), [215.0]);
    assert_eq!(patient.run.control.tasks().len(), 2);
    assert_eq!(run.until(3600).run.control.tasks().len(), 3, "120 s are too short for that");
}

/// AWS, service_scheduler on maximumPercent: where no task more may run, unhealthy tasks are stopped one at a time, and each replaced then.
#[test]
fn without_room_tasks_are_stopped_first_one_at_a_time() {
    let mut scenario = checked(2);
    (scenario.services[0].maximum_percent, scenario.services[0].health_check_grace_period) = (100.0, seconds(0));
    let run = Run::of(&scenario, |task, _| task > 1).until(3600);
    assert_eq!((run.at(unhealthy(0)), run.at(draining(0))), (vec![65.0], vec![66.5]));
    assert!((run.launched_at(2) - 66.5).abs() < 1e-9);
    // The second is checked 0.618 of 30 s later than the first, and waits for the first replacement.
    assert_eq!(run.at(probed(1))[..2], [48.541, 78.541]);
    assert_eq!((run.at(unhealthy(1)), run.at(draining(1))), (vec![83.541], vec![123.5]));
    assert_eq!((run.most_active, run.run.control.tasks().len(), run.active()), (2, 4, 2));
    // One and a half tasks are one.
    let mut alone = checked(1);
    alone.services[0].maximum_percent = 150.0;
    let run = Run::of(&alone, |task, _| task != 0).until(3600);
    assert_eq!((run.at(draining(0)), run.most_active), (vec![66.5], 1));
}

/// AWS, deployment-type-ecs: a replacement that is unhealthy too leaves one of both to be stopped, until as many as desired are left.
#[test]
fn replacements_that_fail_are_replaced_within_the_largest_number() {
    for (maximum_percent, most_active) in [(200.0, 4), (150.0, 3), (100.0, 2)] {
        let mut scenario = checked(2);
        scenario.services[0].maximum_percent = maximum_percent;
        let run = Run::of(&scenario, |_, _| false).until(3600);
        assert_eq!(run.most_active, most_active, "{maximum_percent} %");
        assert!(run.run.control.tasks().len() >= 20, "{maximum_percent} %: {} tasks", run.run.control.tasks().len());
        assert!(run.active() >= 2 && run.active() <= most_active);
        assert_eq!(run.run.control.running.summary(SimTime::from_seconds(3600)).max, f64::from(u32::try_from(most_active).unwrap()) as u32);
    }
}

/// A target recovers after five successes in a row, 30 s apart: 150 s from its first (AWS: 30 s x 5).
#[test]
fn only_checks_in_a_row_count() {
    let mut scenario = checked(1);
    scenario.services[0].health_check_grace_period = SimDuration::from_hours(2);
    let answered_at = |missed: &'static [i64]| move |_: u32, seconds: f64| !missed.contains(&(seconds as i64));
    // Every other check fails: never two in a row.
    let run = Run::of(&scenario, answered_at(&[35, 95, 155, 215])).until(3600);
    assert_eq!(run.at(unhealthy(0)), [0.0; 0]);
    let run = Run::of(&scenario, answered_at(&[35, 95, 125])).until(3600);
    assert_eq!((run.at(unhealthy(0)), run.at(recovered(0))), (vec![125.0], vec![275.0]));
    // A failure after four successes begins anew.
    let run = Run::of(&scenario, answered_at(&[35, 65, 215])).until(3600);
    assert_eq!((run.at(unhealthy(0)), run.at(recovered(0))), (vec![65.0], vec![365.0]));
    assert_eq!(run.run.control.tasks().len(), 1);
}

/// AWS, load-balancer-healthcheck: with 5 s between checks and a threshold of 2 a target recovers in 10 s.
#[test]
fn a_short_interval_and_a_low_threshold_recover_in_ten_seconds() {
    let mut scenario = checked(1);
    scenario.services[0].health_check_grace_period = SimDuration::from_hours(2);
    let check = &mut scenario.services[0].target_group.as_mut().unwrap().health_check;
    (check.interval, check.timeout, check.healthy_threshold) = (seconds(5), seconds(2), 2);
    let run = Run::of(&scenario, |_, seconds| ![7, 12].contains(&(seconds as i64))).until(60);
    assert_eq!((run.at(unhealthy(0)), run.at(recovered(0))), (vec![12.0], vec![22.0]));
}

/// The target recovers at 215 s, before its replacement (four minutes of provisioning) is there. One task is too many then, and one goes when all
/// are healthy (AWS, deployment-type-ecs): 66.5 + 240 + 8.333 + 2 x 9.5 s is before the 36th tick, 342 s; the tick after 343.8 s is the 37th.
#[test]
fn a_task_that_recovers_serves_until_its_replacement_is_there() {
    let mut scenario = checked(2);
    scenario.services[0].workload.start_up.provisioning = Distribution::constant(240.0);
    let run = Run::of(&scenario, |task, seconds| task != 0 || seconds > 70.0).until(3600);
    assert_eq!((run.at(recovered(0)), run.at(healthy(2))), (vec![215.0], vec![343.8]));
    let drained: Vec<f64> = (0..3).flat_map(|task| run.at(draining(task))).collect();
    assert_eq!((drained, run.run.control.tasks().len(), run.active()), (vec![351.5], 3, 2));
}

/// A scale-in takes unhealthy tasks first: there is no sense in replacing what nobody wants.
#[test]
fn a_smaller_service_needs_no_replacement() {
    let mut run = Run::of(&checked(3), |task, _| task != 0).until(60);
    run.run.control.desired.set(SimTime::from_seconds(60), 2);
    let run = run.until(3600);
    assert_eq!((run.at(unhealthy(0)), run.at(draining(0))), (vec![65.0], vec![66.5]));
    assert_eq!((run.run.control.tasks().len(), run.active()), (3, 2));
}

#[test]
fn checks_that_share_nothing_ask_nothing() {
    let mut scenario = checked(3);
    scenario.services[0].target_group.as_mut().unwrap().health_check.shares_workers = false;
    let run = Run::of(&scenario, |_, _| false).until(3600);
    assert_eq!(run.run.changes.iter().filter(|(time, _)| *time > 0.0).count(), 0, "{:?}", run.run.changes);
}

/// The multiples of the golden ratio never leave a tenth of the interval to more than six of forty tasks (four would be even).
#[test]
fn tasks_that_start_together_are_not_checked_together() {
    let run = Run::of(&checked(40), |_, _| true).until(60);
    let mut first: Vec<f64> = (0..40).map(|task| run.at(probed(task))[0]).collect();
    first.sort_by(f64::total_cmp);
    assert!(first.iter().all(|time| (30.0..60.0).contains(time)), "{first:?}");
    assert!(first.windows(7).all(|seven| seven[6] - seven[0] > 3.0), "{first:?}");
}

/// It is gone at once, billed until then and replaced at the next tick, the 22nd.
#[test]
fn a_task_that_runs_out_of_memory_is_gone_at_once() {
    let mut run = Run::of(&checked(2), |_, _| true).until(200);
    run.kill(200, 1);
    assert_eq!((run.run.control.healthy.value(), run.run.control.running.value(), run.active()), (1, 1, 1));
    assert_eq!(run.at(stopped(1)), [200.0]);
    let mut run = run.until(1000);
    assert!((run.launched_at(2) - 209.0).abs() < 1e-9);
    assert_eq!((run.run.control.counts.out_of_memory, run.active(), run.run.control.healthy.value()), (1, 2, 2));
    // Nothing dies twice.
    run.kill(1001, 1);
    assert_eq!(run.run.control.counts.out_of_memory, 1);
    run.run.control.finish();
    // 3,600 s of the first, 200 s of the second, and the third from its pull at 209 + 15 s on.
    let billed = run.run.control.meters[CapacityProvider::Fargate.index()].total_seconds();
    assert_eq!(billed, 3600 + 200 + (3600 - 224));
}

/// A draining task that dies leaves nothing behind that would stop it again, and is not replaced.
#[test]
fn a_draining_task_may_die_too() {
    let mut run = Run::of(&checked(2), |task, _| task != 0).until(200);
    assert_eq!(run.at(draining(0)), [123.5]);
    run.kill(200, 0);
    let mut run = run.until(3600);
    assert_eq!((run.at(stopped(0)), run.run.control.tasks().len(), run.run.control.counts.out_of_memory), (vec![200.0], 3, 1));
    run.run.control.finish();
    // The third from its pull at 66.5 + 15 s on, a started second counting whole.
    assert_eq!(run.run.control.meters[CapacityProvider::Fargate.index()].total_seconds(), 3600 + 200 + 3519);
}

/// The stop of a task of two, by a smaller desired count at 100 s, seen at the eleventh tick: when it is gone. Of zones that are equally full
/// the first gives a task.
fn gone_at(scenario: &Scenario, needed: SimDuration) -> f64 {
    let mut run = Run::of(scenario, |_, _| true).draining_for(needed).until(100);
    run.run.control.desired.set(SimTime::from_seconds(100), 1);
    run.run.queue.push(SimTime::from_nanos(104_500_000_000), 6, (0, Event::SchedulerTick));
    let run = run.until(3600);
    assert_eq!((run.at(draining(0)), run.at(stopped(0)).len()), (vec![104.5], 1));
    run.at(stopped(0))[0] - 104.5
}

/// AWS: Amazon ECS sends SIGTERM when the target is unused, that is after the deregistration delay, and SIGKILL after the stop timeout, here
/// 30 s. The data plane is asked again at SIGTERM, so what it answers here is what is left then.
#[test]
fn a_task_finishes_what_it_has_between_the_two_signals() {
    let mut scenario = checked(2);
    for (needed, expected) in [(0, 300.0), (12, 312.0), (30, 330.0), (500, 330.0)] {
        assert_eq!(gone_at(&scenario, seconds(needed)), expected, "{needed} s");
    }
    scenario.services[0].task.stop_timeout = seconds(120);
    assert_eq!(gone_at(&scenario, seconds(500)), 420.0);
    // Early: SIGTERM with the last request, at most after the delay.
    scenario.assumptions.drain = Drain::Early;
    assert_eq!(gone_at(&scenario, seconds(0)), 0.0);
    assert_eq!(gone_at(&scenario, seconds(500)), 420.0);
    // Without a balancer SIGTERM comes at once.
    scenario.services[0].target_group = None;
    for (needed, expected) in [(0, 0.0), (12, 12.0), (500, 120.0)] {
        assert_eq!(gone_at(&scenario, seconds(needed)), expected, "{needed} s");
    }
}

/// Each step of a task has one meaning: a question is asked for the two that need the data plane.
#[test]
fn only_steps_that_need_the_data_plane_ask_it() {
    let mut run = Run::of(&checked(1), |_, _| true);
    let mut ask = |epoch, step| {
        let event = Event::Task { task: TaskId(0), epoch, step };
        run.run.control.handle(SimTime::from_seconds(1), event, &mut run.run.queue, &mut Vec::new())
    };
    assert_eq!(ask(0, TaskStep::HealthCheck), None);
    assert_eq!(ask(0, TaskStep::HealthCheckDeadline), Some(Question::WasProbeAnswered(TaskId(0))));
    assert_eq!(ask(0, TaskStep::Terminates), Some(Question::TimeToDrain(TaskId(0))));
    assert_eq!((ask(9, TaskStep::HealthCheckDeadline), ask(9, TaskStep::Terminates)), (None, None));
}
