//! One price and what it rests on.

use rust_decimal::Decimal;

/// What a price rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// AWS publishes this very figure.
    Published,
    /// Computed exactly from what AWS publishes.
    Derived,
    /// Neither: bills mark the lines that use it.
    Estimate,
    /// The user's own price.
    Override,
}

impl Basis {
    /// The word for it in a price file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Derived => "derived",
            Self::Estimate => "estimate",
            Self::Override => "override",
        }
    }
}

/// A price of one region.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// ecsim's name for it: `fargate.linux_x86.vcpu_hour`.
    pub key: String,
    /// US dollars for one unit, never negative.
    pub usd: Decimal,
    /// What is counted.
    pub unit: String,
    /// AWS's name for the usage, with the region's prefix; none where it is not known.
    pub usage_type: Option<String>,
    /// What it rests on.
    pub basis: Basis,
    /// Where it comes from, in words.
    pub source: String,
    /// For when the source states it: a day, month or year, or `undated`.
    pub date: String,
    /// A remark; may be empty.
    pub note: String,
}
