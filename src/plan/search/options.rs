//! What a person may ask of a search.

use super::dimension::DimensionKind;
use crate::plan::sweep::Axis;
use crate::scenario::model::{Fidelity, Threshold};

/// Runs of a search by flows at most, unless it is said.
pub const RUNS_BY_FLOWS: u64 = 4000;
/// The same request by request, which takes a hundred times as long.
pub const RUNS_BY_REQUESTS: u64 = 300;

/// What a search is asked for.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    /// The variant that is the start.
    pub variant: Option<String>,
    /// Thresholds besides those of the scenario.
    pub thresholds: Vec<Threshold>,
    /// The share of replications in which the thresholds have to hold, above 0 and below 1.
    pub confidence: f64,
    /// Runs of the search at most, a stretch or a window each; those that confirm are not counted, and an answer that does not hold
    /// allows a quarter more. None: [`RUNS_BY_FLOWS`] or, where
    /// the search is made request by request, [`RUNS_BY_REQUESTS`].
    pub max_runs: Option<u64>,
    /// Replications that confirm a configuration; none: the fewest that can show the confidence.
    pub replications: Option<u32>,
    /// Fluid: the answer is confirmed by flows too. Request: the search is made request by request too. None: whichever fits.
    pub fidelity: Option<Fidelity>,
    /// Dimensions that are replaced or added.
    pub vary: Vec<Axis>,
    /// Dimensions that are fixed.
    pub hold: Vec<DimensionKind>,
    /// CPU time on ARM as a multiple of that on x86, above 0; none: the architecture stays.
    pub arm_cpu_time: Option<f64>,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self {
            variant: None,
            thresholds: Vec::new(),
            confidence: 0.95,
            max_runs: None,
            replications: None,
            fidelity: None,
            vary: Vec::new(),
            hold: Vec::new(),
            arm_cpu_time: None,
        }
    }
}

/// How far a search has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It looks among configurations: runs so far, and at most.
    Searching(u64, u64),
    /// It confirms one: which, and replications of it so far.
    Confirming(u64, u32, u32),
}
