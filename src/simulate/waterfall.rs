//! A scale-out in steps: from the rise of load to the first request that a new task answers.

use jiff::Timestamp;

use super::reaction::Reaction;
use super::wall_clock;
use crate::control::service::ServiceControl;
use crate::control::tasks::Task;
use crate::outcome::{Decision, Trigger, Waterfall, WaterfallStep};
use crate::units::SimTime;

/// The steps of a scale-out that was decided at `decided`. The tasks are followed by the one of them that is
/// healthy first.
pub fn of(decision: &Decision, decided: SimTime, start: Timestamp, reaction: &Reaction, control: &ServiceControl) -> Waterfall {
    let at = |time: SimTime| wall_clock(start, time);
    let first_task = first_healthy(control.tasks(), decided);
    let alarm =
        decision.policies.iter().find(|policy| Some(&policy.name) == decision.winner.as_ref()).and_then(|policy| policy.alarms.first());
    let breaching = || alarm.into_iter().flat_map(|alarm| &alarm.datapoints).filter(|datapoint| datapoint.breaches);
    let wakes = decision.trigger == Trigger::Datapoint && decision.desired_before == 0;
    let waking = alarm.filter(|_| wakes).and_then(|alarm| alarm.datapoints.last());
    // From no task one datapoint is enough, whatever the alarm says.
    let needed = alarm.filter(|_| !wakes).map_or(0, |alarm| alarm.datapoints_to_alarm as usize);
    let decisive = breaching().rev().take(needed).last();
    // The noise of a sample may breach before the load itself has risen: then the rise is no cause.
    let began = decisive.map(|datapoint| datapoint.start);
    let rise = reaction.load_rose_before(decided).filter(|_| !wakes).map(at).filter(|rise| began.is_none_or(|began| *rise <= began));
    let task = |time: fn(&Task) -> Option<SimTime>| first_task.and_then(time).map(at);
    let on_instance = first_task.is_some_and(|task| task.instance.is_some());
    let launch = if on_instance { "an instance has room, task launched" } else { "task launched" };
    let steps = [
        ("load rises above the target", rise),
        ("first datapoint that the alarm needs begins", began.filter(|_| rise.is_none())),
        ("datapoint that wakes the service begins", waking.map(|datapoint| datapoint.start)),
        ("it ends", waking.map(|datapoint| end_of(datapoint.start, alarm))),
        ("first datapoint that the alarm needs ends", decisive.map(|datapoint| end_of(datapoint.start, alarm))),
        ("it is published", decisive.map(|datapoint| datapoint.published)),
        (
            "last datapoint that the alarm needs is published",
            breaching().next_back().filter(|_| !wakes).map(|datapoint| datapoint.published),
        ),
        (if wakes { "it is published, the policy acts, desired count set" } else { act(&decision.trigger) }, Some(decision.time)),
        (launch, task(|task| Some(task.launched))),
        ("network ready, image pull begins", task(|task| task.pull_started)),
        ("image pulled, container starts", task(|task| task.container_started)),
        ("application ready", task(|task| task.ready)),
        (WaterfallStep::LAST, task(|task| task.healthy_since)),
    ];
    let steps: Vec<(&'static str, Timestamp)> = steps.into_iter().filter_map(|(name, time)| Some((name, time?))).collect();
    let origin = steps.first().map_or(decision.time, |(_, time)| *time);
    let since = |time: Timestamp| time.duration_since(origin).as_secs_f64();
    Waterfall {
        policy: decision.winner.clone().unwrap_or_default(),
        desired: (decision.desired_before, decision.desired_after),
        steps: steps.into_iter().map(|(name, time)| WaterfallStep { name, time, seconds: since(time) }).collect(),
    }
}

/// What raised the desired count.
const fn act(trigger: &Trigger) -> &'static str {
    match trigger {
        Trigger::Datapoint => "alarm in ALARM, policy acts, desired count set",
        Trigger::ScheduledAction(_) => "scheduled action runs, desired count set",
        Trigger::Forecast(_) => "forecast asks for more, desired count set",
    }
}

/// The task launched from `decided` on that was healthy first. Tasks stand in the order of their launch, and one
/// that is launched after another is healthy cannot be sooner.
fn first_healthy(tasks: &[Task], decided: SimTime) -> Option<&Task> {
    let mut first: Option<(&Task, SimTime)> = None;
    for task in &tasks[tasks.partition_point(|task| task.launched < decided)..] {
        if first.is_some_and(|(_, healthy)| task.launched >= healthy) {
            break;
        }
        if let Some(healthy) = task.healthy_since.filter(|healthy| first.is_none_or(|(_, soonest)| *healthy < soonest)) {
            first = Some((task, healthy));
        }
    }
    first.map(|(task, _)| task)
}

fn end_of(start: Timestamp, alarm: Option<&crate::outcome::AlarmView>) -> Timestamp {
    let period_seconds = alarm.map_or(0, |alarm| alarm.period_seconds);
    start.saturating_add(jiff::SignedDuration::from_secs(period_seconds)).unwrap_or(Timestamp::MAX)
}
