//! What people read: the summary on the screen and in Markdown, the bill and the timeline as CSV, the JSON.
//!
//! The snapshots were read by eye against the figures of the fixture: 40 activities out, 21 tasks at most,
//! 12.23 dollars in the window, p99 0.8 s.

use ecsim::report::{BILL_COLUMNS, bill_csv, markdown, table, write_json, write_timeline};
use ecsim::result::RunResult;
use ecsim::scenario::model::Comparison;

use crate::fixture::cost;
use crate::result::{built, threshold};

fn result() -> RunResult {
    built(&[
        threshold("monthly_cost", Comparison::Less, 900.0),
        threshold("services.web.latency_p99", Comparison::Less, 0.3),
        threshold("services.web.queue", Comparison::Less, 900.0),
    ])
}

#[test]
fn the_screen_shows_cost_verdict_behaviour_and_origin() {
    insta::assert_snapshot!("table", table(&result(), 100, false));
}

#[test]
fn the_same_summary_is_markdown() {
    insta::assert_snapshot!("markdown", markdown(&result()));
}

#[test]
fn the_bill_is_csv() {
    insta::assert_snapshot!("bill", bill_csv(&cost()).expect("a bill is CSV"));
}

#[test]
fn an_empty_bill_has_its_header() {
    let mut empty = cost();
    empty.line_items.clear();
    assert_eq!(bill_csv(&empty).expect("a bill is CSV").trim_end(), BILL_COLUMNS.join(","));
}

#[test]
fn the_columns_of_the_bill_are_the_fields_of_a_line() {
    // A line that a plan covers has all of them, but for half-widths.
    let mut line = cost().line_items.remove(0);
    (line.savings_plan, line.on_demand_unit_price) = (Some("1y no upfront".to_owned()), Some("0.04048".to_owned()));
    let line = serde_json::to_value(&line).expect("a line is JSON");
    let mut fields: Vec<_> = line.as_object().expect("an object").keys().cloned().collect();
    let mut columns = BILL_COLUMNS.to_vec();
    fields.sort_unstable();
    columns.sort_unstable();
    assert_eq!(fields, columns);
}

#[test]
fn a_narrow_screen_wraps_sentences_and_shortens_names_but_no_number() {
    let text = table(&result(), 80, false);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.contains("168  vCPU-Hours"), "{text}");
}

#[test]
fn without_colours_there_is_no_escape_and_with_them_the_words_stay() {
    let plain = table(&result(), 100, false);
    assert!(!plain.contains('\u{1b}'));
    let mut stripped = String::new();
    let coloured = table(&result(), 100, true);
    let mut rest = coloured.as_str();
    while let Some(begin) = rest.find("\u{1b}[") {
        stripped.push_str(&rest[..begin]);
        let end = rest[begin..].find('m').expect("a sequence ends");
        rest = &rest[begin + end + 1..];
    }
    stripped.push_str(rest);
    assert_eq!(stripped, plain);
}

#[test]
fn the_timeline_file_has_the_public_columns() {
    let mut out = Vec::new();
    write_timeline(&result().timeline, &mut out).expect("a vector takes everything");
    let text = String::from_utf8(out).expect("CSV is UTF-8");
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some(
            "time,service,offered_rps,served_rps,failed_rps,desired,pending,running,healthy,cpu_utilization,memory_utilization,latency_mean,latency_p50,latency_p95,latency_p99,queue_length,cost_per_hour"
        )
    );
    let quiet = lines.clone().nth(70).expect("90 rows");
    assert!(quiet.starts_with("2026-03-02T01:10:00Z,web,"), "{quiet}");
    assert!(quiet.contains(",,,,,"), "no latency: {quiet}");
    assert_eq!(lines.count(), 90);
}

#[test]
fn json_keeps_a_row_of_the_timeline_on_one_line() {
    let mut out = Vec::new();
    write_json(&result(), &mut out).expect("a vector takes everything");
    let text = String::from_utf8(out).expect("JSON is UTF-8");
    assert_eq!(text.lines().filter(|line| line.trim_start().starts_with("[\"2026-03-02T")).count(), 90 + 2);
    assert_eq!(serde_json::from_str::<RunResult>(&text).expect("JSON"), result());
}
