//! Verdicts as JUnit XML, which build servers show as tests.
//!
//! Each run is a test suite. Its first test case, `simulation`, holds the headline and passes, so that a run without thresholds is
//! seen to have run; then there is a test case for each threshold. A failed threshold is a failure with what was found,
//! whatever `--fail-on` makes of it. No times are given: a report is the same bytes for the same result.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::summary::{title, value};
use super::text;
use crate::error::{ErrorKind, Fault, Place, Result};
use crate::result::{RunResult, ThresholdResult};

/// The verdicts of runs, each with its name, as JUnit XML.
///
/// # Errors
/// When the document cannot be written, which memory alone can cause.
pub fn junit<'a>(runs: impl IntoIterator<Item = (String, &'a RunResult)>) -> Result<String> {
    let mut report = Report::new("ecsim");
    for (name, result) in runs {
        let mut suite = TestSuite::new(name.clone());
        suite.add_test_case(simulation(&name, result));
        suite.add_test_cases(result.thresholds.iter().map(|threshold| test_case(&name, threshold)));
        report.add_test_suite(suite);
    }
    report.to_string().map_err(|reason| {
        let message = format!("cannot write the JUnit report: {reason}");
        Fault::new(ErrorKind::File, Place::default(), message).into()
    })
}

/// The name of a run's test suite: the scenario with its variant.
#[must_use]
pub fn suite_name(result: &RunResult) -> String {
    title(result)
}

fn simulation(suite: &str, result: &RunResult) -> TestCase {
    let mut case = TestCase::new("simulation", TestCaseStatus::success());
    case.set_classname(suite);
    case.set_system_out(format!("{} a month", text::dollars(&result.cost.monthly.mean)));
    case
}

fn test_case(suite: &str, threshold: &ThresholdResult) -> TestCase {
    let mut status = TestCaseStatus::success();
    if !threshold.ok {
        status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type("threshold").set_message(failure(threshold));
    }
    let mut case = TestCase::new(threshold.expression.clone(), status);
    case.set_classname(suite);
    case
}

/// What was found, and against a baseline what was allowed.
fn failure(threshold: &ThresholdResult) -> String {
    let found = format!("{} is not met: the value is {}", threshold.expression, value(threshold, &threshold.value));
    match (&threshold.baseline, threshold.bound) {
        (None, _) => found,
        (Some(baseline), None) => format!("{found}, of the baseline {}", value(threshold, baseline)),
        (Some(baseline), Some(bound)) => {
            format!("{found}, of the baseline {}, so the bound is {}", value(threshold, baseline), text::figure(&threshold.path, bound))
        }
    }
}
