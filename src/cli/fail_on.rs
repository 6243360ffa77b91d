//! Which failed thresholds give exit code 3.

use clap::ValueEnum;
use ecsim::result::ThresholdResult;
use ecsim::scenario::model::Threshold;

use super::Done;

/// Which thresholds decide over the exit code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Thresholds on cost
    Budget,
    /// Thresholds on anything but cost
    Slo,
    /// Every threshold
    #[default]
    Any,
    /// No threshold: exit code 0 even if some fail
    None,
}

impl FailOn {
    /// How a command ends that has these verdicts, one for each threshold.
    pub fn verdict(self, thresholds: &[Threshold], verdicts: &[ThresholdResult]) -> Done {
        let fails = thresholds.iter().zip(verdicts).any(|(threshold, verdict)| !verdict.ok && self.counts(threshold));
        if fails { Done::ThresholdFailed } else { Done::Well }
    }

    fn counts(self, threshold: &Threshold) -> bool {
        match self {
            Self::Budget => threshold.is_about_the_bill(),
            Self::Slo => !threshold.is_about_the_bill(),
            Self::Any => true,
            Self::None => false,
        }
    }
}
