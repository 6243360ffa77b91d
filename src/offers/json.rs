//! The JSON forms: offer files, GetProducts answers, the Fargate Spot price feed, Savings Plan offers.
//!
//! Which form a document has is known when its first large member comes: `products` is an object in an offer and an
//! array in a Savings Plan, answers of GetProducts have `PriceList`, the feed has `prices`. Members may come in any
//! order. Where the terms of an offer precede its products, it is not known yet whose prices are needed, and the file is
//! read a second time.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;

use serde::Deserialize;

use super::gather::{Dimension, Gathering, Reason};
use super::header::Header;
use super::product::Product;
use super::savings::{Plan, Rate, SavingsPlans};
use super::scan::Scanner;
use super::spot::{self, FeedPrice};
use super::{Form, Found};
use crate::error::{Fault, Place, Result};

/// A term of an offer: prices and since when they hold.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Term<'a> {
    #[serde(borrow, default)]
    effective_date: Cow<'a, str>,
    #[serde(borrow)]
    price_dimensions: BTreeMap<String, Rates<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rates<'a> {
    #[serde(borrow)]
    unit: Cow<'a, str>,
    #[serde(borrow, default)]
    begin_range: Cow<'a, str>,
    #[serde(borrow, default)]
    end_range: Cow<'a, str>,
    price_per_unit: BTreeMap<String, String>,
}

/// An item of a GetProducts answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    #[serde(borrow)]
    product: Product<'a>,
    #[serde(default)]
    service_code: String,
    #[serde(borrow)]
    terms: ListedTerms<'a>,
    #[serde(default)]
    version: String,
    #[serde(default)]
    publication_date: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListedTerms<'a> {
    #[serde(borrow, rename = "OnDemand")]
    on_demand: BTreeMap<String, Term<'a>>,
}

/// Reads a document; `again` opens it a second time where that is needed.
pub(super) fn read(input: impl Read, name: &str, regions: &[String], again: impl FnOnce() -> Result<Box<dyn Read>>) -> Result<Found> {
    let mut document = Document::new(name, regions);
    let mut scanner = Scanner::new(input, name);
    scanner.object(|scanner, key| document.member(scanner, key))?;
    scanner.end()?;
    drop(scanner);
    if document.terms_too_early {
        let mut scanner = Scanner::new(again()?, name);
        scanner.object(|scanner, key| if key == "terms" { document.offer_terms(scanner, true) } else { scanner.skip() })?;
        scanner.end()?;
    }
    document.finish()
}

struct Document {
    header: Header,
    gathering: Gathering,
    savings: SavingsPlans,
    form: Option<Form>,
    products: bool,
    terms: bool,
    terms_too_early: bool,
    warnings: Vec<String>,
}

impl Document {
    fn new(name: &str, regions: &[String]) -> Self {
        Self {
            header: Header::default(),
            gathering: Gathering::new(name, regions),
            savings: SavingsPlans::default(),
            form: None,
            products: false,
            terms: false,
            terms_too_early: false,
            warnings: Vec::new(),
        }
    }

    fn member<R: Read>(&mut self, scanner: &mut Scanner<R>, key: &str) -> Result<()> {
        match key {
            "formatVersion" | "FormatVersion" | "offerCode" | "version" | "publicationDate" | "regionCode" => {
                let text: Option<String> = scanner.parse()?;
                self.header.set(key, text.unwrap_or_default());
                self.header.check_format(&scanner.place())
            }
            "products" => {
                self.once(scanner, self.products)?;
                self.products = true;
                if scanner.peek()? == Some(b'[') {
                    self.be(Form::SavingsPlans, scanner)?;
                    scanner.array(|scanner| {
                        self.savings.product(&scanner.parse::<Plan<'_>>()?);
                        Ok(())
                    })
                } else {
                    self.be(Form::Offer, scanner)?;
                    scanner.object(|scanner, sku| self.offer_product(scanner, sku))
                }
            }
            "terms" => {
                self.once(scanner, self.terms)?;
                self.terms = true;
                self.offer_terms(scanner, false)
            }
            "PriceList" => {
                self.be(Form::Answer, scanner)?;
                scanner.array(|scanner| self.listed(scanner))
            }
            "NextToken" => {
                let token: Option<String> = scanner.parse()?;
                if token.is_some_and(|token| !token.is_empty()) {
                    self.warnings.push("the answer is one page of several (it has a NextToken): import the others with it".to_owned());
                }
                Ok(())
            }
            "prices" => {
                self.be(Form::SpotFeed, scanner)?;
                scanner.array(|scanner| {
                    let (price, line) = scanner.parse_at::<FeedPrice<'_>>()?;
                    spot::take(&mut self.gathering, &price, line)
                })
            }
            "metadata" => {
                let metadata: BTreeMap<String, serde_json::Value> = scanner.parse()?;
                let version = metadata.get("source:version").and_then(serde_json::Value::as_str).unwrap_or_default();
                self.header.set("version", version.to_owned());
                Ok(())
            }
            "regions" => Err(index_of_regions(scanner.name())),
            _ => scanner.skip(),
        }
    }

    /// A document is of one form.
    fn be<R: Read>(&mut self, form: Form, scanner: &Scanner<R>) -> Result<()> {
        match self.form {
            Some(known) if known != form => {
                let message = format!("the file is half {}, half {}", known.words(), form.words());
                Err(Fault::input(scanner.place(), message).remedy("import files as AWS publishes them").into())
            }
            _ => {
                self.form = Some(form);
                Ok(())
            }
        }
    }

    fn once<R: Read>(&self, scanner: &Scanner<R>, known: bool) -> Result<()> {
        if !known {
            return Ok(());
        }
        Err(Fault::input(scanner.place(), "this member stands in the file twice")
            .remedy("nothing was imported: download the file anew")
            .into())
    }

    fn offer_product<R: Read>(&mut self, scanner: &mut Scanner<R>, sku: &str) -> Result<()> {
        let (mut product, line) = scanner.parse_at::<Product<'_>>()?;
        if product.sku.is_empty() {
            product.sku = Cow::Borrowed(sku);
        }
        if product.sku != sku {
            let message = format!("the product says it is {}", product.sku.escape_debug());
            return Err(self.gathering.fault(line, &format!("products.{sku}"), message));
        }
        let offer = if self.header.offer.is_empty() { product.attributes.service_code.to_string() } else { self.header.offer.clone() };
        self.gathering.product(&offer, &product, line).map(|_| ())
    }

    /// The terms of an offer or of Savings Plans.
    fn offer_terms<R: Read>(&mut self, scanner: &mut Scanner<R>, second: bool) -> Result<()> {
        scanner.object(|scanner, kind| match kind {
            "OnDemand" => {
                self.be(Form::Offer, scanner)?;
                let early = !second && !self.products;
                self.terms_too_early |= early;
                scanner.object(|scanner, sku| if early { scanner.skip() } else { self.on_demand(scanner, sku) })
            }
            "savingsPlan" => {
                self.be(Form::SavingsPlans, scanner)?;
                scanner.array(|scanner| self.savings_plan(scanner))
            }
            _ => scanner.object(|scanner, sku| {
                if !second {
                    self.gathering.ignore(Reason::Reserved, if sku.is_empty() { kind } else { sku });
                }
                scanner.skip()
            }),
        })
    }

    fn on_demand<R: Read>(&mut self, scanner: &mut Scanner<R>, sku: &str) -> Result<()> {
        if !self.gathering.needs(sku) {
            return scanner.skip();
        }
        let (terms, line) = scanner.parse_at::<BTreeMap<String, Term<'_>>>()?;
        take_terms(&mut self.gathering, sku, &terms, line)
    }

    fn listed<R: Read>(&mut self, scanner: &mut Scanner<R>) -> Result<()> {
        if scanner.peek()? != Some(b'"') {
            let (item, line) = scanner.parse_at::<Listed<'_>>()?;
            return self.take_listed(&item, line);
        }
        // The API wraps each item into a string of its own.
        let (text, line) = scanner.parse_at::<String>()?;
        let item: Listed<'_> = serde_json::from_str(&text).map_err(|error| {
            let fault = Fault::input(scanner.place(), format!("the item is no product with its terms: {error}"));
            crate::error::Error::from(fault.remedy("nothing was imported: ask for the answer anew"))
        })?;
        self.take_listed(&item, line)
    }

    fn take_listed(&mut self, item: &Listed<'_>, line: usize) -> Result<()> {
        let code = if item.service_code.is_empty() { item.product.attributes.service_code.to_string() } else { item.service_code.clone() };
        if self.header.offer.is_empty() {
            self.header.offer.clone_from(&code);
        }
        self.header.newest(&item.version, &item.publication_date);
        if item.product.sku.is_empty() {
            return Err(self.gathering.fault(line, "PriceList", "a product without an SKU"));
        }
        if self.gathering.product(&code, &item.product, line)? {
            take_terms(&mut self.gathering, &item.product.sku, &item.terms.on_demand, line)?;
        }
        Ok(())
    }

    fn savings_plan<R: Read>(&mut self, scanner: &mut Scanner<R>) -> Result<()> {
        let mut sku = String::new();
        let mut rates = Vec::new();
        scanner.object(|scanner, key| match key {
            "sku" => {
                sku = scanner.parse()?;
                Ok(())
            }
            "rates" => scanner.array(|scanner| {
                let (rate, line) = scanner.parse_at::<Rate<'_>>()?;
                rates.extend(SavingsPlans::rate(&mut self.gathering, &rate, line)?);
                Ok(())
            }),
            _ => scanner.skip(),
        })?;
        self.savings.plan(sku, rates);
        Ok(())
    }

    fn finish(self) -> Result<Found> {
        let name = self.gathering.name().to_owned();
        let unknown = || {
            let message = "neither an offer file, a GetProducts answer, the Fargate Spot price feed nor a Savings Plan offer";
            Fault::input(Place::file(&name), message).remedy("see the list of files in pricing/README.md")
        };
        let form = self.form.ok_or_else(unknown)?;
        if matches!(form, Form::Offer | Form::SavingsPlans) && !(self.products && self.terms) {
            let missing = if self.products { "terms" } else { "products" };
            let fault = Fault::input(Place::file(&name), format!("the file has no `{missing}`: it is not whole"));
            return Err(fault.remedy("nothing was imported: download the file anew").into());
        }
        Found::new(form, self.header, self.gathering, self.savings, self.warnings)
    }
}

fn take_terms(gathering: &mut Gathering, sku: &str, terms: &BTreeMap<String, Term<'_>>, line: usize) -> Result<()> {
    for (code, term) in terms {
        for (rate_code, rates) in &term.price_dimensions {
            let path = format!("terms.OnDemand.{sku}");
            let begin = if rates.begin_range.is_empty() { "0" } else { &rates.begin_range };
            let end = match rates.end_range.as_ref() {
                "" | "Inf" => None,
                end => Some(gathering.decimal(end, line, &path)?),
            };
            let usd = match rates.price_per_unit.get("USD") {
                Some(usd) => Some(gathering.decimal(usd, line, &path)?),
                None => None,
            };
            let dimension = Dimension {
                rate_code: rate_code.clone(),
                term: code.clone(),
                effective: term.effective_date.to_string(),
                unit: rates.unit.to_string(),
                begin: gathering.decimal(begin, line, &path)?,
                end,
                usd,
            };
            gathering.dimension(sku, dimension, line)?;
        }
    }
    Ok(())
}

fn index_of_regions(name: &str) -> crate::error::Error {
    let fault = Fault::input(Place::file(name), "an index of regions, which has no prices itself");
    fault.remedy("download what it names as currentVersionUrl of your region, and import that").into()
}
