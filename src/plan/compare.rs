//! Several runs on the same traffic and the same seeds, and how they differ.
//!
//! A difference is computed seed by seed: replication k of a run less replication k of the baseline, and the mean of these with its
//! interval (paired differences with common random numbers; Law, "Simulation Modeling and Analysis", 5th ed., sections 10.2.1 and
//! 11.2). All draws are keyed by seed, service and number, so both runs of a pair meet the same requests, interruptions and futures; what chance
//! does to both cancels out, and far fewer replications tell two configurations apart than two intervals side by side would.
//!
//! What is left out: a correction for the number of figures that are compared, and differences from a result that was saved, which
//! has no single replications to pair.

use rayon::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::run::{RunOptions, run_watched};
use crate::error::Result;
use crate::files::Files;
use crate::metrics::Replicated;
use crate::money::{as_f64, cents};
use crate::result::comparison::{ComparedRun, ComparisonResult, FigureDifference};
use crate::result::{Figure, MAPS, RunResult, judge, service_figures};
use crate::scenario::Loaded;
use crate::scenario::model::{Service, TrafficKind};

/// A run to compare.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// Its name; none for the scenario itself.
    pub name: Option<String>,
    /// The variant that the loaded scenario is; none for the scenario itself.
    pub variant: Option<String>,
    /// The scenario with what is changed in it.
    pub loaded: Loaded,
}

/// What the others are compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompareOptions {
    /// The place of the baseline among the alternatives.
    pub baseline: usize,
    /// Whether costs are told relative to the baseline rather than to the cheapest run.
    pub relative_to_baseline: bool,
}

/// The figures of each replication of a run, in the order of the seeds.
type Replications = Vec<Vec<(String, f64)>>;

/// Runs all alternatives with the seeds and the number of replications of the first, in parallel on the threads of the current pool.
///
/// # Errors
/// That of the first alternative that fails, or a threshold that names no figure.
///
/// # Panics
/// Without an alternative at the place of the baseline.
pub fn compare(alternatives: &[Alternative], files: &(dyn Files + Sync), options: CompareOptions) -> Result<ComparisonResult> {
    let mut warnings = Vec::new();
    let alternatives = with_common_seeds(alternatives, &mut warnings);
    let runs: Vec<Result<(RunResult, Replications)>> =
        alternatives.par_iter().map(|alternative| replications(alternative, files)).collect();
    let mut runs: Vec<(RunResult, Replications)> = runs.into_iter().collect::<Result<_>>()?;
    let reference = runs[options.baseline].0.clone();
    for ((result, _), alternative) in runs.iter_mut().zip(&alternatives) {
        judge(result, &alternative.loaded.scenario.thresholds, Some(&reference))?;
    }
    let baseline = &alternatives[options.baseline];
    let mut differences = Vec::new();
    for (index, (alternative, (result, figures))) in alternatives.iter().zip(&runs).enumerate() {
        if index != options.baseline {
            differences.extend(paired(alternative.name.as_deref(), figures, &runs[options.baseline].1));
            warnings.extend(unlike(alternative, result, baseline, &reference));
        }
    }
    if reference.replications == 1 {
        warnings.push(
            "One replication tells nothing of chance, so no difference has an interval: ask for several with --replications 16.".to_owned(),
        );
    }
    let months: Vec<f64> = runs.iter().map(|(result, _)| monthly_cost(result)).collect();
    let cheapest = months.iter().copied().fold(f64::INFINITY, f64::min);
    let whole = if options.relative_to_baseline { months[options.baseline] } else { cheapest };
    let compared = alternatives.iter().zip(runs).zip(months).map(|((alternative, (result, _)), month)| ComparedRun {
        variant: alternative.name.clone(),
        relative_cost: (whole > 0.0).then(|| Figure::rounded(month / whole)),
        result,
    });
    Ok(ComparisonResult { baseline: baseline.name.clone(), runs: compared.collect(), differences, warnings })
}

/// The alternatives with the seed and the number of replications of the first: only the same seeds can be paired.
fn with_common_seeds(alternatives: &[Alternative], warnings: &mut Vec<String>) -> Vec<Alternative> {
    let mut alternatives = alternatives.to_vec();
    let common =
        |alternative: &Alternative| (alternative.loaded.scenario.simulation.seed, alternative.loaded.scenario.simulation.replications);
    let Some(first) = alternatives.first().map(common) else { return alternatives };
    for alternative in &mut alternatives {
        if common(alternative) != first {
            warnings.push(format!(
                "{} takes the seed {} and the replications ({}) of the first run, not its own: only the same seeds can be paired.",
                name(alternative),
                first.0,
                first.1
            ));
            let simulation = &mut alternative.loaded.scenario.simulation;
            (simulation.seed, simulation.replications) = first;
        }
    }
    alternatives
}

/// An alternative's name in a sentence.
fn name(alternative: &Alternative) -> &str {
    alternative.name.as_deref().unwrap_or("The scenario itself")
}

/// A run with the figures of each of its replications.
fn replications(alternative: &Alternative, files: &(dyn Files + Sync)) -> Result<(RunResult, Replications)> {
    let mut figures = Vec::new();
    let options = RunOptions { variant: alternative.variant.clone(), timeline: false };
    let run = run_watched(&alternative.loaded, files, &options, &mut |result| figures.push(figures_of(result)))?;
    Ok((run.result, figures))
}

/// Amounts of money that are compared, beside the month.
const AMOUNTS: [&str; 2] = ["cost.per_million_requests", "cost.spot_saving"];

/// The figures of one replication that are compared, by their paths.
fn figures_of(result: &RunResult) -> Vec<(String, f64)> {
    let mut figures = vec![("monthly_cost".to_owned(), monthly_cost(result))];
    let amounts = [result.cost.per_million_requests.as_deref(), Some(result.cost.spot_saving.as_str())];
    figures.extend(AMOUNTS.iter().zip(amounts).filter_map(|(path, amount)| Some(((*path).to_owned(), amount?.parse().ok()?))));
    for (name, service) in &result.services.0 {
        // Without a service level nothing is over it.
        let has_slo = result.has_slo(name);
        let of_service = service_figures(service).into_iter().filter(|(path, _)| has_slo || !path.starts_with("slo."));
        figures.extend(of_service.map(|(path, figure)| (format!("services.{name}.{path}"), figure)));
    }
    figures
}

/// The month as the sum of its lines, which is not rounded to cents.
fn monthly_cost(result: &RunResult) -> f64 {
    let lines = result.cost.line_items.iter().filter_map(|line| line.monthly_cost.parse::<Decimal>().ok());
    let month = lines.fold(Decimal::ZERO, Decimal::saturating_add);
    as_f64(month)
}

/// The differences of all figures that both runs have, in the order of the run and then of what only the baseline has.
fn paired(name: Option<&str>, run: &Replications, baseline: &Replications) -> Vec<FigureDifference> {
    let mut paths: Vec<&str> = Vec::new();
    for (path, _) in run.iter().chain(baseline).flatten() {
        if !paths.contains(&path.as_str()) {
            paths.push(path);
        }
    }
    paths.into_iter().filter_map(|path| difference(name, path, run, baseline)).collect()
}

/// The difference of one figure over the pairs in which both have it; none without such a pair.
fn difference(name: Option<&str>, path: &str, run: &Replications, baseline: &Replications) -> Option<FigureDifference> {
    let mut differences = Replicated::default();
    for (one, other) in run.iter().zip(baseline) {
        if let (Some(one), Some(other)) = (figure(one, path), figure(other, path)) {
            differences.add(one - other);
        }
    }
    let (mean, half_width) = (differences.mean()?, differences.half_width());
    Some(FigureDifference {
        variant: name.map(ToOwned::to_owned),
        path: path.to_owned(),
        mean: written(path, mean),
        ci95: half_width.map_or(Value::Null, |half_width| written(path, half_width)),
        distinguishable: half_width.map(|half_width| mean.abs() > half_width),
    })
}

/// A figure of a replication. A key that a map such as `task_hours` lacks counts as zero, as it does in the means.
fn figure(figures: &[(String, f64)], path: &str) -> Option<f64> {
    let found = figures.iter().find(|(known, _)| known == path).map(|(_, figure)| *figure);
    let is_of_map = || path.rsplit('.').nth(1).is_some_and(|map| MAPS.contains(&map));
    found.or_else(|| is_of_map().then_some(0.0))
}

/// A number, or an amount of money to the cent.
fn written(path: &str, value: f64) -> Value {
    if path == "monthly_cost" || AMOUNTS.contains(&path) {
        return Value::String(cents(value));
    }
    json!(Figure::rounded(value))
}

/// What makes a run and the baseline hard to compare.
fn unlike(alternative: &Alternative, result: &RunResult, baseline: &Alternative, reference: &RunResult) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut differs = |what: &str, own: &str, other: &str| {
        if own != other {
            warnings.push(format!("{} has another {what} than the baseline: {own}, not {other}.", name(alternative)));
        }
    };
    differs("region", &result.cost.region, &reference.cost.region);
    differs("fidelity", &result.fidelity, &reference.fidelity);
    differs("start of the window", &result.window.start, &reference.window.start);
    differs("end of the window", &result.window.end, &reference.window.end);
    for service in alternative.loaded.scenario.services.iter().filter(|service| comes_from_outside(service)) {
        let is_same = |other: &&Service| other.name == service.name && comes_from_outside(other);
        let Some(other) = baseline.loaded.scenario.services.iter().find(is_same) else { continue };
        let offered = |result: &RunResult| result.services.get(&other.name).map(|service| service.requests.offered.0);
        let (Some(own), Some(of_baseline)) = (offered(result), offered(reference)) else { continue };
        if (own - of_baseline).abs() > SAME_TRAFFIC * own.max(of_baseline) {
            warnings.push(format!(
                "{} has other traffic than the baseline: {own:.0} requests to {}, not {of_baseline:.0}.",
                name(alternative),
                service.name
            ));
        }
    }
    warnings
}

/// Offered requests that differ by less, in parts of the larger, are the same: sums of flows are rounded.
const SAME_TRAFFIC: f64 = 1e-9;

/// Whether nothing that happens within changes what a service is offered: users who wait for answers and callers adapt.
fn comes_from_outside(service: &Service) -> bool {
    let adapts = |kind: &TrafficKind| matches!(kind, TrafficKind::Users(_) | TrafficKind::Calls(_));
    !service.traffic.iter().any(|source| adapts(&source.kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replications(path: &str, values: &[f64]) -> Replications {
        values.iter().map(|&value| vec![(path.to_owned(), value)]).collect()
    }

    fn of(path: &str, run: &[f64], baseline: &[f64]) -> FigureDifference {
        difference(Some("b"), path, &replications(path, run), &replications(path, baseline)).expect("both have it")
    }

    #[test]
    fn a_paired_difference_is_that_of_a_calculation_by_hand() {
        // Differences 1, 2, 6: mean 3, squares 4 + 1 + 9 = 14, s^2 = 7; t(2) = 4.302653; 4.302653 x sqrt(7 / 3) = 6.572411.
        let found = of("services.web.slo.seconds_over", &[11.0, 32.0, 7.0], &[10.0, 30.0, 1.0]);
        assert_eq!((found.mean.as_f64(), found.distinguishable), (Some(3.0), Some(false)), "-3.57 to 9.57 holds zero");
        assert!((found.ci95.as_f64().unwrap() - 6.572_41).abs() < 1e-5, "{found:?}");
        // Differences 1, 2, 3: mean 2, s^2 = 1; 4.302653 x sqrt(1 / 3) = 2.484138: zero lies within.
        assert_eq!(of("services.web.slo.seconds_over", &[11.0, 32.0, 4.0], &[10.0, 30.0, 1.0]).distinguishable, Some(false));
        // Differences 5, 6, 7: the same half-width around 6: zero lies outside, whatever the spread of the runs themselves.
        let found = of("services.web.slo.seconds_over", &[105.0, 1_006.0, 7.0], &[100.0, 1_000.0, 0.0]);
        assert_eq!((found.mean.as_f64(), found.distinguishable), (Some(6.0), Some(true)));
        assert!((found.ci95.as_f64().unwrap() - 2.484_14).abs() < 1e-5, "{found:?}");
    }

    #[test]
    fn money_is_a_decimal_to_the_cent() {
        // Differences -1.25 and -0.75: mean -1, s^2 = 0.125; t(1) = 12.706205; 12.706205 x sqrt(0.125 / 2) = 3.176551.
        let found = of("monthly_cost", &[9.0, 9.5], &[10.25, 10.25]);
        assert_eq!((found.mean, found.ci95, found.distinguishable), (json!("-1.00"), json!("3.18"), Some(false)));
        assert_eq!(written("monthly_cost", -0.001), json!("0.00"));
    }

    #[test]
    fn equal_figures_differ_by_exactly_zero_and_one_pair_has_no_interval() {
        let found = of("a", &[0.1, 0.3, 0.7], &[0.1, 0.3, 0.7]);
        assert_eq!((found.mean, found.ci95, found.distinguishable), (json!(0), json!(0), Some(false)));
        let found = of("a", &[3.0], &[1.0]);
        assert_eq!((found.mean, found.ci95, found.distinguishable), (json!(2), Value::Null, None));
    }

    #[test]
    fn a_capacity_provider_that_one_run_lacks_counts_as_zero_there_and_other_figures_need_a_pair() {
        let spot = "services.web.task_hours.FARGATE_SPOT";
        let (run, baseline) = (replications(spot, &[3.0, 5.0]), replications("other", &[1.0, 1.0]));
        assert_eq!(difference(None, spot, &run, &baseline).expect("a map's key").mean, json!(4));
        assert_eq!(difference(None, "other", &run, &baseline), None);
        assert_eq!(paired(None, &run, &baseline).len(), 1);
    }
}
