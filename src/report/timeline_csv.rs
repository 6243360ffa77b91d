//! The timeline as CSV, for spreadsheets and notebooks.
//!
//! The rows are those of the result document: one for each step and service, times RFC 3339 in UTC,
//! figures with six significant digits, an empty field where there is no data.

use std::io::Write;

use crate::error::{Error, ErrorKind, Fault, Place};
use crate::result::Timeline;

/// Writes the timeline with its header.
///
/// # Errors
/// When the writer fails.
pub fn write_timeline(timeline: &Timeline, out: impl Write) -> Result<(), Error> {
    write_records(timeline, out).map_err(|reason| {
        let message = format!("cannot write the timeline: {reason}");
        Fault::new(ErrorKind::File, Place::default(), message).into()
    })
}

fn write_records(timeline: &Timeline, out: impl Write) -> csv::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(&timeline.columns)?;
    for row in &timeline.rows {
        writer.serialize(row)?;
    }
    writer.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::{Cell, Figure};

    #[test]
    fn a_field_has_the_digits_of_the_document_and_no_data_is_empty() {
        let row = vec![
            Cell::from("2026-03-02T00:00:00Z"),
            Cell::from("web, \"the\" shop"),
            Cell::rounded(1.0 / 3.0),
            Cell::from(7),
            Cell::NOTHING,
            Cell::Number(Figure(1e-7)),
        ];
        let columns = ["time", "service", "a", "b", "c", "d"].map(String::from).to_vec();
        let timeline = Timeline { resolution_seconds: Figure(60.0), columns, rows: vec![row] };
        let mut out = Vec::new();
        write_timeline(&timeline, &mut out).expect("a vector takes everything");
        let text = String::from_utf8(out).expect("CSV is UTF-8");
        assert_eq!(text, "time,service,a,b,c,d\n2026-03-02T00:00:00Z,\"web, \"\"the\"\" shop\",0.333333,7,,1e-7\n");
    }
}
