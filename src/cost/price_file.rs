//! Reads the price files whose form `pricing/README.md` describes.

use std::collections::BTreeMap;
use std::str::FromStr;

use rust_decimal::Decimal;

use super::keys;
use super::price::{Basis, Price};
use crate::error::{Error, Fault, Place, Result};

pub(super) const PRICE_COLUMNS: [&str; 8] = ["key", "usd", "unit", "usage_type", "basis", "source", "date", "note"];
const SOURCE_COLUMNS: [&str; 2] = ["id", "description"];

/// The descriptions of sources by their id.
pub(super) fn sources(name: &str, text: &str) -> Result<BTreeMap<String, String>> {
    let rows = rows(name, text, &SOURCE_COLUMNS)?;
    Ok(rows.iter().map(|(_, row)| (row[0].to_owned(), row[1].to_owned())).collect())
}

/// The prices of a region by their key. Every faulty row is reported.
pub(super) fn prices(name: &str, text: &str, region: &str, sources: &BTreeMap<String, String>) -> Result<BTreeMap<String, Price>> {
    let mut prices = BTreeMap::new();
    let mut faults = Vec::new();
    for (line, row) in rows(name, text, &PRICE_COLUMNS)? {
        let place = Place { path: Some(row[0].to_owned()), ..Place::line(name, line) };
        match price(&row, region, sources) {
            Ok(price) => {
                if prices.insert(price.key.clone(), price).is_some() {
                    faults.push(Fault::input(place, "this key stands in the file twice").remedy("keep one row"));
                }
            }
            Err(message) => faults.push(Fault::input(place, message)),
        }
    }
    Error::from_faults(faults)?;
    Ok(prices)
}

fn price(row: &csv::StringRecord, region: &str, sources: &BTreeMap<String, String>) -> std::result::Result<Price, String> {
    let key = &row[0];
    if key.is_empty() {
        return Err("the key is empty".to_owned());
    }
    let usage_type = Some(row[3].to_owned()).filter(|name| !name.is_empty());
    Ok(Price {
        key: key.to_owned(),
        usd: amount(&row[1])?,
        unit: row[2].to_owned(),
        usage_type: usage_type.or_else(|| keys::usage_type(key, region)),
        basis: basis(&row[4])?,
        source: sources.get(&row[5]).map_or(&row[5], String::as_str).to_owned(),
        date: row[6].to_owned(),
        note: row[7].to_owned(),
    })
}

fn amount(text: &str) -> std::result::Result<Decimal, String> {
    Decimal::from_str(text)
        .ok()
        .filter(|usd| !usd.is_sign_negative())
        .ok_or_else(|| format!("usd is `{text}`, allowed is a decimal of at least 0 such as 0.04048"))
}

fn basis(text: &str) -> std::result::Result<Basis, String> {
    [Basis::Published, Basis::Derived, Basis::Estimate]
        .into_iter()
        .find(|basis| basis.name() == text)
        .ok_or_else(|| format!("basis is `{text}`, allowed are published, derived and estimate"))
}

/// The rows below a header of exactly these columns, with their line numbers.
pub(super) fn rows(name: &str, text: &str, columns: &[&str]) -> Result<Vec<(usize, csv::StringRecord)>> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| unreadable(name, &error))?;
    if !header.iter().eq(columns.iter().copied()) {
        let found = header.iter().collect::<Vec<_>>().join(",");
        let message = format!("the columns are `{found}`, a price file has `{}`", columns.join(","));
        return Err(Fault::input(Place::line(name, 1), message).remedy("see pricing/README.md").into());
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(name, &error))?;
        let line = record.position().map_or(0, csv::Position::line);
        rows.push((usize::try_from(line).unwrap_or(usize::MAX), record));
    }
    Ok(rows)
}

fn unreadable(name: &str, error: &csv::Error) -> Error {
    let line = error.position().map(|position| usize::try_from(position.line()).unwrap_or(usize::MAX));
    Fault::input(Place { line, ..Place::file(name) }, format!("no readable CSV: {error}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "key,usd,unit,usage_type,basis,source,date,note\n";

    fn read(rows: &str) -> Result<BTreeMap<String, Price>> {
        let sources = sources("sources.csv", "id,description\npage,the page\n")?;
        prices("mars-1.csv", &format!("{HEADER}{rows}"), "mars-1", &sources)
    }

    #[test]
    fn a_source_is_looked_up_and_other_text_stands_as_it_is() {
        let prices = read("a,0.10,GB,,published,page,2026,\nb,0.2,GB,X-GB,estimate,my bill,2026,\n").expect("good rows");
        assert_eq!(prices["a"].source, "the page");
        assert_eq!(prices["b"].source, "my bill");
        assert_eq!(prices["b"].usage_type.as_deref(), Some("X-GB"));
    }

    #[test]
    fn every_faulty_row_is_named_with_its_line() {
        let error = read("a,-1,GB,,published,p,2026,\na,1,GB,,guess,p,2026,\nb,1,GB,,derived,p,2026,\nb,1,GB,,derived,p,2026,\n")
            .expect_err("three faults")
            .to_string();
        assert!(error.contains("mars-1.csv:2: a: usd is `-1`"), "{error}");
        assert!(error.contains("mars-1.csv:3: a: basis is `guess`"), "{error}");
        assert!(error.contains("mars-1.csv:5: b: this key stands in the file twice"), "{error}");
    }

    #[test]
    fn other_columns_are_refused() {
        let error = sources("s.csv", "id,text\n").expect_err("a wrong header").to_string();
        assert!(error.contains("s.csv:1: the columns are `id,text`"), "{error}");
    }
}
