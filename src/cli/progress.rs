//! How far a long command is, on a terminal only.

use std::io::IsTerminal;
use std::time::Duration;

use ecsim::plan::search::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::console::Console;

/// A bar of a search.
#[derive(Debug)]
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar on standard error; none where nobody watches.
    pub fn new(console: &Console) -> Self {
        let is_watched = !console.quiet() && std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(None, if is_watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() });
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        if is_watched {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self(bar)
    }

    /// Tells where the search is.
    pub fn show(&self, progress: Progress) {
        self.0.set_message(match progress {
            Progress::Searching(runs, most) => format!("searching: {runs} runs (at most {most})"),
            Progress::Confirming(number, done, of) => format!("confirming answer {number}: {done} of {of} replications"),
        });
    }

    /// Clears it.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}
