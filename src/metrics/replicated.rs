//! One figure over independent replications: its mean and how well it is known.
//!
//! The half-width of a 95 % confidence interval of a mean is t x s / sqrt(n), with the standard deviation s of the n
//! values and the 97.5 % quantile t of Student's distribution with n - 1 degrees of freedom. The quantile comes from a
//! table and, beyond it, from a series: both are plain arithmetic and so the same on every machine, which the special
//! functions of a statistics library are not.

/// The standard normal distribution's 97.5 % quantile.
const NORMAL_QUANTILE: f64 = 1.959_963_984_540_054;

/// Student's 97.5 % quantiles for 1 to 30 degrees of freedom.
const STUDENT_QUANTILES: [f64; 30] = [
    12.706_204_736,
    4.302_652_730,
    3.182_446_305,
    2.776_445_105,
    2.570_581_836,
    2.446_911_851,
    2.364_624_252,
    2.306_004_135,
    2.262_157_163,
    2.228_138_852,
    2.200_985_160,
    2.178_812_830,
    2.160_368_656,
    2.144_786_688,
    2.131_449_546,
    2.119_905_299,
    2.109_815_578,
    2.100_922_040,
    2.093_024_054,
    2.085_963_447,
    2.079_613_845,
    2.073_873_068,
    2.068_657_610,
    2.063_898_562,
    2.059_538_553,
    2.055_529_439,
    2.051_830_516,
    2.048_407_142,
    2.045_229_642,
    2.042_272_456,
];

/// The 97.5 % quantile of Student's distribution; infinite without a degree of freedom.
///
/// Beyond the table the expansion about the normal quantile, Abramowitz and Stegun 26.7.5, within 1e-8.
#[must_use]
pub fn student_quantile(degrees_of_freedom: u32) -> f64 {
    let Some(index) = degrees_of_freedom.checked_sub(1) else { return f64::INFINITY };
    STUDENT_QUANTILES.get(index as usize).copied().unwrap_or_else(|| expanded_quantile(f64::from(degrees_of_freedom)))
}

fn expanded_quantile(degrees: f64) -> f64 {
    let x = NORMAL_QUANTILE;
    let square = x * x;
    let terms = [
        x,
        x * (square + 1.0) / 4.0,
        x * ((5.0 * square + 16.0) * square + 3.0) / 96.0,
        x * (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) / 384.0,
        x * ((((79.0 * square + 776.0) * square + 1482.0) * square - 1920.0) * square - 945.0) / 92_160.0,
    ];
    terms.iter().rev().fold(0.0, |sum, term| sum / degrees + term)
}

/// A figure over replications, added one after the other.
///
/// Sums are kept as distances from the first value: equal values have exactly their mean and no spread, and whole ones a
/// mean without an error. The first value is one of the sample, so it lies within sqrt(n) standard deviations of the
/// mean and the squares lose few digits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Replicated {
    count: u32,
    first: f64,
    sum_of_distances: f64,
    sum_of_squares: f64,
    smallest: f64,
    largest: f64,
}

impl Replicated {
    /// A figure that was zero in so many replications.
    #[must_use]
    pub fn zeros(count: u32) -> Self {
        Self { count, ..Self::default() }
    }

    /// Adds the figure of the next replication; what is no finite number is no data.
    pub fn add(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        if self.count == 0 {
            *self = Self { first: value, smallest: value, largest: value, ..Self::default() };
        }
        let distance = value - self.first;
        self.count += 1;
        self.sum_of_distances += distance;
        self.sum_of_squares += distance * distance;
        self.smallest = self.smallest.min(value);
        self.largest = self.largest.max(value);
    }

    /// The number of replications that had data.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The mean over those with data; none without any.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.first + self.sum_of_distances / f64::from(self.count))
    }

    /// The smallest value; none without data.
    #[must_use]
    pub fn smallest(&self) -> Option<f64> {
        (self.count > 0).then_some(self.smallest)
    }

    /// The largest value; none without data.
    #[must_use]
    pub fn largest(&self) -> Option<f64> {
        (self.count > 0).then_some(self.largest)
    }

    /// Half the width of the 95 % confidence interval of the mean; none with fewer than two values.
    #[must_use]
    pub fn half_width(&self) -> Option<f64> {
        let degrees = self.count.checked_sub(1).filter(|&degrees| degrees > 0)?;
        let count = f64::from(self.count);
        let squares = self.sum_of_squares - self.sum_of_distances * self.sum_of_distances / count;
        let variance = squares.max(0.0) / f64::from(degrees);
        Some(student_quantile(degrees) * (variance / count).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, StudentsT};

    use super::*;

    fn of(values: &[f64]) -> Replicated {
        let mut figure = Replicated::default();
        values.iter().for_each(|&value| figure.add(value));
        figure
    }

    #[test]
    fn quantiles_are_those_of_students_distribution() {
        // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, the column of 0.975.
        for (degrees, published) in [(1, 12.706), (5, 2.571), (10, 2.228), (30, 2.042), (31, 2.040), (60, 2.000), (100, 1.984)] {
            assert!((student_quantile(degrees) - published).abs() <= 0.000_5, "{degrees}");
        }
        for degrees in (1..200).chain([1_000, 9_999]) {
            let exact = StudentsT::new(0.0, 1.0, f64::from(degrees)).unwrap().inverse_cdf(0.975);
            assert!((student_quantile(degrees) / exact - 1.0).abs() < 1e-6, "{degrees}: {} and {exact}", student_quantile(degrees));
        }
        assert_eq!(student_quantile(0), f64::INFINITY);
        assert!((student_quantile(u32::MAX) - NORMAL_QUANTILE).abs() < 1e-8);
    }

    #[test]
    fn mean_and_interval_of_a_small_sample() {
        // 2, 4, 9: mean 5, squares 9 + 1 + 16 = 26, s = sqrt(13); t = 4.302653; 4.302653 x sqrt(13 / 3) = 8.956686.
        let figure = of(&[2.0, 4.0, 9.0]);
        assert_eq!((figure.mean(), figure.smallest(), figure.largest(), figure.count()), (Some(5.0), Some(2.0), Some(9.0), 3));
        assert!((figure.half_width().unwrap() - 8.956_686).abs() < 1e-5, "{figure:?}");
    }

    #[test]
    fn equal_values_have_no_spread_and_their_own_mean() {
        let figure = of(&[0.1; 7]);
        assert_eq!((figure.mean(), figure.half_width()), (Some(0.1), Some(0.0)));
    }

    #[test]
    fn far_from_zero_the_spread_keeps_its_digits() {
        // 1e9 + 1, + 2, + 4: squares 16/9 + 1/9 + 25/9 = 14/3, s^2 = 7/3.
        let figure = of(&[1e9 + 1.0, 1e9 + 2.0, 1e9 + 4.0]);
        let wanted = student_quantile(2) * (7.0_f64 / 9.0).sqrt();
        assert!((figure.half_width().unwrap() / wanted - 1.0).abs() < 1e-9);
    }

    #[test]
    fn without_data_there_is_no_figure_and_with_one_value_no_interval() {
        let none = of(&[f64::NAN, f64::INFINITY]);
        assert_eq!((none.mean(), none.half_width(), none.smallest(), none.largest()), (None, None, None, None));
        assert_eq!((of(&[3.0]).mean(), of(&[3.0]).half_width()), (Some(3.0), None));
        let mut late = Replicated::zeros(3);
        late.add(8.0);
        assert_eq!((late.mean(), late.smallest(), late.largest()), (Some(2.0), Some(0.0), Some(8.0)));
    }
}
