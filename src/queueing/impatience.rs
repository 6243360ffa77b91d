//! M/M/c+M: customers who leave the queue when their patience ends (Palm 1943, "Erlang A").

use super::{erlang_b, erlang_c};

/// How many wait and how many give up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Impatience {
    /// The share of arrivals that find every server busy.
    pub waiting_share: f64,
    /// The share of arrivals that give up before a server takes them.
    pub abandoning_share: f64,
}

/// Beyond this many waiting customers the chain is cut; their mean number is that many at most.
const MOST_WAITING: u32 = 10_000_000;

/// Poisson arrivals at exponential servers; who waits gives up after an exponential time of mean
/// `patience_seconds` (above 0; infinite for endless patience), who is served stays to the end.
///
/// A birth-death chain: j waiting customers leave at the rate servers/service + j/patience. Arrivals may exceed what
/// the servers complete.
#[must_use]
pub fn impatience(servers: u32, arrival_rate_per_second: f64, service_seconds: f64, patience_seconds: f64) -> Impatience {
    let offered_load = arrival_rate_per_second * service_seconds;
    if offered_load <= 0.0 {
        return Impatience { waiting_share: 0.0, abandoning_share: 0.0 };
    }
    if patience_seconds.is_infinite() && offered_load < f64::from(servers) {
        return Impatience { waiting_share: erlang_c(servers, offered_load), abandoning_share: 0.0 };
    }
    // Of the chain cut at its top state: the share of time at the top, at every server busy, and the mean
    // number that waits.
    let mut at_top = erlang_b(servers, offered_load);
    let (mut all_busy, mut mean_waiting) = (at_top, 0.0);
    for waiting in 1..=MOST_WAITING {
        let completed = f64::from(servers) + f64::from(waiting) * service_seconds / patience_seconds;
        let reached = at_top * offered_load / completed;
        at_top = reached / (1.0 + reached);
        all_busy = all_busy * (1.0 - at_top) + at_top;
        mean_waiting = mean_waiting * (1.0 - at_top) + f64::from(waiting) * at_top;
        if at_top < 1e-18 && offered_load < completed {
            break;
        }
    }
    // Those who wait give up at the rate 1/patience each.
    Impatience { waiting_share: all_busy, abandoning_share: mean_waiting / patience_seconds / arrival_rate_per_second }
}

#[cfg(test)]
mod tests {
    use super::super::close;
    use super::*;

    /// Patience as long as the service: a customer leaves at the same rate served or waiting, so the number
    /// is that of M/M/infinity, Poisson. With one server and one Erlang: all busy with 1 - exp(-1), mean number
    /// waiting 1 - (1 - exp(-1)).
    #[test]
    fn equal_patience_and_service_make_infinitely_many_servers() {
        let got = impatience(1, 1.0, 1.0, 1.0);
        close(got.waiting_share, 1.0 - (-1.0_f64).exp(), 1e-12);
        close(got.abandoning_share, (-1.0_f64).exp(), 1e-12);
    }

    #[test]
    fn endless_patience_is_erlang_c_and_none_is_erlang_b() {
        close(impatience(10, 9.0, 1.0, f64::INFINITY).waiting_share, erlang_c(10, 9.0), 1e-12);
        let hurried = impatience(10, 9.0, 1.0, 1e-9);
        close(hurried.abandoning_share, erlang_b(10, 9.0), 1e-6);
        // Twice as many as can be served: half of them give up in the end, however long that takes.
        close(impatience(10, 20.0, 1.0, 1e3).abandoning_share, 0.5, 1e-9);
        assert_eq!(impatience(3, 0.0, 1.0, 1.0), Impatience { waiting_share: 0.0, abandoning_share: 0.0 });
    }
}
