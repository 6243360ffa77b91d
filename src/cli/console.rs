//! Standard output for results, standard error for everything else.

use std::io::{self, IsTerminal, Write};

use ecsim::error::{Error, ErrorKind, Fault, Place};
use ecsim::files::reason;

/// The widest a table gets, and its width where there is no terminal.
const TABLE_COLUMNS: usize = 100;
/// The narrowest that a table can be read at.
const LEAST_COLUMNS: usize = 60;

/// Where a command prints.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    quiet: bool,
    verbose: bool,
    colours: bool,
}

impl Console {
    /// A console; colours only on a terminal, and not against the user's wish.
    pub fn new(quiet: bool, verbose: bool, no_color: bool) -> Self {
        #[allow(clippy::disallowed_methods, reason = "NO_COLOR is a wish of the user's environment, and the binary heeds it")]
        let unwanted = no_color || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { quiet, verbose, colours: !unwanted && io::stdout().is_terminal() }
    }

    /// Whether results are coloured.
    pub fn colours(&self) -> bool {
        self.colours
    }

    /// Whether the user wants to be told results and errors only.
    pub fn quiet(&self) -> bool {
        self.quiet
    }

    /// Whether the user wants to be told more.
    pub fn verbose(&self) -> bool {
        self.verbose
    }

    /// Columns of a table.
    pub fn width(&self) -> usize {
        if !io::stdout().is_terminal() {
            return TABLE_COLUMNS;
        }
        terminal_size::terminal_size().map_or(TABLE_COLUMNS, |(width, _)| usize::from(width.0)).clamp(LEAST_COLUMNS, TABLE_COLUMNS)
    }

    /// Prints a result. A reader that has gone, as `head` does, has seen what it wanted: no error.
    pub fn result(&self, text: &[u8]) -> Result<(), Error> {
        let mut out = io::stdout().lock();
        match out.write_all(text).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                let message = format!("standard output cannot be written: {}", reason(&error));
                Err(Fault::new(ErrorKind::File, Place::default(), message).into())
            }
            _ => Ok(()),
        }
    }

    /// Says how the work goes.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.say(text);
        }
    }

    /// Warns.
    pub fn warn(&self, text: &str) {
        if !self.quiet {
            self.say(&format!("warning: {text}"));
        }
    }

    /// Tells all faults of an error.
    pub fn error(&self, error: &Error) {
        for fault in error.faults() {
            self.say(&format!("error: {fault}"));
        }
    }

    /// Standard error may be closed; then nobody listens.
    fn say(&self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}
