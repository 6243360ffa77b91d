//! What only single requests can show: users, calls, retries and their kind are read, their contradictions are
//! named, and at fidelity fluid they are refused by name.

use ecsim::error::ErrorKind;
use ecsim::scenario::Loaded;
use ecsim::scenario::model::{Calls, Distribution, Fidelity, RoutingAlgorithm, TrafficKind, Users};
use ecsim::units::SimDuration;
use serde_json::{Value, json};

use crate::scenario::{load_json, path, scenario, service};

/// A scenario of these services at request fidelity.
fn requests(services: &[(&str, Value)]) -> Value {
    let mut document = scenario(service(json!({})));
    document["simulation"]["fidelity"] = json!("request");
    document["services"] = services.iter().map(|(name, parts)| ((*name).to_owned(), service(parts.clone()))).collect();
    document
}

fn loaded(services: &[(&str, Value)]) -> Loaded {
    load_json(&requests(services)).unwrap_or_else(|error| panic!("{error}"))
}

/// The only fault of these services at request fidelity.
fn fault(services: &[(&str, Value)]) -> String {
    let error = load_json(&requests(services)).expect_err("a fault");
    assert_eq!(error.faults().len(), 1, "{error}");
    error.to_string()
}

fn from(caller: &str) -> Value {
    json!({"traffic": {"from": {"service": caller}}})
}

/// Calls of the service `web` into `callee`, with these keys beside `service`.
fn called(keys: Value, callee: Value) -> [(&'static str, Value); 2] {
    let mut callee = callee;
    let mut keys = keys;
    keys["service"] = json!("web");
    callee["traffic"] = json!({ "from": keys });
    [("web", json!({})), ("api", callee)]
}

fn queue() -> Value {
    json!({"workload": {"kind": "queue", "cpu_time": "1ms"}})
}

fn calls(services: &[(&str, Value)]) -> Calls {
    let scenario = loaded(services).scenario;
    let TrafficKind::Calls(calls) = scenario.services[1].traffic[0].kind else { panic!("calls") };
    calls
}

/// Each wish by itself, with its path.
fn wishes() -> Vec<(Value, &'static str)> {
    let http = |key: &str, value: Value| json!({"workload": {"cpu_time": "1ms", key: value}});
    let of_queue = |key: &str, value: Value| json!({"workload": {"kind": "queue", "cpu_time": "1ms", key: value}});
    vec![
        (
            json!({"load_balancer": {"load_balancing_algorithm_type": "least_outstanding_requests"}}),
            "load_balancer.load_balancing_algorithm_type",
        ),
        (json!({"load_balancer": {"slow_start": 30}}), "load_balancer.slow_start"),
        (json!({"load_balancer": {"health_check": {"shares_workers": true}}}), "load_balancer.health_check.shares_workers"),
        (json!({"traffic": {"users": {"count": 5}}}), "traffic.users"),
        (from("other"), "traffic.from"),
        (of_queue("max_receive_count", json!(3)), "workload.max_receive_count"),
        (of_queue("receive", json!({"batch_size": 10})), "workload.receive.batch_size"),
        (http("on_timeout", json!("finish")), "workload.on_timeout"),
        (http("retries", json!({"max": 2})), "workload.retries.max"),
    ]
}

#[test]
fn what_only_requests_show_is_refused_in_fluid_and_makes_the_choice_elsewhere() {
    for (parts, key) in wishes() {
        let mut document = requests(&[("web", parts), ("other", json!({}))]);
        for fidelity in ["request", "auto"] {
            document["simulation"]["fidelity"] = json!(fidelity);
            let loaded = load_json(&document).unwrap_or_else(|error| panic!("{key} {fidelity}: {error}"));
            assert!(loaded.scenario.needs_request_fidelity(), "{key}");
        }
        document["simulation"]["fidelity"] = json!("fluid");
        let error = load_json(&document).unwrap_err();
        let found: Vec<(ErrorKind, &str)> = error.faults().iter().map(|fault| (fault.kind, path(fault))).collect();
        assert_eq!(found, [(ErrorKind::NotModelled, format!("services.web.{key}").as_str())], "{error}");
        assert!(error.to_string().ends_with("at fidelity fluid (use fidelity: request (or auto))"), "{error}");
    }
}

#[test]
fn an_ordinary_scenario_needs_no_requests() {
    let everything = json!({"load_balancer": {"load_balancing_algorithm_type": "weighted_random", "slow_start": 0},
        "workload": {"cpu_time": "1ms", "on_timeout": "abandon", "retries": {"max": 0, "backoff": "1s"}}});
    let receive = json!({"workload": {"kind": "queue", "cpu_time": "1ms", "receive": {"batch_size": 1, "wait_time": "20s"}}});
    let loaded = loaded(&[("web", everything), ("worker", receive)]);
    assert!(!loaded.scenario.needs_request_fidelity());
    assert_eq!((loaded.scenario.simulation.fidelity, loaded.scenario.simulation.replications), (Fidelity::Request, 1));
    let mut several = requests(&[("web", json!({}))]);
    several["simulation"] = json!({"duration": "1h", "replications": 40});
    assert_eq!(load_json(&several).unwrap().scenario.simulation.replications, 40);
}

#[test]
fn users_and_calls_become_traffic() {
    let users =
        json!({"traffic": [{"constant": 1}, {"users": {"count": 200, "think_time": {"distribution": "exponential", "mean": "2s"}}}]});
    let model = loaded(&[("web", users)]).scenario;
    let expected = Users { count: 200, think_time: Distribution::Exponential { mean: 2.0 } };
    assert_eq!(model.services[0].traffic[1].kind, TrafficKind::Users(expected));

    let plain = Calls { caller: 0, per_request: 1.0, synchronous: true, parallel: false };
    assert_eq!(calls(&called(json!({}), json!({}))), plain);
    let keys = json!({"calls_per_request": 1.5, "mode": "asynchronous"});
    assert_eq!(calls(&called(keys, json!({}))), Calls { per_request: 1.5, synchronous: false, ..plain });
    assert_eq!(calls(&called(json!({"order": "parallel"}), json!({}))), Calls { parallel: true, ..plain });
    assert_eq!(calls(&called(json!({}), queue())), Calls { synchronous: false, ..plain }, "nobody waits for a queue");
    for route in ["direct", "service_connect"] {
        assert_eq!(calls(&called(json!({ "via": route }), json!({}))), plain, "without a balancer the clients spread their calls");
    }
    assert_eq!(calls(&called(json!({"via": "load_balancer"}), json!({"load_balancer": {}}))), plain);
}

#[test]
fn calls_lead_somewhere_and_come_from_somewhere() {
    let message = fault(&[("web", json!({})), ("api", from("wep"))]);
    assert!(message.contains("services.api.traffic.from.service: there is no service `wep` (did you mean `web`?)"), "{message}");
    let message = fault(&[("web", json!({})), ("api", from("checkout"))]);
    assert!(message.contains("there is no service `checkout` (services are web, api)"), "{message}");
    let message = fault(&called(json!({"via": "load_balancer"}), json!({})));
    assert!(message.contains("from.via: via load_balancer, but `api` has no load balancer"), "{message}");
    let message = fault(&called(json!({"via": "load_balancer"}), json!({"load_balancer": {"load_balancer_type": "none"}})));
    assert!(message.contains("has no load balancer"), "{message}");
    let message = fault(&called(json!({"via": "direct"}), json!({"load_balancer": {}})));
    assert!(message.contains("not modelled yet: calls that go past the callee's load balancer"), "{message}");
}

#[test]
fn a_cycle_of_calls_is_named_once() {
    let message = fault(&[("web", from("web"))]);
    assert!(message.contains("`web` calls `web`: a cycle of calls never ends"), "{message}");
    let message = fault(&[("web", from("api")), ("api", from("web"))]);
    assert!(message.contains("services.web.traffic.from: `web` calls `api` calls `web`:"), "{message}");
    // a calls b, b calls c, c calls a; d is called by the cycle and not in it.
    let message = fault(&[("d", from("b")), ("b", from("a")), ("a", from("c")), ("c", from("b"))]);
    assert!(message.contains("services.b.traffic.from: `b` calls `c` calls `a` calls `b`:"), "{message}");
    // Two ways to one service are no cycle.
    let both = json!({"traffic": [{"from": {"service": "b"}}, {"from": {"service": "c"}}]});
    loaded(&[("a", json!({})), ("b", from("a")), ("c", from("a")), ("d", both)]);
}

#[test]
fn a_queue_answers_nobody() {
    let message = fault(&called(json!({"mode": "synchronous"}), queue()));
    assert!(message.contains("from.mode: a caller cannot wait for the answer of a workload of kind queue"), "{message}");
    let message = fault(&called(json!({"via": "direct"}), queue()));
    assert!(message.contains("from.via: via direct has no meaning"), "{message}");
    let mut worker = queue();
    worker["traffic"] = json!({"users": {"count": 3}});
    let message = fault(&[("worker", worker)]);
    assert!(message.contains("traffic.users: users wait for an answer, and a workload of kind queue gives none"), "{message}");
}

#[test]
fn clients_of_a_queue_neither_retry_nor_give_up() {
    let worker = json!({"workload": {"kind": "queue", "cpu_time": "1ms", "retries": {"max": 3}, "on_timeout": "finish"}});
    let loaded = loaded(&[("worker", worker)]);
    let workload = &loaded.scenario.services[0].workload;
    assert_eq!((workload.retries.max, workload.finishes_late_requests), (0, false));
    for key in ["retries", "on_timeout"] {
        assert!(loaded.warnings.iter().any(|warning| warning.contains(&format!("`{key}` has no effect"))), "{:?}", loaded.warnings);
    }
}

#[test]
fn what_has_no_rate_of_its_own_cannot_grow() {
    for (key, value) in [
        ("growth", json!("5%")),
        ("spikes", json!([{"at": "1h", "factor": 3}])),
        ("arrivals", json!("deterministic")),
        ("dispersion", json!(2)),
    ] {
        for (kind, source) in [("users", json!({"users": {"count": 5}})), ("from", json!({"from": {"service": "web"}}))] {
            let mut source = source;
            source[key] = value.clone();
            let message = fault(&[("web", json!({})), ("api", json!({ "traffic": source }))]);
            assert!(message.contains(&format!("`{key}` has no effect on a source of kind {kind}")), "{message}");
        }
    }
    let asynchronous = loaded(&called(json!({"mode": "asynchronous", "order": "parallel"}), json!({})));
    assert!(asynchronous.warnings.iter().any(|warning| warning.contains("`order` has no effect")), "{:?}", asynchronous.warnings);
}

#[test]
fn what_a_target_and_a_consumer_do_is_kept() {
    let balancer = json!({"load_balancer": {"slow_start": 45, "health_check": {"interval": 10, "timeout": 4, "healthy_threshold": 3,
        "unhealthy_threshold": 4, "shares_workers": true}}, "health_check_grace_period_seconds": 90,
        "deployment_configuration": {"minimum_healthy_percent": 50, "maximum_percent": 150}});
    let worker =
        json!({"workload": {"kind": "queue", "cpu_time": "1ms", "max_receive_count": 5, "receive": {"batch_size": 10, "wait_time": "0s"}}});
    let loaded = loaded(&[("web", balancer), ("worker", worker)]);
    let model = loaded.scenario;
    let web = &model.services[0];
    let group = web.target_group.as_ref().unwrap();
    assert_eq!((group.slow_start, group.algorithm), (SimDuration::from_seconds(45), RoutingAlgorithm::RoundRobin));
    let check = group.health_check;
    assert_eq!((check.interval, check.timeout), (SimDuration::from_seconds(10), SimDuration::from_seconds(4)));
    assert_eq!((check.healthy_threshold, check.unhealthy_threshold, check.shares_workers), (3, 4, true));
    assert_eq!((web.health_check_grace_period, web.maximum_percent), (SimDuration::from_seconds(90), 150.0));
    let messages = model.services[1].workload.queue.unwrap();
    assert_eq!((messages.max_receive_count, messages.receive_batch_size, messages.receive_wait_time), (Some(5), 10, SimDuration::ZERO));
}

/// AWS, edit-target-group-attributes: slow start works with round robin only, for 30 to 900 seconds.
#[test]
fn slow_start_is_of_round_robin() {
    for algorithm in ["weighted_random", "least_outstanding_requests"] {
        let balancer = json!({"load_balancer": {"slow_start": 60, "load_balancing_algorithm_type": algorithm}});
        assert!(fault(&[("web", balancer)]).contains("round_robin only"));
    }
    assert!(fault(&[("web", json!({"load_balancer": {"slow_start": 29}}))]).contains("30s to 15m"));
}
