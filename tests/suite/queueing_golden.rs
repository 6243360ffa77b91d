//! Published and twice computed values of queueing theory (`tests/data/queueing_golden.json`): each is reproduced by a formula of
//! the crate, by a simulation of every request, or by both, or it stands in a list with the reason why it is not.

use std::collections::{BTreeMap, BTreeSet};

use ecsim::queueing::{
    LimitedQueue, MultiServerQueue, allen_cunneen_wait_seconds, closed_response_seconds, constant_service_wait_quantile_seconds, erlang_b,
    erlang_c, halfin_whitt_waiting_share, impatience, kingman_wait_seconds, limited_queue, mean_busy_servers_of_a_wave,
    minimum_servers_for_response, minimum_servers_for_waiting_share, pollaczek_khinchine_wait_seconds,
    round_robin_response_quantile_seconds, round_robin_response_seconds, saturated_throughput_per_second,
    shared_processor_response_seconds, shared_processor_response_variance, utilization, utilization_deviation,
};
use ecsim::scenario::model::Distribution;
use serde_json::Value;

use crate::theory;

const TEXT: &str = include_str!("../data/queueing_golden.json");

/// Values that neither a formula of the crate nor a scenario gives, by the beginning of their names.
const NOT_EXPRESSIBLE: &[(&str, &str)] = &[
    ("asymvar_", "the variance of a mean over time is a statement about a simulation, not about a service"),
    ("avail_", "a lost Spot task is replaced while its two minutes of warning run, so its lifetime and its replacement overlap"),
    ("mtms_sin_PW_t18", "three in a thousand: a standard error of 0.5 % takes ten million runs"),
    ("mtms_sin_PW_t24", "four in a thousand: a standard error of 0.5 % takes ten million runs"),
    ("pow2_", "no balancer of AWS picks two targets at random"),
    ("pow3_", "no balancer of AWS picks three targets at random"),
    ("psa_Lq_", "long queues are rare and long: a standard error of 0.5 % takes hundreds of millions of requests"),
    ("psa_PW_per2.0", "one request in two thousand waits: a standard error of 0.5 % takes hundreds of millions of requests"),
    ("psa_PW_per6.0", "one request in sixty waits, in long clusters: a standard error of 0.5 % takes a hundred million requests"),
    ("setup_", "a service scales from zero by alarms on metrics, not at the arrival of a request"),
    ("tb_", "the limits of the rate of launches are not modelled"),
    ("usl_", "a task's capacity does not shrink with its concurrency"),
];

/// One value and what it is of.
pub struct Entry {
    /// Its name.
    pub id: String,
    /// The value itself.
    pub value: f64,
    inputs: Value,
}

impl Entry {
    /// A number among the inputs; some are written as text.
    pub fn input(&self, name: &str) -> f64 {
        let input = &self.inputs[name];
        let text = input.as_str().and_then(|text| text.parse().ok());
        input.as_f64().or(text).unwrap_or_else(|| panic!("{} has no number {name}", self.id))
    }

    fn count(&self, name: &str) -> u32 {
        self.input(name) as u32
    }

    /// The queue of one M/M/c entry.
    fn multi_server_queue(&self) -> MultiServerQueue {
        let [arrival_rate_per_second, service_rate] = [self.input("lambda_per_s"), self.input("mu_per_s")];
        MultiServerQueue { servers: self.count("servers"), arrival_rate_per_second, service_seconds: 1.0 / service_rate }
    }
}

/// All entries by name.
pub fn entries() -> BTreeMap<String, Entry> {
    let document: Value = serde_json::from_str(TEXT).expect("the file is JSON");
    let values = document["values"].as_array().expect("a list of values");
    let entry = |value: &Value| {
        let text = |name: &str| value[name].as_str().expect("a text").to_owned();
        let id = text("id");
        (id.clone(), Entry { id, value: text("value").parse().expect("a number"), inputs: value["inputs"].clone() })
    };
    let entries: BTreeMap<_, _> = values.iter().map(entry).collect();
    assert_eq!(entries.len(), values.len(), "names are unique");
    entries
}

/// The value of one entry.
pub fn value(id: &str) -> f64 {
    entries().get(id).unwrap_or_else(|| panic!("there is no value {id}")).value
}

/// What the crate's formulas say, if one of them is about it.
fn formula(entry: &Entry) -> Option<f64> {
    let (family, rest) = entry.id.split_once('_')?;
    let figure = rest.rsplit('_').next().unwrap_or_default();
    let share = || figure.split_once('p').and_then(|(_, share)| share.parse::<f64>().ok()).expect("a share");
    let got = match family {
        "erlB" => erlang_b(entry.count("servers"), entry.input("offered_load_erlangs")),
        "erlC" => erlang_c(entry.count("servers"), entry.input("offered_load_erlangs")),
        "mmc" => match figure {
            "Wq" => entry.multi_server_queue().mean_wait_seconds(),
            "W" => entry.multi_server_queue().mean_response_seconds(),
            wait if wait.starts_with("waitp") => entry.multi_server_queue().wait_quantile_seconds(wait[5..].parse().ok()?),
            response => entry.multi_server_queue().response_quantile_seconds(response.strip_prefix("respp")?.parse().ok()?),
        },
        "mmck" => of_limited_queue(entry, figure)?,
        "mg1" => pollaczek_khinchine_wait_seconds(entry.input("lambda_per_s"), entry.input("service_mean_s"), varied(rest).squared_cv()),
        "md1" if figure == "Wq" => pollaczek_khinchine_wait_seconds(entry.input("lambda_per_s"), entry.input("service_s"), 0.0),
        "md1" => {
            let share = figure.strip_prefix("waitp")?.parse().ok()?;
            constant_service_wait_quantile_seconds(entry.input("lambda_per_s"), entry.input("service_s"), share)
        }
        "mm1ps" if figure == "varT" => shared_processor_response_variance(entry.input("lambda_per_s"), 1.0 / entry.input("mu_per_s")),
        "mg1ps" => shared_processor_response_seconds(1, entry.input("lambda_per_s"), entry.input("service_mean_s")),
        "mgcps" => shared_processor_response_seconds(entry.count("cores"), entry.input("lambda_per_s"), entry.input("service_mean_s")),
        "rr" => {
            let (tasks, service) = (entry.count("tasks"), 1.0 / entry.input("mu_per_s_per_task"));
            let load = entry.input("total_lambda_per_s") * service / f64::from(tasks);
            match figure {
                "T" => round_robin_response_seconds(tasks, load, service),
                _ => round_robin_response_quantile_seconds(tasks, load, service, share() / 100.0),
            }
        }
        "random" => {
            let [arrival_rate_per_second, service_rate] = [entry.input("per_task_lambda_per_s"), entry.input("mu_per_s")];
            let task = MultiServerQueue { servers: 1, arrival_rate_per_second, service_seconds: 1.0 / service_rate };
            if figure == "T" { task.mean_response_seconds() } else { task.response_quantile_seconds(share() / 100.0) }
        }
        "ac" => {
            let (service, offered) = (entry.input("service_mean_s"), entry.input("lambda_per_s") * entry.input("service_mean_s"));
            allen_cunneen_wait_seconds(entry.count("servers"), offered, service, entry.input("ca2"), entry.input("cs2"))
        }
        "kingman" => kingman_wait_seconds(entry.input("rho"), entry.input("service_mean_s"), entry.input("ca2"), entry.input("cs2")),
        "staff" => minimum_servers_for_waiting_share(entry.input("offered_load_erlangs"), entry.input("target_P_wait"))?.into(),
        "hw" => halfin_whitt_waiting_share(entry.input("beta")),
        "slo" => {
            let service = 1.0 / entry.input("mu_per_s");
            minimum_servers_for_response(entry.input("lambda_per_s"), service, entry.input("slo_s"), entry.input("percentile"))?.into()
        }
        "mtinf" => {
            let [mean, amplitude] = [entry.input("lambda_bar"), entry.input("amplitude")];
            mean_busy_servers_of_a_wave(mean, amplitude, entry.input("period"), 1.0 / entry.input("mu"), entry.input("t"))
        }
        "erlA" => {
            let [service, patience] = [1.0 / entry.input("mu"), 1.0 / entry.input("theta")];
            let got = impatience(entry.count("servers"), entry.input("lambda_"), service, patience);
            if figure == "PW" { got.waiting_share } else { got.abandoning_share }
        }
        "pub" => {
            let rate = entry.input("calls") / entry.input("interval_s");
            let servers = entry.count("servers");
            let desk = MultiServerQueue { servers, arrival_rate_per_second: rate, service_seconds: entry.input("aht_s") };
            match figure.trim() {
                "service" => 1.0 - desk.wait_tail(20.0),
                "average" => desk.mean_wait_seconds(),
                _ => desk.waiting_share(),
            }
        }
        "closed" => {
            let (users, think) = (entry.count("users"), entry.input("think_s"));
            let several = rest.starts_with("c8");
            let (servers, service) =
                if several { (entry.count("servers"), entry.input("service_s")) } else { (1, entry.input("demand_s")) };
            match figure {
                "X" => saturated_throughput_per_second(users, servers.into(), service, think),
                _ => closed_response_seconds(users, servers, service, think),
            }
        }
        "util" => {
            let vcpus = entry.input("task_vcpu") * entry.input("tasks");
            100.0 * utilization(entry.input("rps"), entry.input("cpu_ms_per_request") / 1000.0, vcpus)
        }
        "alarm" => {
            let (demand, vcpus) =
                (Distribution::Exponential { mean: entry.input("cpu_ms") / 1000.0 }, entry.input("vcpu") * entry.input("tasks"));
            let second_moment = demand.variance() + demand.mean() * demand.mean();
            100.0 * utilization_deviation(entry.input("rps"), second_moment, vcpus, 60.0)
        }
        _ => return None,
    };
    Some(got)
}

fn of_limited_queue(entry: &Entry, figure: &str) -> Option<f64> {
    let (servers, places) = (entry.count("servers"), entry.count("capacity_K"));
    let queue = limited_queue(servers, places, entry.input("lambda_per_s"), 1.0 / entry.input("mu_per_s"));
    let LimitedQueue { blocking_share, mean_number, mean_response_seconds, utilization } = queue;
    match figure {
        "block" => Some(blocking_share),
        "L" => Some(mean_number),
        "W" => Some(mean_response_seconds),
        "util" => Some(utilization),
        _ => None,
    }
}

/// The service of an M/G/1 entry, all with a mean of 100 ms, by the words in its name.
pub fn varied(name: &str) -> Distribution {
    if name.contains("gamma_scv4") {
        Distribution::Gamma { mean: 0.1, cv: 2.0 }
    } else if name.contains("uniform_0_0.2") {
        Distribution::Uniform { low: 0.0, high: 0.2 }
    } else if name.contains("lognormal_scv1") {
        Distribution::Lognormal { mean: 0.1, cv: 1.0 }
    } else {
        assert!(name.contains("exponential"), "{name}");
        Distribution::Exponential { mean: 0.1 }
    }
}

fn not_expressible(id: &str) -> bool {
    NOT_EXPRESSIBLE.iter().any(|(beginning, _)| id.starts_with(beginning))
}

/// The values have ten to twelve digits.
#[test]
fn the_formulas_give_the_published_values_to_nine_digits() {
    let (mut held, mut faults) = (0, Vec::new());
    for entry in entries().values() {
        if let Some(got) = formula(entry) {
            held += 1;
            if (got - entry.value).abs() > 1e-9 * entry.value.abs() {
                faults.push(format!("{}: {got} is not {}", entry.id, entry.value));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(held > 140, "only {held} values have a formula");
}

#[test]
fn every_value_is_held_against_a_formula_or_a_simulation_or_has_a_reason_why_not() {
    let entries = entries();
    assert_eq!(entries.len(), 206);
    let simulated: BTreeSet<&str> = theory::simulated().into_iter().collect();
    let unknown: Vec<_> = simulated.iter().filter(|id| !entries.contains_key(**id)).collect();
    assert!(unknown.is_empty(), "simulated, but not among the values: {unknown:?}");
    let reached = |entry: &Entry| formula(entry).is_some() || simulated.contains(entry.id.as_str());
    let missed: Vec<_> = entries.values().filter(|entry| !reached(entry) && !not_expressible(&entry.id)).map(|entry| &entry.id).collect();
    assert!(missed.is_empty(), "neither formula nor simulation nor reason: {missed:?}");
    let excused: Vec<_> = entries.values().filter(|entry| reached(entry) && not_expressible(&entry.id)).map(|entry| &entry.id).collect();
    assert!(excused.is_empty(), "excused, but expressible: {excused:?}");
    for (beginning, _) in NOT_EXPRESSIBLE {
        assert!(entries.keys().any(|id| id.starts_with(beginning)), "no value is called {beginning}...");
    }
}
