//! A shared queue that is overloaded until more tasks come: as deterministic as its arrivals and services.

use ecsim::calendar::Schedule;
use ecsim::outcome::{Outcome, TimelineRow};
use ecsim::scenario::model::{Distribution, Scaling, ScheduledAction, Suspended};
use ecsim::units::SimDuration;
use jiff::tz::TimeZone;

use super::lasting;
use crate::queueing_golden::{entries, value};
use crate::support::{constant, first, message_queue, minutes, play, seconds};

pub const SIMULATED: &[&str] = &["fluid_120_100_300_150", "fluid_120_100_300_150_drain", "fluid_120_100_300_150_maxw"];

/// 100 tasks that do a message a second each get 120 a second, evenly, until 50 tasks more are there.
fn overloaded_until_scaled_out() -> Outcome {
    let mut worker = super::servers(100, 1, Distribution::constant(1.0));
    worker.target_group = None;
    worker.workload.queue = Some(message_queue(seconds(3_600), SimDuration::from_hours(96)));
    worker.workload.start_up.provisioning = Distribution::constant(0.0);
    worker.workload.start_up.image_size_bytes = 0.0;
    worker.workload.start_up.time = Distribution::constant(0.0);
    let mut arrivals = constant(120.0);
    arrivals.deterministic_arrivals = true;
    worker.traffic = vec![arrivals];
    worker.scaling = Some(Scaling {
        min_capacity: 100,
        max_capacity: 150,
        suspended: Suspended::default(),
        scheduled_actions: vec![ScheduledAction {
            name: "more".into(),
            schedule: Schedule::parse("at(2026-01-05T00:05:00)").expect("a schedule"),
            time_zone: TimeZone::UTC,
            start_time: None,
            end_time: None,
            min_capacity: Some(150),
            max_capacity: None,
        }],
        policies: Vec::new(),
    });
    let mut scenario = lasting(worker, minutes(20));
    scenario.simulation.warm_up = SimDuration::ZERO;
    scenario.simulation.timeline_resolution = seconds(1);
    scenario.assumptions.scheduler_tick = SimDuration::from_millis(100);
    // All fifty at once: in a short tick the service's rate of launches would bring them one by one.
    scenario.quotas.launches_per_service_per_minute = 60_000.0;
    play(&scenario)
}

/// The second from which on a row is like this.
fn second_of(rows: &[TimelineRow], found: impl Fn(&TimelineRow) -> bool) -> f64 {
    rows.iter().position(found).expect("it happens") as f64
}

/// The start-up takes no time here, so the lag is that of the scheduler's tick.
#[test]
fn a_backlog_grows_and_drains_by_the_surplus() {
    let outcome = overloaded_until_scaled_out();
    let found = first(&outcome);
    let lag = second_of(&found.timeline, |row| row.healthy == 150);
    assert!((lag - entries()[SIMULATED[0]].input("reaction_lag_s")).abs() < 1.0, "{lag}");
    let peak = found.message_queue.expect("a queue").visible_max;
    // The row of the first message that is done within the second that it takes.
    let drained = second_of(&found.timeline[300..], |row| row.latency_mean.is_some_and(|mean| mean < 1.001));
    let longest = found.queue.max().expect("messages are served");
    // A surplus of 30 a second is an uncertainty of 30 messages, of a second, of a 120th of a second between two arrivals.
    for (id, got, slack) in [(SIMULATED[0], peak, 30.0), (SIMULATED[1], drained, 1.0), (SIMULATED[2], longest, 0.01)] {
        println!("{id}: {got} for {}", value(id));
        assert!((got - value(id)).abs() <= slack, "{id}: {got} is not {}", value(id));
    }
}

/// 20 a second gather and 30 a second are worked off, after fifty new tasks have taken one each; the row of second k shows
/// its middle.
#[test]
fn the_timeline_shows_the_backlog_and_what_is_done() {
    let outcome = overloaded_until_scaled_out();
    let rows = &first(&outcome).timeline;
    for (second, backlog, done) in [(100, 2_010.0, 100.0), (299, 5_990.0, 100.0), (400, 6_000.0 - 50.0 - 3_015.0, 150.0), (600, 0.0, 120.0)]
    {
        let row = &rows[second];
        assert!((row.queue_length - backlog).abs() <= 30.0, "second {second}: {} wait, not {backlog}", row.queue_length);
        assert!((row.served_rps - done).abs() <= 1.0, "second {second}: {} are done, not {done}", row.served_rps);
    }
}
