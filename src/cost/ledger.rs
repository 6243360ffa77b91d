//! Where the lines of a bill are written down.
//!
//! Every charge passes through here, so that one place looks up prices, rounds, scales to a month and spreads a
//! line's cost over the hours that caused it. A charge of nothing leaves no line and asks for no price.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::book::PriceBook;
use super::free_tier::{Allowance, allowance};
use super::line::{Behaviour, Group, Line};
use super::price::{Basis, Price};
use super::{quantity, tasks};
use crate::error::{Error, Fault, Result};
use crate::usage::Usage;

/// What was used, before it has a price.
#[derive(Clone)]
pub(super) struct Charge {
    pub service: Option<String>,
    pub resource: String,
    pub capacity_provider: Option<String>,
    pub product: &'static str,
    pub description: String,
    pub behaviour: Behaviour,
    pub group: Group,
    pub key: Cow<'static, str>,
    pub unit: &'static str,
    /// What the window used.
    pub quantity: Decimal,
    /// What a month uses; none: the window's scaled.
    pub month_quantity: Option<Decimal>,
    /// Whether the quantity rests on what AWS does not publish: the line is an estimate, whatever its price is.
    pub is_estimate: bool,
    /// The weight of each hour in this charge; empty: by the time of each that lies inside the window.
    pub hours: Vec<f64>,
}

/// What a charge costs.
#[derive(Clone, Copy)]
enum Rate {
    /// The price of its key.
    Priced,
    /// Nothing, by an allowance that every account has.
    Free,
    /// Nothing, by an allowance of the free tier.
    FreeTier(&'static Allowance),
}

/// A charge that waits until all that shares its allowance is known.
struct Waiting {
    /// How many lines precede it.
    place: usize,
    charge: Charge,
    allowance: &'static Allowance,
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
    waiting: Vec<Waiting>,
    /// The seconds of each hour that lie inside the window.
    seconds_of_hours: Vec<f64>,
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
            waiting: Vec::new(),
            seconds_of_hours: usage.seconds_of_hours(),
        }
    }

    /// Writes down a charge; one whose price has a free allowance waits for [`Ledger::settle`].
    pub fn charge(&mut self, charge: Charge) -> Result<()> {
        match allowance(self.book.free_tier(), &charge.key).filter(|_| !charge.quantity.is_zero()) {
            Some(allowance) => {
                self.waiting.push(Waiting { place: self.lines.len(), charge, allowance });
                Ok(())
            }
            None => self.post(charge, Rate::Priced),
        }
    }

    /// Writes down a charge whose quantity is that of a month.
    pub fn charge_month(&mut self, charge: Charge) -> Result<()> {
        self.charge(self.prorated(charge)?)
    }

    /// Writes down so many things that exist through the whole month and are billed by the started hour.
    pub fn charge_started_hours(&mut self, charge: Charge, count: u32) -> Result<()> {
        let count = Decimal::from(count);
        let month = quantity::divide(quantity::multiply(self.month_seconds, count)?, quantity::SECONDS_PER_HOUR)?;
        let hours = quantity::multiply(Decimal::from(self.by_group.len()), count)?;
        self.charge(Charge { quantity: hours, month_quantity: Some(month), hours: vec![1.0; self.by_group.len()], ..charge })
    }

    /// Writes down what an allowance of every account covers, a month's quantity.
    pub fn allow_month(&mut self, charge: Charge) -> Result<()> {
        self.post(self.prorated(charge)?, Rate::Free)
    }

    fn prorated(&self, charge: Charge) -> Result<Charge> {
        Ok(Charge { month_quantity: Some(charge.quantity), quantity: self.to_window(charge.quantity)?, ..charge })
    }

    /// Writes down, in its place, all that waited: what its allowance covers of a price is shared by all charges of it in proportion to
    /// their quantities, and becomes lines of its own.
    pub fn settle(&mut self) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        let mut months: BTreeMap<&str, Decimal> = BTreeMap::new();
        for one in &waiting {
            let sum = months.entry(one.allowance.key).or_default();
            *sum = quantity::add(*sum, self.month_of(&one.charge)?)?;
        }
        let mut settled = std::mem::take(&mut self.lines).into_iter().enumerate().peekable();
        for Waiting { place, charge, allowance } in waiting {
            while let Some((_, line)) = settled.next_if(|(number, _)| *number < place) {
                self.lines.push(line);
            }
            let used = months.get(allowance.key).copied().unwrap_or_default();
            self.post_above_allowance(charge, allowance, allowance.free_share(used)?)?;
        }
        self.lines.extend(settled.map(|(_, line)| line));
        Ok(())
    }

    fn post_above_allowance(&mut self, charge: Charge, allowance: &'static Allowance, free_share: Decimal) -> Result<()> {
        let month = self.month_of(&charge)?;
        let free = quantity::rounded(quantity::multiply(charge.quantity, free_share)?);
        let left = month - quantity::multiply(month, free_share)?;
        let description = format!("{}, {}", charge.description, allowance.remark());
        self.post(Charge { quantity: free, description, ..charge.clone() }, Rate::FreeTier(allowance))?;
        self.post(Charge { quantity: charge.quantity - free, month_quantity: Some(left), ..charge }, Rate::Priced)
    }

    fn month_of(&self, charge: &Charge) -> Result<Decimal> {
        charge.month_quantity.map_or_else(|| self.to_month(charge.quantity), Ok)
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

    /// An amount of the window, scaled to the month for which it stands.
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

    fn post(&mut self, charge: Charge, rate: Rate) -> Result<()> {
        let used = quantity::rounded(charge.quantity);
        if used.is_zero() {
            return Ok(());
        }
        let Some(price) = self.price(&charge.key) else { return Ok(()) };
        let unit_price = match rate {
            Rate::Free | Rate::FreeTier(_) => Decimal::ZERO,
            Rate::Priced => self.book.unit_price(&charge.key)?,
        };
        let cost = quantity::cost(used, unit_price)?;
        let monthly_cost = match charge.month_quantity {
            Some(monthly) => quantity::cost(quantity::rounded(monthly), unit_price)?,
            None => quantity::rounded_money(self.to_month(cost)?),
        };
        // What a plan covers is paid by the hour, however many tasks run.
        let is_of_tasks = charge.capacity_provider.as_deref().is_some_and(tasks::is_fargate);
        let is_by_hour = !is_of_tasks || charge.group == Group::SavingsPlans;
        self.spread(charge.service.as_deref(), charge.group, is_by_hour, &charge.hours, quantity::as_float(cost));
        let (price_source, price_date, estimated) = match rate {
            Rate::FreeTier(allowance) => (allowance.source.to_owned(), allowance.date.to_owned(), false),
            Rate::Free | Rate::Priced => (self.source(price), price.date.clone(), price.basis == Basis::Estimate),
        };
        self.lines.push(Line {
            service: charge.service,
            resource: charge.resource,
            capacity_provider: charge.capacity_provider,
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
            estimated: estimated || charge.is_estimate,
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
        let given: f64 = weights.iter().sum();
        let seconds = self.seconds_of_hours.clone();
        let weights = if given > 0.0 { weights } else { &seconds };
        let sum: f64 = weights.iter().sum();
        let owner = service.and_then(|service| self.services.iter().position(|name| name == service));
        let owner = owner.unwrap_or(self.services.len());
        for hour in 0..self.by_group.len() {
            let share = weights.get(hour).copied().unwrap_or(0.0) / sum;
            self.by_group[hour][group.index()] += cost * share;
            let costs = if is_by_hour { &mut self.other_costs[owner] } else { &mut self.task_costs };
            costs[hour] += cost * share;
        }
    }
}
