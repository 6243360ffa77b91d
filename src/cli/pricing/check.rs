//! `ecsim pricing check`.

use std::path::Path;

use clap::Args;
use ecsim::cost::{PriceBook, Remark, audit};
use ecsim::error::{Error, ErrorKind, Fault, Place};
use ecsim::files::reason;
use ecsim::regions::REGIONS;
use ecsim::report::price_check::{self, FindingRow, PriceCheck, RegionRow};
use jiff::civil::Date;

use crate::cli::console::Console;
use crate::cli::document::{Document, Table, Words, print};
use crate::cli::{Done, Format};

/// Arguments of `ecsim pricing check`.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  ecsim pricing check\n  ecsim pricing check --region eu-west-1 --max-age 90d\n  ecsim pricing check --catalog prices --today 2027-01-01 --format json"
)]
pub struct CheckArgs {
    /// A region, repeatable; none checks all regions of the catalogue
    #[arg(long, value_name = "REGION")]
    region: Vec<String>,
    /// A folder with a catalogue instead of the one that ships with ecsim
    #[arg(long, value_name = "FOLDER")]
    catalog: Option<String>,
    /// The day against which ages are told, as 2026-10-01; the day of the clock (UTC) if it is not given
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
    /// The age after which a price is stale, in days
    #[arg(long, value_name = "DAYS", default_value = "365d", value_parser = days)]
    max_age: i64,
    /// Look at every price of the book, not only at those that a bill can ask for
    #[arg(long)]
    all: bool,
    /// What standard output shows
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// A number of days, with or without the letter.
fn days(text: &str) -> Result<i64, String> {
    let number = text.strip_suffix('d').unwrap_or(text);
    number.parse::<u32>().map(i64::from).map_err(|_| "it is a number of days, as 365d".to_owned())
}

/// Runs the command.
pub fn run(args: &CheckArgs, console: &Console) -> Result<Done, Error> {
    let today = args.today.unwrap_or_else(today);
    let names = if args.region.is_empty() { all_regions(args.catalog.as_deref())? } else { args.region.clone() };
    let mut check = PriceCheck { today: today.to_string(), max_age_days: args.max_age, regions: Vec::new(), findings: Vec::new() };
    for name in &names {
        let book = super::book(args.catalog.as_deref(), name)?;
        let remarks = audit(&book, today, args.max_age, args.all);
        check.regions.push(region_row(&book, &remarks));
        check.findings.extend(remarks.into_iter().map(|remark| finding_row(name, remark)));
    }
    print(&check, args.format, console)?;
    Ok(Done::Well)
}

impl Document for PriceCheck {
    const TABLE: Table<Self> = |check, _, _| Ok(price_check::table(check));
    const MARKDOWN: Words<Self> = |check| Ok(price_check::markdown(check));
    const CSV: Words<Self> = price_check::csv;
}

/// The day of the clock.
fn today() -> Date {
    #[allow(clippy::disallowed_methods, reason = "the age of a price is told against today, and only the binary may ask what day it is")]
    let now = jiff::Timestamp::now();
    jiff::tz::TimeZone::UTC.to_datetime(now).date()
}

/// The regions of a catalogue, in alphabetical order.
fn all_regions(catalog: Option<&str>) -> Result<Vec<String>, Error> {
    let Some(folder) = catalog else { return Ok(REGIONS.iter().copied().map(str::to_owned).collect()) };
    let failure = |error: &std::io::Error| {
        let fault = Fault::new(ErrorKind::File, Place::file(folder), format!("cannot be read: {}", reason(error)));
        Error::from(fault.remedy("name a folder with one <region>.csv for each region"))
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(Path::new(folder)).map_err(|error| failure(&error))? {
        let name = entry.map_err(|error| failure(&error))?.file_name();
        let region = name.to_str().and_then(|name| name.strip_suffix(".csv")).filter(|region| *region != "sources");
        names.extend(region.map(str::to_owned));
    }
    names.sort();
    if names.is_empty() {
        let fault = Fault::new(ErrorKind::File, Place::file(folder), "the folder has no price file");
        return Err(fault.remedy("name a folder with one <region>.csv for each region").into());
    }
    Ok(names)
}

fn region_row(book: &PriceBook, remarks: &[Remark]) -> RegionRow {
    let count = |name: &str| remarks.iter().filter(|remark| remark.finding.name() == name).count();
    RegionRow {
        region: book.region().to_owned(),
        prices: book.prices().count(),
        missing: count("missing"),
        stale: count("stale"),
        future: count("future"),
        undated: count("undated"),
        estimate: count("estimate"),
        derived: count("derived"),
    }
}

fn finding_row(region: &str, remark: Remark) -> FindingRow {
    let Remark { finding, key, price, age_days } = remark;
    let (usd, date, source, note) =
        price.map(|price| (Some(price.usd.to_string()), price.date, price.source, price.note)).unwrap_or_default();
    FindingRow { region: region.to_owned(), finding: finding.name().to_owned(), key, usd, date, age_days, source, note }
}
