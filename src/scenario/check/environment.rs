//! The network.

use crate::scenario::shape::Reading;
use crate::scenario::written::environment::Network;

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
