//! Requests that are given up: Palm's queue with impatient customers.
//!
//! A scenario's timeout also ends what is being served. With exponential times that is no obstacle: a slot is left at the rate of the
//! service plus that of the timeout. So a service of mean 1/(mu - theta) with a timeout of mean 1/theta holds its slot for
//! an exponential time of mean 1/mu, and while requests wait they give up at the rate theta each: M/M/c+M with rates mu and theta.

use ecsim::outcome::Outcome;
use ecsim::queueing::impatience;
use ecsim::scenario::model::{Distribution, Scenario};

use super::{Case, Figure, RUNS, hold, hold_in, over_time, poisson, servers, waiting_share};
use crate::queueing_golden::{entries, value};
use crate::support::{first, play};

pub const SIMULATED: &[&str] = &["erlA_l50_m1_th0.5_c50_PAb", "erlA_l50_m1_th0.5_c50_PW", "erlA_l100_m1_th1_c100_PAb"];

/// A queue whose slots are left at the rate `service_rate`, of which `patience_rate` by timeouts.
fn impatient(slots: u32, rate_rps: f64, service_rate: f64, patience_rate: f64, requests: f64) -> Scenario {
    let rest = service_rate - patience_rate;
    let held = if rest > 0.0 { Distribution::Exponential { mean: 1.0 / rest } } else { Distribution::constant(1e6) };
    let mut web = servers(1, slots, held);
    web.workload.timeout = Some(Distribution::Exponential { mean: 1.0 / patience_rate });
    poisson(web, rate_rps, requests)
}

/// Of those that get a slot, the share theta/mu is timed out in it; of the others, all. Of those served, the waits are known.
#[test]
fn impatient_requests_give_up_and_wait_as_palm_says() {
    let [abandons, waits] = [0.0466845859148, 0.601167651751];
    assert!((value("erlA_l50_m1_th0.5_c50_PAb") - abandons).abs() < 1e-12 && (value("erlA_l50_m1_th0.5_c50_PW") - waits).abs() < 1e-11);
    let in_slot = 0.5;
    let timed_out = move |outcome: &Outcome| {
        let requests = first(outcome).requests;
        requests.timed_out / (requests.timed_out + requests.served)
    };
    let abandoning = move |outcome: &Outcome| (timed_out(outcome) - in_slot) / (1.0 - in_slot);
    let waiting = move |outcome: &Outcome| {
        let abandoning = abandoning(outcome);
        abandoning + (1.0 - abandoning) * waiting_share(outcome)
    };
    let figures = vec![Figure::golden("erlA_l50_m1_th0.5_c50_PAb", abandoning), Figure::golden("erlA_l50_m1_th0.5_c50_PW", waiting)];
    let few = impatience(3, 4.0, 1.0, 4.0);
    let few_abandon = Figure::exact("three servers", few.abandoning_share, move |outcome| (timed_out(outcome) - 0.25) / 0.75);
    hold(&[
        Case { scenario: impatient(50, 50.0, 1.0, 0.5, 6e5), figures },
        Case { scenario: impatient(3, 4.0, 1.0, 0.25, 2e4), figures: vec![few_abandon] },
    ]);
}

/// Patience as long as the service: no request is ever served, each leaves by its timeout, and those that give up in the queue are
/// told by its length: theta times the mean number waiting over the rate of arrivals.
#[test]
fn the_length_of_the_queue_tells_how_many_give_up_in_it() {
    let entry = &entries()["erlA_l100_m1_th1_c100_PAb"];
    let rate_rps = entry.input("lambda_");
    let queued = move |outcome: &Outcome| over_time(outcome, |row| row.queue_length) / rate_rps;
    let scenario = impatient(entry.input("servers") as u32, rate_rps, entry.input("mu"), entry.input("theta"), 2.8e5);
    hold_in(&[Case { scenario, figures: vec![Figure::golden(&entry.id, queued)] }], RUNS, play);
}
