//! What a scenario may say, described once.
//!
//! Every object of a scenario is declared by `shape!`: its keys, other spellings, types, defaults and
//! meaning. From that one declaration come the struct, its decoder, the spellings that are accepted and
//! the JSON Schema, so they cannot drift apart. Two ways were refused: serde's derive stops at the first
//! fault and knows no places; a schema crate beside serde would state every default a second time.
//!
//! A decoder never stops at a fault: it records the fault, takes the default and reads on, so that a
//! scenario's faults are told all at once. Only a key that must be given and is not leaves nothing.

pub mod canonical;

pub use crate::names::{nearest, normal_form};

use super::document::{self, Node, Value};
use crate::error::{ErrorKind, Fault, Place};

/// What reading collects beside the values.
#[derive(Debug, Default)]
pub struct Reading {
    /// What is wrong.
    pub faults: Vec<Fault>,
    /// Keys that AWS defines and that touch neither capacity nor cost.
    pub ignored_keys: Vec<Place>,
    /// What the user should know though it is allowed.
    pub warnings: Vec<String>,
}

impl Reading {
    /// Records a breach of a rule.
    pub fn fault(&mut self, place: &Place, message: impl Into<String>) {
        self.faults.push(Fault::input(place.clone(), message));
    }

    /// Records a breach of a rule, with advice.
    pub fn fault_with_remedy(&mut self, place: &Place, message: impl Into<String>, remedy: impl Into<String>) {
        self.faults.push(Fault::input(place.clone(), message).remedy(remedy));
    }

    /// Records a wish that ecsim does not model yet.
    pub fn not_modelled(&mut self, place: &Place, message: impl Into<String>, remedy: impl Into<String>) {
        self.faults.push(Fault::new(ErrorKind::NotModelled, place.clone(), message).remedy(remedy));
    }

    /// Takes over the faults of another reading that are not known yet.
    pub fn add_new_faults(&mut self, other: Self) {
        let in_file = |place: &Place| (place.file.clone(), place.line, place.column);
        for fault in other.faults {
            let is_known = |known: &Fault| known.message == fault.message && in_file(&known.place) == in_file(&fault.place);
            if !self.faults.iter().any(is_known) {
                self.faults.push(fault);
            }
        }
    }

    /// Records that a value is of the wrong type.
    pub fn wrong(&mut self, node: &Node, expected: &str) {
        self.fault(&node.place, format!("found {}, expected {expected}", node.found()));
    }
}

/// A type that a scenario's values decode into.
pub trait Decode: Sized {
    /// Reads the value; none when it has no meaning, which is then among the faults.
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self>;

    /// How the type is described to the schema and to whatever walks the tree.
    fn kind() -> Kind;
}

/// The description of a type.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A value without parts, by its JSON Schema.
    Scalar(serde_json::Value),
    /// A list.
    List(Box<Self>),
    /// One of something, or a list of it.
    OneOrMany(Box<Self>),
    /// A map from names that the user chooses.
    Names(Box<Self>),
    /// A map with known keys.
    Object(Object),
    /// A value without parts, by its JSON Schema, or a map with known keys.
    ScalarOr(serde_json::Value, Object),
    /// A part of a scenario that is merged over another part: every key may be missing or null.
    Patch(&'static str),
}

/// A map with known keys.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its name in the schema.
    pub name: &'static str,
    /// What it is for.
    pub text: String,
    /// Its keys.
    pub keys: Vec<Key>,
    /// AWS's keys around some of these, taken off when present.
    pub wrappers: &'static [&'static str],
    /// Keys that AWS writes here and ecsim keeps one level deeper: (key here, key that takes it, its name there).
    pub moves: &'static [(&'static str, &'static str, &'static str)],
    /// Keys that AWS defines and that touch neither capacity nor cost.
    pub ignored: &'static [&'static str],
}

/// A key of an [`Object`].
#[derive(Clone, Debug)]
pub struct Key {
    /// Its canonical spelling.
    pub name: &'static str,
    /// Other words for it.
    pub aliases: &'static [&'static str],
    /// What it means.
    pub text: String,
    /// Whether it must be given.
    pub required: bool,
    /// Its default in scenario notation.
    pub default: Option<&'static str>,
    /// Its type.
    pub kind: Kind,
}

/// Where an object and its keys stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Places {
    own: Place,
    given: Vec<(&'static str, Place)>,
}

impl Places {
    /// The place of the object.
    #[must_use]
    pub const fn own(&self) -> &Place {
        &self.own
    }

    /// The place of a key's value; the object's line when the key is not given.
    #[must_use]
    pub fn of(&self, key: &str) -> Place {
        match self.given.iter().find(|(name, _)| *name == key) {
            Some((_, place)) => place.clone(),
            None => below(&self.own, key),
        }
    }

    /// Whether the scenario gives the key.
    #[must_use]
    pub fn gives(&self, key: &str) -> bool {
        self.given.iter().any(|(name, _)| *name == key)
    }
}

/// The place of something that is not written: at its parent, with a longer path.
fn below(parent: &Place, key: &str) -> Place {
    let path = match parent.path.as_deref() {
        None | Some("") => key.to_owned(),
        Some(path) => format!("{path}.{key}"),
    };
    Place { path: Some(path), ..parent.clone() }
}

/// Reads the keys of one object; the code that `shape!` writes drives it.
pub struct ObjectReader<'a> {
    node: &'a Node,
    known: Vec<&'static str>,
    places: Places,
}

impl<'a> ObjectReader<'a> {
    /// Begins with a node; none when it is no map. Null counts as a map without keys.
    pub fn begin(node: &'a Node, reading: &mut Reading) -> Option<Self> {
        match node.value {
            Value::Map(_) | Value::Null => {}
            _ => {
                reading.wrong(node, "a map");
                return None;
            }
        }
        Some(Self { node, known: Vec::new(), places: Places { own: node.place.clone(), given: Vec::new() } })
    }

    /// The value of a key; null is as good as absent.
    fn take(&mut self, name: &'static str) -> Option<&'a Node> {
        self.known.push(name);
        let node = self.node.get(name).filter(|node| node.value != Value::Null)?;
        self.places.given.push((name, node.place.clone()));
        Some(node)
    }

    /// A key that must be given.
    pub fn required<T: Decode>(&mut self, name: &'static str, reading: &mut Reading) -> Option<T> {
        match self.take(name) {
            Some(node) => T::decode(node, reading),
            None => {
                reading.fault(&below(&self.places.own, name), format!("`{name}` must be given"));
                None
            }
        }
    }

    /// A key that may be missing.
    pub fn optional<T: Decode>(&mut self, name: &'static str, reading: &mut Reading) -> Option<T> {
        self.take(name).and_then(|node| T::decode(node, reading))
    }

    /// A key with a default, given in scenario notation.
    pub fn with_default<T: Decode>(&mut self, name: &'static str, default: &str, reading: &mut Reading) -> Option<T> {
        let given = self.take(name).and_then(|node| T::decode(node, reading));
        given.or_else(|| {
            let place = below(&self.places.own, name);
            let mut node = document::parse_value(default, &place).expect("a default is written in valid notation");
            node.set_paths(place.path.as_deref().unwrap_or(name));
            T::decode(&node, &mut Reading::default())
        })
    }

    /// Ends with what stands where; keys that nobody asked for are faults.
    pub fn end(self, ignored: &[&str], reading: &mut Reading) -> Places {
        for entry in self.node.entries().unwrap_or_default() {
            if self.known.contains(&entry.key.as_str()) {
                continue;
            }
            let form = normal_form(&entry.key);
            if ignored.iter().any(|key| normal_form(key) == form) {
                reading.ignored_keys.push(entry.place.clone());
                continue;
            }
            reading.faults.push(unknown_key(&entry.key, &entry.place, &self.known));
        }
        self.places
    }
}

/// The fault of a key that means nothing here.
pub fn unknown_key(key: &str, place: &Place, known: &[&str]) -> Fault {
    let fault = Fault::input(place.clone(), format!("unknown key `{key}`"));
    match nearest(key, known.iter().copied()) {
        Some(near) => fault.remedy(format!("did you mean `{near}`?")),
        None => fault.remedy(format!("known keys are {}", known.join(", "))),
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        let Value::List(items) = &node.value else {
            reading.wrong(node, "a list");
            return None;
        };
        Some(items.iter().filter_map(|item| T::decode(item, reading)).collect())
    }

    fn kind() -> Kind {
        Kind::List(Box::new(T::kind()))
    }
}

/// One of something, or a list of it.
#[derive(Clone, Debug, PartialEq)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T: Decode> Decode for OneOrMany<T> {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        match node.value {
            Value::List(_) => Vec::decode(node, reading).map(Self),
            _ => T::decode(node, reading).map(|one| Self(vec![one])),
        }
    }

    fn kind() -> Kind {
        Kind::OneOrMany(Box::new(T::kind()))
    }
}

/// Things by the name that the user gives them, in the order of the file: those that could be read, and
/// then the names of all, so that a fault inside one thing is not followed by a complaint that it is
/// unknown.
#[derive(Clone, Debug, PartialEq)]
pub struct Named<T>(pub Vec<(String, T)>, pub Vec<String>);

impl<T: Decode> Decode for Named<T> {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            reading.wrong(node, "a map of names");
            return None;
        };
        let decode = |entry: &document::Entry| T::decode(&entry.node, reading).map(|value| (entry.key.clone(), value));
        let read = entries.iter().filter_map(decode).collect();
        Some(Self(read, entries.iter().map(|entry| entry.key.clone()).collect()))
    }

    fn kind() -> Kind {
        Kind::Names(Box::new(T::kind()))
    }
}

/// A part of a scenario that is merged over another part later.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch(pub Node);

impl Decode for Patch {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        if node.entries().is_none() {
            reading.wrong(node, "a map of what changes");
            return None;
        }
        Some(Self(node.clone()))
    }

    fn kind() -> Kind {
        Kind::Patch("A JSON merge patch (RFC 7396): keys to change; null takes a key away. A key that holds a dot is a path.")
    }
}

/// Declares an object of the scenario: see the module. Each key is
/// `required name: Type;`, `optional name: Type;` or `default name: Type = "notation";`, and may end
/// with `, also "other_word"`. After the keys may stand `wrappers`, `moves`, `ignored` and `check`, a
/// function that looks at the whole object when it is read.
macro_rules! shape {
    (
        $(#[doc = $text:literal])+
        $name:ident {
            $(
                $(#[doc = $key_text:literal])+
                $presence:ident $key:ident : $type:ty $(= $default:literal)? $(, also $($alias:literal),+)? ;
            )+
        }
        $(wrappers $wrappers:expr;)?
        $(moves $moves:expr;)?
        $(ignored $ignored:expr;)?
        $(check $check:expr;)?
    ) => {
        $(#[doc = $text])+
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $(
                $(#[doc = $key_text])+
                pub $key: $crate::scenario::shape::shape!(@type $presence $type),
            )+
            /// Where the object and its keys stand.
            pub places: $crate::scenario::shape::Places,
        }

        impl $crate::scenario::shape::Decode for $name {
            fn decode(node: &$crate::scenario::document::Node, reading: &mut $crate::scenario::shape::Reading) -> Option<Self> {
                let mut object = $crate::scenario::shape::ObjectReader::begin(node, reading)?;
                $( let $key = $crate::scenario::shape::shape!(@read $presence $type, object, $crate::scenario::shape::key_name(stringify!($key)), reading $(, $default)?); )+
                let places = object.end($crate::scenario::shape::shape!(@list $($ignored)?), reading);
                let whole = Self { $( $key: $crate::scenario::shape::shape!(@unwrap $presence $key), )+ places };
                $( { let check: fn(&Self, &mut $crate::scenario::shape::Reading) = $check; check(&whole, reading); } )?
                Some(whole)
            }

            fn kind() -> $crate::scenario::shape::Kind {
                $crate::scenario::shape::Kind::Object(Self::object())
            }
        }

        impl $name {
            /// The description that decoder, spellings and schema share.
            #[must_use]
            pub fn object() -> $crate::scenario::shape::Object {
                $crate::scenario::shape::Object {
                    name: stringify!($name),
                    text: $crate::scenario::shape::joined(&[$($text),+]),
                    keys: vec![$(
                        $crate::scenario::shape::Key {
                            name: $crate::scenario::shape::key_name(stringify!($key)),
                            aliases: &[$($($alias),+)?],
                            text: $crate::scenario::shape::joined(&[$($key_text),+]),
                            required: $crate::scenario::shape::shape!(@is_required $presence),
                            default: [$($default)?].first().copied(),
                            kind: <$type as $crate::scenario::shape::Decode>::kind(),
                        },
                    )+],
                    wrappers: $crate::scenario::shape::shape!(@list $($wrappers)?),
                    moves: $crate::scenario::shape::shape!(@list $($moves)?),
                    ignored: $crate::scenario::shape::shape!(@list $($ignored)?),
                }
            }
        }
    };
    (@type required $type:ty) => { $type };
    (@type optional $type:ty) => { Option<$type> };
    (@type default $type:ty) => { $type };
    (@read required $type:ty, $object:ident, $name:expr, $reading:ident) => { $object.required::<$type>($name, $reading) };
    (@read optional $type:ty, $object:ident, $name:expr, $reading:ident) => { $object.optional::<$type>($name, $reading) };
    (@read default $type:ty, $object:ident, $name:expr, $reading:ident, $default:literal) => {
        $object.with_default::<$type>($name, $default, $reading)
    };
    (@unwrap required $key:ident) => { $key? };
    (@unwrap optional $key:ident) => { $key };
    (@unwrap default $key:ident) => { $key? };
    (@is_required required) => { true };
    (@is_required optional) => { false };
    (@is_required default) => { false };
    (@list) => { &[] };
    (@list $list:expr) => { $list };
}
pub(crate) use shape;

/// Declares a choice between words, each with its meaning.
macro_rules! choice {
    (
        $(#[doc = $text:literal])+
        $name:ident { $( $(#[doc = $word_text:literal])+ $variant:ident = $word:literal, )+ }
    ) => {
        $(#[doc = $text])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $( $(#[doc = $word_text])+ $variant, )+ }

        impl $name {
            /// The word that a scenario uses.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $( Self::$variant => $word, )+ }
            }
        }

        impl $crate::scenario::shape::Decode for $name {
            fn decode(node: &$crate::scenario::document::Node, reading: &mut $crate::scenario::shape::Reading) -> Option<Self> {
                const WORDS: &[(&str, $name)] = &[$( ($word, $name::$variant), )+];
                $crate::scenario::shape::choose(WORDS, node, reading)
            }

            fn kind() -> $crate::scenario::shape::Kind {
                $crate::scenario::shape::Kind::Scalar(serde_json::json!({ "enum": [$($word),+] }))
            }
        }
    };
}
pub(crate) use choice;

/// The value of a word, in any casing.
pub fn choose<T: Copy>(words: &[(&str, T)], node: &Node, reading: &mut Reading) -> Option<T> {
    let allowed = || words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
    let Some(text) = node.text() else {
        reading.wrong(node, &format!("one of {}", allowed()));
        return None;
    };
    let form = normal_form(text);
    let found = words.iter().find(|(word, _)| normal_form(word) == form);
    if found.is_none() {
        let fault = Fault::input(node.place.clone(), format!("found {}, allowed are {}", node.found(), allowed()));
        let near = nearest(text, words.iter().map(|(word, _)| *word));
        reading.faults.push(match near {
            Some(near) => fault.remedy(format!("did you mean `{near}`?")),
            None => fault,
        });
    }
    found.map(|(_, value)| *value)
}

/// A key's name from the identifier of its field: `type` is written `r#type` in Rust.
#[must_use]
pub fn key_name(identifier: &'static str) -> &'static str {
    identifier.strip_prefix("r#").unwrap_or(identifier)
}

/// The lines of a documentation comment as one text.
#[must_use]
pub fn joined(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ").trim().to_owned()
}
