//! What arrives, before any of it waits: offered loads and utilisations.

use crate::math::cos;

/// The mean number of busy servers of M(t)/M/infinity at `time_seconds`, in the periodic steady state, where arrivals come at the rate
/// mean + amplitude sin(2 pi t / period) (Eick, Massey and Whitt 1993): the offered load of a wave, which lags behind its rate.
#[must_use]
pub fn mean_busy_servers_of_a_wave(
    mean_rate_per_second: f64,
    amplitude_per_second: f64,
    period_seconds: f64,
    service_seconds: f64,
    time_seconds: f64,
) -> f64 {
    let frequency = 2.0 * std::f64::consts::PI / period_seconds;
    let service_rate = 1.0 / service_seconds;
    let angle = frequency * time_seconds;
    let sine = cos(angle - std::f64::consts::FRAC_PI_2);
    let swing = service_rate * sine - frequency * cos(angle);
    mean_rate_per_second / service_rate + amplitude_per_second * swing / (service_rate * service_rate + frequency * frequency)
}

/// The utilisation law: throughput x demand / capacity, a fraction (Denning and Buzen 1978). Holds whatever the
/// distributions, as long as it is at most 1.
#[must_use]
pub fn utilization(throughput_per_second: f64, demand_seconds: f64, servers: f64) -> f64 {
    throughput_per_second * demand_seconds / servers
}

/// The standard deviation of the utilisation, a fraction, that Poisson arrivals bring to a span of time:
/// sqrt(rate x span x E[D^2]) / (servers x span), the deviation of a compound Poisson sum of demands over the work that the servers
/// could do. It leaves out what is carried from one span to the next, so it is for spans much longer than a response.
#[must_use]
pub fn utilization_deviation(arrival_rate_per_second: f64, demand_second_moment: f64, servers: f64, span_seconds: f64) -> f64 {
    (arrival_rate_per_second * span_seconds * demand_second_moment).sqrt() / (servers * span_seconds)
}

#[cfg(test)]
mod tests {
    use super::super::close;
    use super::*;

    /// A flat wave is M/M/infinity; a fast one averages out; a slow one follows its rate.
    #[test]
    fn a_wave_is_followed_when_it_is_slow() {
        close(mean_busy_servers_of_a_wave(10.0, 0.0, 60.0, 3.0, 7.0), 30.0, 1e-12);
        close(mean_busy_servers_of_a_wave(10.0, 5.0, 1e-6, 3.0, 7.0), 30.0, 1e-6);
        close(mean_busy_servers_of_a_wave(10.0, 5.0, 1e9, 3.0, 2.5e8), 45.0, 1e-6);
    }

    /// 100 requests of 20 ms on four vCPUs; and over a second one request of a second, give or take one.
    #[test]
    fn utilisations_by_hand() {
        close(utilization(100.0, 0.02, 4.0), 0.5, 1e-12);
        close(utilization_deviation(1.0, 1.0, 1.0, 1.0), 1.0, 1e-12);
        // Four times the span halves the deviation.
        close(utilization_deviation(1.0, 1.0, 1.0, 4.0), 0.5, 1e-12);
    }
}
