//! Where the lines of a bill are written down.
//!
//! Every charge passes through here, so that one place looks up prices, rounds, scales to a month and spreads a
//! line's cost over the hours that caused it. A charge of nothing leaves no line and asks for no price.

use rust_decimal::Decimal;

use super::book::PriceBook;
use super::free_tier::{Allowance, MonthlyUse, allowance};
use super::line::{Behaviour, Group, Line};
use super::price::{Basis, Price};
use super::quantity;
use crate::error::{Error, Fault, Result};
use crate::usage::Usage;

/// What was used, before it has a price.
#[derive(Clone)]
pub(super) struct Charge<'a> {
    pub service: Option<&'a str>,
    pub resource: String,
    pub capacity_provider: Option<&'a str>,
    pub product: &'static str,
    pub description: String,
    pub behaviour: Behaviour,
    pub group: Group,
    pub key: &'a str,
    pub unit: &'static str,
    pub quantity: Decimal,
    /// The weight of each hour in this charge; empty: all hours alike.
    pub hours: Vec<f64>,
}

/// How a charge becomes money.
enum Rate {
    /// The price of its key, for this quantity of a month; none: the window's scaled.
    Priced { monthly_quantity: Option<Decimal> },
    /// An allowance that every account has.
    Free,
    /// An allowance of the free tier.
    FreeTier(&'static Allowance),
}

/// The lines so far.
pub(super) struct Ledger<'a> {
    pub book: &'a PriceBook,
    pub lines: Vec<Line>,
    /// Cost by hour and group.
    pub by_group: Vec<[f64; Group::ALL.len()]>,
    /// Cost by hour of what is not tasks: for each service in the order of `services`, then shared.
    pub other_costs: Vec<Vec<f64>>,
    /// Cost by hour of what is billed by the task, since this was last emptied.
    pub task_costs: Vec<f64>,
    /// Prices that were asked for and are missing: they are told together at the end.
    missing: Vec<Fault>,
    services: Vec<String>,
    window_seconds: Decimal,
    month_seconds: Decimal,
    /// What these lines use a month of prices that have an allowance.
    used: MonthlyUse,
    /// The same of all lines of the bill, as a first pass found it; empty in that pass.
    used_by_all: MonthlyUse,
}

impl<'a> Ledger<'a> {
    /// An empty ledger for this usage; `window_seconds` is the length of its window, `month_seconds` that of the month for
    /// which it stands, both above zero.
    pub fn new(usage: &Usage, services: Vec<String>, [window_seconds, month_seconds]: [Decimal; 2], book: &'a PriceBook) -> Self {
        Self {
            book,
            lines: Vec::new(),
            by_group: vec![[0.0; Group::ALL.len()]; usage.hours],
            other_costs: vec![vec![0.0; usage.hours]; services.len() + 1],
            task_costs: vec![0.0; usage.hours],
            missing: Vec::new(),
            services,
            window_seconds,
            month_seconds,
            used: MonthlyUse::default(),
            used_by_all: MonthlyUse::default(),
        }
    }

    /// What the lines so far use of prices that have an allowance; none when nothing does.
    pub fn monthly_use(&self) -> Option<MonthlyUse> {
        (!self.used.is_empty()).then(|| self.used.clone())
    }

    /// The same ledger, which takes the free allowances off lines that use so much together.
    pub fn with_allowances_for(mut self, used_by_all: MonthlyUse) -> Self {
        self.used_by_all = used_by_all;
        self
    }

    /// Writes down a charge whose month is the window repeated.
    pub fn charge(&mut self, charge: Charge<'_>) -> Result<()> {
        self.charge_above_allowance(charge, None)
    }

    /// Writes down a charge whose quantity of a month is known.
    pub fn charge_of_month(&mut self, charge: Charge<'_>, monthly_quantity: Decimal) -> Result<()> {
        self.charge_above_allowance(charge, Some(monthly_quantity))
    }

    /// What the free tier covers of a charge becomes a line of its own.
    fn charge_above_allowance(&mut self, charge: Charge<'_>, monthly_quantity: Option<Decimal>) -> Result<()> {
        let Some(allowance) = allowance(self.book.free_tier(), charge.key).filter(|_| !charge.quantity.is_zero()) else {
            return self.post(charge, &Rate::Priced { monthly_quantity });
        };
        let of_month = monthly_quantity.map_or_else(|| self.to_month(charge.quantity), Ok)?;
        self.used.add(allowance, of_month)?;
        let free_share = self.used_by_all.free_share(allowance)?;
        let free = quantity::rounded(quantity::multiply(charge.quantity, free_share)?);
        let left = of_month - quantity::multiply(of_month, free_share)?;
        let description = format!("{}, {}", charge.description, allowance.remark());
        self.post(Charge { quantity: free, description, ..charge.clone() }, &Rate::FreeTier(allowance))?;
        self.post(Charge { quantity: charge.quantity - free, ..charge }, &Rate::Priced { monthly_quantity: Some(left) })
    }

    /// The same where the quantity rests on what AWS does not publish: the line is an estimate, whatever its price is.
    pub fn charge_estimate(&mut self, charge: Charge<'_>, monthly_quantity: Decimal) -> Result<()> {
        let before = self.lines.len();
        self.charge_of_month(charge, monthly_quantity)?;
        self.lines[before..].iter_mut().for_each(|line| line.estimated = true);
        Ok(())
    }

    /// Writes down what of a commitment nothing has used, in US dollars, the discount taken off; `hours` weigh it.
    pub fn charge_unused_commitment(&mut self, plan: &str, unused: Decimal, hours: &[f64]) -> Result<()> {
        if unused.is_zero() {
            return Ok(());
        }
        self.spread(None, Group::SavingsPlans, true, hours, quantity::as_float(unused));
        let monthly_cost = quantity::rounded_money(self.to_month(unused)?);
        self.lines.push(Line {
            service: None,
            resource: "savings plans".to_owned(),
            capacity_provider: None,
            product: "Savings Plans",
            usage_type: String::new(),
            description: format!("Savings Plan {plan}, unused"),
            group: Group::SavingsPlans,
            behaviour: Behaviour::Fixed,
            quantity: unused.normalize(),
            unit: "USD",
            unit_price: Decimal::ONE,
            price_source: "pricing.savings_plans of the scenario".to_owned(),
            price_date: "undated".to_owned(),
            estimated: false,
            savings_plan: Some(plan.to_owned()),
            on_demand_unit_price: None,
            cost: unused,
            monthly_cost,
        });
        Ok(())
    }

    /// Writes down what a free allowance covers.
    pub fn allow(&mut self, charge: Charge<'_>) -> Result<()> {
        self.post(charge, &Rate::Free)
    }

    /// An amount of the window, scaled to a month of 730 hours.
    pub fn to_month(&self, amount: Decimal) -> Result<Decimal> {
        quantity::divide(quantity::multiply(amount, self.month_seconds)?, self.window_seconds)
    }

    /// An amount of a month, prorated to the window.
    pub fn to_window(&self, amount: Decimal) -> Result<Decimal> {
        quantity::divide(quantity::multiply(amount, self.window_seconds)?, self.month_seconds)
    }

    /// Hours of something that exists, as months of it.
    pub fn months(&self, hours: Decimal) -> Result<Decimal> {
        quantity::divide(quantity::multiply(hours, quantity::SECONDS_PER_HOUR)?, self.month_seconds)
    }

    /// The window in hours, fractions included.
    pub fn window_hours(&self) -> Result<Decimal> {
        quantity::divide(self.window_seconds, quantity::SECONDS_PER_HOUR)
    }

    /// The price of this key before the discount; a missing one is noted, and the bill fails in the end.
    pub fn price(&mut self, key: &str) -> Option<&'a Price> {
        match self.book.price(key) {
            Ok(price) => Some(price),
            Err(error) => {
                self.missing.extend(error.faults().iter().filter(|fault| !self.missing.contains(fault)).cloned().collect::<Vec<_>>());
                None
            }
        }
    }

    /// Whether every price that was asked for is there.
    ///
    /// # Errors
    /// When some are not: each is named once.
    pub fn complete(&mut self) -> Result<()> {
        Error::from_faults(std::mem::take(&mut self.missing))
    }

    fn post(&mut self, charge: Charge<'_>, rate: &Rate) -> Result<()> {
        let used = quantity::rounded(charge.quantity);
        if used.is_zero() {
            return Ok(());
        }
        let Some(price) = self.price(charge.key) else { return Ok(()) };
        let (unit_price, monthly_quantity) = match rate {
            Rate::Free | Rate::FreeTier(_) => (Decimal::ZERO, None),
            Rate::Priced { monthly_quantity } => (self.book.unit_price(charge.key)?, *monthly_quantity),
        };
        let cost = quantity::cost(used, unit_price)?;
        let monthly_cost = match monthly_quantity {
            Some(monthly) => quantity::cost(quantity::rounded(monthly), unit_price)?,
            None => quantity::rounded_money(self.to_month(cost)?),
        };
        // What a plan covers is paid by the hour, however many tasks run.
        let is_by_hour = charge.capacity_provider.is_none() || charge.group == Group::SavingsPlans;
        self.spread(charge.service, charge.group, is_by_hour, &charge.hours, quantity::as_float(cost));
        let (price_source, price_date, estimated) = match rate {
            Rate::FreeTier(allowance) => (allowance.source.to_owned(), allowance.date.to_owned(), false),
            Rate::Free | Rate::Priced { .. } => (self.source(price), price.date.clone(), price.basis == Basis::Estimate),
        };
        self.lines.push(Line {
            service: charge.service.map(str::to_owned),
            resource: charge.resource,
            capacity_provider: charge.capacity_provider.map(str::to_owned),
            product: charge.product,
            usage_type: price.usage_type.clone().unwrap_or_default(),
            description: charge.description,
            group: charge.group,
            behaviour: charge.behaviour,
            quantity: used.normalize(),
            unit: charge.unit,
            unit_price,
            price_source,
            price_date,
            estimated,
            savings_plan: None,
            on_demand_unit_price: None,
            cost,
            monthly_cost,
        });
        Ok(())
    }

    /// Where a price comes from, what AWS does not publish itself so named, and the discount.
    fn source(&self, price: &Price) -> String {
        let basis = price.basis.name();
        let source = match price.basis {
            Basis::Derived | Basis::Estimate if !price.source.starts_with(basis) => format!("{basis}: {}", price.source),
            _ => price.source.clone(),
        };
        let discount = self.book.discount();
        if discount.is_zero() {
            return source;
        }
        format!("{source}; {} less a discount of {} %", price.usd, (discount * Decimal::ONE_HUNDRED).normalize())
    }

    /// Lays a line's cost over the hours in proportion to their weights; `is_by_hour` when it is no price of tasks.
    fn spread(&mut self, service: Option<&str>, group: Group, is_by_hour: bool, weights: &[f64], cost: f64) {
        let sum: f64 = weights.iter().sum();
        let even = sum <= 0.0;
        let hours = self.by_group.len();
        let owner = service.and_then(|service| self.services.iter().position(|name| name == service));
        let owner = owner.unwrap_or(self.services.len());
        for hour in 0..hours {
            let share = if even { 1.0 / hours as f64 } else { weights.get(hour).copied().unwrap_or(0.0) / sum };
            self.by_group[hour][group.index()] += cost * share;
            let costs = if is_by_hour { &mut self.other_costs[owner] } else { &mut self.task_costs };
            costs[hour] += cost * share;
        }
    }
}
