//! The bill as a FOCUS 1.2 table, as finance tools import it (FinOps Open Cost and Usage Specification).
//!
//! The columns are those of AWS's own export, "FOCUS 1.2 with AWS columns", in its order, followed by columns that say
//! what no invoice says: that the row is simulated, what it costs by the month, where its price comes from and whether it
//! is an estimate. One row stands for a line of the bill in a calendar month; a window that crosses months has rows for
//! each, in proportion to its time in them. Amounts are of the simulated window, not scaled to a month.
//!
//! A commitment of a Savings Plan is a purchase that is billed, and what it covers is billed nothing and has an effective
//! cost; so both columns add up to the window, as in AWS's export.
//!
//! A simulation has no accounts, invoices and resources of its own: these columns are empty, or say so where FOCUS
//! demands a value. Not told: taxes, credits, refunds.

use std::io::Write;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::error::{Error, ErrorKind, Fault, Place};
use crate::money::Usd;
use crate::result::{LineItem, RunResult};

/// What FOCUS demands and a simulation has not.
const NO_ACCOUNT: &str = "000000000000";
/// Decimal places of amounts.
const PLACES: u32 = 6;

/// The columns of AWS's export, then those of ecsim.
const FOCUS_COLUMNS: [&str; 66] = [
    "AvailabilityZone",
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingAccountType",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "CapacityReservationId",
    "CapacityReservationStatus",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountQuantity",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "CommitmentDiscountUnit",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "InvoiceId",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingCurrency",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "ServiceSubcategory",
    "SkuId",
    "SkuMeter",
    "SkuPriceDetails",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "SubAccountType",
    "Tags",
    "x_Discounts",
    "x_Operation",
    "x_ServiceCode",
    "x_IsSimulated",
    "x_IsEstimated",
    "x_PriceSource",
    "x_PriceDate",
    "x_MonthlyCost",
    "x_Behaviour",
];

/// Writes the bill of a result as FOCUS 1.2.
///
/// # Errors
/// When the window of the result has no times, or the writer fails.
pub fn write_focus(result: &RunResult, out: impl Write) -> Result<(), Error> {
    let months = months(time(&result.window.start)?, time(&result.window.end)?);
    write_rows(result, &months, out).map_err(|reason| {
        let message = format!("cannot write the FOCUS export: {reason}");
        Fault::new(ErrorKind::File, Place::default(), message).into()
    })
}

fn time(text: &str) -> Result<Timestamp, Error> {
    text.parse().map_err(|_| Fault::input(Place::path("window"), format!("`{text}` is no point in time")).into())
}

fn write_rows(result: &RunResult, months: &[Part], out: impl Write) -> csv::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(FOCUS_COLUMNS)?;
    let kept = kept(result);
    for line in &result.cost.line_items {
        for (part, quantity, cost, monthly) in parts(line, months) {
            let row = Row { result, line, part, quantity, cost, monthly, kept };
            writer.write_record(FOCUS_COLUMNS.map(|column| row.value(column)))?;
        }
    }
    for (part, amount) in purchases(result, months) {
        writer.write_record(FOCUS_COLUMNS.map(|column| purchase(column, result, &part, &amount)))?;
    }
    writer.flush()?;
    Ok(())
}

/// The part of a window that lies in one month.
#[derive(Clone, Debug, PartialEq)]
struct Part {
    start: Timestamp,
    end: Timestamp,
    billing_start: Timestamp,
    billing_end: Timestamp,
    /// Of the window, above 0.
    share: Decimal,
}

/// The window by calendar months in UTC, as AWS bills.
fn months(start: Timestamp, end: Timestamp) -> Vec<Part> {
    let whole = Decimal::from(end.duration_since(start).as_secs().max(1));
    let mut parts = Vec::new();
    let mut begin = start;
    while begin < end {
        let first = begin.to_zoned(TimeZone::UTC).date().first_of_month();
        let (billing_start, billing_end) = (midnight(first), next_month(first).map_or(Timestamp::MAX, midnight));
        let until = billing_end.min(end);
        let share = Decimal::from(until.duration_since(begin).as_secs()) / whole;
        parts.push(Part { start: begin, end: until, billing_start, billing_end, share });
        begin = until;
    }
    parts
}

fn midnight(date: Date) -> Timestamp {
    date.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

fn next_month(first: Date) -> Option<Date> {
    first.checked_add(jiff::Span::new().months(1)).ok()
}

/// A line by months: quantity, cost and monthly cost, whose sums are those of the line.
fn parts<'a>(line: &LineItem, months: &'a [Part]) -> Vec<(&'a Part, Decimal, Decimal, Decimal)> {
    let [quantity, cost, monthly] = [&line.quantity, &line.cost, &line.monthly_cost].map(|text| split(decimal(text), months));
    months.iter().zip(quantity).zip(cost).zip(monthly).map(|(((part, quantity), cost), monthly)| (part, quantity, cost, monthly)).collect()
}

/// An amount by the share of each month; the last one has what rounding leaves.
fn split(amount: Decimal, months: &[Part]) -> Vec<Decimal> {
    let mut left = amount;
    let last = months.len().saturating_sub(1);
    let part = |(number, month): (usize, &Part)| {
        // A share is at most 1, but a document changed by hand may hold any amount.
        let part = if number == last { left } else { amount.checked_mul(month.share).unwrap_or_default().round_dp(PLACES) };
        left = left.saturating_sub(part);
        part
    };
    months.iter().enumerate().map(part).collect()
}

/// What the Savings Plans cost, by plan and month.
fn purchases(result: &RunResult, months: &[Part]) -> Vec<(Part, (String, Decimal))> {
    let mut by_plan: Vec<(String, Decimal)> = Vec::new();
    for line in &result.cost.line_items {
        let Some(plan) = &line.savings_plan else { continue };
        match by_plan.iter_mut().find(|(name, _)| name == plan) {
            Some((_, sum)) => *sum = sum.saturating_add(decimal(&line.cost)),
            None => by_plan.push((plan.clone(), decimal(&line.cost))),
        }
    }
    let split = |(plan, sum): (String, Decimal)| {
        let amounts = split(sum, months);
        months.iter().cloned().zip(amounts).map(move |(part, amount)| (part, (plan.clone(), amount)))
    };
    by_plan.into_iter().flat_map(split).collect()
}

/// A line of the bill in a month.
struct Row<'a> {
    result: &'a RunResult,
    line: &'a LineItem,
    part: &'a Part,
    quantity: Decimal,
    cost: Decimal,
    monthly: Decimal,
    /// What the private discount leaves, 0 to 1.
    kept: Decimal,
}

impl Row<'_> {
    fn value(&self, column: &str) -> String {
        let line = self.line;
        let plan = line.savings_plan.as_deref();
        let is_unused = line.product == "Savings Plans";
        match column {
            "BilledCost" => amount(if plan.is_some() { Decimal::ZERO } else { self.cost }),
            "EffectiveCost" | "PricingCurrencyEffectiveCost" => amount(self.cost),
            "ContractedCost" => amount(self.contracted_cost()),
            "ContractedUnitPrice" | "PricingCurrencyContractedUnitPrice" if !is_unused => {
                self.contracted_unit_price().normalize().to_string()
            }
            "ListCost" => amount(self.before_discount(self.contracted_cost())),
            "ListUnitPrice" | "PricingCurrencyListUnitPrice" if !is_unused => {
                self.before_discount(self.contracted_unit_price()).normalize().to_string()
            }
            "ChargeCategory" => "Usage".to_owned(),
            "ChargeDescription" => line.description.clone(),
            "ChargeFrequency" => "Usage-Based".to_owned(),
            "CommitmentDiscountStatus" => plan.map(|_| if is_unused { "Unused" } else { "Used" }).unwrap_or_default().to_owned(),
            "CommitmentDiscountQuantity" => plan.map(|_| amount(self.cost)).unwrap_or_default(),
            "ConsumedQuantity" if !is_unused => self.quantity.normalize().to_string(),
            "ConsumedUnit" if !is_unused => line.unit.clone(),
            "PricingQuantity" if !is_unused => self.quantity.normalize().to_string(),
            "PricingUnit" if !is_unused => line.unit.clone(),
            "PricingCategory" => match (plan, line.capacity_provider.as_deref()) {
                (Some(_), _) => "Committed",
                (None, Some("FARGATE_SPOT")) => "Dynamic",
                (None, _) => "Standard",
            }
            .to_owned(),
            "ResourceId" | "ResourceName" => resource(line),
            "ResourceType" => line.resource.clone(),
            "SkuMeter" => line.usage_type.clone(),
            "x_IsEstimated" => line.estimated.to_string(),
            "x_PriceSource" => line.price_source.clone(),
            "x_PriceDate" => line.price_date.clone(),
            "x_MonthlyCost" => amount(self.monthly),
            "x_Behaviour" => line.behaviour.clone(),
            "Tags" => line.service.as_ref().map(|service| serde_json::json!({ "ecs:service": service }).to_string()).unwrap_or_default(),
            _ => common(column, self.result, self.part, &line.product, plan),
        }
    }

    /// What a unit costs without a commitment, the private discount taken off: FOCUS leaves plans out of this price.
    fn contracted_unit_price(&self) -> Decimal {
        decimal(self.line.on_demand_unit_price.as_ref().unwrap_or(&self.line.unit_price))
    }

    /// The cost without a commitment; nothing for one that nothing used.
    fn contracted_cost(&self) -> Decimal {
        match (&self.line.savings_plan, &self.line.on_demand_unit_price) {
            (None, _) => self.cost,
            (Some(_), None) => Decimal::ZERO,
            (Some(_), Some(price)) => self.quantity.checked_mul(decimal(price)).unwrap_or_default(),
        }
    }

    /// An amount before the private discount; with all of it taken off nothing says what it was.
    fn before_discount(&self, amount: Decimal) -> Decimal {
        amount.checked_div(self.kept).map_or(amount, |list| list.round_dp(12))
    }
}

/// What the private discount leaves, 0 to 1.
fn kept(result: &RunResult) -> Decimal {
    Decimal::ONE.saturating_sub(decimal(&result.cost.discount))
}

/// A commitment before the private discount.
fn committed(result: &RunResult, cost: Decimal) -> Decimal {
    cost.checked_div(kept(result)).unwrap_or(cost)
}

/// A column of the purchase of a Savings Plan.
fn purchase(column: &str, result: &RunResult, part: &Part, (plan, cost): &(String, Decimal)) -> String {
    match column {
        "BilledCost" | "ContractedCost" => amount(*cost),
        "ListCost" | "PricingQuantity" => amount(committed(result, *cost)),
        "EffectiveCost" | "PricingCurrencyEffectiveCost" => amount(Decimal::ZERO),
        "ChargeCategory" => "Purchase".to_owned(),
        "ChargeDescription" => format!("Compute Savings Plan {plan}, commitment"),
        "ChargeFrequency" => "Recurring".to_owned(),
        // FOCUS calls committed what a commitment covers, not its purchase.
        "PricingCategory" => "Standard".to_owned(),
        "CommitmentDiscountQuantity" => amount(*cost),
        "PricingUnit" => "USD".to_owned(),
        "ContractedUnitPrice" | "PricingCurrencyContractedUnitPrice" => kept(result).normalize().to_string(),
        "ListUnitPrice" | "PricingCurrencyListUnitPrice" => "1".to_owned(),
        "x_IsEstimated" => "false".to_owned(),
        "x_PriceSource" => "pricing.savings_plans of the scenario".to_owned(),
        "x_Behaviour" => "fixed".to_owned(),
        _ => common(column, result, part, "Savings Plans", Some(plan)),
    }
}

/// What does not depend on the line, or on its product alone.
fn common(column: &str, result: &RunResult, part: &Part, product: &str, plan: Option<&str>) -> String {
    let product = product_of(product);
    let of_plan = |text: &str| plan.map(|_| text.to_owned()).unwrap_or_default();
    match column {
        "BillingAccountId" | "SubAccountId" => NO_ACCOUNT.to_owned(),
        "BillingAccountName" | "SubAccountName" => "simulated".to_owned(),
        "BillingAccountType" | "SubAccountType" => "Account".to_owned(),
        "BillingCurrency" | "PricingCurrency" => result.cost.currency.clone(),
        "BillingPeriodStart" => part.billing_start.to_string(),
        "BillingPeriodEnd" => part.billing_end.to_string(),
        "ChargePeriodStart" => part.start.to_string(),
        "ChargePeriodEnd" => part.end.to_string(),
        "CommitmentDiscountCategory" => of_plan("Spend"),
        "CommitmentDiscountId" | "CommitmentDiscountName" => plan.map(|plan| format!("Compute Savings Plan {plan}")).unwrap_or_default(),
        "CommitmentDiscountType" => of_plan("Compute Savings Plan"),
        "CommitmentDiscountUnit" => of_plan("USD"),
        "InvoiceIssuerName" | "ProviderName" | "PublisherName" => "AWS".to_owned(),
        "RegionId" => result.cost.region.clone(),
        "ServiceCategory" => product.category.to_owned(),
        "ServiceSubcategory" => product.subcategory.to_owned(),
        "ServiceName" => product.name.to_owned(),
        "x_ServiceCode" => product.code.to_owned(),
        "x_IsSimulated" => "true".to_owned(),
        _ => String::new(),
    }
}

/// What AWS calls a product, and where FOCUS puts it.
struct Product<'a> {
    category: &'static str,
    subcategory: &'static str,
    name: &'a str,
    code: &'static str,
}

fn product_of(product: &str) -> Product<'_> {
    let (category, subcategory, name, code) = match product {
        "Fargate" => ("Compute", "Containers", "Amazon Elastic Container Service", "AmazonECS"),
        "Savings Plans" => ("Compute", "Other (Compute)", "Savings Plans for AWS Compute usage", "ComputeSavingsPlans"),
        "Elastic Load Balancing" => ("Networking", "Network Connectivity", "Elastic Load Balancing", "AWSELB"),
        "CloudWatch Logs" | "CloudWatch" => ("Management and Governance", "Observability", "AmazonCloudWatch", "AmazonCloudWatch"),
        "SQS" => ("Integration", "Messaging", "Amazon Simple Queue Service", "AWSQueueService"),
        "Data Transfer" => ("Networking", "Other (Networking)", "AWS Data Transfer", "AWSDataTransfer"),
        "EC2" => ("Compute", "Virtual Machines", "Amazon Elastic Compute Cloud", "AmazonEC2"),
        // Its prices stand in the offer of Amazon EC2.
        "NAT Gateway" => ("Networking", "Network Infrastructure", "Amazon Elastic Compute Cloud", "AmazonEC2"),
        "VPC" => ("Networking", "Network Infrastructure", "Amazon Virtual Private Cloud", "AmazonVPC"),
        "ECR" => ("Compute", "Containers", "Amazon Elastic Container Registry", "AmazonECR"),
        // Their prices stand in the offer of Amazon EC2 too.
        "EBS" => ("Storage", "Block Storage", "Amazon Elastic Compute Cloud", "AmazonEC2"),
        "EFS" => ("Storage", "File Storage", "Amazon Elastic File System", "AmazonEFS"),
        other => ("Other", "Other (Other)", other, ""),
    };
    Product { category, subcategory, name, code }
}

/// What a line is billed for: `web/tasks`, `shared balancer` ...
fn resource(line: &LineItem) -> String {
    match &line.service {
        Some(service) => format!("{service}/{}", line.resource),
        None => line.resource.clone(),
    }
}

fn amount(value: Decimal) -> String {
    Usd(value).to_places(PLACES)
}

/// An amount of the document; one that is no decimal counts as nothing.
fn decimal(text: &str) -> Decimal {
    text.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    /// Ten days around the end of January: three in it, seven in February.
    #[test]
    fn a_window_is_divided_by_months() {
        let parts = months(at("2026-01-29T00:00:00Z"), at("2026-02-08T00:00:00Z"));
        let shares: Vec<String> = parts.iter().map(|part| part.share.normalize().to_string()).collect();
        assert_eq!(shares, ["0.3", "0.7"]);
        assert_eq!((parts[0].billing_start, parts[0].billing_end), (at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z")));
        assert_eq!((parts[1].start, parts[1].billing_end), (at("2026-02-01T00:00:00Z"), at("2026-03-01T00:00:00Z")));
        // Nothing is lost by rounding.
        let amounts = split(decimal("0.000001"), &parts);
        assert_eq!(amounts.iter().copied().sum::<Decimal>(), decimal("0.000001"));
        // Nor is anything too large.
        assert_eq!(split(Decimal::MIN, &parts).len(), 2);
    }
}
