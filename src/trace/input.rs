//! From an open file to its text: gzip is recognised by its first two bytes (RFC 1952), a UTF-8
//! byte-order mark is skipped, and UTF-16, which a spreadsheet may write, is refused by name.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use super::quality::Quality;
use crate::error::{ErrorKind, Fault, Place, Result};

/// The longest text that is read. A year of seconds takes about 900 MB; the limit keeps a small packed file from
/// filling the memory.
const MAX_BYTES: u64 = 1 << 30;

const GZIP_MAGIC: [u8; 2] = [0x1F, 0x8B];
const UTF8_MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];
const UTF16_MARKS: [[u8; 2]; 2] = [[0xFF, 0xFE], [0xFE, 0xFF]];

/// Reads everything, unpacks it if it is packed, and takes off the byte-order mark.
///
/// # Errors
/// When the file cannot be read or unpacked, is longer than 1 GiB, is empty, or is UTF-16.
pub(super) fn read_text(input: impl Read, name: &str, quality: &mut Quality) -> Result<Vec<u8>> {
    let mut bytes = read_limited(input, name)?;
    if bytes.starts_with(&GZIP_MAGIC) {
        bytes = read_limited(MultiGzDecoder::new(bytes.as_slice()), name)?;
        quality.gzip = true;
    }
    if bytes.starts_with(&UTF8_MARK) {
        bytes.drain(..UTF8_MARK.len());
        quality.byte_order_mark = true;
    }
    if UTF16_MARKS.iter().any(|mark| bytes.starts_with(mark)) {
        let fault = Fault::input(Place::line(name, 1), "the file is UTF-16, allowed is UTF-8");
        return Err(fault.remedy("save it as UTF-8").into());
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        let fault = Fault::input(Place::line(name, 1), "the file is empty; a header and at least two rows are needed");
        return Err(fault.remedy("export the trace again").into());
    }
    Ok(bytes)
}

fn read_limited(input: impl Read, name: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Fault::new(ErrorKind::File, Place::file(name), format!("the trace cannot be read: {error}")))?;
    if bytes.len() as u64 > MAX_BYTES {
        let fault = Fault::input(Place::file(name), "the trace is longer than 1 GiB");
        return Err(fault.remedy("shorten it, or sum it into longer slots").into());
    }
    Ok(bytes)
}

/// Line numbers of byte positions that are asked for in ascending order.
///
/// The csv reader's own line numbers point at the blank lines that it skips before a row.
pub(super) struct Lines<'a> {
    text: &'a [u8],
    position: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    /// Before the first byte of this text, on line 1.
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, position: 0, line: 1 }
    }

    /// The line of the first byte at or after `position` that is no line break.
    pub(super) fn line_at(&mut self, position: usize) -> usize {
        while let Some(&byte) = self.text.get(self.position) {
            let is_break = byte == b'\n' || byte == b'\r';
            if self.position >= position && !is_break {
                break;
            }
            // CR LF is one break, counted at its LF.
            if byte == b'\n' || (byte == b'\r' && self.text.get(self.position + 1) != Some(&b'\n')) {
                self.line += 1;
            }
            self.position += 1;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_over_blank_ones_and_every_kind_of_break() {
        let text = b"a\n\r\n\rb\r\nc";
        let mut lines = Lines::new(text);
        assert_eq!(lines.line_at(0), 1);
        // "b" follows LF, CR LF and CR: three breaks.
        assert_eq!(lines.line_at(2), 4);
        assert_eq!(lines.line_at(8), 5);
    }

    #[test]
    fn a_broken_archive_is_a_fault_of_the_file() {
        let error = read_text([0x1F, 0x8B, 8, 0].as_slice(), "a.csv.gz", &mut Quality::default()).unwrap_err();
        assert_eq!(error.faults()[0].kind, ErrorKind::File);
    }

    #[test]
    fn utf16_is_refused_by_name() {
        let error = read_text([0xFF, 0xFE, b't', 0].as_slice(), "a.csv", &mut Quality::default()).unwrap_err();
        assert_eq!(error.to_string(), "a.csv:1: the file is UTF-16, allowed is UTF-8 (save it as UTF-8)");
    }
}
