//! A stretch of a run's window as a scenario of its own: its busiest day, for a search that cannot afford the whole window for
//! each of a thousand configurations.
//!
//! What counts from the start of the window (spikes, events, growth, what plays of a trace) is moved so that the stretch sees what
//! it would see within the whole. The stretch begins with the scenario's desired count, so it needs a warm-up in which scaling finds
//! its level. A stretch has no past: a scenario in which a deployment or a hand changed the service before the stretch began
//! cannot be cut. Left out: a `rate(...)` schedule counts from the start of the stretch.

use jiff::SignedDuration;

use super::{Traces, Window, wall_clock};
use crate::scenario::model::{EventKind, Moment, Scenario, TraceSource, TrafficKind, When};
use crate::trace::Trace;
use crate::units::{SimDuration, SimTime};

/// Which part of a window a stretch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// From the start of the window to that of the stretch.
    pub offset: SimDuration,
    /// The length of the stretch.
    pub duration: SimDuration,
    /// Simulated before the stretch, in no statistic.
    pub warm_up: SimDuration,
}

/// The scenario that plays this stretch of its window alone; none where the stretch would have a past that it cannot know.
#[must_use]
pub fn stretch_of_window(scenario: &Scenario, traces: &Traces, stretch: Stretch) -> Option<Scenario> {
    let leaves_a_mark =
        |kind: &EventKind| matches!(kind, EventKind::Deployment { .. } | EventKind::Redeployment { .. } | EventKind::DesiredCount { .. });
    if scenario.events.iter().any(|event| leaves_a_mark(&event.kind)) {
        return None;
    }
    let window = Window::of(scenario, traces);
    let earlier = |moment: &mut Moment| {
        if let Moment::Offset(after) = moment {
            *after -= stretch.offset;
        }
    };
    let mut cut = scenario.clone();
    cut.simulation.start = Some(wall_clock(window.start, SimTime::START + stretch.offset));
    cut.simulation.duration = Some(stretch.duration);
    cut.simulation.warm_up = stretch.warm_up;
    for event in &mut cut.events {
        if let When::At(moment) = &mut event.when {
            earlier(moment);
        }
    }
    for (service, traces) in cut.services.iter_mut().zip(traces) {
        for action in service.scaling.iter_mut().flat_map(|scaling| &mut scaling.scheduled_actions) {
            action.start_time.iter_mut().chain(&mut action.end_time).for_each(earlier);
        }
        for (source, trace) in service.traffic.iter_mut().zip(traces) {
            source.spikes.iter_mut().for_each(|spike| spike.at -= stretch.offset);
            source.grown_before += stretch.offset;
            if let (TrafficKind::Trace(played), Some(trace)) = (&mut source.kind, trace) {
                play_later(played, trace, window, stretch.offset);
            }
        }
    }
    Some(cut)
}

/// Lets a trace play from what it plays so long after the start of the window.
fn play_later(played: &mut TraceSource, trace: &Trace, window: Window, offset: SimDuration) {
    let covers_start = trace.start <= window.start && window.start < trace.end();
    let at_start = played.start_at.unwrap_or(if covers_start { window.start } else { trace.start });
    let into_trace = at_start.as_nanosecond() - trace.start.as_nanosecond() + i128::from(offset.as_nanos());
    let length = i128::from(trace.duration().as_nanos()).max(1);
    if into_trace >= length && !played.repeat {
        // It has played to its end.
        played.scale = 0.0;
    }
    let into_trace = i64::try_from(into_trace.rem_euclid(length)).unwrap_or(0);
    played.start_at = trace.start.checked_add(SignedDuration::from_nanos(into_trace)).ok();
}
