//! One queue for slots that share what serves them.

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
    use super::super::{close, erlang_c};
    use super::*;

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

    /// One processor shared by up to three: the number in the system is M/M/1's, 0.5^n / 2, so an arrival
    /// finds three or more with 0.5^3; slots taken: 1/4 + 2/8 + 3/8 = 7/8.
    #[test]
    fn a_shared_processor_is_m_m_1_cut_at_its_slots() {
        let queue = shared_queue(3, 0.5, |_| 1.0);
        close(queue.waiting_share, 0.125, 1e-12);
        close(queue.mean_in_service, 0.875, 1e-12);
    }
}
