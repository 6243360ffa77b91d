//! Opens a price file: plain or gzip, with or without a byte order mark.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use super::scan::unreadable;
use crate::error::{Error, ErrorKind, Fault, Place, Result};
use crate::files::{Files, reason};

/// Bytes that are read from the disk at once.
const BUFFER_BYTES: usize = 1 << 20;
const GZIP: &[u8] = &[0x1f, 0x8b];
const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
const UTF16_MARKS: [&[u8]; 2] = [&[0xff, 0xfe], &[0xfe, 0xff]];

/// The form of a file's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    Json,
    Csv,
}

/// The text of a file and its form.
pub(super) fn open(files: &dyn Files, name: &str) -> Result<(Box<dyn Read>, Syntax)> {
    let file = files.open(name).map_err(|error| {
        let fault = Fault::new(ErrorKind::File, Place::file(name), format!("cannot be read: {}", reason(&error)));
        Error::from(fault.remedy("name a price file of AWS, or - for standard input"))
    })?;
    let unreadable = |error: &io::Error| unreadable(name, None, error);
    let mut plain = BufReader::with_capacity(BUFFER_BYTES, file);
    let head = plain.fill_buf().map_err(|error| unreadable(&error))?;
    if UTF16_MARKS.iter().any(|mark| head.starts_with(mark)) {
        return Err(Fault::input(Place::file(name), "the text is UTF-16, allowed is UTF-8").remedy("save it as UTF-8").into());
    }
    if head.starts_with(GZIP) {
        return text(Box::new(MultiGzDecoder::new(plain)), name);
    }
    text(Box::new(plain), name)
}

/// Looks at the beginning of a text, and puts it back.
fn text(mut input: Box<dyn Read>, name: &str) -> Result<(Box<dyn Read>, Syntax)> {
    let mut head = Vec::new();
    input.by_ref().take(4096).read_to_end(&mut head).map_err(|error| unreadable(name, None, &error))?;
    if head.starts_with(UTF8_MARK) {
        head.drain(..UTF8_MARK.len());
    }
    let syntax = match head.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => Syntax::Json,
        Some(_) => Syntax::Csv,
        None => {
            let fault = Fault::input(Place::file(name), "the file is empty");
            return Err(fault.remedy("nothing was imported: download the file anew").into());
        }
    };
    Ok((Box::new(io::Cursor::new(head).chain(input)), syntax))
}
