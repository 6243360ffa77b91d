//! First come, first served: M/M/c with and without limits, M/G/1, M/D/1, M/D/c, M/G/c/c.

use ecsim::queueing::erlang_b;
use ecsim::scenario::model::{Distribution, Scenario};

use super::{
    Case, Figure, RUNS, counted, hold, hold_in, mean_response, mean_wait, number, over_time, poisson, rejected_share, response_quantile,
    servers, share_within, wait_quantile, waiting_share,
};
use crate::queueing_golden::{entries, varied};
use crate::support::{first, play};

pub const SIMULATED: &[&str] = &[
    "erlB_5_3",
    "erlB_10_5",
    "erlB_10_10",
    "erlB_30_20",
    "erlB_100_100",
    "erlC_2_1",
    "erlC_3_2",
    "erlC_4_3",
    "erlC_5_4",
    "erlC_10_8",
    "erlC_10_9",
    "erlC_20_16",
    "mmc_l8_m10_c1_Wq",
    "mmc_l8_m10_c1_W",
    "mmc_l8_m10_c1_waitp0.95",
    "mmc_l8_m10_c1_waitp0.99",
    "mmc_l50_m100_c1_Wq",
    "mmc_l50_m100_c1_W",
    "mmc_l50_m100_c1_waitp0.95",
    "mmc_l50_m100_c1_waitp0.99",
    "mmc_l90_m100_c1_W",
    "mmc_l90_m100_c1_respp0.5",
    "mmc_l90_m100_c1_respp0.9",
    "mmc_l15_m10_c2_Wq",
    "mmc_l15_m10_c2_W",
    "mmc_l15_m10_c2_respp0.5",
    "mmc_l15_m10_c2_respp0.9",
    "mmc_l15_m10_c2_waitp0.95",
    "mmc_l15_m10_c2_respp0.95",
    "mmc_l15_m10_c2_waitp0.99",
    "mmc_l15_m10_c2_respp0.99",
    "mmc_l36_m10_c4_W",
    "mmc_l36_m10_c4_respp0.5",
    "mmc_l36_m10_c4_respp0.9",
    "mmc_l90_m10_c10_W",
    "mmc_l90_m10_c10_respp0.5",
    "mmc_l90_m10_c10_respp0.9",
    "mmc_l90_m10_c10_respp0.95",
    "mmc_l90_m10_c10_respp0.99",
    "mmc_l95_m1_c100_W",
    "mmc_l180_m10_c20_respp0.5",
    "mmc_l180_m10_c20_respp0.9",
    "mmc_l180_m10_c20_respp0.95",
    "mmc_l180_m10_c20_respp0.99",
    "mmck_l12_m10_c1_K10_block",
    "mmck_l12_m10_c1_K10_L",
    "mmck_l12_m10_c1_K10_W",
    "mmck_l12_m10_c1_K10_util",
    "mmck_l95_m10_c10_K20_block",
    "mmck_l95_m10_c10_K20_L",
    "mmck_l95_m10_c10_K20_W",
    "mmck_l95_m10_c10_K20_util",
    "mmck_l120_m10_c10_K30_block",
    "mmck_l120_m10_c10_K30_L",
    "mmck_l120_m10_c10_K30_W",
    "mmck_l120_m10_c10_K30_util",
    "mg1_l8_exponential_Wq",
    "mg1_l8_gamma_scv4_Wq",
    "mg1_l8_uniform_0_0.2_Wq",
    "mg1_l8_lognormal_scv1_Wq",
    "md1_rho0.8_Wq",
    "md1_rho0.8_waitp0.5",
    "md1_rho0.8_waitp0.9",
    "md1_rho0.8_waitp0.95",
    "md1_rho0.8_waitp0.99",
    "md1_rho0.9_Wq",
    "md1_rho0.9_waitp0.5",
    "md1_rho0.9_waitp0.9",
    "mdc_c2_rho0.8_Wq",
    "mdc_c5_rho0.8_Wq",
    "mdc_c10_rho0.9_Wq",
    "pub_pyworkforce_P(wait)",
    "pub_pyworkforce_service ",
    "pub_pyworkforce_average ",
];

/// The simulated values whose names begin like this.
fn of_system(beginning: &str) -> impl Iterator<Item = &'static str> + '_ {
    SIMULATED.iter().copied().filter(move |id| id.starts_with(beginning))
}

/// A figure of waits or responses by the last part of its value's name.
fn figure(id: &'static str) -> Figure {
    let last = id.rsplit('_').next().expect("a name");
    let share = |prefix: &str| last.strip_prefix(prefix).and_then(|share| share.parse().ok());
    match last {
        "Wq" => Figure::golden(id, mean_wait),
        "W" => Figure::golden(id, mean_response),
        _ => match (share("waitp"), share("respp")) {
            (Some(share), _) => Figure::golden(id, wait_quantile(share)).read_from_buckets(),
            (_, Some(share)) => Figure::golden(id, response_quantile(share)).read_from_buckets(),
            _ => panic!("{id} names no figure"),
        },
    }
}

fn case(scenario: Scenario, beginning: &str, figure: impl Fn(&'static str) -> Figure) -> Case {
    let figures: Vec<_> = of_system(beginning).map(figure).collect();
    assert!(!figures.is_empty(), "{beginning} names no value");
    Case { scenario, figures }
}

fn exponential(slots: u32, rate_rps: f64, service_rate: f64, requests: f64) -> Scenario {
    poisson(servers(1, slots, Distribution::Exponential { mean: 1.0 / service_rate }), rate_rps, requests)
}

/// Light enough for the far percentiles.
#[test]
fn m_m_c_has_the_waits_and_responses_of_erlang() {
    let systems: [(&str, f64, f64, u32, f64); 4] = [
        ("mmc_l8_m10_c1_", 8.0, 10.0, 1, 4.5e5),
        ("mmc_l50_m100_c1_", 50.0, 100.0, 1, 6e4),
        ("mmc_l15_m10_c2_", 15.0, 10.0, 2, 3.2e5),
        ("mmc_l180_m10_c20_", 180.0, 10.0, 20, 1.2e5),
    ];
    let cases = systems.map(|(id, rate, service_rate, slots, requests)| case(exponential(slots, rate, service_rate, requests), id, figure));
    hold(&cases);
}

#[test]
fn m_m_c_at_high_load_has_the_responses_of_erlang() {
    let systems: [(&str, f64, f64, u32, f64); 4] = [
        ("mmc_l90_m100_c1_", 90.0, 100.0, 1, 7e5),
        ("mmc_l36_m10_c4_", 36.0, 10.0, 4, 7e5),
        ("mmc_l90_m10_c10_", 90.0, 10.0, 10, 5e5),
        ("mmc_l95_m1_c100_", 95.0, 1.0, 100, 1e5),
    ];
    let cases = systems.map(|(id, rate, service_rate, slots, requests)| case(exponential(slots, rate, service_rate, requests), id, figure));
    hold(&cases);
}

#[test]
fn the_share_that_waits_is_erlang_c() {
    let cases: Vec<_> = of_system("erlC_")
        .map(|id| {
            let entry = &entries()[id];
            let (slots, offered) = (entry.input("servers") as u32, entry.input("offered_load_erlangs"));
            Case { scenario: exponential(slots, offered, 1.0, 7e3 * f64::from(slots)), figures: vec![Figure::golden(id, waiting_share)] }
        })
        .collect();
    hold(&cases);
}

/// Whatever the distribution of the service: exponential or, where that does not take long, lognormal of cv 1.5.
#[test]
fn the_share_that_finds_no_server_is_erlang_b() {
    let mut cases = Vec::new();
    for id in of_system("erlB_") {
        let entry = &entries()[id];
        let (slots, offered) = (entry.input("servers") as u32, entry.input("offered_load_erlangs"));
        // Losses come in clusters, which are longer where there are more servers.
        let requests = 3e3 * (1.0 + f64::from(slots) / 25.0) / entry.value;
        for held in [Distribution::Exponential { mean: 1.0 }, Distribution::Lognormal { mean: 1.0, cv: 1.5 }] {
            if slots > 10 && !matches!(held, Distribution::Exponential { .. }) {
                continue;
            }
            let mut web = servers(1, slots, held);
            web.workload.backlog = Some(0);
            let blocking = Figure::exact(id, erlang_b(slots, offered), rejected_share);
            cases.push(Case { scenario: poisson(web, offered, requests), figures: vec![blocking] });
        }
    }
    hold(&cases);
}

#[test]
fn a_full_backlog_makes_m_m_c_k() {
    let systems: [(&str, f64, u32, u32, f64); 3] = [
        ("mmck_l12_m10_c1_K10_", 12.0, 1, 10, 5e4),
        ("mmck_l95_m10_c10_K20_", 95.0, 10, 20, 1.8e5),
        ("mmck_l120_m10_c10_K30_", 120.0, 10, 30, 7e4),
    ];
    let cases = systems.map(|(beginning, rate, slots, places, requests)| {
        let mut web = servers(1, slots, Distribution::Exponential { mean: 0.1 });
        web.workload.backlog = Some(places - slots);
        case(poisson(counted(web), rate, requests), beginning, |id| match id.rsplit('_').next() {
            Some("block") => Figure::golden(id, rejected_share),
            // Means over time: what began before the window or ends after it is in them.
            Some("L") => Figure::golden(id, |outcome| over_time(outcome, number)),
            Some("util") => Figure::golden(id, move |outcome| over_time(outcome, |row| number(row) - row.queue_length) / f64::from(slots)),
            _ => figure(id),
        })
    });
    hold_in(&cases, RUNS, play);
}

#[test]
fn one_server_of_varied_service_waits_as_pollaczek_and_khinchine_say() {
    let cases: Vec<_> = of_system("mg1_")
        .map(|id| {
            let requests = if id.contains("gamma") { 4e5 } else { 2.2e5 };
            case(poisson(servers(1, 1, varied(id)), 8.0, requests), id, figure)
        })
        .collect();
    hold(&cases);
}

#[test]
fn constant_service_waits_as_erlang_and_crommelin_say() {
    let systems: [(&str, f64, u32, f64); 5] = [
        ("md1_rho0.8_", 8.0, 1, 2.2e5),
        ("md1_rho0.9_", 9.0, 1, 2.8e5),
        ("mdc_c2_rho0.8_", 16.0, 2, 1.1e5),
        ("mdc_c5_rho0.8_", 40.0, 5, 1e5),
        ("mdc_c10_rho0.9_", 90.0, 10, 5e5),
    ];
    let cases = systems.map(|(beginning, rate, slots, requests)| {
        case(poisson(servers(1, slots, Distribution::constant(0.1)), rate, requests), beginning, figure)
    });
    hold(&cases);
}

/// Everything happens so many times as fast, and minutes do not outnumber the calls.
const HURRY: f64 = 1000.0;

/// A call centre of fourteen, the example of published calculators.
#[test]
fn a_call_centre_answers_as_published() {
    let [waits, within, wait] = ["pub_pyworkforce_P(wait)", "pub_pyworkforce_service ", "pub_pyworkforce_average "];
    let figures = vec![
        Figure::golden(waits, waiting_share),
        Figure::golden(within, |outcome| share_within(&first(outcome).queue, 20.0 / HURRY)),
        Figure::golden(wait, |outcome| HURRY * mean_wait(outcome)),
    ];
    hold(&[Case { scenario: exponential(14, HURRY * 100.0 / 1800.0, HURRY / 180.0, 5e5), figures }]);
}
