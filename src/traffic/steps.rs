//! How a plane cuts time: steps that end with the slots of the arrivals, pieces of a step out of its steady state.

use crate::units::SimDuration;

/// The shortest piece that a step out of its steady state is cut into, in seconds.
const SHORTEST_PIECE_SECONDS: f64 = 1.0;
/// Pieces that such a step is cut into at most.
const MOST_PIECES: f64 = 12.0;
/// The shortest step that a trace of fine slots is served in.
const SHORTEST_STEP: SimDuration = SimDuration::from_seconds(5);

/// Steps end with the slots of the arrivals, so that a burst in a trace is served as it came; slots shorter
/// than a few seconds go together.
#[must_use]
pub fn grid_step(slot: SimDuration) -> SimDuration {
    let slot_nanos = slot.as_nanos().max(1);
    let slots = (SHORTEST_STEP.as_nanos() + slot_nanos - 1) / slot_nanos;
    SimDuration::from_nanos(slot_nanos) * slots
}

/// The number of pieces of a step of this length out of its steady state, at least 1.
#[must_use]
pub fn pieces(seconds: f64) -> f64 {
    (seconds / SHORTEST_PIECE_SECONDS).clamp(1.0, MOST_PIECES).floor()
}
