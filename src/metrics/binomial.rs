//! How likely an event is that happened in some of a number of independent trials.
//!
//! The interval is that of Clopper and Pearson (Biometrika 26, 1934): it rests on the binomial distribution itself and covers the true
//! chance at least as often as it says, also where the event never happened. Its ends are found by halving, in plain
//! arithmetic, so they are the same on every machine.

use crate::math::{exp, ln, ln_1p};

/// So often is the chance halved in on: to the last bits of a float.
const HALVINGS: u32 = 60;

/// The chance of at most `happened` events in `trials`, each with this chance.
fn at_most(happened: u32, trials: u32, chance: f64) -> f64 {
    if happened >= trials || chance <= 0.0 {
        return 1.0;
    }
    if chance >= 1.0 {
        return 0.0;
    }
    let odds = ln(chance) - ln_1p(-chance);
    let mut log_term = f64::from(trials) * ln_1p(-chance);
    let mut sum = exp(log_term);
    for event in 1..=happened {
        log_term += ln(f64::from(trials - event + 1)) - ln(f64::from(event)) + odds;
        sum += exp(log_term);
    }
    sum.min(1.0)
}

/// The largest chance at which so few events still have at least the probability `doubt`: the upper end of a one-sided
/// interval with the confidence `1 - doubt`. 1 without a trial.
#[must_use]
pub fn highest_chance(happened: u32, trials: u32, doubt: f64) -> f64 {
    if happened >= trials {
        return 1.0;
    }
    halved_in(|chance| at_most(happened, trials, chance) > doubt)
}

/// The smallest chance at which so many events still have at least the probability `doubt`; 0 where none happened.
#[must_use]
pub fn lowest_chance(happened: u32, trials: u32, doubt: f64) -> f64 {
    if happened == 0 || trials == 0 {
        return 0.0;
    }
    halved_in(|chance| 1.0 - at_most(happened - 1, trials, chance) < doubt)
}

/// Where a condition that holds for small chances ends.
fn halved_in(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if holds(middle) { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The fewest trials after which an event that never happened is known, with the confidence `1 - doubt`, to be at most as
/// likely as `chance`: the smallest n with `(1 - chance)^n <= doubt`. None for a chance that is not above 0.
#[must_use]
pub fn trials_to_show(chance: f64, doubt: f64) -> Option<u32> {
    if !(chance > 0.0 && doubt > 0.0) {
        return None;
    }
    if chance >= 1.0 || doubt >= 1.0 {
        return Some(1);
    }
    // The small subtraction undoes the error of the last bits where the quotient is a whole number.
    Some((ln(doubt) / ln_1p(-chance) - 1e-9).ceil().clamp(1.0, f64::from(u32::MAX)) as u32)
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{Beta, ContinuousCDF};

    use super::*;

    /// The ends are quantiles of beta distributions: Johnson, Kemp, Kotz, Univariate Discrete Distributions, 3.8.3.
    #[test]
    fn the_ends_are_quantiles_of_beta_distributions() {
        for (happened, trials) in [(0, 8), (1, 8), (3, 59), (58, 59), (12, 200)] {
            let (k, n) = (f64::from(happened), f64::from(trials));
            let high = Beta::new(k + 1.0, n - k).unwrap().inverse_cdf(0.975);
            assert!((highest_chance(happened, trials, 0.025) - high).abs() < 1e-6, "{happened} of {trials}: {high}");
            if happened > 0 {
                let low = Beta::new(k, n - k + 1.0).unwrap().inverse_cdf(0.025);
                assert!((lowest_chance(happened, trials, 0.025) - low).abs() < 1e-6, "{happened} of {trials}: {low}");
            }
        }
        assert_eq!((lowest_chance(0, 8, 0.025), highest_chance(8, 8, 0.025), highest_chance(0, 0, 0.025)), (0.0, 1.0, 1.0));
    }

    /// Never in n trials: (1 - p)^n = 0.05, so p = 1 - 0.05^(1/n); for 59 trials 0.04951, the classic 59 of a 95/95 tolerance limit.
    #[test]
    fn what_never_happened_in_59_trials_is_rarer_than_5_percent() {
        assert!((highest_chance(0, 59, 0.05) - (1.0 - 0.05_f64.powf(1.0 / 59.0))).abs() < 1e-12);
        assert_eq!((trials_to_show(0.05, 0.05), trials_to_show(0.1, 0.05), trials_to_show(0.01, 0.05)), (Some(59), Some(29), Some(299)));
        assert_eq!((trials_to_show(0.5, 0.25), trials_to_show(0.0, 0.05)), (Some(2), None));
        assert!(highest_chance(0, 58, 0.05) > 0.05 && highest_chance(0, 59, 0.05) < 0.05);
    }
}
