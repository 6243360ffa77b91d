//! Value axes: their range, their ticks, and the words at the ticks.

use crate::math;

/// How a tick is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    /// A plain number.
    Number,
    /// A whole number: no tick between two of them.
    Count,
    /// A number with a percent sign.
    Percent,
    /// Seconds as microseconds, milliseconds or seconds, whichever fits.
    Duration,
    /// US dollars.
    Dollars,
}

/// A value axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    logarithmic: bool,
    ticks: Vec<f64>,
    notation: Notation,
    /// Decimal places at the ticks of a linear axis.
    places: usize,
}

/// A linear axis has about so many steps.
const STEPS: f64 = 4.0;
/// Beyond this ratio of the largest to the smallest value small ones vanish on a linear axis.
const LOGARITHMIC_FROM: f64 = 30.0;

impl Scale {
    /// From zero to a round number at or above `largest`.
    pub(super) fn from_zero(largest: f64, notation: Notation) -> Self {
        let largest = if largest.is_finite() && largest > 0.0 { largest } else { 1.0 };
        let mut step = round_step(largest / STEPS);
        if notation == Notation::Count {
            step = step.max(1.0).ceil();
        }
        let steps = (largest / step - 1e-9).ceil().max(1.0);
        let ticks = (0..=steps as u32).map(|index| f64::from(index) * step).collect();
        let unit = match notation {
            Notation::Duration => duration_unit(steps * step).0,
            _ => 1.0,
        };
        let places = decimal_places(step / unit);
        Self { low: 0.0, high: steps * step, logarithmic: false, ticks, notation, places }
    }

    /// From a round number at or below `smallest` to one at or above `largest`; from zero where that lies near. Both are
    /// zero or more.
    pub(super) fn around(smallest: f64, largest: f64, notation: Notation) -> Self {
        let span = largest - smallest;
        if !(span.is_finite() && span > 0.0 && smallest > span) {
            return Self::from_zero(largest, notation);
        }
        let step = round_step(span / STEPS);
        let (first, last) = ((smallest / step + 1e-9).floor(), (largest / step - 1e-9).ceil());
        let ticks = (0..=(last - first) as u32).map(|index| (first + f64::from(index)) * step).collect();
        Self { low: first * step, high: last * step, logarithmic: false, ticks, notation, places: decimal_places(step) }
    }

    /// For values from `smallest` to `largest`: logarithmic when they span more than a factor of thirty,
    /// else from zero.
    pub(super) fn fitting(smallest: f64, largest: f64, notation: Notation) -> Self {
        if !(smallest > 0.0 && largest.is_finite() && largest / smallest > LOGARITHMIC_FROM) {
            return Self::from_zero(largest, notation);
        }
        let decades = math::log10(smallest).floor() as i32..=math::log10(largest).ceil() as i32;
        let marks: Vec<f64> = decades.flat_map(|decade| [1.0, 2.0, 5.0].map(|digit| digit * power_of_ten(decade))).collect();
        let low = marks.iter().copied().filter(|&mark| mark <= smallest * (1.0 + 1e-9)).fold(marks[0], f64::max);
        let high = marks.iter().copied().find(|&mark| mark >= largest * (1.0 - 1e-9)).unwrap_or(largest);
        // Labels at 1, 2 and 5 for two decades, at 1 alone for more, lest they touch.
        let all = high / low <= 100.0;
        let is_decade = |mark: f64| (math::log10(mark) - math::log10(mark).round()).abs() < 1e-6;
        let ticks = marks.into_iter().filter(|&mark| mark >= low && mark <= high && (all || is_decade(mark))).collect();
        Self { low, high, logarithmic: true, ticks, notation, places: 0 }
    }

    /// Where a value lies between the bottom (0) and the top (1) of the axis; what lies beyond is at its edge.
    pub(super) fn position(&self, value: f64) -> f64 {
        // A value that is no number stays one, so that a line breaks there.
        if value.is_nan() {
            return value;
        }
        let share = if self.logarithmic {
            math::ln(value.max(self.low) / self.low) / math::ln(self.high / self.low)
        } else {
            (value - self.low) / (self.high - self.low)
        };
        share.clamp(0.0, 1.0)
    }

    /// Where grid lines are drawn.
    pub(super) fn ticks(&self) -> &[f64] {
        &self.ticks
    }

    /// How its ticks are written.
    pub(super) const fn notation(&self) -> Notation {
        self.notation
    }

    /// Whether the axis is logarithmic.
    pub(super) fn is_logarithmic(&self) -> bool {
        self.logarithmic
    }

    /// The words at a tick.
    pub(super) fn label(&self, tick: f64) -> String {
        match self.notation {
            Notation::Number | Notation::Count => number(tick, self.places),
            Notation::Percent => format!("{} %", number(tick, self.places)),
            // Tenths of a dollar are written as cents.
            Notation::Dollars => format!("${}", number(tick, if self.places == 1 { 2 } else { self.places })),
            Notation::Duration if tick == 0.0 => "0 s".to_owned(),
            Notation::Duration => {
                let (unit, name) = if self.logarithmic { duration_unit(tick) } else { duration_unit(self.high) };
                format!("{} {name}", number(tick / unit, self.places))
            }
        }
    }
}

/// A duration as an axis writes it: `300 ms`, `1.5 s`.
pub(super) fn duration(seconds: f64) -> String {
    let (unit, name) = duration_unit(seconds);
    let value = seconds / unit;
    format!("{} {name}", number(value, decimal_places(value).min(2)))
}

/// A number with thousands separated and without an exponent.
pub(super) fn number(value: f64, places: usize) -> String {
    crate::money::grouped(&format!("{value:.places$}"))
}

fn duration_unit(seconds: f64) -> (f64, &'static str) {
    match seconds {
        seconds if seconds >= 0.999_999 => (1.0, "s"),
        seconds if seconds >= 0.000_999_999 => (1e-3, "ms"),
        _ => (1e-6, "µs"),
    }
}

/// The smallest of 1, 2, 2.5 and 5 times a power of ten that is not below `least`.
fn round_step(least: f64) -> f64 {
    let power = power_of_ten(math::log10(least).floor() as i32);
    let digit = [1.0, 2.0, 2.5, 5.0].into_iter().find(|digit| digit * power >= least * (1.0 - 1e-9)).unwrap_or(10.0);
    digit * power
}

/// Exact for what a float holds exactly, as 0.01 read from text is the float nearest to it.
fn power_of_ten(exponent: i32) -> f64 {
    format!("1e{exponent}").parse().unwrap_or(f64::MAX)
}

/// Decimal places that tell multiples of a step apart.
fn decimal_places(step: f64) -> usize {
    (0..9).find(|&places| (format!("{step:.places$}").parse::<f64>().unwrap_or(step) - step).abs() <= step.abs() * 1e-6).unwrap_or(9)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: &Scale) -> Vec<String> {
        scale.ticks().iter().map(|&tick| scale.label(tick)).collect()
    }

    #[test]
    fn a_linear_axis_ends_at_a_round_number_above_the_largest_value() {
        assert_eq!(labels(&Scale::from_zero(1_834.0, Notation::Number)), ["0", "500", "1,000", "1,500", "2,000"]);
        assert_eq!(labels(&Scale::from_zero(0.93, Notation::Dollars)), ["$0.00", "$0.25", "$0.50", "$0.75", "$1.00"]);
        assert_eq!(labels(&Scale::from_zero(0.3, Notation::Dollars)), ["$0.00", "$0.10", "$0.20", "$0.30"]);
        assert_eq!(labels(&Scale::from_zero(100.0, Notation::Percent)), ["0 %", "25 %", "50 %", "75 %", "100 %"]);
        assert_eq!(labels(&Scale::from_zero(3.0, Notation::Count)), ["0", "1", "2", "3"]);
        assert_eq!(labels(&Scale::from_zero(0.18, Notation::Duration)), ["0 s", "50 ms", "100 ms", "150 ms", "200 ms"]);
        assert_eq!(labels(&Scale::from_zero(1.0, Notation::Duration)), ["0 s", "0.25 s", "0.50 s", "0.75 s", "1.00 s"]);
    }

    #[test]
    fn nothing_but_zeroes_has_an_axis_all_the_same() {
        assert_eq!(labels(&Scale::from_zero(0.0, Notation::Count)), ["0", "1"]);
        assert_eq!(Scale::from_zero(f64::NAN, Notation::Number).position(0.0), 0.0);
    }

    #[test]
    fn an_axis_around_values_far_from_zero_leaves_zero_out() {
        assert_eq!(labels(&Scale::around(47.0, 66.0, Notation::Percent)), ["45 %", "50 %", "55 %", "60 %", "65 %", "70 %"]);
        assert_eq!(labels(&Scale::around(5.0, 66.0, Notation::Percent)), ["0 %", "20 %", "40 %", "60 %", "80 %"]);
        let scale = Scale::around(47.0, 66.0, Notation::Percent);
        assert_eq!((scale.position(45.0), scale.position(57.5), scale.position(70.0)), (0.0, 0.5, 1.0));
        assert_eq!(labels(&Scale::around(60.0, 60.0, Notation::Percent)), ["0 %", "20 %", "40 %", "60 %"]);
    }

    #[test]
    fn a_wide_range_is_logarithmic() {
        let scale = Scale::fitting(0.012, 60.0, Notation::Duration);
        assert_eq!(labels(&scale), ["10 ms", "100 ms", "1 s", "10 s", "100 s"].into_iter().collect::<Vec<_>>());
        assert_eq!((scale.position(0.01), scale.position(100.0)), (0.0, 1.0));
        assert!((scale.position(1.0) - 0.5).abs() < 1e-9, "1 s is half-way from 10 ms to 100 s");
        assert_eq!(scale.position(0.0), 0.0, "zero has no logarithm and lies at the bottom");
        assert!(scale.position(f64::NAN).is_nan());
        let scale = Scale::fitting(0.05, 2.0, Notation::Duration);
        assert_eq!(labels(&scale), ["50 ms", "100 ms", "200 ms", "500 ms", "1 s", "2 s"]);
        assert!(!Scale::fitting(0.1, 2.0, Notation::Duration).is_logarithmic());
    }

    #[test]
    fn a_duration_is_short() {
        assert_eq!(duration(0.3), "300 ms");
        assert_eq!(duration(1.5), "1.5 s");
    }
}
