//! Every accepted spelling into the one of the declarations.
//!
//! A block pasted from Terraform, CloudFormation or the AWS CLI differs in casing, in nesting
//! (`target_tracking_scaling_policy_configuration` around what stands side by side here) and in a few
//! words. This pass renames, unwraps and moves keys before anything else looks at the tree, so overrides
//! and variants meet one spelling only. Places are kept: a fault still names the line of the original.

use super::{Key, Kind, Object, normal_form};
use crate::error::Fault;
use crate::scenario::document::{Entry, Node, Value};

/// Rewrites the tree, which should be of this kind, into canonical spelling; adds what contradicts.
pub fn canonicalise(node: &mut Node, kind: &Kind, faults: &mut Vec<Fault>) {
    match kind {
        Kind::Scalar(_) | Kind::Patch(_) => {}
        Kind::List(item) | Kind::OneOrMany(item) => match &mut node.value {
            Value::List(items) => items.iter_mut().for_each(|one| canonicalise(one, item, faults)),
            _ => canonicalise(node, item, faults),
        },
        Kind::Names(item) => {
            if let Value::Map(entries) = &mut node.value {
                entries.iter_mut().for_each(|entry| canonicalise(&mut entry.node, item, faults));
            }
        }
        Kind::Object(object) | Kind::ScalarOr(_, object) => {
            if let Value::Map(entries) = &mut node.value {
                let written = std::mem::take(entries);
                let mut spelled = Vec::with_capacity(written.len());
                spread(written, object, &mut spelled, faults);
                relocate(&mut spelled, object, faults);
                for entry in &mut spelled {
                    if let Some(key) = object.keys.iter().find(|key| key.name == entry.key) {
                        canonicalise(&mut entry.node, &key.kind, faults);
                    }
                }
                *entries = spelled;
            }
        }
    }
}

/// The key that a word means here.
#[must_use]
pub fn key_of<'a>(object: &'a Object, word: &str) -> Option<&'a Key> {
    let form = normal_form(word);
    object.keys.iter().find(|key| normal_form(key.name) == form || key.aliases.iter().any(|alias| normal_form(alias) == form))
}

/// Whether a word is a wrapper here.
#[must_use]
pub fn is_wrapper(object: &Object, word: &str) -> bool {
    let form = normal_form(word);
    object.wrappers.iter().any(|wrapper| normal_form(wrapper) == form)
}

/// Takes wrappers off and renames keys.
fn spread(written: Vec<Entry>, object: &Object, spelled: &mut Vec<Entry>, faults: &mut Vec<Fault>) {
    for entry in written {
        if is_wrapper(object, &entry.key) {
            match unwrapped(entry.node.value) {
                Ok(inner) => spread(inner, object, spelled, faults),
                Err(found) => {
                    let node = Node { value: found, place: entry.node.place };
                    faults.push(Fault::input(node.place.clone(), format!("found {}, expected one map", node.found())));
                }
            }
            continue;
        }
        let key = key_of(object, &entry.key).map_or(entry.key, |key| key.name.to_owned());
        add(spelled, Entry { key, ..entry }, faults);
    }
}

/// The entries inside a wrapper: a map, or Terraform's list of one block.
fn unwrapped(value: Value) -> Result<Vec<Entry>, Value> {
    match value {
        Value::Map(entries) => Ok(entries),
        Value::Null => Ok(Vec::new()),
        Value::List(mut items) if items.len() == 1 && items[0].entries().is_some() => match items.pop().map(|item| item.value) {
            Some(Value::Map(entries)) => Ok(entries),
            _ => Ok(Vec::new()),
        },
        other => Err(other),
    }
}

/// Adds an entry unless its key is there already.
fn add(entries: &mut Vec<Entry>, entry: Entry, faults: &mut Vec<Fault>) {
    match entries.iter().find(|other| other.key == entry.key) {
        Some(first) => {
            let line = first.place.line.map_or_else(String::new, |line| format!(" on line {line}"));
            let message = format!("`{}` is given twice, in two spellings; it stands already{line}", entry.key);
            faults.push(Fault::input(entry.place, message).remedy("keep one of them"));
        }
        None => entries.push(entry),
    }
}

/// Puts keys that AWS writes at this level into the map that holds them here.
fn relocate(entries: &mut Vec<Entry>, object: &Object, faults: &mut Vec<Fault>) {
    for (word, target, name) in object.moves {
        let form = normal_form(word);
        let Some(index) = entries.iter().position(|entry| normal_form(&entry.key) == form) else { continue };
        let mut moved = entries.remove(index);
        moved.key = (*name).to_owned();
        if !entries.iter().any(|entry| entry.key == *target) {
            let node = Node { value: Value::Map(Vec::new()), place: moved.place.clone() };
            entries.push(Entry { key: (*target).to_owned(), place: moved.place.clone(), node });
        }
        let holder = entries.iter_mut().find(|entry| entry.key == *target);
        if let Some(Entry { node: Node { value: Value::Map(inner), .. }, .. }) = holder {
            add(inner, moved, faults);
        }
    }
}
