//! Billed capacity by hour over replications.

use super::find_or_insert;
use crate::metrics::Replicated;
use crate::result::document::HourlyUsage;
use crate::result::{Cell, Figure};

/// The columns before the figures: the hour, the service and its capacity provider.
const NAMES: usize = 3;

/// Billed capacity by hour over replications. The runs share their hours.
#[derive(Debug, Default)]
pub(super) struct HourlyMeans {
    runs: u32,
    hours: Vec<Cell>,
    series: Vec<Series>,
}

/// The tasks of a service on a capacity provider.
#[derive(Debug)]
struct Series {
    service: Cell,
    capacity_provider: Cell,
    /// The figures of each hour that any run has had.
    hours: Vec<Vec<Replicated>>,
}

impl HourlyMeans {
    /// Adds the table of a run, of which so many came before.
    pub fn add(&mut self, usage: &HourlyUsage, runs_before: u32) {
        let mut hour = 0;
        let mut previous_hour = None;
        let mut previous = None;
        for row in &usage.rows {
            let [time, service, capacity_provider, figures @ ..] = row.as_slice() else { continue };
            if previous_hour.is_some_and(|known: &Cell| known != time) {
                hour += 1;
                previous = None;
            }
            previous_hour = Some(time);
            if self.hours.len() == hour {
                self.hours.push(time.clone());
            }
            let place = find_or_insert(
                &mut self.series,
                previous,
                |known| known.service == *service && known.capacity_provider == *capacity_provider,
                || Series { service: service.clone(), capacity_provider: capacity_provider.clone(), hours: Vec::new() },
            );
            self.series[place].add(hour, figures, runs_before);
            previous = Some(place);
        }
        self.runs = runs_before.saturating_add(1);
    }

    /// The rows of the means: a series that a run lacks is zero in it.
    pub fn rows(&self) -> Vec<Vec<Cell>> {
        let mut rows = Vec::with_capacity(self.hours.len() * self.series.len());
        for (hour, time) in self.hours.iter().enumerate() {
            for series in &self.series {
                let figures = series.hours.get(hour).map(Vec::as_slice).unwrap_or_default();
                let mut row = Vec::with_capacity(NAMES + figures.len());
                row.extend([time.clone(), series.service.clone(), series.capacity_provider.clone()]);
                row.extend(figures.iter().map(|figure| Cell::Number(Figure(self.mean(*figure)))));
                rows.push(row);
            }
        }
        rows
    }

    fn mean(&self, mut figure: Replicated) -> f64 {
        pad(&mut figure, self.runs);
        figure.mean().unwrap_or(0.0)
    }
}

impl Series {
    fn add(&mut self, hour: usize, figures: &[Cell], runs_before: u32) {
        if self.hours.len() <= hour {
            self.hours.resize(hour + 1, vec![Replicated::default(); figures.len()]);
        }
        for (known, cell) in self.hours[hour].iter_mut().zip(figures) {
            pad(known, runs_before);
            if let Cell::Number(Figure(value)) = cell {
                known.add(*value);
            }
        }
    }
}

/// Counts runs without the figure as zero.
fn pad(figure: &mut Replicated, runs: u32) {
    while figure.count() < runs {
        figure.add(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(&str, &str, f64)]) -> HourlyUsage {
        let row = |&(hour, provider, hours): &(&str, &str, f64)| {
            vec![hour.into(), "web".into(), provider.into(), Cell::Number(Figure(hours)), Cell::Number(Figure(2.0 * hours))]
        };
        HourlyUsage { columns: Vec::new(), rows: rows.iter().map(row).collect(), platforms: std::collections::BTreeMap::new() }
    }

    #[test]
    fn a_series_that_a_run_lacks_is_zero_in_it() {
        let mut means = HourlyMeans::default();
        means.add(&table(&[("h0", "A", 4.0), ("h1", "A", 2.0)]), 0);
        means.add(&table(&[("h0", "A", 2.0), ("h0", "B", 2.0), ("h1", "A", 2.0), ("h1", "B", 1.0)]), 1);
        means.add(&table(&[]), 2);
        means.add(&table(&[("h0", "B", 2.0), ("h1", "B", 1.0)]), 3);
        let rows = table(&[("h0", "A", 1.5), ("h0", "B", 1.0), ("h1", "A", 1.0), ("h1", "B", 0.5)]).rows;
        assert_eq!(means.rows(), rows);
    }
}
