//! The price book that is compiled into the binary.

use crate::regions::each_region;

macro_rules! price_files {
    ($($region:literal)*) => {
        &[$(($region, include_str!(concat!("../../pricing/", $region, ".csv")))),*]
    };
}

/// The price files by region, in alphabetical order.
const FILES: &[(&str, &str)] = each_region!(price_files);

/// The table of sources that the price files refer to.
pub(super) const SOURCES: &str = include_str!("../../pricing/sources.csv");

/// The text of one region's price file.
pub(super) fn file(region: &str) -> Option<&'static str> {
    FILES.iter().find(|(name, _)| *name == region).map(|(_, text)| *text)
}
