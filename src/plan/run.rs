//! One run: traces, simulation, bill, result document.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use super::uncertainty::Draw;
use super::{fidelity, replications, uncertainty};
use crate::cost::{self, Bill, Group, HourCost, Line, PriceBook, SavingsPlanUse, price};
use crate::error::Result;
use crate::files::Files;
use crate::money::Usd;
use crate::outcome::Outcome;
use crate::result::{
    Cell, Cost, Figure, HourlyCost, InputFile, LineItem, Meta, MonthlyCost, Objectives, RunResult, SavingsPlanResult, build, build_figures,
    judge, refuse_without_baseline,
};
use crate::scenario::Loaded;
use crate::scenario::model::{
    self, Assumptions, Drain, Fidelity, MetricValue, Policy, Scenario, Service, SpotDeregistration, TrackedMetric,
};
use crate::simulate::{Input, Options, Traces, load_traces, simulate};

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
/// When a trace cannot be read, a price is missing or a threshold names no figure, or a baseline: see [`run_against`].
pub fn run(loaded: &Loaded, files: &dyn Files, options: &RunOptions) -> Result<Run> {
    run_against(loaded, files, options, None)
}

/// The same, with a baseline that thresholds may compare with.
///
/// # Errors
/// As [`run`]; a threshold against a baseline that is not given is told before the work.
pub fn run_against(loaded: &Loaded, files: &dyn Files, options: &RunOptions, baseline: Option<&RunResult>) -> Result<Run> {
    let thresholds = &loaded.scenario.thresholds;
    if baseline.is_none() {
        refuse_without_baseline(thresholds)?;
    }
    let mut run = run_watched(loaded, files, options, &mut |_| {})?;
    judge(&mut run.result, thresholds, baseline)?;
    Ok(run)
}

/// A run that is not judged yet. The document of each replication is shown to `watch`, in the order of their seeds.
///
/// # Errors
/// When a trace cannot be read or a price is missing.
pub(super) fn run_watched(loaded: &Loaded, files: &dyn Files, options: &RunOptions, watch: &mut dyn FnMut(&RunResult)) -> Result<Run> {
    let scenario = &loaded.scenario;
    let book = price_book(scenario, files)?;
    let (traces, trace_inputs) = load_traces(scenario, files)?;
    let meta = meta(loaded, &trace_inputs, options);
    let keep = if options.timeline { Keep::Timeline } else { Keep::Hours };
    Prepared { scenario, warnings: &loaded.warnings, book: &book, traces: &traces, meta, keep }.run(watch)
}

/// What stays of a run besides its figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// Nothing: neither activities nor tables.
    Figures,
    /// Activities and the usage by the hour.
    Hours,
    /// That and the timeline.
    Timeline,
}

/// A scenario and all that a run of it reads.
pub(super) struct Prepared<'a> {
    /// The checked scenario.
    pub scenario: &'a Scenario,
    /// What reading it found worth saying.
    pub warnings: &'a [String],
    /// Its prices.
    pub book: &'a PriceBook,
    /// Its traces.
    pub traces: &'a Traces,
    /// What the document says of the run, its fidelity left out.
    pub meta: Meta,
    /// What stays.
    pub keep: Keep,
}

impl Prepared<'_> {
    /// Runs all replications and joins them, in a document that is not judged yet. That of each is shown to `watch`, in the order of
    /// their seeds.
    pub(super) fn run(mut self, watch: &mut dyn FnMut(&RunResult)) -> Result<Run> {
        let scenario = self.scenario;
        let (fidelity, reason) = fidelity::resolve(scenario, self.traces)?;
        fidelity::name(fidelity).clone_into(&mut self.meta.fidelity);
        let one = |number: u32| self.replication(fidelity, number);
        let mut run = replications::all(scenario.simulation.replications, one, watch)?;
        run.result.warnings.extend(uncertainty::remark(scenario));
        run.notes.extend(reason);
        Ok(run)
    }

    /// The document of one replication, of several not judged.
    pub(super) fn only(mut self, number: u32) -> Result<RunResult> {
        let (fidelity, _) = fidelity::resolve(self.scenario, self.traces)?;
        fidelity::name(fidelity).clone_into(&mut self.meta.fidelity);
        Ok(self.replication(fidelity, number)?.result)
    }

    fn replication(&self, fidelity: Fidelity, number: u32) -> Result<Run> {
        let mut scenario = self.scenario.clone();
        scenario.simulation.fidelity = fidelity;
        scenario.simulation.seed = scenario.simulation.seed.wrapping_add(u64::from(number));
        let drawn = Draw::of(&scenario);
        drawn.shape(&mut scenario);
        let timeline = self.keep == Keep::Timeline && number == 0;
        let mut outcome = simulate(&scenario, self.traces, Options { timeline, explain: None })?;
        let bill = price(&outcome.usage, &self.book.with_spot_scale(drawn.spot_price_scale)?)?;
        outcome.warnings.extend(self.warnings.iter().chain(&bill.warnings).cloned());
        let mut result = if self.keep == Keep::Figures {
            // Thousands of activities are as many texts.
            outcome.services.iter_mut().for_each(|service| service.scaling_activities.clear());
            build_figures(self.meta.clone(), &outcome, cost(&bill))
        } else {
            let hourly_rate = |service: usize, hour: usize, tasks| bill.hourly_rate(&scenario.services[service].name, hour, tasks);
            build(self.meta.clone(), &outcome, cost(&bill), &hourly_rate)
        };
        price_deployments(&mut result, &outcome, &bill);
        result.objectives = objectives(&scenario);
        if timeline {
            result.cost_hourly = cost_hourly(&bill);
        }
        Ok(Run { outcome, bill, result, notes: Vec::new() })
    }
}

/// Adds what the task-hours that deployments took beyond those of the desired count cost.
fn price_deployments(result: &mut RunResult, outcome: &Outcome, bill: &Bill) {
    for ((name, service), outcome) in result.services.0.iter_mut().zip(&outcome.services) {
        for (deployment, of) in service.deployments.iter_mut().zip(&outcome.deployments) {
            deployment.extra_cost = bill.cost_of_task_hours(name, &of.extra_task_hours).map(|amount| amount.to_places(2));
        }
    }
}

/// The bill hour by hour, by those groups of products that cost anything.
fn cost_hourly(bill: &Bill) -> HourlyCost {
    let costs_anything = |group: &Group| bill.hourly.iter().any(|hour| hour.by_group[group.index()] > 0.0);
    let groups: Vec<Group> = Group::ALL.into_iter().filter(costs_anything).collect();
    let row = |hour: &HourCost| {
        let costs = groups.iter().map(|group| Cell::rounded(hour.by_group[group.index()]));
        std::iter::once(Cell::from(hour.start.to_string().as_str())).chain(costs).collect()
    };
    HourlyCost {
        monthly: bill.monthly.to_places(2),
        columns: std::iter::once("hour").chain(groups.iter().map(|group| group.name())).map(String::from).collect(),
        rows: bill.hourly.iter().map(row).collect(),
    }
}

/// What the services of a scenario aim for.
fn objectives(scenario: &Scenario) -> BTreeMap<String, Objectives> {
    let of = |service: &Service| {
        let mut objectives = Objectives {
            slo_latency_seconds: service.slo.and_then(|slo| slo.latency_seconds).map(Figure),
            slo_availability: service.slo.and_then(|slo| slo.availability).map(Figure),
            ..Objectives::default()
        };
        let policies = service.scaling.iter().flat_map(|scaling| &scaling.policies);
        for policy in policies.filter_map(Policy::target_tracking) {
            match policy.metric {
                TrackedMetric::CpuUtilization { .. } => objectives.cpu_targets_percent.push(Figure(policy.target_value)),
                TrackedMetric::MemoryUtilization { .. } => objectives.memory_targets_percent.push(Figure(policy.target_value)),
                TrackedMetric::AlbRequestCountPerTarget | TrackedMetric::Customized(_) => {}
            }
        }
        (service.name.clone(), objectives)
    };
    scenario.services.iter().map(of).collect()
}

/// The prices that a scenario asks for: its catalogue or the one shipped, its overrides, its discount, its
/// Savings Plans, its free allowances.
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
    let free_tier = match pricing.free_tier {
        model::FreeTier::None => cost::FreeTier::None,
        model::FreeTier::AlwaysFree => cost::FreeTier::AlwaysFree,
        model::FreeTier::FirstTwelveMonths => cost::FreeTier::FirstTwelveMonths,
    };
    book.with_savings_plans(&plans)?.with_free_tier(free_tier).with_account_data_out(pricing.account_data_out_gb)
}

fn meta(loaded: &Loaded, trace_inputs: &[Input], options: &RunOptions) -> Meta {
    let inputs = loaded.inputs.iter().chain(trace_inputs).map(input_file).collect();
    Meta { inputs, assumptions: echo(&loaded.scenario.assumptions), ..short_meta(&loaded.scenario, options.variant.clone()) }
}

/// What a document says of a run whose inputs and assumptions nobody asks for.
pub(super) fn short_meta(scenario: &Scenario, variant: Option<String>) -> Meta {
    Meta {
        ecsim_version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name.clone(),
        variant,
        seed: scenario.simulation.seed,
        replications: 1,
        ..Meta::default()
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
    let insights = &assumptions.container_insights_metrics;
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
        ("cross_zone_share", assumptions.cross_zone_share.map_or("(zones - 1) / zones".to_owned(), |share| format!("{}%", share * 100.0))),
        ("queue_call_time", assumptions.queue_call_time.to_string()),
        ("compressed_log_share", format!("{}%", assumptions.compressed_log_share * 100.0)),
        ("container_insights_metrics.cluster", insights.cluster.to_string()),
        ("container_insights_metrics.service", insights.service.to_string()),
        ("container_insights_metrics.task_definition", insights.task_definition.to_string()),
        ("container_insights_metrics.task", insights.task.to_string()),
        ("container_insights_metrics.container", insights.container.to_string()),
        ("instance_memory_overhead", format!("{}%", assumptions.instance_memory_overhead * 100.0)),
        ("instance_launch_time", assumptions.instance_launch_time.to_string()),
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
