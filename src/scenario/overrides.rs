//! Changes of a scenario before it is read: `--set PATH=VALUE` and variants.
//!
//! Both work on the tree in canonical spelling. A path walks the declarations together with the tree, so
//! that any spelling of a key, and AWS's wrappers, lead to the same place.

use super::document::{Entry, Node, Value, item_name, parse_value};
use super::shape::canonical::{canonicalise, is_wrapper, key_of};
use super::shape::{Kind, Object, nearest, normal_form, unknown_key};
use crate::error::{Error, Fault, Place, Result};

/// One `PATH=VALUE`.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    path: String,
    value: Node,
}

impl Setting {
    /// Reads `PATH=VALUE`; the value is YAML.
    ///
    /// # Errors
    /// Text without `=`, without a path, or whose value breaks YAML's syntax.
    pub fn parse(text: &str) -> Result<Self> {
        let place = Place::file(format!("--set {text}"));
        let Some((path, value)) = text.split_once('=').filter(|(path, _)| !path.trim().is_empty()) else {
            return Err(Fault::input(place, "expected PATH=VALUE").remedy("as in services.web.desired_count=4").into());
        };
        let place = Place::file(format!("--set {}", path.trim()));
        let value = parse_value(value, &place)?;
        Ok(Self { path: path.trim().to_owned(), value })
    }

    /// A value for a path, both as texts; faults are told of this place.
    ///
    /// # Errors
    /// A value that breaks YAML's syntax.
    pub fn new(path: &str, value: &str, place: &Place) -> Result<Self> {
        Ok(Self { path: path.trim().to_owned(), value: parse_value(value, place)? })
    }

    /// Whether the value may name a file: it is one, or holds other values.
    #[must_use]
    pub fn may_name_files(&self) -> bool {
        let last = self.path.rsplit('.').next().unwrap_or_default();
        matches!(last, "file" | "catalog") || matches!(self.value.value, Value::Map(_) | Value::List(_))
    }

    /// Puts the value where the path leads.
    ///
    /// # Errors
    /// A path through something that has no parts, or an item of a list that is not there.
    pub fn apply(&self, root: &mut Node, kind: &Kind) -> Result<()> {
        put(root, kind, &self.path, &self.value, false)
    }
}

/// Checks that a path leads to something that the declarations know.
///
/// # Errors
/// A key that is not declared, or a name or an item that is not there: the nearest one is named.
pub fn check_path(root: &Node, kind: &Kind, path: &str, place: &Place) -> Result<()> {
    put(&mut root.clone(), kind, path, &Node { value: Value::Null, place: place.clone() }, true)
}

/// Puts a value at a path; `declared` paths lead through keys that the declarations know.
fn put(root: &mut Node, kind: &Kind, path: &str, value: &Node, declared: bool) -> Result<()> {
    let parts: Vec<&str> = path.split('.').map(str::trim).collect();
    let place = Place { path: Some(path.to_owned()), ..value.place.clone() };
    if parts.iter().any(|part| part.is_empty()) {
        return Err(Fault::input(place, format!("`{path}` is no path: a part of it is empty")).into());
    }
    Walk { place, value, declared }.enter(root, Some(kind), &parts)
}

/// A value on its way.
struct Walk<'a> {
    place: Place,
    value: &'a Node,
    /// Whether a key that no declaration knows ends the way; else whoever reads the tree finds it.
    declared: bool,
}

impl Walk<'_> {
    fn enter(&self, node: &mut Node, kind: Option<&Kind>, parts: &[&str]) -> Result<()> {
        let Some((part, rest)) = parts.split_first() else {
            *node = self.value.clone();
            return Ok(());
        };
        match (kind, &node.value) {
            (Some(Kind::OneOrMany(item)), Value::Map(_)) => self.enter(node, Some(item), parts),
            (Some(Kind::List(item) | Kind::OneOrMany(item)), Value::List(_)) => self.enter_list(node, Some(item), part, rest),
            (Some(Kind::List(_)), Value::Null) => Err(self.fault(format!("there is no item `{part}`: the list is empty")).into()),
            (_, Value::List(_)) => self.enter_list(node, None, part, rest),
            (Some(Kind::Object(object) | Kind::ScalarOr(_, object)), _) => self.enter_object(node, object, part, rest),
            (Some(Kind::Names(item)), _) => self.enter_names(node, item, parts),
            (Some(Kind::Scalar(_)), Value::Null) if self.declared => {
                Err(self.fault(format!("there is no `{part}`: what stands before it is a plain value")).into())
            }
            _ => self.enter_key(node, part, None, rest),
        }
    }

    fn enter_object(&self, node: &mut Node, object: &Object, part: &str, rest: &[&str]) -> Result<()> {
        if is_wrapper(object, part) {
            return match rest {
                [] => Err(self.fault(format!("`{part}` only wraps other keys; name one of them")).into()),
                [next, rest @ ..] => self.enter_object(node, object, next, rest),
            };
        }
        let form = normal_form(part);
        if let Some((_, target, name)) = object.moves.iter().find(|(word, _, _)| normal_form(word) == form) {
            let longer: Vec<&str> = std::iter::once(*name).chain(rest.iter().copied()).collect();
            return self.enter_object(node, object, target, &longer);
        }
        match key_of(object, part) {
            Some(key) => self.enter_key(node, key.name, Some(&key.kind), rest),
            None if self.declared => {
                let keys: Vec<&str> = object.keys.iter().map(|key| key.name).collect();
                Err(unknown_key(part, &self.place, &keys).into())
            }
            None => self.enter_key(node, part, None, rest),
        }
    }

    /// Names may hold dots themselves (`fargate.linux_x86.vcpu_hour`): the longest one that is there wins,
    /// and where names lead to plain values the rest of the path is one name.
    fn enter_names(&self, node: &mut Node, item: &Kind, parts: &[&str]) -> Result<()> {
        if matches!(item, Kind::Scalar(_)) {
            return self.enter_key(node, &parts.join("."), Some(item), &[]);
        }
        for length in (1..=parts.len()).rev() {
            let name = parts[..length].join(".");
            if node.get(&name).is_some() {
                return self.enter_key(node, &name, Some(item), &parts[length..]);
            }
        }
        // A part of a service that is not there is a slip; a whole one is new.
        if parts.len() > 1 && matches!(item, Kind::Object(_)) {
            return Err(self.unknown_name(node, parts[0]).into());
        }
        self.enter_key(node, parts[0], Some(item), &parts[1..])
    }

    fn unknown_name(&self, node: &Node, name: &str) -> Fault {
        let fault = self.fault(format!("there is no `{name}`"));
        let known: Vec<&str> = node.entries().unwrap_or_default().iter().map(|entry| entry.key.as_str()).collect();
        let names = format!("names here are {}", known.join(", "));
        match nearest(name, known.iter().copied()) {
            _ if known.is_empty() => fault,
            Some(near) => fault.remedy(format!("did you mean `{near}`? {names}")),
            None => fault.remedy(names),
        }
    }

    fn enter_key(&self, node: &mut Node, key: &str, kind: Option<&Kind>, rest: &[&str]) -> Result<()> {
        if node.value == Value::Null {
            node.value = Value::Map(Vec::new());
        }
        let found = node.found();
        let Value::Map(entries) = &mut node.value else {
            return Err(self.fault(format!("there is no `{key}` in {found}")).into());
        };
        let index = entries.iter().position(|entry| entry.key == key).unwrap_or_else(|| {
            let node = Node { value: Value::Null, place: self.place.clone() };
            entries.push(Entry { key: key.to_owned(), place: self.place.clone(), node });
            entries.len() - 1
        });
        self.enter(&mut entries[index].node, kind, rest)
    }

    fn enter_list(&self, node: &mut Node, kind: Option<&Kind>, part: &str, rest: &[&str]) -> Result<()> {
        let Value::List(items) = &mut node.value else {
            return Err(self.fault(format!("there is no list to find `{part}` in")).into());
        };
        let by_name = items.iter().position(|item| item_name(item) == Some(part));
        let index = by_name.or_else(|| part.parse::<usize>().ok().filter(|index| *index < items.len()));
        match index {
            Some(index) => self.enter(&mut items[index], kind, rest),
            None => {
                let names: Vec<String> = items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| item_name(item).map_or_else(|| index.to_string(), ToOwned::to_owned))
                    .collect();
                let present = if names.is_empty() { "the list is empty".to_owned() } else { format!("items are {}", names.join(", ")) };
                Err(self.fault(format!("there is no item `{part}`")).remedy(present).into())
            }
        }
    }

    fn fault(&self, message: String) -> Fault {
        Fault::input(self.place.clone(), message)
    }
}

/// The names of the variants, in the order of the file.
#[must_use]
pub fn variant_names(root: &Node) -> Vec<String> {
    let variants = root.get("variants").and_then(Node::entries).unwrap_or_default();
    variants.iter().map(|entry| entry.key.clone()).collect()
}

/// Merges the variants of `A+B` over the scenario, A first.
///
/// # Errors
/// A name that is no variant, or a path in a variant that leads nowhere.
pub fn apply_variants(root: &mut Node, kind: &Kind, wanted: &str) -> Result<()> {
    let names = variant_names(root);
    let parts: Vec<&str> = if names.iter().any(|name| name == wanted) { vec![wanted] } else { wanted.split('+').map(str::trim).collect() };
    let mut faults = Vec::new();
    for part in parts {
        let patch = root.get("variants").and_then(|variants| variants.get(part)).cloned();
        match patch {
            Some(patch) => apply_patch(root, kind, patch, &mut faults),
            None => faults.push(unknown_variant(part, &names)),
        }
    }
    Error::from_faults(faults)
}

fn unknown_variant(name: &str, names: &[String]) -> Fault {
    let fault = Fault::input(Place::path("variants"), format!("there is no variant `{name}`"));
    if names.is_empty() {
        return fault.remedy("the scenario has no variants");
    }
    let known = format!("variants are {}", names.join(", "));
    match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => fault.remedy(format!("did you mean `{near}`? {known}")),
        None => fault.remedy(known),
    }
}

/// Merges a variant, or the like over a part of a scenario: its plain keys as a merge patch, those that hold a dot as paths.
pub fn apply_patch(root: &mut Node, kind: &Kind, mut patch: Node, faults: &mut Vec<Fault>) {
    canonicalise(&mut patch, kind, faults);
    let Value::Map(entries) = patch.value else {
        faults.push(Fault::input(patch.place.clone(), format!("found {}, expected a map of what changes", patch.found())));
        return;
    };
    let (paths, plain): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(|entry| entry.key.contains('.'));
    merge(root, Node { value: Value::Map(plain), place: patch.place });
    for entry in paths {
        if let Err(error) = put(root, kind, &entry.key, &entry.node, false) {
            faults.extend_from_slice(error.faults());
        }
    }
}

/// Merges a patch over a target, by RFC 7396.
pub fn merge(target: &mut Node, patch: Node) {
    let Value::Map(changes) = patch.value else {
        *target = patch;
        return;
    };
    if !matches!(target.value, Value::Map(_)) {
        *target = Node { value: Value::Map(Vec::new()), place: patch.place };
    }
    let Value::Map(entries) = &mut target.value else { return };
    for change in changes {
        let index = entries.iter().position(|entry| entry.key == change.key);
        match (index, change.node.value == Value::Null) {
            (Some(index), true) => {
                entries.remove(index);
            }
            (None, true) => {}
            (Some(index), false) => merge(&mut entries[index].node, change.node),
            (None, false) => {
                let mut node = Node { value: Value::Null, place: change.node.place.clone() };
                merge(&mut node, change.node);
                entries.push(Entry { key: change.key, place: change.place, node });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::document::parse;

    fn merged(target: &str, patch: &str) -> Node {
        let mut target = parse("t.json", target.as_bytes()).unwrap();
        merge(&mut target, parse("p.json", patch.as_bytes()).unwrap());
        target.set_origin(&Place::default());
        target.set_paths("");
        target
    }

    /// The test cases of RFC 7396, appendix A.
    #[test]
    fn merging_follows_rfc_7396() {
        for (target, patch, expected) in [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
            (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
            (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
            (r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#),
            (r#"{"a":"foo"}"#, "null", "null"),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
            ("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
            ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
        ] {
            let mut wanted = parse("e.json", expected.as_bytes()).unwrap();
            wanted.set_origin(&Place::default());
            assert_eq!(merged(target, patch), wanted, "{target} {patch}");
        }
    }
}
