//! Compute Savings Plans: a commitment of dollars by the hour that covers usage at lower rates.
//!
//! In each hour usage is valued at the plan's rates, not at those on demand, until the commitment is used up; the rest is
//! billed on demand, and what is left of the commitment is lost. The usage that a plan makes cheapest in relation to its
//! price on demand is covered first, and of two alike the one with the lower rate (AWS, "Understanding how Savings
//! Plans apply to your usage"). Spot, storage, addresses and Windows have no rates and are never covered.
//!
//! A covered quantity becomes a line at the plan's rate, and what is not used of the commitment a line of its own, so all
//! lines of a plan add up to its commitment. An upfront payment is spread over the term, as AWS amortizes it.
//!
//! AWS does not say how several plans of one kind share the usage: here the pair of plan and usage that saves the most comes
//! first; plans of one term and payment option are one plan, for their order changes nothing. A private discount is taken
//! off the commitment as it is off other usage, and covers no more for it. Of an hour that the window holds in part the
//! same part of the commitment counts.
//!
//! Left out: EC2 Instance Savings Plans, and usage of the account outside of the scenario.

use rust_decimal::{Decimal, RoundingStrategy};

use super::keys;
use super::ledger::{Charge, Ledger};
use super::line::{Behaviour, Group};
use super::quantity::{self, QUANTITY_PLACES};
use super::tasks::{self, Part};
use crate::error::Result;
use crate::usage::{TaskUsage, Usage};

/// A Compute Savings Plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavingsPlan {
    /// US dollars by the hour, at the plan's rates.
    pub commitment_per_hour: Decimal,
    /// `1y` or `3y`.
    pub term: &'static str,
    /// `no_upfront`, `partial_upfront` or `all_upfront`.
    pub payment_option: &'static str,
}

impl SavingsPlan {
    /// The terms that AWS sells.
    pub const TERMS: [&'static str; 2] = ["1y", "3y"];
    /// How AWS lets them be paid.
    pub const PAYMENT_OPTIONS: [&'static str; 3] = ["no_upfront", "partial_upfront", "all_upfront"];

    /// The key of its rate for what has this price on demand.
    #[must_use]
    pub fn rate_key(&self, on_demand_key: &str) -> String {
        keys::savings_plan_rate(self.term, self.payment_option, on_demand_key)
    }

    /// Its name for a reader: `1y no upfront`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.term, self.payment_option.replace('_', " "))
    }
}

/// What the plans in force did in the window, in US dollars after the discount.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SavingsPlanUse {
    /// All commitments.
    pub commitment: Decimal,
    /// What of them was used.
    pub used: Decimal,
    /// What the covered usage would have cost on demand.
    pub covered_on_demand: Decimal,
    /// What all usage that plans can cover would have cost on demand.
    pub eligible_on_demand: Decimal,
}

/// A part of some tasks that plans can cover.
struct Eligible {
    /// Where the tasks stand in the usage.
    tasks: usize,
    key: String,
    /// The quantity of each hour that no plan has covered yet.
    left: Vec<Decimal>,
}

/// What one plan covers of one part of some tasks.
pub(super) struct Covered {
    plan: usize,
    tasks: usize,
    key: String,
    by_hour: Vec<Decimal>,
}

impl Covered {
    fn quantity(&self) -> Result<Decimal> {
        self.by_hour.iter().copied().try_fold(Decimal::ZERO, quantity::add).map(quantity::rounded)
    }
}

/// What the plans cover.
#[derive(Default)]
pub(super) struct Coverage {
    covered: Vec<Covered>,
    eligible_on_demand: Decimal,
    /// The window in hours.
    hours: Decimal,
    /// What of each plan's commitment is left in each hour, in US dollars before the discount: weights for charts.
    unused: Vec<Vec<f64>>,
}

/// Divides the usage of each hour between the plans and the price on demand. Missing rates are noted in the ledger.
pub(super) fn cover(usage: &Usage, ledger: &mut Ledger<'_>) -> Result<Coverage> {
    let plans = ledger.book.savings_plans().to_vec();
    if plans.is_empty() {
        return Ok(Coverage::default());
    }
    let mut eligible = eligible(usage)?;
    let mut coverage = Coverage::default();
    for part in &eligible {
        let quantity = part.left.iter().copied().try_fold(Decimal::ZERO, quantity::add)?;
        if !quantity.is_zero() && ledger.price(&part.key).is_some() {
            let cost = quantity::cost(quantity, ledger.book.unit_price(&part.key)?)?;
            coverage.eligible_on_demand = quantity::add(coverage.eligible_on_demand, cost)?;
        }
    }
    let lengths = hour_lengths(usage)?;
    let mut left: Vec<Vec<Decimal>> = Vec::with_capacity(plans.len());
    for plan in &plans {
        let commitments = lengths.iter().map(|length| quantity::multiply(plan.commitment_per_hour, *length));
        left.push(commitments.collect::<Result<_>>()?);
    }
    for Pairing { plan, key, rate, .. } in pairings(&plans, &eligible, ledger)? {
        for (hour, commitment) in left[plan].iter_mut().enumerate() {
            let covered = take(&mut eligible, &key, hour, rate, commitment)?;
            for (index, quantity) in covered {
                coverage.note(plan, &eligible[index], hour, quantity, usage.hours);
            }
        }
    }
    coverage.hours = lengths.into_iter().try_fold(Decimal::ZERO, quantity::add)?;
    coverage.unused = left.into_iter().map(|hours| hours.into_iter().map(quantity::as_float).collect()).collect();
    Ok(coverage)
}

/// What the window holds of each hour that it touches, in hours.
fn hour_lengths(usage: &Usage) -> Result<Vec<Decimal>> {
    let hours = |seconds: f64| quantity::divide(quantity::seconds(seconds, "the seconds of an hour")?, quantity::SECONDS_PER_HOUR);
    usage.seconds_of_hours().into_iter().map(hours).collect()
}

/// Whether plans cover tasks on this capacity provider and platform: those on demand on Linux.
#[must_use]
pub fn is_eligible(capacity_provider: &str, platform: &str) -> bool {
    capacity_provider == tasks::ON_DEMAND && platform.starts_with("linux")
}

/// The prices on demand of a vCPU-hour and of a GB-hour on a platform, which rates of plans replace.
#[must_use]
pub fn eligible_keys(platform: &str) -> [String; 2] {
    [keys::vcpu_hour(platform, false), keys::memory_hour(platform, false)]
}

/// The parts of tasks that plans cover.
fn eligible(usage: &Usage) -> Result<Vec<Eligible>> {
    let mut eligible = Vec::new();
    for (index, used) in usage.tasks.iter().enumerate() {
        if !is_eligible(&used.capacity_provider, used.platform) {
            continue;
        }
        for Part { key, size, divisor, .. } in tasks::parts(used, false) {
            let hours = used.billed_seconds.iter().map(|seconds| quantity::task_amount(&[*seconds], size, divisor));
            eligible.push(Eligible { tasks: index, key, left: hours.collect::<Result<_>>()? });
        }
    }
    Ok(eligible)
}

/// A plan and a price on demand that it replaces.
struct Pairing {
    plan: usize,
    key: String,
    rate: Decimal,
    /// The rate over the price on demand.
    ratio: Decimal,
}

/// All pairs of a plan and a price on demand, those that save the most first.
fn pairings(plans: &[SavingsPlan], eligible: &[Eligible], ledger: &mut Ledger<'_>) -> Result<Vec<Pairing>> {
    let mut keys: Vec<&str> = Vec::new();
    for part in eligible.iter().filter(|part| part.left.iter().any(|quantity| !quantity.is_zero())) {
        if !keys.contains(&part.key.as_str()) {
            keys.push(&part.key);
        }
    }
    let mut pairings = Vec::new();
    for (plan, terms) in plans.iter().enumerate() {
        for key in &keys {
            let (rate, on_demand) = (ledger.price(&terms.rate_key(key)), ledger.price(key));
            let (Some(rate), Some(on_demand)) = (rate, on_demand) else { continue };
            if rate.usd.is_zero() || on_demand.usd.is_zero() {
                continue;
            }
            let ratio = quantity::divide(rate.usd, on_demand.usd)?;
            pairings.push(Pairing { plan, key: (*key).to_owned(), rate: rate.usd, ratio });
        }
    }
    pairings.sort_by(|a, b| a.ratio.cmp(&b.ratio).then(a.rate.cmp(&b.rate)));
    Ok(pairings)
}

/// Covers usage of one price in one hour as far as the commitment goes; where it does not cover all, each service has the
/// same share. Returns the quantities by part.
fn take(eligible: &mut [Eligible], key: &str, hour: usize, rate: Decimal, commitment: &mut Decimal) -> Result<Vec<(usize, Decimal)>> {
    let places: Vec<usize> =
        (0..eligible.len()).filter(|&index| eligible[index].key == key && !eligible[index].left[hour].is_zero()).collect();
    let wanted = places.iter().map(|&index| eligible[index].left[hour]).try_fold(Decimal::ZERO, quantity::add)?;
    if wanted.is_zero() || commitment.is_zero() {
        return Ok(Vec::new());
    }
    let value = quantity::multiply(wanted, rate)?;
    let mut covered = Vec::with_capacity(places.len());
    if value <= *commitment {
        *commitment -= value;
        for index in places {
            covered.push((index, std::mem::take(&mut eligible[index].left[hour])));
        }
        return Ok(covered);
    }
    let share = quantity::divide(std::mem::take(commitment), value)?;
    for index in places {
        let left = &mut eligible[index].left[hour];
        let part = quantity::multiply(*left, share)?.round_dp_with_strategy(QUANTITY_PLACES, RoundingStrategy::ToZero);
        *left -= part;
        covered.push((index, part));
    }
    Ok(covered)
}

impl Coverage {
    /// Whether plans cover any of the tasks at this place of the usage.
    pub(super) fn touches(&self, tasks: usize) -> bool {
        self.covered.iter().any(|covered| covered.tasks == tasks)
    }

    /// What the tasks at this place of the usage take of the plans, in US dollars.
    pub(super) fn paid_for(&self, tasks: usize, ledger: &Ledger<'_>) -> Result<Decimal> {
        let mut paid = Decimal::ZERO;
        for covered in self.covered.iter().filter(|covered| covered.tasks == tasks) {
            let rate = ledger.book.unit_price(&ledger.book.savings_plans()[covered.plan].rate_key(&covered.key))?;
            paid = quantity::add(paid, quantity::cost(covered.quantity()?, rate)?)?;
        }
        Ok(paid)
    }

    fn note(&mut self, plan: usize, part: &Eligible, hour: usize, quantity: Decimal, hours: usize) {
        let is_same = |known: &&mut Covered| known.plan == plan && known.tasks == part.tasks && known.key == part.key;
        if let Some(known) = self.covered.iter_mut().find(is_same) {
            known.by_hour[hour] += quantity;
            return;
        }
        let mut by_hour = vec![Decimal::ZERO; hours];
        by_hour[hour] = quantity;
        self.covered.push(Covered { plan, tasks: part.tasks, key: part.key.clone(), by_hour });
    }

    /// What of a part of some tasks is left to be billed on demand, by hour; none: all of it.
    pub(super) fn left_on_demand(&self, tasks: usize, part: &Part, used: &TaskUsage) -> Result<Option<Vec<Decimal>>> {
        let covered: Vec<&Covered> = self.covered.iter().filter(|covered| covered.tasks == tasks && covered.key == part.key).collect();
        if covered.is_empty() {
            return Ok(None);
        }
        let mut left = Vec::with_capacity(used.billed_seconds.len());
        for (hour, seconds) in used.billed_seconds.iter().enumerate() {
            let by_plans: Decimal = covered.iter().map(|covered| covered.by_hour[hour]).sum();
            left.push(quantity::task_amount(&[*seconds], part.size, part.divisor)? - by_plans);
        }
        Ok(Some(left))
    }

    /// Bills the commitments: what they cover, and what of them is not used.
    pub(super) fn charge(&self, usage: &Usage, ledger: &mut Ledger<'_>) -> Result<Option<SavingsPlanUse>> {
        let plans = ledger.book.savings_plans();
        if plans.is_empty() {
            return Ok(None);
        }
        let mut all = SavingsPlanUse { eligible_on_demand: self.eligible_on_demand, ..SavingsPlanUse::default() };
        for (number, plan) in plans.iter().enumerate() {
            let mut used = Decimal::ZERO;
            for covered in self.covered.iter().filter(|covered| covered.plan == number) {
                let (paid, on_demand) = charge_covered(covered, plan, &usage.tasks[covered.tasks], ledger)?;
                used = quantity::add(used, paid)?;
                all.covered_on_demand = quantity::add(all.covered_on_demand, on_demand)?;
            }
            let committed = quantity::multiply(plan.commitment_per_hour, self.hours)?;
            let commitment = quantity::rounded_money(quantity::multiply(committed, Decimal::ONE - ledger.book.discount())?);
            let unused = (commitment - used).max(Decimal::ZERO);
            ledger.charge_unused_commitment(&plan.name(), unused, self.unused.get(number).map_or(&[], Vec::as_slice))?;
            all.commitment = quantity::add(all.commitment, commitment)?;
            all.used = quantity::add(all.used, used.min(commitment))?;
        }
        Ok(Some(all))
    }
}

/// Bills what a plan covers of some tasks. Returns what that costs, and what it would cost on demand.
fn charge_covered(covered: &Covered, plan: &SavingsPlan, tasks: &TaskUsage, ledger: &mut Ledger<'_>) -> Result<(Decimal, Decimal)> {
    let Some(part) = tasks::parts(tasks, false).into_iter().find(|part| part.key == covered.key) else {
        return Ok((Decimal::ZERO, Decimal::ZERO));
    };
    let quantity = covered.quantity()?;
    let key = plan.rate_key(&covered.key);
    let (rate, on_demand) = (ledger.book.unit_price(&key)?, ledger.book.unit_price(&covered.key)?);
    let lines = ledger.lines.len();
    ledger.charge(Charge {
        service: Some(tasks.service.clone()),
        resource: "tasks".to_owned(),
        capacity_provider: Some(tasks.capacity_provider.clone()),
        product: "Fargate",
        description: format!(
            "{} {}, Savings Plan {}{}",
            tasks.capacity_provider,
            part.name,
            plan.name(),
            tasks::architecture(tasks.platform)
        ),
        // The commitment is paid whether it is used or not.
        behaviour: Behaviour::Fixed,
        group: Group::SavingsPlans,
        key: key.into(),
        unit: part.unit,
        quantity,
        month_quantity: None,
        is_estimate: false,
        hours: covered.by_hour.iter().copied().map(quantity::as_float).collect(),
    })?;
    for line in &mut ledger.lines[lines..] {
        line.savings_plan = Some(plan.name());
        line.on_demand_unit_price = Some(on_demand);
    }
    Ok((quantity::cost(quantity, rate)?, quantity::cost(quantity, on_demand)?))
}
