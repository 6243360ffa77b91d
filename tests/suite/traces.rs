//! Every file of `tests/data/quality` is read right or refused with a line number, and the trace that ships
//! with the project is what its README says.
//!
//! The right reading is `variant_expected.csv`. Its counts are those of `variant_extra_columns_reordered.csv`,
//! which holds the same series as whole numbers.

use std::fs::{File, read, read_to_string};
use std::io::Write;

use ecsim::error::ErrorKind;
use ecsim::trace::{CsvOptions, Trace, read_csv};
use ecsim::units::SimDuration;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use proptest::prelude::*;

fn path(name: &str) -> String {
    format!("{}/tests/data/quality/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn quality_file(name: &str, options: &CsvOptions) -> Result<Trace, String> {
    let file = File::open(path(name)).expect("a file of the repository");
    read_csv(file, name, options).map_err(|error| error.to_string())
}

fn readable(name: &str) -> Trace {
    quality_file(name, &CsvOptions::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn refused(name: &str) -> String {
    quality_file(name, &CsvOptions::default()).expect_err(name)
}

/// The counts, read without the reader under test.
fn recorded_counts() -> Vec<f64> {
    let text = read_to_string(path("variant_extra_columns_reordered.csv")).expect("a file of the repository");
    text.lines().skip(1).map(|line| line.split(',').next().expect("a first column").parse().expect("a number")).collect()
}

fn assert_is_the_series(trace: &Trace, name: &str) {
    assert_eq!(trace.start, "2014-04-10T00:04:00Z".parse::<Timestamp>().expect("a stamp"), "{name}");
    assert_eq!(trace.end(), "2014-04-10T04:04:00Z".parse::<Timestamp>().expect("a stamp"), "{name}");
    assert_eq!(trace.slot, SimDuration::from_seconds(300), "{name}");
    assert_eq!(trace.counts, recorded_counts(), "{name}");
    assert_eq!(trace.quality.rows - trace.quality.duplicates_dropped, 48, "{name}");
    assert_eq!(trace.quality.slots_filled, 0, "{name}");
    assert_eq!(trace.quality.grid_offset, SimDuration::from_seconds(240), "{name}");
}

#[test]
fn every_way_of_writing_one_series_gives_the_same_trace() {
    // File, and what must have been said about it.
    let cases = [
        ("variant_expected.csv", ""),
        ("variant_no_final_newline.csv", ""),
        ("variant_epoch_seconds.csv", ""),
        ("variant_epoch_millis.csv", ""),
        ("variant_offset_minus0400.csv", ""),
        ("variant_extra_columns_reordered.csv", ""),
        ("variant_crlf_bom.csv", "byte-order mark"),
        ("variant_naive_space.csv", "48 time stamps name no time zone and counted as UTC"),
        ("variant_newest_first.csv", "Rows stood newest first"),
        ("variant_out_of_order.csv", "2 rows stood out of order"),
        ("variant_duplicate_stamp.csv", "1 row repeats the stamp"),
        ("variant_semicolon_decimal_comma.csv", "48 figures were read with a decimal comma"),
    ];
    for (name, said) in cases {
        let trace = readable(name);
        assert_is_the_series(&trace, name);
        let sentences = trace.quality.sentences().join(" ");
        assert!(sentences.contains(said), "{name}: {sentences}");
    }
}

#[test]
fn a_trace_may_be_packed_with_gzip() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(&read(path("variant_expected.csv")).expect("a file of the repository")).expect("memory");
    let packed = packed.finish().expect("memory");
    let trace = read_csv(packed.as_slice(), "web.csv.gz", &CsvOptions::default()).expect("a trace");
    assert_is_the_series(&trace, "web.csv.gz");
    assert!(trace.quality.gzip);
    let cut = read_csv(&packed[..packed.len() / 2], "web.csv.gz", &CsvOptions::default()).expect_err("half an archive");
    assert_eq!(cut.faults()[0].kind, ErrorKind::File);
}

#[test]
fn every_bad_figure_is_refused_with_its_line() {
    let error = refused("variant_bad_values.csv");
    let lines: Vec<&str> = error.lines().collect();
    let expected = [
        (7, "`` is empty"),
        (8, "`NaN` is not a number"),
        (9, "`-1` is negative"),
        (10, "`inf` is not finite"),
        (11, "`1e309` is not finite"),
        (12, "`abc` is not a number"),
    ];
    assert_eq!(lines.len(), expected.len(), "{error}");
    for ((number, said), line) in expected.into_iter().zip(lines) {
        assert!(line.starts_with(&format!("variant_bad_values.csv:{number}: the figure {said}")), "{line}");
    }
}

#[test]
fn files_without_a_series_are_refused() {
    for (name, said) in [
        ("variant_empty.csv", "variant_empty.csv:1: the file is empty"),
        ("variant_header_only.csv", "variant_header_only.csv:1: there are no rows below the header"),
        ("variant_one_row.csv", "variant_one_row.csv:2: all rows carry one time stamp, so the length of a slot is unknown"),
    ] {
        let error = refused(name);
        assert!(error.starts_with(said) && error.ends_with(')'), "{error}");
    }
}

/// The hour that the clock jumps over: twelve rows, all stamped 03:00, belong to 02:01 to 02:56.
#[test]
fn rows_that_a_clock_change_stamped_alike_are_put_back() {
    let utilisation = CsvOptions { column: Some("cpu_percent".to_owned()), unit_is_count: Some(true) };
    let raw = quality_file("nab_dst_duplicates_raw.csv", &utilisation).expect("a trace");
    let repaired = quality_file("nab_dst_duplicates_repaired.csv", &utilisation).expect("a trace");
    assert_eq!((raw.start, raw.slot, &raw.counts), (repaired.start, repaired.slot, &repaired.counts));
    assert!(repaired.quality.repairs.is_empty());
    let [repair] = raw.quality.repairs.as_slice() else { panic!("{:?}", raw.quality.repairs) };
    assert_eq!((repair.first_line, repair.rows), (558, 12));
    assert_eq!(repair.first_slot, "2014-03-09T02:01:00Z".parse::<Timestamp>().expect("a stamp"));
    assert!(raw.quality.sentences().iter().any(|sentence| sentence.contains("12 rows from line 558 on")));
}

#[test]
fn a_utilisation_is_not_taken_for_requests() {
    let error = refused("nab_dst_duplicates_repaired.csv");
    assert!(error.starts_with("nab_dst_duplicates_repaired.csv:1: the name of column `cpu_percent` does not tell"), "{error}");
}

#[test]
fn rows_that_contradict_one_another_are_both_named() {
    let text = "timestamp,requests\n2026-03-02T00:00:00Z,1\n\n2026-03-02T00:01:00Z,2\n2026-03-02T00:01:00Z,3\n2026-03-02T00:02:00Z,4\n";
    let error = read_csv(text.as_bytes(), "web.csv", &CsvOptions::default()).expect_err("a contradiction").to_string();
    assert!(error.starts_with("web.csv:5: the time stamp 2026-03-02T00:01:00Z stands here with 3 and on line 4 with 2"), "{error}");
}

#[test]
fn decimal_signs_may_not_be_mixed_and_rows_must_be_whole() {
    let mixed = "time;rps\n2026-03-02T00:00:00Z;1,5\n2026-03-02T00:01:00Z;2.5\n";
    let error = read_csv(mixed.as_bytes(), "-", &CsvOptions::default()).expect_err("two signs").to_string();
    assert!(error.starts_with("standard input:2: the decimals of this figure follow a comma, those on line 3 a point"), "{error}");
    let torn = "time,rps\n2026-03-02T00:00:00Z,1,5\n2026-03-02T00:01:00Z\n";
    let error = read_csv(torn.as_bytes(), "web.csv", &CsvOptions::default()).expect_err("torn rows").to_string();
    assert!(error.contains("web.csv:2: the row has 3 fields, the header 2") && error.contains("web.csv:3: the row has 1"), "{error}");
}

/// The figures of the table in `scenarios/traces/README.md`. The whole file holds 523,828,436 requests: its rates
/// times 60, each rounded, summed by another program.
#[test]
fn the_world_cup_trace_is_what_its_readme_says() {
    let path = format!("{}/scenarios/traces/wc98_groupstage_1998-06-10_06-23.csv", env!("CARGO_MANIFEST_DIR"));
    let trace = read_csv(File::open(path).expect("a file of the repository"), "wc98", &CsvOptions::default()).expect("a trace");
    assert_eq!(trace.start, "1998-06-10T00:00:00Z".parse::<Timestamp>().expect("a stamp"));
    assert_eq!((trace.slot, trace.counts.len()), (SimDuration::from_seconds(60), 20_160));
    assert_eq!(trace.total(), 523_828_436.0);
    assert_eq!((trace.total() / trace.duration().as_seconds_f64()).round(), 433.0);
    let peak = trace.counts.iter().copied().fold(0.0, f64::max);
    assert_eq!((peak / 60.0).round(), 2817.0);
    assert_eq!((trace.quality.slots_filled, trace.quality.grid_offset), (0, SimDuration::ZERO));
    assert!(trace.counts.iter().all(|count| count.fract() == 0.0));
}

/// Pieces of which traces are made, right and wrong, so that chance gets past the header.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("timestamp,rps\n".to_owned()),
        Just("time;requests\r\n".to_owned()),
        (0_u64..3_000_000_000, 0..100).prop_map(|(seconds, figure)| format!("{seconds},{figure}\n")),
        (0_u32..30, 0..100).prop_map(|(minute, figure)| format!("2026-03-02T00:{minute:02}:00Z,{figure}.5\n")),
        (0_u32..30, 0..100).prop_map(|(minute, figure)| format!("2026-03-02 00:{minute:02};{figure},5\n")),
        "[\\PC\n\r\",;]{0,12}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_csv(bytes.as_slice(), "any", &CsvOptions::default());
    }

    #[test]
    fn whatever_is_read_is_a_trace(pieces in proptest::collection::vec(piece(), 0..12), header in any::<bool>()) {
        let text = if header { format!("timestamp,rps\n{}", pieces.concat()) } else { pieces.concat() };
        if let Ok(trace) = read_csv(text.as_bytes(), "any", &CsvOptions::default()) {
            prop_assert!(trace.slot > SimDuration::ZERO && !trace.counts.is_empty());
            prop_assert!(trace.counts.iter().all(|count| count.is_finite() && *count >= 0.0));
        }
    }

    /// Rows in any order give the trace of the rows in order.
    #[test]
    fn the_order_of_rows_changes_nothing(counts in proptest::collection::vec(0_u32..1000, 3..40), seed in any::<u64>()) {
        let mut rows: Vec<String> =
            counts.iter().enumerate().map(|(minute, count)| format!("{},{count}\n", 1_772_409_600 + 60 * minute)).collect();
        let length = rows.len() as u64;
        for from in 0..rows.len() {
            let to = (seed.rotate_left(from as u32) % length) as usize;
            rows.swap(from, to);
        }
        let text = format!("timestamp,requests\n{}", rows.concat());
        let trace = read_csv(text.as_bytes(), "any", &CsvOptions::default()).expect("a trace");
        prop_assert_eq!(trace.counts, counts.into_iter().map(f64::from).collect::<Vec<_>>());
    }
}
