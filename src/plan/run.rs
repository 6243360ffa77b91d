//! One run: traces, simulation, bill, result document.

use sha2::{Digest, Sha256};

use super::{fidelity, replications};
use crate::cost::{Bill, Line, PriceBook, price};
use crate::error::Result;
use crate::files::Files;
use crate::outcome::Outcome;
use crate::result::{Cost, InputFile, LineItem, Meta, MonthlyCost, RunResult, build};
use crate::scenario::Loaded;
use crate::scenario::model::{Assumptions, Drain, MetricValue, Scenario, SpotDeregistration};
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
        let timeline = options.timeline && number == 0;
        // The joined document is judged, not each of the documents that it joins.
        let thresholds = if scenario.simulation.replications > 1 { &[][..] } else { &scenario.thresholds };
        let mut outcome = simulate(&scenario, &traces, Options { timeline, explain: None })?;
        let bill = price(&outcome.usage, &book)?;
        outcome.warnings.extend(loaded.warnings.iter().chain(&bill.warnings).cloned());
        let hourly_rate =
            |service: usize, hour: usize, billed_tasks| bill.hourly_rate(&scenario.services[service].name, hour, billed_tasks);
        let result = build(meta.clone(), &outcome, cost(&bill), &hourly_rate, thresholds)?;
        Ok(Run { outcome, bill, result, notes: Vec::new() })
    };
    let mut run = replications::all(scenario.simulation.replications, &scenario.thresholds, one)?;
    run.notes.extend(reason);
    Ok(run)
}

/// The prices that a scenario asks for: its catalogue or the one shipped, its overrides, its discount.
///
/// # Errors
/// When the catalogue has no such region or cannot be read, or an override names no known price.
pub fn price_book(scenario: &Scenario, files: &dyn Files) -> Result<PriceBook> {
    let pricing = &scenario.pricing;
    let book = match &pricing.catalog {
        Some(folder) => PriceBook::from_folder(files, folder, &scenario.region)?,
        None => PriceBook::shipped(&scenario.region)?,
    };
    book.with_overrides(&pricing.overrides)?.with_discount(pricing.discount)
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
        window: bill.window.to_places(PLACES),
        monthly: MonthlyCost { mean: bill.monthly.to_places(2), p10: None, p50: None, p90: None, ci95: None },
        per_million_requests: bill.per_million_requests.map(|amount| amount.to_places(2)),
        spot_saving: bill.spot_saving.to_places(2),
        savings_plan: None,
        line_items: bill.lines.iter().map(line_item).collect(),
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
        cost: format!("{:.6}", line.cost),
        monthly_cost: format!("{:.6}", line.monthly_cost),
        ci95: None,
    }
}
