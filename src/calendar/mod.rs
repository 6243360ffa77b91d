//! Schedules: at(...), rate(...) and cron(...), as Application Auto Scaling and EventBridge write them.
//!
//! A [`Schedule`] is what was written; a [`Timetable`] is a schedule in a time zone and within bounds, and
//! answers when it comes next and when it came last. Nothing here knows what is scheduled.
//!
//! **Daylight saving.** Application Auto Scaling says only that an action in a zone with daylight saving
//! time adjusts to it. The rule followed is that of EventBridge Scheduler ("Daylight savings time on
//! EventBridge Scheduler"): a local time that the clock leaves out is skipped, the schedule runs again at its
//! next time; a local time that comes twice runs once, the first time. An at(...) is treated alike. A rate
//! counts hours that pass, so its days have 24 hours.
//!
//! **No crate reads the cron fields**, because none that is kept up has this dialect: `croner` (jiff, no
//! clock) moves a time that is left out to the end of the gap, never runs for a lone `L` among the days of
//! the week, refuses ranges that go around (AWS's own example has the hours `20-2`) and searches to the year
//! 5000; `cronexpr` has no years and other weekday numbers; `cron` and `saffron` need chrono, the former
//! with its clock, and lack `L`, `W`, `#` or years. Fields had to be parsed here in any case, for messages
//! that say which field is wrong.

mod cron;
mod days;
mod field;
mod numbers;
#[cfg(test)]
mod tests;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

use cron::Cron;

/// An at(...), rate(...) or cron(...) expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    text: String,
    times: Times,
}

/// When a schedule comes, before a time zone and bounds are known.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Times {
    /// Once, at a local time.
    At(DateTime),
    /// Again and again after so many seconds.
    Rate(i64),
    /// Whenever the wall clock matches.
    Cron(Cron),
}

impl Schedule {
    /// Reads an expression. Names may be in any case, blanks may surround it.
    ///
    /// # Errors
    /// What is wrong and what is allowed, as part of a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let times = match text.strip_suffix(')').and_then(|text| text.split_once('(')) {
            Some(("at", time)) => parse_at(time).map(Times::At),
            Some(("rate", rate)) => parse_rate(rate).map(Times::Rate),
            Some(("cron", fields)) => Cron::parse(fields).map(Times::Cron),
            _ => Err("it is none of at(...), rate(...), cron(...)".to_owned()),
        };
        times.map(|times| Self { text: text.to_owned(), times })
    }

    /// The expression as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a day of the week is written as a number. EventBridge counts from Sunday, which is 1; that
    /// Application Auto Scaling does too is not documented.
    #[must_use]
    pub fn has_weekday_numbers(&self) -> bool {
        matches!(&self.times, Times::Cron(cron) if cron.weekdays_by_number())
    }

    /// Whether there is a time at which the schedule comes, in this zone and without bounds: none for the
    /// 30th of February.
    #[must_use]
    pub fn ever_comes(&self, zone: &TimeZone) -> bool {
        let timetable = Timetable::new(self.clone(), zone.clone(), Bounds::default(), Timestamp::UNIX_EPOCH);
        timetable.next_after(Timestamp::MIN).is_some()
    }
}

/// A date and time of the form 2026-03-02T08:00:00.
fn parse_at(text: &str) -> Result<DateTime, String> {
    let text = text.trim();
    let time: Option<DateTime> = text.parse().ok();
    // Other notations of ISO 8601 are not AWS's.
    time.filter(|time| time.to_string() == text).ok_or_else(|| format!("`{text}` is no date and time like 2026-03-02T08:00:00"))
}

/// The seconds of a rate like `5 minutes`.
fn parse_rate(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}` is no rate like 5 minutes: a whole number above 0, then minutes, hours or days");
    let parts: Vec<&str> = text.split_whitespace().collect();
    let [count, unit] = parts[..] else {
        return Err(wrong());
    };
    let unit_seconds = match unit {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3_600,
        "day" | "days" => 86_400,
        _ => return Err(wrong()),
    };
    let is_number = count.bytes().all(|byte| byte.is_ascii_digit());
    let count: Option<u32> = if is_number { count.parse().ok() } else { None };
    count.filter(|count| *count > 0).map(|count| i64::from(count) * unit_seconds).ok_or_else(wrong)
}

/// When a schedule is in force; both ends belong to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Not before this time. A cron or rate schedule comes at this time too, whatever its expression says
    /// (Application Auto Scaling, "Schedule recurring scaling actions").
    pub start: Option<Timestamp>,
    /// Not after this time.
    pub end: Option<Timestamp>,
}

/// A schedule in a time zone, within bounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Timetable {
    schedule: Schedule,
    zone: TimeZone,
    bounds: Bounds,
    counted_from: Timestamp,
}

impl Timetable {
    /// A schedule in a time zone. A rate without a start is counted from `counted_from`, the time of its
    /// creation, and comes at that time first, as a rate of EventBridge Scheduler does.
    #[must_use]
    pub const fn new(schedule: Schedule, zone: TimeZone, bounds: Bounds, counted_from: Timestamp) -> Self {
        Self { schedule, zone, bounds, counted_from }
    }

    /// The schedule.
    #[must_use]
    pub const fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The first time after `time`; none when it never comes again.
    #[must_use]
    pub fn next_after(&self, time: Timestamp) -> Option<Timestamp> {
        let next = match (&self.schedule.times, self.bounds.start) {
            (Times::At(at), start) => self.first_instant(*at).filter(|at| *at > time && start.is_none_or(|start| *at >= start)),
            (_, Some(start)) if time < start => Some(start),
            (Times::Rate(seconds), _) => self.next_of_rate(*seconds, time),
            (Times::Cron(cron), _) => self.next_of_cron(cron, time),
        };
        next.filter(|next| self.bounds.end.is_none_or(|end| *next <= end))
    }

    /// The last time that is not after `time`; none when it has not come yet.
    #[must_use]
    pub fn last_at_or_before(&self, time: Timestamp) -> Option<Timestamp> {
        let time = self.bounds.end.map_or(time, |end| end.min(time));
        let start = self.bounds.start.unwrap_or(Timestamp::MIN);
        if time < start {
            return None;
        }
        match &self.schedule.times {
            Times::At(at) => self.first_instant(*at).filter(|at| (start..=time).contains(at)),
            Times::Rate(seconds) => self.last_of_rate(*seconds, time),
            Times::Cron(cron) => self.last_of_cron(cron, time).filter(|last| *last > start).or(self.bounds.start),
        }
    }

    /// Where a rate begins.
    fn rate_origin(&self) -> Timestamp {
        self.bounds.start.unwrap_or(self.counted_from)
    }

    fn next_of_rate(&self, seconds: i64, time: Timestamp) -> Option<Timestamp> {
        match self.last_of_rate(seconds, time) {
            Some(last) => last.checked_add(SignedDuration::from_secs(seconds)).ok(),
            None => Some(self.rate_origin()),
        }
    }

    fn last_of_rate(&self, seconds: i64, time: Timestamp) -> Option<Timestamp> {
        let passed = time.duration_since(self.rate_origin());
        if passed.is_negative() {
            return None;
        }
        let whole = SignedDuration::from_secs(passed.as_secs() / seconds * seconds);
        self.rate_origin().checked_add(whole).ok()
    }

    /// Later wall clock times have later first instants, so the first match after the wall clock of `time`
    /// whose instant lies after `time` is the next one. Matches are passed over only in a repeated hour and in
    /// a gap.
    fn next_of_cron(&self, cron: &Cron, time: Timestamp) -> Option<Timestamp> {
        let mut wall = whole_minute(self.zone.to_datetime(time));
        loop {
            wall = cron.first_from(wall.checked_add(1.minute()).ok()?)?;
            if let Some(instant) = self.first_instant(wall)
                && instant > time
            {
                return Some(instant);
            }
        }
    }

    fn last_of_cron(&self, cron: &Cron, time: Timestamp) -> Option<Timestamp> {
        let mut wall = cron.last_until(self.latest_wall(time))?;
        loop {
            if let Some(instant) = self.first_instant(wall)
                && instant <= time
            {
                return Some(instant);
            }
            wall = cron.last_until(wall.checked_sub(1.minute()).ok()?)?;
        }
    }

    /// A wall clock time that no clock of the zone has shown to be passed before `time`: in the second run of a
    /// repeated hour, the clock has already been to the end of that hour.
    fn latest_wall(&self, time: Timestamp) -> DateTime {
        let wall = self.zone.to_datetime(time);
        match self.zone.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Fold { before, after } if self.zone.to_offset(time) == after => {
                let put_back_seconds = i64::from(before.seconds()) - i64::from(after.seconds());
                wall.saturating_add(SignedDuration::from_secs(put_back_seconds))
            }
            _ => wall,
        }
    }

    /// When the clocks of the zone first show a time; none when they leave it out.
    fn first_instant(&self, wall: DateTime) -> Option<Timestamp> {
        match self.zone.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => offset.to_timestamp(wall).ok(),
            AmbiguousOffset::Gap { .. } => None,
        }
    }
}

fn whole_minute(time: DateTime) -> DateTime {
    time.date().at(time.hour(), time.minute(), 0, 0)
}
