//! The result as JSON for people and programs at once: indented, but one line to a row of a table.
//!
//! Fully indented, a fortnight's timeline would have 360,000 lines. A list inside a list is such a row, so
//! it is written without line breaks. The form depends on nothing but the value: same result, same bytes.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::error::{Error, ErrorKind, Fault, Place};

const INDENT: &[u8] = b"  ";

/// Writes a value as JSON, with a line break at its end.
///
/// # Errors
/// When the writer fails.
pub fn write_json(value: &impl Serialize, mut out: impl Write) -> Result<(), Error> {
    let failed =
        |reason: &dyn std::fmt::Display| Fault::new(ErrorKind::File, Place::default(), format!("cannot write the result: {reason}"));
    // One write of the whole document: the serializer itself hands out a few bytes at a time.
    let mut text = Vec::with_capacity(1 << 16);
    value.serialize(&mut Serializer::with_formatter(&mut text, RowFormatter::default())).map_err(|reason| failed(&reason))?;
    text.push(b'\n');
    out.write_all(&text).map_err(|reason| failed(&reason))?;
    Ok(())
}

/// Indents objects and lists; a list inside a list stays on one line, with all that it holds.
#[derive(Default)]
struct RowFormatter {
    /// The open containers: whether each is a list.
    open: Vec<bool>,
    /// The number of containers around the row that is being written; none outside of rows.
    row: Option<usize>,
    /// Whether the innermost container has an item yet.
    has_items: bool,
}

impl RowFormatter {
    fn begin<W: Write + ?Sized>(&mut self, out: &mut W, bracket: &[u8], is_list: bool) -> io::Result<()> {
        if self.row.is_none() && is_list && self.open.last() == Some(&true) {
            self.row = Some(self.open.len());
        }
        self.open.push(is_list);
        self.has_items = false;
        out.write_all(bracket)
    }

    fn end<W: Write + ?Sized>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.open.pop();
        if self.has_items && self.row.is_none() {
            self.new_line(out)?;
        }
        if self.row == Some(self.open.len()) {
            self.row = None;
        }
        self.has_items = true;
        out.write_all(bracket)
    }

    fn begin_item<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        match (self.row, first) {
            (Some(_), true) => Ok(()),
            (Some(_), false) => out.write_all(b","),
            (None, true) => self.new_line(out),
            (None, false) => {
                out.write_all(b",")?;
                self.new_line(out)
            }
        }
    }

    fn new_line<W: Write + ?Sized>(&self, out: &mut W) -> io::Result<()> {
        out.write_all(b"\n")?;
        self.open.iter().try_for_each(|_| out.write_all(INDENT))
    }
}

impl Formatter for RowFormatter {
    fn begin_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, b"[", true)
    }

    fn end_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"]")
    }

    fn begin_array_value<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.begin_item(out, first)
    }

    fn end_array_value<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_items = true;
        Ok(())
    }

    fn begin_object<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, b"{", false)
    }

    fn end_object<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"}")
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.begin_item(out, first)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_items = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_of_a_table_is_one_line() {
        let value = json!({"a": {}, "list": ["x", {"k": []}], "rows": [[1, null, "t"], [], [[2, 3], {"m": 4, "n": 5}]], "z": 1});
        let mut out = Vec::new();
        write_json(&value, &mut out).expect("a vector takes everything");
        let wanted = r#"{
  "a": {},
  "list": [
    "x",
    {
      "k": []
    }
  ],
  "rows": [
    [1,null,"t"],
    [],
    [[2,3],{"m": 4,"n": 5}]
  ],
  "z": 1
}
"#;
        assert_eq!(String::from_utf8(out).expect("JSON is UTF-8"), wanted);
    }

    #[test]
    fn a_writer_that_fails_is_an_error_with_its_reason() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::Error::other("no space left"))
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let error = write_json(&json!(1), Full).expect_err("nothing can be written");
        assert!(error.to_string().contains("no space left"), "{error}");
    }
}
