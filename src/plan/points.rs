//! Many configurations of one scenario: what `sweep` and `plan` have in common.
//!
//! A configuration is a [`Point`]: a variant and values at paths, on top of what the command line sets for all of them. The
//! document is parsed once, each trace and each price book is read once, and of a run only the figures are kept: no
//! timeline, no activities, no usage by the hour. So a point costs its simulation and little more.
//!
//! A point is run in two steps, [`Points::check`] and [`Points::run`]. A point that is no valid scenario fails at the first,
//! which costs nothing; and between the two a caller may change the checked scenario, its fidelity, seed or
//! number of replications for one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::run::{Keep, Prepared, price_book, short_meta};
use crate::cost::PriceBook;
use crate::error::{Error, ErrorKind, Result};
use crate::files::Files;
use crate::result::{RunResult, judge, refuse_without_baseline};
use crate::scenario::model::Scenario;
use crate::scenario::overrides::Setting;
use crate::scenario::{Loaded, Request, Source};
use crate::simulate::{TraceShelf, Traces};

/// One configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Point {
    /// The variant, `A+B` for A and then B; none: that of the request.
    pub variant: Option<String>,
    /// What is set on top of it, in order.
    pub settings: Vec<Setting>,
}

/// What became of a configuration.
#[derive(Clone, Debug, PartialEq)]
pub enum Tried<T> {
    /// It was run.
    Done(T),
    /// There is no such configuration, and why: its values are no valid scenario, or one that lacks a price.
    Impossible(Error),
}

/// A scenario of which many configurations are run, on any number of threads.
pub struct Points<'a> {
    source: Source,
    files: &'a (dyn Files + Sync),
    traces: TraceShelf,
    /// Price books by the region and the settings of prices that they were made from.
    books: Mutex<BTreeMap<String, Arc<PriceBook>>>,
}

impl<'a> Points<'a> {
    /// Reads a scenario.
    ///
    /// # Errors
    /// When the scenario is not valid as it stands, or a threshold asks for a baseline, which single points have not.
    pub fn new(request: &Request, files: &'a (dyn Files + Sync)) -> Result<Self> {
        let source = Source::read(request, files)?;
        refuse_without_baseline(&source.loaded().scenario.thresholds)?;
        Ok(Self { source, files, traces: TraceShelf::default(), books: Mutex::default() })
    }

    /// The scenario as it stands.
    #[must_use]
    pub fn loaded(&self) -> &Loaded {
        self.source.loaded()
    }

    /// Its document.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The scenario of a point, checked.
    ///
    /// # Errors
    /// All faults of that scenario: the point is impossible.
    pub fn check(&self, point: &Point) -> Result<Loaded> {
        self.source.with(point.variant.as_deref(), &point.settings, self.files)
    }

    /// Checks a point and does something with its scenario. What is wrong with its values makes it an impossible one; a file that
    /// cannot be read says nothing about them.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn attempt<T>(&self, point: &Point, run: impl FnOnce(Loaded) -> Result<T>) -> Result<Tried<T>> {
        match self.check(point).and_then(run) {
            Ok(done) => Ok(Tried::Done(done)),
            Err(error) if error.faults().iter().any(|fault| fault.kind == ErrorKind::File) => Err(error),
            Err(error) => Ok(Tried::Impossible(error)),
        }
    }

    /// Runs the scenario of a point: all its replications, joined, on the threads of the current pool. Of the document the
    /// inputs, the assumptions, activities and the two tables are left empty.
    ///
    /// # Errors
    /// When a trace cannot be read, a price is missing or a threshold names no figure, or a baseline.
    pub fn run(&self, point: &Loaded) -> Result<RunResult> {
        let mut result = self.prepared(point, |prepared| Ok(prepared.run(&mut |_| {})?.result))?;
        judge(&mut result, &point.scenario.thresholds, None)?;
        Ok(result)
    }

    /// Runs one replication of the scenario of a point, counted from 0, and judges it by itself. What is uncertain is drawn
    /// where the scenario has several replications.
    ///
    /// # Errors
    /// As [`Points::run`].
    pub fn replication(&self, point: &Loaded, number: u32) -> Result<RunResult> {
        let mut result = self.prepared(point, |prepared| prepared.only(number))?;
        judge(&mut result, &point.scenario.thresholds, None)?;
        Ok(result)
    }

    /// The traces of a scenario, read once for all.
    ///
    /// # Errors
    /// When a trace cannot be read.
    pub fn traces(&self, scenario: &Scenario) -> Result<Traces> {
        self.traces.load(scenario, self.files)
    }

    fn prepared(&self, point: &Loaded, run: impl FnOnce(Prepared) -> Result<RunResult>) -> Result<RunResult> {
        let scenario = &point.scenario;
        let book = self.book(scenario)?;
        let traces = self.traces.load(scenario, self.files)?;
        let meta = short_meta(scenario, None);
        run(Prepared { scenario, warnings: &point.warnings, book: &book, traces: &traces, meta, keep: Keep::Figures })
    }

    fn book(&self, scenario: &Scenario) -> Result<Arc<PriceBook>> {
        let key = format!("{} {:?}", scenario.region, scenario.pricing);
        // A book is put in whole, so a thread that panicked while it held the lock left nothing by halves.
        if let Some(known) = self.books.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(known));
        }
        let book = Arc::new(price_book(scenario, self.files)?);
        self.books.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&book));
        Ok(book)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Place;
    use crate::plan::{RunOptions, run};
    use crate::scenario::load;

    struct NoFiles;

    impl Files for NoFiles {
        fn read(&self, _name: &str) -> std::io::Result<Vec<u8>> {
            Err(std::io::ErrorKind::NotFound.into())
        }
    }

    const SCENARIO: &[u8] = br#"
version: 1
simulation: {duration: 2h}
services:
  web:
    task_definition: {cpu: 256, memory: 512}
    desired_count: 2
    traffic: {constant: 20}
    workload: {cpu_time: 20ms}
    scaling:
      min_capacity: 1
      max_capacity: 8
      policies:
        - {name: cpu, policy_type: TargetTrackingScaling, predefined_metric_type: ECSServiceAverageCPUUtilization, target_value: 50}
variants:
  large: {"services.web.task_definition.cpu": 1024, "services.web.task_definition.memory": 2048}
thresholds: [monthly_cost < 30]
"#;

    fn points(sets: &[String]) -> Points<'static> {
        Points::new(&Request { name: "a.yaml", text: SCENARIO, sets, variant: None }, &NoFiles).expect("a valid scenario")
    }

    fn point(variant: Option<&str>, settings: &[(&str, &str)]) -> Point {
        let setting = |(path, value): &(&str, &str)| Setting::new(path, value, &Place::file("--vary")).expect("a value");
        Point { variant: variant.map(ToOwned::to_owned), settings: settings.iter().map(setting).collect() }
    }

    #[test]
    fn a_point_has_the_figures_of_the_run_with_the_same_settings() {
        let points = points(&[]);
        let of_point = points.check(&point(Some("large"), &[("services.web.scaling.policies.cpu.target_value", "30")])).unwrap();
        let of_point = points.run(&of_point).unwrap();
        let sets = ["services.web.scaling.policies.cpu.target_value=30".to_owned()];
        let loaded = load(&Request { name: "a.yaml", text: SCENARIO, sets: &sets, variant: Some("large") }, &NoFiles).unwrap();
        let mut wanted = run(&loaded, &NoFiles, &RunOptions::default()).unwrap().result;
        wanted.services.0.iter_mut().for_each(|(_, service)| service.scaling_activities.clear());
        assert_eq!((of_point.services, of_point.cost, of_point.thresholds), (wanted.services, wanted.cost, wanted.thresholds));
    }

    #[test]
    fn what_the_request_sets_comes_before_what_the_point_sets() {
        let points = points(&["services.web.desired_count=3".to_owned()]);
        let desired = |point: &Point| points.check(point).unwrap().scenario.services[0].desired_count;
        assert_eq!(desired(&Point::default()), 3);
        assert_eq!(desired(&point(None, &[("services.web.desired_count", "5")])), 5);
    }

    #[test]
    fn a_point_that_is_no_scenario_tells_why_and_where_it_was_set() {
        // Fargate has no task of 256 CPU units with 8 GB.
        let error = points(&[]).check(&point(None, &[("services.web.task_definition.memory", "8192")])).unwrap_err().to_string();
        assert!(error.starts_with("--vary: services.web.task_definition"), "{error}");
    }

    #[test]
    fn values_may_be_impossible_and_a_file_that_cannot_be_read_is_an_error() {
        let points = points(&[]);
        let attempt = |path: &str, value: &str| points.attempt(&point(None, &[(path, value)]), |loaded| points.run(&loaded));
        assert!(matches!(attempt("services.web.desired_count", "3"), Ok(Tried::Done(_))));
        assert!(matches!(attempt("services.web.task_definition.memory", "8192"), Ok(Tried::Impossible(_))), "Fargate has no such task");
        assert!(matches!(attempt("services.web.desired_count", "-1"), Ok(Tried::Impossible(_))));
        for (path, file) in [("services.web.task_definition", "{file: task.json}"), ("services.web.traffic", "{trace: {file: day.csv}}")] {
            let error = attempt(path, file).unwrap_err().to_string();
            assert!(error.contains("task.json") || error.contains("day.csv"), "{error}");
        }
    }

    #[test]
    fn a_path_that_no_scenario_has_is_refused_with_the_nearest() {
        let points = points(&[]);
        let check = |path: &str| points.source().check_path(path, &Place::file("--vary"));
        for known in [
            "services.web.scaling.policies.cpu.target_value",
            "services.web.scaling.policies.0.scaleInCooldown",
            "region",
            "spot.correlation",
        ] {
            assert!(check(known).is_ok(), "{known}");
        }
        for (wrong, near) in [
            ("services.web.desird_count", "did you mean `desired_count`?"),
            ("services.wbe.desired_count", "did you mean `web`?"),
            ("services.web.scaling.policies.memory.target_value", "items are cpu"),
            ("region.name", "there is no `name`"),
            ("seed", "unknown key `seed`"),
        ] {
            let error = check(wrong).unwrap_err().to_string();
            assert!(error.contains(near), "{wrong}: {error}");
        }
    }
}
