//! Formulas of queueing theory, as pure functions: what a planner computes instead of simulating, and what the
//! simulation is held against.
//!
//! Loads are in Erlangs (the mean number of servers that the arrivals keep busy), rates per second, times in
//! seconds, shares and utilisations fractions. A letter of Kendall's notation is spelled out where it names a
//! function: M Poisson or exponential, D constant, G general, c servers, K places. Where arrivals exceed what
//! the servers complete, a wait is infinite and everyone waits.
//!
//! Each function names its source. In common: Kleinrock, *Queueing Systems I*, 1975; Gross, Shortle, Thompson
//! and Harris, *Fundamentals of Queueing Theory*, 4th edition, 2008.

mod closed;
mod erlang;
mod general;
mod impatience;
mod limited;
mod multi_server;
mod offered;
mod round_robin;
mod shared;
mod sharing;
mod single_server;

pub use closed::{closed_response_seconds, saturated_throughput_per_second};
pub use erlang::{erlang_b, erlang_c, halfin_whitt_waiting_share, minimum_servers_for_waiting_share};
pub use general::{allen_cunneen_wait_seconds, kingman_wait_seconds, wait_of_general_service};
pub use impatience::{Impatience, impatience};
pub use limited::{LimitedQueue, limited_queue};
pub use multi_server::{MultiServerQueue, minimum_servers_for_response};
pub use offered::{mean_busy_servers_of_a_wave, utilization, utilization_deviation};
pub use round_robin::{erlang_arrivals_root, round_robin_response_quantile_seconds, round_robin_response_seconds};
pub use shared::{SharedQueue, shared_queue};
pub use sharing::{shared_processor_response_seconds, shared_processor_response_variance};
pub use single_server::{constant_service_wait_quantile_seconds, pollaczek_khinchine_wait_seconds};

#[cfg(test)]
fn close(got: f64, expected: f64, relative: f64) {
    assert!((got / expected - 1.0).abs() <= relative, "{got} is not {expected}");
}

/// The least argument at which a falling function is at most `target`, by doubling and halving to the last bit.
/// `scale` is above zero and any guess of its size.
fn where_it_falls_to(target: f64, scale: f64, falling: impl Fn(f64) -> f64) -> f64 {
    if falling(0.0) <= target {
        return 0.0;
    }
    let mut high = scale;
    while falling(high) > target && high < f64::MAX / 4.0 {
        high *= 2.0;
    }
    let mut low = 0.0;
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return high;
        }
        if falling(middle) > target {
            low = middle;
        } else {
            high = middle;
        }
    }
}
