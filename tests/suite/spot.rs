//! Spot: how tasks fall, alone or together, and what a shortage does.

use ecsim::control::service::SpotEvent;
use ecsim::control::{Event, TaskStep};
use ecsim::fleet::FleetChange;
use ecsim::scenario::model::{CapacityProvider, Service, Shortage};
use ecsim::units::{SimDuration, SimTime};
use serde_json::json;

use crate::control_run::ControlRun;
use crate::scenario::load_json;
use crate::support::{first, play_without_timeline, scenario, seconds, service, strategy};

const END: SimTime = SimTime::from_seconds(10_000 * 3_600);

/// A service that has tasks on demand and on Spot by these weights.
fn mixed(tasks: u32, weights: [u32; 2]) -> Service {
    let mut web = service("web", tasks);
    let items = [strategy(CapacityProvider::Fargate, 0, weights[0]), strategy(CapacityProvider::FargateSpot, 0, weights[1])];
    web.strategy = items.into_iter().filter(|item| item.weight > 0).collect();
    web
}

fn active(run: &ControlRun, provider: CapacityProvider) -> usize {
    run.active(|task| task.capacity_provider == provider)
}

/// Which tasks an event takes is drawn; where it takes all of them, or none, nothing is drawn, and the next event meets the same tasks.
#[test]
fn an_event_without_a_choice_uses_up_no_draw() {
    let chosen = |before: Option<(f64, u8)>| {
        let mut scenario = scenario(vec![mixed(12, [0, 1])]);
        scenario.spot.interruption_rate = 0.0;
        scenario.cluster.availability_zones = 2;
        let mut run = ControlRun::with_end(&scenario, END);
        if let Some((share, zone)) = before {
            run.act(SimTime::START, |control, queue, changes| control.interrupt_spot(SimTime::START, share, Some(zone), queue, changes));
        }
        run.changes.clear();
        run.act(SimTime::START, |control, queue, changes| control.interrupt_spot(SimTime::START, 0.5, Some(1), queue, changes));
        run.changes
    };
    assert_eq!(chosen(None).len(), 3);
    assert_eq!(chosen(Some((1.0, 0))), chosen(None), "the whole of the other zone");
    assert_eq!(chosen(Some((0.0, 0))), chosen(None), "nothing");
    assert_ne!(chosen(Some((0.5, 0))), chosen(None), "a draw");
}

/// Interruptions in a day of 60 Spot tasks, of which half fall within a day, for the seeds 1 to 200.
fn interruptions(correlation: f64) -> Vec<f64> {
    let mut scenario = scenario(vec![mixed(60, [0, 1])]);
    scenario.simulation.duration = Some(SimDuration::from_hours(24));
    scenario.spot.interruption_rate = 0.5;
    scenario.spot.interruption_period = SimDuration::from_hours(24);
    scenario.spot.correlation = correlation;
    let run = |seed| {
        scenario.simulation.seed = seed;
        first(&play_without_timeline(&scenario)).spot_interrupted as f64
    };
    (1..=200).map(run).collect()
}

/// Every task falls at the rate ln 2 a day, so 60 slots see 60 ln 2 = 41.59 interruptions whatever the correlation c is. Their variance
/// is 41.59 (1 - c) for tasks that fall alone; each of three zones falls c ln 2 times and takes its 20 tasks, which adds 3 x 20^2 c ln 2.
#[test]
fn correlation_leaves_the_chance_of_a_task_and_widens_the_sum() {
    let runs = 200.0_f64;
    let expected = 60.0 * 2.0_f64.ln();
    for correlation in [0.0, 0.5, 1.0] {
        let counts = interruptions(correlation);
        let variance = expected * (1.0 - correlation) + 3.0 * 400.0 * correlation * 2.0_f64.ln();
        let mean = counts.iter().sum::<f64>() / runs;
        let found = counts.iter().map(|count| (count - mean) * (count - mean)).sum::<f64>() / (runs - 1.0);
        println!("correlation {correlation}: mean {mean:.2} (theory {expected:.2}), variance {found:.1} (theory {variance:.1})");
        assert!((mean - expected).abs() < 4.0 * (variance / runs).sqrt(), "{correlation}: {mean}");
        // The variance of a sample variance is (kurtosis - 1) / n times its square; the kurtosis of a Poisson number of falls is
        // 3 + 1 / (its mean), here at most 3 + 1 / (1.5 ln 2).
        let spread = 4.0 * ((2.0 + 1.0 / (1.5 * 2.0_f64.ln())) / runs).sqrt();
        assert!((found / variance - 1.0).abs() < spread, "{correlation}: {found} {variance}");
    }
}

/// A zone of three holds a third of the tasks, and with full correlation nothing less falls.
#[test]
fn with_full_correlation_a_whole_zone_falls_at_once() {
    let mut scenario = scenario(vec![mixed(60, [0, 1]), Service { name: "api".into(), ..mixed(30, [0, 1]) }]);
    scenario.simulation.duration = Some(SimDuration::from_hours(24));
    scenario.spot.interruption_rate = 0.9;
    scenario.spot.interruption_period = SimDuration::from_hours(24);
    scenario.spot.correlation = 1.0;
    let outcome = play_without_timeline(&scenario);
    let [web, api] = [0, 1].map(|service| &outcome.services[service]);
    assert!(web.spot_interrupted > 0 && web.spot_largest_simultaneous_loss.is_multiple_of(20));
    assert_eq!(web.spot_interrupted % 20, 0);
    // The zones of a region fall for all services.
    assert_eq!(api.spot_interrupted * 2, web.spot_interrupted);
}

/// SPOT-CORRELATED (arXiv 2604.16457: of 2,635 interruptions of EC2 instances in 15 regions 92 % had another one of the same type and zone within three
/// minutes). Zones that fall take all they have, so the share of interruptions that are not alone is the correlation; alone, few meet by chance.
#[test]
fn interruptions_come_together_as_often_as_the_correlation_says() {
    let together = |correlation| {
        let mut scenario = scenario(vec![mixed(60, [0, 1])]);
        scenario.spot.interruption_rate = 0.5;
        scenario.spot.interruption_period = SimDuration::from_hours(240);
        scenario.spot.correlation = correlation;
        let mut run = ControlRun::with_end(&scenario, END);
        run.see(END, |_, _| {});
        let zone = |change: &FleetChange| match change {
            FleetChange::Draining(task) => Some(run.control.tasks()[task.0 as usize].zone),
            _ => None,
        };
        let falls: Vec<(f64, u8)> = run.changes.iter().filter_map(|(time, change)| zone(change).map(|zone| (*time, zone))).collect();
        assert!(falls.len() > 1000, "{}", falls.len());
        let near = |one: usize, other: usize| falls[one].1 == falls[other].1 && (falls[one].0 - falls[other].0).abs() <= 180.0;
        let around = |place: usize| (place.saturating_sub(60)..(place + 60).min(falls.len())).filter(move |other| *other != place);
        let met = (0..falls.len()).filter(|&place| around(place).any(|other| near(place, other))).count();
        met as f64 / falls.len() as f64
    };
    let (measured, alone) = (together(0.92), together(0.0));
    println!("within three minutes of another: {measured:.3} at correlation 0.92, {alone:.3} at 0");
    assert!((measured - 0.92).abs() < 0.03, "{measured}");
    assert!(alone < 0.05, "{alone}");
}

/// From one shortage to the next there are 10 h on average, 9 h of them (exponential) with capacity: Spot is short for a tenth of the
/// time. In T = 10,000 h the number of shortages has the standard deviation sqrt(T sigma^2 / mu^3) = sqrt(10,000 x 81 / 1000) = 28.5
/// (renewal theory), so the share has 0.00285.
#[test]
fn shortages_take_their_share_of_time() {
    let mut scenario = scenario(vec![mixed(1, [0, 1])]);
    scenario.spot.interruption_rate = 0.0;
    scenario.spot.shortage = Some(Shortage { mean_time_between: SimDuration::from_hours(10), duration: SimDuration::from_hours(1) });
    for seed in 1..=3 {
        scenario.simulation.seed = seed;
        let mut run = ControlRun::with_end(&scenario, END);
        let (mut begun, mut short_hours, mut shortages) = (None, 0.0, 0);
        run.see(END, |now, event| match event {
            Event::Spot(SpotEvent::ShortageBegins) => {
                begun = Some(now);
                shortages += 1;
            }
            Event::Spot(SpotEvent::ShortageEnds) => {
                let span = now - begun.take().expect("it has begun");
                assert_eq!(span, SimDuration::from_hours(1));
                short_hours += span.as_hours_f64();
            }
            _ => {}
        });
        println!("seed {seed}: {shortages} shortages, {short_hours} h of 10,000");
        assert!((short_hours / 10_000.0 - 0.1).abs() < 4.0 * 0.00285, "{short_hours}");
    }
}

/// A zone that loses its Spot tasks in a shortage gets none back until it is over, and no task on demand takes their place (AWS,
/// fargate-capacity-providers; containers-roadmap issues 773 and 852: of ten tasks at weights 1 and 1 five run). The shortage ends at 3600 s;
/// the next tick is at 379 x 9.5 = 3600.5 s.
#[test]
fn in_a_shortage_nothing_is_launched_on_spot_and_nothing_falls_back() {
    let mut scenario = scenario(vec![mixed(10, [1, 1])]);
    scenario.spot.interruption_rate = 0.0;
    let mut run = ControlRun::with_end(&scenario, END);
    run.act(SimTime::START, |control, queue, changes| {
        control.spot_shortage(SimTime::START, SimTime::from_seconds(3_600), queue);
        // One that ends sooner takes nothing away from it.
        control.spot_shortage(SimTime::START, SimTime::from_seconds(60), queue);
        control.interrupt_spot(SimTime::START, 1.0, None, queue, changes);
    });
    run.see(SimTime::from_seconds(3_599), |_, _| {});
    assert_eq!([active(&run, CapacityProvider::Fargate), active(&run, CapacityProvider::FargateSpot)], [5, 0]);
    assert_eq!(run.control.counts.launched, [0, 0]);
    let mut back_seconds = Vec::new();
    run.see(SimTime::from_seconds(4_000), |now, event| {
        if matches!(event, Event::Task { step: TaskStep::PullStarts, .. }) {
            back_seconds.push(now.as_seconds_f64());
        }
    });
    // Provisioning takes 15 s.
    assert_eq!(back_seconds, [3_615.5; 5]);
    assert_eq!(run.control.counts.launched, [0, 5]);
}

/// Nine tasks in three zones, three in each; half of those in the second zone are 1.5, rounded 2. The warning comes two minutes before the
/// end, in which a task may finish what it has, up to its stop timeout (AWS, fargate-capacity-providers): of 500 s of work 30 s or 120 s.
#[test]
fn an_interruption_takes_a_share_of_a_zone_and_keeps_its_deadline() {
    for (stop_timeout, to_drain, held) in [(30, 500, 30.0), (120, 500, 120.0), (120, 7, 7.0)] {
        let mut web = mixed(9, [0, 1]);
        web.task.stop_timeout = seconds(stop_timeout);
        let mut scenario = scenario(vec![web]);
        scenario.spot.interruption_rate = 0.0;
        let mut run = ControlRun::with_end(&scenario, END).draining_for(seconds(to_drain));
        let now = SimTime::from_seconds(100);
        run.act(now, |control, queue, changes| control.interrupt_spot(now, 0.5, Some(1), queue, changes));
        run.see(SimTime::from_seconds(1_000), |_, _| {});
        let ends: Vec<(f64, u8, bool)> = run
            .changes
            .iter()
            .filter_map(|&(at, change)| match change {
                FleetChange::Draining(task) => Some((at, run.control.tasks()[task.0 as usize].zone, false)),
                FleetChange::Stopped(task) => Some((at, run.control.tasks()[task.0 as usize].zone, true)),
                _ => None,
            })
            .collect();
        assert_eq!(ends, [(100.0, 1, false), (100.0, 1, false), (100.0 + held, 1, true), (100.0 + held, 1, true)]);
        // Two replacements, on Spot, in the zone that lost them.
        assert_eq!((&run.control.counts.launched, run.control.counts.interrupted), (&vec![0, 2], 2));
        assert!(run.control.tasks()[9..].iter().all(|task| task.zone == 1 && task.launched == SimTime::from_nanos(104_500_000_000)));
        assert_eq!(run.control.counts.largest_simultaneous_loss, 2);
    }
}

/// The chance to fall within a period is the same for every shape, and with shape 2 it comes late: by a tenth of the period the exponent is
/// H / 100 in place of H / 10. H = ln 2; 4,000 tasks.
#[test]
fn the_shape_moves_interruptions_within_the_period_and_not_over_its_end() {
    let period = SimDuration::from_hours(10);
    let fallen = |shape: f64, end_hours: i64| {
        let mut scenario = scenario(vec![mixed(4_000, [0, 1])]);
        scenario.spot.interruption_rate = 0.5;
        scenario.spot.interruption_period = period;
        scenario.spot.hazard_shape = shape;
        let mut run = ControlRun::with_end(&scenario, END);
        let mut fallen = 0.0;
        // Only the first 4,000 tasks count, not those that replace them.
        run.see(SimTime::START + SimDuration::from_hours(end_hours), |_, event| {
            if matches!(event, Event::Task { task, step: TaskStep::SpotWarning, .. } if task.0 < 4_000) {
                fallen += 1.0;
            }
        });
        fallen / 4_000.0
    };
    let within = |found: f64, expected: f64| (found - expected).abs() < 4.0 * (expected * (1.0 - expected) / 4_000.0_f64).sqrt();
    for (shape, part) in [(0.5, 0.1_f64.sqrt()), (1.0, 0.1), (2.0, 0.01)] {
        let (early, whole) = (fallen(shape, 1), fallen(shape, 10));
        println!("shape {shape}: {early:.4} in a tenth, {whole:.4} in the period");
        assert!(within(early, 1.0 - 0.5_f64.powf(part)), "{shape}: {early}");
        assert!(within(whole, 0.5), "{shape}: {whole}");
    }
}

#[test]
fn the_keys_of_spot_are_read_and_checked() {
    let load = |spot: serde_json::Value| {
        let mut document = crate::scenario::scenario(crate::scenario::service(json!({})));
        document["spot"] = spot;
        load_json(&document)
    };
    let spot = load(json!({"correlation": 0.3, "hazard_shape": 1.5, "shortage": {"mean_time_between": "7d", "duration": "1h"}}));
    let spot = spot.expect("a right scenario").scenario.spot;
    assert_eq!((spot.correlation, spot.hazard_shape), (0.3, 1.5));
    assert_eq!(spot.shortage, Some(Shortage { mean_time_between: SimDuration::from_hours(168), duration: SimDuration::from_hours(1) }));
    assert_eq!(load(json!({})).expect("a right scenario").scenario.spot.shortage, None);
    assert_eq!(load(json!({"shortage": {"mean_time_between": 0, "duration": 0}})).expect("never").scenario.spot.shortage, None);
    let wrong = [
        (json!({"shortage": {"mean_time_between": "30m", "duration": "30m"}}), "spot.shortage.duration", "does not fit"),
        // A millisecond apart and without an end they would be 86 million a day.
        (
            json!({"shortage": {"mean_time_between": "1ms", "duration": "0s"}}),
            "spot.shortage.mean_time_between",
            "write 0d for no shortages",
        ),
        (json!({"shortage": {"mean_time_between": "59s", "duration": "1s"}}), "spot.shortage.mean_time_between", "1m or more"),
        (json!({"shortage": {"mean_time_between": "1m", "duration": "0s"}}), "spot.shortage.duration", "mean_time_between: 0d"),
        (json!({"interruption_rate": "99%", "interruption_period": "59s"}), "spot.interruption_period", "allowed are 1m to"),
    ];
    for (spot, key, word) in wrong {
        let error = load(spot).unwrap_err().to_string();
        assert!(error.contains(key) && error.contains(word), "{error}");
    }
    assert!(load(json!({"shortage": {"mean_time_between": "1m", "duration": "1s"}, "interruption_period": "1m"})).is_ok());
}
