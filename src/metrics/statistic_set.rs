//! CloudWatch's statistic set: what is left of the values of a span once they are one datapoint.
//!
//! A metric keeps of its values their number, sum, least and greatest, from which the statistics
//! `SampleCount`, `Sum`, `Average`, `Minimum` and `Maximum` of every longer period follow (CloudWatch, concepts,
//! "Statistics"; the type `StatisticSet` of its API). Percentiles do not, and are left out.

/// A number of values, at least one or, where requests are counted, a part of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StatisticSet {
    /// How many values, above 0.
    pub sample_count: f64,
    /// Their sum, in the unit of the metric.
    pub sum: f64,
    /// The least.
    pub minimum: f64,
    /// The greatest.
    pub maximum: f64,
}

impl StatisticSet {
    /// One value.
    #[must_use]
    pub const fn of(value: f64) -> Self {
        Self { sample_count: 1.0, sum: value, minimum: value, maximum: value }
    }

    /// So many values (above 0) of which only the mean is known: it stands for the least and the greatest too.
    #[must_use]
    pub fn of_mean(mean: f64, sample_count: f64) -> Self {
        Self { sample_count, sum: mean * sample_count, minimum: mean, maximum: mean }
    }

    /// The values of both.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            sample_count: self.sample_count + other.sample_count,
            sum: self.sum + other.sum,
            minimum: self.minimum.min(other.minimum),
            maximum: self.maximum.max(other.maximum),
        }
    }

    /// The mean.
    #[must_use]
    pub fn average(&self) -> f64 {
        self.sum / self.sample_count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 40, 70 and 55 have the sum 165 and the mean 55.
    #[test]
    fn merged_values_keep_their_number_sum_and_extremes() {
        let set = [70.0, 55.0].into_iter().map(StatisticSet::of).fold(StatisticSet::of(40.0), StatisticSet::merge);
        assert_eq!(set, StatisticSet { sample_count: 3.0, sum: 165.0, minimum: 40.0, maximum: 70.0 });
        assert!((set.average() - 55.0).abs() < 1e-12);
    }

    /// 100 requests of 0.2 s and 300 of 0.4 s take 0.35 s on average.
    #[test]
    fn means_are_weighted_by_their_numbers() {
        let set = StatisticSet::of_mean(0.2, 100.0).merge(StatisticSet::of_mean(0.4, 300.0));
        assert!((set.average() - 0.35).abs() < 1e-12);
        assert_eq!((set.minimum, set.maximum), (0.2, 0.4));
    }
}
