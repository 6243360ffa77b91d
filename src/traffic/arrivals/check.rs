//! The figures of a source that the arithmetic relies on. A scenario that was read from a file has passed
//! stricter checks with better places; these are for sources that a program built.

use crate::error::{Error, Fault, Place, Result};
use crate::scenario::model::{Pattern, Spike, TraceSource, TrafficKind, TrafficSource};
use crate::trace::Trace;
use crate::units::SimDuration;

use super::MAX_NANOS;

/// The longest slot of a trace.
const MAX_SLOT: SimDuration = SimDuration::from_hours(366 * 24);

/// Checks all sources.
///
/// # Errors
/// All figures that are no rate, factor or span.
pub(super) fn check(sources: &[(&TrafficSource, Option<&Trace>)]) -> Result<()> {
    let mut faults = Faults(Vec::new());
    for (source, trace) in sources {
        faults.range("growth", source.growth, source.growth > -1.0, "above -1");
        faults.at_least_zero("dispersion", source.dispersion);
        for spike in &source.spikes {
            check_spike(&mut faults, spike);
        }
        match &source.kind {
            TrafficKind::Constant(rate_rps) => faults.at_least_zero("constant", *rate_rps),
            TrafficKind::Pattern(pattern) => check_pattern(&mut faults, pattern),
            TrafficKind::Trace(played) => check_trace(&mut faults, played, *trace),
            TrafficKind::Users(_) | TrafficKind::Calls(_) => {}
        }
    }
    Error::from_faults(faults.0)
}

fn check_spike(faults: &mut Faults, spike: &Spike) {
    faults.at_least_zero("spikes.factor", spike.factor);
    for (name, span) in [("spikes.ramp", spike.ramp), ("spikes.hold", spike.hold), ("spikes.decay", spike.decay)] {
        faults.at_least_zero(name, span.as_seconds_f64());
    }
}

fn check_pattern(faults: &mut Faults, pattern: &Pattern) {
    faults.at_least_zero("pattern.base", pattern.base_rps);
    faults.at_least_zero("pattern.peak", pattern.peak_rps);
    faults.at_least_zero("pattern.weekend_factor", pattern.weekend_factor);
    let period_seconds = pattern.period.as_seconds_f64();
    faults.range("pattern.period", period_seconds, period_seconds > 0.0, "above 0 s");
    faults.range("pattern.peak_at", f64::from(pattern.peak_at_seconds), pattern.peak_at_seconds < 86_400, "below 86400 s");
}

fn check_trace(faults: &mut Faults, played: &TraceSource, trace: Option<&Trace>) {
    faults.at_least_zero("trace.scale", played.scale);
    let Some(trace) = trace else { return };
    let slot_seconds = trace.slot.as_seconds_f64();
    let slot_fits = trace.slot > SimDuration::ZERO && trace.slot <= MAX_SLOT;
    faults.range("trace.slot", slot_seconds, slot_fits, "above 0 s and up to a year");
    let length_fits = !trace.counts.is_empty() && trace.duration().as_nanos() < MAX_NANOS;
    faults.range("trace.counts", trace.counts.len() as f64, length_fits, "at least 1 slot, up to 73 years of them");
    if let Some(&wrong) = trace.counts.iter().find(|count| !(count.is_finite() && **count >= 0.0)) {
        faults.at_least_zero("trace.counts", wrong);
    }
}

struct Faults(Vec<Fault>);

impl Faults {
    fn at_least_zero(&mut self, name: &str, found: f64) {
        self.range(name, found, found >= 0.0, "at least 0");
    }

    fn range(&mut self, name: &str, found: f64, is_allowed: bool, allowed: &str) {
        if !(is_allowed && found.is_finite()) {
            self.0.push(Fault::input(Place::path(format!("traffic.{name}")), format!("found {found}, allowed is a number {allowed}")));
        }
    }
}
