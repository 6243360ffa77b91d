//! How well the forecast of predictive scaling does on recorded traffic, and against simpler ones.
//!
//! As predictive scaling would: from 24 hours of data on, every six hours a forecast of the next 48 from at most 14 days. The error is the
//! sum of the errors without their signs over the sum of the loads (WAPE), over all hours ahead and over the six that are in force before
//! the next forecast. The figures in docs/ASSUMPTIONS.md are what this prints:
//! `cargo test --test suite forecast -- --nocapture`.

use std::fs::File;

use ecsim::forecast::{FEWEST_HOURS, MOST_HOURS, forecast};
use ecsim::trace::{CsvOptions, read_csv};

const HOURS_AHEAD: usize = 48;
const HOURS_IN_FORCE: usize = 6;
const HOURS_PER_WEEK: usize = 168;

/// The hourly loads of a recorded trace.
fn hourly_loads(path: &str) -> Vec<f64> {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    let trace = read_csv(File::open(&path).unwrap(), &path, &CsvOptions::default()).unwrap();
    assert_eq!(trace.start.as_second() % 3600, 0, "{path} begins with an hour");
    let slots = 3600 / trace.slot.as_seconds_rounded_up() as usize;
    trace.counts.chunks_exact(slots).map(|hour| hour.iter().sum()).collect()
}

/// A way to forecast: history, hours ahead.
type Method = fn(&[f64], usize) -> Vec<f64>;

fn ours(history: &[f64], hours: usize) -> Vec<f64> {
    forecast(history, hours).expect("a day of data")
}

/// Yesterday once more.
fn yesterday(history: &[f64], hours: usize) -> Vec<f64> {
    let day = &history[history.len() - 24..];
    day.iter().copied().cycle().take(hours).collect()
}

/// The mean of the same hour of all days.
fn mean_day(history: &[f64], hours: usize) -> Vec<f64> {
    let mean = |ahead: usize| {
        let same: Vec<f64> = history.iter().copied().skip((history.len() + ahead) % 24).step_by(24).collect();
        same.iter().sum::<f64>() / same.len() as f64
    };
    (0..hours).map(mean).collect()
}

/// The hour a week ago; yesterday in the first week.
fn last_week(history: &[f64], hours: usize) -> Vec<f64> {
    if history.len() < HOURS_PER_WEEK {
        return yesterday(history, hours);
    }
    history[history.len() - HOURS_PER_WEEK..].iter().copied().take(hours).collect()
}

/// The error over all hours ahead and over those in force, in percent.
#[derive(Clone, Copy, Debug)]
struct Wape {
    ahead: f64,
    in_force: f64,
}

fn backtest(series: &[f64], method: Method) -> Wape {
    let errors_within = |hours: usize| {
        let (mut errors, mut loads) = (0.0, 0.0);
        for now in (FEWEST_HOURS..series.len()).step_by(HOURS_IN_FORCE) {
            let from = now.saturating_sub(MOST_HOURS);
            let ahead = method(&series[from..now], hours);
            for (forecast, load) in ahead.iter().zip(&series[now..]) {
                errors += (forecast - load).abs();
                loads += load;
            }
        }
        100.0 * errors / loads
    };
    Wape { ahead: errors_within(HOURS_AHEAD), in_force: errors_within(HOURS_IN_FORCE) }
}

/// Prints the errors of all methods on one series and returns that of ours, which must beat the others.
fn best_of_all(name: &str, path: &str) -> Wape {
    let series = hourly_loads(path);
    let found = backtest(&series, ours);
    println!("{name:<16} ours       {:5.1} % of 1-48 h {:5.1} % of 1-6 h", found.ahead, found.in_force);
    let others: [(&str, Method); 3] = [("yesterday", yesterday), ("mean day", mean_day), ("last week", last_week)];
    for (method_name, method) in others {
        let other = backtest(&series, method);
        println!("{name:<16} {method_name:<10} {:5.1} % of 1-48 h {:5.1} % of 1-6 h", other.ahead, other.in_force);
        assert!(found.in_force < other.in_force, "{name}: {found:?} against {method_name}, {other:?}");
    }
    assert!(found.in_force < found.ahead, "{name}: near hours are easier");
    found
}

/// Match days differ from each other: even the best method is a quarter off.
#[test]
fn world_cup() {
    let wape = best_of_all("World Cup", "scenarios/traces/wc98_groupstage_1998-06-10_06-23.csv");
    assert!(wape.ahead < 40.0 && wape.in_force < 26.0, "{wape:?}");
}

#[test]
fn web_server() {
    let wape = best_of_all("NASA", "tests/data/hourly/nasa_http_1995-07.csv");
    assert!(wape.ahead < 30.0 && wape.in_force < 24.0, "{wape:?}");
}

#[test]
fn load_balancer() {
    let wape = best_of_all("load balancer", "tests/data/hourly/nab_elb_request_count_8c0756.csv");
    assert!(wape.ahead < 33.0 && wape.in_force < 31.0, "{wape:?}");
}

#[test]
fn tweets() {
    let wape = best_of_all("tweets", "tests/data/hourly/nab_twitter_volume_amzn.csv");
    assert!(wape.ahead < 22.0 && wape.in_force < 21.0, "{wape:?}");
}
