//! One server, first come first served, and a service that need not be exponential.

use super::{kingman_wait_seconds, where_it_falls_to};
use crate::math::{exp, ln_1p};

/// The mean wait of M/G/1: load/(1 - load) x (1 + cs2)/2 x service (Pollaczek 1930, Khinchine 1932).
#[must_use]
pub fn pollaczek_khinchine_wait_seconds(arrival_rate_per_second: f64, service_seconds: f64, service_squared_cv: f64) -> f64 {
    kingman_wait_seconds(arrival_rate_per_second * service_seconds, service_seconds, 1.0, service_squared_cv)
}

/// The wait of M/D/1 that a share of arrivals (0 to below 1) does not exceed.
///
/// Erlang's series for the distribution alternates and loses all digits at long waits; this is the sum of
/// positive terms by Franx (2001), over the number of customers that wait. Above a load of 0.99999 it is the limit, an exponential
/// with the same mean (Kingman 1961), since that number has no bound.
#[must_use]
pub fn constant_service_wait_quantile_seconds(arrival_rate_per_second: f64, service_seconds: f64, share: f64) -> f64 {
    let load = arrival_rate_per_second * service_seconds;
    if load >= 1.0 {
        return f64::INFINITY;
    }
    if load > HEAVY_LOAD {
        return -ln_1p(-share) * pollaczek_khinchine_wait_seconds(arrival_rate_per_second, service_seconds, 0.0);
    }
    let waiting_at_most = waiting_at_most(load, share);
    where_it_falls_to(1.0 - share, service_seconds, |seconds| wait_tail(load, &waiting_at_most, seconds / service_seconds))
}

/// From this load on a wait is exponential to a part in 10,000.
const HEAVY_LOAD: f64 = 0.99999;

/// Arrivals in one service that are more than this many have a probability below 1e-60.
const MOST_ARRIVALS: usize = 48;

/// The probability that an M/D/1 wait exceeds this many services, from the probabilities that at most 0, 1, 2 ...
/// customers wait: with k - 1 whole services in it and x to go to the next, a wait is within it if of those
/// found waiting at most k - 1 are left after the arrivals of a time x are set against them.
fn wait_tail(load: f64, waiting_at_most: &[f64], services: f64) -> f64 {
    let whole = services.floor();
    let last = whole as usize;
    let arrivals = poisson(load * (whole + 1.0 - services));
    let within: f64 =
        arrivals.iter().take(last + 1).enumerate().map(|(j, chance)| chance * waiting_at_most.get(last - j).unwrap_or(&1.0)).sum();
    1.0 - within
}

/// The probabilities that at most 0, 1, 2 ... customers wait in M/D/1, as far as the quantile of `share` needs them.
fn waiting_at_most(load: f64, share: f64) -> Vec<f64> {
    let arrivals = poisson(load);
    // Tails are summed from their far end, where rounding is smallest.
    let mut at_least = arrivals;
    for number in (0..MOST_ARRIVALS).rev() {
        at_least[number] += at_least[number + 1];
    }
    // As often as the number at departures falls from n to n - 1, it rises to n or more from below.
    let mut numbers = vec![1.0 - load];
    let mut below = 1.0 - load;
    let mut cumulative = Vec::new();
    let mut beyond = 0;
    while beyond <= MOST_ARRIVALS {
        let n = numbers.len();
        let from_idle = numbers[0] * at_least.get(n).unwrap_or(&0.0);
        let first = n.saturating_sub(MOST_ARRIVALS - 1).max(1);
        let rises: f64 = (first..n).map(|from| numbers[from] * at_least[n - from + 1]).sum();
        let next = (from_idle + rises) / arrivals[0];
        numbers.push(next);
        below += next;
        cumulative.push(below);
        // A wait of that many services ends beyond the quantile for certain once no more arrivals can be set
        // against it.
        if below >= share || next < 1e-18 {
            beyond += 1;
        }
    }
    cumulative
}

/// Poisson probabilities of 0, 1, 2 ...
fn poisson(mean: f64) -> [f64; MOST_ARRIVALS + 1] {
    let mut chances = [exp(-mean); MOST_ARRIVALS + 1];
    for number in 1..=MOST_ARRIVALS {
        chances[number] = chances[number - 1] * mean / number as f64;
    }
    chances
}

#[cfg(test)]
mod tests {
    use super::super::close;
    use super::*;

    /// Within the first service the distribution is (1 - load) exp(load t) (Erlang 1909).
    #[test]
    fn waits_below_one_service_have_a_closed_form() {
        for load in [0.3_f64, 0.8] {
            assert!(constant_service_wait_quantile_seconds(10.0 * load, 0.1, 0.5 * (1.0 - load)) == 0.0);
            let share = (1.0 - load) * (load * 0.6).exp();
            close(constant_service_wait_quantile_seconds(10.0 * load, 0.1, share), 0.06, 1e-9);
        }
        assert!(constant_service_wait_quantile_seconds(10.0, 0.1, 0.5).is_infinite());
    }

    /// The mean is the integral of the tail, and by Pollaczek and Khinchine half that of M/M/1.
    #[test]
    fn the_mean_of_the_distribution_is_that_of_pollaczek_and_khinchine() {
        for load in [0.5, 0.95] {
            let known = waiting_at_most(load, 1.0 - 1e-12);
            let steps = 400_000;
            let width = 800.0 / f64::from(steps);
            let mean: f64 = (0..steps).map(|step| wait_tail(load, &known, (f64::from(step) + 0.5) * width) * width).sum();
            close(mean, load / (1.0 - load) / 2.0, 1e-5);
            close(pollaczek_khinchine_wait_seconds(load, 1.0, 0.0), load / (1.0 - load) / 2.0, 1e-12);
        }
    }

    #[test]
    fn rare_waits_are_found_and_impossible_ones_end() {
        let far = constant_service_wait_quantile_seconds(9.0, 0.1, 1.0 - 1e-9);
        // The tail falls by the root of its equation, about exp(-0.2066 t) per service at load 0.9.
        assert!(far > 8.0 && far < 12.0, "{far}");
        assert!(constant_service_wait_quantile_seconds(9.0, 0.1, 1.0).is_finite());
        let before = constant_service_wait_quantile_seconds(HEAVY_LOAD, 1.0, 0.9);
        close(constant_service_wait_quantile_seconds(HEAVY_LOAD + 1e-12, 1.0, 0.9), before, 1e-4);
    }
}
