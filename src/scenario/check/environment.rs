//! Shortages of Spot.

use crate::scenario::shape::Reading;
use crate::scenario::written::environment::Shortage;
use crate::units::SimDuration;

/// Shortages closer to each other than this are one; a slip of the unit would fill a run with nothing else.
const SHORTEST_TIME_BETWEEN: SimDuration = SimDuration::from_seconds(60);

/// One shortage lasts for a while, and is over before the next begins.
pub fn shortage(shortage: &Shortage, reading: &mut Reading) {
    let between = shortage.mean_time_between.0;
    if between.is_zero_or_less() {
        return;
    }
    if between < SHORTEST_TIME_BETWEEN {
        let message = format!("found {between}, allowed are 0d (never) and {SHORTEST_TIME_BETWEEN} or more");
        let remedy = format!("write 0d for no shortages, or at least {SHORTEST_TIME_BETWEEN} from the beginning of one to the next");
        reading.fault_with_remedy(&shortage.places.of("mean_time_between"), message, remedy);
        return;
    }
    if shortage.duration.0.is_zero_or_less() {
        let remedy = "give how long one lasts, or mean_time_between: 0d for no shortages";
        reading.fault_with_remedy(&shortage.places.of("duration"), "a shortage that lasts no time is none", remedy);
    }
    if shortage.duration.0 >= between {
        let message = format!("a shortage of {} does not fit into a mean time between shortages of {between}", shortage.duration.0);
        reading.fault(&shortage.places.of("duration"), message);
    }
}
