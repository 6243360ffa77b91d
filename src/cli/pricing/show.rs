//! `ecsim pricing show`.

use clap::Args;
use ecsim::cost::{Price, list};
use ecsim::error::{Error, Fault, Place};
use ecsim::report::price_table::{self, PriceRow};

use crate::cli::console::Console;
use crate::cli::document::{Document, Table, Words, print};
use crate::cli::{Done, Format};

/// Arguments of `ecsim pricing show`.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  ecsim pricing show fargate\n  ecsim pricing show --region eu-west-1 alb\n  ecsim pricing show ec2 m7g --format csv"
)]
pub struct ShowArgs {
    /// Words to look for in key, usage type and source; all must match; none shows every price
    #[arg(value_name = "WORD")]
    filter: Vec<String>,
    /// The region
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// A folder with a catalogue instead of the one that ships with ecsim
    #[arg(long, value_name = "FOLDER")]
    catalog: Option<String>,
    /// What standard output shows
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command.
pub fn run(args: &ShowArgs, console: &Console) -> Result<Done, Error> {
    let book = super::book(args.catalog.as_deref(), &args.region)?;
    let filter = args.filter.join(" ");
    let rows: Vec<PriceRow> = list(&book, &filter).into_iter().map(row).collect();
    if rows.is_empty() {
        let fault = Fault::input(Place::default(), format!("no price of {} matches `{filter}`", args.region));
        return Err(fault.remedy("try fewer words, as `fargate`, or us-east-1, which has the most prices").into());
    }
    print(&rows, args.format, console)?;
    Ok(Done::Well)
}

impl Document for Vec<PriceRow> {
    const TABLE: Table<Self> = |rows, _, _| Ok(price_table::table(rows));
    const MARKDOWN: Words<Self> = |rows| Ok(price_table::markdown(rows));
    const CSV: Words<Self> = |rows| price_table::csv(rows);
}

fn row(price: &Price) -> PriceRow {
    PriceRow {
        key: price.key.clone(),
        usd: price.usd.to_string(),
        unit: price.unit.clone(),
        usage_type: price.usage_type.clone().unwrap_or_default(),
        basis: price.basis.name().to_owned(),
        source: price.source.clone(),
        date: price.date.clone(),
        note: price.note.clone(),
    }
}
