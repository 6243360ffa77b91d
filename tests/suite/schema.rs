//! The published schema is the one that the program would write, and the shipped scenarios fit it.

use std::fs;
use std::path::{Path, PathBuf};

use ecsim::scenario::schema::scenario_schema;
use serde_json::{Value, json};

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A scenario as JSON, for the validator.
fn as_json(path: &Path) -> Value {
    use ecsim::scenario::document::{Node, Value as Tree, parse};
    fn plain(node: &Node) -> Value {
        match &node.value {
            Tree::Null => Value::Null,
            Tree::Bool(value) => json!(value),
            Tree::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            Tree::String(text) => json!(text),
            Tree::List(items) => items.iter().map(plain).collect(),
            Tree::Map(entries) => entries.iter().map(|entry| (entry.key.clone(), plain(&entry.node))).collect(),
        }
    }
    plain(&parse(&path.to_string_lossy(), &fs::read(path).unwrap()).unwrap())
}

#[test]
fn the_published_schema_is_current() {
    let path = project("schema/scenario.schema.json");
    let current = format!("{}\n", serde_json::to_string_pretty(&scenario_schema()).unwrap());
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &current).unwrap();
    }
    let published = fs::read_to_string(&path).unwrap_or_default();
    assert!(published == current, "schema/scenario.schema.json is out of date: run the tests with UPDATE_SCHEMA=1");
}

#[test]
fn the_reference_example_and_the_shipped_scenarios_fit_the_schema() {
    let schema = scenario_schema();
    let validator = jsonschema::draft202012::options().build(&schema).unwrap();
    let mut scenarios = vec![project("tests/data/contract-example.yaml")];
    if let Ok(folder) = fs::read_dir(project("scenarios")) {
        let files = folder.map(|entry| entry.unwrap().path());
        scenarios.extend(files.filter(|path| path.extension().is_some_and(|ending| ending == "yaml")));
    }
    for path in scenarios {
        let document = as_json(&path);
        let faults: Vec<String> = validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(faults.is_empty(), "{}: {faults:#?}", path.display());
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let validator = jsonschema::draft202012::options().build(&scenario_schema()).unwrap();
    let right = as_json(&project("tests/data/contract-example.yaml"));
    for (pointer, wrong) in [
        ("/version", json!(2)),
        ("/cluster/availability_zones", json!(7)),
        ("/simulation/fidelity", json!("exact")),
        ("/services/web/scaling/max_capacity", json!(-1)),
        ("/services/web/workload/concurrency", json!(0)),
        ("/thresholds/0", json!("monthly_cost")),
    ] {
        let mut document = right.clone();
        *document.pointer_mut(pointer).unwrap() = wrong;
        assert!(!validator.is_valid(&document), "{pointer}");
    }
    let mut document = right;
    document["regoin"] = json!("us-east-1");
    assert!(!validator.is_valid(&document));
}

/// A default must itself be a value that the schema allows.
#[test]
fn every_default_fits_its_own_key() {
    let schema = scenario_schema();
    let mut checked = 0;
    let objects = schema["$defs"].as_object().unwrap().values().chain([&schema]);
    for (key, property) in objects.flat_map(|object| object["properties"].as_object().into_iter().flatten()) {
        let Some(default) = property.get("default") else { continue };
        let mut own = property.clone();
        own["$defs"] = schema["$defs"].clone();
        let validator = jsonschema::draft202012::options().build(&own).unwrap();
        assert!(validator.is_valid(default), "{key}: {default}");
        checked += 1;
    }
    assert!(checked > 100, "{checked} defaults");
}

#[test]
fn the_schema_states_every_default() {
    let schema = scenario_schema();
    let default = |pointer: &str| schema.pointer(pointer).cloned().unwrap_or_default();
    // AWS's own defaults, by the API references of each service.
    assert_eq!(default("/$defs/LoadBalancer/properties/deregistration_delay/default"), json!(300));
    assert_eq!(default("/$defs/Policy/properties/scale_in_cooldown/default"), json!(300));
    assert_eq!(default("/$defs/Container/properties/stop_timeout/default"), json!(30));
    assert_eq!(default("/$defs/DeploymentConfiguration/properties/maximum_percent/default"), json!(200));
    assert_eq!(default("/$defs/TargetHealthCheck/properties/unhealthy_threshold/default"), json!(2));
    assert_eq!(default("/$defs/EphemeralStorage/properties/size_in_gib/default"), json!(20));
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        for (key, property) in definition["properties"].as_object().into_iter().flatten() {
            assert!(property["description"].as_str().is_some_and(|text| !text.is_empty()), "{name}.{key}");
        }
    }
}
