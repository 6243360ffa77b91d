//! Words and switches.

use serde_json::json;

use crate::scenario::document::{Node, Value};
use crate::scenario::shape::{Decode, Kind, Reading};

/// Any text that is not empty; a number is taken as its digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(pub String);

impl Decode for Text {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        match &node.value {
            Value::String(text) | Value::Number(text) if !text.trim().is_empty() => Some(Self(text.clone())),
            _ => {
                reading.wrong(node, "text");
                None
            }
        }
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"type": ["string", "number"], "minLength": 1}))
    }
}

/// `true` or `false`, also as AWS writes some switches: `ENABLED` or `DISABLED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switch(pub bool);

impl Decode for Switch {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        match node.text().map(str::to_ascii_lowercase).as_deref() {
            Some("true" | "enabled") => Some(Self(true)),
            Some("false" | "disabled") => Some(Self(false)),
            _ => {
                reading.wrong(node, "true or false");
                None
            }
        }
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"enum": [true, false, "ENABLED", "DISABLED"]}))
    }
}

/// A value whose notation depends on another key; it is read later.
#[derive(Clone, Debug, PartialEq)]
pub struct Raw(pub Node);

impl Decode for Raw {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        if matches!(node.value, Value::Map(_) | Value::List(_)) {
            reading.wrong(node, "a number with its unit");
            return None;
        }
        Some(Self(node.clone()))
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"type": ["number", "string"]}))
    }
}
