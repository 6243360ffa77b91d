//! Round robin over n servers: each sees every n-th arrival, so E_n/M/1.

use crate::math::{exp, ln_1p};

/// The root sigma of G/M/1 whose interarrival times are Erlang of `phases` phases: the load that an
/// arrival finds. Round robin over n tasks of a Poisson stream gives each task Erlang-n interarrivals.
///
/// For one phase sigma is the load itself; for many it tends to the root of D/M/1.
#[must_use]
pub fn erlang_arrivals_root(phases: u32, load: f64) -> f64 {
    if load <= 0.0 {
        return 0.0;
    }
    if load >= 1.0 {
        return 1.0;
    }
    if phases == 1 {
        return load;
    }
    // f(sigma) = transform - sigma is convex with f(0) > 0 and f(1) = 0: Newton's method from 0 rises to
    // the root below 1 and never passes it.
    let many = phases > 64;
    let mut sigma = 0.0;
    for _ in 0..100 {
        let (transform, slope) = if many {
            let transform = exp(-(1.0 - sigma) / load);
            (transform, transform / load)
        } else {
            let stretched = f64::from(phases) * load;
            let base = stretched / (stretched + 1.0 - sigma);
            let transform = integer_power(base, phases);
            (transform, transform * f64::from(phases) / (stretched + 1.0 - sigma))
        };
        let step = (transform - sigma) / (1.0 - slope);
        if !step.is_finite() || step <= 1e-15 {
            break;
        }
        sigma += step;
    }
    sigma.min(load)
}

/// `base` to a whole power, by squaring: the same bits everywhere.
fn integer_power(base: f64, exponent: u32) -> f64 {
    let (mut result, mut square, mut rest) = (1.0, base, exponent);
    while rest > 0 {
        if rest & 1 == 1 {
            result *= square;
        }
        square *= square;
        rest >>= 1;
    }
    result
}

/// The mean response of `servers` exponential servers that get a Poisson stream in turn, each at this load:
/// service / (1 - sigma) (Kleinrock 1975, section 6.4). First come first served or sharing its server makes no difference.
#[must_use]
pub fn round_robin_response_seconds(servers: u32, load: f64, service_seconds: f64) -> f64 {
    service_seconds / (1.0 - erlang_arrivals_root(servers, load))
}

/// The response that a share of arrivals (0 to below 1) does not exceed, first come first served: it is
/// exponential in G/M/1.
#[must_use]
pub fn round_robin_response_quantile_seconds(servers: u32, load: f64, service_seconds: f64, share: f64) -> f64 {
    -ln_1p(-share) * round_robin_response_seconds(servers, load, service_seconds)
}

#[cfg(test)]
mod tests {
    use super::super::close;
    use super::*;

    #[test]
    fn the_root_of_erlang_arrivals_solves_its_equation() {
        close(erlang_arrivals_root(1, 0.9), 0.9, 1e-12);
        for (phases, load) in [(2_u32, 0.5), (4, 0.9), (10, 0.3), (64, 0.97)] {
            let sigma = erlang_arrivals_root(phases, load);
            let n = f64::from(phases);
            close((n * load / (n * load + 1.0 - sigma)).powi(phases as i32), sigma, 1e-9);
            assert!(sigma < load);
        }
        let sigma = erlang_arrivals_root(1000, 0.8);
        close((-(1.0 - sigma) / 0.8_f64).exp(), sigma, 1e-9);
    }

    /// For two phases the root is that of a quadratic once 1 is divided out: with x = 1 - sigma and r = 2 load,
    /// (1 - x)(r + x)^2 = r^2, so x^2 + (2r - 1) x + r (r - 2) = 0.
    #[test]
    fn two_servers_in_turn_have_a_closed_form() {
        for load in [0.2_f64, 0.7, 0.95] {
            let r = 2.0 * load;
            let x = 0.5 * (1.0 - 2.0 * r + ((2.0 * r - 1.0) * (2.0 * r - 1.0) + 4.0 * r * (2.0 - r)).sqrt());
            close(round_robin_response_seconds(2, load, 3.0), 3.0 / x, 1e-12);
            close(round_robin_response_quantile_seconds(2, load, 3.0, 0.5), 3.0 / x * std::f64::consts::LN_2, 1e-12);
        }
        assert!(round_robin_response_seconds(2, 1.0, 3.0).is_infinite());
    }
}
