//! What was found, as a document.

use super::change::{by_hand, changes, services};
use super::confirm::Confirmation;
use super::dimension::{Dimension, DimensionKind};
use super::find;
use super::goal::{Goal, Judgement, Watched, meets, slack};
use super::space::Levels;
use super::trials::Class;
use super::{Found, Planner};
use crate::error::Result;
use crate::metrics::{highest_chance, lowest_chance};
use crate::money::Usd;
use crate::plan::points::Tried;
use crate::result::plan::{
    MoreAvailability, PlanBinding, PlanConfiguration, PlanDimension, PlanEffort, PlanFailures, PlanMonths, PlanResult, PlanRisk,
    PlanService, PlanStretch, PlanThreshold,
};
use crate::result::{Figure, quantile_of_sorted};
use crate::scenario::model::{Comparison, Platform, Scenario, Service};
use rust_decimal::Decimal;

/// Availabilities that people promise, in parts of a million.
const STEPS: [u32; 9] = [990_000, 995_000, 999_000, 999_500, 999_900, 999_950, 999_990, 999_995, 999_999];
/// The largest whole number that every reader of JSON knows exactly.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;
/// From this multiple of the present p99 on a reader is told of it.
const NOTABLY_SLOWER: f64 = 1.2;
/// The doubt on either side of a 95 % interval.
const EITHER_SIDE: f64 = 0.025;

/// Figures over the stretch and over the window; none of a stretch that is the window.
pub(super) struct Told {
    stretch: Option<Judgement>,
    window: Judgement,
}

impl Planner<'_> {
    pub(super) fn document(
        &self,
        found: &Found,
        [current, chosen]: &[Told; 2],
        runner_up: Option<&(Levels, Confirmation)>,
        more_availability: Option<MoreAvailability>,
    ) -> Result<PlanResult> {
        let bench = &self.trials.bench;
        let (scenario, space) = (bench.base(), bench.space);
        let after = done(bench.attempt(Some(&found.levels), None, |loaded| Ok(loaded.scenario.clone()))?)?;
        let runner_up = match runner_up {
            Some((levels, confirmation)) => Some(self.configuration(Some(levels), &self.told(Some(levels))?, Some(confirmation))),
            None => None,
        };
        let services = services(scenario, &after);
        Ok(PlanResult {
            ecsim_version: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: scenario.name.clone(),
            variant: self.options.variant.clone(),
            region: scenario.region.clone(),
            seed: bench.seed,
            confidence: Figure(self.options.confidence),
            meets: found.meets,
            binding: self.binding(chosen),
            at_the_edge: space
                .dimensions
                .iter()
                .zip(&found.levels)
                .filter(|(dimension, level)| is_at_the_edge(dimension, **level))
                .map(|(dimension, _)| dimension.title.clone())
                .collect(),
            space: space.dimensions.iter().zip(&found.levels).map(|(dimension, &level)| plan_dimension(dimension, level)).collect(),
            held: space.held.clone(),
            stretch: self.stretch(),
            confirmed_by: self.trust.legs(self.course.window().duration),
            effort: self.effort(),
            cluster: scenario.cluster.name.clone(),
            by_hand: by_hand(space, &found.levels, &services, scenario),
            warnings: self.warnings(found, &after, [current, chosen]),
            services,
            current: self.configuration(None, current, None),
            chosen: self.configuration(Some(&found.levels), chosen, found.confirmation.as_ref()),
            runner_up,
            more_availability,
        })
    }

    /// What a configuration does, run anew where it is not known.
    pub(super) fn told(&self, levels: Option<&[usize]>) -> Result<Told> {
        let bench = &self.trials.bench;
        let known = levels.and_then(|levels| self.trials.get(levels));
        let window = match known.and_then(|trial| trial.window.clone()) {
            Some(window) => window,
            None => done(bench.judge(levels, None, None)?)?,
        };
        let of_median = known.and_then(|trial| trial.stretch.clone()).filter(|_| bench.replication.is_none());
        let stretch = match (bench.stretch, of_median) {
            (None, _) => None,
            (Some(_), Some(stretch)) => Some(stretch),
            (Some(stretch), None) => Some(done(bench.judge(levels, Some(stretch), None)?)?),
        };
        Ok(Told { stretch, window })
    }

    fn configuration(&self, levels: Option<&[usize]>, told: &Told, confirmation: Option<&Confirmation>) -> PlanConfiguration {
        let bench = &self.trials.bench;
        let figure = |place: usize| told.window.values[place].map(Figure);
        let service = |(index, service): (usize, &Service)| PlanService {
            service: service.name.clone(),
            availability: figure(bench.figures.place(index, Watched::Availability)),
            latency_p99_seconds: figure(bench.figures.place(index, Watched::LatencyP99)),
            running_tasks: figure(bench.figures.place(index, Watched::RunningTasks)),
        };
        PlanConfiguration {
            changes: levels.map(|levels| changes(bench.space, levels)).unwrap_or_default(),
            monthly_cost: told.window.monthly.clone(),
            services: bench.base().services.iter().enumerate().map(service).collect(),
            thresholds: (0..bench.figures.thresholds).map(|place| self.threshold(place, told).0).collect(),
            risk: confirmation.map(|confirmation| self.risk(confirmation)),
        }
    }

    /// A threshold, and whether it is the stretch that comes nearest to it.
    fn threshold(&self, place: usize, told: &Told) -> (PlanThreshold, bool) {
        let threshold = &self.trials.bench.figures.measured[place];
        let value = told.window.values[place];
        let by_stretch = told.stretch.as_ref().filter(|_| self.original.stretch[place].is_some()).map(|stretch| stretch.values[place]);
        let room = |value: Option<f64>| slack(threshold, threshold.bound, value);
        let of_stretch = by_stretch.and_then(room);
        let is_nearer = of_stretch.is_some_and(|of_stretch| room(value).is_none_or(|of_window| of_stretch < of_window));
        let least = if is_nearer { of_stretch } else { room(value) };
        let told = PlanThreshold {
            expression: threshold.expression.clone(),
            path: threshold.path.clone(),
            value: value.map(Figure),
            value_when_busiest: by_stretch.flatten().map(Figure),
            ok: meets(threshold, threshold.bound, value) && by_stretch.is_none_or(|value| meets(threshold, threshold.bound, value)),
            slack: least.map(Figure::rounded),
        };
        (told, is_nearer)
    }

    fn binding(&self, told: &Told) -> Option<PlanBinding> {
        let all = (0..self.trials.bench.figures.thresholds).map(|place| self.threshold(place, told));
        let near = all.filter_map(|(threshold, when_busiest)| {
            Some(PlanBinding { slack: threshold.slack?, expression: threshold.expression, path: threshold.path, when_busiest })
        });
        near.min_by(|one, other| one.slack.0.total_cmp(&other.slack.0))
    }

    fn risk(&self, confirmation: &Confirmation) -> PlanRisk {
        let (failed, trials) = (confirmation.failed, confirmation.replications);
        let figures = &self.trials.bench.figures;
        let failures = |place: usize| {
            let [stretch, window] = &confirmation.worst;
            let threshold = &figures.measured[place];
            let worst = match (stretch[place], window[place]) {
                (Some(one), Some(other)) => Some(if super::goal::worse_by(threshold, one, other) > 0.0 { one } else { other }),
                (one, other) => one.or(other),
            };
            PlanFailures {
                expression: threshold.expression.clone(),
                failed: confirmation.failures[place],
                worst: worst.map(Figure::rounded),
            }
        };
        PlanRisk {
            replications: trials,
            failed,
            probability: Figure::rounded(f64::from(failed) / f64::from(trials.max(1))),
            low: Figure::rounded(lowest_chance(failed, trials, EITHER_SIDE)),
            high: Figure::rounded(highest_chance(failed, trials, EITHER_SIDE)),
            shows_confidence: self.trust.shows(failed, trials),
            by_threshold: (0..figures.thresholds).map(failures).collect(),
            monthly_cost: months(&confirmation.months),
        }
    }

    fn stretch(&self) -> Option<PlanStretch> {
        let stretch = self.trials.bench.stretch?;
        let start = self.course.window().start;
        let offset = jiff::SignedDuration::from_secs(stretch.offset.as_seconds_f64() as i64);
        Some(PlanStretch {
            start: start.saturating_add(offset).unwrap_or(start).to_string(),
            hours: Figure::rounded(stretch.duration.as_hours_f64()),
        })
    }

    fn effort(&self) -> PlanEffort {
        let (configurations, impossible) = self.trials.counts();
        let size = self.trials.bench.space.size();
        PlanEffort {
            configurations,
            impossible,
            of: (size <= LARGEST_EXACT).then_some(size as u64),
            stretch_runs: self.trials.stretch_runs,
            window_runs: self.trials.window_runs,
            confirmations: self.confirmations,
            ended_early: self.trials.is_spent(),
        }
    }

    fn warnings(&self, found: &Found, after: &Scenario, told: [&Told; 2]) -> Vec<String> {
        let mut warnings = self.trials.bench.points.loaded().warnings.clone();
        let needed = self.trust.needed;
        if self.trust.replications < needed {
            warnings.push(format!(
                "{} replications cannot show a confidence of {} %: that takes {needed} without a failure",
                self.trust.replications,
                Figure::rounded(100.0 * self.options.confidence).0
            ));
        }
        if self.trials.bench.base().needs_request_fidelity() {
            warnings.push(
                "The scenario is modelled request by request only, so the search was too: it takes long; --max-runs bounds it.".to_owned(),
            );
        } else if !self.trust.is_by_requests() && self.options.fidelity.is_none() {
            warnings.push("Even the busiest hour has too many requests to simulate each for every replication: the answer was confirmed by flows alone.".to_owned());
        }
        warnings.extend(self.slower(told));
        if self.trials.is_spent() {
            warnings.push("The search ended at --max-runs: with more runs it might find a cheaper configuration.".to_owned());
        }
        if found.meets && after.spot.shortage.is_none() && after.services.iter().any(Service::uses_spot) {
            warnings.push(
                "The answer uses Spot, and the scenario lets Spot capacity never run short: see `spot.shortage`, or fix the share with --hold spot."
                    .to_owned(),
            );
        }
        if self
            .trials
            .bench
            .space
            .arm_cpu_time
            .is_some_and(|_| after.services.iter().any(|service| service.task.platform == Platform::LinuxArm))
        {
            let factor = self.trials.bench.space.arm_cpu_time.unwrap_or(1.0);
            warnings.push(format!(
                "On ARM a request is assumed to take {factor} times the CPU time that it takes on x86: measure it before you move."
            ));
        }
        warnings
    }

    /// What a search makes worse because no threshold forbids it: response times.
    fn slower(&self, [before, after]: [&Told; 2]) -> Vec<String> {
        let figures = &self.trials.bench.figures;
        let services = self.trials.bench.base().services.iter().enumerate();
        let sentence = |(index, service): (usize, &Service)| {
            let about = format!("services.{}.", service.name);
            let is_held = |path: &str| {
                path.starts_with(&about) && (path.contains("latency") || path.contains("slo") || path.contains("seconds_over"))
            };
            if figures.measured[..figures.thresholds].iter().any(|threshold| is_held(&threshold.path)) {
                return None;
            }
            let place = figures.place(index, Watched::LatencyP99);
            let (before, after) = (before.window.values[place]?, after.window.values[place]?);
            (after > NOTABLY_SLOWER * before).then(|| {
                format!(
                    "No threshold speaks of the response times of {0}: their p99 goes from {1:.0} ms to {2:.0} ms. If that matters, ask for it as --threshold 'services.{0}.latency_p99 < {1:.0}ms'.",
                    service.name,
                    (before * 1e3).ceil(),
                    after * 1e3
                )
            })
        };
        services.filter_map(sentence).collect()
    }

    /// The cheapest configuration with the next step of availability of the service that is held to the strictest one.
    pub(super) fn more_availability(&mut self, found: &Found, told: &Told) -> Result<Option<MoreAvailability>> {
        if !found.meets {
            return Ok(None);
        }
        let Some((service, from)) = self.strictest_availability(told) else { return Ok(None) };
        let Some(step) = STEPS.into_iter().map(|parts| f64::from(parts) / 1e6).find(|step| *step > from + 1e-9) else { return Ok(None) };
        let place = self.trials.bench.figures.place(service, Watched::Availability);
        let mut goal: Goal = self.original.clone();
        goal.window[place] = Some(step);
        goal.stretch[place] = Some(step);
        // What the confirmation of the answer taught holds for its neighbours too.
        let start = self.best(&goal)?.unwrap_or_else(|| found.levels.clone());
        find::descend(&mut self.trials, &goal, start)?;
        let best = self.best(&goal)?.filter(|best| self.trials.rank(&goal, best).class == Class::Meets);
        // What is cheaper than the answer has not been confirmed, or has failed: then the answer itself is told, where it is good enough.
        let answer = self.trials.rank(&goal, &found.levels);
        let best = best.and_then(|best| {
            let is_dearer = self.trials.rank(&goal, &best).value >= told.window.monthly_usd;
            if is_dearer { Some(best) } else { (answer.class == Class::Meets).then(|| found.levels.clone()) }
        });
        let name = self.trials.bench.base().services[service].name.clone();
        let cost = |levels: &Levels| self.trials.get(levels).and_then(|trial| trial.window.clone()).map(|window| window.monthly);
        let more = best.as_ref().and_then(cost);
        let amount = |text: &str| text.parse::<rust_decimal::Decimal>().unwrap_or_default();
        let change = more.as_ref().map(|more| (amount(more) - amount(&told.window.monthly)).to_string());
        Ok(Some(MoreAvailability {
            service: name,
            from: Figure(from),
            to: Figure(step),
            monthly_change: change,
            monthly_cost: more,
            changes: best.map(|best| changes(self.trials.bench.space, &best)).unwrap_or_default(),
        }))
    }

    /// The service and the availability that it is held to; without such a threshold the lowest that one reaches.
    fn strictest_availability(&self, told: &Told) -> Option<(usize, f64)> {
        let figures = &self.trials.bench.figures;
        let services = || 0..self.trials.bench.base().services.len();
        let held = figures.measured[..figures.thresholds].iter().filter_map(|threshold| {
            let is_lower_bound = matches!(threshold.comparison, Comparison::Greater | Comparison::GreaterOrEqual);
            let name = threshold.path.strip_prefix("services.")?.strip_suffix(".availability")?;
            let name = name.strip_suffix(".requests").unwrap_or(name);
            let service = services().find(|&service| self.trials.bench.base().services[service].name == name)?;
            is_lower_bound.then_some((service, threshold.bound))
        });
        let reached = services().filter_map(|service| {
            let place = figures.place(service, Watched::Availability);
            let busiest = told.stretch.as_ref().and_then(|stretch| stretch.values[place]);
            let value = told.window.values[place]?;
            Some((service, busiest.map_or(value, |busiest| busiest.min(value))))
        });
        held.max_by(|one, other| one.1.total_cmp(&other.1)).or_else(|| reached.min_by(|one, other| one.1.total_cmp(&other.1)))
    }
}

/// What was run; without it why there is no such scenario.
fn done<T>(tried: Tried<T>) -> Result<T> {
    match tried {
        Tried::Done(done) => Ok(done),
        Tried::Impossible(error) => Err(error),
    }
}

fn plan_dimension(dimension: &Dimension, level: usize) -> PlanDimension {
    PlanDimension {
        title: dimension.title.clone(),
        word: dimension.kind.word().to_owned(),
        paths: dimension.paths.clone(),
        values: dimension.levels.iter().map(|level| level.shown.clone()).collect(),
        current: dimension.current.map(|level| dimension.levels[level].shown.clone()),
        chosen: dimension.levels[level].shown.clone(),
    }
}

/// Whether a wider range of numbers could go on where a level is.
fn is_at_the_edge(dimension: &Dimension, level: usize) -> bool {
    let number = dimension.levels[level].number;
    let is_range = match dimension.kind {
        DimensionKind::Size
        | DimensionKind::DesiredCount
        | DimensionKind::MinCapacity
        | DimensionKind::MaxCapacity
        | DimensionKind::Target
        | DimensionKind::Vary => true,
        // No cooldown is the least there is.
        DimensionKind::Cooldowns => number > 0.0,
        DimensionKind::Architecture | DimensionKind::Policies | DimensionKind::Base | DimensionKind::Spot => false,
    };
    let is_least_size = dimension.kind == DimensionKind::Size && dimension.levels[level].values.first().is_some_and(|cpu| cpu == "256");
    is_range && !is_least_size && number.is_finite() && dimension.levels.len() > 1 && (level == 0 || level + 1 == dimension.levels.len())
}

/// The mean and the range of these months.
fn months(of: &[Decimal]) -> Option<PlanMonths> {
    let mean = of.iter().sum::<Decimal>().checked_div(Decimal::from(of.len()))?;
    let mut ascending = of.to_vec();
    ascending.sort_unstable();
    let written = |amount: Decimal| Usd(amount).to_places(2);
    let tenth = |tenths: u32| quantile_of_sorted(&ascending, tenths).map(written);
    Some(PlanMonths { mean: written(mean), p10: tenth(1), p90: tenth(9) })
}
