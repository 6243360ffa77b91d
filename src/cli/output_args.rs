//! The arguments that commands share which print and write a result.

use std::marker::PhantomData;

use clap::Args;
use ecsim::error::{Error, ErrorKind, Fault, Place};
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

use super::Format;
use super::console::Console;
use super::document::{Document, endings, print};
use super::outputs::{Outputs, output_name};

/// Where a document goes.
#[derive(Args, Clone, Debug)]
pub struct OutputArgs<D: Document> {
    #[arg(short, long = "output", value_name = "FILE", value_parser = output_name::<D>)]
    #[arg(help = format!("Write a file; the ending says what: {}; may be repeated", endings::<D>()))]
    outputs: Vec<String>,
    #[arg(long, value_enum, default_value_t, help = D::FORMAT_HELP)]
    pub format: Format,
    #[arg(skip)]
    document: PhantomData<D>,
}

impl<D: Document> OutputArgs<D> {
    /// Checks that all outputs can be written, are of forms that the command writes, and replace none of the `inputs` that
    /// the command line names.
    pub fn check<'a>(&self, command: &str, inputs: impl IntoIterator<Item = &'a str>) -> Result<Outputs<D>, Error> {
        let outputs = Outputs::check(&self.outputs, command)?;
        outputs.refuse_inputs(inputs)?;
        Ok(outputs)
    }

    /// Prints the document as the user wants to see it.
    pub fn print(&self, document: &D, console: &Console) -> Result<(), Error> {
        print(document, self.format, console)
    }
}

/// How many threads work.
#[derive(Args, Clone, Debug, Default)]
pub struct ThreadArgs {
    /// How many threads work at most; the results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

impl ThreadArgs {
    /// So many threads; one for each core when none is said.
    pub fn pool(&self) -> Result<ThreadPool, Error> {
        let pool = ThreadPoolBuilder::new().num_threads(self.threads.map_or(0, usize::from)).build();
        let failed = |reason: ThreadPoolBuildError| {
            Error::from(Fault::new(ErrorKind::File, Place::default(), format!("cannot start threads: {reason}")).remedy("lower --threads"))
        };
        pool.map_err(failed)
    }
}
