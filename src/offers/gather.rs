//! Collects what a price file has for the book, and why the rest was not taken.
//!
//! Products come first and say which SKUs have a price in the book; the prices of those SKUs follow. A product whose
//! price cannot be told for certain (another unit, tiers that the book does not have, several products for one price) is
//! left out and named: the book then keeps the price it has, or none.

use std::collections::BTreeMap;
use std::str::FromStr;

use rust_decimal::Decimal;

use super::product::Product;
use super::rules::{self, INSTANCE_UNIT, Miss, RULES, Rule, Target};
use super::usage_type::{UsageType, is_region};
use super::{Ignored, ImportedPrice, LeftOut};
use crate::error::{Fault, Place, Result};

/// Examples that are kept of what was ignored for one reason.
const EXAMPLES: usize = 4;

/// Why something has no price in the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    /// The product itself does not fit.
    Miss(Miss),
    /// The product belongs to another service than the offer.
    Service,
    /// It is sold in a local zone, a wavelength zone, an edge location.
    Zone,
    /// It names no region.
    NoRegion,
    /// A region that was not asked for.
    Unwanted,
    /// Prices of a commitment in an offer file.
    Reserved,
    /// A plan for other services or for one family of instances.
    Plan,
    /// A rate of a plan for usage without a price in the book.
    Rate,
}

impl Reason {
    fn words(self) -> String {
        match self {
            Self::Miss(Miss::Usage) => "the price book has no price of this usage type".to_owned(),
            Self::Miss(Miss::Family) => "the usage type is known, the product family is another one".to_owned(),
            Self::Miss(Miss::Attribute(name)) => format!("the usage type is known, `{name}` is another one"),
            Self::Service => "a product of another service".to_owned(),
            Self::Zone => "sold in a local zone or another place that is no region".to_owned(),
            Self::NoRegion => "no region is named".to_owned(),
            Self::Unwanted => "a region that was not asked for".to_owned(),
            Self::Reserved => "a price that is not on demand".to_owned(),
            Self::Plan => "a Savings Plan that is not for compute in general".to_owned(),
            Self::Rate => "a Savings Plan rate of usage without a price in the book".to_owned(),
        }
    }
}

/// One price of a SKU, as the file has it.
#[derive(Clone, Debug)]
pub(super) struct Dimension {
    /// Identifies the price within the file.
    pub rate_code: String,
    /// The offer term that it belongs to.
    pub term: String,
    /// Since when it holds, in the file's words.
    pub effective: String,
    pub unit: String,
    /// The quantity at which it begins, and at which it ends if it does.
    pub begin: Decimal,
    pub end: Option<Decimal>,
    /// US dollars; none where the price is in another currency.
    pub usd: Option<Decimal>,
}

struct Matched {
    rule: usize,
    region: String,
    usage_type: String,
    instance_type: String,
    line: usize,
    dimensions: Vec<Dimension>,
}

#[derive(Default)]
struct Tally {
    count: u64,
    examples: Vec<String>,
}

/// What was found so far.
pub(super) struct Gathering {
    name: String,
    regions: Vec<String>,
    matched: BTreeMap<String, Matched>,
    /// Candidates for each price of a region, with the line of each.
    offered: BTreeMap<(String, String), Vec<(ImportedPrice, usize)>>,
    ignored: BTreeMap<Reason, Tally>,
    left_out: Vec<LeftOut>,
}

/// The prices of each region by their key.
pub(super) type Prices = BTreeMap<String, BTreeMap<String, ImportedPrice>>;

impl Gathering {
    /// Nothing yet; `name` is what messages call the file, `regions` are those that are wanted, none for all.
    pub(super) fn new(name: &str, regions: &[String]) -> Self {
        Self {
            name: name.to_owned(),
            regions: regions.to_vec(),
            matched: BTreeMap::new(),
            offered: BTreeMap::new(),
            ignored: BTreeMap::new(),
            left_out: Vec::new(),
        }
    }

    /// Counts something that has no price in the book.
    pub(super) fn ignore(&mut self, reason: Reason, example: &str) {
        let tally = self.ignored.entry(reason).or_default();
        tally.count += 1;
        if tally.examples.len() < EXAMPLES && !tally.examples.iter().any(|known| known == example) {
            tally.examples.push(example.to_owned());
        }
    }

    /// Whether a region is asked for.
    pub(super) fn wants(&self, region: &str) -> bool {
        self.regions.is_empty() || self.regions.iter().any(|wanted| wanted == region)
    }

    /// Whether prices of this SKU are needed.
    pub(super) fn needs(&self, sku: &str) -> bool {
        self.matched.contains_key(sku)
    }

    /// Looks at a product of an offer, which stands at a line of the file. Says whether its prices are needed.
    pub(super) fn product(&mut self, offer: &str, product: &Product<'_>, line: usize) -> Result<bool> {
        let attributes = &product.attributes;
        let usage = UsageType::of(&attributes.usage_type);
        let service = &attributes.service_code;
        if !service.is_empty() && service != offer {
            self.ignore(Reason::Service, &attributes.usage_type);
            return Ok(false);
        }
        let rule = match rules::find(offer, usage.name, product) {
            Ok(rule) => rule,
            Err(miss) => {
                self.ignore(Reason::Miss(miss), &attributes.usage_type);
                return Ok(false);
            }
        };
        let region = attributes.region();
        if region.is_empty() {
            self.ignore(Reason::NoRegion, &attributes.usage_type);
            return Ok(false);
        }
        self.check_region(region, &product.sku, line)?;
        if !matches!(attributes.place_type(), "" | "AWS Region") {
            self.ignore(Reason::Zone, &attributes.usage_type);
            return Ok(false);
        }
        if !self.wants(region) {
            self.ignore(Reason::Unwanted, region);
            return Ok(false);
        }
        let matched = Matched {
            rule,
            region: region.to_owned(),
            usage_type: attributes.usage_type.to_string(),
            instance_type: attributes.instance_type.to_string(),
            line,
            dimensions: Vec::new(),
        };
        if !usage.is_of(region) {
            let why = "its usage type carries the code of another region".to_owned();
            self.leave_out(matched.left_out(&product.sku, why));
            return Ok(false);
        }
        if self.matched.insert(product.sku.to_string(), matched).is_some() {
            return Err(self.fault(line, &product.sku, "this product stands in the file twice"));
        }
        Ok(true)
    }

    /// A region's code becomes the name of a file: nothing else may pass.
    pub(super) fn check_region(&self, region: &str, path: &str, line: usize) -> Result<()> {
        if is_region(region) {
            return Ok(());
        }
        let shown: String = region.chars().take(40).collect();
        Err(self.fault(line, path, format!("the region is `{}`, which is no region's code", shown.escape_debug())))
    }

    /// Keeps a price of a SKU that is needed.
    pub(super) fn dimension(&mut self, sku: &str, dimension: Dimension, line: usize) -> Result<()> {
        let Some(matched) = self.matched.get_mut(sku) else { return Ok(()) };
        if matched.dimensions.iter().any(|known| known.rate_code == dimension.rate_code) {
            let message = format!("the price {} stands in the file twice", dimension.rate_code);
            return Err(self.fault(line, sku, message));
        }
        matched.dimensions.push(dimension);
        Ok(())
    }

    /// Reads a decimal that is not negative.
    pub(super) fn decimal(&self, text: &str, line: usize, path: &str) -> Result<Decimal> {
        let read = Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text)).ok();
        read.filter(|value| !value.is_sign_negative()).ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            self.fault(line, path, format!("found `{}`, expected a decimal of at least 0", shown.escape_debug()))
        })
    }

    /// A fault at a line of the file.
    pub(super) fn fault(&self, line: usize, path: &str, message: impl Into<String>) -> crate::error::Error {
        let place = Place { path: Some(path.to_owned()), ..Place::line(&self.name, line) };
        Fault::input(place, message).remedy("nothing was imported: download the file anew").into()
    }

    /// Keeps a price that needs no further search, and the line on which it stands.
    pub(super) fn offer(&mut self, region: &str, price: ImportedPrice, line: usize) {
        self.offered.entry((region.to_owned(), price.key.clone())).or_default().push((price, line));
    }

    /// Names something that might have been a price of the book, and why it was not taken.
    pub(super) fn leave_out(&mut self, left_out: LeftOut) {
        self.left_out.push(left_out);
    }

    /// What messages call the file.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The prices of all products that were found.
    pub(super) fn finish(mut self) -> (Prices, Vec<LeftOut>, Vec<Ignored>) {
        for (sku, found) in std::mem::take(&mut self.matched) {
            let rule = &RULES[found.rule];
            match priced(rule, &found) {
                Ok(prices) => prices.into_iter().for_each(|(key, usd)| {
                    let price = found.price(&sku, key, usd, unit(rule));
                    self.offer(&found.region, price, found.line);
                }),
                Err(reason) => self.leave_out(found.left_out(&sku, reason)),
            }
        }
        let mut prices = Prices::new();
        for ((region, key), mut candidates) in std::mem::take(&mut self.offered) {
            match candidates.pop() {
                Some((price, _)) if candidates.is_empty() => {
                    prices.entry(region).or_default().insert(key, price);
                }
                last => self.ambiguous(&region, &key, candidates.into_iter().chain(last).collect()),
            }
        }
        let ignored = self.ignored.into_iter();
        let ignored = ignored.map(|(reason, tally)| Ignored { reason: reason.words(), count: tally.count, examples: tally.examples });
        (prices, self.left_out, ignored.collect())
    }

    fn ambiguous(&mut self, region: &str, key: &str, candidates: Vec<(ImportedPrice, usize)>) {
        let skus: Vec<&str> = candidates.iter().map(|(price, _)| price.sku.as_str()).collect();
        let reason = format!("{} products fit the price `{key}`: {}", skus.len(), skus.join(", "));
        for (price, line) in candidates {
            let (region, reason) = (region.to_owned(), reason.clone());
            self.leave_out(LeftOut { line, region, usage_type: price.usage_type, sku: price.sku, reason });
        }
    }
}

impl Matched {
    fn left_out(&self, sku: &str, reason: String) -> LeftOut {
        let (region, usage_type) = (self.region.clone(), self.usage_type.clone());
        LeftOut { line: self.line, region, usage_type, sku: sku.to_owned(), reason }
    }

    fn price(&self, sku: &str, key: String, usd: Decimal, unit: &str) -> ImportedPrice {
        let effective = self.dimensions.first().map_or("", |dimension| &dimension.effective);
        ImportedPrice {
            key,
            usd: usd.normalize(),
            unit: unit.to_owned(),
            usage_type: self.usage_type.clone(),
            sku: sku.to_owned(),
            effective: effective.split('T').next().unwrap_or_default().to_owned(),
        }
    }
}

fn unit(rule: &Rule) -> &'static str {
    match rule.target {
        Target::Key { unit, .. } | Target::Tiers { unit, .. } => unit,
        Target::Instance => INSTANCE_UNIT,
    }
}

/// The prices of a product by their key, or why they cannot be told.
fn priced(rule: &Rule, found: &Matched) -> std::result::Result<Vec<(String, Decimal)>, String> {
    let mut dimensions: Vec<&Dimension> = found.dimensions.iter().collect();
    dimensions.sort_by_key(|dimension| dimension.begin);
    let Some(first) = dimensions.first() else { return Err("the file has no price on demand of it".to_owned()) };
    if dimensions.iter().any(|dimension| dimension.term != first.term) {
        return Err("the file has prices of several offer terms".to_owned());
    }
    let mut amounts = Vec::with_capacity(dimensions.len());
    for dimension in &dimensions {
        check_unit(&dimension.unit, rule.units)?;
        let usd = dimension.usd.ok_or("its price is not in US dollars")?;
        if usd.is_zero() {
            return Err("its price is 0".to_owned());
        }
        amounts.push(usd);
    }
    let keys: Vec<(u64, String)> = match &rule.target {
        Target::Key { key, .. } => vec![(0, (*key).to_owned())],
        Target::Instance => vec![(0, format!("ec2.on_demand.linux.{}.hour", found.instance_type))],
        Target::Tiers { tiers, .. } => tiers.iter().map(|(begin, key)| (*begin, (*key).to_owned())).collect(),
    };
    let begins: Vec<Decimal> = keys.iter().map(|(begin, _)| Decimal::from(*begin)).collect();
    let ends = begins.iter().skip(1).map(|begin| Some(*begin)).chain([None]);
    if !dimensions.iter().map(|dimension| (dimension.begin, dimension.end)).eq(begins.iter().copied().zip(ends)) {
        let range = |dimension: &&Dimension| {
            let end = dimension.end.map_or_else(|| "Inf".to_owned(), |end| end.normalize().to_string());
            format!("{} to {end}", dimension.begin.normalize())
        };
        let found = dimensions.iter().map(range).collect::<Vec<_>>().join(", ");
        return Err(format!("its prices are for {found}: not the tiers that the book has"));
    }
    Ok(keys.into_iter().map(|(_, key)| key).zip(amounts).collect())
}

/// Makes sure that a price is for the unit that the book means.
pub(super) fn check_unit(unit: &str, allowed: &[&str]) -> std::result::Result<(), String> {
    if allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(unit)) {
        return Ok(());
    }
    let shown: String = unit.chars().take(40).collect();
    Err(format!("its price is for the unit `{}`, expected `{}`", shown.escape_debug(), allowed.join("` or `")))
}
