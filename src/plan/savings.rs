//! Which Savings Plan a simulated service asks for.
//!
//! The hours of a saved result are priced on demand and with each plan whose rates the book has, the best commitment of
//! each is found, and the one that costs least is looked at closely: what other commitments would cost, and what it costs
//! if the traffic falls. The simulated hours stand for all of a month; a plan binds for years.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::cost::{
    CommitmentCost, Coverable, Demand, OVERRIDES, PriceBook, STEPS_PER_USD, SavingsPlan, eligible_keys, in_steps, is_eligible,
};
use crate::error::{ErrorKind, Fault, Place, Result};
use crate::money::{as_f64, cents};
use crate::result::savings::{CommitmentPoint, FallenUsage, PlanChoice, SavingsResult};
use crate::result::{Cell, Figure, RunResult};
use crate::units::HOURS_PER_MONTH;

/// Commitments around the best one, in its parts.
const AROUND: [f64; 10] = [0.0, 0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0];
/// Usage when traffic falls, in parts of what it was.
const FALLEN: [f64; 7] = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.25];

/// Finds the Savings Plan that costs least over the hours of a result.
///
/// # Errors
/// When the result has no usage by hour that a plan can cover, or the book has the rates of no plan for it.
pub fn savings(result: &RunResult, book: &PriceBook) -> Result<SavingsResult> {
    let hours = hours(result)?;
    let usage = usage(result, &hours)?;
    let lengths: Vec<f64> = hours.iter().map(|hour| hour.length).collect();
    let seen: f64 = lengths.iter().sum();
    let to_month = f64::from(HOURS_PER_MONTH) / seen * (1.0 - discount(result)?);
    let (mut choices, mut lacking) = (Vec::new(), Vec::new());
    for term in SavingsPlan::TERMS {
        for payment_option in SavingsPlan::PAYMENT_OPTIONS {
            let plan = SavingsPlan { commitment_per_hour: Decimal::ZERO, term, payment_option };
            match demand(&plan, &usage, &lengths, book)? {
                Some(demand) => choices.push((plan, demand)),
                None => lacking.push(plan.name()),
            }
        }
    }
    let mut plans: Vec<(PlanChoice, f64, usize)> = Vec::new();
    for (number, (plan, demand)) in choices.iter().enumerate() {
        let best = demand.best_commitment_usd_per_hour();
        let point = point(best, &demand.cost(best), to_month);
        let choice = PlanChoice { term: plan.term.to_owned(), payment_option: plan.payment_option.to_owned(), point };
        plans.push((choice, demand.cost(best).total_usd, number));
    }
    plans.sort_by(|a, b| a.1.total_cmp(&b.1));
    let Some(&(_, _, cheapest)) = plans.first() else { return Err(no_rates(book, &usage)) };
    let demand = &choices[cheapest].1;
    let best = demand.best_commitment_usd_per_hour();
    Ok(SavingsResult {
        ecsim_version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: result.scenario.clone(),
        region: book.region().to_owned(),
        hours: Figure::rounded(seen),
        monthly_on_demand: cents(demand.cost(0.0).on_demand_usd * to_month),
        curve: curve(demand, best).into_iter().map(|commitment| point(commitment, &demand.cost(commitment), to_month)).collect(),
        if_usage_falls: FALLEN.iter().map(|&part| fallen(demand, best, part, to_month)).collect(),
        break_even_usage: break_even(demand, best).map(Figure::rounded),
        warnings: warnings(result, &lacking, book),
        plans: plans.into_iter().map(|(choice, ..)| choice).collect(),
    })
}

/// An hour that the window touches.
struct Hour<'a> {
    time: &'a str,
    /// What of it the window holds, above 0 and at most 1.
    length: f64,
}

/// The most units of an hour that are taken for usage and not for a mistake.
const MOST_OF_AN_HOUR: f64 = 1e12;

fn is_wrong(path: &str, message: String) -> crate::error::Error {
    Fault::input(Place::path(path), message).remedy("write the result with `ecsim run SCENARIO -o result.json`").into()
}

/// The hours of the result in their order.
fn hours(result: &RunResult) -> Result<Vec<Hour<'_>>> {
    let point = |path: &str, text: &str| text.parse::<Timestamp>().map_err(|_| is_wrong(path, format!("`{text}` is no point in time")));
    let (start, end) = (point("window.start", &result.window.start)?, point("window.end", &result.window.end)?);
    let mut hours: Vec<Hour<'_>> = Vec::new();
    for row in &result.usage_hourly.rows {
        let Some(Cell::Text(time)) = row.first() else { return Err(is_wrong("usage_hourly", "a row names no hour".to_owned())) };
        if hours.last().is_some_and(|hour| hour.time == time) {
            continue;
        }
        let from = point("usage_hourly", time)?;
        let seconds = end.duration_since(from).as_secs_f64().min(3600.0) - start.duration_since(from).as_secs_f64().max(0.0);
        if seconds <= 0.0 || hours.last().is_some_and(|last| last.time >= time.as_str()) {
            return Err(is_wrong("usage_hourly", format!("the hour {time} lies outside of the window or not behind the one before it")));
        }
        hours.push(Hour { time, length: seconds / 3600.0 });
    }
    Ok(hours)
}

/// Units used on demand by hour, by the key of their price.
fn usage(result: &RunResult, hours: &[Hour<'_>]) -> Result<BTreeMap<String, Vec<f64>>> {
    let table = &result.usage_hourly;
    let mut usage: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut hour = 0;
    for row in &table.rows {
        let [Cell::Text(time), Cell::Text(service), Cell::Text(provider), Cell::Number(vcpu_hours), Cell::Number(gb_hours), ..] =
            row.as_slice()
        else {
            return Err(is_wrong(
                "usage_hourly",
                "a row is not an hour, a service, a capacity provider, vCPU-hours and GB-hours".to_owned(),
            ));
        };
        while hours.get(hour).is_some_and(|hour| hour.time != time) {
            hour += 1;
        }
        for Figure(quantity) in [vcpu_hours, gb_hours] {
            if !(0.0..=MOST_OF_AN_HOUR).contains(quantity) {
                let message = format!("{service} used {quantity} in the hour {time}, allowed are 0 to {MOST_OF_AN_HOUR:e}");
                return Err(is_wrong("usage_hourly", message));
            }
        }
        let Some(platform) = table.platforms.get(service) else {
            return Err(is_wrong("usage_hourly.platforms", format!("the platform of {service} is missing")));
        };
        if !is_eligible(provider, platform) {
            continue;
        }
        for (key, quantity) in eligible_keys(platform).into_iter().zip([vcpu_hours.0, gb_hours.0]) {
            let series = usage.entry(key).or_insert_with(|| vec![0.0; hours.len()]);
            if let Some(sum) = series.get_mut(hour) {
                *sum += quantity;
            }
        }
    }
    let used: f64 = usage.values().flatten().sum();
    if used > 0.0 {
        return Ok(usage);
    }
    let message = "the result has no hours of Linux tasks on demand, which are all that Savings Plans cover";
    Err(Fault::input(Place::path("usage_hourly"), message)
        .remedy("Spot, Windows and EC2 instances have no rates here; run a scenario with FARGATE")
        .into())
}

/// The private discount of the result, as a fraction.
fn discount(result: &RunResult) -> Result<f64> {
    let text = result.cost.discount.as_str();
    // A result of an older version says nothing.
    let discount = if text.is_empty() { Some(Decimal::ZERO) } else { text.parse().ok() };
    let discount = discount.filter(|discount| (Decimal::ZERO..=Decimal::ONE).contains(discount));
    discount.map(as_f64).ok_or_else(|| is_wrong("cost.discount", format!("the discount is `{text}`, allowed is a fraction from 0 to 1")))
}

/// The usage at a plan's rates; none where the book lacks one of them.
fn demand(plan: &SavingsPlan, usage: &BTreeMap<String, Vec<f64>>, hours: &[f64], book: &PriceBook) -> Result<Option<Demand>> {
    let mut coverable = Vec::new();
    for (key, by_hour) in usage {
        let on_demand_usd = as_f64(book.price(key)?.usd);
        let Ok(rate) = book.price(&plan.rate_key(key)) else { return Ok(None) };
        coverable.push(Coverable { rate_usd: as_f64(rate.usd), on_demand_usd, by_hour: by_hour.clone() });
    }
    Ok(Some(Demand::new(coverable, hours.to_vec())))
}

fn no_rates(book: &PriceBook, usage: &BTreeMap<String, Vec<f64>>) -> crate::error::Error {
    let example = usage.keys().next().cloned().unwrap_or_default();
    let message = format!("{} has the rates of no Savings Plan for region {}", book.name(), book.region());
    let remedy = format!("name a folder with such rates as --catalog, with keys like compute_sp.1y_no_upfront.{example}");
    Fault::new(ErrorKind::MissingPrice, Place::path("compute_sp"), message).remedy(remedy).into()
}

/// A commitment by the hour that covers all there can be.
const EVERYTHING_USD: f64 = 1e30;

/// Commitments around the best one, in steps of a tenth of a cent, each once.
fn curve(demand: &Demand, best: f64) -> Vec<f64> {
    let most = if best > 0.0 { best } else { demand.cost(EVERYTHING_USD).used_usd / demand.hours() };
    let mut commitments: Vec<f64> = AROUND.iter().map(|part| in_steps((most * part * STEPS_PER_USD).round())).collect();
    commitments.dedup();
    commitments
}

fn point(commitment_usd_per_hour: f64, cost: &CommitmentCost, to_month: f64) -> CommitmentPoint {
    let share = |part: f64, whole: f64| (whole > 0.0).then(|| Figure::rounded(part / whole));
    CommitmentPoint {
        commitment_per_hour: format!("{commitment_usd_per_hour:.3}"),
        monthly_cost: cents(cost.total_usd * to_month),
        monthly_saving: cents((cost.on_demand_usd - cost.total_usd) * to_month),
        utilization: share(cost.used_usd, cost.committed_usd),
        coverage: share(cost.covered_usd, cost.on_demand_usd),
    }
}

fn fallen(demand: &Demand, commitment: f64, part: f64, to_month: f64) -> FallenUsage {
    let cost = demand.scaled(part).cost(commitment);
    FallenUsage {
        usage: Figure(part),
        monthly_on_demand: cents(cost.on_demand_usd * to_month),
        monthly_cost: cents(cost.total_usd * to_month),
        monthly_saving: cents((cost.on_demand_usd - cost.total_usd) * to_month),
    }
}

/// The part of the usage at which the commitment saves nothing. What it saves does not fall when usage grows, so the part is
/// halved in on.
fn break_even(demand: &Demand, commitment: f64) -> Option<f64> {
    let saves = |part: f64| {
        let cost = demand.scaled(part).cost(commitment);
        cost.total_usd < cost.on_demand_usd
    };
    if commitment <= 0.0 || !saves(1.0) {
        return None;
    }
    let (mut loses_at, mut saves_at) = (0.0, 1.0);
    for _ in 0..30 {
        let middle = f64::midpoint(loses_at, saves_at);
        if saves(middle) { saves_at = middle } else { loses_at = middle }
    }
    Some(saves_at)
}

fn warnings(result: &RunResult, lacking: &[String], book: &PriceBook) -> Vec<String> {
    let mut warnings = Vec::new();
    if !lacking.is_empty() {
        warnings.push(format!("{} lacks rates of {}: these plans are left out", book.name(), lacking.join(", ")));
    }
    if result.cost.savings_plan.is_some() {
        warnings.push("The result was priced with Savings Plans; what is proposed here would stand in their place.".to_owned());
    }
    if result.replications > 1 {
        let runs = result.replications;
        warnings.push(format!(
            "The hours are means over {runs} replications: a single month has higher peaks and lower valleys, so a plan saves less."
        ));
    }
    if !(result.window.seconds.0 / 604_800.0).fract().eq(&0.0) {
        warnings.push("The window is not whole weeks, so its hours are not those of a typical week.".to_owned());
    }
    if result.cost.line_items.iter().any(|line| line.price_source == OVERRIDES) {
        warnings.push("The result has prices of its own (pricing.overrides); the figures here have those of the price book.".to_owned());
    }
    warnings.push("A Savings Plan cannot be cancelled: it binds for its term, whatever becomes of the service.".to_owned());
    warnings
}
