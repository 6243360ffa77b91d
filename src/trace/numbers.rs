//! A cell that holds a figure: finite, zero or more, in plain or scientific notation.
//!
//! Where the delimiter is not the comma, a comma may be the decimal sign, as spreadsheets in much of
//! Europe write it. Thousands separators are refused: `1,234` has two readings.

/// A figure and how its decimals were written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number {
    /// Its value, finite and at least 0.
    pub(super) value: f64,
    /// The sign before its decimals, if it has one: `b'.'` or `b','`.
    pub(super) decimal_sign: Option<u8>,
}

/// Reads a figure.
///
/// # Errors
/// What is wrong with the cell, as the second half of a sentence that begins with it.
pub(super) fn parse_number(cell: &[u8], comma_is_decimal: bool) -> Result<Number, &'static str> {
    let Ok(text) = std::str::from_utf8(cell) else { return Err("is not a number") };
    let text = text.trim();
    if text.is_empty() {
        return Err("is empty");
    }
    let decimal_sign = text.bytes().find(|byte| matches!(byte, b'.' | b','));
    let parsed = if comma_is_decimal && decimal_sign == Some(b',') && text.matches([',', '.']).count() == 1 {
        text.replace(',', ".").parse::<f64>()
    } else {
        text.parse::<f64>()
    };
    match parsed {
        Err(_) => Err("is not a number"),
        Ok(value) if value.is_nan() => Err("is not a number"),
        Ok(value) if value.is_infinite() => Err("is not finite"),
        Ok(value) if value < 0.0 => Err("is negative"),
        // Adding zero turns -0 into 0.
        Ok(value) => Ok(Number { value: value + 0.0, decimal_sign }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, comma_is_decimal: bool) -> Result<f64, &'static str> {
        parse_number(text.as_bytes(), comma_is_decimal).map(|number| number.value)
    }

    #[test]
    fn figures_are_read_as_people_write_them() {
        for (text, expected) in [("0.5", 0.5), (" 12 ", 12.0), ("1e3", 1000.0), ("+2.", 2.0), (".25", 0.25)] {
            assert_eq!(value(text, false), Ok(expected));
        }
        assert!(value("-0", false).is_ok_and(f64::is_sign_positive));
        assert_eq!(value("0,5", true), Ok(0.5));
    }

    #[test]
    fn what_cannot_be_a_count_is_refused_with_its_reason() {
        let cases = [
            ("", "is empty"),
            ("abc", "is not a number"),
            ("NaN", "is not a number"),
            ("inf", "is not finite"),
            ("1e309", "is not finite"),
            ("-1", "is negative"),
            ("0,5", "is not a number"),
        ];
        for (text, reason) in cases {
            assert_eq!(value(text, false), Err(reason), "{text}");
        }
        assert_eq!(value("1.234,5", true), Err("is not a number"));
        assert_eq!(value("1,234,5", true), Err("is not a number"));
        assert_eq!(parse_number(&[0xFF], false), Err("is not a number"));
    }
}
