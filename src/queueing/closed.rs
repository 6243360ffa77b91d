//! Closed networks: customers who wait for their answer before they ask again.

/// Requests per second that a task completes while all its slots are taken: the throughput of a closed
/// network of `slots` requests that alternate between a shared CPU and a wait without CPU.
///
/// The CPU works at `min(requests in burst, cores)` vCPUs (a request uses at most one), so that a burst of
/// `burst_seconds` takes that long alone on one vCPU. The network has product form, so the result holds
/// for any distribution of burst and wait (processor sharing, infinite server).
#[must_use]
pub fn saturated_throughput_per_second(slots: u32, cores: f64, burst_seconds: f64, wait_seconds: f64) -> f64 {
    if burst_seconds <= 0.0 {
        return if wait_seconds <= 0.0 { f64::INFINITY } else { f64::from(slots) / wait_seconds };
    }
    let peak_rate = cores / burst_seconds;
    // Beyond this population the CPU is busy to within a part in a million and more slots add nothing.
    let enough = 40.0 * (peak_rate * wait_seconds + cores + 1.0);
    let slots = f64::from(slots).min(enough) as u32;
    // Buzen's convolution for one load-dependent station beside an infinite server:
    // G(n) = sum_k F(k) W^(n-k)/(n-k)!, with F(k) = product of burst/rate(j). Scaled as it goes.
    let mut station = vec![1.0_f64];
    for population in 1..=slots {
        let rate = f64::from(population).min(cores);
        let previous = station[population as usize - 1];
        station.push(previous * burst_seconds / rate);
    }
    let mut delay = vec![1.0_f64];
    for population in 1..=slots {
        let previous = delay[population as usize - 1];
        delay.push(previous * wait_seconds / f64::from(population));
    }
    // Both series can leave the range of a float for long bursts or waits: fall back on the asymptote.
    let constant = |population: u32| -> f64 {
        (0..=population).map(|at_station| station[at_station as usize] * delay[(population - at_station) as usize]).sum()
    };
    let (below, at) = (constant(slots.saturating_sub(1)), constant(slots));
    let exact = below / at;
    let bound = peak_rate.min(f64::from(slots) / (burst_seconds / cores.min(1.0) + wait_seconds));
    if exact.is_finite() && exact > 0.0 { exact.min(peak_rate) } else { bound }
}

/// The mean response of a closed system: `users` who think, ask one of `servers` and wait for the answer. By
/// Little's law users / throughput - think time (Denning and Buzen 1978), the throughput exact for any distribution of the
/// think time, and of the demand too where the servers are shared, at most one by each request.
///
/// `servers` and `service_seconds` are above 0.
#[must_use]
pub fn closed_response_seconds(users: u32, servers: u32, service_seconds: f64, think_seconds: f64) -> f64 {
    let throughput = saturated_throughput_per_second(users, f64::from(servers), service_seconds, think_seconds);
    (f64::from(users) / throughput - think_seconds).max(service_seconds)
}

#[cfg(test)]
mod tests {
    use super::super::close;
    use super::*;

    #[test]
    fn a_saturated_task_completes_what_its_bottleneck_allows() {
        close(saturated_throughput_per_second(64, 0.5, 0.04, 0.0), 12.5, 1e-9);
        close(saturated_throughput_per_second(64, 0.5, 0.04, 0.08), 12.5, 1e-6);
        close(saturated_throughput_per_second(10, 1.0, 0.0, 2.0), 5.0, 1e-12);
        close(saturated_throughput_per_second(1, 0.5, 0.04, 0.08), 1.0 / 0.16, 1e-9);
        // Machine repair with two machines and one repairman: mean value analysis by hand gives
        // X(1) = 1/2, R(2) = 1 + X(1) x 1 = 1.5, X(2) = 2 / (1.5 + 1) = 0.8.
        close(saturated_throughput_per_second(2, 1.0, 1.0, 1.0), 0.8, 1e-12);
        close(closed_response_seconds(2, 1, 1.0, 1.0), 1.5, 1e-12);
        // As many servers as users: nobody waits.
        close(closed_response_seconds(5, 8, 0.1, 1.0), 0.1, 1e-12);
        close(saturated_throughput_per_second(100_000, 2.0, 0.001, 3600.0), 100_000.0 / 3600.001, 1e-3);
    }
}
