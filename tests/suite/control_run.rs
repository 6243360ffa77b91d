//! The control plane of one service, played on its own clock: what it asks of the data plane is answered by hand.

use ecsim::control::Event;
use ecsim::control::scaling::activities::{ActivityLog, TargetName};
use ecsim::control::service::{DeploymentRecord, Question, ServiceControl, ServiceEvent};
use ecsim::control::tasks::Task;
use ecsim::events::EventQueue;
use ecsim::fleet::{FleetChange, TaskId};
use ecsim::meter::HourGrid;
use ecsim::scenario::model::Scenario;
use ecsim::units::{SimDuration, SimTime};

use crate::support::time;

/// Whether a task answers a check at a time in seconds.
type AnswersCheck = Box<dyn Fn(&ServiceControl, TaskId, f64) -> bool>;

/// A control plane under way.
pub struct ControlRun {
    pub control: ServiceControl,
    pub queue: EventQueue<ServiceEvent>,
    /// What the data plane was told, by the seconds at which it was.
    pub changes: Vec<(f64, FleetChange)>,
    /// How long a task still needs for what it has when it begins to drain.
    to_drain: SimDuration,
    answers_check: AnswersCheck,
}

impl ControlRun {
    /// The first service of a scenario, for the scenario's duration: every check is answered, and nothing needs time to drain.
    pub fn of(scenario: &Scenario) -> Self {
        Self::with_end(scenario, SimTime::START + scenario.simulation.duration.expect("a duration"))
    }

    pub fn with_end(scenario: &Scenario, end: SimTime) -> Self {
        let target = TargetName { cluster: "default", service: "web", seed: 1, service_key: 7 };
        let log = ActivityLog::new(time("2026-01-05T00:00:00Z"), target, &[]);
        let grid = HourGrid::new(SimDuration::ZERO, end);
        let control = ServiceControl::new(scenario, 0, (log, &[]), 7, SimTime::START, grid, end);
        let (queue, answers_check) = (EventQueue::default(), Box::new(|_: &ServiceControl, _, _| true));
        let mut run = Self { control, queue, changes: Vec::new(), to_drain: SimDuration::ZERO, answers_check };
        run.act(SimTime::START, |control, queue, changes| control.start(SimTime::START, queue, changes));
        run
    }

    pub fn draining_for(self, to_drain: SimDuration) -> Self {
        Self { to_drain, ..self }
    }

    pub fn answering(self, answers_check: impl Fn(&ServiceControl, TaskId, f64) -> bool + 'static) -> Self {
        Self { answers_check: Box::new(answers_check), ..self }
    }

    /// Something is done to the service, and the data plane takes note of it.
    pub fn act(&mut self, now: SimTime, action: impl FnOnce(&mut ServiceControl, &mut EventQueue<ServiceEvent>, &mut Vec<FleetChange>)) {
        let mut changes = Vec::new();
        action(&mut self.control, &mut self.queue, &mut changes);
        for change in changes {
            if let FleetChange::Draining(task) = change {
                self.control.draining_started(now, task, self.to_drain, &mut self.queue);
            }
            self.changes.push((now.as_seconds_f64(), change));
        }
    }

    /// Plays the next event up to a time, and returns it; none when there is no more.
    pub fn next(&mut self, end: SimTime) -> Option<(SimTime, Event)> {
        self.queue.first().filter(|((time, _), _)| *time <= end)?;
        let (now, (_, event)) = self.queue.pop()?;
        let mut question = None;
        self.act(now, |control, queue, changes| question = control.handle(now, event, queue, changes));
        match question {
            Some(Question::TimeToDrain(task)) => {
                let to_drain = self.to_drain;
                self.act(now, |control, queue, changes| control.terminated(now, task, to_drain, queue, changes));
            }
            Some(Question::WasProbeAnswered(task)) => {
                let answered = (self.answers_check)(&self.control, task, now.as_seconds_f64());
                self.act(now, |control, queue, changes| control.probe_result(now, task, answered, queue, changes));
            }
            None => {}
        }
        Some((now, event))
    }

    /// Plays on until a time, and shows each event.
    pub fn see(&mut self, end: SimTime, mut see: impl FnMut(SimTime, Event)) {
        while let Some((now, event)) = self.next(end) {
            see(now, event);
        }
    }

    /// Plays on until a time in seconds.
    pub fn play(&mut self, end_seconds: f64) {
        self.see(at(end_seconds), |_, _| {});
    }

    pub fn until(mut self, end_seconds: f64) -> Self {
        self.play(end_seconds);
        self
    }

    /// A run in which the first revision is deployed at 1 s.
    pub fn deployed(scenario: &Scenario) -> Self {
        let mut run = Self::of(scenario);
        run.deploy(1.0, 0);
        run
    }

    /// Plays until a time in seconds and deploys one of the service's revisions.
    pub fn deploy(&mut self, at_seconds: f64, content: u32) {
        self.play(at_seconds);
        self.act(at(at_seconds), |control, queue, _| control.deploy(at(at_seconds), content, queue));
    }

    /// Plays until a time in seconds, at which the first alarm goes to ALARM, or leaves it.
    pub fn alarm(&mut self, at_seconds: f64, is_raised: bool) {
        self.play(at_seconds);
        let event = Event::AlarmChanged { alarm: 0, is_raised };
        self.act(at(at_seconds), |control, queue, changes| assert_eq!(control.handle(at(at_seconds), event, queue, changes), None));
    }

    pub fn active(&self, which: impl Fn(&Task) -> bool) -> usize {
        self.control.tasks().iter().filter(|task| task.active && which(task)).count()
    }

    /// The last deployment.
    pub fn record(&self) -> &DeploymentRecord {
        self.control.deployments().last().expect("a deployment")
    }

    /// When the last deployment ended, in seconds.
    pub fn finished(&self) -> f64 {
        self.record().finished.expect("an end").as_seconds_f64()
    }

    /// Active tasks of the start, and of later revisions.
    pub fn split(&self) -> (usize, usize) {
        (self.active(|task| task.revision == 0), self.active(|task| task.revision > 0))
    }

    /// The parts of the traffic that the second target group got, each with its time.
    pub fn shares(&self) -> Vec<(f64, u32)> {
        let mut shares: Vec<(f64, u32)> = Vec::new();
        for (seconds, change) in &self.changes {
            if let FleetChange::SecondGroupShare(share) = *change
                && shares.last().is_none_or(|(_, last)| *last != share)
            {
                shares.push((*seconds, share));
            }
        }
        shares
    }
}

/// A time in seconds.
pub fn at(seconds: f64) -> SimTime {
    SimTime::START + SimDuration::from_seconds_f64(seconds)
}
