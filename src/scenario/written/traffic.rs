//! What arrives.

use crate::scenario::check;
use crate::scenario::shape::{choice, shape};
use crate::scenario::values::distribution::DurationDistribution;
use crate::scenario::values::duration::{DAY, SECOND, Span, YEAR};
use crate::scenario::values::number::{Fraction, NonNegative, Positive, Whole};
use crate::scenario::values::text::{Switch, Text};
use crate::scenario::values::time::{Instant, Moment, TimeOfDay, ZoneName};

choice! {
    /// How requests of a constant or pattern are spaced.
    Arrivals {
        /// At random.
        Poisson = "poisson",
        /// Evenly.
        Deterministic = "deterministic",
    }
}

shape! {
    /// A source of requests: exactly one of trace, constant, pattern, users, from.
    Source {
        /// Recorded traffic.
        optional trace: Trace;
        /// Requests per second; 0 is allowed.
        optional constant: NonNegative;
        /// A wave.
        optional pattern: Pattern;
        /// A closed loop of users, as a load test.
        optional users: Users;
        /// Calls of another service.
        optional from: From;
        /// Growth per 30 days: rate x (1 + growth)^(t / 30 d).
        default growth: Fraction<-99, 1000> = "0%";
        /// Passing multiples of the rate.
        default spikes: Vec<Spike> = "[]";
        /// How requests of a constant or pattern are spaced; a trace's counts are replayed exactly.
        default arrivals: Arrivals = "poisson";
        /// Of constant and pattern: variance to mean of the count per minute; 1 is Poisson, more is burstier.
        default dispersion: NonNegative = "1";
    }
    check check::traffic::source;
}

choice! {
    /// What the column of a trace holds.
    TraceUnit {
        /// Requests per second.
        Rate = "rate",
        /// Requests per slot.
        Count = "count",
    }
}

shape! {
    /// Recorded traffic and how it is played.
    Trace {
        /// The file, relative to the scenario.
        required file: Text;
        /// The column that holds the figure; default: the reader finds it.
        optional column: Text;
        /// What the column holds; default: the reader decides by the column's name.
        optional unit: TraceUnit;
        /// The sample that plays at the start of the simulation; default: the sample of that very time, else the first.
        optional start_at: Instant;
        /// Factor on every count.
        default scale: NonNegative = "1.0";
        /// Whether the trace starts again after its end; else there is silence.
        default repeat: Switch = "true";
    }
}

shape! {
    /// A wave from base to peak and back.
    Pattern {
        /// Requests per second at the trough.
        required base: NonNegative;
        /// Requests per second at the peak.
        required peak: NonNegative;
        /// From peak to peak.
        default period: Span<{ 60 * SECOND }, YEAR> = "24h";
        /// The local time of day of the peak.
        default peak_at: TimeOfDay = "14:00";
        /// The IANA time zone of peak_at and of weekends.
        default timezone: ZoneName = "UTC";
        /// Factor on Saturdays and Sundays.
        default weekend_factor: NonNegative = "1.0";
    }
    check check::traffic::pattern;
}

shape! {
    /// A closed loop of users: each sends, waits for the answer, thinks, sends again.
    Users {
        /// How many.
        required count: Whole<0, 1_000_000>;
        /// The pause between an answer and the next request.
        default think_time: DurationDistribution = "1s";
    }
}

choice! {
    /// Whether the caller waits for the answer.
    CallMode {
        /// It does.
        Synchronous = "synchronous",
        /// It does not.
        Asynchronous = "asynchronous",
    }
}

choice! {
    /// How several calls of one request follow each other.
    CallOrder {
        /// One after the other.
        Sequential = "sequential",
        /// At once.
        Parallel = "parallel",
    }
}

choice! {
    /// The way of a call.
    CallRoute {
        /// Through the callee's balancer.
        LoadBalancer = "load_balancer",
        /// Through Service Connect.
        ServiceConnect = "service_connect",
        /// Straight to its tasks.
        Direct = "direct",
    }
}

shape! {
    /// Calls of another service.
    From {
        /// The caller.
        required service: Text;
        /// Calls for each request of the caller.
        default calls_per_request: NonNegative = "1";
        /// Whether the caller waits; default: synchronous, into a queue asynchronous.
        optional mode: CallMode;
        /// How several calls follow each other.
        default order: CallOrder = "sequential";
        /// The way of a call; default: load_balancer where the callee has one, else direct.
        optional via: CallRoute;
    }
}

shape! {
    /// A passing multiple of the rate: up in `ramp`, held, down in `decay`.
    Spike {
        /// When it begins.
        required at: Moment;
        /// The multiple at its top.
        required factor: Positive;
        /// From 1 to the factor.
        default ramp: Span<0, { 30 * DAY }> = "0s";
        /// At the factor.
        default hold: Span<0, YEAR> = "0s";
        /// From the factor to 1.
        default decay: Span<0, { 30 * DAY }> = "0s";
    }
}
