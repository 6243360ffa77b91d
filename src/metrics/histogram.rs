//! A histogram of durations with a bounded relative error.
//!
//! Buckets are linear inside each power of two: 128 to the octave, so a bucket is at most 1/128 = 0.78 %
//! wide and its middle at most 0.39 % from any value in it. Quantiles are interpolated inside the bucket.
//! Weights are real numbers: the fluid plane counts parts of requests. Memory grows with the span of the
//! values, not with their number.

/// The smallest value told apart from zero, in seconds.
const SMALLEST_SECONDS: f64 = 1e-6;
/// Buckets in one power of two.
const BUCKETS_PER_OCTAVE: usize = 128;

/// A weighted distribution of non-negative numbers (seconds).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    weights: Vec<f64>,
    total: f64,
    sum: f64,
    max: f64,
}

impl Histogram {
    /// Adds `weight` observations of `value`. A value below a microsecond counts as zero in quantiles.
    pub fn record(&mut self, value: f64, weight: f64) {
        if weight <= 0.0 {
            return;
        }
        let bucket = bucket_of(value);
        match self.weights.get_mut(bucket) {
            Some(known) => *known += weight,
            None => self.add_bucket(bucket, weight),
        }
        self.total += weight;
        self.sum += weight * value;
        // (A comparison is cheaper than `max`, which looks for what is no number.)
        self.max = if value > self.max { value } else { self.max };
    }

    // Apart from `record`, which would save registers for it at every value.
    #[cold]
    #[inline(never)]
    fn add_bucket(&mut self, bucket: usize, weight: f64) {
        self.weights.resize(bucket + 1, 0.0);
        self.weights[bucket] += weight;
    }

    /// The number of observations.
    #[must_use]
    pub fn count(&self) -> f64 {
        self.total
    }

    /// The mean; none when empty.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.total > 0.0).then(|| self.sum / self.total)
    }

    /// The largest value; none when empty.
    #[must_use]
    pub fn max(&self) -> Option<f64> {
        (self.total > 0.0).then_some(self.max)
    }

    /// The value that a fraction `quantile` (0 to 1) of the observations does not exceed; none when empty.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> Option<f64> {
        if self.total <= 0.0 {
            return None;
        }
        let wanted = quantile.clamp(0.0, 1.0) * self.total;
        let mut below = 0.0;
        for (bucket, &weight) in self.weights.iter().enumerate() {
            if weight > 0.0 && below + weight >= wanted {
                let (low, high) = bounds_of(bucket);
                let inside = ((wanted - below) / weight).clamp(0.0, 1.0);
                return Some((low + (high - low) * inside).min(self.max));
            }
            below += weight;
        }
        Some(self.max)
    }
}

/// Bucket 0 holds what is below the smallest value.
fn bucket_of(value: f64) -> usize {
    let scaled = value / SMALLEST_SECONDS;
    // A value that is no number counts as zero rather than anywhere.
    if scaled < 1.0 || scaled.is_nan() {
        return 0;
    }
    // The exponent and the top seven bits of the mantissa of a float at least 1 are the bucket.
    let bits = scaled.min(f64::MAX).to_bits();
    ((bits >> (52 - 7)) - (1.0_f64.to_bits() >> (52 - 7))) as usize + 1
}

/// The ends of a bucket.
fn bounds_of(bucket: usize) -> (f64, f64) {
    if bucket == 0 {
        return (0.0, 0.0);
    }
    let edge = |index: usize| {
        let octave = (index / BUCKETS_PER_OCTAVE) as i32;
        let step = 1.0 + (index % BUCKETS_PER_OCTAVE) as f64 / BUCKETS_PER_OCTAVE as f64;
        SMALLEST_SECONDS * step * libm::ldexp(1.0, octave)
    };
    (edge(bucket - 1), edge(bucket))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_its_bucket_within_the_stated_error() {
        for exponent in -50..80 {
            let value = 1.1_f64.powi(exponent) * 1e-2;
            if value < SMALLEST_SECONDS {
                continue;
            }
            let (low, high) = bounds_of(bucket_of(value));
            assert!(low <= value * (1.0 + 1e-12) && value < high * (1.0 + 1e-12), "{low} {value} {high}");
            assert!((high - low) / 2.0 / low <= 0.004, "half a bucket is at most 0.4 %");
        }
    }

    #[test]
    fn quantiles_of_a_uniform_sample_are_its_values() {
        let mut histogram = Histogram::default();
        for index in 0..100_000 {
            histogram.record((f64::from(index) + 0.5) / 100_000.0, 1.0);
        }
        for quantile in [0.01, 0.5, 0.95, 0.99, 0.999] {
            let got = histogram.quantile(quantile).expect("not empty");
            assert!((got / quantile - 1.0).abs() < 0.004, "{quantile}: {got}");
        }
        assert!((histogram.mean().expect("not empty") - 0.5).abs() < 1e-9);
    }

    #[test]
    fn an_empty_histogram_has_no_figures() {
        let histogram = Histogram::default();
        assert_eq!((histogram.mean(), histogram.max(), histogram.quantile(0.5)), (None, None, None));
    }
}
