//! The feed of Fargate Spot prices that AWS's page on Fargate prices shows.
//!
//! Each entry has a region, a unit and a price. The unit tells architecture and resource: `vCPU-Hours`, `GB-Hours`, and
//! the same after `ARM-` for Graviton. A price for any other span than an hour is not taken.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::gather::Gathering;
use super::{ImportedPrice, LeftOut};
use crate::error::Result;

/// A price of the feed.
#[derive(Deserialize)]
pub(super) struct FeedPrice<'a> {
    #[serde(borrow, default)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    unit: Cow<'a, str>,
    price: BTreeMap<String, String>,
    #[serde(borrow)]
    attributes: FeedAttributes<'a>,
}

#[derive(Deserialize)]
struct FeedAttributes<'a> {
    #[serde(borrow, rename = "aws:region")]
    region: Cow<'a, str>,
    #[serde(borrow, default, rename = "aws:label")]
    label: Cow<'a, str>,
}

/// AWS's unit, the price in the book, and the book's unit.
const UNITS: [(&str, &str, &str); 4] = [
    ("vCPU-Hours", "fargate_spot.linux_x86.vcpu_hour", "vCPU-hour"),
    ("GB-Hours", "fargate_spot.linux_x86.gb_hour", "GB-hour"),
    ("ARM-vCPU-Hours", "fargate_spot.linux_arm.vcpu_hour", "vCPU-hour"),
    ("ARM-GB-Hours", "fargate_spot.linux_arm.gb_hour", "GB-hour"),
];

/// The prices that the feed can supply.
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    UNITS.iter().map(|(_, key, _)| *key)
}

/// Takes a price of the feed.
pub(super) fn take(gathering: &mut Gathering, entry: &FeedPrice<'_>, line: usize) -> Result<()> {
    let region = &entry.attributes.region;
    gathering.check_region(region, "prices", line)?;
    if !gathering.wants(region) {
        gathering.ignore(super::gather::Reason::Unwanted, region);
        return Ok(());
    }
    match price(gathering, entry, line)? {
        Ok(price) => gathering.offer(region, price, line),
        Err(reason) => gathering.leave_out(LeftOut {
            line,
            region: region.to_string(),
            usage_type: entry.unit.to_string(),
            sku: entry.id.to_string(),
            reason,
        }),
    }
    Ok(())
}

fn price(gathering: &Gathering, entry: &FeedPrice<'_>, line: usize) -> Result<std::result::Result<ImportedPrice, String>> {
    let Some((_, key, unit)) = UNITS.iter().find(|(unit, _, _)| *unit == entry.unit) else {
        let known = UNITS.map(|(unit, _, _)| unit).join("`, `");
        return Ok(Err(format!("its price is for the unit `{}`, expected one of `{known}`", entry.unit.escape_debug())));
    };
    let label = &entry.attributes.label;
    if !label.is_empty() && !label.ends_with(" per hour") {
        return Ok(Err(format!("its label `{}` does not end with `per hour`", label.escape_debug())));
    }
    if label.to_ascii_uppercase().contains("ARM") && !entry.unit.starts_with("ARM-") {
        return Ok(Err(format!("its label `{}` contradicts its unit `{}`", label.escape_debug(), entry.unit)));
    }
    let Some(usd) = entry.price.get("USD") else { return Ok(Err("its price is not in US dollars".to_owned())) };
    let usd = gathering.decimal(usd, line, "prices")?;
    if usd.is_zero() {
        return Ok(Err("its price is 0".to_owned()));
    }
    Ok(Ok(ImportedPrice {
        key: (*key).to_owned(),
        usd: usd.normalize(),
        unit: (*unit).to_owned(),
        usage_type: String::new(),
        sku: entry.id.to_string(),
        effective: String::new(),
    }))
}
