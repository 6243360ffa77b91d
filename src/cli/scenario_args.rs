//! The arguments that every command about a scenario takes.

use clap::{Args, ValueEnum};
use ecsim::error::{Error, Fault};
use ecsim::plan::Points;
use ecsim::scenario::{Loaded, Request, load};

use super::console::Console;
use super::disk::{Disk, read_input};

/// A scenario and what is changed in it.
#[derive(Args, Clone, Debug)]
pub struct ScenarioArgs {
    /// The scenario file (YAML or JSON); - reads standard input
    pub scenario: String,
    /// Change one value, as services.web.desired_count=4; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub sets: Vec<String>,
    /// Apply a variant of the scenario; A+B applies A, then B
    #[arg(long, value_name = "A+B")]
    pub variant: Option<String>,
    /// The seed of all random draws [default: the scenario's]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How requests are simulated [default: the scenario's]
    #[arg(long, value_enum)]
    pub fidelity: Option<Fidelity>,
    /// Independent runs with the seeds N, N + 1, ...: figures become means with confidence intervals [default: the
    /// scenario's]
    #[arg(long, value_name = "N")]
    pub replications: Option<u32>,
}

/// How requests are simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Fidelity {
    /// As flows, with the formulas of queueing theory
    Fluid,
    /// Each by itself
    Request,
    /// Each by itself where at most 20 million are expected or nothing else models the scenario, else as flows
    Auto,
}

impl Fidelity {
    fn name(self) -> &'static str {
        match self {
            Self::Fluid => "fluid",
            Self::Request => "request",
            Self::Auto => "auto",
        }
    }
}

impl ScenarioArgs {
    /// Reads and checks the scenario.
    pub fn load(&self, console: &Console) -> Result<Loaded, Error> {
        let text = read_input(&self.scenario)?;
        let flags = self.flags();
        let sets = self.settings();
        let request = Request { name: &self.scenario, text: &text, sets: &sets, variant: self.variant.as_deref() };
        let loaded = load(&request, &Disk).map_err(|error| as_typed(&error, &flags))?;
        tell_ignored(&loaded, console);
        Ok(loaded)
    }

    /// Reads and checks the scenario, of which many configurations will be run.
    pub fn points(&self, console: &Console) -> Result<Points<'static>, Error> {
        let text = read_input(&self.scenario)?;
        let sets = self.settings();
        let request = Request { name: &self.scenario, text: &text, sets: &sets, variant: self.variant.as_deref() };
        let points = Points::new(&request, &Disk).map_err(|error| as_typed(&error, &self.flags()))?;
        tell_ignored(points.loaded(), console);
        Ok(points)
    }

    /// All that the command line sets, flags that stand for a setting last.
    pub fn settings(&self) -> Vec<String> {
        let of_flags = self.flags().into_iter().map(|(_, path, value)| format!("{path}={value}"));
        self.sets.iter().cloned().chain(of_flags).collect()
    }

    /// The flags that stand for a setting: the flag, the path that it sets, its value.
    fn flags(&self) -> Vec<Flag> {
        let seed = self.seed.map(|seed| ("--seed", "simulation.seed", seed.to_string()));
        let fidelity = self.fidelity.map(|fidelity| ("--fidelity", "simulation.fidelity", fidelity.name().to_owned()));
        let replications = self.replications.map(|count| ("--replications", "simulation.replications", count.to_string()));
        [seed, fidelity, replications].into_iter().flatten().collect()
    }
}

/// Tells with `-v` of keys that have no effect.
fn tell_ignored(loaded: &Loaded, console: &Console) {
    if console.verbose() {
        for place in &loaded.ignored_keys {
            console.note(&format!("{place}: read, and of no effect on capacity or cost"));
        }
    }
}

type Flag = (&'static str, &'static str, String);

/// Faults of settings, placed where the user wrote them: a flag by its own name, a path only once.
fn as_typed(error: &Error, flags: &[Flag]) -> Error {
    let placed = |fault: &Fault| {
        let mut fault = fault.clone();
        let Some(path) = fault.place.file.as_deref().and_then(|file| file.strip_prefix("--set ")).map(ToOwned::to_owned) else {
            return fault;
        };
        if fault.place.path.as_ref() == Some(&path) {
            fault.place.path = None;
        }
        if let Some((flag, ..)) = flags.iter().find(|(_, set, _)| *set == path) {
            fault.place.file = Some((*flag).to_owned());
        }
        fault
    };
    match Error::from_faults(error.faults().iter().map(placed).collect()) {
        Ok(()) => error.clone(),
        Err(placed) => placed,
    }
}
