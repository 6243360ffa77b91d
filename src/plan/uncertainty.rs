//! What nobody knows before the month is over: how much traffic comes, how it grows, what a request costs, what Spot costs.
//!
//! Each of these is drawn once per replication and holds for the whole of it, so the months of the replications differ as
//! much as the forecasts do, and the quantiles between them are a range that can be planned with. Each has a draw of its
//! own, keyed by the replication's seed: naming another one changes none of the others, and variants of a scenario meet
//! the same draws.
//!
//! A single replication has no spread to show: there every figure stands at its median.

use crate::distribution::Distribution;
use crate::random::{Stream, generator};
use crate::scenario::model::{Scenario, TrafficKind, Uncertainty};

/// What one replication takes for true.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Draw {
    /// Factor on all traffic.
    traffic_scale: f64,
    /// Added to the growth of all traffic.
    growth: f64,
    /// Factor on the CPU time of all requests.
    cpu_time_scale: f64,
    /// Factor on Spot prices.
    pub spot_price_scale: f64,
}

impl Draw {
    /// The draw of the replication whose seed the scenario has.
    pub(super) fn of(scenario: &Scenario) -> Self {
        let Uncertainty { traffic_scale, growth, cpu_time_scale, spot_price_scale } = &scenario.uncertainty;
        let is_alone = scenario.simulation.replications <= 1;
        let draw = |index: u64, distribution: &Distribution| match is_alone {
            true => distribution.quantile(0.5),
            false => distribution.sample(&mut generator(scenario.simulation.seed, Stream::Uncertainty, 0, index)),
        };
        Self {
            traffic_scale: draw(0, traffic_scale),
            growth: draw(1, growth),
            cpu_time_scale: draw(2, cpu_time_scale),
            spot_price_scale: draw(3, spot_price_scale),
        }
    }

    /// Makes it so.
    pub(super) fn shape(&self, scenario: &mut Scenario) {
        for service in &mut scenario.services {
            for source in &mut service.traffic {
                let scale = self.traffic_scale;
                match &mut source.kind {
                    TrafficKind::Trace(trace) => trace.scale *= scale,
                    TrafficKind::Constant(rate) => *rate *= scale,
                    TrafficKind::Pattern(pattern) => {
                        pattern.base_rps *= scale;
                        pattern.peak_rps *= scale;
                    }
                    TrafficKind::Users(users) => users.count = (f64::from(users.count) * scale).round() as u32,
                    // They follow the caller's traffic.
                    TrafficKind::Calls(_) => continue,
                }
                // A shrinking beyond nothing is nothing.
                source.growth = (source.growth + self.growth).max(LEAST_GROWTH);
            }
            if self.cpu_time_scale != 1.0 {
                let revised = service.revisions.iter_mut().map(|revision| &mut revision.workload);
                for workload in revised.chain([&mut service.workload]) {
                    workload.cpu_time = workload.cpu_time.scaled(self.cpu_time_scale);
                }
            }
        }
    }
}

/// Growth by which next to nothing is left after 30 days.
const LEAST_GROWTH: f64 = -0.999;

/// What a reader of the range must know.
pub(super) fn remark(scenario: &Scenario) -> Option<String> {
    let is_certain = scenario.uncertainty.is_certain();
    match scenario.simulation.replications {
        0 | 1 if !is_certain => Some(
            "`uncertainty` shows with several replications only: this single one takes every factor at its median; give --replications 30"
                .to_owned(),
        ),
        0 | 1 => None,
        _ if is_certain => Some(
            "P10 to P90 of the month hold the chance of single runs alone: name what is uncertain (traffic, growth, CPU time, Spot prices) as `uncertainty`"
                .to_owned(),
        ),
        _ => None,
    }
}
