//! Formulas of queueing theory, as pure functions.
//!
//! Loads are in Erlangs, rates per second, times in seconds. Sources: Erlang 1917 (B and C); Kleinrock,
//! *Queueing Systems I*, 1975 (G/M/1 and its root sigma); Allen 1990 and Cunneen (the two-moment wait of
//! G/G/c); Reiser and Lavenberg 1980 (mean value analysis of a closed network).

use crate::math::exp;

/// Erlang B: the share of arrivals that M/G/c/c turns away.
///
/// # Panics
/// Never; a load of 0 or no server gives the limits 0 and 1.
#[must_use]
pub fn erlang_b(servers: u32, offered_load_erlangs: f64) -> f64 {
    if offered_load_erlangs <= 0.0 {
        return if servers == 0 { 1.0 } else { 0.0 };
    }
    (1..=servers).fold(1.0, |blocking, server| {
        let offered = offered_load_erlangs * blocking;
        offered / (f64::from(server) + offered)
    })
}

/// Erlang C: the share of arrivals that wait in M/M/c; 1 when the load is not below the servers.
#[must_use]
pub fn erlang_c(servers: u32, offered_load_erlangs: f64) -> f64 {
    let load = offered_load_erlangs / f64::from(servers.max(1));
    if load >= 1.0 {
        return 1.0;
    }
    let blocking = erlang_b(servers, offered_load_erlangs);
    blocking / (1.0 - load * (1.0 - blocking))
}

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

/// The steady state of customers that share one queue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SharedQueue {
    /// The share of arrivals that find every slot taken.
    pub waiting_share: f64,
    /// The mean number of slots taken.
    pub mean_in_service: f64,
}

/// Beyond this mean number in service its fluctuation is below a part in a hundred and is left out.
const LARGE_NUMBER: f64 = 65_536.0;

/// One queue for all slots: Poisson arrivals, and `completion_rate(n)` completions per second while n slots
/// are taken, which does not decrease with n and exceeds `arrival_rate` when all are taken.
///
/// A birth-death chain, summed with the recursion of Erlang B. Exact for exponential service (M/M/c has
/// `completion_rate(n) = n/S`) and, as long as nobody waits, for shared processors whatever the service.
#[must_use]
pub fn shared_queue(slots: u64, arrival_rate: f64, completion_rate: impl Fn(f64) -> f64) -> SharedQueue {
    let all = slots as f64;
    if arrival_rate <= 0.0 || slots == 0 {
        return SharedQueue { waiting_share: 0.0, mean_in_service: 0.0 };
    }
    if completion_rate(LARGE_NUMBER.min(all)) < arrival_rate && all > LARGE_NUMBER {
        return SharedQueue { waiting_share: 0.0, mean_in_service: number_that_completes(arrival_rate, all, completion_rate) };
    }
    // The share of time that the chain, cut at n, spends in n; and its mean number.
    let (mut at_top, mut mean, mut mean_below) = (1.0, 0.0, 0.0);
    for number in 1..=slots {
        let outflow = completion_rate(number as f64) / arrival_rate;
        at_top /= at_top + outflow;
        mean_below = mean;
        mean = number as f64 * at_top + mean * (1.0 - at_top);
        if outflow > 1.0 && at_top < 1e-13 {
            return SharedQueue { waiting_share: 0.0, mean_in_service: mean };
        }
    }
    let load = arrival_rate / completion_rate(all);
    if load >= 1.0 {
        return SharedQueue { waiting_share: 1.0, mean_in_service: all };
    }
    let waiting_share = at_top / (1.0 - load * (1.0 - at_top));
    SharedQueue { waiting_share, mean_in_service: (1.0 - waiting_share) * mean_below + waiting_share * all }
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

/// The number at which as many are completed as arrive.
fn number_that_completes(arrival_rate: f64, most: f64, completion_rate: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, most);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if completion_rate(middle) < arrival_rate {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, expected: f64, relative: f64) {
        assert!((got / expected - 1.0).abs() <= relative, "{got} is not {expected}");
    }

    /// Values computed by summing the states of the chain with 50 digits (mpmath).
    #[test]
    fn erlang_formulas_match_high_precision_sums() {
        close(erlang_b(5, 3.0), 0.110_054_347_826, 1e-11);
        close(erlang_b(200, 180.0), 0.010_324_995_205_0, 1e-10);
        close(erlang_b(10, 10.0), 0.214_582_343_107, 1e-11);
    }

    #[test]
    fn one_server_waits_with_the_probability_of_being_busy() {
        close(erlang_c(1, 0.7), 0.7, 1e-12);
        close(allen_cunneen_wait_seconds(1, 0.5, 2.0, 1.0, 1.0), 2.0, 1e-12);
        // Pollaczek-Khinchine for M/D/1 at half load: half the wait of M/M/1.
        close(allen_cunneen_wait_seconds(1, 0.5, 2.0, 1.0, 0.0), 1.0, 1e-12);
    }

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
        // DESIGN figure: round robin over four at 90 % load has a mean response of 6.4 service times.
        close(1.0 / (1.0 - erlang_arrivals_root(4, 0.9)), 6.4, 0.02);
    }

    #[test]
    fn a_saturated_task_completes_what_its_bottleneck_allows() {
        close(saturated_throughput_per_second(64, 0.5, 0.04, 0.0), 12.5, 1e-9);
        close(saturated_throughput_per_second(64, 0.5, 0.04, 0.08), 12.5, 1e-6);
        close(saturated_throughput_per_second(10, 1.0, 0.0, 2.0), 5.0, 1e-12);
        close(saturated_throughput_per_second(1, 0.5, 0.04, 0.08), 1.0 / 0.16, 1e-9);
        // Machine repair with two machines and one repairman: mean value analysis by hand gives
        // X(1) = 1/2, R(2) = 1 + X(1) x 1 = 1.5, X(2) = 2 / (1.5 + 1) = 0.8.
        close(saturated_throughput_per_second(2, 1.0, 1.0, 1.0), 0.8, 1e-12);
        close(saturated_throughput_per_second(100_000, 2.0, 0.001, 3600.0), 100_000.0 / 3600.001, 1e-3);
    }

    /// M/M/c has the waiting share of Erlang C and as many busy servers as Erlangs are offered.
    #[test]
    fn a_shared_queue_of_equal_servers_is_m_m_c() {
        for (servers, load) in [(1_u32, 0.7), (8, 0.3), (8, 0.95), (200, 0.9)] {
            let offered = load * f64::from(servers);
            let queue = shared_queue(u64::from(servers), offered, |number| number);
            close(queue.waiting_share + 1.0, erlang_c(servers, offered) + 1.0, 1e-12);
            close(queue.mean_in_service, offered, 1e-9);
        }
        close(shared_queue(1_000_000, 900_000.0, |number| number).mean_in_service, 900_000.0, 1e-6);
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

    /// One processor shared by up to three: the number in the system is M/M/1's, 0.5^n / 2, so an arrival
    /// finds three or more with 0.5^3; slots taken: 1/4 + 2/8 + 3/8 = 7/8.
    #[test]
    fn a_shared_processor_is_m_m_1_cut_at_its_slots() {
        let queue = shared_queue(3, 0.5, |_| 1.0);
        close(queue.waiting_share, 0.125, 1e-12);
        close(queue.mean_in_service, 0.875, 1e-12);
    }
}
