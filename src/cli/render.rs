//! A result in each of its forms, whether it has just been computed or was saved.

use ecsim::error::Error;
use ecsim::plan::diff;
use ecsim::report::charts::{result_png, result_svg};
use ecsim::report::html::{Page, html};
use ecsim::report::{bill_csv, junit, markdown_against, suite_name, table_against, write_focus, write_timeline};
use ecsim::result::RunResult;
use ecsim::result::diff::DiffResult;
use serde::Serialize;

use super::document::Render::{Bytes, Text};
use super::document::{Document, Form, Table, Warnings, Words, json};
use super::invocation;
use super::outputs::Output;

/// A result and what changed against its baseline, if there is one.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Rendered {
    /// The result.
    pub result: RunResult,
    #[serde(skip)]
    change: Option<DiffResult>,
}

impl Rendered {
    /// A result against a baseline.
    pub fn new(result: RunResult, baseline: Option<&RunResult>) -> Self {
        let change = baseline.map(|baseline| diff(baseline, &result));
        Self { result, change }
    }

    /// Whether an output shows the course of the run, not only its sums.
    pub fn shows_timeline(output: &Output<Self>) -> bool {
        !matches!(output.ending(), ".md" | ".focus.csv" | ".junit.xml")
    }
}

impl Document for Rendered {
    const TABLE: Table<Self> = |run, width, colours| Ok(table_against(&run.result, run.change.as_ref(), width, colours));
    const MARKDOWN: Words<Self> = |run| Ok(markdown_against(&run.result, run.change.as_ref()));
    /// The bill; the file with this ending is the timeline.
    const CSV: Words<Self> = |run| bill_csv(&run.result.cost);
    const WARNINGS: Warnings<Self> = |run| &run.result.warnings;
    const FORMS: &'static [Form<Self>] = &[
        Form(".json", "result", Bytes(json)),
        Form(".csv", "timeline", Bytes(|run| written(|out| write_timeline(&run.result.timeline, out)))),
        Form(".focus.csv", "the bill as FOCUS 1.2", Bytes(|run| written(|out| write_focus(&run.result, out)))),
        Form(".svg", "charts", Text(|run| result_svg(&run.result))),
        Form(".png", "charts", Bytes(|run| result_png(&run.result))),
        Form(".html", "a page with all of it", Text(|run| html(&run.result, &Page { command: &invocation::as_typed() }))),
        Form(".md", "", Text(Self::MARKDOWN)),
        Form(".junit.xml", "verdicts", Text(|run| junit([(suite_name(&run.result), &run.result)]))),
    ];
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    write(&mut out)?;
    Ok(out)
}
