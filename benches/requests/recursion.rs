//! The recursion of Kiefer and Wolfowitz (1955): the servers' times to be free, in order.

use crate::{Draws, SERVERS};

/// The mean wait of so many requests.
pub fn mean_wait(requests: u64, seed: u64) -> f64 {
    let mut draws = Draws::new(seed);
    let mut free_at = [0.0_f64; SERVERS];
    let (mut now, mut waited) = (0.0, 0.0);
    for _ in 0..requests {
        now += draws.gap();
        let starts = free_at[0].max(now);
        waited += starts - now;
        replace_first(&mut free_at, starts + draws.service());
    }
    waited / requests as f64
}

/// Takes the first of ascending times away and puts a later one in its place among the rest, without a branch.
fn replace_first(times: &mut [f64; SERVERS], time: f64) {
    for place in 0..SERVERS - 1 {
        times[place] = times[place].max(time).min(times[place + 1]);
    }
    times[SERVERS - 1] = times[SERVERS - 1].max(time);
}
