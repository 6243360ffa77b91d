//! Which fidelity a run has when the scenario leaves the choice open.
//!
//! Single requests are exact and cost time by their number; flows are approximate in the tails and cost time by the
//! length of the window. So requests are simulated one by one wherever that is a matter of seconds, and wherever
//! nothing else models what the scenario asks for.

use crate::error::Result;
use crate::scenario::model::{Fidelity, Scenario};
use crate::simulate::{Traces, Window, mean_requests_per_second};

/// So many requests at most, over all services and replications, are simulated one by one when the scenario leaves the
/// choice open: a few seconds of work.
pub const REQUESTS_AT_MOST: f64 = 20e6;

/// The fidelity of a run, and the reason if it was a choice. It is never [`Fidelity::Auto`].
///
/// # Errors
/// When a traffic source cannot be played.
pub(super) fn resolve(scenario: &Scenario, traces: &Traces) -> Result<(Fidelity, Option<String>)> {
    let simulation = &scenario.simulation;
    if simulation.fidelity != Fidelity::Auto {
        return Ok((simulation.fidelity, None));
    }
    if scenario.needs_request_fidelity() {
        let reason = "fidelity auto: the scenario has what is modelled by single requests only, so each is simulated (request)";
        return Ok((Fidelity::Request, Some(reason.to_owned())));
    }
    let seconds = (Window::of(scenario, traces).duration + simulation.warm_up).as_seconds_f64();
    let per_second: f64 = mean_requests_per_second(scenario, traces)?.iter().sum();
    let expected = per_second * seconds * f64::from(simulation.replications);
    Ok(if expected <= REQUESTS_AT_MOST {
        (Fidelity::Request, Some(format!("fidelity auto: {} expected, so each is simulated (request)", requests(expected))))
    } else {
        let limit = requests(REQUESTS_AT_MOST);
        (Fidelity::Fluid, Some(format!("fidelity auto: {} expected, more than {limit}, so they are flows (fluid)", requests(expected))))
    })
}

/// The name of a resolved fidelity in a result.
pub(super) fn name(fidelity: Fidelity) -> &'static str {
    match fidelity {
        Fidelity::Request => "request",
        Fidelity::Fluid | Fidelity::Auto => "fluid",
    }
}

/// A number of requests with three significant digits or so.
fn requests(count: f64) -> String {
    match count {
        count if count >= 999.5e6 => format!("{:.1} billion requests", count / 1e9),
        count if count >= 999.5e3 => format!("{:.1} million requests", count / 1e6),
        count => format!("{count:.0} requests"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_requests_is_short() {
        let cases =
            [(0.4, "0 requests"), (999_400.0, "999400 requests"), (12_345_678.0, "12.3 million requests"), (1.3e9, "1.3 billion requests")];
        for (count, wanted) in cases {
            assert_eq!(requests(count), wanted);
        }
    }
}
