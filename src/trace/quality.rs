//! What was done to a file on the way to a trace, so that nothing is done silently.

use jiff::Timestamp;

use crate::units::SimDuration;

/// The resolution of the metrics that scaling reads: longer slots hide what these would show.
const MINUTE: SimDuration = SimDuration::from_seconds(60);

/// What was done to a file. All zero, false and empty for a file that was taken as it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quality {
    /// The column that was read; empty for a trace that was not read from a file.
    pub column: String,
    /// Whether that column was read as a count per slot instead of a rate per second.
    pub unit_is_count: bool,
    /// Rows below the header.
    pub rows: usize,
    /// Whether the file was packed with gzip.
    pub gzip: bool,
    /// Whether the file began with a byte-order mark.
    pub byte_order_mark: bool,
    /// The delimiter, when it is not a comma.
    pub delimiter: Option<char>,
    /// Figures whose decimals stand after a comma.
    pub decimal_commas: usize,
    /// Stamps without a time zone, read as UTC.
    pub naive_stamps: usize,
    /// Whether the rows stood newest first.
    pub newest_first: bool,
    /// Rows that stood elsewhere than their stamps say and were put into place.
    pub rows_sorted: usize,
    /// Rows that repeat an earlier row's stamp and figure, dropped.
    pub duplicates_dropped: usize,
    /// Runs of rows with one stamp that were spread over the slots they belong to.
    pub repairs: Vec<Repair>,
    /// Slots without a row, filled with zero.
    pub slots_filled: usize,
    /// The most filled slots in a row.
    pub longest_gap_slots: usize,
    /// How far slots begin after whole multiples of their length (from midnight UTC for slots that
    /// divide a day); zero for slots that begin on them.
    pub grid_offset: SimDuration,
    /// Counts that the file's rounding had made fractions, and that are whole again.
    pub counts_made_whole: usize,
    /// The length of a slot.
    pub slot: SimDuration,
}

/// A run of rows that carried one stamp and fill exactly the slots missing around it: what a change of the
/// clock does to a recorder that stamps with local time.
#[derive(Clone, Debug, PartialEq)]
pub struct Repair {
    /// The stamp that all of them carried.
    pub stamp: Timestamp,
    /// The line of the first of them.
    pub first_line: usize,
    /// How many they are.
    pub rows: usize,
    /// The start of the first slot that they were given.
    pub first_slot: Timestamp,
}

impl Quality {
    /// What was done, a sentence each; none for a file that was taken as it stands. That counts within the
    /// rounding of the file became whole is its plain reading and no sentence.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        self.tell_form(&mut sentences);
        self.tell_rows(&mut sentences);
        self.tell_slots(&mut sentences);
        sentences
    }

    fn tell_form(&self, sentences: &mut Vec<String>) {
        if self.gzip {
            sentences.push("The file was unpacked (gzip).".to_owned());
        }
        if self.byte_order_mark {
            sentences.push("A byte-order mark at the start of the file was skipped.".to_owned());
        }
        if let Some(delimiter) = self.delimiter {
            let shown = if delimiter == '\t' { "a tab".to_owned() } else { format!("`{delimiter}`") };
            sentences.push(format!("Columns are separated by {shown}."));
        }
        if self.decimal_commas > 0 {
            sentences.push(format!("{} with a decimal comma.", counted(self.decimal_commas, "figure was read", "figures were read")));
        }
    }

    fn tell_rows(&self, sentences: &mut Vec<String>) {
        if self.naive_stamps > 0 {
            let stamps = counted(self.naive_stamps, "time stamp names", "time stamps name");
            sentences.push(format!("{stamps} no time zone and counted as UTC."));
        }
        if self.newest_first {
            sentences.push("Rows stood newest first and were reversed.".to_owned());
        }
        if self.rows_sorted > 0 {
            sentences.push(format!("{} out of order and put into place.", counted(self.rows_sorted, "row stood", "rows stood")));
        }
        if self.duplicates_dropped > 0 {
            let rows = counted(self.duplicates_dropped, "row repeats", "rows repeat");
            sentences.push(format!("{rows} the stamp and the figure of another and were counted once."));
        }
        for repair in &self.repairs {
            sentences.push(format!(
                "{} rows from line {} on carry one stamp ({}) and fill exactly the slots that are missing from {} on: they were given these \
                 slots in the order of the file, as after a change of the recorder's clock.",
                repair.rows, repair.first_line, repair.stamp, repair.first_slot
            ));
        }
    }

    fn tell_slots(&self, sentences: &mut Vec<String>) {
        if self.slots_filled > 0 {
            let slots = counted(self.slots_filled, "slot has", "slots have");
            let longest = self.slot * i64::try_from(self.longest_gap_slots).unwrap_or(i64::MAX);
            sentences.push(format!("{slots} no row and count as no requests; the longest gap lasts {longest}."));
        }
        if self.grid_offset != SimDuration::ZERO {
            let (slot, offset) = (self.slot, self.grid_offset);
            sentences.push(format!("Slots of {slot} begin {offset} after the whole {slot}, as in the file."));
        }
        if self.slot > MINUTE {
            let slot = self.slot;
            sentences
                .push(format!("Slots last {slot}: requests are spread evenly over each, and bursts inside of one are not in the file."));
        }
    }
}

fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_file_needs_no_sentence() {
        let clean = Quality { column: "rps".to_owned(), rows: 9, slot: SimDuration::from_seconds(60), ..Quality::default() };
        assert!(clean.sentences().is_empty());
    }

    #[test]
    fn everything_done_is_told() {
        let stamp = Timestamp::from_second(1_394_334_000).unwrap();
        let quality = Quality {
            gzip: true,
            byte_order_mark: true,
            delimiter: Some(';'),
            decimal_commas: 2,
            naive_stamps: 1,
            newest_first: true,
            rows_sorted: 2,
            duplicates_dropped: 1,
            repairs: vec![Repair { stamp, first_line: 558, rows: 12, first_slot: stamp }],
            slots_filled: 3,
            longest_gap_slots: 2,
            grid_offset: SimDuration::from_seconds(240),
            counts_made_whole: 48,
            slot: SimDuration::from_seconds(300),
            ..Quality::default()
        };
        let sentences = quality.sentences();
        assert_eq!(sentences.len(), 12);
        for said in [
            "gzip",
            "byte-order",
            "`;`",
            "decimal comma",
            "1 time stamp names",
            "newest first",
            "2 rows",
            "line 558",
            "10m",
            "4m",
            "Slots last 5m",
        ] {
            assert!(sentences.iter().any(|sentence| sentence.contains(said)), "{said}");
        }
    }
}
