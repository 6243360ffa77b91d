//! Which commitment costs least over hours that are known.
//!
//! The cost of a commitment C over H hours is H C for the plan and, in each hour, the price on demand of what C does not cover.
//! Usage is covered in the order of its saving, so the next plan dollar of an hour avoids the price on demand over the
//! plan's rate of what it covers, never more than the one before it: the cost is convex and piecewise linear in C, and
//! its minimum lies where usage of some hour is just covered. One pass over these points in ascending order finds it. Of an
//! hour that was seen in part the same part of the commitment counts.
//!
//! Quantities are those of a result, floats; what is found is a proposal and never money that a bill adds up.

/// Steps of a commitment in a US dollar by the hour: AWS takes tenths of a cent (API of Savings Plans: `commitment` with three places).
pub const STEPS_PER_USD: f64 = 1000.0;

/// A commitment of so many steps, in US dollars by the hour.
#[must_use]
pub fn in_steps(steps: f64) -> f64 {
    steps / STEPS_PER_USD
}

/// Usage that a plan can cover at one rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Coverable {
    /// The plan's rate in US dollars.
    pub rate_usd: f64,
    /// The price on demand in US dollars.
    pub on_demand_usd: f64,
    /// Units used in each hour.
    pub by_hour: Vec<f64>,
}

/// What a commitment does over some hours.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CommitmentCost {
    /// The commitment and all usage that it does not cover, in US dollars.
    pub total_usd: f64,
    /// All usage on demand, without a commitment.
    pub on_demand_usd: f64,
    /// What of the commitment was used.
    pub used_usd: f64,
    /// What was committed.
    pub committed_usd: f64,
    /// The price on demand of what was covered.
    pub covered_usd: f64,
}

/// Usage that one plan can cover.
#[derive(Clone, Debug)]
pub struct Demand {
    /// What saves most comes first.
    coverable: Vec<Coverable>,
    /// How much of each hour was seen, 0 to 1.
    hours: Vec<f64>,
}

impl Demand {
    /// Usage of hours of which so much was seen, 0 to 1 each. What has no rate and no price on demand above zero is left out.
    #[must_use]
    pub fn new(mut coverable: Vec<Coverable>, hours: Vec<f64>) -> Self {
        coverable.retain(|usage| usage.rate_usd > 0.0 && usage.on_demand_usd > 0.0);
        let ratio = |usage: &Coverable| usage.rate_usd / usage.on_demand_usd;
        coverable.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)).then(a.rate_usd.total_cmp(&b.rate_usd)));
        Self { coverable, hours }
    }

    /// How many hours there are, fractions included.
    #[must_use]
    pub fn hours(&self) -> f64 {
        self.hours.iter().sum()
    }

    /// The same hours with so many times the usage.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        let mut scaled = self.clone();
        scaled.coverable.iter_mut().flat_map(|usage| &mut usage.by_hour).for_each(|quantity| *quantity *= factor);
        scaled
    }

    /// What a commitment by the hour costs over these hours.
    #[must_use]
    pub fn cost(&self, commitment_usd_per_hour: f64) -> CommitmentCost {
        let mut cost = CommitmentCost { committed_usd: commitment_usd_per_hour * self.hours(), ..CommitmentCost::default() };
        for (hour, length) in self.hours.iter().enumerate() {
            let mut left = commitment_usd_per_hour * length;
            for usage in &self.coverable {
                let quantity = usage.by_hour.get(hour).copied().unwrap_or(0.0);
                let paid = left.min(quantity * usage.rate_usd);
                left -= paid;
                cost.used_usd += paid;
                cost.covered_usd += paid / usage.rate_usd * usage.on_demand_usd;
                cost.on_demand_usd += quantity * usage.on_demand_usd;
            }
        }
        cost.total_usd = cost.committed_usd + cost.on_demand_usd - cost.covered_usd;
        cost
    }

    /// The commitment by the hour that costs least, in steps of a tenth of a cent, and 0 where none saves anything.
    #[must_use]
    pub fn best_commitment_usd_per_hour(&self) -> f64 {
        let best = self.cheapest_point();
        let below = (best * STEPS_PER_USD).floor();
        let cheaper = |a: f64, b: f64| if self.cost(b).total_usd < self.cost(a).total_usd { b } else { a };
        cheaper(in_steps(below), in_steps(below + 1.0))
    }

    /// Where the slope of the cost turns from falling to rising.
    fn cheapest_point(&self) -> f64 {
        // What the next plan dollar avoids, over all hours, and where it avoids less.
        let mut avoided = 0.0;
        let mut points: Vec<(f64, f64)> = Vec::new();
        for (hour, &length) in self.hours.iter().enumerate().filter(|(_, length)| **length > 0.0) {
            let used = self.coverable.iter().filter_map(|usage| {
                let quantity = usage.by_hour.get(hour).copied().filter(|&quantity| quantity > 0.0)?;
                Some((quantity * usage.rate_usd / length, usage.on_demand_usd / usage.rate_usd * length))
            });
            let bands: Vec<(f64, f64)> = used.collect();
            avoided += bands.first().map_or(0.0, |band| band.1);
            let mut upper = 0.0;
            for (place, (plan_dollars, worth)) in bands.iter().enumerate() {
                upper += plan_dollars;
                points.push((upper, worth - bands.get(place + 1).map_or(0.0, |next| next.1)));
            }
        }
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let hours = self.hours();
        let mut best = 0.0;
        for (point, less) in points {
            if avoided <= hours {
                break;
            }
            best = point;
            avoided -= less;
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demand(by_hour: &[f64]) -> Demand {
        Demand::new(vec![Coverable { rate_usd: 0.8, on_demand_usd: 1.0, by_hour: by_hour.to_vec() }], vec![1.0; by_hour.len()])
    }

    /// At 20 % off a plan dollar must be used in more than 80 % of the hours: of ten hours in nine, not in eight.
    #[test]
    fn a_commitment_must_be_used_often_enough() {
        let mut by_hour = [10.0; 10];
        by_hour[0] = 4.0;
        assert_eq!(demand(&by_hour).best_commitment_usd_per_hour(), 8.0);
        by_hour[1] = 4.0;
        // Eight of ten: the ninth dollar costs 10 and saves 8 / 0.8 = 10, nothing; the smaller commitment is taken.
        assert_eq!(demand(&by_hour).best_commitment_usd_per_hour(), 3.2);
    }

    #[test]
    fn nothing_is_committed_for_nothing() {
        assert_eq!(demand(&[0.0; 5]).best_commitment_usd_per_hour(), 0.0);
        assert_eq!(demand(&[1.0, 0.0, 0.0]).best_commitment_usd_per_hour(), 0.0);
        assert_eq!(Demand::new(Vec::new(), vec![1.0; 3]).best_commitment_usd_per_hour(), 0.0);
    }

    /// Two hours of 10 units at 1.00 on demand and 0.80 with a plan, 4.00 committed: 5 units are covered in each, 10 are on
    /// demand: 8 + 10 = 18 instead of 20.
    #[test]
    fn overflow_is_charged_on_demand() {
        let cost = demand(&[10.0, 10.0]).cost(4.0);
        assert!((cost.total_usd - 18.0).abs() < 1e-12 && (cost.on_demand_usd - 20.0).abs() < 1e-12, "{cost:?}");
        assert_eq!((cost.used_usd, cost.committed_usd), (8.0, 8.0));
    }

    /// Ten units an hour for half an hour and one hour ask for 8 an hour, all of it used: 5 + 10 at 0.80.
    #[test]
    fn a_half_hour_takes_half_of_the_commitment() {
        let coverable = Coverable { rate_usd: 0.8, on_demand_usd: 1.0, by_hour: vec![5.0, 10.0] };
        let demand = Demand::new(vec![coverable], vec![0.5, 1.0]);
        assert_eq!(demand.best_commitment_usd_per_hour(), 8.0);
        let cost = demand.cost(8.0);
        assert_eq!((cost.committed_usd, cost.used_usd, cost.covered_usd), (12.0, 12.0, 15.0));
    }

    /// What saves most is covered first, whatever stands first: 2 at 0.5 of 1 are covered by the first dollar.
    #[test]
    fn the_highest_saving_comes_first() {
        let little = Coverable { rate_usd: 0.9, on_demand_usd: 1.0, by_hour: vec![2.0] };
        let much = Coverable { rate_usd: 0.5, on_demand_usd: 1.0, by_hour: vec![2.0] };
        let cost = Demand::new(vec![little, much], vec![1.0]).cost(1.0);
        assert!((cost.covered_usd - 2.0).abs() < 1e-12, "{cost:?}");
    }

    /// Against the plain search over all steps.
    #[test]
    fn the_minimum_is_that_of_a_search_over_all_steps() {
        let vcpu = [3.0, 7.5, 0.0, 5.25, 6.0, 1.125, 4.0, 4.0];
        let coverable = vec![
            Coverable { rate_usd: 0.032_384, on_demand_usd: 0.040_48, by_hour: vcpu.to_vec() },
            Coverable { rate_usd: 0.003_556, on_demand_usd: 0.004_445, by_hour: vcpu.iter().map(|vcpu| vcpu * 2.0).collect() },
            Coverable { rate_usd: 0.0255, on_demand_usd: 0.032_38, by_hour: vcpu.iter().rev().copied().collect() },
        ];
        let demand = Demand::new(coverable, vec![1.0; vcpu.len()]);
        let searched = (0..1000).map(|step| demand.cost(f64::from(step) / 1000.0).total_usd).fold(f64::INFINITY, f64::min);
        let found = demand.cost(demand.best_commitment_usd_per_hour()).total_usd;
        assert!((found - searched).abs() < 1e-12, "{found} {searched}");
    }
}
