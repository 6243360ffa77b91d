//! Deployments as a scenario writes them, from the event to the result. Times are computed by hand: see `deployments` and `events`.

use ecsim::error::ErrorKind;
use ecsim::outcome::{Deployment, Outcome};
use ecsim::plan::{RunOptions, run};
use ecsim::result::RunResult;
use ecsim::scenario::model::{Distribution, Event, EventKind, Fidelity, Moment, Revision, Scenario, Service, When};
use ecsim::units::SimDuration;
use serde_json::{Value, json};

use crate::scenario::{load_json, path};
use crate::support::{NoFiles, at, constant, cpu_scaling, first, play, scenario, seconds, service, step, time, waiting};

const BOTH: [Fidelity; 2] = [Fidelity::Fluid, Fidelity::Request];

/// The first of the service's revisions.
const FIRST: EventKind = EventKind::Deployment { service: 0, revision: 0 };

fn redeployment(start_failure: f64) -> EventKind {
    EventKind::Redeployment { service: 0, start_failure }
}

/// An hour of a service to which these things happen.
fn hour_of(web: Service, events: Vec<Event>, fidelity: Fidelity) -> Scenario {
    let mut scenario = scenario(vec![web]);
    (scenario.events, scenario.simulation.fidelity) = (events, fidelity);
    scenario.simulation.timeline_resolution = seconds(60);
    scenario.assumptions.sampling_noise = false;
    scenario
}

fn deployments(outcome: &Outcome) -> &[Deployment] {
    &first(outcome).deployments
}

/// Deployed at 100 s, launched at the eleventh tick, 104.5 s, healthy 49.3 s later: at the tick of 161.5 s the old tasks leave and are
/// held for 60 s. The new ones are billed from their pull at 119.5 s on: 102 s each.
#[test]
fn a_deployment_is_told_from_its_start_to_its_end() {
    for fidelity in BOTH {
        let outcome = play(&hour_of(waiting(4), vec![at(100, redeployment(0.0))], fidelity));
        let [deployment] = deployments(&outcome) else { panic!("one deployment") };
        assert_eq!(deployment.started_at, time("2026-01-05T00:01:40Z"));
        assert_eq!(deployment.finished_at, Some(time("2026-01-05T00:03:41.5Z")));
        assert_eq!((deployment.strategy, deployment.status, deployment.reason.as_deref()), ("ROLLING", "SUCCESSFUL", None));
        assert_eq!((deployment.tasks_launched, deployment.failed_tasks), (4, 0));
        assert!(deployment.requests_failed.abs() < 1e-6, "{}", deployment.requests_failed);
        assert!((deployment.extra_task_hours[0] * 3600.0 - 4.0 * 102.0).abs() < 1e-6, "{:?}", deployment.extra_task_hours);
        assert_eq!(deployment.extra_task_hours[1], 0.0);
    }
}

/// Nothing needs to stay, nothing more may run: all tasks leave at 104.5 s, and the new ones are there at 153.8 s. For 49.3 s nobody answers
/// 40 requests a second. Another minute of failures before the deployment is none of its.
#[test]
fn requests_that_fail_meanwhile_are_counted() {
    for fidelity in BOTH {
        let mut web = waiting(4);
        (web.minimum_healthy_percent, web.maximum_percent) = (0.0, 100.0);
        let crash = EventKind::TaskFailure { service: 0, count: 4 };
        let outcome = play(&hour_of(web, vec![at(100, redeployment(0.0)), at(1000, crash)], fidelity));
        let [deployment] = deployments(&outcome) else { panic!("one deployment") };
        assert!((deployment.requests_failed - 49.3 * 40.0).abs() <= 2.0, "{fidelity:?}: {}", deployment.requests_failed);
        let requests = first(&outcome).requests;
        assert!(requests.rejected + requests.failed > deployment.requests_failed + 1000.0, "the crash is apart");
        // The old tasks drain until 164.5 s, when the new ones have pulled and run since 119.5 s.
        assert!((deployment.extra_task_hours[0] * 3600.0 - 4.0 * 45.0).abs() < 1e-6, "{:?}", deployment.extra_task_hours);
    }
}

/// A revision answers after two seconds instead of one; a deployment without a revision brings it once more, and a new one brings what it says.
/// The first is healthy at 153.8 s, and the old tasks leave at 161.5 s: for 7.7 s of the third minute half of the requests take a second
/// longer, and for 18.5 s all: 1 + (7.7 / 2 + 18.5) / 60 s on average.
#[test]
fn a_deployment_without_a_revision_changes_nothing() {
    for fidelity in BOTH {
        let mut web = waiting(4);
        let revision = |wait: f64| {
            let mut workload = web.workload.clone();
            workload.wait_time = Distribution::constant(wait);
            Revision { workload, start_failure: 0.0 }
        };
        web.revisions = vec![revision(2.0), revision(1.0)];
        let back = EventKind::Deployment { service: 0, revision: 1 };
        let events = vec![at(100, FIRST), at(1000, redeployment(0.0)), at(2000, back)];
        let outcome = play(&hour_of(web, events, fidelity));
        let latency = |minute: usize| first(&outcome).timeline[minute].latency_mean.unwrap();
        let latencies = [1, 10, 30, 40].map(latency);
        for (found, expected) in latencies.into_iter().zip([1.0, 2.0, 2.0, 1.0]) {
            assert!((found - expected).abs() < 1e-6, "{fidelity:?}: {latencies:?}");
        }
        let mixed = 1.0 + (7.7 / 2.0 + 18.5) / 60.0;
        assert!((latency(2) - mixed).abs() < 0.02, "{fidelity:?}: {}, not {mixed}", latency(2));
        assert!(deployments(&outcome).iter().all(|deployment| deployment.status == "SUCCESSFUL"));
        assert_eq!(deployments(&outcome).len(), 3);
    }
}

/// A revision that fails a tenth of its requests, and needs twice the CPU: flows and single requests agree on what it costs.
#[test]
fn flows_know_what_a_revision_asks_of_its_tasks() {
    let of = |fidelity| {
        let mut web = service("web", 6);
        web.traffic = vec![constant(30.0)];
        let mut workload = web.workload.clone();
        (workload.cpu_time, workload.error_rate) = (Distribution::Lognormal { mean: 0.06, cv: 1.0 }, 0.1);
        web.revisions = vec![Revision { workload, start_failure: 0.0 }];
        play(&hour_of(web, vec![at(1800, FIRST)], fidelity))
    };
    let [flows, requests] = BOTH.map(of);
    let cpu = |outcome: &Outcome, minute: usize| first(outcome).timeline[minute].cpu_utilization.unwrap();
    // 30 x 0.04 of 3 vCPU and 2 % idle; then 30 x 0.06.
    for (minutes, expected) in [(10..29, 42.0), (35..60, 62.0)] {
        let mean = |outcome: &Outcome| minutes.clone().map(|minute| cpu(outcome, minute)).sum::<f64>() / minutes.len() as f64;
        assert!((mean(&flows) - expected).abs() < 0.1, "{}", mean(&flows));
        assert!((mean(&requests) - expected).abs() < 2.0, "{}", mean(&requests));
    }
    let failed = |outcome: &Outcome| first(outcome).requests.failed;
    // From 1860 s or so on a tenth of 30 a second.
    assert!(
        (failed(&flows) - 5200.0).abs() < 60.0 && (failed(&requests) - failed(&flows)).abs() < 250.0,
        "{} {}",
        failed(&flows),
        failed(&requests)
    );
    for quantile in [0.5, 0.95, 0.99] {
        let of = |outcome: &Outcome| first(outcome).latency.quantile(quantile).unwrap();
        assert!((of(&flows) / of(&requests) - 1.0).abs() < 0.06, "p{quantile}: {} {}", of(&flows), of(&requests));
    }
    let counts = first(&flows).requests;
    let ended = counts.served + counts.rejected + counts.timed_out + counts.failed + counts.in_flight_at_end;
    assert!((counts.offered - ended).abs() < 1e-6 * counts.offered);
}

/// AWS, service-auto-scaling: while a deployment is in progress scale-in is off and scale-out is not. Six tasks at 42 % would be five from
/// 1070 s on, when 15 minutes below 54 % are published; the deployment of 600 s starts no task until that of 2000 s comes.
#[test]
fn policies_do_not_scale_in_while_a_deployment_is_in_progress() {
    let web = |spike: bool| {
        let mut web = service("web", 6);
        web.traffic = vec![constant(30.0)];
        if spike {
            web.traffic[0].spikes = vec![step(seconds(1200), 2.0, seconds(2400))];
        }
        web.scaling = Some(cpu_scaling(2, 20, 60.0));
        web
    };
    let desired = |web: Service, events: Vec<Event>| -> Vec<u32> {
        let outcome = play(&hour_of(web, events, Fidelity::Fluid));
        first(&outcome).timeline.iter().map(|row| row.desired).collect()
    };
    let undisturbed = desired(web(false), Vec::new());
    assert_eq!((undisturbed[16], undisturbed[18]), (6, 5));
    let stuck = vec![at(600, redeployment(1.0)), at(2000, redeployment(0.0))];
    let held = desired(web(false), stuck.clone());
    assert_eq!((held[18], held[33], held[59]), (6, 6, 5), "{held:?}");
    let risen = desired(web(true), stuck);
    assert!(risen[32] > 6, "{risen:?}");
}

/// Every day at noon: three times in three days from midnight.
#[test]
fn a_schedule_deploys_again_and_again() {
    let mut document = crate::scenario::scenario(crate::scenario::service(json!({})));
    document["simulation"]["duration"] = json!("3d");
    document["events"] = json!([{"schedule": "cron(0 12 * * ? *)", "kind": "deployment", "service": "web"}]);
    let result = priced(&document);
    let deployments = &result.services.0[0].1.deployments;
    let started: Vec<&str> = deployments.iter().map(|deployment| deployment.started_at.as_str()).collect();
    assert_eq!(started, ["2026-01-05T12:00:00Z", "2026-01-06T12:00:00Z", "2026-01-07T12:00:00Z"]);
    assert!(deployments.iter().all(|deployment| deployment.status == "SUCCESSFUL" && deployment.tasks_launched == 2));
}

fn priced(document: &Value) -> RunResult {
    let loaded = load_json(document).unwrap_or_else(|error| panic!("{error}"));
    run(&loaded, &NoFiles, &RunOptions { variant: None, timeline: false }).expect("a run").result
}

/// 50 tasks of 1 vCPU and 2 GB in us-east-1 cost 0.04048 + 2 x 0.004445 = 0.04937 dollars an hour each. Without a balancer the old ones
/// stop when the new ones have run for 40 s: deployed on the hour, launched at the 379th tick, 3600.5 s, their pull begins 15 s later, they run
/// 250 / 30 s after that, and the tick after 3663.833 s is 3667 s: 51.5 s each. 2575 s are 0.715 hours and 3.5 cents.
#[test]
fn the_extra_hours_have_their_price() {
    let mut document = crate::scenario::scenario(crate::scenario::service(json!({"desired_count": 50, "traffic": {"constant": 0}})));
    document["events"] = json!([{"at": "1h", "kind": "deployment", "service": "web"}]);
    let result = priced(&document);
    let [deployment] = &result.services.0[0].1.deployments[..] else { panic!("one deployment") };
    assert_eq!(deployment.finished_at.as_deref(), Some("2026-01-05T01:01:07Z"));
    assert!((deployment.extra_task_hours.0 - 2575.0 / 3600.0).abs() < 1e-6, "{:?}", deployment.extra_task_hours);
    assert_eq!(deployment.extra_cost.as_deref(), Some("0.04"));
}

/// A deployment that the window finds in progress belongs to it, with what fails from then on.
#[test]
fn a_deployment_may_have_begun_in_the_warm_up() {
    let mut web = waiting(4);
    (web.minimum_healthy_percent, web.maximum_percent) = (0.0, 100.0);
    let early = Event { when: When::At(Moment::Absolute(time("2026-01-04T23:59:30Z"))), kind: redeployment(0.0) };
    let mut scenario = hour_of(web, vec![early], Fidelity::Fluid);
    scenario.simulation.warm_up = SimDuration::from_hours(1);
    let outcome = play(&scenario);
    let [deployment] = deployments(&outcome) else { panic!("one deployment") };
    assert_eq!(deployment.started_at, time("2026-01-04T23:59:30Z"));
    assert!((deployment.requests_failed - first(&outcome).requests.rejected).abs() < 1e-6);
    assert!(deployment.requests_failed > 0.0);
}

fn with_revision(revision: Value) -> Value {
    let mut document = crate::scenario::scenario(crate::scenario::service(json!({})));
    document["simulation"]["fidelity"] = json!("request");
    document["events"] = json!([{"at": "1h", "kind": "deployment", "service": "web", "revision": revision, "start_failure": "5%"}]);
    document
}

/// A merge patch over the service as it is written, in any spelling.
#[test]
fn a_revision_is_read_like_the_service() {
    let patch = json!({"Workload": {"CpuTime": "60ms", "start_up": {"time": "20s"}}, "workload.error_rate": "1%", "desired_count": 2});
    let scenario = load_json(&with_revision(patch)).unwrap_or_else(|error| panic!("{error}")).scenario;
    let web = &scenario.services[0];
    assert_eq!(scenario.events[0].kind, FIRST);
    let mut expected = web.workload.clone();
    expected.cpu_time = Distribution::constant(0.06);
    expected.start_up.time = Distribution::constant(20.0);
    expected.error_rate = 0.01;
    assert_eq!(web.revisions, [Revision { workload: expected, start_failure: 0.05 }]);
    assert!(!scenario.needs_request_fidelity());
}

#[test]
fn a_slip_in_a_revision_is_named_with_its_line() {
    let cases = [
        (json!({"workload": {"cpu_tme": "60ms"}}), "events.0.revision.workload.cpu_tme", "did you mean `cpu_time`"),
        (json!({"workload": {"cpu_time": "60 apples"}}), "events.0.revision.workload.cpu_time", "60 apples"),
        (json!({"workload": {"cpu_time": null}}), "events.0.revision.workload.cpu_time", "`cpu_time` must be given"),
        (json!({"wrkload": {}}), "events.0.revision.wrkload", "did you mean `workload`"),
        (json!(7), "events.0.revision", "a map of what changes"),
    ];
    for (patch, place, word) in cases {
        let error = load_json(&with_revision(patch)).expect_err("a fault");
        let [fault] = error.faults() else { panic!("one fault: {error}") };
        assert_eq!(path(fault), place);
        assert!(fault.place.line.is_some() && error.to_string().contains(word), "{error}");
    }
}

/// The workers of a queue are one pool in flows.
#[test]
fn workers_of_a_queue_change_request_by_request() {
    let with = |fidelity: &str, kind: &str| {
        let mut document = with_revision(json!({"workload": {"cpu_time": "60ms"}}));
        document["simulation"]["fidelity"] = json!(fidelity);
        document["services"]["web"]["workload"]["kind"] = json!(kind);
        load_json(&document).map(|loaded| loaded.scenario.needs_request_fidelity())
    };
    assert_eq!(with("fluid", "http").ok(), Some(false));
    assert_eq!(with("auto", "queue").ok(), Some(true));
    let error = with("fluid", "queue").expect_err("a refusal");
    assert_eq!(error.faults().iter().map(path).collect::<Vec<_>>(), ["events.0.revision"]);
    assert!(error.to_string().contains("fidelity: request"), "{error}");
}

/// What a deployment cannot change here is refused by name; what it repeats is not.
#[test]
fn what_a_revision_may_not_change_is_refused_by_name() {
    let refused = [
        (json!({"task_definition": {"cpu": 2048, "memory": 4096}}), vec!["task_definition.cpu", "task_definition.memory"]),
        (json!({"desired_count": 5}), vec!["desired_count"]),
        (json!({"workload": {"concurrency": 8}}), vec!["workload.concurrency"]),
        (json!({"workload": {"start_up": {"cpu": "10%"}}}), vec!["workload.start_up.cpu"]),
        (json!({"deployment_configuration": {"maximum_percent": 150}}), vec!["deployment_configuration.maximum_percent"]),
        (json!({"traffic": {"constant": 30}}), vec!["traffic"]),
    ];
    for (patch, keys) in refused {
        let error = load_json(&with_revision(patch)).expect_err("a refusal");
        let found: Vec<&str> = error.faults().iter().map(path).collect();
        let expected: Vec<String> = keys.iter().map(|key| format!("events.0.revision.{key}")).collect();
        assert_eq!(found, expected);
        assert!(error.faults().iter().all(|fault| fault.kind == ErrorKind::NotModelled && fault.remedy.is_some()), "{error}");
    }
    let same = json!({"task_definition": {"cpu": 1024}, "workload": {"concurrency": 64, "start_up": {"cpu": "80%"}}, "desired_count": 2});
    assert!(load_json(&with_revision(same)).is_ok());
}

/// AWS, deployment-type-ecs: 125 % of three are three, so of three tasks none may come, and at 100 % none may go.
#[test]
fn percents_that_leave_no_room_are_told() {
    let ids = |percents: Value, failing: &str| -> Vec<&'static str> {
        let mut document = with_revision(json!({}));
        document["events"][0]["start_failure"] = json!(failing);
        document["services"]["web"]["desired_count"] = json!(3);
        document["services"]["web"]["deployment_configuration"] = percents;
        let scenario = load_json(&document).unwrap_or_else(|error| panic!("{error}")).scenario;
        let of_deployments = ["deployment-without-room", "start-failure-without-breaker"];
        ecsim::scenario::advice::advise(&scenario).iter().map(|finding| finding.id).filter(|id| of_deployments.contains(id)).collect()
    };
    assert_eq!(ids(json!({"maximum_percent": 125}), "0%"), ["deployment-without-room"]);
    assert_eq!(ids(json!({"maximum_percent": 134}), "0%"), [""; 0]);
    assert_eq!(ids(json!({"minimum_healthy_percent": 66, "maximum_percent": 100}), "0%"), [""; 0]);
    assert_eq!(ids(json!({}), "20%"), ["start-failure-without-breaker"]);
    assert_eq!(ids(json!({"deployment_circuit_breaker": {"enable": true}}), "20%"), [""; 0]);
}
