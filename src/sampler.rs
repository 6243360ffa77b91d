//! Fast draws from distributions, the same bits on every machine.
//!
//! A simulation of single requests draws several numbers for each of them. Inversion (see
//! [`Distribution::sample`]) costs a logarithm or worse; here the exponential and the normal come from
//! ziggurats of 256 layers (Marsaglia and Tsang 2000) and the gamma from normals (Marsaglia and Tsang 2000,
//! "A simple method for generating gamma variables"). Tables are computed once, by [`crate::math`]; the
//! samplers of the crate `rand_distr`, whose last bits depend on the system's library, are the yardstick in
//! the tests.
//!
//! A scaled distribution keeps its draws: twice the mean is exactly twice every value.

use std::sync::LazyLock;

use rand::Rng;

use crate::distribution::{Distribution, balanced_means};
use crate::math::{exp, ln, ln_1p, pow};
use crate::random::open_unit;

const LAYERS: usize = 256;
const UNIT: f64 = 1.0 / (1_u64 << 53) as f64;

/// The layers of a decreasing density: their right ends, from the widest inwards, and the density there.
struct Ziggurat {
    ends: [f64; LAYERS + 1],
    heights: [f64; LAYERS + 1],
}

impl Ziggurat {
    /// Layers of equal `area` under a density whose tail begins at `tail`.
    fn new(tail: f64, area: f64, density: fn(f64) -> f64, inverse: fn(f64) -> f64) -> Self {
        let mut ends = [0.0; LAYERS + 1];
        (ends[0], ends[1]) = (area / density(tail), tail);
        for layer in 2..LAYERS {
            ends[layer] = inverse(area / ends[layer - 1] + density(ends[layer - 1]));
        }
        Self { ends, heights: ends.map(density) }
    }
}

/// Constants of 256 layers: Marsaglia and Tsang (2000), tables 1 and 2.
static EXPONENTIAL: LazyLock<Ziggurat> =
    LazyLock::new(|| Ziggurat::new(7.697_117_470_131_05, 0.003_949_659_822_581_572, |x| exp(-x), |y| -ln(y)));
static NORMAL: LazyLock<Ziggurat> =
    LazyLock::new(|| Ziggurat::new(3.654_152_885_361_009, 0.004_928_673_233_992_336, |x| exp(-x * x / 2.0), |y| (-2.0 * ln(y)).sqrt()));

/// Draws from the exponential of mean 1 and the standard normal distribution.
#[derive(Clone, Copy)]
pub struct Variates {
    exponential: &'static Ziggurat,
    normal: &'static Ziggurat,
}

impl Default for Variates {
    fn default() -> Self {
        Self { exponential: &EXPONENTIAL, normal: &NORMAL }
    }
}

impl std::fmt::Debug for Variates {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Variates")
    }
}

impl Variates {
    /// An exponential of mean 1.
    #[inline]
    pub fn exponential(self, generator: &mut impl Rng) -> f64 {
        let bits = generator.next_u64();
        let layer = (bits & 0xFF) as usize;
        let value = (bits >> 11) as i64 as f64 * UNIT * self.exponential.ends[layer];
        if value < self.exponential.ends[layer + 1] { value } else { self.exponential_at_edge(layer, value, generator) }
    }

    /// One draw in a hundred lies in the tail or where its layer ends.
    #[cold]
    #[inline(never)]
    fn exponential_at_edge(self, layer: usize, value: f64, generator: &mut impl Rng) -> f64 {
        if layer == 0 {
            return self.exponential.ends[1] - ln(open_unit(generator));
        }
        let heights = &self.exponential.heights;
        let height = heights[layer + 1] + (heights[layer] - heights[layer + 1]) * open_unit(generator);
        if height < exp(-value) { value } else { self.exponential(generator) }
    }

    /// A standard normal.
    #[inline]
    pub fn normal(self, generator: &mut impl Rng) -> f64 {
        let bits = generator.next_u64();
        let layer = (bits & 0xFF) as usize;
        // 53 bits around zero: the sign comes with them.
        let signed = ((bits as i64) >> 11) as f64 * (2.0 * UNIT);
        let value = signed * self.normal.ends[layer];
        if value.abs() < self.normal.ends[layer + 1] { value } else { self.normal_at_edge(layer, value, generator) }
    }

    #[cold]
    #[inline(never)]
    fn normal_at_edge(self, layer: usize, value: f64, generator: &mut impl Rng) -> f64 {
        if layer == 0 {
            let tail = self.normal.ends[1];
            // Marsaglia's method for the tail (1964).
            loop {
                let beyond = -ln(open_unit(generator)) / tail;
                if -2.0 * ln(open_unit(generator)) > beyond * beyond {
                    return (tail + beyond).copysign(value);
                }
            }
        }
        let heights = &self.normal.heights;
        let height = heights[layer + 1] + (heights[layer] - heights[layer + 1]) * open_unit(generator);
        if height < exp(-value * value / 2.0) { value } else { self.normal(generator) }
    }

    /// A gamma of mean 1 and this shape, above 0.
    pub fn gamma(self, shape: f64, generator: &mut impl Rng) -> f64 {
        if shape < 1.0 {
            let power = pow(open_unit(generator), 1.0 / shape);
            return self.gamma(shape + 1.0, generator) * (shape + 1.0) / shape * power;
        }
        let reduced = shape - 1.0 / 3.0;
        let width = 1.0 / (9.0 * reduced).sqrt();
        loop {
            let normal = self.normal(generator);
            let root = 1.0 + width * normal;
            if root <= 0.0 {
                continue;
            }
            let cube = root * root * root;
            if ln(open_unit(generator)) < 0.5 * normal * normal + reduced * (1.0 - cube + ln(cube)) {
                return reduced * cube / shape;
            }
        }
    }
}

/// A distribution, ready to be drawn from.
#[derive(Clone, Debug)]
pub struct Sampler {
    variates: Variates,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Constant(f64),
    Exponential(f64),
    Lognormal { median: f64, deviation_of_log: f64 },
    Gamma { mean: f64, shape: f64 },
    Hyperexponential { share: f64, fast_mean: f64, slow_mean: f64 },
    Inverted(Distribution),
}

impl Sampler {
    /// Draws from this distribution, in its unit times `scale`.
    #[must_use]
    pub fn new(distribution: &Distribution, scale: f64) -> Self {
        let kind = match distribution {
            constant if constant.is_constant() => Kind::Constant(constant.mean() * scale),
            Distribution::Exponential { mean } => Kind::Exponential(mean * scale),
            Distribution::Lognormal { mean, cv } => {
                let variance_of_log = ln_1p(cv * cv);
                Kind::Lognormal { median: mean * scale * exp(-variance_of_log / 2.0), deviation_of_log: variance_of_log.sqrt() }
            }
            Distribution::Gamma { mean, cv } => Kind::Gamma { mean: mean * scale, shape: 1.0 / (cv * cv) },
            Distribution::Hyperexponential { mean, cv } => {
                let (share, fast_mean, slow_mean) = balanced_means(*mean, *cv);
                Kind::Hyperexponential { share, fast_mean: fast_mean * scale, slow_mean: slow_mean * scale }
            }
            Distribution::Pareto { mean, shape } => Kind::Inverted(Distribution::Pareto { mean: mean * scale, shape: *shape }),
            Distribution::Uniform { low, high } => Kind::Inverted(Distribution::Uniform { low: low * scale, high: high * scale }),
            Distribution::Empirical { values } => {
                Kind::Inverted(Distribution::Empirical { values: values.iter().map(|value| value * scale).collect() })
            }
            Distribution::Constant { value } => Kind::Constant(value * scale),
        };
        Self { variates: Variates::default(), kind }
    }

    /// The value of every draw, if they are all the same.
    #[must_use]
    pub const fn constant(&self) -> Option<f64> {
        if let Kind::Constant(value) = self.kind { Some(value) } else { None }
    }

    /// One draw.
    #[inline]
    pub fn draw(&self, generator: &mut impl Rng) -> f64 {
        let variates = self.variates;
        match &self.kind {
            Kind::Constant(value) => *value,
            Kind::Exponential(mean) => mean * variates.exponential(generator),
            Kind::Lognormal { median, deviation_of_log } => median * exp(deviation_of_log * variates.normal(generator)),
            Kind::Gamma { mean, shape } => mean * variates.gamma(*shape, generator),
            Kind::Hyperexponential { share, fast_mean, slow_mean } => {
                let mean = if open_unit(generator) < *share { fast_mean } else { slow_mean };
                mean * variates.exponential(generator)
            }
            Kind::Inverted(distribution) => distribution.sample(generator),
        }
    }

    /// Draws into a list, one number after the other.
    pub fn fill(&self, generator: &mut impl Rng, values: &mut [f64]) {
        let variates = self.variates;
        match &self.kind {
            Kind::Constant(value) => values.fill(*value),
            Kind::Exponential(mean) => values.iter_mut().for_each(|value| *value = mean * variates.exponential(generator)),
            Kind::Lognormal { median, deviation_of_log } => {
                values.iter_mut().for_each(|value| *value = variates.normal(generator));
                values.iter_mut().for_each(|value| *value = median * exp(deviation_of_log * *value));
            }
            _ => values.iter_mut().for_each(|value| *value = self.draw(generator)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Stream, generator};
    use statrs::distribution::{ContinuousCDF, Exp, Gamma, Normal};

    const DRAWS: usize = 400_000;

    /// The largest distance between the empirical and the exact distribution function (Kolmogorov-Smirnov);
    /// beyond 1.95 / sqrt(n) once in a thousand samples.
    fn distance(mut values: Vec<f64>, cumulative: impl Fn(f64) -> f64) -> f64 {
        values.sort_unstable_by(f64::total_cmp);
        let count = values.len() as f64;
        let gap = |(rank, &value): (usize, &f64)| {
            let exact = cumulative(value);
            (exact - rank as f64 / count).abs().max((exact - (rank as f64 + 1.0) / count).abs())
        };
        values.iter().enumerate().map(gap).fold(0.0, f64::max)
    }

    fn draws(draw: impl Fn(Variates, &mut rand_xoshiro::Xoshiro256PlusPlus) -> f64) -> Vec<f64> {
        let mut generator = generator(1, Stream::Arrivals, 2, 3);
        (0..DRAWS).map(|_| draw(Variates::default(), &mut generator)).collect()
    }

    #[test]
    fn draws_follow_their_distributions() {
        let limit = 1.95 / (DRAWS as f64).sqrt();
        let check = |name: &str, values: Vec<f64>, exact: &dyn Fn(f64) -> f64| {
            let distance = distance(values, exact);
            assert!(distance < limit, "{name}: {distance} of {limit}");
        };
        let exponential = Exp::new(1.0).expect("valid");
        check("exponential", draws(|variates, generator| variates.exponential(generator)), &|value| exponential.cdf(value));
        let normal = Normal::new(0.0, 1.0).expect("valid");
        check("normal", draws(|variates, generator| variates.normal(generator)), &|value| normal.cdf(value));
        for shape in [0.25, 1.0, 4.0] {
            let gamma = Gamma::new(shape, shape).expect("valid");
            check("gamma", draws(|variates, generator| variates.gamma(shape, generator)), &|value| gamma.cdf(value));
        }
    }

    /// The tails that only the rare paths reach: exp(-9) = 1.23e-4 and P(|Z| > 3.8) = 1.447e-4.
    #[test]
    fn tails_are_reached_as_often_as_they_should() {
        let beyond = |values: &[f64], limit: f64| values.iter().filter(|value| value.abs() > limit).count() as f64 / DRAWS as f64;
        let exponentials = draws(|variates, generator| variates.exponential(generator));
        let normals = draws(|variates, generator| variates.normal(generator));
        // Standard errors: sqrt(1.3e-4 / 400,000) = 1.8e-5.
        assert!((beyond(&exponentials, 9.0) - 1.234e-4).abs() < 4.0 * 1.8e-5);
        assert!((beyond(&normals, 3.8) - 1.447e-4).abs() < 4.0 * 1.9e-5);
    }

    #[test]
    fn every_distribution_has_its_mean_and_scales() {
        let all = [
            Distribution::constant(2.0),
            Distribution::Exponential { mean: 2.0 },
            Distribution::Lognormal { mean: 2.0, cv: 1.5 },
            Distribution::Gamma { mean: 2.0, cv: 2.0 },
            Distribution::Hyperexponential { mean: 2.0, cv: 2.0 },
            Distribution::Pareto { mean: 2.0, shape: 3.5 },
            Distribution::Uniform { low: 1.0, high: 3.0 },
            Distribution::Empirical { values: vec![1.0, 2.0, 3.0] },
        ];
        for distribution in &all {
            let (sampler, double) = (Sampler::new(distribution, 1.0), Sampler::new(distribution, 2.0));
            let mut generators = [generator(1, Stream::Arrivals, 2, 3), generator(1, Stream::Arrivals, 2, 3)];
            let mut sum = 0.0;
            for _ in 0..DRAWS {
                let value = sampler.draw(&mut generators[0]);
                let doubled = double.draw(&mut generators[1]);
                assert!((doubled - 2.0 * value).abs() <= 1e-12 * doubled, "{distribution:?}");
                sum += value;
            }
            let standard_error = (distribution.variance() / DRAWS as f64).sqrt();
            let error = (sum / DRAWS as f64 - distribution.mean()).abs();
            assert!(error <= 4.0 * standard_error + 1e-9, "{distribution:?}: {error} of {standard_error}");
        }
    }

    #[test]
    fn a_list_is_filled_with_the_draws_that_come_one_by_one() {
        let sampler = Sampler::new(&Distribution::Lognormal { mean: 2.0, cv: 1.5 }, 1.0);
        let (mut first, mut second) = (generator(1, Stream::Arrivals, 2, 3), generator(1, Stream::Arrivals, 2, 3));
        let mut values = [0.0; 100];
        sampler.fill(&mut first, &mut values);
        assert!(values.iter().all(|value| value.to_bits() == sampler.draw(&mut second).to_bits()));
    }
}
