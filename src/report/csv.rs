//! Tables as the text of CSV.

use crate::error::{Error, ErrorKind, Fault, Place};

/// What is written, as text.
///
/// # Errors
/// When a row cannot be written, which memory alone can cause.
pub(super) fn text(write: impl FnOnce(&mut ::csv::Writer<Vec<u8>>) -> ::csv::Result<()>) -> Result<String, Error> {
    let failed = |reason: &dyn std::fmt::Display| Fault::new(ErrorKind::File, Place::default(), format!("cannot write CSV: {reason}"));
    // Columns are written by name where a table may have no rows; rows of a struct bring theirs.
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    write(&mut writer).map_err(|reason| failed(&reason))?;
    let bytes = writer.into_inner().map_err(|reason| failed(&reason))?;
    Ok(String::from_utf8(bytes).map_err(|reason| failed(&reason))?)
}
