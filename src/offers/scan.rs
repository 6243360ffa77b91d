//! Walks through a JSON document that is too large for memory.
//!
//! AWS's price file of Amazon EC2 has several gigabytes, and hardly one product in a hundred is of use. The scanner
//! walks the outer objects and arrays itself and hands out each inner value, a product or the terms of one, as a slice
//! of its buffer. Finding where a value ends takes quotes and brackets only; whoever gets the slice has it checked by
//! `serde_json`, also where nothing of it is used. So every byte of the document is checked, and memory holds one value
//! at a time.

use std::io::{ErrorKind as IoErrorKind, Read};

use serde::Deserialize;

use crate::error::{ErrorKind, Fault, Place, Result};

/// What is read at once, in bytes.
const CHUNK_BYTES: usize = 1 << 20;
/// The longest value that is taken as one slice, in bytes. A product of AWS has about 2 kB, its terms at most 200 kB.
const LONGEST_VALUE_BYTES: usize = 32 << 20;

/// A JSON document that is read from front to back.
pub(super) struct Scanner<R> {
    input: R,
    name: String,
    buffer: Vec<u8>,
    /// Where in the buffer the unread part starts and where the filled part ends.
    start: usize,
    filled: usize,
    ended: bool,
    /// The line at `start`, from 1, and the bytes that stand on it before `start`.
    line: usize,
    column: usize,
    /// The line and column at which the last value began.
    value_at: (usize, usize),
    /// Keys on the way to the current value, for messages.
    path: Vec<String>,
}

impl<R: Read> Scanner<R> {
    /// A scanner over a document; `name` is what messages call it.
    pub(super) fn new(input: R, name: &str) -> Self {
        Self {
            input,
            name: name.to_owned(),
            buffer: vec![0; CHUNK_BYTES],
            start: 0,
            filled: 0,
            ended: false,
            line: 1,
            column: 0,
            value_at: (1, 0),
            path: Vec::new(),
        }
    }

    /// The next byte that is no white space, left unread; none at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>> {
        loop {
            let rest = &self.buffer[self.start..self.filled];
            if let Some(blank) = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
                self.consume(blank);
                return Ok(Some(self.buffer[self.start]));
            }
            self.consume(rest.len());
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Goes through an object: `visit` gets each key and must read its value.
    pub(super) fn object(&mut self, mut visit: impl FnMut(&mut Self, &str) -> Result<()>) -> Result<()> {
        self.expect(b'{', "an object")?;
        if self.take(b'}')? {
            return Ok(());
        }
        loop {
            if self.peek()? != Some(b'"') {
                return Err(self.unexpected("a key in quotes"));
            }
            let key: String = self.parse()?;
            self.expect(b':', "a colon after the key")?;
            self.path.push(key);
            let depth = self.path.len();
            let key = self.path[depth - 1].clone();
            visit(self, &key)?;
            self.path.truncate(depth - 1);
            if self.take(b'}')? {
                return Ok(());
            }
            self.expect(b',', "a comma or the end of the object")?;
        }
    }

    /// Goes through an array: `visit` must read each item.
    pub(super) fn array(&mut self, mut visit: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        self.expect(b'[', "an array")?;
        if self.take(b']')? {
            return Ok(());
        }
        let mut index = 0_usize;
        loop {
            self.path.push(index.to_string());
            visit(self)?;
            self.path.pop();
            index += 1;
            if self.take(b']')? {
                return Ok(());
            }
            self.expect(b',', "a comma or the end of the array")?;
        }
    }

    /// Reads the next value as a `T`; all of it is checked to be JSON, whatever of it a `T` keeps.
    pub(super) fn parse<'a, T: Deserialize<'a>>(&'a mut self) -> Result<T> {
        self.parse_at().map(|(value, _)| value)
    }

    /// Reads the next value as a `T`, and tells the line on which it begins.
    pub(super) fn parse_at<'a, T: Deserialize<'a>>(&'a mut self) -> Result<(T, usize)> {
        let length = self.length()?;
        self.value_at = (self.line, self.column);
        let line = self.line;
        let begin = self.start;
        self.consume(length);
        let slice = &self.buffer[begin..begin + length];
        let text = match std::str::from_utf8(slice) {
            Ok(text) => text,
            Err(error) => {
                let before = &slice[..error.valid_up_to()];
                return Err(self.damaged(lines(before) + 1, last_line(before) + 1, "bytes that are not UTF-8 text"));
            }
        };
        match serde_json::from_str(text) {
            Ok(value) => Ok((value, line)),
            Err(error) => Err(self.damaged(error.line(), error.column(), &cause(&error))),
        }
    }

    /// Reads the next value and keeps nothing of it.
    pub(super) fn skip(&mut self) -> Result<()> {
        self.parse::<serde::de::IgnoredAny>().map(|_| ())
    }

    /// Makes sure that nothing follows.
    pub(super) fn end(&mut self) -> Result<()> {
        match self.peek()? {
            None => Ok(()),
            Some(_) => Err(self.unexpected("the end of the file")),
        }
    }

    /// The place of the value that was read last.
    pub(super) fn place(&self) -> Place {
        Place { line: Some(self.value_at.0), path: Some(self.path.join(".")), ..Place::file(&self.name) }
    }

    /// What messages call the document.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    fn expect(&mut self, byte: u8, what: &str) -> Result<()> {
        if self.take(byte)? { Ok(()) } else { Err(self.unexpected(what)) }
    }

    fn take(&mut self, byte: u8) -> Result<bool> {
        let found = self.peek()? == Some(byte);
        if found {
            self.consume(1);
        }
        Ok(found)
    }

    /// The bytes of the value that begins at the next byte that is no white space.
    fn length(&mut self) -> Result<usize> {
        let Some(first) = self.peek()? else { return Err(self.unexpected("a value")) };
        let mut extent = Extent::default();
        loop {
            if let Some(length) = extent.advance(&self.buffer[self.start..self.filled]) {
                return Ok(length);
            }
            if self.filled - self.start >= LONGEST_VALUE_BYTES {
                let message = format!("a value of more than {LONGEST_VALUE_BYTES} bytes, as no price file of AWS has");
                return Err(self.fault(self.line, self.column, message));
            }
            if !self.fill()? {
                // A number may end with the file; everything else has an end of its own.
                let scalar = extent.depth == 0 && !extent.in_string && first != b'"';
                return if scalar { Ok(self.filled - self.start) } else { Err(self.cut_off()) };
            }
        }
    }

    /// Reads more behind what is there; false at the end of the document.
    fn fill(&mut self) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.start = 0;
        }
        if self.buffer.len() - self.filled < CHUNK_BYTES / 2 {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        loop {
            match self.input.read(&mut self.buffer[self.filled..]) {
                Ok(0) => {
                    self.ended = true;
                    return Ok(false);
                }
                Ok(read) => {
                    self.filled += read;
                    return Ok(true);
                }
                Err(error) if error.kind() == IoErrorKind::Interrupted => {}
                Err(error) => return Err(unreadable(&self.name, Some(self.line), &error)),
            }
        }
    }

    fn consume(&mut self, bytes: usize) {
        let read = &self.buffer[self.start..self.start + bytes];
        let lines = lines(read);
        self.line += lines;
        self.column = if lines == 0 { self.column + bytes } else { last_line(read) };
        self.start += bytes;
    }

    fn unexpected(&mut self, wanted: &str) -> crate::error::Error {
        match self.buffer[self.start..self.filled].first() {
            None => self.cut_off(),
            Some(byte) => {
                let found = char::from(*byte).escape_default();
                self.fault(self.line, self.column, format!("found `{found}`, expected {wanted}"))
            }
        }
    }

    fn cut_off(&self) -> crate::error::Error {
        let (line, column) = (self.line, self.column);
        self.fault(line, column, "the file ends here in the middle of its content".to_owned())
    }

    /// A fault inside the value that was read last, at a line and column that `serde_json` counts from its beginning.
    fn damaged(&self, line: usize, column: usize, what: &str) -> crate::error::Error {
        let (first_line, first_column) = self.value_at;
        let column = if line <= 1 { first_column + column.max(1) - 1 } else { column.max(1) - 1 };
        self.fault(first_line + line.max(1) - 1, column, what.to_owned())
    }

    fn fault(&self, line: usize, column: usize, message: String) -> crate::error::Error {
        let path = Some(self.path.join("."));
        let place = Place { line: Some(line), column: Some(column + 1), path, ..Place::file(&self.name) };
        Fault::input(place, message).remedy("nothing was imported: download the file anew").into()
    }
}

/// A fault of reading, as of a gzip file that is cut off.
pub(super) fn unreadable(name: &str, line: Option<usize>, error: &std::io::Error) -> crate::error::Error {
    let place = Place { line, ..Place::file(name) };
    let fault = match error.kind() {
        IoErrorKind::UnexpectedEof => Fault::input(place, "the compressed file ends too early"),
        IoErrorKind::InvalidInput | IoErrorKind::InvalidData => {
            Fault::input(place, format!("the compressed file is damaged: {}", crate::files::reason(error)))
        }
        _ => Fault::new(ErrorKind::File, place, format!("cannot be read: {}", crate::files::reason(error))),
    };
    fault.remedy("nothing was imported: download the file anew").into()
}

/// What `serde_json` found, without the place that it appends: the fault has one.
fn cause(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(cause, _)| cause).to_owned()
}

fn lines(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).count()
}

/// The bytes after the last line feed.
fn last_line(bytes: &[u8]) -> usize {
    memchr::memrchr(b'\n', bytes).map_or(bytes.len(), |at| bytes.len() - at - 1)
}

/// How far the search for the end of a value has come; it goes on where it stopped when more bytes are there.
#[derive(Default)]
struct Extent {
    position: usize,
    depth: usize,
    in_string: bool,
    /// Whether the value is a number, `true`, `false` or `null`, which ends where something else begins.
    scalar: bool,
}

impl Extent {
    /// The length of the value, if these bytes hold all of it.
    fn advance(&mut self, bytes: &[u8]) -> Option<usize> {
        loop {
            if self.in_string {
                self.leave_string(bytes)?;
                if self.depth == 0 {
                    return Some(self.position);
                }
            }
            let byte = *bytes.get(self.position)?;
            match byte {
                b'"' if !self.scalar => self.in_string = true,
                b'{' | b'[' if !self.scalar => self.depth += 1,
                b'}' | b']' if self.depth > 0 => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(self.position + 1);
                    }
                }
                _ if self.depth > 0 => {
                    self.position = skip_plain(bytes, self.position);
                    continue;
                }
                b',' | b'}' | b']' | b':' | b'"' | b'{' | b'[' | b' ' | b'\t' | b'\r' | b'\n' => return Some(self.position.max(1)),
                _ => self.scalar = true,
            }
            self.position += 1;
        }
    }

    /// Goes behind the quote that ends the string; none if it is not there yet.
    fn leave_string(&mut self, bytes: &[u8]) -> Option<()> {
        loop {
            let rest = bytes.get(self.position..)?;
            let Some(at) = memchr::memchr2(b'"', b'\\', rest) else {
                self.position = bytes.len();
                return None;
            };
            if rest[at] == b'"' {
                self.position += at + 1;
                self.in_string = false;
                return Some(());
            }
            // A backslash takes the next byte with it, which may not be there yet.
            if at + 1 >= rest.len() {
                self.position += at;
                return None;
            }
            self.position += at + 2;
        }
    }
}

/// The next place inside an object or array at which a string, an object or an array begins or ends.
fn skip_plain(bytes: &[u8], from: usize) -> usize {
    let plain = bytes[from..].iter().position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']'));
    plain.map_or(bytes.len(), |at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out so many bytes at a time.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let length = self.1.min(self.0.len()).min(into.len());
            into[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    /// The members of the outer object, whatever the size of a read.
    fn members(text: &str, bytes: usize) -> Result<Vec<(String, serde_json::Value)>> {
        let mut scanner = Scanner::new(Drip(text.as_bytes(), bytes), "a.json");
        let mut found = Vec::new();
        scanner.object(|scanner, key| {
            let value = scanner.parse()?;
            found.push((key.to_owned(), value));
            Ok(())
        })?;
        scanner.end()?;
        Ok(found)
    }

    #[test]
    fn values_are_cut_out_as_serde_json_reads_them_however_the_bytes_arrive() {
        let text = "\n {\"a\" :{\"x\":[1,{\"y\":\"}]\\\\\"}]},\"q\\\"\\u0041\":\"s\\\\\\\"t\", \"n\":-1.5e3 ,\"t\":true,\"e\":{}, \"l\":[ ]\t}\r\n ";
        let whole: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).expect("good JSON");
        for bytes in 1..text.len() {
            let found = members(text, bytes).unwrap_or_else(|error| panic!("{bytes} bytes at a time: {error}"));
            assert_eq!(found, whole.clone().into_iter().collect::<Vec<_>>(), "{bytes} bytes at a time");
        }
        assert_eq!(members("{}", 1).expect("empty"), []);
    }

    #[test]
    fn every_way_to_cut_a_document_off_is_noticed() {
        let text = r#"{"a": {"x": [1, "b\"c"]}, "d": 12, "e": [true, null]}"#;
        for length in 0..text.len() {
            assert!(members(&text[..length], 7).is_err(), "{}", &text[..length]);
        }
    }

    #[test]
    fn damage_is_told_with_line_and_column_and_path() {
        let message = |text: &str| members(text, 3).expect_err(text).to_string();
        let text = message("{\n \"a\": 1,\n \"b\": {\"x\":\n  2, \"y\" 3}\n}");
        assert!(text.starts_with("a.json:4:10: b: expected `:`"), "{text}");
        assert!(message("{\"a\": 1} x").starts_with("a.json:1:10: found `x`, expected the end of the file"), "{}", message("{\"a\": 1} x"));
        assert!(message("{\"a\": 1 \"b\": 2}").contains("1:9: found `\\\"`, expected a comma"), "{}", message("{\"a\": 1 \"b\": 2}"));
        assert!(message("{\"a\": }").contains("1:7"), "{}", message("{\"a\": }"));
        assert!(message("{\"a\": tru}").contains("a.json:1:"), "{}", message("{\"a\": tru}"));
        assert!(message("{\"a\": {\"b\": [1}]}").contains("a.json:1:"), "{}", message("{\"a\": {\"b\": [1}]}"));
        assert!(message("{a: 1}").contains("expected a key in quotes"), "{}", message("{a: 1}"));
    }

    #[test]
    fn what_is_skipped_is_checked_all_the_same() {
        let mut scanner = Scanner::new(&br#"{"a": {"b": 01}}"#[..], "a.json");
        assert!(scanner.object(|scanner, _| scanner.skip()).is_err());
        let mut scanner = Scanner::new(&b"{\"a\": {\"b\": \"\xff\"}}"[..], "a.json");
        let error = scanner.object(|scanner, _| scanner.skip()).expect_err("no UTF-8").to_string();
        assert!(error.starts_with("a.json:1:14: a: bytes that are not UTF-8"), "{error}");
    }

    #[test]
    fn a_value_longer_than_a_read_is_taken_whole() {
        let long = "x".repeat(3 * CHUNK_BYTES);
        let found = members(&format!("{{\"a\": [\"{long}\"], \"b\": 1}}"), usize::MAX).expect("good JSON");
        assert_eq!(found[0].1[0].as_str().map(str::len), Some(3 * CHUNK_BYTES));
        assert_eq!(found[1].1, 1);
    }

    #[test]
    fn a_value_beyond_all_measure_is_refused() {
        let endless = std::io::Read::chain(&b"{\"a\": \""[..], std::io::repeat(b'x'));
        let mut scanner = Scanner::new(endless, "a.json");
        let error = scanner.object(|scanner, _| scanner.skip()).expect_err("endless").to_string();
        assert!(error.contains("a value of more than"), "{error}");
    }
}
