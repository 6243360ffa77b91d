//! `ecsim pricing import`.

use std::path::{Path, PathBuf};

use clap::Args;
use ecsim::error::{Error, Fault, Place};
use ecsim::offers::{Change, Offer, Update, merge, read};
use ecsim::report::price_import::{self, FileRow, IgnoredRow, ImportRow, LeftOutRow, PriceImport, RegionImport};

use crate::cli::console::Console;
use crate::cli::disk::Disk;
use crate::cli::document::{Document, Table, Words, print};
use crate::cli::outputs::{failure, fill};
use crate::cli::{Done, Format};

/// Arguments of `ecsim pricing import`.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  ecsim pricing import index.json\n  ecsim pricing import AmazonECS.json AWSELB.csv.gz fargate-spot-prices.json -o prices --region eu-west-1\n  ecsim estimate web.yaml --set pricing.catalog=prices\n\n\
                  FILE is an offer file of the AWS Price List (JSON or CSV), a GetProducts answer, the Fargate Spot price feed or a\n\
                  Savings Plan offer file, plain or gzip. pricing/README.md names their addresses."
)]
pub struct ImportArgs {
    /// Price files of AWS; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,
    /// The folder of the catalogue, in which <region>.csv is written for each region; without it nothing is written
    #[arg(short, long, value_name = "FOLDER", value_parser = folder)]
    output: Option<String>,
    /// A region, repeatable; none imports all regions that the files have
    #[arg(long, value_name = "REGION")]
    region: Vec<String>,
    /// What standard output shows
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// A catalogue is a folder: its files are named after the regions that the price files have.
fn folder(name: &str) -> Result<String, String> {
    let name = if name.len() > 1 { name.trim_end_matches(std::path::is_separator) } else { name };
    if name == "-" || name.ends_with(".csv") || Path::new(name).is_file() {
        return Err("it is the folder of the catalogue; the file in it is named after the region".to_owned());
    }
    Ok(name.to_owned())
}

/// Runs the command.
pub fn run(args: &ImportArgs, console: &Console) -> Result<Done, Error> {
    refuse_twice(&args.files)?;
    if let Some(folder) = args.output.as_deref().filter(|folder| Path::new(folder).exists()) {
        tempfile::tempfile_in(folder).map_err(|error| failure(folder, &error, "choose a folder that you may write to"))?;
    }
    let offers = args.files.iter().map(|file| read(&Disk, file, &args.region)).collect::<Result<Vec<Offer>, Error>>()?;
    refuse_nothing(&offers)?;
    let updates = merge(&Disk, args.output.as_deref(), &offers)?;
    let written = match &args.output {
        Some(folder) => write(folder, &updates, &args.files)?.into_iter().map(Some).collect(),
        None => vec![None; updates.len()],
    };
    warn(&offers, &updates, console);
    let report = report(&offers, &updates, written);
    print(&report, args.format, console)?;
    match &args.output {
        Some(folder) => console.note(&format!("use it with pricing.catalog: {folder}, or --set pricing.catalog={folder}")),
        None => console.note("nothing was written: name the folder of a catalogue with -o"),
    }
    Ok(Done::Well)
}

impl Document for PriceImport {
    const TABLE: Table<Self> = |report, _, _| Ok(price_import::table(report));
    const MARKDOWN: Words<Self> = |report| Ok(price_import::markdown(report));
    const CSV: Words<Self> = price_import::csv;
}

fn refuse_twice(files: &[String]) -> Result<(), Error> {
    let twice = files.iter().enumerate().filter(|(index, file)| files[..*index].contains(file));
    Error::from_faults(twice.map(|(_, file)| Fault::input(Place::file(file), "is named twice").remedy("name each file once")).collect())
}

/// Refuses files that have no price for the book among them.
fn refuse_nothing(offers: &[Offer]) -> Result<(), Error> {
    if offers.iter().any(|offer| !offer.prices.is_empty()) {
        return Ok(());
    }
    let fault = |offer: &Offer| {
        let why = offer.warnings.last().map_or("it has no price for the book", String::as_str);
        Fault::input(Place::file(&offer.file), why).remedy("nothing was imported: check offer and region")
    };
    Error::from_faults(offers.iter().map(fault).collect())
}

/// Fills all files of the catalogue and then puts all of them in place; returns their names.
fn write(folder: &str, updates: &[Update], inputs: &[String]) -> Result<Vec<String>, Error> {
    let names: Vec<String> = updates.iter().map(|update| format!("{folder}/{}.csv", update.region)).collect();
    let inputs: Vec<PathBuf> = inputs.iter().filter_map(|input| Path::new(input).canonicalize().ok()).collect();
    let replaces_input = names.iter().filter(|name| Path::new(name).canonicalize().is_ok_and(|path| inputs.contains(&path)));
    let faults =
        replaces_input.map(|name| Fault::input(Place::file(name), "is imported, and would be replaced").remedy("name another folder"));
    Error::from_faults(faults.collect())?;
    std::fs::create_dir_all(folder).map_err(|error| failure(folder, &error, "choose a folder that you may write to"))?;
    let mut filled = Vec::with_capacity(updates.len());
    for (name, update) in names.iter().zip(updates) {
        let file = fill(Path::new(name), update.text.as_bytes());
        filled.push(file.map_err(|error| failure(name, &error, "nothing was replaced; make room or choose another folder"))?);
    }
    for (name, file) in names.iter().zip(filled) {
        let placed = file.persist(name);
        placed.map_err(|error| failure(name, &error.error, "choose a folder that you may write to"))?;
    }
    Ok(names)
}

fn warn(offers: &[Offer], updates: &[Update], console: &Console) {
    for offer in offers {
        offer.warnings.iter().for_each(|warning| console.warn(&format!("{}: {warning}", offer.file)));
    }
    for update in updates {
        let older = update.changes.iter().filter(|change| change.replaces_newer()).count();
        if older > 0 {
            let prices = if older == 1 { "price replaces a newer one" } else { "prices replace newer ones" };
            console.warn(&format!("{}: {older} imported {prices}; see Date before", update.region));
        }
    }
}

fn report(offers: &[Offer], updates: &[Update], written: Vec<Option<String>>) -> PriceImport {
    let left_out = |offer: &Offer| {
        let row = |row: &ecsim::offers::LeftOut| LeftOutRow {
            file: offer.file.clone(),
            line: row.line,
            region: row.region.clone(),
            usage_type: row.usage_type.clone(),
            sku: row.sku.clone(),
            reason: row.reason.clone(),
        };
        offer.left_out.iter().map(row).collect::<Vec<_>>()
    };
    let ignored = |offer: &Offer| {
        let row = |row: &ecsim::offers::Ignored| IgnoredRow {
            file: offer.file.clone(),
            count: row.count,
            reason: row.reason.clone(),
            examples: row.examples.clone(),
        };
        offer.ignored.iter().map(row).collect::<Vec<_>>()
    };
    let file = |offer: &Offer| FileRow { file: offer.file.clone(), source: offer.source(), date: offer.date.clone() };
    PriceImport {
        files: offers.iter().map(file).collect(),
        regions: updates.iter().zip(written).map(|(update, written)| region(offers, update, written)).collect(),
        prices: updates.iter().flat_map(|update| update.changes.iter().map(|change| price(&update.region, change))).collect(),
        left_out: offers.iter().flat_map(left_out).collect(),
        ignored: offers.iter().flat_map(ignored).collect(),
    }
}

fn region(offers: &[Offer], update: &Update, written: Option<String>) -> RegionImport {
    let found = |key: &String| update.changes.iter().any(|change| change.price.key == *key);
    let absent = offers.iter().filter_map(|offer| offer.absent.get(&update.region)).flatten();
    let mut absent: Vec<String> = absent.filter(|key| !found(key)).cloned().collect();
    absent.sort();
    absent.dedup();
    RegionImport { region: update.region.clone(), base: update.base.to_owned(), written, prices: update.prices, absent }
}

fn price(region: &str, change: &Change) -> ImportRow {
    ImportRow {
        region: region.to_owned(),
        key: change.price.key.clone(),
        usd: change.price.usd.to_string(),
        unit: change.price.unit.clone(),
        usage_type: change.price.usage_type.clone(),
        sku: change.price.sku.clone(),
        before: change.before.as_ref().map(|before| before.usd.clone()),
        before_date: change.before.as_ref().map(|before| before.date.clone()),
        file: change.file.clone(),
    }
}
