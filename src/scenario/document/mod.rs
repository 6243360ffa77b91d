//! Text into a tree in which every value knows where it stands.
//!
//! A scenario reports all its faults with file and line, so the tree keeps a [`Place`] on every key and
//! value; serde's own value types keep none and stop at the first fault. Numbers keep their text: a
//! price is a decimal, not a float. YAML comes through the events of `saphyr-parser` (its ready-made
//! trees copy every alias, which lets twenty lines ask for terabytes); JSON has a reader of its own,
//! because JSON is not quite a subset of what a YAML scanner takes (tabs, surrogate pairs) and
//! `serde_json` keeps no places and hides duplicate keys.

mod json;
mod scalar;
mod yaml;

use crate::error::{Error, Fault, Place, Result};

/// How deep maps and lists may nest.
pub const DEPTH_LIMIT: usize = 64;

/// How many values a document may hold, copies by alias included.
pub const NODE_LIMIT: usize = 200_000;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it begins.
    pub place: Place,
}

/// What a node can be.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing: `null`, `~` or an empty value.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it was written.
    Number(String),
    /// Text.
    String(String),
    /// Items in order.
    List(Vec<Node>),
    /// Keys and values in order; keys are unique.
    Map(Vec<Entry>),
}

/// A key of a map and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key as it was written.
    pub key: String,
    /// Where the key stands.
    pub place: Place,
    /// Its value.
    pub node: Node,
}

impl Node {
    /// The entries, if it is a map.
    #[must_use]
    pub fn entries(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of this key, if it is a map that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries()?.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// The text of a scalar that is not null.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Number(text) | Value::String(text) => Some(text),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            _ => None,
        }
    }

    /// What was found, for a message.
    #[must_use]
    pub fn found(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Number(text) => text.clone(),
            Value::String(text) => format!("`{}`", shortened(text)),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a map".to_owned(),
        }
    }

    /// Gives the same origin (file, line and column) to the node and all below it.
    pub fn set_origin(&mut self, origin: &Place) {
        let relocate = |place: &mut Place| {
            place.file.clone_from(&origin.file);
            place.line = origin.line;
            place.column = origin.column;
        };
        relocate(&mut self.place);
        match &mut self.value {
            Value::List(items) => items.iter_mut().for_each(|item| item.set_origin(origin)),
            Value::Map(entries) => entries.iter_mut().for_each(|entry| {
                relocate(&mut entry.place);
                entry.node.set_origin(origin);
            }),
            _ => {}
        }
    }

    /// Writes the path inside the document into every place: this node stands at `path`.
    ///
    /// Items of lists go by their `name`, their `capacity_provider` or else their index.
    pub fn set_paths(&mut self, path: &str) {
        self.place.path = Some(path.to_owned());
        let join = |part: &str| if path.is_empty() { part.to_owned() } else { format!("{path}.{part}") };
        match &mut self.value {
            Value::List(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    let part = item_name(item).map_or_else(|| index.to_string(), ToOwned::to_owned);
                    item.set_paths(&join(&part));
                }
            }
            Value::Map(entries) => {
                for entry in entries {
                    let here = join(&entry.key);
                    entry.place.path = Some(here.clone());
                    entry.node.set_paths(&here);
                }
            }
            _ => {}
        }
    }
}

/// The name by which a path speaks of an item of a list.
#[must_use]
pub fn item_name(item: &Node) -> Option<&str> {
    let name = |key| item.get(key).and_then(Node::text).filter(|text| !text.is_empty());
    name("name").or_else(|| name("capacity_provider"))
}

/// A text cut to a length that fits a message.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(LONGEST).collect();
    format!("{cut}…")
}

/// Reads a document, YAML or JSON.
///
/// A name that ends in `.json` is JSON. Otherwise a text that begins with a brace or a bracket is tried
/// as JSON first, since a YAML scanner refuses some of it, and then as YAML.
///
/// # Errors
/// Text that is not UTF-8, that breaks the syntax, names a key twice, carries a tag, holds more than
/// one document, or nests too deep or grows too large.
pub fn parse(name: &str, bytes: &[u8]) -> Result<Node> {
    let text = decode_utf8(name, bytes)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut node = if has_json_name(name) {
        json::parse(name, text)?
    } else if text.trim_start().starts_with(['{', '[']) {
        json::parse(name, text).or_else(|error| yaml::parse(name, text).map_err(|_| error))?
    } else {
        yaml::parse(name, text)?
    };
    node.set_paths("");
    Ok(node)
}

/// Reads one value in scenario notation, as an override or a default gives it: YAML in a line.
///
/// # Errors
/// As [`parse`]; an empty text is null.
pub fn parse_value(text: &str, origin: &Place) -> Result<Node> {
    let parsed = if text.trim().is_empty() {
        Ok(Node { value: Value::Null, place: Place::default() })
    } else if text.trim_start().starts_with(['{', '[']) {
        json::parse("", text).or_else(|_| yaml::parse("", text))
    } else {
        yaml::parse("", text)
    };
    let mut node = parsed.map_err(|error| relocated(&error, origin))?;
    node.set_origin(origin);
    Ok(node)
}

/// The same faults, told of another place.
fn relocated(error: &Error, origin: &Place) -> Error {
    let message: Vec<&str> = error.faults().iter().map(|fault| fault.message.as_str()).collect();
    Fault::input(origin.clone(), message.join("; ")).into()
}

fn has_json_name(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("json"))
}

fn decode_utf8<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        Fault::input(Place::line(name, line), "a byte that is no UTF-8").remedy("save the file as UTF-8").into()
    })
}

/// The fault of a key that a map already has.
fn duplicate_key(key: &str, place: Place, first: &Place) -> Fault {
    let line = first.line.map_or_else(String::new, |line| format!(" on line {line}"));
    Fault::input(place, format!("key `{key}` is given twice; it stands already{line}")).remedy("keep one of them")
}

fn too_deep(place: Place) -> Fault {
    Fault::input(place, format!("nested deeper than {DEPTH_LIMIT} levels"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree in serde_json's words, without places.
    fn plain(node: &Node) -> serde_json::Value {
        match &node.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(text) => serde_json::from_str(text).unwrap(),
            Value::String(text) => text.clone().into(),
            Value::List(items) => items.iter().map(plain).collect(),
            Value::Map(entries) => entries.iter().map(|entry| (entry.key.clone(), plain(&entry.node))).collect(),
        }
    }

    fn fault_of(name: &str, text: &str) -> String {
        parse(name, text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn the_same_document_in_yaml_and_json_is_the_same_tree() {
        let yaml = "a: 1\nb: [true, null, ~, x]\nc:\n  d: '2'\n  e: 1.50\n";
        let json = "{\"a\": 1, \"b\": [true, null, null, \"x\"],\n\t\"c\": {\"d\": \"2\", \"e\": 1.50}}";
        let (yaml, json) = (parse("a.yaml", yaml.as_bytes()).unwrap(), parse("-", json.as_bytes()).unwrap());
        assert_eq!(plain(&yaml), plain(&json));
        assert_eq!(yaml.get("c").unwrap().get("e").unwrap().value, Value::Number("1.50".into()));
    }

    #[test]
    fn places_are_lines_columns_and_paths() {
        let node = parse("a.yaml", b"x: 1\nlist:\n  - {name: cpu, target: 60}\n  - {capacity_provider: FARGATE}\n  - 7\n").unwrap();
        let Value::List(items) = &node.get("list").unwrap().value else { panic!("a list") };
        let target = &items[0].get("target").unwrap().place;
        assert_eq!(target.to_string(), "a.yaml:3:25: list.cpu.target");
        assert_eq!(items[1].place.path.as_deref(), Some("list.FARGATE"));
        assert_eq!(items[2].place.path.as_deref(), Some("list.2"));
    }

    #[test]
    fn a_byte_order_mark_and_crlf_are_fine() {
        let node = parse("a.yaml", b"\xef\xbb\xbfa: 1\r\nb: 2\r\n").unwrap();
        assert_eq!(node.get("b").unwrap().place.line, Some(2));
        assert_eq!(node.get("a").unwrap().value, Value::Number("1".into()));
    }

    #[test]
    fn bytes_that_are_no_text_are_named() {
        let error = parse("a.yaml", b"a: 1\nb: \xff\n").unwrap_err().to_string();
        assert_eq!(error, "a.yaml:2: a byte that is no UTF-8 (save the file as UTF-8)");
    }

    #[test]
    fn syntax_errors_name_line_and_column() {
        assert!(fault_of("a.yaml", "a: [1,\nb: 2\n").starts_with("a.yaml:"));
        assert!(fault_of("a.json", "{\"a\": 1,\n \"b\" 2}").starts_with("a.json:2:6: "));
        assert!(fault_of("a.json", "{\"a\": 01}").contains("a.json:1:8: "));
        assert!(fault_of("a.yaml", "").contains("empty"));
        assert!(fault_of("a.yaml", "a: 1\n---\nb: 2\n").contains("second document"));
    }

    #[test]
    fn a_key_given_twice_is_a_fault_that_names_both() {
        let twice = "key `a` is given twice; it stands already on line 1";
        assert!(fault_of("a.yaml", "a: 1\na: 2\n").contains(&format!("a.yaml:2:1: {twice}")));
        assert!(fault_of("a.json", "{\"a\": 1,\n\"a\": 2}").contains(&format!("a.json:2:1: {twice}")));
    }

    #[test]
    fn a_tag_is_named_and_not_dropped() {
        assert!(fault_of("a.yaml", "a: !Ref Vpc\n").contains("`!Ref`"));
        let node = parse("a.yaml", b"a: !!str 12\n").unwrap();
        assert_eq!(node.get("a").unwrap().value, Value::String("12".into()));
    }

    #[test]
    fn aliases_and_merge_keys_work() {
        let node = parse("a.yaml", b"base: &b {cpu: 1, memory: 2}\nweb:\n  <<: *b\n  cpu: 3\nlist: [*b]\n").unwrap();
        assert_eq!(plain(node.get("web").unwrap()), serde_json::json!({"cpu": 3, "memory": 2}));
        assert_eq!(plain(node.get("list").unwrap()), serde_json::json!([{"cpu": 1, "memory": 2}]));
    }

    #[test]
    fn bombs_are_refused() {
        let mut bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n".to_owned();
        for level in 1..12 {
            let inner = vec![format!("*a{}", level - 1); 10].join(",");
            bomb.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
        }
        assert!(fault_of("a.yaml", &bomb).contains("more than 200000 values"));
        assert!(fault_of("a.yaml", &"[".repeat(5000)).contains("deeper than 64"));
        assert!(fault_of("a.json", &"[".repeat(5000)).contains("deeper than 64"));
        assert!(fault_of("a.yaml", "a: &a [*a]\n").contains("alias"));
    }

    #[test]
    fn json_takes_what_json_allows() {
        let text = "{\t\"a\\/b\": \"\\ud83d\\ude00\\u0041\\n\",\r\n \"n\": [-0, 1e3, 1.5E-2, 12345678901234567890]}";
        let node = parse("-", text.as_bytes()).unwrap();
        assert_eq!(plain(&node), serde_json::from_str::<serde_json::Value>(text).unwrap());
        for wrong in
            ["{\"a\": 1,}", "[1 2]", "{'a': 1}", "[\"\\ud83d\"]", "[\"\t\"]", "[.5]", "[+1]", "[1.]", "nul", "[1]]", "\"a", "[NaN]"]
        {
            assert!(parse("a.json", wrong.as_bytes()).is_err(), "{wrong}");
            assert!(serde_json::from_str::<serde_json::Value>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn yaml_in_braces_is_yaml() {
        let node = parse("-", b"{version: 1, name: x}").unwrap();
        assert_eq!(node.get("version").unwrap().value, Value::Number("1".into()));
    }
}
