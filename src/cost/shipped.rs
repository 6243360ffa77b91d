//! The price book that is compiled into the binary.

/// The price files by region, in alphabetical order.
macro_rules! price_files {
    ($($region:literal),* $(,)?) => {
        &[$(($region, include_str!(concat!("../../pricing/", $region, ".csv")))),*]
    };
}

const FILES: &[(&str, &str)] = price_files![
    "af-south-1",
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// The table of sources that the price files refer to.
pub(super) const SOURCES: &str = include_str!("../../pricing/sources.csv");

/// The text of one region's price file.
pub(super) fn file(region: &str) -> Option<&'static str> {
    FILES.iter().find(|(name, _)| *name == region).map(|(_, text)| *text)
}

/// The regions that ecsim ships prices of, in alphabetical order.
pub fn regions() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}
