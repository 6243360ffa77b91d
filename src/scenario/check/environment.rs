//! The network, and shortages of Spot.

use crate::scenario::shape::Reading;
use crate::scenario::written::environment::{Network, Shortage};
use crate::units::SimDuration;

/// Names of endpoints are words like `ecr.api`, each once.
pub fn network(network: &Network, reading: &mut Reading) {
    for (index, endpoint) in network.vpc_endpoints.iter().enumerate() {
        let name = &endpoint.0;
        let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
        if !is_word {
            let message = format!("found `{name}`, expected the name of an endpoint service like s3, ecr.api, ecr.dkr or logs");
            reading.fault(&network.places.of("vpc_endpoints"), message);
        }
        if network.vpc_endpoints[..index].contains(endpoint) {
            reading.fault(&network.places.of("vpc_endpoints"), format!("`{name}` is there twice"));
        }
    }
}

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
