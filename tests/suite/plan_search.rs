//! How good the answers of `plan` are: against every point of a grid, against random points, and under doubt.
//!
//! Windows are a day and replications are few, so that this stays quick; the search is the same. The full figures:
//! `time ecsim plan scenarios/web-shop.yaml` and `PLAN_FULL=1 cargo test --release --test suite plan_search -- --nocapture`.

use ecsim::error::Place;
use ecsim::files::Files;
use ecsim::plan::Points;
use ecsim::plan::search::{DimensionKind, Levels, PlanOptions, Planner, Space, derive};
use ecsim::plan::sweep::Axis;
use ecsim::random::{Stream, generator};
use ecsim::result::plan::PlanResult;
use ecsim::scenario::Request;
use ecsim::scenario::values::threshold::parse_threshold;
use ecsim::simulate::{Stretch, requests_by_hour, stretch_of_window};
use ecsim::units::SimDuration;
use rand::Rng;

use crate::support::Project;

fn points(name: &str, sets: &[&str]) -> Points<'static> {
    let path = format!("scenarios/{name}.yaml");
    let text = Project.read(&path).unwrap();
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    Points::new(&Request { name: &path, text: &text, sets: &sets, variant: None }, &Project).unwrap()
}

fn is_full() -> bool {
    std::env::var_os("PLAN_FULL").is_some()
}

/// Options with these thresholds beside those of the scenario, and few replications.
fn options(thresholds: &[&str]) -> PlanOptions {
    let thresholds = thresholds.iter().map(|text| parse_threshold(text, &Place::default()).unwrap()).collect();
    PlanOptions { thresholds, replications: Some(6), ..PlanOptions::default() }
}

/// The configuration of an answer, by the values that it shows.
fn cost(result: &PlanResult) -> f64 {
    result.chosen.monthly_cost.parse().unwrap()
}

/// The scenarios of the comparison: their names, what makes them quick, and what they must meet besides their own thresholds.
const SCENARIOS: [(&str, &[&str], &[&str]); 3] = [
    (
        "web-shop",
        &["simulation.start=1998-06-15T00:00:00Z", "simulation.duration=1d", "services.web.traffic.trace.scale=0.04"],
        &["services.web.latency_p99 < 2s"],
    ),
    ("small-production", &["simulation.duration=1d"], &["services.app.availability >= 99.95%", "services.app.latency_p99 < 800ms"]),
    (
        "thresholds",
        &["simulation.start=1998-06-15T00:00:00Z", "simulation.duration=1d", "services.web.traffic.trace.scale=0.04"],
        &["services.web.latency_p95 < 1s"],
    ),
];

fn random_configurations(space: &Space, count: usize) -> Vec<Levels> {
    let mut draws = generator(20_261_121, Stream::Search, 7, 7);
    let mut level = |count: usize| (draws.next_u64() % count as u64) as usize;
    (0..count).map(|_| space.dimensions.iter().map(|axis| level(axis.levels.len())).collect()).collect()
}

/// 2,000 random points of the same space: of those that the search has not seen none is cheaper and holds.
#[test]
fn no_random_point_beats_the_answer() {
    for (name, sets, thresholds) in SCENARIOS {
        let sets = if is_full() { &[][..] } else { sets };
        let points = points(name, sets);
        let options = options(thresholds);
        let space = derive(&points.loaded().scenario, &options);
        let quiet = |_| {};
        let mut planner = Planner::new(&points, &space, &options, &quiet).unwrap();
        let answer = planner.answer().unwrap();
        assert!(answer.meets, "{name}: {answer:#?}");
        let all_runs = PlanOptions { max_runs: Some(u64::MAX), ..options.clone() };
        let mut judge = Planner::new(&points, &space, &all_runs, &quiet).unwrap();
        let random = random_configurations(&space, 2000);
        let unseen: Vec<Levels> = random.iter().filter(|levels| !planner.has_tried(levels)).cloned().collect();
        let costs = judge.monthly_usd_if_met(&unseen).unwrap();
        let met = costs.iter().flatten().count();
        let mut cheaper: Vec<(f64, &Levels)> = costs.iter().zip(&unseen).filter_map(|(cost, levels)| Some(((*cost)?, levels))).collect();
        cheaper.retain(|(monthly, _)| *monthly < cost(&answer) - 0.005);
        println!(
            "{name}: ${} a month ({} dimensions, {} configurations looked at); of {} unseen random points {met} meet the thresholds by flows, {} of them cheaper",
            answer.chosen.monthly_cost,
            space.dimensions.len(),
            answer.effort.configurations,
            unseen.len(),
            cheaper.len()
        );
        assert!(met > 20, "{name}: the comparison is with points that meet the thresholds");
        for (monthly, levels) in cheaper {
            assert!(!judge.is_confirmed(levels).unwrap(), "{name}: {levels:?} costs {monthly} and holds");
        }
    }
}

/// Three parameters, 6 x 5 x 5 points: every one of them is run.
#[test]
fn within_one_percent_of_the_best_of_a_grid() {
    let (name, sets, thresholds) = SCENARIOS[0];
    let points = points(name, sets);
    let hold = DimensionKind::ALL.into_iter().collect();
    let vary = [
        "services.web.scaling.policies.cpu.target_value=40..90:10",
        "services.web.scaling.min_capacity=2,3,4,6,8",
        "services.web.scaling.policies.cpu.scale_in_cooldown=60,180,300,600,900",
    ];
    let vary = vary.map(|text| Axis::parse(text).unwrap()).to_vec();
    let options = PlanOptions { hold, vary, ..options(thresholds) };
    let space = derive(&points.loaded().scenario, &options);
    assert_eq!((space.dimensions.len(), space.size() as u64), (3, 150));
    let quiet = |_| {};
    let answer = Planner::new(&points, &space, &options, &quiet).unwrap().answer().unwrap();
    let mut judge = Planner::new(&points, &space, &options, &quiet).unwrap();
    let all: Vec<Levels> = (0..150).map(|number| vec![number / 25, number / 5 % 5, number % 5]).collect();
    let mut costs: Vec<(f64, &Levels)> =
        judge.monthly_usd_if_met(&all).unwrap().into_iter().zip(&all).filter_map(|(cost, levels)| Some((cost?, levels))).collect();
    costs.sort_by(|one, other| one.0.total_cmp(&other.0));
    assert!(costs.len() > 10 && costs.len() < 150, "{} of 150 meet the thresholds", costs.len());
    let best = costs.iter().find(|(_, levels)| judge.is_confirmed(levels).unwrap()).unwrap();
    println!("grid: best {} of {}, answer {} after {} configurations", best.0, costs.len(), cost(&answer), answer.effort.configurations);
    assert!(answer.meets && cost(&answer) <= best.0 * 1.01, "{} and {}", cost(&answer), best.0);
}

/// A part sees the requests that it would see within the whole: a trace with a spike and growth, and a wave.
#[test]
fn a_part_of_a_window_sees_what_the_whole_sees_there() {
    let growth = "services.web.traffic.growth=50%";
    let spike = "services.web.traffic.spikes=[{at: 30h, factor: 3, ramp: 10m, hold: 2h, decay: 10m}]";
    for (name, sets) in [("web-shop", vec![growth, spike]), ("small-production", vec!["services.app.traffic.growth=50%"])] {
        let points = points(name, &sets);
        let scenario = &points.loaded().scenario;
        let traces = points.traces(scenario).unwrap();
        let whole = &requests_by_hour(scenario, &traces).unwrap()[0];
        let hours = SimDuration::from_hours;
        let part = Stretch { offset: hours(26), duration: hours(24), warm_up: hours(2) };
        let cut = stretch_of_window(scenario, &traces, part).unwrap();
        let found = &requests_by_hour(&cut, &traces).unwrap()[0];
        assert_eq!(found.len(), 24);
        for (hour, (found, wanted)) in found.iter().zip(&whole[26..50]).enumerate() {
            // A trace's counts are rounded by draws that know their slot, so they agree to a few requests; rates agree to rounding.
            assert!((found - wanted).abs() <= 1e-6 * wanted + 2.0, "{name}, hour {hour}: {found} and {wanted}");
        }
    }
}

/// With traffic that may be a quarter larger, room has to be bought; without doubt it is not.
#[test]
fn doubt_costs_room() {
    let (name, sets, _) = SCENARIOS[1];
    let plan = |more: &[&str]| {
        let sets: Vec<&str> = sets.iter().chain(more).copied().collect();
        let points = points(name, &sets);
        let hold = vec![DimensionKind::Size, DimensionKind::Spot, DimensionKind::Base, DimensionKind::Cooldowns, DimensionKind::Target];
        let options = PlanOptions {
            hold,
            replications: Some(20),
            fidelity: Some(ecsim::scenario::model::Fidelity::Fluid),
            ..options(&["services.app.availability >= 99.9%"])
        };
        let space = derive(&points.loaded().scenario, &options);
        let quiet = |_| {};
        Planner::new(&points, &space, &options, &quiet).unwrap().answer().unwrap()
    };
    let busy = "services.app.traffic.pattern.peak=150";
    let (sure, unsure) = (plan(&[busy]), plan(&[busy, "uncertainty={traffic_scale: {distribution: lognormal, median: 1, cv: 0.4}}"]));
    assert!(sure.meets && unsure.meets, "{sure:#?} {unsure:#?}");
    assert!(cost(&unsure) > cost(&sure), "{} and {}", cost(&unsure), cost(&sure));
    assert!(unsure.effort.confirmations > sure.effort.confirmations, "the first answer does not hold in all replications");
    let risk = unsure.chosen.risk.unwrap();
    // None of 20: at most 1 - 0.025^(1/20) = 16.84 % (the upper end of a two-sided 95 % interval).
    assert_eq!((risk.failed, risk.replications), (0, 20));
    assert!((risk.high.0 - 0.168_4).abs() < 1e-4, "{}", risk.high.0);
    assert!(unsure.warnings.iter().any(|warning| warning.contains("20 replications cannot show a confidence of 95 %: that takes 59")));
}
