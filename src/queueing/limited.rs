//! M/M/c/K: a queue with a last place.

/// The steady state of a queue that turns arrivals away when it is full.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LimitedQueue {
    /// The share of arrivals that find every place taken.
    pub blocking_share: f64,
    /// The mean number of customers, in service or waiting.
    pub mean_number: f64,
    /// The mean time from arrival to the end of the service, of those that are let in.
    pub mean_response_seconds: f64,
    /// The share of the servers that is busy.
    pub utilization: f64,
}

/// Poisson arrivals at `servers` exponential servers with `places` in all, waiting ones included (at least as
/// many as servers, at least 1).
///
/// A birth-death chain (Gross, Shortle, Thompson and Harris 2008, section 2.5), built up place by place with the
/// recursion of Erlang B, which cannot overflow. Load may exceed the servers.
#[must_use]
pub fn limited_queue(servers: u32, places: u32, arrival_rate_per_second: f64, service_seconds: f64) -> LimitedQueue {
    let offered_load = arrival_rate_per_second * service_seconds;
    let (mut full, mut mean_number) = (1.0, 0.0);
    for number in 1..=places {
        let reached = full * offered_load / f64::from(number.min(servers));
        full = reached / (1.0 + reached);
        mean_number = f64::from(number) * full + mean_number * (1.0 - full);
    }
    let admitted = arrival_rate_per_second * (1.0 - full);
    LimitedQueue {
        blocking_share: full,
        mean_number,
        // Little's law.
        mean_response_seconds: if admitted > 0.0 { mean_number / admitted } else { service_seconds },
        utilization: admitted * service_seconds / f64::from(servers),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{MultiServerQueue, close, erlang_b};
    use super::*;

    #[test]
    fn no_place_to_wait_is_erlang_b_and_endless_places_are_m_m_c() {
        let lost = limited_queue(10, 10, 100.0, 0.1);
        close(lost.blocking_share, erlang_b(10, 10.0), 1e-12);
        close(lost.mean_response_seconds, 0.1, 1e-12);
        let patient = limited_queue(4, 5_000, 36.0, 0.1);
        let queue = MultiServerQueue { servers: 4, arrival_rate_per_second: 36.0, service_seconds: 0.1 };
        close(patient.mean_response_seconds, queue.mean_response_seconds(), 1e-9);
        close(patient.utilization, 0.9, 1e-12);
    }

    /// Two places and one server at load 1: three equally likely states.
    #[test]
    fn three_equal_states_by_hand() {
        let queue = limited_queue(1, 2, 1.0, 1.0);
        close(queue.blocking_share, 1.0 / 3.0, 1e-12);
        close(queue.mean_number, 1.0, 1e-12);
        close(queue.mean_response_seconds, 1.5, 1e-12);
        close(queue.utilization, 2.0 / 3.0, 1e-12);
    }
}
