//! Erlang's formulas, and staffing by them.

use crate::math::{erfc, exp};

/// Erlang B: the share of arrivals that M/G/c/c turns away, whatever the distribution of the service
/// (Erlang 1917; the recursion over servers is stable for any load).
///
/// A load of 0 and no server give the limits 0 and 1.
#[must_use]
pub fn erlang_b(servers: u32, offered_load_erlangs: f64) -> f64 {
    if offered_load_erlangs <= 0.0 {
        return if servers == 0 { 1.0 } else { 0.0 };
    }
    (1..=servers).fold(1.0, |blocking, server| with_one_more_server(blocking, server, offered_load_erlangs))
}

/// Erlang's B of `server` servers from that of one fewer: a B' / (server + a B').
fn with_one_more_server(blocking: f64, server: u32, offered_load_erlangs: f64) -> f64 {
    let offered = offered_load_erlangs * blocking;
    offered / (f64::from(server) + offered)
}

/// Erlang C: the share of arrivals that wait in M/M/c; 1 when the load is not below the servers (Erlang 1917).
#[must_use]
pub fn erlang_c(servers: u32, offered_load_erlangs: f64) -> f64 {
    waiting_share(servers, offered_load_erlangs, erlang_b(servers, offered_load_erlangs))
}

/// Erlang C from Erlang B: B / (1 - load (1 - B)).
fn waiting_share(servers: u32, offered_load_erlangs: f64, blocking: f64) -> f64 {
    let load = offered_load_erlangs / f64::from(servers.max(1));
    if load >= 1.0 { 1.0 } else { blocking / (1.0 - load * (1.0 - blocking)) }
}

/// The fewest servers with which at most this share of arrivals waits in M/M/c.
///
/// None where no number will do: a target of 0, or a load that is no number of servers that `u32` holds.
#[must_use]
pub fn minimum_servers_for_waiting_share(offered_load_erlangs: f64, target: f64) -> Option<u32> {
    fewest_servers(offered_load_erlangs, |_, waiting_share| waiting_share <= target && target > 0.0)
}

/// The fewest servers, more than the load, that are enough, given the share of arrivals that waits for them.
pub(super) fn fewest_servers(offered_load_erlangs: f64, enough: impl Fn(u32, f64) -> bool) -> Option<u32> {
    if !(0.0..f64::from(u32::MAX)).contains(&offered_load_erlangs) {
        return None;
    }
    let mut blocking = 1.0;
    for servers in 1..u32::MAX {
        blocking = with_one_more_server(blocking, servers, offered_load_erlangs);
        let waiting_share = waiting_share(servers, offered_load_erlangs, blocking);
        if f64::from(servers) > offered_load_erlangs && enough(servers, waiting_share) {
            return Some(servers);
        }
        if waiting_share <= 0.0 {
            return None;
        }
    }
    None
}

/// The share of arrivals that wait where many servers exceed the load by `surplus` times its square root:
/// 1 / (1 + surplus Phi(surplus) / phi(surplus)) (Halfin and Whitt 1981), the limit of Erlang C.
///
/// With it, servers = load + surplus sqrt(load) is the square-root rule of staffing. `surplus` is above 0; at
/// 0 and below everyone waits.
#[must_use]
pub fn halfin_whitt_waiting_share(surplus: f64) -> f64 {
    if surplus <= 0.0 {
        return 1.0;
    }
    let below = 0.5 * erfc(-surplus / std::f64::consts::SQRT_2);
    let density = exp(-0.5 * surplus * surplus) / (2.0 * std::f64::consts::PI).sqrt();
    density / (density + surplus * below)
}

#[cfg(test)]
mod tests {
    use super::super::close;
    use super::*;

    #[test]
    fn one_server_waits_with_the_probability_of_being_busy() {
        close(erlang_c(1, 0.7), 0.7, 1e-12);
        assert!((erlang_c(4, 4.0) - 1.0).abs() < 1e-15 && erlang_b(0, 3.0) == 1.0 && erlang_b(3, 0.0) == 0.0);
    }

    /// By hand for one Erlang: C(2) = 1/3, C(3) = 1/11, so a tenth is met by three servers.
    #[test]
    fn staffing_stops_at_the_first_number_that_is_enough() {
        assert_eq!(minimum_servers_for_waiting_share(1.0, 0.34), Some(2));
        assert_eq!(minimum_servers_for_waiting_share(1.0, 0.1), Some(3));
        assert_eq!(minimum_servers_for_waiting_share(0.0, 0.1), Some(1));
        for (load, target) in [(5.0, 0.0), (f64::NAN, 0.1), (-1.0, 0.1), (1e12, 0.1)] {
            assert_eq!(minimum_servers_for_waiting_share(load, target), None, "{load} {target}");
        }
    }

    /// The limit is reached from above, by less than 1e-4 at a million Erlangs.
    #[test]
    fn many_servers_wait_as_their_limit_says() {
        for surplus in [0.1_f64, 0.25, 1.5] {
            let servers = (1e6 + surplus * 1e3).round() as u32;
            let difference = erlang_c(servers, 1e6) - halfin_whitt_waiting_share(surplus);
            assert!((0.0..2e-4).contains(&difference), "{surplus}: {difference}");
        }
        assert!((halfin_whitt_waiting_share(0.0) - 1.0).abs() < 1e-15);
    }
}
