//! CloudWatch metric math, as far as the metric of a target tracking policy needs it.
//!
//! A policy may follow an expression over several metrics instead of one metric: messages per running
//! task, errors per request. The rules are those of the CloudWatch User Guide, "Using math expressions
//! with CloudWatch metrics", and of PutScalingPolicy's `TargetTrackingMetricDataQuery`:
//!
//! - a value is a scalar, a time series, or an array of time series; an expression gives one of the last
//!   two, and that of the policy gives one time series;
//! - between two series, a datapoint that only one of them has counts as 0 in the other; where neither has
//!   one there is none; a division by zero gives none;
//! - functions are written in upper case, and names of metrics start with a lower-case letter.
//!
//! **Refused by name** is what a policy has no single answer for, or what needs things that are not
//! simulated. SUM, AVG, MIN, MAX and DATAPOINT_COUNT of *one* series, and RUNNING_SUM, cover "the whole
//! range", and how far back a policy's query reaches is not documented (AWS itself advises against
//! them in alarms); over an array they are computed. FILL with LINEAR needs the datapoint after the gap.
//! STDDEV is not documented as that of a sample or of a population. SEARCH, SORT, ANOMALY_DETECTION_BAND
//! and their kind reach for other metrics.
//!
//! Where AWS is silent: MIN and MAX of an array look at the series that have a datapoint; `^` binds
//! tighter than the minus sign and is read from the right; comparisons cannot be chained.
//!
//! [`MetricMath`] is a list of nodes in the order of their evaluation, arrays taken apart into their
//! series, so an [`Evaluator`] runs through it once for each period. The parser is the project's own: the
//! grammar has six levels, the types are checked as it is read, and a parser library would be longer than the
//! loop that climbs the levels.

mod compile;
mod divisors;
mod evaluate;
mod functions;
mod parse;
mod parts;
mod token;

pub use evaluate::Evaluator;
pub use parts::{Field, MathError, Part, Source};

use evaluate::{Node, Slot};

/// Metric math that was read and checked: what gives the result, from the datapoints of the series.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricMath {
    nodes: Vec<Node>,
    result: Slot,
    series_count: usize,
}

impl MetricMath {
    /// Reads the parts of a policy's metric: series and expressions over them, in any order.
    ///
    /// # Errors
    /// All that is wrong: a name that is no name or is given twice, an expression that breaks the grammar
    /// or the rules of types, an unknown name, a cycle, a function that is not supported, and parts of
    /// which not exactly one is the result.
    pub fn parse(parts: &[Part]) -> Result<Self, Vec<MathError>> {
        parts::compile(parts)
    }

    /// How many datapoints [`Evaluator::next`] takes: one for each part that is a series, in the order of the parts.
    #[must_use]
    pub const fn series_count(&self) -> usize {
        self.series_count
    }
}

#[cfg(test)]
mod tests;
