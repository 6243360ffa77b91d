//! Measures the table of response times in `src/traffic/response/table.csv` at request fidelity.
//!
//! `cargo run --release --example response_table > table.csv` takes a few minutes on two cores and gives the same
//! bytes on every machine.

mod measure;

use std::io::Write;

use ecsim::traffic::response::measured::{CORES, CVS, LOADS, PROBABILITIES, TASKS};
use rayon::prelude::*;

use measure::{Cell, measure, requests_of};

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut cells = Vec::new();
    for cores in CORES {
        for cv in CVS {
            for tasks in TASKS {
                cells.extend(LOADS.map(|load| Cell { tasks, load, cv, cores }));
            }
        }
    }
    let lines: Vec<String> = cells
        .into_par_iter()
        .map(|cell| {
            let Cell { tasks, load, cv, cores } = cell;
            let stretches = measure(&cell, requests_of(load))?.map(|stretch| format!("{stretch:.4}"));
            Ok(format!("{cores},{cv},{tasks},{load},{}\n", stretches.join(",")))
        })
        .collect::<ecsim::error::Result<_>>()?;
    let head = PROBABILITIES.map(|probability| probability.to_string()).join(",");
    let mut out = std::io::stdout().lock();
    write!(out, "cores,cv,tasks,load,{head}\n{}", lines.concat())?;
    Ok(())
}
