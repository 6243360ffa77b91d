//! Response times as they were measured, request by request.
//!
//! `table.csv` holds steady states of round robin over (vCPUs, cv of the CPU time, tasks, load), lognormal CPU times,
//! no other limit than the processor: some percentiles of the response, each as a multiple of the same percentile
//! of the CPU time. `cargo run --release --example response_table` measures it anew. Stretching the percentiles of a
//! demand keeps a light load exact whatever its distribution; that another distribution of the same cv is stretched
//! alike is an approximation. Less than one vCPU only makes every burst longer. A fleet of more than 40 tasks
//! counts as 40 (the arrivals of each are almost regular), a load above 95 % is carried on from there. Not
//! measured, and left to the formula: more than four vCPUs, a cv above 3.

use std::sync::LazyLock;

/// vCPUs of a task.
pub const CORES: [u32; 3] = [1, 2, 4];
/// Standard deviation over mean of the CPU time.
pub const CVS: [f64; 6] = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0];
/// Tasks that round robin deals the requests out to.
pub const TASKS: [u32; 6] = [1, 2, 4, 8, 16, 40];
/// Arrivals over what the tasks complete when they are never idle.
pub const LOADS: [f64; 11] = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
/// The percentiles, as fractions.
pub const PROBABILITIES: [f64; 13] = [0.02, 0.1, 0.25, 0.5, 0.65, 0.75, 0.85, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999];

/// By how much each percentile exceeds that of a lone request, as a fraction of it.
pub type Excess = [f64; PROBABILITIES.len()];

/// Excesses of all cells in the order of the file, times (1 - load)/load, which is smooth down to no load and up to
/// saturation.
static SCALED: LazyLock<Vec<Excess>> =
    LazyLock::new(|| include_str!("table.csv").lines().skip(1).map(|line| scaled_excess(line).unwrap_or_default()).collect());

/// The measured states of one kind of task and size of the fleet, by load.
#[derive(Clone, Copy, Debug)]
pub struct MeasuredRow([Excess; LOADS.len()]);

impl MeasuredRow {
    /// The states between the nearest that were measured; none where none were.
    #[must_use]
    pub fn of(tasks: u32, squared_cv: f64, cores: f64) -> Option<Self> {
        let cv = squared_cv.sqrt();
        if cv.is_nan() || cv > CVS[CVS.len() - 1] || cores > f64::from(CORES[CORES.len() - 1]) {
            return None;
        }
        // What another core or task changes is about in proportion to its share.
        let cores = between(&CORES.map(|known| -1.0 / f64::from(known)), -1.0 / cores.max(1.0));
        let cvs = between(&CVS, cv);
        let tasks = between(&TASKS.map(|known| -1.0 / f64::from(known)), -1.0 / f64::from(tasks.max(1)));
        let mut row = [Excess::default(); LOADS.len()];
        for (core, of_core) in cores {
            for (cv, of_cv) in cvs {
                for (task, of_task) in tasks {
                    let first = ((core * CVS.len() + cv) * TASKS.len() + task) * LOADS.len();
                    for (sum, measured) in row.iter_mut().zip(SCALED.get(first..)?) {
                        add(sum, of_core * of_cv * of_task, measured);
                    }
                }
            }
        }
        Some(Self(row))
    }

    /// The excesses at a load below 1.
    #[must_use]
    pub fn at(&self, load: f64) -> Excess {
        let mut excess = Excess::default();
        for (index, weight) in between(&LOADS, load) {
            add(&mut excess, weight * load / (1.0 - load), &self.0[index]);
        }
        excess
    }
}

fn add(sum: &mut Excess, weight: f64, more: &Excess) {
    for (sum, more) in sum.iter_mut().zip(more) {
        *sum += weight * more;
    }
}

/// The places of the two known values around one, with their weights; the nearest beyond the ends.
fn between(known: &[f64], value: f64) -> [(usize, f64); 2] {
    let above = known.partition_point(|known| *known <= value).clamp(1, known.len() - 1);
    let weight = ((value - known[above - 1]) / (known[above] - known[above - 1])).clamp(0.0, 1.0);
    [(above - 1, 1.0 - weight), (above, weight)]
}

/// The excesses of a line of the file, scaled.
fn scaled_excess(line: &str) -> Option<Excess> {
    let mut numbers = line.split(',').skip(3).map(str::parse::<f64>);
    let load = numbers.next()?.ok()?;
    let mut excess = Excess::default();
    for (excess, stretch) in excess.iter_mut().zip(numbers) {
        *excess = (stretch.ok()? - 1.0) * (1.0 - load) / load;
    }
    Some(excess)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_holds_every_cell_in_order() {
        let mut lines = include_str!("table.csv").lines();
        let head = format!("cores,cv,tasks,load,{}", PROBABILITIES.map(|probability| probability.to_string()).join(","));
        assert_eq!(lines.next(), Some(head.as_str()));
        for cores in CORES {
            for cv in CVS {
                for tasks in TASKS {
                    for load in LOADS {
                        let line = lines.next().unwrap_or_default();
                        assert!(line.starts_with(&format!("{cores},{cv},{tasks},{load},")), "{line}");
                        assert_eq!(line.split(',').count(), 4 + PROBABILITIES.len(), "{line}");
                        assert!(scaled_excess(line).is_some_and(|excess| excess.iter().all(|part| *part >= 0.0)), "{line}");
                    }
                }
            }
        }
        assert_eq!(lines.next(), None);
    }

    /// A cell is itself, and beyond the edges the rules of the module hold.
    #[test]
    fn measured_states_are_found_again() {
        let row = MeasuredRow::of(4, 2.25, 2.0).expect("it was measured");
        let line = include_str!("table.csv").lines().find(|line| line.starts_with("2,1.5,4,0.7,")).expect("the cell");
        let stretches: Vec<f64> = line.split(',').skip(4).map(|number| number.parse().expect("a number")).collect();
        for (excess, stretch) in row.at(0.7).iter().zip(stretches) {
            assert!((1.0 + excess - stretch).abs() < 1e-9, "{excess} {stretch}");
        }
        assert!(row.at(0.0).iter().all(|excess| excess.abs() < 1e-12));
        assert!(MeasuredRow::of(4, 9.1, 1.0).is_none() && MeasuredRow::of(4, f64::INFINITY, 1.0).is_none());
        assert!(MeasuredRow::of(4, 1.0, 4.1).is_none() && MeasuredRow::of(4, f64::NAN, 1.0).is_none());
        let (half, whole) = (MeasuredRow::of(2, 1.0, 0.5).expect("covered"), MeasuredRow::of(2, 1.0, 1.0).expect("covered"));
        assert!(half.at(0.8).iter().zip(whole.at(0.8)).all(|(half, whole)| (half - whole).abs() < 1e-12));
    }
}
