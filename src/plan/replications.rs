//! Replications: the same scenario with the seeds `seed`, `seed + 1`, ...
//!
//! They run side by side and are joined in the order of their seeds, so the bytes of the result do not depend on the
//! threads. The first runs alone and keeps its outcome, its timeline and its activities; of the others a few exist at
//! a time, and only their figures stay.

use rayon::prelude::*;

use super::run::Run;
use crate::error::Result;
use crate::result::{Replications, RunResult};

/// Runs for each thread between two joins: enough that no thread waits long for the slowest.
const RUNS_PER_THREAD: u32 = 4;

/// All replications as one run, each made by `one` from its number. The document of each is shown to `watch`, in the order of
/// their seeds.
///
/// # Errors
/// That of the first replication that fails.
pub(super) fn all(count: u32, one: impl Fn(u32) -> Result<Run> + Sync, watch: &mut dyn FnMut(&RunResult)) -> Result<Run> {
    if count <= 1 {
        let run = one(0)?;
        watch(&run.result);
        return Ok(run);
    }
    let batch = u32::try_from(rayon::current_num_threads()).unwrap_or(1).saturating_mul(RUNS_PER_THREAD);
    let first = one(0)?;
    watch(&first.result);
    let (outcome, bill, notes) = (first.outcome, first.bill, first.notes);
    let mut replications = Replications::new(first.result);
    for begin in (1..count).step_by(batch as usize) {
        let numbers = begin..count.min(begin.saturating_add(batch));
        let results: Vec<Result<RunResult>> = numbers.into_par_iter().map(|number| Ok(without_events(one(number)?))).collect();
        for result in results {
            let result = result?;
            watch(&result);
            replications.add(&result);
        }
    }
    Ok(Run { outcome, bill, result: replications.finish()?, notes })
}

/// What is needed of a later run.
fn without_events(run: Run) -> RunResult {
    let mut result = run.result;
    for (_, service) in &mut result.services.0 {
        service.scaling_activities = Vec::new();
    }
    result
}
