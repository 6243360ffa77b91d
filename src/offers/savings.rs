//! Offers of Compute Savings Plans: what an hour of Fargate costs under each plan.
//!
//! A file lists plans (`products`) and for each plan its rates (`terms.savingsPlan`), of EC2, Fargate and Lambda. The
//! book has the rates of Fargate's vCPUs and memory. Plans for one family of instances do not cover Fargate. A rate names
//! its region, or the file does; where neither does, the code before the usage type tells it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::gather::{Gathering, Reason, check_unit};
use super::header::Header;
use super::rules::{RULES, Rule, Target, Usage};
use super::usage_type::UsageType;
use super::{ImportedPrice, LeftOut};
use crate::cost::{COVERED_BY_SAVINGS_PLANS, region_of_code};
use crate::error::Result;
use rust_decimal::Decimal;

/// AWS writes both for an hour.
const HOURS: [&str; 2] = ["Hrs", "Hours"];
/// The only family of plans that covers Fargate.
const FAMILY: &str = "ComputeSavingsPlans";
/// A plan.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Plan<'a> {
    #[serde(borrow)]
    pub sku: Cow<'a, str>,
    #[serde(borrow)]
    pub product_family: Cow<'a, str>,
    #[serde(borrow)]
    pub attributes: PlanAttributes<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PlanAttributes<'a> {
    #[serde(borrow)]
    pub purchase_option: Cow<'a, str>,
    #[serde(borrow)]
    pub purchase_term: Cow<'a, str>,
}

/// A rate of a plan.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Rate<'a> {
    #[serde(borrow)]
    pub discounted_service_code: Cow<'a, str>,
    #[serde(borrow)]
    pub discounted_usage_type: Cow<'a, str>,
    #[serde(borrow)]
    pub discounted_operation: Cow<'a, str>,
    #[serde(borrow)]
    pub discounted_region_code: Cow<'a, str>,
    #[serde(borrow)]
    pub discounted_sku: Cow<'a, str>,
    #[serde(borrow)]
    pub unit: Cow<'a, str>,
    #[serde(borrow)]
    pub discounted_rate: Amount<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Amount<'a> {
    #[serde(borrow)]
    pub price: Cow<'a, str>,
    #[serde(borrow)]
    pub currency: Cow<'a, str>,
}

/// A rate of Fargate that was found.
pub(super) struct FargateRate {
    key: &'static str,
    region: String,
    usage_type: String,
    sku: String,
    usd: std::result::Result<Decimal, String>,
    line: usize,
}

/// What a file has of plans so far.
#[derive(Default)]
pub(super) struct SavingsPlans {
    /// The term of each plan as the book's keys have it, or why it has none.
    terms: BTreeMap<String, std::result::Result<String, Reason>>,
    rates: Vec<(String, Vec<FargateRate>)>,
}

impl SavingsPlans {
    /// Takes a plan.
    pub(super) fn product(&mut self, plan: &Plan<'_>) {
        let term = term(&plan.product_family, &plan.attributes.purchase_term, &plan.attributes.purchase_option);
        self.terms.insert(plan.sku.to_string(), term);
    }

    /// Looks at a rate, and returns it if the book has a price for it.
    pub(super) fn rate(gathering: &mut Gathering, rate: &Rate<'_>, line: usize) -> Result<Option<FargateRate>> {
        let usage = UsageType::of(&rate.discounted_usage_type);
        let key = Some(usage.name).filter(|_| rate.discounted_service_code == "AmazonECS").and_then(key_of);
        let Some(key) = key.filter(|_| rate.discounted_operation.is_empty()) else {
            gathering.ignore(Reason::Rate, &rate.discounted_usage_type);
            return Ok(None);
        };
        let region = match rate.discounted_region_code.as_ref() {
            "" => usage.code.and_then(region_of_code).unwrap_or_default(),
            region => region,
        };
        if !region.is_empty() {
            gathering.check_region(region, "terms.savingsPlan", line)?;
        }
        let path = "terms.savingsPlan";
        let usd = match check_unit(&rate.unit, &HOURS) {
            Err(reason) => Err(reason),
            Ok(()) if rate.discounted_rate.currency != "USD" => Err("its price is not in US dollars".to_owned()),
            Ok(()) => Ok(gathering.decimal(&rate.discounted_rate.price, line, path)?),
        };
        Ok(Some(FargateRate {
            key,
            region: region.to_owned(),
            usage_type: rate.discounted_usage_type.to_string(),
            sku: rate.discounted_sku.to_string(),
            usd,
            line,
        }))
    }

    /// Takes the rates of a plan.
    pub(super) fn plan(&mut self, sku: String, rates: Vec<FargateRate>) {
        self.rates.push((sku, rates));
    }

    /// The prices that the file's plans can have.
    pub(super) fn keys(&self) -> Vec<String> {
        let terms: std::collections::BTreeSet<&String> = self.terms.values().filter_map(|term| term.as_ref().ok()).collect();
        terms.into_iter().flat_map(|term| COVERED_BY_SAVINGS_PLANS.iter().map(move |key| format!("compute_sp.{term}.{key}"))).collect()
    }

    /// Hands all rates over, now that the terms of all plans are known.
    pub(super) fn finish(self, gathering: &mut Gathering, header: &Header) -> Result<()> {
        for (plan, rates) in self.rates {
            for rate in rates {
                let region = if rate.region.is_empty() { header.region.clone() } else { rate.region.clone() };
                let term = self.terms.get(&plan);
                let price = match (term, &rate.usd) {
                    (Some(Err(reason)), _) => {
                        gathering.ignore(*reason, &rate.usage_type);
                        continue;
                    }
                    (None, _) => Err("its plan is not among the products of the file".to_owned()),
                    (_, Err(reason)) => Err(reason.clone()),
                    _ if region.is_empty() => Err("neither the rate nor the file names a region".to_owned()),
                    (Some(Ok(_)), Ok(usd)) if usd.is_zero() => Err("its price is 0".to_owned()),
                    (Some(Ok(term)), Ok(usd)) => Ok((term, *usd)),
                };
                if !region.is_empty() {
                    gathering.check_region(&region, "regionCode", rate.line)?;
                }
                if !gathering.wants(&region) {
                    gathering.ignore(Reason::Unwanted, &region);
                    continue;
                }
                match price {
                    Ok((term, usd)) => {
                        let unit = if rate.key.ends_with("vcpu_hour") { "vCPU-hour" } else { "GB-hour" };
                        let price = ImportedPrice {
                            key: format!("compute_sp.{term}.{}", rate.key),
                            usd: usd.normalize(),
                            unit: unit.to_owned(),
                            usage_type: rate.usage_type,
                            sku: format!("{plan} for {}", rate.sku),
                            effective: String::new(),
                        };
                        gathering.offer(&region, price, rate.line);
                    }
                    Err(reason) => {
                        gathering.leave_out(LeftOut { line: rate.line, region, usage_type: rate.usage_type, sku: rate.sku, reason });
                    }
                }
            }
        }
        Ok(())
    }
}

/// The price on demand that a usage type of Fargate has in the book.
fn key_of(usage: &str) -> Option<&'static str> {
    let is_it = |rule: &&Rule| rule.offer == "AmazonECS" && matches!(rule.usage, Usage::Is(name) if name == usage);
    let rule = RULES.iter().find(is_it)?;
    match rule.target {
        Target::Key { key, .. } => Some(key).filter(|key| COVERED_BY_SAVINGS_PLANS.contains(key)),
        _ => None,
    }
}

/// `3y_no_upfront` for three years without payment in advance.
fn term(family: &str, years: &str, payment: &str) -> std::result::Result<String, Reason> {
    if family != FAMILY {
        return Err(Reason::Plan);
    }
    let years = match years {
        "1yr" | "1" => "1y",
        "3yr" | "3" => "3y",
        _ => return Err(Reason::Plan),
    };
    let payment = match payment {
        "No Upfront" => "no_upfront",
        "Partial Upfront" => "partial_upfront",
        "All Upfront" => "all_upfront",
        _ => return Err(Reason::Plan),
    };
    Ok(format!("{years}_{payment}"))
}
