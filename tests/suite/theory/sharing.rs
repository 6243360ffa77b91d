//! Requests that share the CPU of their task: processor sharing, on one vCPU and on several.

use ecsim::queueing::shared_processor_response_seconds;
use ecsim::scenario::model::Distribution;
use ecsim::units::CpuUnits;

use super::{Case, Figure, RUNS, hold, hold_in, mean_response, over_time, poisson, response_quantile, sharing};
use crate::queueing_golden::entries;
use crate::support::play;

pub const SIMULATED: &[&str] = &[
    "mg1ps_rho0.9_T",
    "mm1ps_rho0.8_respp0.5",
    "mm1ps_rho0.8_respp0.9",
    "mm1ps_rho0.8_respp0.95",
    "mm1ps_rho0.8_respp0.99",
    "mgcps_l15_m10_c2_T",
    "mgcps_l36_m10_c4_T",
    "mgcps_l130_m10_c16_T",
    "util_100_20_0.5_8",
    "util_400_5_0.25_10",
];

/// Demands of the same mean and ever more variance.
fn demands() -> [(&'static str, Distribution); 4] {
    [
        ("constant", Distribution::constant(0.1)),
        ("exponential", Distribution::Exponential { mean: 0.1 }),
        ("lognormal", Distribution::Lognormal { mean: 0.1, cv: 1.5 }),
        ("hyperexponential", Distribution::Hyperexponential { mean: 0.1, cv: 2.0 }),
    ]
}

/// The spread of M/M/1 processor sharing is what tells it from first come, first served, whose mean it has.
#[test]
fn a_shared_vcpu_has_the_percentiles_of_m_m_1_processor_sharing() {
    let figure = |(id, share)| Figure::golden(id, response_quantile(share)).read_from_buckets();
    let figures = [
        ("mm1ps_rho0.8_respp0.5", 0.5),
        ("mm1ps_rho0.8_respp0.9", 0.9),
        ("mm1ps_rho0.8_respp0.95", 0.95),
        ("mm1ps_rho0.8_respp0.99", 0.99),
    ]
    .map(figure);
    let demand = Distribution::Exponential { mean: 0.1 };
    hold(&[Case { scenario: poisson(sharing(1, 1, demand), 8.0, 2.8e5), figures: figures.into() }]);
}

#[test]
fn a_shared_vcpu_at_high_load_has_the_mean_of_m_m_1() {
    let demand = Distribution::Exponential { mean: 0.1 };
    hold(&[Case { scenario: poisson(sharing(1, 1, demand), 9.0, 5e5), figures: vec![Figure::golden("mg1ps_rho0.9_T", mean_response)] }]);
}

#[test]
fn on_a_shared_vcpu_every_demand_has_the_same_mean() {
    let cases = demands().map(|(name, demand)| {
        let mean = Figure::exact(name, shared_processor_response_seconds(1, 7.0, 0.1), mean_response);
        Case { scenario: poisson(sharing(1, 1, demand), 7.0, 1.6e5), figures: vec![mean] }
    });
    hold(&cases);
}

/// A request uses at most one vCPU, so the mean is that of M/M/c, whatever the demand.
#[test]
fn several_vcpus_are_shared_one_to_a_request_at_most() {
    let mut cases = Vec::new();
    for (id, rate, vcpus, requests) in
        [("mgcps_l15_m10_c2_T", 15.0, 2, 1.4e5), ("mgcps_l36_m10_c4_T", 36.0, 4, 4e5), ("mgcps_l130_m10_c16_T", 130.0, 16, 5e4)]
    {
        for (name, demand) in demands() {
            // High load and great variance together take too long.
            if id.contains("l36") && name != "exponential" {
                continue;
            }
            cases.push(Case {
                scenario: poisson(sharing(1, vcpus, demand), rate, requests),
                figures: vec![Figure::golden(id, mean_response)],
            });
        }
    }
    hold(&cases);
}

/// Utilisation is throughput times demand over capacity, whatever the distribution of either.
#[test]
fn utilisation_is_throughput_times_demand() {
    let mut cases = Vec::new();
    for id in ["util_100_20_0.5_8", "util_400_5_0.25_10"] {
        let entry = &entries()[id];
        let mean = entry.input("cpu_ms_per_request") / 1000.0;
        let mut web = sharing(entry.input("tasks") as u32, 1, Distribution::Lognormal { mean, cv: 1.5 });
        web.task.cpu = CpuUnits((1024.0 * entry.input("task_vcpu")) as u32);
        let utilization = Figure::golden(id, |outcome| over_time(outcome, |row| row.cpu_utilization.expect("tasks run")));
        cases.push(Case { scenario: poisson(web, entry.input("rps"), 3e4), figures: vec![utilization] });
    }
    hold_in(&cases, RUNS, play);
}
