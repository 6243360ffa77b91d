//! Comma-separated values: a header, then a row for each slot, in any order.
//!
//! The delimiter is the comma, the semicolon or the tab, whichever the header holds most of. All rows that
//! cannot be read are reported at once, each with its line. What the rows mean together (the slot's length,
//! duplicates, gaps) is decided in `series`.

use std::io::Read;

use csv::{ByteRecord, ReaderBuilder};

use super::Trace;
use super::columns::{Columns, Head, choose};
use super::input::{Lines, read_text};
use super::numbers::parse_number;
use super::quality::Quality;
use super::series::{Row, build};
use super::timestamps::parse_stamp;
use crate::error::{Error, Fault, Place, Result};

/// Faults that are listed one by one; beyond, only their number is told.
pub(super) const LISTED_FAULTS: usize = 100;

/// What the caller knows about a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CsvOptions {
    /// The column that holds the figure; none: the one of a usual name, else the only numeric one.
    pub column: Option<String>,
    /// Whether the figure is a count per slot (`true`) or a rate per second (`false`); none: the column's
    /// name decides.
    pub unit_is_count: Option<bool>,
}

/// Reads a trace. `name` is the file's name for messages, `-` for standard input.
///
/// The input may be packed with gzip. A rate becomes a count by the slot's length; a count that lies within
/// the rounding of a file with six decimals of a whole number becomes that number, because what was
/// recorded was whole.
///
/// # Errors
/// When the file cannot be read, or can be understood in no way or in more than one; every fault names its
/// line.
///
/// # Examples
/// ```
/// let text = "timestamp,requests_per_second\n2026-03-02T00:00:00Z,0.5\n2026-03-02T00:01:00Z,2\n";
/// let trace = ecsim::trace::read_csv(text.as_bytes(), "web.csv", &Default::default())?;
/// assert_eq!(trace.counts, [30.0, 120.0]);
/// # Ok::<(), ecsim::error::Error>(())
/// ```
pub fn read_csv(input: impl Read, name: &str, options: &CsvOptions) -> Result<Trace> {
    let mut quality = Quality::default();
    let text = read_text(input, name, &mut quality)?;
    let delimiter = delimiter_of(&text);
    if delimiter != b',' {
        quality.delimiter = Some(char::from(delimiter));
    }
    let mut table = Table::new(&text, delimiter, name);
    let Some((header_line, header)) = table.next_record()? else {
        return Err(Fault::input(Place::line(name, 1), "the file holds no header").into());
    };
    let Some((first_line, first)) = table.next_record()? else {
        let fault = Fault::input(Place::line(name, header_line), "there are no rows below the header; at least two are needed");
        return Err(fault.remedy("export the trace again").into());
    };
    let comma_is_decimal = delimiter != b',';
    let head = Head {
        names: header.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect(),
        first_row: first.iter().collect(),
        comma_is_decimal,
        place: Place::line(name, header_line),
    };
    let columns = choose(&head, options)?;
    quality.column.clone_from(&head.names[columns.figure]);
    quality.unit_is_count = columns.is_count;

    let mut rows = Rows {
        name,
        columns: &columns,
        width: head.names.len(),
        comma_is_decimal,
        points: None,
        commas: None,
        list: Vec::new(),
        faults: Faults::default(),
    };
    rows.add(first_line, &first, &mut quality);
    while let Some((line, record)) = table.next_record()? {
        rows.add(line, &record, &mut quality);
        table.recycle(record);
    }
    let rows = rows.finish()?;
    quality.rows = rows.len();
    build(rows, columns.is_count, name, quality)
}

/// The comma unless the first line that is not blank holds more of another; a comma inside quotes may
/// count, which no header of a trace has.
fn delimiter_of(text: &[u8]) -> u8 {
    let header = text.split(|&byte| byte == b'\n' || byte == b'\r').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let number_of = |delimiter: u8| header.iter().filter(|&&byte| byte == delimiter).count();
    let mut best = b',';
    for other in [b';', b'\t'] {
        if number_of(other) > number_of(best) {
            best = other;
        }
    }
    best
}

/// Records with the line on which each begins.
struct Table<'a> {
    reader: csv::Reader<&'a [u8]>,
    lines: Lines<'a>,
    name: &'a str,
    spare: ByteRecord,
}

impl<'a> Table<'a> {
    fn new(text: &'a [u8], delimiter: u8, name: &'a str) -> Self {
        let reader = ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text);
        Self { reader, lines: Lines::new(text), name, spare: ByteRecord::new() }
    }

    fn next_record(&mut self) -> Result<Option<(usize, ByteRecord)>> {
        let mut record = std::mem::take(&mut self.spare);
        let start = usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX);
        let line = self.lines.line_at(start);
        match self.reader.read_byte_record(&mut record) {
            Ok(true) => Ok(Some((line, record))),
            Ok(false) => Ok(None),
            Err(error) => Err(Fault::input(Place::line(self.name, line), format!("the row cannot be read: {error}")).into()),
        }
    }

    /// Takes back a record, so that its memory serves the next row.
    fn recycle(&mut self, record: ByteRecord) {
        self.spare = record;
    }
}

/// Faults, listed up to a limit.
#[derive(Default)]
pub(super) struct Faults {
    listed: Vec<Fault>,
    unlisted: usize,
}

impl Faults {
    /// Adds one; `make` is called only while faults are listed.
    pub(super) fn add(&mut self, make: impl FnOnce() -> Fault) {
        if self.listed.len() < LISTED_FAULTS {
            self.listed.push(make());
        } else {
            self.unlisted += 1;
        }
    }

    /// An error of all of them, or nothing to complain of.
    pub(super) fn finish(mut self, name: &str) -> Result<()> {
        if self.unlisted > 0 {
            self.listed.push(Fault::input(Place::file(name), format!("{} more rows have faults", self.unlisted)));
        }
        Error::from_faults(self.listed)
    }
}

/// The rows read so far.
struct Rows<'a> {
    name: &'a str,
    columns: &'a Columns,
    width: usize,
    comma_is_decimal: bool,
    /// The first line with a decimal point.
    points: Option<usize>,
    /// The first line with a decimal comma.
    commas: Option<usize>,
    list: Vec<Row>,
    faults: Faults,
}

impl Rows<'_> {
    fn add(&mut self, line: usize, record: &ByteRecord, quality: &mut Quality) {
        let place = || Place::line(self.name, line);
        if record.len() != self.width {
            let (found, width) = (record.len(), self.width);
            self.faults.add(|| {
                Fault::input(place(), format!("the row has {found} fields, the header {width}"))
                    .remedy("a decimal comma needs `;` between the columns, and a text with commas needs quotes")
            });
            return;
        }
        let (time, figure) = (&record[self.columns.time], &record[self.columns.figure]);
        let stamp = parse_stamp(time);
        let number = parse_number(figure, self.comma_is_decimal);
        if let Err(reason) = stamp {
            self.faults.add(|| Fault::input(place(), format!("the time stamp {} {reason}", shown(time))));
        }
        if let Err(reason) = number {
            self.faults.add(|| {
                Fault::input(place(), format!("the figure {} {reason}; allowed is a number of at least 0", shown(figure)))
                    .remedy("mend the row, or leave it out if no request arrived")
            });
        }
        if let (Ok(stamp), Ok(number)) = (stamp, number) {
            quality.naive_stamps += usize::from(stamp.naive);
            match number.decimal_sign {
                Some(b',') => {
                    quality.decimal_commas += 1;
                    self.commas.get_or_insert(line);
                }
                Some(_) => {
                    self.points.get_or_insert(line);
                }
                None => {}
            }
            self.list.push(Row { line, nanos: stamp.nanos, figure: number.value });
        }
    }

    fn finish(mut self) -> Result<Vec<Row>> {
        if let (Some(point), Some(comma)) = (self.points, self.commas) {
            let message = format!("the decimals of this figure follow a comma, those on line {point} a point");
            self.faults.add(|| Fault::input(Place::line(self.name, comma), message).remedy("use one of them throughout"));
        }
        self.faults.finish(self.name)?;
        Ok(self.list)
    }
}

/// A cell for a message: quoted, and cut where it is long.
fn shown(cell: &[u8]) -> String {
    const LONGEST_CHARACTERS: usize = 40;
    let text = String::from_utf8_lossy(cell);
    match text.char_indices().nth(LONGEST_CHARACTERS) {
        Some((end, _)) => format!("`{}...`", &text[..end]),
        None => format!("`{text}`"),
    }
}
