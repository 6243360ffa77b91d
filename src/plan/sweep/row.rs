//! What a sweep tells of a point: one row of figures.

use crate::result::{Cell, Figure, RunResult, ServiceResult};

use super::Axis;

/// The column with the number of the point.
pub const INDEX: &str = "index";
/// The column with the cost of a month in US dollars, as in the result.
pub const MONTHLY_COST: &str = "monthly_cost";
/// The column with the half-width of the 95 % confidence interval of that cost.
pub const MONTHLY_COST_CI95: &str = "monthly_cost.ci95";
/// The column with the number of thresholds that failed.
pub const THRESHOLDS_FAILED: &str = "thresholds_failed";

/// The end of the column with a service's latency, by which a point is judged.
pub const LATENCY: &str = "latency_p99";
/// The end of the column with a service's availability.
pub const AVAILABILITY: &str = "availability";

/// A figure of a service: the end of its column's name and where it comes from.
type ServiceFigure = (&'static str, fn(&ServiceResult) -> Cell);

const SECONDS_OVER: &str = "seconds_over";

/// The figures of a service. Those that a threshold can name have its name.
const SERVICE_FIGURES: [ServiceFigure; 12] = [
    ("latency_p50", |service| rounded(service.latency_seconds.p50)),
    (LATENCY, |service| rounded(service.latency_seconds.p99)),
    (AVAILABILITY, |service| service.requests.availability.map_or(Cell::NOTHING, |share| Cell::Number(Figure::share(share.0)))),
    ("task_hours", |service| Cell::rounded(service.task_hours.values().map(|hours| hours.0).sum())),
    ("running_tasks.mean", |service| Cell::rounded(service.running_tasks.mean.0)),
    ("running_tasks.max", |service| service.running_tasks.max.into()),
    ("cpu_mean", |service| rounded(service.cpu_utilization.mean)),
    (SECONDS_OVER, |service| Cell::rounded(service.slo.seconds_over.0)),
    ("seconds_below_needed", |service| Cell::rounded(service.scaling.seconds_below_needed.0)),
    ("scale_out", |service| Cell::rounded(service.scaling.scale_out.0)),
    ("scale_in", |service| Cell::rounded(service.scaling.scale_in.0)),
    ("interrupted", |service| Cell::rounded(service.spot.interrupted.0)),
];

fn rounded(figure: Option<Figure>) -> Cell {
    Cell::optional(figure.map(|figure| figure.0))
}

/// The columns of a sweep's rows and the services that they tell of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    names: Vec<String>,
    services: Vec<String>,
}

impl Columns {
    /// The columns of a sweep over these axes of scenarios with these services.
    #[must_use]
    pub fn new(axes: &[Axis], services: Vec<String>) -> Self {
        let mut names = vec![INDEX.to_owned()];
        names.extend(axes.iter().flat_map(|axis| axis.paths.iter().cloned()));
        names.extend([MONTHLY_COST, MONTHLY_COST_CI95, THRESHOLDS_FAILED].map(ToOwned::to_owned));
        for service in &services {
            names.extend(SERVICE_FIGURES.iter().map(|(figure, _)| column(service, figure)));
        }
        Self { names, services }
    }

    /// Their names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The services, in the order of their columns.
    #[must_use]
    pub fn services(&self) -> &[String] {
        &self.services
    }

    /// The place of a column.
    #[must_use]
    pub fn place(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    /// The row of a point with these values on the axes.
    #[must_use]
    pub fn row<'a>(&self, number: u64, values: impl Iterator<Item = &'a String>, result: &RunResult) -> Vec<Cell> {
        let mut row = vec![Cell::Number(number.into())];
        row.extend(values.map(|value| value_cell(value)));
        row.push(Cell::Text(result.cost.monthly.mean.clone()));
        let half_width = result.cost.monthly.ci95.as_ref().and_then(|widths| widths.0.get("mean")?.as_str());
        row.push(half_width.map_or(Cell::NOTHING, Cell::from));
        let failed = result.thresholds.iter().filter(|verdict| !verdict.ok).count() as u32;
        row.push(if result.thresholds.is_empty() { Cell::NOTHING } else { failed.into() });
        for name in &self.services {
            let service = result.services.0.iter().find(|(known, _)| known == name).map(|(_, service)| service);
            // Without a service level there is no time over it.
            let has_data = |figure: &str| figure != SECONDS_OVER || result.has_slo(name);
            row.extend(SERVICE_FIGURES.iter().map(|(title, figure)| service.filter(|_| has_data(title)).map_or(Cell::NOTHING, figure)));
        }
        row
    }
}

/// The name of a service's column.
#[must_use]
pub fn column(service: &str, figure: &str) -> String {
    format!("services.{service}.{figure}")
}

/// A value as a number where that keeps its digits, else as text.
fn value_cell(text: &str) -> Cell {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Figure);
    let same = |figure: &Figure| serde_json::to_string(figure).is_ok_and(|written| written == text);
    number.filter(same).map_or_else(|| Cell::Text(text.to_owned()), Cell::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_a_number_where_that_keeps_its_digits() {
        assert_eq!(value_cell("512"), Cell::Number(Figure(512.0)));
        assert_eq!(value_cell("0.5"), Cell::Number(Figure(0.5)));
        for text in ["0.50", "1e3", "inf", "40%", "arm", "12345678901234567890"] {
            assert_eq!(value_cell(text), Cell::Text(text.to_owned()));
        }
    }
}
