//! Distributions: a bare figure is constant; else an object with a family, a location and a spread.
//!
//! All are resolved to mean and coefficient of variation, the terms of queueing theory:
//! - exponential: median = mean ln 2, p95 = mean ln 20;
//! - lognormal with s^2 = ln(1 + cv^2): mean = median e^(s^2/2), p95 = median e^(z s), z the 95 % normal quantile;
//! - Erlang of shape k is the gamma of cv = 1/sqrt(k);
//! - Pareto of shape a and scale m: mean = a m / (a - 1), median = m 2^(1/a).

use serde_json::json;

use super::duration;
use super::number::{NonNegative, Positive, Real, hundredth};
use super::text::Raw;
use crate::math;
use crate::scenario::document::{Node, Value};
use crate::scenario::model::Distribution;
use crate::scenario::shape::{Decode, Kind, Reading, choice, shape};

/// The 95 % quantile of the standard normal distribution.
const NORMAL_P95: f64 = 1.644_853_626_951_472_2;

/// The largest coefficient of variation that is read; beyond it means of samples say nothing.
const LARGEST_CV: f64 = 100.0;

choice! {
    /// Families of distributions.
    Family {
        /// Always the same.
        Constant = "constant",
        /// Exponential: cv 1.
        Exponential = "exponential",
        /// Lognormal.
        Lognormal = "lognormal",
        /// Gamma.
        Gamma = "gamma",
        /// Erlang: a gamma of whole shape.
        Erlang = "erlang",
        /// Two exponentials: cv above 1.
        Hyperexponential = "hyperexponential",
        /// Pareto: a heavy tail.
        Pareto = "pareto",
        /// Uniform between two ends.
        Uniform = "uniform",
        /// Measured values, equally likely.
        Empirical = "empirical",
    }
}

shape! {
    /// A distribution: its family, where it lies (mean or median) and how wide it is (cv, p95 or shape).
    DistributionKeys {
        /// The family.
        required distribution: Family;
        /// The mean.
        optional mean: Raw, also "value";
        /// The median: constant, exponential, lognormal and pareto.
        optional median: Raw;
        /// The 95th percentile: exponential and lognormal.
        optional p95: Raw;
        /// Standard deviation over mean: lognormal, gamma, hyperexponential (at least 1). At most 100.
        optional cv: NonNegative;
        /// The shape: a whole number for erlang, above 1 for pareto.
        optional shape: Positive;
        /// The lower end of uniform.
        optional low: Raw;
        /// The upper end of uniform.
        optional high: Raw;
        /// The values of empirical.
        optional values: Vec<Raw>;
    }
}

/// How figures of a distribution are read.
type Unit = fn(&Node, &mut Reading) -> Option<f64>;

/// A distribution of durations, in seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct DurationDistribution(pub Distribution);

fn seconds(node: &Node, reading: &mut Reading) -> Option<f64> {
    let duration = duration::duration_of(node, reading)?;
    if duration > crate::units::SimDuration::from_hours(24 * 366) {
        reading.wrong(node, "a duration of at most a year");
        return None;
    }
    Some(duration.as_seconds_f64())
}

impl Decode for DurationDistribution {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        read(node, seconds, reading).map(Self)
    }

    fn kind() -> Kind {
        Kind::ScalarOr(duration::schema(), DistributionKeys::object())
    }
}

/// A distribution of factors.
#[derive(Clone, Debug, PartialEq)]
pub struct FactorDistribution(pub Distribution);

fn factor(node: &Node, reading: &mut Reading) -> Option<f64> {
    NonNegative::decode(node, reading).map(|number| number.0)
}

impl Decode for FactorDistribution {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        read(node, factor, reading).map(Self)
    }

    fn kind() -> Kind {
        Kind::ScalarOr(json!({"type": ["number", "string"], "minimum": 0}), DistributionKeys::object())
    }
}

/// A distribution of changes: percentages or fractions, which may be negative where they are constant.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeDistribution(pub Distribution);

fn change(node: &Node, reading: &mut Reading) -> Option<f64> {
    match node.text().and_then(|text| text.trim().strip_suffix('%')) {
        Some(percent) => {
            let bare = Node { value: Value::String(percent.trim().to_owned()), place: node.place.clone() };
            Real::decode(&bare, reading).map(|_| hundredth(percent.trim()))
        }
        None => Real::decode(node, reading).map(|number| number.0),
    }
}

impl Decode for ChangeDistribution {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        read(node, change, reading).map(Self)
    }

    fn kind() -> Kind {
        Kind::ScalarOr(json!({"type": ["number", "string"]}), DistributionKeys::object())
    }
}

fn read(node: &Node, unit: Unit, reading: &mut Reading) -> Option<Distribution> {
    if node.entries().is_none() {
        return unit(node, reading).map(|value| Distribution::Constant { value });
    }
    let keys = DistributionKeys::decode(node, reading)?;
    let faults_before = reading.faults.len();
    let mut figure = |raw: &Option<Raw>| raw.as_ref().and_then(|raw| unit(&raw.0, reading));
    let [mean, median, p95, low, high] = [&keys.mean, &keys.median, &keys.p95, &keys.low, &keys.high].map(&mut figure);
    let values: Vec<f64> = keys.values.iter().flatten().filter_map(|raw| unit(&raw.0, reading)).collect();
    if reading.faults.len() > faults_before {
        return None;
    }
    let figures = Figures { mean, median, p95, cv: keys.cv.map(|cv| cv.0), shape: keys.shape.map(|shape| shape.0), low, high, values };
    match figures.resolve(keys.distribution) {
        Ok(distribution) => Some(distribution),
        Err(message) => {
            reading.fault(&node.place, format!("{} {message}", keys.distribution.word()));
            None
        }
    }
}

/// What an object gives, in one unit.
#[derive(Default)]
struct Figures {
    mean: Option<f64>,
    median: Option<f64>,
    p95: Option<f64>,
    cv: Option<f64>,
    shape: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    values: Vec<f64>,
}

impl Figures {
    fn given(&self) -> Vec<&'static str> {
        let all = [
            ("mean", self.mean.is_some()),
            ("median", self.median.is_some()),
            ("p95", self.p95.is_some()),
            ("cv", self.cv.is_some()),
            ("shape", self.shape.is_some()),
            ("low", self.low.is_some()),
            ("high", self.high.is_some()),
            ("values", !self.values.is_empty()),
        ];
        all.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
    }

    fn resolve(&self, family: Family) -> Result<Distribution, String> {
        let given = self.given();
        let resolved = match (family, given.as_slice()) {
            (Family::Constant, ["mean"] | ["median"]) => constant(self.location()),
            (Family::Exponential, ["mean"]) => exponential(self.location()),
            (Family::Exponential, ["median"]) => exponential(self.location() / math::ln(2.0)),
            (Family::Exponential, ["p95"]) => exponential(self.p95.unwrap_or(0.0) / math::ln(20.0)),
            (Family::Lognormal, ["mean" | "median", "cv"] | ["mean" | "median", "p95"]) => self.lognormal()?,
            (Family::Gamma, ["mean", "cv"]) => Distribution::Gamma { mean: self.location(), cv: self.cv(0.0)? },
            (Family::Erlang, ["mean", "shape"]) => Distribution::Gamma { mean: self.location(), cv: self.erlang_cv()? },
            (Family::Hyperexponential, ["mean", "cv"]) => Distribution::Hyperexponential { mean: self.location(), cv: self.cv(1.0)? },
            (Family::Pareto, ["mean" | "median", "shape"]) => self.pareto()?,
            (Family::Uniform, ["low", "high"]) => self.uniform()?,
            (Family::Empirical, ["values"]) => self.empirical(),
            _ => {
                return Err(format!(
                    "takes {}, found {}",
                    takes(family),
                    if given.is_empty() { "nothing".into() } else { given.join(", ") }
                ));
            }
        };
        // Nothing spreads around zero.
        let is_zero = matches!(family, Family::Uniform | Family::Empirical | Family::Constant) || self.is_above_zero();
        Ok(if is_zero { resolved } else { constant(0.0) })
    }

    fn is_above_zero(&self) -> bool {
        [self.mean, self.median, self.p95].into_iter().flatten().all(|figure| figure > 0.0)
    }

    fn location(&self) -> f64 {
        self.mean.or(self.median).unwrap_or(0.0)
    }

    fn cv(&self, least: f64) -> Result<f64, String> {
        let cv = self.cv.unwrap_or(0.0);
        if cv > 0.0 && cv >= least && cv <= LARGEST_CV {
            return Ok(cv);
        }
        let allowed = if least > 0.0 { format!("from {least}") } else { "above 0".to_owned() };
        Err(format!("takes a cv {allowed} to {LARGEST_CV}, found {cv}"))
    }

    fn erlang_cv(&self) -> Result<f64, String> {
        let shape = self.shape.unwrap_or(0.0);
        if shape.fract() == 0.0 && (1.0..=10_000.0).contains(&shape) {
            return Ok(1.0 / shape.sqrt());
        }
        Err(format!("takes a whole shape from 1 to 10000, found {shape}"))
    }

    fn lognormal(&self) -> Result<Distribution, String> {
        let sigma = match self.p95 {
            None => {
                let cv = self.cv(0.0)?;
                math::ln_1p(cv * cv).sqrt()
            }
            Some(_) if !self.is_above_zero() => 1.0,
            Some(p95) => {
                let log_ratio = math::ln(p95 / self.location());
                if log_ratio <= 0.0 {
                    return Err(format!("takes a p95 above its {}", if self.mean.is_some() { "mean" } else { "median" }));
                }
                match self.mean {
                    None => log_ratio / NORMAL_P95,
                    // ln(p95 / mean) = z s - s^2 / 2, of which the narrower solution is meant.
                    Some(_) => {
                        let discriminant = NORMAL_P95 * NORMAL_P95 - 2.0 * log_ratio;
                        if discriminant < 0.0 {
                            return Err("cannot have a p95 of more than 3.86 times its mean".to_owned());
                        }
                        NORMAL_P95 - discriminant.sqrt()
                    }
                }
            }
        };
        let cv = math::exp_m1(sigma * sigma).sqrt();
        if cv <= 0.0 || cv > LARGEST_CV {
            return Err(format!("takes figures whose cv is above 0 to {LARGEST_CV}, found {cv}"));
        }
        let mean = self.mean.unwrap_or_else(|| self.location() * math::exp(sigma * sigma / 2.0));
        Ok(Distribution::Lognormal { mean, cv })
    }

    fn pareto(&self) -> Result<Distribution, String> {
        let shape = self.shape.unwrap_or(0.0);
        if !(shape > 1.0 && shape <= 1_000.0) {
            return Err(format!("takes a shape above 1 to 1000, found {shape}"));
        }
        let mean = match self.mean {
            Some(mean) => mean,
            None => self.location() / math::pow(2.0, 1.0 / shape) * shape / (shape - 1.0),
        };
        Ok(Distribution::Pareto { mean, shape })
    }

    fn uniform(&self) -> Result<Distribution, String> {
        let (low, high) = (self.low.unwrap_or(0.0), self.high.unwrap_or(0.0));
        if low > high {
            return Err(format!("takes low up to high, found {low} and {high}"));
        }
        Ok(Distribution::Uniform { low, high })
    }

    fn empirical(&self) -> Distribution {
        let mut values = self.values.clone();
        values.sort_by(f64::total_cmp);
        Distribution::Empirical { values }
    }
}

const fn constant(value: f64) -> Distribution {
    Distribution::Constant { value }
}

const fn exponential(mean: f64) -> Distribution {
    Distribution::Exponential { mean }
}

const fn takes(family: Family) -> &'static str {
    match family {
        Family::Constant => "mean",
        Family::Exponential => "one of mean, median, p95",
        Family::Lognormal => "mean or median, and cv or p95",
        Family::Gamma => "mean and cv",
        Family::Erlang => "mean and shape",
        Family::Hyperexponential => "mean and cv",
        Family::Pareto => "mean or median, and shape",
        Family::Uniform => "low and high",
        Family::Empirical => "values",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Place;
    use crate::scenario::document::parse_value;

    fn parse(text: &str) -> Result<Distribution, String> {
        let mut reading = Reading::default();
        let read = DurationDistribution::decode(&parse_value(text, &Place::default()).unwrap(), &mut reading);
        read.map(|found| found.0).ok_or_else(|| reading.faults[0].message.clone())
    }

    fn lognormal(text: &str) -> (f64, f64) {
        match parse(text) {
            Ok(Distribution::Lognormal { mean, cv }) => (mean, cv),
            other => panic!("{other:?}"),
        }
    }

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{found} against {expected}");
    }

    #[test]
    fn a_bare_duration_is_constant() {
        assert_eq!(parse("80ms"), Ok(constant(0.08)));
        assert_eq!(parse("0"), Ok(constant(0.0)));
    }

    /// By hand: s = 1 gives cv = sqrt(e - 1), mean = median sqrt(e), p95 = median e^1.6448536.
    #[test]
    fn a_lognormal_is_the_same_by_each_of_its_figures() {
        let (mean, cv) = (1.648_721_270_700_128, 1.310_832_494_192_096);
        let p95 = 5.180_251_602_233_016;
        for text in [
            format!("{{distribution: lognormal, median: 1s, cv: {cv}}}"),
            format!("{{distribution: lognormal, median: 1s, p95: {p95}s}}"),
            format!("{{distribution: lognormal, mean: {mean}s, cv: {cv}}}"),
            format!("{{distribution: lognormal, mean: {mean}s, p95: {p95}s}}"),
        ] {
            let found = lognormal(&text);
            assert!((found.0 - mean).abs() < 1e-8 && (found.1 - cv).abs() < 1e-8, "{text}: {found:?}");
        }
    }

    #[test]
    fn other_families_resolve_to_mean_and_cv() {
        assert_eq!(parse("{distribution: erlang, mean: 1s, shape: 4}"), Ok(Distribution::Gamma { mean: 1.0, cv: 0.5 }));
        assert_eq!(parse("{distribution: uniform, low: 1s, high: 3s}"), Ok(Distribution::Uniform { low: 1.0, high: 3.0 }));
        assert_eq!(parse("{distribution: empirical, values: [3s, 1s]}"), Ok(Distribution::Empirical { values: vec![1.0, 3.0] }));
        let Ok(Distribution::Exponential { mean }) = parse("{distribution: exponential, median: 1s}") else { panic!() };
        close(mean, std::f64::consts::LOG2_E);
        // A Pareto of shape 2 and scale 1 s has the median sqrt(2) s and the mean 2 s.
        let Ok(Distribution::Pareto { mean, .. }) = parse("{distribution: pareto, median: 1.414213562s, shape: 2}") else { panic!() };
        assert!((mean - 2.0).abs() < 1e-8);
        assert_eq!(parse("{distribution: gamma, mean: 0s, cv: 1}"), Ok(constant(0.0)));
    }

    #[test]
    fn what_a_family_does_not_take_is_refused() {
        for (text, word) in [
            ("{distribution: lognormal, mean: 1s}", "cv or p95"),
            ("{distribution: lognormal, mean: 1s, median: 1s, cv: 1}", "mean or median"),
            ("{distribution: lognormal, mean: 1s, cv: 0}", "above 0"),
            ("{distribution: lognormal, mean: 1s, p95: 5s}", "3.86"),
            ("{distribution: hyperexponential, mean: 1s, cv: 0.5}", "from 1"),
            ("{distribution: pareto, mean: 1s, shape: 1}", "above 1"),
            ("{distribution: erlang, mean: 1s, shape: 1.5}", "whole shape"),
            ("{distribution: uniform, low: 2s, high: 1s}", "low up to high"),
            ("{distribution: empirical, values: []}", "takes values"),
            ("{distribution: constant}", "found nothing"),
            ("{distribution: normal, mean: 1s}", "lognormal"),
            ("{mean: 1s}", "`distribution` must be given"),
        ] {
            let message = parse(text).unwrap_err();
            assert!(message.contains(word), "{text}: {message}");
        }
    }
}
