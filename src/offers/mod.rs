//! AWS's price files as prices of the book.
//!
//! Four kinds of files have prices that a bill needs, and each of the first two comes as JSON and as CSV:
//! * an offer file of the AWS Price List Bulk API (`index.json`, `index.csv`), of several gigabytes for Amazon EC2;
//! * an offer of Compute Savings Plans;
//! * an answer of the Price List Query API (`aws pricing get-products`);
//! * the feed of Fargate Spot prices.
//!
//! A file is read from front to back in little memory, plain or gzip. What belongs to a price of the book is chosen by
//! rules that compare whole words, the region is the one that the product itself names, and everything that
//! was not taken is counted with its reason. A file that is damaged or cut off is refused whole.
//!
//! Not read: prices of EC2 Spot instances, of reserved instances, Savings Plan rates of EC2 and Lambda, files in other
//! currencies than US dollars.

mod csv;
mod gather;
mod header;
mod input;
mod json;
mod merge;
mod product;
mod rules;
mod savings;
mod scan;
mod spot;
mod usage_type;

use std::collections::BTreeMap;
use std::io::Read;

use rust_decimal::Decimal;

use crate::error::{Fault, Place, Result};
use crate::files::Files;
use gather::Gathering;
use header::Header;
use input::Syntax;
use savings::SavingsPlans;

pub use merge::{Change, Update, merge};

/// A price that a file has for the book.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedPrice {
    /// The book's key: `fargate.linux_x86.vcpu_hour`.
    pub key: String,
    /// US dollars for one unit, above 0.
    pub usd: Decimal,
    /// What is counted.
    pub unit: String,
    /// AWS's usage type, with the region's code as the file has it; empty in the feed of Spot prices, which has none.
    pub usage_type: String,
    /// What identifies the price in the file: a SKU, or the id of an entry of the feed.
    pub sku: String,
    /// Since when it holds, in the file's words; may be empty.
    pub effective: String,
}

/// Something that looked like a price of the book and was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its line in the file.
    pub line: usize,
    /// Its region.
    pub region: String,
    /// Its usage type, or its unit in the feed of Spot prices.
    pub usage_type: String,
    /// Its SKU.
    pub sku: String,
    /// Why.
    pub reason: String,
}

/// What has no price in the book, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// Why it has none.
    pub reason: String,
    /// How many: products in JSON, rows in CSV.
    pub count: u64,
    /// The first few, each once.
    pub examples: Vec<String>,
}

/// The kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// An offer file.
    Offer,
    /// An answer of GetProducts.
    Answer,
    /// The feed of Fargate Spot prices.
    SpotFeed,
    /// An offer of Savings Plans.
    SavingsPlans,
}

impl Form {
    /// What messages call it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Offer => "AWS price list",
            Self::Answer => "AWS GetProducts answer",
            Self::SpotFeed => "AWS Fargate Spot price feed",
            Self::SavingsPlans => "AWS Savings Plan price list",
        }
    }
}

/// What a file has for the book.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The file's name.
    pub file: String,
    /// Its kind.
    pub form: Form,
    /// AWS's code of the offer; empty in the feed of Spot prices.
    pub code: String,
    /// AWS's version of it.
    pub version: String,
    /// The day of its publication, or `undated`.
    pub date: String,
    /// The prices of each region by their key.
    pub prices: BTreeMap<String, BTreeMap<String, ImportedPrice>>,
    /// Prices of the book that a file of this kind can have, and this one has not, by region.
    pub absent: BTreeMap<String, Vec<String>>,
    /// What looked like a price of the book and was not taken.
    pub left_out: Vec<LeftOut>,
    /// What has no price in the book.
    pub ignored: Vec<Ignored>,
    /// What else the user should know.
    pub warnings: Vec<String>,
}

impl Offer {
    /// Where a price of this file comes from, in words for the price book.
    #[must_use]
    pub fn source(&self) -> String {
        let words = [self.form.words(), self.code.as_str()].into_iter().filter(|word| !word.is_empty());
        let version = if self.version.is_empty() { String::new() } else { format!(", version {}", self.version) };
        format!("{}{version}", words.collect::<Vec<_>>().join(" "))
    }
}

/// Reads a price file, for all regions or for some.
///
/// # Errors
/// When the file cannot be read, is damaged, cut off or none of these files, or has no price for the book at all; an
/// answer of GetProducts may have none, as it may be one page of several.
pub fn read(files: &dyn Files, name: &str, regions: &[String]) -> Result<Offer> {
    let (text, syntax) = input::open(files, name)?;
    let found = match syntax {
        Syntax::Json => json::read(text, name, regions, || again(files, name))?,
        Syntax::Csv => csv::read(text, name, regions)?,
    };
    found.offer(name)
}

fn again(files: &dyn Files, name: &str) -> Result<Box<dyn Read>> {
    if name == "-" {
        let fault = Fault::input(Place::file(name), "the terms precede the products, so the text must be read twice");
        return Err(fault.remedy("save it to a file, and import that").into());
    }
    input::open(files, name).map(|(text, _)| text)
}

/// What a reader has found.
struct Found {
    form: Form,
    header: Header,
    gathering: Gathering,
    /// Prices that a file of this kind can have.
    keys: Vec<String>,
    warnings: Vec<String>,
}

impl Found {
    fn new(form: Form, header: Header, mut gathering: Gathering, savings: SavingsPlans, warnings: Vec<String>) -> Result<Self> {
        let keys = match form {
            Form::Offer | Form::Answer => rules::keys_of(&header.offer).map(str::to_owned).collect(),
            Form::SpotFeed => spot::keys().map(str::to_owned).collect(),
            Form::SavingsPlans => savings.keys(),
        };
        if matches!(form, Form::Offer | Form::Answer) && keys.is_empty() {
            let message = format!("the price book has no price of the offer `{}`", header.offer.escape_debug());
            let remedy = format!("offers with prices of the book are {}", rules::offers().join(", "));
            return Err(Fault::input(Place::file(gathering.name()), message).remedy(remedy).into());
        }
        savings.finish(&mut gathering, &header)?;
        Ok(Self { form, header, gathering, keys, warnings })
    }

    fn offer(self, name: &str) -> Result<Offer> {
        let Self { form, header, gathering, keys, mut warnings } = self;
        let (prices, left_out, ignored) = gathering.finish();
        if prices.is_empty() {
            let fault = nothing(name, form, &left_out, &ignored);
            // One page of a long answer may well have nothing of use.
            if form != Form::Answer {
                return Err(fault.into());
            }
            warnings.push(fault.message);
        }
        if !left_out.is_empty() {
            warnings.push(format!("{} that looked like prices of the book were not taken, see the report", left_out.len()));
        }
        let absent = |found: &BTreeMap<String, ImportedPrice>| keys.iter().filter(|key| !found.contains_key(*key)).cloned().collect();
        let absent = prices.iter().map(|(region, found)| (region.clone(), absent(found))).collect();
        let date = header.date();
        let (code, version) = (header.offer, header.version);
        Ok(Offer { file: name.to_owned(), form, code, version, date, prices, absent, left_out, ignored, warnings })
    }
}

fn nothing(name: &str, form: Form, left_out: &[LeftOut], ignored: &[Ignored]) -> Fault {
    let left_out = left_out.iter().map(|row| format!("{}: {}", row.usage_type, row.reason));
    let ignored = ignored.iter().map(|row| format!("{} times {}", row.count, row.reason));
    let reasons: Vec<String> = left_out.chain(ignored).take(6).collect();
    let why = if reasons.is_empty() { "it has no products".to_owned() } else { reasons.join("; ") };
    let message = format!("this {} has no price for the book: {why}", form.words());
    Fault::input(Place::file(name), message).remedy("nothing was imported: check offer and region")
}
