//! From rows to slots: order, duplicates, a changed clock, the slot's length, gaps.
//!
//! The rules, in the order in which they apply:
//!
//! 1. **Order.** A file whose stamps only fall is turned round. Else rows are put into the order of their
//!    stamps; rows of one stamp stay in the order of the file.
//! 2. **Slot.** The slot's length is the most common step between neighbouring stamps that differ; of
//!    equally common ones the shortest. Where requests are rare and slots without any are absent, the
//!    single step is still the most common one.
//! 3. **A changed clock.** A recorder that stamps with local time gives one stamp to all rows of the hour
//!    that the clock jumps over. When rows of one stamp stand together in the file, and exactly as many
//!    slots are missing between their neighbours in time, they are these slots, in the order of the file.
//! 4. **Duplicates.** Other rows of one stamp are counted once if their figures agree, and refused if not:
//!    nothing says which is right, or whether they should be added.
//! 5. **Grid.** Every stamp must lie a whole number of slots from the others. A stamp that does not is
//!    refused, since its figure belongs to two slots.
//! 6. **Gaps.** A slot without a row held no request.

use jiff::Timestamp;

use super::Trace;
use super::csv::Faults;
use super::quality::{Quality, Repair};
use crate::error::{Fault, Place, Result};
use crate::units::SimDuration;

/// The most slots of a trace: a leap year of seconds. A lone stamp decades away would else fill the memory
/// with empty slots.
const MAX_SLOTS: i64 = 366 * 86_400;

/// The longest slot: a year of days. Above, no figure of a simulation depends on a trace.
const MAX_SLOT: SimDuration = SimDuration::from_hours(366 * 24);

/// The largest count of a slot: above 2^53, not every whole number has a float of its own.
const MAX_COUNT: f64 = 9_007_199_254_740_992.0;

/// Half a unit of the sixth decimal: what writing a rate with six decimals can take from it.
const RATE_ROUNDING: f64 = 5e-7;

/// What writing a rate with seven significant digits can take from it, relative.
const RELATIVE_ROUNDING: f64 = 1e-6;

/// A row that could be read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Row {
    /// Where it stands in the file.
    pub(super) line: usize,
    /// Its stamp in nanoseconds since 1970, at least 0.
    pub(super) nanos: i64,
    /// Its rate or count, at least 0.
    pub(super) figure: f64,
}

/// Makes a trace of rows in the order of the file.
///
/// # Errors
/// When the slot's length cannot be told, stamps lie off the grid, or figures contradict one another.
pub(super) fn build(rows: Vec<Row>, is_count: bool, name: &str, mut quality: Quality) -> Result<Trace> {
    let rows = in_order_of_time(rows, &mut quality);
    let slot = slot_of(&rows, name)?;
    let rows = one_row_for_each_stamp(rows, slot, name, &mut quality)?;
    on_one_grid(&rows, slot, name)?;
    let counts = counts(&rows, slot, is_count, name, &mut quality)?;
    let first = rows.first().map_or(0, |row| row.nanos);
    quality.slot = SimDuration::from_nanos(slot);
    quality.grid_offset = SimDuration::from_nanos(first % slot);
    Ok(Trace { start: timestamp(first), slot: quality.slot, counts, quality })
}

/// A stamp that a row carried; every one that the reader lets pass fits.
fn timestamp(nanos: i64) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(nanos)).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Rows in the order of their stamps, each with its position in the order of the file (of the file turned
/// round, if it was).
fn in_order_of_time(mut rows: Vec<Row>, quality: &mut Quality) -> Vec<(usize, Row)> {
    let falls = rows.windows(2).any(|pair| pair[1].nanos < pair[0].nanos);
    let rises = rows.windows(2).any(|pair| pair[1].nanos > pair[0].nanos);
    if falls && !rises {
        rows.reverse();
        quality.newest_first = true;
    }
    let mut rows: Vec<(usize, Row)> = rows.into_iter().enumerate().collect();
    if falls && rises {
        rows.sort_by_key(|(_, row)| row.nanos);
        quality.rows_sorted = rows.iter().enumerate().filter(|(place, (position, _))| place != position).count();
    }
    rows
}

/// The most common step between different neighbouring stamps, in nanoseconds.
fn slot_of(rows: &[(usize, Row)], name: &str) -> Result<i64> {
    let mut steps: Vec<i64> = rows.windows(2).map(|pair| pair[1].1.nanos - pair[0].1.nanos).filter(|&step| step > 0).collect();
    steps.sort_unstable();
    let mut best = (0, 0);
    for equal in steps.chunk_by(|a, b| a == b) {
        if equal.len() > best.1 {
            best = (equal[0], equal.len());
        }
    }
    let line = rows.first().map_or(1, |(_, row)| row.line);
    match best.0 {
        0 => {
            let message = "all rows carry one time stamp, so the length of a slot is unknown; at least two stamps are needed";
            Err(Fault::input(Place::line(name, line), message).remedy("add the following slot, with 0 if no request arrived").into())
        }
        slot if slot > MAX_SLOT.as_nanos() => {
            let message = format!("stamps lie {} apart; allowed are slots of up to {MAX_SLOT}", SimDuration::from_nanos(slot));
            Err(Fault::input(Place::line(name, line), message).into())
        }
        slot => Ok(slot),
    }
}

/// Rules 3 and 4.
fn one_row_for_each_stamp(rows: Vec<(usize, Row)>, slot: i64, name: &str, quality: &mut Quality) -> Result<Vec<Row>> {
    let mut faults = Faults::default();
    let mut kept: Vec<Row> = Vec::with_capacity(rows.len());
    let mut rest = rows.as_slice();
    while let Some(&(_, first)) = rest.first() {
        let length = rest.iter().take_while(|(_, row)| row.nanos == first.nanos).count();
        let (run, after) = rest.split_at(length);
        rest = after;
        if length == 1 {
            kept.push(first);
        } else if let Some(first_slot) = slots_missing_around(run, kept.last(), after.first(), slot) {
            let stamp = timestamp(first.nanos);
            quality.repairs.push(Repair { stamp, first_line: first.line, rows: length, first_slot: timestamp(first_slot) });
            kept.extend((0_i64..).zip(run).map(|(index, (_, row))| Row { nanos: first_slot + index * slot, ..*row }));
        } else {
            for (_, row) in &run[1..] {
                if row.figure == first.figure {
                    quality.duplicates_dropped += 1;
                } else {
                    faults.add(|| contradiction(&first, row, name));
                }
            }
            kept.push(first);
        }
    }
    faults.finish(name)?;
    Ok(kept)
}

/// The start of the first of the slots that a run of rows with one stamp fills exactly; none when it does
/// not, or when it could as well be a repeated row: figures that all agree under a stamp on the grid.
fn slots_missing_around(run: &[(usize, Row)], before: Option<&Row>, after: Option<&(usize, Row)>, slot: i64) -> Option<i64> {
    let (before, (_, after)) = (before?, after?);
    let stands_together = run.windows(2).all(|pair| pair[1].0 == pair[0].0 + 1);
    let fits = i64::try_from(run.len() + 1).ok()?.checked_mul(slot)? == after.nanos - before.nanos;
    let (_, first) = run.first()?;
    let figures_agree = run.iter().all(|(_, row)| row.figure == first.figure);
    let on_grid = (first.nanos - before.nanos) % slot == 0;
    (stands_together && fits && !(figures_agree && on_grid)).then_some(before.nanos + slot)
}

fn contradiction(first: &Row, other: &Row, name: &str) -> Fault {
    let message = format!(
        "the time stamp {} stands here with {} and on line {} with {}; one figure is allowed for each",
        timestamp(first.nanos),
        other.figure,
        first.line,
        first.figure
    );
    Fault::input(Place::line(name, other.line), message).remedy("keep one of them, or write stamps in UTC if the clock was changed")
}

/// Rule 5. The grid is the one on which most stamps lie.
fn on_one_grid(rows: &[Row], slot: i64, name: &str) -> Result<()> {
    let mut offsets: Vec<i64> = rows.iter().map(|row| row.nanos % slot).collect();
    offsets.sort_unstable();
    let grid = offsets.chunk_by(|a, b| a == b).max_by_key(|equal| equal.len()).map_or(0, |equal| equal[0]);
    let mut faults = Faults::default();
    for row in rows.iter().filter(|row| row.nanos % slot != grid) {
        faults.add(|| {
            let length = SimDuration::from_nanos(slot);
            let late = SimDuration::from_nanos((row.nanos - grid).rem_euclid(slot));
            let message = format!(
                "the time stamp {} lies {late} after the start of a slot; stamps lie {length} apart elsewhere",
                timestamp(row.nanos)
            );
            Fault::input(Place::line(name, row.line), message).remedy("give every slot its own stamp, all of them equally far apart")
        });
    }
    faults.finish(name)
}

/// Rule 6, and from figures to counts.
fn counts(rows: &[Row], slot: i64, is_count: bool, name: &str, quality: &mut Quality) -> Result<Vec<f64>> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(Vec::new()) };
    let slots = (last.nanos - first.nanos) / slot + 1;
    let Some(length) = usize::try_from(slots).ok().filter(|_| slots <= MAX_SLOTS) else {
        let message = format!(
            "stamps from {} to {} span {slots} slots of {}; allowed are {MAX_SLOTS}",
            timestamp(first.nanos),
            timestamp(last.nanos),
            SimDuration::from_nanos(slot)
        );
        return Err(Fault::input(Place::line(name, last.line), message).remedy("check the first and the last stamp").into());
    };
    let slot_seconds = SimDuration::from_nanos(slot).as_seconds_f64();
    let mut counts = vec![0.0; length];
    let mut next_free = 0;
    let mut faults = Faults::default();
    for row in rows {
        let index = usize::try_from((row.nanos - first.nanos) / slot).unwrap_or(usize::MAX);
        let gap = index - next_free;
        quality.slots_filled += gap;
        quality.longest_gap_slots = quality.longest_gap_slots.max(gap);
        next_free = index + 1;
        let count = if is_count { row.figure } else { whole_if_rounded(row.figure * slot_seconds, slot_seconds, quality) };
        if count > MAX_COUNT {
            faults.add(|| Fault::input(Place::line(name, row.line), format!("{count:e} requests in one slot; allowed are 2^53")));
        }
        counts[index] = count;
    }
    faults.finish(name)?;
    Ok(counts)
}

/// A count that was recorded as a rate: the whole number it came from, if the rate's rounding explains the
/// difference. What is more than nothing stays more than nothing.
fn whole_if_rounded(count: f64, slot_seconds: f64, quality: &mut Quality) -> f64 {
    let whole = count.round();
    let difference = (count - whole).abs();
    if difference == 0.0 || whole == 0.0 || difference > RATE_ROUNDING * slot_seconds + RELATIVE_ROUNDING * whole {
        return count;
    }
    quality.counts_made_whole += 1;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows at these seconds, with these figures, from line 2 on.
    fn rows(cells: &[(i64, f64)]) -> Vec<Row> {
        (2..).zip(cells).map(|(line, &(seconds, figure))| Row { line, nanos: seconds * 1_000_000_000, figure }).collect()
    }

    fn trace(cells: &[(i64, f64)]) -> std::result::Result<Trace, String> {
        build(rows(cells), true, "a.csv", Quality::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_slot_is_the_most_common_step_and_gaps_hold_no_request() {
        let trace = trace(&[(600, 1.0), (900, 2.0), (1200, 3.0), (2100, 4.0), (2700, 5.0)]).unwrap();
        assert_eq!(trace.slot, SimDuration::from_seconds(300));
        assert_eq!(trace.counts, [1.0, 2.0, 3.0, 0.0, 0.0, 4.0, 0.0, 5.0]);
        assert_eq!((trace.quality.slots_filled, trace.quality.longest_gap_slots), (3, 2));
        assert_eq!(trace.start, timestamp(600_000_000_000));
    }

    #[test]
    fn of_equally_common_steps_the_shortest_is_the_slot() {
        assert_eq!(trace(&[(0, 1.0), (120, 2.0), (180, 3.0)]).unwrap().counts, [1.0, 0.0, 2.0, 3.0]);
    }

    #[test]
    fn a_stamp_off_the_grid_is_refused_with_its_line() {
        let error = trace(&[(0, 1.0), (300, 2.0), (600, 3.0), (660, 9.0), (900, 4.0)]).unwrap_err();
        assert!(error.starts_with("a.csv:5: the time stamp 1970-01-01T00:11:00Z lies 1m after the start of a slot"), "{error}");
        assert_eq!(error.lines().count(), 1);
        let error = trace(&[(7, 1.0), (60, 1.0), (120, 2.0), (180, 3.0)]).unwrap_err();
        assert!(error.starts_with("a.csv:2: ") && error.lines().count() == 1, "{error}");
    }

    #[test]
    fn rows_are_put_into_the_order_of_their_stamps() {
        let sorted = trace(&[(0, 1.0), (180, 4.0), (120, 3.0), (60, 2.0)]).unwrap();
        assert_eq!(sorted.counts, [1.0, 2.0, 3.0, 4.0]);
        assert_eq!((sorted.quality.rows_sorted, sorted.quality.newest_first), (2, false));
        let reversed = trace(&[(180, 4.0), (120, 3.0), (60, 2.0), (0, 1.0)]).unwrap();
        assert_eq!(reversed.counts, [1.0, 2.0, 3.0, 4.0]);
        assert_eq!((reversed.quality.rows_sorted, reversed.quality.newest_first), (0, true));
    }

    #[test]
    fn a_repeated_row_counts_once_and_a_contradicting_one_is_refused() {
        let once = trace(&[(0, 1.0), (60, 2.0), (60, 2.0), (120, 3.0)]).unwrap();
        assert_eq!((once.counts.as_slice(), once.quality.duplicates_dropped), ([1.0, 2.0, 3.0].as_slice(), 1));
        let error = trace(&[(0, 1.0), (60, 2.0), (60, 5.0), (120, 3.0)]).unwrap_err();
        assert!(error.starts_with("a.csv:4: the time stamp 1970-01-01T00:01:00Z stands here with 5 and on line 3 with 2"), "{error}");
    }

    /// An hour of local time that occurs twice, as when clocks are put back, has two figures for each
    /// stamp: which came first cannot be told of a sorted file.
    #[test]
    fn an_hour_that_occurs_twice_is_refused() {
        let error = trace(&[(0, 1.0), (1800, 2.0), (3600, 3.0), (1800, 4.0), (3600, 5.0), (5400, 6.0)]).unwrap_err();
        assert_eq!(error.lines().count(), 2, "{error}");
    }

    #[test]
    fn rows_of_one_stamp_that_fill_a_gap_exactly_belong_to_it() {
        let cells = [(0, 1.0), (60, 2.0), (240, 3.0), (240, 4.0), (240, 5.0), (300, 6.0), (360, 7.0)];
        let trace_of = |cells: &[(i64, f64)]| trace(cells).unwrap();
        let forwards = trace_of(&cells);
        assert_eq!(forwards.counts, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        let repair = Repair { stamp: timestamp(240_000_000_000), first_line: 4, rows: 3, first_slot: timestamp(120_000_000_000) };
        assert_eq!(forwards.quality.repairs, [repair]);
        let mut newest_first = cells;
        newest_first.reverse();
        assert_eq!(trace_of(&newest_first).counts, forwards.counts);
        // Two rows cannot fill three slots.
        assert!(trace(&[(0, 1.0), (60, 2.0), (240, 3.0), (240, 4.0), (300, 6.0), (360, 7.0)]).is_err());
        // Scattered over the file, their order says nothing.
        assert!(trace(&[(240, 3.0), (0, 1.0), (60, 2.0), (240, 4.0), (240, 5.0), (300, 6.0), (360, 7.0)]).is_err());
    }

    #[test]
    fn one_stamp_alone_has_no_slot() {
        for cells in [[(60, 1.0)].as_slice(), &[(60, 1.0), (60, 1.0)]] {
            assert!(trace(cells).unwrap_err().contains("the length of a slot is unknown"));
        }
    }

    #[test]
    fn a_stamp_far_away_does_not_fill_the_memory() {
        let error = trace(&[(0, 1.0), (1, 1.0), (2, 1.0), (1_397_088_240, 1.0)]).unwrap_err();
        assert!(error.starts_with("a.csv:5: ") && error.contains("span 1397088241 slots of 1s"), "{error}");
    }

    /// 94 requests in 300 s are 0.313333 per second in a file of six decimals, which is 93.9999 requests.
    #[test]
    fn the_rounding_of_a_rate_makes_no_fractions() {
        let counts = |cells: &[(i64, f64)]| build(rows(cells), false, "a.csv", Quality::default()).unwrap();
        let trace = counts(&[(0, 0.313_333), (300, 0.31), (600, 0.3141), (900, 0.000_000_4)]);
        assert_eq!(trace.counts[..2], [94.0, 93.0]);
        assert!((trace.counts[2] - 94.23).abs() < 1e-9 && trace.counts[3] > 0.0);
        assert_eq!(trace.quality.counts_made_whole, 1);
    }

    #[test]
    fn a_count_that_no_float_holds_is_refused() {
        let error = trace(&[(0, 1.0), (60, 1e17)]).unwrap_err();
        assert!(error.starts_with("a.csv:3: 1e17 requests in one slot"), "{error}");
    }
}
