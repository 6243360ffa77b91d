//! Deployments that move traffic, and alarms that fail deployments.
//!
//! Times are computed by hand as in `deployments`: what is launched at the tick of 9.5 s is healthy at 58.8 s, so traffic begins to move
//! at the tick of 66.5 s. Old tasks are held for 30 s by their balancer. Shares are parts in a million of the second target group.

use ecsim::control::service::{DeploymentRecord, DeploymentStatus};
use ecsim::fleet::{FleetChange, TaskId, WHOLE_TRAFFIC};
use ecsim::outcome::{Deployment, Outcome};
use ecsim::scenario::model::{
    AlarmRule, Breach, Curve, DeploymentAlarms, Distribution, Event, EventKind, Fidelity, Metric, Moment, NamedAlarm, Revision,
    RoutingAlgorithm, Scenario, Series, Service, Statistic, TrafficShift, TreatMissingData, When,
};
use ecsim::traffic::arrivals::Arrivals;
use ecsim::traffic::arrivals::points::ArrivalTimes;
use ecsim::traffic::cpu_noise::CpuNoise;
use ecsim::traffic::fluid::FluidPlane;
use ecsim::traffic::plane::DataPlane;
use ecsim::traffic::requests::{LaneSetting, batched_tasks, ordered, plane};
use ecsim::units::{SimDuration, SimTime};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

use crate::control_run::ControlRun;
use crate::deployments::rolling;
use crate::scenario::load_json;
use crate::support::{constant, first, minutes, play, scenario, seconds, service, target_group, time};

/// Shares in percent, as the second group has them.
fn percent(shares: &[(f64, f64)]) -> Vec<(f64, u32)> {
    shares.iter().map(|&(at, percent)| (at, (percent * 10_000.0).round() as u32)).collect()
}

fn shift(curve: Curve, step_bake: SimDuration, bake: SimDuration) -> TrafficShift {
    TrafficShift { name: "TEST", curve, step_bake, bake, stage_limit: SimDuration::from_hours(24) }
}

/// Two tasks whose deployments move traffic, watched by an alarm.
fn shifting(shift: TrafficShift, rollback: bool) -> Scenario {
    let mut scenario = rolling(2, 100.0, 200.0);
    scenario.services[0].traffic_shift = Some(shift);
    watched(&mut scenario, rollback);
    scenario
}

fn watched(scenario: &mut Scenario, rollback: bool) {
    scenario.services[0].deployment_alarms = Some(DeploymentAlarms { rollback, alarms: vec![0], bake: minutes(5) });
    scenario.alarms = vec![NamedAlarm {
        name: "errors".into(),
        service: 0,
        series: Series { metric: Metric::HttpCodeTarget5xxCount, statistic: Statistic::Sum },
        rule: AlarmRule {
            breach: Breach::GreaterThanThreshold,
            threshold: 10.0,
            period: seconds(60),
            evaluation_periods: 2,
            datapoints_to_alarm: 2,
            treat_missing_data: TreatMissingData::Missing,
        },
    }];
}

fn ended(record: &DeploymentRecord) -> (DeploymentStatus, Option<f64>) {
    (record.status, record.finished.map(SimTime::as_seconds_f64))
}

/// Traffic moves at 66.5 s and both revisions run for five minutes. The first tick after 366.5 s, 370.5 s, stops the old tasks, which are
/// gone at 400.5 s. Each of the two new ones is billed from its pull at 24.5 s on: 376 s more.
#[test]
fn blue_green_moves_all_at_once_and_runs_twice_the_tasks() {
    let run = ControlRun::deployed(&shifting(shift(Curve::AllAtOnce, SimDuration::ZERO, minutes(5)), true)).until(300.0);
    assert_eq!(run.split(), (2, 2));
    let run = run.until(3600.0);
    assert_eq!(run.shares(), percent(&[(9.5, 0.0), (66.5, 100.0)]));
    assert_eq!(ended(run.record()), (DeploymentStatus::Successful, Some(400.5)));
    assert!((run.record().extra_seconds - 752.0).abs() < 1e-6, "{}", run.record().extra_seconds);
    assert_eq!((run.split(), run.record().strategy), ((0, 2), "TEST"));
}

/// The vectors linear-10 and linear-defaults-duration: ten steps of 10 %, nine waits of six minutes, 54 in all, and none after the last.
/// 66.5 + 3240 is 3306.5 s, the tick after it 3315.5 s, and 30 s later the old tasks are gone.
#[test]
fn linear_moves_a_tenth_every_six_minutes() {
    let run = ControlRun::deployed(&shifting(shift(Curve::Linear(10.0), minutes(6), SimDuration::ZERO), true)).until(7200.0);
    let steps = (0..10).map(|step| (66.5 + 360.0 * f64::from(step), 10.0 * f64::from(step + 1)));
    let expected: Vec<(f64, f64)> = std::iter::once((9.5, 0.0)).chain(steps).collect();
    assert_eq!(run.shares(), percent(&expected));
    assert!((run.shares()[10].0 - run.shares()[1].0 - 54.0 * 60.0).abs() < 1e-9);
    assert_eq!(ended(run.record()), (DeploymentStatus::Successful, Some(3345.5)));
}

/// The vector canary-example: 10 %, then everything. From 66.5 s on for ten minutes, until 666.5 s; the next tick is at 674.5 s.
#[test]
fn canary_moves_a_part_and_then_the_rest() {
    let canary = shift(Curve::Canary(10.0), minutes(10), SimDuration::ZERO);
    let mut scenario = shifting(canary, true);
    let again = scenario.services[0].revisions[0].clone();
    scenario.services[0].revisions.push(again);
    let mut run = ControlRun::deployed(&scenario).until(3599.0);
    assert_eq!(run.shares(), percent(&[(9.5, 0.0), (66.5, 10.0), (666.5, 100.0)]));
    assert_eq!(ended(run.record()), (DeploymentStatus::Successful, Some(704.5)));
    // The next one uses the group that is free now: the second group keeps what the new one has not.
    run.deploy(3600.0, 1);
    let run = run.until(7200.0);
    let shares: Vec<u32> = run.shares()[3..].iter().map(|(_, share)| *share).collect();
    assert_eq!(shares, [900_000, 0]);
    assert_eq!(run.record().status, DeploymentStatus::Successful);
}

/// The alarm comes at 200 s, and traffic is back at once. The tick of 209 s stops the new tasks, which are gone at 239 s.
#[test]
fn an_alarm_takes_traffic_back() {
    let canary = shift(Curve::Canary(10.0), minutes(10), SimDuration::ZERO);
    let mut run = ControlRun::deployed(&shifting(canary, true));
    run.alarm(200.0, true);
    assert_eq!(run.record().status, DeploymentStatus::RollbackInProgress);
    let run = run.until(3600.0);
    assert_eq!(run.shares(), percent(&[(9.5, 0.0), (66.5, 10.0), (200.0, 0.0)]));
    assert_eq!(ended(run.record()), (DeploymentStatus::RollbackSuccessful, Some(239.0)));
    assert_eq!(run.record().reason.as_deref(), Some("alarm errors went to ALARM"));
    assert_eq!(run.split(), (2, 0));
}

/// Without a rollback everything stays as it is, and each revision keeps its tasks. The next deployment begins anew.
#[test]
fn without_rollback_a_failed_deployment_stays_where_it_is() {
    let canary = shift(Curve::Canary(10.0), minutes(10), SimDuration::ZERO);
    let mut run = ControlRun::deployed(&shifting(canary, false));
    run.alarm(200.0, true);
    assert_eq!(ended(run.record()), (DeploymentStatus::Failed, Some(200.0)));
    run.play(3600.0);
    assert_eq!((run.split(), run.shares().last()), ((2, 2), Some(&(66.5, 100_000))));
    run.alarm(3600.0, false);
    run.deploy(3601.0, 0);
    let run = run.until(7200.0);
    assert_eq!(run.record().status, DeploymentStatus::Successful);
    assert_eq!((run.split().0, run.shares().last().map(|last| last.1)), (0, Some(WHOLE_TRAFFIC)));
}

/// AWS, deployment-alarm-failure: an alarm that is in ALARM when the deployment begins is not looked at, and after the bake time nothing
/// is either.
#[test]
fn alarms_count_while_a_deployment_is_watched() {
    let all_at_once = shift(Curve::AllAtOnce, SimDuration::ZERO, minutes(5));
    let mut raised_before = ControlRun::of(&shifting(all_at_once, true));
    raised_before.alarm(0.5, true);
    raised_before.deploy(1.0, 0);
    raised_before.alarm(100.0, false);
    raised_before.alarm(200.0, true);
    assert_eq!(ended(raised_before.until(3600.0).record()), (DeploymentStatus::Successful, Some(400.5)));
    for (at, status) in [(366.0, DeploymentStatus::RollbackSuccessful), (367.0, DeploymentStatus::Successful)] {
        let mut run = ControlRun::deployed(&shifting(all_at_once, true));
        run.alarm(at, true);
        assert_eq!(run.until(3600.0).record().status, status, "{at}");
    }
}

/// A rolling deployment has replaced all tasks at 96.5 s and is watched for five minutes more, until 396.5 s.
#[test]
fn a_rolling_deployment_is_watched_for_a_while() {
    let mut scenario = rolling(2, 100.0, 200.0);
    watched(&mut scenario, true);
    let quiet = ControlRun::deployed(&scenario).until(3600.0);
    assert_eq!(ended(quiet.record()), (DeploymentStatus::Successful, Some(396.5)));
    for (at, status, split) in [
        (50.0, DeploymentStatus::RollbackSuccessful, (2, 0)),
        (390.0, DeploymentStatus::RollbackSuccessful, (2, 0)),
        (397.0, DeploymentStatus::Successful, (0, 2)),
    ] {
        let mut run = ControlRun::deployed(&scenario);
        run.alarm(at, true);
        let run = run.until(3600.0);
        assert_eq!((run.record().status, run.split()), (status, split), "{at}");
        assert_eq!(run.shares(), [], "traffic follows the tasks");
    }
}

/// AWS, deployment-type-linear: a stage takes 24 hours at most. Deployed at 1 s; the old tasks have all of the traffic throughout.
#[test]
fn a_revision_that_never_gets_healthy_fails_after_a_day() {
    let mut scenario = shifting(shift(Curve::AllAtOnce, SimDuration::ZERO, minutes(5)), false);
    scenario.simulation.duration = Some(SimDuration::from_hours(30));
    scenario.services[0].revisions[0].start_failure = 1.0;
    let day = 24.0 * 3600.0;
    let run = ControlRun::deployed(&scenario).until(day);
    assert_eq!(run.record().status, DeploymentStatus::InProgress);
    let run = run.until(30.0 * 3600.0);
    assert_eq!(run.record().status, DeploymentStatus::RollbackSuccessful);
    let finished = run.finished();
    assert!((day + 1.0..day + 60.0).contains(&finished), "{finished}");
    assert_eq!((run.split(), run.shares().iter().all(|(_, share)| *share == 0)), ((2, 0), true));
    assert!(run.record().reason.as_deref().is_some_and(|reason| reason.starts_with("the new revision was not healthy within")));
}

/// Each revision keeps its own count: an old task that crashes is replaced by an old one, a new one by a new one, and a desired count of
/// three holds for both.
#[test]
fn each_revision_keeps_its_tasks_while_traffic_moves() {
    let mut run = ControlRun::deployed(&shifting(shift(Curve::AllAtOnce, SimDuration::ZERO, minutes(60)), true));
    run.play(100.0);
    let now = SimTime::from_seconds(100);
    run.act(now, |control, queue, changes| control.fail_tasks(now, 3, queue, changes));
    assert_eq!(run.split(), (0, 1));
    run.play(200.0);
    assert_eq!(run.split(), (2, 2));
    run.control.set_desired_count(SimTime::from_seconds(200), 3, &mut run.queue);
    run.play(300.0);
    assert_eq!(run.split(), (3, 3));
    run.control.set_desired_count(SimTime::from_seconds(300), 1, &mut run.queue);
    run.play(310.0);
    assert_eq!(run.split(), (1, 1));
}

/// The second deployment comes while the first one's canary runs: traffic goes back to the old tasks at the next tick, 104.5 s, the
/// first canary goes, and the new one gets its share when it is healthy, 57 s after that tick.
#[test]
fn the_next_deployment_takes_traffic_back_and_begins_anew() {
    let mut scenario = shifting(shift(Curve::Canary(10.0), minutes(10), SimDuration::ZERO), true);
    let again = scenario.services[0].revisions[0].clone();
    scenario.services[0].revisions.push(again);
    let mut run = ControlRun::deployed(&scenario);
    run.deploy(100.0, 1);
    let run = run.until(3600.0);
    assert_eq!(run.shares()[..4], percent(&[(9.5, 0.0), (66.5, 10.0), (104.5, 0.0), (161.5, 10.0)]));
    let statuses: Vec<DeploymentStatus> = run.control.deployments().iter().map(|record| record.status).collect();
    assert_eq!(statuses, [DeploymentStatus::Stopped, DeploymentStatus::Successful]);
    assert!(run.control.tasks().iter().filter(|task| task.active).all(|task| task.revision == 2));
}

/// Requests that hold a slot for a second, evenly spaced, so many a second; revision 0 fails all of them.
fn waiting(rate: f64, algorithm: RoutingAlgorithm) -> Service {
    let mut web = service("web", 2);
    (web.workload.cpu_time, web.workload.wait_time) = (Distribution::constant(0.0), Distribution::constant(1.0));
    (web.workload.concurrency, web.workload.backlog) = (64, Some(0));
    web.target_group = Some(target_group(algorithm, seconds(30)));
    let mut traffic = constant(rate);
    traffic.deterministic_arrivals = true;
    web.traffic = vec![traffic];
    let mut workload = web.workload.clone();
    workload.error_rate = 1.0;
    web.revisions = vec![Revision { workload, start_failure: 0.0 }];
    web
}

fn lane(web: &Service) -> LaneSetting<'_> {
    let start = time("2026-01-05T00:00:00Z");
    let sources: Vec<_> = web.traffic.iter().map(|source| (source, None)).collect();
    let arrivals = ArrivalTimes::build(&sources, start, SimTime::START, SimTime::from_seconds(600), 1, 3).expect("valid traffic");
    LaneSetting { is_interrupted: false, service: web, arrivals, seed: 1, service_key: 3, start, from: SimTime::START, row: None }
}

/// Errors of targets and of the balancer in a minute in which the second group, of the tasks 2 and 3, gets this share.
fn minute(plane: &mut dyn DataPlane, share: u32, number: u64) -> (f64, f64) {
    plane.apply(0, FleetChange::SecondGroupShare(share));
    plane.advance(SimTime::from_seconds(60 * (number as i64 + 1)));
    let sample = plane.close_minute(0, number);
    (sample.target_5xx, sample.elb_5xx)
}

fn two_groups(plane: &mut dyn DataPlane, is_other_content: bool) {
    for task in 0..4 {
        let task = TaskId(task);
        if task.0 >= 2 {
            if is_other_content {
                plane.apply(0, FleetChange::MadeOf(task, 0));
            }
            plane.apply(0, FleetChange::InSecondGroup(task));
        }
        plane.apply(0, FleetChange::Healthy(task));
    }
}

/// Of 50 a second 3,000 come in a minute; 5 % of them are 150, with a standard deviation of 12, and what ends lags by a second, which is
/// less than one request of them. All requests of the second group fail.
#[test]
fn a_request_draws_its_target_group_by_weight() {
    for algorithm in [RoutingAlgorithm::RoundRobin, RoutingAlgorithm::WeightedRandom, RoutingAlgorithm::LeastOutstandingRequests] {
        let web = waiting(50.0, algorithm);
        let one_order = ordered(vec![lane(&web)], &[0]);
        let by_events = (algorithm != RoutingAlgorithm::LeastOutstandingRequests).then(|| batched_tasks(lane(&web)));
        for mut plane in [plane(vec![lane(&web)], &[0]), one_order].into_iter().chain(by_events) {
            two_groups(plane.as_mut(), true);
            assert_eq!(minute(plane.as_mut(), 0, 0), (0.0, 0.0), "nothing without a share");
            let (errors, lost) = minute(plane.as_mut(), 50_000, 1);
            assert!((errors - 150.0).abs() < 4.0 * 12.0 && lost == 0.0, "{algorithm:?}: {errors} {lost}");
            minute(plane.as_mut(), WHOLE_TRAFFIC, 2);
            assert_eq!(minute(plane.as_mut(), WHOLE_TRAFFIC, 3), (3000.0, 0.0), "{algorithm:?}: all of it");
        }
    }
}

/// A task holds 64 requests of a second each. Of 100 a second 90 come to the one task of the first group, so 26 a second are turned away,
/// 1,560 in a minute; with equal shares, 50 for each, none. A group without a target loses its share: 10 % are 600.
#[test]
fn a_flow_is_split_by_weight() {
    let web = waiting(100.0, RoutingAlgorithm::RoundRobin);
    let fluid = || -> Box<dyn DataPlane> {
        let sources: Vec<_> = web.traffic.iter().map(|source| (source, None)).collect();
        let end = SimTime::from_seconds(600);
        let arrivals = Arrivals::build(&sources, time("2026-01-05T00:00:00Z"), SimTime::START, end, 1, 1).expect("valid traffic");
        Box::new(FluidPlane::new(&web, arrivals, CpuNoise::new(false, 1, 1), SimTime::START, None))
    };
    for (name, mut plane) in [("fluid", fluid()), ("request", plane(vec![lane(&web)], &[0]))] {
        plane.apply(0, FleetChange::Healthy(TaskId(0)));
        plane.apply(0, FleetChange::InSecondGroup(TaskId(1)));
        plane.apply(0, FleetChange::Healthy(TaskId(1)));
        minute(plane.as_mut(), 100_000, 0);
        let (_, uneven) = minute(plane.as_mut(), 100_000, 1);
        // Request by request the split is drawn, which turns a few more away.
        assert!((uneven - 1560.0).abs() < 80.0, "{name}: {uneven}");
        minute(plane.as_mut(), WHOLE_TRAFFIC / 2, 2);
        let (_, even) = minute(plane.as_mut(), WHOLE_TRAFFIC / 2, 3);
        assert!(even < 60.0, "{name}: {even}");
        plane.apply(0, FleetChange::Draining(TaskId(1)));
        plane.apply(0, FleetChange::Stopped(TaskId(1)));
        minute(plane.as_mut(), 100_000, 4);
        let (_, without) = minute(plane.as_mut(), 100_000, 5);
        assert!((without - 1560.0 - 600.0).abs() < 140.0, "{name}: {without}");
    }
}

fn web_with(deployment: &Value) -> Value {
    let service = crate::scenario::service(json!({"deployment_configuration": deployment, "load_balancer": {}}));
    crate::scenario::scenario(service)
}

/// What strategies mean: shares in percent, and minutes between them and after them. CodeDeploy, predefined configurations.
#[test]
fn strategies_by_their_names() {
    let code_deploy = |name: &str| format!("CodeDeployDefault.ECS{name}");
    let cases = [
        ("BLUE_GREEN".to_owned(), Curve::AllAtOnce, 0),
        ("LINEAR".to_owned(), Curve::Linear(10.0), 6),
        ("CANARY".to_owned(), Curve::Canary(5.0), 10),
        (code_deploy("Linear10PercentEvery1Minutes"), Curve::Linear(10.0), 1),
        (code_deploy("Linear10PercentEvery3Minutes"), Curve::Linear(10.0), 3),
        (code_deploy("Canary10Percent5Minutes"), Curve::Canary(10.0), 5),
        (code_deploy("Canary10Percent15Minutes"), Curve::Canary(10.0), 15),
        (code_deploy("AllAtOnce"), Curve::AllAtOnce, 0),
    ];
    for (strategy, curve, step_minutes) in cases {
        let loaded = load_json(&web_with(&json!({"strategy": strategy, "bake_time_in_minutes": 7}))).unwrap();
        let shift = loaded.scenario.services[0].traffic_shift.unwrap();
        assert_eq!((shift.name, shift.curve), (strategy.as_str(), curve));
        assert_eq!((shift.step_bake, shift.bake), (minutes(step_minutes), minutes(7)));
        let hours = if strategy.starts_with("Code") { 1 } else { 24 };
        assert_eq!(shift.stage_limit, SimDuration::from_hours(hours));
    }
    assert_eq!(load_json(&web_with(&json!({}))).unwrap().scenario.services[0].traffic_shift, None);
}

/// What this way of deploying does not look at is told, unless it is the default, as the documentation of every key writes it.
#[test]
fn keys_of_other_strategies_are_told() {
    let warnings = |deployment: Value| load_json(&web_with(&deployment)).unwrap_or_else(|error| panic!("{error}")).warnings;
    let defaults = json!({
        "bake_time_in_minutes": 0, "canary_configuration": {"canary_percent": 5, "canary_bake_time_in_minutes": 10},
        "linear_configuration": {"step_percent": 10, "step_bake_time_in_minutes": 6},
        "deployment_circuit_breaker": {"enable": false, "rollback": false, "reset_on_healthy_task": true,
                                       "threshold_configuration": {"type": "BOUNDED_PERCENT", "value": 50}}
    });
    for strategy in ["ROLLING", "BLUE_GREEN", "LINEAR", "CANARY", "CodeDeployDefault.ECSCanary10Percent5Minutes"] {
        let mut document = defaults.clone();
        document["strategy"] = json!(strategy);
        assert_eq!(warnings(document), Vec::<String>::new(), "{strategy}");
    }
    let (canary, linear) = (json!({"canary_percent": 10, "canary_bake_time_in_minutes": 15}), json!({"step_bake_time_in_minutes": 1}));
    let preset = "CodeDeployDefault.ECSLinear10PercentEvery1Minutes";
    let threshold = json!({"type": "COUNT", "value": 3});
    let cases = [
        (json!({"bake_time_in_minutes": 5}), vec!["bake_time_in_minutes"]),
        (json!({"strategy": "BLUE_GREEN", "bake_time_in_minutes": 5}), vec![]),
        (json!({"strategy": "CANARY", "canary_configuration": canary}), vec![]),
        (json!({"strategy": "LINEAR", "linear_configuration": linear}), vec![]),
        (json!({"canary_configuration": canary}), vec!["canary_percent", "canary_bake_time_in_minutes"]),
        (json!({"strategy": preset, "linear_configuration": linear}), vec!["step_bake_time_in_minutes"]),
        (json!({"strategy": "CANARY", "linear_configuration": {"step_percent": 20}}), vec!["step_percent"]),
        (json!({"deployment_circuit_breaker": {"rollback": true}}), vec!["rollback"]),
        (
            json!({"deployment_circuit_breaker": {"reset_on_healthy_task": false, "threshold_configuration": threshold}}),
            vec!["reset_on_healthy_task", "type", "value"],
        ),
        (json!({"deployment_circuit_breaker": {"enable": true, "rollback": true, "threshold_configuration": threshold}}), vec![]),
    ];
    for (deployment, keys) in cases {
        let found = warnings(deployment.clone());
        assert_eq!(found.len(), keys.len(), "{deployment}: {found:?}");
        for (warning, key) in found.iter().zip(keys) {
            assert!(warning.contains(&format!(".{key}")) && warning.contains("changes nothing"), "{warning}");
        }
    }
    // Where alarms are enabled a rolling deployment is watched for its bake time.
    let alarms = json!({"enable": true, "alarm_names": ["errors"]});
    let mut watched = web_with(&json!({"bake_time_in_minutes": 5, "alarms": alarms}));
    watched["alarms"] = json!({"errors": {"service": "web", "metric_name": "HTTPCode_Target_5XX_Count", "threshold": 50}});
    assert_eq!(load_json(&watched).unwrap().warnings, Vec::<String>::new());
}

/// However a policy names the requests of its target group, the group changes while traffic moves.
#[test]
fn no_policy_follows_the_requests_of_a_target_group_that_changes() {
    let customized = json!({"metric_name": "RequestCountPerTarget", "namespace": "AWS/ApplicationELB", "statistic": "Sum"});
    let math = json!({"metrics": [
        {"id": "m1", "return_data": false, "metric_stat": {"stat": "Sum", "metric": {"metric_name": "RequestCountPerTarget"}}},
        {"id": "e1", "expression": "m1 * 2"}
    ]});
    let step = json!({"name": "a", "policy_type": "StepScaling", "adjustment_type": "ChangeInCapacity", "metric_name": "RequestCountPerTarget",
                      "alarm": {"threshold": 100, "statistic": "Sum"},
                      "step_adjustments": [{"metric_interval_lower_bound": 0, "scaling_adjustment": 1}]});
    let tracking =
        |key: &str, metric: &Value| json!({"name": "a", "policy_type": "TargetTrackingScaling", "target_value": 60, key: metric});
    let pair = |name: &str| {
        json!({"name": "a", "policy_type": "PredictiveScaling", "target_value": 60,
                                   "predefined_metric_pair_specification": {"predefined_metric_type": name}})
    };
    let load = |strategy: &str, policy: &Value| {
        let mut document = web_with(&json!({"strategy": strategy}));
        document["services"]["web"]["scaling"] = json!({"min_capacity": 1, "max_capacity": 4, "policies": [policy]});
        load_json(&document)
    };
    let refused = [
        (tracking("predefined_metric_type", &json!("ALBRequestCountPerTarget")), "predefined_metric_type", "ALBRequestCountPerTarget"),
        (tracking("customized_metric_specification", &customized), "customized_metric_specification", "RequestCountPerTarget"),
        (tracking("customized_metric_specification", &math), "customized_metric_specification", "RequestCountPerTarget"),
        (step, "metric_name", "RequestCountPerTarget"),
        (pair("ALBRequestCount"), "predefined_metric_pair_specification", "ALBRequestCount"),
    ];
    for (policy, key, name) in refused {
        assert!(load("ROLLING", &policy).is_ok(), "{policy}");
        let error = load("BLUE_GREEN", &policy).unwrap_err();
        let [fault] = error.faults() else { panic!("{error}") };
        assert_eq!(crate::scenario::path(fault), format!("services.web.scaling.policies.a.{key}"));
        assert!(fault.message.starts_with(&format!("{name} is not supported")) && fault.remedy.is_some(), "{error}");
    }
    for policy in [pair("ECSServiceCPUUtilization"), tracking("predefined_metric_type", &json!("ECSServiceAverageCPUUtilization"))] {
        assert!(load("BLUE_GREEN", &policy).is_ok(), "{policy}");
    }
}

/// Alarms by their names; what nobody looks at is told, and metrics that there are not are refused.
#[test]
fn alarms_of_a_scenario() {
    let errors = json!({"service": "web", "metric_name": "HTTPCode_Target_5XX_Count", "statistic": "Sum", "period": 60, "evaluation_periods": 7,
                        "threshold": 50});
    let mut document = web_with(&json!({"alarms": {"enable": true, "rollback": true, "alarm_names": ["errors"]}}));
    document["alarms"] = json!({"errors": errors});
    let loaded = load_json(&document).unwrap();
    assert_eq!(loaded.warnings, Vec::<String>::new());
    // Seven minutes are more than the five that a deployment is watched at least.
    let expected = DeploymentAlarms { rollback: true, alarms: vec![0], bake: minutes(7) };
    assert_eq!(loaded.scenario.services[0].deployment_alarms, Some(expected));
    let alarm = &loaded.scenario.alarms[0];
    assert_eq!((alarm.name.as_str(), alarm.rule.datapoints_to_alarm, alarm.rule.threshold), ("errors", 7, 50.0));

    document["services"]["web"]["deployment_configuration"]["alarms"]["enable"] = json!(false);
    let unused = load_json(&document).unwrap();
    assert!(unused.warnings.len() == 1 && unused.warnings[0].contains("changes nothing"), "{:?}", unused.warnings);
    assert_eq!(unused.scenario.services[0].deployment_alarms, None);

    for (metric, word) in [("HTTPCode_Target_5XX", "did you mean"), ("ApproximateAgeOfOldestMessage", "works on a queue")] {
        document["alarms"]["errors"]["metric_name"] = json!(metric);
        let error = load_json(&document).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}

/// Four tasks with 40 requests a second and a deployment after half an hour, which is at the tick of 1805 s; its tasks are healthy at
/// 1854.3 s, so traffic moves from the tick of 1862 s on. The balancer holds tasks for 300 s.
fn half_an_hour_in(shift: TrafficShift, fidelity: Fidelity) -> Scenario {
    let mut web = service("web", 4);
    web.workload.start_up.time = Distribution::constant(10.0);
    web.workload.cpu_time = Distribution::constant(0.01);
    web.traffic = vec![constant(40.0)];
    web.traffic_shift = Some(shift);
    web.revisions = vec![Revision { workload: web.workload.clone(), start_failure: 0.0 }];
    let mut scenario = scenario(vec![web]);
    scenario.simulation.fidelity = fidelity;
    scenario.events = vec![after(1800, EventKind::Deployment { service: 0, revision: 0 })];
    watched(&mut scenario, true);
    scenario
}

fn after(after: i64, kind: EventKind) -> Event {
    Event { when: When::At(Moment::Offset(seconds(after))), kind }
}

/// The only deployment of the first service, with the second at which it ended.
fn only(outcome: &Outcome) -> (&Deployment, Option<f64>) {
    let [deployment] = first(outcome).deployments.as_slice() else { panic!("one deployment") };
    let seconds = |at: jiff::Timestamp| at.duration_since(outcome.start).as_secs_f64();
    (deployment, deployment.finished_at.map(seconds))
}

const BOTH: [Fidelity; 2] = [Fidelity::Fluid, Fidelity::Request];

/// The canary has 10 % of the requests and fails a fifth of them: 0.8 a second, 46 until 1920 s and 48 in the minute after. Both are above
/// 10, and the second one is published 170 s after 1980 s. From 1862 to 2150 s 230.4 requests fail, with a standard deviation of 15; the
/// new tasks stop at the tick of 2156.5 s and are held for 300 s.
#[test]
fn an_alarm_ends_a_canary_that_fails_requests() {
    for fidelity in BOTH {
        let mut scenario = half_an_hour_in(shift(Curve::Canary(10.0), minutes(15), minutes(10)), fidelity);
        scenario.services[0].revisions[0].workload.error_rate = 0.2;
        let outcome = play(&scenario);
        let (deployment, finished) = only(&outcome);
        assert_eq!((deployment.status, finished), ("ROLLBACK_SUCCESSFUL", Some(2456.5)), "{fidelity:?}");
        assert_eq!(deployment.reason.as_deref(), Some("alarm errors went to ALARM"));
        let tolerance = if fidelity == Fidelity::Fluid { 1.0 } else { 60.0 };
        let failed = first(&outcome).requests.failed;
        assert!((failed - 230.4).abs() < tolerance, "{fidelity:?}: {failed}");
        assert!(
            (deployment.requests_failed - failed).abs() < 1.0,
            "all of them during the deployment: {} of {failed}",
            deployment.requests_failed
        );
    }
}

/// Traffic moves at 1862 s, the bake time ends at 2462 s, the old tasks stop at the tick of 2470 s and are gone at 2770 s. Each of the four
/// new ones is billed from its pull at 1820 s on: 950 s more, 1.0556 h in all.
#[test]
fn a_blue_green_deployment_bills_twice_the_tasks() {
    for fidelity in BOTH {
        let outcome = play(&half_an_hour_in(shift(Curve::AllAtOnce, SimDuration::ZERO, minutes(10)), fidelity));
        let (deployment, finished) = only(&outcome);
        assert_eq!((deployment.status, deployment.strategy, finished), ("SUCCESSFUL", "TEST", Some(2770.0)), "{fidelity:?}");
        assert!((deployment.extra_task_hours[0] - 4.0 * 950.0 / 3600.0).abs() < 1e-6, "{:?}", deployment.extra_task_hours);
        assert!((first(&outcome).task_hours[0].1 - 4.0 - 4.0 * 950.0 / 3600.0).abs() < 0.01, "{:?}", first(&outcome).task_hours);
        assert!(first(&outcome).requests.failed + first(&outcome).requests.rejected < 1e-6, "nobody noticed");
    }
}

/// The alarm may watch another service: two of its four targets crash at 2010 s and are replaced at the tick of 2014 s, so that at 2040 s two
/// are healthy. That is published at 2210 s, within the bake time; the new tasks stop at the tick of 2213.5 s.
#[test]
fn an_alarm_on_another_service_takes_traffic_back() {
    for fidelity in BOTH {
        let mut scenario = half_an_hour_in(shift(Curve::AllAtOnce, SimDuration::ZERO, minutes(10)), fidelity);
        let mut other = service("other", 4);
        other.workload.start_up.time = Distribution::constant(10.0);
        other.traffic = vec![constant(1.0)];
        scenario.services.push(other);
        scenario.events.push(after(2010, EventKind::TaskFailure { service: 1, count: 2 }));
        let alarm = &mut scenario.alarms[0];
        (alarm.service, alarm.series) = (1, Series { metric: Metric::HealthyHostCount, statistic: Statistic::Average });
        let rule = &mut alarm.rule;
        (rule.breach, rule.threshold) = (Breach::LessThanThreshold, 3.0);
        (rule.evaluation_periods, rule.datapoints_to_alarm) = (1, 1);
        let outcome = play(&scenario);
        let (deployment, finished) = only(&outcome);
        assert_eq!((deployment.status, finished), ("ROLLBACK_SUCCESSFUL", Some(2513.5)), "{fidelity:?}");
    }
}

/// A rolling deployment without an alarm goes through, and every fifth request fails from then on; with the alarm it goes back. Its new tasks
/// are healthy at 1854.3 s; from there until the old ones stop at 1862 s half of the requests meet them.
#[test]
fn an_alarm_takes_back_a_rolling_deployment() {
    for fidelity in BOTH {
        let mut scenario = half_an_hour_in(shift(Curve::AllAtOnce, SimDuration::ZERO, minutes(10)), fidelity);
        scenario.services[0].traffic_shift = None;
        scenario.services[0].revisions[0].workload.error_rate = 0.2;
        let with_alarm = play(&scenario);
        // 4 a second until 1862 s, 23 of them until 1860 s, and 8 a second then, so that the minute after that one raises the alarm when
        // it is published, at 2090 s. That is a tick: the old tasks are back 49.3 s later and share the requests until that of 2147 s.
        let (deployment, _) = only(&with_alarm);
        assert_eq!((deployment.status, deployment.strategy), ("ROLLBACK_SUCCESSFUL", "ROLLING"), "{fidelity:?}");
        let expected = 8.0 * (2139.3 - 1862.0) + 4.0 * (1862.0 - 1854.3) + 4.0 * (2147.0 - 2139.3);
        let failed = first(&with_alarm).requests.failed;
        assert!((failed - expected).abs() < 0.05 * expected, "{fidelity:?}: {failed}, not {expected}");
        scenario.services[0].deployment_alarms = None;
        let without = play(&scenario);
        assert_eq!(only(&without).0.status, "SUCCESSFUL");
        let expected = 8.0 * (3600.0 - 1862.0) + 4.0 * (1862.0 - 1854.3);
        let failed = first(&without).requests.failed;
        assert!((failed - expected).abs() < 0.05 * expected, "{fidelity:?}: {failed}, not {expected}");
    }
}

/// Traffic moves at 66.5 s and the old tasks go at 366.5 s. One of them hangs a while before, at any time: the deployment ends with the new
/// tasks alone, whether the hang is noticed by then or its replacement is under way.
#[test]
fn a_task_that_hangs_before_the_old_ones_go_goes_with_them() {
    for hang_seconds in (70..366).step_by(8) {
        let mut run = ControlRun::of(&shifting(shift(Curve::AllAtOnce, SimDuration::ZERO, minutes(5)), true));
        run.deploy(1.0, 0);
        run.play(f64::from(hang_seconds));
        let now = SimTime::from_seconds(i64::from(hang_seconds));
        run.act(now, |control, queue, changes| control.hang_tasks(now, 1, queue, changes));
        let run = run.until(7200.0);
        assert_eq!((run.record().status, run.split()), (DeploymentStatus::Successful, (0, 2)), "{hang_seconds} s");
    }
}

/// Twelve tasks of a deployment that failed and stays are not what the load needs: cooldowns begin as if six ran, so the policy goes on to scale in
/// by at most 30 % at a time, from 6 to 5, 4, 3 and 2, each of both revisions.
#[test]
fn cooldowns_begin_while_two_revisions_run() {
    let loaded = load_json(&json!({
        "version": 1,
        "simulation": {"duration": "4h", "timeline_resolution": "60s"},
        "assumptions": {"max_scale_in_fraction": "30%", "sampling_noise": false},
        "services": {"web": {
            "task_definition": {"cpu": 1024, "memory": 2048},
            "desired_count": 6,
            "load_balancer": {"deregistration_delay": 30},
            "deployment_configuration": {"strategy": "BLUE_GREEN", "bake_time_in_minutes": 60, "alarms": {"enable": true, "alarm_names": ["any"]}},
            "traffic": {"constant": 1},
            "workload": {"cpu_time": "10ms"},
            "scaling": {"min_capacity": 2, "max_capacity": 10, "policies": [
                {"name": "cpu", "policy_type": "TargetTrackingScaling", "predefined_metric_type": "ECSServiceAverageCPUUtilization", "target_value": 60}]},
        }},
        "alarms": {"any": {"service": "web", "metric_name": "CPUUtilization", "threshold": 0}},
        "events": [{"at": "1s", "kind": "deployment", "service": "web"}],
    }));
    let outcome = play(&loaded.unwrap().scenario);
    assert_eq!(only(&outcome).0.status, "FAILED");
    assert_eq!(first(&outcome).desired_tasks.min, 2, "{:?}", first(&outcome).scaling);
}

/// The zone that was away when the new tasks came up has its share of them once the deployment is over.
#[test]
fn zones_are_evened_out_after_a_deployment() {
    let mut scenario = rolling(6, 100.0, 200.0);
    scenario.services[0].traffic_shift = Some(shift(Curve::AllAtOnce, SimDuration::ZERO, minutes(5)));
    let mut run = ControlRun::of(&scenario);
    run.act(SimTime::START, |control, queue, changes| control.lose_zone(SimTime::START, 0, queue, changes));
    run.deploy(300.0, 0);
    run.play(500.0);
    run.control.reopen_zone(SimTime::from_seconds(500), 0, &mut run.queue);
    let run = run.until(7200.0);
    assert_eq!(run.record().status, DeploymentStatus::Successful);
    let in_zone = |zone: u8| run.control.tasks().iter().filter(|task| task.active && task.zone == zone).count();
    assert_eq!([0, 1, 2].map(in_zone), [2, 2, 2]);
}

/// What happens while traffic moves.
#[derive(Clone, Debug)]
enum Incident {
    Deploy,
    Crash(u32),
    Hang(u32),
    Alarm(bool),
    Desired(u32),
}

fn any_incident() -> impl Strategy<Value = (u32, Incident)> {
    let incident = prop_oneof![
        3 => Just(Incident::Deploy),
        1 => (1_u32..4).prop_map(Incident::Crash),
        1 => (1_u32..4).prop_map(Incident::Hang),
        1 => any::<bool>().prop_map(Incident::Alarm),
        1 => (1_u32..6).prop_map(Incident::Desired),
    ];
    (0_u32..3600, incident)
}

fn any_shift() -> impl Strategy<Value = TrafficShift> {
    let curve = prop_oneof![Just(Curve::AllAtOnce), (3.0..100.0_f64).prop_map(Curve::Linear), (0.1..100.0_f64).prop_map(Curve::Canary)];
    (curve, 0_i64..10, 0_i64..10).prop_map(|(curve, step, bake)| shift(curve, minutes(step), minutes(bake)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, rng_seed: RngSeed::Fixed(20_261_121), failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens within an hour, ten hours later each deployment has ended. All tasks are of one revision, as many as are desired, and
    /// their target group has all of the traffic; only a deployment that failed without a rollback keeps both revisions.
    #[test]
    fn traffic_ends_where_the_tasks_are(
        shift in any_shift(), rollback in any::<bool>(), incidents in prop::collection::vec(any_incident(), 1..12),
    ) {
        let mut run = ControlRun::of(&shifting(shift, rollback));
        let mut incidents = incidents;
        incidents.sort_by_key(|(at, _)| *at);
        for (at, incident) in incidents {
            let (seconds, now) = (f64::from(at), SimTime::from_seconds(i64::from(at)));
            run.play(seconds);
            match incident {
                Incident::Deploy => run.deploy(seconds, 0),
                Incident::Alarm(is_raised) => run.alarm(seconds, is_raised),
                Incident::Desired(count) => run.control.set_desired_count(now, count, &mut run.queue),
                Incident::Hang(count) => run.act(now, |control, queue, changes| control.hang_tasks(now, count, queue, changes)),
                Incident::Crash(count) => run.act(now, |control, queue, changes| control.fail_tasks(now, count, queue, changes)),
            }
        }
        let run = run.until(39_600.0);
        let statuses: Vec<DeploymentStatus> = run.control.deployments().iter().map(|record| record.status).collect();
        prop_assert!(statuses.iter().all(|status| !matches!(status, DeploymentStatus::InProgress | DeploymentStatus::RollbackInProgress)), "{statuses:?}");
        let active = || run.control.tasks().iter().enumerate().filter(|(_, task)| task.active);
        let desired = run.control.desired.value() as usize;
        let mut revisions: Vec<u32> = active().map(|(_, task)| task.revision).collect();
        revisions.sort_unstable();
        revisions.dedup();
        let share = run.shares().last().map_or(0, |last| last.1);
        if statuses.last() == Some(&DeploymentStatus::Failed) {
            prop_assert!(!rollback && active().count() == 2 * desired);
            return Ok(());
        }
        prop_assert!(active().count() == desired && revisions.len() <= 1, "{revisions:?}");
        for (number, _) in active() {
            let in_second = FleetChange::InSecondGroup(TaskId(number as u32));
            let is_second = run.changes.iter().any(|(_, change)| *change == in_second);
            prop_assert_eq!(share, if is_second { WHOLE_TRAFFIC } else { 0 });
        }
    }
}
