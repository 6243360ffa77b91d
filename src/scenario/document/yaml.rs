//! YAML into a [`Node`], by the events of `saphyr-parser`.
//!
//! Anchors, aliases and merge keys work, since scenarios repeat themselves; copies count against the
//! limit of the document. A tag that is not of YAML's own is a fault: dropping CloudFormation's `!Ref`
//! would leave a name where a value belongs.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};

use super::scalar::resolve_plain;
use super::{DEPTH_LIMIT, Entry, NODE_LIMIT, Node, Value, duplicate_key, too_deep};
use crate::error::{Error, Fault, Place, Result};

/// Reads one YAML document.
pub fn parse(name: &str, text: &str) -> Result<Node> {
    let mut reader = Reader { parser: Parser::new_from_str(text), name, anchors: BTreeMap::new(), nodes: 0, faults: Vec::new() };
    let node = reader.document()?;
    Error::from_faults(reader.faults)?;
    Ok(node)
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    name: &'a str,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
    /// Faults that do not end the reading.
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<Node> {
        let mut document = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::DocumentStart(_) if document.is_some() => {
                    return Err(Fault::input(self.place(&span), "a second document begins; a scenario is one").into());
                }
                Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
                Event::StreamEnd => break,
                event => document = Some(self.node(event, &span, 0)?),
            }
        }
        document.ok_or_else(|| Fault::input(Place::file(self.name), "the document is empty").into())
    }

    fn next(&mut self) -> Result<(Event<'a>, Span)> {
        match self.parser.next_event() {
            None => Ok((Event::StreamEnd, Span::default())),
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => {
                let place = self.place_at(error.marker().line(), error.marker().col());
                Err(Fault::input(place, format!("not valid YAML: {}", error.info())).into())
            }
        }
    }

    fn place(&self, span: &Span) -> Place {
        self.place_at(span.start.line(), span.start.col())
    }

    fn place_at(&self, line: usize, column_from_0: usize) -> Place {
        Place { line: Some(line.max(1)), column: Some(column_from_0 + 1), ..Place::file(self.name) }
    }

    /// The node that begins with this event.
    fn node(&mut self, event: Event<'a>, span: &Span, depth: usize) -> Result<Node> {
        let place = self.place(span);
        if depth > DEPTH_LIMIT {
            return Err(too_deep(place).into());
        }
        self.count(1, &place)?;
        let (anchor, value) = match event {
            Event::Scalar(text, style, anchor, tag) => (anchor, self.scalar(&text, style, tag.as_deref(), &place)),
            Event::SequenceStart(anchor, tag) => {
                self.refuse_tag(tag.as_deref(), &place);
                (anchor, self.list(depth)?)
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_tag(tag.as_deref(), &place);
                (anchor, self.map(depth)?)
            }
            Event::Alias(anchor) => return self.copy_of(anchor, place),
            _ => return Err(Fault::input(place, "not valid YAML: a value is missing").into()),
        };
        let node = Node { value, place };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, place: &Place) -> Value {
        self.refuse_tag(tag, place);
        let is_text = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
        if style == ScalarStyle::Plain && !is_text { resolve_plain(text) } else { Value::String(text.to_owned()) }
    }

    fn refuse_tag(&mut self, tag: Option<&Tag>, place: &Place) {
        if let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema()) {
            let message = format!("the tag `{tag}` has no meaning in a scenario");
            self.faults.push(Fault::input(place.clone(), message).remedy("write the value itself"));
        }
    }

    fn copy_of(&mut self, anchor: usize, place: Place) -> Result<Node> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(Fault::input(place, "an alias of a value that is not complete here").into());
        };
        let (copies, levels) = extent(node);
        if levels > DEPTH_LIMIT {
            return Err(too_deep(place).into());
        }
        let mut copy = node.clone();
        self.count(copies, &place)?;
        copy.place = place;
        Ok(copy)
    }

    fn count(&mut self, nodes: usize, place: &Place) -> Result<()> {
        self.nodes += nodes;
        if self.nodes > NODE_LIMIT {
            return Err(Fault::input(place.clone(), format!("the document holds more than {NODE_LIMIT} values")).into());
        }
        Ok(())
    }

    fn list(&mut self, depth: usize) -> Result<Value> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(Value::List(items));
            }
            items.push(self.node(event, &span, depth + 1)?);
        }
    }

    fn map(&mut self, depth: usize) -> Result<Value> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut merged: Vec<Entry> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                merged.retain(|inherited| !entries.iter().any(|entry| entry.key == inherited.key));
                entries.append(&mut merged);
                return Ok(Value::Map(entries));
            }
            let place = self.place(&span);
            let is_merge = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<");
            let key = self.key(event, &span, depth)?;
            let (event, span) = self.next()?;
            let node = self.node(event, &span, depth + 1)?;
            if is_merge {
                self.merge(node, &mut merged);
            } else if let Some(first) = entries.iter().find(|entry| entry.key == key) {
                self.faults.push(duplicate_key(&key, place, &first.place));
            } else {
                entries.push(Entry { key, place, node });
            }
        }
    }

    /// A key's text; YAML allows any node there, a scenario only words.
    fn key(&mut self, event: Event<'a>, span: &Span, depth: usize) -> Result<String> {
        if let Event::Scalar(text, _, 0, None) = &event {
            return Ok(text.to_string());
        }
        let node = self.node(event, span, depth + 1)?;
        match node.text() {
            Some(text) => Ok(text.to_owned()),
            None => Err(Fault::input(node.place.clone(), format!("a key must be a word, found {}", node.found())).into()),
        }
    }

    /// What `<<` brings: the entries of a map or of several, of which the first wins.
    fn merge(&mut self, node: Node, merged: &mut Vec<Entry>) {
        let sources = match node.value {
            Value::List(items) => items,
            value => vec![Node { value, place: node.place }],
        };
        for source in sources {
            match source.value {
                Value::Map(entries) => {
                    for entry in entries {
                        if !merged.iter().any(|other| other.key == entry.key) {
                            merged.push(entry);
                        }
                    }
                }
                _ => self.faults.push(Fault::input(source.place, "`<<` takes a map or a list of maps")),
            }
        }
    }
}

/// How many nodes a tree has and how many levels.
fn extent(node: &Node) -> (usize, usize) {
    let below: Vec<(usize, usize)> = match &node.value {
        Value::List(items) => items.iter().map(extent).collect(),
        Value::Map(entries) => entries.iter().map(|entry| extent(&entry.node)).collect(),
        _ => Vec::new(),
    };
    let nodes = below.iter().map(|(nodes, _)| nodes).sum::<usize>() + 1;
    let levels = below.iter().map(|(_, levels)| *levels).max().unwrap_or(0) + 1;
    (nodes, levels)
}
