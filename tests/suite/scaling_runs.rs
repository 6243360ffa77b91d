//! Scaling in whole runs beside CPU: actions by the clock in AWS's words, a backlog by metric math, and a service that sleeps.

use ecsim::calendar::Schedule;
use ecsim::outcome::{Outcome, ScalingActivity};
use ecsim::scenario::model::{Scenario, ScheduledAction, Suspended};
use ecsim::scenario::{Request, load};
use jiff::Unit;
use jiff::tz::TimeZone;

use crate::support::{NoFiles, constant, cpu_scaling, first, play, scenario, seconds, service, time};

/// A service of two tasks whose minimum becomes six after half an hour.
fn opening(suspended: Suspended) -> Outcome {
    let mut web = service("web", 2);
    web.traffic = vec![constant(1.0)];
    let mut scaling = cpu_scaling(1, 10, 60.0);
    scaling.suspended = suspended;
    scaling.policies.clear();
    scaling.scheduled_actions = vec![ScheduledAction {
        name: "opening".into(),
        schedule: Schedule::parse("at(2026-01-05T00:30:00)").expect("a schedule"),
        time_zone: TimeZone::UTC,
        start_time: None,
        end_time: None,
        min_capacity: Some(6),
        max_capacity: None,
    }];
    web.scaling = Some(scaling);
    play(&scenario(vec![web]))
}

/// Application Auto Scaling User Guide, scaling activities: a scheduled action is told twice, as the bound that it sets and as the change of
/// capacity that follows from it.
#[test]
fn a_scheduled_action_is_told_in_the_words_of_aws() {
    let outcome = opening(Suspended::default());
    let activities = &first(&outcome).scaling_activities;
    let words = |activity: &ScalingActivity| (activity.description(), activity.cause_text());
    let expected = [
        ("Setting min capacity to 6", "scheduled action name opening was triggered"),
        ("Setting desired count to 6.", "minimum capacity was set to 6"),
    ];
    assert_eq!(activities.iter().map(words).collect::<Vec<_>>(), expected.map(|(what, why)| (what.to_owned(), why.to_owned())));
    assert!(activities.iter().all(|activity| activity.start_time == time("2026-01-05T00:30:00Z")));
    assert_eq!(activities[0].status_message().as_deref(), Some("Successfully set min capacity to 6"));
    let fulfilled = "Successfully set desired count to 6. Change successfully fulfilled by ecs.";
    assert_eq!(activities[1].status_message().as_deref(), Some(fulfilled));
    assert_eq!(first(&outcome).timeline.last().map(|row| row.running), Some(6));
}

/// AWS, suspend and resume scaling: a suspended action does not run; suspended policies do not stop it.
#[test]
fn suspended_scheduled_scaling_sets_nothing() {
    let outcome = opening(Suspended { scheduled_scaling: true, ..Suspended::default() });
    assert_eq!((first(&outcome).scaling_activities.len(), first(&outcome).desired_tasks.max), (0, 2));
    let outcome = opening(Suspended { dynamic_scaling_out: true, dynamic_scaling_in: true, ..Suspended::default() });
    assert_eq!(first(&outcome).desired_tasks.max, 6);
}

/// A worker of ten slots that hold a message for a second: ten messages a second for each task.
fn worker(min_capacity: u32, tasks: u32, traffic: &str, policy: &str) -> Scenario {
    let text = format!(
        "
version: 1
simulation: {{start: 2026-01-05T00:00:00Z, duration: 3h}}
services:
  worker:
    task_definition: {{cpu: 512, memory: 1024}}
    desired_count: {tasks}
    traffic: {traffic}
    workload: {{kind: queue, cpu_time: 0ms, wait_time: 1s, concurrency: 10}}
    scaling:
      min_capacity: {min_capacity}
      max_capacity: 20
      policies:
        - name: backlog
          policy_type: TargetTrackingScaling
          {policy}
          target_value: 300
          scale_out_cooldown: 60
          scale_in_cooldown: 60
"
    );
    let request = Request { name: "worker.yaml", text: text.as_bytes(), sets: &[], variant: None };
    load(&request, &NoFiles).unwrap_or_else(|faults| panic!("{faults}")).scenario
}

const SHORT_FORM: &str = "metric_name: BacklogPerTask";

/// Application Auto Scaling User Guide, the queue's backlog per task; the fill keeps the divisor from missing.
const METRIC_MATH: &str = "customized_metric_specification:
            metrics:
              - {id: m1, return_data: false, metric_stat: {stat: Average, metric: {namespace: AWS/SQS, \
                           metric_name: ApproximateNumberOfMessagesVisible, dimensions: [{name: QueueName, value: jobs}]}}}
              - {id: m2, return_data: false, metric_stat: {stat: Average, metric: {namespace: ECS/ContainerInsights, \
                           metric_name: RunningTaskCount, dimensions: [{name: ClusterName, value: default}, {name: ServiceName, value: worker}]}}}
              - {id: backlog, expression: 'm1 / FILL(m2, 1)'}";

fn changes(outcome: &Outcome) -> Vec<(jiff::Timestamp, String)> {
    first(outcome).scaling_activities.iter().map(|activity| (activity.start_time, activity.description())).collect()
}

/// Two tasks take twenty of 35 messages a second. The expression and the short form are the same metric while a task runs, so they decide
/// the same at the same instants. By hand: no more than three tasks keep the backlog growing, so there are at least four at last.
#[test]
fn metric_math_scales_on_the_backlog_of_each_task() {
    let traffic = "[{constant: 1}, {constant: 34}]";
    let math = play(&worker(2, 2, traffic, METRIC_MATH));
    assert_eq!(changes(&math), changes(&play(&worker(2, 2, traffic, SHORT_FORM))));
    assert!(first(&math).desired_tasks.max >= 4, "{:?}", changes(&math));
    // Fifteen more each second: 900 at the end of the first minute, 450 for each of two tasks and above 300. Three such minutes and the
    // delay of 170 s are 5 min 50 s.
    assert_eq!(changes(&math)[0].0, time("2026-01-05T00:05:50Z"));
    let messages = &first(&math).requests;
    assert!(messages.rejected + messages.timed_out + messages.failed == 0.0, "{messages:?}");
}

/// AWS, service auto scaling: from zero a service is woken by one datapoint, by the smallest amount, and then scales as any other. Twenty
/// messages a second from 00:10 to 00:40, and around them silence but for a ten-millionth of a message a second.
#[test]
fn a_worker_wakes_from_zero_and_goes_back() {
    let traffic = "{constant: 0.0000001, spikes: [{at: 10m, factor: 200000000, ramp: 0s, hold: 30m, decay: 0s}]}";
    let outcome = play(&worker(0, 0, traffic, SHORT_FORM));
    let worker = first(&outcome);
    let told: Vec<String> = worker.scaling_activities.iter().map(ScalingActivity::description).collect();
    assert_eq!(told.first().map(String::as_str), Some("Setting desired count to 1."), "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some("Setting desired count to 0."), "{told:?}");
    // The datapoint of the minute in which messages come, published 170 s after its end.
    let woken = worker.scaling_activities[0].start_time;
    assert!((time("2026-01-05T00:13:50Z")..=time("2026-01-05T00:14:00Z")).contains(&woken), "{woken}");
    assert!(worker.timeline[..10].iter().all(|row| row.running == 0 && row.billed_tasks == [0.0, 0.0]));
    // Two tasks just keep up with twenty messages a second, and those that waited need more.
    assert!(worker.desired_tasks.max >= 3, "{told:?}");
    assert_eq!(worker.timeline.last().map(|row| (row.desired, row.running, row.billed_tasks)), Some((0, 0, [0.0, 0.0])));
    let messages = &worker.requests;
    assert!((messages.offered - 20.0 * 1800.0).abs() < 1.0, "{messages:?}");
    assert!((messages.served / messages.offered - 1.0).abs() < 1e-6, "{messages:?}");
}

/// AWS, Amazon SQS, monitoring-using-cloudwatch: a queue is active for up to six hours, and its metrics come up to 15 minutes late when it is
/// used again after that. A minute after which messages lie in the queue is published 170 s after its end; after a long night the first
/// such minute ends 15 minutes later.
#[test]
fn a_worker_wakes_late_from_a_long_night() {
    let woken_after_minutes = |at: &str, delay_seconds: i64| {
        let traffic = format!("{{constant: 0.0000001, spikes: [{{at: {at}, factor: 200000000, ramp: 0s, hold: 10m, decay: 0s}}]}}");
        let mut scenario = worker(0, 0, &traffic, SHORT_FORM);
        scenario.simulation.duration = Some(seconds(9 * 3600));
        scenario.assumptions.queue_activation_delay = seconds(delay_seconds);
        let outcome = play(&scenario);
        (first(&outcome).scaling_activities[0].start_time - time("2026-01-05T00:00:00Z")).total(Unit::Minute).expect("a span")
    };
    let published = 1.0 + 170.0 / 60.0;
    for (at, delay_seconds, expected) in [
        ("5h", 900, 300.0 + published),
        // The last minute of six hours without a message.
        ("360m", 900, 360.0 + published + 15.0),
        ("359m", 900, 359.0 + published),
        ("8h", 900, 480.0 + published + 15.0),
        ("8h", 0, 480.0 + published),
    ] {
        let woken = woken_after_minutes(at, delay_seconds);
        assert!((expected - 1e-9..expected + 1.0 / 6.0).contains(&woken), "{at}: {woken} is not {expected}");
    }
}
