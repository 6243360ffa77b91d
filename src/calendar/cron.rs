//! The cron dialect of EventBridge: which minutes of the wall clock an expression means.
//!
//! Six fields: minute, hour, day of month, month, day of week, year (EventBridge, "Cron expressions
//! reference"). The search goes from the largest unit to the smallest, a month at a time, so an expression
//! that never comes again is known after the months up to 2199. Of time zones nothing is known here.

use jiff::civil::{Date, DateTime};

use super::days::{Days, small};
use super::field::{DAY_OF_WEEK, Field, HOUR, MINUTE, MONTH, YEAR, digits};
use super::numbers::Numbers;

/// The fields of a cron expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: Numbers,
    hours: Numbers,
    days: Days,
    months: Numbers,
    /// In ascending order.
    years: Vec<i16>,
    weekdays_by_number: bool,
}

impl Cron {
    /// Reads what stands between the brackets of `cron(...)`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let capitals = text.to_ascii_uppercase();
        let fields: Vec<&str> = capitals.split_whitespace().collect();
        let [minute, hour, of_month, month, of_week, year] = fields[..] else {
            return Err(not_six(&fields));
        };
        let mut years: Vec<i16> = numbers(&YEAR, year)?.into_iter().map(|year| year.cast_signed()).collect();
        years.sort_unstable();
        years.dedup();
        Ok(Self {
            minutes: small_numbers(&MINUTE, minute)?,
            hours: small_numbers(&HOUR, hour)?,
            days: Days::parse(of_month, of_week)?,
            months: small_numbers(&MONTH, month)?,
            years,
            weekdays_by_number: names_by_number(of_week),
        })
    }

    /// Whether a weekday is written as a number.
    pub fn weekdays_by_number(&self) -> bool {
        self.weekdays_by_number
    }

    /// The first minute that is not before `time`, which is a whole minute.
    pub fn first_from(&self, time: DateTime) -> Option<DateTime> {
        let day = self.first_day_from(time.date())?;
        if day > time.date() {
            return self.minute_from(day, 0, 0);
        }
        self.minute_from(day, time.hour().unsigned_abs(), time.minute().unsigned_abs()).or_else(|| {
            let day = self.first_day_from(time.date().tomorrow().ok()?)?;
            self.minute_from(day, 0, 0)
        })
    }

    /// The last minute that is not after `time`.
    pub fn last_until(&self, time: DateTime) -> Option<DateTime> {
        let day = self.last_day_until(time.date())?;
        if day < time.date() {
            return self.minute_until(day, 23, 59);
        }
        self.minute_until(day, time.hour().unsigned_abs(), time.minute().unsigned_abs()).or_else(|| {
            let day = self.last_day_until(time.date().yesterday().ok()?)?;
            self.minute_until(day, 23, 59)
        })
    }

    fn first_day_from(&self, date: Date) -> Option<Date> {
        let later_years = &self.years[self.years.partition_point(|year| *year < date.year())..];
        for &year in later_years {
            let first_month = if year == date.year() { date.month().unsigned_abs() } else { 1 };
            for month in self.months.between(first_month, 12) {
                let first = first_of(year, month);
                let first_day = if first < date { date.day().unsigned_abs() } else { 1 };
                if let Some(day) = self.days.in_month_of(first).first_from(first_day) {
                    return Some(on_day(first, day));
                }
            }
        }
        None
    }

    fn last_day_until(&self, date: Date) -> Option<Date> {
        let earlier_years = &self.years[..self.years.partition_point(|year| *year <= date.year())];
        for &year in earlier_years.iter().rev() {
            let last_month = if year == date.year() { date.month().unsigned_abs() } else { 12 };
            let months: Vec<u8> = self.months.between(1, last_month).collect();
            for month in months.into_iter().rev() {
                let first = first_of(year, month);
                let is_month_of_date = first == date.first_of_month();
                let last_day = if is_month_of_date { date.day().unsigned_abs() } else { 31 };
                if let Some(day) = self.days.in_month_of(first).last_until(last_day) {
                    return Some(on_day(first, day));
                }
            }
        }
        None
    }

    /// The first minute of a day that is not before a time of day.
    fn minute_from(&self, day: Date, hour: u8, minute: u8) -> Option<DateTime> {
        let this_hour = self.hours.contains(hour).then(|| self.minutes.first_from(minute)).flatten();
        let (hour, minute) = match this_hour {
            Some(minute) => (hour, minute),
            None => (self.hours.first_from(hour + 1)?, self.minutes.first_from(0)?),
        };
        Some(day.at(hour.cast_signed(), minute.cast_signed(), 0, 0))
    }

    /// The last minute of a day that is not after a time of day.
    fn minute_until(&self, day: Date, hour: u8, minute: u8) -> Option<DateTime> {
        let this_hour = self.hours.contains(hour).then(|| self.minutes.last_until(minute)).flatten();
        let (hour, minute) = match this_hour {
            Some(minute) => (hour, minute),
            None => (self.hours.last_until(hour.checked_sub(1)?)?, self.minutes.last_until(59)?),
        };
        Some(day.at(hour.cast_signed(), minute.cast_signed(), 0, 0))
    }
}

fn numbers(field: &Field, text: &str) -> Result<Vec<u16>, String> {
    field.numbers(text).map_err(|why| format!("{} `{text}`: {why}", field.name))
}

/// What to say of a wrong number of fields. AWS accepts seconds before the minute, but keeps an action's time to
/// the minute only: the form without them says all that happens.
fn not_six(fields: &[&str]) -> String {
    let expected = "cron has six fields (minute hour day-of-month month day-of-week year)";
    match fields {
        [_seconds, rest @ ..] if rest.len() == 6 => format!(
            "{expected}, found 7: AWS has a form with seconds in front, which is not supported; leave the seconds out: cron({})",
            rest.join(" ")
        ),
        _ => format!("{expected}, found {}", fields.len()),
    }
}

fn small_numbers(field: &Field, text: &str) -> Result<Numbers, String> {
    Ok(numbers(field, text)?.into_iter().map(small).collect())
}

/// Whether the field of the days of the week names one of them by a number: in `2#1` and `MON-6`, not in `MON#2`.
fn names_by_number(of_week: &str) -> bool {
    let weekdays = of_week.split([',', '-']).map(|part| part.split(['#', '/', 'L']).next().unwrap_or(part));
    weekdays.filter(|weekday| !weekday.is_empty()).any(|weekday| digits(weekday).is_some() && DAY_OF_WEEK.number(weekday).is_ok())
}

fn first_of(year: i16, month: u8) -> Date {
    Date::new(year, month.cast_signed(), 1).expect("a year from 1970 to 2199 and a month from 1 to 12")
}

fn on_day(first: Date, day: u8) -> Date {
    Date::new(first.year(), first.month(), day.cast_signed()).expect("the month has the day")
}
