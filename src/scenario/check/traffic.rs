//! Traffic, workload and service level.

use super::refuse_foreign;
use crate::scenario::shape::Reading;
use crate::scenario::written::traffic::{Arrivals, Pattern, Source};
use crate::scenario::written::workload::{Slo, Workload, WorkloadKind};

/// The retentions that CloudWatch Logs takes, in days (API reference, PutRetentionPolicy); 0, as Terraform writes it, is none.
const RETENTION_DAYS: [i64; 23] =
    [0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// A source is one thing.
pub fn source(source: &Source, reading: &mut Reading) {
    let kinds = ["trace", "constant", "pattern", "users", "from"];
    let given: Vec<&str> = kinds.into_iter().filter(|kind| source.places.gives(kind)).collect();
    match given[..] {
        [] => {
            let message = format!("a source of traffic needs one of {}", kinds.join(", "));
            reading.fault(source.places.own(), message);
        }
        ["constant" | "pattern"] => {
            if source.arrivals == Arrivals::Deterministic && source.dispersion.0 != 1.0 {
                let message = "`dispersion` contradicts arrivals: deterministic, which are evenly spaced";
                reading.fault_with_remedy(&source.places.of("dispersion"), message, "take one of the two away");
            }
        }
        [one] => {
            without_draws(source, one, reading);
            if source.users.is_some() || source.from.is_some() {
                without_a_rate(source, one, reading);
            }
        }
        _ => {
            let message = format!("found {}; a source of traffic has one of them", given.join(" and "));
            reading.fault_with_remedy(source.places.own(), message, "write a list of sources: they add up");
        }
    }
}

/// Only the arrivals of constants and patterns are drawn; for others a choice would have no effect.
fn without_draws(source: &Source, kind: &str, reading: &mut Reading) {
    let choices = [("arrivals", source.arrivals != Arrivals::Poisson), ("dispersion", source.dispersion.0 != 1.0)];
    refuse_chosen(source, kind, &choices, reading);
}

/// Users send when they have their answer, and calls come with the caller's requests: neither has a rate of its
/// own that could grow.
fn without_a_rate(source: &Source, kind: &str, reading: &mut Reading) {
    let choices = [("growth", source.growth.0 != 0.0), ("spikes", !source.spikes.is_empty())];
    refuse_chosen(source, kind, &choices, reading);
}

fn refuse_chosen(source: &Source, kind: &str, choices: &[(&str, bool)], reading: &mut Reading) {
    for (key, _) in choices.iter().filter(|(_, is_chosen)| *is_chosen) {
        let message = format!("`{key}` has no effect on a source of kind {kind}");
        reading.fault_with_remedy(&source.places.of(key), message, "take it away");
    }
}

/// The trough is not above the peak.
pub fn pattern(pattern: &Pattern, reading: &mut Reading) {
    if pattern.base.0 > pattern.peak.0 {
        let message = format!("base {} is above peak {}", pattern.base.0, pattern.peak.0);
        reading.fault(&pattern.places.of("peak"), message);
    }
}

/// Keys of the other kind have no effect.
pub fn workload(workload: &Workload, reading: &mut Reading) {
    logs_retention(workload, reading);
    let of_queue = ["visibility_timeout", "max_receive_count", "message_retention_period", "receive"];
    if workload.kind == WorkloadKind::Http {
        refuse_foreign(&workload.places, &of_queue, "a workload of kind http", reading);
        return;
    }
    for key in ["backlog", "timeout", "on_timeout", "retries"].into_iter().filter(|key| workload.places.gives(key)) {
        let place = workload.places.of(key);
        reading.warnings.push(format!(
            "{place}: `{key}` has no effect on a workload of kind queue: messages wait in the queue until a task is free or their retention period ends"
        ));
    }
}

/// Logs are kept for one of the times that CloudWatch Logs knows.
fn logs_retention(workload: &Workload, reading: &mut Reading) {
    let days = workload.logs_retention_in_days.get();
    if !RETENTION_DAYS.contains(&days) {
        let above = RETENTION_DAYS.partition_point(|known| *known < days);
        let (less, more) = (RETENTION_DAYS[above - 1], RETENTION_DAYS[above]);
        let message = format!("found {days}, CloudWatch Logs keeps logs for no such number of days");
        let remedy = format!("write {less} or {more}; 0 keeps them for ever");
        reading.fault_with_remedy(&workload.places.of("logs_retention_in_days"), message, remedy);
    }
}

/// A service level promises something.
pub fn slo(slo: &Slo, reading: &mut Reading) {
    if slo.latency.is_none() && slo.availability.is_none() {
        reading.fault(slo.places.own(), "a service level needs latency or availability");
    }
}
