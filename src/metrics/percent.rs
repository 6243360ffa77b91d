//! A percentage sampled minute by minute: mean, 95th percentile and maximum in constant memory.

use crate::outcome::Summary;

/// Buckets of a tenth of a percent from 0 to 100.
const BUCKETS: usize = 1001;

/// A distribution of percentages; the 95th percentile is right to a tenth of a percent.
#[derive(Clone, Debug)]
pub struct PercentSummary {
    buckets: Vec<u32>,
    count: u64,
    sum: f64,
    max: f64,
}

impl Default for PercentSummary {
    fn default() -> Self {
        Self { buckets: vec![0; BUCKETS], count: 0, sum: 0.0, max: 0.0 }
    }
}

impl PercentSummary {
    /// Adds one sample; values outside 0 to 100 count at the nearer end.
    pub fn record(&mut self, percent: f64) {
        let percent = percent.clamp(0.0, 100.0);
        self.buckets[(percent * 10.0 + 0.5) as u32 as usize] += 1;
        self.count += 1;
        self.sum += percent;
        self.max = if percent > self.max { percent } else { self.max };
    }

    /// The figures so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        if self.count == 0 {
            return Summary::default();
        }
        let wanted = (self.count as f64 * 0.95).ceil() as u64;
        let mut below = 0;
        let bucket = self.buckets.iter().position(|&count| {
            below += u64::from(count);
            below >= wanted
        });
        let p95 = bucket.map_or(self.max, |bucket| (bucket as f64 / 10.0).min(self.max));
        Summary { mean: Some(self.sum / self.count as f64), p95: Some(p95), max: Some(self.max) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_samples_have_their_95th() {
        let mut percents = PercentSummary::default();
        (1..=100).for_each(|percent| percents.record(f64::from(percent)));
        let summary = percents.summary();
        assert_eq!(summary, Summary { mean: Some(50.5), p95: Some(95.0), max: Some(100.0) });
        assert_eq!(PercentSummary::default().summary(), Summary::default());
    }
}
