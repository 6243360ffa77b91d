//! M/M/c: one queue for several servers, first come first served.

use super::erlang::fewest_servers;
use super::{erlang_c, where_it_falls_to};
use crate::math::{exp, exp_m1, ln};

/// Poisson arrivals that wait in one queue for the first of several exponential servers (Gross, Shortle,
/// Thompson and Harris 2008, section 2.3).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MultiServerQueue {
    /// The servers, at least 1.
    pub servers: u32,
    /// Arrivals per second.
    pub arrival_rate_per_second: f64,
    /// The mean service.
    pub service_seconds: f64,
}

impl MultiServerQueue {
    /// The mean number of busy servers.
    #[must_use]
    pub fn offered_load_erlangs(&self) -> f64 {
        self.arrival_rate_per_second * self.service_seconds
    }

    /// The share of arrivals that wait.
    #[must_use]
    pub fn waiting_share(&self) -> f64 {
        erlang_c(self.servers, self.offered_load_erlangs())
    }

    /// The rate at which the wait of those who wait ends: what the servers complete beyond the arrivals.
    fn surplus_per_second(&self) -> f64 {
        f64::from(self.servers) / self.service_seconds - self.arrival_rate_per_second
    }

    /// The mean wait for a server.
    #[must_use]
    pub fn mean_wait_seconds(&self) -> f64 {
        let surplus = self.surplus_per_second();
        if surplus > 0.0 { self.waiting_share() / surplus } else { f64::INFINITY }
    }

    /// The mean time from arrival to the end of the service.
    #[must_use]
    pub fn mean_response_seconds(&self) -> f64 {
        self.mean_wait_seconds() + self.service_seconds
    }

    /// The probability that a wait exceeds `seconds`: C exp(-(c mu - lambda) t).
    #[must_use]
    pub fn wait_tail(&self, seconds: f64) -> f64 {
        if self.surplus_per_second() > 0.0 { self.waiting_share() * exp(-self.surplus_per_second() * seconds) } else { 1.0 }
    }

    /// The wait that this share of arrivals (0 to below 1) does not exceed.
    #[must_use]
    pub fn wait_quantile_seconds(&self, share: f64) -> f64 {
        let surplus = self.surplus_per_second();
        if surplus > 0.0 { (ln(self.waiting_share() / (1.0 - share)) / surplus).max(0.0) } else { f64::INFINITY }
    }

    /// The probability that a response exceeds `seconds`: a service, after an exponential wait with
    /// probability C.
    #[must_use]
    pub fn response_tail(&self, seconds: f64) -> f64 {
        response_tail(self.waiting_share(), self.surplus_per_second(), 1.0 / self.service_seconds, seconds)
    }

    /// The response that this share of arrivals (0 to below 1) does not exceed.
    #[must_use]
    pub fn response_quantile_seconds(&self, share: f64) -> f64 {
        let (surplus, waiting_share) = (self.surplus_per_second(), self.waiting_share());
        if surplus <= 0.0 {
            return f64::INFINITY;
        }
        let tail = |seconds: f64| response_tail(waiting_share, surplus, 1.0 / self.service_seconds, seconds);
        where_it_falls_to(1.0 - share, self.service_seconds, tail)
    }
}

/// exp(-mu t) + C mu (exp(-mu t) - exp(-s t)) / (s - mu), with the difference of the exponentials taken so
/// that it is exact where both rates are nearly the same, and finite far out.
fn response_tail(waiting_share: f64, surplus: f64, service_rate: f64, seconds: f64) -> f64 {
    if surplus <= 0.0 {
        return 1.0;
    }
    let (slow, apart) = (service_rate.min(surplus), (surplus - service_rate).abs());
    let spread = if apart > 0.0 { -exp_m1(-apart * seconds) / apart } else { seconds };
    exp(-service_rate * seconds) + waiting_share * service_rate * exp(-slow * seconds) * spread
}

/// The fewest servers of one shared queue with which a share of the responses (0 to below 1) takes at most
/// `target_seconds`.
///
/// None where no number will do, since the service alone takes longer.
#[must_use]
pub fn minimum_servers_for_response(arrival_rate_per_second: f64, service_seconds: f64, target_seconds: f64, share: f64) -> Option<u32> {
    let service_rate = 1.0 / service_seconds;
    fewest_servers(arrival_rate_per_second * service_seconds, |servers, waiting_share| {
        let surplus = f64::from(servers) * service_rate - arrival_rate_per_second;
        response_tail(waiting_share, surplus, service_rate, target_seconds) <= 1.0 - share
    })
}

#[cfg(test)]
mod tests {
    use super::super::close;
    use super::*;

    /// M/M/1: the response is exponential with mean 1/(mu - lambda).
    #[test]
    fn one_server_responds_after_an_exponential_time() {
        for load in [0.2, 0.5, 0.9, 0.999] {
            let queue = MultiServerQueue { servers: 1, arrival_rate_per_second: 10.0 * load, service_seconds: 0.1 };
            let mean = 0.1 / (1.0 - load);
            close(queue.mean_response_seconds(), mean, 1e-12);
            for share in [0.01_f64, 0.5, 0.99, 0.999_999] {
                close(queue.response_quantile_seconds(share), -mean * (-share).ln_1p(), 1e-9);
                close(1.0 - queue.response_tail(queue.response_quantile_seconds(share)), share, 1e-9);
            }
        }
    }

    /// Where those who wait do so at the rate of the service, the response is a mixture of one and two
    /// exponential phases: exp(-t) (1 + C t).
    #[test]
    fn equal_rates_of_wait_and_service_are_no_exception() {
        let queue = MultiServerQueue { servers: 3, arrival_rate_per_second: 2.0, service_seconds: 1.0 };
        close(queue.response_tail(2.0), (-2.0_f64).exp() * (1.0 + queue.waiting_share() * 2.0), 1e-12);
        let near = MultiServerQueue { arrival_rate_per_second: 2.0 + 1e-9, ..queue };
        close(near.response_tail(2.0), queue.response_tail(2.0), 1e-8);
    }

    #[test]
    fn an_overloaded_queue_never_ends() {
        let queue = MultiServerQueue { servers: 2, arrival_rate_per_second: 2.0, service_seconds: 1.0 };
        assert!(queue.mean_wait_seconds().is_infinite() && queue.wait_quantile_seconds(0.5).is_infinite());
        assert!(queue.response_quantile_seconds(0.5).is_infinite());
        assert!(queue.wait_tail(9.0) == 1.0 && queue.response_tail(9.0) == 1.0);
    }

    /// Nobody is served faster than the service: exp(-1) > 1 %.
    #[test]
    fn servers_cannot_make_the_service_shorter() {
        assert_eq!(minimum_servers_for_response(5.0, 1.0, 1.0, 0.99), None);
        let fewest = minimum_servers_for_response(5.0, 1.0, 5.0, 0.99).expect("exp(-5) is below 1 %");
        let at = |servers| MultiServerQueue { servers, arrival_rate_per_second: 5.0, service_seconds: 1.0 };
        assert!(at(fewest).response_tail(5.0) <= 0.01 && at(fewest - 1).response_tail(5.0) > 0.01);
    }
}
