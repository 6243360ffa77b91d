//! `ecsim pricing`.

mod check;
mod import;
mod show;

use clap::Subcommand;
use ecsim::cost::PriceBook;
use ecsim::error::Error;

use super::Done;
use super::console::Console;
use super::disk::Disk;

/// What to do with the price book.
#[derive(Clone, Debug, Subcommand)]
pub enum PricingCommand {
    /// Show prices with unit, source and date
    Show(show::ShowArgs),
    /// Tell which prices are missing, old, estimated or derived
    Check(check::CheckArgs),
    /// Put the prices of AWS's own price files into a catalogue
    Import(import::ImportArgs),
}

/// Runs the command.
pub fn run(command: &PricingCommand, console: &Console) -> Result<Done, Error> {
    match command {
        PricingCommand::Show(args) => show::run(args, console),
        PricingCommand::Check(args) => check::run(args, console),
        PricingCommand::Import(args) => import::run(args, console),
    }
}

/// The prices of a region in a catalogue, or those that ship with ecsim.
fn book(catalog: Option<&str>, region: &str) -> Result<PriceBook, Error> {
    match catalog {
        Some(folder) => PriceBook::from_folder(&Disk, folder, region),
        None => PriceBook::shipped(region),
    }
}
