//! Users who wait for their answer before they ask again.

use ecsim::outcome::Outcome;
use ecsim::queueing::closed_response_seconds;
use ecsim::scenario::model::{Distribution, Service, TrafficKind, Users};

use super::{Case, Figure, hold, lasting, mean_response, servers, sharing};
use crate::support::{first, minutes, traffic};

pub const SIMULATED: &[&str] =
    &["closed_N20_Z1_D0.05_X", "closed_N20_Z1_D0.05_R", "closed_N100_Z5_D0.04_X", "closed_N100_Z5_D0.04_R", "closed_c8_X", "closed_c8_R"];

fn case(mut web: Service, count: u32, think_time: Distribution, minutes_long: i64, figures: Vec<Figure>) -> Case {
    web.traffic = vec![traffic(TrafficKind::Users(Users { count, think_time }))];
    Case { scenario: lasting(web, minutes(minutes_long)), figures }
}

/// Requests per second.
fn throughput(outcome: &Outcome) -> f64 {
    first(outcome).requests.offered / outcome.duration.as_seconds_f64()
}

fn golden(beginning: &str) -> Vec<Figure> {
    vec![Figure::golden(&format!("{beginning}_X"), throughput), Figure::golden(&format!("{beginning}_R"), mean_response)]
}

fn exponential(mean: f64) -> Distribution {
    Distribution::Exponential { mean }
}

#[test]
fn users_of_one_server_or_several_get_the_throughput_of_a_closed_network() {
    hold(&[
        case(servers(1, 1, exponential(0.05)), 20, exponential(1.0), 30, golden("closed_N20_Z1_D0.05")),
        case(servers(1, 1, exponential(0.04)), 100, exponential(5.0), 60, golden("closed_N100_Z5_D0.04")),
        case(servers(1, 8, exponential(0.1)), 100, exponential(1.0), 15, golden("closed_c8")),
    ]);
}

/// The network has product form: where the server is shared, neither the demand nor the think time need be exponential.
#[test]
fn users_of_a_shared_vcpu_get_the_same_with_any_demand_and_think_time() {
    let lognormal = |mean| Distribution::Lognormal { mean, cv: 1.5 };
    let response = closed_response_seconds(20, 1, 0.05, 1.0);
    let with = |name, demand, think| case(sharing(1, 1, demand), 20, think, 30, vec![Figure::exact(name, response, mean_response)]);
    hold(&[
        with("lognormal demand", lognormal(0.05), exponential(1.0)),
        with("constant demand", Distribution::constant(0.05), exponential(1.0)),
        with("lognormal think time", exponential(0.05), lognormal(1.0)),
        with("constant think time", exponential(0.05), Distribution::constant(1.0)),
    ]);
}
