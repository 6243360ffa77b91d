//! Rules that need more than one key: contradictions inside an object, then across objects.
//!
//! Each function looks at one object right after it was read and adds what it finds; none stops another.
//! The rules are those of the AWS API that the object belongs to, named at each module.

pub mod calls;
pub mod deployment;
pub mod endpoints;
pub mod environment;
pub mod event;
pub mod fargate;
pub mod instance_types;
pub mod instances;
pub mod metrics;
pub mod root;
pub mod scaling;
pub mod service;
pub mod steps;
pub mod storage;
pub mod traffic;

use super::shape::{Places, Reading};

/// Faults of keys that are given though they belong to another kind of the same object.
fn refuse_foreign(places: &Places, foreign: &[&str], owner: &str, reading: &mut Reading) {
    for key in foreign.iter().filter(|key| places.gives(key)) {
        reading.fault_with_remedy(&places.of(key), format!("`{key}` has no meaning in {owner}"), "take it away");
    }
}

/// Faults of keys that this kind of the object cannot do without.
pub(super) fn require(places: &Places, needed: &[&'static str], owner: &str, reading: &mut Reading) {
    for key in needed.iter().filter(|key| !places.gives(key)) {
        reading.fault(&places.of(key), format!("`{key}` must be given for {owner}"));
    }
}

/// Faults of names that occur twice.
fn refuse_repeated<'a>(what: &str, items: impl Iterator<Item = (&'a str, &'a Places)>, reading: &mut Reading) {
    let mut seen: Vec<&str> = Vec::new();
    for (name, places) in items {
        if seen.contains(&name) {
            reading.fault(&places.of("name"), format!("another {what} has the name `{name}` already"));
        }
        seen.push(name);
    }
}
