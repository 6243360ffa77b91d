//! What is wanting in a price book: prices that bills ask for and that it lacks, and prices that rest on little or are old.

use jiff::civil::Date;

use super::book::PriceBook;
use super::keys;
use super::price::{Basis, Price};

/// What may be said against a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// A bill can ask for it and the book has none.
    Missing,
    /// Its source stated it too long ago.
    Stale,
    /// Its date lies after today.
    Future,
    /// Nobody knows for when its source stated it.
    Undated,
    /// It is an estimate.
    Estimate,
    /// It is computed from what AWS publishes.
    Derived,
}

impl Finding {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Future => "future",
            Self::Undated => "undated",
            Self::Estimate => "estimate",
            Self::Derived => "derived",
        }
    }
}

/// A finding on one price.
#[derive(Clone, Debug, PartialEq)]
pub struct Remark {
    /// What is said against it.
    pub finding: Finding,
    /// Its key.
    pub key: String,
    /// The price; none where it is missing.
    pub price: Option<Price>,
    /// The days since its source stated it, where that is known.
    pub age_days: Option<i64>,
}

/// What is to be said of a book on a day, by finding and key. A price may have several remarks. `all` looks at every
/// price of the book, else at those that a bill can ask for. A price is stale when it is older than `max_age_days` even
/// if a month or a year as its date is read as the last day of it.
#[must_use]
pub fn audit(book: &PriceBook, today: Date, max_age_days: i64, all: bool) -> Vec<Remark> {
    let missing = keys::bill_keys().filter(|key| book.price(key).is_err());
    let missing = missing.map(|key| Remark { finding: Finding::Missing, key: key.to_owned(), price: None, age_days: None });
    let asked_for = |price: &&Price| all || keys::bill_keys().any(|key| key == price.key);
    let present = book.prices().filter(asked_for).flat_map(|price| remarks(price, today, max_age_days));
    let mut remarks: Vec<Remark> = missing.chain(present).collect();
    remarks.sort_by(|a, b| (a.finding, &a.key).cmp(&(b.finding, &b.key)));
    remarks
}

fn remarks(price: &Price, today: Date, max_age_days: i64) -> Vec<Remark> {
    let age_days = last_day(&price.date).map(|day| days_between(day, today));
    let age = match age_days {
        None => Some(Finding::Undated),
        // A month that is not over may end after today.
        Some(age) if age < 0 => first_day(&price.date).filter(|day| *day > today).map(|_| Finding::Future),
        Some(age) => Some(Finding::Stale).filter(|_| age > max_age_days),
    };
    let age_days = age_days.map(|days| if age == Some(Finding::Future) { days } else { days.max(0) });
    let basis = match price.basis {
        Basis::Estimate => Some(Finding::Estimate),
        Basis::Derived => Some(Finding::Derived),
        Basis::Published | Basis::Override => None,
    };
    let remark = |finding| Remark { finding, key: price.key.clone(), price: Some(price.clone()), age_days };
    age.into_iter().chain(basis).map(remark).collect()
}

fn days_between(from: Date, to: Date) -> i64 {
    (to - from).get_days().into()
}

/// The first day that a date of the price file can mean: itself, or the first of its month or year.
fn first_day(date: &str) -> Option<Date> {
    [date.to_owned(), format!("{date}-01"), format!("{date}-01-01")].iter().find_map(|text| text.parse().ok())
}

/// The last day that it can mean.
fn last_day(date: &str) -> Option<Date> {
    let first = first_day(date)?;
    Some(match date.len() {
        4 => first.last_of_year(),
        7 => first.last_of_month(),
        _ => first,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(rows: &str, today: &str) -> Vec<(Finding, String, Option<i64>)> {
        let text = format!("key,usd,unit,usage_type,basis,source,date,note\n{rows}");
        let book = PriceBook::from_text("mars-1", "a book", &text, "id,description\n").expect("good rows");
        let remarks = audit(&book, today.parse().expect("a date"), 365, true).into_iter();
        remarks.filter(|remark| remark.finding != Finding::Missing).map(|remark| (remark.finding, remark.key, remark.age_days)).collect()
    }

    #[test]
    fn a_price_is_stale_after_its_time_and_a_month_counts_to_its_end() {
        let rows = "a,1,h,,published,x,2025-09-29,\nb,1,h,,published,x,2025-09,\nc,1,h,,published,x,2024,\n";
        // From 2025-09-29 to 2026-09-30 are 366 days, from the end of that September 365, from the end of 2024 638.
        let stale = |key: &str, age| (Finding::Stale, key.to_owned(), Some(age));
        assert_eq!(found(rows, "2026-09-30"), [stale("a", 366), stale("c", 638)]);
        assert_eq!(found(rows, "2026-10-01"), [stale("a", 367), stale("b", 366), stale("c", 639)]);
    }

    #[test]
    fn what_is_undated_from_tomorrow_estimated_or_derived_is_named() {
        let rows = "a,1,h,,estimate,x,undated,\nb,1,h,,derived,x,2026-10-02,\nc,1,h,,published,x,2026-10,\n";
        let expected = [
            (Finding::Future, "b".to_owned(), Some(-1)),
            (Finding::Undated, "a".to_owned(), None),
            (Finding::Estimate, "a".to_owned(), None),
            (Finding::Derived, "b".to_owned(), Some(-1)),
        ];
        assert_eq!(found(rows, "2026-10-01"), expected);
    }

    #[test]
    fn us_east_1_lacks_nothing_and_others_are_told_what_they_lack() {
        let missing = |region: &str| -> Vec<String> {
            let book = PriceBook::shipped(region).expect("shipped");
            let remarks = audit(&book, Date::constant(2026, 10, 1), 365, false).into_iter();
            remarks.filter(|remark| remark.finding == Finding::Missing).map(|remark| remark.key).collect()
        };
        assert_eq!(missing("us-east-1"), Vec::<String>::new());
        assert!(missing("eu-west-3").contains(&"alb.hour".to_owned()));
    }
}
