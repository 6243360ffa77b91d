//! Where the lines of a bill are written down.
//!
//! Every charge passes through here, so that one place looks up prices, rounds, scales to a month and spreads a
//! line's cost over the hours that caused it. A charge of nothing leaves no line and asks for no price.

use rust_decimal::Decimal;

use super::book::PriceBook;
use super::line::{Behaviour, Group, Line};
use super::price::{Basis, Price};
use super::quantity;
use crate::error::{Error, Fault, Result};
use crate::units::HOURS_PER_MONTH;
use crate::usage::Usage;

/// What was used, before it has a price.
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
    /// A free allowance.
    Free,
}

/// The lines so far.
pub(super) struct Ledger<'a> {
    pub book: &'a PriceBook,
    pub lines: Vec<Line>,
    /// Cost by hour and group.
    pub by_group: Vec<[f64; Group::ALL.len()]>,
    /// Cost by hour of what is not tasks: for each service in the order of `services`, then shared.
    pub other_costs: Vec<Vec<f64>>,
    /// Prices that were asked for and are missing: they are told together at the end.
    missing: Vec<Fault>,
    services: Vec<String>,
    window_seconds: Decimal,
    month_seconds: Decimal,
}

impl<'a> Ledger<'a> {
    /// An empty ledger for this usage; `window_seconds` is the length of its window, above zero.
    pub fn new(usage: &Usage, services: Vec<String>, window_seconds: Decimal, book: &'a PriceBook) -> Self {
        Self {
            book,
            lines: Vec::new(),
            by_group: vec![[0.0; Group::ALL.len()]; usage.hours],
            other_costs: vec![vec![0.0; usage.hours]; services.len() + 1],
            missing: Vec::new(),
            services,
            window_seconds,
            month_seconds: Decimal::from(HOURS_PER_MONTH) * quantity::SECONDS_PER_HOUR,
        }
    }

    /// Writes down a charge whose month is the window repeated.
    pub fn charge(&mut self, charge: Charge<'_>) -> Result<()> {
        self.post(charge, &Rate::Priced { monthly_quantity: None })
    }

    /// Writes down a charge whose quantity of a month is known.
    pub fn charge_of_month(&mut self, charge: Charge<'_>, monthly_quantity: Decimal) -> Result<()> {
        self.post(charge, &Rate::Priced { monthly_quantity: Some(monthly_quantity) })
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
            Rate::Free => (Decimal::ZERO, None),
            Rate::Priced { monthly_quantity } => (self.book.unit_price(charge.key)?, *monthly_quantity),
        };
        let cost = quantity::cost(used, unit_price)?;
        let monthly_cost = match monthly_quantity {
            Some(monthly) => quantity::cost(quantity::rounded(monthly), unit_price)?,
            None => quantity::rounded_money(self.to_month(cost)?),
        };
        self.spread(&charge, quantity::as_float(cost));
        self.lines.push(Line {
            service: charge.service.map(str::to_owned),
            resource: charge.resource,
            capacity_provider: charge.capacity_provider.map(str::to_owned),
            product: charge.product,
            usage_type: price.usage_type.clone().unwrap_or_default(),
            description: charge.description,
            behaviour: charge.behaviour,
            quantity: used.normalize(),
            unit: charge.unit,
            unit_price,
            price_source: self.source(price),
            price_date: price.date.clone(),
            estimated: price.basis == Basis::Estimate,
            cost,
            monthly_cost,
        });
        Ok(())
    }

    fn source(&self, price: &Price) -> String {
        let discount = self.book.discount();
        if discount.is_zero() {
            return price.source.clone();
        }
        format!("{}; {} less a discount of {} %", price.source, price.usd, (discount * Decimal::ONE_HUNDRED).normalize())
    }

    /// Lays a line's cost over the hours in proportion to their weights.
    fn spread(&mut self, charge: &Charge<'_>, cost: f64) {
        let sum: f64 = charge.hours.iter().sum();
        let even = sum <= 0.0;
        let hours = self.by_group.len();
        let owner = charge.service.and_then(|service| self.services.iter().position(|name| name == service));
        let owner = owner.unwrap_or(self.services.len());
        for hour in 0..hours {
            let share = if even { 1.0 / hours as f64 } else { charge.hours.get(hour).copied().unwrap_or(0.0) / sum };
            self.by_group[hour][charge.group.index()] += cost * share;
            if charge.capacity_provider.is_none() {
                self.other_costs[owner][hour] += cost * share;
            }
        }
    }
}
