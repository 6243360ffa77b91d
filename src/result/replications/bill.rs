//! The bill over replications: the mean of each line, and how the months are spread.
//!
//! Money stays decimal. Half-widths are estimates, so they are computed as floats and rounded as the money beside them.

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::find_or_insert;
use crate::metrics::Replicated;
use crate::money::{Usd, as_f64};
use crate::result::Figure;
use crate::result::document::{Cost, HalfWidths, LineItem, SavingsPlanResult};

/// Decimal places of the lines and of their sum.
const LINE_PLACES: u32 = 6;
/// Decimal places of a mean price.
const UNIT_PRICE_PLACES: u32 = 8;
/// Decimal places of all other amounts.
const CENTS: u32 = 2;

/// The bill over replications.
#[derive(Debug, Default)]
pub(super) struct BillMeans {
    lines: Vec<LineMeans>,
    window: Amounts,
    months: Amounts,
    /// The month of each run.
    each_month: Vec<Decimal>,
    per_million_requests: Amounts,
    spot_saving: Amounts,
    savings_plan: SavingsPlanMeans,
}

/// What Savings Plans did over replications; all runs have the same plans.
#[derive(Debug, Default)]
struct SavingsPlanMeans {
    commitment: Amounts,
    used: Amounts,
    unused: Amounts,
    saving: Amounts,
    utilization: Replicated,
    coverage: Replicated,
}

/// One line over replications.
#[derive(Debug)]
struct LineMeans {
    /// The line of the first run that has it.
    line: LineItem,
    /// Whether the runs pay different prices for it.
    prices_differ: bool,
    runs: u32,
    quantity: Amounts,
    cost: Amounts,
    monthly_cost: Amounts,
}

/// An amount over replications: an exact sum for the mean, and floats for the spread.
#[derive(Clone, Copy, Debug, Default)]
struct Amounts {
    sum: Decimal,
    figure: Replicated,
}

impl Amounts {
    fn zeros(runs: u32) -> Self {
        Self { sum: Decimal::ZERO, figure: Replicated::zeros(runs) }
    }

    fn add(&mut self, amount: Decimal) {
        self.sum = self.sum.saturating_add(amount);
        self.figure.add(as_f64(amount));
    }

    /// The mean over the runs that had the amount; none without any.
    fn mean(&self, places: u32) -> Option<Decimal> {
        let count = self.figure.count();
        (count > 0).then(|| Usd(self.sum / Decimal::from(count)).rounded(places).0)
    }

    fn half_width(&self, places: u32) -> Option<Value> {
        self.figure.half_width().map(|width| Value::String(format!("{width:.*}", places as usize)))
    }
}

impl BillMeans {
    /// Adds the bill of a run, of which so many came before.
    pub fn add(&mut self, cost: &Cost, runs_before: u32) {
        let mut previous = None;
        let (mut window, mut month) = (Decimal::ZERO, Decimal::ZERO);
        for line in &cost.line_items {
            let place = find_or_insert(
                &mut self.lines,
                previous,
                |known| is_same_line(&known.line, line),
                || LineMeans::new(line.clone(), runs_before),
            );
            self.lines[place].add(line);
            window = window.saturating_add(decimal(&line.cost));
            month = month.saturating_add(decimal(&line.monthly_cost));
            previous = Some(place);
        }
        for line in &mut self.lines {
            line.skip_to(runs_before.saturating_add(1));
        }
        self.window.add(window);
        self.months.add(month);
        self.each_month.push(month);
        self.spot_saving.add(decimal(&cost.spot_saving));
        if let Some(plan) = &cost.savings_plan {
            self.savings_plan.add(plan);
        }
        if let Some(amount) = &cost.per_million_requests {
            self.per_million_requests.add(decimal(amount));
        }
    }

    /// Puts means, half-widths and quantiles into the bill of the first run.
    pub fn finish(mut self, cost: &mut Cost) {
        let (mut window, mut month) = (Decimal::ZERO, Decimal::ZERO);
        cost.line_items = Vec::with_capacity(self.lines.len());
        for means in &self.lines {
            let (line, line_cost, line_month) = means.line();
            window = window.saturating_add(line_cost);
            month = month.saturating_add(line_month);
            cost.line_items.push(line);
        }
        cost.window = Usd(window).to_places(LINE_PLACES);
        cost.monthly.mean = Usd(month).to_places(CENTS);
        self.each_month.sort_unstable();
        let quantile = |tenths: u32| quantile_of_sorted(&self.each_month, tenths).map(|amount| Usd(amount).to_places(CENTS));
        (cost.monthly.p10, cost.monthly.p50, cost.monthly.p90) = (quantile(1), quantile(5), quantile(9));
        cost.monthly.ci95 = half_widths(&[("mean", self.months.half_width(CENTS))]);
        cost.per_million_requests = self.per_million_requests.mean(CENTS).map(|mean| Usd(mean).to_places(CENTS));
        if let Some(plan) = &mut cost.savings_plan {
            self.savings_plan.finish(plan);
        }
        cost.spot_saving = Usd(self.spot_saving.mean(CENTS).unwrap_or_default()).to_places(CENTS);
        cost.ci95 = half_widths(&[
            ("window", self.window.half_width(LINE_PLACES)),
            ("per_million_requests", self.per_million_requests.half_width(CENTS)),
            ("spot_saving", self.spot_saving.half_width(CENTS)),
        ]);
    }
}

impl SavingsPlanMeans {
    fn add(&mut self, plan: &SavingsPlanResult) {
        self.commitment.add(decimal(&plan.commitment));
        self.used.add(decimal(&plan.used));
        self.unused.add(decimal(&plan.unused));
        self.saving.add(decimal(&plan.saving));
        for (means, figure) in [(&mut self.utilization, plan.utilization), (&mut self.coverage, plan.coverage)] {
            if let Some(Figure(value)) = figure {
                means.add(value);
            }
        }
    }

    fn finish(&self, plan: &mut SavingsPlanResult) {
        let mean = |amounts: &Amounts| Usd(amounts.mean(CENTS).unwrap_or_default()).to_places(CENTS);
        let share = |means: &Replicated| means.mean().map(Figure::rounded);
        let width = |means: &Replicated| means.half_width().map(|width| serde_json::json!(Figure::rounded(width)));
        *plan = SavingsPlanResult {
            commitment: mean(&self.commitment),
            used: mean(&self.used),
            unused: mean(&self.unused),
            saving: mean(&self.saving),
            utilization: share(&self.utilization),
            coverage: share(&self.coverage),
            ci95: half_widths(&[
                ("used", self.used.half_width(CENTS)),
                ("unused", self.unused.half_width(CENTS)),
                ("saving", self.saving.half_width(CENTS)),
                ("utilization", width(&self.utilization)),
                ("coverage", width(&self.coverage)),
            ]),
        };
    }
}

impl LineMeans {
    fn new(line: LineItem, runs_before: u32) -> Self {
        let zeros = Amounts::zeros(runs_before);
        Self { line, prices_differ: false, runs: runs_before, quantity: zeros, cost: zeros, monthly_cost: zeros }
    }

    fn add(&mut self, line: &LineItem) {
        self.prices_differ |= line.unit_price != self.line.unit_price;
        self.quantity.add(decimal(&line.quantity));
        self.cost.add(decimal(&line.cost));
        self.monthly_cost.add(decimal(&line.monthly_cost));
        self.runs = self.runs.saturating_add(1);
    }

    /// The latest run may not have had the line.
    fn skip_to(&mut self, runs: u32) {
        if self.runs < runs {
            for amounts in [&mut self.quantity, &mut self.cost, &mut self.monthly_cost] {
                amounts.add(Decimal::ZERO);
            }
            self.runs = runs;
        }
    }

    /// The line of all runs with its cost and monthly cost.
    fn line(&self) -> (LineItem, Decimal, Decimal) {
        let mean = |amounts: &Amounts| amounts.mean(LINE_PLACES).unwrap_or_default();
        let [quantity, cost, monthly_cost] = [&self.quantity, &self.cost, &self.monthly_cost].map(mean);
        let text = |amount| Usd(amount).to_places(LINE_PLACES);
        let mean_price = || cost.checked_div(quantity).map(|price| price.round_dp(UNIT_PRICE_PLACES).normalize().to_string());
        let unit_price = mean_price().filter(|_| self.prices_differ).unwrap_or_else(|| self.line.unit_price.clone());
        let line = LineItem {
            quantity: text(quantity),
            unit_price,
            cost: text(cost),
            monthly_cost: text(monthly_cost),
            ci95: half_widths(&[
                ("quantity", self.quantity.half_width(LINE_PLACES)),
                ("cost", self.cost.half_width(LINE_PLACES)),
                ("monthly_cost", self.monthly_cost.half_width(LINE_PLACES)),
            ]),
            ..self.line.clone()
        };
        (line, cost, monthly_cost)
    }
}

/// Whether two runs mean the same line: everything but its amounts and its price, which may be uncertain.
fn is_same_line(one: &LineItem, other: &LineItem) -> bool {
    one.description == other.description
        && one.service == other.service
        && one.capacity_provider == other.capacity_provider
        && one.resource == other.resource
        && one.usage_type == other.usage_type
}

/// An amount of the document; one that is no decimal (a document changed by hand) counts as nothing.
fn decimal(text: &str) -> Decimal {
    text.parse().unwrap_or_default()
}

/// Those that there are.
fn half_widths(of: &[(&str, Option<Value>)]) -> Option<HalfWidths> {
    let known: Map<String, Value> = of.iter().filter_map(|(name, width)| Some(((*name).to_owned(), width.clone()?))).collect();
    (!known.is_empty()).then_some(HalfWidths(known))
}

/// The quantile of ascending amounts in tenths, linear between neighbours (type 7 of Hyndman and Fan); none with fewer
/// than two.
pub(crate) fn quantile_of_sorted(amounts: &[Decimal], tenths: u32) -> Option<Decimal> {
    let gaps = amounts.len().checked_sub(1).filter(|&gaps| gaps > 0)?;
    let place = gaps * tenths as usize;
    let (below, rest) = (place / 10, place % 10);
    let low = *amounts.get(below)?;
    let high = amounts.get(below + 1).copied().unwrap_or(low);
    Some(low + (high - low) * Decimal::new(rest as i64, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_months_lie_between_neighbours() {
        let amounts = |values: &[i64]| values.iter().map(|&value| Decimal::from(value)).collect::<Vec<_>>();
        // NumPy: percentile([100, 200, 300, 400], [10, 50, 90]) = 130, 250, 370.
        let four = amounts(&[100, 200, 300, 400]);
        let found: Vec<String> =
            [1, 5, 9].iter().map(|&tenths| quantile_of_sorted(&four, tenths).unwrap().normalize().to_string()).collect();
        assert_eq!(found, ["130", "250", "370"]);
        assert_eq!(quantile_of_sorted(&amounts(&[7]), 5), None);
        assert_eq!(quantile_of_sorted(&[], 5), None);
    }
}
