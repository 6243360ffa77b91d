//! How the balancer divides requests over tasks: in turn, at random, to the emptiest.

use ecsim::scenario::model::{Distribution, RoutingAlgorithm};

use super::{Case, Figure, hold, mean_response, poisson, response_quantile, routed, servers};

pub const SIMULATED: &[&str] = &[
    "rr_n2_rho0.7_T",
    "rr_n2_rho0.7_p99",
    "rr_n2_rho0.9_T",
    "rr_n10_rho0.9_T",
    "rr_n50_rho0.7_T",
    "rr_n50_rho0.7_p99",
    "rr_n50_rho0.9_T",
    "random_rho0.7_T",
    "random_rho0.7_p99",
    "random_rho0.9_T",
    "jsq2_rho0.5_T",
    "jsq2_rho0.7_T",
    "jsq2_rho0.9_T",
];

/// Tasks of one exponential server of ten a second each.
fn case(algorithm: RoutingAlgorithm, tasks: u32, load: f64, requests: f64, ids: &[&str]) -> Case {
    let web = routed(servers(tasks, 1, Distribution::Exponential { mean: 0.1 }), algorithm);
    let figure = |id: &&str| match id.rsplit('_').next() {
        Some("p99") => Figure::golden(id, response_quantile(0.99)).read_from_buckets(),
        _ => Figure::golden(id, mean_response),
    };
    Case { scenario: poisson(web, 10.0 * load * f64::from(tasks), requests), figures: ids.iter().map(figure).collect() }
}

/// Every n-th arrival of a Poisson stream: E_n/M/1 at each task.
#[test]
fn in_turn_each_task_sees_erlang_arrivals() {
    let in_turn = |tasks, load, requests, ids| case(RoutingAlgorithm::RoundRobin, tasks, load, requests, ids);
    hold(&[
        in_turn(2, 0.7, 1.7e5, &["rr_n2_rho0.7_T", "rr_n2_rho0.7_p99"]),
        in_turn(2, 0.9, 6e5, &["rr_n2_rho0.9_T"]),
        in_turn(10, 0.9, 5e5, &["rr_n10_rho0.9_T"]),
        in_turn(50, 0.7, 8e4, &["rr_n50_rho0.7_T", "rr_n50_rho0.7_p99"]),
        in_turn(50, 0.9, 4e5, &["rr_n50_rho0.9_T"]),
    ]);
}

#[test]
fn at_random_each_task_is_m_m_1() {
    let at_random = |load, requests, ids| case(RoutingAlgorithm::WeightedRandom, 10, load, requests, ids);
    hold(&[at_random(0.7, 2.3e5, &["random_rho0.7_T", "random_rho0.7_p99"]), at_random(0.9, 6e5, &["random_rho0.9_T"])]);
}

#[test]
fn to_the_emptier_of_two_tasks_is_join_the_shortest_queue() {
    let to_the_emptiest = |load, requests, ids| case(RoutingAlgorithm::LeastOutstandingRequests, 2, load, requests, ids);
    hold(&[
        to_the_emptiest(0.5, 3e4, &["jsq2_rho0.5_T"]),
        to_the_emptiest(0.7, 1e5, &["jsq2_rho0.7_T"]),
        to_the_emptiest(0.9, 4.5e5, &["jsq2_rho0.9_T"]),
    ]);
}
