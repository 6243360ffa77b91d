//! The CSV forms of offers and of Savings Plan offers.
//!
//! A few lines about the file come first, then the names of the columns, then one line for each price, with the product's
//! attributes on it. AWS names columns as it likes (`usageType`, `Region Code`, `Pre Installed S/W`); they are compared
//! without case, blanks and signs.

use std::cell::Cell;
use std::io::Read;
use std::rc::Rc;

use super::gather::{Dimension, Gathering, Reason};
use super::header::Header;
use super::product::{Attributes, NAMES, Product};
use super::savings::{Amount, FargateRate, Plan, PlanAttributes, Rate, SavingsPlans};
use super::scan::unreadable;
use super::{Form, Found};
use crate::error::{Fault, Place, Result};

/// Lines within which the names of the columns must come.
const HEAD_LINES: usize = 20;

/// Columns of a price; all must be there.
const PRICE: [&str; 11] = [
    "sku",
    "offertermcode",
    "ratecode",
    "termtype",
    "startingrange",
    "endingrange",
    "unit",
    "priceperunit",
    "currency",
    "productfamily",
    "usagetype",
];

/// Columns of a rate of a Savings Plan; all must be there.
const RATE: [&str; 11] = [
    "sku",
    "ratecode",
    "unit",
    "discountedrate",
    "currency",
    "discountedsku",
    "discountedservicecode",
    "discountedusagetype",
    "discountedoperation",
    "purchaseoption",
    "leasecontractlength",
];

/// Reads a file.
pub(super) fn read(input: Box<dyn Read>, name: &str, regions: &[String]) -> Result<Found> {
    let quotes = Rc::new(Cell::new(Quotes::default()));
    let counted = Counted { input, quotes: Rc::clone(&quotes) };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).buffer_capacity(1 << 20).from_reader(counted);
    let mut header = Header::default();
    let columns = head(&mut reader, name, &mut header)?;
    header.check_format(&Place::line(name, 1))?;
    // Of two bytes at the end of a line, the CSV reader takes the second for a part of the next line.
    let late_lines = usize::from(quotes.get().two_byte_ends);
    let mut table = Table { columns: &columns, late_lines, gathering: Gathering::new(name, regions), savings: SavingsPlans::default() };
    let (form, header) = if columns.position("discountedrate").is_some() {
        table.savings_plans(&mut reader, header)?
    } else {
        table.offer(&mut reader, header)?
    };
    let (gathering, savings) = (table.gathering, table.savings);
    if quotes.get().odd {
        let fault = Fault::input(Place::file(name), "the file ends in the middle of a quoted cell");
        return Err(fault.remedy("nothing was imported: download the file anew").into());
    }
    let mut warnings = Vec::new();
    if quotes.get().last != b'\n' {
        warnings.push("the last line has no end: make sure that the file is whole".to_owned());
    }
    Found::new(form, header, gathering, savings, warnings)
}

/// Where the columns stand.
struct Columns(Vec<String>);

impl Columns {
    fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|column| column == name)
    }

    fn all<const N: usize>(&self, names: [&str; N], file: &str, line: usize) -> Result<[usize; N]> {
        let missing: Vec<&str> = names.iter().copied().filter(|name| self.position(name).is_none()).collect();
        if missing.is_empty() {
            return Ok(names.map(|name| self.position(name).unwrap_or_default()));
        }
        let message = format!("there is no column {}", missing.join(", "));
        Err(Fault::input(Place::line(file, line), message).remedy("import files as AWS publishes them").into())
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Reads the lines about the file and the names of the columns.
fn head<R: Read>(reader: &mut csv::Reader<R>, name: &str, header: &mut Header) -> Result<Columns> {
    let mut record = csv::StringRecord::new();
    for _ in 0..HEAD_LINES {
        if !next(reader, &mut record, name)? {
            break;
        }
        match record.get(0).map(plain).as_deref() {
            Some("sku") if record.len() > 2 => return Ok(Columns(record.iter().map(plain).collect())),
            Some(key) => header.set(key, record.get(1).unwrap_or_default().to_owned()),
            None => {}
        }
    }
    let fault = Fault::input(Place::file(name), "neither JSON nor a CSV file with a column SKU");
    Err(fault.remedy("see the list of files in pricing/README.md").into())
}

fn next<R: Read>(reader: &mut csv::Reader<R>, record: &mut csv::StringRecord, name: &str) -> Result<bool> {
    reader.read_record(record).map_err(|error| {
        let line = error.position().map(|position| usize::try_from(position.line()).unwrap_or(usize::MAX));
        match error.into_kind() {
            csv::ErrorKind::Io(error) => unreadable(name, line, &error),
            _ => {
                let fault = Fault::input(Place { line, ..Place::file(name) }, "bytes that are not UTF-8 text");
                fault.remedy("nothing was imported: download the file anew").into()
            }
        }
    })
}

struct Table<'c> {
    columns: &'c Columns,
    /// By how many lines the CSV reader is behind.
    late_lines: usize,
    gathering: Gathering,
    savings: SavingsPlans,
}

impl Table<'_> {
    /// The next row and its line; every row has all columns.
    fn row<R: Read>(&self, reader: &mut csv::Reader<R>, record: &mut csv::StringRecord) -> Result<Option<usize>> {
        let name = self.gathering.name();
        if !next(reader, record, name)? {
            return Ok(None);
        }
        let line = record.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or(usize::MAX));
        let line = line.saturating_add(self.late_lines);
        if record.len() == self.columns.0.len() {
            return Ok(Some(line));
        }
        let message = format!("a row of {} cells, the file has {} columns", record.len(), self.columns.0.len());
        Err(Fault::input(Place::line(name, line), message).remedy("nothing was imported: download the file anew").into())
    }

    fn offer<R: Read>(&mut self, reader: &mut csv::Reader<R>, mut header: Header) -> Result<(Form, Header)> {
        let head_line = usize::try_from(reader.position().line()).unwrap_or(usize::MAX).saturating_sub(1);
        let places = self.columns.all(PRICE, self.gathering.name(), head_line)?;
        let attributes = NAMES.map(|name| self.columns.position(&plain(name)));
        let effective = self.columns.position("effectivedate");
        let mut record = csv::StringRecord::new();
        while let Some(line) = self.row(reader, &mut record)? {
            let [sku, term, rate_code, kind, begin, end, unit, price, currency, family, usage] = places.map(|at| &record[at]);
            if kind != "OnDemand" {
                self.gathering.ignore(Reason::Reserved, usage);
                continue;
            }
            if !self.gathering.needs(sku) {
                let attributes = Attributes::from_cells(attributes.map(|at| at.map_or("", |at| &record[at])));
                if header.offer.is_empty() {
                    header.offer = attributes.service_code.to_string();
                }
                let product = Product { sku: sku.into(), product_family: family.into(), attributes };
                if !self.gathering.product(&header.offer, &product, line)? {
                    continue;
                }
            }
            let decimal = |text: &str| self.gathering.decimal(text, line, sku);
            let dimension = Dimension {
                rate_code: rate_code.to_owned(),
                term: term.to_owned(),
                effective: effective.map_or("", |at| &record[at]).to_owned(),
                unit: unit.to_owned(),
                begin: if begin.is_empty() { decimal("0")? } else { decimal(begin)? },
                end: if matches!(end, "" | "Inf") { None } else { Some(decimal(end)?) },
                usd: if currency == "USD" { Some(decimal(price)?) } else { None },
            };
            self.gathering.dimension(sku, dimension, line)?;
        }
        Ok((Form::Offer, header))
    }

    fn savings_plans<R: Read>(&mut self, reader: &mut csv::Reader<R>, header: Header) -> Result<(Form, Header)> {
        let head_line = usize::try_from(reader.position().line()).unwrap_or(usize::MAX).saturating_sub(1);
        let places = self.columns.all(RATE, self.gathering.name(), head_line)?;
        let (family, region) = (self.columns.position("productfamily"), self.columns.position("discountedregioncode"));
        let mut record = csv::StringRecord::new();
        let mut rates: Vec<(String, FargateRate)> = Vec::new();
        while let Some(line) = self.row(reader, &mut record)? {
            let [sku, _, unit, price, currency, discounted, service, usage, operation, option, years] = places.map(|at| &record[at]);
            let optional = |at: Option<usize>| at.map_or("", |at| &record[at]);
            let rate = Rate {
                discounted_service_code: service.into(),
                discounted_usage_type: usage.into(),
                discounted_operation: operation.into(),
                discounted_region_code: optional(region).into(),
                discounted_sku: discounted.into(),
                unit: unit.into(),
                discounted_rate: Amount { price: price.into(), currency: currency.into() },
            };
            let Some(found) = SavingsPlans::rate(&mut self.gathering, &rate, line)? else { continue };
            let attributes = PlanAttributes { purchase_option: option.into(), purchase_term: years.into() };
            self.savings.product(&Plan { sku: sku.into(), product_family: optional(family).into(), attributes });
            rates.push((sku.to_owned(), found));
        }
        rates.into_iter().for_each(|(sku, rate)| self.savings.plan(sku, vec![rate]));
        Ok((Form::SavingsPlans, header))
    }
}

/// What a cut-off file shows: a quote that is not closed, a last line without an end.
#[derive(Clone, Copy, Default)]
struct Quotes {
    odd: bool,
    last: u8,
    /// Whether lines end with a carriage return and a line feed.
    two_byte_ends: bool,
}

/// A reader that counts quotes: the CSV reader takes the end of a file for the end of a quoted cell.
struct Counted {
    input: Box<dyn Read>,
    quotes: Rc<Cell<Quotes>>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let length = self.input.read(into)?;
        let Some(last) = into[..length].last() else { return Ok(0) };
        let odd = memchr::memchr_iter(b'"', &into[..length]).count() % 2 == 1;
        let known = self.quotes.get();
        let two_byte_ends = known.two_byte_ends || memchr::memmem::find(&into[..length], b"\r\n").is_some();
        self.quotes.set(Quotes { odd: known.odd != odd, last: *last, two_byte_ends });
        Ok(length)
    }
}
