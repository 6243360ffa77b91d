//! What the deployments of a scenario bring: the service as the merge patch of each leaves it.
//!
//! A revision is written like a part of the service and read by the same declarations, so any spelling works and a slip is
//! named with its line. It may change what the tasks do with a request (`cpu_time`, `wait_time`, `error_rate`) and how
//! they start. Whatever else differs from the service is refused by name: a deployment that changed the size of the
//! tasks, their number or their scaling would need a price, a quota and a policy for each of two revisions at a time.

use super::document::{Entry, Node, Value, parse_value};
use super::overrides::apply_patch;
use super::shape::{Decode, Kind, Object, Reading};
use super::written::event::{Event, EventKind};
use super::written::root::Scenario;
use super::written::service::Service;
use super::written::workload::Workload;
use crate::error::Place;

/// What a revision may change.
const CHANGEABLE: [&str; 4] = ["workload.cpu_time", "workload.wait_time", "workload.error_rate", "workload.start_up"];
/// What it may not change all the same.
const FIXED: [&str; 1] = ["workload.start_up.cpu"];
const REMEDY: &str = "a revision changes workload.cpu_time, wait_time, error_rate and start_up (but for its cpu); give the service \
                      itself other values, and compare variants";

/// The workload of each event's revision, in the order of the events; none where an event has no revision that can be read.
pub fn read(tree: &Node, scenario: &Scenario, reading: &mut Reading) -> Vec<Option<Workload>> {
    scenario.events.iter().map(|event| read_one(tree, event, reading)).collect()
}

fn read_one(tree: &Node, event: &Event, reading: &mut Reading) -> Option<Workload> {
    let patch = event.revision.as_ref().filter(|_| event.kind == EventKind::Deployment)?.0.clone();
    let service = tree.get("services")?.get(&event.service.as_ref()?.0)?;
    let path = patch.place.path.clone().unwrap_or_default();
    let (mut node, mut own) = (service.clone(), Reading::default());
    apply_patch(&mut node, &Service::kind(), patch, &mut own.faults);
    node.set_paths(&path);
    let revised = Service::decode(&node, &mut own);
    if own.faults.is_empty() {
        refuse_others(service, &node, &path, &mut own);
    }
    let is_sound = own.faults.is_empty();
    // What is wrong with the service itself is told where it stands.
    reading.add_new_faults(own);
    revised.filter(|_| is_sound).map(|service| service.workload)
}

/// Refuses what differs and may not.
fn refuse_others(service: &Node, revised: &Node, path: &str, reading: &mut Reading) {
    let mut differing = Vec::new();
    differences((Some(service), Some(revised)), &Service::kind(), "", &mut differing);
    for (key, place) in differing {
        let place = place.unwrap_or_else(|| Place { path: Some(format!("{path}.{key}")), ..revised.place.clone() });
        reading.not_modelled(&place, format!("a revision that changes {key}"), REMEDY);
    }
}

/// Keys whose values differ, with the place of the new value, and that a revision may not change.
fn differences((old, new): (Option<&Node>, Option<&Node>), kind: &Kind, path: &str, found: &mut Vec<(String, Option<Place>)>) {
    if CHANGEABLE.contains(&path) && !FIXED.iter().any(|fixed| fixed.starts_with(path)) {
        return;
    }
    match kind {
        Kind::Object(object) if is_map(old) && is_map(new) => {
            for (name, kind, default) in keys(object, old, new) {
                let part = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                let is_free = CHANGEABLE.iter().any(|key| part.starts_with(&format!("{key}."))) && !FIXED.contains(&part.as_str());
                if is_free {
                    continue;
                }
                let default = default.and_then(|text| parse_value(text, &Place::default()).ok());
                let of = |node: Option<&Node>| node.and_then(|node| node.get(name)).filter(|node| node.value != Value::Null).cloned();
                let (old, new) = (of(old).or_else(|| default.clone()), of(new).or(default));
                match kind {
                    Some(kind) => differences((old.as_ref(), new.as_ref()), kind, &part, found),
                    None => compare(old.as_ref(), new.as_ref(), &part, found),
                }
            }
        }
        _ => compare(old, new, path, found),
    }
}

fn compare(old: Option<&Node>, new: Option<&Node>, path: &str, found: &mut Vec<(String, Option<Place>)>) {
    let is_same = match (old, new) {
        (Some(old), Some(new)) => is_same(old, new),
        (None, None) => true,
        _ => false,
    };
    if !is_same {
        found.push((path.to_owned(), new.map(|node| node.place.clone()).filter(|place| place.line.is_some())));
    }
}

/// Whether there is a map, or nothing, which is as good as an empty one.
fn is_map(node: Option<&Node>) -> bool {
    node.is_none_or(|node| matches!(node.value, Value::Map(_)))
}

/// The keys of an object that either of two nodes has.
fn keys<'a>(object: &'a Object, old: Option<&'a Node>, new: Option<&'a Node>) -> Vec<(&'a str, Option<&'a Kind>, Option<&'a str>)> {
    let entries = |node: Option<&'a Node>| node.and_then(Node::entries).unwrap_or_default();
    let mut names: Vec<&str> = Vec::new();
    for Entry { key, .. } in entries(old).iter().chain(entries(new)) {
        if !names.contains(&key.as_str()) {
            names.push(key);
        }
    }
    let known = |name: &str| object.keys.iter().find(|key| key.name == name);
    names.into_iter().map(|name| (name, known(name).map(|key| &key.kind), known(name).and_then(|key| key.default))).collect()
}

/// Whether two values are written alike, wherever they stand.
fn is_same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Map(one), Value::Map(other)) => {
            one.len() == other.len()
                && one.iter().all(|entry| other.iter().any(|twin| twin.key == entry.key && is_same(&entry.node, &twin.node)))
        }
        (Value::List(one), Value::List(other)) => one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other)),
        (one, other) => one == other,
    }
}
