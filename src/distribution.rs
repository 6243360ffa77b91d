//! Distributions of durations and demands.
//!
//! A scenario names them, the data plane computes with their moments and quantiles, the control plane
//! draws from them. All functions are the same bits on every machine (see [`crate::math`]), which is why
//! they are written here; the crate `statrs` is their yardstick in the tests.

use rand::Rng;

use crate::math::{erfc, exp, exp_m1, ln, ln_1p, ln_gamma, pow};
use crate::random::open_unit;

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

/// The first three moments of a distribution, for those who need them often.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// The mean.
    pub mean: f64,
    /// The variance; may be infinite.
    pub variance: f64,
    /// The mean of the cube; may be infinite.
    pub third: f64,
}

impl Distribution {
    /// The distribution of a multiple of its values; the factor is not below 0.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        if factor <= 0.0 {
            return Self::Constant { value: 0.0 };
        }
        match self {
            Self::Constant { value } => Self::Constant { value: value * factor },
            Self::Exponential { mean } => Self::Exponential { mean: mean * factor },
            Self::Lognormal { mean, cv } => Self::Lognormal { mean: mean * factor, cv: *cv },
            Self::Gamma { mean, cv } => Self::Gamma { mean: mean * factor, cv: *cv },
            Self::Hyperexponential { mean, cv } => Self::Hyperexponential { mean: mean * factor, cv: *cv },
            Self::Pareto { mean, shape } => Self::Pareto { mean: mean * factor, shape: *shape },
            Self::Uniform { low, high } => Self::Uniform { low: low * factor, high: high * factor },
            Self::Empirical { values } => Self::Empirical { values: values.iter().map(|value| value * factor).collect() },
        }
    }

    /// Mean, variance and third moment.
    #[must_use]
    pub fn moments(&self) -> Moments {
        Moments { mean: self.mean(), variance: self.variance(), third: self.third_moment() }
    }

    /// A distribution that always gives `value`.
    #[must_use]
    pub const fn constant(value: f64) -> Self {
        Self::Constant { value }
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self {
            Self::Constant { value } => *value,
            Self::Exponential { mean }
            | Self::Lognormal { mean, .. }
            | Self::Gamma { mean, .. }
            | Self::Hyperexponential { mean, .. }
            | Self::Pareto { mean, .. } => *mean,
            Self::Uniform { low, high } => (low + high) / 2.0,
            Self::Empirical { values } => values.iter().sum::<f64>() / values.len().max(1) as f64,
        }
    }

    /// The variance; infinite for a Pareto of shape at most 2.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let of_cv = |mean: f64, cv: f64| (mean * cv) * (mean * cv);
        match self {
            Self::Constant { .. } => 0.0,
            Self::Exponential { mean } => mean * mean,
            Self::Lognormal { mean, cv } | Self::Gamma { mean, cv } | Self::Hyperexponential { mean, cv } => of_cv(*mean, *cv),
            Self::Pareto { shape, .. } if *shape <= 2.0 => f64::INFINITY,
            Self::Pareto { mean, shape } => mean * mean / (shape * (shape - 2.0)),
            Self::Uniform { low, high } => (high - low) * (high - low) / 12.0,
            Self::Empirical { values } => {
                let mean = self.mean();
                values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / values.len().max(1) as f64
            }
        }
    }

    /// The mean of the cube; infinite for a Pareto of shape at most 3.
    #[must_use]
    pub fn third_moment(&self) -> f64 {
        let cube = |value: f64| value * value * value;
        match self {
            Self::Constant { value } => cube(*value),
            Self::Exponential { mean } => 6.0 * cube(*mean),
            Self::Lognormal { mean, cv } => cube(mean * (1.0 + cv * cv)),
            Self::Gamma { mean, cv } => cube(*mean) * (1.0 + cv * cv) * (1.0 + 2.0 * cv * cv),
            Self::Hyperexponential { mean, cv } => {
                let (share, fast_mean, slow_mean) = balanced_means(*mean, *cv);
                6.0 * (share * cube(fast_mean) + (1.0 - share) * cube(slow_mean))
            }
            Self::Pareto { shape, .. } if *shape <= 3.0 => f64::INFINITY,
            Self::Pareto { mean, shape } => cube(mean * (shape - 1.0) / shape) * shape / (shape - 3.0),
            Self::Uniform { low, high } => (low + high) * (low * low + high * high) / 4.0,
            Self::Empirical { values } => values.iter().copied().map(cube).sum::<f64>() / values.len().max(1) as f64,
        }
    }

    /// The squared coefficient of variation, variance over squared mean; 0 when the mean is 0.
    #[must_use]
    pub fn squared_cv(&self) -> f64 {
        let mean = self.mean();
        if mean > 0.0 { self.variance() / (mean * mean) } else { 0.0 }
    }

    /// Whether every draw is the same.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.variance() == 0.0
    }

    /// The value that a draw does not exceed with this probability (above 0 and below 1).
    #[must_use]
    pub fn quantile(&self, probability: f64) -> f64 {
        match self {
            Self::Constant { value } => *value,
            Self::Exponential { mean } => -mean * ln_1p(-probability),
            Self::Lognormal { mean, cv } => {
                let variance_of_log = ln_1p(cv * cv);
                mean * exp(variance_of_log.sqrt() * standard_normal_quantile(probability) - variance_of_log / 2.0)
            }
            Self::Gamma { mean, cv } => {
                let shape = 1.0 / (cv * cv);
                bisect(probability, *mean, |value| gamma_cumulative(shape, value * shape / mean))
            }
            Self::Hyperexponential { mean, cv } => {
                let (share, fast_mean, slow_mean) = balanced_means(*mean, *cv);
                let below = |value: f64| share * -exp_m1(-value / fast_mean) + (1.0 - share) * -exp_m1(-value / slow_mean);
                bisect(probability, *mean, below)
            }
            Self::Pareto { mean, shape } => mean * (shape - 1.0) / shape * pow(1.0 - probability, -1.0 / shape),
            Self::Uniform { low, high } => low + (high - low) * probability,
            Self::Empirical { values } => {
                let index = (probability * values.len() as f64) as usize;
                values.get(index).or(values.last()).copied().unwrap_or(0.0)
            }
        }
    }

    /// The probability that a draw exceeds `value`.
    #[must_use]
    pub fn tail(&self, value: f64) -> f64 {
        if value < 0.0 {
            return 1.0;
        }
        match self {
            Self::Constant { value: constant } => f64::from(u8::from(*constant > value)),
            Self::Exponential { mean } => exponential_tail(value, *mean),
            Self::Lognormal { mean, cv } => {
                let variance_of_log = ln_1p(cv * cv);
                if variance_of_log <= 0.0 || *mean <= 0.0 || value <= 0.0 {
                    return f64::from(u8::from(*mean > value));
                }
                normal_tail((ln(value / mean) + variance_of_log / 2.0) / variance_of_log.sqrt())
            }
            Self::Gamma { mean, cv } if *mean > 0.0 => {
                let shape = 1.0 / (cv * cv);
                1.0 - gamma_cumulative(shape, value * shape / mean)
            }
            Self::Gamma { .. } => 0.0,
            Self::Hyperexponential { mean, cv } => {
                let (share, fast_mean, slow_mean) = balanced_means(*mean, *cv);
                share * exponential_tail(value, fast_mean) + (1.0 - share) * exponential_tail(value, slow_mean)
            }
            Self::Pareto { mean, shape } => {
                let smallest = mean * (shape - 1.0) / shape;
                if value < smallest {
                    1.0
                } else if value <= 0.0 {
                    0.0
                } else {
                    pow(smallest / value, *shape)
                }
            }
            Self::Uniform { low, high } if high > low => ((high - value) / (high - low)).clamp(0.0, 1.0),
            Self::Uniform { high, .. } => f64::from(u8::from(*high > value)),
            Self::Empirical { values } => {
                let above = values.len() - values.partition_point(|known| *known <= value);
                above as f64 / values.len().max(1) as f64
            }
        }
    }

    /// One draw, by inversion: a larger uniform gives a larger value, so that runs which share their
    /// uniforms stay comparable when a parameter changes.
    pub fn sample(&self, generator: &mut impl Rng) -> f64 {
        self.quantile(open_unit(generator))
    }
}

/// The tail of an exponential; one of mean zero is always zero.
fn exponential_tail(value: f64, mean: f64) -> f64 {
    if mean > 0.0 { exp(-value / mean) } else { 0.0 }
}

/// The probability that a standard normal draw exceeds `value`.
fn normal_tail(value: f64) -> f64 {
    0.5 * erfc(value / std::f64::consts::SQRT_2)
}

/// The share and mean of the fast phase and the mean of the slow phase of a two-phase hyperexponential
/// whose phases carry equal parts of the mean (Whitt 1982, equation 3.7).
pub(crate) fn balanced_means(mean: f64, cv: f64) -> (f64, f64, f64) {
    let squared = cv * cv;
    let share = 0.5 * (1.0 + ((squared - 1.0).max(0.0) / (squared + 1.0)).sqrt());
    (share, mean / (2.0 * share), mean / (2.0 * (1.0 - share)))
}

/// The root of an increasing cumulative function, by doubling and halving to the last bit.
fn bisect(probability: f64, scale: f64, cumulative: impl Fn(f64) -> f64) -> f64 {
    let mut high = scale;
    while cumulative(high) < probability && high < f64::MAX / 4.0 {
        high *= 2.0;
    }
    let mut low = 0.0;
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if cumulative(middle) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// The regularised lower incomplete gamma function P(shape, x): its series below the mean and Lentz's
/// continued fraction above (Abramowitz and Stegun 6.5.29 and 6.5.31).
fn gamma_cumulative(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let front = exp(shape * ln(x) - x - ln_gamma(shape));
    if x < shape + 1.0 {
        let mut term = 1.0 / shape;
        let mut sum = term;
        let mut denominator = shape;
        for _ in 0..10_000 {
            denominator += 1.0;
            term *= x / denominator;
            sum += term;
            if term < sum * 1e-16 {
                break;
            }
        }
        return (front * sum).min(1.0);
    }
    let mut b = x + 1.0 - shape;
    let mut c = 1e300;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for step in 1..10_000 {
        let step = f64::from(step);
        let a = step * (shape - step);
        b += 2.0;
        d = 1.0 / (a * d + b);
        c = b + a / c;
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    (1.0 - front * fraction).max(0.0)
}

/// The quantile function of the standard normal distribution: Wichura's algorithm AS 241 (PPND16, 1988),
/// accurate to about one part in 10^16.
#[must_use]
pub fn standard_normal_quantile(probability: f64) -> f64 {
    let [quantile] = standard_normal_quantiles([probability]);
    quantile
}

/// The same of several probabilities: most lie in the middle, where they are computed side by side.
#[must_use]
pub fn standard_normal_quantiles<const N: usize>(probabilities: [f64; N]) -> [f64; N] {
    let central = probabilities.map(|probability| {
        let q = probability - 0.5;
        0.180_625 - q * q
    });
    let ratios = ratios(central, &CENTRAL);
    std::array::from_fn(|index| {
        let q = probabilities[index] - 0.5;
        if q.abs() <= 0.425 { q * ratios[index] } else { tail_quantile(probabilities[index]) }
    })
}

/// The quantile of a probability within 0.075 of either end.
fn tail_quantile(probability: f64) -> f64 {
    let is_low = probability < 0.5;
    let r = (-ln(if is_low { probability } else { 1.0 - probability })).sqrt();
    let [magnitude] = if r <= 5.0 { ratios([r - 1.6], &MIDDLE) } else { ratios([r - 5.0], &FAR) };
    if is_low { -magnitude } else { magnitude }
}

/// The ratio of two polynomials at several places. The coefficients of both stand side by side, from the
/// constant upwards, so that one instruction takes a step of both.
fn ratios<const N: usize>(places: [f64; N], coefficients: &[[f64; 2]; 8]) -> [f64; N] {
    let (highest, others) = (coefficients[7], &coefficients[..7]);
    let mut sums = [highest; N];
    for [above, below] in others.iter().rev() {
        for (sum, place) in sums.iter_mut().zip(&places) {
            *sum = [sum[0] * place + above, sum[1] * place + below];
        }
    }
    sums.map(|[above, below]| above / below)
}

/// Numerators and denominators of the three ranges.
const CENTRAL: [[f64; 2]; 8] = [
    [3.387_132_872_796_366_5, 1.0],
    [133.141_667_891_784_38, 42.313_330_701_600_91],
    [1_971.590_950_306_551_3, 687.187_007_492_057_9],
    [13_731.693_765_509_46, 5_394.196_021_424_751],
    [45_921.953_931_549_87, 21_213.794_301_586_597],
    [67_265.770_927_008_7, 39_307.895_800_092_71],
    [33_430.575_583_588_13, 28_729.085_735_721_943],
    [2_509.080_928_730_122_7, 5_226.495_278_852_855],
];
const MIDDLE: [[f64; 2]; 8] = [
    [1.423_437_110_749_683_5, 1.0],
    [4.630_337_846_156_546, 2.053_191_626_637_759],
    [5.769_497_221_460_691, 1.676_384_830_183_803_8],
    [3.647_848_324_763_204_5, 0.689_767_334_985_1],
    [1.270_458_252_452_368_4, 0.148_103_976_427_480_08],
    [0.241_780_725_177_450_6, 0.015_198_666_563_616_457],
    [0.022_723_844_989_269_184, 5.475_938_084_995_345e-4],
    [7.745_450_142_783_414e-4, 1.050_750_071_644_416_9e-9],
];
const FAR: [[f64; 2]; 8] = [
    [6.657_904_643_501_103, 1.0],
    [5.463_784_911_164_114, 0.599_832_206_555_888],
    [1.784_826_539_917_291_3, 0.136_929_880_922_735_8],
    [0.296_560_571_828_504_87, 0.014_875_361_290_850_615],
    [0.026_532_189_526_576_124, 7.868_691_311_456_133e-4],
    [0.001_242_660_947_388_078_4, 1.846_318_317_510_054_8e-5],
    [2.711_555_568_743_487_6e-5, 1.421_511_758_316_446e-7],
    [2.010_334_399_292_288_1e-7, 2.044_263_103_389_939_8e-15],
];

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, Gamma, LogNormal, Normal};

    fn all() -> Vec<Distribution> {
        vec![
            Distribution::Exponential { mean: 2.0 },
            Distribution::Lognormal { mean: 2.0, cv: 1.5 },
            Distribution::Gamma { mean: 2.0, cv: 0.5 },
            Distribution::Gamma { mean: 2.0, cv: 2.0 },
            Distribution::Hyperexponential { mean: 2.0, cv: 1.8 },
            Distribution::Pareto { mean: 2.0, shape: 4.5 },
            Distribution::Uniform { low: 1.0, high: 3.0 },
            Distribution::Empirical { values: vec![1.0, 2.0, 3.0] },
        ]
    }

    #[test]
    fn the_mean_and_variance_of_the_quantile_function_are_the_stated_ones() {
        for distribution in all() {
            let steps = 3_000;
            let draws = (0..steps).map(|index| distribution.quantile((f64::from(index) + 0.5) / f64::from(steps)));
            let (sum, squares) = draws.fold((0.0, 0.0), |(sum, squares), x| (sum + x, squares + x * x));
            let mean = sum / f64::from(steps);
            let variance = squares / f64::from(steps) - mean * mean;
            assert!((mean / distribution.mean() - 1.0).abs() < 0.01, "{distribution:?}: {mean}");
            // The midpoint rule cuts off the tail: a heavy tail loses some of its variance there.
            assert!((variance / distribution.variance() - 1.0).abs() < 0.12, "{distribution:?}: {variance}");
        }
    }

    #[test]
    fn the_third_moment_is_that_of_the_quantile_function() {
        for distribution in all() {
            // Substituting 1 - p = u^4 makes the far tail, where the cube has its weight, wide.
            let steps = 40_000;
            let mean: f64 = (0..steps)
                .map(|index| {
                    let u = (f64::from(index) + 0.5) / f64::from(steps);
                    distribution.quantile((1.0 - u * u * u * u).min(1.0 - f64::EPSILON)).powi(3) * 4.0 * u * u * u / f64::from(steps)
                })
                .sum();
            assert!((mean / distribution.third_moment() - 1.0).abs() < 0.02, "{distribution:?}: {mean}");
        }
    }

    #[test]
    fn quantiles_agree_with_statrs() {
        let normal = Normal::new(0.0, 1.0).expect("valid");
        let gamma = Gamma::new(4.0, 2.0).expect("valid");
        let variance_of_log = 3.25_f64.ln();
        let lognormal = LogNormal::new(2.0_f64.ln() - variance_of_log / 2.0, variance_of_log.sqrt()).expect("valid");
        for probability in [1e-9, 0.001, 0.05, 0.3, 0.5, 0.77, 0.95, 0.999, 1.0 - 1e-9] {
            let close = |ours: f64, theirs: f64| assert!((ours - theirs).abs() <= 1e-8 * (1.0 + theirs.abs()), "{ours} {theirs}");
            close(normal.cdf(standard_normal_quantile(probability)), probability);
            close(gamma.cdf(Distribution::Gamma { mean: 2.0, cv: 0.5 }.quantile(probability)), probability);
            close(lognormal.cdf(Distribution::Lognormal { mean: 2.0, cv: 1.5 }.quantile(probability)), probability);
        }
    }

    #[test]
    fn the_tail_is_the_inverse_of_the_quantile() {
        for distribution in all().into_iter().take(7) {
            for probability in [0.1, 0.5, 0.9, 0.99] {
                let tail = distribution.tail(distribution.quantile(probability));
                assert!((tail - (1.0 - probability)).abs() < 1e-9, "{distribution:?} {probability}: {tail}");
            }
        }
    }

    #[test]
    fn the_tail_covers_both_ends() {
        for distribution in all() {
            assert!((distribution.tail(-1.0) - 1.0).abs() < 1e-12 && distribution.tail(1e9) < 1e-9, "{distribution:?}");
        }
        // A value that equals an observation is not exceeded by it.
        let thirds = Distribution::Empirical { values: vec![1.0, 2.0, 3.0] };
        assert!((thirds.tail(1.0) - 2.0 / 3.0).abs() < 1e-12 && (thirds.tail(0.5) - 1.0).abs() < 1e-12 && thirds.tail(3.0) < 1e-12);
        assert!((Distribution::Lognormal { mean: 2.0, cv: 0.0 }.tail(1.9) - 1.0).abs() < 1e-12);
    }
}
