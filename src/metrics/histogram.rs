//! A histogram of durations with a bounded relative error.
//!
//! Buckets are linear inside each power of two: 256 to the octave, so a bucket is at most 1/256 = 0.39 % wide.
//! Quantiles are interpolated inside the bucket, as if its observations were spread evenly over it. Where they
//! are (any density without jumps, many observations in a bucket), a quantile is within 0.2 % of the exact
//! order statistic, which the tests below hold against three distributions. Where they are not (many equal
//! values beside larger ones, or a single observation far out in the tail), it lies in the same bucket and is
//! at most 0.39 % away. The mean and the maximum are exact.
//!
//! Weights are real numbers: the fluid plane counts parts of requests. Whoever counts whole ones, millions of
//! them, counts into an array of integers by [`bucket_of`] or [`bucket_of_nanoseconds`] and hands the array over
//! with [`Histogram::add_bucket_counts`]. Memory grows with the span of the values, not with their number.

/// The smallest value told apart from zero, in seconds.
const SMALLEST_SECONDS: f64 = 1e-6;
/// The same in nanoseconds.
const SMALLEST_NANOSECONDS: f64 = 1e3;
/// Buckets in one power of two.
pub const BUCKETS_PER_OCTAVE: usize = 1 << BUCKET_BITS;
/// Leading bits of a mantissa that tell the bucket.
const BUCKET_BITS: u32 = 8;

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

    /// Adds what was counted apart: `counts[bucket]` observations in each bucket of [`bucket_of`], whose values add up
    /// to `sum_seconds` and whose largest is `max_seconds`. Counts of zero change nothing.
    pub fn add_bucket_counts(&mut self, counts: &[u64], sum_seconds: f64, max_seconds: f64) {
        let Some(last) = counts.iter().rposition(|&count| count > 0) else { return };
        self.reach(last);
        let mut added = 0;
        for (weight, &count) in self.weights.iter_mut().zip(counts) {
            *weight += count as f64;
            added += count;
        }
        self.total += added as f64;
        self.sum += sum_seconds;
        self.max = self.max.max(max_seconds);
    }

    /// Adds all observations of another histogram.
    pub fn merge(&mut self, other: &Self) {
        let Some(last) = other.weights.len().checked_sub(1) else { return };
        self.reach(last);
        for (weight, &more) in self.weights.iter_mut().zip(&other.weights) {
            *weight += more;
        }
        self.total += other.total;
        self.sum += other.sum;
        self.max = self.max.max(other.max);
    }

    /// Makes room for a bucket.
    fn reach(&mut self, bucket: usize) {
        if self.weights.len() <= bucket {
            self.weights.resize(bucket + 1, 0.0);
        }
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

/// The bucket of a value in seconds. Bucket 0 holds what is below a microsecond and what is no number.
#[must_use]
pub fn bucket_of(value_seconds: f64) -> usize {
    bucket_of_scaled(value_seconds / SMALLEST_SECONDS)
}

/// The bucket of a whole number of nanoseconds: below 54 octaves fit into 63 bits, so 13,825 buckets hold them all.
///
/// A value on the edge of a bucket may fall on the other side than [`bucket_of`] puts it, whose seconds are rounded.
#[must_use]
pub fn bucket_of_nanoseconds(value_nanoseconds: i64) -> usize {
    bucket_of_scaled(value_nanoseconds as f64 / SMALLEST_NANOSECONDS)
}

/// The bucket of a multiple of the smallest value.
fn bucket_of_scaled(scaled: f64) -> usize {
    // A value that is no number counts as zero rather than anywhere.
    if scaled < 1.0 || scaled.is_nan() {
        return 0;
    }
    // The exponent and the leading bits of the mantissa of a float at least 1 are the bucket.
    let bits = scaled.min(f64::MAX).to_bits();
    ((bits >> (52 - BUCKET_BITS)) - (1.0_f64.to_bits() >> (52 - BUCKET_BITS))) as usize + 1
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

    /// Quantiles of a sample, counted one by one, against its exact order statistics.
    fn assert_quantiles_are_order_statistics(mut sample: Vec<f64>) {
        let mut histogram = Histogram::default();
        sample.iter().for_each(|&value| histogram.record(value, 1.0));
        sample.sort_by(f64::total_cmp);
        for quantile in [0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999] {
            let rank = (quantile * sample.len() as f64).ceil() as usize;
            let exact = sample[rank - 1];
            let got = histogram.quantile(quantile).expect("not empty");
            assert!((got / exact - 1.0).abs() <= 0.004, "{quantile}: {got} instead of {exact}");
        }
    }

    /// Numbers between 0 and 1, each with its own draw.
    fn uniforms(seed: u64) -> impl Iterator<Item = f64> {
        use rand::RngExt;
        let mut generator = <rand_xoshiro::Xoshiro256PlusPlus as rand::SeedableRng>::seed_from_u64(seed);
        (0..1_000_000).map(move |_| 1.0 - generator.random::<f64>())
    }

    #[test]
    fn quantiles_of_smooth_samples_are_within_the_stated_error() {
        // Five powers of ten around 10 ms.
        assert_quantiles_are_order_statistics(uniforms(1).map(|u| 1e-4 * 1e5_f64.powf(u)).collect());
        assert_quantiles_are_order_statistics(uniforms(2).map(|u| -0.1 * u.ln()).collect());
        // A lognormal of sigma 1 by Box and Muller's transform.
        let normal = |u: f64, v: f64| (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
        assert_quantiles_are_order_statistics(uniforms(3).zip(uniforms(4)).map(|(u, v)| 0.05 * normal(u, v).exp()).collect());
    }

    #[test]
    fn quantiles_of_equal_values_stay_in_their_bucket() {
        // The worst case: every value but one at the lower end of a bucket.
        let mut histogram = Histogram::default();
        histogram.record(1.024e-3, 999.0);
        histogram.record(1.0, 1.0);
        for quantile in [0.001, 0.5, 0.99, 0.999] {
            let error = histogram.quantile(quantile).expect("not empty") / 1.024e-3 - 1.0;
            assert!((0.0..=1.0 / 256.0 + 1e-12).contains(&error), "{quantile}: {error}");
        }
    }

    #[test]
    fn counts_by_bucket_are_the_same_as_values_one_by_one() {
        let nanoseconds: Vec<i64> = (0..10_000).map(|index| index * index * 7_919 % 90_000_000_000).collect();
        let mut counts = vec![0; 7_041];
        let (mut one_by_one, mut sum, mut max) = (Histogram::default(), 0.0, 0.0_f64);
        for &value in &nanoseconds {
            let seconds = value as f64 * 1e-9;
            counts[bucket_of_nanoseconds(value)] += 1;
            one_by_one.record(seconds, 1.0);
            sum += seconds;
            max = max.max(seconds);
        }
        let mut at_once = Histogram::default();
        at_once.add_bucket_counts(&[0; 9], 0.0, 5.0);
        assert_eq!(at_once, Histogram::default(), "nothing was counted");
        at_once.add_bucket_counts(&counts, sum, max);
        assert_eq!(at_once, one_by_one);
    }

    #[test]
    fn seconds_and_nanoseconds_agree_on_the_bucket() {
        for value in [0, 1, 999, 1_001, 123_456, 2_500_000, 999_999_999, 3_600_000_000_001, i64::MAX] {
            assert_eq!(bucket_of_nanoseconds(value), bucket_of(value as f64 * 1e-9), "{value}");
        }
        assert!(bucket_of_nanoseconds(i64::MAX) < 13_825);
    }

    #[test]
    fn merging_is_counting_together() {
        let (mut together, mut left, mut right) = (Histogram::default(), Histogram::default(), Histogram::default());
        // Weights and values that floats add without an error.
        for index in 1..200_u32 {
            let (value, weight) = (f64::from(index * index) / 1024.0, f64::from(index % 3));
            together.record(value, weight);
            if index % 2 == 0 { left.record(value, weight) } else { right.record(value, weight) }
        }
        left.merge(&right);
        left.merge(&Histogram::default());
        assert_eq!(left, together);
        let mut empty = Histogram::default();
        empty.merge(&together);
        assert_eq!(empty, together);
    }

    #[test]
    fn an_empty_histogram_has_no_figures() {
        let histogram = Histogram::default();
        assert_eq!((histogram.mean(), histogram.max(), histogram.quantile(0.5)), (None, None, None));
    }
}
