//! JSON into a [`Node`], by RFC 8259, with places.

use super::{DEPTH_LIMIT, Entry, NODE_LIMIT, Node, Value, duplicate_key, too_deep};
use crate::error::{Error, Fault, Place, Result};

/// Reads one JSON text.
pub fn parse(name: &str, text: &str) -> Result<Node> {
    let mut reader = Reader { rest: text, name, line: 1, column: 1, nodes: 0, faults: Vec::new() };
    let node = reader.node(0)?;
    reader.skip_blanks();
    if !reader.rest.is_empty() {
        return Err(reader.unexpected("the end").into());
    }
    Error::from_faults(reader.faults)?;
    Ok(node)
}

struct Reader<'a> {
    rest: &'a str,
    name: &'a str,
    line: usize,
    column: usize,
    nodes: usize,
    /// Faults that do not end the reading.
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn place(&self) -> Place {
        Place { line: Some(self.line), column: Some(self.column), ..Place::file(self.name) }
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.rest = &self.rest[next.len_utf8()..];
        if next == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(next)
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.take();
        }
    }

    /// The fault of what stands here instead of what was expected.
    fn unexpected(&self, expected: &str) -> Fault {
        let found = self.peek().map_or_else(|| "the end".to_owned(), |next| format!("`{}`", next.escape_debug()));
        Fault::input(self.place(), format!("not valid JSON: expected {expected}, found {found}"))
    }

    fn expect(&mut self, wanted: char) -> Result<()> {
        if self.peek() == Some(wanted) {
            self.take();
            return Ok(());
        }
        Err(self.unexpected(&format!("`{wanted}`")).into())
    }

    fn node(&mut self, depth: usize) -> Result<Node> {
        self.skip_blanks();
        let place = self.place();
        self.nodes += 1;
        if depth > DEPTH_LIMIT {
            return Err(too_deep(place).into());
        }
        if self.nodes > NODE_LIMIT {
            return Err(Fault::input(place, format!("the document holds more than {NODE_LIMIT} values")).into());
        }
        let value = match self.peek() {
            Some('{') => self.map(depth)?,
            Some('[') => self.list(depth)?,
            Some('"') => Value::String(self.string()?),
            Some('-' | '0'..='9') => Value::Number(self.number()?),
            Some('a'..='z') => self.word()?,
            _ => return Err(self.unexpected("a value").into()),
        };
        Ok(Node { value, place })
    }

    fn word(&mut self) -> Result<Value> {
        for (word, value) in [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))] {
            if self.rest.starts_with(word) {
                (0..word.len()).for_each(|_| {
                    self.take();
                });
                return Ok(value);
            }
        }
        Err(self.unexpected("a value").into())
    }

    fn list(&mut self, depth: usize) -> Result<Value> {
        self.expect('[')?;
        let mut items = Vec::new();
        self.skip_blanks();
        if self.peek() == Some(']') {
            self.take();
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.node(depth + 1)?);
            if !self.continues(']')? {
                return Ok(Value::List(items));
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Value> {
        self.expect('{')?;
        let mut entries: Vec<Entry> = Vec::new();
        self.skip_blanks();
        if self.peek() == Some('}') {
            self.take();
            return Ok(Value::Map(entries));
        }
        loop {
            self.skip_blanks();
            let place = self.place();
            if self.peek() != Some('"') {
                return Err(self.unexpected("a key in quotes").into());
            }
            let key = self.string()?;
            self.skip_blanks();
            self.expect(':')?;
            let node = self.node(depth + 1)?;
            match entries.iter().find(|entry| entry.key == key) {
                Some(first) => self.faults.push(duplicate_key(&key, place, &first.place)),
                None => entries.push(Entry { key, place, node }),
            }
            if !self.continues('}')? {
                return Ok(Value::Map(entries));
            }
        }
    }

    /// Whether a comma follows, or else the closing sign.
    fn continues(&mut self, closing: char) -> Result<bool> {
        self.skip_blanks();
        match self.peek() {
            Some(',') => {
                self.take();
                Ok(true)
            }
            Some(next) if next == closing => {
                self.take();
                Ok(false)
            }
            _ => Err(self.unexpected(&format!("`,` or `{closing}`")).into()),
        }
    }

    fn digits(&mut self, text: &mut String) -> Result<()> {
        let before = text.len();
        while let Some(digit @ '0'..='9') = self.peek() {
            text.push(digit);
            self.take();
        }
        if text.len() == before { Err(self.unexpected("a digit").into()) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<String> {
        let mut text = String::new();
        self.take_if(&['-'], &mut text);
        if !self.take_if(&['0'], &mut text) {
            self.digits(&mut text)?;
        }
        if self.take_if(&['.'], &mut text) {
            self.digits(&mut text)?;
        }
        if self.take_if(&['e', 'E'], &mut text) {
            self.take_if(&['-', '+'], &mut text);
            self.digits(&mut text)?;
        }
        Ok(text)
    }

    fn take_if(&mut self, wanted: &[char], text: &mut String) -> bool {
        match self.peek().filter(|next| wanted.contains(next)) {
            Some(next) => {
                text.push(next);
                self.take();
                true
            }
            None => false,
        }
    }

    fn string(&mut self) -> Result<String> {
        self.expect('"')?;
        let mut text = String::new();
        loop {
            match self.peek() {
                Some('"') => {
                    self.take();
                    return Ok(text);
                }
                Some('\\') => {
                    self.take();
                    text.push(self.escape()?);
                }
                Some(next) if next >= ' ' => {
                    text.push(next);
                    self.take();
                }
                _ => return Err(self.unexpected("`\"`").into()),
            }
        }
    }

    fn escape(&mut self) -> Result<char> {
        let plain = match self.peek() {
            Some(same @ ('"' | '\\' | '/')) => same,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                self.take();
                return self.unicode_escape();
            }
            _ => return Err(self.unexpected("an escape").into()),
        };
        self.take();
        Ok(plain)
    }

    /// What follows `\u`: one unit, or two that form a surrogate pair.
    fn unicode_escape(&mut self) -> Result<char> {
        let place = self.place();
        let mut units = vec![self.hexadecimal_unit()?];
        if (0xD800..0xDC00).contains(&units[0]) && self.rest.starts_with("\\u") {
            self.take();
            self.take();
            units.push(self.hexadecimal_unit()?);
        }
        match char::decode_utf16(units).collect::<std::result::Result<Vec<char>, _>>() {
            Ok(characters) if characters.len() == 1 => Ok(characters[0]),
            _ => Err(Fault::input(place, "not valid JSON: half of a surrogate pair").into()),
        }
    }

    fn hexadecimal_unit(&mut self) -> Result<u16> {
        let mut unit = 0_u16;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|next| next.to_digit(16)) else {
                return Err(self.unexpected("a hexadecimal digit").into());
            };
            self.take();
            unit = unit * 16 + digit as u16;
        }
        Ok(unit)
    }
}
