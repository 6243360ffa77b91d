//! The time axis: ticks at round local times, dates at local midnights.
//!
//! Times are read off a wall clock, so ticks are multiples of a step counted from local midnight, and on a
//! day when the clocks change they stay at round hours (the hour that does not exist has no tick).

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

/// A tick of the time axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    /// Seconds after the start of the axis.
    pub seconds: f64,
    /// The words of the first line: the time of day, `06:00`; on an axis of days the weekday.
    pub upper: String,
    /// The words of the second line: the date; within days only where a new one begins.
    pub lower: Option<String>,
    /// Whether a date begins among times of day.
    pub is_midnight: bool,
}

/// The steps within a day, in seconds, that divide it evenly.
const STEPS_WITHIN_DAY: [i32; 17] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200];
/// The steps of whole days.
const STEPS_OF_DAYS: [i32; 9] = [1, 2, 7, 14, 28, 56, 112, 364, 3_640];
/// Pixels that `06:00` and its neighbour need.
const TIME_PIXELS: f64 = 62.0;
/// Pixels that `06:00:30` needs.
const SECONDS_PIXELS: f64 = 86.0;
/// Pixels that `10 Jun` needs.
const DATE_PIXELS: f64 = 62.0;
/// Pixels that `10 Jun 1998` needs.
const FULL_DATE_PIXELS: f64 = 100.0;
/// From this step on a date carries its year.
const FULL_DATE_FROM_DAYS: i32 = 28;

const SECONDS_PER_DAY: f64 = 86_400.0;

/// The ticks of an axis from `start` to `end` that is `pixels` wide, in the local time of `zone`.
pub(super) fn ticks(start: Timestamp, end: Timestamp, pixels: f64, zone: &TimeZone) -> Vec<Tick> {
    let span_seconds = end.duration_since(start).as_secs_f64();
    if span_seconds <= 0.0 {
        return Vec::new();
    }
    let pixels_per_second = pixels / span_seconds;
    let fits = |step: i32| {
        let needed = if step < 60 { SECONDS_PIXELS } else { TIME_PIXELS };
        f64::from(step) * pixels_per_second >= needed
    };
    match STEPS_WITHIN_DAY.into_iter().find(|&step| fits(step)) {
        Some(step) => ticks_within_days(start, end, step, zone),
        None => ticks_of_days(start, end, days_step(pixels_per_second), zone),
    }
}

fn days_step(pixels_per_second: f64) -> i32 {
    let fits = |&step: &i32| {
        let needed = if step >= FULL_DATE_FROM_DAYS { FULL_DATE_PIXELS } else { DATE_PIXELS };
        f64::from(step) * SECONDS_PER_DAY * pixels_per_second >= needed
    };
    STEPS_OF_DAYS.into_iter().find(fits).unwrap_or(STEPS_OF_DAYS[STEPS_OF_DAYS.len() - 1])
}

fn ticks_within_days(start: Timestamp, end: Timestamp, step_seconds: i32, zone: &TimeZone) -> Vec<Tick> {
    let mut ticks: Vec<Tick> = Vec::new();
    let last_day = end.to_zoned(zone.clone()).date();
    let mut day = start.to_zoned(zone.clone()).date();
    while day <= last_day {
        for second in (0..86_400).step_by(step_seconds.unsigned_abs() as usize) {
            let Some(seconds) = seconds_after(start, end, day, second, zone) else { continue };
            // An hour that the clocks skip would fall on the one after it.
            if ticks.last().is_some_and(|tick| tick.seconds >= seconds) {
                continue;
            }
            let upper = if step_seconds < 60 {
                format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
            } else {
                format!("{:02}:{:02}", second / 3600, second / 60 % 60)
            };
            let is_midnight = second == 0;
            ticks.push(Tick { seconds, upper, lower: is_midnight.then(|| weekday_and_date(day)), is_midnight });
        }
        let Ok(tomorrow) = day.tomorrow() else { break };
        day = tomorrow;
    }
    ticks
}

fn ticks_of_days(start: Timestamp, end: Timestamp, step_days: i32, zone: &TimeZone) -> Vec<Tick> {
    let mut ticks = Vec::new();
    let mut day = first_day(start.to_zoned(zone.clone()).date(), step_days);
    let last_day = end.to_zoned(zone.clone()).date();
    while day <= last_day {
        if let Some(seconds) = seconds_after(start, end, day, 0, zone) {
            let form = if step_days >= FULL_DATE_FROM_DAYS { "%-d %b %Y" } else { "%-d %b" };
            let (upper, lower) = (day.strftime("%a").to_string(), Some(day.strftime(form).to_string()));
            ticks.push(Tick { seconds, upper, lower, is_midnight: false });
        }
        let Ok(next) = day.checked_add(Span::new().days(step_days)) else { break };
        day = next;
    }
    ticks
}

/// The date at the left edge of an axis of times of day, where no midnight is near.
pub(super) fn first_date(start: Timestamp, zone: &TimeZone) -> String {
    weekday_and_date(start.to_zoned(zone.clone()).date())
}

/// Steps of weeks begin on a Monday.
fn first_day(start: Date, step_days: i32) -> Date {
    if step_days % 7 != 0 || start.weekday() == Weekday::Monday {
        return start;
    }
    start.nth_weekday(1, Weekday::Monday).unwrap_or(start)
}

fn weekday_and_date(day: Date) -> String {
    day.strftime("%a %-d %b").to_string()
}

/// Seconds from the start to a local time of day, where it lies on the axis.
fn seconds_after(start: Timestamp, end: Timestamp, day: Date, second: i32, zone: &TimeZone) -> Option<f64> {
    let time = day.at(0, 0, 0, 0).checked_add(SignedDuration::from_secs(i64::from(second))).ok()?;
    let instant = time.to_zoned(zone.clone()).ok()?.timestamp();
    (instant >= start && instant <= end).then(|| instant.duration_since(start).as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    fn axis(start: &str, end: &str, zone: &TimeZone) -> Vec<Tick> {
        ticks(time(start), time(end), 1_240.0, zone)
    }

    #[test]
    fn a_fortnight_has_a_date_a_day() {
        let ticks = axis("1998-06-10T00:00:00Z", "1998-06-24T00:00:00Z", &TimeZone::UTC);
        assert_eq!(ticks.len(), 15, "both ends are midnights");
        let words = |tick: &Tick| format!("{} {}", tick.upper, tick.lower.as_deref().unwrap_or("no date"));
        assert_eq!((words(&ticks[0]).as_str(), words(&ticks[13]).as_str()), ("Wed 10 Jun", "Tue 23 Jun"));
    }

    #[test]
    fn six_hours_have_ticks_at_round_times() {
        let ticks = axis("2026-03-02T07:10:00Z", "2026-03-02T13:10:00Z", &TimeZone::UTC);
        let times: Vec<_> = ticks.iter().map(|tick| tick.upper.as_str()).collect();
        assert_eq!(times[..3], ["07:30", "08:00", "08:30"]);
        assert_eq!(ticks[0].seconds, 1_200.0);
    }

    #[test]
    fn a_day_in_another_zone_begins_at_its_own_midnight() {
        let zone = TimeZone::get("America/New_York").expect("a known zone");
        let ticks = axis("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", &zone);
        let midnight = ticks.iter().find(|tick| tick.is_midnight).expect("a midnight");
        assert_eq!((midnight.seconds, midnight.lower.as_deref()), (5.0 * 3600.0, Some("Mon 2 Mar")));
    }

    #[test]
    fn the_hour_that_the_clocks_skip_has_no_tick() {
        // Clocks in Berlin went from 02:00 to 03:00 on 29 March 2026.
        let zone = TimeZone::get("Europe/Berlin").expect("a known zone");
        let ticks = axis("2026-03-28T23:00:00Z", "2026-03-29T07:00:00Z", &zone);
        assert!(ticks.windows(2).all(|pair| pair[0].seconds < pair[1].seconds));
        assert!(ticks.iter().any(|tick| tick.upper == "04:00" && tick.seconds == 3.0 * 3600.0));
    }

    #[test]
    fn labels_never_come_closer_than_they_are_wide() {
        let start = time("2026-01-05T00:00:00Z");
        for minutes in [1, 7, 60, 360, 1_440, 5_000, 10_080, 20_160, 90_000, 525_600, 9_000_000] {
            let span_seconds = f64::from(minutes) * 60.0;
            let end = start + SignedDuration::from_mins(i64::from(minutes));
            let ticks = ticks(start, end, 1_240.0, &TimeZone::UTC);
            assert!(ticks.len() >= 2, "{minutes} minutes");
            for pair in ticks.windows(2) {
                let pixels = (pair[1].seconds - pair[0].seconds) / span_seconds * 1_240.0;
                assert!(pixels >= TIME_PIXELS - 1e-6, "{minutes} minutes: {pixels} pixels");
            }
        }
    }

    #[test]
    fn no_span_has_no_ticks() {
        assert!(axis("2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z", &TimeZone::UTC).is_empty());
    }
}
