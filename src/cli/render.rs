//! A result in each of its forms, whether it has just been computed or was saved.

use ecsim::error::Error;
use ecsim::report::charts::{result_png, result_svg};
use ecsim::report::html::{Page, html};
use ecsim::report::{bill_csv, junit, markdown_against, suite_name, table_against, write_focus, write_json, write_timeline};
use ecsim::result::RunResult;
use ecsim::result::diff::DiffResult;
use rayon::prelude::*;

use super::console::Console;
use super::outputs::{Kind, Output};
use super::{Format, invocation};

/// The forms in which a result is written.
pub const FORMS: [Kind; 8] = [Kind::Json, Kind::Csv, Kind::Svg, Kind::Png, Kind::Html, Kind::Markdown, Kind::Focus, Kind::Junit];

/// A result and what changed against its baseline, if there is one.
pub struct Rendered<'a> {
    /// The result.
    pub result: &'a RunResult,
    /// What changed.
    pub change: Option<&'a DiffResult>,
}

impl Rendered<'_> {
    /// The content of each output, in their order, on the threads of the current pool.
    pub fn outputs(&self, outputs: &[Output]) -> Result<Vec<Vec<u8>>, Error> {
        outputs.par_iter().map(|output| self.output(output)).collect()
    }

    fn output(&self, output: &Output) -> Result<Vec<u8>, Error> {
        let mut out = Vec::new();
        match output.kind {
            Kind::Json => write_json(self.result, &mut out)?,
            Kind::Html => out = html(self.result, &Page { command: &invocation::as_typed() })?.into_bytes(),
            Kind::Csv => write_timeline(&self.result.timeline, &mut out)?,
            Kind::Svg => out = result_svg(self.result).map_err(|error| output.placed(&error))?.into_bytes(),
            Kind::Png => out = result_png(self.result).map_err(|error| output.placed(&error))?,
            Kind::Markdown => out = markdown_against(self.result, self.change).into_bytes(),
            Kind::Focus => write_focus(self.result, &mut out)?,
            Kind::Junit => out = junit([(suite_name(self.result), self.result)])?.into_bytes(),
            // What such a command does not write is refused before the work.
            _ => {}
        }
        Ok(out)
    }

    /// Prints it.
    pub fn print(&self, format: Format, console: &Console) -> Result<(), Error> {
        let mut out = Vec::new();
        match format {
            Format::Table => out = table_against(self.result, self.change, console.width(), console.colours()).into_bytes(),
            Format::Json => write_json(self.result, &mut out)?,
            Format::Csv => out = bill_csv(&self.result.cost)?.into_bytes(),
            Format::Markdown => out = markdown_against(self.result, self.change).into_bytes(),
        }
        if matches!(format, Format::Json | Format::Csv) {
            self.result.warnings.iter().for_each(|warning| console.warn(warning));
        }
        console.result(&out)
    }
}
