//! Where requests come from.

use jiff::Timestamp;

use super::Distribution;
use crate::units::SimDuration;

/// One source of requests.
#[derive(Clone, Debug, PartialEq)]
pub struct TrafficSource {
    /// What the rate is made of.
    pub kind: TrafficKind,
    /// Growth per 30 days as a fraction: rate x (1 + growth)^(t / 30 d), t from the start.
    pub growth: f64,
    /// How long it has grown before the start of the simulation; only a part of a window has.
    pub grown_before: SimDuration,
    /// Passing multiples of the rate.
    pub spikes: Vec<Spike>,
    /// Whether arrivals of a constant or pattern are evenly spaced instead of Poisson.
    pub deterministic_arrivals: bool,
    /// Variance to mean of the count per minute of a constant or pattern; 1 is Poisson.
    pub dispersion: f64,
}

/// The rate of a source.
#[derive(Clone, Debug, PartialEq)]
pub enum TrafficKind {
    /// Recorded traffic.
    Trace(TraceSource),
    /// Requests per second that never change.
    Constant(f64),
    /// A daily (or other) wave.
    Pattern(Pattern),
    /// Users who wait for an answer before they send again.
    Users(Users),
    /// Calls that another service makes.
    Calls(Calls),
}

/// A closed loop: each user sends, waits for the answer, thinks, sends again.
#[derive(Clone, Debug, PartialEq)]
pub struct Users {
    /// How many.
    pub count: u32,
    /// The pause in seconds between an answer and the next request.
    pub think_time: Distribution,
}

/// Calls of another service, made by each of its requests after their burst.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calls {
    /// The caller, by its place in the scenario.
    pub caller: usize,
    /// Calls for each request; a fraction is the probability of one more.
    pub per_request: f64,
    /// Whether the caller's slot waits for the answers.
    pub synchronous: bool,
    /// Whether several calls of one request are made at once instead of one after the other.
    pub parallel: bool,
}

/// A recorded trace and how it is played.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceSource {
    /// The file, relative to the scenario's folder already resolved.
    pub file: String,
    /// The column that holds the figure; none: the reader finds it.
    pub column: Option<String>,
    /// Whether the column is a count per slot instead of a rate per second; none: the reader decides by
    /// the column's name.
    pub unit_is_count: Option<bool>,
    /// The sample that plays at the start of the simulation; none: the sample at that very time if the
    /// trace covers it, else its first.
    pub start_at: Option<Timestamp>,
    /// Every count is multiplied by this.
    pub scale: f64,
    /// Whether the trace starts again after its end; else there is silence.
    pub repeat: bool,
}

/// A wave: base to peak and back, as a raised cosine.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// Requests per second at the trough.
    pub base_rps: f64,
    /// Requests per second at the peak.
    pub peak_rps: f64,
    /// From peak to peak.
    pub period: SimDuration,
    /// Local time of day of the peak, in seconds after midnight.
    pub peak_at_seconds: u32,
    /// The IANA time zone whose clock `peak_at_seconds` and weekends follow.
    pub timezone: String,
    /// Factor on Saturdays and Sundays.
    pub weekend_factor: f64,
}

/// A passing multiple of the rate: up in `ramp`, held, down in `decay`.
#[derive(Clone, Debug, PartialEq)]
pub struct Spike {
    /// When it begins, from the start of the simulation.
    pub at: SimDuration,
    /// The multiple at its top.
    pub factor: f64,
    /// From 1 to `factor`, linear.
    pub ramp: SimDuration,
    /// At `factor`.
    pub hold: SimDuration,
    /// From `factor` to 1, linear.
    pub decay: SimDuration,
}
