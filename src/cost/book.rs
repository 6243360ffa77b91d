//! The prices of one region, with the user's own prices and discount on top.
//!
//! A missing price is an error that says how to supply it; it is never zero and never that of a neighbour (where a
//! row of a file is, it says so and is an estimate). One price is computed: Fargate Spot on ARM, where the book has Spot
//! on x86 and on-demand on both. AWS sets one fraction of Spot to on-demand for a region: it is the same for vCPU and
//! memory in every region, and the same for x86 and ARM wherever both are published. Such a price is an estimate and
//! marked so.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use super::free_tier::FreeTier;
use super::keys;
use super::price::{Basis, Price};
use super::savings_plans::SavingsPlan;
use super::{price_file, quantity, shipped};
use crate::error::{Error, ErrorKind, Fault, Place, Result};
use crate::files::Files;
use crate::names::nearest;
use crate::regions::REGIONS;

/// The source of a price that a scenario replaces.
pub const OVERRIDES: &str = "pricing.overrides of the scenario";

/// How the shipped book is called in messages.
const SHIPPED: &str = "the price book that ships with ecsim";

/// Decimal places of a derived Spot price, as in AWS's own Spot price feed.
const SPOT_PLACES: u32 = 8;

/// The prices of one region.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceBook {
    region: String,
    name: String,
    prices: BTreeMap<String, Price>,
    /// Spot on x86 over on-demand on x86, for vCPU and for memory, before any override.
    spot_fractions: [Option<Decimal>; 2],
    discount: Decimal,
    savings_plans: Vec<SavingsPlan>,
    account_data_out_gb: Decimal,
    free_tier: FreeTier,
}

impl PriceBook {
    /// The book of a region that ships with ecsim.
    ///
    /// # Errors
    /// When ecsim ships no prices of the region.
    pub fn shipped(region: &str) -> Result<Self> {
        let text = shipped::file(region).ok_or_else(|| unknown_region(region))?;
        Self::from_text(region, SHIPPED, text, shipped::SOURCES)
    }

    /// The book of a region in a folder of price files, which replaces the shipped one. A folder without a
    /// `sources.csv` names its sources in the price files themselves.
    ///
    /// # Errors
    /// When the region's file cannot be read or breaks the format.
    pub fn from_folder(files: &dyn Files, folder: &str, region: &str) -> Result<Self> {
        let name = format!("{folder}/{region}.csv");
        let prices = read(files, &name)?;
        let sources_name = format!("{folder}/sources.csv");
        let sources = match files.read(&sources_name) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => "id,description\n".to_owned(),
            _ => read(files, &sources_name)?,
        };
        Self::from_text(region, &name, &prices, &sources)
    }

    /// A book from the text of a price file and of a table of sources; `name` is what messages call it.
    ///
    /// # Errors
    /// When a text breaks the format that `pricing/README.md` describes; every faulty row is named.
    pub fn from_text(region: &str, name: &str, prices: &str, sources: &str) -> Result<Self> {
        let sources = price_file::sources("sources.csv", sources)?;
        let prices = price_file::prices(name, prices, region, &sources)?;
        let spot_fractions = SPOT_PARTS.map(|part| spot_fraction(&prices, part));
        let mut book = Self {
            region: region.to_owned(),
            name: name.to_owned(),
            prices,
            spot_fractions,
            discount: Decimal::ZERO,
            savings_plans: Vec::new(),
            account_data_out_gb: Decimal::ZERO,
            free_tier: FreeTier::None,
        };
        book.derive_arm_spot();
        Ok(book)
    }

    /// The same book with the user's prices in place of its own.
    ///
    /// # Errors
    /// When a key is neither in the book nor one that a bill can ask for, or a price is negative.
    pub fn with_overrides(mut self, overrides: &[(String, Decimal)]) -> Result<Self> {
        let faults = overrides.iter().filter_map(|(key, usd)| self.override_price(key, *usd)).collect();
        Error::from_faults(faults)?;
        self.derive_arm_spot();
        Ok(self)
    }

    /// The same book with a discount on all usage, as a fraction from 0 to 1.
    ///
    /// # Errors
    /// When the discount lies outside.
    pub fn with_discount(mut self, discount: Decimal) -> Result<Self> {
        if discount.is_sign_negative() && !discount.is_zero() || discount > Decimal::ONE {
            let message = format!("the discount is {discount}, allowed is a fraction from 0 to 1");
            return Err(Fault::input(Place::path("pricing.discount"), message).into());
        }
        self.discount = discount;
        Ok(self)
    }

    /// The same book with so many times its Spot prices, which are estimates then.
    ///
    /// # Errors
    /// When the factor is no number from 0 on, or beyond all measure.
    pub fn with_spot_scale(&self, factor: f64) -> Result<Self> {
        let mut book = self.clone();
        if factor == 1.0 {
            return Ok(book);
        }
        let exact = quantity::factor(factor, "uncertainty.spot_price_scale")?;
        for price in book.prices.values_mut().filter(|price| price.key.starts_with("fargate_spot.")) {
            price.usd = quantity::rounded(quantity::multiply(price.usd, exact)?).normalize();
            price.basis = Basis::Estimate;
            price.source = format!("{}, times the uncertain factor of Spot prices", price.source);
        }
        Ok(book)
    }

    /// The same book for an account that holds these Savings Plans. Plans of one term and payment option are one plan with
    /// the sum of their commitments, which covers what they cover.
    ///
    /// # Errors
    /// When a commitment is negative, or their sum is beyond all measure.
    pub fn with_savings_plans(mut self, savings_plans: &[SavingsPlan]) -> Result<Self> {
        self.savings_plans = Vec::with_capacity(savings_plans.len());
        for plan in savings_plans {
            let commitment = plan.commitment_per_hour;
            if commitment.is_sign_negative() && !commitment.is_zero() {
                let message = format!("the commitment is {commitment}, allowed is a decimal of at least 0");
                return Err(Fault::input(Place::path("pricing.savings_plans"), message).into());
            }
            let is_alike = |known: &&mut SavingsPlan| known.term == plan.term && known.payment_option == plan.payment_option;
            match self.savings_plans.iter_mut().find(is_alike) {
                Some(known) => known.commitment_per_hour = quantity::add(known.commitment_per_hour, commitment)?,
                None => self.savings_plans.push(plan.clone()),
            }
        }
        Ok(self)
    }

    /// The same book for an account whose other workloads send so many GB (2^30 bytes) to the internet each month.
    ///
    /// # Errors
    /// When the figure is no number from 0 on, or beyond all measure.
    pub fn with_account_data_out(mut self, gb_per_month: f64) -> Result<Self> {
        self.account_data_out_gb = quantity::count(gb_per_month, "pricing.account_usage.data_out_gb")?;
        Ok(self)
    }

    /// The same book for an account that has these free allowances to itself.
    #[must_use]
    pub fn with_free_tier(mut self, free_tier: FreeTier) -> Self {
        self.free_tier = free_tier;
        self
    }

    /// The free allowances of the account.
    #[must_use]
    pub fn free_tier(&self) -> FreeTier {
        self.free_tier
    }

    /// What the rest of the account sends to the internet each month, in GB.
    #[must_use]
    pub fn account_data_out_gb(&self) -> Decimal {
        self.account_data_out_gb
    }

    /// The Savings Plans of the account.
    #[must_use]
    pub fn savings_plans(&self) -> &[SavingsPlan] {
        &self.savings_plans
    }

    /// The region whose prices these are.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// What messages call this book.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The discount on all usage, as a fraction.
    #[must_use]
    pub fn discount(&self) -> Decimal {
        self.discount
    }

    /// All prices before the discount, in the order of their keys.
    pub fn prices(&self) -> impl Iterator<Item = &Price> {
        self.prices.values()
    }

    /// The price of this key, before the discount.
    ///
    /// # Errors
    /// When the book has none: the error names the key, the region, the book and the remedy.
    pub fn price(&self, key: &str) -> Result<&Price> {
        self.prices.get(key).ok_or_else(|| {
            let message = format!("no price `{key}` for region {} in {}", self.region, self.name);
            let remedy = format!("give it yourself: pricing.overrides: {{{key}: \"0.01\"}} with your price in US dollars");
            Fault::new(ErrorKind::MissingPrice, Place::path("pricing"), message).remedy(remedy).into()
        })
    }

    /// What one unit costs after the discount, rounded to the places of a quantity.
    ///
    /// # Errors
    /// As [`PriceBook::price`].
    pub(super) fn unit_price(&self, key: &str) -> Result<Decimal> {
        let list = self.price(key)?.usd;
        if self.discount.is_zero() {
            return Ok(list);
        }
        quantity::multiply(list, Decimal::ONE - self.discount).map(|usd| quantity::rounded(usd).normalize())
    }

    /// Puts the user's price in place, or tells what is wrong with it.
    fn override_price(&mut self, key: &str, usd: Decimal) -> Option<Fault> {
        let place = Place::path(format!("pricing.overrides.{key}"));
        if usd.is_sign_negative() && !usd.is_zero() {
            return Some(Fault::input(place, format!("the price is {usd}, allowed is a decimal of at least 0")));
        }
        let Some(known) = self.template(key) else {
            let message = format!("neither a bill nor {} knows a price `{key}` for region {}", self.name, self.region);
            return Some(self.suggest(key, Fault::input(place, message)));
        };
        let replaced = self.prices.get(key).map(|price| format!("replaces {} of {}", price.usd, price.source));
        let own = Price {
            usd,
            basis: Basis::Override,
            source: OVERRIDES.to_owned(),
            date: "undated".to_owned(),
            note: replaced.unwrap_or_default(),
            ..known
        };
        self.prices.insert(key.to_owned(), own);
        None
    }

    /// What is known of a price apart from its amount; none for a key that nobody knows.
    fn template(&self, key: &str) -> Option<Price> {
        if let Some(price) = self.prices.get(key) {
            return Some(price.clone());
        }
        keys::is_bill_key(key).then(|| Price {
            key: key.to_owned(),
            usd: Decimal::ZERO,
            unit: key.rsplit('.').next().unwrap_or(key).replace('_', " "),
            usage_type: keys::usage_type(key, &self.region),
            basis: Basis::Override,
            source: String::new(),
            date: String::new(),
            note: String::new(),
        })
    }

    fn suggest(&self, key: &str, fault: Fault) -> Fault {
        let known = self.prices.keys().map(String::as_str).chain(keys::bill_keys().map(|key: &str| key));
        match nearest(key, known) {
            Some(nearest) => fault.remedy(format!("the nearest key is `{nearest}`")),
            None => fault,
        }
    }

    /// Adds the Spot prices of ARM that are missing and can be derived.
    fn derive_arm_spot(&mut self) {
        for (part, fraction) in SPOT_PARTS.into_iter().zip(self.spot_fractions) {
            let key = format!("fargate_spot.linux_arm.{part}");
            let on_demand = self.prices.get(&format!("fargate.linux_arm.{part}"));
            let (Some(fraction), Some(on_demand), false) = (fraction, on_demand, self.prices.contains_key(&key)) else {
                continue;
            };
            let Some(usd) = on_demand.usd.checked_mul(fraction) else { continue };
            let price = Price {
                usd: usd.round_dp_with_strategy(SPOT_PLACES, RoundingStrategy::MidpointAwayFromZero),
                usage_type: keys::usage_type(&key, &self.region),
                basis: Basis::Estimate,
                source: format!("the region's Spot fraction on x86 times the on-demand price on ARM ({})", on_demand.source),
                note: format!("{} x {}", fraction.round_dp(4), on_demand.usd),
                unit: on_demand.unit.clone(),
                date: on_demand.date.clone(),
                key: key.clone(),
            };
            self.prices.insert(key, price);
        }
    }
}

/// The two prices of a task on Linux.
const SPOT_PARTS: [&str; 2] = ["vcpu_hour", "gb_hour"];

fn spot_fraction(prices: &BTreeMap<String, Price>, part: &str) -> Option<Decimal> {
    let spot = prices.get(&format!("fargate_spot.linux_x86.{part}"))?.usd;
    spot.checked_div(prices.get(&format!("fargate.linux_x86.{part}"))?.usd)
}

fn read(files: &dyn Files, name: &str) -> Result<String> {
    let bytes = files.read(name).map_err(|error| {
        Fault::new(ErrorKind::File, Place::file(name), format!("the price file cannot be read: {error}"))
            .remedy("pricing.catalog names a folder with one <region>.csv for each region")
    })?;
    String::from_utf8(bytes).map_err(|_| Fault::input(Place::file(name), "the price file is not UTF-8 text").into())
}

fn unknown_region(region: &str) -> Error {
    let message = format!("ecsim ships no prices of region `{region}`; it has {}", REGIONS.join(", "));
    let own = "name a folder with prices of your own as pricing.catalog";
    let remedy = nearest(region, REGIONS.iter().copied()).map_or_else(|| own.to_owned(), |near| format!("did you mean {near}? or {own}"));
    Fault::new(ErrorKind::MissingPrice, Place::path("region"), message).remedy(remedy).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Memory(Vec<(&'static str, &'static str)>);

    impl Files for Memory {
        fn read(&self, name: &str) -> std::io::Result<Vec<u8>> {
            let found = self.0.iter().find(|(file, _)| *file == name);
            found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| std::io::ErrorKind::NotFound.into())
        }
    }

    fn dec(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    #[test]
    fn a_missing_price_names_key_region_book_and_remedy() {
        let error = PriceBook::shipped("eu-west-3").expect("shipped").price("alb.hour").expect_err("not known there");
        assert_eq!(error.faults()[0].kind, ErrorKind::MissingPrice);
        let text = error.to_string();
        for part in ["alb.hour", "eu-west-3", SHIPPED, "pricing.overrides"] {
            assert!(text.contains(part), "{text} lacks {part}");
        }
    }

    #[test]
    fn an_override_replaces_a_price_or_supplies_one_that_a_bill_needs() {
        let overrides = [("fargate.linux_x86.vcpu_hour".to_owned(), dec("0.035")), ("alb.hour".to_owned(), dec("0.025"))];
        let book = PriceBook::shipped("eu-west-3").expect("shipped").with_overrides(&overrides).expect("known keys");
        assert_eq!(book.price("fargate.linux_x86.vcpu_hour").expect("present").usd, dec("0.035"));
        let balancer = book.price("alb.hour").expect("supplied");
        assert_eq!((balancer.usd, balancer.basis), (dec("0.025"), Basis::Override));
        assert_eq!(balancer.usage_type.as_deref(), Some("EUW3-LoadBalancerUsage"));
    }

    #[test]
    fn an_unknown_or_negative_override_is_refused_with_the_nearest_key() {
        let overrides = [("fargate.linux_x86.vcpu_hours".to_owned(), dec("1")), ("alb.hour".to_owned(), dec("-1"))];
        let error = PriceBook::shipped("us-east-1").expect("shipped").with_overrides(&overrides).expect_err("two faults");
        assert_eq!(error.faults().len(), 2);
        assert!(error.to_string().contains("the nearest key is `fargate.linux_x86.vcpu_hour`"), "{error}");
    }

    #[test]
    fn arm_spot_is_derived_and_marked_where_it_is_missing() {
        // eu-west-2: 0.01468459 / 0.04656 x 0.03725 = 0.0117483028
        let book = PriceBook::shipped("eu-west-2").expect("shipped");
        let price = book.price("fargate_spot.linux_arm.vcpu_hour").expect("derived");
        assert_eq!((price.usd, price.basis), (dec("0.01174830"), Basis::Estimate));
        let published = PriceBook::shipped("us-east-1").expect("shipped");
        assert_eq!(published.price("fargate_spot.linux_arm.vcpu_hour").expect("present").basis, Basis::Published);
    }

    #[test]
    fn arm_on_demand_is_never_extrapolated() {
        let book = PriceBook::shipped("eu-central-1").expect("shipped");
        assert!(book.price("fargate.linux_x86.vcpu_hour").is_ok());
        assert!(book.price("fargate.linux_arm.vcpu_hour").is_err());
        assert!(book.price("fargate_spot.linux_arm.vcpu_hour").is_err());
    }

    #[test]
    fn a_folder_replaces_the_shipped_book() {
        let header = "key,usd,unit,usage_type,basis,source,date,note\n";
        let text: &'static str = Box::leak(format!("{header}alb.hour,1,hour,,published,my contract,2026,\n").into_boxed_str());
        let files = Memory(vec![("mine/mars-1.csv", text)]);
        let book = PriceBook::from_folder(&files, "mine", "mars-1").expect("readable");
        assert_eq!(book.price("alb.hour").expect("present").source, "my contract");
        let error = PriceBook::from_folder(&files, "mine", "venus-1").expect_err("no such file").to_string();
        assert!(error.contains("mine/venus-1.csv"), "{error}");
    }

    #[test]
    fn a_discount_is_a_fraction() {
        let book = PriceBook::shipped("us-east-1").expect("shipped");
        assert!(book.clone().with_discount(dec("1.01")).is_err());
        assert!(book.clone().with_discount(dec("-0.01")).is_err());
        let book = book.with_discount(dec("0.1")).expect("a fraction");
        assert_eq!(book.unit_price("fargate.linux_x86.vcpu_hour").expect("present"), dec("0.036432"));
    }

    #[test]
    fn an_unknown_region_is_told_the_nearest() {
        let text = PriceBook::shipped("eu-west-9").expect_err("unknown").to_string();
        assert!(text.contains("did you mean eu-west-"), "{text}");
    }
}
