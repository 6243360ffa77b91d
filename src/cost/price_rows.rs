//! A price file as rows that can be replaced: the writing side of the format in `pricing/README.md`.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::price_file::{self, PRICE_COLUMNS};
use super::{PriceBook, shipped};
use crate::error::{ErrorKind, Fault, Place, Result};

/// A row to put into a price file. Its basis is `published`.
#[derive(Clone, Debug, PartialEq)]
pub struct NewPrice {
    /// The key.
    pub key: String,
    /// US dollars for one unit.
    pub usd: Decimal,
    /// What is counted.
    pub unit: String,
    /// AWS's usage type; may be empty.
    pub usage_type: String,
    /// Where it comes from, in words.
    pub source: String,
    /// For when the source states it.
    pub date: String,
    /// A remark; may be empty.
    pub note: String,
}

/// What a row was before it was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldPrice {
    /// US dollars, as the file had them.
    pub usd: String,
    /// For when its source stated it.
    pub date: String,
}

/// The rows of one region's price file, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct PriceRows {
    /// The prices of instances come last.
    rows: BTreeMap<(bool, String), [String; PRICE_COLUMNS.len()]>,
}

impl PriceRows {
    /// The rows of a price file, whose sources stay ids of its table of sources.
    ///
    /// # Errors
    /// When the text breaks the format.
    pub fn of(name: &str, text: &str) -> Result<Self> {
        let mut rows = Self::default();
        for (_, row) in price_file::rows(name, text, &PRICE_COLUMNS)? {
            rows.insert(std::array::from_fn(|column| row[column].to_owned()));
        }
        Ok(rows)
    }

    /// The rows that ship with ecsim, with their sources in words; none for a region without.
    ///
    /// # Errors
    /// Never for the book that is shipped; a broken one would be told.
    pub fn shipped(region: &str) -> Result<Option<Self>> {
        let Some(text) = shipped::file(region) else { return Ok(None) };
        let sources = price_file::sources("sources.csv", shipped::SOURCES)?;
        let mut rows = Self::of(region, text)?;
        for row in rows.rows.values_mut() {
            if let Some(words) = sources.get(&row[5]) {
                row[5].clone_from(words);
            }
        }
        Ok(Some(rows))
    }

    /// Puts a price in, and returns what stood there.
    pub fn replace(&mut self, price: NewPrice) -> Option<OldPrice> {
        let NewPrice { key, usd, unit, usage_type, source, date, note } = price;
        let old = self.insert([key, usd.to_string(), unit, usage_type, "published".to_owned(), source, date, note])?;
        let [_, usd, _, _, _, _, date, _] = old;
        Some(OldPrice { usd, date })
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// The text of the file, after a proof that it reads as a price book.
    ///
    /// # Errors
    /// When the rows make no price book; `name` is what the message calls it.
    pub fn text(&self, region: &str, name: &str) -> Result<String> {
        let failed = |reason: &dyn std::fmt::Display| {
            crate::error::Error::from(Fault::new(ErrorKind::File, Place::file(name), format!("cannot be put together: {reason}")))
        };
        let mut writer = csv::Writer::from_writer(Vec::new());
        let records =
            std::iter::once(&PRICE_COLUMNS.map(str::to_owned)).chain(self.rows.values()).try_for_each(|row| writer.write_record(row));
        records.map_err(|reason| failed(&reason))?;
        let bytes = writer.into_inner().map_err(|reason| failed(&reason))?;
        let text = String::from_utf8(bytes).map_err(|reason| failed(&reason))?;
        PriceBook::from_text(region, name, &text, "id,description\n")?;
        Ok(text)
    }

    fn insert(&mut self, row: [String; PRICE_COLUMNS.len()]) -> Option<[String; PRICE_COLUMNS.len()]> {
        self.rows.insert((row[0].starts_with("ec2."), row[0].clone()), row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shipped_file_comes_out_as_it_went_in_but_for_its_sources() {
        let rows = PriceRows::shipped("us-east-1").expect("shipped").expect("known");
        let text = rows.text("us-east-1", "a.csv").expect("good rows");
        let shipped = shipped::file("us-east-1").expect("known");
        assert_eq!(text.lines().count(), shipped.lines().count());
        let keys = |text: &str| text.lines().map(|line| line.split(',').next().unwrap_or_default().to_owned()).collect::<Vec<_>>();
        assert_eq!(keys(&text), keys(shipped));
        let again = PriceBook::from_text("us-east-1", "a.csv", &text, "id,description\n").expect("good text");
        let first = PriceBook::shipped("us-east-1").expect("shipped");
        assert!(again.prices().eq(first.prices()));
        assert!(PriceRows::shipped("mars-1").expect("no fault").is_none());
    }

    #[test]
    fn a_row_is_replaced_in_its_place() {
        let mut rows = PriceRows::of("a.csv", "key,usd,unit,usage_type,basis,source,date,note\nb,1,h,,estimate,x,2025,\n").expect("good");
        let new = |key: &str| NewPrice {
            key: key.to_owned(),
            usd: Decimal::new(25, 3),
            unit: "hour".to_owned(),
            usage_type: String::new(),
            source: "a, b".to_owned(),
            date: "2026-09-11".to_owned(),
            note: String::new(),
        };
        assert_eq!(rows.replace(new("a")), None);
        assert_eq!(rows.replace(new("b")), Some(OldPrice { usd: "1".to_owned(), date: "2025".to_owned() }));
        let text = rows.text("mars-1", "a.csv").expect("good rows");
        assert_eq!(text.lines().nth(2), Some("b,0.025,hour,,published,\"a, b\",2026-09-11,"));
    }
}
