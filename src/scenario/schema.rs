//! The JSON Schema of a scenario (draft 2020-12), for editors and other programs.
//!
//! It is written from the same declarations that decode a scenario, so every key, default and meaning in
//! it is the one in force. It knows the canonical spelling only: that other casings and AWS's nesting are
//! accepted too is said in words, since a schema that allowed every casing could complete none. Rules
//! between keys are the reader's.

use serde_json::{Map, Value, json};

use super::document::{self, Node};
use super::shape::{Key, Kind, Object};
use super::written::root;
use crate::error::Place;

/// The schema.
#[must_use]
pub fn scenario_schema() -> Value {
    let mut definitions = Map::new();
    let object = root::Scenario::object();
    let mut schema = object_schema(&object, &mut definitions);
    let patch = json!({"type": "object", "description": "Keys to change; null takes a key away. A key that holds a dot is a path."});
    definitions.insert("Patch".to_owned(), patch);
    definitions.sort_keys();
    let text = format!(
        "{} Keys may be written in any casing and with AWS's nesting; this schema knows the short form in snake_case.",
        object.text
    );
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        schema.insert("title".to_owned(), json!("ecsim scenario"));
        schema.insert("description".to_owned(), json!(text));
        schema.insert("$defs".to_owned(), Value::Object(definitions));
    }
    schema
}

/// The schema of an object's body.
fn object_schema(object: &Object, definitions: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for key in &object.keys {
        properties.insert(key.name.to_owned(), key_schema(key, definitions));
    }
    for wrapper in object.wrappers {
        let text = "AWS's nesting: what it holds may stand here directly.";
        properties.insert((*wrapper).to_owned(), json!({"description": text, "type": ["object", "array"]}));
    }
    for (word, target, name) in object.moves {
        properties.insert((*word).to_owned(), json!({"description": format!("As {target}.{name}.")}));
    }
    for ignored in object.ignored {
        properties.entry(*ignored).or_insert_with(|| json!({"description": "Accepted and without effect."}));
    }
    let mut schema = json!({"type": "object", "description": object.text, "properties": properties, "additionalProperties": false});
    // A wrapper, a file or AWS's nesting may bring what must be given, so nothing is required beside them.
    let may_be_elsewhere = !object.wrappers.is_empty() || object.keys.iter().any(|key| key.name == "file" && !key.required);
    let required: Vec<&str> = object.keys.iter().filter(|key| key.required && key.aliases.is_empty()).map(|key| key.name).collect();
    if !required.is_empty() && !may_be_elsewhere {
        schema["required"] = json!(required);
    }
    schema
}

/// The schema of a key: its type's, with its own description and default.
fn key_schema(key: &Key, definitions: &mut Map<String, Value>) -> Value {
    let mut schema = kind_schema(&key.kind, definitions);
    // Null is as good as absent.
    if !key.required {
        schema = json!({"anyOf": [schema, {"type": "null"}]});
    }
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), json!(key.text));
        if let Some(default) = key.default {
            schema.insert("default".to_owned(), plain(&default_node(default)));
        }
    }
    schema
}

fn kind_schema(kind: &Kind, definitions: &mut Map<String, Value>) -> Value {
    match kind {
        Kind::Scalar(schema) => schema.clone(),
        Kind::List(item) => json!({"type": "array", "items": kind_schema(item, definitions)}),
        Kind::OneOrMany(item) => {
            let item = kind_schema(item, definitions);
            json!({"anyOf": [item, {"type": "array", "items": item}]})
        }
        Kind::Names(item) => json!({"type": "object", "additionalProperties": kind_schema(item, definitions)}),
        Kind::Object(object) => reference(object, definitions),
        Kind::ScalarOr(schema, object) => json!({"anyOf": [schema, reference(object, definitions)]}),
        Kind::Patch(_) => json!({"$ref": "#/$defs/Patch"}),
    }
}

/// A reference to the definition of an object, which is added when it is new.
fn reference(object: &Object, definitions: &mut Map<String, Value>) -> Value {
    if !definitions.contains_key(object.name) {
        definitions.insert(object.name.to_owned(), Value::Null);
        let schema = object_schema(object, definitions);
        definitions.insert(object.name.to_owned(), schema);
    }
    json!({"$ref": format!("#/$defs/{}", object.name)})
}

fn default_node(text: &str) -> Node {
    document::parse_value(text, &Place::default()).expect("a default is written in valid notation")
}

/// A tree in JSON.
fn plain(node: &Node) -> Value {
    match &node.value {
        document::Value::Null => Value::Null,
        document::Value::Bool(value) => json!(value),
        document::Value::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
        document::Value::String(text) => json!(text),
        document::Value::List(items) => items.iter().map(plain).collect(),
        document::Value::Map(entries) => entries.iter().map(|entry| (entry.key.clone(), plain(&entry.node))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::shape::{Decode, Reading};

    /// Every key that may be missing and names a default decodes it without a fault; the reader relies on it.
    #[test]
    fn every_default_is_read_by_its_own_type() {
        let schema = scenario_schema();
        let mut checked = 0;
        for definition in schema["$defs"].as_object().unwrap().values() {
            for (key, property) in definition["properties"].as_object().into_iter().flatten() {
                assert!(property["description"].as_str().is_some_and(|text| !text.is_empty()), "{key}");
                checked += usize::from(property.get("default").is_some());
            }
        }
        assert!(checked > 100, "{checked} defaults");
        let mut reading = Reading::default();
        let empty = default_node("{}");
        assert!(root::Simulation::decode(&empty, &mut reading).is_some());
        assert!(root::Cluster::decode(&empty, &mut reading).is_some());
        let workload = crate::scenario::written::workload::Workload::decode(&default_node("{cpu_time: 1ms}"), &mut reading);
        assert!(workload.is_some());
        let policy = default_node(
            "{name: p, policy_type: TargetTrackingScaling, predefined_metric_type: ECSServiceAverageCPUUtilization, target_value: 1}",
        );
        assert!(crate::scenario::written::scaling::Policy::decode(&policy, &mut reading).is_some());
        assert_eq!(reading.faults, []);
    }
}
