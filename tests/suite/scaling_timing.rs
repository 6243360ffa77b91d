//! How long things take: from load to decision, from decision to a healthy task, from a scale-in or a Spot warning to the last
//! billed second.

use ecsim::outcome::{Outcome, TimelineRow};
use ecsim::scenario::model::{CapacityProvider, Distribution, Drain, Scenario, Service, SpotDeregistration};
use ecsim::units::SimDuration;

use crate::support::{
    constant, cpu_scaling, first, minutes, play, play_without_timeline, scenario, seconds, service, step, strategy, time,
};

/// Four tasks on a CPU target of 60 %, at 40 % and from `at` on at `percent`; rows of one second.
fn stepped(at: SimDuration, percent: f64) -> Scenario {
    let mut web = service("web", 4);
    web.workload.idle_cpu = 0.0;
    let mut source = constant(0.4 * 50.0);
    source.spikes = vec![step(at, percent / 40.0, SimDuration::from_hours(2))];
    web.traffic = vec![source];
    web.scaling = Some(cpu_scaling(4, 40, 60.0));
    let mut scenario = scenario(vec![web]);
    scenario.simulation.timeline_resolution = seconds(1);
    scenario
}

fn rows(outcome: &Outcome) -> &[TimelineRow] {
    &first(outcome).timeline
}

/// Seconds from the start until a row satisfies a condition.
fn first_second(outcome: &Outcome, condition: impl Fn(&TimelineRow) -> bool) -> f64 {
    rows(outcome).iter().position(condition).map(|row| row as f64 + 1.0).expect("it happens")
}

/// Seconds from a step of the load to the decision, and from there to a running task, for every phase of the step within the minute.
fn reactions(percent: f64) -> (Vec<f64>, Vec<f64>) {
    let of_phase = |phase: i64| {
        // Slots of traffic start with the run, so the run starts where the step lies on their edge.
        let mut scenario = stepped(seconds(900), percent);
        scenario.simulation.start = Some(time("2026-01-05T00:00:00Z") + jiff::SignedDuration::from_secs(phase));
        scenario.assumptions.sampling_noise = false;
        let outcome = play(&scenario);
        let decided = first_second(&outcome, |row| row.desired > 4);
        (decided - 900.0, first_second(&outcome, |row| row.running > 4) - decided)
    };
    (0..60).map(of_phase).unzip()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// TT-AWS-2026-BENCH: 363 s from the step to the trigger, 23 s more to a running task. The load of that benchmark is not known, and it
/// matters: the minute that the step cuts breaches too if the step is high. Three whole minutes and the publication take 350 s; a step
/// just above the target waits 30 s more on average for its first whole minute, and a high one is seen up to 36 s sooner.
#[test]
fn a_load_step_triggers_in_the_band_that_aws_measured() {
    let (just_above, to_running) = reactions(61.0);
    assert!((mean(&just_above) / 363.0 - 1.0).abs() < 0.10, "{} s", mean(&just_above));
    assert!((mean(&just_above) - 380.0).abs() < 2.0, "{} s", mean(&just_above));
    // From 40 % to 90 %, 24 s of a minute are enough to breach 60 %: 350 s + 30 s - 36 s.
    let (high, _) = reactions(90.0);
    assert!((mean(&high) / 363.0 - 1.0).abs() < 0.10, "{} s", mean(&high));
    assert!((mean(&high) - 344.0).abs() < 3.0, "{} s", mean(&high));
    // The band of the measured case, for a step that is not just above the target.
    assert!(high.iter().all(|reaction| (180.0..=400.0).contains(reaction)), "{high:?}");
    assert!(to_running.iter().all(|wait| (15.0..=40.0).contains(wait)), "{to_running:?}");
    assert!((mean(&to_running) - 23.0).abs() < 5.0, "{} s", mean(&to_running));
}

/// AlarmLow: 15 datapoints of a minute below 0.9 x target (exported alarms, TT-ALARMS-ECS), and the delay of publication.
#[test]
fn a_scale_in_waits_for_fifteen_datapoints() {
    let mut web = service("web", 10);
    let mut source = constant(0.55 * 125.0);
    source.spikes = vec![step(seconds(1200), 0.5, SimDuration::from_hours(2))];
    web.traffic = vec![source];
    web.scaling = Some(cpu_scaling(2, 40, 60.0));
    let mut scenario = scenario(vec![web]);
    scenario.assumptions.sampling_noise = false;
    scenario.simulation.timeline_resolution = seconds(1);
    let outcome = play(&scenario);
    let reaction = first_second(&outcome, |row| row.desired < 10) - 1200.0;
    assert!((reaction - (15.0 * 60.0 + 170.0)).abs() <= 1.0, "{reaction} s");
    let activity = &first(&outcome).scaling_activities[0];
    assert!(activity.cause_text().contains("AlarmLow") && activity.description() == "Setting desired count to 5.", "{activity:?}");
}

/// One task that is replaced by a higher desired count, seen second by second.
fn launched_once(change: impl Fn(&mut Service)) -> Outcome {
    let mut scenario = stepped(seconds(600), 90.0);
    scenario.simulation.duration = Some(minutes(40));
    scenario.simulation.timeline_resolution = SimDuration::from_millis(100);
    change(&mut scenario.services[0]);
    play(&scenario)
}

/// START-REGISTER-EXPD03: from started to registered 18.3 to 29.4 s, in two modes a tick apart; registered to healthy 1.1 to 2.5 s.
/// With the defaults a container is registered at a tick, 19 to 28.5 s after its start, and is healthy 1.8 s later.
#[test]
fn a_started_task_is_registered_within_the_measured_band() {
    let mut waits = Vec::new();
    for image_megabytes in (16..128).step_by(3) {
        let outcome = launched_once(|web| web.workload.start_up.image_size_bytes = f64::from(image_megabytes) * 1e6);
        let at = |condition: fn(&TimelineRow) -> bool| {
            let row = rows(&outcome).iter().position(condition).expect("it happens");
            row as f64 / 10.0
        };
        waits.push(at(|row| row.healthy > 4) - at(|row| row.running > 4) - 1.8);
    }
    assert!(waits.iter().all(|wait| (18.8..=28.7).contains(wait)), "{waits:?}");
    let mean = waits.iter().sum::<f64>() / waits.len() as f64;
    assert!((mean - 23.9).abs() < 1.5, "{mean} s");
}

/// Forty Spot tasks for thirty days.
fn spot_fleet(interruption_rate: f64) -> Scenario {
    let mut web = service("web", 40);
    web.strategy = vec![strategy(CapacityProvider::Fargate, 4, 0), strategy(CapacityProvider::FargateSpot, 0, 1)];
    web.traffic = vec![constant(100.0)];
    let mut scenario = scenario(vec![web]);
    scenario.simulation.duration = Some(SimDuration::from_hours(720));
    scenario.spot.interruption_rate = interruption_rate;
    scenario
}

/// A chance p a month is a hazard of -ln(1 - p)/720 h; 36 tasks that are replaced at once meet it all the time.
#[test]
fn spot_interruptions_come_at_the_rate_of_the_hazard() {
    for (interruption_rate, seed) in [(0.1, 1), (0.5, 1), (0.9, 1), (0.99, 1)] {
        let mut scenario = spot_fleet(interruption_rate);
        scenario.simulation.seed = seed;
        let outcome = play_without_timeline(&scenario);
        let expected = -36.0 * f64::ln(1.0 - interruption_rate);
        let got = first(&outcome).spot_interrupted as f64;
        assert!((got - expected).abs() <= 4.0 * expected.sqrt(), "{interruption_rate}: {got}, expected {expected:.1}");
        // Each is replaced, and on Spot alone (SPOT-NO-FALLBACK).
        let launched = &first(&outcome).tasks_launched;
        assert_eq!(launched[0], ("FARGATE".to_owned(), 0));
        assert!(launched[1].1 <= first(&outcome).spot_interrupted && launched[1].1 + 1 >= first(&outcome).spot_interrupted, "{launched:?}");
        let on_demand = first(&outcome).task_hours[0].1;
        assert!((on_demand - 4.0 * 720.0).abs() < 1e-9, "{on_demand}");
    }
}

/// With many interruptions an hour, how many fall within two minutes is a matter of counting; the figure is the largest such count.
#[test]
fn the_largest_simultaneous_loss_is_a_count_within_two_minutes() {
    let mut scenario = spot_fleet(0.9);
    scenario.spot.interruption_period = SimDuration::from_hours(6);
    scenario.simulation.duration = Some(SimDuration::from_hours(24));
    let outcome = play_without_timeline(&scenario);
    let web = first(&outcome);
    // 36 tasks x 2.303 / 6 h: 0.46 in two minutes on average, 332 in a day. A Poisson count of that mean exceeds 8 in one of 720
    // windows with a chance below 1e-6, and some window surely holds 3.
    assert!((3..=8).contains(&web.spot_largest_simultaneous_loss), "{}", web.spot_largest_simultaneous_loss);
    scenario.spot.interruption_rate = 0.0;
    assert_eq!(first(&play_without_timeline(&scenario)).spot_largest_simultaneous_loss, 0);
}

/// A Spot task is stopped at the latest two minutes after its warning, however long its target group drains: billed seconds after
/// the warning are those that its last requests need, or its stop timeout.
#[test]
fn an_interrupted_task_is_gone_within_two_minutes() {
    for (stop_timeout, deregistration, least, most) in [
        (seconds(30), SpotDeregistration::AtStop, 30.0, 30.0),
        (seconds(120), SpotDeregistration::AtStop, 120.0, 120.0),
        (seconds(900), SpotDeregistration::AtStop, 120.0, 120.0),
        (seconds(120), SpotDeregistration::AtWarning, 0.0, 120.0),
    ] {
        let mut scenario = spot_fleet(0.9);
        scenario.simulation.duration = Some(SimDuration::from_hours(72));
        scenario.services[0].task.stop_timeout = stop_timeout;
        scenario.assumptions.spot_deregistration = deregistration;
        let outcome = play_without_timeline(&scenario);
        let web = first(&outcome);
        let interrupted = web.spot_interrupted as f64;
        // At the stop timeout a task serves until it is gone: its time counts as serving, and exceeds that of the fleet.
        let after_warning = match deregistration {
            SpotDeregistration::AtWarning => web.draining_task_hours * 3600.0 / interrupted,
            SpotDeregistration::AtStop => {
                // Running ends with the warning; what is billed beyond running and pulling is time after the warning.
                let pulls = interrupted * 80.0 / 9.6;
                let running = web.running_tasks.mean * 72.0 * 3600.0;
                let spans = (web.starting_task_hours + web.serving_task_hours + web.draining_task_hours) * 3600.0;
                (spans - running - pulls) / interrupted
            }
        };
        assert!(interrupted > 3.0);
        assert!(after_warning >= least - 0.5 && after_warning <= most + 0.5, "{after_warning} s after the warning");
    }
}

/// A scale-in from ten to five tasks, then nothing else.
fn one_scale_in(drain: Drain, deregistration_delay: i64) -> Outcome {
    let mut web = service("web", 10);
    let mut source = constant(0.55 * 125.0);
    source.spikes = vec![step(seconds(600), 0.5, SimDuration::from_hours(9))];
    web.traffic = vec![source];
    web.scaling = Some(cpu_scaling(5, 10, 60.0));
    web.target_group.as_mut().expect("a target group").deregistration_delay = seconds(deregistration_delay);
    let mut scenario = scenario(vec![web]);
    scenario.simulation.duration = Some(SimDuration::from_hours(3));
    scenario.assumptions.sampling_noise = false;
    scenario.assumptions.drain = drain;
    play(&scenario)
}

/// Seconds that a task drained, of the five that a scale-in stopped.
fn drained(outcome: &Outcome) -> f64 {
    first(outcome).draining_task_hours * 3600.0 / 5.0
}

/// The deregistration delay is held and billed in full, unless drains end early.
#[test]
fn a_deregistered_task_is_billed_for_the_whole_delay() {
    for delay in [30, 300, 3600] {
        let outcome = one_scale_in(Drain::Full, delay);
        assert_eq!((first(&outcome).scaling.scale_in, first(&outcome).desired_tasks.min), (1, 5));
        let drained = drained(&outcome);
        assert!((drained - delay as f64).abs() < 1e-6, "{delay} s: {drained}");
    }
}

/// A drain that ends early lasts as long as the last request: 240 ms on average here, seconds at most.
#[test]
fn an_early_drain_ends_with_the_last_request() {
    let early = drained(&one_scale_in(Drain::Early, 300));
    assert!(early > 0.16 && early < 5.0, "{early} s");
    // What outlasts the delay is finished after SIGTERM.
    assert!((drained(&one_scale_in(Drain::Early, 0)) - early).abs() < 1e-6);
}

/// AWS, StopTask: SIGTERM, and SIGKILL after the stop timeout. Requests that outlast the deregistration delay are finished in between.
#[test]
fn a_task_finishes_its_requests_between_the_two_signals() {
    let scale_in = |held_seconds: f64, delay: i64| {
        let mut web = service("web", 10);
        web.workload.wait_time = Distribution::constant(held_seconds);
        (web.workload.concurrency, web.workload.cpu_time) = (1_000, Distribution::constant(0.01));
        let mut source = constant(30.0);
        source.spikes = vec![step(seconds(600), 0.1, SimDuration::from_hours(9))];
        web.traffic = vec![source];
        web.scaling = Some(cpu_scaling(5, 10, 9.0));
        web.target_group.as_mut().expect("a target group").deregistration_delay = seconds(delay);
        let mut scenario = scenario(vec![web]);
        scenario.simulation.duration = Some(SimDuration::from_hours(3));
        scenario.assumptions.sampling_noise = false;
        let outcome = play(&scenario);
        assert_eq!((first(&outcome).scaling.scale_in, first(&outcome).desired_tasks.min), (1, 5));
        drained(&outcome)
    };
    // A response of a minute outlasts the delay and both signals: 30 s after SIGTERM comes SIGKILL.
    assert!((scale_in(60.0, 20) - 50.0).abs() < 1e-6);
    // One of two seconds is over by then.
    assert!((scale_in(2.0, 300) - 300.0).abs() < 1e-6);
    // Without a delay one of two seconds keeps the task for some seconds, and not until SIGKILL.
    let after_sigterm = scale_in(2.0, 0);
    assert!(after_sigterm > 2.0 && after_sigterm < 30.0, "{after_sigterm} s");
}

/// AWS bills a task for a minute at least: tasks that Spot takes within seconds cost a minute each.
#[test]
fn a_task_of_seconds_is_billed_for_a_minute() {
    let mut scenario = spot_fleet(0.99);
    scenario.spot.interruption_period = seconds(60);
    scenario.simulation.duration = Some(minutes(60));
    let outcome = play_without_timeline(&scenario);
    let web = first(&outcome);
    let spans = web.starting_task_hours + web.serving_task_hours + web.draining_task_hours;
    let billed: f64 = web.task_hours.iter().map(|(_, hours)| hours).sum();
    // The hazard is 0.077 per second: those that live to their pull (15 s) live 13 s more on average.
    assert!(billed > 2.0 * (spans - 4.0) + 4.0, "{billed} h billed for {spans} h");
    let most = web.tasks_launched[1].1 as f64 / 60.0 + 36.0 / 60.0 + spans;
    assert!(billed < most, "{billed} h billed, at most {most}");
}
