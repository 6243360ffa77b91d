//! The AWS regions that ecsim knows: those that it ships prices of.
//!
//! The price book that is shipped has one file for each. A scenario names one of them, or any other with a catalogue of its own.

/// Calls a macro with the code of each region, in alphabetical order.
macro_rules! each_region {
    ($callback:ident) => {
        $callback! {
            "af-south-1" "ap-east-1" "ap-northeast-1" "ap-northeast-2" "ap-northeast-3" "ap-south-1" "ap-south-2" "ap-southeast-1"
            "ap-southeast-2" "ap-southeast-3" "ap-southeast-4" "ap-southeast-5" "ca-central-1" "ca-west-1" "eu-central-1" "eu-central-2"
            "eu-north-1" "eu-south-1" "eu-south-2" "eu-west-1" "eu-west-2" "eu-west-3" "il-central-1" "me-central-1" "me-south-1"
            "sa-east-1" "us-east-1" "us-east-2" "us-gov-east-1" "us-gov-west-1" "us-west-1" "us-west-2"
        }
    };
}
pub(crate) use each_region;

macro_rules! codes {
    ($($code:literal)*) => {
        &[$($code),*]
    };
}

/// The codes of the regions, in alphabetical order.
pub const REGIONS: &[&str] = each_region!(codes);
