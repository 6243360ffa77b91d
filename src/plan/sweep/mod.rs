//! Many points of a scenario: a grid or a sample of it, run in parallel, told in the order of the grid.
//!
//! [`sweep`] hands out points to the threads of a pool and gets their rows back as they end. Each is told twice: at once,
//! for a journal, and in the order of the design, for whoever reads the rows. The points that run ahead of the slowest one
//! are bounded, so memory does not grow with the sweep. What a point gives depends on its scenario and seed alone, so the
//! rows are the same on any number of threads.

mod axis;
mod design;
pub mod row;
mod survey;

use std::any::Any;
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Sender, channel};

use rayon::{Scope, ThreadPool};
use serde::{Deserialize, Serialize};

use super::points::{Points, Tried};
use crate::error::{Error, Result};
use crate::result::Cell;

pub use axis::Axis;
pub use design::{Design, Shard};
pub use row::Columns;
pub use survey::Survey;

/// Points that may have been handed out and not yet been told in order: one slow point holds up the telling, not the work.
const WINDOW: usize = 1024;

/// What became of a point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PointOutcome {
    /// Its row.
    Row(Vec<Cell>),
    /// Why it is no valid scenario.
    Skipped(String),
}

/// Who is told of points.
pub trait Listener {
    /// The outcome of a point that an earlier, interrupted sweep has done.
    ///
    /// # Errors
    /// When it cannot be read.
    fn known(&mut self, number: u64) -> Result<Option<PointOutcome>>;

    /// A point was run just now; points come in any order.
    ///
    /// # Errors
    /// When it cannot be recorded.
    fn finished(&mut self, number: u64, outcome: &PointOutcome) -> Result<()>;

    /// The next point in the order of the design, run now or known.
    ///
    /// # Errors
    /// When it cannot be told.
    fn next(&mut self, number: u64, outcome: PointOutcome) -> Result<()>;
}

/// Runs the points of a design on the threads of a pool. The caller's thread only hands out and tells.
///
/// # Errors
/// The first point that failed for another reason than its values, as a file that cannot be read; what the listener fails with.
pub fn sweep(points: &Points, design: &Design, columns: &Columns, pool: &ThreadPool, listener: &mut dyn Listener) -> Result<()> {
    // One for each thread to work on and one to go on with.
    let at_most = 2 * pool.current_num_threads();
    pool.in_place_scope(|scope| {
        let (sender, receiver) = channel();
        let mut numbers = design.numbers().peekable();
        let mut order: VecDeque<u64> = VecDeque::new();
        let mut ended: BTreeMap<u64, PointOutcome> = BTreeMap::new();
        let mut running = 0;
        loop {
            while running < at_most && order.len() < WINDOW {
                let Some(number) = numbers.next() else { break };
                order.push_back(number);
                match listener.known(number)? {
                    Some(outcome) => {
                        ended.insert(number, outcome);
                        tell(&mut order, &mut ended, listener)?;
                    }
                    None => {
                        running += 1;
                        hand_out(scope, points, design, columns, number, sender.clone());
                    }
                }
            }
            if running == 0 && numbers.peek().is_none() {
                return Ok(());
            }
            let Ok((number, outcome)) = receiver.recv() else { return Ok(()) };
            running -= 1;
            let outcome = outcome.unwrap_or_else(|panic| resume_unwind(panic))?;
            listener.finished(number, &outcome)?;
            ended.insert(number, outcome);
            tell(&mut order, &mut ended, listener)?;
        }
    })
}

/// The end of a point: its outcome, a failure that ends the sweep, or a panic to go on with.
type End = std::result::Result<Result<PointOutcome>, Box<dyn Any + Send>>;

fn hand_out<'s>(scope: &Scope<'s>, points: &'s Points, design: &'s Design, columns: &'s Columns, number: u64, sender: Sender<(u64, End)>) {
    scope.spawn(move |_| {
        let end = catch_unwind(AssertUnwindSafe(|| run_point(points, design, columns, number)));
        // Nobody listens any more when the sweep has failed.
        let _ = sender.send((number, end));
    });
}

/// Tells all points whose turn has come.
fn tell(order: &mut VecDeque<u64>, ended: &mut BTreeMap<u64, PointOutcome>, listener: &mut dyn Listener) -> Result<()> {
    while let Some(outcome) = order.front().and_then(|number| ended.remove(number)) {
        if let Some(number) = order.pop_front() {
            listener.next(number, outcome)?;
        }
    }
    Ok(())
}

/// Runs one point, which is skipped where it is impossible.
fn run_point(points: &Points, design: &Design, columns: &Columns, number: u64) -> Result<PointOutcome> {
    match points.attempt(&design.point(number), |loaded| points.run(&loaded)) {
        Ok(Tried::Done(result)) => {
            let places = design.places(number);
            let values = design.axes().iter().zip(places).flat_map(|(axis, place)| &axis.values[place]);
            Ok(PointOutcome::Row(columns.row(number, values, &result)))
        }
        Ok(Tried::Impossible(error)) => Ok(PointOutcome::Skipped(error.to_string().replace('\n', "; "))),
        Err(error) => Err(at_point(&error, number)),
    }
}

fn at_point(error: &Error, number: u64) -> Error {
    let mut faults = error.faults().to_vec();
    faults.iter_mut().for_each(|fault| fault.message = format!("point {number}: {}", fault.message));
    Error::from_faults(faults).err().unwrap_or_else(|| error.clone())
}

/// The services that the rows of a sweep tell of: those of the scenario and of each value of each axis alone.
#[must_use]
pub fn services(points: &Points, axes: &[Axis]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut add = |scenario: &crate::scenario::model::Scenario| {
        for service in &scenario.services {
            if !names.contains(&service.name) {
                names.push(service.name.clone());
            }
        }
    };
    add(&points.loaded().scenario);
    for axis in axes.iter().filter(|axis| axis.chooses_variants()) {
        for value in 0..axis.values.len() {
            if let Ok(loaded) = points.check(&axis.point(value)) {
                add(&loaded.scenario);
            }
        }
    }
    names
}
