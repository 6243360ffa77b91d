//! What a sweep's rows tell together, gathered row by row: the rows themselves are not kept.

use super::row::{self, Columns};
use super::{Design, PointOutcome};
use crate::result::sweep::{HeatMap, MapCell, Sensitivity, SkippedPoint, SweepAxis, SweepCounts, SweepPicture, SweepResult, ValueMeans};
use crate::result::{Cell, Figure};
use crate::scenario::model::Scenario;

/// The cheapest points that are told.
const BEST: usize = 5;
/// The reasons of skipped points that are told, each once.
const REASONS: usize = 5;
/// The most dots of a picture; when there are more, every second one goes.
const MOST_DOTS: usize = 4096;
/// The most values of an axis of a heat map.
const MOST_MAP_VALUES: usize = 60;
/// Below this availability a latency is that of a service which turns people away.
const POOR_AVAILABILITY: f64 = 0.99;

/// The rows of a sweep so far, given in their order.
#[derive(Clone, Debug)]
pub struct Survey<'a> {
    design: &'a Design,
    columns: &'a Columns,
    cost: usize,
    failed: usize,
    latencies: Vec<usize>,
    availabilities: Vec<usize>,
    has_thresholds: bool,
    run: u64,
    skipped: u64,
    meeting: u64,
    reasons: Vec<SkippedPoint>,
    best: Vec<Judged>,
    front: Vec<Judged>,
    /// By axis and value.
    means: Vec<Vec<Means>>,
    map: Option<(HeatMap, Vec<Means>)>,
    dots: Vec<(f64, f64, bool)>,
    /// Of so many points one becomes a dot.
    dot_every: u64,
}

/// A row with what it is judged by.
#[derive(Clone, Debug)]
struct Judged {
    cost: f64,
    latency: f64,
    row: Vec<Cell>,
}

/// Sums of the points that share something.
#[derive(Clone, Copy, Debug, Default)]
struct Means {
    points: u64,
    cost: f64,
    with_latency: u64,
    latency: f64,
}

impl Means {
    fn add(&mut self, cost: f64, latency: Option<f64>) {
        self.points += 1;
        self.cost += cost;
        if let Some(latency) = latency {
            self.with_latency += 1;
            self.latency += latency;
        }
    }

    fn cost(&self) -> Option<f64> {
        (self.points > 0).then(|| self.cost / self.points as f64)
    }

    fn latency(&self) -> Option<f64> {
        (self.with_latency > 0).then(|| self.latency / self.with_latency as f64)
    }
}

impl<'a> Survey<'a> {
    /// A survey without rows. The latency of a point is the 99th percentile of this service, or the largest of all services.
    #[must_use]
    pub fn new(design: &'a Design, columns: &'a Columns, service: Option<&str>, has_thresholds: bool) -> Self {
        let of_services = |figure: &str| -> Vec<usize> {
            let counted = columns.services().iter().filter(|name| service.is_none_or(|service| service == *name));
            counted.filter_map(|name| columns.place(&row::column(name, figure))).collect()
        };
        let lengths: Vec<usize> = design.axes().iter().map(|axis| axis.values.len()).collect();
        let place = |name| columns.place(name).expect("every row has this column");
        Self {
            design,
            columns,
            cost: place(row::MONTHLY_COST),
            failed: place(row::THRESHOLDS_FAILED),
            latencies: of_services(row::LATENCY),
            availabilities: of_services(row::AVAILABILITY),
            has_thresholds,
            run: 0,
            skipped: 0,
            meeting: 0,
            reasons: Vec::new(),
            best: Vec::new(),
            front: Vec::new(),
            means: lengths.iter().map(|length| vec![Means::default(); *length]).collect(),
            map: empty_map(&lengths),
            dots: Vec::new(),
            dot_every: 1,
        }
    }

    /// Adds the next point.
    pub fn add(&mut self, number: u64, outcome: &PointOutcome) {
        let row = match outcome {
            PointOutcome::Row(row) => row,
            PointOutcome::Skipped(reason) => {
                self.skipped += 1;
                let is_new = self.reasons.iter().all(|known| known.reason != *reason);
                if is_new && self.reasons.len() < REASONS {
                    self.reasons.push(SkippedPoint { index: number, reason: reason.clone() });
                }
                return;
            }
        };
        self.run += 1;
        let Some(cost) = row[self.cost].number() else { return };
        let latency = self.latencies.iter().filter_map(|&place| row[place].number()).max_by(f64::total_cmp);
        let meets = row[self.failed].number().is_none_or(|failed| failed == 0.0);
        let places = self.design.places(number);
        for (means, place) in self.means.iter_mut().zip(&places) {
            means[*place].add(cost, latency);
        }
        if let Some((map, cells)) = &mut self.map {
            let down = map.axes.0.map_or(0, |axis| places[axis]);
            cells[down * map.columns + places[map.axes.1]].add(cost, latency);
        }
        if meets {
            self.meeting += u64::from(self.has_thresholds);
            self.add_to_best(cost, latency, row);
        }
        if let Some(latency) = latency {
            self.add_to_front(cost, latency, row);
            self.add_dot(cost, latency, meets);
        }
    }

    fn add_to_best(&mut self, cost: f64, latency: Option<f64>, row: &[Cell]) {
        let latency = latency.unwrap_or(f64::INFINITY);
        let place = self.best.partition_point(|other| (other.cost, other.latency) <= (cost, latency));
        if place < BEST {
            self.best.insert(place, Judged { cost, latency, row: row.to_vec() });
            self.best.truncate(BEST);
        }
    }

    fn add_to_front(&mut self, cost: f64, latency: f64, row: &[Cell]) {
        if self.front.iter().any(|other| other.cost <= cost && other.latency <= latency) {
            return;
        }
        self.front.retain(|other| other.cost < cost || other.latency < latency);
        let place = self.front.partition_point(|other| other.cost < cost);
        self.front.insert(place, Judged { cost, latency, row: row.to_vec() });
    }

    fn add_dot(&mut self, cost: f64, latency: f64, meets: bool) {
        if !(self.run - 1).is_multiple_of(self.dot_every) {
            return;
        }
        self.dots.push((cost, latency, meets));
        if self.dots.len() > MOST_DOTS {
            let mut keep = false;
            self.dots.retain(|_| {
                keep = !keep;
                keep
            });
            self.dot_every *= 2;
        }
    }

    /// What was found of the sweep of this scenario.
    #[must_use]
    pub fn finish(self, scenario: &Scenario) -> (SweepResult, SweepPicture) {
        let warnings = self.warnings();
        let sensitivity = self.design.axes().iter().zip(&self.means).map(|(axis, means)| {
            let labels = (0..means.len()).map(|value| axis.label(value));
            sensitivity(axis.paths.clone(), labels, means)
        });
        let named = |places: &[usize]| places.iter().map(|&place| self.columns.names()[place].clone()).collect();
        let rows = |judged: &[Judged]| judged.iter().map(|judged| judged.row.clone()).collect();
        let result = SweepResult {
            ecsim_version: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: scenario.name.clone(),
            seed: scenario.simulation.seed,
            axes: self
                .design
                .axes()
                .iter()
                .map(|axis| axis_of(axis.paths.clone(), (0..axis.values.len()).map(|value| axis.label(value))))
                .collect(),
            points: SweepCounts {
                grid: self.design.grid(),
                chosen: self.design.len(),
                run: self.run,
                skipped: self.skipped,
                meeting_thresholds: self.has_thresholds.then_some(self.meeting),
            },
            thresholds: scenario.thresholds.iter().map(|threshold| threshold.expression.clone()).collect(),
            latency_columns: named(&self.latencies),
            availability_columns: named(&self.availabilities),
            columns: self.columns.names().to_vec(),
            best: rows(&self.best),
            front: rows(&self.front),
            sensitivity: sensitivity.collect(),
            warnings,
            skipped: self.reasons,
        };
        let map = self.map.map(|(map, means)| HeatMap { cells: means.iter().map(map_cell).collect(), ..map });
        (result, SweepPicture { map, dots: self.dots })
    }

    fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.skipped > 0 && self.run > 0 {
            warnings.push("Points were skipped, so the means of an axis rest on different points at different values.".to_owned());
        }
        let availability =
            |judged: &Judged| self.availabilities.iter().filter_map(|&place| judged.row[place].number()).min_by(f64::total_cmp);
        let poor =
            self.front.iter().filter(|judged| availability(judged).is_some_and(|availability| availability < POOR_AVAILABILITY)).count();
        if poor > 0 {
            warnings.push(format!(
                "{poor} of the points on the front fail more than 1 % of their requests: only what is served has a latency, so they look faster than they are."
            ));
        }
        warnings
    }
}

fn empty_map(lengths: &[usize]) -> Option<(HeatMap, Vec<Means>)> {
    let mut long = (0..lengths.len()).filter(|axis| lengths[*axis] > 1);
    let (axes, rows) = match (long.next(), long.next()) {
        (Some(down), Some(right)) => ((Some(down), right), lengths[down]),
        (Some(right), None) => ((None, right), 1),
        (None, _) => return None,
    };
    let columns = lengths[axes.1];
    let map = HeatMap { axes, columns, cells: Vec::new() };
    (rows <= MOST_MAP_VALUES && columns <= MOST_MAP_VALUES).then(|| (map, vec![Means::default(); rows * columns]))
}

fn map_cell(means: &Means) -> MapCell {
    MapCell { monthly_cost: means.cost(), latency_seconds: means.latency() }
}

fn axis_of(paths: Vec<String>, values: impl Iterator<Item = String>) -> SweepAxis {
    SweepAxis { paths, values: values.collect() }
}

fn sensitivity(paths: Vec<String>, labels: impl Iterator<Item = String>, means: &[Means]) -> Sensitivity {
    let effect = |figure: fn(&Means) -> Option<f64>| {
        let known = || means.iter().filter_map(figure);
        let (least, most) = (known().min_by(f64::total_cmp)?, known().max_by(f64::total_cmp)?);
        Some(Figure::rounded(most - least))
    };
    let value = |(value, means): (String, &Means)| ValueMeans {
        value,
        points: means.points,
        monthly_cost: means.cost().map(Figure::rounded),
        latency_seconds: means.latency().map(Figure::rounded),
    };
    Sensitivity {
        paths,
        cost_effect: effect(Means::cost),
        latency_effect: effect(Means::latency),
        values: labels.zip(means).map(value).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Axis, Shard};
    use super::*;
    use crate::scenario::model::Threshold;

    fn design() -> Design {
        let axes = ["a=1,2", "b=1,2,3"].iter().map(|text| Axis::parse(text).expect("an axis")).collect();
        Design::new(axes, None, 1, Shard::WHOLE).expect("a design")
    }

    fn row(columns: &Columns, number: u64, cost: &str, latency: f64, failed: u32) -> PointOutcome {
        let mut row = vec![Cell::NOTHING; columns.names().len()];
        row[0] = Cell::Number(number.into());
        row[columns.place(row::MONTHLY_COST).unwrap()] = Cell::from(cost);
        row[columns.place(row::THRESHOLDS_FAILED).unwrap()] = failed.into();
        row[columns.place("services.web.latency_p99").unwrap()] = Cell::rounded(latency);
        PointOutcome::Row(row)
    }

    fn numbers(rows: &[Vec<Cell>]) -> Vec<f64> {
        rows.iter().map(|row| row[0].number().unwrap()).collect()
    }

    /// Six points, a down and b to the right, as cost and latency:
    /// 10/5  20/3  20/4
    /// 30/3  40/1  none
    /// On the front are 10/5, 20/3 and 40/1: 20/4 costs as much as 20/3 and is slower, 30/3 is as fast and costs more.
    #[test]
    fn the_front_the_best_and_the_means_are_those_found_by_hand() {
        let design = design();
        let columns = Columns::new(design.axes(), vec!["web".to_owned()]);
        let mut survey = Survey::new(&design, &columns, None, true);
        for (number, cost, latency, failed) in
            [(1, "10.00", 5.0, 1), (2, "20.00", 3.0, 0), (3, "20.00", 4.0, 0), (4, "30.00", 3.0, 2), (5, "40.00", 1.0, 0)]
        {
            survey.add(number, &row(&columns, number, cost, latency, failed));
        }
        survey.add(6, &PointOutcome::Skipped("too much".to_owned()));
        let scenario = Scenario { thresholds: Vec::<Threshold>::new(), ..scenario() };
        let (result, picture) = survey.finish(&scenario);
        assert_eq!(numbers(&result.front), [1.0, 2.0, 5.0]);
        assert_eq!(numbers(&result.best), [2.0, 3.0, 5.0], "the cheapest of those that meet all, the faster of equals first");
        assert_eq!(result.points, SweepCounts { grid: 6, chosen: 6, run: 5, skipped: 1, meeting_thresholds: Some(3) });
        assert_eq!(result.skipped, [SkippedPoint { index: 6, reason: "too much".to_owned() }]);
        // a=1: (10 + 20 + 20) / 3 and (5 + 3 + 4) / 3; a=2: (30 + 40) / 2 and (3 + 1) / 2.
        let means = |axis: usize| -> Vec<(u64, f64, f64)> {
            let values = &result.sensitivity[axis].values;
            values.iter().map(|mean| (mean.points, mean.monthly_cost.unwrap().0, mean.latency_seconds.unwrap().0)).collect()
        };
        assert_eq!(means(0), [(3, 16.6667, 4.0), (2, 35.0, 2.0)]);
        assert_eq!(means(1), [(2, 20.0, 4.0), (2, 30.0, 2.0), (1, 20.0, 4.0)]);
        assert_eq!(result.sensitivity[0].cost_effect, Some(Figure(18.3333)));
        assert_eq!(result.sensitivity[1].latency_effect, Some(Figure(2.0)));
        let map = picture.map.unwrap();
        assert_eq!((map.axes, map.columns), ((Some(0), 1), 3));
        assert_eq!(map.cells[4], MapCell { monthly_cost: Some(40.0), latency_seconds: Some(1.0) });
        assert_eq!(map.cells[5], MapCell::default());
        assert_eq!(picture.dots.len(), 5);
    }

    fn scenario() -> Scenario {
        let text =
            b"version: 1\nservices: {web: {task_definition: {cpu: 256, memory: 512}, traffic: {constant: 1}, workload: {cpu_time: 1ms}}}\n";
        struct NoFiles;
        impl crate::files::Files for NoFiles {
            fn read(&self, _: &str) -> std::io::Result<Vec<u8>> {
                Err(std::io::ErrorKind::NotFound.into())
            }
        }
        crate::scenario::load(&crate::scenario::Request { name: "a", text, sets: &[], variant: None }, &NoFiles).unwrap().scenario
    }

    #[test]
    fn of_many_points_evenly_picked_ones_become_dots() {
        let axes = vec![Axis::parse("a=1..20000").expect("an axis")];
        let design = Design::new(axes, None, 1, Shard::WHOLE).expect("a design");
        let columns = Columns::new(design.axes(), vec!["web".to_owned()]);
        let mut survey = Survey::new(&design, &columns, None, false);
        for number in design.numbers() {
            survey.add(number, &row(&columns, number, "1.00", number as f64, 0));
        }
        assert!((2000..=MOST_DOTS).contains(&survey.dots.len()), "{}", survey.dots.len());
        let steps: Vec<f64> = survey.dots.windows(2).map(|pair| pair[1].1 - pair[0].1).collect();
        assert!(steps.iter().all(|step| *step == steps[0]), "as far from each other");
    }
}
