//! Distributions of durations and sizes.

/// A distribution of non-negative numbers; the unit is that of the field that holds it (seconds).
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Constant {
        /// The value.
        value: f64,
    },
    /// Exponential.
    Exponential {
        /// The mean.
        mean: f64,
    },
    /// Lognormal.
    Lognormal {
        /// The mean.
        mean: f64,
        /// Standard deviation over mean.
        cv: f64,
    },
    /// Gamma; Erlang-k is the gamma of cv = 1/sqrt(k).
    Gamma {
        /// The mean.
        mean: f64,
        /// Standard deviation over mean, above 0.
        cv: f64,
    },
    /// Two exponentials with balanced means.
    Hyperexponential {
        /// The mean.
        mean: f64,
        /// Standard deviation over mean, at least 1.
        cv: f64,
    },
    /// Pareto, type I.
    Pareto {
        /// The mean.
        mean: f64,
        /// The tail index, above 1.
        shape: f64,
    },
    /// Uniform between two ends.
    Uniform {
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// Values that are equally likely.
    Empirical {
        /// The values, at least one, ascending.
        values: Vec<f64>,
    },
}
