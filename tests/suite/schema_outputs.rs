//! The shipped JSON Schemas of what commands print are those of the code; what is printed obeys them; every field is described.

use ecsim::scenario::model::Comparison;
use serde_json::{Value, json};

use crate::cli_explain::surge;
use crate::command_line::{Folder, at_root};
use crate::result::{built, threshold};

/// A schema as `ecsim schema` prints it.
fn schema(name: &str) -> Value {
    at_root(&["schema", name]).code(0).json()
}

fn validator(name: &str) -> jsonschema::Validator {
    jsonschema::validator_for(&schema(name)).expect("a sound schema")
}

fn assert_obeys(name: &str, document: &Value, what: &str) {
    let validator = validator(name);
    let faults: Vec<String> = validator.iter_errors(document).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert_eq!(faults, Vec::<String>::new(), "{name} {what}");
    assert!(!validator.is_valid(&json!({})), "{name} refuses what is empty");
}

/// `UPDATE_SCHEMA=1` writes the files anew.
#[test]
fn the_schema_files_are_current() {
    for name in ["result", "explain", "compare", "savings", "diff", "calendar", "sweep", "plan"] {
        let path = format!("{}/schema/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
        let text = format!("{:#}\n", schema(name));
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(&path, &text).expect("the schema folder can be written");
        }
        let file = std::fs::read_to_string(&path).expect("the schema is part of the project");
        assert!(file == text, "{path} is not that of the code: run the tests with UPDATE_SCHEMA=1 and look at the change");
    }
}

#[test]
fn every_field_is_described() {
    fn undescribed(schema: &Value, path: &str, out: &mut Vec<String>) {
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if property.get("description").is_none() {
                out.push(format!("{path}.{name}"));
            }
        }
        for (name, definition) in schema.get("$defs").and_then(Value::as_object).into_iter().flatten() {
            undescribed(definition, name, out);
        }
    }
    let mut out = Vec::new();
    for name in ["result", "estimate", "explain", "check", "compare", "savings", "diff", "calendar", "sweep", "plan"] {
        undescribed(&schema(name), name, &mut out);
    }
    assert_eq!(out, Vec::<String>::new());
}

#[test]
fn a_built_result_obeys_its_schema() {
    let thresholds = [
        threshold("monthly_cost", Comparison::Less, 9.0),
        threshold("services.web.cpu_max", Comparison::Less, 9.0),
        threshold("services.web.queue", Comparison::Less, 9.0),
    ];
    assert_obeys("result", &serde_json::to_value(built(&thresholds)).expect("a result is JSON"), "built");
    let mut document = serde_json::to_value(built(&[])).expect("a result is JSON");
    document["cost"]["window"] = json!(12.5);
    assert!(!validator("result").is_valid(&document), "money is a string");
}

#[test]
fn explanations_of_a_time_and_of_a_run_obey_their_schema() {
    let folder = surge();
    for more in [&["--at", "35m"][..], &["--at", "0s"], &[]] {
        let document = folder.ecsim(&[&["explain", "surge.yaml", "--format", "json"], more].concat()).code(0).json();
        assert_obeys("explain", &document, &more.join(" "));
    }
    let mut document = folder.ecsim(&["explain", "surge.yaml", "--format", "json"]).code(0).json();
    document["decisions"][0]["outcome"] = Value::from("Perhaps");
    assert!(!validator("explain").is_valid(&document), "an outcome has one of six names");
}

#[test]
fn savings_and_differences_obey_their_schemas() {
    let folder = tempfile::tempdir().expect("a folder");
    let result = |name: &str, set: &str| {
        let file = folder.path().join(name).to_string_lossy().into_owned();
        at_root(&["run", "scenarios/finance-month.yaml", "--replications", "2", "-q", "--set", set, "-o", &file]).code(0);
        file
    };
    let (old, new) = (result("old.json", "simulation.seed=1"), result("new.json", "services.web.task_definition.memory=8192"));
    for (name, args) in [("savings", vec![old.as_str()]), ("diff", vec![old.as_str(), new.as_str()])] {
        let document = at_root(&[vec![name], args, vec!["--format", "json"]].concat()).code(0).json();
        assert_obeys(name, &document, "");
    }
}

#[test]
fn calendars_obey_their_schema() {
    for more in [&["--replications", "1"][..], &["--replications", "2", "--variant", "growing"]] {
        let document = at_root(&[&["calendar", "scenarios/finance-month.yaml", "--months", "1", "--format", "json"], more].concat());
        assert_obeys("calendar", &document.code(0).json(), &more.join(" "));
    }
}

#[test]
fn what_a_sweep_found_obeys_its_schema() {
    let folder = Folder::with_small();
    let sweep = [
        "sweep",
        "small.yaml",
        "--format",
        "json",
        "--vary",
        "services.app.desired_count=1..3",
        "--vary",
        "services.app.task_definition.memory=512,1",
    ];
    let document = folder.ecsim(&sweep).code(0).json();
    assert_obeys("sweep", &document, "");
    let mut wrong = document;
    wrong["points"]["run"] = json!("three");
    assert!(!validator("sweep").is_valid(&wrong), "a count is a number");
}

#[test]
fn a_plan_obeys_its_schema() {
    let folder = crate::command_line::Folder::with_small();
    let plan = [
        "plan",
        "small.yaml",
        "--threshold",
        "services.app.latency_p99 < 300ms",
        "--replications",
        "2",
        "--max-runs",
        "60",
        "--format",
        "json",
    ];
    assert_obeys("plan", &folder.ecsim(&plan).code(0).json(), "of a service without scaling");
}
