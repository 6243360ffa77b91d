//! One run: traces, simulation, bill, result document.

use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use super::uncertainty::Future;
use super::{fidelity, replications, uncertainty};
use crate::cost::{self, Bill, Line, PriceBook, SavingsPlanUse, price};
use crate::error::Result;
use crate::files::Files;
use crate::money::Usd;
use crate::outcome::Outcome;
use crate::result::{Cost, Figure, InputFile, LineItem, Meta, MonthlyCost, RunResult, SavingsPlanResult, build};
use crate::scenario::Loaded;
use crate::scenario::model::{self, Assumptions, Drain, MetricValue, Scenario, SpotDeregistration};
use crate::simulate::{Input, Options, load_traces, simulate};

/// What a run keeps and calls itself.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// The variant that the loaded scenario is.
    pub variant: Option<String>,
    /// Whether the timeline is kept.
    pub timeline: bool,
}

/// A run in its three forms.
#[derive(Clone, Debug)]
pub struct Run {
    /// What happened; of several replications in the first.
    pub outcome: Outcome,
    /// What that costs.
    pub bill: Bill,
    /// The document of both, or of all replications.
    pub result: RunResult,
    /// How the work was done, for whoever watches.
    pub notes: Vec<String>,
}

/// Simulates a scenario, prices what it used and judges it by its thresholds.
///
/// Replications run in parallel on the threads of the current pool; the result does not depend on their number.
///
/// # Errors
/// When a trace cannot be read, a price is missing or a threshold names no figure.
pub fn run(loaded: &Loaded, files: &dyn Files, options: &RunOptions) -> Result<Run> {
    let scenario = &loaded.scenario;
    let book = price_book(scenario, files)?;
    let (traces, trace_inputs) = load_traces(scenario, files)?;
    let (fidelity, reason) = fidelity::resolve(scenario, &traces)?;
    let meta = Meta { fidelity: fidelity::name(fidelity).to_owned(), ..meta(loaded, &trace_inputs, options) };
    let one = |number: u32| {
        let mut scenario = scenario.clone();
        scenario.simulation.fidelity = fidelity;
        scenario.simulation.seed = scenario.simulation.seed.wrapping_add(u64::from(number));
        let future = Future::of(&scenario);
        future.shape(&mut scenario);
        let timeline = options.timeline && number == 0;
        // The joined document is judged, not each of the documents that it joins.
        let thresholds = if scenario.simulation.replications > 1 { &[][..] } else { &scenario.thresholds };
        let mut outcome = simulate(&scenario, &traces, Options { timeline, explain: None })?;
        let bill = price(&outcome.usage, &book.with_spot_scale(future.spot_price_scale)?)?;
        outcome.warnings.extend(loaded.warnings.iter().chain(&bill.warnings).cloned());
        let hourly_rate =
            |service: usize, hour: usize, billed_tasks| bill.hourly_rate(&scenario.services[service].name, hour, billed_tasks);
        let mut result = build(meta.clone(), &outcome, cost(&bill), &hourly_rate, thresholds)?;
        price_deployments(&mut result, &outcome, &bill);
        Ok(Run { outcome, bill, result, notes: Vec::new() })
    };
    let remark = uncertainty::remark(scenario);
    let mut run = replications::all(scenario.simulation.replications, &scenario.thresholds, one)?;
    run.result.warnings.extend(remark);
    run.notes.extend(reason);
    Ok(run)
}

/// Adds what the task-hours that deployments took beyond those of the desired count cost.
fn price_deployments(result: &mut RunResult, outcome: &Outcome, bill: &Bill) {
    for ((name, service), outcome) in result.services.0.iter_mut().zip(&outcome.services) {
        for (deployment, of) in service.deployments.iter_mut().zip(&outcome.deployments) {
            deployment.extra_cost = bill.cost_of_task_hours(name, of.extra_task_hours).map(|amount| amount.to_places(2));
        }
    }
}

/// The prices that a scenario asks for: its catalogue or the one shipped, its overrides, its discount, its Savings Plans.
///
/// # Errors
/// When the catalogue has no such region or cannot be read, or an override names no known price.
pub fn price_book(scenario: &Scenario, files: &dyn Files) -> Result<PriceBook> {
    let pricing = &scenario.pricing;
    let book = match &pricing.catalog {
        Some(folder) => PriceBook::from_folder(files, folder, &scenario.region)?,
        None => PriceBook::shipped(&scenario.region)?,
    };
    let plan = |plan: &model::SavingsPlan| cost::SavingsPlan {
        commitment_per_hour: plan.commitment_per_hour,
        term: plan.term,
        payment_option: plan.payment_option,
    };
    let book = book.with_overrides(&pricing.overrides)?.with_discount(pricing.discount)?;
    let plans: Vec<cost::SavingsPlan> = pricing.savings_plans.iter().map(plan).collect();
    book.with_savings_plans(&plans)?.with_account_data_out(pricing.account_data_out_gb)
}

fn meta(loaded: &Loaded, trace_inputs: &[Input], options: &RunOptions) -> Meta {
    let scenario = &loaded.scenario;
    Meta {
        ecsim_version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name.clone(),
        variant: options.variant.clone(),
        inputs: loaded.inputs.iter().chain(trace_inputs).map(input_file).collect(),
        fidelity: String::new(),
        seed: scenario.simulation.seed,
        replications: 1,
        assumptions: echo(&scenario.assumptions),
    }
}

pub(super) fn input_file((path, content): &Input) -> InputFile {
    let digest = Sha256::digest(content);
    let sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    InputFile { path: path.clone(), sha256 }
}

/// The assumptions in force, as a scenario would write them.
fn echo(assumptions: &Assumptions) -> Vec<(String, String)> {
    let metric_value = match assumptions.target_tracking_metric_value {
        MetricValue::Latest => "latest",
        MetricValue::Mean => "mean",
        MetricValue::Max => "max",
    };
    let drain = match assumptions.drain {
        Drain::Full => "full",
        Drain::Early => "early",
    };
    let spot_deregistration = match assumptions.spot_deregistration {
        SpotDeregistration::AtWarning => "at_warning",
        SpotDeregistration::AtStop => "at_stop",
    };
    [
        ("metric_publication_delay.resolution_60", assumptions.minute_publication_delay.to_string()),
        ("metric_publication_delay.resolution_20", assumptions.high_resolution_publication_delay.to_string()),
        ("target_tracking_metric_value", metric_value.to_owned()),
        ("sampling_noise", assumptions.sampling_noise.to_string()),
        ("drain", drain.to_owned()),
        ("spot_deregistration", spot_deregistration.to_owned()),
        ("scheduler_tick", assumptions.scheduler_tick.to_string()),
        ("max_scale_in_fraction", format!("{}%", assumptions.max_scale_in_fraction * 100.0)),
        ("registration_ticks", assumptions.registration_ticks.to_string()),
        ("first_health_check", assumptions.first_health_check.to_string()),
        ("queue_inactive_after", assumptions.queue_inactive_after.to_string()),
        ("queue_activation_delay", assumptions.queue_activation_delay.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// The bill in the form of the result document.
pub(super) fn cost(bill: &Bill) -> Cost {
    const PLACES: u32 = crate::cost::MONEY_PLACES;
    Cost {
        currency: "USD".to_owned(),
        region: bill.region.clone(),
        discount: bill.discount.normalize().to_string(),
        window: bill.window.to_places(PLACES),
        monthly: MonthlyCost { mean: bill.monthly.to_places(2), p10: None, p50: None, p90: None, ci95: None },
        per_million_requests: bill.per_million_requests.map(|amount| amount.to_places(2)),
        spot_saving: bill.spot_saving.to_places(2),
        savings_plan: bill.savings_plan.as_ref().map(savings_plan),
        line_items: bill.lines.iter().map(line_item).collect(),
        ci95: None,
    }
}

fn savings_plan(plans: &SavingsPlanUse) -> SavingsPlanResult {
    let share = |part: Decimal, whole: Decimal| {
        let ratio = part.checked_div(whole)?.round_dp(6);
        ratio.to_string().parse().ok().map(Figure)
    };
    let saving = plans.covered_on_demand - plans.commitment;
    SavingsPlanResult {
        commitment: Usd(plans.commitment).to_places(2),
        used: Usd(plans.used).to_places(2),
        unused: Usd(plans.commitment - plans.used).to_places(2),
        saving: Usd(saving).to_places(2),
        utilization: share(plans.used, plans.commitment),
        coverage: share(plans.covered_on_demand, plans.eligible_on_demand),
        ci95: None,
    }
}

fn line_item(line: &Line) -> LineItem {
    LineItem {
        service: line.service.clone(),
        resource: line.resource.clone(),
        capacity_provider: line.capacity_provider.clone(),
        product: line.product.to_string(),
        usage_type: line.usage_type.clone(),
        description: line.description.clone(),
        behaviour: line.behaviour.name().to_owned(),
        quantity: line.quantity.to_string(),
        unit: line.unit.to_string(),
        unit_price: line.unit_price.to_string(),
        price_source: line.price_source.clone(),
        price_date: line.price_date.clone(),
        estimated: line.estimated,
        savings_plan: line.savings_plan.clone(),
        on_demand_unit_price: line.on_demand_unit_price.map(|price| price.to_string()),
        cost: Usd(line.cost).to_places(crate::cost::MONEY_PLACES),
        monthly_cost: Usd(line.monthly_cost).to_places(crate::cost::MONEY_PLACES),
        ci95: None,
    }
}
