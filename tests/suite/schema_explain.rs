//! The shipped JSON Schema of an explanation is the one of the code, and explanations obey it.

use ecsim::result::explain::schema;
use serde_json::Value;

use crate::cli_explain::surge;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/explain.schema.json");

/// `UPDATE_SCHEMA=1` writes the file anew.
#[test]
fn the_schema_file_of_explanations_is_current() {
    let text = format!("{:#}\n", schema());
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(PATH, &text).expect("the schema folder can be written");
    }
    let file = std::fs::read_to_string(PATH).expect("the schema is part of the project");
    assert!(file == text, "schema/explain.schema.json is not that of the code: run the tests with UPDATE_SCHEMA=1 and look at the change");
}

#[test]
fn explanations_of_a_time_and_of_a_run_obey_the_schema() {
    let folder = surge();
    let printed = folder.ecsim(&["schema", "explain"]).code(0).json();
    assert_eq!(printed, schema());
    let validator = jsonschema::validator_for(&printed).expect("a sound schema");
    for more in [&["--at", "35m"][..], &["--at", "0s"], &[]] {
        let mut arguments = vec!["explain", "surge.yaml", "--format", "json"];
        arguments.extend_from_slice(more);
        let document = folder.ecsim(&arguments).code(0).json();
        let faults: Vec<String> = validator.iter_errors(&document).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert_eq!(faults, Vec::<String>::new(), "{more:?}");
    }
}

#[test]
fn the_schema_refuses_what_is_no_explanation() {
    let folder = surge();
    let validator = jsonschema::validator_for(&schema()).expect("a sound schema");
    let mut document = folder.ecsim(&["explain", "surge.yaml", "--format", "json"]).code(0).json();
    document["decisions"][0]["outcome"] = Value::from("Perhaps");
    assert!(!validator.is_valid(&document), "an outcome has one of six names");
    assert!(!validator.is_valid(&serde_json::json!({})));
}

#[test]
fn every_field_of_an_explanation_is_described() {
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
    undescribed(&schema(), "ExplainResult", &mut out);
    assert_eq!(out, Vec::<String>::new());
}
