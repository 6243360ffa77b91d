//! Processor sharing: everyone is served at once, each by an equal part.

use super::MultiServerQueue;

/// The mean response where requests share `cores`, each using at most one: that of M/M/c, whatever the distribution of the
/// demand (Cohen 1979: the number in a generalised processor sharing queue is insensitive). One core: service / (1 - load).
#[must_use]
pub fn shared_processor_response_seconds(cores: u32, arrival_rate_per_second: f64, demand_seconds: f64) -> f64 {
    MultiServerQueue { servers: cores, arrival_rate_per_second, service_seconds: demand_seconds }.mean_response_seconds()
}

/// The variance of the response in seconds squared, one core and exponential demands:
/// (2 + load)/(2 - load) x (demand / (1 - load))^2 (Coffman, Muntz and Trotter 1970).
#[must_use]
pub fn shared_processor_response_variance(arrival_rate_per_second: f64, demand_seconds: f64) -> f64 {
    let load = arrival_rate_per_second * demand_seconds;
    if load >= 1.0 {
        return f64::INFINITY;
    }
    let mean = demand_seconds / (1.0 - load);
    (2.0 + load) / (2.0 - load) * mean * mean
}

#[cfg(test)]
mod tests {
    use super::super::close;
    use super::*;

    /// Alone, a request takes its demand: mean D, variance D squared.
    #[test]
    fn an_empty_processor_is_not_shared() {
        close(shared_processor_response_seconds(1, 1e-12, 3.0), 3.0, 1e-9);
        close(shared_processor_response_variance(1e-12, 3.0), 9.0, 1e-9);
        close(shared_processor_response_seconds(1, 0.9, 1.0), 10.0, 1e-12);
        assert!(shared_processor_response_variance(1.0, 1.0).is_infinite());
    }
}
