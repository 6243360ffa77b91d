//! Numbers in words: rounded for reading, with their units.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::money::{Usd, grouped};
use crate::result::Figure;
use crate::scenario::values::unit::Unit;
use crate::units::SimDuration;

/// Where there is no data.
pub(super) const NO_DATA: &str = "-";

/// A whole number with thousands separated.
pub(super) fn count(figure: Figure) -> String {
    grouped(&format!("{:.0}", figure.0))
}

/// A number of at most one decimal place.
pub(super) fn one_place(figure: Figure) -> String {
    let text = format!("{:.1}", figure.0);
    grouped(text.strip_suffix(".0").unwrap_or(&text))
}

/// A number of two decimal places, for what is small beside the figure it belongs to.
pub(super) fn two_places(figure: Figure) -> String {
    format!("{:.2}", figure.0)
}

/// How often something happened: a whole number as it is, the mean of replications with one decimal place, two below one.
pub(super) fn times(figure: Figure) -> String {
    let places = match figure.0 {
        value if value.fract() == 0.0 => 0,
        value if value.abs() < 1.0 => 2,
        _ => 1,
    };
    format!("{:.places$}", figure.0)
}

/// The half-width of an interval, in the unit of the text beside it; nothing where there is none.
pub(super) fn plus_minus(half_width: Option<Figure>, written: impl Fn(Figure) -> String) -> String {
    half_width.map_or_else(String::new, |half_width| format!("± {}", written(half_width)))
}

/// The half-width of a fraction in percent to three decimal places, rounded up: what is not certain must not read so.
pub(super) fn percent_points(fraction: Figure) -> String {
    // Adding nothing turns -0 into 0. The small subtraction undoes the error of a float such as 0.0042 * 100,000 = 420.00000000000006.
    let thousandths = (fraction.0 * 100_000.0 - 1e-6).ceil().max(0.0) + 0.0;
    let text = format!("{:.3}", thousandths / 1000.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A fraction in percent, cut after the third decimal place and never rounded up: 99.9999 % must not read
/// as a perfect hundred.
pub(super) fn percent_of_fraction(fraction: Option<Figure>) -> String {
    fraction.map_or_else(
        || NO_DATA.to_owned(),
        |Figure(fraction)| {
            // The small addition undoes the error of a float such as 0.99989 * 100,000 = 99,988.999....
            let thousandths = (fraction * 100_000.0 + 1e-6).floor();
            let text = format!("{:.3}", thousandths / 1000.0);
            format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
        },
    )
}

/// A mean percentage with the highest one in brackets.
pub(super) fn percent_with_highest(mean: Option<Figure>, highest: Option<Figure>) -> String {
    match (mean, highest) {
        (Some(mean), Some(highest)) => format!("{} ({}) %", one_place(mean), one_place(highest)),
        _ => NO_DATA.to_owned(),
    }
}

/// A latency with three significant digits in a unit that fits.
pub(super) fn latency(seconds: Option<Figure>) -> String {
    let Some(Figure(seconds)) = seconds else { return NO_DATA.to_owned() };
    let (value, unit) = match seconds {
        value if value >= 0.9995 => (value, "s"),
        value if value >= 0.000_999_5 => (value * 1e3, "ms"),
        value => (value * 1e6, "µs"),
    };
    let places = match value {
        value if value >= 99.95 => 0,
        value if value >= 9.995 => 1,
        value if value > 0.0 => 2,
        _ => 0,
    };
    format!("{value:.places$} {unit}")
}

/// A span in days, hours, minutes and seconds, to the second.
pub(super) fn span(seconds: Figure) -> String {
    SimDuration::from_seconds_f64(seconds.0.round()).to_string()
}

/// A decimal string of dollars to the cent; what is no decimal stands as it is.
pub(super) fn dollars(text: &str) -> String {
    text.parse().map_or_else(|_| text.to_owned(), |amount| usd(Usd(amount)))
}

/// An amount of dollars to the cent.
pub(super) fn usd(amount: Usd) -> String {
    let text = amount.to_string();
    text.strip_prefix('-').map_or_else(|| format!("${text}"), |rest| format!("-${rest}"))
}

/// A change of an amount with its sign before the currency; none for nothing.
pub(super) fn signed_dollars(text: &str) -> String {
    let Ok(amount) = text.parse::<Decimal>() else { return text.to_owned() };
    let written = usd(Usd(amount));
    if amount.round_dp(2).is_sign_positive() && written != "$0.00" { format!("+{written}") } else { written }
}

/// A figure in the unit that its path tells.
pub(super) fn figure(path: &str, Figure(value): Figure) -> String {
    let short = || quantity(&Figure::rounded(value).0.to_string());
    match Unit::of(path) {
        Unit::Dollars => dollars(&value.to_string()),
        Unit::Fraction => percent_of_fraction(Some(Figure(value))),
        Unit::Percent => format!("{} %", short()),
        Unit::Count => short(),
        Unit::Seconds { .. } if value == 0.0 => "0 s".to_owned(),
        Unit::Seconds { .. } if value < SECONDS_IN_FULL => latency(Some(Figure(value))),
        Unit::Seconds { .. } => span(Figure(value)),
    }
}

/// From here on seconds are told in minutes and hours.
const SECONDS_IN_FULL: f64 = 120.0;

/// A quantity: two decimal places from one on, four significant digits below.
pub(super) fn quantity(text: &str) -> String {
    let Ok(value) = text.parse::<Decimal>() else { return text.to_owned() };
    let rounded = if value.abs() >= Decimal::ONE || value.is_zero() {
        value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
    } else {
        value.round_sf_with_strategy(4, RoundingStrategy::MidpointAwayFromZero).unwrap_or(value)
    };
    grouped(&rounded.normalize().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_people_write_them() {
        assert_eq!(count(Figure(1_234_567.4)), "1,234,567");
        assert_eq!(one_place(Figure(7.0)), "7");
        assert_eq!(one_place(Figure(1_207.44)), "1,207.4");
        assert_eq!(percent_with_highest(Some(Figure(55.04)), Some(Figure(99.96))), "55 (100) %");
        assert_eq!(percent_with_highest(None, None), "-");
        assert_eq!(quantity("168.000000"), "168");
        assert_eq!(quantity("12345.678"), "12,345.68");
        assert_eq!(quantity("0.000123456"), "0.0001235");
        assert_eq!(quantity("0"), "0");
        assert_eq!(dollars("-1154.4"), "-$1,154.40");
        assert_eq!(span(Figure(604_800.0)), "7d");
        assert_eq!(span(Figure(250.4)), "4m10s");
    }

    #[test]
    fn a_figure_has_the_unit_of_its_path() {
        for (path, value, wanted) in [
            ("monthly_cost", 346.536, "$346.54"),
            ("services.availability-checker.latency_p99", 0.25, "250 ms"),
            ("services.web.availability", 0.999_689_9, "99.968 %"),
            ("services.web.cpu_max", 79.964, "79.96 %"),
            ("services.web.slo.seconds_over", 3_660.0, "1h1m"),
            ("services.web.slo.seconds_over", 0.0, "0 s"),
            ("services.web.running_tasks.mean", 7.25, "7.25"),
            ("services.web.requests.served", 1_234_567.0, "1,234,567"),
        ] {
            assert_eq!(figure(path, Figure(value)), wanted, "{path}");
        }
    }

    #[test]
    fn a_change_of_money_has_its_sign_before_the_currency() {
        assert_eq!(["1154.4", "-3", "0", "-0.001", "0.00"].map(signed_dollars), ["+$1,154.40", "-$3.00", "$0.00", "$0.00", "$0.00"]);
    }

    #[test]
    fn means_and_half_widths_read_as_people_write_them() {
        assert_eq!([1_234.0, 2.46, 0.031_25, 0.0].map(|value| times(Figure(value))), ["1234", "2.5", "0.03", "0"]);
        let points = [0.0, 0.000_000_2, 0.004_2, 0.25].map(|fraction| percent_points(Figure(fraction)));
        assert_eq!(points, ["0 %", "0.001 %", "0.42 %", "25 %"]);
        assert_eq!(plus_minus(Some(Figure(1.5)), two_places), "± 1.50");
        assert_eq!(plus_minus(None, two_places), "");
    }

    #[test]
    fn an_availability_is_never_rounded_up_to_a_hundred() {
        assert_eq!(percent_of_fraction(Some(Figure(0.999_999_9))), "99.999 %");
        assert_eq!(percent_of_fraction(Some(Figure(0.999_89))), "99.989 %");
        assert_eq!(percent_of_fraction(Some(Figure(1.0))), "100 %");
        assert_eq!(percent_of_fraction(Some(Figure(0.0))), "0 %");
        assert_eq!(percent_of_fraction(None), "-");
    }

    #[test]
    fn a_latency_has_three_digits_and_a_unit_that_fits() {
        let cases = [
            (60.0, "60.0 s"),
            (1.2, "1.20 s"),
            (0.9996, "1.00 s"),
            (0.12, "120 ms"),
            (0.0123, "12.3 ms"),
            (0.000_045, "45.0 µs"),
            (0.0, "0 µs"),
        ];
        for (seconds, wanted) in cases {
            assert_eq!(latency(Some(Figure(seconds))), wanted);
        }
        assert_eq!(latency(None), "-");
    }
}
