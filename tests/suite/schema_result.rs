//! The shipped JSON Schema of the result is the one of the code, and results obey it.

use ecsim::result::schema;
use ecsim::scenario::model::Comparison;
use serde_json::{Value, json};

use crate::result::{built, threshold};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/result.schema.json");

/// `UPDATE_SCHEMA=1` writes the file anew.
#[test]
fn the_schema_file_is_current() {
    let text = format!("{:#}\n", schema());
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(PATH, &text).expect("the schema folder can be written");
    }
    let file = std::fs::read_to_string(PATH).expect("the schema is part of the project");
    assert!(file == text, "schema/result.schema.json is not that of the code: run the tests with UPDATE_SCHEMA=1 and look at the change");
}

#[test]
fn a_built_result_obeys_the_schema() {
    let validator = jsonschema::validator_for(&schema()).expect("a sound schema");
    let thresholds = [
        threshold("monthly_cost", Comparison::Less, 9.0),
        threshold("services.web.cpu_max", Comparison::Less, 9.0),
        threshold("services.web.queue", Comparison::Less, 9.0),
    ];
    let document = serde_json::to_value(built(&thresholds)).expect("a result is JSON");
    let faults: Vec<String> = validator.iter_errors(&document).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn the_schema_refuses_what_is_no_result() {
    let validator = jsonschema::validator_for(&schema()).expect("a sound schema");
    let mut document = serde_json::to_value(built(&[])).expect("a result is JSON");
    document["cost"]["window"] = json!(12.5);
    assert!(!validator.is_valid(&document), "money is a string");
    assert!(!validator.is_valid(&json!({})));
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
    undescribed(&schema(), "RunResult", &mut out);
    assert_eq!(out, Vec::<String>::new());
}
