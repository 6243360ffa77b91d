//! Which column holds the time, which the figure, and what the figure counts.
//!
//! Names are compared without case, spaces and punctuation. The time is the column named `timestamp`, else
//! the one of another usual name, else the only one whose first cell is a point in time. The figure is the
//! column that the caller names, else the one of a usual name, else the only one whose first cell is a
//! number. Its unit is what the caller says, else what its name says (`requests_per_second` is a rate,
//! `RequestCount` is a count); a name that says neither is refused, since the two readings lie a factor of
//! the slot's length apart.

use super::csv::CsvOptions;
use super::numbers::parse_number;
use super::timestamps::parse_stamp;
use crate::error::{Fault, Place, Result};
use crate::names::nearest;

/// Usual names of the time, besides `timestamp`.
const TIME_NAMES: [&str; 8] = ["time", "datetime", "date", "ts", "starttime", "periodstart", "timestamputc", "timeutc"];

/// Usual names of a rate per second.
const RATE_NAMES: [&str; 7] = ["requestspersecond", "rps", "rate", "requestss", "reqs", "requestspersec", "qps"];

/// Usual names of a count per slot.
const COUNT_NAMES: [&str; 9] =
    ["requests", "count", "value", "requestcount", "invocations", "hits", "sum", "samplecount", "numberofmessagessent"];

/// Parts of a name that say rate.
const RATE_PARTS: [&str; 5] = ["persec", "rps", "qps", "tps", "rate"];

/// Parts of a name that say count.
const COUNT_PARTS: [&str; 7] = ["count", "requests", "invocations", "hits", "calls", "messages", "total"];

/// What was found in the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    /// The index of the time.
    pub(super) time: usize,
    /// The index of the figure.
    pub(super) figure: usize,
    /// Whether the figure is a count per slot instead of a rate per second.
    pub(super) is_count: bool,
}

/// The first lines of a file, as far as the choice of columns needs them.
pub(super) struct Head<'a> {
    /// The names of the columns.
    pub(super) names: Vec<String>,
    /// The cells of the first row.
    pub(super) first_row: Vec<&'a [u8]>,
    /// Whether a comma may be a decimal sign.
    pub(super) comma_is_decimal: bool,
    /// Where the header stands.
    pub(super) place: Place,
}

/// Finds the columns.
///
/// # Errors
/// When the header is missing, or a column or its unit cannot be told.
pub(super) fn choose(head: &Head<'_>, options: &CsvOptions) -> Result<Columns> {
    if let Some(cell) = head.names.iter().find(|name| parse_stamp(name.as_bytes()).is_ok()) {
        return Err(head
            .fault(format!("found the point in time `{cell}` where the names of the columns belong"))
            .remedy("put a header before the first row: timestamp,requests_per_second")
            .into());
    }
    let time = head.time()?;
    let figure = match &options.column {
        Some(column) => head.named(column)?,
        None => head.figure(time)?,
    };
    if figure == time {
        return Err(head.fault(format!("column `{}` holds the time, not a figure", head.names[figure])).remedy(head.listing()).into());
    }
    let is_count = match options.unit_is_count {
        Some(is_count) => is_count,
        None => head.is_count(figure)?,
    };
    Ok(Columns { time, figure, is_count })
}

impl Head<'_> {
    fn time(&self) -> Result<usize> {
        let named = self.positions(|name| name == "timestamp");
        let named = if named.is_empty() { self.positions(|name| TIME_NAMES.contains(&name)) } else { named };
        let found = if named.is_empty() { self.cells_that(|cell| parse_stamp(cell).is_ok()) } else { named };
        match found.as_slice() {
            &[only] => Ok(only),
            [] => Err(self.fault("no column holds a point in time").remedy(format!("name it `timestamp`; {}", self.listing())).into()),
            several => Err(self
                .fault(format!("several columns may hold the time: {}", self.quoted(several)))
                .remedy("name the one that does `timestamp`, and write date and time into one column")
                .into()),
        }
    }

    fn named(&self, column: &str) -> Result<usize> {
        let exact: Vec<usize> = (0..self.names.len()).filter(|&index| self.names[index] == column).collect();
        let wanted = plain(column);
        let found = if exact.is_empty() { self.positions(|name| !name.is_empty() && name == wanted) } else { exact };
        match found.as_slice() {
            &[only] => Ok(only),
            [] => Err(self.fault(format!("there is no column `{column}`")).remedy(self.nearest(column)).into()),
            _ => Err(self.fault(format!("several columns are named `{column}`")).remedy("give each a name of its own").into()),
        }
    }

    fn nearest(&self, column: &str) -> String {
        match nearest(column, self.names.iter().map(String::as_str)) {
            Some(name) => format!("did you mean `{name}`? {}", self.listing()),
            None => self.listing(),
        }
    }

    fn figure(&self, time: usize) -> Result<usize> {
        let named = self.positions(|name| RATE_NAMES.contains(&name) || COUNT_NAMES.contains(&name));
        let mut found = if named.is_empty() { self.cells_that(|cell| parse_number(cell, self.comma_is_decimal).is_ok()) } else { named };
        found.retain(|&index| index != time);
        match found.as_slice() {
            &[only] => Ok(only),
            [] => Err(self.fault("no column holds the requests").remedy(format!("name it with `column`; {}", self.listing())).into()),
            several => Err(self
                .fault(format!("several columns may hold the requests: {}", self.quoted(several)))
                .remedy("choose one with `column`")
                .into()),
        }
    }

    fn is_count(&self, figure: usize) -> Result<bool> {
        let name = plain(&self.names[figure]);
        if RATE_NAMES.contains(&name.as_str()) || RATE_PARTS.iter().any(|part| name.contains(part)) {
            return Ok(false);
        }
        if COUNT_NAMES.contains(&name.as_str()) || COUNT_PARTS.iter().any(|part| name.contains(part)) {
            return Ok(true);
        }
        let message = format!("the name of column `{}` does not tell requests per second from requests per slot", self.names[figure]);
        Err(self.fault(message).remedy("set `unit: rate` or `unit: count`").into())
    }

    /// The columns whose name, in plain form, passes.
    fn positions(&self, passes: impl Fn(&str) -> bool) -> Vec<usize> {
        (0..self.names.len()).filter(|&index| passes(&plain(&self.names[index]))).collect()
    }

    /// The columns whose first cell passes.
    fn cells_that(&self, passes: impl Fn(&[u8]) -> bool) -> Vec<usize> {
        (0..self.names.len()).filter(|&index| self.first_row.get(index).is_some_and(|cell| passes(cell))).collect()
    }

    fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::input(self.place.clone(), message)
    }

    fn listing(&self) -> String {
        format!("the columns are {}", self.quoted(&(0..self.names.len()).collect::<Vec<_>>()))
    }

    fn quoted(&self, columns: &[usize]) -> String {
        columns.iter().map(|&index| format!("`{}`", self.names[index])).collect::<Vec<_>>().join(", ")
    }
}

/// A name without case, spaces and punctuation.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(header: &str, row: &'static str, options: &CsvOptions) -> std::result::Result<(usize, usize, bool), String> {
        let head = Head {
            names: header.split(',').map(str::to_owned).collect(),
            first_row: row.split(',').map(str::as_bytes).collect(),
            comma_is_decimal: false,
            place: Place::line("a.csv", 1),
        };
        choose(&head, options).map(|columns| (columns.time, columns.figure, columns.is_count)).map_err(|error| error.to_string())
    }

    fn column(name: &str) -> CsvOptions {
        CsvOptions { column: Some(name.to_owned()), unit_is_count: None }
    }

    #[test]
    fn usual_names_are_known_in_any_spelling() {
        let free = CsvOptions::default();
        assert_eq!(chosen("timestamp,requests_per_second", "2026-03-02,1", &free), Ok((0, 1, false)));
        assert_eq!(chosen("RequestCount,Timestamp", "1,2026-03-02", &free), Ok((1, 0, true)));
        assert_eq!(chosen("Time,other,Requests/s", "2026-03-02,7,1", &free), Ok((0, 2, false)));
        assert_eq!(chosen("when,web_requests", "2026-03-02,7", &free), Ok((0, 1, true)));
    }

    #[test]
    fn a_named_column_and_a_stated_unit_win() {
        assert_eq!(chosen("time,rps,api_rps", "2026-03-02,1,2", &column("API_RPS")), Ok((0, 2, false)));
        let options = CsvOptions { unit_is_count: Some(true), ..column("rps") };
        assert_eq!(chosen("time,rps", "2026-03-02,1", &options), Ok((0, 1, true)));
    }

    #[test]
    fn doubt_is_refused_and_says_how_to_end_it() {
        let free = CsvOptions::default();
        let cases = [
            ("time,rps,requests", "2026-03-02,1,60", &free, "several columns may hold the requests: `rps`, `requests` (choose one"),
            ("time,web,api", "2026-03-02,1,60", &free, "several columns may hold the requests: `web`, `api`"),
            ("time,web", "2026-03-02,1", &free, "set `unit: rate` or `unit: count`"),
            ("time,name", "2026-03-02,x", &free, "no column holds the requests (name it with `column`; the columns are `time`, `name`)"),
            ("date,time,rps", "2026-03-02,10:00,1", &free, "several columns may hold the time: `date`, `time`"),
            ("a,rps", "x,1", &free, "no column holds a point in time"),
            ("2026-03-02T00:00:00Z,5", "2026-03-02T00:01:00Z,6", &free, "put a header before the first row"),
            ("time,rps,rps", "2026-03-02,1,1", &column("rps"), "several columns are named `rps`"),
            ("time,rps", "2026-03-02,1", &column("time"), "holds the time"),
        ];
        for (header, row, options, said) in cases {
            let message = chosen(header, row, options).unwrap_err();
            assert!(message.starts_with("a.csv:1: ") && message.contains(said), "{message}");
        }
    }

    #[test]
    fn a_wrong_name_is_answered_with_the_nearest() {
        let message = chosen("time,requests_per_second", "2026-03-02,1", &column("request_per_second")).unwrap_err();
        assert!(message.contains("there is no column `request_per_second` (did you mean `requests_per_second`?"), "{message}");
        let message = chosen("time,requests_per_second", "2026-03-02,1", &column("latency")).unwrap_err();
        assert!(message.contains("(the columns are `time`, `requests_per_second`)"), "{message}");
    }
}
