//! Puts imported prices into the price files of a catalogue.
//!
//! A file of AWS has the prices of one service; a scenario needs those of several, and its catalogue replaces the one that
//! ships with ecsim. So imported prices are put into what there is: the region's file in the catalogue, else the shipped
//! one, else an empty one.

use std::collections::BTreeMap;
use std::io::ErrorKind as IoErrorKind;

use super::{ImportedPrice, Offer};
use crate::cost::{NewPrice, OldPrice, PriceRows};
use crate::error::{Error, ErrorKind, Fault, Place, Result};
use crate::files::{Files, reason};

/// A price file with the imported prices in it.
#[derive(Clone, Debug)]
pub struct Update {
    /// The region.
    pub region: String,
    /// What the rest of the file is: the catalogue's own file, the shipped one, or nothing.
    pub base: &'static str,
    /// The whole new file.
    pub text: String,
    /// Its prices.
    pub prices: usize,
    /// What was put in, by key.
    pub changes: Vec<Change>,
}

/// An imported price and the one that it replaces.
#[derive(Clone, Debug)]
pub struct Change {
    /// The price.
    pub price: ImportedPrice,
    /// The file that it is from.
    pub file: String,
    /// The day of that file.
    pub date: String,
    /// What stood there; none for a price that is new.
    pub before: Option<OldPrice>,
}

impl Change {
    /// Whether the price that was replaced is of a later day than this one. Dates of the book sort as text.
    #[must_use]
    pub fn replaces_newer(&self) -> bool {
        let dated = |date: &str| date.starts_with(|digit: char| digit.is_ascii_digit());
        self.before.as_ref().is_some_and(|before| dated(&before.date) && dated(&self.date) && before.date > self.date)
    }
}

/// Puts the prices of all offers into the files of a catalogue folder, or of the shipped catalogue where there is none.
/// Nothing is written.
///
/// # Errors
/// When two offers have different prices for one key, or a file of the catalogue cannot be read or is broken.
pub fn merge(files: &dyn Files, folder: Option<&str>, offers: &[Offer]) -> Result<Vec<Update>> {
    let mut regions: BTreeMap<&str, BTreeMap<&str, (&Offer, &ImportedPrice)>> = BTreeMap::new();
    let mut faults = Vec::new();
    for offer in offers {
        for (region, prices) in &offer.prices {
            for (key, price) in prices {
                match regions.entry(region).or_default().insert(key, (offer, price)) {
                    Some((other, known)) if known.usd != price.usd => faults.push(conflict(region, key, (other, known), (offer, price))),
                    _ => {}
                }
            }
        }
    }
    Error::from_faults(faults)?;
    regions.into_iter().map(|(region, prices)| update(files, folder, region, prices)).collect()
}

fn conflict(region: &str, key: &str, first: (&Offer, &ImportedPrice), second: (&Offer, &ImportedPrice)) -> Fault {
    let message = format!("`{key}` of {region} costs {} here and {} in {}", second.1.usd, first.1.usd, first.0.file);
    Fault::input(Place::file(&second.0.file), message).remedy("nothing was imported: name one of the two files")
}

fn update(files: &dyn Files, folder: Option<&str>, region: &str, prices: BTreeMap<&str, (&Offer, &ImportedPrice)>) -> Result<Update> {
    let name = format!("{}/{region}.csv", folder.unwrap_or("."));
    let (mut rows, base) = base(files, folder.map(|_| name.as_str()), region)?;
    let mut changes = Vec::with_capacity(prices.len());
    for (offer, price) in prices.into_values() {
        let before = rows.replace(NewPrice {
            key: price.key.clone(),
            usd: price.usd,
            unit: price.unit.clone(),
            usage_type: price.usage_type.clone(),
            source: offer.source(),
            date: offer.date.clone(),
            note: note(price),
        });
        changes.push(Change { price: price.clone(), file: offer.file.clone(), date: offer.date.clone(), before });
    }
    let text = rows.text(region, &name)?;
    Ok(Update { region: region.to_owned(), base, text, prices: rows.count(), changes })
}

fn base(files: &dyn Files, name: Option<&str>, region: &str) -> Result<(PriceRows, &'static str)> {
    if let Some(name) = name {
        match files.read(name) {
            Ok(bytes) => {
                let text = String::from_utf8(bytes).map_err(|_| Fault::input(Place::file(name), "the price file is not UTF-8 text"))?;
                return Ok((PriceRows::of(name, &text)?, "the file of the catalogue"));
            }
            Err(error) if error.kind() == IoErrorKind::NotFound => {}
            Err(error) => {
                let message = format!("the price file cannot be read: {}", reason(&error));
                return Err(Fault::new(ErrorKind::File, Place::file(name), message).remedy("name a folder that you may read").into());
            }
        }
    }
    Ok(match PriceRows::shipped(region)? {
        Some(rows) => (rows, "the price book that ships with ecsim"),
        None => (PriceRows::default(), "nothing: ecsim ships no prices of the region"),
    })
}

fn note(price: &ImportedPrice) -> String {
    let since = if price.effective.is_empty() { String::new() } else { format!(", in force since {}", price.effective) };
    let word = if price.usage_type.is_empty() { "entry" } else { "SKU" };
    if price.sku.is_empty() { String::new() } else { format!("{word} {}{since}", price.sku) }
}
