//! The shipped JSON Schemas of `savings` and `diff` are those of the code, and what the commands print obeys them.

use serde_json::Value;

use crate::command_line::at_root;

fn path(name: &str) -> String {
    format!("{}/schema/{name}.schema.json", env!("CARGO_MANIFEST_DIR"))
}

fn schema(name: &str) -> Value {
    at_root(&["schema", name]).code(0).json()
}

/// `UPDATE_SCHEMA=1` writes the files anew.
#[test]
fn the_schema_files_of_savings_and_diff_are_current() {
    for name in ["savings", "diff"] {
        let text = format!("{:#}\n", schema(name));
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(path(name), &text).expect("the schema folder can be written");
        }
        let file = std::fs::read_to_string(path(name)).expect("the schema is part of the project");
        assert!(
            file == text,
            "schema/{name}.schema.json is not that of the code: run the tests with UPDATE_SCHEMA=1 and look at the change"
        );
    }
}

#[test]
fn what_savings_and_diff_print_obeys_the_schemas() {
    let folder = tempfile::tempdir().expect("a folder");
    let result = |name: &str, set: &str| {
        let file = folder.path().join(name).to_string_lossy().into_owned();
        at_root(&["run", "scenarios/finance-month.yaml", "--replications", "2", "-q", "--set", set, "-o", &file]).code(0);
        file
    };
    let (old, new) = (result("old.json", "simulation.seed=1"), result("new.json", "services.web.task_definition.memory=8192"));
    let obeys = |name: &str, args: &[&str]| {
        let schema = schema(name);
        let validator = jsonschema::validator_for(&schema).expect("a sound schema");
        let document = at_root(&[args, &["--format", "json"]].concat()).code(0).json();
        let faults: Vec<String> = validator.iter_errors(&document).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert_eq!(faults, Vec::<String>::new(), "{name}");
        assert!(!validator.is_valid(&serde_json::json!({})));
    };
    obeys("savings", &["savings", &old]);
    obeys("diff", &["diff", &old, &new]);
}

#[test]
fn every_field_of_savings_and_diff_is_described() {
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
    for name in ["savings", "diff"] {
        undescribed(&schema(name), name, &mut out);
    }
    assert_eq!(out, Vec::<String>::new());
}
