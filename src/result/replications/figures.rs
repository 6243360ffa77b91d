//! The figures of a service over replications, in the shape of the document.
//!
//! The document itself says what its figures are: whatever is a number in it has a mean, so that a figure that is
//! added to it later has one too.

use serde_json::{Map, Value, json};

use crate::metrics::Replicated;
use crate::result::Figure;

/// Maps whose keys are data: a run that lacks a key has none of it.
pub const MAPS: [&str; 4] = ["task_hours", "tasks_launched", "tasks_lost", "not_scaled"];

/// An object of the document over replications.
#[derive(Clone, Debug, Default)]
pub(super) struct FigureTree {
    /// Whether it is one of [`MAPS`].
    is_map: bool,
    entries: Vec<(String, Entry)>,
}

#[derive(Clone, Debug)]
enum Entry {
    Figure(Replicated),
    Object(FigureTree),
    /// What has no mean: the first run's.
    Kept(Value),
}

impl FigureTree {
    /// Adds the object of a run, of which so many came before.
    pub fn add(&mut self, object: Map<String, Value>, runs_before: u32) {
        for (name, value) in object {
            let place = self.place(&name, &value, runs_before);
            let entry = &mut self.entries[place].1;
            // An object that the runs before did not have.
            if let (Entry::Figure(figure), Value::Object(_)) = (&*entry, &value)
                && figure.count() == 0
            {
                *entry = Entry::new(&name, &value, 0);
            }
            match (entry, value) {
                (Entry::Figure(figure), Value::Number(number)) => figure.add(number.as_f64().unwrap_or(f64::NAN)),
                (Entry::Object(tree), Value::Object(object)) => tree.add(object, runs_before),
                _ => {}
            }
        }
        if self.is_map {
            self.add_zeros(runs_before.saturating_add(1));
        }
    }

    /// The place of an entry, a new one where there is none.
    fn place(&mut self, name: &str, value: &Value, runs_before: u32) -> usize {
        self.entries.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            let zeros = if self.is_map { runs_before } else { 0 };
            self.entries.push((name.to_owned(), Entry::new(name, value, zeros)));
            self.entries.len() - 1
        })
    }

    /// A key that the latest run lacks counts as zero in it.
    fn add_zeros(&mut self, runs: u32) {
        for (_, entry) in &mut self.entries {
            match entry {
                Entry::Figure(figure) if figure.count() < runs => figure.add(0.0),
                _ => {}
            }
        }
    }

    /// The object of all runs: means with their half-widths.
    pub fn document(&self) -> Map<String, Value> {
        let mut object = Map::new();
        let mut half_widths = Map::new();
        for (name, entry) in &self.entries {
            let (value, half_width) = match entry {
                Entry::Figure(figure) => (shown(name, figure), half_width(name, figure)),
                Entry::Object(map) if map.is_map => {
                    let means = map.each(|name, figure| Some(shown(name, figure)));
                    let half_widths = map.each(half_width);
                    (Value::Object(means), (!half_widths.is_empty()).then_some(Value::Object(half_widths)))
                }
                Entry::Object(tree) => (Value::Object(tree.document()), None),
                Entry::Kept(value) => (value.clone(), None),
            };
            object.insert(name.clone(), value);
            half_widths.extend(half_width.map(|half_width| (name.clone(), half_width)));
        }
        if !half_widths.is_empty() {
            object.insert("ci95".to_owned(), Value::Object(half_widths));
        }
        object
    }

    /// Something of each of its own figures.
    fn each(&self, of: impl Fn(&str, &Replicated) -> Option<Value>) -> Map<String, Value> {
        let figures = self.entries.iter().filter_map(|(name, entry)| match entry {
            Entry::Figure(figure) => of(name, figure).map(|value| (name.clone(), value)),
            Entry::Object(_) | Entry::Kept(_) => None,
        });
        figures.collect()
    }
}

impl Entry {
    /// An entry for a value of this kind, with so many zeros if it is a figure. Null may become a figure.
    fn new(name: &str, value: &Value, zeros: u32) -> Self {
        match value {
            Value::Number(_) | Value::Null => Self::Figure(Replicated::zeros(zeros)),
            Value::Object(_) => Self::Object(FigureTree { is_map: MAPS.contains(&name), entries: Vec::new() }),
            Value::Bool(_) | Value::String(_) | Value::Array(_) => Self::Kept(value.clone()),
        }
    }
}

/// The figure of all runs; null without data.
fn shown(name: &str, figure: &Replicated) -> Value {
    let value = match name {
        "max" => figure.largest(),
        "min" => figure.smallest(),
        _ => figure.mean(),
    };
    json!(value.map(Figure))
}

/// Null with data of one run only; none for an extreme and without data.
fn half_width(name: &str, figure: &Replicated) -> Option<Value> {
    let is_mean = !matches!(name, "max" | "min");
    (is_mean && figure.count() > 0).then(|| json!(figure.half_width().map(Figure)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(runs: &[Value]) -> Value {
        let mut tree = FigureTree::default();
        for (before, run) in runs.iter().enumerate() {
            tree.add(run.as_object().expect("an object").clone(), before as u32);
        }
        Value::Object(tree.document())
    }

    #[test]
    fn figures_become_means_and_extremes_stay_extremes() {
        let run = |mean: f64, max: u32, min: u32| json!({"name": "a", "tasks": {"min": min, "mean": mean, "max": max}});
        let document = joined(&[run(1.0, 4, 2), run(3.0, 9, 1)]);
        assert_eq!((&document["name"], document.get("ci95")), (&json!("a"), None));
        let tasks = &document["tasks"];
        assert_eq!((&tasks["min"], &tasks["mean"], &tasks["max"]), (&json!(1), &json!(2), &json!(9)));
        // s = sqrt(2), t = 12.706205 for one degree of freedom: 12.706205 x sqrt(2) / sqrt(2).
        assert!((tasks["ci95"]["mean"].as_f64().unwrap() - 12.706_205).abs() < 1e-5);
        assert_eq!(tasks["ci95"].as_object().unwrap().len(), 1);
    }

    #[test]
    fn a_figure_without_data_in_a_run_is_the_mean_of_the_others() {
        let document = joined(&[json!({"p99": null, "p50": null}), json!({"p99": 2.0, "p50": null}), json!({"p99": 4.0, "p50": 1.5})]);
        assert_eq!((&document["p99"], &document["p50"]), (&json!(3), &json!(1.5)));
        assert_eq!(document["ci95"]["p50"], Value::Null, "one value has no interval");
        assert_eq!(joined(&[json!({"p99": null}), json!({"p99": null})]), json!({"p99": null}));
    }

    #[test]
    fn a_key_that_a_run_lacks_is_zero_in_it() {
        let run = |hours: Value| json!({"task_hours": hours});
        let document = joined(&[run(json!({"A": 6})), run(json!({"B": 3})), run(json!({"A": 3, "B": 3}))]);
        assert_eq!(document["task_hours"], json!({"A": 3, "B": 2}));
        let half_widths = document["ci95"]["task_hours"].as_object().expect("half-widths stand beside the map");
        assert_eq!(half_widths.keys().collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!(joined(&[run(json!({})), run(json!({}))]), run(json!({})));
    }
}
