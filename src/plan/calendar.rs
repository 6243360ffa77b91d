//! What each of the coming months costs, with the spread over replications.
//!
//! One simulation goes through all months, so a fleet, its alarms and its Spot tasks come from one month into the next,
//! growth compounds by its formula, a trace repeats, and schedules fall on their dates. The usage is then cut at the months of the
//! calendar, and each is priced as a month of its own: tiers and free allowances begin anew on the first at midnight UTC, as
//! AWS's bills do, and a month has its own 672 to 744 hours, not the 730 of an average one. The first month is the first that
//! begins at the start of the simulation or after it; what lies before is simulated and not counted.
//!
//! What is uncertain is drawn once per replication and holds through all months: a replication that grows fast does so in every
//! month, which is why the band widens and why the quantiles of the sum are not the sums of the quantiles.
//!
//! Left out: changes of prices on the way, the end of a Savings Plan or of a free tier within the months, and logs that never expire beyond
//! the month in which they were written: a warning says so.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use rayon::prelude::*;
use rust_decimal::Decimal;

use super::run::input_file;
use super::uncertainty::{self, Draw};
use super::{fidelity, price_book};
use crate::cost::{Bill, Group, PriceBook, price_calendar_month};
use crate::error::{Error, Fault, Place, Result};
use crate::files::Files;
use crate::money::Usd;
use crate::outcome::ServiceOutcome;
use crate::result::calendar::{CalendarCost, CalendarFigures, CalendarGroup, CalendarMonth, CalendarResult};
use crate::result::{Figure, quantile_of_sorted};
use crate::scenario::Loaded;
use crate::scenario::model::{FreeTier, Scenario, Service, TrafficKind};
use crate::simulate::{Options, Traces, Window, load_traces, simulate};
use crate::units::SimDuration;
use crate::usage::Usage;

/// What is asked.
#[derive(Clone, Debug)]
pub struct CalendarOptions {
    /// The variant that the loaded scenario is.
    pub variant: Option<String>,
    /// How many months, 1 or more.
    pub months: u32,
}

/// Decimal places of the amounts.
const CENTS: u32 = 2;
/// Shares from which on a reader must know that a service was at its limit, or lost requests.
const NOTEWORTHY_AT_LIMIT: f64 = 0.005;
const NOTEWORTHY_LOST: f64 = 0.01;

/// Simulates the coming months in every replication of the scenario and prices each.
///
/// Replications run in parallel on the threads of the current pool; the result does not depend on their number.
///
/// # Errors
/// When a trace cannot be read, a price is missing, or the months leave the calendar.
pub fn calendar(loaded: &Loaded, files: &dyn Files, options: &CalendarOptions) -> Result<CalendarResult> {
    let scenario = &loaded.scenario;
    let book = price_book(scenario, files)?;
    let (traces, trace_inputs) = load_traces(scenario, files)?;
    let start = Window::of(scenario, &traces).start;
    let months = whole_months(start, options.months)?;
    let played = through(scenario, &traces, start, &months)?;
    let count = scenario.simulation.replications.max(1);
    let one = |number: u32| play(&played, &traces, &book, &months, number);
    let replications: Vec<Result<Played>> = (0..count).into_par_iter().map(one).collect();
    let replications = replications.into_iter().collect::<Result<Vec<Played>>>()?;
    let groups = groups_that_cost(&replications);
    let figures =
        |index: usize, hours: u32| of_replications(replications.iter().map(|replication| &replication.months[index]), hours, &groups);
    let totals: Vec<Priced> = replications.iter().map(Played::total).collect();
    Ok(CalendarResult {
        ecsim_version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name.clone(),
        variant: options.variant.clone(),
        inputs: loaded.inputs.iter().chain(&trace_inputs).map(input_file).collect(),
        region: scenario.region.clone(),
        start: start.to_string(),
        fidelity: fidelity::name(played.simulation.fidelity).to_owned(),
        seed: scenario.simulation.seed,
        replications: count,
        months: months
            .iter()
            .enumerate()
            .map(|(index, month)| CalendarMonth { month: month.name(), figures: figures(index, month.hours()) })
            .collect(),
        total: of_replications(totals.iter(), months.iter().map(Month::hours).sum(), &groups),
        warnings: warnings(loaded, start, &months, &replications),
    })
}

/// A month of the calendar.
struct Month {
    first: Date,
    start: Timestamp,
    end: Timestamp,
}

impl Month {
    fn name(&self) -> String {
        self.first.strftime("%Y-%m").to_string()
    }

    fn hours(&self) -> u32 {
        u32::try_from(self.end.duration_since(self.start).as_hours()).unwrap_or(0)
    }
}

/// So many months, of which the first begins at `start` or next after it.
fn whole_months(start: Timestamp, count: u32) -> Result<Vec<Month>> {
    let beyond = |reason: jiff::Error| {
        let fault = Fault::input(Place::path("simulation.start"), format!("the months leave the calendar: {reason}"));
        Error::from(fault.remedy("ask for fewer months with --months"))
    };
    let instant = |date: Date| date.to_zoned(TimeZone::UTC).map(|time| time.timestamp());
    let mut first = start.to_zoned(TimeZone::UTC).date().first_of_month();
    if instant(first).map_err(beyond)? < start {
        first = first.checked_add(Span::new().months(1)).map_err(beyond)?;
    }
    let mut months = Vec::new();
    for _ in 0..count {
        let next = first.checked_add(Span::new().months(1)).map_err(beyond)?;
        months.push(Month { first, start: instant(first).map_err(beyond)?, end: instant(next).map_err(beyond)? });
        first = next;
    }
    Ok(months)
}

/// The scenario from its start to the end of the last month, at a fidelity that is decided.
fn through(scenario: &Scenario, traces: &Traces, start: Timestamp, months: &[Month]) -> Result<Scenario> {
    let mut played = scenario.clone();
    let end = months.last().map_or(start, |month| month.end);
    let nanoseconds = i64::try_from(end.duration_since(start).as_nanos()).unwrap_or(i64::MAX);
    played.simulation.start = Some(start);
    played.simulation.duration = Some(SimDuration::from_nanos(nanoseconds));
    // They judge a run, and so do the remarks on them.
    played.thresholds.clear();
    played.simulation.fidelity = fidelity::resolve(&played, traces)?.0;
    Ok(played)
}

/// What one month costs in one replication.
#[derive(Clone)]
struct Priced {
    cost: Decimal,
    by_group: [Decimal; Group::ALL.len()],
    requests: f64,
}

impl Priced {
    const NOTHING: Self = Self { cost: Decimal::ZERO, by_group: [Decimal::ZERO; Group::ALL.len()], requests: 0.0 };

    fn of(bill: &Bill, usage: &Usage) -> Self {
        let mut by_group = [Decimal::ZERO; Group::ALL.len()];
        for line in &bill.lines {
            by_group[line.group.index()] = by_group[line.group.index()].saturating_add(line.cost);
        }
        Self { cost: bill.window.0, by_group, requests: usage.flows.iter().flat_map(|flow| &flow.requests).sum() }
    }

    fn add(&mut self, other: &Self) {
        self.cost = self.cost.saturating_add(other.cost);
        for (sum, cost) in self.by_group.iter_mut().zip(other.by_group) {
            *sum = sum.saturating_add(cost);
        }
        self.requests += other.requests;
    }
}

/// What one replication costs.
struct Played {
    months: Vec<Priced>,
    /// Of each service its name, the share of the time at its largest capacity, and the share of its requests that failed.
    services: Vec<(String, f64, f64)>,
    warnings: Vec<String>,
}

impl Played {
    fn total(&self) -> Priced {
        let mut total = Priced::NOTHING;
        self.months.iter().for_each(|month| total.add(month));
        total
    }
}

fn play(scenario: &Scenario, traces: &Traces, book: &PriceBook, months: &[Month], number: u32) -> Result<Played> {
    let mut scenario = scenario.clone();
    scenario.simulation.seed = scenario.simulation.seed.wrapping_add(u64::from(number));
    let drawn = Draw::of(&scenario);
    drawn.shape(&mut scenario);
    let outcome = simulate(&scenario, traces, Options { timeline: false, explain: None })?;
    let book = book.with_spot_scale(drawn.spot_price_scale)?;
    let mut warnings = outcome.warnings;
    let mut priced = Vec::with_capacity(months.len());
    for month in months {
        let hour = |time: Timestamp| usize::try_from(time.duration_since(outcome.usage.first_hour).as_hours()).unwrap_or(0);
        let usage = outcome.usage.part(hour(month.start)..hour(month.end));
        let bill = price_calendar_month(&usage, &book)?;
        priced.push(Priced::of(&bill, &usage));
        let new: Vec<String> = bill.warnings.into_iter().filter(|warning| !warnings.contains(warning)).collect();
        warnings.extend(new);
    }
    let seconds = outcome.duration.as_seconds_f64();
    let service = |service: &ServiceOutcome| {
        let counts = &service.requests;
        let lost = counts.rejected + counts.timed_out + counts.failed;
        let lost = if counts.offered > 0.0 { lost / counts.offered } else { 0.0 };
        (service.name.clone(), service.scaling.seconds_at_max_capacity / seconds, lost)
    };
    Ok(Played { months: priced, services: outcome.services.iter().map(service).collect(), warnings })
}

/// The groups that cost anything in any month of any replication.
fn groups_that_cost(replications: &[Played]) -> Vec<Group> {
    let costs = |group: &Group| {
        replications.iter().flat_map(|replication| &replication.months).any(|month| !month.by_group[group.index()].is_zero())
    };
    Group::ALL.into_iter().filter(costs).collect()
}

/// The same month of all replications.
fn of_replications<'a>(months: impl Iterator<Item = &'a Priced>, hours: u32, groups: &[Group]) -> CalendarFigures {
    let mut sum = Priced::NOTHING;
    let mut costs = Vec::new();
    for month in months {
        sum.add(month);
        costs.push(month.cost);
    }
    costs.sort_unstable();
    let count = costs.len().max(1);
    let mean = |amount: Decimal| Usd(amount / Decimal::from(count)).to_places(CENTS);
    let quantile = |tenths: u32| quantile_of_sorted(&costs, tenths).map(|amount| Usd(amount).to_places(CENTS));
    CalendarFigures {
        hours,
        requests: Figure((sum.requests / count as f64).round()),
        cost: CalendarCost { mean: mean(sum.cost), p10: quantile(1), p50: quantile(5), p90: quantile(9) },
        groups: groups
            .iter()
            .map(|group| CalendarGroup { group: group.name().to_owned(), mean: mean(sum.by_group[group.index()]) })
            .collect(),
    }
}

/// What a reader of the figures must know: first what is true of the months, then what the first replication has to say.
fn warnings(loaded: &Loaded, start: Timestamp, months: &[Month], replications: &[Played]) -> Vec<String> {
    let scenario = &loaded.scenario;
    let mut warnings = Vec::new();
    if let Some(first) = months.first().filter(|month| month.start > start) {
        warnings.push(format!(
            "Whole months of the UTC calendar: the time from {start} to {} is simulated and not counted; with simulation.start on the first of a month nothing is left out.",
            first.start
        ));
    }
    for source in scenario.services.iter().flat_map(|service| &service.traffic) {
        if let TrafficKind::Trace(trace) = &source.kind
            && !trace.repeat
        {
            warnings.push(format!("{}: with repeat: false no traffic comes after the end of the trace.", trace.file));
        }
    }
    if months.len() > 12 {
        let lasting = scenario.pricing.savings_plans.iter().any(|plan| plan.term == "1y").then_some("a Savings Plan of one year");
        let free = (scenario.pricing.free_tier == FreeTier::FirstTwelveMonths).then_some("the free tier of the first twelve months");
        let named = lasting.into_iter().chain(free);
        warnings.extend(named.map(|what| format!("All {} months are priced with {what}.", months.len())));
    }
    let keeps_all = |service: &&Service| service.workload.logs_retention_days.is_none() && service.workload.logs_per_request_bytes > 0.0;
    for service in scenario.services.iter().filter(keeps_all) {
        warnings.push(format!(
            "{}: its logs never expire, and each month has the storage of its own logs alone; with logs_retention_in_days all that is stored is billed.",
            service.name
        ));
    }
    let count = replications.len().max(1) as f64;
    for (index, service) in scenario.services.iter().enumerate() {
        let mean = |figure: &dyn Fn(&(String, f64, f64)) -> f64| {
            replications.iter().map(|replication| figure(&replication.services[index])).sum::<f64>() / count
        };
        let (at_limit, lost) = (mean(&|service| service.1), mean(&|service| service.2));
        if at_limit > NOTEWORTHY_AT_LIMIT {
            let percent = 100.0 * at_limit;
            warnings.push(format!(
                "{}: at its max_capacity for {percent:.1} % of the time; with room to grow, the months would cost more.",
                service.name
            ));
        }
        if lost > NOTEWORTHY_LOST {
            let percent = 100.0 * lost;
            warnings.push(format!("{}: {percent:.1} % of its requests failed; serving them would cost more.", service.name));
        }
    }
    warnings.extend(uncertainty::remark(scenario));
    warnings.extend(loaded.warnings.iter().cloned());
    warnings.extend(replications.first().into_iter().flat_map(|replication| replication.warnings.iter().cloned()));
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn months(start: &str, count: u32) -> Vec<(String, u32)> {
        let months = whole_months(start.parse().expect("a time"), count).expect("in the calendar");
        months.iter().map(|month| (month.name(), month.hours())).collect()
    }

    #[test]
    fn months_have_their_own_hours() {
        let named = |name: &str, days: u32| (name.to_owned(), days * 24);
        assert_eq!(months("2026-01-01T00:00:00Z", 3), [named("2026-01", 31), named("2026-02", 28), named("2026-03", 31)]);
        assert_eq!(months("2028-01-31T23:59:59Z", 1), [named("2028-02", 29)]);
        assert_eq!(months("2026-12-02T00:00:00Z", 2), [named("2027-01", 31), named("2027-02", 28)]);
    }

    #[test]
    fn months_beyond_the_calendar_are_refused() {
        let error = whole_months("9998-06-01T00:00:00Z".parse().expect("a time"), 60).err().expect("too far").to_string();
        assert!(error.contains("the months leave the calendar") && error.contains("--months"), "{error}");
    }
}
