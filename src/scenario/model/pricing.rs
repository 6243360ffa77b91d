//! Where prices come from, and what nobody knows before the month is over.

use rust_decimal::Decimal;

use super::Distribution;

/// Where prices come from and what changes them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pricing {
    /// A folder with a catalogue, resolved; none: the one that ships with ecsim.
    pub catalog: Option<String>,
    /// Prices that replace those of the book, by key.
    pub overrides: Vec<(String, Decimal)>,
    /// A private discount on all usage, as a fraction.
    pub discount: Decimal,
    /// Which free allowances the account has.
    pub free_tier: FreeTier,
    /// What the rest of the account sends to the internet each month in GB (2^30 bytes), not below 0.
    pub account_data_out_gb: f64,
    /// Compute Savings Plans that the account holds.
    pub savings_plans: Vec<SavingsPlan>,
}

/// The allowances that AWS gives an account each month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FreeTier {
    /// None is counted on.
    #[default]
    None,
    /// Those that never end.
    AlwaysFree,
    /// Those, and the ones of an account's first twelve months.
    FirstTwelveMonths,
}

/// What is not known before the month is over; each is drawn once per replication.
#[derive(Clone, Debug, PartialEq)]
pub struct Uncertainty {
    /// Factor on all traffic, not below 0.
    pub traffic_scale: Distribution,
    /// Added to the growth of all traffic per 30 days, as a fraction.
    pub growth: Distribution,
    /// Factor on the CPU time of all requests, not below 0.
    pub cpu_time_scale: Distribution,
    /// Factor on Spot prices, not below 0.
    pub spot_price_scale: Distribution,
}

impl Uncertainty {
    /// Nothing is uncertain: all is as the scenario says.
    pub const NONE: Self = Self {
        traffic_scale: Distribution::Constant { value: 1.0 },
        growth: Distribution::Constant { value: 0.0 },
        cpu_time_scale: Distribution::Constant { value: 1.0 },
        spot_price_scale: Distribution::Constant { value: 1.0 },
    };

    /// Whether nothing differs between replications but chance.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        [&self.traffic_scale, &self.growth, &self.cpu_time_scale, &self.spot_price_scale].into_iter().all(Distribution::is_constant)
    }
}

/// A Compute Savings Plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavingsPlan {
    /// US dollars by the hour, at the plan's rates.
    pub commitment_per_hour: Decimal,
    /// `1y` or `3y`, as its prices are called.
    pub term: &'static str,
    /// `no_upfront`, `partial_upfront` or `all_upfront`.
    pub payment_option: &'static str,
}
