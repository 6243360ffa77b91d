//! The bill of one run.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::book::PriceBook;
use super::ledger::Ledger;
use super::line::{Group, Line};
use super::savings_plans::{Coverage, SavingsPlanUse};
use super::{balancers, carried, instances, logs, monitoring, network, quantity, queues, savings_plans, storage, tasks, transfer, volumes};
use crate::error::{Fault, Place, Result};
use crate::money::Usd;
use crate::units::{HOURS_PER_MONTH, SimDuration};
use crate::usage::{Usage, VolumeUsage};

/// What a run's usage costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Bill {
    /// The lines; each has a quantity above zero.
    pub lines: Vec<Line>,
    /// The cost of the window: the exact sum of the lines' costs.
    pub window: Usd,
    /// The cost of a month: the exact sum of the lines' monthly costs.
    pub monthly: Usd,
    /// The window's cost over its first attempts, for a million, rounded to six places; none without a request.
    pub per_million_requests: Option<Usd>,
    /// What the Spot tasks would have cost on demand less what they cost.
    pub spot_saving: Usd,
    /// The region whose prices apply.
    pub region: String,
    /// What Savings Plans did; none: there are none.
    pub savings_plan: Option<SavingsPlanUse>,
    /// The discount that every unit price carries, as a fraction.
    pub discount: Decimal,
    /// The cost of each UTC hour that the window touches, for charts.
    pub hourly: Vec<HourCost>,
    /// What a reader of the figures must know, in sentences.
    pub warnings: Vec<String>,
    rates: Vec<ServiceRates>,
}

/// The cost of one hour, in US dollars; the hours of a bill add up to its window but for the rounding of floats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HourCost {
    /// When the hour begins, in UTC.
    pub start: Timestamp,
    /// Its cost by group, in the order of [`Group::ALL`].
    pub by_group: [f64; Group::ALL.len()],
}

/// What a service costs in an hour.
#[derive(Clone, Debug, PartialEq)]
struct ServiceRates {
    service: String,
    /// US dollars for an hour of one task, on demand and on Spot.
    task_hour: [f64; 2],
    /// The same on demand in each hour, where plans cover some; empty where all hours are alike.
    on_demand_by_hour: Vec<f64>,
    /// The same exactly, with what plans pay for them; none where none ran.
    task_hour_price: [Option<Decimal>; 2],
    /// Everything else by hour, the service's part of what is shared included.
    other: Vec<f64>,
}

impl Bill {
    /// What a service costs per hour, in US dollars, while so many of its tasks are billed on Fargate and on Fargate
    /// Spot in this hour of the window; hour 0 holds its start.
    ///
    /// Balancers, traffic and the like count with the hour's mean, as does what Savings Plans cover or leave unused; what several services share is divided evenly
    /// between all of them. A service that used nothing costs nothing.
    #[must_use]
    pub fn hourly_rate(&self, service: &str, hour: usize, billed_tasks: [f64; 2]) -> f64 {
        let Some(rates) = self.rates.iter().find(|rates| rates.service == service) else { return 0.0 };
        let [on_demand, spot] = rates.task_hour;
        let on_demand = rates.on_demand_by_hour.get(hour).copied().unwrap_or(on_demand);
        billed_tasks[0] * on_demand + billed_tasks[1] * spot + rates.other.get(hour).copied().unwrap_or(0.0)
    }

    /// What so many task-hours of a service, on Fargate and on Fargate Spot, cost at the mean price of all those that are on
    /// the bill; hours below zero save so much. None where hours have no such price, as those of tasks on instances, which come behind.
    #[must_use]
    pub fn cost_of_task_hours(&self, service: &str, task_hours: &[f64]) -> Option<Usd> {
        let rates = self.rates.iter().find(|rates| rates.service == service)?;
        let mut sum = Decimal::ZERO;
        let prices = rates.task_hour_price.into_iter().chain(std::iter::repeat(None));
        for (&hours, price) in task_hours.iter().zip(prices).filter(|(hours, _)| **hours != 0.0) {
            let size = quantity::count(hours.abs(), "task-hours").ok()?;
            let hours = if hours < 0.0 { -size } else { size };
            sum = quantity::add(sum, quantity::cost(hours, price?).ok()?).ok()?;
        }
        Some(Usd(sum))
    }
}

/// Prices usage with a book.
///
/// # Errors
/// When the book lacks prices that the usage needs (all are named; Spot tasks need those on demand too, for their
/// saving), when a capacity provider has no price at all, when the window has no length, or when a figure is not a
/// number or beyond all measure.
pub fn price(usage: &Usage, book: &PriceBook) -> Result<Bill> {
    let mut bill = price_without_remarks(usage, book)?;
    let remarks = remarks(usage);
    bill.warnings.splice(0..0, remarks);
    Ok(bill)
}

/// Prices usage whose window is one month of the calendar, whatever its number of hours: tiers and allowances of a month hold
/// for it as they are.
///
/// # Errors
/// As [`price`].
pub fn price_calendar_month(usage: &Usage, book: &PriceBook) -> Result<Bill> {
    let month_seconds = quantity::seconds(usage.window_seconds, "the length of the month in seconds")?;
    price_in_month(usage, book, month_seconds)
}

/// The bill without what there is to say about its window.
pub(crate) fn price_without_remarks(usage: &Usage, book: &PriceBook) -> Result<Bill> {
    price_in_month(usage, book, Decimal::from(HOURS_PER_MONTH) * quantity::SECONDS_PER_HOUR)
}

/// The bill of a window that stands for a month of this length.
fn price_in_month(usage: &Usage, book: &PriceBook, month_seconds: Decimal) -> Result<Bill> {
    let window_seconds = quantity::seconds(usage.window_seconds, "the length of the window in seconds")?;
    if window_seconds.is_zero() || usage.hours == 0 {
        return Err(Fault::input(Place::path("simulation.duration"), "a window without length has no bill").into());
    }
    let services = services(usage);
    let mut ledger = Ledger::new(usage, services.clone(), [window_seconds, month_seconds], book);
    let written = write(usage, &mut ledger, &services)?;
    ledger.settle()?;
    finish(usage, ledger, written)
}

/// Writes down all lines; returns what hours of tasks cost, and what Savings Plans did.
fn write(usage: &Usage, ledger: &mut Ledger<'_>, services: &[String]) -> Result<(Vec<ServiceRates>, Option<SavingsPlanUse>)> {
    let coverage = savings_plans::cover(usage, ledger)?;
    let rates = charge_tasks(usage, &coverage, ledger, services)?;
    let savings_plan = coverage.charge(usage, ledger)?;
    for balancer in &usage.load_balancers {
        balancers::charge(balancer, usage, ledger)?;
    }
    for instances in &usage.instances {
        instances::charge(instances, ledger)?;
    }
    network::charge_routes(usage, ledger)?;
    for flow in &usage.flows {
        logs::charge_ingestion(flow, ledger)?;
    }
    transfer::charge(&usage.flows, ledger)?;
    carried::charge(&usage.carried, ledger)?;
    storage::charge(usage, ledger)?;
    logs::charge_storage(usage, ledger)?;
    monitoring::charge(usage, ledger)?;
    for queue in &usage.queues {
        queues::charge(queue, ledger)?;
    }
    Ok((rates, savings_plan))
}

/// Bills all tasks and finds what one task-hour of each service costs.
fn charge_tasks(usage: &Usage, coverage: &Coverage, ledger: &mut Ledger<'_>, services: &[String]) -> Result<Vec<ServiceRates>> {
    let rates = |service: &String| ServiceRates {
        service: service.clone(),
        task_hour: [0.0; 2],
        on_demand_by_hour: Vec::new(),
        task_hour_price: [None; 2],
        other: Vec::new(),
    };
    let mut rates: Vec<ServiceRates> = services.iter().map(rates).collect();
    for (index, used) in usage.tasks.iter().enumerate() {
        let first = ledger.lines.len();
        ledger.task_costs.fill(0.0);
        let is_on_instances = usage.is_on_instances(used);
        if !is_on_instances {
            tasks::charge(index, used, coverage, ledger)?;
        }
        let is_of = |volumes: &&VolumeUsage| volumes.service == used.service && volumes.capacity_provider == used.capacity_provider;
        for volumes in usage.volumes.iter().filter(is_of) {
            volumes::charge(volumes, ledger)?;
        }
        if is_on_instances {
            // Their hours have no price: the instances have.
            continue;
        }
        let cost = sum(ledger.lines[first..].iter().map(|line| line.cost))?;
        let hours = quantity::task_amount(&used.billed_seconds, 1, 3600)?;
        let rates = rates.iter_mut().find(|rates| rates.service == used.service);
        if let (Some(rates), false) = (rates, hours.is_zero()) {
            let provider = usize::from(used.capacity_provider == tasks::SPOT);
            rates.task_hour[provider] = quantity::as_float(cost) / quantity::as_float(hours);
            rates.task_hour_price[provider] = Some(quantity::divide(quantity::add(cost, coverage.paid_for(index, ledger)?)?, hours)?);
            if coverage.touches(index) {
                let mean = rates.task_hour[provider];
                rates.on_demand_by_hour = by_hour(&ledger.task_costs, &used.billed_seconds, mean);
            }
        }
    }
    Ok(rates)
}

/// What an hour of one task costs in each hour; an hour without tasks has the mean.
fn by_hour(costs: &[f64], billed_seconds: &[u64], mean: f64) -> Vec<f64> {
    let rate = |(cost, seconds): (&f64, &u64)| if *seconds == 0 { mean } else { cost * 3600.0 / *seconds as f64 };
    costs.iter().zip(billed_seconds).map(rate).collect()
}

fn finish(usage: &Usage, mut ledger: Ledger<'_>, (mut rates, savings_plan): (Vec<ServiceRates>, Option<SavingsPlanUse>)) -> Result<Bill> {
    let window = sum(ledger.lines.iter().map(|line| line.cost))?;
    let monthly = sum(ledger.lines.iter().map(|line| line.monthly_cost))?;
    let mut spot_saving = Decimal::ZERO;
    for used in usage.tasks.iter().filter(|used| !usage.is_on_instances(used)) {
        spot_saving = quantity::add(spot_saving, tasks::spot_saving(used, &mut ledger)?)?;
    }
    ledger.complete()?;
    let shared = ledger.other_costs.last().cloned().unwrap_or_default();
    let services = rates.len() as f64;
    let seconds_of_hours = usage.seconds_of_hours();
    for (rates, own) in rates.iter_mut().zip(&ledger.other_costs) {
        // Of an hour that the window holds in part the cost is that part's.
        let by_hour = |((own, shared), seconds): ((&f64, &f64), &f64)| {
            if *seconds > 0.0 { (own + shared / services) * 3600.0 / seconds } else { 0.0 }
        };
        rates.other = own.iter().zip(&shared).zip(&seconds_of_hours).map(by_hour).collect();
    }
    Ok(Bill {
        window: Usd(window),
        monthly: Usd(monthly),
        per_million_requests: per_million(usage, window)?,
        spot_saving: Usd(spot_saving),
        region: ledger.book.region().to_owned(),
        savings_plan,
        discount: ledger.book.discount(),
        hourly: hours(usage, &ledger.by_group),
        warnings: estimates(&ledger.lines).into_iter().collect(),
        lines: ledger.lines,
        rates,
    })
}

/// The services that used anything, each once, in the order in which the usage names them.
fn services(usage: &Usage) -> Vec<String> {
    let named = usage.tasks.iter().map(|used| &used.service);
    let named = named.chain(usage.flows.iter().map(|flow| &flow.service));
    let named = named.chain(usage.load_balancers.iter().filter_map(|balancer| balancer.service.as_ref()));
    let named = named.chain(usage.carried.iter().map(|carried| &carried.service));
    let named = named.chain(usage.images.iter().map(|images| &images.service));
    let named = named.chain(usage.instances.iter().filter_map(|instances| instances.service.as_ref()));
    let named = named.chain(usage.file_systems.iter().filter_map(|file_system| file_system.service.as_ref()));
    let mut services: Vec<String> = Vec::new();
    for name in named {
        if !services.contains(name) {
            services.push(name.clone());
        }
    }
    services
}

fn hours(usage: &Usage, by_group: &[[f64; Group::ALL.len()]]) -> Vec<HourCost> {
    let start = |hour: usize| {
        let after = SignedDuration::from_hours(i64::try_from(hour).unwrap_or(i64::MAX / 3600));
        usage.first_hour.saturating_add(after).unwrap_or(Timestamp::MAX)
    };
    by_group.iter().enumerate().map(|(hour, by_group)| HourCost { start: start(hour), by_group: *by_group }).collect()
}

/// Of the requests that clients outside made, whatever followed from each.
fn per_million(usage: &Usage, window: Decimal) -> Result<Option<Usd>> {
    let mut requests = Decimal::ZERO;
    for flow in &usage.flows {
        requests = quantity::add(requests, quantity::sum_of_counts(&flow.requests, "requests")?)?;
        requests = quantity::add(requests, -quantity::sum_of_counts(&[flow.caused_requests], "requests")?)?;
    }
    if requests <= Decimal::ZERO {
        return Ok(None);
    }
    let million = quantity::multiply(window, Decimal::from(1_000_000))?;
    Ok(Some(Usd(quantity::rounded_money(quantity::divide(million, requests)?))))
}

fn sum(amounts: impl Iterator<Item = Decimal>) -> Result<Decimal> {
    let mut amounts = amounts;
    amounts.try_fold(Decimal::ZERO, quantity::add)
}

/// What there is to say about the window.
fn remarks(usage: &Usage) -> Vec<String> {
    const WEEK_SECONDS: f64 = 7.0 * 86_400.0;
    let window = SimDuration::from_seconds_f64(usage.window_seconds);
    let mut remarks = Vec::new();
    if usage.window_seconds % WEEK_SECONDS != 0.0 {
        remarks.push(format!(
            "The window of {window} is not whole weeks: the monthly cost repeats it as it is, so that weekdays and weekends do not weigh as in a month."
        ));
    }
    let by_the_hour = !usage.load_balancers.is_empty() || usage.nat_gateways > 0 || usage.endpoint_addresses > 0;
    if by_the_hour && usage.hours as f64 * 3600.0 != usage.window_seconds {
        remarks.push(format!(
            "Load balancers, NAT gateways and endpoints are billed by the started hour: {} hours for a window of {window}; their month has 730.",
            usage.hours
        ));
    }
    remarks
}

/// What there is to say about prices and quantities that nobody published.
fn estimates(lines: &[Line]) -> Option<String> {
    let mut described: Vec<&str> = Vec::new();
    for line in lines.iter().filter(|line| line.estimated) {
        if !described.contains(&line.description.as_str()) {
            described.push(&line.description);
        }
    }
    let names = described.join(", ");
    (!described.is_empty()).then(|| {
        format!("These lines rest on estimates: {names}. `ecsim pricing show` tells of prices, docs/ASSUMPTIONS.md of quantities.")
    })
}
