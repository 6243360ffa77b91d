//! Which days of a month a cron expression means, by its two day fields.
//!
//! One of the fields must leave the days open with `?` (EventBridge: a value or `*` in one field needs
//! `?` in the other). A `*` beside a value is taken for a `?` all the same, because the guide of
//! Application Auto Scaling once printed such an expression.
//!
//! AWS documents `L`, `3W`, `3#2` and, by example, `6L`. The forms `LW` (the last weekday of the month)
//! and `L-3` (three days before the last) are those of Quartz, whose dialect this is.

use jiff::civil::Date;

use super::field::{DAY_OF_MONTH, DAY_OF_WEEK};
use super::numbers::Numbers;

/// Days of a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Days {
    /// All of them.
    Every,
    /// By their number.
    OfMonth(DaysOfMonth),
    /// By their weekday.
    OfWeek(DaysOfWeek),
}

/// Days by their number in the month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DaysOfMonth {
    /// `15`: the day itself.
    days: Numbers,
    /// `15W`: of Monday to Friday, the day nearest to this one in the same month.
    nearest_weekdays: Numbers,
    /// `L` (0) and `L-3` (3): so many days before the last.
    before_the_last: Numbers,
    /// `LW`: the last day that is no Saturday or Sunday.
    last_weekday: bool,
}

/// Days by their weekday: 1 is Sunday.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DaysOfWeek {
    /// `MON`: all of the month.
    every: Numbers,
    /// `MONL`: the last of the month.
    last: Numbers,
    /// `MON#2`: weekday and which one of the month.
    nth: Option<(u8, u8)>,
}

const SUNDAY: u8 = 1;
const SATURDAY: u8 = 7;

impl Days {
    /// Reads both day fields, which are in capitals.
    pub fn parse(of_month: &str, of_week: &str) -> Result<Self, String> {
        let named = |why: String, name: &str, text: &str| format!("{name} `{text}`: {why}");
        match (of_month, of_week) {
            ("?", "?") | ("*", "*") => Err(format!("day of month and day of week are both `{of_month}`: exactly one of them must be `?`")),
            ("?", "*") | ("*", "?") => Ok(Self::Every),
            (days, "?" | "*") => DaysOfMonth::parse(days).map(Self::OfMonth).map_err(|why| named(why, DAY_OF_MONTH.name, days)),
            ("?" | "*", days) => DaysOfWeek::parse(days).map(Self::OfWeek).map_err(|why| named(why, DAY_OF_WEEK.name, days)),
            _ => Err(format!("day of month `{of_month}` and day of week `{of_week}` are both given: exactly one of them must be `?`")),
        }
    }

    /// The days of the month of `date`.
    pub fn in_month_of(&self, date: Date) -> Numbers {
        let month = Month::of(date);
        match self {
            Self::Every => (1..=month.length).collect(),
            Self::OfMonth(days) => days.in_month(month),
            Self::OfWeek(days) => (1..=month.length).filter(|day| days.contain(month, *day)).collect(),
        }
    }
}

/// The shape of a month.
#[derive(Clone, Copy, Debug)]
struct Month {
    length: u8,
    /// The weekday of the first, from 0 for Sunday.
    first: u8,
}

impl Month {
    fn of(date: Date) -> Self {
        let first = date.first_of_month().weekday().to_sunday_zero_offset();
        Self { length: date.days_in_month().unsigned_abs(), first: first.unsigned_abs() }
    }

    /// The weekday of a day: 1 is Sunday.
    const fn weekday(self, day: u8) -> u8 {
        (self.first + day - 1) % 7 + 1
    }

    /// Of Monday to Friday, the day nearest to `day` in this month.
    const fn nearest_weekday(self, day: u8) -> u8 {
        match self.weekday(day) {
            SATURDAY if day == 1 => 3,
            SATURDAY => day - 1,
            SUNDAY if day == self.length => day - 2,
            SUNDAY => day + 1,
            _ => day,
        }
    }

    /// The last day that is no Saturday or Sunday.
    const fn last_weekday(self) -> u8 {
        match self.weekday(self.length) {
            SATURDAY => self.length - 1,
            SUNDAY => self.length - 2,
            _ => self.length,
        }
    }
}

impl DaysOfMonth {
    fn parse(text: &str) -> Result<Self, String> {
        let mut days = Self::default();
        for part in text.split(',') {
            days.add(part)?;
        }
        Ok(days)
    }

    fn add(&mut self, part: &str) -> Result<(), String> {
        if part == "L" {
            self.before_the_last.insert(0);
        } else if part == "LW" {
            self.last_weekday = true;
        } else if let Some(before) = part.strip_prefix("L-") {
            let before = DAY_OF_MONTH.number(before).map_err(|why| format!("after `L-`, {why}"))?;
            self.before_the_last.insert(small(before));
        } else if let Some(day) = part.strip_suffix('W') {
            self.nearest_weekdays.insert(small(DAY_OF_MONTH.number(day)?));
        } else {
            DAY_OF_MONTH.part(part)?.into_iter().for_each(|day| self.days.insert(small(day)));
        }
        Ok(())
    }

    /// A day that the month does not have means nothing in it, nor does the weekday nearest to such a day.
    fn in_month(&self, month: Month) -> Numbers {
        let plain = self.days.between(1, month.length);
        let nearest = self.nearest_weekdays.between(1, month.length).map(|day| month.nearest_weekday(day));
        let before = self.before_the_last.between(0, month.length - 1).map(|before| month.length - before);
        let last_weekday = self.last_weekday.then(|| month.last_weekday());
        plain.chain(nearest).chain(before).chain(last_weekday).collect()
    }
}

impl DaysOfWeek {
    fn parse(text: &str) -> Result<Self, String> {
        if text.contains('#') {
            return Self::parse_nth(text);
        }
        let mut days = Self::default();
        for part in text.split(',') {
            match part.strip_suffix('L') {
                // The last day of a week is Saturday.
                Some("") => days.every.insert(SATURDAY),
                Some(weekday) => days.last.insert(small(DAY_OF_WEEK.number(weekday)?)),
                None => DAY_OF_WEEK.part(part)?.into_iter().for_each(|weekday| days.every.insert(small(weekday))),
            }
        }
        Ok(days)
    }

    /// `MON#2`, which AWS allows only by itself.
    fn parse_nth(text: &str) -> Result<Self, String> {
        let (weekday, count) = text.split_once('#').unwrap_or((text, ""));
        let weekday = small(DAY_OF_WEEK.number(weekday)?);
        match count.parse() {
            Ok(count @ 1..=5) => Ok(Self { nth: Some((weekday, count)), ..Self::default() }),
            _ => Err("`#` stands between one weekday and a number from 1 to 5, as MON#2, without a list".to_owned()),
        }
    }

    fn contain(&self, month: Month, day: u8) -> bool {
        let weekday = month.weekday(day);
        let is_last = day + 7 > month.length;
        self.every.contains(weekday) || (is_last && self.last.contains(weekday)) || self.nth == Some((weekday, (day - 1) / 7 + 1))
    }
}

/// A number of a field whose largest is far below 256.
pub fn small(number: u16) -> u8 {
    u8::try_from(number).expect("a day, month, hour or minute is below 60")
}
