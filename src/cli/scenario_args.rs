//! The arguments that every command about a scenario takes.

use clap::Args;
use ecsim::error::Error;
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
    /// The seed of all random draws
    #[arg(long)]
    pub seed: Option<u64>,
    /// How requests are simulated
    #[arg(long)]
    pub fidelity: Option<String>,
    /// Independent replications
    #[arg(long)]
    pub replications: Option<u32>,
}

impl ScenarioArgs {
    /// Reads and checks the scenario.
    pub fn load(&self, console: &Console) -> Result<Loaded, Error> {
        let text = read_input(&self.scenario)?;
        let mut sets = self.sets.clone();
        sets.extend(self.seed.map(|seed| format!("simulation.seed={seed}")));
        sets.extend(self.fidelity.as_ref().map(|fidelity| format!("simulation.fidelity={fidelity}")));
        sets.extend(self.replications.map(|count| format!("simulation.replications={count}")));
        let request = Request { name: &self.scenario, text: &text, sets: &sets, variant: self.variant.as_deref() };
        let loaded = load(&request, &Disk)?;
        if console.verbose() {
            for place in &loaded.ignored_keys {
                console.note(&format!("{place}: read, and of no effect on capacity or cost"));
            }
        }
        Ok(loaded)
    }
}
