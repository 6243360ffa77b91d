//! The command line of ecsim: it opens files, prints and sets the exit code; all else is the library's.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
