//! Approximations for arrivals and services of any distribution, by their first two moments.

use super::erlang_c;

/// The mean wait in G/G/c by the two-moment formula of Allen and Cunneen, exact for M/M/c and M/G/1.
#[must_use]
pub fn allen_cunneen_wait_seconds(
    servers: u32,
    offered_load_erlangs: f64,
    service_seconds: f64,
    arrival_squared_cv: f64,
    service_squared_cv: f64,
) -> f64 {
    let idle_servers = f64::from(servers) - offered_load_erlangs;
    if idle_servers <= 0.0 {
        return f64::INFINITY;
    }
    let variability = f64::midpoint(arrival_squared_cv, service_squared_cv);
    erlang_c(servers, offered_load_erlangs) * service_seconds / idle_servers * variability
}

/// The mean wait of G/G/1 by Kingman's approximation for heavy traffic (1961): load/(1 - load) x (ca2 + cs2)/2 x
/// service. Exact for M/G/1.
#[must_use]
pub fn kingman_wait_seconds(load: f64, service_seconds: f64, arrival_squared_cv: f64, service_squared_cv: f64) -> f64 {
    if load >= 1.0 {
        return f64::INFINITY;
    }
    load / (1.0 - load) * f64::midpoint(arrival_squared_cv, service_squared_cv) * service_seconds
}

/// The mean wait of M/G/c over that of M/M/c: the interpolation of Kimura (1986) between M/D/c and M/M/c,
/// with the wait of M/D/c by Cosmetatos (1975). Exact for one server and for exponential service; for many
/// servers and varied service closer than `(1 + cs2)/2`, which it tends to with the load.
#[must_use]
pub fn wait_of_general_service(servers: f64, load: f64, service_squared_cv: f64) -> f64 {
    let beyond_one = (servers - 1.0).max(0.0);
    let correction = (1.0 - load) * beyond_one * ((4.0 + 5.0 * servers).sqrt() - 2.0) / (16.0 * load * servers);
    // Twice the wait of M/D/c over that of M/M/c: constant service never waits longer.
    let constant = (1.0 + correction).min(2.0);
    (1.0 + service_squared_cv) / (2.0 * service_squared_cv + 2.0 * (1.0 - service_squared_cv) / constant)
}

#[cfg(test)]
mod tests {
    use super::super::close;
    use super::*;

    #[test]
    fn two_moments_are_exact_for_one_server() {
        close(allen_cunneen_wait_seconds(1, 0.5, 2.0, 1.0, 1.0), 2.0, 1e-12);
        // Pollaczek-Khinchine for M/D/1 at half load: half the wait of M/M/1.
        close(allen_cunneen_wait_seconds(1, 0.5, 2.0, 1.0, 0.0), 1.0, 1e-12);
        close(kingman_wait_seconds(0.5, 2.0, 1.0, 0.0), 1.0, 1e-12);
        assert!(kingman_wait_seconds(1.0, 2.0, 1.0, 0.0).is_infinite() && allen_cunneen_wait_seconds(2, 2.0, 1.0, 1.0, 1.0).is_infinite());
    }

    /// M/G/1 is Pollaczek and Khinchine's, M/M/c itself; many servers of varied service wait less than
    /// (1 + cs2)/2 says, and as much when they are never idle.
    #[test]
    fn general_service_waits_between_its_exact_cases() {
        close(wait_of_general_service(1.0, 0.4, 3.0), 2.0, 1e-12);
        close(wait_of_general_service(20.0, 0.4, 1.0), 1.0, 1e-12);
        let varied = wait_of_general_service(6.0, 0.6, 2.25);
        assert!(varied > 1.0 && varied < 1.625, "{varied}");
        close(wait_of_general_service(6.0, 0.999, 2.25), 1.625, 2e-3);
    }
}
