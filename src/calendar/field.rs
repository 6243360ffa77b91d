//! One field of a cron expression: lists, ranges and steps of numbers or names.

/// What a field of a cron expression may hold.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// What the field is called in a message.
    pub name: &'static str,
    /// Its smallest number.
    pub low: u16,
    /// Its largest number.
    pub high: u16,
    /// The names of its numbers, from the smallest on; none when it has only numbers.
    pub words: &'static [&'static str],
    /// Whether a range may end before it begins and then goes over the largest number to the smallest.
    pub goes_around: bool,
}

/// Minutes of the hour.
pub const MINUTE: Field = Field { name: "minute", low: 0, high: 59, words: &[], goes_around: true };
/// Hours of the day. AWS gives `20-2` as an example: from 20:00 over midnight to 02:59.
pub const HOUR: Field = Field { name: "hour", low: 0, high: 23, words: &[], goes_around: true };
/// Days of the month. Months differ in length, so a range cannot go around.
pub const DAY_OF_MONTH: Field = Field { name: "day of month", low: 1, high: 31, words: &[], goes_around: false };
/// Months of the year.
pub const MONTH: Field = Field {
    name: "month",
    low: 1,
    high: 12,
    words: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
    goes_around: true,
};
/// Days of the week; EventBridge counts them from Sunday, which is 1.
pub const DAY_OF_WEEK: Field =
    Field { name: "day of week", low: 1, high: 7, words: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], goes_around: true };
/// Years.
pub const YEAR: Field = Field { name: "year", low: 1970, high: 2199, words: &[], goes_around: false };

impl Field {
    /// All numbers that a field's text allows, in any order and perhaps repeated.
    pub fn numbers(&self, text: &str) -> Result<Vec<u16>, String> {
        let mut numbers = Vec::new();
        for part in text.split(',') {
            numbers.extend(self.part(part)?);
        }
        Ok(numbers)
    }

    /// The numbers of one part of a list: `*`, `5`, `MON`, `1-5`, `0/15`, `8-17/2`.
    pub fn part(&self, part: &str) -> Result<Vec<u16>, String> {
        let Some((from, step)) = part.split_once('/') else {
            return self.range(part, false);
        };
        let step = digits(step).filter(|step| *step > 0).ok_or_else(|| format!("`{step}` after `/` is no number above 0"))?;
        Ok(self.range(from, true)?.into_iter().step_by(usize::from(step)).collect())
    }

    /// The numbers of `*`, of a range or of a single number; with a step, a single number is where the
    /// steps begin.
    fn range(&self, text: &str, has_step: bool) -> Result<Vec<u16>, String> {
        if text == "*" {
            return Ok((self.low..=self.high).collect());
        }
        let Some((first, last)) = text.split_once('-') else {
            let first = self.number(text)?;
            return Ok((first..=if has_step { self.high } else { first }).collect());
        };
        let (first, last) = (self.number(first)?, self.number(last)?);
        if first <= last {
            Ok((first..=last).collect())
        } else if self.goes_around {
            Ok((first..=self.high).chain(self.low..=last).collect())
        } else {
            Err(format!("the range `{text}` ends before it begins"))
        }
    }

    /// A number within the field's limits, or the name of one.
    pub fn number(&self, text: &str) -> Result<u16, String> {
        if let Some(index) = self.words.iter().position(|word| word.eq_ignore_ascii_case(text)) {
            return Ok(self.low + index as u16);
        }
        digits(text).filter(|number| (self.low..=self.high).contains(number)).ok_or_else(|| {
            let (low, high) = (self.low, self.high);
            match self.words {
                [first, .., last] => format!("`{text}` is neither from {first} to {last} nor from {low} to {high}"),
                _ => format!("`{text}` is not from {low} to {high}"),
            }
        })
    }
}

/// A number written in digits alone.
pub fn digits(text: &str) -> Option<u16> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}
