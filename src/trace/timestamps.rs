//! A cell that holds a point in time.
//!
//! Read are RFC 3339 and its common relatives (a space for the `T`, no seconds, a date alone,
//! `2026/03/02` as the CloudWatch console exports it, a final `UTC`), with the offset that they state, and
//! Unix times, whose unit follows from their number of digits. A stamp without a zone is read as UTC and
//! counted. Refused is what has two readings: `03/04/2026`, and digits that could be a date written
//! without separators as well as a Unix time.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::units::NANOS_PER_SECOND;

/// A point in time as a cell holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Nanoseconds since 1970, at least 0.
    pub(super) nanos: i64,
    /// Whether the cell named no zone and no offset.
    pub(super) naive: bool,
}

/// Reads a point in time.
///
/// # Errors
/// What is wrong with the cell, as the second half of a sentence that begins with it.
pub(super) fn parse_stamp(cell: &[u8]) -> Result<Stamp, &'static str> {
    if let Some(nanos) = parse_plain_utc(cell) {
        return Ok(Stamp { nanos, naive: false });
    }
    let Ok(text) = std::str::from_utf8(cell) else { return Err("is not a point in time") };
    let text = text.trim();
    if text.is_empty() {
        return Err("is empty");
    }
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return parse_unix_time(text).map(|nanos| Stamp { nanos, naive: false });
    }
    parse_calendar_time(text)
}

/// The form that nearly every row of nearly every file has, `YYYY-MM-DDTHH:MM:SSZ`, by its bytes, which
/// takes a fraction of the general parser's time. Anything else, and anything out of range, is none.
fn parse_plain_utc(cell: &[u8]) -> Option<i64> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'Z'] = cell else {
        return None;
    };
    let year = two_digits(y1, y2)? * 100 + two_digits(y3, y4)?;
    let (month, day) = (two_digits(m1, m2)?, two_digits(d1, d2)?);
    let (hour, minute, second) = (two_digits(h1, h2)?, two_digits(n1, n2)?, two_digits(s1, s2)?);
    let date_exists = (1970..=2261).contains(&year) && (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    if !date_exists || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some((days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second) * NANOS_PER_SECOND)
}

fn two_digits(tens: u8, ones: u8) -> Option<i64> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

fn days_in(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of the Gregorian calendar. Years count from March, so that the leap day is a year's last day; the
/// term with 153 and 5 sums the lengths of the months from March.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, months_since_march) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let day_of_year = (153 * months_since_march + 2) / 5 + day - 1;
    // 719,468 days lie between 0000-03-01 and 1970-01-01.
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

/// Unix time. Ten digits are seconds (nine before September 2001), three, six or nine more are
/// milliseconds, microseconds or nanoseconds. Other lengths are refused: eight digits are more likely a
/// date and fourteen a date with its time than a Unix time.
fn parse_unix_time(text: &str) -> Result<i64, &'static str> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let nanos_per_unit = match whole.len() {
        9 | 10 => NANOS_PER_SECOND,
        12 | 13 => 1_000_000,
        15 | 16 => 1_000,
        18 | 19 => 1,
        _ => return Err("is neither a Unix time (10, 13, 16 or 19 digits) nor a date with separators"),
    };
    let out_of_range = "lies outside of the years 1970 to 2261";
    if fraction.contains('.') || fraction.len() > 9 {
        return Err("is not a point in time");
    }
    let parts: i64 = format!("{fraction:0<9}").parse().map_err(|_| "is not a point in time")?;
    let whole: i64 = whole.parse().map_err(|_| out_of_range)?;
    // The fraction is in units of 1e-9 of the unit; below a nanosecond nothing is kept.
    let below_unit = parts / (NANOS_PER_SECOND / nanos_per_unit);
    whole.checked_mul(nanos_per_unit).and_then(|nanos| nanos.checked_add(below_unit)).ok_or(out_of_range)
}

fn parse_calendar_time(text: &str) -> Result<Stamp, &'static str> {
    let mut text = text.to_owned();
    if let Some(local) = text.strip_suffix("UTC").or_else(|| text.strip_suffix("GMT")) {
        text = format!("{}Z", local.trim_end());
    }
    match text.as_bytes() {
        &[_, _, _, _, b'/', _, _, b'/', ..] => text = text.replacen('/', "-", 2),
        &[_, b'/', ..] | &[_, _, b'/' | b'.', ..] => {
            return Err("is ambiguous: day and month cannot be told apart; allowed is 2026-03-02T00:00:00Z");
        }
        _ => {}
    }
    let (instant, naive) = match text.parse::<Timestamp>() {
        Ok(instant) => (instant, false),
        Err(_) => match text.parse::<DateTime>().ok().and_then(|local| TimeZone::UTC.to_timestamp(local).ok()) {
            Some(instant) => (instant, true),
            None => return Err("is not a point in time; allowed is 2026-03-02T00:00:00Z or a Unix time"),
        },
    };
    match i64::try_from(instant.as_nanosecond()) {
        Ok(nanos) if nanos >= 0 => Ok(Stamp { nanos, naive }),
        _ => Err("lies outside of the years 1970 to 2261"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2014-04-10T00:04:00Z is Unix second 1,397,088,240, as the same row of the two files
    /// `variant_expected.csv` and `variant_epoch_seconds.csv` says.
    const SECONDS: i64 = 1_397_088_240;

    fn seconds(text: &str) -> Result<(i64, bool), &'static str> {
        parse_stamp(text.as_bytes()).map(|stamp| {
            assert_eq!(stamp.nanos % NANOS_PER_SECOND, 0, "{text}");
            (stamp.nanos / NANOS_PER_SECOND, stamp.naive)
        })
    }

    #[test]
    fn a_stamp_that_names_its_zone_is_an_instant() {
        let forms = [
            "2014-04-10T00:04:00Z",
            "2014-04-10T00:04:00.000Z",
            "2014-04-10T00:04Z",
            "2014-04-10t00:04:00z",
            "2014-04-10 00:04:00Z",
            "2014-04-10 00:04:00 UTC",
            "2014-04-09T20:04:00-04:00",
            "2014-04-09T20:04:00-0400",
            "2014-04-10T05:34:00+05:30",
            "1397088240",
            "1397088240.000",
            "1397088240000",
            "1397088240000000",
            "1397088240000000000",
        ];
        for form in forms {
            assert_eq!(seconds(form), Ok((SECONDS, false)), "{form}");
        }
    }

    #[test]
    fn a_stamp_without_a_zone_is_utc_and_says_so() {
        for form in ["2014-04-10T00:04:00", "2014-04-10 00:04:00", "2014-04-10 00:04", "2014/04/10 00:04:00"] {
            assert_eq!(seconds(form), Ok((SECONDS, true)), "{form}");
        }
        assert_eq!(seconds("2014-04-10"), Ok((SECONDS - 240, true)));
    }

    #[test]
    fn fractions_of_a_second_are_kept() {
        for form in ["1397088240.25", "1397088240250", "2014-04-10T00:04:00.25Z"] {
            let stamp = parse_stamp(form.as_bytes()).unwrap();
            assert_eq!(stamp.nanos, SECONDS * NANOS_PER_SECOND + 250_000_000, "{form}");
        }
    }

    #[test]
    fn what_has_two_readings_or_none_is_refused() {
        let refused = [
            "",
            "yesterday",
            "03/04/2026",
            "3/4/2026 10:00",
            "03.04.2026",
            "20140410",
            "20140410000400",
            "2014-02-29T00:00:00Z",
            "2014-13-01T00:00:00Z",
            "2014-04-10T24:01:00Z",
            "1969-12-31T23:59:59Z",
            "2300-01-01T00:00:00Z",
            "9999999999999999999",
            "1.2.3",
        ];
        for form in refused {
            assert!(parse_stamp(form.as_bytes()).is_err(), "{form}");
        }
        assert!(parse_stamp(&[0xFF, 0xFE]).is_err());
    }

    /// The fast reading against jiff, on every day of a span with a leap century and without one.
    #[test]
    fn the_fast_reading_agrees_with_the_general_one() {
        for day in 0..50_000 {
            let instant = Timestamp::from_second(day * 86_400 + 45_296).unwrap();
            let text = instant.to_string();
            assert_eq!(parse_plain_utc(text.as_bytes()).map(i128::from), Some(instant.as_nanosecond()), "{text}");
        }
    }
}
